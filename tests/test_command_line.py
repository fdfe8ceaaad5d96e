"""The command line: what each command does, prints and exits with."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pytest

import loaders.__main__ as command_line
from data import audit, readiness
from data.declare import DISTRICT, PROVINCE, Code, Column, Domain, Indicator, Rule
from data.domains import DOMAINS
from data.election import load as load_election
from data.store import Store
from data.scope import Scope
from loaders.__main__ import main
from sheets_for import book, building, posts, security, sheet
from small_country import election_in

ROOT = Path(__file__).parents[1]
DAY = date(2024, 1, 20)
MATERIALS = Domain(
    name="materials", label="Materials", question="Has everything arrived?", row="one row per district and material",
    columns=(
        PROVINCE, DISTRICT,
        Column("material", "Material", "code", required=True, key=True, codes=(Code("boxes", "Ballot boxes"), Code("ink", "Indelible ink", ("Ink",)))),
        Column("needed", "Needed", "count", required=True, help="As the stations of the district want"),
        Column("delivered", "Delivered", "count", required=True, cumulative=True, spellings=("Received",))),
    rules=(Rule("descending", ("needed", "delivered")),),
    indicators=(Indicator("MA1", "Materials delivered", "pieces", "delivered", "needed", how="Delivered of those needed", source="A test"),))


class Commands:
    """The commands over one small country, with a database of its own."""

    def __init__(self, folder: Path, capsys, domains=DOMAINS) -> None:
        self.folder, self.capsys, self.domains = folder, capsys, domains
        self.election, self.database = folder / "election.toml", folder / "readiness.duckdb"

    def run(self, *arguments: object, code: int = 0) -> str:
        """What the command prints; it must exit with that code."""
        self.capsys.readouterr()
        given = [str(argument) for argument in arguments]
        assert main([*given, "--database", str(self.database), "--election", str(self.election)], self.domains) == code
        self.said = self.capsys.readouterr()
        return self.said.out

    def json(self, *arguments: object, code: int = 0):
        """The one JSON document that the command prints."""
        return json.loads(self.run(*arguments, "--json", code=code))

    def file(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path

    def figures(self, *arguments: object) -> dict[tuple[str, str], dict]:
        told = json.loads(self.run("figures", "--format", "json", *arguments))
        return {(line["place_code"], line["indicator"]): line for line in told if line["indicator"] != "all" or line["domain"] == "all"}


@pytest.fixture
def commands(tmp_path, capsys, monkeypatch) -> Commands:
    monkeypatch.setenv("READINESS_SENDER", "A commission office")
    election_in(tmp_path)
    return Commands(tmp_path, capsys)


def dros(*rows: tuple[str, int, int], day: date = DAY) -> bytes:
    """A sheet of appointments: (district, sanctioned, notified) of each."""
    return sheet("appointments", [posts(district, "DRO", sanctioned=sanctioned, notified=notified) for district, sanctioned, notified in rows], day)


def fill_in(path: Path, day: date, **values: object) -> None:
    """Types the date and, in every row, the values under their headings, as a person does."""
    book = openpyxl.load_workbook(path)
    table = book.worksheets[0]
    table["B2"] = day
    columns = {cell.value.rstrip(" *"): cell.column for cell in table[4]}
    for row in range(5, table.max_row + 1):
        for heading, value in values.items():
            table.cell(row, columns[heading.replace("_", " ")], value)
    book.save(path)


def test_in_a_small_country_a_template_is_written_filled_in_loaded_and_reckoned(commands):
    path = commands.folder / "appointments.xlsx"
    commands.run("template", "appointments", "--place", "NO", "-o", path)
    fill_in(path, DAY, Sanctioned=4, Proposed=4, Approved=3, Notified=3, Joined=1)
    told = commands.json("load", path)["files"][0]
    assert (told["state"], told["domain"], told["as_of"], told["districts"], told["rows"]) == ("loaded", "appointments", "2024-01-20", 3, 33)
    figures = commands.figures("--level", "province", "--domain", "appointments", "--as-of", "2024-01-20")
    assert {code: (line["done"], line["required"], line["reporting"], line["districts"]) for (code, indicator), line in figures.items() if indicator == "AP1"} == {
        "NO": (9, 12, 3, 3), "SO": (None, None, 0, 2)}
    commands.run("template", "appointments", "--place", "NO", "--filled", "-o", path)
    filled = openpyxl.load_workbook(path).worksheets[0]
    assert filled.max_row == 4 + 33 and [cell.value for cell in filled[5]][:5] == ["North", "Amber", "District Returning Officer", 4, 4]


def test_a_fifth_domain_needs_its_declaration_and_nothing_else(commands):
    told = commands.election.read_text(encoding="utf-8")
    commands.election.write_text(told.replace("security = 1\n", "security = 1\nmaterials = 1\n"), encoding="utf-8")
    commands.domains = (*DOMAINS, MATERIALS)
    path = commands.folder / "materials.xlsx"
    commands.run("template", "materials", "--place", "SO", "-o", path)
    fill_in(path, DAY, Needed=10, Delivered=11)
    found = commands.json("check", path, code=1)["files"][0]
    assert found["domain"] == "materials"
    assert found["problems"][0]["message"] == "Row 5, Delivered: 11 is more than the 10 in Needed. Correct one of the two."
    fill_in(path, DAY, Delivered=7)
    assert commands.json("load", path)["files"][0]["state"] == "loaded"
    assert commands.figures("--level", "national", "--as-of", DAY)["LL", "MA1"]["share"] == 0.7
    fill_in(path, DAY, Delivered=6)
    assert [one["kind"] for one in commands.json("load", path)["files"][0]["problems"]] == ["fell"] * 4
    assert [line["domain"] for line in commands.json("history", "--domain", "materials")] == ["materials"] * 2


def test_checking_stores_nothing_and_makes_no_database(commands):
    path = commands.file("good.csv", dros(("N1", 4, 2)))
    assert commands.json("check", path)["files"][0]["state"] == "good"
    assert not commands.database.exists()
    commands.run("load", path)
    commands.run("check", commands.file("other.csv", dros(("N2", 4, 2))))
    assert len(commands.json("history")) == 1


@pytest.mark.parametrize("asked", [
    ("figures", "--level", "national"), ("history",), ("withdraw", "ABCDEF12", "--reason", "wrong"), ("template", "security", "--filled", "-o", "security.xlsx")])
def test_a_database_that_is_not_there_is_said_so_and_not_made(commands, asked):
    commands.run(*asked, code=2)
    assert commands.said.err == f"There is no database at {commands.database}. Check its name; `load` makes one.\n"
    assert not commands.database.exists()


def test_a_check_before_there_is_a_database_says_that_nothing_was_compared(commands):
    commands.run("check", commands.file("good.csv", dros(("N1", 4, 2))))
    assert "nothing that stands there could be compared" in commands.said.err


def test_a_filled_template_of_what_nobody_reported_is_blank(commands):
    commands.run("load", commands.file("good.csv", dros(("N1", 4, 2))))
    commands.run("template", "security", "--filled", "-o", commands.folder / "security.xlsx")
    assert "the template is blank" in commands.said.err


def test_a_template_is_not_written_over_somebodys_work(commands):
    path = commands.file("security.xlsx", b"work of a week")
    for kept, work in (("security.before.xlsx", b"work of a week"), ("security.before-2.xlsx", b"of another")):
        path.write_bytes(work)
        commands.run("template", "security", "-o", path)
        assert f"What stood there is kept: {commands.folder / kept}" in commands.said.err
        assert path.read_bytes()[:2] == b"PK"
        assert (commands.folder / kept).read_bytes() == work


def test_who_reads_only_the_first_lines_is_no_error(commands):
    commands.run("load", commands.file("good.csv", dros(("N1", 4, 2))))
    asked = [sys.executable, "-m", "loaders", "figures", "--level", "district", "--database", str(commands.database), "--election", str(commands.election)]
    with subprocess.Popen(asked, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()  # before anything was written
        assert (process.wait(timeout=60), process.stderr.read()) == (0, b"")


def test_each_file_goes_in_by_itself_and_the_worst_gives_the_exit_code(commands):
    good = commands.file("good.csv", dros(("N1", 4, 2)))
    bad = commands.file("bad.csv", dros(("N2", 4, 5), ("N3", 4, 4)))
    picture = commands.file("picture.xlsx", b"\x89PNG\r\n\x1a\n" + bytes(100))
    told = commands.json("load", bad, good, code=1)["files"]
    assert [(one["file"], one["state"]) for one in told] == [(str(bad), "refused"), (str(good), "loaded")]
    told = commands.json("load", picture, commands.folder / "nowhere.csv", good, code=2)["files"]
    assert [one["state"] for one in told] == ["unreadable", "unreadable", "held"]
    assert [one["error"] and one["error"]["kind"] for one in told][1:] == ["not_found", None]
    assert [(line["file_name"], line["districts"]) for line in commands.json("history")] == [("good.csv", 1)]


def test_a_workbook_of_several_tables_goes_in_with_all_of_them(commands):
    path = commands.file("both.xlsx", book(
        Posts=dros(("N1", 4, 2)), Security=sheet("security", [security("N1"), security("N2")], DAY), North=sheet("repairs", [building("N1", "A1", "reported")], DAY),
        South=sheet("repairs", [building("S1", "A1", "reported")], DAY), Training=sheet("training", [{"district": "N1", "course": None, "cadre": None, "sessions_planned": None,
            "sessions_held": None, "required": None, "attended": None, "passed": None}], DAY)))
    assert [one["state"] for one in commands.json("check", path)["files"]] == ["good"] * 4
    told = commands.json("load", path)["files"]
    assert [(one["sheet"], one["state"], one["domain"], one["rows"], one["problems"]) for one in told] == [
        ("Posts", "loaded", "appointments", 1, []), ("Security", "loaded", "security", 2, []), ("North", "loaded", "repairs", 1, []), ("South", "loaded", "repairs", 1, [])]
    assert {line["submission"] for line in commands.json("history")} == {one["submission"] for one in told}
    assert [one["state"] for one in commands.json("load", path)["files"]] == ["held"] * 4
    one, = commands.json("check", path, "--domain", "security")["files"]
    assert [found["value"] for found in one["problems"]] == ["Posts", "North", "South", "Training"], "where the others are not asked for, they are not read"


def test_a_workbook_goes_in_with_none_of_its_tables_where_one_has_to_be_corrected(commands):
    path = commands.file("both.xlsx", book(Posts=dros(("N1", 4, 2)), Repairs=sheet("repairs", [building("N1", "A1", "somewhere")], DAY)))
    told = commands.json("load", path, code=1)["files"]
    assert [(one["sheet"], one["state"], [found["kind"] for found in one["problems"]]) for one in told] == [("Posts", "refused", []), ("Repairs", "refused", ["unknown_code"])]
    assert commands.json("history") == []
    said = commands.run("check", path, code=1)
    assert "appointments in “Posts”" in said and "Another table of the file has to be corrected first." in said and "“somewhere” is not one of the choices" in said


def test_of_two_tables_in_one_sheet_each_goes_in(commands):
    path = commands.file("both.csv", dros(("N1", 4, 2)) + b"\n" + sheet("security", [security("N1")], DAY))
    assert [(one["domain"], one["rows"], one["state"]) for one in commands.json("load", path)["files"]] == [("appointments", 1, "loaded"), ("security", 1, "loaded")]


def test_of_a_district_in_two_tables_of_a_domain_none_is_guessed(commands):
    path = commands.file("weeks.xlsx", book(Draft=dros(("N1", 4, 2), ("N2", 4, 2)), Final=dros(("N1", 4, 3)), Other=sheet("security", [security("N1")], DAY)))
    one, = commands.json("load", path, code=2)["files"]
    assert one["error"] == {"kind": "ambiguous", "message": "Two tables of Appointments, in “Draft” and “Final”, have rows of Amber. "
                            "Keep each district in one of the two, or send each sheet in a file of its own."}
    assert commands.json("history") == []


def test_a_problem_is_told_with_its_place_in_the_sheet(commands):
    path = commands.file("bad.csv", dros(("N2", 4, 5)))
    assert commands.json("check", path, code=1)["files"][0]["problems"] == [{
        "kind": "rises", "sheet": "bad", "row": 3, "column": "Notified", "value": "5",
        "message": "Row 3, Notified: 5 is more than the 4 in Approved. Correct one of the two.", "blocks": True,
        "letters": "F", "holds": ["N2"]}]


def test_a_warning_needs_no_consent_and_stands_in_the_receipt(commands):
    commands.run("load", commands.file("first.csv", dros(("N1", 9, 5), day=date(2024, 1, 10))))
    told = commands.json("load", commands.file("second.csv", dros(("N1", 9, 4))))["files"][0]
    assert told["state"] == "loaded" and [one["kind"] for one in told["problems"]] == ["fell"]
    assert [line["warnings"] for line in commands.json("history")] == [1, 0]


def test_the_same_file_twice_is_held_by_its_submission(commands):
    path = commands.file("good.csv", dros(("N1", 4, 2)))
    first, second = commands.json("load", path)["files"][0], commands.json("load", path)["files"][0]
    assert (first["state"], second["state"]) == ("loaded", "held")
    assert first["submission"] == second["submission"] and second["reference"] in commands.run("load", path)


def test_a_folder_loaded_again_changes_nothing_also_where_one_file_corrects_another(commands):
    first, corrected = commands.file("a.csv", dros(("N1", 4, 2))), commands.file("b.csv", dros(("N1", 4, 3)))
    told = commands.json("load", first, corrected)["files"]
    again = commands.json("load", first, corrected)["files"]
    assert [one["state"] for one in again] == ["held", "held"]
    assert [one["submission"] for one in again] == [one["submission"] for one in told]
    assert [one["replaced_by"] for one in again] == [[told[1]["reference"]], []]
    said = commands.run("load", first)
    assert f"Since then {told[1]['reference']} stands in its place" in said
    assert "fell" not in said
    assert commands.figures("--level", "district", "--as-of", DAY)["N1", "AP1"]["done"] == 3


def test_the_history_of_one_file_is_told_by_what_is_in_it(commands):
    first, other = commands.file("first.csv", dros(("N1", 4, 1))), commands.file("other.csv", dros(("N2", 4, 1)))
    commands.run("load", first, other)
    told = commands.json("history", "--file", commands.file("renamed.csv", first.read_bytes()))
    assert [line["file_name"] for line in told] == ["first.csv"]
    assert commands.json("history", "--file", commands.file("new.csv", dros(("N3", 4, 1)))) == []
    assert commands.json("history", "--file", "nowhere.csv", code=2)["error"]["kind"] == "not_found"


def test_a_date_given_when_loading_is_read_in_both_ways_of_writing(commands):
    path = commands.file("undated.csv", dros(("N1", 4, 2)).split(b"\n", 1)[1])
    assert commands.json("check", path, code=1)["files"][0]["problems"][0]["kind"] == "as_of_missing"
    for written in ("2024-01-20", "20/01/2024"):
        assert commands.json("check", path, "--as-of", written)["files"][0]["as_of"] == "2024-01-20"
    assert commands.json("check", path, "--as-of", "20 January", code=2)["error"]["kind"] == "use"


def test_withdrawing_brings_the_previous_picture_back(commands):
    commands.run("load", commands.file("first.csv", dros(("N1", 4, 1), day=date(2024, 1, 10))))
    second = commands.json("load", commands.file("second.csv", dros(("N1", 4, 2))))["files"][0]

    def done():
        return commands.figures("--level", "district", "--as-of", DAY)["N1", "AP1"]["done"]

    assert done() == 2
    told = commands.json("withdraw", second["reference"], "--reason", "Wrong file", "--by", "A provincial office")
    assert told == {"submission": second["submission"], "reference": second["reference"], "state": "withdrawn", "by": "A provincial office", "reason": "Wrong file"}
    assert done() == 1
    again = commands.json("withdraw", second["submission"], "--reason", "Once more", code=2)
    assert again["error"]["message"] == f"Submission {second['reference']} is withdrawn already."
    assert "There is no submission ABCD1234" in commands.json("withdraw", "ABCD1234", "--reason", "Wrong", code=2)["error"]["message"]
    assert commands.json("withdraw", second["reference"], "--reason", "  ", code=2)["error"]["message"].startswith("Give a reason")
    restored = commands.json("restore", second["reference"], "--reason", "It was right", "--by", "A provincial office")
    assert restored == {"submission": second["submission"], "reference": second["reference"], "state": "restored", "by": "A provincial office", "reason": "It was right"}
    assert commands.json("restore", second["reference"], "--reason", "Once more", code=2)["error"]["message"] == f"Submission {second['reference']} is not withdrawn."


def test_the_history_is_told_newest_first_with_who_and_why(commands):
    commands.run("load", commands.file("first.csv", dros(("N1", 4, 1))), "--by", "A district office")
    second = commands.json("load", commands.file("second.csv", dros(("N2", 4, 1), ("N3", 4, 1))))["files"][0]
    commands.run("withdraw", second["reference"], "--reason", "Wrong file")
    told = commands.json("history")
    names = ("reference", "domain", "as_of", "sender", "file_name", "row_count", "districts", "warnings", "state", "reason")
    assert [tuple(line[name] for name in names) for line in told] == [
        (second["reference"], "appointments", "2024-01-20", "A commission office", "second.csv", 2, 2, 0, "withdrawn", "Wrong file"),
        (told[1]["submission"][-8:].upper(), "appointments", "2024-01-20", "A district office", "first.csv", 1, 1, 0, "committed", "")]
    heading, first, _ = commands.run("history").splitlines()
    assert heading.split()[:2] == ["reference", "domain"] and first.endswith("withdrawn  Wrong file")
    assert heading.index("state") == first.index("withdrawn")
    assert commands.json("history", "--domain", "repairs") == []


def test_figures_are_those_of_the_one_question_in_csv_and_in_json(commands):
    commands.run("load", commands.file("security.csv", sheet("security", [security("N1", personnel=(40, 100), plan="approved"), security("S1")], DAY)),
                 commands.file("posts.csv", dros(("N1", 4, 1))))
    store = Store(commands.database, load_election(commands.election, DOMAINS))
    asked = readiness.figures(store, Scope.everything(store.election.places), "district", days=[DAY])
    store.close()
    lines = list(csv.DictReader(io.StringIO(commands.run("figures", "--level", "district", "--as-of", "20/01/2024", "--format", "csv"))))
    told = json.loads(commands.run("figures", "--level", "district", "--as-of", DAY, "--format", "json"))
    assert len(lines) == len(told) == len(asked) == 5 * (1 + sum(1 + len(domain.indicators) for domain in DOMAINS))
    assert tuple(lines[0]) == tuple(told[0]) == readiness.FIGURE_COLUMNS
    for line, one in zip(lines, told):
        assert line == {name: "" if value is None else str(value) for name, value in one.items()}
    found = next(line for line in told if (line["place_code"], line["indicator"]) == ("N1", "SE3"))
    assert (found["done"], found["required"], found["share"], found["status"], found["as_of"]) == (40, 100, 0.4, "critical", "2024-01-20")
    assert [line["indicator"] for line in told if line["place_code"] == "S2"].count("all") == 1 + len(DOMAINS)


def test_figures_as_known_before_a_submission_do_not_know_it(commands):
    commands.run("load", commands.file("posts.csv", dros(("N1", 4, 1))))
    assert commands.figures("--level", "district", "--as-of", DAY)["N1", "AP1"]["done"] == 1
    assert commands.figures("--level", "district", "--as-of", DAY, "--known-on", "2024-01-21T09:00")["N1", "AP1"]["status"] == "not_reported"


def test_problems_are_told_in_groups_with_the_rest_counted(commands):
    rows = [building("N1", f"A{number}", "somewhere") for number in range(25)]
    said = commands.run("load", commands.file("many.csv", sheet("repairs", rows, DAY)), code=1)
    assert said.splitlines()[0].endswith("many.csv: not taken, nothing was stored")
    assert "  25 to correct" in said and said.count("is not one of the choices") == 20 and said.rstrip().endswith("… and 5 more of this kind (unknown_code)")


def test_the_summary_says_which_files_went_in(commands):
    good, bad = commands.file("good.csv", dros(("N1", 4, 2))), commands.file("bad.csv", dros(("N2", 4, 5)))
    *_, first, second = commands.run("load", good, bad, code=1).splitlines()
    assert first.split()[0] == "loaded" and first.endswith("good.csv")
    assert second.split()[0] == "refused" and second.endswith("bad.csv")


@pytest.mark.parametrize("arguments, says", [
    (["load", "--json"], "The following arguments are required: FILE"),
    (["check", "x.csv", "--domain", "weather", "--json"], "invalid choice: 'weather'"),
    (["figures", "--format", "json"], "The following arguments are required: --level"),
    (["figures", "--level", "national", "--known-on", "yesterday", "--format", "json"], "'yesterday' is not a time"),
    (["nonsense", "--json"], "invalid choice: 'nonsense'"),
])
def test_wrong_use_is_one_json_document_where_json_was_asked_for(arguments, says, commands):
    told = json.loads(commands.run(*arguments, code=2))
    assert told["error"]["kind"] == "use" and says in told["error"]["message"]


def test_wrong_use_is_said_on_the_other_stream_otherwise(commands):
    assert commands.run("load", code=2) == ""
    assert "The following arguments are required: FILE" in commands.said.err
    assert commands.run("template", "repairs", "--place", "Atlantis", "-o", commands.folder / "x.xlsx", code=2) == ""
    assert "'Atlantis' is not a place of this election. Give a code, such as NO, or a name." in commands.said.err
    assert commands.run("template", "repairs", "-o", commands.folder / "nowhere" / "x.xlsx", code=2) == ""
    assert "x.xlsx can't be used: No such file or directory." in commands.said.err


def test_a_mistake_in_the_elections_file_is_told_and_nothing_is_done(commands):
    commands.election.write_text(commands.election.read_text(encoding="utf-8").replace("behind = 0.10", "behind = 10"), encoding="utf-8")
    told = commands.json("load", commands.file("good.csv", dros(("N1", 4, 2))), code=2)
    assert told["error"]["kind"] == "election" and "status.behind: 10 stands there" in told["error"]["message"]
    assert not commands.database.exists()


def test_a_database_that_another_program_holds_is_said_so(commands, monkeypatch):
    monkeypatch.setattr("loaders.door.PATIENCE", 0.0)
    commands.run("load", commands.file("good.csv", dros(("N1", 4, 2))))
    holder = subprocess.Popen(
        [sys.executable, "-c", f"import duckdb; con = duckdb.connect({str(commands.database)!r}); print('held', flush=True); input()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        holder.stdout.readline()
        for command in (["check", "good.csv"], ["history"]):
            told = commands.json(*command, code=2)
            assert told["error"]["kind"] == "store" and "is in use by another process that takes no commands" in told["error"]["message"]
    finally:
        holder.communicate(b"\n")


def test_what_is_no_database_is_said_so(commands):
    commands.database.write_bytes(b"not a database" * 1000)
    assert "is not a database of this program, or it is damaged" in commands.json("history", code=2)["error"]["message"]


def test_a_file_that_is_far_too_large_is_refused_before_it_is_read(commands):
    path = commands.folder / "large.csv"
    with path.open("wb") as file:
        file.truncate(60 * 1024 * 1024)
    told = commands.json("check", path, code=2)["files"][0]
    assert told["error"] == {"kind": "too_large", "message": "This file is larger than 50 MB. Send only the sheet and the columns that are asked for."}


def test_an_official_boundary_file_is_installed_for_the_map(commands, monkeypatch):
    monkeypatch.setattr(command_line, "ROOT", commands.folder)
    squares = [{"type": "Feature", "properties": {"name": name}, "geometry": {
        "type": "Polygon", "coordinates": [[[x, 0], [x + 1, 0], [x + 1, 1], [x, 1], [x, 0]]]}} for x, name in enumerate(["Amber", "Birch", "Cedar", "Dune", "Ember", "Sea"])]
    path = commands.file("official.geojson", json.dumps({"type": "FeatureCollection", "features": squares}).encode())
    told = commands.json("boundaries", path)
    assert told["matched"] == ["N1", "N2", "N3", "S1", "S2"] and told["unmatched"] == ["Sea"]
    assert Path(told["path"]) == commands.folder / "data" / "boundaries" / "districts.geojson" and Path(told["path"]).exists()
    assert "Not recognised in the file (1): Sea" in commands.run("boundaries", path)
    assert commands.json("boundaries", commands.file("sheet.csv", dros(("N1", 4, 2))), code=2)["error"]["kind"] == "not_geojson"


@pytest.fixture
def example_calls(monkeypatch) -> list[str]:
    """Stands in for the example election; what was asked of it."""
    calls = []

    def load(store, progress):
        calls.append("load")
        progress(26, 26, "Weeks")
        with store.transaction() as cursor:
            cursor.execute("insert into settings values ('example_day', '2024-01-20')")

    def clear(store):
        calls.append("clear")
        with store.transaction() as cursor:
            cursor.execute("delete from settings")

    def is_half_loaded(store):
        return bool(store.ask_rows("select 1 from settings where name = 'example_loading'", {}))

    def was_cleared(store):
        return "clear" in calls

    stand_in = SimpleNamespace(load=load, clear=clear, is_half_loaded=is_half_loaded, was_cleared=was_cleared)
    monkeypatch.setitem(sys.modules, "loaders.example", stand_in)
    monkeypatch.setattr("loaders.example", stand_in, raising=False)
    return calls


def test_the_example_is_loaded_once_and_cleared_when_that_is_meant(commands, example_calls, monkeypatch):
    commands.run("example", "load")
    assert "Weeks 26 of 26" in commands.said.err
    commands.run("example", "load")
    assert "is loaded already: nothing was done" in commands.said.err
    commands.run("example", "clear", code=2)
    assert "python -m loaders example clear --yes" in commands.said.err
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("builtins.input", lambda question: "")
    commands.run("example", "clear")
    assert example_calls == ["load"]
    monkeypatch.setattr("builtins.input", lambda question: "y")
    commands.run("example", "clear")
    assert example_calls == ["load", "clear"]
    commands.run("example", "load")
    commands.run("example", "clear", "--yes")
    commands.run("example", "clear", "--yes")
    assert example_calls == ["load", "clear"] * 2


def test_only_where_there_is_no_database_yet_does_a_first_start_load_the_example(commands, example_calls):
    commands.run("example", "load", "--if-new")
    commands.run("example", "clear", "--yes")
    commands.run("example", "load", "--if-new")
    assert example_calls == ["load", "clear"]


def test_a_load_of_the_example_that_was_killed_is_done_again(commands, example_calls):
    store = Store(commands.database, load_election(commands.election, DOMAINS))
    with store.transaction() as cursor:
        cursor.execute("insert into settings values ('example_day', '2024-01-20'), ('example_loading', 'true')")
    store.close()
    commands.run("example", "load", "--if-new")
    assert example_calls == ["load"]


def test_the_example_is_never_mixed_with_what_was_handed_in(commands, example_calls):
    commands.run("load", commands.file("good.csv", dros(("N1", 4, 2))))
    commands.run("example", "load")
    assert "has submissions already" in commands.said.err and example_calls == []


@pytest.mark.parametrize("command", ["template", "check", "load", "watch", "withdraw", "restore", "history", "figures", "boundaries", "example"])
def test_every_command_explains_itself(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    told = capsys.readouterr().out
    assert ended.value.code == 0 and "--database DATABASE" in told and "--election FILE" in told


def test_the_commands_run_as_a_module_with_the_database_that_the_environment_names(commands):
    path = commands.file("good.csv", dros(("N1", 4, 2)))
    environment = {"READINESS_DB": str(commands.database), "READINESS_ELECTION": str(commands.election), "READINESS_SENDER": "A district office",
                   "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    ended = subprocess.run([sys.executable, "-m", "loaders", "load", path, "--json"], env=environment, cwd=commands.folder, capture_output=True, text=True)
    assert ended.returncode == 0 and json.loads(ended.stdout)["files"][0]["state"] == "loaded"
    assert [line["sender"] for line in commands.json("history")] == ["A district office"]


def test_a_filled_template_never_makes_an_old_report_look_fresh(commands):
    path = commands.folder / "filled.xlsx"
    commands.run("load", commands.file("first.csv", dros(("N1", 4, 2), ("N2", 4, 2))))
    commands.run("template", "appointments", "--filled", "-o", path)
    assert openpyxl.load_workbook(path).worksheets[0]["B2"].value.date() == DAY
    later = DAY + timedelta(days=1)
    commands.run("load", commands.file("second.csv", dros(("N1", 4, 3), day=later)))
    commands.run("template", "appointments", "--filled", "-o", path)
    assert openpyxl.load_workbook(path).worksheets[0]["B2"].value is None
    told = commands.json("check", path, code=1)
    assert "as_of_missing" in json.dumps(told)


# ── Accounts ─────────────────────────────────────────────────────────────────────────────────────


def test_accounts_are_made_listed_changed_and_put_out_of_use(commands):
    commands.run("account", "list")
    assert commands.said.err == "Nobody has an account: the dashboard is shown on its own computer alone.\n"
    commands.run("account", "make", "keeper", "--name", "Keeper of accounts", "--role", "administrator")
    assert re.search(r"once, for three days:\nhttp://127\.0\.0\.1:8501/welcome\?code=[\w-]{43}\n", commands.said.out)
    made = commands.json("account", "make", "north", "--name", "North office", "--role", "analyst", "--sees", "NO", "--submits", "N1", "N2", "--domains", "repairs")
    assert {name: made[name] for name in ("login", "role", "sees", "submits", "domains", "state")} == {
        "login": "north", "role": "analyst", "sees": "NO", "submits": "N1 N2", "domains": "repairs", "state": "no password yet"}
    assert commands.json("account", "change", "north", "--sees", "NO", "SO")["sees"] == "NO SO"
    assert commands.json("account", "disable", "north")["state"] == "out of use"
    assert commands.json("account", "enable", "north")["link"] == ""
    first, second = (commands.json("account", "link", "north")["link"] for _ in range(2))
    assert first != second
    assert [one["login"] for one in commands.json("account", "list")] == ["keeper", "north"]
    with closing(Store(commands.database, load_election(commands.election, DOMAINS))) as store:
        assert [line.act for line in audit.lines(store)] == [
            "invited", "invited", "account_enabled", "account_disabled", "account_changed", "invited", "account_made", "invited", "account_made"]


@pytest.mark.parametrize(("arguments", "sentence"), [
    (["make", "north"], "An account needs --name and --role."),
    (["make"], "Name the account by its sign-in name."),
    (["list", "north"], "`account list` lists all of them."),
    (["disable", "nobody"], "There is no account nobody. `account list` lists all of them."),
    (["make", "n", "--name", "North", "--role", "commission"], "A sign-in name has 2 to 64 small letters, digits, dots, dashes or @, and begins with a letter or digit."),
])
def test_what_is_asked_wrongly_of_accounts_is_said(commands, arguments, sentence):
    assert commands.json("account", *arguments, code=2)["error"]["message"] == sentence
    assert commands.json("account", "list") == []
