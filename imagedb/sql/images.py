"""Images and what they hold."""

from sqlalchemy import (
    Integer,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    union,
    update,
)

from imagedb.schema import (
    blob,
    container,
    container_mount,
    document,
    image,
    image_index,
    image_manifest,
    layer,
    manifest,
    manifest_label,
    manifest_layer,
    reference,
)
from imagedb.sql.functions import BYTES, any_of, insert_missing, now, parameter

_namespace = parameter("namespace", image.c.namespace_id)
_image = parameter("image", image.c.id)

IMAGE_COLUMNS = (
    image.c.id,
    image.c.namespace_id,
    image.c.digest,
    image.c.media_type,
    image.c.size,
    image.c.content_size,
    image.c.created_at,
    image.c.entered_at,
)

# ── finding ───────────────────────────────────────────────────────────────────────────────────

image_by_name = (
    select(*IMAGE_COLUMNS)
    .join_from(reference, image, reference.c.image_id == image.c.id)
    .where(
        reference.c.namespace_id == _namespace,
        reference.c.name == parameter("name", reference.c.name),
    )
)
image_by_digest = select(*IMAGE_COLUMNS).where(
    image.c.namespace_id == _namespace,
    image.c.digest == parameter("digest", image.c.digest),
)
images_by_prefix = (
    select(*IMAGE_COLUMNS)
    .where(
        image.c.namespace_id == _namespace,
        image.c.digest >= bindparam("lower", type_=BYTES),
        image.c.digest <= bindparam("upper", type_=BYTES),
        func.length(image.c.digest) == literal_column("32", Integer),
    )
    .order_by(image.c.digest)
    .limit(bindparam("limit", type_=Integer))
)
"""By the beginning of a sha256 digest; the bounds are 32 bytes, and other digests are longer."""
images_newest = (
    select(*IMAGE_COLUMNS)
    .where(image.c.namespace_id == _namespace)
    .order_by(image.c.created_at.desc(), image.c.id.desc())
    .limit(bindparam("limit", type_=Integer))
)
images_after = images_newest.where(
    image.c.created_at <= parameter("created", image.c.created_at),
    or_(
        image.c.created_at < parameter("created", image.c.created_at),
        image.c.id < parameter("after", image.c.id),
    ),
)
"""The next page: keyset, so that page 1,000 costs what page 1 costs."""
images_by_key = select(*IMAGE_COLUMNS).where(any_of(image.c.id, "images")).order_by(image.c.id)

images_by_own_digest = select(image.c.digest, image.c.id).where(
    image.c.namespace_id == _namespace,
    any_of(image.c.digest, "digests"),
)
images_by_manifest = (
    select(manifest.c.digest, image.c.id)
    .join_from(manifest, image_manifest, image_manifest.c.manifest_id == manifest.c.id)
    .join(image, image.c.id == image_manifest.c.image_id)
    .where(
        any_of(manifest.c.digest, "digests"),
        image_manifest.c.namespace_id == _namespace,
        image_manifest.c.is_present,
        image_manifest.c.kind == "image",
    )
    .order_by(image.c.digest)
)
images_by_config = (
    select(document.c.digest, image.c.id)
    .join_from(document, manifest, manifest.c.config_id == document.c.id)
    .join(image_manifest, image_manifest.c.manifest_id == manifest.c.id)
    .join(image, image.c.id == image_manifest.c.image_id)
    .where(
        any_of(document.c.digest, "digests"),
        image_manifest.c.namespace_id == _namespace,
        image_manifest.c.is_present,
        image_manifest.c.kind == "image",
    )
    .order_by(image.c.digest)
)
"""What hosts tell: a classic engine knows an image by its config's digest."""

# ── locking: one statement, in the order of their numbers ─────────────────────────────────────

_images_to_lock = select(image.c.id).where(any_of(image.c.id, "images")).order_by(image.c.id)
lock_images = _images_to_lock.with_for_update()
"""By who deletes or untags."""
lock_images_for_use = _images_to_lock.with_for_update(read=True, key_share=True)
"""FOR KEY SHARE: by who tags, imports, or begins to use; users go side by side."""
lock_images_for_change = _images_to_lock.with_for_update(key_share=True)
"""FOR NO KEY UPDATE: by who completes an image; users are not disturbed."""

# ── what images hold ──────────────────────────────────────────────────────────────────────────

names_of_images = (
    select(reference.c.image_id, reference.c.name)
    .where(any_of(reference.c.image_id, "images"))
    .order_by(reference.c.name)
)
last_tagged = select(func.max(reference.c.updated_at)).where(reference.c.image_id == _image)

manifests_of_images = (
    select(
        image_manifest.c.image_id,
        manifest.c.id,
        manifest.c.digest,
        manifest.c.media_type,
        manifest.c.size,
        image_manifest.c.kind,
        image_manifest.c.platform,
        image_manifest.c.is_present,
        image_manifest.c.position,
        manifest.c.config_id,
        manifest.c.chain_id,
        manifest.c.created_at,
    )
    .join_from(image_manifest, manifest, image_manifest.c.manifest_id == manifest.c.id)
    .where(any_of(image_manifest.c.image_id, "images"))
    .order_by(image_manifest.c.image_id, image_manifest.c.position)
)
standing_manifests_of_images = (
    select(
        image_manifest.c.image_id,
        manifest.c.id,
        image_manifest.c.platform,
        manifest.c.created_at,
    )
    .join_from(image_manifest, manifest, image_manifest.c.manifest_id == manifest.c.id)
    .where(
        any_of(image_manifest.c.image_id, "images"),
        image_manifest.c.is_present,
        image_manifest.c.kind == "image",
    )
    .order_by(image_manifest.c.image_id, image_manifest.c.position)
)
"""What a list asks of manifests: those that stand for their image, and no more than it shows."""
rows_of_image_manifests = (
    select(
        manifest.c.digest,
        image_manifest.c.image_id,
        image_manifest.c.position,
        image_manifest.c.namespace_id,
        image_manifest.c.manifest_id,
        image_manifest.c.kind,
        image_manifest.c.platform,
        image_manifest.c.is_present,
        image_manifest.c.path,
        image_manifest.c.index_id,
    )
    .join_from(image_manifest, manifest, image_manifest.c.manifest_id == manifest.c.id)
    .where(image_manifest.c.image_id == _image)
    .order_by(image_manifest.c.position)
)
indexes_of_image = (
    select(image_index.c.document_id)
    .where(image_index.c.image_id == _image)
    .order_by(image_index.c.position)
)
labels_of_manifests = (
    select(manifest_label.c.manifest_id, manifest_label.c.key, manifest_label.c.value)
    .where(any_of(manifest_label.c.manifest_id, "manifests"))
    .order_by(manifest_label.c.manifest_id, manifest_label.c.key)
)
layers_of_manifests = (
    select(
        manifest_layer.c.manifest_id,
        layer.c.diff_id,
        layer.c.size.label("unpacked_size"),
        blob.c.digest,
        blob.c.size,
    )
    .join_from(manifest_layer, layer, manifest_layer.c.layer_id == layer.c.id, isouter=True)
    .join(blob, manifest_layer.c.blob_id == blob.c.id, isouter=True)
    .where(any_of(manifest_layer.c.manifest_id, "manifests"))
    .order_by(manifest_layer.c.manifest_id, manifest_layer.c.position)
)
documents = select(
    document.c.id,
    document.c.digest,
    document.c.media_type,
    document.c.size,
    document.c.body,
).where(any_of(document.c.id, "documents"))

sizes_of_documents = select(document.c.id, document.c.size).where(
    any_of(document.c.id, "documents"),
)

_using = union(
    select(container.c.image_id, container.c.id).where(any_of(container.c.image_id, "images")),
    select(container_mount.c.image_id, container_mount.c.container_id).where(
        any_of(container_mount.c.image_id, "images"),
    ),
).subquery("using")
containers_of_images = select(_using.c.image_id, func.count().label("containers")).group_by(
    _using.c.image_id,
)
"""How many containers use each image, mounts included; each container once."""

# ── changing ──────────────────────────────────────────────────────────────────────────────────

add_images = (
    insert_missing(image, "namespace_id", "digest")
    .returning(image.c.id)
    .values(
        namespace_id=_namespace,
        digest=parameter("digest", image.c.digest),
        media_type=parameter("media_type", image.c.media_type),
        size=parameter("size", image.c.size),
        identity="target",
        created_at=parameter("created", image.c.created_at),
        content_size=parameter("content_size", image.c.content_size),
        entered_at=now(),
    )
)
add_image_manifests = insert(image_manifest)
add_image_indexes = insert(image_index)
delete_image_manifests = delete(image_manifest).where(image_manifest.c.image_id == _image)
drop_image_manifests = (
    update(image_manifest)
    .where(
        image_manifest.c.image_id == _image,
        any_of(image_manifest.c.manifest_id, "manifests"),
        image_manifest.c.is_present,
    )
    .values(is_present=False, path=None)
)
"""The image no longer holds these manifests; that it names them stays."""
set_image_summary = (
    update(image)
    .where(image.c.id == _image)
    .values(
        created_at=parameter("created", image.c.created_at),
        content_size=parameter("content_size", image.c.content_size),
    )
)
delete_images = delete(image).where(any_of(image.c.id, "images"))
_first = parameter("first", image.c.first_used_at)
_last = parameter("last", image.c.last_used_at)
note_use = (
    update(image)
    .where(image.c.id == _image)
    .values(
        first_used_at=case(
            (image.c.first_used_at < _first, image.c.first_used_at),
            else_=_first,
        ),
        last_used_at=case((image.c.last_used_at > _last, image.c.last_used_at), else_=_last),
    )
)
