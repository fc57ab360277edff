"""Hosts that are silent, come back, and are removed, beside all who use them."""

from functools import partial

import pytest
from sqlalchemy import select

from imagedb.container_requests import start_container
from imagedb.database import Database
from imagedb.digests import ImageID
from imagedb.errors import (
    ConflictError,
    ContainerNotFoundError,
    HostNotFoundError,
    ImageInUseError,
)
from imagedb.host_removal import delete_host
from imagedb.hosts import list_hosts
from imagedb.procedures import perform
from imagedb.records import Deleted, Untagged
from imagedb.schema import image
from imagedb.sql import containers as containers_sql
from imagedb.sql import hosts as sql
from imagedb.sql import images as images_sql
from tests.builders.images import an_image
from tests.builders.world import World, as_source
from tests.concurrency.hosts import REPORTED, as_reported, containers_of, report
from tests.concurrency.stage import Stage, beside

LOST = "web-2"


def a_lost_host(database: Database, *, state: str = "running") -> tuple[World, ImageID, str]:
    """A host whose lease has run out; its image and its container."""
    world = World(database)
    app = world.add(an_image("ab"), "app:1")
    container = world.run("app:1", state=state, host=LOST)
    world.beat(LOST, lease=60)
    world.let_lapse(LOST)
    return world, app, container


def beat(world: World) -> None:
    """The host says that it is alive."""
    world.beat(LOST)


def remove(world: World, *, force: bool = True) -> int:
    """The host is given up."""
    return perform(world.database, delete_host, "default", world.caller(), LOST, force=force)


def hosts(database: Database) -> list[tuple[str, str, int]]:
    """All hosts with their states and their containers."""
    found = World(database).ask(list_hosts)
    return [(host.name, host.state, host.containers) for host in found]


def comebacks(database: Database) -> list[str]:
    """What happened to hosts."""
    return [event.action for event in World(database).events() if event.type == "host"]


# ── heartbeats ────────────────────────────────────────────────────────────────────────────────


def test_heartbeat_does_not_wait_for_report(database: Database, stage: Stage) -> None:
    """A report locks the host and its containers for as long as it takes, but no heartbeat."""
    _, app, _ = a_lost_host(database)

    reporter = stage.holds(
        lambda world: report(world, as_reported(app), host=LOST),
        after=containers_sql.add_container,
    )
    beside(stage, reporter, beat)

    assert reporter.ends()["created"] == 1
    assert hosts(database) == [(LOST, "alive", 2)]
    assert comebacks(database) == ["alive"]


def test_heartbeat_does_not_wait_for_create(database: Database, stage: Stage) -> None:
    """Neither for who makes a container on the host."""
    a_lost_host(database)

    creator = stage.holds(
        lambda world: world.run("app:1", state="created", host=LOST, name="new"),
        after=containers_sql.add_container,
    )
    beside(stage, creator, beat)

    creator.ends()
    assert hosts(database) == [(LOST, "alive", 2)]


def test_host_comes_back_once(database: Database, stage: Stage) -> None:
    """The second of two heartbeats finds it alive: one event."""
    a_lost_host(database)

    first = stage.holds(beat, after=sql.revive)
    second = stage.waits(beat, behind=first)

    first.ends()
    second.ends()
    assert hosts(database) == [(LOST, "alive", 1)]
    assert comebacks(database) == ["alive"]


def test_first_heartbeats_of_a_new_host_make_it_known_once(
    database: Database, stage: Stage
) -> None:
    """The second one waits, and finds it."""
    first = stage.holds(beat, after=sql.add_host)
    second = stage.waits(beat, behind=first)

    first.ends()
    second.ends()
    assert hosts(database) == [(LOST, "unknown", 0)]


# ── going past a stale host ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("comes_by", ["heartbeat", "report"])
def test_delete_past_a_host_that_comes_back_is_refused(
    database: Database, stage: Stage, comes_by: str
) -> None:
    """The sign of life came first: what runs there keeps its image."""
    _, app, container = a_lost_host(database)
    told = partial(report, host=LOST) if comes_by == "report" else beat

    host = stage.holds(told, after=sql.revive)
    deleter = stage.waits(lambda world: world.delete(app, ignore_stale=True), behind=host)

    host.ends()
    with pytest.raises(ImageInUseError) as caught:
        deleter.ends()
    blocking = [conflict.container for conflict in caught.value.conflicts]
    assert [use and (use.id, use.is_host_stale) for use in blocking] == [(container, False)]
    assert not containers_of(database)[container].is_image_missing


def test_heartbeat_behind_a_delete_past_its_host_comes_too_late(
    database: Database, stage: Stage
) -> None:
    """It waits, and then the host is alive, with a container whose image is missing."""
    _, app, container = a_lost_host(database)

    deleter = stage.holds(
        lambda world: world.delete(app, ignore_stale=True), after=images_sql.delete_images
    )
    host = stage.waits(beat, behind=deleter)

    assert deleter.ends() == (Untagged("app:1"), Deleted(app))
    host.ends()
    assert hosts(database) == [(LOST, "alive", 1)]
    assert containers_of(database)[container].is_image_missing


# ── removing a host ───────────────────────────────────────────────────────────────────────────


def test_removal_behind_a_heartbeat_is_refused(database: Database, stage: Stage) -> None:
    """The host came back before: it is alive."""
    a_lost_host(database)

    host = stage.holds(beat, after=sql.revive)
    remover = stage.waits(remove, behind=host)

    host.ends()
    with pytest.raises(ConflictError, match=f"^host {LOST} is alive and would report"):
        remover.ends()
    assert hosts(database) == [(LOST, "alive", 1)]


def test_heartbeat_behind_removal_makes_the_host_known_again(
    database: Database, stage: Stage
) -> None:
    """Without its containers, until it reports them."""
    a_lost_host(database)

    remover = stage.holds(remove, after=sql.delete_host)
    host = stage.waits(beat, behind=remover)

    assert remover.ends() == 1
    host.ends()
    assert hosts(database) == [(LOST, "unknown", 0)]
    assert comebacks(database) == ["destroy"]


def test_first_heartbeat_behind_removal_makes_the_host_known_again(
    database: Database, stage: Stage
) -> None:
    """Of a host that has none yet: as an older imagedb left it."""
    world, _, _ = a_lost_host(database)
    world.forget_heartbeats()

    remover = stage.holds(remove, after=sql.delete_host)
    host = stage.waits(beat, behind=remover)

    assert remover.ends() == 1
    host.ends()
    assert hosts(database) == [(LOST, "unknown", 0)]


def test_removal_behind_a_first_heartbeat_finds_it_there(database: Database, stage: Stage) -> None:
    """It waits for the host, which was known before there were heartbeats."""
    world, _, _ = a_lost_host(database)
    world.forget_heartbeats()

    host = stage.holds(lambda world: world.beat(LOST, lease=60), after=sql.add_heartbeat)
    remover = stage.waits(remove, behind=host)

    host.ends()
    with pytest.raises(ConflictError, match=f"^host {LOST} is alive and would report"):
        remover.ends()


def test_removal_behind_a_create_finds_the_container(database: Database, stage: Stage) -> None:
    """Of an empty host nothing but its row would have gone."""
    world = World(database)
    world.add(an_image("ab"), "app:1")
    world.beat(LOST)

    creator = stage.holds(
        lambda world: world.run("app:1", state="created", host=LOST),
        after=containers_sql.add_container,
    )
    remover = stage.waits(lambda world: remove(world, force=False), behind=creator)

    container = creator.ends()
    with pytest.raises(ConflictError, match=r"has 1 container \(0 running\): remove them first"):
        remover.ends()
    assert list(containers_of(database)) == [container]


def test_create_behind_removal_makes_the_host_known_again(database: Database, stage: Stage) -> None:
    """A host comes into being with its first container."""
    _, _, container = a_lost_host(database)

    remover = stage.holds(remove, after=sql.delete_host)
    creator = stage.waits(lambda world: world.run("app:1", host=LOST, name="new"), behind=remover)

    assert remover.ends() == 1
    new = creator.ends()
    assert new != container
    assert list(containers_of(database)) == [new]
    assert hosts(database) == [(LOST, "unknown", 1)]


def test_removal_behind_a_report_finds_it_alive(database: Database, stage: Stage) -> None:
    """A report is a sign of life: what it told stays."""
    _, app, _ = a_lost_host(database)

    reporter = stage.holds(
        lambda world: report(world, as_reported(app), host=LOST),
        after=containers_sql.add_container,
    )
    remover = stage.waits(remove, behind=reporter)

    assert reporter.ends()["created"] == 1
    with pytest.raises(ConflictError, match=rf"^host {LOST} is alive .* 2 containers \(2 running"):
        remover.ends()


@pytest.mark.parametrize("complete", [False, True])
def test_report_behind_removal_brings_the_host_back(
    database: Database, stage: Stage, *, complete: bool
) -> None:
    """With what it tells, and nothing else."""
    _, app, _ = a_lost_host(database)

    remover = stage.holds(remove, after=sql.delete_host)
    reporter = stage.waits(
        lambda world: report(world, as_reported(app), complete=complete, host=LOST),
        behind=remover,
    )

    assert remover.ends() == 1
    assert reporter.ends() == {"created": 1, "updated": 0, "removed": 0, "unlinked": 0}
    assert list(containers_of(database)) == [REPORTED]


def test_removal_behind_a_start_ends_what_runs(database: Database, stage: Stage) -> None:
    """It takes the container as it is then, and tells that it has ended."""
    world, _, container = a_lost_host(database, state="exited")
    after = world.events()[-1].position

    starter = stage.holds(lambda world: _start(world, container), after=containers_sql.set_started)
    remover = stage.waits(remove, behind=starter)

    assert starter.ends() == container
    assert remover.ends() == 1
    told = [event.action for event in world.events(after=after)]
    assert told == ["start", "die", "destroy", "destroy"]


def test_start_behind_removal_finds_no_container(database: Database, stage: Stage) -> None:
    """It went with its host."""
    _, _, container = a_lost_host(database, state="exited")

    remover = stage.holds(remove, after=sql.delete_host)
    starter = stage.waits(lambda world: _start(world, container), behind=remover)

    assert remover.ends() == 1
    with pytest.raises(ContainerNotFoundError):
        starter.ends()


def test_delete_behind_removal_finds_no_container(database: Database, stage: Stage) -> None:
    """What ran on the host keeps nothing any more."""
    _, app, _ = a_lost_host(database)

    remover = stage.holds(remove, after=sql.delete_host)
    deleter = stage.waits(lambda world: world.delete("app:1"), behind=remover)

    assert remover.ends() == 1
    assert deleter.ends() == (Untagged("app:1"), Deleted(app))


def test_removal_behind_a_forced_delete_finds_no_image(database: Database, stage: Stage) -> None:
    """There is nothing left to note the use on, and the container still goes."""
    _, app, _ = a_lost_host(database, state="exited")

    deleter = stage.holds(
        lambda world: world.delete(app, force=True), after=images_sql.delete_images
    )
    remover = stage.waits(remove, behind=deleter)

    assert deleter.ends() == (Untagged("app:1"), Deleted(app))
    assert remover.ends() == 1
    assert containers_of(database) == {}


def test_removal_behind_an_import_notes_use_on_its_image(database: Database, stage: Stage) -> None:
    """The container was linked while it waited: it starts over, behind that image."""
    built = an_image("cd")
    world = World(database)
    report(world, as_reported(built.digest), host=LOST)

    importer = stage.holds(
        lambda world: world.load(as_source(built, "app:1")),
        after=containers_sql.link_container,
    )
    remover = stage.waits(remove, behind=importer)

    importer.ends()
    assert remover.ends() == 1
    assert containers_of(database) == {}
    with database.look() as connection:
        assert connection.execute(select(image.c.first_used_at)).scalar_one()


def test_import_behind_removal_has_nobody_to_link(database: Database, stage: Stage) -> None:
    """Who waited for the image is gone."""
    built = an_image("cd")
    report(World(database), as_reported(built.digest), host=LOST)

    remover = stage.holds(remove, after=sql.delete_host)
    importer = stage.waits(lambda world: world.add(built, "app:1"), behind=remover)

    assert remover.ends() == 1
    importer.ends()
    assert containers_of(database) == {}


def test_two_removals_of_one_host(database: Database, stage: Stage) -> None:
    """The second one finds none; it is told once."""
    a_lost_host(database)

    first = stage.holds(remove, after=sql.delete_host)
    second = stage.waits(remove, behind=first)

    assert first.ends() == 1
    with pytest.raises(HostNotFoundError):
        second.ends()
    assert comebacks(database) == ["destroy"]


def _start(world: World, container: str) -> str:
    return perform(world.database, start_container, "default", world.caller(), container)
