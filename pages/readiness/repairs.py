"""Repairs: will the buildings be usable in time?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from data import readiness
from pages.parts import charts, domain_page, marks
from pages.parts.domain_page import Asked
from pages.parts.pieces import Chart, Figure, Piece, beside
from pages.parts.tables import Columns, downloads, framed, sheet, shown, taken, wide_chart
from pages.parts.words import day, say, short_day

READY = ("certified", "alternative")
CODED = ("condition", "cause", "status")
SHOWN = 500  # rows of the list on the page; the download has all


def own(asked: Asked) -> Iterator[Piece]:
    yield beside(_burn_up(asked), _matrix(asked, "condition", say("repairs.by_condition")))
    yield beside(_departments(asked), _matrix(asked, "cause", say("repairs.by_cause")))
    yield from _unfinished(asked)


def _burn_up(asked: Asked) -> Iterator[Piece]:
    yield marks.section(say("repairs.burn_up"), say("repairs.burn_up_aside"))
    lines = [line for week in asked.weeks if (line := asked.line("PS1", on=week)).done is not None]
    if not lines:
        yield marks.muted(say("empty.place_title", place=asked.place.name, day=day(asked.on)))
        return
    last = lines[-1]
    usable, = (entry for entry in asked.dates if entry.parts[0].indicator.id == "PS1")
    coming = [asked.on + timedelta(days=number) for number in range(1, usable.days_left + 1)]
    planned = [(at, asked.election.expected(usable.parts[0].indicator, at)) for at in coming]
    yield Chart(Figure(charts.burn_up(lines, asked.span, usable.parts[0].projection, planned, dark=asked.dark)), "burn_up",
                say("repairs.burn_up_alt", done=f"{last.done:,}", required=f"{last.required:,}"))


def _matrix(asked: Asked, by: str, title: str) -> Iterator[Piece]:
    """Buildings by condition (or cause) and status of work."""
    yield marks.section(title, say("repairs.matrix_aside"))
    of = readiness.counted(asked.store, asked.scope, "repairs", place=asked.place.code, days=(asked.on,), by=(by, "status"))
    told = {(row[by], row["status"]): row["rows"] for row in of}
    labels = {code.value: code.label for code in asked.domain.column(by).codes}
    columns = {code.value: code.label for code in asked.domain.column("status").codes}
    reported = [value for value in labels if any((value, status) in told for status in columns)]
    rows, counts = [labels[value] for value in reported], [[told.get((value, status), 0) for status in columns] for value in reported]
    figure = charts.matrix(counts, rows=rows, columns=list(columns.values()), dark=asked.dark, unit=say("repairs.buildings"))
    yield wide_chart(figure, lambda: framed(asked.domain.column(by).label, rows, list(columns.values()), counts),
                     f"{by}-{asked.place.code}-{asked.on}", key=f"by_{by}", alt=say("repairs.matrix_alt", title=title), half=True)


def _departments(asked: Asked) -> Iterator[Piece]:
    """By department: what is open, how many were made usable in the last weeks, and how long the rest takes at that pace."""
    pace_days = asked.election.pace.days
    yield marks.section(say("repairs.departments"), say("repairs.departments_aside", days=pace_days))
    earlier = asked.on - timedelta(days=pace_days)
    told = readiness.counted(asked.store, asked.scope, "repairs", place=asked.place.code, days=(earlier, asked.on), by=("department", "status"), sums=("cost",))
    was_reported = any(row["day"] == earlier for row in told)
    still, cost, made = Counter[str](), Counter[str](), Counter[str]()
    for row in told:
        department = say("repairs.no_department") if row["department"] is None else row["department"]
        if row["status"] in READY:
            made[department] += row["rows"] if row["day"] == asked.on else -row["rows"]
        elif row["day"] == asked.on:
            still[department] += row["rows"]
            if row["cost"] is not None:
                cost[department] += row["cost"]
    columns = [say("table.department"), marks.Column(say("table.open"), number=True), marks.Column(say("repairs.pace"), number=True),
               marks.Column(say("repairs.days_left"), number=True), marks.Column(say("repairs.cost_open"), number=True)]
    rows = []
    for department, count in sorted(still.items(), key=lambda one: (-one[1], one[0])):
        days_left = round(count / made[department] * pace_days) if made[department] > 0 and was_reported else None
        left = f"{days_left:,}" if days_left is not None else say("repairs.no_end" if was_reported else "repairs.no_pace")
        rows.append([department, count, made[department] if was_reported else None, marks.measured(left, days_left),
                     marks.measured(f"{cost[department] / 1e6:,.1f}", cost[department] / 1e6) if department in cost else None])
    if not rows:
        yield marks.muted(say("repairs.nothing_open"))
        return
    yield shown(columns, rows, say("repairs.departments_caption", day=short_day(earlier)), name=f"departments-{asked.place.code}-{asked.on}", visible=True)


def _unfinished(asked: Asked) -> Iterator[Piece]:
    """The buildings that are not yet usable, overdue first: the first of them here, all of them to take along."""
    yield marks.section(say("repairs.unfinished"), say("repairs.unfinished_aside"))
    told = readiness.counted(asked.store, asked.scope, "repairs", place=asked.place.code, days=(asked.on,), by=("due", "status"))
    open_ = [row for row in told if row["status"] not in READY]
    count, overdue = sum(row["rows"] for row in open_), sum(row["rows"] for row in open_ if row["due"] is not None and row["due"] < asked.on)
    yield marks.muted(say("repairs.unfinished_count", number=f"{count:,}", overdue=f"{overdue:,}", shown=f"{min(count, SHOWN):,}"))
    yield sheet(_list(asked, SHOWN), key="unfinished", alt=say("repairs.unfinished"))
    yield downloads(lambda: taken(_list(asked, None)), f"unfinished-{asked.place.code}-{asked.on}")


def _list(asked: Asked, most: int | None) -> Columns:
    told = readiness.listed(asked.store, asked.scope, "repairs", ("district", "due", "station_code", "station_name", *CODED, "department", "cost"), place=asked.place.code, on=asked.on,
                            without={"status": READY, "station_code": ("NIL",)}, order=("due",), most=most)
    labels = {name: {code.value: code.label for code in asked.domain.column(name).codes} for name in CODED}
    headed = {asked.domain.column(name).label: [labels[name].get(value) for value in values] if name in labels else values for name, values in told.items() if name != "district"}
    due = asked.domain.column("due").label
    return {
        say("repairs.overdue"): [None if day is None else max(0, (asked.on - day).days) for day in told["due"]], due: headed.pop(due),
        say("table.district"): [asked.election.places[code].name for code in told["district"]], **headed}


domain_page.show("repairs", own)
