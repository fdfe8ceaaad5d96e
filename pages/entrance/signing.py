"""Signing in and out, and choosing a password: the routes beside the dashboard's pages."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from data import accounts, audit, passwords, sessions
from data.accounts import AccountError
from data.election import Election
from data.sessions import LASTS, Session
from data.store import Store
from pages.entrance import forms
from pages.entrance.address import Address
from pages.entrance.forms import Field
from pages.entrance.guard import SESSION, SIGN_IN, WELCOME
from pages.entrance.tries import Tries
from pages.parts.words import moment, say

ACCOUNT, SIGN_OUT, SIGNED_IN = "/account", "/signout", "/signed-in"
_MOST_SENT = 8_192  # bytes of a form
_AT_ONCE = 2  # passwords: each takes 64 MB and a fraction of a second


class Signing:
    """The routes by which people come in and go out, over one store."""

    def __init__(self, store: Store, address: Address) -> None:
        self.store, self.address, self.tries = store, address, Tries()
        self._rating = asyncio.Semaphore(_AT_ONCE)

    @property
    def routes(self) -> list[Route]:
        """What the application serves beside its pages."""
        return [
            Route(SIGN_IN, self.sign_in, methods=["GET", "POST"]), Route(WELCOME, self.welcome, methods=["GET", "POST"]),
            Route(ACCOUNT, self.account, methods=["GET"]), Route(SIGN_OUT, self.sign_out, methods=["POST"]),
            Route(SIGNED_IN, self.signed_in, methods=["GET"])]

    async def sign_in(self, request: Request) -> Response:
        """GET the form; POST a name and a password, for a session."""
        if not accounts.are_there(self.store):
            return RedirectResponse("/", 303)
        if request.method == "GET":
            return self._asked(request, after=_inside(request.query_params.get("next", "")))
        sent = await _sent(request)
        login, after = sent.get("login", "").strip().lower()[:64], _inside(sent.get("next", ""))
        if not forms.is_own(request, sent.get(forms.TOKEN, "")):
            return self._asked(request, login, after, fault=say("entrance.form_old"), status=403)
        place = _client(request)
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
        old: Session | None = request.scope[SESSION]
        if old:
            await asyncio.to_thread(sessions.end, self.store, old, by=old.account.name)
        secret = await asyncio.to_thread(sessions.begin, self.store, account, address=place, browser=request.headers.get("user-agent", ""))
        if secret is None:  # its password was replaced, or it was put out of use, while this one was being tried
            return self._asked(request, login, after, fault=say("entrance.wrong"), status=401)
        answer = RedirectResponse(after, 303)
        answer.set_cookie(self.address.cookie, secret, max_age=int(LASTS.total_seconds()), httponly=True, samesite="lax", secure=self.address.is_public)
        return answer

    async def welcome(self, request: Request) -> Response:
        """GET the form behind a one-time link; POST the password that is chosen."""
        sent = await _sent(request) if request.method == "POST" else {}
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
            fields=[Field("password", say("entrance.new_password"), "password", "new-password", hint=say("entrance.rules", shortest=passwords.SHORTEST)),
                    Field("again", say("entrance.again"), "password", "new-password")])

    async def account(self, request: Request) -> Response:
        """One's own account, and the button to sign out."""
        session: Session | None = request.scope[SESSION]
        if session is None:
            return RedirectResponse("/", 303)
        own, election = session.account, self.store.election
        facts = [(say("entrance.login"), own.login), (say("entrance.role"), say(f"role.{own.role}")), (say("entrance.sees"), _places(election, own.sees))]
        if own.submits:
            domains = say("list.separator").join(election.domain(name).label for name in own.domains)
            facts += [(say("entrance.submits"), _places(election, own.submits)), (say("entrance.domains"), domains)]
        facts.append((say("entrance.since"), moment(session.began_at)))
        return forms.form(request, title=own.name, about=say("entrance.account_about"), action=SIGN_OUT, button=say("entrance.sign_out"), facts=facts,
                          back=(say("entrance.to_dashboard"), "/"))

    async def sign_out(self, request: Request) -> Response:
        """Ends the session, and with it every page that is open under it."""
        session: Session | None = request.scope[SESSION]
        if not forms.is_own(request, (await _sent(request)).get(forms.TOKEN, "")):
            return RedirectResponse(ACCOUNT, 303)
        if session:
            await asyncio.to_thread(sessions.end, self.store, session, by=session.account.name)
        answer = RedirectResponse(SIGN_IN, 303)
        answer.delete_cookie(self.address.cookie, httponly=True, samesite="lax", secure=self.address.is_public)
        answer.headers["clear-site-data"] = '"cache", "storage"'
        return answer

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
        return forms.form(
            request, title=say("entrance.title"), about=about, action=SIGN_IN, button=say("entrance.sign_in"), hidden=[("next", after)], fault=fault,
            status=status, fields=[Field("login", say("entrance.login"), "text", "username", login),
                                   Field("password", say("entrance.password"), "password", "current-password")])


async def _sent(request: Request) -> Mapping[str, str]:
    """The fields of a form; none of one that is longer than any of ours."""
    if int(request.headers.get("content-length", _MOST_SENT + 1)) > _MOST_SENT:
        return {}
    async with request.form(max_files=0, max_fields=10) as sent:
        return {name: value for name, value in sent.items() if isinstance(value, str)}


def _client(request: Request) -> str:
    return request.client.host if request.client else ""


def _inside(address: str) -> str:
    """An address within the program; its beginning for any other."""
    return address if address.startswith("/") and not address.startswith("//") and address.isprintable() and "\\" not in address else "/"


def _minutes(seconds: int) -> int:
    return -(-seconds // 60)


def _places(election: Election, codes: tuple[str, ...]) -> str:
    return say("list.separator").join(election.places[code].name for code in codes if code in election.places) or say("entrance.none")
