"""The example's rows of repairs: each building with its own days, from report to certificate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any

from data.example.country import BALOCHISTAN, ISLAMABAD, KP, PUNJAB, SINDH, District
from data.example.progress import DAY, Curve, chance

_CERTIFIED = Curve("certified", 172, 58, {PUNJAB: -10, ISLAMABAD: -40, KP: 8, SINDH: 28, BALOCHISTAN: 29}, 5)
_STARTED = Curve("started", 212, 100, {PUNJAB: -25, ISLAMABAD: -40, KP: 4, SINDH: 27, BALOCHISTAN: 26}, 5)
_JAMSHORO, _JAMSHORO_USABLE = "PK708", 77
_START = date(2026, 5, 20)
_FLOODS = (date(2026, 8, 22), date(2026, 9, 22))
_FLOOD_SETS_BACK = 40  # days
_SCHOOLS = (
    ("Government Boys Primary School", 40), ("Government Girls Primary School", 26), ("Government Boys Middle School", 10),
    ("Government Boys High School", 9), ("Government Girls High School", 7), ("Government Girls Middle School", 5), ("Union Council Office", 3),
)
_DEPARTMENTS = {
    PUNJAB: ("School Education Department", "Communication & Works Department", "Local Government Department"),
    SINDH: ("Education & Literacy Department", "Works & Services Department", "Local Government Department"),
    KP: ("Elementary & Secondary Education Department", "Communication & Works Department", "Local Government Department"),
    BALOCHISTAN: ("Secondary Education Department", "Communication & Works Department", "Local Government Department"),
    ISLAMABAD: ("Federal Directorate of Education", "Capital Development Authority", "Local Government Department"),
}
_WORKS = {
    "flood": ("Floor and drainage", "Roof and walls", "Plinth and boundary wall", "Access road", "Cleaning and electric wiring"),
    "utilities": ("Water supply and washrooms", "Electricity connection", "Washrooms", "Fans and lights"),
    "access": ("Ramp", "Boundary wall", "Access road and gate"),
    "age": ("Roof repair", "Two rooms to be rebuilt", "Doors and windows", "Floor and plaster"),
    "earthquake": ("Cracked walls and roof", "Beams and columns"),
    "other": ("Shifting of stored furniture", "Fire damage"),
}


@dataclass(frozen=True)
class _Building:
    code: str
    name: str
    tehsil: str
    cause: str
    condition: str
    work: str
    department: str
    cost: int
    due: date
    alternative: str | None
    listed: date
    dry: date
    stages: tuple[tuple[str, date], ...]


def rows(district: District, day: date) -> Iterator[dict[str, Any]]:
    """A row for each building listed by that day; a row that says NIL where there is none."""
    listed = [building for building in _buildings(district) if building.listed <= day]
    if not listed:
        yield {"district": district, "station_code": "NIL"}
    for building in listed:
        yield _row(district, building, day)


def _row(district: District, building: _Building, day: date) -> dict[str, Any]:
    reached = {stage: since for stage, since in building.stages if since <= day}
    status = next(reversed(reached), "reported")
    return {
        "district": district, "station_code": building.code, "station_name": building.name, "tehsil": building.tehsil,
        "condition": _condition(building, status, day), "cause": building.cause, "work_needed": building.work, "status": status,
        "department": building.department, "cost": building.cost, "due": building.due, "completed_on": reached.get("completed"),
        "certified_by": f"District Election Commissioner, {district.name}" if status == "certified" else None,
        "alternative_station": building.alternative if status == "alternative" else None}


def _condition(building: _Building, status: str, day: date) -> str:
    if status == "certified":
        return "usable"
    return "damaged" if building.cause == "flood" and day >= building.dry else building.condition


@cache
def _buildings(district: District) -> tuple[_Building, ...]:
    own = chance("buildings", district.code)
    total = district.buildings + district.flooded
    ranks = _ranks(own, total) if district.code == _JAMSHORO else _ranks(own, district.buildings) + _ranks(own, district.flooded)
    names: dict[str, int] = {}
    return tuple(_building(district, own, number, rank, names) for number, rank in enumerate(ranks))


def _ranks(own: Random, count: int) -> list[float]:
    """The places of so many in their queue, as shares, shuffled."""
    ranks = [(number + 0.5) / count for number in range(count)]
    own.shuffle(ranks)
    return ranks


def _building(district: District, own: Random, number: int, rank: float, names: dict[str, int]) -> _Building:
    is_flooded = number >= district.buildings
    listed = _FLOODS[0] + timedelta(own.randrange((_FLOODS[1] - _FLOODS[0]).days)) if is_flooded else _START
    tehsil = own.choice(district.tehsils)
    cause, condition = _harm(district, own, is_flooded)
    has_alternative = own.random() < (0.35 if is_flooded else 0.05)
    return _Building(
        code=f"PS-{district.code[2:]}-{number + 1:03}", name=_name(own, tehsil, names), tehsil=tehsil, cause=cause, condition=condition,
        work=own.choice(_WORKS[cause]), department=own.choices(_DEPARTMENTS[district.province.code], (60, 28, 12))[0],
        cost=5_000 * round(own.lognormvariate(5.6 if is_flooded else 4.9, 0.6)),
        due=listed + timedelta(own.randrange(85, 115)) if is_flooded else date(2026, 9, 1) + timedelta(own.randrange(105)),
        alternative=f"{own.choices(*zip(*_SCHOOLS))[0]} No. {own.randrange(2, 9)}, {tehsil}" if has_alternative else None,
        listed=listed, dry=listed + timedelta(own.randrange(70, 160) if district.code == _JAMSHORO else own.randrange(18, 80)),
        stages=tuple(_stages(district, own, rank, listed, is_flooded, has_alternative)))


def _name(own: Random, tehsil: str, names: dict[str, int]) -> str:
    kind = own.choices(*zip(*_SCHOOLS))[0]
    names[f"{kind}, {tehsil}"] = count = names.get(f"{kind}, {tehsil}", 0) + 1
    return f"{kind}, {tehsil}" if count == 1 else f"{kind} No. {count}, {tehsil}"


def _harm(district: District, own: Random, is_flooded: bool) -> tuple[str, str]:
    """Cause and condition."""
    if is_flooded:
        return "flood", own.choices(("submerged", "road_cut", "occupied", "damaged"), (46, 22, 10, 22))[0]
    quakes = 6 if district.province.code in (KP, BALOCHISTAN) else 0
    cause = own.choices(("utilities", "access", "age", "flood", "earthquake", "other"), (52, 17, 20, 5, quakes, 3))[0]
    return cause, "usable" if cause in ("utilities", "access") else "damaged"


def _stages(
    district: District, own: Random, rank: float, listed: date, is_flooded: bool, has_alternative: bool,
) -> Iterator[tuple[str, date]]:
    """The stages after the report with their days, in order, as far as it will ever come."""
    back = timedelta(_FLOOD_SETS_BACK if is_flooded and district.code != _JAMSHORO else 0)
    started, ready = _STARTED.reached(district, rank), _CERTIFIED.reached(district, rank / _jamshoro_scale(district))
    started = max(started + back, listed + timedelta(12)) if started else None
    ready = max(ready + back, listed + timedelta(21)) if ready else None
    if ready and has_alternative:
        yield "assessed", max(listed, ready - timedelta(40))
        yield "alternative", ready
        return
    if started:
        yield "assessed", max(listed, started - timedelta(own.randrange(24, 45)))
        yield "funded", max(listed, started - timedelta(own.randrange(6, 20)))
        yield "in_progress", started
    if started and ready:
        ready = max(ready, started + timedelta(5))
        yield "completed", max(started, ready - timedelta(own.randrange(2, 13)))
        yield "certified", ready


@cache
def _jamshoro_scale(district: District) -> float:
    """What the curve is lowered to: all but one fifth of Jamshoro's stations stood under water or cut off."""
    if district.code != _JAMSHORO:
        return 1.0
    return _JAMSHORO_USABLE / (district.buildings + district.flooded) / _CERTIFIED.share(district, DAY)
