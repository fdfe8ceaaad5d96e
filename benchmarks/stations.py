"""Polling stations that need repairs, as many as one likes: valid rows, all columns, spread over the districts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import xlsxwriter

from data.declare import Domain
from data.domains.repairs import DOMAIN
from data.places import Place
from data.store import Store
from loaders.checks import Checked
from loaders.submissions import Receipt, Staged, commit

GENERAL_ELECTION = 90_675  # polling stations in 2024
IN_A_FILE = 91_000         # at most: what one office would send at a time
DOMAIN_NAME = DOMAIN.name
_STATUSES = ("reported", "assessed", "funded", "in_progress", "completed", "certified", "alternative")
_WORKS = ("Roof and plaster", "Boundary wall", "Latrines and water", "Electric wiring", "Ramp at the entrance", "Furniture")
# What is written wrongly: the column, and what is made of its value in a row.
_MISTAKES: tuple[tuple[str, Callable[[Any, int], Any]], ...] = (
    ("condition", lambda value, row: f"{value[:-1]}#{row % 40}"),
    ("status", lambda value, row: value[:-1]),
    ("cost", lambda value, row: f"{value:.0f} Rs/-" if row % 2 else "to be told"),
    ("due", lambda value, row: f"{value:%m/%d/%Y}" if value.day > 12 else "next month"),
    ("station_code", lambda value, row: f"{value[:-1]}{(int(value[-1]) + 1) % 10}"),
    ("district", lambda value, row: f"{value} Zila {row % 3}"),
)
_DEPARTMENTS = ("Works and Services", "School Education", "Public Health Engineering", "Local Government")


def frame(districts: Sequence[Place], count: int, as_of: date) -> pd.DataFrame:
    """`count` stations in equal shares over the districts, in their order: the columns that the domain stores, typed."""
    number = np.arange(count)
    district = number * len(districts) // count
    codes = np.array([place.code for place in districts])[district]
    status = _one_of(_STATUSES, number)
    is_done = np.isin(status, ("completed", "certified"))
    day = pd.Timestamp(as_of)
    return pd.DataFrame({
        "district": codes,
        "station_code": [f"{code}-{one:06}" for code, one in zip(codes, number)],
        "station_name": [f"Government Primary School No. {one}, {districts[at].name}" for one, at in zip(number, district)],
        "tehsil": [f"{districts[at].name} tehsil {one % 4 + 1}" for one, at in zip(number, district)],
        "condition": _one_of([code.value for code in DOMAIN.column("condition").codes], number // 3),
        "cause": _one_of([code.value for code in DOMAIN.column("cause").codes], number // 5),
        "work_needed": _one_of(_WORKS, number // 2),
        "status": status,
        "department": _one_of(_DEPARTMENTS, number // 7),
        "cost": 50_000.0 + number % 9_973 * 100,
        "due": day + pd.to_timedelta(number % 90 - 30, unit="D"),
        "completed_on": (day - pd.to_timedelta(number % 60, unit="D")).where(is_done),
        "certified_by": np.where(status == "certified", "District election office", None),
        "alternative_station": np.where(status == "alternative", "Town hall", None),
        "remarks": np.where(number % 10 == 0, "Visited by the district office", None),
    })


def _one_of(values: Sequence[str], number: np.ndarray) -> np.ndarray:
    return np.array(values)[number % len(values)]


def workbook(path: Path, districts: Sequence[Place], count: int, as_of: date, *, mistakes: int = 0) -> None:
    """Writes the stations as an office would send them: as-of date, header, then names and labels, not codes; with so many
    cells written wrongly, of all kinds in turn, in the first half of the districts."""
    names = {place.code: place.name for place in districts}
    shown = frame(districts, count, as_of).assign(district=lambda rows: rows["district"].map(names))
    for column in DOMAIN.stored:
        if column.kind == "code":
            shown[column.name] = shown[column.name].map({code.value: code.label for code in column.codes})
    _make_mistakes(shown, mistakes)
    book = xlsxwriter.Workbook(path)
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    sheet = book.add_worksheet(DOMAIN.label)
    sheet.write(0, 0, "As-of date")
    sheet.write_datetime(0, 1, pd.Timestamp(as_of), day)
    sheet.write_row(2, 0, [column.label for column in DOMAIN.stored])
    for at, column in enumerate(DOMAIN.stored):
        values = shown[column.name].astype(object)
        for row, value in zip(range(3, count + 3), values.where(values.notna(), None)):
            if isinstance(value, date):
                sheet.write_datetime(row, at, value, day)
            elif value is not None:
                sheet.write(row, at, value)
    book.close()


def _make_mistakes(shown: pd.DataFrame, count: int) -> None:
    """Writes so many cells wrongly, no two in one row."""
    rows = np.arange(count) * (len(shown) // 2) // max(count, 1)
    for number, (column, write) in enumerate(_MISTAKES):
        shown[column] = shown[column].astype(object)
        at = shown.columns.get_loc(column)
        wrong = rows[number::len(_MISTAKES)]
        shown.iloc[wrong, at] = [write(shown.iat[row, at], row) for row in wrong]


def commit_stations(store: Store, count: int, as_of: date) -> list[Receipt]:
    """Commits so many stations, checked already, in as many submissions as it takes; each has its own districts."""
    districts = store.election.places.districts
    files = -(-count // IN_A_FILE)
    shares = np.array_split(np.arange(len(districts)), files)
    ends = [round(count * (share[-1] + 1) / len(districts)) for share in shares]
    receipts = []
    for number, (share, start, end) in enumerate(zip(shares, [0, *ends], ends)):
        own = [districts[at] for at in share]
        name = f"{DOMAIN.name}-{number + 1}-of-{files}-{as_of}.xlsx"
        staged = Staged(name, name.encode(), f"{as_of}-{count}-{number}", "A commission office", _checked(DOMAIN, own, end - start, as_of), ())
        receipts.append(commit(store, staged))
    return receipts


def _checked(domain: Domain, districts: Sequence[Place], count: int, as_of: date) -> Checked:
    rows = frame(districts, count, as_of)
    rows.insert(0, "row", np.arange(4, count + 4, dtype=np.int32))
    for name in ("due", "completed_on"):
        rows[name] = rows[name].dt.date
    return Checked(domain, domain.label, as_of, pa.Table.from_pandas(rows, preserve_index=False), tuple(place.code for place in districts), ())
