"""What the pages conclude from the figures, worked by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from data import readiness
from data.election import Election
from data.readiness import Line
from data.scope import Scope
from data.store import Store
from pages.parts import findings, marks

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
    found = findings.attention(election, lines, DAY, lambda one: one.place_code, most=8)
    assert [(one.place, one.domain, one.behind, one.what, one.count) for one in found] == [
        ("B", "Training", "50", "Polling staff trained", "100 of 1,000"), ("A", "Repairs", "30", "Buildings made usable", "2 of 10")]


def test_a_missed_legal_duty_names_the_districts_that_are_short_of_it(election: Election) -> None:
    lines = [
        line("A", "appointments", "AP2", 0.5, 1.0, done=1, required=2), line("B", "appointments", "AP2", 1.0, 1.0, done=2, required=2),
        line("C", "appointments", "AP5", 0.5, 1.0, done=1, required=2), line("D", "appointments", "AP1", None, 1.0)]
    told = findings.breached(election, lines, DAY)
    assert [places for places in told.values()] == [[("A", "A")]]
    assert next(iter(told)) == "Breached 16 Oct: DROs, ROs and AROs appointed"
    due = election.due(next(one for _, one in election.indicators if one.id == "AP2"))
    assert findings.breached(election, [one._replace(day=due) for one in lines], due) == {}
    assert [duty.id for duty in findings.missed(election, lines[:1], DAY)] == ["officers"]
    assert findings.missed(election, lines[1:], DAY) == []


def test_a_practice_that_is_late_is_named_and_not_called_a_legal_duty(election: Election) -> None:
    late = date(2027, 2, 5)
    lines = [line("A", "training", "TR2", 0.9, 1.0, done=9, required=10)._replace(day=late)]
    assert list(findings.breached(election, lines, late)) == ["Missed 3 Feb: Polling-staff training finished"]
    assert findings.missed(election, lines, late) == []


@pytest.mark.parametrize(("status", "share", "expected", "missed", "little", "says"), [
    ("critical", 0.93, 0.92, True, False, "on plan as a whole, but a legal duty is missed: DROs, ROs and AROs appointed"),
    ("critical", 0.80, 0.92, True, False, "12 points behind plan"),
    ("critical", 0.10, 0.92, True, True, "too little is known, 1 of 5 districts have reported"),
    ("not_reported", 0.93, 0.92, False, True, "too little is known, 1 of 5 districts have reported"),
    ("not_reported", None, 0.92, False, False, "not reported yet"),
    ("on_track", 0.93, 0.92, False, False, "on plan"),
])
def test_the_title_says_why_a_domain_has_its_status(
    election: Election, status: str, share: float | None, expected: float, missed: bool, little: bool, says: str,
) -> None:
    now = Line(DAY, "A", "A", "province", "appointments", "all", None, None, share, expected, status, DAY if share is not None else None, int(share is not None), 5, 1)
    duties = [duty for duty in election.duties if duty.id == "officers"] if missed else []
    assert findings.title("domain", now, None, election, little=little, missed=duties, domain="Appointments", place="A", indicator="").endswith(says)


def test_the_plans_line_does_not_fall_when_an_indicator_joins(election: Election) -> None:
    """PS2 alone is reported first, and its plan is ahead of that of PS1: one line of both from the beginning."""
    early = DAY - timedelta(days=7)
    weight = {"PS1": 2, "PS2": 1}
    assert {one.id: election.weight(one) for one in election.domain("repairs").indicators} == weight
    lines = [line("A", "repairs", "PS1", None, 0.2)._replace(day=early), line("A", "repairs", "PS2", 0.5, 0.8)._replace(day=early),
             line("A", "repairs", "all", 0.5, 0.8)._replace(day=early),
             line("A", "repairs", "PS1", 0.3, 0.4), line("A", "repairs", "PS2", 0.6, 0.9), line("A", "repairs", "all", 0.4, 1.7 / 3)]
    drawn = findings.over_time(findings.index(lines), election, "A", "repairs", [early, DAY])
    assert [round(one.expected, 6) for one in drawn] == [round((2 * 0.2 + 0.8) / 3, 6), round((2 * 0.4 + 0.9) / 3, 6)]
    assert [one.share for one in drawn] == [0.5, 0.4]


def test_the_plans_line_ends_at_the_figure_beside_it(example: Store, everything: Scope) -> None:
    election, on = example.election, example.today
    days = tuple(on - timedelta(days=7 * number) for number in range(25, -1, -1))
    for level in ("national", "province"):
        past = findings.index(readiness.lines(example, everything, level, days=days))
        for place in {place for _, place, _, _ in past}:
            for name in ("all", *(domain.name for domain in election.domains)):
                drawn = findings.over_time(past, election, place, name, days)
                assert drawn[-1].expected == pytest.approx(past[on, place, name, "all"].expected)
                assert all(earlier.expected <= later.expected + 1e-9 for earlier, later in zip(drawn, drawn[1:]))


def test_who_reported_nothing_is_named_once_and_not_again_for_each_domain(election: Election) -> None:
    domains = [domain.name for domain in election.domains]
    lines = [line("A", name, "all", None, 0.5, status="not_reported") for name in domains]
    lines += [line("B", name, "all", None if name == "security" else 0.5, 0.5, status="not_reported" if name == "security" else "on_track") for name in domains]
    assert list(findings.silent(election, lines, DAY).values()) == [[("A", "A")], [("B", "B")]]


@pytest.mark.parametrize(("share", "expected", "points"), [
    (0.576, 0.634, "5"),        # 58 and 63, as the reader sees them
    (0.70, 0.60, "0"), (0.60, 0.60, "0"),
    (0.8555, 0.8561, "<1"),     # both are shown as 86
    (0.00005, 0.0046, "<1"), (0.0, 0.0046, "<1"),
    (0.6667, 0.7674, "10.1"),   # 67 and 77, and yet Critical
    (0.66, 0.76, "10"), (0.30, 0.60, "30")])
def test_the_points_behind_are_those_that_the_reader_sees_and_do_not_contradict_the_status(share: float, expected: float, points: str) -> None:
    assert marks.points_behind(share, expected, 0.1) == points


@pytest.mark.parametrize(("share", "says"), [(0.0, "0\u00a0%"), (0.00005, "<1\u00a0%"), (0.004, "<1\u00a0%"), (0.006, "1\u00a0%"), (0.9999, "99\u00a0%"), (1.0, "100\u00a0%"), (None, "–")])
def test_a_percentage_is_never_none_once_one_is_done_nor_all_before_the_last(share: float | None, says: str) -> None:
    assert marks.percent(share) == says


def test_whose_report_is_out_of_date_is_named(election: Election) -> None:
    late = line("A", "repairs", "all", 0.5, 0.5)._replace(fresh=0)
    assert findings.outdated(election, [late, line("B", "repairs", "all", 0.5, 0.5)], DAY) == {"Out of date, Repairs": [("A", "A")]}


def test_what_is_reported_and_requires_nothing_is_not_called_unreported(election: Election) -> None:
    nil = Line(DAY, "A", "A", "district", "repairs", "all", None, None, None, 0.7, "ready", DAY, 1, 1, 1)
    assert findings.title("domain", nil, None, election, domain="Repairs", place="A", indicator="") == "Repairs, A: reported, and nothing is required"
    assert "nothing is required here" in findings.strip(nil, nil, election)



@pytest.mark.parametrize(("reporting", "little"), [((0, 0, 0, 0), False), ((1, 0, 0, 0), True), ((5, 4, 0, 0), True), ((5, 5, 0, 0), False), ((5, 5, 5, 5), False)])
def test_little_is_known_below_half_of_the_reports(election: Election, reporting: tuple[int, ...], little: bool) -> None:
    past = findings.index(
        Line(DAY, "A", "A", "province", domain.name, "all", None, None, 0.5, 0.5, "on_track", DAY, number, 5, number)
        for domain, number in zip(election.domains, reporting))
    assert findings.is_little(past, election, "A", "all", DAY) is little
