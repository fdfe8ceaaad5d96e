"""The figures, worked out by hand: what is counted, what is expected, which word is said, and to whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from sheets_for import Row, building, course, hand_in, nothing_to_repair, posts, security
from small_country import COUNTRY, E_DAY, NOMINATIONS, NORTH, PROGRAMME, SOUTH, before, election_in, everything, only

from data import readiness
from data.declare import Indicator
from data.domains import DOMAINS
from data.readiness import FIGURE_COLUMNS, Line
from data.scope import Scope
from data.store import Store
from loaders import submissions

INDICATORS = {indicator.id: domain.name for domain in DOMAINS for indicator in domain.indicators}
LEVELS = {COUNTRY: "national", NORTH: "province", SOUTH: "province"}
NOON = datetime(2023, 12, 1, 12)
MOMENT = timedelta(microseconds=1)
near = pytest.approx


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "small.duckdb", election_in(tmp_path))
    yield store
    store.close()


def told(
    store: Store, place: str, what: str, on: date, *, scope: Scope | None = None, known_on: datetime | None = None,
) -> Line:
    """The one line of a place for an indicator's id, a domain's name (its share) or 'all' (the place's share)."""
    found = readiness.lines(
        store, scope or everything(store), LEVELS.get(place, "district"), days=[on], place=place, known_on=known_on)
    domain, indicator = (INDICATORS[what], what) if what in INDICATORS else (what, "all")
    return next(line for line in found if (line.domain, line.indicator) == (domain, indicator))


def counts(line: Line) -> tuple[int | None, int | None]:
    return line.done, line.required


# ── Each indicator ───────────────────────────────────────────────────────────────────────────────


class Case(NamedTuple):
    """One sheet of Amber (N1) and Birch (N2) and what it makes of North; Cedar (N3) is silent."""

    day: date
    rows: list[Row]
    done: int
    required: int
    expected: float
    status: str


CASES = {
    # DRO posts only: 1 + 0 notified of 1 + 1. Line: 0.6 at 90 days, 1.0 at 60, so 0.8 at 75; 0.5 is 30 points below.
    "AP1": Case(before(75, PROGRAMME), [
        posts("N1", "DRO", sanctioned=1, notified=1, joined=1), posts("N2", "DRO", sanctioned=1), posts("N1", "RO", sanctioned=9, notified=9),
    ], 1, 2, 0.8, "critical"),
    # RO posts only: 6 + 10 of 8 + 12 = 16 of 20 = 0.8, which is the line.
    "AP2": Case(before(75, PROGRAMME), [
        posts("N1", "RO", sanctioned=8, notified=6), posts("N2", "RO", sanctioned=12, notified=10), posts("N1", "ARO", sanctioned=9),
    ], 16, 20, 0.8, "on_track"),
    # ARO posts only: 9 + 27 of 20 + 30 = 36 of 50 = 0.72, 8 points below.
    "AP3": Case(before(75, PROGRAMME), [
        posts("N1", "ARO", sanctioned=20, notified=9), posts("N2", "ARO", sanctioned=30, notified=27), posts("N2", "DRO", sanctioned=1),
    ], 36, 50, 0.8, "behind"),
    # Joined, not notified: 1 + 2 of 4 + 6. Line: 0.2 at 60, 0.6 at 30, so 0.4 at 45; 0.3 is ten points below and no more.
    "AP4": Case(before(45, PROGRAMME), [
        posts("N1", "DMO", sanctioned=4, notified=4, joined=1), posts("N2", "DMO", sanctioned=6, notified=5, joined=2),
        posts("N2", "PO", sanctioned=100, notified=100, joined=100),
    ], 3, 10, 0.4, "behind"),
    # PrO, APO and PO joined: 40 + 100 + 30 + 50 of 100 + 200 + 100 + 100 = 220 of 500 = 0.44. Line: 0.25 at 120, 0.6 at 90, so 0.425.
    "AP5": Case(before(105), [
        posts("N1", "PrO", sanctioned=100, notified=50, joined=40), posts("N1", "APO", sanctioned=200, notified=120, joined=100),
        posts("N1", "PO", sanctioned=100, notified=30, joined=30), posts("N2", "PrO", sanctioned=100, notified=60, joined=50),
        posts("N2", "DMO", sanctioned=50),
    ], 220, 500, 0.425, "on_track"),
    # Notified of those *proposed*, four kinds of posting: 1 + 4 + 1 + 1 of 2 + 4 + 1 + 3 = 7 of 10. Line: 0.7 at 90, 1.0 at 65: 0.82 at 80.
    "AP6": Case(before(80, PROGRAMME), [
        posts("N1", "DC", sanctioned=5, proposed=2, notified=1), posts("N1", "ADC", sanctioned=5, proposed=4, notified=4),
        posts("N2", "COMR", sanctioned=1, proposed=1, notified=1), posts("N2", "DPO", sanctioned=3, proposed=3, notified=1),
        posts("N2", "RO", sanctioned=50),
    ], 7, 10, 0.82, "critical"),
    # Certified or replaced, not merely completed: 2 + 1 of 3 + 2. Line: 0.5 at 90, 0.85 at 60, so 0.675 at 75; 0.6 is 7.5 points below.
    "PS1": Case(before(75), [
        building("N1", "1", "certified"), building("N1", "2", "alternative"), building("N1", "3", "completed"),
        building("N2", "1", "certified"), building("N2", "2", "reported"),
    ], 3, 5, 0.675, "behind"),
    # In progress or further: 4 + 0 of 4 + 2 = 0.6667. Line: 0.5 at 120, 0.85 at 90, so 0.675 at 105; 0.8 points below.
    "PS2": Case(before(105), [
        building("N1", "1", "in_progress"), building("N1", "2", "completed"), building("N1", "3", "certified"),
        building("N1", "4", "alternative"), building("N2", "1", "funded"), building("N2", "2", "assessed"),
    ], 4, 6, 0.675, "behind"),
    # The course for returning officers, all cadres: 1 + 5 + 6 of 1 + 8 + 11. Line: 0.4 at 30, 0.8 at 14, so 0.6 at 22.
    "TR1": Case(before(22, NOMINATIONS), [
        course("N1", "RO", "DRO", required=1, attended=1), course("N1", "RO", "RO", required=8, attended=5),
        course("N2", "RO", "ARO", required=11, attended=6), course("N2", "MT", "TRAINER", required=99, attended=0),
    ], 12, 20, 0.6, "on_track"),
    # Two courses: 20 + 50 + 80 of 100 + 200 + 300 = 0.25. Line: 0.15 at 75, 0.5 at 45, so 0.325 at 60; 7.5 points below.
    "TR2": Case(before(60), [
        course("N1", "PRO", "PRO", required=100, attended=20), course("N1", "POLL", "APO", required=200, attended=50),
        course("N2", "POLL", "PO", required=300, attended=80), course("N2", "SEC", "POLICE", required=100, attended=100),
    ], 150, 600, 0.325, "behind"),
    # Passed, not attended: 18 + 19 of 20 + 20 = 0.925. Line: 0.85 at 30, 1.0 at 10, so 0.925 at 20.
    "TR3": Case(before(20), [
        course("N1", "EMS", "OPERATOR", required=20, attended=20, passed=18), course("N2", "EMS", "OPERATOR", required=20, attended=20, passed=19),
        course("N2", "PRO", "PRO", required=10, attended=10, passed=10),
    ], 37, 40, 0.925, "on_track"),
    # Both phases: 6 + 2 + 19 of 10 + 10 + 20 = 0.675. Line: 0.5 at 150, 0.85 at 120, so 0.675 at 135.
    "TR4": Case(before(135), [
        course("N1", "CERS1", "EO", required=10, attended=6), course("N1", "CERS2", "EO", required=10, attended=2),
        course("N2", "CERS1", "REGO", required=20, attended=19),
    ], 27, 40, 0.675, "on_track"),
    # Briefed 10 and 31 days ago, the window being 30. Line: 0.8 at 90, 0.9 at 60, so 0.85 at 75.
    "SE1": Case(before(75), [security("N1", briefing=before(85)), security("N2", briefing=before(106))], 1, 2, 0.85, "critical"),
    # Approved, not submitted: 1 of 2. Line: 0.5 at 90, 0.85 at 60, so 0.675 at 75.
    "SE2": Case(before(75), [security("N1", plan="approved"), security("N2", plan="submitted")], 1, 2, 0.675, "critical"),
    # 700 + 150 of 800 + 200 = 0.85. Line: 0.75 at 60, 1.0 at 30, so 0.875 at 45; 2.5 points below.
    "SE3": Case(before(45), [security("N1", personnel=(700, 800)), security("N2", personnel=(150, 200))], 850, 1000, 0.875, "behind"),
    # 12 + 10 of 20 + 20 = 0.55. Line: 0.4 at 60, 0.7 at 30, so 0.55 at 45.
    "SE4": Case(before(45), [security("N1", cameras=(12, 20)), security("N2", cameras=(10, 20))], 22, 40, 0.55, "on_track"),
}


@pytest.mark.parametrize("indicator", INDICATORS)
def test_each_indicator_is_the_sum_of_its_own_rows(store: Store, indicator: str) -> None:
    case = CASES[indicator]
    hand_in(store, INDICATORS[indicator], case.rows, case.day, in_child=True)
    line = told(store, NORTH, indicator, case.day)
    assert counts(line) == (case.done, case.required)
    assert (line.share, line.expected) == (near(case.done / case.required), near(case.expected))
    assert (line.status, line.as_of) == (case.status, case.day)
    assert (line.reporting, line.districts, line.fresh) == (2, 3, 2)


def test_every_case_is_of_an_indicator() -> None:
    assert CASES.keys() == INDICATORS.keys()


# ── Sums and silence ─────────────────────────────────────────────────────────────────────────────


def test_a_share_is_a_ratio_of_sums_and_not_a_mean_of_shares(store: Store) -> None:
    # 900 of 1,000 and 0 of 10: 900 of 1,010, where the mean of 0.9 and 0 would be 0.45.
    hand_in(store, "security", [security("N1", personnel=(900, 1000)), security("S1", personnel=(0, 10))], before(100))
    line = told(store, COUNTRY, "SE3", before(100))
    assert counts(line) == (900, 1010)
    assert line.share == near(900 / 1010)


def test_a_silent_district_is_neither_zero_nor_average(store: Store) -> None:
    hand_in(store, "security", [security("N1", personnel=(80, 100)), security("N2", personnel=(20, 100))], before(100))
    north, silent = told(store, NORTH, "SE3", before(100)), told(store, "N3", "SE3", before(100))
    assert counts(north) == (100, 200)
    assert (north.reporting, north.districts) == (2, 3)
    assert (silent.status, silent.share, silent.as_of, *counts(silent)) == ("not_reported", None, None, None, None)
    assert (silent.reporting, silent.districts) == (0, 1)


def test_a_place_of_which_no_district_has_reported_is_not_reported(store: Store) -> None:
    hand_in(store, "security", [security("N1")], before(100))
    for what in ("SE3", "security", "all"):
        line = told(store, SOUTH, what, before(100))
        assert (line.status, line.share, line.reporting, line.districts) == ("not_reported", None, 0, 2)


def test_what_a_sheet_does_not_mention_is_not_reported(store: Store) -> None:
    hand_in(store, "training", [course("N1", "EMS", "OPERATOR", required=10, attended=10, passed=10)], before(100))
    assert told(store, "N1", "TR3", before(100)).status == "ready"
    assert told(store, "N1", "TR4", before(100)).status == "not_reported"
    # The domain is told from what is known and is not Ready while a part of it is unknown.
    domain = told(store, "N1", "training", before(100))
    assert (domain.share, domain.status, domain.reporting) == (1.0, "on_track", 1)


def test_a_domain_of_which_no_indicator_is_known_is_not_reported(store: Store) -> None:
    hand_in(store, "training", [course("N1", "MT", "TRAINER", required=10, attended=0)], before(100))
    for what in ("training", "all"):
        line = told(store, "N1", what, before(100))
        assert (line.share, line.status) == (None, "not_reported")


def test_a_district_counts_as_reporting_overall_when_it_reported_every_domain(store: Store) -> None:
    day = before(100)
    for domain, rows in {
        "appointments": [posts("N1", "RO", sanctioned=2)],
        "repairs": [nothing_to_repair("N1")],
        "training": [course("N1", "EMS", "OPERATOR", required=10, attended=0)],
    }.items():
        hand_in(store, domain, rows, day)
    hand_in(store, "security", [security("N2")], day)
    assert told(store, NORTH, "all", day).reporting == 0
    hand_in(store, "security", [security("N1"), security("N2")], day)
    assert told(store, NORTH, "all", day).reporting == 1
    assert told(store, NORTH, "security", day).reporting == 2
    # Fifteen days later only its security is known afresh.
    hand_in(store, "security", [security("N1"), security("N2")], before(86), at=NOON)
    later = told(store, NORTH, "all", before(85))
    assert (later.reporting, later.fresh) == (1, 0)
    assert told(store, NORTH, "security", before(85)).fresh == 2


def test_a_day_that_is_asked_for_twice_is_not_counted_twice(store: Store) -> None:
    hand_in(store, "security", [security("N1", personnel=(80, 100))], before(100))
    found = readiness.lines(store, everything(store), "district", days=[before(100), before(100)], place="N1", domain="security")
    line = next(line for line in found if line.indicator == "SE3")
    assert (*counts(line), line.reporting) == (80, 100, 1)
    tallied = readiness.tally(store, everything(store), "security", place=COUNTRY, days=[before(100), before(100)])
    assert tallied["rows"].tolist() == [1]


# ── The words ────────────────────────────────────────────────────────────────────────────────────


def test_status_compares_the_share_with_the_line_of_that_day(store: Store) -> None:
    # Personnel on D-45: the line is at 0.875, ten points below it is 0.775.
    have = {"N1": 875_000, "N2": 874_999, "N3": 775_000, "S1": 774_999, "S2": 1_000_000}
    hand_in(store, "security", [security(district, personnel=(count, 1_000_000)) for district, count in have.items()], before(45))
    words = {district: told(store, district, "SE3", before(45)).status for district in have}
    assert words == {"N1": "on_track", "N2": "behind", "N3": "behind", "S1": "critical", "S2": "ready"}


def test_what_is_past_its_due_date_and_not_complete_is_critical(store: Store) -> None:
    # Personnel are due on D-30. 999 of 1,000 is a tenth of a point below the line.
    hand_in(store, "security", [security("N1", personnel=(999, 1000)), security("N2", personnel=(1000, 1000))], before(30))
    assert [told(store, "N1", "SE3", before(left)).status for left in (30, 29)] == ["behind", "critical"]
    assert [told(store, "N2", "SE3", before(left)).status for left in (30, 29)] == ["ready", "ready"]


def test_a_place_is_ready_only_when_every_district_has_reported_and_all_is_done(store: Store) -> None:
    day = before(100)
    hand_in(store, "security", [security("N1", plan="approved"), security("N2", plan="approved")], day)
    assert told(store, NORTH, "SE2", day).status == "on_track"
    hand_in(store, "security", [security("N3", plan="submitted")], day)
    assert told(store, NORTH, "SE2", day).status == "on_track"
    hand_in(store, "security", [security("N3", plan="approved")], day, at=NOON)
    assert told(store, NORTH, "SE2", day).status == "ready"


@pytest.mark.parametrize(("reported", "good", "status"), [
    (["N1"], True, "not_reported"), (["N1", "N2"], True, "not_reported"), (["N1", "N2", "N3"], True, "on_track"),
    (["N1"], False, "critical"), (["N1", "N2", "N3"], False, "critical")])
def test_what_few_have_reported_is_not_called_on_track(store: Store, reported: list[str], good: bool, status: str) -> None:
    day = before(45)
    hand_in(store, "security", [security(one, personnel=(950 if good else 10, 1000)) for one in reported], day)
    line = told(store, COUNTRY, "SE3", day)
    assert (line.status, line.share, line.reporting, line.districts) == (status, near(0.95 if good else 0.01), len(reported), 5)


def test_a_domain_and_a_place_are_ready_when_all_their_parts_are(store: Store) -> None:
    day = before(140)
    for domain, rows in _all_done("N1").items():
        assert told(store, "N1", "all", day).status != "ready"
        hand_in(store, domain, rows, day)
        assert told(store, "N1", domain, day).status == "ready"
    line = told(store, "N1", "all", day)
    assert (line.status, line.share, counts(line)) == ("ready", near(1.0), (None, None))


def _all_done(district: str) -> dict[str, list[Row]]:
    everyone = ("DRO", "RO", "ARO", "DMO", "PrO", "APO", "PO", "DC")
    return {
        "appointments": [posts(district, post, sanctioned=3, notified=3, joined=3) for post in everyone],
        "repairs": [building(district, "1", "certified")],
        "training": [course(district, name, "RO", required=5, attended=5, passed=5) for name in ("RO", "PRO", "POLL", "EMS", "CERS1", "CERS2")],
        "security": [security(district, briefing=before(141), plan="approved", personnel=(10, 10), cameras=(2, 2))],
    }


@pytest.fixture(scope="module")
def ages(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Each district's plan is approved, as reported on a day of its own."""
    folder = tmp_path_factory.mktemp("ages")
    store = Store(folder / "small.duckdb", election_in(folder))
    for district, left in {"N1": 45, "N2": 46, "N3": 33, "S1": 8, "S2": 11}.items():
        hand_in(store, "security", [security(district, plan="approved")], before(left))
    yield store
    store.close()


@pytest.mark.parametrize(("district", "left", "status"), [
    ("N1", 31, "ready"),   # 14 days old, the window is 14
    ("N2", 31, "stale"),   # 15 days old
    ("N1", 30, "stale"),   # 15 days old, the window is 3
    ("N3", 31, "ready"),
    ("N3", 30, "ready"),   # 3 days old, the window is 3
    ("N3", 29, "stale"),   # 4 days old
    ("S2", 8, "ready"),    # 3 days old, the window is 3
    ("S2", 7, "stale"),    # 4 days old, the window is 1
    ("S1", 7, "ready"),    # 1 day old, the window is 1
    ("S1", 6, "stale"),    # 2 days old
    ("S1", -5, "stale"),
])
def test_a_report_older_than_the_window_of_the_day_is_stale(ages: Store, district: str, left: int, status: str) -> None:
    assert told(ages, district, "SE2", before(left)).status == status


def test_a_place_is_stale_when_fewer_than_half_of_its_reports_are_fresh(store: Store) -> None:
    hand_in(store, "security", [security(district, plan="approved") for district in ("N1", "N2", "S1")], before(80))
    hand_in(store, "security", [security(district, plan="approved") for district in ("N3", "S2")], before(60))
    words = {(place, what): told(store, place, what, before(60)).status for place in (NORTH, SOUTH, COUNTRY) for what in ("SE2", "security")}
    # North: 1 of 3 fresh. South: 1 of 2, which is half. The country: 2 of 5.
    assert words == {
        (NORTH, "SE2"): "stale", (NORTH, "security"): "stale", (SOUTH, "SE2"): "ready", (SOUTH, "security"): "critical",
        (COUNTRY, "SE2"): "stale", (COUNTRY, "security"): "stale"}
    line = told(store, NORTH, "SE2", before(60))
    assert (counts(line), line.reporting, line.fresh, line.as_of) == ((3, 3), 3, 1, before(60))


def test_a_place_is_stale_overall_when_fewer_than_half_of_its_domains_reports_are_fresh(store: Store) -> None:
    hand_in(store, "security", [security("N1", plan="approved")], before(80))
    assert told(store, "N1", "all", before(60)).status == "stale"
    hand_in(store, "repairs", [building("N1", "1", "certified")], before(60))
    assert told(store, "N1", "all", before(60)).status != "stale"


# ── The legal clock ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("indicator", "post"), [("AP1", "DRO"), ("AP2", "RO"), ("AP3", "ARO")])
def test_a_missed_legal_duty_holds_indicator_domain_and_place_at_critical(store: Store, indicator: str, post: str) -> None:
    due = before(60, PROGRAMME)
    rows = [posts("N1", each, sanctioned=1000, notified=1000, joined=1000) for each in ("DRO", "RO", "ARO", "DMO", "PrO", "DC")]
    rows = [row | {"notified": 999, "joined": 999} if row["post"] == post else row for row in rows]
    hand_in(store, "appointments", [*rows, *(row | {"district": "S1", "notified": 1000} for row in rows)], due)
    on_time = [told(store, place, what, due).status for place in ("N1", NORTH, COUNTRY) for what in (indicator, "appointments", "all")]
    # A tenth of a point short of the line on the day itself: Behind, while the domain is far ahead of its. Too little is
    # known of all else: one domain of four, and of fewer than half of the districts.
    assert on_time == ["behind", "on_track", "not_reported", *["behind", "not_reported", "not_reported"] * 2]
    # The day after, and long after the report has become stale.
    for days in (1, 30):
        late = due + timedelta(days=days)
        assert {told(store, place, what, late).status for place in ("N1", NORTH, COUNTRY) for what in (indicator, "appointments", "all")} == {"critical"}
    assert told(store, "N1", "AP5", due + timedelta(days=30)).status == "stale"
    # Where the duty was done, nothing is held.
    kept = {told(store, place, what, due + timedelta(days=1)).status for place in ("S1", SOUTH) for what in (indicator, "appointments", "all")}
    assert "critical" not in kept


def test_a_missed_date_that_is_no_legal_duty_gives_way_to_stale(store: Store) -> None:
    due = before(65, PROGRAMME)
    hand_in(store, "appointments", [posts("N1", "DC", sanctioned=10, notified=9)], due)
    assert [told(store, "N1", "AP6", due + timedelta(days=days)).status for days in (1, 14, 15)] == ["critical", "critical", "stale"]


def test_a_silent_district_has_missed_no_duty_that_is_known_of(store: Store) -> None:
    assert told(store, "N1", "AP1", E_DAY).status == "not_reported"


# ── Briefings ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def briefings(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Each district's last briefing as told on D-61, and again on D-36."""
    folder = tmp_path_factory.mktemp("briefings")
    store = Store(folder / "small.duckdb", election_in(folder))
    for day, briefed in {61: {"N1": 91, "N2": 92, "N3": 74, "S1": 75}, 36: {"N1": 37, "N2": 38, "N3": 45, "S1": 46}}.items():
        rows = [security(district, briefing=before(left)) for district, left in briefed.items()]
        hand_in(store, "security", [*rows, security("S2")], before(day))
    yield store
    store.close()


@pytest.mark.parametrize(("district", "left", "done"), [
    ("N1", 61, 1),   # 30 days ago, the window is 30
    ("N2", 61, 0),   # 31 days ago
    ("S1", 61, 1),
    ("N3", 60, 1),   # 14 days ago, the window is 14 from D-60
    ("S1", 60, 0),   # 15 days ago
    ("N3", 31, 1),   # 14 days ago
    ("S1", 31, 0),
    ("N2", 31, 1),
    ("N1", 30, 1),   # 7 days ago, the window is 7 from D-30
    ("N2", 30, 0),   # 8 days ago
    ("S2", 61, 0),   # never
])
def test_a_briefing_counts_until_it_is_older_than_the_window_of_the_day(briefings: Store, district: str, left: int, done: int) -> None:
    assert counts(told(briefings, district, "SE1", before(left))) == (done, 1)


def test_briefings_that_fade_are_counted_one_by_one(briefings: Store) -> None:
    # On D-30 only Amber's counts; on D-31 Amber's, Birch's and Cedar's.
    assert counts(told(briefings, COUNTRY, "SE1", before(30))) == (1, 5)
    assert counts(told(briefings, COUNTRY, "SE1", before(31))) == (3, 5)


# ── The plan's line and the weights ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("indicator", "day", "expected"), [
    ("SE3", before(900), 0.0), ("SE3", before(181), 0.0), ("SE3", before(180), 0.0),
    ("SE3", before(150), 0.1), ("SE3", before(120), 0.2), ("SE3", before(75), 0.6), ("SE3", before(30), 1.0),
    ("SE3", before(0), 1.0), ("SE3", before(-100), 1.0),
    # In days before the programme, which is 55 days before E-day.
    ("AP1", before(300, PROGRAMME), 0.0), ("AP1", before(150, PROGRAMME), 0.1), ("AP1", before(105, PROGRAMME), 0.4), ("AP1", before(61, PROGRAMME), 0.6 + 0.4 * 29 / 30),
    ("AP1", before(60, PROGRAMME), 1.0), ("AP1", PROGRAMME, 1.0),
    ("TR1", before(45, NOMINATIONS), 0.2), ("TR1", before(2, NOMINATIONS), 0.8 + 0.2 * 12 / 13), ("TR1", before(1, NOMINATIONS), 1.0),
])
def test_the_expected_share_is_linear_between_milestones_and_level_outside_them(ages: Store, indicator: str, day: date, expected: float) -> None:
    assert told(ages, "N1", indicator, day).expected == near(expected, abs=1e-12)


@pytest.mark.parametrize(("left", "expected"), [(200, 0.0), (150, 0.1), (120, 0.2), (105, 0.3), (60, 0.6), (14, 0.9), (4, 0.975), (1, 1.0), (0, 1.0)])
def test_an_indicator_without_milestones_has_the_elections_line(ages: Store, left: int, expected: float) -> None:
    plain = Indicator("XX1", "Anything", "things", "done", "required", how="", source="")
    assert ages.election.expected(plain, before(left)) == near(expected)


def test_the_elections_file_may_replace_an_indicators_line(tmp_path: Path) -> None:
    election = election_in(tmp_path, [("[status]", "PS1 = [[100, 0.0], [50, 1.0]]\n\n[status]")])
    store = Store(tmp_path / "small.duckdb", election)
    assert told(store, "N1", "PS1", before(75)).expected == near(0.5)
    assert told(store, "N1", "PS2", before(75)).expected == near(1.0)


def test_the_share_of_a_domain_and_of_a_place_are_weighted_means_of_what_is_known(tmp_path: Path) -> None:
    store, day = Store(tmp_path / "small.duckdb", election_in(tmp_path, [("repairs = 1", "repairs = 3")])), before(105)
    hand_in(store, "repairs", [building("N1", str(code), status) for code, status in enumerate(("certified", "in_progress", "reported", "reported"))], day)
    hand_in(store, "security", [security("N1", briefing=day, personnel=(50, 100), cameras=(0, 0))], day)
    # PS1 1/4 (weight 2) against 0.375, PS2 2/4 (weight 1) against 0.675: (2 × 0.25 + 0.5) / 3 against (2 × 0.375 + 0.675) / 3.
    repairs = told(store, "N1", "repairs", day)
    assert (repairs.share, repairs.expected, counts(repairs)) == (near(1 / 3), near(0.475), (None, None))
    # SE1 1/1, SE2 0/1, SE3 50/100 (weight 2); no cameras are required, so SE4 and its line of 0.15 have no part.
    # (1 + 0 + 2 × 0.5) / 4 against (0.65 + 0.35 + 2 × 0.325) / 4.
    guards = told(store, "N1", "security", day)
    assert (guards.share, guards.expected) == (near(0.5), near(0.4125))
    # Repairs weigh 3, security 1; two domains are silent: (3 × 1/3 + 0.5) / 4 against (3 × 0.475 + 0.4125) / 4.
    place = told(store, "N1", "all", day)
    assert (place.share, place.expected, place.status) == (near(0.375), near(0.459375), "behind")


def test_a_provinces_domain_share_is_taken_from_its_sums(store: Store) -> None:
    day = before(105)
    rows = [building("N1", "1", "certified"), *(building("N2", str(code), "reported") for code in range(9))]
    hand_in(store, "repairs", rows, day)
    # 1 of 10 in both; the mean of the districts' shares, 1.0 and 0.0, would be 0.5.
    assert told(store, NORTH, "repairs", day).share == near(0.1)


def test_a_line_is_told_for_every_indicator_domain_and_place(store: Store) -> None:
    frame = readiness.figures(store, everything(store), "national", days=[before(100)])
    of_domains = {(name, indicator) for indicator, name in INDICATORS.items()} | {(domain.name, "all") for domain in DOMAINS}
    assert sorted(zip(frame["domain"], frame["indicator"])) == sorted(of_domains | {("all", "all")})
    assert tuple(frame.columns) == ("day", *FIGURE_COLUMNS[:-1], "fresh", "disputed")
    one = readiness.figures(store, everything(store), "national", days=[before(100)], domain="repairs")
    assert list(one["indicator"]) == ["all", "PS1", "PS2"]


# ── Nothing is required ──────────────────────────────────────────────────────────────────────────


def test_a_place_with_no_building_to_repair_is_ready_once_all_have_said_so(store: Store) -> None:
    day = before(100)
    hand_in(store, "repairs", [nothing_to_repair("N1"), nothing_to_repair("N2")], day)
    assert [told(store, "N1", what, day).status for what in ("PS1", "PS2", "repairs")] == ["ready"] * 3
    assert told(store, NORTH, "repairs", day).status != "ready"
    hand_in(store, "repairs", [nothing_to_repair("N3")], day)
    line = told(store, NORTH, "PS1", day)
    assert (*counts(line), line.share, line.status) == (0, 0, None, "ready")
    assert told(store, NORTH, "repairs", day).status == "ready"


def test_nothing_to_repair_stays_ready_after_the_due_date(store: Store) -> None:
    hand_in(store, "repairs", [nothing_to_repair("N1")], before(40))
    assert told(store, "N1", "PS1", before(40)).status == "ready"


def test_the_row_that_says_nil_is_never_a_building(store: Store) -> None:
    day = before(100)
    hand_in(store, "repairs", [nothing_to_repair("N1"), building("N2", "1", "reported")], day)
    assert [counts(told(store, NORTH, what, day)) for what in ("PS1", "PS2")] == [(0, 1), (0, 1)]


def test_a_district_that_requires_nothing_adds_nothing_to_its_province(store: Store) -> None:
    day = before(100)
    hand_in(store, "security", [security("N1", cameras=(0, 0)), security("N2", cameras=(5, 10))], day)
    nothing, north = told(store, "N1", "SE4", day), told(store, NORTH, "SE4", day)
    assert (*counts(nothing), nothing.share, nothing.status) == (0, 0, None, "ready")
    assert (*counts(north), north.share, north.reporting) == (5, 10, 0.5, 2)


# ── Which submission counts ──────────────────────────────────────────────────────────────────────


def personnel(store: Store, district: str, have: int, as_of: date, *, at: datetime | None = None) -> str:
    return hand_in(store, "security", [security(district, personnel=(have, 100))], as_of, at=at)


def test_as_of_an_earlier_day_the_picture_is_that_of_the_day(store: Store) -> None:
    personnel(store, "N1", 10, before(100))
    personnel(store, "N1", 50, before(60))
    found = [told(store, "N1", "SE3", before(left)) for left in (101, 100, 61, 60, 0)]
    assert [line.done for line in found] == [None, 10, 10, 50, 50]
    assert [line.as_of for line in found] == [None, before(100), before(100), before(60), before(60)]


def test_a_back_dated_submission_stands_behind_the_newer_picture(store: Store) -> None:
    personnel(store, "N1", 50, before(60), at=NOON)
    personnel(store, "N1", 30, before(70), at=NOON + timedelta(hours=1))
    assert [told(store, "N1", "SE3", before(left)).done for left in (71, 70, 61, 60)] == [None, 30, 30, 50]


def test_what_was_known_at_a_time_leaves_out_what_came_and_went_later(store: Store) -> None:
    hour = timedelta(hours=1)
    personnel(store, "N1", 10, before(100), at=NOON)
    second = personnel(store, "N1", 20, before(90), at=NOON + hour)
    submissions.withdraw(store, second, by="A commission office", reason="Wrong file", at=NOON + 2 * hour)
    moments = [NOON - MOMENT, NOON, NOON + hour - MOMENT, NOON + hour, NOON + 2 * hour - MOMENT, NOON + 2 * hour, None]
    assert [told(store, "N1", "SE3", before(80), known_on=moment).done for moment in moments] == [None, 10, 10, 20, 20, 10, 10]


def test_of_two_submissions_of_one_day_the_one_committed_later_counts(store: Store) -> None:
    later = personnel(store, "N1", 20, before(90), at=NOON + timedelta(hours=1))
    personnel(store, "N1", 10, before(90), at=NOON)
    assert told(store, "N1", "SE3", before(90)).done == 20
    submissions.withdraw(store, later, by="A commission office", reason="Wrong file")
    assert told(store, "N1", "SE3", before(90)).done == 10


def test_a_withdrawn_submission_brings_the_previous_picture_back(store: Store) -> None:
    personnel(store, "N1", 10, before(100))
    second = personnel(store, "N1", 50, before(60))
    earlier = readiness.lines(store, everything(store), "district", days=[before(61)], place="N1")
    submissions.withdraw(store, second, by="A commission office", reason="Wrong district")
    now = readiness.lines(store, everything(store), "district", days=[before(61)], place="N1")
    assert now == earlier
    assert counts(told(store, "N1", "SE3", before(60))) == (10, 100)


def test_a_file_may_come_again_after_it_was_withdrawn(store: Store) -> None:
    first = personnel(store, "N1", 10, before(100), at=NOON)
    submissions.withdraw(store, first, by="A commission office", reason="Too soon", at=NOON + timedelta(hours=1))
    assert told(store, "N1", "SE3", before(100)).status == "not_reported"
    again = personnel(store, "N1", 10, before(100), at=NOON + timedelta(hours=2))
    assert again != first
    assert told(store, "N1", "SE3", before(100)).done == 10


def test_a_submission_replaces_wholly_the_districts_that_it_mentions_and_no_others(store: Store) -> None:
    buildings = [building(district, str(code), "certified") for district in ("N1", "N2") for code in range(3)]
    hand_in(store, "repairs", buildings, before(100))
    hand_in(store, "repairs", [building("N1", "0", "reported")], before(90))
    assert [counts(told(store, place, "PS1", before(90))) for place in ("N1", "N2", NORTH)] == [(0, 1), (3, 3), (3, 4)]
    found = readiness.rows(store, everything(store), "repairs", place=NORTH, on=before(90))
    assert list(zip(found["district"], found["station_code"])) == [("N1", "0"), ("N2", "0"), ("N2", "1"), ("N2", "2")]
    sources = readiness.sources(store, everything(store), place=NORTH, on=before(90))
    assert list(sources["districts"]) == [1, 1]


def test_a_submission_of_one_domain_leaves_the_others_alone(store: Store) -> None:
    personnel(store, "N1", 10, before(100))
    hand_in(store, "repairs", [building("N1", "1", "reported")], before(90))
    assert told(store, "N1", "SE3", before(90)).done == 10


# ── Who may see it ───────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """One sheet of both provinces, then one of each."""
    folder = tmp_path_factory.mktemp("seen")
    store = Store(folder / "small.duckdb", election_in(folder))
    for day, districts in {100: ("N1", "S1"), 90: ("N2", "N3"), 80: ("S2",)}.items():
        hand_in(store, "security", [security(district, personnel=(day, 100)) for district in districts], before(day))
    yield store
    store.close()


VIEWERS: dict[str, tuple[tuple[str, ...], set[str]]] = {
    "the commission": ((COUNTRY,), {COUNTRY, NORTH, SOUTH, "N1", "N2", "N3", "S1", "S2"}),
    "a province": ((NORTH,), {NORTH, "N1", "N2", "N3"}),
    "both provinces": ((NORTH, SOUTH), {COUNTRY, NORTH, SOUTH, "N1", "N2", "N3", "S1", "S2"}),
    "a division": (("NO-1",), {"N1", "N2"}),
    "a district": (("N1",), {"N1"}),
    "a province and a district": ((SOUTH, "N1"), {SOUTH, "N1", "S1", "S2"}),
    "nobody": ((), set()),
}


@pytest.mark.parametrize("viewer", VIEWERS)
def test_a_place_is_answered_for_only_when_the_scope_covers_it_wholly(seen: Store, viewer: str) -> None:
    codes, places = VIEWERS[viewer]
    found = {line.place_code for level in ("national", "province", "district")
             for line in readiness.lines(seen, only(seen, *codes), level, days=[before(70)])}
    assert found == places


@pytest.mark.parametrize("place", [COUNTRY, SOUTH, "S1", "nowhere"])
def test_asking_for_a_place_outside_the_scope_gives_nothing(seen: Store, place: str) -> None:
    scope = only(seen, NORTH)
    assert readiness.lines(seen, scope, LEVELS.get(place, "district"), days=[before(70)], place=place) == ()
    assert readiness.figures(seen, scope, LEVELS.get(place, "district"), days=[before(70)], place=place).empty


def test_what_a_narrow_scope_sees_of_a_place_is_what_the_commission_sees(seen: Store) -> None:
    ask: Callable[[Scope], tuple[Line, ...]] = lambda scope: readiness.lines(seen, scope, "province", days=[before(70)], place=NORTH)
    assert ask(only(seen, NORTH)) == ask(everything(seen)) != ()


def test_the_rows_are_those_of_the_districts_in_scope(seen: Store) -> None:
    for codes, place, districts in [((COUNTRY,), COUNTRY, ["N1", "N2", "N3", "S1", "S2"]), ((NORTH,), COUNTRY, ["N1", "N2", "N3"]),
                                    (("N1",), NORTH, ["N1"]), ((NORTH,), "S1", []), ((COUNTRY,), SOUTH, ["S1", "S2"])]:
        found = readiness.rows(seen, only(seen, *codes), "security", place=place, on=before(70))
        assert list(found["district"]) == districts


def test_rows_are_as_of_a_day_and_as_known_at_a_time(seen: Store) -> None:
    scope = everything(seen)
    assert list(readiness.rows(seen, scope, "security", place=COUNTRY, on=before(95))["district"]) == ["N1", "S1"]
    known = datetime.combine(before(90), datetime.min.time())
    assert list(readiness.rows(seen, scope, "security", place=COUNTRY, on=before(70), known_on=known)["district"]) == ["N1", "S1"]


def test_a_tally_counts_and_sums_the_districts_in_scope(seen: Store) -> None:
    def tally(*codes: str, place: str = COUNTRY, on: date = before(70)) -> list[list[object]]:
        found = readiness.tally(seen, only(seen, *codes), "security", place=place, days=[on], by=["province"], sums=["personnel_committed"])
        return found[["province", "rows", "personnel_committed"]].values.tolist()

    assert tally(COUNTRY) == [[NORTH, 3, 280], [SOUTH, 2, 180]]
    assert tally(NORTH) == [[NORTH, 3, 280]]
    assert tally("N1") == [[NORTH, 1, 100]]
    assert tally(COUNTRY, place="S1") == [[SOUTH, 1, 100]]
    assert tally(NORTH, place="S1") == []
    assert tally(COUNTRY, on=before(95)) == [[NORTH, 1, 100], [SOUTH, 1, 100]]


def test_a_tally_leaves_out_the_rows_that_say_nil(store: Store) -> None:
    hand_in(store, "repairs", [nothing_to_repair("N1"), building("N2", "1", "reported"), building("N2", "2", "reported")], before(100))
    found = readiness.tally(store, everything(store), "repairs", place=COUNTRY, days=[before(100)], by=["status"])
    assert found[["status", "rows"]].values.tolist() == [["reported", 2]]


def test_a_tally_takes_only_columns_that_the_domain_declares(seen: Store) -> None:
    for name in ("station_code", 'plan_status" or true --', "no such column"):
        with pytest.raises(KeyError):
            readiness.tally(seen, everything(seen), "security", place=COUNTRY, days=[before(70)], by=[name])
        with pytest.raises(KeyError):
            readiness.tally(seen, everything(seen), "security", place=COUNTRY, days=[before(70)], sums=[name])


def test_the_sources_are_those_behind_the_districts_in_scope(seen: Store) -> None:
    def sources(*codes: str, place: str = COUNTRY) -> list[list[object]]:
        found = readiness.sources(seen, only(seen, *codes), place=place, on=before(70))
        return [[as_of.date(), districts] for as_of, districts in zip(found["as_of"], found["districts"])]

    assert sources(COUNTRY) == [[before(80), 1], [before(90), 2], [before(100), 2]]
    assert sources(NORTH) == [[before(90), 2], [before(100), 1]]
    assert sources("S1") == [[before(100), 1]]
    assert sources(NORTH, place=SOUTH) == []


def test_the_history_lists_what_touches_a_district_in_scope(seen: Store) -> None:
    def history(*codes: str, place: str | None = None) -> list[date]:
        return [day.date() for day in readiness.history(seen, only(seen, *codes), place=place)["as_of"]]

    assert history(COUNTRY) == [before(80), before(90), before(100)]
    assert history(NORTH) == [before(90), before(100)]
    assert history("S2") == [before(80)]
    assert history(COUNTRY, place="S1") == [before(100)]
    assert history(NORTH, place="S2") == []
    assert history() == []


def test_a_file_is_given_only_to_those_who_may_see_all_its_districts(seen: Store) -> None:
    history = readiness.history(seen, everything(seen))
    mixed, of_north = history["submission"].iloc[2], history["submission"].iloc[1]
    assert readiness.file_of(seen, everything(seen), mixed)[0] == "security.csv"
    assert b"N1" in readiness.file_of(seen, everything(seen), mixed)[1]
    assert readiness.file_of(seen, only(seen, NORTH), mixed) is None
    assert readiness.file_of(seen, only(seen, NORTH), of_north) is not None
    assert readiness.file_of(seen, only(seen, "N2"), of_north) is None
    assert readiness.file_of(seen, only(seen, SOUTH), of_north) is None
    assert readiness.file_of(seen, everything(seen), "no such submission") is None


def test_the_days_with_reports_are_those_of_the_districts_in_scope(seen: Store) -> None:
    assert readiness.reports(seen, everything(seen), place=COUNTRY) == [before(100), before(90), before(80)]
    assert readiness.reports(seen, only(seen, SOUTH), place=COUNTRY) == [before(100), before(80)]
    assert readiness.reports(seen, only(seen, NORTH), place=SOUTH) == []
