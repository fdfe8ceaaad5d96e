"""The example's rows of training."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from data.example.appointments import joined
from data.example.country import BALOCHISTAN, ISLAMABAD, KP, PUNJAB, SINDH, TRIBAL, District
from data.example.progress import Curve, chance

_SLOW = {PUNJAB: 1, ISLAMABAD: -4, SINDH: 9, KP: 8, BALOCHISTAN: 13}
_SLOWER = {PUNJAB: 2, ISLAMABAD: -4, SINDH: 22, KP: 20, BALOCHISTAN: 30}
_CURVES = {
    "RO": Curve("course RO", 112, 54, {PUNJAB: 0, ISLAMABAD: -3, SINDH: 8, KP: 7, BALOCHISTAN: 12}, 2),
    "MT": Curve("course MT", 140, 70, _SLOW, 3),
    "PRO": Curve("course PRO", 92, 8, _SLOW, 1.5),
    "POLL": Curve("course POLL", 88, 6, _SLOW, 1.5),
    "EMS": Curve("course EMS", 132, 14, _SLOW, 4, dict.fromkeys(TRIBAL, 0.8)),
    "CERS1": Curve("course CERS1", 195, 112, _SLOWER, 4, dict.fromkeys(TRIBAL, 0.85)),
    "CERS2": Curve("course CERS2", 165, 97, _SLOWER, 4, dict.fromkeys(TRIBAL, 0.8)),
    "SEC": Curve("course SEC", 90, 10, _SLOW, 3),
}
# Course and cadre; where the people stand and which sessions are theirs.
_ROWS = (
    ("RO", "DRO", "DRO", ""), ("RO", "RO", "RO", "RO"), ("RO", "ARO", "ARO", ""),
    ("MT", "TRAINER", "TRAINER", "MT"),
    ("PRO", "PRO", "PrO", "PRO"), ("POLL", "APO", "APO", "POLL APO"), ("POLL", "PO", "PO", "POLL PO"),
    ("EMS", "OPERATOR", "OPERATOR", "EMS"),
    ("CERS1", "REC", "REC", "own"), ("CERS1", "DEC", "DEC", "own"), ("CERS1", "EO", "EO", "own"), ("CERS1", "REGO", "REGO", "own"),
    ("CERS2", "DEC", "DEC", "own"), ("CERS2", "EO", "EO", "own"), ("CERS2", "REGO", "REGO", "own"),
    ("SEC", "POLICE", "POLICE", "own"),
)
_PER_SESSION = {"CERS1": 25, "CERS2": 25, "SEC": 60}
_WOMEN = {PUNJAB: 0.41, SINDH: 0.35, KP: 0.26, BALOCHISTAN: 0.19, ISLAMABAD: 0.46}
_FELL_FROM, _FELL_IN, _FELL = date(2026, 11, 12), ("PK526", "EMS"), 4


def rows(district: District, day: date) -> Iterator[dict[str, Any]]:
    """A row for each course and cadre of which the district has somebody."""
    for course, cadre, people, sessions in _ROWS:
        most = district.posts[people] if people in district.posts else district.people[people]
        if most:
            yield _row(district, course, cadre, people, sessions, most, day)


def _row(district: District, course: str, cadre: str, people: str, sessions: str, most: int, day: date) -> dict[str, Any]:
    curve = _CURVES[course]
    in_post = joined(district, people, day) if people in district.posts else most
    attended = min(curve.count(district, most, day), in_post)
    if (district.code, course) == _FELL_IN and day >= _FELL_FROM:
        attended -= _FELL
    planned = -(-most // _PER_SESSION[course]) if sessions == "own" else district.sessions[sessions] if sessions else 0
    held = curve.count(district, planned, day, ahead=2) if attended or planned > 1 else 0
    if attended and planned and course not in ("PRO", "POLL"):
        held = max(held, 1)
    own = chance("training", district.code, course, cadre)
    passed = int(attended * own.uniform(0.86, 0.97) + (0.99 if most < 20 else 0))
    women = _WOMEN[district.province.code] * own.uniform(0.85, 1.05) * (1 if course in ("PRO", "POLL") else 0.1 if course == "SEC" else 0.4)
    return {
        "district": district, "course": course, "cadre": cadre, "sessions_planned": planned, "sessions_held": min(held, planned),
        "required": in_post, "attended": attended, "passed": min(passed, attended), "women_attended": int(attended * women),
        "transferred": int(attended * own.uniform(0.004, 0.03) * min(1.0, curve.share(district, day) + 0.2)),
        "remarks": None if planned else "Together with the Returning Officers" if course == "RO" else "At the seat of the division"}
