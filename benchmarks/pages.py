"""What a page's script run costs: at 1,000,000 stations and at 90,675, and beside an empty page."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from benchmarks.client import Run, Viewer
from benchmarks.intake import ROOT, shipped_election
from benchmarks.memory import peak_of
from benchmarks.ratio import Ratio, Side
from benchmarks.server import serving
from benchmarks.stations import GENERAL_ELECTION, commit_stations
from data.store import Store

MILLION = 1_000_000
PAGES = {"national": "", "repairs": "repairs"}  # and their addresses; the national page is the first one
WARM_UP, RUNS = 3, 40
AT_MOST = 60  # seconds for one comparison: what runs for seconds is known after a few turns
PAUSE = 0.1   # seconds before a run. Without it, a packet that waits for its acknowledgement adds 40 ms to some of them


class Page(NamedTuple):
    """A page, by its address in what a script serves, over a store, and what its URL asks for each time."""

    script: str
    store: Path | None = None
    address: str = ""
    query: str = ""


def measure(folder: Path, example: Path) -> list[Ratio]:
    """The ratios, over copies of a store that holds the example election."""
    small, large = folder / "small.duckdb", folder / "large.duckdb"
    today = _list_stations(example, small, GENERAL_ELECTION)
    _list_stations(example, large, MILLION)
    again = [""] * RUNS
    other_days = [f"on={today + timedelta(days=number)}" for number in range(1, RUNS + 1)]
    empty, national = Page("benchmarks/empty_page.py"), Page("dashboard.py", small, PAGES["national"])
    return [
        *(compare(f"{name} page, {how}, {MILLION:,} / {GENERAL_ELECTION:,} stations",
                   Page("dashboard.py", large, address), Page("dashboard.py", small, address), queries, bar)
          for how, queries, bar in (("seen again", again, 1.2), ("a day not asked before", other_days, None)) for name, address in PAGES.items()),
        compare("national page, seen again / an empty page", national, empty, again, 4.0)]


def load_example(path: Path) -> Path:
    """Loads the example election into a new store, and gives its path."""
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


def compare(what: str, measured: Page, against: Page, queries: Sequence[str], bar: float | None) -> Ratio:
    """Runs two pages in turn, each on a server of its own, once per query, and first some times uncounted."""
    with _viewing(measured) as (mine, pid), _viewing(against) as (theirs, other_pid):
        warm = [(mine.run(measured.query), theirs.run(against.query)) for _ in range(WARM_UP)]
        turns, until = [], time.monotonic() + AT_MOST
        for query in queries:
            turns.append((_run(mine, measured, query), _run(theirs, against, query)))
            if time.monotonic() > until:
                break
        first, second = (_side(runs, uncounted, process) for runs, uncounted, process in zip(zip(*turns), zip(*warm), (pid, other_pid)))
        return Ratio(what, first, second, bar=bar)


@contextmanager
def _viewing(page: Page) -> Iterator[tuple[Viewer, int]]:
    """A viewer of the page, and the id of the process that serves it."""
    with serving(page.script, page.store) as server, Viewer(server.port, page.address) as viewer:
        yield viewer, server.pid


def _run(viewer: Viewer, page: Page, query: str) -> Run:
    time.sleep(PAUSE)
    return viewer.run("&".join(filter(None, (page.query, query))))


def _side(runs: Sequence[Run], uncounted: Sequence[Run], pid: int) -> Side:
    """What the counted runs took; the most that one run sent is that of the first, when the viewer keeps nothing yet."""
    return Side([run.seconds for run in runs], peak_of(pid), max(run.size for run in (*uncounted, *runs)) / 1024)
