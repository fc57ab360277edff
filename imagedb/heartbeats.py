"""Heartbeats: signs of life of hosts, and the leases that they renew.

There are thousands of them for every change: one keeps no answer, writes no event unless the host
comes back, and waits for nobody but who is about to act on the host's silence (docs/deletion.md).
"""

from typing import Final

from sqlalchemy import Connection

from imagedb.database import StartOver
from imagedb.errors import InvalidInputError
from imagedb.events import NewEvent, add_events
from imagedb.hosts import ensure_host
from imagedb.records import Caller, Namespace
from imagedb.sql import hosts as sql

MAX_LEASE: Final = 30 * 24 * 3600
"""Seconds: a host that may be silent for longer needs no lease."""


def renew_host(
    connection: Connection,
    namespace: Namespace,
    caller: Caller,
    name: str,
    *,
    lease_seconds: int | None = None,
) -> bool:
    """Record that a host is alive, making it known; returns whether it was stale until now.

    Without `lease_seconds`, the lease that it gave before holds on.

    Raises:
        InvalidInputError: the name is no host name, or the lease is out of bounds.
        ConflictError: the host belongs to another namespace.
        StartOver: the host was removed meanwhile, or two came back at once.
    """
    if lease_seconds is not None and not 1 <= lease_seconds <= MAX_LEASE:
        raise InvalidInputError(
            f"invalid lease of {lease_seconds} seconds: expected 1 second to 30 days",
        )
    host = ensure_host(connection, namespace, name)
    events = renew_lease(connection, host, name, lease_seconds)
    add_events(connection, namespace, caller, events)
    return bool(events)


def renew_lease(
    connection: Connection,
    host: int,
    name: str,
    lease_seconds: int | None = None,
) -> list[NewEvent]:
    """Renew what a known host's sign of life renews; if it was stale until now, tell so.

    To be done late: until the commit, other heartbeats of the host wait.

    Raises:
        StartOver: the host was removed meanwhile, or two came back at once.
    """
    values = {"host": host, "lease": lease_seconds}
    if connection.execute(sql.renew, values).first():
        return []
    if connection.execute(sql.revive, values).first():
        return [NewEvent("host", "alive", actor_id=name, name=name, host=name)]
    _add_first(connection, host, lease_seconds)
    return []


def _add_first(connection: Connection, host: int, lease_seconds: int | None) -> None:
    """Add the heartbeat of a host that was known before there were any."""
    if connection.execute(sql.lock_host_for_heartbeat, {"host": host}).first() is None:
        raise StartOver
    values = {"host": host, "lease": lease_seconds}
    if connection.execute(sql.add_heartbeat, values).first() is None:
        raise StartOver
