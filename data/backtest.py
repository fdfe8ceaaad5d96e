"""The projections put to the test: what was foreseen on earlier days, against what was reported later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from data.places import LEVELS, Level
from data.projection import Projection, Projections, projections
from data.scope import Scope
from data.store import Store

_SETTLED = 7  # days: a truth reported so much before the day that was looked ahead to is not that day's


@dataclass(frozen=True)
class Outcome:
    """Of so many projections of a level, how many truths lay within the interval, beyond its fast end and short of its slow end."""

    level: Level
    count: int
    within: int
    faster: int
    slower: int


def every(store: Store, scope: Scope, *, weeks: int) -> Iterator[tuple[str, Outcome]]:
    """The counts one, two and four weeks ahead and the finishes, foreseen on the days of so many weeks up to today, for each level; with
    words for what was foreseen."""
    for ahead in (7, 14, 28):
        for level in LEVELS:
            yield f"what is done {ahead} days ahead", counts(store, scope, level, days=weekly(store.today - timedelta(days=ahead), weeks), ahead=ahead)
    for level in LEVELS:
        yield "the day on which all is done", finishes(store, scope, level, days=weekly(store.today - timedelta(days=_SETTLED), weeks), until=store.today)


def counts(store: Store, scope: Scope, level: Level, *, days: Iterable[date], ahead: int) -> Outcome:
    """For each of the days, what was then foreseen to be done `ahead` days later, against the last report up to that day."""
    return _outcome(level, (_count(then, later[key]) for day in days for later in [projections(store, scope, level, on=day + timedelta(days=ahead))]
                            for key, then in projections(store, scope, level, on=day).items()
                            if not then.untold and key in later and later[key].as_of > day and (then.on + timedelta(days=ahead) - later[key].as_of).days < _SETTLED))


def finishes(store: Store, scope: Scope, level: Level, *, days: Iterable[date], until: date) -> Outcome:
    """For each of the days, the finish that was then foreseen of what was complete by `until`, against the first report that told
    so. A report tells of the days since the one before it, so a finish within the week before counts as foreseen."""
    days = sorted(days)
    found = {day: projections(store, scope, level, on=day) for day in (*days, until)}
    ends = {key: _finished(key, [found[day] for day in days] + [found[until]]) for key in found[until]}
    return _outcome(level, (_finish(then, end) for day in days for key, then in found[day].items() if not then.untold and (end := ends.get(key)) and end > day))


def _finished(key: tuple[str, str], told: Iterable[Projections]) -> date | None:
    """The day of the first report with which something was complete and stayed so."""
    end = None
    for one in told:
        if key in one:
            end = (end or one[key].as_of) if not one[key].remaining else None
    return end


def _count(then: Projection, later: Projection) -> int:
    """0 within, 1 beyond the fast end, -1 short of the slow end. What is required may have moved: nobody does more than that."""
    low, high = (then.done_on(later.as_of, pace) for pace in (then.slowest, then.fastest))
    at_least, at_most = min(low, later.required), high + 1  # part of one may be done
    return -1 if later.done < at_least else 1 if later.done > at_most else 0


def _finish(then: Projection, end: date) -> int:
    if then.latest is not None and end - timedelta(days=_SETTLED) > then.latest:
        return -1
    return 1 if then.earliest is None or end < then.earliest else 0


def _outcome(level: Level, told: Iterator[int]) -> Outcome:
    found = list(told)
    return Outcome(level, len(found), found.count(0), found.count(1), found.count(-1))


def weekly(last: date, weeks: int) -> list[date]:
    """The day and the same weekday of so many weeks before it, earliest first."""
    return [last - timedelta(weeks=number) for number in range(weeks, -1, -1)]
