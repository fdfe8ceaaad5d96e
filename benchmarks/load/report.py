"""What was seen, in tables, and whether it is within the bars."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks import markdown
from benchmarks.load.machine import Reading
from benchmarks.load.person import LOOKING, OPENING, Answer
from benchmarks.load.step import Phase, Step

P95, WITH, THINK = 1.0, 200, 5.0  # seconds, for a crowd of at most so many, each of whom pauses at least so long
MEMORY, FROM = 3.0, 100  # MB for each person, told by crowds of so many or more
COMMIT = 2.0  # by which p95 may be multiplied while a commit runs
_MOST = 8  # errors that are told
_TIMES = ("runs", "p50 s", "p95 s", "p99 s", "errors")
_PHASES: dict[Phase, str] = {"arriving": "while they arrive", "steady": "all there", "during": "during the commit", "after": "after the commit"}


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value below which, or at which, that share of all lies (0.95 for p95); None where there is none."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)] if values else None


@dataclass(frozen=True)
class Times:
    """How many answers were waited for, how long they took, in seconds, and how many of them were errors. Who gets an error has waited for
    ever: else a server that fails soon would look like a fast one."""

    runs: int
    p50: float | None
    p95: float | None
    p99: float | None
    errors: int

    @classmethod
    def of(cls, answers: Iterable[Answer]) -> Times:
        every = list(answers)
        seconds = [math.inf if answer.error else answer.seconds for answer in every]
        return cls(len(seconds), *(percentile(seconds, share) for share in (0.5, 0.95, 0.99)), seconds.count(math.inf))


@dataclass(frozen=True)
class Bar:
    """Something that has to be so, what was found, and whether it is met."""

    what: str
    found: str
    is_met: bool


def pages(step: Step) -> list[Answer]:
    """The answers that are runs of pages."""
    return [answer for answer in step.answers if answer.page not in (OPENING, LOOKING)]


def in_phase(step: Step, phase: Phase) -> Times:
    return Times.of(answer for answer in pages(step) if step.phase(answer) == phase)


def memory(step: Step) -> float:
    """MB for each person, at most, before anybody committed."""
    return (_peak(step, until=step.handed_in.began if step.handed_in else math.inf) - step.before.memory) / step.sessions


def bars(steps: Sequence[Step]) -> list[Bar]:
    """The bars that these steps are held against."""
    found = []
    for step in steps:
        crowd, errors, steady = f"crowd of {step.sessions}", _errors(step), in_phase(step, "steady")
        if step.sessions <= WITH and step.think >= THINK:
            found.append(Bar(f"{crowd}: p95 ≤ {P95:g} s", _seconds(steady.p95), steady.p95 is not None and steady.p95 <= P95))
        found.append(Bar(f"{crowd}: no error", str(errors), errors == 0))
        if step.sessions >= FROM:
            # Who was never let in holds no memory.
            told = f"{memory(step):.2f} MB" + (", but not everybody was answered" if errors else "")
            found.append(Bar(f"{crowd}: ≤ {MEMORY:g} MB for each", told, memory(step) <= MEMORY and not errors))
        if step.handed_in:
            during = in_phase(step, "during")
            is_met = None not in (during.p95, steady.p95) and during.p95 <= COMMIT * steady.p95 < math.inf
            found.append(Bar(f"{crowd}: p95 during the commit ≤ {COMMIT:g} × before", f"{_seconds(during.p95)} against {_seconds(steady.p95)}", is_met))
            lost = step.handed_in.error or step.lost
            found.append(Bar(f"{crowd}: what was committed stands once", lost or "it does", not lost))
    return found


def shown(step: Step) -> str:
    """All tables of one step."""
    return "\n\n".join((f"Crowd of {step.sessions}, {step.think:g} s think time; {_beside(step)}", by_phase(step), by_page(step), machine(step), *_told(step)))


def by_phase(step: Step) -> str:
    of = {name: in_phase(step, phase) for phase, name in _PHASES.items()}
    return markdown.table([("all pages", *_TIMES), *(_line(name, times) for name, times in of.items() if times.runs)])


def by_page(step: Step) -> str:
    of: dict[str, list[Answer]] = {}
    for answer in step.answers:
        of.setdefault(_name(answer), []).append(answer)
    ranked = sorted(((name, Times.of(answers)) for name, answers in of.items()), key=lambda one: (one[0] in (OPENING, LOOKING), -(one[1].p95 or math.inf)))
    return markdown.table([("page", *_TIMES), *(_line(name, times) for name, times in ranked)])


def machine(step: Step) -> str:
    first, last = step.there, step.ended
    late = [reading.late for reading in step.readings if first.at <= reading.at <= last.at]
    runs = sum(first.at <= answer.came <= last.at for answer in pages(step))
    server, crowd, others = _shares(first, last)
    cells = {
        "server MB before": f"{step.before.memory:.0f}", "peak": f"{_peak(step):.0f}", "for each": f"{memory(step):.2f}",
        "all gone": f"{step.gone[0].memory:.0f}", "later": f"{step.gone[1].memory:.0f}" if len(step.gone) > 1 else "",
        "server CPU %": f"{server:.0f}", "crowd CPU %": f"{crowd:.0f}", "others CPU %": f"{others:.0f}", "stolen CPU %": f"{100 * (last.stolen - first.stolen) / (last.at - first.at):.0f}",
        "crowd late p95 ms": f"{(percentile(late, 0.95) or 0) * 1000:.0f}",
        "runs/s": f"{runs / (last.at - first.at):.1f}", "server CPU ms/run": f"{(last.server - first.server) / runs * 1000:.0f}" if runs else ""}
    return markdown.table([tuple(cells), tuple(cells.values())])


def of_bars(found: Iterable[Bar]) -> str:
    return markdown.table([("bar", "found", ""), *((bar.what, bar.found, "met" if bar.is_met else "MISSED") for bar in found)])


def _peak(step: Step, *, until: float = math.inf) -> float:
    return max(reading.memory for reading in (step.there, step.ended, *step.readings) if reading.at < until)


def _shares(first: Reading, last: Reading) -> tuple[float, float, float]:
    """Percent of one processor: the server's, the crowd's, everybody else's."""
    time = last.at - first.at
    server, crowd, whole = last.server - first.server, last.crowd - first.crowd, last.machine - first.machine
    return 100 * server / time, 100 * crowd / time, 100 * max(0.0, whole - server - crowd) / time


def _errors(step: Step) -> int:
    return sum(bool(answer.error) for answer in step.answers) + len(step.wrong)


def _beside(step: Step) -> str:
    committed = f"a commit of {step.handed_in.seconds:.1f} s in the middle" if step.handed_in else "no commit"
    servers = f"{step.servers} servers over one store; " if step.servers > 1 else ""
    return f"{servers}{committed}; load average {step.load:.1f}"


def _told(step: Step) -> list[str]:
    """What went wrong, the most frequent first; what the server's log says of errors."""
    counted = Counter((_name(answer), answer.error) for answer in step.answers if answer.error)
    told = [f"{count} × {page}: {error}" for (page, error), count in counted.most_common(_MOST)] + step.wrong
    told += [f"The server's log tells of {len(step.log)} errors, first: {step.log[0]}"] if step.log else []
    return ["\n".join(f"- {line}" for line in told)] if told else []


def _name(answer: Answer) -> str:
    return answer.page or "(the page)"


def _line(name: str, times: Times) -> tuple[str, ...]:
    return name, f"{times.runs:,}", *(_seconds(value).removesuffix(" s") for value in (times.p50, times.p95, times.p99)), str(times.errors)


def _seconds(value: float | None) -> str:
    return "–" if value is None else "never" if value == math.inf else f"{value:.3f} s"
