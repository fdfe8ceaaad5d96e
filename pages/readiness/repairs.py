"""Repairs: will the buildings be usable in time?"""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import streamlit as st

from data import readiness
from pages.parts import charts, domain_page, marks
from pages.parts.domain_page import Asked
from pages.parts.tables import downloads, sheet, shown, wide_chart
from pages.parts.words import day, say, short_day

READY = ("certified", "alternative")
SHOWN = 500  # rows of the list on the page; the download has all


def show(asked: Asked) -> None:
    left, right = st.columns(2, gap="medium")
    with left:
        _burn_up(asked)
    with right:
        _matrix(asked, "condition", say("repairs.by_condition"))
    left, right = st.columns(2, gap="medium")
    with left:
        _departments(asked)
    with right:
        _matrix(asked, "cause", say("repairs.by_cause"))
    _unfinished(asked)


def _burn_up(asked: Asked) -> None:
    st.html(marks.section(say("repairs.burn_up"), say("repairs.burn_up_aside")))
    lines = [asked.line("PS1", on=week) for week in asked.weeks]
    frame = pd.DataFrame([(line.day, line.done, line.required, line.expected) for line in lines if line.done is not None],
                         columns=["day", "done", "required", "expected"])
    if frame.empty:
        st.html(marks.muted(say("empty.place_title", place=asked.place.name, day=day(asked.on))))
        return
    last = frame.iloc[-1]
    usable, = (entry for entry in asked.dates if entry.parts[0].indicator.id == "PS1")
    coming = [asked.on + timedelta(days=number) for number in range(1, usable.days_left + 1)]
    planned = [(at, asked.election.expected(usable.parts[0].indicator, at)) for at in coming]
    st.plotly_chart(charts.burn_up(frame, asked.span, usable.parts[0].projection, planned, dark=asked.dark), theme=None, config=charts.CONFIG, key="burn_up",
                    alt=say("repairs.burn_up_alt", done=f"{last['done']:,}", required=f"{last['required']:,}"))


def _matrix(asked: Asked, by: str, title: str) -> None:
    """Buildings by condition (or cause) and status of work."""
    st.html(marks.section(title, say("repairs.matrix_aside")))
    frame = readiness.tally(asked.store, asked.scope, "repairs", place=asked.place.code, days=(asked.on,), by=(by, "status"))
    rows = {code.value: code.label for code in asked.domain.column(by).codes}
    columns = {code.value: code.label for code in asked.domain.column("status").codes}
    counts = frame.pivot_table(index=by, columns="status", values="rows", aggfunc="sum", fill_value=0)
    counts = counts.reindex(index=[key for key in rows if key in counts.index], columns=list(columns), fill_value=0).rename(index=rows, columns=columns)
    wide_chart(charts.matrix(counts.astype(int), dark=asked.dark, unit=say("repairs.buildings")), lambda: counts.rename_axis(asked.domain.column(by).label).reset_index(),
               f"{by}-{asked.place.code}-{asked.on}", key=f"by_{by}", alt=say("repairs.matrix_alt", title=title), half=True)


def _departments(asked: Asked) -> None:
    """By department: what is open, how many were made usable in the last weeks, and how long the rest takes at that pace."""
    pace_days = asked.election.pace.days
    st.html(marks.section(say("repairs.departments"), say("repairs.departments_aside", days=pace_days)))
    earlier = asked.on - timedelta(days=pace_days)
    frame = readiness.tally(asked.store, asked.scope, "repairs", place=asked.place.code, days=(earlier, asked.on), by=("department", "status"), sums=("cost",))
    frame["department"] = frame["department"].fillna(say("repairs.no_department"))
    frame["ready"] = frame["status"].isin(READY)
    ready = frame[frame["ready"]].groupby(["department", frame["day"].dt.date])["rows"].sum().unstack(fill_value=0)
    now = frame[frame["day"].dt.date == asked.on]
    was_reported = bool((frame["day"].dt.date == earlier).any())
    still = now[~now["ready"]].groupby("department").agg(open=("rows", "sum"), cost=("cost", lambda told: told.sum(min_count=1)))
    columns = [say("table.department"), marks.Column(say("table.open"), number=True), marks.Column(say("repairs.pace"), number=True),
               marks.Column(say("repairs.days_left"), number=True), marks.Column(say("repairs.cost_open"), number=True)]
    rows = []
    for department, one in still.sort_values("open", ascending=False).iterrows():
        made = int(ready.loc[department].get(asked.on, 0) - ready.loc[department].get(earlier, 0)) if department in ready.index else 0
        days_left = round(one["open"] / made * pace_days) if made > 0 and was_reported else None
        left = f"{days_left:,}" if days_left is not None else say("repairs.no_end" if was_reported else "repairs.no_pace")
        rows.append([department, int(one["open"]), made if was_reported else None, marks.measured(left, days_left),
                     None if pd.isna(one["cost"]) else marks.measured(f"{one['cost'] / 1e6:,.1f}", one["cost"] / 1e6)])
    if not rows:
        st.html(marks.muted(say("repairs.nothing_open")))
        return
    shown(columns, rows, say("repairs.departments_caption", day=short_day(earlier)), name=f"departments-{asked.place.code}-{asked.on}", key="departments", visible=True)


def _unfinished(asked: Asked) -> None:
    """The buildings that are not yet usable, overdue first: the first of them here, all of them to take along."""
    st.html(marks.section(say("repairs.unfinished"), say("repairs.unfinished_aside")))
    dues = readiness.tally(asked.store, asked.scope, "repairs", place=asked.place.code, days=(asked.on,), by=("due", "status"))
    dues = dues[~dues["status"].isin(READY)]
    count, overdue = int(dues["rows"].sum()), int(dues.loc[dues["due"] < pd.Timestamp(asked.on), "rows"].sum())
    st.html(marks.muted(say("repairs.unfinished_count", number=f"{count:,}", overdue=f"{overdue:,}", shown=f"{min(count, SHOWN):,}")))
    sheet(_list(asked, SHOWN), key="unfinished", alt=say("repairs.unfinished"))
    downloads(lambda: _list(asked, None), f"unfinished-{asked.place.code}-{asked.on}", key="unfinished")


def _list(asked: Asked, most: int | None) -> pd.DataFrame:
    frame = readiness.rows(asked.store, asked.scope, "repairs", place=asked.place.code, on=asked.on,
                           without={"status": READY, "station_code": ("NIL",)}, order=("due",), most=most)
    labels = {name: {code.value: code.label for code in asked.domain.column(name).codes} for name in ("condition", "cause", "status")}
    days = (pd.Timestamp(asked.on) - frame["due"]).dt.days
    return pd.DataFrame({
        say("repairs.overdue"): days.clip(lower=0).astype("Int64"),
        asked.domain.column("due").label: frame["due"].dt.date,
        say("table.district"): frame["district"].map(lambda code: asked.election.places[code].name),
        **{asked.domain.column(name).label: frame[name] for name in ("station_code", "station_name")},
        **{asked.domain.column(name).label: frame[name].map(known) for name, known in labels.items()},
        **{asked.domain.column(name).label: frame[name] for name in ("department", "cost")}})


asked = domain_page.begin("repairs")
if asked is not None:
    show(asked)
    domain_page.end(asked)
