"""What is wrong in a file on the desk, on the page: by kind, biggest first; what can be repaired here; and the workbook to send back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from data.declare import Domain
from loaders.answers import Correction
from loaders.desk import Looked
from loaders.problems import KINDS, LoadError, Problem
from loaders.suggestions import Suggestion
from pages.parts import marks
from pages.parts.paging import part
from pages.parts.tables import live_downloads
from pages.parts.words import say

Correct = Callable[[Sequence[Correction]], None]
_COMES_BACK_AS_IT_WAS = (".xlsx", ".xlsm", ".ods")  # save for the marks
_SHOWN, _EDITED, _LONGEST = 25, 200, 80  # problems of a kind in one go; cells in the table of corrections; characters of a value


def show(looked: Looked, correct: Correct) -> None:
    """Every problem, grouped by kind; what blocks apart from what is to be looked at."""
    problems, staged = looked.staged.problems, looked.staged
    blocking = [one for one in problems if one.blocks]
    warnings = [one for one in problems if not one.blocks]
    if not problems:
        st.html(marks.flags([marks.flag("✓", say("problems.none"))]))
        return
    st.html(marks.flags((
        marks.flag("×" if blocking else "✓", say("problems.to_correct", count=len(blocking), number=f"{len(blocking):,}") if blocking else say("problems.nothing_blocks")),
        marks.flag("!", say("problems.to_look_at", count=len(warnings), number=f"{len(warnings):,}")))))
    _take_along(looked)
    if looked.suggestions:
        _suggest(looked, correct)
    for blocks, of_kind in ((True, blocking), (False, warnings)):
        if of_kind:
            st.html(marks.subheading(say("problems.these_block" if blocks else "problems.these_warn")))
        _groups(of_kind, looked.entry.staged, blocks=blocks)
    names = {at: name for name, at in staged.checked.letters.items()}
    cells = [one for one in blocking if one.row is not None and one.letters in names]  # a heading's own problem is not one of a value
    if cells:
        with st.expander(say("problems.correct_here"), key=f"correct_{looked.entry.staged}"):
            _edit(cells, staged.checked.domain, names, looked, correct)


def _take_along(looked: Looked) -> None:
    """The sender's own workbook with its cells marked, and the list of all problems."""
    entry, staged = looked.entry, looked.staged
    stem = entry.file_name.rsplit(".", 1)[0]
    with st.container(horizontal=True, gap="small", key=f"marked_{entry.staged}"):
        if looked.is_marked:
            name, content = looked.marked
            st.download_button(say("problems.marked", name=marks.label(name)), content, name, key=f"marked_file_{entry.staged}", on_click="ignore", icon=":material/download:", type="primary")
        elif st.button(say("problems.mark"), key=f"mark_{entry.staged}", icon=":material/rate_review:", help=say("problems.marked_help")):
            _mark(looked)
        live_downloads(lambda: frame_of(staged.problems), f"{stem}-problems", key=f"problems_{entry.staged}")
    if not entry.file_name.lower().endswith(_COMES_BACK_AS_IT_WAS):
        st.html(marks.muted(say("problems.marked_anew")))


def _mark(looked: Looked) -> None:
    try:
        with st.spinner(say("problems.marking")):
            looked.marked
    except LoadError as error:
        st.html(marks.banner("problem", error.message))
        return
    st.rerun()


def _groups(problems: Sequence[Problem], id: str, *, blocks: bool) -> None:
    kinds: dict[str, list[Problem]] = {}
    for one in problems:
        kinds.setdefault(one.kind, []).append(one)
    for number, (kind, found) in enumerate(sorted(kinds.items(), key=lambda one: -len(one[1]))):
        about = KINDS[kind].about.rstrip(".")
        title = say("problems.group", about=about, count=len(found), number=f"{len(found):,}")
        with st.expander(title, expanded=blocks and number == 0, key=f"group_{id}_{kind}", icon=":material/block:" if blocks else ":material/visibility:"):
            _table(found[part(len(found), size=_SHOWN, key=f"group_page_{id}_{kind}")])


def _table(problems: Sequence[Problem]) -> None:
    columns = [marks.Column(say("table.sheet_row"), number=True), say("problems.column"), say("problems.value"), say("problems.what_to_do")]
    rows = [[one.row, one.column or None, _cell(one.value), one.message] for one in problems]
    st.html(marks.table(columns, rows, say("problems.caption"), wrap=True))


def _cell(value: str) -> marks.Html | None:
    """What stands in a cell, shortened and shown as nothing but text."""
    text = value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"
    return marks.cell(text) if value else None


def frame_of(problems: Sequence[Problem]) -> pd.DataFrame:
    """All problems as a frame, what blocks first: sheet, row, column, value, what to do, whether it blocks."""
    return pd.DataFrame(
        [(one.sheet, one.row, one.column, one.value, one.message, say("problems.blocks") if one.blocks else say("problems.warns")) for one in problems],
        columns=[say("upload.sheet"), say("table.sheet_row"), say("problems.column"), say("problems.value"), say("problems.what_to_do"), say("problems.weight")])


# ── Put right here ───────────────────────────────────────────────────────────────────────────────


def _suggest(looked: Looked, correct: Correct) -> None:
    """The simple repairs, by kind: each is accepted or left."""
    kinds: dict[str, list[Suggestion]] = {}
    for one in looked.suggestions:
        kinds.setdefault(one.kind, []).append(one)
    with st.form(f"suggestions_{looked.entry.staged}_{looked.entry.read_at:%H%M%S%f}"):
        st.html(marks.muted(say("problems.suggested")))
        accepted = []
        for kind, found in kinds.items():
            if st.checkbox(say(f"problems.suggest_{kind}", count=len(found), number=f"{len(found):,}"), key=f"suggest_{looked.entry.staged}_{looked.entry.read_at:%H%M%S%f}_{kind}"):
                accepted += [one.correction for one in found]
            rows = [[one.correction.row, looked.staged.checked.domain.column(one.correction.column).label, marks.cell(one.original[:_LONGEST]), one.correction.corrected] for one in found[:5]]
            more = [] if len(found) <= 5 else [marks.muted(say("figure.and_more", count=len(found) - 5))]
            st.html(marks.lines((marks.table([marks.Column(say("table.sheet_row"), number=True), say("problems.column"), say("problems.value"), say("problems.instead")], rows, say("problems.suggested")), *more)))
        if st.form_submit_button(say("problems.accept")) and accepted:
            correct(accepted)


def _edit(problems: Sequence[Problem], domain: Domain, names: dict[str, str], looked: Looked, correct: Correct) -> None:
    """The cells that block, to be typed anew; what stood there is kept."""
    cells = list({(one.row, names[one.letters]): one for one in problems}.items())[:_EDITED]
    row, column, value, instead, why = (say(f"problems.{name}") for name in ("row", "column", "value", "instead", "what_to_do"))
    frame = pd.DataFrame([{row: at, column: domain.column(name).label, value: one.value[:_LONGEST], instead: "", why: one.message} for (at, name), one in cells])
    st.html(marks.muted(say("problems.edit_note", count=len(problems), shown=len(cells), number=f"{len(problems):,}")))
    with st.form(f"edit_form_{looked.entry.staged}_{looked.entry.read_at:%H%M%S%f}", border=False):  # what is typed quickly is lost where each cell makes a run
        edited = st.data_editor(frame, hide_index=True, disabled=[row, column, value, why], key=f"edit_{looked.entry.staged}_{looked.entry.read_at:%H%M%S%f}", alt=say("problems.correct_here"),
                                column_config={instead: st.column_config.TextColumn(max_chars=2_000)})
        typed = [Correction(at, name, text.strip()) for ((at, name), _), text in zip(cells, edited[instead].fillna("")) if text.strip()]
        if st.form_submit_button(say("problems.put_in")) and typed:
            correct(typed)
