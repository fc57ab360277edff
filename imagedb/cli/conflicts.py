"""Reasons that forbid a delete, each in one line with what would lift it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imagedb.records import Conflict, ContainerUse, Hold


def format_conflict(conflict: "Conflict") -> str:
    """Write who uses the image, or which other name it has, and what to do about it."""
    if conflict.hold:
        return f"{_format_hold(conflict.hold)}: lift it with `imagedb hold rm`"
    if conflict.container:
        return f"{_format_use(conflict.container)}: {_remedy(conflict, conflict.container)}"
    name = conflict.reference or conflict.subject
    return f"name {name}: remove it by this name, or use --force, which removes every name"


def _format_hold(hold: "Hold") -> str:
    overdue = ", overdue" if hold.is_overdue else ""
    return f"hold {hold.key} by {hold.who}{overdue} ({hold.reason})"


def _format_use(use: "ContainerUse") -> str:
    stale = " (stale)" if use.is_host_stale else ""
    how = ", which mounts it" if use.is_mount else ""
    return f"container {use.short_id} ({use.name}, {use.state}) on host {use.host}{stale}{how}"


def _remedy(conflict: "Conflict", use: "ContainerUse") -> str:
    first = "stop and remove the container" if use.is_running else "remove the container"
    if use.is_host_stale:
        first += ", or use --ignore-stale if its host is gone for good"
    if conflict.is_hard:
        return f"{first}; --force does not lift this"
    if ":" in conflict.subject:  # a name: by ID the subject is 12 digits
        return f"{first}, or use --force, which only removes the name"
    return f"{first}, or use --force, which leaves it without an image"
