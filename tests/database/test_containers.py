"""Containers are found by what docker prints of them."""

from dataclasses import replace

import pytest

from imagedb.containers import find_container
from imagedb.database import Database
from imagedb.errors import AmbiguousContainerError
from tests.builders.images import an_image
from tests.builders.world import World
from tests.concurrency.hosts import as_reported, report


def test_container_is_found_by_the_name_with_a_slash(database: Database) -> None:
    """`docker inspect` prints `/web`."""
    world = World(database)
    container = world.run(world.add(an_image("ab")), name="web")

    assert world.ask(find_container, "/web").id == container


def test_ambiguous_container_names_twenty_candidates(database: Database) -> None:
    """A short prefix in a large fleet fills no screen."""
    world = World(database)
    app = world.add(an_image("ab"))
    many = [as_reported(app, id=f"ab{number:062}") for number in range(25)]
    report(world, *(replace(each, name=each.id[-4:]) for each in many))

    with pytest.raises(AmbiguousContainerError) as caught:
        world.ask(find_container, "ab")

    assert len(caught.value.candidates) == 21
    assert caught.value.candidates[-1] == "and more"
