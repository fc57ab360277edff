"""Content: storing it once, letting it go, and finding what nobody uses."""

from typing import Any

from sqlalchemy import (
    Boolean,
    CompoundSelect,
    Integer,
    and_,
    bindparam,
    delete,
    insert,
    null,
    or_,
    select,
    union_all,
    update,
)

from imagedb.schema import (
    blob,
    candidate,
    document,
    image,
    image_index,
    image_manifest,
    layer,
    manifest,
    manifest_label,
    manifest_layer,
    release,
)
from imagedb.sql.functions import among, any_of, insert_missing, now, parameter

_namespace = parameter("namespace", image_manifest.c.namespace_id)

# ── storing: insert in digest order, then find and keep ───────────────────────────────────────

add_layers = insert_missing(layer, "diff_id")
add_blobs = insert_missing(blob, "digest")
add_documents = insert_missing(document, "digest")
add_manifests = insert_missing(manifest, "digest")
"""Known by their descriptors; `complete_manifest` adds what is in them."""

layers_by_digest = (
    select(layer.c.id, layer.c.diff_id)
    .where(any_of(layer.c.diff_id, "digests"))
    .order_by(layer.c.diff_id)
    .with_for_update(read=True, key_share=True)
)
blobs_by_digest = (
    select(blob.c.id, blob.c.digest)
    .where(any_of(blob.c.digest, "digests"))
    .order_by(blob.c.digest)
    .with_for_update(read=True, key_share=True)
)
documents_by_digest = (
    select(document.c.id, document.c.digest)
    .where(any_of(document.c.digest, "digests"))
    .order_by(document.c.digest)
    .with_for_update(read=True, key_share=True)
)
manifests_by_digest = (
    select(manifest.c.id, manifest.c.digest)
    .where(any_of(manifest.c.digest, "digests"))
    .order_by(manifest.c.digest)
    .with_for_update(read=True, key_share=True)
)
"""FOR KEY SHARE: nobody removes what an importer is about to use."""
knowledge_of_manifests = select(
    manifest.c.id,
    manifest.c.document_id,
    manifest.c.config_id,
    manifest.c.chain_id,
).where(any_of(manifest.c.id, "manifests"))
complete_manifest = (
    update(manifest)
    .where(
        manifest.c.id == parameter("manifest", manifest.c.id),
        or_(
            manifest.c.document_id.is_(None),
            and_(manifest.c.config_id.is_(None), bindparam("knows_config", type_=Boolean)),
            and_(manifest.c.chain_id.is_(None), bindparam("knows_layers", type_=Boolean)),
        ),
    )
    .values(
        media_type=parameter("media_type", manifest.c.media_type),
        size=parameter("size", manifest.c.size),
        document_id=parameter("document", manifest.c.document_id),
        config_id=parameter("config", manifest.c.config_id),
        path=parameter("path", manifest.c.path),
        chain_id=parameter("chain_id", manifest.c.chain_id),
        layer_count=parameter("layer_count", manifest.c.layer_count),
        created_at=parameter("created", manifest.c.created_at),
    )
)
"""By the first who brings it, or knows more of it (one index may call an attestation what another
calls an image); a second one waits, and then changes no row. What descriptors said is replaced."""
delete_manifest_layers = delete(manifest_layer).where(
    manifest_layer.c.manifest_id == parameter("manifest", manifest_layer.c.manifest_id),
)
delete_manifest_labels = delete(manifest_label).where(
    manifest_label.c.manifest_id == parameter("manifest", manifest_label.c.manifest_id),
)
images_holding_manifests = (
    select(image_manifest.c.image_id)
    .where(any_of(image_manifest.c.manifest_id, "manifests"), image_manifest.c.is_present)
    .distinct()
    .order_by(image_manifest.c.image_id)
)
"""In every namespace."""
add_manifest_layers = insert(manifest_layer)
add_manifest_labels = insert(manifest_label)


# ── letting go ────────────────────────────────────────────────────────────────────────────────

_held_by_images: CompoundSelect[Any] = union_all(
    select(
        image_manifest.c.namespace_id,
        image_manifest.c.manifest_id,
        null().label("document_id"),
    ).where(any_of(image_manifest.c.image_id, "images"), image_manifest.c.is_present),
    select(image.c.namespace_id, null(), image_index.c.document_id)
    .join_from(image_index, image)
    .where(any_of(image_index.c.image_id, "images")),
)
add_candidates_of_images = insert(candidate).from_select(
    ["namespace_id", "manifest_id", "document_id"],
    _held_by_images,
)
add_manifest_candidates = insert(candidate).values(
    namespace_id=_namespace,
    manifest_id=parameter("manifest", candidate.c.manifest_id),
)

# ── sweeping ──────────────────────────────────────────────────────────────────────────────────

namespaces_to_sweep = select(candidate.c.namespace_id).distinct()
_some = (
    select(candidate.c.id)
    .where(candidate.c.namespace_id == _namespace)
    .order_by(candidate.c.manifest_id, candidate.c.id)
    .limit(bindparam("limit", type_=Integer))
)
take_candidates = (
    delete(candidate)
    .where(among(candidate.c.id, _some))
    .returning(candidate.c.manifest_id, candidate.c.document_id)
)
"""In the order of the index; a sweep takes them all, so that their age is no matter."""
add_releases = insert_missing(release, "namespace_id", "kind", "digest").values(
    namespace_id=_namespace,
    kind=parameter("kind", release.c.kind),
    digest=parameter("digest", release.c.digest),
    media_type=parameter("media_type", release.c.media_type),
    size=parameter("size", release.c.size),
    released_at=now(),
)
