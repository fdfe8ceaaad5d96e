"""Legal clock: which dates are met, which will be missed, and by how much?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import streamlit as st

from data import duties, readiness
from data.blockers import blocked
from data.clock import Entry, clock
from data.duties import DutyError
from data.readiness import Level
from pages.parts import blocking, dates, filters, frame, marks, session
from pages.parts.pieces import Pieces, kept, lay
from pages.parts.tables import downloads, frame_of, shown
from pages.parts.words import day, say

store, viewer = session.store(), session.viewer()
election, places = store.election, store.election.places

# Which place and date
place = filters.place_for("clock")
on = filters.day_in_url()
level = place.summed_at

unmeasured = [duty for duty in election.duties if not election.is_measured(duty)]


# Ask
def ask() -> tuple[marks.Html, Pieces, Pieces]:
    """The page's head, the pieces above the form by which a duty is recorded, and those below."""
    entries = clock(store, viewer.scope, level, on=on, place=place.code)
    head = marks.headline(dates.title(place.name, entries), [say("figure.as_of", day=day(on)), say("figure.e_day", day=day(election.e_day)), *_counts(entries)])
    above, below = [*_table([entry for entry in entries if entry.duty], "duties")], [*_table([entry for entry in entries if not entry.duty], "plan")]
    if not readiness.reports(store, viewer.scope, place=place.code):
        first = election.domains[0].name
        above.append(marks.empty_state(say("empty.title"), say("empty.text"), (f"python -m loaders template {first} -o {first}.xlsx", f"python -m loaders load {first}.xlsx")))
    if place.level != "district":
        below += _places()
        below += blocking.to_plan(blocked(store, viewer.scope, place=place.code, on=on), lambda code: filters.href("district", place=code), f"to-plan-{place.code}-{on}")
    pace = election.pace
    below.append(marks.note(say("how.question"), say("clock.how", days=pace.days, reports=pace.reports, slower=f"{pace.slower:g}", faster=f"{pace.faster:g}")))
    return head, tuple(above), tuple(below)


# Show
def show(head: marks.Html, above: Pieces, below: Pieces) -> None:
    with frame.head():
        st.html(head)
        filters.choose_place(filters.options("clock"), place, say("filters.place"))
        filters.choose_day(on)
    lay(above)
    if may_record and place.level == "country" and unmeasured:
        _record()
    lay(below)


def _counts(entries: Sequence[Entry]) -> list[str]:
    """How many of all dates are in each state, those that there are."""
    states = [entry.state for entry in entries]
    return [say(f"clock.counted_{state}", number=states.count(state)) for state in dates.PAINT if state in states]


def _table(told: list[Entry], key: str) -> Iterator[marks.Html]:
    yield marks.section(say(f"clock.{key}"), say(f"clock.{key}_aside"))
    columns, rows = dates.rows(told, election.pace.days)
    yield shown(columns, rows, say(f"clock.{key}"), name=f"{key}-{place.code}-{on}", stacks=True)


def _places() -> Iterator[marks.Html]:
    """Each place below by each date that is measured."""
    below: Level = "province" if level == "national" else "district"
    found = clock(store, viewer.scope, below, on=on, within=place.code)
    of = {(entry.place_code, entry.id): entry for entry in found}
    heads = list({entry.id: entry for entry in found}.values())
    codes = list(dict.fromkeys(entry.place_code for entry in found))
    yield marks.section(say("clock.places"), say("clock.places_aside"))
    columns = [say("table.place"), *(marks.Column(entry.title, number=True) for entry in heads)]
    rows = [[marks.link(places[code].name, filters.href("clock", place=code)), *(_cell(of.get((code, entry.id))) for entry in heads)] for code in codes]
    yield marks.table(columns, rows, say("clock.places_caption"), many=True)
    yield dates.legend()
    plain = [[places[code].name, *(of[code, entry.id].short if (code, entry.id) in of else None for entry in heads)] for code in codes]
    yield downloads(lambda: frame_of(columns, plain), f"dates-{place.code}-{on}")


def _cell(entry: Entry | None) -> marks.Cell:
    """The state of a date in a place with how many are short."""
    if entry is None:
        return None
    return marks.state_figure(dates.PAINT[entry.state], say(f"clock.state_{entry.state}"), "" if not entry.short else f"{entry.short:,}")


def _record() -> None:
    """The form with which a duty that nothing measures is recorded as met, or such a record taken back."""
    with st.expander(say("clock.record"), icon=":material/gavel:", key="clock_record"):
        st.html(marks.muted(say("clock.record_hint")))
        known = duties.recorded(store)
        chosen = st.selectbox(say("clock.record_which"), unmeasured, format_func=lambda duty: marks.label(duty.title), key="clock_duty", width=400)
        held = known.get(chosen.id)
        is_met = held is not None and held.met_on is not None
        with st.form(f"clock_form_{chosen.id}_{is_met}"):
            met_on = None if is_met else st.date_input(say("clock.record_day"), value=store.today, max_value=store.today, format="DD/MM/YYYY", key=f"clock_day_{chosen.id}", width=190)
            words = say("clock.record_why") if is_met else say("clock.record_reference")
            reference = st.text_input(words, max_chars=500, key=f"clock_reference_{chosen.id}_{is_met}", placeholder="" if is_met else say("clock.record_reference_hint"))
            if st.form_submit_button(say("clock.record_back") if is_met else say("clock.record_do")):
                try:
                    duties.record(store, chosen.id, met_on, reference, by=viewer.name, may_submit=viewer.may_submit)
                except DutyError as error:
                    st.html(marks.banner("problem", str(error)))
                else:
                    st.rerun()


may_record = duties.may_record(election, viewer.may_submit)
show(*kept(("clock page", viewer.scope, place.code, on, filters.href(".")), ask))
