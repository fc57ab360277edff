"""Deleting images: resolve, lock, plan, apply, in one transaction.

*When* an image may be deleted is in `plans`; *who* waits for whom is in docs/deletion.md.

1. **Resolve** what the reference names and, with pruning, which parents might go: without locks.
2. **Lock** all these images in one statement, in the order of their numbers, then their references.
3. **Plan** on facts that later statements read: a statement that locks and looks at once sees the
   moment before it waited. If the name has moved, or a parent to prune is not locked: start over.
4. **Apply** the plan; every change checks its count of rows against it.
"""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection

from imagedb.containers import uses_of
from imagedb.content import let_go, let_go_manifests
from imagedb.database import StartOver
from imagedb.errors import ImageInUseError, InvalidInputError
from imagedb.events import NewEvent, add_events
from imagedb.images import Resolution, references_of, resolve
from imagedb.inspection import (
    Description,
    describe_images,
    manifests_of,
    update_summary,
)
from imagedb.lineage import list_parents
from imagedb.plans import (
    DeleteRequest,
    Facts,
    ManifestFacts,
    ParentFacts,
    Plan,
    plan_delete,
)
from imagedb.platforms import Platform
from imagedb.records import Caller, Image, Namespace, Record, Relative, Way
from imagedb.references import Reference
from imagedb.sql import containers as containers_sql
from imagedb.sql import images as images_sql
from imagedb.sql import references as references_sql

_PLATFORMS_NEED_FORCE = (
    "Content will be removed from all images referencing this variant. Use —-force to force delete."
)


def delete_image(
    connection: Connection,
    namespace: Namespace,
    caller: Caller,
    reference: str,
    *,
    force: bool = False,
    prune: bool = True,
    platforms: Sequence[Platform] = (),
) -> tuple[Record, ...]:
    """Untag or delete what a reference names, or remove platforms from it.

    Returns what was done, in order: each reference untagged, the image, each parent pruned. On
    any error nothing has changed.

    Raises:
        InvalidReferenceError, ImageNotFoundError, AmbiguousReferenceError: see `resolve`.
        PlatformNotFoundError: the image does not hold a platform that is to be removed.
        ImageInUseError: `conflicts` lists every reason.

    Source: moby, daemon/containerd/image_delete.go, `ImageDelete`.
    """
    if platforms and not force:
        raise InvalidInputError(_PLATFORMS_NEED_FORCE)
    resolution = resolve(connection, namespace, reference)
    image = resolution.image
    locked = _lock(connection, image, _prunable_parents(connection, image) if prune else ())
    references = references_of(connection, locked, lock=True)[image.key]
    _check_still_named(resolution, references)
    named = None if resolution.way is Way.ID else resolution.reference
    request = DeleteRequest(resolution.way, named, force, tuple(platforms), caller.host)
    facts = _read_facts(connection, image, references, locked, prune=prune)
    plan = plan_delete(request, facts)
    if plan.conflicts:
        raise ImageInUseError(plan.conflicts)
    if not locked.issuperset(parent.key for parent in plan.pruned):
        raise StartOver
    _apply(connection, namespace, caller, image, plan)
    return plan.records


# ── lock ──────────────────────────────────────────────────────────────────────────────────────


def _prunable_parents(connection: Connection, image: Image) -> list[Relative]:
    """The parents that a delete might prune, as they look without locks."""
    parents = []
    for parent in list_parents(connection, image):
        if not parent.is_dangling:
            break
        parents.append(parent)
    return parents


def _lock(connection: Connection, image: Image, parents: Iterable[Relative]) -> set[int]:
    """Lock an image and its prunable parents FOR UPDATE, in the order of their numbers.

    Raises:
        StartOver: one of them is gone.
    """
    keys = {image.key, *(parent.key for parent in parents)}
    found = connection.execute(images_sql.lock_images, {"images": sorted(keys)}).all()
    if len(found) != len(keys):
        raise StartOver
    return keys


def _check_still_named(resolution: Resolution, references: Sequence[Reference]) -> None:
    """Start over if what was named without a lock is no longer named so."""
    reference = resolution.reference
    if reference is None:
        return
    still_named = {
        Way.NAME: reference in references,
        Way.REPOSITORY: any(reference.stands_for(name) for name in references),
        Way.ID: not references,
    }
    if not still_named[resolution.way]:
        raise StartOver


# ── plan ──────────────────────────────────────────────────────────────────────────────────────


def _read_facts(
    connection: Connection,
    image: Image,
    references: tuple[Reference, ...],
    locked: Iterable[int],
    *,
    prune: bool,
) -> Facts:
    """Everything the plan rests on, by statements that begin after the locks were taken."""
    uses = uses_of(connection, locked)
    manifests = manifests_of(connection, [image.key])[image.key]
    parents = list_parents(connection, image) if prune else ()
    return Facts(
        image_id=image.id,
        references=references,
        uses=uses[image.key],
        manifests=tuple(
            ManifestFacts(manifest.key, manifest.digest, manifest.platform)
            for manifest in manifests
            if manifest.stands_for_image
        ),
        parents=tuple(
            ParentFacts(parent.key, parent.id, parent.is_dangling, bool(uses[parent.key]))
            for parent in parents
        ),
    )


# ── apply ─────────────────────────────────────────────────────────────────────────────────────


def _apply(
    connection: Connection,
    namespace: Namespace,
    caller: Caller,
    image: Image,
    plan: Plan,
) -> None:
    deleted = [image.key] if plan.deletes_image else []
    deleted += [parent.key for parent in plan.pruned]
    described = describe_images(connection, {image.key, *deleted}, caller.platform)
    if plan.dropped and not plan.deletes_image:
        _drop_platforms(connection, namespace, image, plan.dropped)
    if plan.untagged:
        _untag(connection, namespace, image, plan.untagged)
    if deleted:
        _delete(connection, deleted)
    add_events(connection, namespace, caller, list(_events(image, plan, described)))


def _untag(
    connection: Connection,
    namespace: Namespace,
    image: Image,
    references: Sequence[Reference],
) -> None:
    values = {
        "namespace": namespace.key,
        "names": [str(reference) for reference in references],
        "images": [image.key],
    }
    if connection.execute(references_sql.delete_names, values).rowcount != len(references):
        raise StartOver


def _delete(connection: Connection, images: Sequence[int]) -> None:
    """Delete images that nothing runs; stopped containers keep the digest and lose the link."""
    values = {"images": list(images)}
    let_go(connection, images)
    connection.execute(containers_sql.unlink_containers, values)
    connection.execute(containers_sql.unlink_mounts, values)
    if connection.execute(images_sql.delete_images, values).rowcount != len(images):
        raise StartOver


def _drop_platforms(
    connection: Connection,
    namespace: Namespace,
    image: Image,
    dropped: Sequence[ManifestFacts],
) -> None:
    keys = [manifest.key for manifest in dropped]
    let_go_manifests(connection, namespace, keys)
    connection.execute(images_sql.drop_image_manifests, {"image": image.key, "manifests": keys})
    update_summary(connection, image.key)


# ── tell ──────────────────────────────────────────────────────────────────────────────────────


def _events(
    image: Image,
    plan: Plan,
    described: Mapping[int, Description],
) -> Iterable[NewEvent]:
    """In the order of the records; the platforms of an image that is deleted come before it."""
    labels = described[image.key].labels
    for manifest in plan.dropped:
        if manifest.digest != image.id:
            attributes = {"image": image.id, "platform": str(manifest.platform)}
            yield NewEvent("image", "delete", manifest.digest, manifest.digest, attributes, labels)
    for reference in plan.untagged:
        yield NewEvent("image", "untag", image.id, reference.familiar, labels=labels)
    if plan.deletes_image:
        names = [reference.familiar for reference in plan.untagged]
        yield _delete_event(image.id, described[image.key], names)
    for parent in plan.pruned:
        yield _delete_event(parent.id, described[parent.key], ())


def _delete_event(image_id: str, description: Description, names: Iterable[str]) -> NewEvent:
    attributes = {
        "names": ",".join(names),
        "platforms": ",".join(description.platforms),
        "chains": ",".join(description.chains),
    }
    return NewEvent("image", "delete", image_id, image_id, attributes, description.labels)
