"""Notes on a place, or on an indicator of it, with author and date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from data import audit, written
from data.scope import Scope
from data.store import FOREVER, Store, new_id, now
from data.written import WritingError, text


@dataclass(frozen=True)
class Note:
    """A note on a place, or on an indicator of it ('' for none). `written_at` is UTC."""

    note: str
    place_code: str
    indicator: str
    written_on: date
    text: str
    written_at: datetime
    written_by: str


def write(
    store: Store, scope: Scope, place: str, said: str, *, indicator: str = "", by: str, written_on: date | None = None, at: datetime | None = None,
    is_example: bool = False,
) -> str:
    """Writes a note on a place that lies wholly in scope; its id. WritingError, and nothing is written, where that can't be."""
    election = store.election
    if place not in election.places or not scope.covers(election.places, place):
        raise WritingError("A note is written by who sees the whole of its place.")
    if indicator and indicator not in {one.id for _, one in election.indicators}:
        raise WritingError(f"There is no indicator {indicator}.")
    told = [place, indicator, written_on or store.today, text(said, "The note", most=written.MOST), at or now(), by, is_example]
    with store.transaction() as cursor:
        note = new_id(cursor)
        cursor.execute("insert into notes values (?, ?, ?, ?, ?, ?, ?, ?)", [note, *told])
        if not is_example:  # what invented offices did is no act of anybody's
            audit.add(cursor, by, "note", place=place, indicator=indicator, text=told[3])
    return note


def strike(store: Store, scope: Scope, note: str, reason: str, *, by: str) -> None:
    """Strikes a note: it is shown no more, and kept."""
    if note not in {one.note for one in notes(store, scope, on=store.today)}:
        raise WritingError("There is no such note, or it is not for you to see.")
    written.strike(store, "notes", "note", note, reason, by=by)


def notes(store: Store, scope: Scope, *, on: date, place: str | None = None, known_on: datetime | None = None) -> tuple[Note, ...]:
    """The notes written by a day on places that lie wholly in scope, or on one place and what lies in it; the newest first."""
    places = store.election.places
    found = store.remember(("notes", on, known_on), lambda: tuple(Note(*row) for row in store.ask_rows("""
        select note::varchar, place, indicator, written_on, text, written_at, written_by
        from notes where written_on <= $on and written_at <= $known_on and note not in (select id from struck where struck_at <= $known_on)
        order by written_on desc, written_at desc
        """, {"on": on, "known_on": known_on or FOREVER})))
    within = None if place is None else places.inside(place)
    return tuple(one for one in found if one.place_code in places and scope.covers(places, one.place_code) and (within is None or one.place_code in within))
