"""What people see."""

from pathlib import Path

EVERY_PAGE = frozenset(path.stem for folder in ("readiness", "submissions", "administration") for path in (Path(__file__).parent / folder).glob("*.py"))
