"""Bytes add up (I6), and content that nobody uses is to be tested or released."""

from sqlalchemy import (
    ColumnElement,
    Label,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    union,
    union_all,
)

from imagedb.columns import Key
from imagedb.digests import Digest
from imagedb.schema import (
    blob,
    candidate,
    document,
    done_release,
    image,
    image_index,
    image_manifest,
    layer,
    manifest,
    manifest_layer,
    namespace,
    release,
)
from imagedb.sql.checks.check import Check
from imagedb.sql.checks.images import IMAGES

# ── bytes ─────────────────────────────────────────────────────────────────────────────────────

_present = (image_manifest.c.image_id, image_manifest.c.namespace_id)
_is_held = and_(image_manifest.c.manifest_id == manifest.c.id, image_manifest.c.is_present)
_held = union(
    select(*_present, literal("manifest").label("kind"), manifest.c.id, manifest.c.size).join_from(
        image_manifest, manifest, _is_held
    ),
    select(*_present, literal("config"), document.c.id, document.c.size)
    .join_from(image_manifest, manifest, _is_held)
    .join(document, manifest.c.config_id == document.c.id),
    select(*_present, literal("blob"), blob.c.id, blob.c.size)
    .join_from(image_manifest, manifest, _is_held)
    .join(manifest_layer, manifest_layer.c.manifest_id == manifest.c.id)
    .join(blob, manifest_layer.c.blob_id == blob.c.id),
).subquery("held")
"""A row for each image and content of it, however often its manifests use that."""


def _sum(sizes: ColumnElement[int], name: str) -> Label[int]:
    return func.coalesce(cast(func.sum(sizes), Key), 0).label(name)


_of_images = (
    select(_held.c.image_id, _sum(_held.c.size, "bytes"))
    .group_by(_held.c.image_id)
    .subquery("of_images")
)
_bytes = func.coalesce(_of_images.c.bytes, 0)
_sizes = Check(
    "image {image} of namespace {namespace} says that it holds {content_size} bytes, it is {bytes}",
    IMAGES.add_columns(image.c.content_size, _bytes.label("bytes"))
    .join(_of_images, _of_images.c.image_id == image.c.id, isouter=True)
    .where(image.c.content_size != _bytes),
)

_once = (
    select(_held.c.namespace_id, _held.c.kind, _held.c.id, _held.c.size)
    .distinct()
    .subquery("content_once")
)
_totals = (
    select(_once.c.namespace_id, _sum(_once.c.size, "total"))
    .group_by(_once.c.namespace_id)
    .subquery("totals")
)
_users = (
    select(
        image.c.namespace_id,
        _held.c.size,
        func.count().label("images"),
    )
    .join_from(_held, image, _held.c.image_id == image.c.id)
    .group_by(image.c.namespace_id, _held.c.kind, _held.c.id, _held.c.size)
    .subquery("users")
)
_shares = (
    select(
        _users.c.namespace_id,
        _sum(case((_users.c.images == 1, _users.c.size)), "unique"),
        _sum(case((_users.c.images > 1, _users.c.size)), "shared"),
    )
    .group_by(_users.c.namespace_id)
    .subquery("shares")
)
_unique, _shared = func.coalesce(_shares.c.unique, 0), func.coalesce(_shares.c.shared, 0)
_total = func.coalesce(_totals.c.total, 0)
_balance = Check(
    "namespace {namespace}: {unique} unique and {shared} shared bytes are not all of its {total}",
    select(
        namespace.c.name.label("namespace"),
        _unique.label("unique"),
        _shared.label("shared"),
        _total.label("total"),
    )
    .join_from(namespace, _totals, _totals.c.namespace_id == namespace.c.id, isouter=True)
    .join(_shares, _shares.c.namespace_id == namespace.c.id, isouter=True)
    .where(_unique + _shared != _total),
)

_measured = union_all(
    select(literal("image").label("kind"), image.c.digest, image.c.size).where(image.c.size < 0),
    select(literal("image content"), image.c.digest, image.c.content_size).where(
        image.c.content_size < 0
    ),
    select(literal("layer"), layer.c.diff_id, layer.c.size).where(layer.c.size < 0),
    *(
        select(literal(table.name), table.c.digest, table.c.size).where(table.c.size < 0)
        for table in (manifest, document, blob, release)
    ),
).subquery("measured")
_negative = Check(
    "{kind} {digest} has {size} bytes",
    select(_measured.c.kind, _measured.c.digest, _measured.c.size),
)

# ── uses ──────────────────────────────────────────────────────────────────────────────────────
# An AND of NOT EXISTS, which PostgreSQL turns into anti-joins; it would not do so under an OR.

_waits = candidate.c.manifest_id == manifest.c.id
_uses_blob = and_(
    manifest_layer.c.blob_id == blob.c.id, manifest_layer.c.manifest_id == manifest.c.id
)


def _is_unknown(digest: ColumnElement[Digest], *kinds: str) -> ColumnElement[bool]:
    """Neither released nor done: what is done is collected a little later."""
    return and_(
        ~exists().where(release.c.digest == digest, release.c.kind.in_(kinds)),
        ~exists().where(done_release.c.digest == digest, done_release.c.kind.in_(kinds)),
    )


_leaked = union_all(
    select(literal("manifest").label("kind"), manifest.c.digest).where(
        manifest.c.document_id.is_not(None),
        ~exists().where(_is_held),
        ~exists().where(_waits),
        _is_unknown(manifest.c.digest, "manifest"),
    ),
    select(literal("document"), document.c.digest).where(
        ~exists().where(manifest.c.document_id == document.c.id),
        ~exists().where(manifest.c.config_id == document.c.id, _is_held),
        ~exists().where(manifest.c.config_id == document.c.id, _waits),
        ~exists().where(image_index.c.document_id == document.c.id),
        ~exists().where(candidate.c.document_id == document.c.id),
        _is_unknown(document.c.digest, "manifest", "config", "index"),
    ),
    select(literal("blob"), blob.c.digest).where(
        ~exists().where(_uses_blob, _is_held),
        ~exists().where(_uses_blob, _waits),
        _is_unknown(blob.c.digest, "blob"),
    ),
).subquery("leaked")
_leaks = Check(
    "{kind} {digest} is used by no image, waits for no sweep, and is released nowhere",
    select(_leaked.c.kind, _leaked.c.digest),
)

_holds = and_(_is_held, image_manifest.c.namespace_id == release.c.namespace_id)
_is_used = or_(
    and_(
        release.c.kind == "manifest",
        exists().where(manifest.c.digest == release.c.digest, _holds),
    ),
    and_(
        release.c.kind == "config",
        exists().where(
            document.c.digest == release.c.digest, manifest.c.config_id == document.c.id, _holds
        ),
    ),
    and_(
        release.c.kind == "blob",
        exists().where(blob.c.digest == release.c.digest, _uses_blob, _holds),
    ),
    and_(
        release.c.kind == "index",
        exists().where(
            document.c.digest == release.c.digest,
            image_index.c.document_id == document.c.id,
            image_index.c.image_id == image.c.id,
            image.c.namespace_id == release.c.namespace_id,
        ),
    ),
    and_(
        release.c.kind == "chain",
        exists().where(
            manifest.c.chain_id == release.c.digest, _holds, image_manifest.c.kind == "image"
        ),
    ),
)
"""Of chains only the top ones are stored, so that those below them are not looked at; what an
image calls an attestation has none."""
_released = Check(
    "{kind} {digest} is released for namespace {namespace}, which uses it",
    select(release.c.kind, release.c.digest, namespace.c.name.label("namespace"))
    .join_from(release, namespace)
    .where(_is_used),
)

CHECKS = (_sizes, _balance, _negative, _leaks, _released)
