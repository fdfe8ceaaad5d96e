"""Scope: the districts that one person may see. Every question of `data.readiness` takes one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from data.places import Places


@dataclass(frozen=True)
class Scope:
    """The districts that may be seen, by code. Beneath every query it narrows `plan.visible` and nothing else does.

    As a right to submit it may hold in some `domains` only; None means in all. Of files that `own` handed in, by the name that
    stands beside what they do, they see what is in it though it names districts beyond.
    """

    districts: frozenset[str]
    domains: frozenset[str] | None = None
    own: str = ""

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
        return Scope(self.districts & Scope.of(places, [code]).districts, self.domains, self.own)

    def covers(self, places: Places, code: str) -> bool:
        """Whether the whole of that place may be seen."""
        return Scope.of(places, [code]).districts <= self.districts

    def allows(self, domain: str, districts: Iterable[str] = ()) -> bool:
        """Whether, as a right to submit, it holds in that domain for each of these districts."""
        return bool(self.districts) and (self.domains is None or domain in self.domains) and self.districts.issuperset(districts)

    @property
    def codes(self) -> list[str]:
        """The codes in order, as a query's parameter."""
        return sorted(self.districts)
