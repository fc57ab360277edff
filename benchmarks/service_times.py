"""Measure the service beside 5,000 images, warm: the list, and deletes that prune a parent.

python -m benchmarks.service_times
python -m benchmarks.service_times --images 1000 --deletes 50
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from psycopg import sql
from sqlalchemy import Integer

from benchmarks.fleet import Fleet, Options
from benchmarks.floors import POSTGRES_SETTINGS, bare_postgres
from benchmarks.loading import Loader, PostgresSink
from imagedb.database import Database
from imagedb.migrations import upgrade
from imagedb.schema import metadata
from tests.builders.images import an_image
from tests.builders.service import Service, a_service
from tests.builders.world import World
from tests.conformance.engine import Engine
from tests.servers import postgres_server

NAMESPACE = "moby"
LIST_BAR = 0.5
"""Seconds; the recorded engine: 46."""
DELETE_BAR = 0.015
"""The recorded engine: 0.405."""


def main() -> None:
    """Load, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=5_000)
    parser.add_argument("--deletes", type=int, default=200)
    given = parser.parse_args()
    with TemporaryDirectory() as folder, _database(given.images) as database:
        names = list(_stacks(database, given.deletes))
        with a_service(database, Path(folder), "--namespace", NAMESPACE) as service:
            _measure(service, names)


@contextmanager
def _database(images: int) -> Iterator[Database]:
    """A fleet of one namespace."""
    fleet = Fleet(images, Options(namespace_weights=(1.0,), real_documents=True))
    with postgres_server(settings=POSTGRES_SETTINGS) as server:
        server.create_database("fleet")
        upgrade(server.url("fleet"))
        with bare_postgres(server.conninfo("fleet")) as cursor:
            cursor.execute("BEGIN")
            Loader(PostgresSink(cursor)).load(fleet)
            cursor.execute("COMMIT")
            _advance_sequences(cursor)
            cursor.execute("VACUUM ANALYZE")
        with closing(Database(server.url("fleet"))) as database:
            yield database


def _advance_sequences(cursor: psycopg.Cursor) -> None:
    """Let numbers be given behind those that were loaded."""
    for table in metadata.sorted_tables:
        if "id" in table.c and isinstance(table.c.id.type, Integer):
            cursor.execute(
                sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), max(id)) FROM {}").format(
                    sql.Literal(table.name), sql.Identifier(table.name)
                )
            )


def _stacks(database: Database, count: int) -> Iterator[str]:
    """Images with a name, each on a parent without one, that goes with it."""
    world = World(database, NAMESPACE)
    for number in range(count):
        layers = [f"{number}-{layer}" for layer in range(8)]
        world.add(an_image(layers[:5], labels={"number": str(number)}))
        world.add(an_image(layers, labels={"number": str(number)}), f"built:{number}")
        yield f"built:{number}"


def _measure(service: Service, names: list[str]) -> None:
    engine = Engine(service.url)

    def list_images() -> None:
        engine.ask("GET", "/images/json")

    def delete() -> None:
        answer = engine.ask("DELETE", f"/images/{names.pop()}")
        if answer.status != 200 or len(answer.body) != 3:
            raise SystemExit(f"a delete went wrong: {answer.status} {answer.text}")

    def prune_nothing() -> None:
        engine.ask("POST", "/images/prune", {"filters": '{"label": ["nobody=has"]}'})

    list_images()
    _print("GET /images/json", _times(list_images, 10), LIST_BAR)
    delete()
    _print("DELETE with pruning", _times(delete, len(names)), DELETE_BAR)
    _print("POST /images/prune of nothing", _times(prune_nothing, 5), None)


def _times(do: Callable[[], None], count: int) -> list[float]:
    times = []
    for _ in range(count):
        began = time.perf_counter()
        do()
        times.append(time.perf_counter() - began)
    return times


def _print(name: str, times: list[float], bar: float | None) -> None:
    median = statistics.median(times)
    slowest = max(times)
    told = f"{name:32} median {median * 1000:8.1f} ms   max {slowest * 1000:8.1f} ms"
    print(
        told
        + (f"   bar {bar * 1000:.0f} ms: {'met' if median <= bar else 'MISSED'}" if bar else "")
    )


if __name__ == "__main__":
    main()
