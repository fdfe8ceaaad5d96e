"""The example election goes in through the same door as any spreadsheet, and out again as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from datetime import datetime
from queue import SimpleQueue
from threading import Event
from types import MappingProxyType

import duckdb

from data import actions, duties, example, meetings, notes
from data.scope import Scope
from data.store import Store
from loaders.answers import Answers
from loaders.problems import LoadError
from loaders.submissions import Staged, commit, stage, withdraw

Progress = Callable[[int, int, str], None]  # files done, files in all, what is being done
_WORDS = "Loading the example election: file"


def load(store: Store, progress: Progress = lambda done, total, words: None) -> None:
    """Loads the example election into a store without submissions, and sets the store's clock to the example's today.

    All of it or nothing: whatever stops it, what was loaded is cleared again. LoadError, with a sentence, if the store
    holds submissions, if the election's places or domains are others, or if a file is refused.
    """
    if is_half_loaded(store):
        _take_out(store)
    if store.ask_rows("select 1 from submissions limit 1", {}):
        raise LoadError("not_empty", "The example election can be loaded into an empty database only: this one holds submissions already.")
    total = _count(store)
    # The clock is set first: the checks refuse a sheet of a day after today.
    _set(store, {"example_day": example.DAY.isoformat(), "example_loading": "true"})
    try:
        with closing(_loaded(store)) as names:
            for done, _ in enumerate(names, 1):
                progress(done, total, _WORDS)
        _record_duties(store)
        _record_meetings(store)
    except BaseException:
        _take_out(store)
        raise
    with store.transaction() as cursor:
        cursor.execute("delete from settings where name = 'example_loading'")


def is_half_loaded(store: Store) -> bool:
    """Whether a load was killed on its way: the next one clears its half and begins again."""
    return bool(store.ask_rows("select 1 from settings where name = 'example_loading'", {}))


def was_cleared(store: Store) -> bool:
    """Whether an operator has cleared the example away: a start does not bring it back by itself."""
    return bool(store.ask_rows("select 1 from settings where name = 'example_cleared'", {}))


def clear(store: Store) -> None:
    """Takes the example election out of the store, in one transaction: its submissions with all that hangs on them, the
    files that nothing else refers to, and the setting of the clock. Everything else stays."""
    _take_out(store, {"example_cleared": "true"})


def _take_out(store: Store, settings: Mapping[str, str] = MappingProxyType({})) -> None:
    """The same, with settings left behind."""
    with store.transaction() as cursor:
        cursor.execute("create or replace temp table leaving as select submission, file_sha256 from submissions where is_example")
        for table in _tables_of_submissions(cursor):
            cursor.execute(f"delete from {table} where submission in (select submission from leaving)")
        cursor.execute("""
            delete from files where sha256 in (select file_sha256 from leaving)
                and sha256 not in (select file_sha256 from submissions union all select file_sha256 from desk)""")
        _take_out_meetings(cursor)
        cursor.execute("delete from named where file_sha256 not in (select sha256 from files)")
        cursor.execute("delete from settings where name in ('example_day', 'example_loading', 'example_cleared')")
        for name, value in settings.items():
            cursor.execute("insert into settings values (?, ?)", [name, value])
        cursor.execute("drop table leaving")


def _take_out_meetings(cursor: duckdb.DuckDBPyConnection) -> None:
    """Takes out what the example's offices have recorded, and what was said of it since."""
    cursor.execute("delete from action_states where action in (select action from actions where is_example)")
    cursor.execute("delete from struck where id in (select meeting from meetings where is_example union all select note from notes where is_example)")
    for table in ("duty_records", "meetings", "actions", "notes", "settlements", "acknowledgements"):
        cursor.execute(f"delete from {table} where is_example")


def _count(store: Store) -> int:
    """How many files there are; LoadError if this election is not the one that they are about."""
    missing = set(example.DOMAINS) - {domain.name for domain in store.election.domains}
    if missing:
        raise LoadError("not_this_election", f"The example election has the domain {min(missing)}, which this program does not declare.")
    try:
        return example.count(store.election.places)
    except ValueError as error:
        raise LoadError("not_this_election", str(error)) from None


def _set(store: Store, values: dict[str, str]) -> None:
    with store.transaction() as cursor:
        cursor.execute("delete from settings where name = 'example_cleared'")
        cursor.executemany("insert into settings values (?, ?)", list(values.items()))


def _loaded(store: Store) -> Iterator[str]:
    """Loads the domains side by side, each in its own order; the name of each file as it is stored."""
    stop, names = Event(), SimpleQueue()
    with ThreadPoolExecutor(len(example.DOMAINS), thread_name_prefix="example") as pool:
        threads = [pool.submit(_load_domain, store, domain, names.put, stop) for domain in example.DOMAINS]
        for thread in threads:
            thread.add_done_callback(names.put)
        try:
            left = len(threads)
            while left:
                found = names.get()
                if isinstance(found, Future):
                    left -= 1
                    found.result()
                else:
                    yield found
        finally:
            stop.set()


def _record_duties(store: Store) -> None:
    """Records the duties that were met, of those that this election has."""
    known = {duty.id for duty in store.election.duties if not store.election.is_measured(duty)}
    for one in example.MET:
        if one.duty in known:
            duties.record(store, one.duty, one.on, one.reference, by=one.by, may_submit=Scope.everything(store.election.places), at=one.at, is_example=True)


def _record_meetings(store: Store) -> None:
    """Records the review meetings with what was decided in them and what became of it, and the notes."""
    everything = Scope.everything(store.election.places)
    for held in example.MEETINGS:
        meeting = meetings.hold(store, everything, held.place, held.on, chaired_by=held.chaired_by, briefed_by=held.briefed_by, renews=held.renews, remarks=held.remarks,
                                by=held.by, at=held.at, is_example=True)
        for decided in held.decided:
            action = actions.decide(store, everything, decided.place, decided.what, decided.who, decided.due, indicator=decided.indicator, meeting=meeting,
                                    by=held.by, at=held.at, is_example=True)
            if decided.done_on:
                actions.say(store, everything, action, "done", decided.remark, by=held.by, said_on=decided.done_on, at=datetime.combine(decided.done_on, held.at.time()))
    for one in example.NOTES:
        notes.write(store, everything, one.place, one.text, indicator=one.indicator, by=one.by, written_on=one.at.date(), at=one.at, is_example=True)


def _load_domain(store: Store, domain: str, tell: Callable[[str], None], stop: Event) -> None:
    """A sheet is compared with what stands before it, so each is stored before the next is read."""
    submissions: dict[str, str] = {}
    for one in example.happenings(store.election.places, domain):
        if stop.is_set():
            return
        if isinstance(one, example.Withdrawal):
            withdraw(store, submissions[one.name], by=one.by, reason=one.reason, at=one.at)
            continue
        submissions[one.name] = commit(store, _staged(store, one), note=one.note, at=one.at, is_example=True).submission
        tell(one.name)


def _staged(store: Store, one: example.Workbook) -> Staged:
    try:
        staged = stage(store, one.name, one.content, sender=one.sender, answers=Answers(domain=one.domain, as_of=one.as_of))
    except LoadError as error:
        raise LoadError("example_refused", f"{one.name} is refused: {error.message}") from error
    if staged.blocked:
        raise LoadError("example_refused", f"{one.name} is refused: " + " ".join(found.message for found in staged.problems if found.blocks))
    return staged


def _tables_of_submissions(cursor: duckdb.DuckDBPyConnection) -> list[str]:
    """The tables in which rows belong to a submission, those of domains no longer declared included."""
    found = cursor.execute("""
        select t.table_name
        from duckdb_tables() t
        join duckdb_columns() c using (database_name, schema_name, table_name)
        where t.database_name = current_database() and not t.temporary and c.column_name = 'submission'
        order by 1""").fetchall()
    return [table for (table,) in found]
