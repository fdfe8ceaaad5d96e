"""Charts: lines and frames in, plotly figures out. Pure; show each with `theme=None` and CONFIG.

Expected is everywhere the same thin dashed line, actual the same solid one. Shares are fractions of 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from html import escape
from math import ceil
from textwrap import wrap
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from data.election import Election
from data.projection import Projection
from data.readiness import Line
from pages.parts.marks import disputed, percent
from pages.parts.theme import STATUSES, line, paper, plotly_layout
from pages.parts.words import day, say, short_day

CONFIG = {"displayModeBar": False, "scrollZoom": False}
_RISK, _THIN = 0.25, 0.5  # shares of most sensitive stations and of personnel: beyond them a district is in the corner to look at
_DAY = 86_400_000  # milliseconds, as an axis of days counts
_ROW = 26  # pixels for one row of a chart whose rows are places
_NARROW = 10  # letters in a line above a column of the heat-map, which has one for every indicator


def over_time(lines: Sequence[Line], *, dark: bool, height: int = 260) -> go.Figure:
    """One place's share against its plan, by day; a gap where nothing was reported."""
    days = [one.day for one in lines]
    return go.Figure({
        "data": [_plan(days, lines, dark=dark), _actual(days, lines, dark=dark)],
        "layout": plotly_layout(dark) | {
            "height": height, "margin": {"l": 0, "r": 64, "t": 8, "b": 0},
            "yaxis": _share_axis(dark), "xaxis": _day_axis(dark, (days[0], days[-1])),
            "annotations": [_end_label(lines, "expected", dark=dark), _end_label(lines, "share", dark=dark)],
        }})


def small_multiples(series: Mapping[str, Sequence[Line]], *, dark: bool, columns: int = 4) -> go.Figure:
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
    return go.Figure({"data": data, "layout": layout})


def heat_map(lines: Sequence[Line], places: Sequence[str], election: Election, *, dark: bool) -> go.Figure:
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
    # The cells of a heat-map can't be selected; unseen marks upon them can.
    marked = {
        "type": "scatter", "mode": "markers", "x": [indicator.id for _ in places for indicator in indicators],
        "y": [election.places[place].name for place in places for _ in indicators], "marker": {"symbol": "square", "size": 24, "opacity": 0},
        "customdata": [[place] for place in places for _ in indicators],
        "hovertext": [_cell_words(one, indicator.label) for row in grid for one, indicator in zip(row, indicators)],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    words = [
        {"x": indicator.id, "y": election.places[place].name, "showarrow": False,
         "text": STATUSES[one.status].shape + ("" if one.share is None else f" {disputed(_number(one.share), one.disputed)}"),
         "font": {"size": 11, "color": STATUSES[one.status].ink(dark).text}}
        for place, row in zip(places, grid) for one, indicator in zip(row, indicators)]
    labels = [one.label for one in indicators]
    head = _head(labels, _NARROW)
    heads = [_domain_head(election, name.name, head, dark=dark) for name in election.domains]
    return go.Figure({"data": [cells, marked], "layout": plotly_layout(dark) | {
        "height": head + 32 + _ROW * len(places), "margin": {"l": 0, "r": 0, "t": head + 24, "b": 0}, "clickmode": "event+select", "dragmode": False,
        "yaxis": _place_axis(dark), "xaxis": _column_axis([one.id for one in indicators], labels, dark, _NARROW),
        "annotations": words + heads}})


def burn_up(
    frame: pd.DataFrame, span: tuple[date, date], ahead: Projection | None, planned_ahead: Sequence[tuple[date, float]], *, dark: bool,
) -> go.Figure:
    """What is done and what is listed, in counts, with the plan's line. Columns: day, done, required, expected (share).

    The axis reaches over the whole span of days, however few of them were reported, and on to the due date where there is a
    projection: dotted, in a soft band from the slowest pace to the fastest. `planned_ahead` are the plan's shares on days to come.
    """
    colours = paper(dark)
    days = frame["day"].tolist()
    mode = "lines" if len(frame) > 1 else "markers"
    listed = {"type": "scatter", "mode": mode, "x": days, "y": frame["required"].tolist(), "line": {"color": colours.ink, "width": 1.5},
              "hovertemplate": say("chart.listed_hover")}
    planned = (frame["required"] * frame["expected"]).round()
    plan = {"type": "scatter", "mode": mode, "x": days, "y": planned.tolist(),
            "line": line("expected", dark=dark), "hovertemplate": say("chart.planned_hover")}
    done = {"type": "scatter", "mode": mode, "x": days, "y": frame["done"].tolist(), "line": line("actual", dark=dark),
            "customdata": frame["required"].tolist(), "hovertemplate": say("chart.done_hover")}
    ends = [(frame["required"], "chart.listed", colours.ink), (planned, "chart.planned", colours.muted),
            (frame["done"], "chart.usable", colours.accent)]
    labels = [_label(days[-1], values.iloc[-1], say(words, number=f"{values.iloc[-1]:,.0f}"), colour) for values, words, colour in ends if pd.notna(values.iloc[-1])]
    coming = [] if ahead is None or ahead.untold or ahead.due <= ahead.on else _projected(ahead, dark=dark)
    if coming:
        span = span[0], ahead.due
        plan = plan | {"x": [*days, *(at for at, _ in planned_ahead)], "y": [*planned.tolist(), *(round(share * ahead.required) for _, share in planned_ahead)]}
        sides = [(-8, "right"), (-8, "right"), (8, "left")]  # what is listed and planned stands before the band, what is done below it
        labels = [label | {"xshift": shift, "xanchor": anchor, "yshift": 10 if anchor == "right" else -10} for label, (shift, anchor) in zip(labels, sides)]
        labels.append(_label(ahead.due, ahead.required - ahead.short, say("chart.foreseen", number=f"{ahead.required - ahead.short:,}", day=short_day(ahead.due)), colours.accent))
    return go.Figure({"data": [*coming, listed, plan, done], "layout": plotly_layout(dark) | {
        "height": 300, "margin": {"l": 0, "r": 104, "t": 8, "b": 0}, "annotations": labels, "xaxis": _day_axis(dark, span),
        "yaxis": _count_axis(dark, frame["required"].max())}})


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


def stages(frame: pd.DataFrame, stage_labels: Mapping[str, str], *, dark: bool) -> go.Figure:
    """How many have come through each stage, a row of bars per name on one scale of shares; the drop is labelled.

    The frame is indexed by name and has one column of counts per stage, in the order of the stages.
    """
    colours, data, notes = paper(dark), [], []
    names, keys = frame.index.tolist(), list(stage_labels)
    for number, key in enumerate(keys):
        axis = "" if number == 0 else str(number + 1)
        counts, first = frame[key], frame[keys[0]]
        shares = (counts / first).fillna(0)
        dropped = (frame[keys[number - 1]] - counts) if number else counts * 0
        data.append({
            "type": "bar", "orientation": "h", "y": names, "x": shares.tolist(), "xaxis": f"x{axis}", "yaxis": "y",
            "marker": {"color": colours.accent, "opacity": 1 - 0.12 * number}, "width": 0.62,
            "text": [f"{count:,}" + (f"  −{drop:,}" if drop else "") for count, drop in zip(counts, dropped)], "textposition": "outside",
            "cliponaxis": False, "textfont": {"size": 12, "color": colours.ink}, "constraintext": "none",
            "customdata": [[count, of] for count, of in zip(counts, first)],
            "hovertemplate": f"<b>{escape(stage_labels[key])}</b><br>" + say("chart.stage_hover")})
        notes.append({"x": 0, "y": 1, "xref": f"x{axis}", "yref": "paper", "yanchor": "bottom", "xanchor": "left", "showarrow": False,
                      "text": f"<b>{escape(stage_labels[key])}</b>", "font": {"size": 12, "color": colours.muted}})
    layout = plotly_layout(dark) | {"height": 40 + 34 * len(names), "margin": {"l": 0, "r": 8, "t": 26, "b": 0}, "yaxis": _place_axis(dark),
                                    "annotations": notes, "barmode": "overlay"}
    for number in range(len(keys)):
        axis = "" if number == 0 else str(number + 1)
        layout[f"xaxis{axis}"] = _bare_axis(dark) | {"domain": [number / len(keys), (number + 0.94) / len(keys)], "range": [0, 2.1],
                                                     "showticklabels": False, "fixedrange": True}
    return go.Figure({"data": data, "layout": layout})


def matrix(frame: pd.DataFrame, *, dark: bool, unit: str) -> go.Figure:
    """Counts by two codes: rows are the frame's index, columns its columns; the darker the more."""
    colours = paper(dark)
    most = max(int(frame.to_numpy().max()), 1) if frame.size else 1
    cells = {"type": "heatmap", "z": frame.to_numpy().tolist(), "x": frame.columns.tolist(), "y": frame.index.tolist(), "showscale": False,
             "colorscale": [[0, colours.raised], [1, colours.accent]], "zmin": 0, "zmax": most, "xgap": 2, "ygap": 2,
             "hovertemplate": f"<b>{escape(unit)}</b><br>" + say("chart.matrix_hover")}
    words = [{"x": column, "y": row, "text": f"{int(frame.loc[row, column]):,}", "showarrow": False,
              "font": {"size": 12, "color": colours.ground if frame.loc[row, column] > most * 0.5 else colours.ink}}
             for row in frame.index for column in frame.columns]
    return go.Figure({"data": [cells], "layout": plotly_layout(dark) | {
        "height": _head(frame.columns) + 12 + 34 * len(frame), "margin": {"l": 0, "r": 0, "t": _head(frame.columns), "b": 0}, "annotations": words,
        "yaxis": _place_axis(dark), "xaxis": _column_axis(frame.columns.tolist(), frame.columns, dark)}})


def share_grid(frame: pd.DataFrame, *, done: str, of: str, columns: Sequence[str], dark: bool) -> go.Figure:
    """Shares by two names, the darker the more; rows least first. Columns: row, column, and the counts `done` and `of`."""
    colours = paper(dark)
    sums = frame.groupby(["row", "column"])[[done, of]].sum()
    totals = frame.groupby("row")[[done, of]].sum()
    rows = (totals[done] / totals[of].where(totals[of] > 0)).sort_values(na_position="last").index.tolist()
    counts = {key: (int(row[done]), int(row[of])) for key, row in sums.iterrows() if row[of] > 0}
    shares = [[counts[row, column][0] / counts[row, column][1] if (row, column) in counts else None for column in columns] for row in rows]
    hover = [["<br>".join((f"<b>{escape(row)}</b>, {escape(column)}", say("figure.done_of", done=f"{counts[row, column][0]:,}", required=f"{counts[row, column][1]:,}")))
              if (row, column) in counts else "" for column in columns] for row in rows]
    cells = {"type": "heatmap", "z": shares, "x": list(columns), "y": rows, "showscale": False, "colorscale": [[0, colours.raised], [1, colours.accent]],
             "zmin": 0, "zmax": 1, "xgap": 2, "ygap": 2, "hovertext": hover, "hovertemplate": "%{hovertext}<extra></extra>", "hoverongaps": False}
    words = [{"x": column, "y": row, "text": _number(share), "showarrow": False,
              "font": {"size": 11, "color": colours.ground if share > 0.55 else colours.ink}}
             for row, line_of in zip(rows, shares) for column, share in zip(columns, line_of) if share is not None]
    return go.Figure({"data": [cells], "layout": plotly_layout(dark) | {
        "height": _head(columns) + 12 + _ROW * len(rows), "margin": {"l": 0, "r": 0, "t": _head(columns), "b": 0}, "annotations": words,
        "yaxis": _place_axis(dark), "xaxis": _column_axis(list(columns), columns, dark)}})


def bars(frame: pd.DataFrame, *, dark: bool, done: str, of: str, unit: str) -> go.Figure:
    """Done against required, one bar per name: the frame is indexed by name; `done` and `of` are its columns."""
    colours = paper(dark)
    names = frame.index.tolist()
    whole = {"type": "bar", "orientation": "h", "y": names, "x": frame[of].tolist(), "marker": {"color": colours.rule}, "width": 0.62,
             "hoverinfo": "skip"}
    part = {"type": "bar", "orientation": "h", "y": names, "x": frame[done].tolist(), "marker": {"color": colours.accent}, "width": 0.62,
            "customdata": frame[of].tolist(), "hovertemplate": f"<b>{escape(unit)}</b><br>" + say("chart.bar_hover")}
    words = [_label(value, name, say("chart.share_of", share=percent(d / value if value else None), done=f"{d:,}", required=f"{value:,}"), colours.ink)
             for name, value, d in zip(names, frame[of], frame[done])]
    most = float(frame[of].max()) if len(frame) else 1
    return go.Figure({"data": [whole, part], "layout": plotly_layout(dark) | {
        "height": 30 + 30 * len(names), "margin": {"l": 0, "r": 0, "t": 4, "b": 0}, "barmode": "overlay", "annotations": words,
        "yaxis": _place_axis(dark), "xaxis": _bare_axis(dark) | {"showticklabels": False, "range": [0, most * 1.75], "fixedrange": True}}})


def cover(frame: pd.DataFrame, *, dark: bool) -> go.Figure:
    """Each district a point: share of most sensitive stations across, personnel cover up, size by stations.

    Columns: name, code, status, risk, cover (shares), stations, committed, required. The empty corner that one must not
    fill, high risk and thin cover, is named. A click selects a point whose `customdata[0]` is the code.
    """
    colours = paper(dark)
    symbols = {"ready": "circle", "on_track": "triangle-up", "behind": "square", "critical": "diamond", "not_reported": "circle-open", "stale": "circle-dot"}
    inks = [STATUSES[status].ink(dark) for status in frame["status"]]
    points = {
        "type": "scatter", "mode": "markers", "x": frame["risk"].tolist(), "y": frame["cover"].tolist(),
        "marker": {"size": (5 + 15 * (frame["stations"] / max(frame["stations"].max(), 1)) ** 0.5).tolist(),
                   "symbol": [symbols[status] for status in frame["status"]], "color": [ink.fill for ink in inks],
                   "line": {"color": [ink.edge for ink in inks], "width": 1}, "opacity": 0.75},
        "customdata": frame[["code", "name", "stations", "committed", "required"]].to_numpy().tolist(),
        "hovertemplate": say("chart.cover_hover")}
    far = max(0.4, float(frame["risk"].max() or 0) * 1.05) if len(frame) else 0.4
    corner = {"type": "rect", "xref": "x", "yref": "y", "x0": _RISK, "x1": far, "y0": 0, "y1": _THIN, "line": {"width": 0},
              "fillcolor": STATUSES["critical"].ink(dark).fill, "opacity": 0.08, "layer": "below"}
    worst = frame[(frame["risk"] > _RISK) & (frame["cover"] < _THIN)].nsmallest(4, "cover")
    named = [_label(row.risk, row.cover, escape(row.name), colours.ink) | {"font": {"size": 11, "color": colours.ink}} for row in worst.itertuples(index=False)]
    return go.Figure({"data": [points], "layout": plotly_layout(dark) | {
        "height": 380, "margin": {"l": 0, "r": 56, "t": 8, "b": 0}, "shapes": [corner], "clickmode": "event+select",
        "annotations": [{"x": far, "y": 0, "xanchor": "right", "yanchor": "bottom", "showarrow": False, "text": say("chart.corner", risk=percent(_RISK), cover=percent(_THIN)),
                         "font": {"size": 12, "color": colours.muted}}, *named],
        "xaxis": _share_axis(dark) | {"range": [0, far * 1.06], "title": {"text": say("chart.risk"), "font": {"size": 12}}, "showgrid": False, "dtick": None},
        "yaxis": _share_axis(dark) | {"range": [0, 1.05], "title": {"text": say("chart.cover"), "font": {"size": 12}}}}})


def by_week(frame: pd.DataFrame, span: tuple[date, date], *, dark: bool) -> go.Figure:
    """Held against planned, cumulative, by report, over a span of days. Columns: day, held, planned."""
    colours = paper(dark)
    days = frame["day"].tolist()
    planned = {"type": "scatter", "mode": "lines", "x": days, "y": frame["planned"].tolist(), "line": line("expected", dark=dark) | {"shape": "hv"},
               "hovertemplate": say("chart.planned_hover")}
    held = {"type": "bar", "width": 4.5 * _DAY, "x": days, "y": frame["held"].tolist(), "marker": {"color": colours.accent}, "customdata": frame["planned"].tolist(),
            "hovertemplate": say("chart.done_hover")}
    labels = [_label(days[-1], frame["planned"].iloc[-1], say("chart.planned", number=f"{frame['planned'].iloc[-1]:,}"), colours.muted),
              _label(days[-1], frame["held"].iloc[-1], say("chart.held", number=f"{frame['held'].iloc[-1]:,}"), colours.accent)] if len(frame) else []
    for one in labels:
        one["xshift"] = 12
    return go.Figure({"data": [held, planned], "layout": plotly_layout(dark) | {
        "height": 280, "margin": {"l": 0, "r": 110, "t": 8, "b": 0}, "annotations": labels,
        "xaxis": _day_axis(dark, span), "yaxis": _count_axis(dark, frame["planned"].max())}})


def briefing_strip(frame: pd.DataFrame, window: int, *, dark: bool) -> go.Figure:
    """Days since the last briefing, one tick per district, one row per province, the window shaded. Columns: province,
    name, code, days, on."""
    colours = paper(dark)
    current = frame["days"] <= window
    inks = [STATUSES["on_track" if ok else "critical"].ink(dark).fill for ok in current]
    points = {"type": "scatter", "mode": "markers", "x": frame["days"].tolist(), "y": frame["province"].tolist(),
              "marker": {"size": 9, "color": inks, "symbol": ["triangle-up" if ok else "diamond" for ok in current], "opacity": 0.8,
                         "line": {"width": 1, "color": colours.ground}},
              "customdata": frame[["code", "name", "on"]].astype(str).to_numpy().tolist(),
              "hovertemplate": say("chart.briefed")}
    edge = {"type": "line", "x0": window, "x1": window, "y0": 0, "y1": 1, "yref": "paper", "line": line("expected", dark=dark)}
    provinces = frame["province"].nunique()
    return go.Figure({"data": [points], "layout": plotly_layout(dark) | {
        "height": 90 + 36 * provinces, "margin": {"l": 0, "r": 24, "t": 24, "b": 44}, "shapes": [edge],
        "annotations": [{"x": window, "y": 1, "yref": "paper", "yanchor": "bottom", "showarrow": False, "text": say("chart.window", days=window),
                         "font": {"size": 12, "color": colours.muted}}],
        "yaxis": _place_axis(dark), "xaxis": _bare_axis(dark) | {
            "title": {"text": say("chart.days_since"), "font": {"size": 12}, "standoff": 6}, "rangemode": "tozero", "automargin": False}}})


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


def _cell_words(one: Line, label: str) -> str:
    known = STATUSES[one.status]
    said = [f"<b>{escape(one.place)}</b>", escape(label), f"{known.shape} {say(f'status.{one.status}')}"]
    if one.done is not None:
        said.append(f"{percent(one.share)} · " + say("figure.done_of", done=f"{one.done:,}", required=f"{one.required:,}"))
    said.append(say("figure.card_expected", share=percent(one.expected)))
    if one.as_of:
        said.append(say("figure.as_of", day=day(one.as_of)))
    return "<br>".join(said)


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
