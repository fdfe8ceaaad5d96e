"""What the program tells of itself: its log, its measures, and that the board, the alarms and the operator's page ask for what there is."""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import pytest
import streamlit as st
import yaml
from hypothesis import given, strategies
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from data import digests, tokens
from data.accounts import Account
from data.domains import DOMAINS
from data.election import Election
from data.scope import Scope
from data.store import Store, StoreError, now
from loaders import desk, outcome
from loaders.problems import KINDS
from loaders.submissions import withdraw
from no_browser import NoBrowser
from pages.api.application import application
from pages.api.measures import VERSION, Measured, Measures
from pages.entrance import guard
from pages.entrance.address import Address
from pages.entrance.outside import NotVouched, Outside
from pages.parts import errors
from pages.watching import logs, runs
from sheets_for import building, sheet
from test_entrance import PASSWORD, ROLES, SINDH, join
from tests.browsing import ROOT, served

DAY = date(2026, 11, 26)  # the example's
SECRET = "Sekret-0817"  # what somebody has written where it has no business
BOARD, RULES, PAGE = ROOT / "deploy/grafana/readiness.json", ROOT / "deploy/prometheus/rules.yml", ROOT / "docs/operations.md"

# ── A line of the log ────────────────────────────────────────────────────────────────────────────

FORMS = {"json": logs.Json(), "text": logs.Text()}
every_form = pytest.mark.parametrize("form", list(FORMS))
anything = strategies.text(strategies.characters(codec="utf-8"))


def line(form: str, message: object, *filled: object, name: str = "readiness", error: BaseException | None = None, **told: Any) -> str:
    record = logging.makeLogRecord({"name": name, "levelno": logging.ERROR, "levelname": "ERROR", "msg": message, "args": filled, "exc_info": error and (type(error), error, error.__traceback__), **told})
    return FORMS[form].format(record)


def raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as caught:
        return caught


@given(message=anything, page=anything.filter(bool))
def test_in_json_a_line_holds_what_was_told_and_is_one_line_whatever_that_is(message: str, page: str) -> None:
    told = line("json", "%s", message, page=page)
    assert told.isascii() and told.isprintable()
    assert {name: json.loads(told)[name] for name in ("level", "logger", "message", "page")} == {"level": "ERROR", "logger": "readiness", "message": message, "page": page}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", json.loads(told)["time"])


@given(message=anything, page=anything.filter(bool))
def test_in_text_nobody_writes_a_second_line_or_moves_the_cursor_whatever_they_type(message: str, page: str) -> None:
    first, *others = line("text", "%s", message, page=page, error=raised(StoreError(message))).split("\n")
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z ERROR    readiness: ", first)
    assert all(other.startswith("    ") for other in others) and all(each.isprintable() for each in (first, *others))


@every_form
def test_urdu_stays_what_it_is(form: str) -> None:
    told = line(form, "%s", "صوبہ")
    assert ("صوبہ" in told) if form == "text" else json.loads(told)["message"] == "صوبہ"


@every_form
@pytest.mark.parametrize("error", [ValueError(SECRET), KeyError(SECRET), TypeError(SECRET), RuntimeError(SECRET), OSError(SECRET), ExceptionGroup("several", [ValueError(SECRET)])], ids=lambda error: type(error).__name__)
def test_of_an_error_whose_words_may_quote_a_cell_the_kind_and_the_place_are_told(form: str, error: Exception) -> None:
    told = line(form, "it failed", error=raised(error))
    assert SECRET not in told and type(error).__name__ in told and "test_watching.py" in told and "in raised" in told


def test_of_an_error_of_the_database_no_value_is_told() -> None:
    with closing(duckdb.connect()) as cursor, pytest.raises(duckdb.Error) as caught:
        cursor.execute("select cast($value as integer)", {"value": SECRET})
    assert SECRET in str(caught.value) and SECRET not in line("json", "it failed", error=caught.value)
    assert "duckdb.duckdb.ConversionException" in line("json", "it failed", error=caught.value).replace("_duckdb", "duckdb.duckdb")


@pytest.mark.parametrize("error", [StoreError("the disk is full"), FileNotFoundError(2, "the disk is full"), duckdb.IOException("the disk is full")], ids=lambda error: type(error).__name__)
def test_of_an_error_in_the_programs_or_the_systems_own_words_these_are_told(error: Exception) -> None:
    assert "the disk is full" in json.loads(line("json", "it failed", error=raised(error)))["trace"]


def test_what_an_error_came_from_is_told_before_it_and_never_twice() -> None:
    first, second = ValueError(SECRET), StoreError("the disk is full")
    second.__cause__, first.__cause__ = first, second  # each from the other: it has an end nevertheless
    trace = json.loads(line("json", "it failed", error=raised(second)))["trace"]
    assert trace.index("ValueError") < trace.index("and then:") < trace.index("StoreError: the disk is full") and trace.count("StoreError") == 1 and SECRET not in trace


def test_a_trace_that_is_very_long_keeps_its_end_and_fits_into_a_line_of_the_journal() -> None:
    def deep(left: int) -> None:
        exec("\n" * left + "deeper(left - 1) if left else oops", {"deeper": deep, "left": left})  # noqa: S102  each frame stands elsewhere, else they are counted together

    with pytest.raises(NameError) as caught:
        deep(300)
    told = line("json", "it failed", error=caught.value)
    assert len(told) < 40_000 and json.loads(told)["trace"].endswith("NameError: name 'oops' is not defined")


@every_form
@pytest.mark.parametrize("message", ["somebody sent %s", "somebody sent\n%s"])
def test_of_what_others_code_says_nothing_is_told_that_was_filled_in(form: str, message: str) -> None:
    told = line(form, message, SECRET, name="streamlit.runtime")
    assert SECRET not in told and "somebody sent" in told


@every_form
def test_a_field_that_is_not_declared_is_not_told(form: str) -> None:
    told = line(form, "it failed", password=SECRET, cookie=SECRET, status=500)
    assert SECRET not in told and "500" in told


@pytest.mark.parametrize(("name", "level", "is_wanted"), [
    ("readiness", logging.INFO, True), ("uvicorn.error", logging.INFO, False), ("uvicorn.error", logging.WARNING, True), ("httpx2", logging.INFO, False)])
def test_of_others_code_only_what_went_wrong_is_written(name: str, level: int, is_wanted: bool) -> None:
    assert logs.is_wanted(logging.makeLogRecord({"name": name, "levelno": level})) is is_wanted


def test_an_error_that_goes_from_layer_to_layer_is_written_once_under_one_reference(caplog: pytest.LogCaptureFixture) -> None:
    error = raised(ValueError(SECRET))
    first, second = logs.failed("a call failed", error, status=500), logs.failed("a route failed", error)
    assert first == second and [record.reference for record in caplog.records] == [first] and f"reference {first}" in caplog.text
    assert not logs.is_wanted(logging.makeLogRecord({"name": "uvicorn.error", "levelno": logging.ERROR, "exc_info": (ValueError, error, None)}))


def test_of_a_call_its_route_is_told_as_it_was_declared_and_whose_it_was() -> None:
    session = type("Session", (), {"account": Account("", "ana", "Analyst", "analyst", (), (), ())})
    route = type("Route", (), {"path": "/media/{file}"})
    told = logs.of_call({"path": f"/media/{SECRET}", "route": route, guard.SESSION: session, logs.BEGUN: 0.0}, 500)
    assert (told["route"], told["status"], told["login"]) == ("/media/{file}", 500, "ana") and told["seconds"] > 0
    assert logs.of_call({"path": f"/{SECRET}", guard.SESSION: None, guard.TOKEN: None}, 500) == {"route": "other", "status": 500}


@pytest.mark.parametrize(("error", "told"), [
    (NotVouched("it calls itself another"), "it calls itself another"), (ValueError(SECRET), ""), (type("OAuthError", (Exception,), {"error": "invalid_grant"})(SECRET), "invalid_grant"),
    (type("OAuthError", (Exception,), {"error": SECRET})(SECRET), "")], ids=["our own words", "others' words", "a short name", "a secret for a short name"])
def test_what_a_provider_answers_is_not_told(store: Store, caplog: pytest.LogCaptureFixture, error: Exception, told: str) -> None:
    outside = Outside(store, Address(), None)
    outside.provider = type("Provider", (), {"name": "The directory"})()
    assert outside._silent(error).status_code == 502
    assert SECRET not in caplog.text and repr(told) in caplog.text


# ── One form for all that is logged in the process ───────────────────────────────────────────────

_PROCESS = f"""
import asyncio, logging, sys, threading, warnings
from pages.watching import logs
logs.configure(sys.argv[1], sys.stderr)
from streamlit.logger import get_logger
get_logger("streamlit.made_later").warning("of Streamlit, %s", "{SECRET}")
get_logger("streamlit.made_later").info("nothing that went wrong")
logging.getLogger("uvicorn.error").error("of the server\\nin lines")
logging.getLogger("somebody").error("of somebody")
logging.getLogger("readiness").info("our own\\nin lines")
warnings.warn("{SECRET}")
def fail():
    raise ValueError("{SECRET}")
thread = threading.Thread(target=fail)
thread.start()
thread.join()
class Broken:
    def __del__(self):
        fail()
Broken()
async def main():
    asyncio.get_running_loop().set_exception_handler(logs.in_background)
    asyncio.get_running_loop().call_soon(fail)
    await asyncio.sleep(0.1)
asyncio.run(main())
fail()
"""


@every_form
def test_all_that_is_logged_warned_of_or_fails_takes_one_way(form: str) -> None:
    done = subprocess.run([sys.executable, "-c", _PROCESS, form], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1 and done.stdout == "" and SECRET not in done.stderr
    told = [" ".join((one["message"], one.get("trace", ""))) for one in map(json.loads, done.stderr.splitlines())] if form == "json" else re.split(r"\n(?!    )", done.stderr.strip())
    said = ["of Streamlit, %s", "of the server", "of somebody", "our own", "UserWarning at <string>:", "nothing caught it", "nothing caught it", "failed in the background", "nothing caught it"]
    assert len(told) == len(said) and all(words in each for words, each in zip(said, told)), told
    assert sum("ValueError" in each for each in told) == 4


@pytest.mark.parametrize(("asked", "is_terminal", "form"), [("", True, "text"), ("", False, "json"), ("json", True, "json"), ("text", False, "text")])
def test_it_is_text_at_a_terminal_and_json_elsewhere_unless_it_is_told(asked: str, is_terminal: bool, form: str) -> None:
    assert type(logs.form(asked, is_terminal=is_terminal)) is type(FORMS[form])


def test_another_form_is_refused_in_a_sentence() -> None:
    with pytest.raises(logs.LogsError, match="READINESS_LOG is “xml”. Write json or text"):
        logs.form("xml", is_terminal=False)


def test_the_command_line_keeps_no_log_and_says_what_it_has_to_in_a_plain_sentence(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "data", "verify-audit", "--database", str(tmp_path / "none.duckdb")], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
                          env=os.environ | {"READINESS_LOG": "json"})
    assert done.stderr == f"There is no database {tmp_path / 'none.duckdb'}.\n"


# ── A dashboard of which every page fails ────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Failing:
    """A dashboard whose example's day can't be read, what was shown of it, and the lines of its log."""

    shown: str
    answered: str
    lines: tuple[dict[str, Any], ...]
    log: str
    secrets: tuple[str, ...]


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory, election: Election) -> Failing:
    database = tmp_path_factory.mktemp("failing") / "failing.duckdb"
    with closing(Store(database, election)) as store:
        made = join(store, ROLES["cec"])
        token = tokens.make(store, made, name="A program", may=tokens.possible(made), days=1)
        analyst = join(store, ROLES["analyst"])
        sending = tokens.make(store, analyst, name="A sender", may=("submissions",), days=1)
        with store.transaction() as cursor:
            cursor.execute("insert into settings values ('example_day', ?)", [f'{SECRET}\n{{"message": "forged"}}'])
    with served(database) as address:
        somebody = NoBrowser(address)
        somebody.sign_in("cec", f"not the {PASSWORD}")
        somebody.sign_in("cec", PASSWORD)
        shown = somebody.page("national", f"place={SECRET}").words
        answered = somebody.call("GET", f"/api/v1/figures?level=national&{SECRET}=1", token).text + somebody.call("GET", "/api/v1/figures?level=national", token).text
        somebody.call("GET", "/" + quote(f'{SECRET}\n{{"message": "forged"}}'))
        somebody.call("POST", "/api/v1/submissions?name=repairs.csv", sending, sheet("repairs", [building(SECRET, SECRET, SECRET)], DAY))
    log = (database.parent / "server.log").read_text(encoding="utf-8")
    lines = tuple(json.loads(each) for each in log.splitlines() if each.startswith("{"))
    return Failing(shown, answered, lines, log, (SECRET, PASSWORD, token.removeprefix(tokens.PREFIX), sending.removeprefix(tokens.PREFIX), *somebody.cookies.values()))


def test_a_page_that_fails_has_one_line_with_its_reference_page_person_and_trace(failing: Failing) -> None:
    reference = re.search(r"\b[0-9A-F]{6}\b", failing.shown)[0]
    told, = (each for each in failing.lines if each.get("page"))
    assert (told["reference"], told["page"], told["login"], told["level"]) == (reference, "national", "cec", "ERROR")
    assert told["trace"].endswith("ValueError") and "in example_day" in told["trace"]
    references = [each.get("reference") for each in failing.lines if each["level"] == "ERROR"]
    assert len(references) == len(set(references)) >= 2 and None not in references


def test_a_call_that_fails_has_one_line_with_its_reference_route_status_time_and_person(failing: Failing) -> None:
    reference = re.search(r"reference ([0-9A-F]{6})", failing.answered)[1]
    told, = (each for each in failing.lines if each.get("login") == "cec" and each.get("route"))
    assert (told["reference"], told["route"], told["status"]) == (reference, "/api/v1/figures", 500) and told["seconds"] > 0 and "ValueError" in told["trace"]


def test_all_that_the_server_writes_on_its_standard_error_is_json(failing: Failing) -> None:
    others = [each for each in failing.log.splitlines() if not each.startswith("{")]
    assert [each.split("http")[0].strip() for each in others if each.strip()] == ["You can now view your Streamlit app in your browser.", "URL:"]  # of its standard output
    assert [each["message"] for each in failing.lines[:: len(failing.lines) - 1]] == ["the dashboard is served", "the dashboard ends"]
    assert failing.lines[0]["version"] == VERSION and "forged" not in {each["message"] for each in failing.lines}


def test_no_secret_and_nothing_of_a_file_or_of_what_was_typed_stands_in_the_log(failing: Failing) -> None:
    assert len(failing.secrets) >= 5 and len(failing.log) > 2_000
    assert [secret for secret in failing.secrets if secret in failing.log] == []


def test_it_refuses_to_start_in_a_line_of_its_log(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", "import dashboard"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
                          env=os.environ | {"READINESS_DB": str(tmp_path / "a.duckdb"), "READINESS_ELECTION": str(tmp_path / "none.toml")})
    told = json.loads(done.stderr)
    assert done.returncode == 1 and told["level"] == "CRITICAL" and "there is no such file" in told["message"]


# ── What is measured ─────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def program(store: Store) -> Iterator[TestClient]:
    """A program that asks the real routes, in this process, over an empty store."""
    measures = Measures(store)
    app = Measured(guard.Guard(Starlette(routes=[Mount(guard.API.rstrip("/"), application(store, measures))]), store, Address()), measures)
    with TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 1), raise_server_exceptions=False) as asking:
        yield asking


def samples(program: TestClient) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """What is measured: the value of each name and set of labels."""
    answer = program.get("/api/metrics")
    assert answer.status_code == 200
    return {(one.name, frozenset(one.labels.items())): one.value for family in text_string_to_metric_families(answer.text) for one in family.samples}


def value(program: TestClient, name: str, **labels: str) -> float | None:
    return samples(program).get((name, frozenset(labels.items())))


def repairs(*rows: dict[str, object], on: date) -> bytes:
    return sheet("repairs", rows, on)


GOOD, BAD = building("Jamshoro", "PS-1", "certified"), building("Jamshoro", "PS-2", "no such state")


def take(store: Store, *rows: dict[str, object], on: date) -> None:
    outcome.hand_in(store, "repairs.csv", repairs(*rows, on=on), sender="An office", stores=True)


def test_what_was_stored_is_counted_by_domain_with_its_time_and_what_was_held_is_not(program: TestClient, store: Store, everything: Scope) -> None:
    today = store.today
    take(store, GOOD, on=today)
    take(store, GOOD, on=today)  # it is held already
    laid, = desk.lay(store, "repairs.csv", repairs(GOOD, building("Jamshoro", "PS-3", "certified"), on=today), sender="An office", by="Ann", may_submit=everything)
    looked = desk.look(store, everything, laid, may_submit=everything)
    desk.take(store, looked, by="Ann", may_submit=everything, note="", only=looked.staged.free)
    assert {domain.name: value(program, "readiness_commits_total", domain=domain.name) for domain in DOMAINS} == {domain.name: 2 if domain.name == "repairs" else 0 for domain in DOMAINS}
    assert value(program, "readiness_commit_seconds_count") == 2 and value(program, "readiness_commit_seconds_sum") > 0


def test_the_problems_of_a_file_are_counted_once_by_kind_whichever_way_it_came(program: TestClient, store: Store, everything: Scope) -> None:
    today = store.today
    take(store, GOOD, BAD, on=today)
    laid, = desk.lay(store, "repairs.csv", repairs(GOOD, BAD, on=today), sender="An office", by="Ann", may_submit=everything)
    desk.look(store, everything, laid, may_submit=everything)
    found = {dict(labels)["kind"]: number for (name, labels), number in samples(program).items() if name == "readiness_problems_total"}
    assert found["unknown_code"] == 2 and found.keys() == KINDS.keys()
    assert {dict(labels)["blocks"] for (name, labels) in samples(program) if name == "readiness_problems_total" and dict(labels)["kind"] == "unknown_code"} == {"yes"}


def test_what_could_not_be_stored_is_counted(program: TestClient, store: Store) -> None:
    with pytest.raises(StoreError), store.transaction():
        raise duckdb.IOException("no room")
    with pytest.raises(ValueError), store.transaction():
        raise ValueError("a mistake is not a full disk")
    assert value(program, "readiness_writes_failed_total") == 1


@pytest.mark.parametrize("ask", [Store.ask, Store.ask_arrow, Store.ask_rows])
def test_each_question_to_the_database_is_timed_also_one_that_fails(store: Store, ask: Callable[..., object]) -> None:
    measures = Measures(store)
    ask(store, "select 1", {})
    with pytest.raises(duckdb.Error):
        ask(store, "select oops", {})
    told = {one.name: one.value for family in text_string_to_metric_families(measures.text().decode()) for one in family.samples if not one.labels}
    assert told["readiness_query_seconds_count"] == 2 and told["readiness_query_seconds_sum"] > 0


def test_the_age_of_what_is_known_is_that_of_the_newest_submission_in_force(program: TestClient, store: Store) -> None:
    take(store, GOOD, on=store.today - timedelta(days=9))
    take(store, building("Sukkur", "PS-1", "certified"), on=store.today - timedelta(days=2))
    assert value(program, "readiness_newest_as_of_age_seconds", domain="repairs") == 2 * 86_400
    assert value(program, "readiness_newest_as_of_age_seconds", domain="training") is None
    assert 0 <= value(program, "readiness_newest_commit_age_seconds", domain="repairs") < 3600
    newest = max(outcome.history(store, Scope.everything(store.election.places)), key=lambda one: one["as_of"])["submission"]
    withdraw(store, newest, by="An office", reason="wrong week")
    assert value(program, "readiness_newest_as_of_age_seconds", domain="repairs") == 9 * 86_400
    assert value(program, "readiness_report_counts_seconds") == store.election.window("freshness", store.today) * 86_400


def test_of_the_example_no_commit_is_told_and_its_ages_go_by_its_own_clock(example: Store) -> None:
    told = Measures(example).text().decode()
    ages = {one.labels["domain"]: one.value for family in text_string_to_metric_families(told) for one in family.samples if one.name == "readiness_newest_as_of_age_seconds"}
    assert ages.keys() == {domain.name for domain in DOMAINS} and all(0 <= age < 30 * 86_400 for age in ages.values())
    assert "readiness_newest_commit_age_seconds{" not in told and "readiness_last_commit_seconds " not in told


@pytest.mark.parametrize(("written", "seconds"), [
    ((), None), (("2026-11-25T02:00:00+00:00",), 1_795_572_000), (("2026-11-25T02:00:00", "2026-11-24T02:00:00"), 1_795_572_000), (("2026-11-25T02:00:00Z",), 1_795_572_000), (("yesterday",), None)])
def test_the_last_backup_is_told_where_one_was_made(program: TestClient, store: Store, written: tuple[str, ...], seconds: int | None) -> None:
    with store.transaction() as cursor:
        for at in written:
            cursor.execute("insert into settings values ('last_backup', ?)", [at])
    assert value(program, "readiness_last_backup_seconds") == seconds


def test_todays_digests_are_told_by_what_became_of_each_last(store: Store) -> None:
    joined = join(store, Account("", "ana", "Analyst", "analyst", (SINDH,), (), ()))
    for channel, address in (("mail", "ana@example.org"), ("webhook", "http://127.0.0.1:9/")):
        digests.subscribe(store, joined, channel, address, by="The operator")
    mail, webhook = digests.subscriptions(store)
    for one, states in ((mail, ("failed", "sent")), (webhook, ("unknown",))):
        for state in states:
            assert digests.begin(store, one, store.today)
            digests.end(store, one, store.today, state)
    digests.begin(store, mail, store.today - timedelta(days=1))  # yesterday's are no longer told of
    told = Measures(store).text().decode()
    assert {one.labels["state"]: one.value for family in text_string_to_metric_families(told) for one in family.samples if one.name == "readiness_digests"} == {"begun": 0, "sent": 1, "failed": 0, "unknown": 1}


def test_where_the_store_does_not_answer_that_is_told_and_written_down(program: TestClient, store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    assert value(program, "readiness_store_up") == 1

    def silent(*_: object) -> None:
        raise duckdb.IOException("the disk was taken away")

    monkeypatch.setattr(store, "cursor", silent)
    monkeypatch.setattr(store, "_idle", [])  # those that are kept would still answer
    found = {name for name, _ in samples(program)}
    assert value(program, "readiness_store_up") == 0 and "readiness_submissions" not in found and {"readiness_query_seconds_count", "readiness_version"} <= found
    assert "the store does not answer" in caplog.text
    assert program.get("/api/health").status_code == 503


def test_what_somebody_asks_for_makes_no_new_label(program: TestClient) -> None:
    program.get("/api/metrics")
    before = {labels for _, labels in samples(program)}
    for path in (f"/{SECRET}", f"/api/{SECRET}", f"/media/{SECRET}", f"/_stcore/{SECRET}"):
        program.get(path)
    assert {tuple(sorted(dict(labels).items())) for labels in {labels for _, labels in samples(program)} - before if "le" not in dict(labels)} <= {
        (("kind", kind), *more) for kind in ("api", "download", "streamlit", "other") for more in ((), (("status", "404"),))}


def test_the_version_is_that_of_the_project(program: TestClient) -> None:
    assert [dict(labels)["version"] for name, labels in samples(program) if name == "readiness_version"] == [VERSION] and re.fullmatch(r"\d+\.\d+\.\d+", VERSION)


# ── Runs of pages ────────────────────────────────────────────────────────────────────────────────


def counted(page: str) -> dict[str, float]:
    """How many runs of a page's script were counted, and how many that failed."""
    found = [one for collected in (runs.TOOK, runs.FAILED) for family in collected.collect() for one in family.samples if one.labels == {"page": page}]
    return {one.name: one.value for one in found if one.name.endswith(("_count", "_total"))}


def test_each_run_of_a_page_is_timed_under_its_name(open_page: Callable[..., Any], example: Store) -> None:
    runs.expect(["national", "province"])
    before = {page: counted(page) for page in ("national", "province")}
    app = open_page(example, "province")
    app.run()
    assert counted("province")["readiness_page_seconds_count"] - before["province"].get("readiness_page_seconds_count", 0) >= 2
    assert counted("national") == before["national"] and not app.exception


def test_a_run_that_fails_is_timed_too(open_page: Callable[..., Any], store: Store) -> None:
    with store.transaction() as cursor:
        cursor.execute("insert into settings values ('example_day', 'not a day')")
    before = counted("clock").get("readiness_page_seconds_count", 0)
    assert open_page(store, "clock").exception and counted("clock")["readiness_page_seconds_count"] == before + 1


def test_what_fails_before_a_page_is_known_is_counted_as_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "session_state", {})
    runs.expect(["other"])
    before = counted("other")["readiness_page_failures_total"]
    assert errors.tell(ValueError(SECRET))
    assert counted("other")["readiness_page_failures_total"] == before + 1


def test_a_run_that_took_long_is_written_down(caplog: pytest.LogCaptureFixture) -> None:
    runs.ran("national", runs._LONG - 0.1)
    runs.ran("province", runs._LONG)
    assert [(record.page, record.seconds) for record in caplog.records] == [("province", runs._LONG)]


# ── The board, the alarms and the operator's page ────────────────────────────────────────────────

_OF_PROMETHEUS = {"up"}  # what it knows of itself about whatever it scrapes
_WORDS = {"and", "or", "unless", "on", "ignoring", "by", "without", "group_left", "group_right", "bool", "offset"}
_board = json.loads(BOARD.read_text(encoding="utf-8"))
_rules = [rule for group in yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"] for rule in group["rules"]]
_panels = [panel for panel in _board["panels"] if panel["type"] != "row"]
_asked_for = {
    **{f"{panel['title']} {target['refId']}": target["expr"] for panel in _panels for target in panel["targets"]},
    **{rule["alert"]: rule["expr"] for rule in _rules},
    **{one["name"]: one["expr"] for one in _board["annotations"]["list"]},
    **{one["name"]: re.fullmatch(r"label_values\((\w+), \w+\)", one["query"])[1] for one in _board["templating"]["list"] if one["type"] == "query"},
}


def names_in(expression: str) -> dict[str, dict[str, str]]:
    """The measures that an expression asks for, each with the labels by which it picks, as patterns."""
    plain = re.sub(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", " ", expression)
    found: dict[str, dict[str, str]] = {}
    for name, picked in re.findall(r"([A-Za-z_:][\w:]*)\s*(?:\{([^}]*)\})?(?![\w:]*\s*\()", re.sub(r"\[[^\]]*\]", "", plain)):
        if name not in _WORDS and not re.fullmatch(r"e\d+", name):
            found[name] = dict(re.findall(r"(\w+)\s*=~?\s*\"([^\"]*)\"", picked))
    return found


@pytest.fixture
def offered(program: TestClient, store: Store) -> dict[str, set[frozenset[tuple[str, str]]]]:
    """Everything that is measured once all of it has come about at least once: the sets of labels of each name."""
    take(store, GOOD, on=store.today)
    with store.transaction() as cursor:
        cursor.execute("insert into settings values ('last_backup', ?)", [now().isoformat()])
    runs.ran("national", 0.01)
    program.get("/api/metrics")
    found: dict[str, set[frozenset[tuple[str, str]]]] = {}
    for name, labels in samples(program):
        found.setdefault(name, set()).add(labels)
    return found


def test_an_expression_is_understood() -> None:
    assert names_in('histogram_quantile(0.95, sum by (job, le) (rate(a_bucket{page="x", job=~"y|z"}[10m]))) > 5e9') == {"a_bucket": {"page": "x", "job": "y|z"}}
    assert names_in('a > on (job) group_left () b or absent(up{job="x"}) unless on (job) c * 3600') == {"a": {}, "b": {}, "up": {"job": "x"}, "c": {}}
    assert names_in("time() - a{instance=~\"$i\"}") == {"a": {"instance": "$i"}}


def test_whatever_a_panel_or_an_alarm_asks_for_is_measured_with_the_labels_by_which_it_picks(offered: dict[str, set[frozenset[tuple[str, str]]]]) -> None:
    for where, expression in _asked_for.items():
        names = names_in(expression)
        assert names and names.keys() <= offered.keys() | _OF_PROMETHEUS, where
        for name, picked in names.items():
            picked = {label: pattern for label, pattern in picked.items() if label not in ("job", "instance")}  # which Prometheus adds
            assert not picked or any(all(re.fullmatch(pattern, dict(labels).get(label, "")) for label, pattern in picked.items()) for labels in offered[name]), (where, name, picked)


def test_whatever_is_measured_of_the_program_itself_stands_on_the_board(offered: dict[str, set[frozenset[tuple[str, str]]]]) -> None:
    def family(name: str) -> str:
        return re.sub(r"_(bucket|count|sum|total|created)$", "", name)

    shown = {family(name) for panel in _panels for target in panel["targets"] for name in names_in(target["expr"])}
    assert {family(name) for name in offered if name.startswith("readiness_")} - shown == set()


@pytest.mark.parametrize("panel", _panels, ids=lambda panel: panel["title"])
def test_a_panel_says_what_it_shows_in_which_unit_and_from_where_on_it_is_too_much(panel: dict[str, Any]) -> None:
    told = panel["fieldConfig"]["defaults"]
    steps = told["thresholds"]["steps"]
    assert panel["title"] and panel["description"].endswith(".") and told["unit"]
    assert steps[0]["value"] is None and [step["value"] for step in steps[1:]] == sorted(step["value"] for step in steps[1:])
    assert panel["targets"] and all(target["datasource"]["uid"] == "${datasource}" for target in panel["targets"])


def test_the_panels_do_not_lie_on_one_another_and_have_ids_of_their_own() -> None:
    places = [(x, y) for panel in _board["panels"] for at in [panel["gridPos"]] for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])]
    assert len(places) == len(set(places)) and all(x < 24 for x, _ in places)
    assert len({panel["id"] for panel in _board["panels"]}) == len(_board["panels"])


def test_each_alarm_has_its_paragraph_and_each_paragraph_its_alarm() -> None:
    about = PAGE.read_text(encoding="utf-8").partition("## When there is an alarm")[2]
    paragraphs = dict(zip(re.findall(r"^### (\w+)$", about, re.M), re.split(r"^### \w+$", about, flags=re.M)[1:]))
    assert list(paragraphs) and set(paragraphs) == {rule["alert"] for rule in _rules} and len(_rules) == len(paragraphs)
    for rule in _rules:
        assert rule["labels"]["severity"] in ("urgent", "today", "look") and rule["annotations"]["summary"].endswith(".")
        assert rule["annotations"]["runbook_url"] == f"docs/operations.md#{rule['alert'].lower()}"
        told = paragraphs[rule["alert"]]
        assert re.match(r"\s*\*\*[A-Z].*?\*\*", told, re.S) and "That evening:" in told and re.search(r"^Look\b", told, re.M) and re.search(r"\bdo: ", told, re.I), rule["alert"]


def test_the_operators_page_leads_to_what_there_is() -> None:
    text = PAGE.read_text(encoding="utf-8")
    headings = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in re.findall(r"^#+ (.+)$", text, re.M)}
    for told in re.findall(r"\]\(([^)]+)\)", text):
        file, _, anchor = told.partition("#")
        assert (not file or (PAGE.parent / file).exists()) and (file or anchor in headings), told
    assert set(re.findall(r"^\| `([a-z`, ]+)` \|", text, re.M)) and set(logs.FIELDS) <= set(re.findall(r"`([a-z]+)`", text.partition("| Field | tells |")[2].partition("\n\n")[0]))
    assert "docs/operations.md" in (ROOT / "README.md").read_text(encoding="utf-8")
