"""Actions: what was decided, who does it by when, in which place, which indicator it should move, and whether that has moved since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from data import audit
from data.changed import Moved
from data.meetings import meetings
from data.readiness import Line, lines
from data.scope import Scope
from data.store import FOREVER, Store, new_id, now
from data.written import MOST, WritingError, text

State = Literal["open", "done", "dropped"]


@dataclass(frozen=True)
class Action:
    """An action and how it stands on a day. Times are UTC.

    `meeting` is that in which it was decided, where there was one; `indicator` what it should move, '' for nothing measured; `moved` that
    indicator of its place on the day of the decision and on the day, where it was `measured`. `remark` is what was said of it last, by `said_by` on `said_on`.
    """

    action: str
    meeting: str | None
    place_code: str
    what: str
    who: str
    due: date
    indicator: str
    decided_on: date
    recorded_by: str
    state: State
    remark: str
    said_on: date | None
    said_by: str | None
    on: date
    moved: Moved | None = None

    @property
    def is_overdue(self) -> bool:
        """Whether it is still open after its day."""
        return self.state == "open" and self.on > self.due


def decide(
    store: Store, scope: Scope, place: str, what: str, who: str, due: date, *, indicator: str = "", meeting: str | None = None, decided_on: date | None = None,
    by: str, at: datetime | None = None, is_example: bool = False,
) -> str:
    """Records an action for a place that lies wholly in scope; its id. One of a meeting is decided on the day of that. WritingError, and
    nothing is recorded, where that can't be."""
    election = store.election
    if place not in election.places or not scope.covers(election.places, place):
        raise WritingError("An action is recorded by who sees the whole of its place.")
    if indicator and indicator not in {one.id for _, one in election.indicators}:
        raise WritingError(f"There is no indicator {indicator}.")
    of = {one.meeting: one for one in meetings(store, scope)}
    if meeting is not None and meeting not in of:
        raise WritingError("There is no such meeting, or it is not for you to see.")
    decided = of[meeting].held_on if meeting is not None else decided_on or store.today
    if decided > store.today or due < decided:
        raise WritingError(f"An action is decided by today, {store.today:%d/%m/%Y}, and due on the day of its decision or later.")
    told = [meeting, place, text(what, "What is to be done", most=MOST), text(who, "Who does it"), due, indicator, decided, at or now(), by, is_example]
    with store.transaction() as cursor:
        action = new_id(cursor)
        cursor.execute("insert into actions values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", [action, *told])
        if not is_example:  # what invented offices did is no act of anybody's
            audit.add(cursor, by, "action", place=place, what=told[2], asked_of=told[3], due=str(due), indicator=indicator)
    return action


def say(store: Store, scope: Scope, action: str, state: State, remark: str, *, by: str, said_on: date | None = None, at: datetime | None = None) -> None:
    """Says that an action is done, dropped, or open again, and why. WritingError where it is not to be seen, or stands so already."""
    if action not in {one.action for one in actions(store, scope, on=store.today)}:
        raise WritingError("There is no such action, or it is not for you to see.")
    told = text(remark, "The remark", most=MOST, may_be_empty=state == "done")
    with store.transaction() as cursor:
        last = cursor.execute("select state from action_states where action = ?::uuid order by said_at desc limit 1", [action]).fetchone()
        if state == (last[0] if last else "open"):
            raise WritingError("It stands so already: somebody has said it meanwhile.")
        cursor.execute("insert into action_states values (?, ?, ?, ?, ?, ?)", [action, state, said_on or store.today, told, at or now(), by])
        if at is None:
            audit.add(cursor, by, "action_said", action=action, state=state, reason=told)


def actions(store: Store, scope: Scope, *, on: date, place: str | None = None, known_on: datetime | None = None) -> tuple[Action, ...]:
    """The actions decided by a day for places that lie wholly in scope, or for one place and what lies in it, as they stood on that day:
    open ones first, the one due first before others."""
    places = store.election.places
    found = store.remember(("actions", on, known_on), lambda: store.ask_rows("""
        select a.action::varchar, a.meeting::varchar, a.place, a.what, a.who, a.due, a.indicator, a.decided_on, a.recorded_by,
            coalesce(s.state, 'open'), coalesce(s.remark, ''), s.said_on, s.said_by
        from actions a
        left join (
            select * from action_states where said_on <= $on and said_at <= $known_on
            qualify row_number() over (partition by action order by said_at desc) = 1) s on s.action = a.action
        where a.decided_on <= $on and a.recorded_at <= $known_on
        order by coalesce(s.state, 'open') <> 'open', a.due, a.recorded_at
        """, {"on": on, "known_on": known_on or FOREVER}))
    within = None if place is None else places.inside(place)
    return tuple(Action(*row, on) for row in found if row[2] in places and scope.covers(places, row[2]) and (within is None or row[2] in within))


def measured(store: Store, scope: Scope, told: Sequence[Action]) -> tuple[Action, ...]:
    """The same actions, each with what its indicator was in its place when it was decided, and what it is. One question a place."""
    known = {one.id for _, one in store.election.indicators}
    asked: dict[str, set[date]] = {}
    for one in told:
        if one.indicator in known:
            asked.setdefault(one.place_code, set()).update((one.decided_on, one.on))
    found = {(code, line.indicator, line.day): line for code, days in asked.items() for line in _lines(store, scope, code, days)}
    return tuple(replace(one, moved=Moved(found[one.place_code, one.indicator, one.decided_on], found[one.place_code, one.indicator, one.on]))
                 if one.indicator in known else one for one in told)


def _lines(store: Store, scope: Scope, code: str, days: set[date]) -> tuple[Line, ...]:
    return lines(store, scope, store.election.places[code].summed_at, days=sorted(days), place=code)
