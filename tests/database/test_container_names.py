"""Names of containers, and how they change."""

import pytest

from imagedb.container_names import rename_container
from imagedb.containers import find_container
from imagedb.database import Database
from imagedb.errors import AlreadyExistsError, ContainerNotFoundError, InvalidInputError
from imagedb.procedures import perform
from tests.builders.images import an_image
from tests.builders.world import World


@pytest.fixture
def world(database: Database) -> World:
    """Two containers of one host, and one of another."""
    world = World(database)
    world.add(an_image("a"), "base:1")
    world.run("base:1", name="web")
    world.run("base:1", name="db")
    world.run("base:1", name="cache", host="web-2")
    return world


def rename(world: World, container: str, name: str) -> str:
    """Rename a container."""
    return perform(
        world.database, rename_container, world.namespace, world.caller(), container, name
    )


def test_renamed_container_is_found_by_its_new_name_alone(world: World) -> None:
    """The event tells the old one, with docker's slash."""
    container = rename(world, "web", "/shop")

    assert world.ask(find_container, "shop").id == container
    with pytest.raises(ContainerNotFoundError):
        world.ask(find_container, "web")
    event = world.events()[-1]
    assert (event.action, event.actor_id, event.name) == ("rename", container, "shop")
    assert event.attributes == {"image": "base:1", "name": "shop", "oldName": "/web"}


def test_name_is_one_of_a_host(world: World) -> None:
    """Another host may have the same name."""
    with pytest.raises(AlreadyExistsError, match='The container name "/db" is already in use'):
        rename(world, "web", "db")

    assert rename(world, "cache", "db") == world.ask(find_container, "db", host="web-2").id


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "Neither old nor new names may be empty"),
        ("web", "Renaming a container with the same name"),
        ("/web", "Renaming a container with the same name"),
        ("no name", "Invalid container name"),
    ],
)
def test_name_that_cannot_be_is_refused(world: World, name: str, words: str) -> None:
    """In docker's words."""
    with pytest.raises(InvalidInputError, match=words):
        rename(world, "web", name)
