"""The door: commands run in the process that holds the database, as they would where they are given, and nobody else gets in."""

from __future__ import annotations

import json
import logging
import os
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client
from pathlib import Path

import duckdb
import openpyxl
import pytest

import loaders.__main__ as command_line
from data.store import Store
from loaders import door
from loaders.__main__ import answer, main
from loaders.door import door_file, open_door
from browsing import served
from sheets_for import posts, security, sheet
from small_country import election_in

ROOT = Path(__file__).parents[1]
DAY = date(2024, 1, 20)
HOLDER = """
import sys
from pathlib import Path
from data.domains import DOMAINS
from data.election import load
from data.store import Store
from loaders.__main__ import answer
from loaders.door import open_door
with open_door(Store(Path(sys.argv[1]), load(Path(sys.argv[2]), DOMAINS)), answer):
    print("open", flush=True)
    input()
"""


def dros(district: str, notified: int, day: date = DAY) -> bytes:
    return sheet("appointments", [posts(district, "DRO", sanctioned=4, notified=notified)], day)


@contextmanager
def child(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen([sys.executable, *map(str, arguments)], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, text=True,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


class Country:
    """A small country in a folder of its own, and the commands over it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        folder.mkdir()
        self.folder, self.capsys, self.election = folder, capsys, election_in(folder)
        self.database = folder / "readiness.duckdb"

    @property
    def options(self) -> list[str]:
        return ["--database", str(self.database), "--election", str(self.folder / "election.toml")]

    def run(self, *arguments: object, code: int = 0) -> str:
        """What a command prints; it must exit with that code."""
        self.capsys.readouterr()
        assert main([*map(str, arguments), *self.options]) == code, self.capsys.readouterr().err
        self.said = self.capsys.readouterr()
        return self.said.out

    @contextmanager
    def held(self) -> Iterator[subprocess.Popen[str]]:
        """Another process that holds the database and has a door."""
        with child("-c", HOLDER, self.database, self.folder / "election.toml") as process:
            assert process.stdout.readline() == "open\n"
            yield process


@pytest.fixture
def country(tmp_path, capsys, monkeypatch) -> Country:
    monkeypatch.setenv("READINESS_SENDER", "A commission office")
    return Country(tmp_path / "one", capsys)


@pytest.fixture
def owned(country) -> Iterator[Path]:
    """The door of this very process, which is no stricter by itself about who may read its files."""
    store, mask = Store(country.database, country.election), os.umask(0)
    with open_door(store, answer) as file:
        os.umask(mask)
        yield file
    store.close()


def until(is_so: Callable[[], bool]) -> None:
    for _ in range(600):
        if is_so():
            return
        time.sleep(0.05)
    raise AssertionError("it never was so")


def address(file: Path) -> tuple[tuple[str, int], bytes]:
    told = json.loads(file.read_text())
    return ("127.0.0.1", told["port"]), bytes.fromhex(told["key"])


# What runs through it


def everything(country: Country) -> list[tuple[str, str]]:
    """What each command prints, one after another, with what differs from time to time taken out."""
    told = []

    def run(*arguments: object, code: int = 0) -> None:
        told.append((country.run(*arguments, code=code), country.said.err))

    files = [country.folder / name for name in ("good.csv", "bad.csv", "picture.xlsx", "nowhere.csv", "large.csv")]
    for file, content in zip(files, (dros("N1", 2), dros("N2", 5), b"\x89PNG\r\n\x1a\n" + bytes(100))):
        file.write_bytes(content)
    with files[4].open("wb") as large:
        large.truncate(60 * 1024 * 1024)
    run("check", *files, code=2)
    run("load", *files, "--by", "A district office", code=2)
    run("load", "--json", *files, code=2)
    run("history")
    run("history", "--json")
    run("figures", "--level", "district", "--as-of", DAY)
    run("figures", "--level", "national", "--as-of", DAY, "--format", "json")
    output = country.folder / "filled.xlsx"
    run("template", "appointments", "--filled", "-o", output)
    run("template", "appointments", "--filled", "-o", output)
    told.append(([[cell.value for cell in row] for row in openpyxl.load_workbook(output).worksheets[0]], ""))
    reference = json.loads(country.run("history", "--json"))[0]["reference"]
    run("withdraw", reference, "--reason", "Wrong file")
    run("withdraw", reference, "--reason", "Again", "--json", code=2)
    run("template", "appointments", "--place", "Atlantis", "--filled", "-o", output, code=2)
    run("template", "appointments", "--filled", "-o", country.folder / "no" / "folder.xlsx", code=2)
    run("example", "load")
    run("example", "clear")
    history = json.loads(country.run("history", "--json"))
    assert [(line["sender"], line["state"]) for line in history] == [("A district office", "withdrawn")]
    text = json.dumps(told, default=str).replace(str(country.folder), "FOLDER")
    for line in history:
        for name in ("submission", "reference", "committed_at", "state_since"):  # a reference of digits alone stands in the id as well
            text = text.replace(line[name], name.upper())
    return json.loads(text)


def test_each_command_gives_through_the_door_what_it_gives_without(country, tmp_path, capsys):
    other = Country(tmp_path / "two", capsys)
    alone = everything(other)
    Store(country.database, country.election).close()
    with country.held():
        through = everything(country)
    # Without a database there was nothing to compare with, which the first of the commands says.
    assert alone[0][1].startswith("There is no database at FOLDER")
    alone[0][1] = alone[0][1].split("\n", 1)[1]
    assert through == alone


def test_what_needs_no_database_runs_where_it_was_given(country, monkeypatch):
    monkeypatch.setattr(command_line, "ROOT", country.folder)
    squares = [{"type": "Feature", "properties": {"name": name}, "geometry": {
        "type": "Polygon", "coordinates": [[[x, 0], [x + 1, 0], [x + 1, 1], [x, 1], [x, 0]]]}}
        for x, name in enumerate(["Amber", "Birch", "Cedar", "Dune", "Ember"])]
    outlines = country.folder / "official.geojson"
    outlines.write_text(json.dumps({"type": "FeatureCollection", "features": squares}))
    with country.held():
        country.run("boundaries", outlines)
        country.run("template", "security", "-o", country.folder / "blank.xlsx")
    assert (country.folder / "data" / "boundaries" / "districts.geojson").exists()
    assert (country.folder / "blank.xlsx").exists()


def test_the_owner_opens_no_path_that_a_caller_names(owned, country, monkeypatch):
    """What a caller asks for is read and written where the caller is, also by a caller that speaks for itself."""
    opened = []
    monkeypatch.setattr(command_line, "_content", lambda file: opened.append(file) or b"")
    monkeypatch.setattr(command_line, "_write", lambda file, content: opened.append(file))
    for arguments in (["load", "/etc/passwd"], ["boundaries", "/etc/passwd"], ["watch", "/etc"], ["template", "security", "--filled", "-o", "/etc/written"]):
        line = door._line_to(owned)
        door._tell(line, protocol=1, arguments=arguments, election=door._fingerprint(country.election), sender="Somebody")
        said = []
        while (told := door._heard(line))["does"] not in ("end", "fail"):
            said.append(told.get("text", told["does"]))
            if told["does"] == "read":
                door._tell(line, kind="not_found", message="There is none.")
            if told["does"] == "write":
                line.recv_bytes()
        assert told["does"] == "end"
        assert arguments[0] not in ("boundaries", "watch") or said == ["This command needs no database and is run where it was given."]
        assert told["code"] == (0 if arguments[0] == "template" else 2)
    assert opened == []


def test_what_is_printed_comes_while_the_command_runs(owned, country):
    """The second file is asked for only after the first has been told of."""
    heard, asked = [], threading.Event()

    def content(file: Path) -> bytes:
        asked.set()
        heard.append(f"read {file}")
        return dros("N1", 2)

    terminal = door.Terminal(print=heard.append, say=heard.append, step=heard.append, content=content, write=lambda *_: None, confirm=lambda _: False, sender="A")
    assert answer(["load", "a.csv", "b.csv", *country.options], terminal) == 0
    assert heard[:4] == ["a.csv …", "read a.csv", "b.csv …", "read b.csv"] and "a.csv: loaded" in heard[4]


def test_a_question_is_asked_where_the_command_was_given(owned, country, monkeypatch):
    asked = []

    def terminal(answers: bool) -> door.Terminal:
        return door.Terminal(print=asked.append, say=asked.append, step=asked.append, content=lambda _: b"", write=lambda *_: None,
                         confirm=lambda question: asked.append(question) or answers, sender="A", can_ask=True)

    monkeypatch.setattr("loaders.example.clear", lambda store: asked.append("cleared"))
    monkeypatch.setattr(Store, "example_day", DAY)
    assert answer(["example", "clear", *country.options], terminal(False)) == 0
    assert answer(["example", "clear", *country.options], terminal(True)) == 0
    question = "Clear the example election away? This can't be undone. [y/N] "
    assert asked == [question, "Nothing was done.", question, "cleared", "The example election is cleared away."]


def test_many_callers_at_once_are_each_answered(country):
    Store(country.database, country.election).close()
    codes = []

    def load(number: int) -> None:
        file = country.folder / f"{number}.csv"
        file.write_bytes(dros("N1", 2, date(2024, 1, number)))
        asked = [sys.executable, "-m", "loaders", "load", str(file), "--by", f"Office {number}", *country.options]
        codes.append(subprocess.run(asked, cwd=ROOT, capture_output=True, check=False).returncode)

    with country.held():
        callers = [threading.Thread(target=load, args=(number,)) for number in range(1, 9)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        listed = json.loads(country.run("history", "--json"))
    assert codes == [0] * 8
    assert sorted(line["sender"] for line in listed) == [f"Office {number}" for number in range(1, 9)]


# Who gets in


def test_only_its_own_user_may_read_where_the_door_is(owned):
    assert stat.S_IMODE(owned.stat().st_mode) == 0o600
    assert [file.name for file in owned.parent.iterdir() if ".door" in file.name] == [owned.name]


def test_the_key_is_new_each_time_and_goes_with_its_door(country):
    store, keys = Store(country.database, country.election), set()
    for _ in range(3):
        with open_door(store, answer) as file:
            keys.add(address(file)[1])
        assert not file.exists()
    store.close()
    assert len(keys) == 3


def test_who_does_not_know_the_key_is_not_answered(owned, country, caplog):
    where, key = address(owned)
    with pytest.raises((AuthenticationError, EOFError, OSError)):
        Client(where, authkey=bytes(32))
    until(lambda: "was not let in" in caplog.text)
    Client(where, authkey=key).close()
    assert country.run("history") == "" and country.said.err == "No submission yet.\n"


@pytest.mark.parametrize("garbage", [b"", b"GET / HTTP/1.1\r\n\r\n", bytes(10_000), b"\x7f\xff\xff\xff" * 100, b"\xff" * 64, b"\x00\x00\x00\x05abc"])
def test_garbage_at_the_door_brings_nothing_down(owned, country, garbage):
    where, _ = address(owned)
    for _ in range(40):  # more than are received at a time
        with socket.create_connection(where) as caller, suppress(OSError):
            caller.sendall(garbage)
    country.run("history")
    assert country.said.err == "No submission yet.\n"


@pytest.mark.parametrize("message", [
    b"garbage", b"[]", b"{}", b"[" * 100_000, b'{"protocol": 1, "arguments": "history"}', b'{"protocol": 1, "arguments": [1, {}]}', None])
def test_a_caller_who_knows_the_key_and_talks_garbage_brings_nothing_down(owned, country, message):
    where, key = address(owned)
    with Client(where, authkey=key) as line, suppress(OSError, EOFError):
        line.send_bytes(b" " * (door._MOST_SAID + 1) if message is None else message)
        line.recv_bytes()
    country.run("history")
    assert country.said.err == "No submission yet.\n"


def test_silent_callers_are_hung_up_on_and_keep_nobody_out(country):
    Store(country.database, country.election).close()
    with country.held():
        where, _ = address(door_file(country.database))
        silent = [socket.create_connection(where) for _ in range(door._CALLERS + 5)]
        try:
            silent[0].sendall(b"\x00")  # half a message
            country.run("history")
        finally:
            for one in silent:
                one.close()
    assert country.said.err == "No submission yet.\n"


def test_a_file_larger_than_may_be_sent_is_not_taken_in(owned, country, monkeypatch):
    monkeypatch.setattr(door, "_MOST_SENT", 1000)
    monkeypatch.setattr(command_line, "_content", lambda file: bytes(1001))
    country.run("load", "large.csv", code=2)
    assert "ended while it worked on this" in country.said.err
    country.run("history")
    assert country.said.err.endswith("No submission yet.\n")


def test_a_caller_who_hangs_up_leaves_nothing_half_done(owned, country):
    """The bytes are there, but whoever sent them is not: nothing was told to anybody, nothing is stored."""
    line = door._line_to(owned)
    door._tell(line, protocol=1, arguments=["load", "a.csv"], election=door._fingerprint(country.election), sender="A")
    assert [door._heard(line)["does"] for _ in range(2)] == ["say", "read"]
    line.close()
    country.run("history")
    assert country.said.err == "No submission yet.\n"


# When it fails


def test_what_fails_inside_is_told_with_a_reference_that_stands_in_the_log(owned, country, monkeypatch, caplog):
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a secret of the inside")

    monkeypatch.setattr("data.readiness.history", fail)
    with caplog.at_level(logging.ERROR, logger="readiness"):
        country.run("history", code=2)
    reference = country.said.err.rstrip().rstrip(".")[-6:]
    assert "The running dashboard failed at this." in country.said.err and "secret" not in country.said.err
    assert f"reference {reference}" in caplog.text and "a secret of the inside" in caplog.text
    assert json.loads(country.run("history", "--json", code=2))["error"]["kind"] == "store"


def test_an_owner_that_ends_in_the_middle_is_told(country):
    Store(country.database, country.election).close()

    def content(file: Path) -> bytes:
        process.kill()
        process.wait()
        return dros("N1", 2)

    said: list[str] = []
    terminal = door.Terminal(print=said.append, say=said.append, step=said.append, content=content, write=lambda *_: None, confirm=lambda _: False, sender="A")
    with country.held() as process:
        assert answer(["load", "a.csv", *country.options], terminal) == 2
    assert said[-1] == ("The dashboard, which holds the database, ended while it worked on this. "
                        "See `python -m loaders history` for whether it was stored.")


def test_the_file_of_an_owner_that_was_killed_confuses_nobody(country):
    Store(country.database, country.election).close()
    with country.held() as process:
        process.kill()
        process.wait()
    assert door_file(country.database).exists()
    country.run("history")
    assert country.said.err == "No submission yet.\n"
    with country.held():
        country.run("history")
    assert country.said.err == "No submission yet.\n"
    assert not [file for file in country.folder.iterdir() if file.name.startswith(f"{country.database.name}.door-")]


@pytest.mark.parametrize("left", ["", "garbage", "[]", '{"port": "x", "key": "00"}', '{"port": 70000, "key": "00"}', '{"port": 1, "key": "not hex"}'])
def test_what_is_no_door_is_passed_over(country, left):
    Store(country.database, country.election).close()
    door_file(country.database).write_text(left)
    country.run("history")
    assert country.said.err == "No submission yet.\n"


@pytest.mark.parametrize("says", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x00\x00\x00\x04nope"])
def test_a_strangers_program_at_the_port_of_a_killed_owner_gets_no_command(country, monkeypatch, says):
    monkeypatch.setattr(door, "_PROOF", 1.0)
    Store(country.database, country.election).close()
    heard = []
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        def receive() -> None:
            caller, _ = stranger.accept()
            caller.sendall(says)
            with suppress(OSError):
                heard.append(caller.recv(1000))

        thread = threading.Thread(target=receive)
        thread.start()
        door_file(country.database).write_text(json.dumps({"port": stranger.getsockname()[1], "key": "00" * 32}))
        country.run("history")
        thread.join()
    assert country.said.err == "No submission yet.\n"
    assert b"history" not in b"".join(heard)


def test_a_command_waits_for_another_that_is_about_to_end(country, monkeypatch):
    Store(country.database, country.election).close()
    with child("-c", f"import duckdb; held = duckdb.connect({str(country.database)!r}); print('held', flush=True); input()") as process:
        process.stdout.readline()
        monkeypatch.setattr(door, "PATIENCE", 0.0)
        country.run("history", code=2)
        assert "is in use by another process that takes no commands" in country.said.err
        monkeypatch.setattr(door, "PATIENCE", 60.0)
        threading.Timer(0.5, process.kill).start()
        country.run("history")
    assert country.said.err == "No submission yet.\n"


def test_another_election_than_that_of_the_owner_is_not_answered_for(country):
    Store(country.database, country.election).close()
    told = country.folder / "election.toml"
    with country.held():
        told.write_text(told.read_text().replace("behind = 0.10", "behind = 0.20"))
        country.run("figures", "--level", "national", code=2)
    assert "was started with another election" in country.said.err


# The dashboard itself


def test_while_the_dashboard_runs_the_command_line_works_and_the_dashboard_shows_what_it_did(country):
    environment = {"READINESS_DB": str(country.database), "READINESS_ELECTION": str(country.folder / "election.toml")}
    file = country.folder / "security.csv"
    file.write_bytes(sheet("security", [security(district, personnel=(40, 100)) for district in ("N1", "N2", "N3", "S1", "S2")], DAY))

    def run(*arguments: object) -> str:
        asked = [sys.executable, "-m", "loaders", *map(str, arguments)]
        return subprocess.run(asked, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=True).stdout

    def figures() -> str:
        return run("figures", "--level", "district", "--as-of", DAY)

    with served(country.database, **environment):
        before = figures()
        assert "loaded as" in run("load", file)
        after = figures()
        assert ",SE3,40,100,0.4," in after and ",SE3,40,100,0.4," not in before
        # The database is the dashboard's: nothing of this was done beside it.
        with pytest.raises(duckdb.IOException, match="lock"):
            duckdb.connect(str(country.database))
    assert not door_file(country.database).exists()
    assert figures() == after
