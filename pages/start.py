"""Every page's frame: the page's settings, its look, and the pages that this viewer may open."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.parts import frame, session
from pages.parts.session import Viewer
from pages.parts.words import say

_READINESS = Path(__file__).parent / "readiness"
_ADMINISTRATION = Path(__file__).parent / "administration"
_SUBMISSIONS = Path(__file__).parent / "submissions"


def pages_of(viewer: Viewer) -> dict[str, st.Page]:
    """The pages that this viewer may open, by name, in the order shown. A domain without a page of its own gets the plain one.

    Who may not see the whole country begins at the province, or at the district, that they may see.
    """
    election = session.store().election
    definitions = {"definitions": st.Page(_READINESS / "definitions.py", title=say("navigation.definitions"), url_path="definitions")}
    administration = {"administration": st.Page(_ADMINISTRATION / "administration.py", title=say("navigation.administration"), url_path="administration")}
    last = definitions | (administration if viewer.administers else {})
    if not viewer.scope.districts:
        return last
    home = election.places[viewer.home].level
    begins = {"country": ["national", "province", "district"], "province": ["province", "district"]}.get(home, ["district"])
    pages = {name: st.Page(_READINESS / f"{name}.py", title=say(f"navigation.{name}"), url_path=name, default=name == begins[0]) for name in begins}
    for domain in election.domains:
        own = _READINESS / f"{domain.name}.py"
        pages[domain.name] = st.Page(own if own.exists() else _READINESS / "domain.py", title=domain.label, url_path=domain.name)
    for name in ("upload", "history") if viewer.may_submit.districts else ("history",):
        pages[name] = st.Page(_SUBMISSIONS / f"{name}.py", title=say(f"navigation.{name}"), url_path=name)
    return pages | last


# Kept for as long as the session's viewer is the same: to look nine files up again was a tenth of the national page's run.
try:
    viewer = session.viewer()
except session.SignedOut:
    st.html(frame.signed_out(), unsafe_allow_javascript=True)
    st.stop()
if st.session_state.get("pages_for") != viewer:
    st.session_state["pages_for"], st.session_state["pages"] = viewer, pages_of(viewer)
pages = st.session_state["pages"]
page = st.navigation(list(pages.values()), position="hidden")
name = next(name for name, one in pages.items() if one is page)
st.set_page_config(page_title=say("page.title", page=page.title), page_icon="🗳️", layout="wide")
st.session_state["page"] = name
st.html(frame.top(name, {name: (one.url_path or ".", one.title) for name, one in pages.items()}), unsafe_allow_javascript=True)
page.run()
