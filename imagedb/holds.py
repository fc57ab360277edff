"""Holds: an operator's explicit protection of an image, until somebody lifts it."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row

from imagedb.images import get_image, names_of
from imagedb.records import Hold, ImageHold, Namespace
from imagedb.sql import holds as sql


def list_holds(
    connection: Connection,
    namespace: Namespace,
    reference: str | None = None,
) -> tuple[ImageHold, ...]:
    """The holds of a namespace, or of one image, the oldest first.

    Raises:
        InvalidReferenceError, ImageNotFoundError, AmbiguousReferenceError: see `resolve`.
    """
    image = get_image(connection, namespace, reference) if reference is not None else None
    rows = connection.execute(sql.holds_of_namespace, {"namespace": namespace.key}).all()
    wanted = [row for row in rows if image is None or row.image_id == image.key]
    names = names_of(connection, {row.image_id for row in wanted})
    return tuple(ImageHold(make_hold(row), row.digest, names[row.image_id]) for row in wanted)


def holds_of(
    connection: Connection,
    images: Iterable[int],
) -> defaultdict[int, tuple[Hold, ...]]:
    """The holds of each image, the oldest first."""
    found: defaultdict[int, tuple[Hold, ...]] = defaultdict(tuple)
    for row in connection.execute(sql.holds_of_images, {"images": list(images)}):
        found[row.image_id] += (make_hold(row),)
    return found


def make_hold(row: Row[*tuple[Any, ...]]) -> Hold:
    """Make a hold of its row."""
    return Hold(
        key=row.id,
        who=row.who,
        reason=row.reason,
        held=row.held_at,
        until=row.until,
        is_overdue=row.is_overdue,
    )
