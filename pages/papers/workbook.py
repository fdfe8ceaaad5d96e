"""The paper as a workbook: the figures, a sheet for each domain, as real numbers; then dates, asks, changes, actions, notes, silence and sources."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import count as numbers
from typing import Any

import xlsxwriter

from data.readiness import Line
from loaders.submissions import reference
from pages.papers import wording
from pages.papers.content import Paper
from pages.parts import asking, dates, decided, marks
from pages.parts.theme import LIGHT, STATUSES
from pages.parts.words import day, moment, say

_NO_NAME, _LONGEST_NAME = re.compile(r"[\[\]:*?/\\]"), 31  # what no sheet's name may hold, and how long it may be
_ALL = 10_000  # places in a line: a cell has room
_MOST_SIGNS = 32_000  # of a cell; Excel takes 32,767
# Nothing that somebody wrote is run, linked or turned into a number.
_SAFE = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
Value = str | int | float | date | datetime | None


def xlsx(paper: Paper) -> bytes:
    """The workbook. On each sheet the first row says of what it is, the second heads the columns; both stay in sight."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, _SAFE) as book:
        book.set_properties({"title": say("paper.title", place=paper.place.name, day=day(paper.on)), "created": paper.made_at})
        sheets = _Sheets(book, paper)
        sheets.add(say("paper.sheet"), [say("paper.fact"), say("paper.value")], _facts(paper))
        for domain in paper.election.domains:
            sheets.add(domain.label, _heads(), _figures(paper, domain.name))
        sheets.add(say("clock.strip"), [say("clock.what"), say("table.indicator"), say("clock.section"), say("table.due"), say("paper.days"), say("table.status"), say("clock.short"),
                                        say("paper.required"), say("clock.foreseen")], _dates(paper))
        sheets.add(say("paper.asks"), [say("table.province"), say("paper.office"), say("table.code"), say("table.indicator"), say("paper.ask"), say("paper.count"), say("table.district"),
                                       say("paper.of_it")], _asks(paper), wording.no_asks(paper))
        sheets.add(say("paper.changes"), [say("table.code"), say("table.place"), say("table.indicator"), str(paper.since), str(paper.on), say("changes.difference")], _changes(paper))
        sheets.add(say("paper.moves"), [say("paper.what"), say("paper.told")], wording.changes(paper, _ALL))
        columns, rows = decided.actions_table(paper.actions, paper.election)
        sheets.add(say("paper.actions"), [marks.heading(one) for one in columns], ([marks.value(cell) for cell in row] for row in rows), say("paper.no_actions"))
        sheets.add(say("notes.title"), [say("notes.title"), say("paper.about")], wording.notes(paper), say("notes.none"))
        sheets.add(say("paper.silent"), [say("table.status"), say("paper.what"), say("table.districts")],
                   ((STATUSES[status].word, label, words) for status, label, words in wording.silent(paper, _ALL)), say("figure.all_reported"))
        sheets.add(say("paper.sources_sheet"), [say("table.submission"), say("paper.domain"), say("table.as_of"), say("paper.sender"), say("paper.committed"), say("table.districts")],
                   ((reference(one.submission), paper.election.domain(one.domain).label, one.as_of.date(), one.sender, one.committed_at.to_pydatetime(), one.districts)
                    for one in paper.sources.itertuples()), say("paper.no_sources"))
    return out.getvalue()


class _Sheets:
    """A workbook's sheets, all with the same beats."""

    def __init__(self, book: xlsxwriter.Workbook, paper: Paper) -> None:
        self._book = book
        self._stamp = " · ".join(part for part in (wording.example(paper), *wording.stamp(paper)) if part)
        self._foot = " · ".join(part for part in (wording.example(paper), *wording.stamp(paper)[:3]) if part).replace("&", "&&")
        self._above = book.add_format({"italic": True, "font_color": LIGHT.muted})
        self._head = book.add_format({"bold": True, "bottom": 1, "bg_color": LIGHT.raised, "text_wrap": True, "valign": "top"})
        self._formats = {kind: book.add_format(form) for kind, form in {
            "share": {"num_format": "0.0%"}, "count": {"num_format": "#,##0"}, "day": {"num_format": "dd/mm/yyyy"}, "moment": {"num_format": "dd/mm/yyyy hh:mm"}, "text": {}}.items()}

    def add(self, name: str, heads: Sequence[str], rows: Iterable[Sequence[Value]], otherwise: str = "") -> None:
        """A sheet with a row for each of the rows, `otherwise` where there is none. A share is a float from 0 to 1, shown as a percentage; a
        count an integer."""
        sheet = self._book.add_worksheet(self._named(name))
        sheet.write_string(0, 0, self._stamp, self._above)
        sheet.write_row(1, 0, heads, self._head)
        number = 1
        for number, row in enumerate(list(rows) or [(otherwise,)], 2):
            for column, value in enumerate(row):
                self._write(sheet, number, column, value)
        sheet.freeze_panes(2, 0)
        sheet.autofilter(1, 0, number, len(heads) - 1)
        sheet.autofit(420)
        sheet.set_column(0, 0, 24)
        sheet.repeat_rows(0, 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(f"&L{self._foot}&R&P/&N")

    def _named(self, name: str) -> str:
        """The name as a sheet may bear it, unlike that of every other."""
        proper = _NO_NAME.sub(" ", name).strip("' ")[:_LONGEST_NAME] or "-"
        taken = {sheet.get_name().lower() for sheet in self._book.worksheets()}
        others = (f"{proper[:_LONGEST_NAME - 4]} ({number})" for number in numbers(2))
        return proper if proper.lower() not in taken else next(other for other in others if other.lower() not in taken)

    def _write(self, sheet: Any, row: int, column: int, value: Value) -> None:
        match value:
            case None:
                sheet.write_blank(row, column, None)
            case float():
                sheet.write_number(row, column, value, self._formats["share"])
            case int():
                sheet.write_number(row, column, value, self._formats["count"])
            case datetime():
                sheet.write_datetime(row, column, value, self._formats["moment"])
            case date():
                sheet.write_datetime(row, column, value, self._formats["day"])
            case _:
                sheet.write_string(row, column, str(value)[:_MOST_SIGNS], self._formats["text"])


def _facts(paper: Paper) -> list[tuple[str, Value]]:
    """What the workbook is of, and what the paper finds."""
    place = paper.place
    return [
        (say("table.place"), place.name), (say("table.code"), place.code), (say("paper.name_ur"), place.name_ur), (say("filters.day"), paper.on), (say("filters.since"), paper.since),
        (say("paper.made_at"), moment(paper.made_at)), (say("paper.filters_name"), say("paper.filters", day=day(paper.since))), (say("paper.kind"), wording.example(paper) or say("paper.real")),
        (say("paper.finding"), wording.title(paper)), (say("table.overall"), paper.line().share), (say("table.expected"), paper.line().expected),
        (say("table.status"), STATUSES[paper.line().status].word), *((say("paper.about"), told) for told in wording.subject(paper))]


def _heads() -> list[str]:
    return [say("table.code"), say("table.place"), say("paper.name_ur"), say("paper.level"), say("paper.indicator_code"), say("table.indicator"), say("table.done"), say("paper.required"), say("table.share"),
            say("table.expected"), say("table.status"), say("table.as_of"), say("paper.reporting"), say("table.districts"), say("paper.disputed")]


def _figures(paper: Paper, domain: str) -> Iterable[Sequence[Value]]:
    """The lines of a domain: those of the place, of the provinces of a country, of all districts."""
    own = [line for (at, *_), line in paper.past.items() if at == paper.on]
    told = {(line.place_code, line.indicator): line for line in (*own, *paper.below, *paper.districts) if line.domain == domain}
    return (_figure(paper, line) for line in told.values())


def _figure(paper: Paper, line: Line) -> Sequence[Value]:
    place = paper.election.places[line.place_code]
    label = paper.election.domain(line.domain).label if line.indicator == "all" else paper.election.indicator(line.indicator).label
    return (line.place_code, line.place, place.name_ur, say(f"paper.level_{place.level}"), line.indicator, label, line.done, line.required, line.share, line.expected,
            STATUSES[line.status].word, line.as_of, line.reporting, line.districts, line.disputed)


def _dates(paper: Paper) -> Iterable[Sequence[Value]]:
    """A row for each duty and date of the plan, and each indicator by which it is measured."""
    for entry in paper.entries:
        section, state = entry.duty.section if entry.duty else entry.parts[0].indicator.source, say(f"clock.state_{entry.state}")
        for part in entry.parts:
            yield (entry.title, part.indicator.label, section, entry.due, entry.days_left, state, part.short, part.line.required, dates.foreseen(part, paper.election.pace.days))
        if not entry.parts:
            yield (entry.title, None, section, entry.due, entry.days_left, state, None, None, dates.recorded(entry.record))


def _asks(paper: Paper) -> Iterable[Sequence[Value]]:
    """A row for each district of an ask."""
    for place, told in paper.asks:
        for one in told:
            for _, name, count in one.districts:
                yield (place.name, one.office.of(place), one.part.indicator.id, one.part.indicator.label, asking.words(one), one.count, name, count)


def _changes(paper: Paper) -> Iterable[Sequence[Value]]:
    """What is done of each indicator of the place on both days."""
    for one in paper.changed.own:
        if one.now.indicator != "all":
            yield (one.now.place_code, one.now.place, paper.election.indicator(one.now.indicator).label, one.before.done, one.now.done,
                   None if one.before.done is None or one.now.done is None else one.count)
