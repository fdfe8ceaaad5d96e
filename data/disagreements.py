"""Disagreements: two figures for one thing. Two senders' for the same day, a count that fell though it may only rise, a sum that is not the
printed total. Each is settled with a note; until then it marks the figures that it touches."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Literal

from data import audit, picture, written
from data.declare import Column, Domain
from data.election import Election, Total
from data.migrations import rows_table
from data.scope import Scope
from data.store import FOREVER, Beside, Store, now
from data.written import WritingError, text

Kind = Literal["senders", "fell", "total"]
_COMPARED = ("count", "money", "code")  # kinds of column of which two senders may say different things


@dataclass(frozen=True)
class Side:
    """One of the two figures: from whom, of which day, in which submission ('' for a printed total)."""

    value: str
    sender: str
    as_of: date | None
    submission: str

    @property
    def told(self) -> str:
        """The figure with whence it is, in a text."""
        return "|".join((self.value, self.sender, str(self.as_of or "")))


@dataclass(frozen=True)
class Settlement:
    """That it is settled, with what was found. The time is UTC."""

    settlement: str
    note: str
    settled_at: datetime
    settled_by: str


@dataclass(frozen=True)
class Disagreement:
    """Two figures for one thing in a place on a day. `one` is what counts, `other` what it is held against. `row` are the values that tell
    which row of the sheet it is, besides the district; `indicators` those that are reckoned from that column."""

    kind: Kind
    domain: str
    place_code: str
    column: Column
    row: tuple[str, ...]
    one: Side
    other: Side
    indicators: tuple[str, ...]
    settled: Settlement | None = None

    @property
    def key(self) -> tuple[str, str, str, str, str, str, str]:
        """What tells it from every other one: with another figure on either side, of another day or from another sender, it is another one."""
        return (self.kind, self.domain, self.place_code, self.column.name, "|".join(self.row), self.one.told, self.other.told)

    @property
    def places(self) -> tuple[str, ...]:
        """The places that it is about, by code: of a sum all that are added up."""
        return (self.place_code, *self.row) if self.kind == "total" else (self.place_code,)


def disagreements(
    store: Store, scope: Scope, *, on: date, place: str | None = None, domain: str | None = None, known_on: datetime | None = None,
) -> tuple[Disagreement, ...]:
    """Those of the pictures of a day of districts in scope, and of the printed totals of places that lie wholly in it: unsettled ones first,
    then by place and row. With `place`, those of what lies in it."""
    places = store.election.places
    found = store.remember(("disagreements", on, known_on), lambda: asked_alone(store, Scope.everything(places), on, known_on))
    covered, within = scope.covered(places), places.inside(place or places.country.code)
    return tuple(one for one in found if covered.issuperset(one.places) and not within.isdisjoint(one.places) and domain in (None, one.domain))


def disputed(store: Store, scope: Scope, on: date, known_on: datetime | None = None) -> Mapping[tuple[str, str, str], int]:
    """How many unsettled ones touch the figures of a place, by place, domain and indicator; under 'all' those of a whole domain."""
    def answer() -> Counter[tuple[str, str, str]]:
        counted: Counter[tuple[str, str, str]] = Counter()
        for one in disagreements(store, scope, on=on, known_on=known_on):
            if one.settled is None and one.indicators:
                counted.update((code, one.domain, name) for code in _around(store.election, one.places) for name in (*one.indicators, "all"))
        return counted

    return store.remember(("disputed", scope, on, known_on), answer)


def settle(store: Store, scope: Scope, one: Disagreement, note: str, *, by: str, on: date) -> None:
    """Settles a disagreement of a place that lies wholly in scope. WritingError, and nothing is recorded, where that can't be."""
    standing = {other.key: other for other in disagreements(store, scope, on=on)}
    if not scope.covers(store.election.places, one.place_code) or one.key not in standing:
        raise WritingError("There is no such disagreement any more, or it is not for you to settle.")
    told = text(note, "What was found", most=written.MOST)
    with store.transaction() as cursor:
        if one.key in {row[:7] for row in cursor.execute(_SETTLED, {"known_on": FOREVER}).fetchall()}:
            raise WritingError("It is settled already: somebody has done so meanwhile.")
        cursor.execute("insert into settlements values (uuidv7(), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", [*one.key, told, now(), by, store.example_day is not None])
        audit.add(cursor, by, "agreed", place=one.place_code, what=one.column.label, text=told)


def unsettle(store: Store, scope: Scope, one: Disagreement, reason: str, *, by: str) -> None:
    """Takes a settlement back: the disagreement stands again, and both are kept."""
    if one.settled is None or not scope.covers(store.election.places, one.place_code):
        raise WritingError("It is not settled, or it is not for you to unsettle.")
    written.strike(store, "settlements", "settlement", one.settled.settlement, reason, by=by)


_SETTLED = """
    select kind, domain, place, "column", row_key, one, other, settlement::varchar, note, settled_at, settled_by
    from settlements where settled_at <= $known_on and settlement not in (select id from struck where struck_at <= $known_on)
    order by settled_at"""


def asked_alone(store: Store, scope: Scope, on: date, known_on: datetime | None) -> tuple[Disagreement, ...]:
    """The same, of the database itself: the answer is not kept, only what was settled is."""
    asked, then, beside = {"day": on, "scope": scope.codes}, {"known_on": known_on or FOREVER}, picture.beside(store, known_on)
    found = [*_of_senders(store, asked | then, beside), *_fallen(store, asked, beside), *_of_totals(store, scope, asked, beside)]
    settled = {row[:7]: Settlement(*row[7:]) for row in store.remember(("settled", known_on), lambda: store.ask_rows(_SETTLED, then))}
    order = [domain.name for domain in store.election.domains]
    return tuple(sorted((replace(one, settled=settled.get(one.key)) for one in found),
                        key=lambda one: (one.settled is not None, store.election.places[one.place_code].name, order.index(one.domain), one.row, one.column.name)))


def _of_senders(store: Store, asked: dict[str, Any], beside: Beside) -> Iterator[Disagreement]:
    """What another sender's standing submission of the same day says otherwise than the district's picture."""
    pairs = store.ask_rows("""
        select p.domain, p.district, p.submission::varchar, s.sender, o.submission::varchar, o.sender, p.as_of
        from known_picture([$day], $scope) p
        join submissions s on s.submission = p.submission
        join covered c on c.district = p.district
        join submissions o on o.submission = c.submission and o.domain = p.domain and o.as_of = p.as_of and o.sender <> s.sender
        join in_force f on f.submission = o.submission and f.since <= $known_on and $known_on < f.until
        qualify row_number() over (partition by p.domain, p.district, o.sender order by o.committed_at desc, o.submission desc) = 1  -- what they corrected is theirs
        order by all""", asked, beside)
    for domain in store.election.domains:
        own = [pair[1:] for pair in pairs if pair[0] == domain.name]
        columns = [column for column in domain.stored if column.kind in _COMPARED and not column.key]
        if own and columns:
            yield from _compared(store, "senders", domain, columns, "{own} <> {others}", own)


def _fallen(store: Store, asked: dict[str, Any], beside: Beside) -> Iterator[Disagreement]:
    """Where a picture was accepted with the warning that a count fell: the counts that are lower than in the picture before it."""
    fallen = store.ask_rows("""
        select distinct p.domain, p.district, p.submission::varchar, s.sender, b.submission, o.sender, b.as_of
        from known_picture([$day], $scope) p
        join warnings w on w.submission = p.submission and w.district = p.district and w.kind = 'fell'
        join submissions s on s.submission = p.submission
        join known_spans b on b.district = p.district and b.domain = p.domain and b.next_as_of = p.as_of
        join submissions o on o.submission = b.submission::uuid
        order by all""", asked, beside)
    for domain in store.election.domains:
        own = [pair[1:] for pair in fallen if pair[0] == domain.name]
        columns = [column for column in domain.stored if column.cumulative]
        if own and columns:
            yield from _compared(store, "fell", domain, columns, "{own}::bigint < {others}::bigint and not explained", own)


def _compared(store: Store, kind: Kind, domain: Domain, columns: list[Column], differs: str, pairs: list[tuple[Any, ...]]) -> Iterator[Disagreement]:
    """The cells of pairs of submissions, (district, submission, sender, other, its sender, its day) each, that say different things. They touch
    the indicators that are reckoned from the column, and count the row on either side. `differs` is a condition on {own} and {others}."""
    keys = [column.name for column in domain.keys if column.name != "district"]
    told = ", ".join(f'r."{name}"' for name in keys) or "''"
    counted = ", ".join(f"case when {one.where} then '{one.id}' end" for one in domain.indicators)
    explained = "r.remarks is not null" if any(column.name == "remarks" for column in domain.stored) else "false"
    beside = ", ".join(f'n."{column.name}" as own_{at}, o."{column.name}" as others_{at}' for at, column in enumerate(columns))
    each = " union all ".join(f"""
        select district, one, other, row_key, '{column.name}' as name, own_{at}::varchar as own, others_{at}::varchar as others, counted
        from beside where {differs.format(own=f"own_{at}", others=f"others_{at}")}""" for at, column in enumerate(columns))
    # Rows are laid beside each other before their cells are: of a million rows few differ.
    found = store.ask_rows(f"""
        with own as (
            select r.*, r.submission::varchar as told_in, [{told}] as row_key, {explained} as explained, [{counted}] as counted
            from {rows_table(domain)} r where r.submission in (select unnest($submissions)::uuid) and r.district in (select unnest($districts))),
        pairs as (select unnest($districts) as district, unnest($ones) as one, unnest($others) as other),
        beside as (
            select p.district, p.one, p.other, n.row_key, n.explained, n.counted || o.counted as counted, {beside}
            from pairs p
            join own n on n.told_in = p.one and n.district = p.district
            join own o on o.told_in = p.other and o.district = p.district and o.row_key = n.row_key)
        from ({each})
        order by all""", {"districts": [pair[0] for pair in pairs], "ones": [pair[1] for pair in pairs], "others": [pair[3] for pair in pairs],
                          "submissions": [submission for pair in pairs for submission in (pair[1], pair[3])]})
    of = {(pair[0], pair[1], pair[3]): pair for pair in pairs}
    days = dict(store.ask_rows("select submission::varchar, as_of::date from submissions where submission::varchar in (select unnest($submissions))",
                               {"submissions": [pair[1] for pair in pairs]}))
    for district, one, other, row, name, value, was, counted_by in found:
        _, _, sender, _, its_sender, as_of = of[district, one, other]
        yield Disagreement(kind, domain.name, district, domain.column(name), tuple(row) if keys else (), Side(value, sender, days[one], one),
                           Side(was, its_sender, as_of, other), tuple(one for one in touched(domain, name) if one in counted_by))


def _of_totals(store: Store, scope: Scope, asked: dict[str, Any], beside: Beside) -> Iterator[Disagreement]:
    """The printed totals of places that lie wholly in scope, and of which every district has reported, that the sum is not."""
    election = store.election
    for domain in election.domains:
        totals = [total for total in election.totals if total.domain == domain.name and all(scope.covers(election.places, code) for code in total.places)]
        columns = sorted({total.column for total in totals})
        if totals:
            sums = {district: dict(zip(columns, added)) | {"": as_of} for district, as_of, *added in store.ask_rows(f"""
                select p.district, p.as_of::date, {", ".join(f'sum(r."{column}")::bigint' for column in columns)}
                from known_picture([$day], $scope) p
                join {rows_table(domain)} r using (submission, district)
                where p.domain = $domain
                group by all""", asked | {"domain": domain.name}, beside)}
            yield from (found for total in totals if (found := _of_total(election, domain, total, sums)))


def _of_total(election: Election, domain: Domain, total: Total, sums: Mapping[str, Mapping[str, Any]]) -> Disagreement | None:
    """A printed total against the sum over its districts, from each district's own sums by column, with its day under ''."""
    own = [sums.get(district.code, {}) for code in total.places for district in election.places.districts_of(code)]
    counts = [of.get(total.column) for of in own]
    if not counts or None in counts or sum(counts) == total.value:
        return None
    newest = max(of[""] for of in own)
    return Disagreement("total", domain.name, total.places[0], domain.column(total.column), total.places[1:], Side(str(sum(counts)), "", newest, ""),
                        Side(str(total.value), total.source, None, ""), touched(domain, total.column))


@lru_cache
def touched(domain: Domain, column: str) -> tuple[str, ...]:
    """The indicators of a domain that are reckoned from a column."""
    return tuple(one.id for one in domain.indicators if re.search(rf"\b{re.escape(column)}\b", " ".join((one.done, one.required, one.where, one.fades))))


def _around(election: Election, codes: Sequence[str]) -> tuple[str, ...]:
    """Places, and those that they lie in."""
    provinces = [province for code in codes if (province := election.places[code].province)]
    return tuple(dict.fromkeys((*codes, *provinces, election.places.country.code)))
