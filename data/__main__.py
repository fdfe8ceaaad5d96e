"""`python -m data …`: `paper` writes the paper for a meeting, `alerts` sends the daily digests; for who keeps the program `verify-audit` says whether the audit is whole
(exit 0 whole, 1 broken), `backtest` how often the projections held. Exit 2 where the database or the file can't be read.

Like `dashboard.py` this is a front door: nothing imports it, and it alone of this folder reaches for what lies above.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from data import audit, backtest, backups, copies
from data.database import Database, StoreError, database, usual
from data.domains import DOMAINS
from data.election import ElectionError, load
from data.scope import Scope
from data.store import Store
from loaders.__main__ import main as command_line
from pages.api.commands import ABOVE

ROOT = Path(__file__).parents[1]
_BELOW = ("paper", "alerts", "backup", "compact")  # commands that a running dashboard carries out, and their words are the command line's
_LEVELS = {"national": "the country", "province": "provinces", "district": "districts"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given and given[0] in _BELOW:
        return command_line(given, above=ABOVE)
    asked = _parser().parse_args(given)
    try:
        return asked.run(asked)
    except (ElectionError, StoreError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2


def _verify_audit(asked: argparse.Namespace) -> int:
    chain = _of_export(asked.export) if asked.export else _of_store(asked.database, asked.election)
    print(f"{chain.whole:,} lines are whole; the last hash is {chain.hash}.")
    if chain.broken:
        print(chain.broken)
    elif asked.noted and asked.noted != chain.hash:
        print(f"The hash noted elsewhere, {asked.noted}, is not the last one: lines were added since, or cut off at the end.")
    else:
        return 0
    return 1


def _backtest(asked: argparse.Namespace) -> int:
    """Prints a Markdown table: it is also what the documents show."""
    with closing(_open(asked.database, asked.election)) as store:
        print("| foreseen | of | projections | within the interval | faster | slower |\n|---|---|---|---|---|---|")
        for words, outcome in backtest.every(store, Scope.everything(store.election.places), weeks=asked.weeks):
            shares = " | ".join(_share(number, outcome.count) for number in (outcome.within, outcome.faster, outcome.slower))
            print(f"| {words} | {_LEVELS[outcome.level]} | {outcome.count:,} | {shares} |")
    return 0


def _verify(asked: argparse.Namespace) -> int:
    told = copies.verify(asked.file)
    print(f"{asked.file.name} is whole: {told.rows:,} rows of {len(told.tables)} tables, as of {told.taken_at:%d/%m/%Y %H:%M} UTC.")
    return 0


def _restore(asked: argparse.Namespace) -> int:
    told, kept = backups.restore(asked.file, asked.database, load(asked.election, DOMAINS), by=asked.by, progress=_step)
    print(f"Restored and compared: {told.rows:,} rows of {len(told.tables)} tables, as of {told.taken_at:%d/%m/%Y %H:%M} UTC. All sessions were ended.")
    if kept:
        print(f"What stood there is kept as {kept}.")
    return 0


def _move(asked: argparse.Namespace) -> int:
    if not asked.database.exists:
        raise ValueError(f"There is no database {asked.database}.")
    told = backups.move(asked.database, asked.target, load(asked.election, DOMAINS), by=asked.by, progress=_step)
    print(f"Moved and compared row by row: {told.rows:,} rows of {len(told.tables)} tables. {asked.database} stays as it was.")
    return 0


def _step(words: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{words}", end="", file=sys.stderr, flush=True)


def _share(number: int, of: int) -> str:
    return "–" if not of else "<1 %" if 0 < number * 200 < of else f"{number / of * 100:.0f} %"


def _of_export(path: Path) -> audit.Chain:
    return audit.check(audit.read(path.read_text(encoding="utf-8")))


def _of_store(database: Database, election: Path) -> audit.Chain:
    with closing(_open(database, election)) as store:
        return audit.verified(store)


def _open(database: Database, election: Path) -> Store:
    if not database.exists:
        raise ValueError(f"There is no database {database}.")
    return Store(database, load(election, DOMAINS))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m data")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    commands.add_parser("paper", help="Write the paper for a meeting (its own --help says more).", add_help=False)
    commands.add_parser("alerts", help="Send the daily digests of alerts (its own --help says more).", add_help=False)
    commands.add_parser("backup", help="Take a backup, also while the dashboard runs (its own --help says more).", add_help=False)
    commands.add_parser("compact", help="Tidy up a shared database (its own --help says more).", add_help=False)
    held = "While the dashboard runs it holds the database"
    one = _command(commands, "verify-audit", _verify_audit, "Say whether the audit is whole: no line changed, removed or put elsewhere.",
                   f"{held}: export the audit on the Administration page and check the export.")
    one.add_argument("export", nargs="?", type=Path, metavar="EXPORT.jsonl", help="an exported audit (default: the one in the database)")
    one.add_argument("--noted", metavar="HASH", help="the last hash as it was noted elsewhere: lines cut off at the end are found only by it")
    one = commands.add_parser("verify", help="Read a backup through and say whether it is whole.", description="Read a backup through and say whether it is whole.")
    one.set_defaults(run=_verify)
    one.add_argument("file", type=Path, metavar="BACKUP.duckdb", help="its manifest lies beside it")
    one = _command(commands, "restore", _restore, "Put a backup in the place of all that the database holds.",
                   "Stop the dashboard first, on every server. What stood in a file is kept beside it under another name; of a shared database take a backup before.")
    one.add_argument("file", type=Path, metavar="BACKUP.duckdb", help="its manifest lies beside it")
    _add_by(one)
    one = _command(commands, "move", _move, "Copy all that one database holds into another, empty one, and compare the two row by row.",
                   "Stop the dashboard first. What is copied from stays as it is.")
    one.add_argument("target", type=database, metavar="TARGET", help="where to: a file, or ducklake:postgres:… with READINESS_FILES")
    _add_by(one)
    one = _command(commands, "backtest", _backtest, "Say how often what was foreseen in earlier weeks came true.", f"{held}: give a copy of it.")
    one.add_argument("--weeks", type=int, default=12, metavar="N", help="how many weeks back (default: 12)")
    return parser


def _add_by(one: argparse.ArgumentParser) -> None:
    one.add_argument("--by", metavar="NAME", default=os.environ.get("READINESS_SENDER") or getpass.getuser(), help="who does it, for the audit (default: READINESS_SENDER, or the login name)")


def _command(commands: Any, name: str, run: Callable[[argparse.Namespace], int], purpose: str, epilog: str) -> argparse.ArgumentParser:
    one = commands.add_parser(name, help=purpose, description=purpose, epilog=epilog)
    one.set_defaults(run=run)
    one.add_argument("--database", type=database, metavar="DATABASE", default=usual())
    one.add_argument("--election", type=Path, metavar="FILE", default=Path(os.environ.get("READINESS_ELECTION") or ROOT / "data/election.toml"))
    return one


if __name__ == "__main__":
    sys.exit(main())
