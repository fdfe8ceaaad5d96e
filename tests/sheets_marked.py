"""Sheets that go back marked: problems to mark in them, a sheet that has some, and what is read in one that comes again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from data.store import Store
from loaders.headers import find
from loaders.problems import Problem, problem
from loaders.sheets import Sheet, read
from loaders.submissions import Staged, stage
from sheets_for import posts

DAY = date(2024, 1, 20)
WRONG = [{**posts("Lahore", "RO", sanctioned=5, notified=2, joined=9), "remarks": "new"},
         posts("Nowhere", "DRO", sanctioned=5), posts("Kasur", "RO", sanctioned=5)]


def wrong(row: int, letters: str, value: str = "x", name: str = "Data") -> Problem:
    """A problem of a cell that must be corrected."""
    return problem("not_a_number", name, row=row, column="Figure", value=value, letters=letters)


def odd(row: int, letters: str, value: str = "x", name: str = "Data") -> Problem:
    """A problem of a cell that should be looked at."""
    return problem("looks_the_same", name, row=row, column="Code", value=value, letters=letters, other="y", first=3)


def values(sheets: Sequence[Sheet], name: str, *, without: Sequence[str] = ()) -> dict[tuple[int, str], str]:
    """The cells of the sheet of that name that have a value, by row and letters, but for some columns."""
    cells = next(one for one in sheets if one.name == name).cells.to_pylist()
    return {(line["row"], at): text for line in cells for at, text in line.items() if at not in ("row", *without) and text is not None}


def staged(store: Store, name: str, content: bytes) -> tuple[Staged, dict[str, int]]:
    """A file as it is checked, and where its table's header stands."""
    found = stage(store, name, content, sender="An office")
    layout = find(read(name, content), store.election.domains)
    return found, {found.checked.sheet: layout.header_row}
