"""A domain without a page of its own: its figures, and the places below."""

import streamlit as st

from pages.parts import domain_page

domain_page.show(st.session_state["page"])
