"""Lists that are longer than SQLite takes parameters."""

from imagedb.database import Database
from imagedb.images import images_by_key, names_of
from imagedb.references import parse_reference
from imagedb.tags import find_targets
from tests.builders.images import an_image
from tests.builders.world import World

MANY = 300_000
"""SQLite takes 32,766 parameters; some builds take 250,000."""


def test_image_is_found_among_more_numbers_than_parameters(database: Database) -> None:
    """A list of row numbers is one parameter, however long it is."""
    world = World(database)
    app = world.add(an_image("ab"), "app:1")
    keys = range(1, MANY)

    found = world.ask(lambda connection, _: images_by_key(connection, keys))
    names = world.ask(lambda connection, _: names_of(connection, keys))

    assert [image.id for image in found.values()] == [app]
    assert [names[key] for key in found] == [("app:1",)]


def test_name_is_found_among_more_texts_than_parameters(database: Database) -> None:
    """The same for a list of texts."""
    world = World(database)
    world.add(an_image("ab"), "app:7")
    wanted = [parse_reference(f"app:{number}") for number in range(MANY)]

    targets = world.ask(lambda connection, namespace: find_targets(connection, namespace, wanted))

    assert list(targets) == ["docker.io/library/app:7"]
