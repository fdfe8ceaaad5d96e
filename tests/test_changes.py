"""What changed between two days, worked out by hand: with a back-dated submission, a withdrawn one, and districts that begin or cease to report."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from sheets_for import building, hand_in, posts, security
from small_country import COUNTRY, NORTH, PROGRAMME, before, election_in, everything, only

from data.changed import Changed, Moved, changed
from data.store import Store
from loaders import submissions

DAY = timedelta(days=1)
NOW = before(75)
THEN = NOW - 7 * DAY


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path / "small.duckdb", election_in(tmp_path))) as store:
        yield store


def personnel(store: Store, district: str, have: int, on: date = THEN, *, at: datetime | None = None) -> str:
    return hand_in(store, "security", [security(district, personnel=(have, 100))], on, at=at)


def north(store: Store, *, since: date = THEN, on: date = NOW) -> Changed:
    return changed(store, everything(store), place=NORTH, before=since, on=on)


def counts(moved: tuple[Moved, ...]) -> list[tuple[str, str, int | None, int | None]]:
    return [(one.now.place, one.now.indicator, one.before.done, one.now.done) for one in moved]


def test_districts_that_rose_and_fell_are_ranked_by_how_far(store: Store) -> None:
    for district, then, now in (("N1", 10, 30), ("N2", 10, 80), ("N3", 50, 40)):
        personnel(store, district, then)
        personnel(store, district, now, NOW)
    told = north(store)
    # Of security's weights (SE3 counts twice of five) and with nothing else reported, a fifth and a half of a fifth: 0.4 of the change.
    assert [(one.now.place, round(one.change, 6)) for one in told.risers] == [("Birch", 0.28), ("Amber", 0.08)]
    assert [(one.now.place, round(one.change, 6)) for one in told.fallers] == [("Cedar", -0.04)]
    assert counts(told.fell) == [("Cedar", "SE3", 50, 40)]
    own = told.of("security", "SE3")
    assert (own.before.done, own.now.done, own.count, round(own.change, 6)) == (70, 150, 80, round(80 / 300, 6))


def test_a_district_that_reports_for_the_first_time_has_neither_risen_nor_fallen(store: Store) -> None:
    personnel(store, "N1", 10)
    personnel(store, "N2", 90, NOW)
    told = north(store)
    assert told.risers == told.fallers == ()
    assert counts(told.heard) == [("Birch", "all", None, None)]
    assert told.of("security", "SE3").count == 90


def test_dates_tell_who_came_into_which_state(store: Store) -> None:
    due = PROGRAMME - 60 * DAY
    for district, notified in (("N1", 9), ("N2", 10)):
        hand_in(store, "appointments", [posts(district, post, sanctioned=10, notified=notified) for post in ("DRO", "RO", "ARO")], due)
    told = north(store, since=due, on=due + DAY)
    assert [(entry.place, entry.id) for entry in told.dates["breached"]] == [("Amber", "officers")]
    assert told.dates["met"] == ()
    hand_in(store, "appointments", [posts("N1", post, sanctioned=10, notified=10) for post in ("DRO", "RO", "ARO")], due + 2 * DAY)
    told = north(store, since=due + DAY, on=due + 2 * DAY)
    assert ([(entry.place, entry.id) for entry in told.dates["met"]], told.dates["breached"]) == ([("Amber", "officers")], ())
    assert north(store, since=due + 2 * DAY, on=due + 3 * DAY).dates["met"] == ()


def test_a_date_of_the_plan_that_passed_between_the_days_is_missed_since(store: Store) -> None:
    hand_in(store, "repairs", [building("N1", "1", "in_progress"), building("N1", "2", "reported")], before(75))
    told = north(store, since=before(75), on=before(74))
    assert [(entry.place, entry.id) for entry in told.dates["missed"]] == [("Amber", "PS2")]


def test_who_fell_silent_is_told_with_the_domain_and_who_reports_again_too(store: Store) -> None:
    personnel(store, "N1", 10, THEN)
    personnel(store, "N2", 10, THEN - 20 * DAY)
    personnel(store, "N2", 20, NOW)
    told = north(store, since=THEN, on=THEN + 15 * DAY)
    assert [(one.now.place, one.now.domain, one.now.status) for one in told.silent] == [("Amber", "security", "stale")]
    assert [(one.now.place, one.before.status) for one in told.heard] == [("Birch", "stale")]


def test_a_back_dated_submission_is_corrected_after_the_fact(store: Store) -> None:
    personnel(store, "N1", 10, THEN)
    personnel(store, "N1", 30, THEN, at=datetime.combine(NOW, time(12)))
    personnel(store, "N2", 5, THEN - DAY, at=datetime.combine(THEN + DAY, time(0, 0, 1)))
    told = north(store)
    assert [one for one in counts(told.known_later) if one[1] == "SE3"] == [("Amber", "SE3", 10, 30), ("Birch", "SE3", None, 5)]
    assert told.of("security", "SE3").before.done == 35  # both days are told as they are known today


def test_what_came_in_by_the_end_of_the_day_was_known_then(store: Store) -> None:
    personnel(store, "N1", 10, THEN, at=datetime.combine(THEN, time(23, 59, 59)))
    assert north(store).known_later == ()


def test_a_withdrawn_submission_is_corrected_after_the_fact_and_brings_back_what_stood_before(store: Store) -> None:
    personnel(store, "N1", 10, THEN - DAY)
    wrong = personnel(store, "N1", 90, THEN)
    submissions.withdraw(store, wrong, by="A commission office", reason="A digit too many", at=datetime.combine(THEN + 2 * DAY, time(12)))
    told = north(store)
    assert [one for one in counts(told.known_later) if one[1] == "SE3"] == [("Amber", "SE3", 90, 10)]
    assert north(store, since=THEN - DAY, on=THEN).known_later == ()


def test_changes_are_told_only_to_who_sees_the_whole_place(store: Store) -> None:
    for district in ("N1", "N2", "N3", "S1"):
        personnel(store, district, 10)
        personnel(store, district, 20, NOW)
    narrow = only(store, "N1", "N2")
    assert changed(store, narrow, place=NORTH, before=THEN, on=NOW) is None
    assert changed(store, only(store, "N1", "N2", "N3"), place=COUNTRY, before=THEN, on=NOW) is None
    assert changed(store, narrow, place="N1", before=THEN, on=NOW) == changed(store, everything(store), place="N1", before=THEN, on=NOW)
    assert changed(store, only(store, "N1", "N2", "N3"), place=NORTH, before=THEN, on=NOW) == north(store)


def test_a_place_of_which_nothing_is_known_has_not_changed(store: Store) -> None:
    told = north(store)
    assert (told.risers, told.fallers, told.fell, told.silent, told.heard, told.known_later) == ((), (), (), (), (), ())
