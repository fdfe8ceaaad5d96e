"""The crowd before the dashboard: what is counted and how, and a small one before the real server."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from math import inf
from pathlib import Path

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.load import analyst, report, soak
from benchmarks.load.accounts import SESSIONS_EACH, admit
from benchmarks.load.analyst import HandedIn
from benchmarks.load.machine import Reading
from benchmarks.load.person import LOOKING, OPENING, Answer, fault
from benchmarks.load.report import Times, percentile
from benchmarks.load.step import Plan, Step, take
from benchmarks.load.target import ANY_LEVEL, DASHBOARD, Page, Role, Target, only, peer
from benchmarks.server import ROOT
from data import sessions
from data.election import Election
from data.scope import Scope
from data.store import Store
from loaders import submissions
from pages.parts import marks

FEW = 1_440  # stations: ten of each district
COMMIT = HandedIn(20.0, 30.0, "", "one")
SMALL = Target("dashboard.py", True, (
    Role("commission", 5, "country", (Page("national", 1), Page("repairs", 1, ANY_LEVEL))),
    Role("district", 5, "district", (Page("district", 1, ("district",)), Page("history", 1, ANY_LEVEL)))))


def answers(*seconds: float, page: str = "national", asked: float = 10.0, error: str = "") -> list[Answer]:
    return [Answer(page, asked, one, 1_000, error) for one in seconds]


def reading(at: float, memory: float) -> Reading:
    return Reading(at, memory, server=at / 2, crowd=at / 10, machine=at)


def step(every: Sequence[Answer], *, sessions: int = 100, memory: float = 300.0, handed_in: HandedIn | None = None, lost: str = "") -> Step:
    """A step in which all are there from second 10 to second 40, and the server has 100 MB before."""
    there, ended = reading(10, memory), reading(40, memory)
    between = [reading(at, memory) for at in range(1, 40)]
    return Step(sessions, 5.0, reading(0, 100), list(every), between, there, ended, [reading(41, 200)], 1.0, [], handed_in, lost)


# ── What is counted ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("values", "share", "expected"), [
    ([], 0.95, None), ([3.0], 0.5, 3.0), ([3.0], 0.99, 3.0),
    ([4.0, 1.0, 3.0, 2.0], 0.5, 2.0), ([4.0, 1.0, 3.0, 2.0], 0.75, 3.0), ([4.0, 1.0, 3.0, 2.0], 0.76, 4.0),
    ([float(one) for one in range(1, 21)], 0.95, 19.0), ([float(one) for one in range(1, 21)], 0.99, 20.0),
    ([float(one) for one in range(100, 0, -1)], 0.95, 95.0)])
def test_a_percentile_is_the_smallest_value_at_or_below_which_that_share_lies(values: list[float], share: float, expected: float | None) -> None:
    assert percentile(values, share) == expected


def test_an_error_is_counted_as_an_answer_that_never_came_however_soon_it_did() -> None:
    assert Times.of([*answers(0.1, 0.3, 0.2), *answers(0.01, error="there is no such page")]) == Times(4, 0.2, inf, inf, 1)
    assert Times.of(answers(60.0, error="no answer")) == Times(1, inf, inf, inf, 1)
    assert Times.of([]) == Times(0, None, None, None, 0)


def test_an_answer_belongs_to_the_commit_if_any_of_it_came_at_the_same_time() -> None:
    seen = step([], handed_in=COMMIT)
    asked = {9.0: "arriving", 12.0: "steady", 18.5: "during", 25.0: "during", 29.9: "during", 30.0: "after"}
    assert {at: seen.phase(Answer("national", at, 2.0)) for at in asked} == asked
    assert step([]).phase(Answer("national", 25.0, 2.0)) == "steady"


def test_what_is_no_page_is_told_beside_the_pages_but_its_errors_count() -> None:
    seen = step([*answers(0.2), *answers(0.9, page=OPENING), *answers(0.9, page=LOOKING, error="answered with 401")])
    assert report.pages(seen) == answers(0.2)
    assert [(bar.what, bar.is_met) for bar in report.bars([seen])] == [
        ("crowd of 100: p95 ≤ 1 s", True), ("crowd of 100: no error", False), ("crowd of 100: ≤ 3 MB for each", False)]
    assert "| (opening)" in report.by_page(seen) and f"- 1 × {LOOKING}: answered with 401" in report.shown(seen)


@pytest.mark.parametrize(("seen", "missed"), [
    (step(answers(*[0.1] * 19, 5.0)), set()),
    (step(answers(*[0.1] * 18, 5.0, 5.0)), {"p95 ≤ 1 s"}),
    (step(answers(5.0), sessions=201), set()),
    (step([]), {"p95 ≤ 1 s"}),
    (step(answers(0.1), memory=400.1), {"≤ 3 MB for each"}),
    (step(answers(0.1), memory=900.0, sessions=99), set()),
    (step([*answers(0.1), *answers(0.2, asked=25.0)], handed_in=COMMIT), set()),
    (step([*answers(0.1), *answers(0.3, asked=25.0)], handed_in=COMMIT), {"p95 during the commit ≤ 2 × before"}),
    (step(answers(0.1), handed_in=COMMIT), {"p95 during the commit ≤ 2 × before"}),
    (step([*answers(0.1, error="no"), *answers(0.1, asked=25.0, error="no")], handed_in=COMMIT),
     {"p95 ≤ 1 s", "no error", "≤ 3 MB for each", "p95 during the commit ≤ 2 × before"}),
    (step([*answers(0.1), *answers(0.2, asked=25.0)], handed_in=COMMIT, lost="it is gone"), {"what was committed stands once"}),
    (step([*answers(0.1), *answers(0.2, asked=25.0)], handed_in=replace(COMMIT, error="answered with 503")), {"what was committed stands once"}),
])
def test_a_bar_is_missed_by_what_lies_beyond_it(seen: Step, missed: set[str]) -> None:
    assert {bar.what.partition(": ")[2] for bar in report.bars([seen]) if not bar.is_met} == missed


@pytest.mark.parametrize(("end", "is_flat"), [(300.0, True), (330.0, True), (331.0, False)])
def test_memory_is_flat_if_its_end_is_hardly_above_what_it_was_when_warm(end: float, is_flat: bool) -> None:
    seen = step([])
    seen.readings = [reading(at, 100 if at < 16 else 300 if at < 34 else end) for at in range(10, 40)]
    assert soak.flat(seen).is_met is is_flat


# ── What a message tells ─────────────────────────────────────────────────────────────────────────


def drawn(**element: str) -> ForwardMsg:
    message = ForwardMsg()
    kind, = element
    setattr(getattr(message.delta.new_element, kind), "body" if kind == "html" else "message", element[kind])
    return message


@pytest.mark.parametrize(("message", "is_fault"), [
    (drawn(html=marks.banner("problem", "It failed.")), True), (drawn(html=marks.banner("note", "All is well.")), False),
    (drawn(html=f"<style>{marks.stylesheet()}</style>"), False), (drawn(exception="It failed."), True),
    (ForwardMsg(script_finished=ForwardMsg.FINISHED_SUCCESSFULLY), False), (ForwardMsg(script_finished=ForwardMsg.FINISHED_EARLY_FOR_RERUN), False),
    (ForwardMsg(script_finished=ForwardMsg.FINISHED_WITH_COMPILE_ERROR), True)])
def test_an_error_is_seen_however_the_page_tells_of_it(message: ForwardMsg, is_fault: bool) -> None:
    assert bool(fault(message)) is is_fault


# ── Who comes ────────────────────────────────────────────────────────────────────────────────────


def test_of_ten_people_each_role_has_its_share_and_asks_only_for_its_own_places(election: Election) -> None:
    for target in (DASHBOARD, peer(ROOT / "benchmarks" / "empty_page.py")):
        came = target.visitors(40, election.places)
        assert came[0].role == target.roles[0]
        for role in target.roles:
            assert [sum(one.role == role for one in came[at:at + 10]) for at in (0, 10, 20, 30)] == [role.of_ten] * 4
        for one in came:
            scope = Scope.of(election.places, [one.place.code])
            assert all(scope.covers(election.places, code) for page in one.role.pages for code in one.possible(page))


def test_of_a_crowd_before_a_few_pages_only_those_come_who_have_one(election: Election) -> None:
    few = only(DASHBOARD, ["national"])
    assert {role.name for role in few.roles} == {"commission", "analyst"} and {page.name for role in few.roles for page in role.pages} == {"national"}
    assert [visitor.role.name for visitor in few.visitors(6, election.places)].count("commission") == 4


def test_every_page_that_people_go_to_is_one_of_the_dashboards() -> None:
    there = {path.stem for folder in ("readiness", "submissions") for path in (ROOT / "pages" / folder).glob("*.py")}
    assert {page.name for role in DASHBOARD.roles for page in role.pages} <= there


def test_as_many_accounts_are_made_as_it_takes_for_everybody_to_keep_a_session(store: Store, election: Election) -> None:
    store.close()
    only = Target("dashboard.py", True, (Role("commission", 10, "country", (Page("national", 1),)),))
    admitted = admit(store.database.path, only.visitors(2 * SESSIONS_EACH + 1, election.places))
    with closing(Store(store.database.path, election)) as opened:
        assert len(sessions.good(opened)) == 2 * SESSIONS_EACH + 1
        assert len({session.account.id for session in sessions.good(opened)}) == 3
        assert all(sessions.found(opened, secret) for cookies in admitted.cookies for secret in cookies.values())


# ── The real server ──────────────────────────────────────────────────────────────────────────────


def test_a_small_crowd_looks_and_an_analyst_commits_without_an_error(
    store: Store, election: Election, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(analyst, "GENERAL_ELECTION", FEW)
    store.close()
    book = analyst.write_workbook(store.database.path, tmp_path / "stations.xlsx")
    seen = take(Plan(SMALL, election.places, think=0.3, seconds=3.0), store.database.path, 3, book=book)
    assert [answer for answer in seen.answers if answer.error] == seen.wrong == seen.log == []
    assert seen.handed_in and seen.handed_in.error == seen.lost == ""
    runs = report.pages(seen)
    assert len(runs) > 3 and {answer.page for answer in runs} <= {page.name for role in SMALL.roles for page in role.pages}
    assert sum(answer.page == OPENING for answer in seen.answers) == 3
    assert sum(report.in_phase(seen, phase).runs for phase in ("arriving", "steady", "during", "after")) == len(runs)
    assert "Crowd of 3, " in report.shown(seen)


def test_a_page_that_is_not_there_is_an_error(store: Store, election: Election) -> None:
    store.close()
    lost = Target("dashboard.py", True, (Role("commission", 10, "country", (Page("nowhere", 1),)),))
    seen = take(Plan(lost, election.places, think=0.3, seconds=1.0), store.database.path, 1)
    assert [answer.error for answer in report.pages(seen)][0] == "there is no such page"
    assert Times.of(report.pages(seen)).errors and "× nowhere: there is no such page" in report.shown(seen)
    assert not next(bar for bar in report.bars([seen]) if bar.what == "crowd of 1: no error").is_met


def test_it_is_told_when_what_was_committed_does_not_stand_once(
    store: Store, election: Election, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(analyst, "GENERAL_ELECTION", FEW)
    store.close()
    book = analyst.write_workbook(store.database.path, tmp_path / "stations.xlsx")
    assert "submissions []" in analyst.lost(store.database.path, book, HandedIn(0.0, 1.0, "", "01a21689-74ca-7081-bd31-32b7aeb5a36e"))
    with closing(Store(store.database.path, election)) as opened:
        held = submissions.commit(opened, submissions.stage(opened, book.name, book.read_bytes(), sender="An office")).submission
    assert analyst.lost(store.database.path, book, HandedIn(0.0, 1.0, "", held)) == ""
    with closing(Store(store.database.path, election)) as opened:
        submissions.withdraw(opened, held, reason="It was a mistake", by="An office")
    assert "0 districts" in analyst.lost(store.database.path, book, HandedIn(0.0, 1.0, "", held))
