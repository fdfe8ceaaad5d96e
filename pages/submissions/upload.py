"""Upload: is this file right, and what will it change?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import streamlit as st

from data import desk as asked
from data import readiness
from data.database import StoreError
from data.desk import Entry
from loaders import desk, spellings
from loaders.answers import Answers, Correction, Spelling
from loaders.desk import Looked
from loaders.problems import LoadError
from loaders.submissions import Overtaken, reference
from pages.parts import compared, filters, frame, looking, marks, problems, receipts, recognised, session
from pages.parts.paging import part
from pages.parts.sheets import take_a_sheet
from pages.parts.words import day, moment, say

_FEW, _ON_DESK = 3, 20  # files: that are shown above the opened one; in one go
store, viewer = session.store(), session.viewer()
election = store.election

# Which file
entries = asked.entries(store, viewer.files)
chosen = next((one for one in entries if one.staged == st.query_params.get(filters.STAGED)), None)
taken = st.query_params.get(filters.TAKEN)


# Show
def show() -> None:
    with frame.head():
        st.html(marks.headline(_title(), [say("upload.subject")]))
    with st.container(key="column"):
        _receive()
        _on_desk()
        if taken:
            _taken(taken)
        elif chosen is not None:
            _open(chosen)
        elif filters.STAGED in st.query_params:
            st.html(marks.banner("note", say("upload.gone")))
        take_a_sheet(store, viewer)
        _remembered()


def _title() -> str:
    if not entries:
        return say("upload.title_empty")
    ready = sum(one.districts != () and not one.blocking for one in entries)
    if len(entries) == 1:
        return say("upload.title_one_ready") if ready else say("upload.title_one_open")
    return say("upload.title", number=f"{len(entries):,}", ready=f"{ready:,}")


# ── Files come in ────────────────────────────────────────────────────────────────────────────────


def _receive() -> None:
    """The place where files are dropped. Each is read at once and then lies on the desk."""
    turn = st.session_state.setdefault("upload_turn", 0)
    sender = _ask_sender()
    files = st.file_uploader(say("upload.drop"), type=["xlsx", "xlsm", "xls", "xlsb", "ods", "csv"], accept_multiple_files=True, key=f"upload_{turn}", disabled=not sender)
    for sentence in st.session_state.get("refused", ()):
        st.html(marks.banner("problem", sentence))
    if not files:
        return
    refused, laid, told = [], [], []
    there = {one.staged: one for one in entries}
    with st.status(say("upload.reading", count=len(files), number=f"{len(files):,}"), expanded=True) as status:
        for number, file in enumerate(files, 1):
            line = st.empty()
            tell = partial(_tell, line, file.name, number, len(files))
            try:
                ids = desk.lay(store, file.name, file.getvalue(), sender=sender, by=viewer.name, may_submit=viewer.may_submit, sees=viewer.files, progress=tell)
                laid += ids
                told += _received(file.name, ids, there)
                tell("Read")
            except (LoadError, StoreError) as error:
                refused.append(say("upload.refused", file=file.name, why=str(error)))
        status.update(state="complete", expanded=False)
    st.session_state["refused"] = refused
    if told:
        st.session_state["desk_told"] = " ".join(told)
    st.session_state["upload_turn"] = turn + 1
    st.query_params.pop(filters.TAKEN, None)
    if laid:
        st.query_params[filters.STAGED] = laid[0]
    st.rerun()


def _received(file: str, ids: Sequence[str], there: Mapping[str, Entry]) -> Iterator[str]:
    """What is to be said of a file that was dropped: it lies there already, or has several tables."""
    known = [there[id] for id in ids if id in there]
    if known:
        yield say("upload.there", file=file, name=known[0].file_name, sender=known[0].sender, by=known[0].laid_by, moment=moment(known[0].laid_at))
    if len(ids) > 1:
        yield say("upload.several", file=file, number=f"{len(ids):,}")


def _ask_sender() -> str:
    """The office that sent the files: one that has sent before, or a new one."""
    known = list(dict.fromkeys((viewer.name, *readiness.history(store, viewer.files)["sender"].unique())))
    last = st.session_state.get("office", viewer.name)
    offices = known if last in known else [last, *known]
    chosen = st.selectbox(say("upload.sender"), offices, index=offices.index(last), key="office_field", accept_new_options=True, help=say("upload.sender_help"), width=420,
                          placeholder=say("upload.sender_missing"))
    st.session_state["office"] = chosen or viewer.name
    return (chosen or "").strip()[:120]


def _tell(line: st.delta_generator.DeltaGenerator, name: str, number: int, of: int, step: str) -> None:
    line.html(marks.muted(say(f"upload.step_{step.lower()}", file=name, number=number, of=of)))


def _on_desk() -> None:
    if not entries:
        return
    if chosen is not None and len(entries) > _FEW:  # the opened file must not begin below all the others
        with st.expander(say("upload.desk_closed", number=f"{len(entries):,}"), key="desk_closed"):
            _desk_table()
        return
    st.html(marks.section(say("upload.desk"), say("upload.desk_aside")))
    _desk_table()


def _desk_table() -> None:
    shown = entries[part(len(entries), size=_ON_DESK, key="desk_part")]
    columns = [say("upload.file"), say("compared.state"), say("upload.domain"), say("upload.as_of"), say("upload.sender"), say("upload.laid")]
    st.html(marks.table(columns, [_desk_line(one) for one in shown], say("upload.desk"), wrap=True, stacks=True))


def _desk_line(one: Entry) -> list[marks.Cell]:
    name = marks.link(one.file_name, filters.href("upload", **{filters.STAGED: one.staged}))
    return [marks.joined(marks.Html(f"<b>{name}</b>")) if chosen is not None and one.staged == chosen.staged else name, _state(one), election.domain(one.domain).label if one.domain else None,
            day(one.as_of) if one.as_of else None, one.sender, say("upload.laid_line", by=one.laid_by, moment=moment(one.laid_at))]


def _state(one: Entry) -> marks.Html:
    if one.domain is None:
        return marks.flag("?", say("upload.state_unknown"))
    if one.blocking:
        return marks.flag("×", say("upload.state_blocked", count=one.blocking, number=f"{one.blocking:,}"))
    return marks.flag("✓", say("upload.state_ready"))


# ── One file ─────────────────────────────────────────────────────────────────────────────────────


def _open(entry: Entry) -> None:
    with st.spinner(say("upload.opening", file=marks.label(entry.file_name))):
        try:
            looked = desk.look(store, viewer.files, entry.staged, may_submit=viewer.may_submit)
        except desk.Gone:
            st.html(marks.banner("note", say("upload.gone")))
            return
    looking.note(store, viewer, file=entry.file_name, sender=entry.sender, by=entry.laid_by, staged=entry.staged)
    st.html(marks.file_title(entry.file_name))
    if not desk.may_handle(store, entry, by=viewer.name, may_submit=viewer.may_submit):
        st.html(marks.banner("note", say("upload.not_yours", by=entry.laid_by)))
        return
    if told := st.session_state.pop("desk_told", None):
        st.html(marks.banner("note", told))
    st.html(marks.section(say("upload.step_1"), say("upload.step_1_aside")))
    if looked.staged is None:
        recognised.point_at(looked, election, partial(_settle, looked), may_teach=viewer.may_teach)
        _give_back(looked)
        return
    is_renewed = _notice(looked)
    recognised.show(looked, election, partial(_settle, looked), may_teach=viewer.may_teach)
    st.html(marks.section(say("upload.step_2"), say("upload.step_2_aside")))
    problems.show(looked, partial(_correct, looked))
    st.html(marks.section(say("upload.step_3"), say("upload.step_3_aside")))
    _changes(looked)
    st.html(marks.section(say("upload.step_4"), say("upload.step_4_aside")))
    _commit(looked, is_renewed)


def _notice(looked: Looked) -> bool:
    """Tells whoever had the file open that somebody else has settled something about it, or that the picture beneath it has
    changed since; in the latter case, what stands below was not seen yet."""
    seen, id = st.session_state.setdefault("seen", {}), looked.entry.staged
    before, now = seen.get(id), (looked.entry.read_at, looked.staged.basis)
    seen[id] = now
    if before is None or before == now or st.session_state.pop("settled_here", False):
        return False
    if before[0] != now[0]:
        st.html(marks.banner("note", say("upload.settled_elsewhere", by=looked.entry.read_by)))
        return True
    between = sorted({found for code, found in (now[1] or {}).items() if (before[1] or {}).get(code) != found})
    st.html(marks.banner("note", say("upload.renewed", references=_named(between))))
    return True


def _named(submissions: Sequence[str]) -> str:
    return ", ".join(map(reference, submissions)) or say("upload.a_withdrawal")


def _settle(looked: Looked, answers: Answers, learned: Sequence[Spelling], whom: str) -> None:
    if learned and whom:
        spellings.learn(store, learned, sender=looked.entry.sender if whom == "sender" else "", by=viewer.name, may_teach=viewer.may_teach)
    desk.settle(store, looked, answers, by=viewer.name, may_submit=viewer.may_submit)
    st.session_state["desk_told"], st.session_state["settled_here"] = say("upload.settled"), True
    st.rerun()


def _correct(looked: Looked, corrections: Sequence[Correction]) -> None:
    _settle(looked, looked.answers.corrected(corrections), (), "")


def _changes(looked: Looked) -> None:
    staged = looked.staged
    if compared.beyond(viewer.scope, staged.checked.districts):
        return
    if looked.changes is None or not looked.changes.districts:
        st.html(marks.muted(say("upload.not_comparable")))
        return
    domain, id = staged.checked.domain, looked.entry.staged
    held = [code for code in staged.checked.districts if code not in staged.free]
    compared.show(looked.changes, domain, election.places, name=f"changes-{id[-8:]}", key=f"changes_{id}", held=held)
    if not staged.free:
        st.html(marks.muted(say("upload.no_effect")))
        return
    with st.spinner(say("upload.reckoning")):
        on, moved = desk.outlook(store, viewer.scope, looked)
    st.html(marks.section(say("compared.effect"), say("compared.effect_aside")))
    compared.effect(moved, domain, election.places, on, name=f"effect-{id[-8:]}", key=f"effect_{id}")


def _commit(looked: Looked, is_renewed: bool) -> None:
    """The button that says what it will do. What it is pressed for was seen: not so where the picture has changed in between."""
    staged, id = looked.staged, looked.entry.staged
    is_replaced = bool(looked.whole.replaced_by)
    if staged.held_by and not is_replaced:
        st.html(marks.banner("note", say("upload.held", reference=reference(staged.held_by))))
        _give_back(looked)
        return
    if staged.held_by:
        st.html(marks.banner("note", say("upload.held_behind", reference=reference(staged.held_by), others=_named(staged.replaced_by) if staged.replaced_by else say("upload.other_submissions"))))
    held = sum(code not in staged.free for code in staged.checked.districts)
    if staged.free:
        notes = st.session_state.setdefault("notes", {})  # kept while another file or page is looked at
        note = notes[id] = st.text_input(say("upload.note"), value=notes.get(id, ""), key=f"note_{id}", max_chars=500)
        number, back = len(staged.free), f"{held:,}"
        label = say("upload.commit_part", count=number, number=f"{number:,}", held=back) if staged.blocked else say("upload.commit", count=number, number=f"{number:,}")
        if staged.blocked:
            st.html(marks.muted(say("upload.part_note")))
        if st.button(label, type="primary", key=f"commit_{id}", icon=":material/check:"):
            if is_renewed:
                st.html(marks.banner("problem", say("upload.not_seen")))
            else:
                _take(looked, note)
    else:
        st.html(marks.muted(say("upload.nothing_free")))
    st.html(marks.muted(say("upload.stays")))
    _give_back(looked)


def _take(looked: Looked, note: str) -> None:
    try:
        with st.spinner(say("upload.committing")):
            receipt = desk.take(store, looked, by=viewer.name, may_submit=viewer.may_submit, note=note.strip(), only=looked.staged.free)
    except Overtaken as error:
        is_seen = viewer.scope.districts.issuperset(looked.staged.checked.districts)
        st.session_state["desk_told"] = say("upload.overtaken", references=_named(error.by) if is_seen else say("upload.other_submissions"))
        st.rerun()
    except desk.Gone:
        st.session_state["desk_told"] = say("upload.gone")
        st.rerun()
    except StoreError as error:
        st.html(marks.banner("problem", str(error)))
        return
    st.query_params.pop(filters.STAGED, None)
    st.query_params[filters.TAKEN] = receipt.submission
    st.rerun()


def _give_back(looked: Looked) -> None:
    id = looked.entry.staged
    with st.expander(say("upload.return"), key=f"return_{id}"):
        with st.form(f"return_form_{id}", border=False):
            reason = st.text_input(say("upload.reason"), max_chars=500)
            if st.form_submit_button(say("upload.return_button")):
                if not reason.strip():
                    st.html(marks.banner("problem", say("upload.reason_missing")))
                else:
                    desk.give_back(store, looked, by=viewer.name, may_submit=viewer.may_submit, reason=reason.strip())
                    st.query_params.pop(filters.STAGED, None)
                    st.rerun()


def _taken(submission: str) -> None:
    """The last step: the receipt of what was just taken in, and who has handed in for the same districts before."""
    found = readiness.history(store, viewer.files)
    found = found[(found["submission"] == submission) & found["wholly"]]
    if found.empty:
        return
    one = next(found.itertuples())
    st.html(marks.section(say("upload.step_5"), say("upload.step_5_aside")))
    st.html(marks.banner("note", say("upload.done", reference=reference(submission))))
    receipts.show(store, viewer.files, one, key="taken")
    st.html(marks.Html(f'<p class="er-line">{marks.link(say("upload.open_history"), filters.href("history", **{filters.SUBMISSION: submission}))}</p>'))


# ── What was learned ─────────────────────────────────────────────────────────────────────────────


def _remembered() -> None:
    learned = spellings.learned(store, by=viewer.name, may_teach=viewer.may_teach)
    with st.expander(say("upload.remembered", count=len(learned), number=f"{len(learned):,}"), key="remembered"):
        if not learned:
            st.html(marks.muted(say("upload.nothing_remembered")))
        for one in learned:
            words, button = st.columns([6, 1], vertical_alignment="center")
            words.html(marks.muted(say(f"upload.learned_{'sender' if one.sender else 'all'}", written=one.spelling.written, meant=_meant(one.spelling), sender=one.sender,
                                       by=one.learned_by, day=day(one.learned_at))))
            if button.button(say("upload.forget"), key=f"forget_{one.id}", type="tertiary"):
                spellings.forget(store, one.id, by=viewer.name, may_teach=viewer.may_teach)
                st.rerun()


def _meant(spelling: Spelling) -> str:
    if spelling.kind == "district":
        return election.places[spelling.meant].name if spelling.meant in election.places else spelling.meant
    domain = election.domain(spelling.domain)
    if spelling.kind == "heading":
        return domain.column(spelling.meant).label
    return next((code.label for code in domain.column(spelling.column).codes if code.value == spelling.meant), spelling.meant)


show()
