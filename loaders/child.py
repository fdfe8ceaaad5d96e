"""Work on a stranger's file in a child process with bounded memory and time, so that no file can bring the program down."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path, PurePath
from typing import TypeVar

from loaders.limits import Limits
from loaders.parse_child import CRASHED, OUT_OF_MEMORY
from loaders.problems import LoadError

Found = TypeVar("Found")
KEPT = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LANG")  # of our environment, for the child
PLACES = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))  # children at a time; waiting is not counted as time


def in_child(
    script: Path, job: Mapping[str, object], *, name: str, content: bytes, limits: Limits, found: Callable[[Path], Found],
) -> Found:
    """What `found` takes out of the work folder after `script` has worked on the file there.

    Raises LoadError, and nothing else: what the child says is wrong with the file, or a sentence for how it ended.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="sheet-", ignore_cleanup_errors=True) as folder, PLACES:
            _work(Path(folder), script, {**job, "name": PurePath(name.replace("\0", "")).name, "limits": asdict(limits)}, content, limits)
            return found(Path(folder))
    except OSError as error:
        raise LoadError(
            "not_now",
            "The file could not be read just now, because this computer is too busy, or lacks room or processes. Try again "
            "in some minutes; if it stays so, tell the administrator.",
        ) from error


def _work(folder: Path, script: Path, job: Mapping[str, object], content: bytes, limits: Limits) -> None:
    (folder / "file").write_bytes(content)
    (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
    code = _run(script, folder, limits)
    problem = folder / "problem.json"
    if problem.exists():
        raise _problem(problem)
    if code != 0:
        raise _death(code, limits)


def _run(script: Path, folder: Path, limits: Limits) -> int:
    """Run the child to its end and give its exit code. OSError where it can't be run, or takes too long by the clock: it is killed then, and
    its end is waited for, not looked for now and then."""
    environment = {key: os.environ[key] for key in KEPT if key in os.environ}
    environment |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}
    is_late = threading.Event()
    with subprocess.Popen(
        [sys.executable, "-I", str(script), str(folder)],
        env=environment,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as child:

        def end() -> None:
            is_late.set()
            child.kill()

        clock = threading.Timer(limits.patience, end)
        try:
            clock.start()
            child.wait()
        except RuntimeError as error:
            raise OSError("no thread can be started") from error
        finally:
            clock.cancel()
            child.kill()  # where waiting was broken off; one that has ended is left alone
    if is_late.is_set():
        raise TimeoutError(f"not done after {limits.patience:g} seconds")
    return child.returncode


def _problem(path: Path) -> LoadError:
    """What the child reported. It read a stranger's file, so its word is taken only in the expected form."""
    try:
        found = json.loads(path.read_bytes()[:10_000])
        return LoadError(str(found["kind"]), str(found["message"]))
    except (ValueError, KeyError, TypeError):
        return LoadError(*CRASHED)


def _death(code: int, limits: Limits) -> LoadError:
    """A sentence for a child that ended without a word: stopped for its time, its memory, or by a crash."""
    if code == -getattr(signal, "SIGXCPU", 0):
        return LoadError(
            "timed_out",
            f"Reading this file took more than {limits.seconds:g} seconds and was stopped. Send only the sheets and "
            "columns that are asked for, or send it in parts, one for each division.",
        )
    if code in (-signal.SIGABRT, -getattr(signal, "SIGKILL", 0), -getattr(signal, "SIGXFSZ", 0)):
        return LoadError(*OUT_OF_MEMORY)
    return LoadError(*CRASHED)
