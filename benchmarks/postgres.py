"""A PostgreSQL of one's own for tests and measurements, from Debian's packages: in a folder of its own, on a socket there, and on no network."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data.database import Shared
from data.domains import DOMAINS
from data.election import load
from data.store import Store

ELECTION = Path(__file__).parents[1] / "data" / "election.toml"
PATIENCE = 60  # seconds until it takes connections


class Postgres:
    """One server. `database` gives a new database in it, as a store is told to reach it. What it has written lately it keeps in files of
    `wal_megabytes` each."""

    def __init__(self, wal_megabytes: int = 16) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short: the name of a socket has little room
        self._user = "postgres" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
        if self._user:
            os.chown(self.folder, pwd.getpwnam(self._user).pw_uid, -1)
        self._run("initdb", "-D", f"{self.folder}/data", "-U", "postgres", "-A", "trust", "--no-sync", "--locale=C.UTF-8", f"--wal-segsize={wal_megabytes}")
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self, largest_file: int | None = None) -> None:
        """Starts it, and waits until it answers. None of its files may grow beyond so many bytes, if a number is given: as where its disk is full."""
        limited = ["prlimit", f"--fsize={largest_file}"] if largest_file else []
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*limited, _binary("postgres"), "-D", f"{self.folder}/data", "-c", "listen_addresses=", "-c", f"unix_socket_directories={self.folder}", "-c", "max_connections=200",
                 "-c", "full_page_writes=on", "-c", "fsync=off"], cwd="/", user=self._user, stdout=log, stderr=log)
        until = time.monotonic() + PATIENCE
        while subprocess.run([_binary("pg_isready"), "-q", "-h", str(self.folder)], check=False).returncode:
            assert time.monotonic() < until and self.process.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """Ends it: by SIGQUIT at once, as when it crashes; by SIGINT in order."""
        self.process.send_signal(how)
        self.process.wait(PATIENCE)

    def query(self, sql: str, database: str = "postgres") -> str:
        """What it answers, as text."""
        return subprocess.run([_binary("psql"), "-h", str(self.folder), "-U", "postgres", "-d", database, "-Atqc", sql],
                              check=True, capture_output=True, text=True).stdout.strip()

    def reached(self, name: str) -> str:
        """How a database in it is reached, in the words of PostgreSQL's clients."""
        return f"host={self.folder} user=postgres dbname={name}"

    def database(self, name: str, files: Path, *, has_tables: bool = True) -> Shared:
        """A new database of that name with its files in that folder: with the tables of a store, copied from one that is made once, or with none."""
        if not has_tables:
            files.mkdir(parents=True, exist_ok=True)
            self.query(f'create database "{name}"')
            return Shared(self.reached(name), f"{files}/")
        if not (template := self.folder / "template").exists():
            Store(self.database("made_once", template, has_tables=False), load(ELECTION, DOMAINS)).close()
        return self.copy("made_once", template, name, files)

    def copy(self, database: str, its_files: Path, name: str, files: Path) -> Shared:
        """A copy of a database that nobody has open, with its files."""
        shutil.copytree(its_files, files, dirs_exist_ok=True)
        self.query(f'create database "{name}" template "{database}"')
        self.query(f"update ducklake_metadata set value = '{files}/' where key = 'data_path'", name)
        return Shared(self.reached(name), f"{files}/")

    def remove(self) -> None:
        """Ends it and removes all that it kept."""
        if self.process.poll() is None:
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run([_binary(program), *arguments], cwd="/", user=self._user, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def serving(wal_megabytes: int = 16) -> Iterator[Postgres]:
    """A server for as long as the block lasts."""
    server = Postgres(wal_megabytes)
    try:
        yield server
    finally:
        server.remove()


def _binary(name: str) -> str:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    return str(found[-1]) if found else shutil.which(name) or name
