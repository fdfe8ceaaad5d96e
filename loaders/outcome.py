"""What became of a file that was handed in, and figures, in plain values: what the command line prints and programs are answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import pandas as pd

from data import readiness
from data.database import StoreError
from data.readiness import Level
from data.scope import Scope
from data.store import Store
from loaders.answers import Answers
from loaders.problems import LoadError
from loaders.submissions import Overtaken, Progress, Staged, reference
from loaders.workbook import commit_all, stage_all

STATES = ("good", "loaded", "held", "refused", "unreadable")
_NONE = {"sheet": None, "state": "unreadable", "submission": None, "reference": None, "replaced_by": [], "domain": None, "as_of": None,
         "header_row": None, "districts": 0, "rows": 0, "sha256": None, "problems": [], "error": None}


def hand_in(
    store: Store, name: str, content: bytes, *, sender: str, answers: Answers = Answers(), may_submit: Scope | None = None, by: str = "", stores: bool,
    progress: Progress = lambda step: None,
) -> list[tuple[Staged, str | None]]:
    """Each table of a file as it was staged, and the submission that holds it: all of them are stored, or, where a problem blocks one or
    nothing is to be stored, none. Where others hand in for its districts in between, it is compared anew. LoadError if it can't be read."""
    while True:
        every = stage_all(store, name, content, sender=sender, answers=answers, may_submit=may_submit, by=by, progress=progress)
        if not stores or any(staged.blocked for staged in every):
            return [(staged, staged.held_by) for staged in every]
        try:
            return [(staged, receipt.submission) for staged, receipt in zip(every, commit_all(store, every, progress=progress))]
        except Overtaken:
            continue


def tables_of(file: str, tables: Sequence[tuple[Staged, str | None]], *, stores: bool, sees: Scope | None = None) -> list[dict[str, Any]]:
    """What became of each table of a file that was handed in, with all of its problems; to who `sees` only some districts it is not told
    what stands in the others."""
    is_refused = any(staged.blocked for staged, _ in tables)
    return [{**_NONE, "file": file} | _table(staged if sees is None else staged.told_to(sees), submission, "refused" if is_refused else _state(staged, stores))
            for staged, submission in tables]


def unreadable(file: str, error: LoadError | StoreError) -> list[dict[str, Any]]:
    """The same of a file that could not be read, or not be taken just now."""
    told = {"kind": error.kind, "message": error.message} if isinstance(error, LoadError) else {"kind": "store", "message": str(error)}
    return [{**_NONE, "file": file, "error": told}]


def figures(
    store: Store, scope: Scope, level: Level, *, as_of: date | None = None, domain: str | None = None, known_on: datetime | None = None,
) -> pd.DataFrame:
    """The figures of the places of a level, as the pages show them, for others to read: the columns of FIGURE_COLUMNS."""
    found = readiness.figures(store, scope, level, days=[as_of or store.today], domain=domain, known_on=known_on)
    return found[list(readiness.FIGURE_COLUMNS)].astype({"done": "Int64", "required": "Int64"})


def history(store: Store, scope: Scope, *, domain: str | None = None, sha256: str | None = None) -> list[dict[str, Any]]:
    """All submissions that touch a scope, the newest first, with their short names; those of one domain, or of one very file."""
    found = readiness.history(store, scope, domain=domain)
    if sha256 is not None:
        found = found[found["file_sha256"] == sha256]
    return [{"reference": reference(one["submission"]), **one} for one in plain(found)]


def csv_of(frame: pd.DataFrame) -> str:
    """A frame as CSV, days as 2026-11-26."""
    return frame.to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n")


def plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame as JSON knows values: days and times as text, None for what is empty."""
    columns = [_plain_column(str(name), frame[name]) for name in frame]
    return [dict(zip(frame.columns, row)) for row in zip(*columns)]


def _plain_column(name: str, column: pd.Series) -> list[Any]:
    empty = column.isna()
    if pd.api.types.is_datetime64_any_dtype(column):
        column = column.map(lambda at: at.date().isoformat() if name == "as_of" else at.isoformat(), na_action="ignore")
    told = column.tolist()  # as Python's own numbers and texts
    return [None if is_empty else value for is_empty, value in zip(empty.tolist(), told)] if empty.any() else told


def _table(staged: Staged, submission: str | None, state: str) -> dict[str, Any]:
    checked = staged.checked
    return {
        "sheet": checked.sheet, "state": state, "submission": submission, "reference": submission and reference(submission),
        "replaced_by": [reference(one) for one in staged.replaced_by],
        "domain": checked.domain.name, "as_of": checked.as_of and checked.as_of.isoformat(), "districts": len(checked.districts),
        "header_row": staged.layout.header_row, "rows": checked.rows.num_rows, "sha256": staged.sha256, "problems": [vars(found) for found in staged.problems]}


def _state(staged: Staged, stores: bool) -> str:
    if staged.held_by:
        return "held"
    return "loaded" if stores else "good"
