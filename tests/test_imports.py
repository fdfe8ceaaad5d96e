"""The direction of imports: dashboard → pages → loaders → data, and nothing back."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = ("data", "loaders", "pages", "dashboard")  # each may import itself and what stands before it
NEVER = {"data": {"streamlit", "plotly"}, "loaders": {"streamlit", "plotly"}, "pages": set(), "dashboard": set()}
FRONT_DOORS = ("dashboard.py", "data/__main__.py")
# Names that say nothing of what a file holds.
VAGUE = {"util", "utils", "common", "helper", "helpers", "base", "manager", "managers", "misc"}


def _layer(path: Path) -> str:
    """The layer of a file. What is run and imported by nothing stands above all of them: the dashboard, and `python -m data`."""
    inside = path.relative_to(ROOT)
    return "dashboard" if inside.as_posix() in FRONT_DOORS else inside.parts[0]


FILES = sorted(path for layer in LAYERS for path in (*ROOT.glob(f"{layer}.py"), *ROOT.glob(f"{layer}/**/*.py")))
every_file = pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))


@every_file
def test_a_file_imports_only_its_own_layer_and_those_beneath(path: Path) -> None:
    layer = _layer(path)
    above = set(LAYERS[LAYERS.index(layer) + 1:])
    assert {name for name in _imported(path) if name.split(".")[0] in above | {"tests", "benchmarks"}} == set()


@every_file
def test_what_knows_nothing_of_pages_never_imports_what_draws_them(path: Path) -> None:
    assert {name for name in _imported(path) if name.split(".")[0] in NEVER[_layer(path)]} == set()


@pytest.mark.parametrize("folder", ["data", "loaders", "pages", "tests", "benchmarks", "."])
def test_a_file_is_named_for_what_it_holds(folder: str) -> None:
    found = (ROOT / folder).glob("*.py" if folder == "." else "**/*")
    named = {path for path in found if path.suffix == ".py" or (path.is_dir() and path.name != "__pycache__")}
    assert {path for path in named if VAGUE & set(path.stem.lower().split("_"))} == set()


@every_file
def test_a_front_door_is_imported_by_nothing(path: Path) -> None:
    assert {"dashboard", "data.__main__"}.isdisjoint(_imported(path))


def test_every_layer_is_looked_at() -> None:
    assert {_layer(path) for path in FILES} == set(LAYERS)


@pytest.mark.parametrize(("line", "name"), [
    ("import streamlit as st", "streamlit"), ("from pages.parts import words", "pages.parts"),
    ("def late():\n    import plotly.express", "plotly.express"), ("importlib.import_module('pages.start')", "pages.start"),
    ("__import__('streamlit')", "streamlit"),
])
def test_an_import_is_seen_however_it_is_written(tmp_path: Path, line: str, name: str) -> None:
    path = tmp_path / "written.py"
    path.write_text(line, encoding="utf-8")
    assert name in set(_imported(path))


def _imported(path: Path) -> Iterator[str]:
    """The modules that a file names in an import, at its top or within, by statement or by call."""
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            yield from (one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str))


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))
