"""The watched folder: what is put in is taken once and as a whole, and answered beside; whatever is killed, whoever else watches."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, redirect_stdout
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import openpyxl
import pytest

import loaders.__main__ as command_line
from data.store import Store
from loaders import door, outcome, workbook
from loaders.__main__ import answer, main
from loaders.door import open_door
from sheets_for import book, building, posts, sheet
from small_country import election_in

ROOT = Path(__file__).parents[1]
CHILD = Path(__file__).with_name("watch_child.py")
DAY = date(2024, 1, 20)
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(100)


def dros(district: str = "N1", notified: int = 2, day: date = DAY) -> bytes:
    return sheet("appointments", [posts(district, "DRO", sanctioned=4, notified=notified)], day)


class Office:
    """A folder that is watched, and a small country whose database it goes into."""

    def __init__(self, folder: Path) -> None:
        self.election, self.database, self.shared = election_in(folder), folder / "readiness.duckdb", folder / "shared"
        self.shared.mkdir()
        self.options = ["--database", str(self.database), "--election", str(folder / "election.toml")]

    def put(self, name: str, content: bytes) -> Path:
        """Puts a file in as it should be done: beside, then renamed."""
        part = self.shared / f"{name}.part"
        part.write_bytes(content)
        return part.rename(self.shared / name)

    def once(self, code: int = 0) -> None:
        """One pass over what is there."""
        assert main(["watch", str(self.shared), "--once", "--every", "0.1", *self.options]) == code

    @contextmanager
    def watcher(self, *, step: str | None = None, every: float = 0.1) -> Iterator[subprocess.Popen[str]]:
        """A watcher as a process of its own; with a step, one that stops there for ever."""
        command = [CHILD, step] if step else ["-m", "loaders"]
        with subprocess.Popen(
                [sys.executable, *map(str, command), "watch", str(self.shared), "--every", str(every), *self.options], cwd=ROOT,
                env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            try:
                yield process
            finally:
                process.kill()

    def history(self) -> list[dict]:
        """The submissions, the oldest first."""
        with redirect_stdout(io.StringIO()) as told:
            assert main(["history", "--json", *self.options]) == 0
        return json.loads(told.getvalue())[::-1]

    def inside(self, place: str = ".") -> list[str]:
        return sorted(file.name for file in (self.shared / place).iterdir() if file.is_file() and file.name != ".lock")

    def text(self, path: str) -> str:
        return (self.shared / path).read_text(encoding="utf-8")

    def nothing_is_left(self) -> bool:
        return not self.inside() and not [one for one in (self.shared / "taking").iterdir() if one.is_dir()]


@pytest.fixture
def office(tmp_path, monkeypatch) -> Office:
    monkeypatch.setenv("READINESS_SENDER", "A commission office")
    return Office(tmp_path)


def until(is_so: Callable[[], object]) -> None:
    for _ in range(1200):
        if is_so():
            return
        time.sleep(0.05)
    raise AssertionError("it never was so")


# What becomes of a file


def test_a_good_file_is_stored_and_gets_its_receipt(office, capsys):
    content = dros()
    office.put("first.csv", content)
    office.once()
    (stored,) = office.history()
    assert office.inside("accepted") == ["first-receipt.txt", "first.csv"] and office.nothing_is_left()
    assert (office.shared / "accepted" / "first.csv").read_bytes() == content
    receipt = office.text("accepted/first-receipt.txt")
    for fact in (stored["reference"], "appointments", "2024-01-20", sha256(content).hexdigest(), "Rows       1", "Districts  1", "Warnings   0"):
        assert fact in receipt
    assert (stored["sender"], stored["file_name"]) == ("A commission office", "first.csv")
    said = capsys.readouterr()
    assert said.err == f"first.csv: loaded as {stored['reference']} → accepted/first.csv\n"
    assert said.out == "1 accepted, 0 returned, 0 left\n"


def test_a_warning_stands_in_the_receipt(office):
    office.put("first.csv", dros(notified=3, day=DAY - timedelta(days=7)))
    office.once()
    office.put("second.csv", dros(notified=2))
    office.once()
    receipt = office.text("accepted/second-receipt.txt")
    assert "Warnings   1" in receipt and "fell from 3 (as of" in receipt


def test_a_file_with_problems_comes_back_with_its_reasons_and_its_marked_workbook(office, capsys):
    content = dros(notified=5)
    office.put("wrong.csv", content)
    office.once(code=1)
    assert office.inside("returned") == ["wrong-marked.xlsx", "wrong-problems.txt", "wrong.csv"] and office.nothing_is_left()
    assert "Row 3, Notified: 5 is more than the 4 in Approved. Correct one of the two." in office.text("returned/wrong-problems.txt")
    marked = openpyxl.load_workbook(office.shared / "returned" / "wrong-marked.xlsx")["wrong"]
    assert "5 is more than the 4 in Approved" in marked["F3"].comment.text and marked["H2"].value == "Reasons"
    assert capsys.readouterr().err == "wrong.csv: 1 to correct → returned/wrong.csv\n"
    assert office.history() == []


def test_a_workbook_of_several_tables_is_accepted_with_a_receipt_of_all(office, capsys):
    office.put("both.xlsx", book(Posts=dros(), Repairs=sheet("repairs", [building("N1", "A1", "reported"), building("N2", "A1", "reported")], DAY)))
    office.once()
    first, second = office.history()
    receipt = office.text("accepted/both-receipt.txt")
    for fact in (first["reference"], second["reference"], "Domain     appointments", "Domain     repairs", "Rows       2"):
        assert fact in receipt
    assert capsys.readouterr().err == f"both.xlsx: loaded as {first['reference']} and {second['reference']} → accepted/both.xlsx\n"


def test_a_workbook_of_several_tables_comes_back_as_a_whole_with_the_problems_of_all_marked(office, capsys):
    office.put("both.xlsx", book(Posts=dros(notified=5), Good=dros("N2"), Repairs=sheet("repairs", [building("N1", "A1", "somewhere")], DAY)))
    office.once(code=1)
    assert office.history() == [] and office.inside("returned") == ["both-marked.xlsx", "both-problems.txt", "both.xlsx"]
    assert capsys.readouterr().err == "both.xlsx: 2 to correct → returned/both.xlsx\n"
    reasons = office.text("returned/both-problems.txt")
    posts_at, repairs_at = reasons.index("In “Posts”, appointments:"), reasons.index("In “Repairs”, repairs:")
    assert posts_at < reasons.index("5 is more than the 4 in Approved") < repairs_at < reasons.index("“somewhere” is not one of the choices")
    assert "Good" not in reasons
    marked = openpyxl.load_workbook(office.shared / "returned" / "both-marked.xlsx")
    assert "5 is more than the 4 in Approved" in marked["Posts"]["F3"].comment.text and marked["Posts"]["H2"].value == "Reasons"
    assert "not one of the choices" in marked["Repairs"]["F3"].comment.text and marked["Repairs"].cell(2, marked["Repairs"].max_column).value == "Reasons"


def test_what_is_no_spreadsheet_comes_back_with_its_sentence(office):
    office.put("picture.xlsx", PICTURE)
    with (office.shared / "large.csv").open("wb") as large:
        large.truncate(60 * 1024 * 1024)
    office.once(code=1)
    assert office.inside("returned") == ["large-problems.txt", "large.csv", "picture-problems.txt", "picture.xlsx"]
    assert "a picture (PNG)" in office.text("returned/picture-problems.txt")
    assert "larger than 50 MB" in office.text("returned/large-problems.txt")


def test_the_same_file_dropped_twice_is_held_already_and_stored_once(office):
    for name in ("first.csv", "again.csv"):
        office.put(name, dros())
        office.once()
    (stored,) = office.history()
    assert f"again.csv: held already by {stored['reference']}, nothing was stored anew" in office.text("accepted/again-receipt.txt")


def test_the_same_file_dropped_again_after_it_was_withdrawn_is_taken_anew(office):
    office.put("first.csv", dros())
    office.once()
    main(["withdraw", office.history()[0]["reference"], "--reason", "Too early", *office.options])
    office.put("first.csv", dros())
    office.once()
    assert [line["state"] for line in office.history()] == ["withdrawn", "committed"]
    assert office.inside("accepted") == ["first-2-receipt.txt", "first-2.csv", "first-receipt.txt", "first.csv"]


def test_a_name_that_is_there_already_gets_a_number_and_nothing_is_written_over(office):
    (office.shared / "returned").mkdir()
    (office.shared / "returned" / "wrong-marked.xlsx").write_bytes(b"half corrected")
    for number, ending in enumerate(("csv", "csv", "txt")):
        office.put(f"wrong.{ending}", dros(notified=5 + number))
        office.once(code=1)
    assert office.inside("returned") == sorted(["wrong-marked.xlsx", *(f"wrong-{number}{ending}" for number, own in ((2, ".csv"), (3, ".csv"), (4, ".txt"))
                                                                       for ending in (own, "-marked.xlsx", "-problems.txt"))])
    assert (office.shared / "returned" / "wrong-marked.xlsx").read_bytes() == b"half corrected"


@pytest.mark.parametrize("name", [
    "-x.csv", "--json", "a b.csv", "ضلع.csv", "x" * 240 + ".csv", "no ending", os.fsdecode(b"latin-\xe9.csv"), "line\nbreak.csv"])
def test_any_name_is_taken(office, name):
    (office.shared / name).write_bytes(dros())
    office.once()
    assert len(office.history()) == 1 and len(office.inside("accepted")) == 2 and office.nothing_is_left()


@pytest.mark.parametrize("name", [
    "~$first.xlsx", ".~lock.first.ods#", ".hidden.csv", "first.csv.tmp", "first.part", "first.CRDOWNLOAD", "Thumbs.db", "desktop.ini"])
def test_what_a_program_has_not_finished_or_keeps_for_itself_stays(office, name):
    (office.shared / name).write_bytes(dros())
    office.once()
    assert office.inside() == [name] and office.history() == []


def test_a_folder_and_a_link_in_the_folder_stay(office, tmp_path):
    (tmp_path / "elsewhere.csv").write_bytes(dros())
    (office.shared / "link.csv").symlink_to(tmp_path / "elsewhere.csv")
    (office.shared / "folder.csv").mkdir()
    office.once()
    assert office.history() == [] and (office.shared / "link.csv").is_symlink()


def test_the_older_of_two_files_is_taken_first(office):
    for name, age, notified in (("a.csv", 10, 3), ("b.csv", 20, 1)):
        file = office.put(name, dros(notified=notified))
        os.utime(file, (time.time() - age,) * 2)
    office.once()
    assert [line["file_name"] for line in office.history()] == ["b.csv", "a.csv"]


def test_the_folder_of_the_database_is_not_watched(office, capsys):
    assert main(["watch", str(office.database.parent), "--once", *office.options]) == 2
    assert "holds the program's own files" in capsys.readouterr().err
    assert main(["watch", str(office.shared / "nowhere"), "--once", *office.options]) == 2
    assert "There is no folder" in capsys.readouterr().err


# When a file is taken


def test_a_file_that_grows_is_taken_only_when_it_is_whole(office):
    content = sheet("appointments", [posts(district, "DRO", sanctioned=4) for district in ("N1", "N2", "N3", "S1", "S2")], DAY)
    with office.watcher(every=0.5):
        with (office.shared / "slow.csv").open("wb") as file:
            for at in range(0, len(content), 20):
                file.write(content[at:at + 20])
                file.flush()
                time.sleep(0.15)
                assert office.inside() == ["slow.csv"]
        until(lambda: (office.shared / "accepted" / "slow.csv").exists())
    (stored,) = office.history()
    assert stored["districts"] == 5


def test_a_file_that_is_renamed_in_is_taken_at_the_second_look(office):
    class Looks:
        def __init__(self) -> None:
            self.taken: list[list[str]] = []

        def __call__(self, seconds: float, ended: object) -> None:
            self.taken.append(office.inside("accepted"))
            if len(self.taken) == 1:
                office.put("first.csv", dros())
            if len(self.taken) == 4:
                os.kill(os.getpid(), signal.SIGTERM)

    looks = Looks()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("loaders.watch._rest", looks)
        assert main(["watch", str(office.shared), *office.options]) == 0
    assert looks.taken == [[], [], ["first-receipt.txt", "first.csv"], ["first-receipt.txt", "first.csv"]]


def test_an_empty_file_is_waited_for_and_said_once(office, capsys):
    office.put("empty.csv", b"")
    office.once(code=2)
    assert capsys.readouterr().err == "empty.csv is not taken yet: it is empty so far.\n"
    assert office.inside() == ["empty.csv"]


# Processes that end


@pytest.mark.parametrize("step", ["claimed", "noted", "stored", "answered", "moving"])
@pytest.mark.parametrize("withdrawn", [False, True], ids=["", "and withdrawn since"])
def test_a_file_in_hand_when_its_watcher_is_killed_is_stored_once(office, step, withdrawn):
    """The same file was stored and withdrawn before, as somebody does who puts it in again on purpose."""
    office.put("first.csv", dros())
    office.once()
    main(["withdraw", office.history()[0]["reference"], "--reason", "Too early", *office.options])
    content = dros()
    with office.watcher(step=step) as process:
        office.put("again.csv", content)
        assert process.stdout.readline() == f"{step}\n"
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    stored = office.history()[1:]
    assert len(stored) == (step not in ("claimed", "noted"))
    if withdrawn and stored:
        main(["withdraw", stored[0]["reference"], "--reason", "Wrong week", *office.options])
    for _ in range(2):
        office.once()
    assert len(office.history()) == 2
    assert office.inside("accepted") == ["again-receipt.txt", "again.csv", "first-receipt.txt", "first.csv"] and office.nothing_is_left()
    receipt = office.text("accepted/again-receipt.txt")
    assert f"loaded as {office.history()[1]['reference']}" in receipt and sha256(content).hexdigest() in receipt
    assert ("withdrawn since: Wrong week" in receipt) == (withdrawn and step in ("stored", "answered"))


def test_killed_again_and_again_at_any_moment_every_file_is_stored_once(office):
    names = [f"{number:02}.csv" for number in range(12)]
    for number, name in enumerate(names):
        office.put(name, dros(day=DAY - timedelta(days=number)))
    for attempt in range(8):
        with office.watcher() as process:
            until(lambda: process.poll() is not None or "00.csv" not in office.inside())
            time.sleep(0.05 + 0.11 * attempt)
            process.kill()
    office.once()
    assert sorted(line["file_name"] for line in office.history()) == names
    assert office.nothing_is_left()
    assert office.inside("accepted") == sorted([*names, *(f"{Path(name).stem}-receipt.txt" for name in names)])


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_asked_to_end_a_watcher_finishes_the_file_in_hand_and_leaves_the_others(office, sign):
    for number in range(12):
        office.put(f"{number:02}.csv", dros(day=DAY - timedelta(days=number)))
    with office.watcher() as process:
        until(lambda: office.inside("accepted") if (office.shared / "accepted").exists() else [])
        process.send_signal(sign)
        process.wait(timeout=60)
        assert (process.returncode, "Traceback" in process.stderr.read()) == (0, False)
    taken = [line["file_name"] for line in office.history()]
    assert 0 < len(taken) < 12
    assert not [one for one in (office.shared / "taking").iterdir() if one.is_dir()]
    assert sorted([*taken, *office.inside()]) == [f"{number:02}.csv" for number in range(12)]


def test_the_processes_that_read_a_file_do_not_die_of_ctrl_c(office, monkeypatch):
    """At a terminal Ctrl+C goes to all of them; a reader that died of it would make a good file look damaged."""
    seen = []
    run = workbook.read

    def read(name: str, content: bytes):
        held = subprocess.run([sys.executable, "-c", "import signal; print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))"],
                              capture_output=True, text=True, check=True)
        seen.append(held.stdout.strip())
        return run(name, content)

    monkeypatch.setattr(workbook, "read", read)
    office.put("first.csv", dros())
    office.once()
    assert seen == ["True"]


# Several at once


def test_a_workbook_of_several_tables_in_hand_when_its_watcher_is_killed_is_stored_once(office):
    office.put("both.xlsx", book(Posts=dros(), Repairs=sheet("repairs", [building("N1", "A1", "reported")], DAY)))
    with office.watcher(step="stored") as process:
        assert process.stdout.readline() == "stored\n"
    office.once()
    assert [line["domain"] for line in office.history()] == ["appointments", "repairs"] and office.nothing_is_left()
    assert all(f"Domain     {domain}" in office.text("accepted/both-receipt.txt") for domain in ("appointments", "repairs"))


def test_two_watchers_at_once_take_each_of_twenty_files_once(office):
    names = [f"{number:02}.csv" for number in range(20)]
    with office.watcher(), office.watcher():
        for number, name in enumerate(names):
            office.put(name, dros(day=DAY - timedelta(days=number)))
        until(lambda: len(office.inside("accepted")) == 40 if (office.shared / "accepted").exists() else False)
    assert sorted(line["file_name"] for line in office.history()) == names
    receipts = [office.text(f"accepted/{name}") for name in office.inside("accepted") if name.endswith(".txt")]
    assert not [one for one in receipts if "held already" in one] and office.nothing_is_left()


def test_a_file_in_the_hand_of_a_watcher_that_lives_is_left_to_it(office):
    with office.watcher(step="answered") as first:
        office.put("first.csv", dros())
        assert first.stdout.readline() == "answered\n"
        (claim,) = [one for one in (office.shared / "taking").iterdir() if one.is_dir()]
        in_hand = sorted(claim.iterdir())
        with office.watcher() as second:
            assert second.stderr.readline().startswith("Watching")
            time.sleep(2)
            assert sorted(claim.iterdir()) == in_hand and len(in_hand) == 3
            first.kill()
            until(lambda: office.inside("accepted") == ["first-receipt.txt", "first.csv"])
    assert len(office.history()) == 1


def test_the_dashboard_may_start_and_end_while_the_folder_is_watched(office):
    with office.watcher() as process:
        office.put("before.csv", dros(day=DAY - timedelta(days=2)))
        until(lambda: (office.shared / "accepted" / "before.csv").exists())
        with closing(door.patiently(lambda: Store(office.database, office.election))) as store, open_door(store, answer):
            version = store.versions["figures"]
            office.put("while.csv", dros(day=DAY - timedelta(days=1)))
            until(lambda: (office.shared / "accepted" / "while.csv").exists())
            assert store.versions["figures"] > version  # it was this process that stored it
        office.put("after.csv", dros())
        until(lambda: (office.shared / "accepted" / "after.csv").exists())
        process.terminate()
        assert process.stderr.read().count(" → ") == 3
    assert [line["file_name"] for line in office.history()] == ["before.csv", "while.csv", "after.csv"]


def test_an_owner_that_fails_in_the_middle_leaves_the_file_in_hand_until_it_is_known_what_was_stored(office, monkeypatch, capsys):
    commit = outcome.commit_all

    def stores_and_fails(*arguments, **options):
        commit(*arguments, **options)
        raise ZeroDivisionError

    store = Store(office.database, office.election)
    with closing(store), open_door(store, answer):
        office.put("first.csv", dros())
        with monkeypatch.context() as patch:
            patch.setattr(outcome, "commit_all", stores_and_fails)
            office.once(code=2)
        assert office.inside() == [] and "The running dashboard failed at this." in capsys.readouterr().err
        office.once()
    assert len(office.history()) == 1 and "loaded as" in office.text("accepted/first-receipt.txt")


# When something stands in the way


def test_a_database_in_use_by_another_program_leaves_the_files_where_they_are(office, monkeypatch, capsys):
    office.once()
    monkeypatch.setattr(door, "PATIENCE", 0.0)
    monkeypatch.setattr(command_line, "_make_sure_of_database", lambda *_: None)
    held = subprocess.Popen([sys.executable, "-c", f"import duckdb; held = duckdb.connect({str(office.database)!r}); print('held', flush=True); input()"],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        held.stdout.readline()
        office.put("first.csv", dros())
        office.once(code=2)
        assert office.inside() == ["first.csv"] and "first.csv is not taken yet:" in capsys.readouterr().err
    finally:
        held.communicate("\n")
    office.once()
    assert len(office.history()) == 1


def test_a_full_disk_leaves_the_file_where_it_was_and_the_next_is_tried(office, monkeypatch, capsys):
    commit, full = outcome.commit_all, [True]

    def commits(store, every, **options):
        if full and every[0].name == "first.csv":
            raise command_line.StoreError("Nothing was stored, because its disk is full.")
        return commit(store, every, **options)

    monkeypatch.setattr(outcome, "commit_all", commits)
    office.put("first.csv", dros())
    office.put("second.csv", dros(day=DAY - timedelta(days=1)))
    office.once(code=2)
    assert office.inside() == ["first.csv"] and office.inside("accepted") == ["second-receipt.txt", "second.csv"]
    assert "first.csv is not taken yet: Nothing was stored, because its disk is full.\n" in capsys.readouterr().err
    full.clear()
    office.once()
    assert len(office.history()) == 2 and office.nothing_is_left()


def test_a_disk_that_is_full_after_the_store_leaves_the_file_in_hand_and_it_is_answered_later(office, monkeypatch, capsys):
    written = Path.write_bytes

    def fails(self: Path, content: bytes) -> int:
        if self.name.endswith("-receipt.txt"):
            raise OSError(28, "No space left on device", str(self))
        return written(self, content)

    office.put("first.csv", dros())
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", fails)
        office.once(code=2)
    assert "No space left on device. It waits in" in capsys.readouterr().err
    assert len(office.history()) == 1 and office.inside("accepted") == []
    office.once()
    assert len(office.history()) == 1 and office.inside("accepted") == ["first-receipt.txt", "first.csv"]
    assert "loaded as" in office.text("accepted/first-receipt.txt")


def test_a_file_that_may_not_be_opened_or_moved_is_said_and_the_others_go_on(office, monkeypatch, capsys):
    rename = os.rename

    def refuses(source, target):
        if str(source).endswith("shared/locked.csv"):
            raise PermissionError(13, "Permission denied", str(source))
        rename(source, target)

    monkeypatch.setattr("loaders.watch.os.rename", refuses)
    office.put("locked.csv", dros())
    office.put("other.csv", dros(day=DAY - timedelta(days=1)))
    office.once(code=2)
    assert capsys.readouterr().err.startswith("locked.csv is not taken yet: it can't be moved: Permission denied.\n")
    assert office.inside() == ["locked.csv"] and "other.csv" in office.inside("accepted")
    assert not [one for one in (office.shared / "taking").iterdir() if one.is_dir()]


def test_a_file_at_which_the_program_fails_keeps_no_other_from_being_taken(office, monkeypatch, capsys):
    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a mistake of ours")

    office.put("wrong.csv", dros(notified=5))
    office.put("good.csv", dros(day=DAY - timedelta(days=1)))
    with monkeypatch.context() as patch:
        patch.setattr("loaders.watch.marked", fails)
        for _ in range(2):
            office.once(code=2)
    assert "wrong.csv is not taken yet: this program fails at it, which is no fault of the file" in capsys.readouterr().err
    assert office.inside("accepted") == ["good-receipt.txt", "good.csv"]
    office.once(code=1)
    assert office.inside("returned") == ["wrong-marked.xlsx", "wrong-problems.txt", "wrong.csv"] and office.nothing_is_left()


def test_a_note_that_can_not_be_read_and_a_full_disk_at_the_claim_keep_no_other_file_from_being_taken(office, monkeypatch, capsys):
    office.once()
    (office.shared / "taking" / "abc").mkdir()
    (office.shared / "taking" / "abc" / ".note.json").write_text("{", encoding="ascii")
    mkdir, refused = Path.mkdir, []

    def refuses_once(self: Path, *arguments: object, **options: object) -> None:
        if self.parent.name == "taking" and not refused:
            refused.append(self)
            raise OSError(28, "No space left on device", str(self))
        mkdir(self, *arguments, **options)

    monkeypatch.setattr(Path, "mkdir", refuses_once)
    os.utime(office.put("first.csv", dros()), (1, 1))
    office.put("second.csv", dros(day=DAY - timedelta(days=1)))
    office.once(code=2)
    assert office.inside() == ["first.csv"] and office.inside("accepted") == ["second-receipt.txt", "second.csv"]
    said = capsys.readouterr().err
    assert "first.csv is not taken yet: it can't be moved: No space left on device." in said and "abc is not taken yet: this program fails at it" in said


def test_what_stands_in_the_way_is_said_once_as_long_as_it_is_the_same(office):
    with office.watcher() as process:
        office.put("empty.csv", b"")
        until(lambda: (office.shared / "taking").exists())
        time.sleep(1)
        office.put("first.csv", dros())
        until(lambda: (office.shared / "accepted" / "first.csv").exists())
        process.terminate()
        assert process.stderr.read().count("it is empty so far") == 1
