"""What was learned of how people write: spellings of districts, headings and choices, for one sender or for all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from data import audit
from data.store import Store, now, touched
from loaders.answers import Spelling

_KEPT = "spelling not in (select spelling from forgotten)"


@dataclass(frozen=True)
class Learned:
    """A spelling that was learned: of whom ('' for all), when (UTC) and by whom; `only_of` is who lays the files for which it
    holds ('' for anybody). `id` names it."""

    id: str
    spelling: Spelling
    sender: str
    learned_at: datetime
    learned_by: str
    only_of: str


def known(store: Store, sender: str, by: str = "") -> tuple[Spelling, ...]:
    """What was learned for all and for that sender, in files that `by` lays on the desk; the sender's own comes last, for it
    goes before."""
    found = store.remember(("spellings", sender, by), lambda: store.ask_rows(f"""
        select kind, written, meant, domain, "column" from spellings
        where {_KEPT} and sender in ('', $sender) and only_of in ('', $by) order by sender, learned_at""", {"sender": sender, "by": by}), of="desk")
    return tuple(Spelling(*one) for one in found)


def learned(store: Store, *, by: str, may_teach: bool = True) -> tuple[Learned, ...]:
    """Everything that was learned and not forgotten, newest first; for who may not teach all, what they taught for themselves."""
    found = store.remember(("learned", may_teach, by), lambda: store.ask_rows(f"""
        select spelling::varchar, kind, written, meant, domain, "column", sender, learned_at, learned_by, only_of from spellings
        where {_KEPT} and ($may_teach or only_of = $by) order by learned_at desc, written""", {"may_teach": may_teach, "by": by}), of="desk")
    return tuple(Learned(id, Spelling(*told), sender, at, by, only_of) for id, *told, sender, at, by, only_of in found)


def learn(store: Store, spellings: Iterable[Spelling], *, sender: str, by: str, may_teach: bool = True) -> None:
    """Remembers spellings for a sender, or for all where `sender` is ''. What is remembered already is not said twice. Who may not
    teach all teaches a sender's words for the files alone that they lay down themselves, and nothing for all."""
    if not (may_teach or sender):
        raise ValueError(f"{by} may not have anything remembered for all")
    there, only_of = set(known(store, sender, by)), "" if may_teach else by
    with store.transaction(of="desk") as cursor:
        for one in dict.fromkeys(spellings):
            if one not in there:
                cursor.execute("insert into spellings select uuidv7(), ?, ?, ?, ?, ?, ?, ?, ?, ?", [
                    one.kind, one.domain, one.column, one.written, one.meant, sender, now(), by, only_of])
                audit.add(cursor, by, "learned", kind=one.kind, written=one.written, meant=one.meant, sender=sender)


def forget(store: Store, id: str, *, by: str, may_teach: bool = True) -> None:
    """Forgets a spelling: from now on it is asked about again. What was taken in with it stays as it is. LookupError if there is none of
    that id that they may forget."""
    with store.transaction(of="desk") as cursor:
        forgotten = touched(
            cursor, "insert into forgotten select spelling, $at, $by from spellings where spelling::varchar = $id and ($may_teach or only_of = $by)",
            {"at": now(), "by": by, "id": id, "may_teach": may_teach})
        if not forgotten:
            raise LookupError(f"There is no spelling {id} that {by} may forget.")
        audit.add(cursor, by, "forgotten", spelling=id)
