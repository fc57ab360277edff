"""Those who delete the bytes of what is released."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update

from imagedb.columns import EPOCH
from imagedb.database import Database
from imagedb.procedures import perform
from imagedb.records import Caller, Claim, FinishedClaim, Release
from imagedb.releases import claim_releases, finish_releases, reset_claim
from imagedb.schema import done_release, release_claim
from tests.builders.world import World

Content = set[tuple[str, str]]


def claim(world: World, who: str = "worker@test", **options: Any) -> Claim:  # noqa: ANN401 - those of `claim_releases`
    """Claim some releases."""
    caller = Caller(who, world.host)
    return perform(world.database, claim_releases, world.namespace, caller, **options)


def finish(
    world: World,
    claim: Claim,
    *digests: str,
    who: str = "worker@test",
    kind: str | None = None,
) -> FinishedClaim:
    """Say that the bytes are gone."""
    caller = Caller(who, world.host)
    database, namespace = world.database, world.namespace
    return perform(database, finish_releases, namespace, caller, claim.id, digests, kind=kind)


def reset(world: World, claim: Claim) -> tuple[Release, ...]:
    """Give a claim back."""
    return perform(world.database, reset_claim, world.namespace, world.caller(), claim.id)


def let_lapse(database: Database, claim: Claim) -> None:
    """Let the lease of a claim run out, as if time had gone by."""
    past = EPOCH + timedelta(days=1)
    of_claim = release_claim.c.claim == claim.id
    statement = update(release_claim).where(of_claim).values(until=past)
    database.write(lambda connection: connection.execute(statement))


def let_all_lapse(database: Database) -> None:
    """Let every lease run out."""
    statement = update(release_claim).values(until=EPOCH)
    database.write(lambda connection: connection.execute(statement))


def contents(releases: tuple[Release, ...]) -> Content:
    """Kind and digest of each."""
    return {(release.kind, str(release.digest)) for release in releases}


def times_done(database: Database) -> dict[tuple[str, str], int]:
    """How often each content was done."""
    columns = (done_release.c.kind, done_release.c.digest)
    with database.read() as connection:
        rows = connection.execute(select(*columns, func.count()).group_by(*columns))
        return {(kind, str(digest)): count for kind, digest, count in rows}
