"""A prune, or a plan that is applied, meets those who change what it rests on."""

from collections.abc import Callable

import pytest

from imagedb.database import Database
from imagedb.errors import ImageNotFoundError, PlanChangedError
from imagedb.filters import PruneFilters
from imagedb.plan_documents import PlanDocument
from imagedb.planning import apply_plan, plan_delete, plan_prune
from imagedb.records import Deleted, Record, Untagged
from imagedb.sql import containers as containers_sql
from imagedb.sql import events as events_sql
from imagedb.sql import holds as holds_sql
from imagedb.sql import images as images_sql
from imagedb.sql import references as references_sql
from tests.builders.images import an_image
from tests.builders.world import World, as_source
from tests.concurrency.hosts import containers_of
from tests.concurrency.stage import Stage

DANGLING = PruneFilters()


def prune(world: World) -> tuple[Record, ...]:
    """Prune dangling images; all that was told."""
    return tuple(record for batch in world.prune(DANGLING) for record in batch.records)


def plan(world: World, reference: str) -> PlanDocument:
    """Plan a delete."""
    return world.ask(
        lambda connection, namespace: plan_delete(connection, namespace, world.caller(), reference)
    )


def apply(world: World, document: PlanDocument) -> tuple[Record, ...]:
    """Do what a document says; all that was told."""
    batches = apply_plan(world.database, world.caller(), document)
    return tuple(record for batch in batches for record in batch.records)


# ── prune ─────────────────────────────────────────────────────────────────────────────────────


def test_prune_behind_a_create_passes_the_image_over(database: Database, stage: Stage) -> None:
    """It waits for who may use the image, and then finds the container."""
    app = World(database).add(an_image("ab"))

    creator = stage.holds(lambda world: world.run(app), after=containers_sql.add_container)
    pruner = stage.waits(prune, behind=creator)

    creator.ends()
    assert pruner.ends() == ()
    assert app in World(database).images()


def test_create_behind_a_prune_of_the_image_finds_nothing(database: Database, stage: Stage) -> None:
    """Who comes behind a prune is told that the image is gone."""
    app = World(database).add(an_image("ab"))

    pruner = stage.holds(prune, after=images_sql.delete_images)
    creator = stage.waits(lambda world: world.run(app), behind=pruner)

    assert pruner.ends() == (Deleted(app),)
    with pytest.raises(ImageNotFoundError):
        creator.ends()
    assert containers_of(database) == {}


def test_prune_behind_a_tag_passes_the_image_over(database: Database, stage: Stage) -> None:
    """It has a name by then."""
    app = World(database).add(an_image("ab"))

    tagger = stage.holds(lambda world: world.tag(app, "app:1"), after=references_sql.add_name)
    pruner = stage.waits(prune, behind=tagger)

    tagger.ends()
    assert pruner.ends() == ()
    assert World(database).images()[app].names == ("app:1",)


def test_tag_behind_a_prune_of_the_image_finds_nothing(database: Database, stage: Stage) -> None:
    """No name comes to point at an image that is gone."""
    app = World(database).add(an_image("ab"))

    pruner = stage.holds(prune, after=images_sql.delete_images)
    tagger = stage.waits(lambda world: world.tag(app, "app:1"), behind=pruner)

    assert pruner.ends() == (Deleted(app),)
    with pytest.raises(ImageNotFoundError):
        tagger.ends()


def test_prune_behind_an_import_passes_the_image_over(database: Database, stage: Stage) -> None:
    """An import of what is there gives it a name."""
    built = an_image("ab")
    app = World(database).add(built)

    importer = stage.holds(
        lambda world: world.load(as_source(built, "app:1")), after=events_sql.add_events
    )
    pruner = stage.waits(prune, behind=importer)

    importer.ends()
    assert pruner.ends() == ()
    assert World(database).images()[app].names == ("app:1",)


def test_import_behind_a_prune_of_the_image_stores_it_anew(
    database: Database, stage: Stage
) -> None:
    """Nothing of the old row is counted on."""
    built = an_image("ab")
    app = World(database).add(built)

    pruner = stage.holds(prune, after=images_sql.delete_images)
    importer = stage.waits(lambda world: world.load(as_source(built, "app:1")), behind=pruner)

    assert pruner.ends() == (Deleted(app),)
    assert importer.ends()[0].is_new
    assert World(database).images()[app].names == ("app:1",)


def test_prune_behind_a_prune_takes_nothing_twice(database: Database, stage: Stage) -> None:
    """Both run; each image is told once."""
    apps = {World(database).add(an_image(layers)) for layers in ("ab", "cd", "ef")}

    first = stage.holds(prune, after=images_sql.delete_images)
    second = stage.waits(prune, behind=first)

    assert {record.digest for record in first.ends() if isinstance(record, Deleted)} == apps
    assert second.ends() == ()


def test_delete_behind_a_prune_of_the_image_finds_nothing(database: Database, stage: Stage) -> None:
    """It was deleted once."""
    app = World(database).add(an_image("ab"))

    pruner = stage.holds(prune, after=images_sql.delete_images)
    deleter = stage.waits(lambda world: world.delete(app), behind=pruner)

    assert pruner.ends() == (Deleted(app),)
    with pytest.raises(ImageNotFoundError):
        deleter.ends()


def test_prune_behind_a_delete_passes_the_image_over(database: Database, stage: Stage) -> None:
    """An image that is gone when its turn comes is nobody's fault."""
    app = World(database).add(an_image("ab"))
    other = World(database).add(an_image("cd"))

    deleter = stage.holds(lambda world: world.delete(app), after=images_sql.delete_images)
    pruner = stage.waits(prune, behind=deleter)

    assert deleter.ends() == (Deleted(app),)
    assert pruner.ends() == (Deleted(other),)


def test_prune_behind_a_hold_passes_the_image_over(database: Database, stage: Stage) -> None:
    """A hold that comes first holds."""
    app = World(database).add(an_image("ab"))

    holder = stage.holds(lambda world: world.hold(app, "audit"), after=holds_sql.add_hold)
    pruner = stage.waits(prune, behind=holder)

    holder.ends()
    assert pruner.ends() == ()
    assert app in World(database).images()


def test_hold_behind_a_prune_of_the_image_finds_nothing(database: Database, stage: Stage) -> None:
    """Nobody holds what is gone."""
    app = World(database).add(an_image("ab"))

    pruner = stage.holds(prune, after=images_sql.delete_images)
    holder = stage.waits(lambda world: world.hold(app, "audit"), behind=pruner)

    assert pruner.ends() == (Deleted(app),)
    with pytest.raises(ImageNotFoundError):
        holder.ends()


# ── plans ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("change", "after", "told"),
    [
        pytest.param(
            lambda world: world.run("app:1"),
            containers_sql.add_container,
            "container",
            id="create",
        ),
        pytest.param(
            lambda world: world.tag("app:1", "app:2"), references_sql.add_name, "app:2", id="tag"
        ),
        pytest.param(
            lambda world: world.delete("app:1"), images_sql.delete_images, "app:1", id="delete"
        ),
        pytest.param(
            lambda world: world.hold("app:1", "audit"), holds_sql.add_hold, "hold", id="hold"
        ),
    ],
)
def test_plan_behind_a_change_does_not_apply(
    database: Database,
    stage: Stage,
    change: Callable[[World], object],
    after: object,
    told: str,
) -> None:
    """The facts are read again under the locks: the change is named, and nothing is done."""
    world = World(database)
    world.add(an_image("ab"), "app:1")
    document = plan(world, "app:1")

    changer = stage.holds(change, after=after)  # type: ignore[arg-type]  # a statement
    applier = stage.waits(lambda world: apply(world, document), behind=changer)

    changer.ends()
    before = world.events()
    with pytest.raises(PlanChangedError) as caught:
        applier.ends()
    assert told in caught.value.differences[0]
    assert world.events() == before


def test_plan_applied_twice_at_once_is_done_once(database: Database, stage: Stage) -> None:
    """The second one finds that the image is gone."""
    world = World(database)
    app = world.add(an_image("ab"), "app:1")
    document = plan(world, "app:1")

    first = stage.holds(lambda world: apply(world, document), after=images_sql.delete_images)
    second = stage.waits(lambda world: apply(world, document), behind=first)

    assert first.ends() == (Untagged("app:1"), Deleted(app))
    with pytest.raises(PlanChangedError, match="nothing was done"):
        second.ends()


def test_create_behind_a_plan_finds_no_image(database: Database, stage: Stage) -> None:
    """A plan that is applied locks as a delete does."""
    world = World(database)
    app = world.add(an_image("ab"), "app:1")
    document = plan(world, "app:1")

    applier = stage.holds(lambda world: apply(world, document), after=images_sql.delete_images)
    creator = stage.waits(lambda world: world.run("app:1"), behind=applier)

    assert applier.ends() == (Untagged("app:1"), Deleted(app))
    with pytest.raises(ImageNotFoundError):
        creator.ends()


def test_prune_plan_behind_a_tag_leaves_that_image(database: Database, stage: Stage) -> None:
    """Image by image: the one that has a name now is left and listed, the other one goes."""
    world = World(database)
    app, other = world.add(an_image("ab")), world.add(an_image("cd"))
    document = world.ask(
        lambda connection, namespace: plan_prune(connection, namespace, world.caller(), DANGLING)
    )

    tagger = stage.holds(lambda world: world.tag(app, "app:1"), after=references_sql.add_name)
    applier = stage.waits(
        lambda world: tuple(apply_plan(world.database, world.caller(), document)), behind=tagger
    )

    tagger.ends()
    [batch] = applier.ends()
    assert batch.records == (Deleted(other),)
    assert [(left.id, left.differences) for left in batch.left] == [(app, ("name app:1 is new",))]
