"""A process of its own that does one thing to a store, to be killed at it: `python killed_child.py DATABASE ELECTION WHAT [FILE or SUBMISSION]`.
It says when it is about to begin, when it is done, and when it has closed the store."""

import sys
from datetime import timedelta
from pathlib import Path

from data import backups
from data.database import database
from data.domains import DOMAINS
from data.election import load
from data.store import Store
from loaders import submissions

BY = "A commission office"


def main(where: str, election: str, what: str, about: str = "") -> None:
    if what == "upgrade":
        say("begins")
    store = Store(database(where), load(Path(election), DOMAINS))
    match what:
        case "commit":
            staged = submissions.stage(store, Path(about).name, Path(about).read_bytes(), sender=BY)
            say("begins")
            submissions.commit(store, staged)
        case "withdraw":
            say("begins")
            submissions.withdraw(store, about, by=BY, reason="It was wrong.")
        case "restore":
            say("begins")
            submissions.restore(store, about, by=BY, reason="It was right.")
        case "back up":
            say("begins")
            backups.take(store, by=BY)
        case "tidy up":
            say("begins")
            store.compact(timedelta(0))
    say("done")
    store.close()
    say("closed")


def say(step: str) -> None:
    print(step, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
