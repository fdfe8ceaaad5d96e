"""The desk: files that were read and are not yet taken. They are laid down, looked at, settled, and then taken or returned."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

import duckdb

from data import audit, desk
from data.desk import Entry
from data.scope import Scope
from data.store import Matter, Store, new_id, now
from loaders import spellings, submissions
from loaders.answers import Answers, knowing, of_each_table
from loaders.changes import Changes, changes, only
from loaders.effect import Moved, effect
from loaders.headers import tables
from loaders.marked import marked
from loaders.problems import LoadError
from loaders.questions import Question, questions
from loaders.sheets import Sheet, read
from loaders.submissions import Progress, Receipt, Staged
from loaders.suggestions import Suggestion, suggestions

_Kept = TypeVar("_Kept")


@dataclass(frozen=True)
class Looked:
    """A file on the desk, read by what was settled about it: `staged`, as it may be told to who looks, or the `error` for which it can't
    be. `whole` is what is committed."""

    entry: Entry
    content: bytes
    answers: Answers
    sheets: Sequence[Sheet]
    whole: Staged | None
    error: LoadError | None
    staged: Staged | None = None

    def told_to(self, scope: Scope) -> Looked:
        """The same for who sees these districts."""
        if self.whole is None:
            return self
        if scope.districts not in self._told:
            self._told[scope.districts] = replace(self, staged=self.whole.told_to(scope))
        return self._told[scope.districts]

    @cached_property
    def _told(self) -> dict[frozenset[str], Looked]:
        return {}

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """What is to be asked about it; nothing where it can't be read."""
        staged = self.staged
        return questions(staged.layout, staged.checked, staged.problems, staged.places, self.answers.passed) if staged else ()

    @cached_property
    def suggestions(self) -> tuple[Suggestion, ...]:
        """The simple repairs that can be offered; none where it can't be read."""
        return suggestions(self.staged.layout, self.staged.checked, self.staged.problems) if self.staged else ()

    @cached_property
    def changes(self) -> Changes | None:
        """What it changes where it stands beside the picture of its day, of the districts that may be seen; None where it can't be compared."""
        staged = self.staged
        if staged is None or staged.current is None:
            return None
        return changes(staged.checked.domain, new=only(staged.checked.rows, staged.seen), old=staged.current.rows)

    @cached_property
    def marked(self) -> tuple[str, bytes]:
        """The sender's own workbook with its problems marked: its name and its bytes. It is made when it is first asked for, which
        takes a while where the file is large."""
        staged = self.staged
        return marked(self.entry.file_name, self.content, staged.problems, header={staged.checked.sheet: staged.layout.header_row})

    @property
    def is_marked(self) -> bool:
        """Whether that was asked for already."""
        return "marked" in vars(self)


class NotTheirs(PermissionError):
    """Somebody who may see a file on the desk wanted to go on with it who may not."""


class Gone(LookupError):
    """The file has left the desk meanwhile, or is not to be seen."""


def lay(
    store: Store, name: str, content: bytes, *, sender: str, by: str, may_submit: Scope, sees: Scope | None = None, progress: Progress = lambda step: None,
) -> tuple[str, ...]:
    """Reads a file and lays it on the desk; returns the id of each of its tables there: a workbook with a table for each of
    several domains lies there once for each. The same file is not laid down twice where it lies before the eyes of whoever lays it (who
    `sees` that; None sees all); of its tables only those that have left the desk are, and stand first then. LoadError if it can't be read."""
    sha256 = hashlib.sha256(content).hexdigest()
    there = _lying(store, sha256, sees or Scope.everything(store.election.places))
    if any(not sheet for sheet, _ in there):  # a file with a single table, which no sheet had to be named for
        return tuple(there.values())
    progress("Reading")
    sheets = _SHEETS.keep((sha256, name), lambda: read(name, content))
    election = knowing(store.election, spellings.known(store, sender, by))
    every = of_each_table(tables(sheets, election.domains))
    progress("Checking")
    missing = [answers for answers in every if (answers.sheet, answers.header_row) not in there]
    readings = [_stage(store, name, content, sender, by, answers, may_submit, sheets) for answers in missing]
    laid = []
    with store.transaction(of=lambda cursor: _matter(cursor, sha256)) as cursor:
        submissions.keep_file(cursor, sha256, content)
        for one in readings:
            id = new_id(cursor)
            cursor.execute("insert into desk values (?, ?, ?, ?, ?, ?)", [id, sha256, name, sender, now(), by])
            _write_reading(cursor, id, one, by)
            audit.add(cursor, by, "uploaded", staged=id, file=name, sha256=sha256, sender=sender)
            laid.append(id)
    store.observer.checked(found.kind for one in readings if one.staged for found in one.staged.problems)
    for id, one in zip(laid, readings):
        _keep(store, id, one, content, sheets)
    return (*laid, *there.values())


def _lying(store: Store, sha256: str, sees: Scope) -> dict[tuple[str, int], str]:
    """The tables of a file that lie on the desk and may be seen: where each was found when it was laid down, and its id there."""
    seen = {one.staged for one in desk.entries(store, sees)}
    found = store.ask_rows("""
        select r.answers, staged::varchar from desk join readings r using (staged)
        where file_sha256 = $sha and staged not in (select staged from departures)
        qualify row_number() over (partition by staged order by r.read_at) = 1 order by 2""", {"sha": sha256})
    first = [(Answers.from_json(answers), staged) for answers, staged in found if staged in seen]
    return {(answers.sheet, answers.header_row): staged for answers, staged in first}


def look(store: Store, scope: Scope, id: str, *, may_submit: Scope, progress: Progress = lambda step: None) -> Looked:
    """The file on the desk as it is read now: anew where something was settled, learned or handed in since. Gone if it has left."""
    entry = desk.entry(store, scope, id)
    if entry is None:
        raise Gone(id)
    basis = _basis(store, entry.answers, entry.sender, entry.laid_by, may_submit)
    kept = _LOOKED.get(id)
    if kept is not None and kept[0] == basis:
        return kept[1].told_to(scope)
    content = desk.content_of(store, scope, id)
    sheets = _SHEETS.keep((entry.file_sha256, entry.file_name), lambda: read(entry.file_name, content))
    one = _stage(store, entry.file_name, content, entry.sender, entry.laid_by, Answers.from_json(entry.answers), may_submit, sheets, progress)
    looked = Looked(entry, content, one.answers, sheets, one.staged, one.error)
    _LOOKED.put(id, (one.basis, looked))
    return looked.told_to(scope)


def outlook(store: Store, scope: Scope, looked: Looked) -> tuple[date, tuple[Moved, ...]]:
    """What becomes of the figures if the districts that are free are taken: the day that is told of, and the figures before and
    after. Today's, but where newer pictures stand for all of the districts, those of the sheet's own day."""
    staged = looked.staged
    newest = dict(zip(staged.current.sources["district"].to_pylist(), staged.current.sources["newest"].to_pylist()))
    is_behind = all(newest.get(code) and newest[code] > staged.checked.as_of for code in staged.free)
    on = staged.checked.as_of if is_behind else store.today
    question = ("outlook", scope, looked.entry.staged, looked.entry.read_at, staged.free, on)
    return on, store.remember(question, lambda: effect(
        store, scope, lambda cursor: submissions.insert(cursor, staged, staged.free, by="", note="", at=submissions.next_moment(cursor), rehearsed=True),
        on=on, domain=staged.checked.domain.name, districts=staged.free))


def may_handle(store: Store, entry: Entry, *, by: str, may_submit: Scope) -> bool:
    """Whether somebody may go on with a file: who laid it there, and who may submit for every district that it names in its
    domain; where that can't be told, for every district in every domain."""
    election = store.election
    districts = [one.code for one in election.places.districts] if entry.named is None else entry.named
    domains = [entry.domain] if entry.domain else [one.name for one in election.domains]
    return entry.laid_by == by or all(may_submit.allows(domain, districts) for domain in domains)


def refuse_others(store: Store, entry: Entry, *, by: str, may_submit: Scope) -> None:
    """NotTheirs where somebody may not go on with a file."""
    if not may_handle(store, entry, by=by, may_submit=may_submit):
        raise NotTheirs(f"{by} may not go on with {entry.file_name}.")


def settle(store: Store, looked: Looked, answers: Answers, *, by: str, may_submit: Scope) -> None:
    """Writes down what was settled about a file, with what comes out of it now."""
    entry = looked.entry
    refuse_others(store, entry, by=by, may_submit=may_submit)
    answers = replace(answers, corrections=tuple(one if one.by else replace(one, by=by) for one in answers.corrections))
    one = _stage(store, entry.file_name, looked.content, entry.sender, entry.laid_by, answers, may_submit, looked.sheets)
    with store.transaction(of=lambda cursor: _matter(cursor, entry.file_sha256)) as cursor:
        _refuse_gone(cursor, entry.staged)
        _write_reading(cursor, entry.staged, one, by)
        audit.add(cursor, by, "answered", staged=entry.staged, file=entry.file_name)
    _keep(store, entry.staged, one, looked.content, looked.sheets)


def take(store: Store, looked: Looked, *, by: str, may_submit: Scope, note: str, only: Collection[str], progress: Progress = lambda step: None) -> Receipt:
    """Commits the file, or these of its districts, and takes it off the desk, in one transaction. Overtaken if others have
    handed in for them since it was looked at; Gone if somebody has taken or returned it; NotTheirs."""
    refuse_others(store, looked.entry, by=by, may_submit=may_submit)
    id = looked.entry.staged

    def leave(cursor: duckdb.DuckDBPyConnection, submission: str) -> None:
        _refuse_gone(cursor, id)
        cursor.execute("insert into departures values (?, ?, 'taken', ?, ?, ?)", [id, now(), by, note, submission])

    receipt = submissions.commit(store, looked.whole, by=by, note=note, only=only, anew=bool(looked.whole.replaced_by), also=leave, progress=progress)
    _LOOKED.drop(id)
    return receipt


def give_back(store: Store, looked: Looked, *, by: str, may_submit: Scope, reason: str) -> None:
    """Takes a file off the desk without taking it in. It stays in the history with the reason. Gone if it has left already; NotTheirs."""
    refuse_others(store, looked.entry, by=by, may_submit=may_submit)
    id = looked.entry.staged
    with store.transaction(of="desk") as cursor:
        _refuse_gone(cursor, id)
        cursor.execute("insert into departures values (?, ?, 'returned', ?, ?, null)", [id, now(), by, reason])
        audit.add(cursor, by, "returned", staged=id, file=looked.entry.file_name, reason=reason)
    _LOOKED.drop(id)


def settle_rejected(store: Store, submission: str, *, by: str, reason: str) -> None:
    """Declares the rows that a submission held back to be settled, for that reason."""
    with store.transaction(of="desk") as cursor:
        cursor.execute("insert into settlings select submission, ?, ?, ? from submissions where submission::varchar = ?", [now(), by, reason, submission])
        audit.add(cursor, by, "settled", submission=submission, reason=reason)


@dataclass(frozen=True)
class _Reading:
    """A file as it was read by those answers: `staged`, or the `error` for which it can't be; `basis` is all that it depends on."""

    basis: Hashable
    answers: Answers
    staged: Staged | None
    error: LoadError | None


def _stage(
    store: Store, name: str, content: bytes, sender: str, by: str, answers: Answers, may_submit: Scope, sheets: Sequence[Sheet],
    progress: Progress = lambda step: None,
) -> _Reading:
    basis = _basis(store, answers.to_json(), sender, by, may_submit)  # before the rest: who hands in meanwhile is noticed
    try:
        staged = submissions.stage(store, name, content, sender=sender, answers=answers, may_submit=may_submit, sheets=sheets, by=by, progress=progress)
    except LoadError as error:
        return _Reading(basis, answers, None, error)
    return _Reading(basis, answers, staged, None)


def _basis(store: Store, answers: str, sender: str, by: str, may_submit: Scope) -> Hashable:
    """All that a reading depends on: what was settled and learned, who looks, the day, and what was handed in or withdrawn."""
    done = store.remember("all that was done", lambda: store.ask_rows("select count(*), max(done_at) from events", {}))
    return answers, sender, spellings.known(store, sender, by), may_submit, store.today, tuple(done)


def _keep(store: Store, id: str, one: _Reading, content: bytes, sheets: Sequence[Sheet]) -> None:
    """Keeps what was read just now for whoever looks at it first."""
    entry = desk.entry(store, Scope.everything(store.election.places), id)
    if entry is not None:
        _LOOKED.put(id, (one.basis, Looked(entry, content, one.answers, sheets, one.staged, one.error)))


def _write_reading(cursor: duckdb.DuckDBPyConnection, id: str, one: _Reading, by: str) -> None:
    told: list[Any] = [None, None, [], 0, 0, 0]
    staged = one.staged
    if staged is not None:
        blocking = sum(one.blocks for one in staged.problems)
        checked = staged.checked
        told = [checked.domain.name, checked.as_of, list(checked.districts), checked.rows.num_rows, blocking, len(staged.problems) - blocking]
        submissions.write_named(cursor, staged)
    cursor.execute("insert into readings values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", [id, now(), by, one.answers.to_json(), *told])


def _matter(cursor: duckdb.DuckDBPyConnection, sha256: str) -> Matter:
    """What is touched by who writes down what a file names: the desk alone, but where the file was handed in already. Who may see that
    submission as a whole hangs on what its file names."""
    return "figures" if cursor.execute("select 1 from submissions where file_sha256 = ?", [sha256]).fetchone() else "desk"


def _refuse_gone(cursor: duckdb.DuckDBPyConnection, id: str) -> None:
    if cursor.execute("select 1 from departures where staged = ?", [id]).fetchone():
        raise Gone(id)


class _Lately:
    """The few things that were needed last, by name: a file's cells take seconds to read, and much room to keep."""

    def __init__(self, most: int) -> None:
        self._most, self._kept, self._lock = most, OrderedDict[Hashable, Any](), threading.Lock()

    def get(self, name: Hashable) -> Any:
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
            return self._kept.get(name)

    def put(self, name: Hashable, value: Any) -> None:
        with self._lock:
            self._kept[name] = value
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def drop(self, name: Hashable) -> None:
        with self._lock:
            self._kept.pop(name, None)

    def keep(self, name: Hashable, make: Callable[[], _Kept]) -> _Kept:
        found = self.get(name)
        if found is None:
            found = make()
            self.put(name, found)
        return found


_SHEETS, _LOOKED = _Lately(4), _Lately(4)
