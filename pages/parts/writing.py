"""Forms by which people write something down: each opens under its button, and says what is wrong or that it is kept."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from data.written import WritingError
from pages.parts import marks
from pages.parts.words import say

Fields = Callable[[], Callable[[], object]]  # draws a form's fields, and gives what is done when it is sent
_SAID = "written_said"


def said() -> None:
    """Says that what was just sent is kept."""
    if told := st.session_state.pop(_SAID, ""):
        st.html(marks.banner("note", told))


def forms(*of: tuple[str, str, Fields]) -> None:
    """Forms side by side: (title, icon, fields) each."""
    with st.container(horizontal=True):
        for title, icon, fields in of:
            _form(title, icon, fields)


def _form(title: str, icon: str, fields: Fields) -> None:
    with st.popover(say(title), icon=f":material/{icon}:", key=f"open_{title}"), st.form(f"form_{title}", border=False):
        done = fields()
        if st.form_submit_button(say("meetings.keep")):
            try:
                done()
            except WritingError as error:
                st.html(marks.banner("problem", str(error)))
            else:
                st.session_state[_SAID] = say("meetings.kept")
                st.rerun()
