"""The paper as six slides: titles, native charts and native tables, which whoever presents them can edit."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION
from pptx.enum.dml import MSO_LINE
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.slide import Slide
from pptx.util import Emu, Inches, Pt

from pages.papers import wording
from pages.papers.content import Paper
from pages.parts import dates, marks
from pages.parts.theme import LIGHT, STATUSES
from pages.parts.words import day, say, short_day

_WIDE, _HIGH, _SIDE = Inches(13.333), Inches(7.5), Inches(0.6)
_TOP, _BOTTOM = Inches(1.55), Inches(6.8)
_NAMES = 5  # places in a line
_ASKS, _ACTIONS, _CHANGES, _SILENT = 12, 6, 9, 8  # rows of a table; the document and the workbook have more
_MOST_SIGNS = 190  # of a cell; what is longer ends in an ellipsis
_SIGN = 0.5  # of a letter's size: how wide it is, about
_TITLE_ONLY = 5  # the layout of the library's own template

Row = tuple[str, Sequence[str]]  # the status that marks a row ('' for none), and its cells


def pptx(paper: Paper) -> bytes:
    """The slides: where the place stands, against the plan in numbers, what will be late, the asks, the changes, actions and silence."""
    show = Presentation()
    show.slide_width, show.slide_height = _WIDE, _HIGH
    show.core_properties.title = say("paper.title", place=paper.place.name, day=day(paper.on))
    show.core_properties.author = show.core_properties.last_modified_by = ""
    show.core_properties.created = show.core_properties.modified = paper.made_at
    drawn = (_stands, _standing, _late, _asks, _changes, _decided)
    for number, draw in enumerate(drawn, 1):
        slide = show.slides.add_slide(show.slide_layouts[_TITLE_ONLY])
        draw(paper, slide)
        _foot(paper, slide, say("paper.slide", number=number, all=len(drawn)))
    out = io.BytesIO()
    show.save(out)
    return out.getvalue()


def _stands(paper: Paper, slide: Slide) -> None:
    _head(paper, slide, wording.title(paper))
    if paper.place.name_ur:
        _urdu(slide, paper.place.name_ur)
    whole = paper.line()
    box = _text(slide, _SIDE, _TOP, Inches(5.2), Inches(1.6))
    _line(box, marks.percent(whole.share), size=54, bold=True)
    _line(box, f"{STATUSES[whole.status].shape} {STATUSES[whole.status].word}", size=18, bold=True)
    _line(box, say("list.separator").join(wording.gap(paper)), size=14, muted=True)
    _table(slide, (_SIDE, Inches(3.75), Inches(5.2)), [say("clock.strip"), say("table.status")], [(status, (title, brief)) for status, title, brief in dates.briefs(paper.entries)], (2.6, 2.6))
    rows = [(say("table.overall"), whole.share, whole.expected), *((one.label, one.share, one.expected) for one in wording.standing(paper) if one.is_domain)]
    told = CategoryChartData(number_format="0%")
    told.categories = [label for label, _, _ in rows]
    told.add_series(say("table.share"), [share for _, share, _ in rows])
    told.add_series(say("table.expected"), [expected for _, _, expected in rows])
    _bars(slide, told, (Inches(6.2), _TOP, Inches(6.55), Inches(5.0)), (LIGHT.accent, LIGHT.rule), say("paper.standing"), say("paper.bars_alt", place=paper.place.name))


def _standing(paper: Paper, slide: Slide) -> None:
    _head(paper, slide, say("paper.standing"), wording.disputed(paper))
    heads = [say("table.indicator"), say("table.status"), say("table.done"), say("table.share"), say("table.expected"), say("paper.change", day=short_day(paper.since))]
    rows = [(one.status, (one.label, one.word, one.count, one.shown, marks.percent(one.expected), one.change)) for one in wording.standing(paper)]
    strong = {number for number, one in enumerate(wording.standing(paper)) if one.is_domain}
    _table(slide, (_SIDE, _TOP, _WIDE - 2 * _SIDE), heads, rows, (3.6, 1.9, 2.6, 1.2, 1.2, 1.6), size=10, high=0.235, strong=strong, numbers={2, 3, 4, 5}, marked=1)


def _late(paper: Paper, slide: Slide) -> None:
    told = wording.late(paper)
    _head(paper, slide, dates.title(paper.place.name, paper.entries))
    if told:
        _table(slide, (_SIDE, _TOP, Inches(7.6)), [say("table.indicator"), say("clock.short"), say("clock.pace_heading")], [("behind", row) for row in told[:_ASKS]], (2.3, 1.9, 3.4))
    else:
        _line(_text(slide, _SIDE, _TOP, Inches(7.6), Inches(1)), wording.no_late(paper))
    if over := wording.late_already(paper):
        _line(_text(slide, _SIDE, Inches(5.9), Inches(7.6), Inches(0.8)), over, size=12, muted=True)
    lines = paper.over_time
    data = CategoryChartData(number_format="0%")
    data.categories = [one.day for one in lines]
    data.add_series(say("table.share"), [one.share for one in lines])
    data.add_series(say("table.expected"), [one.expected for one in lines])
    alt = say("paper.over_time_alt", place=paper.place.name, first=short_day(lines[0].day), last=short_day(lines[-1].day), share=marks.percent(lines[-1].share),
              expected=marks.percent(lines[-1].expected))
    chart = _chart(slide, XL_CHART_TYPE.LINE, data, (Inches(8.4), _TOP, Inches(4.35), Inches(4.3)), say("paper.over_time"), alt)
    chart.category_axis.tick_labels.number_format, chart.category_axis.tick_labels.number_format_is_linked = "mmm", False
    for name, value in (("c:majorUnit", "1"), ("c:majorTimeUnit", "months")):  # the library has no word for it
        chart.category_axis._element.append(chart.category_axis._element.makeelement(qn(name), {"val": value}))
    for series, colour, width, dash in zip(chart.plots[0].series, (LIGHT.accent, LIGHT.muted), (2.25, 1), (MSO_LINE.SOLID, MSO_LINE.DASH)):
        series.smooth, series.format.line.width, series.format.line.dash_style = False, Pt(width), dash
        series.format.line.color.rgb = _colour(colour)


def _asks(paper: Paper, slide: Slide) -> None:
    _head(paper, slide, say("paper.asks"))
    asked = [(office, one) for _, office, told in wording.asks(paper, _NAMES) for one in told]
    if not asked:
        _line(_text(slide, _SIDE, _TOP, _WIDE - 2 * _SIDE, Inches(1)), wording.no_asks(paper))
        return
    chosen = _from_each(asked)
    rows = [(one.status, (office, one.what, one.words, one.where)) for office, one in chosen]
    heads = [say("paper.office"), say("table.indicator"), say("paper.ask"), say("table.districts")]
    _table(slide, (_SIDE, _TOP, _WIDE - 2 * _SIDE), heads, rows, (2.4, 2.2, 3.4, 4.1), size=10, marked=1, more=len(asked) - len(chosen))


def _from_each(asked: Sequence[tuple[str, wording.Ask]]) -> list[tuple[str, wording.Ask]]:
    """As many as have room: the first of every office, then the second of each, in the order of the offices."""
    turn = [sum(other == office for other, _ in asked[:number]) for number, (office, _) in enumerate(asked)]
    return [asked[number] for number in sorted(sorted(range(len(asked)), key=lambda number: turn[number])[:_ASKS])]


def _changes(paper: Paper, slide: Slide) -> None:
    whole = paper.changed.of("all")
    known = whole.before.share is not None and whole.now.share is not None
    _head(paper, slide, say("changes.title" if known else "changes.title_unknown", place=paper.place.name, points=marks.signed(whole.change * 100, 1), day=short_day(paper.since)))
    told = wording.changes(paper, _NAMES)
    _table(slide, (_SIDE, _TOP, Inches(7.4)), [say("paper.what"), wording.changes_since(paper)], [("", row) for row in told[:_CHANGES]], (2.0, 5.4), size=11)
    moved = [(label, paper.changed.of(name)) for name, label in (("all", say("table.overall")), *((one.name, one.label) for one in paper.election.domains))]
    data = CategoryChartData(number_format="0%")
    data.categories = [label for label, _ in moved]
    data.add_series(short_day(paper.since), [one.before.share for _, one in moved])
    data.add_series(short_day(paper.on), [one.now.share for _, one in moved])
    _bars(slide, data, (Inches(8.3), _TOP, Inches(4.45), Inches(4.6)), (LIGHT.rule, LIGHT.accent), say("table.share"),
          say("paper.moves_alt", place=paper.place.name, then=day(paper.since), now=day(paper.on)))


def _decided(paper: Paper, slide: Slide) -> None:
    _head(paper, slide, say("paper.last"))
    told = wording.actions(paper)
    where = (_SIDE, _TOP, _WIDE - 2 * _SIDE)
    if told:
        rows = [(one.status, (one.what, one.who, one.place, one.due, one.moved)) for one in told[:_ACTIONS]]
        heads = [say("actions.what"), say("actions.who"), say("table.place"), say("table.due"), say("actions.moves")]
        _table(slide, where, heads, rows, (3.6, 2.4, 1.6, 1.5, 3.0), size=10, more=len(told) - len(rows), room=Inches(2.9))
    else:
        _line(_text(slide, *where, Inches(0.5)), say("paper.no_actions"))
    silent = wording.silent(paper, _NAMES)
    if silent:
        _table(slide, (_SIDE, Inches(4.6), where[2]), [say("paper.silent"), say("table.districts")], [(status, (label, words)) for status, label, words in silent[:_SILENT]],
               (3.6, 8.5), size=10, high=0.22, room=Inches(2.1))
    else:
        _line(_text(slide, _SIDE, Inches(4.8), where[2], Inches(0.5)), say("figure.all_reported"))


# ── What the slides are made of ──────────────────────────────────────────────────────────────────


def _head(paper: Paper, slide: Slide, title: str, aside: str = "") -> None:
    """The title in its placeholder, which screen readers and outlines know, and under it what it is of, or what there is to say of it."""
    held = slide.shapes.title
    held.left, held.top, held.width, held.height = _SIDE, Inches(0.35), Inches(9.2), Inches(0.75)
    held.text_frame.margin_left = held.text_frame.margin_right = Emu(0)
    held.text_frame.word_wrap, held.text_frame.vertical_anchor = True, MSO_ANCHOR.MIDDLE
    held.text_frame.text = title
    paragraph = held.text_frame.paragraphs[0]
    paragraph.alignment, paragraph.font.size, paragraph.font.bold, paragraph.font.color.rgb = PP_ALIGN.LEFT, Pt(24), True, _colour(LIGHT.ink)
    _line(_text(slide, _SIDE, Inches(1.08), Inches(11), Inches(0.35)), say("paper.of", place=paper.place.name, told=aside or say("list.separator").join(wording.subject(paper))), size=12, muted=True)


def _urdu(slide: Slide, words: str) -> None:
    box = _text(slide, Inches(9.85), Inches(0.4), Inches(2.9), Inches(0.7))
    _line(box, words, size=18)
    paragraph = box.text_frame.paragraphs[-1]
    paragraph.alignment = PP_ALIGN.RIGHT
    paragraph._p.get_or_add_pPr().set("rtl", "1")
    properties = paragraph.runs[0]._r.get_or_add_rPr()
    properties.set("lang", "ur-PK")
    properties.append(properties.makeelement(qn("a:cs"), {"typeface": "Noto Nastaliq Urdu"}))


def _foot(paper: Paper, slide: Slide, number: str) -> None:
    """What stands on every page, and that the figures are invented, where they are."""
    box = _text(slide, _SIDE, Inches(6.88), Inches(11), Inches(0.5))
    _line(box, " · ".join(part for part in (wording.example(paper), *wording.stamp(paper)) if part), size=8, muted=True)
    end = _text(slide, _WIDE - _SIDE - Inches(1), Inches(6.88), Inches(1), Inches(0.3))
    _line(end, number, size=8, muted=True)
    end.text_frame.paragraphs[-1].alignment = PP_ALIGN.RIGHT
    if told := wording.example(paper):
        flag = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, _WIDE - _SIDE - Inches(2.6), Inches(0.08), Inches(2.6), Inches(0.26))
        flag.fill.background()
        flag.line.color.rgb, flag.shadow.inherit = _colour(LIGHT.ink), False
        flag.text_frame.margin_top = flag.text_frame.margin_bottom = Emu(0)
        _line(flag, told, size=10, bold=True)
        flag.text_frame.paragraphs[0].alignment = PP_ALIGN.CENTER


def _text(slide: Slide, left: int, top: int, width: int, height: int) -> Any:
    box = slide.shapes.add_textbox(left, top, width, height)
    box.text_frame.word_wrap = True
    box.text_frame.margin_left = box.text_frame.margin_right = Emu(0)
    return box


def _line(shape: Any, text: str, *, size: float = 14, bold: bool = False, muted: bool = False) -> None:
    """A paragraph of a shape; the first takes the one that is there."""
    frame = shape.text_frame
    paragraph = frame.paragraphs[0] if not frame.paragraphs[0].runs else frame.add_paragraph()
    _write(paragraph, text, size=size, bold=bold, muted=muted)


def _write(paragraph: Any, text: str, *, size: float, bold: bool = False, muted: bool = False, colour: str = "") -> None:
    run = paragraph.add_run()
    run.text = text
    run.font.size, run.font.bold = Pt(size), bold
    run.font.color.rgb = _colour(colour or (LIGHT.muted if muted else LIGHT.ink))


def _table(
    slide: Slide, at: tuple[int, int, int], heads: Sequence[str], rows: Sequence[Row], widths: Sequence[float], *, size: float = 11, high: float = 0.3,
    strong: frozenset[int] | set[int] = frozenset(), numbers: frozenset[int] | set[int] = frozenset(), marked: int = 0, more: int = 0, room: int = 0,
) -> None:
    """A table with a head. The column `marked` begins with the shape of its row's status, `strong` rows are those of a whole domain,
    `numbers` the columns that are right-aligned. It has so many rows as have `room`, by default down to the foot; `more` were left out before."""
    held = _held(heads, rows, [at[2] * part / sum(widths) for part in widths], size, Inches(high), (room or _BOTTOM - at[1]) - Inches(high))
    more, rows = max(more, 0) + len(rows) - held, rows[:held]
    rows = [*rows, *([("", (say("paper.more", count=more), *("" for _ in heads[1:])))] if more > 0 else [])]
    left, top, width = at
    frame = slide.shapes.add_table(len(rows) + 1, len(heads), left, top, width, Inches(high * (len(rows) + 1)))
    frame.name = heads[0]
    table = frame.table
    table.first_row, table.horz_banding = True, False
    for column, part in zip(table.columns, widths):
        column.width = int(width * part / sum(widths))
    for number, (status, cells) in enumerate([("", heads), *rows]):
        table.rows[number].height = Inches(high)
        for column, text in enumerate(cells):
            is_head = number == 0
            _cell(table.cell(number, column), text, status if column == marked else "", size=size, bold=is_head or number - 1 in strong, muted=is_head,
                  number=column in numbers, fill=LIGHT.raised if number - 1 in strong else LIGHT.ground)


def _held(heads: Sequence[str], rows: Sequence[Row], widths: Sequence[float], size: float, least: int, room: int) -> int:
    """How many rows have room under the head, by how many lines their longest cell will take."""
    def height(cells: Sequence[str]) -> float:
        lines = max(-(-min(len(text), _MOST_SIGNS) * size * _SIGN // max(width / Pt(1) - 9, 1)) for text, width in zip(cells, widths))
        return max(least, Pt(lines * size * 1.25 + 3))

    left, held = room - height(heads), 0
    for _, cells in rows:
        left -= height(cells)
        if left < 0:
            break
        held += 1
    return held


def _cell(cell: Any, text: str, status: str, *, size: float, bold: bool, muted: bool, number: bool, fill: str) -> None:
    cell.margin_left = cell.margin_right = Inches(0.06)
    cell.margin_top = cell.margin_bottom = Inches(0.015)
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    cell.fill.solid()
    cell.fill.fore_color.rgb = _colour(fill)
    paragraph = cell.text_frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.RIGHT if number else PP_ALIGN.LEFT
    _rule_below(cell)
    if status:
        _write(paragraph, f"{STATUSES[status].shape} ", size=size, bold=True, colour=STATUSES[status].light.edge)
    _write(paragraph, wording.cut(text, _MOST_SIGNS), size=size, bold=bold, muted=muted)


def _rule_below(cell: Any) -> None:
    """A thin line under a cell: the library has no word for it."""
    properties = cell._tc.get_or_add_tcPr()
    rule = properties.makeelement(qn("a:lnB"), {"w": str(Pt(0.5))})
    fill = rule.makeelement(qn("a:solidFill"), {})
    fill.append(fill.makeelement(qn("a:srgbClr"), {"val": LIGHT.rule.removeprefix("#")}))
    rule.append(fill)
    properties.insert(0, rule)


def _bars(slide: Slide, data: CategoryChartData, at: tuple[int, int, int, int], colours: tuple[str, str], title: str, alt: str) -> None:
    """Two bars for each name, the first name at the top, each with its figure at its end."""
    chart = _chart(slide, XL_CHART_TYPE.BAR_CLUSTERED, data, at, title, alt)
    chart.category_axis.reverse_order = True
    chart.value_axis.visible = chart.value_axis.has_major_gridlines = False
    plot = chart.plots[0]
    plot.gap_width, plot.overlap, plot.has_data_labels = 60, -5, True
    plot.data_labels.font.size, plot.data_labels.number_format, plot.data_labels.number_format_is_linked = Pt(12), "0%", False
    for series, colour in zip(plot.series, colours):
        series.format.fill.solid()
        series.format.fill.fore_color.rgb = _colour(colour)


def _chart(slide: Slide, kind: XL_CHART_TYPE, data: CategoryChartData, at: tuple[int, int, int, int], title: str, alt: str) -> Any:
    """A chart on an axis from 0 to 100 %, its legend below, with words for who doesn't see it."""
    frame = slide.shapes.add_chart(kind, *at, data)
    frame._element.nvGraphicFramePr.cNvPr.set("descr", alt)
    chart = frame.chart
    chart.font.size, chart.font.color.rgb = Pt(12), _colour(LIGHT.ink)
    chart.has_title = True
    chart.chart_title.text_frame.text = title
    chart.chart_title.text_frame.paragraphs[0].runs[0].font.size = Pt(13)
    chart.has_legend = True
    chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    axis = chart.value_axis
    axis.minimum_scale, axis.maximum_scale, axis.major_unit = 0, 1, 0.25
    axis.tick_labels.number_format, axis.tick_labels.number_format_is_linked = "0%", False
    axis.major_gridlines.format.line.color.rgb = _colour(LIGHT.rule)
    axis.format.line.fill.background()
    return chart


def _colour(hexed: str) -> RGBColor:
    return RGBColor.from_string(hexed.removeprefix("#"))
