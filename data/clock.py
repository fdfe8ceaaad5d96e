"""The legal clock: every dated duty, and every date of the plan, with what is still short of it in a place, and whether it will be met."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from data import duties
from data.declare import Indicator
from data.duties import Record
from data.election import Duty, Election
from data.projection import Projection, projections
from data.readiness import Level, Line, lines
from data.scope import Scope
from data.store import Store

State = Literal["met", "due", "at_risk", "breached", "missed", "not_reported"]


@dataclass(frozen=True)
class Part:
    """One indicator by which a date is measured: its figures in the place and, where there is one, its projection."""

    indicator: Indicator
    line: Line
    projection: Projection | None

    @property
    def short(self) -> int | None:
        """How many are still missing; None where nothing is reported."""
        return None if self.line.done is None else max(self.line.required - self.line.done, 0)

    @property
    def is_complete(self) -> bool:
        """Whether every district has reported and nothing is missing."""
        return self.short == 0 and self.line.reporting == self.line.districts


@dataclass(frozen=True)
class Entry:
    """A date in a place, on a day.

    `duty` is None for a date of the plan, which has one indicator. `record` tells of a duty that nothing measures. A legal duty whose
    date has passed with something missing is `breached`, any other date `missed`. `at_risk` is what, by its projection, will not be
    complete in time. What nobody has reported is `not_reported`, and after its date also what not every district has.
    """

    on: date
    due: date
    place_code: str
    place: str
    duty: Duty | None
    parts: tuple[Part, ...]
    record: Record | None = None

    @property
    def id(self) -> str:
        return self.duty.id if self.duty else self.parts[0].indicator.id

    @property
    def title(self) -> str:
        return self.duty.title if self.duty else self.parts[0].indicator.label

    @property
    def days_left(self) -> int:
        """Days to the date; 0 on it, negative after it."""
        return (self.due - self.on).days

    @property
    def short(self) -> int | None:
        """How many are still missing, of all that is reported; None where nothing measures it, or nothing is reported."""
        told = [part.short for part in self.parts if part.short is not None]
        return sum(told) if told else None

    @property
    def silent(self) -> int:
        """In how many districts not all of it is reported."""
        return max((part.line.districts - part.line.reporting for part in self.parts), default=0)

    @property
    def worst(self) -> Part | None:
        """The part that will be furthest from complete on the date, as far as can be foreseen, else the one that is now."""
        known = [part for part in self.parts if part.short]
        return max(known, key=lambda part: ((part.projection and part.projection.short) or 0, part.short), default=None)

    @property
    def state(self) -> State:
        if not self.parts:
            met = self.record is not None and self.record.met_on is not None and self.record.met_on <= self.on
            return "met" if met else "due" if self.days_left >= 0 else self._passed
        if all(part.is_complete for part in self.parts):
            return "met"
        if self.short and self.days_left < 0:
            return self._passed
        if self.short is None or self.days_left < 0:
            return "not_reported"
        return "at_risk" if any(part.projection and part.projection.is_late for part in self.parts) else "due"

    @property
    def _passed(self) -> State:
        return "breached" if self.duty and self.duty.legal else "missed"


def clock(
    store: Store, scope: Scope, level: Level, *, on: date, place: str | None = None, within: str | None = None, known_on: datetime | None = None,
) -> tuple[Entry, ...]:
    """Every dated duty in each place of a level that lies wholly in scope, by place and date, then the dates of the plan. `within` names a
    place: only of those that lie in it.

    A duty that no indicator measures is the whole country's, and stands at the level of the country alone.
    """
    def answer() -> tuple[Entry, ...]:
        told = {(line.place_code, line.indicator): line for line in lines(store, scope, level, days=(on,), place=place, within=within, known_on=known_on) if line.indicator != "all"}
        foreseen = projections(store, scope, level, on=on, known_on=known_on)
        records = duties.recorded(store, known_on=known_on)
        names = {line.place_code: line.place for line in told.values()}
        dates = tuple(_dates(store.election, with_unmeasured=level == "national"))
        return tuple(
            Entry(on, due, code, name, duty, tuple(Part(one, told[code, one.id], foreseen.get((code, one.id))) for one in measured), records.get(duty.id) if duty and not measured else None)
            for code, name in names.items() for due, duty, measured in dates)

    return store.remember(("clock", scope, level, on, place, within, known_on), answer)


def _dates(election: Election, *, with_unmeasured: bool) -> Iterator[tuple[date, Duty | None, tuple[Indicator, ...]]]:
    """Each duty by its date, with the indicators that measure it, then each other indicator by its own."""
    every = tuple(indicator for _, indicator in election.indicators)
    for duty in sorted(election.duties, key=election.duty_date):
        measured = tuple(one for one in every if one.duty == duty.id)
        if measured or with_unmeasured:
            yield election.duty_date(duty), duty, measured
    for indicator in sorted((one for one in every if not one.duty), key=election.due):
        yield election.due(indicator), None, (indicator,)
