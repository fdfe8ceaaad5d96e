"""The log: one line for each thing that happened, on the standard error, as JSON for programs or as text for a terminal.

In it stands what the program itself says, and of what others' code says the sentence without what is filled in. Of an error it tells the kind
and where it came about; its words only where they can't be those of a file or of a person. Where a call went is told as the route was declared,
never as it was asked for. What stands in a line is escaped, so that nobody writes a second one.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Iterator, MutableMapping
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any, TextIO

import duckdb
from streamlit import logger as of_streamlit

from data.database import said
from data.election import ElectionError
from data.store import StoreError
from pages.entrance.address import AddressError
from pages.entrance.guard import SESSION, TOKEN

FIELDS = ("reference", "page", "route", "status", "seconds", "login", "version")  # what a line may tell besides, and nothing else
BEGUN = "readiness.begun"  # where in a request it stands when it came, by `time.perf_counter`
_MOST, _MOST_TRACED = 2_000, 24_000  # characters; a journal cuts lines of 48 kB in two
_OF_SERVER = ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi")
# Errors whose words are the program's, the database's or the system's own. Those of all others may quote a cell.
_TELLING = (StoreError, ElectionError, AddressError, MemoryError, RecursionError, ImportError, NameError, AttributeError,
            duckdb.IOException, duckdb.FatalException, duckdb.ConnectionException, duckdb.TransactionException, duckdb.OutOfMemoryException)
_LOG = logging.getLogger("readiness")


class LogsError(Exception):
    """The form that is asked for is none; the message says what to write."""


def configure(asked: str, stream: TextIO) -> None:
    """Brings all that is logged in this process into one form, on one stream. LogsError as `form` raises it."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(form(asked, is_terminal=stream.isatty()))
    handler.addFilter(is_wanted)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    _LOG.setLevel(logging.INFO)
    for name in _OF_SERVER:
        _hand_on(logging.getLogger(name))
    # Each of Streamlit's loggers is given a handler of its own, also those that are made later: this is the one place where that is done.
    of_streamlit.setup_formatter = _hand_on
    of_streamlit.update_formatter()
    warnings.showwarning = _warned
    sys.excepthook = lambda kind, error, trace: _uncaught(error)
    threading.excepthook = lambda told: _uncaught(told.exc_value)
    sys.unraisablehook = lambda told: _uncaught(told.exc_value)


def form(asked: str, *, is_terminal: bool) -> logging.Formatter:
    """The form that is asked for; for '', text at a terminal and JSON elsewhere. LogsError for any other."""
    if asked not in ("", "json", "text"):
        raise LogsError(f"READINESS_LOG is “{asked}”. Write json or text, or leave it out: then it is text at a terminal and json elsewhere.")
    return Text() if asked == "text" or (not asked and is_terminal) else Json()


def failed(what: str, error: BaseException, **told: Any) -> str:
    """Writes down that something failed, with fields of FIELDS, and gives the reference under which it stands there: the same one for the same
    error, which goes from layer to layer and is written down once."""
    reference = getattr(error, "noted_as", None)
    if reference is None:
        reference = error.noted_as = token_hex(3).upper()
        _LOG.error("%s, reference %s", what, reference, exc_info=error, extra={"reference": reference, **told})
    return reference


def of_call(scope: MutableMapping[str, Any], status: int) -> dict[str, Any]:
    """What is told of a call that is answered with that status: its route, the seconds that it took, and whose it was where that is known."""
    route, who = scope.get("route"), scope.get(TOKEN) or scope.get(SESSION)
    told = {"route": f"{scope.get('root_path', '')}{route.path}" if hasattr(route, "path") else "other", "status": status}
    if BEGUN in scope:
        told["seconds"] = round(time.perf_counter() - scope[BEGUN], 3)
    return told | ({"login": who.account.login} if who else {})


def in_background(_: asyncio.AbstractEventLoop, told: dict[str, Any]) -> None:
    """Writes down what failed in the event loop, where nobody waits for it."""
    _LOG.error("something failed in the background", exc_info=told.get("exception"))


def is_wanted(record: logging.LogRecord) -> bool:
    """Whether a line is written: of others' code warnings and errors, but no error that has been written down under a reference, or is at once."""
    if record.name == _LOG.name:
        return True
    error = record.exc_info[1] if record.exc_info else None
    is_told = hasattr(error, "noted_as") or (record.name == "streamlit.error_util" and record.msg == "Uncaught app execution")
    return record.levelno >= logging.WARNING and not is_told


class Json(logging.Formatter):
    """An object on a line: time (UTC), level, logger, message, what else is told, and the trace of an error."""

    def format(self, record: logging.LogRecord) -> str:
        told = {"time": _time(record), "level": record.levelname, "logger": record.name, "message": _message(record), **_fields(record)}
        return json.dumps(told | ({"trace": trace} if (trace := _trace(record)) else {}))


class Text(logging.Formatter):
    """The same for a person. A line that goes on is indented, so that none but the first looks like one."""

    def format(self, record: logging.LogRecord) -> str:
        fields = "".join(f"  {name}={json.dumps(value)}" for name, value in _fields(record).items())
        told = f"{_time(record)} {record.levelname:<8} {record.name}: {_message(record)}{fields}\n{_trace(record)}"
        return _plain(told.rstrip("\n")).replace("\n", "\n    ")


def _hand_on(logger: logging.Logger) -> None:
    logger.handlers.clear()
    logger.propagate = True


def _warned(message: Warning | str, category: type[Warning], filename: str, lineno: int, file: TextIO | None = None, line: str | None = None) -> None:
    _LOG.warning("%s at %s:%d", category.__name__, filename, lineno)  # its words may quote a cell


def _uncaught(error: BaseException | None) -> None:
    if isinstance(error, SystemExit | KeyboardInterrupt):
        return
    _LOG.error("something failed and nothing caught it", exc_info=error)


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _message(record: logging.LogRecord) -> str:
    if record.name == _LOG.name:
        return record.getMessage()[:_MOST]
    return str(record.msg).split("\n")[0][:_MOST] if isinstance(record.msg, str) else type(record.msg).__name__


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name in FIELDS if (value := getattr(record, name, "")) != ""}


def _trace(record: logging.LogRecord) -> str:
    error = record.exc_info[1] if record.exc_info else None
    return "\n".join(_traced(error, ()))[-_MOST_TRACED:] if error else ""


def _traced(error: BaseException, after: tuple[BaseException, ...]) -> Iterator[str]:
    """Where an error came about and of what kind it is, and before that the same of what it came from; `after` are those that came from it."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before and before not in (*after, error):
        yield from _traced(before, (*after, error))
        yield "and then:"
    yield from (line.rstrip("\n") for line in traceback.format_tb(error.__traceback__))
    kind = type(error)
    yield f"{'' if kind.__module__ == 'builtins' else f'{kind.__module__}.'}{kind.__qualname__}{_words(error)}"
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _traced(each, (*after, error))


def _words(error: BaseException) -> str:
    """What an error says, after a colon; '' where that may quote what somebody sent."""
    is_telling = isinstance(error, _TELLING) or (isinstance(error, OSError) and error.errno is not None)
    told = said(error) if isinstance(error, duckdb.Error) else str(error)
    return f": {told[:_MOST]}" if is_telling else ""


def _plain(text: str) -> str:
    """A text with its line breaks, and everything else in it that can't be seen spelt out."""
    return text if text.isprintable() else re.sub(r"[^\n]", lambda sign: sign[0] if sign[0].isprintable() else sign[0].encode("unicode_escape").decode(), text)
