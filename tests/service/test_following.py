"""Followers of events: late ones miss nothing, and are told if they would."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import anyio.to_thread
import pytest
import sqlalchemy

from imagedb.database import Database
from imagedb.docker_json.events import event_object
from imagedb.http import following
from imagedb.http.answers import to_json_line
from imagedb.http.asking import Asking, Service
from imagedb.http.events import _error_line
from imagedb.http.following import Follower
from imagedb.http.settings import Settings
from imagedb.http.stopping import Stopping
from imagedb.http.versions import NEWEST
from imagedb.records import Caller
from imagedb.retention import prune_events
from tests.builders.images import an_image
from tests.builders.world import World

SOON = timedelta(seconds=1)


@pytest.fixture
def world(database: Database) -> World:
    """One image."""
    world = World(database)
    world.add(an_image("a"), "app:1")
    return world


def a_follower(
    world: World, *, since: datetime | None = None, service: Service | None = None
) -> Follower:
    """Begin to follow events."""
    service = service or Service(world.database, Settings(), Stopping())
    asking = Asking(service, Caller("tester@test"), NEWEST, None)
    follower = Follower(
        asking, lambda event: to_json_line(event_object(event)), _error_line, since, None
    )
    follower.find_start()
    return follower


def heard(follower: Follower) -> list[dict[str, Any]]:
    """All that a follower is told within a second, or until it ends."""
    follower.until = datetime.now(UTC) + SOON

    async def listen() -> list[bytes]:
        return [line async for line in follower.lines()]

    return [json.loads(line) for line in anyio.run(listen)]


async def first_line(follower: Follower) -> bytes:
    """Wait for what a follower is told next."""
    return await anext(aiter(follower.lines()))


def removed(world: World) -> int:
    """Remove all events there are."""
    return prune_events(world.database, before=timedelta(0))


def test_late_follower_is_told_all_that_happened(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much that is, page by page."""
    monkeypatch.setattr(following, "PAGE", 2)
    follower = a_follower(world)
    names = [f"app:n{number}" for number in range(5)]
    for name in names:
        world.tag("app:1", name)

    assert [event["Actor"]["Attributes"]["name"] for event in heard(follower)] == names


def test_followers_that_wait_look_together(world: World) -> None:
    """How much an idle service asks of its database does not grow with who follows."""
    service = Service(world.database, Settings(), Stopping())
    followers = [a_follower(world, service=service) for _ in range(20)]
    asked: list[str] = []

    def note(*given: Any) -> None:  # noqa: ANN401 - what an engine tells
        asked.append(given[2])

    async def listen() -> None:
        with anyio.move_on_after(1):
            async with anyio.create_task_group() as group:
                for follower in followers:
                    group.start_soon(first_line, follower)

    sqlalchemy.event.listen(sqlalchemy.Engine, "before_cursor_execute", note)
    try:
        anyio.run(listen)
    finally:
        sqlalchemy.event.remove(sqlalchemy.Engine, "before_cursor_execute", note)
    assert 1 <= len(asked) <= 20


def test_event_that_comes_wakes_every_follower(world: World) -> None:
    """Who waits is told, though another has looked."""
    service = Service(world.database, Settings(), Stopping())
    followers = [a_follower(world, service=service) for _ in range(3)]
    told: list[bytes] = []

    async def one(follower: Follower) -> None:
        told.append(await first_line(follower))

    async def listen() -> None:
        with anyio.fail_after(10):
            async with anyio.create_task_group() as group:
                for follower in followers:
                    group.start_soon(one, follower)
                await anyio.sleep(0.5)
                await anyio.to_thread.run_sync(world.tag, "app:1", "app:2")

    anyio.run(listen)
    assert len(told) == 3
    assert len(set(told)) == 1


def test_follower_below_the_cut_is_told_and_let_go(world: World) -> None:
    """In a line that is an error to who looks for one, and an event to everybody else."""
    follower = a_follower(world)
    world.tag("app:1", "app:2")
    assert removed(world)

    [line] = heard(follower)

    assert "events up to position" in line["error"]
    assert line["errorDetail"] == {"message": line["error"]}
    assert (line["Type"], line["Action"]) == ("daemon", "error")
    assert line["Actor"]["Attributes"]["error"] == line["error"]


def test_follower_that_has_seen_everything_goes_on_above_the_cut(world: World) -> None:
    """Also where all that happened was in another namespace, or before it came."""
    assert removed(world)
    follower = a_follower(world)
    World(world.database, "other", host="db-1")
    assert follower._read() == ()
    world.tag("app:1", "app:2")
    assert [event.action for event in follower._read()] == ["tag"]
    assert removed(world) == 1

    assert heard(follower) == []


def test_follower_from_a_moment_on_is_told_what_there_is(world: World) -> None:
    """A moment is no position: what was removed is not there, and nobody counted on it."""
    assert removed(world)
    world.tag("app:1", "app:2")
    follower = a_follower(world, since=datetime.now(UTC) - timedelta(days=1))

    assert [event["Action"] for event in heard(follower)] == ["tag"]
