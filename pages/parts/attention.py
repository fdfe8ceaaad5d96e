"""Who must act: missed legal duties, the districts furthest behind, those that have not reported."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from data.election import Election
from data.readiness import Line
from pages.parts import filters, findings, marks
from pages.parts.words import say


_MOST = 5
_NAMED = 24  # districts in a line; all of them stand under the national map and in the province's table


def attention_of(districts: Sequence[Line], election: Election, on: date) -> marks.Html:
    """The lists of a country or a province, from its districts' lines of the day."""
    furthest = findings.attention(election, districts, on, lambda line: _district(line.place_code), most=_MOST)
    silent = findings.silent(election, districts, on)
    is_known = any(line.share is not None for line in districts)
    return marks.stacked((
        marks.place_lines(findings.breached(election, districts, on), _district, "critical", most=_NAMED),
        marks.attention_list(furthest) if furthest else marks.muted(say("national.attention_none")) if is_known else marks.Html(""),
        marks.place_lines(silent, _district, "not_reported", most=_NAMED) if silent else marks.muted(say("figure.all_reported")),
        marks.place_lines(findings.outdated(election, districts, on), _district, "stale", most=_NAMED)))


def _district(code: str) -> str:
    return filters.href("district", place=code)
