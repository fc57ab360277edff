"""How much there is in a namespace: objects, and bytes of content."""

from sqlalchemy import Integer, case, func, literal_column, select, union

from imagedb.schema import (
    blob,
    container,
    document,
    image,
    image_manifest,
    manifest,
    manifest_layer,
)
from imagedb.sql.functions import parameter

_namespace = parameter("namespace", image.c.namespace_id)

object_counts = select(
    select(func.count())
    .select_from(image)
    .where(image.c.namespace_id == _namespace)
    .scalar_subquery()
    .label("images"),
    *(
        func.count(case((container.c.state == state, container.c.id))).label(state)
        for state in ("running", "paused", "restarting")
    ),
    func.count(container.c.id).label("containers"),
).where(container.c.namespace_id == _namespace)
"""Images, and containers by their states."""

_held = (image_manifest.c.namespace_id == _namespace, image_manifest.c.is_present)
_uses = union(
    select(
        image_manifest.c.image_id,
        literal_column("1", Integer).label("kind"),
        manifest.c.id.label("content"),
        manifest.c.size,
    )
    .join_from(image_manifest, manifest, image_manifest.c.manifest_id == manifest.c.id)
    .where(*_held),
    select(image_manifest.c.image_id, literal_column("2", Integer), document.c.id, document.c.size)
    .join_from(image_manifest, manifest, image_manifest.c.manifest_id == manifest.c.id)
    .join(document, manifest.c.config_id == document.c.id)
    .where(*_held),
    select(image_manifest.c.image_id, literal_column("3", Integer), blob.c.id, blob.c.size)
    .join_from(
        image_manifest,
        manifest_layer,
        image_manifest.c.manifest_id == manifest_layer.c.manifest_id,
    )
    .join(blob, manifest_layer.c.blob_id == blob.c.id)
    .where(*_held),
).cte("uses")
"""Which image holds which content: manifests, configs, blobs; each once in an image."""
_content = (
    select(_uses.c.kind, _uses.c.content, _uses.c.size, func.count().label("images"))
    .group_by(_uses.c.kind, _uses.c.content, _uses.c.size)
    .cte("content")
)
content_size = select(func.coalesce(func.sum(_content.c.size), 0).label("bytes"))
"""Bytes of all content of a namespace, each once."""
shared_sizes = (
    select(_uses.c.image_id, func.sum(_uses.c.size).label("bytes"))
    .join_from(
        _uses,
        _content,
        (_uses.c.kind == _content.c.kind) & (_uses.c.content == _content.c.content),
    )
    .where(_content.c.images > literal_column("1", Integer))
    .group_by(_uses.c.image_id)
    .order_by(_uses.c.image_id)
)
"""Bytes of an image that other images of the namespace hold too; no row where there are none."""
