"""A database of any earlier version is opened, brought to this one, and holds what it held; before that, it is backed up."""

from __future__ import annotations

import gzip
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from data import accounts, audit, backups, copies, migrations, readiness
from data.database import StoreError
from data.migrations import LATEST
from data.scope import Scope
from data.store import Store
from loaders.door import patiently
from sheets_for import hand_in
from small_country import before, election_in
from test_backup import without
from test_crash import assert_whole, buildings, contents, days_held, no_file_larger_than

ROOT = Path(__file__).parents[1]
EARLIER = sorted((Path(__file__).parent / "databases").glob("step-*.duckdb.gz"))


@pytest.fixture
def election(tmp_path):
    return election_in(tmp_path)


@pytest.fixture(params=EARLIER, ids=lambda path: path.name.split(".")[0])
def earlier(request, tmp_path) -> Path:
    """A database that an earlier version wrote."""
    return unpacked(request.param, tmp_path)


@pytest.fixture
def oldest(tmp_path) -> Path:
    return unpacked(EARLIER[0], tmp_path)


def unpacked(packed: Path, folder: Path) -> Path:
    path = folder / "store.duckdb"
    with gzip.open(packed) as source, path.open("wb") as target:
        shutil.copyfileobj(source, target)
    return path


def step(path: Path) -> int:
    with duckdb.connect(str(path), read_only=True) as opened:
        return opened.execute("select max(number) from migrations").fetchone()[0]


def held(path: Path) -> dict[str, copies.Held]:
    """What a database holds, without a change of it."""
    with duckdb.connect() as root:
        root.execute(f"attach '{path}' as it (read_only)")
        return {table: copies.held(root, table, columns, "it") for table, columns in copies.columns_of(root, "it").items()}


def in_order(tables: dict[str, list[tuple]]) -> dict[str, list[tuple]]:
    """The same, with lists within a row in their order: in which one the districts of a file are listed is chance."""
    return {table: sorted((tuple(sorted(value) if isinstance(value, list) else value for value in row) for row in rows), key=str) for table, rows in tables.items()}


def ready_on(store: Store, days_before: int) -> tuple[int | None, int | None]:
    line, = (one for one in readiness.lines(store, Scope.everything(store.election.places), "national", days=(before(days_before),), domain="repairs") if one.indicator == "PS1")
    return line.done, line.required


def test_there_is_a_database_of_every_step_at_which_a_version_stood_and_of_the_last_but_one() -> None:
    steps = [int(path.name[5:8]) for path in EARLIER]
    assert steps[0] == 1 and steps[-1] == LATEST - 1


def test_it_is_opened_and_holds_what_it_held(earlier, election):
    had_accounts = step(earlier) >= 4
    with closing(Store(earlier, election)) as store:
        assert_whole(store)
        assert days_held(store) == [before(50), before(40), before(30)]
        # In each of the five districts three buildings: one ready, then two, which was withdrawn, then three.
        assert [ready_on(store, days) for days in (50, 40, 30)] == [(5, 15), (5, 15), (15, 15)]
        hand_in(store, "repairs", buildings(3, ready=2), before(20))
        assert ready_on(store, 20) == (10, 15)
        assert audit.verified(store).broken is None
        assert bool(accounts.signs_in(store, "keeper", "correct horse battery staple")) == had_accounts
    assert step(earlier) == LATEST


def test_an_upgraded_database_has_the_tables_of_a_new_one(earlier, election, tmp_path):
    Store(earlier, election).close()
    Store(tmp_path / "new.duckdb", election).close()
    with duckdb.connect() as root:
        root.execute(f"attach '{earlier}' as upgraded; attach '{tmp_path / 'new.duckdb'}' as fresh")
        upgraded, fresh = (copies.columns_of(root, name) for name in ("upgraded", "fresh"))
    assert {table: sorted(columns) for table, columns in upgraded.items()} == {table: sorted(columns) for table, columns in fresh.items()}


def test_it_is_backed_up_before(earlier, election):
    was, had = step(earlier), held(earlier)
    with closing(Store(earlier, election)) as store:
        made, = store.database.backups.glob("before-step-*.duckdb")
    told = copies.verify(made)
    assert (told.step, told.tables) == (was, had) and held(made) == had
    with closing(Store(earlier, election)) as store:  # once, not at every opening
        assert len(list(store.database.backups.glob("before-step-*.duckdb"))) == 1


def test_the_backup_before_it_brings_it_back(earlier, election):
    with closing(Store(earlier, election)) as store:
        upgraded = contents(store)
        made, = store.database.backups.glob("before-step-*.duckdb")
        hand_in(store, "repairs", buildings(3, ready=2), before(20))
    backups.restore(made, store.database, election, by="A keeper")
    with closing(Store(earlier, election)) as store:
        assert in_order(without(contents(store), "migrations", "audit")) == in_order(without(upgraded, "migrations", "audit"))


def test_where_there_is_no_room_for_the_backup_nothing_is_upgraded(oldest, election):
    had = held(oldest)
    with no_file_larger_than(100_000), pytest.raises(StoreError, match="No backup was taken.* disk is full"):
        Store(oldest, election)
    assert held(oldest) == had
    Store(oldest, election).close()
    assert step(oldest) == LATEST


def test_a_step_that_fails_leaves_the_database_at_the_step_before(oldest, election, monkeypatch, tmp_path):
    wrong = tmp_path / "004_wrong.sql"
    wrong.write_text("create table half (a integer); insert into nowhere values (1);")
    monkeypatch.setitem(migrations._STEPS, 4, wrong)
    with pytest.raises(duckdb.Error, match="nowhere"):
        Store(oldest, election)
    assert step(oldest) == 3 and "half" not in held(oldest)
    monkeypatch.undo()
    with closing(Store(oldest, election)) as store:
        assert_whole(store)


def test_a_database_of_a_newer_version_is_left_alone(tmp_path, election):
    path = tmp_path / "store.duckdb"
    Store(path, election).close()
    with duckdb.connect(str(path)) as newer:
        newer.execute(f"insert into migrations values ({LATEST + 1}, '999_of_tomorrow', now()::timestamp)")
    had = held(path)
    with pytest.raises(StoreError, match="changed by a newer version of this program"):
        Store(path, election)
    assert held(path) == had


def test_killed_at_any_moment_of_an_upgrade_it_is_finished_the_next_time(tmp_path, election):
    opened = "import sys; from pathlib import Path; from data.domains import DOMAINS; from data.election import load; from data.store import Store; print('begun', flush=True); Store(Path(sys.argv[1]), load(Path(sys.argv[2]), DOMAINS)).close()"
    for number in range(8):
        path = unpacked(EARLIER[0], tmp_path)
        with subprocess.Popen([sys.executable, "-c", opened, str(path), str(tmp_path / "election.toml")], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout.readline() == "begun\n"
            time.sleep(number * 0.06)
            process.send_signal(signal.SIGKILL)
        with closing(patiently(lambda: Store(path, election))) as store:
            assert_whole(store)
            assert days_held(store) == [before(50), before(40), before(30)]
        for left in tmp_path.glob("store.duckdb*"):
            left.unlink()
