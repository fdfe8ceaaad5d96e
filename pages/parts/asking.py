"""Asks in words and pieces: what each office must do by when, and in which districts. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from data.asks import Ask
from data.places import Place
from pages.parts import dates, marks
from pages.parts.marks import Html
from pages.parts.words import say, short_day

_NAMED = 6  # districts of an ask; the others are counted


def asks(told: Sequence[Ask], place: Place, href: Callable[[str], str]) -> Html:
    """What is asked of each office, one block each; `href` gives the address of a district."""
    if not told:
        return marks.muted(say("asks.none"))
    blocks = [(office.of(place), [(ask.part.line.status, ask.part.indicator.label, words(ask), _districts(ask, href)) for ask in of_office])
              for office, of_office in groupby(told, key=lambda ask: ask.office)]
    return marks.asks(blocks)


def words(ask: Ask) -> str:
    """What is to be done, by when."""
    facts = {"count": ask.count, "number": f"{ask.count:,}", "unit": ask.part.indicator.unit, "day": short_day(ask.entry.due)}
    if ask.kind == "late":
        return say("asks.late", pace=dates.pace(ask.part.projection, ask.part.indicator), **facts)
    return say(f"asks.{ask.kind}", **facts)


def _districts(ask: Ask, href: Callable[[str], str]) -> Html:
    return marks.places_with_counts([(name, href(code), f"{count:,}") for code, name, count in ask.districts], _NAMED)
