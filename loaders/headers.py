"""Which sheet holds a domain's table, which row is its header, and which column is which."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from data.declare import Column, Domain
from data.places import words
from loaders.problems import LoadError, Problem, problem
from loaders.sheets import Sheet

HEADER_WITHIN = 40  # rows from the top of a sheet
_ENOUGH = 0.6       # of the required columns: fewer, and it is not taken for this domain's table
_UNNUMBERED = ("", "sno", "srno", "sr", "serialno", "serialnumber", "no", "نمبرشمار")
# Labels of the as-of date, the surest first. The date stands behind the label, in its cell or in the next one filled.
_AS_OF = (
    re.compile(r"^(position |status )?as[ -]?(of|on|at)\b( date)?(?P<date>.*)$", re.I),
    re.compile(r"^(.*\W)?as[ -]?(of|on|at)( date)?\W+(?P<date>\d[^()]*)\)?$", re.I),
    re.compile(r"^(بتاریخ|تاریخ)\b(?P<date>.*)$"),
    re.compile(r"^(reporting )?dated?\b(?P<date>.*)$", re.I),
)


@dataclass(frozen=True)
class Layout:
    """Where a domain's table stands: sheet, header row, letters of each known column, and the cell with the as-of date."""

    domain: Domain
    sheet: Sheet
    header_row: int
    letters: dict[str, str]
    headings: dict[str, str]
    as_of_text: str
    as_of_row: int | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class _Candidate:
    domain: Domain
    sheet: Sheet
    row: int
    texts: dict[str, str]
    letters: dict[str, list[str]]

    @property
    def missing(self) -> list[Column]:
        return [column for column in self.domain.columns if column.required and column.name not in self.letters]

    @property
    def found(self) -> float:
        required = [column for column in self.domain.columns if column.required]
        return 1 - len(self.missing) / len(required)

    @property
    def rank(self) -> tuple[float, int]:
        return self.found, len(self.letters)


def find(sheets: Sequence[Sheet], domains: Sequence[Domain]) -> Layout:
    """The layout of the one table of these domains in the sheets.

    LoadError when no sheet holds such a table, or when several do and it is not certain which is meant.
    """
    shown = [sheet for sheet in sheets if not sheet.hidden]
    candidates = [candidate for sheet in shown for candidate in _candidates(sheet, domains, _top(sheet))]
    good = _good(candidates)
    if not good or good[0].missing:
        in_two_rows = [candidate for sheet in shown for candidate in _candidates(sheet, domains, _in_two_rows(sheet))]
        good = max(good, _good(in_two_rows), key=_most_found)
    if not good:
        raise LoadError("not_recognised", _not_recognised(sheets, domains, candidates))
    best = good[0]
    rivals = [one for one in good[1:] if _is_rival(one, best)]
    if rivals:
        raise LoadError("ambiguous", _ambiguous(best, rivals))
    return _layout(best)


def _good(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """Those that have enough of their domain's columns, the best first."""
    good = [candidate for candidate in candidates if candidate.found >= _ENOUGH and "district" in candidate.letters]
    return sorted(good, key=lambda candidate: candidate.rank, reverse=True)


def _most_found(good: Sequence[_Candidate]) -> float:
    return good[0].found if good else 0.0


def _is_rival(one: _Candidate, best: _Candidate) -> bool:
    """Whether another table could as well be the one that is meant. Of two domains that know the same header row, the
    one that knows more of it is; a header that comes again in its sheet is the same table."""
    if one.sheet is best.sheet and one.row == best.row:
        return one.rank == best.rank
    return one.found == best.found and (one.domain is not best.domain or one.sheet is not best.sheet)


def _candidates(sheet: Sheet, domains: Sequence[Domain], rows: Iterable[tuple[int, dict[str, str]]]) -> Iterator[_Candidate]:
    headings = [(domain, _headings(domain)) for domain in domains]
    for row, texts in rows:
        folded = {letters: fold_heading(text) for letters, text in texts.items()}
        for domain, names in headings:
            letters: dict[str, list[str]] = {}
            for at, text in folded.items():
                if text in names:
                    letters.setdefault(names[text], []).append(at)
            if letters:
                yield _Candidate(domain, sheet, row, texts, letters)


def fold_heading(text: str) -> str:
    """A heading without case, spaces, punctuation and letter variants; a percent sign stays apart from its absence."""
    return "".join(words(text.replace("%", " percent ").replace("٪", " percent ")))


def codes_by_spelling(column: Column) -> dict[str, str]:
    """Folded spelling → the value of the code that it means."""
    return {fold_heading(text): code.value for code in column.codes for text in (code.value, code.label, *code.spellings)}


def _headings(domain: Domain) -> dict[str, str]:
    """Folded heading → the column's name."""
    return {fold_heading(text): column.name for column in domain.columns for text in (column.spellings + (column.name, column.label))}


def _top(sheet: Sheet) -> Iterator[tuple[int, dict[str, str]]]:
    """The first rows of a sheet: (its own row number, letters → text)."""
    top = sheet.cells.slice(0, HEADER_WITHIN)
    letters = [name for name in top.column_names if name != "row"]
    for cells in top.to_pylist():
        yield cells["row"], {at: cells[at] for at in letters if cells[at] is not None and cells[at].strip()}


def _in_two_rows(sheet: Sheet) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row with what stands above its blank cells: a header whose first columns reach over two rows."""
    for (_, upper), (row, lower) in pairwise(_top(sheet)):
        yield row, {**upper, **lower}


def _layout(best: _Candidate) -> Layout:
    texts, name = best.texts, best.sheet.name
    known = {at for letters in best.letters.values() for at in letters}
    problems = [problem("missing_column", name, row=best.row, column=column.label) for column in best.missing]
    problems += [
        problem("repeated_column", name, row=best.row, column=best.domain.column(column).label, value=letters[0], other=letters[1])
        for column, letters in best.letters.items() if len(letters) > 1]
    problems += [
        problem("unknown_column", name, row=best.row, column=_heading(text), value=at)
        for at, text in texts.items() if at not in known and fold_heading(text) not in _UNNUMBERED]
    as_of_text, as_of_row = _as_of(best)
    letters = {column: letters[0] for column, letters in best.letters.items()}
    headings = {column: _heading(texts[at]) for column, at in letters.items()}
    return Layout(best.domain, best.sheet, best.row, letters, headings, as_of_text, as_of_row, tuple(problems))


def _heading(text: str) -> str:
    """A heading as it is quoted: on one line, without the mark of a required column."""
    return " ".join(text.split()).rstrip(" *")


def _as_of(best: _Candidate) -> tuple[str, int | None]:
    """The text of the as-of date above the header, with its row; what has no figure in it is no date."""
    above = [(row, [" ".join(text.split()) for text in texts.values()]) for row, texts in _top(best.sheet) if row < best.row]
    for label in _AS_OF:
        for row, cells in above:
            for text, following in zip(cells, [*cells[1:], ""]):
                said = label.match(text)
                found = said and (said["date"].strip(" :=–-") or following)
                if found and any(sign.isdigit() for sign in found):
                    return found, row
    return "", None


def _not_recognised(sheets: Sequence[Sheet], domains: Sequence[Domain], candidates: Sequence[_Candidate]) -> str:
    wanted = "; ".join(
        f"{domain.label} ({', '.join(column.label for column in domain.columns if column.required)})" for domain in domains)
    named = ", ".join(f"“{sheet.name}”" for sheet in sheets[:5]) + (f" and {len(sheets) - 5} more" if len(sheets) > 5 else "")
    nearest = max(candidates, key=lambda candidate: candidate.rank, default=None)
    near = ""
    if nearest is not None and nearest.found > 0:
        near = (f" The nearest is row {nearest.row} of “{nearest.sheet.name}”, which for {nearest.domain.label} lacks "
                f"{', '.join(column.label for column in nearest.missing)}.")
    return (f"No table was found in {'sheet' if len(sheets) == 1 else f'the {len(sheets)} sheets'} {named}: a header row with these columns "
            f"was looked for: {wanted}.{near} Take the template of the domain and fill it in.")


def _ambiguous(best: _Candidate, rivals: Sequence[_Candidate]) -> str:
    tables = ", ".join(f"{one.domain.label} in “{one.sheet.name}”" for one in (best, *rivals))
    return (f"The workbook holds more than one table that could be meant: {tables}. Send one table in a file, or say which "
            "domain it is.")
