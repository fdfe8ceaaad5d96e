"""How often a password may be tried, and how often what outsiders bring about is written down. Guessing is slowed for whoever
guesses; who guesses from elsewhere keeps no person out, and nobody fills the audit from without.

Counted in memory, so a restart forgets: that is no gain to a guesser, who can't restart the program.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from data import audit
from data.store import Store

# From one address: wrong passwords for one account, and for all accounts, behind which an office may sit together.
_FOR_ONE = (parse("5/minute"), parse("20/hour"))
_FOR_ALL = (parse("30/minute"), parse("300/hour"))
# For one account from everywhere. Beyond it only addresses go on from which its owner has signed in before.
_FROM_EVERYWHERE = (parse("100/hour"),)
_AT_ONCE = 20  # tries, of everybody; each holds 64 MB for a fraction of a second, and two are made at a time
_BUSY = 3  # seconds
_WRITTEN = parse("20/hour")  # of one kind, from one address or by one person


@dataclass
class Try:
    """One try: how many seconds to wait before it may be made, and, once it is made, whether the password was right."""

    wait: int
    is_right: bool = False


class Tries:
    """The wrong passwords of late, and those that are being tried just now: these count as wrong until they are known to be right."""

    def __init__(self) -> None:
        self._counted = MovingWindowRateLimiter(MemoryStorage())
        self._trying: Counter[tuple[str, ...]] = Counter()

    @contextmanager
    def one(self, login: str, address: str, *, is_known: bool) -> Iterator[Try]:
        """Around one try of this account's password from this address. Where `wait` is not 0, nothing may be tried for so many
        seconds. `is_known` is whether the account's owner has signed in from there."""
        every = self._all(login, source(address))
        waits = [self._left(item, *key) for items, key in every if not (is_known and items is _FROM_EVERYWHERE) for item in items]
        attempt = Try(_BUSY if self._trying.total() >= _AT_ONCE * len(every) else max(waits, default=0))
        if attempt.wait:
            yield attempt
            return
        keys = [key for _, key in every]
        self._trying.update(keys)
        try:
            yield attempt
        finally:
            self._trying.subtract(keys)
            self._trying += Counter()  # without those that are at nought
            if not attempt.is_right:
                for items, key in every:
                    for item in items:
                        self._counted.hit(item, *key)

    def _all(self, login: str, address: str) -> tuple[tuple[tuple[RateLimitItem, ...], tuple[str, ...]], ...]:
        return (_FOR_ONE, ("one", login, address)), (_FOR_ALL, ("all", address)), (_FROM_EVERYWHERE, ("everywhere", login))

    def _left(self, item: RateLimitItem, *key: str) -> int:
        window = self._counted.get_window_stats(item, *key)
        if window.remaining > self._trying[key]:
            return 0
        return max(1, math.ceil(window.reset_time - time.time()))


class Seldom:
    """Writes what anybody may bring about, and as often as they like, down in the audit: of each kind so many lines an hour."""

    def __init__(self, store: Store) -> None:
        self._store, self._counted = store, MovingWindowRateLimiter(MemoryStorage())

    def write(self, who: str, act: str, kind: str, by: str, /, **about: Any) -> None:
        """A line of the audit, unless there were too many of that kind `by` that address or person of late."""
        if self._counted.hit(_WRITTEN, act, kind, source(by)):
            audit.write(self._store, who, act, **about)


def source(address: str) -> str:
    """What is counted as one address: of IPv6 the network that a single line is given, else who has one has as many as they like."""
    try:
        told = ip_address(address)
    except ValueError:
        return address
    if told.version == 4:
        return address
    return str(told.ipv4_mapped or ip_network((told, 64), strict=False))
