"""That somebody has looked into the file of another is written down, once while they are signed in."""

from __future__ import annotations

import streamlit as st

from data import audit
from data.store import Store
from pages.parts.session import Viewer


def note(store: Store, viewer: Viewer, *, file: str, sender: str, by: str = "", submission: str = "", staged: str = "") -> None:
    """Writes down that the viewer looks into a file that somebody else sent or, by the name of `by`, laid down."""
    if not viewer.has_account or viewer.name in (sender, by):
        return
    seen: set[str] = st.session_state.setdefault("looked_into", set())
    if submission + staged not in seen:
        seen.add(submission + staged)
        audit.write(store, viewer.name, "viewed", file=file, sender=sender, submission=submission, staged=staged)
