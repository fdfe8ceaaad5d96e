"""An XML part with the place of each element in its bytes, so that what isn't changed is kept as it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from loaders.markup import UTF_8, open_parser

ATTRIBUTES = rb"""(?:[^<>"']++|"[^"]*+"|'[^']*+')*"""  # what stands in a tag behind its name
_ATTRIBUTE = re.compile(rb"""(\s+)([^\s=<>"'/]+)\s*=\s*("[^"]*"|'[^']*')""")
_TAG = re.compile(rb"<%b>" % ATTRIBUTES)
_NO_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_MOST_TEXT = 32_000  # characters in a cell or comment; a spreadsheet program keeps 32,767

Edit = tuple[int, int, bytes]  # from, to, what stands there instead


class CannotSplice(Exception):
    """The package has a form in which a change can't be made with certainty that all the rest stays as it is."""


@dataclass(slots=True)
class Element:
    """An element by its local name. Its tag is data[start:opened], what it holds data[opened:closing], its end data[closing:end];
    a self-closing one has opened == closing == end."""

    name: str
    prefix: str
    attributes: dict[str, str]
    start: int
    opened: int = 0
    closing: int = 0
    end: int = 0
    children: list["Element"] = field(default_factory=list)

    def all(self, name: str) -> Iterator["Element"]:
        """The children of that name."""
        return (child for child in self.children if child.name == name)

    def first(self, name: str) -> "Element | None":
        return next(self.all(name), None)

    def tree(self) -> Iterator["Element"]:
        """The element and all within it, in their order."""
        yield self
        for child in self.children:
            yield from child.tree()

    def get(self, name: str, default: str = "") -> str:
        """An attribute by its local name."""
        if name in self.attributes:
            return self.attributes[name]
        return next((value for key, value in self.attributes.items() if key.endswith(f":{name}")), default)


def outline(data: bytes) -> Element:
    """The outermost element of a part. CannotSplice if the part is in another encoding than UTF-8."""
    if not UTF_8.match(data):
        raise CannotSplice("encoding")
    above: list[Element] = []
    roots: list[Element] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        prefix, _, name = tag.rpartition(":")
        at = parser.CurrentByteIndex
        found = Element(name, prefix, attributes, at, _TAG.match(data, at).end())
        (above[-1].children if above else roots).append(found)
        above.append(found)

    def end(tag: str) -> None:
        found, at = above.pop(), parser.CurrentByteIndex
        is_empty = data[found.opened - 2 : found.opened] == b"/>"
        found.closing = found.opened if is_empty else at
        found.end = found.opened if is_empty else data.index(b">", at) + 1

    parser = open_parser(start=start, end=end)
    parser.Parse(data, True)
    # Parser and callbacks hold one another, and the child process that marks a file collects no such rings.
    parser.StartElementHandler = parser.EndElementHandler = None
    return roots[0]


def spliced(data: bytes, edits: Sequence[Edit]) -> bytes:
    """The bytes with these changes made, of which none lies over another. Several at one place follow in their order."""
    return b"".join(pieces(data, edits))


def pieces(data: bytes, edits: Sequence[Edit]) -> Iterator[bytes | memoryview]:
    """The same piece by piece, so that it needs no room of its own."""
    whole, at = memoryview(data), 0
    for start, end, new in sorted(edits, key=lambda edit: edit[:2]):
        yield whole[at:start]
        yield new
        at = end
    yield whole[at:]


def within(data: bytes, element: Element, new: bytes, *, at_start: bool = False) -> Edit:
    """The change that puts something into an element, behind what it holds or before it."""
    if element.opened == element.end:
        tag = data[element.start : element.opened]
        name = re.match(rb"<([^\s/>]+)", tag)[1]
        return element.start, element.end, tag[:-2].rstrip() + b">" + new + b"</" + name + b">"
    at = element.opened if at_start else element.closing
    return at, at, new


def with_attributes(tag: bytes, values: dict[str, str | None]) -> bytes:
    """A tag, or what stands in it behind its name, with these attributes; None takes one out. New ones stand behind the first, as
    spreadsheet programs have a cell's style behind its name, and our reader is quick with that."""
    rest = {name.encode(): value for name, value in values.items()}

    def replaced(match: re.Match[bytes]) -> bytes:
        if match[2] not in rest:
            return match[0]
        value = rest.pop(match[2])
        return b"" if value is None else b"%b%b=%b" % (match[1], match[2], _quoted(value))

    tag = _ATTRIBUTE.sub(replaced, tag)
    added = b"".join(b" %b=%b" % (name, _quoted(value)) for name, value in rest.items() if value is not None)
    first = _ATTRIBUTE.search(tag)
    end = first.end() if first else re.search(rb"\s*/?>?\Z", tag).start()
    return tag[:end] + added + tag[end:]


def attribute(tag: bytes, name: bytes) -> bytes | None:
    """The value of an attribute as it is written."""
    return next((value[1:-1] for _, key, value in _ATTRIBUTE.findall(tag) if key == name), None)


def written(text: str) -> bytes:
    """A text as it stands in an element or a quoted attribute of a workbook: what looks like an escaped character stays what it is."""
    return escaped(_LOOKS_ESCAPED.sub("_x005F_", writable(text)))


def writable(text: str) -> str:
    """As much of a text as a cell or comment can hold; what XML can't hold is shown as �, a line break is one newline."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _NO_XML.sub("\ufffd", text if len(text) <= _MOST_TEXT else text[:_MOST_TEXT] + "…")


def escaped(text: str) -> bytes:
    """A text as XML has it, in an element or in a quoted attribute."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;").encode()


def _quoted(value: str) -> bytes:
    return b'"%b"' % escaped(value)
