"""How much waits for somebody."""

from sqlalchemy import func, select

from imagedb.schema import candidate, event, heartbeat, host, namespace, release
from imagedb.sql.hosts import is_stale

releases_by_namespace = (
    select(namespace.c.name, func.count(release.c.id).label("releases"))
    .join_from(namespace, release, release.c.namespace_id == namespace.c.id, isouter=True)
    .group_by(namespace.c.name)
    .order_by(namespace.c.name)
)
_stale = (
    select(host.c.namespace_id)
    .join_from(heartbeat, host, host.c.id == heartbeat.c.host_id)
    .where(is_stale)
    .subquery("stale")
)
stale_hosts_by_namespace = (
    select(namespace.c.name, func.count(_stale.c.namespace_id).label("hosts"))
    .join_from(namespace, _stale, _stale.c.namespace_id == namespace.c.id, isouter=True)
    .group_by(namespace.c.name)
    .order_by(namespace.c.name)
)
unpositioned_events = select(func.count().label("events")).where(event.c.position.is_(None))
waiting_candidates = select(func.count(candidate.c.id).label("candidates"))
