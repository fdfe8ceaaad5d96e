"""Alerts: what must I know of by myself, and have not acknowledged?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from data.alerts import Alert, acknowledge, acknowledged, alerts
from data.written import WritingError
from pages.alerting import telling
from pages.parts import filters, frame, marks, session
from pages.parts.tables import shown
from pages.parts.words import day, say
from pages.parts.writing import forms, said

_MOST = 50  # rows of a rule; the download has all

store, viewer = session.store(), session.viewer()
election = store.election

# Which date
on = filters.day_in_url()

# Ask
every = alerts(store, viewer.scope, on=on)
known = acknowledged(store, viewer.name)
new = [one for one in every if one.key not in known]
old = [one for one in every if one.key in known]


# Show
def show() -> None:
    with frame.head():
        st.html(marks.headline(say("alerts.title", count=len(new), number=f"{len(new):,}") if new else say("alerts.title_none"),
                               [say("figure.as_of", day=day(on)), say("alerts.subject", number=f"{len(old):,}")]))
        filters.choose_day(on)
    said()
    for heading, of in telling.by_rule(new):
        _table(heading, of)
    if not new:
        st.html(marks.muted(say("alerts.none")))
    else:
        forms(("alerts.acknowledge", "done_all", _acknowledge))
    if old:
        st.html(marks.opened(say("alerts.old", count=len(old), number=f"{len(old):,}"), marks.lines(
            marks.muted(say("digest.line", place=one.place.name, what=telling.what(one, election), why=telling.why(one, election))) for one in old)))
    rules = election.alerts
    st.html(marks.note(say("how.question"), say("alerts.how", breach=rules.breach, silent=rules.silent)))


def _table(heading: str, of: Sequence[Alert]) -> None:
    rule = of[0].rule
    st.html(marks.section(heading, say(f"alerts.{rule}_aside")))
    columns = [say("table.place"), say("alerts.what"), say("alerts.why")]
    rows = [[marks.link(one.place.name, _href(one)), marks.named(marks.state_tag(telling.paint(one), telling.what(one, election)), ""), telling.why(one, election)] for one in of]
    shown(columns, rows[:_MOST], heading, name=f"alerts-{rule}-{on}", key=f"alerts_{rule}", stacks=True)
    if len(of) > _MOST:
        st.html(marks.muted(say("figure.and_more", count=len(of) - _MOST)))


def _href(one: Alert) -> str:
    """Where to look at it: the meetings for an action, the clock for a date, the domain's page, a silent district's own."""
    page = {"overdue": "meetings", "breach": "clock", "silent": "district"}.get(one.rule, one.subject)
    return filters.href(page, place=one.place.code)


def _acknowledge() -> Callable[[], object]:
    names = {one.key: say("digest.line", place=one.place.name, what=telling.what(one, election)[:80], why=telling.why(one, election)[:80]) for one in new}
    whole = st.checkbox(say("alerts.all", number=f"{len(new):,}"), key="alerts_all")
    chosen = st.multiselect(say("alerts.which"), list(names), format_func=lambda key: marks.label(names[key]), key="alerts_which", placeholder=say("alerts.choose"))

    def done() -> None:
        if not acknowledge(store, viewer.scope, list(names) if whole else chosen, who=viewer.name, on=on):
            raise WritingError(say("alerts.nothing_chosen"))

    return done


show()
