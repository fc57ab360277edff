"""The states of containers: what each verb does in each, in docker's words and events."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from imagedb.container_requests import (
    kill_container,
    pause_container,
    remove_container,
    restart_container,
    start_container,
    stop_container,
    unpause_container,
)
from imagedb.containers import list_containers
from imagedb.database import Database
from imagedb.errors import ContainerStateError
from imagedb.procedures import perform
from imagedb.records import CONTAINER_STATES, Container
from tests.builders.images import an_image
from tests.builders.world import World
from tests.concurrency.hosts import as_reported, report

AMD = an_image("ab")
OPERATIONS: dict[str, Callable[..., str]] = {
    "start": start_container,
    "restart": restart_container,
    "stop": stop_container,
    "kill": kill_container,
    "pause": pause_container,
    "unpause": unpause_container,
    "rm": remove_container,
}
KILLED, MARKED = ["kill", "die"], "container is marked for removal and cannot be started"
NOT_RUNNING, NOT_PAUSED = "container {id} is not running", "Container {id} is not paused"
CANNOT_KILL = "cannot kill container: {name}: container {id} is not running"
STOP_FIRST = (
    'cannot remove container "/told": container is {state}: stop the container before removing or '
    "force remove"
)
UNPAUSE_FIRST = 'cannot remove container "/told": container is paused and must be unpaused first'
GONE = "gone"
# What becomes of a container in a state, by each verb: docker's refusal, or the new state and the
# events.
OUTCOMES: dict[str, dict[str, str | tuple[str, list[str]]]] = {
    "created": {
        "start": ("running", ["start"]),
        "restart": ("running", ["start", "restart"]),
        "stop": ("created", []),
        "kill": CANNOT_KILL,
        "pause": NOT_RUNNING,
        "unpause": NOT_PAUSED,
        "rm": (GONE, ["destroy"]),
    },
    "running": {
        "start": ("running", []),
        "restart": ("running", [*KILLED, "stop", "start", "restart"]),
        "stop": ("exited", [*KILLED, "stop"]),
        "kill": ("exited", KILLED),
        "pause": ("paused", ["pause"]),
        "unpause": NOT_PAUSED,
        "rm": STOP_FIRST,
    },
    "paused": {
        "start": "cannot start a paused container, try unpause instead",
        "restart": ("running", [*KILLED, "stop", "start", "restart"]),
        "stop": ("exited", [*KILLED, "stop"]),
        "kill": ("exited", KILLED),
        "pause": "Container {id} is already paused",
        "unpause": ("running", ["unpause"]),
        "rm": UNPAUSE_FIRST,
    },
    "restarting": {
        "start": ("restarting", []),
        "restart": ("running", [*KILLED, "stop", "start", "restart"]),
        "stop": ("exited", [*KILLED, "stop"]),
        "kill": ("exited", KILLED),
        "pause": "Container {id} is restarting, wait until the container is running",
        "unpause": NOT_PAUSED,
        "rm": STOP_FIRST,
    },
    "exited": {
        "start": ("running", ["start"]),
        "restart": ("running", ["start", "restart"]),
        "stop": ("exited", []),
        "kill": CANNOT_KILL,
        "pause": NOT_RUNNING,
        "unpause": NOT_PAUSED,
        "rm": (GONE, ["destroy"]),
    },
}
for _state in ("dead", "removing"):
    OUTCOMES[_state] = OUTCOMES["exited"] | {
        "start": MARKED,
        "restart": MARKED,
        "stop": (_state, []),
    }


def ask(world: World, verb: str, container: str, **options: object) -> str:
    """Ask for a change of state."""
    return perform(
        world.database, OPERATIONS[verb], world.namespace, world.caller(), container, **options
    )


def the_container(world: World) -> Container:
    """The only one."""
    (container,) = world.ask(list_containers, all=True)
    return container


def test_states_in_the_table_are_all_there_are() -> None:
    """A new state wants a row."""
    assert OUTCOMES.keys() == CONTAINER_STATES
    assert all(row.keys() == OPERATIONS.keys() for row in OUTCOMES.values())


@pytest.mark.parametrize("verb", OPERATIONS)
def test_state_changes_as_docker_does_it(database: Database, verb: str) -> None:
    """Every verb in every state, with docker's words or docker's events."""
    world = World(database)
    app = world.add(AMD, "app:1")
    told = {s: as_reported(app, state=s, id=f"{n}a".ljust(64, "0")) for n, s in enumerate(OUTCOMES)}
    report(world, *told.values())

    for state, container in told.items():
        expected = OUTCOMES[state][verb]
        before = world.events()
        outcome = outcome_of(world, verb, container.id[:6])
        events = world.events()[len(before) :]
        if isinstance(expected, str):
            words = {"id": container.id, "name": container.id[:6], "state": state}
            assert (outcome, events) == (expected.format(**words), ())
        else:
            assert outcome == container.id
            assert [event.action for event in events] == expected[1]
            told_of = {(event.type, event.actor_id, event.name) for event in events}
            assert told_of <= {("container", container.id, "told")}

    states = {c.id: c.state for c in world.ask(list_containers, all=True)}
    ends = {told[s].id: end_of(s, verb) for s in told if end_of(s, verb) != GONE}
    assert states == ends


def outcome_of(world: World, verb: str, container: str) -> str:
    """The answer, or the text of the refusal."""
    try:
        return ask(world, verb, container)
    except ContainerStateError as error:
        return str(error)


def end_of(state: str, verb: str) -> str:
    """The state that the table gives."""
    outcome = OUTCOMES[state][verb]
    return state if isinstance(outcome, str) else outcome[0]


@pytest.mark.parametrize("state", ["running", "paused", "restarting"])
def test_forced_removal_kills_first(database: Database, state: str) -> None:
    """As `docker rm -f` tells it."""
    world = World(database)
    told = as_reported(world.add(AMD, "app:1"), state=state)
    report(world, told)
    before = world.events()

    ask(world, "rm", told.id, force=True)

    assert world.ask(list_containers, all=True) == ()
    actions = [event.action for event in world.events()[len(before) :]]
    assert actions == ["kill", "die", "destroy"]


def test_moments_follow_the_states(database: Database) -> None:
    """A start begins anew; a stop says when."""
    world = World(database)
    container = world.run(world.add(AMD), state="running")
    running = the_container(world)
    ask(world, "pause", container)
    paused = the_container(world)
    ask(world, "stop", container)
    stopped = the_container(world)
    ask(world, "start", container)
    again = the_container(world)

    assert running.started
    assert (running.finished, paused) == (None, replace(running, state="paused"))
    assert stopped == replace(running, state="exited", finished=stopped.finished)
    assert stopped.finished
    assert again.started
    assert running.created <= running.started <= stopped.finished <= again.started
    assert again.finished is None


def test_container_starts_without_its_image(database: Database) -> None:
    """An engine does that too, and it is recorded."""
    world = World(database)
    app = world.add(AMD, "app:1")
    container = world.run(app, state="exited")
    world.delete(app, force=True)

    ask(world, "start", container)

    told = the_container(world)
    assert (told.state, told.is_image_missing, told.image_digest) == ("running", True, app)
