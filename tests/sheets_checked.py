"""Sheets line by line, as tests write them, and what the checks say of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pyarrow as pa

from data.domains import DOMAINS
from data.scope import Scope
from loaders.answers import Answers
from loaders.cells import letters
from loaders.checks import Checked, check
from loaders.headers import find
from loaders.sheets import Sheet
from loaders.submissions import Staged, stage
from sheets_for import posts

Line = Sequence[Any]
DAY, EARLIER, TODAY = date(2024, 1, 20), date(2024, 1, 10), date(2024, 2, 1)
DATED = ["As-of date", DAY]
ATTOCK = posts("Attock", "DRO", sanctioned=1)


def lines(domain: str, *rows: dict[str, Any], above: Sequence[Line] = (DATED,)) -> list[Line]:
    """The lines of a sheet: what stands above, the headings that the rows use, the rows."""
    declared = next(one for one in DOMAINS if one.name == domain)
    names = list(dict.fromkeys(name for row in rows for name in row))
    return [*above, [declared.column(name).label for name in names], *([row.get(name) for name in names] for row in rows)]


def sheet(*told: Line, name: str = "Sheet1", hidden: bool = False, **areas: Any) -> Sheet:
    """A sheet as the reader gives it: texts, rows by their own number, blank rows and columns left out. `areas` are its
    hidden rows and merged cells."""
    width = max((len(line) for line in told), default=0)
    texts = [[None if value is None else str(value) for value in (*line, *[None] * (width - len(line)))] for line in told]
    kept = [number for number, line in enumerate(texts) if any(line)]
    cells = {letters(column + 1): [texts[number][column] for number in kept] for column in range(width) if any(line[column] for line in texts)}
    return Sheet(name, hidden, pa.table({"row": pa.array([number + 1 for number in kept], pa.int32()), **cells}), **areas)


def looked_at(
    election, *told: Line, domain: str | None = None, as_of: date | None = None, may_submit: Scope | None = None, others: Sequence[Sheet] = (),
    answers: Answers = Answers(), **areas: Any,
) -> Checked:
    layout = find([sheet(*told, **areas), *others], [election.domain(domain)] if domain else election.domains)
    return check(layout, election, today=TODAY, may_submit=may_submit or Scope.everything(election.places), answers=replace(answers, as_of=as_of or answers.as_of))


def handed_in(store, *told: Line, sender: str = "A commission office") -> Staged:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(told)
    return stage(store, "sheet.csv", text.getvalue().encode(), sender=sender)


def problems(found: Checked | Staged) -> list[tuple[str, int | None, str]]:
    return [(one.kind, one.row, one.message) for one in found.problems]
