"""What every domain's page begins and ends with: its place and date, its finding, its indicators, the places below."""

from __future__ import annotations

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


def begin(name: str) -> Asked | None:
    """Draws the beginning of the page of that domain: finding, filters, figures, indicators over time.

    None where nothing has been reported for the place: then the page has said so, and what to do.
    """
    store, viewer = session.store(), session.viewer()
    election, places = store.election, store.election.places
    place = filters.place_for(name)
    on = filters.day_in_url()
    weeks = tuple(on - timedelta(days=7 * number) for number in range(25, -1, -1))
    domain = election.domain(name)
    own = findings.index(readiness.lines(store, viewer.scope, place.summed_at, days=weeks, place=place.code, domain=name))
    asked = Asked(store, viewer.scope.within(places, place.code), election, domain, place, on, weeks, own)
    with frame.head():
        st.html(marks.headline(_title(asked), _subject(asked)))
        filters.choose_place(filters.options(name), place, say("filters.place"))
        filters.choose_day(on)
    if asked.line().reporting == 0:
        st.html(marks.empty_state(
            say("empty.place_title", place=place.name, day=day(on)), say("empty.place_text"),
            (f"python -m loaders template {name} -o {name}.xlsx", f"python -m loaders load {name}.xlsx")))
        return None
    _indicators(asked)
    _dates(asked)
    return asked


def _lost(asked: Asked) -> None:
    """What was done and counts no more, where the domain's sheet tells of it."""
    told = lost(asked.store, asked.scope, asked.domain.name, place=asked.place.code, on=asked.on)
    if not told:
        return
    st.html(marks.section(say("lost.title"), say("lost.aside")))
    columns = [say("table.indicator"), say("lost.what"), marks.Column(say("lost.count"), number=True), marks.Column(say("lost.done"), number=True),
               marks.Column(say("lost.share"), number=True), marks.Column(say("lost.required"), number=True),
               marks.Column(say("lost.required_change", days=asked.election.pace.days), number=True), say("lost.where")]
    shown(columns, [_lost_row(one) for one in told], say("lost.title"), name=f"lost-{asked.domain.name}-{asked.place.code}-{asked.on}", key="lost", stacks=True)


def _lost_row(one: Lost) -> list[marks.Cell]:
    """An indicator: how many are lost, of all that were ever done; how the requirement has moved; where most are lost."""
    ever = (one.line.done or 0) + (one.count or 0)
    share = None if one.count is None or not ever else marks.measured(marks.percent(one.count / ever), one.count / ever)
    change = one.required_change
    moved = None if change is None else marks.measured(marks.signed(change), change)
    where = marks.places_with_counts([(name, filters.href("district", place=code), f"{count:,}") for code, name, count in one.districts], 4) if one.districts else None
    return [one.indicator.label, one.label, one.count, one.line.done, share, one.line.required, moved, where]


def end(asked: Asked) -> None:
    """Draws the end of the page: what coverage is lost, the places below, and how the figures are computed."""
    _lost(asked)
    if asked.place.level != "district":
        _below(asked)
    warned = findings.warned(readiness.accepted_warnings(
        asked.store, session.viewer().files, place=asked.place.code, on=asked.on, domains=[asked.domain.name]), asked.election)
    st.html(marks.stacked((warned, _withdrawn(asked), marks.note(say("how.question"), say("how.overall")))))


def _withdrawn(asked: Asked) -> marks.Html:
    return findings.withdrawn(readiness.history(asked.store, asked.scope, domain=asked.domain.name, place=asked.place.code), asked.election, asked.on)


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


def _indicators(asked: Asked) -> None:
    line = asked.line()
    st.html(findings.strip(line, asked.line(on=asked.on - timedelta(days=7)), asked.election, little=asked.little, missed=asked.missed))
    left, right = st.columns([9, 5], gap="medium")
    with left:
        st.html(marks.section(say("domain.indicators"), say("district.indicators_aside")))
        columns = [say("table.indicator"), say("table.status"), marks.Column(say("table.done"), number=True), say("table.bar"),
                   marks.Column(say("table.share"), number=True), marks.Column(say("table.expected"), number=True), say("table.due")]
        rows = [_row(asked, indicator) for indicator in asked.domain.indicators]
        reporting = [asked.line(indicator.id).reporting for indicator in asked.domain.indicators]
        if min(reporting) < line.districts:
            columns.append(marks.Column(say("table.districts"), number=True))
            rows = [[*row, say("figure.done_of", done=number, required=line.districts)] for row, number in zip(rows, reporting)]
        st.html(marks.stacked((marks.table(columns, rows, say("domain.indicators_caption", place=asked.place.name)),
                               findings.disputed([line], filters.href("disagreements", place=asked.place.code)))))
        downloads(lambda: readiness.figures(asked.store, asked.scope, line.level, days=(asked.on,), place=asked.place.code, domain=asked.domain.name),
                  f"{asked.domain.name}-{asked.place.code}-{asked.on}", key="indicators")
    with right:
        st.html(marks.section(say("domain.over_time"), say("domain.over_time_aside", domain=asked.domain.label)))
        st.plotly_chart(charts.over_time(findings.over_time(asked.own, asked.election, asked.place.code, asked.domain.name, asked.weeks), dark=asked.dark), theme=None, config=charts.CONFIG,
                        key="over_time", alt=say("chart.over_time_alt", share=marks.percent(line.share), expected=marks.percent(line.expected)))


def _dates(asked: Asked) -> None:
    """Each indicator's date, the pace that it needs and has, and what is to be expected."""
    st.html(marks.section(say("clock.domain"), say("clock.domain_aside")))
    columns, rows = dates.rows(asked.dates, asked.election.pace.days)
    shown(columns, rows, say("clock.domain"), name=f"dates-{asked.domain.name}-{asked.place.code}-{asked.on}", key="dates", stacks=True)


def _row(asked: Asked, indicator: Indicator) -> list[marks.Cell]:
    line, due = asked.line(indicator.id), asked.election.due(indicator)
    over = due < asked.on and line.done is not None and line.done < line.required
    return [indicator.label, marks.status_tag(line.status), findings.count(line, indicator), marks.share_bar(line.share, line.expected),
            marks.percent(line.share), marks.percent(line.expected), say("domain.due_over", day=short_day(due)) if over else short_day(due)]


def _below(asked: Asked) -> None:
    """The places one level below, furthest behind first, each indicator a column."""
    level: Level = "province" if asked.place.level == "country" else "district"
    week_ago = asked.on - timedelta(days=7)
    lines = readiness.lines(asked.store, asked.scope, level, days=(week_ago, asked.on), domain=asked.domain.name)
    ranked = sorted((line for line in lines if line.day == asked.on and line.indicator == "all"), key=lambda line: (line.share is None, -line.gap, line.place))
    places = asked.election.places
    st.html(marks.section(say("domain.below"), say("domain.below_aside")))
    columns = [((asked.domain.name, "all"), asked.domain.label), *(((asked.domain.name, one.id), one.label) for one in asked.domain.indicators)]
    page = "province" if level == "province" else "district"
    st.html(marks.place_table(findings.index(lines), [places[line.place_code] for line in ranked], asked.on, week_ago, columns,
                              lambda code: filters.href(asked.domain.name if page == "province" else page, place=code), say("national.provinces_caption", day=short_day(week_ago))))
    downloads(lambda: readiness.figures(asked.store, asked.scope, level, days=(asked.on,), domain=asked.domain.name),
              f"{asked.domain.name}-{level}-{asked.on}", key="below")
