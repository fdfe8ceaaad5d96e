"""What is taken along beside the pages: a table at its address, for who sees by its scope, and the file of a submission."""

from __future__ import annotations

import gc
import io
import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from contextvars import ContextVar
from dataclasses import dataclass, replace
from email.message import EmailMessage
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import openpyxl
import pandas as pd
import pytest
from conftest import OpenPage
from starlette.applications import Starlette
from starlette.testclient import TestClient
from test_entrance import PASSWORD, ROLES, join
from test_pages import text_of

from data import accounts, audit, readiness, sessions
from data.audit import Line
from data.election import Election
from data.scope import Scope
from data.store import Store
from pages.entrance.address import Address
from pages.entrance.guard import FILE, TABLE, Guard
from pages.parts import pieces, session, tables
from pages.parts.session import Viewer
from pages.parts.tables import XLSX
from pages.taking import kept
from pages.taking.files import Files
from pages.taking.kept import Taken
from pages.taking.route import Tables

HERE = "http://127.0.0.1:8501"
FRAME = pd.DataFrame({"District": ["Jamshoro", "جامشورو"], "Done": [3, 4]})
NAMES = ["provinces-2026-11-19", "جامشورو 100% bereit", "50%2Fparts", "a/b", "../../etc/passwd", "..", 'with "quotes"; and\\more', "two\nlines?#&"]
TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX}


@pytest.fixture(autouse=True)
def held() -> Iterator[None]:
    """What a test has drawn is held until it ends."""
    with kept.drawing():
        yield


@dataclass
class Office:
    """A store in which a few people have accounts and are signed in; the number of the audit's last line before a test."""

    store: Store
    people: dict[str, Viewer]
    secrets: dict[str, str]
    before: int = 0

    def ask(self, path: str, login: str = "", **headers: str) -> Any:
        """The answer of the guarded routes, by the login of an account, or without a session."""
        guarded = Guard(Starlette(routes=[*Tables(self.store).routes, *Files(self.store).routes]), self.store, Address())
        cookie = {"cookie": f"readiness={self.secrets[login]}"} if login else {}
        return TestClient(guarded, base_url=HERE, follow_redirects=False).get(path, headers=headers | cookie)

    def written(self, act: str) -> list[Line]:
        """The lines of the audit that this test has brought about."""
        return [line for line in audit.lines(self.store, act=act) if line.number > self.before]

    @property
    def downloaded(self) -> list[tuple[str, str]]:
        return [(line.who, line.about["file"]) for line in self.written("downloaded")]


@pytest.fixture(scope="module")
def opened(example_store_path: Path, tmp_path_factory: pytest.TempPathFactory, election: Election) -> Iterator[Office]:
    path = tmp_path_factory.mktemp("taking") / "taking.duckdb"
    shutil.copyfile(example_store_path, path)
    with closing(Store(path, election)) as store:
        people, secrets = {}, {}
        for login in ("cec", "sindh", "lahore", "typist"):
            people[login] = session.viewer_of(election, join(store, ROLES[login]))
            secrets[login] = sessions.begin(store, accounts.signs_in(store, login, PASSWORD), address="203.0.113.9", browser="")
        yield Office(store, people, secrets)


@pytest.fixture
def office(opened: Office) -> Office:
    return replace(opened, before=max(line.number for line in audit.lines(opened.store)))


def never() -> pd.DataFrame:
    raise AssertionError("the table was made for somebody who may not have it")


def file_name(told: Any) -> str:
    """The name by which a browser keeps what it was sent."""
    message = EmailMessage()
    message["content-disposition"] = told.headers["content-disposition"]
    assert message.get_content_disposition() == "attachment"
    return message.get_filename("")


def rows_in(content: bytes, form: str) -> list[list[Any]]:
    if form == "csv":
        return pd.read_csv(io.BytesIO(content), encoding="utf-8-sig").values.tolist()
    return [list(row) for row in openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(min_row=2, values_only=True)]


@pytest.mark.parametrize("form", TYPES)
@pytest.mark.parametrize("name", NAMES)
def test_a_table_goes_in_either_form_to_who_sees_by_its_scope(office: Office, form: str, name: str) -> None:
    links = re.findall(r'href="([^"]+)"', tables.downloads(lambda: FRAME, name, scope=office.people["sindh"].scope))
    told = office.ask(f"/{unescape(links[list(TYPES).index(form)])}", "sindh")
    assert (told.status_code, told.headers["content-type"], told.headers["cache-control"]) == (200, TYPES[form], "no-store")
    assert rows_in(told.content, form) == FRAME.values.tolist()
    assert file_name(told) == f"{name}.{form}"
    assert office.downloaded == [("Sindh office", f"{name}.{form}")]


@pytest.mark.parametrize("login", ["cec", "lahore", "typist"])
def test_nobody_else_gets_it_though_they_see_more(office: Office, login: str) -> None:
    id = kept.keep(Taken("rows", office.people["sindh"].scope, never))
    told = office.ask(f"{TABLE}{id}/rows.csv", login)
    assert (told.status_code, told.headers["location"], told.content, office.downloaded) == (303, "/", b"", [])


def test_what_is_for_ones_own_files_is_for_nobody_of_the_same_scope(office: Office) -> None:
    own = office.people["cec"].files
    mine, anothers = kept.keep(Taken("mine", own, lambda: FRAME)), kept.keep(Taken("anothers", Scope(own.districts, own="Somebody else"), never))
    assert office.ask(f"{TABLE}{mine}/mine.csv", "cec").status_code == 200
    assert office.ask(f"{TABLE}{anothers}/anothers.csv", "cec").status_code == 303


@pytest.mark.parametrize("path", ["{id}/rows.pdf", "{id}/rows", "{id}x/rows.csv", "unknown/rows.csv", "%00/rows.csv"])
def test_what_is_no_table_leads_to_the_page(office: Office, path: str) -> None:
    id = kept.keep(Taken("rows", office.people["cec"].scope, never))
    told = office.ask(TABLE + path.format(id=id), "cec", referer=f"{HERE}/province?place=PK7")
    assert (told.status_code, told.headers["location"], office.downloaded) == (303, "/province?place=PK7", [])


def test_without_a_session_there_is_neither_table_nor_file(office: Office) -> None:
    id = kept.keep(Taken("rows", office.people["cec"].scope, never))
    submission = readiness.history(office.store, office.people["cec"].scope)["submission"].iloc[0]
    for path in (f"{TABLE}{id}/rows.csv", f"{FILE}{submission}"):
        assert (office.ask(path).status_code, office.ask(path).text) == (401, "Sign in first.")
        led = office.ask(path, accept="text/html")
        assert (led.status_code, led.headers["location"]) == (303, f"/signin?next={quote(path, safe='')}")
    assert office.downloaded == []


@pytest.mark.parametrize(("came", "led"), [
    (f"{HERE}/district?place=PK708&on=2026-11-19", "/district?place=PK708&on=2026-11-19"), (f"{HERE}/clock", "/clock"), (f"{HERE}/", "/"), (HERE, "/"), ("", "/"),
    ("https://elsewhere.example/district", "/"), ("http://127.0.0.1:9999/district", "/"), ("https://127.0.0.1.elsewhere.example/", "/"), (f"{HERE}@elsewhere.example/", "/"),
    (f"{HERE}//elsewhere.example/x", "/"), (f"{HERE}///elsewhere.example", "/"), (f"{HERE}/\\elsewhere.example", "/%5Celsewhere.example"), (f"{HERE}/\t/elsewhere.example", "/"),
    (f"{HERE}{TABLE}unknown/rows.csv", "/"), ("//elsewhere.example/", "/"), ("javascript:alert(1)", "/"), ("http://[broken", "/")])
def test_who_comes_too_late_is_led_back_to_the_page_and_never_to_another_site(office: Office, came: str, led: str) -> None:
    told = office.ask(f"{TABLE}too-late/rows.csv", "cec", referer=came)
    assert (told.status_code, told.headers["location"], told.headers["cache-control"]) == (303, led, "no-store")


def test_a_table_lives_as_long_as_what_it_was_drawn_in(store: Store, everything: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "store", lambda: store)
    monkeypatch.setattr(kept, "_drawn", ContextVar("apart"))  # nothing else holds them

    def drawn() -> str:
        return kept.keep(Taken("rows", everything, lambda: FRAME))

    id = pieces.kept("a page", drawn)
    outer = pieces.kept("one that has it in it", lambda: pieces.kept("a page", drawn))
    gc.collect()
    assert outer == id == pieces.kept("a page", drawn) and kept.found(id, everything).name == "rows"
    with store.transaction() as cursor:
        cursor.execute("insert into settings values ('touched', 'yes')")
    anew = pieces.kept("a page", drawn)
    gc.collect()
    assert anew != id and kept.found(id, everything) is None and kept.found(anew, everything) is not None


# The file of a submission


def test_a_file_goes_as_it_was_sent_to_who_may_see_it_as_a_whole(office: Office) -> None:
    scope = office.people["sindh"].scope
    one = next(line for line in readiness.history(office.store, scope).itertuples() if line.wholly)
    told = office.ask(f"{FILE}{one.submission}", "sindh")
    assert (told.status_code, told.content) == (200, readiness.file_of(office.store, scope, one.submission)[1])
    assert (told.headers["content-type"], told.headers["cache-control"], file_name(told)) == ("application/octet-stream", "no-store", one.file_name)
    assert office.downloaded == [("Sindh office", one.file_name)] and not office.written("refused")


def test_the_wrong_viewer_gets_no_file_and_that_stands_in_the_audit(office: Office) -> None:
    beyond = next(line for line in readiness.history(office.store, office.people["sindh"].scope).itertuples() if not line.wholly).submission
    for login in ("sindh", "typist"):
        told = office.ask(f"{FILE}{beyond}", login)
        assert (told.status_code, told.text) == (404, "There is no such file, or it is not for you to see.")
    assert [(line.who, line.about["submission"]) for line in office.written("refused")] == [(ROLES[login].name, beyond) for login in ("typist", "sindh")]
    assert office.ask(f"{FILE}{beyond}", "cec").status_code == 200
    assert [who for who, _ in office.downloaded] == [ROLES["cec"].name]


@pytest.mark.parametrize("submission", ["00000000-0000-0000-0000-000000000000", "6F3A09B2", "%00", "' or true --", "..%2fdata%2felection.toml"])
def test_what_is_no_submission_has_no_file(office: Office, submission: str) -> None:
    assert office.ask(f"{FILE}{submission}", "cec").status_code == 404


# On the pages


def test_the_district_page_links_the_files_that_may_be_opened_and_no_others(office: Office, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    sindh = office.people["sindh"]
    monkeypatch.setattr(session, "viewer", lambda: sindh)
    body = " ".join(element.proto.body for element in open_page(office.store, "district", place="PK708").get("html"))
    sources = readiness.sources(office.store, sindh.files, place="PK708", on=office.store.today)
    assert 0 < sources["wholly"].sum() < len(sources)
    for one in sources.itertuples():
        assert (f'href="file/{one.submission}"' in body) is one.wholly


def test_links_of_what_is_drawn_anew_stay_the_same_and_are_for_their_reader_alone(office: Office, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    viewer = office.people["cec"]
    monkeypatch.setattr(session, "viewer", lambda: viewer)
    app = open_page(office.store, "definitions").switch_page("submissions/history.py").run()
    first = [element.proto.body for element in app.get("html") if "table/" in element.proto.body]
    assert first and first == [element.proto.body for element in app.run().get("html") if "table/" in element.proto.body]
    id = first[-1].partition("table/")[2].partition("/")[0]
    assert kept.found(id, viewer.files).name == "history" and kept.found(id, viewer.scope) is None


def test_what_one_may_see_is_not_kept_for_another(office: Office, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same district, one reader after another, each over what was kept for those before."""
    own = readiness.sources(office.store, Scope.everything(office.store.election.places), place="PK708", on=office.store.today)["file_name"]
    told = {}
    for login in ("cec", "sindh", "cec", "sindh"):
        monkeypatch.setattr(session, "viewer", lambda login=login: office.people[login])
        told.setdefault(login, []).append(text_of(open_page(office.store, "district", place="PK708")))
    assert all(name in told["cec"][0] for name in own) and not all(name in told["sindh"][0] for name in own)
    assert told["cec"][0] == told["cec"][1] and told["sindh"][0] == told["sindh"][1]


def test_of_a_districts_rows_those_of_the_open_tab_are_sent_and_no_others(office: Office, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    viewer = office.people["cec"]
    monkeypatch.setattr(session, "viewer", lambda: viewer)
    app, told = open_page(office.store, "district", place="PK708"), []
    for domain in office.store.election.domains:
        app.session_state["rows"] = domain.label
        table, = app.run().dataframe
        assert len(table.value) == len(readiness.rows(office.store, viewer.scope, domain.name, place="PK708", on=office.store.today))
        told.append(tuple(table.value.columns))
    assert len(set(told)) == len(office.store.election.domains)
