"""What stands in a file is seen by those alone who may see all that it names, and handled by those alone who may submit it all."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from data import audit, desk as asked, readiness
from data.scope import Scope
from data.store import Store
from loaders import desk, spellings
from loaders.answers import Answers, Correction, Spelling
from loaders.problems import problem
from loaders.submissions import commit, reference, stage
from pages.parts import receipts
from sheets_for import book, hand_in, security, sheet
from test_desk_pages import JAMSHORO, LAHORE, SINDH, Open, building, open_page, press, repairs, text_of

__all__ = ["open_page"]
HELD = repairs(building("Jamshoro", "PS-1"), building("Lahore", "PS-2", "Nonsense"))
ANN, BOB = "Ann", "Bob"


@pytest.fixture
def sindh(store: Store) -> Scope:
    return Scope.of(store.election.places, [SINDH])


def laid(store: Store, content: bytes, may_submit: Scope, *, by: str = ANN, sender: str = "An office") -> str:
    return desk.lay(store, "a.csv", content, sender=sender, by=by, may_submit=may_submit)[0]


def in_part(store: Store, everything: Scope) -> str:
    """A submission of Jamshoro alone, from a file in which Lahore was held back."""
    staged = stage(store, "a.csv", HELD, sender="An office")
    assert staged.free == (JAMSHORO,)
    return commit(store, staged, by=ANN, only=staged.free).submission


def test_a_file_that_was_taken_in_part_is_seen_by_nobody_who_may_not_see_the_rest(store: Store, everything: Scope, sindh: Scope) -> None:
    one = in_part(store, everything)
    for scope, sees in ((sindh, False), (replace(sindh, own=BOB), False), (replace(sindh, own=ANN), True), (everything, True)):
        assert (readiness.file_of(store, scope, one) is not None) is sees
        assert (len(asked.rejected(store, scope, one)), asked.waiting(store, scope)) == ((1, {one: 1}) if sees else (0, {}))
        assert receipts.held_frame(store, scope, one).empty is not sees
        assert readiness.history(store, scope)["wholly"].to_list() == [sees]
        assert bool(readiness.rows_of(store, scope, "repairs", one).num_rows) is sees
    # Its own district's figures are everybody's who sees the district.
    assert readiness.rows(store, sindh, "repairs", place=JAMSHORO, on=store.today).shape[0] == 1


def test_the_pages_of_a_province_show_nothing_of_a_file_that_was_taken_in_part(open_page: Open, store: Store, everything: Scope) -> None:
    one = in_part(store, everything)
    for page in ("history", "upload"):
        said = text_of(open_page(store, page, area=SINDH, name=BOB, submission=one, taken=one))
        assert "PS-2" not in said and "Nonsense" not in said and "a.csv" not in said
    assert "a.csv" in text_of(open_page(store, "history", area=SINDH, name=ANN, submission=one))


@pytest.mark.parametrize("second", [
    building("Lahore", "PS-2"), building("South Waziristan", "PS-2"), building("Nowhere", "PS-2"), building("Punjab", "PS-2"), building("", "PS-2")],
    ids=["another province", "an ambiguous name", "an unknown name", "a whole province", "no name"])
def test_a_file_on_the_desk_is_seen_by_all_that_it_names_and_not_by_what_could_be_read_of_it(store: Store, everything: Scope, sindh: Scope, second: str) -> None:
    id = laid(store, repairs(building("Jamshoro", "PS-1"), second), sindh)
    for scope, sees in ((sindh, False), (replace(sindh, own=BOB), False), (replace(sindh, own=ANN), True), (everything, True)):
        assert [one.staged for one in asked.entries(store, scope)] == ([id] if sees else [])
        assert (asked.content_of(store, scope, id) is not None) is sees
    # Who settles something with fewer rights does not show the file to more people.
    looked = desk.look(store, replace(sindh, own=ANN), id, may_submit=sindh)
    desk.settle(store, looked, looked.answers, by=ANN, may_submit=sindh)
    assert asked.entries(store, sindh) == ()
    desk.give_back(store, desk.look(store, everything, id, may_submit=everything), by=ANN, may_submit=sindh, reason="wrong")
    assert asked.returned(store, sindh).empty and len(asked.returned(store, replace(sindh, own=ANN))) == 1


def test_a_file_of_ones_own_province_is_seen_by_its_colleagues(store: Store, sindh: Scope) -> None:
    id = laid(store, repairs(building("Jamshoro", "PS-1"), building("Sukkur", "PS-2")), sindh)
    assert asked.entry(store, sindh, id).named is not None and len(asked.entry(store, sindh, id).named) == 2


def test_what_lies_in_another_sheet_counts_too(store: Store, everything: Scope, sindh: Scope) -> None:
    both = book(Sheet1=repairs(building("Jamshoro", "PS-1")), Other=repairs(building("Lahore", "PS-2"), day="19/11/2026"))
    first = desk.lay(store, "both.xlsx", both, sender="An office", by=ANN, may_submit=everything)
    assert asked.entries(store, sindh) == () and len(asked.entries(store, everything)) == len(first)


def test_rows_that_are_left_out_stay_in_the_file(store: Store, everything: Scope, sindh: Scope) -> None:
    id = laid(store, repairs(building("Jamshoro", "PS-1"), building("Nowhere", "PS-2")), everything)
    desk.settle(store, desk.look(store, everything, id, may_submit=everything), Answers(left_out=("Nowhere",)), by=ANN, may_submit=everything)
    assert not desk.look(store, everything, id, may_submit=everything).staged.blocked
    assert asked.entries(store, sindh) == ()


# ── Who submits for what they do not see ─────────────────────────────────────────────────────────

NOTHING = Scope(frozenset())


def hidden_before(store: Store) -> bytes:
    """Three districts stand with figures of another office on a day; the sheet that is handed in for the same day has lower ones of two."""
    day = date(2026, 11, 20)
    hand_in(store, "security", [security("Jamshoro", personnel=(765, 987)), security("Sukkur", personnel=(543, 876)), security("Lahore", personnel=(654, 789))], day, sender="Another office")
    hand_in(store, "security", [security("Jamshoro", personnel=(766, 987))], date(2026, 11, 24), sender="Another office")
    return sheet("security", [security("Jamshoro", personnel=(50, 987)), security("Sukkur", personnel=(60, 876))], day)


STOOD = ("765", "766", "543", "Another office", "24 Nov")


def stood(said: str) -> list[str]:
    """What a page tells of what stood there: as words, for a reference may have these digits by chance."""
    return [text for text in STOOD if re.search(rf"\b{text}\b", said)]


def test_what_stood_in_a_district_is_told_to_who_sees_it_and_not_to_who_only_submits_for_it(store: Store, everything: Scope, sindh: Scope) -> None:
    whole = stage(store, "a.csv", hidden_before(store), sender="An office")
    assert {"back_dated", "fell", "ten_times", "disagrees"} & {one.kind for one in whole.problems} >= {"back_dated", "fell", "disagrees"}
    assert whole.told_to(everything) is whole and whole.told_to(sindh) is whole
    told = whole.told_to(NOTHING)
    assert [one for one in told.problems if any(text in one.message for text in STOOD)] == [] and told.current.rows.num_rows == told.current.sources.num_rows == 0
    assert told.checked is whole.checked and told.free == whole.free
    some = whole.told_to(Scope.of(store.election.places, [JAMSHORO]))
    said = " ".join(one.message for one in some.problems)
    assert "765" in said and "24 Nov" in said and "543" not in said and set(some.current.rows["district"].to_pylist()) == {JAMSHORO}


def test_a_file_is_taken_for_places_that_are_not_seen_and_nothing_of_what_stood_there_is_told(open_page: Open, store: Store, everything: Scope, sindh: Scope) -> None:
    content = hidden_before(store)
    app = open_page(store, "upload", area="", submits=SINDH, name=ANN, has_account=True, files=(("a.csv", content),))
    said = text_of(app)
    assert "2 districts lie beyond what your account sees" in said
    assert not stood(said)
    said = text_of(press(app, "Commit 2 districts"))
    assert "Committed as" in said and "Warnings 0" in said and not stood(said)
    one = readiness.history(store, everything)["submission"].iloc[0]
    said = text_of(open_page(store, "history", area="", submits=SINDH, name=ANN, has_account=True, submission=one))
    assert "SHA-256" in said and "Withdraw it" in said and "2 districts lie beyond" in said and not stood(said)
    # The warnings are kept for who sees the districts.
    own = replace(NOTHING, own=ANN, submits=sindh.districts)
    kept, told = (" ".join(readiness.warnings_of(store, scope, one)["message"]) for scope in (sindh, own))
    assert "765" in kept and "24 Nov" in kept and "765" not in told and "24 Nov" not in told
    assert [readiness.history(store, scope)["warnings"].iloc[0] for scope in (sindh, own)] == [len(readiness.warnings_of(store, sindh, one)), 0]
    assert readiness.rows_of(store, own, "security", one).num_rows == 2 and readiness.rows_before(store, own, "security", one).num_rows == 0
    assert readiness.rows_before(store, sindh, "security", one).num_rows == 2


def test_who_sees_another_place_finds_what_they_handed_in_under_its_own(open_page: Open, store: Store) -> None:
    one = commit(store, stage(store, "a.csv", repairs(building("Jamshoro", "PS-1")), sender="An office"), by=ANN).submission
    app = open_page(store, "history", area="PK6", submits=SINDH, name=ANN, has_account=True, place=SINDH)
    assert reference(one) in text_of(app) and not audit.lines(store, act="refused")
    said = text_of(open_page(store, "history", area="PK6", submits=SINDH, name=ANN, has_account=True, submission=one))
    assert "Withdraw" in said and "No figure would change" not in said


def test_by_whom_a_file_was_replaced_is_told_to_who_sees_the_district(store: Store, everything: Scope) -> None:
    first, second = (repairs(building("Jamshoro", f"PS-{number}")) for number in (1, 2))
    commit(store, stage(store, "a.csv", first, sender="An office"), by=ANN)
    other = commit(store, stage(store, "b.csv", second, sender="Another office"), by=BOB).submission
    whole = stage(store, "a.csv", first, sender="An office")
    assert whole.replaced_by == whole.told_to(everything).replaced_by == (other,) and set(whole.basis.values()) == {other}
    assert whole.told_to(NOTHING).replaced_by == () and whole.told_to(NOTHING).basis == {}


def test_what_was_replaced_counts_again_for_who_may_not_see_by_what(open_page: Open, store: Store, sindh: Scope) -> None:
    first, second = (repairs(building("Jamshoro", f"PS-{number}")) for number in (1, 2))
    own = commit(store, stage(store, "a.csv", first, sender=ANN), by=ANN).submission
    other = commit(store, stage(store, "b.csv", second, sender="Another office"), by=BOB).submission
    app = open_page(store, "upload", area="", submits=SINDH, name=ANN, has_account=True, files=(("a.csv", first),))
    said = text_of(app)
    assert f"in the history as {reference(own)}; since then others, of places that you don’t see stands in their place" in said and reference(other) not in said
    press(app, "Commit 1 district")
    assert len(readiness.history(store, sindh)) == 3


def test_a_file_that_lies_on_a_desk_that_is_not_seen_is_laid_down_by_another(store: Store, sindh: Scope) -> None:
    content = repairs(building("Jamshoro", "PS-1"))
    one = laid(store, content, sindh, by=ANN)
    mine = replace(NOTHING, own=BOB, submits=sindh.districts)
    other, = desk.lay(store, "a.csv", content, sender="An office", by=BOB, may_submit=sindh, sees=mine)
    assert other != one and [entry.staged for entry in asked.entries(store, mine)] == [other]
    assert desk.lay(store, "a.csv", content, sender="An office", by=BOB, may_submit=sindh, sees=mine) == (other,)
    assert desk.lay(store, "a.csv", content, sender="An office", by="Carl", may_submit=sindh, sees=replace(sindh, own="Carl"))[0] in (one, other)


def test_what_somebody_handed_in_is_theirs_as_long_as_they_submit_for_its_places(store: Store, everything: Scope, sindh: Scope) -> None:
    one = in_part(store, everything)
    submits = replace(NOTHING, own=ANN, submits=sindh.districts)
    for scope, sees in ((submits, True), (replace(submits, own=BOB), False), (replace(submits, submits=Scope.of(store.election.places, [LAHORE]).districts), False), (replace(NOTHING, own=ANN), False)):
        assert (readiness.history(store, scope)["submission"].to_list(), readiness.events_of(store, scope, one).empty) == (([one], False) if sees else ([], True))
        assert (readiness.file_of(store, scope, one) is not None) is sees and bool(readiness.rows_of(store, scope, "repairs", one).num_rows) is sees
    assert readiness.rows(store, submits, "repairs", place=JAMSHORO, on=store.today).empty
    assert readiness.history(store, submits, place=LAHORE).empty and len(readiness.history(store, submits, place=JAMSHORO)) == 1


def test_a_printed_total_is_told_to_who_sees_all_that_it_adds_up(store: Store, everything: Scope, sindh: Scope) -> None:
    problem_ = problem("printed_total", "Sheet1", column="Buildings", value="10", sum="12", places="Pakistan", source="a report")
    staged_ = replace(stage(store, "a.csv", repairs(building("Jamshoro", "PS-1")), sender="An office"), problems=(problem_.holding(tuple(everything.districts)),))
    assert staged_.told_to(everything).problems and not staged_.told_to(sindh).problems
    taken = commit(store, staged_, by=ANN).submission
    assert [len(readiness.warnings_of(store, scope, taken)) for scope in (everything, sindh, replace(sindh, own=ANN))] == [1, 0, 0]


# ── Who may go on with it ────────────────────────────────────────────────────────────────────────


def test_who_may_not_submit_all_of_a_file_can_not_go_on_with_it(open_page: Open, store: Store, everything: Scope, sindh: Scope) -> None:
    id = laid(store, repairs(building("Jamshoro", "PS-1"), building("Lahore", "PS-2")), everything)
    looked = desk.look(store, everything, id, may_submit=sindh)
    security_only = replace(everything, domains=frozenset({"security"}))
    for may_submit in (sindh, security_only, Scope(frozenset())):
        for act in (
            lambda: desk.settle(store, looked, looked.answers, by=BOB, may_submit=may_submit),
            lambda: desk.give_back(store, looked, by=BOB, may_submit=may_submit, reason="no"),
            lambda: desk.take(store, looked, by=BOB, may_submit=may_submit, note="", only=(JAMSHORO,)),
        ):
            with pytest.raises(desk.NotTheirs):
                act()
    assert len(asked.entries(store, everything)) == 1 and readiness.history(store, everything).empty
    assert [line.act for line in audit.lines(store)] == ["uploaded"]


def test_the_page_says_who_goes_on_with_a_file(open_page: Open, store: Store, everything: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    from pages.parts import session

    id = laid(store, repairs(building("Lahore", "PS-2")), everything)
    app = open_page(store, "upload", name=BOB)
    monkeypatch.setattr(session, "viewer", lambda: session.Viewer(everything, "PK", BOB, Scope.of(store.election.places, [SINDH])))
    app.query_params["file"] = id
    app = app.run()
    assert not app.exception
    assert "This file lies here from Ann. Only they go on with it" in text_of(app)
    assert not [one for one in app.button if "Commit" in one.label or "return" in one.label.lower() or "Mark" in one.label]


def test_a_colleague_with_the_right_goes_on_and_is_named_for_what_they_corrected(store: Store, everything: Scope) -> None:
    id = laid(store, HELD, everything)
    looked = desk.look(store, everything, id, may_submit=everything)
    row = next(one.row for one in looked.staged.problems if one.blocks)
    desk.settle(store, looked, looked.answers.corrected([Correction(row, "status", "Reported")]), by=BOB, may_submit=everything)
    taken = desk.take(store, desk.look(store, everything, id, may_submit=everything), by=ANN, may_submit=everything, note="", only=(JAMSHORO, LAHORE)).submission
    assert asked.corrections(store, everything, taken)["corrected_by"].to_list() == [BOB]
    assert [(line.who, line.act) for line in audit.lines(store)] == [(ANN, "committed"), (BOB, "answered"), (ANN, "uploaded")]


# ── What is remembered ───────────────────────────────────────────────────────────────────────────


def test_who_may_not_teach_all_teaches_only_for_the_files_that_they_lay_down(store: Store, everything: Scope) -> None:
    word = Spelling("district", "Lahor Zila", LAHORE)
    spellings.learn(store, [word], sender="An office", by=BOB, may_teach=False)
    sheet = repairs(building("Lahor Zila", "PS-2"))
    own, others = (desk.look(store, everything, laid(store, sheet + b"\n" * number, everything, by=by), may_submit=everything) for number, by in enumerate((BOB, ANN)))
    assert not own.staged.blocked and others.staged.blocked
    assert stage(store, "a.csv", sheet, sender="An office").blocked
    with pytest.raises(ValueError, match="remembered for all"):
        spellings.learn(store, [word], sender="", by=BOB, may_teach=False)


def test_who_may_not_teach_all_sees_and_forgets_only_what_they_taught(store: Store) -> None:
    spellings.learn(store, [Spelling("district", "Lahor Zila", LAHORE)], sender="An office", by=ANN)
    spellings.learn(store, [Spelling("district", "Jamshor Zila", JAMSHORO)], sender="An office", by=BOB, may_teach=False)
    own, = spellings.learned(store, by=BOB, may_teach=False)
    others = next(one for one in spellings.learned(store, by=ANN) if one.id != own.id)
    assert own.spelling.written == "Jamshor Zila" and spellings.learned(store, by="Somebody", may_teach=False) == ()
    with pytest.raises(LookupError):
        spellings.forget(store, others.id, by=BOB, may_teach=False)
    spellings.forget(store, own.id, by=BOB, may_teach=False)
    assert [one.id for one in spellings.learned(store, by=ANN)] == [others.id]


def test_who_looks_into_the_file_of_another_is_written_down_once(open_page: Open, store: Store, everything: Scope) -> None:
    one = in_part(store, everything)
    lying = laid(store, repairs(building("Jamshoro", "PS-9")), everything)
    for name, seen in ((BOB, 2), (ANN, 1)):  # Ann laid the second one down; the first was sent by an office
        for _ in range(2):
            open_page(store, "history", name=name, has_account=True, submission=one).run()
        open_page(store, "upload", name=name, has_account=True, file=lying)
        assert {line.about.get("submission") or line.about["staged"] for line in audit.lines(store, act="viewed", who=name)} == ({one, lying} if seen == 2 else {one})
    assert open_page(store, "history", area=SINDH, name="Carl", has_account=True, submission=one) and not audit.lines(store, act="viewed", who="Carl")  # who saw nothing of it
