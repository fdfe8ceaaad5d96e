"""Several servers over one store: what one commits the other shows, two who write at once are both kept or one is told, and all of it outlives
whoever is killed."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from threading import Barrier

import duckdb
import pytest

from benchmarks.postgres import Postgres, serving
from data import accounts, audit, backups
from data import desk as desk_questions
from data import policy, readiness, sessions
from data.copies import CopyError
from data.database import Shared, StoreError, database, said
from data.domains import DOMAINS
from data.election import load
from data.scope import Scope
from data.store import Store
from loaders import desk, submissions
from loaders.submissions import Overtaken
from pages.watching import logs
from sheets_for import building, hand_in, sheet
from small_country import E_DAY, NORTH, SOUTH, before, election_in
from test_backup import signed_in
from test_crash import assert_whole, buildings, contents, days_held, no_file_larger_than

_NUMBERS = count()
HEARD_WITHIN = 5  # seconds


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with serving() as server:
        yield server


@pytest.fixture(autouse=True)
def backups_folder(tmp_path, monkeypatch) -> None:
    """A shared database has no folder beside which its backups would lie."""
    monkeypatch.setenv("READINESS_BACKUPS", str(tmp_path / "backups"))


@pytest.fixture
def election(tmp_path):
    return election_in(tmp_path)


@pytest.fixture
def shared(postgres: Postgres, tmp_path: Path) -> Shared:
    return postgres.database(f"store{next(_NUMBERS)}", tmp_path / "files")


@pytest.fixture
def one(shared, election) -> Iterator[Store]:
    with closing(Store(shared, election)) as opened:
        yield opened


@pytest.fixture
def other(one, shared, election) -> Iterator[Store]:
    with closing(Store(Shared(shared.reached), election)) as opened:
        yield opened


def soon(is_so: Callable[[], bool]) -> bool:
    until = time.monotonic() + HEARD_WITHIN
    while not is_so() and time.monotonic() < until:
        time.sleep(0.1)
    return is_so()


def done(store: Store) -> int | None:
    """How many of the country's buildings are ready, as a page shows it."""
    everything = Scope.everything(store.election.places)
    line, = (one for one in readiness.lines(store, everything, "national", days=(before(1),), domain="repairs") if one.indicator == "PS1")
    return line.done


# One commits, the other shows it


def test_a_commit_on_one_server_is_seen_on_the_other(one, other):
    assert done(other) is None
    hand_in(one, "repairs", buildings(4, ready=2), before(40))
    assert done(one) == 10
    assert soon(lambda: done(other) == 10)
    assert contents(one) == contents(other)


def test_who_signs_in_at_one_server_is_known_at_the_other_and_signed_out_at_both(one, other):
    assert sessions.found(other, "a secret of nobody") is None
    secret = signed_in(one)
    assert sessions.found(other, secret) is not None  # at once: a proxy may send the next request to another server
    sessions.end(other, sessions.found(other, secret), by="A keeper")
    assert soon(lambda: sessions.found(one, secret) is None)


def test_whom_a_provider_vouches_for_at_one_server_has_that_account_at_the_other(one, other):
    told = accounts.Account("", "ali", "Ali Khan", "provincial", (NORTH,), (), (), issuer="https://login.example.org", subject="42")
    first = accounts.vouched(one, told, by="Directory")
    assert soon(lambda: len(accounts.accounts(other)) == 1)
    assert accounts.vouched(other, told, by="Directory") == first
    assert accounts.vouched(other, replace(told, sees=(SOUTH,)), by="Directory").sees == (SOUTH,)


def test_sessions_and_accounts_make_no_server_forget_its_figures(one, other):
    hand_in(one, "repairs", buildings(4, ready=2), before(40))
    assert soon(lambda: done(other) == 10)
    asked: list[int] = []
    other.remember("a figure", lambda: asked.append(1))
    signed_in(one)
    assert soon(lambda: len(accounts.accounts(other)) == 1)
    other.remember("a figure", lambda: asked.append(1))
    assert asked == [1]


def test_what_lies_on_the_desk_of_one_server_is_seen_at_the_other_which_remembers_its_figures(one, other):
    hand_in(one, "repairs", buildings(4, ready=2), before(40))
    assert soon(lambda: done(other) == 10)
    everything, asked = Scope.everything(one.election.places), []
    other.remember("a figure", lambda: asked.append(1))
    id, = desk.lay(one, "a.csv", f"As of,{before(30):%d/%m/%Y}\nNothing,Known\n1,2\n".encode(), sender="An office", by="An analyst", may_submit=everything)
    assert soon(lambda: [entry.staged for entry in desk_questions.entries(other, everything)] == [id])
    desk.give_back(other, desk.look(other, everything, id, may_submit=everything), by="An analyst", may_submit=everything, reason="no")
    assert soon(lambda: desk_questions.entries(one, everything) == ())
    other.remember("a figure", lambda: asked.append(1))
    assert asked == [1]
    hand_in(one, "repairs", buildings(4, ready=3), before(20))
    assert soon(lambda: done(other) == 15)


def test_two_servers_that_start_at_once_make_the_tables_once(postgres, tmp_path, election):
    empty = postgres.database("from_nothing", tmp_path / "files", has_tables=False)
    with ThreadPoolExecutor(2) as apart:
        first, second = apart.map(lambda _: Store(empty, election), range(2))
    with closing(first), closing(second):
        hand_in(first, "repairs", buildings(4, ready=2), before(40))
        assert soon(lambda: done(second) == 10)
        assert_whole(second)


def test_a_database_that_is_made_is_told_where_its_files_lie_and_no_other_place_later(postgres, tmp_path, election):
    nowhere = Shared(postgres.database("without_files", tmp_path / "files", has_tables=False).reached)
    with pytest.raises(StoreError, match="READINESS_FILES must name the folder or bucket"):
        Store(nowhere, election)
    made = postgres.database("with_files", tmp_path / "files")
    with pytest.raises(StoreError, match="READINESS_FILES must name the folder or bucket"):
        Store(Shared(made.reached, f"{tmp_path}/elsewhere/"), election)


# Two write at once


def staged(store: Store, ready: int) -> submissions.Staged:
    return submissions.stage(store, f"{ready}.csv", sheet("repairs", buildings(4, ready=ready), before(40)), sender="A commission office")


def test_of_two_who_commit_the_same_districts_at_once_one_is_told_to_compare_again(one, other):
    both = [(one, staged(one, 1)), (other, staged(other, 3))]
    meet = Barrier(2)

    def commit(pair: tuple[Store, submissions.Staged]) -> str:
        meet.wait()
        try:
            return submissions.commit(*pair).submission
        except Overtaken as told:
            return f"overtaken by {', '.join(told.by)}"

    with ThreadPoolExecutor(2) as apart:
        first, second = sorted(apart.map(commit, both), key=lambda said: said.startswith("overtaken"))
    assert second == f"overtaken by {first}"
    assert_whole(one)
    assert len(days_held(one)) == 1


def test_of_two_who_commit_other_districts_at_once_both_are_kept(one, other):
    sheets = [(one, "N1"), (other, "S1")]
    meet = Barrier(2)

    def commit(pair: tuple[Store, str]) -> str:
        store, district = pair
        made = submissions.stage(store, f"{district}.csv", sheet("repairs", [building(district, f"{district}-{number}", "certified") for number in range(50)], before(40)), sender="An office")
        meet.wait()
        return submissions.commit(store, made).submission

    with ThreadPoolExecutor(2) as apart:
        assert len(set(apart.map(commit, sheets))) == 2
    assert_whole(other)
    assert len(days_held(other)) == 2


def test_the_audit_is_one_chain_however_many_write_at_once(one, other):
    def act(number: int) -> None:
        audit.write((one, other)[number % 2], f"Person {number % 4}", "viewed", number=number)

    with ThreadPoolExecutor(8) as apart:
        list(apart.map(act, range(60)))
    assert audit.verified(one).broken is None
    assert sorted(line.about["number"] for line in audit.lines(other, act="viewed")) == list(range(60))


def test_a_transaction_that_lost_its_turn_stores_nothing_and_says_so(one, other, monkeypatch):
    """As where the connection that held the turn was cut, and that of the transaction was not."""
    audit.write(one, "A keeper", "viewed", number=0)
    with pytest.raises(StoreError, match="Nothing was stored. Another server stored something at the same moment"), one.transaction() as cursor:
        audit.add(cursor, "A keeper", "viewed", number=1)
        postgres_turns = one.database.turn
        monkeypatch.setattr(Shared, "turn", lambda self, root: closing(one.cursor()))
        audit.write(other, "A keeper", "viewed", number=2)
        monkeypatch.setattr(Shared, "turn", postgres_turns)
    assert [line.about["number"] for line in audit.lines(one, act="viewed")] == [2, 0]
    assert audit.verified(one).broken is None


# PostgreSQL goes away, and comes back


def test_while_postgresql_is_gone_a_sentence_says_so_and_all_goes_on_when_it_is_back(tmp_path, election):
    with serving() as server, closing(Store(server.database("gone", tmp_path / "files"), election)) as store:
        hand_in(store, "repairs", buildings(4, ready=2), before(40))
        standing, waiting = contents(store), staged(store, 3)
        server.stop(signal.SIGQUIT)
        with pytest.raises(StoreError, match="PostgreSQL"):
            submissions.commit(store, waiting)
        with pytest.raises(StoreError, match="PostgreSQL"):
            staged(store, 1)
        with pytest.raises(StoreError, match="PostgreSQL"):
            store.ask_rows("select count(*) from submissions", {})
        server.start()
        assert soon(lambda: contents(store) == standing)
        submissions.commit(store, waiting)
        assert_whole(store)
        assert len(days_held(store)) == 2


def test_while_the_disk_of_the_files_is_full_nothing_is_half_stored_and_all_goes_on_when_there_is_room(one, other):
    hand_in(one, "repairs", buildings(4, ready=2), before(30))
    held = contents(other)
    with no_file_larger_than(100), pytest.raises(StoreError, match=r"Nothing was stored.* disk of PostgreSQL or of the files is full.* do this again"):
        hand_in(one, "repairs", buildings(1_500, ready=700), before(20))
    assert contents(one) == contents(other) == held
    hand_in(one, "repairs", buildings(1_500, ready=700), before(20))
    assert soon(lambda: done(other) == 5 * 700)
    assert_whole(other)


def test_while_the_disk_of_postgresql_is_full_nothing_is_half_stored_and_all_goes_on_when_there_is_room(tmp_path, election):
    """As many small files are handed in as there is room for."""
    with serving(wal_megabytes=1) as server, closing(Store(server.database("full", tmp_path / "files"), election)) as store:
        held, day = contents(store), 400
        server.stop(signal.SIGINT)
        server.start(largest_file=1_200_000)
        assert soon(lambda: contents(store) == held)
        with pytest.raises(StoreError, match=r"Nothing was stored.* disk of PostgreSQL or of the files is full.* do this again") as told:
            while day > 300:
                hand_in(store, "repairs", buildings(190, ready=100), before(day))
                held, day = contents(store), day - 1
        assert 300 < day < 399, "there was room for some of them"
        noted = logs.Json().format(logging.LogRecord("readiness", logging.ERROR, "", 0, "it failed", (), (StoreError, told.value, told.tb)))
        assert "TransactionException: " in noted and not any(one in noted for one in ("Primary", b"Primary".hex(), b"Primary".hex().upper()))
        assert contents(store) == held
        assert_whole(store)
        server.stop(signal.SIGINT)
        server.start()
        assert soon(lambda: contents(store) == held)
        hand_in(store, "repairs", buildings(190, ready=100), before(day))
        assert len(days_held(store)) == 400 - day + 1
        assert_whole(store)


@pytest.mark.parametrize(("end", "signs"), [
    ('": ERROR:  could not extend file "base/1/2": No space left on device\nDETAIL:  Failing row contains (Fatima Khan, 42).', "No space left on device, could not extend file"),
    ('": FATAL:  terminating connection due to administrator command', "terminating connection"),
    ('": server closed the connection unexpectedly\n\tbefore or while processing the request.', "server closed the connection"), ("", "")])
def test_what_a_database_says_of_a_failure_does_not_tell_what_was_to_be_written(end, signs):
    written = """insert into files values ('Fatima Khan": ERROR:  here", 'and: there')"""
    told = said(duckdb.TransactionException(f'TransactionContext Error: Failed to commit: Failed to execute query "{written}{end}'))
    assert told == f"TransactionContext Error: Failed to commit: Failed to execute: {signs}"
    assert said(duckdb.IOException("IO Error: Could not write")) == "IO Error: Could not write"


def test_a_store_that_can_not_be_reached_is_said_without_its_password(tmp_path, election):
    nowhere = database(f"ducklake:postgres:host={tmp_path} user=postgres password=very-secret dbname=nothing")
    with pytest.raises(StoreError, match="PostgreSQL does not answer there") as told:
        Store(nowhere, election)
    assert "very-secret" not in str(told.value) + repr(nowhere) + str(nowhere)
    assert str(database("ducklake:postgres:postgresql://me:very-secret@host/db")) == "ducklake:postgres:postgresql://host/db"


# Kept, moved, tidied up


def test_a_store_is_moved_to_the_shared_database_and_back(shared, election, tmp_path):
    path = tmp_path / "store.duckdb"
    with closing(Store(path, election)) as embedded:
        hand_in(embedded, "repairs", buildings(40, ready=2), before(40))
        signed_in(embedded)
        standing = contents(embedded)
    there = backups.move(database(str(path)), shared, election, by="A keeper")
    back = database(str(tmp_path / "back" / "store.duckdb"))
    again = backups.move(shared, back, election, by="A keeper")
    moves = {"audit", "sessions", "migrations"}
    assert {table: held for table, held in again.tables.items() if table not in moves} == {table: held for table, held in there.tables.items() if table not in moves}
    with closing(Store(back, election)) as embedded:
        assert_whole(embedded)
        assert {table: rows for table, rows in contents(embedded).items() if table not in moves} == {table: rows for table, rows in standing.items() if table not in moves}
        assert audit.verified(embedded).broken is None
    with pytest.raises(CopyError, match="holds something already"):
        backups.move(database(str(path)), shared, election, by="A keeper")


def test_a_backup_of_a_shared_store_is_restored_into_it(one, shared, election):
    hand_in(one, "repairs", buildings(4, ready=2), before(40))
    standing = contents(one)
    made = backups.take(one, by="A keeper")
    hand_in(one, "repairs", buildings(4, ready=3), before(30))
    backups.restore(made.file, Shared(shared.reached), election, by="A keeper")
    assert soon(lambda: done(one) == 10)
    held = contents(one)
    assert {table: rows for table, rows in held.items() if table not in ("audit", "settings")} == {table: rows for table, rows in standing.items() if table not in ("audit", "settings")}


def test_tidying_up_changes_nothing_that_is_held_and_leaves_fewer_files(one, other, tmp_path):
    for number in range(4):
        hand_in(one, "repairs", buildings(1_500, ready=number), before(40 - number))
    standing, files = contents(other), len(list((tmp_path / "files").rglob("*.parquet")))
    said = one.compact(timedelta(0))
    assert "is tidy" in said and files > 0
    assert contents(other) == contents(one) == standing
    hand_in(other, "repairs", buildings(4, ready=2), before(30))
    assert soon(lambda: done(one) == 10)
    assert_whole(one)


def test_what_was_handed_in_lies_in_a_file_of_its_own_and_not_in_postgresql(one, tmp_path):
    hand_in(one, "repairs", buildings(4, ready=2), before(30))
    held = dict(one.ask_rows("select table_name, file_count from ducklake_table_info('readiness')", {}))
    assert (held["files"], held["submissions"]) == (1, 0)  # the other rows are few, and wait in PostgreSQL to be tidied up
    assert len(list((tmp_path / "files" / "main" / "files").glob("*.parquet"))) == 1


# The policy


def test_a_policy_that_one_server_publishes_is_answered_by_on_the_other_and_written_into_its_file(shared, tmp_path, election):
    """Each server has a file of its own; one that was away when a newer version was published does not bring its old one back."""
    files = {}
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        election_in(tmp_path / name)
        files[name] = tmp_path / name / "election.toml"
    text = files["here"].read_text(encoding="utf-8")
    with closing(Store(shared, load(files["here"], DOMAINS))) as here, closing(Store(Shared(shared.reached), load(files["there"], DOMAINS))) as there:
        for store, file in ((here, files["here"]), (there, files["there"])):
            policy.keep(store, text, by="The operator")
            policy.follow(store, file)
        later = policy.edited(text, {"dates.e_day": E_DAY + timedelta(days=7)})
        policy.publish(here, files["here"], later, instead_of=text, by="A keeper")

        def is_followed() -> bool:
            policy.follow(there, files["there"])
            return there.election.e_day == E_DAY + timedelta(days=7)

        assert soon(is_followed)
        assert files["there"].read_text(encoding="utf-8") == later
        assert there.ask_rows("select max(day) from plan.line", {}) == [(E_DAY + timedelta(days=7),)]
        files["there"].write_text(text, encoding="utf-8")  # as on a server that was away
        assert not policy.keep(there, text, by="The operator")
        there.answers_by = ""
        assert is_followed()
        assert files["there"].read_text(encoding="utf-8") == later
        assert [one.known_by for one in policy.versions(there)] == ["A keeper", "The operator"]
