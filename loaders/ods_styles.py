"""The automatic styles of an .ods file's content, with those added that a mark needs: a cell keeps its own but for the tint."""

from __future__ import annotations

import re
from collections.abc import Callable

from loaders.outline import ATTRIBUTES, Edit, Element, escaped, outline, spliced, with_attributes, within
from loaders.styles import AMBER, RED

_SECTION = re.compile(rb"<office:automatic-styles(?=[\s/>])%b>" % ATTRIBUTES)
_SECTION_END = b"</office:automatic-styles>"
_BODY = re.compile(rb"<office:body(?=[\s/>])")
_COLOUR = "fo:background-color"
_COLOURS = {True: f"#{RED[2:].lower()}", False: f"#{AMBER[2:].lower()}"}
_LEADS = {True: "Checks-r", False: "Checks-a"}
_TINT = re.compile(r"Checks-[ra]\d*-(.*)", re.S)  # ours, with the name of the style that it was made of


class OdsStyles:
    """Styles by their names, "" for a cell that names none. What is asked for and isn't there is added; `edit` is the change.

    A tint's name tells the style that it was made of. A program that saves the file gives it another name; then the tint is known by
    its colour, and taking it off leaves the cell without one. `was_marked` says whether there may be such tints.
    """

    def __init__(self, data: bytes, *, was_marked: bool) -> None:
        found = _SECTION.search(data)
        self._start = found.start() if found else _BODY.search(data).start()
        self._end = self._start
        if found:
            self._end = found.end() if found[0].endswith(b"/>") else data.index(_SECTION_END, found.end()) + len(_SECTION_END)
        self._section = data[self._start : self._end] or b"<office:automatic-styles/>"
        root = outline(self._section)
        self._cells = {one.get("style:name"): self._section[one.start : one.end] for one in root.all("style") if one.get("style:family") == "table-cell"}
        self._taken = {one.get("style:name"): self._section[one.start : one.end] for one in root.children}
        self._added: list[bytes] = []
        self._known: dict[tuple[str, bool | None], str] = {}
        self.tinted = {name for name, style in self._cells.items() if _TINT.fullmatch(name) or (was_marked and _colour(style) in _COLOURS.values())}

    def tint(self, style: str, *, blocks: bool) -> str:
        """The style that is like this one, tinted."""
        key = style, blocks
        if key not in self._known:
            plain = self.clear(style)
            self._known[key] = self._put_cell(_LEADS[blocks], f"-{plain}", _with_colour(self._written(plain), _COLOURS[blocks]))
        return self._known[key]

    def clear(self, style: str) -> str:
        """The style that a tinted one was made of; any other is itself."""
        if style not in self.tinted:
            return style
        if (style, None) not in self._known:
            self._known[style, None] = self._cleared(style)
        return self._known[style, None]

    def add(self, name: str, family: str, properties: str) -> str:
        """A style for what is added."""
        new = f'<style:style style:name="" style:family="{family}">{properties}</style:style>'.encode()
        return self._put(f"Checks-{name}", "", lambda free: _named(new, free))

    @property
    def edit(self) -> Edit:
        root = outline(self._section)
        return self._start, self._end, spliced(self._section, [within(self._section, root, b"".join(self._added))])

    def _cleared(self, style: str) -> str:
        written, ours = self._cells[style], _TINT.fullmatch(style)
        if ours and (not ours[1] or ours[1] in self._cells or _element(written).get("style:parent-style-name") == ours[1]):
            return ours[1]
        plain = _without_colour(written)
        same = (name for name, other in self._cells.items() if name not in self.tinted and _named(other, "") == _named(plain, ""))
        return next(same, None) or self._put_cell("Checks-c", "", plain)

    def _written(self, style: str) -> bytes:
        if style in self._cells:
            return self._cells[style]
        parent = b' style:parent-style-name="%b"' % escaped(style) if style else b""
        return b'<style:style style:name="" style:family="table-cell"%b/>' % parent

    def _put_cell(self, lead: str, rest: str, style: bytes) -> str:
        name = self._put(lead, rest, lambda free: _named(style, free))
        self._cells[name] = self._taken[name]
        return name

    def _put(self, lead: str, rest: str, written: Callable[[str], bytes]) -> str:
        """The name of a style, which is added unless it is there already."""
        number = 1
        while True:
            name = f"{lead}{number if number > 1 else ''}{rest}"
            if name not in self._taken:
                self._taken[name] = written(name)
                self._added.append(self._taken[name])
                return name
            if self._taken[name] == written(name):
                return name
            number += 1


def _element(style: bytes) -> Element:
    return outline(style)


def _named(style: bytes, name: str) -> bytes:
    opened = _element(style).opened
    return with_attributes(style[:opened], {"style:name": name}) + style[opened:]


def _colour(style: bytes) -> str:
    properties = _element(style).first("table-cell-properties")
    return properties.get(_COLOUR).lower() if properties else ""


def _with_colour(style: bytes, colour: str) -> bytes:
    """The style with this colour behind the text, and nothing over it."""
    whole = _element(style)
    properties = whole.first("table-cell-properties")
    if properties is None:
        new = b'<style:table-cell-properties fo:background-color="%b"/>' % colour.encode()
        return spliced(style, [within(style, whole, new, at_start=True)])
    over = [(one.start, one.end, b"") for one in properties.children if "background" in one.name]
    return spliced(style, [(properties.start, properties.opened, with_attributes(style[properties.start : properties.opened], {_COLOUR: colour})), *over])


def _without_colour(style: bytes) -> bytes:
    properties = _element(style).first("table-cell-properties")
    if properties is None:
        return style
    return spliced(style, [(properties.start, properties.opened, with_attributes(style[properties.start : properties.opened], {_COLOUR: None}))])
