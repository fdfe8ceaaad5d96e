"""The election's file as policy: a draft of it and what that would do to today's figures, its publication, and every version there was.

The file stays the one place where the policy stands; its versions are kept in the store, with when, by whom, and what each changed.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from secrets import token_hex
from typing import Any

import tomlkit

from data import audit, readiness
from data.election import Election, parse
from data.places import LEVELS
from data.plan import lay_policy
from data.readiness import Line
from data.scope import Scope
from data.store import Store, now

_LOG = logging.getLogger("readiness")
_NAMED_BY = ("id", "title")  # by which a table of a list is known, where it has one


class PolicyError(Exception):
    """A draft can't be published; the message says why and what to do."""


@dataclass(frozen=True)
class Version:
    """One version. `number` counts from 1; `known_at` is UTC."""

    number: int
    known_at: datetime
    known_by: str
    sha256: str
    text: str


@dataclass(frozen=True)
class Difference:
    """A key whose value differs between two versions, with what stood and what stands there; '' where there is none."""

    key: str
    before: str
    after: str


def keep(store: Store, text: str, *, by: str) -> bool:
    """Keeps the file's text if it is not the newest version already; whether it is a new one. A change is written in the audit.

    Where several servers share the store, a text that was replaced by a newer one is not put back: this server was away when that was
    published, and is to `follow` it.
    """
    sha256 = _sha256(text)
    with store.transaction(of="door") as cursor:
        last = cursor.execute("select number, sha256, text from policies order by number desc limit 1").fetchone()
        if last and last[1] == sha256:
            return False
        if store.database.is_shared and cursor.execute("select 1 from policies where sha256 = $sha256", {"sha256": sha256}).fetchone():
            return False
        cursor.execute("insert into policies values ($number, $at, $by, $sha256, $text)",
                       {"number": last[0] + 1 if last else 1, "at": now(), "by": by, "sha256": sha256, "text": text})
        if last:  # the first version changes nothing
            audit.add(cursor, by, "policy_changed", version=last[0] + 1, keys=", ".join(one.key for one in differences(last[2], text)), sha256=sha256)
    return True


def follow(store: Store, path: Path) -> None:
    """Has this server answer by the newest version where several share the store and another has published one; its own file becomes the same."""
    if not store.database.is_shared:
        return
    newest = store.remember("newest policy", lambda: versions(store)[:1], of="door")
    if newest and newest[0].sha256 != store.answers_by:
        text = newest[0].text
        if path.read_text(encoding="utf-8-sig") != text:
            try:
                _replace(path, text)
            except OSError as error:
                _LOG.warning("the election's file %s is not the newest version and can't be written: %s", path, error)
        store.adopt(drafted(store, path, text), newest[0].sha256)


def edited(text: str, values: Mapping[str, Any]) -> str:
    """The text with other values at these keys ("dates.e_day"), its comments and all else as they are. A value that is the same stays as
    it is written."""
    told = tomlkit.parse(text)
    for key, value in values.items():
        *within, last = key.split(".")
        table = told
        for name in within:
            table = table.setdefault(name, tomlkit.table())
        if last not in table or _plain(table[last]) != value:
            table[last] = value
    return tomlkit.dumps(told)


def drafted(store: Store, path: Path, text: str) -> Election:
    """The election as it would be with that text in its file. ElectionError names every mistake at once."""
    return replace(parse(text, path, store.election.domains), places=store.election.places)


def effect(store: Store, scope: Scope, draft: Election, *, on: date) -> list[tuple[Line, Line]]:
    """What a draft would do to the figures of a day: each line of the figures as it is and as it would be, of every level in scope."""
    before = [line for level in LEVELS for line in readiness.lines(store, scope, level, days=(on,))]
    with store.rehearsal() as cursor:
        lay_policy(cursor, draft)
        after = readiness.lines_within(cursor, store, scope, LEVELS, on=on, behind=draft.behind)
    return list(zip(before, after, strict=True))


def publish(store: Store, path: Path, text: str, *, instead_of: str, by: str) -> None:
    """Writes a draft into the election's file, keeps it as a version, and has every question answered by it. PolicyError where it changes
    nothing, the file is no longer what the draft was made of, or can't be written; ElectionError where the draft has mistakes."""
    election = drafted(store, path, text)
    if not differences(instead_of, text):
        raise PolicyError("The draft changes nothing.")
    if path.read_text(encoding="utf-8-sig") != instead_of:
        raise PolicyError("The election's file was changed meanwhile. Load the page again, and make the draft anew.")
    try:
        _replace(path, text)
    except OSError as error:
        raise PolicyError(f"{path.name} can't be written: {(error.strerror or str(error)).lower()}. Nothing was published.") from None
    keep(store, text, by=by)
    store.adopt(election, _sha256(text))


def _replace(path: Path, text: str) -> None:
    """Writes the election's file anew, whole or not at all."""
    part = path.with_name(f"{path.name}-{token_hex(4)}")
    try:
        part.write_text(text, encoding="utf-8")
        part.chmod(path.stat().st_mode & 0o777)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def versions(store: Store) -> tuple[Version, ...]:
    """All versions, the newest first."""
    return tuple(Version(*row) for row in store.ask_rows("select number, known_at, known_by, sha256, text from policies order by number desc", {}))


def differences(before: str, after: str) -> tuple[Difference, ...]:
    """The keys of which the values differ between two texts, in the order of the newer one; those that are gone stand last."""
    old, new = dict(_values(tomllib.loads(before))), dict(_values(tomllib.loads(after)))
    return tuple(Difference(key, old.get(key, ""), new.get(key, "")) for key in dict.fromkeys((*new, *old)) if old.get(key) != new.get(key))


def _values(told: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, str]]:
    """Every key with its value as text: a.b for what stands within a table, a[name].b within one of several."""
    for key, value in told.items():
        if isinstance(value, Mapping):
            yield from _values(value, f"{within}{key}.")
        elif isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value) and within != "windows.":
            for number, one in enumerate(value, 1):
                name = next((str(one[by]) for by in _NAMED_BY if by in one), str(number))
                yield from _values(one, f"{within}{key}[{name}].")
        else:
            yield f"{within}{key}", _text(value)


def _plain(value: Any) -> Any:
    return value.unwrap() if hasattr(value, "unwrap") else value


def _text(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_text(one) for one in value)}]"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_text(one)}" for key, one in value.items())
    return str(value)
