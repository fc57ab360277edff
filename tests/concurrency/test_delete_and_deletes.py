"""A delete meets another delete: of the same image, of a shared parent, of each other's parents."""

import pytest

from imagedb.database import Database
from imagedb.digests import Digest
from imagedb.errors import ImageNotFoundError, PlatformNotFoundError
from imagedb.records import Deleted, Record, Untagged
from imagedb.sql import containers as containers_sql
from imagedb.sql import images as images_sql
from imagedb.sql import references as references_sql
from tests.builders.images import an_image, an_index
from tests.builders.world import World, as_source
from tests.concurrency.stage import Stage

POSTGRESQL = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


# ── the same image ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("by_id_first", [False, True], ids=["name first", "ID first"])
def test_second_delete_of_an_image_finds_nothing(
    database: Database, stage: Stage, *, by_id_first: bool
) -> None:
    """One of the two deletes it, and only that one is told so."""
    app = World(database).add(an_image("ab"), "app:1")
    texts = (app, "app:1") if by_id_first else ("app:1", app)

    first = stage.holds(lambda world: world.delete(texts[0]), after=images_sql.delete_images)
    second = stage.waits(lambda world: world.delete(texts[1]), behind=first)

    assert first.ends() == (Untagged("app:1"), Deleted(app))
    with pytest.raises(ImageNotFoundError):
        second.ends()
    deletes = [event for event in World(database).events() if event.action == "delete"]
    assert [event.actor_id for event in deletes] == [app]


@pytest.mark.parametrize("names", [("app:1", "app:2"), ("app:2", "app:1")], ids=" then ".join)
def test_deletes_of_two_names_of_an_image(
    database: Database, stage: Stage, names: tuple[str, str]
) -> None:
    """The first one untags, the second one finds the last name and deletes."""
    app = World(database).add(an_image("ab"), "app:1", "app:2")

    first = stage.holds(lambda world: world.delete(names[0]), after=references_sql.delete_names)
    second = stage.waits(lambda world: world.delete(names[1]), behind=first)

    assert first.ends() == (Untagged(names[0]),)
    assert second.ends() == (Untagged(names[1]), Deleted(app))


# ── platforms of one image ────────────────────────────────────────────────────────────────────


def test_deletes_of_the_last_two_platforms(database: Database, stage: Stage) -> None:
    """The second one finds that its platform is the last, and deletes the image."""
    world = World(database)
    amd64, arm64 = an_image("ab"), an_image("ac", platform="linux/arm64")
    app = world.add(an_index(amd64, arm64), "app:1")

    first = stage.holds(
        lambda world: world.delete("app:1", force=True, platforms=["linux/arm64"]),
        after=images_sql.drop_image_manifests,
    )
    second = stage.waits(
        lambda world: world.delete("app:1", force=True, platforms=["linux/amd64"]), behind=first
    )

    assert first.ends() == (Deleted(Digest(arm64.digest)),)
    assert second.ends() == (Deleted(Digest(amd64.digest)), Untagged("app:1"), Deleted(app))


def test_deletes_of_one_platform(database: Database, stage: Stage) -> None:
    """The second one is told that the image does not hold it."""
    world = World(database)
    amd64, arm64 = an_image("ab"), an_image("ac", platform="linux/arm64")
    world.add(an_index(amd64, arm64), "app:1")

    def drop(world: World) -> tuple[Record, ...]:
        return world.delete("app:1", force=True, platforms=["linux/arm64"])

    first = stage.holds(drop, after=images_sql.drop_image_manifests)
    second = stage.waits(drop, behind=first)

    assert first.ends() == (Deleted(Digest(arm64.digest)),)
    with pytest.raises(PlatformNotFoundError):
        second.ends()


# ── a shared parent ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("order", [("one", "two"), ("two", "one")], ids=" then ".join)
def test_shared_parent_is_pruned_once(
    database: Database, stage: Stage, order: tuple[str, str]
) -> None:
    """Both deletes would prune it: the first one does, the second one starts over without it."""
    world = World(database)
    parent = world.add(an_image("a"))
    images = {"one": world.add(an_image("ab"), "one"), "two": world.add(an_image("ac"), "two")}

    first = stage.holds(lambda world: world.delete(order[0]), after=images_sql.delete_images)
    second = stage.waits(lambda world: world.delete(order[1]), behind=first)

    assert first.ends() == (
        Untagged(f"{order[0]}:latest"),
        Deleted(images[order[0]]),
        Deleted(parent),
    )
    assert second.ends() == (Untagged(f"{order[1]}:latest"), Deleted(images[order[1]]))
    assert world.images() == {}


def test_delete_of_a_parent_behind_its_prune_finds_nothing(
    database: Database, stage: Stage
) -> None:
    """The child's delete took the parent with it."""
    world = World(database)
    parent = world.add(an_image("a"))
    app = world.add(an_image("ab"), "app:1")

    first = stage.holds(lambda world: world.delete("app:1"), after=images_sql.delete_images)
    second = stage.waits(lambda world: world.delete(parent), behind=first)

    assert first.ends() == (Untagged("app:1"), Deleted(app), Deleted(parent))
    with pytest.raises(ImageNotFoundError):
        second.ends()


def test_prune_behind_a_delete_of_the_parent_does_without(database: Database, stage: Stage) -> None:
    """The parent was deleted for itself; the child's delete does not tell of it."""
    world = World(database)
    parent = world.add(an_image("a"))
    app = world.add(an_image("ab"), "app:1")

    first = stage.holds(lambda world: world.delete(parent), after=images_sql.delete_images)
    second = stage.waits(lambda world: world.delete("app:1"), behind=first)

    assert first.ends() == (Deleted(parent),)
    assert second.ends() == (Untagged("app:1"), Deleted(app))


# ── a parent that somebody begins to use ──────────────────────────────────────────────────────


def test_prune_behind_a_create_keeps_the_parent(database: Database, stage: Stage) -> None:
    """A container that came before protects the parent; the image itself still goes."""
    world = World(database)
    parent = world.add(an_image("a"))
    app = world.add(an_image("ab"), "app:1")

    creator = stage.holds(
        lambda world: world.run(parent, state="created"), after=containers_sql.add_container
    )
    deleter = stage.waits(lambda world: world.delete("app:1"), behind=creator)

    creator.ends()
    assert deleter.ends() == (Untagged("app:1"), Deleted(app))
    assert set(world.images()) == {parent}


def test_create_behind_a_prune_finds_no_image(database: Database, stage: Stage) -> None:
    """The parent went with its child."""
    world = World(database)
    parent = world.add(an_image("a"))
    app = world.add(an_image("ab"), "app:1")

    deleter = stage.holds(lambda world: world.delete("app:1"), after=images_sql.delete_images)
    creator = stage.waits(lambda world: world.run(parent), behind=deleter)

    assert deleter.ends() == (Untagged("app:1"), Deleted(app), Deleted(parent))
    with pytest.raises(ImageNotFoundError):
        creator.ends()


def test_prune_behind_a_tag_keeps_the_parent(database: Database, stage: Stage) -> None:
    """A name that came before protects the parent."""
    world = World(database)
    parent = world.add(an_image("a"))
    app = world.add(an_image("ab"), "app:1")

    tagger = stage.holds(lambda world: world.tag(parent, "base:1"), after=references_sql.add_name)
    deleter = stage.waits(lambda world: world.delete("app:1"), behind=tagger)

    tagger.ends()
    assert deleter.ends() == (Untagged("app:1"), Deleted(app))
    assert world.images()[parent].names == ("base:1",)


@POSTGRESQL
def test_prune_starts_over_for_a_parent_that_dangles_now(database: Database, stage: Stage) -> None:
    """The parent lost its name after the locks were taken: it must be locked to be pruned."""
    world = World(database)
    parent = world.add(an_image("a"), "base:1")
    other = world.add(an_image("x"))
    app = world.add(an_image("ab"), "app:1")

    deleter = stage.holds(lambda world: world.delete("app:1"), after=images_sql.names_of_images)
    world.tag(other, "base:1")

    assert deleter.ends() == (Untagged("app:1"), Deleted(app), Deleted(parent))
    assert deleter.attempts == 2
    assert deleter.refusals == []


@POSTGRESQL
def test_prune_starts_over_for_a_parent_that_is_new(database: Database, stage: Stage) -> None:
    """A parent that was imported meanwhile is a parent like the others."""
    world = World(database)
    app = world.add(an_image("ab"), "app:1")
    parent = an_image("a")

    deleter = stage.holds(lambda world: world.delete("app:1"), after=images_sql.names_of_images)
    world.load(as_source(parent))

    assert deleter.ends() == (Untagged("app:1"), Deleted(app), Deleted(Digest(parent.digest)))
    assert deleter.attempts == 2


@POSTGRESQL
def test_deletes_of_mutual_parents_lock_in_one_order(database: Database, stage: Stage) -> None:
    """Each of two images is the other one's parent: both deletes lock the lower number first."""
    world = World(database)
    one = world.add(an_index(an_image("a"), an_image("xy", platform="linux/arm64")))
    two = world.add(an_index(an_image("ab"), an_image("x", platform="linux/arm64")))

    first = stage.holds(lambda world: world.delete(two), after=images_sql.lock_images)
    second = stage.waits(lambda world: world.delete(one), behind=first)

    assert first.ends() == (Deleted(two), Deleted(one))
    with pytest.raises(ImageNotFoundError):
        second.ends()
    assert second.refusals == []
