"""Content: stored once for the whole database, however many images use it."""

from datetime import datetime

from sqlalchemy import Column, Integer, LargeBinary, Named, Table, Text, TypedColumns

from imagedb.columns import ByteOrderText, CompressedDocument, DigestColumn, Key, Timestamp
from imagedb.digests import ChainID, DiffID, Digest
from imagedb.schema.base import index, key, link, metadata


class LayerColumns(TypedColumns):
    """A filesystem changeset; its number is what paths are made of."""

    id: Named[int] = key()
    diff_id: Named[DiffID] = Column(DigestColumn(DiffID), unique=True)
    size: Named[int | None] = Column(Key)
    """Unpacked bytes, where an importer read the layer."""


class BlobColumns(TypedColumns):
    """A layer's file as it is distributed; one layer may have several. Never its bytes."""

    id: Named[int] = key()
    digest: Named[Digest] = Column(DigestColumn, unique=True)
    media_type: Named[str] = Column(Text)
    size: Named[int] = Column(Key)


class DocumentColumns(TypedColumns):
    """An index, a manifest or a config, byte for byte."""

    id: Named[int] = key()
    digest: Named[Digest] = Column(DigestColumn, unique=True)
    media_type: Named[str] = Column(Text)
    size: Named[int] = Column(Key)
    body: Named[bytes] = Column(CompressedDocument)


class ManifestColumns(TypedColumns):
    """What an image is on one platform; without `document_id` only its descriptor is known."""

    id: Named[int] = key()
    digest: Named[Digest] = Column(DigestColumn, unique=True)
    media_type: Named[str] = Column(Text)
    size: Named[int] = Column(Key)
    document_id: Named[int | None] = link("document.id")
    config_id: Named[int | None] = link("document.id")
    path: Named[bytes | None] = Column(LargeBinary)
    chain_id: Named[ChainID | None] = Column(DigestColumn(ChainID))
    layer_count: Named[int] = Column(Integer)
    created_at: Named[datetime] = Column(Timestamp)
    """As its config says; the epoch if it does not."""


class ManifestLayerColumns(TypedColumns):
    """A manifest's layer at a position, bottom layer 0; without `layer_id` no diff ID is known."""

    manifest_id: Named[int] = link("manifest.id", ondelete="CASCADE", primary_key=True)
    position: Named[int] = Column(Integer, primary_key=True)
    layer_id: Named[int | None] = link("layer.id")
    blob_id: Named[int | None] = link("blob.id")


class ManifestLabelColumns(TypedColumns):
    """A label of a manifest's config."""

    manifest_id: Named[int] = link("manifest.id", ondelete="CASCADE", primary_key=True)
    key: Named[str] = Column(ByteOrderText, primary_key=True)
    value: Named[str] = Column(ByteOrderText)


layer = Table("layer", metadata, LayerColumns)
blob = Table("blob", metadata, BlobColumns)
document = Table("document", metadata, DocumentColumns)
manifest = Table(
    "manifest",
    metadata,
    ManifestColumns,
    index("config_id", serves="is a config used; which image has this config digest?"),
    index("document_id", serves="foreign key: removing a document"),
)
manifest_layer = Table(
    "manifest_layer",
    metadata,
    ManifestLayerColumns,
    index("layer_id", serves="is a layer, a chain used; foreign key: removing a layer"),
    index("blob_id", serves="is a blob used; foreign key: removing a blob"),
)
manifest_label = Table("manifest_label", metadata, ManifestLabelColumns)
