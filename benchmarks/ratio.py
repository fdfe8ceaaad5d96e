"""One ratio, and the table of all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks import markdown

_HEADINGS = ("what", "ratio", "bar", "", "median", "against", "peak MB", "against", "KB sent", "against")


@dataclass(frozen=True)
class Side:
    """What was measured again and again: seconds each time, the peak memory of the processes that did it, in MB, and for a
    page the most that one run sent to the browser, in KB."""

    seconds: Sequence[float]
    peak: float
    sent: float | None = None


@dataclass(frozen=True)
class Ratio:
    """The median time of one side by that of the other, which is processor time where it `is_cpu`. `memory` bounds the peak of the first
    side, in MB, `within` its median time, in seconds, where somebody waits for it."""

    what: str
    measured: Side
    against: Side
    bar: float | None = None
    memory: float | None = None
    within: float | None = None
    is_cpu: bool = False

    @property
    def value(self) -> float:
        return median(self.measured.seconds) / median(self.against.seconds)

    @property
    def is_met(self) -> bool:
        """Whether the ratio, the peak and the time are within their bars; true where there is none."""
        bars = ((self.bar, self.value), (self.memory, self.measured.peak), (self.within, median(self.measured.seconds)))
        return all(most is None or found <= most for most, found in bars)

    @property
    def cells(self) -> tuple[str, ...]:
        bars = [*([] if self.bar is None else [f"≤ {self.bar:g}"]), *([] if self.memory is None else [f"≤ {self.memory:g} MB"]), *([] if self.within is None else [f"≤ {self.within:g} s"])]
        return (
            self.what, f"{self.value:.2f}", ", ".join(bars), "" if not bars else "met" if self.is_met else "MISSED",
            self._time(self.measured), self._time(self.against),
            f"{self.measured.peak:,.0f}", f"{self.against.peak:,.0f}",
            *("" if side.sent is None else f"{side.sent:,.0f}" for side in (self.measured, self.against)))

    def _time(self, side: Side) -> str:
        seconds = median(side.seconds)
        told = f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.1f} ms"
        return f"{told} CPU" if self.is_cpu else told


def table(ratios: Iterable[Ratio]) -> str:
    """The ratios in Markdown, one line each."""
    return markdown.table([_HEADINGS, *(ratio.cells for ratio in ratios)])
