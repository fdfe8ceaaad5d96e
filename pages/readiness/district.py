"""District: is it true, and what is left?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import streamlit as st

from data import actions, notes, readiness
from data.clock import clock
from data.declare import Domain, Indicator
from loaders.submissions import reference
from pages.parts import charts, dates, decided, filters, findings, frame, maps, marks, session
from pages.parts.one_row import edit_row
from pages.parts.papers import papers
from pages.parts.sheets import edit_sheet
from pages.parts.tables import downloads, labelled, sheet, shown, wide_chart
from pages.parts.words import day, say, short_day

store, viewer = session.store(), session.viewer()
election, places = store.election, store.election.places

# Which place and date
district = filters.place_for("district")
on = filters.day_in_url()
week_ago = on - timedelta(days=7)
weeks = tuple(on - timedelta(days=7 * number) for number in range(25, -1, -1))

# Ask
own = findings.index(readiness.lines(store, viewer.scope, "district", days=weeks, place=district.code))
now = own[on, district.code, "all", "all"]
little = findings.is_little(own, election, district.code, "all", on)
missed = findings.missed(election, own.values(), on)
sources = readiness.sources(store, viewer.files, place=district.code, on=on)


# Show
def show() -> None:
    with frame.head():
        st.html(marks.headline(findings.title_of(own, own.values(), election, district, on, missed), _subject()))
        with frame.beside():
            with frame.row():
                filters.choose_place(filters.options("district"), district, say("filters.district"))
                filters.choose_day(on)
            st.html(papers(district, on))
    if sources.empty:
        st.html(marks.stacked((marks.empty_state(say("empty.place_title", place=district.name, day=day(on)), say("empty.place_text"),
                                  (f"python -m loaders template {election.domains[0].name} --place {district.code} -o {election.domains[0].name}.xlsx",)), _withdrawn())))
        _decided()
        return
    st.html(findings.strip(now, own[week_ago, district.code, "all", "all"], election, little=little, missed=missed))
    _indicators()
    _late()
    _decided()
    _over_time()
    _rows()
    _sources()
    warned = findings.warned(readiness.accepted_warnings(
        store, viewer.files, place=district.code, on=on, domains=[domain.name for domain in election.domains]), election)
    st.html(marks.stacked((warned, _withdrawn(), marks.note(say("how.question"), say("how.overall")))))


def _subject() -> list[str]:
    province = places[district.province]
    may_open = viewer.scope.covers(places, province.code)
    parts = [marks.urdu(district.name_ur), marks.link(province.name, filters.href("province", place=province.code)) if may_open else province.name, say("figure.as_of", day=day(on))]
    reported = sum(own[on, district.code, domain.name, "all"].reporting for domain in election.domains)
    parts.append(say("district.coverage", reported=reported, domains=len(election.domains)))
    return parts + ([say("figure.latest", day=day(now.as_of))] if now.as_of else [])


def _indicators() -> None:
    st.html(marks.section(say("district.indicators"), say("district.indicators_aside")))
    columns = [say("table.indicator"), say("table.status"), marks.Column(say("table.done"), number=True), say("table.bar"),
               marks.Column(say("table.share"), number=True), marks.Column(say("table.expected"), number=True), say("table.trend"), say("table.as_of")]
    groups = [(marks.joined(marks.link(domain.label, filters.href(domain.name, place=district.code)), *_domain_words(domain)),
               [_indicator_row(domain, indicator) for indicator in domain.indicators]) for domain in election.domains]
    st.html(marks.stacked((
        marks.grouped_table(columns, groups, say("domain.indicators_caption", place=district.name)),
        findings.disputed((own[on, district.code, one.name, "all"] for one in election.domains), filters.href("disagreements", place=district.code)))))
    downloads(lambda: readiness.figures(store, viewer.scope, "district", days=(on,), place=district.code), f"{district.code}-{on}", key="indicators")


def _domain_words(domain: Domain) -> tuple[str, ...]:
    line = own[on, district.code, domain.name, "all"]
    return marks.status_tag(line.status), marks.disputed(marks.percent(line.share), line.disputed)


def _indicator_row(domain: Domain, indicator: Indicator) -> list[marks.Cell]:
    line = own[on, district.code, domain.name, indicator.id]
    points = [(week, past.share, past.expected) for week in weeks if (past := own[week, district.code, domain.name, indicator.id])]
    return [
        indicator.label, marks.status_tag(line.status), findings.count(line, indicator), marks.share_bar(line.share, line.expected), marks.percent(line.share),
        marks.percent(line.expected), marks.sparkline(indicator.label, line.share, line.expected, points),
        short_day(line.as_of) if line.as_of else None]


def _late() -> None:
    st.html(marks.stacked((marks.section(say("clock.late"), say("clock.late_aside")), dates.late_list(
        clock(store, viewer.scope, "district", on=on, place=district.code), filters.page_of(election), most=len(election.indicators)))))


def _decided() -> None:
    """The actions and notes of the district, where there are any."""
    told = actions.measured(store, viewer.scope, actions.actions(store, viewer.scope, on=on, place=district.code))
    written = decided.notes_list(notes.notes(store, viewer.scope, on=on, place=district.code), election, place=lambda code: "")
    if told or written:
        st.html(marks.section(say("actions.title"), say("actions.aside")))
    if told:
        columns, rows = decided.actions_table(told, election)
        shown(columns, rows, say("actions.title"), name=f"actions-{district.code}-{on}", key="actions", stacks=True)
    if written:
        st.html(written)


def _over_time() -> None:
    st.html(marks.section(say("district.over_time"), say("chart.small_multiples")))
    lines = {f"{indicator.id} {indicator.label}": [own[week, district.code, domain.name, indicator.id] for week in weeks]
             for domain, indicator in election.indicators}
    wide_chart(charts.small_multiples(lines, dark=maps.is_dark()), lambda: readiness.figures(store, viewer.scope, "district", days=weeks, place=district.code),
               f"over-time-{district.code}-{on}", key="small_multiples", alt=say("chart.multiples_alt", place=district.name))


def _rows() -> None:
    st.html(marks.section(say("district.rows"), say("district.rows_aside")))
    for tab, domain in zip(st.tabs([domain.label for domain in election.domains]), election.domains):
        with tab:
            frame = readiness.rows(store, viewer.scope, domain.name, place=district.code, on=on)
            if frame.empty:
                st.html(marks.muted(say("district.no_rows", domain=domain.label, day=day(on))))
                continue
            sheet(labelled(frame, domain, places), key=f"rows_{domain.name}", alt=say("district.rows"))
            downloads(lambda frame=frame, domain=domain: labelled(frame, domain, places), f"{district.code}-{domain.name}-{on}", key=f"rows_{domain.name}")
            if viewer.may_submit.allows(domain.name, [district.code]):
                edit_sheet(store, viewer, domain, district.code, on)
                edit_row(store, viewer, domain, district, frame)


def _sources() -> None:
    st.html(marks.section(say("district.sources"), say("district.sources_aside")))
    for source in sources.itertuples():
        label = election.domain(source.domain).label
        text, button = st.columns([5, 2], vertical_alignment="center")
        with text:
            st.html(marks.source_line(
                label, _opened(source), say("source.line", sender=source.sender, day=day(source.as_of), committed=day(source.committed_at)),
                say("source.size", file=source.file_name, rows=f"{source.row_count:,}", warnings=f"{source.warnings:,}") if source.wholly else say("source.beyond")))
        if source.wholly:
            button.download_button(say("district.download_file"), lambda found=source.submission: _file(found), source.file_name,
                                   key=f"file_{source.submission}", on_click="ignore", icon=":material/download:", type="tertiary")


def _opened(source: Any) -> str:
    """The reference of a submission, as a link into the history where it can be opened there."""
    name = reference(source.submission)
    return marks.link(name, filters.href("history", **{filters.SUBMISSION: source.submission})) if source.wholly else name


def _file(submission: str) -> bytes:
    found = readiness.file_of(store, viewer.files, submission)
    if found is None:
        raise PermissionError("this file names districts outside the viewer's scope")
    return found[1]


def _withdrawn() -> marks.Html:
    return findings.withdrawn(readiness.history(store, viewer.scope, place=district.code), election, on)


show()
