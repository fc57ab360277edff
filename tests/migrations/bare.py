"""A database as its driver shows it: rows and catalogs, without a word of the package's own."""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from psycopg.types.json import Jsonb

Run = Callable[[str, Sequence[object]], list[tuple[Any, ...]]]

VERSION = "alembic_version"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Content(NamedTuple):
    """How many rows a table has, and the checksum of all of them in a fixed order."""

    rows: int
    checksum: str


@dataclass(frozen=True, slots=True)
class Bare:
    """A database of one engine; every call has a connection of its own, which it closes."""

    url: str
    conninfo: str = ""
    """The driver's name for a database of PostgreSQL; empty for a file."""

    @property
    def path(self) -> Path:
        """The file of a SQLite database."""
        return Path(self.url.removeprefix("sqlite:///"))

    @property
    def name(self) -> str:
        """The name of a database of PostgreSQL."""
        return str(psycopg.conninfo.conninfo_to_dict(self.conninfo)["dbname"])

    def run(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one statement, commit it, and give its rows; `?` stands for a value."""
        with self._connected() as run:
            return run(statement, values)

    def insert(self, rows: Iterable[tuple[str, dict[str, object]]]) -> None:
        """Add rows to tables, their values in the engine's stored form, and commit them."""
        with self._connected() as run:
            for table, row in rows:
                columns = ", ".join(f'"{column}"' for column in row)
                marks = ", ".join("?" * len(row))
                statement = f'INSERT INTO "{table}" ({columns}) VALUES ({marks})'  # noqa: S608 - ours
                run(statement, [self._stored(value) for value in row.values()])

    @contextmanager
    def writing(self, statement: str) -> Iterator[None]:
        """Hold a transaction open that has written."""
        with self._connected() as run:
            run(statement, ())
            yield

    @contextmanager
    def _connected(self) -> Iterator[Run]:
        if self.conninfo:
            with psycopg.connect(self.conninfo) as server:
                yield lambda statement, values: _run_on_postgresql(server, statement, values)
        else:
            with closing(sqlite3.connect(self.path)) as file, file:
                file.execute("PRAGMA foreign_keys = ON")
                yield lambda statement, values: file.execute(statement, values).fetchall()

    def tables(self) -> set[str]:
        """List the tables, without those that are the engine's or Alembic's own."""
        listing = _POSTGRESQL_TABLES if self.conninfo else _SQLITE_TABLES
        return {name for (name,) in self.run(listing)} - {VERSION}

    def revision(self) -> str | None:
        """Read what Alembic noted down; None where it has no table, or an empty one."""
        listing = _POSTGRESQL_TABLES if self.conninfo else _SQLITE_TABLES
        if (VERSION,) not in self.run(listing):
            return None
        rows = self.run("SELECT version_num FROM alembic_version")
        return rows[0][0] if rows else None

    def contents(self) -> dict[str, Content]:
        """Count and sum up the rows of every table."""
        with self._connected() as run:
            return {table: _content(run, table) for table in sorted(self.tables())}

    def catalog(self) -> list[str]:
        """Dump all that the engine knows about the layout, a line for each thing, sorted."""
        dumps = _POSTGRESQL_CATALOG if self.conninfo else _SQLITE_CATALOG
        with self._connected() as run:
            lines = [row for dump in dumps for row in run(dump, ())]
        words = (" ".join(str(part) for part in line if part is not None) for line in lines)
        return sorted(" ".join(word.split()) for word in words)

    def everything(self) -> tuple[str | None, dict[str, Content], list[str]]:
        """All that an upgrade that fails must leave as it was."""
        return self.revision(), self.contents(), self.catalog()

    def _stored(self, value: object) -> object:
        if isinstance(value, datetime):
            return value if self.conninfo else (value - _EPOCH) // timedelta(microseconds=1)
        if isinstance(value, dict | list):
            return Jsonb(value) if self.conninfo else json.dumps(value)
        return value


def _run_on_postgresql(
    server: psycopg.Connection[tuple[Any, ...]], statement: str, values: Sequence[object]
) -> list[tuple[Any, ...]]:
    cursor = server.execute(statement.replace("?", "%s").encode(), values or None)
    return cursor.fetchall() if cursor.description else []


def _content(run: Run, table: str) -> Content:
    rows = sorted(repr(row) for row in run(f'SELECT * FROM "{table}"', ()))  # noqa: S608 - ours
    return Content(len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest())


_SQLITE_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
_POSTGRESQL_TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND oid >= 16384"

# The statements that SQLite keeps are all it knows; it spells them as they were given. It makes a
# table of its own for AUTOINCREMENT, and never drops it.
_SQLITE_CATALOG = (
    """
    SELECT type, name, tbl_name, sql FROM sqlite_master
    WHERE tbl_name NOT IN ('alembic_version', 'sqlite_sequence')
    """,
)
_OURS = """(
    SELECT oid FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relname !~ '^alembic_version'
)"""
_POSTGRESQL_CATALOG = tuple(
    dump.format(ours=_OURS)
    for dump in (
        """
    SELECT 'relation', relkind::text, relname FROM pg_class WHERE oid IN {ours}
    """,
        """
    SELECT 'column', attrelid::regclass::text, attname, format_type(atttypid, atttypmod),
        'collation ' || coalesce(c.collname, 'none'), 'not null ' || attnotnull,
        'identity ' || attidentity::text, pg_get_expr(d.adbin, d.adrelid)
    FROM pg_attribute
    LEFT JOIN pg_collation AS c ON c.oid = attcollation
    LEFT JOIN pg_attrdef AS d ON d.adrelid = attrelid AND d.adnum = attnum
    WHERE attnum > 0 AND attrelid IN {ours}
    """,
        """
    SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE conrelid IN {ours}
    """,
        """
    SELECT 'index', pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid IN {ours}
    """,
        """
    SELECT 'sequence', seqrelid::regclass::text, seqtypid::regtype::text, seqstart, seqincrement
    FROM pg_sequence WHERE seqrelid IN {ours}
    """,
    )
)
