"""The paper of a place at an address of its own, such as `/paper/paper-PK7-2026-11-19.pdf`: for whoever sees the whole of the place."""

from __future__ import annotations

import asyncio
import re
from datetime import date

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from data.sessions import Session
from data.store import Store
from pages.entrance.guard import PAPER, SESSION
from pages.entrance.tries import Seldom
from pages.papers import forms
from pages.parts import session
from pages.parts.words import say

_FILE = re.compile(rf"paper-([\w-]+)-(\d{{4}}-\d\d-\d\d)\.({'|'.join(forms.MAKERS)})")
_AT_ONCE = 2  # papers that are made: each takes a processor for a second or three


class Papers:
    """The route, over one store."""

    def __init__(self, store: Store) -> None:
        self._store, self._seldom, self._making = store, Seldom(store), asyncio.Semaphore(_AT_ONCE)

    @property
    def routes(self) -> list[Route]:
        """What the application serves beside its pages."""
        return [Route(f"{PAPER}{{file}}", self.paper, methods=["GET"])]

    async def paper(self, request: Request) -> Response:
        """GET a paper: the place, the day and the form by its name, `since` as the day before it since which changes are told."""
        opened: Session | None = request.scope[SESSION]
        viewer = session.viewer_of(self._store.election, opened.account) if opened else session.everybody(self._store.election.places)
        asked = self._asked(request.path_params["file"], request.query_params.get("since", ""))
        if asked is None:
            return PlainTextResponse(say("paper.not_there"), 404)
        place, on, form, since = asked
        try:
            async with self._making:
                content = await asyncio.to_thread(forms.make, self._store, viewer.scope, place, on, form, since=since)
        except PermissionError:
            await asyncio.to_thread(self._seldom.write, viewer.name, "refused", "paper", viewer.name, asked="paper", place=place)
            return PlainTextResponse(say("paper.not_there"), 404)
        return Response(content, media_type=forms.TYPES[form], headers={"content-disposition": f'attachment; filename="{forms.name_of(self._store.election.places[place], on, form)}"'})

    def _asked(self, file: str, since: str) -> tuple[str, date, str, date | None] | None:
        """Place, day, form and earlier day; None where there is no such paper."""
        told, places = _FILE.fullmatch(file), self._store.election.places
        try:
            on, before = date.fromisoformat(told[2]) if told else None, date.fromisoformat(since) if since else None
        except ValueError:
            return None
        is_there = on and told[1] in places and places[told[1]].level != "division" and 2000 <= on.year < 2100 and (before is None or before < on)
        return (told[1], on, told[3], before) if is_there else None
