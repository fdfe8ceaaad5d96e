"""A country of another size: so many polling stations and districts, with a year of weekly reports, is loaded, and every page is opened.

The country is made up. Its districts' reports are those of one district of the example election, under their own codes, with another day each week;
its lists of polling stations are made as for the other measurements, one each quarter.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa

from benchmarks import postgres
from benchmarks.client import Viewer
from benchmarks.markdown import table
from benchmarks.memory import peak_of
from benchmarks.pages import load_example
from benchmarks.server import ROOT, serving
from benchmarks.stations import commit_stations
from data import election
from data.database import Database, Embedded
from data.domains import DOMAINS
from data.store import Store
from loaders.checks import Checked
from loaders.submissions import Staged, commit

PROVINCES, DISTRICTS, STATIONS, WEEKS = 36, 780, 1_050_000, 52
QUARTER = 13  # weeks
WIDE = 40  # tiles in a row of the map of tiles
LIKE = "PK712"  # the district of the example whose reports are every district's
AGAIN = 5
_SYLLABLES = ("ba", "che", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "ri", "so", "tu", "va", "we", "yi", "zo", "khu")
_LETTERS_UR = "بپتجچحخدرزسشعفقکگلمن"
PAGES = ("", "province", "district", "appointments", "repairs", "repairs?province", "repairs?district", "training", "security", "clock", "changes",
         "meetings", "alerts", "disagreements", "history", "upload", "definitions")


def country(folder: Path, districts: int, today: date) -> Path:
    """Writes an election of so many districts, with the policy of the shipped one, on a day three months after today; the path of its file."""
    places = folder / "places"
    places.mkdir()
    files = {
        "country.csv": ["code,name,name_ur", "LC,Large Country,بڑا ملک"],
        "provinces.csv": ["code,name,name_ur,short", *(f"L{one:02},{_name('Upper', one)},{_name_ur(one)},U{one + 1}" for one in range(PROVINCES))],
        "divisions.csv": ["code,name,name_ur,province", *(f"L{one:02}-1,{_name('Middle', one)},{_name_ur(one + 400)},L{one:02}" for one in range(PROVINCES))],
        "districts.csv": ["code,name,name_ur,division,province,lat,lon,tile_col,tile_row",
                          *(f"L{at * PROVINCES // districts:02}D{at:03},{_name('', at)},{_name_ur(at + 800)},L{at * PROVINCES // districts:02}-1,L{at * PROVINCES // districts:02},"
                            f"{8 + at // WIDE},{68 + at % WIDE * 0.7:.2f},{at % WIDE},{at // WIDE}" for at in range(districts))],
        "aliases.csv": ["alias,code,kind,note"]}
    for name, lines in files.items():
        (places / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    told = (ROOT / "data" / "election.toml").read_text(encoding="utf-8")
    told = re.sub(r"(?m)^titles = .*$", "", re.sub(r"(?m)^provinces = .*$", "provinces = []", told))
    told = re.sub(r"(?ms)^\[\[total\]\].*\Z", "", told)
    for name, after in {"e_day": 90, "programme": 36, "nominations": 41}.items():
        told = re.sub(rf"(?m)^{name} = \S+", f"{name} = {today + timedelta(days=after)}", told)
    path = folder / "election.toml"
    path.write_text(told, encoding="utf-8")
    return path


def _name(before: str, number: int) -> str:
    """A name that no other number has, of syllables: places are recognised by their letters."""
    return f"{before} {''.join(_SYLLABLES[number // 20**place % 20] for place in (2, 1, 0)).capitalize()}".strip()


def _name_ur(number: int) -> str:
    return "".join(_LETTERS_UR[number // 20**place % 20] for place in (2, 1, 0))


def reports(example: Path, store: Store, weeks: int, today: date) -> Iterator[str]:
    """Commits the weekly reports and the quarterly lists, checked already; what was committed."""
    like = _reports_of_one(example)
    codes = [place.code for place in store.election.places.districts]
    for week in range(weeks - 1, -1, -1):
        day = today - timedelta(days=7 * week)
        for domain in store.election.domains:
            if domain.name in like:
                rows = _of_all(like[domain.name], codes)
                name = f"{domain.name}-{day}.xlsx"
                commit(store, Staged(name, name.encode(), name, "A commission office", Checked(domain, domain.label, day, rows, tuple(codes), ()), ()))
        if week % QUARTER == 0:
            commit_stations(store, STATIONS, day)
        yield f"{day}"


def _reports_of_one(example: Path) -> dict[str, pa.Table]:
    """The newest rows of each domain but the repairs that the example holds of one district."""
    with closing(Store(example, election.load(ROOT / "data" / "election.toml", DOMAINS))) as held:
        return {domain.name: held.ask_arrow(f"""
            select r.row, {', '.join(f'r."{column.name}"' for column in domain.stored)} from rows_{domain.name} r join submissions s using (submission)
            where r.district = $like qualify s.as_of = max(s.as_of) over () order by r.row""", {"like": LIKE}) for domain in DOMAINS if domain.name != "repairs"}


def _of_all(rows: pa.Table, codes: list[str]) -> pa.Table:
    """The same rows for every district, numbered through."""
    each = pa.concat_tables([rows.set_column(rows.schema.get_field_index("district"), "district", pa.array([code] * len(rows), pa.string())) for code in codes])
    return each.set_column(0, "row", pa.array(range(4, len(each) + 4), pa.int32())).combine_chunks()


def opened(database: Database, file: Path) -> tuple[list[tuple[str, ...]], float]:
    """Opens every page: first, and again; and the most memory that the server has taken, in MB."""
    places = election.load(file, DOMAINS).places
    chosen = {"province": places.provinces[0].code, "district": places.districts[-1].code}
    lines = []
    with serving("dashboard.py", database, variables={"READINESS_ELECTION": str(file)}) as server:
        for asked in PAGES:
            page, _, of = asked.partition("?")
            query = f"place={chosen[of or page]}" if (of or page) in chosen else ""
            with Viewer(server.port, page) as viewer:
                first = viewer.run(query)
                again = sorted(viewer.run(query).seconds for _ in range(AGAIN))[AGAIN // 2]
            lines.append((asked.replace("?", " of a ") or "national", f"{first.seconds:.2f} s", f"{again * 1000:.0f} ms", f"{first.size / 1024:,.0f}"))
        return lines, peak_of(server.pid)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.large", description=__doc__)
    parser.add_argument("--weeks", type=int, default=WEEKS, help=f"default: {WEEKS}")
    parser.add_argument("--example", type=Path, metavar="FILE", help="a store that holds the example election already (default: it is loaded first)")
    parser.add_argument("--shared", action="store_true", help="in a PostgreSQL of its own and Parquet files, instead of in one file")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="large-") as held, ExitStack() as stack:
        folder, today = Path(held), date.today()
        os.environ["READINESS_BACKUPS"] = str(folder / "backups")
        file = country(folder, DISTRICTS, today)
        example = asked.example or load_example(folder / "example.duckdb")
        database: Database = Embedded(folder / "large.duckdb")
        if asked.shared:
            database = stack.enter_context(postgres.serving()).database("large", folder / "files", has_tables=False)
        begun = time.monotonic()
        with closing(Store(database, election.load(file, DOMAINS))) as store:
            for told in reports(example, store, asked.weeks, today):
                print(f"\r{told}", end="", file=sys.stderr, flush=True)
            counted, = store.ask_rows("select (select count(*) from submissions), (select sum(row_count) from submissions)", {})
            taken, _ = store.size()
        print(f"\n{counted[0]:,} submissions of {counted[1]:,} rows in {time.monotonic() - begun:,.0f} s; {taken / 1e9:.2f} GB\n")
        lines, memory = opened(database, file)
        print(table([("page", "first", "again", "KB"), *lines]))
        print(f"\nThe server took {memory:,.0f} MB at most.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
