"""Section 11 of the semantics: what callers ask of containers, in docker's words."""

from collections.abc import Sequence

from imagedb.platforms import Platform
from imagedb.records import ContainerConfig, Mount
from tests.model.images import StoredImage, told_labels
from tests.model.resolving import resolve
from tests.model.stores import CLOCK, Asking, ModelContainer, ModelMount, Refused, Store

STOPPED = ("created", "exited", "dead", "removing")
MARKED = "container is marked for removal and cannot be started"
REFUSALS: dict[str, dict[str, str]] = {
    "start": {
        "paused": "cannot start a paused container, try unpause instead",
        "dead": MARKED,
        "removing": MARKED,
    },
    "stop": {},
    "kill": dict.fromkeys(STOPPED, "cannot kill container: {typed}: container {id} is not running"),
    "pause": {
        **dict.fromkeys(STOPPED, "container {id} is not running"),
        "paused": "Container {id} is already paused",
        "restarting": "Container {id} is restarting, wait until the container is running",
    },
    "unpause": dict.fromkeys((*STOPPED, "running", "restarting"), "Container {id} is not paused"),
}
NO_CONFIG = ContainerConfig()
NOTHING_TO_DO: dict[str, tuple[str, ...]] = {"start": ("running", "restarting"), "stop": STOPPED}
BECOMES = {
    "start": "running",
    "stop": "exited",
    "kill": "exited",
    "pause": "paused",
    "unpause": "running",
}
EXITS: dict[str, int | None] = {"start": None, "kill": 137}
EVENTS = {
    "start": ("start",),
    "stop": ("kill", "die", "stop"),
    "kill": ("kill", "die"),
    "pause": ("pause",),
    "unpause": ("unpause",),
}


def create(
    store: Store,
    asking: Asking,
    reference: str,
    *,
    container_id: str,
    name: str | None,
    platform: Platform | None,
    mounts: Sequence[Mount],
    config: ContainerConfig = NO_CONFIG,
) -> str:
    """Record a container of the caller's host; its ID is chance, so it is told."""
    if asking.host is None:
        raise Refused("InvalidInputError", "a container is of a host: say which (--host-name)")
    image = store.images[resolve(store, reference).image]
    mounted = [(mount, resolve(store, mount.source).image) for mount in mounts]
    name = name or f"container_{container_id[:12]}"
    chosen = _choose(image, reference, platform, asking.platform)
    _check_name_is_free(store, asking.host, name)
    store.hosts.setdefault(asking.host, None)
    container = ModelContainer(
        id=container_id,
        name=name,
        host=asking.host,
        state="created",
        reference=reference,
        digest=image.id,
        image=image.id,
        platform=chosen,
        created=CLOCK,
        mounts=[ModelMount(m.source, m.target, id_, id_) for m, id_ in mounted],
        labels={**image.labels(platform or asking.platform), **config.labels},
        command=_command(image, platform or asking.platform, config),
    )
    store.containers.append(container)
    tell(store, asking, container, "create")
    return container_id


def _command(
    image: StoredImage, platform: Platform | None, config: ContainerConfig
) -> tuple[str, ...]:
    """The image's entrypoint and command, each replaced by what the create says."""
    entrypoint, command = image.command(platform)
    if config.entrypoint is None:
        return (*entrypoint, *(config.command or command))
    return (*config.entrypoint, *config.command)


def _choose(
    image: StoredImage, reference: str, wanted: Platform | None, preferred: Platform | None
) -> Platform | None:
    chosen = image.chosen(wanted or preferred)
    platform = chosen.platform if chosen else None
    if wanted and platform != wanted:
        raise Refused(
            "PlatformNotFoundError",
            f"image with reference {reference} was found but does not provide "
            f"the specified platform ({wanted})",
        )
    return platform


def _check_name_is_free(store: Store, host: str, name: str) -> None:
    for container in store.containers:
        if (container.host, container.name) == (host, name):
            raise Refused(
                "AlreadyExistsError",
                f'Conflict. The container name "/{name}" is already in use by container '
                f'"{container.id}". You have to remove (or rename) that container to be able to '
                "reuse that name.",
            )


def find(store: Store, text: str, host: str | None) -> ModelContainer:
    """By exact name, full ID, the beginning of an ID; on a host if one is given."""
    on_host = [each for each in store.containers if host in {None, each.host}]
    found = (
        [each for each in on_host if each.name == text.removeprefix("/")]
        or [each for each in on_host if each.id == text]
        or [each for each in on_host if text and each.id.startswith(text)]
    )
    if not found:
        raise Refused("ContainerNotFoundError", f"No such container: {text}")
    if len(found) > 1:
        by_name = found[0].name == text.removeprefix("/")
        listed = found if by_name else sorted(found, key=lambda each: each.id)
        told = ", ".join(f"{each.id[:12]} ({each.name} on {each.host})" for each in listed)
        raise Refused(
            "AmbiguousContainerError",
            f"{text} matches several containers: {told}; give more digits, or --host-name",
        )
    return found[0]


def change(store: Store, asking: Asking, action: str, text: str, *, host: str | None) -> str:
    """Start, stop, pause, unpause or kill."""
    container = find(store, text, host)
    if container.state in REFUSALS[action]:
        refusal = REFUSALS[action][container.state]
        raise Refused("ContainerStateError", refusal.format(typed=text, id=container.id))
    if container.state not in NOTHING_TO_DO.get(action, ()):
        container.state = BECOMES[action]
        if action == "start":
            container.started, container.finished = CLOCK, None
        if container.state == "exited":
            container.finished = CLOCK
        if action in EXITS:
            container.exit_code = EXITS[action]
        tell(store, asking, container, *EVENTS[action])
    return container.id


def remove(store: Store, asking: Asking, text: str, *, force: bool, host: str | None) -> str:
    """Remove a container that is stopped, or any by force."""
    container = find(store, text, host)
    if container.is_running and not force:
        remedy = (
            "container is paused and must be unpaused first"
            if container.state == "paused"
            else f"container is {container.state}: stop the container before removing or force "
            "remove"
        )
        raise Refused(
            "ContainerStateError", f'cannot remove container "/{container.name}": {remedy}'
        )
    store.containers.remove(container)
    killed = ("kill", "die") if container.is_running else ()
    container.exit_code = 137 if container.is_running else container.exit_code
    tell(store, asking, container, *killed, "destroy")
    return container.id


def tell(store: Store, asking: Asking, container: ModelContainer, *actions: str) -> None:
    """Write events of a container, on its host."""
    for action in actions:
        told = {"image": container.reference}
        if action == "die" and container.exit_code is not None:
            told["exitCode"] = str(container.exit_code)
        store.tell(
            asking,
            "container",
            action,
            container.id,
            container.name,
            {**told_labels(container.labels), **told},
            host=container.host,
        )
