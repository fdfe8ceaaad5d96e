"""A Streamlit server on loopback, started for a measurement and ended after it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).parents[1]
STARTS_WITHIN = 60  # seconds


@dataclass(frozen=True)
class Server:
    port: int
    pid: int


@contextmanager
def serving(script: str, database: Path | None = None) -> Iterator[Server]:
    """Serves a script of this project, under its own settings, until the block ends; if that fails, its log is printed.

    RuntimeError if it doesn't start.
    """
    port = _free_port()
    environment = os.environ | ({"READINESS_DB": str(database)} if database else {})
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port), "--server.headless", "true"]
    with tempfile.TemporaryFile("w+b") as log, subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log) as process:
        try:
            _wait(process, port)
            yield Server(port, process.pid)
        except BaseException:
            log.seek(0)
            print(f"The log of {script}:", *log.read().decode(errors="replace").splitlines()[-20:], sep="\n", file=sys.stderr)
            raise
        finally:
            process.terminate()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and process.poll() is None:
        try:
            with urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError("The server did not start.")
