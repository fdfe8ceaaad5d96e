"""What programs are answered: figures, what becomes of a file that is handed in, the history, and whether all is well.

Every route but the last asks who calls, and answers within what they may see. Its description for other programs is made from what
stands here.
"""

import asyncio
import hashlib
import json
import threading
import time
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import PurePath
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import Depends, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, create_model
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from data import audit, health
from data.database import StoreError
from data.readiness import FIGURE_COLUMNS, Line
from data.store import Store
from loaders import outcome
from loaders.answers import Answers
from loaders.limits import LIMITS, MB
from loaders.problems import LoadError, Problem
from pages.api.caller import Caller, Refused, again, needs
from pages.api.measures import Measures
from pages.watching import logs

_AT_ONCE, _WAITING = 2, 4  # files that are read, and that wait to be
_OF_ONE = 2  # of these, of one account: who sends slowly keeps nobody else waiting
_SENT_WITHIN = 300.0  # seconds for a file to arrive: who sends slowly must not keep others waiting for ever
_NOTED_EVERY = 600.0  # seconds in which the same question of the same caller is written down once


def _written_day(told: object) -> object:
    """A day as it is written, 2026-11-26, and not in any other way that could be meant as one, such as a number of seconds."""
    if not isinstance(told, str) or len(told) != len("2026-11-26") or not told.isascii():
        raise ValueError("write the day as 2026-11-26")
    return date.fromisoformat(told)


def _written_time(told: object) -> object:
    """A time as it is written, 2026-11-26T18:00, in UTC where it names no zone."""
    if not isinstance(told, str) or "T" not in told.upper():
        raise ValueError("write the time as 2026-11-26T18:00Z")
    return datetime.fromisoformat(told)


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at
    except OverflowError:
        # By its zone it lies before the first moment that there is, or after the last.
        return datetime.min if at.year == datetime.min.year else datetime.max


Day = Annotated[date, BeforeValidator(_written_day)]
Moment = Annotated[datetime, BeforeValidator(_written_time), AfterValidator(_in_utc)]
_TOLD = {
    "place_code": "The place's code", "place": "The place's name", "level": "national, province or district", "domain": "The domain, or all",
    "indicator": "The indicator, or all: the weighted share of a domain or place", "done": "What is done, as a count; empty where nothing was reported, and for all",
    "required": "What is required, as a count", "share": "done of required, from 0 to 1", "expected": "The share that the plan wants on that day, from 0 to 1",
    "status": "Ready, On track, Behind, Critical, Not reported or Stale", "as_of": "The oldest day for which what is counted holds",
    "reporting": "Districts that have reported", "districts": "Districts of the place",
    "disputed": "How many unsettled disagreements touch it: two senders' figures, a count that fell, a sum that is not the printed total",
}
Figure = create_model("Figure", **{name: (Line.__annotations__[name], Field(description=_TOLD[name])) for name in FIGURE_COLUMNS})


class Figures(BaseModel):
    """The figures of the places of a level on a day."""

    election: str
    is_example: bool = Field(description="Whether these are invented figures of the example")
    as_of: date = Field(description="The day on which things stood so")
    figures: list[Figure]


class Reason(BaseModel):
    """Why there is no other answer."""

    kind: str
    message: str


class Fault(BaseModel):
    """What is answered where a call goes no further."""

    error: Reason


class Table(BaseModel):
    """What became of one table of a file."""

    file: str
    sheet: str | None
    state: Literal[outcome.STATES] = Field(description="good: nothing blocks it, and nothing was to be stored; loaded; held: it was stored before; refused: problems block the file; unreadable")
    submission: str | None
    reference: str | None = Field(description="The submission's short name")
    replaced_by: list[str] = Field(description="Submissions that have since taken its place for some of its districts")
    domain: str | None
    as_of: date | None
    header_row: int | None
    districts: int
    rows: int
    sha256: str | None
    problems: list[Problem]
    error: Reason | None


class Outcome(BaseModel):
    """What became of a file: of each of its tables."""

    files: list[Table]


class Submission(BaseModel):
    """One submission; what tells of its file only where all that the file names may be seen."""

    model_config = ConfigDict(extra="allow")
    submission: str
    reference: str
    domain: str
    as_of: date
    sender: str
    state: str


class Submissions(BaseModel):
    """All submissions that touch what may be seen, the newest first."""

    submissions: list[Submission]


class State(BaseModel):
    """Whether the program works."""

    status: Literal["ok"]


_FAULTS: dict[int | str, dict[str, Any]] = {
    400: {"model": Fault, "description": "The question can't be understood; the message says what to change."},
    401: {"model": Fault, "description": "Nobody is known by what the call bears, or it bears nothing."},
    403: {"model": Fault, "description": "Whoever calls may not do that."},
    429: {"model": Fault, "description": "Too many calls; Retry-After tells the seconds to wait."},
    503: {"model": Fault, "description": "The program can't answer just now."},
}


def application(store: Store, measures: Measures) -> FastAPI:
    """The routes beneath `guard.API` over one store."""
    domains = tuple(domain.name for domain in store.election.domains)
    api = FastAPI(title="Election readiness", version="1", docs_url=None, redoc_url=None, openapi_url="/openapi.json", swagger_ui_oauth2_redirect_url=None,
                  description="Figures out, spreadsheets in. A token is made on the page of one's account and sent as `Authorization: Bearer …`, or as the "
                              "password of any name. Times are UTC.",
                  exception_handlers={Refused: _refused, RequestValidationError: _not_understood, HTTPException: _no_such, StoreError: _busy, Exception: _failed})
    caller = needs(store)
    reading, sending = asyncio.Semaphore(_AT_ONCE), Counter[str]()
    noted, noting = dict[tuple[str, str, str], float](), threading.Lock()

    class Asked(BaseModel):
        """Which figures."""

        model_config = ConfigDict(extra="forbid")
        level: Literal["national", "province", "district"] = Field(description="of the country, of each province or of each district")
        domain: Literal[domains] | None = Field(None, description="only those of this domain")
        as_of: Day | None = Field(None, description="as things stood on that day; today, if it is not given")
        known_on: Moment | None = Field(None, description="as it was known at that time")
        format: Literal["json", "csv"] = "json"

    class Listed(BaseModel):
        """Which submissions."""

        model_config = ConfigDict(extra="forbid")
        domain: Literal[domains] | None = Field(None, description="only those of this domain")

    class Sent(BaseModel):
        """What is said of a file that is handed in."""

        model_config = ConfigDict(extra="forbid")
        name: str = Field(min_length=1, max_length=200, description="the file's name, with its ending: .xlsx, .xls, .xlsb, .ods or .csv")
        domain: Literal[domains] | None = Field(None, description="what it is about; told by its headings, if it is not given")
        as_of: Day | None = Field(None, description="the day for which it holds; as the sheet says, if it is not given")
        only_check: bool = Field(False, description="say what is wrong with it, and store nothing")

    def note(by: Caller, path: str, asked: Asked) -> None:
        """Writes down that figures were handed out; once for a program that asks again and again."""
        key = by.key, by.token, f"{path}?{urlencode(asked.model_dump(exclude_none=True))}"
        with noting:
            at = time.monotonic()
            if at - noted.get(key, -_NOTED_EVERY) < _NOTED_EVERY:
                return
            audit.write(store, by.name, "downloaded", file=key[-1], token=by.token)
            for old in [key for key, before in noted.items() if at - before >= _NOTED_EVERY]:
                del noted[old]
            noted[key] = at

    @api.get("/v1/figures", response_model=Figures, responses=_FAULTS | {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
             summary="The figures of the pages: done, required, share, expected and status of every place of a level")
    def figures(request: Request, asked: Annotated[Asked, Query()], by: Annotated[Caller, Depends(caller("figures"))]) -> Response:
        found = outcome.figures(store, by.scope, asked.level, as_of=asked.as_of, domain=asked.domain, known_on=asked.known_on)
        note(by, request.url.path, asked)
        if asked.format == "csv":
            name = f"figures-{asked.level}{'-example-data' if store.example_day else ''}.csv"
            return Response(outcome.csv_of(found), media_type="text/csv; charset=utf-8",
                            headers=_UNKEPT | {"content-disposition": f'attachment; filename="{name}"', "readiness-data": "example" if store.example_day else "submitted"})
        return JSONResponse({"election": store.election.name, "is_example": bool(store.example_day), "as_of": (asked.as_of or store.today).isoformat(),
                             "figures": outcome.plain(found)}, headers=_UNKEPT)

    @api.get("/v1/submissions", response_model=Submissions, responses=_FAULTS, summary="What came, from whom, what became of it")
    def listed(asked: Annotated[Listed, Query()], by: Annotated[Caller, Depends(caller("figures"))]) -> Response:
        return JSONResponse({"submissions": outcome.history(store, by.files, domain=asked.domain)}, headers=_UNKEPT)

    @api.post(
        "/v1/submissions", response_model=Outcome, status_code=201, summary="Hand in a file: it goes in with all of its tables, or not at all",
        responses=_FAULTS | {
            200: {"model": Outcome, "description": "It was stored before, or it was only to be checked: nothing was stored."}, 201: {"description": "It is stored."},
            408: {"model": Fault, "description": "The file did not arrive in time."},
            413: {"model": Fault, "description": f"The file is larger than {LIMITS.bytes // MB} MB."},
            415: {"model": Outcome, "description": "The file can't be read: it is none of the kinds, damaged, or holds no table that is known."},
            422: {"model": Outcome, "description": "Problems block the file: nothing was stored."}},
        openapi_extra={"requestBody": {"required": True, "description": "The file itself", "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}})
    async def hand_in(request: Request, sent: Annotated[Sent, Query()], by: Annotated[Caller, Depends(caller("submissions"))]) -> Response:
        if sending[by.key] >= _OF_ONE:
            raise Refused(429, "too_many", "Two of your files are being sent or read just now. Send this one when they are through.", wait=10)
        if sending.total() >= _AT_ONCE + _WAITING:
            raise Refused(503, "busy", "Many files are being read just now. Try again in a minute.", wait=60)
        sending[by.key] += 1
        try:
            content = await _body(request)
            async with reading:
                return await asyncio.to_thread(taken, content, sent, request)
        finally:
            sending[by.key] -= 1

    def taken(content: bytes, sent: Sent, request: Request) -> Response:
        by = again(store, request, "submissions")
        if not sent.name.isprintable() or PurePath(sent.name).name != sent.name:
            raise Refused(400, "name", "The name of a file has no path and no signs that can't be seen.")
        told = {"file": sent.name, "sha256": hashlib.sha256(content).hexdigest()}
        try:
            tables = outcome.hand_in(store, sent.name, content, sender=by.name, answers=Answers(domain=sent.domain or "", as_of=sent.as_of),
                                     may_submit=by.may_submit, by=by.name, stores=not sent.only_check)
            files = outcome.tables_of(sent.name, tables, stores=not sent.only_check, sees=by.scope)
        except LoadError as error:
            files = outcome.unreadable(sent.name, error)
        states = {one["state"] for one in files}
        audit.write(store, by.name, "sent", **told, state=", ".join(sorted(states)))
        return JSONResponse({"files": files}, next((status for state, status in _STATUS.items() if state in states), 200), headers=_UNKEPT)

    @api.get("/health", response_model=State, responses={503: _FAULTS[503]}, summary="Whether the program works", openapi_extra={"security": []})
    def well() -> Response:
        health.answers(store)
        return JSONResponse({"status": "ok"}, headers=_UNKEPT)

    @api.get("/metrics", response_class=Response, responses=_FAULTS | {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
             summary="How the program is doing, for Prometheus")
    def measured(by: Annotated[Caller, Depends(caller("metrics"))]) -> Response:
        return Response(measures.text(), media_type="text/plain; version=0.0.4; charset=utf-8", headers=_UNKEPT)

    api.openapi = lambda: _described(api)
    return api


_STATUS = {"unreadable": 415, "refused": 422, "loaded": 201}  # of a file of which a table became that
_UNKEPT = {"cache-control": "no-store"}


async def _body(request: Request) -> bytes:
    """The body of a request, as far as it may be long."""
    too_large = Refused(413, "too_large", f"This file is larger than {LIMITS.bytes // MB} MB. Send only the sheet and the columns that are asked for.")
    told = bytearray()
    if int(request.headers.get("content-length", 0)) > LIMITS.bytes:
        raise too_large
    try:
        async with asyncio.timeout(_SENT_WITHIN):
            async for part in request.stream():
                told += part
                if len(told) > LIMITS.bytes:
                    raise too_large
    except ClientDisconnect:
        raise Refused(408, "gone", "The file did not arrive as a whole.") from None
    except TimeoutError:
        raise Refused(408, "too_slow", f"The file did not arrive within {_SENT_WITHIN:.0f} seconds. Send it again over a better line.") from None
    return bytes(told)


def _described(api: FastAPI) -> dict[str, Any]:
    """The description for programs: with the tokens, and without the answers of a framework that are never given."""
    told = FastAPI.openapi(api)
    told["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}, "password": {"type": "http", "scheme": "basic"}}
    told["security"] = [{"token": []}, {"password": []}]
    for path in told["paths"].values():
        for method in path.values():
            if "HTTPValidationError" in json.dumps(method["responses"].get("422", "")):
                del method["responses"]["422"]
    return told


def _fault(status: int, kind: str, message: str, *, wait: int = 0) -> JSONResponse:
    return JSONResponse({"error": {"kind": kind, "message": message}}, status, headers=_UNKEPT | ({"retry-after": str(wait)} if wait else {}))


async def _refused(_: Request, error: Refused) -> Response:
    return _fault(error.status, error.kind, error.message, wait=error.wait)


async def _not_understood(_: Request, error: RequestValidationError) -> Response:
    told = ", ".join(f"{'.'.join(str(part) for part in one['loc'][1:]) or one['loc'][0]}: {one['msg'].removeprefix('Value error, ')}" for one in error.errors())
    return _fault(400, "question", f"The question can't be understood. {told}")


async def _no_such(_: Request, error: HTTPException) -> Response:
    answer = _fault(error.status_code, "no_such", "There is nothing at this address." if error.status_code == 404 else str(error.detail))
    answer.headers.update(error.headers or {})
    return answer


async def _busy(request: Request, error: StoreError) -> Response:
    reference = logs.failed("a call could not be answered", error, **logs.of_call(request.scope, 503))
    return _fault(503, "store", f"The database can't be used just now. Try again, or tell the administrator the reference {reference}.", wait=60)


async def _failed(request: Request, error: Exception) -> Response:
    reference = logs.failed("a call failed", error, **logs.of_call(request.scope, 500))
    return _fault(500, "failed", f"The program failed. Tell its administrator the reference {reference}.")
