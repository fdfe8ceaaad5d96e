"""The order of handing in: whatever is loaded, back-dated or withdrawn, in whatever order, the picture is the rule's.

The rule, per district and domain: of the submissions not withdrawn, the newest as-of date up to the day; of two with
the same date, the one committed later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sheets_for import Row, building, hand_in, nothing_to_repair, security, staged
from small_country import COUNTRY, DISTRICTS, NORTH, SOUTH, before, election_in, everything

from data import readiness
from data.readiness import Level
from data.store import Store
from loaders import submissions

DAYS = [before(left) for left in (100, 90, 80, 70)]
ASKED = [before(left) for left in (101, 100, 95, 80, 71, 70, 0)]
MORNING = datetime(2023, 12, 1, 8)
HOUR = timedelta(hours=1)
PLACES = {COUNTRY: tuple(DISTRICTS), NORTH: ("N1", "N2", "N3"), SOUTH: ("S1", "S2"), **{code: (code,) for code in DISTRICTS}}
INDICATORS = {"security": "SE3", "repairs": "PS1"}


@dataclass(frozen=True)
class Load:
    """One submission: which districts, with which count; `at` and `withdrawn` are hours of the morning, None for never."""

    number: int
    domain: str
    as_of: date
    counts: tuple[tuple[str, int], ...]
    at: int
    withdrawn: int | None = None

    def figure(self, district: str) -> tuple[int, int]:
        """Done and required of the domain's indicator, as `rows` makes them: personnel of 10, or of so many buildings one."""
        count = dict(self.counts)[district]
        return (count, 10) if self.domain == "security" else (min(count, 1), count)

    @property
    def rows(self) -> list[Row]:
        if self.domain == "security":
            return [security(district, personnel=(count, 10)) for district, count in self.counts]
        return [row for district, count in self.counts for row in _buildings(district, count)]


def _buildings(district: str, count: int) -> list[Row]:
    listed = [building(district, str(number), "reported" if number else "certified") for number in range(count)]
    return listed or [nothing_to_repair(district)]


def loads(number: int, at: int) -> st.SearchStrategy[Load]:
    counts = st.dictionaries(st.sampled_from(sorted(DISTRICTS)), st.integers(0, 3), min_size=1).map(lambda told: tuple(sorted(told.items())))
    return st.builds(Load, st.just(number), st.sampled_from(sorted(INDICATORS)), st.sampled_from(DAYS), counts, st.just(at))


@st.composite
def mornings(draw: st.DrawFn, most: int = 7) -> list[Load]:
    """Loads in the order of their commits, one an hour, some withdrawn at a later hour."""
    steps = draw(st.lists(st.booleans(), min_size=1, max_size=most))
    found: list[Load] = []
    for hour, is_load in enumerate(steps):
        standing = [load for load in found if load.withdrawn is None]
        if is_load or not standing:
            found.append(draw(loads(len(found), hour)))
        else:
            gone = draw(st.sampled_from(standing))
            found[gone.number] = replace(gone, withdrawn=hour)
    return found


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("order")
    store = Store(folder / "small.duckdb", election_in(folder))
    yield store
    store.close()


FEW = settings(max_examples=40)


@FEW
@given(morning=mornings())
def test_each_step_gives_the_picture_of_the_rule_and_stays_known_as_it_was(store: Store, morning: list[Load]) -> None:
    _clear(store)
    ids: dict[int, str] = {}
    last = max(load.withdrawn or load.at for load in morning)
    for hour in range(last + 1):
        _take_step(store, morning, hour, ids)
        assert _picture(store, ["district"]) == _by_rule(morning, DISTRICTS, hour)
    for hour in range(-1, last + 1):
        assert _picture(store, ["district"], MORNING + hour * HOUR) == _by_rule(morning, DISTRICTS, hour)


@FEW
@given(morning=mornings(), data=st.data())
def test_any_order_of_the_same_commits_gives_the_same_picture(store: Store, morning: list[Load], data: st.DataObject) -> None:
    _clear(store)
    ids = {load.number: _commit(store, load) for load in data.draw(st.permutations(morning))}
    for load in data.draw(st.permutations([load for load in morning if load.withdrawn is not None])):
        _withdraw(store, ids[load.number], load.withdrawn)
    assert _picture(store, ["national", "province", "district"]) == _by_rule(morning, PLACES)


@settings(FEW, max_examples=6)
@given(morning=mornings(most=4))
def test_the_rows_are_those_of_the_submission_that_counts(store: Store, morning: list[Load]) -> None:
    _clear(store)
    ids = {}
    for load in morning:
        rows = [row | {"remarks": f"Sheet {load.number}"} for row in load.rows]
        ids[load.number] = hand_in(store, load.domain, rows, load.as_of, at=MORNING + load.at * HOUR)
    for load in morning:
        if load.withdrawn is not None:
            _withdraw(store, ids[load.number], load.withdrawn)
    for domain in INDICATORS:
        for day in (before(85), before(70)):
            found = readiness.rows(store, everything(store), domain, place=COUNTRY, on=day)
            standing = {(district, ids[load.number]) for district in DISTRICTS if (load := _newest(morning, district, domain, day, None))}
            assert set(zip(found["district"], found["submission"])) == standing


def _clear(store: Store) -> None:
    with store.transaction() as cursor:
        for table in ("submissions", "files", "events", "covered", "figures", "warnings", *(f"rows_{domain}" for domain in INDICATORS)):
            cursor.execute(f"delete from {table}")


def _take_step(store: Store, morning: Sequence[Load], hour: int, ids: dict[int, str]) -> None:
    for load in morning:
        if load.at == hour:
            ids[load.number] = _commit(store, load)
        if load.withdrawn == hour:
            _withdraw(store, ids[load.number], hour)


def _commit(store: Store, load: Load) -> str:
    sheet = staged(store, load.domain, load.rows, load.as_of, name=f"{load.number}.csv")
    return submissions.commit(store, sheet, at=MORNING + load.at * HOUR).submission


def _withdraw(store: Store, submission: str, hour: int) -> None:
    submissions.withdraw(store, submission, by="A commission office", reason="Wrong file", at=MORNING + hour * HOUR)


Told = tuple[int | None, int | None, int, date | None]


def _picture(store: Store, levels: Sequence[Level], known_on: datetime | None = None) -> dict[tuple[date, str, str], Told]:
    """Done, required, reporting and as-of of each day, place and indicator, as the store tells them."""
    return {
        (line.day, line.place_code, line.indicator): (line.done, line.required, line.reporting, line.as_of)
        for level in levels
        for line in readiness.lines(store, everything(store), level, days=ASKED, known_on=known_on)
        if line.indicator in INDICATORS.values()}


def _by_rule(known: Sequence[Load], places: Iterable[str], hour: int | None = None) -> dict[tuple[date, str, str], Told]:
    """The same, told by the rule."""
    return {(day, place, indicator): _told(known, place, domain, day, hour)
            for day in ASKED for place in places for domain, indicator in INDICATORS.items()}


def _told(known: Sequence[Load], place: str, domain: str, day: date, hour: int | None) -> Told:
    counting = [(district, load) for district in PLACES[place] if (load := _newest(known, district, domain, day, hour))]
    if not counting:
        return None, None, 0, None
    figures = [load.figure(district) for district, load in counting]
    return sum(done for done, _ in figures), sum(required for _, required in figures), len(counting), max(load.as_of for _, load in counting)


def _newest(known: Sequence[Load], district: str, domain: str, day: date, hour: int | None) -> Load | None:
    """The submission that is a district's picture of a domain on a day, as known at an hour, or now where that is None."""
    standing = [
        load for load in known
        if load.domain == domain and district in dict(load.counts) and load.as_of <= day
        and (hour is None or load.at <= hour) and not (load.withdrawn is not None and (hour is None or load.withdrawn <= hour))]
    return max(standing, key=lambda load: (load.as_of, load.at), default=None)
