"""Small pieces of the page as HTML: tags, figures, cards, tables. Draw them with `st.html`.

A share is a fraction from 0 to 1, or None where nobody has reported. A status is a key of `theme.STATUSES`. Every text
is escaped here; what is already markup is `Html`, which is what these functions return, so they nest.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape, unescape
from math import ceil
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from data.places import Place
from pages.parts.theme import STATUSES, css_variables
from pages.parts.words import say

LOOK = Path(__file__).with_name("look.css")


class Html(str):
    """Markup that is already safe."""

    def _repr_html_(self) -> str:
        """For `st.html`, which takes what has this as it stands: of a plain text it would try every line for indents."""
        return str(self)


class Measured(Html):
    """A figure in words, with the figure itself: a table shows the words, and its download holds the figure."""

    value: float | int | None


# Signs that turn the direction of what comes after them, on the page too.
_TURNING = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
Cell = str | int | float | None
Point = tuple[dt.date, float | None, float]


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, and whether it holds figures (then right-aligned)."""

    label: str
    number: bool = False


@dataclass(frozen=True)
class Attention:
    """Something that somebody must act on: a place, the domain in which it lies so many points `behind`, and the indicator
    that weighs most in that, with its counts."""

    place: str
    href: str
    status: str
    domain: str
    behind: str
    what: str
    count: str


# ── The page ─────────────────────────────────────────────────────────────────────────────────────


def stylesheet() -> str:
    """The look of all the pieces, as CSS: without comments, in one line."""
    look = re.sub(r"/\*.*?\*/", "", LOOK.read_text(encoding="utf-8"), flags=re.S)
    return f":root{{color-scheme:light dark}}{css_variables()}{' '.join(look.split())}"


def scheme(*, dark: bool = False) -> Html:
    """Which theme is showing; draw it once at the top of every page. Inside the page the colours follow the theme by themselves, but dialogs
    and popovers stand outside it."""
    return Html(f"<style>:root{{color-scheme:{'dark' if dark else 'light'}}}</style>")


def navigation(links: Iterable[tuple[str, str, bool]], label: str, own: tuple[str, str, str] | None = None) -> Html:
    """The way to the other pages: (title, address, whether it is the page that is open) each; at the end one's own account, as
    (name, address, what the link is for)."""
    items = "".join(f"<li>{_current(link(title, href)) if current else link(title, href)}</li>" for title, href, current in links)
    name, href, purpose = own or ("", "", "")
    account = f'<a class="er-own" href="{escape(href)}" target="_self" aria-label="{escape(purpose)}">{escape(name)}</a>' if own else ""
    return Html(f'<nav class="er-nav" aria-label="{escape(label)}"><ul>{items}</ul>{account}</nav>')


def script(name: str) -> Html:
    """A script of the folder `pages/static`, which says in its first lines what it does."""
    return Html(f'<script src="app/static/{name}"></script>')


def headline(title: str, subject: str | Sequence[str]) -> Html:
    """The finding as the page's heading, and the grey line under it: place, as-of, coverage."""
    parts = [subject] if isinstance(subject, str) else subject
    line = "".join(f"<span>{_safe(part)}</span>" for part in parts)
    return Html(f'<header class="er-headline"><h1>{_safe(title)}</h1><p class="er-subject">{line}</p></header>')


def file_title(name: str) -> Html:
    """The name of the file that is open, above its steps."""
    return Html(f'<h2 class="er-file">{_safe(name)}</h2>')


def section(title: str, aside: str = "") -> Html:
    """The heading of one part of a page, with a few grey words beside it."""
    return Html(f'<div class="er-section"><h2>{_safe(title)}</h2><span class="er-aside">{_safe(aside)}</span></div>')


def subheading(title: str) -> Html:
    """The heading of what belongs together within one part of a page."""
    return Html(f'<h3 class="er-subheading">{_safe(title)}</h3>')


def banner(kind: Literal["example", "note", "problem"], text: str) -> Html:
    """One line across the page that the reader must not overlook."""
    role = "alert" if kind == "problem" else "note"
    return Html(f'<p class="er-banner er-banner-{escape(kind)}" role="{role}">{_safe(text)}</p>')


def empty_state(title: str, text: str, commands: Sequence[str] = ()) -> Html:
    """What stands where there is nothing yet: what is missing, and what to do next."""
    code = "".join(f"<pre><code>{_safe(command)}</code></pre>" for command in commands)
    return Html(f'<div class="er-empty"><h2>{_safe(title)}</h2><p>{_safe(text)}</p>{code}</div>')


def note(question: str, text: str) -> Html:
    """A question that opens to its answer, such as *How is this computed?*"""
    return Html(f'<details class="er-note"><summary>{_safe(question)}</summary><p>{_safe(text)}</p></details>')


def opened(question: str, inside: Html) -> Html:
    """A line that opens to pieces."""
    return Html(f'<details class="er-note"><summary>{_safe(question)}</summary>{inside}</details>')


# ── Statuses and figures ─────────────────────────────────────────────────────────────────────────


def status_tag(status: str, text: str | None = None) -> Html:
    """The status as shape and word, or as shape and another text; the word then stays for screen readers."""
    known = STATUSES[status]
    word = _safe(known.word if text is None else text)
    hidden = "" if text is None else f'<span class="er-hidden">{known.word}: </span>'
    return Html(f'<span class="er-tag">{_chip(status)}<span>{hidden}{word}</span></span>')


def state_tag(status: str, word: str) -> Html:
    """A state that is painted like a status, with a word of its own."""
    return Html(f'<span class="er-tag">{_chip(status)}<span>{_safe(word)}</span></span>')


def status_legend(counts: dict[str, int] | None = None) -> Html:
    """All six statuses in words and shapes, each with how many there are."""
    tags = "".join(
        f"<li>{status_tag(key)}{'' if counts is None else f'<b>{counts.get(key, 0)}</b>'}</li>" for key in STATUSES
    )
    return Html(f'<ul class="er-legend" aria-label="{_safe(say("figure.statuses"))}">{tags}</ul>')


def figure_strip(
    *, status: str, share: float | None, expected: float, allowed: float = 0.1, change: float | None = None, since: str = "", aside: str = "",
    instead: str = "",
) -> Html:
    """The one big figure with its status, what was expected, how far off, how it moved in points; at the end a few words more.

    Where it can't be compared with the plan, `instead` says why: too little is known, or nothing is required. More than the
    `allowed` share below the plan is Critical.
    """
    big = f'<span class="er-big">{_strong(say("figure.big", share=percent(share)))}</span>' if share is not None else ""
    parts = [
        *([big] if big else []),
        f"<span>{status_tag(status)}</span>",
        *([f"<span>{_strong(instead)}</span>"] if instead else []),
        f"<span>{_strong(say('figure.strip_expected', share=percent(expected)))}</span>",
        *([] if instead or share is None else [f'<span class="er-gap">{_strong(gap(share, expected, allowed))}</span>']),
    ]
    if change is not None:
        parts.append(f"<span>{_strong(say('figure.strip_change', points=signed(change * 100, 1), day=since))}</span>")
    if aside:
        parts.append(f'<span class="er-clock">{_safe(aside)}</span>')
    return Html(f'<div class="er-strip">{"".join(parts)}</div>')


def share_bar(share: float | None, expected: float) -> Html:
    """A thin bar with the expected share as a tick."""
    said = say("figure.bar", share=percent(share), expected=percent(expected))
    fill = "" if share is None else f'<i style="inline-size:{_clamp(share):.1%}"></i>'
    tick = f'<u style="inset-inline-start:{_clamp(expected):.1%}"></u>'
    return Html(f'<span class="er-bar" role="img" aria-label="{said}">{fill}{tick}</span>')


def sparkline(label: str, share: float | None, expected: float, points: Sequence[Point]) -> Html:
    """Actual solid, expected dashed, from 0 to 100 %, so that cards side by side can be compared.

    `st.html` takes inline SVG away, and an SVG image can't see the page's colours; so the lines are masks.
    """
    said = escape(say("figure.spark", label=label, share=percent(share), expected=percent(expected)))
    at = _across(points)
    plan = _MASK.format(_PLAN.format(_runs([(x, planned) for x, _, planned in at])))
    shares = [(x, share) for x, share, _ in at]
    actual = _MASK.format(_ACTUAL.format(_runs(shares)) + _last_dot(shares))
    return Html(
        f'<span class="er-spark" role="img" aria-label="{said}" title="{said}">'
        f'<i class="er-plan" style="--line:{plan}"></i><i class="er-actual" style="--line:{actual}"></i></span>'
    )


def percent(share: float | None) -> str:
    """A whole percentage. Never 100 before the last one is done, never 0 once the first one is."""
    if share is None:
        return "–"
    return f"{'<1' if share > 0 and whole(share) == 0 else whole(share)}\u00a0%"


def measured(text: str, value: float | int | None) -> Measured:
    """A cell that is shown as the text and taken along as the value."""
    cell = Measured(_safe(text))
    cell.value = value
    return cell


def disputed(text: str, count: int) -> str:
    """A figure in words, with the sign that a disagreement touches it, where one does."""
    return say("figure.disputed_sign", figure=text) if count else text


def signed(change: float, places: int = 0) -> str:
    """A change with its sign, thousands apart; ±0 where nothing that is shown has changed."""
    shown = round(change, places)
    return f"{shown:+,.{places}f}".replace("-", "−") if shown else "±0"


def plain(html: Html) -> str:
    """The words of a piece, without its markup and its signs, as a file takes them along."""
    text = re.sub(r"<[^>]*>", " ", re.sub(r'<span class="er-chip[^>]*>[^<]*</span>', "", html))
    return re.sub(r" (?=[,.;:])", "", " ".join(unescape(text).split()))


def value(cell: Cell) -> Cell:
    """A cell of a table as a file holds it: the figure itself, and words without markup."""
    return cell.value if isinstance(cell, Measured) else plain(cell) if isinstance(cell, Html) else cell


def heading(column: Column | str) -> str:
    """What a column of a table is called."""
    return column.label if isinstance(column, Column) else column


def whole(share: float) -> int:
    """The whole percentage that the reader sees; what is computed from figures shown is computed from these."""
    rounded = round(share * 100)
    return 99 if rounded >= 100 and share < 1 else rounded


def points_behind(share: float, expected: float, allowed: float) -> str:
    """How far a share lies below its plan, in points: of the whole figures that the reader sees, but with a decimal where
    these would hide that more than the `allowed` share is missing; "0" where it doesn't, "<1" for less than one."""
    missing, seen = expected - share, whole(expected) - whole(share)
    if missing <= 1e-9 and seen <= 0:
        return "0"
    if missing > allowed + 1e-9 and seen <= allowed * 100:
        return f"{ceil(missing * 1000 - 1e-6) / 10:.1f}"
    return str(seen) if seen > 0 else "<1" if missing > 1e-9 else "0"


def gap(share: float, expected: float, allowed: float) -> str:
    """How far a share lies below or above its plan, in a few words, the figure between asterisks."""
    behind = points_behind(share, expected, allowed)
    if behind == "<1":
        return say("figure.strip_near")
    if behind != "0":
        return say("figure.strip_behind", count=_plural(behind), points=behind)
    ahead = whole(share) - whole(expected)
    return say("figure.strip_ahead", count=ahead) if ahead > 0 else say("figure.level")


# ── Cards, lists, tables ─────────────────────────────────────────────────────────────────────────


def domain_card(
    label: str, href: str, share: float | None, expected: float, status: str, counts: str, points: Sequence[Point],
) -> Html:
    """One domain: its share, its status, a line of counts, and how it came there. Put several into `cards`."""
    return Html(
        f'<article class="er-card"><h2>{link(label, href)}</h2>'
        f'<p class="er-card-share">{percent(share)}</p>'
        f'<p class="er-card-status">{status_tag(status)}</p>'
        f"{sparkline(label, share, expected, points)}"
        f'<p class="er-card-counts"><span>{_safe(counts)}</span><span>{_safe(say("figure.card_expected", share=percent(expected)))}</span></p></article>'
    )


def cards(of: Iterable[Html]) -> Html:
    """Cards side by side; on a narrow page one row each."""
    return Html(f'<div class="er-cards"><div>{"".join(of)}</div></div>')


def attention_list(rows: Sequence[Attention]) -> Html:
    """Who must act, worst first, numbered."""
    return Html(f'<ol class="er-attention">{"".join(map(_attention_row, rows))}</ol>')


def place_line(label: str, places: Sequence[tuple[str, str]], *, most: int = 200) -> Html:
    """Places in one line, such as *Not reported: Kohlu, Awaran (2)*. Each is a name and its address; `most` of them are named."""
    if not places:
        return Html("")
    names = ", ".join(link(name, href) for name, href in places[:most])
    more = f' {escape(say("figure.and_more", count=len(places) - most))}' if len(places) > most else ""
    return Html(f'<p class="er-places"><b>{_safe(label)}:</b> {names}{more} <span>({len(places)})</span></p>')


def place_lines(told: Mapping[str, Sequence[tuple[str, str]]], href: Callable[[str], str], status: str, *, most: int = 200) -> Html:
    """A line for each label with its places, (name, code), marked with the shape of a status; `most` of them are named."""
    rows = "".join(f'<div class="er-marked">{_chip(status)}{place_line(label, [(name, href(code)) for name, code in places], most=most)}</div>'
                   for label, places in told.items())
    return Html(f"<div>{rows}</div>" if rows else "")


def place_table(
    lines: Mapping[Any, Any], places: Sequence[Place], on: dt.date, before: dt.date,
    columns: Sequence[tuple[tuple[str, str], str]], href: Callable[[str], str], caption: str,
) -> Html:
    """Places by figures: in each cell the share with its status and, small, its change since `before` in points.

    `lines` are by day, place, domain and indicator; `columns` are ((domain, indicator), heading).
    """
    heads = [say("table.place"), *(Column(label, number=True) for _, label in columns)]
    rows = [[link(place.name, href(place.code)), *(_share_cell(lines, place.code, on, before, key) for key, _ in columns)] for place in places]
    return table(heads, rows, caption)


def state_figure(status: str, word: str, number: str) -> Html:
    """A state as its shape, with a number; the word is for who does not see the shape."""
    return Html(f'<span class="er-tag" title="{_safe(word)}">{_chip(status)}<span><span class="er-hidden">{_safe(word)} </span>{_safe(number)}</span></span>')


def state_legend(states: Iterable[tuple[str, str]]) -> Html:
    """What the shapes of states mean: (status like which it is painted, word) each."""
    tags = "".join(f"<li>{state_tag(status, word)}</li>" for status, word in states)
    return Html(f'<ul class="er-legend" aria-label="{_safe(say("figure.statuses"))}">{tags}</ul>')


def clock_strip(heading: str, href: str, told: Iterable[tuple[str, str, str]]) -> Html:
    """Dated duties side by side: (status like which it is painted, title, what there is to say of it) each."""
    items = "".join(f'<li>{_chip(status)}<span><b>{_safe(title)}</b><span>{_safe(words)}</span></span></li>' for status, title, words in told)
    return Html(f'<section class="er-dates" aria-label="{escape(heading)}"><h2>{link(heading, href)}</h2><ul>{items}</ul></section>')


def late_rows(status: str, word: str, rows: Iterable[tuple[Html, str, str]]) -> Html:
    """What will be late, a line each: what it is, how much is missing when, and at which pace."""
    items = "".join(f'<li>{_chip(status)}<span class="er-hidden">{_safe(word)}: </span><span class="er-place">{_safe(what)}</span> '
                    f'<span class="er-behind"><b>{_safe(short)}</b></span> <span class="er-what">{_safe(pace)}</span></li>' for what, short, pace in rows)
    return Html(f'<ul class="er-late">{items}</ul>')


def asks(blocks: Iterable[tuple[str, Sequence[tuple[str, str, str, Html]]]]) -> Html:
    """What is asked of each office: (office, asks), and of each ask (status, what, how much by when, where)."""
    return Html('<div class="er-asks">' + "".join(
        f"<section><h3>{_safe(office)}</h3><ul>" + "".join(
            f'<li>{_chip(status)}<span class="er-hidden">{STATUSES[status].word}: </span><span><b>{_safe(what)}</b>{_safe(words)}<small>{_safe(where)}</small></span></li>'
            for status, what, words, where in told) + "</ul></section>" for office, told in blocks) + "</div>")


def places_with_counts(places: Sequence[tuple[str, str, str]], most: int) -> Html:
    """Places with a count each: (name, address, count); `most` of them are named, the others counted."""
    named = [f'<span class="er-counted">{link(name, href)} {_safe(count)}</span>' for name, href, count in places[:most]]
    more = [escape(say("figure.and_more", count=len(places) - most))] if len(places) > most else []
    return Html(escape(say("list.separator")).join([*named, *more]))


def marked_lines(status: str, heading: str, href: str, lines: Sequence[str]) -> Html:
    """A few lines under a heading that leads somewhere, marked with the shape of a status."""
    items = "".join(f"<li>{_safe(line)}</li>" for line in lines)
    return Html(f'<div class="er-marked">{_chip(status)}<div class="er-places"><b>{link(heading, href)}</b><ul>{items}</ul></div></div>')


def quotes(rows: Iterable[tuple[str, str, str]]) -> Html:
    """What somebody wrote: (text, when and by whom, on what) each."""
    items = "".join(f'<li><p>{cell(text)}</p><small>{_safe(about)}{" · " if about else ""}{_safe(by)}</small></li>' for text, by, about in rows)
    return Html(f'<ul class="er-quotes">{items}</ul>')


def named(title: str, below: str) -> Html:
    """A name with a few smaller words under it, where there are any."""
    small = f"<small>{_safe(below)}</small>" if below else ""
    return Html(f'<span class="er-named"><span>{_safe(title)}</span>{small}</span>')


def source_line(label: str, reference: str, words: str, size: str, file: tuple[str, str, str] | None = None) -> Html:
    """One submission: its domain, its reference, from whom and of when, how large; and its file to take along: what the link says, the file's
    name, its address."""
    link = "" if file is None else f'<span class="er-taken"><a href="{escape(file[2])}" download title="{_safe(file[1])}">{_safe(file[0])}</a></span>'
    return Html(f'<div class="er-source"><p><b>{_safe(label)}</b> <code>{_safe(reference)}</code> {_safe(words)} <span class="er-muted">{_safe(size)}</span></p>{link}</div>')


def table(columns: Sequence[Column | str], rows: Iterable[Sequence[Cell]], caption: str, *, wrap: bool = False, shown: bool = False, stacks: bool = False, many: bool = False) -> Html:
    """A real table. The first cell of a row names it and stays in sight when the table is wider than the page.

    The caption is for those who don't see the heading above it, unless it is to be `shown`. With `wrap` long
    sentences are broken into lines; of `many` columns only the headings are. One that `stacks` has its cells under one another, each with its heading, where the
    window is narrow: what has to be seen side by side is then seen together.
    """
    known = [column if isinstance(column, Column) else Column(column) for column in columns]
    head = "".join(f'<th scope="col"{_aligned(column)}>{_safe(column.label)}</th>' for column in known)
    # Cells that are laid out as blocks are cells to a screen reader only where they say so.
    roles = (' role="table"', ' role="rowgroup"', ' role="row"') if stacks else ("", "", "")
    body = "".join(f"<tr{roles[2]}>{_table_row(known, row, stacks=stacks)}</tr>" for row in rows)
    return Html(
        f'<div class="er-table{" er-wrap" if wrap else ""}{" er-stacks" if stacks else ""}{" er-many" if many else ""}" role="region" tabindex="0" aria-label="{_plain(caption)}"><table{roles[0]}>'
        f"{_caption(caption, shown)}<thead><tr>{head}</tr></thead><tbody{roles[1]}>{body}</tbody></table></div>"
    )


def grouped_table(columns: Sequence[Column | str], groups: Iterable[tuple[str, Iterable[Sequence[Cell]]]], caption: str) -> Html:
    """A table whose rows stand under headings: (heading, rows) each. All share the same columns."""
    known = [column if isinstance(column, Column) else Column(column) for column in columns]
    head = "".join(f'<th scope="col"{_aligned(column)}>{_safe(column.label)}</th>' for column in known)
    body = "".join(
        f'<tbody><tr class="er-group"><th scope="rowgroup" colspan="{len(known)}">{_safe(heading)}</th></tr>'
        + "".join(f"<tr>{_table_row(known, row)}</tr>" for row in rows) + "</tbody>" for heading, rows in groups)
    return Html(f'<div class="er-table" role="region" tabindex="0" aria-label="{_plain(caption)}"><table>'
                f"{_caption(caption, shown=False)}<thead><tr>{head}</tr></thead>{body}</table></div>")


def facts(told: Iterable[tuple[str, Cell]]) -> Html:
    """What is known of one thing, a line each: (label, value)."""
    rows = "".join(f"<div><dt>{_safe(label)}</dt><dd>{_safe(value)}</dd></div>" for label, value in told)
    return Html(f'<dl class="er-facts">{rows}</dl>')


def flag(shape: str, text: str) -> Html:
    """A state that is no status of readiness: a sign in a frame, and its words."""
    return Html(f'<span class="er-tag"><span class="er-chip er-is-not_reported" aria-hidden="true">{_safe(shape)}</span><span>{_safe(text)}</span></span>')


def flags(of: Iterable[Html]) -> Html:
    """Several flags in a line."""
    return Html(f'<p class="er-flags">{"".join(of)}</p>')


def label(text: str) -> str:
    """A stranger's text, from a cell or the name of a file, as part of a widget's label, which else would be read as Markdown."""
    return "".join(f"\\{sign}" if sign in r"\`*_{}[]()#+-.!|<>~$:" else sign for sign in " ".join(text.split()))


def cell(text: str) -> Html:
    """What stands in a stranger's cell: its own line breaks and direction, and nothing but text."""
    return Html(f'<span class="er-cell">{_safe(text)}</span>')


def unbroken(text: str) -> Html:
    """Words that stay in one line."""
    return Html(f'<span class="er-unbroken">{_safe(text)}</span>')


def fell(text: str) -> Html:
    """Words in red: a figure that may only rise and falls."""
    return Html(f'<span class="er-fell">{_safe(text)}</span>')


def link(text: str, href: str) -> Html:
    """A link that stays in this window. An address with a scheme other than http or https leads nowhere."""
    scheme = href.split("/")[0].split("?")[0].split("#")[0]
    safe = "#" if ":" in scheme and scheme not in ("http:", "https:") else href
    return Html(f'<a href="{escape(safe)}" target="_self">{_safe(text)}</a>')


def muted(text: str) -> Html:
    """A grey line."""
    return Html(f'<p class="er-muted er-line">{_safe(text)}</p>')


def taken(label: str, about: str, files: Sequence[tuple[str, str]]) -> Html:
    """Files to take along, each with its name and its address."""
    links = "".join(f'<a href="{escape(href)}" download title="{escape(about)}">{_safe(name)}</a>' for name, href in files)
    return Html(f'<p class="er-muted er-line er-taken"><span>{_safe(label)}</span>{links}</p>')


def table_taken(label: str, files: Sequence[tuple[str, str]]) -> Html:
    """The table that stands before it to take along, in each of its forms: name and address. Where it is no longer kept, its page is opened
    again: so these links are not told to the browser as downloads."""
    links = "".join(f'<a href="{escape(href)}">{_safe(name)}</a>' for name, href in files)
    return Html(f'<p class="er-muted er-line er-taken er-below"><span class="er-unseen">{_safe(label)}</span>{links}</p>')


def joined(*parts: str) -> Html:
    """Pieces beside each other, in one line."""
    return Html(" ".join(f"<span>{_safe(part)}</span>" for part in parts))


def stacked(pieces: Iterable[Html]) -> Html:
    """Pieces under each other, with the distance that the page has between its own; nothing where all are empty."""
    inside = "".join(pieces)
    return Html(f'<div class="er-stack">{inside}</div>' if inside else "")


def lines(pieces: Iterable[Html]) -> Html:
    """Lines of text close under each other; nothing where all are empty."""
    return Html("".join(pieces))


def urdu(text: str) -> Html:
    """Urdu words in their own script, direction and leading."""
    return Html(f'<span class="er-urdu" lang="ur" dir="rtl">{_safe(text)}</span>')


# ── What the pieces are made of ──────────────────────────────────────────────────────────────────


def _safe(value: Cell) -> str:
    """The text escaped; markup as it is; nothing as a dash; whole numbers with their thousands."""
    if isinstance(value, Html):
        return value
    if value is None:
        return "–"
    if isinstance(value, int):
        return f"{value:,}"
    return escape(str(value).translate(_TURNING))


def _current(link: Html) -> str:
    return link.replace("<a ", '<a aria-current="page" ', 1)


def _chip(status: str) -> str:
    known = STATUSES[status]
    return f'<span class="er-chip er-is-{known.key}" aria-hidden="true">{known.shape}</span>'


def _plural(points: str) -> int:
    """The count that chooses a sentence's form."""
    return 1 if points == "1" else 2


def _strong(text: str) -> str:
    """The text escaped, with what stands between asterisks in bold, so that a sentence stays whole for a translator."""
    parts = escape(text).split("*")
    return "".join(f"<b>{part}</b>" if number % 2 else part for number, part in enumerate(parts))


def _plain(text: str) -> str:
    """The text of a caption that may be markup, for an attribute."""
    return escape(unescape(re.sub(r"<[^>]*>", "", text))) if isinstance(text, Html) else escape(text)


def _share_cell(lines: Mapping[Any, Any], place: str, on: dt.date, before: dt.date, key: tuple[str, str]) -> Html:
    line, past = lines[on, place, *key], lines.get((before, place, *key))
    tag = status_tag(line.status, disputed(percent(line.share), line.disputed))
    if past is None or past.share is None or line.share is None:
        return tag
    return Html(f'{tag}<small class="er-change">{signed(whole(line.share) - whole(past.share))}</small>')


def _clamp(share: float) -> float:
    return min(max(share, 0.0), 1.0)


def _attention_row(row: Attention) -> str:
    return (
        f'<li>{_chip(row.status)}<span class="er-hidden">{STATUSES[row.status].word}: </span>'
        f'<span class="er-place">{link(row.place, row.href)}</span> '
        f'<span class="er-behind">{_strong(say("figure.behind_in", domain=row.domain, count=_plural(row.behind), points=row.behind))}</span> '
        f'<span class="er-what">{_safe(say("figure.part", label=row.what, value=row.count))}</span></li>'
    )


def _caption(caption: str, shown: bool) -> str:
    return f'<caption{"" if shown else " class=er-unseen"}>{_safe(caption)}</caption>'


def _table_row(columns: Sequence[Column], row: Sequence[Cell], *, stacks: bool = False) -> str:
    first, *others = row
    cells = (f"<td{_aligned(column)}{_headed(column) if stacks else ''}>{_safe(cell)}</td>" for column, cell in zip(columns[1:], others, strict=True))
    role = ' role="rowheader"' if stacks else ""
    return f'<th scope="row"{role}{_aligned(columns[0])}>{_safe(first)}</th>{"".join(cells)}'


def _headed(column: Column) -> str:
    return f' role="cell" data-heading="{escape(column.label, quote=True)}"'


def _aligned(column: Column) -> str:
    return ' class="er-number"' if column.number else ""


def _across(points: Sequence[Point]) -> list[tuple[float, float | None, float]]:
    """The points with their days as 0 to 100."""
    if not points:
        return []
    begin = points[0][0]
    days = max((points[-1][0] - begin).days, 1)
    return [((day - begin).days / days * 100, share, expected) for day, share, expected in points]


def _line(where: str, look: str) -> str:
    """A line of an image in an address, with a place for where it runs, if it is not said yet. All but that is quoted, once: a page has hundreds."""
    return quote(f"<path fill='none' stroke='#000' vector-effect='non-scaling-stroke' d='{where}' {look}/>", safe="{}/:=")


_MASK = f"""url(data:image/svg+xml,{quote("<svg xmlns='http://www.w3.org/2000/svg' viewBox='-2 0 105 40' preserveAspectRatio='none'>{}</svg>", safe="{}/:=")})"""
_PLAN = _line("{}", "stroke-width='1' stroke-dasharray='4 3'")
_ACTUAL = _line("{}", "stroke-width='2' stroke-linejoin='round'")
_DOT = _line("M{},{}h0.01", "stroke-width='6' stroke-linecap='round'")


def _runs(at: Sequence[tuple[float, float | None]]) -> str:
    """A path that is broken where nothing was reported."""
    path, pen = [], "M"
    for x, share in at:
        if share is None:
            pen = "M"
            continue
        path.append(f"{pen}{x:.1f},{_height(share)}")
        pen = "L"
    return "".join(path)


def _last_dot(at: Sequence[tuple[float, float | None]]) -> str:
    reported = [(x, share) for x, share in at if share is not None]
    if not reported:
        return ""
    x, share = reported[-1]
    return _DOT.format(f"{x:.1f}", _height(share))


def _height(share: float) -> str:
    return f"{37 - _clamp(share) * 34:.1f}"
