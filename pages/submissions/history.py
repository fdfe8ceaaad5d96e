"""History: who changed what, and can I undo it?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, TypeVar

import pandas as pd
import streamlit as st

from data import desk as asked
from data import readiness
from data.scope import Scope
from data.store import Store
from loaders import desk, submissions
from loaders.changes import changes, only
from loaders.effect import effect
from loaders.submissions import next_moment, reference, write_event
from pages.parts import compared, filters, frame, looking, marks, receipts, session, tables
from pages.parts.paging import part
from pages.parts.pieces import lay
from pages.parts.words import day, moment, say

store, viewer = session.store(), session.viewer()
election = store.election

# Which submissions
place = filters.place_for("history")
domain = filters.domain_in_url()
every = readiness.history(store, viewer.files, domain=None if domain == "all" else domain, place=place.code)
waiting = asked.waiting(store, viewer.files)
_STATES = ("all", "in_force", "withdrawn", "waiting")
_LEDGER = 20
Answer = TypeVar("Answer")


# Show
def show() -> None:
    wanted = st.query_params.get(filters.SUBMISSION)
    if wanted:
        _one(wanted)
        return
    with frame.head():
        st.html(marks.headline(_title(), [place.name, say("history.total", number=f"{len(every):,}"), say("history.subject")]))
        filters.choose_place(filters.options("history"), place, say("filters.place"))
    filters.choose_domain(domain)
    _ledger()
    _returned()


def _title() -> str:
    if every.empty:
        return say("history.title_empty")
    gone, held = int((every["state"] == "withdrawn").sum()), sum(waiting.values())
    if held:
        return say("history.title_waiting", held=f"{held:,}", count=held)
    return say("history.title", count=len(every), number=f"{len(every):,}", withdrawn=f"{gone:,}")


def _ledger() -> None:
    if every.empty:
        st.html(marks.empty_state(say("history.title_empty"), say("history.empty")))
        return
    found = _filtered(every)
    if found.empty:
        st.html(marks.empty_state(say("history.none_so"), say("history.none_so_do")))
        return
    shown = found.iloc[part(len(found), size=_LEDGER, key=f"ledger_{domain}_{place.code}")]
    columns = [say("receipt.reference"), say("compared.state"), say("upload.domain"), say("upload.as_of"), say("upload.sender"), say("history.taken"), say("upload.file"),
               marks.Column(say("upload.rows"), number=True), marks.Column(say("table.districts"), number=True)]
    st.html(marks.table(columns, [_line(one) for one in shown.itertuples()], say("history.ledger"), wrap=True))
    tables.live_downloads(lambda: found, "history", key="history")


def _filtered(found: pd.DataFrame) -> pd.DataFrame:
    senders = sorted(found["sender"].unique())
    with st.container(horizontal=True, vertical_alignment="top", key="ledger_filters"):
        state = st.segmented_control(say("compared.state"), _STATES, format_func=lambda name: say(f"history.state_{name}"), default="all", required=True, key="state", bind="query-params")
        sender = st.selectbox(say("upload.sender"), ["", *senders], format_func=lambda name: name or say("history.every_sender"), key="sender", bind="query-params", width=230)
        first, last = found["committed_at"].min().date(), max(store.today, found["committed_at"].max().date())
        span = st.date_input(say("history.between"), value=(first, last), min_value=first - timedelta(days=1), max_value=last + timedelta(days=1), format="DD/MM/YYYY", key=f"history_span_{first}_{last}", width=250)
    if state == "in_force":
        found = found[found["state"] != "withdrawn"]
    elif state == "withdrawn":
        found = found[found["state"] == "withdrawn"]
    elif state == "waiting":
        found = found[found["submission"].isin(waiting)]
    if sender:
        found = found[found["sender"] == sender]
    begin, end = span if len(span) == 2 else (first, last)
    return found[(found["committed_at"].dt.date >= begin) & (found["committed_at"].dt.date <= end)]


def _line(one: Any) -> list[marks.Cell]:
    address = marks.link(reference(one.submission), filters.href("history", **{filters.SUBMISSION: one.submission}))
    size = (one.file_name, int(one.row_count), int(one.districts)) if one.wholly else (marks.Html(f'<span class="er-muted">{say("history.beyond")}</span>'), None, None)
    return [address if one.wholly else reference(one.submission), _state(one), election.domain(one.domain).label, day(one.as_of), one.sender, marks.unbroken(moment(one.committed_at)), *size]


def _state(one: Any) -> marks.Html:
    if one.state == "withdrawn":
        return marks.flag("∅", say("history.withdrawn"))
    held = waiting.get(one.submission, 0)
    if held:
        return marks.flag("…", say("history.held", count=held, number=f"{held:,}"))
    return marks.flag("✓", say("history.restored") if one.state == "restored" else say("history.in_force"))


def _returned() -> None:
    gone = asked.returned(store, viewer.files)
    if gone.empty or not viewer.may_submit.districts:
        return
    st.html(marks.section(say("history.returned"), say("history.returned_aside")))
    shown = gone.iloc[part(len(gone), size=_LEDGER, key="returned")]
    columns = [say("upload.file"), say("upload.domain"), say("upload.sender"), say("history.returned_on"), say("history.reason")]
    rows = [[one.file_name, election.domain(one.domain).label if one.domain else None, one.sender, say("receipt.taken_line", by=one.left_by, moment=moment(one.left_at)), one.reason]
            for one in shown.itertuples()]
    st.html(marks.table(columns, rows, say("history.returned"), wrap=True))
    _lay_again(shown)


def _lay_again(gone: pd.DataFrame) -> None:
    """A file that went back, to be taken along or laid on the desk once more."""
    by_id = {one.staged: one for one in gone.itertuples()}
    with st.expander(say("history.again"), key="returned_again"):
        id = st.selectbox(say("upload.file"), list(by_id), format_func=lambda staged: say("history.returned_file", file=by_id[staged].file_name, moment=moment(by_id[staged].left_at)), key="returned_file")
        one, content = by_id[id], asked.content_of(store, viewer.files, id)
        with st.container(horizontal=True, gap="small"):
            st.download_button(say("history.file"), content, one.file_name, key="returned_download", on_click="ignore", icon=":material/download:")
            if st.button(say("history.lay_again"), key="lay_again", icon=":material/restore_page:"):
                first, *_ = desk.lay(store, one.file_name, content, sender=one.sender, by=viewer.name, may_submit=viewer.may_submit, sees=viewer.files)
                st.switch_page("submissions/upload.py", query_params=filters.query(**{filters.STAGED: first}))


# ── One submission ───────────────────────────────────────────────────────────────────────────────


def _one(wanted: str) -> None:
    found = readiness.history(store, viewer.files)
    found = found[(found["submission"] == wanted) & found["wholly"]]
    back = marks.Html(f'<p class="er-line">{marks.link(say("history.back"), filters.href("history", place=st.query_params.get(filters.PLACE)))}</p>')
    if found.empty:
        st.html(marks.lines((marks.headline(say("history.title_none"), [say("history.subject")]), marks.banner("note", say("history.not_there")), back)))
        return
    one = next(found.itertuples())
    looking.note(store, viewer, file=one.file_name, sender=one.sender, submission=one.submission)
    label = election.domain(one.domain).label
    with frame.head():
        st.html(marks.headline(say("history.title_of", domain=label, day=day(one.as_of), sender=one.sender), [reference(one.submission), one.file_name, _state(one)]))
    st.html(back)
    with st.container(key="column"):
        if told := st.session_state.pop("history_told", None):
            st.html(marks.banner("note", told))
        _events(one)
        st.html(marks.section(say("history.receipt")))
        receipts.show(store, viewer.files, one, key=one.submission)
        st.download_button(say("history.file"), lambda: _file(one.submission), one.file_name, key="history_file", on_click="ignore", icon=":material/download:")
        _held_back(one)
        _compared(one)
        _rows(one)
        _warnings(one)
        _corrected(one)
        _undo(one)


def _file(submission: str) -> bytes:
    found = readiness.file_of(store, viewer.files, submission)
    if found is None:
        raise PermissionError("this file names districts outside the viewer's scope")
    return found[1]


def _asked_of(one: Any, question: Callable[[Store, Scope, str], Answer]) -> Answer:
    """What a question says of a submission, as the viewer may see it: asked once, for each press of a button draws the page anew."""
    return store.remember(("history page", question.__name__, viewer.files, one.submission), lambda: question(store, viewer.files, one.submission), of="desk")


def _events(one: Any) -> None:
    told = _asked_of(one, readiness.events_of)
    if len(told) > 1:
        rows = [[say(f"history.event_{event.kind}"), event.done_by, moment(event.done_at), event.reason or None] for event in told.itertuples()]
        st.html(marks.table([say("history.event"), say("history.by"), say("history.when"), say("history.reason")], rows, say("history.events"), wrap=True))


def _held_back(one: Any) -> None:
    held = _asked_of(one, asked.rejected)
    if held.empty:
        return
    left = int((~held["is_settled"]).sum())
    st.html(marks.section(say("history.rejected"), say("history.rejected_aside", count=left, number=f"{left:,}") if left else say("history.rejected_settled")))
    shown = held.iloc[part(len(held), size=_LEDGER, key="rejected")]
    rows = [[row.row, election.places[row.district].name if row.district in election.places else None, row.reasons, say("history.settled") if row.is_settled else say("history.waits")]
            for row in shown.itertuples()]
    st.html(marks.table([marks.Column(say("table.sheet_row"), number=True), say("table.district"), say("problems.what_to_do"), say("compared.state")], rows, say("history.rejected"), wrap=True))
    tables.live_downloads(lambda: receipts.held_frame(store, viewer.files, one.submission), f"held-back-{reference(one.submission)}", key="held_back")
    for told in _asked_of(one, asked.settlings).itertuples():
        st.html(marks.muted(say("history.settled_line", by=told.settled_by, moment=moment(told.settled_at), reason=told.reason)))
    if left and viewer.may_submit.allows(one.domain, _districts(one)):
        with st.form("settle_rejected"):
            reason = st.text_input(say("history.settle_reason"), max_chars=500)
            if st.form_submit_button(say("history.settle")):
                if not reason.strip():
                    st.html(marks.banner("problem", say("upload.reason_missing")))
                    return
                desk.settle_rejected(store, one.submission, by=viewer.name, reason=reason.strip())
                st.rerun()


def _compared(one: Any) -> None:
    st.html(marks.section(say("history.compared"), say("history.compared_aside")))
    if compared.beyond(viewer.scope, _districts(one)):
        return
    kept = ("compared", viewer.files, one.submission)
    found = store.remember(kept, lambda: changes(
        election.domain(one.domain), new=only(readiness.rows_of(store, viewer.files, one.domain, one.submission), viewer.scope.districts),
        old=readiness.rows_before(store, viewer.files, one.domain, one.submission)))
    compared.show(found, election.domain(one.domain), election.places, name=f"changes-{reference(one.submission)}", key=f"history_{one.submission}")


def _rows(one: Any) -> None:
    st.html(marks.section(say("history.rows"), say("district.rows_aside")))
    declared = election.domain(one.domain)
    rows = readiness.rows_of(store, viewer.files, one.domain, one.submission)
    shown = part(rows.num_rows, size=500, key="history_rows")
    lay((tables.sheet(tables.labelled(rows.slice(shown.start, shown.stop - shown.start).to_pydict(), declared, election.places), key="history_rows_sheet", alt=say("history.rows")),))
    tables.live_downloads(lambda: tables.taken(tables.labelled(rows.to_pydict(), declared, election.places)), f"rows-{reference(one.submission)}", key="history_rows_taken")


def _warnings(one: Any) -> None:
    found = _asked_of(one, readiness.warnings_of)
    if found.empty:
        return
    st.html(marks.section(say("history.warnings"), say("history.warnings_aside")))
    shown = found.iloc[part(len(found), size=_LEDGER, key="history_warnings")]
    columns = [marks.Column(say("table.sheet_row"), number=True), say("problems.column"), say("problems.what_to_do")]
    rows = [[None if pd.isna(warning.row) else int(warning.row), warning.column or None, warning.message] for warning in shown.itertuples()]
    st.html(marks.table(columns, rows, say("history.warnings"), wrap=True))


def _corrected(one: Any) -> None:
    found = _asked_of(one, asked.corrections)
    if found.empty:
        return
    st.html(marks.section(say("history.corrections"), say("history.corrections_aside")))
    shown = found.iloc[part(len(found), size=_LEDGER, key="history_corrections")]
    declared = election.domain(one.domain)
    rows = [[row.row, declared.column(row.column).label, marks.cell(row.original), marks.cell(row.corrected), say(f"history.why_{row.reason}"), row.corrected_by] for row in shown.itertuples()]
    columns = [marks.Column(say("table.sheet_row"), number=True), say("problems.column"), say("problems.value"), say("problems.instead"), say("history.why"), say("history.by")]
    st.html(marks.table(columns, rows, say("history.corrections"), wrap=True))


# ── Undo ─────────────────────────────────────────────────────────────────────────────────────────


def _undo(one: Any) -> None:
    """Withdraw or restore, with what comes of it shown first; for whoever may submit for all of its districts."""
    districts = _districts(one)
    if not viewer.may_submit.allows(one.domain, districts):
        return
    kind = "restored" if one.state == "withdrawn" else "withdrawn"
    st.html(marks.section(say(f"history.undo_{kind}"), say(f"history.undo_{kind}_aside")))
    declared = election.domain(one.domain)

    def rehearsed(on: date) -> tuple[Any, ...]:
        return store.remember(("undo", viewer.scope, one.submission, kind, on), lambda: effect(
            store, viewer.scope, lambda cursor: write_event(cursor, one.submission, kind, by="", reason="", at=next_moment(cursor)),
            on=on, domain=one.domain, districts=districts))

    moved, on = rehearsed(store.today), store.today
    if not any(figure.is_other for figure in moved):
        moved, on = rehearsed(one.as_of.date()), one.as_of.date()
    is_other = any(figure.is_other for figure in moved)
    if is_other or viewer.scope.districts.issuperset(districts):
        st.html(marks.muted(say(f"history.comes_{kind}") if is_other else say("history.comes_nothing")))
    compared.effect(moved, declared, election.places, on, name=f"{kind}-{reference(one.submission)}", key="undo")
    seen, shown = st.session_state.get("undo_seen"), (one.submission, kind, on, moved)
    st.session_state["undo_seen"] = shown
    is_renewed = seen is not None and seen[0] == one.submission and seen != shown
    if is_renewed and seen[1] != kind:
        st.html(marks.banner("note", say(f"history.others_{seen[1]}")))
    with st.form("undo_form"):
        reason = st.text_input(say("history.reason_for"), max_chars=500)
        if st.form_submit_button(say(f"history.button_{kind}"), icon=":material/undo:"):
            if not reason.strip():
                st.html(marks.banner("problem", say("upload.reason_missing")))
            elif is_renewed:
                st.html(marks.banner("problem", say("upload.not_seen")))
            else:
                _do(one, kind, reason.strip())


def _districts(one: Any) -> tuple[str, ...]:
    """The districts of which a submission tells, as far as they may be seen."""
    return store.remember(("history page", "districts", viewer.files, one.submission), lambda: tuple(sorted(
        set(readiness.rows_of(store, viewer.files, one.domain, one.submission)["district"].to_pylist()))))


def _do(one: Any, kind: str, reason: str) -> None:
    act = {"withdrawn": submissions.withdraw, "restored": submissions.restore}[kind]
    try:
        act(store, one.submission, by=viewer.name, reason=reason)
        st.session_state["history_told"] = say(f"history.done_{kind}", reference=reference(one.submission))
    except LookupError as error:
        st.session_state["history_told"] = str(error)
    st.session_state.pop("undo_seen", None)
    st.rerun()


show()
