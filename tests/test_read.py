"""Reading a spreadsheet: every format gives the same cells, and no file, however bad, gives anything but a sentence."""

import io
import os
import random
import resource
import struct
import subprocess
import sys
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pyarrow as pa
import pytest
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odf.opendocument import OpenDocumentSpreadsheet
from odf.style import Style, TableProperties, TextProperties
from odf.table import CoveredTableCell, Table, TableCell, TableRow
from odf.text import P, Span

from bad_files import (
    ENTITIES,
    ONE_CELL,
    bomb,
    encrypted_open_document,
    old_office,
    overlapping,
    packed,
    saved,
    wide_workbook,
    workbook,
    workbook_parts,
)
from loaders.sheets import LIMITS, LoadError, Sheet, read
from written_as import record, wide, xlsb_workbook

PATIENT = replace(LIMITS, seconds=60)  # for what takes seconds alone and longer beside other tests
# The one table that every format is asked for: header in row 3, a blank row 5, column A blank.
TABLE = {
    (3, "B"): "District",
    (3, "C"): "ضلع",
    (4, "B"): "Lahore\nCity",
    (4, "C"): "لاہور شہر",
    (4, "D"): "0042",
    (4, "E"): 3520212345671,
    (4, "F"): 12.5,
    (4, "G"): date(2026, 6, 12),
    (4, "H"): datetime(2026, 6, 12, 10, 30),
    (4, "I"): True,
    (4, "J"): "#DIV/0!",
    (6, "B"): " Kasur ",
    (6, "E"): -3,
    (6, "F"): 0.45,
    (6, "I"): False,
    (6, "J"): "#REF!",
}
EXPECTED = {
    **{place: str(value) for place, value in TABLE.items()},
    (4, "G"): "2026-06-12",
    (4, "H"): "2026-06-12T10:30:00",
    (4, "I"): "true",
    (6, "I"): "false",
}
ERRORS = ("#DIV/0!", "#REF!")
CALCEXT = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"


def as_xlsx() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for (row, letter), value in TABLE.items():
        cell = sheet[f"{letter}{row}"]
        cell.value = value
        if value in ERRORS:
            cell.data_type = "e"
        elif isinstance(value, str):
            cell.data_type = "s"
    return saved(book)


def as_xls() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Sheet1")
    shown = {date: "yyyy-mm-dd", datetime: "yyyy-mm-dd hh:mm"}
    for (row, letter), value in TABLE.items():
        if value in ERRORS:
            sheet.row(row - 1).set_cell_error(ord(letter) - 65, value)
        elif type(value) in shown:
            sheet.write(row - 1, ord(letter) - 65, value, xlwt.easyxf(num_format_str=shown[type(value)]))
        else:
            sheet.write(row - 1, ord(letter) - 65, value)
    return saved(book)


def as_ods() -> bytes:
    book = OpenDocumentSpreadsheet()
    table = Table(name="Sheet1")
    table.addElement(TableRow(numberrowsrepeated=2))
    for number in range(3, 7):
        row = TableRow()
        for letter in "ABCDEFGHIJ":
            row.addElement(ods_cell(TABLE.get((number, letter))))
        row.addElement(TableCell(numbercolumnsrepeated=16374))
        table.addElement(row)
    table.addElement(TableRow(numberrowsrepeated=1048570))
    book.spreadsheet.addElement(table)
    return saved(book)


def ods_cell(value: object) -> TableCell:
    if value is None:
        return TableCell()
    if isinstance(value, bool):
        return TableCell(valuetype="boolean", booleanvalue=str(value).lower())
    if isinstance(value, int | float):
        return TableCell(valuetype="float", value=value)
    if isinstance(value, date):
        return TableCell(valuetype="date", datevalue=value.isoformat())
    cell = TableCell(valuetype="string")
    if value in ERRORS:
        cell.setAttrNS(CALCEXT, "value-type", "error")
    for line in value.split("\n"):
        cell.addElement(ods_text(line))
    return cell


def ods_text(line: str) -> P:
    from odf.text import S

    paragraph = P()
    for number, piece in enumerate(line.split(" ")):
        if number:
            paragraph.addElement(S())
        paragraph.addText(piece)
    return paragraph


def as_xlsb() -> bytes:
    """A workbook in the binary records of .xlsb, as small as it may be: its texts stand in their cells."""
    sheet = record(129) + record(148, struct.pack("<4I", 2, 5, 1, 9)) + record(145)
    for number in range(3, 7):
        sheet += record(0, struct.pack("<IIHHBI", number - 1, 0, 300, 0, 0, 0))
        for letter in "ABCDEFGHIJ":
            if (number, letter) in TABLE:
                sheet += xlsb_cell(ord(letter) - 65, TABLE[number, letter])
    return xlsb_workbook(sheet + record(146) + record(130))


def xlsb_cell(column: int, value: object) -> bytes:
    place = struct.pack("<II", column, {date: 1, datetime: 2}.get(type(value), 0))
    if value in ERRORS:
        return record(3, place + bytes([{"#DIV/0!": 0x07, "#REF!": 0x17}[value]]))
    if isinstance(value, bool):
        return record(4, place + bytes([value]))
    if isinstance(value, str):
        return record(6, place + wide(value))
    if isinstance(value, date):
        since = datetime(value.year, value.month, value.day) if type(value) is date else value
        value = (since - datetime(1899, 12, 30)) / timedelta(days=1)
    return record(5, place + struct.pack("<d", value))


def as_text(encoding: str, separator: str = ",") -> bytes:
    lines = []
    for number in range(1, 7):
        cells = [EXPECTED.get((number, letter), "") for letter in "ABCDEFGHIJ"]
        lines.append(separator.join(f'"{cell}"' if "\n" in cell else cell for cell in cells))
    return ("\r\n".join(lines) + "\r\n").encode(encoding)


def values(sheet: Sheet) -> dict[tuple[int, str], str]:
    """The cells of a sheet that have a value, by row and letters."""
    rows = sheet.cells.to_pylist()
    filled = ((row.pop("row"), row) for row in rows)
    return {(number, letter): value for number, row in filled for letter, value in row.items() if value is not None}


def refusal(content: bytes, *, name: str = "Lahore.xlsx", limits=PATIENT) -> LoadError:
    with pytest.raises(LoadError) as caught:
        read(name, content, limits)
    message = str(caught.value)
    assert message == caught.value.message and message[0].isupper() and message.endswith(".")
    assert not any(word in message for word in ("Traceback", "Error(", "calamine", "zipfile", "expat", "arrow"))
    return caught.value


FORMATS = {
    "xlsx": as_xlsx,
    "xls": as_xls,
    "xlsb": as_xlsb,
    "ods": as_ods,
    "csv, UTF-8": lambda: as_text("utf-8"),
    "csv, UTF-8 with mark": lambda: as_text("utf-8-sig"),
    "csv, UTF-16 little endian with mark": lambda: b"\xff\xfe" + as_text("utf-16-le"),
    "csv, UTF-16 big endian with mark": lambda: b"\xfe\xff" + as_text("utf-16-be"),
    "csv, UTF-16 little endian": lambda: as_text("utf-16-le"),
    "csv, UTF-16 big endian": lambda: as_text("utf-16-be"),
    "csv, Windows-1256": lambda: as_text("cp1256"),
    "csv, semicolons": lambda: as_text("utf-8", ";"),
    "csv, tabs": lambda: as_text("utf-16", "\t"),
    "csv, bars": lambda: as_text("utf-8", "|"),
}


@pytest.mark.parametrize("form", FORMATS)
def test_each_format_gives_the_same_cells_with_the_sheets_own_row_numbers(form):
    (sheet,) = read("Lahore.data", FORMATS[form]())
    expected = EXPECTED
    if form.startswith("csv"):  # the line break inside row 4 moves what is below it one line down
        expected = {(row + (row > 4), letter): value for (row, letter), value in EXPECTED.items()}
    assert values(sheet) == expected
    assert not sheet.hidden
    assert sheet.cells.schema.field("row").type == pa.int32()
    assert set(sheet.cells.schema.types[1:]) == {pa.string()}


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        (12, "12"),
        (12.0, "12"),
        (2**53, "9007199254740992"),
        (1e-7, "0.0000001"),
        (35202123456789000, "35202123456789000"),
        (35202123456789012, "35202123456789000"),
        (1e20, "100000000000000000000"),
        (time(10, 30), "10:30:00"),
        (timedelta(hours=30), "30:00:00"),
        (date(1900, 1, 5), "1900-01-05"),
        (datetime(2026, 6, 12, 10, 30, 15, 500000), "2026-06-12T10:30:15.5"),
        ("3520212345671", "3520212345671"),
        ("NA", "NA"),
        (" ", " "),
        ("a\tb\r\nc", "a\tb\nc"),
        ("<b> & \"q\" 'x'", "<b> & \"q\" 'x'"),
    ],
)
def test_a_value_of_a_workbook_is_one_unambiguous_text(stored, shown):
    book = openpyxl.Workbook()
    book.active["B2"] = stored
    (sheet,) = read("a.xlsx", saved(book))
    assert values(sheet) == {(2, "B"): shown}


@pytest.mark.parametrize(
    ("stored", "number_format", "shown"),
    [
        (0.45, "0%", "45%"),
        (1.0, "0%", "100%"),
        (0.07, "0.00%", "7%"),
        (0.455, "[Red]0.0%;-0.0%", "45.5%"),
        (7, "000", "007"),
        (1234, "000", "1234"),
        (-7, "000", "-7"),
        (12.5, "000", "12.5"),
        (7, "0", "7"),
        (1234.5, "#,##0.00", "1234.5"),
    ],
)
def test_a_number_keeps_the_percent_sign_and_the_leading_zeros_that_its_format_shows(stored, number_format, shown):
    book = openpyxl.Workbook()
    book.active["A1"] = stored
    book.active["A1"].number_format = number_format
    assert values(read("a.xlsx", saved(book))[0]) == {(1, "A"): shown}


@pytest.mark.parametrize(
    ("kind", "stored", "shown", "read_as"),
    [
        ("percentage", 0.45, "45%", "45%"),
        ("percentage", 1, "100%", "100%"),
        ("float", 7, "007", "007"),
        ("float", 7, "7.00", "7"),
        ("float", 0, "0", "0"),
    ],
)
def test_a_number_of_an_open_document_keeps_its_percent_sign_and_leading_zeros(kind, stored, shown, read_as):
    book = OpenDocumentSpreadsheet()
    table, row, cell = Table(name="T"), TableRow(), TableCell(valuetype=kind, value=stored)
    cell.addElement(P(text=shown))
    row.addElement(cell)
    table.addElement(row)
    book.spreadsheet.addElement(table)
    assert values(read("a.ods", saved(book))[0]) == {(1, "A"): read_as}


@pytest.mark.parametrize("position", ["superscript", "subscript"])
@pytest.mark.parametrize("runs", [("5", "1", "5^1"), ("GPS Attock", "a", "GPS Attock^a")], ids=["number", "text"])
def test_the_raised_sign_of_a_footnote_is_no_part_of_the_number_before_it(runs, position):
    plain, raised, expected = runs
    pieces = f'<r><t>{plain}</t></r><r><rPr><sz val="8"/><vertAlign val="{position}"/></rPr><t>{raised}</t></r><r><rPr><b/></rPr><t>.</t></r>'
    shared = workbook('<row r="1"><c r="A1" t="s"><v>0</v></c></row>', **{"xl/sharedStrings.xml": f"<sst><si>{pieces}</si></sst>"})
    inline = workbook(f'<row r="1"><c r="A1" t="inlineStr"><is>{pieces}</is></c></row>')
    for content in (shared, inline):
        assert values(read("a.xlsx", content)[0]) == {(1, "A"): f"{expected}."}


def test_the_raised_sign_of_a_footnote_is_no_part_of_the_number_in_an_open_document():
    book = OpenDocumentSpreadsheet()
    for name, position in (("T1", "super 58%"), ("T2", "0% 100%")):
        style = Style(name=name, family="text")
        style.addElement(TextProperties(textposition=position))
        book.automaticstyles.addElement(style)
    table, row = Table(name="T"), TableRow()
    for name in ("T1", "T2"):
        cell, paragraph = TableCell(valuetype="string"), P(text="5")
        paragraph.addElement(Span(stylename=name, text="1"))
        cell.addElement(paragraph)
        row.addElement(cell)
    table.addElement(row)
    book.spreadsheet.addElement(table)
    assert values(read("a.ods", saved(book))[0]) == {(1, "A"): "5^1", (1, "B"): "51"}


def test_a_text_that_is_kept_from_becoming_a_number_is_read_without_its_wrapping():
    content = b'="007","=""008""","=1+1",=,="a"&"b"\n'
    assert list(values(read("a.csv", content)[0]).values()) == ["007", "008", "=1+1", "=", '="a"&"b"']


def test_a_merged_cell_has_its_value_in_the_first_place_only():
    book = openpyxl.Workbook()
    book.active["B2"] = "Repairs"
    book.active.merge_cells("B2:D3")
    assert values(read("a.xlsx", saved(book))[0]) == {(2, "B"): "Repairs"}


def merged_xlsx() -> bytes:
    parts = workbook_parts(
        '<row r="3"><c r="A3" t="str"><v>Lahore</v></c><c r="B3"><v>7</v></c></row><row r="4"><c r="A4" t="str"><v>Kasur</v></c></row>')
    sheet = parts["xl/worksheets/sheet1.xml"]
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A3:A5"/></mergeCells>')
    return packed(parts)


def merged_xls() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Sheet1")
    sheet.write_merge(2, 4, 0, 0, "Lahore")
    sheet.write(2, 1, 7)
    return saved(book)


def merged_ods() -> bytes:
    book = OpenDocumentSpreadsheet()
    table = Table(name="Sheet1")
    table.addElement(TableRow(numberrowsrepeated=2))
    first, second = TableRow(), TableRow(numberrowsrepeated=2)
    first.addElement(TableCell(valuetype="string", numberrowsspanned=3, numbercolumnsspanned=1))
    first.childNodes[0].addElement(P(text="Lahore"))
    first.addElement(ods_cell(7))
    second.addElement(CoveredTableCell(valuetype="string"))
    second.childNodes[0].addElement(P(text="Kasur"))
    for row in (first, second):
        table.addElement(row)
    book.spreadsheet.addElement(table)
    return saved(book)


@pytest.mark.parametrize("make", [merged_xlsx, merged_xls, merged_ods])
def test_where_cells_are_merged_is_told_and_what_lies_under_them_is_no_value(make):
    (sheet,) = read("a.data", make())
    assert sheet.merged == ((3, 1, 5, 1),)
    assert values(sheet) == {(3, "A"): "Lahore", (3, "B"): "7"}


def hidden_rows_xlsx(space: str) -> bytes:
    hidden = {4: ' hidden="1"', 5: ' hidden="true"', 7: ' hidden="1"'}
    return workbook("".join(f'<row r="{n}"{hidden.get(n, "")}>{space}<c r="A{n}"><v>{n}</v></c></row>' for n in range(3, 9)))


def hidden_rows_ods() -> bytes:
    book = OpenDocumentSpreadsheet()
    table = Table(name="Sheet1")
    table.addElement(TableRow(numberrowsrepeated=2))
    for repeats, visibility in ((1, "visible"), (2, "filter"), (1, "visible"), (1, "collapse"), (1, "visible")):
        row = TableRow(numberrowsrepeated=repeats, visibility=visibility)
        row.addElement(ods_cell(7))
        table.addElement(row)
    book.spreadsheet.addElement(table)
    return saved(book)


@pytest.mark.parametrize("make", [lambda: hidden_rows_xlsx(""), lambda: hidden_rows_xlsx("\n"), hidden_rows_ods], ids=["plain", "spaced", "ods"])
def test_hidden_rows_are_read_and_told(make):
    (sheet,) = read("a.data", make())
    assert sheet.hidden_rows == ((4, 5), (7, 7))
    assert sheet.cells["row"].to_pylist() == [3, 4, 5, 6, 7, 8]


def never_calculated_ods() -> bytes:
    book = OpenDocumentSpreadsheet()
    table = Table(name="Sheet1")
    row = TableRow()
    row.addElement(ods_cell(1))
    row.addElement(TableCell(formula="of:=[.A1]+1"))
    table.addElement(row)
    book.spreadsheet.addElement(table)
    return saved(book)


@pytest.mark.parametrize("make", [
    lambda: workbook('<row r="1"><c r="A1"><v>1</v></c><c r="B1"><f>A1+1</f><v></v></c></row>'), never_calculated_ods], ids=["xlsx", "ods"])
def test_a_formula_that_was_never_calculated_is_marked_in_its_cell(make):
    assert values(read("a.data", make())[0]) == {(1, "A"): "1", (1, "B"): "#NOT-CALCULATED!"}


def test_an_area_or_row_beyond_the_limits_takes_no_room():
    parts = workbook_parts('<row r="99999999999999999999" hidden="1"/>' + ONE_CELL)
    far = b'</sheetData><mergeCells><mergeCell ref="A1:XFD99999999999999999999"/></mergeCells>'
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(b"</sheetData>", far)
    (sheet,) = read("a.xlsx", packed(parts))
    assert (sheet.hidden_rows, sheet.merged) == ((), ((1, 1, LIMITS.rows, LIMITS.columns),))


def test_hidden_and_empty_sheets_are_listed():
    book = openpyxl.Workbook()
    book.active["A1"] = "x"
    book.create_sheet("Lists")["A1"] = "y"
    book["Lists"].sheet_state = "veryHidden"
    book.create_sheet("Notes")
    book.create_chartsheet("Chart")
    sheets = read("a.xlsx", saved(book))
    assert [(sheet.name, sheet.hidden, sheet.cells.num_rows) for sheet in sheets] == [
        ("Sheet", False, 1),
        ("Lists", True, 1),
        ("Notes", False, 0),
    ]


def test_styled_and_spaced_text_of_an_open_document_is_whole():
    content = as_ods()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    whole = parts["content.xml"]
    styled = b'<text:p text:style-name="P1">District</text:p>'
    spanned = b"\n<text:p>Dist<text:span>rict</text:span></text:p>"
    for paragraph in (styled, spanned):
        assert b"<text:p>District</text:p>" in whole
        parts["content.xml"] = whole.replace(b"<text:p>District</text:p>", paragraph)
        assert values(read("a.ods", packed(parts))[0]) == EXPECTED


def test_a_hidden_sheet_of_an_open_document_is_hidden():
    book = OpenDocumentSpreadsheet()
    style = Style(name="ta1", family="table")
    style.addElement(TableProperties(display="false"))
    book.automaticstyles.addElement(style)
    for name, stylename in (("Seen", None), ("Lists", "ta1")):
        table = Table(name=name, stylename=stylename) if stylename else Table(name=name)
        row = TableRow()
        row.addElement(ods_cell("x"))
        table.addElement(row)
        book.spreadsheet.addElement(table)
    assert [(sheet.name, sheet.hidden) for sheet in read("a.ods", saved(book))] == [("Seen", False), ("Lists", True)]


def test_repeated_rows_and_columns_are_all_there_and_covered_cells_are_not():
    book = OpenDocumentSpreadsheet()
    table = Table(name="T")
    row = TableRow(numberrowsrepeated=2)
    row.addElement(TableCell(valuetype="float", value=7, numbercolumnsrepeated=2))
    covered = CoveredTableCell(valuetype="float", value=8)
    row.addElement(covered)
    table.addElement(row)
    book.spreadsheet.addElement(table)
    assert values(read("a.ods", saved(book))[0]) == {(r, c): "7" for r in (1, 2) for c in "AB"}


def test_rows_in_an_unusual_form_read_like_the_usual_ones():
    b2 = '<c r="B2"><v>1</v></c>'
    usual = '<row r="2"><c r="B2" s="0"><v>1</v></c><c r="C2" t="str"><v>a</v></c></row>'
    plain = values(read("a.xlsx", workbook(usual))[0])
    unusual = {
        "another order": '<row spans="1:3" r="2"><c s="0" r="B2"><v>1</v></c><c t="str" r="C2"><v>a</v></c></row>',
        "line breaks": '<row r="2">\n <c r="B2">\n  <v>1</v>\n </c>\n <c r="C2" t="str"> <v>a</v> </c>\n</row>',
        "a comment": f'<row r="2">{b2}<!-- <c r="D2"><v>9</v></c> --><c r="C2" t="str"><v>a</v></c></row>',
        "text in place": f'<row r="2">{b2}<c r="C2" t="inlineStr"><is><t>a</t></is></c></row>',
        "text in pieces": f'<row r="2">{b2}<c r="C2" t="inlineStr"><is><r><t>a</t></r></is></c></row>',
        "no references": '<row/><row><c/><c><v>1</v></c><c t="str"><v>a</v></c></row>',
        "formulas": '<row r="2"><c r="B2"><f>A1&lt;2</f><v>1</v></c>'
        '<c r="C2" t="str"><f t="shared" si="0"/><v>a</v></c></row>',
    }
    for form, rows in unusual.items():
        assert values(read("a.xlsx", workbook(rows))[0]) == plain == {(2, "B"): "1", (2, "C"): "a"}, form


def test_names_with_a_prefix_read_like_those_without():
    parts = workbook_parts('<x:row r="2"><x:c r="B2"><x:v>1</x:v></x:c></x:row>')
    sheet = parts["xl/worksheets/sheet1.xml"]
    for tag in (b"worksheet", b"sheetData"):
        sheet = sheet.replace(b"<" + tag, b"<x:" + tag).replace(b"</" + tag, b"</x:" + tag)
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(b"xmlns=", b"xmlns:x=")
    assert values(read("a.xlsx", packed(parts))[0]) == {(2, "B"): "1"}


def test_a_stray_cell_that_is_not_too_far_is_read():
    book = openpyxl.Workbook()
    book.active["A1"], book.active["Z5000"] = "x", "y"
    assert values(read("a.xlsx", saved(book))[0]) == {(1, "A"): "x", (5000, "Z"): "y"}


def test_a_ragged_text_file_keeps_every_cell():
    (sheet,) = read("r.csv", b"a,b\n1,2,3,4\n\n5\n,,6\n")
    assert sheet.name == "r"
    assert values(sheet) == {
        (1, "A"): "a", (1, "B"): "b",
        (2, "A"): "1", (2, "B"): "2", (2, "C"): "3", (2, "D"): "4",
        (4, "A"): "5",
        (5, "C"): "6",
    }  # fmt: skip


@pytest.mark.parametrize(
    "swallowing",
    [
        'Lahore,RO,5,5,5,5,5,"late\nKasur,RO,5,5,5,5,5,new 5"',
        'Lahore,"RO,5,5,5,5,5,late\nKasur,RO",5,5,5,5,5,new',
        'Lahore,"RO,5,5,5,5,5,late\nKasur,RO,5,5,5,5,5,new"',
        'Lahore,RO,5,5,5,5,5,"late\nKasur,RO,5,5,5,5,5,\nOkara,RO,5,5,5,5,5,"',
    ],
)
@pytest.mark.parametrize("separator", [",", ";"])
def test_a_quotation_mark_that_takes_the_following_rows_into_its_cell_is_refused(swallowing, separator):
    table = f"As-of date,12/06/2025\nDistrict,Post,Sanctioned,Proposed,Approved,Notified,Joined,Remarks\n{swallowing}\n"
    error = refusal(table.replace(",", separator).encode(), name="a.csv")
    assert (error.kind, "line 3" in error.message) == ("bad_quotes", True)


def test_a_cell_of_several_lines_with_commas_is_read():
    content = b'"Posts,\nin Lahore"\nAs of,12/06/2025\nA,B,C,D,E\n1,2,3,4,"late, as\nrain, wind and snow, fell"\n'
    assert values(read("a.csv", content)[0])[5, "E"] == "late, as\nrain, wind and snow, fell"


def test_the_separator_line_of_excel_is_no_row():
    assert values(read("s.csv", b"sep=|\na|b,c\n")[0]) == {(2, "A"): "a", (2, "B"): "b,c"}


def test_decimal_commas_do_not_pass_for_separators():
    content = "district;share;rate\nKasur;1,5;2,5\nOkara;3,5;4,5\n".encode()
    assert values(read("s.csv", content)[0])[2, "B"] == "1,5"


def test_a_real_list_of_all_polling_stations_stays_within_the_limits():
    rows = "".join(
        f'<row r="{n}">' + "".join(f'<c r="{c}{n}"><v>{n}.5</v></c>' for c in "ABCDEFGHIJKLMN") + "</row>"
        for n in range(1, 90_676)
    )
    (sheet,) = read("all.xlsx", workbook(rows), PATIENT)
    assert sheet.cells.shape == (90_675, 15)
    assert sheet.cells["row"][-1].as_py() == 90_675 and sheet.cells["N"][-1].as_py() == "90675.5"


# What can't be read: each gets its sentence.


REFUSED = {
    "no bytes": (lambda: b"", "empty", "is empty"),
    "only zeros": (lambda: bytes(100), "empty", "is empty"),
    "no value in any sheet": (lambda: saved(openpyxl.Workbook()), "empty", "no filled cell"),
    "only separators": (lambda: b",,,\n,,\n", "empty", "no filled cell"),
    "password, Excel": (lambda: old_office("EncryptionInfo", "EncryptedPackage"), "encrypted", "Encrypt with Password"),
    "password, LibreOffice": (encrypted_open_document, "encrypted", "Save with password"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(100), "not_a_spreadsheet", "a picture (PNG)"),
    "a photo": (lambda: b"\xff\xd8\xff\xe0" + bytes(100), "not_a_spreadsheet", "a picture (JPEG)"),
    "a PDF": (lambda: b"%PDF-1.7\n", "not_a_spreadsheet", "a PDF document"),
    "a letter": (lambda: packed({"word/document.xml": b"<w/>"}), "not_a_spreadsheet", "a Word document"),
    "an old letter": (lambda: old_office("WordDocument"), "not_a_spreadsheet", "a Word document"),
    "a ZIP of sheets": (lambda: packed({"a.xlsx": b"x"}), "not_a_spreadsheet", "Unpack it"),
    "a ZIP": (lambda: packed({"a.txt": b"x"}), "not_a_spreadsheet", "a compressed folder"),
    "a web page": (lambda: b"<html><table><tr><td>1</td></tr></table>", "not_a_spreadsheet", "a web page (HTML)"),
    "an XML file": (lambda: b'<?xml version="1.0"?><Workbook/>', "not_a_spreadsheet", "an XML file"),
    "too many bytes": (lambda: b"a,b\n" * (LIMITS.bytes // 4 + 1), "too_large", "larger than the 50 MB"),
    "too many parts": (lambda: packed({f"p{n}": b"" for n in range(2_001)}), "too_large", "2,000 parts"),
    "10 GB when unpacked": (bomb, "too_large", "would grow to"),
    "10 GB that are not declared": (lambda: bomb(1_000), "truncated", "damaged"),
    "zeros packed tightly": (
        lambda: packed(workbook_parts(ONE_CELL) | {"xl/media/a.bin": bytes(60 * 2**20)}),
        "unsafe",
        "packed far tighter",
    ),
    "a path upwards": (lambda: packed(workbook_parts(ONE_CELL) | {"../../a": b""}), "unsafe", "outside their folder"),
    "an absolute path": (lambda: packed(workbook_parts(ONE_CELL) | {"/etc/a": b""}), "unsafe", "outside their folder"),
    "parts of one name": (lambda: packed(workbook_parts(ONE_CELL) | {"XL/Workbook.xml": b""}), "unsafe", "same name"),
    "overlapping parts": (overlapping, "unsafe", "over one another"),
    "entities": (
        lambda: workbook("", **{"xl/worksheets/sheet1.xml": f"{ENTITIES}<worksheet><sheetData/></worksheet>"}),
        "unsafe",
        "document type",
    ),
    "entities in texts": (
        lambda: workbook(ONE_CELL, **{"xl/sharedStrings.xml": f"{ENTITIES}<sst><si><t>&b;</t></si></sst>"}),
        "unsafe",
        "document type",
    ),
    "a stray cell": (
        lambda: workbook(ONE_CELL + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
        "stray_cell",
        'Sheet "Sheet1" has a value in cell XFD1048576, far outside its table: delete it and save again.',
    ),
    "20,000 columns of text": (lambda: b",".join([b"x"] * 20_000), "too_many_columns", "more than 500 columns"),
    "all columns of a sheet": (wide_workbook, "too_many_columns", "more than 500 columns"),
    "a quotation mark never closed": (lambda: b'a,b\n1,2\n"Kasur,3\n4,5\n', "bad_quotes", "line 3"),
    "a quotation mark inside a cell": (lambda: b'a,b\n"Govt. "Model" School",3\n', "bad_quotes", "line 2"),
    "an endless cell": (lambda: b'a\n"' + b"x" * 200_000 + b'"\n', "bad_quotes", "line 2"),
    "control characters": (lambda: b"a,b\n1,\x012\n", "control_characters", "Line 2"),
    "damaged UTF-8": (lambda: "ضلع,لاہور\nقصور,1\n".encode() + b"\xff,2\n", "encoding", "CSV UTF-8"),
    "a code page nobody can tell": (lambda: b"a,b\nn\xf1,1\n", "encoding", "line 2"),
    "half a UTF-16 letter": (lambda: "a,b\n".encode("utf-16") + b"x", "encoding", "CSV UTF-8"),
    "nothing but noise": (lambda: random.Random(1).randbytes(5_000), "not_a_spreadsheet", "neither a workbook"),
    "an .xls without content": (lambda: old_office("Workbook"), "unreadable", "save it as a new .xlsx"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_cannot_be_read_gets_a_sentence_that_says_what_to_do(case):
    make, kind, words = REFUSED[case]
    error = refusal(make(), name="Lahore.xls")
    assert (error.kind, words in error.message) == (kind, True), error.message


@pytest.mark.parametrize("form", ["xlsx", "xls", "xlsb", "ods"])
@pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 0.99])
def test_a_truncated_file_is_refused(form, share):
    content = FORMATS[form]()
    cut = content[: max(8, int(len(content) * share))]
    try:
        read("cut", cut)
    except LoadError as error:
        assert error.kind in ("truncated", "unreadable", "encrypted", "empty", "too_large")
    else:
        assert form == "xls"  # whose last bytes are padding


def test_a_stray_cell_in_a_binary_workbook_ends_the_child_and_not_the_program():
    book = xlwt.Workbook()
    sheet = book.add_sheet("Sheet1")
    sheet.write(0, 0, "x")
    sheet.write(65_535, 255, "y")
    error = refusal(saved(book))
    assert error.kind in ("stray_cell", "too_large") and "far outside" in error.message


def test_rows_beyond_the_limit_are_refused_in_every_form():
    limits = replace(PATIENT, rows=3)
    assert refusal(b"a\n\n\nd\n", limits=limits).kind == "stray_cell"
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(3, 8))
    assert refusal(workbook(rows), limits=limits).kind == "too_many_rows"


def test_repeats_do_not_explode():
    book = OpenDocumentSpreadsheet()
    table = Table(name="T")
    row = TableRow(numberrowsrepeated=1048576)
    row.addElement(TableCell(valuetype="float", value=7, numbercolumnsrepeated=400))
    table.addElement(row)
    book.spreadsheet.addElement(table)
    assert refusal(saved(book)).kind == "too_large"


def test_more_cells_than_the_limit_are_refused():
    assert refusal(b"a,b\n1,2\n3,4\n", limits=replace(PATIENT, cells=5)).kind == "too_large"


def test_a_file_that_needs_too_much_memory_is_refused_and_the_program_lives():
    texts = "<sst>" + "".join(f"<si><t>{n}</t></si>" for n in range(2_000_000)) + "</sst>"
    content = workbook(ONE_CELL, **{"xl/sharedStrings.xml": texts})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert refusal(content, limits=replace(PATIENT, memory=200 * 2**20)).kind in ("too_large", "unreadable")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024


def test_one_text_used_by_every_cell_does_not_fill_the_disk():
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 20_001))
    content = workbook(rows, **{"xl/sharedStrings.xml": f"<sst><si><t>{'x' * 30_000}</t></si></sst>"})
    assert refusal(content).kind == "too_large"


def test_reading_lets_everybody_else_go_first():
    script = (
        "import os, sys; sys.path.insert(0, sys.argv[1])\n"
        "from loaders import limits, parse_child\n"
        "parse_child.bound(limits.LIMITS)\n"
        "print(os.nice(0))"
    )
    root = str(Path(__file__).resolve().parent.parent)
    run = subprocess.run([sys.executable, "-I", "-c", script, root], capture_output=True, text=True, check=True)
    assert int(run.stdout) == min(19, os.nice(0) + 10)


def test_reading_stops_when_its_time_is_over():
    slow = workbook("<row><c><v>1</v></c></row>" * 250_000)
    assert refusal(slow, limits=replace(LIMITS, seconds=1)).kind == "timed_out"


def test_a_computer_that_is_too_busy_to_read_is_not_the_files_fault(monkeypatch):
    def no_more(thread):
        raise RuntimeError("can't start new thread")

    assert refusal(b"a,b\n", limits=replace(LIMITS, patience=0.01)).kind == "not_now"
    monkeypatch.setattr("threading.Thread.start", no_more)
    assert refusal(b"a,b\n").kind == "not_now"


@pytest.mark.parametrize(
    "script",
    [
        "import os; os.abort()",
        "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "import sys; sys.exit(3)",
        "pass",
        "import sys; open(sys.argv[1] + '/cells', 'wb').write(b'garbage' * 99)",
        "import sys; open(sys.argv[1] + '/problem.json', 'w').write('[1')",
    ],
)
def test_however_the_child_ends_there_is_a_sentence(script, tmp_path, monkeypatch):
    child = tmp_path / "child.py"
    child.write_text(script)
    monkeypatch.setattr("loaders.sheets.CHILD", child)
    assert refusal(b"a,b\n").kind in ("unreadable", "too_large")


def test_no_work_folder_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    read("a.csv", b"a,b\n")
    refusal(b"a,b\n", limits=replace(LIMITS, patience=0.01))
    assert not os.listdir(tmp_path)


def test_without_a_place_for_the_work_folder_there_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    assert refusal(b"a,b\n").kind == "not_now"


def test_the_child_does_without_the_heavy_libraries():
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import loaders.parse_child, loaders.xlsx, loaders.ods, loaders.xls, loaders.delimited\n"
        "print([name for name in ('pandas', 'duckdb', 'streamlit', 'openpyxl') if name in sys.modules])"
    )
    root = str(Path(__file__).resolve().parent.parent)
    run = subprocess.run([sys.executable, "-I", "-c", script, root], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_four_readers_at_once_each_get_their_own_file():
    files = [f"district,n\nD{number},{number}\n".encode() for number in range(8)]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda content: values(read("a.csv", content)[0])[2, "B"], files))
    assert found == [str(number) for number in range(8)]


@settings(max_examples=30, suppress_health_check=list(HealthCheck))
@given(st.sampled_from([b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xff\xfe", b"a,b\n"]), st.binary())
def test_any_bytes_are_read_or_refused(start, rest):
    assert_read_or_refused(start + rest)


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(["xlsx", "xls", "xlsb", "ods"]),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=20),
)
def test_any_damage_is_read_or_refused(form, damage):
    content = bytearray(FORMATS[form]())
    for place, byte in damage:
        content[int(place * len(content))] = byte
    assert_read_or_refused(bytes(content))


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=5))
def test_damage_inside_a_sheet_is_read_or_refused(damage):
    parts = workbook_parts('<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>1.5</v></c></row>' * 3)
    parts["xl/sharedStrings.xml"] = b"<sst><si><t>Kasur</t></si></sst>"
    sheet = bytearray(parts["xl/worksheets/sheet1.xml"])
    for place, byte in damage:
        sheet[int(place * len(sheet))] = byte
    assert_read_or_refused(packed(parts | {"xl/worksheets/sheet1.xml": bytes(sheet)}))


def assert_read_or_refused(content: bytes) -> None:
    try:
        assert all(isinstance(sheet, Sheet) for sheet in read("any.xlsx", content))
    except LoadError as error:
        assert error.kind and error.message
