"""The rows behind a picture: all of them, or the few that a page shows."""

from __future__ import annotations

from contextlib import closing

import pandas as pd
import pytest

from data.readiness import accepted_warnings, listed, rows
from data.scope import Scope
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
    return listed(store, scope or everything(store), "repairs", ("station_code",), place=COUNTRY, on=DAY, **asked)["station_code"]


def test_all_rows_come_by_district_and_row(store):
    assert codes(store) == ["1", "2", "3", "4", "NIL"]


def test_columns_that_are_listed_hold_what_the_rows_hold_in_their_order(store):
    told = rows(store, everything(store), "repairs", place=COUNTRY, on=DAY)
    assert list(told["station_code"]) == codes(store)
    names = ("status", "due", "station_code", "cost")
    found = listed(store, everything(store), "repairs", names, place=COUNTRY, on=DAY)
    assert tuple(found) == names
    assert found == {name: [None if pd.isna(value) else value.date() if name == "due" else value for value in told[name]] for name in names}
    assert found["due"] == [None, before(20), None, before(40), None]
    assert rows(store, everything(store), "repairs", place=COUNTRY, on=DAY, most=2)["station_code"].tolist() == ["1", "2"]


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
    with pytest.raises(KeyError):
        listed(store, everything(store), "repairs", ("due; drop table files",), place=COUNTRY, on=DAY)


def test_the_warnings_behind_a_picture_are_those_of_its_own_rows_and_of_whole_sheets(store):
    later = before(40)
    # N1 loses its building 2 and does not say when building 1 was completed; S1 loses its word that there is nothing to repair.
    hand_in(store, "repairs", [building("N1", "1", "certified"), building("S1", "9", "reported")], later)
    both = Scope.of(store.election.places, ["N1", "S1"])

    def kinds(place: str, scope: Scope, on=later) -> list[str]:
        return list(accepted_warnings(store, scope, place=place, on=on, domains=["repairs"])["kind"])

    assert sorted(kinds("N1", both)) == ["needed_soon", "rows_disappear"]
    assert kinds("S1", both) == ["rows_disappear"]
    assert sorted(kinds(COUNTRY, both)) == ["needed_soon", "rows_disappear", "rows_disappear"]
    assert kinds("N1", only(store, "N1")) == []  # the file names S1 as well, which this viewer may not see
    assert kinds("S1", both, on=DAY) == []  # not yet
