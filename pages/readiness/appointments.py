"""Appointments: where do posts wait?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from data import readiness
from pages.parts import charts, domain_page, findings, marks
from pages.parts.domain_page import Asked
from pages.parts.tables import downloads, sheet, shown, wide_chart
from pages.parts.words import day, say

STAGES = ("sanctioned", "proposed", "approved", "notified", "joined")


def show(asked: Asked) -> None:
    labels = {stage: asked.domain.column(stage).label for stage in STAGES}
    history = readiness.tally(asked.store, asked.scope, "appointments", place=asked.place.code, days=asked.weeks, by=("post",),
                              sums=(*STAGES, "vacated", "women"))
    posts = {code.value: code.label for code in asked.domain.column("post").codes}
    now = history[history["day"].dt.date == asked.on].set_index("post").reindex([post for post in posts if post in set(history["post"])]).dropna(subset=["sanctioned"])
    now.index = [posts[post] for post in now.index]
    st.html(marks.section(say("appointments.stages"), say("appointments.stages_aside")))
    stages = now[list(STAGES)].astype(int)
    wide_chart(charts.stages(stages, labels, dark=asked.dark), lambda: stages.rename(columns=labels).rename_axis(say("table.post")).reset_index(),
               f"stages-{asked.place.code}-{asked.on}", key="stages", alt=say("appointments.stages_alt", place=asked.place.name))
    left, right = st.columns(2, gap="medium")
    with left:
        _waiting(asked, history, posts, labels)
    with right:
        _vacated(asked, now, posts)
    _by_place(asked, posts)
    _open_posts(asked, posts)


def _waiting(asked: Asked, history: pd.DataFrame, posts: dict[str, str], labels: dict[str, str]) -> None:
    """For each stage: how many wait before it, and for how long the first of them has, taken in order of arrival."""
    st.html(marks.section(say("appointments.waiting"), say("appointments.waiting_aside")))
    rows = []
    for post in posts:
        own = history[history["post"] == post].sort_values("day")
        for before, after in zip(STAGES, STAGES[1:]):
            number, since = findings.waiting(own["day"].dt.date.tolist(), own[before].tolist(), own[after].tolist())
            if number and own["day"].dt.date.max() == asked.on:
                rows.append((posts[post], labels[after], number, (asked.on - since).days, since))
    rows.sort(key=lambda row: (-row[3], -row[2]))
    columns = [say("table.post"), say("table.waits_for"), marks.Column(say("table.waiting"), number=True), marks.Column(say("table.days"), number=True)]
    waits = [[post, stage, number, marks.measured(say("appointments.at_least", days=days) if since <= asked.weeks[0] else f"{days}", days)]
             for post, stage, number, days, since in rows[:10]]
    if not waits:
        st.html(marks.muted(say("appointments.nobody_waits")))
        return
    shown(columns, waits, say("appointments.waiting_caption", day=day(asked.weeks[0])), name=f"waiting-{asked.place.code}-{asked.on}", key="waiting", visible=True)


def _vacated(asked: Asked, now: pd.DataFrame, posts: dict[str, str]) -> None:
    st.html(marks.section(say("appointments.vacated"), say("appointments.vacated_aside")))
    told = readiness.tally(asked.store, asked.scope, "appointments", place=asked.place.code, days=(asked.on,), by=("post",), sums=("joined",), given="women")
    joined_where_told = dict(zip(told["post"].map(posts), told["joined"]))
    again = now[now["vacated"].fillna(0) > 0].sort_values("vacated", ascending=False)
    if again.empty:
        st.html(marks.muted(say("appointments.none_vacated")))
        return
    columns = [say("table.post"), marks.Column(say("table.vacated"), number=True), marks.Column(say("table.joined"), number=True), marks.Column(say("table.women"), number=True)]
    rows = [[post, int(row["vacated"]), int(row["joined"]), marks.percent(row["women"] / joined_where_told[post]) if joined_where_told.get(post) else None]
            for post, row in again.iterrows()]
    st.html(marks.table(columns, rows, say("appointments.vacated")))


def _by_place(asked: Asked, posts: dict[str, str]) -> None:
    """Post × province (× district within a province): the share that has joined."""
    by = "province" if asked.place.level == "country" else "district"
    st.html(marks.section(say("appointments.by_place"), say("appointments.by_place_aside")))
    frame = readiness.tally(asked.store, asked.scope, "appointments", place=asked.place.code, days=(asked.on,), by=(by, "post"), sums=("sanctioned", "joined"))
    names = {code: asked.election.places[code].name for code in frame[by].unique()}
    named = frame.assign(row=frame[by].map(names), column=frame["post"].map(posts))
    figure = charts.share_grid(named, done="joined", of="sanctioned", columns=[label for value, label in posts.items() if value in set(frame["post"])], dark=asked.dark)
    headings = {"row": say("table.place"), "column": say("table.post"), "sanctioned": asked.domain.column("sanctioned").label, "joined": say("table.joined")}
    wide_chart(figure, lambda: named[["row", "column", "sanctioned", "joined"]].rename(columns=headings), f"joined-{asked.place.code}-{asked.on}", key="by_place", alt=say("appointments.by_place_alt"))


def _open_posts(asked: Asked, posts: dict[str, str]) -> None:
    st.html(marks.section(say("appointments.open"), say("appointments.open_aside")))
    frame = readiness.tally(asked.store, asked.scope, "appointments", place=asked.place.code, days=(asked.on,), by=("district", "post"), sums=STAGES)
    frame = frame.assign(vacant=frame["sanctioned"] - frame["joined"])
    frame = frame[frame["vacant"] > 0].sort_values("vacant", ascending=False)
    table = pd.DataFrame({
        say("table.district"): frame["district"].map(lambda code: asked.election.places[code].name), say("table.post"): frame["post"].map(posts),
        say("table.vacant"): frame["vacant"], **{asked.domain.column(stage).label: frame[stage] for stage in STAGES}})
    sheet(table, key="open_posts", alt=say("appointments.open"))
    downloads(lambda: table, f"vacant-posts-{asked.place.code}-{asked.on}", key="open_posts")


asked = domain_page.begin("appointments")
if asked is not None:
    show(asked)
    domain_page.end(asked)
