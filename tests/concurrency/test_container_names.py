"""Two who want one name of a host, or one container of one name; and two starts of one."""

import pytest

from imagedb.container_names import rename_container
from imagedb.container_requests import ensure_started, remove_container
from imagedb.database import Database
from imagedb.errors import AlreadyExistsError, ContainerNotFoundError
from imagedb.procedures import perform
from imagedb.records import ChangedContainer
from imagedb.sql import containers as containers_sql
from tests.builders.images import an_image
from tests.builders.world import World
from tests.concurrency.hosts import containers_of
from tests.concurrency.stage import Stage

IN_USE = 'The container name "/new" is already in use'


@pytest.fixture
def containers(database: Database) -> tuple[str, str]:
    """Two containers of one host, `web` and `db`; neither runs."""
    world = World(database)
    world.add(an_image("ab"), "app:1")
    return (
        world.run("app:1", name="web", state="exited"),
        world.run("app:1", name="db", state="exited"),
    )


def rename(world: World, container: str, name: str) -> str:
    """Give a container another name."""
    return perform(world.database, rename_container, "default", world.caller(), container, name)


def remove(world: World, container: str) -> str:
    """Remove a container."""
    return perform(world.database, remove_container, "default", world.caller(), container)


def start(world: World, container: str) -> ChangedContainer:
    """Start a container."""
    return perform(world.database, ensure_started, "default", world.caller(), container)


def names(database: Database) -> list[str]:
    """What the containers are called."""
    return sorted(container.name for container in containers_of(database).values())


def old_names(database: Database) -> list[str]:
    """What events say that containers were called before."""
    return [e.attributes["oldName"] for e in World(database).events() if e.action == "rename"]


# ── rename and create ─────────────────────────────────────────────────────────────────────────


def test_create_behind_rename_finds_the_name_in_use(
    database: Database, stage: Stage, containers: tuple[str, str]
) -> None:
    """It waits for the host, and then looks who has the name."""
    renamer = stage.holds(lambda world: rename(world, "web", "new"), after=containers_sql.set_name)
    creator = stage.waits(lambda world: world.run("app:1", name="new"), behind=renamer)

    assert renamer.ends() == containers[0]
    with pytest.raises(AlreadyExistsError, match=IN_USE):
        creator.ends()
    assert names(database) == ["db", "new"]


def test_rename_behind_create_finds_the_name_in_use(
    database: Database, stage: Stage, containers: tuple[str, str]
) -> None:
    """The same in the other order."""
    creator = stage.holds(
        lambda world: world.run("app:1", name="new", state="created"),
        after=containers_sql.add_container,
    )
    renamer = stage.waits(lambda world: rename(world, "web", "new"), behind=creator)

    assert creator.ends()
    with pytest.raises(AlreadyExistsError, match=IN_USE):
        renamer.ends()
    assert names(database) == ["db", "new", "web"]


def test_create_behind_rename_takes_the_name_that_is_free(
    database: Database, stage: Stage, containers: tuple[str, str]
) -> None:
    """The old name belongs to nobody once the rename is done."""
    renamer = stage.holds(lambda world: rename(world, "web", "new"), after=containers_sql.set_name)
    creator = stage.waits(
        lambda world: world.run("app:1", name="web", state="created"), behind=renamer
    )

    assert renamer.ends() == containers[0]
    assert creator.ends()
    assert names(database) == ["db", "new", "web"]


# ── rename and rename ─────────────────────────────────────────────────────────────────────────


def test_two_renames_to_one_name(
    database: Database, stage: Stage, containers: tuple[str, str]
) -> None:
    """The name belongs to who came first."""
    first = stage.holds(lambda world: rename(world, "web", "new"), after=containers_sql.set_name)
    second = stage.waits(lambda world: rename(world, "db", "new"), behind=first)

    assert first.ends() == containers[0]
    with pytest.raises(AlreadyExistsError, match=IN_USE):
        second.ends()
    assert names(database) == ["db", "new"]


def test_two_renames_of_one_name(
    database: Database, stage: Stage, containers: tuple[str, str]
) -> None:
    """Nothing is called so any more when the second one looks."""
    first = stage.holds(lambda world: rename(world, "web", "new"), after=containers_sql.set_name)
    second = stage.waits(lambda world: rename(world, "web", "newer"), behind=first)

    assert first.ends() == containers[0]
    with pytest.raises(ContainerNotFoundError):
        second.ends()
    assert names(database) == ["db", "new"]


def test_two_renames_of_one_container(
    database: Database, stage: Stage, containers: tuple[str, str]
) -> None:
    """By its ID; each tells the name that it has taken away."""
    web = containers[0]
    first = stage.holds(lambda world: rename(world, web, "new"), after=containers_sql.set_name)
    second = stage.waits(lambda world: rename(world, web, "newer"), behind=first)

    assert first.ends() == second.ends() == web
    assert names(database) == ["db", "newer"]
    assert old_names(database) == ["/web", "/new"]


# ── rename and remove ─────────────────────────────────────────────────────────────────────────


def test_remove_behind_rename_finds_no_such_name(
    database: Database, stage: Stage, containers: tuple[str, str]
) -> None:
    """Another container could have the name meanwhile: it looks again."""
    renamer = stage.holds(lambda world: rename(world, "web", "new"), after=containers_sql.set_name)
    remover = stage.waits(lambda world: remove(world, "web"), behind=renamer)

    assert renamer.ends() == containers[0]
    with pytest.raises(ContainerNotFoundError):
        remover.ends()
    assert names(database) == ["db", "new"]


def test_rename_behind_remove_finds_no_container(
    database: Database, stage: Stage, containers: tuple[str, str]
) -> None:
    """It waits for the container, and then it is gone."""
    remover = stage.holds(
        lambda world: remove(world, "web"), after=containers_sql.delete_containers
    )
    renamer = stage.waits(lambda world: rename(world, "web", "new"), behind=remover)

    assert remover.ends() == containers[0]
    with pytest.raises(ContainerNotFoundError):
        renamer.ends()
    assert names(database) == ["db"]


# ── start and start ───────────────────────────────────────────────────────────────────────────


def test_start_behind_start_has_nothing_to_do(
    database: Database, stage: Stage, containers: tuple[str, str]
) -> None:
    """Whether there is anything to do is decided under the lock, and told once."""
    web = containers[0]
    before = len(World(database).events())
    first = stage.holds(lambda world: start(world, web), after=containers_sql.set_started)
    second = stage.waits(lambda world: start(world, web), behind=first)

    assert first.ends() == ChangedContainer(web, is_changed=True)
    assert second.ends() == ChangedContainer(web, is_changed=False)
    assert [event.action for event in World(database).events()[before:]] == ["start"]
