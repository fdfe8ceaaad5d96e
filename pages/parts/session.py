"""Who is looking, and at which store. The only place where a page learns either."""

from __future__ import annotations

import getpass
import os
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import streamlit as st

from data import accounts, election, policy, sessions
from data.accounts import ROLES, Account
from data.database import usual
from data.domains import DOMAINS
from data.election import Election
from data.places import Places
from data.provider import Provider, load as load_provider
from data.scope import Scope
from data.store import Store
from pages.entrance.address import COOKIE, Address

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Viewer:
    """A person who looks: what they may see, the place at which they begin, the name under which what they do is kept, the
    districts and domains that they may submit for, and whether what they settle may be remembered for every sender.
    `has_account` is false where the program is shown on its own computer, to whoever sits there. Accounts are made
    on the command line first: with the first one, whoever sits there without one is sent to the sign-in page."""

    scope: Scope
    home: str
    name: str
    may_submit: Scope
    may_teach: bool = True
    has_account: bool = False
    administers: bool = False
    login: str = ""


    @property
    def files(self) -> Scope:
        """What they may see of files and submissions: those of their places, and whatever they handed in themselves."""
        return replace(self.scope, own=self.name, submits=self.may_submit.districts)


class SignedOut(Exception):
    """Whoever asks has no session, or none any more."""


def store() -> Store:
    """The one store of this process: READINESS_DB, with the election of READINESS_ELECTION.

    Raises ElectionError or StoreError, whose sentences say what to do.
    """
    return _opened(*(os.environ.get(name, "") for name in ("READINESS_DB", "READINESS_FILES", "READINESS_ELECTION")))


@lru_cache
def _opened(database: str, files: str, election_path: str) -> Store:
    """The store of what these variables hold; they are read in what is called here."""
    return Store(usual(), election.load(election_file(election_path), DOMAINS))


def keep_policy() -> None:
    """Keeps the election's file as it is now among the versions that there were."""
    policy.keep(store(), election_file().read_text(encoding="utf-8-sig"), by=_name())
    follow_policy()


def follow_policy() -> None:
    """Answers by the policy that another server has published since, where several share the store."""
    policy.follow(store(), election_file())


def election_file(path: str | None = None) -> Path:
    """Where the policy stands: in the file of READINESS_ELECTION, unless another is named."""
    return _resolved(os.environ.get("READINESS_ELECTION", "") if path is None else path)


@lru_cache
def _resolved(path: str) -> Path:
    return Path(path or ROOT / "data" / "election.toml").resolve()


def address() -> Address:
    """Under which address people reach the program: that of READINESS_URL. AddressError if it is none that can be served safely."""
    return Address.of(os.environ.get("READINESS_URL", ""))


def provider() -> Provider | None:
    """Where an organisation's own people sign in: what READINESS_OIDC names, None where it names nothing. ProviderError for a mistake in it."""
    path = os.environ.get("READINESS_OIDC", "")
    return load_provider(Path(path), store().election) if path else None


def boundaries() -> Path:
    """Where an operator's boundary file stands once it is installed."""
    return ROOT / "data" / "boundaries" / "districts.geojson"


def viewer() -> Viewer:
    """Who is looking: the account whose session the browser's cookie is of. SignedOut if it is of none.

    As long as nobody has an account, the program is shown on its own computer alone, and whoever sits there sees the whole country.
    """
    held = store()
    if not accounts.are_there(held):
        return everybody(held.election.places)
    session = sessions.found(held, st.context.cookies.get(address().cookie(COOKIE), ""))
    if session is None:
        raise SignedOut
    return held.remember(("viewer", session.account), lambda: viewer_of(held.election, session.account))


def viewer_of(election: Election, account: Account) -> Viewer:
    """What whoever has that account may see and do."""
    places, scope = election.places, accounts.scope_of(election, account.sees)
    may_submit = replace(accounts.scope_of(election, account.submits), domains=frozenset(account.domains))
    return Viewer(scope, _home(places, scope), account.name, may_submit, may_teach=may_submit.covers(places, places.country.code), has_account=True,
                  administers=ROLES[account.role].administers, login=account.login)


def _home(places: Places, scope: Scope) -> str:
    """The widest place of which the whole may be seen, the first of several; the country for who sees nothing."""
    widest = (places.country, *places.provinces, *places.districts)
    return next((place.code for place in widest if scope.districts and scope.covers(places, place.code)), places.country.code)


@lru_cache(maxsize=4)
def everybody(places: Places) -> Viewer:
    """Whoever sits at this computer, while nobody has an account."""
    everything = Scope.everything(places)
    return Viewer(everything, places.country.code, _name(), may_submit=everything)


def _name() -> str:
    """READINESS_SENDER, or the name under which the program runs on this computer."""
    try:
        return os.environ.get("READINESS_SENDER") or getpass.getuser()
    except (KeyError, OSError):
        return "this computer"
