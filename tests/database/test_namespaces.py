"""Namespaces: what is removed, and what is not."""

import pytest

from imagedb.database import Database
from imagedb.errors import ConflictError, NamespaceNotEmptyError, NamespaceNotFoundError
from imagedb.namespaces import DEFAULT, add_namespace, delete_namespace, get_namespace
from tests.builders.images import an_image
from tests.builders.world import World


def test_default_namespace_is_not_removed(database: Database) -> None:
    """Who names no namespace means it."""
    with pytest.raises(ConflictError, match="namespace default is always there"):
        database.write(lambda connection: delete_namespace(connection, DEFAULT))
    with database.look() as connection:
        assert get_namespace(connection, DEFAULT).name == DEFAULT


def test_namespace_that_holds_nothing_is_removed(database: Database) -> None:
    """It is gone then."""
    database.write(lambda connection: add_namespace(connection, "lab"))
    database.write(lambda connection: delete_namespace(connection, "lab"))

    with database.look() as connection, pytest.raises(NamespaceNotFoundError):
        get_namespace(connection, "lab")


def test_namespace_with_images_tells_to_remove_them(database: Database) -> None:
    """What a command can remove is to be removed."""
    database.write(lambda connection: add_namespace(connection, "lab"))
    World(database, "lab", host=None).add(an_image("ab"), "app:1")

    with pytest.raises(NamespaceNotEmptyError, match="it holds images; remove them first"):
        database.write(lambda connection: delete_namespace(connection, "lab"))


def test_namespace_with_released_content_says_that_it_waits(database: Database) -> None:
    """No command removes what whoever holds the bytes has still to do."""
    database.write(lambda connection: add_namespace(connection, "lab"))
    lab = World(database, "lab", host=None)
    lab.add(an_image("ab"), "app:1")
    lab.delete("app:1")

    with pytest.raises(NamespaceNotEmptyError) as told:
        database.write(lambda connection: delete_namespace(connection, "lab"))
    assert "it holds released content that is not collected yet; it can be" in str(told.value)
