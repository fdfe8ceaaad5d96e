"""What would become of the figures: those before and those after something is done, by the very queries of the pages."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from data import readiness
from data.places import LEVELS
from data.readiness import Line
from data.scope import Scope
from data.store import Store


@dataclass(frozen=True)
class Moved:
    """One figure before and after: of a place, of a domain, of an indicator ("all" for the domain's or the place's share)."""

    before: Line
    after: Line

    @property
    def is_other(self) -> bool:
        """Whether anything of it is other than before."""
        told = ("done", "required", "share", "status", "as_of", "reporting")
        return any(getattr(self.before, name) != getattr(self.after, name) for name in told)


def effect(
    store: Store, scope: Scope, do: Callable[[duckdb.DuckDBPyConnection], object], *, on: date, domain: str, districts: Collection[str],
) -> tuple[Moved, ...]:
    """The figures of a domain and the overall ones that `do` would touch, on a day: of the districts, their provinces and the
    country, as far as they lie in scope; the country first. What `do` writes is undone again."""
    before = {_key(line): line for level in LEVELS for line in readiness.lines(store, scope, level, days=(on,))}
    with store.rehearsal() as cursor:
        do(cursor)
        after = readiness.lines_within(cursor, store, scope, LEVELS, on=on)
    return tuple(_touched(store, before, after, domain, districts))


def between(store: Store, scope: Scope, submission: str, *, on: date, domain: str, districts: Collection[str]) -> tuple[Moved, ...]:
    """The same of a submission that was committed: the figures as they were known before it and with it."""
    earlier, later = readiness.moments(store, scope, submission)
    before, after = ([line for level in LEVELS for line in readiness.lines(store, scope, level, days=(on,), known_on=moment)] for moment in (earlier, later))
    return tuple(_touched(store, {_key(line): line for line in before}, after, domain, districts))


def _touched(store: Store, before: dict[tuple[str, str, str], Line], after: Sequence[Line], domain: str, districts: Collection[str]) -> Iterator[Moved]:
    places = store.election.places
    touched = {places.country.code, *districts, *(places[code].province for code in districts)}
    for line in after:
        if line.place_code in touched and line.domain in (domain, "all") and _key(line) in before:
            yield Moved(before[_key(line)], line)


def _key(line: Line) -> tuple[str, str, str]:
    return line.place_code, line.domain, line.indicator
