"""Tags: names that are made, and names that move."""

import pytest

from imagedb.database import Database
from imagedb.errors import ImageNotFoundError, InvalidReferenceError
from imagedb.images import get_image
from imagedb.inspection import inspect_image
from imagedb.namespaces import add_namespace
from imagedb.records import Event
from tests.builders.images import an_image, an_index
from tests.builders.world import HERE, World, as_source

ABSENT = "sha256:" + "0" * 64


def last(world: World) -> Event:
    """What happened last."""
    return world.events()[-1]


def names(world: World) -> dict[str, tuple[str, ...]]:
    """The names of all images, by ID."""
    return {image_id: row.names for image_id, row in world.images().items()}


def test_tag_adds_a_name(database: Database) -> None:
    """The default tag where none is given; the event names it and carries the image's labels."""
    world = World(database)
    app = world.add(an_image("a", labels={"team": "web"}), "app:1")

    world.tag("app:1", "quay.io/x/app")

    assert {app: ("app:1", "quay.io/x/app:latest")} == names(world)
    event = last(world)
    assert ("image", "tag", app, "quay.io/x/app:latest", HERE) == (
        event.type,
        event.action,
        event.actor_id,
        event.name,
        event.host,
    )
    assert event.attributes == {"name": "quay.io/x/app:latest", "team": "web"}


def test_tag_takes_any_source(database: Database) -> None:
    """Whatever resolves."""
    world = World(database)
    app = world.add(an_image("a"), "app:latest")
    sources = ("app", app, app.short, f"sha256:{app.short}", f"app@{app}", f"app:latest@{app}")

    for number, source in enumerate(sources):
        world.tag(source, f"new:{number}")

    assert {app: ("app:latest", *(f"new:{number}" for number in range(6)))} == names(world)


def test_tag_names_a_dangling_image(database: Database) -> None:
    """By its ID, or by moby's name of it."""
    world = World(database)
    one, other = world.add(an_image("a")), world.add(an_image("b"))

    world.tag(one, "one:1")
    world.tag(f"moby-dangling@{other}", "other:1")

    assert {one: ("one:1",), other: ("other:1",)} == names(world)


def test_tag_moves_a_name(database: Database) -> None:
    """The event says where it was; an image with another name left keeps that."""
    world = World(database)
    old = world.add(an_image("a"), "app:1", "app:2")
    new = world.add(an_image("b"), "new:1")

    world.tag("new:1", "app:1")

    assert {old: ("app:2",), new: ("app:1", "new:1")} == names(world)
    assert {"name": "app:1", "previous": old} == last(world).attributes
    assert (new, "app:1") == (last(world).actor_id, last(world).name)


def test_tag_that_takes_the_last_name_leaves_the_image_dangling(database: Database) -> None:
    """It is kept, by its ID; nothing is untagged, and nothing told of it."""
    world = World(database)
    old, new = world.add(an_image("a"), "app:1"), world.add(an_image("b"), "new:1")
    before = len(world.events())

    world.tag(new, "app:1")

    assert {old: (), new: ("app:1", "new:1")} == names(world)
    assert [event.action for event in world.events()[before:]] == ["tag"]
    assert old == world.ask(get_image, f"moby-dangling@{old}").id


def test_tag_moved_away_and_back_leaves_no_trace(database: Database) -> None:
    """But in the events."""
    world = World(database)
    old, new = world.add(an_image("a"), "app:1"), world.add(an_image("b"), "new:1")
    before = names(world)

    world.tag(new, "app:1")
    world.tag(old, "app:1")

    assert before == names(world)
    assert [old, new] == [event.attributes["previous"] for event in world.events()[-2:]]


def test_tag_with_the_same_target_only_tells(database: Database) -> None:
    """No change, not even of when it was tagged; the event is sent still, without `previous`."""
    world = World(database)
    app = world.add(an_image("a"), "app:1")
    before = world.ask(inspect_image, "app:1")

    world.tag("app:1", "app:1")

    assert before == world.ask(inspect_image, "app:1")
    assert (last(world).action, last(world).attributes) == ("tag", {"name": "app:1"})
    assert {app: ("app:1",)} == names(world)


def test_tag_does_not_disturb_who_uses_the_image(database: Database) -> None:
    """Containers stay with the image that they were made of, whatever their name means now."""
    world = World(database)
    old = world.add(an_image("a"), "app:1")
    world.run("app:1", state="running")
    new = world.add(an_image("b"), "new:1")

    world.tag("new:1", "app:1")

    rows = world.images()
    assert (rows[old].containers, rows[new].containers) == (1, 0)
    world.delete("app:1")
    assert {old: (), new: ("new:1",)} == names(world)


def test_tag_may_look_like_an_id(database: Database) -> None:
    """The beginning of another image's ID, or 64 digits with a tag: the name wins from then on."""
    world = World(database)
    one, other = world.add(an_image("a"), "one:1"), world.add(an_image("b"), "other:1")

    world.tag("one:1", other.short)

    assert one == world.ask(get_image, other.short).id
    assert other == world.ask(get_image, f"sha256:{other.short}").id


REFUSED = {
    f"app@{ABSENT}": "refusing to create a tag with a digest reference",
    f"app:1@{ABSENT}": "refusing to create a tag with a digest reference",
    "sha256:1": "refusing to create an ambiguous tag using digest algorithm as name",
    "moby-dangling:1": "refusing to create a tag in the reserved repository moby-dangling",
    f"moby-dangling@{ABSENT}": "refusing to create a tag with a digest reference",
    "App:1": "invalid reference format: repository name (library/App) must be lowercase",
    "app:in valid": "invalid reference format",
    "": "invalid reference format",
}


def test_tag_refuses_names_that_no_image_may_have(database: Database) -> None:
    """Before the source is looked for; nothing changes."""
    world = World(database)
    world.add(an_image("a"), "app:1")
    before = (names(world), world.events())

    for name, problem in REFUSED.items():
        for source in ("app:1", "nosuch:1"):
            with pytest.raises(InvalidReferenceError) as caught:
                world.tag(source, name)
            assert problem == str(caught.value)
    assert before == (names(world), world.events())


def test_tag_of_nothing_is_not_found(database: Database) -> None:
    """A name that exists stays where it is."""
    world = World(database)
    app = world.add(an_image("a"), "app:1")

    with pytest.raises(ImageNotFoundError, match=r"^No such image: nosuch:latest$"):
        world.tag("nosuch", "app:1")

    assert {app: ("app:1",)} == names(world)


def test_tag_is_of_one_namespace(database: Database) -> None:
    """The same name means another image elsewhere."""
    world, other = World(database), World(database, namespace="other", host="web-2")
    database.write(lambda connection: add_namespace(connection, "other"))
    mine, theirs = world.add(an_image("a"), "app:1"), other.add(an_image("b"), "b:1")
    other.add(an_image("a"), "a:1")

    other.tag("b:1", "app:1")

    assert {mine: ("app:1",)} == names(world)
    assert names(other)[theirs] == ("app:1", "b:1")


def test_import_moves_a_name_as_a_tag_does(database: Database) -> None:
    """The old image stays, dangling; what is told says so, and the event where the name was."""
    world = World(database)
    old = world.add(an_image("a"), "app:1")
    new = an_image("b")

    (told,) = world.load(as_source(new, "app:1"))

    assert [("app:1", old, True)] == [
        (one.name, one.image_id, one.is_dangling) for one in told.replaced
    ]
    assert {old: (), new.digest: ("app:1",)} == names(world)
    assert ("load", old) == (last(world).action, last(world).attributes["previous"])


def test_names_are_in_the_order_of_their_bytes(database: Database) -> None:
    """Of the canonical form: as Go sorts, on both engines."""
    world = World(database)
    image = an_image("a")
    given = ["a_b:1", "z:1", "a:a", "a:B", f"a@{image.digest}", "a-b:1", "Z.io/a:1", "ghcr.io/a:1"]
    app = world.add(image, *given)

    assert (
        "Z.io/a:1",
        "a-b:1",
        "a:B",
        "a:a",
        f"a@{image.digest}",
        "a_b:1",
        "z:1",
        "ghcr.io/a:1",
    ) == names(world)[app]


def test_tag_event_takes_its_labels_from_the_image_that_stands_for_it(database: Database) -> None:
    """Of the linux/amd64 manifest, though it be the second; of the present one, if it is not."""
    world = World(database)
    arm = an_image("a", platform="linux/arm64", labels={"is": "arm"})
    amd = an_image("a", labels={"is": "amd"})
    world.add(an_index(arm, amd), "app:1")
    world.tag("app:1", "app:2")
    both = last(world).attributes["is"]
    world.delete("app:1", force=True, platforms=["linux/amd64"])
    world.tag("app:1", "app:3")

    assert (both, last(world).attributes["is"]) == ("amd", "arm")
