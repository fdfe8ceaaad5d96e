"""A file with all of its tables: each is staged by itself, and they are committed together or not at all."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import combinations

from data.places import Places
from data.scope import Scope
from data.store import Store
from loaders import spellings
from loaders.answers import Answers, knowing, of_each_table
from loaders.headers import tables
from loaders.problems import LoadError
from loaders.sheets import read
from loaders.submissions import Progress, Receipt, Staged, commit_within, stage, tell_committed

_MOST_NAMED = 5  # districts in a sentence


def stage_all(
    store: Store, name: str, content: bytes, *, sender: str, answers: Answers = Answers(), may_submit: Scope | None = None, by: str = "", progress: Progress = lambda step: None,
) -> tuple[Staged, ...]:
    """Reads and checks a file with all of its tables, in their order. LoadError if it can't be read, holds no table, or has a
    district in two tables of one domain, of which either may be meant. Rows outside `may_submit` are Problems."""
    progress("Reading")
    sheets = read(name, content)
    election = knowing(store.election, spellings.known(store, sender, by))
    domains = [election.domain(answers.domain)] if answers.domain else election.domains
    every = tuple(stage(store, name, content, sender=sender, answers=one, may_submit=may_submit, sheets=sheets, by=by, progress=progress)
                  for one in of_each_table(tables(sheets, domains), answers))
    for one, other in combinations(every, 2):
        _refuse_same_districts(one, other, election.places)
    store.observer.checked(found.kind for one in every for found in one.problems)
    return every


def commit_all(store: Store, every: Sequence[Staged], *, progress: Progress = lambda step: None) -> tuple[Receipt, ...]:
    """Stores the tables of a file, each as a submission, in one transaction. ValueError if a problem blocks one of them; Overtaken
    if others have handed in for their districts since they were compared."""
    progress("Storing")
    begun = time.perf_counter()
    with store.transaction() as cursor:
        receipts = tuple(commit_within(cursor, one) for one in every)
    tell_committed(store, receipts, time.perf_counter() - begun)
    return receipts


def _refuse_same_districts(one: Staged, other: Staged, places: Places) -> None:
    """A district's rows come from one table. The later one would take the place of all that the earlier one has for it."""
    a, b = one.checked, other.checked
    both = [places[code].name for code in a.districts if code in b.districts] if a.domain.name == b.domain.name else []
    if both:
        named = ", ".join(both[:_MOST_NAMED]) + (f" and {len(both) - _MOST_NAMED:,} more" if len(both) > _MOST_NAMED else "")
        raise LoadError("ambiguous", f"Two tables of {a.domain.label}, in “{a.sheet}” and “{b.sheet}”, have rows of {named}. "
                                     "Keep each district in one of the two, or send each sheet in a file of its own.")
