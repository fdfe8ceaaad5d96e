"""The cells of a sheet while it is being read: values as text, columns by their letters, limits kept."""

import json
from collections.abc import Callable
from itertools import compress
from operator import lt

import pyarrow as pa

from loaders.limits import Limits
from loaders.problems import LoadError

BATCH = 8192  # rows that are held as Python values before they become Arrow
NOT_CALCULATED = "#NOT-CALCULATED!"  # stands in the cell of a formula whose result was not saved in the file


class Collector:
    """Takes the sheets of one file in their order, and hands each finished one to `write`."""

    def __init__(self, limits: Limits, write: Callable[[pa.Table], None]) -> None:
        self.limits = limits
        self.spent = 0
        self.rows = 0
        self._write = write

    def sheet(self, name: str, hidden: bool) -> "Cells":
        return Cells(self, name, hidden)

    def finish(self, cells: "Cells") -> None:
        """Write the sheet: "row" int32, then a string column for each column that holds a value."""
        table = cells.table()
        self.rows += table.num_rows
        self._write(table)

    def spend(self, cells: int) -> None:
        self.spent += cells
        if self.spent > self.limits.cells:
            raise LoadError(
                "too_large",
                f"This file has more than {self.limits.cells:,} cells. Send only the sheet and the columns that are "
                "asked for, or send it in parts, one for each division.",
            )


class Cells:
    """One sheet, filled by `put`, row after row. Only cells with a value take room, however far apart they are."""

    def __init__(self, collector: Collector, name: str, hidden: bool) -> None:
        self.name = name
        self.hidden = hidden
        self._collector = collector
        self._limits = collector.limits
        self._row = 0  # the sheet's own number of the row being filled
        self._last = -1  # its position in the batch
        self._rows: list[int] = []
        self._columns: dict[int, list[str | None]] = {}
        self._batches: list[tuple[list[int], dict[int, pa.Array]]] = []
        self._used_rows = 0
        self._used_columns: set[int] = set()
        self._stray: tuple[int, int] | None = None
        self._hidden_rows: list[tuple[int, int]] = []
        self._merged: list[tuple[int, int, int, int]] = []

    def put(self, row: int, column: int, text: str | None) -> None:
        """Note the value of a cell; row and column count from 1. An empty text is no value, and neither is None."""
        if not text:
            return
        if row != self._row:
            self._open_row(row, column)
        values = self._columns.get(column)
        if values is None:
            values = self._open_column(row, column)
        gap = self._last - len(values)
        if gap:
            if gap < 0:
                values[self._last] = text
                return
            values.extend([None] * gap)
        values.append(text)

    @property
    def most_columns(self) -> int:
        """How far to the right a value may stand."""
        return self._limits.columns

    def put_rows(self, rows: list[int], columns: dict[int, list[str | None]]) -> None:
        """Note the values of whole rows, each column a list as long as `rows`; None is no value. Rows without any are left out."""
        if not any(map(all, columns.values())):  # where one column is full, no row is empty
            filled = [any(values) for values in zip(*columns.values())]
            rows = list(compress(rows, filled))
            columns = {column: list(compress(values, filled)) for column, values in columns.items()}
        is_simple = all(map(lt, [self._row, *rows], rows)) and (not rows or rows[-1] <= self._limits.rows)
        if not is_simple:
            for at, row in enumerate(rows):
                for column, values in columns.items():
                    self.put(row, column, values[at])
            return
        if not rows:
            return
        if self._last >= BATCH - 1:
            self._close_batch()
        for column, values in columns.items():
            if any(values):
                known = self._columns.get(column) or self._open_column(rows[0], column)
                known.extend([None] * (len(self._rows) - len(known)))
                known.extend(values)
        self._rows += rows
        self._last = len(self._rows) - 1
        self._used_rows += len(rows)
        self._row = rows[-1]

    def _open_row(self, row: int, column: int) -> None:
        if self._last >= BATCH - 1:
            self._close_batch()
        self._row = row
        self._last += 1
        self._rows.append(row)
        self._used_rows += 1
        if row > self._limits.rows:
            self._stray = self._stray or (row, column)
            if self._used_rows > self._limits.rows:
                raise LoadError(
                    "too_many_rows",
                    f'Sheet "{self.name}" has more than {self._limits.rows:,} rows. Send it in parts, one for each '
                    "division.",
                )

    def _open_column(self, row: int, column: int) -> list[str | None]:
        values = self._columns[column] = []
        self._used_columns.add(column)
        if column > self._limits.columns:
            self._stray = self._stray or (row, column)
            if len(self._used_columns) > self._limits.columns:
                raise LoadError(
                    "too_many_columns",
                    f'Sheet "{self.name}" has more than {self._limits.columns} columns. Send only the columns that are '
                    "asked for.",
                )
        return values

    def hide_rows(self, first: int, last: int) -> None:
        """Note that these rows are not shown; they are read all the same."""
        last = min(last, self._limits.rows)
        if first > last:
            return
        if self._hidden_rows and self._hidden_rows[-1][1] == first - 1:
            first = self._hidden_rows.pop()[0]
        self._hidden_rows.append((first, last))

    def merge(self, top: int, left: int, bottom: int, right: int) -> None:
        """Note that one cell takes up this area."""
        bottom, right = min(bottom, self._limits.rows), min(right, self._limits.columns)
        if top <= bottom and left <= right:
            self._merged.append((top, left, bottom, right))

    def table(self) -> pa.Table:
        """The finished sheet. Its name, whether it is hidden, its hidden rows and merged cells are the schema's metadata."""
        if self._stray:
            raise stray_cell(self.name, *self._stray)
        self._close_batch()
        self._clear_covered()
        columns = sorted(self._used_columns)
        fields = [pa.field("row", pa.int32()), *(pa.field(letters(column), pa.string()) for column in columns)]
        metadata = {
            "name": self.name,
            "hidden": "true" if self.hidden else "false",
            "hidden_rows": json.dumps(self._hidden_rows),
            "merged": json.dumps(self._merged),
        }
        return pa.Table.from_batches(
            [
                pa.record_batch(
                    [
                        pa.array(rows, pa.int32()),
                        *(filled[c] if c in filled else pa.nulls(len(rows), pa.string()) for c in columns),
                    ],
                    schema=pa.schema(fields),
                )
                for rows, filled in self._batches
            ],
            schema=pa.schema(fields),
        ).replace_schema_metadata(metadata)

    def _close_batch(self) -> None:
        if not self._rows:
            return
        self._collector.spend(len(self._rows) * len(self._used_columns))
        for values in self._columns.values():
            values.extend([None] * (len(self._rows) - len(values)))
        filled = {column: pa.array(values, pa.string()) for column, values in self._columns.items()}
        self._batches.append((self._rows, filled))
        self._rows, self._columns, self._last = [], {}, -1


    def _clear_covered(self) -> None:
        """Take out what is stored under a merged cell: nobody sees it, and only the first place has the cell's value."""
        covered: dict[int, set[int]] = {}
        for top, left, bottom, right in self._merged:
            for column in self._used_columns.intersection(range(left, right + 1)):
                covered.setdefault(column, set()).update(range(top + (column == left), bottom + 1))
        for rows, filled in self._batches:
            for column in covered.keys() & filled.keys():
                values = zip(rows, filled[column].to_pylist())
                filled[column] = pa.array([None if row in covered[column] else value for row, value in values], pa.string())


def stray_cell(sheet: str, row: int, column: int) -> LoadError:
    return LoadError(
        "stray_cell",
        f'Sheet "{sheet}" has a value in cell {letters(column)}{row}, far outside its table: delete it and save again.',
    )


def letters(column: int) -> str:
    """The letters of a column: 1 is A, 27 is AA."""
    name = ""
    while column:
        column, letter = divmod(column - 1, 26)
        name = chr(65 + letter) + name
    return name


def column_number(name: str) -> int:
    """The number of a column by its letters: A is 1, AA is 27."""
    number = 0
    for letter in name:
        number = number * 26 + ord(letter) - 64
    return number
