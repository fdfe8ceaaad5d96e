"""Tables that can be taken along: each has an address from the moment at which it is drawn, and is made when that is followed.

They live as long as what they were drawn in: with the pieces of a page until the store changes, with a page that is drawn anew at each run as
long as it is open. Whoever comes too late for one is led back to its page, which draws it anew.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import count
from weakref import WeakValueDictionary

import pandas as pd

from data.scope import Scope

_KEY, _NUMBERS = secrets.token_bytes(32), count()


def _new_id() -> str:
    """An id that nobody guesses. To ask the system for each lets go of the interpreter, for which a page with many tables waits anew each time."""
    return blake2b(next(_NUMBERS).to_bytes(8, "big"), key=_KEY, digest_size=12).hexdigest()


@dataclass(frozen=True, eq=False)
class Taken:
    """A table to be taken along: its file's name without ending, the scope in which it was asked for, how it is asked for, the id beneath which
    it is found."""

    name: str
    scope: Scope
    frame: Callable[[], pd.DataFrame]
    id: str = field(default_factory=_new_id)


_tables: WeakValueDictionary[str, Taken] = WeakValueDictionary()
_drawn: ContextVar[list[Taken]] = ContextVar("_drawn")


@contextmanager
def drawing() -> Iterator[list[Taken]]:
    """The tables that are drawn until the block ends: whoever keeps what was drawn keeps them with it."""
    held: list[Taken] = []
    outer = _drawn.set(held)
    try:
        yield held
    finally:
        _drawn.reset(outer)


def keep(table: Taken) -> str:
    """Has a table found beneath its id for as long as somebody holds it: what is just being drawn, where it is a piece that will be kept."""
    _tables[table.id] = table
    hold(table)
    return table.id


def hold(*tables: Taken) -> None:
    """Has what is just being drawn, if it will be kept, hold these tables."""
    if (held := _drawn.get(None)) is not None:
        held += tables


def found(id: str, *scopes: Scope) -> Taken | None:
    """The table of that id for who sees by one of these scopes; None for everybody else, and where nobody holds it any more."""
    table = _tables.get(id)
    return table if table is not None and table.scope in scopes else None
