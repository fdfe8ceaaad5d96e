"""One's own account, in a browser: a token is made, shown once, used, and ended."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from data.election import Election
from data.store import Store
from no_browser import NoBrowser
from pages.entrance.browsers import browser
from test_entrance import PASSWORD, ROLES, join
from tests.browsing import PATIENCE, served


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, election: Election) -> Iterator[str]:
    database = tmp_path_factory.mktemp("own") / "own.duckdb"
    with closing(Store(database, election)) as store:
        for login in ("analyst", "cec", "keeper"):
            join(store, ROLES[login])
    with served(database) as address:
        yield address


def sign_in(page: Page, door: str, login: str) -> None:
    page.goto(f"{door}/signin?next=/account")
    page.get_by_label("Sign-in name").fill(login)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(ROLES[login].name)


def test_a_token_is_made_shown_once_used_and_ended(page: Page, door: str) -> None:
    page.set_default_timeout(PATIENCE * 1000)
    sign_in(page, door, "analyst")
    page.get_by_label("What it is for").fill("Power BI <on my desk>")
    page.get_by_label("Hand in files").check()
    page.get_by_label("Password now").fill("not it")
    page.get_by_role("button", name="Make a token").click()
    expect(page.get_by_role("alert")).to_have_text("This is not your password.")
    expect(page.locator(".tokens:not(.sessions), .secret")).to_have_count(0)
    page.get_by_label("What it is for").fill("Power BI <on my desk>")
    page.get_by_label("Hand in files").check()
    page.get_by_label("Password now").fill(PASSWORD)
    page.get_by_role("button", name="Make a token").click()
    secret = page.locator(".secret code").inner_text()
    assert Axe().run(page).violations_count == 0
    told = page.locator(".tokens:not(.sessions) li").inner_text()
    assert "Power BI <on my desk>" in told and re.search(r"Read figures, Hand in files; all that is mine; good until .*; not used yet", told)
    program = NoBrowser(door)
    assert program.call("GET", "/api/v1/figures?level=district", secret).status == 200
    page.goto(f"{door}/account")
    assert secret not in page.content() and "last used" in page.content()
    page.get_by_role("button", name="End the token Power BI <on my desk>").click()
    expect(page.locator(".tokens:not(.sessions) li")).to_have_count(0)
    assert program.call("GET", "/api/v1/figures?level=district", secret).status == 401


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_can_be_read_by_all(page: Page, door: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    sign_in(page, door, "analyst")
    assert [violation["id"] for violation in Axe().run(page).response["violations"]] == []
    for path in ("/signin", "/welcome?code=old"):
        page.context.clear_cookies()
        page.goto(door + path)
        assert [violation["id"] for violation in Axe().run(page).response["violations"]] == []


def test_what_is_wrong_with_a_token_is_said_and_none_is_made(page: Page, door: str) -> None:
    sign_in(page, door, "analyst")
    page.get_by_label("What it is for").fill("Power BI")
    page.get_by_label("Read figures").uncheck()
    page.get_by_label("Password now").fill(PASSWORD)
    page.get_by_role("button", name="Make a token").click()
    expect(page.get_by_role("alert")).to_contain_text("something that may be done with it")
    assert page.locator(".secret").count() == page.locator(".tokens:not(.sessions)").count() == 0


@pytest.mark.parametrize(("login", "possible"), [("cec", ["Read figures"]), ("keeper", ["Read how the program is doing"])])
def test_an_account_is_offered_what_it_may_do(page: Page, door: str, login: str, possible: list[str]) -> None:
    sign_in(page, door, login)
    assert page.locator("label.check").all_inner_texts() == [f" {name}" for name in possible]


def test_a_form_of_another_site_makes_and_ends_no_token(door: str) -> None:
    somebody = NoBrowser(door)
    somebody.sign_in("cec", PASSWORD)
    for path in ("/account/tokens", "/account/tokens/end"):
        answer = somebody.post(path, {"name": "Forged", "may-figures": "1", "days": "30", "token": "guessed"})
        assert (answer.status, answer.headers["location"]) == (303, "/account")
    assert "Forged" not in somebody.get("/account").text


def test_one_sees_and_ends_where_one_is_signed_in_besides_and_nobody_elses(page: Page, door: str) -> None:
    page.set_default_timeout(PATIENCE * 1000)
    elsewhere, other = NoBrowser(door), NoBrowser(door)
    other.sign_in("cec", PASSWORD)
    other_id = re.search(r'name="id" value="([^"]*)"', _with_another(door, "cec"))[1]
    elsewhere.sign_in("analyst", PASSWORD)
    sign_in(page, door, "analyst")
    listed = page.locator("section", has=page.get_by_role("heading", name="Signed in elsewhere")).locator("li")
    expect(listed.first).to_contain_text("from 127.0.0.1, since")
    assert Axe().run(page).violations_count == 0
    token = page.locator('input[name="token"]').first.get_attribute("value")
    for form in ({"id": other_id, "token": token}, {"id": other_id, "token": "guessed"}):
        page.request.post(f"{door}/account/sessions/end", form=form)
    assert other.get("/signed-in").status == elsewhere.get("/signed-in").status == 204
    for left in range(listed.count(), 0, -1):
        expect(listed).to_have_count(left)
        listed.first.get_by_role("button").click()
    expect(page.get_by_role("heading", name="Signed in elsewhere")).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_have_text(ROLES["analyst"].name)  # one's own goes on
    assert elsewhere.get("/signed-in").status == 401 and other.get("/signed-in").status == 204


@pytest.mark.parametrize(("told", "said"), [
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36 Edg/150.0.0.0", "Edge on Windows"),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1", "Safari on iPhone"),
    ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Mobile Safari/537.36", "Chrome on Android"),
    ("curl/8.9.1", "curl/8.9.1"), ("", "A program that does not say which")])
def test_a_browser_is_called_as_its_owner_calls_it(told: str, said: str) -> None:
    assert browser(told) == said


def _with_another(door: str, login: str) -> str:
    """The page of an account that is signed in once more."""
    somebody = NoBrowser(door)
    somebody.sign_in(login, PASSWORD)
    return somebody.get("/account").text


def test_nobody_ends_the_token_of_another(door: str) -> None:
    somebody, other = NoBrowser(door), NoBrowser(door)
    somebody.sign_in("cec", PASSWORD)
    other.sign_in("analyst", PASSWORD)
    token = re.search(r'name="token" value="([^"]*)"', other.get("/account").text)[1]
    shown = other.post("/account/tokens", {"name": "Theirs", "may-figures": "1", "days": "30", "token": token, "password": PASSWORD}).text
    id, secret = re.search(r'name="id" value="([^"]*)"', shown)[1], re.search(r"<code[^>]*>([^<]*)", shown)[1]
    own = re.search(r'name="token" value="([^"]*)"', somebody.get("/account").text)[1]
    somebody.post("/account/tokens/end", {"id": id, "token": own})
    assert NoBrowser(door).call("GET", "/api/v1/figures?level=national", secret).status == 200
