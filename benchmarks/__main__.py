"""Measures what the program costs, prints a table of ratios, and exits with 1 where a bar is missed."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks import desk, intake, pages, paper, peers
from benchmarks.ratio import table

PARTS = ("intake", "desk", "pages", "paper", "peers")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", default=PARTS, metavar="PART", help=f"what to measure: {', '.join(PARTS)} (default: all)")
    parser.add_argument("--example", type=Path, metavar="FILE", help="a store that holds the example election already (default: it is loaded first)")
    asked = parser.parse_args()
    if unknown := set(asked.parts) - set(PARTS):
        parser.error(f"There is no part {', '.join(sorted(unknown))}: write {' or '.join(PARTS)}.")
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
        ratios = []
        if "intake" in asked.parts:
            ratios += intake.measure(Path(folder))
        if "desk" in asked.parts:
            ratios += desk.measure(Path(folder))
        example = asked.example or (pages.load_example(Path(folder) / "example.duckdb") if {"pages", "paper", "peers"} & set(asked.parts) else None)
        if "pages" in asked.parts:
            ratios += pages.measure(Path(folder), example)
        if "paper" in asked.parts:
            ratios += paper.measure(Path(folder), example)
        if "peers" in asked.parts:
            ratios += peers.measure(Path(folder), example)
    print(table(ratios))
    return 0 if all(ratio.is_met for ratio in ratios) else 1


if __name__ == "__main__":
    sys.exit(main())
