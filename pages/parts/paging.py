"""Long lists in parts: as much as one looks at in one go, with the way to the rest."""

from __future__ import annotations

import streamlit as st

from pages.parts import marks
from pages.parts.words import say


def part(total: int, *, size: int, key: str) -> slice:
    """Which part of a list of that length is shown; where it has more than one, the numbers to choose by are drawn."""
    if total <= size:
        return slice(0, total)
    pages = -(-total // size)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"paging_{key}"):
        page = st.pagination(pages, key=key)
        shown = slice((page - 1) * size, min(page * size, total))
        st.html(marks.muted(say("paging.shown", first=f"{shown.start + 1:,}", last=f"{shown.stop:,}", total=f"{total:,}")))
    return shown
