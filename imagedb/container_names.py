"""Names of containers: one of a host, which may change.

Locks: the host, so that nobody else takes the name meanwhile, then the container.
"""

from sqlalchemy import Connection

from imagedb.container_locks import find_and_lock
from imagedb.container_requests import check_container_name, lock_host_for
from imagedb.containers import find_container
from imagedb.database import StartOver
from imagedb.errors import InvalidInputError
from imagedb.events import NewEvent, add_events
from imagedb.records import Caller, Namespace
from imagedb.sql import containers as sql


def rename_container(
    connection: Connection,
    namespace: Namespace,
    caller: Caller,
    container: str,
    name: str,
    *,
    host: str | None = None,
) -> str:
    """Give a container another name; returns its ID.

    Raises:
        ContainerNotFoundError: see `find_container`.
        InvalidInputError: it is no container name, or the one it has.
        AlreadyExistsError: the host has a container of this name.

    Source: moby, daemon/rename.go, `ContainerRename`.
    """
    if not name:
        raise InvalidInputError("Neither old nor new names may be empty")
    new = check_container_name(name)
    seen = find_container(connection, namespace, container, host=host)
    if seen.name == new:
        raise InvalidInputError(
            "Renaming a container with the same name as its current name: choose another one"
        )
    lock_host_for(connection, namespace, seen.host, new)
    found = find_and_lock(connection, namespace, container, host)
    if found.key != seen.key:
        raise StartOver
    connection.execute(sql.set_name, {"container": found.key, "name": new})
    attributes = {"image": found.reference, "oldName": f"/{found.name}"}
    event = NewEvent(
        "container", "rename", found.id, new, attributes, found.labels, host=found.host
    )
    add_events(connection, namespace, caller, [event])
    return found.id
