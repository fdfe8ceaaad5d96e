"""National: where do we stand, what will be late, who must act?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import streamlit as st

from data import actions, readiness
from data.clock import Entry, clock
from data.readiness import Line
from pages.parts import dates, decided, filters, findings, frame, marks, session
from pages.parts.alone import alone
from pages.parts.attention import attention_of
from pages.parts.maps import district_map, outlines
from pages.parts.papers import papers
from pages.parts.pieces import kept, lay
from pages.parts.tables import downloads
from pages.parts.words import day, say, short_day

store, viewer = session.store(), session.viewer()
election, places = store.election, store.election.places

# Which place and date
on = filters.day_in_url()
week_ago = on - timedelta(days=7)
weeks = tuple(on - timedelta(days=7 * number) for number in range(17, -1, -1))


# Ask
def ask() -> tuple[marks.Html, marks.Html, marks.Html]:
    """The page's own pieces, drawn once for a day and kept until the store changes: its head, its figures, its right side."""
    country = findings.index(readiness.lines(store, viewer.scope, "national", days=weeks))
    provinces = readiness.lines(store, viewer.scope, "province", days=(week_ago, on))
    districts = readiness.lines(store, viewer.scope, "district", days=(on,))
    now, before = country[on, places.country.code, "all", "all"], country[week_ago, places.country.code, "all", "all"]
    little = findings.is_little(country, election, places.country.code, "all", on)
    entries = clock(store, viewer.scope, "national", on=on)
    missed = [entry.duty for entry in entries if entry.state == "breached"]
    head = marks.headline(findings.title_of(country, provinces, election, places.country, on, missed), _subject(now))
    if now.as_of is None and not readiness.reports(store, viewer.scope, place=places.country.code):
        return head, marks.Html(""), marks.stacked((_overdue(), _withdrawn()))
    strip = findings.strip(now, before, election, little=little)
    cards = marks.cards(_card(country, domain.name) for domain in election.domains)
    disputed = findings.disputed((country[on, places.country.code, one.name, "all"] for one in election.domains), filters.href("disagreements"))
    return head, marks.stacked((strip, dates.strip(entries, filters.href("clock")), cards)), marks.stacked((
        _late(entries, clock(store, viewer.scope, "province", on=on)), _attention(districts), _overdue(), _provinces(provinces), disputed, _withdrawn(),
        downloads(lambda: readiness.figures(store, viewer.scope, "province", days=(on,)), f"provinces-{on}")))


def _withdrawn() -> marks.Html:
    return findings.withdrawn(readiness.withdrawn(store, viewer.scope, place=places.country.code), election, on)


def _subject(now: Line) -> list[str]:
    left = (election.e_day - on).days
    stale = now.reporting - now.fresh
    return [
        election.name, say("figure.e_day", day=day(election.e_day)),
        say("figure.days_left", count=left) if left > 0 else say("figure.today") if left == 0 else say("figure.days_over", count=-left),
        say("figure.as_of", day=day(on)), say("figure.coverage", reporting=now.reporting, districts=now.districts),
        *([say("figure.stale", count=stale)] if stale else [])]


def _card(country: findings.Index, name: str) -> marks.Html:
    return findings.card(country, election, places.country.code, name, weeks, filters.href(name, place=places.country.code))


def _late(entries: Sequence[Entry], provinces: Sequence[Entry]) -> marks.Html:
    return marks.stacked((marks.section(say("clock.late"), say("clock.late_aside")), dates.late_list(entries, filters.page_of(election), most=4, below=provinces)))


def _overdue() -> marks.Html:
    return decided.overdue(actions.actions(store, viewer.scope, on=on), election, filters.href("meetings"))


def _attention(districts: tuple[Line, ...]) -> marks.Html:
    return marks.stacked((marks.section(say("national.attention"), say("national.attention_aside")), attention_of(districts, election, on)))


def _provinces(provinces: tuple[Line, ...]) -> marks.Html:
    shown = [places[code] for code in dict.fromkeys(line.place_code for line in provinces)]
    columns = [(("all", "all"), say("table.overall")), *(((domain.name, "all"), domain.label) for domain in election.domains)]
    return marks.stacked((
        marks.section(say("national.provinces"), say("national.provinces_aside", day=short_day(week_ago))),
        marks.place_table(findings.index(provinces), shown, on, week_ago, columns, lambda code: filters.href("province", place=code),
                          say("national.provinces_caption", day=short_day(week_ago)))))


# Show
def show(head: marks.Html, figures: marks.Html, side: marks.Html) -> None:
    with frame.head():
        st.html(head)
        with frame.beside():
            filters.choose_day(on)
            st.html(papers(places.country, on))
    if not figures:
        first = election.domains[0].name
        st.html(marks.stacked((marks.empty_state(say("empty.title"), say("empty.text"), (
            f"python -m loaders template {first} -o {first}.xlsx", f"python -m loaders load {first}.xlsx",
            "python -m loaders example load")), side)))
        return
    st.html(figures)
    left, right = st.columns([9, 11], gap="medium")
    with left:
        _map()
    with right:
        lay((side,))


@alone
def _map() -> None:
    st.html(marks.section(say("national.map"), say("national.map_aside")))
    domain, kind = filters.domain_in_url(), "tiles"
    filters.choose_domain(domain)
    if outlines() is not None:
        kind = filters.map_in_url()
        filters.choose_map(kind)
    clicked = district_map(store, viewer.scope, domain, on, kind=kind, href=lambda code: filters.href("district", place=code),
                           below=marks.note(say("how.question"), say("how.overall")))
    if clicked:
        st.switch_page("readiness/district.py", query_params=filters.query(place=clicked))


show(*kept(("national", viewer.scope, on, filters.href(".")), ask))
