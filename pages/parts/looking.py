"""That somebody has looked into the file of another, or asked for a place that is not theirs, is written down: once while a page is open."""

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


def refused(store: Store, viewer: Viewer, page: str, place: str = "") -> None:
    """Writes down that the viewer has asked for a page that is not theirs, or one for a place, by its code, that lies outside what they see."""
    if not viewer.has_account or (place and (place not in store.election.places or viewer.scope.covers(store.election.places, place))):
        return
    asked: set[tuple[str, str]] = st.session_state.setdefault("asked_for", set())
    if (page, place) not in asked:
        asked.add((page, place))
        audit.write(store, viewer.name, "refused", asked=page, place=place)
