"""Every page's frame: the page's settings, its look, and the pages that this viewer may open."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.parts import marks, session
from pages.parts.words import day, say

_READINESS = Path(__file__).parent / "readiness"


def navigation() -> dict[str, list[st.Page]]:
    """The pages by group, in the order shown. A domain without a page of its own gets the plain one."""
    domains = []
    for domain in session.store().election.domains:
        own = _READINESS / f"{domain.name}.py"
        domains.append(st.Page(own if own.exists() else _READINESS / "domain.py", title=domain.label, url_path=domain.name))
    return {
        "": [
            st.Page(_READINESS / "national.py", title=say("navigation.national"), url_path="national", default=True),
            st.Page(_READINESS / "province.py", title=say("navigation.province"), url_path="province"),
            st.Page(_READINESS / "district.py", title=say("navigation.district"), url_path="district"),
            *domains,
            st.Page(_READINESS / "definitions.py", title=say("navigation.definitions"), url_path="definitions"),
        ],
    }


st.set_page_config(page_title=say("page.title"), page_icon="🗳️", layout="wide")
st.html(marks.stylesheet(dark=st.context.theme.type == "dark"))
page = st.navigation(navigation(), position="top")
st.session_state["page"] = page.url_path
if session.store().example_day:
    st.html(marks.banner("example", say("page.example", day=day(session.store().today))))
page.run()
