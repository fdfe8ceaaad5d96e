"""What people are told of by themselves: by rule, to who sees it, once; and the digests of a day, sent through a real mail server and to a real
webhook on this computer, tried again, and never sent twice."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime, time, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from conftest import OpenPage
from sheets_for import hand_in, posts, security
from small_country import COUNTRY, NORTH, SOUTH, before, election_in, everything, only
from test_pages import text_of

from data import accounts, actions, audit, digests
from data.accounts import Account, AccountError
from data.alerts import Alert, acknowledge, acknowledged, alerts
from data.database import StoreError
from data.digests import Subscription, subscribe, subscriptions
from data.places import PlacesError
from data.scope import Scope
from data.store import Store
from loaders.__main__ import main
from pages.alerting import sending
from pages.alerting.digest import digest_of
from pages.api.commands import ABOVE

DAY = timedelta(days=1)
ON = before(70)  # a Thursday
DUE = date(2023, 10, 16)  # of the officers, s. 50


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path / "small.duckdb", election_in(tmp_path))) as store:
        yield store


def personnel(store: Store, district: str, have: int, on: date = ON) -> str:
    return hand_in(store, "security", [security(district, personnel=(have, 100), cameras=(10, 10), plan="approved", briefing=on) | {"remarks": str(have)}], on)


def told(store: Store, *places: str, on: date = ON, rule: str = "") -> set[tuple[str, str, str, str]]:
    scope = only(store, *places) if places else everything(store)
    return {(one.rule, one.place.code, one.subject, one.mark) for one in alerts(store, scope, on=on) if rule in ("", one.rule)}


# ── The rules, by hand ───────────────────────────────────────────────────────────────────────────


def test_nothing_is_told_where_nothing_has_been_reported(store: Store) -> None:
    assert told(store, on=DUE - 30 * DAY) == set()


def test_a_domain_below_its_plan_is_told_with_the_week_in_which_it_fell_the_same_on_every_day_of_it(store: Store) -> None:
    assert ON.weekday() == 3
    personnel(store, "N1", 100, ON - 21 * DAY)
    assert told(store, NORTH, rule="behind", on=ON - 20 * DAY) == set()
    personnel(store, "N1", 0, ON - DAY)  # a Wednesday: by the Monday after it, it has fallen
    monday = ON + 4 * DAY
    wanted = {("behind", place, "security", str(monday)) for place in (NORTH, "N1")}
    for day in (ON - DAY, ON, monday, monday + DAY):
        assert told(store, NORTH, rule="behind", on=day) == wanted
    personnel(store, "N1", 100, monday + 2 * DAY)
    assert told(store, NORTH, rule="behind", on=monday + 2 * DAY) == set()
    personnel(store, "N1", 0, monday + 9 * DAY)
    assert {mark for *_, mark in told(store, NORTH, rule="behind", on=monday + 9 * DAY)} == {str(monday + 14 * DAY)}


@pytest.mark.parametrize(("days", "is_told"), [(-15, False), (-14, True), (0, True), (1, True), (30, True)])
def test_a_dated_duty_is_told_from_so_many_days_before_it_until_it_is_met(store: Store, days: int, is_told: bool) -> None:
    hand_in(store, "appointments", [posts(district, post, sanctioned=4, notified=3) for district in ("N1", "N2", "N3", "S1", "S2") for post in ("DRO", "RO", "ARO")], DUE - 40 * DAY)
    found = told(store, rule="breach", on=DUE + days * DAY)
    assert (found == {("breach", place, "officers", str(DUE)) for place in (COUNTRY, NORTH, SOUTH)}) is is_told
    hand_in(store, "appointments", [posts(district, post, sanctioned=4, notified=4) for district in ("N1", "N2", "N3", "S1", "S2") for post in ("DRO", "RO", "ARO")], DUE - 20 * DAY)
    assert told(store, rule="breach", on=DUE + days * DAY) == set()


@pytest.mark.parametrize(("days", "is_told"), [(14, False), (15, True)])
def test_a_district_is_silent_once_its_last_report_is_older_than_the_policys_days(store: Store, days: int, is_told: bool) -> None:
    personnel(store, "N1", 100)
    personnel(store, "N2", 100, ON + days * DAY)
    silent = told(store, "N1", "N2", rule="silent", on=ON + days * DAY)
    assert silent == ({("silent", "N1", "security", str(ON))} if is_told else set())
    assert ("silent", "N3", "security", "") in told(store, NORTH, rule="silent", on=ON + days * DAY)  # others have reported, it never has


def test_an_action_is_told_the_day_after_it_is_due_until_it_is_done(store: Store) -> None:
    action = actions.decide(store, everything(store), "N1", "Mend the road", "The deputy", ON, decided_on=ON - DAY, by="A")
    assert told(store, rule="overdue") == set()
    assert told(store, rule="overdue", on=ON + DAY) == {("overdue", "N1", action, str(ON))}
    actions.say(store, everything(store), action, "done", "", by="A", said_on=ON + DAY)
    assert told(store, rule="overdue", on=ON + DAY) == set()


def test_nobody_is_told_of_what_lies_beyond_their_places(store: Store) -> None:
    for district in ("N1", "S1"):
        personnel(store, district, 0, ON - 20 * DAY)
        actions.decide(store, everything(store), district, "Mend the road", "The deputy", ON - DAY, decided_on=ON - DAY, by="A")
    inside = {"S1", "S2", SOUTH}
    assert {place for _, place, *_ in told(store, SOUTH)} == {"S1", "S2", SOUTH}
    assert {place for _, place, *_ in told(store, "N1")} == {"N1"}
    assert {place for rule, place, *_ in told(store)} - inside == {COUNTRY, NORTH, "N1", "N2", "N3"}


def test_how_long_is_policy_and_a_mistake_in_it_is_said(tmp_path: Path) -> None:
    from data.election import ElectionError

    for name, text in (("right", "[alerts]\nbreach = 3\nsilent = 5\n\n[weights]"), ("wrong", "[alerts]\nbreach = -1\n\n[weights]"), ("other", "[alerts]\nsoon = 1\n\n[weights]")):
        folder = tmp_path / name
        folder.mkdir()
        if name == "right":
            told = election_in(folder, [("[weights]", text)]).alerts
            assert (told.breach, told.silent) == (3, 5)
        else:
            with pytest.raises((ElectionError, PlacesError), match=r"alerts\.(breach|soon)"):
                election_in(folder, [("[weights]", text)])


# ── Acknowledged ─────────────────────────────────────────────────────────────────────────────────


def test_what_a_person_acknowledges_is_acknowledged_by_them_alone_and_of_what_they_see(store: Store) -> None:
    personnel(store, "N1", 0, ON - 20 * DAY)
    every = [one.key for one in alerts(store, everything(store), on=ON)]
    assert acknowledge(store, only(store, "S1"), every, who="Ana", on=ON) == 0
    own = {one.key for one in alerts(store, only(store, "N1"), on=ON)}
    assert acknowledge(store, only(store, "N1"), [*every, *own, "nonsense"], who="Ana", on=ON) == len(own)
    assert acknowledged(store, "Ana") == own and acknowledged(store, "Ben") == frozenset()
    assert acknowledge(store, only(store, "N1"), list(acknowledged(store, "Ana")), who="Ana", on=ON) == 0
    assert audit.lines(store)[0].act == "acknowledged"


def test_what_was_acknowledged_of_the_example_says_nothing_of_what_is_so(store: Store) -> None:
    late(store)
    with store.transaction() as cursor:
        cursor.execute("insert into settings values ('example_day', ?)", [str(ON)])
    every = [one.key for one in alerts(store, everything(store), on=ON)]
    assert acknowledge(store, everything(store), every, who="Ana", on=ON) == len(every) == len(acknowledged(store, "Ana"))
    with store.transaction() as cursor:
        cursor.execute("delete from settings where name = 'example_day'")
    assert acknowledged(store, "Ana") == frozenset()


def test_a_domain_that_stays_below_its_plan_is_told_once_however_long(store: Store) -> None:
    personnel(store, "N1", 0, before(170))
    marks = set()
    for weeks in range(20):
        marks |= {mark for *_, mark in told(store, "N1", rule="behind", on=before(100) + weeks * 3 * DAY)}
    assert len(marks) == 1


def test_the_page_lists_them_by_rule_and_acknowledges(store: Store, open_page: OpenPage) -> None:
    personnel(store, "N1", 0, ON - 20 * DAY)
    actions.decide(store, everything(store), "N1", "Mend the road", "The deputy", ON - DAY, decided_on=ON - DAY, by="A")
    app = open_page(store, "alerts", on=str(ON))
    assert not app.exception
    said = " ".join(text_of(app).split())
    assert "1 action overdue" in said and "Mend the road" in said and "The deputy; due 29 Nov" in said and "below their plan" in said
    press(app)
    assert "Nothing is chosen" in text_of(app) and acknowledged(store, "nobody") == frozenset()
    app.checkbox(key="alerts_all").set_value(True)
    said = text_of(press(app))
    assert "No alert to acknowledge" in said and "that you have acknowledged and that still stand" in said


def press(app: Any) -> Any:
    next(button for button in app.button if button.form_id == "form_alerts.acknowledge").click().run()
    assert not app.exception
    return app


# ── Digests ──────────────────────────────────────────────────────────────────────────────────────


class Mailbox:
    """What a mail server on this computer has taken; `answer` is what it says to a letter, `falls` whether it hangs up instead, `farewell` what
    it says in the end."""

    def __init__(self) -> None:
        self.letters: list[Any] = []
        self.answer, self.falls, self.farewell = "250 taken", False, "221 bye"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.answer.startswith("250"):
            self.letters.append(envelope)
        if self.falls:
            server.transport.close()
        return self.answer


    async def handle_QUIT(self, server: Any, session: Any, envelope: Any) -> str:
        return self.farewell


@pytest.fixture
def mailbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """A real mail server on loopback, and the file that names it."""
    held = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(held, hostname="127.0.0.1", port=port)
    controller.start()
    file = tmp_path / "smtp.toml"
    file.write_text(f'host = "127.0.0.1"\nport = {port}\nsecurity = "none"\nsender = "Readiness <readiness@example.org>"\n', encoding="utf-8")
    monkeypatch.setenv("READINESS_SMTP", str(file))
    yield held
    controller.stop()


@contextmanager
def webhook(status: int = 204) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A real server that takes documents and answers with that status."""
    taken: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken.append(json.loads(body) | {"idempotency": self.headers["Idempotency-Key"]})
            if status:
                self.send_response(status)
                self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook", taken
    finally:
        server.shutdown()
        server.server_close()


def person(store: Store, login: str, *sees: str) -> Account:
    role = "commission" if sees == (COUNTRY,) else "provincial" if sees[0] in (NORTH, SOUTH) else "analyst"
    return accounts.make(store, Account("", login, login.title(), role, sees, (), ()), by="The operator")


def late(store: Store) -> None:
    """Something to tell in either province."""
    for district in ("N1", "S1"):
        personnel(store, district, 0, ON - 20 * DAY)


def sent(store: Store, on: date = ON) -> tuple[bool, list[str]]:
    said: list[str] = []
    return sending.send(store, on, said.append), said


def test_each_gets_a_letter_of_their_own_places_once_a_day(store: Store, mailbox: Mailbox) -> None:
    late(store)
    for login, place in (("ana", NORTH), ("ben", SOUTH)):
        subscribe(store, person(store, login, place), "mail", f"{login}@example.org", by="The operator")
    is_done, said = sent(store)
    assert is_done and len(said) == len(mailbox.letters) == 2
    letters = {one.rcpt_tos[0]: one.content.decode() for one in mailbox.letters}
    assert "North: Security" in letters["ana@example.org"] and "South" not in letters["ana@example.org"] and "Dune" not in letters["ana@example.org"]
    assert "South: Security" in letters["ben@example.org"] and "North" not in letters["ben@example.org"]
    assert "Auto-Submitted: auto-generated" in letters["ana@example.org"] and letters["ana@example.org"].count("Message-ID: <") == 1
    assert sent(store) == (True, []) and len(mailbox.letters) == 2
    assert sent(store, ON + DAY)[0] and len(mailbox.letters) == 4


def test_nothing_is_sent_of_what_is_acknowledged_nor_to_who_is_out_of_use(store: Store, mailbox: Mailbox) -> None:
    late(store)
    ana, ben = person(store, "ana", NORTH), person(store, "ben", SOUTH)
    for one in (ana, ben):
        subscribe(store, one, "mail", f"{one.login}@example.org", by="The operator")
    acknowledge(store, only(store, NORTH), [one.key for one in alerts(store, only(store, NORTH), on=ON)], who=ana.name, on=ON)
    from dataclasses import replace

    accounts.change(store, accounts.account(store, ben.id), replace(ben, is_disabled=True), by="The operator")
    assert sent(store) == (True, []) and mailbox.letters == []


def test_a_letter_that_was_refused_is_tried_again_and_then_sent_once(store: Store, mailbox: Mailbox) -> None:
    late(store)
    subscribe(store, person(store, "ana", NORTH), "mail", "ana@example.org", by="The operator")
    mailbox.answer = "451 come back later"
    assert sent(store)[0] is False and mailbox.letters == []
    mailbox.answer = "250 taken"
    assert sent(store)[0] and len(mailbox.letters) == 1
    assert sent(store) == (True, []) and len(mailbox.letters) == 1


def test_a_letter_that_may_have_arrived_is_not_sent_again(store: Store, mailbox: Mailbox) -> None:
    late(store)
    subscribe(store, person(store, "ana", NORTH), "mail", "ana@example.org", by="The operator")
    mailbox.falls = True
    is_done, said = sent(store)
    assert is_done and "unknown" in said[0] and len(mailbox.letters) == 1
    mailbox.falls = False
    assert sent(store) == (True, []) and len(mailbox.letters) == 1
    assert [state for _, _, state, _, _ in digests.states(store, ON)] == ["unknown"]


@pytest.mark.parametrize("farewell", ["421 too many letters", "250 what was it?", "500 no"])
def test_a_letter_that_was_taken_is_sent_whatever_the_server_says_in_the_end(store: Store, mailbox: Mailbox, farewell: str) -> None:
    late(store)
    subscribe(store, person(store, "ana", NORTH), "mail", "ana@example.org", by="The operator")
    mailbox.farewell = farewell
    assert sent(store)[0] and [state for _, _, state, _, _ in digests.states(store, ON)] == ["sent"]
    assert sent(store) == (True, []) and len(mailbox.letters) == 1


def test_what_can_not_be_sent_to_one_is_sent_to_all_others(store: Store, mailbox: Mailbox) -> None:
    late(store)
    for login in ("ana", "ben", "cem"):
        subscribe(store, person(store, login, NORTH), "mail", f"{login}@example.org", by="The operator")
    # Addresses that a hand has put there.
    with store.transaction(of="door") as cursor:
        cursor.execute("insert into subscriptions select account, channel, 'ü@example.org', set_at + interval 1 second, set_by from subscriptions where address = 'ana@example.org'")
        cursor.execute("insert into subscriptions select account, 'webhook', 'http://127.0.0.1:99999/x y', set_at, set_by from subscriptions where address = 'ben@example.org'")
    is_done, said = sent(store)
    assert not is_done and {one.rcpt_tos[0] for one in mailbox.letters} == {"ben@example.org", "cem@example.org"}
    assert sum(": failed" in one for one in said) == 2


def test_without_a_mail_server_nothing_is_lost(store: Store, monkeypatch: pytest.MonkeyPatch, mailbox: Mailbox) -> None:
    late(store)
    subscribe(store, person(store, "ana", NORTH), "mail", "ana@example.org", by="The operator")
    named = os.environ["READINESS_SMTP"]
    monkeypatch.delenv("READINESS_SMTP")
    assert sent(store)[0] is False
    closed = Path(named).with_name("closed.toml")
    closed.write_text('host = "127.0.0.1"\nport = 9\nsecurity = "none"\nsender = "readiness@example.org"\n', encoding="utf-8")
    monkeypatch.setenv("READINESS_SMTP", str(closed))
    assert sent(store)[0] is False
    monkeypatch.setenv("READINESS_SMTP", named)
    assert sent(store)[0] and len(mailbox.letters) == 1


def test_who_was_killed_while_sending_leaves_a_digest_that_is_not_sent_again(store: Store, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    late(store)
    subscribe(store, person(store, "ana", NORTH), "mail", "ana@example.org", by="The operator")
    one, = subscriptions(store)
    assert digests.begin(store, one, ON) and not digests.begin(store, one, ON)
    assert sent(store) == (True, [])
    monkeypatch.setattr(digests, "_GONE", timedelta(seconds=-1))
    assert sent(store) == (True, []) and mailbox.letters == []
    assert [(state, about) for _, _, state, _, about in digests.states(store, ON)] == [("unknown", "whoever sent it ended in the middle")]


def test_ten_senders_at_once_send_it_once(store: Store, mailbox: Mailbox) -> None:
    late(store)
    subscribe(store, person(store, "ana", NORTH), "mail", "ana@example.org", by="The operator")
    senders = [threading.Thread(target=sent, args=(store,)) for _ in range(10)]
    for one in senders:
        one.start()
    for one in senders:
        one.join()
    assert len(mailbox.letters) == 1


def test_what_never_arrives_is_given_up_after_so_many_tries_and_that_is_said(store: Store, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    late(store)
    subscribe(store, person(store, "ana", NORTH), "mail", "ana@example.org", by="The operator")
    mailbox.answer = "550 no such person"
    monkeypatch.setattr(digests, "TRIES", 3)
    assert [sent(store)[0] for _ in range(3)] == [False] * 3
    assert sent(store) == (False, ["Ana, ana@example.org: given up for today after 3 tries"])
    assert [state for _, _, state, _, _ in digests.states(store, ON)] == ["failed"]


def test_a_webhook_gets_the_same_as_a_document(store: Store) -> None:
    late(store)
    with webhook() as (address, taken):
        subscribe(store, person(store, "ana", NORTH), "webhook", address, by="The operator")
        assert sent(store)[0] and sent(store) == (True, [])
    document, = taken
    one, = subscriptions(store)
    assert document["idempotency"] == document["id"] == digest_of(store, one, ON).id and document["to"] == "Ana" and document["example"] is False
    assert {each["place_code"] for each in document["alerts"]} <= {NORTH, "N1", "N2", "N3"}
    assert {each["key"] for each in document["alerts"]} == {each.key for each in alerts(store, only(store, NORTH), on=ON)}


@pytest.mark.parametrize(("status", "tries"), [(503, 2), (302, 2), (404, 2), (0, 1), (500, 1), (502, 1), (504, 1)])
def test_a_webhook_that_has_surely_not_taken_it_is_tried_again_and_no_other(store: Store, status: int, tries: int) -> None:
    late(store)
    with webhook(status) as (address, taken):
        subscribe(store, person(store, "ana", NORTH), "webhook", f"{address}?key=secret", by="The operator")
        said = [*sent(store)[1], *sent(store)[1]]
        assert len(taken) == tries and "secret" not in " ".join(said) and "secret" not in str(audit.lines(store))


@pytest.mark.parametrize(("channel", "address"), [
    ("mail", "nobody"), ("mail", "a@b c"), ("mail", "a@b.org\nBcc: c@d.org"), ("mail", "a@b.org,c@d.org"), ("mail", "<a@b.org>"), ("mail", "ü@b.org"), ("webhook", "ftp://a.org"), ("webhook", "https://a.org:99999/"), ("webhook", "https://a.org:x/"), ("webhook", "https://[bad"),
    ("webhook", "https://a.org/with space"), ("webhook", "https://a.org/ü"),
    ("webhook", "http://elsewhere.example.org/"), ("webhook", "https://user:secret@example.org/"), ("webhook", "https://"), ("webhook", "nonsense")])
def test_no_digest_goes_to_what_is_no_address(store: Store, channel: str, address: str) -> None:
    with pytest.raises(AccountError):
        subscribe(store, person(store, "ana", NORTH), channel, address, by="The operator")
    assert subscriptions(store) == ()


@pytest.mark.parametrize("text", ['host = "a"', 'host = "mail.example.org"\nsender = "a@b.org"\nsecurity = "none"', 'host = 5\nsender = "a@b.org"', 'host = "a"\nsender = "b"\nport = "x"',
                                  'host = "a"\nsender = "b"\nsecurity = "perhaps"', "nonsense", 'host = "a"\nsender = "b"\nother = "c"'])
def test_a_mistake_in_the_mail_servers_file_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    file = tmp_path / "smtp.toml"
    file.write_text(text, encoding="utf-8")
    monkeypatch.setenv("READINESS_SMTP", str(file))
    with pytest.raises(StoreError, match="smtp.toml"):
        sending.mail_server()


def test_the_command_subscribes_lists_and_sends(tmp_path: Path, mailbox: Mailbox, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(Store(tmp_path / "small.duckdb", election_in(tmp_path))) as store:
        person(store, "ana", NORTH)
        hand_in(store, "security", [security("N1", personnel=(0, 100))], date.today() - 20 * DAY, at=datetime.combine(date.today(), time(0)))

    def alerted(*arguments: str, code: int = 0) -> str:
        capsys.readouterr()
        assert main(["alerts", *arguments, "--database", str(tmp_path / "small.duckdb"), "--election", str(tmp_path / "election.toml")], above=ABOVE) == code
        held = capsys.readouterr()
        return held.out + held.err

    assert "Name an account" in alerted("subscribe", "nobody", "--mail", "a@b.org", code=2)
    assert "is not an e-mail address" in alerted("subscribe", "ana", "--mail", "nobody", code=2)
    assert "ana: mail ana@example.org, today not sent" in alerted("subscribe", "ana", "--mail", "ana@example.org")
    assert "Ana, ana@example.org: sent" in alerted("send")
    assert "today sent" in alerted("list") and len(mailbox.letters) == 1
    assert alerted("subscribe", "ana", "--mail", "").strip() == ""


def test_a_letter_names_at_most_so_many_of_a_rule(store: Store) -> None:
    late(store)
    one = Subscription(person(store, "ana", NORTH), "mail", "ana@example.org")
    told_of: Callable[[], Any] = lambda: digest_of(store, one, ON)
    some = told_of()
    many = type(some)(some.to, some.on, tuple(Alert("silent", each.place, each.subject, str(number), line=each.line) for number in range(60) for each in some.told if each.rule == "silent")[:60],
                      some.election, False)
    assert "and 20 more" in many.text and "60 reports that do not come" in many.text


def test_whoever_sees_nothing_has_no_alerts(store: Store) -> None:
    late(store)
    assert alerts(store, Scope(frozenset()), on=ON) == ()
