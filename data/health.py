"""How the program itself is doing: counts and ages of what it holds, of no place and of nobody."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import get_args

import duckdb

from data import backups, digests, sessions, tokens
from data.database import StoreError
from data.digests import State
from data.store import Store

# One row per domain that has a submission in force: the newest day for which one holds, and when the last was committed, the example's left out.
_NEWEST = """
    select domain, max(as_of), max(committed_at) filter (where not is_example)
    from ledger
    where state <> 'withdrawn'
    group by domain
"""


@dataclass(frozen=True)
class Health:
    """What the store holds: submissions by domain, files on the desk, lines of the audit, open sessions and tokens; when something was
    last committed; of the submissions in force, by domain, the newest as-of date and the last commit, None where there is none; when the last
    backup was made, None where none was; today's digests by what became of them. Times are UTC. Sizes are bytes: of the database with what it
    has not folded in yet, and of what its disk has left, None where that can't be told."""

    submissions: dict[str, int]
    on_desk: int
    audit_lines: int
    sessions: int
    tokens: int
    last_commit: datetime | None
    newest: dict[str, tuple[date, datetime | None]]
    last_backup: datetime | None
    digests: dict[State, int]
    size: int
    room: int | None


def answers(store: Store) -> bool:
    """True where the store answers; StoreError where it does not."""
    try:
        return store.ask_rows("select count(*) > 0 from migrations", {}) == [(True,)]
    except duckdb.Error as error:
        raise StoreError(f"{store.database} can't be asked: {error}") from error


def health(store: Store) -> Health:
    """What it is at this moment. StoreError where the store does not answer."""
    answers(store)
    submissions: dict[str, int] = dict.fromkeys((domain.name for domain in store.election.domains), 0)
    submissions |= dict(store.ask_rows("select domain, count(*) from submissions group by all", {}))
    (on_desk, lines, last), = store.ask_rows("""
        select (select count(*) from desk where staged not in (select staged from departures)),
            (select count(*) from audit),
            (select max(committed_at) from submissions where not is_example)""", {})
    newest = {domain: (as_of, committed_at) for domain, as_of, committed_at in store.ask_rows(_NEWEST, {})}
    became: dict[State, int] = dict.fromkeys(get_args(State), 0)
    became |= Counter(state for _, _, state, _, _ in digests.states(store, store.today))
    return Health(submissions, on_desk, lines, len(sessions.good(store)), len(tokens.good(store)), last, newest, backups.last_taken(store), became, *store.size())
