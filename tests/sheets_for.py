"""Sheets for tests: the bytes of a spreadsheet from rows of plain values, and how they go into a store."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import date, datetime, time
from hashlib import sha256
from string import ascii_uppercase as _LETTERS
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import xlsxwriter

from data.domains import DOMAINS
from data.migrations import sql_type
from data.store import Store
from loaders import submissions
from loaders.answers import Answers
from loaders.checks import Checked
from loaders.sheets import Sheet

Row = dict[str, Any]
_TYPES = {"bigint": pa.int64(), "double": pa.float64(), "date": pa.date32(), "varchar": pa.string()}


def sheet(domain: str, rows: Sequence[Row], as_of: date) -> bytes:
    """A CSV file of a domain: the as-of date, then the headings that the rows use, then the rows."""
    declared = next(one for one in DOMAINS if one.name == domain)
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO(newline="")
    written = csv.writer(text)
    written.writerow(["As-of date", as_of.isoformat()])
    written.writerow([declared.column(name).label for name in names])
    written.writerows([row.get(name) for name in names] for row in rows)
    return text.getvalue().encode()


def book(**sheets: bytes) -> bytes:
    """A workbook of which each sheet holds one made by `sheet`, as texts."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as made:
        for name, content in sheets.items():
            own = made.add_worksheet(name)
            for number, line in enumerate(csv.reader(io.StringIO(content.decode(), newline=""))):
                own.write_row(number, 0, line)
    return file.getvalue()


def hand_in(
    store: Store, domain: str, rows: Sequence[Row], as_of: date, *, at: datetime | None = None, sender: str = "A commission office",
    in_child: bool = False,
) -> str:
    """Stages and commits the rows, by default at noon of their day; the submission's id.

    Starting a child process for every sheet would be most of the time that the tests take, so only some ask for it.
    """
    content = sheet(domain, rows, as_of)
    with nullcontext() if in_child else patch.object(submissions, "read", _read_here):
        staged = submissions.stage(store, f"{domain}.csv", content, sender=sender, answers=Answers(domain=domain))
    assert not staged.blocked, staged.problems
    receipt = submissions.commit(store, staged, at=at or datetime.combine(as_of, time(12)))
    assert not receipt.was_held
    return receipt.submission


def _read_here(name: str, content: bytes) -> list[Sheet]:
    """The cells of a sheet made by `sheet`, as the reader gives them."""
    lines = list(csv.reader(io.StringIO(content.decode(), newline="")))
    columns = {letters: [line[at] or None if at < len(line) else None for line in lines] for at, letters in enumerate(_LETTERS[:len(lines[1])])}
    numbers = pa.array(range(1, len(lines) + 1), pa.int32())
    return [Sheet(name, False, pa.table({"row": numbers, **{at: pa.array(texts, pa.string()) for at, texts in columns.items()}}))]


def posts(
    district: str, post: str, *, sanctioned: int, proposed: int | None = None, notified: int = 0, joined: int = 0,
) -> Row:
    """A row of appointments; what is not told stands as high as it may."""
    proposed = sanctioned if proposed is None else proposed
    return {"district": district, "post": post, "sanctioned": sanctioned, "proposed": proposed, "approved": proposed,
            "notified": notified, "joined": joined}


def building(district: str, code: str, status: str) -> Row:
    """A row of repairs: one building in a state of work."""
    return {"district": district, "station_code": code, "station_name": "Primary school", "condition": "damaged", "cause": "flood",
            "status": status, "certified_by": "District election office" if status == "certified" else None,
            "alternative_station": "Town hall" if status == "alternative" else None}


def nothing_to_repair(district: str) -> Row:
    """The row of repairs that says: no building of the district needs work."""
    return {"district": district, "station_code": "NIL", "station_name": None, "condition": None, "cause": None, "status": None}


def course(district: str, course: str, cadre: str, *, required: int, attended: int, passed: int = 0) -> Row:
    """A row of training."""
    return {"district": district, "course": course, "cadre": cadre, "sessions_planned": 4, "sessions_held": 2,
            "required": required, "attended": attended, "passed": passed}


def security(
    district: str, *, briefing: date | None = None, plan: str = "submitted", personnel: tuple[int, int] = (0, 100),
    cameras: tuple[int, int] = (0, 10),
) -> Row:
    """A row of security; personnel and cameras as (have, need)."""
    return {"district": district, "last_briefing_on": briefing, "briefed_by": "Police" if briefing else None, "plan_status": plan,
            "normal": 5, "sensitive": 3, "most_sensitive": 2, "personnel_required": personnel[1],
            "personnel_committed": personnel[0], "cameras_required": cameras[1], "cameras_installed": cameras[0]}


def staged(store: Store, domain: str, rows: Sequence[Row], as_of: date, *, name: str) -> submissions.Staged:
    """Typed rows as if they had been read and checked and nothing was wrong: the quick way into a commit.

    `name` tells one file from another, as its bytes would.
    """
    declared = store.election.domain(domain)
    columns = {column.name: pa.array([row.get(column.name) for row in rows], _TYPES[sql_type(column)]) for column in declared.stored}
    table = pa.table({"row": pa.array(range(1, len(rows) + 1), pa.int32()), **columns})
    districts = tuple(sorted({row["district"] for row in rows}))
    content = f"{name} {as_of}".encode()
    checked = Checked(declared, "Sheet1", as_of, table, districts, ())
    return submissions.Staged(name, content, sha256(content).hexdigest(), "A commission office", checked, ())
