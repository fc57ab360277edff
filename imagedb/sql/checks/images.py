"""Names point at images (I1); images are what they hold."""

from sqlalchemy import and_, case, func, literal, select

from imagedb.columns import UNKNOWN_TIME, Timestamp
from imagedb.platforms import LINUX_AMD64
from imagedb.schema import image, image_manifest, manifest, namespace, reference
from imagedb.sql.checks.check import Check

STANDS = and_(image_manifest.c.is_present, image_manifest.c.kind == "image")
"""The image holds the manifest, and the manifest is one of an image."""
IMAGES = select(image.c.digest.label("image"), namespace.c.name.label("namespace")).join_from(
    image, namespace
)
HELD = (
    IMAGES.add_columns(manifest.c.digest.label("manifest"))
    .join(image_manifest, image_manifest.c.image_id == image.c.id)
    .join(manifest, manifest.c.id == image_manifest.c.manifest_id)
)
"""What images name, whether they hold it or not."""

_target = and_(image.c.id == reference.c.image_id, image.c.namespace_id == reference.c.namespace_id)
_names = Check(
    "reference {name} of namespace {namespace} points at no image of that namespace",
    select(reference.c.name, namespace.c.name.label("namespace"))
    .join_from(reference, namespace)
    .join(image, _target, isouter=True)
    .where(image.c.id.is_(None)),
)
_places = Check(
    "image {image} of namespace {namespace} files its manifest {manifest} under another one",
    HELD.where(image_manifest.c.namespace_id != image.c.namespace_id),
)
_presence = Check(
    "image {image} of namespace {namespace} holds manifest {manifest}, whose document is missing",
    HELD.where(image_manifest.c.is_present, manifest.c.document_id.is_(None)),
)
_expected = (
    select(manifest.c.created_at)
    .join_from(image_manifest, manifest, image_manifest.c.manifest_id == manifest.c.id)
    .where(image_manifest.c.image_id == image.c.id, STANDS)
    .order_by(
        case((image_manifest.c.platform == str(LINUX_AMD64), 0), else_=1),
        image_manifest.c.position,
    )
    .limit(1)
    .correlate(image)
    .scalar_subquery()
)
_created = Check(
    "image {image} of namespace {namespace} has another date than the manifest that stands for it",
    IMAGES.where(
        image.c.created_at != func.coalesce(_expected, literal(UNKNOWN_TIME, Timestamp()))
    ),
)

CHECKS = (_names, _places, _presence, _created)
