"""The example's rows of security."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from data.example.country import BALOCHISTAN, ISLAMABAD, KP, PUNJAB, SINDH, TRIBAL, District
from data.example.progress import E_DAY, Curve, chance

_PERSONNEL = Curve("personnel", 132, 22, {PUNJAB: -6, SINDH: -1, KP: -3, BALOCHISTAN: 7, ISLAMABAD: -12}, 5, dict.fromkeys(TRIBAL, 0.55) | {"PK211": 0.5})
_CAMERAS = Curve("cameras", 112, 7, {PUNJAB: 2, SINDH: 6, KP: 8, BALOCHISTAN: 11, ISLAMABAD: -8}, 5)
_PLANS = Curve("plans", 150, 40, {PUNJAB: -2, SINDH: 8, KP: 8, BALOCHISTAN: 16, ISLAMABAD: -20}, 3, dict.fromkeys(TRIBAL, 0.75))
_BRIEFINGS = Curve("briefings", 215, 110, {PUNJAB: -10, BALOCHISTAN: 15}, 3)
_SEEN_TO_LATE = {PUNJAB: 0.1, SINDH: 0.2, KP: 0.22, BALOCHISTAN: 0.3, ISLAMABAD: 0.0}
_WITHOUT_PLAN = "PK211"
_POLICE = {PUNJAB: "District Police Officer", SINDH: "Senior Superintendent of Police", KP: "District Police Officer",
           BALOCHISTAN: "Senior Superintendent of Police", ISLAMABAD: "Senior Superintendent of Police"}


@dataclass(frozen=True)
class _Course:
    """How a district's security goes: its briefings until the day after which there are no more, and its plan's days."""

    first: date
    every: int
    until: date
    submitted: date
    returned: date | None
    resubmitted: date | None
    approved: date


def rows(district: District, day: date) -> Iterator[dict[str, Any]]:
    """The district's row."""
    course, briefed = _course(district), _last_briefing(district, day)
    own = chance("week", district.code, day)
    tension = (district.most_sensitive + 0.4 * district.sensitive) / district.stations
    yield {
        "district": district, "last_briefing_on": briefed,
        "briefed_by": f"{_POLICE[district.province.code]}, {district.name}" if briefed else None,
        "chaired_by": f"Deputy Commissioner, {district.name}" if briefed else None,
        "plan_status": _plan(district, course, day), "assessment": "volatile" if tension > 0.62 else "watch" if tension > 0.38 else "calm",
        "stations": district.stations, "normal": district.normal, "sensitive": district.sensitive, "most_sensitive": district.most_sensitive,
        "personnel_required": district.personnel, "personnel_committed": _PERSONNEL.count(district, district.personnel, day),
        "cameras_required": district.most_sensitive, "cameras_installed": _CAMERAS.count(district, district.most_sensitive, day),
        "incidents": min(9, int(own.expovariate(1) * 4 * tension)), "open_actions": own.randrange(0, 9)}


@cache
def _course(district: District) -> _Course:
    own, last = chance("security", district.code), E_DAY + timedelta(200)
    lot = own.random()
    first = _BRIEFINGS.reached(district, own.uniform(0.02, 1)) or last
    stops = own.random() < _SEEN_TO_LATE[district.province.code]
    submitted = (_PLANS.reached(district, lot) or last) - timedelta(own.randrange(22, 34))
    bounced = own.random() < 0.25
    returned = submitted + timedelta(own.randrange(7, 14)) if bounced else None
    resubmitted = returned + timedelta(own.randrange(12, 50)) if returned else None
    return _Course(
        first=first, every=own.randrange(17, 27), until=date(2026, 10, 20) - timedelta(own.randrange(0, 30)) if stops else last,
        submitted=submitted, returned=returned, resubmitted=resubmitted,
        approved=max(resubmitted or submitted, _PLANS.reached(district, lot) or last) + timedelta(own.randrange(4, 9) if bounced else 0))


def _last_briefing(district: District, day: date) -> date | None:
    course = _course(district)
    until = min(day, course.until)
    if until < course.first:
        return None
    return course.first + timedelta((until - course.first).days // course.every * course.every)


def _plan(district: District, course: _Course, day: date) -> str:
    if district.code == _WITHOUT_PLAN or day < course.submitted:
        return "not_submitted"
    if day >= course.approved:
        return "approved"
    if course.returned and course.returned <= day < course.resubmitted:
        return "returned"
    return "submitted"
