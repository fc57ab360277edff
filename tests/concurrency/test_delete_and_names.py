"""A delete meets those who move names: tag, and import over a name."""

import pytest

from imagedb.database import Database
from imagedb.digests import Digest
from imagedb.errors import ImageNotFoundError
from imagedb.records import Deleted, Replaced, Untagged
from imagedb.sql import events as events_sql
from imagedb.sql import images as images_sql
from imagedb.sql import references as references_sql
from tests.builders.images import an_image
from tests.builders.world import World, as_source
from tests.concurrency.stage import Stage

POSTGRESQL = pytest.mark.parametrize("database", ["postgresql"], indirect=True)

# ── a tag that moves the name which is deleted ────────────────────────────────────────────────


def test_tag_behind_delete_of_the_name_makes_it_anew(database: Database, stage: Stage) -> None:
    """The name was free when it came to the tag: nothing was moved, so no `previous` is told."""
    world = World(database)
    old = world.add(an_image("ab"), "app:1")
    new = world.add(an_image("ac"), "new:1")

    deleter = stage.holds(lambda world: world.delete("app:1"), after=images_sql.delete_images)
    tagger = stage.waits(lambda world: world.tag("new:1", "app:1"), behind=deleter)

    assert deleter.ends() == (Untagged("app:1"), Deleted(old))
    tagger.ends()
    assert {id_: row.names for id_, row in world.images().items()} == {new: ("app:1", "new:1")}
    assert "previous" not in world.events()[-1].attributes


def test_delete_behind_tag_deletes_what_the_name_means_now(
    database: Database, stage: Stage
) -> None:
    """The name moved while the delete waited: it starts over, the old image stays, dangling."""
    world = World(database)
    old = world.add(an_image("ab"), "app:1")
    new = world.add(an_image("ac"))

    tagger = stage.holds(lambda world: world.tag(new, "app:1"), after=references_sql.move_name)
    deleter = stage.waits(lambda world: world.delete("app:1"), behind=tagger)

    tagger.ends()
    assert deleter.ends() == (Untagged("app:1"), Deleted(new))
    assert {id_: row.names for id_, row in world.images().items()} == {old: ()}


@POSTGRESQL
def test_delete_starts_over_when_the_name_moved_before_its_lock(
    database: Database, stage: Stage
) -> None:
    """Between resolve and lock the name goes to another image: the lock was taken in vain."""
    world = World(database)
    old = world.add(an_image("ab"), "app:1")
    new = world.add(an_image("ac"))

    deleter = stage.holds(lambda world: world.delete("app:1"), after=images_sql.image_by_name)
    world.tag(new, "app:1")

    assert deleter.ends() == (Untagged("app:1"), Deleted(new))
    assert deleter.attempts == 2
    assert deleter.refusals == []
    assert old in world.images()


@POSTGRESQL
def test_delete_starts_over_when_the_image_went_before_its_lock(
    database: Database, stage: Stage
) -> None:
    """Between resolve and lock another delete takes the image: there is nothing left to lock."""
    world = World(database)
    world.add(an_image("ab"), "app:1")

    deleter = stage.holds(lambda world: world.delete("app:1"), after=images_sql.image_by_name)
    world.delete("app:1")

    with pytest.raises(ImageNotFoundError):
        deleter.ends()
    assert deleter.attempts == 2


@POSTGRESQL
def test_tag_starts_over_when_the_name_moved_before_its_lock(
    database: Database, stage: Stage
) -> None:
    """The image that loses the name must be among the locked, and is told as `previous`."""
    world = World(database)
    world.add(an_image("ab"), "app:1")
    middle = world.add(an_image("ac"))
    last = world.add(an_image("ad"))

    tagger = stage.holds(
        lambda world: world.tag(last, "app:1"), after=references_sql.targets_of_names
    )
    world.tag(middle, "app:1")
    tagger.ends()

    assert tagger.attempts == 2
    assert world.events()[-1].attributes["previous"] == middle


# ── a tag that gives the image another name ───────────────────────────────────────────────────


def test_tag_of_the_image_behind_its_delete_finds_nothing(database: Database, stage: Stage) -> None:
    """A name never points at an image that is gone."""
    world = World(database)
    app = world.add(an_image("ab"), "app:1")

    deleter = stage.holds(lambda world: world.delete("app:1"), after=images_sql.delete_images)
    tagger = stage.waits(lambda world: world.tag(app, "app:2"), behind=deleter)

    assert deleter.ends() == (Untagged("app:1"), Deleted(app))
    with pytest.raises(ImageNotFoundError):
        tagger.ends()
    assert world.images() == {}


def test_delete_behind_tag_of_the_image_untags_only(database: Database, stage: Stage) -> None:
    """The image has got another name meanwhile, and stays for its sake."""
    world = World(database)
    app = world.add(an_image("ab"), "app:1")

    tagger = stage.holds(lambda world: world.tag(app, "app:2"), after=references_sql.add_name)
    deleter = stage.waits(lambda world: world.delete("app:1"), behind=tagger)

    tagger.ends()
    assert deleter.ends() == (Untagged("app:1"),)
    assert world.images()[app].names == ("app:2",)


# ── an import over the name ───────────────────────────────────────────────────────────────────


def test_import_over_a_name_behind_its_delete_makes_it_anew(
    database: Database, stage: Stage
) -> None:
    """The name was free when it came to the import: no image is told as replaced."""
    world = World(database)
    old = world.add(an_image("ab"), "app:1")
    new = an_image("ac")

    deleter = stage.holds(lambda world: world.delete("app:1"), after=images_sql.delete_images)
    importer = stage.waits(lambda world: world.load(as_source(new, "app:1")), behind=deleter)

    assert deleter.ends() == (Untagged("app:1"), Deleted(old))
    (imported,) = importer.ends()
    assert (imported.is_new, imported.replaced) == (True, ())
    assert {id_: row.names for id_, row in world.images().items()} == {new.digest: ("app:1",)}


def test_delete_behind_import_over_the_name_deletes_the_new_image(
    database: Database, stage: Stage
) -> None:
    """The name means the new image by the time the delete comes to it."""
    world = World(database)
    old = world.add(an_image("ab"), "app:1")
    new = an_image("ac")

    importer = stage.holds(
        lambda world: world.load(as_source(new, "app:1")), after=references_sql.move_name
    )
    deleter = stage.waits(lambda world: world.delete("app:1"), behind=importer)

    (imported,) = importer.ends()
    assert imported.replaced == (Replaced("app:1", old, is_dangling=True),)
    assert deleter.ends() == (Untagged("app:1"), Deleted(Digest(new.digest)))
    assert {id_: row.names for id_, row in world.images().items()} == {old: ()}


# ── names that are moved by several ───────────────────────────────────────────────────────────


def test_tag_behind_tag_of_one_name_tells_what_it_replaced(
    database: Database, stage: Stage
) -> None:
    """Two who move one name follow one another; the later one wins and knows it."""
    world = World(database)
    world.add(an_image("ab"), "app:1")
    one = world.add(an_image("ac"))
    two = world.add(an_image("ad"))

    first = stage.holds(lambda world: world.tag(one, "app:1"), after=references_sql.move_name)
    second = stage.waits(lambda world: world.tag(two, "app:1"), behind=first)

    first.ends()
    second.ends()
    assert world.images()[two].names == ("app:1",)
    assert world.events()[-1].attributes["previous"] == one


def test_tag_behind_a_move_of_its_own_name_brings_it_back(database: Database, stage: Stage) -> None:
    """One that saw the name where it wants it waits for who moves it away, and moves it back.

    Without the lock it would change nothing, and its event would follow the move's.
    """
    world = World(database)
    app = world.add(an_image("ab"), "app:1")
    other = world.add(an_image("ac"))

    mover = stage.holds(lambda world: world.tag(other, "app:1"), after=events_sql.add_events)
    tagger = stage.waits(lambda world: world.tag(app, "app:1"), behind=mover)

    mover.ends()
    tagger.ends()
    assert world.images()[app].names == ("app:1",)
    assert world.events()[-1].attributes["previous"] == other


def test_two_tags_of_one_new_name_follow_one_another(database: Database, stage: Stage) -> None:
    """The second one finds the name that the first one made, and moves it."""
    world = World(database)
    one = world.add(an_image("ac"))
    two = world.add(an_image("ad"))

    first = stage.holds(lambda world: world.tag(one, "app:1"), after=references_sql.add_name)
    second = stage.waits(lambda world: world.tag(two, "app:1"), behind=first)

    first.ends()
    second.ends()
    assert world.images()[two].names == ("app:1",)
    assert world.events()[-1].attributes["previous"] == one


def test_imports_of_new_names_in_opposite_order(database: Database, stage: Stage) -> None:
    """Names are made in one order, whatever the archives' order is: nobody is refused."""
    world = World(database)
    one = world.add(an_image("ab"), "other:1")

    first = stage.holds(
        lambda world: world.load(as_source(an_image("ab"), "a:1", "b:1")),
        after=references_sql.add_name,
    )
    second = stage.waits(
        lambda world: world.load(as_source(an_image("ab"), "b:1", "a:1")), behind=first
    )

    first.ends()
    second.ends()
    assert first.refusals == []
    assert second.refusals == []
    assert world.images()[one].names == ("a:1", "b:1", "other:1")
