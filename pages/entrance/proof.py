"""Whether somebody is who they say: by their password, by a code of their telephone. Guessing either is slowed, and written down."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from starlette.requests import Request

from data import accounts, audit, second_factor, sessions
from data.accounts import Account
from data.store import Store
from pages.entrance.begun import client
from pages.entrance.tries import Seldom, Tries

_AT_ONCE = 2  # passwords: each takes 64 MB and a fraction of a second


class TooMany(Exception):
    """Too much was tried of late: nothing is looked at before `wait` seconds are over."""

    def __init__(self, wait: int) -> None:
        super().__init__(f"wait {wait} seconds")
        self.wait = wait


class Proof:
    """What is tried, over one store. TooMany where it was too much."""

    def __init__(self, store: Store) -> None:
        self.store, self._tries, self._hashing, self._seldom = store, Tries(), asyncio.Semaphore(_AT_ONCE), Seldom(store)

    async def hashing(self, do: Callable[..., Any], *told: Any) -> Any:
        """Does something that hashes a password, as soon as others are through with theirs."""
        async with self._hashing:
            return await asyncio.to_thread(do, *told)

    async def password(self, request: Request, login: str, password: str) -> Account | None:
        """The account that a name and a password open."""
        login, place = login.strip().lower()[:64], client(request)
        is_known = await asyncio.to_thread(sessions.has_begun_from, self.store, login, place)
        with self._tries.one(login, place, is_known=is_known) as attempt:
            if attempt.wait:
                await asyncio.to_thread(self._note, login, place, "password", attempt.wait)
                raise TooMany(attempt.wait)
            account = await self.hashing(accounts.signs_in, self.store, login, password)
            attempt.is_right = account is not None
        if account is None:
            await asyncio.to_thread(self._note, login, place, "password")
        return account

    async def code(self, request: Request, account: Account, code: str) -> bool:
        """Whether this is a code of the account's telephone, good now and not used before."""
        place = client(request)
        is_known = await asyncio.to_thread(sessions.has_begun_from, self.store, account.login, place)
        with self._tries.one(account.login, place, is_known=is_known) as attempt:
            if attempt.wait:
                await asyncio.to_thread(self._note, account.login, place, "code", attempt.wait)
                raise TooMany(attempt.wait)
            attempt.is_right = await asyncio.to_thread(second_factor.passes, self.store, account, code)
        if not attempt.is_right:
            await asyncio.to_thread(self._note, account.login, place, "code")
        return attempt.is_right

    def no_link(self, place: str) -> None:
        """Writes down that somebody came with a link that is not good."""
        self._seldom.write("", "sign_in_failed", "link", place, by="link", address=place)

    def _note(self, login: str, place: str, by: str, wait: int = 0) -> None:
        """Writes a failure down: for an account that there is, by its name; else without what was typed, which may be a password.
        Who has to `wait`, for so many seconds, has not been looked at."""
        known = login if any(one.login == login for one in accounts.accounts(self.store)) else ""
        if wait:
            self._seldom.write("", "sign_in_failed", f"wait {known}", place, login=known, address=place, by=by, wait=wait)
        else:
            audit.write(self.store, "", "sign_in_failed", login=known, address=place, by=by)
