"""Who is looking, and at which store. The only place where a page learns either."""

from __future__ import annotations

import getpass
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from data import election
from data.domains import DOMAINS
from data.places import Places
from data.scope import Scope
from data.store import Store

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Viewer:
    """A person who looks: what they may see, the place at which they begin, the name under which what they do is kept, the
    districts that they may submit for, and whether what they settle may be remembered for every sender."""

    scope: Scope
    home: str
    name: str
    may_submit: Scope
    may_teach: bool = True


def store() -> Store:
    """The one store of this process: READINESS_DB, with the election of READINESS_ELECTION.

    Raises ElectionError or StoreError, whose sentences say what to do.
    """
    return _opened(os.environ.get("READINESS_DB", ""), os.environ.get("READINESS_ELECTION", ""))


@lru_cache
def _opened(database: str, policy: str) -> Store:
    path = Path(database or ROOT / "data" / "readiness.duckdb").resolve()
    return Store(path, election.load(Path(policy or ROOT / "data" / "election.toml").resolve(), DOMAINS))


def boundaries() -> Path:
    """Where an operator's boundary file stands once it is installed."""
    return ROOT / "data" / "boundaries" / "districts.geojson"


def viewer() -> Viewer:
    """Who is looking. The example is served on loopback without signing in: its viewer sees the whole country."""
    return _everybody(store().election.places)


@lru_cache(maxsize=4)
def _everybody(places: Places) -> Viewer:
    everything = Scope.everything(places)
    return Viewer(everything, places.country.code, _name(), may_submit=everything)


def _name() -> str:
    """READINESS_SENDER, or the name under which the program runs on this computer."""
    try:
        return os.environ.get("READINESS_SENDER") or getpass.getuser()
    except (KeyError, OSError):
        return "this computer"
