"""Every operation that writes: alone, in a transaction that fails, and twice under one request ID.

What it changes is seen by comparing all rows of all tables.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection

import imagedb
from imagedb import releases
from imagedb.container_names import rename_container
from imagedb.container_requests import (
    create_container,
    kill_container,
    pause_container,
    remove_container,
    restart_container,
    start_container,
    stop_container,
    unpause_container,
)
from imagedb.database import Database
from imagedb.deletion import delete_image
from imagedb.errors import AlreadyExistsError, ConflictError, NamespaceNotFoundError
from imagedb.filters import PruneFilters
from imagedb.hold_requests import add_hold, delete_hold
from imagedb.host_removal import delete_host
from imagedb.hosts import add_host
from imagedb.importing import import_images
from imagedb.namespaces import add_namespace, delete_namespace, get_namespace
from imagedb.planning import apply_plan, plan_delete, plan_prune
from imagedb.platforms import parse_platform
from imagedb.procedures import keep_alive, perform, perform_part, settle
from imagedb.pruning import prune_batch, prune_images
from imagedb.records import Caller, Mount
from imagedb.releases import claim_releases, finish_releases, reset_claim
from imagedb.reports import report_containers
from imagedb.tags import tag_image
from tests.builders.images import an_image, an_index
from tests.builders.tables import dump
from tests.builders.workers import claim
from tests.builders.world import World, as_source, platforms
from tests.concurrency.hosts import as_reported

BASE, AMD = an_image("a"), an_image("ab", labels={"team": "web"})
ARM = an_image("ac", platform="linux/arm64")
HALF = an_index(AMD, ARM, missing=[ARM])
DATA, USED = an_image("x"), an_image("y")
CALLER = Caller("tester@test", "web-1", request_id="the-request")
STATES = {"stopped": "exited", "run": "running", "halted": "paused"}


@dataclass(frozen=True)
class Writer:
    """An operation, and what it is asked."""

    operation: Callable[..., Any]
    args: tuple[Any, ...]
    options: dict[str, Any] = field(default_factory=dict)

    def run(self, connection: Connection) -> Any:  # noqa: ANN401 - whatever it answers
        """Run it in somebody's transaction."""
        namespace = get_namespace(connection, "default")
        return self.operation(connection, namespace, CALLER, *self.args, **self.options)

    def perform(self, database: Database) -> Any:  # noqa: ANN401 - whatever it answers
        """Run it as a surface does."""
        return perform(database, self.operation, "default", CALLER, *self.args, **self.options)


_NEW = [as_source(an_image("abz"), "new:1", "new:2"), as_source(an_image("q"), "amd:1")]
_WHOLE = as_source(replace(HALF, missing=()), "half:1")
_TOLD = [as_reported(ARM.digest), as_reported(BASE.digest, id="ab" * 32)]
_LAST_PLATFORM = {"force": True, "platforms": platforms("linux/amd64")}
_MOUNTING = {"name": "new", "mounts": [Mount("data:1", "/data")]}
WRITERS = {
    "import new images over a name": Writer(import_images, (_NEW,)),
    "import what is there": Writer(import_images, ([as_source(AMD, "amd:1")],)),
    "complete an image": Writer(import_images, ([_WHOLE],)),
    "tag": Writer(tag_image, ("amd:1", "other:1")),
    "move a name": Writer(tag_image, ("data:1", "amd:1")),
    "untag": Writer(delete_image, ("two:1",)),
    "untag by force": Writer(delete_image, ("amd:1",), {"force": True}),
    "delete, pruning parents": Writer(delete_image, ("free:1",)),
    "delete by force": Writer(delete_image, (USED.digest,), {"force": True}),
    "delete the last platform": Writer(delete_image, ("half:1",), _LAST_PLATFORM),
    "create": Writer(create_container, ("amd:1",), _MOUNTING),
    "start": Writer(start_container, ("stopped",)),
    "stop": Writer(stop_container, ("run",)),
    "kill": Writer(kill_container, ("halted",)),
    "pause": Writer(pause_container, ("run",)),
    "unpause": Writer(unpause_container, ("halted",)),
    "restart": Writer(restart_container, ("run",)),
    "rename": Writer(rename_container, ("run", "renamed")),
    "remove": Writer(remove_container, ("stopped",)),
    "remove by force": Writer(remove_container, ("run",), {"force": True}),
    "report": Writer(report_containers, (_TOLD,)),
    "report completely": Writer(report_containers, (_TOLD,), {"complete": True}),
    "prune a batch": Writer(prune_batch, (PruneFilters(dangling=False), "name:")),
    "claim releases": Writer(claim_releases, (), {"limit": 2}),
    "finish releases": Writer(finish_releases, ("claim-1",)),
    "give a claim back": Writer(reset_claim, ("claim-1",)),
    "hold": Writer(add_hold, ("amd:1",), {"reason": "audit", "until": timedelta(days=1)}),
    "lift a hold": Writer(delete_hold, ("data:1",)),
    "lift all holds": Writer(delete_hold, ("repo:1",), {"all": True}),
    "remove a host": Writer(delete_host, ("old-1",)),
    "remove a host by force": Writer(delete_host, ("web-2",), {"force": True}),
    "add a host": Writer(add_host, ("arm-1",), {"platform": parse_platform("linux/arm64")}),
}
NO_OPERATIONS = {
    perform,
    perform_part,
    keep_alive,
    plan_delete,
    plan_prune,
    prune_images,
    apply_plan,
}
"""They write nothing, or perform an operation for each batch, which is in the matrix."""
NO_CHANGE = {"import what is there"}
"""They change nothing but what is told of them."""
NO_EVENT = {"claim releases", "finish releases", "give a claim back"}
"""They change no image, and tell nobody."""


@pytest.fixture(autouse=True)
def _claims_are_numbered(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a claim can be named before it is made."""
    numbers = itertools.count(1)
    monkeypatch.setattr(releases, "_new_id", lambda: f"claim-{next(numbers)}")


def _world(database: Database) -> World:
    """Images that are related, and containers in every state."""
    world = World(database)
    world.add(BASE)
    world.add(AMD, "amd:1")
    world.add(HALF, "half:1")
    world.add(DATA, "data:1")
    world.add(USED, "used:1")
    world.add(an_image("ad"), "two:1", "repo:1")
    world.add(an_image("ae"), "free:1")
    for name, state in STATES.items():
        world.run("amd:1", name=name, state=state)
    world.run("data:1", name="data", state="exited")
    world.add(an_image("gh"), "gone:1")
    world.delete("gone:1")
    assert claim(world, limit=2).id == "claim-1"
    world.run("used:1", name="used", state="exited")
    world.run("amd:1", name="lost", host="web-2")
    world.beat("old-1")
    for name in ("data:1", "repo:1", "repo:1"):
        world.hold(name)
    return world


def test_every_writing_operation_is_in_the_matrix() -> None:
    """By its public name, where it takes a caller."""
    written = {writer.operation for writer in WRITERS.values()}
    public = {getattr(imagedb, name) for name in imagedb.__all__}
    taking = {each for each in public if "caller" in getattr(each, "__annotations__", {})}
    assert len(taking) > 10
    assert taking - NO_OPERATIONS <= written


@pytest.mark.parametrize("name", WRITERS)
def test_writer_is_done_whole_and_once(database: Database, name: str) -> None:
    """In a transaction that fails nothing changes, alone something does, twice it is done once."""
    world, writer = _world(database), WRITERS[name]
    before = dump(database)

    def fail(connection: Connection) -> None:
        writer.run(connection)
        raise LookupError

    with pytest.raises(LookupError):
        database.write(fail)
    settle(database)
    assert dump(database) == before

    answer = writer.perform(database)
    after = dump(database)
    changed = {table for table in after if after[table] != before[table]}
    assert "request" in changed
    assert (changed == {"event", "request"}) == (name in NO_CHANGE)
    assert ("event" in changed) == (name not in NO_EVENT)
    assert (world.events()[-1].request_id == CALLER.request_id) == (name not in NO_EVENT)

    assert writer.perform(database) == answer
    with pytest.raises(ConflictError, match="request ID the-request was used for another request"):
        perform(database, tag_image, "default", CALLER, "data:1", "unheard-of:1")
    assert dump(database) == after


def test_namespaces_are_made_and_removed_whole_or_not(database: Database) -> None:
    """They take no caller; alone, failing and twice all the same."""
    before = dump(database)
    for change in (partial(add_namespace, name="lab"), partial(delete_namespace, name="lab")):

        def fail(connection: Connection, change: Callable[..., object] = change) -> None:
            change(connection)
            raise LookupError

        at_first = dump(database)
        with pytest.raises(LookupError):
            database.write(fail)
        assert dump(database) == at_first
        database.write(change)
        assert dump(database) != at_first
        with pytest.raises((AlreadyExistsError, NamespaceNotFoundError)):
            database.write(change)

    assert dump(database) == before
