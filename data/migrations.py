"""The tables of the store, brought to what this version of the program knows: the numbered steps of sql/, and each domain's table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from data.database import StoreError
from data.declare import Column, Domain

_STEPS = {int(step.name[:3]): step for step in sorted((Path(__file__).parent / "sql").glob("[0-9][0-9][0-9]_*.sql"))}
LATEST = max(_STEPS)  # the number of the last step that this version knows
_TYPES = {"count": "bigint", "money": "double", "date": "date"}


def applied(root: duckdb.DuckDBPyConnection) -> int:
    """The number of the last step that was applied; 0 where there are no tables yet."""
    if not root.execute("select 1 from duckdb_tables() where database_name = current_database() and table_name = 'migrations'").fetchone():
        return 0
    return root.execute("select coalesce(max(number), 0) from migrations").fetchone()[0]


def refuse_newer(root: duckdb.DuckDBPyConnection, name: str) -> None:
    """StoreError for a database that a later version of the program has changed: this one would not know all that it holds."""
    found = applied(root)
    if found > LATEST:
        raise StoreError(f"{name} was changed by a newer version of this program (step {found}, this version knows {LATEST}). "
                         "Nothing was touched. Start the newer version, or restore the backup that it made before that step.")


def migrate(root: duckdb.DuckDBPyConnection) -> bool:
    """Applies each step that was not yet applied, the step and its record in one transaction; whether there was any."""
    root.execute("create table if not exists migrations (number integer not null, name varchar not null, applied_at timestamp not null)")
    done = applied(root)
    for number, step in _STEPS.items():
        if number > done:
            root.begin()
            root.execute(step.read_text(encoding="utf-8"))
            root.execute("insert into migrations values (?, ?, ?)", [number, step.stem, datetime.now(UTC).replace(tzinfo=None)])
            root.commit()
    return done < LATEST


def make_tables(root: duckdb.DuckDBPyConnection, domains: Sequence[Domain]) -> bool:
    """Each domain's table as it is declared; a column declared since is added, one no longer declared is kept. Whether anything was made."""
    held: dict[str, set[str]] = {}
    for table, column in root.execute("select table_name, column_name from duckdb_columns() where database_name = current_database()").fetchall():
        held.setdefault(table, set()).add(column)
    made = False
    root.begin()
    for domain in domains:
        table, columns = rows_table(domain), {column.name: f'"{column.name}" {sql_type(column)}' for column in domain.stored}
        if table not in held:
            root.execute(f"create table {table} (submission uuid not null, row integer not null, {', '.join(columns.values())})")
            made = True
        else:
            for name in [name for name in columns if name not in held[table]]:
                root.execute(f"alter table {table} add column {columns[name]}")
                made = True
    root.commit()
    return made


def rows_table(domain: Domain) -> str:
    """The name of the table that holds a domain's rows."""
    return f"rows_{domain.name}"


def sql_type(column: Column) -> str:
    """The DuckDB type in which a column's values are stored."""
    return _TYPES.get(column.kind, "varchar")
