"""What tests start from: the shipped election, an empty store, a store that holds the example election, and a page in a browser."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, expect
from streamlit.testing.v1 import AppTest

from data.database import Embedded
from data.domains import DOMAINS
from data.election import Election, load
from data.scope import Scope
from data.store import Store
from loaders.example import load as load_example
from pages.parts import session
from tests.browsing import PATIENCE, SIZES, Watched, chromium

ELECTION = Path(__file__).parents[1] / "data" / "election.toml"
pytest_plugins = ["tests.over_shared"]
START = Path(__file__).parents[1] / "pages" / "start.py"
OpenPage = Callable[..., AppTest]

# How long an example takes depends on what else the machine does.
settings.register_profile("beside others", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("beside others")


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
    """A database file that holds the example election, closed. It is shared: copy it before writing to it.

    Tests that run beside one another in several processes share it too: the first that needs it makes it, the others wait.
    """
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    path = folder / "example.duckdb"
    with (folder / "example.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            _make_example(folder / "half.duckdb", election).rename(path)
    return path


def _make_example(path: Path, election: Election) -> Path:
    store = Store(Embedded(path), election)
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


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's own Chromium, without the requests that a browser makes for itself."""
    return browser_type_launch_args | {
        "executable_path": chromium(), "args": ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]}


@pytest.fixture
def size() -> str:
    """How large the window is. A test that asks for several sizes is parametrized with this name."""
    return "wide"


@pytest.fixture
def scheme() -> str:
    """Light or dark, likewise."""
    return "light"


@pytest.fixture
def watched(browser: Browser, server: str, size: str, scheme: str) -> Iterator[Watched]:
    """A new page in a window of its own, over the dashboard that the test's file serves as `server`."""
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    context.set_default_timeout(PATIENCE * 1000)
    expect.set_options(timeout=PATIENCE * 1000)
    yield Watched(context.new_page(), server)
    context.close()


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenPage]:
    """Opens a page over a store: `open_page(store, "province", place="PK7")`."""

    def opened(store: Store, page: str, **query: str) -> AppTest:
        monkeypatch.setattr(session, "store", lambda: store)
        app = AppTest.from_file(str(START), default_timeout=60)
        for name, value in query.items():
            app.query_params[name] = value
        if page != "national":
            app.switch_page(f"readiness/{page}.py")
        return app.run()

    yield opened
