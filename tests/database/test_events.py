"""Events: what is written, in which order, and where a reader goes on."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection

from imagedb.container_requests import start_container
from imagedb.database import Database
from imagedb.digests import chain_ids
from imagedb.events import give_positions, list_events
from imagedb.hosts import add_host
from imagedb.namespaces import add_namespace, get_namespace
from imagedb.platforms import parse_platform
from imagedb.procedures import perform
from imagedb.records import Caller, Event, Namespace
from imagedb.tags import tag_image
from tests.builders.images import an_image, an_index
from tests.builders.world import World

AMD = an_image("ab", labels={"team": "web", "": "no key"})
ARM = an_image("ac", platform="linux/arm64", labels={"team": "arm"})
BOTH = an_index(AMD, ARM)


def summary(*events: Event) -> list[tuple[str, str, str, str]]:
    """Type, action, actor and name."""
    return [(event.type, event.action, event.actor_id, event.name) for event in events]


# ── what is told ──────────────────────────────────────────────────────────────────────────────


def test_event_says_who_did_what_where_and_when(database: Database) -> None:
    """The caller, their host, the database's user beside them, the request."""
    before = datetime.now(UTC) - timedelta(seconds=1)
    caller = Caller("someone@laptop", "web-1")
    World(database).add(AMD, "app:1")
    perform(database, tag_image, "default", caller, "app:1", "app:2")

    event = World(database).events()[-1]

    assert (event.namespace, event.host, event.who) == ("default", "web-1", "someone@laptop")
    assert event.request_id == caller.request_id
    assert event.database_user == ("" if database.is_sqlite else "imagedb")
    assert before < event.time < datetime.now(UTC) + timedelta(seconds=1)


def test_delete_tells_names_then_the_image_then_its_parents(database: Database) -> None:
    """With all that reads well when the rows are gone."""
    world = World(database)
    base = world.add(an_image("a", labels={"team": "base"}))
    app = world.add(BOTH, "app:2", "app:1", f"app@{BOTH.digest}")
    world.delete(app, force=True)

    events = world.events()[-5:]

    names = ["app:1", "app:2", f"app@{BOTH.digest}"]
    assert summary(*events) == [
        *(("image", "untag", app, name) for name in names),
        ("image", "delete", app, app),
        ("image", "delete", base, base),
    ]
    labels = {"team": "web", "": "no key"}
    assert dict(events[0].attributes) == labels | {"name": "app:1"}
    tops = [list(chain_ids(image.diff_ids))[-1] for image in (AMD, ARM)]
    assert dict(events[3].attributes) == labels | {
        "name": app,
        "names": ",".join(names),
        "platforms": "linux/amd64,linux/arm64",
        "chains": ",".join(tops),
    }
    assert dict(events[4].attributes) == {
        "team": "base",
        "name": base,
        "names": "",
        "platforms": "linux/amd64",
        "chains": an_image("a").diff_ids[0],
    }
    assert len({event.request_id for event in events}) == 1


def test_delete_of_a_platform_names_the_image(database: Database) -> None:
    """The actor is the manifest."""
    world = World(database)
    app = world.add(BOTH, "app:1")
    world.delete("app:1", force=True, platforms=["linux/arm64/v8"])

    event = world.events()[-1]

    assert summary(event) == [("image", "delete", ARM.digest, ARM.digest)]
    assert (event.attributes["image"], event.attributes["platform"]) == (app, "linux/arm64")


def test_labels_are_those_of_the_callers_platform(database: Database) -> None:
    """As the host told it; else linux/amd64 stands for the image."""
    world = World(database)
    arm = parse_platform("linux/arm64")
    perform(database, add_host, "default", world.caller(), "arm-1", platform=arm)
    world.add(BOTH, "app:1")
    for host in ("web-1", "arm-1", None):
        perform(database, tag_image, "default", Caller("me", host), "app:1", "app:1")

    assert [event.attributes["team"] for event in world.events()[-3:]] == ["web", "arm", "web"]


def test_host_that_is_added_is_told(database: Database) -> None:
    """One that comes into being with a container is not."""
    world = World(database)
    arm = parse_platform("linux/arm64")
    perform(database, add_host, "default", world.caller(), "arm-1", platform=arm)
    world.run(world.add(AMD), host="new-1", state="created")

    first, *others = world.events()
    assert summary(first) == [("host", "create", "arm-1", "arm-1")]
    assert (first.host, first.attributes["platform"]) == ("arm-1", "linux/arm64")
    assert {event.type for event in others} == {"image", "container"}


def test_container_events_are_of_its_host(database: Database) -> None:
    """Whoever asks, and from wherever."""
    world = World(database)
    container = world.run(world.add(AMD), host="web-2", state="created")
    perform(database, start_container, "default", Caller("me", "web-1"), container)

    assert [event.host for event in world.events()[-2:]] == ["web-2", "web-2"]


def test_nothing_is_told_of_what_did_not_happen(database: Database) -> None:
    """Neither of a refusal, nor of a transaction that is taken back."""
    world = World(database)
    world.add(AMD, "app:1")
    world.run("app:1", name="web")
    before = world.events()

    def fail(connection: Connection) -> None:
        namespace = get_namespace(connection, "default")
        tag_image(connection, namespace, world.caller(), "app:1", "app:2")
        raise LookupError

    with pytest.raises(LookupError):
        database.write(fail)
    perform(database, start_container, "default", world.caller(), "web")  # it runs already

    assert world.events() == before


# ── where a reader goes on ────────────────────────────────────────────────────────────────────


def make_events(world: World, count: int) -> list[Event]:
    """So many, each in a transaction of its own."""
    world.add(AMD, "app:0")
    for number in range(1, count):
        world.tag("app:0", f"app:{number}")
    return list(world.events())


def test_positions_follow_the_order_of_ids(database: Database) -> None:
    """Each is greater than all before it."""
    world = World(database)
    make_events(world, 3)
    world.delete("app:0")
    world.delete(AMD.digest, force=True)
    events = world.events()

    positions = [event.position for event in events]
    assert len(events) == 7
    assert positions == sorted(set(positions))
    assert [event.id for event in events] == sorted(event.id for event in events)


def test_reader_goes_on_behind_a_position(database: Database) -> None:
    """With as many as it wants, none twice and none left out."""
    world = World(database)
    events = make_events(world, 7)

    read: list[Event] = []
    while page := world.ask(list_events, after=read[-1].position if read else 0, limit=3):
        assert len(page) <= 3
        read += page

    assert read == events


def test_events_between_two_moments(database: Database) -> None:
    """Both are inclusive."""
    world = World(database)
    events = make_events(world, 5)
    since, until = events[1].time, events[3].time

    def read(since: datetime | None, until: datetime | None) -> list[Event]:
        return list(world.ask(list_events, since=since, until=until))

    assert read(since, until) == [e for e in events if since <= e.time <= until]
    assert read(None, until) == [e for e in events if e.time <= until]
    assert read(since, None) == [e for e in events if since <= e.time]
    assert read(events[-1].time + timedelta(seconds=1), None) == []


def test_events_of_one_namespace_or_of_all(database: Database) -> None:
    """In one order."""
    database.write(lambda connection: add_namespace(connection, "lab"))
    world, lab = World(database), World(database, "lab", host="lab-1")
    for number, each in enumerate((world, lab, world)):
        each.add(AMD, f"app:{number}")

    with database.look() as connection:
        everything = list_events(connection, None)
    assert [event.namespace for event in everything] == ["default", "lab", "default"]
    assert lab.events() == everything[1:2]


def test_event_of_a_killed_process_gets_its_position_later(database: Database) -> None:
    """By whoever writes next, behind what readers may have seen, before what comes after it."""
    world = World(database)
    make_events(world, 2)

    def tag_and_die(connection: Connection) -> None:
        namespace: Namespace = get_namespace(connection, "default")
        tag_image(connection, namespace, world.caller(), "app:0", "killed:1")

    database.write(tag_and_die)
    between = len(world.events())
    world.tag("app:0", "next:1")

    assert between == (3 if database.is_sqlite else 2)
    assert [event.name for event in world.events()[2:]] == ["killed:1", "next:1"]


def test_positions_are_given_once(database: Database) -> None:
    """To give them again changes nothing."""
    world = World(database)
    events = make_events(world, 3)

    give_positions(database)

    assert list(world.events()) == events
