"""The styles of an .xlsx workbook, with those added that a mark needs: a cell keeps its own but for the tint."""

from __future__ import annotations

import re

from loaders.outline import CannotSplice, Element, outline, spliced, with_attributes, within

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RED, AMBER = "FFF9C6C1", "FFFFE5A1"  # of what must be corrected and of what should be looked at
_NO_COLOUR = b' indexed="64"'
_MOST = 64_000  # styles that a workbook may have
BARE = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<styleSheet xmlns="{MAIN}">'
    '<fonts count="1"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
).encode()


class Styles:
    """Styles by their number, as cells refer to them. What is asked for and isn't there is added; `data` is the part with it.

    The colour that a cell had before is kept in its tint, where it isn't shown, so that it can be given back.
    """

    def __init__(self, data: bytes) -> None:
        self._data, root = data, outline(data)
        sections = [root.first(name) for name in ("fonts", "fills", "cellXfs")]
        if root.get("xmlns" + (f":{root.prefix}" if root.prefix else "")) != MAIN or not all(sections) or not sections[2].children:
            raise CannotSplice("styles")
        self._prefix = f"{root.prefix}:".encode() if root.prefix else b""
        self._sections: dict[str, tuple[Element, list[bytes]]] = {}
        for section in sections:
            self._sections[section.name] = section, [data[one.start : one.end] for one in section.children]
        self._colours = [self._colour(fill) for fill in sections[1].children]
        self._tints = {number for number, fill in enumerate(sections[1].children) if self._is_tint(fill)}
        self._known: dict[tuple[int, bool | None], int] = {}
        self.tinted = {number for number in range(len(sections[2].children)) if self._fill_of(number) in self._tints}

    def tint(self, style: int, blocks: bool) -> int:
        """The style that is like this one, tinted."""
        if (style, blocks) not in self._known:
            tint = self._fill(RED if blocks else AMBER, self._colours[self._fill_of(style)])
            self._known[style, blocks] = self._with_fill(style, tint)
        return self._known[style, blocks]

    def clear(self, style: int) -> int:
        """The style that a tinted one was made of; any other is itself."""
        if style not in self.tinted:
            return style
        if (style, None) not in self._known:
            colour = self._colours[self._fill_of(style)]
            self._known[style, None] = self._like(self._with_fill(style, 0 if colour == _NO_COLOUR else self._plain_fill(colour)))
        return self._known[style, None]

    def add(self, *, bold: bool = False, link: bool = False, colour: str = "", wrap: bool = False, quoted: bool = False) -> int:
        """A style for what is added. `colour` is that of the cell; `quoted` keeps a text a text when it is edited."""
        p = self._prefix.decode()
        number = 0
        if bold or link:
            look, ink = (f"<{p}b/>", "") if bold else (f"<{p}u/>", f'<{p}color rgb="FF0563C1"/>')
            number = self._put("fonts", f'<{p}font>{look}<{p}sz val="11"/>{ink}<{p}name val="Calibri"/><{p}family val="2"/></{p}font>'.encode())
        fill = self._fill(colour, _NO_COLOUR) if colour else 0
        return self._put("cellXfs", (
            f'<{p}xf numFmtId="0" fontId="{number}" fillId="{fill}" borderId="0" xfId="0" quotePrefix="{int(quoted)}" applyFont="1" applyFill="1" '
            f'applyAlignment="1"><{p}alignment vertical="top" wrapText="{int(wrap)}"/></{p}xf>').encode())

    @property
    def data(self) -> bytes:
        edits = []
        for section, entries in self._sections.values():
            added = b"".join(entries[len(section.children):])
            counted = with_attributes(self._data[section.start : section.opened], {"count": str(len(entries))})
            edits += [(section.start, section.opened, counted), within(self._data, section, added)]
        return spliced(self._data, edits)

    def _with_fill(self, style: int, fill: int) -> int:
        xf = self._sections["cellXfs"][1][self._in_range(style)]
        end = xf.index(b">") + 1
        return self._put("cellXfs", with_attributes(xf[:end], {"fillId": str(fill), "applyFill": "1"}) + xf[end:])

    def _like(self, style: int) -> int:
        """The first style that looks the same as this one."""
        return [_look(xf) for xf in self._sections["cellXfs"][1]].index(_look(self._sections["cellXfs"][1][style]))

    def _fill_of(self, style: int) -> int:
        found = re.search(rb'\bfillId\s*=\s*["\'](\d+)', self._sections["cellXfs"][1][self._in_range(style)])
        number = int(found[1]) if found else 0
        return number if number < len(self._colours) else 0

    def _in_range(self, style: int) -> int:
        return style if style < len(self._sections["cellXfs"][1]) else 0

    def _fill(self, colour: str, before: bytes) -> int:
        return self._put_fill(b' rgb="%b"' % colour.encode(), before, is_tint=True)

    def _plain_fill(self, colour: bytes) -> int:
        return self._put_fill(colour, _NO_COLOUR, is_tint=False)

    def _put_fill(self, shown: bytes, behind: bytes, *, is_tint: bool) -> int:
        p = self._prefix
        fill = b'<%bfill><%bpatternFill patternType="solid"><%bfgColor%b/><%bbgColor%b/></%bpatternFill></%bfill>' % (p, p, p, shown, p, behind, p, p)
        number = self._put("fills", fill)
        if number == len(self._colours):
            self._colours.append(behind if is_tint else shown)
        if is_tint:
            self._tints.add(number)
        return number

    def _put(self, section: str, entry: bytes) -> int:
        """The number of an entry, which is added unless it is there already."""
        entries = self._sections[section][1]
        if entry in entries:
            return entries.index(entry)
        if len(entries) >= _MOST:
            raise CannotSplice("too many styles")
        entries.append(entry)
        return len(entries) - 1

    def _colour(self, fill: Element) -> bytes:
        """The attributes of the colour that a fill shows, or of a tint the one that was there before."""
        pattern = fill.first("patternFill")
        colour = pattern and pattern.get("patternType") == "solid" and pattern.first("bgColor" if self._is_tint(fill) else "fgColor")
        if not colour:
            return _NO_COLOUR
        found = self._data[colour.start : colour.opened]
        return re.sub(rb"^<[^\s/>]+|\s*/?>$", b"", found)

    @staticmethod
    def _is_tint(fill: Element) -> bool:
        pattern = fill.first("patternFill")
        shown = pattern and pattern.first("fgColor")
        return shown is not None and shown.get("rgb").upper() in (RED, AMBER)


def _look(xf: bytes) -> bytes:
    """A style without the word of whether its fill counts, which programs leave out at will."""
    return with_attributes(xf[: xf.index(b">") + 1], {"applyFill": None}) + xf[xf.index(b">") + 1 :]
