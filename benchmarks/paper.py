"""A paper for a meeting, as a command gives it from its start to its end, against the command that prints the districts' figures."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.intake import ROOT
from benchmarks.ratio import Ratio, Side

ROUNDS = 5
PAPERS = {"province": ("PK6", 3.0), "country": ("PK", 10.0)}  # the province of most districts; at most so many seconds


def measure(folder: Path, example: Path) -> list[Ratio]:
    """The ratios, over a store that holds the example election."""
    commands = {level: ["data", "paper", "--place", code, "-o", str(folder / f"{level}.pdf")] for level, (code, _) in PAPERS.items()}
    commands["figures"] = ["loaders", "figures", "--level", "district"]
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, arguments in commands.items():
            found[name].append(_timed(arguments, example))
    figures = _side(found["figures"])
    return [Ratio(f"{level}'s paper as PDF / figures of the districts as CSV, whole commands", _side(found[level]), figures, within=seconds) for level, (_, seconds) in PAPERS.items()]


def _timed(arguments: Sequence[str], database: Path) -> tuple[float, float]:
    """Seconds and peak MB of one command."""
    begun = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", *arguments], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | {"READINESS_DB": str(database)})
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"{' '.join(arguments)} failed")
    return time.monotonic() - begun, used.ru_maxrss / 1024


def _side(found: Sequence[tuple[float, float]]) -> Side:
    return Side([seconds for seconds, _ in found], max(peak for _, peak in found))
