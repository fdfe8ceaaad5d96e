"""Checking a sheet: what is read rightly however it is written, and what is a problem and never a guess."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from typing import Any

import openpyxl
import pyarrow as pa
import pytest

from data import readiness
from data.declare import Rule
from data.domains import DOMAINS
from data.scope import Scope
from loaders.checks import Checked, check
from loaders.headers import find, fold_heading
from loaders.problems import LoadError
from loaders.submissions import Staged, commit, stage, withdraw
from sheets_checked import ATTOCK, DATED, DAY, EARLIER, TODAY, Line, handed_in, lines, looked_at, problems, sheet
from sheets_for import building, nothing_to_repair, posts, security


def rows(found: Checked | Staged, *names: str) -> list[tuple]:
    """The typed rows: the sheet's own row number, then the columns asked for."""
    table = (found.checked if isinstance(found, Staged) else found).rows
    return list(zip(*(table[name].to_pylist() for name in ("row", *names))))


def without_problem(election, *told: Line, **given: Any) -> Checked:
    found = looked_at(election, *told, **given)
    assert problems(found) == []
    return found


HEADER, *_ = lines("appointments", ATTOCK, above=())


def counted(district: str | None, number: Any, post: str | None = "RO") -> list[Any]:
    return [district, post, number, number, number, number, number]


def test_a_title_above_the_header_and_blank_rows_and_columns_are_passed_over(election):
    found = without_problem(
        election, [], [None, "Position of appointments"], [None, "As on 20-01-2024"], [],
        [None, *HEADER[:1], None, *HEADER[1:]], [], [None, "Attock", None, "RO", 5, 4, 3, 2, 1], [], [None, "Jhelum", None, "RO", 6, 4, 3, 2, 1])
    assert found.as_of == DAY
    assert rows(found, "district", "sanctioned", "joined") == [(7, "PK601", 5, 1), (9, "PK613", 6, 1)]


def test_rows_that_a_file_writes_out_of_order_are_in_that_of_the_sheet(election):
    told = sheet(DATED, *lines("repairs", building("Attock", "A", "reported"), {**building("Jhelum", "B", "reported"), "station_name": "Girls school"}, above=()))
    turned = replace(told, cells=told.cells.take([0, 1, 3, 2]))
    found = check(find([turned], election.domains), election, today=TODAY, may_submit=Scope.everything(election.places))
    assert not found.problems
    assert rows(found, "district", "station_code", "station_name") == [(3, "PK601", "A", "Primary school"), (4, "PK613", "B", "Girls school")]


def test_a_rule_may_name_a_column_of_texts_in_whatever_letters(election):
    told = sheet(DATED, *lines("appointments", {**posts("Attock", "RO", sanctioned=5), "remarks": "late"}, {**posts("Jhelum", "RO", sanctioned=5), "remarks": "done"}, above=()))
    layout = find([told], election.domains)
    ruled = replace(layout, domain=replace(layout.domain, rules=(Rule("descending", ("joined", "sanctioned"), when="REMARKS = 'late'"),)))
    found = check(ruled, election, today=TODAY, may_submit=Scope.everything(election.places)).problems
    assert [(one.kind, one.row) for one in found] == [("rises", 3)]


def test_rows_of_one_number_in_a_damaged_file_are_each_read(election):
    told = sheet(DATED, *lines("repairs", building("Attock", "A", "reported"), {**building("Jhelum", "B", "reported"), "station_name": "Girls school"}, above=()))
    twice = replace(told, cells=told.cells.set_column(0, "row", pa.array([1, 2, 3, 3], pa.int32())))
    found = check(find([twice], election.domains), election, today=TODAY, may_submit=Scope.everything(election.places))
    assert sorted(rows(found, "district", "station_code", "station_name")) == [(3, "PK601", "A", "Primary school"), (3, "PK613", "B", "Girls school")]


@pytest.mark.parametrize("written", [
    ["Report date", "20/01/2024"], ["Reporting Date: 20.1.2024"], ["Updated on 20/01/2024"], ["Last updated:", "20/01/2024"], ["Upto 20/01/2024"],
    ["Progress up to 20 January 2024"], ["Weekly return (week ending 20/01/2024)"], ["For the week ending", "20/01/2024"], ["مورخہ ۲۰/۰۱/۲۰۲۴"],
    ["As-of date", "2024-01-20"], ["As of: 20/1/2024"], ["AS ON", None, "20.01.2024"], ["Position as on 20-Jan-2024"], ["Date:", "20 January 2024"],
    ["Status of appointments (as on 20/01/2024)"], ["Appointments in all districts as of 20 January 2024"], ["تاریخ", "۲۰/۰۱/۲۰۲۴"],
    ["Reporting date", "2024-01-20T00:00:00"], ["As-of date", "20/01/24"], ["Dated 20/01/2024"],
])
def test_the_as_of_date_is_read_above_the_table_however_it_is_written(written, election):
    assert without_problem(election, written, HEADER, counted("Attock", 1)).as_of == DAY


@pytest.mark.parametrize("other", [["Date", "25/01/2024"], ["Dated: 01/01/2024"], ["Notification of 8 January 2024"], ["Week ending 20/01/2024"]])
def test_the_as_of_date_goes_before_any_other_date_above_the_table(other, election):
    assert without_problem(election, other, ["As-of date", "20/01/2024"], HEADER, counted("Attock", 1)).as_of == DAY


@pytest.mark.parametrize("above", [
    [["As of 10/01/2024"], ["As of 20/01/2024"]], [["As-of date", "10/01/2024"], ["Week ending 20/01/2024"]], [["As of 10/01/2024", "Updated on 20/01/2024"]],
    [["Dated 10/01/2024"], ["Date: 20/01/2024"]], [["Meeting of 10 January 2024"], ["Date", "20/01/2024"]], [["As of 31/02/2024"], ["As of 20/01/2024"]],
    [["Letter of January 10, 2024"], ["Date", "20/01/2024"]],
])
def test_of_two_days_above_the_table_none_is_guessed_and_the_day_given_settles_it(above, election):
    found = looked_at(election, *above, HEADER, counted("Attock", 1))
    assert [one.kind for one in found.problems] == ["as_of_ambiguous"] and found.as_of is None
    given = looked_at(election, *above, HEADER, counted("Attock", 1), as_of=DAY)
    assert given.problems == () and given.as_of == DAY


@pytest.mark.parametrize("other", ["Position of 20 Jan 2024", "Date of printing: 15/01/2024"])
def test_one_day_that_stands_twice_or_beside_that_of_printing_is_certain(other, election):
    assert without_problem(election, [other], ["Date", "20/01/2024"], HEADER, counted("Attock", 1)).as_of == DAY


@pytest.mark.parametrize("other", ["Date of printing: 15/06/2023", "Posts up to grade 17", "Dates of the hearings follow"])
def test_a_line_that_only_begins_like_an_as_of_date_is_passed_over(other, election):
    assert [one.kind for one in looked_at(election, [other], HEADER, counted("Attock", 1)).problems] == ["as_of_missing"]


def test_a_label_beside_an_empty_date_does_not_take_its_neighbour_for_the_date(election):
    found = looked_at(election, ["As-of date", None, "Province", "Punjab"], HEADER, counted("Attock", 1))
    assert [one.kind for one in found.problems] == ["as_of_missing"]


@pytest.mark.parametrize("written, meant", [
    ("1,234", 1234), ("۱۲۳۴", 1234), ("١٬٢٣٤", 1234), ("12,34,567", 1234567), ("1234.0", 1234), (" 1234 ", 1234), ("0", 0),
    ("12.00", 12), ("12.0000", 12), ("1,234.000", 1234), ("0.000", 0)])
def test_numbers_written_as_text_are_read(written, meant, election):
    assert rows(without_problem(election, DATED, HEADER, counted("Attock", written)), "sanctioned") == [(3, meant)]


@pytest.mark.parametrize("written", ["1,23,4", "12 34", "(5)", "1e3", "twelve", "12 posts", "-", "true", "5^1", "100%"])
def test_a_number_that_is_not_certain_is_a_problem_and_never_a_guess(written, election):
    found = looked_at(election, DATED, HEADER, counted("Attock", written))
    assert {one.kind for one in found.problems} == {"not_a_number"} and found.blocked


@pytest.mark.parametrize("written", ["12/06/2024", "12-6-2024", "12.06.24", "2024-06-12", "12 Jun 2024", "12-June-24", "۱۲/۰۶/۲۰۲۴", "2024-06-12T00:00:00",
                                     "12th June 2024", "12^TH JUNE 2024", "June 12, 2024", "12 Sept 2024", "2024/06/12", "2024-06-12 00:00:00",
                                     "12/06/2024 10:30", "12/06/2024.", "12 جون 2024", "۱۲ جون ۲۰۲۴"])
def test_a_date_is_read_day_first(written, election):
    found = without_problem(election, *lines("repairs", {**building("Attock", "A1", "reported"), "due": written}))
    assert rows(found, "due") == [(3, date(2024, 9 if "Sept" in written else 6, 12))]


@pytest.mark.parametrize("written", ["06/25/2024", "30/02/2024", "45352", "June 2024", "12/06/0024", "1/2",
                                     "12 Juno 2024", "June 31, 2024", "06/25/2024 10:30"])
def test_a_date_that_is_not_certain_is_a_problem(written, election):
    found = looked_at(election, *lines("repairs", {**building("Attock", "A1", "reported"), "due": written}))
    assert [one.kind for one in found.problems] == ["not_a_date"]


@pytest.mark.parametrize("written", ["Rs. 12,50,000/-", "PKR 1250000", "1,250,000.00", "۱۲۵۰۰۰۰"])
def test_an_amount_in_rupees_is_read(written, election):
    found = without_problem(election, *lines("repairs", {**building("Attock", "A1", "reported"), "cost": written}))
    assert rows(found, "cost") == [(3, 1250000.0)]


@pytest.mark.parametrize("written", ["1.500", "12.500", "Rs. 125.000/-", "۱٫۵۰۰"])
def test_an_amount_with_a_dot_before_three_figures_is_not_certain(written, election):
    found = looked_at(election, *lines("repairs", {**building("Attock", "A1", "reported"), "cost": written}))
    assert [one.kind for one in found.problems] == ["uncertain_number"]


@pytest.mark.parametrize("written, meant", [("1250.375", 1250.375), ("1,250.375", 1250.375), ("0.500", 0.5), ("1.50", 1.5), ("12.1255", 12.1255)])
def test_an_amount_whose_dot_cannot_divide_thousands_is_read(written, meant, election):
    found = without_problem(election, *lines("repairs", {**building("Attock", "A1", "reported"), "cost": written}))
    assert rows(found, "cost") == [(3, meant)]


@pytest.mark.parametrize("written", ["0.25", "25", "25 %", "25.4%", "۲۵٪", "n/a", "#DIV/0!"])
def test_a_percentage_that_agrees_or_says_nothing_is_passed_over(written, election):
    without_problem(election, *lines("appointments", {**posts("Attock", "RO", sanctioned=8, notified=8, joined=2), "joined_percent": written}))


@pytest.mark.parametrize("written", ["Dera Ghazi Khan", "D.G. Khan", "DG KHAN", "ڈیرہ غازی خان", "District Dera Ghazi Khan", "Distt: D. G. Khan", "4. D.G.Khan"])
def test_a_district_is_known_by_its_spellings(written, election):
    assert without_problem(election, DATED, HEADER, counted(written, 1)).districts == ("PK607",)


@pytest.mark.parametrize("province, district", [
    ("Punjab", "Attock"), ("PK6", "Attock"), ("پنجاب", "Attock"), ("Islamabad", "Islamabad"), ("Islamabad Capital Territory", "Islamabad"),
    ("KPK", "Peshawar"), ("Sind", "Sukkur")])
def test_a_province_beside_its_district_is_no_problem(province, district, election):
    without_problem(election, DATED, ["Province", *HEADER], [province, *counted(district, 1)])


@pytest.mark.parametrize("written", ["Presiding Officer", "PRESIDING OFFICERS", "Pr.O.", "PrO", "پریزائیڈنگ آفیسر"])
def test_a_choice_is_known_by_its_spellings(written, election):
    assert rows(without_problem(election, DATED, HEADER, counted("Attock", 1, written)), "post") == [(3, "PrO")]


def test_urdu_headings_are_known(election):
    found = without_problem(
        election, ["تاریخ", "20/01/2024"], ["نمبر شمار", "ضلع", "عہدہ", "منظور شدہ", "تجویز کردہ", "منظور", "مطلع", "حاضر", "کیفیت"],
        [1, "لاہور", "ریٹرننگ آفیسر", "۵", "۴", "۳", "۲", "۱", "ٹھیک"])
    assert rows(found, "district", "post", "sanctioned", "approved", "remarks") == [(3, "PK617", "RO", 5, 3, "ٹھیک")]


def test_headings_over_several_lines_and_with_the_mark_of_a_required_column_are_known(election):
    found = looked_at(election, DATED, ["District *", " POST ", "Sanctioned\nposts *", "Names\r\nproposed", "Approved by ECP", "Notified*", "In  position"],
                      counted("Attock", "x"))
    assert [one.column for one in found.problems] == ["Sanctioned posts", "Names proposed", "Approved by ECP", "Notified", "In position"]


def test_a_header_over_two_rows_is_known(election):
    found = looked_at(
        election, DATED, ["S. No.", "Name of District", "Plan status", "Polling stations", None, None, "Personnel required", "Personnel committed",
                          "Cameras required", "Cameras installed"],
        [None, None, None, "Normal", "Sensitive", "Most sensitive"], [1, "Attock", "Approved", 5, 3, 2, 9, 8, 7, 6])
    assert problems(found) == [] and rows(found, "normal", "most_sensitive", "cameras_installed") == [(4, 5, 2, 6)]


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: domain.name)
def test_no_heading_and_no_choice_means_two_things(domain):
    headings = [(fold_heading(text), column.name) for column in domain.columns for text in (column.label, column.name, *column.spellings)]
    choices = [(fold_heading(text), column.name, code.value)
               for column in domain.columns for code in column.codes for text in (code.value, code.label, *code.spellings)]
    assert len(dict(headings)) == len(set(headings))
    assert len({(text, column) for text, column, _ in choices}) == len(set(choices))


OTHER_WORDS = ["Name of District", "Designation", "Sanctioned posts", "Nominated", "Approved by ECP", "Notifications", "In position"]


@pytest.mark.parametrize("again", [HEADER, OTHER_WORDS, [f"{heading} *" for heading in HEADER]], ids=["the same", "other words", "marked"])
def test_a_header_that_comes_again_is_no_row(again, election):
    found = without_problem(election, DATED, HEADER, counted("Attock", 1), again, counted("Jhelum", 2))
    assert rows(found, "sanctioned") == [(3, 1), (5, 2)]


def test_a_header_over_two_rows_that_comes_again_is_no_row(election):
    upper = ["S. No.", "Name of District", "Plan status", "Polling stations", None, None, "Personnel required", "Personnel committed",
             "Cameras required", "Cameras installed"]
    lower = [None, None, None, "Normal", "Sensitive", "Most sensitive"]
    first, second = [1, "Attock", "Approved", 5, 3, 2, 9, 8, 7, 6], [2, "Jhelum", "Approved", 5, 3, 2, 9, 8, 7, 6]
    assert rows(without_problem(election, DATED, upper, lower, first, upper, lower, second), "district") == [(4, "PK601"), (7, "PK613")]


@pytest.mark.parametrize("first, second, at", [
    (HEADER, [*HEADER, "Remarks"], "H"), (HEADER, [*HEADER[:2], "Proposed", "Sanctioned", *HEADER[4:]], "C"),
    (["Province", *HEADER], HEADER, "A"), ([*HEADER, "Turnout"], [*HEADER, "Votes"], "H"),
], ids=["one column more", "another order", "moved to the left", "another unknown column"])
def test_the_first_header_of_a_sheet_counts_and_another_one_below_it_is_said(first, second, at, election):
    lahore = ["Punjab"] * (first[0] == "Province") + counted("Lahore", 1)
    found = looked_at(election, DATED, first, lahore, second, counted("Multan", 1))
    assert [(one.kind, one.row) for one in found.problems if one.blocks] == [("another_header", 4)] and f"column {at}:" in found.problems[0].message
    assert [row for row, *_ in rows(found)] == [3]


def test_rows_under_a_header_with_most_headings_misspelt_are_not_passed_over(election):
    misspelt = [*HEADER[:4], "Aproved", "Notifed", "Joind"]
    found = looked_at(election, ["Weekly return"], DATED, misspelt, counted("Lahore", 1), HEADER, counted("Multan", 1))
    assert [(one.kind, one.row) for one in found.problems] == [("another_header", 3)] and "row 5 in column E: “Aproved”" in found.problems[0].message


def test_labels_above_the_header_are_no_header(election):
    above = ["Province", "Punjab", "District", "Attock", "Status", "Draft", "Department", "Health"]
    without_problem(election, above, ["To the department"], *lines("repairs", building("Attock", "A1", "reported")))


def test_a_heading_misspelt_in_the_first_header_is_missing_though_a_later_header_has_it(election):
    misspelt = ["Notifed" if heading == "Notified" else heading for heading in HEADER]
    found = looked_at(election, DATED, misspelt, counted("Lahore", 1), HEADER, counted("Multan", 1))
    assert [(one.kind, one.row) for one in found.problems] == [("missing_column", 2), ("another_header", 4), ("unknown_column", 2)]


@pytest.mark.parametrize("numbers", [[1, 2, 3, 4, 5, 6, 7], ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)"]])
def test_a_row_of_column_numbers_is_no_row(numbers, election):
    assert rows(without_problem(election, DATED, HEADER, numbers, counted("Attock", 1)), "sanctioned") == [(4, 1)]


def test_column_numbers_under_a_header_that_comes_again_are_no_row(election):
    numbers = range(1, 8)
    found = without_problem(election, DATED, HEADER, numbers, counted("Attock", 1), [], HEADER, numbers, counted("Jhelum", 2))
    assert [row for row, *_ in rows(found)] == [4, 8]


def test_a_value_under_no_heading_is_said_once_for_its_column(election):
    found = looked_at(election, DATED, HEADER, [*counted("Attock", 1), "late", None, 7], counted("Jhelum", 1), [*counted("Lahore", 1), "cut", "off"])
    assert [(one.kind, one.row, one.message.split(".")[0]) for one in found.problems] == [
        ("no_heading", 3, "Row 3: “late” in column H stands under no heading, nor have 1 more below it"),
        ("no_heading", 3, "Row 3: “7” in column J stands under no heading"),
        ("no_heading", 5, "Row 5: “off” in column I stands under no heading")]


def test_a_second_table_beside_the_first_is_said(election):
    beside = [[*HEADER, None, *[None] * 7], [*counted("Attock", 1), None, *HEADER], [*counted("Jhelum", 1), None, *counted("Lahore", 1)]]
    assert {one.kind for one in looked_at(election, DATED, *beside).problems} == {"no_heading"}


@pytest.mark.parametrize("serials", [(1, 2, 3), (1, 2, 1), (4, None, 9)])
def test_serial_numbers_without_a_heading_left_of_the_table_are_passed_over(serials, election):
    body = [[serial, *counted(district, 1)] for serial, district in zip(serials, ("Attock", "Jhelum", "Lahore"))]
    assert len(rows(without_problem(election, DATED, [None, *HEADER], *body))) == 3


def test_a_sign_is_no_heading(election):
    body = [[1, *counted("Attock", 1), "late"], [2, *counted("Jhelum", 1), None]]
    assert len(rows(without_problem(election, DATED, ["#", *HEADER], *(line[:-1] for line in body)))) == 2
    assert [one.kind for one in looked_at(election, DATED, ["#", *HEADER, "--"], *body).problems] == ["no_heading"]


def test_a_heading_merged_over_the_row_above_the_header_heads_its_column(election):
    upper, body = [None, None, None, "Officers", None, None, None, "Remarks"], [*counted("Attock", 1), "late"]
    found = without_problem(election, DATED, upper, HEADER, body, merged=((2, 4, 2, 7), (2, 8, 3, 8)))
    assert rows(found, "remarks") == [(4, "late")]


@pytest.mark.parametrize("values", [(3, 2, 1), ("Punjab", None, None), ("1.5", 2, 3)])
def test_other_values_left_of_the_table_are_said(values, election):
    body = [[value, *counted(district, 1)] for value, district in zip(values, ("Attock", "Jhelum", "Lahore"))]
    assert [one.kind for one in looked_at(election, DATED, [None, *HEADER], *body).problems] == ["no_heading"]


def test_a_signature_beside_and_below_the_table_is_a_note(election):
    found = looked_at(election, DATED, HEADER, counted("Attock", 1), [], [*[None] * 9, "District Election Commissioner"])
    assert [(one.kind, one.row) for one in found.problems] == [("line_ignored", 5)]


def test_a_heading_merged_over_two_columns_is_left_out_with_both_where_it_is_not_known(election):
    told = (DATED, [*HEADER, "Signature", None], [*counted("Attock", 1), "A. B.", "C. D."])
    assert [one.kind for one in looked_at(election, *told, merged=((2, 8, 2, 9),)).problems] == ["unknown_column"]
    assert [one.kind for one in looked_at(election, *told).problems] == ["no_heading", "unknown_column"]


def test_a_district_merged_over_its_rows_stands_for_each_of_them(election):
    body = [counted("Attock", 1, "DRO"), counted(None, 1, "RO"), counted(None, 1, "PrO"), counted("Jhelum", 1)]
    found = without_problem(election, DATED, HEADER, *body, merged=((3, 1, 5, 1), (1, 1, 1, 7)))
    assert rows(found, "district", "post") == [(3, "PK601", "DRO"), (4, "PK601", "RO"), (5, "PK601", "PrO"), (6, "PK613", "RO")]


def test_a_merged_cell_does_not_reach_beyond_its_area_nor_fill_a_blank_row(election):
    body = [counted("Attock", 1, "DRO"), [], counted(None, 1, "RO")]
    found = looked_at(election, DATED, HEADER, *body, merged=((3, 1, 4, 1),))
    assert [(one.kind, one.row) for one in found.problems] == [("missing", 5)]


def test_a_number_merged_over_several_rows_is_not_counted_for_each(election):
    body = [["Attock", "DRO", 1, 1, 1, 1, 0], ["Attock", "RO", 1, 1, 1, None, 0]]
    found = looked_at(election, DATED, HEADER, *body, merged=((3, 6, 4, 6),))
    assert [(one.kind, one.row, one.column) for one in found.problems] == [("merged_cell", 3, "Notified")]


def test_many_hidden_rows_are_counted(election):
    body = [counted(district, 1, post) for district in ("Attock", "Jhelum") for post in ("DRO", "RO", "PrO", "PO")]
    found = looked_at(election, DATED, HEADER, *body, hidden_rows=((3, 3), (5, 5), (7, 8), (10, 10)))
    assert [one.message.split(": ")[1] for one in found.problems] == ["3, 5, 7–8 and 1 more. Delete those that should not count."]


UNTOUCHED = {"sanctioned": None, "proposed": None, "approved": None, "notified": None, "joined": None}


def test_a_district_of_which_only_names_are_filled_in_is_left_out_and_said_once(election):
    blank = [{"district": district.name, "post": post} for district in election.places.districts[:5] for post in ("DRO", "RO")]
    found = looked_at(election, *lines("appointments", posts("Lahore", "DRO", sanctioned=1), *blank))
    assert found.districts == ("PK617",) and [row for row, *_ in rows(found)] == [3]
    assert [one.message for one in found.problems] == [
        f"Not filled in and left out: 10 rows of 5 districts, among them {blank[0]['district']}. What was reported of them before stays as it was."]


def test_rows_left_blank_in_a_district_that_is_filled_in_are_one_problem_each(election):
    blank = [{"province": "Punjab", "district": "Distt. Lahore", "post": post} for post in ("RO", "PrO")]
    found = looked_at(election, *lines("appointments", {"province": "Punjab", **posts("Lahore", "DRO", sanctioned=1)}, *blank))
    assert [(one.kind, one.row) for one in found.problems] == [("only_names", 4), ("only_names", 5)]


def test_a_sheet_of_names_alone_has_no_rows(election):
    found = looked_at(election, *lines("appointments", *({"district": district, "post": "RO", **UNTOUCHED} for district in ("Lahore", "Kasur"))))
    assert [one.kind for one in found.problems] == ["no_rows"]


def test_a_key_that_was_typed_is_not_left_out(election):
    found = looked_at(election, *lines("repairs", building("Attock", "A1", "reported"), {"district": "Lahore", "station_code": "L1"}))
    assert [(one.kind, one.row) for one in found.problems] == [("only_names", 4)]


def test_names_left_out_need_not_lie_in_the_senders_area(election):
    told = lines("appointments", posts("Lahore", "DRO", sanctioned=1), {"district": "Sukkur", "post": "DRO"})
    assert [one.kind for one in looked_at(election, *told, may_submit=Scope(frozenset(("PK617",)))).problems] == ["not_filled_in"]


def test_names_that_are_not_known_are_not_left_out(election):
    found = looked_at(election, *lines("appointments", ATTOCK, {"district": "Atok", "post": "RO"}))
    assert "unknown_district" in {one.kind for one in found.problems}


def test_serial_numbers_and_a_note_in_columns_of_their_own_are_passed_over(election):
    found = without_problem(election, DATED, ["S. No.", *HEADER], [1, *counted("Attock", 1)], [2], ["Prepared by the district office"])
    assert rows(found, "sanctioned") == [(3, 1)]


PUNJAB = [counted("Attock", 1), counted("Jhelum", 2)]
SINDH = [counted("Sukkur", 4), counted("Badin", 8), counted("Badin", 16, "PrO")]


@pytest.mark.parametrize("body", [
    [*PUNJAB, counted("Total", 3, None)],
    [*PUNJAB, counted("GRAND TOTAL:", 3, None)],
    [*PUNJAB, counted("میزان", 3, None)],
    [*PUNJAB, counted(None, 3, "Total")],
    [*PUNJAB, counted("Punjab Total", 3, None), *SINDH, counted("Total Sindh", 28, None), counted("Grand Total", 31, None)],
    [*PUNJAB, counted("Total", 3, None), *SINDH, counted("Total", 28, None), counted("Total", 31, None)],
    [*PUNJAB, counted("Sub-total", 3, None), counted("Sindh", 28, None), *SINDH],
    [*SINDH, counted("Badin", 24, "Total"), counted("Total", 12, "RO"), counted("Total", 16, "PrO"), counted("Sindh", 28, None)],
    [*SINDH[1:], counted("Badin Total", 24, None), counted("Attock", 1), counted("Attock total", 1, None), counted("Total", 25, None)],
    [counted("Sahiwal", 5), counted("Okara", 4), counted("Sahiwal Total", 9, None), counted("Sahiwal Total", 5, None)],
    [counted("Lahore", 5), counted("Kasur", 4), counted("Attock", 1), counted("Lahore Divn Total", 9, None), counted("Lahore Division", 9, None)],
    [counted("Total", 31, None), *PUNJAB, *SINDH],
    [*PUNJAB, counted("Punjab", 3, "Total")],
    [*PUNJAB, counted("Total", 3, "2")],
    *([*PUNJAB, counted(label, 3, None)]
      for label in ("Total (2 districts)", "Total 2", "Total No.", "Total Division", "District Total", "کل تعداد", "مجموعہ", "پنجاب مجموعہ")),
], ids=range(22))
def test_total_rows_are_no_rows_and_are_right_when_they_are_the_sums_of_what_they_stand_for(body, election):
    found = without_problem(election, DATED, HEADER, *body)
    districts = ("Attock", "Jhelum", "Sukkur", "Badin", "Sahiwal", "Okara", "Lahore", "Kasur")
    assert len(rows(found)) == sum(line[0] in districts and line[1] in ("RO", "PrO") for line in body)


@pytest.mark.parametrize("body, row, message", [
    ([*PUNJAB, counted("Total", 4, None)], 5, "the total says 4, the rows add up to 3"),
    ([*PUNJAB, *SINDH, counted("Punjab Total", 31, None)], 8, "the total says 31, the rows add up to 3"),
    ([*PUNJAB, *SINDH, counted("Badin", 8, "Total")], 8, "the total says 8, the rows add up to 24"),
    ([*PUNJAB, *SINDH, counted("Total", 31, "RO")], 8, "the total says 31, the rows add up to 15"),
    ([*PUNJAB, counted("Total", 3, None), *SINDH, counted("Total", 29, None)], 9, "the total says 29, the rows add up to 28"),
    ([*PUNJAB, counted("Punjab", 4, None)], 5, "the total says 4, the rows add up to 3"),
    ([counted("Sahiwal", 5), counted("Okara", 4), counted("Sahiwal Total", 8, None)], 5, "the total says 8, the rows add up to 5"),
    ([counted("Total", 30, None), *PUNJAB, *SINDH], 3, "the total says 30, the rows add up to 31"),
    ([*PUNJAB, counted("Total", 3, None), *SINDH, counted("Total", 28, None), counted("Grand Total", 62, None)], 10,
     "the total says 62, the rows add up to 31"),
], ids=range(9))
def test_a_total_that_is_not_the_sum_of_its_rows_is_said_once_for_each_column(body, row, message, election):
    found = looked_at(election, DATED, HEADER, *body)
    assert [(one.kind, one.row) for one in found.problems] == [("total_differs", row)] * 5
    assert found.problems[0].message == f"Row {row}, Sanctioned: {message}. Correct the total or the row that is wrong."


@pytest.mark.parametrize("written, kind", [("#REF!", "error_value"), ("abc", "not_a_number"), ("-", "not_a_number"), ("3.000", "uncertain_number")])
def test_a_total_that_holds_no_number_is_said_in_the_words_of_any_cell(written, kind, election):
    found = looked_at(election, DATED, HEADER, *PUNJAB, counted("Total", written, None))
    assert [(one.kind, one.row, one.value) for one in found.problems] == [(kind, 5, written)] * 5


def test_a_heading_above_the_rows_of_a_province_is_taken_for_a_note(election):
    found = looked_at(election, DATED, HEADER, counted("Punjab", None, None), *PUNJAB)
    assert problems(found) == [("line_ignored", 3, "Row 3: “Punjab” stands alone and was taken for a note, not for a district's row.")]


@pytest.mark.parametrize("line, kind", [
    (["Karachi Division", "2", "GPS B"], "not_a_district"), (["Sindh", "3", "GPS B"], "not_a_district"), (["PK6", "4", "GPS B"], "not_a_district"),
    (["Total", "5", "GPS B"], "unknown_district"), ([None, "6", "GPS B"], "missing")])
def test_a_row_that_tells_the_state_of_a_building_is_no_total(line, kind, election):
    header = ["District", "Station code", "Station name", "Condition", "Cause", "Status", "Extent"]
    found = looked_at(election, DATED, header, ["Lahore", "1", "GPS A", "Damaged", "Flood", "Reported", "Partial"],
                      [*line, "Damaged", "Flood", "Reported", "Total"])
    assert [(one.kind, one.row) for one in found.problems] == [(kind, 4), ("unknown_column", 2)]
    assert len(rows(found)) == 2


def test_a_building_may_have_the_code_total(election):
    assert rows(without_problem(election, *lines("repairs", building("Attock", "Total", "reported"))), "station_code") == [(3, "Total")]


@pytest.mark.parametrize("domain, line", [
    ("appointments", {"district": "Prepared by", "approved": "Deputy Commissioner"}),
    ("appointments", {"post": "Signature", "sanctioned": "District Election Commissioner"}),
    ("appointments", {"district": "Date", "proposed": "Signature"}),
    ("repairs", {"district": "Checked by", "station_code": "XEN Buildings", "status": "12/06/2024"})])
def test_a_signature_in_several_cells_below_the_table_is_taken_for_a_note(domain, line, election):
    row = {"appointments": ATTOCK, "repairs": building("Attock", "A1", "reported")}[domain]
    found = looked_at(election, *lines(domain, row, line))
    assert problems(found) == [
        ("line_ignored", 4, f"Row 4: “{', '.join(line.values())}” stands alone and was taken for a note, not for a district's row.")]


@pytest.mark.parametrize("told, kinds", [
    (lines("appointments", ATTOCK, {**ATTOCK, "district": "Nowhere"}), {"unknown_district"}),
    (lines("appointments", ATTOCK, {"district": "Nowhere", "post": "RO"}), {"unknown_district", "missing"}),
    (lines("appointments", ATTOCK, {"district": "Nowhere", "post": "Dentist", "sanctioned": "12 posts"}),
     {"unknown_district", "unknown_code", "not_a_number", "missing"}),
    (lines("appointments", ATTOCK, {"district": "Karachi", "post": "Dentist"}), {"ambiguous_district", "unknown_code", "missing"}),
    (lines("repairs", building("Attock", "A1", "reported"), {"district": "Nowhere", "station_code": "A-2", "station_name": "Town hall"}),
     {"unknown_district", "missing"}),
    (lines("repairs", building("Attock", "A1", "reported"), building("Nowhere", "A2", "reported")), {"unknown_district"}),
    (lines("repairs", building("Attock", "A1", "reported"), {"district": "Atok", "station_code": "A2", "station_name": "Town hall"}),
     {"unknown_district", "missing"}),
    (lines("repairs", building("Attock", "A1", "reported"), nothing_to_repair("Nowhere")), {"unknown_district"}),
], ids=range(8))
def test_a_row_of_a_misspelt_district_below_the_table_is_no_signature(told, kinds, election):
    assert {one.kind for one in looked_at(election, *told).problems} == kinds


@pytest.mark.parametrize("due", [
    ("13/05/2025", "2025-12-15"), ("12/05/2025", "2025-12-05"), ("13/05/2025", "14/05/2025"), ("2025-12-05", "2025-12-06"), ("13 May 2025", "2025-12-05")])
def test_dates_that_are_not_sorted_by_their_day_were_not_turned_round(due, election):
    without_problem(election, *lines("repairs", *({**building("Attock", f"A{day}", "reported"), "due": day} for day in due)))


@pytest.mark.parametrize("above", ["Amount in Rs. lakhs", "Cost in crore", "(Rs. '000)", "رقم لاکھ روپے میں"])
def test_a_unit_above_the_table_is_told_where_there_are_amounts_and_only_there(above, election):
    told = {**building("Attock", "A1", "reported"), "cost": 3}
    assert [one.kind for one in looked_at(election, *lines("repairs", told, above=(DATED, [above]))).problems] == ["unit_above"]
    without_problem(election, *lines("repairs", building("Attock", "A1", "reported"), above=(DATED, [above])))


@pytest.mark.parametrize("first, second", [("CPO", "SSP"), ("ADCG", "ADCR"), ("DPO", "SSP")])
def test_two_posts_that_count_as_one_are_to_be_added_up(first, second, election):
    found = looked_at(election, *lines("appointments", posts("Attock", first, sanctioned=1), posts("Attock", second, sanctioned=1)))
    assert [(one.kind, one.row, one.value) for one in found.problems] == [("counted_together", 4, second)]


@pytest.mark.parametrize("code", ["3.5E+16", "1e-07", "3520212345678900", "35202123456789000", "2026-02-01", "2026-02-01T10:30:00", "true", "FALSE"])
def test_a_code_that_a_spreadsheet_program_has_changed_is_a_problem(code, election):
    assert [one.kind for one in looked_at(election, *lines("repairs", building("Attock", code, "reported"))).problems] == ["not_a_code"]


@pytest.mark.parametrize("code", ["7", "007", "12E3", "1-2", "3520212345671", "352021234567891", "3520212345678912", "A-2026-02-01", "True North", "7.1"])
def test_a_code_is_read_as_it_is_written(code, election):
    assert rows(without_problem(election, *lines("repairs", building("Attock", code, "reported"))), "station_code") == [(3, code)]


@pytest.mark.parametrize("first, second", [("a-7", "A-7"), ("7", "7."), ("7", "07.0"), ("7.00", "7")])
def test_codes_that_differ_only_in_what_is_left_out_look_the_same_within_a_district(first, second, election):
    told = [building(district, code, "reported") for district, code in (("Attock", first), ("Jhelum", second), ("Attock", second), ("Attock", "8"))]
    assert [(one.kind, one.row) for one in looked_at(election, *lines("repairs", *told)).problems] == [("looks_the_same", 5)]


@pytest.mark.parametrize("number", [0, None, 7])
@pytest.mark.parametrize("above", [[counted("Attock", 1)], [counted("Attock", 1), counted("Karachi East", 1, "DRO")]], ids=["none", "another post"])
def test_an_area_of_which_nothing_stands_in_the_sheet_is_no_total(above, number, election):
    found = looked_at(election, DATED, HEADER, *above, counted("Karachi Division", number))
    assert ("not_a_district", 3 + len(above)) in [(one.kind, one.row) for one in found.problems]


def test_an_area_with_a_post_that_is_none_is_no_total(election):
    found = looked_at(election, DATED, HEADER, *PUNJAB, counted("Punjab", 3, "Dentist"))
    assert [(one.kind, one.row) for one in found.problems] == [("not_a_district", 5)]


def test_a_sheet_of_provinces_is_told_that_districts_are_wanted(election):
    found = looked_at(election, DATED, HEADER, counted("Punjab", 5), counted("Sindh", 4), counted("Total", 9, None))
    assert [(one.kind, one.row) for one in found.problems] == [("not_a_district", 3), ("not_a_district", 4)]


def test_the_number_of_buildings_beside_a_total_is_no_code(election):
    told = lines("repairs", *({**building("Attock", code, "reported"), "cost": cost} for code, cost in (("A1", 100_000), ("A2", 200_000))))
    width = len(told[1]) - 3
    for label in ("Total", "Attock Total"):
        assert len(rows(without_problem(election, *told, [label, 2, *[None] * width, 300_000]))) == 2
        assert [one.kind for one in looked_at(election, *told, [label, 2, *[None] * width, 300_001]).problems] == ["total_differs"]


def test_a_total_of_a_district_without_rows_is_said_to_be_left_out(election):
    found = looked_at(election, DATED, HEADER, *PUNJAB, counted("Badin", 0, "Total"))
    assert [(one.kind, one.row) for one in found.problems] == [("total_unchecked", 5)]


@pytest.mark.parametrize("beside", [["Total", None], [None, "Punjab Total"], ["میزان", "Punjab"]])
def test_a_total_that_is_said_beside_an_empty_district_is_a_total(beside, election):
    above = [["S.No", "Province", *HEADER], [1, "Punjab", *PUNJAB[0]], [2, "Punjab", *PUNJAB[1]]]
    assert len(rows(without_problem(election, DATED, *above, [*beside, *counted(None, 3, None)]))) == 2
    assert [one.kind for one in looked_at(election, DATED, *above, [*beside, *counted(None, 4, None)]).problems] == ["total_differs"] * 5


@pytest.mark.parametrize("body, kind", [
    ([counted("Attock", "one"), counted("Total", 1, None)], "not_a_number"),
    ([*PUNJAB, counted("Nowhere", 4), counted("Punjab Total", 7, None)], "unknown_district"),
    ([*PUNJAB, counted("Lahore", 4, "Dentist"), counted("Total", 7, "RO")], "unknown_code"),
])
def test_a_total_over_something_that_cannot_be_read_is_not_reckoned(body, kind, election):
    assert {one.kind for one in looked_at(election, DATED, HEADER, *body).problems} == {kind}


@pytest.mark.parametrize("code", ["G", "Grand", "Sub", "All"])
def test_a_key_is_a_total_only_where_it_says_so(code, election):
    assert len(rows(without_problem(election, *lines("repairs", building("Attock", code, "reported"))))) == 1


def test_nil_reports_a_district_with_nothing_to_repair(election):
    found = without_problem(election, *lines("repairs", building("Attock", "A1", "reported"), {**nothing_to_repair("Jhelum"), "station_code": "Nil"},
                                             {**nothing_to_repair("Lahore"), "station_name": "-", "status": "–"}))
    assert rows(found, "district", "station_code") == [(3, "PK601", "A1"), (4, "PK613", "NIL"), (5, "PK617", "NIL")]
    assert set(found.districts) == {"PK601", "PK613", "PK617"}


@pytest.mark.parametrize("written", ["NIL", "nil", "Nil.", "Nill", "NIL report", "NIL Report.", "None", "صفر"])
def test_nil_is_known_by_its_spellings_also_where_every_cell_says_it(written, election):
    header = lines("repairs", {**building("Attock", "A1", "reported"), "cost": 1, "due": DAY, "remarks": None})[1]
    found = without_problem(election, DATED, header, ["Attock", *[written] * (len(header) - 1)])
    assert rows(found, "station_code", "station_name", "status", "remarks") == [(3, "NIL", None, None, None)]


def test_what_a_nil_row_tells_of_a_building_is_read_as_it_stands(election):
    found = looked_at(election, *lines("repairs", {**nothing_to_repair("Attock"), "condition": "N/A"}))
    assert [(one.kind, one.value) for one in found.problems] == [("unknown_code", "N/A")]


def test_a_lone_dash_is_an_empty_cell_where_words_stand(election):
    found = looked_at(election, *lines("repairs", {**building("Attock", "A1", "certified"), "completed_on": DAY, "certified_by": "---", "due": "-"}))
    assert [(one.kind, one.column) for one in found.problems] == [("needed", "Certified by")]


def test_what_stands_in_a_cell_is_never_taken_for_a_query_or_a_pattern(election):
    nasty = """O'Neil "Bobby" '); drop table texts; -- 100% {value} \\d"""
    row = {**building("Attock", nasty, "reported"), "station_name": nasty, "remarks": "=cmd|'/c calc'!A1"}
    assert rows(without_problem(election, *lines("repairs", row)), "station_code", "remarks") == [(3, nasty, "=cmd|'/c calc'!A1")]
    found = looked_at(election, *lines("repairs", {**row, "district": nasty, "condition": nasty, "cost": nasty}))
    assert [one.value for one in found.problems] == [nasty] * 3


def test_every_problem_of_a_sheet_is_told_and_what_blocks_comes_first(election):
    found = looked_at(election, DATED, [*HEADER, "Turnout"], counted("Nowhere", 1), counted("Attock", "x", "Dentist"), [*counted("Jhelum", 1)[:-1], 2])
    assert [(one.kind, one.row) for one in found.problems] == [
        ("unknown_district", 3), ("unknown_code", 4), *[("not_a_number", 4)] * 5, ("rises", 5), ("unknown_column", 2)]


def test_of_several_sheets_the_one_that_holds_the_table_is_taken(election):
    cover, table = sheet(["Readiness of the district"], ["District", "Attock"], name="Cover"), sheet(DATED, HEADER, counted("Attock", 1), name="Data")
    hidden = sheet(DATED, HEADER, counted("Jhelum", 1), name="Old", hidden=True)
    found = find([cover, table, hidden], election.domains)
    assert (found.domain.name, found.sheet.name, found.header_row) == ("appointments", "Data", 2)


def test_of_two_tables_none_is_guessed(election):
    both = [sheet(DATED, HEADER, counted("Attock", 1), name="Punjab"), sheet(DATED, HEADER, counted("Sukkur", 1), name="Sindh")]
    with pytest.raises(LoadError, match="more than one table that could be meant: Appointments in “Punjab”, Appointments in “Sindh”") as refused:
        find(both, election.domains)
    assert refused.value.kind == "ambiguous"


TABLE = (DATED, HEADER, counted("Attock", 1))
MISSPELT = (DATED, ["Notifed" if heading == "Notified" else heading for heading in HEADER], counted("Sukkur", 1))


def test_a_second_table_with_a_heading_misspelt_is_not_passed_over(election):
    with pytest.raises(LoadError, match="Appointments in “Punjab”, Appointments in “Sindh”") as refused:
        find([sheet(*TABLE, name="Punjab"), sheet(*MISSPELT, name="Sindh")], election.domains)
    assert refused.value.kind == "ambiguous"
    assert str(refused.value).endswith("Bring the rows under one header, or send each sheet in a file of its own.")


def test_two_tables_of_two_domains_are_told_apart_by_naming_the_domain(election):
    both = [sheet(*TABLE, name="Staff"), sheet(*lines("security", security("Attock")), name="Security")]
    with pytest.raises(LoadError, match="Send one table in a file, or say which domain it is"):
        find(both, election.domains)
    found = find(both, [election.domain("security")])
    assert found.sheet.name == "Security" and [(one.kind, one.sheet) for one in found.problems] == [("sheet_not_read", "Staff")]


def test_two_tables_of_two_domains_in_one_sheet_are_sent_apart(election):
    with pytest.raises(LoadError, match="Send each table in a file of its own"):
        find([sheet(*TABLE, [], *lines("security", security("Attock"), above=()))], election.domains)


@pytest.mark.parametrize("blank", [TABLE[:2], [*TABLE[:2], ["Attock", "RO"], ["Attock", "PrO"]]], ids=["no row", "only names"])
def test_a_blank_copy_of_the_table_in_another_sheet_is_passed_over(blank, election):
    found = find([sheet(*blank, name="Blank"), sheet(*TABLE, name="Punjab")], election.domains)
    assert (found.sheet.name, found.problems) == ("Punjab", ())


def test_every_other_sheet_that_holds_something_is_named_but_for_those_of_the_template(election):
    others = [sheet(counted("Jhelum", 1), name="Page 2"), sheet(*TABLE, name="Old", hidden=True), sheet(name="Sheet3"),
              sheet(["How to fill in"], name="Instructions"), sheet(["Attock"], name="Lists", hidden=True)]
    found = find([*others, sheet(*TABLE, name="Punjab")], election.domains)
    assert [(one.kind, one.sheet, one.message.split(",")[0]) for one in found.problems] == [
        ("sheet_not_read", "Page 2", "Sheet “Page 2” was not read"), ("sheet_not_read", "Old", "Sheet “Old”")]
    assert "Sheet “Old”, which is hidden, was not read" in found.problems[1].message


def test_a_table_in_a_hidden_sheet_is_not_looked_at_and_that_is_said(election):
    with pytest.raises(LoadError, match="in sheet “Cover”: .* “Data” is hidden and was not looked at: unhide the sheet if the table stands there"):
        find([sheet(["Readiness"], name="Cover"), sheet(*TABLE, name="Data", hidden=True)], election.domains)


def test_a_file_without_a_table_is_refused_by_what_was_looked_for(election):
    with pytest.raises(LoadError) as refused:
        find([sheet(["District", "Candidate", "Votes"], ["Attock", "One", 12], name="Form 45")], [election.domain("security")])
    assert refused.value.kind == "not_recognised"
    assert str(refused.value) == (
        "No table was found in sheet “Form 45”: a header row with these columns was looked for: Security (District, Plan status, Normal stations, "
        "Sensitive stations, Most sensitive stations, Personnel required, Personnel committed, Cameras required, Cameras installed). The nearest is row 1 "
        "of “Form 45”, which for Security lacks Plan status, Normal stations, Sensitive stations, Most sensitive stations, Personnel required, Personnel "
        "committed, Cameras required, Cameras installed. Take the template of the domain and fill it in.")


def test_a_sheet_that_gives_only_percentages_is_refused(election):
    found = looked_at(election, DATED, ["District", "Post", "Sanctioned", "Proposed", "Approved", "Joined %"], ["Attock", "RO", 1, 1, 1, "100 %"])
    assert [(one.kind, one.column) for one in found.problems if one.blocks] == [("missing_column", "Notified"), ("missing_column", "Joined")]


def test_a_sheet_with_columns_missing_is_still_checked_to_its_end(election):
    found = looked_at(election, DATED, ["District", "Sanctioned", "Proposed", "Approved", "Notified"], ["Attock", 1, 2, 1, 1])
    assert [(one.kind, one.row) for one in found.problems] == [("missing_column", 2), ("missing_column", 2), ("rises", 3)]


def with_formulas(store, *told: Line) -> Staged:
    text = io.BytesIO()
    book = openpyxl.Workbook()
    for line in told:
        book.active.append(line)
    book.create_sheet("Sums")["A1"] = "=1+1"
    book["Sums"].sheet_state = "hidden"
    book.save(text)
    return stage(store, "formulas.xlsx", text.getvalue(), sender="A commission office")


def test_a_formula_is_never_run_and_one_that_was_not_calculated_is_a_problem_where_it_is_used(store):
    found = with_formulas(store, DATED, ["Province", *HEADER], ["=A1", *counted("Attock", 1)], [None, "Jhelum", "RO", "=1+1", 1, 1, 1, 1],
                          [None, *counted("=B1", 1)])
    assert [(one.kind, one.row, one.column) for one in found.problems if one.blocks] == [
        ("not_calculated", 3, "Province"), ("not_calculated", 4, "Sanctioned"), ("not_calculated", 5, "District")]


def test_a_formula_that_was_not_calculated_is_passed_over_in_a_column_or_sheet_that_is_not_read(store):
    found = with_formulas(store, DATED, [*HEADER, "Turnout", "Joined %"], [*counted("Attock", 1), "=1+1", "=G3/C3"])
    assert [one.kind for one in found.problems] == ["sheet_not_read", "unknown_column"]


def test_merged_districts_and_hidden_rows_of_a_workbook_are_read_from_the_file(store):
    book, text = openpyxl.Workbook(), io.BytesIO()
    for line in (DATED, HEADER, counted("Attock", 1, "DRO"), counted(None, 1, "RO"), counted("Jhelum", 1)):
        book.active.append(line)
    book.active.merge_cells("A3:A4")
    book.active.row_dimensions[5].hidden = True
    book.save(text)
    found = stage(store, "merged.xlsx", text.getvalue(), sender="A commission office")
    assert rows(found, "district") == [(3, "PK601"), (4, "PK601"), (5, "PK613")]
    assert [(one.kind, one.message) for one in found.problems] == [
        ("hidden_rows", "Rows that the sheet hides were read like all others: 5. Delete those that should not count.")]


def test_an_as_of_date_that_was_not_calculated_is_said(store):
    found = with_formulas(store, ["As-of date", "=TODAY()"], HEADER, counted("Attock", 1))
    assert [(one.kind, one.row) for one in found.problems if one.blocks] == [("as_of_unreadable", 1)]


def test_rows_that_cannot_be_placed_are_not_said_to_disappear(store):
    commit(store, handed_in(store, *lines("appointments", ATTOCK, posts("Attock", "RO", sanctioned=1))))
    found = handed_in(store, DATED, HEADER, counted("Attock", 1, "Dentist"))
    assert [one.kind for one in found.problems] == ["unknown_code"]


def test_the_same_file_twice_is_held_by_its_first_submission(store):
    first = commit(store, handed_in(store, *lines("appointments", ATTOCK)))
    again = handed_in(store, *lines("appointments", ATTOCK))
    second = commit(store, again)
    assert again.held_by == second.submission == first.submission
    assert second.was_held and not first.was_held
    assert store.ask_rows("select count(*) from submissions", {}) == [(1,)]


def test_the_same_file_counts_anew_once_its_submission_is_withdrawn(store):
    first = commit(store, handed_in(store, *lines("appointments", ATTOCK)))
    withdraw(store, first.submission, by="A commission office", reason="Sent too early")
    assert commit(store, handed_in(store, *lines("appointments", ATTOCK))).submission != first.submission


def test_the_same_file_is_held_also_where_another_has_corrected_it_and_says_which(store):
    first, corrected = (lines("appointments", posts("Attock", "RO", sanctioned=number)) for number in (5, 6))
    a, b = commit(store, handed_in(store, *first)), commit(store, handed_in(store, *corrected))
    again = handed_in(store, *first)
    assert (again.held_by, again.replaced_by) == (a.submission, (b.submission,))
    assert commit(store, again).was_held
    assert sanctioned_in_attock(store) == [6]
    assert handed_in(store, *corrected).replaced_by == ()


def test_the_same_file_is_held_whatever_a_later_day_says(store):
    earlier = lines("appointments", posts("Attock", "RO", sanctioned=5), above=(["As-of date", EARLIER],))
    first = commit(store, handed_in(store, *earlier))
    commit(store, handed_in(store, *lines("appointments", posts("Attock", "RO", sanctioned=6))))
    again = handed_in(store, *earlier)
    assert (again.held_by, again.replaced_by) == (first.submission, ())
    assert sanctioned_in_attock(store) == [6]


def sanctioned_in_attock(store) -> list[int]:
    """The posts that stand in Attock today."""
    everywhere = Scope.everything(store.election.places)
    return readiness.rows(store, everywhere, "appointments", place="PK601", on=store.today)["sanctioned"].tolist()


def test_a_sheet_that_blocks_is_never_committed(store):
    with pytest.raises(ValueError, match="problems that block it"):
        commit(store, handed_in(store, DATED, HEADER, counted("Nowhere", 1)))
    assert store.ask_rows("select count(*) from submissions", {}) == [(0,)]


def test_tens_of_thousands_of_problems_are_told_one_by_one(election):
    many = 20_000
    found = looked_at(election, DATED, HEADER, *(counted(f"Nowhere {number % 97}", "x", f"Post {number}") for number in range(many)))
    assert len(found.problems) == 7 * many
