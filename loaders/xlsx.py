"""Reads .xlsx and .xlsm: the parts of the archive → cells. Formulas and macros are never run.

Reads the XML itself, because the fast libraries drop error cells and need room for every cell between the first
and the last, so that one stray value in the far corner brings the process down.
"""

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from typing import IO
from urllib.parse import unquote
from zipfile import ZipFile

from loaders.cells import NOT_CALCULATED, Cells, Collector, column_number
from loaders.markup import open_parser, parse, parse_repeating
from loaders.problems import LoadError
from loaders.values import FROM_1904, RAISED, number_kind, number_text, one_line_break, shown_text

# The number formats that every workbook has without declaring them.
BUILT_IN = (
    {9: "percent", 10: "percent"}
    | {number: "date" for number in (14, 15, 16, 17, 22, *range(27, 32), 36, *range(50, 59))}
    | {number: "time" for number in (18, 19, 20, 21, 32, 33, 34, 35, 45, 47)}
    | {46: "elapsed"}
)
# The usual form of rows and texts, as Excel and all others write them: the fast way through a large sheet.
PLAIN_ROW = re.compile(
    r'<row (?:[^<>]*? )?r="([0-9]+)"(?:[^<>]*[^<>/])?>'
    r'|<c r="([A-Z]{1,3})[0-9]+"(?: s="([0-9]+)")?(?: t="([a-zA-Z]+)")?'
    r"(?:/>|>(?:<f(?: [^<>]*)?(?:/>|>[^<]*</f>))?<v>([^<&]+)</v></c>"
    r'|><is><t(?: xml:space="preserve")?>([^<]*)</t></is></c>)'
)
PLAIN_TAGS = ("</row>", "</c>", "<v>", "</v>", "<f", "</f>", "<is>", "</is>", "<t>", "<t xml:space=", "</t>")
HIDDEN_ROW = re.compile(r'<row (?=[^<>]*\bhidden="(?:1|true)")(?:[^<>]*? )?r="([0-9]+)"')
AREA = re.compile("([A-Z]{1,3})([0-9]+):([A-Z]{1,3})([0-9]+)")
PLAIN_TEXT = re.compile(r'<si><t(?: xml:space="preserve")?>([^<]*)</t></si>')
ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
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

    def plain(elements: str) -> bool:
        found = PLAIN_TEXT.findall(elements)
        if elements.count("<") != 4 * len(found):
            return False
        texts.extend(unescape_text(unescape(value) if "&" in value else value) for value in found)
        return True

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
    """Put each cell of a worksheet part. One call for each tag: here the time goes, so names are bound once."""
    put = cells.put
    convert = _converter(texts=texts, formats=formats, behind=behind)
    columns: dict[str, int] = {}
    row = column = 0
    pieces: list[str] = []
    attributes: dict[str, str] = {}
    wanted = aid = formula = False
    names = ("row", "c", "v", "t", "f", "rPh", "mergeCell")
    tag_row, tag_c, tag_v, tag_t, tag_f, tag_aid, tag_merged = names

    def start(tag: str, found: dict[str, str]) -> None:
        nonlocal row, column, attributes, wanted, aid, formula, tag_row, tag_c, tag_v, tag_t, tag_f, tag_aid, tag_merged
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
            row = row + 1 if number is None else int(number)
            column = 0
            if found.get("hidden") in ("1", "true"):
                cells.hide_rows(row, row)
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
                put(row, column, convert("".join(pieces), attributes.get("t", ""), attributes.get("s", "")))
            elif formula and attributes.get("t") != "str":
                put(row, column, NOT_CALCULATED)
        elif tag == tag_aid:
            aid = False

    def text(data: str) -> None:
        if wanted:
            pieces.append(data)

    def plain(rows: str) -> bool:
        """Take rows whose cells all have the usual form: each "<" is accounted for, so nothing is passed over."""
        nonlocal row
        found = PLAIN_ROW.findall(rows)
        if rows.count("<") != len(found) + sum(rows.count(tag) for tag in PLAIN_TAGS):
            return False
        for number, name, style, kind, stored, written in found:
            if stored:
                put(row, columns.get(name) or _column(name, columns), convert(stored, kind, style))
            elif written:
                put(row, columns.get(name) or _column(name, columns), unescape_text(unescape(written)))
            elif number:
                row = int(number)
        if ' hidden="' in rows:
            for number in HIDDEN_ROW.findall(rows):
                cells.hide_rows(int(number), int(number))
        return True

    parser = open_parser(start=start, end=end, text=text)
    parse_repeating(part, parser, outer=b"sheetData", inner=b"row", plain=plain)


def _column(name: str, known: dict[str, int]) -> int:
    if not re.fullmatch("[A-Z]{1,3}", name):
        raise LoadError("unreadable", f'This file names a column "{name[:20]}" and is damaged. Save it again in Excel.')
    known[name] = column_number(name)
    return known[name]


def _converter(*, texts: list[str], formats: dict[str, str], behind: int) -> Callable[[str, str, str], str]:
    """A function (stored text, type of the cell, style) → the value as text."""
    known: dict[tuple[str, str], str] = {}

    def convert(stored: str, kind: str, style: str | None) -> str:
        if kind == "s":
            return texts[int(stored)]
        if kind == "" or kind == "n":
            shown = formats.get(style)
            if shown is None:
                return number_text(stored)
            text = known.get((stored, shown))
            if text is None:
                text = known[stored, shown] = shown_text(stored, shown, behind)
            return text
        if kind == "b":
            return "true" if stored.strip() in ("1", "true") else "false"
        if kind == "d":
            return stored.removesuffix("Z").removesuffix("T00:00:00")
        return unescape_text(stored)

    return convert
