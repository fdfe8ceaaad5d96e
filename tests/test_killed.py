"""Whatever is done to a store, in a file or shared, it may be killed at any moment: what was said to be done is done, nothing is half done, and
every file opens.

Each thing is killed some times here; `make crash` kills it hundreds of times.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from itertools import count
from pathlib import Path

import pytest

from benchmarks.postgres import Postgres, serving
from data import audit, backups, copies, migrations
from data.database import Database, Embedded, Shared
from data.election import Election
from data.migrations import LATEST
from data.store import Store
from loaders.door import patiently
from sheets_for import hand_in, sheet
from small_country import before, election_in
from test_backup import without
from test_crash import assert_whole, buildings, contents, days_held

ROOT = Path(__file__).parents[1]
CHILD = Path(__file__).with_name("killed_child.py")
KILLS = int(os.environ.get("KILLS", "3"))
EACH = {False: 4_000, True: 400}  # buildings of a district, in a shared store fewer: what is done takes long enough to be killed at
EARLIER = 13  # the step of a version from which several steps lead to this one
_NUMBERS = count()


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with serving() as server:
        yield server


@pytest.fixture
def election(tmp_path) -> Election:
    return election_in(tmp_path)


@pytest.fixture(params=["embedded", "shared"])
def where(request, tmp_path, election, monkeypatch) -> Database:
    """A database, with a submission of 100 days before, of which the rows are many."""
    monkeypatch.setenv("READINESS_BACKUPS", str(tmp_path / "backups"))
    if request.param == "shared":
        found: Database = Shared(request.getfixturevalue("postgres").database(f"killed{next(_NUMBERS)}", tmp_path / "files").reached)
    else:
        found = Embedded(tmp_path / "store.duckdb")
    with closing(Store(found, election)) as store:
        hand_in(store, "repairs", buildings(EACH[found.is_shared], ready=1), before(100))
    return found


@pytest.fixture(params=["embedded", "shared"])
def earlier(request, tmp_path, election, monkeypatch) -> Callable[[], Database]:
    """Gives, as often as it is asked, a database as an earlier version has left it, with a submission."""
    monkeypatch.setenv("READINESS_BACKUPS", str(tmp_path / "backups"))
    first, files = f"earlier{next(_NUMBERS)}", tmp_path / "earlier"
    postgres = request.getfixturevalue("postgres") if request.param == "shared" else None
    with monkeypatch.context() as then:
        then.setattr(migrations, "_STEPS", {number: step for number, step in migrations._STEPS.items() if number <= EARLIER})
        with closing(Store(postgres.database(first, files, has_tables=False) if postgres else Embedded(tmp_path / first), election)) as store:
            hand_in(store, "repairs", buildings(20, ready=7), before(100))

    def copied() -> Database:
        name = f"killed{next(_NUMBERS)}"
        return postgres.copy(first, files, name, tmp_path / name) if postgres else Embedded(Path(shutil.copyfile(tmp_path / first, tmp_path / name)))

    return copied


class Child:
    """What is done by a process that is killed at it."""

    def __init__(self, where: Database, tmp_path: Path, what: str, like: Child | None = None) -> None:
        self._command = [sys.executable, str(CHILD), where.address, str(tmp_path / "election.toml"), what]
        self._whole = like._whole if like else 0.0

    def does(self, about: str = "") -> None:
        """Does it, and is not killed; how long that takes is remembered."""
        with self._begun(about) as process:
            begun = time.monotonic()
            assert process.stdout.read() == "done\nclosed\n"
            self._whole = time.monotonic() - begun

    def is_killed(self, number: int, about: str = "") -> bool:
        """Begins it and kills it: the first time at once, then at random moments, ever later; whether it had said that it was done."""
        with self._begun(about) as process:
            time.sleep(self._whole * (number + random.random()) / KILLS if number else 0)
            os.kill(process.pid, signal.SIGKILL)
            said = process.stdout.read()
        assert process.returncode in (0, -signal.SIGKILL)
        return "done" in said

    def _begun(self, about: str) -> subprocess.Popen[str]:
        process = subprocess.Popen([*self._command, about], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True)
        assert process.stdout.readline() == "begins\n"
        return process


def opened(where: Database, election: Election) -> closing[Store]:
    """The store, whole. The system may let go of a killed process's lock a moment after the process is gone; the program waits for that as well."""
    store = patiently(lambda: Store(where, election))
    assert_whole(store)
    assert audit.verified(store).broken is None
    return closing(store)


def test_a_commit(where, tmp_path, election):
    def file_of(day: date) -> str:
        path = tmp_path / f"{day}.csv"
        each = EACH[where.is_shared]
        path.write_bytes(sheet("repairs", buildings(each, ready=day.toordinal() % each), day))
        return str(path)

    child, held, interrupted = Child(where, tmp_path, "commit"), [before(100), before(99)], 0
    child.does(file_of(before(99)))
    for number in range(KILLS):
        day = before(98 - number)
        was_done = child.is_killed(number, file_of(day))
        with opened(where, election) as store:
            found = days_held(store)
        # Killed between the commit and the word of it, the store may hold what nobody was told of: whole, or not at all.
        assert found in ([[*held, day]] if was_done else [held, [*held, day]])
        interrupted += found == held
        held = found
    assert interrupted, "no kill came during a commit"
    with opened(where, election) as store:
        hand_in(store, "repairs", buildings(3, ready=1), before(1))
        assert days_held(store) == [*held, before(1)]


def test_a_withdrawal_and_a_restoring(where, tmp_path, election):
    with opened(where, election) as store:
        (submission,), = store.ask_rows("select submission::varchar from submissions", {})
    children = {"in_force": Child(where, tmp_path, "withdraw"), "withdrawn": Child(where, tmp_path, "restore")}
    state = "in_force"
    for _ in range(2):
        children[state].does(submission)
        state = "withdrawn" if state == "in_force" else "in_force"
    for number in range(KILLS):
        was_done = children[state].is_killed(number, submission)
        other = "withdrawn" if state == "in_force" else "in_force"
        with opened(where, election) as store:
            found, = store.ask_rows("select case state when 'withdrawn' then 'withdrawn' else 'in_force' end from ledger", {})
        assert found[0] in ([other] if was_done else [state, other])
        state = found[0]


def unchanged(where: Database, election: Election, *but: str) -> Callable[[], None]:
    """What asserts that a store holds what it holds now, `but` what is told of keeping it."""
    with opened(where, election) as store:
        standing = without(contents(store), *but)

    def is_so() -> None:
        with opened(where, election) as store:
            assert without(contents(store), *but) == standing
    return is_so


def test_a_backup(where, tmp_path, election):
    child, is_unchanged = Child(where, tmp_path, "back up"), unchanged(where, election, "audit", "settings")
    child.does()
    whole = 1
    for number in range(KILLS):
        whole += child.is_killed(number)
        is_unchanged()
        found = backups.taken(where)
        assert len(found) >= whole
        for file in found:
            copies.verify(file)
        whole = len(found)


def test_an_upgrade(earlier, tmp_path, election):
    def upgraded(where: Database) -> dict[str, list[tuple]]:
        with opened(where, election) as store:
            assert store.ask_rows("select max(number) from migrations", {}) == [(LATEST,)]
            return without(contents(store), "migrations")

    whole = earlier()
    child = Child(whole, tmp_path, "upgrade")
    child.does()
    standing, interrupted = upgraded(whole), 0
    for number in range(KILLS):
        where = earlier()
        was_done = Child(where, tmp_path, "upgrade", like=child).is_killed(number)
        interrupted += not was_done
        assert upgraded(where) == standing
    assert interrupted, "no kill came during an upgrade"


def test_a_tidying_up(where, tmp_path, election):
    child, is_unchanged = Child(where, tmp_path, "tidy up"), unchanged(where, election)
    for number in range(KILLS):
        child.is_killed(number)
        is_unchanged()
    child.does()
    is_unchanged()
