"""Tables to take along: the same rows as CSV or as a workbook, with nothing in them that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from data.declare import Domain
from data.places import Places
from loaders.submissions import reference
from pages.parts import marks
from pages.parts.charts import CONFIG
from pages.parts.words import say

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def downloads(frame: Callable[[], pd.DataFrame], name: str, *, key: str) -> None:
    """Two buttons that give the frame as CSV and as XLSX. It is asked for only when one of them is pressed."""
    with st.container(horizontal=True, gap="small", key=f"downloads_{key}"):
        st.download_button(say("table.csv"), lambda: csv_of(frame()), f"{name}.csv", "text/csv", key=f"{key}_csv", on_click="ignore",
                           icon=":material/download:", type="tertiary", help=say("table.download"))
        st.download_button(say("table.xlsx"), lambda: xlsx_of(frame()), f"{name}.xlsx", XLSX, key=f"{key}_xlsx", on_click="ignore",
                           icon=":material/download:", type="tertiary", help=say("table.download"))


def wide_chart(figure: go.Figure, frame: Callable[[], pd.DataFrame], name: str, *, key: str, alt: str, half: bool = False, selectable: bool = False) -> Any:
    """A chart of many columns that is moved sideways where the page is narrow, with its figures to take along.

    Returns the chart's selection where it is selectable. `half` for a chart that has half of the page.
    """
    with st.container(key=f"wide_{'half_' if half else ''}{key}"):
        event = st.plotly_chart(figure, theme=None, config=CONFIG, key=key, alt=alt, on_select="rerun" if selectable else "ignore", selection_mode="points")
        downloads(frame, name, key=key)
    return event if selectable else None


def shown(columns: Sequence[marks.Column | str], rows: Sequence[Sequence[marks.Cell]], caption: str, *, name: str, key: str, visible: bool = False, stacks: bool = False) -> None:
    """A small table as part of the page, to take along; one that `stacks` has its cells under one another where the window is narrow: what it says as a `marks.Measured` goes along as the figure itself."""
    st.html(marks.table(columns, rows, caption, shown=visible, wrap=True, stacks=stacks))
    downloads(lambda: frame_of(columns, rows), name, key=key)


def frame_of(columns: Sequence[marks.Column | str], rows: Sequence[Sequence[marks.Cell]]) -> pd.DataFrame:
    """A small table as a frame: figures as figures, words as words."""
    return pd.DataFrame([[marks.value(cell) for cell in row] for row in rows], columns=[marks.heading(column) for column in columns])


def sheet(frame: pd.DataFrame, *, key: str, alt: str) -> None:
    """A table that may be long: sorted and searched by its reader, with thousands set apart and days as day/month/year."""
    formats = {name: st.column_config.NumberColumn(format="localized") for name in frame.select_dtypes("number")}
    formats |= {name: st.column_config.DateColumn(format="DD/MM/YYYY") for name in frame.columns if _holds_days(frame[name])}
    st.dataframe(frame, hide_index=True, key=key, alt=alt, column_config=formats, placeholder="–")


def labelled(frame: pd.DataFrame, domain: Domain, places: Places) -> pd.DataFrame:
    """Rows in the words of the sheet: declared headings, labels for codes, names for districts, no column that is empty."""
    told = frame.dropna(axis="columns", how="all").copy()
    for column in domain.stored:
        if column.name in told and column.kind == "code":
            told[column.name] = told[column.name].map({code.value: code.label for code in column.codes})
        if column.name in told and column.kind == "district":
            told[column.name] = told[column.name].map(lambda code: places[code].name)
        if column.name in told and column.kind == "date":
            told[column.name] = pd.to_datetime(told[column.name]).dt.date
    if "submission" in told:
        told["submission"] = told["submission"].map(reference)
        told["as_of"] = told["as_of"].dt.date
    headings = {column.name: column.label for column in domain.stored}
    return told.rename(columns=headings | {"row": say("table.sheet_row"), "submission": say("table.submission"), "as_of": say("table.as_of")})


def _holds_days(column: pd.Series) -> bool:
    filled = column.dropna()
    return len(filled) > 0 and isinstance(filled.iloc[0], date)


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
