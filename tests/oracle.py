"""The figures a second time: from the rows as handed in, in pandas, by the words of the definitions alone.

Nothing here comes from the program: what an indicator counts, its line, its dates and the words of the statuses are
written out again, and the election's policy and places are read from their files. Where this and the dashboard differ,
one of them is wrong.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

COLUMNS = ["place_code", "place", "level", "domain", "indicator", "done", "required", "share", "expected", "status",
           "as_of", "reporting", "districts"]
DOMAINS = ("appointments", "repairs", "training", "security")
Tables = dict[str, pd.DataFrame]
Line = tuple[tuple[int, float], ...]
Rows = pd.DataFrame
EXACT = 1e-9


# ── What each indicator counts ───────────────────────────────────────────────────────────────────


class Indicator(NamedTuple):
    """One indicator: of which rows, what of them is done and what is wanted, by when, along which line."""

    id: str
    domain: str
    of: Callable[[Rows], pd.Series]
    done: Callable[[Rows], pd.Series]
    required: Callable[[Rows], pd.Series]
    anchor: str
    due: int
    line: Line
    is_legal: bool = False
    fades: bool = False


def _each(rows: Rows) -> pd.Series:
    return pd.Series(True, index=rows.index)


def _one_of(column: str, *values: str) -> Callable[[Rows], pd.Series]:
    return lambda rows: rows[column].isin(values)


def _number(column: str) -> Callable[[Rows], pd.Series]:
    return lambda rows: rows[column].fillna(0)


def _is_building(rows: Rows) -> pd.Series:
    return rows["station_code"] != "NIL"


def _building_in(*statuses: str) -> Callable[[Rows], pd.Series]:
    return lambda rows: _is_building(rows) & rows["status"].isin(statuses)


MEASURED = ("officers", "staff")  # the duties that indicators answer to
_OFFICERS: Line = ((180, 0.0), (120, 0.2), (90, 0.6), (60, 1.0))
INDICATORS = (
    Indicator("AP1", "appointments", _one_of("post", "DRO"), _number("notified"), _number("sanctioned"), "programme", 60, _OFFICERS, is_legal=True),
    Indicator("AP2", "appointments", _one_of("post", "RO"), _number("notified"), _number("sanctioned"), "programme", 60, _OFFICERS, is_legal=True),
    Indicator("AP3", "appointments", _one_of("post", "ARO"), _number("notified"), _number("sanctioned"), "programme", 60, _OFFICERS, is_legal=True),
    Indicator("AP4", "appointments", _one_of("post", "DMO"), _number("joined"), _number("sanctioned"), "programme", 0,
              ((120, 0.0), (60, 0.2), (30, 0.6), (7, 0.95), (0, 1.0))),
    Indicator("AP5", "appointments", _one_of("post", "PrO", "APO", "PO"), _number("joined"), _number("sanctioned"), "e_day", 60,
              ((150, 0.0), (120, 0.25), (90, 0.6), (75, 0.85), (60, 1.0))),
    Indicator("AP6", "appointments", _one_of("post", "COMR", "DC", "ADC", "DPO"), _number("notified"), _number("proposed"), "programme", 65,
              ((180, 0.0), (120, 0.3), (90, 0.7), (65, 1.0))),
    Indicator("PS1", "repairs", _each, _building_in("certified", "alternative"), _is_building, "e_day", 45,
              ((180, 0.0), (150, 0.1), (120, 0.25), (90, 0.5), (60, 0.85), (45, 1.0))),
    Indicator("PS2", "repairs", _each, _building_in("in_progress", "completed", "certified", "alternative"), _is_building, "e_day", 75,
              ((200, 0.0), (150, 0.25), (120, 0.5), (90, 0.85), (75, 1.0))),
    Indicator("TR1", "training", _one_of("course", "RO"), _number("attended"), _number("required"), "nominations", 1,
              ((60, 0.0), (30, 0.4), (14, 0.8), (1, 1.0))),
    Indicator("TR2", "training", _one_of("course", "PRO", "POLL"), _number("attended"), _number("required"), "e_day", 5,
              ((100, 0.0), (75, 0.15), (45, 0.5), (20, 0.85), (5, 1.0))),
    Indicator("TR3", "training", _one_of("course", "EMS"), _number("passed"), _number("required"), "e_day", 10,
              ((120, 0.0), (75, 0.4), (30, 0.85), (10, 1.0))),
    Indicator("TR4", "training", _one_of("course", "CERS1", "CERS2"), _number("attended"), _number("required"), "e_day", 100,
              ((200, 0.0), (150, 0.5), (120, 0.85), (100, 1.0))),
    Indicator("SE1", "security", _each, lambda rows: rows["briefed_days_ago"] <= rows["briefing_window"], _each, "e_day", 0,
              ((180, 0.0), (120, 0.5), (90, 0.8), (60, 0.9), (30, 1.0)), fades=True),
    Indicator("SE2", "security", _each, _one_of("plan_status", "approved"), _each, "e_day", 45,
              ((180, 0.0), (120, 0.2), (90, 0.5), (60, 0.85), (45, 1.0))),
    Indicator("SE3", "security", _each, _number("personnel_committed"), _number("personnel_required"), "e_day", 30,
              ((180, 0.0), (120, 0.2), (90, 0.45), (60, 0.75), (30, 1.0))),
    Indicator("SE4", "security", _each, _number("cameras_installed"), _number("cameras_required"), "e_day", 7,
              ((150, 0.0), (90, 0.2), (60, 0.4), (30, 0.7), (7, 1.0))),
)


# ── The election's files ─────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Policy:
    """An election's file and its places: (code, name, level, codes of its districts), country first."""

    told: dict[str, Any]
    places: tuple[tuple[str, str, str, frozenset[str]], ...]

    @classmethod
    def read(cls, path: Path) -> Policy:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        folder = path.parent / told["places"]
        wanted = told["provinces"]
        districts = [row for row in _csv(folder / "districts.csv") if not wanted or row["province"] in wanted]
        country = [(row["code"], row["name"], "national", frozenset(one["code"] for one in districts)) for row in _csv(folder / "country.csv")]
        provinces = [
            (row["code"], row["name"], "province", frozenset(one["code"] for one in districts if one["province"] == row["code"]))
            for row in _csv(folder / "provinces.csv") if not wanted or row["code"] in wanted]
        return cls(told, (*country, *provinces, *((row["code"], row["name"], "district", frozenset([row["code"]])) for row in districts)))

    def date(self, anchor: str) -> date:
        return self.told["dates"][anchor]

    def window(self, name: str, day: date) -> int:
        """The days of the last step that has begun."""
        left = (self.date("e_day") - day).days
        begun = [step for step in self.told["windows"][name] if left <= step.get("from", np.inf)]
        return min(begun, key=lambda step: step.get("from", np.inf))["days"]

    def expected(self, indicator: Indicator, day: date) -> float:
        line = sorted(self.told["milestones"].get(indicator.id, indicator.line))
        left = (self.date(indicator.anchor) - day).days
        return float(np.interp(left, [days for days, _ in line], [share for _, share in line]))

    def is_past(self, indicator: Indicator, day: date) -> bool:
        return day > self.date(indicator.anchor) - timedelta(days=indicator.due)


def _csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


# ── What counted on a day ────────────────────────────────────────────────────────────────────────


def read_tables(cursor: Any) -> Tables:
    """The tables as they were handed in: submissions, events, each domain's rows, and the duties recorded as met."""
    found = {}
    for table in ("submissions", "events", *(f"rows_{domain}" for domain in DOMAINS)):
        frame = cursor.execute(f"select * from {table}").df()
        found[table] = frame.assign(submission=frame["submission"].astype(str))
    for table in ("duty_records", "meetings", "struck"):
        found[table] = cursor.execute(f"select * from {table}").df()
    return found


def pictures(tables: Tables, day: date, known_on: datetime | None) -> dict[str, Rows]:
    """By domain: the rows of each district's newest submission up to the day, with its `as_of`."""
    standing = _standing(tables, known_on)
    standing = standing[standing["as_of"] <= pd.Timestamp(day)]
    found = {}
    for domain in DOMAINS:
        rows = tables[f"rows_{domain}"].merge(standing[["submission", "as_of", "committed_at"]], on="submission")
        mentioned = rows[["district", "submission", "as_of", "committed_at"]].drop_duplicates()
        newest = mentioned.sort_values(["as_of", "committed_at"]).drop_duplicates("district", keep="last")
        found[domain] = rows.merge(newest[["district", "submission"]], on=["district", "submission"])
    return found


def _standing(tables: Tables, known_on: datetime | None) -> pd.DataFrame:
    """The submissions of which the last thing done, as far as was known, is not a withdrawal."""
    events = tables["events"]
    if known_on is not None:
        events = events[events["done_at"] <= known_on]
    last = events.sort_values("done_at").drop_duplicates("submission", keep="last")
    kept = last.loc[last["kind"] != "withdrawn", "submission"]
    submissions = tables["submissions"]
    return submissions[submissions["submission"].isin(kept)]


# ── The projections ──────────────────────────────────────────────────────────────────────────────


def projections(tables: Tables, policy: Policy, level: str, day: date, known_on: datetime | None = None) -> dict[tuple[str, str], dict[str, Any]]:
    """By place and indicator that does not fade: what the reports of the last days tell of its pace, and where that leads."""
    standing = {domain: _standing_rows(tables, domain, day, known_on) for domain in DOMAINS}
    reports = {domain: {district: sorted({at.date() for at in days}) for district, days in rows.groupby("district")["as_of"]} for domain, rows in standing.items()}
    told = {one.id: _told_by_day(one, standing[one.domain]) for one in INDICATORS if not one.fades}
    first = day - timedelta(days=policy.told["projection"]["days"])
    found = {}
    for code, _, its_level, districts in policy.places:
        for one in INDICATORS if its_level == level else ():
            own = {district: reports[one.domain][district] for district in districts if district in reports[one.domain]}
            days = sorted({at for of_days in own.values() for at in of_days if first <= at}) if not one.fades else []
            series = [(at, _sum_on(at, [(told[one.id].get(district, {}), of_days) for district, of_days in own.items()])) for at in days]
            series = [(at, counts) for at, counts in series if counts is not None]
            if series:
                lately = sum(any(first <= at for at in of_days) for of_days in own.values())
                found[code, one.id] = _projected(series, lately, len(districts), policy, one, day)
    return found


def _standing_rows(tables: Tables, domain: str, day: date, known_on: datetime | None) -> Rows:
    """The rows that stand for each district and as-of date up to the day: of two submissions those of the one committed later."""
    rows = tables[f"rows_{domain}"].merge(_standing(tables, known_on)[["submission", "as_of", "committed_at"]], on="submission")
    rows = rows[rows["as_of"] <= pd.Timestamp(day)]
    last = rows[["district", "as_of", "submission", "committed_at"]].drop_duplicates().sort_values("committed_at").drop_duplicates(["district", "as_of"], keep="last")
    return rows.merge(last[["district", "as_of", "submission"]], on=["district", "as_of", "submission"])


def _told_by_day(indicator: Indicator, rows: Rows) -> dict[str, dict[date, tuple[int, int]]]:
    """By district: done and required, on those days whose report says anything of the indicator."""
    chosen = rows[indicator.of(rows)]
    sums = pd.DataFrame({"district": chosen["district"], "as_of": chosen["as_of"], "done": indicator.done(chosen).astype(float),
                         "required": indicator.required(chosen).astype(float)}).groupby(["district", "as_of"]).sum()
    found: dict[str, dict[date, tuple[int, int]]] = {}
    for (district, at), counts in sums.iterrows():
        found.setdefault(district, {})[at.date()] = int(counts["done"]), int(counts["required"])
    return found


def _sum_on(day: date, districts: list[tuple[dict[date, tuple[int, int]], list[date]]]) -> tuple[int, int] | None:
    """What districts tell on a day, from what each told and when it reported: its last report, or, before it told anything, the first
    that does."""
    counts = []
    for told, reports in districts:
        if told and not [at for at in told if at <= day]:
            counts.append(told[min(told)])
        elif told and (last := max(at for at in reports if at <= day)) in told:
            counts.append(told[last])
    return (sum(done for done, _ in counts), sum(required for _, required in counts)) if counts else None


def _projected(series: list[tuple[date, tuple[int, int]]], lately: int, districts: int, policy: Policy, indicator: Indicator, day: date) -> dict[str, Any]:
    rule, due = policy.told["projection"], policy.date(indicator.anchor) - timedelta(days=indicator.due)
    slopes = [(late[1][0] - early[1][0]) / (late[0] - early[0]).days for number, early in enumerate(series) for late in series[number + 1:]]
    low, pace, high = np.percentile(slopes, [10, 50, 90]) if slopes else (None, None, None)
    (since, before), (as_of, (done, required)) = series[0], series[-1]
    told = {"since": since, "as_of": as_of, "reports": len(series), "done": done, "required": required, "done_before": before[0],
            "required_before": before[1], "lately": lately, "districts": districts, "pace": pace, "low": low, "high": high}
    is_foreseen = done < required and len(series) >= rule["reports"] and lately >= districts / 2
    if is_foreseen:
        slowest, fastest = max(min(low, pace * rule["slower"]), 0), max(high, pace * rule["faster"], 0)
        ends = {name: _day_of(as_of, done, required, speed) for name, speed in (("finish", pace), ("earliest", fastest), ("latest", slowest))}
        days = (due - as_of).days if day <= due else 0
        short = {name: max(required - int(np.floor(done + max(speed, 0) * days + EXACT)), 0)
                 for name, speed in (("short", pace), ("short_at_least", fastest), ("short_at_most", slowest))}
        return told | ends | short
    over = max(required - done, 0) if day > due or done >= required else None
    return told | dict.fromkeys(("finish", "earliest", "latest")) | dict.fromkeys(("short", "short_at_least", "short_at_most"), over)


def _day_of(start: date, done: int, required: int, pace: float) -> date | None:
    """The first day on which all is done, looked for day by day, for ten years."""
    return next((start + timedelta(days=number) for number in range(1, 3651) if done + pace * number >= required - 1e-6), None)


# ── The figures ──────────────────────────────────────────────────────────────────────────────────


class Figure(NamedTuple):
    """What is known of an indicator, a domain or a place: `reports` are those that say something of it, `fresh` those
    of them that are new enough; `is_breach` is a missed legal duty, `is_late` a missed date of whatever kind."""

    done: int | None
    required: int | None
    share: float | None
    expected: float
    is_complete: bool
    is_breach: bool
    is_late: bool
    reports: int
    fresh: int


def figures(tables: Tables, policy: Policy, level: str, day: date, known_on: datetime | None = None) -> pd.DataFrame:
    """One row per place, domain and indicator, with `all` for domain and place: COLUMNS, then `fresh`."""
    counted = _counted(tables, policy, day, known_on)
    told = [
        (code, name, level, *line)
        for code, name, its_level, districts in policy.places if its_level == level
        for line in _of_place({domain: rows[rows["district"].isin(districts)] for domain, rows in counted.items()}, policy, districts, day,
                              is_breach=its_level == "national" and _is_unmet(tables, policy, day, known_on))]
    return pd.DataFrame(told, columns=[*COLUMNS, "fresh"])


def _counted(tables: Tables, policy: Policy, day: date, known_on: datetime | None) -> dict[str, Rows]:
    """The pictures with, on each row, whether its report is new enough, and on security's how long ago the briefing was."""
    earliest = pd.Timestamp(day - timedelta(days=policy.window("freshness", day)))
    found = {domain: rows.assign(is_fresh=rows["as_of"] >= earliest) for domain, rows in pictures(tables, day, known_on).items()}
    security = found["security"]
    met = {district: held for held, districts in _briefings(tables, policy, day, known_on) for district in districts}
    last = pd.to_datetime(security["last_briefing_on"]).combine(pd.to_datetime(security["district"].map(met)), lambda a, b: b if pd.isna(a) or (not pd.isna(b) and b > a) else a)
    found["security"] = security.assign(
        briefed_days_ago=(pd.Timestamp(day) - pd.to_datetime(last)).dt.days,
        briefing_window=policy.window("briefing", day))
    return found


def _is_unmet(tables: Tables, policy: Policy, day: date, known_on: datetime | None) -> bool:
    """Whether the date of a legal duty that no indicator measures has passed without its last record saying that it was met."""
    records = tables["duty_records"].sort_values("recorded_at")
    last = {record.duty: record.met_on for record in records.itertuples() if known_on is None or record.recorded_at <= known_on}
    late = [duty["id"] for duty in policy.told.get("duty", []) if duty.get("legal", True) and duty["id"] not in MEASURED
            and day > policy.date(duty["anchor"]) - timedelta(days=duty["days"])]
    return any(pd.isna(last.get(duty)) or last[duty] > pd.Timestamp(day) for duty in late)


def _briefings(tables: Tables, policy: Policy, day: date, known_on: datetime | None) -> list[tuple[pd.Timestamp, frozenset[str]]]:
    """The days of the meetings that count as briefings on security, each with the districts of its place, earliest first."""
    struck = tables["struck"] if known_on is None else tables["struck"][tables["struck"]["struck_at"] <= known_on]
    held = tables["meetings"][(tables["meetings"]["renews"] == "briefing") & (tables["meetings"]["held_on"] <= pd.Timestamp(day))]
    held = held[~held["meeting"].astype(str).isin(struck["id"].astype(str))]
    held = held if known_on is None else held[held["recorded_at"] <= known_on]
    of = {code: districts for code, _, _, districts in policy.places}
    return [(one.held_on, of[one.place]) for one in held.sort_values("held_on").itertuples()]


def _of_place(own: dict[str, Rows], policy: Policy, districts: frozenset[str], day: date, *, is_breach: bool) -> Iterator[tuple]:
    """The lines of one place from its districts' rows: each indicator, each domain, the place as a whole, which a breach holds."""
    of_domains = {}
    for domain, rows in own.items():
        of_indicators = {one.id: _of_indicator(one, rows, policy, day) for one in INDICATORS if one.domain == domain}
        for one in INDICATORS:
            if one.domain == domain:
                figure, its_rows = of_indicators[one.id], rows[one.of(rows)]
                yield domain, one.id, *_told(figure, policy, len(districts), its_rows), figure.reports, len(districts), figure.fresh
        whole = _mean(of_indicators, policy.told.get("indicator_weights", {}))
        reporting, fresh = _coverage(rows)
        # A sheet that says nothing of any indicator was sent, but is no report of the domain.
        of_domains[domain] = whole._replace(reports=reporting, fresh=fresh) if whole.reports else whole
        yield domain, "all", *_told(of_domains[domain], policy, len(districts), rows), reporting, len(districts), fresh
    whole = _mean(of_domains, policy.told["weights"])
    whole = whole._replace(is_breach=whole.is_breach or is_breach)
    reporting, fresh = _whole_coverage(own)
    yield "all", "all", *_told(whole, policy, len(own) * len(districts), *own.values()), reporting, len(districts), fresh


def _of_indicator(indicator: Indicator, rows: Rows, policy: Policy, day: date) -> Figure:
    rows = rows[indicator.of(rows)]
    reporting, fresh = _coverage(rows)
    expected = policy.expected(indicator, day)
    if not reporting:
        return Figure(None, None, None, expected, False, False, False, 0, 0)
    done, required = int(indicator.done(rows).sum()), int(indicator.required(rows).sum())
    is_late = policy.is_past(indicator, day) and done < required
    share = done / required if required else None
    return Figure(done, required, share, expected, done >= required, is_late and indicator.is_legal, is_late, reporting, fresh)


def _coverage(rows: Rows) -> tuple[int, int]:
    """How many districts have rows, and how many of those in a report that is new enough."""
    return rows["district"].nunique(), rows.loc[rows["is_fresh"], "district"].nunique()


def _whole_coverage(own: dict[str, Rows]) -> tuple[int, int]:
    """How many districts reported every domain, and how many of those have every report new enough."""
    in_all = set.intersection(*(set(rows["district"]) for rows in own.values()))
    old = set.union(*(set(rows.loc[~rows["is_fresh"], "district"]) for rows in own.values()))
    return len(in_all), len(in_all - old)


def _mean(parts: dict[str, Figure], weights: dict[str, float]) -> Figure:
    """The weighted mean of those parts of which a share is known; what is expected of just those, or of all if of none."""
    known = {name: part for name, part in parts.items() if part.share is not None}
    weigh = {name: weights.get(name, 1) for name in (known or parts)}
    total = sum(weigh.values())
    share = sum(known[name].share * weigh[name] for name in known) / total if known else None
    return Figure(
        None, None, share, sum(parts[name].expected * weigh[name] for name in weigh) / total,
        all(part.is_complete for part in parts.values()), any(part.is_breach for part in parts.values()), False,
        sum(part.reports for part in parts.values()), sum(part.fresh for part in parts.values()))


def _told(figure: Figure, policy: Policy, wanted: int, *rows: Rows) -> tuple:
    """Done, required, share, expected, status and the newest as-of date."""
    status = _status(figure, wanted, policy.told["status"]["behind"])
    newest = [one["as_of"].max().date() for one in rows if len(one)]
    return figure.done, figure.required, figure.share, figure.expected, status, max(newest, default=None)


def _status(figure: Figure, wanted: int, behind: float) -> str:
    """Not reported before all; a missed legal duty before Stale; Stale before the rest. On plan needs half of the reports."""
    if figure.reports == 0:
        return "not_reported"
    if figure.is_breach:
        return "critical"
    if figure.fresh < figure.reports / 2:
        return "stale"
    if figure.is_late:
        return "critical"
    if figure.is_complete and figure.reports == wanted:
        return "ready"
    if figure.share is None or figure.share >= figure.expected - EXACT:
        return "on_track" if figure.reports >= wanted / 2 else "not_reported"
    return "behind" if figure.share >= figure.expected - behind - EXACT else "critical"
