"""Trees: lineage as it is drawn."""

import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from imagedb.cli.lineage import ASCII, draw_tree
from imagedb.database import Database
from imagedb.images import get_image
from imagedb.namespaces import add_namespace, get_namespace
from imagedb.records import SourceImage, TreeNode
from imagedb.trees import get_tree
from tests.builders.images import Built, an_image, an_index
from tests.builders.world import World, as_source

ARM = "linux/arm64/v8"
LEVELS = 90
"""Of one platform, where chains of several continue one another."""
AMD64, ARM64 = "linux/amd64", "linux/arm64"


def drawn(world: World, root: str | None = None) -> list[str]:
    """The tree as lines: two spaces a step, name or short ID, platforms, `...` if repeated."""
    nodes = world.ask(
        lambda connection, namespace: get_tree(
            connection, namespace, get_image(connection, namespace, root) if root else None
        )
    )
    return [line for node in nodes for line in lines_of(node)]


def lines_of(node: TreeNode, depth: int = 0) -> list[str]:
    """A node and what is below it."""
    name = ",".join(node.image.names) or node.image.id.short
    words = [name, *map(str, node.platforms), *(["..."] if node.is_repeated else [])]
    below = [line for child in node.children for line in lines_of(child, depth + 1)]
    return ["  " * depth + " ".join(words), *below]


def test_tree_of_nothing_is_empty(database: Database) -> None:
    """No images, no lines."""
    assert drawn(World(database)) == []


def test_tree_puts_each_image_under_its_nearest_parents(database: Database) -> None:
    """Three levels, two roots; roots and children by name, nameless ones last."""
    world = World(database)
    for layers, name in (
        ("xy", "tools:1"),
        ("x", "alpine:3"),
        ("a", "debian:12"),
        ("ab", "python:3"),
        ("abc", "web:1"),
        ("abd", "batch:1"),
        ("ae", "node:20"),
    ):
        world.add(an_image(layers), name)
    nameless = world.add(an_image("af"))

    assert drawn(world) == [
        "alpine:3",
        f"  tools:1 {AMD64}",
        "debian:12",
        f"  node:20 {AMD64}",
        f"  python:3 {AMD64}",
        f"    batch:1 {AMD64}",
        f"    web:1 {AMD64}",
        f"  {nameless.short} {AMD64}",
    ]


def test_tree_skips_a_gap(database: Database) -> None:
    """What stands between was never stored, or is gone: the nearest that is there counts."""
    world = World(database)
    world.add(an_image("a"), "base:1")
    world.add(an_image("ab"), "middle:1")
    world.add(an_image("abcd"), "app:1")

    assert drawn(world) == ["base:1", f"  middle:1 {AMD64}", f"    app:1 {AMD64}"]
    world.delete("middle:1")
    assert drawn(world) == ["base:1", f"  app:1 {AMD64}"]


def test_tree_draws_equal_layers_as_siblings(database: Database) -> None:
    """What is built on them hangs on a named one, the first by name."""
    world = World(database)
    nameless = world.add(an_image("ab", labels={"n": "1"}))
    world.add(an_image("ab", labels={"n": "2"}), "z:1")
    world.add(an_image("ab", labels={"n": "3"}), "m:1")
    world.add(an_image("a"), "base:1")
    world.add(an_image("abc"), "app:1")

    assert drawn(world) == [
        "base:1",
        f"  m:1 {AMD64}",
        f"    app:1 {AMD64}",
        f"  z:1 {AMD64}",
        f"  {nameless.short} {AMD64}",
    ]


def test_tree_has_images_without_layers_as_roots(database: Database) -> None:
    """They are nobody's relatives."""
    world = World(database)
    world.add(an_image(""), "scratch:1")
    world.add(an_image("a"), "base:1")

    assert drawn(world) == ["base:1", "scratch:1"]


def test_tree_tells_the_platforms_of_an_edge(database: Database) -> None:
    """On which an image is built on the one above; another nearest parent is another place."""
    world = World(database)
    world.add(an_index(an_image("a"), an_image("a", platform=ARM)), "base:1")
    world.add(an_image("ab", platform=ARM), "arm:1")
    world.add(an_index(an_image("abc"), an_image("abc", platform=ARM)), "app:1")
    world.add(an_index(an_image("ax"), an_image("ax", platform=ARM)), "both:1")

    assert drawn(world) == [
        "base:1",
        f"  app:1 {AMD64}",
        f"  arm:1 {ARM64}",
        f"    app:1 {ARM64} ...",
        f"  both:1 {AMD64} {ARM64}",
    ]


def test_tree_draws_below_a_repetition_once(database: Database) -> None:
    """What is built on an image stands under its first place only."""
    world = World(database)
    world.add(an_image("a"), "amd:1")
    world.add(an_image("a", platform=ARM), "arm:1")
    world.add(an_index(an_image("ab"), an_image("ab", platform=ARM)), "both:1")
    world.add(an_image("abc"), "app:1")

    assert drawn(world) == [
        "amd:1",
        f"  both:1 {AMD64}",
        f"    app:1 {AMD64}",
        "arm:1",
        f"  both:1 {ARM64} ...",
    ]


def test_tree_of_a_circle_marks_the_repetition(database: Database) -> None:
    """Each built on the other, on different platforms: once on a way down, then marked."""
    world = World(database)
    world.add(an_index(an_image("a"), an_image("xy", platform=ARM)), "p:1")
    world.add(an_index(an_image("ab"), an_image("x", platform=ARM)), "c:1")

    assert drawn(world) == ["c:1", f"  p:1 {ARM64}", f"    c:1 {AMD64} ..."]


def test_tree_of_one_image_has_its_relatives(database: Database) -> None:
    """What it is built on and what is built on it; not its parents' other children."""
    world = World(database)
    for layers, name in (
        ("a", "debian:12"),
        ("ab", "python:3"),
        ("abc", "web:1"),
        ("abd", "batch:1"),
        ("abcx", "shop:1"),
        ("ae", "node:20"),
        ("z", "alone:1"),
    ):
        world.add(an_image(layers), name)

    assert drawn(world, "web:1") == [
        "debian:12",
        f"  python:3 {AMD64}",
        f"    web:1 {AMD64}",
        f"      shop:1 {AMD64}",
    ]
    assert drawn(world, "alone:1") == ["alone:1"]
    assert drawn(world, "debian:12")[1:] == [
        f"  node:20 {AMD64}",
        f"  python:3 {AMD64}",
        f"    batch:1 {AMD64}",
        f"    web:1 {AMD64}",
        f"      shop:1 {AMD64}",
    ]


def test_tree_is_of_one_namespace(database: Database) -> None:
    """Equal layers elsewhere are no relatives."""
    world, other = World(database), World(database, namespace="other", host="web-2")
    database.write(lambda connection: add_namespace(connection, "other"))
    world.add(an_image("a"), "base:1")
    other.add(an_image("ab"), "app:1")

    assert drawn(world) == ["base:1"]
    assert drawn(other) == ["app:1"]


def test_tree_of_many_levels_is_no_problem(database: Database) -> None:
    """As deep as an image can have layers and still be anybody's relative."""
    world = World(database)
    layers = [f"layer{number}" for number in range(256)]
    for depth in (1, 50, 100, 150, 200, 256):
        world.add(an_image(layers[:depth]), f"at:{depth}")

    assert [line.split()[0] for line in drawn(world)] == [
        "at:1",
        "at:50",
        "at:100",
        "at:150",
        "at:200",
        "at:256",
    ]


def test_tree_draws_images_without_platform_as_roots(database: Database) -> None:
    """The relation is per platform: who has none is nobody's relative."""
    world = World(database)
    for layers, name in (("a", "base:1"), ("ab", "app:1")):
        world.load(without_platform(as_source(an_image(layers), name)))

    assert drawn(world) == ["app:1", "base:1"]
    assert drawn(world, "app:1") == ["app:1"]


def test_tree_of_chains_that_continue_one_another_is_no_problem(database: Database) -> None:
    """Where one platform's layers end, another's go on: deeper than Python's stack."""
    world = World(database)
    layers = [f"layer{number}" for number in range(LEVELS)]
    amd64, arm64, s390x = (
        [an_image(layers[: depth + 1], platform=platform) for depth in range(LEVELS)]
        for platform in ("linux/amd64", ARM, "linux/s390x")
    )
    joints = (an_index(amd64[-1], arm64[0]), an_index(arm64[-1], s390x[0]))
    chain: list[Built] = [*amd64[:-1], joints[0], *arm64[1:-1], joints[1], *s390x[1:]]
    world.load(*(as_source(built) for built in chain))

    with world.database.read() as connection:
        (root,) = get_tree(connection, get_namespace(connection, "default"))
        with shallow_stack():
            (root,) = get_tree(connection, get_namespace(connection, "default"))
            assert len(list(draw_tree([root], ASCII))) == len(chain) == 3 * LEVELS - 2
    for built in chain:
        assert root.image.id == built.digest
        root = root.children[0] if root.children else root


@contextmanager
def shallow_stack() -> Iterator[None]:
    """Leave Python's stack room for less than `LEVELS` calls: a recursion is found sooner."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + LEVELS)
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


def without_platform(source: SourceImage) -> SourceImage:
    """The same image, of a config that names neither system nor architecture."""
    return replace(source, manifests=tuple(replace(m, platform=None) for m in source.manifests))
