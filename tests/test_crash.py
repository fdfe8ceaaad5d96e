"""What is committed stays and nothing else is there: when a step fails, when the disk is full. When the process is killed: test_killed.py."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from data import audit
from data.database import StoreError, StoreInUse
from data.scope import Scope
from data.store import Store
from loaders import desk, submissions
from loaders.answers import Correction
from sheets_for import building, hand_in, sheet
from small_country import DISTRICTS, before, election_in

ROOT = Path(__file__).parents[1]
READY = ("certified", "alternative")


@pytest.fixture
def election(tmp_path):
    return election_in(tmp_path)


def buildings(each: int, ready: int) -> list[dict[str, Any]]:
    """So many buildings in each district, of which so many are ready."""
    return [building(district, f"{district}-{number}", READY[number % 2] if number < ready else "assessed")
            for district in DISTRICTS for number in range(each)]


def assert_whole(store: Store) -> None:
    """Each submission has all its parts and they agree; no part is without its submission."""
    parts = dict(store.ask_rows("""
        select s.submission::varchar, [
            s.row_count = (select count(*) from rows_repairs r where r.submission = s.submission),
            1 = (select count(*) from events e where e.submission = s.submission and e.kind = 'committed'),
            1 = (select count(*) from files f where f.sha256 = s.file_sha256 and f.size = octet_length(f.content))]
        from submissions s""", {}))
    assert all(all(agree) for agree in parts.values()), parts
    counted = """
        select submission, district, 'PS1' as indicator, count(*) filter (status in ('certified', 'alternative')) as done, count(*) as required
        from rows_repairs group by all"""
    figures = "select submission, district, indicator, done::bigint, required::bigint from figures where indicator = 'PS1'"
    covered = "select submission, district from covered"
    for one, other in (
        (counted, figures), (figures, counted), (covered, "select distinct submission, district from rows_repairs"),
        ("select distinct submission, district from rows_repairs", covered),
        ("select submission from rows_repairs union select submission from figures union select submission from covered "
         "union select submission from events union select submission from warnings", "select submission from submissions"),
        ("select sha256 from files", "select file_sha256 from submissions"),
    ):
        assert store.ask_rows(f"from ({one}) except from ({other})", {}) == []


def days_held(store: Store) -> list[date]:
    return [day for (day,) in store.ask_rows("select as_of from submissions order by as_of", {})]


def contents(store: Store) -> dict[str, list[tuple]]:
    """Every row of every table."""
    tables = [name for (name,) in store.ask_rows("select table_name from duckdb_tables() where database_name = 'readiness'", {})]
    return {table: store.ask_rows(f"from {table} order by all", {}) for table in tables}


# The file is damaged


def test_a_damaged_database_is_not_called_one_in_use(tmp_path, election):
    path = tmp_path / "store.duckdb"
    with closing(Store(path, election)) as store:
        hand_in(store, "repairs", buildings(4, ready=1), before(10))
    content = bytearray(path.read_bytes())
    for place in range(12_400, len(content), 4_096):
        content[place] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(StoreError, match="or it is damaged") as told:
        Store(path, election)
    # DuckDB's own words, "… in block at …", go to the log, and must not be read as those of a lock.
    assert not isinstance(told.value, StoreInUse)
    assert "checksum" in str(told.value.__cause__)


# A step fails


class FailingCursor:
    """A cursor of which one statement fails: the one of that number, counted from 0."""

    def __init__(self, cursor: Any, fails_at: int) -> None:
        self.cursor, self.left = cursor, fails_at

    def __getattr__(self, name: str) -> Any:
        return getattr(self.cursor, name)

    def execute(self, *asked: Any) -> Any:
        self.left -= 1
        if self.left < 0:
            raise RuntimeError("a step failed")
        return self.cursor.execute(*asked)


@pytest.fixture
def store(tmp_path, election):
    with closing(Store(tmp_path / "store.duckdb", election)) as opened:
        yield opened


def steps_until_done(store: Store, monkeypatch: pytest.MonkeyPatch, do: Callable[[], object]) -> int:
    """Has it fail at its first statement, its second and so on, and each time nothing be changed, until it is done; how often it failed."""
    standing, transaction, steps = contents(store), Store.transaction, 0
    while True:
        @contextmanager
        def failing(self: Store, fails_at: int = steps) -> Iterator[Any]:
            with transaction(self) as cursor:
                yield FailingCursor(cursor, fails_at)

        monkeypatch.setattr(Store, "transaction", failing)
        try:
            do()
            return steps
        except RuntimeError:
            steps += 1
            assert contents(store) == standing


def test_a_commit_that_fails_at_any_step_leaves_nothing(store, monkeypatch):
    hand_in(store, "repairs", buildings(3, ready=1), before(50))
    fewer = sheet("repairs", buildings(2, ready=2), before(40))  # of which the warning is that rows disappear
    staged = submissions.stage(store, "a.csv", fewer, sender="A commission office")
    assert staged.problems and not staged.blocked
    assert steps_until_done(store, monkeypatch, lambda: submissions.commit(store, staged)) >= 8
    assert_whole(store)
    assert days_held(store) == [before(50), before(40)]


def test_a_file_that_is_taken_in_part_from_the_desk_leaves_nothing_where_a_step_fails(store, monkeypatch):
    """Its rows, its corrections, the rows held back and its leaving the desk are one step."""
    everything = Scope.everything(store.election.places)
    held_back = {**building("N3", "C", "certified"), "certified_by": None}
    content = sheet("repairs", [building("N1", "A", "reported"), building("N2", "B", "reported"), held_back], before(40))
    id, = desk.lay(store, "a.csv", content, sender="A commission office", by="An analyst", may_submit=everything)
    looked = desk.look(store, everything, id, may_submit=everything)
    desk.settle(store, looked, looked.answers.corrected([Correction(3, "station_name", "Girls school")]), by="An analyst", may_submit=everything)
    looked = desk.look(store, everything, id, may_submit=everything)
    assert looked.staged.free == ("N1", "N2")
    standing = contents(store)
    assert steps_until_done(store, monkeypatch, lambda: desk.take(store, looked, by="An analyst", may_submit=Scope.everything(store.election.places), note="", only=looked.staged.free)) >= 11
    grown = {table for table, rows in contents(store).items() if rows != standing[table]}
    assert {"submissions", "events", "covered", "figures", "rows_repairs", "corrections", "rejected", "departures"} <= grown


# The disk is full


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """As on a full disk: no file of this process may grow beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize(("each", "folded_in"), [(1_000, "1GB"), (30_000, "1MB")], ids=["in the log", "in a checkpoint"])
def test_on_a_full_disk_a_sentence_says_so_and_the_store_goes_on_when_there_is_room(store, tmp_path, each, folded_in):
    with closing(store.cursor()) as cursor:
        cursor.execute(f"set global checkpoint_threshold = '{folded_in}'")
    hand_in(store, "repairs", buildings(3, ready=1), before(50))
    standing = contents(store)
    staged = submissions.stage(store, "a.csv", sheet("repairs", buildings(each, ready=2), before(40)), sender="A commission office")
    full = max(file.stat().st_size for file in tmp_path.iterdir())
    with no_file_larger_than(full), pytest.raises(StoreError, match=r"Nothing was stored.* disk is full.* Make room"):
        submissions.commit(store, staged)
    assert contents(store) == standing
    submissions.commit(store, staged)
    assert_whole(store)
    assert days_held(store) == [before(50), before(40)]


# Too little memory


def memory_of(store: Store, size: str) -> None:
    with closing(store.cursor()) as cursor:
        cursor.execute(f"set global memory_limit = '{size}'")


def test_with_too_little_memory_a_sentence_says_so_and_the_store_goes_on_when_there_is_more(store):
    hand_in(store, "repairs", buildings(3, ready=1), before(50))
    standing = contents(store)
    staged = submissions.stage(store, "a.csv", sheet("repairs", buildings(30_000, ready=2), before(40)), sender="A commission office")
    memory_of(store, "12MB")
    with pytest.raises(StoreError, match=r"Nothing was stored.* more memory"):
        submissions.commit(store, staged)
    with pytest.raises(StoreError, match="needs more memory .* give the program more"):
        store.ask("select list(a.range::varchar) from range(2_000_000) a", {})
    memory_of(store, "1GB")
    assert contents(store) == standing
    submissions.commit(store, staged)
    assert_whole(store)
    assert days_held(store) == [before(50), before(40)]


# A disk that can't be written to


@contextmanager
def somebody_else() -> Iterator[Path]:
    """A folder that this process may read and not write to: the administrator, who may write everywhere, becomes nobody for a while."""
    folder, me = Path(tempfile.mkdtemp(prefix="read-only-")), os.geteuid()
    folder.chmod(0o555)
    try:
        if me == 0:
            os.seteuid(65_534)
        yield folder
    finally:
        os.seteuid(me)
        folder.chmod(0o700)
        shutil.rmtree(folder)


@pytest.mark.parametrize("is_there", [False, True], ids=["none yet", "one that is read only"])
def test_a_database_on_a_disk_that_can_not_be_written_to_is_not_opened_and_not_touched(store, election, is_there):
    hand_in(store, "repairs", buildings(3, ready=1), before(50))
    store.close()
    with somebody_else() as folder:
        path = folder / "small.duckdb"
        if is_there:
            os.seteuid(0) if os.getuid() == 0 else folder.chmod(0o700)
            shutil.copyfile(store.database.path, path)
            path.chmod(0o444)
            os.seteuid(65_534) if os.getuid() == 0 else folder.chmod(0o555)
        held = path.read_bytes() if is_there else None
        with pytest.raises(StoreError, match="can't be opened: its disk or folder is read-only for this program"):
            Store(path, election)
        assert (path.read_bytes() if path.exists() else None) == held


# Two processes


IMPATIENT = "import sys; from loaders import door, __main__ as command_line; door.PATIENCE = 0.0; sys.exit(command_line.main(sys.argv[1:]))"


def test_a_second_process_is_told_that_the_store_is_in_use(store):
    """Its owner has no door here; that of one with a door is asked in test_door.py."""
    asked = [sys.executable, "-c", IMPATIENT, "history", "--database", str(store.database.path), "--election", str(store.database.path.with_name("election.toml"))]
    second = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    assert second.returncode == 2
    assert second.stderr.strip() == (
        f"{store.database.path} is in use by another process that takes no commands, such as an older dashboard or one of another user. "
        "Use that one, or stop it first.")
    hand_in(store, "repairs", buildings(3, ready=1), before(50))
    assert_whole(store)


def test_a_transaction_within_a_transaction_is_refused_and_the_outer_one_goes_on(store):
    with store.transaction() as cursor:
        audit.add(cursor, "A keeper", "viewed", number=1)
        with pytest.raises(RuntimeError, match="within a transaction"):
            audit.write(store, "A keeper", "viewed", number=2)
    with ThreadPoolExecutor(1) as apart:  # another thread waits for its turn instead
        with store.transaction() as cursor:
            waiting = apart.submit(audit.write, store, "A keeper", "viewed", number=3)
            audit.add(cursor, "A keeper", "viewed", number=2)
        waiting.result(60)
    assert [line.about["number"] for line in reversed(audit.lines(store, act="viewed"))] == [1, 2, 3]
