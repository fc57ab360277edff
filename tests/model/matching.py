"""Section 11 of the semantics: which image a host means by a digest."""

from collections.abc import Iterable

from imagedb.digests import Digest, ImageID
from imagedb.references import parse_reference
from tests.model.images import StoredImage
from tests.model.stores import Store


def match(store: Store, digest: Digest, typed: str) -> ImageID | None:
    """By image ID, else by manifest, else by config; of several the one that is typed."""
    candidates = _candidates(store.images.values(), digest)
    return next((each for each in candidates if _is_named(store, each, typed)), None) or next(
        iter(candidates), None
    )


def link(store: Store, stored: list[StoredImage]) -> None:
    """Link the containers that waited for what was stored just now, as a report would."""
    for holder in store.holders():
        if holder.image is None and holder.digest and _candidates(stored, holder.digest):
            holder.image = match(store, holder.digest, holder.typed)


def _candidates(images: Iterable[StoredImage], digest: Digest) -> list[ImageID]:
    """The images that a digest may mean, by ID; none where an earlier way tells it."""
    known = sorted(images, key=lambda image: image.id)
    for tells in (_by_id, _by_manifest, _by_config):
        found = [image.id for image in known if digest in tells(image)]
        if found:
            return found
    return []


def _is_named(store: Store, image: ImageID, typed: str) -> bool:
    try:
        name = parse_reference(typed).with_default_tag()
    except Exception:  # noqa: BLE001 - whatever does not parse names nothing
        return False
    return store.names.get(str(name)) == image


def _by_id(image: StoredImage) -> set[Digest]:
    return {image.id}


def _by_manifest(image: StoredImage) -> set[Digest]:
    return {member.digest for member in image.standing}


def _by_config(image: StoredImage) -> set[Digest]:
    return {member.config.digest for member in image.standing if member.config}
