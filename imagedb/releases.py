"""Releases: content to be deleted by whoever keeps the bytes.

A worker **claims** some for a time, the lease, deletes their bytes, and says that they are
**done**. Content that is stored again meanwhile is withdrawn: its release goes, and so does the
claim on it, and the worker is told. A claim whose lease ran out is another worker's to take, and
may still be done until one does; once that one has done it, nobody needs the bytes any more.
"""

import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row

from imagedb.claims import Content, Members, add_members, lock_members, set_members
from imagedb.database import StartOver
from imagedb.digests import Digest, parse_digest
from imagedb.errors import InvalidInputError
from imagedb.records import Caller, Claim, FinishedClaim, LeftRelease, Namespace, Release, WhyLeft
from imagedb.sql import releases as sql
from imagedb.sql import unused as unused_sql
from imagedb.texts import storable

KINDS: Final = ("blob", "chain", "config", "index", "manifest")
PAGE_SIZE: Final = 500
MAX_CLAIM: Final = 1_000
"""Releases that are claimed at once."""
MIN_LEASE: Final = timedelta(seconds=1)
MAX_LEASE: Final = timedelta(days=1)
DEFAULT_LEASE: Final = timedelta(minutes=10)
_CLAIM_BYTES: Final = 8


def list_releases(
    connection: Connection, namespace: Namespace, *, kind: str | None = None
) -> Iterator[Release]:
    """Content released and not yet done, the oldest first; in pages, so that memory stays flat.

    Raises:
        InvalidInputError: there is no such kind.
    """
    after = 0
    while True:
        found = list_releases_after(connection, namespace, kind=kind, after=after)
        yield from found.values()
        if len(found) < PAGE_SIZE:
            return
        after = max(found)


def list_releases_after(
    connection: Connection,
    namespace: Namespace,
    *,
    after: int,
    kind: str | None = None,
    limit: int = PAGE_SIZE,
) -> dict[int, Release]:
    """A page of that list, by numbers that grow: those behind one of them.

    Raises:
        InvalidInputError: there is no such kind.
    """
    wanted = {"namespace": namespace.key, "kinds": _kinds(kind), "after": after, "limit": limit}
    rows = connection.execute(sql.releases_after, wanted).all()
    return _with_claims(connection, namespace, rows)


def _with_claims(
    connection: Connection, namespace: Namespace, rows: Sequence[Row[*tuple[Any, ...]]]
) -> dict[int, Release]:
    """Releases by their rows' numbers, with who has claimed them at this moment."""
    found = connection.execute(sql.claims_of_releases, {"releases": [row.id for row in rows]})
    claims = {key: claim for key, *claim in found}
    return {key: Release(namespace.name, *release, *claims.get(key, ())) for key, *release in rows}


# ── claiming ──────────────────────────────────────────────────────────────────────────────────


def claim_releases(
    connection: Connection,
    namespace: Namespace,
    caller: Caller,
    *,
    limit: int = 100,
    lease: timedelta = DEFAULT_LEASE,
    kind: str | None = None,
) -> Claim:
    """Claim the oldest releases that nobody claims; several workers get different ones.

    It waits for nobody. Where there is nothing to claim, the claim is empty and has no ID.

    Raises:
        InvalidInputError: limit, lease or kind is out of bounds.
        StartOver: others claimed all of these at the same time.
    """
    _check_bounds(limit, lease)
    wanted = {"namespace": namespace.key, "kinds": _kinds(kind), "limit": limit}
    rows = connection.execute(sql.lock_claimable, wanted).all()
    if not rows:
        return Claim("", None, ())
    claim = _new_id()
    values = {"claim": claim, "who": storable(caller.who), "lease": int(lease.total_seconds())}
    values |= {"releases": [row.id for row in rows]}
    claimed = set(connection.execute(sql.claim_releases, values).scalars())
    if not claimed:
        raise StartOver
    ours = [row for row in rows if row.id in claimed]
    releases = tuple(_with_claims(connection, namespace, ours).values())
    add_members(connection, claim, Members.of(namespace, releases))
    return Claim(claim, min(each.until for each in releases if each.until), releases)


def _new_id() -> str:
    """Make one that nobody takes for another."""
    return secrets.token_hex(_CLAIM_BYTES)


def _check_bounds(limit: int, lease: timedelta) -> None:
    if not 1 <= limit <= MAX_CLAIM:
        raise InvalidInputError(f"cannot claim {limit} releases at once: expected 1 to {MAX_CLAIM}")
    if not MIN_LEASE <= lease <= MAX_LEASE:
        raise InvalidInputError(
            f"invalid lease of {lease.total_seconds():g} seconds: expected 1s to 24h",
        )


def _kinds(kind: str | None) -> list[str]:
    if kind is None:
        return list(KINDS)
    if kind not in KINDS:
        raise InvalidInputError(
            f"unknown kind of content {kind[:80]!r}: expected {', '.join(KINDS)}"
        )
    return [kind]


# ── done, given back ──────────────────────────────────────────────────────────────────────────


def finish_releases(
    connection: Connection,
    namespace: Namespace,
    caller: Caller,
    claim: str,
    digests: Collection[str] = (),
    *,
    kind: str | None = None,
) -> FinishedClaim:
    """Note that the bytes of a claim's releases are deleted; of all, or of these digests.

    An uncompressed bottom layer is a blob and a chain of one digest: `kind` says which is meant.

    What was withdrawn, or claimed or even done by another after the lease ran out, is left and told
    of. What this claim has done already stays so, and nothing is told of it.

    Raises:
        InvalidDigestError: a digest is none.
        InvalidInputError: a digest stands for content of two kinds, and none is given.
        ClaimNotFoundError: the namespace knows no such claim.
    """
    kinds = _kinds(kind)
    asked = [parse_digest(digest) for digest in dict.fromkeys(digests)]
    members = lock_members(connection, namespace, claim)
    held = _lock_claimed(connection, namespace, claim)
    wanted = {each for each in members.releases if each[0] in kinds}
    if asked:
        wanted = {each for each in wanted if each[1] in asked}
        _check_kinds(wanted)
    done = {key: one for key, one in held.items() if (one.kind, one.digest) in wanted}
    if done:
        values = {"releases": list(done), "who": storable(caller.who)}
        connection.execute(sql.add_done_releases, values)
        if connection.execute(sql.delete_releases, values).rowcount != len(done):
            raise StartOver
        members = members.with_done(done.values())
        set_members(connection, claim, members)
    left = [each for each in members.left if each in wanted]
    unknown = set(asked) - {digest for _, digest in wanted}
    return FinishedClaim(
        tuple(done.values()), _why_left(connection, namespace, claim, left, unknown)
    )


def _check_kinds(wanted: Iterable[tuple[str, Digest]]) -> None:
    """Refuse a digest that stands for content of two kinds."""
    kinds: dict[Digest, str] = {}
    for kind, digest in sorted(wanted):
        if kinds.setdefault(digest, kind) != kind:
            raise InvalidInputError(
                f"{digest} is claimed as {kinds[digest]} and as {kind}: say which with --kind"
            )


def reset_claim(
    connection: Connection,
    namespace: Namespace,
    caller: Caller,  # noqa: ARG001 - every operation that writes has one
    claim: str,
) -> tuple[Release, ...]:
    """Give the releases of a claim back, for anybody to claim; returns those it still held.

    Raises:
        ClaimNotFoundError: the namespace knows no such claim.
    """
    lock_members(connection, namespace, claim)
    held = _lock_claimed(connection, namespace, claim)
    if held:
        connection.execute(sql.delete_claims, {"releases": list(held)})
    return tuple(held.values())


def _lock_claimed(connection: Connection, namespace: Namespace, claim: str) -> dict[int, Release]:
    """Lock what a claim holds, in the order of the rows' numbers, then look what that is."""
    keys = connection.execute(sql.keys_of_claim, {"claim": claim}).scalars().all()
    values = {"namespace": namespace.key, "releases": keys}
    rows = connection.execute(sql.lock_releases, values).all()
    found = _with_claims(connection, namespace, rows)
    return {key: release for key, release in found.items() if release.claim == claim}


def _why_left(
    connection: Connection,
    namespace: Namespace,
    claim: str,
    left: Collection[Content],
    unknown: Collection[Digest],
) -> tuple[LeftRelease, ...]:
    """Say what became of releases that a claim has lost, and of digests that it never held."""
    if not left and not unknown:
        return ()
    values = {"namespace": namespace.key, "digests": sorted({digest for _, digest in left})}
    rows = connection.execute(sql.releases_of_digests, values).all()
    found = _with_claims(connection, namespace, rows).values()
    open_now = {(release.kind, release.digest): release for release in found}
    gone = [content for content in left if content not in open_now]
    done = _find_done(connection, namespace, claim, gone) if gone else {}
    lost = [done.get(content) or _lost(content, open_now.get(content)) for content in left]
    never = [LeftRelease("", digest, WhyLeft.NEVER_CLAIMED) for digest in sorted(unknown)]
    return (*lost, *never)


def _lost(content: Content, release: Release | None) -> LeftRelease:
    if release is None:
        return LeftRelease(*content, WhyLeft.WITHDRAWN)
    if release.claim is None:
        return LeftRelease(*content, WhyLeft.GIVEN_BACK)
    return LeftRelease(*content, WhyLeft.CLAIMED, release.who, release.claimed)


def _find_done(
    connection: Connection, namespace: Namespace, claim: str, gone: Collection[Content]
) -> Mapping[Content, LeftRelease]:
    """Of content without an open release, what others have done and nobody has stored since.

    Where it cannot be told, as of a chain beside any later import, it may be needed: left out.
    """
    values = {"namespace": namespace.key, "name": namespace.name, "claim": claim}
    values |= {"digests": sorted({digest for _, digest in gone})}
    rows = connection.execute(sql.done_since_claim, values).all()
    used = {(row.kind, row.digest) for row in connection.execute(unused_sql.used_content, values)}
    loaded = connection.execute(sql.last_load_since_claim, values).scalar()
    return {
        (row.kind, row.digest): LeftRelease(
            row.kind, row.digest, WhyLeft.DONE, row.who, row.done_at
        )
        for row in rows
        if (row.kind, row.digest) in gone and not _may_be_used(row, used, loaded)
    }


def _may_be_used(
    row: Row[*tuple[Any, ...]], used: Collection[Content], loaded: datetime | None
) -> bool:
    """Whether an image may hold what was done; a chain has no row that could tell."""
    if row.kind == "chain":
        return loaded is not None and loaded >= row.done_at
    return (row.kind, row.digest) in used
