"""Projections worked out by hand: the pace of reports with outliers and gaps, where it leads, and when nothing can be said."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date, datetime, time, timedelta
from pathlib import Path

import oracle
import pytest
from conftest import ELECTION
from sheets_for import hand_in, security
from small_country import COUNTRY, NORTH, before, election_in, everything, only
from test_oracle import fill, moment

from data import backtest
from data.__main__ import main
from data.election import Election
from data.projection import Projection, projections
from data.scope import Scope
from data.store import Store
from loaders import submissions

LEVELS = {COUNTRY: "national", NORTH: "province"}
DUE = before(30)  # of personnel
LAST = before(58)  # 28 days before it


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path / "small.duckdb", election_in(tmp_path))) as store:
        yield store


def committed(store: Store, *counts: int, district: str = "N1", days: Sequence[int] | None = None, need: int | Sequence[int] = 100, last: date = LAST) -> list[str]:
    """Hands in how many personnel are committed, week by week up to the last day, or so many `days` before it."""
    ago = days or [7 * number for number in range(len(counts) - 1, -1, -1)]
    needs = [need] * len(counts) if isinstance(need, int) else need
    return [hand_in(store, "security", [security(district, personnel=(have, of))], last - timedelta(days=back)) for have, of, back in zip(counts, needs, ago)]


def told(store: Store, place: str = "N1", on: date = LAST, *, scope: Scope | None = None, known_on: datetime | None = None) -> Projection | None:
    """The projection of personnel committed."""
    return projections(store, scope or everything(store), LEVELS.get(place, "district"), on=on, place=place, known_on=known_on).get((place, "SE3"))


def per_week(pace: float | None) -> float | None:
    return None if pace is None else round(pace * 7, 6)


# ── The pace ─────────────────────────────────────────────────────────────────────────────────────


def test_an_even_pace_leads_to_its_day(store: Store) -> None:
    committed(store, 10, 20, 30, 40, 50)
    one = told(store)
    assert (per_week(one.pace), one.done, one.remaining, one.reports, one.since) == (10, 50, 50, 5, LAST - timedelta(days=28))
    assert one.finish == LAST + timedelta(days=35)
    assert (one.short, one.is_late) == (10, True)  # four weeks are left for five weeks' work
    assert per_week(one.needed) == 12.5
    # Half the pace takes ten weeks, and does 20 in four; twice the pace two and a half weeks.
    assert (one.latest, one.earliest) == (LAST + timedelta(days=70), LAST + timedelta(days=18))
    assert (one.short_at_least, one.short_at_most) == (0, 30)


def test_one_odd_report_does_not_move_the_pace(store: Store) -> None:
    # Slopes a week, over one to four weeks: 10, 70, -50, 10; 40, 10, -20; 10, 10; 10. The middle of the ten is 10.
    committed(store, 10, 20, 90, 40, 50)
    one = told(store)
    assert per_week(one.pace) == 10
    # Sorted: -50, -20, 10 six times, 40, 70. A tenth of the way along the nine steps is 0.9 of the first, nine tenths 0.1 of the last.
    assert (per_week(one.low), per_week(one.high)) == (-23, 43)
    assert (one.slowest, one.latest, one.short_at_most) == (0, None, 50)
    assert (per_week(one.fastest), one.earliest) == (43, LAST + timedelta(days=9))


def test_days_between_reports_count_as_they_are(store: Store) -> None:
    # 6 in 20 days, 2 in the 4 days after: 0.3, 0.5 and, over all, 8 in 24 days.
    committed(store, 10, 16, 18, days=[24, 4, 0])
    one = told(store)
    assert one.pace == pytest.approx(8 / 24)
    assert one.finish == LAST + timedelta(days=246)  # 82 at a third a day


def test_only_the_reports_of_the_last_days_count(store: Store) -> None:
    committed(store, 0, 10, 20, 30, days=[29, 28, 14, 0])
    one = told(store)
    assert (one.reports, one.since, one.done_before, per_week(one.pace)) == (3, LAST - timedelta(days=28), 10, 5)


@pytest.mark.parametrize(("days", "reports"), [([0], 1), ([7, 0], 2), ([35, 29, 7, 0], 2)])
def test_from_fewer_than_three_reports_nothing_is_foreseen(store: Store, days: list[int], reports: int) -> None:
    committed(store, *range(10, 10 * len(days) + 1, 10), days=days)
    one = told(store)
    assert (one.untold, one.reports) == ("few_reports", reports)
    assert (one.finish, one.earliest, one.latest, one.short, one.is_late) == (None, None, None, None, False)
    assert one.needed is not None


def test_what_is_complete_needs_no_pace(store: Store) -> None:
    committed(store, 60, 80, 100)
    one = told(store)
    assert (one.untold, one.short, one.finish, one.is_late, one.needed) == ("complete", 0, None, False, 0)


def test_at_no_pace_there_is_no_end(store: Store) -> None:
    committed(store, 40, 40, 40)
    one = told(store)
    assert (one.pace, one.finish, one.earliest, one.latest, one.short, one.short_at_least, one.is_late) == (0, None, None, None, 60, 60, True)


def test_what_is_done_is_not_expected_to_be_undone(store: Store) -> None:
    committed(store, 60, 50, 40)
    one = told(store)
    assert per_week(one.pace) == -10
    assert (one.finish, one.short, one.short_at_most) == (None, 60, 60)


def test_an_end_further_off_than_ten_years_is_none(store: Store) -> None:
    committed(store, 0, 0, 1, days=[28, 27, 0], need=100_000)
    assert told(store).pace > 0
    assert told(store).finish is None


def test_what_remains_is_what_is_required_now(store: Store) -> None:
    committed(store, 10, 20, 30, need=[100, 100, 160])
    one = told(store)
    assert (one.required_before, one.required, one.remaining, per_week(one.pace)) == (100, 160, 130, 10)
    assert one.finish == LAST + timedelta(days=91)


def test_a_share_that_fades_is_never_finished(store: Store) -> None:
    committed(store, 10, 20, 30)
    assert (NORTH, "SE1") not in projections(store, everything(store), "province", on=LAST)
    assert {key[1] for key in projections(store, everything(store), "district", on=LAST)} == {"SE2", "SE3", "SE4"}


# ── The due date ─────────────────────────────────────────────────────────────────────────────────


def test_on_the_due_date_all_that_is_missing_is_short(store: Store) -> None:
    committed(store, 50, 60, 70, last=DUE)
    assert (told(store, on=DUE).short, told(store, on=DUE).needed) == (30, None)


def test_after_the_due_date_what_is_missing_is_short_and_its_end_is_foreseen(store: Store) -> None:
    committed(store, 50, 60, 70, last=DUE)
    late = told(store, on=DUE + timedelta(days=7))
    assert (late.short, late.short_at_most, late.needed) == (30, 30, None)
    assert late.finish == DUE + timedelta(days=21)


def test_after_the_due_date_what_is_missing_is_known_from_one_report_too(store: Store) -> None:
    committed(store, 70, last=DUE)
    late = told(store, on=DUE + timedelta(days=1))
    assert (late.untold, late.short) == ("few_reports", 30)


def test_a_finish_on_the_due_date_is_in_time(store: Store) -> None:
    committed(store, 40, 50, 60)  # four weeks for 40
    one = told(store)
    assert (one.finish, one.short, one.is_late, one.may_be_late, one.short_at_most) == (DUE, 0, False, True, 20)


# ── Several districts ────────────────────────────────────────────────────────────────────────────


def test_that_a_district_begins_to_report_is_no_progress(store: Store) -> None:
    committed(store, 10, 20, 30, 40, 50)
    committed(store, 60, 60, district="N2")
    one = told(store, NORTH)
    assert (one.done, one.required, one.done_before, one.required_before, per_week(one.pace)) == (110, 200, 70, 200, 10)


def test_a_place_is_foreseen_from_all_days_on_which_one_of_it_reported(store: Store) -> None:
    # Amber on days -28, -14 and 0: 0, 20, 40. Birch on -21 and -7: 10, 30. Together 10, 10, 30, 50, 70.
    committed(store, 0, 20, 40, days=[28, 14, 0])
    committed(store, 10, 30, days=[21, 7], district="N2")
    one = told(store, NORTH)
    assert (one.reports, one.lately, one.done, one.done_before) == (5, 2, 70, 10)
    # Slopes a week: 0, 20, 20, 20; 10, 20, 20; 13.3, 20; 15. Sorted, the two in the middle are 20 and 20.
    assert per_week(one.pace) == 20


def test_of_fewer_than_half_of_the_districts_nothing_is_foreseen(store: Store) -> None:
    committed(store, 10, 20, 30)
    assert (told(store, NORTH).untold, told(store, NORTH).lately, told(store, NORTH).districts) == ("few_districts", 1, 3)
    committed(store, 10, 20, 30, district="N2")
    assert told(store, NORTH).untold is None


def test_a_district_that_has_fallen_silent_is_not_of_the_last_days(store: Store) -> None:
    committed(store, 10, 20, 30)
    committed(store, 10, 20, 30, district="N2", last=LAST - timedelta(days=29))
    one = told(store, NORTH)
    assert (one.lately, one.untold, one.done, one.required) == (1, "few_districts", 60, 200)


# ── Changes after the fact, and other viewers ────────────────────────────────────────────────────


def test_a_withdrawn_report_takes_its_point_away_and_the_past_keeps_it(store: Store) -> None:
    *_, wrong = committed(store, 10, 20, 90)
    then = datetime.combine(LAST, time(18))
    submissions.withdraw(store, wrong, by="A commission office", reason="A digit too many", at=then + timedelta(hours=1))
    assert (told(store).untold, told(store).done) == ("few_reports", 20)
    assert (told(store, known_on=then).untold, per_week(told(store, known_on=then).pace)) == (None, 40)


def test_a_back_dated_report_takes_its_place_among_the_days(store: Store) -> None:
    committed(store, 10, 30, days=[14, 0])
    assert told(store).untold == "few_reports"
    hand_in(store, "security", [security("N1", personnel=(18, 100))], LAST - timedelta(days=7), at=datetime.combine(LAST, time(20)))
    assert (told(store).reports, per_week(told(store).pace)) == (3, 10)
    assert told(store, known_on=datetime.combine(LAST, time(15))).untold == "few_reports"


def test_a_place_is_foreseen_only_for_who_sees_all_of_it(store: Store) -> None:
    committed(store, 10, 20, 30)
    committed(store, 10, 20, 30, district="N2")
    narrow = only(store, "N1", "N2")
    assert told(store, NORTH, scope=narrow) is None
    assert told(store, scope=narrow) == told(store)
    assert told(store, scope=only(store, "S1")) is None


# ── The oracle ───────────────────────────────────────────────────────────────────────────────────

TOLD = ("since", "as_of", "reports", "done", "required", "done_before", "required_before", "lately", "districts", "finish", "earliest", "latest",
        "short", "short_at_least", "short_at_most")


def agree(store: Store, tables: oracle.Tables, policy: oracle.Policy, level: str, day: date, known_on: datetime | None) -> int:
    """Both computations tell the same of the same; of how many something is foreseen."""
    ours = projections(store, everything(store), level, on=day, known_on=known_on)
    theirs = oracle.projections(tables, policy, level, day, known_on)
    assert ours.keys() == theirs.keys()
    for key, one in ours.items():
        other = theirs[key]
        assert {name: getattr(one, name) for name in TOLD} == {name: other[name] for name in TOLD}, key
        assert [one.pace, one.low, one.high] == pytest.approx([other["pace"], other["low"], other["high"]], abs=1e-9)
    return sum(one.untold is None for one in ours.values())


@pytest.mark.parametrize(("when", "is_foreseen"), [("mid", False), ("late", True), ("today", True), ("as known then", True)])  # fortnightly reports are too few
def test_every_projection_of_the_example_election_is_that_of_the_oracle(
    tmp_path: Path, example_store_path: Path, election: Election, when: str, is_foreseen: bool,
) -> None:
    with closing(Store(shutil.copyfile(example_store_path, tmp_path / "example.duckdb"), election)) as store:
        with closing(store.cursor()) as cursor:
            tables = oracle.read_tables(cursor)
        day, known_on = moment(store, tables, when)
        for level in ("national", "province", "district"):
            assert (agree(store, tables, oracle.Policy.read(ELECTION), level, day, known_on) > 0) == is_foreseen


@pytest.mark.parametrize("seed", range(2))
def test_every_projection_of_a_small_country_at_random_is_that_of_the_oracle(tmp_path: Path, seed: int) -> None:
    foreseen = 0
    with closing(Store(tmp_path / "small.duckdb", election_in(tmp_path))) as store:
        fill(store, random.Random(f"projections {seed}"), reports=120)
        with closing(store.cursor()) as cursor:
            tables = oracle.read_tables(cursor)
        for left in (121, 75, 62, 46, 31, 8, 0):
            for level in ("national", "province", "district"):
                for known_on in (None, datetime.combine(before(left), time(13))):
                    foreseen += agree(store, tables, oracle.Policy.read(tmp_path / "election.toml"), level, before(left), known_on)
    assert foreseen > 100


def test_the_documents_tell_how_often_it_came_true_as_the_command_does(tmp_path: Path, example_store_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = shutil.copyfile(example_store_path, tmp_path / "example.duckdb")
    assert main(["backtest", "--database", str(path), "--election", str(ELECTION)]) == 0
    assert capsys.readouterr().out in (ELECTION.parents[1] / "docs" / "projection.md").read_text(encoding="utf-8")


def test_the_back_test_tells_within_faster_and_slower_apart(store: Store) -> None:
    committed(store, 10, 20, 30, 40)  # 10 a week: 5 to 20 a week are within
    committed(store, 10, 20, 30, 60, district="N2")
    committed(store, 10, 20, 30, 32, district="N3")
    found = backtest.counts(store, everything(store), "district", days=[LAST - timedelta(days=7)], ahead=7)
    assert (found.count, found.within, found.faster, found.slower) == (9, 7, 1, 1)  # cameras and plans stand still, as foreseen


def test_the_back_test_tells_whether_a_finish_lay_in_its_interval(store: Store) -> None:
    # On the third report 10 are left, at 10 a week: a week, within half a week and two weeks.
    committed(store, 70, 80, 90, 100, 100, 100)
    committed(store, 70, 80, 90, 90, 90, 100, district="N2")  # told three weeks later, done in the last of them
    committed(store, 70, 80, 90, 90, 90, 90, district="N3")  # never
    found = backtest.finishes(store, everything(store), "district", days=[LAST - timedelta(days=7 * back) for back in (3, 2, 1)], until=LAST)
    assert (found.count, found.slower, found.faster) == (4, 0, 0)
    early = backtest.finishes(store, everything(store), "district", days=[LAST - timedelta(days=21)], until=LAST)
    assert (early.count, early.within) == (2, 2)
