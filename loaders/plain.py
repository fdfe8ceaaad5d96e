"""A workbook with the cells of a file whose own kind can't be written: every value a text in its own row and column."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from loaders.cells import column_number

if TYPE_CHECKING:
    import pyarrow as pa

_MOST_NAME, _MOST_TEXT = 31, 32_767  # characters of a sheet's name and of a cell
_NOT_IN_A_NAME = str.maketrans("[]:*?/\\", "_______")


def write_workbook(path: Path, tables: Sequence[pa.Table]) -> dict[str, str]:
    """Write the sheets, as `loaders.cells` gives them; the name of each by the one that it had. Merged cells stay merged, and
    hidden rows and sheets hidden."""
    names: dict[str, str] = {}
    with xlsxwriter.Workbook(path, {"constant_memory": True, "tmpdir": str(path.parent)}) as workbook:
        shown = []
        for table in tables:
            about = table.schema.metadata
            name = about[b"name"].decode()
            names[name] = _free_name(name, names.values())
            sheet = workbook.add_worksheet(names[name])
            if about[b"hidden"] == b"true":
                sheet.hide()
            else:
                shown.append(sheet)
            _write_cells(sheet, table, json.loads(about[b"hidden_rows"]))
            # `merge_range` would write blanks into rows that are written already.
            sheet.merge = list(_apart(json.loads(about[b"merged"])))
        for sheet in shown[:1]:
            sheet.activate()
            sheet.set_first_sheet()
    return names


def _free_name(name: str, taken: Iterable[str]) -> str:
    """The sheet's name, as far as a workbook allows it."""
    allowed = "".join(sign for sign in name.translate(_NOT_IN_A_NAME) if sign.isprintable()).strip().strip("'")[:_MOST_NAME] or "Sheet1"
    folded, number, free = {one.casefold() for one in taken}, 1, allowed
    while free.casefold() in folded:
        number += 1
        free = f"{allowed[:_MOST_NAME - 2 - len(str(number))]} {number}"
    return free


def _write_cells(sheet: Worksheet, table: pa.Table, hidden: Sequence[tuple[int, int]]) -> None:
    columns = [column_number(at) - 1 for at in table.column_names[1:]]
    hidden_rows = {row for first, last in hidden for row in range(first, last + 1)}
    for batch in table.to_batches():
        rows, *values = (column.to_pylist() for column in batch.columns)
        for row, *texts in zip(rows, *values):
            if row in hidden_rows:
                sheet.set_row(row - 1, None, None, {"hidden": True})
            for column, text in zip(columns, texts):
                if text is not None:
                    sheet.write_string(row - 1, column, text[:_MOST_TEXT])


def _apart(areas: Sequence[tuple[int, int, int, int]]) -> Iterable[list[int]]:
    """The merged areas, counted from 0, without those that lie over another, as only a broken file has them."""
    taken: dict[int, list[tuple[int, int]]] = {}
    for top, left, bottom, right in areas:
        rows = range(top, bottom + 1)
        is_one_cell = (top, left) == (bottom, right)
        if is_one_cell or any(first <= right and left <= last for row in rows for first, last in taken.get(row, ())):
            continue
        for row in rows:
            taken.setdefault(row, []).append((left, right))
        yield [top - 1, left - 1, bottom - 1, right - 1]
