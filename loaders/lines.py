"""The lines under a header that are not simply rows of its table: headers that come again, rows that nobody filled in, rows
that nobody sees, and values beside the table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from data.declare import Column
from loaders.cells import column_number
from loaders.headers import Layout, fold_heading, headings, is_serial, unlike
from loaders.problems import Problem
from loaders.table import Table, quoted

_NAMED = 3  # districts that were left out, or groups of hidden rows; the rest are counted


def set_headers_aside(table: Table, layout: Layout) -> Iterator[Problem]:
    """Takes out the headers that come again, each with the row of column numbers under it. A header of other columns ends
    the table. What was taken out stands in `aside`."""
    known = headings(table.domain)
    again, others = [layout.header_row, *_without_district(table)], []
    for row, texts in _headers(table, known):
        at = unlike(layout, texts, known)
        if at is None:
            again.append(row)
        else:
            others.append((row, at, texts[at]))
    table.con.execute("create table aside as select unnest(?)::integer as row", [[*again, *_column_numbers(table, again)]])
    if others:
        row, at, text = min(others)
        table.con.execute("insert into aside select row from cells where row >= ?", [row])
        yield table.problem("another_header", row, value=text, at=at, first=layout.header_row)
    table.con.execute("delete from texts where row in (select row from aside)")


def _without_district(table: Table) -> list[int]:
    """The rows that say nothing but the headings of their columns, where these leave out the district's: the lower row of a
    header of two."""
    if not table.ask("select 1 from texts where district is null limit 1"):
        return []
    names = [column.name for column in table.present]
    filled = " + ".join(f'("{name}" is not null)::int' for name in names)
    same = " and ".join(f"""("{name}" is null or rtrim("{name}", ' *') = clean(?))""" for name in names)
    found = table.ask(f"select row from texts where district is null and {same} and {filled} > 1", [table.headings[name] for name in names])
    return [row for (row,) in found]


def _headers(table: Table, known: Mapping[str, str]) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows that are headers in whatever words, as (row, letters → text): a heading stands where a district should."""
    texts = [text for (text,) in table.ask("select distinct district from texts where district is not null")]
    likely = [text for text in texts if fold_heading(text) in known or is_serial(fold_heading(text))]
    if not likely:
        return
    found = table.con.execute("select c.* from cells c join texts t using (row) where t.district in (select unnest(?))", [likely]).to_arrow_table()
    for cells in found.to_pylist():
        row, filled = cells.pop("row"), {at: text for at, text in cells.items() if text and text.strip()}
        names = [known.get(fold_heading(text)) for text in filled.values()]
        if len(names) > 1 and ("district" in names or len(names) - names.count(None) > 1):
            yield row, filled


def _column_numbers(table: Table, headers: Sequence[int]) -> list[int]:
    """The rows right under one of the headers that number the columns: 1, 2, 3 …"""
    numbers = " and ".join(f"""regexp_full_match(coalesce("{column.name}", ''), '\\(?\\d{{1,2}}\\)?')""" for column in table.present)
    found = [row for (row,) in table.ask(f"select row from texts where {numbers}")] if len(table.present) > 2 else []
    if not found:
        return []
    under = table.ask("""
        select row from (select row, lag(row) over (order by row) as above from (select row from texts union select unnest($headers)))
        where list_contains($headers, above)""", {"headers": list(headers)})
    return [row for (row,) in under if row in found]


def set_untouched_aside(table: Table) -> Iterator[Problem]:
    """Leaves out the districts of which only names are filled in, as a blank template has them, and says so once. Where such
    rows stand among filled ones, or something was typed into them, they stay, and stand in `names_only`."""
    _find_names_only(table)
    blank = _blank_districts(table)
    if not blank:
        return
    texts = [text for _, spellings in blank.values() for text in spellings]
    table.con.execute("delete from names_only where district in (select unnest(?))", [texts])
    table.con.execute("delete from texts where district in (select unnest(?))", [texts])
    if table.ask("select 1 from texts limit 1"):
        yield table.problem("not_filled_in", None, what=_left_out(table, blank))


def leave_out(table: Table, written: Sequence[str]) -> Iterator[Problem]:
    """Takes out the rows of which somebody said that their district is none of this election's."""
    for text, rows in table.ask("select district, list(row order by row) from texts where district in (select unnest(?)) group by all order by min(row)", [list(written)]):
        table.take_out(rows)
        told = "its row was" if len(rows) == 1 else f"its {len(rows):,} rows were"
        yield table.problem("left_out", rows[0], "district", text, told=told)


def _find_names_only(table: Table) -> None:
    """The table `names_only`: row, district, and whether it has a key that no template fills in."""
    reported = _any_filled(column for column in table.present if not column.key and column.kind not in ("province", "percent"))
    typed = _any_filled(column for column in table.present if column.key and not column.prefilled)
    nil = f'is_nil("{table.domain.nil}")' if table.domain.nil and table.has(table.domain.nil) else "false"
    table.con.execute(f"""
        create table names_only as
        select row, district, ({typed}) as is_typed from texts where district is not null and not ({reported}) and ({nil}) is not true""")


def _any_filled(columns: Iterable[Column]) -> str:
    return " or ".join(f'"{column.name}" is not null' for column in columns) or "false"


def _blank_districts(table: Table) -> dict[str, tuple[int, list[str]]]:
    """The districts all of whose rows are as a blank template has them: code → (how many rows, how the district is written)."""
    if not table.ask("select 1 from names_only limit 1"):
        return {}
    found: dict[str, tuple[int, list[str]]] = {}
    filled = set()
    for text, rows, blank in table.ask("""
        select district, count(*), count(*) filter (not is_typed)
        from texts left join names_only using (row, district) where district is not null group by all order by min(row)"""):
        code = table.places.resolve(text).code
        if code is None:
            table.con.execute("delete from names_only where district = ?", [text])
        elif rows > blank:
            filled.add(code)
        else:
            before, spellings = found.get(code, (0, []))
            found[code] = (before + rows, [*spellings, text])
    return {code: what for code, what in found.items() if code not in filled}


def _left_out(table: Table, blank: Mapping[str, tuple[int, list[str]]]) -> str:
    rows = sum(number for number, _ in blank.values())
    names = [table.places[code].name for code in blank]
    among = f"{len(names):,} districts, among them {names[0]}" if len(names) > _NAMED else ", ".join(names)
    return f"{rows:,} row{'' if rows == 1 else 's'} of {among}"


def names_only(table: Table) -> Iterator[Problem]:
    return (table.problem("only_names", row) for (row,) in table.ask("select row from names_only order by row"))


def beside(table: Table, layout: Layout) -> Iterator[Problem]:
    """What stands in columns without a heading, said once for each column; a text or two apart from the rows are a note."""
    unheaded = [name for name in layout.sheet.cells.column_names if name != "row" and name not in layout.headed]
    if not unheaded:
        return
    values = ", ".join(f'dashless("{at}") as "{at}"' for at in unheaded)
    table.con.execute(f"""
        create table beside as
        select row, letters, text, is_row or to_money(text) is not null or count(*) over (partition by row) > 2 as is_value
        from (unpivot (select row, {values} from cells where row > {layout.header_row} and row not in (select row from aside)) on {', '.join(quoted(unheaded))}
            into name letters value text)
        left join (select row, true as is_row from texts union select row, true from totals) using (row)""")
    yield from (table.problem("line_ignored", row, value=text) for row, text in table.ask("select row, text from beside where is_value is not true"))
    first = min(column_number(at) for at in layout.letters.values())
    for at, row, text, count in table.ask("""
        select letters, min(row), min_by(text, row), count(*) from beside where is_value group by letters order by 2, length(letters), letters"""):
        if column_number(at) > first or not _is_running(table, at):
            more = f", nor have {count - 1:,} more below it" if count > 1 else ""
            yield table.problem("no_heading", row, value=text, at=at, more=more)


def _is_running(table: Table, at: str) -> bool:
    """Whether a column holds nothing but serial numbers: they rise, or begin again."""
    return table.ask("""
        select bool_and(number is not null and (number = 1 or number > before)) from (
            select number, lag(number) over (order by row) as before
            from (select row, try_cast(text as integer) as number from beside where letters = ? and is_value))""", [at]) == [(True,)]


def merged(table: Table) -> Iterator[Problem]:
    """Numbers and dates that stand for several rows at once."""
    for name, top, bottom, text in table.ask("""
        select name, top, bottom, text from covered join texts using (row) group by all order by top, name"""):
        yield table.problem("merged_cell", top, name, text, last=bottom)


def hidden(table: Table, hidden_rows: Sequence[tuple[int, int]]) -> Iterator[Problem]:
    """The rows that were read although the sheet doesn't show them."""
    if not hidden_rows:
        return
    firsts, lasts = zip(*hidden_rows)
    found = table.ask("""
        select min(row), max(row) from (
            select row, row - row_number() over (order by row) as run
            from typed join (select unnest(?) as first, unnest(?) as last) on row between first and last)
        group by run order by 1""", [list(firsts), list(lasts)])
    if found:
        told = ", ".join(f"{first}–{last}" if last > first else f"{first}" for first, last in found[:_NAMED])
        rest = sum(last - first + 1 for first, last in found[_NAMED:])
        yield table.problem("hidden_rows", None, rows=f"{told} and {rest:,} more" if rest else told)
