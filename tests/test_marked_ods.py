"""The sender's own .ods file back: what is marked in it, what stays as it was, and that it is read rightly when it comes again."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from odf import dc
from odf.element import Element as OdfElement
from odf.office import Annotation
from odf.opendocument import OpenDocumentSpreadsheet, load
from odf.style import Style, TableCellProperties, TextProperties
from odf.table import Table, TableCell, TableColumn, TableRow
from odf.text import P

from bad_files import packed, saved, unpacked
from loaders.marked import marked
from loaders.marks import AUTHOR, HEADING_NOTE, PROBLEMS, REASONS, TITLE
from loaders.problems import LoadError, problem
from loaders.sheets import read
from loaders.styles import AMBER, RED
from loaders.submissions import commit
from sheets_for import sheet
from sheets_marked import DAY, WRONG, odd, staged, values, wrong

ROWS, COLUMNS = 25, 16  # of a sheet that are compared
MIME = b"application/vnd.oasis.opendocument.spreadsheet"
OPEN = "urn:oasis:names:tc:opendocument:xmlns:"
URIS = {
    "office": f"{OPEN}office:1.0", "table": f"{OPEN}table:1.0", "text": f"{OPEN}text:1.0", "style": f"{OPEN}style:1.0", "fo": f"{OPEN}xsl-fo-compatible:1.0",
    "dc": "http://purl.org/dc/elements/1.1/", "draw": f"{OPEN}drawing:1.0", "number": f"{OPEN}datastyle:1.0"}
RED_SHOWN, AMBER_SHOWN = f"#{RED[2:].lower()}", f"#{AMBER[2:].lower()}"
STYLES = (
    '<style:style style:name="co1" style:family="table-column"><style:table-column-properties style:column-width="3cm"/></style:style>'
    '<number:number-style style:name="N2"><number:number number:decimal-places="2"/></number:number-style>'
    '<style:style style:name="ce1" style:family="table-cell" style:parent-style-name="Default" style:data-style-name="N2">'
    '<style:table-cell-properties fo:background-color="#00ff00" fo:border="0.06pt solid #000000"/><style:text-properties fo:font-weight="bold"/></style:style>'
    '<style:style style:name="ce2" style:family="table-cell" style:parent-style-name="Good"><style:text-properties fo:font-style="italic"/></style:style>')


def made(rows: str, *, columns: str = "", styles: str = STYLES, behind: str = "", other: str = "", names: Mapping[str, str] = URIS) -> bytes:
    """An .ods file written by hand, with one sheet, “Data”, of these rows; `other` are further sheets."""
    declared = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in names.items())
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document-content {declared} office:version="1.3"><office:scripts/>'
        f"<office:automatic-styles>{styles}</office:automatic-styles><office:body><office:spreadsheet>"
        f'<table:table table:name="Data" table:print="false">{columns}{rows}{behind}</table:table>{other}<table:named-expressions/>'
        "</office:spreadsheet></office:body></office:document-content>")
    return with_content(content.encode())


def with_content(content: bytes) -> bytes:
    manifest = (
        f'<manifest:manifest xmlns:manifest="{OPEN}manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{MIME.decode()}"/></manifest:manifest>')
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", MIME, zipfile.ZIP_STORED)
        archive.writestr("Configurations2/", b"", zipfile.ZIP_STORED)
        archive.writestr("Pictures/1.png", b"\x89PNG \x00\xff", zipfile.ZIP_STORED)
        archive.writestr("content.xml", content)
        archive.writestr("settings.xml", b"<settings/>")
        archive.writestr("META-INF/manifest.xml", manifest)
    return file.getvalue()


def text_row(*texts: str) -> str:
    return f"<table:table-row>{''.join(text_cell(text) for text in texts)}</table:table-row>"


def text_cell(text: str, more: str = "") -> str:
    return f'<table:table-cell office:value-type="string"{more}><text:p>{text}</text:p></table:table-cell>'


@dataclass(frozen=True)
class Shown:
    """One cell: its style but for its name, its comment as (creator, lines), and all else as it is written."""

    style: str = ""
    comment: tuple[str, tuple[str, ...]] | None = None
    rest: tuple[str, str, str] = ("table-cell", "[]", "")

    @property
    def colour(self) -> str | None:
        found = re.search('background-color="([^"]*)"', self.style)
        return found[1] if found else None


def tag(prefix: str, name: str) -> str:
    return f"{{{URIS[prefix]}}}{name}"


def grid(content: bytes, name: str = "Data") -> dict[tuple[int, int], Shown]:
    """Each cell of the first rows and columns that isn't blank, by its row and column, with what is repeated said as often as it stands."""
    root = ElementTree.fromstring(unpacked(content)["content.xml"])
    styles = {
        one.get(tag("style", "name")): re.sub(' [^ ]*:name="[^"]*"', "", ElementTree.tostring(one, encoding="unicode"))
        for one in root.iter(tag("style", "style")) if one.get(tag("style", "family")) == "table-cell"}
    table = next(one for one in root.iter(tag("table", "table")) if one.get(tag("table", "name")) == name)
    defaults = [
        one.get(tag("table", "default-cell-style-name"), "")
        for one in table.iter(tag("table", "table-column")) for _ in range(min(COLUMNS, int(one.get(tag("table", "number-columns-repeated"), 1))))]
    found, number = {}, 0
    rows = [(row, int(row.get(tag("table", "number-rows-repeated"), 1))) for row in table.iter(tag("table", "table-row"))]
    for row, times in (*rows, (ElementTree.Element("row"), ROWS)):
        for _ in range(min(times, ROWS - number)):
            number += 1
            cells = [cell for cell in row for _ in range(min(COLUMNS, int(cell.get(tag("table", "number-columns-repeated"), 1))))][:COLUMNS]
            for column, cell in enumerate((*cells, *[ElementTree.Element("table-cell")] * (COLUMNS - len(cells)))):
                default = row.get(tag("table", "default-cell-style-name")) or (defaults[column] if column < len(defaults) else "")
                found[number, column + 1] = _shown(cell, styles, default)
    return {at: one for at, one in found.items() if one != Shown()}


def _shown(cell: ElementTree.Element, styles: Mapping[str, str], default: str) -> Shown:
    said = {key.rpartition("}")[2]: value for key, value in cell.attrib.items()}
    style = said.pop("style-name", default)
    said.pop("number-columns-repeated", None)
    inside, comment = "", None
    for one in cell:
        if one.tag == tag("office", "annotation"):
            comment = one.findtext(tag("dc", "creator"), ""), tuple("".join(line.itertext()) for line in one.iter(tag("text", "p")))
        else:
            inside += ElementTree.tostring(one, encoding="unicode")
    return Shown(styles.get(style, style), comment, (cell.tag.rpartition("}")[2], str(sorted(said.items())), inside))


def assert_sound(content: bytes, sent: bytes) -> None:
    """What a program asks of the package before it opens it without a word, and that no other part was touched."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(io.BytesIO(sent)) as before:
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type, first.header_offset, content[38:38 + len(MIME)]) == ("mimetype", zipfile.ZIP_STORED, 0, MIME)
        assert [(one.filename, one.compress_type) for one in archive.infolist()] == [(one.filename, one.compress_type) for one in before.infolist()]
        assert all(archive.read(name) == before.read(name) for name in archive.namelist() if name != "content.xml")
        root = ElementTree.fromstring(archive.read("content.xml"))
    styles = [(one.get(tag("style", "family")), one.get(tag("style", "name"))) for one in root.iter(tag("style", "style"))]
    assert len(set(styles)) == len(styles)
    for table in root.iter(tag("table", "table")):
        used = {one.get(tag("table", "style-name")) for one in table.iter(tag("table", "table-cell"))}
        assert all(name in {known for _, known in styles} for name in used if name and name.startswith("Checks"))
        kinds = [one.tag.rpartition("}")[2] for one in table]
        order = [0 if "column" in kind else 1 if "row" in kind else 2 for kind in kinds]
        assert order == sorted(order)
    for cell in root.iter(tag("table", "table-cell")):
        inside = [one.tag for one in cell]
        assert inside.count(tag("office", "annotation")) <= 1 and tag("office", "annotation") not in inside[1:]


LINES = (text_row("District", "Code", "Figure"), text_row("Lahore", "L-1", "5"), text_row("Kasur", "L-2", "x"))


def test_only_the_content_is_changed_and_there_only_what_a_mark_needs():
    behind = '<table:shapes><draw:frame draw:name="x"><text:p>a &gt; b</text:p></draw:frame></table:shapes>'
    sent = made("".join(LINES), behind=behind, other='<table:table table:name="Other"><table:table-row><table:table-cell/></table:table-row></table:table>')
    name, content = marked("Posts.ODS", sent, [wrong(3, "C")], header={"Data": 1})
    assert name == "Posts-marked.ods"
    assert_sound(content, sent)
    after = unpacked(content)["content.xml"].decode()
    other = '<table:table table:name="Other"><table:table-row><table:table-cell/></table:table-row></table:table>'
    assert all(kept in after for kept in (STYLES, LINES[1], behind, other))
    assert values(read(name, content), "Data", without="D") == values(read("a.ods", sent), "Data")
    assert [one.name for one in read(name, content)] == [PROBLEMS, "Data", "Other"]


def test_a_problem_cell_keeps_its_style_but_for_the_tint_and_bears_a_comment():
    row = ('<table:table-row><table:table-cell table:style-name="ce1" office:value-type="float" office:value="5"><text:p>5.00</text:p></table:table-cell>'
           f'<table:table-cell table:style-name="ce2"/><table:table-cell table:style-name="Good"/>{text_cell("plain")}</table:table-row>')
    sent = made(row)
    _, content = marked("a.ods", sent, [wrong(1, "A"), odd(1, "A"), odd(1, "B"), odd(1, "C"), wrong(1, "D")], header={"Data": 9})
    assert_sound(content, sent)
    before, after = grid(sent), grid(content)
    assert [after[1, column].colour for column in (1, 2, 3, 4)] == [RED_SHOWN, AMBER_SHOWN, AMBER_SHOWN, RED_SHOWN]
    assert after[1, 1].style == before[1, 1].style.replace("#00ff00", RED_SHOWN)
    assert re.sub("<[^<>]*table-cell-properties[^<>]*>", "", after[1, 2].style) == before[1, 2].style
    assert 'parent-style-name="Good"' in unpacked(content)["content.xml"].decode().split('style:name="Checks-a-Good"')[1].split(">")[0]
    assert all(after[1, column].rest == before[1, column].rest for column in (1, 2, 3, 4))
    assert after[1, 1].comment == (AUTHOR, (f"To correct: {wrong(1, 'A').message}", f"To look at: {odd(1, 'A').message}"))


def with_odfpy() -> bytes:
    book = OpenDocumentSpreadsheet()
    green = Style(name="green", family="table-cell")
    green.addElement(TableCellProperties(backgroundcolor="#00ff00"))
    green.addElement(TextProperties(fontweight="bold"))
    book.automaticstyles.addElement(green)
    table = Table(name="Data")
    table.addElement(TableColumn(numbercolumnsrepeated=3, defaultcellstylename="green"))
    for line in (["District", "Code", "Figure"], ["Lahore", "L-1", 5], ["Kasur", "=1+1", 1.5]):
        row = TableRow()
        for value in line:
            cell = TableCell(valuetype="string") if isinstance(value, str) else TableCell(valuetype="float", value=value, stylename=green)
            cell.addElement(P(text=value))
            row.addElement(cell)
        table.addElement(row)
    note = Annotation()
    note.addElement(dc.Creator(text="A sender"))
    note.addElement(P(text="their own word"))
    table.getElementsByType(TableCell)[3].insertBefore(note, table.getElementsByType(TableCell)[3].firstChild)
    book.spreadsheet.addElement(table)
    return saved(book)


def cell_at(book: OpenDocumentSpreadsheet, row: int, column: int) -> OdfElement:
    table = next(one for one in book.spreadsheet.getElementsByType(Table) if one.getAttribute("name") == "Data")
    return table.getElementsByType(TableRow)[row - 1].getElementsByType(TableCell)[column - 1]


def test_another_program_finds_the_style_the_comment_and_the_sender_s_own_words():
    sent = with_odfpy()
    _, content = marked("a.ods", sent, [wrong(2, "C"), odd(3, "B"), wrong(2, "A")], header={"Data": 1})
    assert_sound(content, sent)
    book = load(io.BytesIO(content))
    styles = {one.getAttribute("name"): one for one in book.automaticstyles.getElementsByType(Style)}
    for row, column, colour in ((2, 3, RED_SHOWN), (3, 2, AMBER_SHOWN), (2, 1, RED_SHOWN)):
        style = styles[cell_at(book, row, column).getAttribute("stylename")]
        assert style.getElementsByType(TableCellProperties)[0].getAttribute("backgroundcolor") == colour
        assert style.getElementsByType(TextProperties)[0].getAttribute("fontweight") == "bold"
    note, = cell_at(book, 2, 3).getElementsByType(Annotation)
    assert [str(one) for one in (*note.getElementsByType(dc.Creator), *note.getElementsByType(P))] == [AUTHOR, f"To correct: {wrong(2, 'C').message}"]
    theirs, = cell_at(book, 2, 1).getElementsByType(Annotation)
    assert [str(one) for one in theirs.getElementsByType(P)] == ["their own word", f"[{AUTHOR}] To correct: {wrong(2, 'A').message}"]
    assert cell_at(book, 3, 3).getAttribute("stylename") == "green"
    assert values(read("a.ods", content), "Data", without="D") == values(read("a.ods", sent), "Data")


def test_a_comment_is_not_part_of_what_its_cell_says():
    note = (
        '<office:annotation><dc:creator>A sender</dc:creator><text:p>a word</text:p>'
        '<text:list><text:list-item><text:p>more</text:p></text:list-item></text:list></office:annotation>')
    sent = made(f'<table:table-row><table:table-cell>{note}</table:table-cell><table:table-cell office:value-type="string">{note}'
                f'<text:p>x</text:p><text:p>y</text:p>'
                f"</table:table-cell><table:table-cell><text:p>z{note}w</text:p></table:table-cell></table:table-row>")
    assert values(read("a.ods", sent), "Data") == {(1, "B"): "x\ny", (1, "C"): "zw"}


def test_the_column_of_reasons_stands_right_of_everything_and_says_all_of_a_row():
    rows = (
        LINES[0] + '<table:table-row><table:table-cell table:number-columns-spanned="4"/>'
        '<table:covered-table-cell table:number-columns-repeated="3"/></table:table-row>')
    line = problem("line_ignored", "Data", row=5, value="note")
    sent = made(rows, columns='<table:table-column table:style-name="co1" table:number-columns-repeated="9" table:default-cell-style-name="Default"/>')
    _, content = marked("a.ods", sent, [wrong(2, "A"), odd(2, "A"), line], header={"Data": 1})
    assert_sound(content, sent)
    said = values(read("a.ods", content), "Data")
    assert {row: said.get((row, "E")) for row in (1, 2, 5)} == {
        1: REASONS, 2: f"To correct: {wrong(2, 'A').message}\nTo look at: {odd(2, 'A').message}", 5: f"To look at: {line.message}"}
    after = grid(content)
    assert (after[2, 5].colour, after[5, 5].colour, after[1, 5].comment) == (RED_SHOWN, AMBER_SHOWN, (AUTHOR, (HEADING_NOTE,)))
    after_the_list = unpacked(content)["content.xml"].decode().split("</table:table>")[1]
    columns = re.findall('<table:table-column table:style-name="([^"]*)" ?(?:table:number-columns-repeated="(.)")?', after_the_list)
    assert columns == [("co1", "4"), ("Checks-width-90", ""), ("co1", "4")]


@pytest.mark.parametrize("text", ["=1+1", "<b>&amp;", "a\x01b\x0bc", "_x0041_", "لاہور", '"quoted" \'so\'', "  two  blanks\tand a tab ",
                                  "x" * 40_000, "]]>", "of:=1"])
def test_any_text_is_written_as_text(text):
    sent, found = made("".join(LINES)), wrong(2, "B", text)
    _, content = marked("a.ods", sent, [found], header={"Data": 1})
    assert_sound(content, sent)
    shown = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f]", "�", found.message)
    for said in (values(read("a.ods", content), "Data")[2, "D"].removeprefix("To correct: "), values(read("a.ods", content), PROBLEMS)[6, "E"]):
        assert said == shown if len(text) < 100 else said.startswith(shown[:30_000]) and len(said) <= 32_767
    assert "formula" not in unpacked(content)["content.xml"].decode()


def test_the_list_of_problems_leads_to_each_cell():
    problems = [wrong(3, "C", "=1+1"), problem("as_of_missing", "Data"), problem("sheet_not_read", "Other's", value="Other's", read="Data", hidden="")]
    sent = made("".join(LINES), other='<table:table table:name="Other\'s"><table:table-row><table:table-cell/></table:table-row></table:table>')
    _, content = marked("a.ods", sent, problems, header={"Data": 1})
    said = values(read("a.ods", content), PROBLEMS)
    assert said[1, "A"] == TITLE and [said.get((row, at), "") for row in (6, 7) for at in "ABCDEF"] == [
        "Data", "3", "Figure (C)", "=1+1", problems[0].message, "To correct", "Data", "", "", "", problems[1].message, "To correct"]
    assert re.findall('xlink:href="([^"]*)"', unpacked(content)["content.xml"].decode()) == ["#'Data'.C3", "#'Data'.A1", "#'Other''s'.A1"]


def test_a_sheet_of_the_sender_s_called_problems_stays_beside_ours():
    sent = packed({name: data.replace(b'"Data"', b'"problems"') for name, data in unpacked(made("".join(LINES))).items()})
    _, content = marked("a.ods", sent, [wrong(1, "A", name="problems")], header={"problems": 1})
    assert [one.name for one in read("a.ods", content)] == [f"{PROBLEMS} (2)", "problems"]
    assert [one.name for one in read("a.ods", marked("a.ods", content, [])[1])] == [f"{PROBLEMS} (2)", "problems"]


MANY_FORMS = {
    "repeated rows and cells": '<table:table-row table:number-rows-repeated="4"><table:table-cell table:style-name="ce1" table:number-columns-repeated="3" '
    'office:value-type="float" office:value="7"><text:p>7</text:p></table:table-cell>'
    '<table:table-cell table:number-columns-repeated="16381"/></table:table-row>'
    '<table:table-row table:number-rows-repeated="1048572"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>',
    "header rows and groups": f'<table:table-header-rows>{text_row("a", "b")}</table:table-header-rows>'
    '<table:table-row-group><table:table-row-group table:display="false">'
    f'<table:table-row table:visibility="collapse" table:number-rows-repeated="3">{text_cell("c")}'
    f'</table:table-row></table:table-row-group>{text_row("d")}</table:table-row-group>',
    "merged cells": '<table:table-row><table:table-cell table:number-columns-spanned="2" table:number-rows-spanned="3" '
    'office:value-type="string"><text:p>m</text:p>'
    '</table:table-cell><table:covered-table-cell/><table:table-cell/></table:table-row><table:table-row table:number-rows-repeated="2">'
    '<table:covered-table-cell '
    f'table:number-columns-repeated="2"/>{text_cell("x")}</table:table-row>',
    "rows without cells": '<table:table-row/><table:table-row></table:table-row><table:table-row table:number-rows-repeated="2"/>',
    "odd blanks and quotes": "<table:table-row\n table:number-rows-repeated='3' ><table:table-cell\n "
    "office:value-type='string'  table:number-columns-repeated='2' ><text:p>a</text:p>"
    "</table:table-cell><table:table-cell /></table:table-row >".replace("table-row >", "table-row>"),
    "styles of whole rows and columns": '<table:table-row table:default-cell-style-name="ce2" table:number-rows-repeated="2">'
    '<table:table-cell table:number-columns-repeated="2"/>'
    f'</table:table-row><table:table-row>{text_cell("z")}</table:table-row>',
    "a picture and a link in a cell": '<table:table-row><table:table-cell office:value-type="string"><draw:frame draw:name="f">'
    '<text:p>in it</text:p></draw:frame><text:p><text:a>go</text:a>'
    "</text:p></table:table-cell></table:table-row>",
    "values without a text": '<table:table-row><table:table-cell/><table:table-cell office:value-type="float" office:value="3"/>'
    '<table:table-cell table:formula="of:=1"/></table:table-row>',
}
GROUPED = (
    '<table:table-column-group><table:table-column table:default-cell-style-name="ce1"/></table:table-column-group>'
    '<table:table-column table:number-columns-repeated="2"></table:table-column>')
PLACES = [(1, "A"), (2, "B"), (3, "A"), (3, "C"), (4, "B"), (6, "A"), (9, "D")]


@pytest.mark.parametrize("rows", MANY_FORMS.values(), ids=MANY_FORMS)
@pytest.mark.parametrize("columns", ["", GROUPED], ids=["no columns", "columns"])
def test_a_workbook_in_any_form_is_marked_in_its_place(rows, columns):
    sent = made(rows, columns=columns)
    _, content = marked("a.ods", sent, [wrong(row, at) for row, at in PLACES], header={"Data": 1})
    assert_sound(content, sent)
    assert_marked_in_place(sent, content, [(row, ord(at) - 64) for row, at in PLACES])
    before = read("a.ods", marked("a.ods", sent, [])[1])[1:]
    assert [(one.hidden_rows, one.merged) for one in read("a.ods", content)[1:]] == [(one.hidden_rows, one.merged) for one in before]


def assert_marked_in_place(sent: bytes, content: bytes, places: Sequence[tuple[int, int]]) -> None:
    before, after = grid(sent), grid(content)
    reasons = next(column for (row, column), one in after.items() if one.rest[2] and f">{REASONS}<" in one.rest[2])
    assert reasons > max((column for _, column in (*(at for at, one in before.items() if one.rest[2]), *places)))
    for row, column in places:
        was, now = before.pop((row, column), Shown()), after.pop((row, column))
        assert (now.colour, now.comment[0], now.rest) == (RED_SHOWN, AUTHOR, was.rest)
        assert looks(now.style) == looks(was.style)
    rows = {row for row, _ in places} | {1}
    said = {row for (row, column), one in after.items() if column == reasons and one.rest[2]}
    assert said == rows
    assert {at: one for at, one in after.items() if at[1] < reasons} == {at: one for at, one in before.items() if at[1] < reasons}


def looks(style: str) -> tuple[str, list[tuple[str, list[tuple[str, str]]]]]:
    """What a style says but for the colour behind the text: the style it is made of, and its properties."""
    if not style.startswith("<"):
        return style, []
    root = ElementTree.fromstring(style)
    said = [(one.tag, sorted((key, value) for key, value in one.attrib.items() if key != tag("fo", "background-color"))) for one in root]
    return root.get(tag("style", "parent-style-name"), ""), [one for one in said if one[1]]


CELLS = st.tuples(st.sampled_from(["", "7", "word"]), st.integers(1, 3), st.sampled_from(["", "ce1", "ce2", "Good"]), st.booleans())
LINES_OF_CELLS = st.lists(st.tuples(st.lists(CELLS, max_size=4), st.integers(1, 4)), min_size=1, max_size=5)


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(LINES_OF_CELLS, st.sets(st.tuples(st.integers(1, 15), st.integers(1, 9)), min_size=1, max_size=6))
def test_however_cells_are_repeated_only_the_marked_ones_change_and_all_is_taken_off_again(rows, places):
    written = "".join(
        f'<table:table-row table:number-rows-repeated="{times}">{"".join(_any_cell(*cell) for cell in line)}</table:table-row>' for line, times in rows)
    sent = made(written, columns='<table:table-column table:number-columns-repeated="4" table:default-cell-style-name="ce2"/>')
    _, content = marked("a.ods", sent, [wrong(row, "ABCDEFGHI"[column - 1]) for row, column in places], header={"Data": 1})
    assert_sound(content, sent)
    assert_marked_in_place(sent, content, sorted(places))
    _, clean = marked("a.ods", content, [])
    assert_sound(clean, sent)
    assert filled(clean) == filled(sent)
    assert not {one.colour for one in grid(clean).values()} & {RED_SHOWN, AMBER_SHOWN} and not any(one.comment for one in grid(clean).values())


def filled(content: bytes) -> dict[tuple[int, int], Shown]:
    return {at: one for at, one in grid(content).items() if one.rest[2]}


def _any_cell(text: str, times: int, style: str, is_covered: bool) -> str:
    said = f' table:number-columns-repeated="{times}"' + (f' table:style-name="{style}"' if style else "")
    if is_covered and not text:
        return f"<table:covered-table-cell{said}/>"
    kind = ' office:value-type="float" office:value="7"' if text == "7" else ' office:value-type="string"' if text else ""
    return f"<table:table-cell{said}{kind}>{f'<text:p>{text}</text:p>' if text else ''}</table:table-cell>"


NOTE = "<office:annotation><dc:creator>A sender</dc:creator><text:p>their own word</text:p></office:annotation>"


def test_a_comment_of_the_sender_s_stays_and_ours_is_added_to_it_once():
    sent = made(LINES[0] + f"<table:table-row><table:table-cell>{NOTE}<text:p>x</text:p></table:table-cell></table:table-row>")
    problems = [wrong(2, "A"), odd(2, "A")]
    _, content = marked("a.ods", sent, problems, header={"Data": 1})
    lines = "their own word", f"[{AUTHOR}] To correct: {problems[0].message}", f"To look at: {problems[1].message}"
    assert grid(content)[2, 1].comment == ("A sender", lines)
    _, again = marked("a.ods", content, problems, header={"Data": 1})
    assert grid(again)[2, 1].comment == ("A sender", lines)
    _, clean = marked("a.ods", again, [wrong(1, "B")], header={"Data": 1})
    assert grid(clean)[2, 1] == grid(sent)[2, 1] and NOTE.encode() in unpacked(clean)["content.xml"]


def test_marked_again_with_the_same_problems_it_is_the_same_file():
    sent = made("".join(LINES), columns='<table:table-column table:number-columns-repeated="16384" table:default-cell-style-name="ce1"/>')
    problems = [wrong(3, "C"), odd(2, "A"), wrong(7, "B")]
    _, once = marked("a.ods", sent, problems, header={"Data": 1})
    name, twice = marked("a-marked.ods", once, problems, header={"Data": 1})
    assert name == "a-marked.ods" and grid(twice) == grid(once) and values(read(name, twice), PROBLEMS) == values(read(name, once), PROBLEMS)
    _, thrice = marked(name, twice, problems, header={"Data": 1})
    assert unpacked(thrice)["content.xml"] == unpacked(twice)["content.xml"]


def as_saved_again(content: bytes) -> bytes:
    """As a program saves it that gives its own names to all styles."""
    data = unpacked(content)["content.xml"].decode()
    for number, name in enumerate(dict.fromkeys(re.findall('style:name="(Checks-[^"]*)"', data)), 50):
        data = data.replace(f'"{name}"', f'"ce{number}"')
    return with_content(data.encode())


def test_what_another_program_has_saved_again_is_still_known_as_ours():
    sent = made(LINES[0] + f'<table:table-row>{text_cell("a")}{text_cell("b", " table:style-name=" + chr(34) + "ce2" + chr(34))}</table:table-row>' + LINES[2])
    _, content = marked("a.ods", sent, [wrong(2, "A"), odd(2, "B"), wrong(3, "C")], header={"Data": 1})
    again = as_saved_again(content)
    assert b"Checks-" not in unpacked(again)["content.xml"]
    _, left = marked("a.ods", again, [odd(3, "C")], header={"Data": 1})
    assert_sound(left, again)
    before, after = grid(sent), grid(left)
    assert [one.name for one in read("a.ods", left)] == [PROBLEMS, "Data"]
    assert (after[2, 1].colour, after[2, 1].comment, after[3, 3].colour) == (None, None, AMBER_SHOWN)
    assert looks(after[2, 2].style) == looks(before[2, 2].style) and all(after[2, column].rest == before[2, column].rest for column in (1, 2))
    assert [values(read("a.ods", left), "Data").get((row, "D")) for row in (1, 2, 3)] == [REASONS, None, f"To look at: {odd(3, 'C').message}"]


def test_a_tint_that_a_program_has_made_a_column_s_own_is_taken_off_the_column():
    tint = (
        f'<style:style style:name="ce9" style:family="table-cell">'
        f'<style:table-cell-properties fo:background-color="{RED_SHOWN}" fo:padding="1mm"/></style:style>')
    note = f"<office:annotation><dc:creator>{AUTHOR}</dc:creator><text:p>To correct: it</text:p></office:annotation>"
    sent = made(f"{LINES[0]}<table:table-row><table:table-cell>{note}<text:p>x</text:p></table:table-cell></table:table-row>",
                columns='<table:table-column table:default-cell-style-name="ce9"/>', styles=STYLES + tint)
    _, content = marked("a.ods", sent, [wrong(1, "A")], header={"Data": 1})
    after = grid(content)
    assert (after[1, 1].colour, after[2, 1].colour, after[2, 1].comment) == (RED_SHOWN, None, None)
    assert all("padding" in after[row, 1].style for row in (1, 2))


def test_a_colour_of_the_sender_s_that_is_like_ours_stays_in_a_file_that_was_never_marked():
    own = STYLES.replace("#00ff00", RED_SHOWN)
    sent = made(f'<table:table-row>{text_cell("a", " table:style-name=" + chr(34) + "ce1" + chr(34))}{text_cell("b")}</table:table-row>', styles=own)
    assert grid(marked("a.ods", sent, [wrong(1, "B")], header={"Data": 9})[1])[1, 1] == grid(sent)[1, 1]


def test_where_changes_are_logged_by_a_sheet_s_place_the_list_stands_behind_all_sheets():
    changes = "<office:spreadsheet><table:tracked-changes/>"
    data = unpacked(made("".join(LINES)))["content.xml"].replace(b"<office:spreadsheet>", changes.encode())
    assert [one.name for one in read("a.ods", marked("a.ods", with_content(data), [wrong(2, "A")], header={"Data": 1})[1])] == ["Data", PROBLEMS]


def in_utf_16() -> bytes:
    data = unpacked(made("".join(LINES)))["content.xml"].decode().replace("UTF-8", "UTF-16")
    return with_content(data.encode("utf-16"))


def with_a_sheet_in_a_cell() -> bytes:
    return made(f"{LINES[0]}{LINES[1]}<table:table-row>{text_cell('a') * 3}<table:table-cell>"
                f"<table:table><table:table-row><table:table-cell/></table:table-row></table:table>"
                "</table:table-cell></table:table-row>")


ODD = {
    "another encoding": in_utf_16, "a sheet in a cell": with_a_sheet_in_a_cell,
    "comments in the XML": lambda: made("".join(LINES) + "<!-- </table:table> -->"),
    "other names": lambda: with_content(re.sub(rb"(</?|\s)table(?=:)|(?<=\sxmlns:)table(?==)", rb"\1t", unpacked(made("".join(LINES)))["content.xml"])),
    "a text that isn't to be read as XML": lambda: made(LINES[0] + LINES[1] + text_row("a", "b", "<![CDATA[</table:table-row>]]>")),
    "a name for two things": lambda: made("".join(LINES), names=URIS | {"table2": URIS["table"]}),
    "blanks in the ends of tags": lambda: made("".join(LINES).replace("</table:table-cell>", "</table:table-cell >")),
}


@pytest.mark.parametrize("make", ODD.values(), ids=ODD)
def test_an_odd_form_comes_back_as_a_new_workbook_with_the_same_values(make):
    name, content = marked("Data.ods", make(), [wrong(3, "C")], header={"Data": 1})
    assert name == "Data-marked.xlsx"
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book["Data"]["C3"].fill.fgColor.rgb == RED and any("its formats are not kept" in str(cell.value) for cell in book[PROBLEMS]["A"])
    reasons = next(cell.column_letter for cell in book["Data"][1] if cell.value == REASONS)
    assert values(read(name, content), "Data", without=[reasons]) == values(read("a.ods", make()), "Data")


@pytest.mark.parametrize("damage", [lambda data: data[:-40], lambda data: data.replace(b"</table:table-row>", b"", 1), 
                                    lambda data: b"", lambda data: b"\xff" + data,
                                    lambda data: data.replace(b"<office:doc", b'<!DOCTYPE a [<!ENTITY b "c">]><office:doc', 1)])
def test_a_broken_file_is_refused_in_a_sentence(damage):
    with pytest.raises(LoadError) as refused:
        marked("a.ods", with_content(damage(unpacked(made("".join(LINES)))["content.xml"])), [wrong(2, "A")], header={"Data": 1})
    assert refused.value.message.endswith(".")


def as_workbook(rows: Sequence[Mapping[str, object]]) -> bytes:
    lines = [line.split(",") for line in sheet("appointments", rows, DAY).decode().splitlines()]
    lines[0][1] = "20/01/2024"
    number = '<table:table-cell table:style-name="ce1" office:value-type="float" office:value="{0}"><text:p>{0}</text:p></table:table-cell>'
    written = ("".join(number.format(text) if text.isdigit() else text_cell(text) for text in line) for line in lines)
    return made("".join(f"<table:table-row>{line}</table:table-row>" for line in written))


def test_a_marked_file_that_comes_back_uncorrected_has_the_same_problems_and_no_others(store):
    before, header = staged(store, "a.ods", as_workbook(WRONG))
    assert before.problems
    name, content = marked("a.ods", as_workbook(WRONG), before.problems, header=header)
    after, same = staged(store, name, content)
    assert after.problems == before.problems and same == header


def test_a_corrected_file_is_taken_with_the_reasons_and_the_list_still_in_it_and_marked_again_nothing_of_ours_is_left(store):
    sent = as_workbook(WRONG)
    before, header = staged(store, "a.ods", sent)
    name, content = marked("a.ods", sent, before.problems, header=header)
    data = re.sub(r"(<text:p>)Nowhere(?=</text:p></table:table-cell><table:table-cell[^<>]*><text:p>DRO)", r"\1Okara", unpacked(content)["content.xml"].decode())
    data = data.replace('office:value="9"><office', 'office:value="1"><office').replace("<text:p>9</text:p>", "<text:p>1</text:p>")
    corrected = with_content(data.encode())
    after, header = staged(store, name, corrected)
    assert after.problems == () and commit(store, after).rows == 3
    _, clean = marked(name, corrected, after.problems, header=header)
    assert {at: one.style for at, one in grid(clean).items() if one.rest[2]} == {at: one.style for at, one in grid(sent).items()}
    assert not any(one.comment for one in grid(clean).values()) and REASONS not in values(read(name, clean), "Data").values()
    assert_sound(clean, sent)
