"""A draft of the policy: its fields, what it would do to today's figures, and its publication."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from data import policy
from data.election import Election, ElectionError
from data.policy import PolicyError
from data.readiness import Line
from data.store import Store
from pages.parts import marks, session
from pages.parts.session import Viewer
from pages.parts.words import say, words


def show(store: Store, viewer: Viewer) -> None:
    """The fields as the policy stands, and, once one is changed, what comes of it."""
    path = session.election_file()
    text = path.read_text(encoding="utf-8-sig")
    st.html(marks.section(say("policy.draft"), say("policy.draft_aside")))
    try:
        election = policy.drafted(store, path, text)
    except ElectionError as error:
        st.html(marks.banner("problem", say("policy.mistake_in_file", mistakes=say("list.separator").join(error.mistakes))))
        return
    wanted = policy.edited(text, _fields(election, key=str(hash(text))))
    if not policy.differences(text, wanted):
        st.html(marks.muted(say("policy.nothing_changed")))
        return
    try:
        draft = policy.drafted(store, path, wanted)
    except ElectionError as error:
        st.html(marks.banner("problem", say("policy.mistake", mistakes=say("list.separator").join(error.mistakes))))
        return
    rows = [[one.key, one.before or None, one.after or None] for one in policy.differences(text, wanted)]
    st.html(marks.table([say(f"administration.{name}") for name in ("key", "before", "after")], rows, say("policy.differences"), wrap=True, stacks=True, shown=True))
    _effect(store, viewer, draft)
    if st.button(say("policy.publish"), key="policy_publish", type="primary", help=say("policy.publish_help")):
        try:
            policy.publish(store, path, wanted, instead_of=text, by=viewer.name)
        except (PolicyError, ElectionError) as error:
            st.html(marks.banner("problem", str(error)))
            return
        st.session_state["administration_told"] = say("policy.published")
        st.rerun()


# Fields


def _fields(election: Election, *, key: str) -> dict[str, Any]:
    """The value of every key that can be changed here, as its field stands."""
    told: dict[str, Any] = {}
    with st.container(horizontal=True, gap="small", key="policy_dates"):
        for name, on in election.dates.items():
            told[f"dates.{name}"] = st.date_input(_label("date", name), on, format="DD/MM/YYYY", key=f"{key}_dates_{name}", width=200)
        told["status.behind"] = round(st.number_input(say("policy.behind"), 0.0, 100.0, election.behind * 100, 1.0, key=f"{key}_behind", width=260) / 100, 4)
    with st.container(horizontal=True, gap="small", key="policy_weights"):
        for domain in election.domains:
            told[f"weights.{domain.name}"] = _weight(say("policy.weight", name=domain.label), election.weights[domain.name], f"{key}_weight_{domain.name}")
    chosen = st.selectbox(say("policy.indicator"), [indicator.id for _, indicator in election.indicators], key="policy_indicator", width=572,
                          format_func=lambda id: say("policy.indicator_of", id=id, name=election.indicator(id).label))
    left, right = st.columns(2)
    with left:
        told |= _of_indicators(election, chosen, key)
    with right:
        for name, steps in election.windows.items():
            edited = _steps(_label("window", name), list(steps), (say("policy.from"), say("policy.days")), f"{key}_window_{name}")
            told[f"windows.{name}"] = [{"days": int(days)} if start is None else {"from": int(start), "days": int(days)} for start, days in edited if days is not None]
    return told


def _of_indicators(election: Election, chosen: str, key: str) -> dict[str, Any]:
    """The weight and the line of the chosen indicator as their fields stand, and what was changed of others before these were chosen."""
    drafts: dict[str, dict[str, Any]] = st.session_state.setdefault("policy_indicators", {}).setdefault(key, {})
    indicator = election.indicator(chosen)
    now = {f"indicator_weights.{chosen}": election.weight(indicator), f"milestones.{chosen}": [list(point) for point in election.milestones_of(indicator)]}
    if st.session_state.get("policy_begun", ())[:2] != (key, chosen):
        # Fields begin with what was drafted, and keep that beginning for as long as they stand: what is typed is told from it.
        st.session_state["policy_begun"] = key, chosen, now | drafts.get(chosen, {})
    weight, line = st.session_state["policy_begun"][2].values()
    told = {f"indicator_weights.{chosen}": _weight(say("policy.weight_in_domain"), weight, f"{key}_indicator_{chosen}")}
    edited = _steps(say("policy.line"), [(days, share * 100) for days, share in line], (say("policy.days_before"), say("policy.share")), f"{key}_line_{chosen}")
    told[f"milestones.{chosen}"] = [[int(days), round(share / 100, 4)] for days, share in edited if days is not None and share is not None]
    drafts[chosen] = {name: value for name, value in told.items() if value != now[name]}
    return {name: value for draft in drafts.values() for name, value in draft.items()}


def _label(kind: str, name: str) -> str:
    """The words for a date or a window; an election may have others than those that the words know."""
    return words().get(f"policy.{kind}_{name}", name)


def _weight(label: str, now: float, key: str) -> float | int:
    told = st.number_input(label, 0.0, 1000.0, float(now), 0.5, key=key, width=200)
    return int(told) if told.is_integer() else told


def _steps(title: str, steps: Sequence[tuple[Any, Any]], columns: tuple[str, str], key: str) -> list[tuple[float | None, float | None]]:
    """The rows of a small table, in which they can be changed, added and taken away."""
    st.html(marks.subheading(title))
    frame = pd.DataFrame(steps, columns=list(columns), dtype="float64")
    told = st.data_editor(frame, num_rows="dynamic", hide_index=True, key=key, column_config={name: st.column_config.NumberColumn(name, min_value=0, format="%g") for name in columns})
    return [tuple(None if pd.isna(value) else float(value) for value in row) for row in told.itertuples(index=False)]


# What it would do


def _effect(store: Store, viewer: Viewer, draft: Election) -> None:
    """The country's and the provinces' shares and statuses as they are and would be, and the districts whose status would be another."""
    on: date = store.today
    lines = [(one, other) for one, other in policy.effect(store, viewer.scope, draft, on=on) if one.domain == one.indicator == "all"]
    st.html(marks.subheading(say("policy.effect")))
    if not lines:
        st.html(marks.muted(say("policy.no_figures")))
        return
    wide = [(one, other) for one, other in lines if one.level != "district"]
    rows = [[one.place, marks.percent(one.share), marks.percent(other.share), marks.percent(one.expected), marks.percent(other.expected), marks.status_tag(one.status), marks.status_tag(other.status)]
            for one, other in wide]
    columns = [say("policy.place"), *(marks.Column(say(f"policy.{name}"), number=True) for name in ("share_now", "share_then", "expected_now", "expected_then")),
               say("policy.status_now"), say("policy.status_then")]
    if rows:
        st.html(marks.table(columns, rows, say("policy.effect"), wrap=True))
    districts = [(one, other) for one, other in lines if one.level == "district"]
    moved = [(one, other) for one, other in districts if one.status != other.status]
    st.html(marks.muted(say("policy.moved", count=len(moved), moved=f"{len(moved):,}", districts=f"{len(districts):,}")))
    _counts(districts)
    if moved:
        st.html(marks.opened(say("policy.moved_table"), marks.table([say("administration.district"), say("policy.status_now"), say("policy.status_then")],
                            [[one.place, marks.status_tag(one.status), marks.status_tag(other.status)] for one, other in moved], say("policy.moved_table"), wrap=True)))


def _counts(districts: Sequence[tuple[Line, Line]]) -> None:
    now, then = (Counter(pair[at].status for pair in districts) for at in (0, 1))
    rows = [[marks.status_tag(status), now[status], then[status]] for status in dict.fromkeys((*now, *then))]
    st.html(marks.table([say("administration.state"), marks.Column(say("policy.districts_now"), number=True), marks.Column(say("policy.districts_then"), number=True)],
                        rows, say("policy.counts"), wrap=True))
