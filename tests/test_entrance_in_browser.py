"""The front door in a browser: from the link to the dashboard and out again, at two sizes, by keyboard, for everybody."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import expect

from data import accounts
from data.accounts import Account
from data.election import Election
from data.store import Store
from tests.browsing import Watched, picture, served

PASSWORD = "lamp river forty cactus"
WANTED = (Account("", "keeper", "Keeper of accounts", "administrator", (), (), ()), Account("", "sindh", "Sindh office", "provincial", ("PK7",), (), ()),
          Account("", "punjab", "Punjab office", "provincial", ("PK6",), (), ()))


@pytest.fixture(scope="module")
def links(example_store_path: Path, tmp_path_factory: pytest.TempPathFactory, election: Election) -> dict[str, str]:
    """The path of each account's link, and under '' the database with the accounts."""
    database = tmp_path_factory.mktemp("entrance") / "entrance.duckdb"
    shutil.copyfile(example_store_path, database)
    with closing(Store(database, election)) as store:
        made = [accounts.make(store, one, by="The operator") for one in WANTED]
        return {"": str(database)} | {one.login: f"/welcome?code={accounts.invite(store, one.id, by='The operator')}" for one in made}


@pytest.fixture(scope="module")
def server(links: dict[str, str]) -> Iterator[str]:
    with served(Path(links[""])) as address:
        yield address


def come_in(watched: Watched, link: str, login: str) -> None:
    """Chooses a password behind the link, and signs in with it."""
    page = watched.page
    page.goto(f"{watched.server}{link}")
    for label in ("New password", "The same again"):
        page.get_by_label(label).fill(PASSWORD)
    page.get_by_role("button").click()
    page.get_by_label("Sign-in name").fill(login)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button").click()
    watched.settle()


def test_by_the_keyboard_alone_from_the_link_to_the_dashboard(watched: Watched, links: dict[str, str]) -> None:
    page = watched.page
    page.goto(f"{watched.server}{links['sindh']}")
    expect(page.get_by_role("heading", name="Welcome, Sindh office")).to_be_visible()
    watched.assert_accessible()
    for text in ("too short", "Tab", "too short", "Enter"):
        page.keyboard.press(text) if text in ("Tab", "Enter") else page.keyboard.type(text)
    expect(page.get_by_role("alert")).to_contain_text("at least 12 characters")
    for text in (PASSWORD, "Tab", PASSWORD, "Enter"):
        page.keyboard.press(text) if text in ("Tab", "Enter") else page.keyboard.type(text)
    expect(page.get_by_text("The password is set. Sign in with it.")).to_be_visible()
    watched.assert_accessible()
    for text in ("sindh", "Tab", PASSWORD, "Enter"):
        page.keyboard.press(text) if text in ("Tab", "Enter") else page.keyboard.type(text)
    watched.settle()
    assert page.locator(".er-nav li").all_inner_texts() == ["Province", "District", "Legal clock", "Changes", "Meetings", "Disagreements", "Alerts", "Appointments", "Repairs", "Training", "Security", "History", "Definitions"]
    assert page.locator(".er-headline h1").inner_text().startswith("Sindh")
    assert watched.abroad == []
    # The link is used up.
    page.goto(f"{watched.server}{links['sindh']}")
    expect(page.get_by_role("heading", name="This link is no longer good")).to_be_visible()


@pytest.mark.parametrize("size", ["wide", "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_sign_in_page_is_sound_at_each_size_in_light_and_dark(watched: Watched, size: str, scheme: str) -> None:
    page = watched.page
    page.goto(f"{watched.server}/district?place=PK617")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_label("Sign-in name").fill("nobody")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("don’t belong together")
    watched.assert_accessible()
    assert watched.abroad == []
    picture(page, f"sign-in-{size}-{scheme}")


def test_signing_out_in_one_tab_empties_the_others_and_a_download_stands_in_the_audit(watched: Watched, links: dict[str, str]) -> None:
    page = watched.page
    come_in(watched, links["punjab"], "punjab")
    with page.expect_download():
        page.get_by_role("link", name="CSV").first.click()
    other = page.context.new_page()
    other.goto(f"{watched.server}/account")
    other.get_by_role("button", name="Sign out").click()
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert "Punjab" not in page.locator("body").inner_text()
    come_in(watched, links["keeper"], "keeper")
    watched.open("administration")
    page.get_by_role("tab", name="What was done").click()
    expect(page.get_by_role("cell", name="Downloaded a file")).to_have_count(1)
    picture(page, "administration")
