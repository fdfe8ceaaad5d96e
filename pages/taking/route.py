"""A table at an address of its own, such as `/table/…/provinces-2026-11-19.csv`: for who sees by the scope in which it was drawn."""

from __future__ import annotations

import asyncio
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from data.sessions import Session
from data.store import Store
from pages.entrance.guard import SESSION, TABLE
from pages.parts import session
from pages.parts.tables import MAKERS
from pages.taking import kept
from pages.taking.kept import Taken

_AT_ONCE = 2  # tables that are made: a long one takes a processor for a while


class Tables:
    """The route, over one store."""

    def __init__(self, store: Store) -> None:
        self._store, self._making = store, asyncio.Semaphore(_AT_ONCE)

    @property
    def routes(self) -> list[Route]:
        """What the application serves beside its pages."""
        return [Route(f"{TABLE}{{id}}/{{file:path}}", self.table, methods=["GET"])]

    async def table(self, request: Request) -> Response:
        """GET a table in the form that the file's ending names. Where it is not kept, or not for whoever asks, the page is opened from which they came."""
        opened: Session | None = request.scope[SESSION]
        viewer = await asyncio.to_thread(session.viewer_of, self._store.election, opened.account) if opened else session.everybody(self._store.election.places)
        form = request.path_params["file"].rpartition(".")[2]
        table = kept.found(request.path_params["id"], viewer.scope, viewer.files)
        if table is None or form not in MAKERS:
            return RedirectResponse(_page(request), 303)
        async with self._making:
            content = await asyncio.to_thread(_made, table, form)
        return Response(content, media_type=MAKERS[form][1], headers={"content-disposition": f"attachment; filename*=utf-8''{quote(f'{table.name}.{form}', safe='')}"})


def _made(table: Taken, form: str) -> bytes:
    return MAKERS[form][0](table.frame())


def _page(request: Request) -> str:
    """The page of this program from which somebody came, by its path; the first page where that is not told."""
    try:
        came = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return "/"
    if came.netloc != request.headers.get("host") or came.path.startswith((TABLE, "//")):
        return "/"
    return f"{came.path or '/'}?{came.query}" if came.query else came.path or "/"
