"""How the program itself is doing: counts of what it holds, of no place and of nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import duckdb

from data import sessions, tokens
from data.store import Store, StoreError


@dataclass(frozen=True)
class Health:
    """What the store holds: submissions by domain, files on the desk, lines of the audit, open sessions and tokens; when something was
    last committed (UTC)."""

    submissions: dict[str, int]
    on_desk: int
    audit_lines: int
    sessions: int
    tokens: int
    last_commit: datetime | None


def answers(store: Store) -> bool:
    """True where the store answers; StoreError where it does not."""
    try:
        return store.ask_rows("select true", {}) == [(True,)]
    except duckdb.Error as error:
        raise StoreError(f"{store.path} can't be asked: {error}") from error


def health(store: Store) -> Health:
    """The counts of this moment."""
    submissions: dict[str, int] = dict.fromkeys((domain.name for domain in store.election.domains), 0)
    submissions |= dict(store.ask_rows("select domain, count(*) from submissions group by all", {}))
    (on_desk, lines, last), = store.ask_rows(
        "select (select count(*) from desk where staged not in (select staged from departures)), (select count(*) from audit), (select max(committed_at) from submissions where not is_example)", {})
    return Health(submissions, on_desk, lines, len(sessions.good(store)), len(tokens.good(store)), last)
