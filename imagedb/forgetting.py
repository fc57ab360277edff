"""Containers that go: their rows, and what stays of them on their images and in events."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row

from imagedb.container_details import details_of
from imagedb.container_events import attributes_of
from imagedb.database import StartOver
from imagedb.events import NewEvent
from imagedb.records import RUNNING_STATES
from imagedb.sql import containers as sql
from imagedb.sql import images as images_sql

Rows = Sequence[Row[*tuple[Any, ...]]]


def lock_images_to_note_use(connection: Connection, keys: Iterable[int]) -> None:
    """Lock images for `forget_containers`, before any container is locked.

    To lock them for use and change them later waits for an import that completes one of them and
    then links the container: a deadlock.

    Raises:
        StartOver: one of them is gone.
    """
    wanted = sorted(set(keys))
    found = connection.execute(images_sql.lock_images_for_change, {"images": wanted}).all()
    if len(found) != len(wanted):
        raise StartOver


def forget_containers(connection: Connection, containers: Sequence[int]) -> None:
    """Delete containers' rows and note on their images when they were used.

    The images are locked by the caller; they are changed in the order of their numbers.
    """
    times = connection.execute(sql.use_times, {"containers": list(containers)}).mappings().all()
    if times:
        connection.execute(images_sql.note_use, [dict(row) for row in times])
    connection.execute(sql.delete_containers, {"containers": list(containers)})


def forget_unasked(connection: Connection, rows: Rows) -> list[NewEvent]:
    """Forget containers that are gone without a request; give the events that tell of it."""
    keys = [row.id for row in rows]
    details = details_of(connection, keys)
    forget_containers(connection, keys)
    return [event for row in rows for event in _last_events(row, details[row.id]["labels"])]


def _last_events(row: Row[*tuple[Any, ...]], labels: Mapping[str, str]) -> Iterator[NewEvent]:
    for action in ("die", "destroy") if row.state in RUNNING_STATES else ("destroy",):
        yield NewEvent(
            type="container",
            action=action,
            actor_id=row.container_id,
            name=row.name,
            attributes=attributes_of(action, row.reference, exit_code=None),
            labels=labels,
            host=row.host,
        )
