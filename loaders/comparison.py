"""What only the current picture can tell of a checked sheet: falls, digits too many, rows that would disappear,
another sender's figures, printed totals. All of it is warned of; none of it blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from data.declare import Column
from data.election import Election, Total
from loaders.changes import only
from loaders.checks import Checked
from loaders.problems import Problem, problem
from loaders.table import in_memory

# The kinds of problem that tell what stands now, so that they are for whoever sees it: where, their `holds` says.
COMPARED = frozenset({"back_dated", "printed_total", "fell", "ten_times", "ten_times_neighbours", "disagrees", "rows_disappear"})
_TEN_TIMES_FROM = 10  # below this a count may well grow tenfold
_NAMED = 5  # districts; the rest are counted


@dataclass(frozen=True)
class Current:
    """What stands on a sheet's day for the districts of the whole country, before the sheet is taken in.

    `rows` has the domain's stored columns, of the sheet's districts only; `sources` district, as_of, sender, newest (the
    day of the district's newest picture); `totals` the sum of each printed total's column over its other districts, None
    where one of them has not reported.
    """

    rows: pa.Table
    sources: pa.Table
    totals: dict[Total, int | None]

    def within(self, districts: frozenset[str]) -> Current:
        """What of it stands for these districts."""
        return Current(only(self.rows, districts), only(self.sources, districts), {})


def compare(checked: Checked, election: Election, current: Current, *, sender: str) -> tuple[Problem, ...]:
    """The warnings that the current picture gives rise to when `sender` hands in the sheet, in reading order."""
    comparison = _Comparison(checked, election, current, sender)
    found = [
        *comparison.back_dated(), *comparison.printed_totals(), *comparison.falls(), *comparison.ten_times(),
        *comparison.ten_times_neighbours(), *comparison.disagreements(), *comparison.disappearing()]
    comparison.con.close()
    districts = dict(zip(checked.rows["row"].to_pylist(), checked.rows["district"].to_pylist())) if found else {}
    held = (one.holding((districts[one.row],)) if districts.get(one.row) else one for one in found)
    return tuple(sorted(held, key=lambda one: one.row or 0))


class _Comparison:
    """A sheet's typed rows beside those that stand now, in an in-memory database."""

    def __init__(self, checked: Checked, election: Election, current: Current, sender: str) -> None:
        self.sender = sender
        self.checked, self.domain, self.election, self.current = checked, checked.domain, election, current
        self.con = in_memory()
        self.con.register("new", checked.rows)
        self.con.register("old", current.rows)
        self.con.register("sources", current.sources)
        self.counts = {column.name: column for column in self.domain.columns if column.kind == "count"}
        self._lay_changes()

    def _lay_changes(self) -> None:
        """The table `changes`: one row per row and count that stood there before, with what it was, since when, from whom."""
        keys = " and ".join(f'o."{column.name}" = n."{column.name}"' for column in self.domain.keys)
        explained = "n.remarks is not null" if "remarks" in self.checked.rows.column_names else "false"
        parts = [
            f"""select n.row, '{name}' as name, n."{name}" as now, o."{name}" as was, s.as_of, s.sender, {explained} as explained
            from new n join old o on {keys} join sources s on s.district = n.district where n."{name}" <> o."{name}\""""
            for name in self.counts]
        if parts:
            self.con.execute(f"create table changes as {' union all '.join(parts)}")

    def _changed(self, where: str, *facts: object) -> list[tuple[int, Column, int, int, date, str]]:
        """(row, column, now, was, since, sender) of the changes for which the condition holds."""
        if not self.counts:
            return []
        return [(row, self.counts[name], *rest) for row, name, *rest in self.con.execute(
            f"select row, name, now, was, as_of, sender from changes where {where}", list(facts)).fetchall()]

    def problem(self, kind: str, row: int | None, column: Column | None = None, value: object = "", **facts: object) -> Problem:
        letters = self.checked.letters.get(column.name, "") if column else ""
        return problem(kind, self.checked.sheet, row=row, column=column.label if column else "", value=value, letters=letters, **facts)

    def back_dated(self) -> Iterator[Problem]:
        found = self.con.execute(
            "select district, newest from sources where newest > ? and district in (select district from new) order by 1", [self.checked.as_of]).fetchall()
        if found:
            names = [self.election.places[district].name for district, _ in found]
            listed = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
            yield self.problem("back_dated", None, value=_day(max(newest for _, newest in found)), districts=listed).holding(tuple(code for code, _ in found))

    def printed_totals(self) -> Iterator[Problem]:
        for total, elsewhere in self.current.totals.items():
            codes = [district.code for place in total.places for district in self.election.places.districts_of(place)]
            here, empty = self.con.execute(
                f'select sum("{total.column}"), count(*) filter ("{total.column}" is null) from new where list_contains(?, district)', [codes]).fetchone()
            if here is not None and not empty and elsewhere is not None and here + elsewhere != total.value:
                yield self.problem(
                    "printed_total", None, self.domain.column(total.column), f"{total.value:,}", sum=f"{here + elsewhere:,}",
                    places=", ".join(self.election.places[place].name for place in total.places), source=total.source).holding(tuple(codes))

    def falls(self) -> Iterator[Problem]:
        for row, column, value, was, since, _ in self._changed("now < was and not explained"):
            if column.cumulative:
                yield self.problem("fell", row, column, f"{value:,}", was=f"{was:,}", since=_day(since))

    def ten_times(self) -> Iterator[Problem]:
        for row, column, value, was, since, _ in self._changed(f"now >= 10 * was and was >= {_TEN_TIMES_FROM}"):
            yield self.problem("ten_times", row, column, f"{value:,}", was=f"{was:,}", since=_day(since))

    def ten_times_neighbours(self) -> Iterator[Problem]:
        """Where a district has no earlier value: ten times the largest of at least two others of its division."""
        newcomers = "select 1 from new where district not in (select district from old) limit 1"
        if self.domain.nil or not self.con.execute(newcomers).fetchone():
            return
        self.con.register("divisions", pa.table({
            "district": [district.code for district in self.election.places.districts],
            "division": [district.parent for district in self.election.places.districts]}))
        keys = ", ".join(f'n."{column.name}"' for column in self.domain.keys if column.name != "district")
        for column in self.counts.values():
            group = f"d.division{', ' if keys else ''}{keys}"
            for row, value, most in self.con.execute(f"""
                select row, value, most from (
                    select n.row, n.district, n."{column.name}" as value,
                        max(n."{column.name}") over others as most, count(n."{column.name}") over others as others
                    from new n join divisions d using (district)
                    window others as (partition by {group} order by n."{column.name}" desc rows between 1 following and unbounded following)
                )
                where value >= 10 * most and most >= {_TEN_TIMES_FROM} and others >= 2
                    and district not in (select district from old)""").fetchall():
                yield self.problem("ten_times_neighbours", row, column, f"{value:,}", was=f"{most:,}")

    def disagreements(self) -> Iterator[Problem]:
        for row, column, value, was, _, sender in self._changed("as_of = ? and sender <> ?", self.checked.as_of, self.sender):
            yield self.problem("disagrees", row, column, f"{value:,}", was=f"{was:,}", sender=sender)

    def disappearing(self) -> Iterator[Problem]:
        """Per district. One of which a row's key can't be read is left out: what is missing from it is not known yet."""
        keys = [column.name for column in self.domain.keys]
        same = " and ".join(f'n."{key}" = o."{key}"' for key in keys)
        unread = " or ".join(f'"{key}" is null' for key in keys)
        together = ", ".join(f'o."{key}"' for key in keys)
        first = ", ".join(f'min_by(o."{key}", ({together}))' for key in keys)
        for district, row, count, *values in self.con.execute(
            f"""select o.district, min(s.row), count(*), {first}
            from old o join (select district, min(row) as row from new group by district having not bool_or({unread})) s using (district)
            where not exists (select 1 from new n where {same})
            group by o.district order by o.district""").fetchall():
            yield self.problem("rows_disappear", row, value=self._named(keys, values), count=f"{count:,}", what=self.election.places[district].name)

    def _named(self, keys: list[str], values: list[str]) -> str:
        """What tells a row from others of its district, in words."""
        labels = {key: {code.value: code.label for code in self.domain.column(key).codes} for key in keys}
        return ", ".join(labels[key].get(value, value) for key, value in zip(keys, values) if key != "district")


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
