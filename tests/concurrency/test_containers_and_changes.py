"""Two who change one container: requests, reports, and imports that link it."""

from dataclasses import replace

import pytest

from imagedb.container_requests import remove_container, start_container, stop_container
from imagedb.database import Database
from imagedb.digests import Digest
from imagedb.errors import ContainerNotFoundError, ContainerStateError
from imagedb.namespaces import add_namespace
from imagedb.procedures import perform
from imagedb.records import Mount
from imagedb.sql import containers as containers_sql
from tests.builders.images import an_image, an_index
from tests.builders.world import World, as_source
from tests.concurrency.hosts import REPORTED, as_reported, containers_of, report
from tests.concurrency.stage import Stage


def start(world: World, container: str) -> str:
    """Start a container."""
    return perform(world.database, start_container, "default", world.caller(), container)


def stop(world: World, container: str) -> str:
    """Stop a container."""
    return perform(world.database, stop_container, "default", world.caller(), container)


def remove(world: World, container: str) -> str:
    """Remove a container, unless it runs."""
    return perform(world.database, remove_container, "default", world.caller(), container)


def test_remove_behind_start_is_refused(database: Database, stage: Stage) -> None:
    """It waits for the container, and then finds it running."""
    world = World(database)
    world.add(an_image("ab"), "app:1")
    container = world.run("app:1", state="exited")

    starter = stage.holds(lambda world: start(world, container), after=containers_sql.set_started)
    remover = stage.waits(lambda world: remove(world, container), behind=starter)

    assert starter.ends() == container
    with pytest.raises(ContainerStateError, match="container is running"):
        remover.ends()
    assert containers_of(database)[container].state == "running"


def test_start_behind_remove_finds_no_container(database: Database, stage: Stage) -> None:
    """It starts over, and the container is not there."""
    world = World(database)
    world.add(an_image("ab"), "app:1")
    container = world.run("app:1", state="exited")

    remover = stage.holds(
        lambda world: remove(world, container), after=containers_sql.delete_containers
    )
    starter = stage.waits(lambda world: start(world, container), behind=remover)

    assert remover.ends() == container
    with pytest.raises(ContainerNotFoundError):
        starter.ends()


def test_report_behind_stop_wins(database: Database, stage: Stage) -> None:
    """Of a fact and a request, the one that commits later is what stays."""
    world = World(database)
    app = world.add(an_image("ab"), "app:1")
    report(world, as_reported(app))

    stopper = stage.holds(lambda world: stop(world, REPORTED), after=containers_sql.set_finished)
    reporter = stage.waits(lambda world: report(world, as_reported(app)), behind=stopper)

    stopper.ends()
    assert reporter.ends()["updated"] == 1
    assert containers_of(database)[REPORTED].state == "running"


def test_stop_behind_report_wins(database: Database, stage: Stage) -> None:
    """The same in the other order."""
    world = World(database)
    app = world.add(an_image("ab"), "app:1")
    report(world, as_reported(app, state="exited"))

    reporter = stage.holds(
        lambda world: report(world, as_reported(app)), after=containers_sql.set_container
    )
    stopper = stage.waits(lambda world: stop(world, REPORTED), behind=reporter)

    reporter.ends()
    assert stopper.ends() == REPORTED
    assert containers_of(database)[REPORTED].state == "exited"


def test_import_behind_report_of_another_image_leaves_the_container(
    database: Database, stage: Stage
) -> None:
    """A container that waited for the image has another one by then."""
    world = World(database)
    old, new = an_image("ab"), an_image("cd")
    stored = world.add(new, "app:2")
    report(world, as_reported(old.digest))

    reporter = stage.holds(
        lambda world: report(world, as_reported(stored)), after=containers_sql.set_container
    )
    importer = stage.waits(lambda world: world.load(as_source(old, "app:1")), behind=reporter)

    reporter.ends()
    importer.ends()
    found = containers_of(database)[REPORTED]
    assert (found.image_digest, found.is_image_missing) == (stored, False)
    images = {id_: image.containers for id_, image in world.images().items()}
    assert images == {stored: 1, old.digest: 0}


def test_import_behind_report_of_another_mount_leaves_the_container(
    database: Database, stage: Stage
) -> None:
    """A mount that waited for the image is another one by then."""
    world = World(database)
    old, new = an_image("ab"), an_image("cd")
    stored = world.add(new, "data:2")
    mounts = [Mount("data", "/data", Digest(one.digest)) for one in (old, new)]
    before, after = (replace(as_reported(stored), mounts=(mount,)) for mount in mounts)
    report(world, before)

    reporter = stage.holds(lambda world: report(world, after), after=containers_sql.add_mounts)
    importer = stage.waits(lambda world: world.load(as_source(old, "data:1")), behind=reporter)

    reporter.ends()
    importer.ends()
    images = {id_: image.containers for id_, image in world.images().items()}
    assert images == {stored: 1, old.digest: 0}


def test_second_import_leaves_what_the_first_has_linked(database: Database, stage: Stage) -> None:
    """Two images hold the manifest that a mount waits for: the mount stays with the first."""
    world = World(database)
    shared, app = an_image("ab"), an_image("cd")
    world.database.write(lambda connection: add_namespace(connection, "other"))
    replace(world, namespace="other").add(shared)  # so that no import waits for its content
    one, two = an_index(shared, an_image("x", platform="linux/arm64")), an_index(shared)
    waiting = Mount("data", "/data", Digest(shared.digest))
    report(world, replace(as_reported(world.add(app, "app:1")), mounts=(waiting,)))

    first = stage.holds(
        lambda world: world.load(as_source(one, "data:1")), after=containers_sql.link_mount
    )
    second = stage.waits(lambda world: world.load(as_source(two, "data:2")), behind=first)

    first.ends()
    second.ends()
    images = {id_: image.containers for id_, image in world.images().items()}
    assert images == {app.digest: 1, one.digest: 1, two.digest: 0}
