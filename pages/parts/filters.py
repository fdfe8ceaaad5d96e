"""Place, date and domain: chosen on the page, kept in the URL, so that a link brings the same view back.

The URL is the truth: what it says is put into the widget, and what the widget is set to is put into the URL. A value
in the URL that means nothing, or lies outside the viewer's scope, is taken for none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from urllib.parse import urlencode

import streamlit as st

from data.places import Place
from pages.parts import session
from pages.parts.words import say

PLACE, DAY, DOMAIN, MAP = "place", "on", "domain", "map"


def place_in_url(levels: Sequence[str], default: str) -> Place:
    """The place that the URL names, if it is of one of these levels and wholly in the viewer's scope; else the default."""
    places, viewer = session.store().election.places, session.viewer()
    code = st.query_params.get(PLACE, default)
    allowed = code in places and places[code].level in levels and viewer.scope.covers(places, code)
    return places[code if allowed else default]


def choose_place(options: Sequence[Place], chosen: Place, label: str) -> None:
    """A select box of places, bound to the URL."""
    names = {place.code: place.name for place in options}
    _select(label, PLACE, list(names), chosen.code, names.get)


def day_in_url() -> date:
    """The as-of date that the URL names; today where it names none, or none that is a date."""
    try:
        asked = date.fromisoformat(st.query_params.get(DAY, ""))
    except ValueError:
        return session.store().today
    return asked if 2000 <= asked.year < 2100 else session.store().today


def choose_day(on: date) -> None:
    """An as-of date picker, bound to the URL."""
    today = session.store().today
    st.session_state["choose_on"] = on
    st.date_input(
        say("filters.day"), key="choose_on", format="DD/MM/YYYY", min_value=min(on, today - timedelta(days=800)),
        max_value=max(on, today), on_change=_put, args=(DAY, "choose_on"))


def domain_in_url() -> str:
    """The domain that the URL names; "all" where it names none that there is."""
    asked = st.query_params.get(DOMAIN, "all")
    return asked if asked in {domain.name for domain in session.store().election.domains} else "all"


def choose_domain(chosen: str) -> None:
    """One button per domain and one for all, bound to the URL."""
    labels = {"all": say("filters.all_domains")} | {domain.name: domain.label for domain in session.store().election.domains}
    st.session_state["choose_domain"] = chosen
    st.segmented_control(
        say("filters.domain"), list(labels), format_func=labels.get, key="choose_domain", required=True,
        on_change=_put, args=(DOMAIN, "choose_domain"))


def map_in_url() -> str:
    """The kind of map that the URL asks for: tiles, or borders."""
    return "borders" if st.query_params.get(MAP) == "borders" else "tiles"


def choose_map(chosen: str) -> None:
    """Tiles or borders, bound to the URL."""
    labels = {"tiles": say("national.tiles"), "borders": say("national.borders")}
    st.session_state["choose_map"] = chosen
    st.segmented_control(say("national.map_kind"), list(labels), format_func=labels.get, key="choose_map", required=True,
                         on_change=_put, args=(MAP, "choose_map"))


def href(page: str, **asked: object) -> str:
    """The address of a page with what it shall show: `href("province", place="PK7")`. The date asked for goes with it."""
    query = {DAY: st.query_params.get(DAY)} | asked
    kept = {name: value for name, value in query.items() if value is not None}
    return f"{page}?{urlencode(kept)}" if kept else page


def query(**asked: object) -> Mapping[str, str]:
    """The same as `href` for `st.switch_page` and `st.page_link`."""
    kept = {DAY: st.query_params.get(DAY)} | asked
    return {name: str(value) for name, value in kept.items() if value is not None}


def _select(label: str, name: str, options: list[str], chosen: str, words: Callable[[str], str | None]) -> None:
    key = f"choose_{name}"
    st.session_state[key] = chosen
    st.selectbox(label, options, key=key, format_func=words, on_change=_put, args=(name, key))


def _put(name: str, key: str) -> None:
    value = st.session_state[key]
    if value is not None:
        st.query_params[name] = value.isoformat() if isinstance(value, date) else str(value)
