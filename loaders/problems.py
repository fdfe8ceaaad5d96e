"""The catalogue of problems: every kind, where in a sheet it lies, what it says, and whether it blocks.

A problem is a value: checks yield all of them and none stops the others. What can't be put right in a cell, such as
a file that can't be read, is a `LoadError`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_MOST_SAID, _MOST_QUOTED = 2_000, 500  # characters of a sentence, of one fact in it: a cell may hold millions
# What moves a terminal's cursor, or turns the direction of the words after it. Line breaks and the joiners of Urdu stay.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")


class LoadError(Exception):
    """A file that can't be taken at all; `str()` is one sentence that says why and what to do."""

    def __init__(self, kind: str, message: str) -> None:
        self.kind, self.message = kind, _quotable(message, _MOST_SAID)
        super().__init__(self.message)


@dataclass(frozen=True)
class Kind:
    """One kind of problem. `says` is a template over the facts of the problem; the place in the sheet goes before it."""

    at: Literal["file", "column", "row", "cell"]
    blocks: bool
    says: str
    about: str


@dataclass(frozen=True)
class Problem:
    """One thing wrong. `row` is the sheet's own row number, None where the problem is not about one row; `letters` are those of
    its cell's column, '' where it is about no one column. `holds` are the districts, by code, that it keeps from being taken
    where it blocks: None is every district of the sheet, for nobody knows to which of them it belongs."""

    kind: str
    sheet: str
    row: int | None
    column: str
    value: str
    message: str
    blocks: bool
    letters: str = ""
    holds: tuple[str, ...] | None = None

    def holding(self, districts: tuple[str, ...] | None) -> Problem:
        """The same problem, of which it is known what it holds. (`dataclasses.replace` takes six times as long, and there may be thousands.)"""
        return Problem(self.kind, self.sheet, self.row, self.column, self.value, self.message, self.blocks, self.letters, districts)


_WHERE = {
    "file": "{says}",
    "column": "{column}: {says}",
    "row": "Row {row}: {says}",
    "cell": "Row {row}, {column}: {says}",
}

KINDS: dict[str, Kind] = {
    # The file and its date
    "as_of_missing": Kind("file", True, "The sheet does not say for which day it was filled in. Write the date beside “As-of date” above the table, or give the date when it is taken in.",
                          "No as-of date in the sheet, and none given."),
    "as_of_unreadable": Kind("cell", True, "“{value}” can't be read as a date. Write it as day/month/year, such as 26/11/2026.",
                             "The as-of date is not a date."),
    "as_of_ambiguous": Kind("file", True, "More than one day stands above the table: {value}. Write the one for which the figures hold beside “As-of date” "
                            "and take the others out, or give the date when it is taken in.", "Several dates above the table, of which any may be meant."),
    "as_of_future": Kind("file", True, "The as-of date, {value}, lies after today, {today}. Correct the date.", "The as-of date lies in the future."),
    "as_of_differs": Kind("file", False, "The sheet says {value}, the date given when it was taken in is {given}: {given} was used.",
                          "The as-of date in the sheet and the one given differ."),
    "no_rows": Kind("file", True, "There is a header but no row under it. Fill in one row for each {what}.", "A header without rows."),
    "back_dated": Kind("file", False, "A newer picture, of {value} at the latest, already stands for {districts}: it stays, and this one goes behind it in the history.",
                       "The submission is older than the picture of some of its districts."),
    "sheet_not_read": Kind("file", False, "Sheet “{value}”{hidden} was not read, only “{read}” was. Rows that belong to the table must stand there, "
                           "or come in a file of their own.", "A further sheet that holds something."),
    "hidden_rows": Kind("file", False, "Rows that the sheet hides were read like all others: {rows}. Delete those that should not count.",
                        "Hidden or filtered rows."),
    "not_filled_in": Kind("file", False, "Not filled in and left out: {what}. What was reported of them before stays as it was.",
                          "Districts of which only the names are filled in, as in a blank template."),
    "printed_total": Kind("file", False, "{column} adds up to {sum} in {places}; the printed total is {value} ({source}).",
                          "The districts don't add up to the total that the commission printed."),
    # Columns
    "missing_column": Kind("column", True, "the column is missing. Add it, with this heading, to the table.", "A required column is not in the sheet."),
    "repeated_column": Kind("column", True, "two columns have this heading, {value} and {other}. Delete or rename one.", "Two columns with the same meaning."),
    "unit_above": Kind("column", False, "row {row} says “{value}”, but amounts are read as they stand, in rupees. Write them in full.",
                       "A line above the table that speaks of thousands, lakhs, crores or millions."),
    "dates_turned": Kind("column", False, "day and month may be turned round in {count} of the dates, the first in row {row}: a spreadsheet program that puts the month first "
                                          "makes dates of those up to the 12th and leaves the others as text. Compare them with the paper.",
                         "Dates up to the 12th beside typed ones after it, as a program that puts the month first leaves them."),
    "unknown_column": Kind("column", False, "this column is not known and was left out.", "A column that the domain doesn't have."),
    "no_heading": Kind("row", True, "“{value}” in column {at} stands under no heading{more}. Give the column a heading, or take the value out; "
                       "a comma inside a number makes such a cell.", "A value beside the table's columns."),
    # Rows
    "another_header": Kind("row", True, "another header stands here, which differs from that of row {first} in column {at}: “{value}”. What is below it was not looked at. "
                           "Bring all rows under one header, or send each table in a file of its own.", "A second header of other columns."),
    "only_names": Kind("row", True, "only the names are filled in. Fill in the figures or delete the row.", "A row without a figure in a district that has others."),
    "line_ignored": Kind("row", False, "“{value}” stands alone and was taken for a note, not for a district's row.", "A line of text under or between the rows."),
    "left_out": Kind("cell", False, "“{value}” was settled to be no district of this election: {told} left out.",
                     "Rows that were left out on purpose."),
    "duplicate": Kind("row", True, "{what} was given already in row {other}. Keep one of the two.", "The same district and key twice."),
    "counted_together": Kind("cell", True, "“{value}” counts as {what}, and so does “{other}” in row {first}. Add the two up in one row; if they are the same, keep one.",
                             "Two words of which both mean the same choice, in rows of one district."),
    "nil_and_rows": Kind("row", True, "NIL says that {what} has nothing to list, but row {other} lists something for it. Take one of the two out.",
                         "A district with NIL and with rows."),
    "nil_and_state": Kind("cell", True, "“{value}” stands beside NIL, which says that {what} has nothing to list. Empty the cell, or write the code in place of NIL.",
                          "A row that says NIL and yet tells of something."),
    "total_unchecked": Kind("row", False, "“{value}” was taken for a total and left out; it has no number that could be compared with the rows. If it is no total, correct it.",
                            "A total row without a number that can be checked."),
    "total_differs": Kind("cell", True, "the total says {value}, the rows add up to {sum}. Correct the total or the row that is wrong.",
                          "A total row that is not the sum of its rows."),
    "rows_disappear": Kind("row", False, "{what} has rows in the current picture that are not in this sheet ({count}, among them {value}). They will no longer count.",
                           "Rows that the district's picture has now and the sheet hasn't."),
    # Cells
    "missing": Kind("cell", True, "the cell is empty. Fill it in.", "A required cell is empty."),
    "not_calculated": Kind("cell", True, "the formula of the cell was never calculated. Open the file in Excel or LibreOffice, save it and send it again.",
                           "A formula whose result was not saved in the file."),
    "merged_cell": Kind("cell", True, "{value} stands in one cell that is merged over rows {row} to {last}. Undo the merge and write each row's own.",
                        "One number or date for several rows."),
    "error_value": Kind("cell", True, "the cell holds the error {value}. Correct its formula or type the value.", "A formula's error."),
    "not_a_number": Kind("cell", True, "“{value}” is not a number. Write it in figures, such as 120.", "Text where a number must stand."),
    "uncertain_number": Kind("cell", True, "“{value}” may be thousands or decimals. Write thousands with a comma, as in 1,500, and decimals with two figures, as in 1.50.",
                             "A dot before three figures, which may divide thousands or decimals."),
    "not_whole": Kind("cell", True, "{value} is not a whole number. Write a count without decimals.", "A count with decimals."),
    "negative": Kind("cell", True, "{value} is less than 0, which can't be. Write a number from 0.", "A negative number."),
    "not_a_date": Kind("cell", True, "“{value}” can't be read as a date. Write it as day/month/year, such as 26/11/2026.", "Text where a date must stand."),
    "uncertain_date": Kind("cell", True, "“{value}” may be read with the day or the month first, for “{proof}” in this column has the month first. "
                           "Write the month as a word, as in 5 Nov 2026.", "A date that can be read both ways, in a column in which another has the month first."),
    "read_as": Kind("cell", False, "“{value}” was read as {corrected}, as was settled when the file was taken in. Correct it in the file too.",
                    "A cell that was corrected when the file was taken in."),
    "unknown_code": Kind("cell", True, "“{value}” is not one of the choices. Write one of: {choices}.", "A word that a coded column doesn't have."),
    "not_a_code": Kind("cell", True, "“{value}” is what a spreadsheet program made of a code that looks like a number or a date. Format the column as text and type the code again.",
                       "A code that was taken for a number, a date or a truth value."),
    "looks_the_same": Kind("cell", False, "“{value}” looks the same as “{other}” in row {first}. If they are the same, keep one of the two.",
                           "Two codes of a district that differ only in capitals, zeros or a dot."),
    "too_long": Kind("cell", True, "the text has {count} characters; at most {limit} are kept. Shorten it.", "A text that is too long."),
    "unknown_district": Kind("cell", True, "“{value}” is not a district of this election. {nearest}", "A district that can't be recognised."),
    "not_a_district": Kind("cell", True, "“{value}” is a {level}, and a district is wanted here. Write a row for each of its districts.",
                           "A province or division where a district must stand."),
    "ambiguous_district": Kind("cell", True, "“{value}” may be {choices}. Write which one.", "A name that more than one district bears."),
    "outside_domain": Kind("file", True, "You may not submit {domain}. Hand the file to somebody who may, or ask your administrator.", "A domain in which the sender may not submit."),
    "outside_area": Kind("cell", True, "{value} is not a district that you may submit for. Take its rows out.", "A district outside the sender's area."),
    "wrong_province": Kind("cell", True, "“{value}” stands there, but {district} lies in {province}. Correct one of the two.", "Province and district contradict."),
    "rises": Kind("cell", True, "{value} is more than the {limit} in {other}. Correct one of the two.", "A later stage larger than the one before it."),
    "parts_differ": Kind("cell", True, "{parts} add up to {sum}, but {value} stands here. Correct the number that is wrong.", "Parts that don't add up to their total."),
    "needed": Kind("cell", True, "must be filled in where {other} is “{value}”.", "A cell that another cell makes necessary."),
    "needed_soon": Kind("cell", False, "should be filled in where {other} is “{value}”.", "A cell that another cell makes desirable."),
    "date_order": Kind("cell", True, "{value} is after {other}, {limit}. Correct one of the two.", "Dates in an impossible order."),
    "percent_differs": Kind("cell", False, "{value} stands here, but {done} of {required} is {percent} %. The counts were taken.", "A typed percentage that is not that of its counts."),
    "fell": Kind("cell", False, "fell from {was} (as of {since}) to {value}. If that is right, say why under Remarks.", "A cumulative count that fell without a remark."),
    "ten_times": Kind("cell", False, "{value} is ten times or more the {was} of {since}. Check for a digit too many.", "A count ten times its own last value."),
    "ten_times_neighbours": Kind("cell", False, "{value} is ten times or more the {was} of the next largest district of its division. Check for a digit too many.",
                                 "A count ten times that of every neighbour."),
    "disagrees": Kind("cell", False, "{value} stands here; {sender} gave {was} for the same day. Settle which is right.", "Two senders, one day, two figures."),
}


def problem(
    kind: str, sheet: str, *, row: int | None = None, column: str = "", value: object = "", letters: str = "", holds: tuple[str, ...] | None = None,
    **facts: object,
) -> Problem:
    """A problem of that kind, its sentence made from the catalogue. `facts` are what the template asks for. Of a text that is
    very long the beginning is quoted."""
    found = KINDS[kind]
    sheet, column, value = (_quotable(str(text), _MOST_QUOTED) for text in (sheet, column, value))
    quoted = {name: _quotable(fact, _MOST_QUOTED) if isinstance(fact, str) else fact for name, fact in facts.items()}
    says = found.says.format(row=row, column=column, value=value, **quoted)
    message = _WHERE[found.at].format(row=row, column=column, says=says[0].upper() + says[1:] if found.at in ("file", "row") else says)
    return Problem(kind, sheet, row, column, value, message, found.blocks, letters, holds)


def _quotable(text: str, most: int) -> str:
    """A text as it may stand in a sentence, whoever wrote it."""
    plain = text if text.isprintable() else _UNSEEN.sub("", text)
    return plain if len(plain) <= most else f"{plain[:most - 1]}…"
