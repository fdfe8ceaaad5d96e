"""Projection: when, at the pace of the last weeks, an indicator of a place will be complete, or how many it will be short."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil, floor
from typing import Literal

from data.election import Pace
from data.picture import beside
from data.readiness import Level
from data.scope import Scope
from data.store import SQL, Store

_PROJECTION = (SQL / "projection.sql").read_text(encoding="utf-8")
_EXACT = 1e-9
_NO_END = 3650  # days: a finish further off than ten years is none
Untold = Literal["complete", "few_reports", "few_districts"]
Projections = Mapping[tuple[str, str], "Projection"]


@dataclass(frozen=True)
class Projection:
    """An indicator of a place on a day: its counts, the pace of the last days in units a day, and what follows from it.

    `reports` is the number of days on which a report of the place counts, the first of them `since`, the last `as_of`; `done_before`
    and `required_before` are the counts on the first. `lately` of the place's `districts` have reported on one of these days. `pace` is
    the median slope, `low` and `high` the slopes that a tenth lie below and above; None where there is but one day.
    """

    on: date
    due: date
    rule: Pace
    place_code: str
    place: str
    indicator: str
    as_of: date
    since: date
    reports: int
    done: int
    required: int
    done_before: int
    required_before: int
    lately: int
    districts: int
    pace: float | None
    low: float | None
    high: float | None

    @property
    def remaining(self) -> int:
        """How many are not done yet, of what is required on the day."""
        return max(self.required - self.done, 0)

    @property
    def untold(self) -> Untold | None:
        """Why nothing is foreseen: all is done, too few reports, or fewer than half of the districts have reported lately."""
        if not self.remaining:
            return "complete"
        if self.pace is None or self.reports < self.rule.reports:
            return "few_reports"
        return "few_districts" if self.lately * 2 < self.districts else None

    @property
    def slowest(self) -> float:
        """The pace, in units a day, below which it is not expected to fall. What is done is not expected to be undone."""
        return max(min(self.low or 0.0, (self.pace or 0.0) * self.rule.slower), 0.0)

    @property
    def fastest(self) -> float:
        """The pace, in units a day, above which it is not expected to rise."""
        return max(self.high or 0.0, (self.pace or 0.0) * self.rule.faster, 0.0)

    @property
    def finish(self) -> date | None:
        """The day on which all is done at the present pace; None where nothing is foreseen, or no end of it."""
        return self._finish(self.pace)

    @property
    def earliest(self) -> date | None:
        """The day on which all is done at the fastest pace."""
        return self._finish(self.fastest)

    @property
    def latest(self) -> date | None:
        """The day on which all is done at the slowest pace; None where there is no end of it."""
        return self._finish(self.slowest)

    @property
    def short(self) -> int | None:
        """How many are missing on the due date at the present pace, or on the day itself where the date has passed; None where
        nothing is foreseen."""
        return self._short(self.pace)

    @property
    def short_at_least(self) -> int | None:
        """How many are missing then at the fastest pace."""
        return self._short(self.fastest)

    @property
    def short_at_most(self) -> int | None:
        """How many are missing then at the slowest pace."""
        return self._short(self.slowest)

    @property
    def is_late(self) -> bool:
        """Whether, as far as can be foreseen, something is missing on the due date."""
        return bool(self.short)

    @property
    def may_be_late(self) -> bool:
        """Whether it is in time at the present pace and not at the slowest."""
        return not self.is_late and bool(self.short_at_most)

    @property
    def needed(self) -> float | None:
        """The pace, in units a day, at which all is done on the due date; None on that date and after it."""
        left = (self.due - self.on).days
        return self.remaining / left if left > 0 else None

    def done_on(self, day: date, pace: float | None) -> int:
        """How many whole ones are done on a day after the last report, at a pace in units a day."""
        return self.done + floor(max(pace or 0.0, 0.0) * (day - self.as_of).days + _EXACT)

    def _finish(self, pace: float | None) -> date | None:
        if self.untold or not pace or pace <= 0 or self.remaining / pace > _NO_END:
            return None
        return self.as_of + timedelta(days=ceil(self.remaining / pace - _EXACT))

    def _short(self, pace: float | None) -> int | None:
        if self.untold == "complete" or self.due < self.on:
            return self.remaining
        if self.untold:
            return None
        return max(self.required - self.done_on(self.due, pace), 0)


def projections(
    store: Store, scope: Scope, level: Level, *, on: date, place: str | None = None, known_on: datetime | None = None,
) -> Projections:
    """The projection of each place of a level that lies wholly in scope, by place and indicator. An indicator of which nothing was
    reported in the last days has none, nor has one that fades: such a share has to be held, it is never finished. Asked for all places of
    every level at once, as `lines` are."""
    election = store.election
    due = {indicator.id: election.due(indicator) for _, indicator in election.indicators}
    asked = {"on": on, "days": election.pace.days, "scope": Scope.everything(election.places).codes}

    def answer() -> Projections:
        found = (Projection(on, due[row[2]], election.pace, *row) for row in store.ask_rows(_PROJECTION, asked, beside(store, known_on)))
        return {(one.place_code, one.indicator): one for one in found}

    every, covered = store.remember(("projections", on, known_on), answer), scope.covered(election.places) & election.places.summed_at(level)
    if place is not None:
        return {key: every[key] for indicator in due if (key := (place, indicator)) in every and place in covered}
    return store.remember(("projections in", scope, level, on, known_on), lambda: {key: one for key, one in every.items() if key[0] in covered})
