"""Images that a host's containers mount: an engine tells what was typed, and no digest."""

import pytest

from imagedb.database import Database
from imagedb.digests import ImageID
from imagedb.errors import ImageInUseError
from imagedb.records import Deleted, Mount, Untagged
from tests.builders.images import an_image
from tests.builders.world import World
from tests.concurrency.hosts import REPORTED, containers_of, mounting, report

UNCHANGED = {"created": 0, "updated": 0, "removed": 0, "unlinked": 0}


def test_reported_mount_by_name_protects_the_image(database: Database) -> None:
    """Who mounts an image uses it, also if a host told of it."""
    world = World(database)
    app, data = _app_and_data(world)
    report(world, mounting(app, "data:1"))

    with pytest.raises(ImageInUseError) as by_id:
        world.delete(data, force=True)
    with pytest.raises(ImageInUseError) as by_name:
        world.delete("data:1")

    assert [conflict.is_hard for conflict in by_id.value.conflicts] == [True]
    assert [conflict.is_hard for conflict in by_name.value.conflicts] == [False]
    assert _mounts(database) == (Mount("data:1", "/data", data, is_image_missing=False),)


def test_reported_mount_by_beginning_of_id_is_linked(database: Database) -> None:
    """An ID's beginning names the image as it does everywhere."""
    world = World(database)
    app, data = _app_and_data(world)
    report(world, mounting(app, data.short))

    assert _mounts(database) == (Mount(data.short, "/data", data, is_image_missing=False),)


def test_same_report_of_a_mount_changes_nothing(database: Database) -> None:
    """A host may tell the same every minute."""
    world = World(database)
    app, _ = _app_and_data(world)
    report(world, mounting(app, "data:1"))
    before = world.events()

    assert report(world, mounting(app, "data:1")) == UNCHANGED
    assert world.events() == before


def test_reported_mount_stays_with_its_image_when_the_name_moves(database: Database) -> None:
    """The container was started with what the name meant then."""
    world = World(database)
    app, data = _app_and_data(world)
    report(world, mounting(app, "data:1"))
    world.add(an_image("ef"), "data:1")

    assert report(world, mounting(app, "data:1")) == UNCHANGED
    assert _mounts(database) == (Mount("data:1", "/data", data, is_image_missing=False),)


def test_reported_mount_elsewhere_is_of_what_the_name_means_now(database: Database) -> None:
    """Another target is another mount."""
    world = World(database)
    app, _ = _app_and_data(world)
    report(world, mounting(app, "data:1"))
    new = world.add(an_image("ef"), "data:1")

    assert report(world, mounting(app, "data:1", target="/new"))["updated"] == 1
    assert _mounts(database) == (Mount("data:1", "/new", new, is_image_missing=False),)


@pytest.mark.parametrize("source", ["absent:1", "No Reference", "", "f" * 12])
def test_reported_mount_of_nothing_stored_is_kept_without_link(
    database: Database, source: str
) -> None:
    """A report is a fact, whatever was typed."""
    world = World(database)
    app, _ = _app_and_data(world)
    report(world, mounting(app, source))

    assert _mounts(database) == (Mount(source, "/data", None, is_image_missing=True),)
    assert report(world, mounting(app, source)) == UNCHANGED


def test_reported_mount_of_a_removed_image_waits_for_it(database: Database) -> None:
    """The digest stays when the image goes by force, and links it when it comes back."""
    world = World(database)
    app, data = _app_and_data(world)
    stopped = mounting(app, "data:1", state="exited")
    report(world, stopped)
    assert world.delete(data, force=True) == (Untagged("data:1"), Deleted(data))

    assert report(world, stopped) == UNCHANGED
    assert _mounts(database) == (Mount("data:1", "/data", data, is_image_missing=True),)
    world.add(an_image("cd"))
    assert _mounts(database) == (Mount("data:1", "/data", data, is_image_missing=False),)


def _app_and_data(world: World) -> tuple[ImageID, ImageID]:
    return world.add(an_image("ab"), "app:1"), world.add(an_image("cd"), "data:1")


def _mounts(database: Database) -> tuple[Mount, ...]:
    return containers_of(database)[REPORTED].mounts
