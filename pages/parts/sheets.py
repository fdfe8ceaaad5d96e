"""A sheet to fill in or to edit: a place's workbook of a domain, blank or with the rows that stand now."""

from __future__ import annotations

import streamlit as st

from data import readiness
from data.store import Store
from loaders.templates import template
from pages.parts import marks
from pages.parts.session import Viewer
from pages.parts.words import say

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def take_a_sheet(store: Store, viewer: Viewer) -> None:
    """Domain and place are chosen, and the workbook is taken along."""
    election = store.election
    places = [place for place in (election.places.country, *election.places.provinces, *election.places.districts) if viewer.may_submit.covers(election.places, place.code)]
    st.html(marks.section(say("sheets.title"), say("sheets.aside")))
    with st.container(horizontal=True, vertical_alignment="bottom", key="take_a_sheet"):
        domain = st.selectbox(say("upload.domain"), [one.name for one in election.domains], format_func=lambda name: election.domain(name).label, key="sheet_domain", width=200)
        place = st.selectbox(say("filters.place"), [one.code for one in places], format_func=lambda code: election.places[code].name, key="sheet_place", width=230)
        st.download_button(say("sheets.filled"), lambda: filled(store, viewer, domain, place), f"{domain}-{place}.xlsx", _XLSX, key="sheet_filled", on_click="ignore", icon=":material/edit_document:")
        st.download_button(say("sheets.blank"), lambda: template(election.domain(domain), election.places, place=place), f"{domain}-{place}-blank.xlsx", _XLSX, key="sheet_blank",
                           on_click="ignore", icon=":material/note_add:", type="tertiary")


def filled(store: Store, viewer: Viewer, domain: str, place: str) -> bytes:
    """The workbook with a place's present rows. It bears the rows' own day: today's would make an old report look fresh. Of rows
    of several days none is right, and who fills it in writes it."""
    rows = readiness.rows(store, viewer.scope, domain, place=place, on=store.today)
    days = {found.date() for found in rows["as_of"]}
    return template(store.election.domain(domain), store.election.places, place=place, rows=rows, as_of=days.pop() if len(days) == 1 else None)
