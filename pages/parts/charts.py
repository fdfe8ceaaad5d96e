"""Charts: lines and counts in, plotly figures out, as plain values: `pieces.Figure` holds each to what plotly knows, once. Pure.

Expected is everywhere the same thin dashed line, actual the same solid one. Shares are fractions of 1.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from html import escape
from math import ceil, sqrt
from textwrap import wrap
from typing import Any, NamedTuple

import pandas as pd

from data.election import Election
from data.projection import Projection
from data.readiness import Line
from pages.parts.marks import disputed, percent
from pages.parts.theme import STATUSES, line, paper, plotly_layout
from pages.parts.words import day, say, short_day

Drawn = dict[str, Any]
CONFIG = {"displayModeBar": False, "scrollZoom": False}
_RISK, _THIN = 0.25, 0.5  # shares of most sensitive stations and of personnel: beyond them a district is in the corner to look at
_DAY = 86_400_000  # milliseconds, as an axis of days counts
_ROW = 26  # pixels for one row of a chart whose rows are places
_NARROW = 10  # letters in a line above a column of the heat-map, which has one for every indicator


def over_time(lines: Sequence[Line], *, dark: bool, height: int = 260) -> Drawn:
    """One place's share against its plan, by day; a gap where nothing was reported."""
    days = [one.day for one in lines]
    return {
        "data": [_plan(days, lines, dark=dark), _actual(days, lines, dark=dark)],
        "layout": plotly_layout(dark) | {
            "height": height, "margin": {"l": 0, "r": 64, "t": 8, "b": 0},
            "yaxis": _share_axis(dark), "xaxis": _day_axis(dark, (days[0], days[-1])),
            "annotations": [_end_label(lines, "expected", dark=dark), _end_label(lines, "share", dark=dark)],
        }}


def small_multiples(series: Mapping[str, Sequence[Line]], *, dark: bool, columns: int = 4) -> Drawn:
    """One small chart of share against plan for each name, all on the same axes."""
    rows = -(-len(series) // columns)
    height = 136 * rows
    data, layout = [], plotly_layout(dark) | {"height": height, "margin": {"l": 36, "r": 4, "t": 0, "b": 0}, "annotations": []}
    for number, (name, lines) in enumerate(series.items()):
        axis = "" if number == 0 else str(number + 1)
        across, down = number % columns, number // columns
        left, right = across / columns + 0.012 * (across > 0), (across + 1) / columns - 0.012
        top = 1 - down / rows
        days = [one.day for one in lines]
        data += [trace | {"xaxis": f"x{axis}", "yaxis": f"y{axis}"} for trace in (_plan(days, lines, dark=dark), _actual(days, lines, dark=dark))]
        layout[f"xaxis{axis}"] = _day_axis(dark, (days[0], days[-1])) | {"domain": [left, right], "anchor": f"y{axis}", "nticks": 4, "automargin": False}
        layout[f"yaxis{axis}"] = _share_axis(dark) | {"domain": [top - 106 / height, top - 26 / height], "anchor": f"x{axis}", "dtick": 0.5,
                                                      "showticklabels": across == 0, "automargin": False}
        layout["annotations"].append({
            "x": left, "y": top - 4 / height, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "top", "showarrow": False,
            "text": f"{STATUSES[lines[-1].status].shape} <b>{escape(name)}</b>", "font": {"size": 12}})
    return {"data": data, "layout": layout}


def heat_map(lines: Sequence[Line], places: Sequence[str], election: Election, *, dark: bool) -> Drawn:
    """Districts (in the order given, first at the top) by indicator: status as colour and shape, the whole percentage.

    A click selects a point whose `customdata[0]` is the district's code.
    """
    indicators = [indicator for _, indicator in election.indicators]
    of = {(one.place_code, one.indicator): one for one in lines}
    statuses = list(STATUSES)
    grid = [[of[place, indicator.id] for indicator in indicators] for place in places]
    last = len(statuses) - 1
    scale = []
    for number, status in enumerate(STATUSES.values()):
        scale += [[number / (last + 1), status.ink(dark).fill], [(number + 1) / (last + 1), status.ink(dark).fill]]
    cells = {
        "type": "heatmap",
        "z": [[statuses.index(one.status) for one in row] for row in grid],
        "x": [indicator.id for indicator in indicators],
        "y": [election.places[place].name for place in places],
        "colorscale": scale, "zmin": -0.5, "zmax": last + 0.5, "showscale": False, "xgap": 2, "ygap": 2,
        "hoverinfo": "skip",
    }
    words = [_cell_words([one for row in grid for one in row if one.status == status], status, election, dark=dark) for status in statuses]
    labels = [one.label for one in indicators]
    head = _head(labels, _NARROW)
    heads = [_domain_head(election, name.name, head, dark=dark) for name in election.domains]
    return {"data": [cells, *words], "layout": plotly_layout(dark) | {
        "height": head + 32 + _ROW * len(places), "margin": {"l": 0, "r": 0, "t": head + 24, "b": 0}, "clickmode": "event+select", "dragmode": False,
        "yaxis": _place_axis(dark) | _filled(len(places), is_down=True), "xaxis": _column_axis([one.id for one in indicators], labels, dark, _NARROW) | _filled(len(indicators)),
        "annotations": heads}}


def burn_up(
    lines: Sequence[Line], span: tuple[date, date], ahead: Projection | None, planned_ahead: Sequence[tuple[date, float]], *, dark: bool,
) -> Drawn:
    """What is done and what is listed, in counts, with the plan's line, by day: of lines that were reported, one at least.

    The axis reaches over the whole span of days, however few of them were reported, and on to the due date where there is a
    projection: dotted, in a soft band from the slowest pace to the fastest. `planned_ahead` are the plan's shares on days to come.
    """
    colours = paper(dark)
    days, required, finished = [one.day for one in lines], [one.required for one in lines], [one.done for one in lines]
    mode = "lines" if len(lines) > 1 else "markers"
    listed = {"type": "scatter", "mode": mode, "x": days, "y": required, "line": {"color": colours.ink, "width": 1.5},
              "hovertemplate": say("chart.listed_hover")}
    planned = [float(round(one.required * one.expected)) for one in lines]
    plan = {"type": "scatter", "mode": mode, "x": days, "y": planned,
            "line": line("expected", dark=dark), "hovertemplate": say("chart.planned_hover")}
    done = {"type": "scatter", "mode": mode, "x": days, "y": finished, "line": line("actual", dark=dark),
            "customdata": required, "hovertemplate": say("chart.done_hover")}
    ends = [(required[-1], "chart.listed", colours.ink), (planned[-1], "chart.planned", colours.muted), (finished[-1], "chart.usable", colours.accent)]
    labels = [_label(days[-1], value, say(words, number=f"{value:,.0f}"), colour) for value, words, colour in ends]
    coming = [] if ahead is None or ahead.untold or ahead.due <= ahead.on else _projected(ahead, dark=dark)
    if coming:
        span = span[0], ahead.due
        plan = plan | {"x": [*days, *(at for at, _ in planned_ahead)], "y": [*planned, *(round(share * ahead.required) for _, share in planned_ahead)]}
        sides = [(-8, "right"), (-8, "right"), (8, "left")]  # what is listed and planned stands before the band, what is done below it
        labels = [label | {"xshift": shift, "xanchor": anchor, "yshift": 10 if anchor == "right" else -10} for label, (shift, anchor) in zip(labels, sides)]
        labels.append(_label(ahead.due, ahead.required - ahead.short, say("chart.foreseen", number=f"{ahead.required - ahead.short:,}", day=short_day(ahead.due)), colours.accent))
    return {"data": [*coming, listed, plan, done], "layout": plotly_layout(dark) | {
        "height": 300, "margin": {"l": 0, "r": 104, "t": 8, "b": 0}, "annotations": labels, "xaxis": _day_axis(dark, span),
        "yaxis": _count_axis(dark, max(required))}}


def _projected(ahead: Projection, *, dark: bool) -> list[dict[str, Any]]:
    """From the last report to the due date: the band between the slowest and the fastest pace, and the line of the present one. None
    goes beyond what is required."""
    ends = [ahead.required - short for short in (ahead.short_at_most, ahead.short_at_least, ahead.short)]
    slow, fast, now = (_path(ahead, pace, end) for pace, end in zip((ahead.slowest, ahead.fastest, ahead.pace), ends))
    band = {"type": "scatter", "mode": "lines", "x": [x for x, _ in slow] + [x for x, _ in reversed(fast)], "y": [y for _, y in slow] + [y for _, y in reversed(fast)],
            "fill": "toself", "fillcolor": paper(dark).accent, "opacity": 0.16, "line": {"width": 0}, "hoverinfo": "skip"}
    dotted = {"type": "scatter", "mode": "lines", "x": [x for x, _ in now], "y": [y for _, y in now], "line": line("projection", dark=dark), "hoverinfo": "skip"}
    return [band, dotted]


def _path(ahead: Projection, pace: float | None, end: int) -> list[tuple[date, int]]:
    """Where a pace leads: to the due date, with a bend on the day on which all is done, if that comes before."""
    path = [(ahead.as_of, ahead.done)]
    if pace and end >= ahead.required and (days := ceil(ahead.remaining / pace)) < (ahead.due - ahead.as_of).days:
        path.append((ahead.as_of + timedelta(days=days), ahead.required))
    return [*path, (ahead.due, end)]


def stages(names: Sequence[str], counts: Mapping[str, Sequence[int]], stage_labels: Mapping[str, str], *, dark: bool) -> Drawn:
    """How many have come through each stage, a row of bars per name on one scale of shares; the drop is labelled.

    Of each stage, in the order of the labels, the counts by name.
    """
    colours, data, notes = paper(dark), [], []
    keys = list(stage_labels)
    for number, key in enumerate(keys):
        axis = "" if number == 0 else str(number + 1)
        own, first = counts[key], counts[keys[0]]
        before = counts[keys[number - 1]] if number else own
        data.append({
            "type": "bar", "orientation": "h", "y": list(names), "x": [count / of if of else 0.0 for count, of in zip(own, first)], "xaxis": f"x{axis}", "yaxis": "y",
            "marker": {"color": colours.accent, "opacity": 1 - 0.12 * number}, "width": 0.62,
            "text": [f"{count:,}" + (f"  −{came - count:,}" if came != count else "") for count, came in zip(own, before)], "textposition": "outside",
            "cliponaxis": False, "textfont": {"size": 12, "color": colours.ink}, "constraintext": "none",
            "customdata": [[count, of] for count, of in zip(own, first)],
            "hovertemplate": f"<b>{escape(stage_labels[key])}</b><br>" + say("chart.stage_hover")})
        notes.append({"x": 0, "y": 1, "xref": f"x{axis}", "yref": "paper", "yanchor": "bottom", "xanchor": "left", "showarrow": False,
                      "text": f"<b>{escape(stage_labels[key])}</b>", "font": {"size": 12, "color": colours.muted}})
    layout = plotly_layout(dark) | {"height": 40 + 34 * len(names), "margin": {"l": 0, "r": 8, "t": 26, "b": 0}, "yaxis": _place_axis(dark),
                                    "annotations": notes, "barmode": "overlay"}
    for number in range(len(keys)):
        axis = "" if number == 0 else str(number + 1)
        layout[f"xaxis{axis}"] = _bare_axis(dark) | {"domain": [number / len(keys), (number + 0.94) / len(keys)], "range": [0, 2.1],
                                                     "showticklabels": False, "fixedrange": True}
    return {"data": data, "layout": layout}


def matrix(counts: Sequence[Sequence[int]], *, rows: Sequence[str], columns: Sequence[str], dark: bool, unit: str) -> Drawn:
    """Counts by two names, row by row; the darker the more."""
    colours = paper(dark)
    most = max((count for row in counts for count in row), default=0) or 1
    cells = {"type": "heatmap", "z": counts, "x": list(columns), "y": list(rows), "showscale": False,
             "colorscale": [[0, colours.raised], [1, colours.accent]], "zmin": 0, "zmax": most, "xgap": 2, "ygap": 2,
             "hovertemplate": f"<b>{escape(unit)}</b><br>" + say("chart.matrix_hover")}
    words = _words(((column, row, f"{count:,}", count > most * 0.5) for row, own in zip(rows, counts) for column, count in zip(columns, own)), 12, dark=dark)
    return {"data": [cells, *words], "layout": plotly_layout(dark) | {
        "height": _head(columns) + 12 + 34 * len(rows), "margin": {"l": 0, "r": 0, "t": _head(columns), "b": 0},
        "yaxis": _place_axis(dark) | _filled(len(rows), is_down=True), "xaxis": _column_axis(columns, columns, dark) | _filled(len(columns))}}


def share_grid(parts: Iterable[tuple[str, str, int, int]], *, columns: Sequence[str], dark: bool) -> Drawn:
    """Shares by two names, the darker the more; rows least first. Each part: row, column, how many are done, of how many."""
    colours = paper(dark)
    sums, totals = defaultdict(lambda: (0, 0)), defaultdict(lambda: (0, 0))
    for row, column, done, of in parts:
        sums[row, column] = sums[row, column][0] + done, sums[row, column][1] + of
        totals[row] = totals[row][0] + done, totals[row][1] + of
    rows = pd.Series({row: totals[row][0] / totals[row][1] if totals[row][1] else None for row in sorted(totals)}, dtype="float64").sort_values().index.tolist()
    counts = {key: both for key, both in sums.items() if both[1] > 0}
    shares = [[counts[row, column][0] / counts[row, column][1] if (row, column) in counts else None for column in columns] for row in rows]
    hover = [["<br>".join((f"<b>{escape(row)}</b>, {escape(column)}", say("figure.done_of", done=f"{counts[row, column][0]:,}", required=f"{counts[row, column][1]:,}")))
              if (row, column) in counts else "" for column in columns] for row in rows]
    cells = {"type": "heatmap", "z": shares, "x": list(columns), "y": rows, "showscale": False, "colorscale": [[0, colours.raised], [1, colours.accent]],
             "zmin": 0, "zmax": 1, "xgap": 2, "ygap": 2, "hovertext": hover, "hovertemplate": "%{hovertext}<extra></extra>", "hoverongaps": False}
    told = ((column, row, share) for row, line_of in zip(rows, shares) for column, share in zip(columns, line_of) if share is not None)
    words = _words(((column, row, _number(share), share > 0.55) for column, row, share in told), 11, dark=dark)
    return {"data": [cells, *words], "layout": plotly_layout(dark) | {
        "height": _head(columns) + 12 + _ROW * len(rows), "margin": {"l": 0, "r": 0, "t": _head(columns), "b": 0},
        "yaxis": _place_axis(dark) | _filled(len(rows), is_down=True), "xaxis": _column_axis(list(columns), columns, dark) | _filled(len(columns))}}


def bars(names: Sequence[str], done: Sequence[int], of: Sequence[int], *, dark: bool, unit: str) -> Drawn:
    """Done against required, one bar per name."""
    colours = paper(dark)
    whole = {"type": "bar", "orientation": "h", "y": list(names), "x": list(of), "marker": {"color": colours.rule}, "width": 0.62,
             "hoverinfo": "skip"}
    part = {"type": "bar", "orientation": "h", "y": list(names), "x": list(done), "marker": {"color": colours.accent}, "width": 0.62,
            "customdata": list(of), "hovertemplate": f"<b>{escape(unit)}</b><br>" + say("chart.bar_hover")}
    words = [_label(value, name, say("chart.share_of", share=percent(d / value if value else None), done=f"{d:,}", required=f"{value:,}"), colours.ink)
             for name, value, d in zip(names, of, done)]
    most = float(max(of, default=1))
    return {"data": [whole, part], "layout": plotly_layout(dark) | {
        "height": 30 + 30 * len(names), "margin": {"l": 0, "r": 0, "t": 4, "b": 0}, "barmode": "overlay", "annotations": words,
        "yaxis": _place_axis(dark), "xaxis": _bare_axis(dark) | {"showticklabels": False, "range": [0, most * 1.75], "fixedrange": True}}}


class Covered(NamedTuple):
    """A district's stations and personnel. There are stations, and personnel is required."""

    code: str
    name: str
    status: str
    stations: int
    most_sensitive: int
    committed: int
    required: int

    @property
    def risk(self) -> float:
        """The share of most sensitive stations."""
        return self.most_sensitive / self.stations

    @property
    def cover(self) -> float:
        """The share of the personnel that is committed."""
        return self.committed / self.required


def cover(districts: Sequence[Covered], *, dark: bool) -> Drawn:
    """Each district a point: share of most sensitive stations across, personnel cover up, size by stations.

    The empty corner that one must not fill, high risk and thin cover, is named. A click selects a point whose `customdata[0]` is the code.
    """
    colours = paper(dark)
    symbols = {"ready": "circle", "on_track": "triangle-up", "behind": "square", "critical": "diamond", "not_reported": "circle-open", "stale": "circle-dot"}
    inks = [STATUSES[one.status].ink(dark) for one in districts]
    most = max((one.stations for one in districts), default=1)
    points = {
        "type": "scatter", "mode": "markers", "x": [one.risk for one in districts], "y": [one.cover for one in districts],
        "marker": {"size": [5 + 15 * sqrt(one.stations / most) for one in districts],
                   "symbol": [symbols[one.status] for one in districts], "color": [ink.fill for ink in inks],
                   "line": {"color": [ink.edge for ink in inks], "width": 1}, "opacity": 0.75},
        "customdata": [[one.code, one.name, one.stations, one.committed, one.required] for one in districts],
        "hovertemplate": say("chart.cover_hover")}
    far = max(0.4, max((one.risk for one in districts), default=0) * 1.05)
    corner = {"type": "rect", "xref": "x", "yref": "y", "x0": _RISK, "x1": far, "y0": 0, "y1": _THIN, "line": {"width": 0},
              "fillcolor": STATUSES["critical"].ink(dark).fill, "opacity": 0.08, "layer": "below"}
    worst = sorted((one for one in districts if one.risk > _RISK and one.cover < _THIN), key=lambda one: one.cover)[:4]
    named = [_label(one.risk, one.cover, escape(one.name), colours.ink) | {"font": {"size": 11, "color": colours.ink}} for one in worst]
    return {"data": [points], "layout": plotly_layout(dark) | {
        "height": 380, "margin": {"l": 0, "r": 56, "t": 8, "b": 0}, "shapes": [corner], "clickmode": "event+select",
        "annotations": [{"x": far, "y": 0, "xanchor": "right", "yanchor": "bottom", "showarrow": False, "text": say("chart.corner", risk=percent(_RISK), cover=percent(_THIN)),
                         "font": {"size": 12, "color": colours.muted}}, *named],
        "xaxis": _share_axis(dark) | {"range": [0, far * 1.06], "title": {"text": say("chart.risk"), "font": {"size": 12}}, "showgrid": False, "dtick": None},
        "yaxis": _share_axis(dark) | {"range": [0, 1.05], "title": {"text": say("chart.cover"), "font": {"size": 12}}}}}


def by_week(weeks: Sequence[tuple[date, int, int]], span: tuple[date, date], *, dark: bool) -> Drawn:
    """Held against planned, cumulative, by report, over a span of days. Each week, of which there is one at least: day, held, planned."""
    colours = paper(dark)
    days, done, listed = ([week[part] for week in weeks] for part in range(3))
    planned = {"type": "scatter", "mode": "lines", "x": days, "y": listed, "line": line("expected", dark=dark) | {"shape": "hv"},
               "hovertemplate": say("chart.planned_hover")}
    held = {"type": "bar", "width": 4.5 * _DAY, "x": days, "y": done, "marker": {"color": colours.accent}, "customdata": listed,
            "hovertemplate": say("chart.done_hover")}
    labels = [_label(days[-1], listed[-1], say("chart.planned", number=f"{listed[-1]:,}"), colours.muted) | {"xshift": 12},
              _label(days[-1], done[-1], say("chart.held", number=f"{done[-1]:,}"), colours.accent) | {"xshift": 12}]
    return {"data": [held, planned], "layout": plotly_layout(dark) | {
        "height": 280, "margin": {"l": 0, "r": 110, "t": 8, "b": 0}, "annotations": labels,
        "xaxis": _day_axis(dark, span), "yaxis": _count_axis(dark, max(listed))}}


class Briefed(NamedTuple):
    """A district and its last briefing: the day, and how many days ago it was."""

    province: str
    code: str
    name: str
    on: date
    days: int


def briefing_strip(districts: Sequence[Briefed], window: int, *, dark: bool) -> Drawn:
    """Days since the last briefing, one tick per district, one row per province, the window shaded."""
    colours = paper(dark)
    current = [one.days <= window for one in districts]
    inks = [STATUSES["on_track" if ok else "critical"].ink(dark).fill for ok in current]
    points = {"type": "scatter", "mode": "markers", "x": [one.days for one in districts], "y": [one.province for one in districts],
              "marker": {"size": 9, "color": inks, "symbol": ["triangle-up" if ok else "diamond" for ok in current], "opacity": 0.8,
                         "line": {"width": 1, "color": colours.ground}},
              "customdata": [[one.code, one.name, str(one.on)] for one in districts],
              "hovertemplate": say("chart.briefed")}
    edge = {"type": "line", "x0": window, "x1": window, "y0": 0, "y1": 1, "yref": "paper", "line": line("expected", dark=dark)}
    provinces = len({one.province for one in districts})
    return {"data": [points], "layout": plotly_layout(dark) | {
        "height": 90 + 36 * provinces, "margin": {"l": 0, "r": 24, "t": 24, "b": 44}, "shapes": [edge],
        "annotations": [{"x": window, "y": 1, "yref": "paper", "yanchor": "bottom", "showarrow": False, "text": say("chart.window", days=window),
                         "font": {"size": 12, "color": colours.muted}}],
        "yaxis": _place_axis(dark), "xaxis": _bare_axis(dark) | {
            "title": {"text": say("chart.days_since"), "font": {"size": 12}, "standoff": 6}, "rangemode": "tozero", "automargin": False}}}


# What the charts are made of


def _plan(days: Sequence[Any], lines: Sequence[Line], *, dark: bool) -> dict[str, Any]:
    return {"type": "scatter", "mode": "lines", "x": days, "y": [one.expected for one in lines], "line": line("expected", dark=dark),
            "hovertemplate": say("chart.plan_hover")}


def _actual(days: Sequence[Any], lines: Sequence[Line], *, dark: bool) -> dict[str, Any]:
    counts = [say("figure.done_of", done=f"{one.done:,}", required=f"{one.required:,}") if one.done is not None else
              say("figure.coverage_domain", reporting=one.reporting, districts=one.districts) for one in lines]
    return {"type": "scatter", "mode": "lines+markers", "x": days, "y": [one.share for one in lines], "line": line("actual", dark=dark),
            "marker": {"size": [3] * (len(lines) - 1) + [7], "color": paper(dark).accent}, "connectgaps": False, "customdata": counts,
            "hovertemplate": say("chart.actual_hover")}


def _end_label(lines: Sequence[Line], part: str, *, dark: bool) -> dict[str, Any]:
    """The last value beside the end of its line, so that no legend is needed; two that would touch are kept apart."""
    last = lines[-1]
    value = getattr(last, part)
    colours = paper(dark)
    if value is None:
        return {"text": "", "showarrow": False}
    close = last.share is not None and abs(last.share - last.expected) < 0.08
    higher = part == "share" and last.share is not None and last.share >= last.expected or part == "expected" and (last.share or 0) < last.expected
    words = f"<b>{percent(value)}</b>" if part == "share" else say("chart.plan_end", share=percent(value))
    label = _label(last.day, value, words, colours.accent if part == "share" else colours.muted)
    return label | ({"yshift": 8 if higher else -8} if close else {})


def _label(x: Any, y: Any, text: str, colour: str) -> dict[str, Any]:
    return {"x": x, "y": y, "text": text, "showarrow": False, "xanchor": "left", "xshift": 8, "font": {"size": 12, "color": colour}}


def _number(share: float) -> str:
    """The whole percentage without its sign, for a cell."""
    return percent(share).removesuffix("\u00a0%")


def _cell_words(lines: Sequence[Line], status: str, election: Election, *, dark: bool) -> dict[str, Any]:
    """What stands in the cells of one status, and what they tell when they are pointed at, upon unseen marks: the cells of a heat-map
    can't be selected, and these can."""
    known, labels = STATUSES[status], {indicator.id: escape(indicator.label) for _, indicator in election.indicators}
    font = {"size": 11, "color": known.ink(dark).text}
    return {
        "type": "scatter", "mode": "markers+text", "x": [one.indicator for one in lines], "y": [election.places[one.place_code].name for one in lines],
        "marker": {"symbol": "square", "size": 24, "opacity": 0}, "textfont": font, "unselected": {"textfont": {"color": font["color"]}},
        "text": [known.shape if one.share is None else f"{known.shape} {disputed(_number(one.share), one.disputed)}" for one in lines],
        "customdata": [[one.place_code, escape(one.place), labels[one.indicator], _cell_facts(one)] for one in lines],
        "hovertemplate": f"<b>%{{customdata[1]}}</b><br>%{{customdata[2]}}<br>{known.shape} {known.word}<br>%{{customdata[3]}}<extra></extra>"}


def _cell_facts(one: Line) -> str:
    told = [] if one.done is None else [f"{percent(one.share)} · " + say("figure.done_of", done=f"{one.done:,}", required=f"{one.required:,}")]
    known = [say("figure.as_of", day=day(one.as_of))] if one.as_of else []
    return "<br>".join((*told, say("figure.card_expected", share=percent(one.expected)), *known))


def _words(cells: Iterable[tuple[str, str, str, bool]], size: int, *, dark: bool) -> Iterator[dict[str, Any]]:
    """Words upon the cells of a heat-map: column, row, text and whether the cell is a dark one. As points of text they are much lighter
    than as annotations."""
    told = list(cells)
    for on_dark, colour in ((False, paper(dark).ink), (True, paper(dark).ground)):
        own = [cell for cell in told if cell[3] == on_dark]
        yield {"type": "scatter", "mode": "text", "x": [cell[0] for cell in own], "y": [cell[1] for cell in own], "text": [cell[2] for cell in own],
               "textfont": {"size": size, "color": colour}, "hoverinfo": "skip"}


def _domain_head(election: Election, name: str, above: int, *, dark: bool) -> dict[str, Any]:
    """The domain's name above its indicators, whose names are so high."""
    own = [number for number, (domain, _) in enumerate(election.indicators) if domain.name == name]
    return {"x": (own[0] + own[-1]) / 2, "y": 1, "yref": "paper", "yshift": above, "yanchor": "bottom", "showarrow": False,
            "text": f"<b>{escape(election.domain(name).label)}</b>", "font": {"size": 12, "color": paper(dark).muted}}


def _share_axis(dark: bool) -> dict[str, Any]:
    return plotly_layout(dark)["yaxis"] | {"tickformat": ".0%", "range": [0, 1.04], "dtick": 0.25, "fixedrange": True}


def _count_axis(dark: bool, most: float) -> dict[str, Any]:
    """From 0 to the largest count; of a few, each whole number once."""
    return plotly_layout(dark)["yaxis"] | {"tickformat": ",d", "rangemode": "tozero", "fixedrange": True} | ({"dtick": 1} if most < 5 else {"nticks": 5})


def _day_axis(dark: bool, span: tuple[date, date]) -> dict[str, Any]:
    """The whole span of days, with room for the last mark."""
    first, last = span
    return plotly_layout(dark)["xaxis"] | {"tickformat": "%-d %b", "nticks": 6, "fixedrange": True, "showgrid": False, "type": "date", "ticklabelstandoff": 4,
                                           "range": [first - timedelta(days=3), last + timedelta(days=3)]}


def _bare_axis(dark: bool) -> dict[str, Any]:
    return plotly_layout(dark)["xaxis"] | {"showgrid": False, "zeroline": False}


def _column_axis(values: Sequence[str], labels: Sequence[str], dark: bool, width: int = 13) -> dict[str, Any]:
    """Names above their columns, broken into lines of so many letters so that they stand upright."""
    broken = ["<br>".join(map(escape, _upright(label, width))) for label in labels]
    return _bare_axis(dark) | {"side": "top", "fixedrange": True, "type": "category", "tickmode": "array", "tickvals": list(values), "ticktext": broken,
                               "tickangle": 0, "tickfont": {"size": 11}, "automargin": False}


def _upright(label: str, width: int) -> list[str]:
    return wrap(label, width, break_long_words=False)


def _head(labels: Sequence[str], width: int = 13) -> int:
    """The height of the columns' names, in pixels."""
    return 16 + 14 * max((len(_upright(label, width)) for label in labels), default=1)


def _place_axis(dark: bool) -> dict[str, Any]:
    """Rows of places, first at the top."""
    return plotly_layout(dark)["yaxis"] | {"autorange": "reversed", "showgrid": False, "fixedrange": True, "ticksuffix": "  ", "type": "category", "dtick": 1}


def _filled(count: int, *, is_down: bool = False) -> dict[str, Any]:
    """An axis that reaches from the edge of its first cell to that of its last, without room for the words upon them; `is_down` has the
    first at the top."""
    ends = [-0.5, max(count, 1) - 0.5]
    return {"autorange": False, "range": ends[::-1] if is_down else ends}
