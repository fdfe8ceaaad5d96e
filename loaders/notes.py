"""The comments of one worksheet: ours put on, those of an earlier return taken off, all others kept as they stand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape

from loaders.cells import column_number
from loaders.marks import AUTHOR, is_ours
from loaders.outline import CannotSplice, Edit, Element, outline, spliced, with_attributes, within, written
from loaders.package import Package
from loaders.sheet_xml import reference
from loaders.styles import MAIN

At = tuple[int, int]
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_DRAWING_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_NONE = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<comments xmlns="{MAIN}"><authors/><commentList/></comments>'.encode()
_JOINED = f"\n[{AUTHOR}] "  # stands before ours in a comment that somebody else wrote
_JOINED_TEXT = re.compile(rf"(?:\s|&#10;|_x000[AaDd]_)*\[{AUTHOR}\] .*".encode(), re.S)
_CELL = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")

# Of a drawing: the names by which its elements are known, the kind of a comment's box, and a box.
_NAMES = {"v": "urn:schemas-microsoft-com:vml", "o": "urn:schemas-microsoft-com:office:office", "x": "urn:schemas-microsoft-com:office:excel"}
_DRAWING = f"<xml {' '.join(f'xmlns:{prefix}={chr(34)}{name}{chr(34)}' for prefix, name in _NAMES.items())}></xml>".encode()
_SHAPE_KIND = (
    '<{v}:shapetype{names} id="_x0000_t202" coordsize="21600,21600" {o}:spt="202" path="m,l,21600r21600,l21600,xe"><{v}:stroke joinstyle="miter"/>'
    '<{v}:path gradientshapeok="t" {o}:connecttype="rect"/></{v}:shapetype>')
_BOX = (
    '<{v}:shape{names} id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;width:260pt;height:{height}pt;z-index:1;visibility:hidden" '
    'fillcolor="#ffffe1" {o}:insetmode="auto"><{v}:fill color2="#ffffe1"/><{v}:shadow on="t" color="black" obscured="t"/><{v}:path {o}:connecttype="none"/>'
    '<{v}:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></{v}:textbox><{x}:ClientData ObjectType="Note"><{x}:MoveWithCells/>'
    '<{x}:SizeWithCells/><{x}:Anchor>{anchor}</{x}:Anchor><{x}:AutoFill>False</{x}:AutoFill><{x}:Row>{row}</{x}:Row><{x}:Column>{column}</{x}:Column>'
    '</{x}:ClientData></{v}:shape>')
_SHAPE = re.compile(rb"<(\w+:shape)\s.*?</\1>\s*", re.S)
_PLACE = re.compile(rb"<(\w+):Row>\s*(\d+)\s*</\1:Row>\s*<\1:Column>\s*(\d+)\s*</\1:Column>")
_BLOCKS = re.compile(rb'<\w+:idmap\s[^<>]*?data="([0-9, ]+)"')
_IN_A_BLOCK = 1024  # numbers of shapes, which a drawing reserves by the block
_CHARACTERS, _MOST_LINES = 48, 24  # of a comment's box


def has_ours(package: Package, sheet: str) -> bool:
    """Whether the sheet's comments have one of ours."""
    part = package.related(sheet, "comments")
    return part is not None and package.has(part) and AUTHOR.encode() in package.read(part)


def put(package: Package, sheet: str, drawing: str | None, texts: Mapping[At, str]) -> str | None:
    """Give the sheet these comments of ours and no other of ours. `drawing` is the id by which the sheet refers to the boxes of
    its comments; the answer is the id that it has to refer to then, None if there is no comment."""
    part = package.related(sheet, "comments")
    if part is None and not texts:
        return drawing
    if part is None:
        part = package.add("xl/commentsChecks{}.xml", _NONE, _TYPE)
        package.relate(sheet, "comments", part)
    taken_off, added, others = _change_comments(package, part, texts)
    if drawing is None and not added and not others:
        return None
    if drawing is None:
        path = package.add("xl/drawings/vmlDrawingChecks{}.vml", _DRAWING, _DRAWING_TYPE)
        drawing, added = package.relate(sheet, "vmlDrawing", path), {**dict.fromkeys(others, ""), **added}
    else:
        _, path = package.targets(sheet).get(drawing, ("", ""))
        if not package.has(path):
            raise CannotSplice("drawing of comments")
    package.change(path, _with_boxes(package, package.read(path), taken_off, added))
    return drawing


def _change_comments(package: Package, part: str, texts: Mapping[At, str]) -> tuple[set[At], dict[At, str], list[At]]:
    """Change the part of the comments: which of ours were taken off, which put on, and where others stand."""
    data = package.read(part)
    root = outline(data)
    authors, listed = root.first("authors"), root.first("commentList")
    if authors is None or listed is None or root.get("xmlns" + (f":{root.prefix}" if root.prefix else "")) != MAIN:
        raise CannotSplice("comments")
    names = [unescape(data[one.opened : one.closing].decode()) for one in authors.children]
    p = f"{root.prefix}:".encode() if root.prefix else b""
    edits: list[Edit] = []
    taken_off, others = set(), []
    for comment in listed.all("comment"):
        at = _place(comment)
        author = int(comment.get("authorId", "0") or 0)
        if (author < len(names) and names[author] == AUTHOR) or is_ours(_text(data, comment)):
            edits.append((comment.start, comment.end, b""))
            taken_off.add(at)
        else:
            others.append(at)
            edits += _joined(data, comment, texts.get(at), p)
    added = {at: text for at, text in sorted(texts.items()) if at not in set(others)}
    if added and AUTHOR not in names:
        edits.append(within(data, authors, b"<%bauthor>%b</%bauthor>" % (p, AUTHOR.encode(), p)))
        names.append(AUTHOR)
    new = b"".join(
        b'<%bcomment ref="%b" authorId="%d"><%btext><%bt xml:space="preserve">%b</%bt></%btext></%bcomment>'
        % (p, reference(*at).encode(), names.index(AUTHOR), p, p, written(text), p, p, p) for at, text in added.items())
    package.change(part, spliced(data, [*edits, within(data, listed, new)]))
    return taken_off, added, others


def _place(comment: Element) -> At:
    found = _CELL.fullmatch(comment.get("ref"))
    if not found:
        raise CannotSplice("a comment without a cell")
    return int(found[2]), column_number(found[1])


def _texts_of(comment: Element) -> list[Element]:
    text = comment.first("text")
    runs = [text, *text.all("r")] if text else []
    return [one for run in runs for one in run.all("t")]


def _text(data: bytes, comment: Element) -> str:
    return unescape(b"".join(data[one.opened : one.closing] for one in _texts_of(comment)).decode())


def _joined(data: bytes, comment: Element, text: str | None, p: bytes) -> list[Edit]:
    """Take what was joined to somebody else's comment off it, and join the new to its end."""
    pieces = _texts_of(comment)
    new = b"" if text is None else written(_JOINED + text)
    if not pieces:
        inside = comment.first("text")
        if not new or inside is None:
            return []
        return [within(data, inside, b'<%bt xml:space="preserve">%b</%bt>' % (p, new, p))]
    edits = []
    for one in pieces:
        before = data[one.opened : one.closing]
        after = _JOINED_TEXT.sub(b"", before) + (new if one is pieces[-1] else b"")
        if after != before:
            tag = with_attributes(data[one.start : one.opened].replace(b"/>", b">"), {"xml:space": "preserve"})
            name = re.match(rb"<([^\s/>]+)", tag)[1]
            edits.append((one.start, one.end, tag + after + b"</" + name + b">"))
    return edits


def _with_boxes(package: Package, data: bytes, taken_off: set[At], added: Mapping[At, str]) -> bytes:
    """The drawing with a box for each new comment and without those of the comments taken off."""
    end = data.rfind(b"</xml>")
    begin = re.search(rb"<xml[^>]*>", data)
    if end < 0 or begin is None:
        raise CannotSplice("drawing of comments")
    prefixes = _prefixes(begin[0])

    def kept(shape: re.Match[bytes]) -> bytes:
        place = _PLACE.search(shape[0])
        return b"" if place and (int(place[2]) + 1, int(place[3]) + 1) in taken_off else shape[0]

    data = _SHAPE.sub(kept, data[:end])
    if not added:
        return data + b"</xml>"
    first = 1 + max((int(number) for block in _all_blocks(package, data) for number in block.split(b",")), default=0)
    blocks = ",".join(str(number) for number in range(first, first + 1 + len(added) // _IN_A_BLOCK))
    kind = "" if b'"_x0000_t202"' in data else _SHAPE_KIND.format(**prefixes)
    boxes = (_box(first * _IN_A_BLOCK + number, at, text, prefixes) for number, (at, text) in enumerate(added.items(), 1))
    return b"".join((_reserved(data, blocks, prefixes), "".join((kind, *boxes)).encode(), b"</xml>"))


def _prefixes(begin: bytes) -> dict[str, str]:
    """The prefixes that are declared where a drawing begins. A program may declare them on each element instead: then the new ones do, too."""
    declared = {usual: re.search(rf'xmlns:(\w+)=["\']{re.escape(name)}["\']'.encode(), begin) for usual, name in _NAMES.items()}
    if all(declared.values()):
        return {usual: found[1].decode() for usual, found in declared.items()} | {"names": ""}
    return {usual: usual for usual in _NAMES} | {"names": "".join(f' xmlns:{usual}="{name}"' for usual, name in _NAMES.items())}


def _all_blocks(package: Package, data: bytes) -> list[bytes]:
    drawings = [package.read(name) for name in package.names() if name.lower().endswith(".vml")]
    return [block for drawing in (*drawings, data) for block in _BLOCKS.findall(drawing)]


def _reserved(data: bytes, blocks: str, prefixes: Mapping[str, str]) -> bytes:
    """The drawing with these blocks of numbers reserved."""
    found = _BLOCKS.search(data)
    if found:
        return data[: found.end(1)] + f",{blocks}".encode() + data[found.end(1) :]
    at = data.index(b">", data.index(b"<xml")) + 1
    layout = '<{o}:shapelayout{names} {v}:ext="edit"><{o}:idmap {v}:ext="edit" data="{blocks}"/></{o}:shapelayout>'
    return data[:at] + layout.format(blocks=blocks, **prefixes).encode() + data[at:]


def _box(number: int, at: At, text: str, prefixes: Mapping[str, str]) -> str:
    """The box of a comment, right of its cell and high enough for what it says."""
    row, column = at[0] - 1, at[1] - 1
    lines = min(_MOST_LINES, 1 + sum(1 + len(line) // _CHARACTERS for line in text.split("\n")))
    anchor = f"{column + 1}, 15, {row}, 2, {column + 5}, 31, {row + lines}, 4"
    return _BOX.format(number=number, height=13 * lines, anchor=anchor, row=row, column=column, **prefixes)
