"""Cells + a domain → typed rows and problems. Every problem in the sheet is yielded; none stops the others.

The work is done by an in-memory DuckDB over the sheet's cells, so that a hundred thousand rows take no longer than a
breath; only distinct spellings of places and codes are looked at one by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa

from data.declare import Column, Domain, Rule
from data.election import Election
from data.migrations import sql_type
from data.places import Match
from data.scope import Scope
from loaders import lines, totals
from loaders.answers import Answers
from loaders.cells import NOT_CALCULATED
from loaders.headers import Layout, codes_by_spelling, fold_heading
from loaders.problems import Problem, problem
from loaders.table import Table, quoted

TEXT_LIMIT = 2000
# What is to be known of a text that can't be read as a number: the number that it would be without its minus, whether it has
# one, whether it may be thousands or decimals.
_AS_A_NUMBER = "to_money(ltrim(figures_of(text), '-')), figures_of(text) like '-%', is_uncertain(amount_of(text))"
# A unit of amounts, as it is written above a table.
_UNIT = re.compile(r"\b(millions?|mln|la(?:kh|c)s?|crores?|thousands?)\b|['‘’]000\b|ہزار|لاکھ|کروڑ|ملین", re.I)
# What a spreadsheet program makes of a code that it takes for a number, a date or a truth value: 3.52021E+12, all figures
# after the fifteenth zero, 2026-02-01, true.
_CHANGED_CODE = r"(?i)\d+(\.\d+)?e[+-]\d+|\d{15}0+|\d{4}-\d{2}-\d{2}(T.*)?|true|false"


@dataclass(frozen=True)
class Corrected:
    """A cell that was corrected: its place, its district where that is known, what stood there, what is read instead, and
    who corrected it ("" where nobody said)."""

    row: int
    column: str
    district: str
    original: str
    corrected: str
    reason: str
    by: str


@dataclass(frozen=True)
class Checked:
    """A sheet's typed rows with all that is wrong in it. `as_of` is None where that itself is the problem; `letters` are those
    of each column that the sheet has; `corrected` its cells in whose place something else was put; `named` every district that it names, whoever may submit for
    it, or None where the file may name others: a name is not known, a row is left out, a sheet is not read."""

    domain: Domain
    sheet: str
    as_of: date | None
    rows: pa.Table
    districts: tuple[str, ...]
    problems: tuple[Problem, ...]
    letters: Mapping[str, str] = field(default_factory=dict)
    corrected: tuple[Corrected, ...] = ()
    header_row: int = 0
    named: frozenset[str] | None = None

    @property
    def blocked(self) -> bool:
        return any(found.blocks for found in self.problems)


def check(layout: Layout, election: Election, *, today: date, may_submit: Scope, answers: Answers = Answers()) -> Checked:
    """The sheet's rows and everything wrong with them, as far as the sheet alone can tell.

    Of `answers` the day, which overrides the one in the sheet, the corrections and what is left out are followed here; for the
    rest the election knows more already. `loaders.comparison` adds what only the current picture can tell.
    """
    table = Table(layout, election, answers.corrections)
    problems = list(layout.problems)
    told, found = _as_of(table, layout, answers.as_of, today)
    problems += found
    problems += _set_aside(table, layout)
    problems += lines.set_untouched_aside(table)
    problems += lines.leave_out(table, answers.left_out)
    if not may_submit.allows(table.domain.name):
        problems.append(table.problem("outside_domain", None, domain=table.domain.label))
    named = _named(table, layout, answers)
    problems += _read_places(table, may_submit)
    _empty_nil_rows(table)
    _read_codes(table)
    _type_rows(table)
    if table.ask("select count(*) from typed") == [(0,)]:
        problems.append(table.problem("no_rows", None, what=table.domain.row.removeprefix("one row per ")))
    for column in table.present:
        problems += _check_cells(table, column)
        problems += _check_turned_dates(table, column)
        problems += _check_month_first(table, column)
    problems += _check_missing(table)
    problems += lines.names_only(table)
    problems += lines.merged(table)
    problems += lines.hidden(table, layout.sheet.hidden_rows)
    problems += _check_keys(table)
    problems += _check_nil(table)
    for rule in table.domain.rules:
        problems += _RULES[rule.kind](table, rule, told)
    problems += _check_percents(table)
    problems += _check_unit(table, layout)
    problems += totals.check(table)
    problems += _check_totals_cells(table)
    problems += [table.problem("read_as", row, name, original, corrected=corrected)
                 for (row, name), (original, corrected) in _put_in(table, answers).items()]
    problems = list(_with_districts(table, problems))
    rows = _rows(table)
    districts = tuple(code for (code,) in table.ask("select distinct district from typed where district is not null order by 1"))
    corrected = _corrected(table, answers)
    table.con.close()
    return Checked(table.domain, table.name, told, rows, districts, in_reading_order(problems), table.letters, corrected,
                   layout.header_row, named)


def _rows(table: Table) -> pa.Table:
    """The typed rows in the order of the sheet, in which nearly every sheet has them: to see that is faster than to sort them."""
    stored = ", ".join(f'{"typed" if _is_typed(table, column) else "texts"}."{column.name}"' for column in table.domain.stored)
    rows = table.con.execute(f"""select typed.row::integer as row, {stored} from typed join texts on texts.rowid = typed."texts.rowid\"""").to_arrow_table()
    numbers = rows["row"].to_numpy()
    return rows if (numbers[:-1] < numbers[1:]).all() else rows.sort_by("row")


def in_reading_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """What blocks first; then from the top of the sheet."""
    return tuple(sorted(problems, key=lambda found: (not found.blocks, found.row or 0)))


def _put_in(table: Table, answers: Answers) -> dict[tuple[int, str], tuple[str, str]]:
    """What stood in each cell that was corrected, and what is read instead."""
    return {(one.row, one.column): (original, one.corrected) for one in answers.corrections
            if (original := table.originals.get((one.row, one.column))) is not None and original != one.corrected}


def _corrected(table: Table, answers: Answers) -> tuple[Corrected, ...]:
    """The corrections that put something else into a cell of the table."""
    districts = dict(table.ask("select row, coalesce(district, '') from typed where row in (select unnest(?))", [[row for row, _ in table.originals]]))
    told = {(one.row, one.column): one for one in answers.corrections}
    return tuple(Corrected(row, name, districts.get(row, ""), original, corrected, told[row, name].reason, told[row, name].by)
                 for (row, name), (original, corrected) in _put_in(table, answers).items())


_OF_THE_SHEET = ("no_heading", "another_header", "dates_turned")  # they name a row, and are about more than that one


def _with_districts(table: Table, problems: list[Problem]) -> Iterator[Problem]:
    """The problems, each with the districts that it holds, as far as a row tells of them."""
    said = {found.row: found.holds for found in problems if found.holds is not None}
    asked = [found.row for found in problems if found.row is not None and found.holds is None and found.kind not in _OF_THE_SHEET]
    typed = dict(table.ask("select row, district from typed where district is not null and row in (select unnest(?))", [asked]))
    totals_of = dict(table.ask("select row, of_place from totals where row in (select unnest(?))", [asked]))
    spans = {top: (bottom, name) for name, top, bottom in table.ask("select distinct name, top, bottom from covered")}
    for found in problems:
        row = found.row
        if row is None or found.holds is not None or found.kind in _OF_THE_SHEET:
            yield found
        elif found.kind == "merged_cell" and row in spans:
            within = table.ask("select district from typed where row between ? and ?", [row, spans[row][0]])
            yield found if (None,) in within else found.holding(tuple(sorted({code for (code,) in within})))
        elif row in typed:
            yield found.holding((typed[row],))
        elif row in totals_of:
            yield found.holding(_districts_of(table, totals_of[row]))
        else:
            yield found.holding(said[row]) if row in said else found


def _districts_of(table: Table, place: str | None) -> tuple[str, ...] | None:
    return tuple(district.code for district in table.places.districts_of(place)) if place else None


def _as_of(table: Table, layout: Layout, given: date | None, today: date) -> tuple[date | None, list[Problem]]:
    written: dict[date | str, tuple[str, int]] = {}
    for text, row in layout.as_of:
        written.setdefault(table.ask("select to_date(clean(?))", [text])[0][0] or text, (text, row))
    days = [day for day in written if isinstance(day, date)]
    problems = []
    if given is None and len(written) > 1:
        named = sorted((row, _day(day) if isinstance(day, date) else f"“{day}”") for day, (_, row) in written.items())
        problems.append(problem("as_of_ambiguous", table.name, value=" and ".join(f"{day} in row {row}" for row, day in named)))
    elif given is None and written and not days:
        (text, row), = written.values()
        problems.append(problem("as_of_unreadable", table.name, row=row, column="As-of date", value=text))
    elif given is None and not written:
        problems.append(problem("as_of_missing", table.name))
    elif given and days and given not in days:
        problems.append(problem("as_of_differs", table.name, value=" and ".join(map(_day, days)), given=_day(given)))
    told = given or (days[0] if len(written) == 1 and days else None)
    if told and told > today:
        problems.append(problem("as_of_future", table.name, value=_day(told), today=_day(today)))
    return told, problems


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _set_aside(table: Table, layout: Layout) -> Iterator[Problem]:
    """Takes out what is not a row of the table: headers that come again, rows of column numbers, totals, lines of text."""
    yield from lines.set_headers_aside(table, layout)
    totals.set_aside(table)
    yield from _set_lines_aside(table, " + ".join(f'("{column.name}" is not null)::int' for column in table.present))
    yield from lines.beside(table, layout)


def _set_lines_aside(table: Table, filled: str) -> Iterator[Problem]:
    """Takes out the rows of which one cell is filled, and that with neither a district nor a number; and signatures."""
    only = ", ".join(quoted(column.name for column in table.present))
    alone = table.ask(
        f"select text, list(row order by row) from (select row, coalesce({only}) as text from texts where {filled} = 1) "
        "where to_money(text) is null group by text")
    notes = [(row, text) for text, rows in alone if table.places.resolve(text).code is None for row in rows]
    table.take_out([row for row, _ in notes])
    yield from (table.problem("line_ignored", row, value=text) for row, text in notes)
    yield from _set_signature_aside(table)


def _set_signature_aside(table: Table) -> Iterator[Problem]:
    """Takes out the rows below the last one of a known district that tell nothing of any: "Prepared by" and, some cells
    further, who that was."""
    certain = [last for text, last in table.ask("select district, max(row) from texts where district is not null group by all")
               if table.places.resolve(text).code is not None]
    if not certain:
        return
    names = [column.name for column in table.present]
    figures = ", ".join(["''", *quoted(
        column.name for column in table.present if column.kind in ("count", "money", "percent") or (column.key and column.kind == "text"))])
    nil = f'is_nil("{table.domain.nil}")' if table.domain.nil and table.has(table.domain.nil) else "false"
    below = table.ask(f"""
        select row, {', '.join(quoted(names))} from texts
        where row > ? and {nil} is not true and not regexp_matches(figures_of(concat_ws(' ', {figures})), '\\d') order by row""", [max(certain)])
    filled = [(row, {name: text for name, text in zip(names, texts) if text is not None}) for row, *texts in below]
    notes = [(row, told) for row, told in filled if not _tells_of_a_district(table, told)]
    table.take_out([row for row, _ in notes])
    yield from (table.problem("line_ignored", row, value=", ".join(told.values())) for row, told in notes)


def _tells_of_a_district(table: Table, told: dict[str, str]) -> bool:
    """Whether a row without a figure has a choice of some column, or what may be a district's or another place's name."""
    columns = [table.domain.column(name) for name in told]
    if any(column.kind == "code" and fold_heading(told[column.name]) in codes_by_spelling(column) for column in columns):
        return True
    district = told.get("district", "")
    match = table.places.resolve(district)
    if match.reason != "unknown" or table.places.resolve_place(district) is not None:
        return True
    return bool(match.candidates) and any(column.key and column.kind == "text" for column in columns)


def _read_places(table: Table, may_submit: Scope) -> Iterator[Problem]:
    """Resolves each distinct district (and its province, where given) to a code in the table `places`."""
    table.con.execute("create table places (text varchar, province_text varchar, district varchar)")
    province = '"province"' if table.has("province") else "null::varchar"
    certain, uncertain = [], {}
    for text, province_text in table.ask(f'select distinct "district", {province} from texts where "district" is not null'):
        match = table.places.resolve(text)
        kind, facts, column = _place_problem(table, match, text, province_text, may_submit)
        if kind is None:
            certain.append((text, province_text, match.code))
        area = table.places.resolve_place(text) if kind == "not_a_district" else None
        # A name that is none of ours may be any district's, also of one that stands in the sheet: none may go in without it.
        known = (match.code,) if match.code else match.candidates if match.reason in ("ambiguous", "split") else ()
        holds = _districts_of(table, area) if area else known or None
        if kind is not None:
            uncertain[text, province_text] = kind, column, holds, facts
    if certain:
        table.con.execute("insert into places select unnest(?), unnest(?), unnest(?)", [list(one) for one in zip(*certain)])
    named = list({text for text, _ in uncertain})
    for row, *written in table.ask(f'select row, "district", {province} from texts where "district" in (select unnest(?)) order by row', [named]):
        if found := uncertain.get(tuple(written)):
            kind, column, holds, facts = found
            yield table.problem(kind, row, column, holds=holds, **facts)


def _named(table: Table, layout: Layout, answers: Answers) -> frozenset[str] | None:
    """Every district that stands in the sheet, or may be meant there; None where the file may be about others."""
    if answers.left_out or any(one.kind == "sheet_not_read" for one in layout.problems):
        return None
    written = [text for (text,) in table.ask('select distinct "district" from texts')] if table.has("district") else [None]
    written += [text for (_, name), text in table.originals.items() if name == "district"]
    named: set[str] = set()
    for text in written:
        match = table.places.resolve(text) if text is not None else None
        area = table.places.resolve_place(text) if match and match.code is None else None
        meant = () if match is None else (match.code,) if match.code else match.candidates if match.reason in ("ambiguous", "split") \
            else [place.code for place in table.places.districts_of(area)] if area else ()
        if not meant:
            return None
        named.update(meant)
    return frozenset(named)


def _place_problem(
    table: Table, match: Match, text: str, province_text: str | None, may_submit: Scope,
) -> tuple[str | None, dict[str, str], str]:
    """The problem with a district's name, as (kind, facts, column); (None, …) if it is certain and allowed."""
    names = [table.places[code].name for code in match.candidates]
    for name, said in (("district", text), ("province", province_text)):
        if said is not None and _is_error(said):
            return _error_kind(said), {"value": said}, name
    if match.code is None and match.reason in ("ambiguous", "split"):
        return "ambiguous_district", {"value": text, "choices": " or ".join(names)}, "district"
    if match.code is None and (area := table.places.resolve_place(text)):
        return "not_a_district", {"value": text, "level": table.places[area].level}, "district"
    if match.code is None:
        nearest = f"Did you mean {' or '.join(names[:3])}?" if names else "Take the name from the list in the template."
        return "unknown_district", {"value": text, "nearest": nearest}, "district"
    if match.code not in may_submit.districts:
        return "outside_area", {"value": text}, "district"
    own = table.places[match.code].province
    if province_text is not None and _province_meant(table, province_text) != own:
        return "wrong_province", {"value": province_text, "district": table.places[match.code].name, "province": table.places[own].name}, "province"
    return None, {}, ""


def _province_meant(table: Table, text: str) -> str | None:
    """The province that the cell of a province's column means. Where a province and its only district share a name, a
    bare name is read as the district's elsewhere; here it is the province's."""
    district = table.places.resolve(text).code
    if district is None:
        return table.places.resolve_place(text)
    province = table.places[district].province
    return province if len(table.places.districts_of(province)) == 1 else None


def _empty_nil_rows(table: Table) -> None:
    """A row that says NIL lists nothing: the same word in its other cells is left out."""
    nil = table.domain.nil
    if nil and table.has(nil):
        emptied = ", ".join(f'"{column.name}" = case when not is_nil("{column.name}") then "{column.name}" end' for column in table.present if not column.key)
        table.con.execute(f'update texts set {emptied} where is_nil("{nil}")')


def _read_codes(table: Table) -> None:
    """Resolves each distinct text of a coded column to its value in the table `codes`."""
    table.con.execute("create table codes (name varchar, text varchar, value varchar)")
    for column in table.present:
        if column.kind == "code":
            known = codes_by_spelling(column)
            texts = table.ask(f'select distinct "{column.name}" from texts where "{column.name}" is not null')
            found = [(column.name, text, known[fold_heading(text)]) for (text,) in texts if fold_heading(text) in known]
            if found:
                table.con.execute("insert into codes select unnest(?), unnest(?), unnest(?)", [list(one) for one in zip(*found)])


def _type_rows(table: Table) -> None:
    """Makes the table `typed`: the stored columns in their types, null for what can't be read. A date or an amount
    that stands in many cells is read once. The columns that are texts in both, and that no rule reads, are in `texts` alone, with whose
    rows they are joined by "texts.rowid", for a damaged file may have a row's number twice."""
    columns, joins = [], []
    for column in table.domain.stored:
        name = column.name
        if not _is_typed(table, column):
            continue
        if not table.has(name):
            columns.append(f'null::{sql_type(column)} as "{name}"')
        elif column.kind == "district":
            joins.append(f"left join places p on p.text = t.\"district\" and p.province_text is not distinct from "
                         f"{'t.province' if table.has('province') else 'null'}")
            columns.append('p.district as "district"')
        elif column.kind == "code":
            joins.append(f"left join codes c_{name} on c_{name}.name = '{name}' and c_{name}.text = t.\"{name}\"")
            columns.append(f'c_{name}.value as "{name}"')
        elif column.kind in ("date", "money"):
            joins.append(f"""left join (select text, to_{column.kind}(text) as value from (select distinct "{name}" as text from texts))
                r_{name} on r_{name}.text = t."{name}\"""")
            columns.append(f'r_{name}.value as "{name}"')
        elif column.kind == "count":
            columns.append(f'to_{column.kind}(t."{name}") as "{name}"')
        elif name == table.domain.nil:
            columns.append(f"""case when is_nil(t."{name}") then 'NIL' else t."{name}" end as "{name}" """)
        else:
            columns.append(f't."{name}"')
    table.con.execute(f"""create table typed as select t.row, t.rowid as "texts.rowid", {', '.join(columns)} from texts t {' '.join(joins)}""")


def _is_typed(table: Table, column: Column) -> bool:
    """Whether a stored column stands in `typed`; one that the sheet does not have stands nowhere else."""
    in_a_rule = any(re.search(rf"\b{column.name}\b", rule.when, re.IGNORECASE) for rule in table.domain.rules)
    return column.kind != "text" or column.key or column.name == table.domain.nil or in_a_rule or not table.has(column.name)


def _check_cells(table: Table, column: Column) -> Iterator[Problem]:
    """What is filled and can't be read as its kind."""
    name = column.name
    if column.kind in ("district", "province", "percent"):
        return
    if column.kind == "text":
        if column.key:
            yield from _check_code(table, name)
        for row, text in table.ask(
            f"""select row, "{name}" from texts where length("{name}") > {TEXT_LIMIT} or "{name}" like '#%' order by row"""):
            if _is_error(text):
                yield table.problem(_error_kind(text), row, name, text)
            elif len(text) > TEXT_LIMIT:
                yield table.problem("too_long", row, name, f"{text[:40]}…", count=f"{len(text):,}", limit=f"{TEXT_LIMIT:,}")
        return
    choices = ", ".join(code.label for code in column.codes)
    for row, text, number, is_negative, is_uncertain in table.ask(
        f"""select row, text, {_AS_A_NUMBER}
        from (select row, x."{name}" as text from typed t join texts x using (row) where t."{name}" is null and x."{name}" is not null)
        order by row"""):
        yield table.problem(_unreadable(column, text, number, is_negative, is_uncertain), row, name, text, choices=choices)


def _check_totals_cells(table: Table) -> Iterator[Problem]:
    """What is filled in a total row and is no number."""
    for column in table.present:
        if column.kind in ("count", "money"):
            for row, text, number, is_negative, is_uncertain in table.ask(
                f"""select row, text, {_AS_A_NUMBER} from (select row, "{column.name}" as text from totals)
                where text is not null and to_money(text) is null order by row"""):
                yield table.problem(_unreadable(column, text, number, is_negative, is_uncertain), row, column.name, text)


def _check_turned_dates(table: Table, column: Column) -> Iterator[Problem]:
    """A spreadsheet program that puts the month first makes a date of 05/12/2025, with day and month turned round, and
    leaves 13/05/2025 as text. So it was where no date that it made has a day after the 12th and each typed one has."""
    if column.kind != "date":
        return
    made = f"""x."{column.name}" like '____-__-__'"""
    typed = f"""not {made} and regexp_full_match(figures_of(x."{column.name}"), '\\d{{1,2}}[/.-]\\d{{1,2}}[/.-]\\d{{2,4}}')"""
    if not table.ask(f"select 1 from texts x where {typed} limit 1"):
        return
    day = f'day(t."{column.name}")'
    for first, count in table.ask(
        f"""select min(row) filter ({made}), count(*) filter ({made}) from texts x join typed t using (row)
        having bool_and({day} <= 12) filter ({made}) and bool_and({day} > 12) filter ({typed})"""):
        yield table.problem("dates_turned", first, column.name, count=f"{count:,}")


def _check_month_first(table: Table, column: Column) -> Iterator[Problem]:
    """Where a date of a column was certainly typed with the month first, those that could be read both ways can't be read with certainty."""
    if column.kind != "date":
        return
    parts = f"""regexp_extract(figures_of("{column.name}"), '^(\\d{{1,2}})[/.-](\\d{{1,2}})[/.-](\\d{{4}}|\\d{{2}})$', ['a', 'b', 'y'])"""
    typed = f"""select row, "{column.name}" as text, try_cast(part.a as integer) as a, try_cast(part.b as integer) as b
        from (select *, {parts} as part from texts where "{column.name}" is not null and not "{column.name}" like '____-__-__') where part.a <> ''"""
    proof = table.ask(f"select min(text) from ({typed}) where a <= 12 and b between 13 and 31")[0][0]
    if proof is not None:
        for row, text in table.ask(f"select row, text from ({typed}) where a <= 12 and b <= 12 and a <> b order by row"):
            yield table.problem("uncertain_date", row, column.name, text, proof=proof)


def _check_code(table: Table, name: str) -> Iterator[Problem]:
    """A code that is a text of any kind, but not what a spreadsheet program made of it."""
    for row, text in table.ask(f"""select row, "{name}" from texts where regexp_full_match("{name}", '{_CHANGED_CODE}') order by row"""):
        yield table.problem("not_a_code", row, name, text)


def _unreadable(column: Column, text: str, number: float | None, is_negative: bool, is_uncertain: bool) -> str:
    """The kind of problem of a cell that can't be read as its column's kind."""
    if _is_error(text):
        return _error_kind(text)
    if column.kind == "code":
        return "unknown_code"
    if column.kind == "date":
        return "not_a_date"
    if is_uncertain:
        return "uncertain_number"
    if number is None:
        return "not_a_number"
    return "negative" if is_negative else "not_whole"


def _is_error(text: str) -> bool:
    """Whether a cell holds the error of a formula, as spreadsheets show it."""
    return text == NOT_CALCULATED or (
        text.startswith("#") and text.rstrip("!?") in ("#REF", "#DIV/0", "#N/A", "#NAME", "#NULL", "#NUM", "#VALUE", "#GETTING_DATA"))


def _error_kind(text: str) -> str:
    return "not_calculated" if text == NOT_CALCULATED else "error_value"


def _check_missing(table: Table) -> Iterator[Problem]:
    nil = f""""{table.domain.nil}" = 'NIL'""" if table.domain.nil and table.has(table.domain.nil) else "false"
    for column in table.present:
        if column.required:
            excused = "false" if column.key else f"row in (select row from typed where {nil})"
            said = f"select row from names_only union all select row from covered where name = '{column.name}'"
            for (row,) in table.ask(
                f'select row from texts where "{column.name}" is null and not ({excused}) and row not in ({said}) order by row'):
                yield table.problem("missing", row, column.name)


def _check_keys(table: Table) -> Iterator[Problem]:
    """Rows whose keys are the same, or the same but for what people leave out or add. Few sheets have any, which one question tells."""
    if not table.has(*(column.name for column in table.domain.keys)):
        return
    keys = [(f'"{column.name}"', column.kind == "text") for column in table.domain.keys]
    filled = " and ".join(f"{name} is not null" for name, _ in keys)
    folded = ", ".join(f"folded_code({name})" if is_text else name for name, is_text in keys)
    if table.ask(f"select count(*) > count(distinct ({folded})) from typed where {filled}") == [(True,)]:
        yield from _check_duplicates(table)
        yield from _check_likeness(table)


def _check_duplicates(table: Table) -> Iterator[Problem]:
    keys = [column.name for column in table.domain.keys]
    names = ", ".join(quoted(keys))
    filled = " and ".join(f"{name} is not null" for name in quoted(keys))
    coded = [column.name for column in table.domain.keys if column.kind == "code"]
    own, other = (", ".join(f'{which}."{name}"' for name in coded) for which in ("own", "other"))
    for row, first, words, others, *values in table.ask(
        f"""select d.row, first_row, [{own}], [{other}], {", ".join(f"d.{name}" for name in quoted(keys))}
        from (select row, {names}, min(row) over (partition by {names}) as first_row from typed where {filled}) d
        join texts own on own.row = d.row join texts other on other.row = first_row
        where d.row > first_row order by d.row"""):
        labels = {key: table.value_label(key, value) for key, value in zip(keys, values)}
        unlike = [(key, word, other) for key, word, other in zip(coded, words, others) if fold_heading(word) != fold_heading(other)]
        if unlike:
            key, word, other = unlike[0]
            yield table.problem("counted_together", row, key, word, other=other, first=first, what=labels[key])
        else:
            yield table.problem("duplicate", row, what=", ".join(labels.values()), other=first)


def _check_likeness(table: Table) -> Iterator[Problem]:
    """Codes that differ only in what people leave out or add: capitals, leading zeros, a dot or ".0" at the end."""
    keys = [column.name for column in table.domain.keys]
    for column in table.domain.keys:
        if column.kind != "text":
            continue
        name = f'"{column.name}"'
        alike = ", ".join(["folded", *quoted(key for key in keys if key != column.name)])
        filled = " and ".join(f"{key} is not null" for key in quoted(keys))
        table.con.execute(f"create or replace view folded_codes as select *, folded_code({name}) as folded from typed where {filled}")
        for row, text, other, first in table.ask(f"""
            select row, {name}, other, first_row
            from (select {alike}, arg_min({name}, row) as other, min(row) as first_row from folded_codes group by all having min({name}) <> max({name}))
            join folded_codes using ({alike})
            where {name} <> other order by row"""):
            yield table.problem("looks_the_same", row, column.name, text, other=other, first=first)


def _check_nil(table: Table) -> Iterator[Problem]:
    """A district that says NIL lists nothing, in other rows or in that one."""
    nil = table.domain.nil
    if not nil or not table.has(nil):
        return
    for row, district, other in table.ask(
        f"""select n.row, district, min(l.row) from typed n join typed l using (district)
        where n."{nil}" = 'NIL' and l."{nil}" <> 'NIL' group by all order by n.row"""):
        yield table.problem("nil_and_rows", row, what=table.places[district].name, other=other)
    for column in table.present:
        if column.kind == "code" and not column.key:
            for row, district, text in table.ask(
                f"""select row, t.district, x."{column.name}" from typed t join texts x using (row)
                where t."{nil}" = 'NIL' and t."{column.name}" is not null and t.district is not null order by row"""):
                yield table.problem("nil_and_state", row, column.name, text, what=table.places[district].name)


def _check_descending(table: Table, rule: Rule, as_of: date | None) -> Iterator[Problem]:
    """Each column is at most the nearest filled one before it."""
    names = [name for name in rule.columns if table.has(name)]
    for number in range(1, len(names)):
        before = names[number - 1::-1]
        limit = f'coalesce({", ".join(quoted(before))})'
        other = "case " + " ".join(f""" when "{name}" is not null then '{name}'""" for name in before) + " end"
        for row, value, most, which in table.ask(
            f'select row, "{names[number]}", {limit}, {other} from typed where "{names[number]}" > {limit} and ({rule.when}) order by row'):
            yield table.problem("rises", row, names[number], f"{value:,}", limit=f"{most:,}", other=table.label(which))


def _check_total(table: Table, rule: Rule, as_of: date | None) -> Iterator[Problem]:
    *parts, total = rule.columns
    if not table.has(*rule.columns):
        return
    added = " + ".join(quoted(parts))
    for row, value, summed in table.ask(
        f'select row, "{total}", {added} from typed where "{total}" <> {added} and ({rule.when}) order by row'):
        yield table.problem("parts_differ", row, total, f"{value:,}", parts=", ".join(table.label(part) for part in parts), sum=f"{summed:,}")


def _check_needs(table: Table, rule: Rule, as_of: date | None) -> Iterator[Problem]:
    asked = next(column for column in table.domain.columns if re.search(rf"\b{column.name}\b", rule.when))
    if not table.has(asked.name):
        return
    for name in rule.columns:
        # What is filled but can't be read has been said already.
        empty = f'x."{name}" is null' if table.has(name) else "true"
        for row, because in table.ask(
            f"""select row, {_words_for(asked)} from typed t join texts x using (row)
            where {empty} and row in (select row from typed where {rule.when}) order by row"""):
            yield table.problem("needed" if rule.blocks else "needed_soon", row, name, other=table.label(asked.name),
                                value=table.value_label(asked.name, because))


def _words_for(column: Column) -> str:
    return f"""strftime(t."{column.name}", '%-d %b %Y')""" if column.kind == "date" else f't."{column.name}"::varchar'


def _check_not_after(table: Table, rule: Rule, as_of: date | None) -> Iterator[Problem]:
    first, second = rule.columns
    if not table.has(first) or (second != "as_of" and not table.has(second)) or (second == "as_of" and as_of is None):
        return
    limit = "$as_of" if second == "as_of" else f'"{second}"'
    other = "the as-of date" if second == "as_of" else table.label(second)
    for row, value, latest in table.ask(
        f'select row, "{first}", {limit} from typed where "{first}" > {limit} and ({rule.when}) order by row',
        {"as_of": as_of} if second == "as_of" else {}):
        yield table.problem("date_order", row, first, _day(value), limit=_day(latest), other=other)


_RULES = {"descending": _check_descending, "total": _check_total, "needs": _check_needs, "not_after": _check_not_after}


def _check_percents(table: Table) -> Iterator[Problem]:
    """A typed percentage equals that of its counts, within rounding; 0.45 and 45 are both 45 %."""
    for column in table.present:
        if column.kind != "percent" or not table.has(*column.of):
            continue
        done, required = column.of
        for row, text, d, r in table.ask(
            f"""select row, x."{column.name}", t."{done}", t."{required}" from typed t join texts x using (row)
            where t."{required}" > 0 and t."{done}" is not null and to_percent(x."{column.name}") is not null
                and abs(to_percent(x."{column.name}") - 100.0 * t."{done}" / t."{required}") > 1
                and abs(100 * to_percent(x."{column.name}") - 100.0 * t."{done}" / t."{required}") > 1
            order by row"""):
            yield table.problem("percent_differs", row, column.name, text, done=f"{d:,}", required=f"{r:,}", percent=f"{100 * d / r:.0f}")


def _check_unit(table: Table, layout: Layout) -> Iterator[Problem]:
    """Amounts are taken as they stand, in rupees; a line above the table may say otherwise."""
    amounts = [column.name for column in table.present if column.kind == "money"]
    if not amounts:
        return
    for cells in layout.sheet.cells.slice(0, layout.header_row).to_pylist():
        said = " ".join(text.strip() for name, text in cells.items() if name != "row" and text)
        if cells["row"] < layout.header_row and _UNIT.search(said):
            yield table.problem("unit_above", cells["row"], amounts[0], said)
