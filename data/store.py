"""The store: an open database, with the election's policy beside it in memory, and what was answered from it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypeVar

import duckdb
import pandas as pd
import pyarrow as pa

from data import copies
from data.database import NAME, Database, Embedded, StoreError
from data.election import Election
from data.migrations import LATEST, applied, make_tables, migrate, refuse_newer
from data.observer import Observer
from data.plan import lay_plan, lay_policy

SQL = Path(__file__).parent / "sql"
Answer = TypeVar("Answer")
Asked = TypeVar("Asked", bound=Hashable)
Beside = Mapping[str, pa.Table]
NOTHING: Beside = MappingProxyType({})
Matter = Literal["figures", "desk", "door"]  # what is handed in and all that hangs on it; what lies on the desk yet; accounts and sessions
_REMEMBERED = {"figures": 4_096, "desk": 1_024, "door": 1_024, "drawn": 2_048}  # answers of each kind; what is drawn takes a tenth of a megabyte, the others little
_PATIENT = 10.0  # seconds for which one waits for the answer to what somebody else is asking, and then asks oneself
_IDLE = 16  # cursors that are kept for the next questions; seldom are more asked at a time
_HEARS_EVERY = 0.5  # seconds after which one asks again what other servers have committed
ROWS_AT_ONCE = 2_048  # DuckDB makes room for that many in each column before it knows how many there are; it would be a million
_PASSING = (duckdb.IOException, duckdb.FatalException, duckdb.ConnectionException, duckdb.InternalException, duckdb.InvalidInputException, duckdb.TransactionException)
_NAMES = f"set search_path = '{NAME}.main,plan.main'"  # where tables, and the views over them, are looked for


class Store:
    """One open database. Take a `cursor()` for each piece of work: a connection shared between threads errs.

    `versions` says of each matter how many transactions of it there were, so what was computed may be kept until the next. `observer` is
    told of each question and of what could not be written.
    """

    def __init__(self, where: Path | Database, election: Election, *, keeps_before: bool = True) -> None:
        """Opens a database, or the file of one, making it if there is none. One of an earlier version is brought to this one, after a backup,
        unless it is itself a copy. StoreError if it can't be opened, StoreInUse if another process has it."""
        self.database = Embedded(where) if isinstance(where, Path) else where
        self.election, self.answers_by = election, ""
        self.versions: dict[Matter, int] = {"figures": 0, "desk": 0, "door": 0}
        self._lock, self._handing_out, self._is_closed = threading.RLock(), threading.Lock(), False
        self._memories = {kind: _Memory(most) for kind, most in _REMEMBERED.items()}
        self._memory_lock = threading.Lock()
        self._heard, self._heard_at, self._hearing = (0, 0, 0), 0.0, threading.Lock()
        self._idle: list[duckdb.DuckDBPyConnection] = []
        self._laid: dict[str, tuple[tuple[int, int], pa.Table]] = {}
        self._laying = threading.Lock()
        self._keeps_before, self._writer = keeps_before, None
        self.observer = Observer()
        self._root = self._open()

    def adopt(self, election: Election, sha256: str) -> None:
        """Takes another policy for the same places and domains, from a text with that hash: from now on every question is answered by it."""
        with self._lock:
            with closing(self.cursor()) as cursor:
                cursor.begin()
                lay_policy(cursor, election)
                cursor.commit()
            self.election, self.answers_by = election, sha256
            self.versions = {matter: version + 1 for matter, version in self.versions.items()}

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of one's own to the same database; close it, or let it go out of use. Nobody who asks waits for who writes."""
        with suppress(duckdb.Error):
            return self._cursor()
        # DuckDB gives up a database when a checkpoint of it fails, as on a full disk; the file itself is sound. PostgreSQL may have been gone.
        with self._lock:  # until whoever was writing is through with what failed
            with suppress(duckdb.Error):
                return self._cursor()  # somebody else has opened it anew meanwhile
            if self._is_closed:
                raise StoreError(f"{self.database} was closed.")
            # Closed first, for the file is attached once. If it can't be opened, the next who asks tries anew.
            self._close()
            self._root = self._open()
            return self._cursor()

    @contextmanager
    def transaction(self, of: Matter | Callable[[duckdb.DuckDBPyConnection], Matter] = "figures") -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor whose work is stored as a whole when the block ends, and not at all if it raises. One at a time,
        and none within another: RuntimeError.

        What is remembered of another matter than it is `of` stays, but that what lies on the desk hangs on the figures as well. Where
        it depends on what is stored, a function says it at the beginning. StoreError if it can't be written, as on a full disk.
        """
        if self._writer == threading.get_ident():
            raise RuntimeError("A transaction was begun within a transaction, which would wait for its own end.")
        with self._lock, closing(self.cursor()) as cursor, self.database.turn(self._root):
            self._writer = threading.get_ident()
            matter: Matter = "figures"
            cursor.begin()
            try:
                matter = of if isinstance(of, str) else of(cursor)
                yield cursor
                if matter != "figures":
                    self.database.mark(cursor, matter)
                cursor.commit()
            except (duckdb.IOException, duckdb.FatalException, duckdb.TransactionException, duckdb.OutOfMemoryException) as error:
                _roll_back(cursor)
                self.observer.not_written()
                raise StoreError(f"Nothing was stored. {self.database.unwritten(error)} What was stored before is safe.") from error
            except BaseException:
                _roll_back(cursor)
                raise
            finally:
                self._writer = None
                self.versions[matter] += 1

    @contextmanager
    def rehearsal(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor whose work is undone when the block ends: what would be, for a question about it. Others see none of it,
        and may write meanwhile. StoreError as in `reading`."""
        with self.reading() as cursor:
            cursor.begin()
            try:
                yield cursor
            finally:
                _roll_back(cursor)

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor of one's own for several questions. StoreError where they can't be answered."""
        with closing(self.cursor()) as cursor:
            try:
                yield cursor
            except (duckdb.OutOfMemoryException, *_PASSING) as error:
                raise self._unanswered(error) from error

    def ask(self, sql: str, parameters: dict[str, Any], beside: Beside = NOTHING) -> pd.DataFrame:
        """The answer to one query as a frame, on a cursor of its own, with the tables `beside` it that the query names."""
        return self._answered(sql, parameters, beside, duckdb.DuckDBPyConnection.df)

    def ask_arrow(self, sql: str, parameters: dict[str, Any], beside: Beside = NOTHING) -> pa.Table:
        """The same as an Arrow table of one piece."""
        return self._answered(sql, parameters, beside, lambda cursor: cursor.to_arrow_table(ROWS_AT_ONCE).combine_chunks())

    def ask_rows(self, sql: str, parameters: dict[str, Any], beside: Beside = NOTHING) -> list[tuple]:
        """The same as tuples of plain values."""
        return self._answered(sql, parameters, beside, duckdb.DuckDBPyConnection.fetchall)

    def _answered(self, sql: str, parameters: dict[str, Any], beside: Beside, taken: Callable[[duckdb.DuckDBPyConnection], Answer]) -> Answer:
        """The answer to one query. What fails in passing, such as a connection that was cut, is asked once more. StoreError if it can't be answered."""
        for is_last in (False, True):
            with self._asking(is_alone=bool(beside)) as cursor:
                try:
                    for name, table in beside.items():
                        cursor.register(name, table)
                    return taken(cursor.execute(sql, parameters))
                except duckdb.OutOfMemoryException as error:
                    raise self._unanswered(error) from error
                except _PASSING as error:
                    if is_last:
                        raise self._unanswered(error) from error

    def _unanswered(self, error: duckdb.Error) -> StoreError:
        if isinstance(error, duckdb.OutOfMemoryException):
            return StoreError(f"This needs more memory than {self.database} may use. Ask for less at once, or give the program more.")
        return StoreError(f"{self.database} can't be asked. {self.database.unread(error)}")

    def remember(self, question: Hashable, answer: Callable[[], Answer], *, of: Matter = "figures", drawn: bool = False) -> Answer:
        """The answer to a question, kept until something is stored of the matter that it is `of`, or on which that hangs. It is
        shared: nobody may change it in place. Who asks what somebody else is just asking waits for their answer. What was `drawn` is large, and
        stands apart, so that it pushes no answer out."""
        memory = self._memories["drawn" if drawn else of]
        # What is kept is found without the lock, for a page asks a hundred times: who held it, and was sent to wait for the interpreter, would keep all others waiting.
        if found := memory.present(self._version(of)).get(question):
            return found.taken()
        return self.remember_each((question,), lambda _: (answer(),), of=of, drawn=drawn)[0]

    def remember_each(
        self, questions: Sequence[Asked], answers: Callable[[Sequence[Asked]], Sequence[Answer]], *, of: Matter = "figures", drawn: bool = False,
    ) -> list[Answer]:
        """The answers to several questions of one kind, in their order, each kept by itself; those that are not kept are asked together."""
        memory, version = self._memories["drawn" if drawn else of], self._version(of)
        found: dict[Asked, Answer] = {}
        with self._memory_lock:
            memory.begin(version)
            found |= memory.take(questions)
            others = {question: memory.asking[question] for question in questions if question not in found and question in memory.asking}
            own = [question for question in dict.fromkeys(questions) if question not in found and question not in others]
            asking = memory.ask(own)
        if own:
            try:
                found |= zip(own, answers(own), strict=True)
                with self._memory_lock:
                    if version == self._known(of) == memory.version:
                        memory.keep(found, own)
            finally:
                with self._memory_lock:
                    memory.asked(own, asking)
        for answered in others.values():
            answered.wait(_PATIENT)
        if others:
            with self._memory_lock:
                found |= memory.take(others) if memory.version == version else {}
            left = [question for question in others if question not in found]  # they failed, or the store has changed
            found |= zip(left, answers(left) if left else (), strict=True)
        return [found[question] for question in questions]

    def _version(self, of: Matter) -> tuple[int, int]:
        """How often this process has committed, and what others had when they were last asked; it only grows. One asks them at a time,
        and not more often than is felt."""
        if self.database.is_shared and time.monotonic() - self._heard_at > _HEARS_EVERY and self._hearing.acquire(blocking=False):
            try:
                with closing(self.cursor()) as cursor:
                    self._heard = self.database.committed(cursor)
                self._heard_at = time.monotonic()
            except duckdb.Error as error:
                raise self._unanswered(error) from error
            finally:
                self._hearing.release()
        return self._known(of)

    def catch_up(self) -> bool:
        """Has what other servers committed be asked for before the next answer; whether there are others."""
        self._heard_at = 0.0
        return self.database.is_shared

    def _known(self, of: Matter) -> tuple[int, int]:
        figures, of_desk, every = self._heard
        match of:
            case "figures":
                return self.versions["figures"], figures
            case "desk":
                return self.versions["figures"] + self.versions["desk"], of_desk
            case "door":
                return self.versions["door"], every

    def lay(self, name: str, answer: Callable[[], pa.Table]) -> pa.Table:
        """Has an answer that hangs on what is handed in stand as the table of that name for all questions, in place of the one that stood
        there, until another is laid. Returns it. StoreError as in `reading`."""
        version = self._version("figures")
        table = answer()
        for is_last in (False, True):
            try:
                self._stand(name, version, table)
                break
            except (duckdb.OutOfMemoryException, *_PASSING) as error:
                if is_last or isinstance(error, duckdb.OutOfMemoryException):
                    raise self._unanswered(error) from error
        return table

    def _stand(self, name: str, version: tuple[int, int], table: pa.Table) -> None:
        with closing(self.cursor()) as cursor, self._laying:
            stood, _ = self._laid.get(name, ((0, 0), None))
            if stood <= version:  # who began later may have been faster
                _lay(cursor, name, table)
                self._laid[name] = version, table

    @property
    def example_day(self) -> date | None:
        """The day on which the example's clock stands; None where the store holds no example data."""
        found = self.remember("example_day", lambda: self.ask_rows("select value from settings where name = 'example_day'", {}))
        return date.fromisoformat(found[0][0]) if found else None

    @property
    def today(self) -> date:
        """Today; for the example election, the day on which its clock stands."""
        return self.example_day or date.today()

    def compact(self, keep: timedelta) -> str:
        """Tidies up what the database keeps beside its rows; a sentence about it. StoreError where that fails, and nothing is lost."""
        with self._lock, closing(self.cursor()) as cursor, self.database.turn(self._root):
            try:
                return self.database.compact(cursor, keep)
            except duckdb.Error as error:
                raise StoreError(f"It could not be tidied up. {self.database.unwritten(error)} Nothing was lost.") from error

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            self._close()

    def size(self) -> tuple[int, int | None]:
        """The bytes that the database takes, and those that its disk has left, None where that can't be told."""
        with closing(self.cursor()) as cursor:
            return self.database.size(cursor)

    @contextmanager
    def _asking(self, *, is_alone: bool) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor for one question: one that was used for another, unless it `is_alone` with what is laid beside it. To make one lets
        go of the interpreter three times, for which a question among many waits anew each time."""
        begun, idle = time.perf_counter(), self._idle
        try:
            cursor = self.cursor() if is_alone or not idle else self._one_of(idle)
            try:
                yield cursor
            except BaseException:
                cursor.close()
                self._let_go()  # what failed for one may fail for all, as where the database was given up
                raise
            if is_alone or len(idle) >= _IDLE:
                cursor.close()
            else:
                idle.append(cursor)  # nobody looks into it any more where the database was opened anew meanwhile
        finally:
            self.observer.asked(time.perf_counter() - begun)

    def _one_of(self, idle: list[duckdb.DuckDBPyConnection]) -> duckdb.DuckDBPyConnection:
        try:
            return idle.pop()
        except IndexError:  # somebody else was faster
            return self.cursor()

    def _let_go(self) -> None:
        """Forgets the cursors that are kept, and those that are in use."""
        self._idle = []

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        with self._handing_out:
            cursor = self._root.cursor()
        cursor.execute(_NAMES)
        return cursor

    def _close(self) -> None:
        """Closes the database and what is kept of it. In this order: no cursor is made any more when those that there are are forgotten."""
        self._root.close()
        self._let_go()

    def _open(self) -> duckdb.DuckDBPyConnection:
        root = self.database.open()
        try:
            lay_plan(root, self.election)
            root.execute(_NAMES)
            refuse_newer(root, str(self.database))
            with self.database.turn(root):
                if self._keeps_before and 0 < applied(root) < LATEST:
                    copies.write(root, self.database.backups / f"before-step-{LATEST:03}-{now():%Y%m%dT%H%M%S}.duckdb", now())
                if migrate(root) | make_tables(root, self.election.domains):
                    self.database.settle(root)
            root.execute(f"set search_path = 'plan.main,{NAME}.main'")  # what is made now is this program's, in memory
            root.execute((SQL / "views.sql").read_text(encoding="utf-8"))
            root.execute(_NAMES)
            with self._laying:
                for name, (_, table) in self._laid.items():
                    _lay(root, name, table)
        except BaseException:
            root.close()
            raise
        return root


class _Answer:
    """An answer that is kept, and whether anybody wanted it since it was last up for being forgotten."""

    __slots__ = ("_answer", "is_wanted")

    def __init__(self, answer: Any) -> None:
        self._answer, self.is_wanted = answer, False

    def taken(self) -> Any:
        self.is_wanted = True
        return self._answer


@dataclass
class _Memory:
    """What was answered about one version, and what is just being asked. Whoever uses it holds the lock, but for who looks what is `present`."""

    most: int
    _about: tuple[tuple[int, int], dict[Hashable, _Answer]] = field(default_factory=lambda: ((0, 0), {}))  # the version and what is kept, changed together
    asking: dict[Hashable, threading.Event] = field(default_factory=dict)

    @property
    def version(self) -> tuple[int, int]:
        return self._about[0]

    def present(self, version: tuple[int, int]) -> Mapping[Hashable, _Answer]:
        """What is kept about this version, or a later one."""
        about, kept = self._about
        return kept if about >= version else {}

    def begin(self, version: tuple[int, int]) -> None:
        """Forgets what was answered about an earlier version."""
        if version > self.version:
            self._about, self.asking = (version, {}), {}

    def take(self, questions: Iterable[Hashable]) -> dict[Any, Any]:
        """What is kept of these."""
        _, kept = self._about
        return {question: found.taken() for question in dict.fromkeys(questions) if (found := kept.get(question))}

    def ask(self, questions: Sequence[Hashable]) -> threading.Event:
        """Says that these are being asked; the event that tells when they are answered."""
        answered = threading.Event()
        self.asking |= dict.fromkeys(questions, answered)
        return answered

    def keep(self, found: Mapping[Any, Any], questions: Sequence[Hashable]) -> None:
        """Keeps the answers to these, in place of the oldest that nobody wanted since they were last up for it."""
        _, kept = self._about
        kept |= {question: _Answer(found[question]) for question in questions}
        while len(kept) > self.most:
            oldest = next(iter(kept))
            up = kept.pop(oldest)
            if up.is_wanted:
                up.is_wanted = False
                kept[oldest] = up

    def asked(self, questions: Sequence[Hashable], answered: threading.Event) -> None:
        """Says that these are no longer being asked, answered or not."""
        for question in questions:
            if self.asking.get(question) is answered:
                del self.asking[question]
        answered.set()


FOREVER = datetime(9999, 1, 1)  # known at that time: all that is known now


def now() -> datetime:
    """The present moment in UTC, without a zone: as times are stored."""
    return datetime.now(UTC).replace(tzinfo=None)


def new_id(cursor: duckdb.DuckDBPyConnection) -> str:
    """An id that nothing else has, and that sorts after those made before it (UUIDv7)."""
    return cursor.execute("select uuidv7()::varchar").fetchone()[0]


def touched(cursor: duckdb.DuckDBPyConnection, sql: str, parameters: dict[str, Any]) -> int:
    """How many rows an insert, update or delete has touched. (A shared database does not return the rows themselves.)"""
    return cursor.execute(sql, parameters).fetchone()[0]


def _lay(cursor: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    """Puts a table in memory, in the place of the one of that name."""
    cursor.register("laid", table)
    cursor.execute(f"create or replace table plan.main.{name} as from laid")
    cursor.unregister("laid")


def _roll_back(cursor: duckdb.DuckDBPyConnection) -> None:
    try:
        cursor.rollback()
    except duckdb.Error:
        # Nothing is left to undo: the failure that brought us here has ended the transaction already.
        return
