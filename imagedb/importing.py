"""Storing what a source yields: everything was read and checked before, and nothing is read here.

Locks, in this order: the namespace (FOR SHARE: a sweep waits), the images that are there already
and those that lose a name, content in the order of kinds and digests, the images that are
completed, the names, the containers that wait for what is stored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection

from imagedb.columns import UNKNOWN_TIME
from imagedb.database import StartOver
from imagedb.digests import Digest, ImageID
from imagedb.events import NewEvent, add_events
from imagedb.images import names_of
from imagedb.inspection import describe_images, manifests_of, update_summary
from imagedb.interning import StoredContent, chains_of, store_content
from imagedb.linking import link_waiting
from imagedb.merging import merge_sources, opened
from imagedb.platforms import LINUX_AMD64
from imagedb.records import (
    Caller,
    ImportedImage,
    ManifestKind,
    Namespace,
    Replaced,
    SourceImage,
    SourceManifest,
)
from imagedb.references import Reference
from imagedb.sql import content as content_sql
from imagedb.sql import images as sql
from imagedb.sql import namespaces as namespaces_sql
from imagedb.sql import releases as releases_sql
from imagedb.tags import find_targets, lock_images_for_use, point
from imagedb.texts import storable

Moved = Mapping[Reference, ImageID]

_SLICE: Final = 10_000
"""Digests in one statement: SQLite takes 32,766 parameters."""
_releases = releases_sql.releases_of_digests


def import_images(
    connection: Connection,
    namespace: Namespace,
    caller: Caller,
    images: Sequence[SourceImage],
    *,
    action: str = "load",
) -> tuple[ImportedImage, ...]:
    """Store images with their names; those that are there already are completed and named.

    `action` is what events call it. A name that pointed at another image moves; that image stays,
    dangling if it was its last. The answer has a value for each image, in the order of the source.
    Of two images that the source gives one name, the later one gets it.
    """
    key = {"namespace": namespace.key}
    if connection.execute(namespaces_sql.lock_namespace_for_import, key).first() is None:
        raise StartOver  # the namespace was removed meanwhile
    images = merge_sources(images)
    names = {name: image.id for image in images for name in image.names}
    targets = find_targets(connection, namespace, names)
    known = _find_known(connection, namespace, images)
    lock_images_for_use(connection, {*known.values(), *targets.values()})
    content = store_content(connection, images)
    _withdraw_releases(connection, namespace, images)
    completed = _complete_known(connection, namespace, images, known, content)
    keys = known | {
        image.id: _add(connection, namespace, image, content)
        for image in sorted(images, key=lambda image: image.id)
        if image.id not in known
    }
    _resize(connection, content, keys)
    stored = [image for image in images if image.id not in known or image.id in completed]
    moved = point(connection, namespace, {name: keys[id_] for name, id_ in names.items()}, targets)
    link_waiting(connection, namespace, _digests_of(stored))
    events = _events(connection, caller, images, keys, moved)
    add_events(connection, namespace, caller, [replace(event, action=action) for event in events])
    dangling = _dangling(connection, targets, moved)
    return tuple(_outcome(image, moved, dangling, is_new=image.id not in known) for image in images)


def _resize(connection: Connection, content: StoredContent, keys: Mapping[ImageID, int]) -> None:
    """Bring other images in step that hold a manifest of which more is known now."""
    if content.relearned:
        values = {"manifests": sorted(content.relearned)}
        holders = connection.execute(content_sql.images_holding_manifests, values).scalars().all()
        others = [key for key in holders if key not in keys.values()]
        connection.execute(sql.lock_images_for_change, {"images": others})
        for key in others:
            update_summary(connection, key)


def _find_known(
    connection: Connection,
    namespace: Namespace,
    images: Sequence[SourceImage],
) -> dict[ImageID, int]:
    values = {"namespace": namespace.key, "digests": [image.id for image in images]}
    rows = connection.execute(sql.images_by_own_digest, values)
    return {ImageID(digest): key for digest, key in rows}


def _withdraw_releases(
    connection: Connection,
    namespace: Namespace,
    images: Sequence[SourceImage],
) -> None:
    """Content that is stored again must not be deleted by whoever holds the bytes."""
    held = [m for image in images for m in image.manifests if m.is_present]
    documents = [part for m in held for part in (m.document, m.config) if part]
    documents += [index for image in images for index in image.indexes]
    digests = {part.digest for part in documents} | {y.digest for m in held for y in m.layers}
    chains = {chain for m in held for chain in chains_of(m)}
    wanted = sorted(digests | chains)
    parts = [wanted[first : first + _SLICE] for first in range(0, len(wanted), _SLICE)]
    values = [{"namespace": namespace.key, "digests": part} for part in parts]
    found = [row for one in values for row in connection.execute(_releases, one)]
    keys = [row.id for row in found if row.digest in (chains if row.kind == "chain" else digests)]
    if keys:  # no sweep adds any meanwhile: it does not go beside an import
        connection.execute(releases_sql.withdraw_releases, {"releases": keys})


# ── images that are new ───────────────────────────────────────────────────────────────────────


def _add(
    connection: Connection,
    namespace: Namespace,
    image: SourceImage,
    content: StoredContent,
) -> int:
    """Store an image.

    Raises:
        StartOver: somebody else stored it meanwhile.
    """
    values = {
        "namespace": namespace.key,
        "digest": image.id,
        "media_type": storable(image.media_type),
        "size": image.size,
        "created": _created(image),
        "content_size": _content_size(image),
    }
    key = connection.execute(sql.add_images, values).scalar()
    if key is None:
        raise StartOver
    _add_parts(connection, namespace, key, image, content)
    return key


def _add_parts(
    connection: Connection,
    namespace: Namespace,
    key: int,
    image: SourceImage,
    content: StoredContent,
) -> None:
    manifests = [
        _manifest_row(namespace, key, position, manifest, content)
        for position, manifest in enumerate(image.manifests)
    ]
    indexes = _index_rows(key, image, content)
    for statement, rows in ((sql.add_image_manifests, manifests), (sql.add_image_indexes, indexes)):
        if rows:
            connection.execute(statement, rows)


def _index_rows(key: int, image: SourceImage, content: StoredContent) -> list[dict[str, Any]]:
    return [
        {"image_id": key, "position": position, "document_id": content.documents[index.digest]}
        for position, index in enumerate(image.indexes)
    ]


def _manifest_row(
    namespace: Namespace,
    key: int,
    position: int,
    manifest: SourceManifest,
    content: StoredContent,
) -> dict[str, Any]:
    return {
        "image_id": key,
        "position": position,
        "namespace_id": namespace.key,
        "manifest_id": content.manifests[manifest.digest],
        "kind": manifest.kind.value,
        "platform": str(manifest.platform) if manifest.platform else None,
        "is_present": manifest.is_present,
        "path": content.matched_path_of(manifest),
        "index_id": content.documents[manifest.index] if manifest.index else None,
    }


def _digests_of(images: Sequence[SourceImage]) -> set[Digest]:
    """By what hosts may know images: their IDs, and the present manifests and configs of them."""
    held = [m for image in images for m in image.manifests if _stands_for_image(m)]
    digests = {manifest.digest for manifest in held}
    return digests | {image.id for image in images} | {m.config.digest for m in held if m.config}


def _stands_for_image(manifest: SourceManifest) -> bool:
    return manifest.is_present and manifest.kind is ManifestKind.IMAGE


def _created(image: SourceImage) -> Any:  # noqa: ANN401 - a moment, the epoch if unknown
    standing = [m for m in image.manifests if _stands_for_image(m)]
    preferred = [m for m in standing if m.platform == LINUX_AMD64] or standing
    return (preferred[0].created if preferred else None) or UNKNOWN_TIME


def _content_size(image: SourceImage) -> int:
    held = [m for m in image.manifests if m.is_present]
    sizes = {m.digest: m.size for m in held}
    sizes |= {m.config.digest: len(m.config.content) for m in held if m.config}
    return sum(sizes.values()) + sum({y.digest: y.size for m in held for y in m.layers}.values())


# ── images that are there ─────────────────────────────────────────────────────────────────────


def _complete_known(
    connection: Connection,
    namespace: Namespace,
    images: Sequence[SourceImage],
    known: Mapping[ImageID, int],
    content: StoredContent,
) -> frozenset[ImageID]:
    """Let images hold what they did not hold yet; returns those that did not."""
    there = {known[image.id]: image for image in images if image.id in known}
    lacking = [key for key in there if _lacks(connection, key, there[key], content)]
    if not lacking:
        return frozenset()
    connection.execute(sql.lock_images_for_change, {"images": sorted(lacking)})
    for key in sorted(lacking):
        _complete(connection, namespace, key, there[key], content)
        update_summary(connection, key)
    return frozenset(there[key].id for key in lacking)


def _lacks(connection: Connection, key: int, image: SourceImage, content: StoredContent) -> bool:
    """Whether the source holds a manifest or an index that the stored image does not hold."""
    held = {row["digest"] for row in _rows(connection, key).values() if row["is_present"]}
    if any(manifest.is_present and manifest.digest not in held for manifest in image.manifests):
        return True
    return len(image.indexes) > 1 and bool(_new_indexes(connection, key, image, content))


def _complete(
    connection: Connection,
    namespace: Namespace,
    key: int,
    image: SourceImage,
    content: StoredContent,
) -> None:
    """Write anew what the image names, holding what either side holds."""
    old = _rows(connection, key)
    new = {
        manifest.digest: _manifest_row(namespace, key, position, manifest, content)
        for position, manifest in enumerate(image.manifests)
    }
    rows = {**old, **new, **{digest: row for digest, row in old.items() if row["is_present"]}}
    order = opened(old, image.manifests)
    connection.execute(sql.delete_image_manifests, {"image": key})
    connection.execute(
        sql.add_image_manifests,
        [rows[digest] | {"position": position} for position, digest in enumerate(order)],
    )
    if indexes := _new_indexes(connection, key, image, content):
        connection.execute(sql.add_image_indexes, indexes)


def _new_indexes(
    connection: Connection, key: int, image: SourceImage, content: StoredContent
) -> list[dict[str, Any]]:
    """The rows of indexes that were absent, behind those that are there."""
    there = connection.execute(sql.indexes_of_image, {"image": key}).scalars().all()
    rows = [row for row in _index_rows(key, image, content) if row["document_id"] not in there]
    return [row | {"position": len(there) + number} for number, row in enumerate(rows)]


def _rows(connection: Connection, key: int) -> dict[Digest, dict[str, Any]]:
    """What the stored image names, by digest, in index order; a source counts a digest once."""
    rows = connection.execute(sql.rows_of_image_manifests, {"image": key}).mappings()
    return {row["digest"]: dict(row) for row in rows}


# ── telling ───────────────────────────────────────────────────────────────────────────────────


def _events(
    connection: Connection,
    caller: Caller,
    images: Sequence[SourceImage],
    keys: Mapping[ImageID, int],
    moved: Moved,
) -> list[NewEvent]:
    """One `load` for each name, as docker does, or one for an image without a name."""
    held = manifests_of(connection, keys.values())
    described = describe_images(connection, keys.values(), held, caller.platform)
    events: list[NewEvent] = []
    for image in images:
        labels = described[keys[image.id]].labels
        for name in image.names or (None,):
            told = {"reference": name.familiar} if name else {}
            told |= {"previous": moved[name]} if name and name in moved else {}
            events.append(NewEvent("image", "load", image.id, image.id, told, labels))
    return events


def _dangling(
    connection: Connection,
    targets: Mapping[str, int],
    moved: Moved,
) -> frozenset[Reference]:
    """The moved names whose old image has no name left."""
    names = names_of(connection, {targets[str(name)] for name in moved}) if moved else {}
    return frozenset(name for name in moved if not names.get(targets[str(name)]))


def _outcome(
    image: SourceImage,
    moved: Moved,
    dangling: frozenset[Reference],
    *,
    is_new: bool,
) -> ImportedImage:
    held = [manifest for manifest in image.manifests if manifest.is_present]
    return ImportedImage(
        id=image.id,
        names=tuple(name.familiar for name in image.names),
        is_new=is_new,
        replaced=tuple(
            Replaced(name.familiar, moved[name], name in dangling)
            for name in image.names
            if name in moved
        ),
        bare_tag=image.bare_tag,
        manifests=len(held),
        layers=len({layer.digest for manifest in held for layer in manifest.layers}),
        size=_content_size(image),
    )
