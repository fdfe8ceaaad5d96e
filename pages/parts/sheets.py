"""A sheet to fill in or to edit: a place's workbook of a domain, blank or with the rows that stand now."""

from __future__ import annotations

from datetime import date

import streamlit as st

from data.declare import Domain
from data.store import Store
from loaders.templates import filled, template
from pages.parts import marks
from pages.parts.session import Viewer
from pages.parts.tables import XLSX
from pages.parts.words import say


def take_a_sheet(store: Store, viewer: Viewer) -> None:
    """Domain and place are chosen, and the workbook is taken along."""
    election = store.election
    places = [place for place in (election.places.country, *election.places.provinces, *election.places.districts) if viewer.may_submit.covers(election.places, place.code)]
    st.html(marks.section(say("sheets.title"), say("sheets.aside")))
    with st.container(horizontal=True, vertical_alignment="bottom", key="take_a_sheet"):
        domain = st.selectbox(say("upload.domain"), [one.name for one in election.domains if viewer.may_submit.allows(one.name)], format_func=lambda name: election.domain(name).label, key="sheet_domain", width=200)
        place = st.selectbox(say("filters.place"), [one.code for one in places], format_func=lambda code: election.places[code].name, key="sheet_place", width=230)
        if viewer.scope.covers(election.places, place):  # else there would be no rows in it
            st.download_button(say("sheets.filled"), lambda: filled(store, viewer.scope, election.domain(domain), election.places, place=place, on=store.today), f"{domain}-{place}.xlsx", XLSX, key="sheet_filled", on_click="ignore", icon=":material/edit_document:")
        st.download_button(say("sheets.blank"), lambda: template(election.domain(domain), election.places, place=place), f"{domain}-{place}-blank.xlsx", XLSX, key="sheet_blank",
                           on_click="ignore", icon=":material/note_add:", type="tertiary")


def edit_sheet(store: Store, viewer: Viewer, domain: Domain, place: str, on: date) -> None:
    """The workbook with a place's rows of a day, to be changed and handed in again."""
    st.download_button(say("sheets.edit"), lambda: filled(store, viewer.scope, domain, store.election.places, place=place, on=on), f"{domain.name}-{place}.xlsx", XLSX,
                       key=f"edit_sheet_{domain.name}", on_click="ignore", icon=":material/edit_document:", type="tertiary", help=say("sheets.aside"))
