"""What people write down: a text of theirs, cleaned and bounded, and what they have struck again."""

from __future__ import annotations

from uuid import UUID

import duckdb

from data import audit
from data.store import Store, now

MOST = 2_000  # letters of a text


class WritingError(Exception):
    """Something can't be written down; the message says why and what to do."""


def text(value: str, what: str, *, most: int = 200, may_be_empty: bool = False) -> str:
    """The text with its spaces in order. WritingError where it is empty, or too long, under the name of `what` it is."""
    told = " ".join(value.split())
    if not told and not may_be_empty:
        raise WritingError(f"{what} is empty; fill it in.")
    if len(told) > most:
        raise WritingError(f"{what} has {len(told):,} letters; {most:,} are the most.")
    return told


def strike(store: Store, table: str, key: str, id: str, reason: str, *, by: str) -> None:
    """Strikes a meeting or a note: it counts no more from now on, and is kept. WritingError where there is none, or it is struck already."""
    told = text(reason, "The reason")
    with store.transaction() as cursor:
        if not _stands(cursor, table, key, id):
            raise WritingError("It is not there any more: somebody has struck it meanwhile.")
        cursor.execute("insert into struck values (?, ?, ?, ?)", [id, now(), by, told])
        audit.add(cursor, by, "struck", kind=key, id=id, reason=told)


def _stands(cursor: duckdb.DuckDBPyConnection, table: str, key: str, id: str) -> bool:
    try:
        UUID(id)
    except ValueError:
        return False
    return cursor.execute(f"select 1 from {table} where {key} = ?::uuid and {key} not in (select id from struck)", [id]).fetchone() is not None
