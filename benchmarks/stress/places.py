"""Where a run takes place: a server or a file of its own, or a database that is given."""

import functools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.stress.options import FOREIGN_KEYS, Options
from benchmarks.stress.population import populate
from benchmarks.stress.without import drop_foreign_keys
from imagedb.database import Database
from imagedb.migrations import upgrade
from imagedb.namespaces import add_namespace
from tests.servers import PostgresServer, memory_folder, postgres_server

_DATABASE = "stress"


@dataclass(frozen=True, slots=True)
class Place:
    """A database with the run's namespaces, and the server if it is the run's own."""

    url: str
    folder: Path
    """For what is written beside the database."""
    server: PostgresServer | None = None


@contextmanager
def place_of(options: Options) -> Iterator[Place]:
    """Make the database of a run."""
    parent = memory_folder() if options.in_memory else None
    with tempfile.TemporaryDirectory(prefix="imagedb-stress-", dir=parent) as name:
        folder = Path(name)
        if options.url:
            yield _prepared(options, Place(options.url, folder))
        elif options.engine == "sqlite":
            yield _prepared(options, Place(f"sqlite:///{folder / 'imagedb.db'}", folder))
        else:
            with postgres_server(parent=parent) as server:
                server.create_database(_DATABASE)
                yield _prepared(options, Place(server.url(_DATABASE), folder, server))


def _prepared(options: Options, place: Place) -> Place:
    upgrade(place.url)
    database = Database(place.url)
    try:
        for namespace in populate(options.prefix, options.images).namespaces:
            database.write(functools.partial(add_namespace, name=namespace))
        if FOREIGN_KEYS in options.without:
            drop_foreign_keys(database)
    finally:
        database.close()
    return place
