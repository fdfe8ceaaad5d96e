"""How far each district has come by a day: curves like an S, each district with its own lag and pace."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache

from data.example.country import District

DAY = date(2026, 11, 26)  # the example's today
E_DAY = date(2027, 2, 8)
_SEED = "example election"
_AT_ONCE = 0.04  # what comes in with the first lists


@dataclass(frozen=True)
class Curve:
    """From nothing to all between two days, counted before E-day. `late` moves it by days, by province or district;
    `spread` is how many days the districts lie apart; `top` is where a province or a district stops, 1 where not named."""

    name: str
    start: int
    end: int
    late: Mapping[str, float] = field(default_factory=dict)
    spread: float = 4.0
    top: Mapping[str, float] = field(default_factory=dict)

    def share(self, district: District, day: date, *, ahead: int = 0) -> float:
        """The share done on a day, or where it will be `ahead` days later. It never falls."""
        lag, length = _pace(self.name, self.spread, district.code)
        lag += self.late.get(district.code, self.late.get(district.province.code, 0))
        gone = (day - E_DAY).days + ahead + self.start - lag
        x = min(gone / ((self.start - self.end) * length), 1.0)
        if x <= 0:
            return 0.0
        top = self.top.get(district.code, self.top.get(district.province.code, 1.0))
        return top * (_AT_ONCE + (1 - _AT_ONCE) * (0.5 * x + 0.5 * x * x * (3 - 2 * x)))

    def count(self, district: District, of: int, day: date, *, ahead: int = 0) -> int:
        """That share of a number, in whole ones."""
        return int(of * self.share(district, day, ahead=ahead) + 1e-9)

    def reached(self, district: District, share: float) -> date | None:
        """The first day on which that share is done; None if it never is."""
        days = range(-300, 120)
        if self.share(district, E_DAY + timedelta(days[-1])) < share:
            return None
        low, high = 0, len(days) - 1
        while low < high:
            middle = (low + high) // 2
            if self.share(district, E_DAY + timedelta(days[middle])) >= share:
                high = middle
            else:
                low = middle + 1
        return E_DAY + timedelta(days[low])


def chance(*of: object) -> random.Random:
    """The same numbers every time for the same words."""
    return random.Random(" ".join([_SEED, *map(str, of)]))


@cache
def _pace(name: str, spread: float, code: str) -> tuple[float, float]:
    """A district's lag in days and the length of its way, of the usual."""
    own = chance(name, code)
    return max(-2 * spread, min(2 * spread, own.gauss(0, spread))), max(0.9, min(1.1, own.gauss(1, 0.04)))
