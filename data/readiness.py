"""The questions that pages, the command line and files may ask. Each takes the store and a scope, and answers for
nothing outside that scope.

Frames are small and shared: what was computed from one version of the store is kept until the next commit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

import duckdb
import pandas as pd
import pyarrow as pa

from data.disagreements import disputed
from data.migrations import rows_table, sql_type
from data.places import Level
from data.scope import Scope
from data.store import FOREVER, SQL, Store

FIGURE_COLUMNS = ("place_code", "place", "level", "domain", "indicator", "done", "required", "share", "expected",
                  "status", "as_of", "reporting", "districts", "disputed")
_FIGURES = (SQL / "figures.sql").read_text(encoding="utf-8")


def figures(
    store: Store, scope: Scope, level: Level, *, days: Sequence[date], place: str | None = None,
    domain: str | None = None, known_on: datetime | None = None,
) -> pd.DataFrame:
    """Done, required, share, expected and status of each place of a level that lies wholly in scope.

    One row per day, place, domain and indicator; the indicator 'all' is a domain's weighted share, and domain and
    indicator 'all' a place's. Shares are fractions; done and required are counts, empty for 'all' and for what was
    not reported. Columns: `day`, those of FIGURE_COLUMNS, of which `disputed` is how many unsettled disagreements touch it, told of the last
    of the days, and `fresh`, the districts whose report is lately enough.
    """
    question = ("figures", scope, level, tuple(days), place, domain, known_on)
    asked = _asked_figures(store, scope, level, days, place, domain, known_on)
    return store.remember(question, lambda: _with_disputed(store.ask(_FIGURES, asked), disputed(store, scope, max(days), known_on), max(days))).copy(deep=False)


def _with_disputed(frame: pd.DataFrame, counted: Mapping[tuple[str, str, str], int], last: date) -> pd.DataFrame:
    frame["disputed"] = 0
    if counted:
        of_day = frame[frame["day"] == pd.Timestamp(last)]
        frame.loc[of_day.index, "disputed"] = [counted.get(key, 0) for key in zip(of_day["place_code"], of_day["domain"], of_day["indicator"])]
    return frame


class Line(NamedTuple):
    """One line of the figures, in plain values: what `figures` has in a row; and, on the last of the days that were asked for, how many
    unsettled disagreements touch it."""

    day: date
    place_code: str
    place: str
    level: str
    domain: str
    indicator: str
    done: int | None
    required: int | None
    share: float | None
    expected: float
    status: str
    as_of: date | None
    reporting: int
    districts: int
    fresh: int
    disputed: int = 0

    @property
    def gap(self) -> float:
        """How far the share lies below the plan's line; 0 where nothing is known."""
        return 0.0 if self.share is None else self.expected - self.share


def lines(
    store: Store, scope: Scope, level: Level, *, days: Sequence[date], place: str | None = None, domain: str | None = None,
    known_on: datetime | None = None,
) -> tuple[Line, ...]:
    """The rows of `figures`, from the same query, as plain values: lighter where a page only reads them."""
    question = ("lines", scope, level, tuple(days), place, domain, known_on)
    asked = _asked_figures(store, scope, level, days, place, domain, known_on)
    return store.remember(question, lambda: tuple(_told(store, scope, asked, max(days), known_on)))


def _told(store: Store, scope: Scope, asked: dict[str, Any], last: date, known_on: datetime | None) -> Iterator[Line]:
    counted = disputed(store, scope, last, known_on)
    for line in (Line(*row) for row in store.ask_rows(_FIGURES, asked)):
        number = counted.get((line.place_code, line.domain, line.indicator), 0) if line.day == last else 0
        yield line._replace(disputed=number) if number else line


def lines_within(
    cursor: duckdb.DuckDBPyConnection, store: Store, scope: Scope, level: Level, *, on: date, behind: float | None = None,
) -> tuple[Line, ...]:
    """The same of one day, as an open transaction sees them: for what would be if it were committed, or `behind` were another share. Of
    disagreements they say nothing."""
    asked = _asked_figures(store, scope, level, (on,), None, None, None) | ({} if behind is None else {"behind": behind})
    return tuple(Line(*row) for row in cursor.execute(_FIGURES, asked).fetchall())


def _asked_figures(
    store: Store, scope: Scope, level: Level, days: Sequence[date], place: str | None, domain: str | None, known_on: datetime | None,
) -> dict[str, Any]:
    return {"days": list(days), "known_on": known_on or FOREVER, "scope": scope.codes, "level": level, "place": place,
            "domain": domain, "behind": store.election.behind}


def tally(
    store: Store, scope: Scope, domain: str, *, place: str, days: Sequence[date], by: Sequence[str] = (),
    sums: Sequence[str] = (), given: str | None = None, known_on: datetime | None = None,
) -> pd.DataFrame:
    """The rows behind a domain's picture, counted and summed by columns of the sheet or by `province`.

    One row per day and combination of `by`: the columns of `by`, `rows` and one column per sum. Rows that say NIL
    are not counted; with `given`, only rows in which that column is filled are. Rows of a province are those in scope,
    which need not be all of it. Columns are those that the domain declares; others are refused with KeyError.
    """
    declared = store.election.domain(domain)
    stored = {column.name for column in declared.stored} | {"province"}
    if not stored.issuperset(asked_for := {*by, *sums, *([given] if given else ())}):
        raise KeyError(f"{domain} stores no column {min(asked_for - stored)}")
    groups = "".join(f', {"d.place" if name == "province" else _row_column(name)} as "{name}"' for name in by)
    added = "".join(f', sum(r."{name}")::{sql_type(declared.column(name))} as "{name}"' for name in sums)
    listed = f"""and r."{declared.nil}" <> 'NIL'""" if declared.nil else ""
    filled = f' and r."{given}" is not null' if given else ""
    question = ("tally", scope, domain, place, tuple(days), tuple(by), tuple(sums), given, known_on)
    return store.remember(question, lambda: store.ask(f"""
        select p.day{groups}, count(*) as rows{added}
        from picture($days, $known_on, $scope) p
        join {rows_table(declared)} r using (submission, district)
        join plan.districts d on d.district = p.district
        join plan.places l on l.place = d.place and l.level = 'province'
        join plan.districts asked on asked.district = p.district and asked.place = $place
        where p.domain = $domain {listed}{filled}
        group by all
        order by all
        """, {"days": list(days), "known_on": known_on or FOREVER, "scope": scope.codes, "place": place, "domain": domain})).copy(deep=False)


def _row_column(name: str) -> str:
    return f'r."{name}"'


def rows(
    store: Store, scope: Scope, domain: str, *, place: str, on: date, known_on: datetime | None = None,
    without: Mapping[str, Sequence[str]] = MappingProxyType({}), order: Sequence[str] = (), most: int | None = None,
) -> pd.DataFrame:
    """The very rows behind a place's picture of a domain on a day, as submitted.

    Columns: those that the domain stores, then `row` (the sheet's own number), `submission` and `as_of`. `without` names
    values that leave a row out, by column; `order` the columns to sort by, empty ones last, before district and row;
    `most` how many rows are wanted. A page that shows a country asks for few: there may be a million.
    """
    declared = store.election.domain(domain)
    for name in (*without, *order):
        declared.column(name)
    columns = ", ".join(_row_column(column.name) for column in declared.stored)
    left_out = "".join(f" and coalesce(not list_contains($without_{name}, {_row_column(name)}), true)" for name in without)
    first = "".join(f"{_row_column(name)} nulls last, " for name in order)
    asked = {"day": on, "known_on": known_on or FOREVER, "scope": scope.codes, "place": place, "domain": domain, "most": most}
    asked |= {f"without_{name}": list(values) for name, values in without.items()}

    def answer() -> pd.DataFrame:
        return store.ask(f"""
            select {columns}, r.row, p.submission::varchar as submission, p.as_of
            from picture([$day], $known_on, $scope) p
            join {rows_table(declared)} r using (submission, district)
            join plan.districts asked on asked.district = p.district and asked.place = $place
            where p.domain = $domain{left_out}
            order by {first}p.district, r.row
            limit $most
            """, asked)

    if most is None:
        return answer()
    question = ("rows", scope, domain, place, on, known_on, tuple((name, tuple(values)) for name, values in without.items()), tuple(order), most)
    return store.remember(question, answer).copy(deep=False)


def sources(store: Store, scope: Scope, *, place: str, on: date, known_on: datetime | None = None) -> pd.DataFrame:
    """The submissions behind a place's picture on a day: one row per domain and submission, newest first.

    Columns: domain, submission, as_of, sender, committed_at (UTC), districts (of the place, that it is the picture of),
    wholly (whether all of its districts lie in scope) and, only where they do, file_name, file_sha256, row_count, warnings.
    """
    return store.ask("""
        select
            s.domain, s.submission::varchar as submission, s.as_of, s.sender, s.committed_at, count(*) as districts,
            w.submission is not null as wholly,
            case when wholly then s.file_name end as file_name,
            case when wholly then s.file_sha256 end as file_sha256,
            case when wholly then s.row_count end as row_count,
            case when wholly then (select count(*) from told_warnings($scope) t where t.submission = s.submission) end as warnings,
        from picture([$day], $known_on, $scope) p
        join ledger s using (submission)
        left join wholly_visible($scope, $own, $theirs) w using (submission)
        join plan.districts asked on asked.district = p.district and asked.place = $place
        group by all
        order by s.domain, s.as_of desc, s.committed_at desc
        """, scope.of_files | {"day": on, "known_on": known_on or FOREVER, "place": place})


def accepted_warnings(
    store: Store, scope: Scope, *, place: str, on: date, domains: Sequence[str], known_on: datetime | None = None,
) -> pd.DataFrame:
    """The warnings with which a place's picture on a day was accepted: those about rows of its districts, and those about a
    whole sheet. Only of submissions of which all districts lie in scope: a warning may tell of others.

    Columns: domain, submission, sheet, row, column, kind, message, in the order of the sheets.
    """
    asked = scope.of_files | {"day": on, "known_on": known_on or FOREVER, "place": place, "domains": list(domains)}
    question = ("accepted_warnings", scope, place, on, tuple(domains), known_on)
    return store.remember(question, lambda: store.ask("""
        select distinct p.domain, w.submission::varchar as submission, w.sheet, w.row, w."column", w.kind, w.message
        from picture([$day], $known_on, $scope) p
        join wholly_visible($scope, $own, $theirs) using (submission)
        join plan.districts asked on asked.district = p.district and asked.place = $place
        join told_warnings($scope) w on w.submission = p.submission and (w.district is null or w.district = p.district)
        where list_contains($domains, p.domain)
        order by all
        """, asked)).copy(deep=False)


def history(store: Store, scope: Scope, *, domain: str | None = None, place: str | None = None) -> pd.DataFrame:
    """Every submission of which a district lies in scope, or that the scope's `own` handed in, newest first, withdrawn ones too.

    Columns: submission, domain, as_of, sender, is_example, committed_at (UTC), state, state_since, state_by, reason, wholly
    (whether all of its districts lie in scope, or it is `own`) and, only where they do, note, file_name, file_sha256, sheet, row_count,
    districts, warnings.
    """
    return store.remember(("history", scope, domain, place), lambda: store.ask("""
        select
            l.submission::varchar as submission, domain, as_of, sender, is_example, committed_at, state, state_since, state_by, reason,
            w.submission is not null as wholly,
            case when wholly then note end as note,
            case when wholly then file_name end as file_name,
            case when wholly then file_sha256 end as file_sha256,
            case when wholly then sheet end as sheet,
            case when wholly then row_count end as row_count,
            case when wholly then districts end as districts,
            case when wholly then (select count(*) from told_warnings($scope) t where t.submission = l.submission) end as warnings,
        from ledger l
        left join wholly_visible($scope, $own, $theirs) w on w.submission = l.submission
        where ($domain is null or domain = $domain) and l.submission in (
            select c.submission
            from covered c
            join plan.districts d on d.district = c.district and d.place = coalesce($place, d.place)
            where c.district in (select district from plan.visible($scope)) or c.submission in (select submission from handed_in($own, $theirs)))
        order by committed_at desc, l.submission desc
        """, scope.of_files | {"domain": domain, "place": place})).copy(deep=False)


def file_of(store: Store, scope: Scope, submission: str) -> tuple[str, bytes] | None:
    """The name and the bytes of the file as it was sent; None where the submission is not to be seen as a whole."""
    found = store.ask("""
        select s.file_name, f.content
        from submissions s
        join files f on f.sha256 = s.file_sha256
        where s.submission::varchar = $submission
            and s.submission in (select submission from wholly_visible($scope, $own, $theirs))
        """, scope.of_files | {"submission": submission})
    return None if found.empty else (found["file_name"].iloc[0], bytes(found["content"].iloc[0]))


def moments(store: Store, scope: Scope, submission: str) -> tuple[datetime, datetime]:
    """The time just before a submission was committed, and that of its commit (UTC). KeyError if there is none of that id of
    which any district lies in scope, or that the scope's `own` handed in."""
    found = store.ask_rows("""
        select committed_at from submissions s where submission::varchar = $submission
            and (exists (select 1 from covered c where c.submission = s.submission and list_contains($scope, c.district))
                or s.submission in (select submission from handed_in($own, $theirs)))""",
        scope.of_files | {"submission": submission})
    if not found:
        raise KeyError(submission)
    return found[0][0] - timedelta(microseconds=1), found[0][0]


def rows_of(store: Store, scope: Scope, domain: str, submission: str) -> pa.Table:
    """The rows of a submission as they were taken in: `row`, then the domain's stored columns. None where it is not to be seen as a
    whole: where a district of it lies outside the scope, unless the scope's `own` handed it in."""
    declared = store.election.domain(domain)
    columns = ", ".join(_row_column(column.name) for column in declared.stored)
    return store.ask_arrow(f"""
        select r.row, {columns} from {rows_table(declared)} r
        where r.submission::varchar = $submission and r.submission in (select submission from wholly_visible($scope, $own, $theirs))
        order by r.row""", scope.of_files | {"submission": submission})


def rows_before(store: Store, scope: Scope, domain: str, submission: str) -> pa.Table:
    """The rows that stood for a submission's districts, as far as they lie in scope, on its day just before it was committed: the
    domain's stored columns. None where the submission is not to be seen as a whole."""
    declared = store.election.domain(domain)
    columns = ", ".join(_row_column(column.name) for column in declared.stored)
    found = store.ask_rows("""
        select s.as_of, (select list(c.district) from covered c where c.submission = s.submission) from submissions s
        where s.submission::varchar = $submission and s.submission in (select submission from wholly_visible($scope, $own, $theirs))""",
        scope.of_files | {"submission": submission})
    day, districts = found[0] if found else (None, [])
    return store.ask_arrow(f"""
        select {columns} from picture([$day::date], $known_on, $scope) p join {rows_table(declared)} r using (submission, district)
        where p.domain = $domain""", {"day": day, "known_on": moments(store, scope, submission)[0], "scope": sorted(scope.districts.intersection(districts)), "domain": domain})


def warnings_of(store: Store, scope: Scope, submission: str) -> pd.DataFrame:
    """The warnings with which a submission was accepted: sheet, row, column, value, message; of those that tell what stood before, the
    ones about districts in scope. None where the submission is not to be seen as a whole."""
    return store.ask("""
        select sheet, row, "column", value, message from told_warnings($scope)
        where submission::varchar = $submission and submission in (select submission from wholly_visible($scope, $own, $theirs))
        order by row nulls first, "column" """, scope.of_files | {"submission": submission})


def events_of(store: Store, scope: Scope, submission: str) -> pd.DataFrame:
    """What was done to a submission, in order: done_at (UTC), kind, done_by, reason. None where no district of it lies in scope, unless
    the scope's `own` handed it in."""
    return store.ask("""
        select done_at, kind, done_by, reason from events
        where submission::varchar = $submission and submission in (
            select c.submission from covered c join plan.visible($scope) v using (district) union select submission from handed_in($own, $theirs))
        order by done_at""", scope.of_files | {"submission": submission})


def reports(store: Store, scope: Scope, *, place: str) -> list[date]:
    """The days of which a place has reports that count, earliest first."""
    found = store.ask("""
        select distinct s.as_of
        from submissions s
        join in_force f using (submission)
        join covered c using (submission)
        join plan.visible($scope) v using (district)
        join plan.districts d on d.district = c.district and d.place = $place
        where f.until = timestamp 'infinity'
        order by s.as_of
        """, {"scope": scope.codes, "place": place})
    return [day.date() for day in found["as_of"]]
