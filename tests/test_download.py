"""What is taken along from a page: the same words and figures, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime

import openpyxl
import pandas as pd
import pytest

from data.election import Election
from pages.parts import marks, tables
from pages.parts.tables import csv_of, xlsx_of

FRAME = pd.DataFrame({"District": ["Lahore", "کیچ"], "Done": [-5, 1200], "Share": [0.5, None], "As of": [date(2026, 11, 26)] * 2})


def cells(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("text", ["=1+1", "+92 300", "-cmd", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_text_that_a_spreadsheet_would_run_is_neutralised(text: str) -> None:
    frame = pd.DataFrame({text: [text]})
    assert cells(csv_of(frame)) == [[f"'{text}"], [f"'{text}"]]
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_of(frame))).active
    assert {sheet["A1"].data_type, sheet["A2"].data_type} == {"s"}


def test_numbers_stay_numbers_and_urdu_stays_urdu() -> None:
    assert cells(csv_of(FRAME))[1:] == [["Lahore", "-5", "0.5", "2026-11-26"], ["کیچ", "1200", "", "2026-11-26"]]
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_of(FRAME))).active
    assert [cell.value for cell in sheet[2]][:3] == ["Lahore", -5, 0.5]
    assert sheet["A3"].value == "کیچ"
    assert sheet["D2"].value.date() == date(2026, 11, 26)
    assert sheet.freeze_panes == "A2"


def test_a_small_table_takes_its_figures_along_and_not_their_words() -> None:
    columns = ["Post", marks.Column("Days", number=True), marks.Column("Share", number=True)]
    rows = [["Returning Officer", marks.measured("175 or more", 175), marks.measured("50 %", 0.5)], ["<b>", marks.measured("no pace", None), None]]
    assert "175 or more" in marks.table(columns, rows, "Waiting")
    taken = tables.frame_of(columns, rows)
    assert taken.to_dict("list")["Post"] == ["Returning Officer", "<b>"]
    assert taken["Days"].iloc[0] == 175 and pd.isna(taken["Days"].iloc[1])
    assert taken["Share"].iloc[0] == 0.5


def test_a_list_is_taken_along_with_whole_numbers_whole_where_some_are_empty_and_days_as_days() -> None:
    columns = {"Overdue": [5, None, 9_007_199_254_740_993], "Due": [date(2026, 11, 26), None, date(2026, 11, 27)], "Cost": [1.5, None, 2.0], "Name": ["=1", None, "کیچ"], "Nothing": [None] * 3}
    assert cells(csv_of(tables.taken(columns))) == [
        list(columns), ["5", "2026-11-26", "1.5", "'=1", ""], ["", "", "", "", ""], ["9007199254740993", "2026-11-27", "2.0", "کیچ", ""]]
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_of(tables.taken(columns)))).active
    assert [cell.value for cell in sheet[2]] == [5, datetime(2026, 11, 26), 1.5, "=1", None] and sheet["D2"].data_type == "s"
    assert tables.taken({}).empty


@pytest.mark.parametrize("day", [date(2026, 11, 26), datetime(2026, 11, 26), pd.Timestamp(2026, 11, 26)])
def test_rows_are_told_in_the_words_of_the_sheet_however_the_database_gave_them(election: Election, day: date) -> None:
    rows = {"district": ["PK617", "PK505"], "status": ["certified", None], "due": [day, pd.NaT], "cost": [float("nan"), 2.5], "remarks": [None, None], "row": [3, 4], "as_of": [day, day]}
    told = tables.labelled(rows, election.domain("repairs"), election.places)
    assert told == {"District": ["Lahore", "Buner"], "Status of work": ["Certified", None], "Due date": [date(2026, 11, 26), None], "Estimated cost (PKR)": [None, 2.5], "Row": [3, 4],
                    "As of": [date(2026, 11, 26)] * 2}


def test_pieces_are_taken_along_as_words_without_markup_or_signs() -> None:
    rows = [[marks.named("Officers <appointed>", "ROs notified"), marks.state_tag("critical", "Breached"),
             marks.places_with_counts([("Kech", "district?place=PK1", "2"), ("Khuzdar", "district?place=PK2", "3")], 2), marks.link("=1+1", "x")]]
    taken = tables.frame_of(["What", "Status", "Where", "Link"], rows)
    assert taken.iloc[0].tolist() == ["Officers <appointed> ROs notified", "Breached", "Kech 2, Khuzdar 3", "=1+1"]
    assert cells(csv_of(taken))[1][3] == "'=1+1"
