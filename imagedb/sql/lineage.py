"""Parents and children: prefixes and extensions of paths (docs/adr/0003)."""

from sqlalchemy import NotNullable, bindparam, exists, select

from imagedb.schema import image, image_manifest, reference
from imagedb.sql.functions import BYTES, any_of, depth, is_proper_prefix, parameter

_own = image_manifest.alias("own")
_other = image_manifest.alias("other")
_is_named = exists().where(reference.c.image_id == image.c.id).label("is_named")

parents_of_image = (
    select(
        image.c.id,
        image.c.digest,
        NotNullable(_other.c.platform),
        depth(_other.c.path).label("shared_layers"),
        _is_named,
    )
    .join_from(
        _own,
        _other,
        (_other.c.namespace_id == _own.c.namespace_id)
        & (_other.c.platform == _own.c.platform)
        & is_proper_prefix(_other.c.path, _own.c.path),
    )
    .join(image, image.c.id == _other.c.image_id)
    .where(
        _own.c.image_id == parameter("image", image.c.id),
        _own.c.path.is_not(None),
        _other.c.path.is_not(None),
        _other.c.image_id != _own.c.image_id,
    )
)
paths_of_image = (
    select(NotNullable(image_manifest.c.platform), NotNullable(image_manifest.c.path))
    .where(
        image_manifest.c.image_id == parameter("image", image_manifest.c.image_id),
        image_manifest.c.path.is_not(None),
    )
    .distinct()
    .order_by(image_manifest.c.platform, image_manifest.c.path)
)
children_of_path = (
    select(image.c.id, image.c.digest, _is_named)
    .join_from(_other, image, image.c.id == _other.c.image_id)
    .where(
        _other.c.namespace_id == parameter("namespace", _other.c.namespace_id),
        _other.c.platform == parameter("platform", _other.c.platform),
        _other.c.path > bindparam("lower", type_=BYTES),
        _other.c.path < bindparam("upper", type_=BYTES),
        _other.c.image_id != parameter("image", _other.c.image_id),
    )
)
"""The bounds are bound: as expressions they are text on SQLite, and a guess to PostgreSQL."""
_paths = (
    select(
        image_manifest.c.image_id,
        NotNullable(image_manifest.c.platform),
        NotNullable(image_manifest.c.path),
    )
    .where(image_manifest.c.path.is_not(None), image_manifest.c.platform.is_not(None))
    .order_by(image_manifest.c.platform, image_manifest.c.path, image_manifest.c.image_id)
)
paths_of_images = _paths.where(any_of(image_manifest.c.image_id, "images"))
paths_of_namespace = _paths.where(
    image_manifest.c.namespace_id == parameter("namespace", image_manifest.c.namespace_id),
)
"""Everything, in the order of the index: a path's extensions follow it (image tree)."""
