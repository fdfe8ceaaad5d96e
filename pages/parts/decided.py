"""What was decided and noted, in words and pieces: actions with whether their indicator moved, meetings, notes. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from data.actions import Action
from data.election import Election
from data.meetings import Meeting
from data.notes import Note
from pages.parts import findings, marks
from pages.parts.marks import Html
from pages.parts.words import day, say, short_day

# A state of an action is painted like the status that it resembles.
_PAINT = {"overdue": "critical", "open": "on_track", "done": "ready", "dropped": "not_reported"}


def state_of(action: Action) -> str:
    """The state in a word's key: overdue, open, done or dropped."""
    return "overdue" if action.is_overdue else action.state


def paint(action: Action) -> str:
    """The status like which the state of an action is painted."""
    return _PAINT[state_of(action)]


def state_tag(action: Action) -> Html:
    """How an action stands, as shape and word."""
    return marks.state_tag(paint(action), say(f"actions.state_{state_of(action)}"))


def moved(action: Action, election: Election) -> str | None:
    """Whether what it should move has moved since it was decided, in counts; None where it should move nothing that is measured."""
    if action.moved is None:
        return None
    indicator = election.indicator(action.indicator)
    before, now = action.moved.before, action.moved.now
    if before.done is None or now.done is None:
        return say("actions.unknown", label=indicator.label)
    facts = {"label": indicator.label, "then": findings.count(before, indicator), "now": findings.count(now, indicator), "count": f"{abs(action.moved.count):,}"}
    return say("actions.rose" if action.moved.count > 0 else "actions.fell" if action.moved.count < 0 else "actions.still", **facts)


def actions_table(told: Sequence[Action], election: Election) -> tuple[list[marks.Column | str], list[list[marks.Cell]]]:
    """The columns and the rows of a table of actions."""
    columns = [say("actions.what"), say("actions.who"), say("table.place"), say("table.due"), say("table.status"), say("actions.moves")]
    rows = [[marks.named(one.what, say("actions.decided", day=day(one.decided_on))), one.who, election.places[one.place_code].name, short_day(one.due),
             marks.named(state_tag(one), one.remark), moved(one, election)] for one in told]
    return columns, rows


def overdue(told: Sequence[Action], election: Election, href: str) -> Html:
    """The actions that are overdue, a line each; nothing where none is."""
    late = [one for one in told if one.is_overdue]
    rows = [say("actions.overdue_line", what=one.what, who=one.who, place=election.places[one.place_code].name, day=short_day(one.due)) for one in late]
    return marks.marked_lines("critical", say("actions.overdue", count=len(late), number=len(late)), href, rows) if rows else Html("")


def notes_list(told: Sequence[Note], election: Election, *, place: Callable[[str], str]) -> Html:
    """Notes, each with what it is on, when and by whom; `place` gives the name to show for a code, '' for none."""
    labels = {one.id: one.label for _, one in election.indicators}
    rows = [(one.text, say("notes.of", day=day(one.written_on), by=one.written_by),
             say("list.separator").join(part for part in (place(one.place_code), labels.get(one.indicator, "")) if part)) for one in told]
    return marks.quotes(rows) if rows else Html("")


def meetings_table(told: Sequence[Meeting], of: Sequence[Action], election: Election) -> tuple[list[marks.Column | str], list[list[marks.Cell]]]:
    """The columns and the rows of a table of meetings, each with how many actions of it are open."""
    columns = [say("meetings.held_on"), say("table.place"), say("meetings.chaired_by"), say("meetings.briefed_by"), say("meetings.actions"), say("meetings.remarks")]
    rows = []
    for one in told:
        own = [action for action in of if action.meeting == one.meeting]
        still = sum(action.state == "open" for action in own)
        briefed = marks.named(one.briefed_by, say("meetings.counts_as", window=say(f"definitions.window_{one.renews}"))) if one.renews else one.briefed_by or None
        rows.append([day(one.held_on), election.places[one.place_code].name, one.chaired_by, briefed, say("meetings.open_of", open=still, all=len(own)) if own else None, one.remarks or None])
    return columns, rows
