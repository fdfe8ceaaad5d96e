"""The part of one worksheet as its bytes: the frame around its rows, and the rows and cells one after another.

A sheet may be large, so rows come in pieces. They are told apart by their tags alone, which is exact where a part is well-formed and
has neither comments nor instructions among its rows; any other is not spliced.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import NamedTuple

from loaders.cells import column_number, letters
from loaders.markup import UTF_8, open_parser
from loaders.outline import ATTRIBUTES, CannotSplice, attribute
from loaders.package import Package
from loaders.styles import MAIN
from loaders.xlsx import unescape_text

_PIECE = 1 << 20
_MOST_AT_ONCE = 64 << 20  # bytes of a frame, or of rows that no end of a row divides
_NUMBER = re.compile(rb'\s+r="([0-9]{1,7})"')
_REFERENCE = re.compile(rb'\s+r="([A-Z]{1,3})[0-9]{1,7}"')


class Row(NamedTuple):
    """Where a row stands in a piece: its tag from start to opened, its cells up to closing, its end. `tag` is what its tag says."""

    number: int
    start: int
    opened: int
    closing: int
    end: int
    tag: bytes


class Cell(NamedTuple):
    column: int
    start: int
    opened: int
    end: int
    tag: bytes


class Form:
    """How a part writes its tags: with a prefix before each or without."""

    def __init__(self, prefix: str) -> None:
        self.p = p = f"{prefix}:".encode() if prefix else b""
        self.row_end, self.cell_end = b"</%brow>" % p, b"</%bc>" % p
        self._row = re.compile(rb"<%brow(?=[\s/>])(%b)>" % (p, ATTRIBUTES))
        self._cell = re.compile(rb"<%bc(?=[\s/>])((?:%b)?%b)>" % (p, _REFERENCE.pattern, ATTRIBUTES))
        self._spaced_end = re.compile(rb"</%b(?:row|c)\s" % p)
        self._value = re.compile(rb"<%bv(?:\s[^<>]*)?>([^<]*)</" % p)
        self._text = re.compile(rb"<%bt(?:\s[^<>]*)?>([^<]*)</" % p)
        self._columns: dict[bytes, int] = {}

    def rows(self, piece: bytes, before: int) -> Iterator[Row]:
        """The rows of a piece; `before` is the number of the row before it. CannotSplice if they don't rise."""
        if self._spaced_end.search(piece):
            raise CannotSplice("spaces in the ends of tags")
        for found in self._row.finditer(piece):
            tag, opened = found[1], found.end()
            told = _NUMBER.match(tag)
            number = int(told[1]) if told else self._told(tag, before)
            if number <= before:
                raise CannotSplice("rows out of order")
            before = number
            if tag.endswith(b"/"):
                yield Row(number, found.start(), opened, opened, opened, tag[:-1])
            else:
                closing = piece.index(self.row_end, opened)
                yield Row(number, found.start(), opened, closing, closing + len(self.row_end), tag)

    def cells(self, piece: bytes, row: Row) -> Iterator[Cell]:
        """The cells of a row. CannotSplice if they don't rise."""
        before, known, end = 0, self._columns, self.cell_end
        for found in self._cell.finditer(piece, row.opened, row.closing):
            tag, name = found.groups()
            start, opened = found.span()
            column = known.get(name) or self._column(tag, name, before)
            if column <= before:
                raise CannotSplice("cells out of order")
            before = column
            if tag.endswith(b"/"):
                yield Cell(column, start, opened, opened, tag[:-1])
            else:
                yield Cell(column, start, opened, piece.index(end, opened) + len(end), tag)

    def cell_in(self, piece: bytes, row: Row, column: int) -> Cell | None:
        """The row's cell in a column. It is looked for by its name; only where cells have none are they counted."""
        first = self._cell.search(piece, row.opened, row.closing)
        if first is None:
            return None
        if first[2] is None:
            return next((one for one in self.cells(piece, row) if one.column == column), None)
        at = piece.find(b'"%b"' % reference(row.number, column).encode(), row.opened, row.closing)
        found = at >= 0 and self._cell.match(piece, piece.rfind(b"<%bc" % self.p, row.opened, at))
        if not found or self._column(found[1], found[2], 0) != column:
            return None
        opened = found.end()
        end = opened if found[1].endswith(b"/") else piece.index(self.cell_end, opened) + len(self.cell_end)
        return Cell(column, found.start(), opened, end, found[1].removesuffix(b"/"))

    def last_filled(self, piece: bytes, row: Row) -> int:
        """The last column in which a row holds something, 0 if it holds nothing."""
        at, start = row.closing, b"<%bc" % self.p
        while (at := piece.rfind(start, row.opened, at)) >= 0:
            found = self._cell.match(piece, at)
            if found and not found[1].endswith(b"/"):
                return self._number(found[2]) if found[2] else max(cell.column for cell in self.cells(piece, row) if cell.end > cell.opened)
        return 0

    def text(self, piece: bytes, cell: Cell, texts: "list[str]") -> str:
        """What a cell holds, as far as it is a text."""
        kind, inside = attribute(cell.tag, b"t"), piece[cell.opened : cell.end]
        value = self._value.search(inside)
        if kind == b"s" and value:
            return texts[int(value[1])]
        pieces = self._text.findall(inside) if kind == b"inlineStr" else [value[1]] if kind == b"str" and value else []
        return unescape_text(unescape(b"".join(pieces).decode()))

    def _told(self, tag: bytes, before: int) -> int:
        told = attribute(tag, b"r")
        return before + 1 if told is None else int(told)

    def _column(self, tag: bytes, name: bytes | None, before: int) -> int:
        name = name or (attribute(tag, b"r") or b"").rstrip(b"0123456789")
        return self._number(name) if name else before + 1

    def _number(self, name: bytes) -> int:
        if name not in self._columns:
            self._columns[name] = column_number(name.decode())
        return self._columns[name]


@dataclass(frozen=True)
class Frame:
    """A worksheet's part: what stands before its rows, `sheetData`'s tag included, what stands behind them from its end on, and
    the bytes from first to last that are its rows. `may_hold` says whether the sought text may stand there as it is."""

    part: str
    form: Form
    head: bytes
    tail: bytes
    first: int
    last: int
    may_hold: bool

    def pieces(self, package: Package) -> Iterator[bytes]:
        """The rows, each piece with whole ones."""
        left, rest, end = self.last - self.first, b"", self.form.row_end
        with package.archive.open(self.part) as part:
            part.seek(self.first)
            while left and (piece := part.read(min(_PIECE, left))):
                left -= len(piece)
                rest += piece
                cut = rest.rfind(end) + len(end)
                if cut >= len(end):
                    yield rest[:cut]
                    rest = rest[cut:]
                elif len(rest) > _MOST_AT_ONCE:
                    raise CannotSplice("rows without end")
        if rest:
            yield rest

    def rows(self, package: Package) -> Iterator[tuple[bytes, Row]]:
        """Each row with the piece that it stands in."""
        number = 0
        for piece in self.pieces(package):
            for row in self.form.rows(piece, number):
                number = row.number
                yield piece, row


def frame(package: Package, part: str, sought: bytes) -> Frame:
    """The frame of a worksheet's part, all of which is parsed once, so that it is known to be well-formed."""
    found: list[tuple[str, int]] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        prefix, _, name = tag.rpartition(":")
        if name == "worksheet" and attributes.get(f"xmlns:{prefix}" if prefix else "xmlns") != MAIN:
            raise CannotSplice("another kind of worksheet")
        if name == "sheetData":
            found.append((prefix, parser.CurrentByteIndex))
            parser.StartElementHandler = None

    parser = open_parser(start=start)
    head, place, before, last, may_hold = b"", 0, b"", -1, False
    with package.archive.open(part) as stream:
        while piece := stream.read(_PIECE):
            parser.Parse(piece)
            if not found or b">" not in head[found[0][1] :]:
                head += piece
            if len(head) > _MOST_AT_ONCE:
                raise CannotSplice("no rows")
            if found:
                seen = before + piece
                end = b"</%b" % (f"{found[0][0]}:" if found[0][0] else "").encode() + b"sheetData"
                at = seen.rfind(end)
                last = place - len(before) + at if at >= 0 else last
                at = max(0, found[0][1] - (place - len(before)))
                if seen.find(b"<!", at) >= 0 or seen.find(b"<?", at) >= 0:
                    raise CannotSplice("comments among the rows")
                may_hold = may_hold or sought in seen
            place += len(piece)
            before = piece[-256:]
        parser.Parse(b"", True)
    if not found or not UTF_8.match(head):
        raise CannotSplice("no rows")
    return _frame(package, part, Form(found[0][0]), head, found[0][1], last, may_hold)


def _frame(package: Package, part: str, form: Form, head: bytes, at: int, last: int, may_hold: bool) -> Frame:
    opened = head.index(b">", at) + 1
    head = head[:opened]
    is_empty = head.endswith(b"/>")
    with package.archive.open(part) as stream:
        stream.seek(opened if is_empty else last)
        tail = stream.read(_MOST_AT_ONCE + 1)
    if len(tail) > _MOST_AT_ONCE:
        raise CannotSplice("too much behind the rows")
    if is_empty:
        return Frame(part, form, head[:-2].rstrip() + b">", b"</%bsheetData>" % form.p + tail, opened, opened, may_hold)
    return Frame(part, form, head, tail, opened, last, may_hold)


def reference(row: int, column: int) -> str:
    return f"{letters(column)}{row}"
