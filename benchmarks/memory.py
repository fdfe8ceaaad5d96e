"""Peak memory, in MB of physical memory."""

from __future__ import annotations

import resource
from pathlib import Path

import psutil

MB = 1024 * 1024


def own_peak() -> float:
    """This process's peak and the largest of its ended children's, added: never less than they held together.

    Its own is not taken from getrusage, which counts from what the process that started it held.
    """
    return _high_water(psutil.Process()) + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def peak_of(pid: int) -> float:
    """The peak of a running process and of its running children, added."""
    root = psutil.Process(pid)
    return sum(_high_water(process) for process in (root, *root.children(recursive=True)))


def _high_water(process: psutil.Process) -> float:
    status = Path(f"/proc/{process.pid}/status")
    if not status.exists():  # not Linux: what it holds now
        return process.memory_info().rss / MB
    return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) / 1024
