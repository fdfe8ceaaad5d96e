"""Administration: who may come in, who is here, by which names are places known, what was done?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import zip_longest

import pandas as pd
import streamlit as st

from data import accounts, audit, backups, policy, second_factor, sessions, tokens
from data.accounts import ROLES, Account, AccountError
from data.audit import Line
from loaders import spellings
from loaders.answers import Spelling
from loaders.spellings import Learned
from pages.administration import draft
from pages.entrance.browsers import browser
from pages.entrance.guard import WELCOME
from pages.parts import frame, marks, session
from pages.parts.paging import part
from pages.parts.tables import live_downloads
from pages.parts.words import day, moment, say

store, viewer = session.store(), session.viewer()
places, domains = store.election.places, store.election.domains
every, here = accounts.accounts(store), sessions.good(store)
taught = [one for one in spellings.learned(store, by=viewer.name) if one.spelling.kind == "district"]
_NEW, _LINES = "", 25


# Show
def show() -> None:
    with frame.head():
        st.html(marks.headline(_title(), [say("administration.subject"), _last_backup()]))
    _tell()
    tabs = {"accounts": _accounts, "sessions": _sessions, "places": _places_of, "policy": _policy, "audit": _audit}
    for draw, tab in zip(tabs.values(), st.tabs([say(f"administration.{name}") for name in tabs], key="administration_tabs")):
        with tab:
            draw()


def _last_backup() -> str:
    taken = backups.last_taken(store)
    return say("administration.backup", at=moment(taken)) if taken else say("administration.backup_none")


def _title() -> str:
    signed_in = len({one.account.id for one in here})
    if not every:
        return say("administration.title_none")
    return say("administration.title", count=len(every), accounts=f"{len(every):,}", signed_in=f"{signed_in:,}")


def _tell() -> None:
    """What the last press of a button did; a link is shown this once."""
    told, link = st.session_state.pop("administration_told", ""), st.session_state.pop("administration_link", "")
    if told:
        st.html(marks.banner("note", told))
    if link:
        st.html(marks.muted(say("administration.link_about")))
        st.code(link, language=None)


def _do(act: Callable[[], str | None]) -> None:
    try:
        st.session_state["administration_told"] = act() or ""
    except AccountError as error:
        st.html(marks.banner("problem", str(error)))
        return
    st.rerun()


# ── Accounts ─────────────────────────────────────────────────────────────────────────────────────


def _accounts() -> None:
    if every:
        shown = every[part(len(every), size=_LINES, key="accounts")]
        columns = [say(f"administration.{name}") for name in ("name", "login", "role", "sees", "submits", "domains", "state")]
        st.html(marks.table(columns, [_line(one) for one in shown], say("administration.accounts"), wrap=True, stacks=True))
    st.html(marks.section(say("administration.edit"), say("administration.edit_aside")))
    by_id = {one.id: one for one in every}
    id = st.selectbox(say("administration.account"), [_NEW, *by_id], format_func=lambda id: by_id[id].name if id else say("administration.new"), key="account", width=400)
    chosen = by_id.get(id)
    if chosen and chosen.issuer:
        st.html(marks.muted(say("administration.by_provider", name=chosen.name, issuer=chosen.issuer)))
    wanted = chosen if chosen and chosen.issuer else _fields(chosen)
    asks_codes = chosen is not None and second_factor.is_set(store, chosen)
    forgets = asks_codes and st.checkbox(say("administration.forget_second"), key=f"account_forgets_{id}", help=say("administration.forget_second_help"))
    with st.container(horizontal=True, gap="small", key="account_buttons"):
        if not wanted.issuer and st.button(say("administration.change" if chosen else "administration.make"), key="account_save", type="primary"):
            _do(lambda: _changed(chosen, wanted) if chosen else _made(wanted))
        if chosen and not chosen.is_disabled and not chosen.issuer and st.button(say("administration.link"), key="account_link", help=say("administration.link_help")):
            _do(lambda: _invited(chosen, forgets=forgets))
        if chosen and st.button(say("administration.enable" if chosen.is_disabled else "administration.disable"), key="account_use"):
            _do(lambda: _changed(chosen, replace(chosen, is_disabled=not chosen.is_disabled)))


def _line(one: Account) -> list[marks.Cell]:
    state = ("∅", "disabled") if one.is_disabled else ("✓", "in_use") if one.has_password or one.issuer else ("…", "waiting")
    return [one.name, one.login, say(f"role.{one.role}"), _names(one.sees), _names(one.submits), say("list.separator").join(store.election.domain(name).label for name in one.domains) or None,
            marks.flag(state[0], say(f"administration.{state[1]}"))]


def _names(codes: tuple[str, ...]) -> str | None:
    return say("list.separator").join(places[code].name for code in codes if code in places) or None


def _fields(chosen: Account | None) -> Account:
    """The account as its fields stand. What a role settles by itself is not asked."""
    # Once an account is made, the fields of a new one are empty again; once one is changed, here or by another, they say what it is.
    key, now = f"account_{hash(chosen) if chosen else f'new_{len(every)}'}", chosen or Account("", "", "", "district", (), (), tuple(one.name for one in domains))
    left, right = st.columns(2)
    with left:
        name = st.text_input(say("administration.name"), now.name, max_chars=80, help=say("administration.name_help"), key=f"{key}_name")
        login = now.login if chosen else st.text_input(say("administration.login"), now.login, max_chars=64, help=say("administration.login_help"), key=f"{key}_login")
        role = ROLES[st.selectbox(say("administration.role"), list(ROLES), index=list(ROLES).index(now.role), format_func=lambda name: say(f"role.{name}"), key=f"{key}_role")]
        st.html(marks.muted(say(f"role.{role.name}_about")))
    with right:
        sees = now.sees if role.sees == "country" else _places(say("administration.sees"), role.sees, now.sees, f"{key}_sees_{role.name}")
        submits = _places(say("administration.submits"), role.submits, now.submits, f"{key}_submits") if role.submits != "none" and not role.same else ()
        labels = {one.name: one.label for one in domains}
        own = st.multiselect(say("administration.domains"), list(labels), [name for name in now.domains or labels], format_func=labels.get, key=f"{key}_domains") if role.submits != "none" else ()
    return replace(now, name=name, login=login, role=role.name, sees=tuple(sees), submits=tuple(submits), domains=tuple(own))


def _places(label: str, level: str, chosen: tuple[str, ...], key: str) -> list[str]:
    possible = {one.code: one.name for one in (places.country, *places.provinces, *places.districts) if level in ("any", one.level)}
    return st.multiselect(label, list(possible), [code for code in chosen if code in possible], format_func=possible.get, key=key)


def _made(wanted: Account) -> str:
    made = accounts.make(store, wanted, by=viewer.name)
    return _invited(made)


def _changed(seen: Account, wanted: Account) -> str:
    changed = accounts.change(store, seen, wanted, by=viewer.name)
    return say("administration.changed", name=changed.name)


def _invited(account: Account, *, forgets: bool = False) -> str:
    secret = accounts.invite(store, account.id, by=viewer.name, forgets_second_factor=forgets)
    st.session_state["administration_link"] = f"{session.address().url or '/'.join((st.context.url or '').split('/')[:3])}{WELCOME}?code={secret}"
    return say("administration.invited", name=account.name)


# ── Sessions ─────────────────────────────────────────────────────────────────────────────────────


def _sessions() -> None:
    if here:
        _here()
    else:
        st.html(marks.muted(say("administration.nobody")))
    _tokens()


def _here() -> None:
    columns = [say(f"administration.{name}") for name in ("name", "role", "since", "used", "address", "browser")]
    rows = [[one.account.name, say(f"role.{one.account.role}"), marks.unbroken(moment(one.began_at)), marks.unbroken(moment(one.seen_at)), one.address, marks.cell(browser(one.browser))] for one in here]
    st.html(marks.table(columns, rows, say("administration.sessions"), wrap=True, stacks=True))
    by_id = {one.id: one for one in here}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="end_session"):
        id = st.selectbox(say("administration.session"), list(by_id), format_func=lambda id: say("administration.session_of", name=by_id[id].account.name, moment=moment(by_id[id].began_at)), key="session", width=400)
        if st.button(say("administration.end"), key="session_end", help=say("administration.end_help")):
            sessions.end(store, by_id[id], by=viewer.name)
            st.session_state["administration_told"] = say("administration.ended", name=by_id[id].account.name)
            st.rerun()


def _tokens() -> None:
    """The tokens of everybody's programs, and the button that ends one."""
    st.html(marks.section(say("administration.tokens"), say("administration.tokens_aside")))
    by_id = {one.id: one for one in tokens.good(store)}
    if not by_id:
        st.html(marks.muted(say("administration.no_tokens")))
        return
    columns = [say(f"administration.{name}") for name in ("name", "token", "may", "place", "until", "used")]
    rows = [[one.account.name, marks.cell(one.name), say("list.separator").join(say(f"token.may_{name}") for name in one.may), places[one.place].name if one.place in places else one.place,
             marks.unbroken(day(one.expires_at.date())), marks.unbroken(moment(one.used_at)) if one.used_at else None] for one in by_id.values()]
    st.html(marks.table(columns, rows, say("administration.tokens"), wrap=True, stacks=True))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="end_token"):
        id = st.selectbox(say("administration.token"), list(by_id), format_func=lambda id: say("administration.token_of", token=by_id[id].name, name=by_id[id].account.name), key="token", width=400)
        if st.button(say("administration.end"), key="token_end", help=say("administration.end_token_help")):
            tokens.end(store, by_id[id], by=viewer.name)
            st.session_state["administration_told"] = say("administration.token_ended", token=by_id[id].name, name=by_id[id].account.name)
            st.rerun()


# ── Places ───────────────────────────────────────────────────────────────────────────────────────


def _places_of() -> None:
    """The districts with every spelling by which each is known, and the form that adds one."""
    held = {code: [one for one in taught if one.spelling.meant == code] for code in {one.spelling.meant for one in taught}}
    wanted = st.text_input(say("administration.find"), key="place_find", width=400).strip().casefold()
    found = [one for one in places.districts if wanted in " ".join((one.code, one.name, one.name_ur, places[one.province].name, *places.aliases_of(one.code))).casefold()]
    if not found:
        st.html(marks.muted(say("administration.no_place")))
    else:
        shown = found[part(len(found), size=_LINES, key=f"places_{wanted}")]
        columns = [say(f"administration.{name}") for name in ("code", "district", "urdu", "province", "aliases", "taught")]
        rows = [[one.code, one.name, marks.urdu(one.name_ur), places[one.province].name, say("list.separator").join(places.aliases_of(one.code)) or None,
                 say("list.separator").join(learned.spelling.written for learned in held.get(one.code, ())) or None] for one in shown]
        st.html(marks.table(columns, rows, say("administration.places"), wrap=True, stacks=True))
    _teach()
    _forget()


def _teach() -> None:
    st.html(marks.section(say("administration.teach"), say("administration.teach_aside")))
    names = {one.code: one.name for one in places.districts}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="teach"):
        written = " ".join(st.text_input(say("administration.written"), max_chars=80, key=f"written_{len(taught)}", width=300).split())
        code = st.selectbox(say("administration.district"), list(names), format_func=names.get, index=None, key=f"meant_{len(taught)}", width=260)
        if not st.button(say("administration.teach_do"), key="teach_do"):
            return
    match = places.resolve(written)
    if not written or code is None:
        st.html(marks.banner("problem", say("administration.teach_both")))
    elif match.code is not None:
        st.html(marks.banner("problem", say("administration.known_already", written=written, name=names[match.code])))
    elif match.reason in ("not_a_district", "split") or places.is_elsewhere(written):
        st.html(marks.banner("problem", say("administration.means_another", written=written)))
    else:
        spellings.learn(store, [Spelling("district", written, code)], sender="", by=viewer.name)
        st.session_state["administration_told"] = say("administration.was_taught", written=written, name=names[code])
        st.rerun()


def _forget() -> None:
    if not taught:
        return
    by_id = {one.id: one for one in taught}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="forget"):
        id = st.selectbox(say("administration.taught"), list(by_id), format_func=lambda id: _learned_words(by_id[id]), key="taught", width=572)
        if st.button(say("administration.forget"), key="forget_do", help=say("administration.forget_help")):
            spellings.forget(store, id, by=viewer.name)
            st.session_state["administration_told"] = say("administration.forgotten", written=by_id[id].spelling.written)
            st.rerun()


def _learned_words(one: Learned) -> str:
    name = places[one.spelling.meant].name if one.spelling.meant in places else one.spelling.meant
    return say(f"upload.learned_{'sender' if one.sender else 'all'}", written=one.spelling.written, meant=name, sender=one.sender, by=one.learned_by, day=day(one.learned_at))


# ── Policy ───────────────────────────────────────────────────────────────────────────────────────


def _policy() -> None:
    """A draft, the versions of the election's file, and what each changed."""
    st.html(marks.muted(say("administration.policy_about")))
    draft.show(store, viewer)
    st.html(marks.section(say("administration.versions")))
    kept = policy.versions(store)
    if not kept:
        st.html(marks.muted(say("administration.policy_none")))
        return
    for version, earlier in zip_longest(kept, kept[1:]):
        st.html(marks.subheading(say("administration.version_of", number=version.number, moment=moment(version.known_at), name=version.known_by)))
        if earlier is None:
            st.html(marks.muted(say("administration.version_first")))
        else:
            rows = [[one.key, one.before or None, one.after or None] for one in policy.differences(earlier.text, version.text)]
            st.html(marks.table([say(f"administration.{name}") for name in ("key", "before", "after")], rows, say("administration.policy"), wrap=True, stacks=True))
        st.download_button(say("administration.policy_file"), version.text, f"election-{version.number}.toml", "application/toml", key=f"policy_{version.number}", on_click="ignore",
                           icon=":material/download:", type="tertiary")


# ── Audit ────────────────────────────────────────────────────────────────────────────────────────


def _audit() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="audit_filters"):
        act = st.selectbox(say("administration.act"), ["", *audit.ACTS], format_func=lambda name: say(f"act.{name}") if name else say("administration.every_act"), key="audit_act", width=260)
        who = st.selectbox(say("administration.who"), ["", *sorted({one.name for one in every} | {line.who for line in audit.lines(store) if line.who})],
                           format_func=lambda name: name or say("administration.everybody"), key="audit_who", width=260)
    found = audit.lines(store, act=act or None, who=who or None)
    if not found:
        st.html(marks.muted(say("administration.no_lines")))
        return
    columns = [marks.Column(say("administration.number"), number=True), say("administration.at"), say("administration.who"), say("administration.act"), say("administration.what")]
    shown = found[part(len(found), size=_LINES, key=f"audit_{act}_{who}")]
    st.html(marks.table(columns, [_act(line) for line in shown], say("administration.audit"), wrap=True, stacks=True))
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="audit_buttons"):
        if st.button(say("administration.verify"), key="audit_verify"):
            chain = audit.verified(store)
            st.html(marks.banner("problem", chain.broken) if chain.broken else marks.banner("note", say("administration.whole", number=f"{chain.whole:,}", hash=chain.hash)))
        st.download_button(say("administration.export"), lambda: "\n".join(audit.exported(reversed(audit.lines(store)))), "audit.jsonl", "application/jsonl", key="audit_export",
                           on_click="ignore", icon=":material/download:", type="tertiary", help=say("administration.export_help"))
        live_downloads(lambda: _frame(found), "audit", key="audit")


def _act(line: Line) -> list[marks.Cell]:
    return [line.number, marks.unbroken(moment(line.at)), line.who or None, say(f"act.{line.act}"), marks.cell(_about(line))]


def _about(line: Line) -> str:
    return say("list.separator").join(say("administration.fact", name=say(f"fact.{name}"), value=value) for name, value in line.about.items())


def _frame(lines: list[Line]) -> pd.DataFrame:
    return pd.DataFrame([(line.number, line.at, line.who, say(f"act.{line.act}"), _about(line), line.hash) for line in lines],
                        columns=[say(f"administration.{name}") for name in ("number", "at", "who", "act", "what", "hash")])


show()
