"""The legal clock on its boundary days: met, due, at risk, breached, missed; and duties that somebody records as met."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import oracle
import pandas as pd
import pytest
from sheets_for import course, hand_in, posts
from small_country import COUNTRY, DISTRICTS, NORTH, PROGRAMME, before, election_in, everything, only

from data import audit, duties, readiness
from data.clock import Entry, clock
from data.duties import DutyError
from data.scope import Scope
from data.store import Store
from pages.parts import dates

LEVELS = {COUNTRY: "national", NORTH: "province"}
DUE = PROGRAMME - timedelta(days=60)  # of officers
STAFF_DUE = before(5)
DAY = timedelta(days=1)
LIST = ('[[duty]]\nid = "staff"', '[[duty]]\nid = "list"\ntitle = "List published"\nsection = "s. 59"\nanchor = "e_day"\ndays = 30\nsource = "The Act"\n\n[[duty]]\nid = "staff"')
LIST_DUE = before(30)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path / "small.duckdb", election_in(tmp_path, [LIST]))) as store:
        yield store


def told(store: Store, what: str, place: str, on: date, *, scope: Scope | None = None, known_on: datetime | None = None) -> Entry | None:
    """The entry of a duty, or of a plan's indicator, in a place."""
    found = clock(store, scope or everything(store), LEVELS.get(place, "district"), on=on, place=place, known_on=known_on)
    return next((entry for entry in found if entry.id == what), None)


def officers(store: Store, notified: int, *districts: str, on: date = DUE - 30 * DAY, of: int = 10) -> None:
    hand_in(store, "appointments", [posts(district, post, sanctioned=of, notified=notified) for district in districts for post in ("DRO", "RO", "ARO")], on)


def staff(store: Store, counts: Sequence[int], *districts: str, last: date, need: int = 100) -> None:
    for back, have in zip(range(7 * (len(counts) - 1), -1, -7), counts):
        hand_in(store, "training", [course(district, "POLL", "PO", required=need, attended=have) for district in districts], last - timedelta(days=back))


# ── The boundary days ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("days", "state"), [(-1, "due"), (0, "due"), (1, "breached"), (40, "breached")])
def test_a_legal_duty_is_due_on_its_day_and_breached_on_the_next(store: Store, days: int, state: str) -> None:
    officers(store, 9, "N1")
    one = told(store, "officers", "N1", DUE + days * DAY)
    assert (one.state, one.days_left, one.short, one.due) == (state, -days, 3, DUE)
    assert [part.short for part in one.parts] == [1, 1, 1]


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_a_duty_is_met_when_nothing_is_short_whatever_the_day(store: Store, days: int) -> None:
    officers(store, 10, "N1")
    assert told(store, "officers", "N1", DUE + days * DAY).state == "met"


@pytest.mark.parametrize(("days", "state"), [(-1, "due"), (0, "due"), (1, "missed")])
def test_a_practice_is_missed_and_never_breached(store: Store, days: int, state: str) -> None:
    staff(store, [90], "N1", last=STAFF_DUE - 2 * DAY)
    assert told(store, "staff", "N1", STAFF_DUE + days * DAY).state == state


def test_a_date_of_the_plan_is_missed_and_never_breached(store: Store) -> None:
    hand_in(store, "appointments", [posts("N1", "DMO", sanctioned=5, joined=4, notified=4)], PROGRAMME)
    assert (told(store, "AP4", "N1", PROGRAMME).state, told(store, "AP4", "N1", PROGRAMME + DAY).state) == ("due", "missed")


def test_one_officer_short_of_one_kind_is_short_of_the_duty(store: Store) -> None:
    hand_in(store, "appointments", [posts("N1", "DRO", sanctioned=1, notified=1), posts("N1", "RO", sanctioned=3, notified=2), posts("N1", "ARO", sanctioned=6, notified=6)], DUE)
    one = told(store, "officers", "N1", DUE + DAY)
    assert (one.state, one.short, one.worst.indicator.id) == ("breached", 1, "AP2")


# ── Silence ──────────────────────────────────────────────────────────────────────────────────────


def test_what_nobody_has_reported_is_neither_met_nor_breached(store: Store) -> None:
    assert (told(store, "officers", NORTH, DUE - DAY).state, told(store, "officers", NORTH, DUE + DAY).state) == ("not_reported", "not_reported")


@pytest.mark.parametrize(("days", "state"), [(0, "due"), (1, "not_reported")])
def test_a_province_of_which_a_district_is_silent_has_not_met_its_duty(store: Store, days: int, state: str) -> None:
    officers(store, 10, "N1", "N2")
    one = told(store, "officers", NORTH, DUE + days * DAY)
    assert (one.state, one.short, one.silent) == (state, 0, 1)
    officers(store, 10, "N3")
    assert told(store, "officers", NORTH, DUE + days * DAY).state == "met"


def test_a_province_in_which_one_district_is_short_is_in_breach_though_another_is_silent(store: Store) -> None:
    officers(store, 9, "N1")
    assert told(store, "officers", NORTH, DUE + DAY).state == "breached"


def test_what_is_reported_of_one_kind_alone_does_not_meet_the_duty(store: Store) -> None:
    hand_in(store, "appointments", [posts("N1", "DRO", sanctioned=1, notified=1)], DUE)
    assert (told(store, "officers", "N1", DUE).state, told(store, "officers", "N1", DUE + DAY).state) == ("due", "not_reported")


# ── At risk ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("have", "state"), [((60, 70, 80), "due"), ((61, 70, 79), "at_risk"), ((79, 79, 79), "at_risk"), ((60, 61), "due")])
def test_a_duty_is_at_risk_when_its_pace_does_not_reach_its_day(store: Store, have: tuple[int, ...], state: str) -> None:
    # Two weeks before the day: ten a week does twenty; nine does eighteen. Two reports tell of no pace.
    staff(store, have, "N1", last=STAFF_DUE - 14 * DAY)
    assert told(store, "staff", "N1", STAFF_DUE - 14 * DAY).state == state


def test_a_place_is_at_risk_by_its_own_pace(store: Store) -> None:
    staff(store, (60, 70, 80), "N1", "N2", last=STAFF_DUE - 14 * DAY)
    staff(store, (90, 92, 94), "N3", last=STAFF_DUE - 14 * DAY)
    states = {place: told(store, "staff", place, STAFF_DUE - 14 * DAY).state for place in ("N1", "N3", NORTH)}
    assert states == {"N1": "due", "N3": "at_risk", NORTH: "at_risk"}  # 46 remain, 44 are done in two weeks


# ── Duties that somebody records ─────────────────────────────────────────────────────────────────


def recorded(store: Store, met_on: date | None, *, at: datetime, reference: str = "Gazette of the day") -> None:
    duties.record(store, "list", met_on, reference, by="The secretary", may_submit=everything(store), at=at)


def test_a_duty_that_nothing_measures_is_met_once_somebody_says_so(store: Store) -> None:
    assert [told(store, "list", COUNTRY, LIST_DUE + days * DAY).state for days in (-1, 0, 1)] == ["due", "due", "breached"]
    recorded(store, LIST_DUE - 2 * DAY, at=datetime.combine(LIST_DUE, time(9)))
    assert [told(store, "list", COUNTRY, LIST_DUE + days * DAY).state for days in (-3, -2, 1)] == ["due", "met", "met"]
    assert told(store, "list", COUNTRY, LIST_DUE).record.reference == "Gazette of the day"
    assert told(store, "list", COUNTRY, LIST_DUE + DAY, known_on=datetime.combine(LIST_DUE, time(8))).state == "breached"


def test_a_record_that_is_taken_back_counts_no_more_and_both_are_kept(store: Store) -> None:
    recorded(store, LIST_DUE, at=datetime.combine(LIST_DUE, time(9)))
    recorded(store, None, at=datetime.combine(LIST_DUE, time(10)), reference="It was a draft")
    assert told(store, "list", COUNTRY, LIST_DUE + DAY).state == "breached"
    assert told(store, "list", COUNTRY, LIST_DUE + DAY, known_on=datetime.combine(LIST_DUE, time(9, 30))).state == "met"
    assert store.ask_rows("select count(*) from duty_records", {}) == [(2,)]


def test_a_duty_that_nothing_measures_is_the_countrys_alone(store: Store) -> None:
    assert told(store, "list", NORTH, LIST_DUE) is None


def test_a_breach_that_nothing_measures_holds_the_country_at_critical_and_no_province(store: Store) -> None:
    for district in DISTRICTS:
        officers(store, 10, district)
    status = {level: {line.place_code: line.status for line in readiness.lines(store, everything(store), level, days=(LIST_DUE + DAY,)) if line.domain == "all"}
              for level in ("national", "province")}
    assert status["national"] == {COUNTRY: "critical"}
    assert "critical" not in status["province"].values()
    before_it = readiness.lines(store, everything(store), "national", days=(LIST_DUE,))
    assert next(line.status for line in before_it if line.domain == "all") != "critical"
    _agrees(store, LIST_DUE + DAY)
    recorded(store, LIST_DUE, at=datetime.combine(LIST_DUE, time(9)))
    after = readiness.lines(store, everything(store), "national", days=(LIST_DUE + DAY,))
    assert next(line.status for line in after if line.domain == "all") != "critical"
    _agrees(store, LIST_DUE + DAY)
    _agrees(store, LIST_DUE + DAY, known_on=datetime.combine(LIST_DUE, time(8)))


def _agrees(store: Store, day: date, known_on: datetime | None = None) -> None:
    """The statuses of the country are the oracle's."""
    with closing(store.cursor()) as cursor:
        tables = oracle.read_tables(cursor)
    policy = oracle.Policy.read(store.database.path.with_name("election.toml"))
    theirs = oracle.figures(tables, policy, "national", day, known_on).set_index(["domain", "indicator"])["status"]
    ours = readiness.figures(store, everything(store), "national", days=[day], known_on=known_on).set_index(["domain", "indicator"])["status"]
    pd.testing.assert_series_equal(ours.sort_index(), theirs.sort_index(), check_dtype=False)


@pytest.mark.parametrize(("duty", "met_on", "reference", "who", "says"), [
    ("list", LIST_DUE, "Gazette", "N1", "submits for the whole country"),
    ("list", LIST_DUE, "  ", "all", "Name the paper"),
    ("list", None, "", "all", "Say why"),
    ("list", date(2100, 1, 1), "Gazette", "all", "lies after today"),
    ("officers", DUE, "Gazette", "all", "its indicators tell"),
    ("nothing", DUE, "Gazette", "all", "no duty with the id nothing"),
    ("list", LIST_DUE, "x" * 501, "all", "501 letters"),
])
def test_what_cannot_be_recorded_is_said_and_not_kept(store: Store, duty: str, met_on: date | None, reference: str, who: str, says: str) -> None:
    may_submit = everything(store) if who == "all" else only(store, who)
    with pytest.raises(DutyError, match=says):
        duties.record(store, duty, met_on, reference, by="Somebody", may_submit=may_submit)
    assert store.ask_rows("select count(*) from duty_records", {}) == [(0,)]


def test_who_submits_in_some_domains_only_may_not_record_a_duty(store: Store) -> None:
    assert not duties.may_record(store.election, replace(everything(store), domains=frozenset({"repairs"})))
    assert duties.may_record(store.election, everything(store))


def test_recording_a_duty_is_written_down(store: Store) -> None:
    recorded(store, LIST_DUE, at=datetime.combine(LIST_DUE, time(9)))
    line, = audit.lines(store, act="duty")
    assert (line.who, line.about) == ("The secretary", {"duty": "list", "met_on": LIST_DUE.isoformat(), "reference": "Gazette of the day"})


# ── Who sees it, and in which words ──────────────────────────────────────────────────────────────


def test_the_clock_of_a_place_is_told_only_to_who_sees_all_of_it(store: Store) -> None:
    officers(store, 9, "N1", "N2", "N3", "S1")
    narrow = only(store, "N1", "N2")
    assert clock(store, narrow, "national", on=DUE) == () == clock(store, narrow, "province", on=DUE)
    assert {entry.place_code for entry in clock(store, narrow, "district", on=DUE)} == {"N1", "N2"}
    assert told(store, "officers", "N1", DUE + DAY, scope=narrow) == told(store, "officers", "N1", DUE + DAY)


def test_the_strip_has_the_duties_in_order_of_their_dates_and_says_how_each_stands(store: Store) -> None:
    officers(store, 9, *DISTRICTS)
    staff(store, (10, 20, 30), *DISTRICTS, last=DUE + 30 * DAY)
    entries = clock(store, everything(store), "national", on=DUE + 30 * DAY)
    assert [entry.id for entry in entries if entry.duty] == ["officers", "list", "staff"]
    words = dates.strip(entries, "clock")
    for said in ("Breached 16 Oct: 15 short", "Due 9 Jan, 55 days to go", "Due 3 Feb, 80 days to go"):
        assert said in words


def test_what_will_be_late_names_how_many_when_how_fast_and_where(store: Store) -> None:
    staff(store, (60, 70, 80), "N1", "N2", last=STAFF_DUE - 14 * DAY)
    staff(store, (90, 92, 94), "N3", last=STAFF_DUE - 14 * DAY)
    on = STAFF_DUE - 14 * DAY
    words = dates.late_list(clock(store, everything(store), "province", on=on, place=NORTH), lambda entry: "", most=4,
                            below=clock(store, only(store, "N1", "N2", "N3"), "district", on=on))
    assert "2 short on 3 Feb" in words
    assert "23 staff a week needed, 22 now · most in Cedar" in words
