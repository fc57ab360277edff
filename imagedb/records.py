"""The frozen values that callers give and receive.

Order is part of each value: layers bottom first, parents nearest first, names by their bytes,
manifests as their index lists them. Sizes are bytes, moments are UTC.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from imagedb.digests import SHORT_LENGTH, ChainID, DiffID, Digest, ImageID
from imagedb.platforms import Platform
from imagedb.references import Reference

RUNNING_STATES: Final = frozenset({"running", "paused", "restarting"})
"""The states that count as running; in all others a container counts as stopped."""
CONTAINER_STATES: Final = RUNNING_STATES | {"created", "exited", "dead", "removing"}


class ManifestKind(StrEnum):
    """What a manifest describes."""

    IMAGE = "image"
    ATTESTATION = "attestation"
    UNKNOWN = "unknown"


# ── who asks ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, from which host, and under which request ID the answer is kept."""

    who: str
    host: str | None = None
    request_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    platform: Platform | None = None
    """Of the host, if it told one; procedures fill it in."""


@dataclass(frozen=True, slots=True)
class Namespace:
    """A store: references, images and containers that see one another."""

    key: int
    name: str
    created: datetime


@dataclass(frozen=True, slots=True)
class Host:
    """A machine that reports containers into one namespace."""

    key: int
    name: str
    namespace: str
    platform: Platform | None
    containers: int
    running: int
    created: datetime


# ── what a source yields ──────────────────────────────────────────────────────────────────────


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


# ── images ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Image:
    """A stored image, as the resolver finds it."""

    key: int
    namespace_key: int
    id: ImageID
    media_type: str
    size: int
    """Of the target document alone."""
    content_size: int
    """Of the present manifests, their configs and layer files, each once."""
    created: datetime | None
    entered: datetime


@dataclass(frozen=True, slots=True)
class ImageSummary:
    """A row of `image ls`."""

    id: ImageID
    names: tuple[str, ...]
    """Familiar, in name order; digest references among them."""
    platforms: tuple[Platform, ...]
    """Of the present manifests, in index order."""
    created: datetime | None
    content_size: int
    containers: int
    """Using containers, mounts included."""

    @property
    def is_dangling(self) -> bool:
        """Whether no reference points at it."""
        return not self.names


@dataclass(frozen=True, slots=True)
class ManifestSummary:
    """A manifest that an image names."""

    digest: Digest
    media_type: str
    size: int
    kind: ManifestKind
    platform: Platform | None
    is_present: bool
    chain_id: ChainID | None
    diff_ids: tuple[DiffID, ...]
    content_size: int
    """Of itself, its config and its layer files."""


@dataclass(frozen=True, slots=True)
class ImageDetails:
    """What `image inspect` shows; the documents are parsed JSON, as they were stored."""

    image: Image
    names: tuple[str, ...]
    manifests: tuple[ManifestSummary, ...]
    chosen: ManifestSummary | None
    """The manifest that stands for the image, if any is present."""
    config: Mapping[str, object]
    """Its config document; empty without one."""
    labels: Mapping[str, str]
    last_tagged: datetime | None


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A build step, as the config tells it, newest first in lists."""

    created: datetime | None
    created_by: str
    comment: str
    is_empty_layer: bool
    diff_id: DiffID | None
    size: int
    """Unpacked bytes where an importer read the layer, else the file's; 0 for an empty layer."""
    image_id: ImageID | None = None
    """On the newest entry only: the image itself."""
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Relative:
    """A parent or a child of an image."""

    id: ImageID
    shared_layers: int
    """The most over the platforms on which the relation holds."""
    platforms: tuple[Platform, ...]
    """On which it holds, in the order of their names."""
    is_dangling: bool
    key: int = field(repr=False, compare=False, default=0)


@dataclass(frozen=True, slots=True)
class TreeNode:
    """An image in the lineage tree, with what is built on it."""

    image: ImageSummary
    platforms: tuple[Platform, ...]
    """On which it is built on the node above; empty at a root."""
    children: tuple["TreeNode", ...] = ()
    is_repeated: bool = False
    """It stands elsewhere on this path, or was drawn before: its children are not repeated."""


@dataclass(frozen=True, slots=True)
class Replaced:
    """A name that an import moved away from another image."""

    name: str
    image_id: ImageID
    is_dangling: bool
    """The other image has no name left."""


@dataclass(frozen=True, slots=True)
class ImportedImage:
    """What an import did with one image of a source."""

    id: ImageID
    names: tuple[str, ...]
    """Familiar, as the source gives them."""
    is_new: bool
    replaced: tuple[Replaced, ...]
    bare_tag: str | None
    """A tag without a repository, that named nothing."""
    manifests: int
    """Present ones."""
    layers: int
    size: int
    """Bytes of content."""


class Way(StrEnum):
    """How a text names an image."""

    NAME = "name"
    """It is a stored reference."""
    ID = "ID"
    """It is the image's ID, the ID's beginning, or moby's name of a dangling image."""
    REPOSITORY = "repository"
    """It is `repo@digest` or `repo:tag@digest`, not stored as such, of some of its references."""


# ── deletion ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Untagged:
    """A reference was removed; `name` is familiar."""

    name: str


@dataclass(frozen=True, slots=True)
class Deleted:
    """An image, or a manifest of one, was removed."""

    digest: Digest


Record = Untagged | Deleted
"""What a delete did, in order."""


class ConflictKind(StrEnum):
    """Why an image cannot be deleted."""

    RUNNING_CONTAINER = "running container"
    STOPPED_CONTAINER = "stopped container"
    SEVERAL_REFERENCES = "several references"


@dataclass(frozen=True, slots=True)
class ContainerUse:
    """A container that uses an image: it was created from it, or mounts it."""

    key: int
    id: str
    name: str
    state: str
    host: str
    created: datetime
    platform: Platform | None
    is_mount: bool
    """It only mounts the image."""

    @property
    def is_running(self) -> bool:
        """Whether its state counts as running."""
        return self.state in RUNNING_STATES

    @property
    def short_id(self) -> str:
        """The first 12 digits."""
        return self.id[:SHORT_LENGTH]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A reason that forbids a delete; `str()` is docker's line."""

    kind: ConflictKind
    is_hard: bool
    """A hard one cannot be lifted by force."""
    subject: str
    """What cannot be deleted: a familiar name, or 12 digits of the image ID."""
    message: str
    container: ContainerUse | None = None
    reference: str | None = None

    def __str__(self) -> str:
        how = "cannot be forced" if self.is_hard else "must be forced"
        return f"conflict: unable to delete {self.subject} ({how}) - {self.message}"


# ── containers ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Mount:
    """An image mounted into a container."""

    source: str
    """The image as it was typed."""
    target: str
    image_digest: Digest | None = None
    is_image_missing: bool = False


@dataclass(frozen=True, slots=True)
class Container:
    """A container of a host, as a record."""

    key: int
    id: str
    name: str
    host: str
    state: str
    reference: str
    """The image as it was typed."""
    image_digest: Digest | None
    is_image_missing: bool
    platform: Platform | None
    created: datetime
    started: datetime | None
    finished: datetime | None
    mounts: tuple[Mount, ...] = ()

    @property
    def is_running(self) -> bool:
        """Whether its state counts as running."""
        return self.state in RUNNING_STATES


@dataclass(frozen=True, slots=True)
class ReportedContainer:
    """A container as a host's engine describes it."""

    id: str
    name: str
    state: str
    reference: str
    image_digest: Digest
    """Of the image, its manifest or its config, whichever the engine tells."""
    platform: Platform | None
    created: datetime
    started: datetime | None
    finished: datetime | None
    mounts: tuple[Mount, ...] = ()


# ── events and content ────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened."""

    id: int
    position: int
    time: datetime
    namespace: str
    host: str | None
    type: str
    action: str
    actor_id: str
    name: str
    attributes: Mapping[str, str]
    who: str
    database_user: str
    request_id: str


@dataclass(frozen=True, slots=True)
class Release:
    """Content that no image of a namespace uses any more."""

    namespace: str
    kind: str
    """`blob`, `config`, `manifest`, `index`, or `chain` (of unpacked layers)."""
    digest: Digest
    media_type: str | None
    size: int
    released: datetime
