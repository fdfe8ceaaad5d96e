"""Every page's frame: the page's settings, its look, and the pages that this viewer may open."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.parts import marks, session
from pages.parts.words import day, say

_READINESS = Path(__file__).parent / "readiness"


def navigation() -> list[st.Page]:
    """The pages that this viewer may open, in the order shown. A domain without a page of its own gets the plain one.

    Who may not see the whole country begins at the province, or at the district, that they may see.
    """
    store, viewer = session.store(), session.viewer()
    home = store.election.places[viewer.home].level
    begins = {"country": ["national", "province", "district"], "province": ["province", "district"]}.get(home, ["district"])
    pages = [st.Page(_READINESS / f"{name}.py", title=say(f"navigation.{name}"), url_path=name, default=name == begins[0]) for name in begins]
    for domain in store.election.domains:
        own = _READINESS / f"{domain.name}.py"
        pages.append(st.Page(own if own.exists() else _READINESS / "domain.py", title=domain.label, url_path=domain.name))
    return [*pages, st.Page(_READINESS / "definitions.py", title=say("navigation.definitions"), url_path="definitions")]


st.set_page_config(page_title=say("page.title"), page_icon="🗳️", layout="wide")
page = st.navigation(navigation(), position="top")
st.session_state["page"] = page.url_path
example = session.store().example_day
st.html(marks.lines((
    marks.stylesheet(dark=st.context.theme.type == "dark"), marks.banner("example", say("page.example", day=day(example))) if example else "")))
page.run()
