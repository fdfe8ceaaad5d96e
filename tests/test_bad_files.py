"""A bad file gets one clear sentence, little time and little memory; nothing is stored and nobody else notices it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

import pytest

from bad_files import ONE_CELL, bomb, old_office, packed, wide_workbook, workbook, workbook_parts
from data.readiness import figures
from data.store import Store
from loaders import submissions
from loaders.problems import LoadError
from sheets_for import building, hand_in, sheet
from small_country import DISTRICTS, before, election_in, everything

ROOT = Path(__file__).parents[1]
DAY = before(50)
SECONDS = 10  # of a processor's time, which other work on the machine doesn't take up; by the clock it may be twelve times as many
MB = 1024  # in kB
# The command as `python -m loaders`, which is stopped after ten seconds of work and says at its end how much memory it and
# the largest of its children took. Its own is read from /proc: getrusage counts from what the process that started it held.
MEASURED = f"""
import atexit, re, resource, runpy, sys
resource.setrlimit(resource.RLIMIT_CPU, ({SECONDS}, resource.getrlimit(resource.RLIMIT_CPU)[1]))
def say():
    own = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
    print(own + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
atexit.register(say)
runpy.run_module("loaders", run_name="__main__", alter_sys=True)
"""


class Bad(NamedTuple):
    """A bad file: its name, how it is made, the exit code, and words of the sentence that its sender gets."""

    name: str
    make: Callable[[], bytes]
    code: int
    words: str


def many_texts() -> bytes:
    """A workbook that reads for a while, because of texts that no cell shows; then a stray cell."""
    texts = "<sst>" + "".join(f"<si><t>{number}</t></si>" for number in range(500_000)) + "</sst>"
    return workbook(ONE_CELL + STRAY, **{"xl/sharedStrings.xml": texts})


def good_sheet() -> bytes:
    return sheet("repairs", [building(district, f"{district}-1", "certified") for district in DISTRICTS], DAY)


def only_a_header() -> bytes:
    return sheet("repairs", [building("N1", "N1-1", "certified")], DAY).rsplit(b"\r\n", 2)[0]


STRAY = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
BAD = {
    "encrypted": Bad("a.xlsx", lambda: old_office("EncryptionInfo", "EncryptedPackage"), 2, "protected by a password"),
    "truncated": Bad("a.xlsx", lambda: workbook(ONE_CELL)[:-200], 2, "cut off or damaged"),
    "a picture": Bad("a.xlsx", lambda: b"\x89PNG\r\n\x1a\n" + bytes(1000), 2, "a picture (PNG)"),
    "10 GB when unzipped": Bad("a.xlsx", bomb, 2, "would grow to"),
    "10 GB that are not declared": Bad("a.xlsx", lambda: bomb(1_000), 2, "damaged"),
    "zeros packed tightly": Bad("a.xlsx", lambda: packed(workbook_parts(ONE_CELL) | {"xl/a.bin": bytes(60 * 2**20)}), 2, "packed far tighter"),
    "a stray cell": Bad("a.xlsx", lambda: workbook(ONE_CELL + STRAY), 2, "cell XFD1048576, far outside its table"),
    "a stray cell after many texts": Bad("a.xlsx", many_texts, 2, "cell XFD1048576, far outside its table"),
    "20,000 columns": Bad("a.csv", lambda: b",".join([b"x"] * 20_000) + b"\n" + b",".join([b"1"] * 20_000), 2, "more than 500 columns"),
    "as many columns as there are": Bad("a.xlsx", wide_workbook, 2, "more than 500 columns"),
    "no cell": Bad("a.csv", lambda: b",,\n", 2, "no filled cell"),
    "another table": Bad("a.csv", lambda: b"name,age\nA,3\n", 2, "No table was found"),
    "no rows": Bad("a.csv", only_a_header, 1, "a header but no row under it"),
}


@pytest.fixture
def election(tmp_path):
    return election_in(tmp_path)


@pytest.fixture
def filled(tmp_path, election):
    """The path of a store that holds a submission."""
    path = tmp_path / "store.duckdb"
    with closing(Store(path, election)) as store:
        hand_in(store, "repairs", [building(district, f"{district}-1", "assessed") for district in DISTRICTS], before(60))
    return path


def load(database: Path, file: Path) -> tuple[int, dict[str, Any], int]:
    """Exit code, answer and peak memory in kB of `python -m loaders load FILE --json`, which has ten seconds of a processor for it."""
    asked = ["load", str(file), "--json", "--database", str(database), "--election", str(database.with_name("election.toml"))]
    done = subprocess.run([sys.executable, "-c", MEASURED, *asked], cwd=ROOT, capture_output=True, text=True, timeout=12 * SECONDS, check=False)
    assert "Traceback" not in done.stderr
    return done.returncode, json.loads(done.stdout), int(done.stderr.split()[-1])


def contents(path: Path, election) -> dict[str, Any]:
    """Every row of every table, and the figures."""
    with closing(Store(path, election)) as store:
        tables = [name for (name,) in store.ask_rows("select table_name from duckdb_tables() where database_name = 'readiness'", {})]
        found = {table: store.ask_rows(f"from {table} order by all", {}) for table in tables}
        return found | {"as told": figures(store, everything(store), "district", days=[DAY]).to_csv()}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_gets_one_sentence_and_changes_nothing(case, tmp_path, filled, election):
    bad, standing = BAD[case], contents(filled, election)
    file = tmp_path / bad.name
    file.write_bytes(bad.make())
    code, answer, peak = load(filled, file)
    (told,) = answer["files"]
    sentence = told["error"]["message"] if bad.code == 2 else told["problems"][0]["message"]
    assert (code, bad.words in sentence) == (bad.code, True), sentence
    assert sentence[0].isupper() and sentence.endswith(".") and len(sentence) < 600
    assert told["submission"] is None and told["state"] == ("unreadable" if bad.code == 2 else "refused")
    assert peak < 1024 * MB
    assert contents(filled, election) == standing


def test_the_good_file_beside_bad_ones_goes_in(tmp_path, filled, election):
    file = tmp_path / "good.csv"
    file.write_bytes(good_sheet())
    code, answer, _ = load(filled, file)
    assert (code, answer["files"][0]["state"]) == (0, "loaded")


@pytest.mark.parametrize("case", ["a stray cell", "a stray cell after many texts", "20,000 columns"])
def test_while_a_bad_file_is_read_another_is_answered(case, filled, election):
    content, said = BAD[case].make(), []

    def take_in() -> None:
        try:
            submissions.stage(store, BAD[case].name, content, sender="A commission office")
        except LoadError as error:
            said.append(error)

    with closing(Store(filled, election)) as store:
        def ask() -> tuple[int, int]:
            return store.ask_rows("select sum(done)::int, sum(required)::int from figures where indicator = 'PS1'", {})[0]

        alone, answers = ask(), []
        reader = Thread(target=take_in)
        reader.start()
        while reader.is_alive():
            answers.append(ask())
        reader.join()
    assert said and answers and set(answers) == {alone} == {(0, len(DISTRICTS))}
