"""How one's own account is kept safe: another password, a second factor set up or taken away. Each wants the password once more."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import partial
from html import escape
from urllib.parse import urlencode

import segno
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from data import accounts, passwords, second_factor
from data.accounts import Account, AccountError
from data.sessions import Session
from data.store import Store, now
from pages.entrance import forms
from pages.entrance.forms import Field
from pages.entrance.guard import SESSION, SIGN_IN
from pages.entrance.proof import Proof, TooMany
from pages.parts.words import say

ACCOUNT = "/account"
PASSWORD, SECOND, REMOVE = "/account/password", "/account/second", "/account/second/remove"
_LASTS = 900.0  # seconds in which a telephone is set up
_FRESH = timedelta(minutes=15)  # within which signing in at a provider stands for the password that there is not


class Safety:
    """The routes, over one store."""

    def __init__(self, store: Store, proof: Proof) -> None:
        self.store, self.proof = store, proof
        self._offered: dict[str, tuple[str, float]] = {}  # by session: the secret that is being set up, and since when

    @property
    def routes(self) -> list[Route]:
        """What the application serves beside its pages."""
        return [Route(path, handler, methods=["GET", "POST"]) for path, handler in ((PASSWORD, self.password), (SECOND, self.second), (REMOVE, self.remove))]

    def shown(self, own: Account) -> str:
        """What the page of one's account says of it, as HTML; nothing for who signs in elsewhere."""
        if own.issuer:
            return ""
        is_set = second_factor.is_set(self.store, own)
        second = f'<a href="{REMOVE if is_set else SECOND}">{escape(say("safety.remove" if is_set else "safety.set_up"))}</a>'
        return (f'<section><h2>{escape(say("safety.title"))}</h2><p class="about">{escape(say("safety.is_set" if is_set else "safety.is_not_set"))}</p>'
                f'<p class="links"><a href="{PASSWORD}">{escape(say("safety.password"))}</a> {second}</p></section>')

    async def password(self, request: Request) -> Response:
        """GET the form; POST the old password and, twice, the new one: every session ends, and one signs in anew."""
        async def done(own: Account, sent: Mapping[str, str]) -> Response:
            if sent.get("new", "") != sent.get("again", ""):
                raise AccountError(say("entrance.not_twice"))
            await self.proof.hashing(accounts.change_password, self.store, own, sent.get("new", ""))
            return RedirectResponse(f"{SIGN_IN}?{urlencode({'chosen': '1'})}", 303)
        fields = [Field("new", say("entrance.new_password"), "password", autocomplete="new-password", hint=say("entrance.rules", shortest=passwords.SHORTEST)),
                  Field("again", say("entrance.again"), "password", autocomplete="new-password")]
        return await self._asked(request, done, action=PASSWORD, title=say("safety.password"), about=say("safety.password_about"), button=say("entrance.choose"), fields=fields)

    async def second(self, request: Request) -> Response:
        """GET the picture of a new secret; POST the password and the code that the telephone shows of it."""
        session: Session | None = request.scope[SESSION]
        if session is None:
            return RedirectResponse("/", 303)
        if await asyncio.to_thread(second_factor.is_set, self.store, session.account):
            return RedirectResponse(ACCOUNT, 303)  # another telephone is set up once this one is taken away, with its code
        secret = self._secret(session)

        async def done(own: Account, sent: Mapping[str, str]) -> Response:
            await asyncio.to_thread(partial(second_factor.set_up, self.store, own, secret, sent.get("code", ""), session=session.id))
            self._offered.pop(session.id, None)
            return RedirectResponse(ACCOUNT, 303)
        picture = io.BytesIO()
        segno.make(second_factor.uri(secret, session.account, say("entrance.program")), error="m").save(
            picture, kind="svg", border=4, omitsize=True, dark="#000", light="#fff", xmldecl=False, svgns=True, title=say("safety.picture"))
        before = (f'<div class="picture">{picture.getvalue().decode()}</div><p class="about">{escape(say("safety.by_hand"))} '
                  f'<code tabindex="0">{escape(" ".join(secret[at:at + 4] for at in range(0, len(secret), 4)))}</code></p>')
        fields = [Field("code", say("safety.code"), autocomplete="one-time-code", hint=say("safety.code_hint"))]
        return await self._asked(request, done, action=SECOND, title=say("safety.set_up"), about=say("safety.set_up_about"), button=say("safety.set_up_do"), fields=fields, before=before)

    async def remove(self, request: Request) -> Response:
        """GET the form; POST the password and a code: codes are not asked for any more."""
        async def done(own: Account, sent: Mapping[str, str]) -> Response:
            if not await self.proof.code(request, own, sent.get("code", "")):
                raise AccountError(say("entrance.code_wrong"))
            await asyncio.to_thread(partial(second_factor.remove, self.store, own, session=request.scope[SESSION].id))
            return RedirectResponse(ACCOUNT, 303)
        fields = [Field("code", say("safety.code"), autocomplete="one-time-code", hint=say("safety.code_hint"))]
        return await self._asked(request, done, action=REMOVE, title=say("safety.remove"), about=say("safety.remove_about"), button=say("safety.remove"), fields=fields)

    async def proved(self, request: Request, session: Session, sent: Mapping[str, str]) -> Account:
        """The account of whoever has sent its password with a form of ours; of a provider's account, of whoever has signed in there just
        now. AccountError where they have not, TooMany where it was tried too often."""
        if not forms.is_own(request, sent.get(forms.TOKEN, "")):
            raise AccountError(say("entrance.form_old"))
        if session.account.issuer:
            if now() - session.began_at >= _FRESH:
                raise AccountError(say("safety.not_fresh", minutes=_FRESH.seconds // 60))
            return session.account
        account = await self.proof.password(request, session.account.login, sent.get("password", ""))
        if account is None:
            raise AccountError(say("safety.wrong"))
        return account

    def asked_again(self, own: Account) -> list[Field]:
        """What a form asks for so that `proved` is answered: the password, where there is one."""
        return [] if own.issuer else [Field("password", say("safety.now"), "password", autocomplete="current-password")]

    async def _asked(
        self, request: Request, done: Callable[[Account, Mapping[str, str]], Awaitable[Response]], *, action: str, title: str, about: str, button: str,
        fields: list[Field], before: str = "",
    ) -> Response:
        """A form that wants the password besides its own fields, and does something once it is right."""
        session: Session | None = request.scope[SESSION]
        if session is None or session.account.issuer:
            return RedirectResponse(ACCOUNT if session else "/", 303)
        fault, status = "", 200
        if request.method == "POST":
            sent = await forms.sent(request)
            try:
                return await done(await self.proved(request, session, sent), sent)
            except AccountError as error:
                fault, status = str(error), 400
            except TooMany as error:
                fault, status = forms.too_many(error.wait), 429
        asked = [*self.asked_again(session.account), *fields]
        return forms.form(request, title=title, about=about, before=before, action=action, button=button, fields=asked, fault=fault, status=status,
                          back=(say("safety.back"), ACCOUNT))

    def _secret(self, session: Session) -> str:
        """The secret that this session is setting up; a new one where there is none, or it was begun long ago."""
        at = time.monotonic()
        self._offered = {id: one for id, one in self._offered.items() if at - one[1] < _LASTS}
        return self._offered.setdefault(session.id, (second_factor.new_secret(), at))[0]
