"""Sends the digests of a day: as letters through a mail server, or to a webhook. What surely did not arrive is tried again the next time; what
may have arrived is not. Of a webhook only the host is told: the rest of its address may be its key."""

from __future__ import annotations

import http.client
import json
import os
import smtplib
import ssl
import tomllib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from data import digests
from data.database import StoreError
from data.digests import LOOPBACK, State
from data.store import Store
from pages.alerting.digest import Digest, digest_of

_PATIENCE = 30  # seconds for whoever receives
_KEYS = {"host": str, "port": int, "sender": str, "security": str, "user": str, "password": str}


@dataclass(frozen=True)
class MailServer:
    """The server that takes letters: by `tls` from the first byte, by `starttls`, or by `none` on this computer alone."""

    host: str
    sender: str
    port: int = 587
    security: str = "starttls"
    user: str = ""
    password: str = ""


def mail_server() -> MailServer | None:
    """The one that the file of READINESS_SMTP names; None where there is none. StoreError for a mistake in it."""
    path = os.environ.get("READINESS_SMTP", "")
    if not path:
        return None
    try:
        told = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StoreError(f"{path}, which READINESS_SMTP names, can't be read: {error}") from error
    wrong = [key for key, value in told.items() if not isinstance(value, _KEYS.get(key, ()))] + [key for key in ("host", "sender") if key not in told]
    if not wrong and told.get("security", "starttls") not in ("tls", "starttls", "none"):
        wrong = ["security"]
    if wrong:
        raise StoreError(f"{path}: {wrong[0]} is missing, or not as it should be: host, sender, port, security (tls, starttls or none), user, password.")
    server = MailServer(**told)
    if server.security == "none" and server.host not in LOOPBACK:
        raise StoreError(f"{path}: security = \"none\" is for a mail server on this computer; write tls or starttls.")
    return server


def send(store: Store, on: date, say: Callable[[str], None]) -> bool:
    """Sends what is to be sent on a day, and says what became of each; whether none is left that is to be tried again."""
    server, is_done = mail_server(), True
    for one in digests.subscriptions(store):
        told = digest_of(store, one, on)
        if not told.told:
            continue
        if one.channel == "mail" and server is None:
            say(f"{one.account.name}, {one.where}: READINESS_SMTP names no mail server; nothing was sent.")
            is_done = False
            continue
        if not digests.begin(store, one, on):
            if digests.is_given_up(store, one, on):
                say(f"{one.account.name}, {one.where}: given up for today after {digests.TRIES} tries")
                is_done = False
            continue
        state, about = _mailed(told, server) if one.channel == "mail" else _posted(told)
        digests.end(store, one, on, state, about)
        say(f"{one.account.name}, {one.where}: {state}{f' ({about})' if about else ''}, {len(told.told):,} alerts")
        is_done &= state != "failed"
    return is_done


def _mailed(told: Digest, server: MailServer) -> tuple[State, str]:
    """One letter. Until the server has been given the whole of it, it has surely not arrived; between that and its answer it may have. How
    the two part afterwards changes nothing."""
    line = None
    try:
        letter = told.letter(server.sender).as_bytes()
        line = _connected(server)
        code, answer = line.mail(server.sender.rpartition("<")[2].rstrip(">"))
        if code == 250:
            code, answer = line.rcpt(told.to.address)
        return ("failed", f"{code} {answer.decode(errors='replace')}") if code not in (250, 251) else _given(line, letter)
    except (OSError, ValueError, smtplib.SMTPException) as error:
        return "failed", f"{type(error).__name__}: {error}"
    finally:
        if line is not None:
            with suppress(OSError, smtplib.SMTPException):
                line.quit()
            line.close()


def _given(line: smtplib.SMTP, letter: bytes) -> tuple[State, str]:
    try:
        code, answer = line.data(letter)
    except smtplib.SMTPDataError as error:
        return "failed", str(error)
    except (OSError, smtplib.SMTPException) as error:
        return "unknown", f"{type(error).__name__}: {error}"
    return ("sent", "") if code == 250 else ("failed", f"{code} {answer.decode(errors='replace')}")


def _connected(server: MailServer) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if server.security == "tls":
        line: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=_PATIENCE, context=context)
    else:
        line = smtplib.SMTP(server.host, server.port, timeout=_PATIENCE)
    try:
        if server.security == "starttls":
            line.starttls(context=context)
        if server.user:
            line.login(server.user, server.password)
        line.ehlo_or_helo_if_needed()
    except BaseException:
        line.close()
        raise
    return line


def _posted(told: Digest) -> tuple[State, str]:
    """One document to a webhook. It is not sent on to where that may point instead."""
    to = urlsplit(told.to.address)
    kind: Any = http.client.HTTPSConnection if to.scheme == "https" else http.client.HTTPConnection
    body = json.dumps(told.document, ensure_ascii=False).encode()
    try:
        line = kind(to.hostname, to.port, timeout=_PATIENCE)
        line.connect()
    except (OSError, ValueError, http.client.HTTPException) as error:
        return "failed", f"{type(error).__name__}: {error}"
    try:
        line.request("POST", (to.path or "/") + (f"?{to.query}" if to.query else ""), body, {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": told.id})
        status = line.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return "unknown", f"{type(error).__name__}: {error}"
    finally:
        line.close()
    if 200 <= status < 300:
        return "sent", ""
    # Who says that they can't just now have not taken it; another fault on the way may come after it was handed on.
    return ("unknown" if status >= 500 and status != 503 else "failed"), f"HTTP {status}"
