"""Whatever table is handed in, each format gives the same rows; whatever happens to a file on its way, no figure is harmed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bad_files import packed, unpacked
from data.declare import Column, Domain
from data.domains import DOMAINS
from data.election import Election
from data.places import Place, Places
from data.readiness import figures
from data.scope import Scope
from data.store import Store
from loaders.answers import Answers
from loaders.problems import LoadError
from loaders.submissions import commit, stage, withdraw
from sheets_for import building, hand_in, posts
from written_as import WRITERS, Line, Value

Told = tuple[Value, Any]  # what is written in a cell, and what it means
AS_OF = date(2024, 1, 20)
# The child process that reads takes 0.1 s and more: few examples, and the same ones every time.
bounded = settings(derandomize=True, max_examples=4)
WORDS = ("Government", "گورنمنٹ", "ہائی سکول", "لاہور", "No. 7", "O'Neil", '"Model"', "A, B", "x;y", "a|b", "<b>", "&amp;", "=1+1", "+92 51", "@home", "100%",
         "😀", "two\nlines", "tab\there", "_x0041_", "C:\\new", "{value}", "#1", "1,234", "۱۲۳۴")
URDU_FIGURES = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


# ── Any table, in every format ───────────────────────────────────────────────────────────────────


def words() -> st.SearchStrategy[Told]:
    """Words in any order and script. White space is read as one space, wherever it stands."""
    told = st.lists(st.sampled_from(WORDS), min_size=2, max_size=4).map(" ".join)
    return told.map(lambda text: (text, " ".join(text.split())))


def counts(number: int) -> st.SearchStrategy[Told]:
    """A whole number as such, or as text in Latin or Urdu figures, with thousands set apart or without."""
    ways = (number, float(number), str(number), f"{number:,}", f" {number} ", f"{number}.0", str(number).translate(URDU_FIGURES))
    return st.sampled_from(ways).map(lambda written: (written, number))


def amounts() -> st.SearchStrategy[Told]:
    """An amount to a quarter of a rupee."""
    rupees = st.integers(0, 40_000_000).map(lambda quarters: quarters / 4)
    return rupees.flatmap(lambda amount: st.sampled_from((amount, f"{amount:.2f}", f"Rs. {amount:,.2f}/-")).map(lambda written: (written, amount)))


def days() -> st.SearchStrategy[Told]:
    """A day up to that of the sheet."""
    past = st.integers(0, 200).map(lambda back: AS_OF - timedelta(days=back))
    return past.flatmap(lambda day: st.sampled_from((day, f"{day:%d/%m/%Y}", f"{day:%d %B %Y}", day.isoformat())).map(lambda written: (written, day)))


def districts(places: Sequence[Place]) -> st.SearchStrategy[Told]:
    """A district by its name in either script, or by its code."""
    return st.sampled_from(places).flatmap(
        lambda place: st.sampled_from((place.name, place.name_ur, place.code, place.name.upper())).map(lambda written: (written, place.code)))


def choices(column: Column) -> st.SearchStrategy[Told]:
    """A choice in any of its words."""
    return st.sampled_from(column.codes).flatmap(
        lambda code: st.sampled_from((code.value, code.label, *code.spellings)).map(lambda written: (written, code.value)))


def keys() -> st.SearchStrategy[Told]:
    """Codes of buildings, such as 0042, 3520212345671 and PS-7."""
    return st.from_regex(r"(PS-|سکول )?[0-9]{1,13}", fullmatch=True).map(lambda code: (code, code))


@st.composite
def rows(draw: st.DrawFn, domain: Domain, columns: Sequence[Column], places: Places) -> dict[str, Told]:
    """A row in which the domain's rules hold."""
    numbers = {column.name: draw(st.integers(0, 20_000)) for column in columns if column.kind == "count"}
    for rule in domain.rules:
        present = [name for name in rule.columns if name in numbers]
        if rule.kind == "descending":
            for above, below in zip(present, present[1:]):
                numbers[below] = min(numbers[below], numbers[above])
        elif rule.kind == "total" and rule.columns[-1] in numbers:
            numbers[rule.columns[-1]] = sum(numbers[name] for name in present[:-1])
    told: dict[str, Told] = {}
    for column in columns:
        kinds = {"district": lambda: districts(places.districts[:40]), "money": amounts, "date": days, "code": lambda: choices(column),
                 "count": lambda: counts(numbers[column.name]), "text": keys if column.key else words}
        told[column.name] = draw(kinds[column.kind]())
    return told


@st.composite
def tables(draw: st.DrawFn, domain: Domain, places: Places) -> tuple[list[Line], list[dict[str, Any]]]:
    """The lines of a valid sheet, and what its rows mean. A column that a rule makes necessary is there and filled."""
    needed = {name for rule in domain.rules if rule.kind == "needs" for name in rule.columns}
    columns = [column for column in domain.stored if column.required or column.name in needed or draw(st.booleans())]
    columns = draw(st.permutations(columns))
    same = tuple(column.name for column in domain.keys)
    told = draw(st.lists(rows(domain, columns, places), min_size=3, max_size=9, unique_by=lambda row: tuple(row[name][1] for name in same)))
    heads = [draw(st.sampled_from((column.label, *column.spellings))) for column in columns]
    lines = [[domain.label], ["As-of date", AS_OF], [], heads, *([row[column.name][0] for column in columns] for row in told)]
    meant = [{column.name: row[column.name][1] if column in columns else None for column in domain.stored} for row in told]
    return lines, meant


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: domain.name)
def test_a_table_comes_back_as_the_same_rows_from_every_format(domain: Domain, store: Store) -> None:
    @bounded
    @given(tables(domain, store.election.places))
    def comes_back(told: tuple[list[Line], list[dict[str, Any]]]) -> None:
        lines, meant = told
        for form, write in WRITERS.items():
            staged = stage(store, f"sheet.{form}", write(lines), sender="A commission office", answers=Answers(domain=domain.name))
            assert [found.message for found in staged.problems if found.blocks] == [], form
            assert staged.checked.rows.drop_columns(["row"]).to_pylist() == meant, form
            assert staged.checked.as_of == AS_OF

    comes_back()


# ── Any damage to a file ─────────────────────────────────────────────────────────────────────────

SHEET = [["As-of date", AS_OF], ["District", "Post", "Sanctioned", "Proposed", "Approved", "Notified", "Joined", "Remarks"],
         *([district, post, 20 + number, 15, 10, 5, number, "ٹھیک, fine"]
           for number, district in enumerate(("PK601", "Jhelum", "لاہور")) for post in ("RO", "PrO"))]
Damage = Callable[[bytes], bytes]
_SHARE = st.floats(0, 1, exclude_max=True)


def flipped(places: Sequence[tuple[float, int]]) -> Damage:
    """Some bytes are others."""
    def damage(content: bytes) -> bytes:
        changed = bytearray(content)
        for share, bits in places:
            changed[int(share * len(changed))] ^= bits
        return bytes(changed)
    return damage


def cut(first: float, last: float, *, to_end: bool) -> Damage:
    """A piece of the file is missing, its end or something in its middle."""
    def damage(content: bytes) -> bytes:
        begin, end = sorted((int(first * len(content)), int(last * len(content))))
        return content[:begin] + (b"" if to_end else content[end:])
    return damage


def inside(share: float, damage: Damage) -> Damage:
    """One part of an archive is damaged, and the archive itself is whole; a file that is no archive is damaged itself."""
    def damaged(content: bytes) -> bytes:
        parts = unpacked(content)
        if not parts:
            return damage(content)
        name = sorted(parts)[int(share * len(parts))]
        return packed(parts | {name: damage(parts[name])}) if parts[name] else content
    return damaged


def swapped(one: float, other: float) -> Damage:
    """Two parts of an archive stand in each other's place; so do two lines of a text, or two pieces of another file."""
    def damage(content: bytes) -> bytes:
        parts = unpacked(content)
        if parts:
            first, second = (sorted(parts)[int(share * len(parts))] for share in (one, other))
            return packed(parts | {first: parts[second], second: parts[first]})
        lines = content.split(b"\r\n") if content.startswith(b"As-of") else [content[at:at + 512] for at in range(0, len(content), 512)]
        first, second = (int(share * len(lines)) for share in (one, other))
        lines[first], lines[second] = lines[second], lines[first]
        return (b"\r\n" if content.startswith(b"As-of") else b"").join(lines)
    return damage


def without_tags(shares: Sequence[float]) -> Damage:
    """Some tags of an XML text are missing; of another text, some separators and quotation marks."""
    def damage(content: bytes) -> bytes:
        for share in shares:
            found = list(re.finditer(rb"<[^<>]+>" if content.lstrip().startswith(b"<") else rb'[,"\r\n]', content))
            if found:
                tag = found[int(share * len(found))]
                content = content[:tag.start()] + content[tag.end():]
        return content
    return damage


FLIPPED = st.lists(st.tuples(_SHARE, st.integers(1, 255)), min_size=1, max_size=5).map(flipped)
CUT = st.builds(cut, _SHARE, _SHARE, to_end=st.booleans())
DAMAGED = {
    "bytes flipped": FLIPPED,
    "cut off": CUT,
    "a part damaged": st.builds(inside, _SHARE, st.one_of(FLIPPED, CUT)),
    "parts swapped": st.builds(swapped, _SHARE, _SHARE),
    "tags missing": st.builds(inside, _SHARE, st.lists(_SHARE, min_size=1, max_size=3).map(without_tags)),
}


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory, election: Election) -> Iterator[Store]:
    """A store in which something stands that a damaged file could harm. Whoever uses it leaves its picture as it was."""
    with closing(Store(tmp_path_factory.mktemp("standing") / "readiness.duckdb", election)) as store:
        hand_in(store, "appointments", [posts(code, post, sanctioned=20, notified=5, joined=1) for code in ("PK601", "PK613", "PK617") for post in ("RO", "PrO")],
                AS_OF - timedelta(days=9))
        hand_in(store, "repairs", [building("PK601", "A1", "assessed")], AS_OF)
        yield store


def picture(store: Store) -> str:
    """Every figure of the country, of its provinces and its districts, and how many submissions there are in force."""
    everything = Scope.everything(store.election.places)
    told = [figures(store, everything, level, days=[AS_OF]).to_csv() for level in ("national", "province", "district")]
    return "".join(told) + str(store.ask_rows("select count(*) from ledger where state <> 'withdrawn'", {}))


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("how", DAMAGED)
def test_a_damaged_file_is_taken_whole_or_changes_nothing(how: str, form: str, standing: Store) -> None:
    content, before = WRITERS[form](SHEET), picture(standing)

    @bounded
    @given(DAMAGED[how])
    def changes_nothing(damage: Damage) -> None:
        damaged = damage(content)
        assume(damaged != content)
        try:
            staged = stage(standing, f"damaged.{form}", damaged, sender="A commission office")
        except LoadError as refused:
            assert refused.message and picture(standing) == before
            return
        if staged.blocked:
            with pytest.raises(ValueError, match="problems that block it"):
                commit(standing, staged)
        else:
            receipt = commit(standing, staged)
            stored = standing.ask_rows("select row_count, districts from ledger where submission::varchar = $one", {"one": receipt.submission})
            assert stored == [(staged.checked.rows.num_rows, len(staged.checked.districts))]
            withdraw(standing, receipt.submission, by="A commission office", reason="Damaged on its way")
        assert picture(standing) == before

    changes_nothing()
