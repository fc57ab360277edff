"""The first of a kind, twice at once: hosts, container names, request IDs; and platforms."""

import pytest

from imagedb.container_requests import create_container
from imagedb.database import Database
from imagedb.deletion import delete_image
from imagedb.digests import Digest
from imagedb.errors import (
    AlreadyExistsError,
    ImageInUseError,
    NamespaceNotEmptyError,
    NamespaceNotFoundError,
    PlatformNotFoundError,
)
from imagedb.hosts import add_host, list_hosts
from imagedb.namespaces import add_namespace, delete_namespace
from imagedb.procedures import perform
from imagedb.records import Caller, Deleted, Record, Untagged
from imagedb.sql import containers as containers_sql
from imagedb.sql import events as events_sql
from imagedb.sql import hosts as hosts_sql
from imagedb.sql import images as images_sql
from imagedb.sql import namespaces as namespaces_sql
from tests.builders.images import an_image, an_index
from tests.builders.world import World, as_source
from tests.concurrency.hosts import as_reported, containers_of, report
from tests.concurrency.stage import Stage

POSTGRESQL = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
NEW_HOST = "web-9"

# ── hosts and names ───────────────────────────────────────────────────────────────────────────


def test_two_containers_of_one_name_on_a_new_host(database: Database, stage: Stage) -> None:
    """The host comes into being once; the name belongs to who came first."""
    World(database).add(an_image("ab"), "app:1")

    first = stage.holds(
        lambda world: world.run("app:1", host=NEW_HOST, name="web"),
        after=containers_sql.add_container,
    )
    second = stage.waits(lambda world: world.run("app:1", host=NEW_HOST, name="web"), behind=first)

    container = first.ends()
    with pytest.raises(AlreadyExistsError, match='The container name "/web" is already in use'):
        second.ends()
    assert list(containers_of(database)) == [container]
    assert _hosts(database) == [NEW_HOST]


def test_two_containers_of_one_name_on_a_known_host(database: Database, stage: Stage) -> None:
    """Creates on one host follow one another."""
    world = World(database)
    world.add(an_image("ab"), "app:1")
    other = world.run("app:1", name="other")

    first = stage.holds(
        lambda world: world.run("app:1", name="web"), after=containers_sql.add_container
    )
    second = stage.waits(lambda world: world.run("app:1", name="web"), behind=first)

    container = first.ends()
    with pytest.raises(AlreadyExistsError):
        second.ends()
    assert set(containers_of(database)) == {other, container}


def test_two_hosts_of_one_name(database: Database, stage: Stage) -> None:
    """One is added; the other one is told that it is there."""
    first = stage.holds(_add_host, after=hosts_sql.add_host)
    second = stage.waits(_add_host, behind=first)

    assert first.ends() == NEW_HOST
    with pytest.raises(AlreadyExistsError):
        second.ends()
    assert _hosts(database) == [NEW_HOST]


def test_two_reports_of_one_host(database: Database, stage: Stage) -> None:
    """The later one finds what the earlier one told: nothing is new to it."""
    app = World(database).add(an_image("ab"), "app:1")

    first = stage.holds(
        lambda world: report(world, as_reported(app), host=NEW_HOST),
        after=containers_sql.add_container,
    )
    second = stage.waits(lambda world: report(world, as_reported(app), host=NEW_HOST), behind=first)

    assert first.ends()["created"] == 1
    assert second.ends() == {"created": 0, "updated": 0, "removed": 0, "unlinked": 0}


@POSTGRESQL
def test_report_of_a_new_host_locks_images_before_the_host(
    database: Database, stage: Stage
) -> None:
    """A create, a delete and a report that need one another's rows: nobody is refused.

    The create holds the image and will make the host; the delete holds the parent and waits for
    the image; the report needs the parent. Had it made the host already, all three would wait.
    """
    world = World(database)
    parent = world.add(an_image("a"))
    world.add(an_image("ab"), "app:1")

    creator = stage.holds(
        lambda world: world.run("app:1", state="created", host=NEW_HOST),
        after=images_sql.lock_images_for_use,
    )
    deleter = stage.waits(lambda world: world.delete("app:1"), behind=creator)
    reporter = stage.waits(
        lambda world: report(world, as_reported(parent), host=NEW_HOST), behind=deleter
    )

    creator.ends()
    with pytest.raises(ImageInUseError):
        deleter.ends()
    assert reporter.ends()["created"] == 1
    assert creator.refusals == deleter.refusals == reporter.refusals == []


# ── platforms ─────────────────────────────────────────────────────────────────────────────────


def test_report_behind_delete_of_its_platform_is_kept_without_link(
    database: Database, stage: Stage
) -> None:
    """The manifest by which the image was found has left it: it is not that image any more."""
    world = World(database)
    amd64, arm64 = an_image("ab"), an_image("ac", platform="linux/arm64")
    world.add(an_index(amd64, arm64), "app:1")

    deleter = stage.holds(
        lambda world: world.delete("app:1", force=True, platforms=["linux/arm64"]),
        after=images_sql.drop_image_manifests,
    )
    reporter = stage.waits(lambda world: report(world, as_reported(arm64.digest)), behind=deleter)

    assert deleter.ends() == (Deleted(Digest(arm64.digest)),)
    assert reporter.ends()["unlinked"] == 1


def test_delete_of_a_platform_behind_create_finds_the_container(
    database: Database, stage: Stage
) -> None:
    """A running container of the platform keeps it."""
    world = World(database)
    index = an_index(an_image("ab"), an_image("ac", platform="linux/arm64"))
    world.add(index, "app:1")

    creator = stage.holds(
        lambda world: report(world, as_reported(index.digest)),
        after=containers_sql.add_container,
    )
    deleter = stage.waits(
        lambda world: world.delete("app:1", force=True, platforms=["linux/arm64"]), behind=creator
    )

    creator.ends()
    with pytest.raises(ImageInUseError):
        deleter.ends()


def test_create_behind_delete_of_its_platform_is_refused(database: Database, stage: Stage) -> None:
    """The platform is chosen under the lock."""
    world = World(database)
    index = an_index(an_image("ab"), an_image("ac", platform="linux/arm64"))
    world.add(index, "app:1")

    deleter = stage.holds(
        lambda world: world.delete("app:1", force=True, platforms=["linux/arm64"]),
        after=images_sql.drop_image_manifests,
    )
    creator = stage.waits(lambda world: world.run("app:1", platform="linux/arm64"), behind=deleter)

    deleter.ends()
    with pytest.raises(PlatformNotFoundError):
        creator.ends()


# ── requests ──────────────────────────────────────────────────────────────────────────────────


def test_one_request_made_twice_at_once_is_done_once(database: Database, stage: Stage) -> None:
    """Who comes second is told what the first one was told."""
    world = World(database)
    world.add(an_image("ab"), "app:1")
    world.run("app:1", name="other")
    caller = Caller("tester@test", "web-1", request_id="r1")

    def create(world: World) -> str:
        return perform(world.database, create_container, "default", caller, "app:1")

    first = stage.holds(create, after=events_sql.add_answer)
    second = stage.waits(create, behind=first)

    container = first.ends()
    assert second.ends() == container
    assert len(containers_of(database)) == 2
    assert [e.actor_id for e in world.events() if e.request_id == "r1"] == [container]


def test_one_create_with_a_name_made_twice_at_once_is_done_once(
    database: Database, stage: Stage
) -> None:
    """The second one finds the name taken, by itself: it is told so."""
    World(database).add(an_image("ab"), "app:1")
    caller = Caller("tester@test", NEW_HOST, request_id="r1")

    def create(world: World) -> str:
        return perform(world.database, create_container, "default", caller, "app:1", name="web")

    first = stage.holds(create, after=containers_sql.add_container)
    second = stage.waits(create, behind=first)

    container = first.ends()
    assert second.ends() == container
    assert list(containers_of(database)) == [container]


def test_one_delete_made_twice_at_once_is_done_once(database: Database, stage: Stage) -> None:
    """The second one finds the image gone, by itself: it is told what was deleted."""
    world = World(database)
    app = world.add(an_image("ab"), "app:1")
    caller = Caller("tester@test", "web-1", request_id="r1")

    def delete(world: World) -> tuple[Record, ...]:
        return perform(world.database, delete_image, "default", caller, "app:1")

    first = stage.holds(delete, after=images_sql.delete_images)
    second = stage.waits(delete, behind=first)

    told = first.ends()
    assert second.ends() == told == (Untagged("app:1"), Deleted(app))
    assert [e.action for e in world.events() if e.request_id == "r1"] == ["untag", "delete"]


# ── namespaces ────────────────────────────────────────────────────────────────────────────────


def test_import_behind_removal_of_its_namespace(database: Database, stage: Stage) -> None:
    """The namespace is gone: not a word of foreign keys."""
    database.write(lambda connection: add_namespace(connection, "lab"))

    remover = stage.holds(_remove_lab, after=namespaces_sql.delete_namespace)
    importer = stage.waits(
        lambda world: World(world.database, "lab").load(as_source(an_image("ab"))), behind=remover
    )

    remover.ends()
    with pytest.raises(NamespaceNotFoundError):
        importer.ends()


def test_host_behind_removal_of_its_namespace(database: Database, stage: Stage) -> None:
    """The same for the first host, added or told of."""
    database.write(lambda connection: add_namespace(connection, "lab"))

    remover = stage.holds(_remove_lab, after=namespaces_sql.delete_namespace)
    adder = stage.waits(lambda world: _add_host(World(world.database, "lab")), behind=remover)

    remover.ends()
    with pytest.raises(NamespaceNotFoundError):
        adder.ends()


def test_removal_of_a_namespace_behind_an_import(database: Database, stage: Stage) -> None:
    """It is not empty any more."""
    database.write(lambda connection: add_namespace(connection, "lab"))

    importer = stage.holds(
        lambda world: World(world.database, "lab").load(as_source(an_image("ab"))),
        after=images_sql.add_images,
    )
    remover = stage.waits(_remove_lab, behind=importer)

    importer.ends()
    with pytest.raises(NamespaceNotEmptyError):
        remover.ends()


def _remove_lab(world: World) -> None:
    world.database.write(lambda connection: delete_namespace(connection, "lab"))


def _add_host(world: World) -> str:
    return perform(world.database, add_host, world.namespace, world.caller(), NEW_HOST)


def _hosts(database: Database) -> list[str]:
    with database.read() as connection:
        return [host.name for host in list_hosts(connection, None)]
