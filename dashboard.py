"""The front door: the application that `streamlit run dashboard.py` serves.

A mistake in the election's file, or a database that can't be opened, is said here, before anything is served. While it is
served, the command line is answered by this process, which holds the database.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st

from data.election import ElectionError
from data.store import StoreError
from loaders.__main__ import answer
from loaders.door import open_door, patiently
from pages.parts import errors, session

try:
    store = patiently(session.store)
except (ElectionError, StoreError) as error:
    sys.exit(str(error))


@asynccontextmanager
async def _served(_: Any) -> AsyncIterator[None]:
    with open_door(store, answer):
        yield


app = st.App("pages/start.py", lifespan=_served, on_script_error=errors.tell)
