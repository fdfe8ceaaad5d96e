"""Duties that no indicator measures: who has recorded one as met, on which day, and which paper shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from data import audit
from data.election import Election
from data.scope import Scope
from data.store import FOREVER, Store, now

_MOST = 500  # letters of a reference


class DutyError(Exception):
    """A duty can't be recorded; the message says why and what to do."""


@dataclass(frozen=True)
class Record:
    """That a duty was met on a day, as the paper called `reference` shows, or, without a day, that a record is taken back for the
    reason that `reference` gives. Times are UTC."""

    duty: str
    met_on: date | None
    reference: str
    recorded_at: datetime
    recorded_by: str


def may_record(election: Election, may_submit: Scope) -> bool:
    """Whether somebody may say of a duty that it is met: who submits for the whole country, in every domain."""
    places = election.places
    return may_submit.covers(places, places.country.code) and all(may_submit.allows(domain.name) for domain in election.domains)


def record(
    store: Store, duty: str, met_on: date | None, reference: str, *, by: str, may_submit: Scope, at: datetime | None = None, is_example: bool = False,
) -> None:
    """Records that a duty was met on that day, or takes the last record back where there is no day. DutyError, and nothing is
    recorded, where that can't be."""
    election = store.election
    known = {one.id: one for one in election.duties}
    reference = " ".join(reference.split())
    if not may_record(election, may_submit):
        raise DutyError("Only who submits for the whole country, in every domain, may record a duty as met.")
    if duty not in known:
        raise DutyError(f"This election has no duty with the id {duty}.")
    if election.is_measured(known[duty]):
        raise DutyError(f"{known[duty].title}: its indicators tell whether it is met; correct the figures instead.")
    if met_on is not None and met_on > store.today:
        raise DutyError(f"The day on which it was met lies after today, {store.today:%d/%m/%Y}.")
    if not reference:
        raise DutyError("Name the paper that shows it, such as a notification's number and date." if met_on else "Say why the record is taken back.")
    if len(reference) > _MOST:
        raise DutyError(f"The text has {len(reference):,} letters; {_MOST} are the most.")
    with store.transaction() as cursor:
        cursor.execute("insert into duty_records values (uuidv7(), ?, ?, ?, ?, ?, ?)", [duty, met_on, reference, at or now(), by, is_example])
        if not is_example:  # what invented offices did is no act of anybody's
            audit.add(cursor, by, "duty", duty=duty, met_on=str(met_on or ""), reference=reference)


def recorded(store: Store, *, known_on: datetime | None = None) -> Mapping[str, Record]:
    """The last record of each duty that has one, as known at a time."""
    return store.remember(("duties", known_on), lambda: {row[0]: Record(*row) for row in store.ask_rows("""
        select duty, met_on, reference, recorded_at, recorded_by from last_duty_records($known_on)
        """, {"known_on": known_on or FOREVER})})
