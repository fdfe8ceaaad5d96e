"""The beginning of a session, however somebody has signed in: the old one ends, the new one's cookie is set, and they are led on."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from data import sessions
from data.accounts import Account
from data.sessions import Session
from data.store import Store
from pages.entrance.address import COOKIE, Address
from pages.entrance.guard import SESSION


async def begin(request: Request, store: Store, address: Address, account: Account, after: str, *, by: str) -> Response | None:
    """The answer to whoever has just signed in to an account, `by` what the audit shall say; None where what opened it was replaced meanwhile, or it was put out of use."""
    secret = await asyncio.to_thread(sessions.begin, store, account, address=client(request), browser=request.headers.get("user-agent", ""), by=by)
    if secret is None:
        return None
    old: Session | None = request.scope[SESSION]
    if old:
        await asyncio.to_thread(sessions.end, store, old, by=old.account.name)
    answer = RedirectResponse(after, 303)
    answer.set_cookie(address.cookie(COOKIE), secret, max_age=int(sessions.LASTS.total_seconds()), httponly=True, samesite="lax", secure=address.is_public)
    return answer


def client(request: Request) -> str:
    """The address from which somebody asks."""
    return request.client.host if request.client else ""


def inside(address: str) -> str:
    """An address within the program; its beginning for any other."""
    return address if address.startswith("/") and not address.startswith("//") and address.isprintable() and "\\" not in address else "/"
