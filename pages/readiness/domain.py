"""A domain without a page of its own: its figures, and the places below."""

import streamlit as st

from pages.parts import domain_page

asked = domain_page.begin(st.session_state["page"])
if asked is not None:
    domain_page.end(asked)
