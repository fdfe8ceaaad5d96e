"""Tables to take along: the same rows as CSV or as a workbook, with nothing in them that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal
from urllib.parse import quote

import pandas as pd
import pyarrow as pa
import streamlit as st

from data.declare import Domain
from data.places import Places
from data.scope import Scope
from loaders.submissions import reference
from pages.parts import marks, session
from pages.parts.charts import Drawn
from pages.parts.pieces import Chart, Figure, Sheet
from pages.parts.words import say
from pages.taking import kept
from pages.taking.kept import Taken

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
Columns = Mapping[str, Sequence[Any]]  # of a table: plain values, None for what is empty, by heading
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAKERS: Mapping[str, tuple[Callable[[pd.DataFrame], bytes], str]] = {"csv": (lambda frame: csv_of(frame), "text/csv; charset=utf-8"), "xlsx": (lambda frame: xlsx_of(frame), XLSX)}


def downloads(frame: Callable[[], pd.DataFrame], name: str, *, scope: Scope | None = None) -> marks.Html:
    """Two links that give the frame as CSV and as XLSX. It is asked for only when one of them is followed, and given to who sees by that
    scope: the viewer's own, if none is named. Of a piece that is kept."""
    return _links(Taken(name, scope or session.viewer().scope, frame))


def live_downloads(frame: Callable[[], pd.DataFrame], name: str, *, key: str, scope: Scope | None = None) -> None:
    """Draws these links in a part of the page that is made anew at each run; the links stay the same. Without another scope they are for
    the viewer's own files, so for nobody else."""
    held = f"taken_{key}_{name}"
    before = st.session_state.get(held)
    st.session_state[held] = Taken(name, scope or session.viewer().files, frame, **({"id": before.id} if before else {}))
    st.html(_links(st.session_state[held]))


def _links(table: Taken) -> marks.Html:
    id, in_a_line = kept.keep(table), quote(" ".join(table.name.split()), safe="")
    return marks.table_taken(say("table.download"), [(say(f"table.{form}"), f"table/{id}/{in_a_line}.{form}") for form in MAKERS])


def wide_chart(figure: Drawn, frame: Callable[[], pd.DataFrame], name: str, *, key: str, alt: str, half: bool = False, clicked: bool = False, scope: Scope | None = None) -> Chart:
    """A chart of many columns that is moved sideways where the page is narrow, with its figures to take along. `half` for a chart that has
    half of the page."""
    wide: Literal["half", "page"] = "half" if half else "page"
    return Chart(Figure(figure), key, alt, wide, clicked, downloads(frame, name, scope=scope))


def shown(columns: Sequence[marks.Column | str], rows: Sequence[Sequence[marks.Cell]], caption: str, *, name: str, visible: bool = False, stacks: bool = False, scope: Scope | None = None) -> marks.Html:
    """A small table as part of the page, to take along; one that `stacks` has its cells under one another where the window is narrow: what it says as a `marks.Measured` goes along as the figure itself."""
    table = marks.table(columns, rows, caption, shown=visible, wrap=True, stacks=stacks)
    return marks.stacked((table, downloads(lambda: frame_of(columns, rows), name, scope=scope)))


def frame_of(columns: Sequence[marks.Column | str], rows: Sequence[Sequence[marks.Cell]]) -> pd.DataFrame:
    """A small table as a frame: figures as figures, words as words."""
    return pd.DataFrame([[marks.value(cell) for cell in row] for row in rows], columns=[marks.heading(column) for column in columns])


def framed(heading: str, names: Sequence[str], columns: Sequence[str], counts: Sequence[Sequence[int]]) -> pd.DataFrame:
    """Counts by two names as a frame: the names of the rows in a column of their own, first."""
    return pd.DataFrame(counts, columns=columns, index=pd.Index(names, name=heading)).reset_index()


def taken(columns: Columns) -> pd.DataFrame:
    """A table as a frame, for its downloads: whole numbers stay whole where some are empty."""
    return _arrow(columns).to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)


def _arrow(columns: Columns) -> pa.Table:
    return pa.table({heading: pa.array(values, from_pandas=True) for heading, values in columns.items()})


def sheet(columns: Columns, *, key: str, alt: str) -> Sheet:
    """A table that may be long: sorted and searched by its reader, with thousands set apart and days as day/month/year."""
    table = _arrow(columns)
    formats = {field.name: st.column_config.NumberColumn(format="localized") for field in table.schema if pa.types.is_integer(field.type) or pa.types.is_floating(field.type)}
    formats |= {field.name: st.column_config.DateColumn(format="DD/MM/YYYY") for field in table.schema if pa.types.is_date(field.type)}
    return Sheet(table, key, alt, formats)


def labelled(rows: Columns, domain: Domain, places: Places) -> Columns:
    """Rows, by column, in the words of the sheet: declared headings, labels for codes, names for districts, no column that is empty."""
    said: dict[str, Callable[[Any], Any]] = {"submission": reference, "as_of": _day}
    for column in domain.stored:
        if column.kind == "code":
            said[column.name] = {code.value: code.label for code in column.codes}.get
        if column.kind == "district":
            said[column.name] = lambda code: places[code].name
        if column.kind == "date":
            said[column.name] = _day
    headings = {column.name: column.label for column in domain.stored} | {"row": say("table.sheet_row"), "submission": say("table.submission"), "as_of": say("table.as_of")}
    told = {}
    for name, held in rows.items():
        values = [None if value is None or value is pd.NA or value != value else value for value in held]
        if any(value is not None for value in values):
            told[headings.get(name, name)] = [value if value is None else said[name](value) for value in values] if name in said else values
    return told


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def csv_of(frame: pd.DataFrame) -> bytes:
    """UTF-8 with a byte-order mark, which Excel needs for Urdu. A text that a spreadsheet would run gets an apostrophe."""
    safe = frame.map(_neutral)
    safe.columns = [_neutral(column) for column in frame.columns]
    return safe.to_csv(index=False, quoting=csv.QUOTE_NONNUMERIC).encode("utf-8-sig")  # a lone \r would else begin a new line


def xlsx_of(frame: pd.DataFrame) -> bytes:
    """A workbook of one sheet with a frozen header: numbers and dates as such, texts as nothing but texts."""
    return book_of({"Table": frame})


def book_of(frames: Mapping[str, pd.DataFrame]) -> bytes:
    """A workbook of several such sheets, by name."""
    out = io.BytesIO()
    options = {"options": {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}}
    with pd.ExcelWriter(out, engine="xlsxwriter", engine_kwargs=options, datetime_format="dd/mm/yyyy", date_format="dd/mm/yyyy") as workbook:
        for name, frame in frames.items():
            frame.to_excel(workbook, index=False, sheet_name=name, freeze_panes=(1, 0))
            workbook.sheets[name].autofit()
    return out.getvalue()


def _neutral(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_DANGEROUS) else value
