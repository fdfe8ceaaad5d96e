"""The picture: which submission counts for each district and domain, from its day until that of the next.

Nearly every question is about it, and to find it takes longer than to answer most of them. So it is found once and laid beside the
questions, which read it by the SQL macro `known_picture`. As it is known now it stands beside them all; to lay it beside each took
as long as the question itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from data.scope import Scope
from data.store import FOREVER, NOTHING, ROWS_AT_ONCE, Beside, Store

_SPANS = "select district, domain, submission::varchar as submission, as_of, next_as_of from spans($known_on, $scope) order by domain, district, as_of"


def beside(store: Store, known_on: datetime | None) -> Beside:
    """What a question that names `known_picture` or `known_spans` has to have beside it: the picture of all districts. What is known now
    stands there already."""
    spans = _spans(store, known_on)
    return NOTHING if known_on is None else {"known_spans": spans}


def lay_beside(cursor: duckdb.DuckDBPyConnection, scope: Scope) -> None:
    """Lays it beside the questions of a cursor, as its open transaction sees it now."""
    cursor.register("known_spans", cursor.execute(_SPANS, {"known_on": FOREVER, "scope": scope.codes}).to_arrow_table(ROWS_AT_ONCE))


def picture(store: Store, domain: str, on: date, known_on: datetime | None) -> Mapping[str, tuple[str, date]]:
    """The submission, and its day, that is each district's picture of a domain on a day: of all districts, for what is cut to a scope."""
    def answer() -> dict[str, dict[str, tuple[str, date]]]:
        spans = _spans(store, known_on)
        of_day = spans.filter(pc.and_(pc.less_equal(spans["as_of"], pa.scalar(on)), pc.less(pa.scalar(on), spans["next_as_of"])))
        found: dict[str, dict[str, tuple[str, date]]] = {}
        for domain, district, submission, as_of in zip(*(of_day[name].to_pylist() for name in ("domain", "district", "submission", "as_of"))):
            found.setdefault(domain, {})[district] = submission, as_of
        return found

    return store.remember(("picture", on, known_on), answer).get(domain, {})


def _spans(store: Store, known_on: datetime | None) -> pa.Table:
    """One row per district, domain and day on which it reported, sorted by domain, district and day: `submission` (text), `as_of`, and
    `next_as_of`, the first day on which it is the picture no longer. What is known now is kept."""
    asked = {"known_on": known_on or FOREVER, "scope": Scope.everything(store.election.places).codes}
    if known_on is not None:  # of those there may be many, and few ask for the same
        return store.ask_arrow(_SPANS, asked)
    return store.remember("spans", lambda: store.lay("known_spans", lambda: store.ask_arrow(_SPANS, asked)))
