"""People before a server, or several: they arrive one after another, look, think, go on, and leave together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from random import Random

from benchmarks.load.person import Answer, Person
from benchmarks.load.target import Page, Target, Visitor

ARRIVE = 10.0  # a second
_LOOKS_EVERY = 30.0  # seconds between two times that an open page of the dashboard asks whether its session lasts
_GOES, _SETS = 0.60, 0.85  # of one: follows a link to another page; below the second, sets a filter; else looks at the page anew
_ANOTHER_PLACE = 0.3  # of one: how often a link leads to another place than the one that is looked at


class Crowd:
    """So many people, each with cookies of their own. `answers` holds all that they waited for."""

    def __init__(
        self, ports: Sequence[int], target: Target, visitors: Sequence[Visitor], cookies: Sequence[dict[str, str]], *, think: float, seed: int, comes_anew: float = 0.0,
    ) -> None:
        """Each stays with one of the servers, in turn. `think` is the mean pause of seconds before a person does the next thing, from half to one and a half times as long;
        `comes_anew` how often, of one, they close the page instead and come again."""
        self.answers: list[Answer] = []
        self._ports, self._target, self._think, self._seed, self._comes_anew = ports, target, think, seed, comes_anew
        self._people = list(zip(visitors, cookies, strict=True))
        self._visits: list[asyncio.Task[None]] = []
        self._leaving = asyncio.Event()

    async def arrive(self) -> None:
        """They come; returns when the last one has."""
        for number, (visitor, cookies) in enumerate(self._people):
            self._visits.append(asyncio.create_task(self._visit(visitor, Person(self._ports[number % len(self._ports)], cookies), Random(self._seed * 10_000 + number))))
            await asyncio.sleep(1 / ARRIVE)

    async def leave(self) -> None:
        """Everybody waits for the answer that is on its way, if any, and closes the page."""
        self._leaving.set()
        await asyncio.gather(*self._visits)

    async def _visit(self, visitor: Visitor, person: Person, chance: Random) -> None:
        looking = asyncio.create_task(self._look_now_and_then(person, chance.random() * _LOOKS_EVERY)) if self._target.has_accounts else None
        try:
            self.answers += await person.open(visitor.role.pages[0].name)
            while not await self._is_over(self._think * chance.uniform(0.5, 1.5)):
                self.answers += await self._do_next(visitor, person, chance)
        finally:
            if looking:
                looking.cancel()
            await person.close()

    async def _is_over(self, seconds: float) -> bool:
        """Thinks for so long; whether it is time to leave."""
        try:
            async with asyncio.timeout(seconds):
                return await self._leaving.wait()
        except TimeoutError:
            return False

    async def _do_next(self, visitor: Visitor, person: Person, chance: Random) -> tuple[Answer, ...]:
        if not person.is_open or chance.random() < self._comes_anew:
            await person.close()
            return await person.open(person.page, **person.asked)
        way, filters = chance.random(), person.filters
        if way < _GOES:
            page = _another(visitor.role.pages, person.page, chance)
            return await person.go(page.name, **_asked(visitor, page, person.asked, chance)),
        if way < _SETS and filters:
            chosen, = chance.choices(filters, [one.often for one in filters])
            return await person.set(chosen, chance.choice(chosen.choices)),
        return await person.go(person.page, **person.asked),

    async def _look_now_and_then(self, person: Person, first: float) -> None:
        await asyncio.sleep(first)
        while True:
            if person.is_open:
                self.answers.append(await person.look())
            await asyncio.sleep(_LOOKS_EVERY)


def _another(pages: Sequence[Page], present: str, chance: Random) -> Page:
    """Another page than the present one, where there is any."""
    others = [page for page in pages if page.name != present] or list(pages)
    return chance.choices(others, [page.often for page in others])[0]


def _asked(visitor: Visitor, page: Page, present: dict[str, str], chance: Random) -> dict[str, str]:
    """What a link to a page asks it for: the day that is looked at, and the place, as far as the page can show it; now and then another one."""
    asked = {name: value for name, value in present.items() if name == "on"}
    if possible := visitor.possible(page):
        place = present.get("place", "")
        asked["place"] = chance.choice(possible) if place not in possible or chance.random() < _ANOTHER_PLACE else place
    return asked
