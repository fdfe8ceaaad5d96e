"""The questions about the desk: which files lie there, what was settled about them, what was held back and corrected.

Each takes the store and a scope. A file is told of only where all the districts that any of its tables names lie in scope; one of
which that can't be told, only to who may see the whole country; and to whoever laid it there, which is the scope's `own`. What lies there is
asked once for all, and cut to the scope.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd

from data.readiness import wholly_seen
from data.scope import Scope
from data.store import Store

_ENTRIES = """
    select d.staged::varchar as staged, d.file_sha256, d.file_name, d.sender, d.laid_at, d.laid_by,
        r.read_at, r.read_by, r.answers, r.domain, r.as_of, r.districts, r.row_count, r.blocking, r.warnings,
        case when n.is_known then n.districts end as named
    from desk d
    join (select * from readings qualify row_number() over (partition by staged order by read_at desc) = 1) r using (staged)
    left join named_now n using (file_sha256)
"""


@dataclass(frozen=True)
class Entry:
    """A file on the desk as it was last read. Times are UTC; `answers` is what was settled about it, as JSON; `domain` and `as_of`
    are None, and `districts` (those that it can be taken for) empty, as long as they can't be told; `named` are all that its file names,
    None where that can't be told. `blocking` and `warnings` are numbers of problems."""

    staged: str
    file_sha256: str
    file_name: str
    sender: str
    laid_at: datetime
    laid_by: str
    read_at: datetime
    read_by: str
    answers: str
    domain: str | None
    as_of: date | None
    districts: tuple[str, ...]
    row_count: int
    blocking: int
    warnings: int
    named: tuple[str, ...] | None


def entries(store: Store, scope: Scope) -> tuple[Entry, ...]:
    """The files that lie on the desk, the one laid there last first."""
    every = store.remember("desk", lambda: tuple(_entry(*row) for row in store.ask_rows(
        f"select * from ({_ENTRIES}) where staged not in (select staged::varchar from departures) order by laid_at desc, staged desc", {})), of="desk")
    sees = _seen(store, scope)
    return tuple(one for one in every if sees(one.named, one.laid_by))


def entry(store: Store, scope: Scope, staged: str) -> Entry | None:
    """The file on the desk of that id; None where it has left it, or is not to be seen."""
    return next((one for one in entries(store, scope) if one.staged == staged), None)


def content_of(store: Store, scope: Scope, staged: str) -> bytes | None:
    """The bytes of a file that was laid on the desk, also of one that has left it; None where it is not to be seen."""
    sees = _seen(store, scope)
    found = store.ask_rows(f"select named, laid_by, content from ({_ENTRIES}) e join files f on f.sha256 = e.file_sha256 where staged = $staged", {"staged": staged})
    return next((bytes(content) for named, laid_by, content in found if sees(named, laid_by)), None)


def returned(store: Store, scope: Scope) -> pd.DataFrame:
    """The files that went back to their senders without being taken, newest first.

    Columns: staged, file_name, sender, domain, as_of, laid_at, left_at, left_by, reason, blocking.
    """
    every = store.remember("returned", lambda: store.ask(f"""
        select e.staged, e.file_name, e.sender, e.domain, e.as_of, e.laid_at, l.left_at, l.left_by, l.reason, e.blocking, e.laid_by, e.named is not null as is_known, coalesce(e.named, []) as named
        from ({_ENTRIES}) e join departures l on l.staged::varchar = e.staged
        where l.kind = 'returned' order by l.left_at desc""", {}), of="desk")
    sees = _seen(store, scope)
    seen = [sees(named if is_known else None, laid_by) for laid_by, is_known, named in every.loc[:, "laid_by":].itertuples(index=False)]
    return every.loc[seen, :"blocking"].reset_index(drop=True)


def rejected(store: Store, scope: Scope, submission: str) -> pd.DataFrame:
    """The rows that were held back when the rest of a file was taken: row, district (code; empty where it is not known), cells (JSON: heading →
    text), reasons, is_settled (by a later submission, or because somebody said so). Only of submissions that may be seen as a
    whole."""
    return store.ask("""
        select row, holds as district, cells, reasons, is_settled
        from rejected_rows
        where submission::varchar = $submission and submission in (select submission from wholly_visible($scope, $own, $theirs))
        order by row""", scope.of_files | {"submission": submission})


def settlings(store: Store, scope: Scope, submission: str) -> pd.DataFrame:
    """When, by whom and why the rows that a submission held back were declared settled: settled_at, settled_by, reason, in that order of
    time. Only of submissions that may be seen as a whole."""
    return store.ask("""
        select settled_at, settled_by, reason from settlings
        where submission::varchar = $submission and submission in (select submission from wholly_visible($scope, $own, $theirs))
        order by settled_at""", scope.of_files | {"submission": submission})


def waiting(store: Store, scope: Scope) -> dict[str, int]:
    """How many rejected rows wait to be settled, by submission that may be seen as a whole."""
    every = store.remember("waiting", lambda: store.ask_rows("select submission::varchar, count(*) from rejected_rows where not is_settled group by all", {}), of="desk")
    seen = wholly_seen(store, scope) if every else ()
    return {submission: number for submission, number in every if submission in seen}


def corrections(store: Store, scope: Scope, submission: str) -> pd.DataFrame:
    """The cells that were corrected before a submission was taken: row, column (its name), district, original, corrected, reason,
    corrected_by. Only of submissions that may be seen as a whole."""
    return store.ask("""
        select row, "column", district, original, corrected, reason, corrected_by from corrections
        where submission::varchar = $submission and submission in (select submission from wholly_visible($scope, $own, $theirs))
        order by row, "column" """, scope.of_files | {"submission": submission})


def _seen(store: Store, scope: Scope) -> Callable[[Collection[str] | None, str], bool]:
    """Whether a file may be told of, by the districts that it names and by who laid it there."""
    sees_all = scope.covers(store.election.places, store.election.places.country.code)
    return lambda named, laid_by: sees_all or (named is not None and scope.districts.issuperset(named)) or (scope.own != "" and laid_by == scope.own)


def _entry(*told: object) -> Entry:
    values = list(told)
    values[11] = tuple(values[11] or ())
    values[15] = tuple(values[15]) if values[15] is not None else None
    return Entry(*values)
