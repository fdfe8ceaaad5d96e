"""Appointments: where do posts wait?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from data import readiness
from pages.parts import charts, domain_page, findings, marks
from pages.parts.domain_page import Asked
from pages.parts.pieces import Piece, beside
from pages.parts.tables import downloads, sheet, shown, taken, wide_chart
from pages.parts.words import day, say

STAGES = ("sanctioned", "proposed", "approved", "notified", "joined")
Row = dict[str, Any]  # of what was counted, by column


def own(asked: Asked) -> Iterator[Piece]:
    labels = {stage: asked.domain.column(stage).label for stage in STAGES}
    history = readiness.counted(asked.store, asked.scope, "appointments", place=asked.place.code, days=asked.weeks, by=("post",),
                                sums=(*STAGES, "vacated", "women"))
    posts = {code.value: code.label for code in asked.domain.column("post").codes}
    of_post = {row["post"]: row for row in history if row["day"] == asked.on}
    now = [of_post[post] for post in posts if post in of_post]
    names, counts = [posts[row["post"]] for row in now], {stage: [row[stage] for row in now] for stage in STAGES}
    yield marks.section(say("appointments.stages"), say("appointments.stages_aside"))
    yield wide_chart(charts.stages(names, counts, labels, dark=asked.dark), lambda: pd.DataFrame({say("table.post"): names, **{labels[stage]: counts[stage] for stage in STAGES}}),
                     f"stages-{asked.place.code}-{asked.on}", key="stages", alt=say("appointments.stages_alt", place=asked.place.name))
    yield beside(_waiting(asked, history, posts, labels), _vacated(asked, now, posts))
    yield from _by_place(asked, posts)
    yield from _open_posts(asked, posts)


def _waiting(asked: Asked, history: Sequence[Row], posts: dict[str, str], labels: dict[str, str]) -> Iterator[Piece]:
    """For each stage: how many wait before it, and for how long the first of them has, taken in order of arrival."""
    yield marks.section(say("appointments.waiting"), say("appointments.waiting_aside"))
    of_post, rows = defaultdict(list), []
    for row in history:
        of_post[row["post"]].append(row)
    for post in posts:
        own = of_post[post]
        days, counts = [row["day"] for row in own], {stage: [row[stage] for row in own] for stage in STAGES}
        for before, after in zip(STAGES, STAGES[1:]):
            number, since = findings.waiting(days, counts[before], counts[after])
            if number and days[-1] == asked.on:
                rows.append((posts[post], labels[after], number, (asked.on - since).days, since))
    rows.sort(key=lambda row: (-row[3], -row[2]))
    columns = [say("table.post"), say("table.waits_for"), marks.Column(say("table.waiting"), number=True), marks.Column(say("table.days"), number=True)]
    waits = [[post, stage, number, marks.measured(say("appointments.at_least", days=days) if since <= asked.weeks[0] else f"{days}", days)]
             for post, stage, number, days, since in rows[:10]]
    if not waits:
        yield marks.muted(say("appointments.nobody_waits"))
        return
    yield shown(columns, waits, say("appointments.waiting_caption", day=day(asked.weeks[0])), name=f"waiting-{asked.place.code}-{asked.on}", visible=True)


def _vacated(asked: Asked, now: Sequence[Row], posts: dict[str, str]) -> Iterator[Piece]:
    yield marks.section(say("appointments.vacated"), say("appointments.vacated_aside"))
    told = readiness.counted(asked.store, asked.scope, "appointments", place=asked.place.code, days=(asked.on,), by=("post",), sums=("joined",), given="women")
    joined_where_told = {row["post"]: row["joined"] for row in told}
    again = sorted(((row["post"], row["vacated"]) for row in now if row["vacated"]), key=lambda one: -one[1])
    if not again:
        yield marks.muted(say("appointments.none_vacated"))
        return
    columns = [say("table.post"), marks.Column(say("table.vacated"), number=True), marks.Column(say("table.joined"), number=True), marks.Column(say("table.women"), number=True)]
    of_post = {row["post"]: row for row in now}
    rows = [[posts[post], vacated, of_post[post]["joined"], marks.percent(of_post[post]["women"] / of) if (of := joined_where_told.get(post)) else None]
            for post, vacated in again]
    yield marks.table(columns, rows, say("appointments.vacated"))


def _by_place(asked: Asked, posts: dict[str, str]) -> Iterator[Piece]:
    """Post × province (× district within a province): the share that has joined."""
    by = "province" if asked.place.level == "country" else "district"
    yield marks.section(say("appointments.by_place"), say("appointments.by_place_aside"))
    told = readiness.counted(asked.store, asked.scope, "appointments", place=asked.place.code, days=(asked.on,), by=(by, "post"), sums=("sanctioned", "joined"))
    parts = [(asked.election.places[row[by]].name, posts[row["post"]], row["joined"], row["sanctioned"]) for row in told]
    present = {row["post"] for row in told}
    figure = charts.share_grid(parts, columns=[label for value, label in posts.items() if value in present], dark=asked.dark)
    headings = [say("table.place"), say("table.post"), asked.domain.column("sanctioned").label, say("table.joined")]
    yield wide_chart(figure, lambda: pd.DataFrame([(name, post, sanctioned, joined) for name, post, joined, sanctioned in parts], columns=headings),
                     f"joined-{asked.place.code}-{asked.on}", key="by_place", alt=say("appointments.by_place_alt"))


def _open_posts(asked: Asked, posts: dict[str, str]) -> Iterator[Piece]:
    yield marks.section(say("appointments.open"), say("appointments.open_aside"))
    told = readiness.counted(asked.store, asked.scope, "appointments", place=asked.place.code, days=(asked.on,), by=("district", "post"), sums=STAGES)
    rows = sorted((row for row in told if row["sanctioned"] > row["joined"]), key=lambda row: row["joined"] - row["sanctioned"])
    stages = {asked.domain.column(stage).label: [row[stage] for row in rows] for stage in STAGES}
    table = {
        say("table.district"): [asked.election.places[row["district"]].name for row in rows], say("table.post"): [posts[row["post"]] for row in rows],
        say("table.vacant"): [row["sanctioned"] - row["joined"] for row in rows], **stages}
    yield sheet(table, key="open_posts", alt=say("appointments.open"))
    yield downloads(lambda: taken(table), f"vacant-posts-{asked.place.code}-{asked.on}")


domain_page.show("appointments", own)
