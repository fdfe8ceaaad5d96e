"""An .xlsx file as its parts: read by their relationships, changed or added to, and written with all others as they are."""

from __future__ import annotations

import posixpath
import shutil
from collections.abc import Callable
from typing import IO
from urllib.parse import unquote
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from loaders.outline import CannotSplice, outline, spliced, within, written

RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "[Content_Types].xml"
_REVISIONS = "xl/revisions/"  # the log of a shared workbook, which has to know of every sheet
_NO_RELATIONS = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"/>')
_LEVEL = 4  # of packing: half the time of the usual 6 for a file that is a tenth larger
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)


class Package:
    """`archive` with changes. A part is known by its path in the archive; small ones are changed as bytes, large ones written
    piece by piece when all is written, and after them those whose content only then is known."""

    def __init__(self, archive: ZipFile) -> None:
        self.archive = archive
        self._names = {name.casefold() for name in archive.namelist()}
        self._changed: dict[str, bytes] = {}
        self._streamed: dict[str, Callable[[IO[bytes]], None]] = {}
        self._late: dict[str, Callable[[], bytes]] = {}
        self._removed: set[str] = set()
        if not self.has(_TYPES):
            raise CannotSplice("no content types")
        if any(name.casefold().startswith(_REVISIONS) for name in self._names):
            raise CannotSplice("a log of changes")

    def has(self, name: str) -> bool:
        return name in self._changed or (name in self.archive.NameToInfo and name not in self._removed)

    def names(self) -> list[str]:
        return [name for name in {**self.archive.NameToInfo, **self._changed} if self.has(name)]

    def read(self, name: str) -> bytes:
        return self._changed[name] if name in self._changed else self.archive.read(name)

    def change(self, name: str, content: bytes) -> None:
        self._removed.discard(name)
        self._changed[name] = content

    def stream(self, name: str, write: Callable[[IO[bytes]], None]) -> None:
        self._streamed[name] = write

    def finish_with(self, name: str, content: Callable[[], bytes]) -> None:
        self._late[name] = content

    def remove_relations(self, source: str) -> None:
        self._removed.add(_relations_of(source))
        self._changed.pop(_relations_of(source), None)

    def targets(self, source: str) -> dict[str, tuple[str, str]]:
        """What a part refers to: id → (last word of the kind, path of the part)."""
        path = _relations_of(source)
        if not self.has(path):
            return {}
        return {
            one.get("Id"): (one.get("Type").rpartition("/")[2], _path(source, one.get("Target")))
            for one in outline(self.read(path)).all("Relationship") if one.get("TargetMode") != "External"}

    def related(self, source: str, kind: str) -> str | None:
        """The first part of that kind that a part refers to."""
        return next((target for found, target in self.targets(source).values() if found == kind), None)

    def relate(self, source: str, kind: str, target: str) -> str:
        """Let a part refer to another; the id of the relationship."""
        path = _relations_of(source)
        data = self.read(path) if self.has(path) else _NO_RELATIONS
        root = outline(data)
        taken = {one.get("Id") for one in root.children}
        new = next(name for number in range(1, len(taken) + 2) if (name := f"rIdChecks{number}") not in taken)
        p = f"{root.prefix}:" if root.prefix else ""
        entry = b'<%bRelationship Id="%b" Type="%b/%b" Target="/%b"/>' % (p.encode(), new.encode(), RELATIONS.encode(), kind.encode(), written(target))
        self.change(path, spliced(data, [within(data, root, entry)]))
        return new

    def add(self, name: str, content: bytes, content_type: str) -> str:
        """Add a part, under that name with the first free number in place of {}, none if possible; its path."""
        path = next(path for number in range(len(self._names) + 1) if (path := name.format(number or "")).casefold() not in self._names)
        self._names.add(path.casefold())
        self.change(path, content)
        data = self.read(_TYPES)
        root = outline(data)
        p = f"{root.prefix}:" if root.prefix else ""
        entry = f'<{p}Override PartName="/{path}" ContentType="{content_type}"/>'.encode()
        self.change(_TYPES, spliced(data, [within(data, root, entry)]))
        return path

    def write(self, path: str) -> None:
        with ZipFile(path, "w", ZIP_DEFLATED, compresslevel=_LEVEL) as out:
            for info in self.archive.infolist():
                name = info.filename
                if name in self._changed:
                    out.writestr(like(info), self._changed[name])
                elif name not in self._removed and name not in self._streamed and name not in self._late:
                    with self.archive.open(info) as part, out.open(like(info), "w") as copy:
                        shutil.copyfileobj(part, copy, 1 << 20)
            for name in self._changed.keys() - self.archive.NameToInfo.keys():
                out.writestr(_new(name), self._changed[name])
            for name, write in self._streamed.items():
                with out.open(name, "w") as part:
                    write(part)
            for name, content in self._late.items():
                out.writestr(_new(name), content())


def _relations_of(source: str) -> str:
    folder, file = posixpath.split(source)
    return posixpath.join(folder, "_rels", f"{file}.rels")


def _path(source: str, target: str) -> str:
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(source), unquote(target))).lstrip("/")


def like(info: ZipInfo) -> ZipInfo:
    """The entry of an archive for the same part in another one: same name, day and packing."""
    copy = ZipInfo(info.filename, info.date_time)
    copy.compress_type, copy.external_attr, copy.file_size = info.compress_type, info.external_attr, info.file_size
    return copy


def _new(name: str) -> ZipInfo:
    info = ZipInfo(name, _FIRST_DAY)
    info.compress_type = ZIP_DEFLATED
    return info
