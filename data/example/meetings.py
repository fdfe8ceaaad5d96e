"""The review meetings of the example: who met, what was decided, what became of it; notes; and a duty recorded as met."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from data.example.rounds import SECRETARIAT


@dataclass(frozen=True)
class Met:
    """A duty that no indicator measures was met on a day, as that paper shows; recorded `at` (UTC)."""

    duty: str
    on: date
    reference: str
    at: datetime
    by: str


@dataclass(frozen=True)
class Decided:
    """An action of a meeting: for a place, by an office, by a day; what it should move; when it was done, with a remark."""

    place: str
    what: str
    who: str
    due: date
    indicator: str = ""
    done_on: date | None = None
    remark: str = ""


@dataclass(frozen=True)
class Held:
    """A meeting about a place, recorded `at` (UTC). `renews` is the window for which it counts as a briefing."""

    place: str
    on: date
    chaired_by: str
    briefed_by: str
    renews: str
    remarks: str
    decided: tuple[Decided, ...]
    at: datetime
    by: str


@dataclass(frozen=True)
class Noted:
    """A note on a place, or on an indicator of it."""

    place: str
    indicator: str
    text: str
    at: datetime
    by: str


MET = (Met("plan", date(2026, 10, 9), "Invented notification No. F.1(1)/2026 of 9 October 2026", datetime(2026, 10, 9, 11), SECRETARIAT),)

MEETINGS = (
    Held("PK7", date(2026, 11, 5), "Chief Election Commissioner", "Inspector General of Police, Sindh", "", "Flooded buildings in Jamshoro and Dadu were the main point.", (
        Decided("PK708", "Notify alternative stations for buildings under water", "Deputy Commissioner, Jamshoro", date(2026, 11, 19), "PS1"),
        Decided("PK7", "Release the second instalment of repair funds", "Chief Secretary, Sindh", date(2026, 11, 12), "PS2", date(2026, 11, 11), "Released by the finance department"),
        Decided("PK7", "Start the polling-staff courses in all districts", "Provincial Election Commissioner, Sindh", date(2026, 12, 1), "TR2"),
    ), datetime(2026, 11, 5, 13), SECRETARIAT),
    Held("PK2", date(2026, 11, 12), "Chief Election Commissioner", "Inspector General of Police, Balochistan", "", "", (
        Decided("PK2", "Notify the officers still missing in Kech and Khuzdar", "Chief Secretary, Balochistan", date(2026, 11, 19), "AP3"),
        Decided("PK2", "Submit the security plans still missing", "Inspector General of Police, Balochistan", date(2026, 11, 30), "SE2"),
    ), datetime(2026, 11, 12, 12), SECRETARIAT),
    Held("PK5", date(2026, 11, 19), "Secretary of the Commission", "Inspector General of Police, Khyber Pakhtunkhwa", "briefing", "The plans of the former tribal agencies were gone through one by one.", (
        Decided("PK5", "Commit the personnel for the districts that were tribal agencies", "Inspector General of Police, Khyber Pakhtunkhwa", date(2026, 12, 10), "SE3"),
    ), datetime(2026, 11, 19, 12), SECRETARIAT),
)

NOTES = (
    Noted("PK708", "PS1", "The road to Manjhand is open again since 20 November; contractors can reach eleven buildings.", datetime(2026, 11, 24, 9), SECRETARIAT),
    Noted("PK7", "", "The provincial commissioner asks for four more weeks for the training of polling staff.", datetime(2026, 11, 25, 10), SECRETARIAT),
)
