"""Every page, over an empty database and over the example election: no error, and what a person looks for is there."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from conftest import START, OpenPage
from streamlit.testing.v1 import AppTest

from data import readiness
from data.declare import Column, DISTRICT, Domain, Indicator
from data.domains import DOMAINS
from data.election import Election
from data.scope import Scope
from data.store import Store
from loaders import submissions
from pages.parts import marks, session
from pages.parts.words import say

FOLDER = START.parent / "readiness"
PAGES = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "domain")
DATA_PAGES = [page for page in PAGES if page not in ("definitions", "meetings", "disagreements", "alerts")]


def text_of(app: AppTest) -> str:
    """All that the page says, without its markup."""
    return html.unescape(re.sub(r"<style>.*?</style>|<[^>]*>", " ", " ".join(element.proto.body for element in app.main if element.type == "html"), flags=re.S))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_over_the_example_shows_no_error(open_page: OpenPage, example: Store, name: str) -> None:
    app = open_page(example, name)
    assert not app.exception
    assert say("page.example", day="26 Nov 2026") in text_of(app)


@pytest.mark.parametrize("name", DATA_PAGES)
def test_a_page_over_an_empty_database_says_what_to_do_next(open_page: OpenPage, store: Store, name: str) -> None:
    app = open_page(store, name)
    assert not app.exception
    assert "python -m loaders template" in text_of(app)
    assert "Example data" not in text_of(app)


@pytest.fixture(scope="module")
def first_path(tmp_path_factory: pytest.TempPathFactory, election: Election) -> Path:
    """A database file, closed, in which one district of the country has reported, once."""
    path = tmp_path_factory.mktemp("first") / "readiness.duckdb"
    store = Store(path, election)
    for name, heading, line in (
        ("appointments", "District,Post,Sanctioned,Proposed,Approved,Notified,Joined", "Lahore,RO,10,10,10,9,8"),
        ("repairs", "District,Station code,Station name,Condition,Cause,Status", "Lahore,PS-1,School,Damaged,Flood,Reported"),
        ("training", "District,Course,Cadre,Sessions planned,Sessions held,Required,Attended,Passed", "Lahore,Polling staff,APO,100,5,3000,100,90"),
        ("security", "District,Plan status,Normal stations,Sensitive stations,Most sensitive stations,Personnel required,Personnel committed,Cameras required,Cameras installed",
         "Lahore,Approved,100,50,20,900,500,20,3"),
    ):
        staged = submissions.stage(store, f"{name}.csv", f"As of,20/11/2026\n{heading}\n{line}\n".encode(), sender="Lahore office")
        submissions.commit(store, staged)
    store.close()
    return path


@pytest.fixture
def first(tmp_path: Path, first_path: Path, election: Election) -> Iterator[Store]:
    """A store of one's own that holds the same."""
    store = Store(shutil.copyfile(first_path, tmp_path / "first.duckdb"), election)
    yield store
    store.close()


@pytest.mark.parametrize(("name", "place"), [("national", "PK"), ("province", "PK6"), *((domain.name, place) for domain in DOMAINS for place in ("PK", "PK6"))])
def test_one_report_of_many_districts_is_shown_and_judges_nothing(open_page: OpenPage, first: Store, name: str, place: str) -> None:
    app = open_page(first, name, place=place, on="2026-11-20")
    assert not app.exception
    assert "oo little is known" in text_of(app)
    assert "too little to judge" in text_of(app)


@pytest.mark.parametrize("name", ["district", *(domain.name for domain in DOMAINS)])
def test_one_report_of_a_district_is_judged(open_page: OpenPage, first: Store, name: str) -> None:
    app = open_page(first, name, place="PK617", on="2026-11-20")
    assert not app.exception
    assert "Lahore" in text_of(app)
    assert "too little" not in text_of(app).lower()


@pytest.mark.parametrize("page", PAGES)
def test_links_to_other_pages_take_place_and_date_along(open_page: OpenPage, example: Store, page: str) -> None:
    app = open_page(example, page, place="PK708", on="2026-10-15")
    links = dict(re.findall(r'<a (?:aria-current="page" )?href="([^"?]*)\??([^"]*)"', nav_of(app)))
    assert len(links) == 11 + len(DOMAINS)
    assert all("on=2026-10-15" in query for query in links.values())
    for domain in DOMAINS:
        expected = {"national": None, "province": None}.get(page, "place=PK708")
        assert expected is None or expected in links[domain.name]
    if page not in ("national", "province"):
        assert "place=PK7" in links["province"].replace("PK708", "")
        assert "place=PK708" in links["district"]
    assert "place" not in links["."]
    assert nav_of(app).count('aria-current="page"') == 1


def nav_of(app: AppTest) -> str:
    return next(found[0] for element in app.main if element.type == "html" and (found := re.search(r"<nav.*?</nav>", element.proto.body)))


@pytest.mark.parametrize(("page", "query", "says"), [
    ("province", {"place": "PK999"}, "can’t be shown here; Punjab is shown instead"), ("district", {"place": "PK7"}, "can’t be shown here; "),
    ("repairs", {"place": "Sindh"}, "can’t be shown here; Pakistan is shown instead"), ("national", {"on": "yesterday"}, "The date in the address can’t be read; 26 Nov 2026"),
    ("national", {"domain": "materials"}, "a domain that there is not")])
def test_what_the_address_asks_for_in_vain_is_said(open_page: OpenPage, example: Store, page: str, query: dict[str, str], says: str) -> None:
    assert says in text_of(open_page(example, page, **query))
    assert "instead" not in text_of(open_page(example, page))


@pytest.mark.parametrize("name", [domain.name for domain in DOMAINS])
@pytest.mark.parametrize("place", ["PK", "PK7", "PK703"])
def test_a_domains_page_is_right_for_any_place(open_page: OpenPage, example: Store, everything: Scope, name: str, place: str) -> None:
    app = open_page(example, name, place=place)
    assert not app.exception
    level = {"PK": "national", "PK7": "province", "PK703": "district"}[place]
    line = next(line for line in readiness.lines(example, everything, level, days=(example.today,), place=place, domain=name) if line.indicator == "all")
    assert f"{marks.percent(line.share)} ready" in " ".join(text_of(app).split(" ")).replace("  ", " ")


def test_the_national_page_shows_the_very_figures_of_the_command_line(open_page: OpenPage, example: Store, everything: Scope) -> None:
    said = text_of(open_page(example, "national"))
    for line in readiness.lines(example, everything, "national", days=(example.today,)):
        if line.indicator == "all":
            assert marks.percent(line.share) in said
            assert marks.percent(line.expected) in said


def test_a_link_brings_the_same_view_back(open_page: OpenPage, example: Store) -> None:
    app = open_page(example, "province", place="PK7", on="2026-10-15")
    assert "Sindh" in text_of(app)
    assert "as of 15 Oct 2026" in text_of(app)
    assert app.selectbox(key="choose_place").value == "PK7"
    assert app.date_input(key="choose_on").value == date(2026, 10, 15)


@pytest.mark.parametrize("query", [{"place": "PK999"}, {"place": "<script>"}, {"on": "yesterday"}, {"on": "2026-13-40"}, {"on": "0001-01-01"}, {"on": "9999-12-31"}, {"domain": "x"}, {"place": "PK1"}])
@pytest.mark.parametrize("name", ["national", "province", "district", "repairs"])
def test_nonsense_in_the_url_is_taken_for_nothing(open_page: OpenPage, example: Store, name: str, query: dict[str, str]) -> None:
    app = open_page(example, name, **query)
    assert not app.exception
    assert "<script>" not in text_of(app)


def test_the_url_never_widens_a_scope(open_page: OpenPage, example: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    places = example.election.places
    monkeypatch.setattr(session, "viewer", lambda: session.Viewer(Scope.of(places, ["PK7"]), "PK7", "Sindh office", Scope.of(places, ["PK7"])))
    for page, place in (("province", "PK6"), ("district", "PK617"), ("repairs", "PK"), ("repairs", "PK617")):
        app = open_page(example, page, place=place)
        assert not app.exception
        assert "Lahore" not in text_of(app)
        assert "Punjab" not in text_of(app)
    assert all(option in {places[district.code].name for district in places.districts_of("PK7")} for option in open_page(example, "district").selectbox(key="choose_place").options)


def test_a_viewer_of_one_province_begins_there(open_page: OpenPage, example: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "viewer", lambda: session.Viewer(Scope.of(example.election.places, ["PK7"]), "PK7", "Sindh office", Scope.of(example.election.places, ["PK7"])))
    app = open_page(example, "national")
    assert not app.exception
    assert "Sindh" in text_of(app)
    assert "Punjab" not in text_of(app)


def test_a_domain_without_a_page_of_its_own_gets_the_plain_one(open_page: OpenPage, tmp_path: Path, election) -> None:
    materials = Domain(
        name="materials", label="Materials", question="Is the material there?", row="one row per district",
        columns=(DISTRICT, Column("boxes_needed", "Boxes needed", "count", required=True), Column("boxes_here", "Boxes here", "count", required=True)),
        rules=(), indicators=(Indicator("MA1", "Ballot boxes here", "boxes", "boxes_here", "boxes_needed", how="Boxes here, of those needed", source="Example"),))
    fifth = replace(election, domains=(*election.domains, materials), weights={**election.weights, "materials": 1.0})
    store = Store(tmp_path / "fifth.duckdb", fifth)
    staged = submissions.stage(store, "m.csv", b"As of,20/11/2026\nDistrict,Boxes needed,Boxes here\nLahore,200,50\n", sender="Lahore office")
    submissions.commit(store, staged)
    app = open_page(store, "domain", place="PK617", on="2026-11-20")
    assert not app.exception
    assert "Ballot boxes here" in text_of(app)
    assert "50 of 200" in text_of(app)
    store.close()


def test_a_withdrawn_submission_is_named_where_its_figures_were(open_page: OpenPage, example: Store, everything: Scope) -> None:
    gone = readiness.history(example, everything)
    gone = gone[gone["state"] == "withdrawn"].iloc[0]
    covered = example.ask("select district from covered where submission::varchar = $submission limit 1", {"submission": gone["submission"]})
    said = text_of(open_page(example, "district", place=covered["district"].iloc[0]))
    assert gone["submission"][-8:].upper() in said
    assert gone["reason"] in said


@pytest.mark.parametrize("group", ["national", "province", "district", "domain"])
@pytest.mark.parametrize("finding", ["none", "little", "missed", "near", "nothing", "ready", "behind", "behind_one", "behind_alone", "on", "on_but"])
def test_every_finding_has_its_sentence(group: str, finding: str) -> None:
    facts = {"place": "Sindh", "where": "Jamshoro", "domain": "Repairs", "indicator": "Works started", "points": 5, "duty": "Officers appointed", "reporting": 1, "districts": 9}
    assert "{" not in say(f"{group}.title_{finding}", **facts)


def test_every_sentence_is_there_and_used() -> None:
    from pages.parts.words import words

    code = "\n".join(path.read_text(encoding="utf-8") for path in START.parent.rglob("*.py"))
    asked = set(re.findall(r"""say\(\s*["']([a-z_.0-9]+)["']""", code))
    known = set(words())
    assert asked <= known, f"missing: {sorted(asked - known)}"
    families = re.findall(r"""say\(f["']([a-z_.]*)\{""", code)
    groups = [family for family in families if family] + [f"{group}.title_" for group in ("national", "province", "district", *re.findall(r'findings\.title\("([a-z]+)"', code))]
    unused = {key for key in known - asked if not key.startswith(tuple(groups)) and key.removesuffix("_one") not in asked and f'"{key.removesuffix("_one")}"' not in code}
    assert not unused, f"unused: {sorted(unused)}"
