"""Changes: what is different from an earlier day, and what do we know of that day now that we did not know then?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pandas as pd
import streamlit as st

from data import meetings, readiness
from data.changed import Changed, Moved, changed
from data.clock import State
from data.declare import Indicator
from pages.parts import dates, filters, findings, frame, marks, session
from pages.parts.papers import papers
from pages.parts.pieces import Piece, Pieces, beside, kept, lay
from pages.parts.tables import downloads, shown
from pages.parts.words import day, say, short_day

_MOST = 8  # districts that rose or fell most; the download has all
_NAMED = 24  # districts in a line

store, viewer = session.store(), session.viewer()
election, places = store.election, store.election.places

# Which place and dates
place = filters.place_for("changes")
on = filters.day_in_url()
met = meetings.last(store, viewer.scope, place.code, on)
since = filters.since_in_url(on, met.held_on if met else None)


# Ask
def ask() -> tuple[marks.Html, Pieces] | None:
    """The page's head and its pieces; None where not the whole of the place is the viewer's to see."""
    told = changed(store, viewer.scope, place=place.code, before=since, on=on)
    return told and (marks.headline(_title(told), _subject(told)), tuple(_pieces(told)))


# Show
def show(head: marks.Html, pieces: Pieces) -> None:
    with frame.head():
        st.html(head)
        with frame.beside():
            with frame.row():
                filters.choose_place(filters.options("changes"), place, say("filters.place"))
                filters.choose_since(since, on)
                filters.choose_day(on)
            st.html(papers(place, on, since))
    lay(pieces)


def _pieces(told: Changed) -> Iterator[Piece]:
    if told.of("all").now.as_of is None:
        first = election.domains[0].name
        yield marks.empty_state(say("empty.place_title", place=place.name, day=day(on)), say("empty.place_text"),
                                (f"python -m loaders template {first} -o {first}.xlsx", f"python -m loaders load {first}.xlsx"))
        return
    yield from _own(told)
    if place.level != "district":
        yield beside(_ranked(told.risers, "rose"), _ranked(told.fallers, "fell"))
    yield from _lower(told)
    yield from _dates(told)
    yield from _silent(told)
    yield from _known_later(told)
    yield marks.note(say("how.question"), say("changes.how"))


def _title(told: Changed) -> str:
    whole = told.of("all")
    if whole.now.share is None or whole.before.share is None:
        return say("changes.title_unknown", place=place.name, day=short_day(since))
    facts = {"place": place.name, "points": _points(whole.change), "day": short_day(since), "count": len(told.fallers)}
    return say("changes.title_fell" if told.fallers and place.level != "district" else "changes.title", **facts)


def _subject(told: Changed) -> list[str]:
    whole = told.of("all")
    return [say("changes.since_meeting", day=day(since), chair=met.chaired_by) if met and met.held_on == since else say("changes.between", since=day(since), day=day(on)), say("changes.shares", then=marks.percent(whole.before.share), now=marks.percent(whole.now.share)),
            say("figure.coverage", reporting=whole.now.reporting, districts=whole.now.districts)]


def _points(change: float) -> str:
    return marks.signed(change * 100, 1)


def _own(told: Changed) -> Iterator[marks.Html]:
    """Each indicator of the place on both days."""
    yield marks.section(say("changes.own"), say("changes.own_aside"))
    columns = [say("table.indicator"), marks.Column(short_day(since), number=True), marks.Column(short_day(on), number=True), marks.Column(say("changes.difference"), number=True),
               marks.Column(say("changes.points"), number=True), say("table.status")]
    groups = [(marks.joined(domain.label, marks.status_tag(told.of(domain.name).now.status), _moved(told.of(domain.name))),
               [_row(told.of(domain.name, indicator.id), indicator) for indicator in domain.indicators]) for domain in election.domains]
    yield marks.grouped_table(columns, groups, say("changes.own"))
    yield downloads(lambda: readiness.figures(store, viewer.scope, told.of("all").now.level, days=(since, on), place=place.code), f"changes-{place.code}-{since}-{on}")


def _moved(one: Moved) -> str:
    if one.before.share is None or one.now.share is None:
        return marks.percent(one.now.share)
    return say("changes.moved", then=marks.percent(one.before.share), now=marks.percent(one.now.share), points=_points(one.change))


def _row(one: Moved, indicator: Indicator) -> list[marks.Cell]:
    both = one.before.done is not None and one.now.done is not None
    difference = marks.signed(one.count) if both else None
    return [indicator.label, findings.count(one.before, indicator), findings.count(one.now, indicator), marks.fell(difference) if both and one.count < 0 else difference,
            _points(one.change) if one.before.share is not None and one.now.share is not None else None, marks.status_tag(one.now.status)]


def _ranked(moved: tuple[Moved, ...], key: str) -> Iterator[marks.Html]:
    yield marks.section(say(f"changes.{key}"), say("changes.ranked_aside", count=len(moved), number=len(moved)))
    if not moved:
        yield marks.muted(say(f"changes.none_{key}"))
        return
    columns = [say("table.district"), marks.Column(short_day(since), number=True), marks.Column(short_day(on), number=True), marks.Column(say("changes.points"), number=True), say("table.status")]
    yield marks.table(columns, [
        [marks.link(one.now.place, filters.href("changes", place=one.now.place_code, since=since)), marks.percent(one.before.share), marks.percent(one.now.share), _points(one.change),
         marks.status_tag(one.now.status)] for one in moved[:_MOST]], say(f"changes.{key}"))
    yield downloads(lambda: pd.DataFrame([(one.now.place_code, one.now.place, one.before.share, one.now.share, one.change) for one in moved],
                                         columns=[say("table.code"), say("table.district"), str(since), str(on), say("changes.points")]), f"{key}-{place.code}-{since}-{on}")


def _lower(told: Changed) -> Iterator[marks.Html]:
    """Counts of what is done that are lower than they were."""
    yield marks.section(say("changes.lower"), say("changes.lower_aside"))
    if not told.fell:
        yield marks.muted(say("changes.none_lower"))
        return
    yield _counts(told.fell, "lower", short_day(since), short_day(on))


def _counts(moved: Iterable[Moved], key: str, then: str, now: str) -> marks.Html:
    columns = [say("table.district"), say("table.indicator"), marks.Column(then, number=True), marks.Column(now, number=True), marks.Column(say("changes.difference"), number=True)]
    rows = [[one.now.place, election.indicator(one.now.indicator).label, findings.count(one.before, election.indicator(one.now.indicator)), findings.count(one.now, election.indicator(one.now.indicator)),
             marks.measured(marks.signed(one.count), one.count) if one.before.done is not None and one.now.done is not None else None] for one in moved]
    return shown(columns, rows, say(f"changes.{key}"), name=f"{key}-{place.code}-{since}-{on}")


def _dates(told: Changed) -> Iterator[marks.Html]:
    yield marks.section(say("changes.dates"), say("changes.dates_aside"))
    lines = [marks.place_lines(_by_title(told, state), _district, dates.PAINT[state], most=_NAMED) for state in told.dates]
    yield marks.lines(lines) or marks.muted(say("changes.none_dates"))


def _by_title(told: Changed, state: State) -> dict[str, list[tuple[str, str]]]:
    """The districts that have come into a state, by the date: a label for each."""
    of: dict[str, list[tuple[str, str]]] = {}
    for entry in told.dates[state]:
        of.setdefault(say(f"changes.now_{state}", title=entry.title), []).append((entry.place, entry.place_code))
    return of


def _silent(told: Changed) -> Iterator[marks.Html]:
    yield marks.section(say("changes.silent"), say("changes.silent_aside"))
    lines = [marks.place_lines(_by_domain(told.silent, "changes.now_silent"), _district, "not_reported", most=_NAMED),
             marks.place_lines(_by_domain(told.heard, "changes.now_heard"), _district, "on_track", most=_NAMED)]
    yield marks.lines(lines) or marks.muted(say("changes.none_silent"))


def _by_domain(moved: Iterable[Moved], words: str) -> dict[str, list[tuple[str, str]]]:
    of: dict[str, list[tuple[str, str]]] = {}
    for one in moved:
        of.setdefault(say(words, domain=election.domain(one.now.domain).label), []).append((one.now.place, one.now.place_code))
    return of


def _known_later(told: Changed) -> Iterator[marks.Html]:
    yield marks.section(say("changes.known_later"), say("changes.known_later_aside", day=short_day(since)))
    if not told.known_later:
        yield marks.muted(say("changes.none_known_later", day=short_day(since)))
        return
    yield _counts(told.known_later, "known_later", say("changes.as_known_then"), say("changes.as_known_now"))


def _district(code: str) -> str:
    return filters.href("district", place=code)


drawn = kept(("changes page", viewer.scope, place.code, since, on, filters.href(".")), ask)
if drawn is not None:
    show(*drawn)
