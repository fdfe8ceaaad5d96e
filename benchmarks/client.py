"""A viewer without a browser: asks a Streamlit server for script runs and takes the time of each.

It speaks as the browser does, over the websocket, and keeps the messages that the server need not send twice. The
time is the server's: from the request until the script has finished and all its messages are here. Drawing is not in it.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

WAIT = 120  # seconds for one message


class RunFailed(Exception):
    """A script run that did not end well: an error on the page, or a page that there is not."""


@dataclass
class Run:
    """One script run: its seconds, and what came: messages, their bytes, how many of each kind of element."""

    seconds: float = 0.0
    messages: int = 0
    size: int = 0
    elements: Counter[str] = field(default_factory=Counter)


class Viewer:
    """One person's open page. Use it in a `with` block."""

    def __init__(self, port: int, page: str = "") -> None:
        self.page = page
        self._page_hash = ""
        self._kept: set[str] = set()
        self._address = f"127.0.0.1:{port}"
        self._socket: ClientConnection = connect(
            f"ws://{self._address}/_stcore/stream", origin=f"http://{self._address}", subprotocols=["streamlit"],
            max_size=None, ping_interval=None, proxy=None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._socket.close()

    def run(self, query: str = "") -> Run:
        """Runs the page's script once, with that query in the URL. RunFailed if it errs."""
        asked = BackMsg()
        state = asked.rerun_script
        state.query_string, state.page_name, state.page_script_hash = query, self.page, self._page_hash
        state.context_info.url = f"http://{self._address}/{self.page}"
        state.context_info.timezone = "UTC"
        state.cached_message_hashes.extend(self._kept)
        start = time.perf_counter()
        self._socket.send(asked.SerializeToString())
        run = Run()
        for message, size in self._messages():
            run.messages += 1
            run.size += size
            if self._take(message, run):
                run.seconds = time.perf_counter() - start
                return run
        raise RunFailed("The server closed the connection.")

    def _messages(self) -> Iterator[tuple[ForwardMsg, int]]:
        while True:
            data = self._socket.recv(timeout=WAIT)
            yield ForwardMsg.FromString(data), len(data)

    def _take(self, message: ForwardMsg, run: Run) -> bool:
        """Notes one message; whether it was the last of the run."""
        kind = message.WhichOneof("type")
        if message.metadata.cacheable and message.hash:
            self._kept.add(message.hash)
        if kind == "new_session":
            self._page_hash = message.new_session.page_script_hash
        elif kind == "navigation":
            self._page_hash = message.navigation.page_script_hash
        elif kind == "page_not_found":
            raise RunFailed(f"There is no page {self.page!r}.")
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element.WhichOneof("type")
            run.elements[element] += 1
            if element == "exception":
                raise RunFailed(f"{message.delta.new_element.exception.type}: {message.delta.new_element.exception.message}")
        elif kind == "ref_hash":
            run.elements["kept from before"] += 1
        if kind != "script_finished" or message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            return False
        if message.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY:
            raise RunFailed(ForwardMsg.ScriptFinishedStatus.Name(message.script_finished))
        return True
