"""Asks and blockers in words and pieces: what each office must do, and which districts make up what a place lacks to its plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

import pandas as pd
import streamlit as st

from data.asks import Ask
from data.blockers import Blocked
from data.places import Place
from pages.parts import dates, marks
from pages.parts.marks import Html
from pages.parts.tables import downloads
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


def to_plan(told: Sequence[Blocked], href: Callable[[str], str], name: str) -> None:
    """Draws a row for each indicator below its plan: how much it lacks, and the fewest districts that make up for it."""
    st.html(marks.section(say("blockers.title"), say("blockers.aside")))
    if not told:
        st.html(marks.muted(say("blockers.none")))
        return
    columns = [say("table.indicator"), say("table.status"), marks.Column(say("blockers.lacks"), number=True), marks.Column(say("blockers.districts"), number=True), say("blockers.which")]
    rows = [[
        one.indicator.label, marks.status_tag(one.line.status),
        marks.measured(say("blockers.lacks_of", count=one.lacks, number=f"{one.lacks:,}", unit=one.indicator.unit), one.lacks), len(one.blockers),
        marks.places_with_counts([(blocker.place, href(blocker.place_code), f"{blocker.lacks:,}") for blocker in one.blockers], _NAMED)] for one in told]
    st.html(marks.table(columns, rows, say("blockers.caption"), wrap=True, stacks=True))
    downloads(lambda: pd.DataFrame(
        [(one.indicator.id, one.indicator.label, blocker.place, blocker.lacks) for one in told for blocker in one.blockers],
        columns=[say("table.code"), say("table.indicator"), say("table.district"), say("blockers.lacks")]), name, key="to_plan")
