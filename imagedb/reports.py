"""What hosts tell of their containers: facts, always recorded.

Which stored images they mean is in `linking`. Of an image that is mounted an engine tells only
what was typed: what that names when the mount is first reported stays its image.

Locks: the namespace where something is not stored (an import waits, and then finds the container
to link), the images, the host, the host's containers, the host's heartbeat.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection, Row

from imagedb.container_details import details, details_of
from imagedb.container_events import attributes_of
from imagedb.database import StartOver
from imagedb.digests import Digest
from imagedb.errors import InvalidInputError
from imagedb.events import NewEvent, add_events
from imagedb.forgetting import forget_unasked, lock_images_to_note_use
from imagedb.heartbeats import renew_lease
from imagedb.hosts import ensure_host, lock_host
from imagedb.linking import Typed, find_ids, match_images
from imagedb.records import (
    CONTAINER_STATES,
    RUNNING_STATES,
    Caller,
    Mount,
    Namespace,
    ReportedContainer,
)
from imagedb.sql import containers as sql
from imagedb.sql import namespaces as namespaces_sql
from imagedb.tags import lock_images_for_use
from imagedb.texts import storable

_ID: Final = re.compile(r"[A-Za-z0-9_.-]{1,128}", re.ASCII)
_MAX_NAME_LENGTH: Final = 255
_MAX_EXIT_CODE: Final = 2**31 - 1
Values = dict[str, Any]
"""A container's columns."""


def report_containers(
    connection: Connection,
    namespace: Namespace,
    caller: Caller,
    reported: Sequence[ReportedContainer],
    *,
    complete: bool = False,
) -> dict[str, int]:
    """Record what the caller's host tells; the same report again changes nothing.

    It is a sign of life, too: the host's lease is renewed.

    Containers that it does not name stay, unless it is `complete`. Returns how many were
    created, updated, removed, and how many have no stored image (`unlinked`).

    Raises:
        InvalidInputError: the caller is on no host, two containers have one ID, or what is told
            of one cannot be recorded.
        ConflictError: the host belongs to another namespace.
    """
    name = _check(caller, reported)
    told = _resolve_mounts(connection, namespace, reported, _mounts_of(connection, name))
    links = _find_links(connection, namespace, told)
    host, known = _lock_known(connection, namespace, name, links, complete=complete)
    mounts = _mounts_as_told(connection, namespace, name, reported, told)
    known_details = details_of(connection, [row.id for row in known.values()])
    counts: Counter[str] = Counter(created=0, updated=0, removed=0, unlinked=0)
    events: list[NewEvent] = []
    for new in told:
        rows = _rows(namespace, new, links)
        counts["unlinked"] += rows.values["image_id"] is None
        row = known.get(new.id)
        if row is None:
            _add(connection, rows, {"namespace": namespace.key, "host": host})
        elif not _update(connection, row, mounts[new.id], known_details[row.id], rows):
            continue
        counts["updated" if row else "created"] += 1
        events += _events(rows, row.state if row else None)
    if complete:
        gone = [row for key, row in known.items() if key not in {new.id for new in told}]
        counts["removed"] = len(gone)
        events += forget_unasked(connection, gone)
    events += renew_lease(connection, host, name)
    add_events(connection, namespace, caller, events)
    return dict(counts)


def _check(caller: Caller, reported: Sequence[ReportedContainer]) -> str:
    if caller.host is None:
        raise InvalidInputError("a report is of a host: say which (--host-name)")
    twice = [key for key, times in Counter(new.id for new in reported).items() if times > 1]
    if twice:
        raise InvalidInputError(f"the report names container {twice[0]} twice")
    for number, new in enumerate(reported, start=1):
        problem = _find_problem(new)
        if problem:
            raise InvalidInputError(f"the report's container {number}: {problem}")
    return caller.host


def _find_problem(new: ReportedContainer) -> str | None:
    """What forbids to record a container as it was told, in words."""
    if not _ID.fullmatch(new.id):
        return f"its ID is {new.id[:80]!r}, expected 1 to 128 of letters, digits, '_', '.', '-'"
    if len(new.name) > _MAX_NAME_LENGTH:
        return f"its name has {len(new.name):,} characters (limit: {_MAX_NAME_LENGTH})"
    if new.state not in CONTAINER_STATES:
        known = ", ".join(sorted(CONTAINER_STATES))
        return f"its state is {new.state[:80]!r}, expected one of {known}"
    moments = [new.created, new.started, new.finished]
    if any(moment and moment.utcoffset() is None for moment in moments):
        return "a moment of it has no time zone"
    return _find_exit_problem(new)


def _find_exit_problem(new: ReportedContainer) -> str | None:
    if new.exit_code is None:
        return None
    if new.state in RUNNING_STATES:
        return f"it is {new.state}, and has ended with code {new.exit_code}"
    if abs(new.exit_code) > _MAX_EXIT_CODE:
        return f"its exit code is {new.exit_code}, expected 32 bits"
    return None


# ── which images ──────────────────────────────────────────────────────────────────────────────


def _mounts_of(connection: Connection, host: str) -> defaultdict[str, list[Values]]:
    """What the containers of a host mount, as it is stored, by container ID."""
    found: defaultdict[str, list[Values]] = defaultdict(list)
    for row in connection.execute(sql.mounts_of_host, {"host": host}).mappings():
        values = dict(row)
        found[values.pop("container")].append(values)
    return found


def _resolve_mounts(
    connection: Connection,
    namespace: Namespace,
    reported: Sequence[ReportedContainer],
    known: Mapping[str, Sequence[Values]],
) -> list[ReportedContainer]:
    """Give digests to mounts that have none: what is stored of them, else what is named now."""
    stored = {
        (container, mount["target"], mount["source"]): mount["image_digest"]
        for container, mounts in known.items()
        for mount in mounts
    }

    def digest_of(new: ReportedContainer, mount: Mount) -> Digest | None:
        place = (new.id, storable(mount.target), storable(mount.source))
        return mount.image_digest or stored.get(place)

    places = [(new, mount) for new in reported for mount in new.mounts]
    lacking = [mount.source for new, mount in places if not digest_of(new, mount)]
    named = find_ids(connection, namespace, lacking)

    def resolved(new: ReportedContainer, mount: Mount) -> Mount:
        return replace(mount, image_digest=digest_of(new, mount) or named.get(mount.source))

    return [replace(n, mounts=tuple(resolved(n, mount) for mount in n.mounts)) for n in reported]


def _mounts_as_told(
    connection: Connection,
    namespace: Namespace,
    name: str,
    reported: Sequence[ReportedContainer],
    told: Sequence[ReportedContainer],
) -> defaultdict[str, list[Values]]:
    """Read again, under the locks, what is mounted.

    Raises:
        StartOver: mounts would be resolved otherwise now.
    """
    mounts = _mounts_of(connection, name)
    if _resolve_mounts(connection, namespace, reported, mounts) != told:
        raise StartOver
    return mounts


def _find_links(
    connection: Connection,
    namespace: Namespace,
    reported: Sequence[ReportedContainer],
) -> dict[Typed, int]:
    """The stored images that a report speaks of; what is not stored is left out."""
    typed = {(new.image_digest, new.reference) for new in reported}
    typed |= {
        (mount.image_digest, mount.source)
        for new in reported
        for mount in new.mounts
        if mount.image_digest
    }
    links = match_images(connection, namespace, typed)
    if len(links) < len(typed):
        key = {"namespace": namespace.key}
        connection.execute(namespaces_sql.lock_namespace_for_report, key)
        links = match_images(connection, namespace, typed)
    return links


def _lock_known(
    connection: Connection,
    namespace: Namespace,
    name: str,
    links: Mapping[Typed, int],
    *,
    complete: bool,
) -> tuple[int, dict[str, Row[*tuple[Any, ...]]]]:
    """The host and its containers by ID, locked, behind all images that they use or will use.

    Raises:
        StartOver: other images are used meanwhile, or an image no longer holds what was told.
    """
    used = _images_in_use(connection, name)
    lock_images = lock_images_to_note_use if complete else lock_images_for_use
    lock_images(connection, {*links.values(), *used})
    host = ensure_host(connection, namespace, name)
    lock_host(connection, host)
    rows = connection.execute(sql.lock_containers_of_host, {"host": host}).all()
    if not used.issuperset(_images_in_use(connection, name)):
        raise StartOver
    if match_images(connection, namespace, links) != links:
        raise StartOver
    return host, {row.container_id: row for row in rows}


def _images_in_use(connection: Connection, host: str) -> set[int]:
    return set(connection.execute(sql.images_of_host, {"host": host}).scalars())


# ── recording ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Rows:
    """A container as it is stored: its columns, what it mounts, what is known besides."""

    values: Values
    mounts: list[Values]
    details: Values


def _rows(namespace: Namespace, new: ReportedContainer, links: Mapping[Typed, int]) -> _Rows:
    return _Rows(
        values=_values(new, links),
        mounts=_mounts(namespace, new, links),
        details=details(new.labels, new.command, new.exit_code),
    )


def _values(new: ReportedContainer, links: Mapping[Typed, int]) -> Values:
    return {
        "container_id": new.id,
        "name": storable(new.name),
        "image_digest": new.image_digest,
        "image_id": links.get((new.image_digest, new.reference)),
        "reference": storable(new.reference),
        "platform": str(new.platform) if new.platform else None,
        "state": new.state,
        "created_at": new.created,
        "started_at": new.started,
        "finished_at": new.finished,
    }


def _mounts(
    namespace: Namespace,
    new: ReportedContainer,
    links: Mapping[Typed, int],
) -> list[Values]:
    return [
        {
            "position": position,
            "namespace_id": namespace.key,
            "source": storable(mount.source),
            "target": storable(mount.target),
            "image_digest": mount.image_digest,
            "image_id": _link_of(mount, links),
        }
        for position, mount in enumerate(new.mounts)
    ]


def _link_of(mount: Mount, links: Mapping[Typed, int]) -> int | None:
    return links.get((mount.image_digest, mount.source)) if mount.image_digest else None


def _add(connection: Connection, new: _Rows, place: Values) -> None:
    key = connection.execute(sql.add_container, new.values | place).scalar_one()
    _set_mounts(connection, key, new.mounts)
    connection.execute(sql.set_details, {"container": key, **new.details})


def _update(
    connection: Connection,
    row: Row[*tuple[Any, ...]],
    mounts: list[Values],
    known_details: Values,
    new: _Rows,
) -> bool:
    """Let a container and its mounts be what was told; whether anything changed."""
    is_changed = any(getattr(row, column) != value for column, value in new.values.items())
    if is_changed:
        connection.execute(sql.set_container, new.values | {"container": row.id})
    if mounts != new.mounts:
        connection.execute(sql.delete_mounts, {"containers": [row.id]})
        _set_mounts(connection, row.id, new.mounts)
    if known_details != new.details:
        connection.execute(sql.set_details, {"container": row.id, **new.details})
    return is_changed or mounts != new.mounts or known_details != new.details


def _set_mounts(connection: Connection, container: int, mounts: list[Values]) -> None:
    if mounts:
        connection.execute(
            sql.add_mounts, [mount | {"container_id": container} for mount in mounts]
        )


# ── telling ───────────────────────────────────────────────────────────────────────────────────


def _events(new: _Rows, before: str | None) -> Iterator[NewEvent]:
    """What must have happened on the host since it was last heard of."""
    values = new.values
    runs = values["state"] in RUNNING_STATES
    ran = before in RUNNING_STATES
    actions = ["create"] if before is None else []
    actions += ["start"] if runs and not ran else ["die"] if ran and not runs else []
    for action in actions:
        yield NewEvent(
            type="container",
            action=action,
            actor_id=values["container_id"],
            name=values["name"],
            attributes=attributes_of(action, values["reference"], new.details["exit_code"]),
            labels=new.details["labels"],
        )
