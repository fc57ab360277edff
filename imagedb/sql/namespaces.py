"""Namespaces and hosts."""

from sqlalchemy import Select, case, delete, exists, func, insert, select

from imagedb.records import RUNNING_STATES
from imagedb.schema import candidate, container, host, image, namespace, release
from imagedb.sql.functions import insert_missing, now, parameter

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
    .label("released content that is not collected yet"),
    exists()
    .where(candidate.c.namespace_id == parameter("namespace", namespace.c.id))
    .label("content to be swept"),
)
delete_namespace = delete(namespace).where(
    namespace.c.id == parameter("namespace", namespace.c.id),
)

_is_running = container.c.state.in_(sorted(RUNNING_STATES))
_hosts = (
    select(
        host.c.id,
        host.c.name,
        namespace.c.name.label("namespace"),
        host.c.platform,
        host.c.created_at,
        func.count(container.c.id).label("containers"),
        func.count(case((_is_running, 1))).label("running"),
    )
    .join_from(host, namespace)
    .join(container, container.c.host_id == host.c.id, isouter=True)
    .group_by(host.c.id, namespace.c.name)
    .order_by(host.c.name)
)
hosts = _hosts
hosts_of_namespace = _hosts.where(host.c.namespace_id == parameter("namespace", namespace.c.id))
host_by_name: Select[int, int, str, str | None, str] = (
    select(
        host.c.id,
        host.c.namespace_id,
        host.c.name,
        host.c.platform,
        namespace.c.name.label("namespace"),
    )
    .join_from(host, namespace)
    .where(host.c.name == parameter("name", host.c.name))
)
lock_host = (
    select(host.c.id)
    .where(host.c.id == parameter("host", host.c.id))
    .with_for_update(key_share=True)
)
add_host = (
    insert_missing(host, "name")
    .values(
        namespace_id=parameter("namespace", host.c.namespace_id),
        name=parameter("name", host.c.name),
        platform=parameter("platform", host.c.platform),
        created_at=now(),
    )
    .returning(host.c.id)
)
