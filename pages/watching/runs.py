"""How long the scripts of pages ran, and how many failed, by page: since this process began, whichever store it has."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from prometheus_client import Counter, Histogram

_LONG = 5.0  # seconds
_LOG = logging.getLogger("readiness")
TOOK = Histogram("readiness_page_seconds", "Time for which a page's script ran", ["page"], registry=None,
                 buckets=(.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30))
FAILED = Counter("readiness_page_failures", "Runs of a page's script that failed", ["page"], registry=None)


def expect(pages: Iterable[str]) -> None:
    """Has every page counted from nought: of a count that begins with its first failure, nobody can tell that it rose."""
    for page in pages:
        FAILED.labels(page)


def ran(page: str, seconds: float) -> None:
    """Counts a run of a page's script, however it ended."""
    TOOK.labels(page).observe(seconds)
    if seconds >= _LONG:
        _LOG.warning("a page took long", extra={"page": page, "seconds": round(seconds, 3)})


def failed(page: str) -> None:
    """Counts a run that failed, also of a part of a page."""
    FAILED.labels(page).inc()
