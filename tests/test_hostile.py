"""What a stranger may put into a file stays a text: it is never run, never turns a page, and opens nothing."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import xlwt
from streamlit.testing.v1 import AppTest

from bad_files import ONE_CELL, bomb, packed, saved, unpacked, workbook_parts
from data import readiness
from data.domains import DOMAINS
from data.scope import Scope
from data.store import Store
from loaders.__main__ import main
from loaders.archive import recognise
from loaders.limits import LIMITS
from loaders.problems import LoadError, problem
from loaders.sheets import read
from loaders.submissions import commit, stage, withdraw
from loaders.templates import template
from pages.parts import findings, marks, session
from pages.parts.tables import csv_of, xlsx_of
from sheets_for import building, sheet
from written_as import WRITERS, ods, xlsb, xlsx

DAY = date(2024, 1, 20)
START = Path(__file__).parents[1] / "pages" / "start.py"
REPAIRS = next(domain for domain in DOMAINS if domain.name == "repairs")


# ── Formulas ─────────────────────────────────────────────────────────────────────────────────────

FORMULAS = ['=HYPERLINK("http://example.org/?x="&A1,"Open")', "=cmd|'/c calc'!A1", "+1+1", "-2+3+cmd|' /c calc'!A0", "@SUM(A1:A9)", "=IMPORTXML(A1)",
            '=DDE("cmd";"/c calc";"x")', "{=1+1}", "＝1+1"]
HEAD = ["District", "Station code", "Station name", "Condition", "Cause", "Status of work", "Remarks"]


@pytest.mark.parametrize("form", WRITERS)
def test_a_formula_that_is_written_as_text_stays_text_from_the_file_to_every_download(form: str, store: Store, everything: Scope) -> None:
    rows = [["Attock", f"A{number}", text, "Damaged", "Flood", "Reported", text] for number, text in enumerate(FORMULAS)]
    staged = stage(store, f"a.{form}", WRITERS[form]([["As-of date", DAY], HEAD, *rows]), sender="=1+1")
    commit(store, staged)
    stored = readiness.rows(store, everything, "repairs", place="PK601", on=DAY).sort_values("row")
    assert stored["remarks"].tolist() == stored["station_name"].tolist() == FORMULAS
    filled = openpyxl.load_workbook(io.BytesIO(template(REPAIRS, store.election.places, rows=stored, as_of=DAY))).worksheets[0]
    again = {cell.value: cell for line in filled.iter_rows() for cell in line if cell.value in FORMULAS}
    assert again.keys() == set(FORMULAS) and not any(cell.data_type == "f" or cell.hyperlink for cell in again.values())
    table = openpyxl.load_workbook(io.BytesIO(xlsx_of(stored))).active
    assert {cell.data_type for line in table.iter_rows() for cell in line if cell.value in FORMULAS} == {"s"}
    lines = csv.reader(io.StringIO(csv_of(stored).decode("utf-8-sig"), newline=""))
    assert not [cell for line in lines for cell in line if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


# ── What is declared in XML, packed in an archive, or named in it ────────────────────────────────

LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY b SYSTEM "file:///etc/passwd">]>'
PARAMETER = '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'
LINES = [["District", "n"], ["Attock", 1]]
PARTS = {
    "xlsx": (xlsx(LINES), ("_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml", "xl/styles.xml",
                           "xl/worksheets/sheet1.xml")),
    "ods": (ods(LINES), ("content.xml",)),
}


@pytest.mark.parametrize("declared", [LAUGHS, OUTSIDE, PARAMETER], ids=["billion laughs", "an outside file", "an outside document type"])
@pytest.mark.parametrize(("form", "part"), [(form, part) for form, (_, parts) in PARTS.items() for part in parts])
def test_a_declared_entity_is_never_followed_in_whichever_part_it_stands(form: str, part: str, declared: str) -> None:
    parts = unpacked(PARTS[form][0])
    head, end, rest = parts[part].decode().partition("?>")
    parts[part] = f"{head}{end}{declared}{rest}".encode()
    with pytest.raises(LoadError) as refused:
        read(f"a.{form}", packed(parts))
    assert refused.value.kind == "unsafe" and "document type" in refused.value.message


def test_a_declared_entity_is_not_followed_in_another_encoding() -> None:
    text = f'<?xml version="1.0" encoding="UTF-16"?>{LAUGHS}<worksheet><sheetData>{ONE_CELL}</sheetData></worksheet>'
    with pytest.raises(LoadError, match="document type"):
        read("a.xlsx", packed(workbook_parts("") | {"xl/worksheets/sheet1.xml": text.encode("utf-16")}))


@pytest.mark.parametrize(("whole", "part"), [
    (xlsb(LINES), "xl/worksheets/sheet1.bin"), (xlsb(LINES), "xl/sharedStrings.bin"), (ods(LINES), "content.xml"), (ods(LINES), "META-INF/manifest.xml"),
    (None, "_rels/.rels")], ids=["xlsb sheet", "xlsb texts", "ods", "ods manifest", "xlsx relations"])
def test_ten_gigabytes_that_are_not_declared_are_refused_in_any_part_of_any_format(whole: bytes | None, part: str) -> None:
    with pytest.raises(LoadError) as refused:
        read("a.data", bomb(1_000, whole, part))
    assert refused.value.kind in ("truncated", "unreadable")


@pytest.mark.parametrize("name", ["../../etc/x", "/etc/x", "a/../../x", "..", "..\\..\\x", "\\x", "\\\\server\\share\\x", "C:\\x", "C:/x", "c:x"])
@pytest.mark.parametrize("form", ["xlsx", "ods", "xlsb"])
def test_an_archive_whose_parts_are_named_outside_it_is_refused_before_anything_is_unpacked(form: str, name: str) -> None:
    with pytest.raises(LoadError) as refused:
        recognise("a", packed(unpacked({"xlsx": xlsx, "ods": ods, "xlsb": xlsb}[form](LINES)) | {name: b"x"}), LIMITS)
    assert refused.value.kind == "unsafe" and "outside their folder" in refused.value.message


def test_a_sheet_that_points_outside_its_archive_reads_nothing_there(tmp_path: Path) -> None:
    outside = tmp_path / "secret.xml"
    outside.write_text(f"<worksheet><sheetData>{ONE_CELL}</sheetData></worksheet>")
    for target in (str(outside), f"file://{outside}", f"../../../../../..{outside}"):
        parts = workbook_parts("")
        parts["xl/_rels/workbook.xml.rels"] = parts["xl/_rels/workbook.xml.rels"].replace(b"worksheets/sheet1.xml", target.encode())
        with pytest.raises(LoadError):
            read("a.xlsx", packed(parts))


# ── Cells too long, and signs that nobody sees ───────────────────────────────────────────────────

ENDLESS = "long " * 100_000


@pytest.mark.parametrize("column", HEAD)
def test_a_cell_of_half_a_million_characters_is_a_problem_that_quotes_its_beginning(column: str, store: Store) -> None:
    row = dict(zip(HEAD, ["Attock", "A1", "A school", "Damaged", "Flood", "Reported", "fine"])) | {column: ENDLESS}
    staged = stage(store, "a.xlsx", xlsx_in_place([["As-of date", "2024-01-20"], [*row], [*row.values()]]), sender="A commission office")
    assert staged.blocked and len(json.dumps([vars(found) for found in staged.problems], ensure_ascii=False)) < 6_000
    assert all(found.message.endswith((".", "?")) for found in staged.problems)


def test_a_heading_and_a_sheets_name_without_end_are_quoted_by_their_beginning(store: Store) -> None:
    lines = [["As-of date", "2024-01-20"], [*HEAD, ENDLESS], ["Attock", "A1", "A school", "Damaged", "Flood", "Reported", "fine", "x"]]
    staged = stage(store, "a.xlsx", xlsx_in_place(lines, name=ENDLESS), sender="A commission office")
    assert [found.kind for found in staged.problems] == ["unknown_column"] and len(staged.problems[0].message) < 1_000
    with pytest.raises(LoadError) as refused:
        stage(store, "a.xlsx", xlsx_in_place([["x"]], name=ENDLESS), sender="A commission office")
    assert refused.value.kind == "not_recognised" and len(refused.value.message) <= 2_000


def xlsx_in_place(lines: list[list[str]], name: str = "Sheet1") -> bytes:
    """A workbook whose texts stand in their cells, as long as they may be."""
    cells = "".join(f'<row r="{row}">' + "".join(f'<c r="{chr(64 + column)}{row}" t="inlineStr"><is><t>{text}</t></is></c>'
                                                 for column, text in enumerate(line, 1)) + "</row>" for row, line in enumerate(lines, 1))
    parts = workbook_parts(cells)
    return packed(parts | {"xl/workbook.xml": parts["xl/workbook.xml"].replace(b'name="Sheet1"', f'name="{name}"'.encode())})


TURNING = "\u202e\u2066\u202d"  # what follows is written from right to left
CURSOR = "\x1b\x07\x9b"  # a terminal takes what follows for an order, or rings


def test_signs_that_turn_the_text_or_move_the_cursor_are_in_no_row_and_no_sentence(store: Store, everything: Scope) -> None:
    hidden = f"A{TURNING}{CURSOR}B"
    book = xlwt.Workbook()
    table = book.add_sheet("Data")
    for row, line in enumerate([["As-of date", "2024-01-20"], [*HEAD, f"Turn{hidden}"], ["Attock", "A1", hidden, "Damaged", "Flood", "Reported", hidden, "x"],
                                [f"No{hidden}", "A2", "A school", hidden, "Flood", "Reported", "x", "x"]]):
        for column, text in enumerate(line):
            table.write(row, column, text)
    book.add_sheet(f"More{TURNING}")
    book.get_sheet(1).write(0, 0, "x")
    staged = stage(store, "a.xls", saved(book), sender="A commission office")
    said = "".join(f"{found.sheet}{found.column}{found.value}{found.message}" for found in staged.problems)
    assert {found.kind for found in staged.problems} == {"unknown_column", "sheet_not_read", "unknown_district", "unknown_code"}
    written = "".join(text for name in ("station_name", "remarks") for text in staged.checked.rows[name].to_pylist())
    assert not set(said + written) & set(TURNING + CURSOR)


def test_urdu_keeps_the_signs_that_join_and_part_its_letters(store: Store) -> None:
    name = "گورنمنٹ\u200cسکول\u200d"
    staged = stage(store, "a.csv", sheet("repairs", [{**building("PK601", "A1", "reported"), "station_name": name}], DAY), sender="A commission office")
    assert staged.checked.rows["station_name"].to_pylist() == [name]
    assert name in problem("unknown_district", "Sheet1", row=1, column="District", value=name, nearest="").message


def test_what_a_terminal_and_a_program_are_told_has_no_sign_that_moves_the_cursor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = xlwt.Workbook()
    book.add_sheet(f"Data{TURNING}").write(0, 0, "x")
    (tmp_path / "a.xls").write_bytes(saved(book))
    for more in ([], ["--json"]):
        assert main(["check", str(tmp_path / "a.xls"), "--database", str(tmp_path / "none.duckdb"), *more]) == 2
        told = capsys.readouterr()
        assert "No table was found" in told.out and not set(told.out + told.err) & set(TURNING)


# ── What is shown is never run ───────────────────────────────────────────────────────────────────

SHOWN = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "[x](javascript:alert(1))", "$a$ $$b$$", ":red[x]", ":material/delete:",
         "**bold** _i_ `c`", "# title", "&lt;b&gt;", "</p></div><h1>x", "{value} {0} %s", "' onmouseover='alert(1)", "<!-- x", "![x](http://127.0.0.1:9/x.png)"]
PIECES: dict[str, Callable[[str], marks.Html]] = {
    "muted": marks.muted, "banner": lambda text: marks.banner("problem", text), "headline": lambda text: marks.headline(text, [text]),
    "section": lambda text: marks.section(text, text), "subheading": marks.subheading, "empty_state": lambda text: marks.empty_state(text, text, (text,)),
    "note": lambda text: marks.note(text, text), "joined": lambda text: marks.joined(text), "urdu": marks.urdu, "link": lambda text: marks.link(text, text),
    "place_line": lambda text: marks.place_line(text, [(text, text)]), "source_line": lambda text: marks.source_line(text, text, text, text),
    "table": lambda text: marks.table([text], [[text]], text, shown=True), "grouped_table": lambda text: marks.grouped_table([text], [(text, [[text]])], text),
    "measured": lambda text: marks.measured(text, 1), "opened": lambda text: marks.opened(text, marks.muted(text)),
}


class _Seen(HTMLParser):
    """What a browser makes of a piece: its tags, their attributes, its text."""

    def __init__(self, piece: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(piece)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.tags.append("a comment")


@pytest.mark.parametrize("piece", PIECES)
def test_whatever_a_text_holds_a_piece_of_the_page_has_the_same_tags_and_shows_it(piece: str) -> None:
    plain = _Seen(PIECES[piece]("plain"))
    for text in SHOWN:
        seen = _Seen(PIECES[piece](text))
        assert seen.tags == plain.tags and [name for name, _ in seen.attributes] == [name for name, _ in plain.attributes], text
        assert text in seen.text
        assert not [value for name, value in seen.attributes if name in ("href", "src") and value and value.split(":")[0] in ("javascript", "data")]


@pytest.mark.parametrize("piece", PIECES)
def test_a_text_never_turns_what_stands_beside_it(piece: str) -> None:
    assert not set(_Seen(PIECES[piece](f"a{TURNING}b")).text) & set(TURNING)


@pytest.mark.parametrize("text", SHOWN)
def test_the_warnings_of_a_picture_are_shown_as_they_were_said(text: str, election) -> None:
    told = [problem("line_ignored", "Sheet1", row=4, value=text), problem("unknown_column", "Sheet1", column=text, value="H")]
    frame = pd.DataFrame([{"domain": "repairs", "submission": "0" * 36, "message": found.message} for found in told])
    seen = _Seen(findings.warned(frame, election))
    assert all(found.message in seen.text for found in told) and set(seen.tags) == {"details", "summary", "p"}


@pytest.mark.parametrize(("page", "said"), [("district", [*SHOWN[1::2], SHOWN[-2]]), ("repairs", SHOWN[-2:-1])])
def test_a_page_over_hostile_submissions_runs_nothing_of_them(page: str, said: list[str], store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, text in enumerate(SHOWN):
        lines = [["As-of date", DAY], HEAD, ["Attock", f"A{number}", text, "Damaged", "Flood", "Reported", text], [text]]
        staged = stage(store, f"{text}.csv", WRITERS["csv"](lines), sender=text)
        receipt = commit(store, staged, note=text)
        if number % 2:
            withdraw(store, receipt.submission, by=text, reason=text)
    monkeypatch.setattr(session, "store", lambda: store)
    app = AppTest.from_file(str(START), default_timeout=60)
    app.query_params.update({"place": "PK601", "on": DAY.isoformat()})
    app.switch_page(f"readiness/{page}.py")
    app.run()
    assert not app.exception
    shown = [_Seen(element.proto.body) for element in app.main if element.type in ("html", "markdown")]
    assert all(any(text in seen.text for seen in shown) for text in said)
    assert not {tag for seen in shown for tag in seen.tags} & {"img", "a comment"}
    assert [value for seen in shown for name, value in seen.attributes if name == "src"] == ["app/static/links.js"]
    assert not [name for seen in shown for name, _ in seen.attributes if name.startswith("on")]
    assert not [element for element in app.main if element.type in ("markdown", "caption") and any(text in element.value for text in SHOWN)]
