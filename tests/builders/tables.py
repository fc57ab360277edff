"""Look at a database's tables as they lie, whatever they are for."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select

from imagedb.database import Database
from imagedb.schema import metadata

Rows = list[tuple[Any, ...]]


def dump(database: Database, *, without: Iterable[str] = ()) -> dict[str, Rows]:
    """All rows of all tables, by table, in an order of their own."""
    tables = [table for table in metadata.sorted_tables if table.name not in set(without)]
    with database.read() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in tables
        }


def counts(database: Database) -> dict[str, int]:
    """How many rows each table has."""
    with database.read() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }
