"""The catalogue as a page to read: every kind of problem and every refusal with the sentence that people see.

`python -m loaders.catalogue > docs/problems.md` writes it anew.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from loaders.problems import KINDS, problem

_FOLDER = Path(__file__).parent
_PLACES = {"file": "The file", "column": "A column", "row": "A row", "cell": "A cell"}
_NOT_OF_SHEETS = {"boundaries": "A boundary file", "example": "The example election"}
_ANY = "…"  # a fact that only the file can tell
_HEAD = """\
# What can be wrong with a file

<!-- Written by `python -m loaders.catalogue > docs/problems.md`. Change the code, not this page. -->

Every sentence here is said by the program just so. The facts in those of problems are an example's; in those of refusals “…” stands for them.

A **problem** is one thing wrong in a sheet. All of them are told at once, each with its sheet and, where it is about one, its row, column and
value. One that **blocks** must be corrected before anything of the file is stored. One that **warns** is for the sender to look at: the file is
taken, and the warning stays with it.

A file that can't be taken at all is **refused** with one sentence instead. The kind is what `--json` gives to programs.
"""

# The facts of an example of each kind: those of the smallest sheet that has the problem.
EXAMPLES: dict[str, dict[str, object]] = {
    "as_of_missing": {},
    "as_of_unreadable": {"row": 1, "column": "As-of date", "value": "31/02/2024"},
    "as_of_ambiguous": {"value": "10 Jan 2024 in row 1 and 20 Jan 2024 in row 2"},
    "as_of_future": {"value": "2 Feb 2024", "today": "1 Feb 2024"},
    "as_of_differs": {"value": "20 Jan 2024", "given": "10 Jan 2024"},
    "no_rows": {"what": "district and post"},
    "back_dated": {"value": "20 Jan 2024", "districts": "Attock"},
    "sheet_not_read": {"value": "Kasur", "read": "Sheet1", "hidden": ""},
    "hidden_rows": {"rows": "4–5"},
    "not_filled_in": {"what": "2 rows of Kasur, Lahore"},
    "printed_total": {"column": "Polling stations", "value": "15,697", "sum": "360", "places": "Khyber Pakhtunkhwa", "source": "UrduPoint, 28 January 2024"},
    "missing_column": {"column": "Approved"},
    "repeated_column": {"column": "Joined", "value": "G", "other": "H"},
    "unit_above": {"row": 2, "column": "Estimated cost (PKR)", "value": "(Rs. in million)"},
    "dates_turned": {"row": 4, "column": "Due date", "count": "2"},
    "unknown_column": {"column": "Turnout"},
    "no_heading": {"row": 4, "value": "050", "at": "H", "more": ""},
    "another_header": {"row": 4, "value": "Remarks", "at": "H", "first": 2},
    "only_names": {"row": 4},
    "line_ignored": {"row": 4, "value": "Prepared by the district office"},
    "uncertain_date": {"row": 3, "column": "Due date", "value": "11/05/2025", "proof": "11/25/2025"},
    "read_as": {"row": 3, "column": "Joined", "value": "1O", "corrected": "0"},
    "left_out": {"row": 4, "column": "District", "value": "Muzaffarabad", "told": "its row was"},
    "duplicate": {"row": 4, "what": "Attock, District Returning Officer", "other": 3},
    "counted_together": {"row": 4, "column": "Post", "value": "SAPO", "other": "APO", "first": 3, "what": "Assistant presiding officer"},
    "nil_and_rows": {"row": 4, "what": "Attock", "other": 3},
    "nil_and_state": {"row": 3, "column": "Condition", "value": "Damaged", "what": "Attock"},
    "total_unchecked": {"row": 4, "value": "Total"},
    "total_differs": {"row": 4, "column": "Sanctioned", "value": "2", "sum": "1"},
    "rows_disappear": {"row": 3, "value": "Presiding officer", "count": "2", "what": "Attock"},
    "missing": {"row": 3, "column": "Approved"},
    "not_calculated": {"row": 3, "column": "Sanctioned"},
    "merged_cell": {"row": 3, "column": "Sanctioned", "value": "1", "last": 4},
    "error_value": {"row": 3, "column": "Sanctioned", "value": "#REF!"},
    "not_a_number": {"row": 3, "column": "Sanctioned", "value": "about 1"},
    "uncertain_number": {"row": 3, "column": "Sanctioned", "value": "1.000"},
    "not_whole": {"row": 3, "column": "Sanctioned", "value": "1.5"},
    "negative": {"row": 3, "column": "Notified", "value": "-1"},
    "not_a_date": {"row": 3, "column": "Due date", "value": "06/25/2024"},
    "unknown_code": {"row": 3, "column": "Plan status", "value": "perhaps", "choices": "Not submitted, Submitted, Returned for changes, Approved"},
    "not_a_code": {"row": 3, "column": "Station code", "value": "3.52021E+12"},
    "looks_the_same": {"row": 4, "column": "Station code", "value": "007", "other": "7", "first": 3},
    "too_long": {"row": 3, "column": "Remarks", "count": "2,004", "limit": "2,000"},
    "unknown_district": {"row": 3, "column": "District", "value": "Atok", "nearest": "Did you mean Attock?"},
    "not_a_district": {"row": 3, "column": "District", "value": "Punjab", "level": "province"},
    "ambiguous_district": {"row": 3, "column": "District", "value": "South Waziristan", "choices": "South Waziristan Lower or South Waziristan Upper"},
    "outside_domain": {"domain": "Security"},
    "outside_area": {"row": 3, "column": "District", "value": "Attock"},
    "wrong_province": {"row": 3, "column": "Province", "value": "Sindh", "district": "Attock", "province": "Punjab"},
    "rises": {"row": 3, "column": "Joined", "value": "3", "limit": "0", "other": "Notified"},
    "parts_differ": {"row": 3, "column": "Polling stations", "value": "11", "parts": "Normal stations, Sensitive stations, Most sensitive stations",
                     "sum": "10"},
    "needed": {"row": 3, "column": "Certified by", "value": "Certified", "other": "Status of work"},
    "needed_soon": {"row": 3, "column": "Briefed by", "value": "10 Jan 2024", "other": "Last briefing on"},
    "date_order": {"row": 3, "column": "Last briefing on", "value": "21 Jan 2024", "limit": "20 Jan 2024", "other": "the as-of date"},
    "percent_differs": {"row": 3, "column": "Joined %", "value": "52 %", "done": "2", "required": "8", "percent": "25"},
    "fell": {"row": 3, "column": "Personnel committed", "value": "40", "was": "50", "since": "10 Jan 2024"},
    "ten_times": {"row": 3, "column": "Personnel required", "value": "1,000", "was": "100", "since": "10 Jan 2024"},
    "ten_times_neighbours": {"row": 3, "column": "Cameras required", "value": "1,000", "was": "90"},
    "disagrees": {"row": 3, "column": "Most sensitive stations", "value": "3", "was": "2", "sender": "The police"},
}


@dataclass(frozen=True)
class Refusal:
    """One sentence with which something is refused as a whole, “…” standing for its facts. `of` is what is refused."""

    kind: str
    of: str
    sentence: str


def page() -> str:
    """The catalogue as Markdown: problems by where they lie, then refusals by what is refused."""
    parts = [_HEAD]
    for at, title in _PLACES.items():
        parts.append(f"## {title}\n\n| Kind | | What it is about | As it is said |\n|---|---|---|---|\n")
        parts += [f"| `{name}` | {'blocks' if kind.blocks else 'warns'} | {_cell(kind.about)} | {_cell(example(name))} |\n"
                  for name, kind in KINDS.items() if kind.at == at]
    told = refusals()
    for of in dict.fromkeys(one.of for one in told):
        parts.append(f"## Refused: {of[0].lower()}{of[1:]}\n\n| Kind | As it is said |\n|---|---|\n")
        parts += [f"| `{one.kind}` | {_cell(one.sentence)} |\n" for one in told if one.of == of]
    return "".join(part if part.startswith("|") else f"\n{part}" for part in parts).lstrip("\n")


def example(kind: str) -> str:
    """The sentence of a kind of problem, with the facts of its example."""
    return problem(kind, "Sheet1", **{"row": None, **EXAMPLES[kind]}).message


def refusals() -> tuple[Refusal, ...]:
    """Every sentence of every `LoadError` that the source of the loaders raises, by what is refused and by kind."""
    sources = [_Source(path) for path in sorted(_FOLDER.glob("*.py"))]
    constants = {name: value for source in sources for name, value in source.constants.items()}
    found = {Refusal(kind, source.of, sentence) for source in sources for kind, sentence in source.refused(constants)}
    return tuple(sorted(found, key=lambda one: (one.of != "A spreadsheet", one.of, one.kind, one.sentence)))


class _Source:
    """One source file of the loaders, read without being run."""

    def __init__(self, path: Path) -> None:
        self.of = _NOT_OF_SHEETS.get(path.stem, "A spreadsheet")
        self._tree = ast.parse(path.read_text(encoding="utf-8"))

    @cached_property
    def constants(self) -> dict[str, ast.expr]:
        """The values that the file gives to names at its top."""
        given = [node for node in self._tree.body if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)]
        return {node.targets[0].id: node.value for node in given}

    def refused(self, constants: Mapping[str, ast.expr]) -> Iterator[tuple[str, str]]:
        """The kind and the sentence of each `LoadError(…)`. One that only hands on what another said has no kind of its own."""
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "LoadError":
                arguments = constants[node.args[0].value.id].elts if isinstance(node.args[0], ast.Starred) else node.args
                if isinstance(arguments[0], ast.Constant):
                    yield from ((arguments[0].value, sentence) for sentence in self._sentences(arguments[1], constants) if sentence != _ANY)

    def _sentences(self, said: ast.expr, constants: Mapping[str, ast.expr]) -> Iterator[str]:
        """What an expression may say: a function of the file says what it returns, a name of the top what stands there."""
        if isinstance(said, ast.Call) and isinstance(said.func, ast.Name):
            returned = [node for function in self._tree.body if isinstance(function, ast.FunctionDef) and function.name == said.func.id
                        for node in ast.walk(function) if isinstance(node, ast.Return)]
            for node in returned:
                yield from self._sentences(node.value, constants)
        else:
            yield _text(said, constants)


def _text(said: ast.expr, constants: Mapping[str, ast.expr]) -> str:
    """The text of an expression as far as the source alone tells it."""
    if isinstance(said, ast.Constant):
        return str(said.value)
    if isinstance(said, ast.JoinedStr):
        return re.sub(f"{_ANY}+", _ANY, "".join(_text(part, constants) for part in said.values))
    if isinstance(said, ast.FormattedValue) and isinstance(said.value, ast.Name):
        return _text(said.value, constants)
    if isinstance(said, ast.Name) and said.id in constants:
        return _text(constants[said.id], constants)
    return _ANY


def _cell(text: str) -> str:
    """A text in a Markdown table, with nothing in it that Markdown would read as its own."""
    return "".join(f"\\{sign}" if sign in "|<*_`[" else sign for sign in text)


if __name__ == "__main__":
    print(page(), end="")
