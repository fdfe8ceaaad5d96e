"""Whatever stands in a sheet, the checks answer with rows and problems, or it is refused in a sentence; nothing else is raised."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given, settings, strategies as st

from data.declare import Column, Domain
from data.domains import DOMAINS
from data.election import Election
from data.scope import Scope
from loaders.cells import letters
from loaders.checks import Checked, check
from loaders.headers import find
from loaders.problems import LoadError
from loaders.sheets import Sheet

TODAY = date(2026, 11, 24)
ODD = ("", "Total", "کل", "Punjab Total", "Lahore Total", "Sindh", "Karachi Division", "Lahore", "NIL", "nil.", "None", "#REF!", "#NOT-CALCULATED!", "1,234", "۱۲۳۴",
       "-5", "1.5", "1.000", "45%", "3.5E+12", "99999999999999999999", "12/06/2025", "2025-02-01", "10 June 2025", "District", "Sanctioned", "RO", "As-of date",
       "Prepared by", "'", '"', "\\d", "a|b", "(?i)", "[", "{", "}", "%", "–", "\u200f", "x" * 2500)


def cells_of(column: Column, places: Sequence[str]) -> st.SearchStrategy[str]:
    """What a sender may write into a column."""
    told = {"district": st.sampled_from(places), "province": st.just(""), "date": st.just("01/06/2025"), "percent": st.just("50"),
            "count": st.integers(0, 20).map(str), "money": st.integers(0, 9999).map(str)}
    return told[column.kind] if column.kind in told else st.sampled_from([code.label for code in column.codes] or ["PS-1", "7", "NIL", "a school"])


@st.composite
def sheets(draw: st.DrawFn, domain: Domain, places: Sequence[str]) -> Sheet:
    """A sheet of a domain in which some cells and lines are as they should not be, with merged and hidden ones."""
    columns = [column for column in domain.columns if column.required or draw(st.booleans())]
    rows = [["As-of date", "12/06/2025"], [draw(st.sampled_from((column.label, *column.spellings))) for column in columns]]
    rows += draw(st.lists(st.tuples(*(cells_of(column, places) for column in columns)).map(list), max_size=6))
    for _ in range(draw(st.integers(0, 5))):
        at, how = draw(st.integers(0, len(rows) - 1)), draw(st.sampled_from(("cell", "cell", "beside", "line", "again", "blank")))
        if how == "cell" and rows[at]:
            rows[at] = [*rows[at]]
            rows[at][draw(st.integers(0, len(rows[at]) - 1))] = draw(st.sampled_from(ODD))
        elif how == "beside":
            rows[at] = [*rows[at], draw(st.sampled_from(ODD))]
        else:
            line = {"line": draw(st.lists(st.sampled_from(ODD), max_size=len(columns) + 2)), "again": rows[at]}.get(how, [])
            rows.insert(at, line)
    wide = max(map(len, rows)) or 1
    areas = st.tuples(st.integers(1, len(rows)), st.integers(1, wide), st.integers(0, 3), st.integers(0, 2))
    merged = tuple((top, left, min(top + down, len(rows)), min(left + across, wide)) for top, left, down, across in draw(st.lists(areas, max_size=2)))
    hidden = tuple((first, first) for first in draw(st.sets(st.integers(1, len(rows)), max_size=2)))
    table = {"row": pa.array(range(1, len(rows) + 1), pa.int32())}
    for number in range(wide):
        values = [(row[number] or None) if number < len(row) else None for row in rows]
        if any(values):
            table[letters(number + 1)] = pa.array(values, pa.string())
    return Sheet("Sheet1", False, pa.table(table), hidden, merged)


def checked(election: Election, sheet: Sheet) -> Checked | None:
    """The sheet's rows and problems; None if it is refused."""
    try:
        layout = find([sheet], DOMAINS)
    except LoadError as refused:
        assert refused.message
        return None
    return check(layout, election, today=TODAY, may_submit=Scope.everything(election.places))


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: domain.name)
def test_any_sheet_is_answered(election: Election, domain: Domain) -> None:
    names = [district.name for district in election.places.districts[:20]]

    @settings(max_examples=60)
    @given(sheets(domain, names))
    def answered(sheet: Sheet) -> None:
        found = checked(election, sheet)
        if found is not None:
            numbers = set(sheet.cells["row"].to_pylist())
            assert set(found.rows["row"].to_pylist()) <= numbers
            assert all(one.message and (one.row is None or one.row in numbers) for one in found.problems)
            assert found.blocked or found.rows.num_rows

    answered()


def test_a_list_whose_columns_hold_no_figure_and_no_code_is_answered(election: Election) -> None:
    """A station's list without its codes: there is no column in which a figure could be looked for below the last district."""
    rows = [["District", "Station name", "Condition", "Cause", "Status of work"], ["Lahore", "a school", "Damaged", "Flood", "Reported"]]
    table = {"row": pa.array([1, 2], pa.int32())} | {letters(number + 1): pa.array([row[number] for row in rows], pa.string()) for number in range(5)}
    found = checked(election, Sheet("Sheet1", False, pa.table(table)))
    assert [one.kind for one in found.problems if one.row != 1] == ["as_of_missing"]
    assert "missing_column" in {one.kind for one in found.problems}
