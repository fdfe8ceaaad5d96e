"""Definitions: what is measured, how it is computed, what the plan wants and who says so."""

from __future__ import annotations

import streamlit as st

from data.declare import Domain, Indicator
from data.election import Office
from pages.parts import marks, session
from pages.parts.words import day, say

election, scope = session.store().election, session.viewer().scope


def show() -> None:
    st.html(marks.headline(say("definitions.title"), [election.name, say("figure.e_day", day=day(election.e_day))]))
    _statuses()
    for domain in election.domains:
        _domain(domain)
    _plan()


def _statuses() -> None:
    st.html(marks.section(say("definitions.statuses")))
    points = round(election.behind * 100)
    rows = [[marks.status_tag(status), say(f"definitions.{status}", points=points)] for status in marks.STATUSES]
    st.html(marks.table([say("table.status"), say("definitions.means")], rows, say("definitions.statuses")))


def _domain(domain: Domain) -> None:
    weight = election.weights[domain.name] / sum(election.weights.values())
    st.html(marks.section(domain.label, say("definitions.domain_aside", row=domain.row, share=marks.percent(weight))))
    columns = [say("table.indicator"), say("table.how"), say("table.unit"), say("table.due"), say("table.milestones"), marks.Column(say("definitions.weight"), number=True), say("table.source")]
    st.html(marks.table(columns, [_indicator(indicator) for indicator in domain.indicators], domain.label, wrap=True))


def _indicator(indicator: Indicator) -> list[marks.Cell]:
    milestones = ", ".join(say("definitions.milestone", count=days, days=days, share=marks.percent(share)) for days, share in election.milestones_of(indicator))
    anchor = say(f"definitions.anchor_{indicator.anchor}") if indicator.anchor in ("e_day", "programme", "nominations") else indicator.anchor
    return [marks.joined(indicator.id, indicator.label), indicator.how, indicator.unit, day(election.due(indicator)),
            say("definitions.milestones", milestones=milestones, anchor=anchor, day=day(election.dates[indicator.anchor])), f"{election.weight(indicator):g}", indicator.source]


def _plan() -> None:
    st.html(marks.section(say("definitions.plan")))
    rows = [[duty.title, day(election.duty_date(duty)), duty.section, duty.source] for duty in election.duties]
    st.html(marks.table([say("definitions.duty"), say("table.due"), say("definitions.section"), say("table.source")], rows, say("definitions.duties"), wrap=True))
    windows = [[say(f"definitions.window_{name}") if name in ("freshness", "briefing") else name,
                "; ".join(say("definitions.window_first", days=days) if start is None else say("definitions.window_from", count=days, days=days, start=start) for start, days in steps)]
               for name, steps in election.windows.items()]
    st.html(marks.table([say("definitions.window"), say("definitions.means")], windows, say("definitions.windows")))
    pace = election.pace
    st.html(marks.section(say("definitions.foreseen")))
    st.html(marks.muted(say("clock.how", days=pace.days, reports=pace.reports, slower=f"{pace.slower:g}", faster=f"{pace.faster:g}")))
    if election.offices:
        offices = [[title, say("list.separator").join(election.domain(name).label for name in office.domains)] for office in election.offices for title in _titles(office)]
        st.html(marks.section(say("definitions.offices"), say("definitions.offices_aside")))
        st.html(marks.table([say("definitions.office"), say("definitions.acts_in")], offices, say("definitions.offices")))


def _titles(office: Office) -> list[str]:
    """An office's title in any province, and in those that the viewer sees and that have another."""
    places = election.places
    return [office.title.format(place=say("definitions.a_province")), *(office.titles[code] for code in office.titles if scope.covers(places, code))]


show()
