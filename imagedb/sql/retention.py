"""Retention: what is removed once it is old, a bounded number of rows at a time.

Rows that another process is about to remove are passed over.
"""

from sqlalchemy import Integer, Select, bindparam, delete, func, or_, select

from imagedb.schema import done_release, event, event_cut, release_claim, request
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

old_done_releases = (
    select(done_release.c.id, done_release.c.kind, done_release.c.digest)
    .where(done_release.c.done_at < parameter("before", done_release.c.done_at))
    .order_by(done_release.c.done_at)
    .limit(_limit)
)
delete_done_releases = delete(done_release).where(any_of(done_release.c.id, "releases"))
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
