"""Blockers and asks: the fewest districts that bring a place to plan, against every choice there is, and what is asked of whom."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from itertools import combinations
from math import ceil
from pathlib import Path

import pytest
from sheets_for import building, course, hand_in, posts, security
from small_country import COUNTRY, NORTH, PROGRAMME, SOUTH, before, election_in, everything, only

from data.asks import asks
from data.blockers import blocked, fewest, lacking
from data.election import ElectionError
from data.readiness import Line
from data.store import Store
from pages.parts import asking

DAY = before(75)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path / "small.duckdb", election_in(tmp_path))) as store:
        yield store


def line(code: str, done: int | None, required: int | None, expected: float) -> Line:
    share = done / required if required else None
    return Line(DAY, code, code, "district", "repairs", "PS1", done, required, share, expected, "behind", DAY, 1, 1, 1)


def brought_to_plan(of: list[Line], chosen: tuple[Line, ...]) -> bool:
    """Whether the whole is on plan when the chosen have done what their own plan wants: by the sums, as a reader would reckon."""
    done = sum(max(one.done, ceil(round(one.expected * one.required, 9))) if one in chosen else one.done for one in of)
    return done / sum(one.required for one in of) >= of[0].expected - 1e-9


@pytest.mark.parametrize("seed", range(60))
def test_no_smaller_choice_of_districts_brings_the_whole_to_plan(seed: int) -> None:
    chance = random.Random(f"blockers {seed}")
    expected = chance.choice([0.25, 0.4, 0.5, 0.85, 0.999, 1.0, 1 / 3])
    of = [line(str(number), chance.randint(0, required), required, expected) for number in range(chance.randint(1, 9)) if (required := chance.randint(1, 40))]
    lacks = lacking(line("all", sum(one.done for one in of), sum(one.required for one in of), expected))
    found = fewest(lacks, of)
    smallest = next(number for number in range(len(of) + 1) if any(brought_to_plan(of, chosen) for chosen in combinations(of, number)))
    assert len(found) == smallest
    assert brought_to_plan(of, tuple(one for one in of if one.place_code in {blocker.place_code for blocker in found}))
    assert sum(blocker.lacks for blocker in found) >= lacks


def test_a_place_on_plan_has_no_blockers_though_districts_of_it_are_behind() -> None:
    assert fewest(0, [line("A", 0, 10, 0.5), line("B", 10, 10, 0.5)]) == ()


def test_what_lacks_is_counted_in_whole_ones_and_never_below_nought() -> None:
    assert [lacking(line("A", done, 7, 0.5)) for done in (0, 3, 4, 7)] == [4, 1, 0, 0]
    assert lacking(line("A", 21, 30, 0.7)) == 0  # 0.7 × 30 is a little more than 21 in binary
    assert (lacking(line("A", None, None, 0.5)), lacking(line("A", 0, 0, 0.5))) == (0, 0)


def test_each_indicator_below_plan_names_its_fewest_districts_with_their_counts(store: Store) -> None:
    # D-75: personnel wanted are half-way between 45 % on D-90 and 75 % on D-60: 60 %.
    for district, have in (("N1", 10), ("N2", 50), ("N3", 58), ("S1", 100)):
        hand_in(store, "security", [security(district, personnel=(have, 100))], DAY)
    one = next(one for one in blocked(store, everything(store), place=NORTH, on=DAY) if one.indicator.id == "SE3")
    assert (one.lacks, [(blocker.place, blocker.lacks) for blocker in one.blockers]) == (62, [("Amber", 50), ("Birch", 10), ("Cedar", 2)])
    whole = next(one for one in blocked(store, everything(store), place=COUNTRY, on=DAY) if one.indicator.id == "SE3")
    assert (whole.lacks, [(blocker.place, blocker.lacks) for blocker in whole.blockers]) == (22, [("Amber", 50)])
    assert "SE3" not in {one.indicator.id for one in blocked(store, everything(store), place=SOUTH, on=DAY)}


def test_a_silent_district_is_no_blocker_that_is_known_of(store: Store) -> None:
    hand_in(store, "security", [security("N1", personnel=(10, 100))], DAY)
    one = next(one for one in blocked(store, everything(store), place=NORTH, on=DAY) if one.indicator.id == "SE3")
    assert [blocker.place for blocker in one.blockers] == ["Amber"]


def test_blockers_and_asks_are_told_only_to_who_sees_the_whole_place(store: Store) -> None:
    for district in ("N1", "N2", "N3", "S1"):
        hand_in(store, "security", [security(district, personnel=(10, 100))], DAY)
    narrow = only(store, "N1", "N2")
    assert blocked(store, narrow, place=NORTH, on=DAY) == asks(store, narrow, place=NORTH, on=DAY) == ()
    north = only(store, "N1", "N2", "N3")
    assert blocked(store, north, place=COUNTRY, on=DAY) == asks(store, north, place=COUNTRY, on=DAY) == ()
    assert blocked(store, north, place=NORTH, on=DAY) == blocked(store, everything(store), place=NORTH, on=DAY)
    assert asks(store, north, place=NORTH, on=DAY) == asks(store, everything(store), place=NORTH, on=DAY)


# ── Asks ─────────────────────────────────────────────────────────────────────────────────────────


def told(store: Store, place: str, on: date) -> list[tuple[str, str, str, int, list[tuple[str, int]]]]:
    named = store.election.places[place]
    return [(ask.office.of(named), ask.kind, ask.part.indicator.id, ask.count, [(name, count) for _, name, count in ask.districts]) for ask in asks(store, everything(store), place=place, on=on)]


def test_an_office_is_asked_for_what_is_overdue_then_late_then_behind(store: Store) -> None:
    day = PROGRAMME + timedelta(days=1)  # after monitoring teams, 54 days before E-day
    for back, usable in ((14, 1), (7, 2), (0, 3)):
        hand_in(store, "repairs", [building("N1", str(number), "certified" if number < usable else "in_progress") for number in range(20)], day - timedelta(days=back))
    hand_in(store, "appointments", [posts("N1", "DMO", sanctioned=5, joined=3, notified=3), posts("N1", "PrO", sanctioned=100, notified=80, joined=80)], day)
    hand_in(store, "appointments", [posts("N2", "DMO", sanctioned=5, joined=5, notified=5), posts("N2", "PrO", sanctioned=100, notified=99, joined=99)], day)
    found = [one for one in told(store, NORTH, day) if one[2] in ("AP4", "AP5", "PS1")]
    assert found[:1] == [("Secretary, North", "overdue", "AP5", 21, [("Amber", 20), ("Birch", 1)])]
    assert ("Secretary, North", "overdue", "AP4", 2, [("Amber", 2)]) in found
    # Nine days are left to D-45; one a week is done: of 17, one more by then. Only Amber reports repairs: fewer than half.
    assert [one for one in found if one[2] == "PS1"] == [("Secretary, North", "behind", "PS1", 16, [("Amber", 16)])]
    own = [ask for ask in asks(store, only(store, "N1"), place=NORTH, on=day)]
    assert own == []


def test_an_office_is_asked_for_the_pace_that_is_needed_when_a_date_will_be_missed(store: Store) -> None:
    for back, have in ((14, 40), (7, 50), (0, 60)):
        for district in ("N1", "N2", "N3"):
            hand_in(store, "security", [security(district, personnel=(have if district != "N3" else 95, 100))], before(44) - timedelta(days=back))
    ask = next(ask for ask in asks(store, everything(store), place=NORTH, on=before(44)) if ask.part.indicator.id == "SE3")
    assert (ask.office.of(store.election.places[NORTH]), ask.kind, ask.count) == ("Police, North", "late", 45)
    assert [(name, count) for _, name, count in ask.districts] == [("Amber", 20), ("Birch", 20), ("Cedar", 5)]
    assert asking.words(ask) == "45 personnel short on 9 Jan: 42 personnel a week needed, 20 now"


def test_a_domain_that_is_nobodys_is_asked_of_nobody_and_titles_may_differ_by_province(store: Store) -> None:
    hand_in(store, "training", [course("S1", "RO", "RO", required=10, attended=0)], before(60))
    hand_in(store, "appointments", [posts("S1", "RO", sanctioned=10, notified=0)], before(60))
    found = told(store, SOUTH, before(60))
    assert {one[0] for one in found} == {"Commissioner of the Coast"}
    assert "TR1" not in {one[2] for one in found}


@pytest.mark.parametrize(("old", "new", "says"), [
    ('title = "Police, {place}"', 'title = "Police, {district}"', "office 2.title: 'Police, {district}' stands there"),
    ('title = "Police, {place}"', 'title = "Police, {place"', "office 2.title: 'Police, {place' stands there"),
    ('domains = ["security"]', 'domains = ["police"]', "office 2.domains: ['police'] stands there; expected is a list of appointments"),
    ('titles = { SO = "Commissioner of the Coast" }', 'titles = { XX = "Nobody" }', "office 1.titles.XX: is not one of this election's places"),
    ('id = "police"', 'ident = "police"', "office 2.id: is missing"),
])
def test_a_mistake_in_an_office_is_told_with_its_key(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(ElectionError) as caught:
        election_in(tmp_path, [(old, new)])
    assert says in str(caught.value)


@pytest.mark.parametrize(("old", "new", "says"), [
    ("days = 28", "days = 0", "projection.days: 0 stands there"), ("reports = 3", "reports = 2", "projection.reports: 2 stands there; expected is a whole number, 3 or more"),
    ("slower = 0.5", "slower = 1.5", "projection.slower: 1.5 stands there"), ("faster = 2.0", "faster = 0.9", "projection.faster: 0.9 stands there"),
    ("faster = 2.0", "quick = 2.0", "projection.faster: is missing"), ("[projection]", "[projections]", "projection: is missing"),
])
def test_a_mistake_in_the_rule_of_projections_is_told_with_its_key(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(ElectionError) as caught:
        election_in(tmp_path, [(old, new)])
    assert says in str(caught.value)
