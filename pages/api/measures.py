"""What is measured of the program while it runs, in the form that Prometheus reads."""

from __future__ import annotations

import logging
import platform
import time
import tomllib
from collections import Counter as Counted
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import duckdb
from prometheus_client import CollectorRegistry, Counter, GCCollector, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from data.health import Health, health
from data.observer import Observer
from data.store import Store, StoreError, now
from loaders.problems import KINDS
from pages import EVERY_PAGE
from pages.watching import logs, runs

VERSION = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
# The first part of a path that an answer is counted under; anything else that is asked for is "other", however it is called.
_KINDS = {"api": "api", "media": "download", "_stcore": "streamlit", "static": "asset", "app": "asset", "look": "asset", "signin": "door", "welcome": "door", "account": "door",
          "signout": "door", "signed-in": "door", "": "page"}
_FAULTS = (500, 502, 503)
_DAY = 86_400  # seconds
_LOG = logging.getLogger("readiness")


class Measures(Collector):
    """The counts since the program began, and those of the store at the moment they are asked for. The store tells it what is done with it."""

    def __init__(self, store: Store) -> None:
        self._store, self._registry = store, CollectorRegistry()
        self.answered = Counter("readiness_http_answers", "Answers, by the kind of what was asked for and their status", ["kind", "status"],
                                registry=self._registry)
        self.took = Histogram("readiness_http_seconds", "Time until an answer began", ["kind"], registry=self._registry)
        self.open = Gauge("readiness_pages_open", "Pages that are open in browsers", registry=self._registry)
        self._asked = Histogram("readiness_query_seconds", "Time until the database had answered a question", registry=self._registry,
                                buckets=(.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10))
        self._committed = Counter("readiness_commits", "Submissions that were stored", ["domain"], registry=self._registry)
        self._commit_took = Histogram("readiness_commit_seconds", "Time in which a file was stored", registry=self._registry,
                                      buckets=(.1, .25, .5, 1, 2.5, 5, 10, 30, 60))
        self._not_written = Counter("readiness_writes_failed", "Times that something could not be stored, as on a full disk", registry=self._registry)
        self._problems = Counter("readiness_problems", "Problems in files as they came, by kind and whether it blocks", ["kind", "blocks"],
                                 registry=self._registry)
        self._count_from_nought()
        for collected in (runs.TOOK, runs.FAILED, self):
            self._registry.register(collected)
        ProcessCollector(registry=self._registry)
        GCCollector(registry=self._registry)
        store.observer = Observer(asked=self._asked.observe, checked=self._count_problems, committed=self._count_commit, not_written=self._not_written.inc)

    def text(self) -> bytes:
        """All of them, as Prometheus reads them."""
        return generate_latest(self._registry)

    def describe(self) -> Iterator[Metric]:
        """Nothing: what `collect` gives needs the store, and is not asked for before it is wanted."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """What runs here, whether the store answers, and what it holds."""
        running = {"version": VERSION, "python": platform.python_version(), "streamlit": version("streamlit"), "duckdb": duckdb.__version__}
        yield _by(("readiness_version", "What runs here; always 1"), list(running), {tuple(running.values()): 1})
        try:
            held = health(self._store)
        except (StoreError, duckdb.Error) as error:
            _LOG.error("the store does not answer", exc_info=error)
            yield GaugeMetricFamily("readiness_store_up", "Whether the store answers", 0)
            return
        yield GaugeMetricFamily("readiness_store_up", "Whether the store answers", 1)
        yield from _held(held, self._store)

    def _count_from_nought(self) -> None:
        """Of a count that begins with the first that is counted, nobody can tell that it rose."""
        domains = [domain.name for domain in self._store.election.domains]
        runs.expect([*EVERY_PAGE, *domains, "other"])
        for domain in domains:
            self._committed.labels(domain)
        for kind in KINDS:
            self._problems.labels(kind, _blocks(kind))
        for kind in {*_KINDS.values(), "other"}:
            for status in _FAULTS:
                self.answered.labels(kind, status)

    def _count_problems(self, kinds: Iterable[str]) -> None:
        for kind, number in Counted(kinds).items():
            self._problems.labels(kind, _blocks(kind)).inc(number)

    def _count_commit(self, domains: Iterable[str], seconds: float) -> None:
        for domain in domains:
            self._committed.labels(domain).inc()
        self._commit_took.observe(seconds)


def _held(held: Health, store: Store) -> Iterator[Metric]:
    yield _by(("readiness_submissions", "Submissions, withdrawn ones too"), ["domain"], {(domain,): count for domain, count in held.submissions.items()})
    yield GaugeMetricFamily("readiness_files_on_desk", "Files that wait to be committed or returned", held.on_desk)
    yield GaugeMetricFamily("readiness_audit_lines", "Lines of the audit", held.audit_lines)
    yield GaugeMetricFamily("readiness_sessions", "Sessions that have not ended", held.sessions)
    yield GaugeMetricFamily("readiness_tokens", "Tokens that have not ended", held.tokens)
    if held.last_commit:
        yield GaugeMetricFamily("readiness_last_commit_seconds", "When something was last committed, in seconds since 1970", _since_1970(held.last_commit))
    if held.last_backup:
        yield GaugeMetricFamily("readiness_last_backup_seconds", "When the last backup was made, in seconds since 1970", _since_1970(held.last_backup))
    yield _by(("readiness_newest_as_of_age_seconds", "Time since the newest day for which a submission in force holds, by the election's clock"), ["domain"],
              {(domain,): (store.today - as_of).days * _DAY for domain, (as_of, _) in held.newest.items()})
    yield _by(("readiness_newest_commit_age_seconds", "Time since the last of the submissions in force was committed"), ["domain"],
              {(domain,): max(0.0, (now() - committed_at).total_seconds()) for domain, (_, committed_at) in held.newest.items() if committed_at})
    yield GaugeMetricFamily("readiness_report_counts_seconds", "For how long a report counts today, by the election's policy",
                            store.election.window("freshness", store.today) * _DAY)
    yield _by(("readiness_digests", "Today's digests, by what became of them"), ["state"], {(state,): count for state, count in held.digests.items()})
    yield GaugeMetricFamily("readiness_database_bytes", "Size of the database", held.size)
    if held.room is not None:
        yield GaugeMetricFamily("readiness_disk_free_bytes", "What is left of the disk on which the database lies", held.room)


def _by(named: tuple[str, str], labels: list[str], values: dict[tuple[str, ...], float]) -> Metric:
    """One measure, its name and what it means, with a value for each set of its labels' values."""
    family = GaugeMetricFamily(*named, labels=labels)
    for told, value in values.items():
        family.add_metric(told, value)
    return family


def _blocks(kind: str) -> str:
    return "yes" if KINDS[kind].blocks else "no"


def _since_1970(at: datetime) -> float:
    return at.replace(tzinfo=UTC).timestamp()


class Measured:
    """Counts what is asked of the application, around everything else."""

    def __init__(self, app: ASGIApp, measures: Measures) -> None:
        self.app, self.measures = app, measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            with self.measures.open.track_inprogress():
                await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = scope[logs.BEGUN] = time.perf_counter()
        kind = _KINDS.get(scope["path"].lstrip("/").split("/")[0], "other")

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.measures.answered.labels(kind, message["status"]).inc()
                self.measures.took.labels(kind).observe(time.perf_counter() - begun)
            await send(message)

        await self.app(scope, receive, sent)
