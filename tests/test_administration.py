"""The Administration page: accounts are made and changed there, sessions ended, the audit read and checked."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data import accounts, audit, policy, sessions, tokens
from data.accounts import Account
from data.scope import Scope
from data.store import Store
from loaders import spellings
from loaders.submissions import stage
from pages.parts import session
from sheets_for import building, hand_in

START = Path(__file__).parents[1] / "pages" / "start.py"
KEEPER = Account("", "keeper", "Keeper of accounts", "administrator", (), (), ())
PASSWORD = "lamp river forty cactus"
Open = Callable[..., AppTest]


@pytest.fixture
def keeper(store: Store) -> Account:
    made = accounts.make(store, KEEPER, by="The operator")
    return accounts.choose_password(store, accounts.invite(store, made.id, by="The operator"), PASSWORD)


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch, store: Store, keeper: Account, tmp_path: Path) -> AppTest:
    """The page as the administrator opens it, over an election's file of its own."""
    (tmp_path / "places").symlink_to(START.parents[1] / "data" / "places")
    shutil.copyfile(START.parents[1] / "data" / "election.toml", tmp_path / "election.toml")
    monkeypatch.setenv("READINESS_ELECTION", str(tmp_path / "election.toml"))
    monkeypatch.setattr(session, "store", lambda: store)
    monkeypatch.setattr(session, "viewer", lambda: session.Viewer(Scope(frozenset()), "PK", keeper.name, Scope(frozenset()), has_account=True, administers=True))
    app = AppTest.from_file(str(START), default_timeout=60)
    app.switch_page("administration/administration.py").run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    every = " ".join(element.proto.body for element in app.main if element.type == "html") + " ".join(
        element.proto.body for tab in app.tabs for element in tab if element.type == "html")
    return " ".join(unescape(re.sub(r"<style>.*?</style>|<[^>]*>", " ", every, flags=re.S)).split())


def press(app: AppTest, key: str) -> AppTest:
    app = app.button(key=key).click().run()
    assert not app.exception
    return app


def fill_in(app: AppTest, name: str, login: str, sees: list[str]) -> AppTest:
    text = {one.label: one for one in app.text_input}
    text["Name"].set_value(name)
    text["Sign-in name"].set_value(login)
    next(one for one in app.multiselect if one.label == "Sees").set_value(sees)
    return app.run()


def test_an_account_is_made_and_its_link_is_shown_once(page: AppTest, store: Store) -> None:
    app = press(fill_in(page, "DEO Lahore", "lahore", ["PK617"]), "account_save")
    link, = (one.value for one in app.code)
    assert accounts.invited(store, link.split("code=")[1]).login == "lahore"
    assert "A link was made for DEO Lahore." in said(app) and "2 accounts" in said(app)
    assert not app.run().code and "A link was made" not in said(app)
    assert {one.label: one.value for one in app.text_input}["Name"] == ""
    assert [(line.who, line.act) for line in audit.lines(store)][:2] == [("Keeper of accounts", "invited"), ("Keeper of accounts", "account_made")]


def test_what_can_not_be_is_said_and_nothing_is_made(page: AppTest, store: Store) -> None:
    app = press(fill_in(page, "DEO Lahore", "lahore", []), "account_save")
    assert "The role district needs at least one place to see." in said(app) and not app.code
    assert [one.login for one in accounts.accounts(store)] == ["keeper"]


def test_an_account_is_put_out_of_use_and_its_sessions_end(page: AppTest, store: Store) -> None:
    app = press(fill_in(page, "DEO Lahore", "lahore", ["PK617"]), "account_save")
    account = accounts.choose_password(store, app.code[0].value.split("code=")[1], PASSWORD)
    secret = sessions.begin(store, accounts.signs_in(store, "lahore", PASSWORD), address="203.0.113.9", browser="A browser")
    app = app.selectbox(key="account").set_value(account.id).run()
    app = press(app, "account_use")
    assert "DEO Lahore is changed" in said(app) and "out of use" in said(app)
    assert sessions.found(store, secret) is None and accounts.signs_in(store, "lahore", PASSWORD) is None


def test_the_last_administrator_can_not_be_put_out_of_use(page: AppTest, store: Store, keeper: Account) -> None:
    app = press(page.selectbox(key="account").set_value(keeper.id).run(), "account_use")
    assert "This is the only administrator who can sign in." in said(app)
    assert not accounts.account(store, keeper.id).is_disabled


def test_a_session_is_seen_and_ended(page: AppTest, store: Store, keeper: Account) -> None:
    secret = sessions.begin(store, accounts.signs_in(store, "keeper", PASSWORD), address="203.0.113.9", browser="<b>A browser</b>")
    app = page.run()
    assert "203.0.113.9" in said(app) and "<b>A browser</b>" in said(app)
    app = press(app, "session_end")
    assert sessions.found(store, secret) is None and "The session of Keeper of accounts was ended." in said(app)


def test_the_audit_is_read_filtered_and_checked(page: AppTest, store: Store) -> None:
    audit.write(store, "", "sign_in_failed", login="<script>", address="203.0.113.9")
    app = page.run()
    assert "Failed to sign in" in said(app) and "account: <script>" in said(app)
    app = app.selectbox(key="audit_act").set_value("account_made").run()
    assert "<script>" not in said(app) and "Made an account" in said(app)
    app = press(app, "audit_verify")
    assert f"All {len(audit.lines(store))} lines are whole." in said(app)
    with store.transaction() as cursor:
        cursor.execute("update audit set who = 'Nobody' where number = 2")
    assert "Line 2 is not what was written" in said(press(app, "audit_verify"))


def test_every_act_and_every_fact_has_its_words() -> None:
    from pages.parts.words import words

    assert {f"act.{act}" for act in audit.ACTS} <= set(words())
    written = {"login", "name", "role", "sees", "submits", "domains", "address", "submission", "reason", "staged", "file", "sha256", "sender", "kind", "written", "meant", "spelling", "token", "may", "place", "state", "expires", "issuer", "subject", "version", "keys", "by", "wait", "second_factor", "asked", "duty", "met_on", "reference", "held_on", "chaired_by", "briefed_by", "renews", "what", "asked_of", "due", "indicator", "action", "text", "id", "rows", "taken_at"}
    source = "".join(path.read_text(encoding="utf-8") for folder in ("data", "loaders", "pages") for path in (START.parents[1] / folder).rglob("*.py"))
    named = {name for call in re.findall(r"(?:audit\.add|audit\.write|seldom\.write)\([^\n]*", source) for name in re.findall(r"(\w+)=", call)}
    assert named <= written and {f"fact.{name}" for name in written} <= set(words())


def test_an_administrator_sees_everybodys_tokens_and_ends_one(page: AppTest, store: Store) -> None:
    made = accounts.make(store, Account("", "ana", "Analyst of Sindh", "analyst", ("PK7",), ("PK7",), ("repairs",)), by="The operator")
    secret = tokens.make(store, made, name="Power BI", may=("figures",), days=30)
    assert "Power BI" in said(page.run()) and secret not in said(page)
    assert "was ended" in said(press(page, "token_end")) and tokens.found(store, secret) is None
    assert "No program has a token" in said(page)


def test_an_account_of_a_providers_can_only_be_put_out_of_use_here(page: AppTest, store: Store) -> None:
    told = accounts.vouched(store, Account("", "ali", "Ali Khan", "provincial", ("PK7",), (), (), issuer="https://login.example.org", subject="42"), by="Directory")
    app = page.run().selectbox(key="account").set_value(told.id).run()
    assert "Ali Khan signs in at https://login.example.org" in said(app)
    assert {one.key for one in app.button} & {"account_save", "account_link"} == set()
    press(app, "account_use")
    assert accounts.account(store, told.id).is_disabled


def teach(app: AppTest, written: str, code: str | None) -> AppTest:
    next(one for one in app.text_input if one.label == "As it is written").set_value(written)
    next(one for one in app.selectbox if one.label == "District").set_value(code)
    return press(app, "teach_do")


def test_a_spelling_is_taught_read_from_then_on_and_forgotten(page: AppTest, store: Store) -> None:
    sheet = b"As of,20/11/2026\nDistrict,Polling station code,Polling station name,Condition,Cause,Status of work\nJamshorrow,PS-1,School,Damaged,Flood,Reported\n"
    def read() -> tuple[str, ...]:
        return stage(store, "a.csv", sheet, sender="Anybody").checked.districts
    assert read() == ()
    assert "“Jamshorrow” is read as Jamshoro from now on." in said(teach(page.run(), " Jamshorrow ", "PK708"))
    assert read() == ("PK708",) and audit.lines(store, act="learned")[0].who == KEEPER.name
    page.text_input(key="place_find").set_value("jamsho").run()
    assert re.search(r"PK708 Jamshoro .* Jamshorrow", said(page))
    assert "is asked about again" in said(press(page, "forget_do")) and read() == ()


@pytest.mark.parametrize(("written", "code", "says"), [
    ("", "PK708", "Give the spelling"), ("Jamshorrow", None, "Give the spelling"), ("Lahore", "PK708", "“Lahore” is Lahore, and is read so already"),
    ("Gilgit", "PK708", "is no district of this election")])
def test_what_is_read_rightly_or_means_another_is_not_taught(page: AppTest, store: Store, written: str, code: str | None, says: str) -> None:
    assert says in said(teach(page.run(), written, code)) and spellings.learned(store, by="") == ()


def test_a_district_is_found_by_any_of_its_names_and_where_there_is_none_it_is_said(page: AppTest) -> None:
    app = page.run()
    assert "PK617 Lahore" in said(app.text_input(key="place_find").set_value("PK617").run())
    assert "No district is called so." in said(app.text_input(key="place_find").set_value("Nowhere").run())


def test_the_versions_of_the_policy_stand_there_with_what_each_changed(page: AppTest, store: Store) -> None:
    assert "No version is kept yet" in said(page.run())
    policy.keep(store, "[dates]\ne_day = 2027-02-08\n", by="Ann")
    policy.keep(store, "[dates]\ne_day = 2027-03-08\n", by="Bob")
    told = said(page.run())
    assert re.search(r"Version 2, known since .*, by Bob .*dates.e_day 2027-02-08 2027-03-08.* Version 1, .*by Ann The first version that is kept.", told)


def test_a_draft_is_made_its_effect_seen_and_it_is_published(page: AppTest, store: Store, monkeypatch: pytest.MonkeyPatch, everything: Scope, tmp_path: Path) -> None:
    monkeypatch.setattr(session, "viewer", lambda: session.Viewer(everything, "PK", KEEPER.name, Scope(frozenset()), has_account=True, administers=True))
    hand_in(store, "repairs", [building("Jamshoro", "PS-1", "reported")], store.today)
    app = page.run()
    assert "Nothing is changed." in said(app)
    next(one for one in app.number_input if one.label == "Weight of Repairs").set_value(3.0)
    app = next(one for one in app.date_input if one.label == "E-day").set_value(date(2027, 1, 20)).run()
    assert not app.exception
    told = said(app)
    assert re.search(r"dates.e_day 2027-02-08 2027-01-20 .*weights.repairs 1 3", told) and "would have another status" in told and "Pakistan" in told
    assert store.election.weights["repairs"] == 1 and policy.versions(store) == ()
    app = press(app, "policy_publish")
    assert "The draft is published." in said(app) and "Nothing is changed." in said(app)
    assert (store.election.e_day, store.election.weights["repairs"]) == (date(2027, 1, 20), 3) and policy.versions(store)[0].known_by == KEEPER.name
    assert "e_day = 2027-01-20" in (tmp_path / "election.toml").read_text(encoding="utf-8")


def test_a_file_that_was_changed_since_the_start_is_what_the_draft_begins_with(page: AppTest, tmp_path: Path) -> None:
    file = tmp_path / "election.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("e_day = 2027-02-08", "e_day = 2027-02-15"), encoding="utf-8")
    app = page.run()
    assert "Nothing is changed." in said(app) and next(one for one in app.date_input if one.label == "E-day").value == date(2027, 2, 15)
    file.write_text("name = 1", encoding="utf-8")
    assert "can’t be used: " in said(page.run())


def test_a_draft_with_a_mistake_says_so_and_can_not_be_published(page: AppTest, store: Store) -> None:
    app = page.run()
    app = next(one for one in app.date_input if one.label == "Election programme").set_value(date(2027, 6, 1)).run()
    assert "This can’t be: dates.programme" in said(app) and "policy_publish" not in {one.key for one in app.button}


def test_who_sees_no_figures_is_shown_none_of_what_a_draft_would_do(page: AppTest, store: Store) -> None:
    app = next(one for one in page.run().number_input if one.label == "Weight of Repairs").set_value(3.0).run()
    assert "Your account sees no figures" in said(app) and "Pakistan" not in said(app)


def test_what_is_drafted_of_one_indicator_stays_while_another_is_looked_at(page: AppTest) -> None:
    app = page.run().selectbox(key="policy_indicator").set_value("PS1").run()
    next(one for one in app.number_input if one.label == "Its weight in its domain").set_value(5.0)
    app = app.run().selectbox(key="policy_indicator").set_value("TR1").run()
    next(one for one in app.number_input if one.label == "Its weight in its domain").set_value(4.0)
    told = said(app.run())
    assert "indicator_weights.PS1 2 5" in told and re.search(r"indicator_weights.TR1 – 4", told)
    app = app.selectbox(key="policy_indicator").set_value("PS1").run()
    assert next(one for one in app.number_input if one.label == "Its weight in its domain").value == 5.0 and "indicator_weights.TR1" in said(app)
    next(one for one in app.number_input if one.label == "Its weight in its domain").set_value(2.0)
    assert "indicator_weights.PS1" not in said(app.run())
