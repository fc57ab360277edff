"""Who: namespaces and the hosts that report into them."""

from datetime import datetime

from sqlalchemy import Column, Integer, Named, Table, TypedColumns

from imagedb.columns import ByteOrderText, Timestamp
from imagedb.schema.base import index, key, link, metadata


class NamespaceColumns(TypedColumns):
    """A store: references, images and containers that see one another."""

    id: Named[int] = key()
    name: Named[str] = Column(ByteOrderText, unique=True)
    created_at: Named[datetime] = Column(Timestamp)


class HostColumns(TypedColumns):
    """A machine that reports containers into one namespace."""

    id: Named[int] = key()
    namespace_id: Named[int] = link("namespace.id")
    name: Named[str] = Column(ByteOrderText, unique=True)
    platform: Named[str | None] = Column(ByteOrderText)
    created_at: Named[datetime] = Column(Timestamp)


class HeartbeatColumns(TypedColumns):
    """A host's last sign of life; a row of its own, so that renewing it waits for nobody."""

    host_id: Named[int] = link("host.id", ondelete="CASCADE", primary_key=True)
    seen_at: Named[datetime] = Column(Timestamp)
    lease_seconds: Named[int | None] = Column(Integer)
    """For how long a sign of life holds; a host that gave no lease is never stale."""
    stale_at: Named[datetime | None] = Column(Timestamp)


namespace = Table("namespace", metadata, NamespaceColumns)
host = Table(
    "host",
    metadata,
    HostColumns,
    index("namespace_id", serves="host ls; is a namespace empty?"),
)
heartbeat = Table("heartbeat", metadata, HeartbeatColumns)
