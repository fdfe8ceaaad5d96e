"""What can't be told of a file with certainty, as questions with the likeliest answer first. Nothing is settled here: a likely
answer counts only once somebody has given it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from rapidfuzz import fuzz

from data.declare import Column, Domain
from data.places import Places, fold
from loaders.checks import Checked
from loaders.headers import Layout, codes_by_spelling, fold_heading
from loaders.problems import Problem
from loaders.table import read_day

_LEAST_LIKENESS = 70  # of 100: below it nothing is suggested
_LEAST_LIKENESS_OF_A_DISTRICT = 75  # a wrong one puts a district's figures into another's place
_LEAST_LIKENESS_WITHIN = 90
_LONG_ENOUGH = 5  # letters of a word that is looked for within others
LEFT_OUT = ""  # the answer that leaves a column or a district's rows out
_OF_THE_DAY = ("as_of_missing", "as_of_ambiguous", "as_of_unreadable", "as_of_future")
_OF_DISTRICTS = ("unknown_district", "ambiguous_district", "not_a_district")


@dataclass(frozen=True)
class Question:
    """One thing to be settled: a district, a heading or a choice as it is `written`, in so many `rows` from the row `first` on.

    `options` are what may be meant, likeliest first, of which `nearest` are like it at all; `likely` is the one to begin with:
    LEFT_OUT where a heading is like none, None where somebody has to choose. `column` is a choice's.
    """

    kind: Literal["district", "heading", "choice"]
    written: str
    options: tuple[str, ...]
    likely: str | None
    first: int
    rows: int = 1
    column: str = ""
    nearest: int = 0


def questions(layout: Layout, checked: Checked, problems: Sequence[Problem], places: Places, passed: Collection[str] = ()) -> tuple[Question, ...]:
    """Everything that is to be asked about a sheet that was read: its headings but for those `passed`, then its districts,
    then its choices."""
    return (*_headings(layout, passed), *_districts(problems, places), *_choices(checked, problems))


def day_wanted(problems: Sequence[Problem]) -> bool:
    """Whether it can't be told for which day the sheet holds."""
    return any(found.kind in _OF_THE_DAY for found in problems)


def likely_day(layout: Layout, today: date) -> date | None:
    """The latest day that stands above the table and does not lie in the future; None where none does."""
    return max((day for text, _ in layout.as_of if (day := read_day(text)) is not None and day <= today), default=None)


def _headings(layout: Layout, passed: Collection[str]) -> Iterable[Question]:
    """The unknown headings, where columns of the domain are not in the sheet."""
    absent = [column for column in layout.domain.columns if column.name not in layout.letters]
    names = _spellings_of(absent)
    for found in layout.problems:
        if found.kind == "unknown_column" and absent and found.column not in passed:
            options = nearest(found.column, names)
            yield Question("heading", found.column, options, _likely(found.column, names, options) or LEFT_OUT, found.row or 0)


def suggested_columns(texts: Mapping[str, str], domain: Domain) -> dict[str, str | None]:
    """For each column of a domain the letters of the heading that is most like one of its own; None where none is."""
    pairs = [(max(_likeness(fold_heading(text), own) for own in _spellings_of([column])), column.name, at)
             for column in domain.columns for at, text in texts.items()]
    found: dict[str, str | None] = {column.name: None for column in domain.columns}
    # The likest pair first, so that a heading goes to the column that it fits best and not to the first that it fits.
    for likeness, name, at in sorted(pairs, reverse=True):
        if likeness >= _LEAST_LIKENESS and found[name] is None and at not in found.values():
            found[name] = at
    return found


def _districts(problems: Sequence[Problem], places: Places) -> Iterable[Question]:
    asked: dict[str, list[Problem]] = {}
    for found in problems:
        if found.kind in _OF_DISTRICTS:
            asked.setdefault(found.value, []).append(found)
    for written, rows in asked.items():
        match = places.resolve(written)
        rest = [district.code for district in places.districts if district.code not in match.candidates]
        best = next(iter(match.candidates), None) if match.reason == "unknown" else None
        likely = best if best and fuzz.ratio(fold(written), fold(places[best].name)) >= _LEAST_LIKENESS_OF_A_DISTRICT else None
        yield Question("district", written, (*match.candidates, *rest), likely, rows[0].row or 0, len(rows), nearest=len(match.candidates))


def _choices(checked: Checked, problems: Sequence[Problem]) -> Iterable[Question]:
    names = {at: name for name, at in checked.letters.items()}
    asked: dict[tuple[str, str], list[Problem]] = {}
    for found in problems:
        if found.kind == "unknown_code" and found.letters in names:
            asked.setdefault((names[found.letters], found.value), []).append(found)
    for (name, written), rows in asked.items():
        column = checked.domain.column(name)
        spellings = codes_by_spelling(column)
        options = nearest(written, spellings)
        yield Question("choice", written, options, _likely(written, spellings, options), rows[0].row or 0, len(rows), name)


def nearest(written: str, spellings: Mapping[str, str]) -> tuple[str, ...]:
    """What the spellings (folded → meaning) mean, the likest first; all of it."""
    folded = fold_heading(written)
    return tuple(dict.fromkeys(spellings[text] for text in sorted(spellings, key=lambda text: -_likeness(folded, text))))


def _likeness(written: str, spelling: str) -> float:
    """From 0 to 100. A word within more words counts a little less than a whole. A short one, which lies in many, does not count so, nor
    one that is only like a part of the other: “Notes” is not in “Total votes”."""
    whole = fuzz.ratio(written, spelling)
    within = fuzz.partial_ratio(written, spelling) if min(len(written), len(spelling)) >= _LONG_ENOUGH else 0
    return max(whole, 0.9 * within) if within >= _LEAST_LIKENESS_WITHIN else whole


def _likely(written: str, spellings: Mapping[str, str], options: Sequence[str]) -> str | None:
    folded = fold_heading(written)
    best = max((_likeness(folded, text) for text, meant in spellings.items() if meant == options[0]), default=0) if options else 0
    return options[0] if best >= _LEAST_LIKENESS else None


def _spellings_of(columns: Iterable[Column]) -> dict[str, str]:
    return {fold_heading(text): column.name for column in columns for text in (column.label, column.name, *column.spellings)}
