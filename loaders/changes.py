"""What a sheet changes: its districts, its rows and its numbers beside those that stand before it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import Literal

import duckdb
import pyarrow as pa

from data.declare import Column, Domain
from loaders.table import quoted

State = Literal["new", "changed", "unchanged", "emptied"]
KINDS = ("fell", "changed", "added", "removed")


@dataclass(frozen=True)
class DistrictChange:
    """What becomes of one district: its rows before and after, and how many rows and cells of which kind of change."""

    district: str
    state: State
    before: int
    after: int
    added: int
    removed: int
    changed: int
    fell: int


@dataclass(frozen=True)
class Changes:
    """What a sheet changes. `districts` are those that it mentions, in the order of their codes.

    `lines` has a row for each changed cell and each row that comes or goes: district, row (of the sheet, empty for what
    goes), kind (of KINDS), column ('' for a whole row), old, new (as they are stored, as text) and the row's keys.
    """

    districts: tuple[DistrictChange, ...]
    lines: pa.Table

    def count(self, kind: str) -> int:
        name = {"fell": "fell", "changed": "changed", "added": "added", "removed": "removed"}[kind]
        return sum(getattr(one, name) for one in self.districts)


def changes(domain: Domain, *, new: pa.Table, old: pa.Table) -> Changes:
    """What the rows `new` change where `old` stands: both with the domain's stored columns, `new` with `row` besides. A row
    is the same row where its keys are; a district of which a row's key can't be read is left out, for what is missing from it
    is not known yet. A count that may only rise and falls is of the kind "fell", and counts there alone."""
    with closing(duckdb.connect(config={"threads": 2})) as con:
        con.register("sent", new)
        con.register("standing", old)
        keys = [column.name for column in domain.keys]
        unread = " or ".join(f"{name} is null" for name in quoted(keys))
        con.execute(f"create table new as select * from sent where district in (select district from sent group by district having not bool_or({unread}))")
        con.execute("create table old as select * from standing where district in (select district from new)")
        _lay_lines(con, domain, keys)
        lines = con.execute(f"select district, row, kind, name as column, old, new, {', '.join(quoted(keys[1:]) or ['1'])} from lines order by "
                            "district, row nulls last, position").to_arrow_table()
        return Changes(tuple(_districts(con, domain)), lines)


def _lay_lines(con: duckdb.DuckDBPyConnection, domain: Domain, keys: list[str]) -> None:
    """The table `lines`."""
    same = " and ".join(f"n.{name} = o.{name}" for name in quoted(keys))
    from_new, from_old = (", ".join(f"{side}.{name}" for name in quoted(keys)) for side in "no")
    gone = f"select {from_old}, null::integer as row, 'removed' as kind, '' as name, null::varchar as old, null::varchar as new, 0 as position from old o anti join new n on {same}"
    come = f"select {from_new}, n.row, 'added', '', null, null, 0 from new n anti join old o on {same}"
    cells = [
        f"""select {from_new}, n.row, {_kind(column)}, '{column.name}', o."{column.name}"::varchar, n."{column.name}"::varchar, {position}
        from new n join old o on {same} where n."{column.name}" is distinct from o."{column.name}\""""
        for position, column in enumerate(domain.stored, 1) if not column.key]
    con.execute("create table lines as " + " union all ".join([gone, come, *cells]))


def _kind(column: Column) -> str:
    if column.kind == "count" and column.cumulative:
        return f"""case when n."{column.name}" < o."{column.name}" then 'fell' else 'changed' end"""
    return "'changed'"


def _districts(con: duckdb.DuckDBPyConnection, domain: Domain) -> list[DistrictChange]:
    found = con.execute(f"""
        with after as (select district, count(*) as rows, bool_or({_lists_something(domain)}) as lists from new group by all),
        before as (select district, count(*) as rows, bool_or({_lists_something(domain)}) as lists from old group by all),
        counted as (
            select district, count(*) filter (kind = 'added') as added, count(*) filter (kind = 'removed') as removed,
                count(*) filter (kind = 'changed') as changed, count(*) filter (kind = 'fell') as fell
            from lines group by all)
        select district,
            case when b.rows is null then 'new' when b.lists and not a.lists then 'emptied'
                when c.district is null then 'unchanged' else 'changed' end,
            coalesce(b.rows, 0), a.rows, coalesce(added, 0), coalesce(removed, 0), coalesce(changed, 0), coalesce(fell, 0)
        from after a left join before b using (district) left join counted c using (district)
        order by district""").fetchall()
    return [DistrictChange(*one) for one in found]


def _lists_something(domain: Domain) -> str:
    """Whether a row tells of anything: it is not the NIL of its district, and not all of its counts are 0."""
    if domain.nil:
        return f"\"{domain.nil}\" <> 'NIL'"
    counts = [column.name for column in domain.stored if column.kind == "count"]
    return " or ".join(f"coalesce({name}, 0) > 0" for name in quoted(counts)) or "true"
