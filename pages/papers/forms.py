"""The three forms of the paper: what each is called, what it is, who makes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from importlib import import_module
from types import MappingProxyType

from data.places import Place
from data.scope import Scope
from data.store import Store, now

_OFFICE = "application/vnd.openxmlformats-officedocument."
MAKERS: Mapping[str, tuple[str, str]] = MappingProxyType({"pdf": ("document", "pdf"), "pptx": ("slides", "pptx"), "xlsx": ("workbook", "xlsx")})  # module, function
TYPES: Mapping[str, str] = MappingProxyType({"pdf": "application/pdf", "pptx": f"{_OFFICE}presentationml.presentation", "xlsx": f"{_OFFICE}spreadsheetml.sheet"})


def make(store: Store, scope: Scope, place: str, on: date, form: str, *, since: date | None = None) -> bytes:
    """The paper of a place on a day in one of the forms. PermissionError where not the whole of the place lies in scope; ValueError where
    `since` is not before the day; KeyError for another form."""
    module, function = MAKERS[form]
    # What sets documents and draws slides is large, and first needed when somebody asks for one.
    from pages.papers.content import gather

    maker = getattr(import_module(f"pages.papers.{module}"), function)
    return maker(gather(store, scope, place, on, since=since, made_at=now()))


def name_of(place: Place, on: date, form: str) -> str:
    """What a paper's file is called."""
    return f"paper-{place.code}-{on}.{form}"
