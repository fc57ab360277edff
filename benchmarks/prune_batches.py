"""Prune many dangling images: how long each transaction is held, and what kill -9 leaves behind.

python -m benchmarks.prune_batches                         10,000 images, on both engines
python -m benchmarks.prune_batches --images 2000 --engine sqlite

The bar: no transaction longer than a second. A process that prunes is killed several times, in
whatever batch it is; whole batches must be done, the next run goes on, `db check` finds nothing.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Final

from sqlalchemy import Connection, event

from imagedb.checking import check_database
from imagedb.database import Database
from imagedb.filters import PruneFilters
from imagedb.migrations import upgrade
from imagedb.pruning import PRUNE_BATCH
from tests.builders.images import an_image
from tests.builders.world import World, as_source
from tests.servers import postgres_server

BAR: Final = 1.0
"""Seconds that no transaction may be held."""
BASES: Final = 100
SHARED: Final = 5
OWN: Final = 3
"""Layers of an image: those of one of the bases, and its own."""
LOADED_AT_ONCE: Final = 500
KILLED_AFTER: Final = (0, 1, 4, 9)
"""Batches that each process may tell before it is killed in the next."""

MakeCopy = Callable[[str], str]
"""Copies the loaded database under a name; returns the copy's URL."""


def main() -> None:
    """Measure and print; the exit code is 1 if the bar or a promise is missed."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.prune_batches", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--engine", choices=sorted(ENGINES), help="one engine only")
    given = parser.parse_args()
    engines = [given.engine] if given.engine else sorted(ENGINES)
    missed = [line for engine in engines for line in _run(engine, given.images)]
    sys.exit("\n".join(missed) or 0)


def _run(engine: str, images: int) -> list[str]:
    """Load once, prune two copies; returns what was missed."""
    print(
        f"\n{engine}: {images:,} dangling images of {SHARED + OWN} layers, {OWN} of them their own,"
        f" on {BASES} bases; batches of {PRUNE_BATCH}"
    )
    with ENGINES[engine](images) as copy:
        with closing(Database(copy("whole"))) as database:
            held = _prune(database)
        with closing(Database(copy("killed"))) as database:
            problems = _prune_killed(database, images)
    if held > BAR:
        problems.append(f"a transaction was held for {held:.2f} s")
    return [f"{engine}: {problem}" for problem in problems]


def _load(url: str, images: int) -> None:
    """Store images without names."""
    upgrade(url)
    started = time.monotonic()
    with closing(Database(url)) as database:
        for first in range(0, images, LOADED_AT_ONCE):
            numbers = range(first, min(first + LOADED_AT_ONCE, images))
            World(database).load(*(as_source(an_image(_layers(number))) for number in numbers))
    print(f"  loaded in {time.monotonic() - started:.0f} s")


def _layers(number: int) -> Iterator[str]:
    yield from (f"base {number % BASES}.{layer}" for layer in range(SHARED))
    yield from (f"own {number}.{layer}" for layer in range(OWN))


# ── measured ──────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class _Clock:
    """How long transactions are held: from BEGIN until the connection is given back."""

    seconds: list[float] = field(default_factory=list)
    _began: float | None = None

    def begin(self, _connection: Connection) -> None:
        self._began = time.perf_counter()

    def end(self, *_: Any) -> None:  # noqa: ANN401 - the pool's
        if self._began is not None:
            self.seconds.append(time.perf_counter() - self._began)
        self._began = None


@contextmanager
def _timed(database: Database) -> Iterator[list[float]]:
    clock = _Clock()
    listeners = (
        (database.engine, "begin", clock.begin),
        (database.engine.pool, "checkin", clock.end),
    )
    for listener in listeners:
        event.listen(*listener)
    try:
        yield clock.seconds
    finally:
        for listener in listeners:
            event.remove(*listener)


def _prune(database: Database) -> float:
    """Prune all that is left, and tell of it; returns the longest transaction."""
    started = time.perf_counter()
    with _timed(database) as seconds:
        batches = World(database).prune(PruneFilters())
    deleted = sum(len(batch.records) for batch in batches)
    print(
        f"  pruned {deleted:,} images in {time.perf_counter() - started:.1f} s:"
        f" {len(batches)} batches, {len(seconds)} transactions;"
        f" longest {max(seconds):.3f} s, median {statistics.median(seconds):.4f} s"
    )
    return max(seconds)


# ── killed ────────────────────────────────────────────────────────────────────────────────────


def _prune_killed(database: Database, images: int) -> list[str]:
    """Kill some prunes, let the last one end; returns what is wrong."""
    problems, random, left = [], Random(7), images
    for batches in KILLED_AFTER:
        told = _kill(database, batches, random.uniform(0, 0.2))
        gone, left = left, len(World(database).images())
        gone -= left
        found = _check(database)
        print(
            f"  killed with -9 after telling of {told:,}: {gone:,} gone, {left:,} left;"
            f" db check: {len(found)} problems"
        )
        if left % PRUNE_BATCH or gone < told:
            problems.append(f"{gone} images went, {told} were told: no whole batches")
        problems += found
    _prune(database)
    if World(database).images():
        problems.append("the last run left images")
    return problems + _check(database)


def _kill(database: Database, batches: int, seconds: float) -> int:
    """Kill a prune in the batch behind so many; returns how many images it told of."""
    url = database.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "imagedb", "--url", url, "image", "prune", "--force"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:  # noqa: S603 - our own
        output = process.stdout or ()
        told = list(islice(output, batches * PRUNE_BATCH))
        time.sleep(seconds if batches else 1 + seconds)  # it has to start first
        process.kill()
        told += output
    return sum(line.startswith(b"Deleted: ") and line.endswith(b"\n") for line in told)


def _check(database: Database) -> list[str]:
    with database.read() as connection:
        return list(check_database(connection))


# ── engines ───────────────────────────────────────────────────────────────────────────────────


@contextmanager
def _on_postgresql(images: int) -> Iterator[MakeCopy]:
    with postgres_server() as server:
        server.create_database("loaded")
        _load(server.url("loaded"), images)

        def copy(name: str) -> str:
            server.create_database(name, template="loaded")
            return server.url(name)

        yield copy


@contextmanager
def _on_sqlite(images: int) -> Iterator[MakeCopy]:
    with TemporaryDirectory() as folder:
        loaded = Path(folder, "loaded.db")
        _load(f"sqlite:///{loaded}", images)

        def copy(name: str) -> str:
            return f"sqlite:///{shutil.copy(loaded, loaded.with_stem(name))}"

        yield copy


ENGINES = {"postgresql": _on_postgresql, "sqlite": _on_sqlite}


if __name__ == "__main__":
    main()
