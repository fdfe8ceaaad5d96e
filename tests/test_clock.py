"""What is done last counts last, also in a store whose earlier events bear times that have not come yet."""

from __future__ import annotations

from datetime import date, datetime

from data import readiness
from data.scope import Scope
from data.store import Store
from loaders.answers import Answers
from loaders.submissions import commit, stage, withdraw

DAY = date(2026, 11, 20)
AHEAD = datetime(2090, 1, 1)


def _load(store: Store, attended: int, at: datetime | None = None) -> str:
    sheet = f"As of,20/11/2026\nDistrict,Course,Cadre,Sessions planned,Sessions held,Required,Attended,Passed\nLahore,POLL,PO,4,2,1000,{attended},0\n"
    return commit(store, stage(store, f"{attended}.csv", sheet.encode(), sender="Lahore", answers=Answers(as_of=DAY)), at=at).submission


def _attended(store: Store, everything: Scope) -> list[int]:
    return readiness.rows(store, everything, "training", place="PK617", on=DAY)["attended"].tolist()


def test_a_correction_counts_though_the_earlier_file_bears_a_later_time(store: Store, everything: Scope) -> None:
    _load(store, 100, AHEAD)
    second = _load(store, 200)
    assert _attended(store, everything) == [200]
    assert readiness.history(store, everything)["submission"].iloc[0] == second


def test_a_withdrawal_counts_though_the_commit_bears_a_later_time(store: Store, everything: Scope) -> None:
    first = _load(store, 100, AHEAD)
    withdraw(store, first, by="Lahore", reason="wrong week")
    assert _attended(store, everything) == []
    assert readiness.history(store, everything)["state"].iloc[0] == "withdrawn"
