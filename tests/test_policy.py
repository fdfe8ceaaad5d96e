"""The versions of the election's file: kept when the dashboard starts with another one, with what was changed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from data import audit, policy, readiness
from data.domains import DOMAINS
from data.election import Election, ElectionError, load
from data.policy import Difference, PolicyError
from data.places import LEVELS
from data.readiness import Line
from data.scope import Scope
from data.store import Store
from tests.browsing import ROOT, served

FILE = (ROOT / "data" / "election.toml").read_text(encoding="utf-8")


def test_a_version_is_kept_once_and_a_change_is_told_in_the_audit(store: Store) -> None:
    assert policy.keep(store, FILE, by="Ann") and not policy.keep(store, FILE, by="Bob")
    assert audit.lines(store, act="policy_changed") == []  # the first one changes nothing
    changed = FILE.replace("e_day = 2027-02-08", "e_day = 2027-03-08")
    assert policy.keep(store, changed, by="Bob") and policy.keep(store, FILE, by="Ann")
    assert [(one.number, one.known_by, one.text) for one in policy.versions(store)] == [(3, "Ann", FILE), (2, "Bob", changed), (1, "Ann", FILE)]
    assert [(line.who, line.about["version"], line.about["keys"]) for line in audit.lines(store, act="policy_changed")] == [("Ann", 3, "dates.e_day"), ("Bob", 2, "dates.e_day")]


@pytest.mark.parametrize(("old", "new", "told"), [
    ("e_day = 2027-02-08", "e_day = 2027-03-08", ("dates.e_day", "2027-02-08", "2027-03-08")),
    ("repairs = 1\n", "repairs = 2\n", ("weights.repairs", "1", "2")),
    ("freshness = [{ days = 14 }, ", "freshness = [{ days = 10 }, ", ("windows.freshness", "[days 14, from 30, days 3, from 7, days 1]", "[days 10, from 30, days 3, from 7, days 1]")),
    ("days = 120\n", "days = 119\n", ("duty[plan].days", "120", "119")),
    ("behind = 0.10", "behind = 0.10\nnever = 1", ("status.never", "", "1")),
    ("AP5 = 3\n", "", ("indicator_weights.AP5", "3", ""))])
def test_what_differs_is_told_by_its_key_with_both_values(old: str, new: str, told: tuple[str, str, str]) -> None:
    assert FILE.count(old) == 1
    assert policy.differences(FILE, FILE.replace(old, new)) == (Difference(*told),)


def test_a_comment_changes_nothing_that_counts() -> None:
    assert policy.differences(FILE, "# Another comment\n" + FILE) == ()


def test_the_dashboard_keeps_the_file_that_it_starts_with(tmp_path: Path, election: Election) -> None:
    (tmp_path / "places").symlink_to(ROOT / "data" / "places")
    file = tmp_path / "election.toml"
    for text in (FILE, FILE.replace("behind = 0.10", "behind = 0.15")):
        file.write_text(text, encoding="utf-8")
        with served(tmp_path / "r.duckdb", READINESS_ELECTION=str(file)):
            pass
    with closing(Store(tmp_path / "r.duckdb", election)) as store:
        assert [one.number for one in policy.versions(store)] == [2, 1]
        assert audit.lines(store, act="policy_changed")[0].about["keys"] == "status.behind"


# ── A draft ──────────────────────────────────────────────────────────────────────────────────────


def test_a_draft_keeps_comments_and_changes_its_keys_alone() -> None:
    values = {"dates.e_day": date(2027, 3, 8), "status.behind": 0.1, "weights.repairs": 2, "indicator_weights.TR1": 4, "windows.briefing": [{"days": 20}, {"from": 40, "days": 10}],
              "milestones.default": [[180, 0.0], [90, 0.5], [1, 1.0]]}
    text = policy.edited(FILE, values)
    assert [one.key for one in policy.differences(FILE, text)] == ["dates.e_day", "milestones.default", "windows.briefing", "weights.repairs", "indicator_weights.TR1"]
    assert text.count("#") == FILE.count("#") and policy.edited(FILE, {"dates.e_day": date(2027, 2, 8), "status.behind": 0.1, "weights.repairs": 1}) == FILE
    assert policy.edited(text, {"dates.e_day": date(2027, 2, 8)}).count("2027-02-08") == FILE.count("2027-02-08")


@pytest.fixture
def example(tmp_path: Path, example_store_path: Path, election: Election) -> Iterator[Store]:
    shutil.copyfile(example_store_path, tmp_path / "e.duckdb")
    with closing(Store(tmp_path / "e.duckdb", election)) as store:
        yield store


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "places").symlink_to(ROOT / "data" / "places")
    (tmp_path / "election.toml").write_text(FILE, encoding="utf-8")
    return tmp_path / "election.toml"


DRAFTS = [{"dates.e_day": date(2027, 1, 15)}, {"weights.repairs": 5, "indicator_weights.PS1": 0.5}, {"windows.freshness": [{"days": 2}]}, {"status.behind": 0.02},
          {"milestones.PS1": [[180, 0.9], [1, 1.0]]}, {"windows.briefing": [{"days": 3}]}]


def same(some: list[Line], others: list[Line]) -> bool:
    """Whether they are the same figures; the last bits of a sum depend on its order. A draft says nothing of disagreements: it changes none."""
    pairs = ((one._replace(disputed=0), other._replace(disputed=0)) for one, other in zip(some, others))
    return len(some) == len(others) and all(a == b or isinstance(a, float) and a == pytest.approx(b, abs=1e-12) for one, other in pairs for a, b in zip(one, other))


@pytest.mark.parametrize("values", DRAFTS, ids=lambda values: next(iter(values)))
def test_what_a_draft_would_do_is_what_its_publication_does_and_before_it_nothing_is_changed(example: Store, file: Path, everything: Scope, values: dict[str, object]) -> None:
    def now_() -> list[Line]:
        return [line for level in LEVELS for line in readiness.lines(example, everything, level, days=(example.today,))]
    before, text = now_(), policy.edited(FILE, values)
    told = policy.effect(example, everything, policy.drafted(example, file, text), on=example.today)
    assert same([one for one, _ in told], before) and same(before, now_()) and any(not same([one], [other]) for one, other in told)
    policy.publish(example, file, text, instead_of=FILE, by="Keeper")
    assert same(now_(), [other for _, other in told])
    assert file.read_text(encoding="utf-8") == text and policy.versions(example)[0].known_by == "Keeper"
    # And the same is answered by a store that is opened with the file.
    with closing(Store(file.parent / "again.duckdb", load(file, DOMAINS))) as again:
        assert again.election.dates == example.election.dates and again.election.behind == example.election.behind and again.election.windows == example.election.windows


def test_what_a_draft_would_do_is_told_within_ones_places_alone(example: Store, file: Path, election: Election) -> None:
    draft = policy.drafted(example, file, policy.edited(FILE, {"weights.repairs": 5}))
    assert {line.place_code for pair in policy.effect(example, Scope.of(election.places, ["PK708"]), draft, on=example.today) for line in pair} == {"PK708"}
    assert policy.effect(example, Scope(frozenset()), draft, on=example.today) == []


@pytest.mark.parametrize(("values", "says"), [({"weights.repairs": -1}, "weights.repairs"), ({"dates.programme": date(2028, 1, 1)}, "after E-day"), ({"status.behind": 2.0}, "status.behind"),
                                              ({"milestones.default": [[90, 0.9], [1, 0.5]]}, "falls")])
def test_a_draft_with_a_mistake_is_not_published(example: Store, file: Path, values: dict[str, object], says: str) -> None:
    with pytest.raises(ElectionError, match=says):
        policy.publish(example, file, policy.edited(FILE, values), instead_of=FILE, by="Keeper")
    assert file.read_text(encoding="utf-8") == FILE and policy.versions(example) == ()


def test_a_draft_of_a_file_that_was_changed_meanwhile_is_not_published(example: Store, file: Path) -> None:
    other, text = policy.edited(FILE, {"status.behind": 0.2}), policy.edited(FILE, {"weights.repairs": 2})
    file.write_text(other, encoding="utf-8")
    with pytest.raises(PolicyError, match="changed meanwhile"):
        policy.publish(example, file, text, instead_of=FILE, by="Keeper")
    with pytest.raises(PolicyError, match="changes nothing"):
        policy.publish(example, file, other, instead_of=other, by="Keeper")
    assert file.read_text(encoding="utf-8") == other and example.election.weights["repairs"] == 1


def test_where_the_file_can_not_be_written_nothing_is_published(example: Store, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")
    monkeypatch.setattr(policy.os, "replace", full)
    with pytest.raises(PolicyError, match="can't be written: no space left"):
        policy.publish(example, file, policy.edited(FILE, {"weights.repairs": 2}), instead_of=FILE, by="Keeper")
    assert sorted(one.name for one in file.parent.glob("election*")) == ["election.toml"] and example.election.weights["repairs"] == 1
