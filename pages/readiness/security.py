"""Security: where is risk high and cover thin?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from data import meetings, readiness
from data.disagreements import disagreements
from pages.parts import charts, domain_page, filters, marks
from pages.parts.domain_page import Asked
from pages.parts.tables import downloads, sheet, wide_chart
from pages.parts.words import say


def show(asked: Asked) -> None:
    frame = readiness.rows(asked.store, asked.scope, "security", place=asked.place.code, on=asked.on)
    met = frame["district"].map(meetings.briefed(asked.store, asked.scope, "briefing", asked.on))
    frame["last_briefing_on"] = pd.concat([frame["last_briefing_on"], pd.to_datetime(met)], axis="columns").max(axis="columns")  # by the sheet, or in a meeting
    frame["name"] = frame["district"].map(lambda code: asked.election.places[code].name)
    frame["province"] = frame["district"].map(lambda code: asked.election.places.province_of(code).name)
    frame["all_stations"] = frame[["normal", "sensitive", "most_sensitive"]].sum(axis=1)
    left, right = st.columns([6, 5], gap="medium")
    with left:
        _cover(asked, frame)
    with right:
        _briefings(asked, frame)
    _need(asked, frame)
    _plans(asked, frame)
    _list(asked, frame)


def _cover(asked: Asked, frame: pd.DataFrame) -> None:
    st.html(marks.section(say("security.cover"), say("security.cover_aside")))
    lines = readiness.lines(asked.store, asked.scope, "district", days=(asked.on,), domain="security")
    status = {line.place_code: line.status for line in lines if line.indicator == "all"}
    known = frame[(frame["all_stations"] > 0) & (frame["personnel_required"] > 0)]
    points = pd.DataFrame({
        "name": known["name"], "code": known["district"], "status": known["district"].map(status), "risk": known["most_sensitive"] / known["all_stations"],
        "cover": known["personnel_committed"] / known["personnel_required"], "stations": known["all_stations"],
        "committed": known["personnel_committed"], "required": known["personnel_required"]})
    event = st.plotly_chart(charts.cover(points, dark=asked.dark), theme=None, config=charts.CONFIG, key="cover", on_select="rerun",
                            selection_mode="points", alt=say("security.cover_alt"))
    if event and event.selection.points:
        st.switch_page("readiness/district.py", query_params=filters.query(place=event.selection.points[0]["customdata"][0]))


def _briefings(asked: Asked, frame: pd.DataFrame) -> None:
    window = asked.election.window("briefing", asked.on)
    st.html(marks.section(say("security.briefings"), say("security.briefings_aside", days=window)))
    briefed = frame[frame["last_briefing_on"].notna()]
    days = (pd.Timestamp(asked.on) - briefed["last_briefing_on"]).dt.days
    points = pd.DataFrame({"province": briefed["province"], "name": briefed["name"], "code": briefed["district"], "days": days, "on": briefed["last_briefing_on"].dt.date})
    st.plotly_chart(charts.briefing_strip(points, window, dark=asked.dark), theme=None, config=charts.CONFIG, key="briefings", alt=say("security.briefings_alt"))
    overdue = points[points["days"] > window].sort_values("days", ascending=False)
    never = frame[frame["last_briefing_on"].isna()]
    said = marks.lines((_places(say("security.overdue"), overdue["name"], overdue["code"]), _places(say("security.never"), never["name"], never["district"])))
    st.html(said or marks.muted(say("security.all_briefed")))


def _places(label: str, names: pd.Series, codes: pd.Series) -> marks.Html:
    return marks.place_line(label, [(name, filters.href("district", place=code)) for name, code in zip(names, codes)])


def _plans(asked: Asked, frame: pd.DataFrame) -> None:
    """Plan status by province, and where the plan is still missing."""
    st.html(marks.section(say("security.plans"), say("security.plans_aside")))
    labels = {code.value: code.label for code in asked.domain.column("plan_status").codes}
    counts = frame.pivot_table(index="province", columns="plan_status", values="row", aggfunc="count", fill_value=0).reindex(columns=list(labels), fill_value=0)
    counts = counts.rename(columns=labels).astype(int)
    wide_chart(charts.matrix(counts, dark=asked.dark, unit=say("security.districts")), lambda: counts.rename_axis(say("table.province")).reset_index(),
               f"plans-{asked.place.code}-{asked.on}", key="plans", alt=say("security.plans_alt"), half=True)
    missing = {status: frame[frame["plan_status"] == status] for status in ("not_submitted", "returned")}
    said = marks.lines(_places(labels[status], some["name"], some["district"]) for status, some in missing.items())
    st.html(said or marks.muted(say("security.all_planned")))


def _need(asked: Asked, frame: pd.DataFrame) -> None:
    """Stations by category, personnel and cameras against need, by province."""
    st.html(marks.section(say("security.need"), say("security.need_aside")))
    by = "province" if asked.place.level == "country" else "name"
    names = ["all_stations", "most_sensitive", "sensitive", "normal", "personnel_committed", "personnel_required", "cameras_installed", "cameras_required"]
    sums = frame.groupby(by)[names].sum().sort_values("all_stations", ascending=False)
    touched, count = _disputed(asked, frame.set_index("district")[by])

    def told(place: str, *columns: str) -> str:
        figures = [int(sums.loc[place, column]) for column in columns]
        return marks.disputed(_of(*figures) if len(figures) > 1 else f"{figures[0]:,}", sum((place, column) in touched for column in columns))

    columns = [say("table.place"), *(marks.Column(say(f"security.{name}"), number=True) for name in ("stations", "most_sensitive", "sensitive", "normal", "personnel", "cameras"))]
    rows = [[place, *(told(place, name) for name in names[:4]), told(place, *names[4:6]), told(place, *names[6:])] for place in sums.index]
    note = marks.muted(marks.link(say("figure.disputed", count=count), filters.href("disagreements", place=asked.place.code))) if count else marks.Html("")
    st.html(marks.stacked((marks.table(columns, rows, say("security.need"), wrap=True), note)))
    labels = {"all_stations": say("security.stations")} | {name: asked.domain.column(name).label for name in names[1:]}
    downloads(lambda: sums.rename(columns=labels).rename_axis(say("table.place")).reset_index(), f"need-{asked.place.code}-{asked.on}", key="need")


def _disputed(asked: Asked, names: pd.Series) -> tuple[set[tuple[str, str]], int]:
    """Which figures an unsettled disagreement touches, as (name of the place, column), and how many there are; `names` are by district."""
    found = [one for one in disagreements(asked.store, asked.scope, on=asked.on, place=asked.place.code, domain="security") if one.settled is None and one.kind != "total"]
    return {(names[one.place_code], one.column.name) for one in found if one.place_code in names.index}, len(found)


def _of(done: float, required: float) -> str:
    return say("security.of", done=f"{int(done):,}", required=f"{int(required):,}", share=marks.percent(done / required if required else None))


def _list(asked: Asked, frame: pd.DataFrame) -> None:
    st.html(marks.section(say("security.list"), say("security.list_aside")))
    labels = {code.value: code.label for name in ("plan_status", "assessment") for code in asked.domain.column(name).codes}
    order = ["volatile", "watch", "calm"]
    told = frame.assign(rank=frame["assessment"].map(lambda value: order.index(value) if value in order else len(order)))
    told = told.sort_values(["rank", "incidents"], ascending=[True, False])
    table = pd.DataFrame({
        say("table.district"): told["name"], say("table.province"): told["province"],
        **{asked.domain.column(name).label: told[name].map(labels) for name in ("assessment", "plan_status")},
        asked.domain.column("last_briefing_on").label: told["last_briefing_on"].dt.date,
        **{asked.domain.column(name).label: told[name] for name in ("incidents", "open_actions", "most_sensitive", "personnel_committed", "personnel_required")}})
    sheet(table, key="list", alt=say("security.list"))
    downloads(lambda: table, f"security-{asked.place.code}-{asked.on}", key="list")


asked = domain_page.begin("security")
if asked is not None:
    show(asked)
    domain_page.end(asked)
