"""The versions of the election's file: each that the dashboard was started with is kept, with when and by whom, and what it changed."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from data import audit
from data.store import Store, now

_NAMED_BY = ("id", "title")  # by which a table of a list is known, where it has one


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
    """Keeps the file's text if it is not the newest version already; whether it is a new one. A change is written in the audit."""
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    with store.transaction(of_figures=False) as cursor:
        last = cursor.execute("select number, sha256, text from policies order by number desc limit 1").fetchone()
        if last and last[1] == sha256:
            return False
        cursor.execute("insert into policies values ($number, $at, $by, $sha256, $text)",
                       {"number": last[0] + 1 if last else 1, "at": now(), "by": by, "sha256": sha256, "text": text})
        if last:  # the first version changes nothing
            audit.add(cursor, by, "policy_changed", version=last[0] + 1, keys=", ".join(one.key for one in differences(last[2], text)), sha256=sha256)
    return True


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


def _text(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_text(one) for one in value)}]"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_text(one)}" for key, one in value.items())
    return str(value)
