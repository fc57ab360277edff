"""Holds are of their images' namespaces; heartbeats agree with their leases."""

from sqlalchemy import or_, select

from imagedb.schema import heartbeat, hold, host, image, namespace
from imagedb.sql.checks.check import Check

_held = Check(
    "hold {hold} of namespace {namespace} is on image {image}, which is of another one",
    select(
        hold.c.id.label("hold"),
        namespace.c.name.label("namespace"),
        image.c.digest.label("image"),
    )
    .join_from(hold, image)
    .join(namespace, namespace.c.id == hold.c.namespace_id)
    .where(hold.c.namespace_id != image.c.namespace_id),
)
_alive = Check(
    "the heartbeat of host {host} does not agree with its lease",
    select(host.c.name.label("host"))
    .join_from(heartbeat, host)
    .where(
        or_(
            heartbeat.c.lease_seconds.is_(None) != heartbeat.c.stale_at.is_(None),
            heartbeat.c.lease_seconds < 1,
            heartbeat.c.stale_at < heartbeat.c.seen_at,
        )
    ),
)

CHECKS = (_held, _alive)
