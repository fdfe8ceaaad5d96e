"""What tests start from: the shipped election, an empty store, and a store that holds the example election."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from data.domains import DOMAINS
from data.election import Election, load
from data.scope import Scope
from data.store import Store
from loaders.example import load as load_example
from tests.browsing import chromium

ELECTION = Path(__file__).parents[1] / "data" / "election.toml"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's own Chromium, without the requests that a browser makes for itself."""
    return browser_type_launch_args | {
        "executable_path": chromium(), "args": ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]}


@pytest.fixture(scope="session")
def election() -> Election:
    """The shipped election with all its domains."""
    return load(ELECTION, DOMAINS)


@pytest.fixture(scope="session")
def everything(election: Election) -> Scope:
    """The scope of the whole country."""
    return Scope.everything(election.places)


@pytest.fixture
def store(tmp_path: Path, election: Election) -> Iterator[Store]:
    """An empty store."""
    store = Store(tmp_path / "readiness.duckdb", election)
    yield store
    store.close()


@pytest.fixture(scope="session")
def example_store_path(tmp_path_factory: pytest.TempPathFactory, election: Election) -> Path:
    """A database file that holds the example election, closed. It is shared: copy it before writing to it."""
    path = tmp_path_factory.mktemp("example") / "readiness.duckdb"
    store = Store(path, election)
    load_example(store)
    store.close()
    return path


@pytest.fixture
def example(tmp_path: Path, example_store_path: Path, election: Election) -> Iterator[Store]:
    """A store of one's own that holds the example election."""
    path = tmp_path / "example.duckdb"
    shutil.copyfile(example_store_path, path)
    store = Store(path, election)
    yield store
    store.close()
