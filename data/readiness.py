"""The questions that pages, the command line and files may ask. Each takes the store and a scope, and answers for
nothing outside that scope.

Frames are small and shared: what was computed from one version of the store is kept until the next commit.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import accumulate, repeat
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

import duckdb
import pandas as pd
import pyarrow as pa
from pyarrow.compute import is_in

from data.declare import Domain
from data.disagreements import disputed
from data.migrations import rows_table, sql_type
from data.picture import beside, lay_beside, picture
from data.places import Level
from data.scope import Scope
from data.store import FOREVER, SQL, Store

FIGURE_COLUMNS = ("place_code", "place", "level", "domain", "indicator", "done", "required", "share", "expected",
                  "status", "as_of", "reporting", "districts", "disputed")
# Those of the country and its provinces are few, and who asks for one soon asks for the other.
_TOGETHER: Mapping[Level, tuple[Level, ...]] = {"national": ("national", "province"), "province": ("national", "province"), "district": ("district",)}
Cut = TypeVar("Cut", bound=Hashable)
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
    asked = _asked_figures(store, scope, (level,), days, place, domain, known_on)
    return store.remember(question, lambda: _with_disputed(store.ask(_FIGURES, asked, beside(store, known_on)), disputed(store, scope, max(days), known_on), max(days))).copy(deep=False)


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
    store: Store, scope: Scope, level: Level, *, days: Sequence[date], place: str | None = None, within: str | None = None,
    domain: str | None = None, known_on: datetime | None = None,
) -> tuple[Line, ...]:
    """The rows of `figures`, from the same query, as plain values: lighter where a page only reads them. `within` names a place: only of
    those that lie in it.

    What is told of a place is the same for whoever sees the whole of it. So the database is asked once for all places, and of its answer
    only what the scope covers is told.
    """
    places, asked, last = store.election.places, sorted(set(days)), max(days)
    levels = _TOGETHER[level]
    of_days = store.remember_each([("figures of", levels, day, known_on) for day in asked], lambda missing: _of_days(store, levels, [day for _, _, day, _ in missing], known_on))
    told = scope.covered(places) & places.summed_at(level) & ({place} if place is not None else places.inside(within or places.country.code))
    found = [line for of_day in of_days for line in of_day.lines(told, domain)]
    counted = disputed(store, scope, last, known_on)
    if counted:
        found = [line._replace(disputed=number) if line.day == last and (number := counted.get((line.place_code, line.domain, line.indicator))) else line for line in found]
    return tuple(found)


class _OfDay:
    """The figures of one day, column by column, and where in them those of each place stand. Numbers are held as they are, everything else
    as numbers of a few values: so what is taken out of them is made into plain values quickly."""

    def __init__(self, columns: Sequence[pa.Array]) -> None:
        places, domains = columns[1].to_pylist(), columns[4].to_pylist()
        self._where, self._of_domain = _parts(places), _parts(list(zip(places, domains)))
        self._columns = [_plain(column) for column in columns]

    def lines(self, places: Collection[str], domain: str | None) -> Iterator[Line]:
        """Those of these places, and of a domain, if one is named."""
        if domain is not None and len(places) == 1:
            code, = places
            parts = [self._of_domain[code, domain]] if (code, domain) in self._of_domain else []
        else:
            parts = _joined(self._where[code] for code in places if code in self._where)
        for part in parts:
            rows = zip(*(taken(part) for taken in self._columns), repeat(0))
            yield from map(Line._make, rows if domain is None else (row for row in rows if row[4] == domain))


def _parts(told: Sequence[Cut]) -> dict[Cut, slice]:
    """Where each value stands in a column that has the same ones together."""
    begins = [number for number, one in enumerate(told) if number == 0 or one != told[number - 1]]
    return {told[begin]: slice(begin, end) for begin, end in zip(begins, [*begins[1:], len(told)])}


def _joined(parts: Iterable[slice]) -> list[slice]:
    """The parts of a column in their order, those that follow each other as one: to take many small ones takes longer than what is in them."""
    found: list[slice] = []
    for part in sorted(parts, key=lambda part: part.start):
        if found and found[-1].stop == part.start:
            found[-1] = slice(found[-1].start, part.stop)
        else:
            found.append(part)
    return found


def _plain(column: pa.Array) -> Callable[[slice], list[Any]]:
    """How a part of a column is taken, as plain values."""
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        nothing = None if not column.null_count else -1  # counts and shares are none below zero
        numbers = (column if nothing is None else column.fill_null(nothing)).to_numpy()
        return (lambda part: numbers[part].tolist()) if nothing is None else (lambda part: [None if number < 0 else number for number in numbers[part].tolist()])
    encoded = column.dictionary_encode()
    values, codes = [*encoded.dictionary.to_pylist(), None], encoded.indices.fill_null(-1).to_numpy()
    return lambda part: [values[code] for code in codes[part].tolist()]


def _of_days(store: Store, levels: Sequence[Level], days: Sequence[date], known_on: datetime | None) -> list[_OfDay]:
    """The figures of all places of these levels on each of these days, in one question: to plan a question takes longer than to answer it."""
    everything = Scope.everything(store.election.places)
    told = store.ask_arrow(_FIGURES, _asked_figures(store, everything, levels, days, None, None, known_on), beside(store, known_on))
    columns = [column.chunk(0) if column.num_chunks else pa.array([], column.type) for column in told.columns]
    counted = {one["values"]: one["counts"] for one in columns[0].value_counts().to_pylist()}
    ends = list(accumulate(counted.get(day, 0) for day in days))
    return [_OfDay([column.slice(begin, end - begin) for column in columns]) for begin, end in zip([0, *ends], ends)]


def lines_within(
    cursor: duckdb.DuckDBPyConnection, store: Store, scope: Scope, levels: Sequence[Level], *, on: date, behind: float | None = None,
) -> tuple[Line, ...]:
    """The same of one day and several levels, the widest first, as an open transaction sees them: for what would be if it were committed, or
    `behind` were another share. Of disagreements they say nothing."""
    asked = _asked_figures(store, scope, levels, (on,), None, None, None) | ({} if behind is None else {"behind": behind})
    lay_beside(cursor, scope)
    return tuple(Line(*row) for row in cursor.execute(_FIGURES, asked).fetchall())


def _asked_figures(
    store: Store, scope: Scope, levels: Sequence[Level], days: Sequence[date], place: str | None, domain: str | None, known_on: datetime | None,
) -> dict[str, Any]:
    return {"days": list(days), "known_on": known_on or FOREVER, "scope": scope.codes, "levels": list(levels), "place": place,
            "domain": domain, "behind": store.election.behind}


def tally(
    store: Store, scope: Scope, domain: str, *, place: str, days: Sequence[date], by: Sequence[str] = (),
    sums: Sequence[str] = (), given: str | None = None, known_on: datetime | None = None,
) -> pd.DataFrame:
    """The rows behind a domain's picture, counted and summed by columns of the sheet or by `province`.

    One row per day and combination of `by`: the columns of `by`, `rows` and one column per sum. Rows that say NIL
    are not counted; with `given`, only rows in which that column is filled are. Rows of a province are those in scope,
    which need not be all of it: the database counts those of every district apart, and of these only what lies in scope is added up. Columns are those that the domain declares; others are refused with KeyError.
    """
    told = _tallied(store, scope, domain, place, days, by, sums, given, known_on)
    return pd.DataFrame({field.name: _series(column.to_pylist(), field.type) for field, column in zip(told.schema, told.columns)})


def counted(
    store: Store, scope: Scope, domain: str, *, place: str, days: Sequence[date], by: Sequence[str] = (),
    sums: Sequence[str] = (), given: str | None = None, known_on: datetime | None = None,
) -> tuple[dict[str, Any], ...]:
    """The rows of `tally`, from the same question and in the same order, as plain values by column: lighter where a page only reads
    them. `day` is a date; what is empty is None."""
    return tuple(_tallied(store, scope, domain, place, days, by, sums, given, known_on).to_pylist())


def _tallied(
    store: Store, scope: Scope, domain: str, place: str, days: Sequence[date], by: Sequence[str], sums: Sequence[str], given: str | None, known_on: datetime | None,
) -> pa.Table:
    """What `tally` and `counted` tell, of what lies both in scope and in the place."""
    declared = store.election.domain(domain)
    stored = {column.name for column in declared.stored} | {"province"}
    if not stored.issuperset(asked_for := {*by, *sums, *([given] if given else ())}):
        raise KeyError(f"{domain} stores no column {min(asked_for - stored)}")
    groups = "".join(f', {"d.place" if name == "province" else _row_column(name)} as "{name}"' for name in by)
    added = "".join(f', sum(r."{name}")::{sql_type(declared.column(name))} as "{name}"' for name in sums)
    listed = f"""and r."{declared.nil}" <> 'NIL'""" if declared.nil else ""
    filled = f' and r."{given}" is not null' if given else ""
    question = ("tally", domain, tuple(days), tuple(by), tuple(sums), given, known_on)
    asked = _of_everything(store) | {"days": list(days), "domain": domain}
    of_districts = store.remember(question, lambda: _Tally(store.ask_arrow(f"""
        select r.district as counted_of, p.day{groups}, count(*) as rows{added}
        from known_picture($days, $scope) p
        join {rows_table(declared)} r using (submission, district)
        join plan.districts d on d.district = p.district
        join plan.places l on l.place = d.place and l.level = 'province'
        where p.domain = $domain {listed}{filled}
        group by all
        """, asked, beside(store, known_on)), 1 + len(by)))
    return of_districts.of(scope.districts & store.election.places.inside(place))


class _Tally:
    """Rows counted and summed by district and other columns, added up for a place when it is asked for. The `keys` are what is counted by."""

    def __init__(self, table: pa.Table, keys: int) -> None:
        self._keys, self._sums = table.column_names[1:1 + keys], table.column_names[1 + keys:]
        self._table = table.sort_by([(name, "ascending") for name in table.column_names[:1 + keys]])  # nulls last
        self._where = _parts(self._table.column(0).to_pylist())

    def of(self, districts: Collection[str]) -> pa.Table:
        """The sums over those districts, in the order of the keys, what is empty last. A sum of nothing is empty."""
        if len(districts) == 1:  # it was counted by itself
            part = self._where.get(next(iter(districts)), slice(0, 0))
            return self._table[part].select([*self._keys, *self._sums])
        own = self._table.filter(is_in(self._table.column(0), pa.array(districts, pa.string())))
        added = own.group_by(self._keys, use_threads=False).aggregate([(name, "sum") for name in self._sums])
        return added.rename_columns([*self._keys, *self._sums]).sort_by([(name, "ascending") for name in self._keys])  # nulls last


def _series(values: Sequence[Any], kind: pa.DataType) -> pd.Series:
    """Values in the types in which the database gives a frame."""
    if pa.types.is_date(kind):
        return pd.Series(values, dtype="datetime64[us]")
    if pa.types.is_integer(kind):
        return pd.Series(values, dtype="Int64" if None in values else "int64")
    return pd.Series(values, dtype="float64" if pa.types.is_floating(kind) or pa.types.is_decimal(kind) else "str")


def _row_column(name: str) -> str:
    return f'r."{name}"'


def rows(
    store: Store, scope: Scope, domain: str, *, place: str, on: date, known_on: datetime | None = None, most: int | None = None,
) -> pd.DataFrame:
    """The very rows behind a place's picture of a domain on a day, as submitted, by district and row.

    Columns: those that the domain stores, then `row` (the sheet's own number), `submission` and `as_of`. `most` is how many rows are wanted.
    """
    declared = store.election.domain(domain)
    pictured, inside = picture(store, domain, on, known_on), scope.districts & store.election.places.inside(place)
    if declared.nil:  # a list: there may be a million rows
        return store.ask(*_rows_question(declared, _of_districts(pictured, inside), most=most))
    every = store.remember(("rows of all", domain, on, known_on), lambda: _Told(
        store.ask(*_rows_question(declared, pictured)).assign(about=lambda frame: [(district,) for district in frame["district"]])))
    found = every.rows(every.about(inside))
    return found if most is None else found.head(most)


def listed(
    store: Store, scope: Scope, domain: str, names: Sequence[str], *, place: str, on: date, known_on: datetime | None = None,
    without: Mapping[str, Sequence[str]] = MappingProxyType({}), order: Sequence[str] = (), most: int | None = None,
) -> dict[str, list[Any]]:
    """These columns of the rows behind a place's picture, as lists of plain values by name.

    `without` names values that leave a row out, by column; `order` the columns to sort by, empty ones last, before district and row;
    `most` how many rows are wanted. A page that shows a country asks for few: there may be a million.
    """
    declared = store.election.domain(domain)
    for name in (*names, *without, *order):
        declared.column(name)
    inside = scope.districts & store.election.places.inside(place)
    own = _of_districts(picture(store, domain, on, known_on), inside)
    found = store.ask_arrow(*_rows_question(declared, own, names, without, order, most))
    return {name: column.to_pylist() for name, column in zip(names, found.columns)}


def _of_districts(pictured: Mapping[str, tuple[str, date]], districts: Set[str]) -> dict[str, tuple[str, date]]:
    return {district: of for district, of in pictured.items() if district in districts}


def _rows_question(
    declared: Domain, pictured: Mapping[str, tuple[str, date]], names: Sequence[str] = (), without: Mapping[str, Sequence[str]] = MappingProxyType({}), order: Sequence[str] = (), most: int | None = None,
) -> tuple[str, dict[str, Any]]:
    """Asks for columns of the rows of the submissions that are the picture of these districts, by name; for all, if none is named."""
    every = (*(column.name for column in declared.stored), "row")
    columns = ", ".join(map(_row_column, names)) or ", ".join((*map(_row_column, every), "p.submission::varchar as submission", "p.as_of"))
    left_out = "".join(f" and coalesce(not list_contains($without_{name}, {_row_column(name)}), true)" for name in without)
    first = "".join(f"{_row_column(name)} nulls last, " for name in order)
    asked: dict[str, Any] = {"districts": list(pictured), "submissions": [submission for submission, _ in pictured.values()], "days": [day for _, day in pictured.values()]}
    asked |= {f"without_{name}": list(values) for name, values in without.items()} | ({} if most is None else {"most": most})
    return f"""
        select {columns}
        from (select unnest($districts::varchar[]) as district, unnest($submissions::uuid[]) as submission, unnest($days::timestamp[]) as as_of) p
        join {rows_table(declared)} r on r.district = p.district and r.submission = p.submission
        where true{left_out}
        order by {first}p.district, r.row {"" if most is None else "limit $most"}
        """, asked


def sources(store: Store, scope: Scope, *, place: str, on: date, known_on: datetime | None = None) -> pd.DataFrame:
    """The submissions behind a place's picture on a day: one row per domain and submission, newest first.

    Columns: domain, submission, as_of, sender, committed_at (UTC), districts (of the place, that it is the picture of),
    wholly (whether all of its districts lie in scope) and, only where they do, file_name, file_sha256, row_count, warnings.
    """
    told = store.remember(("sources", on, known_on), lambda: _Told(store.ask("""
        select s.domain, s.submission::varchar as submission, s.as_of, s.sender, s.committed_at, 0 as districts, true as wholly,
            s.file_name, s.file_sha256, s.row_count, 0 as warnings, list(p.district) as about
        from known_picture([$day], $scope) p join submissions s using (submission)
        group by all
        order by s.domain, s.as_of desc, s.committed_at desc
        """, _of_everything(store) | {"day": on}, beside(store, known_on))))
    counts = told.about(scope.districts & store.election.places.inside(place))
    found = _with_files(told.rows(counts), _files_seen(store, scope), ("file_name", "file_sha256", "row_count"))
    found["districts"] = list(counts.values())
    return found


class _Told:
    """Rows that tell of districts, in the column `about`: cut to those of some districts when they are asked for. What they are `judged_by`
    is at hand as plain values; `tells_of`, where it is among them, is no column of the rows."""

    def __init__(self, frame: pd.DataFrame, *judged_by: str) -> None:
        self._about, self._rows_of = [frozenset(districts) for districts in frame["about"]], defaultdict[str, list[int]](list)
        self._frame = _with_plain_texts(frame.drop(columns=["about", "tells_of"], errors="ignore"))
        self._judged_by = {name: frame[name].to_list() for name in judged_by}
        for number, districts in enumerate(self._about):
            for district in districts:
                self._rows_of[district].append(number)

    def about(self, districts: Set[str]) -> dict[int, int]:
        """The numbers of the rows that tell of any of these, in their order, with how many of these each tells of."""
        if self._rows_of.keys() <= districts:  # whoever sees the country asks most
            return {number: len(about) for number, about in enumerate(self._about) if about}
        return dict(sorted(Counter(number for district in districts for number in self._rows_of.get(district, ())).items()))

    def about_of(self, number: int) -> frozenset[str]:
        """The districts of which a row tells."""
        return self._about[number]

    def judged_by(self, numbers: Iterable[int]) -> Iterator[tuple[Any, ...]]:
        """The rows with these numbers: number, then what they are judged by."""
        return ((number, *(values[number] for values in self._judged_by.values())) for number in numbers)

    def rows(self, numbers: Collection[int]) -> pd.DataFrame:
        """The rows with these numbers, without what they tell of."""
        if len(numbers) in (0, len(self._frame)):
            return self._frame[:len(numbers)].copy(deep=False)
        return self._frame.take(list(numbers)).reset_index(drop=True)


def _with_plain_texts(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with its texts as Python's own. Whatever is done with a column of Arrow's lets go of the interpreter, and before many people
    each time waits for it anew: that was a quarter of the time that a page took to be drawn."""
    return frame.astype({name: object for name, kind in frame.dtypes.items() if kind == "str"})


@dataclass(frozen=True)
class _Files:
    """What of the files may be told to who sees some districts: the `warnings` that may be, by submission of which the whole may, and the
    submissions that are theirs by their `own` name though they cover districts beyond."""

    warnings: Mapping[str, int]
    own: frozenset[str]


def _files_seen(store: Store, scope: Scope) -> _Files:
    seen = sharing(store, scope)

    def answer() -> _Files:
        told = store.ask_rows("""
            select w.submission::varchar, (select count(*) from told_warnings($scope) t where t.submission = w.submission), h.submission is not null
            from wholly_visible($scope, $own, $theirs) w left join handed_in($own, $theirs) h using (submission)""", seen.of_files)
        return _Files({submission: warnings for submission, warnings, _ in told}, frozenset(submission for submission, _, is_own in told if is_own))

    return store.remember(("files", seen), answer)


def wholly_seen(store: Store, scope: Scope) -> Collection[str]:
    """The submissions of which the whole may be seen, by id."""
    return _files_seen(store, scope).warnings.keys()


def sharing(store: Store, scope: Scope) -> Scope:
    """The scope without the name of one under which nothing was handed in, who sees of files what all see who see the same districts:
    so that what is kept is kept once for all of them."""
    senders = store.remember("senders", lambda: frozenset(name for name, in store.ask_rows("select distinct done_by from events where kind = 'committed'", {})))
    return scope if scope.own in senders else replace(scope, own="", submits=frozenset())


def _of_everything(store: Store) -> dict[str, Any]:
    return {"scope": Scope.everything(store.election.places).codes}


def _with_files(found: pd.DataFrame, files: _Files, about_files: Sequence[str]) -> pd.DataFrame:
    """The rows with whether the whole of their submission may be seen and, only where it may, with what tells of its file, and its warnings."""
    wholly = [submission in files.warnings for submission in found["submission"]]
    for name in () if all(wholly) else about_files:
        found[name] = found[name].astype(object).where(wholly, None)
    found["wholly"] = wholly
    found["warnings"] = pd.Series([files.warnings.get(submission) for submission in found["submission"]], dtype="int64" if all(wholly) else object)
    return found


def accepted_warnings(
    store: Store, scope: Scope, *, place: str, on: date, domains: Sequence[str], known_on: datetime | None = None,
) -> pd.DataFrame:
    """The warnings with which a place's picture on a day was accepted: those about rows of its districts, and those about a
    whole sheet. Only of submissions of which all districts lie in scope: a warning may tell of others.

    Columns: domain, submission, sheet, row, column, kind, message, in the order of the sheets.
    """
    told = store.remember(("accepted_warnings", on, known_on), lambda: _Told(store.ask("""
        select p.domain, w.submission::varchar as submission, w.sheet, w.row, w."column", w.kind, w.message, coalesce(w.tells_of, []) as tells_of, list(p.district) as about
        from known_picture([$day], $scope) p
        join warnings w on w.submission = p.submission and (w.district is null or w.district = p.district)
        group by all
        order by all
        """, _of_everything(store) | {"day": on}, beside(store, known_on)), "domain", "submission", "tells_of"))
    seen = _files_seen(store, scope).warnings
    places = store.election.places
    about, sees_all = told.about(scope.districts & places.inside(place)), scope.covers(places, places.country.code)
    return told.rows([number for number, domain, submission, tells_of in told.judged_by(about)
                      if domain in domains and submission in seen and (sees_all or scope.districts.issuperset(tells_of))])


def history(store: Store, scope: Scope, *, domain: str | None = None, place: str | None = None) -> pd.DataFrame:
    """Every submission of which a district lies in scope, or that the scope's `own` handed in, newest first, withdrawn ones too.

    Columns: submission, domain, as_of, sender, is_example, committed_at (UTC), state, state_since, state_by, reason, wholly
    (whether all of its districts lie in scope, or it is `own`) and, only where they do, note, file_name, file_sha256, sheet, row_count,
    districts, warnings.
    """
    told = _history(store, "")
    found, about_files = told.rows(_handed_in(told, store, scope, place, domain)), ("note", "file_name", "file_sha256", "sheet", "row_count", "districts")
    return _with_files(found, _files_seen(store, scope), about_files)


def withdrawn(store: Store, scope: Scope, *, domain: str | None = None, place: str | None = None) -> pd.DataFrame:
    """The submissions of `history` that are withdrawn: its columns but those that not everybody sees."""
    told = _history(store, "withdrawn")
    return told.rows(_handed_in(told, store, scope, place, domain))


def _handed_in(told: _Told, store: Store, scope: Scope, place: str | None, domain: str | None) -> list[int]:
    """The numbers of the submissions of a place and a domain, where these are named, of which a district lies in scope or that its `own` handed in."""
    inside, own = store.election.places.inside(place or store.election.places.country.code), _files_seen(store, scope).own
    return [number for number, of, submission in told.judged_by(told.about(inside if own else inside & scope.districts))
            if domain in (None, of) and (not own or submission in own or not scope.districts.isdisjoint(told.about_of(number) & inside))]


def _history(store: Store, state: str) -> _Told:
    """The submissions that are in a state today, without what tells of their files; in whichever, with that, if none is named."""
    of_files = "" if state else "true as wholly, note, file_name, file_sha256, sheet, row_count, l.districts, 0 as warnings,"
    return store.remember(("history", state), lambda: _Told(store.ask(f"""
        select l.submission::varchar as submission, domain, as_of, sender, is_example, committed_at, state, state_since, state_by, reason, {of_files}
            (select list(district) from covered c where c.submission = l.submission) as about
        from ledger l
        where $state in ('', state)
        order by committed_at desc, l.submission desc
        """, {"state": state}), "domain", "submission"))


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
    every = store.remember(("reports",), lambda: store.ask_rows("""
        select distinct s.as_of::date, c.district
        from submissions s
        join in_force f using (submission)
        join covered c using (submission)
        where f.until = timestamp 'infinity'
        """, {}))
    inside = scope.districts & store.election.places.inside(place)
    return sorted({day for day, district in every if district in inside})
