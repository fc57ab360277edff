"""What callers ask of containers: create, start, restart, stop, pause, unpause, kill, remove.

These are requests: they record, nothing is run. Those that lead to more use (create, start,
restart, unpause) lock the images first, as a delete does, so that no container comes to run on an
image that is being deleted. Those that lead to less use lock the container alone.
"""

import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection, Row

from imagedb.container_states import KILL, PAUSE, RESTART, START, STOP, UNPAUSE, Change
from imagedb.containers import find_container
from imagedb.database import StartOver
from imagedb.digests import SHORT_LENGTH
from imagedb.errors import (
    AlreadyExistsError,
    ContainerStateError,
    InvalidInputError,
    PlatformNotFoundError,
)
from imagedb.events import NewEvent, add_events
from imagedb.hosts import ensure_host, lock_host
from imagedb.images import get_image
from imagedb.inspection import choose, manifests_of
from imagedb.platforms import Platform
from imagedb.records import RUNNING_STATES, Caller, Container, Image, Mount, Namespace
from imagedb.sql import containers as sql
from imagedb.sql import images as images_sql
from imagedb.tags import lock_images_for_use
from imagedb.texts import storable

_NAME: Final = re.compile(r"/?[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}", re.ASCII)
_ID_BYTES: Final = 32


# ── create ────────────────────────────────────────────────────────────────────────────────────


def create_container(
    connection: Connection,
    namespace: Namespace,
    caller: Caller,
    reference: str,
    *,
    name: str | None = None,
    platform: Platform | None = None,
    mounts: Sequence[Mount] = (),
) -> str:
    """Record a container of the caller's host; returns its ID, 64 hex digits.

    Raises:
        InvalidInputError: the caller is on no host, or the name is no container name.
        ImageNotFoundError: the reference, or what a mount names, names nothing.
        PlatformNotFoundError: the image does not hold the platform.
        AlreadyExistsError: the host has a container of this name.
    """
    host_name = _host_of(caller)
    image = get_image(connection, namespace, reference)
    mounted = [get_image(connection, namespace, mount.source) for mount in mounts]
    lock_images_for_use(connection, [image.key, *(other.key for other in mounted)])
    chosen = _choose_platform(connection, image, reference, platform, caller.platform)
    container_id = secrets.token_hex(_ID_BYTES)
    checked_name = (
        check_container_name(name) if name else f"container_{container_id[:SHORT_LENGTH]}"
    )
    values = {
        **dict.fromkeys(("created_at", "started_at", "finished_at")),
        "namespace": namespace.key,
        "host": lock_host_for(connection, namespace, host_name, checked_name),
        "container_id": container_id,
        "name": checked_name,
        "image_digest": image.id,
        "image_id": image.key,
        "reference": reference,
        "platform": str(chosen) if chosen else None,
        "state": "created",
    }
    key = connection.execute(sql.add_container, values).scalar_one()
    add_mounts(connection, namespace, key, mounts, mounted)
    event = NewEvent("container", "create", container_id, checked_name, {"image": reference})
    add_events(connection, namespace, caller, [event])
    return container_id


def _host_of(caller: Caller) -> str:
    if caller.host is None:
        raise InvalidInputError("a container is of a host: say which (--host-name)")
    return caller.host


def check_container_name(name: str) -> str:
    """Refuse what docker refuses; source: moby, daemon/names/names.go."""
    if not _NAME.fullmatch(name):
        raise InvalidInputError(
            f"Invalid container name ({name[:80]!r}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed",
        )
    return name.removeprefix("/")


def _choose_platform(
    connection: Connection,
    image: Image,
    reference: str,
    wanted: Platform | None,
    preferred: Platform | None,
) -> Platform | None:
    held = manifests_of(connection, [image.key])[image.key]
    manifest = choose(held, wanted or preferred)
    chosen = manifest.platform if manifest else None
    if wanted and chosen != wanted:
        raise PlatformNotFoundError(
            f"image with reference {reference} was found but does not provide "
            f"the specified platform ({wanted})",
        )
    return chosen


def lock_host_for(connection: Connection, namespace: Namespace, host: str, name: str) -> int:
    """Lock the host, so that two creates of one name follow one another, and check the name."""
    key = ensure_host(connection, namespace, host)
    lock_host(connection, key)
    values = {"namespace": namespace.key, "name": name}
    for row in connection.execute(sql.containers_by_name, values):
        if row.host == host:
            raise AlreadyExistsError(
                f'Conflict. The container name "/{name}" is already in use by container '
                f'"{row.container_id}". You have to remove (or rename) that container to be able '
                "to reuse that name.",
            )
    return key


def add_mounts(
    connection: Connection,
    namespace: Namespace,
    container: int,
    mounts: Sequence[Mount],
    images: Sequence[Image | None],
) -> None:
    """Record what a container mounts; `images` are the stored ones, in the same order."""
    rows = [
        {
            "container_id": container,
            "position": position,
            "namespace_id": namespace.key,
            "source": storable(mount.source),
            "target": storable(mount.target),
            "image_digest": image.id if image else mount.image_digest,
            "image_id": image.key if image else None,
        }
        for position, (mount, image) in enumerate(zip(mounts, images, strict=True))
    ]
    if rows:
        connection.execute(sql.add_mounts, rows)


# ── states ────────────────────────────────────────────────────────────────────────────────────


def start_container(
    connection: Connection,
    namespace: Namespace,
    caller: Caller,
    container: str,
    *,
    host: str | None = None,
) -> str:
    """Record that a container runs, also if its image is missing; returns its ID.

    Raises:
        ContainerNotFoundError: see `find_container`.
        ContainerStateError: its state does not allow it.
    """
    found = _find_with_images_locked(connection, namespace, container, host)
    return _apply(connection, namespace, caller, found, START, container)


def unpause_container(
    connection: Connection,
    namespace: Namespace,
    caller: Caller,
    container: str,
    *,
    host: str | None = None,
) -> str:
    """Record that a paused container runs again; raises what `start_container` raises."""
    found = _find_with_images_locked(connection, namespace, container, host)
    return _apply(connection, namespace, caller, found, UNPAUSE, container)


def restart_container(
    connection: Connection,
    namespace: Namespace,
    caller: Caller,
    container: str,
    *,
    host: str | None = None,
) -> str:
    """Record that a container has stopped, if it ran, and runs; raises what `start` raises."""
    found = _find_with_images_locked(connection, namespace, container, host)
    change = RESTART if found.is_running else replace(RESTART, events=("start", "restart"))
    return _apply(connection, namespace, caller, found, change, container)


def stop_container(
    connection: Connection,
    namespace: Namespace,
    caller: Caller,
    container: str,
    *,
    host: str | None = None,
) -> str:
    """Record that a container has stopped; raises what `start_container` raises."""
    found = find_and_lock(connection, namespace, container, host)
    return _apply(connection, namespace, caller, found, STOP, container)


def kill_container(
    connection: Connection,
    namespace: Namespace,
    caller: Caller,
    container: str,
    *,
    host: str | None = None,
) -> str:
    """Record that a container was killed; raises what `start_container` raises."""
    found = find_and_lock(connection, namespace, container, host)
    return _apply(connection, namespace, caller, found, KILL, container)


def pause_container(
    connection: Connection,
    namespace: Namespace,
    caller: Caller,
    container: str,
    *,
    host: str | None = None,
) -> str:
    """Record that a container is paused; raises what `start_container` raises."""
    found = find_and_lock(connection, namespace, container, host)
    return _apply(connection, namespace, caller, found, PAUSE, container)


def remove_container(
    connection: Connection,
    namespace: Namespace,
    caller: Caller,
    container: str,
    *,
    force: bool = False,
    host: str | None = None,
) -> str:
    """Remove a container's row; when it used its images stays with them.

    Raises:
        ContainerNotFoundError: see `find_container`.
        ContainerStateError: it is running and `force` is not set.
    """
    found = _find_with_images_locked(connection, namespace, container, host, going=True)
    if found.is_running and not force:
        remedy = (
            "container is paused and must be unpaused first"
            if found.state == "paused"
            else f"container is {found.state}: stop the container before removing or force remove"
        )
        raise ContainerStateError(f'cannot remove container "/{found.name}": {remedy}')
    forget_containers(connection, [found.key])
    actions = ["kill", "die", "destroy"] if found.is_running else ["destroy"]
    add_events(connection, namespace, caller, list(container_events(found, actions)))
    return found.id


def lock_images_to_note_use(connection: Connection, keys: Iterable[int]) -> None:
    """Lock images for `forget_containers`, before any container is locked.

    To lock them for use and change them later waits for an import that completes one of them and
    then links the container: a deadlock.

    Raises:
        StartOver: one of them is gone.
    """
    wanted = sorted(set(keys))
    found = connection.execute(images_sql.lock_images_for_change, {"images": wanted}).all()
    if len(found) != len(wanted):
        raise StartOver


def forget_containers(connection: Connection, containers: Sequence[int]) -> None:
    """Delete containers' rows and note on their images when they were used.

    The images are locked by the caller; they are changed in the order of their numbers.
    """
    times = connection.execute(sql.use_times, {"containers": list(containers)}).mappings().all()
    if times:
        connection.execute(images_sql.note_use, [dict(row) for row in times])
    connection.execute(sql.delete_containers, {"containers": list(containers)})


def forget_unasked(
    connection: Connection,
    rows: Sequence[Row[*tuple[Any, ...]]],
) -> list[NewEvent]:
    """Forget containers that are gone without a request; give the events that tell of it."""
    forget_containers(connection, [row.id for row in rows])
    return [event for row in rows for event in _last_events(row)]


def _last_events(row: Row[*tuple[Any, ...]]) -> Iterator[NewEvent]:
    for action in ("die", "destroy") if row.state in RUNNING_STATES else ("destroy",):
        attributes = {"image": row.reference}
        yield NewEvent("container", action, row.container_id, row.name, attributes, host=row.host)


def container_events(container: Container, actions: Iterable[str]) -> Iterator[NewEvent]:
    """Events of a container, with what docker tells of it."""
    for action in actions:
        attributes = {"image": container.reference}
        yield NewEvent(
            "container", action, container.id, container.name, attributes, host=container.host
        )


def find_and_lock(
    connection: Connection,
    namespace: Namespace,
    text: str,
    host: str | None,
) -> Container:
    """Find a container and lock its row; what is returned is what it is under the lock."""
    found = find_container(connection, namespace, text, host=host)
    row = connection.execute(sql.lock_container, {"container": found.key}).first()
    if row is None or row.name != found.name:
        raise StartOver
    return replace(found, state=row.state)


def _find_with_images_locked(
    connection: Connection,
    namespace: Namespace,
    text: str,
    host: str | None,
    *,
    going: bool = False,
) -> Container:
    """The same, behind the images it uses: read, lock the images, lock and read again.

    When it is `going`, its last use is noted on them: they are locked for that from the start.
    """
    found = find_container(connection, namespace, text, host=host)
    images = _images_of(connection, found.key)
    (lock_images_to_note_use if going else lock_images_for_use)(connection, images)
    locked = find_and_lock(connection, namespace, text, host)
    if locked.key != found.key or _images_of(connection, found.key) != images:
        raise StartOver
    return locked


def _images_of(connection: Connection, container: int) -> set[int]:
    rows = connection.execute(sql.images_of_container, {"container": container})
    return set(rows.scalars())


def _apply(
    connection: Connection,
    namespace: Namespace,
    caller: Caller,
    container: Container,
    change: Change,
    typed: str,
) -> str:
    refusal = change.refusals.get(container.state)
    if refusal:
        raise ContainerStateError(refusal.format(id=container.id, typed=typed))
    if container.state not in change.done:
        connection.execute(change.statement, {"container": container.key, **change.values})
        add_events(connection, namespace, caller, list(container_events(container, change.events)))
    return container.id
