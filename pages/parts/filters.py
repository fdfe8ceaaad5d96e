"""Place, date and domain: chosen on the page, kept in the URL, so that a link brings the same view back.

The URL is the truth: what it says is put into the widget, and what the widget is set to is put into the URL. A value
in the URL that means nothing, or lies outside the viewer's scope, is taken for none, and the page says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from datetime import date, timedelta
from functools import lru_cache
from urllib.parse import urlencode

import streamlit as st

from data.clock import Entry
from data.election import Election
from data.places import Place, Places
from data.scope import Scope
from pages.parts import session
from pages.parts.words import day, say

PLACE, DAY, SINCE, DOMAIN, MAP = "place", "on", "since", "domain", "map"
STAGED, SUBMISSION, TAKEN = "file", "submission", "taken"
EVERY = (PLACE, DAY, SINCE, DOMAIN, MAP)  # what the look of a page's frame may depend on
_LEVELS = {"national": (), "definitions": (), "administration": (), "upload": (), "province": ("province",), "district": ("district",)}
_ANY_LEVEL = ("country", "province", "district")  # the domains' pages
_WIDTH = {PLACE: 230, DAY: 150, SINCE: 150}  # pixels
_day_taken_along: ContextVar[str | None] = ContextVar("_day_taken_along", default=None)


def arrive() -> None:
    """Looks up in the URL what each link of a page takes along, as each run of a page begins: to ask Streamlit anew for each of a hundred
    links took as long as a chart."""
    _day_taken_along.set(st.query_params.get(DAY))


def options(page: str) -> Mapping[str, Place]:
    """The places that a page can be asked for, by code, all of them in the viewer's scope; the history also for those that they submit for."""
    viewer = session.viewer()
    districts = viewer.scope.districts | viewer.may_submit.districts if page == "history" else viewer.scope.districts
    return _options(session.store().election.places, districts, _LEVELS.get(page, _ANY_LEVEL))


@lru_cache(maxsize=1_024)
def _options(places: Places, districts: frozenset[str], levels: tuple[str, ...]) -> Mapping[str, Place]:
    """The places of these levels that lie wholly in the districts, by code."""
    covered = Scope(districts).covered(places)
    return {place.code: place for place in (places.country, *places.provinces, *places.districts) if place.level in levels and place.code in covered}


def place_for(page: str) -> Place:
    """The place that a page shows: the one that the URL names, else where the viewer begins, else the first there is."""
    possible = options(page)
    asked = st.query_params.get(PLACE, "")
    first = next(iter(possible.values()), session.store().election.places[session.viewer().home])
    return possible.get(asked) or possible.get(session.viewer().home) or first


def not_taken(page: str) -> Iterator[str]:
    """A sentence for everything in the URL that could not be taken for what it asks."""
    if _LEVELS.get(page, _ANY_LEVEL) and PLACE in st.query_params and st.query_params[PLACE] != place_for(page).code:
        yield say("filters.place_not_taken", place=place_for(page).name)
    if DAY in st.query_params and _day_in_url() is None:
        yield say("filters.day_not_taken", day=day(day_in_url()))
    if page == "changes" and SINCE in st.query_params and _since_in_url(day_in_url()) is None:
        yield say("filters.since_not_taken")
    if page == "national" and DOMAIN in st.query_params and st.query_params[DOMAIN] != domain_in_url():
        yield say("filters.domain_not_taken")


def place_to(page: str, shown: Place | None) -> str | None:
    """The code with which a page is opened from one that shows a place: the same place, what it lies in, or a part of it."""
    if shown is None or page == "national":
        return None
    places = session.store().election.places
    possible = options(page)
    near = (shown.code, shown.province, *(district.code for district in places.districts_of(shown.code))) if shown.level != "country" else (shown.code,)
    return next((code for code in near if code in possible), None) if _LEVELS.get(page, _ANY_LEVEL) else shown.code


def choose_place(possible: Mapping[str, Place], chosen: Place, label: str) -> None:
    """A select box of places, bound to the URL."""
    names = {code: place.name for code, place in possible.items()}
    _select(label, PLACE, list(names), chosen.code, names.get)


def day_in_url() -> date:
    """The as-of date that the URL names; today where it names none, or none that is a date."""
    return _day_in_url() or session.store().today


def since_in_url(on: date, usual: date | None = None) -> date:
    """The earlier day that the URL names; the usual one, or a week before, where it names none, or none that is earlier."""
    return _since_in_url(on) or usual or on - timedelta(days=7)


def _since_in_url(on: date) -> date | None:
    asked = _day_in_url(SINCE)
    return asked if asked is not None and asked < on else None


def choose_since(since: date, on: date) -> None:
    """A picker of the earlier day, bound to the URL."""
    st.session_state["choose_since"] = since
    st.date_input(say("filters.since"), key="choose_since", format="DD/MM/YYYY", min_value=min(since, on - timedelta(days=800)), max_value=on - timedelta(days=1),
                  on_change=_put, args=(SINCE, "choose_since"), width=_WIDTH[SINCE])


def _day_in_url(name: str = DAY) -> date | None:
    try:
        asked = date.fromisoformat(st.query_params.get(name, ""))
    except ValueError:
        return None
    return asked if 2000 <= asked.year < 2100 else None


def choose_day(on: date) -> None:
    """An as-of date picker, bound to the URL."""
    today = session.store().today
    st.session_state["choose_on"] = on
    st.date_input(
        say("filters.day"), key="choose_on", format="DD/MM/YYYY", min_value=min(on, today - timedelta(days=800)),
        max_value=max(on, today), on_change=_put, args=(DAY, "choose_on"), width=_WIDTH[DAY])


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
    query = {DAY: _day_taken_along.get()} | asked
    kept = {name: value for name, value in query.items() if value is not None}
    return f"{page}?{urlencode(kept)}" if kept else page


def page_of(election: Election) -> Callable[[Entry], str]:
    """The address of the page that shows what a date is short of: that of its indicator's domain, for the place."""
    return lambda entry: href(election.domain_of(entry.worst.indicator).name, place=entry.place_code)


def query(**asked: object) -> Mapping[str, str]:
    """What `st.switch_page` is given. All that the URL says goes along: Streamlit writes it over the URL of the page that
    is left, and Back has to bring that page as it was."""
    return st.query_params.to_dict() | {name: str(value) for name, value in asked.items()}


def _select(label: str, name: str, options: list[str], chosen: str, words: Callable[[str], str | None]) -> None:
    key = f"choose_{name}"
    st.session_state[key] = chosen
    st.selectbox(label, options, key=key, format_func=words, on_change=_put, args=(name, key), width=_WIDTH[name])


def _put(name: str, key: str) -> None:
    value = st.session_state[key]
    if value is not None:
        st.query_params[name] = value.isoformat() if isinstance(value, date) else str(value)
        arrive()
