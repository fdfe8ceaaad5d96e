"""The example's country: each district with its share of what was published for its province."""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from data.places import Place, Places

Counts = dict[str, int]  # by the district's code
Facts = dict[tuple[str, str], int]  # by fact and places
FOLDER = Path(__file__).parent
COUNTRY, PUNJAB, SINDH, KP, BALOCHISTAN, ISLAMABAD = "PK", "PK6", "PK7", "PK5", "PK2", "PK4"
PROVINCES = (PUNJAB, SINDH, KP, BALOCHISTAN, ISLAMABAD)
TRIBAL = frozenset(("PK502", "PK513", "PK518", "PK524", "PK525", "PK527", "PK530A", "PK530B"))
_SEATS_OF_DIVISIONS = {"Hazara": "PK501", "Malakand": "PK532", "Mekran": "PK211", "Kalat": "PK213", "Rakhshan": "PK212", "Karachi": "PK721"}

# How much of its people's share a district has of what goes wrong; about 1 where not named. All of it is assumed.
_RISK = {
    "PK702": 1.25, "PK704": 1.2, "PK721": 1.3, "PK714": 1.2, "PK729": 1.3, "PK729A": 1.25, "PK712": 1.2, "PK705": 1.25, "PK710": 1.3,
    "PK720": 1.2, "PK607": 1.2, "PK629": 1.3, "PK617": 1.1, "PK630": 1.1, "PK604": 1.2, "PK211": 1.3, "PK224": 1.3, "PK201": 1.3,
    "PK226": 1.2, "PK213": 1.2, "PK509": 1.25, "PK519": 1.2, "PK503": 1.2, "PK533": 1.2, **dict.fromkeys(TRIBAL, 1.35),
}
_WEAR = {
    "PK7-01": 1.8, "PK7-02": 0.12, "PK7-03": 1.3, "PK7-04": 1.5, "PK7-05": 1.2, "PK7-06": 1.1,
    "PK6-02": 6.0, "PK6-01": 1.5, "PK6-06": 0.7, "PK6-09": 0.8, "PK6-07": 0.8, "PK6-03": 0.0, "PK6-04": 0.0, "PK6-05": 0.0, "PK6-08": 0.0,
}
_JAMSHORO_BUILDINGS = 120
_FLOODED = {
    "PK708": 255, "PK703": 118, "PK709": 84, "PK707": 77, "PK720": 42, "PK701": 63, "PK718": 55, "PK716": 48, "PK711": 46, "PK717": 39,
    "PK727": 34, "PK722": 33, "PK719": 31, "PK710": 29, "PK728": 22,
    "PK222": 61, "PK207": 48, "PK229": 39, "PK207A": 37, "PK208": 31, "PK209": 24, "PK217": 19, "PK228": 9,
}


@dataclass(frozen=True, eq=False)
class District:
    """A district of the example with its counts: `posts` by post, `sessions` by course, `people` to be trained beside
    those posts, polling-station `buildings` that need work from the start, and those that the floods added."""

    place: Place
    province: Place
    division: str
    tehsils: tuple[str, ...]
    stations: int
    sensitive: int
    most_sensitive: int
    posts: Mapping[str, int]
    sessions: Mapping[str, int]
    people: Mapping[str, int]
    personnel: int
    buildings: int
    flooded: int

    @property
    def code(self) -> str:
        return self.place.code

    @property
    def name(self) -> str:
        return self.place.name

    @property
    def normal(self) -> int:
        return self.stations - self.sensitive - self.most_sensitive


def districts(places: Places) -> tuple[District, ...]:
    """All districts, in the order of the places' file. ValueError if the places are not those that the example is about."""
    people = {code: int(row["population"]) for code, row in _table("districts.csv").items()}
    if {place.code for place in places.districts} != people.keys():
        raise ValueError("The example election is about the districts in data/places, of the provinces that the shipped election names.")
    counts = _counts(places, people)
    return tuple(
        District(
            place=place, province=places[place.province], division=places[place.parent].name, tehsils=_tehsils()[place.code],
            posts={post: counts[post][place.code] for post in ("DRO", "RO", "ARO", "DMO", "PrO", "APO", "PO", "COMR", "DC", "ADC", "DPO")},
            sessions={course: counts[f"sessions {course}"][place.code] for course in ("RO", "MT", "PRO", "POLL APO", "POLL PO", "EMS")},
            people={cadre: counts[cadre][place.code] for cadre in ("TRAINER", "OPERATOR", "REC", "DEC", "EO", "REGO", "POLICE")},
            **{name: counts[name][place.code] for name in ("stations", "sensitive", "most_sensitive", "personnel", "buildings", "flooded")},
        )
        for place in places.districts)


def allocate(total: int, weights: Mapping[str, float], least: int = 0) -> dict[str, int]:
    """`total` in whole parts that add up to it, near the weights: by largest remainder, none below `least`."""
    over, summed = total - least * len(weights), sum(weights.values())
    exact = {code: over * weight / summed for code, weight in weights.items()}
    parts = {code: least + int(share) for code, share in exact.items()}
    last = sorted(exact, key=lambda code: (int(exact[code]) - exact[code], code))
    for code in last[:total - sum(parts.values())]:
        parts[code] += 1
    return parts


def published() -> Facts:
    """What was published, by fact and places (codes with spaces between them)."""
    with (FOLDER / "published.csv").open(encoding="utf-8", newline="") as file:
        return {(row["fact"], row["places"]): int(row["value"]) for row in csv.DictReader(file)}


def _table(name: str) -> dict[str, dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return {row["code"]: row for row in csv.DictReader(file)}


@cache
def _tehsils() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    with (FOLDER / "tehsils.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["district"]] = (*found.get(row["district"], ()), row["tehsil"])
    return found


def _counts(places: Places, people: Counts) -> dict[str, Counts]:
    """Every count of every district, by its name."""
    facts = published()

    def shared(fact: str, weights: Mapping[str, float], least: int = 0) -> Counts:
        return _shared(facts, fact, places, weights, least)

    counts = {"stations": shared("stations", people)}
    stations = counts["stations"]
    uneven = {code: _RISK.get(code) or Random(f"risk {code}").uniform(0.72, 1.28) for code in people}
    risk = {code: stations[code] * uneven[code] for code in people}
    calm = {code: stations[code] / uneven[code] for code in people}
    counts["most_sensitive"] = shared("most_sensitive", risk)
    rest = {
        ("normal", named): facts["stations", named] - facts["most_sensitive", named] - value
        for (fact, named), value in facts.items() if fact == "sensitive"}
    normal = _shared(rest, "normal", places, calm)
    counts["sensitive"] = {code: stations[code] - counts["most_sensitive"][code] - normal[code] for code in people}
    counts |= _posts(places, people, stations, shared)
    counts |= _sessions(facts, people, counts)
    counts |= _trained(places, people, counts, shared)
    duty = {code: 7 * counts["most_sensitive"][code] + 5 * counts["sensitive"][code] + 4 * normal[code] for code in people}
    police, forces = shared("police", duty), shared("forces", {code: counts["most_sensitive"][code] for code in people})
    counts["POLICE"] = police
    counts["personnel"] = {code: police[code] + forces[code] for code in people}
    counts["buildings"] = _buildings(facts, places, people)
    counts["flooded"] = {code: _FLOODED.get(code, 0) for code in people}
    return counts


def _shared(facts: Facts, fact: str, places: Places, weights: Mapping[str, float], least: int = 0) -> Counts:
    """A fact shared out among the districts of each place for which it was published. Where one place's figure is part
    of another's, it is taken out of that first."""
    told = {named: value for (name, named), value in facts.items() if name == fact}
    for named in [named for named in told if " " in named]:
        for part in set(named.split()) & told.keys():
            told[named.replace(part, "").strip()] = told.pop(named) - told[part]
    return {
        code: count for named, value in told.items()
        for code, count in allocate(value, {code: weights[code] for code in _codes(places, named.split())}, least).items()}


def _codes(places: Places, named: Collection[str]) -> Iterator[str]:
    return (district.code for code in named for district in places.districts_of(code))


def _posts(places: Places, people: Counts, stations: Counts, shared: Callable[..., Counts]) -> dict[str, Counts]:
    heads = {_head(places, division) for division in places.divisions}
    ros, staff = shared("ro", people, 1), shared("staff", stations)
    # A presiding officer for each station; two assistants for each polling officer, as at a booth (assumed).
    assistants = {code: round((staff[code] - stations[code]) * 2 / 3) for code in people}
    return {
        "DRO": shared("dro", people, 1),
        "RO": ros,
        "ARO": {code: 2 * count for code, count in ros.items()},
        "DMO": shared("dmo", people, 2),
        "PrO": stations,
        "APO": assistants,
        "PO": {code: staff[code] - stations[code] - assistants[code] for code in people},
        "COMR": {code: int(code in heads) for code in people},
        "DC": dict.fromkeys(people, 1),
        "ADC": {code: 1 + min(3, count // 1_500_000) for code, count in people.items()},
        "DPO": dict.fromkeys(people, 1),
    }


def _head(places: Places, division: Place) -> str:
    """The district in which a division's commissioner sits: that of its name, or as listed."""
    named = [district.code for district in places.districts_of(division.code) if district.name == division.name]
    return named[0] if named else _SEATS_OF_DIVISIONS[division.name]


def _sessions(facts: Facts, people: Counts, counts: Mapping[str, Counts]) -> dict[str, Counts]:
    presiding, polling, operators = (facts[f"sessions_{course}", COUNTRY] for course in ("presiding", "polling", "operators"))
    rest = facts["sessions", COUNTRY] - presiding - polling - operators
    # Of what is left one is the returning officers' in each district; the others are the master trainers'.
    assistants = round(polling * sum(counts["APO"].values()) / (sum(counts["APO"].values()) + sum(counts["PO"].values())))
    return {
        "sessions RO": dict.fromkeys(people, 1),
        "sessions MT": allocate(rest - len(people), people),
        "sessions PRO": allocate(presiding, counts["PrO"], 1),
        "sessions POLL APO": allocate(assistants, counts["APO"], 1),
        "sessions POLL PO": allocate(polling - assistants, counts["PO"], 1),
        "sessions EMS": allocate(operators, counts["RO"], 1),
    }


def _trained(places: Places, people: Counts, counts: Mapping[str, Counts], shared: Callable[..., Counts]) -> dict[str, Counts]:
    heads = {_head(places, division) for division in places.divisions}
    return {
        "TRAINER": shared("master_trainers", counts["stations"], 2),
        "OPERATOR": shared("operators", counts["RO"], 2),
        "REC": {code: int(code in heads) for code in people},
        "DEC": dict.fromkeys(people, 1),
        "EO": {code: 2 + count // 1_000_000 for code, count in people.items()},
        "REGO": {code: 2 + count // 100_000 for code, count in people.items()},
    }


def _buildings(facts: Facts, places: Places, people: Counts) -> Counts:
    wear = {code: people[code] * _WEAR.get(places[code].parent, 1.0) for code in people}
    rest = dict(facts)
    rest["buildings", SINDH] -= _JAMSHORO_BUILDINGS
    wear["PK708"] = 0.0
    return _shared(rest, "buildings", places, wear) | {"PK708": _JAMSHORO_BUILDINGS}
