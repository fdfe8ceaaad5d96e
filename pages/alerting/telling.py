"""Alerts in words: the same on their page and in a digest. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from data.alerts import RULES, Alert
from data.election import Election
from pages.parts import dates, marks
from pages.parts.words import day, say, short_day

def paint(one: Alert) -> str:
    """The status like which it is painted: that of its date or its domain; an overdue action is critical."""
    return dates.PAINT[one.entry.state] if one.entry is not None else one.line.status if one.line is not None else "critical"


def what(one: Alert, election: Election) -> str:
    """What it is about: a duty, a domain, an action."""
    if one.action is not None:
        return one.action.what
    return one.entry.title if one.entry is not None else election.domain(one.subject).label


def why(one: Alert, election: Election) -> str:
    """What there is to know of it."""
    if one.entry is not None:
        return say("alerts.breach_why", brief=dates.brief(one.entry), section=one.entry.duty.section)
    if one.action is not None:
        return say("alerts.overdue_why", who=one.action.who, day=short_day(one.action.due))
    if one.rule == "silent":
        return say("alerts.silent_why", day=day(one.line.as_of)) if one.line.as_of else say("alerts.silent_never")
    return say("alerts.behind_why", gap=marks.gap(one.line.share, one.line.expected, election.behind).replace("*", ""), share=marks.percent(one.line.share), expected=marks.percent(one.line.expected))


def by_rule(told: Iterable[Alert]) -> Iterator[tuple[str, list[Alert]]]:
    """The alerts of each rule of which there are any, under its heading."""
    told = list(told)
    for rule in RULES:
        if of := [one for one in told if one.rule == rule]:
            yield say(f"alerts.{rule}", count=len(of), number=f"{len(of):,}"), of
