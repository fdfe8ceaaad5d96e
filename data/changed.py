"""What changed in a place between two days: who rose, who fell, which dates were broken, who fell silent, what is known by now of the
earlier day that was not known then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from data.clock import Entry, State, clock
from data.readiness import Line, lines
from data.scope import Scope
from data.store import Store

SILENT = ("not_reported", "stale")
_TOLD: tuple[State, ...] = ("breached", "missed", "at_risk", "met")
_EXACT = 1e-9


@dataclass(frozen=True)
class Moved:
    """The same line of the figures twice: on two days, or of one day as known at two times."""

    before: Line
    now: Line

    @property
    def change(self) -> float:
        """By how much the share rose; 0 where either is not known."""
        return 0.0 if self.before.share is None or self.now.share is None else self.now.share - self.before.share

    @property
    def count(self) -> int:
        """By how much what is done rose; 0 where either is not known."""
        return 0 if self.before.done is None or self.now.done is None else self.now.done - self.before.done


@dataclass(frozen=True)
class Changed:
    """What changed in a place.

    `own` are the place's own lines. Of its districts: `risers` and `fallers` by their overall share, furthest first; `fell` the counts
    of what is done that are lower, largest fall first; `dates` by state the dates that came into it; `silent` the domains that are
    without a report that counts, or with one out of date, and were not before, `heard` the reverse; `known_later` what is told of the
    earlier day now, and was not, or otherwise, at that day's end.
    """

    own: tuple[Moved, ...]
    risers: tuple[Moved, ...]
    fallers: tuple[Moved, ...]
    fell: tuple[Moved, ...]
    dates: Mapping[State, tuple[Entry, ...]]
    silent: tuple[Moved, ...]
    heard: tuple[Moved, ...]
    known_later: tuple[Moved, ...]

    def of(self, domain: str, indicator: str = "all") -> Moved:
        """The place's own line of a domain or an indicator; KeyError if there is none."""
        return {(one.now.domain, one.now.indicator): one for one in self.own}[domain, indicator]


def changed(store: Store, scope: Scope, *, place: str, before: date, on: date) -> Changed | None:
    """What changed between two days, as it is known now; None where not the whole of the place lies in scope."""
    return store.remember(("changed", scope, place, before, on), lambda: _changed(store, scope, place, before, on))


def _changed(store: Store, scope: Scope, place: str, before: date, on: date) -> Changed | None:
    places = store.election.places
    own = _pairs(lines(store, scope, places[place].summed_at, days=(before, on), place=place), before, on)
    if not own:
        return None
    districts = _pairs(lines(store, scope, "district", days=(before, on), within=place), before, on)
    overall = [one for one in districts if one.now.domain == "all"]
    counted = [one for one in districts if one.now.indicator != "all"]
    domains = [one for one in districts if one.now.indicator == "all" and one.now.domain != "all"]
    return Changed(
        own=own,
        risers=tuple(sorted((one for one in overall if one.change > _EXACT), key=lambda one: (-one.change, one.now.place_code))),
        fallers=tuple(sorted((one for one in overall if one.change < -_EXACT), key=lambda one: (one.change, one.now.place_code))),
        fell=tuple(sorted((one for one in counted if one.count < 0), key=lambda one: (one.count, one.now.place_code))),
        dates=_dates(store, scope, place, before, on),
        silent=tuple(one for one in domains if one.now.status in SILENT and one.before.status not in SILENT),
        heard=tuple(one for one in domains if one.before.status in SILENT and one.now.status not in SILENT),
        known_later=_known_later(store, scope, place, before))


def _pairs(told: Sequence[Line], before: date, on: date) -> tuple[Moved, ...]:
    earlier = {(line.place_code, line.domain, line.indicator): line for line in told if line.day == before}
    return tuple(Moved(earlier[line.place_code, line.domain, line.indicator], line) for line in told if line.day == on)


def _dates(store: Store, scope: Scope, place: str, before: date, on: date) -> dict[State, tuple[Entry, ...]]:
    earlier = {(entry.place_code, entry.id): entry.state for entry in clock(store, scope, "district", on=before, within=place)}
    found: dict[State, list[Entry]] = {state: [] for state in _TOLD}
    for entry in clock(store, scope, "district", on=on, within=place):
        if entry.state in found and earlier.get((entry.place_code, entry.id)) != entry.state:
            found[entry.state].append(entry)
    return {state: tuple(entries) for state, entries in found.items()}


def _known_later(store: Store, scope: Scope, place: str, before: date) -> tuple[Moved, ...]:
    """The indicators of districts of which the earlier day's counts, as known at its end, are others now."""
    then = lines(store, scope, "district", days=(before,), within=place, known_on=datetime.combine(before, time.max))
    now = lines(store, scope, "district", days=(before,), within=place)
    return tuple(Moved(early, late) for early, late in zip(then, now, strict=True)
                 if late.indicator != "all" and (early.done, early.required) != (late.done, late.required))
