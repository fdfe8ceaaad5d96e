"""The XML parts of a workbook, read as a stream and without ever following an entity."""

import re
from collections.abc import Callable, Iterator
from typing import IO
from xml.parsers import expat

from loaders.problems import LoadError

HEAD = 1 << 20  # bytes in which a part has to come to its repeated elements
PIECE = 1 << 18
UTF_8 = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml(?:(?!encoding)[^<>])*(?:encoding=[\"']utf-8[\"'][^<>]*)?>|<[^?])", re.I
)


def parse(
    part: IO[bytes],
    *,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
    namespaces: bool = False,
) -> None:
    """Call back for each tag and text of one XML part.

    With `namespaces` a name arrives as "uri name", otherwise as it is written. A part that declares a document
    type is refused: no spreadsheet program writes one, and entities are the way to blow up a reader.
    """
    open_parser(start=start, end=end, text=text, namespaces=namespaces).ParseFile(part)


def open_parser(
    *,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
    namespaces: bool = False,
) -> expat.XMLParserType:
    """The parser behind `parse`, for who feeds it piece by piece."""
    parser = expat.ParserCreate(namespace_separator=" " if namespaces else None)
    parser.buffer_text = True
    parser.buffer_size = 65536
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse
    return parser


def parse_repeating(
    part: IO[bytes], parser: expat.XMLParserType, *, outer: bytes, inner: bytes, plain: Callable[[str], Iterator[str]]
) -> None:
    """Parse a part that is mostly one repeated element, `inner` within `outer` ("row" within "sheetData").

    Whole elements are offered to `plain` first, as text. It takes those of the usual form, which the parser, some times
    slower, never sees, and gives back each piece of another form at its turn for the parser.
    """
    start, last = re.compile(rb"<%b(?: [^<>]*)?>" % outer), b"</%b>" % inner
    rest = part.read(HEAD)
    match = start.search(rest)
    usual = match is not None and b"<!" not in rest[: match.end()] and UTF_8.match(rest) is not None
    if match is not None:
        parser.Parse(rest[: match.end()])
        rest = rest[match.end() :]
    while True:
        cut = rest.rfind(last) + len(last)
        if cut >= len(last):
            whole, rest = rest[:cut], rest[cut:]
            usual = usual and not _may_hide(whole)
            if usual:
                for unusual in plain(whole.decode("utf-8")):
                    parser.Parse(unusual)
            else:
                parser.Parse(whole)
        elif len(rest) > HEAD:
            parser.Parse(rest)
            rest, usual = b"", False
        piece = part.read(PIECE)
        if not piece:
            break
        rest += piece
    parser.Parse(rest, True)


def _may_hide(elements: bytes) -> bool:
    """Whether there is a comment or an instruction, which could hide the end of an element. To look for the one rare sign
    first takes a fiftieth of looking for both."""
    return any(sign in elements and b"<" + sign in elements for sign in (b"!", b"?"))


def _refuse(*declaration: object) -> None:
    raise LoadError(
        "unsafe",
        "This file holds instructions that no spreadsheet needs (a document type), so it was not opened. "
        "Open it in Excel, save it as a new .xlsx file and send that.",
    )
