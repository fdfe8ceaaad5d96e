"""Who is told what is done with a store, so that it can be counted: how often and for how long, never what was asked or by whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Observer:
    """What is called each time: with seconds, kinds of problems and names of domains. Of nobody it tells nothing. What is called must be quick,
    for whoever asked waits for it, and must not fail."""

    asked: Callable[[float], None] = lambda seconds: None  # a question was answered, or failed
    checked: Callable[[Iterable[str]], None] = lambda kinds: None  # a file came, with problems of these kinds
    committed: Callable[[Iterable[str], float], None] = lambda domains, seconds: None  # one submission for each domain named
    not_written: Callable[[], None] = lambda: None  # something was to be stored and could not be, as on a full disk
