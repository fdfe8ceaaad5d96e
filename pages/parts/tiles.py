"""Frames as figures. Each takes a frame and gives a plotly figure in plain values; show it with `theme=None`."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from html import escape
from math import inf
from textwrap import wrap
from typing import Any

import pandas as pd

from pages.parts.theme import SANS, STATUSES, paper, plotly_layout

Columns = dict[str, list]
Tile = tuple[float, float]
Name = tuple[str, float, float]  # the name and the middle of where it stands

PROPORTION = 1.0  # of the tile map, width to height; the stylesheet keeps its container to it


def tile_map(frame: pd.DataFrame, *, dark: bool = False) -> dict[str, Any]:
    """One square tile per district, painted and marked by its status; provinces outlined and named.

    Columns: code, name, province (its name), tile_col, tile_row (0 at the top), status, label (three or four letters)
    and more (the further lines that hovering shows). A click selects a bar whose `customdata[0]` is the district's
    code. Draw it with `height="stretch"` and a key that begins with `district_map`: the
    stylesheet keeps it in the map's proportions. The legend below it is `marks.status_legend`.
    """
    districts = frame.to_dict("list")
    statuses = [STATUSES[key] for key in districts["status"]]
    paint = [list(STATUSES).index(key) for key in districts["status"]]
    last = len(STATUSES) - 1
    tiles = {
        "type": "bar",
        "x": districts["tile_col"],
        "base": [row - 0.46 for row in districts["tile_row"]],
        "y": [0.92] * len(statuses),
        "width": 0.92,
        "marker": {
            "color": paint,
            "colorscale": scale("fill", dark=dark),
            "cmin": 0,
            "cmax": last,
            "showscale": False,
            "line": {"color": paint, "colorscale": scale("edge", dark=dark), "cmin": 0, "cmax": last, "width": 1},
            "pattern": {
                "shape": ["/" if status.hatched else "" for status in statuses],
                "size": 6,
                "solidity": 0.4,
            },
        },
        "text": [f"{status.shape}<br>{escape(label)}" for status, label in zip(statuses, districts["label"])],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "insidetextfont": {"color": [status.ink(dark).text for status in statuses], "size": 11},
        "customdata": [[code] for code in districts["code"]],
        "hovertext": hover(districts),
        "hovertemplate": "%{hovertext}<extra></extra>",
        "unselected": {"marker": {"opacity": 0.7}},
    }
    return {"data": [tiles], "layout": _tile_layout(districts, dark=dark)}


def scale(part: str, *, dark: bool) -> list[list]:
    """Colours by number, the status's place in the legend: quicker to check and to send than names of colours."""
    last = len(STATUSES) - 1
    return [[place / last, getattr(status.ink(dark), part)] for place, status in enumerate(STATUSES.values())]


def _tile_layout(districts: Columns, *, dark: bool) -> dict:
    """No axes, the outlines and the names of the provinces.

    The tiles are square because the stylesheet gives the chart's container the map's proportions. An anchored axis
    would do it too, but keeps the size of its first drawing when the chart grows.
    """
    colours = paper(dark)
    tiles = tuple(zip(districts["tile_col"], districts["tile_row"], districts["province"]))
    outline, names, across, down = _geography(tiles)
    bare = {"visible": False, "fixedrange": True}
    return plotly_layout(dark) | {
        "barmode": "overlay",
        "bargap": 0,
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "clickmode": "event+select",
        "dragmode": False,
        "xaxis": bare | {"range": across},
        "yaxis": bare | {"range": down},
        "shapes": [
            {
                "type": "path",
                "path": outline,
                "line": {"color": colours.ink, "width": 2},
                "layer": "above",
            }
        ],
        "annotations": [
            {
                "x": x,
                "y": y,
                "text": province,
                "showarrow": False,
                "font": {"family": SANS, "size": 12, "color": colours.muted},
            }
            for province, x, y in names
        ],
    }


@lru_cache(maxsize=16)
def _geography(tiles: tuple[tuple[int, int, str], ...]) -> tuple[str, list[Name], list[float], list[float]]:
    """What only the places decide, kept: the outline, the names, and the span of each axis in the map's proportions.

    A column to the right and a row above are left free for names.
    """
    owner = {(col, row): province for col, row, province in tiles}
    left, right = min(col for col, _ in owner), max(col for col, _ in owner) + 1
    top, bottom = min(row for _, row in owner) - 1, max(row for _, row in owner)
    free = {(col, row) for col in range(left, right + 1) for row in range(top, bottom + 1)} - set(owner)
    wide = max(right - left + 1.2, (bottom - top + 1.2) * PROPORTION)
    high = wide / PROPORTION
    across = [(left + right - wide) / 2, (left + right + wide) / 2]
    down = [(top + bottom + high) / 2, (top + bottom - high) / 2]
    return _outline(owner), _names(owner, free), across, down


def _outline(owner: dict[Tile, str]) -> str:
    """Every edge of a tile whose neighbour is of another province, or nobody's."""
    edges = []
    for (col, row), province in owner.items():
        left, right, top, bottom = col - 0.5, col + 0.5, row - 0.5, row + 0.5
        if owner.get((col, row - 1)) != province:
            edges.append(f"M{left} {top}H{right}")
        if owner.get((col - 1, row)) != province:
            edges.append(f"M{left} {top}V{bottom}")
        if (col, row + 1) not in owner:
            edges.append(f"M{left} {bottom}H{right}")
        if (col + 1, row) not in owner:
            edges.append(f"M{right} {top}V{bottom}")
    return "".join(edges)


def _names(owner: dict[Tile, str], free: set[Tile]) -> list[Name]:
    """Each province's name beside it, in one line or two, in free cells that are nearer to it than to any other.

    The smallest province chooses first. One of a single tile is named by that tile's own label.
    """
    names = []
    for province, size in reversed(Counter(owner.values()).most_common()):
        own = [tile for tile, of in owner.items() if of == province]
        others = [tile for tile, of in owner.items() if of != province]
        found = []
        for lines in ([province], wrap(province, width=11)):
            for col, row in free:
                cells = [(col + x, row + y) for x in range(-(-max(map(len, lines)) // 3)) for y in range(len(lines))]
                if free.issuperset(cells) and _near(cells, own) < _near(cells, others):
                    found.append((_near(cells, own) + 0.1 * _far(cells, own), cells, lines))
        if size == 1 or not found:
            continue
        _, cells, lines = min(found)
        free = free.difference(cells)
        x, y = _middle(cells)
        names.append(("<br>".join(map(escape, lines)), x, y))
    return names


def _near(cells: list[Tile], tiles: list[Tile]) -> float:
    """How near the middle of the cells is to the nearest tile, in tiles squared."""
    x, y = _middle(cells)
    return min(((x - col) ** 2 + (y - row) ** 2 for col, row in tiles), default=inf)


def _far(cells: list[Tile], tiles: list[Tile]) -> float:
    """How far the middle of the cells is from the middle of the tiles, in tiles squared."""
    return _near(cells, [_middle(tiles)])


def _middle(tiles: list[Tile]) -> tuple[float, float]:
    return sum(col for col, _ in tiles) / len(tiles), sum(row for _, row in tiles) / len(tiles)


def hover(districts: Columns) -> list[str]:
    """Name, province, status in words, and what else is known, a line each."""
    return [
        "<br>".join([f"<b>{escape(name)}</b>, {escape(province)}", f"{STATUSES[status].shape} {STATUSES[status].word}", *map(escape, more)])
        for name, province, status, more in zip(districts["name"], districts["province"], districts["status"], districts["more"])]
