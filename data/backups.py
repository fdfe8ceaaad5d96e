"""Backups: copies of all that a store holds, taken while people work, kept in a folder, and put in its place again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from shutil import copyfile

import duckdb

from data import audit
from data.copies import Copy, CopyError, Progress, attached, columns_of, copy, differ, held_otherwise, manifest, remove, settle, verify, write
from data.database import NAME, Database, Embedded, StoreError, StoreInUse, engine
from data.election import Election
from data.migrations import LATEST
from data.store import Store, now

_NOTED = "last_backup"  # the setting that says when the last one was taken


def take(store: Store, *, by: str, progress: Progress = lambda step: None) -> Copy:
    """Writes a backup into the folder of backups while the store is used, verifies it, and notes that it was taken.

    CopyError, and nothing is left behind, where it can't be written.
    """
    at = now()
    file = store.database.backups / f"readiness-{at:%Y%m%dT%H%M%S}-{token_hex(2)}.duckdb"
    with closing(store.cursor()) as cursor:
        made = write(cursor, file, at, progress)
    progress("Verifying")
    verify(file)
    with store.transaction(of="door") as cursor:
        cursor.execute("delete from settings where name = $name", {"name": _NOTED})
        cursor.execute("insert into settings values ($name, $at)", {"name": _NOTED, "at": at.isoformat()})
        audit.add(cursor, by, "backed_up", file=file.name, rows=made.rows, sha256=made.sha256)
    return made


def last_taken(store: Store) -> datetime | None:
    """When the last backup was taken (UTC), None where none was."""
    found = store.remember("last_backup", lambda: store.ask_rows("select max(try_cast(value as timestamp)) from settings where name = $name", {"name": _NOTED}), of="door")
    return found[0][0]


def taken(database: Database) -> list[Path]:
    """The backups in a database's folder of backups, the newest first."""
    return sorted(database.backups.glob("readiness-*.duckdb"), reverse=True)


def prune(database: Database, keep: int) -> list[Path]:
    """Removes all but the newest backups; those that were removed. The backup before an upgrade has another name, and stays."""
    old = taken(database)[max(keep, 1):]
    for file in old:
        file.unlink(missing_ok=True)
        manifest(file).unlink(missing_ok=True)
    return old


def restore(file: Path, database: Database, election: Election, *, by: str, progress: Progress = lambda step: None) -> tuple[Copy, Path | None]:
    """Puts a backup in the place of all that a database holds, which no program may have open meanwhile; the backup, and where what stood in
    an embedded database is kept.

    An older backup is brought to what this version knows. All sessions end. CopyError or StoreError, and what stood there stands, where it
    can't be done.
    """
    progress("Verifying")
    told = verify(file)
    if told.step > LATEST:
        raise CopyError(f"{file.name} was taken by a newer version of this program (step {told.step}, this version knows {LATEST}). Restore it with that version.")
    if isinstance(database, Embedded) and database.exists:
        with _nobodys(database):  # said before the work, not after it
            pass
    if not isinstance(database, Embedded):
        with closing(Store(database, election)) as store:
            _fill(store, file, told, by=by, progress=progress)
        return told, None
    part = database.path.with_name(f"{database.path.name}.restoring")
    remove(part)
    try:
        with closing(Store(Embedded(part), election)) as store:
            _fill(store, file, told, by=by, progress=progress)
            _fold_in(store, database)
        return told, _replace(part, database)
    finally:
        remove(part)


def move(source: Database, target: Database, election: Election, *, by: str, progress: Progress = lambda step: None) -> Copy:
    """Copies all that one database holds into another, in which nothing has been done yet, and compares every row; what was copied. No program
    may have either open meanwhile. CopyError or StoreError, and the target is left as it was, where it can't be done."""
    with closing(Store(target, election)) as held_there:
        if held_there.ask_rows("select 1 from submissions union all select 1 from accounts union all select 1 from audit limit 1", {}):
            raise CopyError(f"{target} holds something already. Move into a database in which nothing has been done yet.")
        file = source.backups / f"moving-{token_hex(4)}.duckdb"
        try:
            with closing(Store(source, election)) as held_here, closing(held_here.cursor()) as cursor:
                told = write(cursor, file, now(), progress)
            _fill(held_there, file, told, by=by, progress=progress, exactly=True)
        finally:
            remove(file)
            manifest(file).unlink(missing_ok=True)
    return told


def _fill(store: Store, file: Path, told: Copy, *, by: str, progress: Progress, exactly: bool = False) -> None:
    """Has a store hold what a backup holds, and nothing else; `exactly` compares row with row, else the sums of all rows."""
    with _at_hand(file, told, store) as source, closing(store.cursor()) as outside, attached(outside, source, "restored", read_only=True):
        columns = columns_of(outside, "restored")
        with store.transaction() as cursor:
            for table in columns_of(cursor, NAME):
                if table not in columns and table != "migrations":
                    cursor.execute(f'delete from {NAME}."{table}"')
            for table, names in columns.items():
                if table == "migrations":  # those of the store that is filled are true of it
                    continue
                progress(table)
                if table in columns_of(cursor, NAME):
                    cursor.execute(f'delete from {NAME}."{table}"')
                copy(cursor, table, names, "restored", NAME)
                if (differ if exactly else held_otherwise)(cursor, table, names, NAME, "restored"):
                    raise CopyError(f"What was restored of {table} differs from the backup. Nothing was changed; try again.")
            cursor.execute("update sessions set ended_at = $at, ended_by = $by where ended_at is null", {"at": now(), "by": by})
            audit.add(cursor, by, "recovered", file=file.name, taken_at=told.taken_at.isoformat(), sha256=told.sha256)


@contextmanager
def _at_hand(file: Path, told: Copy, store: Store) -> Iterator[Path]:
    """The backup where it lies in the folder of backups and is of this version; else one made of it, there and brought to this version."""
    folder = store.database.backups
    if told.step == LATEST and file.resolve().parent == folder:
        yield file
        return
    made = folder / f"restoring-{token_hex(4)}.duckdb"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        copyfile(file, made)
        if told.step < LATEST:
            Store(Embedded(made), store.election, keeps_before=False).close()
        yield made
    except OSError as error:
        raise CopyError(f"{file.name} can't be copied to {folder}: {(error.strerror or str(error)).lower()}. Nothing was changed.") from error
    finally:
        remove(made)


def _fold_in(store: Store, database: Embedded) -> None:
    """Has all that a file's log holds stand in the file, which alone is given the database's name. When it is closed nobody would be told
    that this failed."""
    with closing(store.cursor()) as cursor:
        try:
            cursor.execute(f"checkpoint {NAME}")
        except duckdb.Error as error:
            raise CopyError(f"Nothing was restored: {database.path.parent} can't be written to, most likely because its disk is full. "
                            "What stood there stands. Make room, then do this again.") from error


def _replace(part: Path, database: Embedded) -> Path | None:
    """Puts a file in the place of a database, and what stood there beside it under another name."""
    if not database.exists:
        settle(part, database.path)
        return None
    kept = database.path.with_name(f"{database.path.name}.before-restore-{now():%Y%m%dT%H%M%S}")
    with _nobodys(database):
        for suffix in (".wal", ""):
            if (old := Path(f"{database.path}{suffix}")).exists():
                old.rename(f"{kept}{suffix}")
        settle(part, database.path)
    return kept


@contextmanager
def _nobodys(database: Embedded) -> Iterator[None]:
    """Keeps everybody else from opening a database. StoreInUse if somebody has it; one that is damaged nobody can have."""
    with closing(engine(database.path.parent)) as root:
        try:
            database.attach(root, read_only=True)
        except StoreInUse as error:
            raise StoreInUse(f"{database} is in use by another process, such as the dashboard. Stop that first; nothing was changed.") from error
        except StoreError:
            pass  # it is damaged, which is why a backup is put in its place
        yield
