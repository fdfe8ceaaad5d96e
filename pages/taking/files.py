"""The file of a submission as it was sent, at an address of its own, such as `/file/019ac1b2-…`: for whoever may see it as a whole."""

from __future__ import annotations

import asyncio
from urllib.parse import quote
from uuid import UUID

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from data import readiness
from data.sessions import Session
from data.store import Store
from pages.entrance.guard import FILE, SESSION
from pages.entrance.tries import Seldom
from pages.parts import session
from pages.parts.words import say

_ANYTHING = "application/octet-stream"  # a stranger's file is for the disk, never for a browser to open


class Files:
    """The route, over one store."""

    def __init__(self, store: Store) -> None:
        self._store, self._seldom = store, Seldom(store)

    @property
    def routes(self) -> list[Route]:
        """What the application serves beside its pages."""
        return [Route(f"{FILE}{{submission}}", self.file, methods=["GET"])]

    async def file(self, request: Request) -> Response:
        """GET the file of a submission."""
        opened: Session | None = request.scope[SESSION]
        return await asyncio.to_thread(self._answer, opened, request.path_params["submission"])

    def _answer(self, opened: Session | None, told: str) -> Response:
        viewer = session.viewer_of(self._store.election, opened.account) if opened else session.everybody(self._store.election.places)
        try:
            submission = str(UUID(told))
        except ValueError:
            return PlainTextResponse(say("source.not_there"), 404)
        found = readiness.file_of(self._store, viewer.files, submission)
        if found is None:
            self._seldom.write(viewer.name, "refused", "file", viewer.name, asked="file", submission=submission)
            return PlainTextResponse(say("source.not_there"), 404)
        name, content = found
        return Response(content, media_type=_ANYTHING, headers={"content-disposition": f"attachment; filename*=utf-8''{quote(name, safe='')}"})
