"""The analyst: hands in a workbook of all polling stations while the crowd looks, and says afterwards whether it stands."""

from __future__ import annotations

import hashlib
import json
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.intake import shipped_election
from benchmarks.stations import GENERAL_ELECTION, workbook
from data.database import Database
from data.domains.repairs import DOMAIN
from data.migrations import rows_table
from data.scope import Scope
from data.store import FOREVER, Store
from loaders import outcome

WITHIN = 300.0  # seconds for the answer


@dataclass(frozen=True)
class HandedIn:
    """What became of it: when it was sent and answered by `time.perf_counter`, the status, what was wrong ('' for nothing), the submission."""

    began: float
    ended: float
    error: str
    submission: str = ""

    @property
    def seconds(self) -> float:
        return self.ended - self.began


def write_workbook(database: Path, path: Path) -> Path:
    """A list of all polling stations as of the day that it is in a store."""
    with closing(Store(database, shipped_election())) as store:
        day: date = store.today
        workbook(path, store.election.places.districts, GENERAL_ELECTION, day)
    return path


def hand_in(port: int, token: str, book: Path) -> HandedIn:
    """Sends the workbook to the server as a program of the analyst's does, and waits for the answer."""
    began = time.perf_counter()
    line = HTTPConnection("127.0.0.1", port, timeout=WITHIN)
    try:
        asked = urlencode({"name": book.name, "domain": DOMAIN.name})
        line.request("POST", f"/api/v1/submissions?{asked}", book.read_bytes(), {"authorization": f"Bearer {token}"})
        answer = line.getresponse()
        told = json.loads(answer.read())
    except (OSError, HTTPException, ValueError) as failed:
        return HandedIn(began, time.perf_counter(), f"{type(failed).__name__}: {failed}")
    finally:
        line.close()
    ended = time.perf_counter()
    if answer.status != 201:
        return HandedIn(began, ended, f"answered with {answer.status}: {json.dumps(told)[:500]}")
    table, = told["files"]
    return HandedIn(began, ended, "" if table["rows"] == GENERAL_ELECTION else f"{table['rows']} rows were taken in", table["submission"])


def lost(database: Path | Database, book: Path, handed_in: HandedIn) -> str:
    """Asks the store, once the server has ended, whether the workbook stands in it exactly once, with every row and as the picture of every
    district; what is wrong, '' for nothing."""
    with closing(Store(database, shipped_election())) as store:
        everything = Scope.everything(store.election.places)
        held = [one["submission"] for one in outcome.history(store, everything, sha256=hashlib.sha256(book.read_bytes()).hexdigest())]
        (rows,), = store.ask_rows(f"select count(*) from {rows_table(DOMAIN)} where submission::varchar = $submission", {"submission": handed_in.submission})
        (districts,), = store.ask_rows(
            "select count(*) from picture([$day], $known_on, $scope) where domain = $domain and submission::varchar = $submission",
            {"day": store.today, "known_on": FOREVER, "scope": everything.codes, "domain": DOMAIN.name, "submission": handed_in.submission})
    if (held, rows, districts) != ([handed_in.submission], GENERAL_ELECTION, len(everything.codes)):
        return (f"of {book.name} there stand the submissions {held} with {rows} rows, and {districts} districts show it, "
                f"not {handed_in.submission} alone with {GENERAL_ELECTION} rows in every district")
    return ""
