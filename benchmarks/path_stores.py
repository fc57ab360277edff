"""Load the populations of the path measurement into either engine."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

import psycopg

from benchmarks.fleet import PLATFORMS, Fleet, Options, mirrors
from benchmarks.fleet_records import Image
from benchmarks.path_designs import FILL_B, POSTGRES_TABLES, SQLITE_TABLES

LARGE = 1
Row = tuple[Any, ...]
_INDEX = "application/vnd.oci.image.index.v1+json"
_BATCH = 5_000  # images
_COPIES = (
    """
    INSERT INTO image SELECT id + %s, %s, digest, media_type, size, entered_at
    FROM image WHERE id = %s
    """,
    """
    INSERT INTO a_image_manifest SELECT image_id + %s, position, %s, manifest_id, is_present
    FROM a_image_manifest WHERE image_id = %s
    """,
    """
    INSERT INTO b_image_manifest
    SELECT image_id + %s, position, %s, manifest_id, is_present, platform, path
    FROM b_image_manifest WHERE image_id = %s
    """,
)


class Store(Protocol):
    """One database with both designs in it, by the bare driver."""

    def ask(self, statement: str, arguments: Sequence[object] = ()) -> list[Row]:
        """Run a statement that `spell` wrote and fetch what it gives."""

    def spell(self, statement: str) -> str:
        """Write a statement with the engine's own parameters."""

    def load(self, table: str, rows: Sequence[Row]) -> None:
        """Add rows."""

    def settle(self) -> None:
        """Tell the planner what was loaded."""

    def size(self, *tables: str) -> int:
        """Count the bytes of tables with their indexes."""


@dataclass(frozen=True, slots=True)
class PostgresStore:
    """A PostgreSQL database, new and empty."""

    cursor: psycopg.Cursor

    def create(self) -> None:
        """Make the tables."""
        for statement in POSTGRES_TABLES.split(";"):
            self.cursor.execute(statement)

    def ask(self, statement: str, arguments: Sequence[object] = ()) -> list[Row]:
        """Run a statement that `spell` wrote and fetch what it gives."""
        self.cursor.execute(statement, arguments)
        return self.cursor.fetchall() if self.cursor.description else []

    def spell(self, statement: str) -> str:
        """Write a statement with psycopg's parameters."""
        return statement

    def load(self, table: str, rows: Sequence[Row]) -> None:
        """Add rows by COPY."""
        with self.cursor.copy(f"COPY {table} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def settle(self) -> None:
        """Tell the planner what was loaded."""
        self.cursor.execute("VACUUM ANALYZE")

    def size(self, *tables: str) -> int:
        """Count the bytes of tables with their indexes."""
        statement = "SELECT pg_total_relation_size(%s::regclass)"
        return sum(self.ask(statement, (table,))[0][0] for table in tables)


@dataclass(frozen=True, slots=True)
class SQLiteStore:
    """An SQLite database, new and empty."""

    cursor: sqlite3.Cursor

    def create(self) -> None:
        """Make the tables."""
        self.cursor.executescript(SQLITE_TABLES)

    def ask(self, statement: str, arguments: Sequence[object] = ()) -> list[Row]:
        """Run a statement that `spell` wrote and fetch what it gives."""
        return self.cursor.execute(statement, arguments).fetchall()

    def spell(self, statement: str) -> str:
        """Write a statement with SQLite's parameters."""
        return statement.replace("%s", "?")

    def load(self, table: str, rows: Sequence[Row]) -> None:
        """Add rows in one transaction."""
        places = ", ".join("?" * len(rows[0]))
        self.cursor.execute("BEGIN IMMEDIATE")
        insert = f"INSERT INTO {table} VALUES ({places})"  # noqa: S608 - the tables of this script
        self.cursor.executemany(insert, rows)
        self.cursor.execute("COMMIT")

    def settle(self) -> None:
        """Tell the planner what was loaded."""
        self.cursor.execute("ANALYZE")

    def size(self, *tables: str) -> int:
        """Count the bytes of tables with their indexes."""
        statement = """
            SELECT sum(pgsize) FROM dbstat JOIN sqlite_schema USING (name) WHERE tbl_name = ?
        """
        return sum(self.ask(statement, (table,))[0][0] for table in tables)


def load_fleet(store: Store, images: int) -> None:
    """Load one large namespace with the generator's population."""
    stream = iter(Fleet(images, Options(namespace_weights=(1.0,))))
    while batch := list(islice(stream, _BATCH)):
        store.load("a_manifest", [row for image in batch for row in _manifest_rows(image)])
        _load_images(store, LARGE, batch)
    _fill_b(store)


def load_mirrored(store: Store, namespaces: int, *, images: int, distinct: int) -> None:
    """Load namespaces that each hold some images of one small fleet."""
    fleet = list(Fleet(distinct))
    store.load("a_manifest", [row for image in fleet for row in _manifest_rows(image)])
    chosen = mirrors(namespaces=namespaces, images=images, distinct=distinct)
    for namespace, numbers in enumerate(chosen, start=LARGE):
        _load_images(store, namespace, [fleet[number - 1] for number in numbers])
    _fill_b(store)


def copy_images(store: Store, namespace: int, images: Iterable[int]) -> None:
    """Let a further namespace hold images of the large one."""
    store.ask("BEGIN")
    for copy in map(store.spell, _COPIES):
        for image in images:
            store.ask(copy, (_key(namespace, 0), namespace, image))
    store.ask("COMMIT")


def _load_images(store: Store, namespace: int, images: Sequence[Image]) -> None:
    rows = [
        (_key(namespace, im.number), namespace, im.target, _INDEX, im.size, im.created)
        for im in images
    ]
    store.load("image", rows)
    held = [
        (_key(namespace, image.number), position, namespace, manifest.number, True)
        for image in images
        for position, manifest in enumerate(image.manifests)
    ]
    store.load("a_image_manifest", held)


def _manifest_rows(image: Image) -> list[Row]:
    return [
        (manifest.number, manifest.digest, PLATFORMS[manifest.platform], manifest.node.path())
        for manifest in image.manifests
    ]


def _fill_b(store: Store) -> None:
    for statement in FILL_B:
        store.ask(statement)
    store.settle()


def _key(namespace: int, image: int) -> int:
    """Give an image of a namespace its key; those of the large one keep their number."""
    return ((namespace - LARGE) << 32) + image
