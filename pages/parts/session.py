"""Who is looking, and at which store. The only place where a page learns either."""

from __future__ import annotations

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
    """A person who looks: what they may see, and the place at which they begin."""

    scope: Scope
    home: str


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
    return Viewer(Scope.everything(places), places.country.code)
