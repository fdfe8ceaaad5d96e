"""One step: a fresh server, or several over one store, a crowd of one size before it for some time, and in the middle, where asked for, an analyst who commits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from benchmarks.load import analyst
from benchmarks.load.accounts import Admitted, admit
from benchmarks.load.analyst import HandedIn
from benchmarks.load.crowd import ARRIVE, Crowd
from benchmarks.load.machine import Machine, Reading, load_average
from benchmarks.load.person import WITHIN, Answer, Person
from benchmarks.load.target import ROUND, Target, Visitor
from benchmarks.server import Server, serving
from data.database import Database
from data.places import Places

Phase = Literal["arriving", "steady", "during", "after"]
_SETTLES = 3.0  # seconds until what a page leaves behind is done
_ERRORS = ('"level": "ERROR"', '"level": "CRITICAL"', "Traceback")  # in a line of the dashboard's log, or of a peer's
# The dashboard on this computer alone, whatever the environment says of another.
_HERE = {"READINESS_LOG": "json", "READINESS_URL": "", "READINESS_OIDC": "", "READINESS_SMTP": "", "READINESS_ELECTION": ""}


@dataclass(frozen=True)
class Plan:
    """How every step goes: what is looked at, the pause of a person and the length of a step in seconds, the seed of chance, how long after
    everybody left the memory is read once more, the port (0 for a free one), how often of one a person comes anew, how many servers there are."""

    target: Target
    places: Places
    think: float = 5.0
    seconds: float = 60.0
    seed: int = 1
    left: float = 0.0
    port: int = 0
    comes_anew: float = 0.0
    servers: int = 1


@dataclass
class Step:
    """What was seen of one step: the machine before anybody came, when all were `there`, when it `ended` and when everybody was `gone`, and
    once more after a while; its readings in between; the machine's load average at the end; what was `wrong` before the crowd came; how the
    commit went, and what is `lost` of it, '' for nothing; the errors that stand in the server's log."""

    sessions: int
    think: float
    before: Reading
    answers: list[Answer]
    readings: list[Reading]
    there: Reading
    ended: Reading
    gone: list[Reading]
    load: float
    wrong: list[str]
    handed_in: HandedIn | None = None
    lost: str = ""
    log: list[str] = field(default_factory=list)
    servers: int = 1

    def phase(self, answer: Answer) -> Phase:
        """Whether an answer came while the crowd was still arriving, before the commit, at the same time or after it."""
        if answer.asked < self.there.at:
            return "arriving"
        if self.handed_in is None or answer.came < self.handed_in.began:
            return "steady"
        return "during" if answer.asked < self.handed_in.ended else "after"


def take(plan: Plan, database: Path | Database, sessions: int, *, book: Path | None = None, tell: Callable[[Reading], None] = lambda reading: None) -> Step:
    """Serves the database, which is the step's own, to a crowd of so many; an analyst commits the `book` in the middle, if there is one. More
    servers than one need a database that can be shared; a person stays with one of them, as a proxy has it.
    Every reading of the machine is told when it is made."""
    visitors = plan.target.visitors(sessions, plan.places)
    first = _one_of_each(plan)
    admitted = admit(database, [*first, *visitors]) if plan.target.has_accounts else Admitted([{} for _ in (*first, *visitors)], "")
    with ExitStack() as stack:
        servers = [stack.enter_context(serving(plan.target.script, database, folder=plan.target.folder, variables=_HERE, port=plan.port and plan.port + number))
                   for number in range(plan.servers)]
        step = asyncio.run(_Course(plan, servers, first, visitors, admitted, book, tell).run())
        step.log = [line for server in servers for line in server.told if any(sign in line for sign in _ERRORS)]
    if book and step.handed_in and not step.handed_in.error:
        step.lost = analyst.lost(database, book, step.handed_in)
    return step


def _one_of_each(plan: Plan) -> list[Visitor]:
    """A person of each role, who comes before the crowd."""
    every = plan.target.visitors(ROUND, plan.places)
    return [next(visitor for visitor in every if visitor.role == role) for role in plan.target.roles]


@dataclass(frozen=True)
class _Course:
    """What happens while the servers run."""

    plan: Plan
    servers: Sequence[Server]
    first: Sequence[Visitor]
    visitors: Sequence[Visitor]
    admitted: Admitted
    book: Path | None
    tell: Callable[[Reading], None]

    async def run(self) -> Step:
        plan, machine = self.plan, Machine([server.pid for server in self.servers], self.tell)
        wrong = await self._warm_up()
        await asyncio.sleep(_SETTLES)
        before = machine.read()
        watching = asyncio.create_task(machine.watch())
        crowd = Crowd([server.port for server in self.servers], plan.target, self.visitors, self.admitted.cookies[len(self.first):],
                      think=plan.think, seed=plan.seed, comes_anew=plan.comes_anew)
        async with asyncio.timeout(self._at_most):
            await crowd.arrive()
            there = machine.read()
            handed_in = await self._work()
            ended, load = machine.read(), load_average()
            await crowd.leave()
        watching.cancel()
        gone = [await self._after(_SETTLES, machine)]
        if plan.left:
            await asyncio.sleep(plan.left)
            for server in self.servers:
                await self._visit(server, self.first[0], self.admitted.cookies[0])  # only when a page is closed does Streamlit look which others it still keeps
            gone.append(await self._after(_SETTLES, machine))
        return Step(len(self.visitors), plan.think, before, crowd.answers, machine.readings, there, ended, gone, load, wrong, handed_in, servers=len(self.servers))

    @property
    def _at_most(self) -> float:
        return len(self.visitors) / ARRIVE * 2 + self.plan.seconds * 2 + (analyst.WITHIN if self.book else 0) + WITHIN * 2

    async def _work(self) -> HandedIn | None:
        """The time for which the whole crowd is there. With a commit in it, a third of it lies before and at least a third after."""
        if not self.book:
            await asyncio.sleep(self.plan.seconds)
            return None
        third = self.plan.seconds / 3
        await asyncio.sleep(third)
        handed_in = await asyncio.to_thread(analyst.hand_in, self.servers[0].port, self.admitted.token, self.book)
        await asyncio.sleep(max(third, third * 2 - handed_in.seconds))
        return handed_in

    async def _warm_up(self) -> list[str]:
        """One person of each role opens each of their pages of each server, uncounted; what was wrong with them."""
        answers = [answer for server in self.servers for visitor, cookies in zip(self.first, self.admitted.cookies) for answer in await self._visit(server, visitor, cookies)]
        return [f"before the crowd came, {answer.page}: {answer.error}" for answer in answers if answer.error]

    async def _visit(self, server: Server, visitor: Visitor, cookies: dict[str, str]) -> list[Answer]:
        person = Person(server.port, cookies)
        answers = list(await person.open(visitor.role.pages[0].name))
        for page in visitor.role.pages[1:]:
            answers.append(await person.go(page.name))
        await person.close()
        return answers

    async def _after(self, seconds: float, machine: Machine) -> Reading:
        await asyncio.sleep(seconds)
        return machine.read()
