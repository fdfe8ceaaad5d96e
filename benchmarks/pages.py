"""What a page's script run costs: at 90,675 and at 1,000,000 stations, and beside an empty page."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path

from benchmarks.client import Viewer
from benchmarks.intake import ROOT, shipped_election
from benchmarks.memory import peak_of
from benchmarks.ratio import Ratio, Side
from benchmarks.server import Server, serving
from benchmarks.stations import GENERAL_ELECTION, commit_stations
from data.store import Store

MILLION = 1_000_000
PAGES = {"national": "", "repairs": "repairs"}  # and their addresses; the national page is the first one
WARM_UP, RUNS = 3, 40
AT_MOST = 60  # seconds for one comparison: what runs for seconds is known after a few turns
PAUSE = 0.1  # seconds before a run. Without it, a packet that waits for its acknowledgement adds 40 ms to some of them


def measure(folder: Path, example: Path | None = None) -> list[Ratio]:
    """The ratios, over copies of a store that holds the example election; it is loaded first where none is given."""
    example = example or _load_example(folder / "example.duckdb")
    small, large = folder / "small.duckdb", folder / "large.duckdb"
    today = _list_stations(example, small, GENERAL_ELECTION)
    _list_stations(example, large, MILLION)
    days = [f"on={today + timedelta(days=number)}" for number in range(1, RUNS + 1)]
    with ExitStack() as running:
        few = running.enter_context(serving("dashboard.py", folder / "small.log", small))
        many = running.enter_context(serving("dashboard.py", folder / "large.log", large))
        empty = running.enter_context(serving("benchmarks/empty_page.py", folder / "empty.log"))
        sizes = f"{MILLION:,} / {GENERAL_ELECTION:,} stations"
        return [
            *(_compare(f"{page} page, seen again, {sizes}", (many, at), (few, at), [""] * RUNS, bar=1.2) for page, at in PAGES.items()),
            *(_compare(f"{page} page, a day not asked before, {sizes}", (many, at), (few, at), days, bar=1.2) for page, at in PAGES.items()),
            _compare("national page, seen again / an empty page", (few, PAGES["national"]), (empty, ""), [""] * RUNS, bar=4.0)]


def _load_example(path: Path) -> Path:
    subprocess.run([sys.executable, "-m", "loaders", "example", "load"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL,
                   env=os.environ | {"READINESS_DB": str(path)})
    return path


def _list_stations(example: Path, path: Path, count: int) -> date:
    """Makes a copy of the example's store in which so many stations are listed today, and says which day that is."""
    shutil.copy(example, path)
    store = Store(path, shipped_election())
    today = store.today
    commit_stations(store, count, today)
    store.close()
    return today


def _compare(what: str, measured: tuple[Server, str], against: tuple[Server, str], queries: Sequence[str], *, bar: float) -> Ratio:
    """Runs a page of one server and a page of another in turn, once per query, and first some times uncounted."""
    (one, page), (other, other_page) = measured, against
    with Viewer(one.port, page) as mine, Viewer(other.port, other_page) as theirs:
        for viewer in (mine, theirs) * WARM_UP:
            viewer.run()
        turns, until = [], time.monotonic() + AT_MOST
        for query in queries:
            turns.append((_seconds(mine, query), _seconds(theirs, query)))
            if time.monotonic() > until:
                break
    first, second = zip(*turns)
    return Ratio(what, Side(first, peak_of(one.pid)), Side(second, peak_of(other.pid)), bar=bar)


def _seconds(viewer: Viewer, query: str) -> float:
    time.sleep(PAUSE)
    return viewer.run(query).seconds
