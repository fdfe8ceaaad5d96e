"""Reads .xlsx and .xlsm: the parts of the archive → cells. Formulas and macros are never run.

Reads the XML itself, because the fast libraries drop error cells and need room for every cell between the first
and the last, so that one stray value in the far corner brings the process down.
"""

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from typing import IO
from urllib.parse import unquote
from zipfile import ZipFile

from loaders.cells import NOT_CALCULATED, Cells, Collector, column_number
from loaders.markup import open_parser, parse, parse_repeating
from loaders.problems import LoadError
from loaders.usual_rows import Known, UsualRows
from loaders.values import FROM_1904, RAISED, number_kind, number_text, one_line_break, shown_text

# The number formats that every workbook has without declaring them.
BUILT_IN = (
    {9: "percent", 10: "percent"}
    | {number: "date" for number in (14, 15, 16, 17, 22, *range(27, 32), 36, *range(50, 59))}
    | {number: "time" for number in (18, 19, 20, 21, 32, 33, 34, 35, 45, 47)}
    | {46: "elapsed"}
)
AREA = re.compile("([A-Z]{1,3})([0-9]+):([A-Z]{1,3})([0-9]+)")
# The usual form of a text, as Excel and all others write it: the fast way through many of them.
PLAIN_TEXT = re.compile(r'<si><t(?: xml:space="preserve")?>([^<]*)</t></si>')
ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
ESCAPING = ("&", "_x", "\r")  # without any of these a text stands for itself
SHIFTED = ("superscript", "subscript")


@dataclass(frozen=True)
class Book:
    """What the workbook part says: its sheets as (name, hidden, part), how many days behind 1900 it counts, and the
    parts with its texts and styles."""

    sheets: list[tuple[str, bool, str]]
    behind: int
    texts: str | None
    styles: str | None


def read_xlsx(path: str, collector: Collector) -> None:
    """Collect every worksheet of the workbook, hidden ones too. Chart sheets and macro sheets have no table."""
    with ZipFile(path) as archive:
        book = _book(archive)
        texts = texts_of(archive, book.texts)
        formats = _formats(archive, book.styles)
        for name, hidden, part in book.sheets:
            cells = collector.sheet(name, hidden)
            with archive.open(part) as sheet:
                _read_sheet(sheet, cells, texts=texts, formats=formats, behind=book.behind)
            collector.finish(cells)


def _book(archive: ZipFile) -> Book:
    main = next((target for kind, target in _targets(archive, "").values() if kind == "officeDocument"), None)
    main = main or "xl/workbook.xml"
    targets = _targets(archive, main)
    sheets: list[tuple[str, bool, str]] = []
    behind = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal behind
        tag = tag.rpartition(":")[2]
        if tag == "workbookPr" and attributes.get("date1904") in ("1", "true"):
            behind = FROM_1904
        elif tag == "sheet":
            key = next((value for name, value in attributes.items() if name.endswith(":id")), "")
            kind, target = targets.get(key, ("", ""))
            if kind == "worksheet":
                hidden = attributes.get("state", "visible") != "visible"
                sheets.append((attributes.get("name", ""), hidden, target))

    with archive.open(main) as part:
        parse(part, start=start)
    by_kind = {kind: target for kind, target in targets.values()}
    return Book(sheets=sheets, behind=behind, texts=by_kind.get("sharedStrings"), styles=by_kind.get("styles"))


def _targets(archive: ZipFile, source: str) -> dict[str, tuple[str, str]]:
    """What a part refers to: id → (last word of the kind, path of the part)."""
    folder, file = posixpath.split(source)
    targets: dict[str, tuple[str, str]] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "Relationship" and attributes.get("TargetMode") != "External":
            kind = attributes.get("Type", "").rpartition("/")[2]
            target = posixpath.normpath(posixpath.join("/", folder, unquote(attributes.get("Target", ""))))
            targets[attributes.get("Id", "")] = (kind, target.lstrip("/"))

    path = posixpath.join(folder, "_rels", f"{file}.rels")
    if path in archive.NameToInfo:
        with archive.open(path) as part:
            parse(part, start=start)
    return targets


def texts_of(archive: ZipFile, path: str | None) -> list[str]:
    """The texts that cells refer to by number. The reading aids of Japanese texts (rPh) are left out; a raised or lowered
    piece is marked, so that the sign of a footnote never becomes part of a number."""
    if path is None or path not in archive.NameToInfo:
        return []
    texts: list[str] = []
    pieces: list[str] = []
    wanted = aid = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal wanted, aid
        tag = tag.rpartition(":")[2]
        if tag == "si":
            pieces.clear()
        elif tag == "rPh":
            aid = True
        elif tag == "vertAlign" and attributes.get("val") in SHIFTED:
            pieces.append(RAISED)
        wanted = tag == "t" and not aid

    def end(tag: str) -> None:
        nonlocal wanted, aid
        tag = tag.rpartition(":")[2]
        wanted = False
        if tag == "si":
            texts.append(unescape_text("".join(pieces)))
        elif tag == "rPh":
            aid = False

    def text(data: str) -> None:
        if wanted:
            pieces.append(data)

    def plain(elements: str) -> Iterator[str]:
        found = PLAIN_TEXT.findall(elements)
        if elements.count("<") != 4 * len(found):
            yield elements
        elif any(sign in elements for sign in ESCAPING):
            texts.extend(unescape_text(unescape(value)) for value in found)
        else:
            texts.extend(found)

    with archive.open(path) as part:
        parser = open_parser(start=start, end=end, text=text)
        parse_repeating(part, parser, outer=b"sst", inner=b"si", plain=plain)
    return texts


def unescape_text(text: str) -> str:
    """Undo _x000D_ and the like, by which a workbook writes what XML can't. Control characters stay written so."""

    def character(match: re.Match[str]) -> str:
        code = int(match[1], 16)
        readable = code in (9, 10, 13) or 32 <= code < 0xD800 or 0xE000 <= code < 0xFFFE
        return chr(code) if readable else match[0]

    return one_line_break(ESCAPE.sub(character, text)) if "_x" in text else one_line_break(text)


def _formats(archive: ZipFile, path: str | None) -> dict[str, str]:
    """The styles that show a number as something else than itself: number of the style → kind."""
    if path is None or path not in archive.NameToInfo:
        return {}
    kinds: dict[int, str | None] = dict(BUILT_IN)
    styles: list[int] = []
    inside = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal inside
        tag = tag.rpartition(":")[2]
        if tag == "numFmt" and "numFmtId" in attributes:
            kinds[int(attributes["numFmtId"])] = number_kind(attributes.get("formatCode", ""))
        elif tag == "cellXfs":
            inside = True
        elif tag == "xf" and inside:
            styles.append(int(attributes.get("numFmtId", 0)))

    def end(tag: str) -> None:
        nonlocal inside
        if tag.rpartition(":")[2] == "cellXfs":
            inside = False

    with archive.open(path) as part:
        parse(part, start=start, end=end)
    return {str(number): kind for number, style in enumerate(styles) if (kind := kinds.get(style))}


def _read_sheet(part: IO[bytes], cells: Cells, *, texts: list[str], formats: dict[str, str], behind: int) -> None:
    """Put each cell of a worksheet part: those of usual rows together, all others by one call for each tag."""
    put = cells.put
    known = _known_values(texts=texts, formats=formats, behind=behind)
    usual = UsualRows(cells, known)
    columns: dict[str, int] = {}
    column = 0
    pieces: list[str] = []
    attributes: dict[str, str] = {}
    wanted = aid = formula = False
    names = ("row", "c", "v", "t", "f", "rPh", "mergeCell")
    tag_row, tag_c, tag_v, tag_t, tag_f, tag_aid, tag_merged = names

    def start(tag: str, found: dict[str, str]) -> None:
        nonlocal column, attributes, wanted, aid, formula, tag_row, tag_c, tag_v, tag_t, tag_f, tag_aid, tag_merged
        if tag == tag_c:
            attributes = found
            formula = aid = False
            pieces.clear()
            reference = found.get("r")
            if reference is None:
                column += 1
                return
            name = reference.rstrip("0123456789")
            column = columns.get(name) or _column(name, columns)
        elif tag == tag_v or tag == tag_t:
            wanted = not aid
        elif tag.endswith("vertAlign"):
            if found.get("val") in SHIFTED:
                pieces.append(RAISED)
        elif tag == tag_row:
            number = found.get("r")
            usual.row = usual.row + 1 if number is None else int(number)
            column = 0
            if found.get("hidden") in ("1", "true"):
                cells.hide_rows(usual.row, usual.row)
        elif tag == tag_f:
            formula = True
        elif tag == tag_aid:
            aid = True
        elif tag == tag_merged:
            if area := AREA.fullmatch(found.get("ref", "")):
                cells.merge(int(area[2]), column_number(area[1]), int(area[4]), column_number(area[3]))
        elif tag.endswith(":worksheet"):  # the outermost tag: all names of this part have its prefix
            tag_row, tag_c, tag_v, tag_t, tag_f, tag_aid, tag_merged = (tag.replace("worksheet", name) for name in names)

    def end(tag: str) -> None:
        nonlocal wanted, aid
        if tag == tag_v or tag == tag_t:
            wanted = False
        elif tag == tag_c:
            if pieces:
                put(usual.row, column, known(attributes.get("t", ""), attributes.get("s", ""))["".join(pieces)])
            elif formula and attributes.get("t") != "str":
                put(usual.row, column, NOT_CALCULATED)
        elif tag == tag_aid:
            aid = False

    def text(data: str) -> None:
        if wanted:
            pieces.append(data)

    parser = open_parser(start=start, end=end, text=text)
    parse_repeating(part, parser, outer=b"sheetData", inner=b"row", plain=usual.take)


def _column(name: str, known: dict[str, int]) -> int:
    if not re.fullmatch("[A-Z]{1,3}", name):
        raise LoadError("unreadable", f'This file names a column "{name[:20]}" and is damaged. Save it again in Excel.')
    known[name] = column_number(name)
    return known[name]


def _known_values(*, texts: list[str], formats: dict[str, str], behind: int) -> Callable[[str, str], Known]:
    """A function (type of the cell, style) → the values of such cells, by what is stored."""

    def read(kind: str, style: str) -> Callable[[str], str]:
        if kind == "s":
            return lambda stored: texts[int(stored)]
        if kind == "" or kind == "n":
            shown = formats.get(style)
            return number_text if shown is None else lambda stored: shown_text(stored, shown, behind)
        if kind == "b":
            return lambda stored: "true" if stored.strip() in ("1", "true") else "false"
        if kind == "d":
            return lambda stored: stored.removesuffix("Z").removesuffix("T00:00:00")
        return unescape_text

    kept: dict[tuple[str, str], Known] = {}

    def known(kind: str, style: str) -> Known:
        found = kept.get((kind, style))
        if found is None:
            found = kept[kind, style] = Known(read(kind, style))
            if kind == "s":
                found.update((str(number), text or None) for number, text in enumerate(texts))
        return found

    return known
