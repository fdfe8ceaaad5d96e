"""Streamlit's settings, once they stand."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext

from google.protobuf.message import Message
from streamlit import config
from streamlit.runtime import app_session


def hold_still() -> None:
    """Has Streamlit read its settings without waiting, from now on: nobody changes them while the program serves.

    It asks for one with each message to a browser, under a lock: who held it and was sent to wait for the interpreter kept everybody else
    waiting, which before two hundred people was a quarter of all waiting. And with each run of a page it tells the browser the look, put
    together from all settings one by one: from now on it is put together once.
    """
    config._config_lock = nullcontext()
    app_session._populate_theme_msg = _once(app_session._populate_theme_msg)


def _once(populate: Callable[[Message, str], None]) -> Callable[[Message, str], None]:
    """Writes what is said of a section of the look into a message as it was said for the first one."""
    said: dict[str, Message] = {}

    def populated(message: Message, section: str = "theme") -> None:
        if section not in said:
            told = type(message)()
            populate(told, section)
            said[section] = told
        if said[section].ByteSize():  # else the section would be there, and hold nothing
            message.MergeFrom(said[section])

    return populated
