"""National: where do we stand, what will be late, who must act?"""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from data import readiness
from data.readiness import Line
from pages.parts import filters, findings, marks, session
from pages.parts.maps import district_map, outlines
from pages.parts.tables import downloads
from pages.parts.words import day, say, short_day

store, viewer = session.store(), session.viewer()
election, places = store.election, store.election.places

# Which place and date
on = filters.day_in_url()
week_ago = on - timedelta(days=7)
weeks = tuple(on - timedelta(days=7 * number) for number in range(17, -1, -1))
domain = filters.domain_in_url()

# Ask
country = findings.index(readiness.lines(store, viewer.scope, "national", days=weeks))
provinces = readiness.lines(store, viewer.scope, "province", days=(week_ago, on))
districts = readiness.lines(store, viewer.scope, "district", days=(on,))


# Show
def show() -> None:
    now = country[on, places.country.code, "all", "all"]
    before = country[week_ago, places.country.code, "all", "all"]
    title, pick = st.columns([5, 1], vertical_alignment="bottom")
    with title:
        st.html(marks.headline(_title(now), _subject(now)))
    with pick:
        filters.choose_day(on)
    if now.share is None and not readiness.reports(store, viewer.scope, place=places.country.code):
        st.html(marks.empty_state(say("empty.title"), say("empty.text"), (
            "python -m loaders template appointments -o appointments.xlsx", "python -m loaders load appointments.xlsx",
            "python -m loaders example load")))
        return
    change = None if now.share is None or before.share is None else now.share - before.share
    st.html(marks.figure_strip(share=now.share, expected=now.expected, change=change, since=short_day(week_ago), aside=_next_duty()))
    st.html(marks.cards(_card(one.name, one.label) for one in election.domains))
    left, right = st.columns([9, 11], gap="medium")
    with left:
        _map()
    with right:
        _attention()
        _provinces()
    st.html(marks.note(say("how.question"), say("how.overall")))


def _title(now: Line) -> str:
    worst = findings.furthest_behind(findings.domain_lines(provinces, on))
    return findings.title("national", now, worst, domain=election.domain(worst.domain).label if worst else "", place=worst.place if worst else "")


def _subject(now: Line) -> list[str]:
    left = (election.e_day - on).days
    stale = sum(line.status == "stale" for line in districts if line.indicator == "all" and line.domain == "all")
    return [
        election.name, say("figure.e_day", day=day(election.e_day)),
        say("figure.days_left", count=left) if left > 0 else say("figure.today") if left == 0 else say("figure.days_over", count=-left),
        say("figure.as_of", day=day(on)), say("figure.coverage", reporting=now.reporting, districts=now.districts),
        *([say("figure.stale", count=stale)] if stale else [])]


def _next_duty() -> str:
    coming = sorted((election.duty_date(duty), duty.title) for duty in election.duties if election.duty_date(duty) >= on)
    if not coming:
        return ""
    due, title = coming[0]
    left = (due - on).days
    return say("figure.next_duty", title=title, day=short_day(due), left=say("figure.days_left", count=left) if left else say("figure.today"))


def _card(name: str, label: str) -> marks.Html:
    line = country[on, places.country.code, name, "all"]
    points = [(week, country[week, places.country.code, name, "all"].share, country[week, places.country.code, name, "all"].expected) for week in weeks]
    return marks.domain_card(label, filters.href(name, place=places.country.code), line.share, line.expected, line.status,
                             say("figure.coverage_domain", reporting=line.reporting, districts=line.districts), points)


def _map() -> None:
    st.html(marks.section(say("national.map"), say("national.map_aside")))
    kind = "tiles"
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        filters.choose_domain(domain)
        if outlines() is not None:
            kind = filters.map_in_url()
            filters.choose_map(kind)
    clicked = district_map(store, viewer.scope, domain, on, kind=kind, key="national_map")
    if clicked:
        st.switch_page("readiness/district.py", query_params=filters.query(place=clicked))


def _attention() -> None:
    st.html(marks.section(say("national.attention"), say("national.attention_aside")))
    found = findings.attention(election, districts, on, lambda line: filters.href("district", place=line.place_code))
    st.html(marks.attention_list(found) if found else marks.muted(say("national.attention_none")))
    st.html(marks.silent_lines(findings.silent(election, districts, on), lambda code: filters.href("district", place=code)))


def _provinces() -> None:
    st.html(marks.section(say("national.provinces"), say("national.provinces_aside", day=short_day(week_ago))))
    st.html(marks.place_table(
        findings.index(provinces), [places[code] for code in _provinces_in_sight()], on, week_ago,
        [(("all", "all"), say("table.overall")), *(((one.name, "all"), one.label) for one in election.domains)],
        lambda code: filters.href("province", place=code), say("national.provinces_caption", day=short_day(week_ago))))
    downloads(lambda: readiness.figures(store, viewer.scope, "province", days=(on,)), f"provinces-{on}", key="provinces")


def _provinces_in_sight() -> list[str]:
    return list(dict.fromkeys(line.place_code for line in provinces))


show()
