"""Holding an image waits for a delete, and the other way round; lifting waits for neither."""

import pytest

from imagedb.database import Database
from imagedb.errors import HoldNotFoundError, ImageInUseError, ImageNotFoundError
from imagedb.holds import list_holds
from imagedb.records import ConflictKind, Deleted, Untagged
from imagedb.sql import holds as holds_sql
from imagedb.sql import images as images_sql
from tests.builders.images import an_image
from tests.builders.world import World
from tests.concurrency.stage import Stage

POSTGRESQL = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


def reasons(database: Database) -> list[str]:
    """Why images are held."""
    return [one.hold.reason for one in World(database).ask(list_holds)]


# ── hold ──────────────────────────────────────────────────────────────────────────────────────


def test_hold_behind_delete_finds_no_image(database: Database, stage: Stage) -> None:
    """It comes too late, and says so; no hold is left."""
    app = World(database).add(an_image("ab"), "app:1")

    deleter = stage.holds(lambda world: world.delete("app:1"), after=images_sql.delete_images)
    holder = stage.waits(lambda world: world.hold("app:1"), behind=deleter)

    assert deleter.ends() == (Untagged("app:1"), Deleted(app))
    with pytest.raises(ImageNotFoundError, match=r"^No such image: app:1$"):
        holder.ends()
    assert reasons(database) == []


@pytest.mark.parametrize("by_id", [False, True], ids=["by name", "by ID"])
def test_delete_behind_hold_is_refused(database: Database, stage: Stage, *, by_id: bool) -> None:
    """The hold was acknowledged: nothing deletes the image, not by force either."""
    app = World(database).add(an_image("ab"), "app:1")
    text = app if by_id else "app:1"

    holder = stage.holds(lambda world: world.hold("app:1"), after=holds_sql.add_hold)
    deleter = stage.waits(lambda world: world.delete(text, force=True), behind=holder)

    number = holder.ends()
    with pytest.raises(ImageInUseError) as caught:
        deleter.ends()
    assert [
        (conflict.kind, conflict.is_hard, conflict.hold and conflict.hold.key)
        for conflict in caught.value.conflicts
    ] == [(ConflictKind.HOLD, True, number)]
    assert app in World(database).images()


def test_prune_behind_a_hold_keeps_the_parent(database: Database, stage: Stage) -> None:
    """A held parent stays, quietly."""
    world = World(database)
    parent = world.add(an_image("a"))
    app = world.add(an_image("ab"), "app:1")

    holder = stage.holds(lambda world: world.hold(parent), after=holds_sql.add_hold)
    deleter = stage.waits(lambda world: world.delete("app:1"), behind=holder)

    holder.ends()
    assert deleter.ends() == (Untagged("app:1"), Deleted(app))
    assert list(world.images()) == [parent]


def test_hold_behind_a_prune_finds_no_image(database: Database, stage: Stage) -> None:
    """The parent went with its child."""
    world = World(database)
    parent = world.add(an_image("a"))
    app = world.add(an_image("ab"), "app:1")

    deleter = stage.holds(lambda world: world.delete("app:1"), after=images_sql.delete_images)
    holder = stage.waits(lambda world: world.hold(parent), behind=deleter)

    assert deleter.ends() == (Untagged("app:1"), Deleted(app), Deleted(parent))
    with pytest.raises(ImageNotFoundError):
        holder.ends()


# ── lift ──────────────────────────────────────────────────────────────────────────────────────


@POSTGRESQL
def test_lift_does_not_wait_for_delete(database: Database, stage: Stage) -> None:
    """It locks the hold alone; the delete saw what was before, and refuses."""
    world = World(database)
    app = world.add(an_image("ab"), "app:1")
    number = world.hold("app:1")

    deleter = stage.holds(lambda world: world.delete("app:1"), after=holds_sql.holds_of_images)
    assert world.lift("app:1") == (number,)

    with pytest.raises(ImageInUseError, match="image is held by tester@test: audit"):
        deleter.ends()
    assert world.delete("app:1") == (Untagged("app:1"), Deleted(app))


@POSTGRESQL
def test_delete_does_not_wait_for_lift(database: Database, stage: Stage) -> None:
    """Until the lift is committed, the image is held."""
    world = World(database)
    app = world.add(an_image("ab"), "app:1")
    number = world.hold("app:1")

    lifter = stage.holds(lambda world: world.lift("app:1"), after=holds_sql.delete_holds)
    with pytest.raises(ImageInUseError, match="image is held by tester@test: audit"):
        world.delete("app:1")

    assert lifter.ends() == (number,)
    assert world.delete("app:1") == (Untagged("app:1"), Deleted(app))


def test_lift_behind_lift_finds_no_hold(database: Database, stage: Stage) -> None:
    """It is lifted once, and told once."""
    world = World(database)
    world.add(an_image("ab"), "app:1")
    number = world.hold("app:1")

    first = stage.holds(lambda world: world.lift("app:1"), after=holds_sql.delete_holds)
    second = stage.waits(lambda world: world.lift("app:1"), behind=first)

    assert first.ends() == (number,)
    with pytest.raises(HoldNotFoundError):
        second.ends()
    told = [event.action for event in world.events() if event.type == "hold"]
    assert told == ["create", "destroy"]
