"""The paper for a meeting, one click away: a document, slides, a workbook."""

from __future__ import annotations

from datetime import date

import streamlit as st

from data.places import Place
from data.scope import Scope
from data.store import Store
from pages.papers import forms
from pages.parts import marks
from pages.parts.words import say

_ICONS = {"pdf": "picture_as_pdf", "pptx": "slideshow", "xlsx": "table_view"}


def papers(store: Store, scope: Scope, place: Place, on: date, since: date | None = None) -> None:
    """A button for each form of the place's paper of the day. It is made only when one of them is pressed."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center", width="content", key="paper"):
        st.html(marks.muted(say("paper.take")))
        for form, icon in _ICONS.items():
            st.download_button(
                say(f"paper.take_{form}"), lambda form=form: forms.make(store, scope, place.code, on, form, since=since), forms.name_of(place, on, form), forms.TYPES[form],
                key=f"paper_{form}", on_click="ignore", icon=f":material/{icon}:", type="tertiary", help=say("paper.take_help", place=place.name))
