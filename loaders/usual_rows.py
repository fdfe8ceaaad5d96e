"""The fast way through a large worksheet: rows whose cells are written as those of many rows before them.

A sheet of ninety thousand rows writes its cells in some twenty forms: a column, a type, a style. What forms there are is
learned from the first rows; then one pattern takes a whole row, and each column is read at once. A row that the pattern
does not fit from its first to its last character is left to the XML parser, so nothing is ever passed over.
"""

import re
from collections.abc import Callable, Iterator
from html import unescape

from loaders.cells import Cells, column_number

LEARNED = 20  # rows of another form after which a pattern is made of all forms; twice as many after each time
MOST_FORMS = 30  # of one column
MOST_KNOWN = 200_000  # values of one type and style that are kept: room for what is stored once each is not well spent
END = "</row>"
FORMULA = "<f(?: [^<>]*)?(?:/>|>[^<]*+</f>)"
CELL = re.compile(
    r'<c r="([A-Z]{1,3})[0-9]+"((?: [a-zA-Z]+="[^"<>&]*")*)>'
    rf"(?:({FORMULA})?<(v)>|<is><t(?: xml:space=\"preserve\")?>)"
)
ATTRIBUTE = re.compile('([a-zA-Z]+)="([^"]*)"')
# What the patterns of a row have taken of one sign or another they never give back (`++`): no other way to take it would fit, and not
# to keep track of others spares a third of the time.
ROW = r'\s*+<row (?:r="|[^<>]*? r=")([0-9]++)"([^<>]*+)(?<!/)>'
HIDDEN = re.compile(r'\bhidden="(?:1|true)"')
WRITTEN = ("str", "inlineStr")  # the types of a cell that holds its text itself, in which signs may be escaped

Form = tuple[str, str, bool, bool]  # the column's letters, the attributes as they are written, whether there is a formula, whether the value is in <v>


class Known(dict):
    """What is stored → its value. What was not read before is read when it is asked for. None is no cell, and no value."""

    def __init__(self, read: Callable[[str], str]) -> None:
        super().__init__({None: None})
        self._read = read

    def __missing__(self, stored: str) -> str | None:
        """Reads it; kept as long as there is room."""
        value = self._read(stored) or None
        if len(self) < MOST_KNOWN:
            self[stored] = value
        return value


class UsualRows:
    """Puts the rows of one sheet whose forms are known. `row` is the number of the row that was read last, by whichever way."""

    def __init__(self, cells: Cells, known: Callable[[str, str], Known]) -> None:
        self.row = 0
        self._cells = cells
        self._known = known
        self._forms: dict[str, dict[Form, None]] = {}
        self._is_new = False
        self._unlike, self._until = 0, LEARNED
        self._fits: Callable[[str, int], re.Match[str] | None] = lambda text, at: None
        self._read: list[tuple[int, Known]] = []

    def take(self, text: str) -> Iterator[str]:
        """Puts the rows of a piece that ends with a row, and gives each that has another form at its turn."""
        at, fitting = 0, []
        while at < len(text):
            found = self._fits(text, at)
            if found:
                fitting.append(found.groups())
                at = found.end()
                continue
            self._put(fitting)
            fitting = []
            start, at = at, text.index(END, at) + len(END)
            yield text[start:at]
            self._learn(text[start:at])
        self._put(fitting)

    def _put(self, fitting: list[tuple[str | None, ...]]) -> None:
        if not fitting:
            return
        numbers, attributes, *stored = zip(*fitting)
        rows = [int(number) for number in numbers]
        columns: dict[int, list[str | None]] = {}
        for (column, known), texts in zip(self._read, stored):
            values = list(map(known.__getitem__, texts))
            others = columns.get(column)
            columns[column] = values if others is None else [value or other for value, other in zip(values, others)]
        self._cells.put_rows(rows, columns)
        self.row = rows[-1]
        if any(attributes):
            self._hide(rows, attributes)

    def _hide(self, rows: list[int], attributes: tuple[str, ...]) -> None:
        for row, written in zip(rows, attributes):
            if "hidden" in written and HIDDEN.search(written):
                self._cells.hide_rows(row, row)

    def _learn(self, row: str) -> None:
        """Notes the forms of a row's cells, and makes the pattern anew once enough rows had others."""
        for letters, attributes, formula, value in CELL.findall(row):
            known, form = self._forms.setdefault(letters, {}), (letters, attributes, bool(formula), bool(value))
            if form not in known and len(known) < MOST_FORMS and column_number(letters) <= self._cells.most_columns:
                known[form] = None
                self._is_new = True
        self._unlike += 1
        if self._unlike >= self._until and self._is_new:
            self._make_pattern()
            self._unlike, self._until, self._is_new = 0, 2 * self._until, False

    def _make_pattern(self) -> None:
        pattern = [ROW]
        self._read = []
        for letters in sorted(self._forms, key=column_number):
            ways = [self._way(form) for form in self._forms[letters]]
            pattern.append(rf'(?:<c r="{letters}[0-9]++"(?:{"|".join(ways)}|(?: s="[0-9]++")?/>))?')
        self._fits = re.compile("".join([*pattern, END])).match

    def _way(self, form: Form) -> str:
        """The pattern of a cell of that form, its value a group; how the group is read is noted beside."""
        letters, attributes, has_formula, in_value = form
        found = dict(ATTRIBUTE.findall(attributes))
        kind = found.get("t", "")
        known = self._known(kind, found.get("s", ""))
        self._read.append((column_number(letters), Known(lambda stored: known[unescape(stored)]) if kind in WRITTEN else known))
        if not in_value:
            return rf'{re.escape(attributes)}><is><t(?: xml:space="preserve")?>([^<]*+)</t></is></c>'
        stored = "[^<&]++" if kind not in WRITTEN else "[^<]++" if has_formula else "[^<]*+"  # a formula without a result is no empty cell
        return rf"{re.escape(attributes)}>{FORMULA if has_formula else ''}<v>({stored})</v></c>"
