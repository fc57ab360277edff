"""Tags: names that move."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from imagedb.database import StartOver
from imagedb.digests import ImageID
from imagedb.events import NewEvent, add_events
from imagedb.images import get_image, images_by_key
from imagedb.inspection import describe_images, manifests_of
from imagedb.records import Caller, Namespace
from imagedb.references import Reference, parse_new_name
from imagedb.sql import images as images_sql
from imagedb.sql import references as sql


def tag_image(
    connection: Connection,
    namespace: Namespace,
    caller: Caller,
    source: str,
    name: str,
) -> None:
    """Make a name point at an image, moving it if it exists; it is never absent to a reader.

    An image whose last name moved away stays, dangling. The event says where the name was.

    Raises:
        InvalidReferenceError: the source or the name does not parse, or the name is refused.
        ImageNotFoundError: the source names nothing.
    """
    reference = parse_new_name(name)
    image = get_image(connection, namespace, source)
    targets = find_targets(connection, namespace, [reference])
    lock_images_for_use(connection, {image.key, *targets.values()})
    moved = point(connection, namespace, {reference: image.key}, targets)
    held = manifests_of(connection, [image.key])
    described = describe_images(connection, [image.key], held, caller.platform)[image.key]
    previous = {"previous": moved[reference]} if reference in moved else {}
    new = NewEvent("image", "tag", image.id, reference.familiar, previous, described.labels)
    add_events(connection, namespace, caller, [new])


def find_targets(
    connection: Connection,
    namespace: Namespace,
    names: Iterable[Reference],
) -> dict[str, int]:
    """Where stored names point, by canonical name; unlocked, so it may be old news."""
    values = {"namespace": namespace.key, "names": [str(name) for name in names]}
    return {name: key for name, key in connection.execute(sql.targets_of_names, values)}


def lock_images_for_use(connection: Connection, keys: Iterable[int]) -> None:
    """Keep images from being deleted until the commit; others may use them at the same time.

    Raises:
        StartOver: one of them is gone.
    """
    wanted = sorted(set(keys))
    found = connection.execute(images_sql.lock_images_for_use, {"images": wanted}).all()
    if len(found) != len(wanted):
        raise StartOver


def point(
    connection: Connection,
    namespace: Namespace,
    names: Mapping[Reference, int],
    targets: Mapping[str, int],
) -> dict[Reference, ImageID]:
    """Make names point at locked images; returns the names that moved, with the old image's ID.

    `targets` is where they pointed when the images were locked, those included.

    Raises:
        StartOver: they point elsewhere now.
    """
    values = {"namespace": namespace.key, "names": [str(name) for name in names]}
    locked = connection.execute(sql.lock_names, values)
    if {name: key for name, key in locked} != dict(targets):
        raise StartOver
    moved: dict[Reference, int] = {}
    for name, key in sorted(names.items(), key=lambda item: str(item[0])):
        old = targets.get(str(name))
        if old is None:
            _add(connection, namespace, name, key)
        elif old != key:
            _move(connection, namespace, name, old=old, new=key)
            moved[name] = old
    ids = images_by_key(connection, moved.values())
    return {name: ids[old].id for name, old in moved.items()}


def _add(connection: Connection, namespace: Namespace, name: Reference, key: int) -> None:
    values = {"namespace": namespace.key, "name": str(name), "image": key}
    if connection.execute(sql.add_name, values).first() is None:
        raise StartOver


def _move(
    connection: Connection,
    namespace: Namespace,
    name: Reference,
    *,
    old: int,
    new: int,
) -> None:
    values = {"namespace": namespace.key, "at": str(name), "from": old, "to": new}
    if connection.execute(sql.move_name, values).rowcount != 1:
        raise StartOver
