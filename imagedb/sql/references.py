"""References: names that point at images."""

from sqlalchemy import delete, select, update

from imagedb.schema import reference
from imagedb.sql.functions import any_of, insert_missing, now, parameter

_namespace = parameter("namespace", reference.c.namespace_id)

targets_of_names = (
    select(reference.c.name, reference.c.image_id)
    .where(reference.c.namespace_id == _namespace, any_of(reference.c.name, "names"))
    .order_by(reference.c.name)
)
lock_names = targets_of_names.with_for_update()
"""Before names are moved; an unlocked second look would still show the old target."""
move_name = (
    update(reference)
    .where(
        reference.c.namespace_id == _namespace,
        reference.c.name == parameter("at", reference.c.name),
        reference.c.image_id == parameter("from", reference.c.image_id),
    )
    .values(image_id=parameter("to", reference.c.image_id), updated_at=now())
)
"""Compare and move: no row changes if the name has moved meanwhile."""
add_name = (
    insert_missing(reference, "namespace_id", "name")
    .values(
        namespace_id=_namespace,
        name=parameter("name", reference.c.name),
        image_id=parameter("image", reference.c.image_id),
        updated_at=now(),
    )
    .returning(reference.c.id)
)
delete_names = delete(reference).where(
    reference.c.namespace_id == _namespace,
    any_of(reference.c.name, "names"),
    any_of(reference.c.image_id, "images"),
)
"""Compare and delete: only where they still point at these images."""
