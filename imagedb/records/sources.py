"""What a source yields."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from imagedb.digests import DiffID, Digest, ImageID
from imagedb.platforms import Platform
from imagedb.references import Reference


class ManifestKind(StrEnum):
    """What a manifest describes."""

    IMAGE = "image"
    ATTESTATION = "attestation"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Document:
    """An index, a manifest or a config, byte for byte."""

    digest: Digest
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SourceLayer:
    """A layer as a source holds it: its file, and what is in it."""

    digest: Digest
    media_type: str
    size: int
    diff_id: DiffID | None
    """None where the manifest is no image and nothing names it."""
    unpacked_size: int | None = None


@dataclass(frozen=True, slots=True)
class SourceManifest:
    """A manifest that a target names; without `document` it is absent from the source."""

    digest: Digest
    media_type: str
    size: int
    kind: ManifestKind
    platform: Platform | None
    document: Document | None = None
    config: Document | None = None
    layers: tuple[SourceLayer, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    created: datetime | None = None
    index: Digest | None = None
    """The nested index it came through."""

    @property
    def is_present(self) -> bool:
        """Whether the source holds its content."""
        return self.document is not None


@dataclass(frozen=True, slots=True)
class SourceImage:
    """One target of a source, with everything needed to store it."""

    id: ImageID
    media_type: str
    size: int
    names: tuple[Reference, ...]
    manifests: tuple[SourceManifest, ...]
    indexes: tuple[Document, ...] = ()
    """The index documents, the top one first; empty where the target is the manifest."""
    bare_tag: str | None = None
    """A `ref.name` that is only a tag: a name once the caller gives the repository."""
    warnings: tuple[str, ...] = ()
    """What was left out or could not be read, though the image is whole; a line each."""
