"""Meetings: what was decided, who has to do it by when, and did the figures move?"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from data import actions, meetings, notes
from data.actions import Action
from data.meetings import Meeting
from data.notes import Note
from pages.parts import decided, filters, frame, marks, session
from pages.parts.papers import papers
from pages.parts.pieces import Pieces, kept, lay
from pages.parts.tables import shown
from pages.parts.words import day, say, short_day
from pages.parts.writing import forms, said

store, viewer = session.store(), session.viewer()
election, places = store.election, store.election.places

# Which place and date
place = filters.place_for("meetings")
on = filters.day_in_url()

# Ask
def decided_by() -> tuple[tuple[Meeting, ...], tuple[Action, ...], tuple[Note, ...]]:
    """What was decided and written by the day: meetings, actions, notes."""
    return (meetings.meetings(store, viewer.scope, on=on, place=place.code), actions.measured(store, viewer.scope, actions.actions(store, viewer.scope, on=on, place=place.code)),
            notes.notes(store, viewer.scope, on=on, place=place.code))


def ask() -> tuple[marks.Html, Pieces, Pieces, Pieces]:
    """The page's head, and the pieces above each of its forms."""
    return (
        marks.headline(_title(), [say("figure.as_of", day=day(on)), *_last()]),
        (marks.section(say("actions.title"), say("actions.aside")), _listed("actions", say("actions.title"), decided.actions_table(told, election) if told else None, say("actions.none"))),
        (marks.section(say("meetings.title"), say("meetings.aside")), _listed("meetings", say("meetings.title"), decided.meetings_table(held, told, election) if held else None, say("meetings.none"))),
        (marks.section(say("notes.title"), say("notes.aside")), decided.notes_list(written, election, place=lambda code: places[code].name) or marks.muted(say("notes.none"))))


held, told, written = store.remember(("meetings page", "decided", viewer.scope, place.code, on), decided_by)
renewed = sorted({indicator.window for _, indicator in election.indicators if indicator.fades})
today = store.today


# Show
def show(head: marks.Html, of_actions: Pieces, of_meetings: Pieces, of_notes: Pieces) -> None:
    with frame.head():
        st.html(head)
        with frame.beside():
            with frame.row():
                filters.choose_place(filters.options("meetings"), place, say("filters.place"))
                filters.choose_day(on)
            st.html(papers(place, on))
    said()
    lay(of_actions)
    forms(("actions.new", "add_task", _new_action), *([("actions.say", "task_alt", _say)] if told else []))
    lay(of_meetings)
    forms(("meetings.new", "groups", _new_meeting), *([("meetings.strike", "ink_eraser", _strike_meeting)] if held else []))
    lay(of_notes)
    forms(("notes.new", "edit_note", _new_note), *([("notes.strike", "ink_eraser", _strike_note)] if written else []))
    st.html(marks.note(say("how.question"), say("meetings.how")))


def _title() -> str:
    still, late = sum(one.state == "open" for one in told), sum(one.is_overdue for one in told)
    if not told:
        return say("meetings.title_none", place=place.name)
    if late:
        return say("meetings.title_overdue", place=place.name, open=still, count=late)
    return say("meetings.title_open", place=place.name, count=still) if still else say("meetings.title_done", place=place.name)


def _last() -> list[str]:
    return [say("meetings.last", place=places[held[0].place_code].name, day=day(held[0].held_on), chair=held[0].chaired_by)] if held else [say("meetings.never")]


def _listed(key: str, caption: str, table: tuple[list[marks.Column | str], list[list[marks.Cell]]] | None, otherwise: str) -> marks.Html:
    """A table to take along; where there is none, what is said instead."""
    if table is None:
        return marks.muted(otherwise)
    columns, rows = table
    return shown(columns, rows, caption, name=f"{key}-{place.code}-{on}", stacks=True)


# Forms


def _place_field(key: str) -> str:
    """A field for the place itself or one that lies in it, of those that the viewer sees."""
    codes = [one.code for one in (places.country, *places.provinces, *places.districts) if one.code in places.inside(place.code) and viewer.scope.covers(places, one.code)]
    return st.selectbox(say("table.place"), codes, index=codes.index(place.code), format_func=lambda code: places[code].name, key=key)


def _indicator_field(key: str) -> str:
    labels = {"": say("actions.moves_nothing"), **{one.id: say("policy.indicator_of", id=one.id, name=one.label) for _, one in election.indicators}}
    return st.selectbox(say("actions.moves"), list(labels), format_func=labels.get, key=key)


def _new_action() -> Callable[[], object]:
    what = st.text_area(say("actions.what"), max_chars=2_000, key="action_what")
    who = st.text_input(say("actions.who"), max_chars=200, key="action_who")
    code = _place_field("action_place")
    due = st.date_input(say("table.due"), value=today, min_value=today, format="DD/MM/YYYY", key="action_due")
    indicator = _indicator_field("action_indicator")
    of = {None: say("actions.of_no_meeting"), **{one.meeting: say("meetings.one", day=day(one.held_on), place=places[one.place_code].name) for one in held}}
    meeting = st.selectbox(say("actions.meeting"), list(of), index=1 if held else 0, format_func=of.get, key=f"action_meeting_{len(held)}")
    return lambda: actions.decide(store, viewer.scope, code, what, who, due, indicator=indicator, meeting=meeting, by=viewer.name)


def _say() -> Callable[[], object]:
    names = {one.action: _named(one) for one in told}
    action = st.selectbox(say("actions.which"), list(names), format_func=names.get, key="said_action")
    labels = {state: say(f"actions.state_{state}") for state in ("done", "dropped", "open")}
    state = st.segmented_control(say("table.status"), list(labels), default="done", format_func=labels.get, key="said_state", required=True)
    remark = st.text_area(say("actions.remark"), max_chars=2_000, key="said_remark")
    return lambda: actions.say(store, viewer.scope, action, state, remark, by=viewer.name)


def _named(action: Action) -> str:
    return marks.label(say("actions.named", what=action.what[:80], state=say(f"actions.state_{decided.state_of(action)}")))


def _new_meeting() -> Callable[[], object]:
    code = _place_field("meeting_place")
    on_day = st.date_input(say("meetings.held_on"), value=today, max_value=today, format="DD/MM/YYYY", key="meeting_day")
    chair = st.text_input(say("meetings.chaired_by"), max_chars=200, key="meeting_chair")
    briefer = st.text_input(say("meetings.briefed_by"), max_chars=200, key="meeting_briefer")
    options = {"": say("meetings.renews_nothing"), **{window: say("meetings.renews", window=say(f"definitions.window_{window}")) for window in renewed}}
    renews = st.radio(say("meetings.counts"), list(options), format_func=options.get, key="meeting_renews")
    remarks = st.text_area(say("meetings.remarks"), max_chars=2_000, key="meeting_remarks")
    return lambda: meetings.hold(store, viewer.scope, code, on_day, chaired_by=chair, briefed_by=briefer, renews=renews, remarks=remarks, by=viewer.name)


def _strike_meeting() -> Callable[[], object]:
    names = {one.meeting: say("meetings.one", day=day(one.held_on), place=places[one.place_code].name) for one in held}
    meeting = st.selectbox(say("meetings.which"), list(names), format_func=names.get, key="struck_meeting")
    reason = st.text_input(say("meetings.why"), max_chars=200, key="struck_meeting_why")
    return lambda: meetings.strike(store, viewer.scope, meeting, reason, by=viewer.name)


def _new_note() -> Callable[[], object]:
    text = st.text_area(say("notes.text"), max_chars=2_000, key="note_text")
    code = _place_field("note_place")
    indicator = _indicator_field("note_indicator")
    return lambda: notes.write(store, viewer.scope, code, text, indicator=indicator, by=viewer.name)


def _strike_note() -> Callable[[], object]:
    names = {one.note: marks.label(say("notes.named", day=short_day(one.written_on), text=one.text[:80])) for one in written}
    note = st.selectbox(say("notes.which"), list(names), format_func=names.get, key="struck_note")
    reason = st.text_input(say("meetings.why"), max_chars=200, key="struck_note_why")
    return lambda: notes.strike(store, viewer.scope, note, reason, by=viewer.name)


show(*kept(("meetings page", viewer.scope, place.code, on, filters.href(".")), ask))
