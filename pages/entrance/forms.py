"""The pages before the dashboard, as plain HTML: signing in, choosing a password, one's own account. They work without a script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from secrets import compare_digest, token_urlsafe

from starlette.requests import Request
from starlette.responses import HTMLResponse

from pages.parts.words import LANGUAGE, say

TOKEN = "token"  # the hidden field that a page of another site can't know
_TOKEN_COOKIE = "readiness-form"


@dataclass(frozen=True)
class Field:
    """One field to fill in: its name, its label, its HTML type and what the browser may complete it with."""

    name: str
    label: str
    type: str = "text"
    autocomplete: str = "off"
    value: str = ""
    hint: str = ""


def form(
    request: Request, *, title: str, about: str, action: str, button: str, fields: Sequence[Field] = (), hidden: Sequence[tuple[str, str]] = (),
    fault: str = "", facts: Sequence[tuple[str, str]] = (), back: tuple[str, str] | None = None, status: int = 200,
) -> HTMLResponse:
    """A page with one form: what it is for, what is wrong with what was sent, its fields and its one button."""
    token = request.cookies.get(_TOKEN_COOKIE) or token_urlsafe(32)
    inputs = "".join(f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in (*hidden, (TOKEN, token)))
    inner = (f'<form method="post" action="{escape(action)}">{inputs}{"".join(_field(one, number == 0) for number, one in enumerate(fields))}'
             f'<button type="submit">{escape(button)}</button></form>')
    answer = page(title=title, about=about, inner=inner, fault=fault, facts=facts, back=back, status=status)
    answer.set_cookie(_TOKEN_COOKIE, token, httponly=True, samesite="strict", secure=request.url.scheme == "https")
    return answer


def page(
    *, title: str, about: str, inner: str = "", fault: str = "", facts: Sequence[tuple[str, str]] = (), back: tuple[str, str] | None = None, status: int = 200,
) -> HTMLResponse:
    """A page in the program's look. `inner` is HTML; everything else is text."""
    told = f'<p class="fault" role="alert">{escape(fault)}</p>' if fault else ""
    listed = f"<dl>{''.join(f'<dt>{escape(name)}</dt><dd>{escape(value)}</dd>' for name, value in facts)}</dl>" if facts else ""
    link = f'<p class="back"><a href="{escape(back[1])}">{escape(back[0])}</a></p>' if back else ""
    return HTMLResponse(
        f'<!doctype html><html lang="{LANGUAGE}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(say("page.title", page=title))}</title><link rel="stylesheet" href="/app/static/door.css"></head><body><main>'
        f'<p class="program">{escape(say("entrance.program"))}</p><h1>{escape(title)}</h1><p class="about">{escape(about)}</p>{told}{listed}{inner}{link}'
        "</main></body></html>",
        status, headers={"cache-control": "no-store"})


def is_own(request: Request, sent: str) -> bool:
    """Whether what was sent comes from a form of ours that this browser was given."""
    given = request.cookies.get(_TOKEN_COOKIE, "")
    return bool(given) and compare_digest(given.encode(), sent.encode())


def _field(field: Field, is_first: bool) -> str:
    hint = f'<small id="{field.name}-hint">{escape(field.hint)}</small>' if field.hint else ""
    described = f' aria-describedby="{field.name}-hint"' if field.hint else ""
    return (f'<label for="{field.name}">{escape(field.label)}</label><input id="{field.name}" name="{field.name}" type="{field.type}" '
            f'autocomplete="{field.autocomplete}" value="{escape(field.value)}" required maxlength="200" autocapitalize="none" spellcheck="false"'
            f'{described}{" autofocus" if is_first else ""}>{hint}')
