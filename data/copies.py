"""A copy of a database: all its rows as they were at one moment, in a file of its own, with a manifest beside it that says what must be in it.

A copy is a database of this program: it can be opened, asked and moved as any other.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from typing import NamedTuple

import duckdb

from data.database import NAME, StoreError, engine, quoted
from data.migrations import applied

_FORM = 1  # of a manifest
_OLD = 86_400  # seconds after which nobody still writes to a part of a copy
Columns = list[tuple[str, str, bool]]  # name, type, and whether it may be empty
Progress = Callable[[str], None]


class CopyError(StoreError):
    """A copy can't be made, or is not whole; the message says why and what to do."""


class Held(NamedTuple):
    """What a table holds: its rows, and a number that depends on each of them and not on their order."""

    rows: int
    sum: str


@dataclass(frozen=True)
class Copy:
    """A copy and what must be in it. `step` is the last migration that had been applied; `engine` is the version of DuckDB that counted
    the sums, which another version may count otherwise."""

    file: Path
    taken_at: datetime
    step: int
    engine: str
    size: int
    sha256: str
    tables: dict[str, Held]

    @property
    def rows(self) -> int:
        """All rows of all tables."""
        return sum(table.rows for table in self.tables.values())


def write(cursor: duckdb.DuckDBPyConnection, file: Path, at: datetime, progress: Progress = lambda step: None) -> Copy:
    """Writes all tables that a connection sees, at one moment, into a new file, and its manifest. CopyError where that fails."""
    name = token_hex(4)
    part, alias = file.with_name(f"{file.name}-{name}.part"), f"copy_{name}"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        _clear(file.parent)
        with attached(cursor, part, alias):
            cursor.begin()
            try:
                step, tables, columns = applied(cursor), {}, columns_of(cursor, NAME)
                for table in columns:
                    progress(table)
                    copy(cursor, table, columns[table], NAME, alias)
                    tables[table] = held(cursor, table, columns[table], NAME)
                    if held(cursor, table, columns[table], alias) != tables[table]:
                        raise CopyError(f"The copy of {table} differs from what was copied. Take it again; if it fails again, the disk is not sound.")
                cursor.commit()
            except BaseException:
                cursor.rollback()
                raise
            cursor.execute(f"checkpoint {alias}")
        made = Copy(file, at, step, duckdb.__version__, part.stat().st_size, _sha256(part), tables)
        _write_manifest(made)  # before the copy has its name: whoever is killed between leaves no copy that nobody can verify
        settle(part, file)
    except (duckdb.Error, OSError) as error:
        raise CopyError(f"No backup was taken: {file.parent} can't be written to, most likely because its disk is full. "
                          "Nothing else was touched. Make room, or name another folder with READINESS_BACKUPS.") from error
    finally:
        remove(part)
    return made


def verify(file: Path) -> Copy:
    """Reads a copy through: its bytes are those that were written, and every table holds what its manifest says. CopyError if not."""
    told = _read_manifest(file)
    if file.stat().st_size != told.size or _sha256(file) != told.sha256:
        raise CopyError(f"{file.name} is not the file that was written: it was cut off or changed since. Use another backup.")
    if told.engine == duckdb.__version__:  # the sums of another version are its own; the bytes are right
        with closing(engine(file.parent)) as root:
            try:
                root.execute(f"attach {quoted(str(file))} as {NAME} (read_only)")
                root.execute(f"use {NAME}")
                found = {table: held(root, table, columns, NAME) for table, columns in columns_of(root, NAME).items()}
            except duckdb.Error as error:
                raise CopyError(f"{file.name} can't be opened: it is damaged. Use another backup.") from error
        if found != told.tables:
            wrong = min(table for table in found.keys() | told.tables.keys() if found.get(table) != told.tables.get(table))
            raise CopyError(f"The table {wrong} of {file.name} does not hold what was written. Use another backup.")
    return told


@contextmanager
def attached(cursor: duckdb.DuckDBPyConnection, file: Path, alias: str, *, read_only: bool = False) -> Iterator[None]:
    cursor.execute(f"attach {quoted(str(file))} as {alias}{' (read_only)' if read_only else ''}")
    try:
        yield
    finally:
        cursor.execute(f"detach {alias}")


def columns_of(cursor: duckdb.DuckDBPyConnection, database: str) -> dict[str, Columns]:
    """The columns of each table of an attached database, in the order of the tables' names."""
    found: dict[str, Columns] = {}
    for table, name, kind, may_be_empty in cursor.execute(
        "select table_name, column_name, data_type, is_nullable from duckdb_columns() join duckdb_tables() using (database_name, schema_name, table_name) "
        "where database_name = $database and schema_name = 'main' order by table_name, column_index", {"database": database}).fetchall():
        found.setdefault(table, []).append((name, kind, may_be_empty))
    return found


def copy(cursor: duckdb.DuckDBPyConnection, table: str, columns: Columns, source: str, target: str) -> None:
    """Copies a table between two attached databases, making it where it is not there."""
    made = ", ".join(f'"{name}" {kind}{"" if may_be_empty else " not null"}' for name, kind, may_be_empty in columns)
    names = ", ".join(f'"{name}"' for name, _, _ in columns)
    cursor.execute(f'create table if not exists {target}.main."{table}" ({made})')
    cursor.execute(f'insert into {target}.main."{table}" ({names}) select {names} from {source}.main."{table}"')


def held(cursor: duckdb.DuckDBPyConnection, table: str, columns: Columns, database: str) -> Held:
    """What a table of an attached database holds, by these columns."""
    names = ", ".join(f'"{name}"' for name, _, _ in sorted(columns))
    rows, total = cursor.execute(f'select count(*), coalesce(sum(hash({names})), 0)::varchar from {database}.main."{table}"').fetchone()
    return Held(rows, total)


def held_otherwise(cursor: duckdb.DuckDBPyConnection, table: str, columns: Columns, one: str, other: str) -> bool:
    """Whether two attached databases hold a table differently, by the sums of its rows."""
    return held(cursor, table, columns, one) != held(cursor, table, columns, other)


def differ(cursor: duckdb.DuckDBPyConnection, table: str, columns: Columns, one: str, other: str) -> bool:
    """Whether two attached databases hold a table differently, row by row."""
    names = ", ".join(f'"{name}"' for name, _, _ in columns)
    mine, theirs = (f'select {names} from {database}.main."{table}"' for database in (one, other))
    return cursor.execute(f"select 1 from (({mine} except all {theirs}) union all ({theirs} except all {mine})) limit 1").fetchone() is not None


def manifest(file: Path) -> Path:
    """Where the manifest of a copy stands."""
    return file.with_name(f"{file.name}.json")


def _write_manifest(made: Copy) -> None:
    told = {"form": _FORM, "taken_at": made.taken_at.isoformat(), "step": made.step, "engine": made.engine, "size": made.size, "sha256": made.sha256,
            "tables": {table: list(found) for table, found in made.tables.items()}}
    part = manifest(made.file).with_name(f"{manifest(made.file).name}.part")
    part.write_text(json.dumps(told, indent=1), encoding="utf-8")
    settle(part, manifest(made.file))


def _read_manifest(file: Path) -> Copy:
    if not file.is_file():
        raise CopyError(f"There is no file {file}.")
    try:
        told = json.loads(manifest(file).read_text(encoding="utf-8"))
        return Copy(file, datetime.fromisoformat(told["taken_at"]), int(told["step"]), str(told["engine"]), int(told["size"]), str(told["sha256"]),
                      {table: Held(int(rows), str(total)) for table, (rows, total) in told["tables"].items()})
    except FileNotFoundError:
        raise CopyError(f"{manifest(file).name}, which says what must be in {file.name}, is not beside it. Bring both.") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise CopyError(f"{manifest(file).name} is not a manifest of a backup, or was changed. Use another backup.") from None


def settle(part: Path, file: Path) -> None:
    """Gives a whole file its name, so that it is there after a power cut or not at all."""
    part.chmod(0o600)
    for path in (part, part.parent):
        opened = os.open(path, os.O_RDONLY)
        os.fsync(opened)
        os.close(opened)
        if path == part:
            os.replace(part, file)


def _clear(folder: Path) -> None:
    """Removes what somebody left there half-written who was killed."""
    for part in folder.glob("*.part*"):
        if time.time() - part.stat().st_mtime > _OLD:
            part.unlink(missing_ok=True)


def remove(database: Path) -> None:
    """Removes a database's files, where they are."""
    for suffix in ("", ".wal"):
        Path(f"{database}{suffix}").unlink(missing_ok=True)


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
