"""The sender's own workbook back: what is marked in it, what stays as it was, and that it is read rightly when it comes again."""

from __future__ import annotations

import base64
import io
import posixpath
import re
from collections.abc import Callable
from xml.etree import ElementTree

import openpyxl
import pytest
import xlsxwriter
import xlwt
from hypothesis import HealthCheck, given, settings, strategies as st

from bad_files import ENTITIES, bomb, encrypted_open_document, old_office, overlapping, packed, saved, unpacked, workbook, workbook_parts
from loaders.marked import marked
from loaders.marks import AUTHOR, HEADING_NOTE, PROBLEMS, REASONS, TITLE
from loaders.problems import LoadError, problem
from loaders.sheets import read
from loaders.styles import AMBER, RED
from loaders.submissions import commit
from loaders.templates import template
from sheets_for import posts, sheet
from sheets_marked import DAY, WRONG, odd, staged, values, wrong
from test_read import as_xlsb

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PICTURE = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==")
# The elements of a worksheet in the order that ECMA-376 wants; a program "repairs" a file that has another.
ORDER = (
    "sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr", "sheetProtection", "protectedRanges", "scenarios", "autoFilter",
    "sortState", "dataConsolidate", "customSheetViews", "mergeCells", "phoneticPr", "conditionalFormatting", "dataValidations", "hyperlinks", "printOptions",
    "pageMargins", "pageSetup", "headerFooter", "rowBreaks", "colBreaks", "customProperties", "cellWatches", "ignoredErrors", "smartTags", "drawing",
    "legacyDrawing", "legacyDrawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts", "extLst")


def opened(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def fill(cell: openpyxl.cell.Cell) -> str | None:
    return cell.fill.fgColor.rgb if cell.fill.patternType == "solid" else None


def assert_sound(content: bytes) -> None:
    """What a spreadsheet program asks of a package before it opens it without a word."""
    found = unpacked(content)
    trees = {name: ElementTree.fromstring(data) for name, data in found.items() if name.endswith((".xml", ".rels", ".vml"))}
    types = trees["[Content_Types].xml"]
    overrides = [one.get("PartName") for one in types if one.tag.endswith("Override")]
    defaults = {one.get("Extension").lower() for one in types if one.tag.endswith("Default")}
    assert len(set(overrides)) == len(overrides) and {name[1:] for name in overrides} <= found.keys()
    assert all(f"/{name}" in overrides or name.rpartition(".")[2].lower() in defaults for name in found if name != "[Content_Types].xml")
    for name in (name for name in found if name.endswith(".rels")):
        folder, file = posixpath.split(name)
        source = posixpath.join(posixpath.dirname(folder), file.removesuffix(".rels"))
        assert source in found or name == "_rels/.rels"
        ids = [one.get("Id") for one in trees[name]]
        assert len(set(ids)) == len(ids)
        targets = [one.get("Target") for one in trees[name] if one.get("TargetMode") != "External"]
        assert {posixpath.normpath(posixpath.join("/", posixpath.dirname(source), target))[1:] for target in targets} <= found.keys()
    styles = next((tree for tree in trees.values() if tree.tag == f"{{{MAIN}}}styleSheet"), None)
    for section in () if styles is None else styles:
        assert section.get("count") in (None, str(len(section)))
    count = len(styles.find(f"{{{MAIN}}}cellXfs"))
    for tree in (tree for tree in trees.values() if tree.tag == f"{{{MAIN}}}worksheet"):
        names = [ORDER.index(one.tag.rpartition("}")[2]) for one in tree]
        assert names == sorted(names)
        number = 0
        for row in tree.iter(f"{{{MAIN}}}row"):
            before, number, column = number, int(row.get("r") or number + 1), 0
            first, last = (int(one) for one in row.get("spans", "1:16384").split(":"))
            assert number > before
            for cell in row.iter(f"{{{MAIN}}}c"):
                told = cell.get("r") or f"{openpyxl.utils.get_column_letter(column + 1)}{number}"
                before, (at, column) = column, openpyxl.utils.cell.coordinate_to_tuple(told)
                assert at == number and column > before and first <= column <= last
        assert all(int(cell.get("s", 0)) < count for cell in tree.iter(f"{{{MAIN}}}c"))
        reach = [range(int(one.get("min")), int(one.get("max")) + 1) for one in tree.iter(f"{{{MAIN}}}col")]
        assert all(one.stop <= other.start for one, other in zip(reach, reach[1:]))
    for name, tree in trees.items():
        if tree.tag == f"{{{MAIN}}}comments":
            refs = [one.get("ref") for one in tree.iter(f"{{{MAIN}}}comment")]
            assert len(set(refs)) == len(refs)
    shapes = [shape for name, data in found.items() if name.endswith(".vml") for shape in re.findall(rb'<v:shape id="([^"]+)"', data)]
    assert len(set(shapes)) == len(shapes)


def rich() -> bytes:
    """A workbook with all that must not be lost."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        data, other = book.add_worksheet("Data"), book.add_worksheet("Other's")
        green = book.add_format({"bold": True, "bg_color": "#00FF00", "num_format": "0.00"})
        data.write_row(0, 0, ["District", "Code", "Figure"])
        data.write_row(1, 0, ["Lahore", "L-1", 5], green)
        data.write_row(2, 0, ["Kasur", "=not a formula", "=1+1"])
        data.write_formula(3, 2, "=C2*2", green, 10)
        data.set_column(2, 2, 20, green)
        data.write_comment(1, 0, "their own word")
        data.merge_range(5, 0, 5, 1, "merged")
        data.data_validation(1, 2, 9, 2, {"validate": "integer", "criteria": ">", "value": 0})
        data.conditional_format(1, 2, 9, 2, {"type": "cell", "criteria": ">", "value": 3, "format": green})
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=Data!$C$2:$C$3"})
        data.insert_chart("H9", chart)
        data.insert_image("K9", "dot.png", {"image_data": io.BytesIO(PICTURE)})
        data.add_table("E2:F4")
        data.print_area(0, 0, 9, 2)
        other.write(0, 0, "x", green)
        other.print_area(0, 0, 3, 3)
        book.define_name("Rate", "=Data!$C$2")
    return file.getvalue()


def test_only_what_a_mark_needs_is_changed():
    sent = rich()
    name, content = marked("repairs.xlsx", sent, [wrong(3, "C", "=1+1"), odd(2, "B")], header={"Data": 1})
    assert name == "repairs-marked.xlsx"
    assert_sound(content)
    before, after = unpacked(sent), unpacked(content)
    changed = {part for part in before if before[part] != after[part]}
    assert changed == {"[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml", "xl/worksheets/sheet1.xml",
                       "xl/comments1.xml", "xl/drawings/vmlDrawing1.vml"}
    assert {"xl/charts/chart1.xml", "xl/media/image1.png", "xl/worksheets/sheet2.xml", "xl/tables/table1.xml"} <= before.keys() - changed
    own = re.search(b"<mergeCells.*</dataValidations>", before["xl/worksheets/sheet1.xml"])[0]
    assert own in after["xl/worksheets/sheet1.xml"] and b"<f>C2*2</f><v>10</v>" in after["xl/worksheets/sheet1.xml"]


def test_a_problem_cell_keeps_its_style_but_for_the_tint_and_bears_a_comment():
    book = opened(marked("a.xlsx", rich(), [wrong(2, "C"), odd(2, "C"), odd(2, "B")], header={"Data": 1})[1])
    data = book["Data"]
    assert (fill(data["C2"]), data["C2"].font.bold, data["C2"].number_format, data["C2"].value) == (RED, True, "0.00", 5)
    assert (fill(data["B2"]), data["B2"].font.bold) == (AMBER, True)
    assert data["C2"].comment.text == f"To correct: {wrong(2, 'C').message}\nTo look at: {odd(2, 'C').message}"
    assert (data["C2"].comment.author, data["B2"].comment.text) == (AUTHOR, f"To look at: {odd(2, 'B').message}")
    assert (fill(data["A2"]), fill(data["A3"]), book["Other's"]["A1"].font.bold) == ("FF00FF00", None, True)


def test_the_column_of_reasons_stands_right_of_everything_and_says_all_of_a_row():
    line = problem("line_ignored", "Data", row=12, value="note")
    data = opened(marked("a.xlsx", rich(), [wrong(2, "C"), odd(2, "B"), line], header={"Data": 1})[1])["Data"]
    assert [data[f"G{row}"].value for row in (1, 2, 3, 12)] == [
        REASONS, f"To correct: {wrong(2, 'C').message}\nTo look at: {odd(2, 'B').message}", None, f"To look at: {line.message}"]
    assert data.column_dimensions["G"].width > 50 and data["G1"].comment.text == HEADING_NOTE
    assert (fill(data["G2"]), fill(data["G12"])) == (RED, AMBER)


def test_a_comment_of_the_senders_stays_and_ours_is_added_to_it_once():
    problems = [wrong(2, "A")]
    _, content = marked("a.xlsx", rich(), problems, header={"Data": 1})
    said = f"their own word\n[{AUTHOR}] To correct: {problems[0].message}"
    assert opened(content)["Data"]["A2"].comment.text == said
    _, again = marked("a.xlsx", content, problems, header={"Data": 1})
    assert opened(again)["Data"]["A2"].comment.text == said
    _, clean = marked("a.xlsx", again, [wrong(3, "C")], header={"Data": 1})
    assert opened(clean)["Data"]["A2"].comment.text == "their own word"
    assert_sound(clean)


def test_the_list_of_problems_is_seen_first_and_each_line_leads_to_its_cell():
    problems = [wrong(3, "C", "=1+1"), problem("as_of_missing", "Data"), problem("sheet_not_read", "Other's", value="Other's", read="Data", hidden="")]
    book = opened(marked("a.xlsx", rich(), problems, header={"Data": 1})[1])
    assert book.sheetnames == [PROBLEMS, "Data", "Other's"] and book.active.title == PROBLEMS
    assert [sheet.title for sheet in book if sheet.sheet_view.tabSelected] == [PROBLEMS]
    lines = [[cell.value for cell in line] for line in book[PROBLEMS].iter_rows(min_row=6)]
    assert lines == [["Data", 3, "Figure (C)", "=1+1", problems[0].message, "To correct"], ["Data", None, None, None, problems[1].message, "To correct"],
                     ["Other's", None, None, "Other's", problems[2].message, "To look at"]]
    assert [book[PROBLEMS][f"A{row}"].hyperlink.location for row in (6, 7, 8)] == ["'Data'!C3", "'Data'!A1", "'Other''s'!A1"]
    assert book[PROBLEMS]["D6"].data_type == "s"


def test_what_refers_to_a_sheet_by_its_place_still_refers_to_it():
    book = opened(marked("a.xlsx", rich(), [wrong(3, "C")], header={"Data": 1})[1])
    assert book["Data"].print_area == "'Data'!$A$1:$C$10" and book["Other's"].print_area == "'Other''s'!$A$1:$D$4" and book[PROBLEMS].print_area == ""
    assert book.defined_names["Rate"].value == "Data!$C$2"


def test_a_selected_sheet_without_problems_is_kept_byte_for_byte():
    book = openpyxl.Workbook()
    book.active.title, book.active["A1"] = "Notes", "x"
    book.active.sheet_view.tabSelected = True
    book.create_sheet("Data")["A1"] = "y"
    sent = saved(book)
    _, content = marked("a.xlsx", sent, [wrong(1, "A")], header={"Data": 1})
    assert_sound(content)
    assert unpacked(content)["xl/worksheets/sheet1.xml"] == unpacked(sent)["xl/worksheets/sheet1.xml"]
    assert opened(content).active.title == "Notes" and [one.title for one in opened(content) if one.sheet_view.tabSelected] == ["Notes"]


def test_a_sheet_of_the_senders_called_problems_stays_beside_ours():
    book = openpyxl.Workbook()
    book.active.title, book.active["A1"] = "problems", "mine"
    _, content = marked("a.xlsx", saved(book), [wrong(1, "A", name="problems")])
    assert opened(content).sheetnames == [f"{PROBLEMS} (2)", "problems"]
    assert opened(marked("a.xlsx", content, [wrong(1, "A", name="problems")])[1]).sheetnames == [f"{PROBLEMS} (2)", "problems"]


@pytest.mark.parametrize("text", ["=1+1", "<b>&amp;", "@SUM(A1)", "a\x01b\x0bc", "_x0041_", "لاہور", '"quoted" \'so\'', "\ud800", "x" * 40_000, "]]>"])
def test_any_text_is_written_as_text(text):
    found = wrong(2, "B", text)
    _, content = marked("a.xlsx", rich(), [found], header={"Data": 1})
    assert_sound(content)
    data = opened(content)["Data"]
    shown = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]", "�", found.message)
    for said in (openpyxl.utils.escape.unescape(data["G2"].value), openpyxl.utils.escape.unescape(data["B2"].comment.text)):
        assert said.startswith(f"To correct: {shown}"[:31_000]) and len(said) <= 32_767
    assert data["G2"].data_type == "s"
    if len(text) < 100:
        assert values(read("a.xlsx", content), "Data")[2, "G"] == f"To correct: {shown}"


MANY_FORMS = {
    "cells and rows that aren't there": '<row r="2"><c r="B2"><v>7</v></c></row><row r="4"/><row r="6" spans="2:2"><c r="B6"><v>7</v></c></row>',
    "no rows": "",
    "rows and cells without names": "<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>",
    "texts in place": '<row r="1"><c r="A1" t="inlineStr"><is><t>a &gt; b</t></is></c></row>',
    "single quotes and odd blanks": "<row  r='1'\n><c  r='A1' x='>'\n><v>1</v></c><c r='B1' /></row>",
    "a part behind the cells": '<row r="1"><c r="A1"><v>1</v></c><extLst><ext uri="x"/></extLst></row>',
}


@pytest.mark.parametrize("rows", MANY_FORMS.values(), ids=MANY_FORMS)
@pytest.mark.parametrize("prefix", ["", "x:"], ids=["plain", "with a prefix"])
def test_a_workbook_in_any_form_is_marked_in_its_place(rows, prefix):
    written = f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    if prefix:
        written = re.sub(r"<(/?)(?=\w)", rf"<\1{prefix}", written).replace("xmlns=", "xmlns:x=")
    if not rows:
        written = re.sub(r"<(\S*sheetData)>.*</\S*sheetData>", r"<\1/>", written)
    sent = workbook("", **{
        "xl/worksheets/sheet1.xml": written, "[Content_Types].xml":
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"/>'})
    places = [(1, "A"), (2, "A"), (2, "C"), (4, "B"), (5, "B"), (6, "A"), (9, "A")]
    _, content = marked("a.xlsx", sent, [wrong(row, at, name="Sheet1") for row, at in places], header={"Sheet1": 1})
    assert_sound(content)
    assert PROBLEMS == opened(content).sheetnames[0] and "formats are not kept" not in str(unpacked(content)["xl/worksheets/sheetChecks.xml"])
    data, before = opened(content)["Sheet1"], opened(marked("a.xlsx", sent, [])[1])["Sheet1"]
    for row in range(1, 10):
        for at in "ABC":
            assert fill(data[f"{at}{row}"]) == (RED if (row, at) in places else None)
            assert data[f"{at}{row}"].value == before[f"{at}{row}"].value
            assert (data[f"{at}{row}"].comment is not None) == ((row, at) in places)


def test_the_widths_of_other_columns_stay_where_one_range_reaches_over_the_new_one():
    book = openpyxl.Workbook()
    book.active.title, book.active["A1"] = "Data", "x"
    found = unpacked(saved(book))
    found["xl/worksheets/sheet1.xml"] = found["xl/worksheets/sheet1.xml"].replace(
        b"<sheetData>", b'<cols><col min="1" max="9" width="11" style="0" customWidth="1"/></cols><sheetData>')
    _, content = marked("a.xlsx", packed(found), [wrong(1, "B")], header={"Data": 1})
    assert_sound(content)
    widths = re.findall(rb'<col min="(\d+)" max="(\d+)" width="(\d+)"', unpacked(content)["xl/worksheets/sheet1.xml"])
    assert widths == [(b"1", b"2", b"11"), (b"3", b"3", b"90"), (b"4", b"9", b"11")]


def test_the_comments_of_a_sheet_without_any_stand_in_the_place_that_the_format_wants():
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        data = book.add_worksheet("Data")
        data.add_table("A1:B3")
        data.insert_image("D9", "dot.png", {"image_data": io.BytesIO(PICTURE)})
        data.set_header("&CRepairs")
        data.set_background(io.BytesIO(PICTURE))
    _, content = marked("a.xlsx", file.getvalue(), [wrong(2, "B")], header={"Data": 1})
    assert_sound(content)
    names = re.findall(rb"<(drawing|legacyDrawing|picture|tableParts)\b", unpacked(content)["xl/worksheets/sheet1.xml"])
    assert names == [b"drawing", b"legacyDrawing", b"picture", b"tableParts"] and opened(content)["Data"]["B2"].comment


def test_what_another_program_has_saved_again_is_still_known_as_ours():
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        listed, data = book.add_worksheet(PROBLEMS), book.add_worksheet("Data")
        listed.write(0, 0, TITLE)
        listed.write(9, 0, "an old line")
        data.write_column(0, 0, ["Code", "1", "2"])
        data.write_column(0, 1, [REASONS, "To correct: Row 2, of old"])
        data.write_comment("A2", "To correct: Row 2, of old", {"author": "Somebody"})
        data.write_comment("B1", HEADING_NOTE)
    _, content = marked("a.xlsx", file.getvalue(), [wrong(3, "A")], header={"Data": 1})
    assert_sound(content)
    book = opened(content)
    assert book.sheetnames == [PROBLEMS, "Data"] and "an old line" not in [cell.value for cell in book[PROBLEMS]["A"]]
    assert [cell.value for cell in book["Data"]["B"]] == [REASONS, None, f"To correct: {wrong(3, 'A').message}"] and book["Data"].max_column == 2
    assert [cell.comment is not None for cell in book["Data"]["A"]] == [False, False, True]


def test_macros_are_kept_and_so_is_the_ending_of_the_name():
    found = unpacked(rich())
    found["xl/vbaProject.bin"] = b"\xd0\xcf macro"
    found["[Content_Types].xml"] = found["[Content_Types].xml"].replace(
        b"<Override", b'<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/><Override', 1)
    name, content = marked("Repairs.XLSM", packed(found), [wrong(3, "C")], header={"Data": 1})
    assert name == "Repairs-marked.xlsm" and unpacked(content)["xl/vbaProject.bin"] == found["xl/vbaProject.bin"]


def csv_file() -> bytes:
    return "District,Code,Figure\nLahore,007,1.50\nKasur,=1+1,\nنارووال,L-3,12/06/2025\n".encode()


def xls_file() -> bytes:
    book = xlwt.Workbook()
    data, other = book.add_sheet("Data"), book.add_sheet("Other")
    for row, line in enumerate([["District", "Code", "Figure"], ["Lahore", "L-1", 1.5], ["Kasur", "=1+1", None], ["Okara", "L-3", True]]):
        for column, value in enumerate(line):
            data.write(row, column, value)
    data.write_merge(5, 6, 0, 0, "merged")
    other.write(3, 2, "far")
    return saved(book)


def in_utf_16() -> bytes:
    text = f'<?xml version="1.0" encoding="UTF-16"?><worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1"><v>5</v></c></row></sheetData></worksheet>'
    return packed(workbook_parts("") | {"xl/worksheets/sheet1.xml": text.encode("utf-16"), "xl/sharedStrings.xml": b"<sst/>"})


def with_comments_in_the_xml() -> bytes:
    found = unpacked(rich())
    found["xl/worksheets/sheet1.xml"] = found["xl/worksheets/sheet1.xml"].replace(b"<sheetData>", b"<sheetData><!-- <row r='9'> -->")
    return packed(found)


@pytest.mark.parametrize(("name", "make"), [
    ("Data.csv", csv_file), ("Data.xls", xls_file), ("Sheet1.xlsb", as_xlsb), ("Sheet1.xlsx", in_utf_16),
    ("Data.xlsx", with_comments_in_the_xml)])
def test_a_kind_that_cannot_be_written_comes_back_as_a_new_workbook_with_the_same_values(name: str, make: Callable[[], bytes]):
    sheet_name = name.partition(".")[0]
    before = read(name, make())
    new_name, content = marked(name, make(), [wrong(3, "C", name=sheet_name), odd(2, "A", name=sheet_name)], header={sheet_name: 1})
    assert new_name == f"{sheet_name}-marked.xlsx"
    assert_sound(content)
    after, book = read(new_name, content), opened(content)
    reasons = next(cell.column_letter for cell in book[sheet_name][1] if cell.value == REASONS)
    for one in before:
        assert values(after, one.name, without=[reasons] if one.name == sheet_name else []) == values(before, one.name)
        assert next(other for other in after if other.name == one.name).merged == one.merged
    assert (fill(book[sheet_name]["C3"]), fill(book[sheet_name]["A2"]), book[sheet_name]["C3"].comment.author) == (RED, AMBER, AUTHOR)
    assert any("its formats are not kept" in str(cell.value) for cell in book[PROBLEMS]["A"])


def test_a_name_that_no_sheet_may_bear_is_changed_and_its_problems_go_along():
    name = "Appointments [Punjab] as of 20-01-2024"
    _, content = marked(f"{name}.csv", csv_file(), [wrong(3, "C", name=name)], header={name: 1})
    _, data = opened(content).sheetnames
    assert len(data) <= 31 and fill(opened(content)[data]["C3"]) == RED


HOSTILE = {
    "a bomb": bomb, "a bomb that lies": lambda: bomb(declared=1000), "parts over one another": overlapping, "a password": encrypted_open_document,
    "a password of Excel": lambda: old_office("EncryptedPackage"), "nothing": lambda: b"",
    "a web page": lambda: b"<html>",
    "cut off": lambda: rich()[:3000], "entities in a sheet": lambda: workbook("", **{"xl/worksheets/sheet1.xml": f"{ENTITIES}<worksheet/>"}),
    "entities in the styles": lambda: packed(unpacked(rich()) | {"xl/styles.xml": f'{ENTITIES}<styleSheet xmlns="{MAIN}"/>'.encode()}),
    "a broken sheet": lambda: packed(unpacked(rich()) | {"xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData><row r="1">'.encode()}),
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(make):
    with pytest.raises(LoadError) as refused:
        marked("a.xlsx", make(), [wrong(1, "A"), wrong(1, "A", name="Sheet1")], header={"Data": 1})
    assert refused.value.message.endswith(".")


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=5))
def test_damage_inside_a_sheet_is_marked_or_refused(damage):
    found = unpacked(rich())
    data = bytearray(found["xl/worksheets/sheet1.xml"])
    for place, byte in damage:
        data[int(place * len(data))] = byte
    try:
        marked("a.xlsx", packed(found | {"xl/worksheets/sheet1.xml": bytes(data)}), [wrong(3, "C"), odd(9, "A")], header={"Data": 1})
    except LoadError as error:
        assert error.kind and error.message


def test_of_very_many_marks_only_the_first_bear_a_comment_and_it_is_said():
    book = openpyxl.Workbook()
    book.active.title, book.active["A1"] = "Data", "x"
    problems = [wrong(row, "B") for row in range(2, 20_003)]
    _, content = marked("a.xlsx", saved(book), problems, header={"Data": 1})
    data = unpacked(content)
    assert data["xl/commentsChecks.xml"].count(b"<comment ") == data["xl/drawings/vmlDrawingChecks.vml"].count(b"<v:shape ") == 5_001
    assert b"the first 5,000 of them bear a comment" in data["xl/worksheets/sheetChecks.xml"]
    assert data["xl/worksheets/sheet1.xml"].count(b"To correct: ") == 20_001


def as_workbook(rows, *, day: str = "20/01/2024") -> bytes:
    book = openpyxl.Workbook()
    book.active.title = "Posts"
    for line in sheet("appointments", rows, DAY).decode().splitlines():
        book.active.append([int(text) if text.isdigit() else text for text in line.split(",")])
    book.active["B1"] = day
    for cell in book.active[3]:
        cell.fill = openpyxl.styles.PatternFill("solid", fgColor="FF00CCFF")
    return saved(book)


@pytest.mark.parametrize("day", ["20/01/2024", "12/13/2023x", "As of 1/1/2024 and 2/1/2024"])
@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_a_marked_workbook_that_comes_back_uncorrected_has_the_same_problems_and_no_others(store, kind, day):
    content = as_workbook(WRONG, day=day) if kind == "xlsx" else sheet("appointments", WRONG, DAY).replace(b"2024-01-20", day.encode())
    before, header = staged(store, f"Posts.{kind}", content)
    assert before.problems
    name, content = marked(f"Posts.{kind}", content, before.problems, header=header)
    after, same = staged(store, name, content)
    assert after.problems == before.problems and same == header


def test_a_corrected_workbook_is_taken_with_the_reasons_and_the_list_still_in_it(store):
    before, header = staged(store, "a.xlsx", as_workbook(WRONG))
    name, content = marked("a.xlsx", as_workbook(WRONG), before.problems, header=header)
    book = opened(content)
    book["Posts"]["G3"], book["Posts"]["A4"] = 1, "Okara"
    after, _ = staged(store, name, saved(book))
    assert after.problems == () and commit(store, after).rows == 3


def test_marked_again_the_reasons_are_replaced_and_what_is_settled_loses_its_mark(store):
    before, header = staged(store, "a.xlsx", as_workbook(WRONG))
    name, content = marked("a.xlsx", as_workbook(WRONG), before.problems, header=header)
    book = opened(content)
    assert (fill(book["Posts"]["G3"]), fill(book["Posts"]["A4"]), book["Posts"]["G3"].comment.author) == (RED, RED, AUTHOR)
    book["Posts"]["G3"] = 1
    left, header = staged(store, name, saved(book))
    again_name, again = marked(name, saved(book), left.problems, header=header)
    assert again_name == name
    assert_sound(again)
    data = opened(again)["Posts"]
    assert opened(again).sheetnames == [PROBLEMS, "Posts"] and opened(again)[PROBLEMS]["A1"].value == TITLE
    assert [cell.value for cell in data[2]].count(REASONS) == 1 and data["I3"].value is None and data["I4"].value.startswith("To correct: Row 4")
    assert (fill(data["G3"]), fill(data["A4"]), data["G3"].comment) == ("FF00CCFF", RED, None)
    assert data["A4"].comment.text.count("To correct") == 1


def test_when_all_is_settled_nothing_of_ours_is_left_but_an_empty_list(store):
    before, header = staged(store, "a.xlsx", as_workbook(WRONG))
    _, content = marked("a.xlsx", as_workbook(WRONG), before.problems, header=header)
    _, clean = marked("a.xlsx", content, [])
    assert_sound(clean)
    was, now = opened(as_workbook(WRONG))["Posts"], opened(clean)["Posts"]
    assert [[cell.value for cell in row] for row in now.iter_rows(max_col=8)] == [[cell.value for cell in row] for row in was.iter_rows(max_col=8)]
    assert [[fill(cell) for cell in row] for row in now.iter_rows(max_col=8)] == [[fill(cell) for cell in row] for row in was.iter_rows(max_col=8)]
    assert not any(cell.comment for row in now.iter_rows() for cell in row) and REASONS not in [cell.value for cell in now[2]]


def test_a_column_of_the_senders_called_reasons_is_theirs(store):
    rows = [{**posts("Lahore", "RO", sanctioned=5, notified=2, joined=9)}]
    book = opened(as_workbook(rows))
    book["Posts"]["H2"], book["Posts"]["H3"] = REASONS, "Floods"
    before, header = staged(store, "a.xlsx", saved(book))
    assert [found.letters for found in before.problems if found.kind == "unknown_column"] == ["H"]
    data = opened(marked("a.xlsx", saved(book), before.problems, header=header)[1])["Posts"]
    assert (data["H2"].value, data["H3"].value, data["I2"].value) == (REASONS, "Floods", REASONS)


def test_a_missing_column_is_said_on_the_heading_of_the_reasons(store):
    book = opened(as_workbook(WRONG))
    book["Posts"].delete_cols(3)
    before, header = staged(store, "a.xlsx", saved(book))
    data = opened(marked("a.xlsx", saved(book), before.problems, header=header)[1])["Posts"]
    heading = next(cell for cell in data[2] if cell.value == REASONS)
    assert "the column is missing" in heading.comment.text
    assert staged(store, "a.xlsx", marked("a.xlsx", saved(book), before.problems, header=header)[1])[0].problems == before.problems


def test_a_template_comes_back_marked_with_its_choices_and_instructions(store):
    domain = store.election.domain("appointments")
    book = opened(template(domain, store.election.places, place="PK7", as_of=DAY))
    table = book.worksheets[0]
    for column in range(4, 9):
        table.cell(5, column).value = 3
    table["D6"], table["A7"] = "five", "Punjab"
    content = saved(book)
    before, header = staged(store, "a.xlsx", content)
    name, back = marked("a.xlsx", content, before.problems, header=header)
    assert_sound(back)
    after = opened(back)
    assert after.sheetnames == [PROBLEMS, *book.sheetnames] and after["Lists"].sheet_state == "hidden"
    assert len(after[table.title].data_validations.dataValidation) == len(table.data_validations.dataValidation)
    assert after[table.title].freeze_panes == table.freeze_panes
    assert staged(store, name, back)[0].problems == before.problems
