"""Tokens: with what a program comes in, in the name of an account. A token does less than its account or as much, never more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe

from data import audit
from data.accounts import COLUMNS, ROLES, Account, AccountError, digest, end_tokens, of_row, scope_of
from data.scope import Scope
from data.store import Store, now

PREFIX = "readiness-"  # by which a token that has leaked is recognised
MAY = ("figures", "submissions", "metrics")  # read figures and history, hand in files, read how the program is doing
LONGEST, LONGEST_OUTSIDE = 366, 31  # days for which a token may be good; for an account of which an issuer is asked only at its sign-in
_MOST = 20  # tokens of an account at a time
_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Token:
    """One token without its secret: what it is for, what may be done with it, the place to which it is narrowed. Times are UTC."""

    id: str
    account: Account
    name: str
    may: tuple[str, ...]
    place: str
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None


def possible(account: Account) -> tuple[str, ...]:
    """What a token of that account can be for."""
    held = {"figures": bool(account.sees), "submissions": bool(account.submits), "metrics": ROLES[account.role].administers}
    return tuple(name for name in MAY if held[name])


def longest(account: Account) -> int:
    """For how many days at most a token of that account may be good."""
    return LONGEST_OUTSIDE if account.issuer else LONGEST


def make(store: Store, account: Account, *, name: str, may: tuple[str, ...], days: int, place: str = "", session: str | None = None) -> str:
    """A new token of an account, which tells it this once. `place` narrows it to one place; AccountError if it can't be made, or the
    `session` in which it was asked for has ended meanwhile."""
    places, name = store.election.places, " ".join(name.split())
    place = place or places.country.code
    if not 2 <= len(name) <= 80 or not name.isprintable():
        raise AccountError("Say in 2 to 80 characters what the token is for, such as the name of the program.")
    if not may or not set(may) <= set(possible(account)):
        raise AccountError("A token needs something that may be done with it, and that its account may do.")
    if not 1 <= days <= longest(account):
        raise AccountError(f"A token is good for 1 to {longest(account)} days.")
    if place not in places:
        raise AccountError(f"There is no place {place} in this election.")
    for what, codes in (("figures", account.sees), ("submissions", account.submits)):
        if what in may and not scope_of(store.election, codes).within(places, place).districts:
            raise AccountError(f"The account {'sees nothing of' if what == 'figures' else 'submits nothing for'} {places[place].name}.")
    secret = PREFIX + token_urlsafe(32)
    with store.transaction(of="door") as cursor:
        at = now()
        expires = at + timedelta(days=days)
        held, = cursor.execute("select count(*) from tokens where account = $account and ended_at is null and expires_at > $at", {"account": account.id, "at": at}).fetchone()
        if held >= _MOST:
            raise AccountError(f"An account has at most {_MOST} tokens at a time. End one first.")
        if not cursor.execute("select 1 from accounts where account = $account and not is_disabled", {"account": account.id}).fetchone():
            raise AccountError("The account is out of use.")
        if session and not cursor.execute("select 1 from sessions where session::varchar = $session and ended_at is null", {"session": session}).fetchone():
            raise AccountError("You are signed out. Sign in again, then make the token.")
        cursor.execute("insert into tokens values (uuidv7(), $digest, $account, $name, $may, $place, $at, $expires, null, null, null)",
                       {"digest": digest(secret), "account": account.id, "name": name, "may": list(may), "place": place, "at": at, "expires": expires})
        audit.add(cursor, account.name, "token_made", token=name, may=", ".join(may), place=place, expires=expires.date().isoformat())
    return secret


def found(store: Store, secret: str) -> Token | None:
    """The token with that secret; None where there is none, or it has ended. It costs no query while none is made or ends."""
    token = _open(store).get(digest(secret))
    return token if token and now() < token.expires_at else None


def good(store: Store, account: str | None = None) -> tuple[Token, ...]:
    """The tokens that have not ended, the newest first: of everybody, or of one account."""
    every = (token for token in _open(store).values() if now() < token.expires_at and account in (None, token.account.id))
    return tuple(sorted(every, key=lambda token: token.made_at, reverse=True))


def by_id(store: Store, id: str) -> Token | None:
    """The token of that id, while it is good."""
    return next((token for token in good(store) if token.id == id), None)


def scope_to_see(store: Store, token: Token) -> Scope:
    """The districts that may be seen with a token: what its account sees now, within the token's place."""
    return within(store, token, scope_of(store.election, token.account.sees))


def within(store: Store, token: Token, scope: Scope) -> Scope:
    """A scope narrowed to the place of a token; nothing where the election no longer has that place."""
    places = store.election.places
    return scope.within(places, token.place) if token.place in places else Scope(frozenset())


def touch(store: Store, token: Token) -> None:
    """Notes that a token is used."""
    if token.used_at is None or now() - token.used_at >= _NOTED_EVERY:
        with store.transaction(of="door") as cursor:
            cursor.execute("update tokens set used_at = $at where token::varchar = $token", {"at": now(), "token": token.id})


def end(store: Store, token: Token, *, by: str) -> None:
    """Ends a token, as its owner does, or an administrator."""
    with store.transaction(of="door") as cursor:
        end_tokens(cursor, token.account, by=by, only=token.id)


def _open(store: Store) -> dict[str, Token]:
    """The tokens that nobody has ended, by the digest of their secret; time may have."""
    return store.remember("tokens", lambda: {
        digest: Token(id, of_row(account), name, tuple(may), place, made, expires, used)
        for digest, id, name, may, place, made, expires, used, *account in store.ask_rows(
            f"""select t.digest, t.token::varchar, t.name, t.may, t.place, t.made_at, t.expires_at, t.used_at, {COLUMNS}
                from tokens t join accounts a using (account)
                where t.ended_at is null and t.expires_at > $at and not a.is_disabled""", {"at": now()})}, of="door")
