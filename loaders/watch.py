"""The watched folder: spreadsheets that are put into it are taken in one by one, and each is answered beside.

    FOLDER/            what is put in, and what can't be taken just now
    FOLDER/taking/     what is in hand, each file in a folder of its own with a note of how far it has come
    FOLDER/accepted/   what was stored or is held already, each with its receipt
    FOLDER/returned/   what was not taken, each with the reasons and, where it can be read, its cells marked

A file moves only by renaming within FOLDER, so it is always whole in one place. Whoever works holds the lock of FOLDER/taking;
what stands there without its holder was left by one that was killed, and is finished first.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import stat
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import count
from pathlib import Path
from secrets import token_hex
from typing import Any

from loaders.door import Answer, Terminal
from loaders.marked import marked
from loaders.problems import LoadError, Problem

PLACES = ("taking", "accepted", "returned")
_ANSWERS = {"accepted": "-receipt.txt", "returned": "-problems.txt"}
_NOTE = ".note.json"
_LOCK = ".lock"
# How programs name what they have not finished, and what systems leave in folders.
_UNFINISHED = ("~$", ".", "~")
_UNFINISHED_ENDINGS = (".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".download")
_SYSTEM = {"thumbs.db", "desktop.ini"}
_LONGEST = 180  # bytes of a name, so that "-problems.txt" and a number still fit
_NOT_NOW = {"store", "not_now"}  # kinds of errors that are not the file's
_TAKEN = {"loaded": "loaded as", "held": "held already by"}
_ENDS = {signal.SIGINT, signal.SIGTERM}
Look = tuple[int, int]  # a file's size and time of change


class _NotNow(Exception):
    """A file can't be taken at this time, for no fault of its own; the message is a sentence."""


class _NotKnown(Exception):
    """A file was handed over, and whether it was stored must be asked later; the message is a sentence."""


def watch(folder: Path, answer: Answer, options: Sequence[str], terminal: Terminal, *, every: float, once: bool) -> Counter[str]:
    """Takes in what is put into the folder until SIGINT or SIGTERM comes; with `once`, what is there, and ends.

    `answer` runs the commands of the command line, with `options` for each. A file is taken when two looks `every` seconds
    apart find it unchanged. Returns how many were "accepted" and "returned", and how many are "left" because something stood in
    the way.
    """
    with _ended() as ended:
        watcher = _Watcher(folder, answer, options, terminal, ended)
        while not ended():
            watcher.look()
            if once and (watcher.looks > 1 or not watcher.waits):
                break
            _rest(every, ended)
    return watcher.done


class _Watcher:
    """What one watcher has seen at its last look, has said, and has done."""

    def __init__(self, folder: Path, answer: Answer, options: Sequence[str], terminal: Terminal, ended: Callable[[], bool]) -> None:
        self.folder, self.answer, self.options, self.terminal, self.ended = folder, answer, options, terminal, ended
        self.looks, self.done = 0, Counter[str]()
        self._seen: dict[str, Look] = {}
        self._said: dict[str, str] = {}

    @property
    def waits(self) -> bool:
        """Whether the last look found a file that a second look may take."""
        return bool(self._seen)

    def look(self) -> None:
        """Finishes what a killed watcher left, then takes each file that has not changed since the last look, the oldest first."""
        self.looks += 1
        self.done["left"] = 0
        try:
            for place in PLACES:
                (self.folder / place).mkdir(exist_ok=True)
            with _alone(self.folder / "taking"):
                self._finish_left()
                found = dict(self._found())
                for name, look in sorted(found.items(), key=lambda one: (one[1][1], one[0])):
                    if self.ended():
                        return
                    if self._seen.get(name) == look:
                        self._take(name, look)
                self._seen = found
        except OSError as error:
            self._say_once("", f"{self.folder} can't be used just now: {error.strerror or error}. It is looked at again.")
            self.done["left"] += 1

    def _found(self) -> Iterator[tuple[str, Look]]:
        """The files that may be taken, with what tells whether they change."""
        with os.scandir(self.folder) as entries:
            names = [entry.name for entry in entries if entry.is_file(follow_symlinks=False)]
        for name in names:
            if _is_unfinished(name):
                continue
            try:
                look = _look_at(self.folder / name)
                os.close(os.open(self.folder / name, os.O_RDONLY | os.O_NOFOLLOW))
            except FileNotFoundError:
                continue  # renamed or taken away since
            except OSError as error:
                self._leave(name, f"it can't be opened: {error.strerror or error}")
                continue
            if look[0]:
                yield name, look
            else:
                self._leave(name, "it is empty so far")

    def _take(self, name: str, look: Look) -> None:
        """Claims a file by renaming it, which only one can, and sees to it that it is answered."""
        claim = self.folder / "taking" / token_hex(6)
        try:
            claim.mkdir()
            _note(claim, {"name": name})
            os.rename(self.folder / name, claim / name)
        except OSError as error:
            with suppress(OSError):
                _remove(claim)
            if not isinstance(error, FileNotFoundError):
                self._leave(name, f"it can't be moved: {error.strerror or error}")
            return
        if _look_at(claim / name) == look:
            self._finish(claim)
        else:
            self._put_back(claim, name)

    def _finish_left(self) -> None:
        for claim in sorted(one for one in (self.folder / "taking").iterdir() if one.is_dir()):
            if self.ended():
                return
            self._finish(claim)

    def _finish(self, claim: Path) -> None:
        """Brings a claimed file to its end, from wherever it stands."""
        name = claim.name
        try:
            with _undisturbed():
                note = _noted(claim)
                name = note.get("name", "")
                if "moves" not in note and (claim / name).is_file():
                    note = self._settled(claim, name, note)
                for source, target in note.get("moves", []):
                    if (claim / source).exists():
                        os.rename(claim / source, self.folder / target)
                _remove(claim)
        except _NotNow as reason:
            self._leave(name, str(reason))
            self._put_back(claim, name)
        except _NotKnown as reason:
            self._leave(name, f"{reason} It waits in {claim}")
        except OSError as error:
            self._leave(name, f"{error.filename or claim} can't be written or moved: {error.strerror or error}. It waits in {claim}")
        except Exception as error:
            # One file that this program stumbles over must not keep all others from being taken, now and after each start.
            self._leave(name, f"this program fails at it, which is no fault of the file ({type(error).__name__}: {error}). It waits in {claim}")
        else:
            if "moves" in note:
                self._said.pop(name, None)
                self.done[note["place"]] += 1
                self.terminal.say(note["words"])

    def _settled(self, claim: Path, name: str, note: dict[str, Any]) -> dict[str, Any]:
        """The claim's note with what is to be moved where and what is said of the file. Once that is noted, it stands."""
        told = self._taken(claim, name, note)
        place = "returned" if told[0]["state"] in ("refused", "unreadable") else "accepted"
        target, answers = self._answered(claim, name, told, place)
        # The answers go first: who finds the file in its place finds them beside it.
        moves = [*([one, f"{place}/{one}"] for one in answers), [name, f"{place}/{target}"]]
        return _note(claim, {"name": name, "place": place, "moves": moves, "words": f"{readable(name)}: {_in_short(told)} → {place}/{readable(target)}"})

    def _taken(self, claim: Path, name: str, note: dict[str, Any]) -> list[dict[str, Any]]:
        """What became of the file, table by table, as `load --json` tells it. What the store holds of it before is noted first: a
        file that was stored just before a kill is known by that, withdrawn since or not; one that was withdrawn before it was
        put in again is not confused with it, whatever the clocks say."""
        try:
            content = self._content(claim / name)
        except LoadError as error:
            return [{"state": "unreadable", "error": {"kind": error.kind, "message": error.message}, "problems": []}]
        held = self._run(content, "history", f"--file={readable(name)}")
        if "error" in held:
            raise _NotNow(held["error"]["message"])
        if "held" in note:
            stored = [one for one in held["submissions"] if one["submission"] not in note["held"]]
            if stored:
                return [_as_loaded(one) for one in reversed(stored)]
        else:
            _note(claim, {"name": name, "held": [one["submission"] for one in held["submissions"]]})
        told = self._run(content, "load", f"--by={self.terminal.sender}", "--", readable(name))
        if "error" in told:
            raise _NotKnown(told["error"]["message"])
        error = told["files"][0]["error"]
        if error and error["kind"] in _NOT_NOW:
            raise _NotNow(error["message"])
        return told["files"]

    def _content(self, file: Path) -> bytes:
        if not stat.S_ISREG(file.lstat().st_mode):
            raise _NotNow("it leads to another place. Put the file itself into the folder")
        look = _look_at(file)
        content = self.terminal.content(file)
        if _look_at(file) != look:
            raise _NotNow("it is still being written")
        return content

    def _run(self, content: bytes, command: str, *arguments: str) -> dict[str, Any]:
        """The JSON document of a command about the file with that content."""
        printed: list[str] = []
        tray = replace(self.terminal, print=printed.append, say=_unsaid, step=_unsaid, content=lambda _: content, is_terminal=False, can_ask=False)
        self.answer([command, "--json", *self.options, *arguments], tray)
        told = json.loads("\n".join(printed))
        return told if isinstance(told, dict) else {"submissions": told}

    def _answered(self, claim: Path, name: str, told: Sequence[dict[str, Any]], place: str) -> tuple[str, list[str]]:
        """Writes what is said of a file beside it; the name that it gets in its place, and those of the answers."""
        suffix, target = _ANSWERS[place], _free(self.folder / place, name)
        text = "\n".join(_receipt(name, told) if place == "accepted" else _reasons(name, told))
        answers = {f"{Path(target).stem}{suffix}": text.encode("utf-8", "replace")}
        if told[0]["state"] == "refused":
            answers |= _marked(readable(target), self.terminal.content(claim / name), told)
        for answer, content in answers.items():
            (claim / answer).write_bytes(content)
        return target, list(answers)

    def _put_back(self, claim: Path, name: str) -> None:
        """Lays a file back where it was put; where another of its name has come since, it stays in hand until that is gone."""
        with suppress(OSError):
            if not (self.folder / name).exists():
                os.rename(claim / name, self.folder / name)
                _remove(claim)

    def _leave(self, name: str, why: str) -> None:
        self.done["left"] += 1
        self._say_once(name, f"{readable(name)} is not taken yet: {why.removesuffix('.')}.")

    def _say_once(self, name: str, sentence: str) -> None:
        if self._said.get(name) != sentence:
            self._said[name] = sentence
            self.terminal.say(sentence)


def readable(name: str) -> str:
    """A file's name as text that can be printed and stored, also where its bytes are none."""
    return name.encode("utf-8", "replace").decode()


def _is_unfinished(name: str) -> bool:
    return name.startswith(_UNFINISHED) or name.lower().endswith(_UNFINISHED_ENDINGS) or name.lower() in _SYSTEM


def _look_at(file: Path) -> Look:
    found = file.lstat()
    return found.st_size, found.st_mtime_ns


def _noted(claim: Path) -> dict[str, Any]:
    """How far a claim has come; nothing where its maker was killed before it could say."""
    try:
        return json.loads((claim / _NOTE).read_text(encoding="ascii"))
    except FileNotFoundError:
        return {}


def _note(claim: Path, told: dict[str, Any]) -> dict[str, Any]:
    """Writes down how far a claim has come; whole and on the disk before anything is built on it."""
    part = claim / f"{_NOTE}.part"
    with part.open("w", encoding="ascii") as out:
        json.dump(told, out)
        out.flush()
        os.fsync(out.fileno())
    os.replace(part, claim / _NOTE)
    return told


def _remove(claim: Path) -> None:
    """Takes a claim away of which nothing but the note is left, and with it what a kill left of an answer."""
    noted = _noted(claim).get("name")
    if noted and (claim / noted).exists():
        return
    for left in claim.iterdir():
        left.unlink()
    claim.rmdir()


def _free(place: Path, name: str) -> str:
    """The name, shortened if it is very long, with a number where a file of that name or an answer to one stands already."""
    path = Path(name)
    stem = path.stem if len(os.fsencode(name)) <= _LONGEST else os.fsencode(path.stem)[:_LONGEST].decode("utf-8", "ignore")
    taken = [one.name.lower() for one in place.iterdir()]
    for number in count(1):
        numbered = stem if number == 1 else f"{stem}-{number}"
        own = {f"{numbered}{ending}".lower() for ending in (path.suffix, *_ANSWERS.values())}
        if not any(one in own or one.startswith(f"{numbered}-marked".lower()) for one in taken):
            return f"{numbered}{path.suffix}"
    raise AssertionError("numbers have an end")


def _as_loaded(one: dict[str, Any]) -> dict[str, Any]:
    """What `load` would have said of a submission, from its line in the history."""
    return {"state": "loaded", "reference": one["reference"], "domain": one["domain"], "as_of": one["as_of"], "rows": one["row_count"],
            "districts": one["districts"], "sha256": one["file_sha256"], "warnings": one["warnings"], "problems": [], "error": None,
            "withdrawn": one["reason"] or "no reason given" if one["state"] == "withdrawn" else None}


def _in_short(told: Sequence[dict[str, Any]]) -> str:
    by_state = {said: [one["reference"] for one in told if one["state"] == state] for state, said in _TAKEN.items()}
    if any(by_state.values()):
        return ", ".join(f"{said} {' and '.join(references)}" for said, references in by_state.items() if references)
    blocking = sum(found["blocks"] for one in told for found in one["problems"])
    return f"{blocking:,} to correct" if blocking else "can't be taken"


def _receipt(name: str, told: Sequence[dict[str, Any]]) -> Iterator[str]:
    is_held = all(one["state"] == "held" for one in told)
    yield f"{name}: {_in_short(told)}{', nothing was stored anew' if is_held else ''}"
    for one in told:
        yield from _receipt_of_table(one)
    yield ""


def _receipt_of_table(told: dict[str, Any]) -> Iterator[str]:
    warnings = [found["message"] for found in told["problems"] if not found["blocks"]]
    yield ""
    if told.get("withdrawn"):
        yield f"It has been withdrawn since: {told['withdrawn']}"
    facts = [("Reference", told["reference"]), ("Domain", told["domain"]), ("As of", told["as_of"]), ("Rows", f"{told['rows']:,}"),
             ("Districts", f"{told['districts']:,}"), ("Warnings", f"{told.get('warnings', len(warnings)):,}"), ("SHA-256", told["sha256"])]
    yield from (f"{fact:<10} {value}" for fact, value in facts)
    if told.get("replaced_by"):
        yield f"\nSince then {', '.join(told['replaced_by'])} stands in its place, in part or whole. If this file is right, withdraw that one."
    if warnings:
        yield "\nTo look at; these don't block:"
        yield from (f"  {message}" for message in warnings)


def _reasons(name: str, told: Sequence[dict[str, Any]]) -> Iterator[str]:
    yield f"{name} was not taken: nothing of it was stored."
    for one in told:
        if one["error"]:
            yield f"\n{one['error']['message']}"
        if len(told) > 1 and one["problems"]:
            yield f"\nIn “{one['sheet']}”, {one['domain']}:"
        for blocks, title in ((True, "To correct"), (False, "To look at; these don't block")):
            messages = [found["message"] for found in one["problems"] if found["blocks"] is blocks]
            if messages:
                yield f"\n{title} ({len(messages):,}):"
                yield from (f"  {message}" for message in messages)
    if any(one["problems"] for one in told):
        yield "\nCorrect the file and put it into the folder again."
    yield ""


def _marked(name: str, content: bytes, told: Sequence[dict[str, Any]]) -> dict[str, bytes]:
    """The marked workbook by its name, with the problems of all tables; none where the file can't be marked."""
    header = {one["sheet"]: one["header_row"] for one in reversed(told)}  # of two tables in a sheet, the upper one's
    found = [Problem(**{**one, "holds": None if one["holds"] is None else tuple(one["holds"])}) for table in told for one in table["problems"]]
    try:
        return dict([marked(name, content, found, header=header)])
    except LoadError:
        return {}


@contextmanager
def _alone(taking: Path) -> Iterator[None]:
    """Waits until no other watcher works on the folder; whoever is killed holds it no longer."""
    with (taking / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _ended() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl+C or the end of the service has come, which only ask for it."""
    came: list[int] = []
    before = {one: signal.signal(one, lambda number, _: came.append(number)) for one in _ENDS}
    try:
        yield lambda: bool(came)
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Ctrl+C reaches every process of a terminal: those that read the file in hand must not die of it either, and inherit this."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _rest(seconds: float, ended: Callable[[], bool]) -> None:
    until = time.monotonic() + seconds
    while not ended() and (left := until - time.monotonic()) > 0:
        time.sleep(min(left, 0.2))


def _unsaid(_: str) -> None:
    return
