"""Lost coverage, by hand: who was trained and since transferred, posts vacated again, and a requirement that moves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sheets_for import Row, course, hand_in, posts
from small_country import COUNTRY, NORTH, before, election_in, everything, only

from data.domains import DOMAINS
from data.lost import Lost, lost
from data.store import Store

NOW = before(40)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path / "small.duckdb", election_in(tmp_path))) as store:
        yield store


def staff(district: str, required: int, attended: int, transferred: int | None) -> Row:
    return course(district, "POLL", "PO", required=required, attended=attended) | {"transferred": transferred}


def told(store: Store, indicator: str, place: str = NORTH, *, domain: str = "training") -> Lost:
    return next(one for one in lost(store, everything(store), domain, place=place, on=NOW) if one.indicator.id == indicator)


def test_who_was_trained_and_transferred_is_summed_with_the_districts_that_lost_most(store: Store) -> None:
    hand_in(store, "training", [staff("N1", 100, 60, 5), staff("N2", 80, 50, 12), staff("N3", 50, 10, 0), staff("S1", 40, 10, 7)], NOW)
    one = told(store, "TR2")
    assert (one.count, one.line.done, one.line.required, one.label) == (17, 120, 230, "Trained since transferred")
    assert one.districts == (("N2", "Birch", 12), ("N1", "Amber", 5))
    assert told(store, "TR2", COUNTRY).count == 24
    assert told(store, "TR2", "N1").count == 5


def test_only_rows_of_the_indicator_count(store: Store) -> None:
    hand_in(store, "training", [staff("N1", 100, 60, 5), course("N1", "RO", "RO", required=5, attended=4) | {"transferred": 1}], NOW)
    assert (told(store, "TR2").count, told(store, "TR1").count) == (5, 1)


def test_what_no_row_tells_of_is_not_nought(store: Store) -> None:
    hand_in(store, "training", [course("N1", "POLL", "PO", required=100, attended=60), staff("N2", 100, 60, 0)], NOW)
    assert (told(store, "TR2").count, told(store, "TR2", "N1").count) == (0, None)


def test_posts_vacated_again_are_lost(store: Store) -> None:
    hand_in(store, "appointments", [posts("N1", "RO", sanctioned=10, notified=9) | {"vacated": 2}, posts("N1", "PrO", sanctioned=50, notified=40, joined=40) | {"vacated": 3}], NOW)
    assert (told(store, "AP2", domain="appointments").count, told(store, "AP5", domain="appointments").count, told(store, "AP1", domain="appointments").count) == (2, 3, None)


def test_the_requirement_is_told_with_how_it_moved_in_the_last_weeks(store: Store) -> None:
    for days, required in ((35, 50), (28, 100), (14, 130), (0, 120)):
        hand_in(store, "training", [staff("N1", required, 40, 1)], NOW - timedelta(days=days))
    assert (told(store, "TR2", "N1").line.required, told(store, "TR2", "N1").required_change) == (120, 20)


def test_losses_are_told_only_to_who_sees_the_whole_place(store: Store) -> None:
    hand_in(store, "training", [staff("N1", 100, 60, 5), staff("N2", 80, 50, 12)], NOW)
    narrow = only(store, "N1")
    assert lost(store, narrow, "training", place=NORTH, on=NOW) == ()
    assert lost(store, narrow, "training", place="N1", on=NOW) == lost(store, everything(store), "training", place="N1", on=NOW)
    assert [one.districts for one in lost(store, narrow, "training", place="N2", on=NOW)] == []


def test_a_column_of_what_is_lost_is_one_of_counts_that_the_domain_stores() -> None:
    for domain in DOMAINS:
        for indicator in domain.indicators:
            assert not indicator.lost or domain.column(indicator.lost).kind == "count"
