"""What a viewer of one district is told of a submission that names others as well, and what not."""

from __future__ import annotations

from datetime import date

import pytest

from data import readiness
from data.scope import Scope
from data.store import Store
from loaders.answers import Answers
from loaders.submissions import commit, stage

DAY = date(2026, 11, 20)
HEAD = b"As of,20/11/2026\nDistrict,Course,Cadre,Sessions planned,Sessions held,Required,Attended,Passed,Women attended\n"
BOTH = HEAD + b"Lahore,POLL,PO,4,2,1000,100,90,50\nKech,POLL,PO,4,2,1000,900,800,\n"
KECH, LAHORE = "PK211", "PK617"


@pytest.fixture
def submission(store: Store) -> str:
    return commit(store, stage(store, "two districts.csv", BOTH, sender="ECP Secretariat", answers=Answers(as_of=DAY)), note="for the secretariat").submission


def test_of_a_file_with_other_districts_a_viewer_learns_only_that_it_counts_here(store: Store, submission: str) -> None:
    scope = Scope.of(store.election.places, [KECH])
    source = readiness.sources(store, scope, place=KECH, on=DAY).iloc[0]
    assert (source["submission"], source["sender"], source["districts"], bool(source["wholly"])) == (submission, "ECP Secretariat", 1, False)
    assert source[["file_name", "file_sha256", "row_count", "warnings"]].isna().all()
    told = readiness.history(store, scope).iloc[0]
    assert told[["note", "file_name", "file_sha256", "sheet", "row_count", "districts", "warnings"]].isna().all()
    assert readiness.file_of(store, scope, submission) is None


def test_of_a_file_of_ones_own_districts_a_viewer_learns_all(store: Store, submission: str) -> None:
    scope = Scope.of(store.election.places, [KECH, LAHORE])
    source = readiness.sources(store, scope, place=KECH, on=DAY).iloc[0]
    assert (source["file_name"], source["row_count"], bool(source["wholly"])) == ("two districts.csv", 2, True)
    assert readiness.history(store, scope).iloc[0]["note"] == "for the secretariat"
    assert readiness.file_of(store, scope, submission) == ("two districts.csv", BOTH)


def test_a_division_has_the_rows_of_its_districts(store: Store, submission: str) -> None:
    division = store.election.places[KECH].parent
    assert readiness.rows(store, Scope.everything(store.election.places), "training", place=division, on=DAY)["district"].tolist() == [KECH]


def test_a_share_is_taken_of_the_rows_that_tell_it(store: Store, submission: str) -> None:
    scope = Scope.everything(store.election.places)
    told = readiness.tally(store, scope, "training", place="PK", days=(DAY,), sums=("attended", "women_attended"), given="women_attended").iloc[0]
    assert (told["attended"], told["women_attended"]) == (100, 50)  # Kech's 900 attended without a word of women


def test_a_sum_with_an_empty_part_is_not_held_against_a_printed_total(store: Store) -> None:
    scope = store.election.places.districts_of("PK7")
    head = "As of,20/11/2026\nDistrict,Plan status,Polling stations,Normal,Sensitive,Most sensitive,Personnel required,Personnel committed,Cameras required,Cameras installed\n"
    rows = [f"{district.code},Approved,{'' if number else 5},5,0,0,10,1,0,0" for number, district in enumerate(scope)]
    staged = stage(store, "sindh.csv", (head + "\n".join(rows)).encode(), sender="Sindh", answers=Answers(as_of=DAY))
    assert not staged.blocked
    assert "printed_total" not in {found.kind for found in staged.problems}
