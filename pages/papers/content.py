"""What the paper for a meeting says of a place on a day: asked of the data once, for the document, the slides and the workbook alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pandas as pd

from data import actions, meetings, notes, readiness
from data.actions import Action
from data.asks import Ask, asks
from data.changed import Changed, changed
from data.clock import Entry, clock
from data.election import Duty, Election
from data.meetings import Meeting
from data.notes import Note
from data.places import Level, Place
from data.readiness import Line
from data.scope import Scope
from data.store import Store
from pages.parts import findings
from pages.parts.findings import Index

_WEEKS = 26


@dataclass(frozen=True)
class Paper:
    """A place on a day, and what changed in it `since`: by default the day of its last meeting, else a week before.

    `past` are the place's own lines of the `weeks`, of the day and of `since`; `below` those of the day of the provinces of a country, or
    of the districts of a province; `districts` those of the day of all its districts. `asks` are by province. `sources` is what
    `readiness.sources` has. `example` is the day at which the clock of example data stands; `made_at` is UTC.
    """

    election: Election
    place: Place
    on: date
    since: date
    met: Meeting | None
    made_at: datetime
    example: date | None
    weeks: tuple[date, ...]
    past: Index
    below: tuple[Line, ...]
    districts: tuple[Line, ...]
    entries: tuple[Entry, ...]
    entries_below: tuple[Entry, ...]
    asks: tuple[tuple[Place, tuple[Ask, ...]], ...]
    changed: Changed
    actions: tuple[Action, ...]
    notes: tuple[Note, ...]
    sources: pd.DataFrame

    def line(self, domain: str = "all", indicator: str = "all", *, on: date | None = None) -> Line:
        """The place's own line of a domain or an indicator, of the day or of another of those in `past`."""
        return self.past[on or self.on, self.place.code, domain, indicator]

    @property
    def missed(self) -> list[Duty]:
        """The legal duties that are breached."""
        return [entry.duty for entry in self.entries if entry.state == "breached"]

    @property
    def over_time(self) -> list[Line]:
        """The place's overall share, week by week, with the plan of what counts now."""
        return findings.over_time(self.past, self.election, self.place.code, "all", self.weeks)

    @property
    def is_little(self) -> bool:
        """Whether too little is reported to judge the whole by."""
        return findings.is_little(self.past, self.election, self.place.code, "all", self.on)


def gather(store: Store, scope: Scope, place: str, on: date, *, since: date | None = None, made_at: datetime) -> Paper:
    """The paper of a place of which the whole lies in scope. PermissionError for any other; ValueError for a division, or if `since` is not
    before the day."""
    election = store.election
    if election.places[place].level == "division":
        raise ValueError(f"{election.places[place].name} is a division: a paper is about a district, a province or the country.")
    of = election.places[place]
    if not scope.covers(election.places, place):
        raise PermissionError(f"The whole of {of.name} is not for this viewer to see.")
    met = meetings.last(store, scope, place, on)
    since = since or (met.held_on if met else on - timedelta(days=7))
    if since >= on:
        raise ValueError(f"What changed is told since a day before {on:%d/%m/%Y}.")
    weeks = tuple(on - timedelta(days=7 * number) for number in range(_WEEKS - 1, -1, -1))
    level, below = of.summed_at, _below(of)
    told = actions.actions(store, scope, on=on, place=place)
    provinces = election.places.provinces if of.level == "country" else [of] if of.level == "province" else []
    return Paper(
        election, of, on, since, met, made_at, store.example_day, weeks,
        past=findings.index(readiness.lines(store, scope, level, days=sorted({*weeks, since}), place=place)),
        below=readiness.lines(store, scope, below, days=(on,), within=place), districts=readiness.lines(store, scope, "district", days=(on,), within=place),
        entries=clock(store, scope, level, on=on, place=place), entries_below=clock(store, scope, below, on=on, within=place) if of.level != "district" else (),
        asks=tuple((one, asks(store, scope, place=one.code, on=on)) for one in provinces),
        changed=changed(store, scope, place=place, before=since, on=on),
        actions=actions.measured(store, scope, [one for one in told if one.state == "open"]),
        notes=notes.notes(store, scope, on=on, place=place),
        sources=readiness.sources(store, scope, place=place, on=on))


def _below(place: Place) -> Level:
    """The level of the places that a place is told by: provinces of the country, districts else."""
    return "province" if place.level == "country" else "district"
