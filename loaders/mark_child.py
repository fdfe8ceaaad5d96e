"""What runs in the child process that marks a file: bounds itself, writes the marked workbook into the work folder.

Started as `python -I mark_child.py FOLDER`. The folder holds `file` (the bytes) and `job.json` (kind, name, limits, problems, header).
Afterwards it holds `marked` (the workbook) and, if it is the sent one with marks, `kept`; or `problem.json` (kind, message).
"""

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from loaders.limits import Limits
from loaders.parse_child import main, read_any
from loaders.problems import Problem


def mark(folder: Path, job: dict[str, Any], limits: Limits) -> None:
    """Write the marked workbook: the sent one with marks where that can be done, else a new one with the same cells."""
    from loaders.marks import NOT_KEPT
    from loaders.ods_marks import mark_open_document
    from loaders.outline import CannotSplice
    from loaders.splice import mark_workbook

    problems = [Problem(**found) for found in job["problems"]]
    marked = str(folder / "marked.part")
    try:
        if job["kind"] not in ("xlsx", "ods"):
            raise CannotSplice(job["kind"])
        mark_own = mark_workbook if job["kind"] == "xlsx" else mark_open_document
        mark_own(str(folder / "file"), marked, problems, job["header"], limits)
        (folder / "kept").touch()
    except CannotSplice:
        names = write_plain(folder, job, limits)
        problems = [replace(found, sheet=names.get(found.sheet, found.sheet)) for found in problems]
        header = {names.get(sheet, sheet): row for sheet, row in job["header"].items()}
        mark_workbook(str(folder / "plain"), marked, problems, header, limits, [NOT_KEPT])
    os.replace(marked, folder / "marked")


def write_plain(folder: Path, job: dict[str, Any], limits: Limits) -> dict[str, str]:
    """Write to `plain` a workbook with the sent one's cells as texts; its sheets' names by those that they had."""
    sys.modules.setdefault("numpy", None)  # pyarrow does without it, and starts in half the time
    from loaders.cells import Collector
    from loaders.plain import write_workbook

    tables = []
    read_any(str(folder / "file"), job["kind"], job["name"], Collector(limits, tables.append))
    return write_workbook(folder / "plain", tables)


if __name__ == "__main__":
    main(Path(sys.argv[1]), mark)
