"""Every page's frame: the page's settings, its look, and the pages that this viewer may open."""

from __future__ import annotations

import time
from pathlib import Path
from urllib.parse import urlsplit

import streamlit as st

from pages import EVERY_PAGE
from pages.parts import filters, frame, looking, session
from pages.parts.session import Viewer
from pages.parts.words import say
from pages.watching import runs

_READINESS = Path(__file__).parent / "readiness"
_ADMINISTRATION = Path(__file__).parent / "administration"
_SUBMISSIONS = Path(__file__).parent / "submissions"

def pages_of(viewer: Viewer) -> dict[str, st.Page]:
    """The pages that this viewer may open, by name, in the order shown. The first stands under '' once more: at the address without
    a name. A domain without a page of its own gets the plain one.

    Who may not see the whole country begins at the province, or at the district, that they may see; who sees none, at the upload of
    files where they submit, else at the definitions.
    """
    election = session.store().election
    level = election.places[viewer.home].level if viewer.scope.districts else ""
    begins = {"country": ["national", "province", "district"], "province": ["province", "district"], "district": ["district"]}.get(level, [])
    scripts = {name: (_READINESS / f"{name}.py", say(f"navigation.{name}")) for name in begins}
    scripts |= {name: (_READINESS / f"{name}.py", say(f"navigation.{name}")) for name in ("clock", "changes", "meetings", "disagreements", "alerts")} if begins else {}
    for domain in election.domains if begins else ():
        own = _READINESS / f"{domain.name}.py"
        scripts[domain.name] = own if own.exists() else _READINESS / "domain.py", domain.label
    submissions = ("upload", "history") if viewer.may_submit.districts else ("history",)
    for folder, names in ((_SUBMISSIONS, submissions if begins or viewer.may_submit.districts else ()), (_READINESS, ("definitions",)), (_ADMINISTRATION, ("administration",) if viewer.administers else ())):
        scripts |= {name: (folder / f"{name}.py", say(f"navigation.{name}")) for name in names}
    script, title = next(iter(scripts.values()))
    first = {"": st.Page(script, title=title, url_path="home", default=True)}
    return first | {name: st.Page(script, title=title, url_path=name) for name, (script, title) in scripts.items()}


begun = time.perf_counter()
filters.arrive()
# Kept for as long as the session's viewer is the same: to look nine files up again was a tenth of the national page's run.
session.follow_policy()
try:
    viewer = session.viewer()
except session.SignedOut:
    st.html(frame.signed_out(), unsafe_allow_javascript=True)
    st.stop()
if st.session_state.get("pages_for") != viewer:
    st.session_state["pages_for"], st.session_state["pages"] = viewer, pages_of(viewer)
pages = st.session_state["pages"]
asked = urlsplit(st.context.url or "").path.strip("/")
if asked in EVERY_PAGE and asked not in pages:
    looking.refused(session.store(), viewer, asked)
page = st.navigation(list(pages.values()), position="hidden")
names = [name for name in pages if name]
name = next(name for name, one in pages.items() if one is page) or names[0]
try:
    st.set_page_config(page_title=say("page.title", page=page.title), page_icon="🗳️", layout="wide")
    st.session_state["page"] = name
    st.html(frame.top(name, {name: ("." if name == names[0] else name, pages[name].title) for name in names}), unsafe_allow_javascript=True)
    page.run()
finally:
    runs.ran(name, time.perf_counter() - begun)
