"""A delete meets those who use the image or begin to: create, mount, start, report."""

import pytest

from imagedb.container_requests import start_container, stop_container
from imagedb.database import Database
from imagedb.errors import ImageInUseError, ImageNotFoundError
from imagedb.procedures import perform
from imagedb.records import Deleted, Untagged
from imagedb.sql import containers as containers_sql
from imagedb.sql import events as events_sql
from imagedb.sql import images as images_sql
from tests.builders.images import an_image
from tests.builders.world import World
from tests.concurrency.hosts import REPORTED, as_reported, containers_of, report
from tests.concurrency.stage import Stage

# ── create ────────────────────────────────────────────────────────────────────────────────────


def test_create_behind_delete_finds_no_image(database: Database, stage: Stage) -> None:
    """Whoever comes behind a delete is told that the image is gone; no container is left."""
    app = World(database).add(an_image("ab"), "app:1")

    deleter = stage.holds(lambda world: world.delete("app:1"), after=images_sql.delete_images)
    creator = stage.waits(lambda world: world.run("app:1"), behind=deleter)

    assert deleter.ends() == (Untagged("app:1"), Deleted(app))
    with pytest.raises(ImageNotFoundError, match=r"^No such image: app:1$"):
        creator.ends()
    assert containers_of(database) == {}


def test_delete_behind_create_finds_the_container(database: Database, stage: Stage) -> None:
    """A container that was committed before is a reason against the delete."""
    app = World(database).add(an_image("ab"), "app:1")

    creator = stage.holds(
        lambda world: world.run("app:1", state="created"), after=containers_sql.add_container
    )
    deleter = stage.waits(lambda world: world.delete("app:1"), behind=creator)

    container = creator.ends()
    with pytest.raises(ImageInUseError) as caught:
        deleter.ends()
    assert _blocking(caught.value) == [container]
    assert World(database).images()[app].names == ("app:1",)


def test_mount_behind_delete_finds_no_image(database: Database, stage: Stage) -> None:
    """A mounted image is locked like the one that is run."""
    world = World(database)
    world.add(an_image("ab"), "app:1")
    data = world.add(an_image("cd"), "data:1")

    deleter = stage.holds(lambda world: world.delete("data:1"), after=images_sql.delete_images)
    creator = stage.waits(lambda world: world.run("app:1", mounts=["data:1"]), behind=deleter)

    assert deleter.ends() == (Untagged("data:1"), Deleted(data))
    with pytest.raises(ImageNotFoundError, match=r"^No such image: data:1$"):
        creator.ends()
    assert containers_of(database) == {}


def test_delete_behind_mount_finds_the_container(database: Database, stage: Stage) -> None:
    """Who mounts an image uses it."""
    world = World(database)
    world.add(an_image("ab"), "app:1")
    data = world.add(an_image("cd"), "data:1")

    creator = stage.holds(
        lambda world: world.run("app:1", state="created", mounts=["data:1"]),
        after=containers_sql.add_mounts,
    )
    deleter = stage.waits(lambda world: world.delete("data:1"), behind=creator)

    container = creator.ends()
    with pytest.raises(ImageInUseError) as caught:
        deleter.ends()
    assert _blocking(caught.value) == [container]
    assert data in World(database).images()


# ── start ─────────────────────────────────────────────────────────────────────────────────────


def test_start_behind_forced_delete_runs_without_its_image(
    database: Database, stage: Stage
) -> None:
    """The container was stopped when its image went: it starts, and reports the image missing."""
    world = World(database)
    app = world.add(an_image("ab"), "app:1")
    container = world.run("app:1", state="exited")

    deleter = stage.holds(
        lambda world: world.delete(app, force=True), after=images_sql.delete_images
    )
    starter = stage.waits(lambda world: _start(world, container), behind=deleter)

    assert deleter.ends() == (Untagged("app:1"), Deleted(app))
    assert starter.ends() == container
    found = containers_of(database)[container]
    assert (found.state, found.is_image_missing, found.image_digest) == ("running", True, app)


def test_forced_delete_behind_start_finds_it_running(database: Database, stage: Stage) -> None:
    """Force does not lift a container that came to run before: nothing is lost under it."""
    world = World(database)
    app = world.add(an_image("ab"), "app:1")
    container = world.run("app:1", state="exited")

    starter = stage.holds(lambda world: _start(world, container), after=events_sql.add_events)
    deleter = stage.waits(lambda world: world.delete(app, force=True), behind=starter)

    assert starter.ends() == container
    with pytest.raises(ImageInUseError) as caught:
        deleter.ends()
    assert [(c.is_hard, c.container and c.container.id) for c in caught.value.conflicts] == [
        (True, container)
    ]
    assert not containers_of(database)[container].is_image_missing


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_stop_does_not_wait_for_delete(database: Database, stage: Stage) -> None:
    """What leads to less use locks the container alone, and the delete sees what was before."""
    world = World(database)
    app = world.add(an_image("ab"), "app:1")
    container = world.run("app:1", state="running")

    deleter = stage.holds(lambda world: world.delete(app), after=containers_sql.uses_of_images)
    perform(database, stop_container, "default", world.caller(), container)

    with pytest.raises(ImageInUseError, match="is being used by running container"):
        deleter.ends()
    assert containers_of(database)[container].state == "exited"


# ── remove ────────────────────────────────────────────────────────────────────────────────────


def test_delete_behind_remove_finds_no_container(database: Database, stage: Stage) -> None:
    """The last container is gone; when it used the image was noted, and goes with the image."""
    world = World(database)
    app = world.add(an_image("ab"), "app:1")
    container = world.run("app:1", state="exited")

    remover = stage.holds(lambda world: world.remove(container), after=images_sql.note_use)
    deleter = stage.waits(lambda world: world.delete("app:1"), behind=remover)

    remover.ends()
    assert deleter.ends() == (Untagged("app:1"), Deleted(app))
    assert containers_of(database) == {}


def test_remove_behind_forced_delete_finds_no_image(database: Database, stage: Stage) -> None:
    """There is nothing left to note the use on, and the container still goes."""
    world = World(database)
    app = world.add(an_image("ab"), "app:1")
    container = world.run("app:1", state="exited")

    deleter = stage.holds(
        lambda world: world.delete(app, force=True), after=images_sql.delete_images
    )
    remover = stage.waits(lambda world: world.remove(container), behind=deleter)

    assert deleter.ends() == (Untagged("app:1"), Deleted(app))
    remover.ends()
    assert containers_of(database) == {}


# ── report ────────────────────────────────────────────────────────────────────────────────────


def test_report_behind_delete_is_kept_without_link(database: Database, stage: Stage) -> None:
    """A report is a fact: the container is recorded, its image is missing."""
    app = World(database).add(an_image("ab"), "app:1")

    deleter = stage.holds(lambda world: world.delete("app:1"), after=images_sql.delete_images)
    reporter = stage.waits(lambda world: report(world, as_reported(app)), behind=deleter)

    assert deleter.ends() == (Untagged("app:1"), Deleted(app))
    assert reporter.ends() == {"created": 1, "updated": 0, "removed": 0, "unlinked": 1}
    found = containers_of(database)[REPORTED]
    assert (found.image_digest, found.is_image_missing) == (app, True)


def test_delete_behind_report_finds_the_container(database: Database, stage: Stage) -> None:
    """A container that a host told of before is a reason against the delete."""
    app = World(database).add(an_image("ab"), "app:1")

    reporter = stage.holds(
        lambda world: report(world, as_reported(app)), after=containers_sql.add_container
    )
    deleter = stage.waits(lambda world: world.delete(app, force=True), behind=reporter)

    assert reporter.ends() == {"created": 1, "updated": 0, "removed": 0, "unlinked": 0}
    with pytest.raises(ImageInUseError) as caught:
        deleter.ends()
    assert _blocking(caught.value) == [REPORTED]
    assert app in World(database).images()


def test_report_of_a_start_behind_forced_delete(database: Database, stage: Stage) -> None:
    """A host may tell that a container runs whose image was just removed by force."""
    world = World(database)
    app = world.add(an_image("ab"), "app:1")
    report(world, as_reported(app, state="exited"))

    deleter = stage.holds(
        lambda world: world.delete(app, force=True), after=images_sql.delete_images
    )
    reporter = stage.waits(lambda world: report(world, as_reported(app)), behind=deleter)

    assert deleter.ends() == (Untagged("app:1"), Deleted(app))
    assert reporter.ends()["unlinked"] == 1
    found = containers_of(database)[REPORTED]
    assert (found.state, found.is_image_missing) == ("running", True)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_complete_reports_of_two_hosts_follow_one_another(database: Database, stage: Stage) -> None:
    """Two hosts note on one image when their last containers used it, one after the other."""
    world = World(database)
    world.add(an_image("ab"), "app:1")
    for host in ("web-1", "web-2"):
        world.run("app:1", state="exited", host=host)

    first = stage.holds(
        lambda world: report(world, complete=True, host="web-1"), after=images_sql.note_use
    )
    second = stage.waits(lambda world: report(world, complete=True, host="web-2"), behind=first)

    assert first.ends()["removed"] == second.ends()["removed"] == 1
    assert first.refusals == second.refusals == []
    assert containers_of(database) == {}


def _start(world: World, container: str) -> str:
    return perform(world.database, start_container, "default", world.caller(), container)


def _blocking(error: ImageInUseError) -> list[str]:
    return [conflict.container.id for conflict in error.conflicts if conflict.container]
