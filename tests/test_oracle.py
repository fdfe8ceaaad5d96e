"""The oracle: two computations of every figure that share no code agree on all of them."""

from __future__ import annotations

import ast
import random
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, time, timedelta
from pathlib import Path

import oracle
import pandas as pd
import pytest
from conftest import ELECTION
from sheets_for import Row, building, course, nothing_to_repair, posts, security, staged
from small_country import DISTRICTS, PROGRAMME, before, election_in

from data import readiness
from data.domains import DOMAINS
from data.election import Election
from data.scope import Scope
from data.store import Store
from loaders import submissions

LEVELS = ("national", "province", "district")


def test_the_oracle_takes_nothing_from_the_program() -> None:
    tree = ast.parse(Path(oracle.__file__).read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert names.isdisjoint({"data", "loaders", "pages", "dashboard"})
    assert not any(name.startswith(("data.", "loaders.", "pages.")) for name in names)


def test_the_oracle_knows_every_indicator() -> None:
    declared = {(indicator.id, domain.name) for domain in DOMAINS for indicator in domain.indicators}
    assert {(indicator.id, indicator.domain) for indicator in oracle.INDICATORS} == declared


# ── The example election ─────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, example_store_path: Path, election: Election) -> Iterator[tuple[Store, oracle.Tables]]:
    """A store that holds the example election, with its raw tables."""
    path = shutil.copyfile(example_store_path, tmp_path_factory.mktemp("oracle") / "example.duckdb")
    store = Store(path, election)
    yield store, _tables(store)
    store.close()


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("when", ["before all", "early", "mid", "late", "today", "as known then"])
def test_every_figure_of_the_example_election_is_that_of_the_oracle(filled: tuple[Store, oracle.Tables], level: str, when: str) -> None:
    store, tables = filled
    day, known_on = moment(store, tables, when)
    _agree(store, tables, oracle.Policy.read(ELECTION), level, day, known_on)


def moment(store: Store, tables: oracle.Tables, when: str) -> tuple[date, datetime | None]:
    """The day that is asked for and, where it is not now, when it was known: just before something was withdrawn."""
    if when == "as known then":
        withdrawn = tables["events"].loc[tables["events"]["kind"] == "withdrawn", "done_at"].min().to_pydatetime()
        return withdrawn.date(), withdrawn - timedelta(seconds=1)
    first, last = tables["submissions"]["as_of"].min().date(), store.today
    part = {"before all": -0.05, "early": 0.25, "mid": 0.5, "late": 0.8, "today": 1.0}[when]
    return first + timedelta(days=round((last - first).days * part)), None


def test_what_was_known_before_a_withdrawal_differs_from_what_is_known_now(filled: tuple[Store, oracle.Tables]) -> None:
    store, tables = filled
    day, known_on = moment(store, tables, "as known then")
    ask = {"scope": Scope.everything(store.election.places), "level": "district", "days": [day]}
    assert readiness.lines(store, **ask) != readiness.lines(store, **ask, known_on=known_on)


# ── A small country, at random ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("seed", range(2))
def test_every_figure_of_a_small_country_at_random_is_that_of_the_oracle(tmp_path: Path, seed: int) -> None:
    store = Store(tmp_path / "small.duckdb", election_in(tmp_path))
    fill(store, random.Random(seed))
    tables, policy = _tables(store), oracle.Policy.read(tmp_path / "election.toml")
    for left in (230, 120, 75, 61, 45, 30, 8, 7, 0, -20):
        for level in LEVELS:
            for known_on in (None, datetime.combine(before(left), time(13))):
                _agree(store, tables, policy, level, before(left), known_on)
    store.close()


def fill(store: Store, chance: random.Random, *, reports: int = 60) -> None:
    """Sixty submissions, or so many, of random domains, days and districts, handed in within a week of their day; ten are withdrawn."""
    handed_in = []
    for number in range(reports):
        domain, day = chance.choice(sorted(_ROWS)), before(chance.choice([160, 121, 100, 80, 70, 62, 50, 46, 33, 31, 10, 8, 6, 1]))
        districts = chance.sample(sorted(DISTRICTS), chance.randint(1, len(DISTRICTS)))
        rows = [row for district in districts for row in _ROWS[domain](district, day, chance)]
        at = datetime.combine(day, time(9)) + timedelta(hours=chance.randint(0, 160), seconds=number)
        sheet = staged(store, domain, rows, day, name=f"{number}.csv")
        handed_in.append((submissions.commit(store, sheet, at=at).submission, at))
    for submission, at in chance.sample(handed_in, 10):
        submissions.withdraw(store, submission, by="A commission office", reason="Wrong file", at=at + timedelta(hours=chance.randint(1, 900)))


def _appointments(district: str, day: date, chance: random.Random) -> list[Row]:
    is_done = chance.random() < 0.4 or day > PROGRAMME
    found = []
    for post in chance.sample(["DRO", "RO", "ARO", "DMO", "PrO", "APO", "PO", "COMR", "DC", "ADC", "DPO"], chance.randint(3, 11)):
        sanctioned = chance.randint(0, 20)
        notified = sanctioned if is_done else chance.randint(0, sanctioned)
        found.append(posts(district, post, sanctioned=sanctioned, notified=notified, joined=chance.randint(0, notified)))
    return found


def _repairs(district: str, day: date, chance: random.Random) -> list[Row]:
    statuses = ["certified", "alternative"] if chance.random() < 0.4 else ["reported", "funded", "in_progress", "completed", "certified", "alternative"]
    listed = [building(district, str(number), chance.choice(statuses)) for number in range(chance.randint(0, 6))]
    return listed or [nothing_to_repair(district)]


def _training(district: str, day: date, chance: random.Random) -> list[Row]:
    found = []
    for name in chance.sample(["RO", "MT", "PRO", "POLL", "EMS", "CERS1", "CERS2", "SEC"], chance.randint(1, 8)):
        required = chance.randint(0, 50)
        attended = required if chance.random() < 0.5 else chance.randint(0, required)
        found.append(course(district, name, chance.choice(["RO", "PO"]), required=required, attended=attended, passed=chance.randint(0, attended)))
    return found


def _security(district: str, day: date, chance: random.Random) -> list[Row]:
    need, cameras = chance.randint(0, 1000), chance.randint(0, 3)
    briefing = chance.choice([None, *(day - timedelta(days=ago) for ago in (0, 1, 6, 7, 8, 13, 14, 15, 29, 30, 31))])
    return [security(district, briefing=briefing, plan=chance.choice(["approved", "submitted"]),
                     personnel=(chance.choice([need, chance.randint(0, need)]), need), cameras=(chance.randint(0, cameras), cameras))]


_ROWS = {"appointments": _appointments, "repairs": _repairs, "training": _training, "security": _security}


def _tables(store: Store) -> oracle.Tables:
    with closing(store.cursor()) as cursor:
        return oracle.read_tables(cursor)


def _agree(store: Store, tables: oracle.Tables, policy: oracle.Policy, level: str, day: date, known_on: datetime | None) -> None:
    """Both computations give the same rows: counts, words and dates exactly, shares to a thousand-millionth."""
    ours = readiness.figures(store, Scope.everything(store.election.places), level, days=[day], known_on=known_on)
    theirs = oracle.figures(tables, policy, level, day, known_on)
    key = ["place_code", "domain", "indicator"]
    ours, theirs = (_plain(frame).sort_values(key, ignore_index=True) for frame in (ours, theirs))
    pd.testing.assert_frame_equal(ours, theirs, check_exact=False, rtol=0, atol=1e-9)


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """The same columns in the same types, whichever computation they came from."""
    frame = frame[[*readiness.FIGURE_COLUMNS[:-1], "fresh"]].copy()
    frame["as_of"] = pd.to_datetime(frame["as_of"]).astype("datetime64[us]")
    counts = {name: "Int64" for name in ("done", "required", "reporting", "districts", "fresh")}
    texts = {name: "str" for name in ("place_code", "place", "level", "domain", "indicator", "status")}
    return frame.astype({**counts, **texts, "share": "float64", "expected": "float64"})
