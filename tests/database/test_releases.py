"""Releases: listed, claimed, done, given back, withdrawn meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from imagedb import releases
from imagedb.database import Database
from imagedb.digests import Digest
from imagedb.errors import ClaimNotFoundError, InvalidDigestError, InvalidInputError
from imagedb.namespaces import add_namespace, delete_namespace
from imagedb.procedures import perform
from imagedb.records import Caller, Claim, FinishedClaim, LeftRelease, WhyLeft
from imagedb.releases import KINDS, MAX_CLAIM, claim_releases, finish_releases
from imagedb.sql import releases as sql
from tests.builders.images import an_image, an_index
from tests.builders.tables import counts
from tests.builders.workers import claim, contents, finish, let_lapse, reset, times_done
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


# ── listed ────────────────────────────────────────────────────────────────────────────────────


def test_releases_are_listed_oldest_first_in_pages(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many a page holds, each comes once, with who has claimed it."""
    claimed = claim(world, limit=3)
    whole = world.releases()
    monkeypatch.setattr(releases, "PAGE_SIZE", 2)

    assert world.releases() == whole
    assert contents(whole[:3]) == contents(claimed.releases)
    assert [release.claim for release in whole[:4]] == [claimed.id] * 3 + [None]
    assert {release.who for release in whole[:3]} == {"worker@test"}
    assert [release.released for release in whole] == sorted(r.released for r in whole)


def test_releases_of_a_kind_are_listed_alone(world: World) -> None:
    """Each kind is one of the known ones."""
    found = {kind: world.releases(kind=kind) for kind in KINDS}

    assert {kind: {release.kind for release in found[kind]} for kind in KINDS} == {
        kind: {kind} for kind in KINDS
    }
    assert sum(map(len, found.values())) == len(world.releases())
    with pytest.raises(InvalidInputError, match="unknown kind of content 'layer': expected blob"):
        world.releases(kind="layer")


# ── claimed ───────────────────────────────────────────────────────────────────────────────────


def test_claims_take_the_oldest_and_never_the_same(world: World) -> None:
    """Until there is nothing to claim: then the claim is empty, and has no ID."""
    everything = world.releases()

    claims = [claim(world, limit=4)]
    while claims[-1].id:
        claims.append(claim(world, limit=4))

    assert [(r.kind, r.digest) for c in claims for r in c.releases] == [
        (r.kind, r.digest) for r in everything
    ]
    assert {len(c.releases) for c in claims[:-2]} == {4}
    assert claims[-1] == Claim("", None, ())
    assert len({c.id for c in claims}) == len(claims)


def test_claim_holds_for_its_lease(world: World) -> None:
    """By the database's clock."""
    before = datetime.now(UTC)
    claimed = claim(world, limit=1, lease=timedelta(hours=2))
    after = datetime.now(UTC)

    (release,) = claimed.releases
    lease, second = timedelta(hours=2), timedelta(seconds=1)
    assert claimed.until is not None
    assert before + lease - second < claimed.until < after + lease + second
    assert (release.claim, release.until) == (claimed.id, claimed.until)
    assert world.releases()[0] == release


def test_claim_of_a_kind_takes_nothing_else(world: World) -> None:
    """A worker may know how to delete one kind alone."""
    claimed = claim(world, kind="blob")

    assert contents(claimed.releases) == {
        ("blob", layer.digest) for image in (AMD, ARM) for layer in image.layers
    }


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"limit": 0}, "cannot claim 0 releases at once: expected 1 to 1000"),
        ({"limit": MAX_CLAIM + 1}, "cannot claim 1001 releases at once: expected 1 to 1000"),
        ({"lease": timedelta(0)}, "invalid lease of 0 seconds: expected 1s to 24h"),
        ({"lease": timedelta(days=2)}, "invalid lease of 172800 seconds: expected 1s to 24h"),
        ({"kind": "layer"}, "unknown kind of content 'layer'"),
    ],
)
def test_claim_out_of_bounds_is_refused(world: World, options: dict[str, Any], told: str) -> None:
    """Nothing is claimed then."""
    with pytest.raises(InvalidInputError, match=told):
        claim(world, **options)
    assert {release.claim for release in world.releases()} == {None}


def test_claim_that_is_asked_for_again_is_the_same(world: World) -> None:
    """A worker whose connection broke gets what it was given, and nothing more."""
    caller = Caller("worker@test", request_id="work-1")

    first = perform(world.database, claim_releases, "default", caller, limit=2)
    again = perform(world.database, claim_releases, "default", caller, limit=2)

    assert first == again
    assert len([release for release in world.releases() if release.claim]) == 2


def test_claim_whose_lease_ran_out_is_anybodys(world: World) -> None:
    """The new one has it alone."""
    first = claim(world)
    assert claim(world) == Claim("", None, ())
    let_lapse(world.database, first)

    second = claim(world, "other@test")

    assert contents(second.releases) == contents(first.releases)
    assert {release.claim for release in world.releases()} == {second.id}


def test_claim_looks_again_at_what_it_found(world: World) -> None:
    """What another one claimed since is not taken from them; what lapsed since may be."""
    first, second = claim(world, limit=1), claim(world, limit=1)
    let_lapse(world.database, first)
    keys = {"releases": [1, 2, 3], "claim": "mine", "who": "me", "lease": 60}

    taken = world.database.write(
        lambda connection: set(connection.execute(sql.claim_releases, keys).scalars())
    )

    assert taken == {1, 3}
    assert [release.claim for release in world.releases()[:3]] == ["mine", second.id, "mine"]


# ── done ──────────────────────────────────────────────────────────────────────────────────────


def test_claim_that_is_done_leaves_nothing(world: World) -> None:
    """What is done is kept apart, once; the namespace can go then."""
    everything = contents(world.releases())
    claimed = claim(world)

    told = finish(world, claimed)

    assert told == FinishedClaim(claimed.releases, ())
    assert world.releases() == ()
    assert times_done(world.database) == dict.fromkeys(everything, 1)


def test_done_again_is_told_nothing(world: World) -> None:
    """It is done already: in the same request, in another one, by its digest."""
    claimed = claim(world)
    caller = Caller("worker@test", request_id="done-1")

    def done() -> FinishedClaim:
        return perform(world.database, finish_releases, "default", caller, claimed.id)

    assert done() == done() == FinishedClaim(claimed.releases, ())
    assert finish(world, claimed) == FinishedClaim((), ())
    assert finish(world, claimed, claimed.releases[0].digest) == FinishedClaim((), ())
    assert set(times_done(world.database).values()) == {1}


def test_some_of_a_claim_is_done(world: World) -> None:
    """The rest is still claimed, and may be done later."""
    claimed = claim(world, kind="manifest")
    first, second = claimed.releases

    assert finish(world, claimed, second.digest) == FinishedClaim((second,), ())
    assert first in world.releases()
    assert finish(world, claimed) == FinishedClaim((first,), ())


def test_digest_that_was_never_claimed_is_told(world: World) -> None:
    """The others are done all the same."""
    claimed = claim(world, kind="index")

    told = finish(world, claimed, NEVER, BOTH.digest)

    assert contents(told.done) == {("index", BOTH.digest)}
    assert told.left == (LeftRelease("", NEVER, WhyLeft.NEVER_CLAIMED),)
    with pytest.raises(InvalidDigestError):
        finish(world, claimed, "latest")


def test_done_after_the_lease_is_done_if_nobody_else_claimed_it(world: World) -> None:
    """A clock alone takes nothing away."""
    claimed = claim(world)
    let_lapse(world.database, claimed)

    assert finish(world, claimed).left == ()
    assert world.releases() == ()


def test_done_of_what_another_claimed_is_told(world: World) -> None:
    """By whom and since when; it is theirs to finish."""
    first = claim(world, kind="index")
    let_lapse(world.database, first)
    second = claim(world, "other@test", kind="index")
    (release,) = second.releases

    told = finish(world, first)

    reason = LeftRelease("index", release.digest, WhyLeft.CLAIMED, "other@test", release.claimed)
    assert told == FinishedClaim((), (reason,))
    assert finish(world, second) == FinishedClaim(second.releases, ())


def test_claim_of_another_namespace_is_not_known(world: World) -> None:
    """Nor is one that never was, or a request's own ID."""
    world.database.write(lambda connection: add_namespace(connection, "lab"))
    lab = World(world.database, "lab", host="lab-1")
    claimed = claim(world)
    request = world.events()[-1].request_id

    for who, one in (
        (lab, claimed),
        (world, Claim("nosuch", None, ())),
        (world, Claim(request, None, ())),
    ):
        with pytest.raises(ClaimNotFoundError, match=f"No such claim: {one.id}"):
            finish(who, one)
        with pytest.raises(ClaimNotFoundError):
            reset(who, one)


def test_done_costs_the_same_statements_for_any_number(world: World) -> None:
    """They do not grow with the claim; both have content of every kind."""
    many = claim(world)
    assert len(many.releases) > 5
    with counted(world.database) as of_many:
        finish(world, many)

    world.delete(world.add(an_image("xy", labels={"only": "one"})))
    few = claim(world)
    assert len(few.releases) < len(many.releases)
    with counted(world.database) as of_few:
        finish(world, few)

    assert len(of_few) == len(of_many)


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements that are run meanwhile."""
    seen: list[str] = []

    def see(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", see)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", see)


# ── given back, withdrawn ─────────────────────────────────────────────────────────────────────


def test_claim_that_is_given_back_is_anybodys(world: World) -> None:
    """At once; who gave it back is told so."""
    first = claim(world, kind="manifest")
    assert contents(reset(world, first)) == contents(first.releases)
    assert reset(world, first) == ()

    told = finish(world, first)
    second = claim(world, kind="manifest")

    assert {left.why for left in told.left} == {WhyLeft.GIVEN_BACK}
    assert contents(second.releases) == contents(first.releases)


def test_content_that_is_stored_again_is_withdrawn_from_its_claim(world: World) -> None:
    """The worker is told to keep those bytes, each time it asks; the others are done."""
    claimed = claim(world)
    world.add(AMD, "amd:1")

    told = finish(world, claimed)

    kept = {(left.kind, str(left.digest)) for left in told.left}
    assert {left.why for left in told.left} == {WhyLeft.WITHDRAWN}
    assert {("manifest", AMD.digest), ("blob", AMD.layers[0].digest)} <= kept
    assert kept | contents(told.done) == contents(claimed.releases)
    assert ("manifest", ARM.digest) in contents(told.done)
    assert not kept & contents(told.done)
    assert finish(world, claimed).left == told.left


def test_content_claimed_withdrawn_and_released_again_is_claimed_anew(world: World) -> None:
    """The old claim has no part in the new release."""
    first = claim(world)
    world.add(BOTH, "app:1")
    world.delete("app:1")
    told = finish(world, first)
    second = claim(world)

    assert {left.why for left in told.left} == {WhyLeft.GIVEN_BACK}
    assert contents(second.releases) == contents(first.releases)
    assert {left.why for left in finish(world, first).left} == {WhyLeft.CLAIMED}
    assert finish(world, second).left == ()
    assert set(times_done(world.database).values()) == {1}


def test_content_done_stored_and_released_again_is_released_twice(world: World) -> None:
    """Once for each time it became unused."""
    everything = contents(world.releases())
    for times in (1, 2, 3):
        finish(world, claim(world))
        assert times_done(world.database) == dict.fromkeys(everything, times)
        world.add(BOTH, "app:1")
        assert world.releases() == ()
        world.delete("app:1")
        assert contents(world.releases()) == everything


def test_namespace_goes_when_its_releases_are_done(database: Database) -> None:
    """What is done tells its name still."""
    database.write(lambda connection: add_namespace(connection, "lab"))
    lab = World(database, "lab", host=None)
    lab.add(AMD, "app:1")
    lab.delete("app:1")
    finish(lab, claim(lab))

    database.write(lambda connection: delete_namespace(connection, "lab"))

    assert counts(database)["done_release"] == len(times_done(database)) > 0


def test_done_of_a_digest_of_two_kinds_wants_to_know_which(database: Database) -> None:
    """An uncompressed bottom layer is a blob and a chain of one digest: each is done for itself."""
    world = World(database)
    built = an_image("a")
    world.delete(world.add(built))
    claimed = claim(world)
    layer = built.layers[0].digest

    with pytest.raises(InvalidInputError, match="as blob and as chain: say which with --kind"):
        finish(world, claimed, layer)
    assert contents(finish(world, claimed, layer, kind="blob").done) == {("blob", layer)}
    assert contents(finish(world, claimed, layer, kind="chain").done) == {("chain", layer)}
    assert finish(world, claimed, kind="blob").done == ()
    assert {kind for kind, _ in contents(finish(world, claimed).done)} == {"config", "manifest"}
