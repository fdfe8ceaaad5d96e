"""What is done with a spreadsheet: stage it, commit it, withdraw it. Each change is one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import pandas as pd

from data.declare import Domain
from data.election import Total
from data.metrics import insert_figures
from data.readiness import FOREVER
from data.scope import Scope
from data.store import Store, now, rows_table
from loaders.checks import Checked, check, in_reading_order
from loaders.comparison import Current, compare
from loaders.headers import find
from loaders.problems import Problem
from loaders.sheets import read

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Staged:
    """A file that has been read and checked and is not stored. `held_by` is the submission that holds it already,
    `replaced_by` those that have since taken that one's place for some of its districts, on its own day."""

    name: str
    content: bytes
    sha256: str
    sender: str
    checked: Checked
    problems: tuple[Problem, ...]
    held_by: str | None = None
    replaced_by: tuple[str, ...] = ()

    @property
    def blocked(self) -> bool:
        return any(found.blocks for found in self.problems)


@dataclass(frozen=True)
class Receipt:
    """What a commit stored. `was_held` says that the same file stood there already and nothing was stored."""

    submission: str
    domain: str
    as_of: date
    file: str
    sha256: str
    rows: int
    districts: tuple[str, ...]
    warnings: tuple[Problem, ...]
    was_held: bool


def reference(submission: str) -> str:
    """The short name of a submission, as people say it: the last eight signs of its id."""
    return submission[-8:].upper()


def stage(
    store: Store, name: str, content: bytes, *, sender: str, domain: str | None = None, as_of: date | None = None,
    may_submit: Scope | None = None, progress: Progress = lambda step: None,
) -> Staged:
    """Reads and checks a file. LoadError if it can't be read or holds no table of the domain (of any, if None)."""
    election = store.election
    progress("Reading")
    sheets = read(name, content)
    layout = find(sheets, [election.domain(domain)] if domain else election.domains)
    progress("Checking")
    checked = check(layout, election, as_of=as_of, today=store.today,
                    may_submit=may_submit or Scope.everything(election.places))
    problems = checked.problems
    if checked.as_of is not None and checked.districts:
        progress("Comparing")
        problems = in_reading_order(problems + compare(checked, election, _current(store, checked), sender=sender))
    sha256 = hashlib.sha256(content).hexdigest()
    with closing(store.cursor()) as cursor:
        held_by = _find_holder(cursor, sha256, checked)
        replaced_by = _replacing(cursor, held_by, checked) if held_by else ()
    return Staged(name, content, sha256, sender, checked, problems, held_by, replaced_by)


def commit(
    store: Store, staged: Staged, *, note: str = "", at: datetime | None = None, is_example: bool = False,
    progress: Progress = lambda step: None,
) -> Receipt:
    """Stores a staged file as a submission: its rows, its figures, its warnings and the file itself, or nothing.

    The same file, for the same domain and day, is not stored twice: who loads a folder again changes nothing, also where
    one of its files corrects another. ValueError if it has blocking problems.
    """
    if staged.blocked or staged.checked.as_of is None:
        raise ValueError(f"{staged.name} has problems that block it and can't be committed")
    progress("Storing")
    with store.transaction() as cursor:
        held_by = _find_holder(cursor, staged.sha256, staged.checked)
        submission = held_by or _insert(cursor, staged, note=note, at=at or _next_moment(cursor), is_example=is_example)
    checked = staged.checked
    return Receipt(submission, checked.domain.name, checked.as_of, staged.name, staged.sha256, checked.rows.num_rows, checked.districts,
                   tuple(found for found in staged.problems if not found.blocks), was_held=held_by is not None)


def withdraw(store: Store, submission: str, *, by: str, reason: str, at: datetime | None = None) -> str:
    """Takes a submission, by id or reference, out of every picture; what stood before it stands again. Returns its id.

    LookupError, with a sentence, if there is no such submission or it is withdrawn already.
    """
    with store.transaction() as cursor:
        found = cursor.execute(
            "select submission::varchar, state from ledger where submission::varchar = lower($asked) or upper(right(submission::varchar, 8)) = upper($asked)",
            {"asked": submission}).fetchall()
        if not found:
            raise LookupError(f"There is no submission {submission}. See `python -m loaders history`.")
        if len(found) > 1:
            raise LookupError(f"Several submissions end in {submission}. Give the whole id.")
        whole, state = found[0]
        if state == "withdrawn":
            raise LookupError(f"Submission {reference(whole)} is withdrawn already.")
        cursor.execute("insert into events values (?, ?, 'withdrawn', ?, ?)", [whole, at or _next_moment(cursor), by, reason])
    return whole


def _next_moment(cursor: duckdb.DuckDBPyConnection) -> datetime:
    """Now, but after all that was done before: what is done last counts last, also where the clock was ahead earlier, as
    the example's is."""
    last = cursor.execute("select max(done_at) from events").fetchone()[0]
    return now() if last is None else max(now(), last + timedelta(microseconds=1))


def _find_holder(cursor: duckdb.DuckDBPyConnection, sha256: str, checked: Checked) -> str | None:
    """The submission in force that holds the same file for the same domain and day."""
    found = cursor.execute(
        "select submission::varchar from ledger where file_sha256 = ? and domain = ? and as_of = ? and state <> 'withdrawn'",
        [sha256, checked.domain.name, checked.as_of]).fetchone()
    return found[0] if found else None


def _replacing(cursor: duckdb.DuckDBPyConnection, submission: str, checked: Checked) -> tuple[str, ...]:
    """The submissions that stand for districts of that one on its own day."""
    found = cursor.execute("""
        select distinct p.submission::varchar
        from picture([$day], $known_on, $scope) p
        where p.domain = $domain and p.submission::varchar <> $submission
        order by 1""", {"day": checked.as_of, "known_on": FOREVER, "scope": list(checked.districts), "domain": checked.domain.name, "submission": submission})
    return tuple(one for (one,) in found.fetchall())


def _insert(cursor: duckdb.DuckDBPyConnection, staged: Staged, *, note: str, at: datetime, is_example: bool) -> str:
    checked, domain = staged.checked, staged.checked.domain
    submission = cursor.execute("select uuidv7()::varchar").fetchone()[0]
    if not cursor.execute("select 1 from files where sha256 = ?", [staged.sha256]).fetchone():
        cursor.execute("insert into files values (?, ?, ?)", [staged.sha256, len(staged.content), staged.content])
    cursor.execute(
        "insert into submissions by name select $1::uuid as submission, $2 as domain, $3::date as as_of, $4 as sender, $5 as note, "
        "$6 as file_sha256, $7 as file_name, $8 as sheet, $9 as row_count, $10 as is_example, $11::timestamp as committed_at",
        [submission, domain.name, checked.as_of, staged.sender, note, staged.sha256, staged.name, checked.sheet,
         checked.rows.num_rows, is_example, at])
    cursor.execute("insert into events values (?, ?, 'committed', ?, ?)", [submission, at, staged.sender, note])
    _insert_rows(cursor, submission, checked, domain)
    cursor.execute(insert_figures(domain), {"submission": submission})
    warned = [(submission, w.kind, w.sheet, w.row, w.column, w.value, w.message) for w in staged.problems if not w.blocks]
    if warned:
        _insert_warnings(cursor, domain, submission, pd.DataFrame(warned, columns=["submission", "kind", "sheet", "row", "column", "value", "message"]))
    return submission


def _insert_rows(cursor: duckdb.DuckDBPyConnection, submission: str, checked: Checked, domain: Domain) -> None:
    cursor.register("staged_rows", checked.rows)
    cursor.execute(f"insert into {rows_table(domain)} by name select $1::uuid as submission, * from staged_rows", [submission])
    cursor.execute("insert into covered select distinct $1::uuid, district from staged_rows", [submission])
    cursor.unregister("staged_rows")


def _insert_warnings(cursor: duckdb.DuckDBPyConnection, domain: Domain, submission: str, warnings: pd.DataFrame) -> None:
    """Stores the warnings, each about a row with that row's district."""
    cursor.register("staged_warnings", warnings)
    cursor.execute(
        f"insert into warnings by name select w.*, r.district from staged_warnings w left join {rows_table(domain)} r on r.submission = $1 and r.row = w.row",
        [submission])
    cursor.unregister("staged_warnings")


def _current(store: Store, checked: Checked) -> Current:
    """What stands on the sheet's day, in the whole country: a check looks beyond what its sender may see, and tells
    only sums."""
    domain = checked.domain
    columns = ", ".join(f'r."{column.name}"' for column in domain.stored)
    asked: dict[str, Any] = {
        "day": checked.as_of, "known_on": FOREVER, "scope": list(checked.districts), "domain": domain.name}
    with closing(store.cursor()) as cursor:
        rows = cursor.execute(f"""
            select {columns} from picture([$day], $known_on, $scope) p join {rows_table(domain)} r using (submission, district)
            where p.domain = $domain""", asked).to_arrow_table()
        sources = cursor.execute("""
            select c.district, p.as_of, s.sender, max(c.as_of) as newest
            from (select c.district, s.as_of from covered c join submissions s using (submission) join in_force f using (submission)
                where s.domain = $domain and f.until = timestamp 'infinity' and list_contains($scope, c.district)) c
            left join (select * from picture([$day], $known_on, $scope) where domain = $domain) p using (district)
            left join submissions s using (submission)
            group by all""", asked).to_arrow_table()
        totals = {total: _elsewhere(cursor, store, checked, total) for total in store.election.totals if total.domain == domain.name}
    return Current(rows, sources, totals)


def _elsewhere(cursor: duckdb.DuckDBPyConnection, store: Store, checked: Checked, total: Total) -> int | None:
    """The sum of a printed total's column over its districts that are not in the sheet; None if one has not reported."""
    others = sorted({district.code for place in total.places for district in store.election.places.districts_of(place)} - set(checked.districts))
    reported, summed = cursor.execute(f"""
        select count(distinct p.district) filter (r."{total.column}" is not null), coalesce(sum(r."{total.column}"), 0)::bigint
        from picture([$day], $known_on, $scope) p join {rows_table(checked.domain)} r using (submission, district)
        where p.domain = $domain""", {"day": checked.as_of, "known_on": FOREVER, "scope": others, "domain": checked.domain.name}).fetchone()
    return summed if reported == len(others) else None
