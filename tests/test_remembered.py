"""What was answered is kept until the store changes, asked once however many want it, and cut for each place to what the place's own question gives."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import duckdb
import pandas as pd
import psutil
import pyarrow as pa
import pytest
from pandas.testing import assert_frame_equal

from data import disagreements as disagreements_of
from data import readiness
from data.clock import clock
from data.places import Places
from data.projection import projections
from data.scope import Scope
from data.store import FOREVER, Store
from pages.parts import pieces, session

DAY = date(2026, 10, 16)
DAYS = (DAY - timedelta(days=7), DAY)


# ── Kept ─────────────────────────────────────────────────────────────────────────────────────────


def test_what_many_ask_at_once_is_answered_once(store: Store) -> None:
    everybody, asked = threading.Barrier(8), []

    def answer() -> str:
        asked.append(1)
        time.sleep(0.2)  # while the others ask
        return "told"

    def ask(_: int) -> str:
        everybody.wait(10)
        return store.remember("a question", answer)

    with ThreadPoolExecutor(8) as people:
        assert set(people.map(ask, range(8))) == {"told"}
    assert asked == [1]


def test_who_waits_for_an_answer_that_fails_asks_anew(store: Store) -> None:
    first_asks, second_waits = threading.Event(), threading.Event()

    def fails() -> str:
        first_asks.set()
        second_waits.wait(10)
        raise OSError("cut off")

    with ThreadPoolExecutor(2) as people:
        first = people.submit(store.remember, "a question", fails)
        first_asks.wait(10)
        second = people.submit(store.remember, "a question", lambda: "told")
        second_waits.set()
        assert second.result(10) == "told"
        with pytest.raises(OSError, match="cut off"):
            first.result(10)
    assert store.remember("a question", lambda: "anew") in ("told", "anew")


def test_of_several_questions_only_those_are_asked_that_are_not_kept(store: Store) -> None:
    asked: list[Sequence[int]] = []

    def answers(questions: Sequence[int]) -> list[int]:
        asked.append(questions)
        return [-question for question in questions]

    assert store.remember_each([3, 1, 3], answers) == [-3, -1, -3]
    assert store.remember_each([1, 2, 3], answers) == [-1, -2, -3]
    assert asked == [[3, 1], [2]]
    with store.transaction() as cursor:
        cursor.execute("insert into settings values ('touched', 'yes')")
    assert store.remember_each([1, 2], answers) == [-1, -2]
    assert asked == [[3, 1], [2], [1, 2]]


def test_two_who_each_ask_what_the_other_is_asking_are_both_answered(store: Store) -> None:
    first_asks, second_asks = threading.Event(), threading.Event()

    def ask(questions: list[str], own: threading.Event, other: threading.Event) -> list[str]:
        def answers(missing: Sequence[str]) -> list[str]:
            own.set()
            other.wait(10)
            return [question.upper() for question in missing]

        return store.remember_each(questions, answers)

    with ThreadPoolExecutor(2) as people:
        first = people.submit(ask, ["a", "b"], first_asks, second_asks)
        first_asks.wait(10)
        second = people.submit(ask, ["b", "c"], second_asks, first_asks)
        assert (first.result(30), second.result(30)) == (["A", "B"], ["B", "C"])


def test_an_answer_about_a_store_that_has_changed_meanwhile_is_not_kept(store: Store) -> None:
    def answer() -> str:
        with store.transaction() as cursor:
            cursor.execute("insert into settings values ('touched', 'yes')")
        return "of before"

    assert store.remember("a question", answer) == "of before"
    assert store.remember("a question", lambda: "of now") == "of now"


def test_what_is_kept_is_found_while_another_holds_the_memory(store: Store) -> None:
    store.remember("a question", lambda: "told")
    with store._memory_lock, ThreadPoolExecutor(1) as people:
        assert people.submit(store.remember, "a question", lambda: "anew").result(10) == "told"


def test_what_nobody_wanted_again_is_forgotten_before_what_somebody_did(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store._memories["figures"], "most", 3)
    for number in range(3):
        store.remember(number, lambda: "of old")
    store.remember(0, lambda: "never")
    for number in (3, 4):
        store.remember(number, lambda: "of old")
    assert [store.remember(number, lambda: "anew") for number in (0, 3, 4)] == ["of old"] * 3
    assert store.remember(1, lambda: "anew") == "anew"


# ── Laid beside all questions ────────────────────────────────────────────────────────────────────


def numbers(*values: int) -> pa.Table:
    return pa.table({"number": values})


def laid(store: Store) -> list[tuple[int]]:
    return store.ask_rows("select number from laid_numbers", {})


def test_what_is_laid_stands_beside_all_questions_until_another_is_also_where_the_database_is_opened_anew(store: Store) -> None:
    assert store.lay("laid_numbers", lambda: numbers(1)).to_pylist() == [{"number": 1}]
    assert laid(store) == [(1,)]
    store.lay("laid_numbers", lambda: numbers(2, 3))
    store._close()
    assert laid(store) == [(2,), (3,)]


def test_what_was_asked_before_a_commit_does_not_take_the_place_of_what_was_asked_after_it(store: Store) -> None:
    def before_and_after() -> pa.Table:
        with store.transaction():
            pass
        store.lay("laid_numbers", lambda: numbers(2))
        return numbers(1)

    assert store.lay("laid_numbers", before_and_after).to_pylist() == [{"number": 1}]
    assert laid(store) == [(2,)]


def test_what_is_laid_beside_one_question_stands_in_place_of_it_there_alone(store: Store) -> None:
    store.lay("laid_numbers", lambda: numbers(1))
    assert laid(store) == [(1,)]
    assert store.ask_rows("select number from laid_numbers", {}, {"laid_numbers": numbers(4)}) == [(4,)]
    assert laid(store) == [(1,)]


def test_questions_one_after_the_other_share_a_cursor_and_those_at_once_have_each_their_own(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    laid_before, made, make = store.ask_rows("select 1", {}), [], store._cursor
    monkeypatch.setattr(store, "_cursor", lambda: made.append(1) or make())
    for _ in range(5):
        assert store.ask_rows("select 1", {}) == laid_before
    assert made == []
    everybody = threading.Barrier(4)

    def ask(number: int) -> list[tuple[int]]:
        with store._asking(is_alone=False) as cursor:
            everybody.wait(10)
            return cursor.execute("select $number", {"number": number}).fetchall()

    with ThreadPoolExecutor(4) as people:
        assert list(people.map(ask, range(4))) == [[(number,)] for number in range(4)]
    assert len(made) == 3


def test_the_cursor_of_a_question_that_fails_is_used_for_no_other(store: Store) -> None:
    used = []
    for sql in ("select 1", "select * from nowhere", "select 1"):
        with suppress(duckdb.CatalogException), store._asking(is_alone=False) as cursor:
            used.append(cursor)
            cursor.execute(sql).fetchall()
    assert used[0] is used[1] is not used[2]
    with pytest.raises(duckdb.ConnectionException, match="closed"):
        used[0].execute("select 1")


# ── Cut for a place ──────────────────────────────────────────────────────────────────────────────


def test_a_table_that_is_kept_is_of_one_piece_and_takes_the_room_of_its_rows(store: Store) -> None:
    assert store.ask_arrow("select range as number from range(10_000)", {})["number"].num_chunks == 1
    before = psutil.Process().memory_info().vms
    kept = [store.ask_arrow("select range as number, range::varchar as text from range(36)", {}) for _ in range(100)]
    assert psutil.Process().memory_info().vms - before < 200_000_000  # room for a million rows, which DuckDB would make by itself, is sixteen million bytes in each
    assert len(kept) == 100


def some_places(places: Places) -> list[str]:
    return [places.country.code, *(place.code for place in places.provinces), *(place.code for place in places.districts[::29]), places.divisions[0].code]


def scopes(everything: Scope, places: Places) -> list[Scope]:
    return [everything, everything.within(places, places.provinces[1].code), everything.within(places, places.districts[40].code)]


def test_the_lines_of_a_place_are_those_of_a_question_about_it_alone(example: Store, everything: Scope) -> None:
    """`figures` asks the database for the place and the domain themselves; the lines are cut out of those of all places."""
    places = example.election.places
    seen = 0
    for scope in scopes(everything, places):
        for level in ("national", "province", "district"):
            for place in (None, *some_places(places)):
                for domain in (None, "repairs"):
                    lines = readiness.lines(example, scope, level, days=DAYS, place=place, domain=domain)
                    frame = readiness.figures(example, scope, level, days=DAYS, place=place, domain=domain)
                    assert [told(line) for line in lines] == [told(row) for row in frame.itertuples()]
                    seen += len(lines)
    assert seen > 5_000


def told(row: Any) -> tuple[Any, ...]:
    values = (row.place_code, row.domain, row.indicator, row.done, row.required, row.share, row.expected, row.status, row.reporting, row.fresh, row.disputed)
    return (str(row.day)[:10], *(None if pd.isna(value) else value for value in values))


def test_what_lies_within_a_place_is_what_a_scope_of_it_sees(example: Store, everything: Scope) -> None:
    places = example.election.places
    for scope in scopes(everything, places):
        for place in some_places(places):
            narrow = scope.within(places, place)
            for level in ("province", "district"):
                # Who sees less of a country sees fewer printed totals that are not the sum: that a figure is disputed is left out.
                wide = readiness.lines(example, scope, level, days=DAYS, within=place)
                if level == "district":
                    assert [line._replace(disputed=0) for line in wide] == [line._replace(disputed=0) for line in readiness.lines(example, narrow, level, days=DAYS)]
                assert {line.place_code for line in wide} <= places.inside(place)
            assert clock_told(clock(example, scope, "district", on=DAY, within=place)) == clock_told(clock(example, narrow, "district", on=DAY))


def clock_told(entries: Sequence[Any]) -> list[tuple[Any, ...]]:
    return [(entry.place_code, entry.id, entry.state, entry.short, [part.projection for part in entry.parts]) for entry in entries]


def test_what_was_counted_for_a_place_is_what_a_scope_of_it_counts(example: Store, everything: Scope) -> None:
    places, country = example.election.places, example.election.places.country.code
    for place in some_places(places):
        for scope in scopes(everything, places):
            narrow = scope.within(places, place)
            for domain, asked in (("repairs", {"by": ("department", "status"), "sums": ("cost",)}), ("repairs", {"by": ("due", "province")}),
                                  ("training", {"by": ("course",), "sums": ("attended",), "given": "women_attended"})):
                one = readiness.tally(example, scope, domain, place=place, days=DAYS, **asked)
                other = readiness.tally(example, narrow, domain, place=country, days=DAYS, **asked)
                assert_frame_equal(one, other)
                plain = readiness.counted(example, scope, domain, place=place, days=DAYS, **asked)
                assert [list(row.items()) for row in plain] == [[(name, plainly(value)) for name, value in zip(one, row)] for row in one.itertuples(index=False)]
            assert readiness.reports(example, scope, place=place) == readiness.reports(example, narrow, place=country)
            for one, other in ((readiness.sources(example, scope, place=place, on=DAY), readiness.sources(example, narrow, place=country, on=DAY)),
                               (readiness.history(example, scope, place=place), readiness.history(example, narrow))):
                assert list(one["submission"]) == list(other["submission"])


def test_what_is_told_of_files_is_what_the_database_tells_who_asks_with_the_scope(example: Store, everything: Scope) -> None:
    """The rule of who may see of a file what stands in SQL; the pages' answers are cut out of those for everybody."""
    places, told = example.election.places, [0, 0, 0]
    names = [name for name, in example.ask_rows("select distinct done_by from events where kind = 'committed' order by all limit 3", {})]
    two_ends = Scope.of(places, [places.provinces[0].code, places.districts[-1].code])
    every = [*scopes(everything, places), two_ends, Scope(frozenset())]
    for scope in [*every, *(replace(one, own=name, submits=submits) for one in every for name in (*names, "Nobody") for submits in (frozenset(), two_ends.districts, everything.districts))]:
        asked = scope.of_files | {"day": DAY, "known_on": FOREVER}
        for place in (places.country.code, places.provinces[1].code, places.districts[40].code):
            inside = {"inside": sorted(places.inside(place))}
            sources = example.ask_rows("""
                select submission::varchar, count(*), case when w.submission is not null then (select count(*) from told_warnings($scope) t where t.submission = p.submission) end
                from picture([$day], $known_on, $scope) p left join wholly_visible($scope, $own, $theirs) w using (submission)
                where list_contains($inside, p.district) group by p.submission, w.submission order by all""", asked | inside)
            warned = example.ask_rows("""
                select distinct w.submission::varchar, w.sheet, w.row, w."column", w.kind, w.message from picture([$day], $known_on, $scope) p
                join wholly_visible($scope, $own, $theirs) using (submission)
                join told_warnings($scope) w on w.submission = p.submission and (w.district is null or w.district = p.district)
                where list_contains($inside, p.district) order by all""", asked | inside)
            history = example.ask_rows("""
                select submission::varchar, bool_or(w.submission is not null) from covered c left join wholly_visible($scope, $own, $theirs) w using (submission)
                where list_contains($inside, district) and (list_contains($scope, district) or submission in (select submission from handed_in($own, $theirs)))
                group by all order by all""", scope.of_files | inside)
            found = readiness.sources(example, scope, place=place, on=DAY)
            assert sorted(zip(found["submission"], found["districts"], map(plainly, found["warnings"]))) == sources
            assert [wholly for wholly in found["wholly"]] == [name is not None for name in map(plainly, found["file_name"])] == [plainly(count) is not None for count in found["row_count"]]
            found = readiness.accepted_warnings(example, scope, place=place, on=DAY, domains=[domain.name for domain in example.election.domains])
            assert {tuple(map(plainly, row)) for row in found.drop(columns="domain").itertuples(index=False)} == set(warned)
            found = readiness.history(example, scope, place=place)
            assert sorted(zip(found["submission"], found["wholly"])) == history
            gone = readiness.withdrawn(example, scope, place=place)
            assert list(gone["submission"]) == list(found[found["state"] == "withdrawn"]["submission"])
            told = [before + len(more) for before, more in zip(told, (sources, warned, history), strict=True)]
    assert all(one > few for one, few in zip(told, (500, 30, 5_000), strict=True))


def test_who_handed_nothing_in_shares_what_is_kept_with_all_who_see_the_same(example: Store, everything: Scope) -> None:
    sender, = example.ask_rows("select distinct done_by from events where kind = 'committed' order by all limit 1", {})[0]
    assert readiness.sharing(example, replace(everything, own="Nobody", submits=everything.districts)) == everything
    assert readiness.sharing(example, replace(everything, own=sender)) == replace(everything, own=sender)


def plainly(value: Any) -> Any:
    return None if pd.isna(value) else value.date() if isinstance(value, pd.Timestamp) else value


def test_what_is_told_of_the_whole_is_what_each_scope_would_be_told_by_itself(example: Store, everything: Scope) -> None:
    """The database is asked with the scope itself: the second mouth for what is cut out of the answer for everybody."""
    places, found = example.election.places, 0
    for scope in (*scopes(everything, places), Scope.of(places, [places.provinces[0].code, places.districts[-1].code]), Scope(frozenset())):
        alone = disagreements_of.asked_alone(example, scope, example.today, None)
        assert disagreements_of.disagreements(example, scope, on=example.today) == alone
        found += len(alone)
        for level in ("national", "province", "district"):
            frame = readiness.figures(example, scope, level, days=DAYS)
            codes = set(frame["place_code"])
            assert {line.place_code for line in readiness.lines(example, scope, level, days=DAYS)} == codes <= scope.covered(places)
            assert {code for code, _ in projections(example, scope, level, on=DAY)} <= codes
            assert {entry.place_code for entry in clock(example, scope, level, on=DAY)} == codes
    assert found > 0


def test_covered_are_the_places_of_which_the_whole_lies_in_scope(example: Store, everything: Scope) -> None:
    places = example.election.places
    every = (places.country, *places.provinces, *places.divisions, *places.districts)
    for scope in (*scopes(everything, places), Scope.of(places, [places.provinces[0].code, places.districts[-1].code]), Scope(frozenset())):
        assert scope.covered(places) == {place.code for place in every if scope.covers(places, place.code)}


# ── Drawn ────────────────────────────────────────────────────────────────────────────────────────


def test_no_more_is_drawn_at_a_time_than_there_are_processors(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "store", lambda: store)
    drawing, most, lock = [0], [0], threading.Lock()

    def draw(number: int) -> int:
        with lock:
            drawing[0] += 1
            most[0] = max(most[0], drawing[0])
        time.sleep(0.02)
        inner = pieces.kept(("within", number), lambda: number)  # needs no turn of its own
        with lock:
            drawing[0] -= 1
        return inner

    with ThreadPoolExecutor(12) as people:
        assert list(people.map(lambda number: pieces.kept(("page", number), lambda: draw(number)), range(24))) == list(range(24))
    assert 1 < most[0] <= max(2, os.cpu_count() or 2)
    with pytest.raises(ZeroDivisionError):
        pieces.kept("one that fails", lambda: 1 // 0)
    assert pieces.kept("one that fails", lambda: 1) == 1


def test_of_those_who_wait_it_is_the_turn_of_whoever_came_first() -> None:
    turns, order = pieces.Turns(1), list[float]()

    def draw(began: float) -> None:
        with turns.turn(began):
            order.append(began)

    with ThreadPoolExecutor(4) as people:
        with turns.turn(0):
            for number, began in enumerate((3.0, 1.0, 2.0), start=1):
                people.submit(draw, began)
                while len(turns._waiting) < number:
                    time.sleep(0.001)
        people.shutdown()
    assert order == [1.0, 2.0, 3.0]
    with pytest.raises(ZeroDivisionError), turns.turn(4.0):
        raise ZeroDivisionError
    draw(5.0)  # the turn was given back
    assert order[-1] == 5.0
