"""The front door: the application that `streamlit run dashboard.py` serves.

A mistake in the election's file, or a database that can't be opened, is said here, before anything is served.
"""

import sys

import streamlit as st

from data.election import ElectionError
from data.store import StoreError
from pages.parts import errors, session

try:
    session.store()
except (ElectionError, StoreError) as error:
    sys.exit(str(error))

app = st.App("pages/start.py", on_script_error=errors.tell)
