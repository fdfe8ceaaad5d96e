"""Reads the binary formats .xls and .xlsb → cells.

The library that reads them gives error cells as blanks, so a second reading asks only which cells are errors.
It keeps every cell between the first and the last in memory: a stray value far away ends the child process.
Nor does it tell number formats, except of dates: a percentage comes as its share (100 % as 1) and a number without the
zeros that its format puts before it.
"""

import re

import fastexcel
from python_calamine import CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from loaders.archive import ENCRYPTED
from loaders.cells import Collector, stray_cell
from loaders.values import value_text

ERRORS = {
    "Div0": "#DIV/0!",
    "NA": "#N/A",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
    "GettingData": "#GETTING_DATA",
}


def read_xls(path: str, collector: Collector) -> None:
    """Collect every worksheet of an .xls or .xlsb workbook."""
    try:
        book = CalamineWorkbook.from_path(path)
    except PasswordError:
        raise ENCRYPTED from None
    again = fastexcel.read_excel(path)
    for index, about in enumerate(book.sheets_metadata):
        if about.typ is not SheetTypeEnum.WorkSheet:
            continue
        cells = collector.sheet(about.name, about.visible is not SheetVisibleEnum.Visible)
        sheet = book.get_sheet_by_index(index)
        if sheet.start is not None:
            _refuse_far_cells(sheet, collector)
            errors = _errors(again, index)
            first_row, first_column = sheet.start
            for row, values in enumerate(sheet.to_python(skip_empty_area=True)):
                for column, value in enumerate(values):
                    text = errors.get((first_row + row, column), "") if value == "" else value_text(value)
                    cells.put(first_row + row + 1, first_column + column + 1, text)
            for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
                cells.merge(top + 1, left + 1, bottom + 1, right + 1)
        collector.finish(cells)


def _refuse_far_cells(sheet: CalamineSheet, collector: Collector) -> None:
    """Refuse before the values become Python: the last cell's row and column are known, and so is the area."""
    row, column = (number + 1 for number in sheet.end)
    if row > collector.limits.rows or sheet.height * sheet.width > 4 * collector.limits.cells:
        raise stray_cell(sheet.name, row, column)


def _errors(book: fastexcel.ExcelReader, index: int) -> dict[tuple[int, int], str]:
    """Error cells as Excel shows them, by (row of the sheet, column of the used area), both from 0."""
    sheet = book.load_sheet(index, header_row=None, skip_rows=0, dtypes="string")
    _, found = sheet.to_arrow_with_errors()
    return {
        error.position: ERRORS.get(match[1], "#VALUE!")
        for error in (found.errors if found else [])
        if (match := re.search(r"Error\((\w+)\)", error.detail))
    }
