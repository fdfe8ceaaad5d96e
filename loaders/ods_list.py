"""The sheet of an .ods file that lists its problems, each with a link to its cell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from loaders.marks import HEADINGS, TITLE, kind
from loaders.ods_content import paragraph, paragraphs
from loaders.ods_styles import OdsStyles
from loaders.outline import escaped, writable
from loaders.problem_list import MOST_LISTED, WIDTHS, above, column_named, led_to
from loaders.problems import Problem
from loaders.styles import AMBER, RED

CM_OF_A_CHARACTER = 0.19
_TOP, _WRAP = 'style:vertical-align="top"', 'fo:wrap-option="wrap"'
_BOLD = '<style:text-properties fo:font-weight="bold"/>'


def listed(name: str, problems: Sequence[Problem], sheets: Iterable[str], styles: OdsStyles, notes: Sequence[str]) -> bytes:
    """The sheet as a table of that name. `notes` are further sentences above the list."""
    bold, text = cell_style(styles, "heading", bold=True), cell_style(styles, "text")
    looks = {True: cell_style(styles, "red", colour=RED), False: cell_style(styles, "amber", colour=AMBER)}
    known = set(sheets)
    columns = b"".join(b'<table:table-column table:style-name="%b"/>' % column_style(styles, width).encode() for width in WIDTHS)
    plain = styles.add("line", "table-cell", "")
    lines = [_row([text_cell(TITLE, styles.add("title", "table-cell", _BOLD))]), *(_row([text_cell(line, plain)]) for line in above(problems, notes)),
             b"<table:table-row><table:table-cell/></table:table-row>", _row([text_cell(heading, bold) for heading in HEADINGS])]
    for found in problems[:MOST_LISTED]:
        first = _link(found, text) if found.sheet in known else text_cell(found.sheet, text)
        texts = [text_cell(one, text) for one in (column_named(found), found.value, found.message)]
        lines.append(_row([first, _number(found.row, text), *texts, text_cell(kind(found), looks[found.blocks])]))
    return b'<table:table table:name="%b">%b%b</table:table>' % (escaped(name), columns, b"".join(lines))


def cell_style(styles: OdsStyles, name: str, *, bold: bool = False, colour: str = "") -> str:
    """A style for a cell that is added: its text in as many lines as it needs."""
    shown = f' fo:background-color="#{colour[2:].lower()}"' if colour else ""
    return styles.add(name, "table-cell", f"<style:table-cell-properties{shown} {_WRAP} {_TOP}/>{_BOLD if bold else ''}")


def column_style(styles: OdsStyles, width: int) -> str:
    """A style for a column so many characters wide."""
    return styles.add(f"width-{width}", "table-column", f'<style:table-column-properties style:column-width="{width * CM_OF_A_CHARACTER:.2f}cm"/>')


def text_cell(text: str, style: str, name: bytes = b"table-cell") -> bytes:
    """A cell with a text, which is never taken for a formula."""
    if not text:
        return b"<table:%b/>" % name
    return b'<table:%b table:style-name="%b" office:value-type="string">%b</table:%b>' % (name, escaped(style), paragraphs(text), name)


def _number(number: int | None, style: str) -> bytes:
    if number is None:
        return b"<table:table-cell/>"
    shown = b'<table:table-cell table:style-name="%b" office:value-type="float" office:value="%d"><text:p>%d</text:p></table:table-cell>'
    return shown % (escaped(style), number, number)


def _link(found: Problem, style: str) -> bytes:
    name = found.sheet.replace("'", "''")
    place, shown = escaped(writable(f"#'{name}'.{led_to(found)}")), paragraph(writable(found.sheet))
    return (b'<table:table-cell table:style-name="%b" office:value-type="string"><text:p><text:a xlink:href="%b" xlink:type="simple">%b</text:a></text:p>'
            b"</table:table-cell>") % (escaped(style), place, shown)


def _row(cells: Sequence[bytes]) -> bytes:
    return b"<table:table-row>%b</table:table-row>" % b"".join(cells)
