"""An import meets a delete of its image, a sweep, a report, and other imports."""

import pytest
from sqlalchemy import Connection

from imagedb.content import sweep
from imagedb.database import Database
from imagedb.deletion import delete_image
from imagedb.importing import import_images
from imagedb.namespaces import get_namespace
from imagedb.records import Deleted, Untagged
from imagedb.releases import list_releases
from imagedb.sql import containers as containers_sql
from imagedb.sql import content as content_sql
from imagedb.sql import events as events_sql
from imagedb.sql import images as images_sql
from imagedb.sql import references as references_sql
from imagedb.sql import unused as unused_sql
from tests.builders.images import BuiltImage, an_image, an_index
from tests.builders.world import World, as_source
from tests.concurrency.hosts import REPORTED, as_reported, containers_of, report
from tests.concurrency.stage import Stage

POSTGRESQL = pytest.mark.parametrize("database", ["postgresql"], indirect=True)

# ── of the image that is deleted ──────────────────────────────────────────────────────────────


def test_import_behind_delete_of_the_image_stores_it_anew(database: Database, stage: Stage) -> None:
    """Nothing of the deleted image is counted on; its content is released to nobody."""
    world = World(database)
    built = an_image("ab")
    app = world.add(built, "app:1")

    deleter = stage.holds(lambda world: world.delete("app:1"), after=images_sql.delete_images)
    importer = stage.waits(lambda world: world.load(as_source(built, "app:1")), behind=deleter)

    assert deleter.ends() == (Untagged("app:1"), Deleted(app))
    (imported,) = importer.ends()
    assert imported.is_new
    assert world.images()[app].names == ("app:1",)
    sweep(database)
    assert _released(database) == []


def test_import_behind_forced_delete_links_who_lost_the_image(
    database: Database, stage: Stage
) -> None:
    """The stopped container whose image went by force has it again."""
    world = World(database)
    built = an_image("ab")
    app = world.add(built, "app:1")
    container = world.run("app:1", state="exited")

    deleter = stage.holds(
        lambda world: world.delete(app, force=True), after=images_sql.delete_images
    )
    importer = stage.waits(lambda world: world.load(as_source(built)), behind=deleter)

    assert deleter.ends() == (Untagged("app:1"), Deleted(app))
    importer.ends()
    assert not containers_of(database)[container].is_image_missing


def test_delete_behind_import_of_the_image_deletes_it(database: Database, stage: Stage) -> None:
    """The import is told that the image was there; then it goes, with its new name."""
    world = World(database)
    built = an_image("ab")
    app = world.add(built, "app:1")

    importer = stage.holds(
        lambda world: world.load(as_source(built, "app:1")), after=references_sql.lock_names
    )
    deleter = stage.waits(lambda world: world.delete("app:1"), behind=importer)

    (imported,) = importer.ends()
    assert not imported.is_new
    assert deleter.ends() == (Untagged("app:1"), Deleted(app))
    assert world.images() == {}


# ── and a sweep ───────────────────────────────────────────────────────────────────────────────


def test_import_behind_sweep_takes_releases_back(database: Database, stage: Stage) -> None:
    """What was released and is stored again is nobody's to delete."""
    world = World(database)
    built = an_image("ab")
    _delete_without_sweep(world, built)

    sweeper = stage.holds(lambda world: sweep(world.database), after=content_sql.add_releases)
    importer = stage.waits(lambda world: world.load(as_source(built, "app:1")), behind=sweeper)

    assert sweeper.ends() == 6  # manifest, config, two blobs, two chains
    importer.ends()
    assert _released(database) == []


@POSTGRESQL
def test_sweep_leaves_a_namespace_to_its_import(database: Database, stage: Stage) -> None:
    """It does not wait, and releases nothing that the import is about to use."""
    world = World(database)
    built = an_image("ab")
    _delete_without_sweep(world, built)

    importer = stage.holds(
        lambda world: world.load(as_source(built, "app:1")), after=references_sql.add_name
    )
    assert sweep(database) == 0
    importer.ends()

    assert _released(database) == []


def test_sweep_after_import_releases_only_what_is_unused(database: Database) -> None:
    """What the new image shares with the deleted one stays, the rest is released once."""
    world = World(database)
    one, two = an_image("ab"), an_image("ac")
    _delete_without_sweep(world, one)

    world.add(two, "two:1")

    released = _released(database)
    assert ("blob", one.layers[1].digest) in released
    assert ("blob", two.layers[0].digest) not in released
    assert len(set(released)) == len(released)


@POSTGRESQL
def test_sweep_leaves_shared_content_to_the_delete_that_comes_between(
    database: Database, stage: Stage
) -> None:
    """Two images share a layer; the second one goes while the first one's content is tested.

    Whatever the sweep sees of that delete, each content is released once.
    """
    world = World(database)
    one, two = an_image("ab"), an_image("ac")
    world.add(two, "two:1")
    _delete_without_sweep(world, one)

    sweeper = stage.holds(lambda world: sweep(world.database), after=unused_sql.unused_manifests)
    world.delete("two:1")
    between = _released(database)
    sweeper.ends()
    sweep(database)

    released = _released(database)
    assert between == []  # there is one sweep of a namespace at a time
    assert len(set(released)) == len(released)
    assert {digest for kind, digest in released if kind == "blob"} == {
        layer.digest for layer in (*one.layers, *two.layers)
    }


# ── and a report of what is not stored yet ────────────────────────────────────────────────────


def test_import_behind_report_links_the_container(database: Database, stage: Stage) -> None:
    """The container was recorded without its image: the import finds it."""
    built = an_image("ab")

    reporter = stage.holds(
        lambda world: report(world, as_reported(built.digest)), after=events_sql.add_events
    )
    importer = stage.waits(lambda world: world.load(as_source(built, "app:1")), behind=reporter)

    assert reporter.ends()["unlinked"] == 1
    importer.ends()
    assert not containers_of(database)[REPORTED].is_image_missing


def test_report_behind_import_finds_the_image(database: Database, stage: Stage) -> None:
    """The image came while the report waited: the container is linked at once."""
    built = an_image("ab")

    importer = stage.holds(
        lambda world: world.load(as_source(built, "app:1")),
        after=containers_sql.lock_waiting_containers,
    )
    reporter = stage.waits(lambda world: report(world, as_reported(built.digest)), behind=importer)

    importer.ends()
    assert reporter.ends()["unlinked"] == 0
    assert not containers_of(database)[REPORTED].is_image_missing


# ── and other imports ─────────────────────────────────────────────────────────────────────────


def test_two_imports_of_one_new_image(database: Database, stage: Stage) -> None:
    """One of them stores it, the other one finds it; both names point at it."""
    built = an_image("ab")

    first = stage.holds(
        lambda world: world.load(as_source(built, "one:1")), after=content_sql.add_layers
    )
    second = stage.waits(lambda world: world.load(as_source(built, "two:1")), behind=first)

    assert [image.is_new for image in first.ends()] == [True]
    assert [image.is_new for image in second.ends()] == [False]
    assert World(database).images()[built.digest].names == ("one:1", "two:1")  # type: ignore[index]
    assert second.refusals == []


def test_import_behind_one_that_fails_stores_the_image(database: Database, stage: Stage) -> None:
    """What the first one takes back, the second one stores."""
    built = an_image("ab")

    first = stage.holds(
        lambda world: _fail_after_import(world, built), after=content_sql.add_layers
    )
    second = stage.waits(lambda world: world.load(as_source(built, "two:1")), behind=first)

    with pytest.raises(ZeroDivisionError):
        first.ends()
    assert [image.is_new for image in second.ends()] == [True]


def test_two_imports_that_complete_one_image(database: Database, stage: Stage) -> None:
    """Each brings a platform that the image lacks; it holds both in the end."""
    world = World(database)
    amd64, arm64 = an_image("ab", platform="linux/amd64"), an_image("ab", platform="linux/arm64")
    none = as_source(an_index(amd64, arm64, missing=[amd64, arm64]), "app:1")
    left = as_source(an_index(amd64, arm64, missing=[arm64]), "app:1")
    right = as_source(an_index(amd64, arm64, missing=[amd64]), "app:1")
    world.load(none)

    first = stage.holds(lambda world: world.load(left), after=images_sql.set_image_summary)
    second = stage.waits(lambda world: world.load(right), behind=first)

    first.ends()
    second.ends()
    (image,) = world.images().values()
    assert [str(platform) for platform in image.platforms] == ["linux/amd64", "linux/arm64"]
    assert second.refusals == []


@POSTGRESQL
def test_imports_are_not_refused_when_a_delete_waits_between_them(
    database: Database, stage: Stage
) -> None:
    """Two imports complete one image, and a delete waits for both.

    The second one asks for a stronger lock than it has while the delete stands in the queue.
    """
    world = World(database)
    amd64, arm64 = an_image("ab"), an_image("ac", platform="linux/arm64")
    world.load(as_source(an_index(amd64, arm64, missing=[amd64, arm64]), "app:1"))
    left = as_source(an_index(amd64, arm64, missing=[arm64]), "app:1")
    right = as_source(an_index(amd64, arm64, missing=[amd64]), "app:1")

    first = stage.holds(lambda world: world.load(left), after=images_sql.set_image_summary)
    second = stage.holds(lambda world: world.load(right), after=images_sql.lock_images_for_use)
    deleter = stage.waits(lambda world: world.delete("app:1"), behind=first)
    second.goes_on()
    second.waits(first)

    first.ends()
    second.ends()
    assert deleter.ends()[-1] == Deleted(left.id)
    assert first.refusals == second.refusals == deleter.refusals == []


@POSTGRESQL
def test_imports_of_new_layers_in_opposite_order(database: Database, stage: Stage) -> None:
    """Layers are stored in the order of their digests, never of their positions.

    Somebody holds one of two new layers until both imports stand before it, and takes it back.
    An import that had begun with the other layer would now hold what the second one needs.
    """
    layers = sorted((an_image("a").layers[0], an_image("b").layers[0]), key=lambda y: y.digest)
    lower = layers[0]
    built = an_image("ab"), an_image("ba")

    holder = stage.holds(
        lambda world: world.database.write(lambda c: _hold_layer(c, lower.digest)),
        after=content_sql.add_layers,
    )
    first = stage.waits(lambda world: world.load(as_source(built[0])), behind=holder)
    second = stage.waits(lambda world: world.load(as_source(built[1])), behind=holder)

    with pytest.raises(ZeroDivisionError):
        holder.ends()
    assert first.ends()[0].is_new
    assert second.ends()[0].is_new
    assert first.refusals == second.refusals == []
    assert first.attempts == second.attempts == 1


# ── what the tests above do by themselves ─────────────────────────────────────────────────────


def _delete_without_sweep(world: World, built: BuiltImage) -> None:
    """Store an image and delete it, as a process that dies behind its commit would."""
    world.add(built, "gone:1")
    world.database.write(
        lambda connection: delete_image(
            connection, get_namespace(connection, "default"), world.caller(), "gone:1"
        )
    )


def _fail_after_import(world: World, built: BuiltImage) -> None:
    def fail(connection: Connection) -> None:
        namespace = get_namespace(connection, "default")
        import_images(connection, namespace, world.caller(), [as_source(built, "one:1")])
        raise ZeroDivisionError

    world.database.write(fail)


def _hold_layer(connection: Connection, diff_id: str) -> None:
    connection.execute(content_sql.add_layers, [{"diff_id": diff_id, "size": 1}])
    raise ZeroDivisionError


def _released(database: Database) -> list[tuple[str, str]]:
    with database.look() as connection:
        namespace = get_namespace(connection, "default")
        return [(release.kind, release.digest) for release in list_releases(connection, namespace)]
