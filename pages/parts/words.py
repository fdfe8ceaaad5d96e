"""The words of the interface: every sentence stands whole in `pages/words/<language>.toml`, never glued from pieces."""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

LANGUAGE = "en"
_FOLDER = Path(__file__).parent.parent / "words"


@lru_cache
def words(language: str = LANGUAGE) -> dict[str, str]:
    """Every sentence of a language by its key, such as `national.title`."""
    told = tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    return {f"{group}.{key}": text for group, texts in told.items() for key, text in texts.items()}


def say(key: str, **facts: object) -> str:
    """The sentence with its facts put in. A `count` of one takes the sentence `<key>_one` where there is one.

    Without facts the sentence is given as it stands: a chart's template keeps its own braces.
    """
    texts = words()
    if facts.get("count") == 1:
        key = f"{key}_one" if f"{key}_one" in texts else key
    return texts[key].format(**facts) if facts else texts[key]


def day(on: date) -> str:
    """A date in words: 26 Nov 2026."""
    return say("date.day", day=on.day, month=say(f"date.month_{on.month}"), year=on.year)


def moment(at: datetime) -> str:
    """A time that is stored in UTC, in words: 26 Nov 2026, 14:05 UTC."""
    return say("date.moment", day=day(at), time=f"{at:%H:%M}")


def short_day(on: date) -> str:
    """A date without its year: 26 Nov."""
    return say("date.short", day=on.day, month=say(f"date.month_{on.month}"))
