"""What is known of containers beside what keeps images: labels, command, exit code."""

from dataclasses import replace
from typing import Any, Final

import pytest
from sqlalchemy import delete

from imagedb.container_names import rename_container
from imagedb.container_requests import kill_container, stop_container
from imagedb.database import Database
from imagedb.errors import ContainerStateError, InvalidInputError
from imagedb.host_removal import delete_host
from imagedb.procedures import perform
from imagedb.records import Container, ContainerConfig, Event
from imagedb.schema import container_detail
from tests.builders.images import an_image, an_index
from tests.builders.world import World
from tests.concurrency.hosts import REPORTED, as_reported, containers_of, report

AMD: Final = an_image("ab", labels={"role": "amd", "team": "web"}, Cmd=["serve"], Entrypoint=["/a"])
ARM: Final = an_image("ab", platform="linux/arm64", labels={"role": "arm"}, Cmd=["arm"])
TOLD: Final = {"role": "db", "image": "another", "exitCode": "7", "name": "another", "oldName": "x"}
IMAGE: Final = "sha256:" + "ab" * 32


@pytest.fixture
def world(database: Database) -> World:
    """An image of two platforms."""
    world = World(database)
    world.add(an_index(AMD, ARM), "app:1")
    return world


def made(world: World, config: ContainerConfig, *, platform: str | None = None) -> Container:
    """Make a container, and look at it."""
    container = world.run("app:1", state="created", config=config, platform=platform)
    return containers_of(world.database)[container]


def told(world: World, action: str) -> Event:
    """The last event of an action on a container."""
    told = [event for event in world.events() if event.type == "container"]
    return next(event for event in reversed(told) if event.action == action)


def test_container_has_its_image_s_labels_overlaid_by_its_own(world: World) -> None:
    """Those of the platform that was chosen; the events carry them."""
    own = ContainerConfig(labels={"team": "ops", "empty": ""})
    expected = {"role": "amd", "team": "ops", "empty": ""}

    assert made(world, own).labels == expected
    assert made(world, ContainerConfig(), platform="linux/arm64").labels == {"role": "arm"}
    first = next(event for event in world.events() if event.action == "create")
    assert first.attributes == {**expected, "image": "app:1", "name": "c1"}


@pytest.mark.parametrize(
    ("config", "command"),
    [
        (ContainerConfig(), "/a serve"),
        (ContainerConfig(command=("once", "x")), "/a once x"),
        (ContainerConfig(entrypoint=("sh", "-c")), "sh -c"),
        (ContainerConfig(entrypoint=("sh", "-c"), command=("ls",)), "sh -c ls"),
        (ContainerConfig(entrypoint=()), "serve"),
        (ContainerConfig(entrypoint=(), command=("ls",)), "ls"),
        (ContainerConfig(entrypoint=("",), command=("ls",)), "ls"),
        (ContainerConfig(entrypoint=("",)), ""),
    ],
)
def test_container_runs_its_image_s_command_or_its_own(
    world: World, config: ContainerConfig, command: str
) -> None:
    """As an engine puts entrypoint and command together."""
    assert made(world, config).command == tuple(command.split())


@pytest.mark.parametrize("settings", [{}, {"Cmd": "serve", "Entrypoint": {}}, {"Cmd": [1, None]}])
def test_image_without_a_command_that_can_be_read_gives_none(
    database: Database, settings: dict[str, Any]
) -> None:
    """A config may hold anything."""
    world = World(database)
    world.add(an_image("a", **settings), "app:1")

    assert made(world, ContainerConfig()).command == ()


def test_our_words_stand_above_labels(world: World) -> None:
    """In the events of containers; a label keeps its value in what is listed."""
    container = made(world, ContainerConfig(labels=TOLD))
    world.bring(container.id, "exited")
    perform(world.database, rename_container, "default", world.caller(), container.id, "new")

    assert container.labels == {"team": "web"} | TOLD
    ours = {"role": "db", "team": "web", "image": "app:1", "name": "c1"}
    assert told(world, "start").attributes == ours
    assert told(world, "die").attributes == {**ours, "exitCode": "137"}
    assert told(world, "rename").attributes == {**ours, "name": "new", "oldName": "/c1"}


@pytest.mark.parametrize(
    ("signal", "code"), [(None, 137), ("SIGKILL", 137), ("9", 137), ("TERM", None)]
)
def test_exit_code_of_a_kill_is_known_of_one_signal(
    world: World, signal: str | None, code: int | None
) -> None:
    """What a process makes of the others only its host can tell; who starts again has none."""
    container = world.run("app:1")
    caller = world.caller()
    perform(world.database, kill_container, "default", caller, container, signal=signal)

    assert containers_of(world.database)[container].exit_code == code
    assert told(world, "die").attributes.get("exitCode") == (str(code) if code else None)
    world.bring(container, "running")
    assert containers_of(world.database)[container].exit_code is None
    perform(world.database, stop_container, "default", world.caller(), container)
    assert containers_of(world.database)[container].exit_code is None
    assert "exitCode" not in told(world, "die").attributes


@pytest.mark.parametrize("signal", ["HUP", "SIGUSR1", "12", "winch", "CONT", "URG", "CHLD"])
def test_signal_that_ends_nothing_is_told_and_changes_nothing(world: World, signal: str) -> None:
    """The container runs on, and its image is kept; only what is not running is refused."""
    container = world.run("app:1", state="paused")
    before, count = containers_of(world.database)[container], len(world.events())

    perform(world.database, kill_container, "default", world.caller(), container, signal=signal)

    assert containers_of(world.database)[container] == before
    assert [event.action for event in world.events()[count:]] == ["kill"]
    perform(world.database, kill_container, "default", world.caller(), container)
    with pytest.raises(ContainerStateError, match="is not running"):
        perform(world.database, kill_container, "default", world.caller(), container, signal=signal)


def test_unknown_signal_is_refused(world: World) -> None:
    """Before anything is done."""
    container = world.run("app:1")

    with pytest.raises(InvalidInputError, match="invalid signal: NOPE"):
        perform(world.database, kill_container, "default", world.caller(), container, signal="NOPE")
    assert containers_of(world.database)[container].is_running


def test_report_tells_labels_command_and_exit_code(world: World) -> None:
    """What a host tells replaces what was known; told again, it changes nothing."""
    said = replace(as_reported(IMAGE), labels={"a": "1"}, command=("sh", "-c", "ls *"))
    ended = replace(said, state="exited", labels={}, command=(), exit_code=3)

    assert report(world, said)["created"] == 1
    assert report(world, said)["updated"] == 0
    known = containers_of(world.database)[REPORTED]
    assert (known.labels, known.command, known.exit_code) == ({"a": "1"}, said.command, None)
    assert told(world, "start").attributes == {"a": "1", "image": "app:1", "name": "told"}
    assert report(world, ended)["updated"] == 1
    assert report(world, ended)["updated"] == 0
    known = containers_of(world.database)[REPORTED]
    assert (known.labels, known.command, known.exit_code) == ({}, (), 3)
    assert told(world, "die").attributes == {"exitCode": "3", "image": "app:1", "name": "told"}


@pytest.mark.parametrize(("state", "code"), [("running", 0), ("exited", 2**31)])
def test_report_of_an_exit_that_cannot_be_is_refused(world: World, state: str, code: int) -> None:
    """Of one that runs, or beyond what is stored."""
    with pytest.raises(InvalidInputError, match="the report's container 1: "):
        report(world, replace(as_reported(IMAGE, state=state), exit_code=code))


def test_container_without_details_has_none(world: World) -> None:
    """Of a database that is older than they are; the next report tells them."""
    report(world, as_reported(IMAGE))
    world.database.write(lambda connection: connection.execute(delete(container_detail)))

    assert containers_of(world.database)[REPORTED].labels == {}
    assert report(world, as_reported(IMAGE))["updated"] == 0
    assert report(world, replace(as_reported(IMAGE), labels={"a": "1"}))["updated"] == 1
    world.bring(REPORTED, "created")
    assert containers_of(world.database)[REPORTED].labels == {"a": "1"}


@pytest.mark.parametrize("way", ["complete report", "host"])
def test_labels_are_told_to_the_end(world: World, way: str) -> None:
    """By whatever a container goes."""
    report(world, replace(as_reported(IMAGE), labels={"a": "1", "image": "x"}), host="web-2")
    if way == "host":
        perform(world.database, delete_host, "default", world.caller(), "web-2", force=True)
    else:
        report(world, complete=True, host="web-2")

    assert told(world, "destroy").attributes == {"a": "1", "image": "app:1", "name": "told"}
    assert containers_of(world.database) == {}


def test_forced_removal_is_a_kill(world: World) -> None:
    """What is known of it is told."""
    world.remove(world.run("app:1"))

    assert told(world, "die").attributes["exitCode"] == "137"
