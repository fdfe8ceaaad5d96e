"""Training: who will stand untrained at a polling station?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from data import readiness
from pages.parts import charts, domain_page, marks
from pages.parts.domain_page import Asked
from pages.parts.tables import shown, wide_chart
from pages.parts.words import say

SUMS = ("sessions_planned", "sessions_held", "required", "attended", "passed", "women_attended", "transferred")


def show(asked: Asked) -> None:
    courses = {code.value: code.label for code in asked.domain.column("course").codes}
    cadres = {code.value: code.label for code in asked.domain.column("cadre").codes}
    now = readiness.tally(asked.store, asked.scope, "training", place=asked.place.code, days=(asked.on,), by=("course", "cadre"), sums=SUMS)
    left, right = st.columns(2, gap="medium")
    with left:
        _attended(asked, now, courses)
    with right:
        _sessions(asked)
    _courses(asked, now, courses, cadres)
    _by_place(asked, courses)
    _cers(asked, now, courses)


def _attended(asked: Asked, now: pd.DataFrame, courses: dict[str, str]) -> None:
    st.html(marks.section(say("training.attended"), say("training.attended_aside")))
    frame = now.groupby("course")[["attended", "required"]].sum().reindex([course for course in courses if course in set(now["course"])])
    frame.index = [courses[course] for course in frame.index]
    st.plotly_chart(charts.bars(frame, dark=asked.dark, done="attended", of="required", unit=say("training.people")), theme=None, config=charts.CONFIG,
                    key="attended", alt=say("training.attended_alt"))


def _sessions(asked: Asked) -> None:
    st.html(marks.section(say("training.sessions"), say("training.sessions_aside")))
    frame = readiness.tally(asked.store, asked.scope, "training", place=asked.place.code, days=asked.weeks, sums=("sessions_held", "sessions_planned"))
    frame = frame.rename(columns={"sessions_held": "held", "sessions_planned": "planned"})
    if frame.empty:
        return
    last = frame.iloc[-1]
    st.plotly_chart(charts.by_week(frame, dark=asked.dark), theme=None, config=charts.CONFIG, key="sessions",
                    alt=say("training.sessions_alt", held=f"{last['held']:,}", planned=f"{last['planned']:,}"))
    left = (asked.election.due(asked.domain.indicators[1]) - asked.on).days
    missing = int(last["planned"] - last["held"])
    before = frame[frame["day"] <= frame["day"].iloc[-1] - pd.Timedelta(days=28)]
    recent = int(last["held"] - before["held"].iloc[-1]) if len(before) else None
    if missing > 0 and left > 0 and recent is not None:
        st.html(marks.muted(say("training.pace", needed=f"{missing / left * 7:,.0f}", now=f"{recent / 4:,.0f}")))


def _courses(asked: Asked, now: pd.DataFrame, courses: dict[str, str], cadres: dict[str, str]) -> None:
    """By course and cadre: who is untrained, pass rate, women, and what transfers have cost."""
    st.html(marks.section(say("training.courses"), say("training.courses_aside")))
    columns = [say("table.course"), say("table.cadre"), *(marks.Column(say(f"training.{name}"), number=True) for name in (
        "required", "attended_count", "untrained", "share", "pass_rate", "women", "lost"))]
    rows = []
    for row in sorted(now.itertuples(), key=lambda row: (list(courses).index(row.course), list(cadres).index(row.cadre))):
        rows.append([
            courses[row.course], cadres[row.cadre], row.required, row.attended, row.required - row.attended, _share(row.attended, row.required),
            _share(row.passed, row.attended), _share(row.women_attended, row.attended), None if pd.isna(row.transferred) else int(row.transferred)])
    shown(columns, rows, say("training.courses"), name=f"courses-{asked.place.code}-{asked.on}", key="courses")


def _share(done: int, of: int) -> str | None:
    return None if pd.isna(done) or not of else marks.percent(done / of)


def _by_place(asked: Asked, courses: dict[str, str]) -> None:
    by = "province" if asked.place.level == "country" else "district"
    st.html(marks.section(say("training.by_place"), say("training.by_place_aside")))
    frame = readiness.tally(asked.store, asked.scope, "training", place=asked.place.code, days=(asked.on,), by=(by, "course"), sums=("required", "attended"))
    frame = frame.assign(row=frame[by].map(lambda code: asked.election.places[code].name), column=frame["course"].map(courses))
    figure = charts.share_grid(frame, done="attended", of="required", columns=[label for key, label in courses.items() if key in set(frame["course"])], dark=asked.dark)
    wide_chart(figure, lambda: frame.drop(columns="day"), f"training-{asked.place.code}-{asked.on}", key="by_place", alt=say("training.by_place_alt"))


def _cers(asked: Asked, now: pd.DataFrame, courses: dict[str, str]) -> None:
    """The rolls' users by phase: sessions and people."""
    st.html(marks.section(say("training.cers"), say("training.cers_aside")))
    phases = now[now["course"].str.startswith("CERS")].groupby("course")[["sessions_planned", "sessions_held", "required", "attended", "passed"]].sum()
    if phases.empty:
        st.html(marks.muted(say("training.no_cers")))
        return
    columns = [say("training.phase"), *(marks.Column(say(f"training.{name}"), number=True) for name in ("planned", "held", "required", "attended_count", "share", "pass_rate"))]
    rows = [[courses[phase], int(row["sessions_planned"]), int(row["sessions_held"]), int(row["required"]), int(row["attended"]),
             _share(row["attended"], row["required"]), _share(row["passed"], row["attended"])] for phase, row in phases.iterrows()]
    shown(columns, rows, say("training.cers"), name=f"cers-{asked.place.code}-{asked.on}", key="cers")


asked = domain_page.begin("training")
if asked is not None:
    show(asked)
    domain_page.end(asked)
