"""The pages before the dashboard, as plain HTML: signing in, choosing a password, one's own account. They work without a script."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from secrets import compare_digest, token_urlsafe

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse

from pages.entrance.address import cookie
from pages.parts.words import LANGUAGE, say

TOKEN = "token"  # the hidden field that a page of another site can't know
_TOKEN_COOKIE = "readiness-form"
_MOST_SENT, _SENT_WITHIN = 8_192, 30.0  # bytes of a form; seconds


@dataclass(frozen=True)
class Field:
    """One field to fill in: its name, its label, its HTML type ("select" with `options`, value and label, is one of these), its value,
    a word on it, and what the browser may complete it with."""

    name: str
    label: str
    type: str = "text"
    value: str = ""
    hint: str = ""
    autocomplete: str = "off"
    options: tuple[tuple[str, str], ...] = ()


def form(
    request: Request, *, title: str, about: str, action: str, button: str, fields: Sequence[Field] = (), hidden: Sequence[tuple[str, str]] = (),
    fault: str = "", before: str = "", after: str = "", back: tuple[str, str] | None = None, status: int = 200,
) -> HTMLResponse:
    """A page with one form: what it is for, what is wrong with what was sent, its fields and its one button. `before` and `after` are HTML."""
    token = token_of(request)
    return page(title=title, about=about, inner=before + inner(token, action=action, button=button, fields=fields, hidden=hidden, focuses=True) + after,
                fault=fault, back=back, status=status, token=token, request=request)


def inner(
    token: str, *, action: str, button: str, fields: Sequence[Field] = (), hidden: Sequence[tuple[str, str]] = (), label: str = "", focuses: bool = False,
) -> str:
    """One form as HTML. `label` is the button's for who can't see what stands beside it; with `focuses` one begins at its first field."""
    inputs = "".join(f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in (*hidden, (TOKEN, token)))
    named = f' aria-label="{escape(label)}"' if label else ""
    return (f'<form method="post" action="{escape(action)}">{inputs}{"".join(_field(one, focuses and number == 0) for number, one in enumerate(fields))}'
            f'<button type="submit"{named}>{escape(button)}</button></form>')


def page(
    *, title: str, about: str, inner: str = "", fault: str = "", back: tuple[str, str] | None = None, status: int = 200, token: str = "",
    request: Request | None = None, is_wide: bool = False,
) -> HTMLResponse:
    """A page in the program's look. `inner` is HTML; everything else is text. With forms in it, it bears their `token`."""
    told = f'<p class="fault" role="alert">{escape(fault)}</p>' if fault else ""
    link = f'<p class="back"><a href="{escape(back[1])}">{escape(back[0])}</a></p>' if back else ""
    answer = HTMLResponse(
        f'<!doctype html><html lang="{LANGUAGE}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(say("page.title", page=title))}</title><link rel="stylesheet" href="/app/static/door.css"></head><body><main{" class=wide" if is_wide else ""}>'
        f'<p class="program">{escape(say("entrance.program"))}</p><h1>{escape(title)}</h1><p class="about">{escape(about)}</p>{told}{inner}{link}'
        "</main></body></html>",
        status, headers={"cache-control": "no-store"})
    if token and request:
        answer.set_cookie(_cookie(request), token, httponly=True, samesite="strict", secure=request.url.scheme == "https")
    return answer


def facts(told: Sequence[tuple[str, str]]) -> str:
    """Names and what they are, as HTML."""
    return f"<dl>{''.join(f'<dt>{escape(name)}</dt><dd>{escape(value)}</dd>' for name, value in told)}</dl>"


def link_button(label: str, href: str, or_else: str) -> str:
    """A link that looks like the page's main button, and a word on what stands below it, as HTML."""
    return f'<p class="outside"><a class="button" href="{escape(href)}">{escape(label)}</a></p><p class="or">{escape(or_else)}</p>'


def too_many(wait: int) -> str:
    """The sentence that says how long to wait, of so many seconds."""
    minutes = -(-wait // 60)
    return say("entrance.wait", count=minutes, minutes=minutes)


def secret(about: str, told: str) -> str:
    """Something that is shown this once and is to be copied, as HTML."""
    return f'<div class="secret" role="status"><p>{escape(about)}</p><code tabindex="0">{escape(told)}</code></div>'


def token_of(request: Request) -> str:
    """What the forms for this browser bear."""
    return request.cookies.get(_cookie(request)) or token_urlsafe(32)


def is_own(request: Request, sent: str) -> bool:
    """Whether what was sent comes from a form of ours that this browser was given."""
    given = request.cookies.get(_cookie(request), "")
    return bool(given) and compare_digest(given.encode(), sent.encode())


async def sent(request: Request) -> Mapping[str, str]:
    """The fields of a form; none of one that is longer than any of ours, or does not arrive."""
    if int(request.headers.get("content-length", _MOST_SENT + 1)) > _MOST_SENT:
        return {}
    try:
        async with asyncio.timeout(_SENT_WITHIN), request.form(max_files=0, max_fields=20) as told:
            return {name: value for name, value in told.items() if isinstance(value, str)}
    except (TimeoutError, ClientDisconnect):
        return {}


def _cookie(request: Request) -> str:
    return cookie(_TOKEN_COOKIE, is_safe=request.url.scheme == "https")


def _field(field: Field, is_first: bool) -> str:
    id = f"field-{field.name}"
    hint = f'<small id="{id}-hint">{escape(field.hint)}</small>' if field.hint else ""
    described = f' aria-describedby="{id}-hint"' if field.hint else ""
    if field.type == "select":
        options = "".join(f'<option value="{escape(value)}">{escape(label)}</option>' for value, label in field.options)
        return f'<label for="{id}">{escape(field.label)}</label><select id="{id}" name="{field.name}"{described}>{options}</select>{hint}'
    if field.type == "checkbox":
        return (f'<label class="check" for="{id}"><input id="{id}" name="{field.name}" type="checkbox" value="1"{" checked" if field.value else ""}{described}> '
                f"{escape(field.label)}</label>{hint}")
    return (f'<label for="{id}">{escape(field.label)}</label><input id="{id}" name="{field.name}" type="{field.type}" '
            f'autocomplete="{field.autocomplete}" value="{escape(field.value)}" required maxlength="200" autocapitalize="none" spellcheck="false"'
            f'{described}{" autofocus" if is_first else ""}>{hint}')
