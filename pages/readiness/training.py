"""Training: who will stand untrained at a polling station?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import pandas as pd

from data import readiness
from pages.parts import charts, domain_page, marks
from pages.parts.domain_page import Asked
from pages.parts.pieces import Chart, Figure, Piece, beside
from pages.parts.tables import shown, wide_chart
from pages.parts.words import day, say

STAFF = ("PRO", "POLL")  # the courses of those who stand at a polling station
SUMS = ("sessions_planned", "sessions_held", "required", "attended", "passed", "women_attended", "transferred")
Row = dict[str, Any]  # of what was counted, by column


def own(asked: Asked) -> Iterator[Piece]:
    courses = {code.value: code.label for code in asked.domain.column("course").codes}
    cadres = {code.value: code.label for code in asked.domain.column("cadre").codes}
    now = readiness.counted(asked.store, asked.scope, "training", place=asked.place.code, days=(asked.on,), by=("course", "cadre"), sums=SUMS)
    yield beside(_attended(asked, now, courses), _sessions(asked))
    yield from _courses(asked, now, courses, cadres)
    yield from _by_place(asked, courses)
    yield from _cers(asked, now, courses)


def _attended(asked: Asked, now: Sequence[Row], courses: dict[str, str]) -> Iterator[Piece]:
    yield marks.section(say("training.attended"), say("training.attended_aside"))
    of_course = _by_course(now)
    told = [course for course in courses if course in of_course]
    attended, required = ([of_course[course][name] for course in told] for name in ("attended", "required"))
    figure = charts.bars([courses[course] for course in told], attended, required, dark=asked.dark, unit=say("training.people"))
    yield Chart(Figure(figure), "attended", say("training.attended_alt"))


def _by_course(rows: Iterable[Row]) -> dict[str, Counter[str]]:
    """By course, over all cadres: the sums that every sheet tells."""
    sums: dict[str, Counter[str]] = {}
    for row in rows:
        sums.setdefault(row["course"], Counter()).update({name: row[name] for name in ("sessions_planned", "sessions_held", "required", "attended", "passed")})
    return sums


def _sessions(asked: Asked) -> Iterator[Piece]:
    yield marks.section(say("training.sessions"), say("training.sessions_aside"))
    told = readiness.counted(asked.store, asked.scope, "training", place=asked.place.code, days=asked.weeks, by=("course",), sums=("sessions_held", "sessions_planned"))
    weeks = _by_week(told)
    if not weeks:
        return
    _, held, planned = weeks[-1]
    yield Chart(Figure(charts.by_week(weeks, asked.span, dark=asked.dark)), "sessions", say("training.sessions_alt", held=f"{held:,}", planned=f"{planned:,}"))
    yield from _pace(asked, _by_week(row for row in told if row["course"] in STAFF))


def _by_week(rows: Iterable[Row]) -> list[tuple[date, int, int]]:
    """By day, over all courses: how many sessions were held, and planned."""
    held, planned = Counter[date](), Counter[date]()
    for row in rows:
        held[row["day"]] += row["sessions_held"]
        planned[row["day"]] += row["sessions_planned"]
    return [(at, held[at], planned[at]) for at in sorted(held)]


def _pace(asked: Asked, staff: Sequence[tuple[date, int, int]]) -> Iterator[Piece]:
    """The polling staff's sessions: how many a week are needed to the indicator's due date, and how many were held."""
    due = next(asked.election.due(indicator) for indicator in asked.domain.indicators if indicator.id == "TR2")
    pace_days = asked.election.pace.days
    before = [held for at, held, _ in staff if at <= asked.on - timedelta(days=pace_days)]
    if not before or due <= asked.on:
        return
    _, held, planned = staff[-1]
    missing, recent = planned - held, held - before[-1]
    if missing > 0:
        yield marks.muted(say("training.pace", needed=f"{missing / (due - asked.on).days * 7:,.0f}", now=f"{recent / pace_days * 7:,.0f}", day=day(due)))


def _courses(asked: Asked, now: Sequence[Row], courses: dict[str, str], cadres: dict[str, str]) -> Iterator[Piece]:
    """By course and cadre: who is untrained, pass rate, women, and what transfers have cost."""
    yield marks.section(say("training.courses"), say("training.courses_aside"))
    columns = [say("table.course"), say("table.cadre"), *(marks.Column(say(f"training.{name}"), number=True) for name in (
        "required", "attended_count", "untrained", "share", "pass_rate", "women", "lost"))]
    told = readiness.counted(asked.store, asked.scope, "training", place=asked.place.code, days=(asked.on,), by=("course", "cadre"), sums=("attended",),
                             given="women_attended")
    attended_where_told = {(row["course"], row["cadre"]): row["attended"] for row in told}
    rows = []
    for row in sorted(now, key=lambda row: (list(courses).index(row["course"]), list(cadres).index(row["cadre"]))):
        required, attended = row["required"], row["attended"]
        rows.append([
            courses[row["course"]], cadres[row["cadre"]], required, attended, required - attended, _share(attended, required), _share(row["passed"], attended),
            _share(row["women_attended"], attended_where_told.get((row["course"], row["cadre"]))), row["transferred"]])
    yield shown(columns, rows, say("training.courses"), name=f"courses-{asked.place.code}-{asked.on}")


def _share(done: int | None, of: int | None) -> marks.Measured | None:
    return None if done is None or not of else marks.measured(marks.percent(done / of), done / of)


def _by_place(asked: Asked, courses: dict[str, str]) -> Iterator[Piece]:
    by = "province" if asked.place.level == "country" else "district"
    yield marks.section(say("training.by_place"), say("training.by_place_aside"))
    told = readiness.counted(asked.store, asked.scope, "training", place=asked.place.code, days=(asked.on,), by=(by, "course"), sums=("required", "attended"))
    parts = [(asked.election.places[row[by]].name, courses[row["course"]], row["attended"], row["required"]) for row in told]
    present = {row["course"] for row in told}
    figure = charts.share_grid(parts, columns=[label for key, label in courses.items() if key in present], dark=asked.dark)
    headings = [say("table.place"), say("table.course"), say("training.required"), say("training.attended_count")]
    yield wide_chart(figure, lambda: pd.DataFrame([(name, course, required, attended) for name, course, attended, required in parts], columns=headings),
                     f"training-{asked.place.code}-{asked.on}", key="by_place", alt=say("training.by_place_alt"))


def _cers(asked: Asked, now: Sequence[Row], courses: dict[str, str]) -> Iterator[Piece]:
    """The rolls' users by phase: sessions and people."""
    yield marks.section(say("training.cers"), say("training.cers_aside"))
    phases = _by_course(row for row in now if row["course"].startswith("CERS"))
    if not phases:
        yield marks.muted(say("training.no_cers"))
        return
    columns = [say("training.phase"), *(marks.Column(say(f"training.{name}"), number=True) for name in ("planned", "held", "required", "attended_count", "share", "pass_rate"))]
    rows = [[courses[phase], row["sessions_planned"], row["sessions_held"], row["required"], row["attended"],
             _share(row["attended"], row["required"]), _share(row["passed"], row["attended"])] for phase, row in phases.items()]
    yield shown(columns, rows, say("training.cers"), name=f"cers-{asked.place.code}-{asked.on}")


domain_page.show("training", own)
