"""The program's own fonts as files that a typesetter opens: those which the pages serve, unpacked."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path

from fontTools.ttLib import TTFont, woff2

_SERVED = Path(__file__).parents[1] / "static"
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


def printable(text: str) -> str:
    """The text with a sign that none of the fonts has replaced: a paper must not show an empty space where something was written."""
    known = _signs()
    return "".join(sign if ord(sign) in known or sign == "\n" else " " if sign.isspace() else MISSING for sign in text)


def _packed() -> list[Path]:
    return sorted(_SERVED.glob("*.woff2"))
