"""The example election: the published totals stand in it, it goes in by the front door, and it leaves nothing behind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from unittest.mock import patch

import pytest
from sheets_for import hand_in, posts, security, sheet
from small_country import election_in

from data import readiness
from data.election import Election
from data.example import DAY, DOMAINS, Withdrawal, Workbook, count, happenings, workbooks
from data.example.country import BALOCHISTAN, ISLAMABAD, KP, PUNJAB, SINDH, District, allocate, districts
from data.scope import Scope
from data.store import Store
from loaders import example as loading
from loaders.answers import Answers
from loaders import submissions
from loaders.problems import LoadError

PROVINCES = {"Punjab": (PUNJAB, ISLAMABAD), "Sindh": (SINDH,), "Khyber Pakhtunkhwa": (KP,), "Balochistan": (BALOCHISTAN,)}
# As published in October 2023 and on 28 and 29 January 2024: stations, most sensitive, sensitive, polling staff.
BY_PROVINCE = {
    "Punjab": (50_944, 6_040, 12_580, 526_123), "Sindh": (19_006, 6_524, 6_545, 264_100),
    "Khyber Pakhtunkhwa": (15_697, 4_143, 6_166, 166_655), "Balochistan": (5_028, 1_730, 2_337, 50_491),
}
IN_THE_COUNTRY = {"DRO": 144, "RO": 859, "ARO": 2 * 859, "DMO": 1_336}
RETURNING_OFFICERS = {PUNJAB: 438, ISLAMABAD: 3, SINDH: 191, KP: 160, BALOCHISTAN: 67}
STATUSES = {"ready", "on_track", "behind", "critical", "not_reported", "stale"}


@pytest.fixture(scope="module")
def country(election: Election) -> tuple[District, ...]:
    return districts(election.places)


@pytest.mark.parametrize("province", PROVINCES)
def test_stations_their_categories_and_polling_staff_add_up_to_what_was_published(country: tuple[District, ...], province: str):
    told = [one for one in country if one.province.code in PROVINCES[province]]
    staff = sum(one.posts[post] for one in told for post in ("PrO", "APO", "PO"))

    assert (sum(one.stations for one in told), sum(one.most_sensitive for one in told), sum(one.sensitive for one in told), staff) == BY_PROVINCE[province]
    assert all(min(one.normal, one.sensitive, one.most_sensitive) > 0 for one in told)


def test_officers_sessions_and_personnel_add_up_to_what_was_published(country: tuple[District, ...]):
    assert len(country) == 144
    assert {post: sum(one.posts[post] for one in country) for post in IN_THE_COUNTRY} == IN_THE_COUNTRY
    assert {code: sum(one.posts["RO"] for one in country if one.province.code == code) for code in RETURNING_OFFICERS} == RETURNING_OFFICERS
    assert sum(sum(one.sessions.values()) for one in country) == 27_676
    assert sum(one.personnel for one in country) == 596_618
    assert sum(one.buildings for one in country) == 4_945
    assert [one.stations for one in country if one.province.code == ISLAMABAD] == [990]


def test_the_published_stations_stand_in_the_store_where_every_district_has_reported(example: Store, everything: Scope):
    found = readiness.tally(example, everything, "security", place="PK", days=[DAY], by=["province"], sums=["stations", "most_sensitive", "sensitive"])
    sums = {row.province: (row.stations, row.most_sensitive, row.sensitive) for row in found.itertuples()}

    assert tuple(map(sum, zip(sums[PUNJAB], sums[ISLAMABAD]))) == BY_PROVINCE["Punjab"][:3]
    assert sums[SINDH] == BY_PROVINCE["Sindh"][:3]
    assert sums[KP] == BY_PROVINCE["Khyber Pakhtunkhwa"][:3]
    assert sums[BALOCHISTAN] < BY_PROVINCE["Balochistan"][:3]


@pytest.mark.parametrize("total", [0, 1, 7, 100])
def test_a_total_is_shared_out_in_whole_parts_that_add_up_to_it(total: int):
    parts = allocate(total, {"a": 5.0, "b": 3.0, "c": 2.0})

    assert sum(parts.values()) == total
    assert all(abs(parts[code] - total * weight / 10) < 1 for code, weight in {"a": 5, "b": 3, "c": 2}.items())


def test_the_same_workbooks_come_every_time(election: Election):
    first, second = (list(islice(workbooks(election.places), 9)) for _ in range(2))

    assert [(one.name, one.at, one.sender) for one in first] == [(one.name, one.at, one.sender) for one in second]
    assert [one.name for one, other in zip(first, second) if one.content != other.content] == []
    assert {one.domain for one in first} == set(DOMAINS)


def test_workbooks_come_in_order_of_time_under_names_of_their_own_for_twenty_six_weeks(election: Election):
    told = [one for domain in DOMAINS for one in _fast(election, domain)]
    names = [one.name for one in told if isinstance(one, Workbook)]

    for domain in DOMAINS:
        times = [one.at for one in told if one.domain == domain]
        assert times == sorted(times)
    assert len(names) == len(set(names)) == count(election.places)
    days = {one.as_of for one in told if isinstance(one, Workbook)}
    assert (min(days), max(days)) == (DAY - timedelta(weeks=25), DAY)
    assert all(one.as_of <= one.at.date() <= DAY for one in told if isinstance(one, Workbook))


def _fast(election: Election, domain: str) -> Iterator[Workbook | Withdrawal]:
    """A domain's happenings without the bytes."""
    with patch("data.example.book", return_value=b""):
        yield from happenings(election.places, domain)


def test_every_file_is_staged_and_one_that_is_refused_stops_the_load(store: Store, monkeypatch: pytest.MonkeyPatch):
    """Loading stops at the first file that is refused, so the example that was loaded had none: here one is."""
    asked, wrong = [], sheet("appointments", [posts("Nowhere", "DRO", sanctioned=1)], date(2026, 6, 4))

    def stage(store: Store, name: str, content: bytes, **told) -> submissions.Staged:
        asked.append(name)
        return submissions.stage(store, name, wrong if name.startswith("appointments") else content, **told)

    monkeypatch.setattr(loading, "stage", stage)
    with pytest.raises(LoadError, match="appointments-Pakistan-2026-06-04.xlsx is refused: .*Nowhere"):
        loading.load(store)

    assert "appointments-Pakistan-2026-06-04.xlsx" in asked
    assert _left(store) == {}
    assert store.example_day is None


def test_every_file_is_in_the_history_as_an_example(example: Store, election: Election, everything: Scope):
    history = readiness.history(example, everything)

    assert len(history) == count(election.places)
    assert history["is_example"].all()
    assert example.today == DAY


def test_warnings_are_those_that_were_meant(example: Store):
    kinds = Counter(kind for (kind,) in example.ask_rows("select kind from warnings", {}))

    assert kinds == {"fell": 2, "ten_times": 1, "back_dated": 1, "disagrees": 9}


def test_every_status_occurs_among_the_districts(example: Store, everything: Scope):
    found = readiness.figures(example, everything, "district", days=[DAY])
    whole = found[(found["indicator"] == "all") & (found["domain"] != "all")]

    assert set(whole["status"]) == STATUSES
    assert len(whole) == 144 * len(DOMAINS)


def test_the_example_is_late_where_it_is_meant_to_be(example: Store, everything: Scope):
    country = {(one.domain, one.indicator): one for one in readiness.lines(example, everything, "national", days=[DAY])}
    provinces = {(one.place_code, one.domain): one for one in readiness.lines(example, everything, "province", days=[DAY]) if one.indicator == "all"}
    jamshoro = {one.indicator: one for one in readiness.lines(example, everything, "district", days=[DAY], place="PK708")}

    assert 0.03 < country["all", "all"].gap < 0.07
    assert provinces[SINDH, "repairs"].status == "critical"
    assert provinces[PUNJAB, "repairs"].status in ("on_track", "ready")
    assert provinces[PUNJAB, "training"].share > provinces[SINDH, "training"].share > provinces[BALOCHISTAN, "training"].share
    assert provinces[BALOCHISTAN, "appointments"].status == "critical"
    assert (jamshoro["PS1"].done, jamshoro["PS1"].required) == (77, 375)


def test_the_floods_move_both_lines_of_the_repairs(example: Store, everything: Scope):
    days = [date(2026, 7, 30), date(2026, 8, 13), date(2026, 9, 24), DAY]
    usable = [one for one in readiness.lines(example, everything, "national", days=days) if one.indicator == "PS1"]

    assert usable[0].required == usable[1].required < usable[2].required
    assert [one.done for one in usable] == sorted({one.done for one in usable})


@pytest.mark.parametrize(("district", "silent"), [
    ("PK230", DOMAINS), ("PK216", ("security",)), ("PK201", ("security",)), ("PK516", ("repairs",)), ("PK227", ("training",))])
def test_the_silent_are_not_reported(example: Store, everything: Scope, district: str, silent: tuple[str, ...]):
    found = readiness.lines(example, everything, "district", days=[DAY], place=district)

    assert {one.domain for one in found if one.indicator == "all" and one.status == "not_reported" and one.domain != "all"} == set(silent)


def test_the_withdrawn_file_and_its_correction_are_in_the_history(example: Store, everything: Scope):
    history = readiness.history(example, everything, domain="training", place="PK608").set_index("file_name")
    wrong, right = history.loc["training-Punjab-Islamabad-2026-10-29.xlsx"], history.loc["training-Punjab-Islamabad-2026-10-29-corrected.xlsx"]

    assert wrong["state"] == "withdrawn"
    assert "Faisalabad" in wrong["reason"]
    assert wrong["warnings"] == 1
    assert right["state"] == "committed"
    assert right["note"].startswith("Corrected")
    assert wrong["committed_at"] < wrong["state_since"] < right["committed_at"]


def test_the_mistyped_figure_was_believed_until_it_was_withdrawn(example: Store, everything: Scope):
    day, correction = date(2026, 10, 29), timedelta(days=2)
    history = readiness.history(example, everything, domain="training", place="PK608").set_index("file_name")
    sent = history.loc["training-Punjab-Islamabad-2026-10-29.xlsx"]["committed_at"]

    def required(known_on) -> int:
        found = readiness.lines(example, everything, "district", days=[day], place="PK608", domain="training", known_on=known_on)
        return next(one.required for one in found if one.indicator == "TR2")

    assert required((sent + timedelta(hours=1)).to_pydatetime()) > 2 * required((sent + correction).to_pydatetime())


def test_a_late_report_stands_on_its_own_day(example: Store, everything: Scope):
    history = readiness.history(example, everything, domain="training", place="PK728").set_index("file_name")
    late = history.loc["training-Umerkot-2026-10-15.ods"]

    assert late["committed_at"].date() > late["as_of"].date() + timedelta(days=14)
    sources = readiness.sources(example, everything, place="PK728", on=date(2026, 10, 16))
    assert "training-Umerkot-2026-10-15.ods" in set(sources["file_name"])


def test_a_fall_with_a_remark_is_not_warned_of(example: Store, everything: Scope):
    rows = [readiness.rows(example, everything, "appointments", place="PK622", on=on).set_index("post").loc["PO"]
            for on in (date(2026, 11, 4), date(2026, 11, 12))]

    assert rows[1]["joined"] < rows[0]["joined"]
    assert rows[1]["remarks"].startswith("Polling officers")
    assert example.ask_rows("select 1 from warnings join submissions using (submission) where domain = 'appointments'", {}) == []


def test_files_of_several_kinds_come_from_several_offices(example: Store, everything: Scope):
    history = readiness.history(example, everything)

    assert {Path(name).suffix for name in history["file_name"]} == {".xlsx", ".csv", ".ods"}
    assert {"ECP Secretariat, Islamabad", "Provincial Election Commissioner, Sindh", "Inspector General of Police, Sindh"} <= set(history["sender"])


def test_a_store_with_submissions_does_not_take_the_example(store: Store):
    mine = hand_in(store, "security", [security("Lahore")], date(2026, 1, 15))

    with pytest.raises(LoadError, match="empty database"):
        loading.load(store)
    assert _left(store) == {"submissions": 1, "files": 1, "events": 1, "covered": 1, "figures": 4, "rows_security": 1, "audit": 1, "named": 1}
    assert store.ask_rows("select submission::varchar from submissions", {}) == [(mine,)]


def test_another_country_does_not_take_the_example(tmp_path: Path):
    store = Store(tmp_path / "small.duckdb", election_in(tmp_path))

    with pytest.raises(LoadError, match="about the districts"):
        loading.load(store)
    assert _left(store) == {}
    store.close()


def test_clearing_takes_the_example_and_leaves_what_is_real(example: Store, everything: Scope):
    day = date(2026, 1, 15)
    mine = hand_in(example, "security", [security("Lahore", personnel=(40, 100))], day)
    before = readiness.rows(example, everything, "security", place="PK617", on=day)

    loading.clear(example)

    # Its own warning, of being older than the example's, stays with it.
    assert _left(example) == {"submissions": 1, "files": 1, "events": 1, "covered": 1, "figures": 4, "rows_security": 1, "warnings": 1, "settings": 1, "audit": 1, "named": 1}
    assert loading.was_cleared(example)
    assert readiness.history(example, everything)["submission"].to_list() == [mine]
    assert readiness.rows(example, everything, "security", place="PK617", on=day).equals(before)
    assert readiness.file_of(example, everything, mine) is not None
    assert example.example_day is None


def test_a_file_that_is_real_as_well_stays(example: Store, everything: Scope):
    name, content = next((one.name, one.content) for one in happenings(example.election.places, "security") if isinstance(one, Workbook))
    staged = submissions.stage(example, name, content, sender="A real office", answers=Answers(as_of=date(2026, 6, 5)))
    mine = submissions.commit(example, staged).submission

    loading.clear(example)

    assert readiness.file_of(example, everything, mine) == (name, content)


def test_what_a_killed_load_left_is_cleared_before_the_next(store: Store, monkeypatch: pytest.MonkeyPatch):
    first = next(happenings(store.election.places, "security"))
    loading._set(store, {"example_day": DAY.isoformat(), "example_loading": "true"})
    submissions.commit(store, submissions.stage(store, first.name, first.content, sender=first.sender), is_example=True)
    monkeypatch.setattr(loading.example, "happenings", lambda places, domain: iter([first] if domain == "security" else []))

    loading.load(store)

    assert store.ask_rows("select count(*) from submissions", {}) == [(1,)]
    assert store.ask_rows("select name from settings", {}) == [("example_day",)]


def _left(store: Store) -> dict[str, int]:
    """The tables that hold anything, with their rows; the list of migrations apart."""
    tables = store.ask_rows("select table_name from duckdb_tables() where database_name = current_database() and table_name <> 'migrations'", {})
    counts = {table: store.ask_rows(f"select count(*) from {table}", {})[0][0] for (table,) in tables}
    return {table: rows for table, rows in counts.items() if rows}
