"""The national page beside the page that is usually made by hand over the same figures, and beside an empty page, in processor time; and
figures as JSON beside Datasette's.

A run's processor time is what the serving process used, as the system counts it, over many runs: seconds on the clock would hold what
the machine did besides.
"""

from __future__ import annotations

import http.client
import json
import shutil
import sqlite3
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil

from benchmarks import workbooks
from benchmarks.client import Viewer
from benchmarks.intake import shipped_election
from benchmarks.memory import peak_of
from benchmarks.pages import PAUSE
from benchmarks.ratio import Ratio, Side
from benchmarks.server import NOTHING, Server, serving, started
from data.store import Store

PEER = Path(__file__).parent / "peer"
WARM_UP, ROUNDS = 5, 3
FEW, MANY = 30, 200  # runs in a round: the system counts in hundredths of a second, and an empty page takes less than one
IN_TURN = 10         # of these before the other page has its turn, so that a machine that is busy for a while slows down both
ANSWERS = 40         # of each level; a program gets no more than 120 in a minute
LEVELS = ("national", "province", "district")
ASKED = ("national", "district")


def measure(folder: Path, example: Path) -> list[Ratio]:
    """The ratios, over a copy of a store that holds the example election."""
    database, books = folder / "peers.duckdb", folder / "workbooks"
    shutil.copy(example, database)
    with closing(Store(database, shipped_election())) as store:
        workbooks.write(store, books)
    by_hand = serving("page.py", folder=PEER, variables={"WORKBOOKS": str(books)})
    return [
        _compare_runs("national page, seen again / the same made by hand with pandas", serving("dashboard.py", database), by_hand, FEW, bar=0.25),
        _compare_runs("national page, seen again / an empty page", serving("dashboard.py", database), serving("benchmarks/empty_page.py"), MANY, bar=3.0),
        *_compare_answers(database, folder / "figures.sqlite")]


def _compare_runs(what: str, measured: AbstractContextManager[Server], against: AbstractContextManager[Server], runs: int, bar: float) -> Ratio:
    """Runs two pages in turn, so many times in a round, and first some times uncounted."""
    with measured as ours, against as theirs, Viewer(ours.port) as one, Viewer(theirs.port) as other:
        sides = ((one, ours), (other, theirs))
        for viewer, _ in sides:
            for _ in range(WARM_UP):
                viewer.run()
        rounds = []
        for _ in range(ROUNDS):
            turns = [[_cpu_of_runs(*side) for side in sides] for _ in range(runs // IN_TURN)]
            rounds.append([sum(used) / runs for used in zip(*turns)])
        return Ratio(what, *(Side(seconds, peak_of(server.pid)) for seconds, (_, server) in zip(zip(*rounds), sides)), bar=bar, is_cpu=True)


def _cpu_of_runs(viewer: Viewer, server: Server) -> float:
    """Seconds of processor time of a page's turn."""
    before = _cpu(server)
    for _ in range(IN_TURN):
        viewer.run()
    time.sleep(PAUSE)  # for what a run leaves to be done after its last message
    return _cpu(server) - before


def _cpu(server: Server) -> float:
    """Seconds of processor time that a process has used."""
    used = psutil.Process(server.pid).cpu_times()
    return used.user + used.system


def _compare_answers(database: Path, table: Path) -> list[Ratio]:
    """Our figures of today as JSON, and the same rows as Datasette gives them from a table of SQLite."""
    with serving("dashboard.py", database) as ours:
        with closing(_Asker(ours, "/api/v1/figures")) as one:
            told = {level: one.answer(level=level)["figures"] for level in LEVELS}
            _write_table([row for rows in told.values() for row in rows], table)
            with started("datasette", ["datasette", "serve", "--immutable", str(table), "--setting", "max_returned_rows", str(len(told["district"])), "--port"],
                         "/-/versions.json") as theirs, closing(_Asker(theirs, "/figures/figures.json", _LEANEST)) as other:
                for level in ASKED:
                    assert _sorted(other.answer(level=level)) == _sorted(told[level])
                return [ratio for level in ASKED for ratio in _compare_json(f"{len(told[level]):,} figures as JSON / the same by Datasette", one, other, level)]


def _write_table(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Writes figures as a table of SQLite, with an index that begins with the level."""
    names = tuple(rows[0])
    with closing(sqlite3.connect(path)) as table:
        table.execute(f"create table figures ({', '.join(names)}, primary key (level, place_code, domain, indicator))")
        table.executemany(f"insert into figures values ({', '.join('?' * len(names))})", [tuple(row.values()) for row in rows])
        table.commit()


def _compare_json(what: str, one: _Asker, other: _Asker, level: str) -> tuple[Ratio, Ratio]:
    """The time until the answer is there, and the processor time of the process that gives it."""
    askers = one, other
    before = [_cpu(asker.server) for asker in askers]
    turns = [[asker.seconds(level=level) for asker in askers] for _ in range(ANSWERS)]
    used = [(_cpu(asker.server) - start) / ANSWERS for asker, start in zip(askers, before)]
    peaks = [peak_of(asker.server.pid) for asker in askers]
    clock, cpu = ([Side(seconds, peak) for seconds, peak in zip(found, peaks)] for found in (zip(*turns), ([each] for each in used)))
    return Ratio(what, *clock), Ratio(what, *cpu, is_cpu=True)


# What Datasette would count and suggest besides is not asked for.
_LEANEST = {"_shape": "array", "_size": "max", "_nocount": "1", "_nofacet": "1", "_nosuggest": "1"}


class _Asker:
    """A program that asks one server again and again, over one connection."""

    def __init__(self, server: Server, path: str, always: Mapping[str, str] = NOTHING) -> None:
        self.server, self._path, self._always = server, path, always
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port)

    def answer(self, **asked: str) -> Any:
        return json.loads(self._body(asked))

    def seconds(self, **asked: str) -> float:
        time.sleep(PAUSE)
        start = time.perf_counter()
        self._body(asked)
        return time.perf_counter() - start

    def close(self) -> None:
        self._connection.close()

    def _body(self, asked: Mapping[str, str]) -> bytes:
        self._connection.request("GET", f"{self._path}?{urlencode(self._always | asked)}")
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != http.client.OK:
            raise RuntimeError(f"{self._path} answers {answer.status}: {body[:200]!r}")
        return body


def _sorted(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (row["place_code"], row["domain"], row["indicator"]))
