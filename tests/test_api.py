"""What programs are answered, through the real server: figures and the history within what may be seen, what becomes of a file."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import shutil
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from pandas.testing import assert_frame_equal
from prometheus_client.parser import text_string_to_metric_families
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Mount
from starlette.testclient import TestClient
from websockets.exceptions import InvalidStatus

from data import accounts, audit, tokens
from data.accounts import Account
from data.election import Election
from data.readiness import FIGURE_COLUMNS
from data.store import Store
from loaders.__main__ import main
from loaders.comparison import COMPARED
from loaders.limits import LIMITS
from no_browser import Answer, NoBrowser
from pages.api import application as application_
from pages.api import caller
from pages.api.application import application
from pages.api.measures import Measures
from pages.entrance import guard
from pages.entrance.address import Address
from sheets_for import building, security, sheet
from test_entrance import JAMSHORO, LAHORE, PASSWORD, PUNJAB, ROLES, SINDH, join
from tests.browsing import served

DAY = date(2026, 11, 26)  # the example's


@dataclass(frozen=True)
class Office:
    """A dashboard that is served over the example, a token of each account that may have one, by login, and where its log stands."""

    address: str
    tokens: dict[str, str]
    log: Path
    database: Path

    def call(self, method: str, path: str, token: str = "", body: bytes = b"", **headers: str) -> Answer:
        return NoBrowser(self.address).call(method, path, token and self.tokens[token], body, **headers)

    def send(self, content: bytes, token: str = "analyst", **said: str) -> Answer:
        told = "&".join(f"{name}={value}" for name, value in {"name": "repairs.csv", **said}.items())
        return self.call("POST", f"/api/v1/submissions?{told}", token, content)


@pytest.fixture(scope="module")
def office(example_store_path: Path, tmp_path_factory: pytest.TempPathFactory, election: Election) -> Iterator[Office]:
    database = tmp_path_factory.mktemp("api") / "office.duckdb"
    shutil.copyfile(example_store_path, database)
    made: dict[str, str] = {}
    with closing(Store(database, election)) as store:
        for login, wanted in {**ROLES, "busy": Account("", "busy", "Who asks without end", "provincial", (PUNJAB,), (), ())}.items():
            joined = join(store, wanted)
            may = tokens.possible(joined)
            made[login] = tokens.make(store, joined, name="A program", may=may, days=1)
            made[f"{login} only reads"] = tokens.make(store, joined, name="A reader", may=may[:1], days=1)
        sender = join(store, Account("", "sender", "Who sends", "analyst", (SINDH,), (SINDH,), ("security",)))
        made["sender"], made["sender and reader"] = (tokens.make(store, sender, name=f"A program {number}", may=may, days=1) for number, may in enumerate((("submissions",), ("figures", "submissions"))))
        made["cec of Lahore"] = tokens.make(store, one(store, "cec"), name="A narrow one", may=("figures",), days=1, place=LAHORE)
        made["cec ended"] = tokens.make(store, one(store, "cec"), name="An old one", may=("figures",), days=1)
        tokens.end(store, next(token for token in tokens.good(store) if token.name == "An old one"), by="Its owner")
    with served(database) as address:
        yield Office(address, made, database.parent / "server.log", database)


def one(store: Store, login: str) -> Account:
    return next(account for account in accounts.accounts(store) if account.login == login)


def repairs(*rows: dict[str, object]) -> bytes:
    return sheet("repairs", rows, DAY)


def hidden(election: Election, districts: frozenset[str]) -> list[str]:
    provinces = {one.name for one in election.places.provinces}
    return [one.name for one in election.places.districts if one.code not in districts and one.name not in provinces]


# ── Figures ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("known_on", "is_known"), [("0001-01-01T00:00%2B05:00", False), ("9999-12-31T23:59-05:00", True)])
def test_a_time_that_its_zone_puts_beyond_all_times_is_the_first_or_the_last(office: Office, known_on: str, is_known: bool) -> None:
    told = json.loads(office.call("GET", f"/api/v1/figures?level=national&known_on={known_on}", "cec").text)["figures"]
    assert any(line["done"] for line in told) is is_known and len(told) > 20


@pytest.mark.parametrize("level", ["national", "province", "district"])
def test_the_figures_are_those_of_the_command_line_in_json_and_in_csv(
    office: Office, example_store_path: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, level: str,
) -> None:
    database = tmp_path / "same.duckdb"
    shutil.copyfile(example_store_path, database)
    for filters in ("", "&domain=repairs", "&as_of=2026-11-01", "&known_on=2026-11-10T12:00:00Z"):
        asked = [f"--{name.replace('_', '-')}={value.removesuffix('Z')}" for name, _, value in (part.partition("=") for part in filters.split("&")[1:])]
        printed = {}
        for form in ("json", "csv"):
            assert main(["figures", "--database", str(database), "--level", level, "--format", form, *asked]) == 0
            printed[form] = capsys.readouterr().out
        told = json.loads(office.call("GET", f"/api/v1/figures?level={level}{filters}", "cec").text)
        assert_frame_equal(pd.DataFrame(told["figures"]), pd.DataFrame(json.loads(printed["json"])), rtol=1e-12)
        assert (told["is_example"], told["as_of"]) == (True, "2026-11-01" if "as_of" in filters else "2026-11-26")
        csv = office.call("GET", f"/api/v1/figures?level={level}&format=csv{filters}", "cec")
        assert_frame_equal(pd.read_csv(StringIO(csv.text)), pd.read_csv(StringIO(printed["csv"])), rtol=1e-12)
        assert "example" in csv.headers["content-disposition"]
        assert csv.text.startswith(",".join(FIGURE_COLUMNS) + "\n") and csv.text.count("\n") == len(told["figures"]) + 1 > 1


def test_a_question_of_figures_stands_in_the_audit_as_it_was_understood_and_once(store: Store) -> None:
    joined = join(store, ROLES["sindh"])
    secret = tokens.make(store, joined, name="Power BI", may=("figures",), days=1)
    served = guard.Guard(Starlette(routes=[Mount(guard.API.rstrip("/"), application(store, Measures(store)))]), store, Address())
    with TestClient(served, base_url="http://127.0.0.1", client=("127.0.0.1", 1)) as program:
        for asked in ("level=district&domain=repairs", "domain=repairs&level=district", "domain=repairs&level=district&" + "x" * 5_000):
            program.get(f"/api/v1/figures?{asked}", headers={"authorization": f"Bearer {secret}"})
    assert [line.about for line in audit.lines(store, act="downloaded")] == [{"file": "/api/v1/figures?level=district&domain=repairs&format=json", "token": "Power BI"}]


@pytest.mark.parametrize("login", [*ROLES, "cec of Lahore"])
@pytest.mark.parametrize("path", [
    "figures?level=national", "figures?level=province", "figures?level=district", "figures?level=district&format=csv", "figures?level=district&domain=repairs&as_of=2026-11-01",
    "figures?level=district&known_on=2026-11-10T12:00", "submissions", "submissions?domain=security"])
def test_a_token_is_answered_nothing_of_a_place_that_its_account_does_not_see(office: Office, election: Election, login: str, path: str) -> None:
    answer = office.call("GET", f"/api/v1/{path}", login)
    if login in ("keeper", "typist"):  # who see nothing
        assert (answer.status, json.loads(answer.text)["error"]["kind"]) == (403, "not_allowed")
        return
    wanted = ROLES.get(login)
    sees = accounts.scope_of(election, (LAHORE,) if wanted is None else wanted.sees or (election.places.country.code,)).districts
    assert answer.status == 200
    assert [name for name in hidden(election, sees) if name in answer.text and re.search(rf"\b{re.escape(name)}\b", answer.text.replace("ECP Secretariat, Islamabad", ""))] == []
    if path.startswith("figures?level=district"):
        assert all(election.places[code].name in answer.text for code in sees)
    if login != "cec":
        assert '"Pakistan"' not in answer.text and f'"{PUNJAB}"' not in answer.text


@pytest.mark.parametrize("asked", [
    "", "level=all", "level=national&domain=all", "level=national&as_of=0", "level=national&as_of=26/11/2026", "level=national&as_of=2026-02-30", "level=national&as-of=2026-11-01",
    "level=national&known_on=1", "level=national&place=PK7", "level=national&format=xml", "level=national&level=district&scope=PK"])
def test_a_question_that_is_not_understood_is_not_answered_with_something_else(office: Office, asked: str) -> None:
    answer = office.call("GET", f"/api/v1/figures?{asked}", "cec")
    assert answer.status == 400
    assert json.loads(answer.text)["error"]["message"].startswith("The question can't be understood. ")


# ── Who calls ────────────────────────────────────────────────────────────────────────────────────


def test_a_token_comes_as_a_bearers_or_as_a_password_as_spreadsheets_send_it(office: Office) -> None:
    path, password = "/api/v1/figures?level=national", base64.b64encode(f"anything:{office.tokens['cec']}".encode()).decode()
    nobody = office.call("GET", path, accept="text/html")
    assert nobody.status == 401 and nobody.headers["www-authenticate"].startswith("Basic ")
    assert office.call("GET", path, authorization=f"Basic {password}").status == office.call("GET", path, "cec").status == 200


@pytest.mark.parametrize("told", ["Bearer", "Bearer ", "Bearer readiness-forged", "Basic !", "Basic eDp5", "Digest x", "Bearer \xff"])
@pytest.mark.parametrize("path", ["/api/v1/figures?level=national", "/api/v1/submissions", "/api/openapi.json", "/api/nothing"])
def test_what_is_no_token_opens_nothing_also_beside_a_session(office: Office, path: str, told: str) -> None:
    somebody = NoBrowser(office.address)
    somebody.sign_in("cec", PASSWORD)
    assert somebody.get(path, authorization=told).status == 401


def test_a_password_that_is_not_ascii_is_none(store: Store) -> None:
    assert guard._token({"authorization": "Basic é"}) == guard._token({"authorization": "Basic !"}) == ""


def test_an_ended_token_opens_nothing(office: Office) -> None:
    assert office.call("GET", "/api/v1/figures?level=national", "cec ended").status == 401


def test_a_token_opens_no_page_and_no_websocket(office: Office) -> None:
    for path in ("/", "/national", "/account", "/media/1", "/_stcore/host-config", "/api", "/apis"):
        assert office.call("GET", path, "cec").status == 401
    with pytest.raises(InvalidStatus):
        NoBrowser(office.address).socket(authorization=f"Bearer {office.tokens['cec']}")


def test_with_a_session_a_browser_reads_and_hands_nothing_in(office: Office) -> None:
    somebody = NoBrowser(office.address)
    somebody.sign_in("analyst", PASSWORD)
    assert somebody.get("/api/v1/figures?level=district").text == office.call("GET", "/api/v1/figures?level=district", "analyst").text
    refused = somebody.call("POST", "/api/v1/submissions?name=a.csv", body=repairs(building("Jamshoro", "PS-1", "certified")))
    assert (refused.status, json.loads(refused.text)["error"]["kind"]) == (403, "not_allowed")


@pytest.mark.parametrize("headers", [{"host": "elsewhere.example"}, {"origin": "http://elsewhere.example"}])
def test_what_another_site_has_a_browser_ask_is_refused(office: Office, headers: dict[str, str]) -> None:
    assert office.call("POST", "/api/v1/submissions?name=a.csv", "analyst", b"x", **headers).status in (400, 403)


def test_too_many_calls_in_a_minute_are_told_to_wait(office: Office) -> None:
    told = [office.call("GET", "/api/v1/figures?level=national", ("busy", "busy only reads")[number % 2]) for number in range(121)]
    assert [answer.status for answer in told] == [200] * 120 + [429]  # of an account, by whatever tokens
    assert 1 <= int(told[-1].headers["retry-after"]) <= 60
    assert office.call("GET", "/api/v1/figures?level=national", "lahore").status == 200


# ── Handing in ───────────────────────────────────────────────────────────────────────────────────


def test_a_file_is_checked_stored_held_and_stands_in_the_history_and_the_figures(office: Office) -> None:
    content = repairs(building("Jamshoro", "PS-1", "certified"), building("Jamshoro", "PS-2", "reported"))
    before = office.call("GET", "/api/v1/figures?level=district&domain=repairs", "analyst").text
    checked = office.send(content, only_check="true")
    assert (checked.status, json.loads(checked.text)["files"][0]["state"]) == (200, "good")
    assert office.call("GET", "/api/v1/figures?level=district&domain=repairs", "analyst").text == before
    stored = office.send(content)
    told = json.loads(stored.text)["files"]
    assert (stored.status, len(told), told[0]["state"], told[0]["rows"], told[0]["districts"], told[0]["as_of"]) == (201, 1, "loaded", 2, 1, DAY.isoformat())
    again = office.send(content)
    assert (again.status, json.loads(again.text)["files"][0]["state"], json.loads(again.text)["files"][0]["submission"]) == (200, "held", told[0]["submission"])
    listed = json.loads(office.call("GET", "/api/v1/submissions", "analyst").text)["submissions"][0]
    assert (listed["submission"], listed["reference"], listed["sender"], listed["file_name"]) == (told[0]["submission"], told[0]["reference"], ROLES["analyst"].name, "repairs.csv")
    figures = {(figure["place_code"], figure["indicator"]): figure for figure in json.loads(office.call("GET", "/api/v1/figures?level=district&domain=repairs", "analyst").text)["figures"]}
    assert [(figure["done"], figure["required"]) for (place, _), figure in figures.items() if place == JAMSHORO and figure["required"] == 2] != []


@pytest.mark.parametrize(("rows", "kind"), [
    ([("Jamshoro", "PS-1", "Nonsense")], None), ([("Lahore", "PS-1", "certified")], "outside_scope"), ([("Jamshoro", "PS-1", "certified"), ("Lahore", "PS-2", "certified")], None)])
def test_a_file_with_problems_or_beyond_ones_own_places_is_answered_with_them_and_stores_nothing(office: Office, rows: list[tuple[str, str, str]], kind: str | None) -> None:
    before = office.call("GET", "/api/v1/submissions", "cec").text
    answer = office.send(repairs(*(building(*row) for row in rows)))
    found = [problem for problem in json.loads(answer.text)["files"][0]["problems"] if problem["blocks"]]
    assert answer.status == 422 and found
    assert all(problem["message"] and problem["sheet"] for problem in found)
    assert office.call("GET", "/api/v1/submissions", "cec").text == before


def test_a_domain_that_is_not_ones_own_is_a_problem(office: Office) -> None:
    content = sheet("security", [security("Jamshoro")], DAY)
    answer = office.send(content, name="security.csv")
    assert answer.status == 422 and "outside_domain" in answer.text


@pytest.mark.parametrize(("login", "status"), [("cec", 403), ("sindh", 403), ("keeper", 403), ("analyst only reads", 403), ("lahore", 422), ("analyst", 201)])
def test_only_who_submits_for_a_place_hands_in_for_it(office: Office, login: str, status: int) -> None:
    assert office.send(repairs(building("Sukkur", f"PS-{login}", "certified")), token=login).status == status


def test_a_token_for_files_alone_is_not_told_what_stood_before(office: Office) -> None:
    newest = json.loads(office.call("GET", "/api/v1/submissions?domain=security", "cec").text)["submissions"][0]
    content = sheet("security", [security("Jamshoro", personnel=(1, 100))], date.fromisoformat(newest["as_of"]))
    kinds = {}
    for token in ("sender", "sender and reader"):
        answer = office.call("POST", "/api/v1/submissions?name=security.csv&only_check=true", token, content)
        kinds[token] = {problem["kind"] for problem in json.loads(answer.text)["files"][0]["problems"]}
        assert answer.status == 200
    assert kinds["sender and reader"] - kinds["sender"] >= {"fell", "disagrees"} and not COMPARED & kinds["sender"]


@pytest.mark.parametrize(("content", "said", "status", "kind"), [
    (b"PK\x03\x04 damaged", {"name": "a.xlsx"}, 415, "truncated"), (b"nothing,known\n1,2\n", {}, 415, None), (b"", {}, 415, None), (b"%PDF-1.7", {"name": "a.pdf"}, 415, None),
    (b"x", {"name": "../a.csv"}, 400, "name"), (b"x", {"name": "a%00.csv"}, 400, "name"), (b"x", {"name": ""}, 400, "question"), (b"x", {"nam": "a.csv"}, 400, "question")])
def test_what_can_not_be_read_is_said_so(office: Office, content: bytes, said: dict[str, str], status: int, kind: str | None) -> None:
    answer = office.send(content, **said)
    told = json.loads(answer.text)
    error = told["files"][0]["error"] if "files" in told else told["error"]
    assert answer.status == status and error["message"]
    assert kind in (None, error["kind"])


def test_a_file_that_is_too_large_is_refused_before_it_is_read(office: Office) -> None:
    answer = office.send(b"x" * (LIMITS.bytes + 1))
    assert (answer.status, json.loads(answer.text)["error"]["kind"]) == (413, "too_large")


def test_a_token_that_ends_while_a_file_is_on_its_way_hands_nothing_in(store: Store) -> None:
    joined = join(store, ROLES["analyst"])
    secret = tokens.make(store, joined, name="A program", may=("submissions",), days=1)
    request = Request({"type": "http", guard.TOKEN: tokens.found(store, secret), guard.SESSION: None})
    assert caller.again(store, request, "submissions").name == joined.name
    accounts.change(store, joined, replace(joined, is_disabled=True), by="Keeper")
    with pytest.raises(caller.Refused, match="has ended while"):
        caller.again(store, request, "submissions")


def test_a_file_that_does_not_arrive_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch, store: Store) -> None:
    monkeypatch.setattr(application_, "_SENT_WITHIN", 0.05)

    class Slow:
        headers = dict[str, str]()

        async def stream(self) -> AsyncIterator[bytes]:
            yield b"a"
            await asyncio.sleep(30)

    with ThreadPoolExecutor() as apart, pytest.raises(caller.Refused, match="did not arrive"):
        apart.submit(asyncio.run, application_._body(Slow())).result()


def test_who_sends_slowly_keeps_no_other_account_waiting(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = (tokens.make(store, join(store, Account("", name, f"Office {name}", "district", (place,), (), ("repairs",))), name="A program", may=("submissions",), days=1)
                  for name, place in (("one", LAHORE), ("other", JAMSHORO)))
    served = guard.Guard(Starlette(routes=[Mount(guard.API.rstrip("/"), application(store, Measures(store)))]), store, Address())

    async def sending() -> list[int]:
        arrives = asyncio.Event()

        async def send(secret: str, *, slowly: bool) -> int:
            answers = list[int]()

            async def received() -> dict[str, object]:
                if slowly:
                    await arrives.wait()
                return {"type": "http.request", "body": b"nothing", "more_body": False}

            async def sent(message: dict[str, object]) -> None:
                if message["type"] == "http.response.start":
                    answers.append(message["status"])

            await served({"type": "http", "method": "POST", "path": "/api/v1/submissions", "raw_path": b"", "query_string": b"name=a.csv", "root_path": "", "scheme": "http",
                          "client": ("127.0.0.1", 2), "server": ("127.0.0.1", 1), "http_version": "1.1",
                          "headers": [(b"host", b"127.0.0.1:1"), (b"authorization", f"Bearer {secret}".encode())]}, received, sent)
            return answers[0]

        slow = [asyncio.create_task(send(one, slowly=True)) for _ in range(2)]
        await asyncio.sleep(1)
        third, others = await send(one, slowly=True), await send(other, slowly=False)
        arrives.set()
        return [third, others, *await asyncio.gather(*slow), await send(one, slowly=False)]

    with ThreadPoolExecutor() as apart:
        assert apart.submit(asyncio.run, asyncio.wait_for(sending(), 120)).result() == [429, 415, 415, 415, 415]


def test_a_file_that_is_told_to_be_too_large_is_refused_before_it_arrives() -> None:
    class Large:
        headers = {"content-length": str(LIMITS.bytes + 1)}

    with ThreadPoolExecutor() as apart, pytest.raises(caller.Refused, match="larger than"):
        apart.submit(asyncio.run, application_._body(Large())).result()


# ── Whether all is well ──────────────────────────────────────────────────────────────────────────


def test_whether_it_works_is_told_to_everybody_and_nothing_else(office: Office) -> None:
    for host in ("elsewhere.example", "127.0.0.1"):
        assert json.loads(office.call("GET", "/api/health", host=host).text) == {"status": "ok"}
    assert office.call("GET", "/api/health/").status == 401


def test_how_it_is_doing_is_told_to_its_own_computer_and_to_an_administrators_token(office: Office) -> None:
    families = {family.name: family for family in text_string_to_metric_families(office.call("GET", "/api/metrics").text)}
    assert {"readiness_submissions", "readiness_http_answers", "readiness_pages_open", "readiness_sessions", "process_resident_memory_bytes"} <= families.keys()
    assert {sample.labels["domain"] for sample in families["readiness_submissions"].samples} == {"appointments", "repairs", "training", "security"}
    through = {"x-forwarded-for": "203.0.113.5"}
    assert office.call("GET", "/api/metrics", **through).status == office.call("GET", "/api/metrics", host="elsewhere.example").status - 400 + 401 == 401
    assert office.call("GET", "/api/metrics", "cec", **through).status == 403
    assert office.call("GET", "/api/metrics", "keeper", **through).status == 200


def test_neither_the_audit_nor_the_log_nor_the_database_holds_a_token_or_a_password(office: Office) -> None:
    office.send(b"x", token="analyst")
    kept = office.log.read_bytes() + b"".join(path.read_bytes() for path in office.database.parent.glob("office.duckdb*"))
    assert len(kept) > 1_000_000
    for secret in (PASSWORD, *office.tokens.values()):
        assert secret.removeprefix(tokens.PREFIX).encode() not in kept
    somebody = NoBrowser(office.address)
    somebody.sign_in("keeper", PASSWORD)
    assert b"Sent a file by a program" in somebody.page("administration").sent


# ── The routes and their description ─────────────────────────────────────────────────────────────


def test_every_route_but_that_of_health_asks_who_calls(store: Store) -> None:
    api = application(store, Measures(store))
    asked = {(route.path, method): [need.call.__qualname__ for need in route.dependant.dependencies] for route in api.routes if hasattr(route, "dependant") for method in route.methods}
    assert asked.pop(("/health", "GET")) == []
    assert len(asked) == 4 and all(any("needs" in name for name in needed) for needed in asked.values())
    # The description is the only other one: the guard asks for it.
    assert {route.path for route in api.routes} - {path for path, _ in asked} == {"/health", "/openapi.json"}


@pytest.fixture
def described(store: Store, monkeypatch: pytest.MonkeyPatch) -> tuple[dict[str, str], schemathesis.BaseSchema]:
    """What a program sends with each call, and the description as it is served to it."""
    monkeypatch.setattr(caller, "_LIMITS", dict.fromkeys(caller._LIMITS, caller.parse("1000000/second")))
    joined = join(store, Account("", "ana", "Analyst", "analyst", ("PK",), ("PK",), ("repairs", "security")))
    own = {"Authorization": f"Bearer {tokens.make(store, joined, name='A program', may=tokens.possible(joined), days=1)}", "host": "127.0.0.1"}
    served = guard.Guard(Starlette(routes=[Mount(guard.API.rstrip("/"), application(store, Measures(store)))]), store, Address())
    return own, schemathesis.openapi.from_asgi(f"{guard.API}openapi.json", served, headers=own)


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=lambda mode: mode.value)
def test_every_answer_is_one_that_the_description_tells_of(described: tuple[dict[str, str], schemathesis.BaseSchema], mode: schemathesis.GenerationMode) -> None:
    (own, schema), asked = described, set[str]()
    for operation in (found.ok() for found in schema.get_all_operations()):
        if mode is schemathesis.GenerationMode.NEGATIVE and not operation.query and not operation.body:
            continue  # there is nothing about it that could be asked wrongly

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
        def answered(case: schemathesis.Case) -> None:
            # Any bytes are a body by the description; which of them are a spreadsheet, it can't tell.
            case.call_and_validate(headers=own, excluded_checks=[positive_data_acceptance] if operation.method == "post" else [])

        answered()
        asked.add(operation.label)
    assert {"GET /v1/figures", "GET /v1/submissions", "POST /v1/submissions"} <= asked
