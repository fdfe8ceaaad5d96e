"""Digests: where an account's daily alerts go, and what became of each. One is sent at most once: what may have arrived is not sent again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

import duckdb

from data import audit
from data.accounts import Account, AccountError, accounts
from data.store import Store, now

Channel = Literal["mail", "webhook"]
State = Literal["begun", "sent", "failed", "unknown"]
TRIES = 48  # of a digest that surely did not arrive, in a day
_GONE = timedelta(minutes=15)  # after which who began is taken to have ended in the middle
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")
LOOPBACK = ("127.0.0.1", "localhost", "::1")  # what this computer calls itself


@dataclass(frozen=True)
class Subscription:
    """That an account's digest goes to an address by a channel."""

    account: Account
    channel: Channel
    address: str

    @property
    def where(self) -> str:
        """The address as it may be told: of a webhook its host, for the rest may be its key."""
        return urlsplit(self.address).hostname or "" if self.channel == "webhook" else self.address


def subscriptions(store: Store) -> tuple[Subscription, ...]:
    """Those that stand, of accounts that are in use and see something, in the order of the accounts."""
    of = {(account, channel): address for account, channel, address in store.ask_rows("select account::varchar, channel, address from subscriptions order by set_at", {})}
    return tuple(Subscription(account, channel, of[account.id, channel]) for account in accounts(store) if not account.is_disabled and account.sees
                 for channel in ("mail", "webhook") if of.get((account.id, channel)))


def subscribe(store: Store, account: Account, channel: Channel, address: str, *, by: str) -> None:
    """Says where an account's digest goes by a channel; '' for nowhere. AccountError for an address that can't be one."""
    if address and channel == "mail" and not _ADDRESS.fullmatch(address):
        raise AccountError(f"“{address}” is not an e-mail address.")
    if address and channel == "webhook" and not _is_webhook(address):
        raise AccountError("This is no address that a digest may go to: it begins with https://, or with http:// on this computer, and bears no password and no other signs than an address has.")
    if account.is_disabled or not account.sees:
        raise AccountError(f"{account.name} is out of use, or sees no place: there would be nothing to tell.")
    with store.transaction(of="door") as cursor:
        cursor.execute("insert into subscriptions values (?, ?, ?, ?, ?)", [account.id, channel, address, now(), by])
        audit.add(cursor, by, "subscribed", name=account.name, kind=channel, text=Subscription(account, channel, address).where)


def _is_webhook(address: str) -> bool:
    try:
        told = urlsplit(address)
        port = told.port  # ValueError for one that is none
    except ValueError:
        return False
    is_near = told.scheme == "http" and told.hostname in LOOPBACK
    return bool(told.hostname) and port != 0 and (told.scheme == "https" or is_near) and not told.username and address.isascii() and address.isprintable() and " " not in address


def begin(store: Store, one: Subscription, day: date) -> bool:
    """Begins the digest of a day, if it was not begun or surely did not arrive: then whoever began it, and nobody else, sends it. Of one that was
    begun and never ended it is noted that it may have arrived."""
    with store.transaction(of="door") as cursor:
        rows = cursor.execute("select state, noted_at from digests where account = ?::uuid and channel = ? and day = ? order by noted_at", [one.account.id, one.channel, day]).fetchall()
        state, at = rows[-1] if rows else ("failed", None)
        if state == "begun" and at is not None and now() - at > _GONE:
            _note(cursor, one, day, "unknown", "whoever sent it ended in the middle")
        may = state == "failed" and sum(each == "begun" for each, _ in rows) < TRIES
        if may:
            _note(cursor, one, day, "begun", "")
        return may


def is_given_up(store: Store, one: Subscription, day: date) -> bool:
    """Whether a digest of a day was tried as often as it may be, and never arrived."""
    rows = store.ask_rows("select state from digests where account = $account::uuid and channel = $channel and day = $day order by noted_at",
                          {"account": one.account.id, "channel": one.channel, "day": day})
    return bool(rows) and rows[-1] == ("failed",) and rows.count(("begun",)) >= TRIES


def end(store: Store, one: Subscription, day: date, state: State, about: str = "") -> None:
    """Notes what became of a digest that was begun."""
    with store.transaction(of="door") as cursor:
        _note(cursor, one, day, state, about[:500])
        if state != "failed":
            audit.add(cursor, one.account.name, "digest", kind=one.channel, text=f"{day}: {state}")


def _note(cursor: duckdb.DuckDBPyConnection, one: Subscription, day: date, state: State, about: str) -> None:
    cursor.execute("insert into digests values (?, ?, ?, ?, ?, ?)", [one.account.id, one.channel, day, state, now(), about])


def states(store: Store, day: date) -> Iterator[tuple[str, str, State, datetime, str]]:
    """What became last of each digest of a day: account's id, channel, state, when (UTC), what there is to say."""
    yield from store.ask_rows("""
        select account::varchar, channel, state, noted_at, about from digests where day = $day
        qualify row_number() over (partition by account, channel order by noted_at desc) = 1
        order by all""", {"day": day})
