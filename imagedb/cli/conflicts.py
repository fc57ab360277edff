"""Reasons that forbid a delete, each in one line with what would lift it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imagedb.records import Conflict


def format_conflict(conflict: "Conflict") -> str:
    """Write who uses or holds the image, or which other name it has, and what to do about it."""
    from imagedb.reasons import remedy

    return f"{_subject(conflict)}: {remedy(conflict)}"


def _subject(conflict: "Conflict") -> str:
    from imagedb.reasons import describe_hold, describe_use

    if conflict.hold:
        return f"hold {describe_hold(conflict.hold)}"
    if conflict.container:
        how = ", which mounts it" if conflict.container.is_mount else ""
        return f"container {describe_use(conflict.container)}{how}"
    return f"name {conflict.reference or conflict.subject}"
