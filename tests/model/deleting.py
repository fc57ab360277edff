"""Sections 3 and 7 of the semantics: the delete table, parents, platforms."""

from collections.abc import Iterable, Sequence

from imagedb.digests import SHORT_LENGTH, ImageID
from imagedb.platforms import Platform
from imagedb.records import Conflict, ConflictKind, Deleted, Record, SourceManifest, Untagged
from imagedb.references import Reference
from tests.model.holding import hold_conflicts
from tests.model.lineage import parents
from tests.model.resolving import Found, How, resolve
from tests.model.stores import Asking, ModelContainer, Refused, Store

PLATFORMS_NEED_FORCE = (
    "Content will be removed from all images referencing this variant. Use —-force to force delete."
)


def delete(
    store: Store,
    asking: Asking,
    text: str,
    *,
    force: bool = False,
    prune: bool = True,
    platforms: Sequence[Platform] = (),
) -> list[Record]:
    """Untag or delete; what is refused changes nothing."""
    if platforms and not force:
        raise Refused("InvalidInputError", PLATFORMS_NEED_FORCE)
    found = resolve(store, text)
    if platforms:
        return _delete_platforms(store, asking, found, platforms, prune=prune)
    everything = store.names_of(found.image)
    named = found.reference or next(iter(everything), None)
    group = same(named, everything) if named else []
    is_whole = len(group) == len(everything)
    if found.how is not How.ID and not is_whole:
        return untag(store, asking, found.image, group)
    if found.how is How.NAME and named:
        return _delete_by_name(store, asking, found, named, force=force, prune=prune)
    conflicts = hold_conflicts(store, found)
    conflicts += _conflicts_by_id(store, asking, found.image, force=force)
    if not is_whole and not force:
        conflicts += _too_many_names(found.image, everything)
    return _delete_or_refuse(store, asking, found.image, conflicts, prune=prune)


def same(named: Reference, references: Iterable[Reference]) -> list[Reference]:
    """Moby's group: what stands and falls with a name."""
    group = [name for name in references if name.repository == named.repository]
    if named.tag is None:
        return group
    if any(name.tag not in {None, named.tag} for name in group):
        return [name for name in group if name.tag == named.tag]
    return group


def _delete_by_name(
    store: Store,
    asking: Asking,
    found: Found,
    named: Reference,
    *,
    force: bool,
    prune: bool,
) -> list[Record]:
    """The name's group is all there is."""
    image = found.image
    users = store.users(image)
    if users and force:
        return untag(store, asking, image, [named])
    running_first = sorted(users, key=lambda container: not container.is_running)
    conflicts = hold_conflicts(store, found)
    conflicts += [
        Conflict(
            kind=_kind(container),
            is_hard=False,
            subject=named.familiar,
            message=f"container {_place(container, asking)} is using its referenced image "
            f"{image.short}",
            container=container.as_use(image),
            reference=named.familiar,
        )
        for container in running_first
    ]
    return _delete_or_refuse(store, asking, image, conflicts, prune=prune)


def _delete_or_refuse(
    store: Store,
    asking: Asking,
    image: ImageID,
    conflicts: list[Conflict],
    *,
    prune: bool,
) -> list[Record]:
    if conflicts:
        raise Refused.by(conflicts)
    above = parents(store, image) if prune else []
    records = delete_whole(store, asking, image)
    for parent in above:
        if not parent.is_dangling or store.is_kept(parent.id):
            break
        records += delete_whole(store, asking, parent.id)
    return records


def untag(store: Store, asking: Asking, image: ImageID, names: Iterable[Reference]) -> list[Record]:
    """Some names go, in the order given."""
    records: list[Record] = []
    labels = store.images[image].told_labels(asking.platform)
    for name in names:
        del store.names[str(name)]
        store.tell(asking, "image", "untag", image, name.familiar, labels)
        records.append(Untagged(name.familiar))
    return records


def delete_whole(
    store: Store, asking: Asking, image: ImageID, *, told_as: str = ""
) -> list[Record]:
    """Every name, then the image, whose event bears its ID unless told otherwise."""
    names = store.names_of(image)
    records = untag(store, asking, image, names)
    stored = store.images[image]
    attributes = {
        **stored.told_labels(asking.platform),
        "names": ",".join(name.familiar for name in names),
        "platforms": ",".join(map(str, stored.platforms)),
        "chains": ",".join(stored.top_chains),
    }
    store.tell(asking, "image", "delete", image, told_as or image, attributes)
    store.remove(image)
    return [*records, Deleted(image)]


# ── platforms ─────────────────────────────────────────────────────────────────────────────────


def _delete_platforms(
    store: Store,
    asking: Asking,
    found: Found,
    platforms: Sequence[Platform],
    *,
    prune: bool,
) -> list[Record]:
    """Those manifests go from this image; the last of them takes the image along."""
    image = store.images[found.image]
    going = [m for platform in dict.fromkeys(platforms) for m in _held(store, found, platform)]
    is_last = len(going) == len(image.standing)
    conflicts = hold_conflicts(store, found)
    conflicts += [
        _conflict_by_id(container, image.id, asking)
        for container in store.users(image.id)
        if container.is_running and (is_last or _needs(container, image.id, platforms))
    ]
    if conflicts:
        raise Refused.by(conflicts)
    records: list[Record] = []
    labels = image.told_labels(asking.platform)
    for member in going:
        if member.digest != image.id:
            told = labels | {"image": image.id, "platform": str(member.platform)}
            store.tell(asking, "image", "delete", member.digest, member.digest, told)
            records.append(Deleted(member.digest))
    if is_last:
        return records + _delete_or_refuse(store, asking, image.id, [], prune=prune)
    image.drop(member.digest for member in going)
    return records


def _held(store: Store, found: Found, platform: Platform) -> list[SourceManifest]:
    standing = store.images[found.image].standing
    if held := [member for member in standing if member.platform == platform]:
        return held
    named = found.reference or next(iter(store.names_of(found.image)), None)
    raise Refused(
        "PlatformNotFoundError",
        f"failed to delete platform {platform} for image {found.image}: image with reference "
        f"{named.familiar if named else found.image} was found but does not provide any platform",
    )


def _needs(container: ModelContainer, image: ImageID, platforms: Sequence[Platform]) -> bool:
    """Whether a container is of such a platform, of an unknown one, or mounts the image."""
    own = container.platform
    return own is None or own in platforms or container.mounts_image(image)


# ── conflicts ─────────────────────────────────────────────────────────────────────────────────


def _conflicts_by_id(
    store: Store, asking: Asking, image: ImageID, *, force: bool
) -> list[Conflict]:
    """Those that run are hard; those that do not are lifted by force."""
    users = store.users(image)
    running = [container for container in users if container.is_running]
    stopped = [container for container in users if not container.is_running and not force]
    return [_conflict_by_id(container, image, asking) for container in running + stopped]


def _conflict_by_id(container: ModelContainer, image: ImageID, asking: Asking) -> Conflict:
    return Conflict(
        kind=_kind(container),
        is_hard=container.is_running,
        subject=image.short,
        message=f"image is being used by {_kind(container)} {_place(container, asking)}",
        container=container.as_use(image),
    )


def _too_many_names(image: ImageID, names: Iterable[Reference]) -> list[Conflict]:
    return [
        Conflict(
            kind=ConflictKind.SEVERAL_REFERENCES,
            is_hard=False,
            subject=image.short,
            message="image is referenced in multiple repositories",
            reference=name.familiar,
        )
        for name in names
    ]


def _kind(container: ModelContainer) -> ConflictKind:
    if container.is_running:
        return ConflictKind.RUNNING_CONTAINER
    return ConflictKind.STOPPED_CONTAINER


def _place(container: ModelContainer, asking: Asking) -> str:
    short = container.id[:SHORT_LENGTH]
    return short if container.host == asking.host else f"{short} on host {container.host}"
