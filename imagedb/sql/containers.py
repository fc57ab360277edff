"""Containers, what they mount, and what uses an image."""

from sqlalchemy import (
    NotNullable,
    and_,
    case,
    delete,
    false,
    func,
    insert,
    select,
    true,
    union,
    union_all,
    update,
)

from imagedb.records import RUNNING_STATES
from imagedb.schema import container, container_detail, container_mount, heartbeat, host
from imagedb.sql.functions import among, any_of, insert_or_set, now, parameter
from imagedb.sql.hosts import is_stale

_namespace = parameter("namespace", container.c.namespace_id)
_container = parameter("container", container.c.id)

CONTAINER_COLUMNS = (
    container.c.id,
    container.c.container_id,
    container.c.name,
    host.c.name.label("host"),
    container.c.state,
    container.c.reference,
    container.c.image_digest,
    container.c.image_id,
    container.c.platform,
    container.c.created_at,
    container.c.started_at,
    container.c.finished_at,
)
_containers = select(*CONTAINER_COLUMNS).join_from(container, host)

# ── finding ───────────────────────────────────────────────────────────────────────────────────

containers_of_namespace = _containers.where(container.c.namespace_id == _namespace).order_by(
    container.c.created_at.desc(),
    container.c.id.desc(),
)
containers_by_name = _containers.where(
    container.c.namespace_id == _namespace,
    container.c.name == parameter("name", container.c.name),
).order_by(container.c.id)
containers_by_prefix = _containers.where(
    container.c.namespace_id == _namespace,
    container.c.container_id >= parameter("lower", container.c.container_id),
    container.c.container_id < parameter("upper", container.c.container_id),
).order_by(container.c.container_id, container.c.id)
containers_of_host = _containers.add_columns(container.c.namespace_id).where(
    container.c.host_id == parameter("host", container.c.host_id),
)
lock_container = (
    select(container.c.id, container.c.name, container.c.state)
    .where(container.c.id == _container)
    .with_for_update()
)
lock_containers_of_host = containers_of_host.order_by(container.c.id).with_for_update(of=container)
details_of_containers = select(
    container_detail.c.container_id,
    container_detail.c.labels,
    container_detail.c.command,
    container_detail.c.exit_code,
).where(any_of(container_detail.c.container_id, "containers"))
"""What is known besides; not every container has a row of that."""
images_of_container = union(
    select(NotNullable(container.c.image_id)).where(
        container.c.id == _container,
        container.c.image_id.is_not(None),
    ),
    select(NotNullable(container_mount.c.image_id)).where(
        container_mount.c.container_id == _container,
        container_mount.c.image_id.is_not(None),
    ),
)
"""What it was created from, and what it mounts, as far as that is stored."""
_host = select(host.c.id).where(host.c.name == parameter("host", host.c.name)).scalar_subquery()
images_of_host = union(
    select(NotNullable(container.c.image_id)).where(
        container.c.host_id == _host,
        container.c.image_id.is_not(None),
    ),
    select(NotNullable(container_mount.c.image_id)).where(
        among(
            container_mount.c.container_id,
            select(container.c.id).where(container.c.host_id == _host),
        ),
        container_mount.c.image_id.is_not(None),
    ),
)
"""Of a host by its name, which need not be known yet."""
mounts_of_host = (
    select(
        select(container.c.container_id)
        .where(container.c.id == container_mount.c.container_id)
        .scalar_subquery()
        .label("container"),
        container_mount.c.position,
        container_mount.c.namespace_id,
        container_mount.c.source,
        container_mount.c.target,
        container_mount.c.image_digest,
        container_mount.c.image_id,
    )
    .where(
        among(
            container_mount.c.container_id,
            select(container.c.id).where(container.c.host_id == _host),
        ),
    )
    .order_by(container_mount.c.container_id, container_mount.c.position)
)
"""Of a host by its name; with the engine's ID of the container."""
mounts_of_containers = (
    select(
        container_mount.c.container_id,
        container_mount.c.source,
        container_mount.c.target,
        container_mount.c.image_digest,
        container_mount.c.image_id,
    )
    .where(any_of(container_mount.c.container_id, "containers"))
    .order_by(container_mount.c.container_id, container_mount.c.position)
)

# ── using ─────────────────────────────────────────────────────────────────────────────────────

_uses = union_all(
    select(
        container.c.image_id,
        container.c.id.label("container_id"),
        false().label("is_mount"),
    ).where(any_of(container.c.image_id, "images")),
    select(
        container_mount.c.image_id,
        container_mount.c.container_id,
        true().label("is_mount"),
    ).where(any_of(container_mount.c.image_id, "images")),
).subquery("uses")
uses_of_images = (
    select(
        _uses.c.image_id.label("used_image_id"),
        _uses.c.is_mount,
        *CONTAINER_COLUMNS,
        is_stale.label("is_host_stale"),
        heartbeat.c.seen_at,
    )
    .join_from(_uses, container, container.c.id == _uses.c.container_id)
    .join(host, host.c.id == container.c.host_id)
    .join(heartbeat, heartbeat.c.host_id == host.c.id, isouter=True)
    .order_by(
        _uses.c.image_id,
        container.c.created_at,
        container.c.container_id,
        container.c.id,
        _uses.c.is_mount,
    )
)
"""A row for each use, the oldest container first; one that runs an image and mounts it has two."""

# ── changing ──────────────────────────────────────────────────────────────────────────────────

add_container = (
    insert(container)
    .values(
        namespace_id=_namespace,
        host_id=parameter("host", container.c.host_id),
        container_id=parameter("container_id", container.c.container_id),
        name=parameter("name", container.c.name),
        image_digest=parameter("image_digest", container.c.image_digest),
        image_id=parameter("image_id", container.c.image_id),
        reference=parameter("reference", container.c.reference),
        platform=parameter("platform", container.c.platform),
        state=parameter("state", container.c.state),
        created_at=func.coalesce(parameter("created_at", container.c.created_at), now()),
        started_at=parameter("started_at", container.c.started_at),
        finished_at=parameter("finished_at", container.c.finished_at),
    )
    .returning(container.c.id)
)
add_mounts = insert(container_mount)
delete_mounts = delete(container_mount).where(any_of(container_mount.c.container_id, "containers"))
set_container = (
    update(container)
    .where(container.c.id == _container)
    .values(
        {
            column: parameter(column.name, column)
            for column in (
                container.c.name,
                container.c.image_digest,
                container.c.image_id,
                container.c.reference,
                container.c.platform,
                container.c.state,
                container.c.created_at,
                container.c.started_at,
                container.c.finished_at,
            )
        },
    )
)
"""As a host reports it."""
_set_state = update(container).where(container.c.id == _container)
set_started = _set_state.values(state="running", started_at=now(), finished_at=None)
set_finished = _set_state.values(state="exited", finished_at=now())
set_state = _set_state.values(state=parameter("state", container.c.state))
set_details = insert_or_set(
    container_detail,
    "container_id",
    container_id=parameter("container", container_detail.c.container_id),
    labels=parameter("labels", container_detail.c.labels),
    command=parameter("command", container_detail.c.command),
    exit_code=parameter("exit_code", container_detail.c.exit_code),
)
set_exit = (
    update(container_detail)
    .where(
        container_detail.c.container_id == parameter("container", container_detail.c.container_id)
    )
    .values(exit_code=parameter("exit_code", container_detail.c.exit_code))
)
set_name = _set_state.values(name=parameter("name", container.c.name))
link_container = _set_state.values(image_id=parameter("image", container.c.image_id))
link_mount = (
    update(container_mount)
    .where(
        container_mount.c.container_id == _container,
        container_mount.c.position == parameter("at", container_mount.c.position),
    )
    .values(image_id=parameter("image", container_mount.c.image_id))
)
lock_waiting_containers = (
    select(
        container.c.id.label("container"),
        container.c.image_digest,
        container.c.reference.label("typed"),
    )
    .where(
        container.c.image_id.is_(None),
        container.c.image_digest.is_not(None),
        container.c.namespace_id == _namespace,
        any_of(container.c.image_digest, "digests"),
    )
    .order_by(container.c.id)
    .with_for_update()
)
lock_waiting_mounts = (
    select(
        container_mount.c.container_id.label("container"),
        container_mount.c.position.label("at"),
        container_mount.c.image_digest,
        container_mount.c.source.label("typed"),
    )
    .where(
        container_mount.c.image_id.is_(None),
        container_mount.c.image_digest.is_not(None),
        container_mount.c.namespace_id == _namespace,
        any_of(container_mount.c.image_digest, "digests"),
    )
    .order_by(container_mount.c.container_id, container_mount.c.position)
    .with_for_update()
)
"""Who waits for an image that these digests stand for."""
_uses_now = union_all(
    select(container.c.id, container.c.image_id).where(any_of(container.c.id, "containers")),
    select(container_mount.c.container_id, container_mount.c.image_id).where(
        any_of(container_mount.c.container_id, "containers"),
    ),
).subquery("uses_now")
_began = func.coalesce(container.c.started_at, container.c.created_at)
_is_running = container.c.state.in_(sorted(RUNNING_STATES))
use_times = (
    select(
        NotNullable(_uses_now.c.image_id).label("image"),
        func.min(container.c.created_at).label("first"),
        func.max(
            case(
                (and_(_is_running, is_stale, heartbeat.c.seen_at > _began), heartbeat.c.seen_at),
                (and_(_is_running, is_stale), _began),
                (_is_running, now()),
                else_=func.coalesce(container.c.finished_at, _began),
            ),
        ).label("last"),
    )
    .join_from(container, _uses_now, _uses_now.c.id == container.c.id)
    .join(heartbeat, heartbeat.c.host_id == container.c.host_id, isouter=True)
    .where(_uses_now.c.image_id.is_not(None))
    .group_by(_uses_now.c.image_id)
    .order_by(_uses_now.c.image_id)
)
"""When containers used their images: from their creation to their end, or until now; on a stale
host until it was last seen, for nobody knows of any use since."""
delete_containers = delete(container).where(any_of(container.c.id, "containers"))

unlink_containers = (
    update(container).where(any_of(container.c.image_id, "images")).values(image_id=None)
)
unlink_mounts = (
    update(container_mount)
    .where(any_of(container_mount.c.image_id, "images"))
    .values(image_id=None)
)
"""The digest stays: the container reports its image as missing."""
