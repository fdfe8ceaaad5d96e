"""The paper's parts in plain words, a row each: the same in the document and on the slides. No markup; a list names `most` and counts the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from data.changed import Moved
from data.clock import State
from data.declare import Domain
from loaders.submissions import reference
from pages.papers.content import Paper
from pages.parts import asking, dates, decided, findings, marks
from pages.parts.theme import STATUSES
from pages.parts.words import day, moment, say, short_day

_SOURCES = 30  # references at the foot of a page; the workbook lists all
_MOVES: tuple[State, ...] = ("breached", "missed", "at_risk", "met")


@dataclass(frozen=True)
class Standing:
    """A domain or an indicator against its plan. `share` and `expected` are fractions; `change` is in points since the paper's earlier day;
    `disputed` how many unsettled disagreements touch it."""

    label: str
    is_domain: bool
    status: str
    count: str
    share: float | None
    expected: float
    change: str
    disputed: int

    @property
    def word(self) -> str:
        """The status in words."""
        return STATUSES[self.status].word

    @property
    def shown(self) -> str:
        """The share as a whole percentage."""
        return marks.disputed(marks.percent(self.share), self.disputed if self.is_domain else 0)


@dataclass(frozen=True)
class Ask:
    """What an office is to do: about what, how much by when, in which districts."""

    status: str
    what: str
    words: str
    where: str


@dataclass(frozen=True)
class Action:
    """An open action: the status like which it is painted, what, who, in which place, its day and state, whether its indicator moved."""

    status: str
    what: str
    who: str
    place: str
    due: str
    moved: str


def title(paper: Paper) -> str:
    """The finding, as on the place's own page."""
    return findings.title_of(paper.past, paper.past.values() if paper.place.level == "district" else paper.below, paper.election, paper.place, paper.on, paper.missed)


def subject(paper: Paper) -> list[str]:
    """What the finding is of, and how much is known."""
    whole, left = paper.line(), (paper.election.e_day - paper.on).days
    reported = say("figure.coverage", reporting=whole.reporting, districts=whole.districts)
    if paper.place.level == "district":
        reported = say("district.coverage", reported=sum(paper.line(one.name).reporting for one in paper.election.domains), domains=len(paper.election.domains))
    stale = whole.reporting - whole.fresh
    return [
        paper.election.name, say("figure.as_of", day=day(paper.on)), reported, *([say("figure.stale", count=stale)] if stale else []), say("figure.e_day", day=day(paper.election.e_day)),
        say("figure.days_left", count=left) if left > 0 else say("figure.today") if left == 0 else say("figure.days_over", count=-left)]


def stamp(paper: Paper) -> list[str]:
    """What stands on every page: of which place and day, when it was made, what was asked for, and what it is made of."""
    told = [reference(one) for one in dict.fromkeys(paper.sources["submission"])]
    if not told:
        sources = say("paper.no_sources")
    elif len(told) > _SOURCES:
        sources = say("paper.sources_more", number=f"{len(told):,}", told=_joined(told[:_SOURCES]), count=len(told) - _SOURCES)
    else:
        sources = say("paper.sources", count=len(told), told=_joined(told))
    return [paper.place.name, say("figure.as_of", day=day(paper.on)), say("paper.made", moment=moment(paper.made_at)),
            say("paper.filters", day=day(paper.since)), sources]


def example(paper: Paper) -> str:
    """That the figures are invented, where they are."""
    return say("paper.example") if paper.example else ""


def gap(paper: Paper) -> list[str]:
    """The overall share against the plan and against a week before, a few words each."""
    now, before = paper.line(), paper.line(on=paper.weeks[-2])
    if now.share is None or paper.is_little:
        return [say("figure.strip_partial" if now.share is not None else "figure.strip_nothing" if now.as_of else "status.not_reported").replace("*", "")]
    told = [say("figure.strip_expected", share=marks.percent(now.expected)), marks.gap(now.share, now.expected, paper.election.behind)]
    if before.share is not None:
        told.append(say("figure.strip_change", points=marks.signed((now.share - before.share) * 100, 1), day=short_day(before.day)))
    return [one.replace("*", "") for one in told]


def standing(paper: Paper) -> list[Standing]:
    """Every domain with its indicators under it."""
    return [row for domain in paper.election.domains for row in (_of_domain(paper, domain), *(_of_indicator(paper, domain, one.id) for one in domain.indicators))]


def _of_domain(paper: Paper, domain: Domain) -> Standing:
    line = paper.line(domain.name)
    return Standing(domain.label, True, line.status, "" if line.share is not None else STATUSES[line.status].word, line.share, line.expected, _change(paper, domain.name), line.disputed)


def _of_indicator(paper: Paper, domain: Domain, name: str) -> Standing:
    line, indicator = paper.line(domain.name, name), paper.election.indicator(name)
    return Standing(indicator.label, False, line.status, findings.count(line, indicator), line.share, line.expected, _change(paper, domain.name, name), line.disputed)


def disputed(paper: Paper) -> str:
    """How many unsettled disagreements touch the figures that are marked, in a sentence; '' where none does."""
    count = sum(paper.line(domain.name).disputed for domain in paper.election.domains)
    return say("figure.disputed", count=count) if count else ""


def _change(paper: Paper, domain: str, indicator: str = "all") -> str:
    moved = paper.changed.of(domain, indicator)
    return "–" if moved.before.share is None or moved.now.share is None else marks.signed(moved.change * 100, 1)


def late(paper: Paper) -> list[tuple[str, str, str]]:
    """What will be late: the indicator, how many will be short when, the pace."""
    return [(entry.worst.indicator.label, *dates.late_words(entry, paper.entries_below)) for entry in dates.late(paper.entries)]


def no_late(paper: Paper) -> str:
    """What is said where nothing is foreseen to be late: that nothing is reported, or that all will be in time as far as can be told."""
    return say("clock.none_late") if paper.line().as_of else say("clock.title_unknown", place=paper.place.name)


def late_already(paper: Paper) -> str:
    """What is late already, in a sentence."""
    return dates.late_already(paper.entries)


def asks(paper: Paper, most: int) -> list[tuple[str, str, list[Ask]]]:
    """By province and office what is asked: (province, office, asks). None of a district, which has no offices of its own."""
    return [(place.name, office.of(place), [Ask(one.part.line.status, one.part.indicator.label, asking.words(one), _counted(one.districts, most)) for one in of_office])
            for place, told in paper.asks for office, of_office in groupby(told, key=lambda one: one.office)]


def no_asks(paper: Paper) -> str:
    """Why nothing is asked: a district has no offices, none is named, nothing is reported, or all is well."""
    if not paper.asks:
        return say("paper.no_offices")
    if not paper.election.offices:
        return say("paper.no_asks_offices")
    return say("asks.none") if paper.line().as_of else say("paper.no_asks_unknown")


def _counted(districts: Sequence[tuple[str, str, int]], most: int) -> str:
    return _named([say("paper.counted", place=name, number=f"{count:,}") for _, name, count in districts], most)


def changes_since(paper: Paper) -> str:
    """Since when the changes are told."""
    if paper.met and paper.met.held_on == paper.since:
        return say("paper.since_meeting", day=day(paper.since), chair=paper.met.chaired_by)
    return say("paper.since", day=day(paper.since))


def changes(paper: Paper, most: int) -> list[tuple[str, str]]:
    """What changed: a label and what there is to say under it."""
    told, election = paper.changed, paper.election
    rows = [(say("table.overall"), _moved(told.of("all")))]
    if paper.place.level != "district":
        rows += [(say("changes.rose"), _named([_ranked(one) for one in told.risers], most)), (say("changes.fell"), _named([_ranked(one) for one in told.fallers], most))]
    rows.append((say("changes.lower"), _named([_lower(paper, one) for one in told.fell], most)))
    rows += [(say(f"paper.now_{state}"), _grouped([(entry.title, entry.place) for entry in told.dates[state]], most)) for state in _MOVES]
    rows += [(say(key), _grouped([(election.domain(one.now.domain).label, one.now.place) for one in moved], most))
             for key, moved in (("paper.now_silent", told.silent), ("paper.now_heard", told.heard))]
    if told.known_later:
        rows.append((say("changes.known_later"), say("paper.known_later", count=len(told.known_later), number=f"{len(told.known_later):,}", day=short_day(paper.since))))
    return [(label, words) for label, words in rows if words]


def _moved(one: Moved) -> str:
    if one.before.share is None or one.now.share is None:
        return ""
    return say("paper.moved", then=marks.percent(one.before.share), now=marks.percent(one.now.share), points=marks.signed(one.change * 100, 1))


def _ranked(one: Moved) -> str:
    return say("paper.ranked", place=one.now.place, points=marks.signed(one.change * 100, 1))


def _lower(paper: Paper, one: Moved) -> str:
    return say("paper.lower", place=one.now.place, label=paper.election.indicator(one.now.indicator).label, difference=marks.signed(one.count))


def _grouped(told: Iterable[tuple[str, str]], most: int) -> str:
    """(What, place) each, as what with its places, one after another."""
    of: dict[str, list[str]] = {}
    for what, place in told:
        of.setdefault(what, []).append(place)
    return say("paper.separator").join(say("paper.grouped", what=what, places=_named(names, most)) for what, names in of.items())


def actions(paper: Paper) -> list[Action]:
    """The open actions, those that are due first before others."""
    return [Action(decided.paint(one), one.what, one.who, paper.election.places[one.place_code].name,
             say("paper.due", day=short_day(one.due), state=say(f"actions.state_{decided.state_of(one)}")), decided.moved(one, paper.election) or "–") for one in paper.actions]


def notes(paper: Paper) -> list[tuple[str, str]]:
    """The notes: what it says, and on what, when and by whom."""
    labels = {one.id: one.label for _, one in paper.election.indicators}
    return [(one.text, _joined([part for part in (paper.election.places[one.place_code].name, labels.get(one.indicator, ""),
                                                  say("notes.of", day=day(one.written_on), by=one.written_by)) if part])) for one in paper.notes]


def silent(paper: Paper, most: int) -> list[tuple[str, str, str]]:
    """Who has not reported, and whose report is out of date: the status, a label and the districts."""
    told = {"not_reported": findings.silent(paper.election, paper.districts, paper.on), "stale": findings.outdated(paper.election, paper.districts, paper.on)}
    return [(status, label, _named([name for name, _ in places], most)) for status, of in told.items() for label, places in of.items()]


def cut(text: str, most: int) -> str:
    """A text of at most so many signs; one that goes on ends in an ellipsis."""
    return text if len(text) <= most else f"{text[:most - 1].rstrip()}…"


def _named(names: Sequence[str], most: int) -> str:
    more = [say("figure.and_more", count=len(names) - most)] if len(names) > most else []
    return _joined([*names[:most], *more])


def _joined(texts: Iterable[str]) -> str:
    return say("list.separator").join(texts)
