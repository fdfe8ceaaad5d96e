"""A backup holds all that there was at one moment, says so, and brings it back; a database is moved row by row."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from threading import Event, Thread
from typing import Any

import duckdb
import pytest

from data import accounts, audit, backups, copies, sessions
from data.accounts import Account
from data.copies import CopyError
from data.database import Embedded
from data.store import Store
from loaders import submissions
from sheets_for import building, hand_in
from small_country import before, election_in
from test_crash import assert_whole, buildings, contents, no_file_larger_than

ROOT = Path(__file__).parents[1]
KEEPER = Account("", "keeper", "A keeper", "administrator", sees=(), submits=(), domains=())


@pytest.fixture
def election(tmp_path):
    return election_in(tmp_path)


@pytest.fixture
def store(tmp_path, election) -> Iterator[Store]:
    """A store with two submissions, of which one is withdrawn, and an account that is signed in."""
    with closing(Store(tmp_path / "store.duckdb", election)) as opened:
        hand_in(opened, "repairs", buildings(3, ready=1), before(50))
        other = hand_in(opened, "repairs", buildings(3, ready=2), before(40))
        submissions.withdraw(opened, other, by="An analyst", reason="It was last week's.")
        yield opened


def without(held: dict[str, list[tuple]], *tables: str) -> dict[str, list[tuple]]:
    return {table: rows for table, rows in held.items() if table not in tables}


def signed_in(store: Store) -> str:
    made = accounts.make(store, KEEPER, by="the command line")
    accounts.choose_password(store, accounts.invite(store, made.id, by="the command line"), "correct horse battery staple")
    return sessions.begin(store, accounts.signs_in(store, "keeper", "correct horse battery staple"), address="", browser="")


# Taking one


def test_a_backup_holds_every_row_of_every_table(store):
    standing = contents(store)
    made = backups.take(store, by="A keeper")
    with duckdb.connect(str(made.file), read_only=True) as copy:
        assert {table: sorted(copy.execute(f"from {table}").fetchall(), key=str) for table in standing} == {table: sorted(rows, key=str) for table, rows in standing.items()}
    assert {table: held.rows for table, held in made.tables.items()} == {table: len(rows) for table, rows in standing.items()}
    assert copies.verify(made.file) == made


def test_it_is_said_when_the_last_one_was_taken_and_who_took_it_stands_in_the_audit(store):
    assert backups.last_taken(store) is None
    made = backups.take(store, by="A keeper")
    assert backups.last_taken(store) == made.taken_at
    line = audit.lines(store, act="backed_up")[0]
    assert (line.who, line.about["file"], line.about["sha256"]) == ("A keeper", made.file.name, made.sha256)


def test_a_backup_is_of_one_moment_while_others_commit(store, election):
    """Each submission in a backup is whole, and those committed after it began are not in it."""
    stop, taken = Event(), []

    def commit() -> None:
        for number in range(1, 1000):
            hand_in(store, "repairs", [*buildings(5, ready=1), building("N1", f"X{number}", "certified")], before(39))
            if stop.is_set():
                return

    busy = Thread(target=commit)
    busy.start()
    try:
        for _ in range(3):
            taken.append(backups.take(store, by="A keeper"))
    finally:
        stop.set()
        busy.join()
    assert len({made.file for made in taken}) == 3
    for made in taken:
        with closing(Store(made.file, election)) as opened:
            assert_whole(opened)
            assert audit.verified(opened).broken is None


def test_a_backup_that_finds_no_room_leaves_nothing_behind_and_says_so(store):
    standing = contents(store)
    with no_file_larger_than(100_000), pytest.raises(CopyError, match="No backup was taken.* disk is full.* READINESS_BACKUPS"):
        backups.take(store, by="A keeper")
    assert list(store.database.backups.iterdir()) == []
    assert contents(store) == standing and backups.last_taken(store) is None
    backups.take(store, by="A keeper")


@pytest.mark.of_a_file
def test_a_disk_that_is_full_when_a_restored_file_is_closed_leaves_what_stood_there(store, election, tmp_path, monkeypatch):
    small = backups.take(store, by="A keeper").file
    hand_in(store, "repairs", buildings(300, ready=2), before(30))
    large = backups.take(store, by="A keeper").file
    other, fill = Embedded(tmp_path / "other" / "small.duckdb"), backups._fill
    backups.restore(small, other, election, by="A keeper")
    with closing(Store(other, election)) as opened:
        standing = contents(opened)
    with ExitStack() as full:

        def filled_up(part: Store, *told: Any, **more: Any) -> None:
            fill(part, *told, **more)
            full.enter_context(no_file_larger_than(part.database.path.stat().st_size))

        monkeypatch.setattr(backups, "_fill", filled_up)
        with pytest.raises(CopyError, match="Nothing was restored: .* disk is full. What stood there stands"):
            backups.restore(large, other, election, by="A keeper")
    monkeypatch.undo()
    assert sorted(file.name for file in other.path.parent.glob("*.duckdb*")) == ["small.duckdb"]
    with closing(Store(other, election)) as opened:
        assert contents(opened) == standing
    backups.restore(large, other, election, by="A keeper")
    with closing(Store(other, election)) as opened:
        assert contents(opened)["rows_repairs"] == contents(store)["rows_repairs"]


def test_all_but_the_newest_backups_can_be_removed(store):
    made = [backups.take(store, by="A keeper").file for _ in range(4)]
    assert backups.taken(store.database) == sorted(made, reverse=True)
    assert backups.prune(store.database, keep=2) == sorted(made)[1::-1]
    assert backups.taken(store.database) == sorted(made, reverse=True)[:2]
    assert not any(copies.manifest(file).exists() for file in sorted(made)[:2])


def test_its_files_are_their_users_alone(store):
    made = backups.take(store, by="A keeper")
    assert {file.stat().st_mode & 0o077 for file in (made.file, copies.manifest(made.file))} == {0}


# What is wrong with one


def other_sum(told: dict[str, Any]) -> None:
    told["tables"]["figures"][1] = "1"


def other_count(told: dict[str, Any]) -> None:
    told["tables"]["figures"][0] += 1


def a_table_less(told: dict[str, Any]) -> None:
    del told["tables"]["figures"]


@pytest.mark.parametrize("spoil", [other_sum, other_count, a_table_less])
def test_a_table_that_is_not_what_the_manifest_says_is_named(store, spoil):
    made = backups.take(store, by="A keeper")
    told = json.loads(copies.manifest(made.file).read_text())
    spoil(told)
    copies.manifest(made.file).write_text(json.dumps(told))
    with pytest.raises(CopyError, match="table figures"):
        copies.verify(made.file)


def test_a_backup_that_was_cut_off_changed_or_lost_its_manifest_is_refused(store, tmp_path, election):
    made = backups.take(store, by="A keeper")
    whole = made.file.read_bytes()
    standing = contents(store)
    store.close()
    for content in (whole[:-4096], whole[:20_000] + bytes([whole[20_000] ^ 1]) + whole[20_001:]):
        made.file.write_bytes(content)
        with pytest.raises(CopyError, match="cut off or changed"):
            backups.restore(made.file, store.database, election, by="A keeper")
    made.file.write_bytes(whole)
    for text in ("", "[]", "{}", '{"taken_at": 3}'):
        copies.manifest(made.file).write_text(text)
        with pytest.raises(CopyError, match="not a manifest"):
            backups.restore(made.file, store.database, election, by="A keeper")
    copies.manifest(made.file).unlink()
    with pytest.raises(CopyError, match="is not beside it"):
        backups.restore(made.file, store.database, election, by="A keeper")
    with pytest.raises(CopyError, match="There is no file"):
        backups.restore(tmp_path / "none.duckdb", store.database, election, by="A keeper")
    with closing(Store(store.database, election)) as again:
        assert contents(again) == standing


# Bringing it back


def test_what_is_restored_is_what_there_was_and_what_stood_there_is_kept(store, election):
    secret = signed_in(store)
    standing = contents(store)
    made = backups.take(store, by="A keeper")
    hand_in(store, "repairs", buildings(3, ready=3), before(30))
    later = contents(store)
    store.close()
    told, kept = backups.restore(made.file, store.database, election, by="A keeper")
    assert told == made
    with closing(Store(store.database, election)) as again:
        assert_whole(again)
        assert without(contents(again), "audit", "sessions", "migrations") == without(standing, "audit", "sessions", "migrations")
        assert audit.verified(again).broken is None
        assert [line.act for line in audit.lines(again, most=2)] == ["recovered", "signed_in"]
        assert sessions.found(again, secret) is None  # it may have been ended since
        assert accounts.signs_in(again, "keeper", "correct horse battery staple")
    with closing(Store(kept, election)) as before_it:
        assert contents(before_it) == later


def test_a_damaged_database_is_replaced_and_kept(store, election):
    made = backups.take(store, by="A keeper")
    standing = contents(store)
    store.close()
    store.database.path.write_bytes(b"nothing that DuckDB wrote")
    _, kept = backups.restore(made.file, store.database, election, by="A keeper")
    assert kept.read_bytes() == b"nothing that DuckDB wrote"
    with closing(Store(store.database, election)) as again:
        assert without(contents(again), "audit", "settings", "migrations") == without(standing, "audit", "settings", "migrations")


def test_it_is_restored_where_there_was_none(store, election, tmp_path):
    made = backups.take(store, by="A keeper")
    fresh = Embedded(tmp_path / "elsewhere" / "new.duckdb")
    assert backups.restore(made.file, fresh, election, by="A keeper")[1] is None
    with closing(Store(fresh, election)) as again:
        assert_whole(again)
    assert [path.name for path in fresh.path.parent.iterdir() if path.is_file()] == ["new.duckdb"]


def test_nothing_is_restored_over_a_database_that_somebody_has_open(store, election):
    made = backups.take(store, by="A keeper")
    standing = contents(store)
    asked = [sys.executable, "-m", "data", "restore", str(made.file), "--database", str(store.database), "--election", str(store.database.path.with_name("election.toml"))]
    second = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    assert second.returncode == 2 and "is in use by another process" in second.stderr
    assert contents(store) == standing


# Moving


def test_a_database_is_moved_into_an_empty_one_and_stays(store, election, tmp_path):
    signed_in(store)
    standing = contents(store)
    store.close()
    target = Embedded(tmp_path / "target" / "moved.duckdb")
    told = backups.move(store.database, target, election, by="A keeper")
    assert told.rows == sum(map(len, standing.values()))
    with closing(Store(target, election)) as moved, closing(Store(store.database, election)) as source:
        assert without(contents(moved), "audit", "sessions", "migrations") == without(standing, "audit", "sessions", "migrations")
        assert contents(source) == standing
    with pytest.raises(CopyError, match="holds something already"):
        backups.move(store.database, target, election, by="A keeper")
