"""Bytes of a spreadsheet → its sheets as cells, each row with the sheet's own number.

Reads .xlsx, .xlsm, .xls, .xlsb, .ods and text with separators. The content tells which it is, not the file's name.
A child process with bounded memory and time does the reading, so that no file can bring the program down.

Every value is text: "12", "12.5", "45%", "2026-06-12", "2026-06-12T10:30:00", "10:30:00", "true", "#REF!", or the text as it
is stored, with every line break as one newline. A formula is its saved result; one that was written by a program and never
calculated is "#NOT-CALCULATED!", except where that program wrote 0 as its result.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import asdict, dataclass
from pathlib import Path, PurePath

import pyarrow as pa

from loaders.archive import recognise
from loaders.limits import LIMITS, Limits
from loaders.parse_child import CRASHED, OUT_OF_MEMORY
from loaders.problems import LoadError

__all__ = ["LIMITS", "Limits", "LoadError", "Sheet", "read"]

CHILD = Path(__file__).with_name("parse_child.py")
KEPT = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LANG")  # of our environment, for the child
PLACES = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))  # children at a time; waiting is not counted as time


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
    try:
        with tempfile.TemporaryDirectory(prefix="sheet-", ignore_cleanup_errors=True) as folder, PLACES:
            return _read_in_child(Path(folder), kind=kind, name=name, content=content, limits=limits)
    except OSError as error:
        raise LoadError(
            "not_now",
            "The file could not be read just now, because this computer lacks room or processes. Try again in some "
            "minutes; if it stays so, tell the administrator.",
        ) from error


def _read_in_child(folder: Path, *, kind: str, name: str, content: bytes, limits: Limits) -> list[Sheet]:
    job = {"kind": kind, "name": PurePath(name.replace("\0", "")).name, "limits": asdict(limits)}
    (folder / "file").write_bytes(content)
    (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
    code = _run_child(folder, limits)
    problem = folder / "problem.json"
    if problem.exists():
        raise _problem(problem)
    if code != 0:
        raise _death(code, limits)
    return _sheets(folder / "cells", limits)


def _run_child(folder: Path, limits: Limits) -> int:
    """Run the child to its end and give its exit code; kill it when its time is over."""
    environment = {key: os.environ[key] for key in KEPT if key in os.environ}
    environment |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}
    try:
        return subprocess.run(
            [sys.executable, "-I", str(CHILD), str(folder)],
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=limits.seconds,
            check=False,
        ).returncode
    except subprocess.TimeoutExpired:
        raise _too_slow(limits) from None


def _too_slow(limits: Limits) -> LoadError:
    return LoadError(
        "timed_out",
        f"Reading this file took more than {limits.seconds:g} seconds and was stopped. Send only the sheets and "
        "columns that are asked for, or send it in parts, one for each division.",
    )


def _problem(path: Path) -> LoadError:
    """What the child reported. It read a stranger's file, so its word is taken only in the expected form."""
    try:
        found = json.loads(path.read_bytes()[:10_000])
        return LoadError(str(found["kind"]), str(found["message"]))
    except (ValueError, KeyError, TypeError):
        return LoadError(*CRASHED)


def _death(code: int, limits: Limits) -> LoadError:
    """A sentence for a child that ended without a word: stopped for its time, its memory, or by a crash."""
    if code == -getattr(signal, "SIGXCPU", 0):
        return _too_slow(limits)
    if code in (-signal.SIGABRT, -getattr(signal, "SIGKILL", 0), -getattr(signal, "SIGXFSZ", 0)):
        return LoadError(*OUT_OF_MEMORY)
    return LoadError(*CRASHED)


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
