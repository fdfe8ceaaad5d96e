"""Signing in, and choosing a password: the routes by which people come in."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from secrets import token_urlsafe
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from data import accounts, passwords, second_factor
from data.accounts import Account, AccountError
from data.provider import Provider
from data.store import Store
from pages.entrance import forms
from pages.entrance.address import Address
from pages.entrance.forms import Field
from pages.entrance.begun import begin, client, inside
from pages.entrance.guard import CODE, PROVIDER, SIGN_IN, WELCOME
from pages.entrance.proof import Proof, TooMany
from pages.parts.words import say

SIGNED_IN = "/signed-in"
_HALF, _HALF_LASTS = "readiness-half", 300.0  # its cookie; seconds between the password and the code


@dataclass(frozen=True)
class _Half:
    """Somebody who has given the password of an account, and not yet the code."""

    account: Account
    after: str
    at: float


class Signing:
    """The routes by which people come in, over one store."""

    def __init__(self, store: Store, address: Address, proof: Proof, provider: Provider | None = None) -> None:
        self.store, self.address, self.provider, self.proof = store, address, provider, proof
        self._halves: dict[str, _Half] = {}
        self._cookie = address.cookie(_HALF)

    @property
    def routes(self) -> list[Route]:
        """What the application serves beside its pages."""
        return [
            Route(SIGN_IN, self.sign_in, methods=["GET", "POST"]), Route(WELCOME, self.welcome, methods=["GET", "POST"]),
            Route(CODE, self.code, methods=["GET", "POST"]),
            Route(SIGNED_IN, self.signed_in, methods=["GET"])]

    async def sign_in(self, request: Request) -> Response:
        """GET the form; POST a name and a password, for a session."""
        if not await asyncio.to_thread(accounts.are_there, self.store):
            return RedirectResponse("/", 303)
        if request.method == "GET":
            return self._asked(request, after=inside(request.query_params.get("next", "")))
        sent = await forms.sent(request)
        login, after = sent.get("login", "").strip().lower()[:64], inside(sent.get("next", ""))
        if not forms.is_own(request, sent.get(forms.TOKEN, "")):
            return self._asked(request, login, after, fault=say("entrance.form_old"), status=403)
        try:
            account = await self.proof.password(request, login, sent.get("password", ""))
        except TooMany as error:
            return self._too_many(request, login, after, error.wait)
        if account is None:
            return self._asked(request, login, after, fault=say("entrance.wrong"), status=401)
        if await asyncio.to_thread(second_factor.is_set, self.store, account):
            return self._half(request, account, after)
        # None where its password was replaced, or it was put out of use, while this one was being tried.
        return await begin(request, self.store, self.address, account, after, by="password") or self._asked(request, login, after, fault=say("entrance.wrong"), status=401)

    async def code(self, request: Request) -> Response:
        """GET the form, for who has given the password; POST the code, for a session."""
        half = self._halves.get(request.cookies.get(self._cookie, ""))
        if half is None or time.monotonic() - half.at >= _HALF_LASTS:
            return RedirectResponse(SIGN_IN, 303)
        if request.method == "GET":
            return self._code_asked(request)
        sent = await forms.sent(request)
        if not forms.is_own(request, sent.get(forms.TOKEN, "")):
            return self._code_asked(request, fault=say("entrance.form_old"), status=403)
        try:
            if not await self.proof.code(request, half.account, sent.get("code", "")):
                return self._code_asked(request, fault=say("entrance.code_wrong"), status=401)
        except TooMany as error:
            return self._code_asked(request, fault=forms.too_many(error.wait), status=429)
        self._halves.pop(request.cookies[self._cookie], None)
        answer = await begin(request, self.store, self.address, half.account, half.after, by="password, code")
        if answer is None:
            return RedirectResponse(SIGN_IN, 303)
        answer.delete_cookie(self._cookie, httponly=True, samesite="strict", secure=self.address.is_public)
        return answer

    async def welcome(self, request: Request) -> Response:
        """GET the form behind a one-time link; POST the password that is chosen."""
        sent = await forms.sent(request) if request.method == "POST" else {}
        code = sent.get("code", "") or request.query_params.get("code", "")
        account = await asyncio.to_thread(accounts.invited, self.store, code)
        if account is None:
            await asyncio.to_thread(self.proof.no_link, client(request))
            return forms.page(title=say("entrance.link_old"), about=say("entrance.link_old_about"), back=(say("entrance.to_sign_in"), SIGN_IN), status=410)
        fault = ""
        if request.method == "POST":
            if not forms.is_own(request, sent.get(forms.TOKEN, "")):
                fault = say("entrance.form_old")
            elif sent.get("password", "") != sent.get("again", ""):
                fault = say("entrance.not_twice")
            else:
                try:
                    await self.proof.hashing(accounts.choose_password, self.store, code, sent.get("password", ""))
                    return RedirectResponse(f"{SIGN_IN}?{urlencode({'chosen': '1'})}", 303)
                except AccountError as error:
                    fault = str(error)
        return forms.form(
            request, title=say("entrance.welcome", name=account.name), about=say("entrance.welcome_about", login=account.login), action=WELCOME,
            button=say("entrance.choose"), hidden=[("code", code)], fault=fault, status=400 if fault else 200,
            fields=[Field("password", say("entrance.new_password"), "password", autocomplete="new-password", hint=say("entrance.rules", shortest=passwords.SHORTEST)),
                    Field("again", say("entrance.again"), "password", autocomplete="new-password")])

    async def signed_in(self, request: Request) -> Response:
        """Nothing, to whoever still has a session: an open page asks, and leaves when the guard answers that it has none."""
        return Response(status_code=204, headers={"cache-control": "no-store"})

    def _too_many(self, request: Request, login: str, after: str, wait: int) -> Response:
        answer = self._asked(request, login, after, fault=forms.too_many(wait), status=429)
        answer.headers["retry-after"] = str(wait)
        return answer

    def _half(self, request: Request, account: Account, after: str) -> Response:
        """Asks whoever has given the password for a code, and keeps in mind for a while that they have."""
        at = time.monotonic()
        self._halves = {key: half for key, half in self._halves.items() if at - half.at < _HALF_LASTS}
        key = token_urlsafe(32)
        self._halves[key] = _Half(account, after, at)
        answer = RedirectResponse(CODE, 303)
        answer.set_cookie(self._cookie, key, max_age=int(_HALF_LASTS), httponly=True, samesite="strict", secure=self.address.is_public)
        return answer

    def _code_asked(self, request: Request, *, fault: str = "", status: int = 200) -> Response:
        return forms.form(request, title=say("entrance.code_title"), about=say("entrance.code_about"), action=CODE, button=say("entrance.sign_in"), fault=fault, status=status,
                          fields=[Field("code", say("safety.code"), autocomplete="one-time-code")], back=(say("entrance.to_sign_in"), SIGN_IN))

    def _asked(self, request: Request, login: str = "", after: str = "/", *, fault: str = "", status: int = 200) -> Response:
        about = say("entrance.chosen") if request.query_params.get("chosen") else say("entrance.about", election=self.store.election.name)
        outside = ""
        if self.provider:
            outside = forms.link_button(say("outside.sign_in", provider=self.provider.name), f"{PROVIDER}?{urlencode({'next': after})}", say("outside.or"))
        return forms.form(
            request, title=say("entrance.title"), about=about, before=outside, action=SIGN_IN, button=say("entrance.sign_in"), hidden=[("next", after)], fault=fault,
            status=status, fields=[Field("login", say("entrance.login"), value=login, autocomplete="username"),
                                   Field("password", say("entrance.password"), "password", autocomplete="current-password")])
