"""The domains' pages and the province's, drawn once and shown to many: nothing is asked a second time, and nothing of one person's is shown to another."""

from __future__ import annotations

import json
import re

import plotly.graph_objects as go
import pytest
from conftest import OpenPage
from sheets_for import building, hand_in, nothing_to_repair, sheet
from streamlit.testing.v1 import AppTest
from test_pages import text_of

from data.domains import DOMAINS
from data.scope import Scope
from data.store import Store
from loaders.answers import Answers
from loaders.submissions import commit, stage
from pages.parts import session
from pages.taking import kept

PAGES = ["province", *(domain.name for domain in DOMAINS)]
SINDH, PUNJAB, LAHORE = "PK7", "PK6", "PK617"
JAMSHORO = "PK708"


def tables_of(app: AppTest) -> dict[str, str]:
    """The tables that a page has to take along as CSV: their ids by name."""
    found = re.findall(r'href="table/([^/"]+)/([^"]+)\.csv"', " ".join(element.proto.body for element in app.get("html")))
    return {name: id for id, name in found}


def see_as(monkeypatch: pytest.MonkeyPatch, store: Store, area: str, name: str = "Ann", submits: str = "") -> session.Viewer:
    places = store.election.places
    viewer = session.Viewer(Scope.of(places, [area]), area, name, Scope.of(places, [submits or area]))
    monkeypatch.setattr(session, "viewer", lambda: viewer)
    return viewer


@pytest.mark.parametrize("page", PAGES)
def test_what_was_seen_before_is_shown_again_without_a_question(open_page: OpenPage, example: Store, monkeypatch: pytest.MonkeyPatch, page: str) -> None:
    first = open_page(example, page, place=SINDH, on="2026-11-19")
    asked: list[str] = []
    answered = example._answered
    monkeypatch.setattr(example, "_answered", lambda sql, *rest: asked.append(sql) or answered(sql, *rest))
    again = open_page(example, page, place=SINDH, on="2026-11-19")
    assert not again.exception and asked == []
    assert text_of(again) == text_of(first) and tables_of(again) == tables_of(first)
    assert [one.proto.spec for one in again.get("plotly_chart")] == [one.proto.spec for one in first.get("plotly_chart")]
    for other in ({"place": PUNJAB, "on": "2026-11-19"}, {"place": SINDH, "on": "2026-11-12"}, {"place": SINDH}):
        assert text_of(open_page(example, page, **other)) != text_of(first)


@pytest.mark.parametrize("page", PAGES)
def test_links_take_the_date_along_that_the_address_names_and_no_other(open_page: OpenPage, example: Store, page: str) -> None:
    def of(app: AppTest) -> str:
        return " ".join(element.proto.body for element in app.get("html"))

    today = example.today.isoformat()
    assert f'href="district?on={today}' not in of(open_page(example, page, place=SINDH))
    assert f'href="district?on={today}' in of(open_page(example, page, place=SINDH, on=today))


@pytest.mark.parametrize("page", PAGES)
def test_each_table_of_the_page_is_given_to_who_sees_by_its_scope_alone(open_page: OpenPage, example: Store, monkeypatch: pytest.MonkeyPatch, page: str) -> None:
    viewer = see_as(monkeypatch, example, SINDH)
    tables = tables_of(open_page(example, page, place=SINDH))
    assert len(tables) >= 3
    for name, id in tables.items():
        table = kept.found(id, viewer.scope)
        assert table is not None and table.name == name and not table.frame().empty
        assert kept.found(id, Scope.of(example.election.places, [PUNJAB])) is kept.found(id, Scope.everything(example.election.places)) is None
        assert "Lahore" not in table.frame().to_csv()


def test_who_sees_a_province_is_not_shown_what_was_drawn_for_the_country(open_page: OpenPage, example: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for page in PAGES[1:]:
        assert "Punjab" in text_of(open_page(example, page, place="PK"))
        with monkeypatch.context() as narrowed:
            see_as(narrowed, example, SINDH)
            assert "Punjab" not in text_of(open_page(example, page, place="PK"))


@pytest.mark.parametrize("names", [("Ann", "Bob"), ("Bob", "Ann")])
def test_warnings_about_a_file_of_more_than_ones_places_are_told_to_who_handed_it_in_alone(
    open_page: OpenPage, store: Store, monkeypatch: pytest.MonkeyPatch, names: tuple[str, str],
) -> None:
    # Lahore loses its word that there is nothing to repair: a warning, in a file that names Jamshoro as well.
    hand_in(store, "repairs", [nothing_to_repair(LAHORE)], store.today)
    hand_in(store, "repairs", [building(JAMSHORO, "1", "certified"), building(JAMSHORO, "2", "reported")], store.today)
    both = sheet("repairs", [building(JAMSHORO, "1", "certified"), building(LAHORE, "9", "reported")], store.today)
    commit(store, stage(store, "both.csv", both, sender="An office", answers=Answers(domain="repairs")), by="Ann")
    for name in names:
        see_as(monkeypatch, store, SINDH, name, submits="PK")
        said = text_of(open_page(store, "repairs", place=SINDH))
        assert ("warning" in said) is (name == "Ann")


@pytest.mark.parametrize("page", ["national", "district", *PAGES])
@pytest.mark.parametrize("place", [None, SINDH, JAMSHORO])
def test_plotly_knows_every_value_of_every_chart(open_page: OpenPage, example: Store, page: str, place: str | None) -> None:
    """Charts are sent as they are made, without being held to what plotly knows."""
    told = open_page(example, page, **({"place": place} if place else {})).get("plotly_chart")
    assert told
    for chart in told:
        go.Figure(json.loads(chart.proto.spec))  # ValueError names what it does not know
