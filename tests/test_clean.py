"""A cell's text is cleaned in the same way whether that is seen to be needed or not."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings, strategies as st

MACROS = (Path(__file__).parents[1] / "loaders" / "reading.sql").read_text(encoding="utf-8")
ODD = st.text(st.sampled_from(" \t\n\r\x00\x01\x1f\x7f\x85\x9f\xa0\u200b\u200f\u202e\u2066\ufeff-–—−_.aZ09~!\"'ابی،é"), max_size=8)


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    found = duckdb.connect()
    found.execute(MACROS)
    return found


@settings(max_examples=600, derandomize=True)
@given(text=ODD | st.text(max_size=8))
def test_the_short_way_gives_what_the_long_one_does(con: duckdb.DuckDBPyConnection, text: str) -> None:
    clean, cleaned, dashless, long = con.execute(
        "select clean($t), cleaned($t), dashless($t), case when not regexp_full_match(cleaned($t), '[-–—−_. ]+') then cleaned($t) end", {"t": text}).fetchone()
    assert (clean, dashless) == (cleaned, long)


@pytest.mark.parametrize(("text", "clean", "dashless"), [
    (None, None, None), ("", None, None), ("  ", None, None), ("a", "a", "a"), (" a  b ", "a b", "a b"), ("a\nb", "a b", "a b"), ("-", "-", None), ("- -", "- -", None),
    ("–", "–", None), ("a\u202eb", "ab", "ab"), ("\u00a0", None, None), ("PS-1", "PS-1", "PS-1"), (".5", ".5", ".5")])
def test_a_text_is_cleaned(con: duckdb.DuckDBPyConnection, text: str | None, clean: str | None, dashless: str | None) -> None:
    assert con.execute("select clean($t), dashless($t)", {"t": text}).fetchone() == (clean, dashless)
