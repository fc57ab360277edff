"""Sources as one would wish them: each image once, each name at one image."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from imagedb.digests import Digest
from imagedb.records import SourceImage, SourceManifest


def merge_sources(images: Sequence[SourceImage]) -> tuple[SourceImage, ...]:
    """Put what is told of one image together, and give each name to the last image that has it."""
    merged: dict[str, SourceImage] = {}
    for image in images:
        other = merged.get(image.id)
        merged[image.id] = _merge(other, image) if other else image
    owners = {name: image.id for image in images for name in image.names}
    return tuple(
        replace(image, names=tuple(name for name in image.names if owners[name] == image.id))
        for image in merged.values()
    )


def _merge(one: SourceImage, two: SourceImage) -> SourceImage:
    longer, other = (one, two) if len(one.manifests) >= len(two.manifests) else (two, one)
    held = {manifest.digest: manifest for manifest in other.manifests if manifest.is_present}
    return replace(
        longer,
        names=tuple(dict.fromkeys((*one.names, *two.names))),
        manifests=tuple(_held(manifest, held) for manifest in longer.manifests),
        bare_tag=one.bare_tag or two.bare_tag,
        warnings=tuple(dict.fromkeys((*one.warnings, *two.warnings))),
    )


def _held(manifest: SourceManifest, held: Mapping[Digest, SourceManifest]) -> SourceManifest:
    return manifest if manifest.is_present else held.get(manifest.digest, manifest)
