"""A sheet's table as text, in an in-memory database: what every check looks at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from data.declare import Column
from data.election import Election
from loaders.answers import Correction
from loaders.cells import column_number
from loaders.headers import Layout
from loaders.problems import Problem, problem

_MACROS = (Path(__file__).parent / "reading.sql").read_text(encoding="utf-8")


class Table:
    """The cells under a layout's header. The SQL table `texts` has `row` and a text column for each column that the
    sheet has (`present`); null is an empty cell, and rows without any of these columns are left out. A cell merged over
    several rows stands for each of them; in `covered` are the rows for which one with a number or date can't. Where
    `corrections` name a cell, it holds what they say; `originals` are what stood there, by row and column."""

    def __init__(self, layout: Layout, election: Election, corrections: Sequence[Correction] = ()) -> None:
        self.domain, self.name, self.headings, self.letters = layout.domain, layout.sheet.name, layout.headings, layout.letters
        self.places = election.places
        self.present = [column for column in self.domain.columns if column.name in layout.letters]
        self.con = in_memory()
        self.con.execute(_MACROS)
        self.con.register("cells", layout.sheet.cells)
        texts = ", ".join(f'{_reader(column)}("{layout.letters[column.name]}") as "{column.name}"' for column in self.present)
        filled = ", ".join(quoted(column.name for column in self.present))
        self.con.execute(f"""
            create table texts as
            select * from (select row, {texts} from cells where row > {layout.header_row})
            where coalesce({filled}) is not null
            """)
        self._spread_merged(layout)
        self.originals: dict[tuple[int, str], str] = {}
        for column in self.present:
            self._correct(column, {one.row: one.corrected for one in corrections if one.column == column.name})

    def _correct(self, column: Column, corrected: Mapping[int, str]) -> None:
        """Puts what was corrected in place of what a column's cells hold. A row that has nothing else stays left out."""
        if not corrected:
            return
        name = column.name
        self.con.register("corrected", pa.table({"row": list(corrected), "text": list(corrected.values())}))
        found = self.ask(f'select row, "{name}" from texts join corrected using (row)')
        self.originals |= {(row, name): text or "" for row, text in found}
        self.con.execute(f'update texts set "{name}" = {_reader(column)}(corrected.text) from corrected where corrected.row = texts.row')
        self.con.unregister("corrected")
        if column.kind in ("count", "money", "date"):
            self.con.execute("delete from covered where name = ? and row in (select unnest(?))", [name, list(corrected)])

    def _spread_merged(self, layout: Layout) -> None:
        self.con.execute("create table covered (row integer, name varchar, top integer, bottom integer, text varchar)")
        under = [area for area in layout.sheet.merged if layout.header_row < area[0] < area[2]]
        for column in self.present if under else ():
            number = column_number(layout.letters[column.name])
            rows = [(top, bottom) for top, left, bottom, _ in under if left == number]
            if not rows or column.kind == "percent":
                continue
            self.con.register("merged", pa.table({"top": [top for top, _ in rows], "bottom": [bottom for _, bottom in rows]}))
            lies = f"""
                select t.row, m.top, m.bottom, first."{column.name}" as text
                from texts t asof join merged m on t.row > m.top join texts first on first.row = m.top
                where t.row <= m.bottom and first."{column.name}" is not null"""
            if column.kind in ("count", "money", "date"):
                self.con.execute(f"insert into covered by name select *, '{column.name}' as name from ({lies})")
            else:
                self.con.execute(f"""update texts set "{column.name}" = lies.text from ({lies}) lies where texts.row = lies.row""")

    def ask(self, sql: str, parameters: Any = ()) -> list[tuple]:
        return self.con.execute(sql, parameters).fetchall()

    def label(self, name: str) -> str:
        """The heading as the sender wrote it; the declared label where the column is not in the sheet."""
        return self.headings.get(name) or self.domain.column(name).label

    def has(self, *names: str) -> bool:
        return all(name in self.letters for name in names)

    def problem(self, kind: str, row: int | None, name: str = "", value: object = "", **facts: Any) -> Problem:
        return problem(kind, self.name, row=row, column=self.label(name) if name else "", value=value, letters=self.letters.get(name, ""), **facts)

    def value_label(self, name: str, value: str) -> str:
        """A stored value in words: a district's name, a code's label, the text itself."""
        column = self.domain.column(name)
        if column.kind == "district":
            return self.places[value].name
        return {code.value: code.label for code in column.codes}.get(value, value)

    def take_out(self, rows: Sequence[int]) -> None:
        self.con.execute("delete from texts where row in (select unnest(?))", [list(rows)])


def read_day(text: str) -> date | None:
    """The day that a text means, as it is read in a sheet; None where that is not certain."""
    with closing(in_memory()) as con:
        con.execute(_MACROS)
        return con.execute("select to_date(clean(?))", [text]).fetchone()[0]


def in_memory() -> duckdb.DuckDBPyConnection:
    """A database in memory, for what one file holds. It works on one processor alone: for so few rows a second brings nearly nothing, and
    those who look at pages meanwhile would wait for it."""
    return duckdb.connect(config={"threads": 1})


def _reader(column: Column) -> str:
    """The macro that reads a column's cells. A lone dash is an empty cell, except among numbers, where it may mean 0."""
    return "clean" if column.kind in ("count", "money", "percent") else "dashless"


def quoted(names: Sequence[str]) -> list[str]:
    return [f'"{name}"' for name in names]
