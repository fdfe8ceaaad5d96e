"""What is measured of the program while it runs, in the form that Prometheus reads."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC

from prometheus_client import CollectorRegistry, Counter, GCCollector, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from data.health import health
from data.store import Store

# The first part of a path that an answer is counted under; anything else that is asked for is "other", however it is called.
_KINDS = {"api": "api", "media": "download", "_stcore": "streamlit", "static": "asset", "app": "asset", "signin": "door", "welcome": "door", "account": "door",
          "signout": "door", "signed-in": "door", "": "page"}


class Measures(Collector):
    """The counts since the program began, and those of the store at the moment they are asked for."""

    def __init__(self, store: Store) -> None:
        self._store, self._registry = store, CollectorRegistry()
        self.answered = Counter("readiness_http_answers", "Answers, by the kind of what was asked for and their status", ["kind", "status"], registry=self._registry)
        self.took = Histogram("readiness_http_seconds", "Time until an answer began", ["kind"], registry=self._registry)
        self.open = Gauge("readiness_pages_open", "Pages that are open in browsers", registry=self._registry)
        self._registry.register(self)
        ProcessCollector(registry=self._registry)
        GCCollector(registry=self._registry)

    def text(self) -> bytes:
        """All of them, as Prometheus reads them."""
        return generate_latest(self._registry)

    def describe(self) -> Iterator[Metric]:
        """Nothing: what `collect` gives needs the store, and is not asked for before it is wanted."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """What the store holds."""
        held = health(self._store)
        by_domain = GaugeMetricFamily("readiness_submissions", "Submissions, withdrawn ones too", labels=["domain"])
        for domain, count in held.submissions.items():
            by_domain.add_metric([domain], count)
        yield by_domain
        yield GaugeMetricFamily("readiness_files_on_desk", "Files that wait to be committed or returned", held.on_desk)
        yield GaugeMetricFamily("readiness_audit_lines", "Lines of the audit", held.audit_lines)
        yield GaugeMetricFamily("readiness_sessions", "Sessions that have not ended", held.sessions)
        yield GaugeMetricFamily("readiness_tokens", "Tokens that have not ended", held.tokens)
        if held.last_commit:
            yield GaugeMetricFamily("readiness_last_commit_seconds", "When something was last committed, in seconds since 1970", held.last_commit.replace(tzinfo=UTC).timestamp())


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
        begun, kind = time.perf_counter(), _KINDS.get(scope["path"].lstrip("/").split("/")[0], "other")

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.measures.answered.labels(kind, message["status"]).inc()
                self.measures.took.labels(kind).observe(time.perf_counter() - begun)
            await send(message)

        await self.app(scope, receive, sent)
