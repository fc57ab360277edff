"""Collecting: shared rows go when no namespace uses them and nobody is to delete their bytes."""

import pytest

from imagedb import collecting, content
from imagedb.collecting import collect, collect_done
from imagedb.content import sweep
from imagedb.database import Database
from imagedb.namespaces import add_namespace
from imagedb.platforms import parse_platform
from tests.builders.images import Built, an_attestation, an_image, an_index
from tests.builders.tables import counts
from tests.builders.workers import claim, finish
from tests.builders.world import World, as_source

AMD, ARM = an_image("ab", labels={"team": "web"}), an_image("ac", platform="linux/arm64")
BOTH = an_index(AMD, ARM, an_attestation(AMD))
CONTENT = ("blob", "document", "layer", "manifest", "manifest_label", "manifest_layer")


@pytest.fixture
def world(database: Database) -> World:
    """An empty namespace."""
    return World(database)


@pytest.fixture
def lab(database: Database) -> World:
    """Another one."""
    database.write(lambda connection: add_namespace(connection, "lab"))
    return World(database, "lab", host="lab-1")


def rows(world: World) -> dict[str, int]:
    """How many rows of content there are."""
    found = counts(world.database)
    return {table: found[table] for table in CONTENT}


def let_go(world: World, built: Built) -> None:
    """Store an image and delete it."""
    world.add(built, "gone:1")
    world.delete("gone:1", prune=False)


def finish_all(world: World, **options: str) -> None:
    """Be done with all that is released."""
    finish(world, claim(world, **options))


# ── when the last one has done with it ────────────────────────────────────────────────────────


def test_rows_go_when_the_bytes_are_gone(world: World) -> None:
    """All of them: documents, manifests with labels and layers' positions, blobs, layers."""
    let_go(world, an_index(an_index(AMD, ARM), an_attestation(AMD)))
    assert all(rows(world).values())

    finish_all(world)

    assert rows(world) == dict.fromkeys(CONTENT, 0)
    assert collect(world.database) == 0


@pytest.mark.parametrize("kinds", [("blob", "manifest"), ("manifest", "blob")])
def test_rows_go_in_whatever_order_the_bytes_do(world: World, kinds: tuple[str, ...]) -> None:
    """What is done stays while what it is part of does; what is open stays alone."""
    let_go(world, BOTH)

    for kind in (*kinds, "chain", "index", "config"):
        finish_all(world, kind=kind)
        assert collect(world.database) == 0

    assert rows(world) == dict.fromkeys(CONTENT, 0)


def test_shared_rows_stay_for_who_uses_them(world: World) -> None:
    """A layer of another image, a manifest of another index."""
    world.add(AMD, "amd:1")
    kept = rows(world)
    let_go(world, BOTH)
    let_go(world, an_image("abz"))

    finish_all(world)

    assert rows(world) == kept
    assert collect(world.database) == 0


def test_rows_stay_for_another_namespace(world: World, lab: World) -> None:
    """Whether it uses them or has not done with them; the last one's done removes them."""
    for each in (world, lab):
        each.add(BOTH, "app:1")
    kept = rows(world)
    world.delete("app:1")
    finish_all(world)
    assert rows(world) == kept

    lab.delete("app:1")
    assert rows(world) == kept
    finish_all(lab)

    assert rows(world) == dict.fromkeys(CONTENT, 0)


def test_rows_stay_for_the_sweep(world: World, lab: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A candidate waits in another namespace: what it will release is not known yet."""
    for each in (world, lab):
        each.add(BOTH, "app:1")
    with monkeypatch.context() as patch:
        patch.setattr("imagedb.procedures.sweep", lambda _: 0)
        lab.delete("app:1")
        world.delete("app:1")
        content._sweep_namespace(world.database, 1)  # the other one is being imported into
        kept = rows(world)
        finish_all(world)
        assert rows(world) == kept
        assert collect(world.database) == 0

    sweep(world.database)
    finish_all(lab)
    assert rows(world) == dict.fromkeys(CONTENT, 0)


def test_rows_come_back_with_the_image(world: World) -> None:
    """Stored anew, with new numbers perhaps; what is built on it is found."""
    let_go(world, BOTH)
    finish_all(world)

    base, app = world.add(an_image("a"), "base:1"), world.add(BOTH, "app:1")
    world.add(an_image("abz"), "child:1")

    assert [parent.id for parent in world.parents("child:1")] == [app, base]
    assert world.releases() == ()


def test_numbers_of_layers_are_not_confused(world: World) -> None:
    """SQLite gives the number of a removed layer again: no path has it any more."""
    base = world.add(an_image("a"), "base:1")
    let_go(world, an_image("axy"))
    finish_all(world)

    app, child = world.add(an_image("apq"), "app:1"), world.add(an_image("apqr"), "child:1")

    assert [parent.id for parent in world.parents("child:1")] == [app, base]
    assert {each.id for each in world.children("base:1")} == {app, child}


# ── manifests that an index names and nobody holds ────────────────────────────────────────────


def test_manifest_that_is_still_named_keeps_its_descriptor(world: World, lab: World) -> None:
    """Of the rest of it nothing is left; who brings it completes it again."""
    half = an_index(AMD, ARM, missing=[ARM])
    lab.add(half, "half:1")
    kept = rows(world)
    let_go(world, ARM)

    finish_all(world)

    assert rows(world) == kept
    assert collect(world.database) == 0
    lab.load(as_source(an_index(AMD, ARM), "half:1"))
    (image,) = lab.images().values()
    assert parse_platform("linux/arm64") in image.platforms


def test_descriptor_that_nobody_names_any_more_is_found_by_looking(world: World) -> None:
    """No delete lets go of what was never held."""
    let_go(world, an_index(AMD, ARM, missing=[ARM]))
    finish_all(world)
    assert rows(world) == dict.fromkeys(CONTENT, 0) | {"manifest": 1}

    assert collect(world.database) == 1

    assert rows(world) == dict.fromkeys(CONTENT, 0)
    assert collect(world.database) == 0


# ── what a killed process leaves ──────────────────────────────────────────────────────────────


def test_rows_of_a_killed_process_are_found_by_looking(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In ranges and batches of any size; a second look finds nothing."""
    with monkeypatch.context() as patch:
        patch.setattr("imagedb.procedures.collect_done", lambda *_: 0)
        for built in (BOTH, an_image("xyz"), an_image([])):
            let_go(world, built)
            finish_all(world)
    everything = sum(rows(world)[table] for table in ("blob", "document", "layer", "manifest"))
    monkeypatch.setattr(collecting, "COLLECT_RANGE", 2)
    monkeypatch.setattr(collecting, "COLLECT_BATCH", 1)

    assert collect(world.database) == everything

    assert rows(world) == dict.fromkeys(CONTENT, 0)
    assert collect(world.database) == 0


def test_collecting_again_finds_nothing(world: World) -> None:
    """A worker repeats its request: what is stored again meanwhile stays."""
    let_go(world, BOTH)
    done = finish(world, claim(world)).done
    assert collect_done(world.database, done) == 0

    world.add(BOTH, "app:1")
    kept = rows(world)
    assert collect_done(world.database, done) == 0
    assert rows(world) == kept


def test_collecting_takes_more_than_one_batch(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Content that two batches share goes with the last."""
    monkeypatch.setattr(collecting, "COLLECT_BATCH", 2)
    images = [an_image("ab", labels={"n": str(number)}) for number in range(5)]
    world.load(*(as_source(image) for image in images))
    for image in images:
        world.delete(image.digest)

    finish_all(world)

    assert rows(world) == dict.fromkeys(CONTENT, 0)
