"""The sender's own workbook back: its problem cells tinted and commented on, a column of reasons, and a list of all problems.

An .xlsx, .xlsm or .ods file comes back as it was but for that; formats, charts, macros and other sheets are the sender's own bytes.
The kinds that can't be written come back as a new workbook with the same cells as texts. What was put in is passed over when the file
is sent again, and replaced when it is marked again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from loaders.archive import recognise
from loaders.child import in_child
from loaders.limits import LIMITS, Limits
from loaders.marks import marked_name
from loaders.parse_child import CRASHED
from loaders.problems import LoadError, Problem

CHILD = Path(__file__).with_name("mark_child.py")
_TIMES_READING = 3  # a file whose kind can't be written is read, written anew and marked
_NEW = ("xlsx",)
_OWN_ENDINGS: Mapping[str, tuple[str, ...]] = MappingProxyType({"xlsx": ("xlsx", "xlsm", "xltx", "xltm"), "ods": ("ods", "ots")})
_NO_HEADERS: Mapping[str, int] = MappingProxyType({})


def marked(
    name: str, content: bytes, problems: Sequence[Problem], *, header: Mapping[str, int] = _NO_HEADERS, limits: Limits = LIMITS,
) -> tuple[str, bytes]:
    """The name and the bytes of the marked workbook. `header` is the row of the headings in a sheet, by the sheet's name.

    Raises LoadError, and nothing else whatever the bytes are, for a file that can't be read.
    """
    kind = recognise(name, content, limits)
    job = {"kind": kind, "header": dict(header), "problems": [vars(found) for found in problems]}
    bounds = replace(limits, seconds=_TIMES_READING * limits.seconds, patience=_TIMES_READING * limits.patience)
    is_kept, book = in_child(CHILD, job, name=name, content=content, limits=bounds, found=lambda folder: _result(folder, limits))
    return marked_name(name, _OWN_ENDINGS[kind] if is_kept else _NEW), book


def _result(folder: Path, limits: Limits) -> tuple[bool, bytes]:
    book = folder / "marked"
    if not book.exists() or book.stat().st_size > limits.result:
        raise LoadError(*CRASHED)
    return (folder / "kept").exists(), book.read_bytes()
