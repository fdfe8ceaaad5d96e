"""The content of an .ods file as its bytes: where its tables, columns, rows and cells stand, as often as the file says them.

Tags are told apart by themselves alone, which is exact where the part is well-formed, calls its namespaces by their usual names and
has neither comments nor instructions; any other is not spliced.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import NamedTuple

from loaders.markup import UTF_8, open_parser
from loaders.ods import URN
from loaders.outline import ATTRIBUTES, CannotSplice, Edit, Element, attribute, escaped, with_attributes, writable

NAMES = {
    "office": f"{URN}office:1.0", "table": f"{URN}table:1.0", "text": f"{URN}text:1.0", "style": f"{URN}style:1.0",
    "fo": f"{URN}xsl-fo-compatible:1.0", "dc": "http://purl.org/dc/elements/1.1/", "xlink": "http://www.w3.org/1999/xlink"}
ROWS_REPEATED, COLUMNS_REPEATED = "table:number-rows-repeated", "table:number-columns-repeated"
STYLE, DEFAULT_STYLE = "table:style-name", "table:default-cell-style-name"
_PIECE = 1 << 20
_ROOT = re.compile(rb"<office:document-content(?=[\s/>])%b>" % ATTRIBUTES)
_SHEETS = re.compile(rb"<office:spreadsheet(?=[\s/>])")
_SPACED_END = re.compile(rb"</(?:table|text|office):[\w-]+\s")
_TAG = re.compile(rb"<(/?)table:(table|table-column|table-row|table-rows|table-header-rows|table-row-group)(?=[\s/>])(%b)>" % ATTRIBUTES)
_CELL = re.compile(rb"<table:(table-cell|covered-table-cell)(?=[\s/>])(%b)>" % ATTRIBUTES)
_CELL_STARTS, _CELL_ENDS = (b"<table:table-cell", b"<table:covered-table-cell"), (b"</table:table-cell>", b"</table:covered-table-cell>")
_REPEATED = re.compile(rb"""\stable:number-columns-repeated\s*=\s*["'](\d+)""")
_HOLDS = re.compile(rb"\s(?:office:[a-z-]+|table:formula)\s*=")
_SPANS = b"table:number-columns-spanned"
_SPACES = re.compile(r"^ | $| {2,}|\t")
_IN_A_TEXT = re.compile(rb"""<text:(s|tab|line-break)(?=[\s/>])(?:[^<>]*?text:c\s*=\s*["'](\d{1,5})["'])?[^<>]*>|<[^<>]*>""")


class Column(NamedTuple):
    """Columns that are said once, from `first` on."""

    first: int
    repeats: int
    start: int
    end: int
    tag: bytes


class Row(NamedTuple):
    """Rows that are said once, from `number` on: the tag from start to opened, the cells up to closing, the end. `tag` is what stands
    in the tag."""

    number: int
    repeats: int
    start: int
    opened: int
    closing: int
    end: int
    tag: bytes


class Cell(NamedTuple):
    """Cells of a row that are said once, from `column` on; `name` tells a covered one."""

    column: int
    repeats: int
    start: int
    opened: int
    closing: int
    end: int
    name: bytes
    tag: bytes


@dataclass
class Table:
    """A sheet. Its columns stand before `rows_start`, its rows, and what groups them, from there to `rows_end`; 0 if it has none."""

    name: str
    start: int
    end: int = 0
    columns: list[Column] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    rows_start: int = 0
    rows_end: int = 0


def declared(data: bytes) -> Edit | None:
    """The change that gives the part the names that it lacks. CannotSplice if it has a form in which tags can't be told apart; an
    error of the parser if it isn't well-formed."""
    if not UTF_8.match(data):
        raise CannotSplice("encoding")
    usual = {uri: prefix for prefix, uri in NAMES.items()}

    def check_name(prefix: str | None, uri: str) -> None:
        if usual.get(uri, prefix) != prefix or NAMES.get(prefix or "", uri) != uri:
            raise CannotSplice("other names")

    parser = open_parser(start=lambda tag, attributes: None, namespaces=True)
    parser.StartElementHandler, parser.StartNamespaceDeclHandler = None, check_name
    for at in range(0, len(data), _PIECE):
        parser.Parse(data[at : at + _PIECE])
    parser.Parse(b"", True)
    root = _ROOT.search(data)
    if root is None or b"<!" in data or data.find(b"<?", root.start()) >= 0 or _SPACED_END.search(data):
        raise CannotSplice("another form")
    lacking = {f"xmlns:{prefix}": uri for prefix, uri in NAMES.items() if attribute(root[0], f"xmlns:{prefix}".encode()) is None}
    return (*root.span(), with_attributes(root[0], lacking)) if lacking else None


def tables(data: bytes) -> list[Table]:
    """The sheets in their order. CannotSplice if a table stands within another."""
    found: list[Table] = []
    table: Table | None = None
    row: tuple[int, int, bytes] | None = None
    sheets = _SHEETS.search(data)
    for tag in _TAG.finditer(data, sheets.start() if sheets else len(data)):
        closes, name, said = tag.groups()
        is_empty = said.endswith(b"/")
        if name == b"table" and not closes:
            if table is not None:
                raise CannotSplice("tables in tables")
            table = Table(unescape((attribute(said, b"table:name") or b"").decode()), tag.start())
            found.append(table)
        if table is None:
            raise CannotSplice("rows outside of tables")
        if name == b"table":
            if closes or is_empty:
                table.end, table = tag.end(), None
            continue
        if name == b"table-column":
            if not closes:
                _add_column(table, tag.start(), _end_of_column(data, tag.end(), is_empty=is_empty), said.removesuffix(b"/"))
            continue
        table.rows_start = table.rows_start or tag.start()
        table.rows_end = tag.end()
        if name == b"table-row" and not closes:
            row = (*tag.span(), said)
        if name == b"table-row" and row and (closes or is_empty):
            _add_row(table, row, tag.end() if is_empty else tag.start(), tag.end())
    if not found:
        raise CannotSplice("no tables")
    return found


def _end_of_column(data: bytes, opened: int, *, is_empty: bool) -> int:
    end = b"</table:table-column>"
    return opened if is_empty else data.index(end, opened) + len(end)


def _add_column(table: Table, start: int, end: int, said: bytes) -> None:
    before = table.columns[-1] if table.columns else None
    table.columns.append(Column(before.first + before.repeats if before else 1, repeats(said, COLUMNS_REPEATED), start, end, said))


def _add_row(table: Table, opening: tuple[int, int, bytes], closing: int, end: int) -> None:
    start, opened, said = opening
    before = table.rows[-1] if table.rows else None
    said = said.removesuffix(b"/")
    table.rows.append(Row(before.number + before.repeats if before else 1, repeats(said, ROWS_REPEATED), start, opened, closing, end, said))


def cells(data: bytes, row: Row) -> Iterator[Cell]:
    column = 1
    for found in _CELL.finditer(data, row.opened, row.closing):
        name, said = found.groups()
        closing = end = found.end()
        if not said.endswith(b"/"):
            closing = data.index(b"</table:%b>" % name, end)
            end = closing + len(name) + 9
        said = said.removesuffix(b"/")
        many = repeats(said, COLUMNS_REPEATED)
        yield Cell(column, many, found.start(), found.end(), closing, end, name, said)
        column += many


def is_filled(cell: Cell) -> bool:
    """Whether a cell holds anything: a value, a text, a comment."""
    return cell.closing > cell.opened or _HOLDS.search(cell.tag) is not None


def last_filled(data: bytes, row: Row) -> int:
    """The last column in which a row holds something or a merged cell reaches, 0 if there is none. Cells are only counted where
    that isn't enough."""
    last = max(data.rfind(end, row.opened, row.closing) for end in _CELL_ENDS)
    if data.find(_SPANS, row.opened, row.closing) >= 0 or _HOLDS.search(data, max(last, row.opened), row.closing):
        reach = (one.column + max(one.repeats, repeats(one.tag, _SPANS.decode())) - 1 for one in cells(data, row) if is_filled(one) or _SPANS in one.tag)
        return max(reach, default=0)
    if last < 0:
        return 0
    once = sum(data.count(start, row.opened, last) for start in _CELL_STARTS)
    return once + sum(int(many) - 1 for many in _REPEATED.findall(data, row.opened, last))


def text_in(data: bytes, element: Element) -> str:
    """The text of a paragraph, or of an element that holds but a text."""
    def shown(tag: re.Match[bytes]) -> bytes:
        if tag[1] is None:
            return b""
        return b" " * int(tag[2] or 1) if tag[1] == b"s" else b"\t" if tag[1] == b"tab" else b"\n"

    return unescape(_IN_A_TEXT.sub(shown, data[element.opened : element.closing]).decode())


def paragraphs(text: str) -> bytes:
    """A text as paragraphs, one for each line, with all of its blanks."""
    return b"".join(b"<text:p>%b</text:p>" % paragraph(line) for line in writable(text).split("\n"))


def paragraph(line: str) -> bytes:
    """What stands in the paragraph of a line: blanks that would be dropped are told by their number."""
    pieces, at = [], 0
    for found in _SPACES.finditer(line):
        blanks = b"<text:tab/>" if found[0] == "\t" else b'<text:s text:c="%d"/>' % len(found[0])
        pieces += (escaped(line[at : found.start()]), blanks)
        at = found.end()
    return b"".join((*pieces, escaped(line[at:])))


def repeats(tag: bytes, name: str) -> int:
    """How often a tag says that it stands, or how far it reaches."""
    said = name.encode()
    return max(1, int(attribute(tag, said) or 1)) if said in tag else 1
