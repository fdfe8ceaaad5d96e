"""`python -m data verify-audit`: whether the audit is whole. Exit 0 whole, 1 broken, 2 it can't be read."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from data import audit
from data.domains import DOMAINS
from data.election import ElectionError, load
from data.store import Store, StoreError

ROOT = Path(__file__).parents[1]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code."""
    asked = _parser().parse_args(arguments)
    try:
        chain = _of_export(asked.export) if asked.export else _of_store(asked.database, asked.election)
    except (ElectionError, StoreError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{chain.whole:,} lines are whole; the last hash is {chain.hash}.")
    if chain.broken:
        print(chain.broken)
    elif asked.noted and asked.noted != chain.hash:
        print(f"The hash noted elsewhere, {asked.noted}, is not the last one: lines were added since, or cut off at the end.")
    else:
        return 0
    return 1


def _of_export(path: Path) -> audit.Chain:
    return audit.check(audit.read(path.read_text(encoding="utf-8")))


def _of_store(database: Path, election: Path) -> audit.Chain:
    if not database.exists():
        raise ValueError(f"There is no database {database}.")
    with closing(Store(database, load(election, DOMAINS))) as store:
        return audit.verified(store)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m data")
    one = parser.add_subparsers(metavar="COMMAND", required=True).add_parser(
        "verify-audit", help="Say whether the audit is whole: no line changed, removed or put elsewhere.",
        description="Say whether the audit is whole: no line changed, removed or put elsewhere.",
        epilog="While the dashboard runs it holds the database: export the audit on the Administration page and check the export.")
    one.add_argument("export", nargs="?", type=Path, metavar="EXPORT.jsonl", help="an exported audit (default: the one in the database)")
    one.add_argument("--noted", metavar="HASH", help="the last hash as it was noted elsewhere: lines cut off at the end are found only by it")
    one.add_argument("--database", type=Path, metavar="FILE", default=Path(os.environ.get("READINESS_DB") or ROOT / "data/readiness.duckdb"))
    one.add_argument("--election", type=Path, metavar="FILE", default=Path(os.environ.get("READINESS_ELECTION") or ROOT / "data/election.toml"))
    return parser


if __name__ == "__main__":
    sys.exit(main())
