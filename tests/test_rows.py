"""The rows behind a picture: all of them, or the few that a page shows."""

from __future__ import annotations

from contextlib import closing

import pytest

from data.readiness import rows
from data.store import Store
from sheets_for import building, hand_in, nothing_to_repair
from small_country import COUNTRY, before, election_in, everything, only

DAY = before(50)


@pytest.fixture
def store(tmp_path):
    with closing(Store(tmp_path / "store.duckdb", election_in(tmp_path))) as opened:
        hand_in(opened, "repairs", [
            building("N1", "1", "certified"), building("N1", "2", "reported") | {"due": before(20)}, building("N2", "3", "reported"),
            building("N2", "4", "funded") | {"due": before(40)}, nothing_to_repair("S1")], DAY)
        yield opened


def codes(store: Store, scope=None, **asked) -> list[str]:
    return list(rows(store, scope or everything(store), "repairs", place=COUNTRY, on=DAY, **asked)["station_code"])


def test_all_rows_come_by_district_and_row(store):
    assert codes(store) == ["1", "2", "3", "4", "NIL"]


def test_rows_with_a_value_that_is_left_out_do_not_come(store):
    assert codes(store, without={"status": ("certified", "funded"), "station_code": ("NIL",)}) == ["2", "3"]


def test_a_row_without_any_value_is_not_left_out(store):
    assert codes(store, without={"status": ("certified", "reported", "funded")}) == ["NIL"]


def test_the_first_rows_of_an_order_come_and_what_is_empty_comes_last(store):
    assert codes(store, order=("due",), most=3) == ["4", "2", "1"]


def test_few_rows_keep_to_the_scope_and_to_the_latest_commit(store):
    assert codes(store, only(store, "N2"), order=("due",), most=1) == ["4"]
    assert codes(store, only(store, "N1"), order=("due",), most=1) == ["2"]
    hand_in(store, "repairs", [building("N2", "5", "reported") | {"due": before(45)}], DAY)
    assert codes(store, only(store, "N2"), order=("due",), most=1) == ["5"]


def test_a_column_that_is_not_declared_is_refused(store):
    for asked in ({"order": ("due; drop table files",)}, {"without": {"nothing": ("x",)}}):
        with pytest.raises(KeyError):
            codes(store, **asked)
