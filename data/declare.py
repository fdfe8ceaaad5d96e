"""The vocabulary in which a domain of readiness is declared.

A declaration says everything about a domain once; the template workbook, header matching, checks, the
table, the figures, the charts' labels and the definitions page are all read from it. Row expressions
(`done`, `required`, `where`, `when`) are DuckDB SQL over the domain's own columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["district", "province", "text", "count", "money", "date", "code", "percent"]


@dataclass(frozen=True)
class Code:
    """One permitted value of a coded column: what is stored, what is shown, what else is read as it."""

    value: str
    label: str
    spellings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Column:
    """One column of a domain's sheet.

    `key` columns tell, together with the district, which row this is. A `cumulative` count that falls from one
    submission to the next is warned of. A `percent` column is checked against its counts `of` = (done,
    required) and then left: percentages are never stored.
    """

    name: str
    label: str
    kind: Kind = "text"
    required: bool = False
    key: bool = False
    codes: tuple[Code, ...] = ()
    spellings: tuple[str, ...] = ()
    cumulative: bool = False
    of: tuple[str, str] | None = None
    help: str = ""

    @property
    def stored(self) -> bool:
        """Whether the column stands in the domain's table."""
        return self.kind not in ("percent", "province")

    @property
    def prefilled(self) -> bool:
        """Whether it can be filled in before anything is reported, as in a blank template."""
        return self.kind in ("district", "province") or (self.key and self.kind == "code")


@dataclass(frozen=True)
class Rule:
    """One thing that must hold between the columns of a row.

    descending  each column is at most the one before it (empty ones are passed over)
    total       all columns but the last add up to the last
    needs       where `when` holds, each column is filled
    not_after   the first date is not after the second; "as_of" stands for the submission's date
    """

    kind: Literal["descending", "total", "needs", "not_after"]
    columns: tuple[str, ...]
    when: str = "true"
    blocks: bool = True


@dataclass(frozen=True)
class Indicator:
    """One measured share, `sum(done) / sum(required)` over the rows for which `where` holds.

    `due` is in days before the election's date named `anchor`; `milestones` are (days before the anchor,
    share wanted by then), empty for the election's default line. An indicator that names a `duty` answers to a dated
    duty of the election and is due with it: missed, a legal one holds its place at Critical. One that `fades` counts a
    row as done only while the date in that column lies within the election's window called `window`. `lost` names the column that counts
    what was done and counts no more, such as officers trained and since transferred.
    """

    id: str
    label: str
    unit: str
    done: str
    required: str
    how: str
    source: str
    where: str = "true"
    anchor: str = "e_day"
    due: int = 1
    milestones: tuple[tuple[int, float], ...] = ()
    duty: str = ""
    fades: str = ""
    window: str = ""
    lost: str = ""


@dataclass(frozen=True)
class Domain:
    """One area of readiness. `nil` names the key column in which the word NIL says: nothing to list here."""

    name: str
    label: str
    question: str
    row: str
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...]
    indicators: tuple[Indicator, ...]
    nil: str = ""

    def column(self, name: str) -> Column:
        """The column of that name; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def stored(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.stored)

    @property
    def keys(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.key)


DISTRICT = Column(
    "district", "District", "district", required=True, key=True,
    spellings=("Name of District", "District Name", "Distt", "Dist", "District/Agency", "Zila", "ضلع", "نام ضلع", "ضلع کا نام"),
    help="Name or code of the district, as in the list",
)
PROVINCE = Column(
    "province", "Province", "province",
    spellings=("Name of Province", "Province Name", "Province/Territory", "Region", "صوبہ"),
    help="May be left out; where it is given, the district must lie in it",
)
REMARKS = Column(
    "remarks", "Remarks", spellings=("Remark", "Comments", "Notes", "Any other remarks", "ریمارکس", "کیفیت"),
    help="Explain here why a number fell or differs",
)
