"""The watch over the open pages, all of them together: each is closed soon after its session ends, and when a session was used is noted."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime

from data import accounts, sessions
from data.database import StoreError
from data.sessions import Session
from data.store import Store, now

LOOKS_EVERY = 1.0  # seconds: how soon an open page is cut off once its session has ended
NOTES_EVERY = 60.0  # seconds: to note which sessions are used is a commit, after which all is asked again that is known of sessions
_LOG = logging.getLogger("readiness")


class Page:
    """One open page and its session, None where nobody has an account. It `has_ended` when it is cut off."""

    def __init__(self, session: Session | None, used: dict[str, datetime], close: Callable[[], Awaitable[None]]) -> None:
        self.session, self.has_ended, self._used, self._close = session, False, used, close

    def use(self) -> None:
        """Its reader has done something."""
        if self.session:
            self._used[self.session.id] = now()

    async def end(self) -> None:
        self.has_ended = True
        with suppress(RuntimeError):  # it may have been closed in this moment by the other side
            await self._close()


class Watch:
    """Looks once a second, for however many pages are open, which sessions still last."""

    def __init__(self, store: Store) -> None:
        self._store, self._pages = store, set[Page]()
        self._used: dict[str, datetime] = {}  # since it was last noted, by session
        self._tasks = set[asyncio.Task[None]]()
        self._looking: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def over(self, session: Session | None, close: Callable[[], Awaitable[None]]) -> AsyncIterator[Page]:
        """Watches over a page while the block lasts; it is closed by `close` when its session has ended."""
        page = Page(session, self._used, close)
        self._pages.add(page)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            yield page
        finally:
            self._pages.discard(page)

    async def _look(self) -> None:
        noted = time.monotonic()
        while self._pages or self._used:  # what is left to note is noted in the same loop: a page that opens meanwhile is looked after
            if self._used and (not self._pages or time.monotonic() - noted >= NOTES_EVERY):
                noted = time.monotonic()
                self._keep(asyncio.create_task(asyncio.to_thread(self._note, self._taken())))
            try:
                over = await asyncio.to_thread(self._over, tuple(self._pages))
            except Exception:
                _LOG.exception("it can't be told which sessions last: the open pages were closed")
                over = tuple(self._pages)
            for page in over:
                self._pages.discard(page)
                self._keep(asyncio.create_task(page.end()))  # one that can't be reached keeps no other open
            await asyncio.sleep(LOOKS_EVERY)

    def _keep(self, task: asyncio.Task[None]) -> None:
        """Holds a task until it is done."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _taken(self) -> dict[str, datetime]:
        """What is to be noted, which from now on is noted."""
        taken = dict(self._used)
        self._used.clear()
        return taken

    def _over(self, pages: tuple[Page, ...]) -> list[Page]:
        """Those of the pages whose session does not last any more."""
        last = {session.id for session in sessions.good(self._store)}
        are_there = accounts.are_there(self._store)
        return [page for page in pages if (are_there if page.session is None else page.session.id not in last)]

    def _note(self, used: dict[str, datetime]) -> None:
        try:
            sessions.touch(self._store, used)
        except StoreError as error:
            _LOG.warning("it could not be noted which sessions are used: %s", error)
