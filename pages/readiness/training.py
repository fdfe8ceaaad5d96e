"""Training: who will stand untrained at a polling station?"""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import streamlit as st

from data import readiness
from pages.parts import charts, domain_page, marks
from pages.parts.domain_page import Asked
from pages.parts.tables import shown, wide_chart
from pages.parts.words import day, say

STAFF = ("PRO", "POLL")  # the courses of those who stand at a polling station
SUMS = ("sessions_planned", "sessions_held", "required", "attended", "passed", "women_attended", "transferred")


def show(asked: Asked) -> None:
    courses = {code.value: code.label for code in asked.domain.column("course").codes}
    cadres = {code.value: code.label for code in asked.domain.column("cadre").codes}
    now = readiness.tally(asked.store, asked.scope, "training", place=asked.place.code, days=(asked.on,), by=("course", "cadre"), sums=SUMS)
    told = readiness.tally(asked.store, asked.scope, "training", place=asked.place.code, days=(asked.on,), by=("course", "cadre"), sums=("attended",),
                           given="women_attended")
    now = now.merge(told[["course", "cadre", "attended"]].rename(columns={"attended": "attended_where_women_told"}), how="left", on=["course", "cadre"])
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
    by_course = readiness.tally(asked.store, asked.scope, "training", place=asked.place.code, days=asked.weeks, by=("course",),
                                sums=("sessions_held", "sessions_planned")).rename(columns={"sessions_held": "held", "sessions_planned": "planned"})
    frame = by_course.groupby("day", as_index=False)[["held", "planned"]].sum()
    if frame.empty:
        return
    last = frame.iloc[-1]
    st.plotly_chart(charts.by_week(frame, asked.span, dark=asked.dark), theme=None, config=charts.CONFIG, key="sessions",
                    alt=say("training.sessions_alt", held=f"{last['held']:,}", planned=f"{last['planned']:,}"))
    _pace(asked, by_course[by_course["course"].isin(STAFF)].groupby("day", as_index=False)[["held", "planned"]].sum())


def _pace(asked: Asked, staff: pd.DataFrame) -> None:
    """The polling staff's sessions: how many a week are needed to the indicator's due date, and how many were held."""
    due = next(asked.election.due(indicator) for indicator in asked.domain.indicators if indicator.id == "TR2")
    pace_days = asked.election.pace.days
    before = staff[staff["day"] <= pd.Timestamp(asked.on - timedelta(days=pace_days))]
    if staff.empty or before.empty or due <= asked.on:
        return
    last = staff.iloc[-1]
    missing, recent = int(last["planned"] - last["held"]), int(last["held"] - before["held"].iloc[-1])
    if missing > 0:
        st.html(marks.muted(say("training.pace", needed=f"{missing / (due - asked.on).days * 7:,.0f}", now=f"{recent / pace_days * 7:,.0f}", day=day(due))))


def _courses(asked: Asked, now: pd.DataFrame, courses: dict[str, str], cadres: dict[str, str]) -> None:
    """By course and cadre: who is untrained, pass rate, women, and what transfers have cost."""
    st.html(marks.section(say("training.courses"), say("training.courses_aside")))
    columns = [say("table.course"), say("table.cadre"), *(marks.Column(say(f"training.{name}"), number=True) for name in (
        "required", "attended_count", "untrained", "share", "pass_rate", "women", "lost"))]
    rows = []
    for row in sorted(now.itertuples(), key=lambda row: (list(courses).index(row.course), list(cadres).index(row.cadre))):
        rows.append([
            courses[row.course], cadres[row.cadre], row.required, row.attended, row.required - row.attended, _share(row.attended, row.required),
            _share(row.passed, row.attended), _share(row.women_attended, row.attended_where_women_told), None if pd.isna(row.transferred) else int(row.transferred)])
    shown(columns, rows, say("training.courses"), name=f"courses-{asked.place.code}-{asked.on}", key="courses")


def _share(done: int, of: int) -> marks.Measured | None:
    return None if pd.isna(done) or pd.isna(of) or not of else marks.measured(marks.percent(done / of), done / of)


def _by_place(asked: Asked, courses: dict[str, str]) -> None:
    by = "province" if asked.place.level == "country" else "district"
    st.html(marks.section(say("training.by_place"), say("training.by_place_aside")))
    frame = readiness.tally(asked.store, asked.scope, "training", place=asked.place.code, days=(asked.on,), by=(by, "course"), sums=("required", "attended"))
    frame = frame.assign(row=frame[by].map(lambda code: asked.election.places[code].name), column=frame["course"].map(courses))
    figure = charts.share_grid(frame, done="attended", of="required", columns=[label for key, label in courses.items() if key in set(frame["course"])], dark=asked.dark)
    headings = {"row": say("table.place"), "column": say("table.course"), "required": say("training.required"), "attended": say("training.attended_count")}
    wide_chart(figure, lambda: frame[["row", "column", "required", "attended"]].rename(columns=headings), f"training-{asked.place.code}-{asked.on}", key="by_place", alt=say("training.by_place_alt"))


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
