"""The election: its dates, plan, windows, weights and duties, read from one TOML file and checked as a whole."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from data.declare import Domain, Indicator
from data.places import Place, Places, PlacesError, load as load_places

Milestones = tuple[tuple[int, float], ...]
_FIELD = re.compile(r"\{[^}]*\}?|\}")
_MOST_DAYS = 3650  # before a date of the election
_LEAST_WEIGHT, _MOST_WEIGHT = 0.001, 1_000_000  # shares are added up to 18 digits behind the point and 20 before it


class ElectionError(Exception):
    """The election's file can't be used. `mistakes` holds a sentence each: key, what stands there, what is expected."""

    def __init__(self, path: Path, mistakes: Sequence[str]) -> None:
        self.path, self.mistakes = path, tuple(mistakes)
        super().__init__("\n".join([f"{path}: the election's file needs correcting.", *(f"  {mistake}" for mistake in mistakes)]))


@dataclass(frozen=True)
class Duty:
    """A dated duty: what, by which section, `days` before the date named `anchor`, and who says so.

    One that is not `legal` is a practice: missed, it does not hold its place at Critical.
    """

    id: str
    title: str
    section: str
    anchor: str
    days: int
    source: str
    legal: bool = True


@dataclass(frozen=True)
class Office:
    """Who is asked to act in some domains. `title` holds {place}, where the province's name is put in; `titles` are those of single
    provinces, by code, that have another."""

    id: str
    title: str
    domains: tuple[str, ...]
    titles: dict[str, str] = field(default_factory=dict)

    def of(self, place: Place) -> str:
        """The office's name in a province, or with the country's name for the country."""
        return self.titles.get(place.code) or self.title.format(place=place.name)


@dataclass(frozen=True)
class Pace:
    """How a pace is read off and carried on: over the last `days`, from at least so many `reports`; from then on it may be anything
    from `slower` to `faster` times what it was."""

    days: int
    reports: int
    slower: float
    faster: float


@dataclass(frozen=True)
class Alerts:
    """When people are told by themselves: of a dated duty that is not met, so many days before it; of a district, when its last report of a
    domain is older than so many days."""

    breach: int = 14
    silent: int = 14


@dataclass(frozen=True)
class Total:
    """A printed total: the sum of `column` over the districts of `places` should be `value`."""

    domain: str
    column: str
    places: tuple[str, ...]
    value: int
    source: str


@dataclass(frozen=True)
class Election:
    """One election with its places and domains. Shares are fractions of 1, windows are days."""

    name: str
    name_ur: str
    places: Places
    domains: tuple[Domain, ...]
    dates: dict[str, date]
    default_milestones: Milestones
    milestones: dict[str, Milestones]
    behind: float
    windows: dict[str, tuple[tuple[int | None, int], ...]]
    weights: dict[str, float]
    indicator_weights: dict[str, float]
    pace: Pace
    duties: tuple[Duty, ...] = ()
    totals: tuple[Total, ...] = field(default=())
    offices: tuple[Office, ...] = ()
    alerts: Alerts = Alerts()

    @property
    def e_day(self) -> date:
        return self.dates["e_day"]

    @property
    def indicators(self) -> tuple[tuple[Domain, Indicator], ...]:
        """Each indicator with its domain, in the order shown."""
        return tuple((domain, indicator) for domain in self.domains for indicator in domain.indicators)

    def domain(self, name: str) -> Domain:
        """The domain of that name; KeyError if there is none."""
        return {domain.name: domain for domain in self.domains}[name]

    def indicator(self, id: str) -> Indicator:
        """The indicator of that id; KeyError if there is none."""
        return {indicator.id: indicator for _, indicator in self.indicators}[id]

    def domain_of(self, indicator: Indicator) -> Domain:
        """The domain that an indicator is one of."""
        return next(domain for domain in self.domains if indicator in domain.indicators)

    def is_measured(self, duty: Duty) -> bool:
        """Whether indicators tell of the duty, so that it is not for anybody to declare it met."""
        return any(indicator.duty == duty.id for _, indicator in self.indicators)

    def duty_of(self, indicator: Indicator) -> Duty | None:
        """The duty to which the indicator answers."""
        return next((duty for duty in self.duties if duty.id == indicator.duty), None)

    def due(self, indicator: Indicator) -> date:
        """The day by which the indicator must be complete: that of the duty to which it answers, if it does to one."""
        duty = self.duty_of(indicator)
        return self.duty_date(duty) if duty else self.dates[indicator.anchor] - timedelta(days=indicator.due)

    def duty_date(self, duty: Duty) -> date:
        return self.dates[duty.anchor] - timedelta(days=duty.days)

    def milestones_of(self, indicator: Indicator) -> Milestones:
        """The plan's line of the indicator: (days before its anchor, share), earliest first."""
        line = self.milestones.get(indicator.id) or indicator.milestones or self.default_milestones
        return tuple(sorted(line, reverse=True))

    def expected(self, indicator: Indicator, on: date) -> float:
        """The share that the plan wants of the indicator on a day: linear between milestones, level outside them."""
        left = (self.dates[indicator.anchor] - on).days
        line = self.milestones_of(indicator)
        if left >= line[0][0]:
            return line[0][1]
        for (early, low), (late, high) in zip(line, line[1:]):
            if left >= late:
                return low + (high - low) * (early - left) / (early - late)
        return line[-1][1]

    def window(self, name: str, on: date) -> int:
        """For how many days a report (or a briefing) counts on that day; narrower as E-day comes near."""
        left = (self.e_day - on).days
        return min((start, days) for start, days in _bounds(self.windows[name]) if left <= start)[1]

    def weight(self, indicator: Indicator) -> float:
        """The weight of an indicator in its domain's share."""
        return self.indicator_weights.get(indicator.id, 1.0)


def _bounds(window: tuple[tuple[int | None, int], ...]) -> list[tuple[float, int]]:
    return [(float("inf") if start is None else start, days) for start, days in window]


def load(path: Path, domains: Sequence[Domain]) -> Election:
    """The election of that TOML file, with its places. ElectionError names every mistake at once."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ElectionError(path, ["there is no such file; READINESS_ELECTION names the election's file"]) from None
    except OSError as error:
        raise ElectionError(path, [f"it can't be read ({error.strerror}); READINESS_ELECTION names the election's file"]) from None
    except UnicodeDecodeError as error:
        raise ElectionError(path, [f"it is not TOML: {error}"]) from None
    return parse(text, path, domains)


def parse(text: str, path: Path, domains: Sequence[Domain]) -> Election:
    """The election of a text that stands, or is to stand, in that file."""
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ElectionError(path, [f"it is not TOML: {error}"]) from None
    mistakes = list(_mistakes(told, domains))
    places = None
    if isinstance(told.get("places"), str) and _is_list_of(told.get("provinces"), str):
        try:
            places = load_places(path.parent / told["places"], told["provinces"] or None)
        except PlacesError as error:
            mistakes.append(f"places: {error}")
    if places is not None:
        mistakes += _unknown_places(told, places)
    if mistakes:
        raise ElectionError(path, mistakes)
    return Election(
        name=told["name"],
        name_ur=told.get("name_ur", told["name"]),
        places=places,
        domains=tuple(domains),
        dates=told["dates"],
        default_milestones=_line(told["milestones"]["default"]),
        milestones={key: _line(value) for key, value in told["milestones"].items() if key != "default"},
        behind=float(told["status"]["behind"]),
        windows={name: tuple((step.get("from"), step["days"]) for step in steps) for name, steps in told["windows"].items()},
        weights={domain.name: float(told.get("weights", {}).get(domain.name, 1)) for domain in domains},
        indicator_weights={name: float(weight) for name, weight in told.get("indicator_weights", {}).items()},
        pace=Pace(**told["projection"]),
        duties=tuple(Duty(**duty) for duty in told.get("duty", ())),
        totals=tuple(Total(**{**total, "places": tuple(total["places"])}) for total in told.get("total", ())),
        offices=tuple(Office(**{**office, "domains": tuple(office["domains"])}) for office in told.get("office", ())),
        alerts=Alerts(**told.get("alerts", {})),
    )


_REQUIRED = {
    "name": "text in quotes",
    "places": "the folder of the place files, in quotes",
    "provinces": "a list of province codes, such as [\"PK6\", \"PK7\"]; an empty list takes all",
    "dates": "a table, [dates]",
    "milestones": "a table, [milestones]",
    "status": "a table, [status]",
    "windows": "a table, [windows]",
    "projection": "a table, [projection]",
    "weights": "a table, [weights]",
}
_PACE = {"days": "a whole number of days, such as 28", "reports": "a whole number, 3 or more",
         "slower": "a share from 0 to 1, such as 0.5", "faster": "a number, 1 or more, such as 2.0"}
_DUTY = {key: "text in quotes" for key in ("id", "title", "section", "anchor", "source")} | {"days": "a whole number of days before the anchor"}
_OFFICE = {"id": "text in quotes", "title": "text in quotes, with {place} where the province's name belongs", "domains": "a list of domains"}
_TOTAL = {key: "text in quotes" for key in ("domain", "column", "source")} | {"places": "a list of place codes", "value": "a whole number"}


def _line(points: list[list[float]]) -> Milestones:
    return tuple((int(days), float(share)) for days, share in points)


def _mistakes(told: dict[str, Any], domains: Sequence[Domain]) -> Iterator[str]:
    indicators = {indicator.id: indicator for domain in domains for indicator in domain.indicators}
    yield from _keys("", told, _REQUIRED, {"name_ur", "indicator_weights", "duty", "total", "office", "alerts"})
    for key in ("dates", "milestones", "status", "windows", "weights", "projection", "indicator_weights", "alerts"):
        if key in told and not isinstance(told[key], dict):
            yield f"{key}: {told[key]!r} stands there; expected is a table, [{key}]"
    for key in ("duty", "total", "office"):
        if key in told and not _is_list_of(told[key], dict):
            yield f"{key}: expected are tables, each under a line [[{key}]]"
    yield from _mistakes_in_texts("", told, ("name", "name_ur", "places"))
    if "provinces" in told and not _is_list_of(told["provinces"], str):
        yield "provinces: expected is a list of province codes, such as [\"PK6\", \"PK7\"]; an empty list takes all"
    yield from _mistakes_in_dates(told, indicators)
    yield from _mistakes_in_milestones(told, indicators)
    behind = _table(told, "status").get("behind")
    yield from _keys("status.", _table(told, "status"), {"behind": "a share between 0 and 1, such as 0.10"}, set())
    if behind is not None and not _is_share(behind):
        yield f"status.behind: {behind!r} stands there; expected is a share between 0 and 1, such as 0.10"
    yield from _mistakes_in_windows(told, indicators)
    yield from _mistakes_in_pace(_table(told, "projection"))
    yield from _mistakes_in_alerts(_table(told, "alerts"))
    yield from _mistakes_in_weights(told, domains, indicators)
    yield from _mistakes_in_duties(told, indicators)
    yield from _mistakes_in_totals(told, domains)
    yield from _mistakes_in_offices(told, domains)


def _keys(prefix: str, table: dict[str, Any], required: dict[str, str], optional: set[str]) -> Iterator[str]:
    """What is missing of `required` (key → what is expected there), and what is neither that nor optional."""
    for key in sorted(required.keys() - table.keys()):
        yield f"{prefix}{key}: is missing; expected is {required[key]}"
    for key in sorted(table.keys() - required.keys() - optional):
        yield f"{prefix}{key}: is not a key of this file; expected are {', '.join(sorted(required.keys() | optional))}"


def _table(told: dict[str, Any], key: str) -> dict[str, Any]:
    value = told.get(key)
    return value if isinstance(value, dict) else {}


def _rows(told: dict[str, Any], key: str) -> list[dict[str, Any]]:
    value = told.get(key)
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _is_list_of(value: Any, kind: type) -> bool:
    return isinstance(value, list) and all(isinstance(one, kind) for one in value)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_days(value: Any) -> bool:
    """A whole number of days that an election's calendar can hold."""
    return _is_whole(value) and 0 <= value <= _MOST_DAYS


def _is_share(value: Any) -> bool:
    return _is_number(value) and 0 <= value <= 1


def _mistakes_in_dates(told: dict[str, Any], indicators: dict[str, Indicator]) -> Iterator[str]:
    dates = _table(told, "dates")
    needed = {"e_day"} | {indicator.anchor for indicator in indicators.values()}
    for key in sorted(needed - dates.keys()):
        yield f"dates.{key}: is missing; expected is a date, such as 2027-02-08"
    for key, value in dates.items():
        if type(value) is not date:
            yield f"dates.{key}: {value!r} stands there; expected is a date without quotes, such as 2027-02-08"
    e_day = dates.get("e_day")
    for key, value in dates.items():
        if type(value) is date and type(e_day) is date and value > e_day:
            yield f"dates.{key}: {value} is after E-day, {e_day}; expected is a date before it"


def _mistakes_in_milestones(told: dict[str, Any], indicators: dict[str, Indicator]) -> Iterator[str]:
    milestones = _table(told, "milestones")
    if "default" not in milestones:
        yield "milestones.default: is missing; expected are pairs of days and share, such as [[120, 0.2], [1, 1.0]]"
    for key, line in milestones.items():
        if key != "default" and key not in indicators:
            yield f"milestones.{key}: there is no such indicator; expected is default or one of {', '.join(indicators)}"
        elif not _is_line(line):
            yield f"milestones.{key}: expected are pairs of days before the date and share from 0 to 1, such as [[120, 0.2], [1, 1.0]]"
        elif any(low > high for (_, low), (_, high) in zip(sorted(line, reverse=True), sorted(line, reverse=True)[1:])):
            yield f"milestones.{key}: the share falls as the date comes nearer; expected is a line that rises"


def _is_line(line: Any) -> bool:
    return (
        isinstance(line, list) and len(line) > 0
        and all(isinstance(point, list) and len(point) == 2 and _is_days(point[0]) and _is_share(point[1]) for point in line)
        and len({point[0] for point in line}) == len(line)
    )


def _mistakes_in_windows(told: dict[str, Any], indicators: dict[str, Indicator]) -> Iterator[str]:
    windows = _table(told, "windows")
    needed = {"freshness"} | {indicator.window for indicator in indicators.values() if indicator.window}
    for key in sorted(needed):
        if key not in windows:
            yield f"windows.{key}: is missing; expected is such as [{{ days = 14 }}, {{ from = 30, days = 3 }}]"
    for key in sorted(windows.keys() - needed):
        yield f"windows.{key}: there is no such window; expected are {', '.join(sorted(needed))}"
    for key, steps in windows.items():
        good = isinstance(steps, list) and steps and all(
            isinstance(step, dict) and step.keys() <= {"from", "days"} and _is_days(step.get("days"))
            and ("from" not in step or _is_days(step["from"])) for step in steps)
        if not good:
            yield f"windows.{key}: expected is a list of steps, such as [{{ days = 14 }}, {{ from = 30, days = 3 }}]"
        elif sum("from" not in step for step in steps) != 1:
            yield f"windows.{key}: expected is exactly one step without `from`: the window that holds at first"
        elif len({step.get("from") for step in steps}) != len(steps):
            yield f"windows.{key}: two steps have the same `from`; expected is a day of its own for each"


def _mistakes_in_pace(pace: dict[str, Any]) -> Iterator[str]:
    yield from _keys("projection.", pace, _PACE, set())
    fits = {"days": lambda value: _is_days(value) and value >= 1, "reports": lambda value: _is_whole(value) and value >= 3,
            "slower": _is_share, "faster": lambda value: _is_number(value) and value >= 1}
    for key in _PACE:
        if key in pace and not fits[key](pace[key]):
            yield f"projection.{key}: {pace[key]!r} stands there; expected is {_PACE[key]}"


def _mistakes_in_alerts(alerts: dict[str, Any]) -> Iterator[str]:
    keys = {"breach", "silent"}
    yield from _keys("alerts.", alerts, {}, keys)
    for key in sorted(keys & alerts.keys()):
        if not _is_days(alerts[key]) or alerts[key] < 0:
            yield f"alerts.{key}: {alerts[key]!r} stands there; expected is a whole number of days, such as 14"


def _mistakes_in_weights(told: dict[str, Any], domains: Sequence[Domain], indicators: dict[str, Indicator]) -> Iterator[str]:
    weights, names = _table(told, "weights"), {domain.name for domain in domains}
    of_indicators = _table(told, "indicator_weights")
    yield from _keys("weights.", weights, {}, names)
    yield from _keys("indicator_weights.", of_indicators, {}, set(indicators))
    for prefix, table in (("weights", weights), ("indicator_weights", of_indicators)):
        for key, weight in table.items():
            if not _is_number(weight) or weight < 0 or (weight and not _LEAST_WEIGHT <= weight <= _MOST_WEIGHT):
                yield f"{prefix}.{key}: {weight!r} stands there; expected is a number: 0, or from {_LEAST_WEIGHT} to {_MOST_WEIGHT:,}"
    if all(weights.get(name, 1) == 0 for name in names):
        yield "weights: all are 0; expected is at least one domain that counts"
    for domain in domains:
        if all(of_indicators.get(indicator.id, 1) == 0 for indicator in domain.indicators):
            yield f"indicator_weights: all of {domain.name} are 0; expected is at least one indicator that counts"


def _mistakes_in_duties(told: dict[str, Any], indicators: dict[str, Indicator]) -> Iterator[str]:
    duties, dates = _rows(told, "duty"), _table(told, "dates")
    for number, duty in enumerate(duties, 1):
        prefix = f"duty {number}."
        yield from _keys(prefix, duty, _DUTY, {"legal"})
        yield from _mistakes_in_texts(prefix, duty, ("id", "title", "section", "anchor", "source"))
        if not isinstance(duty.get("legal", True), bool):
            yield f"{prefix}legal: {duty['legal']!r} stands there; expected is true or false"
        if "days" in duty and not _is_days(duty["days"]):
            yield f"{prefix}days: {duty['days']!r} stands there; expected is a whole number of days before the anchor, 0 to {_MOST_DAYS:,}"
        if isinstance(duty.get("anchor"), str) and duty["anchor"] not in dates:
            yield f"{prefix}anchor: {duty['anchor']!r} is not in [dates]; expected is one of {', '.join(dates)}"
    known = [duty.get("id") for duty in duties]
    for number, duty in enumerate(known, 1):
        if duty in known[:number - 1]:
            yield f"duty {number}.id: {duty!r} stands in an earlier duty; expected is an id of its own"
    for indicator in indicators.values():
        if indicator.duty and indicator.duty not in known:
            yield f"duty: {indicator.duty!r} is missing; expected is a [[duty]] with this id: the indicator {indicator.id} answers to it"


def _mistakes_in_texts(prefix: str, table: dict[str, Any], keys: Sequence[str]) -> Iterator[str]:
    for key in keys:
        if key in table and not (isinstance(table[key], str) and table[key].strip()):
            yield f"{prefix}{key}: {table[key]!r} stands there; expected is text in quotes"


def _mistakes_in_totals(told: dict[str, Any], domains: Sequence[Domain]) -> Iterator[str]:
    columns = {domain.name: [column.name for column in domain.columns if column.kind == "count"] for domain in domains}
    for number, total in enumerate(_rows(told, "total"), 1):
        prefix = f"total {number}."
        yield from _keys(prefix, total, _TOTAL, set())
        yield from _mistakes_in_texts(prefix, total, ("domain", "column", "source"))
        domain, column = total.get("domain"), total.get("column")
        if isinstance(domain, str) and domain not in columns:
            yield f"{prefix}domain: {domain!r} is not a domain; expected is one of {', '.join(columns)}"
        elif isinstance(domain, str) and isinstance(column, str) and column not in columns[domain]:
            yield f"{prefix}column: {column!r} is not a count of {domain}; expected is one of {', '.join(columns[domain])}"
        if "value" in total and not _is_whole(total["value"]):
            yield f"{prefix}value: {total['value']!r} stands there; expected is a whole number"
        if "places" in total and not (_is_list_of(total["places"], str) and total["places"]):
            yield f"{prefix}places: expected is a list of place codes, one at least"


def _mistakes_in_offices(told: dict[str, Any], domains: Sequence[Domain]) -> Iterator[str]:
    names = [domain.name for domain in domains]
    for number, office in enumerate(_rows(told, "office"), 1):
        prefix = f"office {number}."
        yield from _keys(prefix, office, _OFFICE, {"titles"})
        yield from _mistakes_in_texts(prefix, office, ("id", "title"))
        if isinstance(office.get("title"), str) and set(_FIELD.findall(office["title"])) - {"{place}"}:
            yield f"{prefix}title: {office['title']!r} stands there; expected is {_OFFICE['title']}"
        if "domains" in office and not (_is_list_of(office["domains"], str) and set(office["domains"]) <= set(names)):
            yield f"{prefix}domains: {office['domains']!r} stands there; expected is a list of {', '.join(names)}"
        if not (isinstance(office.get("titles", {}), dict) and all(isinstance(title, str) for title in office.get("titles", {}).values())):
            yield f"{prefix}titles: expected are codes of provinces, each with the office's title there"


def _unknown_places(told: dict[str, Any], places: Places) -> Iterator[str]:
    for number, office in enumerate(_rows(told, "office"), 1):
        for code in office.get("titles") if isinstance(office.get("titles"), dict) else ():
            if code not in places:
                yield f"office {number}.titles.{code}: is not one of this election's places; expected are codes such as {places.country.code}"
    for number, total in enumerate(_rows(told, "total"), 1):
        for code in total.get("places") if _is_list_of(total.get("places"), str) else ():
            if code not in places:
                yield f"total {number}.places: {code!r} is not one of this election's places; expected are codes such as {places.country.code}"
