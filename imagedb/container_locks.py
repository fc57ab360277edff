"""Finding a container that is about to change, and locking it; behind its images, if need be.

What a text names is read before the lock, and again under it where it could be something else.
"""

from dataclasses import replace

from sqlalchemy import Connection

from imagedb.containers import find_container
from imagedb.database import StartOver
from imagedb.forgetting import lock_images_to_note_use
from imagedb.records import Container, Namespace
from imagedb.sql import containers as sql
from imagedb.tags import lock_images_for_use


def find_and_lock(
    connection: Connection,
    namespace: Namespace,
    text: str,
    host: str | None,
) -> Container:
    """Find a container and lock its row; what is returned is what it is under the lock."""
    found = find_container(connection, namespace, text, host=host)
    row = connection.execute(sql.lock_container, {"container": found.key}).first()
    if row is None or row.name != found.name:
        raise StartOver
    return replace(found, state=row.state)


def find_behind_images(
    connection: Connection,
    namespace: Namespace,
    text: str,
    host: str | None,
    *,
    going: bool = False,
) -> Container:
    """Do the same, behind the images it uses: read, lock the images, lock and read again.

    When it is `going`, its last use is noted on them: they are locked for that from the start.
    """
    found = find_container(connection, namespace, text, host=host)
    images = _images_of(connection, found.key)
    (lock_images_to_note_use if going else lock_images_for_use)(connection, images)
    locked = find_and_lock(connection, namespace, text, host)
    if locked.key != found.key or _images_of(connection, found.key) != images:
        raise StartOver
    return locked


def _images_of(connection: Connection, container: int) -> set[int]:
    rows = connection.execute(sql.images_of_container, {"container": container})
    return set(rows.scalars())
