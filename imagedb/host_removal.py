"""Removing hosts: empty ones, and by force those that are gone for good.

Locks what a complete report locks, in its order, and the host against everybody: the images of its
containers, the host, the containers, the heartbeat.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row

from imagedb.database import StartOver
from imagedb.errors import ConflictError, HostNotFoundError
from imagedb.events import NewEvent, add_events
from imagedb.forgetting import forget_unasked, lock_images_to_note_use
from imagedb.hosts import find_host
from imagedb.records import RUNNING_STATES, Caller, Namespace
from imagedb.sql import containers as containers_sql
from imagedb.sql import hosts as sql
from imagedb.times import format_utc

Rows = Sequence[Row[*tuple[Any, ...]]]


def delete_host(
    connection: Connection,
    namespace: Namespace,
    caller: Caller,
    name: str,
    *,
    force: bool = False,
) -> int:
    """Remove a host, by force with its containers; returns how many of them went with it.

    Nothing is removed by force from a host whose lease runs. When its containers used their
    images stays with these; those that still run did so until the host was last seen.

    Raises:
        HostNotFoundError: there is none.
        ConflictError: it belongs to another namespace; it has containers, and `force` is not set
            or its lease runs.
    """
    host = find_host(connection, namespace, name)
    if host is None:
        raise HostNotFoundError(name)
    containers = _lock(connection, host, name)
    heartbeat = connection.execute(sql.lock_heartbeat, {"host": host}).first()
    if containers and not force:
        raise ConflictError(
            f"host {name} has {_count(containers)}: remove them first, "
            "or use --force if the host is gone for good",
        )
    if containers and heartbeat and heartbeat.stale_at and not heartbeat.is_stale:
        raise ConflictError(
            f"host {name} is alive and would report its {_count(containers)} again: "
            f"its lease runs until {format_utc(heartbeat.stale_at)}; "
            "remove the containers first, or wait until the host is stale",
        )
    events = forget_unasked(connection, containers)
    if connection.execute(sql.delete_host, {"host": host}).rowcount != 1:
        raise StartOver
    gone = NewEvent("host", "destroy", actor_id=name, name=name, host=name)
    add_events(connection, namespace, caller, [*events, gone])
    return len(containers)


def _lock(connection: Connection, host: int, name: str) -> Rows:
    """Lock a host and its containers, behind all images that they use; returns the containers.

    Raises:
        StartOver: the host is gone, or other images are used meanwhile.
    """
    used = _images_in_use(connection, name)
    lock_images_to_note_use(connection, used)
    if connection.execute(sql.lock_host_for_removal, {"host": host}).first() is None:
        raise StartOver
    rows = connection.execute(containers_sql.lock_containers_of_host, {"host": host}).all()
    if not used.issuperset(_images_in_use(connection, name)):
        raise StartOver
    return rows


def _images_in_use(connection: Connection, host: str) -> set[int]:
    return set(connection.execute(containers_sql.images_of_host, {"host": host}).scalars())


def _count(containers: Rows) -> str:
    count = len(containers)
    running = sum(row.state in RUNNING_STATES for row in containers)
    return f"{count} container{'s' * (count != 1)} ({running} running)"
