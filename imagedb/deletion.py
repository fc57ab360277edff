"""Deleting images: resolve, lock, plan, apply, in one transaction.

*When* an image may be deleted is in `plans`; *who* waits for whom is in docs/deletion.md.

1. **Resolve** what the reference names and, with pruning, which parents might go: without locks.
2. **Lock** all these images in one statement, in the order of their numbers; who changes names of
   an image locks it first.
3. **Plan** on facts that later statements read: a statement that locks and looks at once sees the
   moment before it waited. If the name has moved, or a parent to prune is not locked: start over.
4. **Apply** the plan (`applying`); every change checks its count of rows against it.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from imagedb.applying import PlannedImage, apply_plans
from imagedb.database import StartOver
from imagedb.errors import ImageInUseError, InvalidInputError
from imagedb.facts import read_facts
from imagedb.images import Resolution, references_of, resolve
from imagedb.inspection import Held, manifests_of
from imagedb.lineage import list_parents
from imagedb.plans import DeleteRequest, Facts, Plan, decide_delete
from imagedb.platforms import Platform
from imagedb.records import Caller, Image, Namespace, Record, Relative, Way
from imagedb.references import Reference
from imagedb.sql import hosts as hosts_sql
from imagedb.sql import images as images_sql

_log = logging.getLogger("imagedb.deletion")
_PLATFORMS_NEED_FORCE = (
    "Content will be removed from all images referencing this variant. Use —-force to force delete."
)


@dataclass(frozen=True, slots=True)
class DeleteOptions:
    """How an image is to be deleted: docker's flags, and one of ours."""

    force: bool = False
    prune: bool = True
    platforms: tuple[Platform, ...] = ()
    ignore_stale: bool = False


@dataclass(frozen=True, slots=True)
class PreparedDelete:
    """A delete on the point of being done: what was asked, what is there, what would happen."""

    image: Image
    request: DeleteRequest
    facts: Facts
    plan: Plan
    held: Held
    """What the image and the parents that were looked at hold."""


def delete_image(  # noqa: PLR0913 - docker's flags
    connection: Connection,
    namespace: Namespace,
    caller: Caller,
    reference: str,
    *,
    force: bool = False,
    prune: bool = True,
    platforms: Sequence[Platform] = (),
    ignore_stale: bool = False,
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
    options = DeleteOptions(force, prune, tuple(platforms), ignore_stale)
    prepared = prepare_delete(connection, namespace, caller.host, reference, options, lock=True)
    return carry_out(connection, namespace, caller, prepared)


def prepare_delete(
    connection: Connection,
    namespace: Namespace,
    host: str | None,
    reference: str,
    options: DeleteOptions,
    *,
    lock: bool,
) -> PreparedDelete:
    """Resolve, lock (if it is to be done), read the facts, decide; changes nothing.

    `host` is the caller's. Raises what `delete_image` raises, but for conflicts.
    """
    if options.platforms and not options.force:
        raise InvalidInputError(_PLATFORMS_NEED_FORCE)
    resolution = resolve(connection, namespace, reference)
    image = resolution.image
    parents = _prunable_parents(connection, image) if options.prune else ()
    keys = {image.key, *(parent.key for parent in parents)}
    if lock:
        _lock(connection, keys, with_hosts=options.ignore_stale)
    references = references_of(connection, keys)[image.key]
    _check_still_named(resolution, references)
    named = None if resolution.way is Way.ID else resolution.reference
    request = DeleteRequest(
        resolution.way, named, options.force, options.platforms, host, options.ignore_stale
    )
    held = manifests_of(connection, keys)
    facts = read_facts(connection, image, references, keys, held[image.key], prune=options.prune)
    plan = decide_delete(request, facts)
    if not keys.issuperset(parent.key for parent in plan.pruned):
        raise StartOver
    return PreparedDelete(image, request, facts, plan, held)


def carry_out(
    connection: Connection, namespace: Namespace, caller: Caller, prepared: PreparedDelete
) -> tuple[Record, ...]:
    """Do what was prepared under locks, all of it, or refuse.

    Raises:
        ImageInUseError: `conflicts` lists every reason.
    """
    if prepared.plan.conflicts:
        raise ImageInUseError(prepared.plan.conflicts)
    kept = [one for one in prepared.facts.parents if not one.is_prunable]
    if prepared.plan.deletes_image and kept:
        _log.info("parent %s of %s is kept", kept[0].id.short, prepared.image.id.short)
    is_used = bool(prepared.facts.uses)
    planned = PlannedImage(prepared.image, prepared.plan, prepared.held, is_used)
    apply_plans(connection, namespace, caller, [planned])
    return prepared.plan.records


# ── lock ──────────────────────────────────────────────────────────────────────────────────────


def _prunable_parents(connection: Connection, image: Image) -> list[Relative]:
    """The parents that a delete might prune, as they look without locks."""
    parents = []
    for parent in list_parents(connection, image):
        if not parent.is_dangling:
            break
        parents.append(parent)
    return parents


def _lock(connection: Connection, keys: set[int], *, with_hosts: bool) -> None:
    """Lock an image and its prunable parents FOR UPDATE, in the order of their numbers.

    Raises:
        StartOver: one of them is gone.
    """
    values = {"images": sorted(keys)}
    if len(connection.execute(images_sql.lock_images, values).all()) != len(keys):
        raise StartOver
    if with_hosts:
        connection.execute(hosts_sql.lock_heartbeats_of_images, values)


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
