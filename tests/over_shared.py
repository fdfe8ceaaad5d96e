"""The suite over the shared store: with `--shared`, every store that a test opens by the path of a file lies in PostgreSQL and Parquet instead.

A file that is there already, such as a copy of the example, is moved over when it is first opened, as `python -m data move` does; which database
belongs to which path is remembered while the tests run. Left out are tests that start a server or a command of their own, and, by the marker
`of_a_file`, those that are about the file itself.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from itertools import count
from pathlib import Path
from unittest.mock import patch

import pytest

from benchmarks.postgres import ELECTION, Postgres, serving
from data import backups, database, store
from data.database import Embedded, Shared
from data.domains import DOMAINS
from data.election import load
from data.store import Store

# The files of tests that open their stores in their own process, and by a path.
OVER_EITHER = frozenset({"accounts", "audit", "disagreements", "figures", "files_seen", "holds", "oracle", "rows", "scope", "tokens"})
_LARGE = 5_000_000  # bytes: a file of that size is moved once, and then copied within PostgreSQL, however many tests copy it


class Elsewhere:
    """Where the store of each path lies in one PostgreSQL; called with a path as `Embedded` is."""

    def __init__(self, postgres: Postgres, folder: Path) -> None:
        self._postgres, self._folder = postgres, folder
        self._numbers = count()
        self._of: dict[Path, Shared] = {}
        self._moved: dict[str, Path] = {}  # where the files lie of what was moved of a large file, by what is in it; its database has the folder's name

    def __call__(self, path: Path) -> Shared | Embedded:
        """The database that stands for the file of that path; the file itself where it is one of a backup."""
        if path.name == ":memory:" or ".duckdb" not in path.name:
            return Embedded(path)
        if path not in self._of:
            self._of[path] = self._moved_over(path) if path.exists() else self._new()
        return self._of[path]

    def forget(self, folder: Path) -> None:
        """Removes the databases of all paths in a folder."""
        for path in [path for path in self._of if path.is_relative_to(folder)]:
            gone = self._of.pop(path)
            self._postgres.query(f'drop database "{Path(gone.files).name}" with (force)')
            shutil.rmtree(gone.files, ignore_errors=True)

    def _new(self) -> Shared:
        name = f"store{next(self._numbers)}"
        return self._postgres.database(name, self._folder / name)

    def _moved_over(self, path: Path) -> Shared:
        if path.stat().st_size < _LARGE:
            return self._filled(path, self._new())
        if (held := sha256(path.read_bytes()).hexdigest()) not in self._moved:
            self._moved[held] = Path(self._filled(path, self._new()).files)
        files, name = self._moved[held], f"store{next(self._numbers)}"
        return self._postgres.copy(files.name, files, name, self._folder / name)

    def _filled(self, path: Path, there: Shared) -> Shared:
        with patch.object(store, "Embedded", Embedded):
            backups.move(Embedded(path), there, load(ELECTION, DOMAINS), by="The tests")
            with closing(Store(there, load(ELECTION, DOMAINS))) as moved, moved.transaction() as cursor:  # that it was moved is not part of what a test finds
                cursor.execute("delete from audit where number = (select max(number) from audit)")
        return there


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--shared`."""
    parser.addoption("--shared", action="store_true", help="over the shared store (PostgreSQL and Parquet) instead of a file")


def pytest_configure(config: pytest.Config) -> None:
    """The marker."""
    config.addinivalue_line("markers", "of_a_file: is about the file of an embedded store")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what is not for either store."""
    if config.getoption("--shared"):
        taken = [item for item in items if item.path.stem.removeprefix("test_") in OVER_EITHER and not item.get_closest_marker("of_a_file")]
        config.hook.pytest_deselected(items=[item for item in items if item not in taken])
        items[:] = taken


@pytest.fixture(scope="session", autouse=True)
def stores_elsewhere(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Elsewhere | None]:
    """With `--shared`, has every store lie in a PostgreSQL of this process's own."""
    if not request.config.getoption("--shared"):
        yield None
        return
    folder = tmp_path_factory.mktemp("elsewhere")
    with serving() as postgres, patch.dict(os.environ, {"READINESS_BACKUPS": str(folder / "backups")}):
        elsewhere = Elsewhere(postgres, folder)
        with patch.object(store, "Embedded", elsewhere), patch.object(database, "Embedded", elsewhere):
            yield elsewhere


@pytest.fixture(autouse=True)
def stores_forgotten(stores_elsewhere: Elsewhere | None, request: pytest.FixtureRequest) -> Iterator[None]:
    """With `--shared`, removes what a test's own folder stood for: a database of PostgreSQL takes eight megabytes."""
    folder = request.getfixturevalue("tmp_path") if stores_elsewhere else None
    yield
    if stores_elsewhere:
        stores_elsewhere.forget(folder)
