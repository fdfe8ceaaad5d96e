"""The shell: Streamlit's document with our look in it, for every page and whoever asks for one that there is not."""

from __future__ import annotations

import re

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from pages import EVERY_PAGE
from pages.entrance import shell
from pages.parts import marks


@pytest.fixture
def browser() -> TestClient:
    async def other(_: object) -> PlainTextResponse:
        return PlainTextResponse("other")

    return TestClient(Starlette(routes=[Route("/account", other), *shell.Shell().routes, Route("/{path:path}", other)]))


def test_every_page_is_given_the_same_document_with_the_look_after_streamlits_own(browser: TestClient) -> None:
    told = {browser.get(f"/{page}").text for page in ("", "home", "a-page-that-is-not-there", *EVERY_PAGE)}
    document, = told
    head, body = document.split("<body>")
    address, = re.findall(r'<link rel="stylesheet" href="(/look/[0-9a-f]{16}\.css)">', body)
    assert body.index(address) < body.index('id="root"') and "/look/" not in head
    assert "<title>Election readiness</title>" in head and "Streamlit</title>" not in head
    assert head.count('as="font"') == 2 and "ttf" not in head and head.index("shell.js") > head.index("index.")
    assert 'type="module" crossorigin src="./static/js/' in head
    assert browser.get("/").headers["cache-control"] == "no-cache"
    look = browser.get(address)
    assert (look.text, look.headers["content-type"]) == (marks.stylesheet(), "text/css; charset=utf-8") and "immutable" in look.headers["cache-control"]
    assert browser.get("/look/0123456789abcdef.css").text == "other"


@pytest.mark.parametrize("path", ["/account", "/favicon.png", "/manifest.json", "/_stcore/health", "/_next", "/static/js/index.js", "/app/static/links.js", "/national/", "/national/_stcore/health", "/file/a"])
def test_what_is_no_page_is_not_taken_for_one(browser: TestClient, path: str) -> None:
    assert browser.get(path).text == "other"


def test_a_document_that_is_not_as_it_was_is_not_served_without_the_look() -> None:
    for changed in ("<html></html>", '<head><link rel="preload" as="font" href="a"><title>a</title></head><main></main>'):
        with pytest.raises(RuntimeError, match="not as it was"):
            shell._with_look(changed, "/look/a.css")
