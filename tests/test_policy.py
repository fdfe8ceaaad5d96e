"""The versions of the election's file: kept when the dashboard starts with another one, with what was changed."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from data import audit, policy
from data.election import Election
from data.policy import Difference
from data.store import Store
from tests.browsing import ROOT, served

FILE = (ROOT / "data" / "election.toml").read_text(encoding="utf-8")


def test_a_version_is_kept_once_and_a_change_is_told_in_the_audit(store: Store) -> None:
    assert policy.keep(store, FILE, by="Ann") and not policy.keep(store, FILE, by="Bob")
    assert audit.lines(store, act="policy_changed") == []  # the first one changes nothing
    changed = FILE.replace("e_day = 2027-02-08", "e_day = 2027-03-08")
    assert policy.keep(store, changed, by="Bob") and policy.keep(store, FILE, by="Ann")
    assert [(one.number, one.known_by, one.text) for one in policy.versions(store)] == [(3, "Ann", FILE), (2, "Bob", changed), (1, "Ann", FILE)]
    assert [(line.who, line.about["version"], line.about["keys"]) for line in audit.lines(store, act="policy_changed")] == [("Ann", 3, "dates.e_day"), ("Bob", 2, "dates.e_day")]


@pytest.mark.parametrize(("old", "new", "told"), [
    ("e_day = 2027-02-08", "e_day = 2027-03-08", ("dates.e_day", "2027-02-08", "2027-03-08")),
    ("repairs = 1\n", "repairs = 2\n", ("weights.repairs", "1", "2")),
    ("freshness = [{ days = 14 }, ", "freshness = [{ days = 10 }, ", ("windows.freshness", "[days 14, from 30, days 3, from 7, days 1]", "[days 10, from 30, days 3, from 7, days 1]")),
    ("days = 120\n", "days = 119\n", ("duty[plan].days", "120", "119")),
    ("behind = 0.10", "behind = 0.10\nnever = 1", ("status.never", "", "1")),
    ("AP5 = 3\n", "", ("indicator_weights.AP5", "3", ""))])
def test_what_differs_is_told_by_its_key_with_both_values(old: str, new: str, told: tuple[str, str, str]) -> None:
    assert FILE.count(old) == 1
    assert policy.differences(FILE, FILE.replace(old, new)) == (Difference(*told),)


def test_a_comment_changes_nothing_that_counts() -> None:
    assert policy.differences(FILE, "# Another comment\n" + FILE) == ()


def test_the_dashboard_keeps_the_file_that_it_starts_with(tmp_path: Path, election: Election) -> None:
    (tmp_path / "places").symlink_to(ROOT / "data" / "places")
    file = tmp_path / "election.toml"
    for text in (FILE, FILE.replace("behind = 0.10", "behind = 0.15")):
        file.write_text(text, encoding="utf-8")
        with served(tmp_path / "r.duckdb", READINESS_ELECTION=str(file)):
            pass
    with closing(Store(tmp_path / "r.duckdb", election)) as store:
        assert [one.number for one in policy.versions(store)] == [2, 1]
        assert audit.lines(store, act="policy_changed")[0].about["keys"] == "status.behind"
