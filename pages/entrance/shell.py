"""The shell: the document that a browser is given for every page. It is Streamlit's own, with our look in it from the first moment.

Streamlit draws a page piece by piece, and a look that comes with the first piece had everything jump from place to place until the last
one was there; it also went along with each answer.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from pathlib import Path

import streamlit as st
from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from pages.parts import marks
from pages.parts.words import say

_FONTS = ("source-sans-3-latin-wght-normal.woff2", "source-serif-4-latin-wght-normal.woff2")
_OTHERS_FONT = re.compile(r'<link\s+rel="preload"[^>]*as="font"[^>]*>')  # Streamlit has its own fetched first, which no page shows


class _PageName(Convertor[str]):
    """The address of a page, also of one that there is not: one word. What Streamlit serves beside its pages has a dot or begins with a low line."""

    regex = "[^/._][^/.]*"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("page_name", _PageName())


class Shell:
    """The routes of the document and of its look. They come after all others that have an address of one word."""

    def __init__(self) -> None:
        self._look = marks.stylesheet()
        address = f"/look/{blake2b(self._look.encode(), digest_size=8).hexdigest()}.css"
        self.routes = [Route(address, self.look, methods=["GET"]), Route("/", self.page, methods=["GET"]), Route("/{page:page_name}", self.page, methods=["GET"])]
        self._page = _with_look((Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8"), address)

    async def page(self, _: Request) -> Response:
        """GET the document, which is the same for every page."""
        return HTMLResponse(self._page, headers={"cache-control": "no-cache"})

    async def look(self, _: Request) -> Response:
        """GET the look. Another one has another address."""
        return Response(self._look, media_type="text/css", headers={"cache-control": "private, immutable, max-age=31536000"})


def _with_look(document: str, address: str) -> str:
    """Streamlit's document with the program's name, its fonts, the script that shows the page once it is filled, and the look: that stands
    in the body, for what Streamlit itself writes into the head later has to give way to it."""
    fonts = "".join(f'<link rel="preload" href="/app/static/{font}" as="font" type="font/woff2" crossorigin>' for font in _FONTS)
    parts = {
        _OTHERS_FONT: fonts,
        re.compile("<title>.*?</title>"): f"<title>{marks.escape(say('page.name'))}</title>",
        re.compile("</head>"): '<script src="/app/static/shell.js"></script></head>',
        re.compile("<body>"): f'<body><link rel="stylesheet" href="{address}">'}
    for place, instead in parts.items():
        document, found = place.subn(instead, document, count=1)
        if not found:
            raise RuntimeError(f"Streamlit's document is not as it was: {place.pattern} is not in it.")
    return document
