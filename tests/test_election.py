"""The election's file: every mistake is told with the file, the key and what is expected, before anything is served."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from conftest import ELECTION

from data.domains import DOMAINS
from data.election import Election, ElectionError, load

DEFAULT = "default = [[180, 0.0], [120, 0.2], [90, 0.4], [60, 0.6], [30, 0.8], [14, 0.9], [7, 0.95], [1, 1.0]]"
FRESHNESS = "freshness = [{ days = 14 }, { from = 30, days = 3 }, { from = 7, days = 1 }]"
PROVINCES = 'provinces = ["PK5", "PK4", "PK6", "PK2", "PK7"]'


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the shipped election and its places, to be spoiled."""
    shutil.copytree(ELECTION.parent / "places", tmp_path / "places")
    return shutil.copy(ELECTION, tmp_path / "election.toml")


def test_the_shipped_election_loads(election: Election) -> None:
    assert election.e_day == date(2027, 2, 8)
    assert (len(election.places.districts), len(election.indicators)) == (144, 16)
    assert [domain.name for domain in election.domains] == ["appointments", "repairs", "training", "security"]


def test_the_duties_have_the_dates_of_the_law(election: Election) -> None:
    assert {duty.id: election.duty_date(duty) for duty in election.duties} == {
        "plan": date(2026, 10, 11), "officers": date(2026, 10, 16), "stations": date(2027, 1, 9), "staff": date(2027, 2, 3)}


def test_an_indicators_due_date_is_counted_from_its_anchor(election: Election) -> None:
    due = {indicator.id: election.due(indicator) for _, indicator in election.indicators}
    assert (due["AP1"], due["AP6"], due["TR1"], due["PS1"], due["TR2"]) == (
        date(2026, 10, 16), date(2026, 10, 11), date(2026, 12, 19), date(2026, 12, 25), date(2027, 2, 3))
    assert due["SE1"] == election.e_day  # what comes again and again has no earlier date to miss


@pytest.mark.parametrize(("old", "new", "key", "expected"), [
    ('name = "General Election"', "", "name", "text in quotes"),
    ('name = "General Election"', "name = 2027", "name", "text in quotes"),
    ('name = "General Election"', 'name = " "', "name", "text in quotes"),
    ('name_ur = "عام انتخابات"', "name_ur = true", "name_ur", "text in quotes"),
    ('name = "General Election"', 'name = "G"\ntitle = "G"', "title", "expected are"),
    ('places = "places"', "", "places", "folder"),
    ('places = "places"', "places = 1", "places", "text in quotes"),
    ('places = "places"', 'places = "nowhere"', "places", "country.csv"),
    (PROVINCES, "", "provinces", "list of province codes"),
    (PROVINCES, 'provinces = "PK5"', "provinces", "list of province codes"),
    (PROVINCES, "provinces = [5]", "provinces", "list of province codes"),
    (PROVINCES, 'provinces = ["PK2", "PK4", "PK5", "PK6", "PK7", "PK9"]', "places", "'PK9'"),
    ("e_day = 2027-02-08", "", "dates.e_day", "a date, such as"),
    ("e_day = 2027-02-08", 'e_day = "2027-02-08"', "dates.e_day", "without quotes"),
    ("e_day = 2027-02-08", "e_day = 2027-02-08T08:00:00", "dates.e_day", "a date"),
    ("e_day = 2027-02-08", "e_day = 20270208", "dates.e_day", "a date"),
    ("programme = 2026-12-15", "", "dates.programme", "a date, such as"),
    ("programme = 2026-12-15", "programme = 2027-12-15", "dates.programme", "before it"),
    ("[dates]", "[days]", "dates", "a table"),
    (DEFAULT, "", "milestones.default", "pairs"),
    (DEFAULT, "default = []", "milestones.default", "pairs"),
    (DEFAULT, "default = 5", "milestones.default", "pairs"),
    (DEFAULT, "default = [[120, 20], [1, 100]]", "milestones.default", "share from 0 to 1"),
    (DEFAULT, "default = [[120, 0.2, 0.3]]", "milestones.default", "pairs"),
    (DEFAULT, "default = [[120.5, 0.2], [1, 1.0]]", "milestones.default", "pairs"),
    (DEFAULT, "default = [[120, 0.2], [120, 1.0]]", "milestones.default", "pairs"),
    (DEFAULT, "default = [[120, 0.9], [60, 0.2], [1, 1.0]]", "milestones.default", "rises"),
    (DEFAULT, DEFAULT + "\nPS9 = [[45, 1.0]]", "milestones.PS9", "PS1"),
    (DEFAULT, DEFAULT + "\nPS1 = [[45, nan]]", "milestones.PS1", "share from 0 to 1"),
    ("behind = 0.10", "", "status.behind", "between 0 and 1"),
    ("behind = 0.10", "behind = 10", "status.behind", "between 0 and 1"),
    ("behind = 0.10", 'behind = "10 %"', "status.behind", "between 0 and 1"),
    ("behind = 0.10", "behind = true", "status.behind", "between 0 and 1"),
    ("behind = 0.10", "behind = 0.10\nahead = 0.10", "status.ahead", "behind"),
    (FRESHNESS, "", "windows.freshness", "days = 14"),
    (FRESHNESS, "freshness = 14", "windows.freshness", "list of steps"),
    (FRESHNESS, "freshness = []", "windows.freshness", "list of steps"),
    (FRESHNESS, "freshness = [{ days = -1 }]", "windows.freshness", "list of steps"),
    (FRESHNESS, "freshness = [{ days = 1.5 }]", "windows.freshness", "list of steps"),
    (FRESHNESS, "freshness = [{ days = 14, till = 30 }]", "windows.freshness", "list of steps"),
    (FRESHNESS, "freshness = [{ from = 30, days = 3 }]", "windows.freshness", "exactly one"),
    (FRESHNESS, "freshness = [{ days = 14 }, { days = 3 }]", "windows.freshness", "exactly one"),
    (FRESHNESS, "freshness = [{ days = 14 }, { from = 7, days = 3 }, { from = 7, days = 1 }]", "windows.freshness", "of its own"),
    ("briefing = [", "briefings = [", "windows.briefing", "days = 14"),
    ("briefing = [", "briefings = [", "windows.briefings", "briefing, freshness"),
    ("security = 1\n", "security = 1\nmaterials = 1\n", "weights.materials", "appointments"),
    ("security = 1\n", "security = -1\n", "weights.security", "a number: 0, or from 0.001 to 1,000,000"),
    ("security = 1\n", 'security = "1"\n', "weights.security", "a number: 0, or from 0.001 to 1,000,000"),
    ("security = 1\n", "security = 1e20\n", "weights.security", "from 0.001"), ("security = 1\n", "security = 1e-19\n", "weights.security", "from 0.001"),
    ("security = 1\n", "security = inf\n", "weights.security", "a number: 0, or from 0.001 to 1,000,000"),
    ("appointments = 1\nrepairs = 1\ntraining = 1\nsecurity = 1\n", "appointments = 0\nrepairs = 0\ntraining = 0\nsecurity = 0\n",
     "weights", "at least one"),
    ("AP5 = 3", "AP7 = 3", "indicator_weights.AP7", "AP5"),
    ("AP5 = 3", "AP5 = nan", "indicator_weights.AP5", "a number: 0, or from"),
    ("PS1 = 2\n", "PS1 = 0\nPS2 = 0\n", "indicator_weights", "at least one"),
    ("[indicator_weights]", "[[indicator_weights]]", "indicator_weights", "a table"),
    ('id = "officers"', 'id = "officer"', "duty", "'officers'"),
    ('id = "staff"', 'id = "plan"', "duty 4.id", "of its own"),
    ('id = "plan"', "id = [1]", "duty 1.id", "text in quotes"),
    ('title = "Action Plan published"', "title = 4", "duty 1.title", "text in quotes"),
    ('title = "Action Plan published"', "", "duty 1.title", "text in quotes"),
    ("days = 120", 'days = "120"', "duty 1.days", "whole number"),
    ("days = 120", "", "duty 1.days", "whole number"),
    ('anchor = "programme"', 'anchor = "program"', "duty 2.anchor", "programme"),
    ('anchor = "programme"', "anchor = []", "duty 2.anchor", "text in quotes"),
    ('id = "plan"', 'id = "plan"\nurgent = true', "duty 1.urgent", "expected are"),
    ('id = "plan"', 'id = "plan"\nlegal = "no"', "duty 1.legal", "true or false"),
    ("value = 19006", "value = 19006.5", "total 2.value", "whole number"),
    ("value = 19006", "", "total 2.value", "whole number"),
    ('places = ["PK7"]', 'places = "PK7"', "total 2.places", "list of place codes"),
    ('places = ["PK7"]', 'places = ["PK77"]', "total 2.places", "'PK77'"),
    ('places = ["PK7"]', "", "total 2.places", "list of place codes"),
    ('domain = "security"\ncolumn = "stations"\nplaces = ["PK7"]', 'domain = "secure"\ncolumn = "stations"\nplaces = ["PK7"]',
     "total 2.domain", "security"),
    ('domain = "security"\ncolumn = "stations"\nplaces = ["PK7"]', 'domain = "security"\ncolumn = "remarks"\nplaces = ["PK7"]',
     "total 2.column", "stations"),
    ('domain = "security"\ncolumn = "stations"\nplaces = ["PK7"]', 'domain = []\ncolumn = []\nplaces = ["PK7"]',
     "total 2.domain", "text in quotes"),
])
def test_a_mistake_is_told_with_its_file_its_key_and_what_is_expected(copy: Path, old: str, new: str, key: str, expected: str) -> None:
    _spoil(copy, old, new)
    with pytest.raises(ElectionError) as told:
        load(copy, DOMAINS)
    assert str(told.value).startswith(f"{copy}: ")
    about = [mistake for mistake in told.value.mistakes if mistake.startswith(f"{key}: ")]
    assert any(expected in mistake for mistake in about), told.value.mistakes


@pytest.mark.parametrize(("key", "table"), [("duty", "duty = 3"), ("total", "total = [1, 2]"), ("weights", "weights = 1"), ("dates", "dates = []")])
def test_a_value_where_a_table_should_stand_is_told(copy: Path, key: str, table: str) -> None:
    kept = [part for part in copy.read_text(encoding="utf-8").split("\n[") if not part.lstrip("[").startswith(f"{key}]")]
    kept[0] = f"{table}\n{kept[0]}"
    copy.write_text("\n[".join(kept), encoding="utf-8")
    with pytest.raises(ElectionError) as told:
        load(copy, DOMAINS)
    assert any(mistake.startswith(f"{key}: ") and "expected" in mistake and "table" in mistake for mistake in told.value.mistakes)


def test_all_mistakes_are_told_at_once(copy: Path) -> None:
    for old, new in [("behind = 0.10", "behind = 10"), ("AP5 = 3", "AP7 = 3"), ("days = 120", 'days = "120"'), ("e_day = 2027-02-08", "")]:
        _spoil(copy, old, new)
    (copy.parent / "places" / "aliases.csv").unlink()
    with pytest.raises(ElectionError) as told:
        load(copy, DOMAINS)
    keys = {mistake.split(":")[0] for mistake in told.value.mistakes}
    assert keys >= {"status.behind", "indicator_weights.AP7", "duty 1.days", "dates.e_day", "places"}
    assert all(mistake in str(told.value) for mistake in told.value.mistakes)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ElectionError, match="no such file") as told:
        load(tmp_path / "nowhere.toml", DOMAINS)
    assert "nowhere.toml" in str(told.value) and "READINESS_ELECTION" in str(told.value)


def test_a_folder_is_no_election(tmp_path: Path) -> None:
    with pytest.raises(ElectionError, match="can't be read"):
        load(tmp_path, DOMAINS)


@pytest.mark.parametrize("content", [b"name = ", b"\xff\xfe\x00n", b"name = \"a\"\nname = \"b\"", b"PK\x03\x04"])
def test_what_is_not_toml_is_told(copy: Path, content: bytes) -> None:
    copy.write_bytes(content)
    with pytest.raises(ElectionError, match="it is not TOML"):
        load(copy, DOMAINS)


def test_an_empty_file_lacks_everything(copy: Path) -> None:
    copy.write_text("", encoding="utf-8")
    with pytest.raises(ElectionError) as told:
        load(copy, DOMAINS)
    missing = {mistake.split(":")[0] for mistake in told.value.mistakes if "is missing" in mistake}
    assert missing >= {"name", "places", "provinces", "dates", "milestones", "status", "windows", "weights", "duty"}


def test_a_mark_at_the_start_of_the_file_does_no_harm(copy: Path) -> None:
    copy.write_bytes(b"\xef\xbb\xbf" + copy.read_bytes())
    assert load(copy, DOMAINS).name == "General Election"


@pytest.mark.parametrize(("old", "new", "expected"), [
    ("PK601,Attock,", "PK601,,", "districts.csv line 2"),
    ("PK601,Attock,", "PK602,Attock,", "districts.csv line 3"),
    ("33.5034", "north", "districts.csv line 2"),
])
def test_a_broken_place_file_is_told_with_its_line(copy: Path, old: str, new: str, expected: str) -> None:
    _spoil(copy.parent / "places" / "districts.csv", old, new)
    with pytest.raises(ElectionError) as told:
        load(copy, DOMAINS)
    assert any(mistake.startswith("places: ") and expected in mistake for mistake in told.value.mistakes), told.value.mistakes


def _spoil(path: Path, old: str, new: str) -> None:
    told = path.read_text(encoding="utf-8")
    assert old in told
    path.write_text(told.replace(old, new, 1), encoding="utf-8")
