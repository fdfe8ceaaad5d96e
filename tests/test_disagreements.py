"""Two figures for one thing: found, shown with both sources, settled with a note, and until then marked wherever the figure stands."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path

import openpyxl
import pypdf
import pytest
from conftest import OpenPage
from sheets_for import course, hand_in, security
from small_country import COUNTRY, NORTH, SOUTH, before, election_in, everything, only
from test_pages import text_of

from data import audit
from data.disagreements import Disagreement, disagreements, disputed, settle, unsettle
from data.readiness import figures, lines
from data.store import Store
from data.written import WritingError
from loaders import submissions
from pages.papers.content import gather
from pages.papers.document import pdf
from pages.papers.workbook import xlsx

DAY = timedelta(days=1)
ON = before(70)
OFFICE, POLICE = "A commission office", "The police"
TOTAL = ('[[office]]\nid = "secretary"', '[[total]]\ndomain = "security"\ncolumn = "most_sensitive"\nplaces = ["NO"]\nvalue = 7\nsource = "A newspaper"\n\n[[office]]\nid = "secretary"')


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path / "small.duckdb", election_in(tmp_path, [TOTAL]))) as store:
        yield store


def personnel(store: Store, district: str, required: int, *, sender: str = OFFICE, on: date = ON, hour: int = 12, plan: str = "submitted") -> str:
    # A remark makes each file another one: the same file twice is held already.
    row = security(district, personnel=(10, required), plan=plan) | {"remarks": f"{sender}, at {hour}"}
    return hand_in(store, "security", [row], on, sender=sender, at=datetime.combine(on, time(hour)))


def trained(store: Store, attended: int, on: date, remarks: str | None = None) -> str:
    return hand_in(store, "training", [course("N1", "PRO", "PRO", required=10, attended=attended) | {"remarks": remarks}], on)


def found(store: Store, *places: str, on: date = ON) -> list[Disagreement]:
    return list(disagreements(store, only(store, *places) if places else everything(store), on=on))


def told(one: Disagreement) -> tuple[str, str, str, str, str, str, str]:
    return one.kind, one.place_code, one.column.name, one.one.value, one.one.sender, one.other.value, one.other.sender


def marked(store: Store, level: str) -> set[tuple[str, str, int]]:
    """Place, indicator and number of the lines that a disagreement touches."""
    return {(line.place_code, line.indicator, line.disputed) for line in lines(store, everything(store), level, days=(ON - DAY, ON)) if line.disputed}


def test_two_senders_of_one_day_disagree_and_the_one_committed_later_counts(store: Store) -> None:
    personnel(store, "N1", 90, sender=POLICE, hour=10)
    personnel(store, "N1", 60, hour=14)
    assert [told(one) for one in found(store)] == [("senders", "N1", "personnel_required", "60", OFFICE, "90", POLICE)]
    assert found(store)[0].indicators == ("SE3",)


def test_a_disputed_figure_is_marked_in_its_district_its_province_and_the_country(store: Store) -> None:
    personnel(store, "N1", 90, sender=POLICE, hour=10)
    personnel(store, "N1", 60, hour=14)
    assert marked(store, "district") == {("N1", "SE3", 1), ("N1", "all", 1)}
    assert marked(store, "province") == {(NORTH, "SE3", 1), (NORTH, "all", 1)}
    assert marked(store, "national") == {(COUNTRY, "SE3", 1), (COUNTRY, "all", 1)}


def test_a_choice_may_be_disputed_as_well(store: Store) -> None:
    personnel(store, "N1", 60, sender=POLICE, hour=10, plan="approved")
    personnel(store, "N1", 60, hour=14)
    assert [(one.column.name, one.one.value, one.other.value, one.indicators) for one in found(store)] == [("plan_status", "submitted", "approved", ("SE2",))]


@pytest.mark.parametrize("other", ["same sender", "same figure", "another day", "withdrawn", "not known yet"])
def test_what_is_no_disagreement(store: Store, other: str) -> None:
    sender = OFFICE if other == "same sender" else POLICE
    required, on = 60 if other == "same figure" else 90, ON - DAY if other == "another day" else ON
    first = personnel(store, "N1", required, sender=sender, on=on, hour=10)
    personnel(store, "N1", 60, hour=14)
    if other == "withdrawn":
        submissions.withdraw(store, first, by="A", reason="Not theirs to say")
    known_on = datetime.combine(ON, time(12)) if other == "not known yet" else None
    assert disagreements(store, everything(store), on=ON, known_on=known_on) == ()


def test_a_count_that_fell_is_told_until_it_is_put_right(store: Store) -> None:
    trained(store, 8, ON - 3 * DAY)
    trained(store, 5, ON)
    one, = found(store)
    assert told(one) == ("fell", "N1", "attended", "5", OFFICE, "8", OFFICE) and one.other.as_of == ON - 3 * DAY and one.row == ("PRO", "PRO") and one.indicators == ("TR2",)
    trained(store, 9, ON + DAY)
    assert found(store, on=ON + DAY) == [] and len(found(store)) == 1


def test_a_fall_that_is_explained_or_from_a_figure_that_was_withdrawn_is_none(store: Store) -> None:
    first = trained(store, 8, ON - 3 * DAY)
    trained(store, 5, ON)
    trained(store, 4, ON + DAY, remarks="Three were counted twice")
    assert found(store, on=ON + DAY) == []
    submissions.withdraw(store, first, by="A", reason="Never held")
    assert found(store) == []


def test_a_sum_that_is_not_the_printed_total_once_every_district_has_reported(store: Store) -> None:
    for district in ("N1", "N2"):
        personnel(store, district, 60)
    assert found(store) == []
    personnel(store, "N3", 60)
    assert [told(one) for one in found(store)] == [("total", NORTH, "most_sensitive", "6", "", "7", "A newspaper")]


def test_nobody_is_told_of_a_disagreement_beyond_their_places(store: Store) -> None:
    for district in ("N1", "N2", "N3", "S1"):
        personnel(store, district, 90, sender=POLICE, hour=10)
        personnel(store, district, 60, hour=14)
    assert {one.place_code for one in found(store)} == {"N1", "N2", "N3", "S1", NORTH}
    assert {one.place_code for one in found(store, "N1")} == {"N1"}
    assert {one.place_code for one in found(store, "N1", "N2", "S1", "S2")} == {"N1", "N2", "S1"}
    assert {one.place_code for one in disagreements(store, everything(store), on=ON, place=SOUTH)} == {"S1"}
    assert disputed(store, only(store, "N1"), ON).keys() <= {(place, "security", name) for place in ("N1", NORTH, COUNTRY) for name in ("SE3", "all")}
    one = next(each for each in found(store) if each.place_code == "S1")
    with pytest.raises(WritingError):
        settle(store, only(store, "N1"), one, "Both were wrong", by="A", on=ON)


def test_settled_it_marks_nothing_and_stands_with_what_was_found(store: Store) -> None:
    personnel(store, "N1", 90, sender=POLICE, hour=10)
    personnel(store, "N1", 60, hour=14)
    settle(store, everything(store), found(store)[0], "The police counted the reserve as well.", by="Ana", on=ON)
    one, = found(store)
    assert (one.settled.note, one.settled.settled_by) == ("The police counted the reserve as well.", "Ana")
    assert marked(store, "district") == set()
    with pytest.raises(WritingError, match="settled already"):
        settle(store, everything(store), one, "Again", by="B", on=ON)
    assert audit.lines(store)[0].act == "agreed"
    unsettle(store, everything(store), one, "The reserve was not in it", by="Ana")
    assert found(store)[0].settled is None and marked(store, "district") == {("N1", "SE3", 1), ("N1", "all", 1)}
    assert store.ask_rows("select count(*) from settlements", {}) == [(1,)]  # nothing is deleted


def test_what_a_sender_has_corrected_is_theirs_no_more(store: Store) -> None:
    personnel(store, "N1", 90, sender=POLICE, hour=9)
    personnel(store, "N1", 60, sender=POLICE, hour=10)
    personnel(store, "N1", 60, hour=14)
    assert found(store) == []


def test_the_same_figures_handed_in_again_stay_settled(store: Store) -> None:
    personnel(store, "N1", 90, sender=POLICE, hour=10)
    personnel(store, "N1", 60, hour=14)
    settle(store, everything(store), found(store)[0], "The police counted the reserve.", by="Ana", on=ON)
    personnel(store, "N1", 60, hour=16)
    one, = found(store)
    assert one.settled is not None


def test_a_sum_over_several_places_is_told_in_each_of_them(tmp_path: Path) -> None:
    with closing(Store(tmp_path / "small.duckdb", election_in(tmp_path, [(TOTAL[0], TOTAL[1].replace('["NO"]', '["NO", "SO"]').replace("most_sensitive", "personnel_required"))]))) as store:
        for district in ("N1", "N2", "N3", "S1", "S2"):
            personnel(store, district, 60)
        one, = found(store)
        assert one.places == (NORTH, SOUTH) and disagreements(store, everything(store), on=ON, place=SOUTH) == (one,)
        assert marked(store, "province") == {(place, name, 1) for place in (NORTH, SOUTH) for name in ("SE3", "all")} and disagreements(store, only(store, NORTH), on=ON) == ()


def test_with_another_figure_on_either_side_it_is_another_one(store: Store) -> None:
    personnel(store, "N1", 90, sender=POLICE, hour=10)
    personnel(store, "N1", 60, hour=14)
    settle(store, everything(store), found(store)[0], "The police counted the reserve.", by="Ana", on=ON)
    personnel(store, "N1", 70, hour=15)
    assert [(one.one.value, one.settled) for one in found(store)] == [("70", None)]


@pytest.mark.parametrize("note", ["", "  ", "x" * 2_001])
def test_it_is_not_settled_without_words(store: Store, note: str) -> None:
    personnel(store, "N1", 90, sender=POLICE, hour=10)
    personnel(store, "N1", 60, hour=14)
    with pytest.raises(WritingError):
        settle(store, everything(store), found(store)[0], note, by="Ana", on=ON)
    assert found(store)[0].settled is None


@pytest.mark.parametrize("seed", range(3))
def test_among_submissions_at_random_it_finds_those_that_a_search_through_all_finds(store: Store, seed: int) -> None:
    dice = random.Random(seed)
    sent: list[tuple[str, str, date, datetime, int]] = []
    for number in range(14):
        district, sender, on, required = dice.choice(["N1", "S1"]), dice.choice([OFFICE, POLICE, "A third"]), ON - dice.randrange(3) * DAY, dice.choice([60, 70])
        at = datetime.combine(ON, time(1)) + timedelta(minutes=number)
        hand_in(store, "security", [security(district, personnel=(10, required)) | {"remarks": str(number)}], on, sender=sender, at=at)
        sent.append((district, sender, on, at, required))
    wanted = set()
    for district in ("N1", "S1"):
        own = [one for one in sent if one[0] == district]
        newest = max((one[2] for one in own), default=None)
        same_day = [one for one in own if one[2] == newest]
        picture = max(same_day, key=lambda one: one[3], default=None)
        last = {one[1]: one for one in sorted(same_day, key=lambda one: one[3])}
        wanted |= {(district, str(picture[4]), str(one[4]), one[1], one[3]) for one in last.values() if one[1] != picture[1] and one[4] != picture[4]}
    at_of = dict(store.ask_rows("select submission::varchar, committed_at from submissions", {}))
    assert {(one.place_code, one.one.value, one.other.value, one.other.sender, at_of[one.other.submission]) for one in found(store)} == wanted


def test_the_page_lists_both_sources_and_settles(store: Store, open_page: OpenPage) -> None:
    personnel(store, "N1", 90, sender=POLICE, hour=10)
    personnel(store, "N1", 60, hour=14)
    app = open_page(store, "disagreements", place=NORTH, on=str(ON))
    assert not app.exception
    said = text_of(app)
    assert "North: 1 disagreement is unsettled" in said and all(words in said for words in ("Amber", "Personnel required", "60", OFFICE, "90", POLICE, "Personnel committed"))
    app.text_area(key="settled_note").set_value("The police counted the reserve.")
    app = next(button for button in app.button if button.form_id == "form_disagreements.settle").click().run()
    assert not app.exception and "no disagreement is unsettled" in text_of(app) and "The police counted the reserve." in text_of(app)


@pytest.mark.parametrize("page", ["national", "province", "district", "security"])
def test_a_disputed_figure_bears_a_sign_on_the_pages(store: Store, open_page: OpenPage, page: str) -> None:
    personnel(store, "N1", 90, sender=POLICE, hour=10)
    personnel(store, "N1", 60, hour=14)
    place = {"province": NORTH, "district": "N1", "security": NORTH}.get(page, COUNTRY)
    app = open_page(store, page, on=str(ON), **({} if page == "national" else {"place": place}))
    assert not app.exception
    said = " ".join(text_of(app).split())
    assert "1 unsettled disagreement touches the figures that bear an asterisk" in said
    assert "10 of 60 *" in said
    settle(store, everything(store), found(store)[0], "The police counted the reserve.", by="Ana", on=ON)
    assert "asterisk" not in text_of(open_page(store, page, on=str(ON), **({} if page == "national" else {"place": place})))


def test_it_bears_the_sign_in_the_paper_too(store: Store) -> None:
    personnel(store, "N1", 90, sender=POLICE, hour=10)
    personnel(store, "N1", 60, hour=14)
    paper = gather(store, everything(store), NORTH, ON, made_at=datetime(2024, 1, 1))
    said = " ".join(" ".join(page.extract_text().split()) for page in pypdf.PdfReader(BytesIO(pdf(paper))).pages)
    assert "10 of 60 *" in said and "1 unsettled disagreement touches" in said
    rows = list(openpyxl.load_workbook(BytesIO(xlsx(paper)))["Security"].iter_rows(min_row=2, values_only=True))
    counts = {(row[0], row[4]): row[-1] for row in rows[1:]}
    assert counts[NORTH, "SE3"] == counts["N1", "SE3"] == counts["N1", "all"] == 1 and counts["N2", "SE3"] == counts[NORTH, "SE1"] == 0


def test_figures_that_are_taken_along_bear_the_number_of_them(store: Store) -> None:
    personnel(store, "N1", 90, sender=POLICE, hour=10)
    personnel(store, "N1", 60, hour=14)
    for level in ("national", "province", "district"):
        frame = figures(store, everything(store), level, days=(ON - DAY, ON))
        told = {(row.place_code, row.indicator, row.disputed) for row in frame.itertuples() if row.disputed}
        assert told == marked(store, level) and set(frame.loc[frame["disputed"] > 0, "day"].dt.date) == {ON}
    assert set(figures(store, only(store, "S1"), "district", days=(ON,))["disputed"]) == {0}
