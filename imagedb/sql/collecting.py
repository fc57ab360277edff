"""Collecting: rows of content that no namespace uses, of which no release is open and none waits.

Each kind is locked first, those that another process holds left out, and tested again by the
statement that removes it: whoever is about to use a row holds it FOR KEY SHARE.
"""

from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, delete, func, or_, select, update
from sqlalchemy.sql.expression import literal_column, not_

from imagedb.columns import UNKNOWN_TIME
from imagedb.schema import (
    blob,
    candidate,
    document,
    image_index,
    image_manifest,
    layer,
    manifest,
    manifest_label,
    manifest_layer,
    release,
)
from imagedb.sql.functions import any_of, parameter

Condition = ColumnElement[bool]
_ONE = literal_column("1", Integer)


def _nothing(*conditions: Condition) -> Condition:
    """Whether no row is so; PostgreSQL turns NOT EXISTS into a join of everything."""
    return select(_ONE).where(*conditions).limit(1).scalar_subquery().is_(None)


def _not_released(digest: ColumnElement[Any], *kinds: str) -> Condition:
    """In any namespace."""
    return _nothing(release.c.digest == digest, release.c.kind.in_(kinds))


def _between(key: ColumnElement[int], unused: Condition) -> Select[int]:
    """Of a range of numbers: for who looks through all."""
    within = (key > parameter("after", key), key <= parameter("upto", key))
    return select(key).where(*within, unused).order_by(key)


# ── manifests ─────────────────────────────────────────────────────────────────────────────────

_names_it = image_manifest.c.manifest_id == manifest.c.id
_is_named = not_(_nothing(_names_it))
_manifest_is_unused = and_(
    or_(manifest.c.document_id.is_not(None), not_(_is_named)),
    _nothing(_names_it, image_manifest.c.is_present),
    _nothing(candidate.c.manifest_id == manifest.c.id),
    _not_released(manifest.c.digest, "manifest"),
)
"""Not one that an index names and nobody holds: its descriptor is all there is of it."""
manifests_by_digest = select(manifest.c.id).where(any_of(manifest.c.digest, "digests"))
last_manifest = select(func.max(manifest.c.id))
unused_manifests_between = _between(manifest.c.id, _manifest_is_unused)
_manifests = any_of(manifest.c.id, "keys")
lock_unused_manifests = (
    select(manifest.c.id)
    .where(_manifests, _manifest_is_unused)
    .order_by(manifest.c.digest)
    .with_for_update(skip_locked=True)
)
unused_manifests = select(
    manifest.c.id, manifest.c.document_id, manifest.c.config_id, _is_named.label("is_named")
).where(_manifests, _manifest_is_unused)
parts_of_manifests = (
    select(manifest_layer.c.layer_id, manifest_layer.c.blob_id)
    .where(any_of(manifest_layer.c.manifest_id, "keys"))
    .distinct()
)
delete_manifests = delete(manifest).where(_manifests)
"""With their layers' positions and their labels."""
reduce_manifests = (
    update(manifest)
    .where(_manifests)
    .values(
        document_id=None,
        config_id=None,
        path=None,
        chain_id=None,
        layer_count=0,
        created_at=UNKNOWN_TIME,
    )
)
"""To their descriptors: an index names them still, and who imports them completes them again."""
delete_layers_of_manifests = delete(manifest_layer).where(
    any_of(manifest_layer.c.manifest_id, "keys")
)
delete_labels_of_manifests = delete(manifest_label).where(
    any_of(manifest_label.c.manifest_id, "keys")
)

# ── documents, blobs, layers ──────────────────────────────────────────────────────────────────

_document_is_unused = and_(
    _nothing(manifest.c.document_id == document.c.id),
    _nothing(manifest.c.config_id == document.c.id),
    _nothing(image_index.c.document_id == document.c.id),
    _nothing(image_manifest.c.index_id == document.c.id),
    _nothing(candidate.c.document_id == document.c.id),
    _not_released(document.c.digest, "manifest", "config", "index"),
)
documents_by_digest = select(document.c.id).where(any_of(document.c.digest, "digests"))
last_document = select(func.max(document.c.id))
unused_documents_between = _between(document.c.id, _document_is_unused)
lock_unused_documents = (
    select(document.c.id)
    .where(any_of(document.c.id, "keys"), _document_is_unused)
    .order_by(document.c.digest)
    .with_for_update(skip_locked=True)
)
delete_unused_documents = delete(document).where(any_of(document.c.id, "keys"), _document_is_unused)

_blob_is_unused = and_(
    _nothing(manifest_layer.c.blob_id == blob.c.id),
    _not_released(blob.c.digest, "blob"),
)
blobs_by_digest = select(blob.c.id).where(any_of(blob.c.digest, "digests"))
last_blob = select(func.max(blob.c.id))
unused_blobs_between = _between(blob.c.id, _blob_is_unused)
lock_unused_blobs = (
    select(blob.c.id)
    .where(any_of(blob.c.id, "keys"), _blob_is_unused)
    .order_by(blob.c.digest)
    .with_for_update(skip_locked=True)
)
delete_unused_blobs = delete(blob).where(any_of(blob.c.id, "keys"), _blob_is_unused)

_layer_is_unused = _nothing(manifest_layer.c.layer_id == layer.c.id)
"""No path holds its number then: a path is of a manifest, and each of its layers has a row."""
last_layer = select(func.max(layer.c.id))
unused_layers_between = _between(layer.c.id, _layer_is_unused)
lock_unused_layers = (
    select(layer.c.id)
    .where(any_of(layer.c.id, "keys"), _layer_is_unused)
    .order_by(layer.c.diff_id)
    .with_for_update(skip_locked=True)
)
delete_unused_layers = delete(layer).where(any_of(layer.c.id, "keys"), _layer_is_unused)
