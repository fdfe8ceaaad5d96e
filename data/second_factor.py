"""The second factor of an account of the program's own: codes of six digits from a telephone (TOTP, RFC 6238), each good once."""

from __future__ import annotations

import time
from hmac import compare_digest

import pyotp

from data import audit
from data.accounts import Account, AccountError, end_sessions, refuse_overtaken, remove_second_factor
from data.store import Store, now

_STEP = 30  # seconds for which a code is shown
_SLACK = (-1, 0, 1)  # steps by which a telephone's clock may be off


def new_secret() -> str:
    """A secret to be shared with a telephone's program: 160 bits in base 32."""
    return pyotp.random_base32()


def uri(secret: str, account: Account, program: str) -> str:
    """The secret as such programs take it from a picture, with the names that they show beside the code."""
    return pyotp.TOTP(secret, interval=_STEP).provisioning_uri(name=account.login, issuer_name=program)


def is_set(store: Store, account: Account) -> bool:
    """Whether the account asks for a code besides its password."""
    held = store.remember("second_factors", lambda: {one for one, in store.ask_rows("select account::varchar from second_factors", {})}, of="door")
    return account.id in held


def set_up(store: Store, account: Account, secret: str, code: str, *, session: str | None = None) -> None:
    """Has an account that was just signed in to ask for codes of that secret from now on; its other sessions than `session` end.
    AccountError if the code is not one of it, for then the telephone has another; if codes are asked for already, which a code alone
    takes away; or if the password was changed meanwhile."""
    step = _step_of(secret, code)
    if step is None:
        raise AccountError("This is not the code that is shown just now. Look at the telephone again, and whether its clock is right.")
    with store.transaction(of="door") as cursor:
        refuse_overtaken(cursor, account)
        if cursor.execute("select 1 from second_factors where account = $account", {"account": account.id}).fetchone():
            raise AccountError("Codes of a telephone are asked for already. Take them away first, with a code of the one that you have.")
        end_sessions(cursor, account.id, by=account.name, but=session)
        cursor.execute("insert into second_factors values ($account, $secret, $at, $step)", {"account": account.id, "secret": secret, "at": now(), "step": step})
        audit.add(cursor, account.name, "second_factor_set", login=account.login)


def passes(store: Store, account: Account, code: str) -> bool:
    """Whether this is a code of the account's that is good now. It is not afterwards."""
    with store.transaction(of="door") as cursor:
        kept = cursor.execute("select secret, used_step from second_factors where account = $account", {"account": account.id}).fetchone()
        step = _step_of(kept[0], code) if kept else None
        if step is None or step <= kept[1]:
            return False
        cursor.execute("update second_factors set used_step = $step where account = $account", {"step": step, "account": account.id})
    return True


def remove(store: Store, account: Account, *, session: str | None = None) -> None:
    """Has an account that was just signed in to ask for its password alone again; its other sessions than `session` end. AccountError if
    the password was changed meanwhile."""
    with store.transaction(of="door") as cursor:
        refuse_overtaken(cursor, account)
        remove_second_factor(cursor, account, by=account.name)
        end_sessions(cursor, account.id, by=account.name, but=session)


def _step_of(secret: str, code: str) -> int | None:
    """The thirty seconds of which this is the code, among those about now."""
    told, step = "".join(code.split()), int(time.time()) // _STEP
    codes = pyotp.TOTP(secret, interval=_STEP)
    return next((step + off for off in _SLACK if compare_digest(codes.at((step + off) * _STEP).encode(), told.encode())), None)
