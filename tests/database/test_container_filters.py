"""Lists of containers as docker's filters narrow them."""

from dataclasses import replace
from typing import Any

import pytest

from imagedb.container_filters import ContainerFilter, list_filtered
from imagedb.database import Database
from imagedb.errors import ContainerNotFoundError, InvalidInputError
from imagedb.records import ContainerConfig
from tests.builders.images import an_image
from tests.builders.world import World


@pytest.fixture
def world(database: Database) -> World:
    """Four containers of two images on two hosts."""
    world = World(database)
    world.add(an_image("a"), "base:1")
    world.add(an_image("b"), "data:1")
    labels = {"role": "app", "imagedb.host": "elsewhere"}
    world.run("base:1", name="web", state="running", config=ContainerConfig(labels))
    world.run("base:1", name="web-old", state="exited")
    world.run("data:1", name="db", state="paused", host="web-2")
    world.run("data:1", name="mounting", state="created", mounts=["base:1"])
    return world


def names(world: World, **wanted: Any) -> list[str]:  # noqa: ANN401 - of the filter
    """The names of those that pass, in whatever state."""
    found = world.ask(list_filtered, replace(ContainerFilter(), **wanted), all=True)
    return [one.name for one in found]


def test_only_running_ones_are_listed_unless_all(world: World) -> None:
    """The newest first; paused ones run."""
    running = world.ask(list_filtered, ContainerFilter())
    assert [one.name for one in running] == ["db", "web"]
    assert names(world) == ["mounting", "db", "web-old", "web"]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param({"names": ("web",)}, "web-old web", id="a part of the name"),
        pytest.param({"names": ("^web$",)}, "web", id="the whole name"),
        pytest.param({"names": ("^/web$", "db")}, "db web", id="with the slash, or another"),
        pytest.param({"states": ("exited", "created")}, "mounting web-old", id="states"),
        pytest.param({"labels": ("imagedb.host=web-2",)}, "db", id="host"),
        pytest.param({"labels": ("imagedb.host",)}, "mounting db web-old web", id="any host"),
        pytest.param({"labels": ("role=app",)}, "web", id="label"),
        pytest.param({"labels": ("role", "imagedb.host=web-1")}, "web", id="labels"),
        pytest.param({"labels": ("role=db",)}, "", id="another value"),
        pytest.param({"labels": ("imagedb.host=elsewhere",)}, "", id="no host by a label"),
        pytest.param({"exits": (137, 0)}, "web-old", id="exit code"),
        pytest.param({"exits": (0,)}, "", id="an end that is not known is no 0"),
        pytest.param({"ancestors": ("base:1",)}, "web-old web", id="image"),
        pytest.param({"ancestors": ("base:1", "data:1")}, "mounting db web-old web", id="images"),
        pytest.param({"ancestors": ("nothing", "no thing")}, "", id="no image"),
        pytest.param({"mounts": ("base:1",)}, "mounting", id="mounted image"),
        pytest.param({"mounts": ("/mnt/base:1",)}, "mounting", id="place of a mount"),
        pytest.param({"before": ("db",)}, "web-old web", id="before"),
        pytest.param({"since": ("web-old",)}, "mounting db", id="since"),
        pytest.param({"ids": ("f" * 64,)}, "", id="no ID"),
    ],
)
def test_filters_narrow_the_list(world: World, wanted: dict[str, Any], expected: str) -> None:
    """Any value of each kind, all kinds."""
    assert names(world, **wanted) == expected.split()


def test_beginning_of_an_id_is_enough(world: World) -> None:
    """As docker has it."""
    [web] = world.ask(list_filtered, ContainerFilter(names=("^web$",)), all=True)

    assert names(world, ids=(web.id[:20],)) == ["web"]


@pytest.mark.parametrize(
    ("wanted", "words"),
    [({"states": ("asleep",)}, "invalid filter 'status=asleep'"), ({"names": ("(",)}, "name=")],
)
def test_filter_without_meaning_is_refused(
    world: World, wanted: dict[str, tuple[str, ...]], words: str
) -> None:
    """A state that there is not, a pattern that does not parse."""
    with pytest.raises(InvalidInputError, match=words):
        names(world, **wanted)


def test_filter_that_names_no_container_is_refused(world: World) -> None:
    """There is nothing to be before."""
    with pytest.raises(ContainerNotFoundError):
        names(world, before=("nothing",))
