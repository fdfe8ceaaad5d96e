"""What the figures say: the finding in a page's title, and who must act. Pure: lines in, words and rows out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date

import pandas as pd

from data.declare import Indicator
from data.election import Duty, Election
from data.places import Place
from data.readiness import Line
from loaders.submissions import reference
from pages.parts import marks
from pages.parts.marks import Attention, Html, points_behind, whole
from pages.parts.words import day, say, short_day

Index = dict[tuple[date, str, str, str], Line]


def index(lines: Iterable[Line]) -> Index:
    """Lines by day, place, domain and indicator."""
    return {(line.day, line.place_code, line.domain, line.indicator): line for line in lines}


def is_behind(line: Line) -> bool:
    """Whether the share lies below the plan by a point that the reader can see."""
    return line.share is not None and whole(line.expected) > whole(line.share)


def domain_lines(lines: Iterable[Line], on: date) -> list[Line]:
    """The lines of whole domains of a day."""
    return [line for line in lines if line.day == on and line.indicator == "all" and line.domain != "all"]


def furthest_behind(lines: Iterable[Line]) -> Line | None:
    """The line furthest below its plan; None if none is."""
    behind = [line for line in lines if is_behind(line)]
    return max(behind, key=lambda line: line.gap, default=None)


def is_little(past: Index, election: Election, place: str, domain: str, on: date) -> bool:
    """Whether fewer than half of the reports are there that a domain of a place, or all of its domains, are judged by."""
    lines = [past[on, place, one.name, "all"] for one in election.domains if domain in ("all", one.name)]
    return 0 < sum(line.reporting for line in lines) * 2 < sum(line.districts for line in lines)


def title(group: str, whole_place: Line, worst: Line | None, election: Election, *, little: bool = False, missed: Sequence[Duty] = (), **facts: str) -> str:
    """The finding about a place as the page's title, from the sentences of that group of words.

    Where so `little` is reported that it says nothing of the whole, that is the finding. `missed` are the place's missed
    legal duties: where it is not behind its plan, they are.
    """
    if whole_place.as_of is None:
        return say(f"{group}.title_none", **facts)
    if little:
        return say(f"{group}.title_little", reporting=whole_place.reporting, districts=whole_place.districts, **facts)
    if whole_place.share is None:
        return say(f"{group}.title_nothing", **facts)
    if whole_place.status == "ready":
        return say(f"{group}.title_ready", **facts)
    points = points_behind(whole_place.share, whole_place.expected, election.behind)
    if points not in ("0", "<1"):
        form = "title_behind" if worst is not None else "title_behind_alone"
        return say(f"{group}.{form}", count=1 if points == "1" else 2, points=points, **facts)
    if missed:
        return say(f"{group}.title_missed", duty=missed[0].title, **facts)
    if points == "<1":
        return say(f"{group}.title_near", **facts)
    return say(f"{group}.title_on_but" if worst is not None else f"{group}.title_on", **facts)


def title_of(past: Index, below: Iterable[Line], election: Election, place: Place, on: date, missed: Sequence[Duty]) -> str:
    """The finding about a country, a province or a district on a day, from its own lines and those of the places `below` it; a
    district's own, for it has none."""
    group = "national" if place.level == "country" else place.level
    worst = furthest_behind(domain_lines(below, on))
    facts = {"place": place.name, "where": worst.place if worst else "", "domain": election.domain(worst.domain).label if worst else ""}
    return title(group, past[on, place.code, "all", "all"], worst, election, little=is_little(past, election, place.code, "all", on), missed=missed, **facts)


def strip(now: Line, before: Line, election: Election, *, little: bool = False, missed: Sequence[Duty] = ()) -> Html:
    """The one big figure of a place or domain against its plan and against a week before, with its missed legal duties."""
    change = None if now.share is None or before.share is None else now.share - before.share
    instead = say("figure.strip_partial") if little else say("figure.strip_nothing") if now.share is None and now.as_of else ""
    said = "; ".join(say("figure.missed", title=duty.title, section=duty.section) for duty in missed)
    return marks.figure_strip(status=now.status, share=now.share, expected=now.expected, allowed=election.behind, change=change, since=short_day(before.day),
                              instead=instead, aside=marks.status_tag("critical", said) if said else "")


def card(past: Index, election: Election, place: str, domain: str, days: Sequence[date], href: str) -> Html:
    """A domain of a place as a card: where it stands on the last of the days, and how it came there."""
    line = past[days[-1], place, domain, "all"]
    parts = [past[days[-1], place, domain, one.id] for one in election.domain(domain).indicators]
    points = [(one.day, one.share, one.expected) for one in over_time(past, election, place, domain, days)]
    return marks.domain_card(election.domain(domain).label, href, line.share, line.expected, line.status, coverage(line, parts), points)


def coverage(line: Line, indicators: Sequence[Line]) -> str:
    """How many districts report a domain, and how many of its indicators nobody has told anything of."""
    told = say("figure.coverage_domain", reporting=line.reporting, districts=line.districts)
    unknown = sum(one.share is None and one.required is None for one in indicators)
    return marks.disputed(say("figure.coverage_unknown", told=told, count=unknown) if unknown and line.reporting else told, line.disputed)


def disputed(lines: Iterable[Line], href: str) -> Html:
    """How many unsettled disagreements touch the domains of a place, with the way to them; nothing where none does."""
    count = sum(line.disputed for line in lines if line.indicator == "all")
    return marks.muted(marks.link(say("figure.disputed", count=count), href)) if count else Html("")


def over_time(past: Index, election: Election, place: str, domain: str, days: Sequence[date]) -> list[Line]:
    """The lines of a domain, or of "all", day by day, each with the plan of the same indicators: those that count on the last day.

    A line's own `expected` is of the indicators that were reported on its day, which is fair to that day's share; one
    after another they would draw a plan that falls when an indicator joins.
    """
    names = [one.name for one in election.domains if domain in ("all", one.name)]
    counting = {name: [one for one in election.domain(name).indicators if past[days[-1], place, name, one.id].share is not None] for name in names}
    if not any(counting.values()):
        counting = {name: list(election.domain(name).indicators) for name in names}

    def planned(day: date) -> float | None:
        of_domains = ((_mean((past[day, place, name, one.id].expected, election.weight(one)) for one in ones), election.weights[name] if domain == "all" else 1.0)
                      for name, ones in counting.items())
        return _mean(of_domains)

    lines = [past[day, place, domain, "all"] for day in days]
    return [line if (wanted := planned(line.day)) is None else line._replace(expected=wanted) for line in lines]


def _mean(weighed: Iterable[tuple[float | None, float]]) -> float | None:
    """The weighted mean of (value, weight) without those that have no value; None where nothing weighs anything."""
    known = [(value, weight) for value, weight in weighed if value is not None]
    total = sum(weight for _, weight in known)
    return sum(value * weight for value, weight in known) / total if total else None


def attention(election: Election, lines: Sequence[Line], on: date, href: Callable[[Line], str], most: int) -> list[Attention]:
    """The districts furthest behind, one row each: its worst domain, and the indicator that weighs most in that."""
    parts: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        if line.day == on and line.indicator != "all":
            parts.setdefault((line.place_code, line.domain), []).append(line)
    worst: dict[str, Line] = {}
    for line in domain_lines(lines, on):
        if is_behind(line) and (line.place_code not in worst or line.gap > worst[line.place_code].gap):
            worst[line.place_code] = line
    chosen = sorted(worst.values(), key=lambda line: (-line.gap, line.place_code))[:most]
    return [_attention_row(election, line, parts[(line.place_code, line.domain)], href) for line in chosen]


def _attention_row(election: Election, line: Line, parts: Sequence[Line], href: Callable[[Line], str]) -> Attention:
    heaviest = max(parts, key=lambda part: part.gap * election.weight(election.indicator(part.indicator)))
    indicator = election.indicator(heaviest.indicator)
    return Attention(line.place, href(line), line.status, election.domain(line.domain).label,
                     points_behind(line.share, line.expected, election.behind),
                     indicator.label, count(heaviest, indicator))


def missed(election: Election, lines: Iterable[Line], on: date) -> list[Duty]:
    """The legal duties that are missed by what the lines of one place tell."""
    short = {duty.id for duty, _ in _short(election, lines, on)}
    return [duty for duty in election.duties if duty.legal and duty.id in short]


def breached(election: Election, lines: Iterable[Line], on: date) -> dict[str, list[tuple[str, str]]]:
    """The dated duties that are missed: a sentence for each → (name, code) of the districts still short of it."""
    short = list(_short(election, lines, on))
    told = {}
    for duty in election.duties:
        places = {line.place_code: line.place for of, line in short if of is duty}
        if places:
            words = "national.breached" if duty.legal else "national.late"
            told[say(words, title=duty.title, day=short_day(election.duty_date(duty)))] = [(name, code) for code, name in places.items()]
    return told


def _short(election: Election, lines: Iterable[Line], on: date) -> Iterator[tuple[Duty, Line]]:
    """The lines of a day that are short of a duty whose date has passed, each with that duty."""
    duties = {indicator.id: duty for _, indicator in election.indicators if (duty := election.duty_of(indicator)) and on > election.duty_date(duty)}
    for line in lines:
        if line.day == on and line.indicator in duties and line.done is not None and line.done < line.required:
            yield duties[line.indicator], line


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


def outdated(election: Election, lines: Iterable[Line], on: date) -> dict[str, list[tuple[str, str]]]:
    """Whose report is out of date: a label for each domain → (name, code) of the districts."""
    late = [line for line in domain_lines(lines, on) if line.reporting > line.fresh]
    told = {say("national.outdated", domain=domain.label): [(line.place, line.place_code) for line in late if line.domain == domain.name] for domain in election.domains}
    return {label: places for label, places in told.items() if places}


def count(line: Line, indicator: Indicator) -> str:
    """Done of required in words; yes or no where one district's single answer is meant. Marked where a disagreement touches it."""
    return marks.disputed(_count(line, indicator), line.disputed)


def _count(line: Line, indicator: Indicator) -> str:
    if line.done is None:
        return say("status.not_reported")
    if line.required == 0:
        return say("figure.nothing_required")
    if line.level == "district" and indicator.unit == "districts":
        return say("figure.met" if line.done else "figure.unmet")
    return say("figure.done_of", done=f"{line.done:,}", required=f"{line.required:,}")


def warned(warnings: pd.DataFrame, election: Election, most: int = 100) -> Html:
    """The warnings with which a picture was accepted (`readiness.accepted_warnings`), behind a line that counts them."""
    if warnings.empty:
        return Html("")
    told = [marks.muted(say("figure.warning", domain=election.domain(one.domain).label, reference=reference(one.submission), message=one.message))
            for one in warnings.head(most).itertuples()]
    more = [marks.muted(say("figure.and_more", count=len(warnings) - most))] if len(warnings) > most else []
    return marks.opened(say("figure.warnings", count=len(warnings)), marks.lines((*told, *more)))


def withdrawn(found: pd.DataFrame, election: Election, on: date) -> Html:
    """The submissions of a place (`readiness.withdrawn`) whose figures stood on its pages until they were withdrawn, behind a line that counts them."""
    if found.empty or (gone := found[found["as_of"].dt.date <= on]).empty:
        return Html("")
    return marks.opened(say("figure.withdrawn", count=len(gone)), marks.lines(
        marks.muted(say("district.withdrawn_line", reference=reference(one.submission), domain=election.domain(one.domain).label, day=day(one.as_of),
                        by=one.state_by, when=day(one.state_since), reason=one.reason)) for one in gone.itertuples()))


def waiting(days: list[date], before: list[int], after: list[int]) -> tuple[int, date]:
    """How many wait between two stages, and since when the first of them has, if they are taken in order of arrival.

    The counts are cumulative, by day. With nobody waiting the day is the last one.
    """
    if not days or before[-1] <= after[-1]:
        return 0, days[-1] if days else date.max
    since = next(at for at, count in zip(days, before) if count > after[-1])
    return before[-1] - after[-1], since
