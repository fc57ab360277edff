"""Hosts say that they are alive; one whose lease has run out is stale."""

from functools import partial

import pytest

from imagedb.database import Database
from imagedb.errors import ConflictError, InvalidInputError
from imagedb.heartbeats import MAX_LEASE
from imagedb.hosts import add_host, list_hosts
from imagedb.namespaces import add_namespace
from imagedb.procedures import perform
from imagedb.records import Host
from tests.builders.images import an_image
from tests.builders.tables import dump
from tests.builders.world import LONG_AGO, MINUTE, World
from tests.concurrency.hosts import as_reported, report


def host(world: World, name: str = "web-1") -> Host:
    """What is told of a host."""
    [found] = [found for found in world.ask(list_hosts) if found.name == name]
    return found


def holds_for(found: Host) -> float:
    """For how many seconds its last sign of life holds."""
    assert found.seen
    assert found.stale_at
    return (found.stale_at - found.seen).total_seconds()


def actions(world: World) -> list[str]:
    """What happened to hosts."""
    return [event.action for event in world.events() if event.type == "host"]


# ── leases ────────────────────────────────────────────────────────────────────────────────────


def test_heartbeat_makes_a_host_known(database: Database) -> None:
    """It was seen, it is alive as long as it said, and no event tells of it."""
    world = World(database)

    world.beat("web-1", lease=90)

    found = host(world)
    assert (found.lease, found.is_stale, found.containers) == (90, False, 0)
    assert holds_for(found) == pytest.approx(90, abs=1)
    assert world.events() == ()


def test_lease_holds_on_until_another_is_given(database: Database) -> None:
    """A heartbeat that says nothing of it renews the one that was given before."""
    world = World(database)
    for given, expected in ((90, 90), (None, 90), (600, 600), (None, 600)):
        world.beat("web-1", lease=given)
        assert host(world).lease == expected
        assert holds_for(host(world)) == pytest.approx(expected, abs=1)


def test_host_without_a_lease_is_never_stale(database: Database) -> None:
    """However long ago it was seen: nothing was promised."""
    world = World(database)
    world.run(world.add(an_image("ab")))
    world.beat("web-2")

    for name in ("web-1", "web-2"):
        found = host(world, name)
        assert (found.lease, found.stale_at, found.is_stale) == (None, None, False)
        assert found.seen


def test_host_is_stale_when_its_lease_has_run_out(database: Database) -> None:
    """By the database's clock, wherever one looks."""
    world = World(database)
    world.beat("web-1", lease=60)

    world.let_lapse("web-1")

    found = host(world)
    assert (found.is_stale, found.stale_at, found.seen) == (True, LONG_AGO, LONG_AGO - MINUTE)


@pytest.mark.parametrize("lease", [0, -1, MAX_LEASE + 1])
def test_lease_out_of_bounds_is_refused(database: Database, lease: int) -> None:
    """And the host does not become known by it."""
    world = World(database)
    with pytest.raises(InvalidInputError, match="expected 1 second to 30 days"):
        world.beat("web-1", lease=lease)
    assert world.ask(list_hosts) == ()


@pytest.mark.parametrize("lease", [1, MAX_LEASE])
def test_shortest_and_longest_lease_are_kept(database: Database, lease: int) -> None:
    """The bounds are within."""
    world = World(database)
    world.beat("web-1", lease=lease)
    assert host(world).lease == lease


def test_heartbeat_of_another_namespace_s_host_is_refused(database: Database) -> None:
    """A host belongs to one."""
    database.write(partial(add_namespace, name="lab"))
    World(database, "lab").beat("lab-1", lease=60)
    with pytest.raises(ConflictError, match="host lab-1 belongs to namespace lab"):
        World(database).beat("lab-1")


# ── what else is a sign of life, and what is not ──────────────────────────────────────────────


def test_host_that_becomes_known_was_seen(database: Database) -> None:
    """However it came into being."""
    world = World(database)
    perform(database, add_host, "default", world.caller(), "web-2")
    world.run(world.add(an_image("ab")))

    assert all(host(world, name).seen for name in ("web-1", "web-2"))


@pytest.mark.parametrize("complete", [False, True])
def test_report_is_a_sign_of_life(database: Database, *, complete: bool) -> None:
    """It renews the lease, also where it tells nothing new."""
    world = World(database)
    app = world.add(an_image("ab"))
    report(world, as_reported(app))
    world.beat("web-1", lease=90)
    world.let_lapse("web-1")

    report(world, as_reported(app), complete=complete)

    found = host(world)
    assert (found.is_stale, found.lease) == (False, 60)
    assert holds_for(found) == pytest.approx(60, abs=1)
    assert found.seen
    assert found.seen > LONG_AGO


def test_requests_are_no_sign_of_life(database: Database) -> None:
    """They may come from anywhere."""
    world = World(database)
    world.beat("web-1", lease=60)
    world.let_lapse("web-1")
    before = host(world)

    container = world.run(world.add(an_image("ab"), "app:1"))
    world.remove(container)

    assert host(world) == before


# ── what is written ───────────────────────────────────────────────────────────────────────────


def test_heartbeat_writes_one_row(database: Database) -> None:
    """No answer, no event: there are thousands of them."""
    world = World(database)
    world.beat("web-1", lease=60)
    before = dump(database, without=["heartbeat"])

    for _ in range(3):
        world.beat("web-1")

    assert dump(database, without=["heartbeat"]) == before


def test_host_that_comes_back_is_told_once(database: Database) -> None:
    """From stale to alive, by whatever sign; not from alive to alive."""
    world = World(database)
    app = world.add(an_image("ab"))
    world.beat("web-1", lease=60)
    world.let_lapse("web-1")

    for _ in range(2):
        world.beat("web-1")
    assert actions(world) == ["alive"]
    assert not host(world).is_stale

    world.let_lapse("web-1")
    for _ in range(2):
        report(world, as_reported(app))
    told = [event for event in world.events() if event.type == "host"]
    assert [(event.action, event.actor_id, event.host) for event in told] == [
        ("alive", "web-1", "web-1")
    ] * 2


def test_host_from_before_heartbeats_gets_its_first(database: Database) -> None:
    """Hosts that an older imagedb has recorded have none."""
    world = World(database)
    app = world.add(an_image("ab"))
    for name in ("web-1", "web-2"):
        world.run(app, host=name)
    world.forget_heartbeats()
    assert [found.seen for found in world.ask(list_hosts)] == [None, None]

    world.beat("web-1", lease=60)
    report(world, as_reported(app), host="web-2")

    assert [bool(found.seen) for found in world.ask(list_hosts)] == [True, True]
    assert [found.lease for found in world.ask(list_hosts)] == [60, None]
