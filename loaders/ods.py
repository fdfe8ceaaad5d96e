"""Reads .ods (LibreOffice, OpenOffice): content.xml as a stream → cells."""

import re
from collections.abc import Iterator
from functools import lru_cache
from html import unescape
from zipfile import ZipFile

from loaders.cells import NOT_CALCULATED, Cells, Collector
from loaders.markup import open_parser, parse_repeating
from loaders.values import RAISED, clock, number_text, one_line_break, percent_text

URN = "urn:oasis:names:tc:opendocument:xmlns:"
TABLE, OFFICE, TEXT, STYLE = f"{URN}table:1.0 ", f"{URN}office:1.0 ", f"{URN}text:1.0 ", f"{URN}style:1.0 "
CALC = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 "
REPEATED_ROWS, REPEATED_COLUMNS = f"{TABLE}number-rows-repeated", f"{TABLE}number-columns-repeated"
SPANNED_ROWS, SPANNED_COLUMNS = f"{TABLE}number-rows-spanned", f"{TABLE}number-columns-spanned"
VISIBILITY = f"{TABLE}visibility"
FORMULA, VALUE_TYPE, NUMBER = f"{TABLE}formula", f"{OFFICE}value-type", f"{OFFICE}value"
ERROR_TYPE = f"{CALC}value-type"
CELL_TAGS = (f"{TABLE}table-cell", f"{TABLE}covered-table-cell")
PREFIXES = {"table": TABLE, "office": OFFICE, "text": TEXT, "calcext": CALC}
# The usual form of rows, as LibreOffice and Excel write them: the fast way through a large sheet.
PLAIN_ROW = re.compile(
    r"<table:(table-row)((?: [^<>/]*)?)>"
    r"|<table:(table-cell|covered-table-cell)((?: [^<>]*[^<>/])?)(?:/>|>((?:<text:p>[^<]*</text:p>)*)</table:\3>)"
)
PLAIN_TAGS = ("</table:table-row>", "</table:table-cell>", "</table:covered-table-cell>", "<text:p>", "</text:p>")
ATTRIBUTE = re.compile(r' ([a-z]+):([a-z-]+)="([^"]*)"')
DURATION = re.compile(r"PT(\d{1,9})H(\d{1,2})M(\d{1,2})(?:[.,](\d+))?S")


def read_ods(path: str, collector: Collector) -> None:
    """Collect every sheet. A row or cell that the file says once and repeats is put as often as it says."""
    with ZipFile(path) as archive, archive.open("content.xml") as part:
        reader = _Content(collector)
        parser = open_parser(start=reader.start, end=reader.end, text=reader.text, namespaces=True)
        parser.StartNamespaceDeclHandler = reader.name_prefix
        parse_repeating(part, parser, outer=b"table:table", inner=b"table:table-row", plain=reader.plain)


class _Content:
    """Where in content.xml the reader is: the sheet, its next row, the row's cells so far, the cell's text."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self._prefixes = dict(PREFIXES)
        self._hidden_styles: set[str] = set()
        self._raised_styles: set[str] = set()
        self._style = ""
        self._sheet: Cells | None = None
        self._row = 0
        self._row_repeats = 1
        self._row_hidden = False
        self._column = 0
        self._values: list[tuple[int, int, str]] = []  # first column, how many columns, value
        self._cell: dict[str, str] | None = None
        self._covered = False
        self._pieces: list[str] = []
        self._paragraphs = 0
        self._aside = 0  # how deep inside a comment or a drawing, whose text is not the cell's
        self._depth = 0  # of tables within tables

    def name_prefix(self, prefix: str | None, name: str) -> None:
        if prefix in PREFIXES:
            self._prefixes[prefix] = f"{name} "

    def plain(self, rows: str) -> Iterator[str]:
        """Take rows whose cells all have the usual form: each "<" is accounted for, so nothing is passed over."""
        if self._sheet is None or self._depth != 1 or self._cell is not None or self._prefixes != PREFIXES:
            yield rows
            return
        found = PLAIN_ROW.findall(rows)
        tags = len(found) + sum(rows.count(tag) for tag in PLAIN_TAGS)
        named = [_attributes(of_row or of_cell) for _, of_row, _, of_cell, _ in found]
        if rows.count("<") != tags or None in named:
            yield rows
            return
        started = False
        for (row, _, cell, _, paragraphs), attributes in zip(found, named, strict=True):
            if row:
                if started:
                    self._end_row()
                self._start_row(attributes)
                started = True
            else:
                self._take(attributes, cell == "covered-table-cell", _plain_text(paragraphs))
        self._end_row()

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if self._aside:
            self._aside += 1
        elif tag in CELL_TAGS:
            self._cell, self._covered = attributes, tag != CELL_TAGS[0]
            self._pieces, self._paragraphs = [], 0
        elif self._cell is not None:
            self._start_in_cell(tag, attributes)
        elif tag == f"{TABLE}table-row":
            self._start_row(attributes)
        elif tag == f"{TABLE}table":
            self._depth += 1
            if self._depth == 1:
                hidden = attributes.get(f"{TABLE}style-name") in self._hidden_styles
                self._sheet = self._collector.sheet(attributes.get(f"{TABLE}name", ""), hidden)
                self._row = 0
        elif tag == f"{STYLE}style":
            self._style = attributes.get(f"{STYLE}name", "")
        elif tag == f"{STYLE}table-properties" and attributes.get(f"{TABLE}display") == "false":
            self._hidden_styles.add(self._style)
        elif tag == f"{STYLE}text-properties" and attributes.get(f"{STYLE}text-position", "").startswith(("super", "sub")):
            self._raised_styles.add(self._style)

    def _start_in_cell(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == f"{TEXT}p":
            if self._paragraphs:
                self._pieces.append("\n")
            self._paragraphs += 1
        elif tag == f"{TEXT}s":
            self._pieces.append(" " * min(_count(attributes, f"{TEXT}c"), 32_767))
        elif tag == f"{TEXT}span" and attributes.get(f"{TEXT}style-name") in self._raised_styles:
            self._pieces.append(RAISED)
        elif tag == f"{TEXT}tab":
            self._pieces.append("\t")
        elif tag == f"{TEXT}line-break":
            self._pieces.append("\n")
        elif not tag.startswith(TEXT):
            self._aside = 1

    def text(self, data: str) -> None:
        if self._cell is not None and self._paragraphs and not self._aside:
            self._pieces.append(data)

    def end(self, tag: str) -> None:
        if self._aside:
            self._aside -= 1
        elif tag in CELL_TAGS:
            self._end_cell()
        elif tag == f"{TABLE}table-row" and self._depth == 1:
            self._end_row()
        elif tag == f"{TABLE}table":
            self._depth -= 1
            if self._depth == 0:
                self._collector.finish(self._sheet)

    def _end_cell(self) -> None:
        cell, self._cell = self._cell or {}, None
        self._take(cell, self._covered, "".join(self._pieces))

    def _start_row(self, attributes: dict[str, str]) -> None:
        self._row_repeats = _count(attributes, REPEATED_ROWS)
        self._row_hidden = attributes.get(VISIBILITY) in ("collapse", "filter")
        self._column, self._values = 0, []

    def _take(self, cell: dict[str, str], covered: bool, text: str) -> None:
        """Note the cell's value for as many columns as it stands for."""
        repeats = _count(cell, REPEATED_COLUMNS)
        value = "" if covered else _value(cell, text)
        if not value and FORMULA in cell and VALUE_TYPE not in cell:
            value = NOT_CALCULATED
        if value:
            self._values.append((self._column + 1, repeats, value))
        if SPANNED_ROWS in cell or SPANNED_COLUMNS in cell:
            last_row, last_column = self._row + _count(cell, SPANNED_ROWS), self._column + _count(cell, SPANNED_COLUMNS)
            self._sheet.merge(self._row + 1, self._column + 1, last_row, last_column)
        self._column += repeats

    def _end_row(self) -> None:
        if self._row_hidden:
            self._sheet.hide_rows(self._row + 1, self._row + self._row_repeats)
        if self._values:
            for row in range(self._row + 1, self._row + 1 + self._row_repeats):
                for column, repeats, value in self._values:
                    for offset in range(repeats):
                        self._sheet.put(row, column + offset, value)
        self._row += self._row_repeats


def _count(attributes: dict[str, str], name: str) -> int:
    return max(1, int(attributes[name])) if name in attributes else 1


@lru_cache(maxsize=4096)
def _attributes(written: str) -> dict[str, str] | None:
    """The attributes of a tag as they are written, with full names; None if they are written in another form."""
    found = ATTRIBUTE.findall(written)
    if sum(len(prefix) + len(name) + len(value) + 5 for prefix, name, value in found) != len(written.rstrip()):
        return None
    return {
        f"{PREFIXES.get(prefix, prefix)}{name}": unescape(value) if "&" in value else value
        for prefix, name, value in found
    }


def _plain_text(paragraphs: str) -> str:
    """The text of `<text:p>…</text:p><text:p>…</text:p>`, one line for each."""
    text = paragraphs[8:-9].replace("</text:p><text:p>", "\n")
    return unescape(text) if "&" in text else text


def _value(cell: dict[str, str], text: str) -> str:
    """The value of a cell as text: what is stored, not how it is shown, except a percentage and leading zeros; for an
    error, the word that is shown."""
    kind = cell.get(VALUE_TYPE)
    if kind is None:
        return one_line_break(text)
    if cell.get(ERROR_TYPE) == "error":
        return text or "#VALUE!"
    if kind == "percentage":
        return percent_text(cell.get(NUMBER, text))
    if kind in ("float", "currency"):
        number = number_text(cell.get(NUMBER, text))
        return text if text.startswith("0") and text.isdecimal() and str(int(text)) == number else number
    if kind == "boolean":
        return cell.get(f"{OFFICE}boolean-value", text).lower()
    if kind == "date":
        return _date(cell.get(f"{OFFICE}date-value", text))
    if kind == "time":
        return _time(cell.get(f"{OFFICE}time-value", text))
    return one_line_break(text or cell.get(f"{OFFICE}string-value", ""))


def _date(stored: str) -> str:
    day, _, clock_time = stored.partition("T")
    clock_time = clock_time.removesuffix("Z")
    if "." in clock_time:
        clock_time = clock_time.rstrip("0").rstrip(".")
    return f"{day}T{clock_time}" if clock_time.strip("0:") else day


def _time(stored: str) -> str:
    match = DURATION.fullmatch(stored)
    if not match:
        return stored
    hours, minutes, seconds = int(match[1]), int(match[2]), int(match[3])
    part = int((match[4] or "0")[:3].ljust(3, "0"))
    return clock(((hours * 60 + minutes) * 60 + seconds) * 1000 + part)
