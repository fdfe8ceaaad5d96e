"""The example election as an analyst without this program would keep it: a folder of workbooks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from data import duties, meetings, readiness
from data.declare import Domain
from data.election import Election
from data.places import Places
from data.scope import Scope
from data.store import Store

WEEKS = 18  # with today's, as many as the national page shows


def write(store: Store, folder: Path) -> None:
    """Writes to the folder one workbook per domain with the rows that stand today, `history.xlsx` with the districts' counts
    of the weeks before, and `plan.xlsx` with the places, what is measured, its milestones, the dated duties and the
    briefings that meetings count as."""
    folder.mkdir()
    everything, today = Scope.everything(store.election.places), store.today
    for domain in store.election.domains:
        rows = readiness.rows(store, everything, domain.name, place=store.election.places.country.code, on=today)
        _write(folder / f"{domain.name}.xlsx", {domain.label: _labelled(rows, domain, store.election.places)})
    _write(folder / "history.xlsx", {"History": _history(store, everything, today)})
    _write(folder / "plan.xlsx", _plan(store, everything))


def _write(path: Path, sheets: dict[str, pd.DataFrame]) -> None:
    with pd.ExcelWriter(path, engine="xlsxwriter", datetime_format="dd/mm/yyyy", date_format="dd/mm/yyyy") as book:
        for name, frame in sheets.items():
            frame.to_excel(book, sheet_name=name, index=False)


def _labelled(rows: pd.DataFrame, domain: Domain, places: Places) -> pd.DataFrame:
    """The rows in the words of the sheet, each with the day of its report."""
    told = rows.assign(district=rows["district"].map(lambda code: places[code].name))
    for column in domain.stored:
        if column.kind == "code":
            told[column.name] = told[column.name].map({code.value: code.label for code in column.codes})
    return told[[*(column.name for column in domain.stored), "as_of"]].rename(
        columns={column.name: column.label for column in domain.stored} | {"as_of": "As-of date"})


def _history(store: Store, scope: Scope, today: date) -> pd.DataFrame:
    weeks = [today - timedelta(days=7 * number) for number in range(WEEKS - 1, 0, -1)]
    found = readiness.figures(store, scope, "district", days=weeks)
    told = found[(found["indicator"] != "all") & found["done"].notna()]
    return told[["day", "place", "indicator", "done", "required", "as_of"]].rename(
        columns={"day": "Day", "place": "District", "indicator": "Indicator", "done": "Done", "required": "Required", "as_of": "As-of date"})


def _plan(store: Store, scope: Scope) -> dict[str, pd.DataFrame]:
    election = store.election
    places = election.places
    return {
        "Places": _frame(("District", "Province", "Column", "Row"), ((one.name, places[one.province].name, *one.tile) for one in places.districts)),
        "Indicators": _frame(
            ("Indicator", "Domain", "Label", "Unit", "Weight", "Domain weight", "Due", "Duty", "Legal", "Fades"),
            ((one.id, domain.label, one.label, one.unit, election.weight(one), election.weights[domain.name], election.due(one), duty.title if duty else None,
              bool(duty and duty.legal), bool(one.fades)) for domain, one in election.indicators for duty in (election.duty_of(one),))),
        "Milestones": _frame(("Indicator", "Date", "Share"), _milestones(election)),
        "Duties": _frame(("Duty", "Date", "Legal", "Met on"), _duties(store)),
        "Briefings": _frame(("District", "Held on"), ((places[code].name, held_on) for window in _windows(election)
                                                      for code, held_on in meetings.briefed(store, scope, window, store.today).items())),
    }


def _windows(election: Election) -> set[str]:
    return {one.window for _, one in election.indicators if one.fades}


def _milestones(election: Election) -> Iterator[tuple[str, date, float]]:
    for _, one in election.indicators:
        for days, share in election.milestones_of(one):
            yield one.id, election.dates[one.anchor] - timedelta(days=days), share


def _duties(store: Store) -> Iterator[tuple[str, date, bool, date | None]]:
    records = duties.recorded(store)
    for duty in store.election.duties:
        record = records.get(duty.id)
        yield duty.title, store.election.duty_date(duty), duty.legal, record.met_on if record else None


def _frame(columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(columns))
