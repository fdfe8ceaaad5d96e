"""Who calls: a program with a token, a browser with a session, or, while nobody has an account, this computer itself."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import Request

from data import accounts, policy, tokens
from data.scope import Scope
from data.sessions import Session
from data.store import Store
from data.tokens import Token
from pages.entrance.guard import SESSION, TOKEN
from pages.entrance.tries import Seldom
from pages.parts import session as viewers

_LIMITS = {"figures": parse("120/minute"), "submissions": parse("60/minute"), "metrics": parse("120/minute")}


@dataclass(frozen=True)
class Caller:
    """In whose name somebody calls, with which token if with one, what they may do here, the places whose figures they see, what they see
    of submissions, and what they may hand in. Calls are counted by `key`, one for an account."""

    name: str
    token: str
    may: frozenset[str]
    scope: Scope
    files: Scope
    may_submit: Scope
    key: str


class Refused(Exception):
    """A call goes no further: the status of the answer, a short name of why, a sentence that says what to do."""

    def __init__(self, status: int, kind: str, message: str, *, wait: int = 0) -> None:
        super().__init__(message)
        self.status, self.kind, self.message, self.wait = status, kind, message, wait


def needs(store: Store) -> Callable[[str], Callable[[Request], Caller]]:
    """What a route asks for its caller with: `needs(store)("figures")` answers with who calls, or raises Refused."""
    counted, seldom = MovingWindowRateLimiter(MemoryStorage()), Seldom(store)

    def of(what: str) -> Callable[[Request], Caller]:
        def caller(request: Request) -> Caller:
            policy.follow(store, viewers.election_file())
            found = _caller(store, request.scope)
            if what not in found.may:
                seldom.write(found.name, "refused", "call", found.key, asked=f"{request.method} {request.url.path}", token=found.token)
                raise Refused(403, "not_allowed", _REFUSED[what])
            if not counted.hit(_LIMITS[what], what, found.key):
                wait = max(1, math.ceil(counted.get_window_stats(_LIMITS[what], what, found.key).reset_time - time.time()))
                raise Refused(429, "too_many", f"Too many calls in a minute. Try again in {wait} seconds.", wait=wait)
            return found
        return caller
    return of


def again(store: Store, request: Request, what: str) -> Caller:
    """Who calls, asked once more when what was sent has arrived: their token may have ended meanwhile, or their places be others."""
    token: Token | None = request.scope.get(TOKEN)
    if token:
        request.scope[TOKEN] = tokens.by_id(store, token.id)
    found = _caller(store, request.scope) if request.scope.get(TOKEN) or not accounts.are_there(store) else None
    if found is None or what not in found.may:
        raise Refused(401, "unknown", "The token has ended while the file was sent.")
    return found


_REFUSED = {
    "figures": "This token is not for figures. Make one that is, on the page of your account.",
    "submissions": "Files are handed in with a token that is for submissions. Make one on the page of your account, if you may submit.",
    "metrics": "How the program is doing is told to its own computer, and with an administrator's token that is for metrics.",
}


def _caller(store: Store, scope: MutableMapping[str, Any]) -> Caller:
    token: Token | None = scope.get(TOKEN)
    session: Session | None = scope.get(SESSION)
    if token:
        tokens.touch(store, token)
        viewer = viewers.viewer_of(store.election, token.account)
        may = frozenset(token.may) & frozenset(tokens.possible(token.account))
        scope = tokens.scope_to_see(store, token) if "figures" in may else Scope(frozenset())
        return Caller(viewer.name, token.name, may, scope, tokens.within(store, token, viewer.files), tokens.within(store, token, viewer.may_submit), token.account.id)
    if session:
        viewer = viewers.viewer_of(store.election, session.account)
        # What another site may have a browser do must change nothing.
        return Caller(viewer.name, "", frozenset(tokens.possible(session.account)) - {"submissions"}, viewer.scope, viewer.files, viewer.may_submit, session.account.id)
    if accounts.are_there(store):  # a program on this computer that asks how the program is doing
        return Caller("", "", frozenset({"metrics"}), Scope(frozenset()), Scope(frozenset()), Scope(frozenset()), "here")
    viewer = viewers.everybody(store.election.places)
    return Caller(viewer.name, "", frozenset(tokens.MAY), viewer.scope, viewer.files, viewer.may_submit, "here")
