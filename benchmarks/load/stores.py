"""The stores that a crowd's servers have: for each step a copy of the example of its own, as a file or within a PostgreSQL."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from benchmarks.intake import shipped_election
from benchmarks.postgres import serving
from data.backups import move
from data.database import Database, Embedded

Copies = Callable[[str], Database]  # a new copy under that name


def copied(example: Path, path: Path) -> Path:
    """A copy of a store that nobody has open, with what DuckDB keeps beside it."""
    for end in ("", ".wal"):
        if (told := example.with_name(f"{example.name}{end}")).exists():
            shutil.copyfile(told, path.with_name(f"{path.name}{end}"))
    return path


@contextmanager
def as_files(example: Path, folder: Path) -> Iterator[Copies]:
    """Copies that are files in a folder."""
    yield lambda name: Embedded(copied(example, folder / f"{name}.duckdb"))


@contextmanager
def in_postgres(example: Path, folder: Path) -> Iterator[Copies]:
    """Copies that several servers can share, in a PostgreSQL that lasts as long as the block, their files in a folder."""
    with serving() as postgres, patch.dict(os.environ, {"READINESS_BACKUPS": str(folder / "backups")}):
        shared, files = postgres.database("example", folder / "example", has_tables=False), folder / "example"
        move(Embedded(copied(example, folder / "moved.duckdb")), shared, shipped_election(), by="The load generator")
        yield lambda name: postgres.copy("example", files, name, folder / name)
