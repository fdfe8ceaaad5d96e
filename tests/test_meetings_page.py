"""The Meetings page as its reader uses it: a meeting, an action, a note are recorded; what is wrong is said and nothing is lost."""

from __future__ import annotations

from datetime import date

import pytest
from conftest import OpenPage
from sheets_for import course, hand_in
from streamlit.testing.v1 import AppTest
from test_pages import text_of

from data import actions, meetings, notes
from data.scope import Scope
from data.store import Store

@pytest.fixture
def page(open_page: OpenPage, store: Store) -> OpenPage:
    """Opens a page over an empty store."""
    return lambda name="meetings", **query: open_page(store, name, **query)


def said(app: AppTest) -> str:
    assert not app.exception
    return text_of(app)


def sent(app: AppTest, form: str) -> AppTest:
    """The page after that form was sent."""
    return next(button for button in app.button if button.form_id == f"form_{form}").click().run()


def test_a_meeting_an_action_and_a_note_are_recorded_and_shown(page: OpenPage, store: Store, everything: Scope) -> None:
    app = page(place="PK7")
    assert "No action has been decided yet" in said(app) and "No meeting has been recorded yet" in said(app)
    app.text_input(key="meeting_chair").set_value("Chief Election Commissioner")
    app.text_input(key="meeting_briefer").set_value("Inspector General of Police, Sindh")
    app.radio(key="meeting_renews").set_value("briefing")
    assert "counts as: A security briefing" in said(sent(app, "meetings.new"))
    met, = meetings.meetings(store, everything)
    assert (met.place_code, met.held_on, met.renews) == ("PK7", date.today(), "briefing")

    app.text_area(key="action_what").set_value("Notify alternative stations")
    app.text_input(key="action_who").set_value("Deputy Commissioner, Jamshoro")
    app.selectbox(key="action_place").set_value("PK708")
    app.selectbox(key="action_indicator").set_value("PS1")
    told = said(sent(app, "actions.new"))
    assert "Notify alternative stations" in told and "Buildings made usable: not reported on both days" in told
    action, = actions.actions(store, everything, on=store.today)
    assert (action.place_code, action.meeting, action.due) == ("PK708", met.meeting, date.today())

    app.text_area(key="said_remark").set_value("All of them")
    assert "every action is done" in said(sent(app, "actions.say"))

    app.text_area(key="note_text").set_value("The road is open")
    assert "The road is open" in said(sent(app, "notes.new"))
    assert [one.text for one in notes.notes(store, everything, on=store.today)] == ["The road is open"]


def test_what_is_missing_is_said_and_what_was_typed_stays(page: OpenPage, store: Store, everything: Scope) -> None:
    app = page(place="PK7")
    app.text_area(key="action_what").set_value("Notify alternative stations")
    assert "Who does it is empty" in said(sent(app, "actions.new"))
    assert app.text_area(key="action_what").value == "Notify alternative stations"
    assert actions.actions(store, everything, on=store.today) == ()


@pytest.mark.parametrize("has_reported", [True, False])
@pytest.mark.parametrize(("name", "query"), [("national", {}), ("province", {"place": "PK7"}), ("district", {"place": "PK708"})])
def test_an_overdue_action_stands_on_the_pages_of_its_places_whether_they_have_reported_or_not(
    page: OpenPage, store: Store, everything: Scope, name: str, query: dict[str, str], has_reported: bool,
) -> None:
    if has_reported:
        hand_in(store, "training", [course("PK708", "POLL", "PO", required=10, attended=1)], date(2026, 11, 20))
    actions.decide(store, everything, "PK708", "Notify alternative stations", "Deputy Commissioner", date(2026, 11, 21), decided_on=date(2026, 11, 20), by="The secretary")
    told = said(page(name, on="2026-11-22", **query))
    assert "Notify alternative stations" in told
    assert ("1 action overdue" if name != "district" else "Overdue") in told
    assert "1 action overdue" not in said(page("province", on="2026-11-22", place="PK6"))


def test_a_duty_is_recorded_as_met_and_taken_back(page: OpenPage, store: Store) -> None:
    app = page("clock")
    assert "Nobody has recorded it as met" in said(app)
    app.text_input[0].set_value("Gazette of the day")
    told = said(app.button[0].click().run())
    assert "Gazette of the day" in told
    app.text_input[0].set_value("It was a draft")
    assert "Gazette of the day" not in said(app.button[0].click().run())
