"""The map of districts: tiles that we draw ourselves, or the boundaries that an operator has installed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from data import readiness
from data.election import Election
from data.readiness import Line
from data.scope import Scope
from data.store import Store
from pages.parts import borders, marks, session, tiles
from pages.parts.findings import count
from pages.parts.marks import percent
from pages.parts.pieces import Figure, kept
from pages.parts.theme import STATUSES
from pages.parts.words import day, say

_CONFIG = {"displayModeBar": False, "scrollZoom": False, "topojsonURL": "/app/static/"}


def district_map(store: Store, scope: Scope, domain: str, on: date, *, kind: str, href: Callable[[str], str], below: marks.Html) -> str | None:
    """Draws each district of the scope by its status in a domain, or in "all"; the code of the one clicked, or None.

    `kind` is "tiles", or "borders" where an operator has installed them. Under the legend stand the districts by name, for
    who can't see or click the map; `href` gives the address for a code. `below` stands under all.
    """
    dark = is_dark()
    question = ("district_map", scope, domain, on, dark, kind, href(""))
    figure, words, alt = kept(question, lambda: _drawn(store, scope, domain, on, kind, dark, href))
    event = st.plotly_chart(figure, key=f"district_map_{kind}", height="stretch", theme=None, on_select="rerun", selection_mode="points", config=_CONFIG, alt=alt)
    st.html(marks.stacked((words, below)))
    points = event.selection.points if event else []
    return next((point.get("location") or point["customdata"][0] for point in points), None)


def outlines() -> dict[str, Any] | None:
    """The boundaries that an operator has installed, as GeoJSON; None where there are none."""
    path = session.boundaries()
    return _read(path, path.stat().st_mtime) if path.exists() else None


@lru_cache(maxsize=1)
def _read(path: Path, changed: float) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def _drawn(store: Store, scope: Scope, domain: str, on: date, kind: str, dark: bool, href: Callable[[str], str]) -> tuple[Figure, marks.Html, str]:
    """The map; its legend with the number of districts of each status, and their names; the numbers in words."""
    frame = map_frame(readiness.lines(store, scope, "district", days=(on,)), domain, store.election)
    installed = outlines() if kind == "borders" else None
    figure = tiles.tile_map(frame, dark=dark) if installed is None else borders.border_map(frame, installed, dark=dark)
    counts = Counter(frame["status"])
    parts = (say("figure.part", label=say(f"status.{status}"), value=number) for status, number in counts.items())
    named = marks.opened(say("national.map_names"), marks.lines(_by_name(frame, status, href) for status in STATUSES if status in counts))
    return Figure(figure), marks.stacked((marks.status_legend(counts), named)), say("national.map_alt", counts=", ".join(parts))


def _by_name(frame: pd.DataFrame, status: str, href: Callable[[str], str]) -> marks.Html:
    """The districts of one status in a line, each a link."""
    own = frame[frame["status"] == status].sort_values("name")
    return marks.place_lines({STATUSES[status].word: list(zip(own["name"], own["code"]))}, href, status)


def is_dark() -> bool:
    """Whether the viewer sees the dark theme."""
    return st.context.theme.type == "dark"


def map_frame(lines: Sequence[Line], domain: str, election: Election) -> pd.DataFrame:
    """The districts' lines as a map of a domain (or of "all") wants them: one row per district, with its tile and its words."""
    places = election.places
    shown = [line for line in lines if line.domain == domain and line.indicator == "all"]
    parts: dict[str, list[Line]] = {}
    for line in lines:
        if line.domain != "all" and (line.indicator == "all") == (domain == "all") and domain in ("all", line.domain):
            parts.setdefault(line.place_code, []).append(line)
    rows = []
    for line in shown:
        place = places[line.place_code]
        rows.append((place.code, place.name, places[place.province].name, *place.tile, *place.position, line.status, short_name(place.name),
                     _more(line, parts.get(place.code, []), election)))
    return pd.DataFrame(rows, columns=["code", "name", "province", "tile_col", "tile_row", "lat", "lon", "status", "label", "more"])


def _more(line: Line, parts: Sequence[Line], election: Election) -> list[str]:
    """What hovering over a district tells: its share against the plan, then each part with its counts, then the day."""
    if line.share is None:
        return []
    labels = {domain.name: domain.label for domain in election.domains}
    said = [say("figure.bar", share=percent(line.share), expected=percent(line.expected))]
    for part in parts:
        if part.indicator == "all":
            said.append(say("figure.part", label=labels[part.domain], value=percent(part.share)))
        else:
            indicator = election.indicator(part.indicator)
            said.append(say("figure.part", label=indicator.label, value=count(part, indicator)))
    return [*said, say("figure.as_of", day=day(line.as_of))]


def short_name(name: str) -> str:
    """Up to four signs for a tile: the initials of several words, the beginning of one."""
    words = name.replace("-", " ").split()
    return "".join(word[0] for word in words)[:4] if len(words) > 2 else f"{words[0][0]} {words[1][:3]}" if len(words) == 2 else name[:4]
