"""Province: which of my districts, in what?"""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from data import actions, readiness
from data.asks import asks
from data.blockers import blocked
from data.clock import clock
from data.readiness import Line
from pages.parts import asking, blocking, charts, dates, decided, filters, findings, frame, maps, marks, session
from pages.parts.attention import attention_of
from pages.parts.papers import papers
from pages.parts.tables import downloads, wide_chart
from pages.parts.words import day, say, short_day

store, viewer = session.store(), session.viewer()
election, places = store.election, store.election.places

# Which place and date
province = filters.place_for("province")
on = filters.day_in_url()
week_ago = on - timedelta(days=7)
weeks = tuple(on - timedelta(days=7 * number) for number in range(25, -1, -1))

# Ask
own = findings.index(readiness.lines(store, viewer.scope, "province", days=weeks, place=province.code))
scope = viewer.scope.within(places, province.code)
districts = readiness.lines(store, scope, "district", days=(week_ago, on))
now = own[on, province.code, "all", "all"]
little = findings.is_little(own, election, province.code, "all", on)
entries = clock(store, viewer.scope, "province", on=on, place=province.code)
missed = [entry.duty for entry in entries if entry.state == "breached"]
whole_domains = [line for line in districts if line.day == on and line.indicator == "all"]


# Show
def show() -> None:
    with frame.head():
        st.html(marks.headline(findings.title_of(own, districts, election, province, on, missed), _subject()))
        with frame.beside():
            with frame.row():
                filters.choose_place(filters.options("province"), province, say("filters.province"))
                filters.choose_day(on)
            st.html(papers(province, on))
    if not readiness.reports(store, viewer.scope, place=province.code):
        first = election.domains[0].name
        st.html(marks.stacked((marks.empty_state(say("empty.title"), say("empty.text"), (f"python -m loaders template {first} --place {province.code} -o {first}.xlsx",)), _overdue())))
        return
    st.html(findings.strip(now, own[week_ago, province.code, "all", "all"], election, little=little))
    st.html(dates.strip(entries, filters.href("clock", place=province.code)))
    st.html(marks.stacked((
        marks.cards(findings.card(own, election, province.code, one.name, weeks, filters.href(one.name, place=province.code)) for one in election.domains),
        findings.disputed((own[on, province.code, one.name, "all"] for one in election.domains), filters.href("disagreements", place=province.code)))))
    left, right = st.columns(2, gap="medium")
    with left:
        st.html(marks.section(say("province.over_time"), say("table.overall")))
        st.plotly_chart(charts.over_time(findings.over_time(own, election, province.code, "all", weeks), dark=maps.is_dark()), theme=None,
                        config=charts.CONFIG, key="over_time", alt=say("chart.over_time_alt", share=marks.percent(now.share), expected=marks.percent(now.expected)))
    with right:
        st.html(marks.stacked((
            marks.section(say("clock.late"), say("clock.late_aside")), dates.late_list(entries, filters.page_of(election), most=6, below=clock(store, scope, "district", on=on)),
            marks.section(say("national.attention"), say("national.attention_aside")), attention_of([line for line in districts if line.day == on], election, on),
            _overdue())))
    st.html(marks.stacked((marks.section(say("asks.title"), say("asks.aside")), asking.asks(asks(store, viewer.scope, place=province.code, on=on), province, _district))))
    blocking.to_plan(blocked(store, viewer.scope, place=province.code, on=on), _district, f"to-plan-{province.code}-{on}")
    _heat_map()
    _ranking()
    st.html(marks.stacked((_withdrawn(), marks.note(say("how.question"), say("how.overall")))))


def _overdue() -> marks.Html:
    return decided.overdue(actions.actions(store, viewer.scope, on=on, place=province.code), election, filters.href("meetings", place=province.code))


def _district(code: str) -> str:
    return filters.href("district", place=code)


def _withdrawn() -> marks.Html:
    return findings.withdrawn(readiness.history(store, viewer.scope, place=province.code), election, on)


def _subject() -> list[str]:
    return [
        marks.urdu(province.name_ur), say("figure.as_of", day=day(on)), say("figure.coverage", reporting=now.reporting, districts=now.districts),
        *([say("figure.stale", count=now.reporting - now.fresh)] if now.reporting > now.fresh else []), say("figure.e_day", day=day(election.e_day))]


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
                              _district, say("national.provinces_caption", day=short_day(week_ago))))
    downloads(lambda: readiness.figures(store, scope, "district", days=(on,)), f"{province.code}-{on}", key="districts")


show()
