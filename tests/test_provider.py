"""Signing in at an organisation's own provider: a real one on loopback, and one that lies."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import flask
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from oidc_provider_mock import User, app as provider_app
from playwright.sync_api import Page, expect
from starlette.requests import Request
from werkzeug.serving import make_server

from data import accounts, audit, provider, sessions
from data.accounts import Account
from data.election import Election
from data.provider import ProviderError
from data.store import Store
from pages.entrance import safety as safety_
from pages.entrance.proof import Proof
from pages.entrance.safety import Safety
from no_browser import Answer, NoBrowser
from sheets_for import building, hand_in
from test_entrance import PASSWORD, ROLES, join
from tests.browsing import PATIENCE, served

SINDH, LAHORE, JAMSHORO = "PK7", "PK617", "PK708"
PEOPLE = {
    "cec-1": {"name": "Chair of the commission", "preferred_username": "chair", "groups": ["staff", "readiness-commission"]},
    "sindh-1": {"name": "PEC Sindh", "preferred_username": "PEC.Sindh@ecp.example", "groups": ["readiness-province-PK7"]},
    "lahore-1": {"name": "Officer of Lahore", "preferred_username": "lahore", "groups": ["readiness-district-PK617"]},
    "nobody-1": {"name": "Somebody of the canteen", "preferred_username": "canteen", "groups": ["staff"]},
    "wrong-1": {"name": "Of a place that is not there", "preferred_username": "wrong", "groups": ["readiness-district-PK999"]},
    "same-1": {"name": "Chair of the commission", "preferred_username": "chair", "groups": "readiness-commission"},
    "keeper-1": {"name": "Whoever calls himself so", "preferred_username": "keeper", "groups": ["readiness-commission"]},
}
FILE = """
name = "Test directory"
issuer = "{issuer}"
client_id = "readiness"
client_secret_file = "secret"
scopes = ["openid", "profile"]
[[grant]]
claim = "groups"
value = "readiness-commission"
role = "commission"
[[grant]]
claim = "groups"
value = "readiness-province-{{place}}"
role = "provincial"
[[grant]]
claim = "groups"
value = "readiness-district-{{place}}"
role = "district"
domains = ["repairs"]
"""
CLIENT_SECRET = "a secret of the client"
Lie = Callable[[dict[str, Any]], dict[str, Any]]


@contextmanager
def provided(lie: Lie = lambda told: told, describe: Lie = lambda told: told) -> Iterator[str]:
    """A provider that knows PEOPLE; its address. What it answers for a code goes through `lie`, its description of itself through `describe`."""
    made = provider_app(require_nonce=True, user_claims=[User(sub=sub, claims=dict(claims)) for sub, claims in PEOPLE.items()])

    @made.after_request
    def answered(answer: flask.Response) -> flask.Response:
        if flask.request.path == "/oauth2/token" and answer.status_code == 200:
            answer.data = flask.json.dumps(lie(answer.get_json()))
        if flask.request.path.startswith("/.well-known/"):
            answer.data = flask.json.dumps(describe(answer.get_json()))
        return answer

    server = make_server("127.0.0.1", 0, made, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def office(folder: Path, election: Election, issuer: str) -> Iterator[str]:
    """The dashboard with an administrator's own account, whose people sign in at that provider; its address."""
    database = folder / "office.duckdb"
    with closing(Store(database, election)) as store:
        join(store, ROLES["keeper"])
    (folder / "secret").write_text(CLIENT_SECRET + "\n", encoding="utf-8")
    (folder / "oidc.toml").write_text(FILE.format(issuer=issuer), encoding="utf-8")
    with served(database, READINESS_OIDC=str(folder / "oidc.toml")) as address:
        yield address


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, election: Election) -> Iterator[str]:
    with provided() as issuer, office(tmp_path_factory.mktemp("provided"), election, issuer) as address:
        yield address


def gone(door: str, asked: str = "") -> tuple[NoBrowser, str]:
    """Somebody who has pressed the button of the sign-in page, and where that leads."""
    somebody = NoBrowser(door)
    led = somebody.get(f"/signin/provider{asked}", accept="text/html")
    assert led.status == 303
    return somebody, led.headers["location"]


def back_from(to: str, sub: str, **form: str) -> str:
    """Where the provider leads whoever says there that they are `sub`."""
    host, path = re.fullmatch(r"(http://[^/]+)(/.*)", to).groups()
    answer = NoBrowser(host).post(path, {"sub": sub, **form})
    assert answer.status == 302, answer.text
    return re.sub(r"^http://[^/]+", "", answer.headers["location"])


def signed_in(door: str, sub: str, asked: str = "") -> tuple[NoBrowser, Answer]:
    somebody, to = gone(door, asked)
    return somebody, somebody.get(back_from(to, sub), accept="text/html")


# ── Who comes in ─────────────────────────────────────────────────────────────────────────────────


def test_a_person_signs_in_at_the_provider_and_is_back_where_they_wanted_to_be(page: Page, door: str) -> None:
    page.set_default_timeout(PATIENCE * 1000)
    page.route(lambda url: "//127.0.0.1" not in url, lambda route: route.abort())  # the provider's own page wants a style from elsewhere
    page.goto(f"{door}/district?place={JAMSHORO}")
    page.get_by_role("link", name="Sign in with Test directory").click()
    page.get_by_role("button", name="sindh-1").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Jamshoro", timeout=PATIENCE * 1000)
    page.goto(f"{door}/account")
    expect(page.get_by_role("heading", level=1)).to_have_text("PEC Sindh")
    expect(page.get_by_role("main")).to_contain_text("pec.sindh@ecp.example")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


@pytest.mark.parametrize(("sub", "sees", "hides"), [("cec-1", "Lahore", None), ("sindh-1", "Jamshoro", "Lahore"), ("lahore-1", "Lahore", "Jamshoro")])
def test_what_is_seen_follows_from_the_claims(door: str, sub: str, sees: str, hides: str | None) -> None:
    somebody, answer = signed_in(door, sub)
    assert (answer.status, answer.headers["location"]) == (303, "/")
    told = somebody.get("/api/v1/figures?level=district").text
    assert f'"{sees}"' in told and (hides is None or f'"{hides}"' not in told)


@pytest.mark.parametrize(("sub", "says"), [("nobody-1", "nothing here is given to you"), ("wrong-1", "There is no place PK999"), ("unknown-1", "nothing here is given to you")])
def test_whom_the_claims_give_nothing_is_told_so_and_not_let_in(door: str, sub: str, says: str) -> None:
    somebody, answer = signed_in(door, sub)
    assert answer.status == 403 and says in answer.text and somebody.get("/signed-in").status == 401


def test_two_of_one_name_are_two_accounts_and_nobody_becomes_an_account_of_ours_by_its_name(door: str) -> None:
    names = {}
    for sub in ("cec-1", "same-1", "keeper-1"):
        somebody, _ = signed_in(door, sub)
        told = somebody.get("/account").text
        names[sub] = re.search(r"<h1>([^<]*)", told)[1], re.search(r"Sign-in name</dt><dd>([^<]*)", told)[1]
        assert "Administrator" not in told
    assert names["cec-1"][1].startswith("chair") and names["same-1"][1].startswith("chair") and len(set(names.values())) == 3
    assert len({name for name, _ in names.values()}) == 3 and names["keeper-1"][1] == "keeper-2"


# ── What comes back must be what went out ────────────────────────────────────────────────────────


def test_another_browser_can_not_bring_back_what_this_one_went_for(door: str) -> None:
    somebody, to = gone(door)
    path = back_from(to, "cec-1")
    victim, _ = gone(door)
    for other in (NoBrowser(door), victim):
        assert other.get(path, accept="text/html").status == 400 and other.get("/signed-in").status == 401
    assert somebody.get(path, accept="text/html").status == 400  # it was spent on them


def test_what_was_brought_back_is_good_once(door: str) -> None:
    somebody, to = gone(door)
    path = back_from(to, "cec-1")
    assert [somebody.copy().get(path, accept="text/html").status for _ in range(2)] == [303, 400]


@pytest.mark.parametrize("path", ["/signin/returned", "/signin/returned?code=x&state=", "/signin/returned?code=x&state=forged", "/signin/returned?error=access_denied&state=forged"])
def test_who_has_not_gone_does_not_come_back(door: str, path: str) -> None:
    assert NoBrowser(door).get(path, accept="text/html").status == 400


def test_who_is_not_let_through_is_told_so(door: str) -> None:
    somebody, to = gone(door)
    state = re.search(r"state=(\w+)", to)[1]
    answer = somebody.get(f"/signin/returned?error=access_denied&state={state}", accept="text/html")
    assert answer.status == 403 and "did not let you through" in answer.text


def test_one_is_led_on_within_the_program_alone(door: str) -> None:
    assert signed_in(door, "cec-1", "?next=https%3A//elsewhere.example/")[1].headers["location"] == "/"
    assert signed_in(door, "cec-1", "?next=%2Fnational")[1].headers["location"] == "/national"


def test_what_is_asked_of_the_provider_is_the_code_flow_with_a_proof_of_its_own(door: str) -> None:
    _, to = gone(door)
    for part in ("response_type=code", "code_challenge_method=S256", "code_challenge=", "nonce=", "state=", "scope=openid+profile", "redirect_uri=http%3A%2F%2F127.0.0.1"):
        assert part in to
    assert CLIENT_SECRET not in to


def test_one_address_can_not_fill_the_way_to_the_provider(tmp_path: Path, election: Election) -> None:
    with provided() as issuer, office(tmp_path, election, issuer) as address:
        assert [NoBrowser(address).get("/signin/provider", accept="text/html").status for _ in range(31)] == [303] * 30 + [429]


# ── A provider that lies ─────────────────────────────────────────────────────────────────────────


def _signed(told: dict[str, Any], key: Any, alg: str, **changed: Any) -> dict[str, Any]:
    payload = told["id_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))) | changed
    return {**told, "id_token": jwt.encode({"alg": alg}, {name: value for name, value in claims.items() if value is not None}, key, algorithms=[alg])}


def _unsigned(told: dict[str, Any]) -> dict[str, Any]:
    header = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    return {**told, "id_token": f"{header}.{told['id_token'].split('.')[1]}."}


def _own_key(**changed: Any) -> Lie:
    """What is signed with the provider's own key, but says something else."""
    return lambda told: _signed(told, RSAKey.import_key(flask.g.oidc_provider_mock_storage.jwk.as_dict(is_private=True)), "RS256", **changed)


LIES: dict[str, Lie] = {
    "another key": lambda told: _signed(told, RSAKey.generate_key(2048), "RS256"),
    "the client's secret as the key": lambda told: _signed(told, OctKey.import_key(CLIENT_SECRET.encode()), "HS256"),
    "no signature": _unsigned,
    "no identity": lambda told: {name: value for name, value in told.items() if name != "id_token"},
    "another nonce": _own_key(nonce="another"),
    "no nonce": _own_key(nonce=None),
    "another issuer": _own_key(iss="https://elsewhere.example"),
    "for another program": _own_key(aud=["another"]),
    "long over": _own_key(exp=int(time.time()) - 86_400),
    "nobody": _own_key(sub=""),
    "somebody else than it answers": _own_key(sub="nobody-1"),
}


@pytest.mark.parametrize("name", LIES)
def test_what_the_provider_has_not_signed_for_this_program_and_this_moment_lets_nobody_in(
    lied_to: tuple[str, dict[str, Lie]], name: str,
) -> None:
    address, told = lied_to
    told["lie"] = LIES[name]
    somebody, answer = signed_in(address, "cec-1")
    assert answer.status == 502 and "no answer that can be relied on" in answer.text and somebody.get("/signed-in").status == 401
    told["lie"] = _own_key()
    assert signed_in(address, "cec-1")[1].status == 303  # the same, told truly


@pytest.fixture(scope="module")
def lied_to(tmp_path_factory: pytest.TempPathFactory, election: Election) -> Iterator[tuple[str, dict[str, Lie]]]:
    told: dict[str, Lie] = {}
    with provided(lambda one: told["lie"](one)) as issuer, office(tmp_path_factory.mktemp("lied"), election, issuer) as address:
        yield address, told


def _new_key(told: dict[str, Any]) -> dict[str, Any]:
    """Signs with a key that the provider shows from now on."""
    kept = flask.g.oidc_provider_mock_storage
    kept.jwk = type(kept.jwk).generate_key(is_private=True)
    return _own_key()(told)


def test_a_provider_may_change_its_keys(lied_to: tuple[str, dict[str, Lie]]) -> None:
    address, told = lied_to
    told["lie"] = _own_key()
    assert signed_in(address, "cec-1")[1].status == 303
    told["lie"] = _new_key
    assert signed_in(address, "cec-1")[1].status == 303


def test_who_has_lost_everything_at_the_provider_keeps_no_session_and_no_token(lied_to: tuple[str, dict[str, Lie]]) -> None:
    address, told = lied_to
    told["lie"] = _own_key()
    before, _ = signed_in(address, "sindh-1")
    token = re.search(r'name="token" value="([^"]*)"', before.get("/account").text)[1]
    shown = before.post("/account/tokens", {"name": "A program", "may-figures": "1", "days": "30", "token": token}).text
    secret = re.search(r"<code[^>]*>(readiness-[^<]*)", shown)[1]
    assert before.get("/signed-in").status == 204 and NoBrowser(address).call("GET", "/api/v1/figures?level=district", secret).status == 200
    told["lie"] = _own_key(groups=["staff"])
    assert signed_in(address, "sindh-1")[1].status == 403
    assert before.get("/signed-in").status == NoBrowser(address).call("GET", "/api/v1/figures?level=district", secret).status == 401
    keeper = NoBrowser(address)
    keeper.sign_in("keeper", PASSWORD)
    assert b"pec.sindh@ecp.example" in keeper.page("administration").sent and b"Ended a session" in keeper.page("administration").sent


def test_an_issuer_with_a_slash_at_its_end_that_names_itself_in_its_answers_is_believed_and_another_is_not(tmp_path: Path, election: Election) -> None:
    def slashed(told: dict[str, Any]) -> dict[str, Any]:
        return told | {"issuer": f"{told['issuer']}/", "authorization_response_iss_parameter_supported": True}

    with provided(lambda told: _own_key(iss=flask.request.host_url)(told), slashed) as issuer, office(tmp_path, election, f"{issuer}/") as address:
        answers = {}
        for iss in (f"{issuer}/", issuer, "https://elsewhere.example/", ""):
            somebody, to = gone(address)
            answers[iss] = somebody.get(back_from(to, "cec-1") + (f"&iss={iss}" if iss else ""), accept="text/html").status
    assert list(answers.values()) == [303, 502, 502, 502]


def test_no_other_site_sends_anybody_to_the_provider(door: str) -> None:
    led = NoBrowser(door).get("/signin/provider?next=/national", accept="text/html", **{"sec-fetch-site": "cross-site"})
    assert (led.status, led.headers["location"]) == (303, "/signin?next=%2Fnational")


def test_a_provider_that_is_not_there_is_said_so_and_the_programs_own_accounts_still_come_in(tmp_path: Path, election: Election) -> None:
    with office(tmp_path, election, "http://127.0.0.1:9") as address:
        answer = NoBrowser(address).get("/signin/provider", accept="text/html")
        assert answer.status == 502 and "no answer that can be relied on" in answer.text
        assert NoBrowser(address).sign_in("keeper", PASSWORD).status == 303
        assert CLIENT_SECRET.encode() not in (tmp_path / "server.log").read_bytes()


def test_without_a_provider_its_routes_lead_to_the_sign_in_page(tmp_path: Path, election: Election) -> None:
    with closing(Store(tmp_path / "own.duckdb", election)) as store:
        join(store, ROLES["keeper"])
    with served(tmp_path / "own.duckdb") as address:
        for path in ("/signin/provider", "/signin/returned?code=a&state=b"):
            assert NoBrowser(address).get(path).headers["location"] == "/signin"
        assert "Sign in with" not in NoBrowser(address).get("/signin").text


# ── What an account of the provider's is ─────────────────────────────────────────────────────────

TOLD = Account("", "ali", "Ali Khan", "provincial", (SINDH,), (), (), issuer="https://login.example.org", subject="42")


def test_an_account_is_known_by_who_issued_it_and_changes_with_what_is_told(store: Store) -> None:
    first = accounts.vouched(store, TOLD, by="Directory")
    again = accounts.vouched(store, TOLD, by="Directory")
    assert first.id == again.id and first.opened_with == again.opened_with != ""
    moved = accounts.vouched(store, Account(**{**vars(TOLD), "sees": ("PK6",), "login": "renamed", "name": "Renamed"}), by="Directory")
    assert (moved.id, moved.login, moved.name, moved.sees) == (first.id, "ali", "Ali Khan", ("PK6",))
    other = accounts.vouched(store, Account(**{**vars(TOLD), "subject": "43"}), by="Directory")
    elsewhere = accounts.vouched(store, Account(**{**vars(TOLD), "issuer": "https://other.example.org"}), by="Directory")
    assert len({first.id, other.id, elsewhere.id}) == len({"ali", other.login, elsewhere.login}) == 3 and other.name == "Ali Khan (ali-2)"
    assert [line.who for line in audit.lines(store)] == ["Directory"] * 4


def test_two_first_sign_ins_of_one_person_at_once_make_one_account(store: Store) -> None:
    with ThreadPoolExecutor(8) as at_once:
        found = list(at_once.map(lambda _: accounts.vouched(store, TOLD, by="Directory"), range(8)))
    assert len({one.id for one in found}) == len(accounts.accounts(store)) == 1


def test_somebody_signed_in_long_ago_makes_no_token_without_signing_in_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    account = accounts.vouched(store, TOLD, by="Directory")
    began = sessions.found(store, sessions.begin(store, account, address="", browser="", by=TOLD.issuer))
    asked = Request({"type": "http", "headers": [(b"cookie", b"readiness-form=given")], "scheme": "http", "path": "/", "server": ("127.0.0.1", 1)})
    safety = Safety(store, Proof(store))

    def proved() -> Account:
        with ThreadPoolExecutor() as apart:
            return apart.submit(asyncio.run, safety.proved(asked, began, {"token": "given"})).result()

    assert proved() == began.account
    monkeypatch.setattr(safety_, "now", lambda: began.began_at + timedelta(minutes=15))
    with pytest.raises(accounts.AccountError, match="more than 15 minutes ago"):
        proved()


def test_nobody_gets_by_a_name_of_their_own_choosing_the_files_that_were_handed_in_under_it(store: Store) -> None:
    hand_in(store, "repairs", [building("Jamshoro", "PS-1", "reported")], store.today, sender="Ali Khan")
    assert accounts.vouched(store, TOLD, by="Directory").name == "Ali Khan (ali)"


def test_an_account_of_a_providers_is_put_out_of_use_here_and_changed_there(store: Store) -> None:
    made = accounts.account(store, accounts.vouched(store, TOLD, by="Directory").id)
    with pytest.raises(accounts.AccountError, match="change it there"):
        accounts.change(store, made, Account(**{**vars(made), "sees": ("PK6",)}), by="Keeper")
    with pytest.raises(accounts.AccountError, match="has no password here"):
        accounts.invite(store, made.id, by="Keeper")
    assert accounts.signs_in(store, "ali", "") is accounts.signs_in(store, "ali", "42") is None
    out = accounts.change(store, made, Account(**{**vars(made), "is_disabled": True}), by="Keeper")
    assert out.is_disabled and accounts.vouched(store, TOLD, by="Directory") is None


# ── The provider's file ──────────────────────────────────────────────────────────────────────────


def written(tmp_path: Path, text: str) -> Path:
    (tmp_path / "secret").write_text(CLIENT_SECRET, encoding="utf-8")
    path = tmp_path / "oidc.toml"
    path.write_text(text, encoding="utf-8")
    return path


GOOD = FILE.format(issuer="https://login.example.org/realms/ecp/")


def test_the_file_says_who_gets_what(tmp_path: Path, election: Election) -> None:
    known = provider.load(written(tmp_path, GOOD), election)
    assert (known.issuer, known.client_secret) == ("https://login.example.org/realms/ecp", CLIENT_SECRET)
    assert CLIENT_SECRET not in repr(known)
    def account(**claims: Any) -> Account | None:
        return known.account_of({"sub": "1", **claims})
    assert account() is account(groups=[]) is account(groups="readiness-province-") is account(groups={"a": 1}) is account(groups=[1, None]) is None
    assert account(groups=["readiness-district-PK617", "readiness-district-PK708", "x"]).sees == ("PK617", "PK708")
    both = account(groups=["readiness-province-PK7", "readiness-commission"])
    assert both.role == "commission"  # the first that fits
    assert account(groups=["readiness-commission"], preferred_username="Ünï Code/../x", name=" A \n B ").login == "-n--code-..-x".lstrip("-")
    assert account(groups=["readiness-commission"], preferred_username=7, name=None).login == "account-1"


@pytest.mark.parametrize(("more", "sees", "submits"), [
    ("", ("PK7",), ("PK7",)), ("sees = []", (), ("PK7",)), ('submits = ["PK6"]', ("PK7",), ("PK6",)), ('sees = []\nsubmits = ["PK6"]', (), ("PK6",)), ("submits = []", ("PK7",), ())])
def test_what_is_seen_and_what_is_submitted_for_are_given_apart(tmp_path: Path, election: Election, store: Store, more: str, sees: tuple[str, ...], submits: tuple[str, ...]) -> None:
    file = GOOD + f'\n[[grant]]\nclaim = "groups"\nvalue = "analyst-{{place}}"\nrole = "analyst"\n{more}\n'
    told = provider.load(written(tmp_path, file), election).account_of({"sub": "1", "groups": ["analyst-PK7"]})
    assert (told.sees, told.submits) == (sees, submits)
    made = accounts.vouched(store, told, by="Directory")
    assert (made.sees, made.submits) == (sees, submits)


@pytest.mark.parametrize(("old", "new", "says"), [
    ('name = "Test directory"', "", "name is missing"), ('client_id = "readiness"', "client_id = 7", "client_id: 7 stands there"), ("https://login", "http://login", "https:// address"),
    ("https://login", "https://a:b@login", "https:// address"), ('["openid", "profile"]', '["profile"]', "openid among them"), ("client_id", "clientid", "client_id is missing"),
    ('role = "commission"', 'role = "boss"', "there is no role boss"), ("-{place}", "", "needs places"), ('domains = ["repairs"]', 'domains = ["catering"]', "there is no domain catering"),
    ('domains = ["repairs"]', 'sees = ["PK999"]', "there is no place PK999"), ('"secret"', '"nowhere"', "nowhere can't be read"), ("[[grant]]", "[grant]", "can't be read"), ('claim = "groups"', 'klaim = "groups"', "claim is missing"),
    ("{place}", "{place}{place}", "once at most"),
    ('domains = ["repairs"]', "sees = []", "needs places"), ('domains = ["repairs"]', "domains = []", "expected is a list of texts")])
def test_a_mistake_in_the_file_is_said_with_its_place(tmp_path: Path, election: Election, old: str, new: str, says: str) -> None:
    assert old in GOOD
    with pytest.raises(ProviderError, match=re.escape(says)):
        provider.load(written(tmp_path, GOOD.replace(old, new)), election)


def test_a_file_that_is_not_there_is_said_so_before_anything_is_served(tmp_path: Path, election: Election) -> None:
    with pytest.raises(ProviderError, match="no such file.*READINESS_OIDC"):
        provider.load(tmp_path / "nowhere.toml", election)
