"""What is done with a spreadsheet: stage it, commit it, withdraw it, restore it. Each change is one transaction."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data import audit
from data.declare import Domain
from data.election import Total
from data.metrics import insert_figures
from data.migrations import rows_table
from data.places import Places
from data.scope import Scope
from data.store import FOREVER, Store, new_id, now
from loaders import spellings
from loaders.answers import Answers, knowing
from loaders.checks import Checked, check, in_reading_order
from loaders.comparison import COMPARED, Current, compare
from loaders.headers import Layout, find
from loaders.problems import Problem
from loaders.sheets import Sheet, read

Progress = Callable[[str], None]
Basis = dict[str, str]  # district → the submission that is its picture on the sheet's day


class Overtaken(Exception):
    """Since the file was compared, others have handed in for its districts; `by` are their submissions."""

    def __init__(self, by: Sequence[str]) -> None:
        super().__init__(f"{len(by)} submissions came in between")
        self.by = tuple(by)


@dataclass(frozen=True)
class Staged:
    """A file that has been read and checked and is not stored.

    `places` are those by whose spellings it was read, `current` is what stood on its day when it was compared. `held_by` is the submission that holds it already,
    `replaced_by` those that have since taken that one's place for some of its districts, on its own day. `seen` are the districts of which it
    tells what stood there; None is all.
    """

    name: str
    content: bytes
    sha256: str
    sender: str
    checked: Checked
    problems: tuple[Problem, ...]
    held_by: str | None = None
    replaced_by: tuple[str, ...] = ()
    layout: Layout | None = None
    places: Places | None = None
    current: Current | None = None
    basis: Basis | None = field(default=None, repr=False)
    seen: frozenset[str] | None = None

    def told_to(self, scope: Scope) -> Staged:
        """The same as it may be told to who sees these districts, and may submit for others: without what stands in the others, and of
        which submissions. To commit it, the whole is needed."""
        problems = tuple(one for one in self.problems if one.kind not in COMPARED or (one.holds is not None and scope.districts.issuperset(one.holds)))
        if len(problems) == len(self.problems) and scope.districts.issuperset(self.checked.districts):
            return self
        basis = {code: submission for code, submission in (self.basis or {}).items() if code in scope.districts}
        return replace(self, problems=problems, current=self.current and self.current.within(scope.districts), seen=scope.districts, basis=basis,
                       replaced_by=tuple(one for one in self.replaced_by if one in basis.values()))

    @cached_property
    def blocked(self) -> bool:
        return any(found.blocks for found in self.problems)

    @cached_property
    def free(self) -> tuple[str, ...]:
        """The districts that no problem keeps from being taken; none where one keeps the whole sheet."""
        held = [found.holds for found in self.problems if found.blocks]
        if None in held:
            return ()
        kept = {code for codes in held for code in codes}
        return tuple(code for code in self.checked.districts if code not in kept)


@dataclass(frozen=True)
class Receipt:
    """What a commit stored. `was_held` says that the same file stood there already and nothing was stored; `rejected` is
    the number of rows that were held back."""

    submission: str
    domain: str
    as_of: date
    file: str
    sha256: str
    rows: int
    districts: tuple[str, ...]
    warnings: tuple[Problem, ...]
    was_held: bool
    rejected: int = 0


def reference(submission: str) -> str:
    """The short name of a submission, as people say it: the last eight signs of its id."""
    return submission[-8:].upper()


def stage(
    store: Store, name: str, content: bytes, *, sender: str, answers: Answers = Answers(), may_submit: Scope | None = None,
    sheets: Sequence[Sheet] | None = None, by: str = "", progress: Progress = lambda step: None,
) -> Staged:
    """Reads and checks a file, by what was settled about it and what was learned before. LoadError if it can't be read or
    holds no table of the domain (of any, where none is settled). `sheets` are those of the file where they were read before;
    `by` laid it on the desk."""
    election = knowing(store.election, (*spellings.known(store, sender, by), *answers.spellings))
    if sheets is None:
        progress("Reading")
        sheets = read(name, content)
    domains = [election.domain(answers.domain)] if answers.domain else election.domains
    layout = find(sheets, domains, sheet=answers.sheet, header_row=answers.header_row, last_row=answers.last_row, beside=answers.beside)
    progress("Checking")
    checked = check(layout, election, today=store.today, may_submit=may_submit or Scope.everything(election.places), answers=answers)
    problems, current, basis = checked.problems, None, None
    if checked.as_of is not None and checked.districts:
        progress("Comparing")
        with store.reading() as cursor:
            basis = _basis(cursor, checked)  # before the rest: who hands in between the two is noticed
            current = _current(store, cursor, checked)
        problems = in_reading_order(problems + compare(checked, election, current, sender=sender))
    sha256 = hashlib.sha256(content).hexdigest()
    with store.reading() as cursor:
        held_by = _find_holder(cursor, sha256, checked)
        replaced_by = _replacing(cursor, held_by, checked) if held_by else ()
    return Staged(name, content, sha256, sender, checked, problems, held_by, replaced_by, layout, election.places, current, basis)


def commit(
    store: Store, staged: Staged, *, by: str = "", note: str = "", at: datetime | None = None, is_example: bool = False,
    only: Collection[str] | None = None, anew: bool = False, also: Callable[[duckdb.DuckDBPyConnection, str], None] = lambda cursor, submission: None,
    progress: Progress = lambda step: None,
) -> Receipt:
    """Stores a staged file as a submission: its rows, its figures, its warnings and the file itself, or nothing.

    `only` are the districts to take where not all of them can be: the other rows are kept as rejected, with the reasons.
    What `also` does with the submission's id belongs to the same transaction.
    A file whose rows stand there already, for the same domain and day, is not stored twice: who loads a folder again changes
    nothing, also where one of its files corrects another; `anew` stores it once more, so that it counts last again. ValueError if a problem blocks what is to be taken; Overtaken if
    others have handed in for these districts since the file was compared.
    """
    progress("Storing")
    begun = time.perf_counter()
    with store.transaction() as cursor:
        receipt = commit_within(cursor, staged, by=by, note=note, at=at, is_example=is_example, only=only, anew=anew, also=also)
    if not is_example:
        tell_committed(store, [receipt], time.perf_counter() - begun)
    return receipt


def tell_committed(store: Store, receipts: Sequence[Receipt], seconds: float) -> None:
    """Has it counted what one transaction stored, and in what time; what was held already is none of it."""
    stored = [receipt.domain for receipt in receipts if not receipt.was_held]
    if stored:
        store.observer.committed(stored, seconds)


def commit_within(
    cursor: duckdb.DuckDBPyConnection, staged: Staged, *, by: str = "", note: str = "", at: datetime | None = None, is_example: bool = False,
    only: Collection[str] | None = None, anew: bool = False, also: Callable[[duckdb.DuckDBPyConnection, str], None] = lambda cursor, submission: None,
) -> Receipt:
    """Does what `commit` does, within a transaction that has begun."""
    taken = tuple(staged.checked.districts) if only is None else tuple(sorted(only))
    may_take = staged.free if staged.blocked else staged.checked.districts
    if staged.checked.as_of is None or not taken or not set(taken) <= set(may_take):
        raise ValueError(f"{staged.name} has problems that block it and can't be committed")
    _refuse_overtaken(cursor, staged, taken)
    rejected: list[tuple[Any, ...]] = []
    held_by = None if anew else _find_holder(cursor, staged.sha256, staged.checked, taken)
    submission = held_by
    if submission is None:
        submission = insert(cursor, staged, taken, by=by or staged.sender, note=note, at=at or next_moment(cursor), is_example=is_example)
        if not is_example:  # what invented offices did is no act of anybody's
            audit.add(cursor, by or staged.sender, "committed", submission=submission, reason=note)
        rejected = list(_rejected(staged, taken)) if staged.blocked else []
        _insert_rejected(cursor, submission, rejected)
    also(cursor, submission)
    checked = staged.checked
    return Receipt(submission, checked.domain.name, checked.as_of, staged.name, staged.sha256, _rows_of(checked, taken).num_rows, taken,
                   _warnings_of(staged, taken), was_held=held_by is not None, rejected=len(rejected))


def withdraw(store: Store, submission: str, *, by: str, reason: str, at: datetime | None = None) -> str:
    """Takes a submission, by id or reference, out of every picture; what stood before it stands again. Returns its id.

    LookupError, with a sentence, if there is no such submission or it is withdrawn already.
    """
    with store.transaction() as cursor:
        whole, state = _find(cursor, submission)
        if state == "withdrawn":
            raise LookupError(f"Submission {reference(whole)} is withdrawn already.")
        write_event(cursor, whole, "withdrawn", by=by, reason=reason, at=at)
        if at is None:  # only the example tells of another time
            audit.add(cursor, by, "withdrawn", submission=whole, reason=reason)
    return whole


def restore(store: Store, submission: str, *, by: str, reason: str, at: datetime | None = None) -> str:
    """Takes a withdrawn submission, by id or reference, into the picture again, where it stood. Returns its id.

    LookupError, with a sentence, if there is no such submission or it is not withdrawn.
    """
    with store.transaction() as cursor:
        whole, state = _find(cursor, submission)
        if state != "withdrawn":
            raise LookupError(f"Submission {reference(whole)} is not withdrawn.")
        write_event(cursor, whole, "restored", by=by, reason=reason, at=at)
        if at is None:
            audit.add(cursor, by, "restored", submission=whole, reason=reason)
    return whole


def write_event(cursor: duckdb.DuckDBPyConnection, submission: str, kind: str, *, by: str, reason: str, at: datetime | None = None) -> None:
    """Writes down that something was done to a submission: committed, withdrawn or restored."""
    cursor.execute("insert into events values (?, ?, ?, ?, ?)", [submission, at or next_moment(cursor), kind, by, reason])


def _find(cursor: duckdb.DuckDBPyConnection, submission: str) -> tuple[str, str]:
    """The id and the state of the submission of that id or reference; LookupError, with a sentence, if it is not one."""
    found = cursor.execute(
        "select submission::varchar, state from ledger where submission::varchar = lower($asked) or upper(right(submission::varchar, 8)) = upper($asked)",
        {"asked": submission}).fetchall()
    if not found:
        raise LookupError(f"There is no submission {submission}. See `python -m loaders history`.")
    if len(found) > 1:
        raise LookupError(f"Several submissions end in {submission}. Give the whole id.")
    return found[0]


def next_moment(cursor: duckdb.DuckDBPyConnection) -> datetime:
    """Now, but after all that was done before: what is done last counts last, also where the clock was ahead earlier, as
    the example's is."""
    last = cursor.execute("select max(done_at) from events").fetchone()[0]
    return now() if last is None else max(now(), last + timedelta(microseconds=1))


def _find_holder(cursor: duckdb.DuckDBPyConnection, sha256: str, checked: Checked, taken: Collection[str] | None = None) -> str | None:
    """The submission in force that holds the same file for the same domain and day with the very rows of these districts (of
    all that the sheet has)."""
    wanted = _rows_of(checked, checked.districts if taken is None else taken)
    stored = ", ".join(f'"{name}"' for name in wanted.column_names)
    for (submission,) in cursor.execute(
        "select submission::varchar from ledger where file_sha256 = ? and domain = ? and as_of = ? and state <> 'withdrawn' order by committed_at desc",
        [sha256, checked.domain.name, checked.as_of]).fetchall():
        cursor.register("wanted", wanted)
        differing = cursor.execute(f"""
            with held as (select {stored} from {rows_table(checked.domain)} where submission = $1 and district in (select district from wanted))
            select 1 from ((select * from wanted except all select * from held) union all (select * from held except all select * from wanted)) limit 1
            """, [submission]).fetchone()
        cursor.unregister("wanted")
        if differing is None:
            return submission
    return None


def _basis(cursor: duckdb.DuckDBPyConnection, checked: Checked) -> Basis:
    """Which submission is each district's picture on the sheet's day, now."""
    found = cursor.execute("select district, submission::varchar from picture([$day], $known_on, $scope) where domain = $domain", {
        "day": checked.as_of, "known_on": FOREVER, "scope": list(checked.districts), "domain": checked.domain.name})
    return dict(found.fetchall())


def _refuse_overtaken(cursor: duckdb.DuckDBPyConnection, staged: Staged, taken: Collection[str]) -> None:
    if staged.basis is None:
        return
    found = _basis(cursor, staged.checked)
    changed = {code for code in taken if found.get(code) != staged.basis.get(code)}
    if changed:
        raise Overtaken(sorted({found[code] for code in changed if code in found}))


def write_named(cursor: duckdb.DuckDBPyConnection, staged: Staged) -> None:
    """Writes down which districts a table of a file names: who may see the file depends on all of them, taken or not."""
    named = staged.checked.named
    cursor.execute("insert into named values (?, ?, ?, ?, ?, ?)", [
        staged.sha256, staged.checked.sheet, staged.checked.header_row, now(), sorted(named or ()), named is not None])


def _replacing(cursor: duckdb.DuckDBPyConnection, submission: str, checked: Checked) -> tuple[str, ...]:
    """The submissions that stand for districts of that one on its own day."""
    found = cursor.execute("""
        select distinct p.submission::varchar
        from picture([$day], $known_on, $scope) p
        where p.domain = $domain and p.submission::varchar <> $submission
        order by 1""", {"day": checked.as_of, "known_on": FOREVER, "scope": list(checked.districts), "domain": checked.domain.name, "submission": submission})
    return tuple(one for (one,) in found.fetchall())


def insert(
    cursor: duckdb.DuckDBPyConnection, staged: Staged, taken: Collection[str], *, by: str, note: str, at: datetime, is_example: bool = False,
    rehearsed: bool = False,
) -> str:
    """Writes a staged file's rows of these districts as a submission, with all that hangs on them; returns its id. Only what
    the figures ask for is written where it is `rehearsed`, for nobody keeps that."""
    checked, domain = staged.checked, staged.checked.domain
    rows = _rows_of(checked, taken)
    submission = new_id(cursor)
    cursor.execute(
        "insert into submissions by name select $1::uuid as submission, $2 as domain, $3::date as as_of, $4 as sender, $5 as note, "
        "$6 as file_sha256, $7 as file_name, $8 as sheet, $9 as row_count, $10 as is_example, $11::timestamp as committed_at",
        [submission, domain.name, checked.as_of, staged.sender, note, staged.sha256, staged.name, checked.sheet, rows.num_rows, is_example, at])
    write_event(cursor, submission, "committed", by=by, reason=note, at=at)
    cursor.register("staged_rows", rows)
    cursor.execute("insert into covered select distinct $1::uuid, district from staged_rows", [submission])
    cursor.execute(insert_figures(domain, "staged_rows"), {"submission": submission})
    if rehearsed:
        return submission
    cursor.execute(f"insert into {rows_table(domain)} by name select $1::uuid as submission, * from staged_rows", [submission])
    cursor.unregister("staged_rows")
    keep_file(cursor, staged.sha256, staged.content)
    write_named(cursor, staged)
    warned = [(submission, w.kind, w.sheet, w.row, w.column, w.value, w.message, list(w.holds or ("",)) if w.kind in COMPARED else None) for w in _warnings_of(staged, taken)]
    if warned:
        _insert_warnings(cursor, domain, submission, pd.DataFrame(warned, columns=["submission", "kind", "sheet", "row", "column", "value", "message", "tells_of"]))
    corrected = [(submission, one.row, one.column, one.district, one.original, one.corrected, one.reason, one.by or by) for one in checked.corrected if one.district in taken]
    _insert_frame(cursor, "corrections", corrected)
    return submission


def keep_file(cursor: duckdb.DuckDBPyConnection, sha256: str, content: bytes) -> None:
    """Stores a file as it came, once."""
    if not cursor.execute("select 1 from files where sha256 = ?", [sha256]).fetchone():
        cursor.execute("insert into files values (?, ?, ?)", [sha256, len(content), content])


def _rows_of(checked: Checked, districts: Collection[str]) -> pa.Table:
    rows = checked.rows
    return rows if set(checked.districts) <= set(districts) and not rows["district"].null_count else rows.filter(pc.is_in(rows["district"], pa.array(districts, pa.string())))


def _warnings_of(staged: Staged, districts: Collection[str]) -> tuple[Problem, ...]:
    """The warnings that go along with the rows of these districts, and those about the whole sheet."""
    return tuple(one for one in staged.problems if not one.blocks and (one.holds is None or not set(one.holds).isdisjoint(districts)))


def _rejected(staged: Staged, taken: Collection[str]) -> list[tuple[int, str | None, str, str]]:
    """The rows that are held back: row, district where it is known, the cells as they were sent, and the reasons."""
    rows = staged.checked.rows.select(["row", "district"])
    held = dict((row, code) for row, code in zip(rows["row"].to_pylist(), rows["district"].to_pylist()) if code not in taken)
    headings = {at: staged.layout.headings[name] for name, at in staged.layout.letters.items()}
    cells = staged.layout.sheet.cells
    sent = cells.filter(pc.is_in(cells["row"], pa.array(held, pa.int32()))).to_pylist()
    reasons: dict[str | int | None, list[str]] = {}
    for one in (one for one in staged.problems if one.blocks):
        reasons.setdefault(one.row if one.row in held else None, []).append(one.message)
    of_district: dict[str | None, list[str]] = {}
    for row, code in held.items():
        of_district.setdefault(code, []).extend(reasons.get(row, ()))
    return [
        (line["row"], held[line["row"]], json.dumps({heading: line[at] for at, heading in headings.items() if line[at] is not None}, ensure_ascii=False),
         " ".join(reasons.get(line["row"]) or [_BECAUSE_OF_OTHERS.format(first=next(iter(of_district[held[line["row"]]]), ""))]).strip())
        for line in sent]


_BECAUSE_OF_OTHERS = "Held back with the other rows of its district. {first}"


def _insert_rejected(cursor: duckdb.DuckDBPyConnection, submission: str, rejected: Sequence[tuple[Any, ...]]) -> None:
    _insert_frame(cursor, "rejected", [(submission, *one) for one in rejected])


def _insert_frame(cursor: duckdb.DuckDBPyConnection, table: str, lines: Sequence[tuple[Any, ...]]) -> None:
    if lines:
        cursor.register("lines_to_insert", pd.DataFrame(lines))
        cursor.execute(f"insert into {table} select * from lines_to_insert")
        cursor.unregister("lines_to_insert")


def _insert_warnings(cursor: duckdb.DuckDBPyConnection, domain: Domain, submission: str, warnings: pd.DataFrame) -> None:
    """Stores the warnings, each about a row with that row's district."""
    cursor.register("staged_warnings", warnings)
    cursor.execute(
        f"insert into warnings by name select w.*, r.district from staged_warnings w left join {rows_table(domain)} r on r.submission = $1 and r.row = w.row",
        [submission])
    cursor.unregister("staged_warnings")


def _current(store: Store, cursor: duckdb.DuckDBPyConnection, checked: Checked) -> Current:
    """What stands on the sheet's day, in the whole country: a check looks beyond what its sender may see. What of it they are told is
    the matter of `Staged.told_to`."""
    domain = checked.domain
    columns = ", ".join(f'r."{column.name}"' for column in domain.stored)
    asked: dict[str, Any] = {
        "day": checked.as_of, "known_on": FOREVER, "scope": list(checked.districts), "domain": domain.name}
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
