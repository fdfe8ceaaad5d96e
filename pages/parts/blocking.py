"""Blockers: the fewest districts that make up what a place lacks to its plan, as a table of the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pandas as pd

from data.blockers import Blocked
from pages.parts import marks
from pages.parts.tables import downloads
from pages.parts.words import say

_NAMED = 6  # districts in a cell; the others are counted


def to_plan(told: Sequence[Blocked], href: Callable[[str], str], name: str) -> Iterator[marks.Html]:
    """A row for each indicator below its plan: how much it lacks, and the fewest districts that make up for it."""
    yield marks.section(say("blockers.title"), say("blockers.aside"))
    if not told:
        yield marks.muted(say("blockers.none"))
        return
    columns = [say("table.indicator"), say("table.status"), marks.Column(say("blockers.lacks"), number=True), marks.Column(say("blockers.districts"), number=True), say("blockers.which")]
    rows = [[
        one.indicator.label, marks.status_tag(one.line.status),
        marks.measured(say("blockers.lacks_of", count=one.lacks, number=f"{one.lacks:,}", unit=one.indicator.unit), one.lacks), len(one.blockers),
        marks.places_with_counts([(blocker.place, href(blocker.place_code), f"{blocker.lacks:,}") for blocker in one.blockers], _NAMED)] for one in told]
    yield marks.table(columns, rows, say("blockers.caption"), wrap=True, stacks=True)
    yield downloads(lambda: pd.DataFrame(
        [(one.indicator.id, one.indicator.label, blocker.place, blocker.lacks) for one in told for blocker in one.blockers],
        columns=[say("table.code"), say("table.indicator"), say("table.district"), say("blockers.lacks")]), name)
