"""A server on loopback, started for a measurement and ended after it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from urllib.error import URLError
from urllib.request import urlopen

from data.database import Database, Shared

ROOT = Path(__file__).parents[1]
STARTS_WITHIN, ENDS_WITHIN = 60, 60  # seconds
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Server:
    """A server: its port on loopback, its process, the file of its log."""

    port: int
    pid: int
    log: Path

    @property
    def told(self) -> list[str]:
        """The lines of its log until now."""
        return self.log.read_text(encoding="utf-8", errors="replace").splitlines()


def serving(
    script: str, database: Path | Database | None = None, *, folder: Path = ROOT, variables: Mapping[str, str] = NOTHING, port: int = 0,
) -> AbstractContextManager[Server]:
    """Serves a Streamlit script, under the settings of the folder in which it lies, with these environment variables more; see `started`."""
    told = variables | _reached(database)
    return started(script, ["streamlit", "run", script, "--server.headless", "true", "--server.port"], "/_stcore/health", folder, told, port)


def _reached(database: Path | Database | None) -> dict[str, str]:
    """The variables that tell a server where its database is."""
    if not database:
        return {}
    files = {"READINESS_FILES": database.files} if isinstance(database, Shared) else {}
    return {"READINESS_DB": str(database) if isinstance(database, Path) else database.address, **files}


@contextmanager
def started(
    name: str, module: Sequence[str], health: str, folder: Path = ROOT, variables: Mapping[str, str] = NOTHING, port: int = 0,
) -> Iterator[Server]:
    """Runs a Python module that serves, until the block ends; if that fails, its log is printed. The last of its arguments is the option
    that takes the port, a free one unless it is given; it is there once it answers at the path `health`.

    RuntimeError if it doesn't start.
    """
    port = port or _free_port()
    command = [sys.executable, "-m", *module, str(port)]
    with tempfile.NamedTemporaryFile("w+b") as log, subprocess.Popen(command, cwd=folder, env=os.environ | variables, stdout=log, stderr=log) as process:
        server = Server(port, process.pid, Path(log.name))
        try:
            _wait(process, f"http://127.0.0.1:{port}{health}")
            yield server
        except BaseException:
            print(f"The log of {name}:", *server.told[-20:], sep="\n", file=sys.stderr)
            raise
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait(process: subprocess.Popen[bytes], address: str) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and process.poll() is None:
        try:
            with urlopen(address, timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError("The server did not start.")
