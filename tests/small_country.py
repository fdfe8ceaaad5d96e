"""A country small enough to reckon with by hand: North with three districts, South with two, and its election.

Its dates lie in the past, so that no rule about today stands in the way; its policy is that of the shipped election.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

from data.domains import DOMAINS
from data.election import Election, load
from data.scope import Scope
from data.store import Store

E_DAY, PROGRAMME, NOMINATIONS = date(2024, 2, 8), date(2023, 12, 15), date(2023, 12, 20)
NORTH, SOUTH, COUNTRY = "NO", "SO", "LL"
DISTRICTS = {"N1": "NO-1", "N2": "NO-1", "N3": "NO-2", "S1": "SO-1", "S2": "SO-1"}

_PLACES = {
    "country.csv": "code,name,name_ur\nLL,Littleland,ملک\n",
    "provinces.csv": "code,name,name_ur,short\nNO,North,شمال,N\nSO,South,جنوب,S\n",
    "divisions.csv": "code,name,name_ur,province\nNO-1,Hills,پہاڑ,NO\nNO-2,Lakes,جھیل,NO\nSO-1,Coast,ساحل,SO\n",
    "districts.csv": "code,name,name_ur,division,province,lat,lon,tile_col,tile_row\n"
    "N1,Amber,الف,NO-1,NO,30,70,0,0\nN2,Birch,بے,NO-1,NO,30,71,1,0\nN3,Cedar,جیم,NO-2,NO,30,72,2,0\n"
    "S1,Dune,دال,SO-1,SO,29,70,0,1\nS2,Ember,رے,SO-1,SO,29,71,1,1\n",
    "aliases.csv": "alias,code,kind,note\n",
}
_ELECTION = """
name = "Small election"
places = "places"
provinces = []

[dates]
e_day = 2024-02-08
programme = 2023-12-15
nominations = 2023-12-20

[milestones]
default = [[180, 0.0], [120, 0.2], [90, 0.4], [60, 0.6], [30, 0.8], [14, 0.9], [7, 0.95], [1, 1.0]]

[status]
behind = 0.10

[windows]
freshness = [{ days = 14 }, { from = 30, days = 3 }, { from = 7, days = 1 }]
briefing = [{ days = 30 }, { from = 60, days = 14 }, { from = 30, days = 7 }]

[projection]
days = 28
reports = 3
slower = 0.5
faster = 2.0

[weights]
appointments = 1
repairs = 1
training = 1
security = 1

[indicator_weights]
AP5 = 3
PS1 = 2
TR2 = 3
SE3 = 2

[[duty]]
id = "officers"
title = "Officers appointed"
section = "s. 50"
anchor = "programme"
days = 60
source = "The Act"

[[duty]]
id = "staff"
title = "Staff trained"
section = "Practice"
anchor = "e_day"
days = 5
source = "The last election"
legal = false

[[office]]
id = "secretary"
title = "Secretary, {place}"
domains = ["appointments", "repairs"]
titles = { SO = "Commissioner of the Coast" }

[[office]]
id = "police"
title = "Police, {place}"
domains = ["security"]
"""


def before(days: int, anchor: date = E_DAY) -> date:
    """The day so many days before E-day, or before another date."""
    return anchor - timedelta(days=days)


def election_in(folder: Path, changes: Iterable[tuple[str, str]] = ()) -> Election:
    """The small election from files written to a folder, its TOML changed by replacing each text by another."""
    (folder / "places").mkdir()
    for file, text in _PLACES.items():
        (folder / "places" / file).write_text(text, encoding="utf-8")
    told = _ELECTION
    for old, new in changes:
        assert old in told
        told = told.replace(old, new)
    path = folder / "election.toml"
    path.write_text(told, encoding="utf-8")
    return load(path, DOMAINS)


def everything(store: Store) -> Scope:
    return Scope.everything(store.election.places)


def only(store: Store, *codes: str) -> Scope:
    return Scope.of(store.election.places, codes)
