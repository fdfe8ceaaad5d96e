"""Somebody who asks the dashboard's server without a browser: for a route, for a page's script run, with a cookie or without."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from http.client import HTTPConnection, HTTPResponse
from socket import create_connection
from typing import Self
from urllib.parse import urlencode, urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

PATIENCE = 120  # seconds


@dataclass(frozen=True)
class Answer:
    """What came back: the status, the headers by their small names, the body as text."""

    status: int
    headers: dict[str, str]
    text: str


@dataclass(frozen=True)
class Shown:
    """What a page's run sent: all bytes of its messages, the words of its own pieces, and whether it was one of the viewer's pages."""

    sent: bytes
    words: str
    is_found: bool


class NoBrowser:
    """One person, with the cookies that the server gave them."""

    def __init__(self, server: str, cookies: dict[str, str] | None = None) -> None:
        self.host, self.cookies = urlsplit(server).netloc, dict(cookies or {})

    def get(self, path: str, **headers: str) -> Answer:
        return self._ask("GET", path, None, headers)

    def post(self, path: str, fields: dict[str, str], **headers: str) -> Answer:
        return self._ask("POST", path, urlencode(fields), {"content-type": "application/x-www-form-urlencoded", **headers})

    def call(self, method: str, path: str, token: str = "", body: bytes = b"", **headers: str) -> Answer:
        """Asks as a program does, with a token."""
        return self._ask(method, path, body, ({"authorization": f"Bearer {token}"} if token else {}) | headers)

    def send(self, path: str, fields: dict[str, str], **headers: str) -> Answer:
        """Opens the page at `path`, fills its form in and sends it."""
        form = self.get(path, accept="text/html").text
        action = re.search(r'<form method="post" action="([^"]*)"', form)
        hidden = {unescape(name): unescape(value) for name, value in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form)}
        assert action, form
        return self.post(unescape(action[1]), hidden | fields, **headers)

    def sign_out(self) -> Answer:
        """Presses the one button of one's own account's page."""
        return self.send("/account", {})

    def sign_in(self, login: str, password: str) -> Answer:
        return self.send("/signin", {"login": login, "password": password})

    def socket(self, *, origin: str | None = None, host: str | None = None, **headers: str) -> ClientConnection:
        """A websocket as the dashboard's page opens it, to the server by the name of `host`. It raises if it is refused."""
        name, port = self.host.rsplit(":", 1)
        return connect(f"ws://{host or self.host}/_stcore/stream", sock=create_connection((name, int(port)), PATIENCE), origin=origin or f"http://{self.host}", subprotocols=["streamlit"], max_size=None, ping_interval=None,
                       proxy=None, additional_headers={"cookie": self._cookie(), **headers}, open_timeout=PATIENCE)

    def page(self, name: str = "", query: str = "") -> Shown:
        """What the page of that name shows, asked for as by a link that was sent."""
        with self.socket() as socket:
            return run(socket, self.host, name, query)

    def _cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def _ask(self, method: str, path: str, body: str | bytes | None, headers: dict[str, str]) -> Answer:
        line = HTTPConnection(self.host, timeout=PATIENCE)
        line.request(method, path, body, {"cookie": self._cookie(), **headers})
        answer = line.getresponse()
        self._keep(answer)
        told = Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode("utf-8", "replace"))
        line.close()
        return told

    def _keep(self, answer: HTTPResponse) -> None:
        for name, value in re.findall(r"^([^=]+)=([^;]*)", "\n".join(answer.headers.get_all("set-cookie") or []), re.M):
            self.cookies[name] = value.strip('"')

    def copy(self) -> Self:
        """Somebody who has got hold of the same cookies."""
        return type(self)(f"http://{self.host}", self.cookies)


def run(socket: ClientConnection, host: str, name: str, query: str) -> Shown:
    """Has the script of a page run once, and gathers what it sends."""
    asked = BackMsg()
    asked.rerun_script.query_string, asked.rerun_script.page_name = query, name
    asked.rerun_script.context_info.url, asked.rerun_script.context_info.timezone = f"http://{host}/{name}", "UTC"
    socket.send(asked.SerializeToString())
    sent, words, is_found = b"", [], True
    while True:
        data = socket.recv(timeout=PATIENCE)
        message = ForwardMsg.FromString(data)
        sent += data
        match message.WhichOneof("type"):
            case "page_not_found":
                is_found = False
            case "delta":
                words.append(message.delta.new_element.html.body)
            case "script_finished":
                text = " ".join(unescape(re.sub(r"<style>.*?</style>|<script.*?</script>|<[^>]*>", " ", " ".join(words), flags=re.S)).split())
                return Shown(sent, text, is_found)
