"""Containers, as records, and the images mounted into them."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Integer,
    Named,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
    and_,
)

from imagedb.columns import ByteOrderText, DigestColumn, JSONDocument, Key, Timestamp
from imagedb.digests import Digest
from imagedb.schema.base import index, key, link, metadata, one_of


class ContainerColumns(TypedColumns):
    """A container of a host, as a record."""

    id: Named[int] = key()
    namespace_id: Named[int] = link("namespace.id")
    host_id: Named[int] = link("host.id")
    container_id: Named[str] = Column(ByteOrderText)
    name: Named[str] = Column(ByteOrderText)
    image_digest: Named[Digest | None] = Column(DigestColumn)
    image_id: Named[int | None] = link("image.id")
    """NULL while the image is not stored; the digest stays."""
    reference: Named[str] = Column(Text)
    """The image as it was typed."""
    platform: Named[str | None] = Column(ByteOrderText)
    state: Named[str] = Column(ByteOrderText)
    created_at: Named[datetime] = Column(Timestamp)
    started_at: Named[datetime | None] = Column(Timestamp)
    finished_at: Named[datetime | None] = Column(Timestamp)


class ContainerDetailColumns(TypedColumns):
    """What keeps no image; nothing is known of a container without such a row."""

    container_id: Named[int] = link("container.id", ondelete="CASCADE", primary_key=True)
    labels: Named[Any] = Column(JSONDocument)
    """Words to words: its image's, overlaid by its own."""
    command: Named[str | None] = Column(Text)
    """The words that it runs, as a shell would be given them."""
    exit_code: Named[int | None] = Column(Integer)
    """How it ended, where that is known; never of one that runs."""


class ContainerMountColumns(TypedColumns):
    """An image mounted into a container."""

    container_id: Named[int] = link("container.id", ondelete="CASCADE", primary_key=True)
    position: Named[int] = Column(Integer, primary_key=True)
    namespace_id: Named[int] = Column(Key)
    source: Named[str] = Column(Text)
    target: Named[str] = Column(Text)
    image_digest: Named[Digest | None] = Column(DigestColumn)
    image_id: Named[int | None] = link("image.id")


container = Table(
    "container",
    metadata,
    ContainerColumns,
    UniqueConstraint("host_id", "container_id"),
    index("image_id", serves="what uses an image?"),
    index("namespace_id", "name", serves="a container by its name"),
    index("namespace_id", "container_id", serves="a container by its ID's beginning"),
    one_of(
        "state",
        "created",
        "running",
        "paused",
        "restarting",
        "exited",
        "dead",
        "removing",
    ),
)
container_detail = Table("container_detail", metadata, ContainerDetailColumns)
container_mount = Table(
    "container_mount",
    metadata,
    ContainerMountColumns,
    index("image_id", serves="what mounts an image?"),
)
for _table in (container, container_mount):
    _unlinked = and_(_table.c.image_id.is_(None), _table.c.image_digest.is_not(None))
    index(
        _table.c.namespace_id,
        _table.c.image_digest,
        name=f"ix_{_table.name}_unlinked",
        where=_unlinked,
        serves="who waits for this image? (linked when it is stored)",
    )
