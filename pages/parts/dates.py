"""The legal clock in words and pieces: what is due, whether it will be met, how fast it goes and how fast it would have to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date

from data.clock import Entry, Part, State
from data.declare import Indicator
from data.duties import Record
from data.projection import Projection
from pages.parts import marks
from pages.parts.marks import Html
from pages.parts.words import day, say, short_day

# A state is painted like the status that it resembles: the same shape and colour, with a word of its own.
PAINT: dict[State, str] = {"met": "ready", "due": "on_track", "at_risk": "behind", "breached": "critical", "missed": "critical", "not_reported": "not_reported"}
_WEEK, _YEAR = 7, 365


def state_tag(entry: Entry) -> Html:
    """The state of a date, as shape and word."""
    return marks.state_tag(PAINT[entry.state], say(f"clock.state_{entry.state}"))


def legend() -> Html:
    """What the shapes mean; a legal duty that is breached and another date that is missed look the same."""
    words = {status: say(f"clock.state_{state}") for state, status in PAINT.items()} | {PAINT["breached"]: say("clock.passed")}
    return marks.state_legend(words.items())


def strip(entries: Iterable[Entry], href: str) -> Html:
    """The dated duties side by side, each with its state and the one thing to know of it; the heading leads to the page of the clock."""
    told = briefs(entries)
    return marks.clock_strip(say("clock.strip"), href, told) if told else Html("")


def briefs(entries: Iterable[Entry]) -> list[tuple[str, str, str]]:
    """The dated duties: the status like which each is painted, its title, and the one thing to know of it."""
    return [(PAINT[entry.state], entry.title, brief(entry)) for entry in entries if entry.duty]


def brief(entry: Entry) -> str:
    """A state with its date and what is short, in a line."""
    on = short_day(entry.due)
    if not entry.parts and entry.state == "met":
        return say("clock.brief_recorded", day=short_day(entry.record.met_on))
    facts = {"day": on, "left": left(entry), "short": f"{entry.short or 0:,}", "silent": entry.silent}
    if entry.state == "at_risk":
        return say("clock.brief_at_risk", **facts | {"short": f"{(entry.worst and entry.worst.projection.short) or 0:,}"})
    if entry.state in ("breached", "missed"):
        return say(f"clock.brief_{entry.state}" if entry.parts else f"clock.brief_{entry.state}_unrecorded", **facts)
    if entry.state == "not_reported":
        return say("clock.brief_not_reported" if entry.days_left < 0 else "clock.brief_unreported", count=entry.silent, **facts)
    return say(f"clock.brief_{entry.state}", **facts)


def left(entry: Entry) -> str:
    """How long it is to a date, or how long it has been."""
    days = entry.days_left
    return say("figure.days_left", count=days) if days > 0 else say("figure.today") if days == 0 else say("figure.days_over", count=-days)


def title(place: str, entries: Sequence[Entry]) -> str:
    """The finding about the dates of a place."""
    breached, risk = [entry for entry in entries if entry.state == "breached"], len(late(entries))
    if all(entry.state == "not_reported" for entry in entries if entry.parts):
        return say("clock.title_unknown", place=place)
    if breached and risk:
        key = "clock.title_breached_one_and_risk" if len(breached) == 1 else "clock.title_breached_and_risk"
        return say(key, place=place, breached=len(breached), count=risk)
    if breached:
        return say("clock.title_breached", place=place, duty=breached[0].title) if len(breached) == 1 else say("clock.title_breached_and", place=place, count=len(breached))
    return say("clock.title_risk", place=place, count=risk) if risk else say("clock.title_none", place=place)


def late(entries: Iterable[Entry]) -> list[Entry]:
    """The dates that will not be met at the present pace, the next one first."""
    return sorted((entry for entry in entries if entry.state == "at_risk"), key=lambda entry: entry.due)


def late_list(entries: Sequence[Entry], href: Callable[[Entry], str], *, most: int, below: Sequence[Entry] = ()) -> Html:
    """What will be late: how many will be short on which day, the pace that is needed and the pace that there is, and in which of the
    places `below` most of it will be missing. Then what is late already."""
    rows = [(marks.link(entry.worst.indicator.label, href(entry)), *late_words(entry, below)) for entry in late(entries)[:most]]
    further = [entry for entry in late(entries)[most:]]
    told = [
        *([say("clock.late_more", told=_listed(say("clock.late_then", title=entry.worst.indicator.label, short=f"{entry.worst.projection.short:,}", day=short_day(entry.due))
                                               for entry in further))] if further else []),
        *([over] if (over := late_already(entries)) else [])]
    first = marks.late_rows(PAINT["at_risk"], say("clock.state_at_risk"), rows) if rows else marks.muted(say("clock.none_late"))
    return marks.lines((first, *map(marks.muted, told)))


def late_words(entry: Entry, below: Iterable[Entry] = ()) -> tuple[str, str]:
    """What a date that is at risk will be short of, and the pace, with the place of those `below` in which most will be missing."""
    part, where = entry.worst, _where(entry, below)
    going = pace(part.projection, part.indicator)
    return (say("clock.short_on", short=f"{part.projection.short:,}", day=short_day(entry.due)),
            say("clock.pace_where", pace=going, place=where) if where else going)


def late_already(entries: Iterable[Entry]) -> str:
    """The dates that have passed with something missing, in a sentence; '' where there is none."""
    over = [say("clock.late_one", title=entry.title, short=f"{entry.short:,}", day=short_day(entry.due))
            for entry in entries if entry.state in ("breached", "missed") and entry.parts]
    return say("clock.late_already", told=_listed(over)) if over else ""


def _where(entry: Entry, below: Iterable[Entry]) -> str:
    """The place in which, each at its own pace, most will be missing of what an entry will be short of; '' where nothing will be."""
    indicator = entry.worst.indicator
    short = {other.place: part.projection.short for other in below for part in other.parts if part.indicator is indicator and part.projection and part.projection.short}
    return max(short, key=short.get, default="")


def _listed(texts: Iterable[str]) -> str:
    return say("list.separator").join(texts)


def pace(one: Projection, indicator: Indicator) -> str:
    """The pace that is needed against the pace that there is, in units a week."""
    now = None if one.pace is None else _weekly(one.pace)
    if one.needed is None:
        return say("clock.pace_now", now=now or "–", unit=indicator.unit)
    return say("clock.pace", needed=_weekly(one.needed), now=now or "–", unit=indicator.unit)


def _weekly(daily: float) -> str:
    weekly = daily * _WEEK
    return f"{round(weekly):,}" if abs(weekly) >= 10 else f"{round(weekly, 1):g}"


def foreseen(part: Part, rule_days: int) -> str:
    """When it will be complete at the present pace, or how many will be short on its date; or why that can't be said."""
    one = part.projection
    if part.indicator.fades:
        return say("foreseen.fades")
    if one is None:
        return say("foreseen.nothing", days=rule_days)
    if one.untold == "complete" and part.line.reporting < part.line.districts:
        return say("foreseen.silent", count=part.line.districts - part.line.reporting)
    if one.untold:
        facts = {"reports": one.reports, "wanted": one.rule.reports, "days": one.rule.days, "lately": one.lately, "districts": one.districts}
        return say(f"foreseen.{one.untold}", **facts)
    end = "never" if one.finish is None else "open" if one.latest is None else "closed"
    facts = {"due": short_day(one.due), "short": f"{one.short:,}", "least": f"{one.short_at_least:,}", "most": f"{one.short_at_most:,}",
             **{name: _near(value, one.on) for name in ("finish", "earliest", "latest") if (value := getattr(one, name)) is not None}}
    if one.is_late and one.due >= one.on:
        return say(f"foreseen.late_{end}", **facts)
    return say("foreseen.may_be_late" if one.may_be_late and end == "closed" else f"foreseen.in_time_{end}", **facts)


def _near(end: date, on: date) -> str:
    """A day, without its year where that goes without saying."""
    return short_day(end) if abs((end - on).days) < _YEAR - 60 else day(end)


def rows(entries: Iterable[Entry], rule_days: int) -> tuple[list[marks.Column | str], list[list[marks.Cell]]]:
    """A row for each date and indicator by which it is measured: the columns and the rows of a table."""
    columns = [say("clock.what"), say("clock.section"), say("table.due"), say("clock.left"), say("table.status"), marks.Column(say("clock.short"), number=True),
               say("clock.pace_heading"), say("clock.foreseen")]
    measured = [one for entry in entries for one in ([replace(entry, parts=(part,)) for part in entry.parts] or [entry])]
    return columns, [[*_head(entry), *_measured(entry, rule_days)] for entry in measured]


def _head(entry: Entry) -> list[marks.Cell]:
    part = entry.parts[0] if entry.parts else None
    title = marks.named(entry.title, part.indicator.label) if entry.duty and part else entry.title
    return [title, entry.duty.section if entry.duty else part.indicator.source, day(entry.due), left(entry), state_tag(entry)]


def _measured(entry: Entry, rule_days: int) -> list[marks.Cell]:
    """What is short, the pace, and what is to be expected; of a duty that nothing measures, who has recorded it."""
    if not entry.parts:
        return [None, None, recorded(entry.record)]
    part = entry.parts[0]
    short = None if part.short is None else marks.measured(say("figure.done_of", done=f"{part.short:,}", required=f"{part.line.required:,}"), part.short)
    going = pace(part.projection, part.indicator) if part.projection and part.projection.remaining and part.projection.pace is not None else None
    return [short, going, foreseen(part, rule_days)]


def recorded(record: Record | None) -> str:
    """Who has recorded a duty that nothing measures as met, and what shows it; or that nobody has."""
    if record is None or record.met_on is None:
        return say("clock.unrecorded")
    return say("clock.recorded", day=day(record.met_on), by=record.recorded_by, reference=record.reference)
