"""What is taken along from a page: the same words and figures, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from datetime import date

import openpyxl
import pandas as pd
import pytest

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


def test_pieces_are_taken_along_as_words_without_markup_or_signs() -> None:
    rows = [[marks.named("Officers <appointed>", "ROs notified"), marks.state_tag("critical", "Breached"),
             marks.places_with_counts([("Kech", "district?place=PK1", "2"), ("Khuzdar", "district?place=PK2", "3")], 2), marks.link("=1+1", "x")]]
    taken = tables.frame_of(["What", "Status", "Where", "Link"], rows)
    assert taken.iloc[0].tolist() == ["Officers <appointed> ROs notified", "Breached", "Kech 2, Khuzdar 3", "=1+1"]
    assert cells(csv_of(taken))[1][3] == "'=1+1"
