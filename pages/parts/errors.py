"""What a page or a route says when it fails: one sentence, what is safe, what to do, and a reference. The details go to the log."""

from __future__ import annotations

import logging
from secrets import token_hex

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response

from pages.entrance import forms
from pages.entrance.guard import HEADERS
from pages.parts import marks
from pages.parts.words import say

_LOG = logging.getLogger("readiness")


def tell(error: Exception) -> bool:
    """Says on the page that it failed, under a reference that stands in the log beside the error. True: it has been said."""
    st.html(marks.banner("problem", say("page.problem", reference=_noted(error))))
    return True


async def answer(_: Request, error: Exception) -> Response:
    """The same for a route beside the pages, as its answer."""
    told = forms.page(title=say("page.failed"), about=say("page.problem", reference=_noted(error)), back=(say("entrance.to_dashboard"), "/"), status=500)
    # What fails is answered outside the guard, which gives every other answer its headers.
    told.raw_headers += HEADERS
    return told


def _noted(error: Exception) -> str:
    """The reference under which an error stands in the log."""
    reference = token_hex(3).upper()
    _LOG.error("it failed, reference %s: %r", reference, error)
    return reference
