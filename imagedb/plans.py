"""The rules of deleting: when an image may be deleted, and what a delete does.

This module answers from facts alone: no database, no clock. `deletion` reads the facts under
locks and applies the plan, whole or not at all.

G is the image's references; `group_of(R)` those that stand and fall with R (moby: one tag and the
digest references of its repository, unless another tag of that repository points at the image).

====================  ===========  ==========  =====  ==========================================
named by              G            containers  force  outcome
====================  ===========  ==========  =====  ==========================================
name                  > its group  any         any    the group is untagged, no more is asked
name                  = its group  none        any    untagged, deleted, parents pruned
name                  = its group  any         no     soft conflict
name                  = its group  any         yes    that name is untagged; nothing is deleted
ID                    any          running     any    hard conflict
ID                    any          stopped     no     soft conflict
ID                    > one group  none        no     soft conflict
ID                    any          no running  yes    untagged, deleted, parents pruned
ID                    one group    none        no     untagged, deleted, parents pruned
repository, part of G              any         any    that part is untagged
repository, all of G               as by ID, where it counts as one group
=================================  ==========  =====  ==========================================

A hold is one more hard conflict wherever the image would be deleted. Containers of a stale host
count like all others, unless the request says to ignore them.

Source: moby, daemon/containerd/image_delete.go, `ImageDelete`; its races and defects are mended.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from imagedb.conflicts import (
    conflict_by_id,
    conflicts_by_name,
    hold_conflict,
    reference_conflicts,
)
from imagedb.digests import Digest, ImageID
from imagedb.errors import PlatformNotFoundError
from imagedb.filters import PruneFilters
from imagedb.platforms import Platform
from imagedb.records import (
    Conflict,
    ContainerUse,
    Deleted,
    Hold,
    Record,
    Untagged,
    Way,
)
from imagedb.references import Reference


@dataclass(frozen=True, slots=True)
class DeleteRequest:
    """What is asked for."""

    way: Way
    reference: Reference | None
    """The stored one by name, the typed one by repository, none by ID."""
    force: bool
    platforms: tuple[Platform, ...]
    host: str | None
    """The caller's; containers of others are named with theirs."""
    ignore_stale: bool = False
    """Containers of stale hosts keep nothing; parents are kept by them all the same."""


@dataclass(frozen=True, slots=True)
class ManifestFacts:
    """A present manifest of kind image."""

    key: int
    digest: Digest
    platform: Platform | None


@dataclass(frozen=True, slots=True)
class ParentFacts:
    """A parent as it was before the delete."""

    key: int
    id: ImageID
    is_dangling: bool
    is_used: bool
    is_held: bool = False

    @property
    def is_prunable(self) -> bool:
        """Whether nothing keeps it."""
        return self.is_dangling and not self.is_used and not self.is_held


@dataclass(frozen=True, slots=True)
class Facts:
    """What a delete depends on, as read under the locks."""

    image_id: ImageID
    references: tuple[Reference, ...]
    """In name order."""
    uses: tuple[ContainerUse, ...]
    """The oldest container first."""
    manifests: tuple[ManifestFacts, ...]
    """In index order."""
    parents: tuple[ParentFacts, ...]
    """Nearest first; none if parents are not to be pruned."""
    holds: tuple[Hold, ...] = ()
    """The oldest first."""


@dataclass(frozen=True, slots=True)
class PruneFacts:
    """What becomes of an image in a prune depends on this."""

    facts: Facts
    entered: datetime
    labels: tuple[Mapping[str, str], ...]
    """Of each present platform, in index order."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a delete would do: either conflicts, or the rest."""

    image_id: ImageID
    conflicts: tuple[Conflict, ...] = ()
    dropped: tuple[ManifestFacts, ...] = ()
    """Platforms that the image stops holding."""
    untagged: tuple[Reference, ...] = ()
    deletes_image: bool = False
    pruned: tuple[ParentFacts, ...] = ()
    is_name_alone: bool = False
    """Force goes no further than the name that was given, since containers use the image."""
    told_as: str = ""
    """The name in the image's own `delete` event; its ID where empty."""

    @property
    def records(self) -> tuple[Record, ...]:
        """What the caller is told, in order."""
        dropped = [manifest.digest for manifest in self.dropped]
        deleted = [self.image_id] if self.deletes_image else []
        return (
            *(Deleted(digest) for digest in dropped if digest != self.image_id),
            *(Untagged(reference.familiar) for reference in self.untagged),
            *(Deleted(digest) for digest in deleted),
            *(Deleted(parent.id) for parent in self.pruned),
        )


def decide_delete(request: DeleteRequest, facts: Facts) -> Plan:
    """Decide a delete.

    Raises:
        PlatformNotFoundError: the image does not hold a platform that is to be removed.
    """
    facts = replace(facts, uses=counted_uses(request, facts))
    if request.platforms:
        return _plan_platforms(request, facts)
    if request.way is Way.NAME and request.reference:
        return _plan_by_name(request, request.reference, facts)
    if request.way is Way.REPOSITORY and request.reference:
        group = group_of(request.reference, facts.references)
        if len(group) < len(facts.references):
            return Plan(facts.image_id, untagged=group)
        return _plan_by_id(request, facts, is_one_group=True)
    return _plan_by_id(request, facts, is_one_group=_is_one_group(facts.references))


def decide_unrefused(request: DeleteRequest, facts: Facts) -> Plan:
    """Decide what a delete that is refused would do if all that refuses it were lifted."""
    unhindered = replace(facts, uses=(), holds=())
    return decide_delete(replace(request, force=True), unhindered)


def counted_uses(request: DeleteRequest, facts: Facts) -> tuple[ContainerUse, ...]:
    """The containers that may keep the image."""
    return tuple(use for use in facts.uses if not (request.ignore_stale and use.is_host_stale))


def group_of(reference: Reference, references: Iterable[Reference]) -> tuple[Reference, ...]:
    """The references that stand and fall with one of them, in name order.

    Source: moby, daemon/containerd/image_delete.go, `getSameReferences`.
    """
    siblings = [other for other in references if other.repository == reference.repository]
    if reference.tag is None:
        return tuple(siblings)
    has_other_tag = any(other.tag not in {None, reference.tag} for other in siblings)
    tags = {reference.tag} if has_other_tag else {None, reference.tag}
    return tuple(other for other in siblings if other.tag in tags)


def _is_one_group(references: Sequence[Reference]) -> bool:
    return not references or len(group_of(references[0], references)) == len(references)


def _plan_by_name(request: DeleteRequest, name: Reference, facts: Facts) -> Plan:
    group = group_of(name, facts.references)
    if len(group) < len(facts.references):
        return Plan(facts.image_id, untagged=group)
    if facts.uses and request.force:
        return Plan(facts.image_id, untagged=(name,), is_name_alone=True)
    conflicts = [hold_conflict(facts.image_id, hold) for hold in facts.holds]
    conflicts += conflicts_by_name(name, facts.image_id, facts.uses, request.host)
    return _plan_whole_without(conflicts, facts)


def _plan_by_id(request: DeleteRequest, facts: Facts, *, is_one_group: bool) -> Plan:
    running, stopped = _split(facts.uses)
    conflicts = _hard_conflicts(request, facts, running)
    if not request.force:
        conflicts += [conflict_by_id(facts.image_id, use, request.host) for use in stopped]
        conflicts += [] if is_one_group else reference_conflicts(facts.image_id, facts.references)
    return _plan_whole_without(conflicts, facts)


def _hard_conflicts(
    request: DeleteRequest, facts: Facts, running: Iterable[ContainerUse]
) -> list[Conflict]:
    """What force does not lift: holds, then what runs."""
    held = [hold_conflict(facts.image_id, hold) for hold in facts.holds]
    return held + [conflict_by_id(facts.image_id, use, request.host) for use in running]


def _split(uses: Iterable[ContainerUse]) -> tuple[list[ContainerUse], list[ContainerUse]]:
    """The running and the stopped ones."""
    known = list(uses)
    return [use for use in known if use.is_running], [use for use in known if not use.is_running]


def _plan_whole_without(conflicts: Sequence[Conflict], facts: Facts) -> Plan:
    if conflicts:
        return Plan(facts.image_id, conflicts=tuple(conflicts))
    return _plan_whole(facts)


def _plan_whole(facts: Facts, dropped: tuple[ManifestFacts, ...] = ()) -> Plan:
    return Plan(
        facts.image_id,
        dropped=dropped,
        untagged=facts.references,
        deletes_image=True,
        pruned=tuple(_prunable(facts.parents)),
    )


def _prunable(parents: Iterable[ParentFacts]) -> Iterable[ParentFacts]:
    """Walk up to the first parent that something keeps; what is behind it stays too."""
    for parent in parents:
        if not parent.is_prunable:
            return
        yield parent


# ── prune ─────────────────────────────────────────────────────────────────────────────────────


def decide_prune(filters: PruneFilters, found: PruneFacts) -> Plan | None:
    """Decide what becomes of an image in a prune; None: it stays as it is, with all its names.

    Source: moby, daemon/containerd/image_prune.go, `pruneUnused`; protected is the image, not a
    name that a container was created by.
    """
    facts = found.facts
    if facts.uses or facts.holds or (filters.dangling and facts.references):
        return None
    if not filters.accepts(found.entered, found.labels):
        return None
    names = filters.names_to_remove(facts.references)
    if not names and (facts.references or filters.references):
        return None
    return Plan(
        facts.image_id,
        untagged=names,
        deletes_image=len(names) == len(facts.references),
        told_as=names[-1].familiar if names else "",
    )


# ── platforms ─────────────────────────────────────────────────────────────────────────────────


def _plan_platforms(request: DeleteRequest, facts: Facts) -> Plan:
    held = [_held(request, facts, platform) for platform in request.platforms]
    dropped = tuple(dict.fromkeys(manifest for manifests in held for manifest in manifests))
    empties = {manifest.key for manifest in facts.manifests} <= {one.key for one in dropped}
    uses = facts.uses if empties else [use for use in facts.uses if may_use(use, request.platforms)]
    conflicts = _hard_conflicts(request, facts, _split(uses)[0])
    if conflicts:
        return Plan(facts.image_id, conflicts=tuple(conflicts))
    return _plan_whole(facts, dropped) if empties else Plan(facts.image_id, dropped=dropped)


def _held(request: DeleteRequest, facts: Facts, platform: Platform) -> list[ManifestFacts]:
    """All manifests of a platform; an index may name several."""
    held = [manifest for manifest in facts.manifests if manifest.platform == platform]
    if held:
        return held
    name = request.reference or next(iter(facts.references), None)
    raise PlatformNotFoundError(
        f"failed to delete platform {platform} for image {facts.image_id}: image with reference "
        f"{name.familiar if name else facts.image_id} was found but does not provide any platform",
    )


def may_use(use: ContainerUse, platforms: Sequence[Platform]) -> bool:
    """Whether a container may need one of these platforms: of its own, unknown, or mounted."""
    return use.is_mount or use.platform is None or use.platform in platforms
