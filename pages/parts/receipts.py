"""The receipt of a submission: what was taken in, from whom, by whom, and what became of the figures. On the page and to take along."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from data import desk, readiness
from data.declare import Domain
from data.scope import Scope
from data.store import Store
from loaders.effect import Moved, between
from loaders.submissions import reference
from pages.parts import compared, marks
from pages.parts.tables import XLSX, book_of
from pages.parts.words import day, moment, say


def show(store: Store, scope: Scope, one: Any, *, key: str) -> None:
    """The receipt of a line of the history that may be seen as a whole."""
    domain, told = store.election.domain(one.domain), _told_of(store, one)
    on, moved = store.remember(("receipt figures", scope, one.submission, told), lambda: _moved(store, scope, one, told))
    facts = store.remember(("receipt facts", scope, one.submission), lambda: marks.facts(_facts(store, scope, one, domain)))
    st.html(marks.stacked((facts, marks.section(say("receipt.figures"), say("receipt.figures_aside", day=day(on))))))
    compared.effect(moved, domain, store.election.places, on, name=f"figures-{reference(one.submission)}", key=f"receipt_{key}")
    st.download_button(say("receipt.download"), lambda: workbook(store, scope, one), f"receipt-{reference(one.submission)}.xlsx", XLSX, key=f"receipt_file_{key}",
                       on_click="ignore", icon=":material/receipt_long:")


def _facts(store: Store, scope: Scope, one: Any, domain: Domain) -> list[tuple[str, str]]:
    held, corrected = len(desk.rejected(store, scope, one.submission)), len(desk.corrections(store, scope, one.submission))
    warnings = len(readiness.warnings_of(store, scope, one.submission))  # those that may be told to whoever looks
    first = readiness.events_of(store, scope, one.submission).iloc[0]
    return [
        (say("receipt.reference"), reference(one.submission)),
        (say("upload.domain"), domain.label),
        (say("upload.as_of"), day(one.as_of)),
        (say("upload.sender"), one.sender),
        (say("receipt.taken"), say("receipt.taken_line", by=first.done_by, moment=moment(first.done_at))),
        (say("receipt.note"), one.note or say("receipt.no_note")),
        (say("upload.rows"), f"{one.row_count:,}"),
        (say("table.districts"), f"{one.districts:,}"),
        (say("receipt.warnings"), f"{warnings:,}"),
        (say("receipt.corrected"), f"{corrected:,}"),
        (say("receipt.held"), f"{held:,}"),
        (say("receipt.file"), one.file_name),
        (say("receipt.sha"), one.file_sha256)]


def _told_of(store: Store, one: Any) -> date:
    """The day on which its figures were first seen: that of the commit; in the example, its clock's."""
    committed = store.example_day if store.example_day and not one.is_example else one.committed_at.date()
    return max(one.as_of.date(), committed)


def _moved(store: Store, scope: Scope, one: Any, on: date) -> tuple[date, Sequence[Moved]]:
    """The figures before and after on that day; where a newer picture stood already, on the sheet's own day."""
    districts = tuple(sorted(set(readiness.rows_of(store, scope, one.domain, one.submission)["district"].to_pylist())))

    def at(told: date) -> tuple[Moved, ...]:
        return store.remember(("receipt", scope, one.submission, told), lambda: between(store, scope, one.submission, on=told, domain=one.domain, districts=districts))

    return (on, at(on)) if any(figure.is_other for figure in at(on)) else (one.as_of.date(), at(one.as_of.date()))


def workbook(store: Store, scope: Scope, one: Any) -> bytes:
    """The receipt as a workbook: what was taken in, the figures, the corrections, the rows held back, the warnings."""
    domain = store.election.domain(one.domain)
    _, moved = _moved(store, scope, one, _told_of(store, one))
    sheets = {
        say("receipt.sheet_receipt"): pd.DataFrame(_facts(store, scope, one, domain), columns=[say("receipt.what"), say("receipt.told")]),
        say("receipt.sheet_figures"): compared.moved_frame(moved),
        say("receipt.sheet_corrections"): desk.corrections(store, scope, one.submission),
        say("receipt.sheet_held"): held_frame(store, scope, one.submission),
        say("receipt.sheet_warnings"): readiness.warnings_of(store, scope, one.submission)}
    return book_of(sheets)


def held_frame(store: Store, scope: Scope, submission: str) -> pd.DataFrame:
    """The rows that were held back, as they were sent: row, each heading, the reasons, whether they are settled."""
    held = desk.rejected(store, scope, submission)
    row, reasons, state = say("table.sheet_row"), say("problems.what_to_do"), say("compared.state")
    told = [{row: one.row, **json.loads(one.cells), reasons: one.reasons, state: say("history.settled") if one.is_settled else say("history.waits")} for one in held.itertuples()]
    return pd.DataFrame(told) if told else pd.DataFrame(columns=[row, reasons, state])
