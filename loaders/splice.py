"""An .xlsx workbook with its problem cells marked: only the bytes that say so are changed, all others are the sender's own.

CannotSplice where the workbook has a form in which that isn't certain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO
from zipfile import ZipFile

from loaders import notes
from loaders.cells import column_number
from loaders.limits import Limits
from loaders.marks import (
    HEADING_NOTE, LAST_COLUMN, PROBLEMS, REASONS, Marks, are_reasons, by_sheet, is_list, list_name, on_comments, said)
from loaders.outline import CannotSplice, Edit, Element, attribute, outline, spliced, with_attributes, within, written
from loaders.package import RELATIONS, Package
from loaders.problem_list import cell, problem_list
from loaders.problems import Problem
from loaders.sheet_xml import Cell, Frame, Row, frame, reference
from loaders.styles import AMBER, BARE, MAIN, RED, Styles
from loaders.xlsx import texts_of

_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_STYLES_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
_HEADING_WITHIN = 100  # rows from the top of a sheet
_WIDTH = 90  # of the column of reasons, in characters
_AREA = re.compile(r"\$?[A-Z]{1,3}\$?[0-9]+:\$?([A-Z]{1,3})\$?[0-9]+")
_DIMENSION = re.compile("([A-Z]{1,3})([0-9]+)(?::([A-Z]{1,3})([0-9]+))?")
_SELECTED = re.compile(rb"""\stabSelected\s*=\s*["'](?:1|true)["']""")
_VIEW_WITHIN = 1 << 16  # bytes of a sheet's part
# What stands behind the reference to the comments' boxes, in the order that a worksheet has to keep.
_BEHIND_BOXES = ("legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts", "extLst", "AlternateContent")


@dataclass(frozen=True)
class Sheet:
    name: str
    part: str
    element: Element


@dataclass(frozen=True)
class Reasons:
    """The column of reasons: where it stands, 0 if nowhere, its heading's row, and where an earlier one stood."""

    column: int
    heading: int
    before: int


def mark_workbook(
    source: str, target: str, problems: Sequence[Problem], header: Mapping[str, int], limits: Limits, remarks: Sequence[str] = (),
) -> None:
    """Write to `target` the workbook at `source` with the problems marked. `remarks` are sentences for its list of problems."""
    with ZipFile(source) as archive:
        package = Package(archive)
        book = _Book(package)
        styles = Styles(package.read(book.styles) if book.styles else BARE)
        marks = by_sheet(problems)
        listed = book.list_of_problems()
        touched = [sheet for sheet in book.sheets if sheet != listed and (sheet.name in marks or notes.has_ours(package, sheet.part))]
        is_first = book.may_show_first([*touched, listed])
        for sheet in touched:
            _mark_sheet(book, sheet, marks.get(sheet.name, Marks()), header.get(sheet.name, 1), styles, limits, unselect=is_first)
        book.put_list(listed, problems, styles, [*remarks, *on_comments(problems)], is_first=is_first)
        styles_part = book.styles or package.add("xl/styles{}.xml", BARE, _STYLES_TYPE)
        if not book.styles:
            package.relate(book.part, "styles", styles_part)
        package.finish_with(styles_part, lambda: styles.data)
        package.write(target)


class _Book:
    """The workbook's own part, its worksheets in their order, and its texts, which are read only if they are asked for."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.part = package.related("", "officeDocument") or "xl/workbook.xml"
        self.data = package.read(self.part)
        self.root = outline(self.data)
        if self.root.get("xmlns" + (f":{self.root.prefix}" if self.root.prefix else "")) != MAIN:
            raise CannotSplice("another kind of workbook")
        targets = package.targets(self.part)
        by_kind = {kind: target for kind, target in targets.values()}
        self.styles, self._texts_part = by_kind.get("styles"), by_kind.get("sharedStrings")
        self._texts: list[str] | None = None
        sheets = self.root.first("sheets")
        if sheets is None:
            raise CannotSplice("no sheets")
        self.elements = list(sheets.all("sheet"))
        found = [(one, *targets.get(one.get("id"), ("", ""))) for one in self.elements]
        self._parts = [part for _, _, part in found]
        self._view = next((one for views in self.root.all("bookViews") for one in views.all("workbookView")), None)
        self.sheets = [Sheet(one.get("name"), part, one) for one, kind, part in found if kind == "worksheet"]

    @property
    def texts(self) -> list[str]:
        if self._texts is None:
            self._texts = texts_of(self.package.archive, self._texts_part)
        return self._texts

    def has_text(self, sought: bytes) -> bool:
        """Whether the texts that cells share may have this one."""
        if self._texts_part is None or not self.package.has(self._texts_part):
            return False
        before = b""
        with self.package.archive.open(self._texts_part) as part:
            while piece := part.read(1 << 20):
                if sought in before + piece:
                    return True
                before = piece[-64:]
        return False

    def list_of_problems(self) -> Sheet | None:
        """The sheet that an earlier return has put in."""
        likely = [sheet for sheet in self.sheets if sheet.name.startswith(PROBLEMS)]
        return next((sheet for sheet in likely if is_list(sheet.name, self._first_text(sheet))), None)

    def _first_text(self, sheet: Sheet) -> str | None:
        found = frame(self.package, sheet.part, b"")
        piece, row = next(found.rows(self.package), (b"", None))
        first = next(found.form.cells(piece, row), None) if row and row.number == 1 else None
        return found.form.text(piece, first, self.texts) if first and first.column == 1 else None

    def may_show_first(self, changed: Sequence[Sheet | None]) -> bool:
        """Whether the list of problems can be what is seen first: no sheet is selected that is to be kept byte for byte."""
        parts = {sheet.part for sheet in changed if sheet is not None}
        return self._view is not None and not any(_is_selected(self.package, part) for part in self._parts if part not in parts)

    def put_list(self, listed: Sheet | None, problems: Sequence[Problem], styles: Styles, remarks: Sequence[str], *, is_first: bool) -> None:
        """Put the list of problems where the earlier one stood, else before all sheets."""
        is_shown = is_first or (listed is not None and _is_selected(self.package, listed.part))
        part = problem_list(problems, [sheet.name for sheet in self.sheets], styles, remarks, shown=None if self._view is None else is_shown)
        if listed is None:
            path = self.package.add("xl/worksheets/sheetChecks{}.xml", part, _SHEET_TYPE)
            edits = [*self._put_first(self.package.relate(self.part, "worksheet", path)), *self._show(0 if is_first else self._active + 1)]
        else:
            self.package.change(listed.part, part)
            self.package.remove_relations(listed.part)
            edits = [*self._show(self.elements.index(listed.element) if is_first else self._active)]
        self.package.change(self.part, spliced(self.data, edits))

    @property
    def _active(self) -> int:
        return int(self._view.get("activeTab", "0")) if self._view else 0

    def _show(self, number: int) -> Iterator[Edit]:
        if self._view is not None:
            yield self._tag(self._view, {"activeTab": str(number), "firstSheet": None})

    def _put_first(self, relation: str) -> Iterator[Edit]:
        """The sheet before all others; what refers to a sheet by its place refers to the next then."""
        root, p = self.root, f"{self.root.prefix}:".encode() if self.root.prefix else b""
        number = 1 + max((int(one.get("sheetId", "0")) for one in self.elements), default=0)
        name = list_name(one.get("name") for one in self.elements)
        new = b'<%bsheet xmlns:r="%b" name="%b" sheetId="%d" r:id="%b"/>' % (p, RELATIONS.encode(), written(name), number, relation.encode())
        yield within(self.data, root.first("sheets"), new, at_start=True)
        for names in root.all("definedNames"):
            for one in names.all("definedName"):
                if "localSheetId" in one.attributes:
                    yield self._tag(one, {"localSheetId": str(int(one.get("localSheetId")) + 1)})

    def _tag(self, element: Element, values: dict[str, str | None]) -> Edit:
        return element.start, element.opened, with_attributes(self.data[element.start : element.opened], values)


def _is_selected(package: Package, part: str) -> bool:
    """Whether a sheet is among those that a spreadsheet program opens the workbook on."""
    if not package.has(part):
        return False
    with package.archive.open(part) as stream:
        return _SELECTED.search(stream.read(_VIEW_WITHIN)) is not None


def _mark_sheet(
    book: _Book, sheet: Sheet, marks: Marks, header: int, styles: Styles, limits: Limits, *, unselect: bool,
) -> None:
    """Mark the cells of one sheet, comment on them, and write the column of reasons."""
    found = frame(book.package, sheet.part, REASONS.encode())
    skeleton = outline(found.head + found.tail)
    reasons = _place_reasons(book, found, skeleton, marks, header, limits)
    texts = {at: said(marks.cells[at]) for at in marks.commented}
    if reasons.column and marks.rows:
        about = [one for one in marks.rows.get(reasons.heading, ()) if not one.letters]
        texts[reasons.heading, reasons.column] = said(about) or HEADING_NOTE
    drawing = skeleton.first("legacyDrawing")
    known = drawing.get("id") if drawing else None
    boxes = notes.put(book.package, sheet.part, known, texts)
    edits = list(_frame_edits(found, skeleton, reasons, marks, unselect=unselect))
    if boxes and boxes != known:
        edits.append(_refer_to_boxes(found, skeleton, boxes))
    rows = _Marker(found, skeleton, marks, reasons, styles, book)
    half = len(found.head)
    head = spliced(found.head, [edit for edit in edits if edit[0] < half])
    tail = spliced(found.tail, [(start - half, end - half, new) for start, end, new in edits if start >= half])

    def write(out: IO[bytes]) -> None:
        out.write(head)
        for piece in rows.pieces(book.package):
            out.write(piece)
        out.write(tail)

    book.package.stream(sheet.part, write)


def _place_reasons(book: _Book, found: Frame, skeleton: Element, marks: Marks, header: int, limits: Limits) -> Reasons:
    """Where the reasons stand: in the place of earlier ones, else right of everything that the sheet has."""
    before = _earlier_reasons(book, found)
    column = before
    if not before and marks.rows:
        filled = max((found.form.last_filled(piece, row) for piece, row in found.rows(book.package)), default=0)
        merged = [_AREA.fullmatch(area.get("ref")) for areas in skeleton.all("mergeCells") for area in areas.all("mergeCell")]
        marked = max((column for _, column in marks.cells), default=0)
        wide = max((filled, marked, *(column_number(area[1]) for area in merged if area)))
        column = 1 + (wide if wide < limits.columns else max(filled, marked))
    return Reasons(column if column <= min(limits.columns, LAST_COLUMN) else 0, header, before)


def _earlier_reasons(book: _Book, found: Frame) -> int:
    """The column that an earlier return has put in, 0 if there is none."""
    if not found.may_hold and not book.has_text(REASONS.encode()):
        return 0
    form, columns = found.form, set()
    for piece, row in found.rows(book.package):
        if row.number > _HEADING_WITHIN:
            break
        columns |= {one.column for one in form.cells(piece, row) if form.text(piece, one, book.texts) == REASONS}
    filled: dict[int, list[str]] = {column: [] for column in columns}
    for piece, row in found.rows(book.package) if columns else ():
        for column in columns:
            if (one := form.cell_in(piece, row, column)) and one.end > one.opened:
                filled[column].append(form.text(piece, one, book.texts))
    return max((column for column, texts in filled.items() if are_reasons([text for text in texts if text])), default=0)


def _frame_edits(found: Frame, skeleton: Element, reasons: Reasons, marks: Marks, *, unselect: bool) -> Iterator[Edit]:
    data = found.head + found.tail
    if unselect:
        for views in skeleton.all("sheetViews"):
            for view in views.all("sheetView"):
                if "tabSelected" in view.attributes:
                    yield view.start, view.opened, with_attributes(data[view.start : view.opened], {"tabSelected": None})
    if not reasons.column or not marks.rows:
        return
    dimension = skeleton.first("dimension")
    if dimension is not None and (area := _DIMENSION.fullmatch(dimension.get("ref"))):
        column, row = max(column_number(area[3] or area[1]), reasons.column), max(int(area[4] or area[2]), reasons.heading, *marks.rows)
        ref = f"{area[1]}{area[2]}:{reference(row, column)}"
        yield dimension.start, dimension.opened, with_attributes(data[dimension.start : dimension.opened], {"ref": ref})
    if not reasons.before:
        yield from _widen(found, skeleton, data, reasons.column)


def _widen(found: Frame, skeleton: Element, data: bytes, column: int) -> Iterator[Edit]:
    """Give the column of reasons its width; a range of columns that reaches over it is divided."""
    p, columns = found.form.p, skeleton.first("cols")
    own = b'<%bcol min="%d" max="%d" width="%d" customWidth="1"/>' % (p, column, column, _WIDTH)
    if columns is None:
        at = skeleton.first("sheetData").start
        yield at, at, b"<%bcols>%b</%bcols>" % (p, own, p)
        return
    at = columns.closing
    for one in columns.all("col"):
        first, last = int(one.get("min", "0")), int(one.get("max", "0"))
        tag = data[one.start : one.opened]
        if first <= column <= last:
            parts = [(first, column - 1), (column, column), (column + 1, last)]
            new = [with_attributes(tag, {"min": str(low), "max": str(high)}) for low, high in parts if low <= high]
            new[column > first] = with_attributes(new[column > first], {"width": str(_WIDTH), "customWidth": "1", "hidden": None})
            if one.opened != one.end:
                raise CannotSplice("columns")
            yield one.start, one.end, b"".join(new)
            return
        if first > column:
            at = min(at, one.start)
    yield at, at, own


def _refer_to_boxes(found: Frame, skeleton: Element, boxes: str) -> Edit:
    """The reference to the comments' boxes, in its place in the order of a worksheet."""
    behind = next((one for one in skeleton.children if one.name in _BEHIND_BOXES and one.start >= len(found.head)), None)
    at = behind.start if behind else skeleton.closing
    return at, at, b'<%blegacyDrawing xmlns:r="%b" r:id="%b"/>' % (found.form.p, RELATIONS.encode(), written(boxes))


class _Marker:
    """Rewrites the rows of a sheet that bear a mark, bore one, or have to be put in; all others pass as they are."""

    def __init__(self, found: Frame, skeleton: Element, marks: Marks, reasons: Reasons, styles: Styles, book: _Book) -> None:
        self._frame, self._form, self._styles, self._reasons = found, found.form, styles, reasons
        self._columns = [(int(one.get("min", "0")), int(one.get("max", "0")), int(one.get("style", "0")))
                         for columns in skeleton.all("cols") for one in columns.all("col") if one.get("style")]
        self._tints: dict[int, dict[int, bool]] = {}
        for (row, column), found_here in marks.cells.items():
            self._tints.setdefault(row, {})[column] = any(one.blocks for one in found_here)
        self._texts = {row: said(found_here) for row, found_here in marks.rows.items()}
        self._blocks = {row: any(one.blocks for one in found_here) for row, found_here in marks.rows.items()}
        headed = {reasons.heading} if reasons.column and marks.rows else set()
        self._wanted = sorted({*self._texts, *headed}, reverse=True)
        self._looks = {True: styles.add(colour=RED, wrap=True), False: styles.add(colour=AMBER, wrap=True), None: styles.add(bold=True)}
        self._cleared = re.compile(rb"""\ss=["'](?:%b)["']""" % b"|".join(b"%d" % one for one in sorted(styles.tinted))) if styles.tinted else None

    def pieces(self, package: Package) -> Iterator[bytes]:
        number = 0
        for piece in self._frame.pieces(package):
            out, at = [], 0
            for row in self._form.rows(piece, number):
                number = row.number
                if self._wanted and self._wanted[-1] < number:
                    out += (piece[at : row.start], *self._missing_rows(number))
                    at = row.start
                if self._is_wanted(number) or self._had_marks(piece, row):
                    out += (piece[at : row.start], self._row(piece, row))
                    at = row.end
            yield b"".join((*out, piece[at:]))
        yield b"".join(self._missing_rows(None))

    def _is_wanted(self, number: int) -> bool:
        """Whether a row bears a mark; rows come in their order, so each is asked for once."""
        if self._wanted and self._wanted[-1] == number:
            self._wanted.pop()
            return True
        return False

    def _missing_rows(self, before: int | None) -> Iterator[bytes]:
        """The rows above `before` that bear a mark and aren't there; all that are left if it is None."""
        while self._wanted and (before is None or self._wanted[-1] < before):
            number = self._wanted.pop()
            cells = b"".join(self._new_cell(number, column, 0) for column in self._marked(number))
            yield b'<%brow r="%d">%b</%brow>' % (self._form.p, number, cells, self._form.p)

    def _had_marks(self, piece: bytes, row: Row) -> bool:
        if self._cleared is not None and self._cleared.search(piece, row.opened, row.closing):
            return True
        return bool(self._reasons.before) and self._form.cell_in(piece, row, self._reasons.before) is not None

    def _marked(self, row: int) -> list[int]:
        """The columns of a row that bear a mark, the reasons' own included."""
        columns = {column for column in self._tints.get(row, ())}
        if self._reasons.column and (row in self._texts or row == self._reasons.heading) and self._texts:
            columns.add(self._reasons.column)
        return sorted(columns)

    def _row(self, piece: bytes, row: Row) -> bytes:
        pending, out, at, end = self._marked(row.number), [], row.opened, row.opened
        tints = self._tints.get(row.number, {})
        for one in self._form.cells(piece, row):
            while pending and pending[0] < one.column:
                out += (piece[at : one.start], self._new_cell(row.number, pending.pop(0), self._row_style(row)))
                at = one.start
            new = self._instead(piece, one, tints.get(one.column))
            if pending and pending[0] == one.column:
                pending.pop(0)
                new = self._new_cell(row.number, one.column, 0) if one.column == self._reasons.column else new
            if new is not None:
                out += (piece[at : one.start], new)
                at = one.end
            end = one.end
        out += (piece[at:end], *(self._new_cell(row.number, column, self._row_style(row)) for column in pending))
        tag = with_attributes(row.tag, {"spans": None, "r": str(row.number)})
        p = self._form.p
        return b"<%brow%b>%b%b</%brow>" % (p, tag, b"".join(out), piece[end : row.closing], p)

    def _instead(self, piece: bytes, one: Cell, blocks: bool | None) -> bytes | None:
        """What stands in a cell's place: the cell with a tint or without, nothing for an earlier reason; None if it stays."""
        if one.column == self._reasons.before:
            return b""
        if blocks is None and not self._styles.tinted:
            return None
        style = int(attribute(one.tag, b"s") or 0)
        wanted = self._styles.clear(style) if blocks is None else self._styles.tint(style, blocks)
        if wanted == style:
            return None
        close = b"/" if one.opened == one.end else b""
        return b"<%bc%b%b>%b" % (self._form.p, with_attributes(one.tag, {"s": str(wanted)}), close, piece[one.opened : one.end])

    def _new_cell(self, row: int, column: int, row_style: int) -> bytes:
        at, p = reference(row, column), self._form.p
        if column == self._reasons.column:
            if row == self._reasons.heading:
                return cell(at, REASONS, self._looks[None], p)
            return cell(at, self._texts[row], self._looks[self._blocks[row]], p)
        style = row_style or next((style for first, last, style in self._columns if first <= column <= last), 0)
        return b'<%bc r="%b" s="%d"/>' % (p, at.encode(), self._styles.tint(style, self._tints[row][column]))

    def _row_style(self, row: Row) -> int:
        return int(attribute(row.tag, b"s") or 0) if attribute(row.tag, b"customFormat") in (b"1", b"true") else 0

