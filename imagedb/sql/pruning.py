"""What a prune looks at, page by page."""

from sqlalchemy import Integer, bindparam, literal_column, select

from imagedb.schema import image, reference
from imagedb.sql.functions import BYTES, parameter

_namespace = parameter("namespace", image.c.namespace_id)
_limit = bindparam("limit", type_=Integer)

named_images = (
    select(reference.c.name, reference.c.image_id)
    .where(
        reference.c.namespace_id == _namespace,
        reference.c.name > parameter("after", reference.c.name),
    )
    .order_by(reference.c.name)
    .limit(_limit)
)
_a_name = select(literal_column("1", Integer)).where(reference.c.image_id == image.c.id)
dangling_images = (
    select(image.c.id, image.c.digest)
    .where(
        image.c.namespace_id == _namespace,
        image.c.digest > bindparam("after", type_=BYTES),
        _a_name.limit(1).scalar_subquery().is_(None),
    )
    .order_by(image.c.digest)
    .limit(_limit)
)
"""A walk along the namespace's images by ID, one probe each."""
