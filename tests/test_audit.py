"""The audit: every act leaves its line, and no line can be changed, removed or moved without its being found."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from data import audit
from data.__main__ import main
from data.audit import Line
from data.scope import Scope
from data.store import Store
from loaders import desk, spellings
from loaders.answers import Spelling
from loaders.submissions import commit, restore, stage, withdraw

SHEET = "As of,20/11/2026\nDistrict,Station code,Station name,Condition,Cause,Status\nLahore,PS-1,School,Damaged,Flood,Reported\n".encode()
Harm = Callable[[list[Line]], list[Line]]


def written(store: Store, number: int = 5) -> list[Line]:
    for one in range(number):
        audit.write(store, f"Officer {one}", "signed_in", login=f"officer{one}", address="203.0.113.9")
    return audit.lines(store)[::-1]


def test_lines_are_numbered_and_chained_and_told_newest_first(store: Store) -> None:
    lines = written(store)
    assert [line.number for line in lines] == [1, 2, 3, 4, 5]
    assert audit.lines(store, who="Officer 3", most=1) == [lines[3]] and audit.lines(store, act="withdrawn") == []
    assert audit.lines(store, since=lines[2].at) == lines[:1:-1]
    assert audit.verified(store) == audit.Chain(5, lines[-1].hash)


@pytest.mark.parametrize(("harm", "whole", "words"), [
    (lambda lines: [*lines[:2], replace(lines[2], who="Somebody else"), *lines[3:]], 2, "Line 3 is not what was written"),
    (lambda lines: [*lines[:2], replace(lines[2], about={"login": "x"}), *lines[3:]], 2, "Line 3 is not what was written"),
    (lambda lines: [*lines[:2], replace(lines[2], at=lines[2].at + timedelta(seconds=1)), *lines[3:]], 2, "Line 3 is not what was written"),
    (lambda lines: [*lines[:2], *lines[3:]], 2, "After line 2 comes line 4"),
    (lambda lines: [*lines[:2], *(replace(line, number=line.number - 1) for line in lines[3:])], 2, "Line 3 is not what was written"),
    (lambda lines: [lines[0], lines[2], lines[1], *lines[3:]], 1, "After line 1 comes line 3"),
    (lambda lines: lines[1:], 0, "After line 0 comes line 2"),
], ids=["who", "about", "when", "removed", "removed and renumbered", "moved", "the first removed"])
def test_a_line_changed_removed_or_moved_is_found(store: Store, harm: Harm, whole: int, words: str) -> None:
    found = audit.check(harm(written(store)))
    assert found.whole == whole and found.broken.startswith(words)


def test_lines_cut_off_at_the_end_are_found_by_the_noted_hash(tmp_path: Path, store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    lines, export = written(store), tmp_path / "audit.jsonl"
    export.write_text("\n".join(audit.exported(lines)), encoding="utf-8")
    assert main(["verify-audit", str(export), "--noted", lines[-1].hash]) == 0
    export.write_text("\n".join(audit.exported(lines[:-1])), encoding="utf-8")
    assert main(["verify-audit", str(export)]) == 0 and main(["verify-audit", str(export), "--noted", lines[-1].hash]) == 1
    assert "cut off at the end" in capsys.readouterr().out
    export.write_text("not a line", encoding="utf-8")
    assert main(["verify-audit", str(export)]) == 2
    assert capsys.readouterr().err == "Line 1 is not one of an audit.\n"


@pytest.mark.of_a_file
def test_the_command_checks_the_database_and_finds_what_was_changed_in_it(tmp_path: Path, store: Store) -> None:
    written(store)
    store.close()
    asked = [sys.executable, "-m", "data", "verify-audit", "--database", str(store.database.path)]
    told = subprocess.run(asked, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1]).stdout
    assert told.startswith("5 lines are whole; the last hash is ")
    with closing(Store(store.database.path, store.election)) as opened, opened.transaction() as cursor:
        cursor.execute("update audit set who = 'Nobody' where number = 4")
    told = subprocess.run(asked, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1])
    assert (told.returncode, told.stdout.splitlines()[1]) == (1, "Line 4 is not what was written: it, or the hash before it, was changed.")


def test_what_is_done_to_files_and_submissions_leaves_its_lines_and_no_content_of_a_file(store: Store, everything: Scope) -> None:
    first, = desk.lay(store, "a.csv", SHEET, sender="An office", by="Ann", may_submit=everything)
    desk.give_back(store, desk.look(store, everything, first, may_submit=everything), by="Ann", may_submit=everything, reason="by mistake")
    taken = commit(store, stage(store, "a.csv", SHEET, sender="Ann")).submission
    withdraw(store, taken, by="Bob", reason="wrong week")
    restore(store, taken, by="Bob", reason="right after all")
    spellings.learn(store, [Spelling("district", "", "", "Lahor", "PK617")], sender="", by="Bob")
    lines = audit.lines(store)[::-1]
    assert [(line.who, line.act) for line in lines] == [
        ("Ann", "uploaded"), ("Ann", "returned"), ("Ann", "committed"), ("Bob", "withdrawn"), ("Bob", "restored"), ("Bob", "learned")]
    assert lines[3].about == {"submission": taken, "reason": "wrong week"}
    assert "PS-1" not in json.dumps([line.about for line in lines])
    assert audit.verified(store).broken is None


def test_what_is_undone_leaves_no_line(store: Store, everything: Scope) -> None:
    taken = commit(store, stage(store, "a.csv", SHEET, sender="Ann")).submission
    with pytest.raises(LookupError):
        restore(store, taken, by="Bob", reason="it counts already")
    with pytest.raises(RuntimeError), store.transaction() as cursor:
        audit.add(cursor, "Bob", "withdrawn", submission=taken)
        raise RuntimeError
    assert [line.act for line in audit.lines(store)] == ["committed"]


def test_an_act_that_there_is_not_is_refused_and_long_texts_are_cut(store: Store) -> None:
    with pytest.raises(ValueError, match="no act"):
        audit.write(store, "Ann", "danced")
    audit.write(store, "Ann", "sign_in_failed", login="x" * 5_000)
    assert len(audit.lines(store)[0].about["login"]) == 200
