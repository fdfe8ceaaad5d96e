"""What a sheet changes: its districts, its rows and its numbers beside those that stand before it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import Literal

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.declare import Column, Domain
from loaders.table import in_memory, quoted

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
    goes), kind (of KINDS), column ('' for a whole row), old, new (as they are stored, as text; of a whole row JSON: column →
    text, without its keys) and the row's keys.
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
    with closing(in_memory()) as con:
        keys = [column.name for column in domain.keys]
        con.register("sent", new)
        unread = " or ".join(f"{name} is null" for name in quoted(keys))
        read = con.execute(f"select district from sent group by district having not bool_or({unread})").to_arrow_table()["district"]
        new, old = (_numbered(rows.filter(pc.is_in(rows["district"], read))) for rows in (new, old))
        con.register("new", new)
        con.register("old", old)
        lines = _lines(con, domain, keys, new, old)
        con.register("lines", lines)
        return Changes(tuple(_districts(con, domain)), lines)


def only(rows: pa.Table, districts: frozenset[str] | None) -> pa.Table:
    """The rows of these districts; all where None are named."""
    return rows if districts is None else rows.filter(pc.is_in(rows["district"], pa.array(districts, pa.string())))


def _numbered(rows: pa.Table) -> pa.Table:
    return rows.append_column("at", pa.array(np.arange(rows.num_rows)))


def _lines(con: duckdb.DuckDBPyConnection, domain: Domain, keys: list[str], new: pa.Table, old: pa.Table) -> pa.Table:
    """The lines of `Changes`, of the tables `new` and `old`."""
    # The rows are brought together once, by their positions; then each column is compared by itself. A join for each column takes three times as long.
    same = " and ".join(f"n.{name} = o.{name}" for name in quoted(keys))
    pairs = con.execute(f"select n.at as sent, o.at as standing from new n join old o on {same}").to_arrow_table()
    sent, standing = new.take(pairs["sent"]), old.take(pairs["standing"])
    own = ", ".join(quoted(keys))
    whole = ", ".join(f"'{column.name}', \"{column.name}\"::varchar" for column in domain.stored if not column.key)
    gone = f"select {own}, null::integer as row, 'removed' as kind, '' as name, json_object({whole})::varchar as old, null::varchar as new, 0 as position from old o anti join new n on {same}"
    come = f"select {own}, row, 'added', '', null, json_object({whole})::varchar, 0 from new n anti join old o on {same}"
    cells = []
    for position, column in enumerate(domain.stored, 1):
        if not column.key:
            now, before = sent[column.name], standing[column.name]
            differs = _differs(now, before)
            con.register(f"cells_{position}", sent.select([*keys, "row"]).append_column("now", now).append_column("before", before).filter(differs))
            cells.append(f"select {own}, row, {_kind(column)}, '{column.name}', before::varchar, now::varchar, {position} from cells_{position}")
    return con.execute(f"""
        select district, row, kind, name as column, old, new, {', '.join(quoted(keys[1:]) or ['1'])}
        from ({' union all '.join([gone, come, *cells])}) order by district, row nulls last, position, {own}""").to_arrow_table()


def _differs(now: pa.ChunkedArray, before: pa.ChunkedArray) -> pa.ChunkedArray:
    """Where two columns are not the same; two empty cells are."""
    return pc.or_(pc.fill_null(pc.not_equal(now, before), False), pc.xor(now.is_null(), before.is_null()))


def _kind(column: Column) -> str:
    if column.kind == "count" and column.cumulative:
        return "case when now < before then 'fell' else 'changed' end"
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
