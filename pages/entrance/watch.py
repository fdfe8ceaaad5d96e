"""The watch over the open pages, all of them together: each is closed soon after its session ends, and when a session was used is noted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime

from data import accounts, sessions
from data.database import StoreError
from data.sessions import Session
from data.store import Store, now

LOOKS_EVERY = 1.0  # seconds: how soon an open page is cut off once its session has ended
_LOG = logging.getLogger("readiness")


class Page:
    """One open page and its session, None where nobody has an account. `ended` is set when it is cut off."""

    def __init__(self, session: Session | None, close: Callable[[], Awaitable[None]]) -> None:
        self.session, self.ended, self._close = session, asyncio.Event(), close
        self.used_at: datetime | None = None

    def use(self) -> None:
        """Its reader has done something."""
        self.used_at = now()

    async def end(self) -> None:
        self.ended.set()
        with suppress(RuntimeError):  # it may have been closed in this moment by the other side
            await self._close()


class Watch:
    """Looks once a second, for however many pages are open, which sessions still last."""

    def __init__(self, store: Store) -> None:
        self._store, self._pages = store, set[Page]()
        self._tasks = set[asyncio.Task[None]]()
        self._looking: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def over(self, session: Session | None, close: Callable[[], Awaitable[None]]) -> AsyncIterator[Page]:
        """Watches over a page while the block lasts; it is closed by `close` when its session has ended."""
        page = Page(session, close)
        self._pages.add(page)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            yield page
        finally:
            self._pages.discard(page)

    async def _look(self) -> None:
        noting: asyncio.Task[None] | None = None
        while self._pages:
            if noting is None or noting.done():
                used = {page.session.id: page.used_at for page in self._pages if page.session and page.used_at}
                noting = asyncio.create_task(asyncio.to_thread(self._note, used)) if used else None
            try:
                over = await asyncio.to_thread(self._over, tuple(self._pages))
            except Exception:
                _LOG.exception("it can't be told which sessions last: the open pages were closed")
                over = tuple(self._pages)
            for page in over:
                self._pages.discard(page)
                closing = asyncio.create_task(page.end())  # one that can't be reached keeps no other open
                self._tasks.add(closing)
                closing.add_done_callback(self._tasks.discard)
            await asyncio.sleep(LOOKS_EVERY)

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
