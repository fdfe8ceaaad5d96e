"""Review meetings: of which place, on which day, who chaired, who briefed. A briefing on security counts for every district of the place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from data import audit, written
from data.scope import Scope
from data.store import FOREVER, Store, new_id, now
from data.written import WritingError, text


@dataclass(frozen=True)
class Meeting:
    """A meeting about a place. `renews` is the window for which it counts as a briefing of all its districts, '' for none. Times are UTC."""

    meeting: str
    place_code: str
    held_on: date
    chaired_by: str
    briefed_by: str
    renews: str
    remarks: str
    recorded_at: datetime
    recorded_by: str


def hold(
    store: Store, scope: Scope, place: str, held_on: date, *, chaired_by: str, briefed_by: str = "", renews: str = "", remarks: str = "", by: str,
    at: datetime | None = None, is_example: bool = False,
) -> str:
    """Records a meeting about a place that lies wholly in scope; its id. WritingError, and nothing is recorded, where that can't be."""
    election = store.election
    if place not in election.places or not scope.covers(election.places, place):
        raise WritingError("A meeting is recorded by who sees the whole of its place.")
    if held_on > store.today:
        raise WritingError(f"The meeting lies after today, {store.today:%d/%m/%Y}; record it when it was held.")
    if renews and renews not in {indicator.window for _, indicator in election.indicators if indicator.fades}:
        raise WritingError(f"No indicator fades within a window called {renews}.")
    chair, briefer = text(chaired_by, "Who chaired"), text(briefed_by, "Who briefed", may_be_empty=not renews)
    told = [place, held_on, chair, briefer, renews, text(remarks, "The remarks", most=written.MOST, may_be_empty=True), at or now(), by, is_example]
    with store.transaction() as cursor:
        meeting = new_id(cursor)
        cursor.execute("insert into meetings values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", [meeting, *told])
        if not is_example:  # what invented offices did is no act of anybody's
            audit.add(cursor, by, "meeting", place=place, held_on=str(held_on), chaired_by=chair, briefed_by=briefer, renews=renews)
    return meeting


def strike(store: Store, scope: Scope, meeting: str, reason: str, *, by: str) -> None:
    """Strikes a meeting that was recorded wrongly: it counts no more, nor does its briefing; the actions decided in it stay."""
    if meeting not in {one.meeting for one in meetings(store, scope)}:
        raise WritingError("There is no such meeting, or it is not for you to see.")
    written.strike(store, "meetings", "meeting", meeting, reason, by=by)


def meetings(store: Store, scope: Scope, *, place: str | None = None, on: date | None = None, known_on: datetime | None = None) -> tuple[Meeting, ...]:
    """The meetings about places that lie wholly in scope, or about one of them and what lies in it, held by a day; the newest first."""
    places = store.election.places
    within = None if place is None else places.inside(place)
    question = ("meetings", on, known_on)
    found = store.remember(question, lambda: tuple(Meeting(*row) for row in store.ask_rows("""
        select meeting::varchar, place, held_on, chaired_by, briefed_by, renews, remarks, recorded_at, recorded_by
        from standing_meetings($known_on)
        where $on is null or held_on <= $on
        order by held_on desc, recorded_at desc
        """, {"on": on, "known_on": known_on or FOREVER})))
    return tuple(one for one in found if one.place_code in places and scope.covers(places, one.place_code) and (within is None or one.place_code in within))


def last(store: Store, scope: Scope, place: str, on: date) -> Meeting | None:
    """The last meeting about that very place that was held before a day."""
    return next((one for one in meetings(store, scope, place=place, on=on) if one.place_code == place and one.held_on < on), None)


def briefed(store: Store, scope: Scope, window: str, on: date) -> Mapping[str, date]:
    """By district in scope: the day of the last meeting up to a day that counts as a briefing for that window."""
    every = store.remember(("briefed", window, on), lambda: dict(store.ask_rows(
        "select district, held_on from briefed([$on], $known_on) where time_window = $window", {"on": on, "known_on": FOREVER, "window": window})))
    return {district: held_on for district, held_on in every.items() if district in scope.districts}
