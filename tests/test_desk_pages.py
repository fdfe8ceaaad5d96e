"""The upload and history pages: what they say of a file and of a submission, what they do, and what the wrong viewer gets."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from data import desk as asked, readiness
from data.database import StoreError
from data.domains import DOMAINS
from data.scope import Scope
from data.store import Store
from loaders import desk, spellings
from loaders.answers import Spelling
from loaders.submissions import commit, reference, stage, withdraw
from pages.parts import compared, session
from pages.parts.tables import csv_of, xlsx_of
from sheets_checked import TODAY
from test_catalogue import CASES
from written_as import text

START = Path(__file__).parents[1] / "pages" / "start.py"
HEADING = "District,Station code,Station name,Condition,Cause,Status,Certified by"
LAHORE, JAMSHORO, SINDH = "PK617", "PK708", "PK7"
Open = Callable[..., AppTest]


def repairs(*lines: str, day: str = "20/11/2026", heading: str = HEADING) -> bytes:
    return "\n".join([f"As of,{day}", heading, *lines]).encode()


def building(district: str, code: str, status: str = "Reported") -> str:
    return f"{district},{code},School,Damaged,Flood,{status},{'DEC' if status == 'Certified' else ''}"


GOOD = repairs(building("Lahore", "PS-1", "Certified"), building("Jamshoro", "PS-2"))


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Opens a page over a store as somebody: `open_page(store, "upload")`; with `files` dropped on it. They submit for what they see
    unless `submits` is another place; an `area` '' is none."""

    def opened(store: Store, page: str, *, area: str = "PK", submits: str = "", files: tuple[tuple[str, bytes], ...] = (), name: str = "An analyst", has_account: bool = False, **query: str) -> AppTest:
        places = store.election.places
        scope, may_submit = (Scope.of(places, [code] if code else []) for code in (area, submits or area))
        monkeypatch.setattr(session, "store", lambda: store)
        monkeypatch.setattr(session, "viewer", lambda: session.Viewer(scope, area or places.country.code, name, may_submit, has_account=has_account))
        app = AppTest.from_file(str(START), default_timeout=60)
        for key, value in query.items():
            app.query_params[key] = value
        app.switch_page(f"submissions/{page}.py").run()
        if files:
            app.file_uploader[0].set_value([(name, content, "text/csv") for name, content in files]).run()
        assert not app.exception
        return app

    yield opened


def text_of(app: AppTest) -> str:
    """All that the page says in its own pieces, without markup."""
    every = " ".join(element.proto.body for element in app.main if element.type == "html")
    return " ".join(html.unescape(re.sub(r"<style>.*?</style>|<[^>]*>", " ", every, flags=re.S)).split())


def press(app: AppTest, label: str) -> AppTest:
    app = next(button for button in app.button if label in button.label).click().run()
    assert not app.exception
    return app


def taken(store: Store, content: bytes, name: str = "a.csv") -> str:
    return commit(store, stage(store, name, content, sender="A commission office")).submission


# ── Upload ───────────────────────────────────────────────────────────────────────────────────────


def test_a_file_that_is_dropped_is_read_compared_and_committed(open_page: Open, store: Store, everything: Scope) -> None:
    app = open_page(store, "upload", files=(("repairs.csv", GOOD),))
    said = text_of(app)
    for words in ("1 · Recognised", "Repairs", "20 Nov 2026", "header in row 2", "2, in 2 districts", "nothing to correct", "2 districts new", "4 · Commit"):
        assert words in said
    assert readiness.history(store, everything).empty
    app = press(app, "Commit 2 districts")
    one, = readiness.history(store, everything).itertuples()
    assert "5 · Receipt" in text_of(app) and reference(one.submission) in text_of(app) and one.file_sha256 in text_of(app)
    assert (one.sender, one.state_by) == ("An analyst", "An analyst")
    assert asked.entries(store, everything) == ()


def test_many_files_at_once_each_lie_on_the_desk_and_the_bad_one_says_why(open_page: Open, store: Store, everything: Scope) -> None:
    app = open_page(store, "upload", files=(("repairs.csv", GOOD), ("others.csv", repairs(building("Kech", "PS-1"))), ("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(99))))
    assert {entry.file_name for entry in asked.entries(store, everything)} == {"repairs.csv", "others.csv"}
    assert "picture.csv can’t be taken." in text_of(app) and "picture" in text_of(app)
    assert "2 files on the desk, 2 of them ready to commit" in text_of(app)


def test_the_numbers_of_a_new_row_and_of_one_that_goes_are_shown(open_page: Open, store: Store) -> None:
    heading = "District,Course,Cadre,Sessions planned,Sessions held,Required,Attended,Passed\n"
    taken(store, f"As of,13/11/2026\n{heading}Lahore,Polling staff,APO,10,5,3000,120,100\n".encode())
    said = text_of(open_page(store, "upload", files=(("training.csv", f"As of,20/11/2026\n{heading}Lahore,Polling staff,PO,12,6,4100,130,110\n".encode()),)))
    assert "Sessions planned: 12; Sessions held: 6; Required (now in post): 4,100; Attended: 130; Passed: 110" in said
    assert "Sessions planned: 10; Sessions held: 5; Required (now in post): 3,000; Attended: 120; Passed: 100" in said


def test_an_opened_file_does_not_begin_below_a_long_list_of_others(open_page: Open, store: Store) -> None:
    files = tuple((f"{number}.csv", repairs(building("Lahore", f"PS-{number}"))) for number in range(5))
    app = open_page(store, "upload", files=files)
    assert "5 files on the desk" in [one.label for one in app.expander]
    assert "1 · Recognised" in text_of(app)


def test_it_is_said_beforehand_that_a_text_file_comes_back_as_a_new_workbook(open_page: Open, store: Store) -> None:
    said = text_of(open_page(store, "upload", files=(("repairs.csv", repairs("Jamshoro,PS-3,School,Sunk,Flood,Reported,")),)))
    assert "comes back as a new .xlsx workbook" in said


def test_what_blocks_and_what_does_not_stand_under_a_heading_each(open_page: Open, store: Store) -> None:
    said = text_of(open_page(store, "upload", files=(("repairs.csv", repairs(building("Lahore", "PS-1"), "Jamshoro,PS-3,School,Sunk,Flood,Reported,", "Note by the office,,,,,,")),)))
    assert said.index("These block the commit") < said.index("These don’t block; look at them")


@pytest.mark.parametrize("kind", CASES)
def test_a_file_opens_whatever_is_wrong_in_it(
    open_page: Open, store: Store, everything: Scope, monkeypatch: pytest.MonkeyPatch, kind: str,
) -> None:
    monkeypatch.setattr(Store, "today", TODAY)
    case = CASES[kind]
    for told in case.earlier:
        taken(store, text(told))
    said = text_of(open_page(store, "upload", files=(("a.csv", text(case.lines)),)))
    entry, = asked.entries(store, everything)
    looked = desk.look(store, everything, entry.staged, may_submit=everything)
    assert "2 · Problems" in said and all(one.message in said for one in looked.staged.problems[:1])
    # What only a workbook can do, such as hiding rows, and what only whoever takes a file in can say, is not in these lines.
    assert case.given or kind in {one.kind for one in looked.staged.problems}


def test_a_file_that_lies_there_already_is_said_to_with_its_own_sender(open_page: Open, store: Store, everything: Scope) -> None:
    desk.lay(store, "repairs.csv", GOOD, sender="DEC office", by="A colleague", may_submit=everything)
    said = text_of(open_page(store, "upload", files=(("copy.csv", GOOD),)))
    assert "copy.csv lies on the desk already: as repairs.csv, from DEC office, laid down by A colleague" in said


def test_where_nothing_can_be_stored_the_sentence_says_so_and_the_file_is_not_lost(open_page: Open, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*told: object, **named: object) -> None:
        raise StoreError("Nothing was stored, because its disk is full. Make room, then do this again.")

    app = open_page(store, "upload", files=(("repairs.csv", GOOD),))
    with monkeypatch.context() as patch:
        patch.setattr(desk, "take", full)
        app = press(app, "Commit 2 districts")
    assert "its disk is full. Make room" in text_of(app)
    app = press(app, "Commit 2 districts")
    assert "5 · Receipt" in text_of(app)


def test_an_answer_is_used_and_remembered_for_its_sender(open_page: Open, store: Store) -> None:
    app = open_page(store, "upload", files=(("repairs.csv", repairs(building("Jamshroo", "PS-2"))),))
    assert "1 thing can’t be told with certainty" in text_of(app)
    question = next(box for box in app.selectbox if "Jamshroo" in box.label)
    assert question.value == JAMSHORO, "the likeliest is chosen"
    assert "commit" not in " ".join(button.label.lower() for button in app.button), "and does not count yet"
    next(radio for radio in app.radio if "Remember" in radio.label).set_value("sender")
    app = press(app, "Use these answers")
    assert "Commit 1 district" in [button.label for button in app.button]
    learned, = spellings.learned(store, by="An analyst")
    assert (learned.spelling, learned.sender) == (Spelling("district", "Jamshroo", JAMSHORO), "An analyst")
    assert "“Jamshroo” means Jamshoro, from An analyst" in text_of(app)
    app = press(app, "Forget")
    assert spellings.learned(store, by="An analyst") == ()


def test_a_table_that_is_not_recognised_can_be_pointed_at(open_page: Open, store: Store) -> None:
    content = b"As of,20/11/2026\nDist name,Bldg code,Station nm,Condition now,Cause of it,Work state\nLahore,PS-1,School,Damaged,Flood,Reported\n"
    app = open_page(store, "upload", files=(("odd.csv", content),))
    assert "No table was found" in text_of(app) and "not recognised" in text_of(app)
    chosen = next(box for box in app.selectbox if box.label == "Domain" and "point" in (box.key or ""))
    app = chosen.set_value("repairs").run()
    app = next(field for field in app.number_input if "point_row" in (field.key or "")).set_value(2).run()
    for column, at in (("district", "A"), ("station_code", "B"), ("station_name", "C"), ("condition", "D"), ("cause", "E"), ("status", "F")):
        next(box for box in app.selectbox if (box.key or "").endswith(f"_repairs_{column}")).set_value(at)
    app = press(app, "Use these answers")
    assert "Commit 1 district" in [button.label for button in app.button]


def test_the_good_districts_are_committed_and_the_rest_is_counted_in_the_history(open_page: Open, store: Store, everything: Scope) -> None:
    app = open_page(store, "upload", files=(("repairs.csv", repairs(building("Lahore", "PS-1"), "Jamshoro,PS-3,School,Sunk,Flood,Reported,")),))
    assert "1 to correct" in text_of(app) and "held back" in text_of(app)
    press(app, "Commit 1 district (1 held back)")
    one, = readiness.history(store, everything).itertuples()
    said = text_of(open_page(store, "history"))
    assert "1 row held back waits to be settled" in said and "in force; 1 row held back" in said
    opened = text_of(open_page(store, "history", submission=one.submission))
    assert "“Sunk” is not one of the choices" in opened and "Jamshoro" in opened


def test_a_value_is_corrected_by_an_accepted_repair_and_stands_in_the_receipt(open_page: Open, store: Store, everything: Scope) -> None:
    training = b"As of,20/11/2026\nDistrict,Course,Cadre,Sessions planned,Sessions held,Required,Attended,Passed\nLahore,Polling staff,APO,10,5,3000,12O,1\n"
    app = open_page(store, "upload", files=(("training.csv", training),))
    next(box for box in app.checkbox if "as figures and thousands" in box.label).check()
    app = press(app, "Accept what is ticked")
    app = press(app, "Commit 1 district")
    assert "Cells corrected 1 Rows held back 0" in text_of(app)
    one, = readiness.history(store, everything).itertuples()
    assert "12O" in text_of(open_page(store, "history", submission=one.submission))


def test_a_file_is_returned_with_a_reason_and_not_without(open_page: Open, store: Store, everything: Scope) -> None:
    app = open_page(store, "upload", files=(("repairs.csv", GOOD),))
    app = press(app, "Return it")
    assert len(asked.entries(store, everything)) == 1
    next(field for field in app.text_input if field.label.startswith("Why")).set_value("Sent twice.")
    app = press(app, "Return it")
    assert asked.entries(store, everything) == ()
    assert "Sent twice." in text_of(open_page(store, "history"))


def test_who_has_a_file_open_is_told_that_the_picture_changed_under_it(open_page: Open, store: Store) -> None:
    app = open_page(store, "upload", files=(("repairs.csv", GOOD),))
    other = taken(store, repairs(building("Lahore", "PS-7")), name="other.csv")
    app.run()
    assert "The picture of these districts has changed while this file lay open" in text_of(app) and reference(other) in text_of(app)
    app.run()
    assert "has changed while" not in text_of(app), "it is told once"
    press(app, "Commit 2 districts")


def test_what_was_not_seen_is_not_committed(open_page: Open, store: Store, everything: Scope) -> None:
    app = open_page(store, "upload", files=(("repairs.csv", GOOD),))
    other = taken(store, repairs(building("Lahore", "PS-7")), name="other.csv")
    app = press(app, "Commit 2 districts")
    assert "Nothing was stored: what stands above has changed since you last saw it." in text_of(app)
    assert readiness.history(store, everything)["submission"].tolist() == [other]
    press(app, "Commit 2 districts")
    assert len(readiness.history(store, everything)) == 2


def test_a_day_that_is_settled_here_is_no_news(open_page: Open, store: Store) -> None:
    app = open_page(store, "upload", files=(("repairs.csv", GOOD.replace(b"As of,20/11/2026", b"Report")),))
    assert "does not say for which day" in text_of(app)
    next(field for field in app.date_input if "which day" in field.label).set_value(date(2026, 11, 20))
    app = press(app, "Use this day")
    assert "In between" not in text_of(app) and "has changed while" not in text_of(app)
    assert "Commit 2 districts" in [button.label for button in app.button]


def test_what_a_colleague_has_settled_or_taken_meanwhile_is_told(open_page: Open, store: Store, everything: Scope) -> None:
    app = open_page(store, "upload", files=(("repairs.csv", repairs(building("Jamshroo", "PS-2"))),))
    id = asked.entries(store, everything)[0].staged
    looked = desk.look(store, everything, id, may_submit=everything)
    desk.settle(store, looked, looked.answers.spelled([Spelling("district", "Jamshroo", LAHORE)]), by="A colleague", may_submit=everything)
    app.run()
    assert "In between A colleague has settled something about this file" in text_of(app)
    desk.give_back(store, desk.look(store, everything, id, may_submit=everything), by="A colleague", may_submit=everything, reason="twice")
    app.run()
    assert "This file has left the desk" in text_of(app)


def test_each_question_keeps_its_own_suggestion_on_every_page_of_them(open_page: Open, store: Store) -> None:
    names = [place.name for place in store.election.places.districts[:30]]
    wrong = {f"{name[:-1]}{name[-1]}x": name for name in names}
    app = open_page(store, "upload", files=(("repairs.csv", repairs(*(building(written, "PS-1") for written in wrong))),))
    places = store.election.places
    seen = {}
    for _ in range(2):
        for box in app.selectbox:
            if box.label.startswith("Which district") and box.value:
                seen[box.label.split("“")[1].split("”")[0]] = places[box.value].name
        paging = app.session_state["asked_" + app.query_params["file"][0]] if isinstance(app.query_params["file"], list) else app.session_state["asked_" + app.query_params["file"]]
        app.session_state["asked_" + (app.query_params["file"][0] if isinstance(app.query_params["file"], list) else app.query_params["file"])] = paging % 2 + 1
        app.run()
    assert len(seen) > 20 and all(wrong[written.replace("\\", "")] == name for written, name in seen.items())


def test_all_names_that_are_still_open_are_left_out_with_one_action_that_says_what_it_means(open_page: Open, store: Store, everything: Scope) -> None:
    foreign = [f"Qqqq{letter * 4}" for letter in "vwxyz"] * 6
    lines = [building(name, f"PS-{number}") for number, name in enumerate([*foreign, "Jamshroo", "Karachi", "Lahore"])]
    app = open_page(store, "upload", files=(("repairs.csv", repairs(*lines)),))
    said = text_of(app)
    assert "Left out are then the 32 rows of all of them, “Qqqqvvvv”" in said
    assert "2 of them may be meant for a district all the same: “Jamshroo”, “Karachi”. Answer them above first if so." in said
    next(box for box in app.selectbox if "Karachi" in box.label).set_value(next(one.code for one in store.election.places.districts if one.name == "Karachi East"))
    app = press(app, "Use these answers")
    app = press(app, "Leave out the 30 rows of all 5 names")
    assert "Left out, for it was settled that no district is meant: “Qqqqvvvv”" in text_of(app)
    assert {one.label for one in app.button} >= {"Commit 3 districts"} and not any("Leave out the" in one.label for one in app.button)
    app = press(app, "Ask about them again")
    assert "Commit 3 districts" not in {one.label for one in app.button} and any("Leave out the 30 rows" in one.label for one in app.button)


def test_one_name_alone_is_answered_by_itself(open_page: Open, store: Store) -> None:
    app = open_page(store, "upload", files=(("repairs.csv", repairs(building("Qqqqvvvv", "PS-1"), building("Lahore", "PS-2"))),))
    assert not any("Leave out the" in one.label for one in app.button)
    next(box for box in app.selectbox if "Qqqq" in box.label).set_value("")
    app = press(app, "Use these answers")
    assert "Ask about it again" in [one.label for one in app.button] and "Commit 1 district" in [one.label for one in app.button]


def test_what_stands_in_a_cell_is_shown_as_nothing_but_text(open_page: Open, store: Store) -> None:
    hostile = "<script>alert(1)</script>**b** [x](javascript:alert(1))"
    app = open_page(store, "upload", files=((f"{hostile[:8]}.csv", repairs(building("Lahore", "PS-1"), f"{hostile},PS-3,School,Sunk,Flood,Reported,")),))
    every = " ".join(element.proto.body for element in app.main if element.type == "html" and "er-nav" not in element.proto.body)
    assert "<script" not in every and "&lt;script&gt;" in every
    label = next(box.label for box in app.selectbox if "alert" in box.label)
    assert r"\[x\]\(javascript\:alert\(1\)\)" in label and r"\*\*b\*\*" in label


# ── History ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("domain", [domain.name for domain in DOMAINS])
def test_the_rows_of_a_submission_are_shown_and_taken_along(open_page: Open, example: Store, everything: Scope, domain: str) -> None:
    told = readiness.history(example, everything)
    one = told[(told["domain"] == domain) & (told["state"] == "committed")].iloc[0]
    app = open_page(example, "history", submission=one["submission"])
    assert not app.exception
    held = readiness.rows_of(example, everything, domain, one["submission"]).to_pydict()
    declared = example.election.domain(domain)
    shown, = (found.value for found in app.dataframe if "District" in found.value)
    along = app.session_state[f"taken_history_rows_taken_rows-{reference(one['submission'])}"].frame()
    for frame in (shown, along.head(500)):
        for column in declared.stored:
            if column.label in frame and column.kind not in ("code", "district"):
                assert [None if pd.isna(value) else value for value in frame[column.label].tolist()] == held[column.name][:500], column.name
        assert frame["District"].tolist() == [example.election.places[code].name for code in held["district"]][:500]
    assert len(along) == len(held["district"]) and xlsx_of(along) and csv_of(along).count(b"\n") > len(along)


def test_the_history_is_filtered_by_domain_place_state_and_sender(open_page: Open, example: Store) -> None:
    every = text_of(open_page(example, "history"))
    assert "91 submissions, 1 of them withdrawn" in every
    assert "Security" in every
    app = open_page(example, "history", domain="repairs", place=SINDH)
    assert "security-" not in text_of(app) and "repairs-" in text_of(app)
    app = next(one for one in app.segmented_control if one.label == "State").set_value("withdrawn").run()
    assert "in force" not in text_of(app).lower().replace("in force ", "")
    app = open_page(example, "history")
    app = next(box for box in app.selectbox if box.label == "From").set_value("Inspector General of Police, Sindh").run()
    assert "security-Sindh" in text_of(app) and "appointments-" not in text_of(app)
    span = next(field for field in app.date_input if field.label == "Taken in between").set_value((date(2026, 11, 19), date(2026, 11, 19))).run()
    assert "security-Sindh-2026-11-19" in text_of(span) and "security-Sindh-2026-11-26" not in text_of(span)
    app = next(one for one in span.segmented_control if one.label == "State").set_value("withdrawn").run()
    assert "No submission is like this Choose another state, sender, place or span of days above." in text_of(app)


def test_a_submission_opens_to_its_receipt_its_changes_its_rows_and_the_way_back(open_page: Open, store: Store) -> None:
    taken(store, repairs(building("Lahore", "PS-1"), day="13/11/2026"))
    second = taken(store, GOOD, name="b.csv")
    said = text_of(open_page(store, "history", submission=second))
    for words in ("Repairs as of 20 Nov 2026, from A commission office", "Receipt", "What it changed", "1 changed", "1 district new", "Certified", "Its rows", "Withdraw it", "If it is withdrawn, this comes back:"):
        assert words in said


def test_a_submission_is_withdrawn_with_a_reason_and_restored_again(open_page: Open, store: Store, everything: Scope) -> None:
    one = taken(store, GOOD)
    app = open_page(store, "history", submission=one)
    app = press(app, "Withdraw")
    assert readiness.history(store, everything)["state"].tolist() == ["committed"], "not without a reason"
    next(field for field in app.text_input if field.label.startswith("Why")).set_value("the wrong week")
    app = press(app, "Withdraw")
    assert f"{reference(one)} is withdrawn." in text_of(app) and "the wrong week" in text_of(app)
    next(field for field in app.text_input if field.label.startswith("Why")).set_value("it was right")
    app = press(app, "Restore")
    assert f"{reference(one)} counts again." in text_of(app)
    assert readiness.history(store, everything)["state"].tolist() == ["restored"]


def test_nothing_is_withdrawn_over_a_preview_that_has_become_untrue(open_page: Open, store: Store, everything: Scope) -> None:
    first = taken(store, GOOD)
    newer = taken(store, repairs(building("Lahore", "PS-1"), building("Jamshoro", "PS-2"), day="21/11/2026"), name="b.csv")
    app = open_page(store, "history", submission=first)
    withdraw(store, newer, by="A colleague", reason="the wrong file")
    next(field for field in app.text_input if field.label.startswith("Why")).set_value("old")
    app = press(app, "Withdraw")
    assert "Nothing was stored: what stands above has changed since you last saw it." in text_of(app)
    assert readiness.history(store, everything).set_index("submission")["state"].to_dict() == {first: "committed", newer: "withdrawn"}
    press(app, "Withdraw")
    assert set(readiness.history(store, everything)["state"]) == {"withdrawn"}


def test_a_file_that_was_returned_by_mistake_is_laid_on_the_desk_again(open_page: Open, store: Store, everything: Scope) -> None:
    id, = desk.lay(store, "repairs.csv", GOOD, sender="DEC office", by="A colleague", may_submit=everything)
    desk.give_back(store, desk.look(store, everything, id, may_submit=everything), by="A colleague", may_submit=everything, reason="by mistake")
    assert not asked.entries(store, everything)
    press(open_page(store, "history"), "Lay it on the desk again")
    one, = asked.entries(store, everything)
    assert (one.file_name, one.sender, one.laid_by) == ("repairs.csv", "DEC office", "An analyst")
    beyond = open_page(store, "history", area=SINDH)
    assert not [button for button in beyond.button if "Lay it" in button.label], "what was returned for another province is not told"


def test_who_withdraws_second_is_told_that_it_is_done(open_page: Open, store: Store) -> None:
    one = taken(store, GOOD)
    app = open_page(store, "history", submission=one)
    withdraw(store, one, by="A colleague", reason="the wrong file")
    next(field for field in app.text_input if field.label.startswith("Why")).set_value("old")
    said = text_of(press(app, "Withdraw"))
    assert "In between somebody else has withdrawn this submission; nothing was done here." in said and "A colleague" in said


def test_why_rows_held_back_were_declared_settled_is_told(open_page: Open, store: Store) -> None:
    app = open_page(store, "upload", files=(("repairs.csv", repairs(building("Lahore", "PS-1"), "Jamshoro,PS-3,School,Sunk,Flood,Reported,")),))
    press(app, "Commit 1 district (1 held back)")
    one, = readiness.history(store, Scope.everything(store.election.places)).itertuples()
    app = open_page(store, "history", submission=one.submission)
    next(field for field in app.text_input if field.label.startswith("Settled without")).set_value("sent back by phone")
    press(app, "Declare them settled")
    said = text_of(open_page(store, "history", submission=one.submission))
    assert "all of them are settled" in said and "Declared settled by An analyst" in said and "sent back by phone" in said
    assert asked.settlings(store, Scope.of(store.election.places, [SINDH]), one.submission).empty, "beyond the area nothing is told"


@pytest.mark.parametrize("page", ["national", "province", "district", "repairs"])
def test_a_withdrawn_submission_is_named_on_every_page_where_its_figures_were(monkeypatch: pytest.MonkeyPatch, store: Store, page: str) -> None:
    one = taken(store, GOOD)
    taken(store, repairs(building("Lahore", "PS-9"), day="19/11/2026"), name="other.csv")
    withdraw(store, one, by="An analyst", reason="the wrong week")
    monkeypatch.setattr(session, "store", lambda: store)
    app = AppTest.from_file(str(START), default_timeout=60)
    app.query_params["place"] = {"province": "PK6", "district": LAHORE}.get(page, "PK")
    app.query_params["on"] = "2026-11-20"
    if page != "national":
        app.switch_page(f"readiness/{page}.py")
    said = text_of(app.run())
    assert reference(one) in said and "the wrong week" in said


# ── The wrong viewer ─────────────────────────────────────────────────────────────────────────────


def test_a_province_does_not_see_the_desk_or_the_submissions_of_others(open_page: Open, store: Store) -> None:
    open_page(store, "upload", files=(("mixed.csv", GOOD),))
    id = asked.entries(store, Scope.everything(store.election.places))[0].staged
    app = open_page(store, "upload", area=SINDH, name="Another analyst", file=id)
    assert "mixed.csv" not in text_of(app) and "Recognised" not in text_of(app)
    one = taken(store, repairs(building("Lahore", "PS-1")), name="lahore.csv")
    both = taken(store, repairs(building("Lahore", "PS-2"), building("Jamshoro", "PS-3"), day="19/11/2026"), name="both.csv")
    for submission in (one, both):
        said = text_of(open_page(store, "history", area=SINDH, submission=submission))
        assert "can’t be shown" in said and "lahore.csv" not in said and "both.csv" not in said and "PS-" not in said
    assert "lahore.csv" not in text_of(open_page(store, "history", area=SINDH))
    said = text_of(open_page(store, "upload", area=SINDH, taken=one))
    assert "Receipt" not in said


def test_a_file_with_districts_beyond_the_senders_area_has_problems_there(open_page: Open, store: Store) -> None:
    app = open_page(store, "upload", area=SINDH, files=(("mixed.csv", GOOD),))
    assert "Lahore is not a district that you may submit for" in text_of(app)
    assert "Commit 1 district (0 held back)" in [button.label for button in app.button]


def test_a_file_of_which_no_district_is_known_is_seen_by_who_laid_it_there_and_not_by_others_of_their_province(open_page: Open, store: Store) -> None:
    unknown = ("odd.csv", b"Something,Else\n1,2\n")
    app = open_page(store, "upload", area=SINDH, files=(unknown,))
    assert "1 file on the desk" in text_of(app) and "odd.csv" in text_of(app)
    assert asked.entries(store, replace(Scope.of(store.election.places, [SINDH]), own="Another analyst")) == ()
    assert asked.entries(store, Scope.of(store.election.places, [SINDH])) == ()


# ── One row ──────────────────────────────────────────────────────────────────────────────────────


def test_one_row_is_corrected_on_the_districts_page_and_is_compared_like_any_sheet(monkeypatch: pytest.MonkeyPatch, store: Store, everything: Scope) -> None:
    taken(store, repairs(building("Lahore", "PS-1"), building("Lahore", "PS-2")))
    monkeypatch.setattr(session, "store", lambda: store)
    app = AppTest.from_file(str(START), default_timeout=60)
    app.query_params["place"] = LAHORE
    app.switch_page("readiness/district.py").run()
    app.session_state["rows"], app.session_state["one_row_repairs"] = "Repairs", True  # the tab and the form within, opened
    app.run()
    next(box for box in app.selectbox if box.label.startswith("Status of work")).set_value("alternative")
    next(field for field in app.text_input if field.label.startswith("Alternative station")).set_value("Town hall")
    app = press(app, "Go on to the comparison")
    entry, = asked.entries(store, everything)
    assert entry.domain == "repairs" and entry.as_of == date(2026, 11, 20) and entry.blocking == 0
    assert "What will change" in text_of(app)
    app = AppTest.from_file(str(START), default_timeout=60)
    app.query_params["file"] = entry.staged
    press(app.switch_page("submissions/upload.py").run(), "Commit 1 district")
    rows = readiness.rows(store, everything, "repairs", place=LAHORE, on=store.today)
    assert rows.set_index("station_code")["status"].to_dict() == {"PS-1": "alternative", "PS-2": "reported"}


def test_two_shares_that_are_not_the_same_never_read_alike() -> None:
    assert compared._told_apart(0.40391, 0.40394) == ("40.391", "40.394")
    assert compared._told_apart(0.404, 0.405) == ("40.40", "40.50")
