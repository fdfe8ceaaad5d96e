"""A second factor, and another password: set up with the password and a code, asked for when signing in, good once, lost and recovered."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import closing

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from data import accounts, audit, second_factor, sessions, tokens
from data.accounts import Account, AccountError
from data.election import Election
from data.store import Store
from no_browser import Answer, NoBrowser
from test_entrance import PASSWORD, ROLES, join
from tests.browsing import PATIENCE, served

OTHER = "seven quiet lamps by the canal"


def code(secret: str, steps: int = 0) -> str:
    """The code of a telephone, so many steps of half a minute from now. One of another step is out of date as soon as the present step ends, so the
    end of a step is waited for."""
    if steps and (left := 30 - time.time() % 30) < 6:
        time.sleep(left)
    return pyotp.TOTP(secret).at(int(time.time()) + 30 * steps)


@pytest.fixture
def cec(store: Store) -> Account:
    """An account that was just signed in to."""
    join(store, ROLES["cec"])
    return accounts.signs_in(store, "cec", PASSWORD)


@pytest.fixture
def at_noon(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """A clock that a test can set forward."""
    clock = [1_795_600_005.0]
    monkeypatch.setattr(time, "time", lambda: clock[0])
    yield clock


# ── Codes ────────────────────────────────────────────────────────────────────────────────────────


def test_the_codes_are_those_of_the_standard() -> None:
    # RFC 6238, appendix B, SHA-1, of which six of the eight digits are asked for.
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert [pyotp.TOTP(secret).at(at) for at in (59, 1111111109, 1111111111, 1234567890, 2000000000)] == ["287082", "081804", "050471", "005924", "279037"]


def test_a_code_is_good_once_and_for_a_minute_and_a_half(store: Store, cec: Account, at_noon: list[float]) -> None:
    secret = second_factor.new_secret()
    second_factor.set_up(store, cec, secret, code(secret))
    assert second_factor.is_set(store, cec)
    assert not second_factor.passes(store, cec, code(secret))  # it was used to set it up
    at_noon[0] += 60
    assert not second_factor.passes(store, cec, code(secret, -2)) and not second_factor.passes(store, cec, code(secret, 2)) and not second_factor.passes(store, cec, "")
    early = code(secret, 1)
    assert second_factor.passes(store, cec, f" {early[:3]} {early[3:]} ") and not second_factor.passes(store, cec, early)
    assert not second_factor.passes(store, cec, code(secret))  # an earlier one than the last
    at_noon[0] += 60
    assert not second_factor.passes(store, cec, code(secret, -1)) and second_factor.passes(store, cec, code(secret))


def test_codes_that_are_asked_for_are_not_replaced_without_one_of_them(store: Store, cec: Account, at_noon: list[float]) -> None:
    secret, other = second_factor.new_secret(), second_factor.new_secret()
    second_factor.set_up(store, cec, secret, code(secret))
    with pytest.raises(AccountError, match="Take them away first"):
        second_factor.set_up(store, cec, other, code(other))
    assert second_factor.passes(store, cec, code(secret, 1)) and not second_factor.passes(store, cec, code(other))


def test_it_is_not_set_up_without_its_code(store: Store, cec: Account, at_noon: list[float]) -> None:
    secret = second_factor.new_secret()
    for wrong in ("", "000000", code(second_factor.new_secret()), code(secret, 5)):
        with pytest.raises(AccountError, match="not the code"):
            second_factor.set_up(store, cec, secret, wrong)
    assert not second_factor.is_set(store, cec) and not second_factor.passes(store, cec, code(secret))


@pytest.mark.parametrize("forgets", [False, True])
def test_a_link_of_the_administrator_forgets_the_telephone_only_where_that_is_wished(store: Store, cec: Account, at_noon: list[float], forgets: bool) -> None:
    secret = second_factor.new_secret()
    second_factor.set_up(store, cec, secret, code(secret))
    accounts.choose_password(store, accounts.invite(store, cec.id, by="Keeper", forgets_second_factor=forgets), OTHER)
    assert second_factor.is_set(store, cec) is not forgets
    told = [(line.act, line.about.get("second_factor")) for line in audit.lines(store)][:3]
    assert told == ([("password_chosen", None), ("second_factor_removed", None), ("invited", "forgotten")] if forgets
                    else [("password_chosen", None), ("invited", None), ("second_factor_set", None)])


def test_setting_codes_up_and_taking_them_away_ends_every_other_session(store: Store, cec: Account, at_noon: list[float]) -> None:
    secret = second_factor.new_secret()
    for act in (lambda own: second_factor.set_up(store, cec, secret, code(secret), session=own), lambda own: second_factor.remove(store, cec, session=own)):
        own, other = (sessions.found(store, sessions.begin(store, cec, address="", browser="")) for _ in range(2))
        act(own.id)
        assert sessions.by_id(store, own.id) and sessions.by_id(store, other.id) is None


@pytest.mark.parametrize("what", ["set up", "remove", "change"])
def test_what_was_proved_with_a_password_is_worth_nothing_once_it_is_another(store: Store, cec: Account, at_noon: list[float], what: str) -> None:
    secret = second_factor.new_secret()
    second_factor.set_up(store, cec, secret, code(secret))
    accounts.change_password(store, cec, OTHER)
    act = {"set up": lambda: second_factor.set_up(store, cec, second_factor.new_secret(), code(secret)), "remove": lambda: second_factor.remove(store, cec),
           "change": lambda: accounts.change_password(store, cec, PASSWORD)}[what]
    with pytest.raises(AccountError):
        act()
    assert second_factor.is_set(store, cec) and accounts.signs_in(store, "cec", OTHER) and second_factor.passes(store, cec, code(secret, 1))


def test_another_password_voids_the_links_that_were_made_before(store: Store, cec: Account) -> None:
    link = accounts.invite(store, cec.id, by="Keeper")
    accounts.change_password(store, cec, OTHER)
    assert accounts.invited(store, link) is None


def test_another_password_keeps_the_second_factor_and_ends_the_tokens(store: Store, cec: Account, at_noon: list[float]) -> None:
    secret, token = second_factor.new_secret(), tokens.make(store, cec, name="Power BI", may=("figures",), days=1)
    second_factor.set_up(store, cec, secret, code(secret))
    with pytest.raises(AccountError):
        accounts.change_password(store, cec, "short")
    accounts.change_password(store, cec, OTHER)
    assert second_factor.is_set(store, cec) and tokens.found(store, token) is None
    assert accounts.signs_in(store, "cec", PASSWORD) is None and accounts.signs_in(store, "cec", OTHER)


def test_no_secret_and_no_code_stands_in_the_audit(store: Store, cec: Account, at_noon: list[float]) -> None:
    secret = second_factor.new_secret()
    second_factor.set_up(store, cec, secret, code(secret))
    told = "\n".join(audit.exported(audit.lines(store)))
    assert "second_factor_set" in told and secret not in told and code(secret) not in told


# ── Through the server ───────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, election: Election) -> Iterator[str]:
    database = tmp_path_factory.mktemp("second") / "second.duckdb"
    with closing(Store(database, election)) as store:
        for login in ("cec", "analyst", "sindh", "lahore"):
            join(store, ROLES[login])
    with served(database) as address:
        yield address


def set_up(somebody: NoBrowser) -> str:
    """Sets codes up and returns their secret."""
    shown = somebody.get("/account/second").text
    secret = re.search(r'<code tabindex="0">([A-Z2-7 ]+)<', shown)[1].replace(" ", "")
    assert somebody.send("/account/second", {"password": PASSWORD, "code": code(secret, -1)}).headers["location"] == "/account"
    return secret


def half_in(door: str, login: str) -> tuple[NoBrowser, Answer]:
    somebody = NoBrowser(door)
    return somebody, somebody.send("/signin?next=/account", {"login": login, "password": PASSWORD})


def test_codes_are_set_up_asked_for_and_taken_away_in_a_browser(page: Page, door: str) -> None:
    page.set_default_timeout(PATIENCE * 1000)
    page.goto(f"{door}/signin?next=/account")
    page.get_by_label("Sign-in name").fill("analyst")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Set up codes of a telephone").click()
    expect(page.locator(".picture svg")).to_be_visible()
    assert page.locator(".picture svg").get_attribute("viewBox")  # else it is cut off at its edge, and no telephone can read it
    secret = page.locator(".about code").inner_text().replace(" ", "")
    assert [violation["id"] for violation in Axe().run(page).response["violations"]] == []
    page.get_by_label("Password now").fill("not it")
    page.get_by_label("Code").fill(code(secret, -1))
    page.get_by_role("button", name="Ask for codes from now on").click()
    expect(page.get_by_role("alert")).to_have_text("This is not your password.")
    assert page.locator(".about code").inner_text().replace(" ", "") == secret  # the telephone has it already
    page.get_by_label("Password now").fill(PASSWORD)
    page.get_by_label("Code").fill(code(secret, -1))
    page.get_by_role("button", name="Ask for codes from now on").click()
    expect(page.get_by_role("main")).to_contain_text("and for a code of your telephone")
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{door}/signin?next=/account")
    page.get_by_label("Sign-in name").fill("analyst")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your telephone’s code")
    assert [violation["id"] for violation in Axe().run(page).response["violations"]] == []
    page.get_by_label("Code").fill(code(secret))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(ROLES["analyst"].name)
    page.get_by_role("link", name="Ask for no codes any more").click()
    page.get_by_label("Password now").fill(PASSWORD)
    page.get_by_label("Code").fill(code(secret))  # the one that was spent on signing in
    page.get_by_role("button", name="Ask for no codes any more").click()
    expect(page.get_by_role("alert")).to_contain_text("was used already")
    assert [violation["id"] for violation in Axe().run(page).response["violations"]] == []
    page.get_by_label("Password now").fill(PASSWORD)
    page.get_by_label("Code").fill(code(secret, 1))
    page.get_by_role("button", name="Ask for no codes any more").click()
    expect(page.get_by_role("main")).to_contain_text("asks for your password alone")


def test_the_password_alone_opens_nothing_once_codes_are_asked_for(door: str) -> None:
    somebody = NoBrowser(door)
    somebody.sign_in("cec", PASSWORD)
    secret = set_up(somebody)
    assert somebody.get("/account/second").headers["location"] == somebody.post("/account/second", {"password": PASSWORD}).headers["location"] == "/account"
    half, answer = half_in(door, "cec")
    assert (answer.status, answer.headers["location"]) == (303, "/signin/code")
    assert "readiness" not in half.cookies and half.get("/signed-in").status == 401 and half.get("/api/v1/figures?level=national").status == 401
    assert half.send("/signin/code", {"code": "000000"}).status == 401
    thief = NoBrowser(door)  # without the cookie of whoever has given the password
    thief.get("/signin")
    assert thief.get("/signin/code").headers["location"] == "/signin"
    good = code(secret)
    done = half.send("/signin/code", {"code": good})
    assert (done.status, done.headers["location"]) == (303, "/account") and half.get("/signed-in").status == 204
    other, _ = half_in(door, "cec")
    assert other.send("/signin/code", {"code": good}).status == 401  # it is spent


def test_guessing_codes_is_slowed_as_guessing_passwords_is(door: str) -> None:
    somebody = NoBrowser(door)
    somebody.sign_in("sindh", PASSWORD)
    set_up(somebody)
    half, _ = half_in(door, "sindh")
    assert [half.send("/signin/code", {"code": f"00000{number}"}).status for number in range(6)] == [401] * 5 + [429]


def test_a_changed_password_ends_every_session_and_wants_the_old_one(door: str) -> None:
    somebody, elsewhere = NoBrowser(door), NoBrowser(door)
    somebody.sign_in("lahore", PASSWORD)
    elsewhere.sign_in("lahore", PASSWORD)
    for wrong in ({"password": "not it", "new": OTHER, "again": OTHER}, {"password": PASSWORD, "new": OTHER, "again": OTHER + "x"}, {"password": PASSWORD, "new": "short", "again": "short"}):
        assert somebody.send("/account/password", wrong).status == 400
    assert somebody.send("/account/password", {"password": PASSWORD, "new": OTHER, "again": OTHER}).headers["location"] == "/signin?chosen=1"
    assert somebody.get("/signed-in").status == elsewhere.get("/signed-in").status == 401
    assert NoBrowser(door).sign_in("lahore", OTHER).status == 303


@pytest.mark.parametrize("path", ["/account/password", "/account/second", "/account/second/remove"])
def test_without_a_session_or_by_a_form_of_another_site_nothing_is_changed(door: str, path: str) -> None:
    assert NoBrowser(door).get(path, accept="text/html").headers["location"].startswith("/signin")
    somebody = NoBrowser(door)
    assert somebody.post(path, {"password": PASSWORD}).status == 401
