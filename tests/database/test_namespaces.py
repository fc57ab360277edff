"""Namespaces and hosts: how they come and go, and whose is what."""

from functools import partial

import pytest

from imagedb.database import Database
from imagedb.errors import (
    AlreadyExistsError,
    ConflictError,
    InvalidInputError,
    NamespaceNotEmptyError,
    NamespaceNotFoundError,
)
from imagedb.hosts import add_host, list_hosts
from imagedb.namespaces import (
    DEFAULT,
    add_namespace,
    delete_namespace,
    get_namespace,
    list_namespaces,
)
from imagedb.platforms import parse_platform
from imagedb.procedures import perform
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
    assert "it holds released content whose bytes are not deleted yet; it can be" in str(told.value)


def test_default_namespace_is_always_there(database: Database) -> None:
    """A new database has it, and no other."""
    with database.look() as connection:
        assert [namespace.name for namespace in list_namespaces(connection)] == ["default"]


def test_namespaces_are_listed_by_name(database: Database) -> None:
    """In the order of their bytes."""
    for name in ("lab", "a_b", "a-b", "a.b", "0"):
        made = database.write(partial(add_namespace, name=name))
        assert made.name == name

    with database.look() as connection:
        names = [namespace.name for namespace in list_namespaces(connection)]
    assert names == ["0", "a-b", "a.b", "a_b", "default", "lab"]


def test_namespace_is_made_once(database: Database) -> None:
    """The second time it is there."""
    database.write(partial(add_namespace, name="lab"))
    with pytest.raises(AlreadyExistsError, match=r"^namespace lab already exists$"):
        database.write(partial(add_namespace, name="lab"))


@pytest.mark.parametrize("name", ["", "Lab", "-lab", "lab.", "a b", "l\n", "ä", "a" * 65, "a/b"])
def test_name_that_is_no_namespace_s_is_refused(database: Database, name: str) -> None:
    """With what one may be called."""
    with pytest.raises(InvalidInputError, match="expected 1 to 64 of"):
        database.write(partial(add_namespace, name=name))


def test_unknown_namespace_names_those_that_look_like_it(database: Database) -> None:
    """Or where to look."""
    with database.look() as connection:
        with pytest.raises(NamespaceNotFoundError) as near:
            get_namespace(connection, "defualt")
        with pytest.raises(NamespaceNotFoundError) as far:
            get_namespace(connection, "xyz")

    assert str(near.value) == "No such namespace: defualt (did you mean default?)"
    assert near.value.near == ("default",)
    assert str(far.value) == "No such namespace: xyz (see `imagedb namespace ls`)"


def test_import_makes_no_namespace(database: Database) -> None:
    """They are made explicitly alone."""
    with pytest.raises(NamespaceNotFoundError):
        World(database, "lab").add(an_image("ab"))
    with pytest.raises(NamespaceNotFoundError):
        database.write(partial(delete_namespace, name="lab"))


def test_namespace_with_hosts_and_containers_is_not_removed(database: Database) -> None:
    """All that it holds is told."""
    database.write(partial(add_namespace, name="lab"))
    lab = World(database, "lab", host="lab-1")
    lab.run(lab.add(an_image("ab")))

    with pytest.raises(NamespaceNotEmptyError) as told:
        database.write(partial(delete_namespace, name="lab"))

    assert str(told.value) == (
        "namespace lab is not empty: it holds images and containers and hosts; remove them first"
    )


# ── hosts ─────────────────────────────────────────────────────────────────────────────────────


def add(world: World, name: str, platform: str | None = None) -> str:
    """Make a host known."""
    known = parse_platform(platform) if platform else None
    return perform(world.database, add_host, world.namespace, world.caller(), name, platform=known)


def test_host_is_listed_with_its_containers(database: Database) -> None:
    """By name; in one namespace, or in all."""
    database.write(partial(add_namespace, name="lab"))
    world, lab = World(database), World(database, "lab", host="lab-1")
    app = world.add(an_image("ab"))
    assert add(world, "web-2", "linux/aarch64") == "web-2"
    for state in ("running", "paused", "exited"):
        world.run(app, state=state, host="web-2")
    world.run(app, state="created", host="web-1")
    add(lab, "lab-1")

    with database.look() as connection:
        everywhere = list_hosts(connection, None)
    facts = [(h.name, h.namespace, h.platform, h.containers, h.running) for h in everywhere]
    assert facts == [
        ("lab-1", "lab", None, 0, 0),
        ("web-1", "default", None, 1, 0),
        ("web-2", "default", parse_platform("linux/arm64"), 3, 2),
    ]
    assert world.ask(list_hosts) == everywhere[1:]


def test_host_name_is_unique_in_the_database(database: Database) -> None:
    """Whatever namespace it is in, and however it came into being."""
    database.write(partial(add_namespace, name="lab"))
    world, lab = World(database), World(database, "lab")
    add(world, "web-1")
    world.run(world.add(an_image("ab")), host="web-2")

    for name in ("web-1", "web-2"):
        for each in (world, lab):
            with pytest.raises(AlreadyExistsError, match=f"^host {name} already exists$"):
                add(each, name)


@pytest.mark.parametrize("name", ["", "a b", "-a", "a\n", "ä", "a" * 254, "a/b", "a:b"])
def test_name_that_is_no_host_s_is_refused(database: Database, name: str) -> None:
    """By whichever way it comes in."""
    world = World(database)
    app = world.add(an_image("ab"))
    with pytest.raises(InvalidInputError, match="invalid host name"):
        add(world, name)
    if name:
        with pytest.raises(InvalidInputError, match="invalid host name"):
            world.run(app, host=name)

    assert world.ask(list_hosts) == ()
