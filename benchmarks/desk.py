"""A workbook of all polling stations on the desk: from its bytes to its problems, its comparison and its effect, against
python-calamine only reading it; and the page on which it lies open, against the same page with a small file.

Each reading has a process of its own, started as `python -m benchmarks.desk HOW WORKBOOK DATABASE`.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from benchmarks.intake import MOST_MEMORY, in_child, put_in_last_week, read_by_calamine, shipped_election, side
from benchmarks.memory import own_peak
from benchmarks.ratio import Ratio

ROUNDS, PAGE_RUNS = 3, 40
MISTAKES = 20_000
FEW = 1_440  # stations in the small file: ten of each district
SENDER, ANALYST = "A commission office", "An analyst"


def measure(folder: Path) -> list[Ratio]:
    """The ratios, from workbooks that are written to the folder first."""
    from benchmarks.stations import GENERAL_ELECTION

    last_week = folder / "desk-last-week.duckdb"
    in_child(__name__, "last_week", last_week, last_week)
    books = _books(folder)
    size = f"{GENERAL_ELECTION:,} stations"
    return [
        *(_read(f"{size}{told}, laid down + looked at + compared + effect / calamine reading", books[name], last_week, bar)
          for name, told, bar in (("right", "", 3.0), ("wrong", f" with {MISTAKES:,} mistakes", None))),
        _open(f"upload page, {size} with {MISTAKES:,} mistakes / {FEW:,} stations", books["wrong"], books["few"], last_week)]


def _books(folder: Path) -> dict[str, Path]:
    """The workbooks, by what is in them: all stations as they should be, all with mistakes, and few."""
    from benchmarks.stations import GENERAL_ELECTION, workbook

    districts, today = shipped_election().places.districts, date.today()
    books = {name: folder / f"{name}.xlsx" for name in ("right", "wrong", "few")}
    workbook(books["right"], districts, GENERAL_ELECTION, today)
    workbook(books["wrong"], districts, GENERAL_ELECTION, today, mistakes=MISTAKES)
    workbook(books["few"], districts, FEW, today)
    return books


def _read(what: str, book: Path, last_week: Path, bar: float | None) -> Ratio:
    ours, theirs = [], []
    for number in range(ROUNDS):
        database = book.with_name(f"{book.stem}-{number}.duckdb")
        shutil.copy(last_week, database)
        ours.append(in_child(__name__, "desk", book, database))
        theirs.append(in_child(__name__, "calamine", book, database))
    return Ratio(what, side(ours), side(theirs), bar=bar, memory=MOST_MEMORY)


def _open(what: str, book: Path, small: Path, last_week: Path) -> Ratio:
    """The page with one file open beside the page with the other, each over a store of its own."""
    from benchmarks.pages import Page, compare

    large, few = (Page("dashboard.py", *_laid_down(one, last_week)) for one in (book, small))
    return compare(what, large, few, [""] * PAGE_RUNS, bar=3.0)


def _laid_down(book: Path, last_week: Path) -> tuple[Path, str, str]:
    """A store on whose desk a workbook lies, and the address and the query of the page on which it is open."""
    from data.scope import Scope
    from data.store import Store
    from loaders import desk

    database = book.with_name(f"{book.stem}-open.duckdb")
    shutil.copy(last_week, database)
    store = Store(database, shipped_election())
    staged, = desk.lay(store, book.name, book.read_bytes(), sender=SENDER, by=ANALYST, may_submit=Scope.everything(store.election.places))
    store.close()
    return database, "upload", f"file={staged}"


def _on_the_desk(book: Path, database: Path) -> float:
    from data.scope import Scope
    from data.store import Store
    from loaders import desk

    store = Store(database, shipped_election())
    everything = Scope.everything(store.election.places)
    start = time.perf_counter()
    staged, = desk.lay(store, book.name, book.read_bytes(), sender=SENDER, by=ANALYST, may_submit=everything)
    looked = desk.look(store, everything, staged, may_submit=everything)
    told = looked.changes, looked.questions, looked.suggestions  # found when they are first asked for
    _, moved = desk.outlook(store, everything, looked)
    seconds = time.perf_counter() - start
    assert moved and told[0].lines.num_rows
    store.close()
    return seconds


WAYS: dict[str, Callable[[Path, Path], float]] = {"last_week": put_in_last_week, "desk": _on_the_desk, "calamine": read_by_calamine}

if __name__ == "__main__":
    print(json.dumps([WAYS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3])), own_peak()]))
