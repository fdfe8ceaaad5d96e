"""Meetings, actions and notes: what is recorded, by whom, what it counts for, whether the figures moved, and who sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, datetime, time, timedelta
from pathlib import Path

import oracle
import pandas as pd
import pytest
from sheets_for import building, hand_in, security
from small_country import COUNTRY, NORTH, SOUTH, before, election_in, everything, only

from data import actions, audit, meetings, notes, readiness
from data.scope import Scope
from data.store import Store, now
from data.written import WritingError
from pages.parts import decided

DAY = timedelta(days=1)
NOW = before(75)  # a briefing counts for 30 days
BY = "The secretary"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path / "small.duckdb", election_in(tmp_path))) as store:
        yield store


def held(store: Store, place: str = NORTH, on: date = NOW, *, renews: str = "", scope: Scope | None = None, at: datetime | None = None) -> str:
    return meetings.hold(store, scope or everything(store), place, on, chaired_by="The commissioner", briefed_by="The police", renews=renews, by=BY, at=at or datetime.combine(on, time(12)))


def decide(store: Store, place: str = "N1", due: date = NOW + 7 * DAY, *, indicator: str = "", on: date = NOW, what: str = "Repair it", meeting: str | None = None) -> str:
    return actions.decide(store, everything(store), place, what, "The secretary of works", due, indicator=indicator, decided_on=on, meeting=meeting, by=BY, at=datetime.combine(on, time(13)))


def one_action(store: Store, on: date, *, known_on: datetime | None = None) -> actions.Action:
    found, = actions.measured(store, everything(store), actions.actions(store, everything(store), on=on, known_on=known_on))
    return found


# ── The briefing ─────────────────────────────────────────────────────────────────────────────────


def briefings(store: Store, place: str = NORTH, on: date = NOW, *, known_on: datetime | None = None) -> tuple[int | None, int | None]:
    """Briefing current, as (done, required), which must be what the oracle reckons."""
    level = {COUNTRY: "national", NORTH: "province", SOUTH: "province"}.get(place, "district")
    with closing(store.cursor()) as cursor:
        tables = oracle.read_tables(cursor)
    theirs = oracle.figures(tables, oracle.Policy.read(store.database.path.with_name("election.toml")), level, on, known_on).set_index(["place_code", "indicator"])
    ours = next(line for line in readiness.lines(store, everything(store), level, days=(on,), place=place, known_on=known_on) if line.indicator == "SE1")
    expected = theirs.loc[(place, "SE1")]
    assert (ours.done, ours.required, ours.status) == tuple(None if pd.isna(value) else value for value in expected[["done", "required", "status"]])
    return ours.done, ours.required


def test_a_security_briefing_of_a_province_counts_for_every_district_that_has_reported(store: Store) -> None:
    hand_in(store, "security", [security("N1"), security("N2", briefing=NOW - 31 * DAY), security("S1")], NOW)
    assert briefings(store) == (0, 2)
    held(store, renews="briefing")
    assert (briefings(store), briefings(store, "N1"), briefings(store, "N3"), briefings(store, SOUTH)) == ((2, 2), (1, 1), (None, None), (0, 1))


@pytest.mark.parametrize(("days", "done"), [(-1, 0), (0, 1), (30, 1), (31, 0)])  # 31 days later E-day is 44 days off, and the window 14 since D-60
def test_a_briefing_counts_from_its_day_until_it_is_older_than_the_window(store: Store, days: int, done: int) -> None:
    first = before(130)
    hand_in(store, "security", [security("N1")], first - 5 * DAY)
    held(store, on=first, renews="briefing", at=datetime.combine(first, time(12)))
    assert briefings(store, "N1", first + days * DAY) == (done, 1)


def test_the_later_of_sheet_and_meeting_counts(store: Store) -> None:
    hand_in(store, "security", [security("N1", briefing=NOW)], NOW)
    held(store, on=NOW - 40 * DAY, renews="briefing")
    assert briefings(store, "N1", NOW + 10 * DAY) == (1, 1)
    assert meetings.briefed(store, everything(store), "briefing", NOW) == dict.fromkeys(("N1", "N2", "N3"), NOW - 40 * DAY)


def test_a_meeting_without_a_security_briefing_renews_nothing(store: Store) -> None:
    hand_in(store, "security", [security("N1")], NOW)
    held(store)
    assert briefings(store, "N1") == (0, 1)


def test_a_struck_meeting_counts_no_more_and_the_past_knows_it(store: Store) -> None:
    hand_in(store, "security", [security("N1")], NOW)
    meeting = held(store, renews="briefing")
    then = now()
    assert briefings(store, "N1") == (1, 1)
    meetings.strike(store, everything(store), meeting, "It was of another province", by=BY)
    assert briefings(store, "N1") == (0, 1)
    assert briefings(store, "N1", known_on=then) == (1, 1)
    assert meetings.meetings(store, everything(store)) == ()
    assert store.ask_rows("select count(*) from meetings", {}) == [(1,)]
    with pytest.raises(WritingError):
        meetings.strike(store, everything(store), meeting, "Again", by=BY)


# ── Meetings ─────────────────────────────────────────────────────────────────────────────────────


def test_the_last_meeting_is_that_of_the_place_before_the_day(store: Store) -> None:
    held(store, on=NOW - 14 * DAY)
    second = held(store, on=NOW - 7 * DAY)
    held(store, SOUTH, NOW - DAY)
    held(store, on=NOW)
    assert meetings.last(store, everything(store), NORTH, NOW).meeting == second
    assert meetings.last(store, everything(store), COUNTRY, NOW) is None
    assert [one.held_on for one in meetings.meetings(store, everything(store), place=NORTH, on=NOW - DAY)] == [NOW - 7 * DAY, NOW - 14 * DAY]


@pytest.mark.parametrize(("change", "says"), [
    ({"place": SOUTH}, "sees the whole of its place"), ({"place": "XX"}, "sees the whole of its place"),
    ({"held_on": date(2100, 1, 1)}, "lies after today"), ({"chaired_by": "  "}, "Who chaired is empty"), ({"chaired_by": "x" * 201}, "201 letters"),
    ({"renews": "briefing", "briefed_by": ""}, "Who briefed is empty"), ({"renews": "freshness"}, "No indicator fades"),
])
def test_a_meeting_that_cannot_be_is_said_and_not_kept(store: Store, change: dict, says: str) -> None:
    asked = {"place": NORTH, "held_on": NOW, "chaired_by": "The commissioner", "briefed_by": "The police", "by": BY} | change
    with pytest.raises(WritingError, match=says):
        meetings.hold(store, only(store, "N1", "N2", "N3"), asked.pop("place"), asked.pop("held_on"), **asked)
    assert store.ask_rows("select count(*) from meetings", {}) == [(0,)]


# ── Actions ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("days", "is_overdue"), [(6, False), (7, False), (8, True)])
def test_an_action_is_overdue_on_the_day_after_it_was_due(store: Store, days: int, is_overdue: bool) -> None:
    decide(store)
    assert one_action(store, NOW + days * DAY).is_overdue == is_overdue


def test_an_action_that_is_done_or_dropped_is_overdue_no_more_and_may_be_open_again(store: Store) -> None:
    action = decide(store)
    late = NOW + 9 * DAY
    actions.say(store, everything(store), action, "done", "", by=BY, said_on=NOW + 8 * DAY, at=datetime.combine(late, time(9)))
    assert (one_action(store, late).state, one_action(store, late).is_overdue) == ("done", False)
    assert one_action(store, NOW + 7 * DAY).state == "open"
    assert one_action(store, late, known_on=datetime.combine(late, time(8))).state == "open"
    actions.say(store, everything(store), action, "open", "It fell in again", by=BY, said_on=late, at=datetime.combine(late, time(10)))
    found = one_action(store, late)
    assert (found.state, found.is_overdue, found.remark, found.said_by) == ("open", True, "It fell in again", BY)


def test_an_action_tells_whether_its_indicator_has_moved_since_it_was_decided(store: Store) -> None:
    hand_in(store, "repairs", [building("N1", "1", "reported"), building("N1", "2", "certified"), building("N1", "3", "reported")], NOW - DAY)
    decide(store, indicator="PS1")
    assert decided.moved(one_action(store, NOW + DAY), store.election) == "Buildings made usable: 1 of 3, not moved since"
    hand_in(store, "repairs", [building("N1", "1", "certified"), building("N1", "2", "certified"), building("N1", "3", "reported")], NOW + 2 * DAY)
    assert decided.moved(one_action(store, NOW + 2 * DAY), store.election) == "Buildings made usable: 1 of 3, now 2 of 3 (+1)"
    hand_in(store, "repairs", [building("N1", "1", "reported"), building("N1", "2", "reported"), building("N1", "3", "reported")], NOW + 3 * DAY)
    assert decided.moved(one_action(store, NOW + 3 * DAY), store.election) == "Buildings made usable: 1 of 3, now 0 of 3 (−1)"


def test_an_action_that_should_move_what_nobody_reports_says_so(store: Store) -> None:
    decide(store, "N2", indicator="PS1")
    assert decided.moved(one_action(store, NOW), store.election) == "Buildings made usable: not reported on both days"


def test_an_action_of_a_meeting_is_decided_on_its_day(store: Store) -> None:
    meeting = held(store, on=NOW - 3 * DAY)
    decide(store, meeting=meeting)
    assert (one_action(store, NOW).decided_on, one_action(store, NOW).meeting) == (NOW - 3 * DAY, meeting)
    assert actions.actions(store, everything(store), on=NOW - 4 * DAY) == ()


def test_open_actions_come_first_and_of_these_the_one_due_first(store: Store) -> None:
    done = decide(store, due=NOW, what="First")
    decide(store, due=NOW + 9 * DAY, what="Third")
    decide(store, due=NOW + 2 * DAY, what="Second")
    actions.say(store, everything(store), done, "dropped", "Not needed", by=BY, said_on=NOW, at=datetime.combine(NOW, time(14)))
    assert [one.what for one in actions.actions(store, everything(store), on=NOW)] == ["Second", "Third", "First"]


@pytest.mark.parametrize(("change", "says"), [
    ({"place": "S1"}, "sees the whole of its place"), ({"place": COUNTRY}, "sees the whole of its place"), ({"what": " "}, "What is to be done is empty"),
    ({"who": ""}, "Who does it is empty"), ({"due": NOW - DAY}, "due on the day of its decision or later"), ({"indicator": "XX1"}, "no indicator XX1"),
    ({"meeting": "nothing"}, "no such meeting"), ({"decided_on": date(2100, 1, 1), "due": date(2100, 1, 1)}, "decided by today"),
])
def test_an_action_that_cannot_be_is_said_and_not_kept(store: Store, change: dict, says: str) -> None:
    asked = {"place": "N1", "what": "Repair it", "who": "Works", "due": NOW, "decided_on": NOW, "by": BY} | change
    with pytest.raises(WritingError, match=says):
        actions.decide(store, only(store, "N1", "N2", "N3"), *(asked.pop(name) for name in ("place", "what", "who", "due")), **asked)
    assert store.ask_rows("select count(*) from actions", {}) == [(0,)]


def test_nobody_says_twice_how_an_action_stands_or_drops_it_without_a_word(store: Store) -> None:
    action = decide(store)
    with pytest.raises(WritingError, match="The remark is empty"):
        actions.say(store, everything(store), action, "dropped", "", by=BY)
    actions.say(store, everything(store), action, "done", "", by=BY)
    with pytest.raises(WritingError, match="stands so already"):
        actions.say(store, everything(store), action, "done", "", by=BY)


# ── Notes ────────────────────────────────────────────────────────────────────────────────────────


def note(store: Store, place: str = "N1", on: date = NOW, text: str = "The bridge is open") -> str:
    return notes.write(store, everything(store), place, text, by=BY, written_on=on, at=datetime.combine(on, time(12)))


def test_a_note_stands_from_its_day_on_until_it_is_struck(store: Store) -> None:
    first = note(store)
    assert [one.text for one in notes.notes(store, everything(store), on=NOW, place=NORTH)] == ["The bridge is open"]
    assert notes.notes(store, everything(store), on=NOW - DAY) == notes.notes(store, everything(store), on=NOW, place=SOUTH) == ()
    notes.strike(store, everything(store), first, "It fell in", by=BY)
    assert notes.notes(store, everything(store), on=NOW) == ()
    assert store.ask_rows("select text from notes", {}) == [("The bridge is open",)]


def test_a_text_is_kept_as_text(store: Store) -> None:
    note(store, text="<script>alert('1')</script>  *bold*")
    shown = decided.notes_list(notes.notes(store, everything(store), on=NOW), store.election, place=lambda code: code)
    assert "&lt;script&gt;" in shown and "<script" not in shown


# ── The wrong viewer ─────────────────────────────────────────────────────────────────────────────

WRITES: dict[str, Callable[[Store, Scope, dict[str, str]], object]] = {
    "meeting": lambda store, scope, ids: meetings.hold(store, scope, NORTH, NOW, chaired_by="A", by=BY),
    "strike a meeting": lambda store, scope, ids: meetings.strike(store, scope, ids["meeting"], "Wrong", by=BY),
    "action": lambda store, scope, ids: actions.decide(store, scope, NORTH, "Do it", "Works", NOW, decided_on=NOW, by=BY),
    "action of a meeting": lambda store, scope, ids: actions.decide(store, scope, "N1", "Do it", "Works", NOW, meeting=ids["meeting"], by=BY),
    "say": lambda store, scope, ids: actions.say(store, scope, ids["action"], "done", "", by=BY),
    "note": lambda store, scope, ids: notes.write(store, scope, NORTH, "Hello", by=BY),
    "strike a note": lambda store, scope, ids: notes.strike(store, scope, ids["note"], "Wrong", by=BY),
}


@pytest.mark.parametrize("act", WRITES)
def test_who_does_not_see_the_whole_of_a_place_writes_nothing_of_it(store: Store, act: str) -> None:
    ids = {"meeting": held(store), "action": decide(store, NORTH), "note": note(store, NORTH)}
    kept = _everything_written(store)
    for codes in (("N1",), ("N1", "N2"), ("S1", "S2"), ()):
        with pytest.raises(WritingError):
            WRITES[act](store, only(store, *codes), ids)
    assert _everything_written(store) == kept
    WRITES[act](store, only(store, "N1", "N2", "N3"), ids)
    assert _everything_written(store) != kept


def _everything_written(store: Store) -> list[int]:
    return [store.ask_rows(f"select count(*) from {table}", {})[0][0] for table in ("meetings", "actions", "action_states", "notes", "struck", "audit")]


def test_who_does_not_see_the_whole_of_a_place_sees_nothing_written_of_it(store: Store) -> None:
    held(store), decide(store, NORTH), note(store, NORTH), decide(store, "N1", what="Own"), note(store, "N1", text="Own")
    narrow = only(store, "N1", "N2")
    assert meetings.meetings(store, narrow) == ()
    assert [one.what for one in actions.actions(store, narrow, on=NOW)] == ["Own"]
    assert [one.text for one in notes.notes(store, narrow, on=NOW)] == ["Own"]
    assert meetings.briefed(store, only(store, "S1"), "briefing", NOW) == {}
    whole = only(store, "N1", "N2", "N3")
    assert len(meetings.meetings(store, whole)) == 1 and len(actions.actions(store, whole, on=NOW)) == 2


def test_what_is_written_down_stands_in_the_audit(store: Store) -> None:
    meeting = held(store)
    action = decide(store, indicator="PS1")
    actions.say(store, everything(store), action, "done", "It holds", by=BY)
    meetings.strike(store, everything(store), meeting, "Another day", by=BY)
    note(store)
    assert [line.act for line in reversed(audit.lines(store))] == ["meeting", "action", "action_said", "struck", "note"]
