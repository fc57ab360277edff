"""Events: what happened, in the words of docker, in an order that is safe to poll.

An event is written in the transaction that makes the change, and its `id` is drawn while the
image is locked. Its `position`, which readers follow, is given after the commit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from imagedb.database import Database
from imagedb.errors import EventsGoneError
from imagedb.records import Caller, Event, Namespace
from imagedb.sql import events as sql
from imagedb.sql import retention as retention_sql
from imagedb.texts import storable

OWN_ATTRIBUTES: Final = frozenset(
    {"name", "names", "platforms", "chains", "image", "platform", "previous", "reference"}
    | {"exitCode", "oldName"},
)
"""What we say of images and containers beside their labels."""


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event about to be written."""

    type: str
    action: str
    actor_id: str
    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    """Of the image or container; they cannot pass for what we say ourselves (`OWN_ATTRIBUTES`)."""
    host: str | None = None
    """Where it happened, if that is not the caller's host."""


def add_events(
    connection: Connection,
    namespace: Namespace,
    caller: Caller,
    events: Sequence[NewEvent],
) -> None:
    """Write events, in this order."""
    if not events:
        return
    connection.execute(sql.add_events, [_row(namespace, caller, new) for new in events])
    if connection.dialect.name == "sqlite":
        connection.execute(sql.position_events_by_id)


def _row(namespace: Namespace, caller: Caller, new: NewEvent) -> dict[str, object]:
    labels = {key: value for key, value in new.labels.items() if key not in OWN_ATTRIBUTES}
    told = labels | dict(new.attributes)
    attributes = {storable(key): storable(value) for key, value in told.items()}
    return {
        "namespace": namespace.name,
        "host": new.host or caller.host,
        "type": new.type,
        "action": new.action,
        "actor_id": new.actor_id,
        "name": storable(new.name),
        "attributes": attributes | {"name": storable(new.name)},
        "who": storable(caller.who),
        "request_id": caller.request_id,
    }


def give_positions(database: Database) -> None:
    """Give a position to every committed event that has none.

    In ID order, behind all positions given before, under a lock that only givers take: a reader
    that has seen position n never later sees a smaller one.
    """
    if not database.is_sqlite:
        database.write(_give_positions)


def _give_positions(connection: Connection) -> None:
    connection.execute(sql.lock_positions)
    connection.execute(sql.position_events)


def list_events(
    connection: Connection,
    namespace: Namespace | None,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    after: int | None = None,
    limit: int | None = None,
) -> tuple[Event, ...]:
    """Events in position order; `since` and `until` are inclusive, `after` is a position.

    Raises:
        EventsGoneError: events behind that position were removed, so that some would be missed.
    """
    statement = sql.events_between(
        namespace=namespace.name if namespace else None,
        since=since,
        until=until,
    )
    rows = connection.execute(statement.limit(limit), {"after": after or 0}).all()
    if after is not None:
        _check_not_cut(connection, after)
    return tuple(Event(*row) for row in rows)


def _check_not_cut(connection: Connection, after: int) -> None:
    """Behind the reading, so that what is removed in between does not go unseen."""
    cut = connection.execute(retention_sql.cut).scalar()
    if cut is not None and after < cut:
        raise EventsGoneError(after, cut)


def get_last_position(connection: Connection) -> int:
    """The position behind which all that is yet to come will stand; 0 before the first event."""
    return connection.execute(sql.last_position).scalar_one() or 0
