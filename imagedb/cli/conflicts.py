"""Reasons that forbid a delete, each in one line with what would lift it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imagedb.records import Conflict, ContainerUse


def format_conflict(conflict: "Conflict") -> str:
    """Write who uses the image, or which other name it has, and what to do about it."""
    if conflict.container:
        return f"{_format_use(conflict.container)}: {_remedy(conflict, conflict.container)}"
    name = conflict.reference or conflict.subject
    return f"name {name}: remove it by this name, or use --force, which removes every name"


def _format_use(use: "ContainerUse") -> str:
    how = ", which mounts it" if use.is_mount else ""
    return f"container {use.short_id} ({use.name}, {use.state}) on host {use.host}{how}"


def _remedy(conflict: "Conflict", use: "ContainerUse") -> str:
    first = "stop and remove the container" if use.is_running else "remove the container"
    if conflict.is_hard:
        return f"{first}; --force does not lift this"
    if ":" in conflict.subject:  # a name: by ID the subject is 12 digits
        return f"{first}, or use --force, which only removes the name"
    return f"{first}, or use --force, which leaves it without an image"
