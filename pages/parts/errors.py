"""What a page or a route says when it fails: one sentence, what is safe, what to do, and a reference. The details go to the log."""

from __future__ import annotations

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response

from pages.entrance import forms
from pages.entrance.guard import HEADERS
from pages.parts import marks
from pages.parts.words import say
from pages.watching import logs, runs


def tell(error: Exception) -> bool:
    """Says on the page that it failed, under a reference that stands in the log beside the error. True: it has been said."""
    page, viewer = st.session_state.get("page", "other"), st.session_state.get("pages_for")
    runs.failed(page)
    reference = logs.failed("a page failed", error, page=page, login=viewer.login if viewer else "")
    st.html(marks.banner("problem", say("page.problem", reference=reference)))
    return True


async def answer(request: Request, error: Exception) -> Response:
    """The same for a route beside the pages, as its answer."""
    reference = logs.failed("a route failed", error, **logs.of_call(request.scope, 500))
    told = forms.page(title=say("page.failed"), about=say("page.problem", reference=reference), back=(say("entrance.to_dashboard"), "/"), status=500)
    # What fails is answered outside the guard, which gives every other answer its headers.
    told.raw_headers += HEADERS
    return told
