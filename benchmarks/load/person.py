"""One viewer without a browser, as one of many: opens a page, follows links, sets filters, and says how long each answer took.

It speaks as the browser does: the page itself over HTTP, then a websocket with the session's cookie, the state of every select box, date
and row of buttons, the hashes of the messages that it still keeps. Of an answer it looks only at what it needs for that.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

WITHIN = 60.0  # seconds for an answer: who waits longer has gone
OPENING, LOOKING = "(opening)", "(signed in?)"
_FINISHED = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
_SAID = 'class="er-banner er-banner-problem"'  # what the dashboard shows in place of an exception
_COOKIE = re.compile(rb"^set-cookie: ([^=]+)=([^;\r]*)", re.IGNORECASE | re.MULTILINE)
_XSRF = "_streamlit_xsrf"
_BACK = (*[0] * 12, 1, 7, 14, 28)  # days before the last that can be chosen, as often as each stands here
_OFTEN, _SELDOM = 10, 1  # how often a filter is set: seldom the day, as long as it is the last one


@dataclass(frozen=True, slots=True)
class Answer:
    """One thing that somebody waited for: the page, when it was asked for by `time.perf_counter`, seconds until the last message, bytes, what
    was wrong ('' for nothing)."""

    page: str
    asked: float
    seconds: float
    size: int = 0
    error: str = ""

    @property
    def came(self) -> float:
        return self.asked + self.seconds


class Wrong(Exception):
    """An answer that is none: an error on the page, a page that there is not, a status that was not expected."""


@dataclass(frozen=True)
class Filter:
    """Something on the page that can be set: what the browser keeps of it, what else it can be set to, how often people do so beside the
    others, the fragment that it belongs to, the name under which the browser itself writes it into the URL ('' where the page does)."""

    state: WidgetState
    choices: tuple[str, ...]
    often: int
    fragment: str
    in_url: str


class Person:
    """One person, who has one page open at a time. Nothing that goes wrong raises: it stands in the answer. A page whose connection is lost,
    or that does not answer, is closed."""

    def __init__(self, port: int, cookies: dict[str, str] | None = None) -> None:
        self.page, self.query = "", ""
        self._host, self._port, self._cookies = f"127.0.0.1:{port}", port, dict(cookies or {})
        self._socket: ClientConnection | None = None
        self._forget()

    @property
    def is_open(self) -> bool:
        return self._socket is not None

    @property
    def filters(self) -> Sequence[Filter]:
        """What can be set on the page."""
        return [one for one in self._filters.values() if one.choices]

    @property
    def asked(self) -> dict[str, str]:
        """What the URL asks the page for."""
        return dict(parse_qsl(self.query))

    async def open(self, page: str, **asked: str) -> tuple[Answer, ...]:
        """Comes to a page as by a link that was sent: first what the browser fetches, then the page's run."""
        self._forget()
        self.page, self.query = page, urlencode(asked)
        opening = await self._timed(OPENING, self._connect)
        return (opening,) if opening.error else (opening, await self._run())

    async def go(self, page: str, **asked: str) -> Answer:
        """Follows a link within the open page; the filters of the page that is left are gone."""
        self.page, self.query = page, urlencode(asked)
        self._page_hash = self._pages.get(page, "")
        self._filters.clear()
        return await self._run(is_link=True)

    async def set(self, chosen: Filter, value: str) -> Answer:
        """Sets a filter of the page to one of its choices."""
        state = WidgetState()
        state.CopyFrom(chosen.state)
        if state.HasField("string_value"):
            state.string_value = value
        else:
            state.string_array_value.data[:] = [value]
        self._filters[state.id] = replace(chosen, state=state)
        if chosen.in_url:
            self.query = urlencode(self.asked | {chosen.in_url: value})
        return await self._run(fragment=chosen.fragment)

    async def look(self) -> Answer:
        """Asks whether the session still lasts, as every open page of the dashboard does now and then."""
        async def asked() -> int:
            return await self._get("/signed-in", 204)

        return await self._timed(LOOKING, asked)

    async def close(self) -> None:
        socket, self._socket = self._socket, None
        if socket is not None:
            await socket.close()

    def _forget(self) -> None:
        self._page_hash, self._pages = "", dict[str, str]()
        self._filters = dict[str, Filter]()
        self._kept, self._runs, self._oldest = dict[str, int](), 0, 0  # hashes of messages by the run that last needed them

    async def _timed(self, page: str, ask: Any) -> Answer:
        """Asks, and says how long it took or what was wrong; `ask` gives the bytes that came."""
        start, size, error = time.perf_counter(), 0, ""
        try:
            async with asyncio.timeout(WITHIN):
                size = await ask()
        except Wrong as wrong:
            error = str(wrong)
        except (OSError, TimeoutError, WebSocketException) as lost:
            error = f"no answer within {WITHIN:.0f} seconds" if isinstance(lost, TimeoutError) else f"{type(lost).__name__}: {lost}"
            if page != LOOKING:
                await self.close()
        return Answer(page, start, time.perf_counter() - start, size, error)

    async def _connect(self) -> int:
        sizes = [await self._get(path, 200) for path in (f"/{self.page}?{self.query}", "/_stcore/health", "/_stcore/host-config")]
        self._socket = await connect(
            f"ws://{self._host}/_stcore/stream", origin=f"http://{self._host}", additional_headers={"cookie": self._cookie},
            subprotocols=["streamlit", self._cookies.get(_XSRF, "none")], max_size=None, proxy=None, ping_interval=None, open_timeout=None, close_timeout=5)
        return sum(sizes)

    @property
    def _cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    async def _get(self, path: str, expected: int) -> int:
        """Bytes of the answer to a GET on a connection of its own, as a browser's would be after a pause. Wrong if its status is another."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            asked = (f"GET {path} HTTP/1.1", f"host: {self._host}", "accept: text/html,*/*", f"cookie: {self._cookie}", "connection: close", "", "")
            writer.write("\r\n".join(asked).encode())
            told = await reader.read()
        finally:
            writer.close()
        head = told.partition(b"\r\n\r\n")[0]
        status = head[9:12].decode("latin-1")
        if status != str(expected):
            raise Wrong(f"{path.partition('?')[0]} was answered with {status or 'nothing'}")
        self._cookies |= {name.decode("latin-1"): value.decode("latin-1") for name, value in _COOKIE.findall(head)}
        return len(told)

    async def _run(self, *, fragment: str = "", is_link: bool = False) -> Answer:
        asked = BackMsg()
        state = asked.rerun_script
        state.query_string, state.page_script_hash, state.fragment_id, state.is_history_navigation = self.query, self._page_hash, fragment, is_link
        state.page_name = "" if self._page_hash else self.page
        state.widget_states.widgets.extend(one.state for one in self._filters.values())
        state.cached_message_hashes.extend(self._kept)
        state.context_info.timezone, state.context_info.timezone_offset, state.context_info.locale = "Asia/Karachi", -300, "en-GB"
        state.context_info.url = f"http://{self._host}/{self.page}?{self.query}"
        request = asked.SerializeToString()

        async def answered() -> int:
            if self._socket is None:
                raise Wrong("the page is not open")
            await self._socket.send(request)
            return await self._take_in(self._socket)

        return await self._timed(self.page, answered)

    async def _take_in(self, socket: ClientConnection) -> int:
        """Reads the messages of one run to the last; their bytes. Wrong where one of them told of an error."""
        size, wrong, found = 0, "", dict[str, Filter]()
        while True:
            data = await socket.recv(decode=False)
            size += len(data)
            message = ForwardMsg.FromString(data)
            wrong = wrong or fault(message)
            match message.WhichOneof("type"):
                case "delta":
                    if message.metadata.cacheable:
                        self._kept[message.hash] = self._runs
                    if one := _filter_of(message):
                        found[one.state.id] = one
                case "ref_hash":
                    if message.ref_hash not in self._kept:
                        wrong = wrong or "the server left out a message that was never sent"
                    self._kept[message.ref_hash] = self._runs
                case "new_session":
                    self._page_hash, self._oldest = message.new_session.page_script_hash, message.new_session.config.max_cached_message_age
                case "navigation":
                    self._page_hash = message.navigation.page_script_hash
                    self._pages = {one.url_pathname: one.page_script_hash for one in message.navigation.app_pages}
                case "page_info_changed":
                    self.query = message.page_info_changed.query_string
                case "script_finished" if message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    break
        self._runs += 1
        self._kept = {kept: run for kept, run in self._kept.items() if self._runs - run <= self._oldest}
        is_fragment = message.script_finished == ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY
        self._filters = self._filters | found if is_fragment else found
        if wrong:
            raise Wrong(wrong)
        return size


def fault(message: ForwardMsg) -> str:
    """What a message tells of that went wrong; '' for nothing."""
    match message.WhichOneof("type"):
        case "delta" if message.delta.WhichOneof("type") == "new_element":
            match message.delta.new_element.WhichOneof("type"):
                case "exception":
                    return f"{message.delta.new_element.exception.type}: {message.delta.new_element.exception.message}"
                case "html" if _SAID in message.delta.new_element.html.body:
                    return "the page said that it failed"
        case "page_not_found":
            return "there is no such page"
        case "session_event" if message.session_event.WhichOneof("type") == "script_compilation_exception":
            return message.session_event.script_compilation_exception.message
        case "script_finished" if message.script_finished not in (*_FINISHED, ForwardMsg.FINISHED_EARLY_FOR_RERUN):
            return ForwardMsg.ScriptFinishedStatus.Name(message.script_finished)
    return ""


def _filter_of(message: ForwardMsg) -> Filter | None:
    """The filter that a message draws, with the value that it has; None for any other message, and for a field of a form."""
    element = message.delta.new_element
    kind = element.WhichOneof("type")
    if kind not in ("selectbox", "date_input", "button_group"):
        return None
    widget = getattr(element, kind)
    if widget.form_id or widget.ignore_rerun or widget.disabled:
        return None
    state, often = WidgetState(id=widget.id), _OFTEN
    if kind == "selectbox":
        choices = list(widget.options)
        state.string_value = widget.raw_value if widget.set_value else choices[widget.default] if choices else ""
    elif kind == "date_input":
        choices = [] if widget.is_range else _days(widget.min, widget.max)
        state.string_array_value.data.extend(widget.value if widget.set_value else widget.default)
        often = _SELDOM if list(state.string_array_value.data) == [widget.max] else _OFTEN
    else:
        choices = [option.content for option in widget.options]
        state.string_array_value.data.extend(widget.raw_values if widget.set_value else [choices[at] for at in widget.default])
    held = (state.string_value, *state.string_array_value.data)
    return Filter(state, tuple(choice for choice in choices if choice not in held), often, message.delta.fragment_id, widget.query_param_key)


def _days(first: str, last: str) -> list[str]:
    """The days that people look at of those that can be chosen: most often the last one, else those of earlier reports."""
    days = [(date.fromisoformat(last) - timedelta(days=back)).isoformat() for back in _BACK]
    return [day for day in days if day >= first]
