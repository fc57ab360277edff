"""Those who remove old events meet one another, and those who give positions."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection

from imagedb.database import Database
from imagedb.events import NewEvent, add_events, give_positions, list_events
from imagedb.namespaces import get_namespace
from imagedb.retention import prune_events
from imagedb.sql import events as events_sql
from imagedb.sql import retention as sql
from tests.builders.images import an_image
from tests.builders.world import World
from tests.concurrency.stage import Stage, beside

POSTGRESQL = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
ALL = timedelta(0)


def prune(world: World) -> int:
    """Remove all events that have a position."""
    return prune_events(world.database, before=ALL)


def write_event(database: Database) -> None:
    """Write one, as a process that dies behind its commit would."""

    def write(connection: Connection) -> None:
        caller = World(database).caller()
        namespace = get_namespace(connection, "default")
        add_events(connection, namespace, caller, [NewEvent("host", "create", "h", "h")])

    database.write(write)


def positions(database: Database) -> list[int]:
    """Of the events that are left."""
    with database.look() as connection:
        return [event.position for event in list_events(connection, None)]


def test_prune_of_events_beside_another_removes_none_of_its(
    database: Database, stage: Stage
) -> None:
    """Each event is counted once; the cut is the highest of both."""
    world = World(database)
    world.add(an_image("ab"), "app:1", "app:2")

    first = stage.holds(prune, after=sql.delete_old_events)
    theirs = beside(stage, first, prune)

    assert (first.ends(), theirs) == (2, 0)
    assert positions(database) == []
    assert first.refusals == []


@POSTGRESQL
def test_prune_of_events_beside_positions_leaves_those_that_get_one(
    database: Database, stage: Stage
) -> None:
    """Nobody has seen them yet."""
    World(database).add(an_image("ab"), "app:1")
    write_event(database)

    giver = stage.holds(
        lambda world: give_positions(world.database), after=events_sql.position_events
    )
    removed = prune(World(database))
    giver.ends()

    assert removed == 1
    assert positions(database) == [2]


@POSTGRESQL
def test_positions_beside_prune_of_events_go_on_behind_them(
    database: Database, stage: Stage
) -> None:
    """Whether what is removed is still seen or not."""
    World(database).add(an_image("ab"), "app:1")
    write_event(database)

    pruner = stage.holds(prune, after=sql.delete_old_events)
    give_positions(database)
    assert pruner.ends() == 1
    write_event(database)
    give_positions(database)

    assert positions(database) == [2, 3]
