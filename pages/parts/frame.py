"""What stands around every page: the way to the others, what the reader must not overlook, and the page's head."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager

import streamlit as st

from data.places import Place
from pages.parts import filters, looking, marks, session
from pages.parts.words import day, say


def top(page: str, pages: Mapping[str, tuple[str, str]]) -> marks.Html:
    """Which theme shows, the links to all pages, by name (address, title), and the banners above the page of that name.

    A link takes the place and the date along, so that one who looks at Sindh in October goes on looking at it.
    """
    store, viewer, asked = session.store(), session.viewer(), st.query_params.to_dict()
    if (place := asked.get(filters.PLACE)) and place not in filters.options(page):
        looking.refused(store, viewer, page, place)
    question = ("top", page, tuple(pages.items()), viewer.scope, viewer.may_submit, viewer.has_account, store.today, *(asked.get(name) for name in filters.EVERY))
    links, banners = store.remember(question, lambda: (_links(page, pages), _banners(page)))
    own = (viewer.name, "/account", say("navigation.account", name=viewer.name)) if viewer.has_account else None
    scripts = (marks.script("links.js"), *((marks.script("session.js"),) if viewer.has_account else ()))
    return marks.lines((marks.scheme(dark=st.context.theme.type == "dark"), marks.navigation(links, say("navigation.label"), own), *scripts, *banners))


def _links(page: str, pages: Mapping[str, tuple[str, str]]) -> list[tuple[str, str, bool]]:
    shown = _shown(page)
    return [(title, filters.href(address, place=filters.place_to(name, shown)), name == page) for name, (address, title) in pages.items()]


def _banners(page: str) -> list[marks.Html]:
    example = session.store().example_day
    banners = [marks.banner("example", say("page.example", day=day(example)))] if example else []
    banners += [] if session.viewer().has_account else [marks.banner("note", say("page.open"))]
    return banners + [marks.banner("note", sentence) for sentence in filters.not_taken(page)]


def signed_out() -> marks.Html:
    """What stands in place of every page for whoever has no session any more; the script leads to the sign-in page."""
    return marks.lines((marks.scheme(dark=st.context.theme.type == "dark"), marks.banner("note", say("page.signed_out")), marks.script("session.js")))


def head() -> AbstractContextManager:
    """The block in which a page's headline stands, with its filters beside it; on a narrow page they stand below."""
    return st.container(horizontal=True, vertical_alignment="bottom", key="head")


def beside() -> AbstractContextManager:
    """Within the head, the block beside the headline: the filters, and under them what can be taken along."""
    return st.container(horizontal_alignment="right", gap="xxsmall", width="content", key="beside")


def row() -> AbstractContextManager:
    """Within that block, filters side by side."""
    return st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="right", key="filters")


def _shown(page: str) -> Place | None:
    """The place to take along: the page's own, or, where a page shows none, the one that its reader came with."""
    if filters.options(page):
        return filters.place_for(page)
    places = session.store().election.places
    asked = st.query_params.get(filters.PLACE, "")
    return places[asked] if page in ("definitions", "administration", "upload") and asked in places and session.viewer().scope.covers(places, asked) else None
