"""Cells + a domain → typed rows and problems. Every problem in the sheet is yielded; none stops the others.

The work is done by an in-memory DuckDB over the sheet's cells, so that a hundred thousand rows take no longer than a
breath; only distinct spellings of places and codes are looked at one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from data.declare import Column, Domain, Rule
from data.election import Election
from data.places import Match, _words as words
from data.scope import Scope
from data.store import sql_type
from loaders.headers import Layout, fold_heading
from loaders.problems import Problem, problem

TEXT_LIMIT = 2000
_MACROS = (Path(__file__).parent / "reading.sql").read_text(encoding="utf-8")
_TOTALS = frozenset(("total", "totals", "subtotal", "sub", "grand", "overall", "g", "کل", "میزان", "ٹوٹل", "مجموعی"))


@dataclass(frozen=True)
class Checked:
    """A sheet's typed rows with all that is wrong in it. `as_of` is None where that itself is the problem."""

    domain: Domain
    sheet: str
    as_of: date | None
    rows: pa.Table
    districts: tuple[str, ...]
    problems: tuple[Problem, ...]

    @property
    def blocked(self) -> bool:
        return any(found.blocks for found in self.problems)


class _Sheet:
    """A layout with its cells in an in-memory database: what every check looks at."""

    def __init__(self, layout: Layout, election: Election) -> None:
        self.domain, self.name, self.headings, self.letters = layout.domain, layout.sheet.name, layout.headings, layout.letters
        self.election, self.places = election, election.places
        self.con = duckdb.connect(config={"threads": 2})
        self.con.execute(_MACROS)
        self.con.register("cells", layout.sheet.cells)
        self.present = [column for column in self.domain.columns if column.name in layout.letters]
        texts = ", ".join(f'clean("{layout.letters[column.name]}") as "{column.name}"' for column in self.present)
        filled = ", ".join(f'"{column.name}"' for column in self.present)
        self.con.execute(f"""
            create table texts as
            select * from (select row, {texts} from cells where row > {layout.header_row})
            where coalesce({filled}) is not null
            """)

    def label(self, name: str) -> str:
        """The heading as the sender wrote it; the declared label where the column is not in the sheet."""
        return self.headings.get(name) or self.domain.column(name).label

    def has(self, *names: str) -> bool:
        return all(name in self.letters for name in names)

    def problem(self, kind: str, row: int | None, name: str = "", value: object = "", **facts: object) -> Problem:
        return problem(kind, self.name, row=row, column=self.label(name) if name else "", value=value, **facts)


def check(layout: Layout, election: Election, *, as_of: date | None, today: date, may_submit: Scope) -> Checked:
    """The sheet's rows and everything wrong with them, as far as the sheet alone can tell.

    `as_of` overrides the date in the sheet. `loaders.comparison` adds what only the current picture can tell.
    """
    sheet = _Sheet(layout, election)
    problems = list(layout.problems)
    told, found = _as_of(sheet, layout, as_of, today)
    problems += found
    problems += _set_aside(sheet)
    problems += _read_places(sheet, may_submit)
    _read_codes(sheet)
    _type_rows(sheet)
    if sheet.con.execute("select count(*) from typed").fetchone() == (0,):
        problems.append(sheet.problem("no_rows", None, what=sheet.domain.row.removeprefix("one row per ")))
    for column in sheet.present:
        problems += _check_cells(sheet, column)
    problems += _check_missing(sheet)
    problems += _check_duplicates(sheet)
    for rule in sheet.domain.rules:
        problems += _RULES[rule.kind](sheet, rule, told)
    problems += _check_percents(sheet)
    problems += _check_totals(sheet)
    stored = ", ".join(f'"{column.name}"' for column in sheet.domain.stored)
    rows = sheet.con.execute(f"select row::integer as row, {stored} from typed order by row").to_arrow_table()
    districts = tuple(code for (code,) in sheet.con.execute("select distinct district from typed where district is not null order by 1").fetchall())
    sheet.con.close()
    return Checked(sheet.domain, sheet.name, told, rows, districts, tuple(sorted(problems, key=_in_reading_order)))


def _in_reading_order(found: Problem) -> tuple[bool, int]:
    return not found.blocks, found.row or 0


def _as_of(sheet: _Sheet, layout: Layout, given: date | None, today: date) -> tuple[date | None, list[Problem]]:
    written = sheet.con.execute("select to_date(clean(?))", [layout.as_of_text]).fetchone()[0] if layout.as_of_text else None
    problems = []
    if layout.as_of_text and written is None and given is None:
        problems.append(problem("as_of_unreadable", sheet.name, row=layout.as_of_row, column="As-of date", value=layout.as_of_text))
    elif written is None and given is None:
        problems.append(problem("as_of_missing", sheet.name))
    if given and written and given != written:
        problems.append(problem("as_of_differs", sheet.name, value=_day(written), given=_day(given)))
    told = given or written
    if told and told > today:
        problems.append(problem("as_of_future", sheet.name, value=_day(told), today=_day(today)))
    return told, problems


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _set_aside(sheet: _Sheet) -> Iterator[Problem]:
    """Takes out what is not a row of the table: repeated headers, a row of column numbers, totals, lines of text."""
    names = [column.name for column in sheet.present]
    same = " and ".join(f'("{name}" is null or "{name}" = ?)' for name in names)
    sheet.con.execute(f"delete from texts where {same} and {_filled(names)} > 1", [sheet.headings[name] for name in names])
    if len(names) > 2:
        numbers = " and ".join(f"""regexp_full_match(coalesce("{name}", ''), '\\(?\\d{{1,2}}\\)?')""" for name in names)
        sheet.con.execute(f"delete from texts where row = (select min(row) from texts) and {numbers}")
    _set_totals_aside(sheet)
    for row, text in sheet.con.execute(
        f"select row, coalesce({', '.join(_quoted(names))}) from texts where {_filled(names)} = 1 order by row").fetchall():
        is_place = sheet.places.resolve(text).code is not None
        is_number = sheet.con.execute("select to_money(?) is not null", [text]).fetchone()[0]
        if not is_place and not is_number:
            sheet.con.execute("delete from texts where row = ?", [row])
            yield sheet.problem("line_ignored", row, value=text)


def _quoted(names: list[str]) -> list[str]:
    return [f'"{name}"' for name in names]


def _filled(names: list[str]) -> str:
    """SQL for how many of the columns are filled."""
    return " + ".join(f'("{name}" is not null)::int' for name in names)


def _set_totals_aside(sheet: _Sheet) -> None:
    """Moves total rows to `totals` (row, of: the place or group summed, the texts)."""
    keys = [column.name for column in sheet.domain.keys if sheet.has(column.name)]
    total_words = {}
    for key in keys:
        for (text,) in sheet.con.execute(f'select distinct "{key}" from texts where "{key}" is not null').fetchall():
            of = _totalled(sheet, key, text)
            if of is not None:
                total_words[(key, text)] = of
    sheet.con.execute("create table totals as select *, null::varchar as of_place from texts limit 0")
    for (key, text), of in total_words.items():
        sheet.con.execute(f'insert into totals select *, ? from texts where "{key}" = ?', [of, text])
        sheet.con.execute(f'delete from texts where "{key}" = ?', [text])


def _totalled(sheet: _Sheet, key: str, text: str) -> str | None:
    """What a key cell says is summed: a place's code, "" for the rows above, None if it is no total."""
    named = [word for word in words(text) if word not in _TOTALS]
    if not named:
        return ""
    if key != "district" or sheet.places.resolve(text).code is not None:
        return None
    place = sheet.places.resolve_place(text)
    if place is None and len(named) < len(words(text)):
        place = sheet.places.resolve(" ".join(named)).code
    return place


def _read_places(sheet: _Sheet, may_submit: Scope) -> Iterator[Problem]:
    """Resolves each distinct district (and its province, where given) to a code in the table `places`."""
    sheet.con.execute("create table places (text varchar, province_text varchar, district varchar)")
    if not sheet.has("district"):
        return
    province = '"province"' if sheet.has("province") else "null::varchar"
    pairs = sheet.con.execute(f'select "district", {province}, list(row order by row) from texts where "district" is not null group by all').fetchall()
    for text, province_text, rows in sorted(pairs, key=lambda pair: pair[2][0]):
        match = sheet.places.resolve(text)
        kind, facts, column = _place_problem(sheet, match, text, province_text, may_submit)
        if kind is None:
            sheet.con.execute("insert into places values (?, ?, ?)", [text, province_text, match.code])
        for row in rows if kind else ():
            yield sheet.problem(kind, row, column, **facts)


def _place_problem(
    sheet: _Sheet, match: Match, text: str, province_text: str | None, may_submit: Scope,
) -> tuple[str | None, dict[str, str], str]:
    """The problem with a district's name, as (kind, facts, column); (None, …) if it is certain and allowed."""
    names = [sheet.places[code].name for code in match.candidates]
    if match.code is None and match.reason in ("ambiguous", "split"):
        return "ambiguous_district", {"value": text, "choices": " or ".join(names)}, "district"
    if match.code is None:
        nearest = f"Did you mean {' or '.join(names[:3])}?" if names else "Take the name from the list in the template."
        return "unknown_district", {"value": text, "nearest": nearest}, "district"
    if match.code not in may_submit.districts:
        return "outside_area", {"value": text}, "district"
    own = sheet.places[match.code].province
    if province_text is not None and sheet.places.resolve_place(province_text) != own:
        return "wrong_province", {"value": province_text, "district": sheet.places[match.code].name, "province": sheet.places[own].name}, "province"
    return None, {}, ""


def _read_codes(sheet: _Sheet) -> None:
    """Resolves each distinct text of a coded column to its value in the table `codes`."""
    sheet.con.execute("create table codes (name varchar, text varchar, value varchar)")
    for column in sheet.present:
        if column.kind == "code":
            known = {fold_heading(text): code.value for code in column.codes for text in (code.value, code.label, *code.spellings)}
            texts = sheet.con.execute(f'select distinct "{column.name}" from texts where "{column.name}" is not null').fetchall()
            found = [(column.name, text, known[fold_heading(text)]) for (text,) in texts if fold_heading(text) in known]
            if found:
                sheet.con.executemany("insert into codes values (?, ?, ?)", found)


def _type_rows(sheet: _Sheet) -> None:
    """Makes the table `typed`: each stored column in its type, null for what can't be read."""
    columns, joins = [], []
    for column in sheet.domain.stored:
        name = column.name
        if not sheet.has(name):
            columns.append(f'null::{sql_type(column)} as "{name}"')
        elif column.kind == "district":
            joins.append(f"left join places p on p.text = t.\"district\" and p.province_text is not distinct from "
                         f"{'t.province' if sheet.has('province') else 'null'}")
            columns.append('p.district as "district"')
        elif column.kind == "code":
            joins.append(f"left join codes c_{name} on c_{name}.name = '{name}' and c_{name}.text = t.\"{name}\"")
            columns.append(f'c_{name}.value as "{name}"')
        elif column.kind in ("count", "money", "date"):
            columns.append(f'to_{column.kind}(t."{name}") as "{name}"')
        elif name == sheet.domain.nil:
            columns.append(f"""case when upper(t."{name}") = 'NIL' then 'NIL' else t."{name}" end as "{name}" """)
        else:
            columns.append(f't."{name}"')
    sheet.con.execute(f"create table typed as select t.row, {', '.join(columns)} from texts t {' '.join(joins)}")


def _check_cells(sheet: _Sheet, column: Column) -> Iterator[Problem]:
    """What is filled and can't be read as its kind."""
    name = column.name
    if column.kind in ("district", "province"):
        return
    if column.kind in ("text", "percent"):
        for row, text in sheet.con.execute(
            f"""select row, "{name}" from texts where length("{name}") > {TEXT_LIMIT} or "{name}" like '#%' order by row""").fetchall():
            if _is_error(text):
                yield sheet.problem("error_value", row, name, text)
            elif len(text) > TEXT_LIMIT:
                yield sheet.problem("too_long", row, name, f"{text[:40]}…", count=f"{len(text):,}", limit=f"{TEXT_LIMIT:,}")
        return
    choices = ", ".join(code.label for code in column.codes)
    for row, text, number, is_negative in sheet.con.execute(
        f"""select row, text, to_money(ltrim(figures_of(text), '-')), figures_of(text) like '-%'
        from (select row, x."{name}" as text from typed t join texts x using (row) where t."{name}" is null and x."{name}" is not null)
        order by row""").fetchall():
        yield sheet.problem(_unreadable(column, text, number, is_negative), row, name, text, choices=choices)


def _unreadable(column: Column, text: str, number: float | None, is_negative: bool) -> str:
    """The kind of problem of a cell that can't be read as its column's kind."""
    if _is_error(text):
        return "error_value"
    if column.kind == "code":
        return "unknown_code"
    if column.kind == "date":
        return "not_a_date"
    if number is None:
        return "not_a_number"
    return "negative" if is_negative else "not_whole"


def _is_error(text: str) -> bool:
    """Whether a cell holds the error of a formula, as spreadsheets show it."""
    return text.startswith("#") and text.rstrip("!?") in ("#REF", "#DIV/0", "#N/A", "#NAME", "#NULL", "#NUM", "#VALUE", "#GETTING_DATA")


def _check_missing(sheet: _Sheet) -> Iterator[Problem]:
    nil = f""""{sheet.domain.nil}" = 'NIL'""" if sheet.domain.nil and sheet.has(sheet.domain.nil) else "false"
    for column in sheet.present:
        if column.required:
            excused = "false" if column.key else f"row in (select row from typed where {nil})"
            for (row,) in sheet.con.execute(f'select row from texts where "{column.name}" is null and not ({excused}) order by row').fetchall():
                yield sheet.problem("missing", row, column.name)


def _check_duplicates(sheet: _Sheet) -> Iterator[Problem]:
    keys = [column.name for column in sheet.domain.keys]
    if not sheet.has(*keys):
        return
    quoted = ", ".join(_quoted(keys))
    filled = " and ".join(f'"{key}" is not null' for key in keys)
    for row, first, *values in sheet.con.execute(
        f"""select row, first_row, {quoted}
        from (select *, min(row) over (partition by {quoted}) as first_row from typed where {filled})
        where row > first_row order by row""").fetchall():
        yield sheet.problem("duplicate", row, what=_named(sheet, keys, values), other=first)


def _named(sheet: _Sheet, keys: list[str], values: list[str]) -> str:
    """A row's key in words: Lahore, Returning Officer."""
    return ", ".join(_value_label(sheet, key, value) for key, value in zip(keys, values))


def _value_label(sheet: _Sheet, name: str, value: str) -> str:
    if name == "district":
        return sheet.places[value].name
    return {code.value: code.label for code in sheet.domain.column(name).codes}.get(value, value)


def _check_descending(sheet: _Sheet, rule: Rule, as_of: date | None) -> Iterator[Problem]:
    """Each column is at most the nearest filled one before it."""
    names = [name for name in rule.columns if sheet.has(name)]
    for number in range(1, len(names)):
        before = names[number - 1::-1]
        limit = f'coalesce({", ".join(_quoted(before))})'
        other = "case " + " ".join(f""" when "{name}" is not null then '{name}'""" for name in before) + " end"
        for row, value, most, which in sheet.con.execute(
            f'select row, "{names[number]}", {limit}, {other} from typed where "{names[number]}" > {limit} and ({rule.when}) order by row').fetchall():
            yield sheet.problem("rises", row, names[number], f"{value:,}", limit=f"{most:,}", other=sheet.label(which))


def _check_total(sheet: _Sheet, rule: Rule, as_of: date | None) -> Iterator[Problem]:
    *parts, total = rule.columns
    if not sheet.has(*rule.columns):
        return
    added = " + ".join(_quoted(parts))
    for row, value, summed in sheet.con.execute(
        f'select row, "{total}", {added} from typed where "{total}" <> {added} and ({rule.when}) order by row').fetchall():
        yield sheet.problem("parts_differ", row, total, f"{value:,}", parts=", ".join(sheet.label(part) for part in parts), sum=f"{summed:,}")


def _check_needs(sheet: _Sheet, rule: Rule, as_of: date | None) -> Iterator[Problem]:
    asked = next(column for column in sheet.domain.columns if column.name in rule.when)
    if not sheet.has(asked.name):
        return
    for name in rule.columns:
        # What is filled but can't be read has been said already.
        empty = f'x."{name}" is null' if sheet.has(name) else "true"
        for row, because in sheet.con.execute(
            f'select row, t."{asked.name}"::varchar from typed t join texts x using (row) '
            f'where {empty} and row in (select row from typed where {rule.when}) order by row').fetchall():
            yield sheet.problem("needed" if rule.blocks else "needed_soon", row, name, other=sheet.label(asked.name),
                                value=_value_label(sheet, asked.name, because))


def _check_not_after(sheet: _Sheet, rule: Rule, as_of: date | None) -> Iterator[Problem]:
    first, second = rule.columns
    if not sheet.has(first) or (second != "as_of" and not sheet.has(second)) or (second == "as_of" and as_of is None):
        return
    limit = "$as_of" if second == "as_of" else f'"{second}"'
    other = "the as-of date" if second == "as_of" else sheet.label(second)
    for row, value, latest in sheet.con.execute(
        f'select row, "{first}", {limit} from typed where "{first}" > {limit} and ({rule.when}) order by row',
        {"as_of": as_of} if second == "as_of" else {}).fetchall():
        yield sheet.problem("date_order", row, first, _day(value), limit=_day(latest), other=other)


_RULES = {"descending": _check_descending, "total": _check_total, "needs": _check_needs, "not_after": _check_not_after}


def _check_percents(sheet: _Sheet) -> Iterator[Problem]:
    """A typed percentage equals that of its counts, within rounding; 0.45 and 45 are both 45 %."""
    for column in sheet.present:
        if column.kind != "percent" or not sheet.has(*column.of):
            continue
        done, required = column.of
        for row, text, d, r in sheet.con.execute(
            f"""select row, x."{column.name}", t."{done}", t."{required}" from typed t join texts x using (row)
            where t."{required}" > 0 and t."{done}" is not null and to_percent(x."{column.name}") is not null
                and abs(to_percent(x."{column.name}") - 100.0 * t."{done}" / t."{required}") > 1
                and abs(100 * to_percent(x."{column.name}") - 100.0 * t."{done}" / t."{required}") > 1
            order by row""").fetchall():
            yield sheet.problem("percent_differs", row, column.name, text, done=f"{d:,}", required=f"{r:,}", percent=f"{100 * d / r:.0f}")


def _check_totals(sheet: _Sheet) -> Iterator[Problem]:
    """A total row is the sum of its rows: of its place, or of those above it, since the total before or from the top."""
    counts = [column.name for column in sheet.present if column.kind in ("count", "money")]
    for row, of_place, district in sheet.con.execute(
        f"select row, of_place, {'district' if sheet.has('district') else 'null'} from totals order by row").fetchall():
        before = sheet.con.execute("select coalesce(max(row), 0) from totals where row < ?", [row]).fetchone()[0]
        for name in counts:
            total, text = sheet.con.execute(f'select to_money("{name}"), "{name}" from totals where row = ?', [row]).fetchone()
            if text is None or not sheet.con.execute(f'select bool_and(t."{name}" is not null or x."{name}" is null) from typed t join texts x using (row)').fetchone()[0]:
                continue  # nothing to compare, or a number above that can't be read: that is said already
            sums = [_sum(sheet, name, where) for where in _summed_rows(sheet, row, before, of_place, district)]
            if total is None or all(total != one for one in sums):
                yield sheet.problem("total_differs", row, name, text, sum=f"{sums[0] or 0:,.0f}")


def _summed_rows(sheet: _Sheet, row: int, before: int, of_place: str, district: str | None) -> list[str]:
    """The ways in which a total row may be meant, as conditions on `typed`."""
    if of_place:
        return [_lies_in(sheet, of_place)]
    own = sheet.places.resolve(district).code if district else None
    if own:
        return [_lies_in(sheet, own)]
    return [f"row < {row} and row > {before}", f"row < {row}"]


def _lies_in(sheet: _Sheet, place: str) -> str:
    codes = ", ".join(f"'{one.code}'" for one in sheet.places.districts_of(place))
    return f"district in ({codes})"


def _sum(sheet: _Sheet, name: str, where: str) -> float | None:
    return sheet.con.execute(f'select sum("{name}") from typed where {where}').fetchone()[0]
