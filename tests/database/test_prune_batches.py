"""A prune is batches: each whole, each a request of its own, in one order."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pytest
from sqlalchemy import event

from imagedb.database import Database
from imagedb.digests import ImageID
from imagedb.errors import ConflictError, OutcomeUnknownError
from imagedb.filters import PruneFilters, parse_prune_filters
from imagedb.namespaces import get_namespace
from imagedb.planning import apply_plan
from imagedb.pruning import prune_batch, prune_images
from imagedb.records import Caller, PrunedBatch, Untagged
from imagedb.sql import images as images_sql
from tests.builders.images import an_image
from tests.builders.planning import plan_of_prune
from tests.builders.statements import listening
from tests.builders.world import ALL, LONG_AGO, MINUTE, World

ONCE = Caller("tester@test", "web-1", request_id="night")


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two images, or names, are a batch."""
    monkeypatch.setattr("imagedb.pruning.PRUNE_BATCH", 2)


def some_images(world: World, count: int, *, named: int = 0) -> list[ImageID]:
    """Store images; the first have names, which all begin with `app:0`."""
    made = [an_image("a", labels={"n": str(number)}) for number in range(count)]
    made.sort(key=lambda image: image.digest)
    return [
        world.add(image, *([f"app:{number:03}"] if number < named else []))
        for number, image in enumerate(made)
    ]


def prune(database: Database, filters: PruneFilters = ALL) -> Iterator[PrunedBatch]:
    """Prune under the one request ID."""
    return prune_images(database, "default", ONCE, filters)


def ids_of(batches: list[PrunedBatch]) -> list[list[str]]:
    """What each batch deleted."""
    return [
        [record.digest for record in batch.records if not isinstance(record, Untagged)]
        for batch in batches
    ]


def test_batches_follow_one_another(database: Database) -> None:
    """By name, then by ID; each is committed when it is told."""
    world = World(database)
    images = some_images(world, 7, named=3)
    told, left = [], []

    for batch in prune(database):
        told.append(batch)
        left.append(len(world.images()))

    assert ids_of(told) == [images[0:2], images[2:3], images[3:5], images[5:7], []]
    assert left == [5, 4, 2, 0, 0]
    assert [event.request_id for event in world.events() if event.action == "delete"] == [
        *["night.1"] * 2,
        *["night.2"],
        *["night.3"] * 2,
        *["night.4"] * 2,
    ]


def test_image_with_names_in_several_batches_goes_once(database: Database) -> None:
    """With the first of them."""
    world = World(database)
    app = world.add(an_image("a"), *(f"app:{number}" for number in range(5)))

    assert ids_of(list(prune(database))) == [[app], [], []]


def test_images_that_stay_do_not_stop_it(database: Database) -> None:
    """Batches in which nothing may go are passed, without a lock."""
    world = World(database)
    images = some_images(world, 6, named=6)
    for image in images[:4]:
        world.run(image, state="exited")

    with listening(database) as heard:
        batches = list(prune(database))

    assert ids_of(batches) == [[], [], images[4:], [], []]
    locks = [text for text in heard if "FOR UPDATE" in text and "FROM image " in text]
    assert len(locks) == (0 if database.is_sqlite else 1)


def test_interrupted_prune_goes_on(database: Database) -> None:
    """Whole batches are done; under the same ID they are told again, and the rest is done."""
    world = World(database)
    images = some_images(world, 6)
    begun = list(islice(prune(database), 3))
    assert len(world.images()) == 2

    finished = list(prune(database))

    assert finished[:3] == begun
    assert ids_of(finished) == [[], images[:2], images[2:4], images[4:], []]
    assert world.images() == {}


def test_prune_under_another_id_begins_anew(database: Database) -> None:
    """What an earlier one did is not told again."""
    world = World(database)
    images = some_images(world, 4)
    next(prune(database))
    next(islice(prune(database), 1, None))

    assert ids_of(list(world.prune())) == [[], images[2:], []]


def test_repeated_prune_tells_the_same_and_does_nothing(database: Database) -> None:
    """Even if there would be more to prune by now."""
    world = World(database)
    some_images(world, 3, named=1)
    first = list(prune(database))
    late = world.add(an_image("late"))
    before = world.events()

    assert list(prune(database)) == first
    assert set(world.images()) == {late}
    assert world.events() == before


def test_one_id_is_one_prune(database: Database) -> None:
    """With other filters it is another request."""
    list(prune(database))

    with pytest.raises(ConflictError, match=r"request ID night\.1 was used for another request"):
        list(prune(database, PruneFilters(dangling=False, references=("app",))))


def filters_at(now: datetime, until: str) -> PruneFilters:
    """Filters as somebody types them at a moment, with an age in hours."""
    asked = {"dangling": ["false"], "until": [until]}
    return parse_prune_filters(asked, lambda text: now - timedelta(hours=int(text[:-1])))


def test_prune_until_a_duration_can_be_repeated(database: Database) -> None:
    """What was typed is compared, not the moment that it stands for by now."""
    world = World(database)
    some_images(world, 2, named=1)
    later = datetime.now(UTC) + timedelta(days=2)
    first = list(prune(database, filters_at(later, "24h")))
    assert len(ids_of(first)[0]) == 1

    assert list(prune(database, filters_at(later + MINUTE, "24h"))) == first

    with pytest.raises(ConflictError, match="used for another request"):
        list(prune(database, filters_at(later, "25h")))


def test_filters_with_another_moment_are_another_prune(database: Database) -> None:
    """What was typed stands for the moment it was read as, and for no other."""
    filters = filters_at(LONG_AGO, "24h")
    list(prune(database, filters))

    with pytest.raises(ConflictError, match="used for another request"):
        list(prune(database, replace(filters, until=(LONG_AGO,))))


@contextmanager
def failing(database: Database, *, at: int) -> Iterator[None]:
    """Let the deletion of images fail, the n-th time."""
    times = 0

    def fail(_connection: Any, statement: Any, *_: Any) -> None:  # noqa: ANN401 - SQLAlchemy's
        nonlocal times
        times += statement is images_sql.delete_images
        if times == at:
            raise LookupError

    event.listen(database.engine, "before_execute", fail)
    try:
        yield
    finally:
        event.remove(database.engine, "before_execute", fail)


def test_error_in_a_batch_leaves_the_ones_before_it_whole(database: Database) -> None:
    """And that one, and all behind it, as they were."""
    world = World(database)
    images = some_images(world, 8, named=4)
    told: list[PrunedBatch] = []

    with failing(database, at=3), pytest.raises(LookupError):
        told.extend(prune(database))

    assert ids_of(told) == [images[:2], images[2:4], []]
    assert set(world.images()) == set(images[4:])
    assert [e.actor_id for e in world.events() if e.action == "delete"] == images[:4]
    assert ids_of(list(prune(database)))[:5] == [*ids_of(told), images[4:6], images[6:]]


def test_count_of_statements_does_not_grow(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch of many images and names asks no more than one of two."""
    world = World(database)
    counts = []
    for size in (2, 60):
        monkeypatch.setattr("imagedb.pruning.PRUNE_BATCH", size)
        some_images(world, size, named=size)
        with listening(database) as heard:
            done = database.write(
                lambda connection: prune_batch(
                    connection, get_namespace(connection, "default"), ONCE, ALL, "name:"
                )
            )
        assert len(done.records) == 2 * size
        counts.append(len(heard))

    assert counts[0] == counts[1] < 30


@pytest.mark.parametrize("is_planned", [False, True])
@pytest.mark.parametrize("lost", [1, 2, 3])
def test_batch_of_unknown_outcome_tells_the_id_of_the_whole(
    database: Database, monkeypatch: pytest.MonkeyPatch, lost: int, *, is_planned: bool
) -> None:
    """Repeated under it, batches that are done are told again, and the others done."""
    world = World(database)
    images = some_images(world, 5)
    monkeypatch.setattr("imagedb.planning.PRUNE_BATCH", 2)
    document = plan_of_prune(world)

    def run() -> list[PrunedBatch]:
        caller = replace(ONCE, request_id="x" * 128)
        if is_planned:
            return list(apply_plan(database, caller, document))
        return list(prune_images(database, "default", caller, ALL))

    with losing_answer(database, f".{lost}"), pytest.raises(OutcomeUnknownError) as caught:
        run()

    assert caught.value.request_id == "x" * 128
    of_names = 0 if is_planned else 1  # that batch has nothing to do
    assert len(world.images()) == 5 - min(2 * (lost - of_names), 5)
    batches = run()
    assert [one for batch in ids_of(batches) for one in batch] == images
    assert run() == batches
    assert world.images() == {}


@contextmanager
def losing_answer(database: Database, ending: str) -> Iterator[None]:
    """Let the outcome of the request with this ending be unknown, behind its commit."""
    write = database.write

    def lose(*args: Any, request_id: str = "", **kwargs: Any) -> Any:  # noqa: ANN401 - of `write`
        told = write(*args, request_id=request_id, **kwargs)
        if request_id.endswith(ending):
            raise OutcomeUnknownError(request_id)
        return told

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "write", lambda _self, *args, **kwargs: lose(*args, **kwargs))
        # the answer that is stored cannot be asked for either
        patch.setattr("imagedb.procedures._answered_meanwhile", lambda *_: None)
        yield
