"""What callers ask of containers: create, start, restart, stop, pause, unpause, kill, remove.

These are requests: they record, nothing is run. Those that lead to more use (create, start,
restart, unpause) lock the images first, as a delete does, so that no container comes to run on an
image that is being deleted. Those that lead to less use lock the container alone.
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import Connection

from imagedb.container_details import inherit_details
from imagedb.container_events import container_events
from imagedb.container_locks import find_and_lock, find_behind_images
from imagedb.container_states import (
    KILL,
    KILLED,
    PAUSE,
    RESTART,
    SIGNAL,
    START,
    STOP,
    UNPAUSE,
    Change,
)
from imagedb.digests import SHORT_LENGTH
from imagedb.errors import (
    AlreadyExistsError,
    ContainerStateError,
    InvalidInputError,
    PlatformNotFoundError,
)
from imagedb.events import NewEvent, add_events
from imagedb.forgetting import forget_containers
from imagedb.hosts import ensure_host, lock_host
from imagedb.images import get_image
from imagedb.inspection import HeldManifest, choose, manifests_of
from imagedb.platforms import Platform
from imagedb.records import (
    Caller,
    ChangedContainer,
    Container,
    ContainerConfig,
    Image,
    Mount,
    Namespace,
)
from imagedb.signals import KILL as SIGKILL
from imagedb.signals import PASSED_ON, parse_signal
from imagedb.sql import containers as sql
from imagedb.tags import lock_images_for_use
from imagedb.texts import storable

_NAME: Final = re.compile(r"/?[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}", re.ASCII)
_ID_BYTES: Final = 32
_NO_CONFIG: Final = ContainerConfig()


# ── create ────────────────────────────────────────────────────────────────────────────────────


def create_container(  # noqa: PLR0913 - docker's flags
    connection: Connection,
    namespace: Namespace,
    caller: Caller,
    reference: str,
    *,
    name: str | None = None,
    platform: Platform | None = None,
    mounts: Sequence[Mount] = (),
    config: ContainerConfig = _NO_CONFIG,
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
    manifest = _choose(connection, image, reference, platform, caller.platform)
    details = inherit_details(connection, manifest, config)
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
        "platform": str(manifest.platform) if manifest and manifest.platform else None,
        "state": "created",
    }
    key = connection.execute(sql.add_container, values).scalar_one()
    add_mounts(connection, namespace, key, mounts, mounted)
    connection.execute(sql.set_details, {"container": key, **details})
    told = {"image": reference}
    event = NewEvent("container", "create", container_id, checked_name, told, details["labels"])
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


def _choose(
    connection: Connection,
    image: Image,
    reference: str,
    wanted: Platform | None,
    preferred: Platform | None,
) -> HeldManifest | None:
    held = manifests_of(connection, [image.key])[image.key]
    manifest = choose(held, wanted or preferred)
    if wanted and (manifest is None or manifest.platform != wanted):
        raise PlatformNotFoundError(
            f"image with reference {reference} was found but does not provide "
            f"the specified platform ({wanted})",
        )
    return manifest


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
    return ensure_started(connection, namespace, caller, container, host=host).id


def ensure_started(
    connection: Connection,
    namespace: Namespace,
    caller: Caller,
    container: str,
    *,
    host: str | None = None,
) -> ChangedContainer:
    """Do what `start_container` does, and tell whether there was anything to do."""
    found = find_behind_images(connection, namespace, container, host)
    is_changed = _apply(connection, namespace, caller, found, START, container)
    return ChangedContainer(found.id, is_changed)


def unpause_container(
    connection: Connection,
    namespace: Namespace,
    caller: Caller,
    container: str,
    *,
    host: str | None = None,
) -> str:
    """Record that a paused container runs again; raises what `start_container` raises."""
    found = find_behind_images(connection, namespace, container, host)
    _apply(connection, namespace, caller, found, UNPAUSE, container)
    return found.id


def restart_container(
    connection: Connection,
    namespace: Namespace,
    caller: Caller,
    container: str,
    *,
    host: str | None = None,
) -> str:
    """Record that a container has stopped, if it ran, and runs; raises what `start` raises."""
    found = find_behind_images(connection, namespace, container, host)
    change = RESTART if found.is_running else replace(RESTART, events=("start", "restart"))
    _apply(connection, namespace, caller, found, change, container)
    return found.id


def stop_container(
    connection: Connection,
    namespace: Namespace,
    caller: Caller,
    container: str,
    *,
    host: str | None = None,
) -> str:
    """Record that a container has stopped; raises what `start_container` raises."""
    return ensure_stopped(connection, namespace, caller, container, host=host).id


def ensure_stopped(
    connection: Connection,
    namespace: Namespace,
    caller: Caller,
    container: str,
    *,
    host: str | None = None,
) -> ChangedContainer:
    """Do what `stop_container` does, and tell whether there was anything to do."""
    found = find_and_lock(connection, namespace, container, host)
    is_changed = _apply(connection, namespace, caller, found, STOP, container)
    return ChangedContainer(found.id, is_changed)


def kill_container(
    connection: Connection,
    namespace: Namespace,
    caller: Caller,
    container: str,
    *,
    host: str | None = None,
    signal: str | None = None,
) -> str:
    """Record that a container was killed, by SIGKILL if no other signal is named.

    Of a signal that usually ends nothing (SIGHUP) it is only told: who ended a container in the
    record would let go of an image that still runs.

    Raises:
        InvalidInputError: there is no such signal.
        ContainerNotFoundError, ContainerStateError: see `start_container`.
    """
    change = _kill_by(parse_signal(signal) if signal else SIGKILL)
    found = find_and_lock(connection, namespace, container, host)
    _apply(connection, namespace, caller, found, change, container)
    return found.id


def _kill_by(number: int) -> Change:
    if number in PASSED_ON:
        return SIGNAL
    return KILL if number == SIGKILL else replace(KILL, exit_code=None)


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
    _apply(connection, namespace, caller, found, PAUSE, container)
    return found.id


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
    found = find_behind_images(connection, namespace, container, host, going=True)
    if found.is_running and not force:
        remedy = (
            "container is paused and must be unpaused first"
            if found.state == "paused"
            else f"container is {found.state}: stop the container before removing or force remove"
        )
        raise ContainerStateError(f'cannot remove container "/{found.name}": {remedy}')
    forget_containers(connection, [found.key])
    actions = ["kill", "die", "destroy"] if found.is_running else ["destroy"]
    events = container_events(found, actions, exit_code=KILLED)
    add_events(connection, namespace, caller, list(events))
    return found.id


def _apply(
    connection: Connection,
    namespace: Namespace,
    caller: Caller,
    container: Container,
    change: Change,
    typed: str,
) -> bool:
    """Change a state, unless there is nothing to do; whether there was."""
    refusal = change.refusals.get(container.state)
    if refusal:
        raise ContainerStateError(refusal.format(id=container.id, typed=typed))
    if container.state in change.done:
        return False
    if change.statement is not None:
        connection.execute(change.statement, {"container": container.key, **change.values})
    if change.sets_exit:
        values = {"container": container.key, "exit_code": change.exit_code}
        connection.execute(sql.set_exit, values)
    events = container_events(container, change.events, exit_code=change.exit_code)
    add_events(connection, namespace, caller, list(events))
    return True
