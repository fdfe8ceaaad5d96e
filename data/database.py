"""Where the store's tables lie: in a file that one process opens, or shared by several servers.

Both are attached to an engine in memory under the same name, so that every question is the same SQL over either.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.resources import files as files_of
from pathlib import Path
from shutil import disk_usage
from tempfile import gettempdir
from typing import ClassVar, Protocol
from urllib.parse import urlsplit

import duckdb

NAME = "readiness"  # under which the tables are known, whatever they lie in
SHARED = "ducklake:postgres:"  # how the address of a shared database begins
_CATALOGUE = "catalogue"  # the shared database's PostgreSQL, asked directly
_TURN = 5_140_371  # the advisory lock that whoever writes to a shared database holds
_PATIENCE = 120  # seconds for which one waits for it: longer than the largest commit takes
_INLINED = 1_000  # rows of an insert that are kept in PostgreSQL rather than in a file of their own, until the next compaction: more take longer than a file


class StoreError(Exception):
    """The database can't be opened, or not be written to; the message says why and what to do."""


class StoreInUse(StoreError):
    """Another process has the database open."""


class Database(Protocol):
    """What a store needs of the place where its tables lie. `str` of it says which it is, without a password."""

    is_shared: ClassVar[bool]

    @property
    def address(self) -> str:
        """By which `database` finds it again. It may hold a password."""

    @property
    def folder(self) -> Path | None:
        """The folder of this machine in which it lies, None where it lies elsewhere."""

    @property
    def backups(self) -> Path:
        """The folder of its backups: that of READINESS_BACKUPS, else one beside it, or for a shared one in the program's own folder."""

    @property
    def exists(self) -> bool:
        """False where it is to be made yet."""

    def open(self) -> duckdb.DuckDBPyConnection:
        """An engine with the tables attached, made if there are none, and no way to any other file. StoreError if it can't be opened."""

    def turn(self, root: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """Lets nobody else write until the block ends. StoreError where it is somebody else's turn for too long."""

    def mark(self, cursor: duckdb.DuckDBPyConnection, matter: str) -> None:
        """Says of an open transaction that it touches no figure, but the desk or the door."""

    def settle(self, root: duckdb.DuckDBPyConnection) -> None:
        """Makes firm what was changed in the tables themselves."""

    def unwritten(self, error: duckdb.Error) -> str:
        """Why something could not be written, and what to do."""

    def unread(self, error: duckdb.Error) -> str:
        """Why something could not be read, and what to do."""

    def size(self, cursor: duckdb.DuckDBPyConnection) -> tuple[int, int | None]:
        """The bytes that it takes, and those that its disk has left, None where that can't be told."""

    def compact(self, cursor: duckdb.DuckDBPyConnection, keep: timedelta) -> str:
        """Tidies up what is kept beside the rows, all but what is younger than `keep`; a sentence about it."""

    def committed(self, root: duckdb.DuckDBPyConnection) -> tuple[int, int, int]:
        """Three numbers that grow with every commit of another process: with those that touch figures, with these and those of the desk,
        and with any."""


@dataclass(frozen=True)
class Embedded:
    """A file of this machine, which belongs to the one process that has opened it."""

    path: Path
    is_shared: ClassVar[bool] = False

    def __str__(self) -> str:
        return str(self.path)

    @property
    def address(self) -> str:
        """See `Database`."""
        return str(self.path)

    @property
    def folder(self) -> Path | None:
        """See `Database`."""
        return self.path.parent

    @property
    def backups(self) -> Path:
        """See `Database`."""
        return _backups(self.path.parent)

    @property
    def exists(self) -> bool:
        """See `Database`."""
        return self.path.exists()

    def open(self) -> duckdb.DuckDBPyConnection:
        """See `Database`. StoreInUse if another process has it."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{self.path.parent} can't be made, in which the database is to lie: {(error.strerror or str(error)).lower()}.") from error
        root = engine(self.path.with_name(f"{self.path.name}.tmp"))
        try:
            self.attach(root)
        except StoreError:
            root.close()
            raise
        with suppress(OSError):  # where it belongs to another user, who has decided who may read it
            self.path.chmod(0o600)
        _shut(root, self.backups)
        return root

    def attach(self, root: duckdb.DuckDBPyConnection, *, read_only: bool = False) -> None:
        """Attaches the file to an engine. StoreError if it can't be opened, StoreInUse if another process has it."""
        try:
            root.execute(f"attach {quoted(str(self.path))} as {NAME}{' (read_only)' if read_only else ''}")
        except duckdb.Error as error:
            told = str(error)
            if "Could not set lock" in told:
                raise StoreInUse(f"{self.path} is in use by another process that takes no commands, such as an older dashboard or one of "
                                 "another user. Use that one, or stop it first.") from error
            raise StoreError(f"{self.path} can't be opened: {next((words for sign, words in _UNOPENED.items() if sign in told), _DAMAGED)}") from error

    @contextmanager
    def turn(self, root: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """See `Database`: nobody else can have the file."""
        yield

    def mark(self, cursor: duckdb.DuckDBPyConnection, matter: str) -> None:
        """See `Database`: whoever committed it knows."""

    def settle(self, root: duckdb.DuckDBPyConnection) -> None:
        """See `Database`: it is firm when it is committed."""

    def unwritten(self, error: duckdb.Error) -> str:
        """See `Database`."""
        if isinstance(error, duckdb.OutOfMemoryException):
            return _TOO_LITTLE_MEMORY
        return f"{self.path} can't be written to: most likely its disk is full. Make room, then do this again."

    def unread(self, error: duckdb.Error) -> str:
        """See `Database`."""
        return "Its disk can't be read, or it is damaged. Look at the disk; if it is sound, stop the program and restore a backup."

    def size(self, cursor: duckdb.DuckDBPyConnection) -> tuple[int, int | None]:
        """See `Database`: the file with the log of what it has not folded in yet."""
        return sum(_bytes_of(Path(f"{self.path}{suffix}")) for suffix in ("", ".wal")), disk_usage(self.path.parent).free

    def compact(self, cursor: duckdb.DuckDBPyConnection, keep: timedelta) -> str:
        """See `Database`: its log is written into the file."""
        cursor.execute(f"checkpoint {NAME}")
        return f"{self.path} is tidy: {self.path.stat().st_size / 1e6:,.1f} MB."

    def committed(self, root: duckdb.DuckDBPyConnection) -> tuple[int, int, int]:
        """See `Database`: there is no other process."""
        return 0, 0, 0


@dataclass(frozen=True)
class Shared:
    """A catalogue in PostgreSQL with the rows in Parquet files, in a folder or a bucket that every server reaches (DuckLake).

    `reached` says how PostgreSQL is reached, in the words of its own clients; `files` is the folder or `s3://…`, '' for the one with which
    the database was made.
    """

    reached: str = field(repr=False)
    files: str = ""
    is_shared: ClassVar[bool] = True

    def __str__(self) -> str:
        return SHARED + _without_password(self.reached)

    @property
    def address(self) -> str:
        """See `Database`."""
        return SHARED + self.reached

    @property
    def folder(self) -> Path | None:
        """See `Database`."""
        return None

    @property
    def backups(self) -> Path:
        """See `Database`."""
        return _backups(Path(__file__).parent)

    @property
    def exists(self) -> bool:
        """See `Database`: whether it does is PostgreSQL's to say, when it is opened."""
        return True

    def open(self) -> duckdb.DuckDBPyConnection:
        """See `Database`."""
        root = engine(Path(gettempdir()) / f"readiness-{os.getpid()}.tmp")
        try:
            for extension in ("ducklake", "postgres_scanner", "httpfs"):  # the last for a bucket, which the catalogue may name
                root.execute(f"load {quoted(_extension(extension))}")
            if secret := _bucket_secret():
                root.execute(secret)
            root.execute(f"attach {quoted(self.reached)} as {_CATALOGUE} (type postgres)")
            # Two commits never merge: who began before another ended is told so, and nothing of theirs is stored.
            root.execute("set ducklake_max_retry_count = 0")
            with self.turn(root):  # two servers that start at once would both make the tables
                told = f", data_path {quoted(self.files)}" if self.files else ""
                root.execute(f"attach {quoted(self.address)} as {NAME} (data_inlining_row_limit {_INLINED}{told})")
            (folder,), = root.execute(f"select value from postgres_query('{_CATALOGUE}', 'select value from ducklake_metadata where key = ''data_path''')").fetchall()
        except duckdb.Error as error:
            root.close()
            raise StoreError(f"{self} can't be opened. {self._reason(error)}") from error
        _shut(root, folder, self.backups)
        return root

    @contextmanager
    def turn(self, root: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """See `Database`. The turn is a lock of PostgreSQL's, which ends with whoever held it."""
        with closing(root.cursor()) as waiting:
            try:
                waiting.begin()
                waiting.execute(f"""from postgres_query('{_CATALOGUE}',
                    'select set_config(''lock_timeout'', ''{_PATIENCE}s'', true), pg_advisory_xact_lock({_TURN})::varchar')""").fetchall()
            except duckdb.Error as error:
                raise StoreError(f"Nothing was stored. {self.unwritten(error)}") from error
            try:
                yield
            finally:
                with suppress(duckdb.Error):  # PostgreSQL is gone, and the lock with it
                    waiting.rollback()

    def mark(self, cursor: duckdb.DuckDBPyConnection, matter: str) -> None:
        """See `Database`: it is written beside the commit, where the other servers read it."""
        cursor.execute(f"call {NAME}.set_commit_message(null, null, extra_info => {quoted(matter)})")

    def settle(self, root: duckdb.DuckDBPyConnection) -> None:
        """See `Database`. The catalogue keeps rows of small inserts by the columns that a table had then; another server that was told of such
        a place must not find it gone, so it is emptied before there is another. What was handed in is large, and goes into files at once:
        PostgreSQL took four seconds for a workbook of five megabytes."""
        root.execute(f"call ducklake_flush_inlined_data('{NAME}')")
        root.execute(f"call {NAME}.set_option('data_inlining_row_limit', 0, table_name => 'files')")

    def unwritten(self, error: duckdb.Error) -> str:
        """See `Database`."""
        if isinstance(error, duckdb.OutOfMemoryException):
            return _TOO_LITTLE_MEMORY
        told = said(error)
        if "lock timeout" in told:
            return f"Another server has been writing for {_PATIENCE} seconds. Do this again in a moment."
        if "ducklake_snapshot_pkey" in told or "conflict" in told.lower():
            return "Another server stored something at the same moment. Do this again."
        if _OF_A_BUCKET in told:
            return f"{_NO_BUCKET} Do this again when it can be."
        if "connect" in told.lower():
            return "PostgreSQL, which keeps what is stored, does not answer. Do this again when it does."
        return f"It could not be written: most likely the disk of PostgreSQL or of the files is full, or they can't be reached ({self}). Mend that, then do this again."

    def unread(self, error: duckdb.Error) -> str:
        """See `Database`."""
        told = said(error)
        if _OF_A_BUCKET in told:
            return f"{_NO_BUCKET} What is stored is safe; the pages come back when it can be."
        if any(sign in told.lower() for sign in ("connect", "server", "ssl")):
            return "PostgreSQL, which keeps what is stored, does not answer. What is stored is safe; the pages come back when it does."
        return "PostgreSQL does not answer, or the files can't be reached. What is stored is safe; the pages come back when they can."

    def size(self, cursor: duckdb.DuckDBPyConnection) -> tuple[int, int | None]:
        """See `Database`: the files and the catalogue."""
        (taken, folder), = cursor.execute(f"""from postgres_query('{_CATALOGUE}',
            'select pg_database_size(current_database()) + coalesce((select sum(file_size_bytes) from ducklake_data_file), 0)::bigint,
                (select value from ducklake_metadata where key = ''data_path'')')""").fetchall()
        return taken, disk_usage(folder).free if Path(folder).is_dir() else None

    def compact(self, cursor: duckdb.DuckDBPyConnection, keep: timedelta) -> str:
        """See `Database`: small inserts, which PostgreSQL holds, go into files, small files into larger ones, rows that were replaced out of
        them; then snapshots are forgotten, and files that none needs. A file of a commit that is under way is younger than a day."""
        written = sum(rows for _, _, rows in cursor.execute(f"call ducklake_flush_inlined_data('{NAME}')").fetchall())
        cursor.execute(f"call ducklake_merge_adjacent_files('{NAME}')")
        cursor.execute(f"call ducklake_rewrite_data_files('{NAME}')")
        cursor.execute(f"call ducklake_expire_snapshots('{NAME}', older_than => now() - to_seconds({keep.total_seconds()}))")
        cursor.execute(f"call ducklake_cleanup_old_files('{NAME}', older_than => now() - interval '1 day')")
        cursor.execute(f"call ducklake_delete_orphaned_files('{NAME}', older_than => now() - interval '1 day')")
        (files, size), = cursor.execute(f"""from postgres_query('{_CATALOGUE}',
            'select count(*), coalesce(sum(file_size_bytes), 0)::bigint from ducklake_data_file where end_snapshot is null')""").fetchall()
        return f"{self} is tidy: {written:,} rows were written into files, which are now {files:,} of {size / 1e6:,.1f} MB."

    def committed(self, root: duckdb.DuckDBPyConnection) -> tuple[int, int, int]:
        """See `Database`. Snapshots are numbered in the order of their commits; old ones may have been expired."""
        found, = root.execute(f"""from postgres_query('{_CATALOGUE}',
            'select coalesce(max(snapshot_id) filter (where coalesce(commit_extra_info, '''') not in (''desk'', ''door'')), min(snapshot_id)) as figures,
                coalesce(max(snapshot_id) filter (where commit_extra_info is distinct from ''door''), min(snapshot_id)) as desk, max(snapshot_id) as every
             from ducklake_snapshot_changes')""").fetchall()
        return found

    def _reason(self, error: duckdb.Error) -> str:
        told = str(error)
        if "DATA_PATH" in told.upper():
            return ("READINESS_FILES must name the folder or bucket with which it was made, and must be named when it is made: "
                    "a folder that every server reaches, or s3://BUCKET/FOLDER.")
        if "connect" in told or "connection" in told:
            return "PostgreSQL does not answer there, or does not let this program in. What is stored is safe. Start PostgreSQL, or correct READINESS_DB."
        return "It is not a database of this program, or it is damaged."


def said(error: duckdb.Error) -> str:
    """What a database says of a failure. Of one that quotes what it was asked, such as PostgreSQL of a commit, in which all stands that was to be
    written, no more than the words of SIGNS, wherever the quotation may end."""
    told = str(error)
    begin = told.find(_QUOTED)
    if begin < 0:
        return told
    end = max(told.rfind('": ERROR:'), told.rfind('": FATAL:'), begin)
    return f"{told[:begin]}: {', '.join(sign for sign in SIGNS if sign in told[end:])}"


def database(text: str) -> Database:
    """The database of that address: the path of a file, or `ducklake:postgres:` and how PostgreSQL is reached, its files in READINESS_FILES."""
    if text.startswith(SHARED):
        return Shared(text.removeprefix(SHARED), os.environ.get("READINESS_FILES", ""))
    return Embedded(Path(text).resolve())


def usual() -> Database:
    """The database of READINESS_DB; where that names none, the one in the program's own folder."""
    return database(os.environ.get("READINESS_DB") or str(Path(__file__).with_name("readiness.duckdb")))


_QUOTED = ' query "'  # how DuckDB begins to quote what it asked PostgreSQL
SIGNS = ("ducklake_snapshot_pkey", "conflict", "lock timeout", "No space left on device", "File too large", "could not extend file", "could not write",
         "server closed the connection", "terminating connection", "connection to server", "could not connect", "no connection to the server", "SSL", "out of memory", "permission denied")
_OF_A_BUCKET = "HTTP"  # what DuckDB says of what it asked over the network
_NO_BUCKET = "The bucket with the files can't be reached, or does not let this program in."
_TOO_LITTLE_MEMORY = "It needs more memory than the program may use. Hand in less at once, or give the program more."

# What DuckDB says of a file that it can't open, and what is said of it here.
_UNOPENED = {
    "Permission denied": "its disk or folder is read-only for this program, or it belongs to another user. Give it to the user that runs the program.",
    "Read-only file system": "its disk is read-only. Have it mounted so that it can be written to.",
    "version number": "it was written by another version of DuckDB than the one that is installed. Nothing was touched. Install what requirements.txt names.",
    "No space left": "its disk is full. Make room, then start again.",
    "WAL": "what was last written to it can't be read again, most likely because its disk was full or is damaged. Nothing was touched; "
           "see docs/operations.md, Backups, and a database that can't be opened.",
}
_DAMAGED = "it is not a database of this program, or it is damaged. Nothing was touched. Restore a backup: python -m data restore."


def _backups(folder: Path) -> Path:
    return Path(os.environ.get("READINESS_BACKUPS") or folder / "backups").resolve()


def _shut(root: duckdb.DuckDBPyConnection, *folders: str | Path) -> None:
    """Leaves an engine no way to files but in these folders."""
    root.execute("set allowed_directories = $folders", {"folders": [f"{str(folder).rstrip('/')}/" for folder in folders]})
    root.execute("set enable_external_access = false")


def _bytes_of(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:  # a log comes and goes
        return 0


def engine(temporary: Path) -> duckdb.DuckDBPyConnection:
    """An engine that fetches nothing from anywhere, spills to that folder what does not fit into memory, and leaves a processor to the pages.
    The log of a file is folded in when several large commits stand there: within each it would take as long as the rest of the commit."""
    root = duckdb.connect(config={
        "autoinstall_known_extensions": False, "autoload_known_extensions": False, "temp_directory": str(temporary), "checkpoint_threshold": "64MB"})
    (processors,), = root.execute("select current_setting('threads')").fetchall()
    root.execute(f"set threads = {max(1, processors - 1)}")
    return root


def _extension(name: str) -> str:
    """The file of one of DuckDB's extensions, as it was installed with the program."""
    return str(files_of(f"duckdb_extension_{name}") / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension")


def _bucket_secret() -> str:
    """How a bucket is reached, from the variables that S3's other clients read; '' where none of them is set."""
    told = {"key_id": "AWS_ACCESS_KEY_ID", "secret": "AWS_SECRET_ACCESS_KEY", "region": "AWS_REGION", "session_token": "AWS_SESSION_TOKEN"}
    given = [f"{name} {quoted(os.environ[variable])}" for name, variable in told.items() if os.environ.get(variable)]
    endpoint = urlsplit(os.environ.get("AWS_ENDPOINT_URL", ""))
    if endpoint.netloc:
        given += [f"endpoint {quoted(endpoint.netloc)}", f"use_ssl {str(endpoint.scheme == 'https').lower()}", "url_style 'path'"]
    return f"create secret bucket (type s3, {', '.join(given)})" if given else ""


def _without_password(address: str) -> str:
    """How PostgreSQL is reached, as it may be told: of a URL the part before the @, of words that of the password, left out."""
    shown = re.sub(r"//[^@/]*@", "//", address)
    return re.sub(r"password\s*=\s*('(?:[^'\\]|\\.)*'|\S+)\s*", "", shown).strip()


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
