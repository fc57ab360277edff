"""The floors, and the way everything is measured against them.

F1 is one lookup by primary key, W0 one durable update of one row: the least that a question and a
change can cost.  Both by the bare driver with one reused cursor: psycopg in binary, prepared, over
a Unix socket; sqlite3 likewise.  The floors' own table has as many rows as the fleet has images.

Neighbours on the machine move absolute times by a factor of 2 to 4, so only ratios to a floor
count, measured in the same loop: every round takes one sample of every operation, in shuffled
order, and a sample is the best of four calls.  Compare the 10th percentiles; the others show what a
user meets.

Client and server share one processor (`pin`).  Left alone, the kernel keeps some operations on one
and spreads others over two, in turns, and a round trip takes 45 or 65 microseconds by that alone:
a ratio of such figures may be off by half, mostly in favour of the operation.
"""

import gc
import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import chain, cycle, repeat
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter_ns
from typing import TypeVar

import psycopg

from tests.servers import postgres_server

CALLS = 4  # of which a sample keeps the fastest
# Large enough for a million images; no checkpoint falls into a measurement.
POSTGRES_SETTINGS = {
    "shared_buffers": "1GB",
    "jit": "off",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "1h",
}
Operation = Callable[[], object]
T = TypeVar("T")

_CREATE = "CREATE TABLE floor (id BIGINT PRIMARY KEY, digest BLOB NOT NULL, uses BIGINT NOT NULL)"
_F1 = "SELECT digest FROM floor WHERE id = {}"
_W0 = "UPDATE floor SET uses = uses + 1 WHERE id = {}"


@dataclass(frozen=True, slots=True)
class Sample:
    """What an operation took, in microseconds."""

    p10: float
    p50: float
    p99: float

    def over(self, floor: "Sample") -> float:
        """Divide by a floor of the same run."""
        return self.p10 / floor.p10


@dataclass(frozen=True, slots=True)
class Floors:
    """The two floors of one database, each with a row of its own at every sample."""

    lookup: Operation
    update: Operation


def pin() -> None:
    """Keep this process, and the servers that it starts from now on, on the last processor."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def measure(operations: Mapping[str, Operation], *, samples: int) -> dict[str, Sample]:
    """Take `samples` of every operation, interleaved; see above.

    The first round, which prepares statements and fills caches, does not count.
    """
    times: dict[str, list[float]] = {name: [] for name in operations}
    order, random = list(operations), Random(0)
    gc.collect()
    gc.disable()
    try:
        for _ in range(samples + 1):
            random.shuffle(order)
            for name in order:
                times[name].append(_best(operations[name]))
    finally:
        gc.enable()
    return {name: _sample(taken[1:]) for name, taken in times.items()}


def each_sample(arguments: Sequence[T]) -> Iterator[T]:
    """Hand out arguments for ever, the same one to all calls of a sample."""
    return chain.from_iterable(repeat(argument, CALLS) for argument in cycle(arguments))


@contextmanager
def postgres_floors(conninfo: str, *, rows: int) -> Iterator[Floors]:
    """Make the floors' table in a PostgreSQL database, and drop it afterwards."""
    with bare_postgres(conninfo) as cursor:
        cursor.execute(_CREATE.replace("BLOB", "bytea"))
        with cursor.copy("COPY floor FROM STDIN") as copy:
            for row in _rows(rows):
                copy.write_row(row)
        cursor.execute("VACUUM ANALYZE floor")
        try:
            yield _floors(cursor, "%s", rows)
        finally:
            cursor.execute("DROP TABLE floor")


@contextmanager
def sqlite_floors(file: Path, *, rows: int) -> Iterator[Floors]:
    """Make the floors' table in an SQLite database, and drop it afterwards."""
    with bare_sqlite(file) as cursor:
        cursor.execute("BEGIN IMMEDIATE")
        cursor.execute(_CREATE)
        cursor.executemany("INSERT INTO floor VALUES (?, ?, ?)", _rows(rows))
        cursor.execute("COMMIT")
        try:
            yield _floors(cursor, "?", rows)
        finally:
            cursor.execute("DROP TABLE floor")


@contextmanager
def bare_postgres(conninfo: str) -> Iterator[psycopg.Cursor]:
    """Open one cursor that speaks binary and prepares every statement at its first execution."""
    connection = psycopg.connect(conninfo, autocommit=True, prepare_threshold=0)
    with closing(connection), connection.cursor(binary=True) as cursor:
        yield cursor


@contextmanager
def bare_sqlite(file: Path) -> Iterator[sqlite3.Cursor]:
    """Open one cursor that commits each statement, durably."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        yield connection.cursor()


def _floors(cursor: psycopg.Cursor | sqlite3.Cursor, parameter: str, rows: int) -> Floors:
    lookup, update = _F1.format(parameter), _W0.format(parameter)
    random = Random(1)
    keys = [random.randint(1, rows) for _ in range(10_000)]
    looked_up, updated = each_sample(keys), each_sample(keys[::-1])

    def look_up() -> object:
        cursor.execute(lookup, (next(looked_up),))
        return cursor.fetchone()

    def change() -> object:
        return cursor.execute(update, (next(updated),))

    return Floors(look_up, change)


def _rows(count: int) -> Iterator[tuple[int, bytes, int]]:
    for number in range(1, count + 1):
        yield number, hashlib.sha256(number.to_bytes(8, "big")).digest(), 0


def _best(operation: Operation) -> float:
    """Call several times and keep the fastest, in microseconds."""
    best = float("inf")
    for _ in range(CALLS):
        start = perf_counter_ns()
        operation()
        best = min(best, perf_counter_ns() - start)
    return best / 1000


def _sample(times: list[float]) -> Sample:
    ordered = sorted(times)
    return Sample(*(ordered[int(len(ordered) * share)] for share in (0.10, 0.50, 0.99)))


def main() -> None:
    """Print the floors of this machine, for both engines."""
    pin()
    with (
        postgres_server(settings=POSTGRES_SETTINGS) as server,
        TemporaryDirectory() as folder,
        postgres_floors(server.conninfo("postgres"), rows=100_000) as postgres,
        sqlite_floors(Path(folder, "floor.db"), rows=100_000) as sqlite,
    ):
        floors = {
            "F1 PostgreSQL": postgres.lookup,
            "W0 PostgreSQL": postgres.update,
            "F1 SQLite": sqlite.lookup,
            "W0 SQLite": sqlite.update,
        }
        for name, sample in measure(floors, samples=200).items():
            print(f"{name:14} {sample.p10:8.1f} {sample.p50:8.1f} {sample.p99:8.1f} us")


if __name__ == "__main__":
    main()
