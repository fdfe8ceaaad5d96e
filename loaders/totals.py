"""The total rows of a sheet: which rows they are, and whether they are the sums of what they stand for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from data.places import words
from loaders.headers import codes_by_spelling, fold_heading
from loaders.problems import Problem
from loaders.table import Table, quoted

_TOTAL = frozenset(("total", "totals", "subtotal", "subtotals", "کل", "میزان", "ٹوٹل", "مجموعی", "مجموعہ"))
_BESIDE = frozenset((
    "sub", "grand", "overall", "g", "of", "all", "for", "no", "number", "district", "districts", "division", "divn", "province", "posts", "تعداد"))
_MAY_BE_TOTAL = "(?i)total|[کك]ل|م[یي]زان|ٹوٹل|مجموع"
_ANYTHING = ""  # a total that names no place

Way = tuple[tuple[str, tuple[str, ...]], ...]  # what summed rows have in common, as (key, values); empty for whatever stands above


def set_aside(table: Table) -> None:
    """Moves the total rows from `texts` to `totals`, with `of_place`: the code of the place that is summed, or ''.

    A row that tells a state, such as a building's condition, is one of the table's, whatever it is called.
    """
    states = [column.name for column in table.present if column.kind == "code" and not column.key]
    table.con.execute(f"""create view stateless as select * from texts where {" and ".join(f'"{name}" is null' for name in states) or "true"}""")
    found = dict(_beside_empty_district(table)) | {row: place for key in _keys(table) for row, place in _in_key(table, key)} | dict(_by_name_alone(table))
    table.con.execute("create table totals as select *, null::varchar as of_place from texts limit 0")
    table.con.execute(
        "insert into totals select texts.*, place from texts join (select unnest(?) as row, unnest(?) as place) using (row)",
        [list(found), list(found.values())])
    table.con.execute("drop view stateless")
    table.take_out(list(found))


def _in_key(table: Table, key: str) -> Iterator[tuple[int, str]]:
    """The rows whose cell in a key column says that they are totals, with the place summed."""
    for text, rows in table.ask(
        f"""select "{key}", list(row) from stateless where regexp_matches("{key}", '{_MAY_BE_TOTAL}') group by all"""):
        place = _summed_place(table, text) if key == "district" else _ANYTHING if _is_bare(text) else None
        if place is not None:
            yield from ((row, place) for row in rows)


def _by_name_alone(table: Table) -> Iterator[tuple[int, str]]:
    """The rows with a number and a province's or division's name without the word total, where rows of its districts
    stand in the sheet. Where none do, the name stands in a district's place."""
    if not _numbers(table):
        return
    standing = {table.places.resolve(text).code for (text,) in table.ask("select distinct district from texts where district is not null")}
    for text, rows in table.ask(f"""
        select district, list(row) from stateless
        where district is not null and coalesce({", ".join(quoted(_numbers(table)))}) is not null group by all"""):
        place = None if _says_total(text) else table.places.resolve_place(text)
        if place and standing.intersection(district.code for district in table.places.districts_of(place)):
            yield from ((row, place) for row in rows)


def _beside_empty_district(table: Table) -> Iterator[tuple[int, str]]:
    """The rows without a district of which another cell, of whatever column, says total: "Punjab Total", "Total"."""
    if not table.ask("select 1 from stateless where district is null limit 1"):
        return
    numbers = {table.letters[column.name] for column in table.present if column.kind in ("count", "money", "percent", "date")}
    beside = [name for name in table.con.table("cells").columns if name != "row" and name not in numbers]
    others = ", ".join(f"clean(cells.{name})" for name in quoted(beside))
    said = f"list_filter([{others}], lambda x: regexp_matches(x, '{_MAY_BE_TOTAL}'))"
    province = 'stateless."province"' if table.has("province") else "null"
    for row, texts, province_text in table.ask(
        f"""select row, said, province_text
        from (select row, {said} as said, {province} as province_text from cells join stateless using (row) where district is null)
        where len(said) > 0"""):
        places = [place for text in texts if (place := _summed_place(table, text)) is not None]
        if places:
            yield row, max(places) or (province_text and table.places.resolve_place(province_text)) or _ANYTHING


def _summed_place(table: Table, text: str) -> str | None:
    """What a text says is summed: a place's code, '' for the rows above it, None if it speaks of no total."""
    if _is_bare(text):
        return _ANYTHING
    if table.places.resolve(text).code is not None or not _says_total(text):
        return None
    return table.places.resolve_place(text) or table.places.resolve(" ".join(word for word in words(text) if word not in _TOTAL | _BESIDE)).code


def _says_total(text: str | None) -> bool:
    return text is not None and not _TOTAL.isdisjoint(words(text))


def _is_bare(text: str) -> bool:
    """Whether a text says total and names nothing: "Total", "Grand total", "Total (2 districts)"."""
    return _says_total(text) and all(word in _TOTAL | _BESIDE or word.isdecimal() for word in words(text))


def _numbers(table: Table) -> list[str]:
    return [column.name for column in table.present if column.kind in ("count", "money")]


def _keys(table: Table) -> list[str]:
    return [column.name for column in table.present if column.key]


def check(table: Table) -> Iterator[Problem]:
    """A total is the sum of its place's rows, or of its district, post or course; one that names nothing is the sum of
    the rows since some total before it, of all rows above, or of all rows where it stands above them. What can't be
    reckoned because a number, a district or a choice in the rows can't be read is passed over: that is said already."""
    totals = _totals(table)
    if not totals:
        return
    numbers = _numbers(table)
    sums = _Sums(table, [name for name in numbers if _is_readable(table, name)])
    unread = {key for key in _keys(table) if not _is_readable(table, key)}
    printed = _printed(table, numbers)
    for texts in totals:
        row, ways = texts["row"], _ways(table, texts)
        if _is_by_name_alone(table, texts) and (ways is None or not sums.of(ways[0])[0]):
            yield table.problem("not_a_district", row, "district", texts["district"], level=table.places[texts["of_place"]].level)
        elif ways is None or not any(texts[name] for name in numbers):
            yield table.problem("total_unchecked", row, value=_label(table, texts))
        elif unread.isdisjoint(name for name, _ in ways[0]):
            yield from _compared(table, texts, ways, printed[row], sums)
        sums.pass_by(row)


class _Sums:
    """What the rows add up to: those that have something in common, and those above each total row."""

    def __init__(self, table: Table, counts: Sequence[str]) -> None:
        self.counts = counts
        self._table = table
        self._above = _above(table, counts)
        self._of: dict[Way, tuple[int, Sequence[float]]] = {}
        self._last: Sequence[float] = [0.0] * len(counts)
        self._starts = [{0.0} for _ in counts]

    def of(self, way: Way) -> tuple[int, Sequence[float]]:
        """The number of rows and their sums."""
        if way not in self._of:
            where = " and ".join(f'list_contains(?, "{name}")' for name, _ in way) or "true"
            self._of[way] = self._table.ask(
                f"select count(*), [{_sums(self.counts)}] from typed where {where}", [list(values) for _, values in way])[0]
        return self._of[way]

    def differing(self, row: int, printed: dict[str, float | None], way: Way) -> list[tuple[str, float]]:
        """The columns whose printed total is not the sum, with the sum."""
        rows_above, so_far = self._above[row]
        found = []
        for number, name in enumerate(self.counts):
            total = printed[name]
            should = self.of(way)[1][number]
            is_right = total == should
            if not way and rows_above:
                should = so_far[number] - self._last[number] or so_far[number]
                is_right = total is not None and round(so_far[number] - total, 2) in self._starts[number]
            if total is not None and not is_right:
                found.append((name, should))
        return found

    def pass_by(self, row: int) -> None:
        """From this total row on, later ones may start here."""
        _, self._last = self._above[row]
        for start, so_far in zip(self._starts, self._last):
            start.add(so_far)


def _compared(table: Table, texts: dict[str, str], ways: Sequence[Way], printed: dict[str, float | None], sums: _Sums) -> Iterator[Problem]:
    """What is wrong with a total row, by the way of summing that fits it best."""
    differing = min((sums.differing(texts["row"], printed, way) for way in ways), key=len)
    for name, should in differing:
        yield table.problem("total_differs", texts["row"], name, texts[name], sum=f"{should:,.0f}")
    if not differing and not any(sums.of(way)[0] for way in ways):
        yield table.problem("total_unchecked", texts["row"], value=_label(table, texts))


def _totals(table: Table) -> list[dict[str, str]]:
    """The cells of each total row as text, by column."""
    found = table.con.execute("select * from totals order by row")
    names = [description[0] for description in found.description]
    return [dict(zip(names, cells)) for cells in found.fetchall()]


def _label(table: Table, texts: dict[str, str]) -> str:
    return next((texts[key] for key in _keys(table) if _says_total(texts[key])), "Total")


def _is_by_name_alone(table: Table, texts: dict[str, str]) -> bool:
    """Whether a total row bears a province's or division's name and no word for total."""
    return bool(texts["of_place"] and texts["district"]) and not any(_says_total(texts[key]) for key in _keys(table))


def _is_readable(table: Table, name: str) -> bool:
    unread = f'select count(*) from typed t join texts x using (row) where t."{name}" is null and x."{name}" is not null'
    return table.ask(unread) == [(0,)]


def _printed(table: Table, numbers: Sequence[str]) -> dict[int, dict[str, float | None]]:
    """For each total row the numbers that it bears, by column."""
    read = ", ".join(f"round(to_money({name}), 2)" for name in quoted(numbers))
    return {row: dict(zip(numbers, values)) for row, *values in table.ask(f"select row, {read} from totals")}


def _above(table: Table, counts: Sequence[str]) -> dict[int, tuple[int, Sequence[float]]]:
    """For each total row the number of rows above it and their sums."""
    running = ", ".join(f"round(coalesce(sum({name}) over above, 0), 2)" for name in quoted(counts))
    found = table.ask(f"""
        select row, rows_above, values from (
            select row, is_total, count(*) filter (not is_total) over above as rows_above, [{running}] as values
            from (select {', '.join(['row', 'false as is_total', *quoted(counts)])} from typed
                union all by name select row, true as is_total from totals)
            window above as (order by row)
        ) where is_total""")
    return {row: (rows_above, values) for row, rows_above, values in found}


def _ways(table: Table, texts: dict[str, str]) -> list[Way] | None:
    """What the summed rows may have in common; None if it can't be told. A division that has its name from one of its
    districts may be meant where only the name stands. A number of posts or of buildings in a key's column tells nothing."""
    common = []
    for key in table.domain.keys:
        text = texts.get(key.name)
        if text is None or key.kind != "code" or text.isdecimal() or _is_bare(text):
            continue
        value = codes_by_spelling(key).get(fold_heading(text))
        if value is None:
            return None
        common.append((key.name, (value,)))
    place = texts["of_place"]
    if not place and texts["district"] is not None and not _is_bare(texts["district"]):
        place = table.places.resolve(texts["district"]).code or table.places.resolve_place(texts["district"])
        if place is None:
            return None
    if not place:
        return [tuple(common)]
    namesakes = [division.code for division in table.places.divisions if division.name == table.places[place].name]
    return [(("district", tuple(district.code for district in table.places.districts_of(code))), *common) for code in dict.fromkeys((place, *namesakes))]


def _sums(counts: Sequence[str]) -> str:
    return ", ".join(f"round(coalesce(sum({name}), 0), 2)" for name in quoted(counts))
