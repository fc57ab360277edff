"""What operators ask of holds: to hold an image, and to lift a hold.

Holding an image locks it as a tag does: a delete waits, and then finds the hold, or came first and
the image is gone. Lifting leads to less protection and locks the hold alone.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from imagedb.errors import AmbiguousHoldError, HoldNotFoundError, InvalidInputError
from imagedb.events import NewEvent, add_events
from imagedb.holds import make_hold
from imagedb.images import Resolution, resolve
from imagedb.records import Caller, Hold, Namespace, Way
from imagedb.sql import holds as sql
from imagedb.tags import lock_images_for_use
from imagedb.texts import storable
from imagedb.times import format_utc

MAX_REASON: Final = 500
"""Characters: it stands in a line of every refusal."""
_MAX_DURATION: Final = timedelta(days=36_500)


def add_hold(
    connection: Connection,
    namespace: Namespace,
    caller: Caller,
    reference: str,
    *,
    reason: str,
    until: datetime | timedelta | None = None,
) -> int:
    """Hold an image, whoever holds it already; returns the hold's number.

    `until` is a moment, or how long from now by the database's clock; it only marks the hold.

    Raises:
        InvalidInputError: there is no reason, or too long a one, or `until` is past.
        InvalidReferenceError, ImageNotFoundError, AmbiguousReferenceError: see `resolve`.
    """
    ends = _check(reason, until)
    found = resolve(connection, namespace, reference)
    lock_images_for_use(connection, [found.image.key])
    values = {
        "namespace": namespace.key,
        "image": found.image.key,
        "reason": storable(reason),
        "who": storable(caller.who),
        **ends,
    }
    row = connection.execute(sql.add_hold, values).one()
    if row.is_overdue:
        raise InvalidInputError(f"invalid value for 'until': {format_utc(row.until)} is past")
    attributes = _attributes(row.id, reason, row.until)
    add_events(connection, namespace, caller, [_event("create", found, attributes)])
    return int(row.id)


def delete_hold(
    connection: Connection,
    namespace: Namespace,
    caller: Caller,
    reference: str,
    *,
    number: int | None = None,
    all: bool = False,  # noqa: A002 - the option's word
) -> tuple[int, ...]:
    """Lift an image's only hold, or the one of this number, or all; returns their numbers.

    Raises:
        HoldNotFoundError: the image has no hold, or none of this number.
        AmbiguousHoldError: it has several, and it was not said which.
        InvalidReferenceError, ImageNotFoundError, AmbiguousReferenceError: see `resolve`.
    """
    found = resolve(connection, namespace, reference)
    rows = connection.execute(sql.lock_holds, {"image": found.image.key})
    lifted = _choose(reference, [make_hold(row) for row in rows], number, all=all)
    keys = tuple(hold.key for hold in lifted)
    connection.execute(sql.delete_holds, {"holds": list(keys)})
    told = [_attributes(hold.key, hold.reason, hold.until) for hold in lifted]
    add_events(connection, namespace, caller, [_event("destroy", found, each) for each in told])
    return keys


def _check(reason: str, until: datetime | timedelta | None) -> dict[str, datetime | int | None]:
    """Refuse what is no reason or no end; the end as the statement takes it."""
    if not reason.strip():
        raise InvalidInputError("a hold needs a reason: say why the image must stay")
    if len(reason) > MAX_REASON:
        raise InvalidInputError(
            f"the reason has {len(reason):,} characters (limit: {MAX_REASON}): "
            "say it in a line, and where to read more",
        )
    if isinstance(until, timedelta):
        if not timedelta(0) < until <= _MAX_DURATION:
            raise InvalidInputError("invalid value for 'until': expected up to 100 years from now")
        return {"moment": None, "seconds": max(1, round(until.total_seconds()))}
    if until is not None and until.utcoffset() is None:
        raise InvalidInputError("invalid value for 'until': the moment has no time zone")
    return {"moment": until, "seconds": None}


def _choose(
    reference: str,
    holds: Sequence[Hold],
    number: int | None,
    *,
    all: bool,  # noqa: A002 - as above
) -> Sequence[Hold]:
    wanted = [hold for hold in holds if number in {None, hold.key}]
    if not wanted:
        raise HoldNotFoundError(reference, number)
    if len(wanted) > 1 and not all:
        raise AmbiguousHoldError(reference, wanted)
    return wanted


def _attributes(number: int, reason: str, until: datetime | None) -> dict[str, str]:
    ends = {"until": format_utc(until)} if until else {}
    return {"hold": str(number), "reason": reason, **ends}


def _event(action: str, found: Resolution, attributes: dict[str, str]) -> NewEvent:
    """Tell of the image by the name that was typed, if it is one."""
    is_named = found.way is Way.NAME and found.reference
    name = found.reference.familiar if is_named and found.reference else found.image.id
    return NewEvent("hold", action, found.image.id, name, attributes)
