"""The election's places and policy as tables in memory, beside the store's: what questions are answered by."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb
import pandas as pd

from data.election import Election

_PLAN = (Path(__file__).parent / "sql" / "plan.sql").read_text(encoding="utf-8")


def lay_policy(cursor: duckdb.DuckDBPyConnection, election: Election) -> None:
    """Puts a policy in the place of the one by which questions are answered: within a rehearsal, for a question about it."""
    _lay(cursor, _policy(election))


def lay_plan(root: duckdb.DuckDBPyConnection, election: Election) -> None:
    root.execute("attach ':memory:' as plan")
    root.execute(_PLAN)
    _lay(root, _places(election) | _policy(election))


def _lay(cursor: duckdb.DuckDBPyConnection, tables: dict[str, pd.DataFrame]) -> None:
    for table, frame in tables.items():
        cursor.register("laid", frame)
        cursor.execute(f"delete from plan.{table}")
        cursor.execute(f"insert into plan.{table} by name select * from laid")
        cursor.unregister("laid")


def _places(election: Election) -> dict[str, pd.DataFrame]:
    """The election's places as tables, by name."""
    places = election.places
    summed = (places.country, *places.provinces, *places.districts)
    return {
        "places": pd.DataFrame(
            [(place.code, place.name, place.summed_at, number) for number, place in enumerate(summed)],
            columns=["place", "name", "level", "position"]),
        "districts": pd.DataFrame(
            [(place.code, district.code) for place in (*summed, *places.divisions) for district in places.districts_of(place.code)],
            columns=["place", "district"]),
    }


def _policy(election: Election) -> dict[str, pd.DataFrame]:
    """The election's policy as tables, by name."""
    days = _days(election)
    return {
        "indicators": pd.DataFrame(
            [(indicator.id, domain.name, number, election.weight(indicator), election.weights[domain.name], election.due(indicator),
              bool((duty := election.duty_of(indicator)) and duty.legal), indicator.window or None, bool(indicator.fades))
             for number, (domain, indicator) in enumerate(election.indicators)],
            columns=["indicator", "domain", "position", "weight", "domain_weight", "due", "is_legal", "time_window", "fades"]),
        "line": pd.DataFrame(
            [(indicator.id, day, election.expected(indicator, day)) for _, indicator in election.indicators for day in days],
            columns=["indicator", "day", "expected"]),
        "unmeasured": pd.DataFrame(
            [(duty.id, election.duty_date(duty)) for duty in election.duties if duty.legal and not election.is_measured(duty)],
            columns=["duty", "due"]),
        "windows": pd.DataFrame(
            [(name, day, election.window(name, day)) for name in election.windows for day in days],
            columns=["time_window", "day", "days"]),
    }


def _days(election: Election) -> list[date]:
    """The days on which the plan moves: from before its first milestone or window to E-day."""
    starts = [election.dates[indicator.anchor] - timedelta(days=election.milestones_of(indicator)[0][0]) for _, indicator in election.indicators]
    starts += [election.e_day - timedelta(days=start) for steps in election.windows.values() for start, _ in steps if start is not None]
    first = min(starts) - timedelta(days=1)
    return [first + timedelta(days=number) for number in range((election.e_day - first).days + 1)]
