"""Reads text with separators (.csv, .tsv, .txt) → cells of one sheet.

The encoding is taken only where it is certain: a mark at the start, valid UTF-8, UTF-16 by its zero bytes, or the
Urdu and Arabic code page by its words. Every record is kept, short or long; its row is the line it starts on.
"""

import csv
import io
import re
from collections import Counter
from pathlib import PurePath

from loaders.cells import Collector
from loaders.problems import LoadError

SEPARATORS = ",;\t|"
LONGEST_CELL = 131_072  # characters; Excel's own limit is 32,767
SAMPLE = 100_000  # characters that the separator is chosen from
ARABIC = "\u0600-\u06ff"
CONTROL = re.compile("[\x00-\x08\x0e-\x1f]")
SAVE_AS = 'In Excel choose "Save As" and the type "CSV UTF-8", or send the workbook itself (.xlsx).'


def read_delimited(path: str, name: str, collector: Collector) -> None:
    """Collect the one sheet of a text file, named after the file. Line breaks inside a cell read as one newline."""
    with open(path, "rb") as file:
        text = decode(file.read()).replace("\r\n", "\n").replace("\r", "\n")
    _refuse_control_characters(text)
    lines = io.StringIO(text, newline="")
    named, skipped = _separator_line(text)
    if skipped:
        lines.readline()
    separator = named or _separator(text)
    cells = collector.sheet(PurePath(name).stem or "Sheet1", False)
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    line = skipped + 1
    widths: Counter[int] = Counter()
    over_lines: list[tuple[int, list[str]]] = []
    try:
        for record in reader:
            for column, value in enumerate(record, start=1):
                cells.put(line, column, _unwrapped(value) if value.startswith('="') else value)
            widths[len(record)] += 1
            following = skipped + reader.line_num + 1
            if following > line + 1:
                over_lines.append((line, record))
            line = following
    except csv.Error:
        raise _bad_quotes(line) from None
    _refuse_swallowed_lines(over_lines, separator, widths)
    collector.finish(cells)


def _unwrapped(value: str) -> str:
    """A text that was kept from becoming a number, ="007", without its wrapping."""
    return value[2:-1] if value.endswith('"') and '"' not in value[2:-1] else value


def _refuse_swallowed_lines(over_lines: list[tuple[int, list[str]]], separator: str, widths: Counter[int]) -> None:
    """Refuse a cell that goes over several lines and has as many separators in it as a record of the table: a stray
    quotation mark took the following records into it."""
    table = max(widths, key=lambda width: width * widths[width], default=0)
    for line, record in over_lines:
        if any("\n" in value and value.count(separator) >= max(table, len(record), 2) - 1 for value in record):
            raise _bad_quotes(line)


def _bad_quotes(line: int) -> LoadError:
    return LoadError(
        "bad_quotes",
        f'The text that begins in line {line} has a quotation mark (") that is not closed where its cell ends. '
        "Correct that line, or send the workbook itself (.xlsx).",
    )


def decode(content: bytes) -> str:
    """The text of a file, or LoadError where its encoding can't be told with certainty."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return _strict(content, encoding)
    if b"\0" in content:
        return _strict(content, _utf16(content))
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        if _mostly_utf8(content):
            raise _uncertain(content.count(b"\n", 0, error.start) + 1) from None
    return _code_page(content)


def _strict(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise _uncertain(content[: error.start].decode(encoding, "replace").count("\n") + 1) from None


def _utf16(content: bytes) -> str:
    """Which half of each pair of bytes is zero: separators, digits and line ends have it, in Urdu text too."""
    even, odd = content[::2].count(0), content[1::2].count(0)
    if min(even, odd) > max(even, odd) // 20 or max(even, odd) < len(content) // 50:
        raise LoadError("not_a_spreadsheet", f"This file is neither a workbook nor readable text. {SAVE_AS}")
    return "utf-16-le" if odd > even else "utf-16-be"


def _mostly_utf8(content: bytes) -> bool:
    """Whether the bytes are damaged UTF-8 rather than text of a code page."""
    text = content.decode("utf-8", "replace")
    damaged = text.count("\ufffd")
    return sum(1 for character in text if character > "\x7f") - damaged >= damaged


def _code_page(content: bytes) -> str:
    """Windows-1256 where it makes words of Arabic letters; other text only where 1256 and 1252 say the same."""
    arabic = content.decode("cp1256")
    if re.search(f"[{ARABIC}]{{2}}", arabic) and not re.search(f"[a-zA-Z][{ARABIC}]|[{ARABIC}][a-zA-Z]", arabic):
        return arabic
    if arabic == content.decode("cp1252", "replace"):
        return arabic
    line = next(number for number, part in enumerate(content.split(b"\n"), start=1) if not part.isascii())
    raise _uncertain(line)


def _uncertain(line: int) -> LoadError:
    return LoadError(
        "encoding",
        f"The letters of this text file can't be read with certainty (first in line {line}). {SAVE_AS}",
    )


def _refuse_control_characters(text: str) -> None:
    found = CONTROL.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        raise LoadError(
            "control_characters",
            f"Line {line} has a character that doesn't belong in text, so this file is damaged or no table. {SAVE_AS}",
        )


def _separator_line(text: str) -> tuple[str, int]:
    """Excel's own first line "sep=;" names the separator: (separator, 1 line to skip), otherwise ("", 0)."""
    match = re.match(f"sep=([{re.escape(SEPARATORS)}])\n", text)
    return (match[1], 1) if match else ("", 0)


def _separator(text: str) -> str:
    """The separator that gives most records the same number of cells; one that the first line has goes first."""

    def fitness(separator: str) -> tuple[bool, float]:
        widths = [len(record) for record in _sample(text, separator) if any(record)]
        if not widths:
            return (False, 0)
        width, times = Counter(widths).most_common(1)[0]
        return (widths[0] > 1 and width > 1, (width - 1) * times / len(widths))

    return max(SEPARATORS, key=fitness)


def _sample(text: str, separator: str) -> list[list[str]]:
    """The records at the start of the text, read without complaint; the last may be cut."""
    csv.field_size_limit(SAMPLE + 1)
    records = list(csv.reader(io.StringIO(text[:SAMPLE], newline=""), delimiter=separator))
    return records[:-1] if len(text) > SAMPLE else records
