"""The desk: files that were read and are not yet taken. They are laid down, looked at, settled, and then taken or returned."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

import duckdb

from data import desk
from data.desk import Entry
from data.scope import Scope
from data.store import Store, now
from loaders import spellings, submissions
from loaders.answers import Answers, knowing
from loaders.changes import Changes, changes
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
    """A file on the desk, read by what was settled about it: `staged`, or the `error` for which it can't be."""

    entry: Entry
    content: bytes
    answers: Answers
    sheets: Sequence[Sheet]
    staged: Staged | None
    error: LoadError | None

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
        """What it changes where it stands beside the picture of its day; None where it can't be compared."""
        if self.staged is None or self.staged.current is None:
            return None
        return changes(self.staged.checked.domain, new=self.staged.checked.rows, old=self.staged.current.rows)


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


class Gone(LookupError):
    """The file has left the desk meanwhile, or is not to be seen."""


def lay(store: Store, name: str, content: bytes, *, sender: str, by: str, may_submit: Scope, progress: Progress = lambda step: None) -> tuple[str, ...]:
    """Reads a file and lays it on the desk; returns the id of each of its tables there: a workbook with a table for each of
    several domains lies there once for each. The same file is not laid down twice. LoadError if it can't be read."""
    sha256 = hashlib.sha256(content).hexdigest()
    there = store.ask_rows("select staged::varchar from desk where file_sha256 = $sha and staged not in (select staged from departures) order by 1", {"sha": sha256})
    if there:
        return tuple(staged for (staged,) in there)
    progress("Reading")
    sheets = _SHEETS.keep(sha256, lambda: read(name, content))
    election = knowing(store.election, spellings.known(store, sender))
    found = tables(sheets, election.domains)
    every = [Answers(domain=one.domain, sheet=one.sheet, header_row=one.header_row) for one in found] if len(found) > 1 else [Answers()]
    progress("Checking")
    readings = [(answers, _staged(store, name, content, sender, answers, may_submit, sheets)[0]) for answers in every]
    laid = []
    with store.transaction() as cursor:
        submissions.keep_file(cursor, sha256, content)
        for answers, staged in readings:
            id = cursor.execute("select uuidv7()::varchar").fetchone()[0]
            cursor.execute("insert into desk values (?, ?, ?, ?, ?, ?)", [id, sha256, name, sender, now(), by])
            _write_reading(cursor, id, answers, staged, by)
            laid.append(id)
    return tuple(laid)


def look(store: Store, scope: Scope, id: str, *, may_submit: Scope, progress: Progress = lambda step: None) -> Looked:
    """The file on the desk as it is read now: anew where something was settled, learned or handed in since. Gone if it has left."""
    entry = desk.entry(store, scope, id)
    if entry is None:
        raise Gone(id)
    answers = Answers.from_json(entry.answers)
    kept = _STAGED.get(id)
    fresh = _state(store, entry, may_submit)
    if kept is None or kept[0] != fresh or (kept[1].staged is not None and submissions.basis(store, kept[1].staged.checked) != kept[1].staged.basis):
        content = desk.content_of(store, scope, id)
        sheets = _SHEETS.keep(entry.file_sha256, lambda: read(entry.file_name, content))
        staged, error = _staged(store, entry.file_name, content, entry.sender, answers, may_submit, sheets, progress)
        _STAGED.put(id, (fresh, Looked(entry, content, answers, sheets, staged, error)))
    return _STAGED.get(id)[1]


def outlook(store: Store, scope: Scope, looked: Looked) -> tuple[date, tuple[Moved, ...]]:
    """What becomes of the figures if the districts that are free are taken: the day that is told of, and the figures before and
    after. Today's, but where newer pictures stand for all of the districts, those of the sheet's own day."""
    staged = looked.staged
    newest = dict(zip(staged.current.sources["district"].to_pylist(), staged.current.sources["newest"].to_pylist()))
    is_behind = all(newest.get(code) and newest[code] > staged.checked.as_of for code in staged.free)
    on = staged.checked.as_of if is_behind else store.today
    question = ("outlook", scope, looked.entry.staged, looked.entry.read_at, on)
    return on, store.remember(question, lambda: effect(
        store, scope, lambda cursor: submissions.insert(cursor, staged, staged.free, by="", note="", at=submissions.next_moment(cursor), with_file=False),
        on=on, domain=staged.checked.domain.name, districts=staged.free))


def settle(store: Store, looked: Looked, answers: Answers, *, by: str, may_submit: Scope) -> None:
    """Writes down what was settled about a file, with what comes out of it now."""
    entry = looked.entry
    staged, _ = _staged(store, entry.file_name, looked.content, entry.sender, answers, may_submit, looked.sheets)
    with store.transaction() as cursor:
        _refuse_gone(cursor, entry.staged)
        _write_reading(cursor, entry.staged, answers, staged, by)


def take(store: Store, looked: Looked, *, by: str, note: str, only: Collection[str], progress: Progress = lambda step: None) -> Receipt:
    """Commits the file, or these of its districts, and takes it off the desk, in one transaction. Overtaken if others have
    handed in for them since it was looked at; Gone if somebody has taken or returned it."""
    id = looked.entry.staged

    def leave(cursor: duckdb.DuckDBPyConnection, submission: str) -> None:
        _refuse_gone(cursor, id)
        cursor.execute("insert into departures values (?, ?, 'taken', ?, ?, ?)", [id, now(), by, note, submission])

    receipt = submissions.commit(store, looked.staged, by=by, note=note, only=only, also=leave, progress=progress)
    _STAGED.drop(id)
    return receipt


def give_back(store: Store, looked: Looked, *, by: str, reason: str) -> None:
    """Takes a file off the desk without taking it in. It stays in the history with the reason. Gone if it has left already."""
    id = looked.entry.staged
    with store.transaction() as cursor:
        _refuse_gone(cursor, id)
        cursor.execute("insert into departures values (?, ?, 'returned', ?, ?, null)", [id, now(), by, reason])
    _STAGED.drop(id)


def settle_rejected(store: Store, submission: str, *, by: str, reason: str) -> None:
    """Declares the rows that a submission held back to be settled, for that reason."""
    with store.transaction() as cursor:
        cursor.execute("insert into settlings select submission, ?, ?, ? from submissions where submission::varchar = ?", [now(), by, reason, submission])


def _staged(
    store: Store, name: str, content: bytes, sender: str, answers: Answers, may_submit: Scope, sheets: Sequence[Sheet],
    progress: Progress = lambda step: None,
) -> tuple[Staged | None, LoadError | None]:
    try:
        return submissions.stage(store, name, content, sender=sender, answers=answers, may_submit=may_submit, sheets=sheets, progress=progress), None
    except LoadError as error:
        return None, error


def _state(store: Store, entry: Entry, may_submit: Scope) -> Hashable:
    """All that a reading depends on, but for what others hand in."""
    return entry.answers, entry.sender, spellings.known(store, entry.sender), may_submit, store.today


def _write_reading(cursor: duckdb.DuckDBPyConnection, id: str, answers: Answers, staged: Staged | None, by: str) -> None:
    told: list[Any] = [None, None, [], 0, 0, 0]
    if staged is not None:
        blocking = sum(one.blocks for one in staged.problems)
        checked = staged.checked
        told = [checked.domain.name, checked.as_of, list(checked.districts), checked.rows.num_rows, blocking, len(staged.problems) - blocking]
    cursor.execute("insert into readings values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", [id, now(), by, answers.to_json(), *told])


def _refuse_gone(cursor: duckdb.DuckDBPyConnection, id: str) -> None:
    if cursor.execute("select 1 from departures where staged = ?", [id]).fetchone():
        raise Gone(id)


class _Lately:
    """The few things that were needed last, by name: a file's cells take seconds to read, and much room to keep."""

    def __init__(self, most: int) -> None:
        self._most, self._kept, self._lock = most, OrderedDict[str, Any](), threading.Lock()

    def get(self, name: str) -> Any:
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
            return self._kept.get(name)

    def put(self, name: str, value: Any) -> None:
        with self._lock:
            self._kept[name] = value
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def drop(self, name: str) -> None:
        with self._lock:
            self._kept.pop(name, None)

    def keep(self, name: str, make: Callable[[], _Kept]) -> _Kept:
        found = self.get(name)
        if found is None:
            found = make()
            self.put(name, found)
        return found


_SHEETS, _STAGED = _Lately(4), _Lately(4)
