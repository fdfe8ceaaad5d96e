"""Signing in, and choosing a password: the routes by which people come in."""

from __future__ import annotations

import asyncio
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from data import accounts, audit, passwords, sessions
from data.accounts import AccountError
from data.provider import Provider
from data.store import Store
from pages.entrance import forms
from pages.entrance.address import Address
from pages.entrance.forms import Field
from pages.entrance.begun import begin, client, inside
from pages.entrance.guard import PROVIDER, SIGN_IN, WELCOME
from pages.entrance.tries import Tries
from pages.parts.words import say

SIGNED_IN = "/signed-in"
_AT_ONCE = 2  # passwords: each takes 64 MB and a fraction of a second


class Signing:
    """The routes by which people come in, over one store."""

    def __init__(self, store: Store, address: Address, provider: Provider | None = None) -> None:
        self.store, self.address, self.provider, self.tries = store, address, provider, Tries()
        self._rating = asyncio.Semaphore(_AT_ONCE)

    @property
    def routes(self) -> list[Route]:
        """What the application serves beside its pages."""
        return [
            Route(SIGN_IN, self.sign_in, methods=["GET", "POST"]), Route(WELCOME, self.welcome, methods=["GET", "POST"]),
            Route(SIGNED_IN, self.signed_in, methods=["GET"])]

    async def sign_in(self, request: Request) -> Response:
        """GET the form; POST a name and a password, for a session."""
        if not accounts.are_there(self.store):
            return RedirectResponse("/", 303)
        if request.method == "GET":
            return self._asked(request, after=inside(request.query_params.get("next", "")))
        sent = await forms.sent(request)
        login, after = sent.get("login", "").strip().lower()[:64], inside(sent.get("next", ""))
        if not forms.is_own(request, sent.get(forms.TOKEN, "")):
            return self._asked(request, login, after, fault=say("entrance.form_old"), status=403)
        place = client(request)
        is_known = await asyncio.to_thread(sessions.has_begun_from, self.store, login, place)
        with self.tries.one(login, place, is_known=is_known) as attempt:
            if attempt.wait:
                return self._too_many(request, login, after, attempt.wait)
            async with self._rating:
                account = await asyncio.to_thread(accounts.signs_in, self.store, login, sent.get("password", ""))
            attempt.is_right = account is not None
        if account is None:
            await asyncio.to_thread(self._note_failure, login, place)
            return self._asked(request, login, after, fault=say("entrance.wrong"), status=401)
        # None where its password was replaced, or it was put out of use, while this one was being tried.
        return await begin(request, self.store, self.address, account, after) or self._asked(request, login, after, fault=say("entrance.wrong"), status=401)

    async def welcome(self, request: Request) -> Response:
        """GET the form behind a one-time link; POST the password that is chosen."""
        sent = await forms.sent(request) if request.method == "POST" else {}
        code = sent.get("code", "") or request.query_params.get("code", "")
        account = await asyncio.to_thread(accounts.invited, self.store, code)
        if account is None:
            return forms.page(title=say("entrance.link_old"), about=say("entrance.link_old_about"), back=(say("entrance.to_sign_in"), SIGN_IN), status=410)
        fault = ""
        if request.method == "POST":
            if not forms.is_own(request, sent.get(forms.TOKEN, "")):
                fault = say("entrance.form_old")
            elif sent.get("password", "") != sent.get("again", ""):
                fault = say("entrance.not_twice")
            else:
                try:
                    async with self._rating:
                        await asyncio.to_thread(accounts.choose_password, self.store, code, sent.get("password", ""))
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
        answer = self._asked(request, login, after, fault=say("entrance.wait", count=_minutes(wait), minutes=_minutes(wait)), status=429)
        answer.headers["retry-after"] = str(wait)
        return answer

    def _note_failure(self, login: str, place: str) -> None:
        """Writes a failure down: for an account that there is, by its name; else without what was typed, which may be a password."""
        known = any(one.login == login for one in accounts.accounts(self.store))
        audit.write(self.store, "", "sign_in_failed", login=login if known else "", address=place)

    def _asked(self, request: Request, login: str = "", after: str = "/", *, fault: str = "", status: int = 200) -> Response:
        about = say("entrance.chosen") if request.query_params.get("chosen") else say("entrance.about", election=self.store.election.name)
        outside = ""
        if self.provider:
            outside = forms.link_button(say("outside.sign_in", provider=self.provider.name), f"{PROVIDER}?{urlencode({'next': after})}", say("outside.or"))
        return forms.form(
            request, title=say("entrance.title"), about=about, before=outside, action=SIGN_IN, button=say("entrance.sign_in"), hidden=[("next", after)], fault=fault,
            status=status, fields=[Field("login", say("entrance.login"), value=login, autocomplete="username"),
                                   Field("password", say("entrance.password"), "password", autocomplete="current-password")])


def _minutes(seconds: int) -> int:
    return -(-seconds // 60)
