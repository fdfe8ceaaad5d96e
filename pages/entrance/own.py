"""One's own account: what it is, how it is kept safe, the tokens of one's programs, and the way out."""

from __future__ import annotations

import asyncio
from functools import partial
from html import escape

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from data import sessions, tokens
from data.accounts import Account, AccountError
from data.election import Election
from data.sessions import Session
from data.store import Store
from pages.entrance import forms
from pages.entrance.address import COOKIE, Address
from pages.entrance.browsers import browser
from pages.entrance.forms import Field
from pages.entrance.guard import API, SESSION, SIGN_IN
from pages.entrance.proof import TooMany
from pages.entrance.safety import ACCOUNT, Safety
from pages.parts.words import day, moment, say

SIGN_OUT = "/signout"
TOKENS, END_TOKEN, END_SESSION = "/account/tokens", "/account/tokens/end", "/account/sessions/end"
_DAYS = (30, 90, 365)


class Own:
    """The routes of one's own account, over one store."""

    def __init__(self, store: Store, address: Address, safety: Safety) -> None:
        self.store, self.address, self.safety = store, address, safety

    @property
    def routes(self) -> list[Route]:
        """What the application serves beside its pages."""
        return [Route(ACCOUNT, self.account, methods=["GET"]), Route(TOKENS, self.make_token, methods=["POST"]),
                Route(END_TOKEN, self.end_token, methods=["POST"]), Route(END_SESSION, self.end_session, methods=["POST"]), Route(SIGN_OUT, self.sign_out, methods=["POST"]), *self.safety.routes]

    async def account(self, request: Request) -> Response:
        """One's own account, the tokens that it has, and the button to sign out."""
        session: Session | None = request.scope[SESSION]
        return await asyncio.to_thread(self._shown, request, session) if session else RedirectResponse("/", 303)

    async def make_token(self, request: Request) -> Response:
        """POST a name, what may be done, a place, a number of days and the password; the answer shows the token this once."""
        session: Session | None = request.scope[SESSION]
        sent = await forms.sent(request)
        if session is None or not forms.is_own(request, sent.get(forms.TOKEN, "")):
            return RedirectResponse(ACCOUNT, 303)
        may = tuple(name for name in tokens.MAY if sent.get(f"may-{name}"))
        shown = partial(asyncio.to_thread, self._shown, request, session)
        try:
            await self.safety.proved(request, session, sent)
            secret = await asyncio.to_thread(tokens.make, self.store, session.account, name=sent.get("name", ""), may=may,
                                             days=int(sent["days"]) if sent.get("days", "").isdecimal() and len(sent["days"]) < 5 else 0,
                                             place=sent.get("place", ""), session=session.id)
        except AccountError as error:
            return await shown(fault=str(error), status=400)
        except TooMany as error:
            return await shown(fault=forms.too_many(error.wait), status=429)
        return await shown(secret=secret)

    async def end_token(self, request: Request) -> Response:
        """POST the id of one of one's own tokens, which ends at once."""
        session: Session | None = request.scope[SESSION]
        sent = await forms.sent(request)
        if session and forms.is_own(request, sent.get(forms.TOKEN, "")):
            token = await asyncio.to_thread(tokens.by_id, self.store, sent.get("id", ""))
            if token and token.account.id == session.account.id:
                await asyncio.to_thread(tokens.end, self.store, token, by=session.account.name)
        return RedirectResponse(ACCOUNT, 303)

    async def end_session(self, request: Request) -> Response:
        """POST the id of another of one's own sessions, which ends at once."""
        session: Session | None = request.scope[SESSION]
        sent = await forms.sent(request)
        if session and forms.is_own(request, sent.get(forms.TOKEN, "")):
            other = await asyncio.to_thread(sessions.by_id, self.store, sent.get("id", ""))
            if other and other.account.id == session.account.id and other.id != session.id:
                await asyncio.to_thread(sessions.end, self.store, other, by=session.account.name)
        return RedirectResponse(ACCOUNT, 303)

    async def sign_out(self, request: Request) -> Response:
        """Ends the session, and with it every page that is open under it."""
        session: Session | None = request.scope[SESSION]
        if not forms.is_own(request, (await forms.sent(request)).get(forms.TOKEN, "")):
            return RedirectResponse(ACCOUNT, 303)
        if session:
            await asyncio.to_thread(sessions.end, self.store, session, by=session.account.name)
        answer = RedirectResponse(SIGN_IN, 303)
        answer.delete_cookie(self.address.cookie(COOKIE), httponly=True, samesite="lax", secure=self.address.is_public)
        answer.headers["clear-site-data"] = '"cache", "storage"'
        return answer

    def _shown(self, request: Request, session: Session, *, secret: str = "", fault: str = "", status: int = 200) -> Response:
        own, election, token = session.account, self.store.election, forms.token_of(request)
        facts = [(say("entrance.login"), own.login), (say("entrance.role"), say(f"role.{own.role}")), (say("entrance.sees"), _places(election, own.sees))]
        if own.submits:
            domains = say("list.separator").join(election.domain(name).label for name in own.domains)
            facts += [(say("entrance.submits"), _places(election, own.submits)), (say("entrance.domains"), domains)]
        facts.append((say("entrance.since"), moment(session.began_at)))
        made = forms.secret(say("token.made"), secret) if secret else ""
        inner = forms.facts(facts) + forms.inner(token, action=SIGN_OUT, button=say("entrance.sign_out")) + self.safety.shown(own) + self._elsewhere(session, token) + self._tokens(own, token, made)
        return forms.page(title=own.name, about=say("entrance.account_about"), inner=inner, fault=fault, status=status, token=token, request=request,
                          back=(say("entrance.to_dashboard"), "/"), is_wide=True)

    def _elsewhere(self, session: Session, token: str) -> str:
        """Where one is signed in besides, each with the button that ends it; nothing where one is not."""
        others = [one for one in sessions.good(self.store) if one.account.id == session.account.id and one.id != session.id]
        rows = "".join(
            f"<li><strong>{escape(browser(one.browser))}</strong> "
            f"<span>{escape(say('session.told', address=one.address or say('session.no_address'), began=moment(one.began_at), seen=moment(one.seen_at)))}</span>"
            f'{forms.inner(token, action=END_SESSION, button=say("session.end"), label=say("session.end_label", began=moment(one.began_at)), hidden=[("id", one.id)])}</li>'
            for one in others)
        return (f'<section><h2>{escape(say("session.title"))}</h2><p class="about">{escape(say("session.about"))}</p><ul class="tokens sessions">{rows}</ul></section>' if rows else "")

    def _tokens(self, own: Account, token: str, made: str) -> str:
        """The one just made, the tokens that there are, each with the button that ends it, and the form to make one."""
        possible = tokens.possible(own)
        if not possible:
            return ""
        rows = "".join(
            f"<li><strong>{escape(one.name)}</strong> <span>{escape(self._told(one))}</span>"
            f'{forms.inner(token, action=END_TOKEN, button=say("token.end"), label=say("token.end_label", name=one.name), hidden=[("id", one.id)])}</li>'
            for one in tokens.good(self.store, own.id))
        listed = f'<ul class="tokens">{rows}</ul>' if rows else ""
        election = self.store.election
        narrower = [(code, election.places[code].name) for code in dict.fromkeys((*own.sees, *own.submits)) if code in election.places]
        every = (election.places.country.code, say("token.all_places"))
        fields = [
            Field("name", say("token.name"), hint=say("token.name_hint")),
            *(Field(f"may-{name}", say(f"token.may_{name}"), "checkbox", "1" if name == possible[0] else "") for name in possible),
            *([Field("place", say("token.place"), "select", options=(every, *(one for one in narrower if one != every)))] if len(narrower) > 1 else []),
            Field("days", say("token.days"), "select", options=tuple((str(days), say("token.good_for", count=days, days=days)) for days in _DAYS if days <= tokens.longest(own))),
            *self.safety.asked_again(own)]
        return (f'<section><h2>{escape(say("token.title"))}</h2><p class="about">{escape(say("token.about"))} '
                f'<a href="{API}openapi.json">{escape(say("token.description"))}</a></p>{made}{listed}'
                f'{forms.inner(token, action=TOKENS, button=say("token.make"), fields=fields)}</section>')

    def _told(self, token: tokens.Token) -> str:
        may = say("list.separator").join(say(f"token.may_{name}") for name in token.may)
        used = say("token.used", moment=moment(token.used_at)) if token.used_at else say("token.unused")
        places = self.store.election.places
        place = say("token.all_places") if token.place == places.country.code else places[token.place].name if token.place in places else token.place
        return say("token.told", may=may, place=place, day=day(token.expires_at.date()), used=used)


def _places(election: Election, codes: tuple[str, ...]) -> str:
    return say("list.separator").join(election.places[code].name for code in codes if code in election.places) or say("entrance.none")
