"""An .ods workbook with its problem cells marked: only the bytes of its content that say so are changed, all others are the sender's own.

CannotSplice where the workbook has a form in which that isn't certain.
"""

from __future__ import annotations

import shutil
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from zipfile import ZIP_DEFLATED, ZipFile

from loaders.limits import Limits
from loaders.marks import (
    AUTHOR, HEADING_NOTE, LAST_COLUMN, PROBLEMS, REASONS, TO_CORRECT, TO_LOOK_AT, Marks, are_reasons, by_sheet, is_list, is_ours, list_name, on_comments, said)
from loaders.ods_content import (
    COLUMNS_REPEATED, DEFAULT_STYLE, ROWS_REPEATED, STYLE, Cell, Row, Table, cells, declared, is_filled, last_filled, paragraphs, tables, text_in)
from loaders.ods_list import cell_style, column_style, listed, text_cell
from loaders.ods_styles import OdsStyles
from loaders.outline import CannotSplice, Edit, Element, attribute, escaped, outline, pieces, spliced, with_attributes, within
from loaders.package import like
from loaders.problems import Problem
from loaders.splice import Reasons
from loaders.styles import AMBER, RED

_CONTENT = "content.xml"
_MOST = 256 << 20  # bytes of the content, which is held at once
_LEVEL = 4
_HEADING_WITHIN = 100  # rows from the top of a sheet
_WIDTH = 90  # of the column of reasons, in characters
_SAYS_OURS = tuple(text.encode() for text in (AUTHOR, TO_CORRECT, TO_LOOK_AT))
_CHANGES = b"<table:tracked-changes"
_JOINED = f"[{AUTHOR}] "  # stands before ours in a comment that somebody else wrote
_BLANK = b"<table:%b/>"
_WRAP = b"<table:table-cell>", b"</table:table-cell>"  # so that what a cell holds is a part with one outermost element


def mark_open_document(
    source: str, target: str, problems: Sequence[Problem], header: Mapping[str, int], limits: Limits,
) -> None:
    """Write to `target` the workbook at `source` with the problems marked."""
    with ZipFile(source) as archive:
        if archive.getinfo(_CONTENT).file_size > _MOST:
            raise CannotSplice("too large")
        data = _read(archive)
        edits = _edits(data, problems, header, limits)
        with ZipFile(target, "w", ZIP_DEFLATED, compresslevel=_LEVEL) as out:
            for info in archive.infolist():
                with archive.open(info) as part, out.open(like(info), "w") as copy:
                    if info.filename == _CONTENT:
                        copy.writelines(pieces(data, edits))
                    else:
                        shutil.copyfileobj(part, copy, 1 << 20)


def _read(archive: ZipFile) -> bytes:
    """The content. `ZipFile.read` would need room for it thrice."""
    with archive.open(_CONTENT) as part:
        return b"".join(iter(lambda: part.read(1 << 20), b""))


def _edits(data: bytes, problems: Sequence[Problem], header: Mapping[str, int], limits: Limits) -> list[Edit]:
    names = declared(data)
    sheets = tables(data)
    was_marked = any(text in data for text in _SAYS_OURS)
    styles = OdsStyles(data, was_marked=was_marked)
    marks = by_sheet(problems)
    before = next((sheet for sheet in sheets if sheet.name.startswith(PROBLEMS) and is_list(sheet.name, _first_text(data, sheet))), None)
    edits = [names] if names else []
    for sheet in sheets:
        own = marks.pop(sheet.name, None)
        if sheet is not before and (own or was_marked):
            edits += _Marker(data, sheet, own or Marks(), header.get(sheet.name, 1), styles, limits).edits()
    edits.append(_put_list(data, sheets, before, problems, styles))
    return [*edits, styles.edit]


def _put_list(data: bytes, sheets: Sequence[Table], before: Table | None, problems: Sequence[Problem], styles: OdsStyles) -> Edit:
    """The list of problems where the earlier one stood, else before all sheets; behind them where changes are logged by a sheet's place."""
    names = [sheet.name for sheet in sheets]
    name = before.name if before else list_name(names)
    new = listed(name, problems, names, styles, on_comments(problems))
    if before:
        return before.start, before.end, new
    at = sheets[-1].end if _CHANGES in data else sheets[0].start
    return at, at, new


def _first_text(data: bytes, sheet: Table) -> str | None:
    first = next((one for row in sheet.rows[:1] for one in cells(data, row)), None)
    return _text(data, first) if first else None


def _text(data: bytes, cell: Cell) -> str:
    """The text that a cell shows, without that of its comment."""
    inside = b"".join((_WRAP[0], data[cell.opened : cell.closing], _WRAP[1]))
    return "\n".join(text_in(inside, one) for one in outline(inside).all("p"))


class _Marker:
    """Changes the columns and rows of a sheet that bear a mark or bore one; all others stay as they are."""

    def __init__(self, data: bytes, sheet: Table, marks: Marks, heading: int, styles: OdsStyles, limits: Limits) -> None:
        self._data, self._sheet, self._marks, self._styles = data, sheet, marks, styles
        if marks.rows and not sheet.rows:
            raise CannotSplice("no rows")
        self._reasons = self._place_reasons(heading, limits)
        self._has_reasons = bool(self._reasons.column and marks.rows)
        self._tints: dict[int, dict[int, bool]] = {}
        for (row, column), found in marks.cells.items():
            self._tints.setdefault(row, {})[column] = any(one.blocks for one in found)
        headed = {self._reasons.heading} if self._has_reasons else set()
        self._wanted = sorted({*marks.rows, *headed})
        self._tinted = [b'"%b"' % escaped(name) for name in sorted(styles.tinted)]
        self._looks = {True: cell_style(styles, "red", colour=RED), False: cell_style(styles, "amber", colour=AMBER)}
        self._bold = cell_style(styles, "heading", bold=True)

    def edits(self) -> Iterator[Edit]:
        yield from self._columns()
        for row in self._sheet.rows:
            new = self._row(row)
            if new is not None:
                yield row.start, row.end, new
        last = self._sheet.rows[-1].number + self._sheet.rows[-1].repeats if self._sheet.rows else 1
        if missing := b"".join(self._missing_rows(last)):
            yield self._sheet.rows_end, self._sheet.rows_end, missing

    # ── The column of reasons ────────────────────────────────────────────────────────────────────

    def _place_reasons(self, heading: int, limits: Limits) -> Reasons:
        """Where the reasons stand: in the place of earlier ones, else right of everything that the sheet has."""
        before = self._earlier_reasons()
        column = before
        if not before and self._marks.rows:
            wide = max((last_filled(self._data, row) for row in self._sheet.rows), default=0)
            marked = max((column for _, column in self._marks.cells), default=0)
            if max(wide, marked) >= limits.columns:
                wide = max((one.column for row in self._sheet.rows for one in cells(self._data, row) if is_filled(one)), default=0)
            column = 1 + max(wide, marked)
        return Reasons(column if column <= min(limits.columns, LAST_COLUMN) else 0, heading, before)

    def _earlier_reasons(self) -> int:
        """The column that an earlier return has put in, 0 if there is none."""
        data, sheet = self._data, self._sheet
        if data.find(REASONS.encode(), sheet.start, sheet.end) < 0:
            return 0
        top = [row for row in sheet.rows if row.number <= _HEADING_WITHIN and data.find(REASONS.encode(), row.opened, row.closing) >= 0]
        columns = {one.column for row in top for one in cells(data, row) if one.repeats == 1 and _text(data, one) == REASONS}
        filled: dict[int, list[str]] = {column: [] for column in columns}
        for row in sheet.rows if columns else ():
            if last_filled(data, row) < min(columns):
                continue
            for one in cells(data, row):
                for column in columns if is_filled(one) else ():
                    if one.column <= column < one.column + one.repeats:
                        filled[column].append(_text(data, one))
        return max((column for column, texts in filled.items() if are_reasons([text for text in texts if text])), default=0)

    # ── Columns ──────────────────────────────────────────────────────────────────────────────────

    def _columns(self) -> Iterator[Edit]:
        """Take earlier tints off what is said of whole columns, and give the column of reasons its width."""
        columns, own = self._sheet.columns, self._reasons.column if self._has_reasons and not self._reasons.before else 0
        for one in columns:
            tag = self._cleared(one.tag, DEFAULT_STYLE)
            if one.first <= own < one.first + one.repeats:
                parts = ((tag, own - one.first), (self._wide(tag), 1), (tag, one.first + one.repeats - 1 - own))
                yield one.start, one.end, b"".join(_column(said, many) for said, many in parts if many)
            elif tag != one.tag:
                yield one.start, one.end, _column(tag, one.repeats)
        end = columns[-1].first + columns[-1].repeats if columns else 1
        if own >= end:
            at = self._sheet.rows_start
            yield at, at, (_column(b"", own - end) if own > end else b"") + _column(self._wide(b""), 1)

    def _wide(self, tag: bytes) -> bytes:
        return with_attributes(tag, {STYLE: column_style(self._styles, _WIDTH), "table:visibility": None})

    def _default_of(self, column: int) -> str:
        """The style that a column's cells have where they name none."""
        tag = next((one.tag for one in self._sheet.columns if one.first <= column < one.first + one.repeats), b"")
        return self._styles.clear(_value(tag, DEFAULT_STYLE))

    # ── Rows ─────────────────────────────────────────────────────────────────────────────────────

    def _row(self, row: Row) -> bytes | None:
        """What stands in the place of rows that are said once; None if they stay. Those that bear a mark are said by themselves."""
        wanted = self._wanted[bisect_left(self._wanted, row.number) : bisect_left(self._wanted, row.number + row.repeats)]
        if not wanted and not self._had_marks(row):
            return None
        tag, out, at = self._cleared(row.tag, DEFAULT_STYLE), [], row.number
        plain = self._cells(row, None) if len(wanted) < row.repeats else b""
        for number in wanted:
            out += (_row(tag, plain, number - at), _row(tag, self._cells(row, number), 1))
            at = number + 1
        return b"".join((*out, _row(tag, plain, row.number + row.repeats - at)))

    def _missing_rows(self, at: int) -> Iterator[bytes]:
        """The rows behind the last one that bear a mark."""
        for number in self._wanted[bisect_left(self._wanted, at):]:
            if number > at:
                yield _row(b"", _BLANK % b"table-cell", number - at)
            yield _row(b"", self._cells(Row(number, 1, 0, 0, 0, 0, b""), number), 1)
            at = number + 1

    def _had_marks(self, row: Row) -> bool:
        data = self._data
        if any(data.find(name, row.start, row.closing) >= 0 for name in self._tinted):
            return True
        if data.find(b"<office:annotation", row.opened, row.closing) >= 0 and any(data.find(text, row.opened, row.closing) >= 0 for text in _SAYS_OURS):
            return True
        return bool(self._reasons.before) and last_filled(data, row) >= self._reasons.before

    def _cells(self, row: Row, number: int | None) -> bytes:
        """The cells of a row with the marks of that number; without any if it is None."""
        data, out, at, end = self._data, [], row.opened, 1
        special = self._special(number)
        for one in cells(data, row):
            own = [column for column in special if one.column <= column < one.column + one.repeats]
            before = self._reasons.before
            if one.column <= before < one.column + one.repeats and before not in own and is_filled(one):
                own = sorted((*own, before))
            out += (data[at : one.start], self._divided(one, own, row, number))
            at, end = one.end, one.column + one.repeats
        for column in (column for column in special if column >= end):
            out.append(_cell(b"table-cell", b"", b"", column - end))
            out.append(self._marked_cell(Cell(column, 1, 0, 0, 0, 0, b"table-cell", b""), b"", b"", column, row, number))
            end = column + 1
        return b"".join((*out, data[at : row.closing]))

    def _special(self, number: int | None) -> list[int]:
        """The columns of a row that bear a mark, the reasons' own included."""
        columns = set(self._tints.get(number, ())) if number else set()
        if number and self._has_reasons:
            columns.add(self._reasons.column)
        return sorted(columns)

    def _divided(self, one: Cell, own: Sequence[int], row: Row, number: int | None) -> bytes:
        """Cells that are said once, with those of them said by themselves that bear a mark or bore a reason."""
        inside, tag = _without_ours(self._data[one.opened : one.closing]), self._cleared(one.tag, STYLE)
        if not own and tag == one.tag and len(inside) == one.closing - one.opened:
            return self._data[one.start : one.end]
        out, at = [], one.column
        for column in own:
            out += (_cell(one.name, tag, inside, column - at), self._marked_cell(one, tag, inside, column, row, number))
            at = column + 1
        return b"".join((*out, _cell(one.name, tag, inside, one.column + one.repeats - at)))

    def _marked_cell(self, one: Cell, tag: bytes, inside: bytes, column: int, row: Row, number: int | None) -> bytes:
        if column == self._reasons.column and number and self._has_reasons:
            return self._reason(number, one.name)
        if column == self._reasons.before:
            return _BLANK % one.name
        style = _value(tag, STYLE) or self._styles.clear(_value(row.tag, DEFAULT_STYLE)) or self._default_of(column)
        tag = with_attributes(tag, {STYLE: self._styles.tint(style, blocks=self._tints[number][column])})
        if (number, column) in self._marks.commented:
            inside = _with_note(inside, said(self._marks.cells[number, column]))
        return _cell(one.name, tag, inside, 1)

    def _reason(self, number: int, name: bytes) -> bytes:
        found = self._marks.rows.get(number, [])
        if number != self._reasons.heading:
            return text_cell(said(found), self._looks[any(one.blocks for one in found)], name)
        cell = text_cell(REASONS, self._bold, name)
        note = _note(said(one for one in found if not one.letters) or HEADING_NOTE)
        at = cell.index(b">") + 1
        return cell[:at] + note + cell[at:]

    def _cleared(self, tag: bytes, name: str) -> bytes:
        """A tag without the tint that it names."""
        style = _value(tag, name) if self._styles.tinted else ""
        return with_attributes(tag, {name: self._styles.clear(style) or None}) if style in self._styles.tinted else tag


def _value(tag: bytes, name: str) -> str:
    return (attribute(tag, name.encode()) or b"").decode()


def _column(tag: bytes, many: int) -> bytes:
    return b"<table:table-column%b/>" % _said(tag, COLUMNS_REPEATED, many)


def _row(tag: bytes, inside: bytes, many: int) -> bytes:
    return b"<table:table-row%b>%b</table:table-row>" % (_said(tag, ROWS_REPEATED, many), inside) if many else b""


def _cell(name: bytes, tag: bytes, inside: bytes, many: int) -> bytes:
    if not many:
        return b""
    tag = _said(tag, COLUMNS_REPEATED, many)
    return b"<table:%b%b>%b</table:%b>" % (name, tag, inside, name) if inside else b"<table:%b%b/>" % (name, tag)


def _said(tag: bytes, name: str, many: int) -> bytes:
    """What stands in a tag, with how often it stands."""
    return with_attributes(tag, {name: str(many) if many > 1 else None})


# ── Comments ─────────────────────────────────────────────────────────────────────────────────────


def _without_ours(inside: bytes) -> bytes:
    """What a cell holds without a comment of ours, or without what was joined to somebody else's."""
    if b"<office:annotation" not in inside:
        return inside
    whole = _WRAP[0] + inside + _WRAP[1]
    edits: list[Edit] = []
    for note in outline(whole).all("annotation"):
        texts = [text_in(whole, one) for one in note.all("p")]
        if _author(whole, note) == AUTHOR or is_ours("\n".join(texts)):
            edits.append((note.start, note.end, b""))
            continue
        joined = next((number for number, text in enumerate(texts) if text.startswith(_JOINED)), len(texts))
        edits += [(one.start, one.end, b"") for one in list(note.all("p"))[joined:]]
    return _unwrapped(spliced(whole, edits))


def _author(whole: bytes, note: Element) -> str:
    creator = note.first("creator")
    return text_in(whole, creator) if creator else ""


def _with_note(inside: bytes, text: str) -> bytes:
    """What a cell holds with a comment of ours: joined to the sender's own, or before its text."""
    whole = _WRAP[0] + inside + _WRAP[1]
    cell = outline(whole)
    own = cell.first("annotation")
    if own:
        return _unwrapped(spliced(whole, [within(whole, own, paragraphs(_JOINED + text))]))
    source = cell.first("cell-range-source")
    at = source.end if source else cell.opened
    return _unwrapped(spliced(whole, [(at, at, _note(text))]))


def _note(text: str) -> bytes:
    return b"<office:annotation><dc:creator>%b</dc:creator>%b</office:annotation>" % (AUTHOR.encode(), paragraphs(text))


def _unwrapped(whole: bytes) -> bytes:
    return whole[len(_WRAP[0]) : -len(_WRAP[1])]
