"""Accounts: who may sign in, what they see, what they submit for. Accounts are disabled, never deleted."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from itertools import chain, count
from secrets import token_urlsafe
from typing import Any

import duckdb

from data import audit, passwords
from data.election import Election
from data.scope import Scope
from data.store import Store, new_id, now, touched

INVITED_FOR = timedelta(days=3)
_OVERTAKEN = "The password was changed meanwhile, or the account put out of use. Sign in again, then do this once more."
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
COLUMNS = "a.account::varchar, a.login, a.name, a.role, a.sees, a.submits, a.domains, a.is_disabled, a.password is not null, coalesce(a.issuer, ''), coalesce(a.subject, '')"  # of `accounts a`, for `of_row`


class AccountError(Exception):
    """An account can't be as it was asked for; the message says why and what to do."""


@dataclass(frozen=True)
class Role:
    """What the accounts of a kind may be given. `sees` and `submits` are the levels of their places: "country", "province",
    "district", "any" or "none"; `same` is whether they submit for the very places that they see."""

    name: str
    sees: str
    submits: str = "none"
    same: bool = False
    administers: bool = False


ROLES = {role.name: role for role in (
    Role("commission", sees="country"),
    Role("provincial", sees="province"),
    Role("district", sees="district", submits="district", same=True),
    Role("analyst", sees="any", submits="any"),
    Role("administrator", sees="any", administers=True),
)}


@dataclass(frozen=True)
class Account:
    """One account: places by their codes, domains by their names. Nobody signs in to it until it `has_password`, or at the provider of the
    `issuer` as the `subject`. One that somebody has just signed in to tells by what, as the digest of what is kept of it."""

    id: str
    login: str
    name: str
    role: str
    sees: tuple[str, ...]
    submits: tuple[str, ...]
    domains: tuple[str, ...]
    is_disabled: bool = False
    has_password: bool = False
    issuer: str = ""
    subject: str = ""
    opened_with: str = field(default="", compare=False, repr=False)


def accounts(store: Store) -> tuple[Account, ...]:
    """All accounts by their names, disabled ones too."""
    return tuple(of_row(row) for row in store.ask_rows(f"select {COLUMNS} from accounts a order by lower(a.name), a.login", {}))


def account(store: Store, id: str) -> Account | None:
    """The account of that id."""
    return next((one for one in accounts(store) if one.id == id), None)


def are_there(store: Store) -> bool:
    """Whether anybody has an account, so that whoever comes must sign in."""
    return store.remember("accounts", lambda: bool(store.ask_rows("select 1 from accounts limit 1", {})), of="door")


def scope_of(election: Election, codes: tuple[str, ...]) -> Scope:
    """The districts of an account's places; of a place that the election no longer has, none."""
    return Scope.of(election.places, [code for code in codes if code in election.places])


def make(store: Store, wanted: Account, *, by: str) -> Account:
    """Makes an account as wanted, but for its id and without a password. AccountError if it can't be."""
    made = _proper(store, wanted)
    with store.transaction(of="door") as cursor:
        return _make(cursor, made, by=by)


def change(store: Store, seen: Account, wanted: Account, *, by: str) -> Account:
    """Gives an account another name, role, places, or takes it out of use; its sessions end with that. What an issuer tells of somebody
    is not changed here. AccountError if it can't be, or is no longer what was `seen` of it."""
    changed = replace(wanted, id=seen.id, login=seen.login, has_password=seen.has_password, issuer=seen.issuer, subject=seen.subject)
    if changed != replace(seen, is_disabled=True):  # that can be done to any, also to one of a place that is gone
        changed = _proper(store, changed)
    if seen.issuer and changed != replace(seen, is_disabled=changed.is_disabled):
        raise AccountError(f"What {seen.name} may do is said by {seen.issuer}: change it there. Here the account can be put out of use.")
    with store.transaction(of="door") as cursor:
        return _change(cursor, seen, changed, by=by)


def invite(store: Store, id: str, *, by: str, forgets_second_factor: bool = False) -> str:
    """The secret of a new link with which an account's password is chosen once, within three days. Earlier links are void. For who has
    lost their telephone as well, it `forgets_second_factor`."""
    secret = token_urlsafe(32)
    with store.transaction(of="door") as cursor:
        invited = _found(cursor, id)
        if invited.is_disabled:
            raise AccountError(f"The account {invited.login} is out of use. Put it into use first.")
        if invited.issuer:
            raise AccountError(f"{invited.name} signs in at {invited.issuer}, and has no password here.")
        _void_links(cursor, invited)
        cursor.execute("insert into invitations values ($digest, $account, $at, $by, $expires, null, $forgets)",
                       {"digest": digest(secret), "account": id, "at": now(), "by": by, "expires": now() + INVITED_FOR, "forgets": forgets_second_factor})
        audit.add(cursor, by, "invited", login=invited.login, second_factor="forgotten" if forgets_second_factor else "")
    return secret


def invited(store: Store, secret: str) -> Account | None:
    """The account that a link's secret is for, while the link is good."""
    return _invited(store.ask_rows, secret)


def choose_password(store: Store, secret: str, password: str) -> Account:
    """Sets the password of the account that a link is for; its sessions and tokens end, and its second factor where the link says so.
    AccountError if the link or the password is not good."""
    account = invited(store, secret)
    if account is None:
        raise AccountError("This link is no longer good: it was used, another was made, or its three days are over. Ask your administrator for a new one.")
    kept = _hashed(store, account, password)
    with store.transaction(of="door") as cursor:
        if _invited(lambda sql, parameters: cursor.execute(sql, parameters).fetchall(), secret) is None:
            raise AccountError("This link was used just now. Ask your administrator for a new one.")
        cursor.execute("update invitations set used_at = $at where digest = $digest", {"at": now(), "digest": digest(secret)})
        forgets, = cursor.execute("select forgets_second_factor from invitations where digest = $digest", {"digest": digest(secret)}).fetchone()
        if forgets:
            remove_second_factor(cursor, account, by=account.name)
        _set_password(cursor, account, kept)
    return replace(account, has_password=True)


def change_password(store: Store, account: Account, password: str) -> None:
    """Sets another password of an account that was just signed in to with the old one; its sessions, tokens and links end. AccountError
    if the password is not good, or the old one was changed meanwhile."""
    kept = _hashed(store, account, password)
    with store.transaction(of="door") as cursor:
        refuse_overtaken(cursor, account)
        _set_password(cursor, account, kept)


def _hashed(store: Store, account: Account, password: str) -> str:
    """What is kept of a password for that account. AccountError if it is not good."""
    if wrong := passwords.fault(password, (account.login, account.name, store.election.name, store.election.places.country.name)):
        raise AccountError(wrong)
    return passwords.hashed(password)


def _set_password(cursor: duckdb.DuckDBPyConnection, account: Account, kept: str) -> None:
    cursor.execute("update accounts set password = $kept where account = $account", {"kept": kept, "account": account.id})
    _void_links(cursor, account)
    end_sessions(cursor, account.id, by=account.name)
    end_tokens(cursor, account, by=account.name)  # whoever knew the old password may have made them
    audit.add(cursor, account.name, "password_chosen", login=account.login)


def signs_in(store: Store, login: str, password: str) -> Account | None:
    """The account that this name and password open; None where there is none, whatever of it is wrong."""
    rows = store.ask_rows(f"select {COLUMNS}, a.password from accounts a where a.login = $login", {"login": login.strip().lower()[:64]})
    *row, kept = rows[0] if rows else (None,)
    is_right, anew = passwords.matches(password, kept)
    if not is_right or row[7]:
        return None
    if anew:
        with store.transaction(of="door") as cursor:
            done = touched(cursor, "update accounts set password = $anew where login = $login and password = $kept", {"anew": anew, "login": row[1], "kept": kept})
        if not done:  # another sign-in has done so in this moment, or the password was changed
            return signs_in(store, login, password)
    return replace(of_row(row), opened_with=opened_by(anew or kept, None, None))


def vouched(store: Store, told: Account, *, by: str) -> Account | None:
    """The account of whom an issuer has just told this: made the first time, changed where the issuer now says otherwise, None where it was
    put out of use here. AccountError if what is told can't be an account."""
    with store.transaction(of="door") as cursor:  # one at a time: two first sign-ins of one person make one account
        found = _of_issuer(cursor, told.issuer, told.subject)
        if found is None:
            found = _make(cursor, _proper(store, replace(told, **_free(cursor, told))), by=by)
        elif found.is_disabled:
            return None
        else:
            wanted = _proper(store, replace(found, role=told.role, sees=told.sees, submits=told.submits, domains=told.domains))
            found = found if wanted == found else _change(cursor, found, wanted, by=by)
    return replace(found, opened_with=opened_by(None, told.issuer, told.subject))


def no_longer_vouched(store: Store, issuer: str, subject: str, *, by: str) -> None:
    """Ends the sessions and tokens of somebody to whom, as an issuer has just told of them, nothing is given any more."""
    with store.transaction(of="door") as cursor:
        if found := _of_issuer(cursor, issuer, subject):
            if end_sessions(cursor, found.id, by=by):
                audit.add(cursor, by, "session_ended", login=found.login)
            end_tokens(cursor, found, by=by)


def _of_issuer(cursor: duckdb.DuckDBPyConnection, issuer: str, subject: str) -> Account | None:
    row = cursor.execute(f"select {COLUMNS} from accounts a where a.issuer = $issuer and a.subject = $subject", {"issuer": issuer, "subject": subject}).fetchone()
    return of_row(row) if row else None


def opened_by(password: str | None, issuer: str | None, subject: str | None) -> str:
    """By what an account is opened, of what is kept of it."""
    return digest(password or f"{issuer}\n{subject}") if password or issuer else ""


def is_open(cursor: duckdb.DuckDBPyConnection, account: Account) -> bool:
    """Whether what an account was just signed in to with still opens it, within a transaction."""
    kept = cursor.execute("select password, issuer, subject from accounts where account::varchar = $account and not is_disabled", {"account": account.id}).fetchone()
    return kept is not None and bool(account.opened_with) and opened_by(*kept) == account.opened_with


def refuse_overtaken(cursor: duckdb.DuckDBPyConnection, account: Account) -> None:
    """AccountError where it does not any more."""
    if not is_open(cursor, account):
        raise AccountError(_OVERTAKEN)


def digest(secret: str) -> str:
    """What is kept of a secret that is too long to be guessed."""
    return sha256(secret.encode()).hexdigest()


def of_row(row: Sequence[Any]) -> Account:
    """The account that stands in a row of COLUMNS."""
    id, login, name, role, sees, submits, domains, is_disabled, has_password, issuer, subject = row
    return Account(id, login, name, role, tuple(sees), tuple(submits), tuple(domains), is_disabled, has_password, issuer, subject)


def end_sessions(cursor: duckdb.DuckDBPyConnection, account: str, *, by: str, but: str | None = None) -> bool:
    """Ends all sessions of an account within a transaction, `but` one; whether there were any."""
    return touched(
        cursor, "update sessions set ended_at = $at, ended_by = $by where account = $account and ended_at is null and ($but is null or session::varchar <> $but)",
        {"at": now(), "by": by, "account": account, "but": but}) > 0


def end_tokens(cursor: duckdb.DuckDBPyConnection, account: Account, *, by: str, only: str | None = None) -> None:
    """Ends all tokens of an account within a transaction, or only one."""
    lasting = "account = $account and ended_at is null and expires_at > $at and ($only is null or token::varchar = $only)"
    asked = {"at": now(), "account": account.id, "only": only}
    names = cursor.execute(f"select name from tokens where {lasting}", asked).fetchall()
    cursor.execute(f"update tokens set ended_at = $at, ended_by = $by where {lasting}", asked | {"by": by})
    for name, in names:
        audit.add(cursor, by, "token_ended", login=account.login, token=name)


def remove_second_factor(cursor: duckdb.DuckDBPyConnection, account: Account, *, by: str) -> None:
    """Has an account ask for its password alone, within a transaction."""
    if touched(cursor, "delete from second_factors where account = $account", {"account": account.id}):
        audit.add(cursor, by, "second_factor_removed", login=account.login)


def _void_links(cursor: duckdb.DuckDBPyConnection, account: Account) -> None:
    cursor.execute("update invitations set expires_at = $at where account = $account and used_at is null and expires_at > $at", {"account": account.id, "at": now()})


def _proper(store: Store, wanted: Account) -> Account:
    """The account with its texts trimmed, its role's own places put in. AccountError for what can't be."""
    role = ROLES.get(wanted.role)
    if role is None:
        raise AccountError(f"There is no role {wanted.role}. The roles are {', '.join(ROLES)}.")
    login, name = wanted.login.strip().lower(), " ".join(wanted.name.split())
    if not _LOGIN.fullmatch(login):
        raise AccountError("A sign-in name has 2 to 64 small letters, digits, dots, dashes or @, and begins with a letter or digit.")
    if not 2 <= len(name) <= 80 or not name.isprintable():
        raise AccountError("An account needs its person's or office's name, of 2 to 80 characters.")
    places = store.election.places
    sees = (places.country.code,) if role.sees == "country" else wanted.sees
    submits = sees if role.same else wanted.submits if role.submits != "none" else ()
    for codes, level in ((sees, role.sees), (submits, role.submits)):
        for code in codes:
            if code not in places:
                raise AccountError(f"There is no place {code} in this election.")
            if level not in ("any", "none", places[code].level):
                raise AccountError(f"The role {role.name} is for places of the level {level}, and {places[code].name} is a {places[code].level}.")
    if not sees and not submits and not role.administers:
        raise AccountError(f"The role {role.name} needs at least one place to see{'' if role.submits == 'none' or role.same else ' or to submit for'}.")
    known = [domain.name for domain in store.election.domains]
    if unknown := [name for name in wanted.domains if name not in known]:
        raise AccountError(f"There is no domain {unknown[0]}. The domains are {', '.join(known)}.")
    domains = tuple(name for name in known if name in wanted.domains) if submits else ()
    if submits and not domains:
        raise AccountError("Who submits needs at least one domain to submit for.")
    return replace(wanted, login=login, name=name, sees=sees, submits=submits, domains=domains)


def _kept(account: Account) -> dict[str, Any]:
    return {"login": account.login, "name": account.name, "role": account.role, "sees": list(account.sees), "submits": list(account.submits),
            "domains": list(account.domains)}


def _told(account: Account) -> dict[str, Any]:
    """An account as the audit tells of it."""
    return {name: ", ".join(value) if isinstance(value, list) else value for name, value in _kept(account).items()}


def _make(cursor: duckdb.DuckDBPyConnection, wanted: Account, *, by: str) -> Account:
    """Makes a proper account within a transaction."""
    if cursor.execute("select 1 from accounts where login = $login", {"login": wanted.login}).fetchone():
        raise AccountError(f"There is an account {wanted.login} already. Take another sign-in name, or change that account.")
    _name_is_free(cursor, wanted)
    made = replace(wanted, id=new_id(cursor), is_disabled=False, has_password=False)
    cursor.execute("insert into accounts values ($id, $login, $name, $role, $sees, $submits, $domains, false, null, $at, $by, $issuer, $subject)",
                   _kept(made) | {"id": made.id, "at": now(), "by": by, "issuer": made.issuer or None, "subject": made.subject or None})
    audit.add(cursor, by, "account_made", **_told(made))
    return made


def _change(cursor: duckdb.DuckDBPyConnection, seen: Account, changed: Account, *, by: str) -> Account:
    """Changes an account within a transaction to another proper one, and ends its sessions."""
    before = _found(cursor, seen.id)
    if before != seen:
        raise AccountError(f"Somebody else has changed {before.name} meanwhile. Look at the account again, then change it.")
    _name_is_free(cursor, changed)
    if before.role == "administrator" and before.has_password and (changed.role != "administrator" or changed.is_disabled) and not _others(cursor, before):
        raise AccountError("This is the only administrator who can sign in. Make another one first.")
    cursor.execute(
        """update accounts set name = $name, role = $role, sees = $sees, submits = $submits, domains = $domains, is_disabled = $is_disabled
           where account = $account""",
        {name: value for name, value in _kept(changed).items() if name != "login"} | {"account": seen.id, "is_disabled": changed.is_disabled})
    end_sessions(cursor, seen.id, by=by)
    if changed.is_disabled:
        end_tokens(cursor, changed, by=by)
    act = "account_changed" if before.is_disabled == changed.is_disabled else "account_disabled" if changed.is_disabled else "account_enabled"
    audit.add(cursor, by, act, **_told(changed))
    return changed


def _found(cursor: duckdb.DuckDBPyConnection, id: str) -> Account:
    row = cursor.execute(f"select {COLUMNS} from accounts a where a.account::varchar = $account", {"account": id}).fetchone()
    if row is None:
        raise AccountError("There is no such account.")
    return of_row(row)


def _name_is_free(cursor: duckdb.DuckDBPyConnection, account: Account) -> None:
    """AccountError where another account bears the name, or has borne it: it stands beside all that was done, and by it somebody sees
    the files that they handed in."""
    borne = [json.loads(about) for (about,) in cursor.execute("select about from audit where act in ('account_made', 'account_changed')").fetchall()]
    if any(one["name"].lower() == account.name.lower() and one["login"] != account.login for one in borne):
        raise AccountError(f"Another account bears the name {account.name}, or has borne it. What is done is told under its name, so two must differ.")


def _free(cursor: duckdb.DuckDBPyConnection, told: Account) -> dict[str, str]:
    """A sign-in name and a name for whom an issuer tells of, which nobody else bears or has borne: their own where they can."""
    borne = [json.loads(about) for (about,) in cursor.execute("select about from audit where act in ('account_made', 'account_changed')").fetchall()]
    # A name under which files were handed in without an account shows these files to whoever bears it.
    senders = cursor.execute("select laid_by from desk union select done_by from events union select left_by from departures union select sender from submissions").fetchall()
    logins, names = {one["login"] for one in borne}, {one["name"].lower() for one in borne} | {name.lower() for name, in senders}
    login = next(one for one in chain([told.login], (f"{told.login[:58]}-{number}" for number in count(2))) if one not in logins)
    return {"login": login, "name": told.name if told.name.lower() not in names else f"{told.name[:77 - len(login)]} ({login})"}


def _others(cursor: duckdb.DuckDBPyConnection, account: Account) -> bool:
    """Whether somebody else can sign in and administer."""
    return bool(cursor.execute(
        "select 1 from accounts where role = 'administrator' and not is_disabled and password is not null and account::varchar <> $account limit 1",
        {"account": account.id}).fetchone())


def _invited(ask: Callable[[str, dict[str, Any]], list[tuple]], secret: str) -> Account | None:
    rows = ask(f"select {COLUMNS} from accounts a join invitations i using (account) "
               "where i.digest = $digest and i.used_at is null and i.expires_at > $at and not a.is_disabled",
               {"digest": digest(secret), "at": now()})
    return of_row(rows[0]) if rows else None
