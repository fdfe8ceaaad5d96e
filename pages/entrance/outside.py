"""Signing in at the organisation's own provider, and coming back: OpenID Connect's code flow, with PKCE, state and nonce.

What the provider is asked goes from this process to the provider and to nowhere else, and only where an operator has set one.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from secrets import compare_digest, token_urlsafe
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import StarletteOAuth2App
from joserfc.errors import BadSignatureError, JoseError
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from data import accounts
from data.accounts import AccountError
from data.provider import Provider
from data.store import Store
from pages.entrance import forms
from pages.entrance.address import Address
from pages.entrance.begun import begin, client, inside
from pages.entrance.guard import PROVIDER, RETURNED, SIGN_IN
from pages.entrance.tries import Seldom, source
from pages.parts.words import say

_COOKIE = "readiness-outside"
_LASTS = 600.0  # seconds in which one comes back
_FROM_ONE = parse("30/minute")  # people of one address who go to the provider: it must not be filled for all others by one
_MOST = 10_000  # people who are at the provider at a time; the oldest are forgotten first
_PATIENCE = 10.0  # seconds for an answer of the provider
_KNOWN_FOR = 3600.0  # seconds for which its description and keys are taken to be what they were
# With a key that the provider alone has: a client's secret must not be enough to make a token up.
_SIGNED_BY = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"})
_SHORT = re.compile(r"[a-z_]{1,40}")  # of an error's own short name, such as invalid_grant, what can't be a code or a secret
_LOG = logging.getLogger("readiness")


@dataclass(frozen=True)
class _Gone:
    """Somebody who has gone to the provider: what their browser must bring back, and where they wanted to be."""

    cookie: str
    nonce: str
    verifier: str
    after: str
    at: float


class NotVouched(Exception):
    """The provider's answer proves nothing; the message is for the log."""


class Outside:
    """The routes to the provider and back, over one store. Without a provider both lead to the sign-in page."""

    def __init__(self, store: Store, address: Address, provider: Provider | None) -> None:
        self.store, self.address, self.provider = store, address, provider
        self._gone: dict[str, _Gone] = {}
        self._counted = MovingWindowRateLimiter(MemoryStorage())
        self._seldom = Seldom(store)
        self._app: StarletteOAuth2App | None = None
        self._asked_at = 0.0

    @property
    def routes(self) -> list[Route]:
        """What the application serves beside its pages."""
        return [Route(PROVIDER, self.leave, methods=["GET"]), Route(RETURNED, self.returned, methods=["GET"])]

    async def leave(self, request: Request) -> Response:
        """Sends the browser to the provider."""
        if self.provider is None or not await asyncio.to_thread(accounts.are_there, self.store):
            return RedirectResponse(SIGN_IN, 303)
        if request.headers.get("sec-fetch-site") == "cross-site":  # nobody is to be sent there but by our own page
            return RedirectResponse(f"{SIGN_IN}?{urlencode({'next': inside(request.query_params.get('next', ''))})}", 303)
        if not self._counted.hit(_FROM_ONE, source(client(request))):
            return self._failed(say("outside.busy"), 429)
        now = time.monotonic()
        self._gone = {state: gone for state, gone in list(self._gone.items())[-_MOST:] if now - gone.at < _LASTS}
        try:
            app = await self._known()
            told = await app.create_authorization_url(self._back(request))
        except (httpx2.HTTPError, AuthlibBaseError, NotVouched, ValueError) as error:
            return self._silent(error)
        cookie = token_urlsafe(32)
        self._gone[told["state"]] = _Gone(cookie, told["nonce"], told["code_verifier"], inside(request.query_params.get("next", "")), now)
        answer = RedirectResponse(told["url"], 303)
        answer.set_cookie(self.address.cookie(_COOKIE), cookie, max_age=int(_LASTS), httponly=True, samesite="lax", secure=self.address.is_public)
        return answer

    async def returned(self, request: Request) -> Response:
        """Takes whom the provider sends back, if it was this browser that went and the provider vouches for them."""
        if self.provider is None:
            return RedirectResponse(SIGN_IN, 303)
        gone = self._gone.pop(request.query_params.get("state", ""), None)
        if gone is None or time.monotonic() - gone.at >= _LASTS or not compare_digest(gone.cookie.encode(), request.cookies.get(self.address.cookie(_COOKIE), "").encode()):
            return self._failed(say("outside.late"), 400)
        if "code" not in request.query_params:
            return self._failed(say("outside.refused", provider=self.provider.name), 403)
        try:
            claims = await self._claims(request, gone)
        except (httpx2.HTTPError, AuthlibBaseError, JoseError, NotVouched, ValueError) as error:
            await asyncio.to_thread(self._note, request, "")
            return self._silent(error)
        try:
            told = self.provider.account_of(claims)
            account = await asyncio.to_thread(accounts.vouched, self.store, told, by=self.provider.name) if told else None
        except AccountError as error:
            await asyncio.to_thread(self._refuse, request, str(claims["sub"]))
            return self._failed(say("outside.not_fitting", provider=self.provider.name, why=str(error)), 403)
        answer = await begin(request, self.store, self.address, account, gone.after, by=self.provider.issuer) if account else None
        if answer is None:
            await asyncio.to_thread(self._refuse, request, str(claims["sub"]))
            return self._failed(say("outside.nothing", provider=self.provider.name), 403)
        answer.delete_cookie(self.address.cookie(_COOKIE), httponly=True, samesite="lax", secure=self.address.is_public)
        return answer

    async def _claims(self, request: Request, gone: _Gone) -> Mapping[str, Any]:
        """What the provider says of somebody: of what it has signed, and of what it answers when asked. Each must be about the same person."""
        app = await self._known()
        described = await app.load_server_metadata()
        issuer = request.query_params.get("iss")  # RFC 9207: an answer must not be taken for that of another provider
        if issuer != described["issuer"] and (issuer is not None or described.get("authorization_response_iss_parameter_supported")):
            raise NotVouched(f"the answer is one of {issuer}")
        token = await app.fetch_access_token(self._back(request), code=request.query_params["code"], code_verifier=gone.verifier, grant_type="authorization_code")
        try:
            signed = await app.parse_id_token(token, gone.nonce)
        except BadSignatureError:  # its keys may be new ones, under an old name or none
            await app.fetch_jwk_set(force=True)
            signed = await app.parse_id_token(token, gone.nonce)
        if not signed or not isinstance(signed.get("sub"), str) or not signed["sub"]:
            raise NotVouched("the provider has signed nothing")
        if not described.get("userinfo_endpoint"):
            return signed
        told = await app.userinfo(token=token)
        if told.get("sub") != signed["sub"]:
            raise NotVouched("what the provider answers is about somebody else")
        return {**told, **signed}

    async def _known(self) -> StarletteOAuth2App:
        """The provider as it describes itself, asked for once an hour. NotVouched where it is another than it should be."""
        if self._app is None or time.monotonic() - self._asked_at >= _KNOWN_FOR:
            app = StarletteOAuth2App(
                None, "provider", client_id=self.provider.client_id, client_secret=self.provider.client_secret,
                server_metadata_url=f"{self.provider.issuer}/.well-known/openid-configuration",
                client_kwargs={"scope": " ".join(self.provider.scopes), "code_challenge_method": "S256", "timeout": _PATIENCE, "follow_redirects": False,
                               "token_endpoint_auth_method": "client_secret_basic" if self.provider.client_secret else "none"})
            told = await app.load_server_metadata()
            if str(told.get("issuer", "")).rstrip("/") != self.provider.issuer:
                raise NotVouched(f"the provider calls itself {told.get('issuer')}")
            schemes = {urlsplit(str(told.get(name))).scheme for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint") if told.get(name)}
            if not schemes <= {"https", urlsplit(self.provider.issuer).scheme}:
                raise NotVouched("the provider would be asked in the clear")
            told["id_token_signing_alg_values_supported"] = sorted(_SIGNED_BY.intersection(told.get("id_token_signing_alg_values_supported") or ["RS256"]))
            self._app, self._asked_at = app, time.monotonic()
        return self._app

    def _back(self, request: Request) -> str:
        return f"{self.address.url or str(request.base_url).rstrip('/')}{RETURNED}"

    def _refuse(self, request: Request, subject: str) -> None:
        """Ends what somebody may have had here, to whom the provider gives nothing any more."""
        accounts.no_longer_vouched(self.store, self.provider.issuer, subject, by=self.provider.name)
        self._note(request, subject)

    def _note(self, request: Request, subject: str) -> None:
        self._seldom.write("", "sign_in_failed", "provider", client(request), by=self.provider.issuer, subject=subject, address=client(request))

    def _silent(self, error: Exception) -> Response:
        # In the words of others' errors, what the provider answers may stand: the code that it was asked with, or what it knows of a person.
        words, short = str(error)[:500], str(getattr(error, "error", ""))
        if not isinstance(error, (httpx2.HTTPError, NotVouched)):
            words = short if _SHORT.fullmatch(short) else ""
        _LOG.error("the provider could not be asked: %s: %r", type(error).__name__, words)
        return self._failed(say("outside.silent", provider=self.provider.name), 502)

    def _failed(self, about: str, status: int) -> Response:
        return forms.page(title=say("outside.failed"), about=about, back=(say("entrance.to_sign_in"), SIGN_IN), status=status)
