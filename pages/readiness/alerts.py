"""Alerts: what must I know of by myself, and have not acknowledged?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import streamlit as st

from data.alerts import Alert, acknowledge, acknowledged, alerts
from data.written import WritingError
from pages.alerting import telling
from pages.parts import filters, frame, marks, session
from pages.parts.pieces import Pieces, kept, lay
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
known = acknowledged(store, viewer.name).intersection(one.key for one in every)
new = [one for one in every if one.key not in known]


def ask() -> tuple[marks.Html, Pieces, Pieces]:
    """The page's head, the pieces above the form, and those below."""
    old = [one for one in every if one.key in known]
    head = marks.headline(say("alerts.title", count=len(new), number=f"{len(new):,}") if new else say("alerts.title_none"),
                          [say("figure.as_of", day=day(on)), say("alerts.subject", number=f"{len(old):,}")])
    tables = tuple(piece for heading, of in telling.by_rule(new) for piece in _table(heading, of))
    told = marks.opened(say("alerts.old", count=len(old), number=f"{len(old):,}"), marks.lines(
        marks.muted(say("digest.line", place=one.place.name, what=telling.what(one, election), why=telling.why(one, election))) for one in old)) if old else marks.Html("")
    rules = election.alerts
    return head, tables or (marks.muted(say("alerts.none")),), (told, marks.note(say("how.question"), say("alerts.how", breach=rules.breach, silent=rules.silent)))


# Show
def show(head: marks.Html, above: Pieces, below: Pieces) -> None:
    with frame.head():
        st.html(head)
        filters.choose_day(on)
    said()
    lay(above)
    if new:
        forms(("alerts.acknowledge", "done_all", _acknowledge))
    lay(below)


def _table(heading: str, of: Sequence[Alert]) -> Iterator[marks.Html]:
    rule = of[0].rule
    yield marks.section(heading, say(f"alerts.{rule}_aside"))
    columns = [say("table.place"), say("alerts.what"), say("alerts.why")]
    rows = [[marks.link(one.place.name, _href(one)), marks.named(marks.state_tag(telling.paint(one), telling.what(one, election)), ""), telling.why(one, election)] for one in of]
    yield shown(columns, rows[:_MOST], heading, name=f"alerts-{rule}-{on}", stacks=True)
    if len(of) > _MOST:
        yield marks.muted(say("figure.and_more", count=len(of) - _MOST))


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


show(*kept(("alerts page", viewer.scope, on, known, filters.href(".")), ask))
