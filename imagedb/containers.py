"""Containers of hosts, as records: finding them, listing them, and what uses an image."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row

from imagedb.commands import split_command
from imagedb.digests import SHORT_LENGTH
from imagedb.errors import AmbiguousContainerError, ContainerNotFoundError
from imagedb.platforms import parse_platform
from imagedb.records import Container, ContainerUse, Mount, Namespace
from imagedb.sql import containers as sql

_MAX_CANDIDATES = 20
_AFTER_DIGITS = "g"
"""Sorts behind every hex digit."""


def list_containers(
    connection: Connection,
    namespace: Namespace,
    *,
    all: bool = False,  # noqa: A002 - docker's word
    host: str | None = None,
) -> tuple[Container, ...]:
    """Containers of a namespace, the newest first; only running ones unless `all`."""
    rows = connection.execute(sql.containers_of_namespace, {"namespace": namespace.key}).all()
    wanted = [row for row in rows if host in {None, row.host}]
    containers = _with_parts(connection, wanted)
    return tuple(container for container in containers if all or container.is_running)


def find_container(
    connection: Connection,
    namespace: Namespace,
    text: str,
    *,
    host: str | None = None,
) -> Container:
    """The container with this name (with docker's slash or without), or this ID, or its beginning.

    Raises:
        ContainerNotFoundError: there is none, on the host if one is given.
        AmbiguousContainerError: there are several.
    """
    values = {"namespace": namespace.key, "name": text.removeprefix("/")}
    rows = connection.execute(sql.containers_by_name, values).all()
    rows = [row for row in rows if host in {None, row.host}]
    if not rows:
        bounds = {"namespace": namespace.key, "lower": text, "upper": text + _AFTER_DIGITS}
        rows = connection.execute(sql.containers_by_prefix, bounds).all() if text else []
        rows = [row for row in rows if host in {None, row.host}]
        rows = [row for row in rows if row.container_id == text] or rows
    if not rows:
        raise ContainerNotFoundError(text)
    if len(rows) > 1:
        described = [
            f"{row.container_id[:SHORT_LENGTH]} ({row.name} on {row.host})"
            for row in rows[:_MAX_CANDIDATES]
        ]
        described += ["and more"] if len(rows) > _MAX_CANDIDATES else []
        raise AmbiguousContainerError(text, described)
    return _with_parts(connection, rows)[0]


def _with_parts(connection: Connection, rows: Sequence[Row[*tuple[Any, ...]]]) -> list[Container]:
    if not rows:
        return []
    mounts: defaultdict[int, tuple[Mount, ...]] = defaultdict(tuple)
    keys = {"containers": [row.id for row in rows]}
    for row in connection.execute(sql.mounts_of_containers, keys):
        missing = row.image_id is None
        mounts[row.container_id] += (Mount(row.source, row.target, row.image_digest, missing),)
    told = connection.execute(sql.details_of_containers, keys)
    details = {row.container_id: row for row in told}
    return [_container(row, mounts[row.id], details.get(row.id)) for row in rows]


def _container(
    row: Row[*tuple[Any, ...]],
    mounts: tuple[Mount, ...],
    details: Row[*tuple[Any, ...]] | None,
) -> Container:
    return Container(
        key=row.id,
        id=row.container_id,
        name=row.name,
        host=row.host,
        state=row.state,
        reference=row.reference,
        image_digest=row.image_digest,
        is_image_missing=row.image_id is None,
        platform=parse_platform(row.platform) if row.platform else None,
        created=row.created_at,
        started=row.started_at,
        finished=row.finished_at,
        mounts=mounts,
        labels=details.labels if details else {},
        command=split_command(details.command if details else None),
        exit_code=details.exit_code if details else None,
    )


def uses_of(
    connection: Connection,
    images: Iterable[int],
) -> defaultdict[int, tuple[ContainerUse, ...]]:
    """The containers that use each image, in any state, on any host; the oldest first.

    One that was created from an image and mounts it too uses it once, as a mount: that is the
    stronger use, since it may need any platform.
    """
    found: defaultdict[int, dict[int, ContainerUse]] = defaultdict(dict)
    for row in connection.execute(sql.uses_of_images, {"images": list(images)}):
        found[row.used_image_id][row.id] = _use(row)
    uses: defaultdict[int, tuple[ContainerUse, ...]] = defaultdict(tuple)
    uses.update({image: tuple(containers.values()) for image, containers in found.items()})
    return uses


def _use(row: Row[*tuple[Any, ...]]) -> ContainerUse:
    return ContainerUse(
        key=row.id,
        id=row.container_id,
        name=row.name,
        state=row.state,
        host=row.host,
        created=row.created_at,
        platform=parse_platform(row.platform) if row.platform else None,
        is_mount=row.is_mount,
        is_host_stale=row.is_host_stale,
        host_seen=row.seen_at,
    )
