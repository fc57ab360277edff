"""Containers and what they mount agree with the images and hosts they belong to.

Of the containers without an image, only those are wrong whose digest is a stored image's ID: a
digest of a manifest or a config may be held by an image that was there when the container lost
its own.
"""

from sqlalchemy import and_, exists, not_, or_, select, union_all

from imagedb.records import RUNNING_STATES
from imagedb.schema import (
    container,
    container_detail,
    container_mount,
    document,
    host,
    image,
    image_manifest,
    manifest,
    namespace,
)
from imagedb.sql.checks.check import Check

_mounting = container.alias("mounting")
_users = union_all(
    select(
        container.c.container_id.label("container"),
        container.c.namespace_id,
        container.c.image_id,
        container.c.image_digest,
    ),
    select(
        _mounting.c.container_id,
        container_mount.c.namespace_id,
        container_mount.c.image_id,
        container_mount.c.image_digest,
    ).join_from(container_mount, _mounting, container_mount.c.container_id == _mounting.c.id),
).subquery("users")
"""Containers by the image they were made from, and by each that they mount."""

_same_digest = and_(
    image.c.digest == _users.c.image_digest, image.c.namespace_id == _users.c.namespace_id
)
_unlinked = Check(
    "container {container} of namespace {namespace} is not linked to its stored image {image}",
    select(_users.c.container, namespace.c.name.label("namespace"), image.c.digest.label("image"))
    .join_from(_users, image, _same_digest)
    .join(namespace, namespace.c.id == image.c.namespace_id)
    .where(_users.c.image_id.is_(None)),
)
_config = document.alias("config")
_is_named = exists().where(
    image_manifest.c.image_id == image.c.id,
    image_manifest.c.manifest_id == manifest.c.id,
    or_(
        manifest.c.digest == _users.c.image_digest,
        exists().where(
            _config.c.id == manifest.c.config_id, _config.c.digest == _users.c.image_digest
        ),
    ),
)
"""The image names a manifest or a config of this digest, which is what some engines tell."""
_linked = Check(
    "container {container} of namespace {namespace} has digest {digest}, and is linked to {image}",
    select(
        _users.c.container,
        namespace.c.name.label("namespace"),
        _users.c.image_digest.label("digest"),
        image.c.digest.label("image"),
    )
    .join_from(_users, image, _users.c.image_id == image.c.id)
    .join(namespace, namespace.c.id == _users.c.namespace_id)
    .where(
        or_(
            image.c.namespace_id != _users.c.namespace_id,
            _users.c.image_digest.is_(None),
            and_(image.c.digest != _users.c.image_digest, not_(_is_named)),
        )
    ),
)
_placed = Check(
    "container {container} and its host {host} are of two namespaces",
    select(container.c.container_id.label("container"), host.c.name.label("host"))
    .join_from(container, host)
    .where(container.c.namespace_id != host.c.namespace_id),
)
_mounted = Check(
    "container {container} and what it mounts at {target} are of two namespaces",
    select(container.c.container_id.label("container"), container_mount.c.target)
    .join_from(container_mount, container, container_mount.c.container_id == container.c.id)
    .where(container_mount.c.namespace_id != container.c.namespace_id),
)

_ended = Check(
    "container {container} is {state}, and has ended with code {code}",
    select(
        container.c.container_id.label("container"),
        container.c.state,
        container_detail.c.exit_code.label("code"),
    )
    .join_from(container_detail, container)
    .where(
        container_detail.c.exit_code.is_not(None), container.c.state.in_(sorted(RUNNING_STATES))
    ),
)

CHECKS = (_unlinked, _linked, _placed, _mounted, _ended)
