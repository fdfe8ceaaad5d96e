"""The places of a country: provinces, divisions and districts, and the district that a written name means."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from rapidfuzz import fuzz, process

_COLUMNS = {
    "country.csv": ("code", "name", "name_ur"),
    "provinces.csv": ("code", "name", "name_ur", "short"),
    "divisions.csv": ("code", "name", "name_ur", "province"),
    "districts.csv": ("code", "name", "name_ur", "division", "province", "lat", "lon", "tile_col", "tile_row"),
    "aliases.csv": ("alias", "code", "kind", "note"),
}
_MAY_BE_EMPTY = {("aliases.csv", "code"), ("aliases.csv", "note")}
_LEVELS = {
    "country.csv": "country",
    "provinces.csv": "province",
    "divisions.csv": "division",
    "districts.csv": "district",
}
_ALIAS_KINDS = ("spelling", "ambiguous", "split", "not_a_district")
_MANY_CODES = ("ambiguous", "split")  # one line per candidate
_CERTAIN = ("name", "alias")

# Words around a name that are no part of it, in English and Urdu.
_DISTRICT_WORDS = frozenset({"district", "distt", "dist", "of", "ضلع"})
_PROVINCE_WORDS = frozenset({"province", "of", "صوبہ"})
_DIVISION_WORDS = frozenset({"division", "div", "divn", "of", "ڈویژن"})
_TOTAL_WORDS = frozenset({"total", "subtotal", "sub", "grand", "all", "districts", "کل", "میزان", "مجموعی", "مجموعہ", "ٹوٹل"})

_MOST_SUGGESTED = 5
_LEAST_LIKENESS = 60  # of 100: below it a suggestion is noise

# Letters that Arabic and Urdu keyboards write differently, and the stretch sign, which is no letter.
_SAME_LETTER = str.maketrans(
    {"ي": "ی", "ى": "ی", "ك": "ک", "ه": "ہ", "ة": "ہ", "ۃ": "ہ", "ە": "ہ", "ھ": "ہ", "ـ": None}
)


class PlacesError(Exception):
    """The place files can't be used. `problems` holds a sentence each: file, line and what is expected."""

    def __init__(self, folder: Path, problems: Sequence[str]) -> None:
        self.folder, self.problems = folder, tuple(problems)
        lines = (f"{folder}: the place files need correcting.", *(f"  {problem}" for problem in problems))
        super().__init__("\n".join(lines))


Level = Literal["national", "province", "district"]  # at which figures are summed up
LEVELS: tuple[Level, ...] = ("national", "province", "district")


@dataclass(frozen=True)
class Place:
    """A country, province, division or district.

    `parent` is the code one level up ('' for the country), `province` the code of the province that it is or lies in
    ('' for the country). `tile` (column, row from the top left) and `position` (latitude, longitude) are a district's,
    `short` is a province's abbreviation and '' elsewhere.
    """

    code: str
    name: str
    name_ur: str
    level: str
    parent: str
    province: str
    tile: tuple[int, int] | None = None
    position: tuple[float, float] | None = None
    short: str = ""

    @property
    def summed_at(self) -> Level:
        """The level at which the figures of the country, a province or a district are asked for."""
        return "national" if self.level == "country" else self.level


@dataclass(frozen=True)
class Match:
    """What a written district means. `code` is set only when that is certain; `candidates` are the districts to offer,
    best first; `reason` is code, name, alias, ambiguous, split, not_a_district or unknown."""

    code: str | None
    candidates: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Alias:
    """Another way to write a place. `kind` is spelling, ambiguous, split or not_a_district (with the code '')."""

    alias: str
    code: str
    kind: str


def load(folder: Path | str, provinces: Collection[str] | None = None) -> Places:
    """The places in that folder's five CSV files, narrowed to `provinces` (codes) where given.

    Raises PlacesError that lists everything wrong in the files, or an unknown code in `provinces`.
    """
    folder = Path(folder)
    problems: list[str] = []
    tables = {file: rows for file in _COLUMNS if (rows := _read(folder, file, problems)) is not None}
    if len(tables) == len(_COLUMNS):
        problems += _check(tables)
    if not problems and provinces is not None:
        known = {row.values["code"] for row in tables["provinces.csv"]}
        problems += [f"provinces: {code!r} is not a code in provinces.csv" for code in provinces if code not in known]
    if problems:
        raise PlacesError(folder, problems)
    everywhere = _places(tables)
    narrowed = _narrowed(everywhere, provinces)
    return Places(narrowed, _aliases(tables), elsewhere=[place for place in everywhere if place not in narrowed])


class Places:
    """The places of an election, by level in the order of their files, by code, and by what people write.

    `country` is a Place; `provinces`, `divisions` and `districts` are tuples of them. `places[code]` is the place of
    any level, KeyError for a code that isn't one of these places. `elsewhere` are places that take no part in the election.
    Built by `load`.
    """

    def __init__(self, places: Sequence[Place], aliases: Iterable[Alias], elsewhere: Iterable[Place] = ()) -> None:
        self.country = _of_level(places, "country")[0]
        self.provinces = _of_level(places, "province")
        self.divisions = _of_level(places, "division")
        self.districts = _of_level(places, "district")
        self._by_code = {place.code: place for place in places}
        self._districts_of = {place.code: tuple(_lying_in(place, self.districts)) for place in places}
        self._inside = {place.code: frozenset(one.code for one in places if place.level == "country" or place.code in (one.code, one.parent, one.province)) for place in places}
        self._summed = {level: frozenset(place.code for place in places if place.summed_at == level) for level in LEVELS}
        self._codes = {place.code.casefold(): place.code for place in places}
        self._district_codes = frozenset(place.code for place in self.districts)
        aliases = tuple(aliases)
        self._aliases = {code: tuple(alias.alias for alias in aliases if alias.code == code and alias.kind == "spelling") for code in {alias.code for alias in aliases}}
        self._spellings = self._district_spellings(aliases)
        self._elsewhere = _spellings_of(_of_level(tuple(elsewhere), "district"), aliases) - self._spellings.keys()
        # A code that isn't known is not near to another code.
        self._suggested = [spelling for spelling in self._spellings if not any(sign.isdigit() for sign in spelling)]
        self._areas = self._area_spellings(aliases)
        self._division_names = dict(_names(self.divisions))

    def also_spelled(self, spellings: Iterable[tuple[str, str]]) -> Places:
        """These places, whose districts are also known by these spellings: (what is written, code). Each is certain from now
        on, also where it was ambiguous."""
        more = copy(self)
        more._spellings = self._spellings | {fold(text): ("alias", (code,)) for text, code in spellings if fold(text)}
        return more

    def aliases_of(self, code: str) -> tuple[str, ...]:
        """The other spellings of a place that the files of places hold."""
        return self._aliases.get(code, ())

    def __getitem__(self, code: str) -> Place:
        if code not in self._by_code:
            raise KeyError(f"{code!r} is not the code of a place of this election.")
        return self._by_code[code]

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def districts_of(self, code: str) -> tuple[Place, ...]:
        """The districts in a place of any level; a district gives itself. KeyError for an unknown code."""
        return self._districts_of[self[code].code]

    def inside(self, code: str) -> frozenset[str]:
        """The codes of a place and of all places that lie in it. KeyError for an unknown code."""
        return self._inside[self[code].code]

    def summed_at(self, level: Level) -> frozenset[str]:
        """The codes of the places of a level at which figures are summed up."""
        return self._summed[level]

    def province_of(self, code: str) -> Place | None:
        """The province that a place is or lies in, None for the country. KeyError for an unknown code."""
        province = self[code].province
        return self[province] if province else None

    def children(self, code: str) -> tuple[Place, ...]:
        """The places one level below, in the order of their file. KeyError for an unknown code."""
        parent = self[code].code
        return tuple(place for place in self._by_code.values() if place.parent == parent)

    def resolve(self, text: str, within: Collection[str] | None = None) -> Match:
        """The district that a text means: its code, its English or Urdu name, or an alias, whatever the case, spaces,
        punctuation, "District" before or after it, or number before or after it.

        `within` (district codes) narrows what may be answered and offered. It never makes an ambiguous name certain.
        Only an exact spelling is certain: for anything else the nearest names are candidates of an unknown. What names a
        district that takes no part in the election has none: the nearest name is then certainly another district's.
        """
        allowed = self._district_codes if within is None else self._district_codes.intersection(within)
        # A code counts only as it is written: folded, a seat's number such as "XY-101" would be the district XY101.
        code = self._code(text)
        if code in allowed:
            return Match(code, (code,), "code")
        spelling = fold(text)
        reason, codes = self._spellings.get(spelling, ("unknown", ()))
        if reason == "not_a_district":
            return Match(None, (), reason)
        candidates = tuple(code for code in codes if code in allowed)
        if not candidates:
            return Match(None, () if spelling in self._elsewhere else self._nearest(spelling, allowed), "unknown")
        return Match(candidates[0] if reason in _CERTAIN else None, candidates, reason)

    def is_elsewhere(self, text: str) -> bool:
        """Whether a text names a district that takes no part in the election."""
        return fold(text) in self._elsewhere

    def resolve_place(self, text: str) -> str | None:
        """The code of the country, province or division that a text means, for rows of totals: "North", "North Total",
        "Hills Division". A division only where the word says so. None for anything else, and for what is certainly a
        district: where a province and its only district share a name, the bare name is the district."""
        if self.resolve(text).code is not None:
            return None
        if code := self._code(text):
            return code
        named = _without(words(text), _TOTAL_WORDS)
        bare = _without(named, _DIVISION_WORDS)
        if bare != named:
            return self._division_names.get("".join(bare))
        return self._areas.get(_fold_area(text))

    def _code(self, text: str) -> str | None:
        return self._codes.get(unicodedata.normalize("NFKC", text).strip().casefold())

    def _district_spellings(self, aliases: Iterable[Alias]) -> dict[str, tuple[str, tuple[str, ...]]]:
        found = {spelling: ("name", (code,)) for spelling, code in _names(self.districts)}
        for alias in aliases:
            if alias.kind != "not_a_district" and alias.code not in self._district_codes:
                continue
            reason = "alias" if alias.kind == "spelling" else alias.kind
            codes = found.get(fold(alias.alias), (reason, ()))[1]
            found[fold(alias.alias)] = (reason, (*codes, alias.code) if alias.code else ())
        return found

    def _area_spellings(self, aliases: Iterable[Alias]) -> dict[str, str]:
        areas = (self.country, *self.provinces)
        codes = {place.code for place in areas}
        written = [(alias.alias, alias.code) for alias in aliases if alias.code in codes]
        written += [(name, place.code) for place in areas for name in (place.short, place.name, place.name_ur) if name]
        return {_fold_area(name): code for name, code in written}

    def _nearest(self, spelling: str, allowed: Collection[str]) -> tuple[str, ...]:
        if not spelling:
            return ()
        alike = process.extract(
            spelling, self._suggested, scorer=fuzz.ratio, score_cutoff=_LEAST_LIKENESS, limit=3 * _MOST_SUGGESTED
        )
        codes = dict.fromkeys(code for name, _, _ in alike for code in self._spellings[name][1] if code in allowed)
        return tuple(codes)[:_MOST_SUGGESTED]


@lru_cache(maxsize=16_384)
def fold(text: str) -> str:
    """A text as names are compared: lower case, letters and digits only, one form of each letter, no vowel marks, and
    without a number or a word for "district" before or after the name. '' when nothing is left."""
    return "".join(_without(words(text), _DISTRICT_WORDS))


def _fold_area(text: str) -> str:
    return "".join(_without(words(text), _TOTAL_WORDS | _PROVINCE_WORDS))


def words(text: str) -> list[str]:
    """The words of a text as headings, codes and names are compared: lower case, letters and digits only, one form of
    each letter, no vowel marks."""
    return re.findall(r"[^\W_]+", text.lower() if text.isascii() else _plain(text).casefold())


def _plain(text: str) -> str:
    """A text without vowel marks and invisible signs, each letter in its one form. Nothing of ASCII has another."""
    apart = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in apart if unicodedata.category(sign) not in ("Mn", "Cf")).translate(_SAME_LETTER)


def _without(named: Sequence[str], extra: Collection[str]) -> list[str]:
    start, end = 0, len(named)
    while start < end and (named[start] in extra or named[start].isdecimal()):
        start += 1
    while end > start and (named[end - 1] in extra or named[end - 1].isdecimal()):
        end -= 1
    return list(named[start:end])


def _names(places: Iterable[Place]) -> Iterator[tuple[str, str]]:
    for place in places:
        yield fold(place.name), place.code
        yield fold(place.name_ur), place.code


def _spellings_of(places: Sequence[Place], aliases: Iterable[Alias]) -> set[str]:
    """The names and aliases of places, folded."""
    codes = {place.code for place in places}
    return {spelling for spelling, _ in _names(places)} | {fold(alias.alias) for alias in aliases if alias.code in codes}


def _of_level(places: Iterable[Place], level: str) -> tuple[Place, ...]:
    return tuple(place for place in places if place.level == level)


def _lying_in(place: Place, districts: Iterable[Place]) -> Iterator[Place]:
    for district in districts:
        if place.level == "country" or place.code in (district.code, district.parent, district.province):
            yield district


def _narrowed(places: Sequence[Place], provinces: Collection[str] | None) -> list[Place]:
    return [place for place in places if provinces is None or not place.province or place.province in provinces]


@dataclass(frozen=True)
class _Row:
    file: str
    line: int
    values: dict[str, str]

    def problem(self, sentence: str) -> str:
        return f"{self.file} line {self.line}: {sentence}"


def _read(folder: Path, file: str, problems: list[str]) -> list[_Row] | None:
    """The complete rows of one file, None where it can't be read. What is wrong is added to `problems`."""
    try:
        raw = (folder / file).read_bytes()
        text = raw.decode("utf-8-sig")
    except OSError:
        problems.append(f"{file}: expected in this folder, with the columns {', '.join(_COLUMNS[file])}")
        return None
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        problems.append(f"{file} line {line}: expected is UTF-8, this line has other bytes; save the file as UTF-8")
        return None
    reader = csv.reader(io.StringIO(text, newline=""))
    header = [column.strip() for column in next(reader, [])]
    missing = [column for column in _COLUMNS[file] if column not in header]
    if missing:
        expected = ", ".join(_COLUMNS[file])
        problems.append(f"{file} line 1: expected are the columns {expected}; missing: {', '.join(missing)}")
        return None
    return list(_rows(file, header, reader, problems))


def _rows(file: str, header: Sequence[str], reader: Iterator[list[str]], problems: list[str]) -> Iterator[_Row]:
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            problems.append(f"{file} line {reader.line_num}: expected are {len(header)} cells, here are {len(cells)}")
            continue
        row = _Row(file, reader.line_num, {column: cell.strip() for column, cell in zip(header, cells)})
        empty = [name for name in _COLUMNS[file] if not row.values[name] and (file, name) not in _MAY_BE_EMPTY]
        if empty:
            problems.append(row.problem(f"expected is something in {', '.join(empty)}, here are empty cells"))
            continue
        yield row


def _check(tables: dict[str, list[_Row]]) -> Iterator[str]:
    if len(tables["country.csv"]) != 1:
        yield f"country.csv: expected is one country, here are {len(tables['country.csv'])}"
    yield from _check_codes(tables)
    for file in _LEVELS:
        yield from _check_names(tables[file])
    yield from _check_parents(tables)
    for row in tables["districts.csv"]:
        yield from _check_numbers(row)
    yield from _check_unique_tiles(tables["districts.csv"])
    yield from _check_aliases(tables)


def _check_codes(tables: dict[str, list[_Row]]) -> Iterator[str]:
    seen: dict[str, _Row] = {}
    for row in (row for file in _LEVELS for row in tables[file]):
        first = seen.setdefault(row.values["code"].casefold(), row)
        if first is not row:
            code, there = row.values["code"], f"{first.file} line {first.line}"
            yield row.problem(f"the code {code} is already in {there}; expected is a code of its own")


def _check_names(rows: Iterable[_Row]) -> Iterator[str]:
    seen: dict[str, _Row] = {}
    for row in rows:
        for column, name in _names_in(row):
            if not fold(name):
                yield row.problem(f"the {column} {name!r} has no letter that could be recognised")
                continue
            first = seen.setdefault(fold(name), row)
            if first is not row:
                there = f"{first.values['name']} in line {first.line}"
                yield row.problem(f"the {column} {name!r} is read like that of {there}; expected is a name of its own")


def _names_in(row: _Row) -> list[tuple[str, str]]:
    return [(column, row.values[column]) for column in ("name", "name_ur", "short") if column in row.values]


def _check_parents(tables: dict[str, list[_Row]]) -> Iterator[str]:
    provinces = {row.values["code"] for row in tables["provinces.csv"]}
    province_of = {row.values["code"]: row.values["province"] for row in tables["divisions.csv"]}
    for row in (*tables["divisions.csv"], *tables["districts.csv"]):
        if row.values["province"] not in provinces:
            yield row.problem(f"the province {row.values['province']} is not in provinces.csv")
    for row in tables["districts.csv"]:
        division, province = row.values["division"], row.values["province"]
        if division not in province_of:
            yield row.problem(f"the division {division} is not in divisions.csv")
        elif province_of[division] != province:
            there = province_of[division]
            yield row.problem(f"the division {division} lies in {there}; expected is that province, not {province}")


def _check_numbers(row: _Row) -> Iterator[str]:
    for column, most in (("lat", 90), ("lon", 180)):
        number = _number(row.values[column])
        if number is None or not abs(number) <= most:
            yield row.problem(f"{column} is {row.values[column]!r}, expected are degrees from -{most} to {most}")
    for column in ("tile_col", "tile_row"):
        if not row.values[column].isdecimal():
            yield row.problem(f"{column} is {row.values[column]!r}, expected is a whole number from 0")


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _check_unique_tiles(rows: Iterable[_Row]) -> Iterator[str]:
    seen: dict[tuple[int, int], _Row] = {}
    for row in rows:
        if not (row.values["tile_col"].isdecimal() and row.values["tile_row"].isdecimal()):
            continue
        tile = (int(row.values["tile_col"]), int(row.values["tile_row"]))
        first = seen.setdefault(tile, row)
        if first is not row:
            there = f"{first.values['name']} in line {first.line}"
            yield row.problem(f"the tile {tile[0]}, {tile[1]} is that of {there}; expected is a free one")


def _check_aliases(tables: dict[str, list[_Row]]) -> Iterator[str]:
    areas = (*tables["country.csv"], *tables["provinces.csv"])
    area_codes = {row.values["code"] for row in areas}
    # An alias is compared with spellings of its own level: a province and its only district may share a name.
    of_areas = [row for row in tables["aliases.csv"] if row.values["code"] in area_codes]
    of_districts = [row for row in tables["aliases.csv"] if row.values["code"] not in area_codes]
    yield from _check_spellings(of_areas, areas, kinds=("spelling",))
    yield from _check_spellings(of_districts, tables["districts.csv"], kinds=_ALIAS_KINDS)


def _check_spellings(aliases: Iterable[_Row], places: Sequence[_Row], kinds: Sequence[str]) -> Iterator[str]:
    codes = {row.values["code"] for row in places}
    names = {fold(name): row.values["name"] for row in places for _, name in _names_in(row)}
    seen: dict[str, _Row] = {}
    pairs: set[tuple[str, str]] = set()
    for row in aliases:
        alias, code, kind = row.values["alias"], row.values["code"], row.values["kind"]
        spelling = fold(alias)
        first = seen.setdefault(spelling, row)
        one_more = kind in _MANY_CODES and kind == first.values["kind"] and (spelling, code) not in pairs
        pairs.add((spelling, code))
        if kind not in kinds:
            yield row.problem(f"the kind is {kind!r}, expected is {' or '.join(kinds)}")
        elif kind == "not_a_district" and code:
            yield row.problem(f"the code is {code}, expected is none for not_a_district")
        elif kind != "not_a_district" and code not in codes:
            yield row.problem(f"the code {code!r} is not that of a district, a province or the country")
        if not spelling:
            yield row.problem(f"the alias {alias!r} has no letter that could be recognised")
        elif spelling in names:
            there = f"the name of {names[spelling]}"
            yield row.problem(f"the alias {alias!r} is read like {there}; expected is another spelling")
        elif first is not row and not one_more:
            there = f"the one in line {first.line}"
            yield row.problem(f"the alias {alias!r} is read like {there}; expected is each spelling once")


def _places(tables: dict[str, list[_Row]]) -> list[Place]:
    country = tables["country.csv"][0].values["code"]
    return [_place(file, row.values, country) for file in _LEVELS for row in tables[file]]


def _place(file: str, values: dict[str, str], country: str) -> Place:
    level = _LEVELS[file]
    above = {"country": "", "province": country, "division": values.get("province"), "district": values.get("division")}
    return Place(
        code=values["code"],
        name=values["name"],
        name_ur=values["name_ur"],
        level=level,
        parent=above[level],
        province=values["code"] if level == "province" else values.get("province", ""),
        tile=(int(values["tile_col"]), int(values["tile_row"])) if level == "district" else None,
        position=(float(values["lat"]), float(values["lon"])) if level == "district" else None,
        short=values.get("short", ""),
    )


def _aliases(tables: dict[str, list[_Row]]) -> list[Alias]:
    return [Alias(row.values["alias"], row.values["code"], row.values["kind"]) for row in tables["aliases.csv"]]
