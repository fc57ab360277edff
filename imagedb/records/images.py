"""Images, and what is told of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from imagedb.digests import ChainID, DiffID, Digest, ImageID
from imagedb.platforms import Platform
from imagedb.records.holds import Hold
from imagedb.records.sources import ManifestKind
from imagedb.references import Reference


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
class ListedImage:
    """A row of docker's list of images."""

    image: Image
    names: tuple[Reference, ...]
    """Those that were asked for, in name order; digest references among them."""
    created: datetime | None
    """Of the platform that stands for it."""
    labels: Mapping[str, str]
    containers: int
    """Using containers, mounts included."""


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
    holds: tuple[Hold, ...] = ()
    """The oldest first."""


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
