"""Which sheet holds a domain's table, which row is its header, and which column is which."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import pyarrow.compute as pc

from data.declare import Column, Domain
from data.places import words
from loaders.cells import letters as letters_of
from loaders.marks import REASONS, are_reasons, is_list
from loaders.problems import LoadError, Problem, problem
from loaders.sheets import Sheet

HEADER_WITHIN = 40  # rows from the top of a sheet
INSTRUCTIONS, LISTS = "Instructions", "Lists"  # the sheets of our own templates that hold no table
_ENOUGH = 0.6       # of the required columns: fewer, and it is not taken for this domain's table
_UNNUMBERED = ("", "sno", "srno", "sr", "serialno", "serialnumber", "no", "نمبرشمار")
_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATE = (
    r"(?<!\d)(?:\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}-\d{1,2}-\d{1,2}"
    rf"|\d{{1,2}}[-/. ]+{_MONTH}[-/., ]+\d{{2,4}}|{_MONTH} \d{{1,2}},? \d{{4}})(?!\d)")
_ANY_DATE = re.compile(_DATE, re.I)
_PRINTED = re.compile(r"\bprint(ed|ing)\b", re.I)
# Labels of the as-of date. The date stands behind the label, in its cell or in the next one filled.
_AS_OF = (
    re.compile(r"^(position |status )?as[ -]?(of|on|at)\b( date)?(?P<date>.*)$", re.I),
    re.compile(r"^(.*\W)?as[ -]?(of|on|at)( date)?\W+(?P<date>\d[^()]*)\)?$", re.I),
    re.compile(r"^(report(ing)? date|(last )?updated( on)?|(for the )?week end(ing|ed)( on)?|up ?to( date)?(?!\W*\d))\W*(?P<date>\d.*|)$", re.I),
    re.compile(rf"^(.*\W)?(updated( on)?|week end(ing|ed)( on)?|up ?to( date)?)\W+(?P<date>{_DATE}[^()]*)\)?$", re.I),
    re.compile(r"^بتاریخ\b(?P<date>.*)$"),
)
# The date of a letter is labelled so too: taken only where no other date stands above the table.
_DATED = (re.compile(r"^(dated?|تاریخ|مورخہ)(?P<date>\s*[:=–-].*|\s*\d.*|\s*)$", re.I),)


@dataclass(frozen=True)
class Layout:
    """Where a domain's table stands: sheet, header row, letters of each known column, the texts of the header's one or two
    rows by letters, the letters under any heading, and what may be the as-of date, each as (text, row)."""

    domain: Domain
    sheet: Sheet
    header_row: int
    letters: dict[str, str]
    headings: dict[str, str]
    lines: tuple[dict[str, str], ...]
    headed: frozenset[str]
    as_of: tuple[tuple[str, int], ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, eq=False)
class _Candidate:
    domain: Domain
    sheet: Sheet
    row: int
    lines: tuple[dict[str, str], ...]
    letters: dict[str, list[str]]

    @property
    def texts(self) -> dict[str, str]:
        """The headings by letters: of two rows, the lower one where both are filled."""
        return {at: text for line in self.lines for at, text in line.items()}

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

    @property
    def is_good(self) -> bool:
        """Whether it has enough of its domain's columns."""
        return self.found >= _ENOUGH and "district" in self.letters


def find(
    sheets: Sequence[Sheet], domains: Sequence[Domain], *, sheet: str = "", header_row: int = 0, last_row: int = 0, beside: Collection[str] = (),
) -> Layout:
    """The layout of the one table of these domains in the sheets: in the one named `sheet`, with its header in that row, and
    ending with the `last_row`, where these are told. Of the sheets `beside` it is not said that they were not read.

    LoadError when no sheet holds such a table, or when several do and it is not certain which is meant. What a marked workbook
    has besides the sender's own is passed over: its list of problems and its columns of reasons.
    """
    sheets = [_until(one, last_row) if last_row and one.name == sheet else one for one in _sent(sheets)]
    looked_at = [one for one in sheets if (one.name == sheet if sheet else not one.hidden)]
    tables = [table for one in looked_at for table in (_pointed_at(one, domains, header_row) if header_row else _tables(one, domains))]
    if not tables:
        raise LoadError("not_recognised", _not_recognised(looked_at if sheet else sheets, domains))
    filled = [table for table in tables if _is_filled(table)] if len(tables) > 1 else tables
    if len(filled) > 1:
        raise LoadError("ambiguous", _ambiguous(filled))
    best = max(filled or tables, key=lambda table: table.rank)
    blank = [table.sheet for table in tables if table not in filled]
    return _layout(best, [sheet for sheet in sheets if sheet.name not in beside and all(sheet is not other for other in (best.sheet, *blank))])


@dataclass(frozen=True)
class Found:
    """A table that a file holds: which domain's, in which sheet, the row of its header, and whether nobody has filled it in."""

    domain: str
    sheet: str
    header_row: int
    is_blank: bool = False


def tables(sheets: Sequence[Sheet], domains: Sequence[Domain]) -> list[Found]:
    """Every table of these domains in the sheets that are shown."""
    found = [table for sheet in _sent(sheets) if not sheet.hidden for table in _tables(sheet, domains)]
    return [Found(table.domain.name, table.sheet.name, table.row, not _is_filled(table)) for table in found]


def nearest(sheets: Sequence[Sheet], domains: Sequence[Domain]) -> Found | None:
    """The row that is most like a header of these domains, though too little to be taken for one."""
    candidates = [one for sheet in _sent(sheets) if not sheet.hidden for one in _candidates(sheet, domains, _one_row(sheet))]
    best = max(candidates, key=lambda one: one.rank, default=None)
    return Found(best.domain.name, best.sheet.name, best.row) if best else None


def texts_at(sheet: Sheet, header_row: int) -> dict[str, str]:
    """The headings in a row of a sheet by their letters, each on one line."""
    return {at: _heading(text) for row, texts in _top(sheet) if row == header_row for at, text in texts.items()}


def _pointed_at(sheet: Sheet, domains: Sequence[Domain], header_row: int) -> list[_Candidate]:
    """The table whose header somebody says is in that row, however little of it is known."""
    rows = [*_one_row(sheet), *_two_rows(sheet)]
    found = [one for one in _candidates(sheet, domains, (at for at in rows if at[0] == header_row)) if "district" in one.letters]
    return [max(found, key=lambda one: one.rank)] if found else []


def _until(sheet: Sheet, last_row: int) -> Sheet:
    return replace(sheet, cells=sheet.cells.filter(pc.less_equal(sheet.cells["row"], last_row)))


def _sent(sheets: Sequence[Sheet]) -> list[Sheet]:
    """The sheets as their sender wrote them: without what a marked workbook has besides."""
    return [_without_reasons(sheet) for sheet in sheets if not _is_list(sheet)]


def _is_list(sheet: Sheet) -> bool:
    cells = sheet.cells
    return "A" in cells.column_names and cells.num_rows > 0 and is_list(sheet.name, cells["A"][0].as_py())


def _without_reasons(sheet: Sheet) -> Sheet:
    cells = sheet.cells
    headed = [at for at in cells.column_names if at != "row" and pc.any(pc.equal(cells[at], REASONS)).as_py()]
    ours = [at for at in headed if are_reasons([text for text in cells[at].to_pylist() if text])]
    return replace(sheet, cells=cells.drop_columns(ours)) if ours else sheet


def _tables(sheet: Sheet, domains: Sequence[Domain]) -> Iterator[_Candidate]:
    """For each domain the first header of its table in the sheet; any later one is looked at with the rows. Of domains that
    know the same row, those that know most of it."""
    in_one = [one for one in _candidates(sheet, domains, _one_row(sheet)) if one.is_good]
    in_two = [one for one in _candidates(sheet, domains, _two_rows(sheet)) if one.is_good]
    known: set[str] = set()
    for row in sorted({one.row for one in (*in_one, *in_two)}):
        here = [one for one in in_one if one.row == row] or [one for one in in_two if one.row == row]
        most = max(one.rank for one in here)
        for one in here:
            if one.rank == most and one.domain.name not in known:
                known.add(one.domain.name)
                yield _whole(one, in_two)


def _whole(one: _Candidate, in_two: Sequence[_Candidate]) -> _Candidate:
    """A header that lacks columns together with the row above or below it, where they stand there."""
    beside = [other for other in in_two if other.domain is one.domain and other.row in (one.row, one.row + 1)]
    return max([one, *beside], key=lambda other: other.found)


def _is_filled(table: _Candidate) -> bool:
    """Whether anything stands under the header that a blank template doesn't have."""
    cells = table.sheet.cells
    below = pc.greater(cells["row"], table.row)
    reported = [column.name for column in table.domain.columns if not column.prefilled and column.kind != "percent"]
    return any(
        pc.any(pc.and_(below, pc.not_equal(pc.utf8_trim_whitespace(cells[at]), ""))).as_py()
        for name in reported for at in table.letters.get(name, ()))


def _candidates(sheet: Sheet, domains: Sequence[Domain], rows: Iterable[tuple[int, tuple[dict[str, str], ...]]]) -> Iterator[_Candidate]:
    known = [(domain, headings(domain)) for domain in domains]
    for row, lines in rows:
        folded = {at: fold_heading(text) for line in lines for at, text in line.items()}
        for domain, names in known:
            letters: dict[str, list[str]] = {}
            for at, text in folded.items():
                if text in names:
                    letters.setdefault(names[text], []).append(at)
            if letters:
                yield _Candidate(domain, sheet, row, lines, letters)


def fold_heading(text: str) -> str:
    """A heading without case, spaces, punctuation and letter variants; a percent sign stays apart from its absence."""
    return "".join(words(text.replace("%", " percent ").replace("٪", " percent ")))


def codes_by_spelling(column: Column) -> dict[str, str]:
    """Folded spelling → the value of the code that it means."""
    return {fold_heading(text): code.value for code in column.codes for text in (code.value, code.label, *code.spellings)}


def headings(domain: Domain) -> Mapping[str, str]:
    """Folded heading → the column's name."""
    return {fold_heading(text): column.name for column in domain.columns for text in (column.spellings + (column.name, column.label))}


def is_serial(folded: str) -> bool:
    """Whether a folded heading is that of serial numbers."""
    return folded in _UNNUMBERED and folded != ""


def unlike(layout: Layout, texts: Mapping[str, str], known: Mapping[str, str]) -> str | None:
    """The letters of the first heading in a later row that is not the one at the top, in the same or in other words.
    `known` are the domain's headings."""
    columns = {at: name for name, at in layout.letters.items()}
    for at, text in texts.items():
        folded = fold_heading(text)
        again = any(fold_heading(line.get(at, "")) == folded for line in layout.lines)
        if not again and folded not in _UNNUMBERED and (at not in columns or known.get(folded) != columns[at]):
            return at
    return None


def _top(sheet: Sheet) -> Iterator[tuple[int, dict[str, str]]]:
    """The first rows of a sheet: (its own row number, letters → text). A heading merged over rows stands in each of them."""
    cells = sheet.cells.slice(0, HEADER_WITHIN).to_pylist()
    top = {line.pop("row"): {at: text for at, text in line.items() if text is not None and text.strip()} for line in cells}
    for first, left, last, _ in sheet.merged:
        if first in top and (text := top[first].get(letters_of(left))):
            for row in (row for row in top if first < row <= last):
                top[row][letters_of(left)] = text
    yield from top.items()


def _one_row(sheet: Sheet) -> Iterator[tuple[int, tuple[dict[str, str], ...]]]:
    for row, texts in _top(sheet):
        yield row, (texts,)


def _two_rows(sheet: Sheet) -> Iterator[tuple[int, tuple[dict[str, str], ...]]]:
    """Each row with the one above it: a header whose first columns reach over two rows."""
    for (_, upper), (row, lower) in pairwise(_top(sheet)):
        yield row, (upper, lower)


def _layout(best: _Candidate, unread: Sequence[Sheet]) -> Layout:
    texts, name = best.texts, best.sheet.name
    known = {at for letters in best.letters.values() for at in letters}
    problems = [problem("missing_column", name, row=best.row, column=column.label) for column in best.missing]
    problems += [
        problem("repeated_column", name, row=best.row, column=best.domain.column(column).label, value=letters[0], other=letters[1], letters=letters[1])
        for column, letters in best.letters.items() if len(letters) > 1]
    problems += [
        problem("unknown_column", name, row=best.row, column=_heading(text), value=at, letters=at)
        for at, text in texts.items() if at not in known and fold_heading(text) not in _UNNUMBERED]
    problems += _other_headers_above(best)
    problems += [
        problem("sheet_not_read", sheet.name, value=sheet.name, read=name, hidden=", which is hidden," if sheet.hidden else "")
        for sheet in unread if sheet.cells.num_rows and sheet.name not in (INSTRUCTIONS, LISTS)]
    letters = {column: letters[0] for column, letters in best.letters.items()}
    quoted = {column: _heading(texts[at]) for column, at in letters.items()}
    headed = frozenset((*(at for at, text in texts.items() if fold_heading(text)), *_under_unknown(best, texts.keys() - known)))
    return Layout(best.domain, best.sheet, best.row, letters, quoted, best.lines, headed, _as_of(best), tuple(problems))


def _other_headers_above(best: _Candidate) -> Iterator[Problem]:
    """A row of headings too far from the domain's to be its header, with rows under it that the header would pass over."""
    above = [row for row, _ in _top(best.sheet) if row < best.row][:-len(best.lines)]
    for one in _candidates(best.sheet, [best.domain], _one_row(best.sheet)):
        if one.row in above and sum(best.letters.get(name) == letters for name, letters in one.letters.items()) > 2:
            differing = [(at, text) for at, text in (one.texts | best.texts).items() if fold_heading(one.texts.get(at, "")) != fold_heading(text)]
            at, text = differing[0]
            yield problem("another_header", best.sheet.name, row=one.row, value=_heading(one.texts.get(at, text)), at=at, first=best.row)


def _heading(text: str) -> str:
    """A heading as it is quoted: on one line, without the mark of a required column."""
    return " ".join(text.split()).rstrip(" *")


def _under_unknown(best: _Candidate, unknown: Iterable[str]) -> Iterator[str]:
    """The further columns of an unknown heading that is merged over several: they are left out together with it."""
    for top, left, bottom, right in best.sheet.merged:
        if top <= best.row < bottom + len(best.lines) and letters_of(left) in unknown:
            yield from (letters_of(number) for number in range(left + 1, right + 1))


def _as_of(best: _Candidate) -> tuple[tuple[str, int], ...]:
    """The texts above the header that may be the as-of date, with their rows. More than one day among them is for the
    sender to settle."""
    above = [(row, [" ".join(text.split()) for text in texts.values()]) for row, texts in _top(best.sheet) if row < best.row]
    sure = tuple(_labelled(above, _AS_OF))
    if sure:
        return sure
    dated = tuple(_labelled(above, _DATED))
    others = [(found[0], row) for row, cells in above for text in cells if not _PRINTED.search(text) for found in _ANY_DATE.finditer(text)]
    return (*dated, *((text, row) for text, row in others if not any(text in said for said, _ in dated))) if dated else ()


def _labelled(above: Sequence[tuple[int, list[str]]], labels: Sequence[re.Pattern[str]]) -> Iterator[tuple[str, int]]:
    """What stands behind one of the labels. What has no figure in it is no date, except an error that stands for one."""
    for row, cells in above:
        for text, following in zip(cells, [*cells[1:], ""]):
            said = next((match for label in labels if (match := label.match(text))), None)
            found = said and (said["date"].strip(" :=–-") or following)
            if found and (any(sign.isdigit() for sign in found) or found.startswith("#")):
                yield found, row


def _not_recognised(sheets: Sequence[Sheet], domains: Sequence[Domain]) -> str:
    shown, hidden = ([sheet for sheet in sheets if sheet.hidden is is_hidden] for is_hidden in (False, True))
    wanted = "; ".join(
        f"{domain.label} ({', '.join(column.label for column in domain.columns if column.required)})" for domain in domains)
    candidates = [one for sheet in shown for one in _candidates(sheet, domains, _one_row(sheet))]
    best = max(candidates, key=lambda candidate: candidate.rank, default=None)
    near = ""
    if best is not None and best.found > 0:
        near = (f" The nearest is row {best.row} of “{best.sheet.name}”, which for {best.domain.label} lacks "
                f"{', '.join(column.label for column in best.missing)}.")
    return (f"No table was found in {_sheets_in_words(shown)}: a header row with these columns was looked for: {wanted}.{near}"
            f"{_hidden_in_words(hidden)} Take the template of the domain and fill it in.")


def _sheets_in_words(sheets: Sequence[Sheet]) -> str:
    named = ", ".join(f"“{sheet.name}”" for sheet in sheets[:5]) + (f" and {len(sheets) - 5} more" if len(sheets) > 5 else "")
    return f"sheet {named}" if len(sheets) == 1 else f"the {len(sheets)} sheets {named}" if sheets else "the sheets that are shown"


def _hidden_in_words(hidden: Sequence[Sheet]) -> str:
    named = [f"“{sheet.name}”" for sheet in hidden if sheet.cells.num_rows and sheet.name not in (INSTRUCTIONS, LISTS)]
    if not named:
        return ""
    is_or_are = "is hidden and was" if len(named) == 1 else "are hidden and were"
    return f" {', '.join(named[:5])} {is_or_are} not looked at: unhide the sheet if the table stands there."


def _ambiguous(tables: Sequence[_Candidate]) -> str:
    listed = ", ".join(f"{one.domain.label} in “{one.sheet.name}”" for one in tables)
    domains = {one.domain.name for one in tables}
    if len(domains) < len(tables):
        advice = "Bring the rows under one header, or send each sheet in a file of its own."
    elif len({one.sheet.name for one in tables}) < len({(one.sheet.name, one.row) for one in tables}):
        advice = "Send each table in a file of its own."
    else:
        advice = "Send one table in a file, or say which domain it is."
    return f"The workbook holds more than one table that could be meant: {listed}. {advice}"
