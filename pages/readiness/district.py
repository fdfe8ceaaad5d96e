"""District: is it true, and what is left?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pandas as pd
import streamlit as st

from data import actions, notes, readiness
from data.clock import clock
from data.declare import Domain, Indicator
from loaders.submissions import reference
from pages.entrance.guard import FILE
from pages.parts import charts, dates, decided, filters, findings, frame, maps, marks, session
from pages.parts.alone import alone
from pages.parts.findings import Index
from pages.parts.one_row import edit_row
from pages.parts.papers import papers
from pages.parts.pieces import Piece, Pieces, kept, lay
from pages.parts.sheets import edit_sheet
from pages.parts.tables import downloads, labelled, sheet, shown, taken, wide_chart
from pages.parts.words import day, say, short_day

store, viewer = session.store(), session.viewer()
election, places = store.election, store.election.places

# Which place and date
district = filters.place_for("district")
on = filters.day_in_url()
week_ago = on - timedelta(days=7)
weeks = tuple(on - timedelta(days=7 * number) for number in range(25, -1, -1))


# Ask
def ask(*, is_reported: bool) -> tuple[marks.Html, Pieces]:
    """The page's head, and the pieces above its rows; of a district of which nothing `is_reported`, all of its pieces."""
    own = findings.index(readiness.lines(store, viewer.scope, "district", days=weeks, place=district.code))
    missed = findings.missed(election, own.values(), on)
    head = marks.headline(findings.title_of(own, own.values(), election, district, on, missed), _subject(own))
    if not is_reported:
        return head, (marks.empty_state(say("empty.place_title", place=district.name, day=day(on)), say("empty.place_text"),
                                        (f"python -m loaders template {election.domains[0].name} --place {district.code} -o {election.domains[0].name}.xlsx",)), _withdrawn(), *_decided())
    little = findings.is_little(own, election, district.code, "all", on)
    strip = findings.strip(own[on, district.code, "all", "all"], own[week_ago, district.code, "all", "all"], election, little=little, missed=missed)
    return head, (strip, *_indicators(own), _late(), *_decided(), *_over_time(own), marks.section(say("district.rows"), say("district.rows_aside")))


def told_by() -> marks.Html:
    """The submissions behind it, as the viewer may see them; nothing where there is none."""
    sources = readiness.sources(store, viewer.files, place=district.code, on=on)
    if sources.empty:
        return marks.Html("")
    warned = readiness.accepted_warnings(store, viewer.files, place=district.code, on=on, domains=[domain.name for domain in election.domains])
    return marks.stacked((marks.section(say("district.sources"), say("district.sources_aside")), *map(_source, sources.itertuples()), findings.warned(warned, election), _withdrawn(),
                          marks.note(say("how.question"), say("how.overall"))))


def _subject(own: Index) -> list[str]:
    province, now = places[district.province], own[on, district.code, "all", "all"]
    may_open = viewer.scope.covers(places, province.code)
    parts = [marks.urdu(district.name_ur), marks.link(province.name, filters.href("province", place=province.code)) if may_open else province.name, say("figure.as_of", day=day(on))]
    reported = sum(own[on, district.code, domain.name, "all"].reporting for domain in election.domains)
    parts.append(say("district.coverage", reported=reported, domains=len(election.domains)))
    return parts + ([say("figure.latest", day=day(now.as_of))] if now.as_of else [])


def _indicators(own: Index) -> Iterator[marks.Html]:
    yield marks.section(say("district.indicators"), say("district.indicators_aside"))
    columns = [say("table.indicator"), say("table.status"), marks.Column(say("table.done"), number=True), say("table.bar"),
               marks.Column(say("table.share"), number=True), marks.Column(say("table.expected"), number=True), say("table.trend"), say("table.as_of")]
    groups = [(marks.joined(marks.link(domain.label, filters.href(domain.name, place=district.code)), *_domain_words(own, domain)),
               [_indicator_row(own, domain, indicator) for indicator in domain.indicators]) for domain in election.domains]
    yield marks.grouped_table(columns, groups, say("domain.indicators_caption", place=district.name))
    yield findings.disputed((own[on, district.code, one.name, "all"] for one in election.domains), filters.href("disagreements", place=district.code))
    yield downloads(lambda: readiness.figures(store, viewer.scope, "district", days=(on,), place=district.code), f"{district.code}-{on}")


def _domain_words(own: Index, domain: Domain) -> tuple[str, ...]:
    line = own[on, district.code, domain.name, "all"]
    return marks.status_tag(line.status), marks.disputed(marks.percent(line.share), line.disputed)


def _indicator_row(own: Index, domain: Domain, indicator: Indicator) -> list[marks.Cell]:
    line = own[on, district.code, domain.name, indicator.id]
    points = [(week, past.share, past.expected) for week in weeks if (past := own[week, district.code, domain.name, indicator.id])]
    return [
        indicator.label, marks.status_tag(line.status), findings.count(line, indicator), marks.share_bar(line.share, line.expected), marks.percent(line.share),
        marks.percent(line.expected), marks.sparkline(indicator.label, line.share, line.expected, points),
        short_day(line.as_of) if line.as_of else None]


def _late() -> marks.Html:
    return marks.stacked((marks.section(say("clock.late"), say("clock.late_aside")), dates.late_list(
        clock(store, viewer.scope, "district", on=on, place=district.code), filters.page_of(election), most=len(election.indicators))))


def _decided() -> Iterator[marks.Html]:
    """The actions and notes of the district, where there are any."""
    told = actions.measured(store, viewer.scope, actions.actions(store, viewer.scope, on=on, place=district.code))
    written = decided.notes_list(notes.notes(store, viewer.scope, on=on, place=district.code), election, place=lambda code: "")
    if told or written:
        yield marks.section(say("actions.title"), say("actions.aside"))
    if told:
        columns, rows = decided.actions_table(told, election)
        yield shown(columns, rows, say("actions.title"), name=f"actions-{district.code}-{on}", stacks=True)
    yield written


def _over_time(own: Index) -> Iterator[Piece]:
    yield marks.section(say("district.over_time"), say("chart.small_multiples"))
    lines = {f"{indicator.id} {indicator.label}": [own[week, district.code, domain.name, indicator.id] for week in weeks]
             for domain, indicator in election.indicators}
    yield wide_chart(charts.small_multiples(lines, dark=maps.is_dark()), lambda: readiness.figures(store, viewer.scope, "district", days=weeks, place=district.code),
                     f"over-time-{district.code}-{on}", key="small_multiples", alt=say("chart.multiples_alt", place=district.name))


def _rows_of(domain: Domain) -> tuple[pd.DataFrame, Pieces]:
    """The rows of a domain as they stand, and how they are shown."""
    held = readiness.rows(store, viewer.scope, domain.name, place=district.code, on=on)
    if held.empty:
        return held, (marks.muted(say("district.no_rows", domain=domain.label, day=day(on))),)
    told = labelled({name: held[name].tolist() for name in held.columns}, domain, places)
    return held, (sheet(told, key=f"rows_{domain.name}", alt=say("district.rows")), downloads(lambda: taken(told), f"{district.code}-{domain.name}-{on}"))


def _source(source: Any) -> marks.Html:
    """A submission, with the way to its file where the viewer may have it."""
    return marks.source_line(
        election.domain(source.domain).label, _opened(source), say("source.line", sender=source.sender, day=day(source.as_of), committed=day(source.committed_at)),
        say("source.size", file=source.file_name, rows=f"{source.row_count:,}", warnings=f"{source.warnings:,}") if source.wholly else say("source.beyond"),
        (say("district.download_file"), source.file_name, f"{FILE.lstrip('/')}{source.submission}") if source.wholly else None)


def _opened(source: Any) -> str:
    """The reference of a submission, as a link into the history where it can be opened there."""
    name = reference(source.submission)
    return marks.link(name, filters.href("history", **{filters.SUBMISSION: source.submission})) if source.wholly else name


def _withdrawn() -> marks.Html:
    return findings.withdrawn(readiness.withdrawn(store, viewer.scope, place=district.code), election, on)


# Show
def show() -> None:
    asked = (district.code, on, filters.href("."))
    sources = kept(("district", "told by", viewer.scope, readiness.sharing(store, viewer.files), *asked), told_by)
    head, pieces = kept(("district", viewer.scope, maps.is_dark(), bool(sources), *asked), lambda: ask(is_reported=bool(sources)))
    with frame.head():
        st.html(head)
        with frame.beside():
            with frame.row():
                filters.choose_place(filters.options("district"), district, say("filters.district"))
                filters.choose_day(on)
            st.html(papers(district, on))
    lay(pieces)
    if sources:
        _rows()
        st.html(sources)


@alone
def _rows() -> None:
    """The rows of the domain whose tab is open. Those of the others are asked for once theirs is."""
    for tab, domain in zip(st.tabs([domain.label for domain in election.domains], key="rows", on_change="rerun"), election.domains):
        if not tab.open:
            continue
        with tab:
            rows, pieces = kept(("district", "rows", viewer.scope, district.code, on, domain.name), lambda: _rows_of(domain))
            lay(pieces)
            if not rows.empty and viewer.may_submit.allows(domain.name, [district.code]):
                edit_sheet(store, viewer, domain, district.code, on)
                edit_row(store, viewer, domain, district, rows)


show()
