"""Those who remove shared rows meet imports, deletes, sweeps and one another."""

import pytest

from imagedb.collecting import collect, collect_done
from imagedb.content import sweep
from imagedb.database import Database
from imagedb.namespaces import add_namespace
from imagedb.records import Release
from imagedb.sql import collecting as sql
from imagedb.sql import content as content_sql
from imagedb.sql import images as images_sql
from tests.builders.images import an_image, an_index
from tests.builders.tables import counts
from tests.builders.workers import claim, finish
from tests.builders.world import World, as_source
from tests.concurrency.stage import Stage, beside

POSTGRESQL = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
BASE, BUILT = an_image("a"), an_image("ab")
CONTENT = ("blob", "document", "layer", "manifest")
EVERYTHING = {"blob": 2, "document": 2, "layer": 2, "manifest": 1}
"""The rows of BUILT."""


def rows(database: Database) -> dict[str, int]:
    """How many rows of content there are."""
    found = counts(database)
    return {table: found[table] for table in CONTENT}


@pytest.fixture
def done(database: Database, monkeypatch: pytest.MonkeyPatch) -> tuple[Release, ...]:
    """Releases that are done and whose rows are still there, as a killed process leaves them."""
    world = World(database)
    world.add(BUILT, "gone:1")
    world.delete("gone:1")
    monkeypatch.setattr("imagedb.procedures.collect_done", lambda *_: 0)
    told = finish(world, claim(world))
    assert rows(database) == EVERYTHING
    return told.done


@pytest.fixture
def lab(database: Database) -> World:
    """Another namespace."""
    database.write(lambda connection: add_namespace(connection, "lab"))
    return World(database, "lab", host="lab-1")


def load(world: World) -> None:
    """Store the image again, with what it is built on."""
    world.load(as_source(BUILT, "back:1"))


def check_whole(world: World) -> None:
    """The image that came back has all that it is made of, and is found by its layers."""
    assert rows(world.database) == EVERYTHING
    base = world.add(BASE, "base:1")
    assert [parent.id for parent in world.parents("back:1")] == [base]
    assert collect(world.database) == 0


# ── imports ───────────────────────────────────────────────────────────────────────────────────


def test_import_behind_collect_stores_it_anew(
    database: Database, stage: Stage, done: tuple[Release, ...]
) -> None:
    """It waits where it would find a row that is being removed."""
    collector = stage.holds(
        lambda world: collect_done(world.database, done), after=sql.delete_unused_layers
    )
    importer = stage.waits(load, behind=collector)

    assert collector.ends() == sum(EVERYTHING.values())
    importer.ends()
    assert importer.refusals == []
    check_whole(World(database))


def test_collect_beside_import_leaves_what_it_uses(
    database: Database, stage: Stage, done: tuple[Release, ...]
) -> None:
    """Nothing goes that an import has found, though no image of it is seen yet."""
    importer = stage.holds(load, after=content_sql.manifests_by_digest)
    removed = beside(stage, importer, lambda world: collect_done(world.database, done))

    importer.ends()
    assert removed == 0
    assert importer.attempts == 1
    check_whole(World(database))


@POSTGRESQL
@pytest.mark.parametrize("kind", ["layer", "blob", "document"])
def test_collect_beside_import_leaves_each_row_that_it_has_found(
    database: Database, stage: Stage, done: tuple[Release, ...], kind: str
) -> None:
    """From the moment it is found, long before an image refers to it."""
    importer = stage.holds(load, after=getattr(content_sql, f"{kind}s_by_digest"))
    before = rows(database)[kind]

    collect_done(database, done)
    left = rows(database)[kind]
    importer.ends()

    assert left == before
    assert importer.attempts == 1
    assert importer.refusals == []
    check_whole(World(database))


@POSTGRESQL
@pytest.mark.parametrize("stored", ["add_layers", "add_blobs", "add_documents", "add_manifests"])
def test_import_whose_content_was_collected_starts_over(
    database: Database, stage: Stage, done: tuple[Release, ...], stored: str
) -> None:
    """It found rows that were there, and they were gone before it could hold them."""
    importer = stage.holds(load, after=getattr(content_sql, stored))
    removed = collect_done(database, done)

    importer.ends()
    assert removed > 0
    assert importer.attempts == 2
    assert importer.refusals == []
    check_whole(World(database))


def test_import_behind_collect_names_a_manifest_by_its_descriptor(
    database: Database, stage: Stage, done: tuple[Release, ...], lab: World
) -> None:
    """An index that names the manifest and does not hold it needs a row of it all the same."""
    index = as_source(an_index(BUILT, an_image("q"), missing=[BUILT]), "half:1")

    collector = stage.holds(
        lambda world: collect_done(world.database, done), after=sql.delete_manifests
    )
    importer = stage.waits(lambda world: World(world.database, "lab").load(index), behind=collector)

    assert collector.ends() == sum(EVERYTHING.values())
    importer.ends()
    assert rows(database) == {"blob": 1, "document": 3, "layer": 1, "manifest": 2}
    assert collect(database) == 0


def test_collect_beside_import_leaves_a_manifest_that_it_names(
    database: Database, stage: Stage, done: tuple[Release, ...], lab: World
) -> None:
    """Who looks later finds that nobody holds it, and leaves its descriptor."""
    index = as_source(an_index(BUILT, an_image("q"), missing=[BUILT]), "half:1")

    importer = stage.holds(
        lambda world: World(world.database, "lab").load(index),
        after=content_sql.manifests_by_digest,
    )
    removed = beside(stage, importer, lambda world: collect_done(world.database, done))
    importer.ends()

    assert removed == (0 if not database.is_sqlite else sum(EVERYTHING.values()))
    collect(database)
    assert rows(database) == {"blob": 1, "document": 3, "layer": 1, "manifest": 2}


# ── deletes, sweeps, one another ──────────────────────────────────────────────────────────────


def test_collect_beside_delete_leaves_what_it_lets_go(
    database: Database, stage: Stage, done: tuple[Release, ...], lab: World
) -> None:
    """Until the delete commits the image holds it, from then on a candidate does."""
    lab.add(BUILT, "app:1")

    deleter = stage.holds(
        lambda world: World(world.database, "lab").delete("app:1"), after=images_sql.delete_images
    )
    removed = beside(stage, deleter, lambda world: collect_done(world.database, done))
    deleter.ends()

    assert removed == 0
    assert len(lab.releases()) == 6
    assert collect_done(database, finish(lab, claim(lab)).done) == sum(EVERYTHING.values())


def test_collect_beside_sweep_leaves_what_it_releases(
    database: Database,
    stage: Stage,
    done: tuple[Release, ...],
    lab: World,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Until the sweep commits a candidate waits, from then on a release is open."""
    lab.add(BUILT, "app:1")
    with monkeypatch.context() as patch:
        patch.setattr("imagedb.procedures.sweep", lambda _: 0)
        lab.delete("app:1")

    sweeper = stage.holds(lambda world: sweep(world.database), after=content_sql.add_releases)
    removed = beside(stage, sweeper, lambda world: collect_done(world.database, done))

    assert sweeper.ends() == 6
    assert removed == 0
    assert collect_done(database, finish(lab, claim(lab)).done) == sum(EVERYTHING.values())


def test_sweep_beside_collect_releases_what_it_finds(
    database: Database, stage: Stage, done: tuple[Release, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They lock nothing of one another; what both look at is somebody's to wait for."""
    world = World(database)
    world.add(an_image("ac"), "other:1")
    with monkeypatch.context() as patch:
        patch.setattr("imagedb.procedures.sweep", lambda _: 0)
        world.delete("other:1")

    collector = stage.holds(
        lambda world: collect_done(world.database, done), after=sql.delete_manifests
    )
    released = beside(stage, collector, lambda world: sweep(world.database))

    collector.ends()
    assert released == 6
    assert rows(database) == EVERYTHING  # of the other image, which is as large
    assert collector.refusals == []


def test_collect_beside_collect_removes_others(
    database: Database, stage: Stage, done: tuple[Release, ...]
) -> None:
    """Two workers finish at once: each row is removed by one of them."""

    def play(world: World) -> int:
        return collect_done(world.database, done)

    first = stage.holds(play, after=sql.lock_unused_manifests)
    theirs = beside(stage, first, play)

    assert (first.ends(), theirs) == (sum(EVERYTHING.values()), 0)
    assert set(rows(database).values()) == {0}
    assert first.refusals == []
