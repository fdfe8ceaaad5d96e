"""The front door, through the real server: who gets in, what each role sees and does not, and how a session ends."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass
from inspect import signature
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.routing import WebSocketRoute
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from data import accounts, audit, desk, readiness, sessions
from data.accounts import Account
from data.database import StoreError
from data.election import Election
from data.scope import Scope
from data.store import Store
from loaders.submissions import reference
from no_browser import PATIENCE, NoBrowser, run
from pages.entrance import guard, watch
from pages.entrance.address import Address
from pages.entrance.listening import send_at_once
from pages.entrance.proof import Proof, TooMany
from pages.entrance.tries import source
from pages.parts import errors
from tests.browsing import ROOT, served

PASSWORD = "lamp river forty cactus"
SINDH, PUNJAB, LAHORE, JAMSHORO = "PK7", "PK6", "PK617", "PK708"
ROLES = {
    "cec": Account("", "cec", "Chief Election Commissioner", "commission", (), (), ()),
    "sindh": Account("", "sindh", "Sindh office", "provincial", (SINDH,), (), ()),
    "lahore": Account("", "lahore", "Lahore office", "district", (LAHORE,), (), ("repairs",)),
    "analyst": Account("", "analyst", "Analyst of Sindh", "analyst", (SINDH,), (SINDH,), ("repairs",)),
    "keeper": Account("", "keeper", "Keeper of accounts", "administrator", (), (), ()),
    "typist": Account("", "typist", "Data entry for Punjab", "analyst", (), (PUNJAB,), ("repairs",)),  # submits for what it does not see
}
# Whoever's password is guessed is kept from signing in at this computer for a while, so it is nobody whom another test needs.
GUESSED = Account("", "guessed", "Whose password is guessed", "commission", (), (), ())
PAGES_OF = {
    "cec": {"national", "province", "district", "clock", "changes", "meetings", "disagreements", "alerts", "appointments", "repairs", "training", "security", "history", "definitions"},
    "sindh": {"province", "district", "clock", "changes", "meetings", "disagreements", "alerts", "appointments", "repairs", "training", "security", "history", "definitions"},
    "lahore": {"district", "clock", "changes", "meetings", "disagreements", "alerts", "appointments", "repairs", "training", "security", "upload", "history", "definitions"},
    "analyst": {"province", "district", "clock", "changes", "meetings", "disagreements", "alerts", "appointments", "repairs", "training", "security", "upload", "history", "definitions"},
    "keeper": {"definitions", "administration"},
    "typist": {"upload", "history", "definitions"},
}
FIRST_OF = {"cec": "national", "sindh": "province", "lahore": "district", "analyst": "province", "keeper": "definitions", "typist": "upload"}
SENDER = b"ECP Secretariat, Islamabad"  # its address is not a district's figure
EVERY_PAGE = sorted(set.union(*PAGES_OF.values()))
PLACES = ("", "PK", SINDH, PUNJAB, LAHORE, JAMSHORO, "PK999", "' or true --")


@dataclass(frozen=True)
class Office:
    """A dashboard that is served over the example, with an account of each role; the newest submissions by district and domain."""

    address: str
    submissions: dict[tuple[str, str], str]


@pytest.fixture(scope="module")
def office(example_store_path: Path, tmp_path_factory: pytest.TempPathFactory, election: Election) -> Iterator[Office]:
    database = tmp_path_factory.mktemp("office") / "office.duckdb"
    shutil.copyfile(example_store_path, database)
    with closing(Store(database, election)) as store:
        for wanted in (*ROLES.values(), GUESSED):
            join(store, wanted)
        found = {(code, domain): readiness.history(store, Scope.everything(election.places), place=code, domain=domain)["submission"].iloc[0]
                 for code in (LAHORE, JAMSHORO) for domain in ("repairs", "security")}
    with served(database) as address:
        yield Office(address, found)


def join(store: Store, wanted: Account) -> Account:
    made = accounts.make(store, wanted, by="The operator")
    return accounts.choose_password(store, accounts.invite(store, made.id, by="The operator"), PASSWORD)


def signed_in(office: Office, login: str) -> NoBrowser:
    somebody = NoBrowser(office.address)
    answer = somebody.sign_in(login, PASSWORD)
    assert (answer.status, answer.headers["location"]) == (303, "/")
    return somebody


@pytest.fixture(scope="module")
def everybody(office: Office) -> dict[str, NoBrowser]:
    return {login: signed_in(office, login) for login in ROLES}


# ── Role by page by place ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("page", EVERY_PAGE)
@pytest.mark.parametrize("login", ROLES)
def test_a_role_opens_its_pages_and_no_other_and_sees_no_district_beyond_its_places(
    office: Office, everybody: dict[str, NoBrowser], election: Election, login: str, page: str,
) -> None:
    somebody, places = everybody[login], election.places
    sees = accounts.scope_of(election, ROLES[login].sees if ROLES[login].role != "commission" else (places.country.code,))
    provinces = {one.name for one in places.provinces}
    named = sees.districts | accounts.scope_of(election, ROLES[login].submits).districts  # a sheet to fill in is chosen by its place's name
    hidden = [one.name.encode() for one in places.districts if one.code not in named and one.name not in provinces]
    with somebody.socket() as socket:
        # The first of somebody's pages stands at the address without a name as well.
        for name, place in product(("", page) if page == FIRST_OF[login] else (page,), PLACES):
            shown = run(socket, somebody.host, name, f"place={place}" if place else "")
            sent = shown.sent.replace(SENDER, b"")
            assert shown.is_found is (page in PAGES_OF[login])
            # Who makes accounts chooses their places by name; that tells nothing of these.
            assert page == "administration" or [name.decode() for name in hidden if name in sent and re.search(rb"\b" + re.escape(name) + rb"\b", sent)] == [], (page, place)
            assert "could not be shown" not in shown.words
            if login == "cec":
                assert page in ("definitions", "administration") or any(one.name.encode() in shown.sent for one in places.districts)


@pytest.mark.parametrize("login", ROLES)
def test_a_submission_is_opened_by_its_id_only_where_its_place_is_seen_and_withdrawn_only_by_who_submits_for_it(
    office: Office, everybody: dict[str, NoBrowser], election: Election, login: str,
) -> None:
    # What stands of Lahore came with the whole of Punjab, of which its officer sees one district.
    may = {"cec": (True, set()), "sindh": (JAMSHORO, set()), "lahore": (False, set()), "analyst": (JAMSHORO, {"repairs"}), "keeper": (False, set()), "typist": (False, set())}[login]
    for (district, domain), submission in office.submissions.items():
        shown = everybody[login].page("history", f"submission={submission}")
        is_seen = may[0] is True or may[0] == district
        assert (reference(submission) in shown.words and "SHA-256" in shown.words) is is_seen
        assert ("Withdraw it" in shown.words) is (is_seen and domain in may[1])


# ── No session ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", [
    "/", "/national", "/history?submission=1", "/account", "/_stcore/host-config", "/media/1.csv", "/app/static/links.js", "/signed-in", "/component/a/b", "/static/x.js"])
def test_without_a_session_a_browser_is_led_to_the_sign_in_page_and_a_program_refused(office: Office, path: str) -> None:
    nobody = NoBrowser(office.address)
    led = nobody.get(path, accept="text/html,*/*")
    assert led.status == 303 and led.headers["location"].startswith("/signin")
    assert nobody.get(path).status == 401
    assert nobody.post(path, {}).status == 401


def test_what_is_open_without_a_session_is_what_signing_in_needs(office: Office) -> None:
    nobody = NoBrowser(office.address)
    assert {path: nobody.get(path, accept="text/html").status for path in guard.OPEN} == {path: {"/welcome": 410, guard.CODE: 303, guard.PROVIDER: 303, guard.RETURNED: 303}.get(path, 200) for path in guard.OPEN}
    assert nobody.get("/app/static/../static/links.js", accept="text/html").status != 200
    assert nobody.get("/_stcore/health/").status == 401


def test_a_route_that_fails_says_a_reference_and_nothing_of_what_failed(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    with ThreadPoolExecutor() as apart:
        answer = apart.submit(asyncio.run, errors.answer(Request({"type": "http"}), RuntimeError("a secret of the database"))).result()
    reference = re.search(r"reference ([0-9A-F]{6})", answer.body.decode())[1]
    assert answer.status_code == 500 and "a secret" not in answer.body.decode()
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"] and answer.headers["x-content-type-options"] == "nosniff"
    assert f"reference {reference}\nRuntimeError" in caplog.text


def test_a_websocket_without_a_session_is_refused(office: Office) -> None:
    for cookies in ({}, {"readiness": "forged"}, {"readiness": ""}):
        with pytest.raises(InvalidStatus) as refused:
            NoBrowser(office.address, cookies).socket()
        assert refused.value.response.status_code == 403


@pytest.mark.parametrize("headers", [{"origin": "http://elsewhere.example"}, {"origin": "null"}, {"host": "elsewhere.example"}, {"host": "127.0.0.1.elsewhere.example"}])
def test_what_another_site_asks_for_is_refused(office: Office, everybody: dict[str, NoBrowser], headers: dict[str, str]) -> None:
    own = everybody["cec"].copy()
    assert own.post("/signout", {}, **headers).status in (400, 403)
    assert own.get("/signed-in", **{name: value for name, value in headers.items() if name == "host"}).status == (400 if "host" in headers else 204)
    if "origin" in headers:
        with pytest.raises(InvalidStatus):
            own.socket(origin=headers["origin"])
    assert own.get("/signed-in").status == 204


def test_nothing_behind_the_guard_judges_an_origin_by_asking_the_internet(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard.accounts, "are_there", lambda _: False)
    told: list[list[tuple[bytes, bytes]]] = []

    async def page(scope: Any, receive: Any, send: Any) -> None:
        told.append(scope["headers"])

    for kind, origin in product(("http", "websocket"), (b"http://127.0.0.1:1", b"https://elsewhere.example")):
        for path in ("/_stcore/health", "/national"):
            scope = {"type": kind, "method": "GET", "path": path, "query_string": b"", "headers": [(b"host", b"127.0.0.1:1"), (b"origin", origin)], "client": ("127.0.0.1", 2)}
            with ThreadPoolExecutor() as apart:
                apart.submit(asyncio.run, guard.Guard(page, store, Address())(scope, no_more, nowhere)).result()
    assert len(told) >= 6 and not [name for headers in told for name, _ in headers if name == b"origin"]
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert settings["browser"] == {"gatherUsageStats": False, "serverAddress": "127.0.0.1"}


async def no_more() -> Any:
    await asyncio.sleep(0)
    return {"type": "websocket.disconnect"}


async def nowhere(_: Any) -> None:
    """Takes what would be sent."""


def test_every_answer_has_the_headers_that_keep_other_sites_out(office: Office, everybody: dict[str, NoBrowser]) -> None:
    for answer in (NoBrowser(office.address).get("/signin"), everybody["cec"].get("/"), NoBrowser(office.address).get("/media/1")):
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"] and "http" not in answer.headers["content-security-policy"]
        assert (answer.headers["x-content-type-options"], answer.headers["x-frame-options"]) == ("nosniff", "DENY")


# ── The end of a session ─────────────────────────────────────────────────────────────────────────


def test_signing_out_ends_the_session_everywhere_also_for_who_has_copied_its_cookie(office: Office) -> None:
    somebody = signed_in(office, "cec")
    thief = somebody.copy()
    with somebody.socket() as page:
        assert run(page, somebody.host, "", "").is_found
        assert somebody.sign_out().headers["location"] == "/signin"
        begun = time.monotonic()
        with pytest.raises(ConnectionClosed):
            while True:
                page.recv(timeout=30)
        assert time.monotonic() - begun < 10 * watch.LOOKS_EVERY
    assert thief.get("/signed-in").status == 401
    with pytest.raises(InvalidStatus):
        thief.socket()


def test_a_form_of_another_site_signs_nobody_in_or_out(office: Office) -> None:
    somebody = signed_in(office, "cec")
    assert somebody.post("/signout", {"token": "guessed"}).headers["location"] == "/account"
    assert somebody.get("/signed-in").status == 204
    answer = NoBrowser(office.address).post("/signin", {"login": "cec", "password": PASSWORD, "token": ""})
    assert answer.status == 403 and "set-cookie" in answer.headers and "readiness=" not in answer.headers["set-cookie"].replace("readiness-form=", "")


@pytest.mark.parametrize(("asked", "led"), [
    ("/district?place=PK617", "/district?place=PK617"), ("//elsewhere.example", "/"), ("https://elsewhere.example/", "/"), ("/\\elsewhere.example", "/"),
    ("javascript:alert(1)", "/"), ("", "/"), ("/a\r\nset-cookie: x=1", "/")])
def test_after_signing_in_one_is_led_to_where_one_wanted_and_never_elsewhere(office: Office, asked: str, led: str) -> None:
    somebody = NoBrowser(office.address)
    somebody.get("/signin")
    answer = somebody.send("/signin", {"login": "cec", "password": PASSWORD, "next": asked})
    assert (answer.status, answer.headers["location"]) == (303, led)
    assert re.search(r"readiness=[\w-]{43}; HttpOnly; Max-Age=43200; Path=/; SameSite=lax", answer.headers["set-cookie"])


def test_the_same_answer_for_a_wrong_password_and_for_nobody_and_guessing_is_slowed(office: Office) -> None:
    told = {login: [NoBrowser(office.address).sign_in(login, "wrong") for _ in range(6)] for login in (GUESSED.login, "nobody-here")}
    for answers in told.values():
        assert [answer.status for answer in answers] == [401] * 5 + [429]
        assert int(answers[-1].headers["retry-after"]) <= 60
    said = [re.sub(r'value="[^"]*"', "", answers[0].text) for answers in told.values()]
    assert said[0] == said[1]


def test_many_passwords_tried_at_once_are_no_more_than_one_after_the_other(office: Office) -> None:
    somebody = NoBrowser(office.address)
    token = re.search(r'name="token" value="([^"]*)"', somebody.get("/signin").text)[1]
    fields = {"login": "another-nobody", "password": "wrong", "token": token}
    with ThreadPoolExecutor(30) as people:
        told = [one.status for one in people.map(lambda _: somebody.copy().post("/signin", fields), range(30))]
    assert Counter(told) == {401: 5, 429: 25}


def test_what_was_typed_as_a_name_stands_in_the_audit_only_where_it_is_one(office: Office, everybody: dict[str, NoBrowser]) -> None:
    NoBrowser(office.address).sign_in("a secret typed in the wrong field", "wrong")
    with everybody["keeper"].socket() as socket:
        shown = run(socket, everybody["keeper"].host, "administration", "")
    assert b"Failed to sign in" in shown.sent and b"a secret typed" not in shown.sent


def test_how_somebody_tried_to_come_in_stands_in_the_audit_and_nobody_fills_it_from_without(store: Store) -> None:
    join(store, ROLES["cec"])
    asked = Request({"type": "http", "client": ("203.0.113.9", 1), "headers": []})
    proof, tried = Proof(store), 30

    async def guess() -> None:
        for _ in range(tried):
            with suppress(TooMany):
                await proof.password(asked, "cec", "wrong")
            proof.no_link("203.0.113.9")

    with ThreadPoolExecutor() as apart:
        apart.submit(asyncio.run, guess()).result()
    told = [line.about for line in audit.lines(store, act="sign_in_failed")]
    assert [(one["login"], one["by"]) for one in told if one["by"] == "password"] == [("cec", "password")] * 25
    assert [one["wait"] > 0 for one in told if "wait" in one] == [True] * 20 and sum(one["by"] == "link" for one in told) == 20


@pytest.mark.parametrize(("one", "other", "is_same"), [
    ("203.0.113.9", "203.0.113.10", False), ("2001:db8::1", "2001:db8::ffff:2", True), ("2001:db8::1", "2001:db8:0:1::1", False),
    ("::ffff:203.0.113.9", "::ffff:203.0.113.10", False), ("::ffff:203.0.113.9", "203.0.113.9", True), ("", "somebody", False)])
def test_addresses_of_one_line_are_counted_as_one(one: str, other: str, is_same: bool) -> None:
    assert (source(one) == source(other)) is is_same


def test_a_token_that_is_none_stands_in_the_audit(office: Office, everybody: dict[str, NoBrowser]) -> None:
    NoBrowser(office.address).call("GET", "/api/v1/figures?level=national", "readiness-forged")
    shown = everybody["keeper"].page("administration").sent
    assert b"by: token" in shown and b"readiness-forged" not in shown


def test_who_asks_for_a_place_that_is_not_theirs_stands_in_the_audit(office: Office, everybody: dict[str, NoBrowser]) -> None:
    everybody["sindh"].page("district", f"place={LAHORE}")
    everybody["sindh"].page("administration")
    NoBrowser(office.address).post("/signin", {}, origin="https://elsewhere.example")
    told = re.sub(r"<[^>]*>", " ", everybody["keeper"].page("administration").sent.decode("utf-8", "replace"))
    for what in (f"asked for: district, place: {LAHORE}", "asked for: administration", "asked for: /signin"):
        assert what in told


def test_a_link_is_the_first_thing_that_a_new_server_is_asked_for(example_store_path: Path, tmp_path: Path, election: Election) -> None:
    database = tmp_path / "new.duckdb"
    shutil.copyfile(example_store_path, database)
    with closing(Store(database, election)) as store:
        join(store, ROLES["sindh"])
    with served(database) as address:
        somebody = NoBrowser(address)
        somebody.sign_in("sindh", PASSWORD)
        assert not somebody.page("administration").is_found  # before any page of its own was opened
        shown = somebody.page("district", f"place={JAMSHORO}&on=2026-11-19")
        assert shown.is_found and "Jamshoro" in shown.words and "19 Nov 2026" in shown.words


def test_a_cookie_of_another_program_that_is_against_the_rules_keeps_nobody_out(office: Office, everybody: dict[str, NoBrowser]) -> None:
    somebody = everybody["cec"].copy()
    somebody.cookies = {"odd name=\"{[": "\xff@@;;=x", "a b": "\"", **somebody.cookies}
    assert somebody.get("/signed-in").status == 204 and somebody.page("national").is_found


def test_where_it_can_not_be_told_whether_a_session_lasts_its_page_is_closed(monkeypatch: pytest.MonkeyPatch, store: Store) -> None:
    asked: list[Store] = []

    def are_there(one: Store) -> bool:
        asked.append(one)
        if len(asked) > 2:  # when the guard lets the page in, and once while it is open
            raise StoreError("The store fails.")
        return False

    monkeypatch.setattr(guard.accounts, "are_there", are_there)
    monkeypatch.setattr(watch, "LOOKS_EVERY", 0.0)
    told: list[str] = []
    coming: asyncio.Queue[Any] = asyncio.Queue()

    async def page(scope: Any, receive: Any, send: Any) -> None:
        told.append((await receive())["type"])

    async def sent(message: Any) -> None:
        told.append(message["type"])
        coming.put_nowait({"type": "websocket.disconnect", "code": message["code"]})  # as a server answers who closes

    scope = {"type": "websocket", "path": "/_stcore/stream", "headers": [(b"host", b"127.0.0.1:1")], "client": ("127.0.0.1", 2)}
    with ThreadPoolExecutor() as apart:  # the browser tests keep this thread's event loop running
        apart.submit(asyncio.run, asyncio.wait_for(guard.Guard(page, store, Address())(scope, coming.get, sent), PATIENCE)).result()
    assert sorted(told) == ["websocket.close", "websocket.disconnect"]


@pytest.mark.parametrize("noted", ["while they are open", "when the last one is closed"])
def test_what_a_page_is_used_for_is_noted_for_all_open_pages_together(monkeypatch: pytest.MonkeyPatch, store: Store, noted: str) -> None:
    """As long as pages are used, their sessions don't end for being idle, of which the store is told in one transaction for all."""
    monkeypatch.setattr(watch, "LOOKS_EVERY", 0.05)
    monkeypatch.setattr(watch, "NOTES_EVERY", 0.5 if noted == "while they are open" else PATIENCE)
    join(store, ROLES["cec"])
    account = accounts.signs_in(store, "cec", PASSWORD)
    secrets = [sessions.begin(store, account, address="203.0.113.9", browser="") for _ in range(4)]
    with store.transaction(of="door") as cursor:
        cursor.execute("update sessions set seen_at = seen_at - interval 5 minute")
    before, changes = {one.id: one.seen_at for one in sessions.good(store)}, store.versions["door"]

    async def page(scope: Any, receive: Any, send: Any) -> None:
        while (await receive())["type"] != "websocket.disconnect":
            pass

    async def visit(secret: str, *, uses: bool) -> None:
        coming = [{"type": "websocket.receive" if uses else "websocket.connect"}]

        async def receive() -> Any:
            if coming:
                return coming.pop()
            await asyncio.sleep(2)
            return {"type": "websocket.disconnect"}

        await guarded({"type": "websocket", "path": "/_stcore/stream", "client": ("127.0.0.1", 2),
                       "headers": [(b"host", b"127.0.0.1:1"), (b"cookie", f"readiness={secret}".encode())]}, receive, nowhere)

    async def all_visit() -> None:
        await asyncio.gather(*(visit(secret, uses=number > 0) for number, secret in enumerate(secrets)))
        assert (store.versions["door"] > changes) == (noted == "while they are open")
        until = time.monotonic() + PATIENCE
        while store.versions["door"] == changes and time.monotonic() < until:
            await asyncio.sleep(0.01)

    guarded = guard.Guard(page, store, Address())
    with ThreadPoolExecutor() as apart:
        apart.submit(asyncio.run, all_visit()).result()
    after = {one.id: one.seen_at for one in sessions.good(store)}
    idle = sessions.found(store, secrets[0]).id
    assert {id for id in after if after[id] == before[id]} == {idle}
    assert store.versions["door"] == changes + 1


def test_a_page_that_opens_while_the_use_of_the_last_one_is_noted_is_watched_over(monkeypatch: pytest.MonkeyPatch, store: Store) -> None:
    monkeypatch.setattr(watch, "LOOKS_EVERY", 0.01)
    join(store, ROLES["cec"])
    account = accounts.signs_in(store, "cec", PASSWORD)
    first, second = (sessions.found(store, sessions.begin(store, account, address="203.0.113.9", browser="")) for _ in range(2))
    noting, opened, touch = threading.Event(), threading.Event(), sessions.touch

    def slowly(*told: Any) -> None:
        noting.set()
        assert opened.wait(PATIENCE)
        touch(*told)

    monkeypatch.setattr(watch.sessions, "touch", slowly)

    async def come_and_go() -> None:
        over, closed = watch.Watch(store), asyncio.Event()

        async def close() -> None:
            closed.set()

        async with over.over(first, close) as page:
            page.use()
        await asyncio.to_thread(noting.wait, PATIENCE)
        async with over.over(second, close):
            opened.set()
            sessions.end(store, second, by="A keeper")
            await asyncio.wait_for(closed.wait(), PATIENCE)

    with ThreadPoolExecutor() as apart:
        apart.submit(asyncio.run, come_and_go()).result()


@pytest.mark.parametrize("status", [200, 206, 404])
def test_a_file_that_is_handed_out_whole_or_in_ranges_stands_in_the_audit_once(store: Store, status: int) -> None:
    join(store, ROLES["cec"])
    secret = sessions.begin(store, accounts.signs_in(store, "cec", PASSWORD), address="203.0.113.9", browser="")

    async def file(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-disposition", b'attachment; filename="rows.csv"')]})

    async def sent(message: Any) -> None:
        assert message["type"] == "http.response.start"

    guarded = guard.Guard(file, store, Address())
    scope = {"type": "http", "method": "GET", "path": "/media/1.csv", "query_string": b"", "client": ("127.0.0.1", 2),
             "headers": [(b"host", b"127.0.0.1:1"), (b"cookie", f"readiness={secret}".encode())]}
    with ThreadPoolExecutor() as apart:
        for _ in range(2):  # Streamlit's page asks twice for one press
            apart.submit(asyncio.run, guarded(dict(scope), None, sent)).result()
    assert [(line.who, line.about) for line in audit.lines(store, act="downloaded")] == (
        [("Chief Election Commissioner", {"file": "rows.csv"})] if status != 404 else [])


# ── Behind a proxy ───────────────────────────────────────────────────────────────────────────────


def test_behind_a_proxy_the_cookie_is_for_tls_alone_and_the_address_is_that_of_the_caller(
    example_store_path: Path, tmp_path: Path, election: Election,
) -> None:
    database = tmp_path / "public.duckdb"
    shutil.copyfile(example_store_path, database)
    with closing(Store(database, election)) as store:
        join(store, ROLES["cec"])
    behind = {"host": "readiness.example.org", "x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https"}
    with served(database, READINESS_URL="https://readiness.example.org") as address:
        somebody = NoBrowser(address)
        assert somebody.get("/signin").status == 400  # by the name that the proxy does not use
        assert somebody.get("/_stcore/health").status == 200
        form = somebody.get("/signin", **behind)
        token = re.search(r'name="token" value="([^"]*)"', form.text)[1]
        assert re.fullmatch(r"__Host-readiness-form=[\w-]{43}; HttpOnly; Path=/; SameSite=strict; Secure", form.headers["set-cookie"]) and form.headers["strict-transport-security"] == "max-age=31536000"
        fields = {"login": "cec", "password": PASSWORD, "token": token}
        assert somebody.post("/signin", fields, **behind, origin="https://elsewhere.example").status == 403
        answer = somebody.post("/signin", fields, **behind, origin="https://readiness.example.org")
        assert re.fullmatch(r"__Host-readiness=[\w-]{43}; HttpOnly; Max-Age=43200; Path=/; SameSite=lax; Secure", answer.headers["set-cookie"])
        assert somebody.get("/signed-in", **behind).status == 204
        assert "; Secure" in somebody.get("/_stcore/health", **behind).headers["set-cookie"]  # Streamlit's own
        with somebody.socket(origin="https://readiness.example.org", host="readiness.example.org", **{"x-forwarded-for": "203.0.113.9"}) as socket:
            assert run(socket, "readiness.example.org", "", "").is_found
        with pytest.raises(InvalidStatus):
            somebody.socket(origin="http://readiness.example.org", host="readiness.example.org", **{"x-forwarded-for": "203.0.113.9"})
        assert "must set X-Forwarded-For" in somebody.get("/signin", host="readiness.example.org").text
    with closing(Store(database, election)) as store:
        assert audit.lines(store, act="signed_in")[0].about["address"] == "203.0.113.9"


# ── While nobody has an account ──────────────────────────────────────────────────────────────────


def test_without_accounts_the_page_says_so_and_nothing_comes_through_a_proxy(example_store_path: Path, tmp_path: Path) -> None:
    database = tmp_path / "open.duckdb"
    shutil.copyfile(example_store_path, database)
    with served(database) as address:
        nobody = NoBrowser(address)
        shown = nobody.page()
        assert shown.is_found and "Shown on this computer alone, without signing in" in shown.words
        assert nobody.get("/", **{"x-forwarded-for": "203.0.113.9"}).status == 403
        assert nobody.get("/", host="readiness.example.org").status == 400
        assert nobody.get("/signin").headers["location"] == "/"


def served_as(database: Path, *options: str, url: str = "") -> str:
    """What a start says that is refused; it fails if it is not."""
    refused = subprocess.run(
        [sys.executable, "-m", "streamlit", "run", "dashboard.py", *options], cwd=ROOT, text=True, capture_output=True, timeout=120,
        env={**os.environ, "READINESS_DB": str(database), "READINESS_URL": url}, check=False)
    assert refused.returncode != 0
    return refused.stdout + refused.stderr


def test_it_is_not_served_to_others_without_accounts_or_in_the_clear(tmp_path: Path) -> None:
    database = tmp_path / "new.duckdb"
    assert "Make an account" in served_as(database, "--server.address", "0.0.0.0")
    assert "nobody has an account yet" in served_as(database, url="https://readiness.example.org")
    assert "must be the https:// address" in served_as(database, url="http://readiness.example.org")


# ── Nothing answers without a scope ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize("module", [readiness, desk], ids=lambda module: module.__name__)
def test_every_question_takes_a_scope(module: object) -> None:
    asked = {name: value for name, value in vars(module).items() if callable(value) and getattr(value, "__module__", "") == module.__name__ and not name.startswith("_") and not isinstance(value, type)}
    assert asked and {name for name, value in asked.items() if "scope" not in signature(value).parameters} == set()


# ── Every route ──────────────────────────────────────────────────────────────────────────────────


def routes_of(app: Any) -> Iterator[tuple[str, set[str]]]:
    """Every path that an application answers under, and by which methods; of what is mounted in it too."""
    for route in app.routes:
        inner = getattr(route, "app", None)
        if hasattr(inner, "routes"):
            yield from ((route.path + path, methods) for path, methods in routes_of(inner))
        elif isinstance(route, WebSocketRoute):
            yield route.path, {"WEBSOCKET"}
        else:
            yield route.path, set(getattr(route, "methods", None) or {"GET"})


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    """Every route and method of the application that `streamlit run dashboard.py` serves, Streamlit's own among them, with something in
    each part of a path that is left open."""
    told = subprocess.run([sys.executable, "-c", _ROUTES], cwd=ROOT, text=True, capture_output=True, check=True, timeout=PATIENCE,
                          env={**os.environ, "READINESS_DB": str(tmp_path_factory.mktemp("routes") / "r.duckdb"), "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}).stdout
    return sorted({(re.sub(r"{[^}]*}", "x", path) or "/", method) for path, methods in json.loads(told.splitlines()[-1]) for method in methods})


_ROUTES = "import json, dashboard, test_entrance; print(json.dumps([(path, sorted(methods)) for path, methods in test_entrance.routes_of(dashboard.app._build_starlette_app())]))"


def test_every_route_that_there_is_wants_a_session_or_a_token(office: Office, routes: list[tuple[str, str]]) -> None:
    paths = {path for path, _ in routes}
    assert {"/signin", "/account", "/account/tokens", "/account/second", "/api/v1/figures", "/api/v1/submissions", "/api/metrics", "/_stcore/stream", "/_stcore/upload_file/x/x"} <= paths, paths
    nobody = NoBrowser(office.address)
    answered = {}
    for path, method in routes:
        if method == "WEBSOCKET":
            with pytest.raises(InvalidStatus):
                connect(f"ws://{nobody.host}{path}", origin=office.address, subprotocols=["streamlit"], proxy=None)
        elif path not in guard.OPEN and path != guard.METRICS:  # which its own computer may ask for
            answered[path, method] = nobody.call(method, path).status
    assert len(answered) > 30 and {asked: status for asked, status in answered.items() if status != 401} == {}


@pytest.mark.parametrize("login", ROLES)
def test_no_route_fails_or_tells_of_a_hidden_district_whoever_asks(office: Office, everybody: dict[str, NoBrowser], election: Election, routes: list[tuple[str, str]], login: str) -> None:
    sees = accounts.scope_of(election, ROLES[login].sees if ROLES[login].role != "commission" else (election.places.country.code,))
    provinces = {one.name for one in election.places.provinces}
    hidden = [one.name for one in election.places.districts if one.code not in sees.districts and one.name not in provinces]
    for path, method in routes:
        if method in ("GET", "HEAD"):
            for query in ("", "?place=PK617", "?level=district&domain=repairs", "?submission=" + next(iter(office.submissions.values()))):
                answer = everybody[login].call(method, path + query, accept="text/html")
                assert answer.status < 500, (path, answer.status)
                assert [name for name in hidden if name in answer.text and re.search(rf"\b{re.escape(name)}\b", answer.text.replace(SENDER.decode(), ""))] == [], path


def test_a_role_that_is_taken_away_closes_the_pages_that_are_open_under_it(tmp_path: Path, election: Election, example_store_path: Path) -> None:
    database = tmp_path / "demoted.duckdb"
    shutil.copyfile(example_store_path, database)
    with closing(Store(database, election)) as store:
        join(store, ROLES["cec"])
        join(store, ROLES["keeper"])
    with served(database) as address:
        somebody = NoBrowser(address)
        somebody.sign_in("cec", PASSWORD)
        with somebody.socket() as page:
            assert "Lahore" in run(page, somebody.host, "national", "").words
            changed = subprocess.run([sys.executable, "-m", "loaders", "account", "change", "cec", "--role", "provincial", "--sees", SINDH, "--by", "The operator"],
                                     cwd=ROOT, env={**os.environ, "READINESS_DB": str(database)}, capture_output=True, timeout=PATIENCE, check=False)
            assert changed.returncode == 0, changed.stderr
            with pytest.raises(ConnectionClosed):
                while True:
                    page.recv(timeout=30)
        assert somebody.get("/signed-in").status == 401
        somebody.sign_in("cec", PASSWORD)
        shown = somebody.page("national")
        assert not shown.is_found and b"Lahore" not in shown.sent


# ── Streamlit's settings ─────────────────────────────────────────────────────────────────────────


def test_settings_that_are_held_still_are_the_same_and_are_read_while_another_holds_their_lock() -> None:
    """In a process of its own: what is held still stays so."""
    told = subprocess.run([sys.executable, "-c", """
import threading
import streamlit as st
from streamlit import config
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session
from pages.entrance.settings import hold_still
lock = config._config_lock
def look():
    message = CustomThemeConfig()
    for part, section in ((message, "theme"), (message.light, "theme.light"), (message.dark, "theme.dark"), (message.sidebar, "theme.sidebar")):
        app_session._populate_theme_msg(part, section)
    return message.SerializeToString()
def everything():
    return {name: st.get_option(name) for name in config.get_config_options()}, look()
before = everything()
hold_still()
assert everything() == everything() == before and len(before[0]) > 100 and len(before[1]) > 100
held, done = threading.Event(), threading.Event()
def hold():
    with lock:
        held.set()
        done.wait(30)
threading.Thread(target=hold).start()
held.wait(30)
print(st.get_option("server.enableXsrfProtection"), look() == before[1])
done.set()
"""], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (told.stdout.split(), told.returncode) == (["True", "True"], 0), told.stderr


# ── The socket ───────────────────────────────────────────────────────────────────────────────────


def test_a_connection_sends_each_message_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        assert listening.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 0
        open_before = len(os.listdir("/dev/fd"))
        assert send_at_once() >= 1 and len(os.listdir("/dev/fd")) == open_before
        with socket.create_connection(listening.getsockname()), listening.accept()[0] as accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
