"""A workbook for a domain, blank or filled: the sheet to fill in, its instructions, and the lists behind its choices."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from data import readiness
from data.declare import Column, Domain, Rule
from data.places import Place, Places
from data.scope import Scope
from data.store import Store
from loaders.checks import TEXT_LIMIT
from loaders.headers import INSTRUCTIONS, LISTS
from loaders.problems import KINDS

_TITLE, _AS_OF, _LEGEND, _HEADER = range(4)  # rows of the table's sheet, counted from 0
_SPARE = 5_000  # rows below the filled ones in which the choices still drop down
_MOST_NOTE, _MOST_NOTE_TITLE = 255, 32  # characters that a spreadsheet program shows beside a cell
_MOST_FILLED_IN = 2_000  # rows of a blank template; where the keys combine to more, each district stands once
_DATE = "dd/mm/yyyy"
_WIDTHS = {"district": 24, "province": 24, "count": 12, "money": 16, "date": 13, "text": 22}


def template(
    domain: Domain, places: Places, *, place: str | None = None, rows: pd.DataFrame | None = None, as_of: date | None = None,
) -> bytes:
    """An .xlsx file that the checks accept once it is filled in.

    Blank, it has a row for each district of `place` (a code; the whole country if None) and, where one coded column tells
    the district's rows apart, for each of its choices. `rows` (as `readiness.rows` gives them) are written instead.
    """
    columns = [column for column in domain.columns if column.kind != "percent"]
    districts = places.districts_of(place or places.country.code)
    cells = list(_blank(domain, columns, places, districts) if rows is None or rows.empty else _filled(columns, places, rows))
    lists = _lists(columns, districts)
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as workbook:
        sheet = workbook.add_worksheet(domain.label)
        _write_instructions(workbook, domain, columns)
        _write_lists(workbook, lists)
        _write_table(workbook, sheet, domain, columns, lists, cells, places[place or places.country.code], as_of)
    return content.getvalue()


def filled(store: Store, scope: Scope, domain: Domain, places: Places, *, place: str, on: date) -> bytes:
    """The same with a place's rows as they stand on a day, blank where there are none. It bears the rows' own day: today's would
    make an old report look fresh. Of rows of several days none is right, and who fills it in writes it."""
    rows = readiness.rows(store, scope, domain.name, place=place, on=on)
    days = {found.date() for found in rows["as_of"]}
    return template(domain, places, place=place, rows=rows, as_of=days.pop() if len(days) == 1 else None)


def _blank(domain: Domain, columns: Sequence[Column], places: Places, districts: Sequence[Place]) -> Iterator[dict[str, Any]]:
    """The rows that can be known before anything is reported, as column → what to write."""
    coded = [column for column in domain.keys if column.kind == "code"]
    known = len(coded) == len(domain.keys) - 1 == 1 and len(districts) * len(coded[0].codes) <= _MOST_FILLED_IN
    choices = [[(column.name, code.label) for code in column.codes] for column in coded] if known else []
    for district in districts:
        for chosen in itertools.product(*choices):
            yield {**_place_cells(columns, places, district.code), **dict(chosen)}


def _filled(columns: Sequence[Column], places: Places, rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    labels = {column.name: {code.value: code.label for code in column.codes} for column in columns}
    stored = [column.name for column in columns if column.stored]
    for values in rows[stored].itertuples(index=False, name=None):
        cells = {name: labels[name].get(value, value) for name, value in zip(stored, values) if not pd.isna(value)}
        yield {**cells, **_place_cells(columns, places, cells["district"])}


def _place_cells(columns: Sequence[Column], places: Places, district: str) -> dict[str, str]:
    """A district's name and its province's, for those of the two columns that the domain has."""
    names = {"district": places[district].name, "province": places[places[district].province].name}
    return {column.name: names[column.kind] for column in columns if column.kind in names}


def _lists(columns: Sequence[Column], districts: Sequence[Place]) -> dict[str, list[str]]:
    """The choices of each column that has any."""
    lists = {column.name: [code.label for code in column.codes] for column in columns if column.kind == "code"}
    return {**lists, "district": [district.name for district in districts]}


def _write_lists(workbook: xlsxwriter.Workbook, lists: dict[str, list[str]]) -> None:
    sheet = workbook.add_worksheet(LISTS)
    for number, choices in enumerate(lists.values()):
        for row, choice in enumerate(choices):
            sheet.write_string(row, number, choice)
    sheet.hide()


def _write_table(
    workbook: xlsxwriter.Workbook, sheet: Worksheet, domain: Domain, columns: Sequence[Column], lists: dict[str, list[str]],
    cells: Sequence[dict[str, Any]], place: Place, as_of: date | None,
) -> None:
    bold, note = workbook.add_format({"bold": True}), workbook.add_format({"italic": True})
    dated = workbook.add_format({"num_format": _DATE, "align": "left", "border": 1})
    sheet.write_string(_TITLE, 0, f"{domain.label}, {place.name}: {domain.row}", workbook.add_format({"bold": True, "font_size": 14}))
    sheet.write_string(_AS_OF, 0, "As-of date", bold)
    sheet.write_blank(_AS_OF, 1, None, dated) if as_of is None else sheet.write_datetime(_AS_OF, 1, _moment(as_of), dated)
    sheet.data_validation(_AS_OF, 1, _AS_OF, 1, _date_rule("As-of date", "The day for which the sheet is filled in, as day/month/year"))
    sheet.write_string(_LEGEND, 0, f"Columns marked * must be filled in. The sheet “{INSTRUCTIONS}” explains each column.", note)
    formats = {column.name: _format(workbook, column) for column in columns}
    for number, column in enumerate(columns):
        _write_column(workbook, sheet, number, column, lists, last=_HEADER + len(cells) + _SPARE, form=formats[column.name])
    for row, filled in enumerate(cells, _HEADER + 1):
        for number, column in enumerate(columns):
            if column.name in filled:
                _write_cell(sheet, row, number, column, filled[column.name], formats[column.name])
    sheet.freeze_panes(_HEADER + 1, 1 + [column.kind for column in columns].index("district"))
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(_HEADER)


def _write_column(
    workbook: xlsxwriter.Workbook, sheet: Worksheet, number: int, column: Column, lists: dict[str, list[str]], *,
    last: int, form: Format,
) -> None:
    """A column's heading, width, format, and the rule for what may be typed into it."""
    head = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 2 if column.required else 1})
    widest = max((len(choice) for choice in lists.get(column.name, ())), default=0)
    sheet.write_string(_HEADER, number, f"{column.label} *" if column.required else column.label, head)
    sheet.set_column(number, number, max(_WIDTHS.get(column.kind, 0), min(widest + 4, 44)), form)
    first, rule = _HEADER + 1, _cell_rule(column, lists)
    sheet.data_validation(first, number, last, number, {
        **rule, "input_title": column.label[:_MOST_NOTE_TITLE], "input_message": _explained(column)[:_MOST_NOTE]})


def _cell_rule(column: Column, lists: dict[str, list[str]]) -> dict[str, Any]:
    """What a spreadsheet program lets one type into a cell."""
    if column.name in lists:
        letter = xl_col_to_name(list(lists).index(column.name), col_abs=True)
        return {"validate": "list", "source": f"={LISTS}!{letter}$1:{letter}${len(lists[column.name])}",
                "error_title": column.label[:_MOST_NOTE_TITLE], "error_message": "Take one of the choices in the list."}
    if column.kind == "count":
        return {"validate": "integer", "criteria": ">=", "value": 0, "error_message": "Write a whole number, 0 or more."}
    if column.kind == "money":
        return {"validate": "decimal", "criteria": ">=", "value": 0, "error_message": "Write an amount in figures, 0 or more."}
    if column.kind == "date":
        return _date_rule(column.label, "")
    return {"validate": "length", "criteria": "<=", "value": TEXT_LIMIT, "error_message": f"At most {TEXT_LIMIT:,} characters are kept."}


def _date_rule(title: str, message: str) -> dict[str, Any]:
    return {"validate": "date", "criteria": "between", "minimum": date(2000, 1, 1), "maximum": date(2099, 12, 31),
            "input_title": title[:_MOST_NOTE_TITLE], "input_message": message,
            "error_message": "Write a date as day/month/year, such as 26/11/2026."}


def _format(workbook: xlsxwriter.Workbook, column: Column) -> Format:
    numbers = {"count": "#,##0", "money": "#,##0.##", "date": _DATE}
    return workbook.add_format({"num_format": numbers.get(column.kind, "@" if column.kind == "text" else "General")})


def _write_cell(sheet: Worksheet, row: int, number: int, column: Column, value: Any, form: Format) -> None:
    """Text is written as text, whatever it begins with: never as a formula."""
    if column.kind in ("count", "money"):
        sheet.write_number(row, number, value, form)
    elif column.kind == "date":
        sheet.write_datetime(row, number, _moment(value), form)
    else:
        sheet.write_string(row, number, str(value), form)


def _moment(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)


def _write_instructions(workbook: xlsxwriter.Workbook, domain: Domain, columns: Sequence[Column]) -> None:
    wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
    bold = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    sheet = workbook.add_worksheet(INSTRUCTIONS)
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 100)
    for row, (left, right) in enumerate(instructions(domain, columns)):
        sheet.write_string(row, 0, left, bold)
        sheet.write_string(row, 1, right, wrapped)


def instructions(domain: Domain, columns: Sequence[Column]) -> Iterator[tuple[str, str]]:
    """How the sheet is filled in, as lines of (what, explanation)."""
    yield f"{domain.label}: how to fill in", (f"Write {domain.row} in the sheet “{domain.label}”. Leave its headings as they are; "
                                              "more rows may be added below.")
    yield "As-of date", "Above the table: the day for which the numbers hold, as day/month/year. It may not lie in the future."
    yield "What is replaced", ("For each district in the sheet, all its earlier rows are replaced by these. "
                               "Districts that are not in the sheet stay as they are.")
    if domain.nil:
        yield "Nothing to report", ("A district with nothing to list is reported by one row with the word NIL under "
                                    f"{domain.column(domain.nil).label}. A district that is left out counts as not reported.")
    yield "Numbers", "Write counts, never percentages: those are computed. Write 0 where the number is 0."
    yield "Rows not needed", ("A district of which nothing but the names is filled in is left out, and its earlier rows stay. In a district that you do "
                              "report, delete the prefilled rows that you don't need: a row left half empty is refused.")
    for column in columns:
        yield f"Column: {column.label}", _explained(column, with_choices=True)
    for rule in domain.rules:
        yield "Must hold" if rule.blocks else "Should hold", _rule_in_words(domain, rule)
    for kind in KINDS.values():
        if not kind.blocks:
            yield "Warned of, and taken", kind.about


def _explained(column: Column, *, with_choices: bool = False) -> str:
    """A column in words: its meaning, what is written there, whether it must be filled in."""
    kinds = {
        "district": "A district's name, from the list.", "province": "A province's name.", "text": "Text.", "code": "One of the choices.",
        "count": "A whole number, 0 or more.", "money": "An amount in rupees, 0 or more.", "date": "A date as day/month/year."}
    choices = f"Choices: {', '.join(code.label for code in column.codes)}." if with_choices and column.codes else ""
    must = "Must be filled in." if column.required else "May be left empty."
    return " ".join(part for part in (f"{column.help}." if column.help else "", kinds[column.kind], must, choices) if part)


def _rule_in_words(domain: Domain, rule: Rule) -> str:
    labels = ["the as-of date" if name == "as_of" else domain.column(name).label for name in rule.columns]
    where = "" if rule.when == "true" else f" where {_condition_in_words(domain, rule.when)}"
    if rule.kind == "descending":
        return f"{' ≥ '.join(labels)}{where}: none is more than the one before it."
    if rule.kind == "total":
        return f"{' + '.join(labels[:-1])} = {labels[-1]}{where}."
    if rule.kind == "needs":
        return f"{', '.join(labels)}: filled in{where}."
    return f"{labels[0]} is not after {labels[1]}{where}."


def _condition_in_words(domain: Domain, condition: str) -> str:
    """A rule's condition with the words of the sheet: Status of work is “Completed” or “Certified”."""
    found = re.fullmatch(r"(\w+) (?:= |in )(.+)", condition)
    if found:
        column = domain.column(found[1])
        labels = {code.value: code.label for code in column.codes}
        values = " or ".join(f"“{labels.get(value, value)}”" for value in re.findall(r"'([^']*)'", found[2]))
        return f"{column.label} is {values}"
    filled = re.fullmatch(r"(\w+) is not null", condition)
    return f"{domain.column(filled[1]).label} is filled in" if filled else condition
