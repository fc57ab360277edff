"""Retention: what is removed once it is old, a bounded number of rows at a time.

Rows that another process is about to remove are passed over.
"""

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    tuple_,
)

from imagedb.digests import Digest
from imagedb.schema import (
    blob,
    document,
    done_release,
    event,
    event_cut,
    image_index,
    image_manifest,
    manifest,
    manifest_layer,
    release_claim,
    request,
)
from imagedb.sql.functions import among, any_of, insert_missing, now, parameter
from imagedb.sql.releases import CLAIM

moment = select(now())
_limit = bindparam("limit", type_=Integer)

# ── events ────────────────────────────────────────────────────────────────────────────────────

_old_events = (
    select(event.c.id)
    .where(event.c.time < parameter("before", event.c.time), event.c.position.is_not(None))
    .order_by(event.c.time)
    .limit(_limit)
    .with_for_update(skip_locked=True)
)
delete_old_events = delete(event).where(among(event.c.id, _old_events)).returning(event.c.position)
"""Without a position an event has been seen by nobody yet, and stays."""
add_cut = insert_missing(event_cut, "position").values(
    position=parameter("position", event_cut.c.position), cut_at=now()
)
_lower_cuts = (
    select(event_cut.c.position)
    .where(event_cut.c.position < parameter("position", event_cut.c.position))
    .order_by(event_cut.c.position)
    .with_for_update(skip_locked=True)
)
delete_lower_cuts = delete(event_cut).where(among(event_cut.c.position, _lower_cuts))
"""The highest one counts, so that two at once never lower it."""
cut: Select[int | None] = select(func.max(event_cut.c.position))

# ── releases, answers ─────────────────────────────────────────────────────────────────────────

_key = tuple_(done_release.c.done_at, done_release.c.id)
_after = tuple_(parameter("after", done_release.c.done_at), parameter("last", done_release.c.id))
old_done_releases = (
    select(done_release.c.id, done_release.c.kind, done_release.c.digest, done_release.c.done_at)
    .where(
        done_release.c.done_at < parameter("before", done_release.c.done_at),
        _key > _after,
    )
    .order_by(done_release.c.done_at, done_release.c.id)
    .limit(_limit)
)
"""From one on, so that those which are kept are passed."""


def _no_row_waits(
    digest: ColumnElement[Digest], *kinds: str, unused: tuple[ColumnElement[bool], ...]
) -> ColumnElement[bool]:
    """Whether no row of it is left unused; one that is used is released again when it goes."""
    found = exists().where(digest == done_release.c.digest, *unused)
    return or_(done_release.c.kind.not_in(kinds), ~found)


_is_held = and_(image_manifest.c.manifest_id == manifest.c.id, image_manifest.c.is_present)
delete_done_releases = delete(done_release).where(
    any_of(done_release.c.id, "releases"),
    _no_row_waits(
        manifest.c.digest,
        "manifest",
        unused=(manifest.c.document_id.is_not(None), ~exists().where(_is_held)),
    ),
    _no_row_waits(
        document.c.digest,
        *("manifest", "config", "index"),
        unused=(
            ~exists().where(manifest.c.document_id == document.c.id),
            ~exists().where(manifest.c.config_id == document.c.id, _is_held),
            ~exists().where(image_index.c.document_id == document.c.id),
        ),
    ),
    _no_row_waits(
        blob.c.digest,
        "blob",
        unused=(
            ~exists().where(
                manifest_layer.c.blob_id == blob.c.id,
                manifest_layer.c.manifest_id == manifest.c.id,
                _is_held,
            ),
        ),
    ),
)
"""But for content whose row waits for another one to be done: nothing else tells of its bytes."""
_holds = select(func.count()).where(release_claim.c.claim == request.c.id).scalar_subquery()
_old_answers = (
    select(request.c.id)
    .where(
        request.c.answered_at < parameter("before", request.c.answered_at),
        or_(request.c.operation != CLAIM, _holds == 0),
    )
    .order_by(request.c.answered_at)
    .limit(_limit)
    .with_for_update(skip_locked=True)
)
delete_old_answers = delete(request).where(among(request.c.id, _old_answers))
"""A claim that still holds something is kept: its worker may yet say that it is done."""
