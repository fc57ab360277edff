"""Holds: what operators protect."""

from sqlalchemy import and_, bindparam, delete, func, insert, select

from imagedb.columns import Key
from imagedb.schema import hold, image
from imagedb.sql.functions import any_of, now, parameter, seconds_after

_namespace = parameter("namespace", hold.c.namespace_id)
_image = parameter("image", hold.c.image_id)
_is_overdue = and_(hold.c.until.is_not(None), hold.c.until < now()).label("is_overdue")
_holds = select(
    hold.c.image_id,
    hold.c.id,
    hold.c.who,
    hold.c.reason,
    hold.c.held_at,
    hold.c.until,
    _is_overdue,
)

holds_of_images = _holds.where(any_of(hold.c.image_id, "images")).order_by(
    hold.c.image_id, hold.c.id
)
holds_of_namespace = (
    _holds.add_columns(image.c.digest)
    .join_from(hold, image)
    .where(hold.c.namespace_id == _namespace)
    .order_by(hold.c.id)
)
lock_holds = _holds.where(hold.c.image_id == _image).order_by(hold.c.id).with_for_update()
"""By who lifts some of them."""
add_hold = (
    insert(hold)
    .values(
        namespace_id=_namespace,
        image_id=_image,
        reason=parameter("reason", hold.c.reason),
        who=parameter("who", hold.c.who),
        held_at=now(),
        until=func.coalesce(
            parameter("moment", hold.c.until),
            seconds_after(now(), bindparam("seconds", type_=Key)),
        ),
    )
    .returning(hold.c.id, hold.c.until, _is_overdue)
)
"""Until a moment, or for so many seconds from now, or without an end."""
delete_holds = delete(hold).where(any_of(hold.c.id, "holds"))
