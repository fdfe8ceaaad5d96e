"""The example election: the spreadsheets that offices send in the 26 weeks before the example's today, made up from
published totals. The same every time. It makes bytes only; nothing here reads or stores a spreadsheet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from data import domains
from data.example import appointments, repairs, security, training
from data.example.books import book
from data.example.country import districts
from data.example.meetings import MEETINGS, MET, NOTES
from data.example.progress import DAY
from data.example.rounds import DOMAINS, SECRETARIAT, Report, reports
from data.places import Places

__all__ = ["DAY", "DOMAINS", "MEETINGS", "MET", "NOTES", "Withdrawal", "Workbook", "count", "happenings", "workbooks"]

_DECLARED = {domain.name: domain for domain in domains.DOMAINS}
_ROWS = {"appointments": appointments.rows, "repairs": repairs.rows, "security": security.rows, "training": training.rows}


@dataclass(frozen=True)
class Workbook:
    """A spreadsheet that comes in: `at` (UTC) from `sender`, for the day `as_of`."""

    name: str
    content: bytes
    sender: str
    domain: str
    as_of: date
    at: datetime
    note: str


@dataclass(frozen=True)
class Withdrawal:
    """The workbook of that name is taken back, `at` (UTC)."""

    name: str
    domain: str
    at: datetime
    by: str
    reason: str


def workbooks(places: Places) -> Iterator[Workbook]:
    """All workbooks, in order of time. ValueError if the places are not those that the example is about."""
    found = [report for domain in DOMAINS for report in reports(districts(places), domain)]
    return (_workbook(report) for report in sorted(found, key=lambda report: report.at))


def count(places: Places) -> int:
    """How many workbooks there are."""
    told = districts(places)
    return sum(1 for domain in DOMAINS for _ in reports(told, domain))


def happenings(places: Places, domain: str) -> Iterator[Workbook | Withdrawal]:
    """What happens in one domain, in order of time. One domain's happenings do not depend on another's."""
    taken_back: list[Withdrawal] = []
    for report in reports(districts(places), domain):
        yield from (taken for taken in taken_back if taken.at <= report.at)
        taken_back = [taken for taken in taken_back if taken.at > report.at]
        yield _workbook(report)
        if report.withdrawn:
            at, reason = report.withdrawn
            taken_back.append(Withdrawal(report.name, domain, at, SECRETARIAT, reason))
    yield from taken_back


def _workbook(report: Report) -> Workbook:
    rows = [row for district in report.districts for row in _ROWS[report.domain](district, report.as_of)]
    if report.wrong:
        rows = [_mistyped(row, *report.wrong) for row in rows]
    if report.counts:
        rows = [_counted_otherwise(row, report.counts) for row in rows]
    content = book(_DECLARED[report.domain], rows, report.style, report.as_of)
    return Workbook(report.name, content, report.sender, report.domain, report.as_of, report.at, report.note)


def _counted_otherwise(row: dict[str, Any], share: float) -> dict[str, Any]:
    """The row of who counts that share of the most sensitive stations as such, and the others as sensitive."""
    most = max(round(row["most_sensitive"] * share), row["cameras_installed"])
    return {**row, "most_sensitive": most, "sensitive": row["sensitive"] + row["most_sensitive"] - most, "cameras_required": most}


def _mistyped(row: dict[str, Any], code: str, cadre: str, column: str) -> dict[str, Any]:
    """The row with a digit too many in that cell, if it is the one."""
    is_it = row["district"].code == code and row.get("cadre") == cadre
    return {**row, column: 10 * row[column]} if is_it else row
