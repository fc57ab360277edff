"""Hosts and their heartbeats."""

from sqlalchemy import Select, and_, case, delete, func, not_, select, union, update

from imagedb.records import RUNNING_STATES
from imagedb.schema import container, container_mount, heartbeat, host, namespace
from imagedb.sql.functions import among, any_of, insert_missing, now, parameter, seconds_after

is_stale = and_(heartbeat.c.stale_at.is_not(None), heartbeat.c.stale_at < now())
"""Whether a host's lease has run out, now; never of one that gave none, or was never seen.

Join `heartbeat` by an outer join: not every host has one.
"""

_is_running = container.c.state.in_(sorted(RUNNING_STATES))
_hosts = (
    select(
        host.c.id,
        host.c.name,
        namespace.c.name.label("namespace"),
        host.c.platform,
        host.c.created_at,
        heartbeat.c.seen_at,
        heartbeat.c.lease_seconds,
        heartbeat.c.stale_at,
        is_stale.label("is_stale"),
        func.count(container.c.id).label("containers"),
        func.count(case((_is_running, 1))).label("running"),
    )
    .join_from(host, namespace)
    .join(heartbeat, heartbeat.c.host_id == host.c.id, isouter=True)
    .join(container, container.c.host_id == host.c.id, isouter=True)
    .group_by(host.c.id, namespace.c.name, heartbeat.c.host_id)
    .order_by(host.c.name)
)
hosts = _hosts
hosts_of_namespace = _hosts.where(host.c.namespace_id == parameter("namespace", namespace.c.id))
host_by_name: Select[int, int, str, str | None, str] = (
    select(
        host.c.id,
        host.c.namespace_id,
        host.c.name,
        host.c.platform,
        namespace.c.name.label("namespace"),
    )
    .join_from(host, namespace)
    .where(host.c.name == parameter("name", host.c.name))
)
_this_host = select(host.c.id).where(host.c.id == parameter("host", host.c.id))
lock_host = _this_host.with_for_update(key_share=True)
"""FOR NO KEY UPDATE: by who changes the set of its containers; heartbeats do not wait."""
lock_host_for_heartbeat = _this_host.with_for_update(read=True, key_share=True)
"""FOR KEY SHARE: by its first heartbeat, if it was known before there were any."""
lock_host_for_removal = _this_host.with_for_update()
"""FOR UPDATE: no container comes in meanwhile."""
lock_heartbeat = (
    select(heartbeat.c.stale_at, is_stale.label("is_stale"))
    .where(heartbeat.c.host_id == parameter("host", heartbeat.c.host_id))
    .with_for_update()
)
"""By who removes the host: a heartbeat came before, or waits."""
delete_host = delete(host).where(host.c.id == parameter("host", host.c.id))
"""Its heartbeat goes with it."""
add_host = (
    insert_missing(host, "name")
    .values(
        namespace_id=parameter("namespace", host.c.namespace_id),
        name=parameter("name", host.c.name),
        platform=parameter("platform", host.c.platform),
        created_at=now(),
    )
    .returning(host.c.id)
)

# ── heartbeats ────────────────────────────────────────────────────────────────────────────────

_given = parameter("lease", heartbeat.c.lease_seconds)
_lease = func.coalesce(_given, heartbeat.c.lease_seconds)
add_heartbeat = (
    insert_missing(heartbeat, "host_id")
    .values(
        host_id=parameter("host", heartbeat.c.host_id),
        seen_at=now(),
        lease_seconds=_given,
        stale_at=seconds_after(now(), _given),
    )
    .returning(heartbeat.c.host_id)
)
_renew = (
    update(heartbeat)
    .where(heartbeat.c.host_id == parameter("host", heartbeat.c.host_id))
    .values(seen_at=now(), lease_seconds=_lease, stale_at=seconds_after(now(), _lease))
    .returning(heartbeat.c.host_id)
)
renew = _renew.where(not_(is_stale))
"""A host that is alive; by far the most frequent of all changes, and no more than this one."""
revive = _renew.where(is_stale)
"""A host that comes back. Of two at once, the second one finds that it is alive."""
_hosts_of_images = union(
    select(container.c.host_id).where(any_of(container.c.image_id, "images")),
    select(container.c.host_id)
    .join_from(container_mount, container)
    .where(any_of(container_mount.c.image_id, "images")),
).subquery("hosts_of_images")
lock_heartbeats_of_images = (
    select(heartbeat.c.host_id)
    .where(among(heartbeat.c.host_id, select(_hosts_of_images.c.host_id)))
    .order_by(heartbeat.c.host_id)
    .with_for_update(read=True)
)
"""FOR SHARE: by who goes past stale hosts; one that comes back waits, or came first."""
