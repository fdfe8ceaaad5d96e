"""Province: which of my districts, in what?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

import pandas as pd
import streamlit as st

from data import actions, readiness
from data.asks import asks
from data.blockers import blocked
from data.clock import Entry, clock
from data.readiness import Line
from pages.parts import asking, blocking, charts, dates, decided, filters, findings, frame, maps, marks, session
from pages.parts.attention import attention_of
from pages.parts.papers import papers
from pages.parts.pieces import Chart, Figure, Piece, Pieces, beside, kept, lay
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
def ask() -> tuple[marks.Html, Pieces]:
    """The page's own pieces, drawn once for a day and kept until the store changes: its head, and what stands under it."""
    own = findings.index(readiness.lines(store, viewer.scope, "province", days=weeks, place=province.code))
    districts = readiness.lines(store, viewer.scope, "district", days=(week_ago, on), within=province.code)
    entries = clock(store, viewer.scope, "province", on=on, place=province.code)
    missed = [entry.duty for entry in entries if entry.state == "breached"]
    head = marks.headline(findings.title_of(own, districts, election, province, on, missed), _subject(own[on, province.code, "all", "all"]))
    return head, tuple(_reported(own, districts, entries) if readiness.reports(store, viewer.scope, place=province.code) else _nothing())


def _nothing() -> Iterator[Piece]:
    """What stands there before anything is reported."""
    first = election.domains[0].name
    yield marks.empty_state(say("empty.title"), say("empty.text"), (f"python -m loaders template {first} --place {province.code} -o {first}.xlsx",))
    yield _overdue()


def _reported(own: findings.Index, districts: Sequence[Line], entries: Sequence[Entry]) -> Iterator[Piece]:
    now, before = own[on, province.code, "all", "all"], own[week_ago, province.code, "all", "all"]
    yield findings.strip(now, before, election, little=findings.is_little(own, election, province.code, "all", on))
    yield dates.strip(entries, filters.href("clock", place=province.code))
    yield marks.cards(findings.card(own, election, province.code, one.name, weeks, filters.href(one.name, place=province.code)) for one in election.domains)
    yield findings.disputed((own[on, province.code, one.name, "all"] for one in election.domains), filters.href("disagreements", place=province.code))
    yield beside(_over_time(own), _to_act(districts, entries))
    yield marks.section(say("asks.title"), say("asks.aside"))
    yield asking.asks(asks(store, viewer.scope, place=province.code, on=on), province, _district)
    yield from blocking.to_plan(blocked(store, viewer.scope, place=province.code, on=on), _district, f"to-plan-{province.code}-{on}")
    ranked = _ranked(districts)
    yield from _heat_map(districts, ranked)
    yield from _ranking(districts, ranked)
    yield marks.stacked((_withdrawn(), marks.note(say("how.question"), say("how.overall"))))


def _over_time(own: findings.Index) -> Iterator[Piece]:
    now = own[on, province.code, "all", "all"]
    yield marks.section(say("province.over_time"), say("table.overall"))
    yield Chart(Figure(charts.over_time(findings.over_time(own, election, province.code, "all", weeks), dark=maps.is_dark())), "over_time",
                say("chart.over_time_alt", share=marks.percent(now.share), expected=marks.percent(now.expected)))


def _to_act(districts: Sequence[Line], entries: Sequence[Entry]) -> Iterator[Piece]:
    """What will be late, who needs attention, what was decided and is overdue."""
    inside = places.inside(province.code)
    below = [entry for entry in clock(store, viewer.scope, "district", on=on) if entry.place_code in inside]
    yield marks.section(say("clock.late"), say("clock.late_aside"))
    yield dates.late_list(entries, filters.page_of(election), most=6, below=below)
    yield marks.section(say("national.attention"), say("national.attention_aside"))
    yield attention_of([line for line in districts if line.day == on], election, on)
    yield _overdue()


def _overdue() -> marks.Html:
    return decided.overdue(actions.actions(store, viewer.scope, on=on, place=province.code), election, filters.href("meetings", place=province.code))


def _district(code: str) -> str:
    return filters.href("district", place=code)


def _withdrawn() -> marks.Html:
    return findings.withdrawn(readiness.withdrawn(store, viewer.scope, place=province.code), election, on)


def _subject(now: Line) -> list[str]:
    return [
        marks.urdu(province.name_ur), say("figure.as_of", day=day(on)), say("figure.coverage", reporting=now.reporting, districts=now.districts),
        *([say("figure.stale", count=now.reporting - now.fresh)] if now.reporting > now.fresh else []), say("figure.e_day", day=day(election.e_day))]


def _heat_map(districts: Sequence[Line], ranked: Sequence[str]) -> Iterator[Piece]:
    yield marks.section(say("province.heat"), say("province.heat_aside"))
    figure = charts.heat_map([line for line in districts if line.day == on and line.indicator != "all"], ranked, election, dark=maps.is_dark())
    yield wide_chart(figure, _figures, f"indicators-{province.code}-{on}", key="heat_map", alt=say("chart.heat_alt", place=province.name), clicked=True)
    yield marks.status_legend()


def _ranked(districts: Sequence[Line]) -> list[str]:
    """The districts by how far they lie behind their plan; those that have not reported last."""
    overall = [line for line in districts if line.day == on and line.domain == line.indicator == "all"]
    return [line.place_code for line in sorted(overall, key=lambda line: (line.share is None, -line.gap, line.place))]


def _ranking(districts: Sequence[Line], ranked: Sequence[str]) -> Iterator[Piece]:
    yield marks.section(say("province.ranking"), say("province.ranking_aside"))
    columns = [(("all", "all"), say("table.overall")), *(((one.name, "all"), one.label) for one in election.domains)]
    yield marks.place_table(findings.index(districts), [places[code] for code in ranked], on, week_ago, columns, _district, say("national.provinces_caption", day=short_day(week_ago)))
    yield downloads(_figures, f"{province.code}-{on}")


def _figures() -> pd.DataFrame:
    return readiness.figures(store, viewer.scope.within(places, province.code), "district", days=(on,))


# Show
head, pieces = kept(("province", viewer.scope, province.code, on, maps.is_dark(), filters.href(".")), ask)
with frame.head():
    st.html(head)
    with frame.beside():
        with frame.row():
            filters.choose_place(filters.options("province"), province, say("filters.province"))
            filters.choose_day(on)
        st.html(papers(province, on))
clicked = lay(pieces)
if clicked:
    st.switch_page("readiness/district.py", query_params=filters.query(place=clicked))
