"""A claim that was lost to another: what became of its content decides what its worker does."""

import pytest

from imagedb.database import Database
from imagedb.digests import Digest
from imagedb.namespaces import add_namespace
from imagedb.records import Claim, WhyLeft
from tests.builders.images import an_image, an_index
from tests.builders.workers import claim, contents, finish, let_lapse, times_done
from tests.builders.world import World

AMD, ARM = an_image("ab"), an_image("ac", platform="linux/arm64")
BOTH = an_index(AMD, ARM)
NEVER = Digest.of(b"never stored")


@pytest.fixture
def world(database: Database) -> World:
    """A namespace that has let an image of two platforms go."""
    world = World(database)
    world.add(BOTH, "app:1")
    world.delete("app:1")
    return world


def lost_to(world: World, who: str = "other@test") -> tuple[Claim, Claim]:
    """A claim whose lease ran out, and the one that took everything over and has done it."""
    first = claim(world)
    let_lapse(world.database, first)
    second = claim(world, who)
    assert finish(world, second, who=who).left == ()
    return first, second


def test_done_of_what_another_has_done_is_told(world: World) -> None:
    """Nobody needs the bytes then; each time it is asked."""
    first, second = lost_to(world)

    told = finish(world, first)

    assert {(left.kind, str(left.digest)) for left in told.left} == contents(second.releases)
    assert {(left.why, left.who) for left in told.left} == {(WhyLeft.DONE, "other@test")}
    assert told.done == ()
    assert finish(world, first) == told
    assert set(times_done(world.database).values()) == {1}


def test_done_of_what_another_has_done_and_is_stored_again_keeps_the_bytes(world: World) -> None:
    """What is used, by its rows; of chains nothing more is known than that something came."""
    first, _ = lost_to(world)
    world.add(AMD, "amd:1")

    why = {(left.kind, str(left.digest)): left.why for left in finish(world, first).left}

    kept = {each for each, reason in why.items() if reason is WhyLeft.WITHDRAWN}
    assert {("manifest", AMD.digest), ("config", AMD.config.digest)} <= kept
    assert {("blob", layer.digest) for layer in AMD.layers} <= kept
    assert {each for each in why if each[0] == "chain"} <= kept
    assert {why["manifest", ARM.digest], why["index", BOTH.digest]} == {WhyLeft.DONE}
    world.add(BOTH, "app:1")
    assert {left.why for left in finish(world, first).left} == {WhyLeft.WITHDRAWN}


def test_done_of_what_another_has_done_and_is_released_anew_keeps_the_bytes(world: World) -> None:
    """The new release is for who claims it; done again, it is done."""
    first, _ = lost_to(world)
    world.add(BOTH, "app:1")
    world.delete("app:1")

    assert {left.why for left in finish(world, first).left} == {WhyLeft.GIVEN_BACK}
    third = claim(world, "third@test")
    assert {left.why for left in finish(world, first).left} == {WhyLeft.CLAIMED}
    finish(world, third, who="third@test")
    told = finish(world, first).left
    assert {(left.why, left.who) for left in told} == {(WhyLeft.DONE, "third@test")}


def test_done_elsewhere_does_not_tell_of_this_namespace(world: World) -> None:
    """Each namespace has its own bytes to keep."""
    world.database.write(lambda connection: add_namespace(connection, "lab"))
    claimed = claim(world)
    world.add(BOTH, "app:1")
    lab = World(world.database, "lab", host="lab-1")
    lab.add(BOTH, "app:1")
    lab.delete("app:1")
    finish(lab, claim(lab))

    assert {left.why for left in finish(world, claimed).left} == {WhyLeft.WITHDRAWN}
