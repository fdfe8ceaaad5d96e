"""What a file on the desk is taken for, on the page: where its table stands, what its words mean, and what is to be settled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import pandas as pd
import streamlit as st

from data.declare import Domain
from data.election import Election
from loaders.answers import Answers, Spelling
from loaders.cells import column_number
from loaders.desk import Looked
from loaders.headers import nearest, texts_at
from loaders.problems import LoadError
from loaders.questions import LEFT_OUT, Question, day_wanted, likely_day, suggested_columns
from loaders.sheets import Sheet
from pages.parts import marks, session
from pages.parts.paging import part
from pages.parts.words import day, say

Settle = Callable[[Answers, Sequence[Spelling], str], None]  # the answers, what of them is to be remembered, and for whom: "", "sender" or "all"
_ASKED, _PREVIEWED = 20, 14  # questions in one go; rows of a sheet
_NAMED, _LONGEST = 12, 60  # names in a sentence; characters of one


def show(looked: Looked, election: Election, settle: Settle, *, may_teach: bool) -> None:
    """What was recognised, the questions that are left, and the way to settle it otherwise."""
    staged = looked.staged
    checked, layout = staged.checked, staged.layout
    read = len(layout.letters)
    missing = [column.label for column in checked.domain.columns if column.required and column.name not in layout.letters]
    st.html(marks.facts((
        (say("upload.domain"), checked.domain.label),
        (say("upload.as_of"), day(checked.as_of) if checked.as_of else say("upload.as_of_unknown")),
        (say("upload.sheet"), say("upload.sheet_line", sheet=checked.sheet, row=layout.header_row)),
        (say("upload.columns"), say("upload.columns_line", read=read) if not missing
         else say("upload.columns_missing", read=read, missing=", ".join(missing))),
        (say("upload.rows"), say("upload.rows_line", count=len(checked.districts), rows=f"{checked.rows.num_rows:,}", districts=f"{len(checked.districts):,}")),
        (say("upload.sender"), looked.entry.sender))))
    st.html(marks.opened(say("upload.columns_open"), _columns(looked)))
    if day_wanted(staged.problems):
        _ask_day(looked, settle)
    if looked.questions:
        _ask(looked, election, settle, may_teach=may_teach)
        _ask_whether_none_is_meant(looked, settle)
    if looked.answers.left_out:
        _ask_again(looked, settle)
    with st.expander(say("upload.otherwise"), key=f"otherwise_{looked.entry.staged}"):
        _settle_otherwise(looked, election, settle)


def _columns(looked: Looked) -> marks.Html:
    """Which heading was read as which column."""
    layout = looked.staged.layout
    found = sorted(layout.letters.items(), key=lambda one: column_number(one[1]))
    rows = [[at, layout.headings[name], layout.domain.column(name).label] for name, at in found]
    return marks.table([say("upload.letters"), say("upload.heading"), say("upload.column")], rows, say("upload.columns_caption"))


def _ask_day(looked: Looked, settle: Settle) -> None:
    """For which day the file holds, where it does not say so, or says it in more than one way."""
    today = session.store().today
    said = next(found.message for found in looked.staged.problems if day_wanted([found]))
    st.html(marks.banner("note", said))
    with st.form(f"day_{looked.entry.staged}_{looked.entry.read_at:%H%M%S%f}"):
        on = st.date_input(say("upload.ask_day"), value=likely_day(looked.staged.layout, today), format="DD/MM/YYYY", min_value=date(2000, 1, 1), max_value=today, width=200)
        if st.form_submit_button(say("upload.use_day"), type="primary") and on is not None:
            settle(replace(looked.answers, as_of=on), (), "")


# ── Questions ────────────────────────────────────────────────────────────────────────────────────


def _ask(looked: Looked, election: Election, settle: Settle, *, may_teach: bool) -> None:
    every = looked.questions
    st.html(marks.banner("note", say("upload.questions", count=len(every), number=f"{len(every):,}")))
    shown = every[part(len(every), size=_ASKED, key=f"asked_{looked.entry.staged}")]
    with st.form(f"questions_{looked.entry.staged}_{looked.entry.read_at:%H%M%S%f}"):
        answered = [(question, _choose(question, looked, election)) for question in shown]
        remember = _ask_to_remember(looked, may_teach)
        if st.form_submit_button(say("upload.answer"), type="primary"):
            if all(answer is None for _, answer in answered):
                st.html(marks.banner("problem", say("upload.unanswered")))
            else:
                _give(looked, answered, settle, remember)


def _ask_to_remember(looked: Looked, may_teach: bool) -> str:
    """For whom the answers are to be remembered."""
    return st.radio(say("upload.remember"), ["", "sender", *(["all"] if may_teach else [])], horizontal=True,
                    format_func=lambda told: say("upload.remember_sender", sender=marks.label(looked.entry.sender)) if told == "sender" else say(f"upload.remember_{told or 'no'}"))


def _choose(question: Question, looked: Looked, election: Election) -> str | None:
    domain, places = looked.staged.checked.domain, election.places
    labels = {"district": lambda code: say("upload.district_option", district=places[code].name, province=places[places[code].province].name),
              "heading": lambda name: domain.column(name).label,
              "choice": lambda value: next(code.label for code in domain.column(question.column).codes if code.value == value)}[question.kind]
    likely = question.nearest
    left_out = [LEFT_OUT] if question.kind != "choice" else []
    options = [*left_out, *question.options] if question.likely == LEFT_OUT else [*question.options[:likely], *left_out, *question.options[likely:]]
    facts = {"written": marks.label(question.written), "rows": f"{question.rows:,}", "row": question.first, "count": question.rows}
    label = say("upload.ask_district", **facts) if question.kind == "district" else (
        say("upload.ask_heading", **facts) if question.kind == "heading" else say("upload.ask_choice", column=domain.column(question.column).label, **facts))
    index = None if question.likely is None else options.index(question.likely)
    return st.selectbox(label, options, index=index, key=f"answer_{looked.entry.staged}_{looked.entry.read_at:%H%M%S%f}_{question.kind}_{question.column}_{question.written}",
                        format_func=lambda option: say(f"upload.leave_out_{question.kind}") if option == LEFT_OUT else labels(option), placeholder=say("upload.choose"))


def _ask_whether_none_is_meant(looked: Looked, settle: Settle) -> None:
    """One answer for all names of districts that are still asked about, with what it means."""
    asked = [question for question in looked.questions if question.kind == "district"]
    if len(asked) < 2:
        return
    number, rows = f"{len(asked):,}", f"{sum(question.rows for question in asked):,}"
    like = [question.written for question in asked if question.likely is not None or looked.staged.places.resolve(question.written).reason in ("ambiguous", "split")]
    with st.expander(say("upload.none_of_these", number=number), key=f"none_{looked.entry.staged}"):
        st.html(marks.muted(say("upload.none_means", number=number, rows=rows, names=_listed([question.written for question in asked]))))
        if like:
            st.html(marks.banner("note", say("upload.none_but", count=len(like), number=f"{len(like):,}", names=_listed(like))))
        if st.button(say("upload.none_button", number=number, rows=rows), key=f"none_button_{looked.entry.staged}"):
            settle(replace(looked.answers, left_out=tuple(dict.fromkeys((*looked.answers.left_out, *(question.written for question in asked))))), (), "")


def _ask_again(looked: Looked, settle: Settle) -> None:
    """The names that were said to be no district, and the way back."""
    names = looked.answers.left_out
    with st.container(horizontal=True, vertical_alignment="center", key=f"left_out_{looked.entry.staged}"):
        st.html(marks.muted(say("upload.left_out", names=_listed(names))))
        if st.button(say("upload.ask_again", count=len(names)), key=f"ask_again_{looked.entry.staged}", type="tertiary"):
            settle(replace(looked.answers, left_out=()), (), "")


def _listed(written: Sequence[str]) -> str:
    """Names as they are written, in one line, of very many the first."""
    shown = ", ".join(f"“{_short(text)}”" for text in written[:_NAMED])
    return shown if len(written) <= _NAMED else say("upload.names_and_more", names=shown, number=f"{len(written) - _NAMED:,}")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def _give(looked: Looked, answered: Sequence[tuple[Question, str | None]], settle: Settle, remember: str) -> None:
    domain = looked.staged.checked.domain.name
    spellings = [Spelling(question.kind, question.written, answer, domain="" if question.kind == "district" else domain, column=question.column)
                 for question, answer in answered if answer not in (None, LEFT_OUT)]
    out = [question.written for question, answer in answered if answer == LEFT_OUT and question.kind == "district"]
    passed = [question.written for question, answer in answered if answer == LEFT_OUT and question.kind == "heading"]
    answers = looked.answers.spelled(spellings)
    settle(replace(answers, left_out=tuple(dict.fromkeys((*answers.left_out, *out))), passed=tuple(dict.fromkeys((*answers.passed, *passed)))), spellings, remember)


# ── Where the table stands ───────────────────────────────────────────────────────────────────────


def _settle_otherwise(looked: Looked, election: Election, settle: Settle) -> None:
    """Domain, date, sheet and header row, where they were told wrongly."""
    checked, layout, id = looked.staged.checked, looked.staged.layout, looked.entry.staged
    with st.form(f"otherwise_form_{id}_{looked.entry.read_at:%H%M%S%f}", border=False):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            domain = st.selectbox(say("upload.domain"), [one.name for one in election.domains], index=[one.name for one in election.domains].index(checked.domain.name),
                                  format_func=lambda name: election.domain(name).label, width=200)
            on = st.date_input(say("upload.as_of"), value=checked.as_of, format="DD/MM/YYYY", min_value=date(2000, 1, 1), width=170)
            sheet = st.selectbox(say("upload.sheet"), [one.name for one in looked.sheets], index=[one.name for one in looked.sheets].index(checked.sheet), width=230)
            row = st.number_input(say("upload.header_row"), min_value=1, max_value=1_000, value=layout.header_row, step=1, width=150)
        if st.form_submit_button(say("upload.read_again")):
            moved = (domain, sheet, row) != (checked.domain.name, checked.sheet, layout.header_row)
            where = {"domain": domain, "sheet": sheet, "header_row": int(row), "last_row": 0} if moved else {}
            settle(replace(looked.answers, as_of=on if on != checked.as_of else looked.answers.as_of, **where), (), "")


def point_at(looked: Looked, election: Election, settle: Settle, *, may_teach: bool) -> None:
    """Where no table was recognised: its sheet is looked at, its header and its columns are pointed at."""
    st.html(marks.banner("problem", looked.error.message if isinstance(looked.error, LoadError) else ""))
    shown = [sheet for sheet in looked.sheets if sheet.cells.num_rows]
    guess = nearest(looked.sheets, election.domains)
    id, names = looked.entry.staged, [sheet.name for sheet in shown]
    begins = looked.answers.sheet or (guess.sheet if guess else names[0])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(say("upload.sheet"), names, index=names.index(begins) if begins in names else 0, key=f"point_sheet_{id}", width=260)
        sheet = next(one for one in shown if one.name == name)
        first = looked.answers.header_row or (guess.header_row if guess and guess.sheet == name else sheet.cells["row"][0].as_py())
        row = int(st.number_input(say("upload.header_row"), min_value=1, max_value=1_000, value=first, step=1, key=f"point_row_{id}_{name}", width=150))
        domains = [one.name for one in election.domains]
        told = looked.answers.domain or (guess.domain if guess else domains[0])
        domain = election.domain(st.selectbox(say("upload.domain"), domains, index=domains.index(told), format_func=lambda one: election.domain(one).label, key=f"point_domain_{id}", width=200))
    _preview(sheet, row)
    _map_columns(looked, sheet, row, domain, settle, may_teach)


def _preview(sheet: Sheet, header_row: int) -> None:
    """The first rows of a sheet as they stand in it."""
    first = sheet.cells.slice(0, max(_PREVIEWED, header_row + 3))
    frame = pd.DataFrame(first.to_pylist()).rename(columns={"row": say("table.sheet_row")})
    st.dataframe(frame, hide_index=True, height=320, alt=say("upload.preview"), key=f"preview_{sheet.name}")


def _map_columns(looked: Looked, sheet: Sheet, header_row: int, domain: Domain, settle: Settle, may_teach: bool) -> None:
    texts = texts_at(sheet, header_row)
    if not texts:
        st.html(marks.banner("note", say("upload.no_header", row=header_row)))
        return
    suggested = suggested_columns(texts, domain)
    with st.form(f"map_{looked.entry.staged}_{sheet.name}_{header_row}_{domain.name}"):
        st.html(marks.muted(say("upload.map")))
        options = ["", *texts]
        chosen = {}
        with st.container(horizontal=True):
            for column in domain.columns:
                label = say("upload.map_required", column=column.label) if column.required else column.label
                chosen[column.name] = st.selectbox(
                    label, options, index=options.index(suggested[column.name] or ""), width=230, key=f"map_{looked.entry.staged}_{sheet.name}_{header_row}_{domain.name}_{column.name}",
                    format_func=lambda at: say("upload.letters_of", letters=at, heading=texts[at][:60]) if at else say("upload.not_there"))
        remember = _ask_to_remember(looked, may_teach)
        if st.form_submit_button(say("upload.answer"), type="primary"):
            spellings = [Spelling("heading", texts[at], name, domain=domain.name) for name, at in chosen.items() if at]
            settle(replace(looked.answers, domain=domain.name, sheet=sheet.name, header_row=header_row).spelled(spellings), spellings, remember)
