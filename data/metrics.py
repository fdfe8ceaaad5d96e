"""Declared indicators → SQL: what each district has done and what is required of it, from a submission's rows."""

from __future__ import annotations

from data.declare import Domain, Indicator


def insert_figures(domain: Domain, rows: str) -> str:
    """SQL that stores the figures of one submission ($submission), whose rows are those of the relation: a row per district, indicator and
    fading date."""
    return "insert into figures\n" + "\nunion all\n".join(_figures(indicator, rows) for indicator in domain.indicators)


def _figures(indicator: Indicator, rows: str) -> str:
    since = f'"{indicator.fades}"' if indicator.fades else "null::date"
    return f"""select
    $submission::uuid, district, '{indicator.id}', {since},
    sum(coalesce(({indicator.done})::bigint, 0)),
    sum(coalesce(({indicator.required})::bigint, 0))
from {rows}
where {indicator.where}
group by district, {since}"""
