"""What Streamlit asks anew in each run of a page, and what can be answered once: its settings, once they stand."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext

from google.protobuf.message import Message
from streamlit import config
from streamlit.elements import html
from streamlit.runtime import app_session


def hold_still() -> None:
    """Has Streamlit read its settings without waiting, from now on: nobody changes them while the program serves.

    It asks for one with each message to a browser, under a lock: who held it and was sent to wait for the interpreter kept everybody else
    waiting, which before two hundred people was a quarter of all waiting. And with each run of a page it tells the browser the look, put
    together from all settings one by one: from now on it is put together once. Of each piece of HTML it asks whether it holds nothing but
    styles, sign by sign: of the stylesheet that was a twentieth of the national page's run, and the piece's end tells it nearly always.
    """
    config._config_lock = nullcontext()
    app_session._populate_theme_msg = _once(app_session._populate_theme_msg)
    html._html_only_style_tags = _by_its_end(html._html_only_style_tags)


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


def _by_its_end(holds_styles_only: Callable[[str], bool]) -> Callable[[str], bool]:
    """Whether a piece holds nothing but styles and comments, which is asked only where it ends as one that does."""
    def asked(piece: str) -> bool:
        end = piece.rstrip()[-8:].casefold()
        return (not end or end.endswith(("</style>", "-->"))) and holds_styles_only(piece)

    return asked
