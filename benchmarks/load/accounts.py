"""Accounts for a crowd, and a session of each of its people, made in the store before the server has it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks.intake import shipped_election
from benchmarks.load.target import Visitor
from data import accounts, sessions, tokens
from data.accounts import ROLES, Account
from data.database import Database
from data.store import Store
from pages.entrance.address import COOKIE, cookie

SESSIONS_EACH = 20  # at most, of an account at a time
_BY, _ISSUER = "The load generator", "https://directory.example.org"


@dataclass(frozen=True)
class Admitted:
    """What opens the door: the cookies of each person of the crowd, in their order, and the token with which an analyst hands files in."""

    cookies: list[dict[str, str]]
    token: str


def admit(database: Path | Database, visitors: Sequence[Visitor]) -> Admitted:
    """Gives each visitor a session, of as many accounts as that takes, and an analyst a token."""
    with closing(Store(database, shipped_election())) as store:
        held: defaultdict[tuple[str, str], list[Account]] = defaultdict(list)
        seen: defaultdict[tuple[str, str], int] = defaultdict(int)
        cookies = []
        for visitor in visitors:
            key = visitor.role.name, visitor.place.code
            if seen[key] % SESSIONS_EACH == 0:
                held[key].append(_account(store, *key, number=len(held[key]) + 1))
            seen[key] += 1
            secret = sessions.begin(store, held[key][-1], address="127.0.0.1", browser=_BY)
            cookies.append({cookie(COOKIE, is_safe=False): secret})
        handing_in = _account(store, "analyst", store.election.places.country.code, number=0)
        return Admitted(cookies, tokens.make(store, handing_in, name="The analyst's program", may=("figures", "submissions"), days=1))


def _account(store: Store, role: str, place: str, *, number: int) -> Account:
    """A new account for whom a directory vouches, so that no password has to be hashed."""
    submits = (place,) if ROLES[role].submits != "none" else ()
    domains = tuple(domain.name for domain in store.election.domains) if submits else ()
    login, name = f"{role}-{place}-{number}".lower(), f"{role.capitalize()} of {store.election.places[place].name} {number}"
    return accounts.vouched(store, Account("", login, name, role, (place,), submits, domains, issuer=_ISSUER, subject=login), by=_BY)
