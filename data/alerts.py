"""Alerts: what somebody has to know of by themselves. A domain has fallen below its plan, a dated duty is near or past and not met, a district
has been silent, an action is overdue. Each is acknowledged by a person for themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from data import audit
from data.actions import Action, actions
from data.clock import Entry, clock
from data.places import Level, Place
from data.readiness import Line, lines
from data.scope import Scope
from data.store import Store, now

Rule = Literal["breach", "behind", "overdue", "silent"]
RULES: tuple[Rule, ...] = ("breach", "behind", "overdue", "silent")
_EXACT = 1e-9
_LONGEST = 60  # weeks looked back for the one in which a domain fell below its plan


@dataclass(frozen=True)
class Alert:
    """One thing to know of. `subject` is the domain, the duty or the action that it is about; `mark` tells this time from another: the week in
    which a domain fell, the day on which a duty is due or a report was the last. `line`, `entry` or `action` is what it was told by."""

    rule: Rule
    place: Place
    subject: str
    mark: str
    line: Line | None = None
    entry: Entry | None = None
    action: Action | None = None

    @property
    def key(self) -> str:
        """What tells it from every other one."""
        return "|".join((self.rule, self.place.code, self.subject, self.mark))


def alerts(store: Store, scope: Scope, *, on: date) -> tuple[Alert, ...]:
    """What is to be known of the places in scope on a day, by rule. Who sees the country is told of it and its provinces; who sees
    provinces of these and their districts; of silence and overdue actions everybody in all of their places."""
    return store.remember(("alerts", scope, on), lambda: tuple(_alerts(store, scope, on)))


def acknowledged(store: Store, who: str) -> frozenset[str]:
    """The keys of those that somebody has acknowledged. What was acknowledged of the example says nothing of what is so."""
    return frozenset(key for (key,) in store.ask_rows(
        "select alert from acknowledgements where who = $who and is_example = $is_example", {"who": who, "is_example": store.example_day is not None}))


def acknowledge(store: Store, scope: Scope, keys: Sequence[str], *, who: str, on: date) -> int:
    """Acknowledges alerts for a person, of those that stand in scope on a day; how many."""
    standing = {one.key for one in alerts(store, scope, on=on)} & set(keys) - acknowledged(store, who)
    if standing:
        with store.transaction(of="door") as cursor:
            cursor.executemany("insert into acknowledgements values (?, ?, ?, ?)", [[key, who, now(), store.example_day is not None] for key in sorted(standing)])
            audit.add(cursor, who, "acknowledged", text=", ".join(sorted(standing)))
    return len(standing)


def _alerts(store: Store, scope: Scope, on: date) -> Iterator[Alert]:
    levels = _levels(store, scope)
    for level in levels:
        yield from _near(store, scope, level, on)
    for level in levels:
        yield from _behind(store, scope, level, on)
    places = store.election.places
    yield from (Alert("overdue", places[one.place_code], one.action, str(one.due), action=one) for one in actions(store, scope, on=on) if one.is_overdue)
    yield from _silent(store, scope, on)


def _levels(store: Store, scope: Scope) -> tuple[Level, ...]:
    """The level of the widest places that are seen, and the one below."""
    places = store.election.places
    if scope.covers(places, places.country.code):
        return "national", "province"
    return ("province", "district") if any(scope.covers(places, place.code) for place in places.provinces) else ("district",)


def _near(store: Store, scope: Scope, level: Level, on: date) -> Iterator[Alert]:
    """Dated duties that are not met and within the days of the policy, or past."""
    for entry in clock(store, scope, level, on=on):
        if entry.duty and entry.state != "met" and entry.days_left <= store.election.alerts.breach:
            yield Alert("breach", store.election.places[entry.place_code], entry.duty.id, str(entry.due), entry=entry)


def _behind(store: Store, scope: Scope, level: Level, on: date) -> Iterator[Alert]:
    """Domains below their plan, with the Monday by which they were: the same on every day of a week."""
    last = on - timedelta(days=on.weekday())
    mondays = [last - timedelta(weeks=number) for number in range(_weeks(store, last))]
    told = {(line.day, line.place_code, line.domain): line for line in lines(store, scope, level, days=sorted({*mondays, on})) if line.indicator == "all" and line.domain != "all"}
    for (day, code, domain), line in told.items():
        if day == on and line.gap > _EXACT:
            yield Alert("behind", store.election.places[code], domain, _fell(told, mondays, on, code, domain), line=line)


def _weeks(store: Store, last: date) -> int:
    """How many weeks lie between the first day on which any plan expects something, before which nothing can be below it, and a Monday."""
    election = store.election
    begins = min(election.dates[indicator.anchor] - timedelta(days=max(days for days, _ in election.milestones_of(indicator))) for _, indicator in election.indicators)
    return min(max((last - begins).days // 7 + 2, 1), _LONGEST)


def _fell(told: Mapping[tuple[date, str, str], Line], mondays: Sequence[date], on: date, code: str, domain: str) -> str:
    """The first Monday of those on end, back from the day, on which a domain was below its plan; '' where it was on all of them."""
    since = on if on == mondays[0] else mondays[0] + timedelta(weeks=1)
    for monday in mondays:
        if told[monday, code, domain].gap <= _EXACT:
            return str(since)
        since = monday
    return ""


def _silent(store: Store, scope: Scope, on: date) -> Iterator[Alert]:
    """Districts of which the last report of a domain is older than the policy's days, or that have none where others have."""
    told = [line for line in lines(store, scope, "district", days=(on,)) if line.indicator == "all" and line.domain != "all"]
    reported = {line.domain for line in told if line.as_of is not None}
    for line in told:
        if line.domain in reported and (line.as_of is None or (on - line.as_of).days > store.election.alerts.silent):
            yield Alert("silent", store.election.places[line.place_code], line.domain, str(line.as_of or ""), line=line)
