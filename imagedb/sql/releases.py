"""Releases: who deletes the bytes, and what is done.

Whoever changes a release or its claim locks the release first, several in the order of their
numbers; who claims passes over those that are locked (docs/deletion.md).
"""

from sqlalchemy import Integer, bindparam, delete, func, insert, select, true, union_all, update
from sqlalchemy.dialects import postgresql

from imagedb.columns import Key
from imagedb.schema import (
    done_release,
    event,
    event_cut,
    namespace,
    release,
    release_claim,
    request,
)
from imagedb.sql.functions import among, any_of, now, parameter, seconds_after, unindexed

_claim = parameter("claim", release_claim.c.claim)
_limit = bindparam("limit", type_=Integer)
_of_namespace = unindexed(release.c.namespace_id) == parameter("namespace", release.c.namespace_id)
_of_kinds = any_of(unindexed(release.c.kind), "kinds")

# ── lists ─────────────────────────────────────────────────────────────────────────────────────

_releases = select(
    release.c.id,
    release.c.kind,
    release.c.digest,
    release.c.media_type,
    release.c.size,
    release.c.released_at,
).order_by(release.c.id)
releases_after = _releases.where(
    _of_namespace, _of_kinds, release.c.id > bindparam("after", type_=Key)
).limit(_limit)
"""The oldest first, from a release on."""
releases_of_digests = _releases.where(_of_namespace, any_of(release.c.digest, "digests"))
claims_of_releases = select(
    release_claim.c.release_id,
    release_claim.c.claim,
    release_claim.c.who,
    release_claim.c.claimed_at,
    release_claim.c.until,
).where(any_of(release_claim.c.release_id, "releases"))

_withdrawn = select(release.c.id).where(any_of(release.c.id, "releases")).order_by(release.c.id)
withdraw_releases = delete(release).where(among(release.c.id, _withdrawn.with_for_update()))
"""The content is stored again: its bytes are needed, whoever was to delete them."""

# ── claiming ──────────────────────────────────────────────────────────────────────────────────

_is_live = select(release_claim.c.until >= now()).where(release_claim.c.release_id == release.c.id)
lock_claimable = (
    _releases.where(_of_namespace, _of_kinds, _is_live.scalar_subquery().is_not(true()))
    .limit(_limit)
    .with_for_update(skip_locked=True)
)
"""The oldest that nobody claims and nobody is about to; they are looked at again below."""
_claimed = postgresql.insert(release_claim).from_select(
    ["release_id", "claim", "who", "claimed_at", "until"],
    select(
        release.c.id,
        _claim,
        parameter("who", release_claim.c.who),
        now(),
        seconds_after(now(), bindparam("lease", type_=Integer)),
    ).where(any_of(release.c.id, "releases")),
)
claim_releases = _claimed.on_conflict_do_update(
    index_elements=["release_id"],
    set_={name: _claimed.excluded[name] for name in ("claim", "who", "claimed_at", "until")},
    where=release_claim.c.until < now(),
).returning(release_claim.c.release_id)
"""Those whose lease ran out too; not those that were claimed since they were looked for."""

# ── done, given back ──────────────────────────────────────────────────────────────────────────

keys_of_claim = select(release_claim.c.release_id).where(release_claim.c.claim == _claim)
lock_releases = _releases.where(_of_namespace, any_of(release.c.id, "releases")).with_for_update()
"""Their claims may be others' by then: who locked them looks again."""
add_done_releases = insert(done_release).from_select(
    [column.name for column in done_release.c if column.name != "id"],
    select(
        namespace.c.name,
        release.c.kind,
        release.c.digest,
        release.c.media_type,
        release.c.size,
        release.c.released_at,
        now(),
        parameter("who", done_release.c.who),
    )
    .join_from(release, namespace)
    .where(any_of(release.c.id, "releases"))
    .order_by(release.c.id),
)
delete_releases = delete(release).where(any_of(release.c.id, "releases"))
delete_claims = delete(release_claim).where(any_of(release_claim.c.release_id, "releases"))

# ── what a claim was made of ──────────────────────────────────────────────────────────────────

CLAIM = "claim"
"""The operation under which a claim is kept."""
add_claim = insert(request).values(
    id=_claim,
    operation=CLAIM,
    arguments=parameter("arguments", request.c.arguments),
    answer=parameter("answer", request.c.answer),
    answered_at=now(),
)
"""As an answer of its own, under the claim's ID: rows of what is withdrawn meanwhile are gone."""
lock_claim = (
    select(request.c.answer)
    .where(request.c.id == _claim, request.c.operation == CLAIM)
    .with_for_update()
)
set_claim = (
    update(request)
    .where(request.c.id == _claim)
    .values(answer=parameter("answer", request.c.answer))
)

# ── what became of what it has lost ───────────────────────────────────────────────────────────

_claimed_at = select(request.c.answered_at).where(request.c.id == _claim).scalar_subquery()
done_since_claim = (
    select(done_release.c.kind, done_release.c.digest, done_release.c.who, done_release.c.done_at)
    .where(
        done_release.c.done_at >= _claimed_at,
        unindexed(done_release.c.namespace) == parameter("name", done_release.c.namespace),
        any_of(unindexed(done_release.c.digest), "digests"),
    )
    .order_by(done_release.c.done_at, done_release.c.id)
)
"""By whichever claim, the last one last."""
_loads_and_cuts = union_all(
    select(event.c.time).where(
        event.c.time >= _claimed_at,
        unindexed(event.c.namespace) == parameter("name", event.c.namespace),
        event.c.action == "load",
    ),
    select(event_cut.c.cut_at),
).subquery("loads_and_cuts")
last_load_since_claim = select(func.max(_loads_and_cuts.c.time))
"""An import writes its event behind its search for releases; where events were removed, it may
have been there until then."""
