"""What a cell that can't be read most likely says: simple repairs, to be accepted or not. Never followed by themselves."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from data.declare import Column
from loaders.answers import Correction
from loaders.checks import Checked
from loaders.headers import Layout
from loaders.problems import Problem

_NUMBERS = ("not_a_number", "uncertain_number", "not_whole")
# Words beside a number that say neither how large it is nor that it is less than nothing.
_ADDING_NOTHING = frozenset(
    "about approx approximately around buildings circa est estimated no nos number numbers officers only people persons pkr rs rupees staff "
    "stations total trained".split())
_LOOKS_LIKE = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1", "|": "1", "S": "5", "B": "8"})
_DAY_0 = date(1899, 12, 30)
_SERIALS = range(36_526, 73_051)  # 1 Jan 2000 to 31 Dec 2099, as a spreadsheet program counts days


@dataclass(frozen=True)
class Suggestion:
    """A repair of one cell: what is put in place of what, and of which kind it is: trim (signs and words around a number),
    digits (letters typed for figures, a dot between thousands), date (the month first, or written together) or turned (a day
    of which a spreadsheet program has taken the day for the month)."""

    kind: str
    correction: Correction
    original: str


def suggestions(layout: Layout, checked: Checked, problems: Sequence[Problem]) -> tuple[Suggestion, ...]:
    """The repairs that can be offered for a sheet's problems, in the order of these."""
    corrected = {(one.row, one.column) for one in checked.corrected}
    turned = (one for found in problems if found.kind == "dates_turned" for one in _turned(layout, checked, found))
    return (*_suggested(checked, problems), *(one for one in turned if (one.correction.row, one.correction.column) not in corrected))


def _turned(layout: Layout, checked: Checked, found: Problem) -> Iterator[Suggestion]:
    """Each day of a column that a program has made, with day and month turned round again."""
    column = next(name for name, at in checked.letters.items() if at == found.letters)
    rows, cells = set(checked.rows["row"].to_pylist()), layout.sheet.cells
    for row, text in zip(cells["row"].to_pylist(), cells[found.letters].to_pylist()):
        if row in rows and text and (made := re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", text)) and made[2] != made[3]:
            yield Suggestion("turned", Correction(row, column, f"{made[2]}/{made[3]}/{made[1]}", "turned"), text)


def _suggested(checked: Checked, problems: Sequence[Problem]) -> Iterator[Suggestion]:
    names = {at: name for name, at in checked.letters.items()}
    for found in problems:
        if not found.blocks or found.row is None or found.letters not in names:
            continue
        column = checked.domain.column(names[found.letters])
        told = _read_again(column, found)
        if told is not None:
            kind, corrected = told
            yield Suggestion(kind, Correction(found.row, column.name, corrected, kind), found.value)


def _read_again(column: Column, found: Problem) -> tuple[str, str] | None:
    if found.kind in _NUMBERS and column.kind in ("count", "money"):
        ways: tuple[tuple[str, Callable[[str], str | None]], ...] = (("trim", _trimmed), ("digits", _figures))
    elif found.kind in ("not_a_date", "uncertain_date"):
        ways = (("date", _turned_date),)
    else:
        return None
    return next(((kind, corrected) for kind, way in ways if (corrected := way(found.value)) is not None), None)


def _trimmed(text: str) -> str | None:
    """The one whole number in a text that else has only words that add nothing to it and signs around it, or spaces within it.

    A word that is not known may be "lakh" or "minus" in any language, and brackets are an accountant's minus: no guess then.
    """
    if re.fullmatch(r"\D*", text) or re.search(r"[-−%٪()]|\d[.,]\d", text):
        return None
    if not _ADDING_NOTHING.issuperset(re.findall(r"[^\W\d_]+", text.lower())):
        return None
    close = re.sub(r"(?<=\d)[\s ](?=\d{3}(?!\d))", "", text)
    found = re.fullmatch(r"(?:[^\w]|[A-Za-z]{2,}[.)]?\s)*(\d{1,9})(?:[^\w]|\s[A-Za-z]{2,}[.)]?)*", close)
    return found[1] if found else None


def _figures(text: str) -> str | None:
    """The number that is meant where letters stand for figures, or a dot between thousands."""
    if re.fullmatch(r"[1-9]\d{0,2}(?:\.\d{3})+", text):
        return text.replace(".", "")
    read = text.translate(_LOOKS_LIKE)
    return read.replace(",", "") if read != text and re.fullmatch(r"\d{1,9}|\d{1,3}(,\d{3})+", read) and re.search(r"\d", text) else None


def _turned_date(text: str) -> str | None:
    """The date as day/month/year: written with the month first, without its separators, or as a spreadsheet's day number."""
    if found := re.fullmatch(r"(\d{1,2})\D(\d{1,2})\D(\d{4})", text):
        return _dated(year=found[3], month=found[1], day=found[2])
    if found := re.fullmatch(r"(\d{4})\D(\d{1,2})\D(\d{1,2})", text):
        return _dated(year=found[1], month=found[3], day=found[2])
    if found := re.fullmatch(r"(\d{2})(\d{2})(20\d{2})", text):
        return _dated(year=found[3], month=found[2], day=found[1])
    if re.fullmatch(r"\d{5}", text) and int(text) in _SERIALS:
        day = _DAY_0 + timedelta(days=int(text))
        return f"{day:%d/%m/%Y}"
    return None


def _dated(*, year: str, month: str, day: str) -> str | None:
    try:
        return f"{date(int(year), int(month), int(day)):%d/%m/%Y}"
    except ValueError:
        return None
