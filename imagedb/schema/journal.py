"""What happened, what was let go, and what callers were told."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Named,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
)

from imagedb.columns import ByteOrderText, DigestColumn, JSONDocument, Key, Timestamp
from imagedb.digests import Digest
from imagedb.schema.base import index, key, link, metadata, one_of


class EventColumns(TypedColumns):
    """Something that happened; names are text, so that it reads after the rows are gone."""

    id: Named[int] = key()
    position: Named[int | None] = Column(Key, unique=True)
    """Safe to poll; given after the commit."""
    time: Named[datetime] = Column(Timestamp)
    namespace: Named[str] = Column(ByteOrderText)
    host: Named[str | None] = Column(ByteOrderText)
    type: Named[str] = Column(ByteOrderText)
    action: Named[str] = Column(ByteOrderText)
    actor_id: Named[str] = Column(ByteOrderText)
    name: Named[str] = Column(ByteOrderText)
    attributes: Named[Any] = Column(JSONDocument)
    """Words to words."""
    who: Named[str] = Column(Text)
    database_user: Named[str] = Column(Text)
    request_id: Named[str] = Column(ByteOrderText)


class CandidateColumns(TypedColumns):
    """A manifest or index that an image of a namespace let go; the sweep tests it."""

    id: Named[int] = key()
    namespace_id: Named[int] = link("namespace.id")
    manifest_id: Named[int | None] = link("manifest.id")
    document_id: Named[int | None] = link("document.id")


class ReleaseColumns(TypedColumns):
    """Content that no image of the namespace uses any more, until its bytes are gone too."""

    id: Named[int] = key()
    namespace_id: Named[int] = link("namespace.id")
    kind: Named[str] = Column(ByteOrderText)
    digest: Named[Digest] = Column(DigestColumn)
    media_type: Named[str | None] = Column(Text)
    size: Named[int] = Column(Key)
    released_at: Named[datetime] = Column(Timestamp)


class ReleaseClaimColumns(TypedColumns):
    """That a worker deletes the bytes of a release; goes with it if it is withdrawn."""

    release_id: Named[int] = link("release.id", ondelete="CASCADE", primary_key=True)
    claim: Named[str] = Column(ByteOrderText)
    """Stands for all that one worker has claimed at once."""
    who: Named[str] = Column(Text)
    claimed_at: Named[datetime] = Column(Timestamp)
    until: Named[datetime] = Column(Timestamp)
    """From then on others may claim it."""


class DoneReleaseColumns(TypedColumns):
    """A release whose bytes were deleted; names are text, so that it reads after the namespace."""

    id: Named[int] = key()
    namespace: Named[str] = Column(ByteOrderText)
    kind: Named[str] = Column(ByteOrderText)
    digest: Named[Digest] = Column(DigestColumn)
    media_type: Named[str | None] = Column(Text)
    size: Named[int] = Column(Key)
    released_at: Named[datetime] = Column(Timestamp)
    done_at: Named[datetime] = Column(Timestamp)
    who: Named[str] = Column(Text)


class RequestColumns(TypedColumns):
    """What a caller was told, in the transaction that made it true."""

    id: Named[str] = Column(ByteOrderText, primary_key=True)
    operation: Named[str] = Column(ByteOrderText)
    arguments: Named[Digest] = Column(DigestColumn)
    """Of all that was asked: the ID stands for one request alone."""
    answer: Named[Any] = Column(JSONDocument)
    answered_at: Named[datetime] = Column(Timestamp)


class EventCutColumns(TypedColumns):
    """Up to which position events may have been removed, for followers that come too late."""

    position: Named[int] = Column(Key, primary_key=True, autoincrement=False)
    cut_at: Named[datetime] = Column(Timestamp)


event = Table(
    "event",
    metadata,
    EventColumns,
    index("request_id", serves="what a request did"),
    index("actor_id", serves="an image's history"),
    index("time", serves="events since then; events to be removed"),
    sqlite_autoincrement=True,
)
index(
    event.c.id,
    where=event.c.position.is_(None),
    serves="events that wait for their position",
    name="ix_event_unpositioned",
)
candidate = Table(
    "candidate",
    metadata,
    CandidateColumns,
    CheckConstraint("(manifest_id IS NULL) <> (document_id IS NULL)", name="one_content"),
    index("namespace_id", "manifest_id", serves="the sweep; is content still to be tested?"),
    index("manifest_id", serves="foreign key: removing a manifest"),
    index("document_id", serves="foreign key: removing a document"),
)
release = Table(
    "release",
    metadata,
    ReleaseColumns,
    UniqueConstraint("namespace_id", "kind", "digest"),
    one_of("kind", "blob", "config", "manifest", "index", "chain"),
    index("digest", serves="is a release of this content open anywhere?"),
)
release_claim = Table(
    "release_claim",
    metadata,
    ReleaseClaimColumns,
    index("claim", serves="what a worker has claimed"),
)
done_release = Table(
    "done_release",
    metadata,
    DoneReleaseColumns,
    index("done_at", serves="those to be removed"),
)
request = Table(
    "request",
    metadata,
    RequestColumns,
    index("answered_at", serves="answers to be removed"),
)
event_cut = Table("event_cut", metadata, EventCutColumns)
