"""Section 11 of the semantics: what hosts tell is so."""

from collections.abc import Sequence

from imagedb.digests import Digest
from imagedb.records import Mount, ReportedContainer
from tests.model.matching import match
from tests.model.requesting import tell
from tests.model.resolving import resolve
from tests.model.stores import Asking, ModelContainer, ModelMount, Refused, Store


def report(
    store: Store,
    asking: Asking,
    reported: Sequence[ReportedContainer],
    *,
    complete: bool = False,
) -> dict[str, int]:
    """Record what a host tells; counts what changed, and what has no stored image."""
    if asking.host is None:
        raise Refused("InvalidInputError", "a report is of a host: say which (--host-name)")
    store.hosts.setdefault(asking.host, None)
    counts = {"created": 0, "updated": 0, "removed": 0, "unlinked": 0}
    known = {each.id: each for each in store.containers if each.host == asking.host}
    for new in reported:
        old = known.get(new.id)
        told = _as_told(store, asking.host, new, old)
        counts["unlinked"] += told.image is None
        if told != old:
            counts["updated" if old else "created"] += 1
            _record(store, asking, told, old)
    if complete:
        gone = [each for key, each in known.items() if key not in {new.id for new in reported}]
        counts["removed"] = len(gone)
        for container in gone:
            store.containers.remove(container)
            tell(store, asking, container, *(["die"] if container.is_running else []), "destroy")
    return counts


def _as_told(
    store: Store, host: str, new: ReportedContainer, old: ModelContainer | None
) -> ModelContainer:
    return ModelContainer(
        id=new.id,
        name=new.name,
        host=host,
        state=new.state,
        reference=new.reference,
        digest=new.image_digest,
        image=match(store, new.image_digest, new.reference),
        platform=new.platform,
        created=new.created,
        started=new.started,
        finished=new.finished,
        mounts=[_mount(store, mount, old) for mount in new.mounts],
        labels=dict(new.labels),
        command=new.command,
        exit_code=new.exit_code,
    )


def _mount(store: Store, mount: Mount, old: ModelContainer | None) -> ModelMount:
    """Engines tell only what was typed: what that names first stays the mount's image."""
    known = {(each.source, each.target): each.digest for each in old.mounts} if old else {}
    digest = (
        mount.image_digest or known.get((mount.source, mount.target)) or _named(store, mount.source)
    )
    image = match(store, digest, mount.source) if digest else None
    return ModelMount(mount.source, mount.target, digest, image)


def _named(store: Store, text: str) -> Digest | None:
    try:
        return resolve(store, text).image
    except Exception:  # noqa: BLE001 - what does not parse names nothing, too
        return None


def _record(store: Store, asking: Asking, told: ModelContainer, old: ModelContainer | None) -> None:
    """Take the place of what was known, and tell what must have happened."""
    if old:
        store.containers[store.containers.index(old)] = told
    else:
        store.containers.append(told)
        tell(store, asking, told, "create")
    was_running = old is not None and old.is_running
    if told.is_running != was_running:
        tell(store, asking, told, "start" if told.is_running else "die")
