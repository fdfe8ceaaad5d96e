"""What is written into a file that goes back to its sender: the few words, which cells bear a mark, and what is said of each.

A sheet that comes back corrected is told by these words: its column of reasons and its list of problems are no part of a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from loaders.cells import column_number
from loaders.problems import Problem

AUTHOR = "Checks"
REASONS = "Reasons"
PROBLEMS = "Problems"
TO_CORRECT, TO_LOOK_AT = "To correct", "To look at"
TITLE = "What the checks found in this file"
HEADINGS = ("Sheet", "Row", "Column", "Value", "What to do", "Kind")
NOTHING = "Nothing was found that must be corrected or looked at."
COUNTED = "{correct:,} to correct, {look:,} to look at. The first cell of each line leads to the place."
HOW = "Correct the cells, leave the rest as it is, and send this file again. This sheet and the column “Reasons” are then passed over."
NOT_KEPT = "The sent file is of a kind that can't be written, so its cells stand here as texts in a new workbook and its formats are not kept."
FIRST_COMMENTED = "{marked:,} cells are marked; the first {commented:,} of them bear a comment, for all of them the reason stands in the column “Reasons”."
FIRST_LISTED = "{count:,} problems were found; the first {listed:,} are listed here, all that are about a row stand in the column “Reasons”."
HEADING_NOTE = "The reasons stand in this column. It is passed over when the file is sent again."
MARKED = "-marked"

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384  # of a worksheet
MOST_COMMENTS, COMMENTED = 20_000, 5_000  # where more cells are marked, so many bear a comment: a program needs minutes to open all
_LEADS = (f"{TO_CORRECT}: ", f"{TO_LOOK_AT}: ")
_LIST_NAME = re.compile(rf"{PROBLEMS}( \(\d+\))?")


@dataclass
class Marks:
    """The marks of one sheet: what is said of each cell (row, column), of each row, and which cells bear a comment."""

    cells: dict[tuple[int, int], list[Problem]] = field(default_factory=dict)
    rows: dict[int, list[Problem]] = field(default_factory=dict)
    commented: set[tuple[int, int]] = field(default_factory=set)


def by_sheet(problems: Sequence[Problem]) -> dict[str, Marks]:
    """The marks of each sheet that has any, by its name. Comments go to what comes first in `problems`."""
    marks: dict[str, Marks] = {}
    commented = MOST_COMMENTS if count_cells(problems) <= MOST_COMMENTS else COMMENTED
    for found in problems:
        if found.row is None or not 1 <= found.row <= LAST_ROW:
            continue
        own = marks.setdefault(found.sheet, Marks())
        own.rows.setdefault(found.row, []).append(found)
        if cell := cell_of(found):
            if cell not in own.cells and commented:
                own.commented.add(cell)
                commented -= 1
            own.cells.setdefault(cell, []).append(found)
    return marks


def on_comments(problems: Sequence[Problem]) -> list[str]:
    """What is said of the comments where not every marked cell bears one."""
    marked = count_cells(problems)
    return [FIRST_COMMENTED.format(marked=marked, commented=COMMENTED)] if marked > MOST_COMMENTS else []


def count_cells(problems: Iterable[Problem]) -> int:
    return len({(found.sheet, *cell) for found in problems if (cell := cell_of(found))})


def cell_of(found: Problem) -> tuple[int, int] | None:
    """The (row, column) that the problem is about, both from 1; None if it is about no one cell."""
    if found.row is None or not 1 <= found.row <= LAST_ROW or not re.fullmatch("[A-Z]{1,3}", found.letters):
        return None
    column = column_number(found.letters)
    return (found.row, column) if column <= LAST_COLUMN else None


def said(problems: Iterable[Problem]) -> str:
    """One line for each, what must be corrected first. The word before it tells without any colour how grave it is."""
    return "\n".join(f"{kind(found)}: {found.message}" for found in sorted(problems, key=lambda found: not found.blocks))


def kind(found: Problem) -> str:
    return TO_CORRECT if found.blocks else TO_LOOK_AT


def is_ours(comment: str) -> bool:
    """Whether a comment was written by `said`."""
    return comment.startswith(_LEADS) or comment == HEADING_NOTE


def are_reasons(filled: Sequence[str]) -> bool:
    """Whether the filled cells of a column are a column of reasons and nothing that a sender wrote."""
    return filled.count(REASONS) == 1 and all(text == REASONS or text.startswith(_LEADS) for text in filled)


def is_list(sheet: str, first: str | None) -> bool:
    """Whether a sheet with this name and this text in its first cell is a list of problems."""
    return first == TITLE and _LIST_NAME.fullmatch(sheet) is not None


def list_name(taken: Iterable[str]) -> str:
    """A name for the list of problems that no other sheet bears."""
    folded = {name.casefold() for name in taken}
    number, name = 1, PROBLEMS
    while name.casefold() in folded:
        number += 1
        name = f"{PROBLEMS} ({number})"
    return name


def marked_name(name: str, endings: Sequence[str]) -> str:
    """The name of the marked file: the sent one's, with `-marked` and its own ending if it is one of `endings`, else the first."""
    stem, dot, ending = name.rpartition(".")
    stem, ending = (stem, ending.lower()) if dot and stem else (name, "")
    return f"{stem.removesuffix(MARKED)}{MARKED}.{ending if ending in endings else endings[0]}"
