"""A table of plain values written in each format that may be handed in: the bytes of a file with one sheet."""

from __future__ import annotations

import csv
import io
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

import xlsxwriter
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P, S

from bad_files import packed, relations, saved

Value = str | int | float | date | None
Line = Sequence[Value]
DAY_0 = datetime(1899, 12, 30)  # what binary workbooks count days from
SHOWN_AS_DATE = 14  # the number format of a date that every workbook has
MOST_IN_RK = 2**29  # whole numbers below it fit into the short form of a number


def xlsx(lines: Sequence[Line]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet, dated = book.add_worksheet("Sheet1"), book.add_format({"num_format": "dd/mm/yyyy"})
        for row, column, value in _filled(lines):
            if isinstance(value, str):
                sheet.write_string(row, column, value)
            elif isinstance(value, date):
                sheet.write_datetime(row, column, _midnight(value), dated)
            else:
                sheet.write_number(row, column, value)
    return file.getvalue()


def xls(lines: Sequence[Line]) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    sheet, dated = book.add_sheet("Sheet1"), xlwt.easyxf(num_format_str="dd/mm/yyyy")
    for row, column, value in _filled(lines):
        sheet.write(row, column, value, dated) if isinstance(value, date) else sheet.write(row, column, value)
    return saved(book)


def ods(lines: Sequence[Line]) -> bytes:
    book, table = OpenDocumentSpreadsheet(), Table(name="Sheet1")
    for line in lines:
        row = TableRow()
        for value in line:
            row.addElement(_ods_cell(value))
        table.addElement(row)
    book.spreadsheet.addElement(table)
    return saved(book)


def _ods_cell(value: Value) -> TableCell:
    if value is None:
        return TableCell()
    if isinstance(value, date):
        return TableCell(valuetype="date", datevalue=value.isoformat())
    if not isinstance(value, str):
        return TableCell(valuetype="float", value=value)
    cell = TableCell(valuetype="string")
    for line in value.split("\n"):
        paragraph = P()
        for number, word in enumerate(line.split(" ")):
            if number:
                paragraph.addElement(S())
            paragraph.addText(word)
        cell.addElement(paragraph)
    return cell


def text(lines: Sequence[Line]) -> bytes:
    """CSV, its dates as year-month-day."""
    file = io.StringIO(newline="")
    csv.writer(file).writerows(lines)
    return file.getvalue().encode()


def xlsb(lines: Sequence[Line]) -> bytes:
    """The records that Excel writes: texts by their number, whole numbers in the short form, dates by their style."""
    texts = {value: number for number, value in enumerate(dict.fromkeys(value for _, _, value in _filled(lines) if isinstance(value, str)))}
    width = max(map(len, lines))
    sheet = record(129) + record(148, struct.pack("<4I", 0, len(lines) - 1, 0, width - 1)) + record(145)
    for row, line in enumerate(lines):
        sheet += record(0, struct.pack("<IIHHBI", row, 0, 300, 0, 0, 0))
        sheet += b"".join(_xlsb_cell(column, value, texts) for column, value in enumerate(line) if value is not None)
    return xlsb_workbook(sheet + record(146) + record(130), texts)


def xlsb_workbook(sheet: bytes, texts: Iterable[str] = ()) -> bytes:
    """The archive around a sheet's records. Style 1 shows a number as a date, style 2 as a date with time."""
    book = record(131) + record(143) + record(156, struct.pack("<II", 0, 1) + wide("rId1") + wide("Sheet1")) + record(144) + record(132)
    styles = record(278) + record(617, struct.pack("<I", 3))
    styles += b"".join(record(47, struct.pack("<HH", 0, shown) + bytes(12)) for shown in (0, SHOWN_AS_DATE, 22))
    styles += record(618) + record(279)
    shared = [record(19, b"\0" + wide(one)) for one in texts]
    return packed({
        "[Content_Types].xml": b"<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>",
        "_rels/.rels": relations({"rId1": ("officeDocument", "xl/workbook.bin")}),
        "xl/workbook.bin": book,
        "xl/_rels/workbook.bin.rels": relations({
            "rId1": ("worksheet", "worksheets/sheet1.bin"), "rId2": ("styles", "styles.bin"), "rId3": ("sharedStrings", "sharedStrings.bin")}),
        "xl/styles.bin": styles,
        "xl/sharedStrings.bin": record(159, struct.pack("<II", len(shared), len(shared))) + b"".join(shared) + record(160),
        "xl/worksheets/sheet1.bin": sheet,
    })


def _xlsb_cell(column: int, value: Value, texts: dict[str, int]) -> bytes:
    place = struct.pack("<II", column, isinstance(value, date))
    if isinstance(value, str):
        return record(7, place + struct.pack("<I", texts[value]))
    if isinstance(value, date):
        return record(5, place + struct.pack("<d", (_midnight(value) - DAY_0) / timedelta(days=1)))
    if isinstance(value, int) and abs(value) < MOST_IN_RK:
        return record(2, place + struct.pack("<i", value << 2 | 2))
    return record(5, place + struct.pack("<d", value))


def record(number: int, data: bytes = b"") -> bytes:
    """One record of .xlsb: its number and its length in groups of seven bits, its data."""
    head = bytes([number]) if number < 128 else bytes([number & 0x7F | 0x80, number >> 7])
    size, length = b"", len(data)
    while True:
        size += bytes([length & 0x7F | (0x80 if length > 0x7F else 0)])
        length >>= 7
        if not length:
            return head + size + data


def wide(text: str) -> bytes:
    """A text of .xlsb: how many units of two bytes, and these."""
    coded = text.encode("utf-16-le")
    return struct.pack("<I", len(coded) // 2) + coded


def _filled(lines: Sequence[Line]) -> Iterator[tuple[int, int, str | int | float | date]]:
    for row, line in enumerate(lines):
        yield from ((row, column, value) for column, value in enumerate(line) if value is not None)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)


WRITERS: dict[str, Callable[[Sequence[Line]], bytes]] = {"xlsx": xlsx, "xls": xls, "xlsb": xlsb, "ods": ods, "csv": text}
