"""Holds: an operator's explicit protection of an image, until somebody lifts it."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row

from imagedb.records import Hold
from imagedb.sql import holds as sql


def holds_of(
    connection: Connection,
    images: Iterable[int],
) -> defaultdict[int, tuple[Hold, ...]]:
    """The holds of each image, the oldest first."""
    found: defaultdict[int, tuple[Hold, ...]] = defaultdict(tuple)
    for row in connection.execute(sql.holds_of_images, {"images": list(images)}):
        found[row.image_id] += (_hold(row),)
    return found


def _hold(row: Row[*tuple[Any, ...]]) -> Hold:
    return Hold(
        key=row.id,
        who=row.who,
        reason=row.reason,
        held=row.held_at,
        until=row.until,
        is_overdue=row.is_overdue,
    )
