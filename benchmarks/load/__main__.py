"""Puts a crowd before the dashboard, prints how long they waited and what the server needed, and exits with 1 where a bar is missed."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from benchmarks.intake import shipped_election
from benchmarks.load import analyst, report, soak, step, stores
from benchmarks.load.target import DASHBOARD, only, peer
from benchmarks.pages import load_example
from data.database import Database

SESSIONS = (1, 25, 100, 300)
LEFT = 125.0  # seconds: for two minutes Streamlit keeps what a closed page held


def main() -> int:
    asked = _asked()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the server is ended as well
    with tempfile.TemporaryDirectory(prefix="load-") as held:
        folder = Path(held)
        target = peer(asked.peer) if asked.peer else only(DASHBOARD, asked.pages) if asked.pages else DASHBOARD
        plan = step.Plan(target, shipped_election().places, asked.think, asked.seconds, asked.seed, asked.left, asked.port, servers=asked.servers)
        example = asked.example or load_example(folder / "example.duckdb")
        commits = set(asked.commit) & set(asked.sessions) if target.has_accounts and not asked.soak else set()
        book = analyst.write_workbook(stores.copied(example, folder / "written.duckdb"), folder / "stations.xlsx") if commits else None
        with (stores.in_postgres if asked.servers > 1 else stores.as_files)(example, folder) as copy:
            if asked.soak:
                return _soak(replace(plan, seconds=asked.soak * 60, comes_anew=soak.COMES_ANEW), copy("soak"), asked.sessions[-1])
            taken = []
            for sessions in asked.sessions:
                own = replace(plan, left=plan.left if sessions >= report.FROM else 0)
                taken.append(step.take(own, copy(f"before_{sessions}"), sessions, book=book if sessions in commits else None))
                print(report.shown(taken[-1]), end="\n\n", flush=True)
        return _judge(report.bars(taken))


def _soak(plan: step.Plan, database: Database, sessions: int) -> int:
    taken = step.take(plan, database, sessions, tell=soak.by_minute())
    print(report.shown(taken), end="\n\n")
    return _judge([*report.bars([taken]), soak.flat(taken)])


def _judge(bars: list[report.Bar]) -> int:
    print(report.of_bars(bars))
    return 0 if all(bar.is_met for bar in bars) else 1


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--sessions", type=_numbers, default=SESSIONS, metavar="N,N",
                        help=f"how many people, step by step (default: {','.join(map(str, SESSIONS))})")
    parser.add_argument("--commit", type=_numbers, metavar="N,N",
                        help="the steps in whose middle an analyst commits 90,675 stations; 0 for none (default: the largest)")
    parser.add_argument("--think", type=float, default=5.0, metavar="SECONDS",
                        help="the pause of a person, from half to one and a half times as long (default: 5)")
    parser.add_argument("--seconds", type=float, default=60.0, metavar="SECONDS", help="how long a step lasts once all are there (default: 60)")
    parser.add_argument("--left", type=float, default=LEFT, metavar="SECONDS",
                        help=f"how long after everybody left the memory is read once more, in steps of {report.FROM} and more (default: {LEFT:g})")
    parser.add_argument("--soak", type=float, metavar="MINUTES",
                        help="one crowd, the last of --sessions, for so long, and whether the server's memory stays as it is")
    parser.add_argument("--peer", type=Path, metavar="SCRIPT",
                        help="the same people before another script of one page, which has no accounts; READINESS_DB names a store to it")
    parser.add_argument("--pages", type=_names, default=(), metavar="NAME,NAME",
                        help="only these pages of the dashboard, and only the people who have them: national is what a peer of one page is measured beside")
    parser.add_argument("--servers", type=int, default=1, metavar="N",
                        help="so many servers over one shared store in a PostgreSQL of their own, each person at one of them (default: 1, over a file)")
    parser.add_argument("--seed", type=int, default=1, help="of chance (default: 1)")
    parser.add_argument("--port", type=int, default=0, help="the server's (default: a free one)")
    parser.add_argument("--example", type=Path, metavar="FILE", help="a store that holds the example election already (default: it is loaded first)")
    asked = parser.parse_args()
    if min(asked.sessions) < 1:
        parser.error("A crowd has at least one person.")
    if asked.servers > 1 and asked.peer:
        parser.error("A peer has one server.")
    if asked.soak and asked.soak > soak.LONGEST:
        parser.error(f"A soak lasts {soak.LONGEST} minutes at most.")
    if unknown := set(asked.pages) - {page.name for role in DASHBOARD.roles for page in role.pages}:
        parser.error(f"There is no page {min(unknown)}.")
    asked.commit = (max(asked.sessions),) if asked.commit is None else asked.commit
    return asked


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(one) for one in text.split(","))


if __name__ == "__main__":
    sys.exit(main())
