"""Measure where a path is best indexed: on the shared manifest, or behind the namespace.

Two populations.  *Fleet*: one large namespace; beside it one of ten images that share the most
popular base, and a crowded one that holds these ten among many others.  *Mirrored*: many namespaces
that hold mostly the same images.  The tables are this script's own, in a throw-away server.

    python -m benchmarks.path_index --images 100000 --sqlite

Figures are multiples of F1 at the 10th percentile, in parentheses at the median.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from benchmarks.floors import (
    POSTGRES_SETTINGS,
    Floors,
    Operation,
    Sample,
    bare_postgres,
    bare_sqlite,
    each_sample,
    measure,
    pin,
    postgres_floors,
    sqlite_floors,
)
from benchmarks.path_designs import POSTGRES_DESIGNS, SQLITE_DESIGNS, Design
from benchmarks.path_stores import (
    LARGE,
    PostgresStore,
    Row,
    SQLiteStore,
    Store,
    copy_images,
    load_fleet,
    load_mirrored,
)
from tests.servers import PostgresServer, postgres_server

SMALL, CROWDED = 2, 3
_PLANS = ("auto", "force_generic_plan", "force_custom_plan")
_ABOVE = b"\x80"  # no layer's number begins with it
_PATHS = """
    SELECT held.namespace_id, manifest.platform, manifest.path
    FROM a_image_manifest AS held JOIN a_manifest AS manifest ON manifest.id = held.manifest_id
    WHERE held.image_id = %s AND held.position = 0
"""
_IN_RANGE = "SELECT count(*) FROM a_manifest WHERE platform = %s AND path > %s AND path < %s"


@dataclass(frozen=True, slots=True)
class Question:
    """Something to ask the designs; a large answer is measured per row.

    N is asked only where the namespace is small: elsewhere it takes up to a second.
    """

    label: str
    arguments: Sequence[Row]
    is_parents: bool = False
    is_per_row: bool = False
    is_for_n: bool = False

    def designs(self, bench: "Bench") -> list[Design]:
        """Choose the designs to ask."""
        return [design for design in bench.designs if design.name != "N" or self.is_for_n]

    def statement(self, design: Design) -> str:
        """Choose the design's statement."""
        return design.parents if self.is_parents else design.descendants


@dataclass(frozen=True, slots=True)
class Bench:
    """A loaded database, ready to be asked."""

    store: Store
    floors: Floors
    designs: tuple[Design, ...]
    samples: int


@dataclass(frozen=True, slots=True)
class Place:
    """An engine, and how to make a database of a name in it."""

    name: str
    open: Callable[..., AbstractContextManager[Bench]]


def fleet_lines(bench: Bench, images: int) -> Iterator[str]:
    """Load and measure one large namespace and two beside it."""
    store = bench.store
    load_fleet(store, images)
    yield from _sizes(bench, "bytes per image", images, with_manifest=True)
    base = _most_popular_base(store, LARGE)
    _add_namespaces_beside(bench, base, images)
    random = Random(2)
    some = [random.randint(1, images) for _ in range(bench.samples)]
    yield from _measured(
        bench,
        [
            Question("parents of a random image", [(image,) for image in some], is_parents=True),
            Question("descendants of a random image", [_range(store, image) for image in some]),
            Question("of the most popular base, ten images", [(SMALL, *base)], is_for_n=True),
            Question("the same ten among many others", [(CROWDED, *base)], is_for_n=True),
            Question("of it in the large namespace", [(LARGE, *base)], is_per_row=True),
        ],
    )


def mirrored_lines(bench: Bench, namespaces: int, images: int = 300) -> Iterator[str]:
    """Load and measure many namespaces that hold mostly the same images."""
    store = bench.store
    load_mirrored(store, namespaces, images=images, distinct=2_000)
    yield from _sizes(bench, "bytes per (namespace, image)", namespaces * images)
    common = store.size("image") / (namespaces * images)
    yield f"| beside it, of the table of images: {common:.0f} | | | | | |"
    keys = store.ask("SELECT id FROM image ORDER BY id")
    some = [key for (key,) in Random(3).choices(keys, k=bench.samples)]
    base = _most_popular_base(store, LARGE)
    yield from _measured(
        bench,
        [
            Question("parents of a random image", [(key,) for key in some], is_parents=True),
            Question("descendants of a random image", [_range(store, key) for key in some]),
            Question(
                "of the most popular base",
                [(1 + number % namespaces, *base) for number in range(bench.samples)],
                is_for_n=True,
            ),
        ],
    )


def _measured(bench: Bench, questions: Sequence[Question]) -> Iterator[str]:
    for question in questions:
        rows = _agreed_rows(bench, question)
        operations = {
            design.name: _operation(bench.store, question, design)
            for design in question.designs(bench)
        }
        samples = measure({"F1": bench.floors.lookup, **operations}, samples=bench.samples)
        floor = samples["F1"]
        per_row = rows if question.is_per_row else None
        cells = [_cell(samples.get(design.name), floor, per_row) for design in bench.designs]
        yield f"| {question.label} | {' | '.join(cells)} | {rows:.1f} | {floor.p10:.1f} us |"


def _cell(sample: Sample | None, floor: Sample, rows: float | None) -> str:
    if sample is None:
        return "-"
    if rows is not None:
        return f"{sample.p10 / rows:.2f} us/row"
    return f"{sample.over(floor):.2f} ({sample.p50 / floor.p50:.2f})"


def _operation(store: Store, question: Question, design: Design) -> Operation:
    statement = store.spell(question.statement(design))
    arguments = each_sample(question.arguments)
    return lambda: store.ask(statement, next(arguments))


def _agreed_rows(bench: Bench, question: Question) -> float:
    """Count the rows of an answer, on average, once both designs gave the same."""
    total = 0
    for arguments in question.arguments:
        answers = [
            sorted(bench.store.ask(bench.store.spell(question.statement(design)), arguments))
            for design in question.designs(bench)
        ]
        if any(answer != answers[0] for answer in answers):
            raise RuntimeError(f"the designs differ: {question.label}, {arguments}")
        total += len(answers[0])
    return total / len(question.arguments)


def _sizes(bench: Bench, label: str, images: int, *, with_manifest: bool = False) -> Iterator[str]:
    used = [design.tables if with_manifest else design.tables[1:] for design in bench.designs]
    cells = [f"{bench.store.size(*tables) / images:.0f}" for tables in used]
    yield f"| {label} | {' | '.join(cells)} | | |"


def _most_popular_base(store: Store, namespace: int) -> Row:
    """Find the platform and the bounds of the oldest images' most extended path."""
    oldest = store.ask(
        store.spell("SELECT id FROM image WHERE namespace_id = %s ORDER BY id LIMIT 500"),
        (namespace,),
    )
    ranges = [_range(store, image)[1:] for (image,) in oldest]
    statement = store.spell(_IN_RANGE)
    return max(ranges, key=lambda bounds: store.ask(statement, bounds)[0][0])


def _range(store: Store, image: int) -> Row:
    """Compute what lies above the path of an image's first platform."""
    ((namespace, platform, path),) = store.ask(store.spell(_PATHS), (image,))
    return namespace, platform, path, path + _ABOVE


def _add_namespaces_beside(bench: Bench, base: Row, images: int) -> None:
    store, random = bench.store, Random(4)
    members = {
        row[0] for row in store.ask(store.spell(bench.designs[-1].descendants), (LARGE, *base))
    }
    ten = random.sample(sorted(members), 10)
    others = random.sample(sorted(set(range(1, images + 1)) - members), images // 20)
    copy_images(store, SMALL, ten)
    copy_images(store, CROWDED, [*ten, *others])
    store.settle()


@contextmanager
def _postgres(server: PostgresServer, name: str, *, rows: int, samples: int) -> Iterator[Bench]:
    server.create_database(name)
    conninfo = server.conninfo(name)
    with postgres_floors(conninfo, rows=rows) as floors, bare_postgres(conninfo) as cursor:
        store = PostgresStore(cursor)
        store.create()
        yield Bench(store, floors, POSTGRES_DESIGNS, samples)


@contextmanager
def _sqlite(folder: Path, name: str, *, rows: int, samples: int) -> Iterator[Bench]:
    file = folder / f"{name}.db"
    with sqlite_floors(file, rows=rows) as floors, bare_sqlite(file) as cursor:
        store = SQLiteStore(cursor)
        store.create()
        yield Bench(store, floors, SQLITE_DESIGNS, samples)


def _print_table(title: str, lines: Iterator[str]) -> None:
    print(f"\n| {title} | A | N | B | rows | F1 |\n|---|---|---|---|---|---|", flush=True)
    for line in lines:
        print(line, flush=True)


def main() -> None:
    """Print one table per engine and population."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=100_000, help="of the large namespace")
    parser.add_argument("--namespaces", type=int, default=200, help="of the mirrored population")
    parser.add_argument("--samples", type=int, default=250)
    parser.add_argument("--sqlite", action="store_true", help="measure SQLite as well")
    parser.add_argument("--plans", choices=_PLANS, default="auto", help="what PostgreSQL reuses")
    given = parser.parse_args()
    pin()
    with ExitStack() as stack:
        server = stack.enter_context(
            postgres_server(settings=POSTGRES_SETTINGS | {"plan_cache_mode": given.plans})
        )
        places = [Place(f"PostgreSQL {server.version}", partial(_postgres, server))]
        if given.sqlite:
            folder = Path(stack.enter_context(TemporaryDirectory()))
            places.append(Place("SQLite", partial(_sqlite, folder)))
        for place in places:
            _measure_at(place, given)


def _measure_at(place: Place, given: argparse.Namespace) -> None:
    sizes = {"rows": given.images, "samples": given.samples}
    with place.open("fleet", **sizes) as bench:
        lines = fleet_lines(bench, given.images)
        _print_table(f"{place.name}, fleet of {given.images}", lines)
    with place.open("mirrored", **sizes) as bench:
        lines = mirrored_lines(bench, given.namespaces)
        _print_table(f"{place.name}, {given.namespaces} mirrors", lines)


if __name__ == "__main__":
    main()
