"""Requests: an ID stands for one request, which happens once."""

from dataclasses import replace

import pytest

from imagedb.container_requests import create_container
from imagedb.database import Database
from imagedb.deletion import delete_image
from imagedb.errors import ConflictError, ImageNotFoundError
from imagedb.importing import import_images
from imagedb.namespaces import add_namespace
from imagedb.procedures import perform
from imagedb.records import Caller, Deleted, Mount, Untagged
from tests.builders.images import an_image
from tests.builders.world import World, as_source

CALLER = Caller("tester@test", "web-1", request_id="r1")
USED = "request ID r1 was used for another request; use another one"


def test_request_that_is_repeated_is_answered_and_not_done_again(database: Database) -> None:
    """The answer is what the first one was told, though the image has come back meanwhile."""
    world = World(database)
    app = world.add(an_image("ab"), "app:1")

    first = perform(database, delete_image, "default", CALLER, "app:1", force=True)
    world.add(an_image("ab"), "app:1")
    again = perform(database, delete_image, "default", CALLER, "app:1", force=True)

    assert first == again == (Untagged("app:1"), Deleted(app))
    assert list(world.images()) == [app]


def test_request_id_of_other_arguments_is_refused(database: Database) -> None:
    """Nothing is deleted that was not named."""
    world = World(database)
    world.add(an_image("ab"), "app:1")
    kept = world.add(an_image("xy"), "kept:1")
    perform(database, delete_image, "default", CALLER, "app:1")

    with pytest.raises(ConflictError, match=USED):
        perform(database, delete_image, "default", CALLER, "kept:1")
    with pytest.raises(ConflictError, match=USED):
        perform(database, delete_image, "default", CALLER, "app:1", force=True)
    assert list(world.images()) == [kept]


def test_request_id_of_another_namespace_is_refused(database: Database) -> None:
    """The same words mean another image there."""
    database.write(lambda connection: add_namespace(connection, "lab"))
    World(database).add(an_image("ab"), "app:1")
    lab = World(database, "lab", host="web-2")
    kept = lab.add(an_image("ab"), "app:1")
    perform(database, delete_image, "default", CALLER, "app:1")

    with pytest.raises(ConflictError, match=USED):
        perform(database, delete_image, "lab", CALLER, "app:1")
    assert list(lab.images()) == [kept]


def test_request_id_of_another_host_is_refused(database: Database) -> None:
    """A container of this host is not one of that host."""
    world = World(database)
    world.add(an_image("ab"), "app:1")
    mounts = [Mount("app:1", "/mnt")]
    made = perform(database, create_container, "default", CALLER, "app:1", mounts=mounts)

    assert perform(database, create_container, "default", CALLER, "app:1", mounts=mounts) == made
    elsewhere = replace(CALLER, host="web-2")
    with pytest.raises(ConflictError, match=USED):
        perform(database, create_container, "default", elsewhere, "app:1", mounts=mounts)


def test_request_id_of_another_source_is_refused(database: Database) -> None:
    """Images to be stored are told apart by their IDs and names."""
    app = as_source(an_image("ab"), "app:1")
    told = perform(database, import_images, "default", CALLER, [app])

    assert perform(database, import_images, "default", CALLER, (app,)) == told
    for other in (as_source(an_image("ac"), "app:1"), as_source(an_image("ab"), "app:2")):
        with pytest.raises(ConflictError, match=USED):
            perform(database, import_images, "default", CALLER, [other])


def test_request_that_failed_may_be_made_again(database: Database) -> None:
    """Nothing happened, so that its ID is free, also for other words."""
    world = World(database)
    app = world.add(an_image("ab"), "app:1")

    with pytest.raises(ImageNotFoundError):
        perform(database, delete_image, "default", CALLER, "ap:1")
    assert perform(database, delete_image, "default", CALLER, "app:1")[-1] == Deleted(app)
