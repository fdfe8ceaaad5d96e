"""Declared indicators → SQL: what each district has done and what is required of it, from a submission's rows."""

from __future__ import annotations

from data.declare import Domain, Indicator
from data.migrations import rows_table


def insert_figures(domain: Domain, rows: str = "") -> str:
    """SQL that stores the figures of one submission ($submission): a row per district, indicator and fading date. From its
    stored rows, or from those of the relation `rows`, which has the same columns."""
    return "insert into figures\n" + "\nunion all\n".join(_figures(indicator, rows or rows_table(domain)) for indicator in domain.indicators)


def _figures(indicator: Indicator, rows: str) -> str:
    since = f'"{indicator.fades}"' if indicator.fades else "null::date"
    return f"""select
    submission, district, '{indicator.id}', {since},
    sum(coalesce(({indicator.done})::bigint, 0)),
    sum(coalesce(({indicator.required})::bigint, 0))
from {rows}
where submission = $submission and ({indicator.where})
group by submission, district, {since}"""
