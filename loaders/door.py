"""The door: the process that owns the database runs the commands of the same operator on the same machine.

DuckDB's file belongs to one process, and the dashboard is that process for as long as it runs. It listens on loopback. Where,
and a key that is new each time, stand in a file beside the database that nobody but its own user may read: who may read that
file may give commands. Both sides prove that they know the key before anything is said, and a silent caller is hung up on.

Messages are JSON, never pickle. A command comes as its arguments and runs in a thread of its own, as it would at its caller's
terminal: what it prints goes there as it is printed, the bytes of a file are asked for there. Nothing here opens a path that a
caller names. The command line is handed in by whoever opens the door, for it uses the other half of this file itself.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import AuthenticationError
from multiprocessing.connection import Connection, answer_challenge, deliver_challenge
from pathlib import Path
from secrets import token_bytes, token_hex
from typing import Any, TypeVar

from data.database import Database, Embedded, StoreError, StoreInUse
from data.election import Election
from data.store import Store
from loaders.limits import LIMITS, MB
from loaders.problems import LoadError

PATIENCE = 10.0  # seconds for which a database may be held by a command that is about to end
_PROTOCOL = 1
_PROOF = 5.0  # seconds in which a caller, or whoever answers it, must have proved to know the key
_CALLERS = 32  # at a time; others wait
_MOST_SAID = 4 * MB  # bytes of a message of a caller
_MOST_SENT = LIMITS.bytes + MB  # bytes of a file of a caller
# What somebody who does not know the key, or no longer listens, brings about.
_NO_TALK = (OSError, EOFError, AuthenticationError, AssertionError, ValueError)
_LOG = logging.getLogger("readiness")
Taken = TypeVar("Taken")


@dataclass(frozen=True)
class Terminal:
    """Where a command is given: what it prints goes there, its files lie there, its questions are answered there.

    `store` is the store of the process that runs the command, None where that is to open the database first. `content` raises
    LoadError where a file can't be read.
    """

    print: Callable[[str], None]
    say: Callable[[str], None]  # beside the result
    step: Callable[[str], None]  # in a line that the next one replaces
    content: Callable[[Path], bytes]
    write: Callable[[Path, bytes], None]
    confirm: Callable[[str], bool]
    sender: str  # '' where nobody knows
    is_terminal: bool = False
    can_ask: bool = False
    store: Store | None = None


Answer = Callable[[Sequence[str], Terminal], int]


class Elsewhere(Exception):
    """The database belongs to another process, which answers on `line`."""

    def __init__(self, line: Connection) -> None:
        super().__init__("the database belongs to another process")
        self.line = line


class _Gone(Exception):
    """The caller has hung up."""


# The side of the owner


@contextmanager
def open_door(store: Store, answer: Answer) -> Iterator[Path]:
    """Runs the commands of callers with `answer` until the block ends; gives the file that tells them where to call.

    OSError if there can't be a door, as where the database's folder can't be written to. ValueError for a shared database, which belongs
    to nobody: commands open it themselves.
    """
    if not isinstance(store.database, Embedded):
        raise ValueError(f"{store.database} belongs to no process")
    key, file = token_bytes(32), door_file(store.database.path)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_listen, args=(listening, key, store, answer), name="door", daemon=True).start()
        try:
            _write_privately(file, json.dumps({"port": listening.getsockname()[1], "key": key.hex()}))
            yield file
        finally:
            file.unlink(missing_ok=True)
            _hang_up(listening)


def door_file(database: Path) -> Path:
    """The file beside a database that tells its user's programs where its owner answers."""
    return database.resolve().with_name(f"{database.name}.door")


def _write_privately(file: Path, text: str) -> None:
    """Writes a file that is whole and its user's alone from the first moment. What an owner left that was killed is replaced."""
    part = file.with_name(f"{file.name}-{token_hex(4)}")
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
            out.write(text)
        os.replace(part, file)
    finally:
        part.unlink(missing_ok=True)


def _listen(listening: socket.socket, key: bytes, store: Store, answer: Answer) -> None:
    places = threading.BoundedSemaphore(_CALLERS)

    def receive(caller: socket.socket) -> None:
        with places, caller:
            _receive(caller, key, store, answer)

    while True:
        with places:
            try:
                caller, _ = listening.accept()
            except OSError:
                if listening.fileno() < 0:
                    return
                time.sleep(0.1)  # this process may have no file handle left, and must not spin until it has
                continue
        threading.Thread(target=receive, args=(caller,), name="door", daemon=True).start()


def _receive(caller: socket.socket, key: bytes, store: Store, answer: Answer) -> None:
    """One caller, from the proof to the end of its command. Nothing that a caller does gets out of here."""
    try:
        with _proved(caller, key, calls=False) as line:
            _serve(line, store, answer)
    except _Gone:
        _LOG.info("who gave a command has hung up")
    except Exception as error:
        _LOG.warning("somebody at the door was not let in, or spoke in another way: %s", type(error).__name__)  # its words may be the caller's


def _serve(line: Connection, store: Store, answer: Answer) -> None:
    request = _heard(line, most=_MOST_SAID)
    refused = _refusal(request, store.election)
    if refused:
        _tell(line, does="fail", message=refused)
        return
    try:
        code = answer([str(one) for one in request["arguments"]], _terminal_of(line, request, store))
    except (Exception, SystemExit) as error:
        if isinstance(error, _Gone):
            raise
        reference = token_hex(3).upper()
        _LOG.error("a command of the command line failed, reference %s", reference, exc_info=error, extra={"reference": reference})
        _tell(line, does="fail", message="The running dashboard failed at this. What was stored before is safe; see `history` for whether this was. "
                                         f"Its log says more under the reference {reference}.")
    else:
        _tell(line, does="end", code=code)


def _refusal(request: dict[str, Any], election: Election) -> str | None:
    """Why a command can't be run here: it would not mean here what it means to its caller."""
    if request.get("protocol") != _PROTOCOL or not isinstance(request.get("arguments"), list):
        return "The running dashboard is of another version than this command line. Stop it and start it again."
    if request.get("election") != _fingerprint(election):
        return ("The running dashboard was started with another election, or with other files of it than they are now. "
                "Name its file with --election, or start the dashboard again.")
    return None


def _fingerprint(election: Election) -> str:
    """Two elections with the same fingerprint have the same places, domains, dates and policy."""
    places = election.places
    told = vars(election) | {"places": (places.country, places.provinces, places.divisions, places.districts)}
    return hashlib.sha256(repr(told).encode()).hexdigest()


def _terminal_of(line: Connection, request: dict[str, Any], store: Store) -> Terminal:
    """The caller's terminal, as far as it can be reached from here."""
    def content(file: Path) -> bytes:
        told = _asked(line, does="read", file=str(file))
        if "kind" in told:
            raise LoadError(str(told["kind"]), str(told["message"]))
        return _received(line, most=_MOST_SENT)

    def write(file: Path, content: bytes) -> None:
        _tell(line, does="write", file=str(file))
        _send(line, content)

    return Terminal(
        print=lambda text: _tell(line, does="print", text=text),
        say=lambda text: _tell(line, does="say", text=text),
        step=lambda text: _tell(line, does="step", text=text),
        content=content, write=write,
        confirm=lambda question: _asked(line, does="confirm", question=question).get("yes") is True,
        sender=str(request.get("sender", "")), is_terminal=request.get("is_terminal") is True, can_ask=request.get("can_ask") is True, store=store)


def _asked(line: Connection, **message: Any) -> dict[str, Any]:
    _tell(line, **message)
    return _heard(line, most=_MOST_SAID)


# The side of the caller


def opened(database: Database, election: Election) -> Store:
    """The store, opened by this process. `Elsewhere` if the database belongs to a process with a door; StoreError if it can't
    be opened, or belongs for longer than a moment to one without."""
    def take() -> Store:
        line = _line_to(door_file(database.path)) if isinstance(database, Embedded) else None
        if line is not None:
            raise Elsewhere(line)
        return Store(database, election)

    return patiently(take)


def patiently(take: Callable[[], Taken]) -> Taken:
    """What `take` gives, tried again for a while where the database is in use: a command holds it only for its own time."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return take()
        except StoreInUse:
            if time.monotonic() > end:
                raise
        time.sleep(0.1)


def pass_on(line: Connection, arguments: Sequence[str], terminal: Terminal, election: Election) -> int:
    """Has a command run by the process at the other end, for this terminal; its exit code. StoreError if that fails."""
    with line:
        try:
            _tell(line, protocol=_PROTOCOL, arguments=list(arguments), election=_fingerprint(election), sender=terminal.sender,
                  is_terminal=terminal.is_terminal, can_ask=terminal.can_ask)
            while (told := _heard(line))["does"] != "end":
                _do(told, line, terminal)
            return int(told["code"])
        except _Gone:
            raise StoreError("The dashboard, which holds the database, ended while it worked on this. "
                             "See `python -m loaders history` for whether it was stored.") from None


def _do(told: dict[str, Any], line: Connection, terminal: Terminal) -> None:
    """What the owner asks of a terminal: to show something, to hand over a file or put one there, to answer a question."""
    match told["does"]:
        case "print":
            terminal.print(told["text"])
        case "say":
            terminal.say(told["text"])
        case "step":
            terminal.step(told["text"])
        case "read":
            try:
                content = terminal.content(Path(told["file"]))
            except LoadError as error:
                _tell(line, kind=error.kind, message=error.message)
            else:
                _tell(line)
                _send(line, content)
        case "write":
            terminal.write(Path(told["file"]), _received(line))
        case "confirm":
            _tell(line, yes=terminal.confirm(told["question"]))
        case "fail":
            raise StoreError(told["message"])


def _line_to(file: Path) -> Connection | None:
    """A line to the process whose door the file tells of; None if there is none, or what is there is not that process."""
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        with socket.create_connection(("127.0.0.1", told["port"]), timeout=_PROOF) as calling:
            calling.settimeout(None)
            return _proved(calling, bytes.fromhex(told["key"]), calls=True)
    except (*_NO_TALK, KeyError, TypeError, OverflowError):
        return None


# Both sides


def _proved(end: socket.socket, key: bytes, *, calls: bool) -> Connection:
    """A line between two who know the key. Raises one of _NO_TALK if the other doesn't, or takes too long."""
    late = threading.Timer(_PROOF, _hang_up, (end,))
    late.daemon = True
    line = Connection(os.dup(end.fileno()))
    late.start()
    try:
        # Who calls proves it first: who only listens must not be made to answer for anybody.
        for prove in (answer_challenge, deliver_challenge) if calls else (deliver_challenge, answer_challenge):
            prove(line, key)
    except BaseException:
        line.close()
        raise
    finally:
        late.cancel()
    return line


def _hang_up(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)


def _tell(line: Connection, **message: Any) -> None:
    _send(line, json.dumps(message).encode())


def _send(line: Connection, content: bytes) -> None:
    try:
        line.send_bytes(content)
    except OSError:
        raise _Gone from None


def _heard(line: Connection, most: int | None = None) -> dict[str, Any]:
    told = json.loads(_received(line, most))
    if not isinstance(told, dict):
        raise ValueError("a message is an object")
    return told


def _received(line: Connection, most: int | None = None) -> bytes:
    try:
        return line.recv_bytes(most)
    except (OSError, EOFError):
        raise _Gone from None
