"""What runs in the child process: bounds itself, reads one file, leaves its cells in the work folder.

Started as `python -I parse_child.py FOLDER`. The folder holds `file` (the bytes) and `job.json` (kind, name, limits).
Afterwards it holds `cells` (one Arrow stream for each sheet) or `problem.json` (kind, message).
Imports neither pandas nor DuckDB nor Streamlit, and starts in about 0.2 s.
"""

import gc
import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from math import ceil
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from loaders.limits import Limits
from loaders.problems import LoadError

CRASHED = (
    "unreadable",
    "This file can't be read as a spreadsheet: it is damaged, or made by a program that writes its own kind. Open it "
    "in Excel, save it as a new .xlsx file and send that.",
)
OUT_OF_MEMORY = (
    "too_large",
    "This file needs more memory than reading may use. Often a stray value far outside the table is the cause: press "
    "Ctrl+End in each sheet, delete what lies outside the table, save and send again.",
)


def main(folder: Path, work: Callable[[Path, dict[str, Any], Limits], None]) -> None:
    """Do the work on the file of the folder within the job's limits; whatever goes wrong is reported, never raised."""
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    limits = Limits(**job["limits"])
    bound(limits)
    gc.disable()  # a short life with millions of small objects and hardly a cycle among them
    try:
        work(folder, job, limits)
    except LoadError as error:
        report(folder, error.kind, error.message)
    except MemoryError:
        report(folder, *OUT_OF_MEMORY)
    except BaseException as error:  # whatever damage makes a reader stumble is the file's fault, never ours to show
        report(folder, *(OUT_OF_MEMORY if "memory" in str(error).lower() or is_full(error) else CRASHED))


def bound(limits: Limits) -> None:
    """Bound memory, processor time, written bytes and core dumps of this process, where the system can, and let those who look at pages go first."""
    try:
        import resource
    except ImportError:  # Windows: the parent's clock remains
        return
    with suppress(OSError):
        os.nice(10)
    seconds = ceil(limits.seconds)
    for what, most, utmost in (
        (resource.RLIMIT_AS, limits.memory, limits.memory),
        (resource.RLIMIT_CPU, seconds, seconds + 1),  # at the first it is told, by a signal of its own, what has ended it
        (resource.RLIMIT_FSIZE, limits.result, limits.result),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        hard = resource.getrlimit(what)[1]
        most, utmost = (bound if hard == resource.RLIM_INFINITY else min(bound, hard) for bound in (most, utmost))
        try:
            resource.setrlimit(what, (most, utmost))
        except (ValueError, OSError):  # a system that doesn't know this bound
            continue


def parse(folder: Path, job: dict[str, Any], limits: Limits) -> None:
    """Read `file` by its kind and write each sheet to `cells`; LoadError if no sheet has a value."""
    sys.modules.setdefault("numpy", None)  # pyarrow does without it, and starts in half the time
    import pyarrow as pa

    from loaders.cells import Collector

    with pa.OSFile(str(folder / "cells.part"), "wb") as out:

        def write(table: pa.Table) -> None:
            with pa.ipc.new_stream(out, table.schema) as stream:
                stream.write_table(table)

        collector = Collector(limits, write)
        read_any(str(folder / "file"), job["kind"], job["name"], collector)
    if not collector.rows:
        raise LoadError("empty", "This file has no filled cell in any sheet. Check that the right file was sent.")
    os.replace(folder / "cells.part", folder / "cells")


def read_any(path: str, kind: str, name: str, collector: "Collector") -> None:
    """Hand the file to its reader. Only that reader is imported."""
    from xml.parsers.expat import ExpatError
    from zipfile import BadZipFile
    from zlib import error as DeflateError

    try:
        if kind == "xlsx":
            from loaders.xlsx import read_xlsx

            read_xlsx(path, collector)
        elif kind == "ods":
            from loaders.ods import read_ods

            read_ods(path, collector)
        elif kind in ("xls", "xlsb"):
            from loaders.xls import read_xls

            read_xls(path, collector)
        else:
            from loaders.delimited import read_delimited

            read_delimited(path, name, collector)
    except (BadZipFile, DeflateError, EOFError, ExpatError):
        from loaders.archive import DAMAGED

        raise DAMAGED from None


def is_full(error: BaseException) -> bool:
    """Whether the cells passed the bound on written bytes."""
    import errno

    return isinstance(error, OSError) and error.errno == errno.EFBIG


def report(folder: Path, kind: str, message: str) -> None:
    (folder / "problem.json").write_text(json.dumps({"kind": kind, "message": message}), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), parse)
