"""The paper as a PDF on A4: set by typst, tagged for screen readers (PDF/UA-1), with bookmarks, charts as vectors and its fonts within."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

from data.readiness import Line
from pages.papers import fonts, wording
from pages.papers.content import Paper
from pages.parts import dates, marks
from pages.parts.theme import LIGHT, STATUSES
from pages.parts.words import LANGUAGE, day, say, short_day

_LOOK = Path(__file__).with_name("document.typ")
_STANDARD = "ua-1"  # refuses what a screen reader could not read, and a sign that no font has


@dataclass(frozen=True)
class _Room:
    """How much is named where not everything has room."""

    districts: int  # of an ask
    names: int  # of places in a line
    actions: int
    notes: int
    signs: int  # of what somebody wrote


# A province's paper has two pages: the first of these in which it does.
_ROOMS = (_Room(8, 10, 10, 5, 600), _Room(5, 8, 7, 4, 400), _Room(3, 5, 5, 3, 250), _Room(2, 3, 3, 2, 150), _Room(1, 1, 2, 1, 100))
_PAGES = 2


def pdf(paper: Paper) -> bytes:
    """The document. That of a province or a district has two pages at most, however much there is to say: what has no room is counted."""
    for room in _ROOMS:
        told = {"told": json.dumps(fonts.printable(_told(paper, room)), ensure_ascii=False)}
        if paper.place.level == "country" or room is _ROOMS[-1] or _pages(told) <= _PAGES:
            break
    return _typesetter().compile(format="pdf", sys_inputs=told, pdf_standards=[_STANDARD], timestamp=int(paper.made_at.replace(tzinfo=UTC).timestamp()))


def _pages(told: dict[str, str]) -> int:
    """How many pages it would have."""
    return json.loads(typst.query(str(_LOOK), "<pages>", field="value", one=True, font_paths=_fonts(), ignore_system_fonts=True, sys_inputs=told))


def _typesetter() -> typst.Compiler:
    return typst.Compiler(str(_LOOK), root=str(_LOOK.parent), font_paths=_fonts())


@lru_cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(fonts.folder())])


def _told(paper: Paper, room: _Room) -> dict[str, Any]:
    """All that is printed, as plain data."""
    whole, finding = paper.line(), wording.title(paper)
    return {
        "language": LANGUAGE, "title": say("paper.title", place=paper.place.name, day=day(paper.on)), "finding": finding, "place_ur": paper.place.name_ur,
        "subject": [paper.place.name, *wording.subject(paper)], "stamp": wording.stamp(paper), "example": wording.example(paper), "page": say("paper.page", number="{number}", all="{all}"),
        "colours": {name: getattr(LIGHT, name) for name in ("ink", "muted", "rule", "raised", "accent")},
        "statuses": {key: {"shape": one.shape, **asdict(one.light)} for key, one in STATUSES.items()},
        "share": marks.percent(whole.share), "status": whole.status, "word": STATUSES[whole.status].word, "gap": wording.gap(paper), "chart": _chart(paper),
        "clock": [{"status": status, "title": title, "brief": brief} for status, title, brief in dates.briefs(paper.entries)],
        "standing": [asdict(one) | {"word": one.word, "share_words": one.shown, "expected_words": marks.percent(one.expected)} for one in wording.standing(paper)],
        "disputed": wording.disputed(paper), "provinces": _provinces(paper), "provinces_heads": [say("table.place"), "", say("table.overall"), *(domain.label for domain in paper.election.domains)],
        "late": [dict(zip(("what", "short", "pace"), one)) for one in wording.late(paper)], "late_already": wording.late_already(paper),
        "asks": _asks(paper, room), "changes": [{"label": label, "words": words} for label, words in wording.changes(paper, room.names)],
        "actions": [asdict(one) | {name: wording.cut(getattr(one, name), room.signs) for name in ("what", "who")} for one in wording.actions(paper)[:room.actions]],
        "notes": [{"text": wording.cut(text, room.signs), "about": about} for text, about in wording.notes(paper)[:room.notes]],
        "silent": [dict(zip(("status", "label", "words"), one)) for one in wording.silent(paper, room.names)], "words": _words(paper, room)}


def _words(paper: Paper, room: _Room) -> dict[str, Any]:
    """Headings, column heads, and what is said where there is nothing."""
    return {
        "clock": say("clock.strip"), "standing": say("paper.standing"), "provinces": say("paper.provinces"), "late": say("clock.late"), "asks": say("paper.asks"),
        "changes": wording.changes_since(paper), "actions": say("paper.actions"), "notes": say("notes.title"), "silent": say("paper.silent"),
        "standing_heads": [say("table.indicator"), say("table.status"), say("table.done"), say("table.bar"), say("table.share"), say("table.expected"),
                           say("paper.change", day=short_day(paper.since))],
        "late_heads": [say("table.indicator"), say("clock.short"), say("clock.pace_heading")],
        "actions_heads": [say("actions.what"), say("actions.who"), say("table.place"), say("table.due"), say("actions.moves")],
        "none_late": wording.no_late(paper), "no_asks": wording.no_asks(paper) if paper.asks else "", "no_actions": say("paper.no_actions"), "all_reported": say("figure.all_reported"),
        "actions_more": _more(len(paper.actions) - room.actions), "notes_more": _more(len(paper.notes) - room.notes)}


def _more(count: int) -> str:
    return say("paper.more", count=count) if count > 0 else ""


def _chart(paper: Paper) -> dict[str, Any]:
    lines, whole = paper.over_time, paper.line()
    first, last = (short_day(one.day) for one in (lines[0], lines[-1]))
    return {
        "points": [{"share": one.share, "expected": one.expected} for one in lines], "first": first, "last": last,
        "plan": say("chart.plan_end", share=marks.percent(lines[-1].expected)), "actual": marks.percent(whole.share),
        "alt": say("paper.over_time_alt", place=paper.place.name, first=first, last=last, share=marks.percent(whole.share), expected=marks.percent(lines[-1].expected))}


def _provinces(paper: Paper) -> list[dict[str, Any]]:
    """Of a country's paper, a row for each province."""
    if paper.place.level != "country":
        return []
    of = {(line.place_code, line.domain): line for line in paper.below if line.indicator == "all"}
    places = [paper.election.places[code] for code in dict.fromkeys(code for code, _ in of)]
    return [{"name": place.name, "name_ur": place.name_ur, "cells": [_cell(of[place.code, name]) for name in ("all", *(one.name for one in paper.election.domains))]} for place in places]


def _cell(line: Line) -> dict[str, str]:
    return {"share": marks.disputed(marks.percent(line.share), line.disputed), "status": line.status}


def _asks(paper: Paper, room: _Room) -> list[dict[str, Any]]:
    """By office; the heading stands before the first office of a province."""
    blocks, before = [], ""
    for place, office, asked in wording.asks(paper, room.districts):
        heading = "" if place == before else say("paper.asks_of", place=place) if paper.place.level == "country" else say("paper.asks")
        blocks.append({"heading": heading, "office": office, "asks": [asdict(one) for one in asked]})
        before = place
    return blocks
