"""A workbook of all polling stations: read, checked and committed, against pandas with openpyxl, and python-calamine, only reading it.

Each measurement has a process of its own, started as `python -m benchmarks.intake HOW WORKBOOK DATABASE`.
"""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from benchmarks.memory import own_peak
from benchmarks.ratio import Ratio, Side
from data import election
from data.domains import DOMAINS

ROOT = Path(__file__).parents[1]
ROUNDS = 3
MOST_MEMORY = 1024


def measure(folder: Path) -> list[Ratio]:
    """The ratios, from a workbook that is written to the folder first."""
    from benchmarks.stations import GENERAL_ELECTION, workbook

    book = folder / "stations.xlsx"
    workbook(book, shipped_election().places.districts, GENERAL_ELECTION, date.today())
    last_week = folder / "last-week.duckdb"
    in_child(__name__, "last_week", book, last_week)
    found: dict[str, list[tuple[float, float]]] = {how: [] for how in ("empty", "over", "pandas", "calamine")}
    for number in range(ROUNDS):
        for how, measured in found.items():
            database = folder / f"{how}-{number}.duckdb"
            if how == "over":
                shutil.copy(last_week, database)
            measured.append(in_child(__name__, how, book, database))
    first, again, pandas, calamine = (side(measured) for measured in found.values())
    size = f"{GENERAL_ELECTION:,} stations"
    return [
        Ratio(f"{size}, read + check + commit / pandas + openpyxl reading", first, pandas, bar=1.0, memory=MOST_MEMORY),
        Ratio(f"{size}, the same over last week's / pandas + openpyxl reading", again, pandas, bar=1.0, memory=MOST_MEMORY),
        Ratio(f"{size}, read + check + commit / calamine reading", first, calamine, bar=2.0, memory=MOST_MEMORY),
    ]


def shipped_election() -> election.Election:
    return election.load(ROOT / "data" / "election.toml", DOMAINS)


def in_child(module: str, how: str, book: Path, database: Path) -> tuple[float, float]:
    """Seconds and peak MB of one measurement, which a module makes when it is run."""
    done = subprocess.run([sys.executable, "-m", module, how, str(book), str(database)], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return tuple(json.loads(done.stdout))


def side(found: list[tuple[float, float]]) -> Side:
    """What such measurements gave, together."""
    return Side([seconds for seconds, _ in found], max(peak for _, peak in found))


def _take_in(book: Path, database: Path) -> float:
    from benchmarks.stations import GENERAL_ELECTION
    from data.store import Store
    from loaders import submissions

    store = Store(database, shipped_election())
    start = time.perf_counter()
    staged = submissions.stage(store, book.name, book.read_bytes(), sender="A commission office")
    receipt = submissions.commit(store, staged)
    seconds = time.perf_counter() - start
    assert (receipt.rows, len(receipt.districts)) == (GENERAL_ELECTION, len(store.election.places.districts))
    store.close()
    return seconds


def put_in_last_week(book: Path, database: Path) -> float:
    """Makes a store that holds the list of the week before; takes no time that is told."""
    from benchmarks.stations import GENERAL_ELECTION, commit_stations
    from data.store import Store

    store = Store(database, shipped_election())
    commit_stations(store, GENERAL_ELECTION, date.today() - timedelta(days=7))
    store.close()
    return 0.0


def _only_read(book: Path, database: Path) -> float:
    import openpyxl  # noqa: F401  its import is not counted
    import pandas as pd

    start = time.perf_counter()
    pd.read_excel(book, engine="openpyxl")
    return time.perf_counter() - start


def read_by_calamine(book: Path, database: Path) -> float:
    """Seconds in which python-calamine reads the workbook's cells, and nothing else is done."""
    import python_calamine

    start = time.perf_counter()
    python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(book.read_bytes())).get_sheet_by_index(0).to_python()
    return time.perf_counter() - start


WAYS: dict[str, Callable[[Path, Path], float]] = {
    "last_week": put_in_last_week, "empty": _take_in, "over": _take_in, "pandas": _only_read, "calamine": read_by_calamine}

if __name__ == "__main__":
    print(json.dumps([WAYS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3])), own_peak()]))
