"""Streamlit's settings, once they stand."""

from __future__ import annotations

from contextlib import nullcontext
from functools import cache

from streamlit import config


def hold_still() -> None:
    """Has Streamlit read its settings without waiting, from now on: nobody changes them while the program serves.

    It asks for one with each message to a browser, under a lock: who held it and was sent to wait for the interpreter kept everybody else
    waiting, which before two hundred people was a quarter of all waiting. And each run of a page looks all of them through for those
    of the look.
    """
    config._config_lock = nullcontext()
    config.get_options_for_section = cache(config.get_options_for_section)
