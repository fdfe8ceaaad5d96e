"""Lost coverage: what was done and counts no more, because the denominator moved: officers trained and since transferred, posts vacated again."""

from __future__ import annotations

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
    for indicator in declared.indicators:
        if indicator.lost:
            every = store.remember(("lost of all", indicator.id, on, known_on), lambda indicator=indicator: store.ask_rows(
                _counted(declared, indicator), {"day": on, "scope": Scope.everything(places).codes, "domain": domain}, beside(store, known_on)))
            districts = [(code, count) for code, count in every if code in inside]
            found.append(Lost(indicator, told[indicator.id], declared.column(indicator.lost).label, sum(count for _, count in districts) if districts else None,
                              tuple((code, places[code].name, count) for code, count in districts if count), foreseen.get((place, indicator.id))))
    return tuple(found)


def _counted(domain: Domain, indicator: Indicator) -> str:
    """SQL: by district, the sum of the column, where any row tells of it; the largest first."""
    return f"""
        select r.district, sum(r."{indicator.lost}")::bigint as count
        from known_picture([$day], $scope) p
        join {rows_table(domain)} r using (submission, district)
        where p.domain = $domain and ({indicator.where}) and r."{indicator.lost}" is not null
        group by all
        order by count desc, r.district"""
