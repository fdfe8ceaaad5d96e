"""A process of its own that takes files in: `python commit_child.py DATABASE ELECTION FILE…`. Prints each step as it is done."""

import sys
from pathlib import Path

from data.domains import DOMAINS
from data.election import load
from data.store import Store
from loaders import submissions


def main(database: Path, election: Path, files: list[Path]) -> None:
    store = Store(database, load(election, DOMAINS))
    for file in files:
        staged = submissions.stage(store, file.name, file.read_bytes(), sender="A commission office")
        say("staged")
        submissions.commit(store, staged)
        say("committed")
    store.close()
    say("closed")


def say(step: str) -> None:
    print(step, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), [Path(name) for name in sys.argv[3:]])
