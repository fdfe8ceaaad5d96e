"""Province: which of my districts, in what?"""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from data import readiness
from data.readiness import Line
from pages.parts import charts, filters, findings, maps, marks, session
from pages.parts.attention import attention_of
from pages.parts.tables import downloads, wide_chart
from pages.parts.words import day, say, short_day

store, viewer = session.store(), session.viewer()
election, places = store.election, store.election.places

# Which place and date
options = [place for place in places.provinces if viewer.scope.covers(places, place.code)]
province = filters.place_in_url(("province",), options[0].code)
on = filters.day_in_url()
week_ago = on - timedelta(days=7)
weeks = tuple(on - timedelta(days=7 * number) for number in range(25, -1, -1))

# Ask
own = findings.index(readiness.lines(store, viewer.scope, "province", days=weeks, place=province.code))
scope = viewer.scope.within(places, province.code)
districts = readiness.lines(store, scope, "district", days=(week_ago, on))
now = own[on, province.code, "all", "all"]
whole_domains = [line for line in districts if line.day == on and line.indicator == "all"]


# Show
def show() -> None:
    title, pick_place, pick_day = st.columns([4, 1, 1], vertical_alignment="bottom")
    with title:
        st.html(marks.headline(_title(), _subject()))
    with pick_place:
        filters.choose_place(options, province, say("filters.province"))
    with pick_day:
        filters.choose_day(on)
    if not readiness.reports(store, viewer.scope, place=province.code):
        st.html(marks.empty_state(say("empty.title"), say("empty.text"), (f"python -m loaders template {election.domains[0].name} --place {province.code} -o {election.domains[0].name}.xlsx",)))
        return
    before = own[week_ago, province.code, "all", "all"]
    change = None if now.share is None or before.share is None else now.share - before.share
    st.html(marks.figure_strip(share=now.share, expected=now.expected, change=change, since=short_day(week_ago), aside=""))
    st.html(marks.cards(_card(one.name, one.label) for one in election.domains))
    left, right = st.columns(2, gap="medium")
    with left:
        st.html(marks.section(say("province.over_time"), say("table.overall")))
        st.plotly_chart(charts.over_time([own[week, province.code, "all", "all"] for week in weeks], dark=maps.is_dark()), theme=None,
                        config=charts.CONFIG, key="over_time", alt=say("chart.over_time_alt", share=marks.percent(now.share), expected=marks.percent(now.expected)))
    with right:
        st.html(marks.section(say("national.attention"), say("national.attention_aside")))
        st.html(attention_of([line for line in districts if line.day == on], election, on))
    _heat_map()
    _ranking()
    st.html(marks.note(say("how.question"), say("how.overall")))


def _title() -> str:
    worst = findings.furthest_behind(findings.domain_lines(districts, on))
    return findings.title("province", now, worst, place=province.name, domain=election.domain(worst.domain).label if worst else "",
                          district=worst.place if worst else "")


def _subject() -> list[str]:
    return [
        marks.urdu(province.name_ur), say("figure.as_of", day=day(on)), say("figure.coverage", reporting=now.reporting, districts=now.districts),
        say("figure.e_day", day=day(election.e_day))]


def _card(name: str, label: str) -> marks.Html:
    line = own[on, province.code, name, "all"]
    points = [(week, own[week, province.code, name, "all"].share, own[week, province.code, name, "all"].expected) for week in weeks]
    return marks.domain_card(label, filters.href(name, place=province.code), line.share, line.expected, line.status,
                             say("figure.coverage_domain", reporting=line.reporting, districts=line.districts), points)


def _heat_map() -> None:
    st.html(marks.section(say("province.heat"), say("province.heat_aside")))
    ranked = [line.place_code for line in _ranked()]
    figure = charts.heat_map([line for line in districts if line.day == on and line.indicator != "all"], ranked, election, dark=maps.is_dark())
    event = wide_chart(figure, lambda: readiness.figures(store, scope, "district", days=(on,)), f"indicators-{province.code}-{on}", key="heat_map",
                       alt=say("chart.heat_alt", place=province.name), selectable=True)
    st.html(marks.status_legend())
    if event and event.selection.points:
        st.switch_page("readiness/district.py", query_params=filters.query(place=event.selection.points[0]["customdata"][0]))


def _ranked() -> list[Line]:
    """The districts by how far they lie behind their plan; those that have not reported last."""
    overall = [line for line in whole_domains if line.domain == "all"]
    return sorted(overall, key=lambda line: (line.share is None, -line.gap, line.place))


def _ranking() -> None:
    st.html(marks.section(say("province.ranking"), say("province.ranking_aside")))
    columns = [(("all", "all"), say("table.overall")), *(((one.name, "all"), one.label) for one in election.domains)]
    st.html(marks.place_table(findings.index(districts), [places[line.place_code] for line in _ranked()], on, week_ago, columns,
                              lambda code: filters.href("district", place=code), say("national.provinces_caption", day=short_day(week_ago))))
    downloads(lambda: readiness.figures(store, scope, "district", days=(on,)), f"{province.code}-{on}", key="districts")


show()
