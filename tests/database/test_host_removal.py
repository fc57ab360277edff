"""Hosts go: empty ones when asked, others by force when their lease does not run."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select, update

from imagedb.containers import list_containers
from imagedb.database import Database
from imagedb.errors import ConflictError, HostNotFoundError
from imagedb.host_removal import delete_host
from imagedb.hosts import list_hosts
from imagedb.inspection import inspect_image
from imagedb.namespaces import add_namespace, delete_namespace
from imagedb.procedures import perform
from imagedb.records import Deleted, Untagged
from imagedb.schema import container, heartbeat, image
from tests.builders.images import an_image
from tests.builders.tables import dump
from tests.builders.world import World
from tests.concurrency.hosts import as_reported, report


@pytest.fixture
def world(database: Database) -> World:
    """An image, and a host that runs it, has run it, and mounts it."""
    world = World(database)
    world.add(an_image("ab"), "app:1")
    world.add(an_image("cd"), "data:1")
    for name, state, mounts in (("web", "running", ["data:1"]), ("job", "exited", [])):
        world.run("app:1", name=name, state=state, host="web-2", mounts=mounts)
    return world


def remove(world: World, name: str = "web-2", *, force: bool = False) -> int:
    """Remove a host."""
    return perform(world.database, delete_host, world.namespace, world.caller(), name, force=force)


def hosts(world: World) -> list[str]:
    """The names of all hosts."""
    return [host.name for host in world.ask(list_hosts)]


def test_host_without_containers_is_removed(world: World) -> None:
    """Whether its lease runs or not; its name can be used again, in another namespace too."""
    for lease in (60, None):
        world.beat("web-3", lease=lease)
        assert remove(world, "web-3") == 0
        assert hosts(world) == ["web-2"]
    world.database.write(partial(add_namespace, name="lab"))
    World(world.database, "lab").beat("web-3")

    told = [event for event in world.events() if event.type == "host"]
    assert [(event.action, event.actor_id, event.host) for event in told] == [
        ("destroy", "web-3", "web-3")
    ] * 2


def test_host_with_containers_is_kept_without_force(world: World) -> None:
    """The refusal counts them; stale or not."""
    for make_stale in (False, True):
        world.beat("web-2", lease=60)
        if make_stale:
            world.let_lapse("web-2")
        before = dump(world.database)

        with pytest.raises(ConflictError) as caught:
            remove(world)

        assert str(caught.value) == (
            "host web-2 has 2 containers (1 running): remove them first, "
            "or use --force if the host is gone for good"
        )
        assert dump(world.database) == before


def test_host_whose_lease_runs_is_kept_though_forced(world: World) -> None:
    """It is alive: its next report would bring the containers back."""
    world.beat("web-2", lease=3600)
    before = dump(world.database)

    with pytest.raises(ConflictError) as caught:
        remove(world, force=True)

    assert str(caught.value).startswith(
        "host web-2 is alive and would report its 2 containers (1 running) again: "
        "its lease runs until 20"
    )
    assert dump(world.database) == before


@pytest.mark.parametrize("has_lease", [False, True], ids=["without lease", "stale"])
def test_host_is_removed_by_force_with_its_containers(world: World, *, has_lease: bool) -> None:
    """Then nothing of it keeps an image, and those of other hosts are as they were."""
    if has_lease:
        world.beat("web-2", lease=60)
        world.let_lapse("web-2")
    other = world.run("data:1", name="other", state="exited")

    assert remove(world, force=True) == 2

    assert hosts(world) == ["web-1"]
    assert [one.id for one in world.ask(list_containers, all=True)] == [other]
    [app] = [each for each, row in world.images().items() if row.names == ("app:1",)]
    assert world.delete("app:1") == (Untagged("app:1"), Deleted(app))


def test_use_of_images_is_noted_when_their_host_goes(world: World) -> None:
    """Mounts too; as when the containers are removed one by one."""
    remove(world, force=True)

    with world.database.look() as connection:
        noted = connection.execute(select(image.c.first_used_at, image.c.last_used_at)).all()
    assert len(noted) == 2
    assert all(row.first_used_at and row.last_used_at for row in noted)
    assert world.ask(inspect_image, "app:1").names == ("app:1",)


def last_use(world: World, name: str) -> datetime:
    """When a container was last known to use an image."""
    digest = next(key for key, row in world.images().items() if name in row.names)
    with world.database.look() as connection:
        query = select(image.c.last_used_at).where(image.c.digest == digest)
        used = connection.execute(query).scalar_one()
    assert used
    return used


def test_last_use_on_a_dead_host_is_when_it_was_last_seen(world: World) -> None:
    """What ran there is not known to have run since; by a lease that runs, or none, until now."""
    began = datetime.now(UTC) - timedelta(days=30)
    started = update(container).values(created_at=began, started_at=began, finished_at=began)
    world.database.write(lambda connection: connection.execute(started))
    world.beat("web-2", lease=60)
    seen = datetime.now(UTC) - timedelta(days=7)
    silent = {"seen_at": seen, "stale_at": seen + timedelta(minutes=1)}
    world.database.write(lambda connection: connection.execute(update(heartbeat).values(silent)))

    remove(world, force=True)

    assert last_use(world, "app:1") == last_use(world, "data:1") == seen


@pytest.mark.parametrize("lease", [None, 3600])
def test_last_use_on_a_live_host_is_now(world: World, lease: int | None) -> None:
    """A container that is removed by force ran until then."""
    world.beat("web-2", lease=lease)
    before = datetime.now(UTC) - timedelta(seconds=30)
    long_ago = update(heartbeat).values(seen_at=before - timedelta(days=7))
    world.database.write(lambda connection: connection.execute(long_ago))

    world.remove("web")

    assert last_use(world, "data:1") > before


def test_last_use_is_never_before_the_container_began(world: World) -> None:
    """One that was created after its host had been seen for the last time."""
    world.beat("web-2", lease=60)
    world.let_lapse("web-2")
    with world.database.look() as connection:
        began = connection.execute(
            select(container.c.started_at).where(container.c.name == "web")
        ).scalar_one()

    remove(world, force=True)

    assert last_use(world, "data:1") == began


def test_removal_is_told_container_by_container(world: World) -> None:
    """Of the host that went, with the running ones' end; then the host's."""
    after = world.events()[-1].position

    remove(world, force=True)

    told = [(event.type, event.action, event.name) for event in world.events(after=after)]
    assert told == [
        ("container", "die", "web"),
        ("container", "destroy", "web"),
        ("container", "destroy", "job"),
        ("host", "destroy", "web-2"),
    ]
    assert {event.host for event in world.events(after=after)} == {"web-2"}


def test_container_without_its_image_goes_too(world: World) -> None:
    """There is nothing to note its use on."""
    report(world, as_reported("sha256:" + "ee" * 32), host="web-3")

    assert remove(world, "web-3", force=True) == 1

    assert hosts(world) == ["web-2"]


def test_removed_host_comes_back_with_its_next_sign_of_life(world: World) -> None:
    """Anew: with what it tells, without a lease that it gave before."""
    world.beat("web-2", lease=60)
    world.let_lapse("web-2")
    remove(world, force=True)

    world.beat("web-2")
    [host] = world.ask(list_hosts)

    assert (host.name, host.containers, host.lease) == ("web-2", 0, None)


def test_host_that_is_not_there_is_not_removed(world: World) -> None:
    """One of another namespace is told so."""
    with pytest.raises(HostNotFoundError, match=r"^No such host: web-9$"):
        remove(world, "web-9", force=True)
    world.database.write(partial(add_namespace, name="lab"))
    with pytest.raises(ConflictError, match="host web-2 belongs to namespace default"):
        remove(World(world.database, "lab"), force=True)
    assert hosts(world) == ["web-2"]


def test_namespace_goes_when_its_last_host_has_gone(world: World) -> None:
    """Hosts are what it held."""
    world.database.write(partial(add_namespace, name="lab"))
    lab = World(world.database, "lab")
    lab.beat("lab-1", lease=60)

    remove(lab, "lab-1")

    world.database.write(partial(delete_namespace, name="lab"))
