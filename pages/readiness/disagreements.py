"""Disagreements: where do two figures for one thing differ, and what was found?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import streamlit as st

from data.declare import Column
from data.disagreements import Disagreement, Side, disagreements, settle, unsettle
from loaders.submissions import reference
from pages.parts import filters, frame, marks, session
from pages.parts.pieces import Pieces, kept, lay
from pages.parts.tables import shown
from pages.parts.words import day, say, short_day
from pages.parts.writing import forms, said

_MOST = 200  # rows; the others are counted

store, viewer = session.store(), session.viewer()
election, places = store.election, store.election.places

# Which place and date
place = filters.place_for("disagreements")
on = filters.day_in_url()

# Ask
told = disagreements(store, viewer.scope, on=on, place=place.code)
open_ones, settled = [one for one in told if one.settled is None], [one for one in told if one.settled]


def ask() -> tuple[marks.Html, Pieces, Pieces]:
    """The page's head, those that are open, and those that were settled."""
    return (
        marks.headline(_title(), [say("figure.as_of", day=day(on)), say("disagreements.subject", settled=len(settled))]),
        (marks.section(say("disagreements.open"), say("disagreements.open_aside")), *_table(open_ones, "open", say("disagreements.none"))),
        (marks.section(say("disagreements.settled"), say("disagreements.settled_aside")), *_table(settled, "settled", say("disagreements.none_settled"))))


# Show
def show(head: marks.Html, differing: Pieces, agreed: Pieces) -> None:
    with frame.head():
        st.html(head)
        filters.choose_place(filters.options("disagreements"), place, say("filters.place"))
        filters.choose_day(on)
    said()
    lay(differing)
    mine = [one for one in open_ones if viewer.scope.covers(places, one.place_code)]
    if mine:
        forms(("disagreements.settle", "handshake", lambda: _settle(mine)))
    lay(agreed)
    if settled:
        forms(("disagreements.unsettle", "undo", lambda: _unsettle(settled)))
    st.html(marks.note(say("how.question"), say("disagreements.how")))


def _title() -> str:
    return say("disagreements.title", place=place.name, count=len(open_ones)) if open_ones else say("disagreements.title_none", place=place.name)


def _table(of: Sequence[Disagreement], key: str, otherwise: str) -> Iterator[marks.Html]:
    if not of:
        yield marks.muted(otherwise)
        return
    columns = [say("table.place"), say("disagreements.what"), say("disagreements.one"), say("disagreements.other"), say("disagreements.touches"),
               *([say("disagreements.found")] if key == "settled" else [])]
    rows = [_row(one) for one in of[:_MOST]]
    yield shown(columns, rows, say(f"disagreements.{key}"), name=f"disagreements-{key}-{place.code}-{on}", stacks=True)
    if len(of) > _MOST:
        yield marks.muted(say("figure.and_more", count=len(of) - _MOST))


def _row(one: Disagreement) -> list[marks.Cell]:
    touches = say("list.separator").join(election.indicator(name).label for name in one.indicators) or say("disagreements.touches_none")
    found = [marks.named(one.settled.note, say("notes.of", day=day(one.settled.settled_at), by=one.settled.settled_by))] if one.settled else []
    return [marks.named(places[one.place_code].name, election.domain(one.domain).label), marks.named(*_what(one)), _side(one, one.one, ""), _side(one, one.other, one.kind), touches, *found]


def _what(one: Disagreement) -> tuple[str, str]:
    """The column, and which row it is; of a printed total its other places."""
    if one.kind == "total":
        return say("disagreements.sum", label=one.column.label), say("list.separator").join(places[code].name for code in one.row)
    keys = [column for column in election.domain(one.domain).keys if column.name != "district"]
    return one.column.label, say("list.separator").join(_worded(column, value) for column, value in zip(keys, one.row) if value)


def _side(one: Disagreement, side: Side, kind: str) -> marks.Html:
    """A figure and whence it is: `kind` says what it is held against, '' for what counts."""
    source = side.sender if side.as_of is None else say("disagreements.of", sender=side.sender, day=short_day(side.as_of), reference=reference(side.submission)) if side.submission else day(side.as_of)
    return marks.named(_worded(one.column, side.value), say("disagreements.before", source=source) if kind == "fell" else source)


def _worded(column: Column, value: str) -> str:
    """A value as the sheet has it: a choice by its label, a count with its thousands."""
    if column.kind == "code":
        return {code.value: code.label for code in column.codes}.get(value, value)
    return f"{int(value):,}" if column.kind == "count" else value


def _named(one: Disagreement) -> str:
    what, row = _what(one)
    return marks.label(say("disagreements.named", place=places[one.place_code].name, what=what, row=row, one=_worded(one.column, one.one.value), other=_worded(one.column, one.other.value)))


def _chosen(of: Sequence[Disagreement], key: str) -> Disagreement:
    return st.selectbox(say("disagreements.which"), list(of), format_func=_named, key=key)


def _settle(of: Sequence[Disagreement]) -> Callable[[], object]:
    one = _chosen(of, "settled_which")
    note = st.text_area(say("disagreements.found"), max_chars=2_000, key="settled_note", help=say("disagreements.found_help"))
    return lambda: settle(store, viewer.scope, one, note, by=viewer.name, on=on)


def _unsettle(of: Sequence[Disagreement]) -> Callable[[], object]:
    one = _chosen([each for each in of if viewer.scope.covers(places, each.place_code)], "unsettled_which")
    reason = st.text_input(say("meetings.why"), max_chars=200, key="unsettled_why")
    return lambda: unsettle(store, viewer.scope, one, reason, by=viewer.name)


show(*kept(("disagreements page", viewer.scope, place.code, on, filters.href(".")), ask))
