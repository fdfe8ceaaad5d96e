"""Tokens: made by who may do what they are for, shown once, narrower than their account or as wide, over when it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from data import accounts, audit, sessions, tokens
from data.accounts import Account, AccountError
from data.scope import Scope
from data.store import Store, now

SINDH, PUNJAB = "PK7", "PK6"
PASSWORD = "seven quiet lamps by the canal"


@pytest.fixture
def analyst(store: Store) -> Account:
    made = accounts.make(store, Account("", "ana", "Analyst of Sindh", "analyst", (SINDH,), (SINDH,), ("repairs",)), by="The operator")
    return accounts.choose_password(store, accounts.invite(store, made.id, by="The operator"), PASSWORD)


def test_a_token_is_found_by_its_secret_alone_and_only_its_digest_is_kept(store: Store, analyst: Account) -> None:
    secret = tokens.make(store, analyst, name="Power BI", may=("figures",), days=30)
    found = tokens.found(store, secret)
    assert (found.account, found.name, found.may, found.place, found.used_at) == (analyst, "Power BI", ("figures",), "PK", None)
    assert tokens.found(store, secret[:-1]) is tokens.found(store, found.id) is tokens.found(store, "") is None
    assert secret.startswith(tokens.PREFIX) and len(secret) > 50
    kept = "".join(str(row) for table in ("tokens", "audit") for row in store.ask_rows(f"select * from {table}", {}))
    assert secret not in kept and secret.removeprefix(tokens.PREFIX) not in kept


@pytest.mark.parametrize(("wrong", "says"), [
    ({"name": "x"}, "2 to 80 characters"), ({"name": "a\u202eb"}, "2 to 80 characters"), ({"may": ()}, "something that may be done"), ({"may": ("metrics",)}, "its account may do"),
    ({"may": ("everything",)}, "its account may do"), ({"days": 0}, "1 to 366 days"), ({"days": 367}, "1 to 366 days"), ({"place": PUNJAB}, "sees nothing of Punjab"),
    ({"place": "PK999"}, "no place PK999")])
def test_a_token_that_can_not_be_is_not_made(store: Store, analyst: Account, wrong: dict[str, object], says: str) -> None:
    with pytest.raises(AccountError, match=says):
        tokens.make(store, analyst, **{"name": "Power BI", "may": ("figures",), "days": 30} | wrong)
    assert tokens.good(store) == () and not audit.lines(store, act="token_made")


def test_a_token_of_whom_a_provider_is_asked_only_at_the_sign_in_lasts_a_month(store: Store) -> None:
    told = accounts.vouched(store, Account("", "ali", "Ali Khan", "provincial", (SINDH,), (), (), issuer="https://login.example.org", subject="42"), by="Directory")
    with pytest.raises(AccountError, match="1 to 31 days"):
        tokens.make(store, told, name="Power BI", may=("figures",), days=32)
    assert tokens.make(store, told, name="Power BI", may=("figures",), days=31)


def test_what_a_token_can_be_for_follows_from_the_account(store: Store) -> None:
    def possible(role: str, sees: tuple[str, ...], submits: tuple[str, ...] = ()) -> tuple[str, ...]:
        return tokens.possible(Account("", "", "", role, sees, submits, ()))
    assert possible("commission", ("PK",)) == ("figures",)
    assert possible("analyst", (SINDH,), (SINDH,)) == ("figures", "submissions")
    assert possible("administrator", ()) == ("metrics",)


def test_a_token_sees_no_more_than_its_account_sees_now(store: Store, analyst: Account) -> None:
    secret = tokens.make(store, analyst, name="Power BI", may=("figures",), days=30)
    assert tokens.scope_to_see(store, tokens.found(store, secret)) == accounts.scope_of(store.election, (SINDH,))
    accounts.change(store, analyst, replace(analyst, sees=("PK712",), submits=()), by="The operator")
    assert tokens.scope_to_see(store, tokens.found(store, secret)).districts == {"PK712"}
    narrow = tokens.make(store, accounts.account(store, analyst.id), name="One district", may=("figures",), days=1, place="PK712")
    accounts.change(store, accounts.account(store, analyst.id), replace(analyst, sees=(PUNJAB,), submits=()), by="The operator")
    assert tokens.scope_to_see(store, tokens.found(store, narrow)).districts == frozenset()


@pytest.mark.parametrize("how", ["ended", "expired", "disabled", "new password"])
def test_a_token_that_is_over_opens_nothing(store: Store, analyst: Account, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    secret = tokens.make(store, analyst, name="Power BI", may=("figures",), days=30)
    match how:
        case "ended":
            tokens.end(store, tokens.found(store, secret), by="The operator")
        case "expired":
            later = now() + timedelta(days=30, seconds=1)
            monkeypatch.setattr(tokens, "now", lambda: later)
        case "disabled":
            disabled = accounts.change(store, analyst, replace(analyst, is_disabled=True), by="The operator")
            accounts.change(store, disabled, replace(disabled, is_disabled=False), by="The operator")  # which does not bring it back
        case "new password":
            accounts.choose_password(store, accounts.invite(store, analyst.id, by="The operator"), PASSWORD + " again")
    assert tokens.found(store, secret) is None and tokens.good(store) == ()
    assert len(audit.lines(store, act="token_ended")) == (how != "expired")
    assert audit.verified(store).broken is None


def test_a_token_of_a_place_that_is_gone_sees_and_submits_nothing(store: Store, analyst: Account) -> None:
    secret = tokens.make(store, analyst, name="Power BI", may=("figures",), days=1)
    with store.transaction(of="door") as cursor:
        cursor.execute("update tokens set place = 'PK999'")
    token = tokens.found(store, secret)
    assert tokens.scope_to_see(store, token) == tokens.within(store, token, Scope.everything(store.election.places)) == Scope(frozenset())


def test_an_account_has_twenty_tokens_at_most(store: Store, analyst: Account) -> None:
    for number in range(20):
        tokens.make(store, analyst, name=f"Program {number}", may=("figures",), days=1)
    with pytest.raises(AccountError, match="at most 20 tokens"):
        tokens.make(store, analyst, name="One more", may=("figures",), days=1)
    tokens.end(store, tokens.good(store)[0], by=analyst.name)
    assert tokens.make(store, analyst, name="One more", may=("figures",), days=1)


def test_a_session_that_has_ended_makes_no_token(store: Store, analyst: Account) -> None:
    sessions.begin(store, accounts.signs_in(store, "ana", PASSWORD), address="127.0.0.1", browser="")
    session, = sessions.good(store)
    assert tokens.make(store, analyst, name="Power BI", may=("figures",), days=1, session=session.id)
    sessions.end(store, session, by=analyst.name)
    with pytest.raises(AccountError, match="signed out"):
        tokens.make(store, analyst, name="Power BI", may=("figures",), days=1, session=session.id)


def test_an_account_out_of_use_makes_no_token(store: Store, analyst: Account) -> None:
    accounts.change(store, analyst, replace(analyst, is_disabled=True), by="The operator")
    with pytest.raises(AccountError, match="out of use"):
        tokens.make(store, analyst, name="Power BI", may=("figures",), days=1)
