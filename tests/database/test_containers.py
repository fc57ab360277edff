"""Containers: how they are made and found, and what stays of them."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from imagedb.container_requests import (
    create_container,
)
from imagedb.containers import find_container, list_containers
from imagedb.database import Database
from imagedb.errors import (
    AlreadyExistsError,
    AmbiguousContainerError,
    ConflictError,
    ContainerNotFoundError,
    ImageNotFoundError,
    InvalidInputError,
    PlatformNotFoundError,
)
from imagedb.hosts import add_host
from imagedb.namespaces import add_namespace
from imagedb.platforms import parse_platform
from imagedb.procedures import perform
from imagedb.records import Caller, Container, Mount
from imagedb.schema import image
from tests.builders.images import an_image, an_index
from tests.builders.world import World
from tests.concurrency.hosts import as_reported, report

AMD, ARM = an_image("ab"), an_image("ac", platform="linux/arm64")
BOTH = an_index(AMD, ARM)
NO_PLATFORM = (
    "image with reference app:1 was found but does not provide the specified platform (linux/s390x)"
)


def the_container(world: World) -> Container:
    """The only one."""
    (container,) = world.ask(list_containers, all=True)
    return container


# ── create ────────────────────────────────────────────────────────────────────────────────────


def test_create_records_what_was_asked_for(database: Database) -> None:
    """The image's ID, the reference as it was typed, the platform that stands for the image."""
    world = World(database)
    app, data = world.add(BOTH, "app:1"), world.add(an_image("x"), "data:1")

    container = world.run("app:1", state="created", name="/web", mounts=["data:1"])

    told = the_container(world)
    assert re.fullmatch("[0-9a-f]{64}", container)
    assert (told.id, told.name, told.host, told.state) == (container, "web", "web-1", "created")
    assert (told.reference, told.image_digest, told.is_image_missing) == ("app:1", app, False)
    assert str(told.platform) == "linux/amd64"
    assert (told.started, told.finished) == (None, None)
    assert told.mounts == (Mount("data:1", "/mnt/data:1", data, is_image_missing=False),)


def test_create_tells_of_it(database: Database) -> None:
    """One event, of the container."""
    world = World(database)
    container = world.run(world.add(AMD, "app:1"), state="created", name="web")

    event = world.events()[-1]

    assert (event.type, event.action, event.actor_id) == ("container", "create", container)
    assert (event.name, event.host) == ("web", "web-1")
    assert event.attributes == {"image": AMD.digest, "name": "web"}


def test_create_takes_the_platform_of_the_host(database: Database) -> None:
    """Where it told one; another one that is asked for goes before it."""
    world = World(database)
    world.add(BOTH, "app:1")
    arm = parse_platform("linux/arm64")
    perform(database, add_host, "default", world.caller(), "arm-1", platform=arm)
    world.run("app:1", host="arm-1", name="own", state="created")
    world.run("app:1", host="arm-1", name="asked", platform="linux/amd64", state="created")

    chosen = {c.name: str(c.platform) for c in world.ask(list_containers, all=True)}
    assert chosen == {"own": "linux/arm64", "asked": "linux/amd64"}


@pytest.mark.parametrize(
    ("reference", "options", "error", "text"),
    [
        ("no:1", {}, ImageNotFoundError, "No such image: no:1"),
        (
            "app:1",
            {"mounts": [Mount("no", "/x")]},
            ImageNotFoundError,
            "No such image: no:latest",
        ),
        (
            "app:1",
            {"platform": parse_platform("linux/s390x")},
            PlatformNotFoundError,
            NO_PLATFORM,
        ),
        (
            "app:1",
            {"name": "a b"},
            InvalidInputError,
            "Invalid container name ('a b'), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed",
        ),
    ],
    ids=["no image", "no image to mount", "no such platform", "name"],
)
def test_create_is_refused_in_dockers_words(
    database: Database, reference: str, options: dict[str, object], error: type, text: str
) -> None:
    """And nothing is recorded, not even the host."""
    world = World(database)
    world.add(BOTH, "app:1")
    before = world.events()
    caller = Caller("tester", "new-1")

    with pytest.raises(error) as caught:
        perform(database, create_container, "default", caller, reference, **options)  # type: ignore[arg-type]

    assert str(caught.value) == text
    assert world.ask(list_containers, all=True) == ()
    assert world.events() == before


def test_create_wants_a_host(database: Database) -> None:
    """A container is always of one."""
    world = World(database)
    world.add(AMD, "app:1")

    with pytest.raises(InvalidInputError, match="say which"):
        perform(database, create_container, "default", Caller("tester"), "app:1")


def test_create_wants_a_host_of_the_namespace(database: Database) -> None:
    """A host reports into one namespace."""
    database.write(lambda connection: add_namespace(connection, "lab"))
    world, lab = World(database), World(database, "lab", host="web-1")
    world.run(world.add(AMD), host="web-1")

    with pytest.raises(ConflictError, match="host web-1 belongs to namespace default"):
        lab.run(lab.add(AMD))


def test_name_of_a_container_is_taken_once_on_a_host(database: Database) -> None:
    """Other hosts may use it, and it is free when the container is removed."""
    world = World(database)
    app = world.add(AMD, "app:1")
    first = world.run(app, name="web", state="created")
    world.run(app, name="web", host="web-2", state="created")

    with pytest.raises(AlreadyExistsError) as caught:
        world.run(app, name="web")

    assert str(caught.value) == (
        f'Conflict. The container name "/web" is already in use by container "{first}". You have '
        "to remove (or rename) that container to be able to reuse that name."
    )
    world.remove(first)
    world.run(app, name="web")


# ── finding and listing ───────────────────────────────────────────────────────────────────────


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


def test_container_is_found_by_name_then_id_then_beginning(database: Database) -> None:
    """A name that begins an ID wins over it, and a full ID over one that begins with it."""
    world = World(database)
    app = world.add(AMD)
    ids = ["ab" * 32, "ab" * 32 + "c", "f00d".ljust(64, "0")]
    names = ["one", "two", "abab"]
    many = [replace(as_reported(app, id=i), name=n) for i, n in zip(ids, names, strict=True)]
    report(world, *many)

    texts = ["one", "abab", ids[0], ids[1], "f0"]
    assert [world.ask(find_container, text).name for text in texts] == [
        *("one", "abab", "one", "two", "abab"),
    ]
    with pytest.raises(AmbiguousContainerError) as caught:
        world.ask(find_container, "ab")
    assert str(caught.value).startswith(
        f"ab matches several containers: {ids[0][:12]} (one on web-1), {ids[1][:12]} (two on web-1)"
    )


@pytest.mark.parametrize("text", ["nosuch", "", "web-1", "%", "g"])
def test_container_that_is_not_there(database: Database, text: str) -> None:
    """Docker's words; a host's name or a pattern is none of a container."""
    world = World(database)
    world.run(world.add(AMD), name="web")

    with pytest.raises(ContainerNotFoundError) as caught:
        world.ask(find_container, text)

    assert str(caught.value) == f"No such container: {text}"


def test_host_narrows_the_search(database: Database) -> None:
    """A name that two hosts have is ambiguous without one."""
    world = World(database)
    app = world.add(AMD)
    here, there = (world.run(app, name="web", host=host) for host in ("web-1", "web-2"))

    assert world.ask(find_container, "web", host="web-2").id == there
    with pytest.raises(ContainerNotFoundError):
        world.ask(find_container, here, host="web-2")
    with pytest.raises(AmbiguousContainerError) as caught:
        world.ask(find_container, "web")
    assert caught.value.candidates == (
        f"{here[:12]} (web on web-1)",
        f"{there[:12]} (web on web-2)",
    )


def test_containers_are_listed_newest_first(database: Database) -> None:
    """Those that run, or all; of one host, or of all."""
    world = World(database)
    app = world.add(AMD)
    for name, state, host in (("a", "running", "web-1"), ("b", "exited", "web-2")):
        world.run(app, name=name, state=state, host=host)
    world.run(app, name="c", state="paused", host="web-2")

    def listed(**options: Any) -> list[str]:  # noqa: ANN401 - the list's own
        return [container.name for container in world.ask(list_containers, **options)]

    assert listed() == ["c", "a"]
    assert listed(all=True) == ["c", "b", "a"]
    assert listed(all=True, host="web-2") == ["c", "b"]
    assert listed(all=True, host="nosuch") == []


# ── what stays of a container ─────────────────────────────────────────────────────────────────


def use_of(world: World, of: str) -> tuple[datetime | None, datetime | None]:
    """First and last use by containers that are gone."""
    columns = (image.c.first_used_at, image.c.last_used_at)
    with world.database.read() as connection:
        first, last = connection.execute(select(*columns).where(image.c.digest == of)).one()
    return first, last


def test_use_of_an_image_outlives_its_containers(database: Database) -> None:
    """From the creation of the first to the end of the last, also where it was mounted."""
    world = World(database)
    app, data = world.add(AMD, "app:1"), world.add(an_image("x"), "data:1")
    day = [datetime(2026, 1, number, tzinfo=UTC) for number in range(1, 7)]
    late = replace(as_reported(app, id="1" * 64, state="exited"), created=day[3], finished=day[5])
    early = replace(as_reported(app, id="2" * 64, state="dead"), created=day[1], started=day[2])
    report(world, late, replace(early, mounts=(Mount("data:1", "/mnt"),)))
    assert use_of(world, app) == (None, None)

    world.remove(late.id)
    assert use_of(world, app) == (day[3], day[5])
    report(world, complete=True)

    assert use_of(world, app) == (day[1], day[5])
    assert use_of(world, data) == (day[1], day[2])


def test_use_by_a_container_that_is_killed_ends_now(database: Database) -> None:
    """It ran until it was removed."""
    world = World(database)
    app = world.add(AMD)
    world.run(app, name="web")
    created = the_container(world).created
    world.remove("web")

    first, last = use_of(world, app)
    assert first == created
    assert last
    assert last > created
