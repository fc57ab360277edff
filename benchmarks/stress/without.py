"""Take a safeguard out of imagedb, to see that the run notices; nothing of it is in the package."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import ForeignKeyConstraint, MetaData, select
from sqlalchemy.schema import DropConstraint

from benchmarks.stress.options import IMAGE_LOCK
from imagedb import database
from imagedb.database import Database
from imagedb.schema import image
from imagedb.sql import images as images_sql
from imagedb.sql.functions import any_of

ATTEMPTS: Final = 3
"""Enough where others only come in between; more are spent on what is broken already."""


def take_away(safeguards: Iterable[str]) -> None:
    """Let this process lock no image before it decides."""
    if IMAGE_LOCK not in safeguards:
        return
    unlocked = select(image.c.id).where(any_of(image.c.id, "images")).order_by(image.c.id)
    for name in ("lock_images", "lock_images_for_use", "lock_images_for_change"):
        setattr(images_sql, name, unlocked)
    # What points at nothing is never what was locked: whoever needs it starts over, in vain.
    vars(database)["MAX_ATTEMPTS"] = ATTEMPTS


def drop_foreign_keys(place: Database) -> int:
    """Drop those that refuse; those that remove the parts of a row stay. Returns how many."""
    metadata = MetaData()
    with place.engine.begin() as connection:
        metadata.reflect(connection)
        dropped = [
            constraint
            for table in metadata.tables.values()
            for constraint in table.constraints
            if isinstance(constraint, ForeignKeyConstraint) and constraint.ondelete != "CASCADE"
        ]
        for constraint in dropped:
            connection.execute(DropConstraint(constraint))
    return len(dropped)
