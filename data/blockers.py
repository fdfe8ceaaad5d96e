"""Blockers: the fewest districts that, brought to plan, bring their province or the country to plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil

from data.declare import Indicator
from data.readiness import Line, lines
from data.scope import Scope
from data.store import Store

_EXACT = 1e-9


@dataclass(frozen=True)
class Blocker:
    """A district with what it lacks to its own plan, in units of the indicator."""

    place_code: str
    place: str
    lacks: int


@dataclass(frozen=True)
class Blocked:
    """An indicator of a place that lies below its plan: how much it `lacks`, and the fewest districts that make up for it, the
    largest first. What they lack adds up to at least that."""

    indicator: Indicator
    line: Line
    lacks: int
    blockers: tuple[Blocker, ...]


def lacking(line: Line) -> int:
    """How many units a place lacks to its plan; 0 where it is on plan, or has not reported."""
    if line.done is None:
        return 0
    return max(ceil(line.expected * line.required - _EXACT) - line.done, 0)


def fewest(lacks: int, districts: Iterable[Line]) -> tuple[Blocker, ...]:
    """The fewest districts which together lack at least so much: the largest, one after another. None where nothing lacks.

    Whoever sums up each district's lack, rounded up, has no less than the sum of the plan lacks: they always suffice.
    """
    ranked = sorted(((lacking(line), line) for line in districts), key=lambda one: (-one[0], one[1].place_code))
    chosen: list[Blocker] = []
    for own, line in ranked:
        if sum(one.lacks for one in chosen) >= lacks:
            break
        chosen.append(Blocker(line.place_code, line.place, own))
    return tuple(chosen)


def blocked(
    store: Store, scope: Scope, *, place: str, on: date, known_on: datetime | None = None,
) -> tuple[Blocked, ...]:
    """Every indicator in which a province or the country lies below its plan, furthest first. None where not the whole of it lies in scope."""
    places, declared = store.election.places, [indicator.id for _, indicator in store.election.indicators]

    def answer() -> tuple[Blocked, ...]:
        of_place = lines(store, scope, places[place].summed_at, days=(on,), place=place, known_on=known_on)
        districts = lines(store, scope, "district", days=(on,), within=place, known_on=known_on)
        found = (_of_indicator(store.election.indicator(line.indicator), line, districts) for line in of_place if line.indicator in declared and lacking(line))
        return tuple(sorted(found, key=lambda one: -one.line.gap))

    return store.remember(("blocked", scope, place, on, known_on), answer)


def _of_indicator(indicator: Indicator, line: Line, districts: Sequence[Line]) -> Blocked:
    lacks = lacking(line)
    return Blocked(indicator, line, lacks, fewest(lacks, (one for one in districts if one.indicator == indicator.id)))
