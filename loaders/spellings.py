"""What was learned of how people write: spellings of districts, headings and choices, for one sender or for all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from data import audit
from data.store import Store, now
from loaders.answers import Spelling

_KEPT = "spelling not in (select spelling from forgotten)"


@dataclass(frozen=True)
class Learned:
    """A spelling that was learned: for whom ('' for all), when (UTC) and by whom. `id` names it."""

    id: str
    spelling: Spelling
    sender: str
    learned_at: datetime
    learned_by: str


def known(store: Store, sender: str) -> tuple[Spelling, ...]:
    """What was learned for all and for that sender; the sender's own comes last, for it goes before."""
    found = store.remember(("spellings", sender), lambda: store.ask_rows(f"""
        select kind, written, meant, domain, "column" from spellings
        where {_KEPT} and sender in ('', $sender) order by sender, learned_at""", {"sender": sender}))
    return tuple(Spelling(*one) for one in found)


def learned(store: Store) -> tuple[Learned, ...]:
    """Everything that was learned and not forgotten, newest first."""
    found = store.ask_rows(f"""
        select spelling::varchar, kind, written, meant, domain, "column", sender, learned_at, learned_by from spellings
        where {_KEPT} order by learned_at desc, written""", {})
    return tuple(Learned(id, Spelling(*told), sender, at, by) for id, *told, sender, at, by in found)


def learn(store: Store, spellings: Iterable[Spelling], *, sender: str, by: str) -> None:
    """Remembers spellings for a sender, or for all where `sender` is ''. What is remembered already is not said twice."""
    there = set(known(store, sender))
    with store.transaction() as cursor:
        for one in dict.fromkeys(spellings):
            if one not in there:
                cursor.execute("insert into spellings select uuidv7(), ?, ?, ?, ?, ?, ?, ?, ?", [
                    one.kind, one.domain, one.column, one.written, one.meant, sender, now(), by])
                audit.add(cursor, by, "learned", kind=one.kind, written=one.written, meant=one.meant, sender=sender)


def forget(store: Store, id: str, *, by: str) -> None:
    """Forgets a spelling: from now on it is asked about again. What was taken in with it stays as it is."""
    with store.transaction() as cursor:
        cursor.execute("insert into forgotten select spelling, ?, ? from spellings where spelling::varchar = ?", [now(), by, id])
        audit.add(cursor, by, "forgotten", spelling=id)
