"""What every domain's page begins and ends with: its place and date, its finding, its indicators, the places below."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

import streamlit as st

from data import readiness
from data.clock import Entry, clock
from data.declare import Domain, Indicator
from data.election import Duty, Election
from data.lost import Lost, lost
from data.places import Place
from data.readiness import Level, Line
from data.scope import Scope
from data.store import Store
from pages.parts import charts, dates, filters, findings, frame, maps, marks, session
from pages.parts.pieces import Chart, Figure, Piece, Pieces, beside, kept, lay
from pages.parts.tables import downloads, shown
from pages.parts.words import day, say, short_day


@dataclass(frozen=True)
class Asked:
    """What a domain's page was asked for, and the figures of its place week by week."""

    store: Store
    scope: Scope
    election: Election
    domain: Domain
    place: Place
    on: date
    weeks: tuple[date, ...]
    own: findings.Index

    def line(self, indicator: str = "all", on: date | None = None) -> Line:
        return self.own[on or self.on, self.place.code, self.domain.name, indicator]

    @property
    def span(self) -> tuple[date, date]:
        """The first and the last day of the charts over time."""
        return self.weeks[0], self.weeks[-1]

    @property
    def little(self) -> bool:
        """Whether too few of the place's districts have reported the domain to judge the whole place."""
        return findings.is_little(self.own, self.election, self.place.code, self.domain.name, self.on)

    @property
    def missed(self) -> list[Duty]:
        """The legal duties of the domain that the place has missed."""
        return findings.missed(self.election, self.own.values(), self.on)

    @property
    def dates(self) -> list[Entry]:
        """The dates of the domain's indicators, each with no other indicator in it."""
        entries = clock(self.store, self.scope, self.place.summed_at, on=self.on, place=self.place.code)
        own = [replace(entry, parts=(part,)) for entry in entries for part in entry.parts if part.indicator in self.domain.indicators]
        return sorted(own, key=lambda entry: self.domain.indicators.index(entry.parts[0].indicator))

    @property
    def dark(self) -> bool:
        return maps.is_dark()


Own = Callable[[Asked], Iterable[Piece]]


def show(name: str, own: Own = lambda asked: ()) -> None:
    """Draws the page of that domain: finding, filters, figures, indicators over time, its `own` pieces, the places below. Where nothing has
    been reported for the place, it says so, and what to do."""
    store, viewer = session.store(), session.viewer()
    place, on = filters.place_for(name), filters.day_in_url()
    head, pieces, end = kept(("domain_page", name, viewer.scope, place.code, on, maps.is_dark(), filters.href(".")),
                             lambda: _drawn(_ask(store, viewer.scope, name, place, on), own))
    with frame.head():
        st.html(head)
        filters.choose_place(filters.options(name), place, say("filters.place"))
        filters.choose_day(on)
    clicked = lay((*pieces, _warned(store, viewer.files, name, place, on), end) if end else pieces)
    if clicked:
        st.switch_page("readiness/district.py", query_params=filters.query(place=clicked))


def _ask(store: Store, scope: Scope, name: str, place: Place, on: date) -> Asked:
    weeks = tuple(on - timedelta(days=7 * number) for number in range(25, -1, -1))
    own = findings.index(readiness.lines(store, scope, place.summed_at, days=weeks, place=place.code, domain=name))
    return Asked(store, scope, store.election, store.election.domain(name), place, on, weeks, own)


def _drawn(asked: Asked, own: Own) -> tuple[marks.Html, Pieces, marks.Html]:
    """The page's pieces, drawn once and kept until the store changes: its head, what stands under it, and its end, which is empty where
    nothing has been reported."""
    head, name = marks.headline(_title(asked), _subject(asked)), asked.domain.name
    if asked.line().reporting == 0:
        return head, (marks.empty_state(
            say("empty.place_title", place=asked.place.name, day=day(asked.on)), say("empty.place_text"),
            (f"python -m loaders template {name} -o {name}.xlsx", f"python -m loaders load {name}.xlsx")),), marks.Html("")
    below = () if asked.place.level == "district" else _below(asked)
    end = marks.stacked((_withdrawn(asked), marks.note(say("how.question"), say("how.overall"))))
    return head, (*_indicators(asked), *_dates(asked), *own(asked), *_lost(asked), *below), end


def _warned(store: Store, files: Scope, name: str, place: Place, on: date) -> marks.Html:
    """The warnings with which the picture was accepted: of the files that the viewer may see, which may be others than those of their scope."""
    def answer() -> marks.Html:
        return findings.warned(readiness.accepted_warnings(store, files, place=place.code, on=on, domains=[name]), store.election)

    return kept(("domain_page_warned", name, readiness.sharing(store, files), place.code, on), answer)


def _lost(asked: Asked) -> Iterator[Piece]:
    """What was done and counts no more, where the domain's sheet tells of it."""
    told = lost(asked.store, asked.scope, asked.domain.name, place=asked.place.code, on=asked.on)
    if not told:
        return
    yield marks.section(say("lost.title"), say("lost.aside"))
    columns = [say("table.indicator"), say("lost.what"), marks.Column(say("lost.count"), number=True), marks.Column(say("lost.done"), number=True),
               marks.Column(say("lost.share"), number=True), marks.Column(say("lost.required"), number=True),
               marks.Column(say("lost.required_change", days=asked.election.pace.days), number=True), say("lost.where")]
    yield shown(columns, [_lost_row(one) for one in told], say("lost.title"), name=f"lost-{asked.domain.name}-{asked.place.code}-{asked.on}", stacks=True)


def _lost_row(one: Lost) -> list[marks.Cell]:
    """An indicator: how many are lost, of all that were ever done; how the requirement has moved; where most are lost."""
    ever = (one.line.done or 0) + (one.count or 0)
    share = None if one.count is None or not ever else marks.measured(marks.percent(one.count / ever), one.count / ever)
    change = one.required_change
    moved = None if change is None else marks.measured(marks.signed(change), change)
    where = marks.places_with_counts([(name, filters.href("district", place=code), f"{count:,}") for code, name, count in one.districts], 4) if one.districts else None
    return [one.indicator.label, one.label, one.count, one.line.done, share, one.line.required, moved, where]


def _withdrawn(asked: Asked) -> marks.Html:
    return findings.withdrawn(readiness.withdrawn(asked.store, asked.scope, domain=asked.domain.name, place=asked.place.code), asked.election, asked.on)


def _title(asked: Asked) -> str:
    line = asked.line()
    worst = findings.furthest_behind(asked.line(indicator.id) for indicator in asked.domain.indicators)
    label = {indicator.id: indicator.label for indicator in asked.domain.indicators}[worst.indicator] if worst else ""
    return findings.title("domain", line, worst, asked.election, little=asked.little, missed=asked.missed, domain=asked.domain.label, place=asked.place.name, indicator=label)


def _subject(asked: Asked) -> list[str]:
    line = asked.line()
    stale = line.reporting - line.fresh
    return [asked.domain.question, say("figure.as_of", day=day(asked.on)),
            say("figure.coverage_domain", reporting=line.reporting, districts=line.districts), *([say("figure.stale", count=stale)] if stale else [])]


def _indicators(asked: Asked) -> Iterator[Piece]:
    yield findings.strip(asked.line(), asked.line(on=asked.on - timedelta(days=7)), asked.election, little=asked.little, missed=asked.missed)
    yield beside(_table(asked), _over_time(asked), widths=(9, 5))


def _table(asked: Asked) -> Iterator[Piece]:
    line = asked.line()
    yield marks.section(say("domain.indicators"), say("district.indicators_aside"))
    columns = [say("table.indicator"), say("table.status"), marks.Column(say("table.done"), number=True), say("table.bar"),
               marks.Column(say("table.share"), number=True), marks.Column(say("table.expected"), number=True), say("table.due")]
    rows = [_row(asked, indicator) for indicator in asked.domain.indicators]
    reporting = [asked.line(indicator.id).reporting for indicator in asked.domain.indicators]
    if min(reporting) < line.districts:
        columns.append(marks.Column(say("table.districts"), number=True))
        rows = [[*row, say("figure.done_of", done=number, required=line.districts)] for row, number in zip(rows, reporting)]
    yield marks.table(columns, rows, say("domain.indicators_caption", place=asked.place.name))
    yield findings.disputed([line], filters.href("disagreements", place=asked.place.code))
    yield downloads(lambda: readiness.figures(asked.store, asked.scope, line.level, days=(asked.on,), place=asked.place.code, domain=asked.domain.name),
                    f"{asked.domain.name}-{asked.place.code}-{asked.on}")


def _over_time(asked: Asked) -> Iterator[Piece]:
    line = asked.line()
    yield marks.section(say("domain.over_time"), say("domain.over_time_aside", domain=asked.domain.label))
    figure = charts.over_time(findings.over_time(asked.own, asked.election, asked.place.code, asked.domain.name, asked.weeks), dark=asked.dark)
    yield Chart(Figure(figure), "over_time", say("chart.over_time_alt", share=marks.percent(line.share), expected=marks.percent(line.expected)))


def _dates(asked: Asked) -> Iterator[Piece]:
    """Each indicator's date, the pace that it needs and has, and what is to be expected."""
    yield marks.section(say("clock.domain"), say("clock.domain_aside"))
    columns, rows = dates.rows(asked.dates, asked.election.pace.days)
    yield shown(columns, rows, say("clock.domain"), name=f"dates-{asked.domain.name}-{asked.place.code}-{asked.on}", stacks=True)


def _row(asked: Asked, indicator: Indicator) -> list[marks.Cell]:
    line, due = asked.line(indicator.id), asked.election.due(indicator)
    over = due < asked.on and line.done is not None and line.done < line.required
    return [indicator.label, marks.status_tag(line.status), findings.count(line, indicator), marks.share_bar(line.share, line.expected),
            marks.percent(line.share), marks.percent(line.expected), say("domain.due_over", day=short_day(due)) if over else short_day(due)]


def _below(asked: Asked) -> Iterator[Piece]:
    """The places one level below, furthest behind first, each indicator a column."""
    level: Level = "province" if asked.place.level == "country" else "district"
    week_ago = asked.on - timedelta(days=7)
    lines = readiness.lines(asked.store, asked.scope, level, days=(week_ago, asked.on), within=asked.place.code, domain=asked.domain.name)
    ranked = sorted((line for line in lines if line.day == asked.on and line.indicator == "all"), key=lambda line: (line.share is None, -line.gap, line.place))
    places = asked.election.places
    yield marks.section(say("domain.below"), say("domain.below_aside"))
    columns = [((asked.domain.name, "all"), asked.domain.label), *(((asked.domain.name, one.id), one.label) for one in asked.domain.indicators)]
    page = "province" if level == "province" else "district"
    yield marks.place_table(findings.index(lines), [places[line.place_code] for line in ranked], asked.on, week_ago, columns,
                            lambda code: filters.href(asked.domain.name if page == "province" else page, place=code), say("national.provinces_caption", day=short_day(week_ago)))
    yield downloads(lambda: readiness.figures(asked.store, asked.scope.within(places, asked.place.code), level, days=(asked.on,), domain=asked.domain.name),
                    f"{asked.domain.name}-{level}-{asked.on}")
