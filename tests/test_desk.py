"""The analyst's desk: a file is laid down, understood, settled, compared, and taken as a whole, in part or not at all."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import openpyxl
import pytest

from data import desk as asked, readiness
from data.scope import Scope
from data.store import Store
from loaders import desk, spellings
from loaders.answers import Answers, Correction, Spelling
from loaders.changes import changes
from loaders.desk import Looked
from loaders.effect import between, effect
from loaders.problems import LoadError
from loaders.questions import LEFT_OUT, Question, day_wanted, likely_day, questions
from loaders.submissions import Overtaken, commit, insert, next_moment, restore, stage, withdraw
from loaders.suggestions import suggestions

DAY = date(2026, 11, 20)
HEADING = "District,Station code,Station name,Condition,Cause,Status,Certified by"
SINDH, LAHORE = "PK7", "PK617"


def repairs(*lines: str, heading: str = HEADING, day: str = "20/11/2026") -> bytes:
    return "\n".join([f"As of,{day}", heading, *lines]).encode()


def building(district: str, code: str, status: str = "Reported") -> str:
    return f"{district},{code},School,Damaged,Flood,{status},{'DEC' if status == 'Certified' else ''}"


def laid(store: Store, everything: Scope, content: bytes, name: str = "repairs.csv", sender: str = "DEC office") -> Looked:
    id, = desk.lay(store, name, content, sender=sender, by="An analyst", may_submit=everything)
    return desk.look(store, everything, id, may_submit=everything)


def again(store: Store, everything: Scope, looked: Looked, answers: Answers) -> Looked:
    desk.settle(store, looked, answers, by="An analyst", may_submit=everything)
    return desk.look(store, everything, looked.entry.staged, may_submit=everything)


def taken(store: Store, looked: Looked, only: Sequence[str] | None = None, note: str = "") -> str:
    return desk.take(store, looked, by="An analyst", may_submit=Scope.everything(store.election.places), note=note, only=looked.staged.free if only is None else only).submission


def asked_about(looked: Looked, store: Store) -> tuple[Question, ...]:
    return questions(looked.staged.layout, looked.staged.checked, looked.staged.problems, store.election.places)


def usable(store: Store, everything: Scope, place: str) -> tuple[int | None, int | None]:
    """Done and required of the buildings made usable."""
    level = store.election.places[place].level
    line, = (one for one in readiness.lines(store, everything, "national" if level == "country" else level, days=(store.today,), place=place, domain="repairs")
             if one.indicator == "PS1")
    return line.done, line.required


# ── Laid on the desk ─────────────────────────────────────────────────────────────────────────────


def test_what_lies_on_the_desk_shows_in_no_figure(store: Store, everything: Scope) -> None:
    looked = laid(store, everything, repairs(building("Lahore", "PS-1", "Certified")))
    assert looked.staged.free == looked.staged.checked.districts == (LAHORE,)
    assert usable(store, everything, "PK") == (None, None)
    assert readiness.history(store, everything).empty


def test_it_lies_there_for_a_colleague_too_also_after_a_restart(store: Store, everything: Scope) -> None:
    looked = laid(store, everything, repairs(building("Lahore", "PS-1")))
    again(store, everything, looked, Answers(as_of=date(2026, 11, 19)))
    store.close()
    other = Store(store.database.path, store.election)
    entry, = asked.entries(other, everything)
    found = desk.look(other, everything, entry.staged, may_submit=everything)
    assert found.staged.checked.as_of == date(2026, 11, 19)
    assert (entry.domain, entry.row_count, entry.file_name) == ("repairs", 1, "repairs.csv")
    other.close()


def test_the_same_file_is_not_laid_down_twice(store: Store, everything: Scope) -> None:
    content = repairs(building("Lahore", "PS-1"))
    first = laid(store, everything, content)
    assert laid(store, everything, content, name="copy of repairs.csv").entry.staged == first.entry.staged


def test_a_workbook_of_several_tables_lies_there_once_for_each(store: Store, everything: Scope) -> None:
    ids = desk.lay(store, "both.xlsx", two_tables(), sender="DEC office", by="An analyst", may_submit=everything)
    found = [desk.look(store, everything, id, may_submit=everything).staged for id in ids]
    assert {staged.checked.domain.name for staged in found} == {"repairs", "appointments"}


def test_a_table_that_was_returned_can_be_laid_down_again_while_the_other_lies_there(store: Store, everything: Scope) -> None:
    content = two_tables()
    first, second = desk.lay(store, "both.xlsx", content, sender="DEC office", by="An analyst", may_submit=everything)
    desk.give_back(store, desk.look(store, everything, first, may_submit=everything), by="An analyst", may_submit=everything, reason="by mistake")
    again_there = desk.lay(store, "both.xlsx", content, sender="DEC office", by="An analyst", may_submit=everything)
    assert again_there[1:] == (second,) and again_there[0] not in (first, second)
    assert {one.domain for one in asked.entries(store, everything)} == {"repairs", "appointments"}
    assert set(desk.lay(store, "both.xlsx", content, sender="DEC office", by="An analyst", may_submit=everything)) == set(again_there)


def test_a_sheet_that_another_entry_of_the_desk_reads_is_not_said_to_be_unread(store: Store, everything: Scope) -> None:
    ids = desk.lay(store, "both.xlsx", two_tables("Notes"), sender="DEC office", by="An analyst", may_submit=everything)
    looked = [desk.look(store, everything, id, may_submit=everything) for id in ids]
    assert [[found.value for found in one.staged.problems if found.kind == "sheet_not_read"] for one in looked] == [["Notes"], ["Notes"]]
    settled = again(store, everything, looked[0], replace(looked[0].answers, as_of=date(2026, 11, 19)))
    assert [found.value for found in settled.staged.problems if found.kind == "sheet_not_read"] == ["Notes"]


def two_tables(*others: str) -> bytes:
    """A workbook with a table of repairs and one of appointments, each in a sheet of its own, and with other sheets."""
    book = openpyxl.Workbook()
    for title, lines in (
        ("Repairs", [("As of", "20/11/2026"), tuple(HEADING.split(",")), ("Lahore", "PS-1", "School", "Damaged", "Flood", "Reported")]),
        ("Posts", [("As of", "20/11/2026"), ("District", "Post", "Sanctioned", "Proposed", "Approved", "Notified", "Joined"), ("Lahore", "RO", 4, 4, 4, 3, 2)])):
        sheet = book.create_sheet(title)
        for line in lines:
            sheet.append(line)
    for title in others:
        book.create_sheet(title).append(["Written by the office"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_of_two_tables_in_one_sheet_each_ends_where_the_next_begins(store: Store, everything: Scope) -> None:
    posts = "District,Post,Sanctioned,Proposed,Approved,Notified,Joined\nLahore,RO,4,4,4,3,2\n"
    content = f"As of,20/11/2026\n{posts}\n{HEADING}\n{building('Lahore', 'PS-1')}\n".encode()
    ids = desk.lay(store, "both.csv", content, sender="DEC office", by="An analyst", may_submit=everything)
    found = {looked.staged.checked.domain.name: looked.staged for looked in (desk.look(store, everything, id, may_submit=everything) for id in ids)}
    assert {name: (staged.checked.rows.num_rows, staged.free) for name, staged in found.items()} == {"appointments": (1, (LAHORE,)), "repairs": (1, (LAHORE,))}


def test_a_file_that_is_no_spreadsheet_is_not_laid_down(store: Store, everything: Scope) -> None:
    with pytest.raises(LoadError):
        laid(store, everything, b"\x89PNG\r\n\x1a\n" + bytes(100))
    assert asked.entries(store, everything) == ()


def test_who_may_not_see_all_its_districts_does_not_see_the_file(store: Store, everything: Scope) -> None:
    looked = laid(store, everything, repairs(building("Lahore", "PS-1"), building("Jamshoro", "PS-2")))
    sindh = Scope.of(store.election.places, [SINDH])
    assert asked.entries(store, sindh) == ()
    assert asked.content_of(store, sindh, looked.entry.staged) is None
    with pytest.raises(desk.Gone):
        desk.look(store, sindh, looked.entry.staged, may_submit=sindh)


def test_a_file_without_a_known_district_is_for_who_sees_the_country(store: Store, everything: Scope) -> None:
    laid(store, everything, b"Something,Else\n1,2\n3,4\n")
    assert len(asked.entries(store, everything)) == 1
    assert asked.entries(store, Scope.of(store.election.places, [SINDH])) == ()


def test_what_is_laid_down_settled_learned_or_given_back_leaves_the_figures_remembered(store: Store, everything: Scope) -> None:
    asked_anew: list[str] = []

    def one_asks() -> int:
        store.remember("a figure", lambda: asked_anew.append("figure"))
        return len(asked.entries(store, everything))

    assert one_asks() == 0
    looked = laid(store, everything, repairs(building("Jamshroo", "PS-1"), building("Lahore", "PS-2")))
    assert one_asks() == 1 and asked.entries(store, everything)[0].districts == (LAHORE,)
    spellings.learn(store, [Spelling("district", "Jamshroo", "PK708")], sender="", by="An analyst")
    assert len(spellings.known(store, "DEC office")) == 1
    looked = again(store, everything, looked, looked.answers)
    assert one_asks() == 1 and asked.entries(store, everything)[0].districts == (LAHORE, "PK708")
    desk.give_back(store, looked, by="An analyst", may_submit=everything, reason="Sent back.")
    assert one_asks() == 0 and asked.returned(store, everything)["reason"].tolist() == ["Sent back."]
    assert asked_anew == ["figure"]
    submission = taken(store, laid(store, everything, repairs(building("Lahore", "PS-1"), building("Karachi", "PS-3")), name="other.csv"))
    assert one_asks() == 0 and asked.waiting(store, everything) == {submission: 1}
    assert asked.waiting(store, Scope.of(store.election.places, ["PK6"])) == {}, "the row that was held back may be about a district of Sindh"
    assert asked_anew == ["figure", "figure"]
    desk.settle_rejected(store, submission, by="An analyst", reason="The office takes it back.")
    assert asked.waiting(store, everything) == {}


def test_a_file_that_is_found_to_name_other_districts_after_it_was_handed_in_is_seen_by_others_at_once(store: Store, everything: Scope) -> None:
    punjab = Scope.of(store.election.places, ["PK6"])
    content = repairs(building("Lahore", "PS-1"), building("Karachi", "PS-3"))
    taken(store, laid(store, everything, content))
    assert readiness.history(store, punjab)["wholly"].tolist() == [False], "the second row may be about a district of Sindh"
    again(store, everything, laid(store, everything, content), Answers().spelled([Spelling("district", "Karachi", LAHORE)]))
    assert readiness.history(store, punjab)["wholly"].tolist() == [True]


def test_the_desk_is_cut_to_a_scope_as_the_database_cuts_it(store: Store, everything: Scope) -> None:
    """The rule of who may see a file stands in SQL as well, for submissions; what lies on the desk is cut out of what all see."""
    files = {"lahore.csv": ["Lahore"], "both.csv": ["Lahore", "Jamshoro"], "unknown.csv": ["Lahore", "Nowhere at all"], "jamshoro.csv": ["Jamshoro"]}
    for by in ("An analyst", "Another"):
        for name, districts in files.items():
            for state in ("lies", "returned"):
                id, = desk.lay(store, name, repairs(*(building(one, f"{by}-{state}") for one in districts)), sender="An office", by=by, may_submit=everything)
                if state == "returned":
                    desk.give_back(store, desk.look(store, everything, id, may_submit=everything), by=by, may_submit=everything, reason="no")
    places, sizes = store.election.places, set()
    for seen in (everything, Scope.of(places, ["PK6"]), Scope.of(places, [SINDH]), Scope.of(places, [LAHORE]), Scope.of(places, ["PK6", SINDH]), Scope(frozenset())):
        for own in ("", "An analyst", "Nobody"):
            scope = replace(seen, own=own)
            told = store.ask_rows("""
                select d.staged::varchar, d.staged in (select staged from departures) from desk d
                where d.file_sha256 in (select file_sha256 from visible_files($scope)) or ($own <> '' and d.laid_by = $own)""", {"scope": scope.codes, "own": own})
            assert {one.staged for one in asked.entries(store, scope)} == {staged for staged, is_gone in told if not is_gone}
            assert set(asked.returned(store, scope)["staged"]) == {staged for staged, is_gone in told if is_gone}
            assert {one for one, _ in told} == {one for one, in store.ask_rows("select staged::varchar from desk", {}) if asked.content_of(store, scope, one) is not None}
            sizes.add(len(told))
    assert sizes == {0, 4, 8, 10, 12, 14, 16}


# ── Understood ───────────────────────────────────────────────────────────────────────────────────


def test_an_unknown_heading_is_asked_about_with_the_nearest_column_chosen(store: Store, everything: Scope) -> None:
    looked = laid(store, everything, repairs(building("Lahore", "PS-1"), heading=HEADING.replace("Certified by", "Certfying offcer")))
    question, = asked_about(looked, store)
    assert (question.kind, question.written, question.likely) == ("heading", "Certfying offcer", "certified_by")
    settled = again(store, everything, looked, looked.answers.spelled([Spelling("heading", question.written, "certified_by", domain="repairs")]))
    assert settled.staged.layout.letters["certified_by"] == "G"
    assert asked_about(settled, store) == ()


@pytest.mark.parametrize("written", ["Zzz", "Total Votes"])  # votes are no notes
def test_a_heading_like_none_is_left_out_unless_somebody_says_otherwise(store: Store, everything: Scope, written: str) -> None:
    looked = laid(store, everything, repairs(building("Lahore", "PS-1"), heading=HEADING.replace("Certified by", written)))
    question, = asked_about(looked, store)
    assert question.likely == LEFT_OUT


def test_an_unknown_district_is_asked_about_and_is_never_taken_for_its_nearest_by_itself(store: Store, everything: Scope) -> None:
    looked = laid(store, everything, repairs(building("Jamshroo", "PS-1"), building("Lahore", "PS-2")))
    question, = asked_about(looked, store)
    assert (question.likely, question.first, question.rows) == ("PK708", 3, 1)
    assert looked.staged.checked.districts == (LAHORE,)
    settled = again(store, everything, looked, looked.answers.spelled([Spelling("district", "Jamshroo", "PK708")]))
    assert "PK708" in settled.staged.checked.districts and not settled.staged.blocked


def test_a_name_of_two_districts_has_no_likely_answer(store: Store, everything: Scope) -> None:
    ambiguous = next(text for text, (reason, _) in store.election.places._spellings.items() if reason == "ambiguous")
    looked = laid(store, everything, repairs(building(ambiguous, "PS-1"), building("Lahore", "PS-2")))
    question, = asked_about(looked, store)
    assert question.likely is None and len(question.options) == len(store.election.places.districts)


def test_rows_of_no_district_are_left_out_on_purpose_and_that_stays_told(store: Store, everything: Scope) -> None:
    looked = laid(store, everything, repairs(building("Muzaffarabad Valley Zz", "PS-1"), building("Lahore", "PS-2")))
    settled = again(store, everything, looked, Answers(left_out=("Muzaffarabad Valley Zz",)))
    assert not settled.staged.blocked
    assert "left_out" in {one.kind for one in settled.staged.problems}


def test_an_unknown_choice_is_asked_about(store: Store, everything: Scope) -> None:
    looked = laid(store, everything, repairs(building("Lahore", "PS-1", "Certifed by DEC"), building("Lahore", "PS-2", "Repoted")))
    found = {one.written: one for one in asked_about(looked, store)}
    assert found["Repoted"].likely == "reported"
    settled = again(store, everything, looked, looked.answers.spelled([Spelling("choice", "Repoted", "reported", domain="repairs", column="status")]))
    assert {one.written for one in asked_about(settled, store)} == {"Certifed by DEC"}


def test_a_table_that_is_not_recognised_is_pointed_at(store: Store, everything: Scope) -> None:
    content = b"As of,20/11/2026\nZilla name,Bldg,Name,State now,Why broken,How far\nLahore,PS-1,School,Damaged,Flood,Reported\n"
    looked = laid(store, everything, content)
    assert looked.staged is None and looked.error.kind == "not_recognised"
    meant = {"Zilla name": "district", "Bldg": "station_code", "Name": "station_name", "State now": "condition", "Why broken": "cause", "How far": "status"}
    answers = Answers(domain="repairs", sheet="repairs", header_row=2).spelled(Spelling("heading", written, column, domain="repairs") for written, column in meant.items())
    settled = again(store, everything, looked, answers)
    assert settled.error is None and settled.staged.checked.rows.num_rows == 1 and not settled.staged.blocked


def test_what_is_remembered_for_a_sender_counts_for_that_sender_alone(store: Store, everything: Scope) -> None:
    spellings.learn(store, [Spelling("district", "Jamshroo", "PK708")], sender="DEC office", by="An analyst")
    assert laid(store, everything, repairs(building("Jamshroo", "PS-1"))).staged.checked.districts == ("PK708",)
    assert laid(store, everything, repairs(building("Jamshroo", "PS-2")), sender="Another office").staged.checked.districts == ()


def test_what_is_remembered_for_all_counts_for_all_until_it_is_forgotten(store: Store, everything: Scope) -> None:
    spellings.learn(store, [Spelling("district", "Jamshroo", "PK708")], sender="", by="An analyst")
    looked = laid(store, everything, repairs(building("Jamshroo", "PS-1")), sender="Another office")
    assert looked.staged.checked.districts == ("PK708",)
    one, = spellings.learned(store, by="An analyst")
    spellings.forget(store, one.id, by="An analyst")
    assert spellings.learned(store, by="An analyst") == ()
    assert desk.look(store, everything, looked.entry.staged, may_submit=everything).staged.checked.districts == ()


# ── Repaired in place ────────────────────────────────────────────────────────────────────────────

TRAINING = "As of,20/11/2026\nDistrict,Course,Cadre,Sessions planned,Sessions held,Required,Attended,Passed\n"


@pytest.mark.parametrize(("written", "kind", "corrected"), [
    ("120 nos", "trim", "120"), ("approx 120", "trim", "120"), ("Rs. 120 only", "trim", "120"), ("120*", "trim", "120"), ("1 200", "trim", "1200"),
    ("1.200", "digits", "1200"), ("12O", "digits", "120"), ("l20", "digits", "120"),
    ("1,2OO", "digits", "1200"), ("2 O", None, None), ("-5", None, None), ("12.5", None, None), ("45%", None, None), ("many", None, None), ("12-13", None, None), ("3 4", None, None),
    ("5 lakh", None, None), ("3 crore", None, None), ("Rs. 5 million", None, None), ("about 300 thousand", None, None), ("5 hazar", None, None),
    ("minus 5", None, None), ("(5)", None, None), ("less 5", None, None), ("5 dozen", None, None)])
def test_a_simple_repair_of_a_number_is_offered_and_nothing_else(store: Store, everything: Scope, written: str, kind: str | None, corrected: str | None) -> None:
    looked = laid(store, everything, (TRAINING + f'Lahore,Polling staff,APO,10,5,3000,"{written}",1\n').encode(), name="training.csv")
    assert [(one.kind, one.correction.corrected) for one in suggestions(looked.staged.layout, looked.staged.checked, looked.staged.problems)] == ([(kind, corrected)] if kind else [])


@pytest.mark.parametrize(("written", "corrected"), [
    ("11/25/2026", "25/11/2026"), ("2026-25-11", "25/11/2026"), ("25112026", "25/11/2026"), ("46351", "25/11/2026"), ("31/02/2026", None), ("soon", None)])
def test_a_simple_repair_of_a_date_is_offered(store: Store, everything: Scope, written: str, corrected: str | None) -> None:
    content = repairs(f"{building('Lahore', 'PS-1')},{written}", heading=HEADING + ",Due date")
    looked = laid(store, everything, content)
    assert [one.correction.corrected for one in suggestions(looked.staged.layout, looked.staged.checked, looked.staged.problems)] == ([corrected] if corrected else [])


def test_a_correction_is_taken_in_and_stands_beside_what_was_sent(store: Store, everything: Scope) -> None:
    looked = laid(store, everything, (TRAINING + 'Lahore,Polling staff,APO,10,5,3000,"12O",1\n').encode(), name="training.csv")
    accepted = [one.correction for one in suggestions(looked.staged.layout, looked.staged.checked, looked.staged.problems)]
    settled = again(store, everything, looked, looked.answers.corrected([*accepted, Correction(3, "passed", "100")]))
    submission = taken(store, settled)
    rows = readiness.rows(store, everything, "training", place="PK", on=store.today)
    assert (rows["attended"].item(), rows["passed"].item()) == (120, 100)
    kept = asked.corrections(store, everything, submission)
    assert list(kept[["row", "column", "original", "corrected", "reason"]].itertuples(index=False, name=None)) == [
        (3, "attended", "12O", "120", "digits"), (3, "passed", "1", "100", "typed")]
    assert readiness.file_of(store, everything, submission)[1] == looked.content


def test_a_dash_empties_a_cell(store: Store, everything: Scope) -> None:
    looked = laid(store, everything, repairs("Lahore,NIL,,Damaged,,,"))
    found, = (one for one in looked.staged.problems if one.blocks)
    assert found.kind == "nil_and_state"
    settled = again(store, everything, looked, looked.answers.corrected([Correction(found.row, "condition", "-")]))
    assert not settled.staged.blocked and settled.staged.checked.rows["condition"].to_pylist() == [None]


def test_days_that_a_program_has_turned_round_are_offered_the_other_way(store: Store, everything: Scope) -> None:
    content = repairs(*(f"{building('Lahore', f'PS-{due}')},{due}" for due in ("13/05/2026", "2026-12-05", "25/05/2026", "2026-01-02")), heading=HEADING + ",Due date")
    looked = laid(store, everything, content)
    offered = suggestions(looked.staged.layout, looked.staged.checked, looked.staged.problems)
    assert [(one.kind, one.original, one.correction.corrected) for one in offered] == [("turned", "2026-12-05", "12/05/2026"), ("turned", "2026-01-02", "01/02/2026")]
    settled = again(store, everything, looked, looked.answers.corrected(one.correction for one in offered))
    assert settled.staged.checked.rows["due"].to_pylist() == [date(2026, 5, 13), date(2026, 5, 12), date(2026, 5, 25), date(2026, 2, 1)]
    assert settled.suggestions == ()


@pytest.mark.parametrize(("above", "likely"), [
    (["Report of the DEC"], None), (["As of,10/11/2026", "As of,20/11/2026"], date(2026, 11, 20)), (["As of,soon"], None), (["As of,20/11/2027"], None)])
def test_a_day_that_can_not_be_told_is_asked_for(store: Store, everything: Scope, above: list[str], likely: date | None) -> None:
    content = "\n".join([*above, HEADING, building("Lahore", "PS-1")]).encode()
    looked = laid(store, everything, content)
    assert looked.staged.free == () and day_wanted(looked.staged.problems)
    assert likely_day(looked.staged.layout, date(2026, 11, 26)) == likely
    settled = again(store, everything, looked, Answers(as_of=DAY))
    assert not day_wanted(settled.staged.problems) and settled.staged.free == (LAHORE,)


def test_dates_of_a_column_with_the_month_first_are_none_of_them_taken_for_sure(store: Store, everything: Scope) -> None:
    content = repairs(*(f"{building(district, 'PS-1')},{due}" for district, due in (("Lahore", "11/13/2026"), ("Kasur", "11/05/2026"), ("Okara", "05/05/2026"))), heading=HEADING + ",Due date")
    looked = laid(store, everything, content)
    assert {one.kind for one in looked.staged.problems if one.blocks} == {"not_a_date", "uncertain_date"}
    assert [store.election.places[code].name for code in looked.staged.free] == ["Okara"]
    settled = again(store, everything, looked, looked.answers.corrected(one.correction for one in looked.suggestions))
    assert settled.staged.checked.rows["due"].to_pylist() == [date(2026, 11, 13), date(2026, 11, 5), date(2026, 5, 5)]
    assert not settled.staged.blocked and "read_as" in {one.kind for one in settled.staged.problems}


# ── What it changes ──────────────────────────────────────────────────────────────────────────────


def test_the_comparison_tells_what_is_new_changed_unchanged_and_emptied(store: Store, everything: Scope) -> None:
    before = repairs(building("Lahore", "PS-1"), building("Lahore", "PS-2"), building("Jamshoro", "PS-3"), building("Dadu", "PS-4"), day="13/11/2026")
    taken(store, laid(store, everything, before, name="before.csv"))
    looked = laid(store, everything, repairs(
        building("Lahore", "PS-1", "Certified"), building("Lahore", "PS-9"), building("Jamshoro", "PS-3"), "Dadu,NIL,,,,,", building("Kech", "PS-5")))
    found = changes(looked.staged.checked.domain, new=looked.staged.checked.rows, old=looked.staged.current.rows)
    name = {one.district: store.election.places[one.district].name for one in found.districts}
    assert {name[one.district]: one.state for one in found.districts} == {"Lahore": "changed", "Jamshoro": "unchanged", "Dadu": "emptied", "Kech": "new"}
    told = [(name[one["district"]], one["kind"], one["column"], one["old"], one["new"]) for one in found.lines.to_pylist() if name[one["district"]] == "Lahore"]
    assert told[:2] == [("Lahore", "changed", "status", "reported", "certified"), ("Lahore", "changed", "certified_by", None, "DEC")]
    (_, added, _, nothing, come), (_, removed, _, gone, none) = told[2:]
    assert (added, nothing, removed, none) == ("added", None, "removed", None)
    assert [{name: value for name, value in json.loads(whole).items() if value} for whole in (come, gone)] == 2 * [
        {"station_name": "School", "condition": "damaged", "cause": "flood", "status": "reported"}]


def test_a_fall_of_what_may_only_rise_is_told_apart(store: Store, everything: Scope) -> None:
    taken(store, laid(store, everything, (TRAINING.replace("20/", "13/") + "Lahore,Polling staff,APO,10,5,3000,120,100\n").encode(), name="a.csv"))
    looked = laid(store, everything, (TRAINING + "Lahore,Polling staff,APO,10,5,2900,110,105\n").encode(), name="b.csv")
    found = changes(looked.staged.checked.domain, new=looked.staged.checked.rows, old=looked.staged.current.rows)
    assert {one["column"]: one["kind"] for one in found.lines.to_pylist()} == {"required": "changed", "attended": "fell", "passed": "changed"}
    assert found.count("fell") == 1


def test_the_effect_that_is_shown_is_the_one_that_the_commit_has(store: Store, everything: Scope) -> None:
    taken(store, laid(store, everything, repairs(building("Lahore", "PS-1"), building("Jamshoro", "PS-3"), day="13/11/2026"), name="before.csv"))
    looked = laid(store, everything, repairs(building("Lahore", "PS-1", "Certified"), building("Lahore", "PS-2")))
    staged = looked.staged
    shown = effect(store, everything, lambda cursor: insert(cursor, staged, staged.free, by="", note="", at=next_moment(cursor), rehearsed=True),
                   on=store.today, domain="repairs", districts=staged.free)
    assert usable(store, everything, "PK") == (0, 2), "a rehearsal stays without consequence"
    lines = {(one.after.place_code, one.after.indicator): (one.before.done, one.before.required, one.after.done, one.after.required) for one in shown if one.after.domain == "repairs"}
    assert lines["PK", "PS1"] == (0, 2, 1, 3)
    submission = taken(store, looked)
    assert usable(store, everything, "PK") == (1, 3)
    committed = between(store, everything, submission, on=store.today, domain="repairs", districts=staged.free)
    assert committed == shown


def test_others_may_commit_while_an_effect_is_reckoned_and_nothing_of_it_stays(store: Store, everything: Scope) -> None:
    looked = laid(store, everything, repairs(building("Lahore", "PS-1", "Certified")))
    other = laid(store, everything, repairs(building("Jamshoro", "PS-2")), name="other.csv")
    with store.rehearsal() as cursor:
        insert(cursor, looked.staged, looked.staged.free, by="", note="", at=next_moment(cursor), rehearsed=True)
        taken(store, other)
        assert usable(store, everything, "PK") == (0, 1), "others see nothing of the rehearsal"
    assert usable(store, everything, "PK") == (0, 1)
    assert store.ask_rows("select count(*) from submissions", {}) == [(1,)]


# ── Looked at again ──────────────────────────────────────────────────────────────────────────────


def test_what_was_read_when_a_file_was_laid_down_or_settled_is_not_read_again(store: Store, everything: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    id, = desk.lay(store, "repairs.csv", repairs(building("Lahore", "PS-1")), sender="DEC office", by="An analyst", may_submit=everything)
    read, stage = [], desk.submissions.stage
    monkeypatch.setattr(desk.submissions, "stage", lambda *told, **named: read.append(named["answers"]) or stage(*told, **named))
    looked = desk.look(store, everything, id, may_submit=everything)
    assert read == []
    settled = again(store, everything, looked, Answers(as_of=date(2026, 11, 19)))
    assert read == [Answers(as_of=date(2026, 11, 19))]
    assert (settled.staged.checked.as_of, settled.entry.as_of) == (date(2026, 11, 19), date(2026, 11, 19))


def test_a_newer_picture_that_came_in_meanwhile_is_told_of(store: Store, everything: Scope) -> None:
    looked = laid(store, everything, repairs(building("Lahore", "PS-1")))
    assert desk.outlook(store, everything, looked)[0] == store.today
    newer = taken(store, laid(store, everything, repairs(building("Lahore", "PS-1"), day="22/11/2026"), name="newer.csv"))
    behind = desk.look(store, everything, looked.entry.staged, may_submit=everything)
    assert "back_dated" in {one.kind for one in behind.staged.problems}
    assert desk.outlook(store, everything, behind)[0] == DAY
    withdraw(store, newer, by="An analyst", reason="wrong")
    alone = desk.look(store, everything, looked.entry.staged, may_submit=everything)
    assert "back_dated" not in {one.kind for one in alone.staged.problems}


def test_a_day_that_has_begun_since_is_the_day_on_which_a_file_is_read(store: Store, everything: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Store, "today", date(2026, 11, 19))
    looked = laid(store, everything, repairs(building("Lahore", "PS-1")))
    assert "as_of_future" in {one.kind for one in looked.staged.problems}
    monkeypatch.setattr(Store, "today", DAY)
    assert not desk.look(store, everything, looked.entry.staged, may_submit=everything).staged.blocked


def test_each_viewer_is_shown_the_effect_of_what_that_viewer_may_take(store: Store, everything: Scope) -> None:
    looked = laid(store, everything, repairs(building("Lahore", "PS-1"), building("Jamshoro", "PS-2")))
    sindh = Scope.of(store.election.places, [SINDH])
    theirs = desk.look(store, everything, looked.entry.staged, may_submit=sindh)
    assert (looked.staged.free, theirs.staged.free) == ((LAHORE, "PK708"), ("PK708",))
    places = [{one.after.place_code for one in desk.outlook(store, everything, of)[1]} for of in (looked, theirs)]
    assert LAHORE in places[0] and LAHORE not in places[1]


def test_a_file_that_comes_again_under_another_name_is_called_by_that(store: Store, everything: Scope) -> None:
    content = repairs(building("Lahore", "PS-1"))
    first = laid(store, everything, content, name="first.csv")
    desk.give_back(store, first, by="An analyst", may_submit=Scope.everything(store.election.places), reason="wrong office")
    assert laid(store, everything, content, name="second.csv").staged.checked.sheet == "second"


# ── Taken ────────────────────────────────────────────────────────────────────────────────────────


def test_the_good_districts_go_in_and_the_others_are_held_back_with_their_reasons(store: Store, everything: Scope) -> None:
    looked = laid(store, everything, repairs(
        building("Lahore", "PS-1"), building("Jamshoro", "PS-2"), "Jamshoro,PS-3,School,Sunk,Flood,Reported,", building("Karachi", "PS-4")))
    assert [store.election.places[code].name for code in looked.staged.free] == ["Lahore"]
    submission = taken(store, looked)
    assert readiness.rows(store, everything, "repairs", place="PK", on=store.today)["station_code"].tolist() == ["PS-1"]
    held = asked.rejected(store, everything, submission)
    assert held["row"].tolist() == [4, 5, 6] and not held["is_settled"].any()
    assert "PS-2" in held["cells"][0] and "Held back with the other rows of its district" in held["reasons"][0]
    assert "“Sunk” is not one of the choices" in held["reasons"][1]
    assert asked.waiting(store, everything) == {submission: 3}
    assert asked.entries(store, everything) == ()


def test_a_district_is_never_taken_half(store: Store, everything: Scope) -> None:
    looked = laid(store, everything, repairs(building("Lahore", "PS-1"), "Lahore,PS-3,School,Sunk,Flood,Reported,"))
    assert looked.staged.free == ()
    with pytest.raises(ValueError, match="block"):
        desk.take(store, looked, by="An analyst", may_submit=Scope.everything(store.election.places), note="", only=looked.staged.checked.districts)
    with pytest.raises(ValueError, match="block"):
        desk.take(store, looked, by="An analyst", may_submit=Scope.everything(store.election.places), note="", only=())
    assert readiness.history(store, everything).empty and len(asked.entries(store, everything)) == 1


def test_nothing_goes_in_as_long_as_a_row_may_be_any_districts(store: Store, everything: Scope) -> None:
    looked = laid(store, everything, repairs(building("Lahore", "PS-1"), building("Mian Mir", "PS-2"), building("Kech", "PS-3")))
    assert looked.staged.free == ()
    settled = again(store, everything, looked, looked.answers.spelled([Spelling("district", "Mian Mir", LAHORE)]))
    assert len(settled.staged.free) == 2


def test_warnings_of_districts_that_are_held_back_stay_out(store: Store, everything: Scope) -> None:
    taken(store, laid(store, everything, repairs(building("Lahore", "PS-1"), building("Jamshoro", "PS-2"), building("Jamshoro", "PS-3"), day="13/11/2026"), name="a.csv"))
    submission = taken(store, laid(store, everything, repairs(building("Lahore", "PS-1"), "Jamshoro,PS-2,School,Sunk,Flood,Reported,"), name="b.csv"))
    assert readiness.warnings_of(store, everything, submission).empty


def test_an_older_file_that_is_taken_again_counts_again(store: Store, everything: Scope) -> None:
    content = repairs(building("Lahore", "PS-1", "Certified"))
    first = taken(store, laid(store, everything, content))
    second = taken(store, laid(store, everything, repairs(building("Lahore", "PS-1")), name="other.csv"))
    assert usable(store, everything, "PK") == (0, 1)
    looked = laid(store, everything, content)
    assert (looked.staged.held_by, looked.staged.replaced_by) == (first, (second,))
    assert taken(store, looked) not in (first, second)
    assert usable(store, everything, "PK") == (1, 1)


def test_rejected_rows_are_settled_by_a_later_submission_of_their_district(store: Store, everything: Scope) -> None:
    looked = laid(store, everything, repairs(building("Lahore", "PS-1"), "Jamshoro,PS-3,School,Sunk,Flood,Reported,"))
    submission = taken(store, looked)
    assert asked.waiting(store, everything) == {submission: 1}
    taken(store, laid(store, everything, repairs(building("Jamshoro", "PS-3")), name="corrected.csv"))
    assert asked.waiting(store, everything) == {}
    assert asked.rejected(store, everything, submission)["is_settled"].all()


def test_rejected_rows_of_no_known_district_are_settled_by_a_word(store: Store, everything: Scope) -> None:
    looked = laid(store, everything, repairs(building("Lahore", "PS-1"), building("Karachi", "PS-3")))
    submission = taken(store, looked)
    assert asked.waiting(store, everything) == {submission: 1}
    desk.settle_rejected(store, submission, by="An analyst", reason="The office takes it back.")
    assert asked.waiting(store, everything) == {}


def test_the_rest_of_a_file_goes_in_later_once_it_is_settled(store: Store, everything: Scope) -> None:
    content = repairs(building("Lahore", "PS-1"), building("Karachi", "PS-3"))
    taken(store, laid(store, everything, content))
    rest = again(store, everything, laid(store, everything, content), Answers().spelled([Spelling("district", "Karachi", "PK708")]))
    taken(store, rest)
    assert sorted(readiness.rows(store, everything, "repairs", place="PK", on=store.today)["station_code"]) == ["PS-1", "PS-3"]
    assert asked.waiting(store, everything) == {}
    assert len(readiness.history(store, everything)) == 2


def test_the_second_of_two_analysts_is_told_what_changed_under_them(store: Store, everything: Scope) -> None:
    mine = laid(store, everything, repairs(building("Lahore", "PS-1", "Certified")), name="mine.csv")
    theirs = laid(store, everything, repairs(building("Lahore", "PS-1"), building("Lahore", "PS-2")), name="theirs.csv")
    other = taken(store, theirs)
    with pytest.raises(Overtaken) as told:
        taken(store, mine)
    assert told.value.by == (other,)
    renewed = desk.look(store, everything, mine.entry.staged, may_submit=everything)
    assert renewed.staged.current.rows.num_rows == 2, "the comparison is made anew"
    taken(store, renewed)
    assert len(readiness.history(store, everything)) == 2


def test_one_file_is_taken_once_also_by_two_analysts(store: Store, everything: Scope) -> None:
    looked = laid(store, everything, repairs(building("Lahore", "PS-1")))
    taken(store, looked)
    with pytest.raises((desk.Gone, Overtaken)):
        taken(store, looked)
    assert len(readiness.history(store, everything)) == 1


def test_a_file_given_back_stays_in_the_history_with_its_reason(store: Store, everything: Scope) -> None:
    looked = laid(store, everything, repairs("Lahore,PS-3,School,Sunk,Flood,Reported,"))
    desk.give_back(store, looked, by="An analyst", may_submit=Scope.everything(store.election.places), reason="Sent back to be corrected.")
    assert asked.entries(store, everything) == ()
    assert asked.returned(store, everything)["reason"].tolist() == ["Sent back to be corrected."]
    assert asked.content_of(store, everything, looked.entry.staged) == looked.content
    with pytest.raises(desk.Gone):
        desk.give_back(store, looked, by="An analyst", may_submit=Scope.everything(store.election.places), reason="again")


# ── Undone ───────────────────────────────────────────────────────────────────────────────────────


def test_a_restored_submission_stands_where_it_stood(store: Store, everything: Scope) -> None:
    first = taken(store, laid(store, everything, repairs(building("Lahore", "PS-1"), day="13/11/2026"), name="a.csv"))
    second = taken(store, laid(store, everything, repairs(building("Lahore", "PS-1", "Certified")), name="b.csv"))
    withdraw(store, second, by="An analyst", reason="wrong file")
    assert usable(store, everything, "PK") == (0, 1)
    restore(store, second, by="An analyst", reason="it was right")
    assert usable(store, everything, "PK") == (1, 1)
    states = readiness.history(store, everything).set_index("submission")["state"]
    assert states[second] == "restored" and states[first] == "committed"
    with pytest.raises(LookupError, match="is not withdrawn"):
        restore(store, second, by="An analyst", reason="again")


def test_a_restored_submission_can_be_withdrawn_again(store: Store, everything: Scope) -> None:
    one = taken(store, laid(store, everything, repairs(building("Lahore", "PS-1"))))
    for _ in range(2):
        withdraw(store, one, by="An analyst", reason="wrong")
        assert usable(store, everything, "PK") == (None, None)
        restore(store, one, by="An analyst", reason="right")
        assert usable(store, everything, "PK") == (0, 1)


def test_a_file_whose_rows_stand_there_is_not_stored_twice_and_one_with_other_answers_is(store: Store, everything: Scope) -> None:
    content = repairs(building("Lahore", "PS-1"), building("Jamshroo", "PS-2"))
    told = Answers().spelled([Spelling("district", "Jamshroo", "PK708")])
    first = commit(store, stage(store, "a.csv", content, sender="DEC office", answers=told))
    assert not first.was_held
    assert commit(store, stage(store, "a.csv", content, sender="DEC office", answers=told)).was_held
    other = Answers().spelled([Spelling("district", "Jamshroo", LAHORE)])
    assert not commit(store, stage(store, "a.csv", content, sender="DEC office", answers=other)).was_held
