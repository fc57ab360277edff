"""Plans of prunes: applied image by image, and never beyond what they say."""

from dataclasses import replace

import pytest

from imagedb.database import Database
from imagedb.digests import ImageID
from imagedb.errors import NamespaceNotFoundError
from imagedb.namespaces import add_namespace, delete_namespace
from imagedb.records import Deleted, Untagged
from tests.builders.images import an_image
from tests.builders.planning import apply, plan_of_prune
from tests.builders.world import ALL, World


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two images, or names, are a batch."""
    monkeypatch.setattr("imagedb.pruning.PRUNE_BATCH", 2)
    monkeypatch.setattr("imagedb.planning.PRUNE_BATCH", 2)


def test_plan_of_a_prune_is_what_the_prune_does(database: Database) -> None:
    """The same records in the same order, and the bytes of all batches together."""
    world = World(database)
    for number in range(5):
        names = [f"app:{number}", f"more:{number}"] if number % 2 else []
        world.add(an_image("ab", labels={"n": str(number)}), *names)
    document = plan_of_prune(world)

    batches = world.prune()

    planned = [record.model_dump() for image in document.images for record in image.records]
    done = [
        {"Untagged": record.name} if isinstance(record, Untagged) else {"Deleted": record.digest}
        for batch in batches
        for record in batch.records
    ]
    assert planned == done
    assert document.freed == sum(batch.freed for batch in batches)


def test_prune_plan_leaves_what_has_changed_and_what_is_new(database: Database) -> None:
    """Image by image; nothing that is not in the plan is deleted."""
    world = World(database)
    images = [world.add(an_image("a", labels={"n": str(number)})) for number in range(6)]
    document = plan_of_prune(world)
    images = [ImageID(one.facts.id) for one in document.images]
    world.tag(images[0], "saved:1")
    world.run(images[2], name="c", state="exited")
    world.delete(images[3])
    world.hold(images[4])
    late = world.add(an_image("late"))

    batches = apply(world, document)

    done = [batch.records for batch in batches]
    assert done == [(Deleted(images[1]),), (), (Deleted(images[5]),)]
    told = [(one.id, one.differences) for batch in batches for one in batch.left]
    assert [(image, len(differences)) for image, differences in told] == [
        (images[0], 1),
        (images[2], 1),
        (images[3], 1),
        (images[4], 1),
    ]
    assert told[0][1] == ("name saved:1 is new",)
    assert told[2][1] == ("it is gone",)
    assert [one.is_gone for batch in batches for one in batch.left] == [False, False, True, False]
    assert set(world.images()) == {images[0], images[2], images[4], late}


def test_prune_plan_applied_again_leaves_everything(database: Database) -> None:
    """It is gone; under the same request ID what was done is told again."""
    world = World(database)
    for number in range(3):
        world.add(an_image("a", labels={"n": str(number)}))
    document, once = plan_of_prune(world), world.caller()
    first = apply(world, document, once)

    assert apply(world, document, once) == first
    again = apply(world, document)
    assert [len(batch.left) for batch in again] == [2, 1]
    assert not [batch for batch in again if batch.records or batch.freed]


def test_prune_plan_of_names_leaves_an_image_that_lost_one(database: Database) -> None:
    """With its other names: what it is now, nobody has looked at."""
    world = World(database)
    world.add(an_image("a"), "app:1", "app:2", "base:1")
    document = plan_of_prune(world, replace(ALL, references=("app",)))
    world.delete("app:2")

    [batch] = apply(world, document)

    assert batch.records == ()
    assert [one.differences for one in batch.left] == [("name app:2 is gone",)]
    assert document.images[0].records[0].model_dump() == {"Untagged": "app:1"}


def test_moment_of_a_prune_plan_stays_what_it_was(database: Database) -> None:
    """What was too young then is not in the plan, and is not looked at later."""
    world = World(database)
    old = world.add(an_image("a"))
    moment = world.events()[-1].time
    young = world.add(an_image("b"))
    document = plan_of_prune(world, replace(ALL, until=(moment,)))

    [batch] = apply(world, document)

    assert batch.records == (Deleted(old),)
    assert set(world.images()) == {young}


def test_plan_of_a_namespace_that_is_gone(database: Database) -> None:
    """It applies to its own and to no other."""
    database.write(lambda connection: add_namespace(connection, "other"))
    document = plan_of_prune(World(database, namespace="other"))
    World(database).add(an_image("a"))
    one = document.model_copy(update={"images": plan_of_prune(World(database)).images})
    database.write(lambda connection: delete_namespace(connection, "other"))

    with pytest.raises(NamespaceNotFoundError):
        apply(World(database), one)
