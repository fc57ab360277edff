"""Read an OCI image layout.

::

    index.json ──> target, an image ──> manifest ──> config, layer files
                   target, an index ──> manifest | index ──> ...

Source: opencontainers/image-spec, image-layout.md, image-index.md.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from imagedb.digests import Digest, ImageID
from imagedb.records import Document, SourceImage, SourceManifest
from imagedb.sources import limits
from imagedb.sources.content import Documents, blob_path
from imagedb.sources.documents import (
    ARCHIVED_IMAGES_FILE,
    INDEX_FILE,
    MARK_FILE,
    Descriptor,
    parse_archived_images,
    parse_index,
    parse_mark,
)
from imagedb.sources.manifests import INDEX_TYPES, absent_manifest, present_manifest
from imagedb.sources.names import Names, Naming, is_named
from imagedb.sources.problems import OverLimit, quoted


def list_targets(documents: Documents) -> list[Descriptor]:
    """List what `index.json` names; one image may have several entries, one per name.

    Raises:
        Problem: it is no image layout of a version we know.
    """
    parse_mark(documents.read(MARK_FILE), quoted(MARK_FILE))
    return parse_index(documents.read(INDEX_FILE), quoted(INDEX_FILE)).manifests


def read_layout(
    documents: Documents, targets: Sequence[Descriptor], naming: Naming
) -> tuple[SourceImage, ...]:
    """Read the documents of all targets; layer files are not opened yet.

    Raises:
        Problem: a document is missing or damaged, or contradicts another.
    """
    entries: defaultdict[Digest, list[Descriptor]] = defaultdict(list)
    for target in targets:
        entries[target.digest].append(target)
    images = [_read_image(documents, alike[0]) for alike in entries.values()]
    tags = {} if any(is_named(t.annotations) for t in targets) else _repo_tags(documents)
    named = [_with_names(image, entries[image.id], tags, naming) for image in images]
    if tags:
        unused = ", ".join(quoted(tag) for found in tags.values() for tag in found)
        warning = f"the names {unused} are left out: {INDEX_FILE} has no such image"
        named[0] = replace(named[0], warnings=(*named[0].warnings, warning))
    return tuple(named)


def _repo_tags(documents: Documents) -> dict[Digest, list[str]]:
    """Docker's names of images, by the digest of their config."""
    if not documents.archive.has(ARCHIVED_IMAGES_FILE):
        return {}
    listed = parse_archived_images(
        documents.read(ARCHIVED_IMAGES_FILE), quoted(ARCHIVED_IMAGES_FILE)
    )
    tags: dict[Digest, list[str]] = {}
    for image in listed:
        if image.repo_tags:
            config = Digest.of(documents.read(image.config))
            tags.setdefault(config, []).extend(image.repo_tags)
    return tags


def _with_names(
    image: SourceImage,
    entries: Sequence[Descriptor],
    tags: dict[Digest, list[str]],
    naming: Naming,
) -> SourceImage:
    """Name an image as its entries say; takes from `tags` what is the image's."""
    configs = [manifest.config.digest for manifest in image.manifests if manifest.config]
    repo_tags = [tag for config in configs for tag in tags.pop(config, [])]
    names = Names(image.id, naming)
    for entry in entries:
        names.add_entry(entry.annotations, repo_tags)
    return names.given_to(image)


def _read_image(documents: Documents, target: Descriptor) -> SourceImage:
    reading = _Target(documents)
    reading.add(target, None, depth=0)
    return SourceImage(
        id=ImageID(target.digest),
        media_type=target.media_type,
        size=target.size,
        names=(),
        manifests=tuple(reading.manifests.values()),
        indexes=tuple(reading.indexes.values()),
        warnings=tuple(reading.warnings),
    )


@dataclass(slots=True)
class _Target:
    """What a target names, nested indexes flattened; a thing named twice counts once."""

    documents: Documents
    manifests: dict[Digest, SourceManifest] = field(default_factory=dict)
    indexes: dict[Digest, Document] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def add(self, descriptor: Descriptor, index: Digest | None, *, depth: int) -> None:
        """Add the target itself (depth 0), or a member of an index and what that names."""
        digest = descriptor.digest
        if digest in self.manifests or digest in self.indexes:
            return
        if depth and not self.documents.has(digest):
            self._add_manifest(absent_manifest(descriptor, index))
        elif descriptor.media_type in INDEX_TYPES:
            self._add_index(descriptor, depth)
        else:
            manifest, warnings = present_manifest(self.documents, descriptor, index)
            self.warnings.extend(warnings)
            self._add_manifest(manifest)

    def _add_index(self, descriptor: Descriptor, depth: int) -> None:
        where = quoted(blob_path(descriptor.digest))
        if depth >= limits.INDEX_DEPTH:
            problem = f"{where} is an index too deep in others"
            raise OverLimit(problem, limit=limits.INDEX_DEPTH)
        document = self.documents.get(descriptor)
        self.indexes[descriptor.digest] = document
        nested = descriptor.digest if depth else None
        for member in parse_index(document.content, where).manifests:
            self.add(member, nested, depth=depth + 1)

    def _add_manifest(self, manifest: SourceManifest) -> None:
        self.manifests[manifest.digest] = manifest
        if len(self.manifests) > limits.MEMBERS:
            problem = "an index and those in it have too many members"
            raise OverLimit(problem, limit=limits.MEMBERS)
