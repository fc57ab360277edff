"""Those who delete bytes meet one another, and imports that need the bytes again."""

import pytest
from sqlalchemy import Connection

from imagedb.database import Database
from imagedb.records import Claim, FinishedClaim, WhyLeft
from imagedb.sql import releases as sql
from tests.builders.images import an_image
from tests.builders.workers import claim, contents, finish, let_lapse, reset, times_done
from tests.builders.world import World, as_source
from tests.concurrency.stage import Stage, beside

POSTGRESQL = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
BUILT = an_image("ab")
NOTHING = Claim("", None, ())


@pytest.fixture
def world(database: Database) -> World:
    """A namespace that has let an image go."""
    world = World(database)
    world.add(BUILT, "gone:1")
    world.delete("gone:1")
    return world


def load(world: World) -> None:
    """Store the image again."""
    world.load(as_source(BUILT, "back:1"))


def why_left(told: FinishedClaim) -> set[WhyLeft]:
    """Why something was not done."""
    return {left.why for left in told.left}


# ── one another ───────────────────────────────────────────────────────────────────────────────


def test_claim_beside_claim_takes_others(world: World, stage: Stage) -> None:
    """Two workers at once get different releases, and neither waits."""
    first = stage.holds(lambda world: claim(world, limit=2), after=sql.lock_claimable)
    theirs = beside(stage, first, lambda world: claim(world, limit=2))
    ours = first.ends()

    assert len(ours.releases) == len(theirs.releases) == 2
    assert not contents(ours.releases) & contents(theirs.releases)
    assert first.attempts == 1
    assert first.refusals == []


def test_claim_beside_done_takes_nothing_of_it(world: World, stage: Stage) -> None:
    """The lease ran out, but the first worker finishes before another one claims."""
    claimed = claim(world)
    let_lapse(world.database, claimed)

    finisher = stage.holds(lambda world: finish(world, claimed), after=sql.delete_releases)
    theirs = beside(stage, finisher, claim)

    assert finisher.ends().left == ()
    assert theirs == NOTHING
    assert set(times_done(world.database).values()) == {1}


def test_done_behind_claim_is_told_who_has_it(world: World, stage: Stage) -> None:
    """The lease ran out, and another one claims first: it is theirs to finish."""
    claimed = claim(world)
    let_lapse(world.database, claimed)

    claimer = stage.holds(lambda world: claim(world, "other@test"), after=sql.claim_releases)
    finisher = stage.waits(lambda world: finish(world, claimed), behind=claimer)

    theirs = claimer.ends()
    told = finisher.ends()
    assert contents(theirs.releases) == contents(claimed.releases)
    assert told.done == ()
    assert {(left.why, left.who) for left in told.left} == {(WhyLeft.CLAIMED, "other@test")}
    assert times_done(world.database) == {}


def test_done_behind_done_of_one_claim_has_nothing_to_do(world: World, stage: Stage) -> None:
    """A worker who says it twice at once, under two requests."""
    claimed = claim(world)

    first = stage.holds(lambda world: finish(world, claimed), after=sql.delete_releases)
    second = stage.waits(lambda world: finish(world, claimed), behind=first)

    assert first.ends() == FinishedClaim(claimed.releases, ())
    assert second.ends() == FinishedClaim((), ())
    assert set(times_done(world.database).values()) == {1}


def test_done_behind_done_of_another_claim_is_told_to_delete_the_bytes(
    world: World, stage: Stage
) -> None:
    """Until then it is the other's; from then on nobody needs the bytes."""
    first = claim(world)
    let_lapse(world.database, first)
    second = claim(world, "other@test")

    finisher = stage.holds(lambda world: finish(world, second), after=sql.delete_releases)
    told = beside(stage, finisher, lambda world: finish(world, first))

    assert finisher.ends().left == ()
    assert why_left(told) == {WhyLeft.DONE if world.database.is_sqlite else WhyLeft.CLAIMED}
    assert why_left(finish(world, first)) == {WhyLeft.DONE}
    assert set(times_done(world.database).values()) == {1}


def test_done_behind_done_of_another_claim_and_import_is_told_to_keep_the_bytes(
    world: World, stage: Stage
) -> None:
    """What was done and is stored again is used."""
    first = claim(world)
    let_lapse(world.database, first)
    second = claim(world, "other@test")

    finisher = stage.holds(lambda world: finish(world, second), after=sql.delete_releases)
    importer = stage.waits(load, behind=finisher)

    assert finisher.ends().left == ()
    importer.ends()
    assert why_left(finish(world, first)) == {WhyLeft.WITHDRAWN}


def test_done_behind_reset_is_told_that_it_was_given_back(world: World, stage: Stage) -> None:
    """Nothing is done that anybody may claim."""
    claimed = claim(world)

    giver = stage.holds(lambda world: reset(world, claimed), after=sql.delete_claims)
    finisher = stage.waits(lambda world: finish(world, claimed), behind=giver)

    assert giver.ends() == claimed.releases
    told = finisher.ends()
    assert (told.done, why_left(told)) == ((), {WhyLeft.GIVEN_BACK})


def test_reset_behind_done_gives_nothing_back(world: World, stage: Stage) -> None:
    """It is done."""
    claimed = claim(world)

    finisher = stage.holds(lambda world: finish(world, claimed), after=sql.delete_releases)
    giver = stage.waits(lambda world: reset(world, claimed), behind=finisher)

    assert finisher.ends().left == ()
    assert giver.ends() == ()


# ── and imports ───────────────────────────────────────────────────────────────────────────────


def test_import_behind_claim_withdraws_what_was_claimed(world: World, stage: Stage) -> None:
    """The worker is told to keep those bytes."""
    claimer = stage.holds(claim, after=sql.claim_releases)
    importer = stage.waits(load, behind=claimer)

    claimed = claimer.ends()
    importer.ends()
    assert len(claimed.releases) == 6
    assert world.releases() == ()
    told = finish(world, claimed)
    assert (told.done, why_left(told)) == ((), {WhyLeft.WITHDRAWN})


def test_claim_beside_import_takes_nothing_that_is_stored_again(world: World, stage: Stage) -> None:
    """What is being withdrawn is nobody's to claim."""
    importer = stage.holds(load, after=sql.withdraw_releases)
    theirs = beside(stage, importer, claim)

    importer.ends()
    assert theirs == NOTHING
    assert world.releases() == ()


def test_import_behind_done_has_nothing_to_withdraw(world: World, stage: Stage) -> None:
    """The bytes were gone before: who stores the image brings them anew."""
    claimed = claim(world)

    finisher = stage.holds(lambda world: finish(world, claimed), after=sql.delete_releases)
    importer = stage.waits(load, behind=finisher)

    assert finisher.ends() == FinishedClaim(claimed.releases, ())
    importer.ends()
    assert world.releases() == ()
    assert set(times_done(world.database).values()) == {1}


def test_done_behind_import_is_told_to_keep_the_bytes(world: World, stage: Stage) -> None:
    """What is stored again is not done."""
    claimed = claim(world)

    importer = stage.holds(load, after=sql.withdraw_releases)
    finisher = stage.waits(lambda world: finish(world, claimed), behind=importer)

    importer.ends()
    told = finisher.ends()
    assert (told.done, why_left(told)) == ((), {WhyLeft.WITHDRAWN})
    assert len(told.left) == 6
    assert times_done(world.database) == {}


@POSTGRESQL
def test_releases_are_withdrawn_in_the_order_of_done(database: Database, stage: Stage) -> None:
    """By number, whatever kind they are of: an import that withdraws never holds a later one.

    Somebody holds the chain of the first image. A worker waits for it, to go on to the second
    image's blob; so does an import that needs both.
    """
    world = World(database)
    for name in "ax":
        world.add(an_image(name), f"{name}:1")
        world.delete(f"{name}:1")
    chain, blob = (
        world.releases(kind=kind)[number] for kind, number in (("chain", 0), ("blob", 1))
    )
    before = world.releases().index(chain)
    claim(world, limit=before)
    claimed = claim(world)
    assert {chain.digest, blob.digest} < {release.digest for release in claimed.releases}

    holder = stage.holds(
        lambda world: world.database.write(lambda c: _hold(c, before + 1)), after=sql.lock_releases
    )
    finisher = stage.waits(lambda world: finish(world, claimed), behind=holder)
    importer = stage.waits(lambda world: world.add(an_image("ax"), "ax:1"), behind=finisher)

    with pytest.raises(ZeroDivisionError):
        holder.ends()
    assert finisher.ends().left == ()
    importer.ends()
    assert finisher.refusals == importer.refusals == []
    assert finisher.attempts == importer.attempts == 1


def _hold(connection: Connection, key: int) -> None:
    rows = connection.execute(sql.lock_releases, {"namespace": 1, "releases": [key]}).all()
    assert [row.kind for row in rows] == ["chain"]
    raise ZeroDivisionError
