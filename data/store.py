"""The store: one embedded DuckDB database, opened by one process at a time, with the election's policy beside it in memory."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import pandas as pd
import pyarrow as pa

from data.declare import Column, Domain
from data.election import Election
from data.observer import Observer

SQL = Path(__file__).parent / "sql"
Answer = TypeVar("Answer")
_REMEMBERED = 512  # answers; each is small
_TYPES = {"count": "bigint", "money": "double", "date": "date"}


class StoreError(Exception):
    """The database can't be opened, or not be written to; the message says why and what to do."""


class StoreInUse(StoreError):
    """Another process has the database open."""


class Store:
    """One open database. Take a `cursor()` for each piece of work: a connection shared between threads errs.

    `version` changes with every transaction, so what was computed from one version may be kept until the next; `door_version`
    with those of accounts and sessions, in which no figure changes. `observer` is told of each question and of what could not be written.
    """

    def __init__(self, path: Path, election: Election) -> None:
        """Opens the database at `path`, making it if there is none. StoreError if it can't be opened, StoreInUse if another process has it."""
        self.path, self.election, self.version, self.door_version = path, election, 0, 0
        self._lock, self._handing_out, self._is_closed = threading.RLock(), threading.Lock(), False
        self._memories = {of_figures: _Memory() for of_figures in (True, False)}
        self._memory_lock = threading.Lock()
        self.observer = Observer()
        self._root = self._open()

    def adopt(self, election: Election) -> None:
        """Takes another policy for the same places and domains: from now on every question is answered by it."""
        with self._lock:
            with closing(self.cursor()) as cursor:
                cursor.begin()
                lay_policy(cursor, election)
                cursor.commit()
            self.election = election
            self.version += 1
            self.door_version += 1

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of one's own to the same database; close it, or let it go out of use. Nobody who asks waits for who writes."""
        with suppress(duckdb.FatalException, duckdb.ConnectionException):
            return self._cursor()
        # DuckDB gives up the whole instance when a checkpoint fails, as on a full disk; the file itself is sound.
        with self._lock:  # until whoever was writing is through with what failed
            with suppress(duckdb.FatalException, duckdb.ConnectionException):
                return self._cursor()  # somebody else has opened it anew meanwhile
            if self._is_closed:
                raise StoreError(f"{self.path} was closed.")
            # Closed first: beside an open connection DuckDB gives the failed instance again. If it can't be opened, the next who asks tries anew.
            self._root.close()
            self._root = self._open()
            return self._cursor()

    @contextmanager
    def transaction(self, *, of_figures: bool = True) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor whose work is stored as a whole when the block ends, and not at all if it raises. One at a time.

        What touches nothing that a page asks for, such as a session, is not `of_figures`, and what is remembered stays. StoreError
        if it can't be written, as on a full disk.
        """
        with self._lock:
            cursor = self.cursor()
            cursor.begin()
            try:
                yield cursor
                cursor.commit()
            except (duckdb.IOException, duckdb.FatalException, duckdb.TransactionException) as error:
                _roll_back(cursor)
                self.observer.not_written()
                raise StoreError(f"Nothing was stored, because {self.path} can't be written to: most likely its disk is full. "
                                 "What was stored before is safe. Make room, then do this again.") from error
            except BaseException:
                _roll_back(cursor)
                raise
            finally:
                if of_figures:
                    self.version += 1
                else:
                    self.door_version += 1
                cursor.close()

    @contextmanager
    def rehearsal(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor whose work is undone when the block ends: what would be, for a question about it. Others see none of it,
        and may write meanwhile."""
        with closing(self.cursor()) as cursor:
            cursor.begin()
            try:
                yield cursor
            finally:
                _roll_back(cursor)

    def ask(self, sql: str, parameters: dict[str, Any]) -> pd.DataFrame:
        """The answer to one query as a frame, on a cursor of its own."""
        with self._asking() as cursor:
            return cursor.execute(sql, parameters).df()

    def ask_arrow(self, sql: str, parameters: dict[str, Any]) -> pa.Table:
        """The answer to one query as an Arrow table, on a cursor of its own."""
        with self._asking() as cursor:
            return cursor.execute(sql, parameters).to_arrow_table()

    def ask_rows(self, sql: str, parameters: dict[str, Any]) -> list[tuple]:
        """The answer to one query as tuples of plain values, on a cursor of its own."""
        with self._asking() as cursor:
            return cursor.execute(sql, parameters).fetchall()

    def remember(self, question: Hashable, answer: Callable[[], Answer], *, of_figures: bool = True) -> Answer:
        """The answer to a question, kept until the store changes, or for one about accounts and sessions until these do. It is
        shared: nobody may change it in place."""
        memory = self._memories[of_figures]
        with self._memory_lock:
            if memory.version != self._version(of_figures):
                memory.kept.clear()
                memory.version = self._version(of_figures)
            if question in memory.kept:
                return memory.kept[question]
        version, found = self._version(of_figures), answer()
        with self._memory_lock:
            if version == self._version(of_figures) == memory.version:
                if len(memory.kept) >= _REMEMBERED:
                    memory.kept.pop(next(iter(memory.kept)))  # the oldest
                memory.kept[question] = found
        return found

    def _version(self, of_figures: bool) -> int:
        return self.version if of_figures else self.door_version

    @property
    def example_day(self) -> date | None:
        """The day on which the example's clock stands; None where the store holds no example data."""
        found = self.remember("example_day", lambda: self.ask_rows("select value from settings where name = 'example_day'", {}))
        return date.fromisoformat(found[0][0]) if found else None

    @property
    def today(self) -> date:
        """Today; for the example election, the day on which its clock stands."""
        return self.example_day or date.today()

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            self._root.close()

    @contextmanager
    def _asking(self) -> Iterator[duckdb.DuckDBPyConnection]:
        begun = time.perf_counter()
        try:
            with closing(self.cursor()) as cursor:
                yield cursor
        finally:
            self.observer.asked(time.perf_counter() - begun)

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        with self._handing_out:
            cursor = self._root.cursor()
        cursor.execute("select 1")
        return cursor

    def _open(self) -> duckdb.DuckDBPyConnection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            root = duckdb.connect(str(self.path), config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
        except duckdb.IOException as error:
            if "Could not set lock" in str(error):
                raise StoreInUse(f"{self.path} is in use by another process that takes no commands, such as an older dashboard or one of "
                                 "another user. Use that one, or stop it first.") from error
            raise StoreError(f"{self.path} can't be opened: it is not a database of this program, or it is damaged.") from error
        except duckdb.Error as error:
            raise StoreError(f"{self.path} can't be opened: it is not a database of this program, or it is damaged.") from error
        with suppress(OSError):  # where it belongs to another user, who has decided who may read it
            self.path.chmod(0o600)
        root.execute("set enable_external_access = false")
        _migrate(root)
        for domain in self.election.domains:
            _make_table(root, domain)
        _lay_plan(root, self.election)
        root.execute((SQL / "views.sql").read_text(encoding="utf-8"))
        return root


@dataclass
class _Memory:
    """What was answered about one version."""

    version: int = 0
    kept: dict[Hashable, Any] = field(default_factory=dict)


FOREVER = datetime(9999, 1, 1)  # known at that time: all that is known now


def now() -> datetime:
    """The present moment in UTC, without a zone: as times are stored."""
    return datetime.now(UTC).replace(tzinfo=None)


def rows_table(domain: Domain) -> str:
    """The name of the table that holds a domain's rows."""
    return f"rows_{domain.name}"


def sql_type(column: Column) -> str:
    """The DuckDB type in which a column's values are stored."""
    return _TYPES.get(column.kind, "varchar")


def _roll_back(cursor: duckdb.DuckDBPyConnection) -> None:
    try:
        cursor.rollback()
    except duckdb.Error:
        # Nothing is left to undo: the failure that brought us here has ended the transaction already.
        return


def _migrate(root: duckdb.DuckDBPyConnection) -> None:
    """Applies each numbered file of sql/ once, the step and its record in one transaction."""
    root.execute("create table if not exists migrations (number integer not null, name varchar not null, applied_at timestamp not null)")
    applied = {number for (number,) in root.execute("select number from migrations").fetchall()}
    for step in sorted(SQL.glob("[0-9][0-9][0-9]_*.sql")):
        number = int(step.name[:3])
        if number not in applied:
            root.begin()
            root.execute(step.read_text(encoding="utf-8"))
            root.execute("insert into migrations values (?, ?, ?)", [number, step.stem, now()])
            root.commit()


def _make_table(root: duckdb.DuckDBPyConnection, domain: Domain) -> None:
    """The domain's table as it is declared; a column declared since is added, one no longer declared is kept."""
    table = rows_table(domain)
    root.execute(f'create table if not exists {table} (submission uuid not null, row integer not null)')
    for column in domain.stored:
        root.execute(f'alter table {table} add column if not exists "{column.name}" {sql_type(column)}')


def lay_policy(cursor: duckdb.DuckDBPyConnection, election: Election) -> None:
    """Puts a policy in the place of the one by which questions are answered: within a rehearsal, for a question about it."""
    _lay(cursor, _policy(election))


def _lay_plan(root: duckdb.DuckDBPyConnection, election: Election) -> None:
    root.execute("attach ':memory:' as plan")
    root.execute((SQL / "plan.sql").read_text(encoding="utf-8"))
    _lay(root, _places(election) | _policy(election))


def _lay(cursor: duckdb.DuckDBPyConnection, tables: dict[str, pd.DataFrame]) -> None:
    for table, frame in tables.items():
        cursor.register("laid", frame)
        cursor.execute(f"delete from plan.{table}")
        cursor.execute(f"insert into plan.{table} by name select * from laid")
        cursor.unregister("laid")


def _places(election: Election) -> dict[str, pd.DataFrame]:
    """The election's places as tables, by name."""
    places = election.places
    summed = (places.country, *places.provinces, *places.districts)
    return {
        "places": pd.DataFrame(
            [(place.code, place.name, place.summed_at, number) for number, place in enumerate(summed)],
            columns=["place", "name", "level", "position"]),
        "districts": pd.DataFrame(
            [(place.code, district.code) for place in (*summed, *places.divisions) for district in places.districts_of(place.code)],
            columns=["place", "district"]),
    }


def _policy(election: Election) -> dict[str, pd.DataFrame]:
    """The election's policy as tables, by name."""
    days = _days(election)
    return {
        "indicators": pd.DataFrame(
            [(indicator.id, domain.name, number, election.weight(indicator), election.weights[domain.name], election.due(indicator),
              bool((duty := election.duty_of(indicator)) and duty.legal), indicator.window or None, bool(indicator.fades))
             for number, (domain, indicator) in enumerate(election.indicators)],
            columns=["indicator", "domain", "position", "weight", "domain_weight", "due", "is_legal", "time_window", "fades"]),
        "line": pd.DataFrame(
            [(indicator.id, day, election.expected(indicator, day)) for _, indicator in election.indicators for day in days],
            columns=["indicator", "day", "expected"]),
        "unmeasured": pd.DataFrame(
            [(duty.id, election.duty_date(duty)) for duty in election.duties if duty.legal and not election.is_measured(duty)],
            columns=["duty", "due"]),
        "windows": pd.DataFrame(
            [(name, day, election.window(name, day)) for name in election.windows for day in days],
            columns=["time_window", "day", "days"]),
    }


def _days(election: Election) -> list[date]:
    """The days on which the plan moves: from before its first milestone or window to E-day."""
    starts = [election.dates[indicator.anchor] - timedelta(days=election.milestones_of(indicator)[0][0]) for _, indicator in election.indicators]
    starts += [election.e_day - timedelta(days=start) for steps in election.windows.values() for start, _ in steps if start is not None]
    first = min(starts) - timedelta(days=1)
    return [first + timedelta(days=number) for number in range((election.e_day - first).days + 1)]
