"""A crowd that stays: whether the server's memory does."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median

from benchmarks.load.machine import Reading
from benchmarks.load.report import Bar
from benchmarks.load.step import Step

COMES_ANEW = 1 / 30  # of one: how often a person closes the page and comes again
LONGEST = 600  # minutes: a session lasts twelve hours
_FLAT = 1.10  # by which the memory may have grown
_SPAN = 5  # parts of the whole: the second is when everything is warm, the last is the end


def by_minute() -> Callable[[Reading], None]:
    """What prints the server's memory once a minute."""
    first: list[float] = []

    def tell(reading: Reading) -> None:
        minutes = len(first)
        if not first or reading.at >= first[0] + 60 * minutes:
            first.append(reading.at)
            print(f"{minutes:4} min  {reading.memory:7.1f} MB", flush=True)

    return tell


def flat(step: Step) -> Bar:
    """Whether the server holds no more at the end than when it was warm: the median of the last fifth of the time against that of the second."""
    there = [reading.memory for reading in step.readings if step.there.at <= reading.at <= step.ended.at]
    part = max(1, len(there) // _SPAN)
    warm, end = median(there[part:2 * part] or there), median(there[-part:])
    return Bar(f"memory at the end ≤ {_FLAT:g} × when warm", f"{end:.0f} MB against {warm:.0f} MB", end <= _FLAT * warm)
