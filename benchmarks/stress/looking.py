"""What a client looks at behind an answer: whether others see what it was told (I7)."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from benchmarks.stress.history import Arguments
from benchmarks.stress.operations import Session
from imagedb.containers import find_container
from imagedb.errors import ContainerNotFoundError
from imagedb.records import Deleted, Namespace, Record
from imagedb.references import parse_reference
from imagedb.schema import event, image, reference


def look_at_container(session: Session, place: Arguments, container: str) -> dict[str, Any]:
    """What a container uses, for whoever judges deletes (I2); nothing if it is gone already."""
    try:
        found = session.read(find_container, place, container, host=place["host"])
    except ContainerNotFoundError:
        return {}
    return {
        "image": found.image_digest,
        "platform": str(found.platform) if found.platform else None,
        "mounts": [mount.image_digest for mount in found.mounts],
    }


def look_behind_delete(
    session: Session, place: Arguments, records: tuple[Record, ...]
) -> list[str]:
    """Records that a later read denies, though no later event says otherwise (I7)."""

    def look(connection: Connection, namespace: Namespace) -> list[str]:
        return list(_denied(connection, namespace, session.request_id, records))

    return session.read(look, place)


def _denied(
    connection: Connection, namespace: Namespace, request: str, records: tuple[Record, ...]
) -> Iterator[str]:
    told = select(event.c.id, event.c.actor_id, event.c.attributes)
    events = connection.execute(told.where(event.c.request_id == request)).all()
    since = max((row.id for row in events), default=0)
    manifests = {row.actor_id for row in events if "image" in row.attributes}
    for record in records:
        if isinstance(record, Deleted):
            there = record.digest not in manifests and _holds(connection, namespace, record.digest)
            if there and not _later(connection, namespace, since, record.digest, None):
                yield f"I7: {request} was told that {record.digest} was deleted, and it is there"
            continue
        target = _target(connection, namespace, record.name)
        if target and not _later(connection, namespace, since, target, record.name):
            yield f"I7: {request} was told that {record.name} was untagged, and it is there"


def _holds(connection: Connection, namespace: Namespace, digest: str) -> bool:
    found = select(image.c.id).where(
        image.c.namespace_id == namespace.key, image.c.digest == digest
    )
    return connection.execute(found).first() is not None


def _target(connection: Connection, namespace: Namespace, name: str) -> str | None:
    canonical = str(parse_reference(name).with_default_tag())
    found = (
        select(image.c.digest)
        .join_from(reference, image, reference.c.image_id == image.c.id)
        .where(reference.c.namespace_id == namespace.key, reference.c.name == canonical)
    )
    return connection.execute(found).scalar()


def _later(
    connection: Connection, namespace: Namespace, since: int, digest: str, name: str | None
) -> bool:
    """Whether an event behind `since` brings the image, or the name at it."""
    found = select(event.c.action, event.c.name, event.c.attributes).where(
        event.c.actor_id == digest,
        event.c.namespace == namespace.name,
        event.c.id > since,
        event.c.action.in_(("load", "tag")),
    )
    rows = connection.execute(found).all()
    if name is None:
        return any(row.action == "load" for row in rows)
    return any(name in {row.name, row.attributes.get("reference")} for row in rows)
