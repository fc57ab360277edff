"""Namespaces."""

from sqlalchemy import delete, exists, insert, select

from imagedb.schema import candidate, container, host, image, namespace, release
from imagedb.sql.functions import now, parameter

namespace_by_name = select(namespace.c.id, namespace.c.name, namespace.c.created_at).where(
    namespace.c.name == parameter("name", namespace.c.name),
)
namespace_and_platform = namespace_by_name.add_columns(
    select(host.c.platform)
    .where(host.c.name == parameter("host", host.c.name))
    .scalar_subquery()
    .label("platform"),
)
namespaces = select(namespace.c.id, namespace.c.name, namespace.c.created_at).order_by(
    namespace.c.name,
)
add_namespace = insert(namespace).values(name=parameter("name", namespace.c.name), created_at=now())
lock_namespace = namespace_by_name.with_for_update()
"""By who removes it: no host, image or container can come in meanwhile."""
lock_namespace_for_import = (
    select(namespace.c.id)
    .where(namespace.c.id == parameter("namespace", namespace.c.id))
    .with_for_update(read=True)
)
"""FOR SHARE: importers go side by side; a sweep, which tests what is used, waits for them."""
lock_namespace_for_host = (
    select(namespace.c.id)
    .where(namespace.c.id == parameter("namespace", namespace.c.id))
    .with_for_update(read=True, key_share=True)
)
"""FOR KEY SHARE: by who brings the first host into a namespace that may be removed meanwhile."""
lock_namespace_for_report = (
    select(namespace.c.id)
    .where(namespace.c.id == parameter("namespace", namespace.c.id))
    .with_for_update(key_share=True)
)
"""FOR NO KEY UPDATE: by a host that reports an image which is not stored; an import of it waits,
and then finds the container to link."""
lock_namespace_for_sweep = (
    select(namespace.c.id)
    .where(namespace.c.id == parameter("namespace", namespace.c.id))
    .with_for_update(skip_locked=True, key_share=True)
)
"""FOR NO KEY UPDATE SKIP LOCKED: one sweep at a time, none beside an import (docs/deletion.md)."""
namespace_content = select(
    exists().where(image.c.namespace_id == parameter("namespace", namespace.c.id)).label("images"),
    exists()
    .where(container.c.namespace_id == parameter("namespace", namespace.c.id))
    .label("containers"),
    exists().where(host.c.namespace_id == parameter("namespace", namespace.c.id)).label("hosts"),
    exists()
    .where(release.c.namespace_id == parameter("namespace", namespace.c.id))
    .label("released content whose bytes are not deleted yet"),
    exists()
    .where(candidate.c.namespace_id == parameter("namespace", namespace.c.id))
    .label("content to be swept"),
)
delete_namespace = delete(namespace).where(
    namespace.c.id == parameter("namespace", namespace.c.id),
)
