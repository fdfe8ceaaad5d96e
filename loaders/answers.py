"""What an analyst settles about a file: where its table stands, what its words mean, which cells are corrected."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Literal

from data.declare import Code, Column, Domain
from data.election import Election
from loaders.headers import Found, fold_heading


@dataclass(frozen=True)
class Spelling:
    """What somebody writes and what is meant by it: a district's code, a column's name, or a choice's value.

    A heading belongs to a `domain`, a choice to a `column` of one; a district to neither.
    """

    kind: Literal["district", "heading", "choice"]
    written: str
    meant: str
    domain: str = ""
    column: str = ""


@dataclass(frozen=True)
class Correction:
    """What is put in place of what a cell holds, and by whom. `reason` is "typed", or the kind of the suggestion that was accepted."""

    row: int
    column: str
    corrected: str
    reason: str = "typed"
    by: str = ""


@dataclass(frozen=True)
class Answers:
    """All that was settled about one file. What is empty is told by the file itself.

    `left_out` are districts as they are written whose rows are not taken: no district of this election is meant; `passed`
    the headings whose columns are not asked about again; `beside` the sheets in which other tables of the file stand.
    """

    domain: str = ""
    sheet: str = ""
    header_row: int = 0
    last_row: int = 0
    as_of: date | None = None
    spellings: tuple[Spelling, ...] = ()
    left_out: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()
    corrections: tuple[Correction, ...] = ()
    beside: tuple[str, ...] = ()

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, default=date.isoformat)

    @classmethod
    def from_json(cls, text: str) -> Answers:
        told = json.loads(text)
        return cls(
            domain=told["domain"], sheet=told["sheet"], header_row=told["header_row"], last_row=told["last_row"], as_of=date.fromisoformat(told["as_of"]) if told["as_of"] else None,
            spellings=tuple(Spelling(**one) for one in told["spellings"]), left_out=tuple(told["left_out"]), passed=tuple(told["passed"]),
            corrections=tuple(Correction(**one) for one in told["corrections"]), beside=tuple(told.get("beside", ())))

    def spelled(self, spellings: Iterable[Spelling]) -> Answers:
        """With these spellings, each in place of an earlier one of the same words."""
        new = tuple(spellings)
        about = {_about(one) for one in new}
        return replace(self, spellings=(*(one for one in self.spellings if _about(one) not in about), *new))

    def corrected(self, corrections: Iterable[Correction]) -> Answers:
        """With these corrections, each in place of an earlier one of the same cell."""
        cells = {(one.row, one.column): one for one in (*self.corrections, *corrections)}
        return replace(self, corrections=tuple(cells[cell] for cell in sorted(cells)))


def of_each_table(found: Sequence[Found], given: Answers = Answers()) -> tuple[Answers, ...]:
    """For each table of a file that somebody has filled in, where it stands: it ends where the next one of its sheet begins.
    Where there are no two, what was `given` alone: a single one is found by itself."""
    filled = [one for one in found if not one.is_blank]
    return tuple(_where(one, found, given) for one in filled) if len(filled) > 1 else (given,)


def _where(one: Found, every: Sequence[Found], given: Answers) -> Answers:
    below = [other.header_row for other in every if other.sheet == one.sheet and other.header_row > one.header_row]
    beside = dict.fromkeys(other.sheet for other in every if other.sheet != one.sheet)
    return replace(given, domain=one.domain, sheet=one.sheet, header_row=one.header_row, last_row=min(below) - 1 if below else 0, beside=tuple(beside))


def _about(spelling: Spelling) -> tuple[str, ...]:
    return spelling.kind, spelling.domain, spelling.column, spelling.written


def knowing(election: Election, spellings: Sequence[Spelling]) -> Election:
    """The election whose places, headings and choices are also known by these spellings."""
    if not spellings:
        return election
    domains = tuple(_domain(domain, [one for one in spellings if one.domain == domain.name]) for domain in election.domains)
    districts = [(one.written, one.meant) for one in spellings if one.kind == "district" and one.meant in election.places]
    return replace(election, domains=domains, places=election.places.also_spelled(districts))


def _domain(domain: Domain, spellings: Collection[Spelling]) -> Domain:
    if not spellings:
        return domain
    # A heading means one column: what it was known as before, it no longer is.
    headings = {fold_heading(one.written): one.meant for one in spellings if one.kind == "heading"}
    return replace(domain, columns=tuple(_column(column, headings, spellings) for column in domain.columns))


def _column(column: Column, headings: dict[str, str], spellings: Collection[Spelling]) -> Column:
    own = [one.written for one in spellings if one.kind == "heading" and one.meant == column.name]
    kept = tuple(text for text in column.spellings if headings.get(fold_heading(text), column.name) == column.name)
    choices = [(one.written, one.meant) for one in spellings if one.kind == "choice" and one.column == column.name]
    codes = tuple(_code(code, [written for written, meant in choices if meant == code.value]) for code in column.codes)
    return replace(column, spellings=(*kept, *own), codes=codes)


def _code(code: Code, written: Sequence[str]) -> Code:
    return replace(code, spellings=(*code.spellings, *written)) if written else code
