"""What the figures say: the finding in a page's title, and who must act. Pure: lines in, words and rows out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from data.declare import Indicator
from data.election import Election
from data.readiness import Line
from pages.parts.marks import Attention, whole
from pages.parts.words import say, short_day

Index = dict[tuple[date, str, str, str], Line]


def index(lines: Iterable[Line]) -> Index:
    """Lines by day, place, domain and indicator."""
    return {(line.day, line.place_code, line.domain, line.indicator): line for line in lines}


def points_behind(line: Line) -> int:
    """How many points the share lies below the plan, of the whole percentages that the reader sees; 0 if it doesn't."""
    return 0 if line.share is None else max(0, whole(line.expected) - whole(line.share))


def domain_lines(lines: Iterable[Line], on: date) -> list[Line]:
    """The lines of whole domains of a day."""
    return [line for line in lines if line.day == on and line.indicator == "all" and line.domain != "all"]


def furthest_behind(lines: Iterable[Line]) -> Line | None:
    """The line furthest below its plan; None if none is."""
    behind = [line for line in lines if points_behind(line) > 0]
    return max(behind, key=lambda line: line.gap, default=None)


def title(group: str, whole_place: Line, worst: Line | None, **facts: str) -> str:
    """The finding about a place as the page's title, from the sentences of that group of words."""
    points = points_behind(whole_place)
    if whole_place.share is None:
        return say(f"{group}.title_none", **facts)
    if whole_place.status == "ready":
        return say(f"{group}.title_ready", **facts)
    if points and worst is not None:
        return say(f"{group}.title_behind", count=points, points=points, **facts)
    if points:
        return say(f"{group}.title_behind_alone", count=points, points=points, **facts)
    return say(f"{group}.title_on_but" if worst is not None else f"{group}.title_on", **facts)


def attention(election: Election, lines: Sequence[Line], on: date, href: Callable[[Line], str], most: int = 8) -> list[Attention]:
    """The districts furthest behind, one row each: its worst domain, and in it the indicator that weighs most."""
    of = {indicator.id: indicator for _, indicator in election.indicators}
    parts: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        if line.day == on and line.indicator != "all":
            parts.setdefault((line.place_code, line.domain), []).append(line)
    worst: dict[str, Line] = {}
    for line in domain_lines(lines, on):
        if points_behind(line) > 0 and (line.place_code not in worst or line.gap > worst[line.place_code].gap):
            worst[line.place_code] = line
    chosen = sorted(worst.values(), key=lambda line: (-line.gap, line.place_code))[:most]
    return [_attention_row(election, line, parts[(line.place_code, line.domain)], of, href) for line in chosen]


def _attention_row(
    election: Election, line: Line, parts: Sequence[Line], of: dict[str, Indicator], href: Callable[[Line], str],
) -> Attention:
    heaviest = max(parts, key=lambda part: part.gap * election.weight(of[part.indicator]))
    return Attention(line.place, href(line), of[heaviest.indicator].label, count(heaviest, of[heaviest.indicator]), line.status, points_behind(line))


def breached(election: Election, lines: Iterable[Line], on: date) -> dict[str, list[tuple[str, str]]]:
    """The legal duties that are missed: a sentence for each → (name, code) of the districts still short of it."""
    duty_of = {indicator.id: indicator.duty for _, indicator in election.indicators if indicator.duty}
    due = {indicator.id: election.due(indicator) for _, indicator in election.indicators}
    short = [line for line in lines if line.day == on and line.indicator in duty_of and on > due[line.indicator]
             and line.done is not None and line.done < line.required]
    told = {}
    for duty in election.duties:
        places = {line.place_code: line.place for line in short if duty_of[line.indicator] == duty.id}
        if places:
            label = say("national.breached", title=duty.title, section=duty.section, day=short_day(election.duty_date(duty)))
            told[label] = [(name, code) for code, name in places.items()]
    return told


def silent(election: Election, lines: Iterable[Line], on: date) -> dict[str, list[tuple[str, str]]]:
    """Who has not reported: a label for "all domains" and for each domain → (name, code) of the districts."""
    of: dict[str, set[str]] = {}
    names: dict[str, str] = {}
    for line in domain_lines(lines, on):
        names[line.place_code] = line.place
        if line.status == "not_reported":
            of.setdefault(line.place_code, set()).add(line.domain)
    wholly = [code for code, domains in of.items() if len(domains) == len(election.domains)]
    told = {say("national.silent_wholly"): wholly}
    for domain in election.domains:
        told[say("national.silent", domain=domain.label)] = [code for code, domains in of.items() if domain.name in domains and code not in wholly]
    return {label: [(names[code], code) for code in codes] for label, codes in told.items() if codes}


def count(line: Line, indicator: Indicator) -> str:
    """Done of required in words; yes or no where one district's single answer is meant."""
    if line.done is None:
        return say("status.not_reported")
    if line.required == 0:
        return say("figure.nothing_required")
    if line.level == "district" and indicator.unit == "districts":
        return say("figure.met" if line.done else "figure.unmet")
    return say("figure.done_of", done=f"{line.done:,}", required=f"{line.required:,}")


def waiting(days: list[date], before: list[int], after: list[int]) -> tuple[int, date]:
    """How many wait between two stages, and since when the first of them has, if they are taken in order of arrival.

    The counts are cumulative, by day. With nobody waiting the day is the last one.
    """
    if not days or before[-1] <= after[-1]:
        return 0, days[-1] if days else date.max
    since = next(at for at, count in zip(days, before) if count > after[-1])
    return before[-1] - after[-1], since
