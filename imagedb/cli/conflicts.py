"""Reasons that forbid a delete, each in one line with what would lift it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imagedb.records import Conflict, Hold


def format_conflict(conflict: "Conflict") -> str:
    """Write who uses or holds the image, or which other name it has, and what to do about it."""
    from imagedb.reasons import remedy

    return f"{_subject(conflict)}: {remedy(conflict)}"


def format_hold(hold: "Hold") -> str:
    """Write who holds an image, and why."""
    from imagedb.reasons import describe_hold

    return f"hold {describe_hold(hold)}"


def _subject(conflict: "Conflict") -> str:
    from imagedb.reasons import describe_use

    if conflict.hold:
        return format_hold(conflict.hold)
    if conflict.container:
        how = ", which mounts it" if conflict.container.is_mount else ""
        return f"container {describe_use(conflict.container)}{how}"
    return f"name {conflict.reference or conflict.subject}"
