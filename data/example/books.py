"""Rows → the bytes of a spreadsheet as an office would send it, tidy or not. The same rows give the same bytes."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from xml.sax.saxutils import escape

import xlsxwriter

from data.declare import Column, Domain
from data.example.country import District

_MADE = datetime(2026, 6, 1)
# How districts are written where nobody looks at the list.
_SPELLINGS = {
    "PK607": "D.G. Khan", "PK719": "Nawabshah", "PK211": "Turbat", "PK509": "D.I. Khan", "PK628": "R.Y. Khan", "PK635": "T.T. Singh",
    "PK620": "M.B. Din", "PK214": "Qila Abdullah", "PK222": "Naseerabad", "PK501": "Abbotabad", "PK401": "ICT", "PK617": "LAHORE", "PK528": "District Peshawar",
}


@dataclass(frozen=True)
class Style:
    """How a file is written. `grouped`: numbers as text such as 1,234; `percent`: with the typed percentages."""

    kind: str = "xlsx"
    title: bool = False
    total: bool = False
    grouped: bool = False
    urdu: bool = False
    spelt: bool = False
    serial: bool = False
    percent: bool = False
    province: bool = True

    @property
    def suffix(self) -> str:
        return "csv" if self.kind == "utf16" else self.kind


PLAIN = Style()
TITLED = Style(title=True, total=True)
GROUPED = Style(title=True, total=True, grouped=True, percent=True)
SPELT = Style(title=True, spelt=True, serial=True, province=False)
URDU = Style(urdu=True, province=False)
CSV = Style(kind="csv")
UTF16 = Style(kind="utf16", spelt=True)
ODS = Style(kind="ods", title=True)

Cells = list[list[Any]]


def book(domain: Domain, rows: Sequence[dict[str, Any]], style: Style, as_of: date) -> bytes:
    """The file: the as-of date, the headings and the rows, which name columns of the domain; district is a District."""
    cells = [*_above(domain, style, as_of), *_table(domain, rows, style)]
    write = {"xlsx": _xlsx, "csv": _csv, "utf16": _utf16, "ods": _ods}[style.kind]
    return write(cells)


def _above(domain: Domain, style: Style, as_of: date) -> Cells:
    if style.title:
        return [["Election Commission of Pakistan"], [f"Weekly return: {domain.label}"], [f"Position as on {as_of:%d/%m/%Y}"], []]
    return [["بتاریخ" if style.urdu else "As-of date", as_of]]


def _table(domain: Domain, rows: Sequence[dict[str, Any]], style: Style) -> Cells:
    columns = [column for column in domain.columns if _is_written(column, style)]
    labels = [{code.value: _word(code.label, code.spellings, style) for code in column.codes} for column in columns]
    headings = [_word(column.label, column.spellings, style) for column in columns]
    lines = [[_cell(column, words, row, style) for column, words in zip(columns, labels)] for row in rows]
    if style.total:
        lines.append([_total(column, rows, style) for column in columns])
    if style.serial:
        headings = ["Sr. No.", *headings]
        lines = [[number, *line] for number, line in enumerate(lines, 1)]
    return [headings, *lines]


def _is_written(column: Column, style: Style) -> bool:
    return {"percent": style.percent, "province": style.province}.get(column.kind, True)


def _word(label: str, spellings: Sequence[str], style: Style) -> str:
    """The label, or the first Urdu word for it where there is one."""
    urdu = [spelling for spelling in spellings if "؀" <= spelling[0] <= "ۿ"]
    return urdu[0] if style.urdu and urdu else label


def _cell(column: Column, words: dict[str, str], row: dict[str, Any], style: Style) -> Any:
    district: District = row["district"]
    if column.kind == "district":
        return district.place.name_ur if style.urdu else _SPELLINGS.get(district.code, district.name) if style.spelt else district.name
    if column.kind == "province":
        return district.province.name
    if column.of:
        done, required = (row[name] for name in column.of)
        return f"{100 * done / required:.0f}%" if required else None
    value = row.get(column.name)
    if column.kind == "code":
        return words.get(value)
    return f"{value:,}" if style.grouped and isinstance(value, int) else value


def _total(column: Column, rows: Sequence[dict[str, Any]], style: Style) -> Any:
    if column.kind == "district":
        return "Total"
    if column.kind not in ("count", "money"):
        return None
    total = sum(row.get(column.name) or 0 for row in rows)
    return f"{total:,}" if style.grouped else total


def _xlsx(cells: Cells) -> bytes:
    out = io.BytesIO()
    workbook = xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "dd/mm/yyyy", "strings_to_formulas": False, "strings_to_urls": False})
    workbook.set_properties({"created": _MADE})
    sheet = workbook.add_worksheet("Return")
    for number, line in enumerate(cells):
        sheet.write_row(number, 0, line)
    workbook.close()
    return out.getvalue()


def _csv(cells: Cells) -> bytes:
    return b"\xef\xbb\xbf" + _text(cells, ",").encode()


def _utf16(cells: Cells) -> bytes:
    """What Excel calls Unicode text."""
    return b"\xff\xfe" + _text(cells, "\t").encode("utf-16-le")


def _text(cells: Cells, separator: str) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator).writerows(
        [f"{cell:%d/%m/%Y}" if isinstance(cell, date) else cell for cell in line] for line in cells)
    return out.getvalue()


_ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_ODS_NAMES = 'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" office:version="1.2"'
_ODS_CONTENT = (
    f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_ODS_NAMES} '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
    '<office:body><office:spreadsheet><table:table table:name="Return">{rows}</table:table></office:spreadsheet></office:body></office:document-content>')
_ODS_MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_ODS_TYPE}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>')


def _ods(cells: Cells) -> bytes:
    rows = "".join(f"<table:table-row>{''.join(map(_ods_cell, line)) or '<table:table-cell/>'}</table:table-row>" for line in cells)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in (("mimetype", _ODS_TYPE), ("content.xml", _ODS_CONTENT.format(rows=rows)), ("META-INF/manifest.xml", _ODS_MANIFEST)):
            compression = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, _MADE.timetuple()[:6]), text, compression)
    return out.getvalue()


def _ods_cell(cell: Any) -> str:
    if cell is None:
        return "<table:table-cell/>"
    if isinstance(cell, date):
        return f'<table:table-cell office:value-type="date" office:date-value="{cell}"><text:p>{cell:%d/%m/%Y}</text:p></table:table-cell>'
    if isinstance(cell, int):
        return f'<table:table-cell office:value-type="float" office:value="{cell}"><text:p>{cell}</text:p></table:table-cell>'
    return f'<table:table-cell office:value-type="string"><text:p>{escape(cell)}</text:p></table:table-cell>'
