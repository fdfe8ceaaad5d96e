"""Bytes of a spreadsheet → its sheets as cells, each row with the sheet's own number.

Reads .xlsx, .xlsm, .xls, .xlsb, .ods and text with separators. The content tells which it is, not the file's name.
A child process with bounded memory and time does the reading, so that no file can bring the program down.

Every value is text: "12", "12.5", "45%", "2026-06-12", "2026-06-12T10:30:00", "10:30:00", "true", "#REF!", or the text as it
is stored, with every line break as one newline. A formula is its saved result; one that was written by a program and never
calculated is "#NOT-CALCULATED!", except where that program wrote 0 as its result.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from loaders.archive import recognise
from loaders.child import in_child
from loaders.limits import LIMITS, Limits
from loaders.parse_child import CRASHED
from loaders.problems import LoadError

__all__ = ["LIMITS", "Limits", "LoadError", "Sheet", "read"]

CHILD = Path(__file__).with_name("parse_child.py")


@dataclass(frozen=True)
class Sheet:
    """One sheet. `cells` has "row" (int32, the sheet's own number, from 1) and a string column for each column that
    holds a value, named by its letters; null is an empty cell. Blank rows and blank columns are left out.

    `hidden_rows` are (first, last), as far as the file's kind tells them; `merged` are the areas that one cell takes up,
    (top, left, bottom, right) in numbers from 1. A merged cell has its value in its first place only."""

    name: str
    hidden: bool
    cells: pa.Table
    hidden_rows: tuple[tuple[int, int], ...] = ()
    merged: tuple[tuple[int, int, int, int], ...] = ()


def read(name: str, content: bytes, limits: Limits = LIMITS) -> list[Sheet]:
    """All worksheets of a file in their order, hidden ones and those without a value included.

    Raises LoadError, and nothing else whatever the bytes are: the file is no spreadsheet, protected, damaged, unsafe,
    larger than `limits`, or holds no value at all.
    """
    kind = recognise(name, content, limits)
    return in_child(CHILD, {"kind": kind}, name=name, content=content, limits=limits, found=lambda folder: _sheets(folder / "cells", limits))


def _sheets(path: Path, limits: Limits) -> list[Sheet]:
    """The sheets that the child wrote one after another, each checked to be what it should be."""
    if not path.exists() or path.stat().st_size > limits.result:
        raise LoadError(*CRASHED)
    source = pa.BufferReader(path.read_bytes())
    sheets = []
    try:
        while source.tell() < source.size():
            table = pa.ipc.open_stream(source).read_all()
            table.validate(full=True)
            sheets.append(_sheet(table))
    except (pa.ArrowException, KeyError, ValueError, TypeError, OSError):
        raise LoadError(*CRASHED) from None
    return sheets


def _sheet(table: pa.Table) -> Sheet:
    metadata = table.schema.metadata
    first, *others = table.schema.types
    if table.schema.names[0] != "row" or first != pa.int32() or any(other != pa.string() for other in others):
        raise KeyError("row")
    return Sheet(
        name=metadata[b"name"].decode(),
        hidden=metadata[b"hidden"] == b"true",
        cells=table.replace_schema_metadata(None),
        hidden_rows=tuple((int(first), int(last)) for first, last in json.loads(metadata[b"hidden_rows"])),
        merged=tuple((int(top), int(left), int(bottom), int(right)) for top, left, bottom, right in json.loads(metadata[b"merged"])),
    )
