"""What the servers, the crowd and everything else take of the machine, second by second."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import psutil

from benchmarks.memory import MB

_EVERY, _LOOKS = 1.0, 10  # seconds between two readings; how often in between the crowd's own loop is looked at


@dataclass(frozen=True)
class Reading:
    """One reading: seconds by `time.perf_counter`; the servers' memory in MB; seconds of processor used until now by the servers with their
    ended children, by the crowd, by the whole machine; what other machines of the same host took of it, in seconds of processor; how late the
    crowd's loop was at most since the reading before, in seconds."""

    at: float
    memory: float
    server: float
    crowd: float
    machine: float
    stolen: float = 0.0
    late: float = 0.0


class Machine:
    """The machine while servers are watched, by their processes. Each reading is told when it is made."""

    def __init__(self, pids: Sequence[int], tell: Callable[[Reading], None]) -> None:
        self._servers, self._tell = [psutil.Process(pid) for pid in pids], tell
        self.readings: list[Reading] = []

    def read(self, late: float = 0.0) -> Reading:
        used, whole = [server.cpu_times() for server in self._servers], psutil.cpu_times()
        return Reading(time.perf_counter(), sum(server.memory_info().rss for server in self._servers) / MB,
                       sum(one.user + one.system + one.children_user + one.children_system for one in used),
                       time.process_time(), whole.user + whole.nice + whole.system + whole.irq + whole.softirq, getattr(whole, "steal", 0.0), late)

    async def watch(self) -> None:
        """Reads every second until it is cancelled."""
        while True:
            late = 0.0
            for _ in range(_LOOKS):
                due = time.perf_counter() + _EVERY / _LOOKS
                await asyncio.sleep(_EVERY / _LOOKS)
                late = max(late, time.perf_counter() - due)
            self.readings.append(self.read(late))
            self._tell(self.readings[-1])


def load_average() -> float:
    """How many processes wanted a processor in the last minute, all of the machine's."""
    return os.getloadavg()[0]
