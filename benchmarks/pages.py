"""What a page's script run costs: at 1,000,000 stations and at 90,675, and beside an empty page."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from benchmarks.client import Run, Viewer
from benchmarks.intake import ROOT, shipped_election
from benchmarks.memory import peak_of
from benchmarks.ratio import Ratio, Side
from benchmarks.server import Server, serving
from benchmarks.stations import GENERAL_ELECTION, commit_stations
from data.store import Store

MILLION = 1_000_000
PROVINCE, DISTRICT = "place=PK7", "place=PK712"
# The pages of the dashboard, with their addresses and what they are asked for; the national page is the first one.
PAGES = {
    "national": ("", ""), "province": ("province", PROVINCE), "district": ("district", DISTRICT), "appointments": ("appointments", ""), "repairs": ("repairs", ""),
    "repairs (province)": ("repairs", PROVINCE), "training": ("training", ""), "security": ("security", ""), "clock": ("clock", ""), "changes": ("changes", ""),
    "meetings": ("meetings", ""), "alerts": ("alerts", ""), "disagreements": ("disagreements", ""), "history": ("history", ""), "upload": ("upload", "")}
LIST = ("repairs", DISTRICT)  # a district's own list, which grows with its stations
WARM_UP, RUNS, DAYS = 3, 20, 10
AT_MOST = 60  # seconds for one comparison: what runs for seconds is known after a few turns
PAUSE = 0.1   # seconds before a run. Without it, a packet that waits for its acknowledgement adds 40 ms to some of them


Asked = tuple[str, str]  # the address of a page, and what is asked of it


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
    again, other_days = [""] * RUNS, [f"on={today + timedelta(days=number)}" for number in range(1, DAYS + 1)]
    ways = (("seen again", again, 1.2, 2.0), ("a day not asked before", other_days, None, None))
    with serving("dashboard.py", large) as million, serving("dashboard.py", small) as fewer:
        found = [
            _in_turn(f"{name}, {how}, {MILLION:,} / {GENERAL_ELECTION:,} stations", (million, asked), (fewer, asked), queries, bar)
            for how, queries, of_page, of_list in ways
            for name, asked, bar in (*((f"{name} page", asked, of_page) for name, asked in PAGES.items()), ("a district's list", LIST, of_list))]
    return [*found, compare("national page, seen again / an empty page", Page("dashboard.py", small), Page("benchmarks/empty_page.py"), again, 4.0)]


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
    """Runs two pages in turn, each on a server of its own; see `_in_turn`."""
    with serving(measured.script, measured.store) as first, serving(against.script, against.store) as second:
        return _in_turn(what, (first, (measured.address, measured.query)), (second, (against.address, against.query)), queries, bar)


def _in_turn(what: str, measured: tuple[Server, Asked], against: tuple[Server, Asked], queries: Sequence[str], bar: float | None) -> Ratio:
    """Runs a page of each of two servers in turn, once per query, and first some times uncounted."""
    (mine, (my_address, my_query)), (other, (other_address, other_query)) = measured, against
    with Viewer(mine.port, my_address) as here, Viewer(other.port, other_address) as there:
        warm = [(here.run(my_query), there.run(other_query)) for _ in range(WARM_UP)]
        turns, until = [], time.monotonic() + AT_MOST
        for query in queries:
            turns.append((_run(here, my_query, query), _run(there, other_query, query)))
            if time.monotonic() > until:
                break
    first, second = (_side(runs, uncounted, server.pid) for runs, uncounted, server in zip(zip(*turns), zip(*warm), (mine, other)))
    return Ratio(what, first, second, bar=bar)


def _run(viewer: Viewer, *query: str) -> Run:
    time.sleep(PAUSE)
    return viewer.run("&".join(filter(None, query)))


def _side(runs: Sequence[Run], uncounted: Sequence[Run], pid: int) -> Side:
    """What the counted runs took; the most that one run sent is that of the first, when the viewer keeps nothing yet."""
    return Side([run.seconds for run in runs], peak_of(pid), max(run.size for run in (*uncounted, *runs)) / 1024)
