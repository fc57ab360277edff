"""Images, what they hold, and the references that point at them."""

from datetime import datetime

from sqlalchemy import (
    Boolean,
    Column,
    Integer,
    LargeBinary,
    Named,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
)

from imagedb.columns import ByteOrderText, DigestColumn, Key, Timestamp
from imagedb.digests import ImageID
from imagedb.schema.base import index, key, link, metadata, one_of


class ImageColumns(TypedColumns):
    """A target descriptor in a namespace."""

    id: Named[int] = key()
    namespace_id: Named[int] = link("namespace.id")
    digest: Named[ImageID] = Column(DigestColumn(ImageID))
    media_type: Named[str] = Column(Text)
    size: Named[int] = Column(Key)
    """Of the target document, as its descriptor says."""
    identity: Named[str] = Column(ByteOrderText)
    """`target`, or `config` where an engine told no more than that."""
    created_at: Named[datetime] = Column(Timestamp)
    """Of the present linux/amd64 manifest, else of the first present one, else the epoch."""
    content_size: Named[int] = Column(Key)
    """Bytes of the present manifests, their configs and blobs, each once."""
    entered_at: Named[datetime] = Column(Timestamp)
    first_used_at: Named[datetime | None] = Column(Timestamp)
    last_used_at: Named[datetime | None] = Column(Timestamp)
    """Both of the containers that are gone; those that are here say it themselves."""


class ImageManifestColumns(TypedColumns):
    """That an image names a manifest, and whether it holds it; position in index order."""

    image_id: Named[int] = link("image.id", ondelete="CASCADE", primary_key=True)
    position: Named[int] = Column(Integer, primary_key=True)
    namespace_id: Named[int] = Column(Key)
    """Repeated from the image: the path's index begins with it."""
    manifest_id: Named[int] = link("manifest.id")
    kind: Named[str] = Column(ByteOrderText)
    platform: Named[str | None] = Column(ByteOrderText)
    """Normalised; the config's, the descriptor fills what it lacks."""
    is_present: Named[bool] = Column(Boolean)
    path: Named[bytes | None] = Column(LargeBinary)
    """Repeated from the manifest, where it is present and an image (docs/adr/0003)."""
    index_id: Named[int | None] = link("document.id")
    """The nested index it came through."""


class ImageIndexColumns(TypedColumns):
    """The index documents an image is made of, the top one first."""

    image_id: Named[int] = link("image.id", ondelete="CASCADE", primary_key=True)
    position: Named[int] = Column(Integer, primary_key=True)
    document_id: Named[int] = link("document.id")


class ReferenceColumns(TypedColumns):
    """A name in a namespace that points at an image, in canonical form."""

    id: Named[int] = key()
    namespace_id: Named[int] = link("namespace.id")
    name: Named[str] = Column(ByteOrderText)
    image_id: Named[int] = link("image.id")
    updated_at: Named[datetime] = Column(Timestamp)


class HoldColumns(TypedColumns):
    """An operator's explicit protection of an image; its end is told, and lifts nothing."""

    id: Named[int] = key()
    namespace_id: Named[int] = link("namespace.id")
    image_id: Named[int] = link("image.id")
    reason: Named[str] = Column(Text)
    who: Named[str] = Column(Text)
    held_at: Named[datetime] = Column(Timestamp)
    until: Named[datetime | None] = Column(Timestamp)


image = Table(
    "image",
    metadata,
    ImageColumns,
    UniqueConstraint("namespace_id", "digest"),
    one_of("identity", "target", "config"),
)
index(
    image.c.namespace_id,
    image.c.created_at.desc(),
    image.c.id.desc(),
    serves="image ls, newest first",
)
image_manifest = Table(
    "image_manifest",
    metadata,
    ImageManifestColumns,
    index("manifest_id", "namespace_id", serves="is a manifest present in a namespace?"),
    one_of("kind", "image", "attestation", "unknown"),
)
index(
    image_manifest.c.namespace_id,
    image_manifest.c.platform,
    image_manifest.c.path,
    image_manifest.c.image_id,
    where=image_manifest.c.path.is_not(None),
    serves="parents: the path's prefixes; children: the path's extensions",
    name="ix_image_manifest_path",
)
index(
    image_manifest.c.index_id,
    where=image_manifest.c.index_id.is_not(None),
    serves="foreign key: removing a document",
    name="ix_image_manifest_index_id",
)
image_index = Table(
    "image_index",
    metadata,
    ImageIndexColumns,
    index("document_id", serves="is an index document used?"),
)
reference = Table(
    "reference",
    metadata,
    ReferenceColumns,
    UniqueConstraint("namespace_id", "name"),
    index("image_id", serves="an image's names; is it dangling?"),
)
hold = Table(
    "hold",
    metadata,
    HoldColumns,
    index("image_id", serves="what holds an image?"),
    index("namespace_id", serves="hold ls; foreign key: removing a namespace"),
    sqlite_autoincrement=True,
)
