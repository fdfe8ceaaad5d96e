"""What a sheet changes, on the page: its districts, its numbers old and new, and what becomes of the figures."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from data.declare import Column, Domain
from data.places import Places
from data.readiness import Line
from data.scope import Scope
from loaders.changes import KINDS, Changes
from loaders.effect import Moved
from pages.parts import filters, marks
from pages.parts.paging import part
from pages.parts.tables import live_downloads
from pages.parts.words import day, say

_DISTRICTS, _LINES, _PLACES = 15, 50, 15  # in one go
_STATES = ("new", "changed", "unchanged", "emptied")


def beyond(scope: Scope, districts: Collection[str]) -> bool:
    """Says of how many districts that a sheet names the viewer may not see what stood there; whether it is all of them."""
    hidden = len(set(districts) - scope.districts)
    if hidden:
        st.html(marks.muted(say("compared.beyond", count=hidden, number=f"{hidden:,}")))
    return hidden > 0 and hidden == len(set(districts))


def show(changes: Changes, domain: Domain, places: Places, *, name: str, key: str, held: Sequence[str] = ()) -> None:
    """The districts and the numbers that change; `held` are the districts that are held back. `name` is that of the files to take along."""
    counts = {state: sum(one.state == state for one in changes.districts) for state in _STATES}
    st.html(marks.flags((
        marks.flag("+", say("compared.new", count=counts["new"], number=f"{counts['new']:,}")),
        marks.flag("≠", say("compared.changed", count=counts["changed"], number=f"{counts['changed']:,}")),
        marks.flag("=", say("compared.unchanged", count=counts["unchanged"], number=f"{counts['unchanged']:,}")),
        marks.flag("∅", say("compared.emptied", count=counts["emptied"], number=f"{counts['emptied']:,}")))))
    falls, gone = changes.count("fell"), changes.count("removed")
    if falls:
        st.html(marks.Html(f'<p class="er-line">{marks.fell(say("compared.falls", count=falls, number=f"{falls:,}"))}</p>'))
    if gone:
        st.html(marks.Html(f'<p class="er-line">{marks.fell(say("compared.gone", count=gone, number=f"{gone:,}"))}</p>'))
    _districts(changes, places, key, held)
    _lines(changes, domain, places, name, key)


def _districts(changes: Changes, places: Places, key: str, held: Sequence[str]) -> None:
    columns = [say("table.district"), say("compared.state"), *(marks.Column(say(f"compared.column_{name}"), number=True)
               for name in ("before", "after", "added", "removed", "cells", "fell"))]
    # What one has to look at first stands first: falls, then rows that go, then what changes most.
    ranked = sorted(changes.districts, key=lambda one: (-one.fell, -one.removed, one.state == "unchanged", -one.changed - one.added))
    shown = ranked[part(len(ranked), size=_DISTRICTS, key=f"{key}_districts")]
    rows = [[marks.joined(places[one.district].name, *([marks.Html(f'<small class="er-muted">{say("compared.held")}</small>')] if one.district in held else [])),
             say(f"compared.state_{one.state}"), one.before, one.after, one.added, one.removed, one.changed + one.fell,
             marks.fell(f"{one.fell:,}") if one.fell else 0] for one in shown]
    st.html(marks.table(columns, rows, say("compared.districts")))


def _lines(changes: Changes, domain: Domain, places: Places, name: str, key: str) -> None:
    if not changes.lines.num_rows:
        return
    labels = {"all": say("compared.all")} | {kind: say(f"compared.kind_{kind}", number=f"{changes.count(kind):,}") for kind in KINDS if changes.count(kind)}
    with st.container(horizontal=True, vertical_alignment="top"):
        kind = st.segmented_control(say("compared.kind"), list(labels), format_func=labels.get, default="fell" if "fell" in labels else "all", required=True, key=f"{key}_kind")
        touched = {one.district: places[one.district].name for one in changes.districts if one.state != "unchanged"}
        district = st.selectbox(say("table.district"), ["", *touched], format_func=lambda code: touched.get(code, say("compared.every")), key=f"{key}_district", width=230)
    lines = changes.lines
    if kind != "all":
        lines = lines.filter(pc.equal(lines["kind"], kind))
    if district:
        lines = lines.filter(pc.equal(lines["district"], district))
    shown = lines.slice(*_offset(part(lines.num_rows, size=_LINES, key=f"{key}_lines")))
    columns = [say("table.district"), marks.Column(say("table.sheet_row"), number=True), say("compared.row"), say("compared.what"), say("compared.old"), say("compared.arrow")]
    st.html(marks.table(columns, [_line(one, domain, places) for one in shown.to_pylist()], say("compared.lines"), wrap=True, stacks=True))
    live_downloads(lambda: frame_of(changes.lines, domain, places), name, key=f"{key}_changes")


def _offset(shown: slice) -> tuple[int, int]:
    return shown.start, shown.stop - shown.start


def _line(one: dict[str, Any], domain: Domain, places: Places) -> list[marks.Cell]:
    keys = _keys(one, domain) or None
    if one["kind"] in ("added", "removed"):
        told = say(f"compared.row_{one['kind']}")
        return [places[one["district"]].name, one["row"], keys, told, *(row_in_words(domain, one[side]) for side in ("old", "new"))]
    column = domain.column(one["column"])
    new = in_words(column, one["new"])
    return [places[one["district"]].name, one["row"], keys, column.label, in_words(column, one["old"]), marks.fell(say("compared.fell_to", value=new)) if one["kind"] == "fell" else new]


def _keys(one: dict[str, Any], domain: Domain) -> str:
    """What tells a row from others of its district."""
    return ", ".join(in_words(column, one[column.name]) or "" for column in domain.keys if column.kind != "district")


def row_in_words(domain: Domain, whole: str | None) -> str | None:
    """What a row that comes or goes tells besides its keys: each filled column with its value."""
    if whole is None:
        return None
    filled = {name: value for name, value in json.loads(whole).items() if value is not None}
    return "; ".join(say("compared.value_of", column=domain.column(name).label, value=in_words(domain.column(name), value)) for name, value in filled.items()) or None


def in_words(column: Column, value: str | None) -> str | None:
    """A stored value, as text, in the words and figures of the page."""
    if value is None:
        return None
    if column.kind == "code":
        return {code.value: code.label for code in column.codes}.get(value, value)
    if column.kind == "count":
        return f"{int(value):,}"
    if column.kind == "money":
        return f"{float(value):,.2f}".removesuffix(".00")
    return day(date.fromisoformat(value)) if column.kind == "date" else value


def frame_of(lines: pa.Table, domain: Domain, places: Places) -> pd.DataFrame:
    """All changes as a frame: district, row of the sheet, the row's keys, kind of change, column, old, new."""
    labels = {column.name: column.label for column in domain.stored}
    told = [{say("table.district"): places[one["district"]].name, say("table.sheet_row"): one["row"], say("compared.row"): _keys(one, domain),
             say("compared.kind"): one["kind"], say("compared.what"): labels.get(one["column"], ""), **{say(f"compared.{heading}"): _told(one, side, domain) for heading, side in (("old", "old"), ("arrow", "new"))}}
            for one in lines.to_pylist()]
    return pd.DataFrame(told).astype({say("table.sheet_row"): "Int64"}) if told else pd.DataFrame(told)


def _told(one: dict[str, Any], side: str, domain: Domain) -> str | None:
    return one[side] if one["column"] else row_in_words(domain, one[side])


# ── What becomes of the figures ──────────────────────────────────────────────────────────────────


def effect(moved: Sequence[Moved], domain: Domain, places: Places, on: date, *, name: str, key: str) -> None:
    """The shares and statuses of the country, the provinces and the districts that are touched, before and after."""
    if not moved:
        st.html(marks.muted(say("compared.no_figures")))
        return
    by_place: dict[str, dict[tuple[str, str], Moved]] = {}
    for one in moved:
        by_place.setdefault(one.after.place_code, {})[one.after.domain, one.after.indicator] = one
    columns = [say("table.place"), *(say(f"compared.{heading}", domain=domain.label) for heading in ("share", "share_after", "overall", "overall_after"))]
    codes = list(by_place)
    shown = codes[part(len(codes), size=_PLACES, key=f"{key}_effect")]
    rows = [[marks.link(places[code].name, _address(places, code)), *_before_after(by_place[code].get((domain.name, "all"))), *_before_after(by_place[code].get(("all", "all")))]
            for code in shown]
    st.html(marks.stacked((
        marks.table(columns, rows, say("compared.effect_caption", day=day(on)), shown=True, stacks=True),
        marks.opened(say("compared.indicators"), _indicators(by_place[codes[0]], domain, places[codes[0]].name)))))
    live_downloads(lambda: moved_frame(moved), name, key=f"{key}_figures")


def _indicators(of_place: dict[tuple[str, str], Moved], domain: Domain, place: str) -> marks.Html:
    columns = [say("table.indicator"), *(marks.Column(say(f"compared.{name}"), number=True) for name in ("count_before", "count_after"))]
    rows = [[indicator.label, _count(one.before), _count(one.after)] for indicator in domain.indicators if (one := of_place.get((domain.name, indicator.id)))]
    return marks.table(columns, rows, say("compared.indicators_caption", place=place), shown=True)


def _count(line: Line) -> str | None:
    return None if line.required is None else say("figure.done_of", done=f"{line.done:,}", required=f"{line.required:,}")


def _before_after(one: Moved | None) -> tuple[marks.Cell, marks.Cell]:
    """Both sides; where nothing moves, the second says so."""
    if one is None:
        return None, None
    told = [marks.percent(line.share) for line in (one.before, one.after)]
    if told[0] == told[1] and one.before.share != one.after.share:
        told = [say("compared.fine", share=share) for share in _told_apart(one.before.share, one.after.share)]
    is_same = (one.before.share, one.before.status, one.before.reporting) == (one.after.share, one.after.status, one.after.reporting)
    after = marks.Html(f'<span class="er-muted">{say("compared.same")}</span>') if is_same else marks.status_tag(one.after.status, told[1])
    return marks.status_tag(one.before.status, told[0]), after


def _told_apart(one: float, other: float) -> tuple[str, str]:
    """Two shares that are not the same, in percent, with as many decimals as it takes to see that."""
    every = ((f"{one * 100:.{digits}f}", f"{other * 100:.{digits}f}") for digits in range(2, 12))
    return next((pair for pair in every if pair[0] != pair[1]), (repr(one * 100), repr(other * 100)))


def _address(places: Places, code: str) -> str:
    level = {"country": "national"}.get(places[code].level, places[code].level)
    return filters.href(level, place=None if level == "national" else code)


def moved_frame(moved: Sequence[Moved]) -> pd.DataFrame:
    """Every figure before and after: place, domain, indicator, and of both sides done, required, share and status."""
    return pd.DataFrame([{
        "place_code": one.after.place_code, "place": one.after.place, "level": one.after.level, "domain": one.after.domain, "indicator": one.after.indicator,
        **{f"{name}_{side}": getattr(line, name) for side, line in (("before", one.before), ("after", one.after)) for name in ("done", "required", "share", "status")}}
        for one in moved])
