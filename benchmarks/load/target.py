"""What the crowd looks at: which script is served, who comes, which pages they go to and what these can be asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import cycle, islice
from pathlib import Path

from benchmarks.server import ROOT
from data.places import Place, Places

ROUND = 10  # people among whom each role stands as often as its share says
ANY_LEVEL = ("country", "province", "district")


@dataclass(frozen=True)
class Page:
    """A page: its address, how often people go there beside the others, the levels of the places that its URL can name."""

    name: str
    often: int
    levels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Role:
    """People who do the same: how many of ten they are, the level of the place of each, the pages that they go to, the first one first."""

    name: str
    of_ten: int
    level: str
    pages: tuple[Page, ...]


@dataclass(frozen=True)
class Visitor:
    """One of the crowd: what they do, and the place beneath which they look."""

    role: Role
    place: Place
    places: Places

    def possible(self, page: Page) -> tuple[str, ...]:
        """The codes of the places that the page can be asked for by this person."""
        return tuple(place.code for level in page.levels for place in self._of_level.get(level, ()))

    @cached_property
    def _of_level(self) -> dict[str, tuple[Place, ...]]:
        inside = self.places.inside(self.place.code)
        every = (self.places.country, *self.places.provinces, *self.places.districts)
        return {level: tuple(place for place in every if place.level == level and place.code in inside) for level in ANY_LEVEL}


@dataclass(frozen=True)
class Target:
    """A script that is served, under the settings of its `folder`, with accounts or for whoever comes, and the roles of those who come.

    One with accounts is the dashboard: its store is asked for them, and an open page of it asks now and then whether its session lasts.
    """

    script: str
    has_accounts: bool
    roles: tuple[Role, ...]
    folder: Path = ROOT

    def visitors(self, count: int, places: Places) -> list[Visitor]:
        """So many people, the roles mixed by their shares, the places of each role in turn. The first is of the first role."""
        turn = _mixed(self.roles)
        places_of = {role.name: cycle(_of_level(places, role.level)) for role in self.roles}
        return [Visitor(role, next(places_of[role.name]), places) for role in islice(cycle(turn), count)]


def _mixed(roles: Sequence[Role]) -> list[Role]:
    """The roles of ten people, each as often as its share says, spread evenly; the first role comes first."""
    spread = sorted((number / role.of_ten, at) for at, role in enumerate(roles) for number in range(role.of_ten))
    return [roles[at] for _, at in spread]


def _of_level(places: Places, level: str) -> Sequence[Place]:
    return {"country": (places.country,), "province": places.provinces, "district": places.districts}[level]


_BESIDE = (
    Page("clock", 4, ANY_LEVEL), Page("changes", 4, ANY_LEVEL), Page("repairs", 4, ANY_LEVEL), Page("appointments", 3, ANY_LEVEL),
    Page("training", 3, ANY_LEVEL), Page("security", 3, ANY_LEVEL), Page("meetings", 2, ANY_LEVEL), Page("alerts", 2, ANY_LEVEL),
    Page("disagreements", 1, ANY_LEVEL), Page("history", 1, ANY_LEVEL), Page("definitions", 1))
_DISTRICT = (Page("district", 8, ("district",)), *_BESIDE)
_PROVINCE = (Page("province", 8, ("province",)), *_DISTRICT)
_NATIONAL = (Page("national", 8), *_PROVINCE)

DASHBOARD = Target("dashboard.py", True, (
    Role("commission", 2, "country", _NATIONAL),
    Role("provincial", 4, "province", _PROVINCE),
    Role("district", 3, "district", (*_DISTRICT, Page("upload", 2))),
    Role("analyst", 1, "country", (*_NATIONAL, Page("upload", 4)))))


def only(target: Target, names: Sequence[str]) -> Target:
    """The same with no other pages than these, and without the roles that have none of them."""
    roles = (replace(role, pages=tuple(page for page in role.pages if page.name in names)) for role in target.roles)
    return replace(target, roles=tuple(role for role in roles if role.pages))


def peer(script: Path) -> Target:
    """Another script of one page, for whoever comes: the same people, who can go nowhere else and set its filters. It is served under the
    settings that stand beside it, else under those of this project, so that nothing but this computer reaches it."""
    page = Page("", 1, ANY_LEVEL)
    levels = {"commission": (3, "country"), "provincial": (4, "province"), "district": (3, "district")}
    own = (script.resolve().parent / ".streamlit").is_dir()
    roles = tuple(Role(name, of_ten, level, (page,)) for name, (of_ten, level) in levels.items())
    return Target(script.name if own else str(script.resolve()), False, roles, script.resolve().parent if own else ROOT)
