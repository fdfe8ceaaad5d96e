"""How often a password may be tried. Guessing is slowed for whoever guesses; who guesses from elsewhere keeps no person out.

Counted in memory, so a restart forgets: that is no gain to a guesser, who can't restart the program.
"""

from __future__ import annotations

import math
import time

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

# From one address: wrong passwords for one account, and for all accounts, behind which an office may sit together.
_FOR_ONE = (parse("5/minute"), parse("20/hour"))
_FOR_ALL = (parse("30/minute"), parse("300/hour"))
# For one account from everywhere. Beyond it only addresses go on from which its owner has signed in before.
_FROM_EVERYWHERE = (parse("100/hour"),)


class Tries:
    """The wrong passwords of late."""

    def __init__(self) -> None:
        self._counted = MovingWindowRateLimiter(MemoryStorage())

    def wait(self, login: str, address: str, *, is_known: bool) -> int:
        """The seconds for which this address may not try this account's password; 0 where it may. `is_known` is whether the
        account's owner has signed in from there."""
        waits = [self._left(item, *key) for items, key in self._all(login, address) if not (is_known and items is _FROM_EVERYWHERE) for item in items]
        return max(waits, default=0)

    def failed(self, login: str, address: str) -> None:
        """Counts a wrong password."""
        for items, key in self._all(login, address):
            for item in items:
                self._counted.hit(item, *key)

    def _all(self, login: str, address: str) -> tuple[tuple[tuple[RateLimitItem, ...], tuple[str, ...]], ...]:
        return (_FOR_ONE, ("one", login, address)), (_FOR_ALL, ("all", address)), (_FROM_EVERYWHERE, ("everywhere", login))

    def _left(self, item: RateLimitItem, *key: str) -> int:
        if self._counted.test(item, *key):
            return 0
        return max(1, math.ceil(self._counted.get_window_stats(item, *key).reset_time - time.time()))
