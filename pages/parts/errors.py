"""What a page says when it fails: one sentence, what is safe, what to do, and a reference. The details go to the log."""

from __future__ import annotations

import logging
from secrets import token_hex

import streamlit as st

from pages.parts import marks
from pages.parts.words import say

_LOG = logging.getLogger("readiness")


def tell(error: Exception) -> bool:
    """Says on the page that it failed, under a reference that stands in the log beside the error. True: it has been said."""
    reference = token_hex(3).upper()
    _LOG.error("page failed, reference %s: %r", reference, error)
    st.html(marks.banner("problem", say("page.problem", reference=reference)))
    return True
