"""Section 4 of the semantics: parents and children, by comparing lists of layers."""

from imagedb.digests import ImageID
from imagedb.platforms import Platform
from imagedb.records import Relative
from tests.model.images import StoredImage
from tests.model.stores import Store


def parents(store: Store, child: ImageID) -> list[Relative]:
    """What an image is built on, nearest first."""
    others = [image for image in store.images.values() if image.id != child]
    return _relatives(store, [(image, shared(image, store.images[child])) for image in others])


def children(store: Store, parent: ImageID) -> list[Relative]:
    """What is built on an image."""
    others = [image for image in store.images.values() if image.id != parent]
    return _relatives(store, [(image, shared(store.images[parent], image)) for image in others])


def shared(parent: StoredImage, child: StoredImage) -> dict[Platform, int]:
    """How many layers they share on each platform where the one is a parent of the other."""
    found = {}
    for platform in set(parent.platforms) & set(child.platforms):
        counts = [
            len(below)
            for below in parent.paths(platform)
            for above in child.paths(platform)
            if len(below) < len(above) and above[: len(below)] == below
        ]
        if counts:
            found[platform] = max(counts)
    return found


def _relatives(
    store: Store, related: list[tuple[StoredImage, dict[Platform, int]]]
) -> list[Relative]:
    relatives = [
        Relative(
            id=image.id,
            shared_layers=max(layers.values()),
            platforms=tuple(sorted(layers, key=str)),
            is_dangling=store.is_dangling(image.id),
        )
        for image, layers in related
        if layers
    ]
    return sorted(relatives, key=lambda r: (-r.shared_layers, not r.is_dangling, r.id))
