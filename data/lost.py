"""Lost coverage: what was done and counts no more, because the denominator moved: officers trained and since transferred, posts vacated again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from data.declare import Domain, Indicator
from data.migrations import rows_table
from data.picture import beside
from data.projection import Projection, projections
from data.readiness import Line, lines
from data.scope import Scope
from data.store import Store


@dataclass(frozen=True)
class Lost:
    """An indicator of a place: `count` is the sum of its sheet's column of what is lost, None where no row tells of it; `districts` are
    (code, name, count) with most of it, the largest first. `projection` holds what was required and done on the first day of the last
    weeks, where something was reported in them."""

    indicator: Indicator
    line: Line
    label: str
    count: int | None
    districts: tuple[tuple[str, str, int], ...]
    projection: Projection | None

    @property
    def required_change(self) -> int | None:
        """By how much what is required has grown in the last weeks; None where nothing was reported in them."""
        return None if self.projection is None else self.projection.required - self.projection.required_before


def lost(store: Store, scope: Scope, domain: str, *, place: str, on: date, known_on: datetime | None = None) -> tuple[Lost, ...]:
    """Each indicator of a domain that declares a column of what is lost. None where not the whole of the place lies in scope."""
    return store.remember(("lost", scope, domain, place, on, known_on), lambda: _lost(store, scope, domain, place, on, known_on))


def _lost(store: Store, scope: Scope, domain: str, place: str, on: date, known_on: datetime | None) -> tuple[Lost, ...]:
    declared, places = store.election.domain(domain), store.election.places
    level = places[place].summed_at
    told = {line.indicator: line for line in lines(store, scope, level, days=(on,), place=place, domain=domain, known_on=known_on)}
    if not told:
        return ()
    foreseen = projections(store, scope, level, on=on, known_on=known_on)
    found, inside = [], scope.districts & places.inside(place)
    indicators = [indicator for indicator in declared.indicators if indicator.lost]
    every = store.remember(("lost of all", domain, on, known_on), lambda: store.ask_rows(
        _counted(declared, indicators), {"day": on, "scope": Scope.everything(places).codes, "domain": domain}, beside(store, known_on)) if indicators else ())
    for number, indicator in enumerate(indicators, 1):
        # The largest first; those of which no row tells it are none of them.
        districts = sorted(((row[0], row[number]) for row in every if row[0] in inside and row[number] is not None), key=lambda one: (-one[1], one[0]))
        found.append(Lost(indicator, told[indicator.id], declared.column(indicator.lost).label, sum(count for _, count in districts) if districts else None,
                          tuple((code, places[code].name, count) for code, count in districts if count), foreseen.get((place, indicator.id))))
    return tuple(found)


def _counted(domain: Domain, indicators: Sequence[Indicator]) -> str:
    """SQL: by district, the sum of the column of each indicator, empty where no row tells of it."""
    sums = ", ".join(f'sum(r."{indicator.lost}") filter ({indicator.where})::bigint' for indicator in indicators)
    return f"""
        select r.district, {sums}
        from known_picture([$day], $scope) p
        join {rows_table(domain)} r using (submission, district)
        where p.domain = $domain
        group by all"""
