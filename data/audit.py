"""The audit: what was done, by whom and when. Lines are only ever added; each carries the hash of the one before it.

A line that is changed, removed from the middle or put elsewhere breaks the chain. Lines cut off at the end leave a whole chain
behind: they are missed only by who has noted the last hash elsewhere, as on the paper of an inspection.
No line holds a secret, or what stands in a file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import duckdb

from data.store import Store, now

BEGINNING = "0" * 64  # stands for the hash before the first line
# What may be done, in the words of the interface's translations.
ACTS = (
    "signed_in", "sign_in_failed", "refused", "signed_out", "session_ended", "password_chosen", "invited",
    "account_made", "account_changed", "account_disabled", "account_enabled", "token_made", "token_ended", "policy_changed", "duty", "meeting", "action", "action_said", "note", "agreed", "struck", "acknowledged", "subscribed", "digest", "second_factor_set", "second_factor_removed",
    "viewed", "downloaded", "uploaded", "sent", "answered", "backed_up", "recovered", "committed", "withdrawn", "restored", "returned", "settled", "learned", "forgotten",
)
_MOST = 200  # characters of a text about an act: what somebody typed must not fill the audit


@dataclass(frozen=True)
class Line:
    """One act. `number` counts from 1 without a gap; `at` is UTC; `about` holds plain texts and numbers."""

    number: int
    at: datetime
    who: str
    act: str
    about: dict[str, Any]
    hash: str


@dataclass(frozen=True)
class Chain:
    """What became of checking a chain: how many lines are whole from the first, the hash of the last of these, and, where the
    chain breaks, a sentence that says where."""

    whole: int
    hash: str
    broken: str | None = None


def write(store: Store, who: str, act: str, **about: Any) -> None:
    """Adds a line in a transaction of its own. ValueError for an act that there is not."""
    with store.transaction(of="door") as cursor:
        add(cursor, who, act, **about)


def add(cursor: duckdb.DuckDBPyConnection, who: str, act: str, **about: Any) -> None:
    """Adds a line within a transaction: it stands if, and only if, what it tells of does."""
    if act not in ACTS:
        raise ValueError(f"there is no act {act!r}")
    last = cursor.execute("select number, hash from audit order by number desc limit 1").fetchone() or (0, BEGINNING)
    told = {name: value[:_MOST] if isinstance(value, str) else value for name, value in about.items() if value not in (None, "")}
    line = Line(last[0] + 1, now(), who[:_MOST], act, told, "")
    cursor.execute("insert into audit values ($number, $at, $who, $act, $about, $hash)",
                   {"number": line.number, "at": line.at, "who": line.who, "act": act, "about": _json(told), "hash": _hash(line, last[1])})


def lines(store: Store, *, since: datetime | None = None, act: str | None = None, who: str | None = None, most: int | None = None) -> list[Line]:
    """The newest lines first; all of them, or those since a moment, of one act, of one person, and at most so many."""
    told = store.ask_rows(
        """select number, done_at, who, act, about, hash from audit
           where ($since is null or done_at >= $since) and ($act is null or act = $act) and ($who is null or who = $who)
           order by number desc limit $most""",
        {"since": since, "act": act, "who": who, "most": most if most is not None else 2**62})
    return [Line(number, at, who_, act_, json.loads(about), hash) for number, at, who_, act_, about, hash in told]


def verified(store: Store) -> Chain:
    """Checks the chain of a store from its first line."""
    return check(reversed(lines(store)))


def exported(lines: Iterable[Line]) -> Iterator[str]:
    """The lines as JSON, one each, which `read` reads again."""
    for line in lines:
        yield _json(asdict(line) | {"at": line.at.isoformat()})


def read(text: str) -> Iterator[Line]:
    """The lines of an export. ValueError, with the line's place, for what is none."""
    for place, told in enumerate(text.splitlines(), 1):
        try:
            found = json.loads(told)
            yield Line(int(found["number"]), datetime.fromisoformat(found["at"]), str(found["who"]), str(found["act"]), dict(found["about"]), str(found["hash"]))
        except (ValueError, TypeError, KeyError) as error:
            raise ValueError(f"Line {place} is not one of an audit.") from error


def check(lines: Iterable[Line]) -> Chain:
    """Checks lines in their order, from the first one that there was."""
    whole = Chain(0, BEGINNING)
    for line in lines:
        if line.number != whole.whole + 1:
            return Chain(whole.whole, whole.hash, f"After line {whole.whole} comes line {line.number}: a line was removed or put elsewhere.")
        if line.hash != _hash(line, whole.hash):
            return Chain(whole.whole, whole.hash, f"Line {line.number} is not what was written: it, or the hash before it, was changed.")
        whole = Chain(line.number, line.hash)
    return whole


def _hash(line: Line, before: str) -> str:
    told = [before, line.number, line.at.isoformat(), line.who, line.act, line.about]
    return hashlib.sha256(_json(told).encode()).hexdigest()


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
