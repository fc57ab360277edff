"""Which stored images hosts mean, and which containers wait for an image.

A host's engine tells a container's image by the digest it knows: the image's ID, its manifest's,
or (classic engines) its config's. It is matched in this order against what is stored. Without a
match the digest is kept without a link, and linked in the transaction that stores the image.
Of an image that is mounted an engine tells only what was typed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, Executable, RowMapping

from imagedb.digests import Digest, ImageID
from imagedb.errors import ImageNotFoundError, InvalidReferenceError
from imagedb.images import get_image, references_of
from imagedb.records import Namespace
from imagedb.references import parse_reference
from imagedb.sql import containers as sql
from imagedb.sql import images as images_sql

Typed = tuple[Digest, str]
"""A digest as a host tells it, and the reference as it was typed there."""


def match_images(
    connection: Connection,
    namespace: Namespace,
    typed: Iterable[Typed],
) -> dict[Typed, int]:
    """Match digests as hosts tell them: image IDs, then manifests, then configs.

    Of several images that hold it, the one that the typed reference names, else the first by ID.
    """
    wanted = list(typed)
    candidates: dict[Digest, list[int]] = {}
    for statement in (
        images_sql.images_by_own_digest,
        images_sql.images_by_manifest,
        images_sql.images_by_config,
    ):
        missing = sorted({digest for digest, _ in wanted} - candidates.keys())
        values = {"namespace": namespace.key, "digests": missing}
        found: defaultdict[Digest, list[int]] = defaultdict(list)
        for digest, key in connection.execute(statement, values) if missing else ():
            found[digest].append(key)
        candidates |= found
    return {
        (digest, reference): _named(connection, candidates[digest], reference)
        for digest, reference in wanted
        if digest in candidates
    }


def _named(connection: Connection, candidates: Sequence[int], typed: str) -> int:
    if len(candidates) > 1:
        try:
            name = parse_reference(typed).with_default_tag()
        except InvalidReferenceError:
            return candidates[0]
        names = references_of(connection, candidates)
        return next((key for key in candidates if name in names[key]), candidates[0])
    return candidates[0]


def find_ids(
    connection: Connection,
    namespace: Namespace,
    typed: Iterable[str],
) -> dict[str, ImageID]:
    """The IDs of the images that texts name, each in the way of every command; others left out."""
    found: dict[str, ImageID] = {}
    for text in sorted(set(typed)):
        try:
            found[text] = get_image(connection, namespace, text).id
        except (InvalidReferenceError, ImageNotFoundError):
            continue
    return found


def link_waiting(connection: Connection, namespace: Namespace, digests: Iterable[Digest]) -> None:
    """Link the containers and mounts that wait for images which these digests stand for.

    Called in the transaction that stores the images, when their names point at them. First the
    containers are locked, then the mounts, each in one order for all who do so.
    """
    values = {"namespace": namespace.key, "digests": sorted(set(digests))}
    containers = connection.execute(sql.lock_waiting_containers, values).mappings().all()
    mounts = connection.execute(sql.lock_waiting_mounts, values).mappings().all()
    typed = {(row["image_digest"], row["typed"]) for row in (*containers, *mounts)}
    links = match_images(connection, namespace, typed)
    _link(connection, sql.link_container, containers, links)
    _link(connection, sql.link_mount, mounts, links)


def _link(
    connection: Connection,
    statement: Executable,
    rows: Sequence[RowMapping],
    links: Mapping[Typed, int],
) -> None:
    found = [
        {**place, "image": links[digest, typed]}
        for digest, typed, place in map(_waiting, rows)
        if (digest, typed) in links
    ]
    if found:
        connection.execute(statement, found)


def _waiting(row: RowMapping) -> tuple[Digest, str, dict[str, int]]:
    """What a row waits for, and where it stands."""
    values = dict(row)
    return values.pop("image_digest"), values.pop("typed"), values
