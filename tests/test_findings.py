"""What the pages conclude from the figures, worked by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from data.election import Election
from data.readiness import Line
from pages.parts import findings

DAY = date(2026, 11, 26)


def line(place: str, domain: str, indicator: str, share: float | None, expected: float, *, done: int | None = None, required: int | None = None,
         status: str = "behind") -> Line:
    return Line(DAY, place, place, "district", domain, indicator, done, required, share, expected, status, DAY, int(share is not None), 1, 1)


@pytest.mark.parametrize(("before", "after", "number", "days_ago"), [
    # Proposed 10 → 20 → 30 by week, approved 5 → 10 → 12: 18 wait. The 13th proposal arrived with the second report, a week ago.
    ([10, 20, 30], [5, 10, 12], 18, 7),
    # All that were there at the first report are through, all of the last week wait.
    ([10, 10, 14], [5, 8, 10], 4, 0),
    # The first of the waiting was there when reporting began.
    ([10, 20, 30], [5, 6, 7], 23, 14),
    ([10, 20, 30], [10, 20, 30], 0, 0),
    ([], [], 0, None),
])
def test_who_waits_is_counted_in_order_of_arrival(before: list[int], after: list[int], number: int, days_ago: int | None) -> None:
    days = [DAY - timedelta(days=7 * back) for back in range(len(before) - 1, -1, -1)]
    waiting, since = findings.waiting(days, before, after)
    assert waiting == number
    if days_ago is not None:
        assert since == DAY - timedelta(days=days_ago)


def test_attention_goes_to_each_districts_worst_domain_and_its_heaviest_indicator(election: Election) -> None:
    lines = [
        line("A", "repairs", "all", 0.30, 0.60), line("A", "training", "all", 0.50, 0.60),
        line("A", "repairs", "PS1", 0.20, 0.60, done=2, required=10), line("A", "repairs", "PS2", 0.50, 0.60, done=5, required=10),
        line("B", "training", "all", 0.10, 0.60), line("B", "training", "TR2", 0.10, 0.60, done=100, required=1000),
        line("C", "training", "all", 0.70, 0.60)]
    found = findings.attention(election, lines, DAY, lambda one: one.place_code)
    assert [(one.place, one.what, one.count, one.behind) for one in found] == [
        ("B", "Polling staff trained", "100 of 1,000", 50), ("A", "Buildings made usable", "2 of 10", 30)]


def test_a_missed_legal_duty_names_the_districts_that_are_short_of_it(election: Election) -> None:
    lines = [
        line("A", "appointments", "AP2", 0.5, 1.0, done=1, required=2), line("B", "appointments", "AP2", 1.0, 1.0, done=2, required=2),
        line("C", "appointments", "AP5", 0.5, 1.0, done=1, required=2), line("D", "appointments", "AP1", None, 1.0)]
    told = findings.breached(election, lines, DAY)
    assert [places for places in told.values()] == [[("A", "A")]]
    assert "ss. 50–51" in next(iter(told))
    due = election.due(next(one for _, one in election.indicators if one.id == "AP2"))
    assert findings.breached(election, [one._replace(day=due) for one in lines], due) == {}


def test_who_reported_nothing_is_named_once_and_not_again_for_each_domain(election: Election) -> None:
    domains = [domain.name for domain in election.domains]
    lines = [line("A", name, "all", None, 0.5, status="not_reported") for name in domains]
    lines += [line("B", name, "all", None if name == "security" else 0.5, 0.5, status="not_reported" if name == "security" else "on_track") for name in domains]
    assert list(findings.silent(election, lines, DAY).values()) == [[("A", "A")], [("B", "B")]]


def test_the_points_behind_are_those_of_the_figures_that_the_reader_sees() -> None:
    assert findings.points_behind(line("A", "repairs", "all", 0.576, 0.634)) == 5  # 58 and 63
    assert findings.points_behind(line("A", "repairs", "all", 0.70, 0.60)) == 0
    assert findings.points_behind(line("A", "repairs", "all", None, 0.60)) == 0
