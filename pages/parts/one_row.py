"""One row of a district corrected on the page: it becomes a sheet like any other, and is compared and committed like one."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from data.declare import Column, Domain
from data.places import Place
from data.store import Store
from loaders import desk
from loaders.templates import template
from pages.parts import filters, marks
from pages.parts.session import Viewer
from pages.parts.words import say


def edit_row(store: Store, viewer: Viewer, domain: Domain, district: Place, rows: pd.DataFrame) -> None:
    """A row of the district's sheet is chosen and changed; then the Upload page shows what that changes. Its many fields are
    drawn only once they are asked for."""
    fields = st.expander(say("one_row.title"), key=f"one_row_{domain.name}", icon=":material/edit:", on_change="rerun")
    if not fields.open:
        return
    with fields:
        st.html(marks.muted(say("one_row.hint")))
        names = {number: _name(domain, row) for number, row in rows.iterrows()}
        number = st.selectbox(say("one_row.which"), list(names), format_func=names.get, key=f"one_row_which_{domain.name}")
        row = rows.loc[number]
        with st.form(f"one_row_form_{domain.name}_{number}"):
            with st.container(horizontal=True):
                told = {column.name: _field(column, row[column.name], f"one_row_{domain.name}_{number}_{column.name}") for column in domain.stored if not column.key}
                as_of = st.date_input(say("one_row.as_of"), value=row["as_of"].date(), format="DD/MM/YYYY", max_value=store.today, key=f"one_row_{domain.name}_{number}_as_of", width=190)
            if st.form_submit_button(say("one_row.go_on")):
                if all(_same(value, row[name]) for name, value in told.items()) and as_of == row["as_of"].date():
                    st.html(marks.banner("note", say("one_row.nothing")))
                else:
                    _lay(store, viewer, domain, district, _changed(rows, number, told), as_of)


def _name(domain: Domain, row: pd.Series) -> str:
    """What tells a row from others of its district; the row of the sheet where nothing else does."""
    labels = {column.name: {code.value: code.label for code in column.codes} for column in domain.keys}
    told = [str(labels[column.name].get(row[column.name], row[column.name])) for column in domain.keys if column.kind != "district"]
    return ", ".join(told) or say("upload.sheet_row", row=row["row"])


def _field(column: Column, value: Any, key: str) -> Any:
    """The field in which a column's value is changed."""
    value = None if pd.isna(value) else value
    label = say("upload.map_required", column=column.label) if column.required else column.label
    if column.kind == "count":
        return st.number_input(label, min_value=0, step=1, value=None if value is None else int(value), key=key, width=190)
    if column.kind == "money":
        return st.number_input(label, min_value=0.0, value=None if value is None else float(value), key=key, width=190)
    if column.kind == "date":
        return st.date_input(label, value=None if value is None else value.date(), format="DD/MM/YYYY", min_value=date(2000, 1, 1), max_value=date(2099, 12, 31), key=key, width=190)
    if column.kind == "code":
        labels = {code.value: code.label for code in column.codes}
        return st.selectbox(label, list(labels), index=None if value is None else list(labels).index(value), format_func=labels.get, key=key, width=230)
    return st.text_input(label, value=value or "", max_chars=2_000, key=key, width=290) or None


def _same(new: Any, old: Any) -> bool:
    if new is None or pd.isna(new):
        return bool(pd.isna(old))
    if pd.isna(old):
        return False
    return bool((pd.Timestamp(new) if isinstance(new, date) else new) == old)


def _changed(rows: pd.DataFrame, number: Any, told: dict[str, Any]) -> pd.DataFrame:
    """The rows with that one changed, each value as a plain one."""
    changed = rows.astype(object)
    for name, value in told.items():
        changed.at[number, name] = pd.NA if value is None else pd.Timestamp(value) if isinstance(value, date) else value
    return changed


def _lay(store: Store, viewer: Viewer, domain: Domain, district: Place, rows: pd.DataFrame, as_of: date) -> None:
    content = template(domain, store.election.places, place=district.code, rows=rows, as_of=as_of)
    id, = desk.lay(store, f"{district.name} {domain.label} {as_of}.xlsx", content, sender=viewer.name, by=viewer.name, may_submit=viewer.may_submit, sees=viewer.files)
    st.switch_page("submissions/upload.py", query_params=filters.query(**{filters.STAGED: id}))
