"""Reasons that forbid a delete, in docker's words: what is told, and in which order.

Source: moby, daemon/containerd/image_delete.go, `imageDeleteConflict`; ` on host NAME`, holds and
stale hosts are ours.
"""

from collections.abc import Iterable

from imagedb.digests import ImageID
from imagedb.records import Conflict, ConflictKind, ContainerUse, Hold
from imagedb.references import Reference
from imagedb.times import format_utc


def hold_conflict(image: ImageID, hold: Hold) -> Conflict:
    """Tell who holds an image, and why."""
    return Conflict(
        kind=ConflictKind.HOLD,
        is_hard=True,
        subject=image.short,
        message=f"image is held by {hold.who}: {hold.reason}",
        hold=hold,
    )


def conflicts_by_name(
    name: Reference, image: ImageID, uses: Iterable[ContainerUse], host: str | None
) -> Iterable[Conflict]:
    """Tell which containers use what is asked for by its name; running ones first."""
    for use in sorted(uses, key=lambda use: not use.is_running):
        yield Conflict(
            kind=_kind(use),
            is_hard=False,
            subject=name.familiar,
            message=f"container {_place(use, host)} is using its referenced image {image.short}",
            container=use,
            reference=name.familiar,
        )


def conflict_by_id(image: ImageID, use: ContainerUse, host: str | None) -> Conflict:
    """Tell which container uses what is asked for by its ID."""
    kind = _kind(use)
    return Conflict(
        kind=kind,
        is_hard=use.is_running,
        subject=image.short,
        message=f"image is being used by {kind} {_place(use, host)}",
        container=use,
    )


def reference_conflicts(image: ImageID, references: Iterable[Reference]) -> Iterable[Conflict]:
    """Tell the names, of which no group is all."""
    for reference in references:
        yield Conflict(
            kind=ConflictKind.SEVERAL_REFERENCES,
            is_hard=False,
            subject=image.short,
            message="image is referenced in multiple repositories",
            reference=reference.familiar,
        )


def _kind(use: ContainerUse) -> ConflictKind:
    return ConflictKind.RUNNING_CONTAINER if use.is_running else ConflictKind.STOPPED_CONTAINER


def _place(use: ContainerUse, host: str | None) -> str:
    """The container's short ID, its host if that is not the caller's, and how alive that is."""
    place = use.short_id if use.host == host else f"{use.short_id} on host {use.host}"
    if use.is_host_stale and use.host_seen:
        return f"{place} (stale host, last seen {format_utc(use.host_seen)})"
    return place
