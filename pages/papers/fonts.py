"""The program's own fonts as files that a typesetter opens: those which the pages serve, unpacked."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any
from unicodedata import category

from fontTools.ttLib import TTFont, woff2

_SERVED = Path(__file__).parents[1] / "static"
_UNSEEN = ("Cc", "Cf")  # controls and marks, by their category in Unicode
MISSING = "□"  # stands for a sign that none of the fonts has


@lru_cache
def folder() -> Path:
    """A folder that holds them, as long as the process runs."""
    made = Path(tempfile.mkdtemp(prefix="readiness-fonts-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    for packed in _packed():
        woff2.decompress(str(packed), str(made / f"{packed.stem}.ttf"))
    return made


@lru_cache
def _signs() -> frozenset[int]:
    """The signs that the fonts have between them."""
    return frozenset().union(*(TTFont(file, lazy=True).getBestCmap() for file in folder().glob("*.ttf")))


def printable(told: Any) -> Any:
    """Plain data with every text such that it can be printed: a sign that none of the fonts has is replaced, for a paper must not show an
    empty space where something was written; one that nobody sees, such as a mark of direction, is left out."""
    if isinstance(told, str):
        return "".join(_shown(sign) for sign in told)
    if isinstance(told, dict):
        return {key: printable(value) for key, value in told.items()}
    return [printable(one) for one in told] if isinstance(told, list | tuple) else told


def _shown(sign: str) -> str:
    if ord(sign) in _signs():
        return sign
    if sign.isspace():
        return " "
    return "" if category(sign) in _UNSEEN or "\ufe00" <= sign <= "\ufe0f" else MISSING


def _packed() -> list[Path]:
    return sorted(_SERVED.glob("*.woff2"))
