"""Sources as one would wish them: each image once, each name at one image."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
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
    held = [manifest for manifest in (*two.manifests, *one.manifests) if manifest.is_present]
    known = {manifest.digest: manifest for manifest in (*two.manifests, *one.manifests, *held)}
    order = opened((manifest.digest for manifest in one.manifests), two.manifests)
    return replace(
        one,
        names=tuple(dict.fromkeys((*one.names, *two.names))),
        manifests=tuple(known[digest] for digest in order),
        indexes=tuple({i.digest: i for i in (*one.indexes, *two.indexes)}.values()),
        bare_tag=one.bare_tag or two.bare_tag,
        warnings=tuple(dict.fromkeys((*one.warnings, *two.warnings))),
    )


def opened(named: Iterable[Digest], brought: Iterable[SourceManifest]) -> tuple[Digest, ...]:
    """What an image names, each index that is brought now in the place of which it was absent."""
    inside: defaultdict[Digest | None, list[Digest]] = defaultdict(list)
    for manifest in brought:
        inside[manifest.index].append(manifest.digest)

    def open_one(digest: Digest) -> Iterator[Digest]:
        if digest not in inside:
            yield digest
        for member in inside.get(digest, ()):
            yield from open_one(member)

    return tuple(dict.fromkeys(each for digest in named for each in open_one(digest)))
