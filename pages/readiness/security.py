"""Security: where is risk high and cover thin?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from data import meetings, readiness
from data.disagreements import disagreements
from pages.parts import charts, domain_page, filters, marks
from pages.parts.domain_page import Asked
from pages.parts.pieces import Chart, Figure, Piece, beside
from pages.parts.tables import downloads, framed, sheet, taken, wide_chart
from pages.parts.words import say

SUMMED = ("most_sensitive", "sensitive", "normal", "personnel_committed", "personnel_required", "cameras_installed", "cameras_required")
LISTED = ("incidents", "open_actions", "most_sensitive", "personnel_committed", "personnel_required")
TOLD = ("plan_status", "assessment", "incidents", "open_actions")

@dataclass(frozen=True)
class District:
    """A district with what its sheet tells, by column, and its last briefing: by the sheet, or in a meeting."""

    code: str
    name: str
    province: str
    told: dict[str, Any]
    briefed_on: date | None

    @property
    def counts(self) -> dict[str, int]:
        """The columns that are summed, and all stations."""
        return {name: self.told[name] for name in SUMMED} | {"all_stations": sum(self.told[name] for name in ("normal", "sensitive", "most_sensitive"))}


def own(asked: Asked) -> Iterator[Piece]:
    frame = readiness.rows(asked.store, asked.scope, "security", place=asked.place.code, on=asked.on)
    districts = _districts(asked, frame)
    yield beside(_cover(asked, districts), _briefings(asked, districts), widths=(6, 5))
    yield from _need(asked, districts)
    yield from _plans(asked, districts)
    yield from _list(asked, districts)


def _districts(asked: Asked, frame: pd.DataFrame) -> list[District]:
    """The sheet's rows in plain values, in their order."""
    met, places = meetings.briefed(asked.store, asked.scope, "briefing", asked.on), asked.election.places
    columns = {name: frame[name].tolist() for name in ("district", "last_briefing_on", *SUMMED, *TOLD)}
    found = []
    for values in zip(*columns.values()):
        told = dict(zip(columns, values))
        code, on = told["district"], told["last_briefing_on"]
        briefings = [*([] if pd.isna(on) else [on.date()]), *([met[code]] if code in met else [])]
        found.append(District(code, places[code].name, places.province_of(code).name, told, max(briefings, default=None)))
    return found


def _cover(asked: Asked, districts: Sequence[District]) -> Iterator[Piece]:
    yield marks.section(say("security.cover"), say("security.cover_aside"))
    lines = readiness.lines(asked.store, asked.scope, "district", days=(asked.on,), within=asked.place.code, domain="security")
    status = {line.place_code: line.status for line in lines if line.indicator == "all"}
    points = [charts.Covered(one.code, one.name, status[one.code], counts["all_stations"], counts["most_sensitive"], counts["personnel_committed"], counts["personnel_required"])
              for one in districts if (counts := one.counts)["all_stations"] > 0 and counts["personnel_required"] > 0]
    yield Chart(Figure(charts.cover(points, dark=asked.dark)), "cover", say("security.cover_alt"), clicked=True)


def _briefings(asked: Asked, districts: Sequence[District]) -> Iterator[Piece]:
    window = asked.election.window("briefing", asked.on)
    yield marks.section(say("security.briefings"), say("security.briefings_aside", days=window))
    points = [charts.Briefed(one.province, one.code, one.name, one.briefed_on, (asked.on - one.briefed_on).days) for one in districts if one.briefed_on is not None]
    yield Chart(Figure(charts.briefing_strip(points, window, dark=asked.dark)), "briefings", say("security.briefings_alt"))
    overdue = sorted((one for one in points if one.days > window), key=lambda one: -one.days)
    never = [one for one in districts if one.briefed_on is None]
    said = marks.lines((_places(say("security.overdue"), overdue), _places(say("security.never"), never)))
    yield said or marks.muted(say("security.all_briefed"))


def _places(label: str, districts: Iterable[District | charts.Briefed]) -> marks.Html:
    return marks.place_line(label, [(one.name, filters.href("district", place=one.code)) for one in districts])


def _plans(asked: Asked, districts: Sequence[District]) -> Iterator[Piece]:
    """Plan status by province, and where the plan is still missing."""
    yield marks.section(say("security.plans"), say("security.plans_aside"))
    labels = {code.value: code.label for code in asked.domain.column("plan_status").codes}
    told = Counter((one.province, one.told["plan_status"]) for one in districts)
    provinces = sorted({province for province, status in told if status in labels})
    counts = [[told[province, status] for status in labels] for province in provinces]
    figure = charts.matrix(counts, rows=provinces, columns=list(labels.values()), dark=asked.dark, unit=say("security.districts"))
    yield wide_chart(figure, lambda: framed(say("table.province"), provinces, list(labels.values()), counts),
                     f"plans-{asked.place.code}-{asked.on}", key="plans", alt=say("security.plans_alt"), half=True)
    said = marks.lines(_places(labels[status], [one for one in districts if one.told["plan_status"] == status]) for status in ("not_submitted", "returned"))
    yield said or marks.muted(say("security.all_planned"))


def _need(asked: Asked, districts: Sequence[District]) -> Iterator[Piece]:
    """Stations by category, personnel and cameras against need, by province."""
    yield marks.section(say("security.need"), say("security.need_aside"))
    row_of = {one.code: one.province if asked.place.level == "country" else one.name for one in districts}
    names = ("all_stations", *SUMMED)
    sums: dict[str, Counter[str]] = {}
    for one in districts:
        sums.setdefault(row_of[one.code], Counter()).update(one.counts)
    order = sorted(sums, key=lambda place: (-sums[place]["all_stations"], place))
    touched, count = _disputed(asked, row_of)

    def told(place: str, *columns: str) -> str:
        figures = [sums[place][column] for column in columns]
        return marks.disputed(_of(*figures) if len(figures) > 1 else f"{figures[0]:,}", sum((place, column) in touched for column in columns))

    columns = [say("table.place"), *(marks.Column(say(f"security.{name}"), number=True) for name in ("stations", "most_sensitive", "sensitive", "normal", "personnel", "cameras"))]
    rows = [[place, *(told(place, name) for name in names[:4]), told(place, *names[4:6]), told(place, *names[6:])] for place in order]
    note = marks.muted(marks.link(say("figure.disputed", count=count), filters.href("disagreements", place=asked.place.code))) if count else marks.Html("")
    yield marks.stacked((marks.table(columns, rows, say("security.need"), wrap=True), note))
    labels = [say("security.stations"), *(asked.domain.column(name).label for name in SUMMED)]
    yield downloads(lambda: framed(say("table.place"), order, labels, [[sums[place][name] for name in names] for place in order]), f"need-{asked.place.code}-{asked.on}")


def _disputed(asked: Asked, names: Mapping[str, str]) -> tuple[set[tuple[str, str]], int]:
    """Which figures an unsettled disagreement touches, as (name of the place, column), and how many there are; `names` are by district."""
    found = [one for one in disagreements(asked.store, asked.scope, on=asked.on, place=asked.place.code, domain="security") if one.settled is None and one.kind != "total"]
    return {(names[one.place_code], one.column.name) for one in found if one.place_code in names}, len(found)


def _of(done: int, required: int) -> str:
    return say("security.of", done=f"{done:,}", required=f"{required:,}", share=marks.percent(done / required if required else None))


def _list(asked: Asked, districts: Sequence[District]) -> Iterator[Piece]:
    yield marks.section(say("security.list"), say("security.list_aside"))
    ranked = sorted(districts, key=_rank)
    labels = {code.value: code.label for name in ("plan_status", "assessment") for code in asked.domain.column(name).codes}
    table = {
        say("table.district"): [one.name for one in ranked], say("table.province"): [one.province for one in ranked],
        **{asked.domain.column(name).label: [labels.get(one.told[name]) for one in ranked] for name in ("assessment", "plan_status")},
        asked.domain.column("last_briefing_on").label: [one.briefed_on for one in ranked],
        **{asked.domain.column(name).label: [one.told[name] for one in ranked] for name in LISTED}}
    yield sheet(table, key="list", alt=say("security.list"))
    yield downloads(lambda: taken(table), f"security-{asked.place.code}-{asked.on}")


def _rank(one: District) -> tuple[int, bool, int]:
    """The tensest first, of these the one with the most incidents; who does not tell comes last."""
    order, incidents = {"volatile": 0, "watch": 1, "calm": 2}, one.told["incidents"]
    return order.get(one.told["assessment"], len(order)), bool(pd.isna(incidents)), 0 if pd.isna(incidents) else -incidents


domain_page.show("security", own)
