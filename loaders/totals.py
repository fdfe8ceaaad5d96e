"""The total rows of a sheet: which rows they are, and whether they are the sums of what they stand for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from data.places import words
from loaders.headers import codes_by_spelling, fold_heading
from loaders.problems import Problem
from loaders.table import Table, quoted

_TOTAL = frozenset(("total", "totals", "subtotal", "subtotals", "کل", "میزان", "ٹوٹل", "مجموعی"))
_BESIDE = frozenset(("sub", "grand", "overall", "g", "of", "all", "for", "districts", "posts"))
_MAY_BE_TOTAL = "(?i)total|[کك]ل|م[یي]زان|ٹوٹل|مجموع"
_ANYTHING = ""  # a total that names no place


def set_aside(table: Table) -> None:
    """Moves the total rows from `texts` to `totals`, with `of_place`: the code of the place that is summed, or ''."""
    found = {row: place for key in table.domain.keys if table.has(key.name) for row, place in _in_key(table, key.name)}
    found |= {row: place for row, place in _beside_empty_district(table) if row not in found}
    table.con.execute("create table totals as select *, null::varchar as of_place from texts limit 0")
    table.con.execute(
        "insert into totals select texts.*, place from texts join (select unnest(?) as row, unnest(?) as place) using (row)",
        [list(found), list(found.values())])
    table.take_out(list(found))


def _in_key(table: Table, key: str) -> Iterator[tuple[int, str]]:
    """The rows whose cell in a key column says that they are totals, with the place summed."""
    likely = "" if key == "district" else f"""and regexp_matches("{key}", '{_MAY_BE_TOTAL}')"""
    for text, rows in table.ask(f'select "{key}", list(row) from texts where "{key}" is not null {likely} group by all'):
        place = _summed_place(table, text) if key == "district" else _ANYTHING if _is_bare(text) else None
        if place is not None:
            yield from ((row, place) for row in rows)


def _beside_empty_district(table: Table) -> Iterator[tuple[int, str]]:
    """The rows without a district of which another cell, of whatever column, says total: "Punjab Total", "Total"."""
    if not table.ask("select 1 from texts where district is null limit 1"):
        return
    numbers = {table.letters[column.name] for column in table.present if column.kind in ("count", "money", "percent", "date")}
    beside = [name for name in table.con.table("cells").columns if name != "row" and name not in numbers]
    others = ", ".join(f"clean(cells.{name})" for name in quoted(beside))
    said = f"list_filter([{others}], lambda x: regexp_matches(x, '{_MAY_BE_TOTAL}'))"
    province = 'texts."province"' if table.has("province") else "null"
    for row, texts, province_text in table.ask(
        f"""select row, said, province_text
        from (select row, {said} as said, {province} as province_text from cells join texts using (row) where district is null)
        where len(said) > 0"""):
        places = [place for text in texts if (place := _summed_place(table, text)) is not None]
        if places:
            yield row, max(places) or (province_text and table.places.resolve_place(province_text)) or _ANYTHING


def _summed_place(table: Table, text: str) -> str | None:
    """What a text says is summed: a place's code, '' for the rows above it, None if it speaks of no total."""
    said = words(text)
    if _is_bare(text):
        return _ANYTHING
    if table.places.resolve(text).code is not None:
        return None
    place = table.places.resolve_place(text)
    if place is None and _TOTAL.intersection(said):
        place = table.places.resolve(" ".join(word for word in said if word not in _TOTAL | _BESIDE)).code
    return place


def _is_bare(text: str) -> bool:
    said = set(words(text))
    return bool(said & _TOTAL) and said <= _TOTAL | _BESIDE


def check(table: Table) -> Iterator[Problem]:
    """A total is the sum of its place's rows, or of its district, post or course; one that names nothing is the sum of
    the rows since some total before it, or of all rows above. What can't be reckoned because a number, a district or a
    choice in the rows can't be read is passed over: that is said already."""
    counts = [column.name for column in table.present if column.kind in ("count", "money") and _is_readable(table, column.name)]
    totals = table.ask("select * from totals order by row")
    if not totals or not counts:
        return
    names = [description[0] for description in table.con.execute("select * from totals limit 0").description]
    printed = dict(_printed(table, counts))
    above = _above(table, counts)
    unread = {key.name for key in table.domain.keys if table.has(key.name) and not _is_readable(table, key.name)}
    starts = [{0} for _ in counts]

    @cache
    def summed(wanted: tuple[tuple[str, tuple[str, ...]], ...]) -> Sequence[float]:
        where = " and ".join(f'list_contains(?, "{name}")' for name, _ in wanted)
        return table.ask(f"select {_sums(counts)} from typed where {where}", [list(values) for _, values in wanted])[0]

    last = [0.0] * len(counts)
    for cells in totals:
        texts = dict(zip(names, cells))
        row, wanted = texts["row"], _wanted(table, texts)
        can_tell = wanted is not None and unread.isdisjoint(name for name, _ in wanted)
        for number, name in enumerate(counts):
            if texts[name] is None or not can_tell:
                continue
            total, so_far = printed[row][number], above[row][number]
            should = summed(wanted)[number] if wanted else (so_far - last[number] or so_far)
            is_right = total is not None and (total == should if wanted else round(so_far - total, 2) in starts[number])
            if not is_right:
                yield table.problem("total_differs", row, name, texts[name], sum=f"{should:,.0f}")
        last = above[row]
        for start, so_far in zip(starts, last):
            start.add(so_far)


def _is_readable(table: Table, name: str) -> bool:
    unread = f'select count(*) from typed t join texts x using (row) where t."{name}" is null and x."{name}" is not null'
    return table.ask(unread) == [(0,)]


def _printed(table: Table, counts: Sequence[str]) -> Iterator[tuple[int, Sequence[float | None]]]:
    for row, *values in table.ask(f"select row, {', '.join(f'round(to_money({name}), 2)' for name in quoted(counts))} from totals"):
        yield row, values


def _above(table: Table, counts: Sequence[str]) -> dict[int, Sequence[float]]:
    """For each total row the sums of all rows above it."""
    running = ", ".join(f"round(coalesce(sum({name}) over above, 0), 2)" for name in quoted(counts))
    found = table.ask(f"""
        select row, values from (
            select row, is_total, [{running}] as values
            from (select row, false as is_total, {', '.join(quoted(counts))} from typed
                union all by name select row, true as is_total from totals)
            window above as (order by row)
        ) where is_total""")
    return dict(found)


def _wanted(table: Table, texts: dict[str, str]) -> tuple[tuple[str, tuple[str, ...]], ...] | None:
    """What the summed rows have in common, as (key, values); empty for whatever stands above, None if it can't be told."""
    wanted = []
    if texts["of_place"]:
        wanted.append(("district", tuple(district.code for district in table.places.districts_of(texts["of_place"]))))
    for key in table.domain.keys:
        text = texts.get(key.name)
        if text is None or (key.kind == "district" and texts["of_place"]) or _is_bare(text):
            continue
        value = _key_value(table, key.name, text)
        if value is None:
            return None
        wanted.append((key.name, (value,)))
    return tuple(wanted)


def _key_value(table: Table, name: str, text: str) -> str | None:
    column = table.domain.column(name)
    if column.kind == "district":
        return table.places.resolve(text).code
    if column.kind == "code":
        return codes_by_spelling(column).get(fold_heading(text))
    return text


def _sums(counts: Sequence[str]) -> str:
    return ", ".join(f"round(coalesce(sum({name}), 0), 2)" for name in quoted(counts))
