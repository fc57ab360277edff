"""Images in the model: what a target names, and what of that was brought."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from imagedb.digests import Digest, ImageID, chain_ids
from imagedb.platforms import LINUX_AMD64, Platform
from imagedb.records import Document, ManifestKind, SourceImage, SourceManifest

Content = dict[tuple[str, str], tuple[str | None, int]]
"""Kind and digest to media type and bytes."""
SAID_IN_EVENTS: Final = frozenset(
    ("name", "names", "platforms", "chains", "image", "platform", "previous", "reference")
) | {"exitCode", "oldName"}


def told_labels(labels: Mapping[str, str]) -> dict[str, str]:
    """Those that events carry: none may pass for what imagedb says itself."""
    return {key: value for key, value in labels.items() if key not in SAID_IN_EVENTS}


@dataclass
class StoredImage:
    """An image of a namespace; it holds those of its members that are present."""

    id: ImageID
    media_type: str
    size: int
    members: list[SourceManifest]
    """What the target names, nested indexes flattened, in index order."""
    indexes: dict[Digest, Document] = field(default_factory=dict)

    @classmethod
    def of(cls, source: SourceImage) -> "StoredImage":
        """Take an image that is not stored yet."""
        indexes = {index.digest: index for index in source.indexes}
        return cls(source.id, source.media_type, source.size, list(source.manifests), indexes)

    @property
    def held(self) -> list[SourceManifest]:
        """What is present."""
        return [member for member in self.members if member.is_present]

    @property
    def standing(self) -> list[SourceManifest]:
        """The present images: lineage, platforms and labels look at nothing else."""
        return [member for member in self.held if member.kind is ManifestKind.IMAGE]

    @property
    def platforms(self) -> tuple[Platform, ...]:
        """Those that are held, in index order."""
        return tuple(member.platform for member in self.standing if member.platform)

    def chosen(self, *preferred: Platform | None) -> SourceManifest | None:
        """What stands for the image: the preferred platform, linux/amd64, or the first."""
        for platform in (*preferred, LINUX_AMD64):
            for member in self.standing:
                if platform and member.platform == platform:
                    return member
        return next(iter(self.standing), None)

    @property
    def created(self) -> datetime | None:
        """As the config of what stands for it says."""
        chosen = self.chosen()
        return chosen.created if chosen else None

    def labels(self, platform: Platform | None) -> dict[str, str]:
        """Of what stands for it to a caller of this platform."""
        chosen = self.chosen(platform)
        return dict(chosen.labels) if chosen else {}

    def told_labels(self, platform: Platform | None) -> dict[str, str]:
        """Those that events carry: none may pass for what imagedb says itself."""
        return told_labels(self.labels(platform))

    def command(self, platform: Platform | None) -> tuple[list[str], list[str]]:
        """Entrypoint and command of what stands for it to a caller of this platform."""
        chosen = self.chosen(platform)
        config = json.loads(chosen.config.content) if chosen and chosen.config else {}
        inner = config.get("config") or {}
        return inner.get("Entrypoint") or [], inner.get("Cmd") or []

    @property
    def top_chains(self) -> list[str]:
        """The top chain ID of each present image that has layers."""
        return [chains[-1] for chains in map(_chains, self.standing) if chains]

    def paths(self, platform: Platform) -> list[tuple[str, ...]]:
        """The layers on a platform, for each manifest that has some."""
        standing = [member for member in self.standing if member.platform == platform]
        return [path for path in map(_path, standing) if path]

    @property
    def content_size(self) -> int:
        """Bytes of the present manifests, their configs and layer files, each once."""
        counted = {"manifest", "config", "blob"}
        return sum(size for (kind, _), (_, size) in self.content().items() if kind in counted)

    def content(self) -> Content:
        """Everything the image uses."""
        used: Content = {
            ("index", index.digest): (index.media_type, len(index.content))
            for index in self.indexes.values()
        }
        for member in self.held:
            used["manifest", member.digest] = (member.media_type, member.size)
            used |= {("blob", y.digest): (y.media_type, y.size) for y in member.layers}
            if member.config:
                config = member.config
                used["config", config.digest] = (config.media_type, len(config.content))
        for member in self.standing:
            used |= {("chain", chain): (None, 0) for chain in _chains(member)}
        return used

    def complete(self, source: SourceImage) -> None:
        """Hold what the source brings and the image did not hold yet.

        A nested index that was not there gives its place to what it names.
        """
        brought = {member.digest: member for member in source.manifests}
        self.indexes |= {index.digest: index for index in source.indexes}
        opened = [
            member if member.is_present else brought.get(member.digest, member)
            for entry in self.members
            for member in _opened(entry, source.manifests)
        ]
        self.members = list({member.digest: member for member in opened}.values())

    def drop(self, digests: Iterable[str]) -> None:
        """Hold some manifests no more; that the target names them stays."""
        gone = set(digests)
        self.members = [
            replace(member, document=None, config=None, layers=(), labels={}, created=None)
            if member.digest in gone
            else member
            for member in self.members
        ]


def _opened(entry: SourceManifest, brought: Iterable[SourceManifest]) -> list[SourceManifest]:
    """An entry, or what came through it if it is an index."""
    inside = [member for member in brought if member.index == entry.digest]
    return [each for member in inside for each in _opened(member, brought)] or [entry]


def _path(member: SourceManifest) -> tuple[str, ...]:
    return tuple(layer.diff_id for layer in member.layers if layer.diff_id)


def _chains(member: SourceManifest) -> list[str]:
    return list(chain_ids(_path(member)))
