"""A part of a page that is drawn anew by itself when something in it is pressed, while all else stays as it is."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

import streamlit as st

from pages.parts import filters, session
from pages.parts.session import SignedOut


def alone(draw: Callable[[], None]) -> Callable[[], None]:
    """Has such a part drawn by that function. Where who looks, the policy or what could not be taken of the URL is another by now, the whole
    page is drawn anew."""
    seen = _seen()

    @st.fragment
    @wraps(draw)
    def drawn() -> None:
        filters.arrive()
        if _seen() != seen:
            st.rerun()
        draw()

    return drawn


def _seen() -> tuple[object, ...]:
    """What stands around every part. To ask who looks also says that somebody is there."""
    try:
        return session.viewer(), session.store().election, *filters.not_taken(st.session_state.get("page", ""))
    except SignedOut:
        return ()
