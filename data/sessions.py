"""Sessions: who has signed in and not out again. A session is asked for at every request and every run of a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe

from data import audit
from data.accounts import COLUMNS, Account, digest, is_open, of_row
from data.store import Store, now, touched

LASTS = timedelta(hours=12)  # from signing in, whatever is done
IDLE = timedelta(minutes=60)  # without anything being done
_NOTED_EVERY = timedelta(seconds=30)  # how exactly it is known when a session was last used
_MOST = 20  # sessions of an account at a time: the oldest end


@dataclass(frozen=True)
class Session:
    """One signing in and where it came from. Times are UTC."""

    id: str
    account: Account
    began_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    browser: str


def begin(store: Store, account: Account, *, address: str, browser: str, by: str = "password") -> str | None:
    """The secret of a new session of an account that was just signed in to, for its cookie; None where what opened it was replaced since,
    or the account put out of use. `by` says in the audit how it was signed in to."""
    secret = token_urlsafe(32)
    with store.transaction(of="door") as cursor:
        if not is_open(cursor, account):
            return None
        cursor.execute("insert into sessions values (uuidv7(), $digest, $account, $at, $at, $expires, null, null, $address, $browser)",
                       {"digest": digest(secret), "account": account.id, "at": now(), "expires": now() + LASTS, "address": address, "browser": browser[:200]})
        ended = touched(
            cursor, """update sessions set ended_at = $at, ended_by = $by where session in (
                   select session from sessions where account = $account and ended_at is null and expires_at > $at and seen_at > $used
                   order by began_at desc, session desc offset $most)""",
            {"at": now(), "by": account.name, "account": account.id, "most": _MOST, "used": now() - IDLE})
        for _ in range(ended):
            audit.add(cursor, account.name, "session_ended", login=account.login)
        audit.add(cursor, account.name, "signed_in", login=account.login, address=address, by=by)
    return secret


def found(store: Store, secret: str) -> Session | None:
    """The session of a cookie's secret; None where it has ended, by whatever. It costs no query while no session begins or ends."""
    session = _open(store).get(digest(secret))
    if session is None and secret and store.catch_up():  # it may have begun on another server in this moment
        session = _open(store).get(digest(secret))
    return session if session and _lasts(session) else None


def by_id(store: Store, id: str) -> Session | None:
    """The session of that id, while it lasts."""
    return next((session for session in good(store) if session.id == id), None)


def good(store: Store) -> tuple[Session, ...]:
    """The sessions that have not ended, the one used last first."""
    return tuple(session for session in _open(store).values() if _lasts(session))


def has_begun_from(store: Store, login: str, address: str) -> bool:
    """Whether somebody has ever signed in to that account from that address."""
    return bool(store.ask_rows("select 1 from sessions s join accounts a using (account) where a.login = $login and s.address = $address limit 1",
                               {"login": login, "address": address}))


def touch(store: Store, used: Mapping[str, datetime]) -> None:
    """Notes when sessions were used, by their ids, so that they do not end for being idle: all for which it is time in one transaction."""
    late = [session.id for session in good(store) if session.id in used and used[session.id] - session.seen_at >= _NOTED_EVERY]
    if not late:
        return
    with store.transaction(of="door") as cursor:
        cursor.execute(
            "update sessions set seen_at = u.at from (select unnest($sessions) as session, unnest($at) as at) u where sessions.session::varchar = u.session",
            {"sessions": late, "at": [used[session] for session in late]})


def end(store: Store, session: Session, *, by: str) -> None:
    """Ends a session, as its owner does who signs out, or an administrator."""
    with store.transaction(of="door") as cursor:
        if touched(cursor, "update sessions set ended_at = $at, ended_by = $by where session::varchar = $session and ended_at is null",
                   {"at": now(), "by": by, "session": session.id}):
            audit.add(cursor, by, "signed_out" if by == session.account.name else "session_ended", login=session.account.login)


def _lasts(session: Session) -> bool:
    """Whether time has not ended it."""
    return now() < session.expires_at and now() - session.seen_at < IDLE


def _open(store: Store) -> dict[str, Session]:
    """The sessions that nobody has ended, by the digest of their secret; time may have."""
    return store.remember("sessions", lambda: {
        digest: Session(id, of_row(account), began, seen, expires, address, browser)
        for digest, id, began, seen, expires, address, browser, *account in store.ask_rows(
            f"""select s.digest, s.session::varchar, s.began_at, s.seen_at, s.expires_at, s.address, s.browser, {COLUMNS}
                from sessions s join accounts a using (account)
                where s.ended_at is null and s.expires_at > $at and not a.is_disabled order by s.seen_at desc""",
            {"at": now()})}, of="door")
