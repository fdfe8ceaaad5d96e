"""Asks: what each office of a province must do, by when, in which districts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from data.blockers import Blocked, blocked
from data.clock import Entry, Part, clock
from data.election import Office
from data.scope import Scope
from data.store import Store

Kind = Literal["overdue", "late", "behind"]


@dataclass(frozen=True)
class Ask:
    """One thing that an office must do. `overdue`: `count` are missing though the date has passed. `late`: so many will be short on the
    date at the present pace. `behind`: so many lack to the plan of the day. `districts` are (code, name, count), the largest first."""

    office: Office
    kind: Kind
    entry: Entry
    part: Part
    count: int
    districts: tuple[tuple[str, str, int], ...]


def asks(store: Store, scope: Scope, *, place: str, on: date, known_on: datetime | None = None) -> tuple[Ask, ...]:
    """What is to be asked of the offices of a province (of the country: of all provinces at once), in the order of the offices, then
    what is overdue, what will be late, what is behind. None where not the whole of the place lies in scope."""
    return store.remember(("asks", scope, place, on, known_on), lambda: tuple(_asks(store, scope, place, on, known_on)))


def _asks(store: Store, scope: Scope, place: str, on: date, known_on: datetime | None) -> Iterator[Ask]:
    election = store.election
    entries = clock(store, scope, election.places[place].summed_at, on=on, place=place, known_on=known_on)
    below = clock(store, scope, "district", on=on, within=place, known_on=known_on) if entries else ()
    behind = {one.indicator.id: one for one in blocked(store, scope, place=place, on=on, known_on=known_on)} if entries else {}
    for office in election.offices:
        found = [ask for entry in entries for part in entry.parts if election.domain_of(part.indicator).name in office.domains
                 for ask in _of_part(office, entry, part, below, behind)]
        yield from sorted(found, key=lambda ask: (("overdue", "late", "behind").index(ask.kind), ask.entry.due))


def _of_part(office: Office, entry: Entry, part: Part, below: tuple[Entry, ...], behind: Mapping[str, Blocked]) -> Iterator[Ask]:
    """At most one ask of an indicator: the gravest."""
    parts = [(other.place_code, other.place, own) for other in below for own in other.parts if own.indicator is part.indicator]
    if part.short and entry.days_left < 0:
        yield Ask(office, "overdue", entry, part, part.short, _largest((code, name, own.short or 0) for code, name, own in parts))
    elif part.projection and part.projection.is_late:
        yield Ask(office, "late", entry, part, part.projection.short, _largest((code, name, (own.projection and own.projection.short) or 0) for code, name, own in parts))
    elif part.indicator.id in behind:
        found = behind[part.indicator.id]
        yield Ask(office, "behind", entry, part, found.lacks, tuple((one.place_code, one.place, one.lacks) for one in found.blockers))


def _largest(counts: Iterator[tuple[str, str, int]]) -> tuple[tuple[str, str, int], ...]:
    return tuple(sorted((one for one in counts if one[2]), key=lambda one: (-one[2], one[1])))
