"""Events and requests."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, insert, select, union_all, update

from imagedb.schema import event, event_cut, request
from imagedb.sql.functions import insert_missing, now, parameter, session_user, unindexed

add_events = insert(event).values(
    time=now(),
    namespace=parameter("namespace", event.c.namespace),
    host=parameter("host", event.c.host),
    type=parameter("type", event.c.type),
    action=parameter("action", event.c.action),
    actor_id=parameter("actor_id", event.c.actor_id),
    name=parameter("name", event.c.name),
    attributes=parameter("attributes", event.c.attributes),
    who=parameter("who", event.c.who),
    database_user=session_user(),
    request_id=parameter("request_id", event.c.request_id),
)
"""The ID is drawn here, while the image is locked: per image the IDs follow the changes."""
position_events_by_id = update(event).where(event.c.position.is_(None)).values(position=event.c.id)
"""SQLite: one writer at a time, so that IDs are positions."""
POSITION_LOCK = 0x696D67_706F73
"""The key of the advisory lock under which positions are given."""
lock_positions = select(func.pg_advisory_xact_lock(POSITION_LOCK))
_last = select(func.coalesce(func.max(event.c.position), 0)).scalar_subquery()
_cut = select(func.coalesce(func.max(event_cut.c.position), 0)).scalar_subquery()
_waiting = (
    select(
        event.c.id,
        (func.greatest(_last, _cut) + func.row_number().over(order_by=event.c.id)).label(
            "position"
        ),
    )
    .where(event.c.position.is_(None))
    .cte("waiting")
)
_given = union_all(
    select(func.max(event.c.position).label("position")), select(func.max(event_cut.c.position))
).subquery("given")
last_position = select(func.coalesce(func.max(_given.c.position), 0).label("position"))
"""The last one that was given, though its event may have been removed."""
position_events = (
    update(event).where(event.c.id == _waiting.c.id).values(position=_waiting.c.position)
)
"""All visible events without a position, in ID order, behind the last one (docs/adr/0006), though
that may have been removed."""

_events = select(
    event.c.id,
    event.c.position,
    event.c.time,
    event.c.namespace,
    event.c.host,
    event.c.type,
    event.c.action,
    event.c.actor_id,
    event.c.name,
    event.c.attributes,
    event.c.who,
    event.c.database_user,
    event.c.request_id,
)
_after = parameter("after", event.c.position)
events_after = _events.where(event.c.position > _after).order_by(event.c.position)
_position = unindexed(event.c.position)
events_since = _events.where(
    event.c.time >= parameter("since", event.c.time), _position > _after
).order_by(_position)
"""Found by their time, however many came before."""


def events_between(
    *,
    namespace: str | None,
    since: datetime | None,
    until: datetime | None,
) -> Select[*tuple[Any, ...]]:
    """`events_after`, of one namespace and between two moments, where these are given."""
    wanted = events_after if since is None else events_since.params(since=since)
    if namespace is not None:
        wanted = wanted.where(event.c.namespace == namespace)
    if until is not None:
        wanted = wanted.where(event.c.time <= until)
    return wanted


answer_of_request = select(request.c.operation, request.c.arguments, request.c.answer).where(
    request.c.id == parameter("request", request.c.id)
)
add_answer = (
    insert_missing(request, "id")
    .values(
        id=parameter("request", request.c.id),
        operation=parameter("operation", request.c.operation),
        arguments=parameter("arguments", request.c.arguments),
        answer=parameter("answer", request.c.answer),
        answered_at=now(),
    )
    .returning(request.c.id)
)
"""No row comes back if the same request was answered meanwhile."""
