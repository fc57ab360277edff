"""Content that no image of a namespace uses: for the sweep, and for who plans a delete.

Each question exists twice. The **sweep** asks of what was let go: `unused_*`; content that another
waiting candidate holds too is left to that one. A **plan** asks of what is still there: `freed_*`;
the images `leaving` count as if they no longer held the manifests `dropped`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    literal_column,
    not_,
    null,
    select,
    true,
    union,
    union_all,
)

from imagedb.columns import Key
from imagedb.schema import (
    blob,
    candidate,
    document,
    image,
    image_index,
    image_manifest,
    layer,
    manifest,
    manifest_layer,
)
from imagedb.sql.functions import BYTES, any_of, parameter

Rows = Select[*tuple[Any, ...]]
Condition = ColumnElement[bool]
Test = Callable[[ColumnElement[Any]], Condition]
"""Of a manifest's number."""

LAYER_BYTES: Final = 8
"""Of a layer in a path."""
_ONE = literal_column("1", Integer)
_namespace = parameter("namespace", image_manifest.c.namespace_id)
_other = manifest.alias("other")
_other_layer = manifest_layer.alias("other_layer")


@dataclass(frozen=True, slots=True)
class UnusedContent:
    """The questions of one who asks."""

    manifests: Rows
    indexes: Rows
    configs: Rows
    blobs: Rows
    chains: Rows


def _nothing(found: Select[int]) -> Condition:
    """Whether a select finds no row; PostgreSQL turns NOT EXISTS into a join of everything."""
    return found.limit(1).scalar_subquery().is_(None)


def _something(found: Select[int]) -> Condition:
    """Whether a select finds a row, asked of each row that is looked at.

    Of a join with a namespace PostgreSQL, before its first ANALYZE, expects few rows, and begins
    with all that the namespace holds.
    """
    return not_(_nothing(found))


# ── who holds a manifest, an index ────────────────────────────────────────────────────────────


def _holds(manifest_id: ColumnElement[Any]) -> Condition:
    """A row of `image_manifest` says that an image of the namespace holds this manifest."""
    return and_(
        image_manifest.c.manifest_id == manifest_id,
        image_manifest.c.namespace_id == _namespace,
        image_manifest.c.is_present,
    )


def _will_hold(manifest_id: ColumnElement[Any]) -> Condition:
    """One that stays will hold it."""
    leaves = and_(
        any_of(image_manifest.c.image_id, "leaving"),
        any_of(image_manifest.c.manifest_id, "dropped"),
    )
    return and_(_holds(manifest_id), not_(leaves))


def _waits(manifest_id: ColumnElement[Any]) -> Condition:
    """A candidate says that this manifest is still to be tested: what it holds is left to it.

    A probe for each manifest; of a join SQLite may make a walk over all candidates.
    """
    return _something(
        select(_ONE).where(
            candidate.c.namespace_id == _namespace, candidate.c.manifest_id == manifest_id
        )
    )


_index_waits = and_(
    candidate.c.namespace_id == _namespace, candidate.c.document_id == document.c.id
)


# ── the questions: `holds` says what counts as held, `waits` what is left to another ──────────


def _manifests(holds: Test, waits: Test | None) -> Rows:
    return select(
        manifest.c.id,
        manifest.c.digest,
        manifest.c.media_type,
        manifest.c.size,
        manifest.c.config_id,
    ).where(
        any_of(manifest.c.id, "manifests"),
        manifest.c.document_id.is_not(None),
        _nothing(select(_ONE).where(holds(manifest.c.id))),
        *([not_(waits(manifest.c.id))] if waits else []),
    )


def _indexes(stays: Condition, waits: Condition | None) -> Rows:
    found = (
        select(_ONE)
        .join_from(image_index, image)
        .where(
            image_index.c.document_id == document.c.id, image.c.namespace_id == _namespace, stays
        )
    )
    return select(document.c.digest, document.c.media_type, document.c.size).where(
        any_of(document.c.id, "documents"),
        _nothing(found),
        *([] if waits is None else [_nothing(select(_ONE).where(waits))]),
    )


def _configs(holds: Test, waits: Test | None) -> Rows:
    uses_it = _other.c.config_id == document.c.id
    held = select(_ONE).where(uses_it, _something(select(_ONE).where(holds(_other.c.id))))
    return select(document.c.digest, document.c.media_type, document.c.size).where(
        any_of(document.c.id, "documents"),
        _nothing(held),
        *([_nothing(select(_ONE).where(uses_it, waits(_other.c.id)))] if waits else []),
    )


def _blobs(holds: Test, waits: Test | None) -> Rows:
    of_manifests = select(manifest_layer.c.blob_id).where(
        any_of(manifest_layer.c.manifest_id, "manifests")
    )
    user = _other_layer.c.manifest_id
    uses_it = _other_layer.c.blob_id == blob.c.id
    held = select(_ONE).where(uses_it, _something(select(_ONE).where(holds(user))))
    return select(blob.c.digest, blob.c.media_type, blob.c.size).where(
        blob.c.id.in_(of_manifests),
        _nothing(held),
        *([_nothing(select(_ONE).where(uses_it, waits(user)))] if waits else []),
    )


def _up_to(path: ColumnElement[Any], position: ColumnElement[Any]) -> ColumnElement[bytes]:
    """The path's layers up to a position."""
    return func.substr(path, 1, (position + 1) * LAYER_BYTES, type_=BYTES)


_prefixes = (
    select(
        _up_to(manifest.c.path, manifest_layer.c.position).label("path"),
        manifest_layer.c.position,
        manifest_layer.c.layer_id,
    )
    .join_from(manifest_layer, manifest, manifest_layer.c.manifest_id == manifest.c.id)
    .where(any_of(manifest.c.id, "manifests"), manifest.c.path.is_not(None))
    .distinct()
    .subquery("prefix")
)
"""The layers of manifests from the bottom up to each: what many begin with is asked of once."""
_begins_alike = and_(
    _other_layer.c.layer_id == _prefixes.c.layer_id,
    _other_layer.c.position == _prefixes.c.position,
    _up_to(_other.c.path, _prefixes.c.position) == _prefixes.c.path,
)


def _chains(holds: Test, waits: Test | None) -> Rows:
    """Ask of each prefix, shorter ones first, whether nobody uses the chain of its layers."""
    as_image = select(_ONE).where(holds(_other.c.id), image_manifest.c.kind == "image")
    unheld = _nothing(
        select(_ONE)
        .join_from(_other_layer, _other, _other.c.id == _other_layer.c.manifest_id)
        .where(_begins_alike, _something(as_image))
    )
    unawaited: Condition = true()
    if waits:
        unawaited = _nothing(
            select(_ONE)
            .join_from(_other_layer, _other, _other.c.id == _other_layer.c.manifest_id)
            .where(_begins_alike, waits(_other.c.id))
        )
    return (
        select(
            _prefixes.c.path,
            layer.c.diff_id,
            case((unheld, unawaited), else_=false()).label("is_unused"),
        )
        .join_from(_prefixes, layer, _prefixes.c.layer_id == layer.c.id)
        .order_by(_prefixes.c.position, _prefixes.c.path)
    )


unused_manifests = _manifests(_holds, _waits)
unused_indexes = _indexes(true(), _index_waits)
unused_configs = _configs(_holds, _waits)
unused_blobs = _blobs(_holds, _waits)
unused_chains = _chains(_holds, _waits)
SWEPT = UnusedContent(unused_manifests, unused_indexes, unused_configs, unused_blobs, unused_chains)

freed_manifests = _manifests(_will_hold, None)
freed_indexes = _indexes(not_(any_of(image.c.id, "leaving")), None)
freed_configs = _configs(_will_hold, None)
freed_blobs = _blobs(_will_hold, None)
freed_chains = _chains(_will_hold, None)
FREED = UnusedContent(freed_manifests, freed_indexes, freed_configs, freed_blobs, freed_chains)


def _is_held(manifest_id: ColumnElement[Any]) -> Condition:
    return _something(select(_ONE).where(_holds(manifest_id)))


used_content: CompoundSelect[Any] = union_all(
    select(literal("manifest").label("kind"), manifest.c.digest).where(
        any_of(manifest.c.digest, "digests"),
        manifest.c.document_id.is_not(None),
        _is_held(manifest.c.id),
    ),
    select(literal("index"), document.c.digest).where(
        any_of(document.c.digest, "digests"),
        _something(
            select(_ONE)
            .join_from(image_index, image)
            .where(image_index.c.document_id == document.c.id, image.c.namespace_id == _namespace)
        ),
    ),
    select(literal("config"), document.c.digest).where(
        any_of(document.c.digest, "digests"),
        _something(select(_ONE).where(_other.c.config_id == document.c.id, _is_held(_other.c.id))),
    ),
    select(literal("blob"), blob.c.digest).where(
        any_of(blob.c.digest, "digests"),
        _something(
            select(_ONE).where(
                _other_layer.c.blob_id == blob.c.id, _is_held(_other_layer.c.manifest_id)
            )
        ),
    ),
)
"""What of these digests an image of the namespace holds; a chain has no row that could tell."""

content_of_images: CompoundSelect[Any] = union_all(
    select(image_manifest.c.manifest_id, null().label("document_id")).where(
        any_of(image_manifest.c.image_id, "images"), image_manifest.c.is_present
    ),
    select(null(), image_index.c.document_id).where(any_of(image_index.c.image_id, "images")),
)
"""What these images would let go: the manifests they hold, and their indexes."""
_held = union(
    select(literal("manifest").label("kind"), manifest.c.id, manifest.c.size).where(
        any_of(manifest.c.id, "manifests")
    ),
    select(literal("document"), document.c.id, document.c.size)
    .join_from(manifest, document, manifest.c.config_id == document.c.id)
    .where(any_of(manifest.c.id, "manifests")),
    select(literal("blob"), blob.c.id, blob.c.size)
    .join_from(manifest_layer, blob)
    .where(any_of(manifest_layer.c.manifest_id, "manifests")),
    select(literal("document"), document.c.id, document.c.size).where(
        any_of(document.c.id, "documents")
    ),
).subquery("held")
bytes_held = select(cast(func.sum(_held.c.size), Key))
"""Of these manifests, their configs and blobs, and these indexes: each once."""
