"""Measure imagedb's public functions against the floors, on a loaded fleet.

Each figure is through the public function, with the connection held and the image resolved, as a
user's loop would have it; `with name` resolves a name first.
"""

import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from sqlalchemy import Connection

from benchmarks.fleet import Fleet
from benchmarks.fleet_records import Image as FleetImage
from benchmarks.floors import (
    POSTGRES_SETTINGS,
    Floors,
    Operation,
    Sample,
    bare_postgres,
    each_sample,
    measure,
    postgres_floors,
    sqlite_floors,
)
from benchmarks.loading import Loader, PostgresSink, SQLiteSink
from imagedb.containers import uses_of
from imagedb.database import Database
from imagedb.images import get_image, images_by_key
from imagedb.lineage import list_children, list_parents
from imagedb.migrations import upgrade
from imagedb.namespaces import get_namespace
from imagedb.records import Image, Namespace
from tests.servers import postgres_server

LARGEST_NAMESPACE = "moby"
ASKED = 500
"""Images asked about, drawn at random."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one engine took at one size."""

    engine: str
    images: int
    load_seconds: float
    samples: dict[str, Sample]


def run(engine: str, images: int, *, samples: int) -> Result:
    """Load a fleet and measure."""
    with (
        ENGINES[engine](images) as (database, floors, seconds),
        database.look() as connection,
    ):
        operations = _operations(connection, floors, images)
        return Result(engine, images, seconds, measure(operations, samples=samples))


def _operations(connection: Connection, floors: Floors, images: int) -> dict[str, Operation]:
    namespace = get_namespace(connection, LARGEST_NAMESPACE)
    random = Random(2)
    numbers = [random.randint(1, images) for _ in range(ASKED)]
    asked = [
        i for i in images_by_key(connection, numbers).values() if i.namespace_key == namespace.key
    ]
    random.shuffle(asked)
    named = [i for i in asked if list_parents(connection, i)]
    return {
        "F1": floors.lookup,
        "W0": floors.update,
        "parents": _of_images(list_parents, connection, asked),
        "parents, with ID": _resolved(connection, namespace, named),
        "children": _of_images(list_children, connection, asked),
        "uses (delete check)": _of_keys(connection, asked),
        "ID prefix": _by_prefix(connection, namespace, asked),
    }


def _of_images(
    operation: Callable[[Connection, Image], object],
    connection: Connection,
    images: list[Image],
) -> Operation:
    following = each_sample(images)
    return lambda: operation(connection, next(following))


def _resolved(connection: Connection, namespace: Namespace, images: list[Image]) -> Operation:
    following = each_sample([image.id for image in images])
    return lambda: list_parents(connection, get_image(connection, namespace, next(following)))


def _of_keys(connection: Connection, images: list[Image]) -> Operation:
    following = each_sample([image.key for image in images])
    return lambda: uses_of(connection, [next(following)])


def _by_prefix(connection: Connection, namespace: Namespace, images: list[Image]) -> Operation:
    following = each_sample([image.id.short for image in images])
    return lambda: get_image(connection, namespace, next(following))


# ── engines ───────────────────────────────────────────────────────────────────────────────────


@contextmanager
def _on_postgresql(images: int) -> Iterator[tuple[Database, Floors, float]]:
    with postgres_server(settings=POSTGRES_SETTINGS) as server:
        server.create_database("fleet")
        upgrade(server.url("fleet"))
        conninfo = server.conninfo("fleet")
        with bare_postgres(conninfo) as cursor:
            started = time.monotonic()
            cursor.execute("BEGIN")
            Loader(PostgresSink(cursor)).load(_progress(images))
            cursor.execute("COMMIT")
            seconds = time.monotonic() - started
            cursor.execute("VACUUM ANALYZE")
        database = Database(server.url("fleet"))
        with closing(database), postgres_floors(conninfo, rows=images) as floors:
            yield database, floors, seconds


@contextmanager
def _on_sqlite(images: int) -> Iterator[tuple[Database, Floors, float]]:
    with TemporaryDirectory() as folder:
        file = Path(folder, "fleet.db")
        upgrade(f"sqlite:///{file}")
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            started = time.monotonic()
            connection.execute("BEGIN IMMEDIATE")
            Loader(SQLiteSink(connection)).load(_progress(images))
            connection.execute("COMMIT")
            seconds = time.monotonic() - started
            connection.execute("ANALYZE")
        database = Database(f"sqlite:///{file}")
        with closing(database), sqlite_floors(file, rows=images) as floors:
            yield database, floors, seconds


def _progress(images: int) -> Iterator[FleetImage]:
    for image in Fleet(images):
        if image.number % 20_000 == 0:
            print(f"  {image.number:,} of {images:,} images", file=sys.stderr)
        yield image


ENGINES = {"postgresql": _on_postgresql, "sqlite": _on_sqlite}
