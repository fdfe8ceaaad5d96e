"""The guard: what stands before every request and every websocket. Who has no session gets as far as the sign-in page.

As long as nobody has an account, the program is this computer's own, and is shown to nobody else.
"""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import MutableMapping
from email.message import EmailMessage
from typing import Any
from urllib.parse import quote

from starlette.requests import cookie_parser
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from data import accounts, audit, sessions, tokens
from data.sessions import Session
from data.store import Store
from pages.entrance.address import COOKIE, Address, is_here
from pages.entrance.tries import Seldom
from pages.entrance.watch import Watch

SIGN_IN, WELCOME = "/signin", "/welcome"
CODE, PROVIDER, RETURNED = "/signin/code", "/signin/provider", "/signin/returned"
API, METRICS = "/api/", "/api/metrics"
PAPER = "/paper/"
TABLE, FILE = "/table/", "/file/"
_TAKEN = ("/media/", PAPER, TABLE, FILE)  # beneath which files are handed out
WELL = ("/_stcore/health", "/api/health")  # whether the server runs: whoever watches over it asks by whatever name
# Where in a request its session stands, and its token. Streamlit uses the plain word for the session itself.
SESSION, TOKEN = "readiness.session", "readiness.token"
# What may be asked for without a session, by its whole path: the sign-in page, what it is drawn with, and whether the server runs.
OPEN = frozenset({
    SIGN_IN, WELCOME, CODE, PROVIDER, RETURNED, *WELL, "/app/static/door.css", "/app/static/source-sans-3-latin-wght-normal.woff2",
    "/app/static/source-serif-4-latin-wght-normal.woff2", "/app/static/noto-nastaliq-urdu-arabic-wght-normal.woff2", "/app/static/noto-sans-symbols-2-shapes.woff2"})
_ONE_PRESS, _HANDED_OUT = 5.0, 1_000  # seconds within which a file asked for twice was asked for once; how many are remembered
_ENDED = 4401  # the websocket's closing code
_POLICY = "; ".join((
    "default-src 'self'", "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'", "style-src 'self' 'unsafe-inline'", "img-src 'self' data: blob:",
    "font-src 'self' data:", "connect-src 'self'", "worker-src 'self' blob:", "media-src 'self' blob:", "object-src 'none'", "base-uri 'none'",
    "form-action 'self'", "frame-src 'none'", "frame-ancestors 'none'"))
HEADERS = (
    (b"content-security-policy", _POLICY.encode()), (b"x-content-type-options", b"nosniff"), (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"), (b"cross-origin-opener-policy", b"same-origin"), (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=(), usb=()"))
_ONLY_TLS = (b"strict-transport-security", b"max-age=31536000")


class Guard:
    """The outermost layer of the application. A request that it lets through carries its session, or None, in `scope[SESSION]`."""

    def __init__(self, app: ASGIApp, store: Store, address: Address) -> None:
        self.app, self.store, self.address, self._seldom, self._watch = app, store, address, Seldom(store), Watch(store)
        self._handed_out: dict[tuple[str, str], float] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        # To ask the store takes a moment, and nobody else is to wait for who asks meanwhile.
        refused = await asyncio.to_thread(self._refusal, scope)
        # It has been looked at. To judge it once more, Streamlit may ask a host on the internet for this computer's address.
        scope["headers"] = [(name, value) for name, value in scope["headers"] if name != b"origin"]
        if self.address.is_public and scope["type"] == "http":
            scope["scheme"] = "https"  # TLS ends at a proxy, which speaks to us in the clear
        if scope["type"] == "http":
            await (refused or self.app)(scope, receive, self._with_headers(self._noting_downloads(scope, send), is_download=scope["path"].startswith(_TAKEN)))
        elif refused:
            await send({"type": "websocket.close", "code": _ENDED})
        else:
            await self._while_session_lasts(scope, receive, send)

    def _refusal(self, scope: MutableMapping[str, Any]) -> Response | None:
        """Why this request goes no further, as its answer; None where it may. Finds its session."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        host, origin = headers.get("host", ""), headers.get("origin")
        scope[SESSION] = scope[TOKEN] = None
        if scope["path"] in WELL:
            return None
        client = (scope.get("client") or ("",))[0]
        if scope["path"] == METRICS and self.address.is_here(client, scope["headers"], host):
            return None
        if not self.address.is_own_host(host):
            return PlainTextResponse("This is not the address of the program.", 400)
        if self.address.is_public and "x-forwarded-for" not in headers:
            # Else everybody would have the proxy's address, and whoever guesses would keep all others out.
            return PlainTextResponse("The proxy in front of the program must set X-Forwarded-For to the address of its caller.", 400)
        if origin is not None and not self.address.is_own_origin(origin, host) and (scope["type"] == "websocket" or scope["method"] not in ("GET", "HEAD")):
            self._seldom.write("", "refused", "origin", client, asked=scope["path"], address=client)
            return PlainTextResponse("Another site asked for this.", 403)
        if not accounts.are_there(self.store):
            return None if is_here(client, scope["headers"]) else PlainTextResponse("The program is for its own computer alone until somebody has an account.", 403)
        secret = _token(headers) if scope["path"].startswith(API) else None
        if secret is not None:
            scope[TOKEN] = tokens.found(self.store, secret)
            if scope[TOKEN]:
                return None
            self._seldom.write("", "sign_in_failed", "token", client, by="token", address=client)
            return _unknown("No such token is in use. Make a new one on the page of your account.")
        session = scope[SESSION] = sessions.found(self.store, cookie_parser(headers.get("cookie", "")).get(self.address.cookie(COOKIE), ""))
        if session or scope["path"] in OPEN:
            return None
        if scope["path"].startswith(API):
            return _unknown("Send a token: as “Authorization: Bearer …”, or as the password of any name. It is made on the page of one's account.")
        if scope["type"] == "http" and scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
            asked = scope["path"] + (f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else "")
            return RedirectResponse(SIGN_IN if asked == "/" else f"{SIGN_IN}?next={quote(asked, safe='')}", 303)
        return PlainTextResponse("Sign in first.", 401)

    def _with_headers(self, send: Send, *, is_download: bool) -> Send:
        added = [*HEADERS, *([_ONLY_TLS] if self.address.is_public else [])]

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                told = list(message.get("headers", ()))
                if is_download:  # nothing of it stays in a browser or on the way
                    told = [(name, value) for name, value in told if name.lower() != b"cache-control"] + [(b"cache-control", b"no-store")]
                if self.address.is_public:  # Streamlit's own cookie as well, which is set without
                    told = [(name, value + b"; Secure" if name.lower() == b"set-cookie" and b"; secure" not in value.lower() else value) for name, value in told]
                names = {name.lower() for name, _ in told}
                message = {**message, "headers": [*told, *((name, value) for name, value in added if name not in names)]}
            await send(message)
        return sent

    def _noting_downloads(self, scope: Scope, send: Send) -> Send:
        """Writes each file that is handed out down in the audit, before its first byte goes."""
        session: Session | None = scope[SESSION]
        is_download = session and scope["method"] == "GET" and scope["path"].startswith(_TAKEN)

        async def sent(message: Message) -> None:
            if is_download and message["type"] == "http.response.start" and message["status"] in (200, 206) and self._is_new(session.id, scope["path"]):
                about = dict(message.get("headers", ())).get(b"content-disposition", b"").decode("utf-8", "replace")
                await asyncio.to_thread(audit.write, self.store, session.account.name, "downloaded", file=_file_name(about))
            await send(message)
        return sent

    def _is_new(self, session: str, path: str) -> bool:
        """Whether a file is asked for anew: for one press of a button, Streamlit's page asks whether it is there and then for it."""
        at = time.monotonic()
        before = self._handed_out.pop((session, path), None)
        self._handed_out[session, path] = at
        while len(self._handed_out) > _HANDED_OUT:
            self._handed_out.pop(next(iter(self._handed_out)))  # the oldest
        return before is None or at - before > _ONE_PRESS

    async def _while_session_lasts(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves a websocket until its session ends: then it is closed, whatever it is doing."""
        async def received() -> Message:
            message = await receive()  # whoever waits here when it is closed is told so by the server
            if page.has_ended:
                return {"type": "websocket.disconnect", "code": _ENDED}
            if message["type"] == "websocket.receive":  # not that it was opened or closed, which a browser does by itself
                page.use()
            return message

        async def sent(message: Message) -> None:
            if not page.has_ended:
                await send(message)

        async def close() -> None:
            await send({"type": "websocket.close", "code": _ENDED})

        async with self._watch.over(scope[SESSION], close) as page:
            await self.app(scope, received, sent)


def _file_name(disposition: str) -> str:
    """The name of a file as its Content-Disposition tells it."""
    told = EmailMessage()
    told["content-disposition"] = disposition
    return told.get_filename("")


def _unknown(message: str) -> Response:
    """The answer to a program that is not known. It makes spreadsheets ask for name and password."""
    return JSONResponse({"error": {"kind": "unknown", "message": message}}, 401,
                        headers={"www-authenticate": 'Basic realm="Election readiness", charset="UTF-8"', "cache-control": "no-store"})


def _token(headers: dict[str, str]) -> str | None:
    """The token that a request bears: as a bearer's, or as the password of any name. None where it bears none."""
    kind, _, told = headers.get("authorization", "").partition(" ")
    match kind.lower():
        case "":
            return None
        case "bearer":
            return told.strip()
        case "basic":
            try:
                return base64.b64decode(told, validate=True).decode().partition(":")[2]
            except ValueError:  # not in base 64, or no UTF-8 within
                return ""
        case _:
            return ""

