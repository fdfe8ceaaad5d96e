"""Accounts, passwords and sessions: what may be made of them, and when a session ends by itself."""

from __future__ import annotations

import resource
import signal
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta

import duckdb
import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from data import accounts, audit, health, passwords, sessions, store as stored
from data.accounts import Account, AccountError
from data.database import StoreError
from data.store import Store

GOOD = "lamp river forty cactus"
BY = "The operator"
KEEPER = Account("", "keeper", "Keeper of accounts", "administrator", (), (), ())
ANALYST = Account("", "Analyst@Sindh ", "  Analyst  of Sindh ", "analyst", ("PK7",), ("PK708",), ("security", "repairs"))


def joined(store: Store, wanted: Account) -> Account:
    return accounts.choose_password(store, accounts.invite(store, accounts.make(store, wanted, by=BY).id, by=BY), GOOD)


def begun(store: Store, account: Account) -> str | None:
    return sessions.begin(store, accounts.signs_in(store, account.login, GOOD), address="203.0.113.9", browser="A browser")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Puts the clock forward."""
    moment = [datetime(2026, 11, 26, 9)]

    def forward(by: timedelta) -> None:
        moment[0] += by

    for module in (accounts, audit, sessions, stored):
        monkeypatch.setattr(module, "now", lambda: moment[0])
    return forward


def test_an_account_is_kept_as_it_was_wanted_with_its_texts_trimmed(store: Store) -> None:
    made = accounts.make(store, ANALYST, by=BY)
    assert accounts.accounts(store) == (made,)
    assert (made.login, made.name, made.domains) == ("analyst@sindh", "Analyst of Sindh", ("repairs", "security"))
    assert accounts.account(store, made.id) == made and accounts.are_there(store)


@pytest.mark.parametrize(("wrong", "sentence"), [
    ({"role": "king"}, "There is no role king. The roles are commission, provincial, district, analyst, administrator."),
    ({"login": "a"}, "A sign-in name has 2 to 64 small letters, digits, dots, dashes or @, and begins with a letter or digit."),
    ({"login": "an analyst"}, "A sign-in name has 2 to 64 small letters, digits, dots, dashes or @, and begins with a letter or digit."),
    ({"name": "\u202eA"}, "An account needs its person's or office's name, of 2 to 80 characters."),
    ({"sees": (), "submits": ()}, "The role analyst needs at least one place to see or to submit for."),
    ({"sees": ("PK999",)}, "There is no place PK999 in this election."),
    ({"domains": ("weather",)}, "There is no domain weather. The domains are appointments, repairs, training, security."),
    ({"domains": ()}, "Who submits needs at least one domain to submit for."),
    ({"role": "provincial", "sees": ("PK708",)}, "The role provincial is for places of the level province, and Jamshoro is a district."),
    ({"role": "district", "sees": ("PK7",)}, "The role district is for places of the level district, and Sindh is a province."),
])
def test_an_account_that_can_not_be_is_refused_with_the_reason(store: Store, wrong: dict[str, object], sentence: str) -> None:
    with pytest.raises(AccountError) as refused:
        accounts.make(store, replace(ANALYST, login="analyst", **wrong), by=BY) if "login" not in wrong else accounts.make(store, replace(ANALYST, **wrong), by=BY)
    assert str(refused.value) == sentence
    assert accounts.accounts(store) == () and audit.lines(store) == []


def test_a_role_gets_no_place_that_is_not_its_own(store: Store) -> None:
    made = accounts.make(store, Account("", "cec", "The commissioner", "commission", ("PK708",), ("PK708",), ("repairs",)), by=BY)
    assert (made.sees, made.submits, made.domains) == (("PK",), (), ())
    officer = accounts.make(store, Account("", "deo", "The officer", "district", ("PK708",), ("PK",), ("repairs",)), by=BY)
    assert (officer.sees, officer.submits) == (("PK708",), ("PK708",))


@pytest.mark.parametrize("second", [replace(KEEPER, name="Another"), replace(KEEPER, login="another", name="keeper of ACCOUNTS")])
def test_a_sign_in_name_and_a_name_stand_for_one_account(store: Store, second: Account) -> None:
    accounts.make(store, KEEPER, by=BY)
    with pytest.raises(AccountError):
        accounts.make(store, second, by=BY)
    assert len(accounts.accounts(store)) == 1


def test_a_name_that_somebody_has_borne_is_nobody_elses(store: Store) -> None:
    first = accounts.make(store, KEEPER, by=BY)
    accounts.change(store, first, replace(first, name="Renamed"), by=BY)
    with pytest.raises(AccountError, match="or has borne it"):
        accounts.make(store, replace(KEEPER, login="second"), by=BY)
    accounts.change(store, accounts.account(store, first.id), first, by=BY)  # but its own again


def test_a_link_is_good_once_until_another_is_made_and_for_three_days(store: Store, clock: Callable[[timedelta], None]) -> None:
    made = accounts.make(store, KEEPER, by=BY)
    first, second = accounts.invite(store, made.id, by=BY), accounts.invite(store, made.id, by=BY)
    assert accounts.invited(store, first) is None and accounts.invited(store, second) == made
    assert accounts.choose_password(store, second, GOOD).has_password
    with pytest.raises(AccountError, match="This link is no longer good"):
        accounts.choose_password(store, second, GOOD)
    third = accounts.invite(store, made.id, by=BY)
    clock(accounts.INVITED_FOR)
    assert accounts.invited(store, third) is None


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaaa", "password1234", "keeper of accounts", "General Election", "x" * 129])
def test_a_password_that_is_easily_guessed_is_refused_and_the_link_stays_good(store: Store, password: str) -> None:
    secret = accounts.invite(store, accounts.make(store, KEEPER, by=BY).id, by=BY)
    with pytest.raises(AccountError):
        accounts.choose_password(store, secret, password)
    assert accounts.invited(store, secret)


def test_only_the_right_name_and_password_of_an_account_in_use_sign_in(store: Store) -> None:
    account, other = joined(store, KEEPER), joined(store, replace(KEEPER, login="second", name="The second"))
    assert accounts.signs_in(store, " KEEPER ", GOOD) == account
    assert accounts.signs_in(store, "keeper", GOOD.upper()) is None and accounts.signs_in(store, "nobody", GOOD) is None
    accounts.change(store, account, replace(account, is_disabled=True), by=other.name)
    assert accounts.signs_in(store, "keeper", GOOD) is None
    accounts.make(store, replace(KEEPER, login="third", name="The third"), by=BY)
    assert accounts.signs_in(store, "third", "") is None


def test_what_is_kept_of_secrets_does_not_tell_them(store: Store) -> None:
    account = joined(store, KEEPER)
    link, cookie = accounts.invite(store, account.id, by=BY), begun(store, account)
    tables = [name for (name,) in store.ask_rows("select table_name from duckdb_tables() where database_name = 'readiness'", {})]
    kept = repr([store.ask_rows(f"from {table}", {}) for table in tables])
    assert "$argon2id$v=19$m=65536,t=3,p=4$" in kept
    assert [secret for secret in (GOOD, link, cookie) if secret in kept] == []
    assert passwords.hashed(GOOD) != passwords.hashed(GOOD)


def test_a_session_ends_when_it_is_idle_when_it_is_old_and_when_it_is_ended(store: Store, clock: Callable[[timedelta], None]) -> None:
    account = joined(store, KEEPER)
    secret = begun(store, account)
    for _ in range(11):
        clock(timedelta(minutes=59))
        sessions.touch(store, {sessions.found(store, secret).id: stored.now()})
    assert sessions.found(store, secret).account == account
    clock(timedelta(hours=1, minutes=11))
    assert sessions.found(store, secret) is None  # twelve hours after it began, however much it is used
    idle = begun(store, account)
    clock(sessions.IDLE)
    assert sessions.found(store, idle) is None
    ended = begun(store, account)
    assert [one.id for one in sessions.good(store)] == [sessions.found(store, ended).id]
    sessions.end(store, sessions.found(store, ended), by="Another keeper")
    assert sessions.found(store, ended) is None and sessions.found(store, "") is None
    assert audit.lines(store)[0].act == "session_ended"


@pytest.mark.parametrize("changed", [{"role": "commission"}, {"sees": ("PK708",), "submits": ("PK708",)}, {"is_disabled": True}, {"name": "Another name"}])
def test_who_is_changed_must_sign_in_again(store: Store, changed: dict[str, object]) -> None:
    account = joined(store, ANALYST)
    secrets = [begun(store, account), begun(store, account)]
    accounts.change(store, account, replace(account, **changed), by=BY)
    assert [sessions.found(store, secret) for secret in secrets] == [None, None]


def test_no_session_begins_with_a_password_that_was_replaced_or_an_account_that_was_put_out_of_use_meanwhile(store: Store) -> None:
    account, other = joined(store, KEEPER), joined(store, replace(KEEPER, login="second", name="The second"))
    tried = accounts.signs_in(store, "keeper", GOOD)
    accounts.choose_password(store, accounts.invite(store, account.id, by=BY), "window cactus seventy lamp")
    assert sessions.begin(store, tried, address="203.0.113.9", browser="") is None
    tried = accounts.signs_in(store, "keeper", "window cactus seventy lamp")
    accounts.change(store, account, replace(account, is_disabled=True), by=other.name)
    assert sessions.begin(store, tried, address="203.0.113.9", browser="") is None
    assert sessions.begin(store, account, address="203.0.113.9", browser="") is None
    assert sessions.good(store) == ()


def test_of_two_who_change_an_account_at_once_the_second_is_told(store: Store) -> None:
    seen = joined(store, ANALYST)
    accounts.change(store, seen, replace(seen, sees=("PK708",), submits=("PK708",)), by="The first")
    with pytest.raises(AccountError, match="Somebody else has changed Analyst of Sindh meanwhile"):
        accounts.change(store, seen, replace(seen, name="The analyst"), by="The second")
    assert accounts.account(store, seen.id).sees == ("PK708",)


def test_the_last_who_can_administer_stays(store: Store) -> None:
    account = joined(store, KEEPER)
    for changed in ({"is_disabled": True}, {"role": "commission"}):
        with pytest.raises(AccountError, match="only administrator who can sign in"):
            accounts.change(store, account, replace(account, **changed), by=BY)
    accounts.make(store, replace(KEEPER, login="new", name="New one"), by=BY)  # has no password yet
    with pytest.raises(AccountError, match="only administrator who can sign in"):
        accounts.change(store, account, replace(account, is_disabled=True), by=BY)


def test_nothing_of_accounts_makes_the_pages_forget_what_they_know(store: Store) -> None:
    asked: list[int] = []
    for _ in range(2):
        store.remember("a figure", lambda: asked.append(1))
        joined(store, replace(KEEPER, login=f"k{len(accounts.accounts(store))}", name=f"Keeper {len(accounts.accounts(store))}"))
    assert asked == [1]


@pytest.mark.of_a_file
def test_the_database_is_its_users_alone(store: Store) -> None:
    assert stat.S_IMODE(store.database.path.stat().st_mode) == 0o600


def test_an_account_of_a_place_that_is_gone_can_be_put_out_of_use(store: Store) -> None:
    made = joined(store, replace(ANALYST, login="gone", name="Of a place that is gone"))
    with store.transaction() as cursor:
        cursor.execute("update accounts set sees = ['PK999'], submits = [] where account = ?", [made.id])
    seen = accounts.account(store, made.id)
    with pytest.raises(AccountError, match="no place PK999"):
        accounts.change(store, seen, replace(seen, name="Another name"), by="Keeper")
    assert accounts.change(store, seen, replace(seen, is_disabled=True), by="Keeper").is_disabled


def test_a_password_that_was_hashed_by_weaker_settings_is_hashed_anew_when_it_is_used(store: Store) -> None:
    made = joined(store, replace(ANALYST, login="old", name="Of long ago"))
    weak = PasswordHash((Argon2Hasher(memory_cost=8_192, time_cost=1),)).hash(GOOD)
    with store.transaction() as cursor:
        cursor.execute("update accounts set password = ? where account = ?", [weak, made.id])
    for _ in range(2):
        found = accounts.signs_in(store, "old", GOOD)
        assert sessions.begin(store, found, address="", browser="")
        (kept,), = store.ask_rows("select password from accounts where account = $account", {"account": made.id})
        assert kept != weak and "m=65536" in kept
    assert accounts.signs_in(store, "old", GOOD + "x") is None


def test_an_account_has_twenty_sessions_at_most_and_the_oldest_end(store: Store) -> None:
    found = accounts.signs_in(store, joined(store, ANALYST).login, GOOD)
    begun = [sessions.begin(store, found, address="", browser="") for _ in range(22)]
    assert [secret for secret in begun if sessions.found(store, secret)] == begun[2:]


def test_a_store_that_is_closed_under_who_asks_is_opened_anew(store: Store) -> None:
    store._root.close()
    with ThreadPoolExecutor(8) as apart:
        assert list(apart.map(lambda _: health.answers(store), range(16))) == [True] * 16


@pytest.mark.of_a_file
def test_after_a_checkpoint_that_failed_the_store_answers_again(store: Store) -> None:
    with closing(store.cursor()) as cursor:
        cursor.execute("create table big as select range as a, hash(range)::varchar as b from range(200000)")
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (store.database.path.stat().st_size, before[1]))  # as on a full disk
        try:
            with pytest.raises(duckdb.Error):
                cursor.execute("checkpoint")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
            signal.signal(signal.SIGXFSZ, ignored)
        with pytest.raises(duckdb.Error, match="invalidated"):
            cursor.execute("select count(*) from big")
    with ThreadPoolExecutor(8) as apart:
        assert list(apart.map(lambda _: health.answers(store), range(16))) == [True] * 16


def test_a_store_that_was_closed_stays_so(store: Store) -> None:
    store.close()
    with pytest.raises(StoreError, match="was closed"):
        health.answers(store)


def test_who_asks_does_not_wait_for_who_writes(store: Store) -> None:
    with store.transaction() as cursor, ThreadPoolExecutor() as apart:
        cursor.execute("update accounts set name = name")
        assert apart.submit(health.answers, store).result(30) and apart.submit(accounts.accounts, store).result(30) == ()


def test_a_store_that_can_not_be_asked_says_so_in_a_sentence(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise duckdb.IOException("Could not read")

    monkeypatch.setattr(store, "ask_rows", fails)
    with pytest.raises(StoreError, match="can't be asked"):
        health.answers(store)
