"""The fast way through a worksheet gives what the XML parser gives, however its rows are written."""

import io
import re
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loaders import usual_rows, xlsx
from loaders.cells import Collector
from loaders.limits import LIMITS
from loaders.problems import LoadError

TEXTS = ["Attock", "", "a < b", "_x000D_", "12"]
FORMATS = {"1": "date", "2": "percent"}
CELLS = (
    '<c r="{at}" t="s"><v>{text}</v></c>', '<c r="{at}"><v>{number}</v></c>', '<c r="{at}" s="1"><v>{number}</v></c>', '<c r="{at}" s="2"><v>0.45</v></c>',
    '<c r="{at}" s="3"/>', '<c r="{at}"/>', '<c r="{at}" t="b"><v>1</v></c>', '<c r="{at}" t="str"><f>A1&amp;B1</f><v>x &amp; y</v></c>',
    '<c r="{at}"><f t="shared" si="0"/><v>{number}</v></c>', '<c r="{at}"><f>1+1</f></c>', '<c r="{at}" t="inlineStr"><is><t>typed {number}</t></is></c>',
    '<c r="{at}" t="inlineStr"><is><t xml:space="preserve"> a &lt; b </t></is></c>', '<c r="{at}" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c>',
    '<c t="s" r="{at}"><v>{text}</v></c>', "<c><v>7</v></c>", '<c r="{at}" t="e"><v>#REF!</v></c>', '<c r="{at}" t="d"><v>2026-06-12T00:00:00</v></c>',
    '<c r="{at}" t="inlineStr"><f>A1+1</f><is><t></t></is></c>', '<c r="{at}" t="inlineStr"><f>A1+1</f><v></v></c>', '<c r="{at}" t="str"><f>A1</f><v></v></c>',
    '<c r="{at}" cm="1" t="s"><v>{text}</v></c>', '<c r="{at}" t="s"><v> {text} </v></c>')
ROWS = ('<row r="{row}">{cells}</row>', '<row r="{row}" spans="1:4" ht="15">{cells}</row>', '<row spans="1:4" r="{row}">{cells}</row>',
        '<row r="{row}" hidden="1">{cells}</row>', "<row>{cells}</row>", '<row r="{row}"/>', '\n  <row r="{row}">\n{cells}</row>',
        '<row r="{row}"><!-- </row><row r="99"><c r="A99"><v>1</v></c></row> -->{cells}</row>',
        '<row r="{row}"><?note </row><row r="98"><c r="A98"><v>1</v></c></row> ?>{cells}</row>')

shapes = st.lists(st.tuples(st.sampled_from("ABCDZ"), st.integers(0, len(CELLS) - 1)), max_size=5, unique_by=lambda cell: cell[0])
sheets = st.lists(st.tuples(st.sampled_from([0, 0, 0, 0, *range(len(ROWS))]), st.integers(0, 2), shapes), min_size=1, max_size=40)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(sheets)
def test_the_fast_way_reads_what_the_parser_reads(rows):
    part = _part(rows)
    assert _read(part, learned=1) == _read(part, learned=10**9)


def test_rows_like_those_before_them_are_taken_without_the_parser(monkeypatch):
    seen = []
    part = _part([(0, 1, [("A", 0), ("B", 1), ("C", 10)])] * 500)
    taken = usual_rows.UsualRows.take
    monkeypatch.setattr(usual_rows.UsualRows, "take", lambda self, text: (seen.append(piece) or piece for piece in taken(self, text)))
    assert _read(part, learned=20)[0] == 500
    assert len(seen) == 20


@pytest.mark.parametrize("form", range(len(CELLS)))
def test_each_form_of_a_cell_is_read_alike_however_often_it_comes(form):
    part = _part([(0, 1, [("A", 1), ("B", form)])] * 60)
    assert _read(part, learned=20) == _read(part, learned=10**9)


def test_no_pattern_has_a_group_that_gives_nothing_back():
    """Debian 12's Python, 3.11.2, goes on behind what such a group took in vain. A sign or a choice of signs may stand before `++`."""
    sources = [path for folder in ("loaders", "data", "pages") for path in (Path(__file__).parents[1] / folder).rglob("*.py")]
    assert len(sources) > 100
    assert [path.name for path in sources if re.search(r"\)[*+?]\+", path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("way", [1, 10**9])
def test_a_row_far_below_the_table_is_refused_whichever_way_it_is_read(way):
    table = [(0, 1, [("A", 1)])] * 30
    with pytest.raises(LoadError) as refused:
        _read(_part([*table, (0, LIMITS.rows, [("A", 1)])]), learned=way)
    assert refused.value.kind == "stray_cell"


@pytest.mark.parametrize("way", [1, 10**9])
def test_a_text_that_the_file_does_not_have_is_damage_whichever_way_it_is_read(way):
    part = _part([(0, 1, [("A", 0)])] * 30).replace(b"<v>1</v>", b"<v>77</v>")
    assert b"<v>77</v>" in part
    with pytest.raises(IndexError):
        _read(part, learned=way)


def _part(rows):
    """A worksheet part with such rows: how each is written, how far below the one before it stands, its cells."""
    written, row = [], 1
    for number, (way, down, cells) in enumerate(rows):
        row += down
        inner = "".join(CELLS[form].format(at=f"{letters}{row}", text=number % len(TEXTS), number=46_000 + number) for letters, form in sorted(cells))
        written.append(ROWS[way].format(row=row, cells=inner))
    return f'<?xml version="1.0" encoding="UTF-8"?><worksheet><sheetData>{"".join(written)}</sheetData></worksheet>'.encode()


def _read(part, *, learned):
    """How many rows there are, and all that was read of them, when the forms are learned after so many rows."""
    found: list[pa.Table] = []
    collector = Collector(LIMITS, found.append)
    cells = collector.sheet("Sheet1", False)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(usual_rows, "LEARNED", learned)
        xlsx._read_sheet(io.BytesIO(part), cells, texts=TEXTS, formats=FORMATS, behind=0)
    collector.finish(cells)
    return found[0].num_rows, found[0].to_pylist(), found[0].schema.metadata
