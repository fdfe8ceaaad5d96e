"""`python -m data …`: `paper` writes the paper for a meeting, `alerts` sends the daily digests; for who keeps the program `verify-audit` says whether the audit is whole
(exit 0 whole, 1 broken), `backtest` how often the projections held. Exit 2 where the database or the file can't be read.

Like `dashboard.py` this is a front door: nothing imports it, and it alone of this folder reaches for what lies above.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from data import audit, backtest
from data.domains import DOMAINS
from data.election import ElectionError, load
from data.scope import Scope
from data.store import Store, StoreError
from loaders.__main__ import main as command_line
from pages.api.commands import ABOVE

ROOT = Path(__file__).parents[1]
_LEVELS = {"national": "the country", "province": "provinces", "district": "districts"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given[:1] in (["paper"], ["alerts"]):
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


def _share(number: int, of: int) -> str:
    return "–" if not of else "<1 %" if 0 < number * 200 < of else f"{number / of * 100:.0f} %"


def _of_export(path: Path) -> audit.Chain:
    return audit.check(audit.read(path.read_text(encoding="utf-8")))


def _of_store(database: Path, election: Path) -> audit.Chain:
    with closing(_open(database, election)) as store:
        return audit.verified(store)


def _open(database: Path, election: Path) -> Store:
    if not database.exists():
        raise ValueError(f"There is no database {database}.")
    return Store(database, load(election, DOMAINS))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m data")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    commands.add_parser("paper", help="Write the paper for a meeting (its own --help says more).", add_help=False)
    commands.add_parser("alerts", help="Send the daily digests of alerts (its own --help says more).", add_help=False)
    held = "While the dashboard runs it holds the database"
    one = _command(commands, "verify-audit", _verify_audit, "Say whether the audit is whole: no line changed, removed or put elsewhere.",
                   f"{held}: export the audit on the Administration page and check the export.")
    one.add_argument("export", nargs="?", type=Path, metavar="EXPORT.jsonl", help="an exported audit (default: the one in the database)")
    one.add_argument("--noted", metavar="HASH", help="the last hash as it was noted elsewhere: lines cut off at the end are found only by it")
    one = _command(commands, "backtest", _backtest, "Say how often what was foreseen in earlier weeks came true.", f"{held}: give a copy of it.")
    one.add_argument("--weeks", type=int, default=12, metavar="N", help="how many weeks back (default: 12)")
    return parser


def _command(commands: Any, name: str, run: Callable[[argparse.Namespace], int], purpose: str, epilog: str) -> argparse.ArgumentParser:
    one = commands.add_parser(name, help=purpose, description=purpose, epilog=epilog)
    one.set_defaults(run=run)
    one.add_argument("--database", type=Path, metavar="FILE", default=Path(os.environ.get("READINESS_DB") or ROOT / "data/readiness.duckdb"))
    one.add_argument("--election", type=Path, metavar="FILE", default=Path(os.environ.get("READINESS_ELECTION") or ROOT / "data/election.toml"))
    return one


if __name__ == "__main__":
    sys.exit(main())
