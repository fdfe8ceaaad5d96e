"""The sheet that lists the problems of a file, each with a link to its cell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from loaders.cells import letters
from loaders.marks import COUNTED, FIRST_LISTED, HEADINGS, HOW, NOTHING, TITLE, cell_of, kind
from loaders.outline import written
from loaders.problems import Problem
from loaders.styles import AMBER, MAIN, RED, Styles

WIDTHS = (24, 8, 24, 24, 90, 14)
MOST_LISTED = 50_000  # lines; a spreadsheet program takes 65,530 links in a sheet
_COLUMNS = [letters(number) for number in range(1, len(HEADINGS) + 1)]


def problem_list(problems: Sequence[Problem], sheets: Iterable[str], styles: Styles, notes: Sequence[str], *, shown: bool | None) -> bytes:
    """The worksheet's part. `notes` are further sentences above the list; `shown` says whether it is the sheet that is seen
    first, None where the workbook has no view at all."""
    title, bold = styles.add(bold=True), styles.add(bold=True, wrap=True)
    looks = {
        "link": styles.add(link=True, wrap=True, quoted=True), "text": styles.add(wrap=True, quoted=True), "number": styles.add(),
        True: styles.add(colour=RED), False: styles.add(colour=AMBER)}
    lines = [_line(number, [(text, styles.add())]) for number, text in enumerate(above(problems, notes), 2)]
    head = len(lines) + 3
    rows = b"".join((
        _line(1, [(TITLE, title)]), *lines, _line(head, [(text, bold) for text in HEADINGS]),
        *(_problem(head + number, found, looks) for number, found in enumerate(problems[:MOST_LISTED], 1))))
    widths = "".join(f'<col min="{number}" max="{number}" width="{width}" customWidth="1"/>' for number, width in enumerate(WIDTHS, 1))
    pane = f'<pane ySplit="{head}" topLeftCell="A{head + 1}" activePane="bottomLeft" state="frozen"/>'
    selected = ' tabSelected="1"' if shown else ""
    view = "" if shown is None else f'<sheetViews><sheetView{selected} workbookViewId="0">{pane}</sheetView></sheetViews>'
    known = set(sheets)
    links = b"".join(_link(head + number, found) for number, found in enumerate(problems[:MOST_LISTED], 1) if found.sheet in known)
    return b"".join((
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{MAIN}">{view}<cols>{widths}</cols><sheetData>'.encode(),
        rows, b"</sheetData>", b"<hyperlinks>%b</hyperlinks>" % links if links else b"", b"</worksheet>"))


def above(problems: Sequence[Problem], notes: Sequence[str]) -> list[str]:
    """The sentences under the title: how many there are, what to do, and the notes."""
    correct = sum(found.blocks for found in problems)
    counted = [COUNTED.format(correct=correct, look=len(problems) - correct), HOW] if problems else [NOTHING]
    cut = [FIRST_LISTED.format(count=len(problems), listed=MOST_LISTED)] if len(problems) > MOST_LISTED else []
    return [*counted, *cut, *notes]


def column_named(found: Problem) -> str:
    """The column by its heading and its letters, as far as it has them."""
    return f"{found.column} ({found.letters})" if found.column and found.letters else found.column or found.letters


def led_to(found: Problem) -> str:
    """The name of the cell that a line of the list leads to."""
    place = cell_of(found)
    return f"{letters(place[1])}{place[0]}" if place else f"A{found.row or 1}"


def _problem(row: int, found: Problem, looks: Mapping[object, int]) -> bytes:
    number = ("" if found.row is None else found.row, looks["number"])
    texts = [(text, looks["text"]) for text in (column_named(found), found.value, found.message)]
    return _line(row, [(found.sheet, looks["link"]), number, *texts, (kind(found), looks[found.blocks])])


def _line(row: int, cells: Sequence[tuple[str | int, int]]) -> bytes:
    return b'<row r="%d">%b</row>' % (row, b"".join(
        cell(f"{at}{row}", value, style) for at, (value, style) in zip(_COLUMNS, cells) if value != ""))


def cell(at: str, value: str | int, style: int, prefix: bytes = b"") -> bytes:
    """A cell with a number or a text; a text is never taken for a formula."""
    p = prefix
    if isinstance(value, int):
        return b'<%bc r="%b" s="%d"><%bv>%d</%bv></%bc>' % (p, at.encode(), style, p, value, p, p)
    return (b'<%bc r="%b" s="%d" t="inlineStr"><%bis><%bt xml:space="preserve">%b</%bt></%bis></%bc>'
            % (p, at.encode(), style, p, p, written(value), p, p, p))


def _link(row: int, found: Problem) -> bytes:
    name = found.sheet.replace("'", "''")
    return b'<hyperlink ref="A%d" location="\'%b\'!%b"/>' % (row, written(name), led_to(found).encode())
