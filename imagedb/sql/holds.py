"""Holds: what operators protect."""

from sqlalchemy import and_, select

from imagedb.schema import hold
from imagedb.sql.functions import any_of, now

_is_overdue = and_(hold.c.until.is_not(None), hold.c.until < now()).label("is_overdue")

holds_of_images = (
    select(
        hold.c.image_id,
        hold.c.id,
        hold.c.who,
        hold.c.reason,
        hold.c.held_at,
        hold.c.until,
        _is_overdue,
    )
    .where(any_of(hold.c.image_id, "images"))
    .order_by(hold.c.image_id, hold.c.id)
)
