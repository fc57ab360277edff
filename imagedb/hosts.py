"""Hosts: machines that report containers into one namespace."""

import re
from typing import Final

from sqlalchemy import Connection

from imagedb.database import StartOver
from imagedb.errors import AlreadyExistsError, ConflictError, InvalidInputError
from imagedb.events import NewEvent, add_events
from imagedb.platforms import Platform, parse_platform
from imagedb.records import Caller, Host, Namespace
from imagedb.sql import hosts as sql
from imagedb.sql import namespaces as namespaces_sql

_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,252})", re.ASCII)


def list_hosts(connection: Connection, namespace: Namespace | None) -> tuple[Host, ...]:
    """Hosts by name, of one namespace or of all, with their containers counted."""
    if namespace is None:
        rows = connection.execute(sql.hosts)
    else:
        rows = connection.execute(sql.hosts_of_namespace, {"namespace": namespace.key})
    return tuple(
        Host(
            key=row.id,
            name=row.name,
            namespace=row.namespace,
            platform=parse_platform(row.platform) if row.platform else None,
            containers=row.containers,
            running=row.running,
            created=row.created_at,
            seen=row.seen_at,
            lease=row.lease_seconds,
            stale_at=row.stale_at,
            is_stale=row.is_stale,
        )
        for row in rows
    )


def add_host(
    connection: Connection,
    namespace: Namespace,
    caller: Caller,
    name: str,
    *,
    platform: Platform | None = None,
) -> str:
    """Make a host known before its first container.

    Raises:
        StartOver: somebody else brought it into being meanwhile.
        InvalidInputError: the name is no host name.
        AlreadyExistsError: there is one, in whatever namespace.
    """
    check_host_name(name)
    if connection.execute(sql.host_by_name, {"name": name}).first():
        raise AlreadyExistsError(f"host {name} already exists")
    if _insert_host(connection, namespace, name, platform) is None:
        raise StartOver
    attributes = {"platform": str(platform)} if platform else {}
    new = NewEvent("host", "create", actor_id=name, name=name, attributes=attributes, host=name)
    add_events(connection, namespace, caller, [new])
    return name


def ensure_host(connection: Connection, namespace: Namespace, name: str) -> int:
    """The number of a host of this namespace; it comes into being with its first container.

    Raises:
        ConflictError: it belongs to another namespace.
        StartOver: somebody else brought it into being meanwhile, and removed it.
    """
    key = find_host(connection, namespace, check_host_name(name))
    if key is None:
        key = _insert_host(connection, namespace, name, None)
    if key is None:
        key = find_host(connection, namespace, name)
    if key is None:
        raise StartOver
    return key


def find_host(connection: Connection, namespace: Namespace, name: str) -> int | None:
    """The number of a host of this namespace, if there is one of this name anywhere.

    Raises:
        ConflictError: it belongs to another namespace.
    """
    row = connection.execute(sql.host_by_name, {"name": name}).first()
    if row is None:
        return None
    if row.namespace_id != namespace.key:
        raise ConflictError(
            f"host {name} belongs to namespace {row.namespace}: "
            f"use --namespace {row.namespace}, or another --host-name",
        )
    return int(row.id)


def find_host_platform(connection: Connection, name: str | None) -> Platform | None:
    """The platform that the caller's host reported, if it did."""
    row = connection.execute(sql.host_by_name, {"name": name}).first() if name else None
    return parse_platform(row.platform) if row and row.platform else None


def lock_host(connection: Connection, host: int) -> None:
    """Let changes to the set of a host's containers follow one another; behind images.

    Raises:
        StartOver: the host is gone.
    """
    if connection.execute(sql.lock_host, {"host": host}).first() is None:
        raise StartOver


def check_host_name(name: str) -> str:
    """Refuse what no machine is called.

    Raises:
        InvalidInputError: it is not 1 to 253 of `[A-Za-z0-9_.-]`.
    """
    if not _NAME.fullmatch(name):
        raise InvalidInputError(
            f"invalid host name {name[:80]!r}: expected 1 to 253 of letters, digits, '_', '.', '-'",
        )
    return name


def _insert_host(
    connection: Connection,
    namespace: Namespace,
    name: str,
    platform: Platform | None,
) -> int | None:
    """Insert a host, seen now; or wait for who inserts it at the same time and leave theirs.

    Raises:
        StartOver: the namespace was removed meanwhile.
    """
    key = {"namespace": namespace.key}
    if connection.execute(namespaces_sql.lock_namespace_for_host, key).first() is None:
        raise StartOver
    values = {
        "namespace": namespace.key,
        "name": name,
        "platform": str(platform) if platform else None,
    }
    host = connection.execute(sql.add_host, values).scalar()
    if host is not None:
        connection.execute(sql.add_heartbeat, {"host": host, "lease": None})
    return host
