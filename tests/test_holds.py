"""Which districts a problem keeps from being taken: those that it can be about, and no others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import pytest

from data.election import Election
from data.scope import Scope
from loaders.checks import Checked, check
from loaders.headers import find
from loaders.sheets import read

HEADING = "District,Station code,Station name,Condition,Cause,Status,Certified by"
GOOD = "Lahore,PS-1,School,Damaged,Flood,Reported,"
Held = Callable[[Sequence[str]], dict[str, tuple[str, ...] | None]]


@pytest.fixture
def held(election: Election, everything: Scope) -> Held:
    """What each kind of problem in lines of repairs holds."""

    def found(lines: Sequence[str]) -> dict[str, tuple[str, ...] | None]:
        return {one.kind: one.holds for one in checked(lines).problems if one.blocks}

    def checked(lines: Sequence[str]) -> Checked:
        content = "\n".join(["As of,20/11/2026", HEADING, GOOD, *lines]).encode()
        layout = find(read("repairs.csv", content), election.domains)
        return check(layout, election, today=date(2026, 11, 26), may_submit=everything)

    return found


def test_a_cell_holds_the_district_of_its_row(held: Held) -> None:
    assert held(["Jamshoro,PS-2,School,Damaged,Flood,Certified,"]) == {"needed": ("PK708",)}


def test_a_name_that_may_be_one_of_several_holds_each_of_them(held: Held, election: Election) -> None:
    found = held(["Karachi,PS-2,School,Damaged,Flood,Reported,"])["ambiguous_district"]
    assert len(found) > 2 and all(election.places[code].name.startswith(("Karachi", "Korangi", "Malir", "Kemari", "Keamari")) for code in found)


@pytest.mark.parametrize("name", ["Jamshroo", "Zzzzz", "Mian Mir"])
def test_a_name_that_is_not_known_holds_every_district_whatever_it_is_like(held: Held, name: str) -> None:
    assert held([f"{name},PS-2,School,Damaged,Flood,Reported,"]) == {"unknown_district": None}


def test_a_row_without_a_district_holds_every_district(held: Held) -> None:
    assert held([",PS-2,School,Damaged,Flood,Reported,"]) == {"missing": None}


def test_another_problem_in_a_row_of_an_unknown_district_holds_what_that_holds(held: Held) -> None:
    found = held(["Karachi,PS-2,School,Damaged,Flood,Sunk,"])
    assert found["unknown_code"] == found["ambiguous_district"] is not None


def test_a_province_in_a_districts_place_holds_its_districts(held: Held) -> None:
    found = held(["Sindh Division,PS-2,School,Damaged,Flood,Reported,", "Sindh,PS-3,School,Damaged,Flood,Reported,"])
    assert len(found["not_a_district"]) == 30


def test_a_column_that_is_missing_holds_every_district(election: Election, everything: Scope) -> None:
    layout = find(read("repairs.csv", b"As of,20/11/2026\nDistrict,Station code,Station name,Condition,Cause\nLahore,PS-1,School,Damaged,Flood\n"), election.domains)
    found = check(layout, election, today=date(2026, 11, 26), may_submit=everything).problems
    assert [(one.kind, one.holds) for one in found if one.blocks] == [("missing_column", None)]
