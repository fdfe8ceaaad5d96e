"""Scope: the districts that one person may see. Every question of `data.readiness` takes one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from data.places import Places


@dataclass(frozen=True)
class Scope:
    """The districts that may be seen, by code. Beneath every query `plan.visible` is narrowed by it, and by nothing else.

    As a right to submit it may hold in some `domains` only; None means in all. Of files that `own` handed in, by the name that
    stands beside what they do, they see what is in it though it names districts beyond; of submissions that `own` committed as well,
    as long as they see, or `submit` for, every district that these tell of.
    """

    districts: frozenset[str]
    domains: frozenset[str] | None = None
    own: str = ""
    submits: frozenset[str] = frozenset()

    @classmethod
    def of(cls, places: Places, codes: Iterable[str]) -> Scope:
        """The scope of places of any level, by code; KeyError for an unknown one."""
        return cls(frozenset(district.code for code in codes for district in places.districts_of(code)))

    @classmethod
    def everything(cls, places: Places) -> Scope:
        """The whole country."""
        return cls.of(places, [places.country.code])

    def within(self, places: Places, code: str) -> Scope:
        """This scope narrowed to one place. It never widens."""
        inside = Scope.of(places, [code]).districts
        return Scope(self.districts & inside, self.domains, self.own, self.submits & inside)

    def covers(self, places: Places, code: str) -> bool:
        """Whether the whole of that place may be seen."""
        return Scope.of(places, [code]).districts <= self.districts

    def covered(self, places: Places) -> frozenset[str]:
        """The codes of all places of which the whole may be seen."""
        return _covered(places, self.districts)

    def allows(self, domain: str, districts: Iterable[str] = ()) -> bool:
        """Whether, as a right to submit, it holds in that domain for each of these districts."""
        return bool(self.districts) and (self.domains is None or domain in self.domains) and self.districts.issuperset(districts)

    @property
    def of_files(self) -> dict[str, object]:
        """What a query about files and submissions is asked with: $scope, $own, and $theirs, the districts of which `own` may see what
        they committed."""
        return {"scope": self.codes, "own": self.own, "theirs": sorted(self.districts | self.submits)}

    @property
    def codes(self) -> list[str]:
        """The codes in order, as a query's parameter."""
        return sorted(self.districts)


@lru_cache(maxsize=1_024)
def _covered(places: Places, districts: frozenset[str]) -> frozenset[str]:
    every = (places.country, *places.provinces, *places.divisions, *places.districts)
    return frozenset(place.code for place in every if (own := places.districts_of(place.code)) and districts.issuperset(one.code for one in own))
