"""Section 2 of the semantics: what a text names."""

from dataclasses import dataclass
from enum import Enum

from imagedb.digests import Digest, ImageID
from imagedb.references import Reference, find_id_prefix, parse_any_reference
from tests.model.stores import Refused, Store

DANGLING = "docker.io/library/moby-dangling"


class How(Enum):
    """By what an image is named."""

    NAME = "a stored reference"
    ID = "its ID, the beginning of it, or moby's name of a dangling image"
    PART = "its digest and a repository, not stored as such"


@dataclass(frozen=True)
class Found:
    """What a text names, and how."""

    image: ImageID
    how: How
    reference: Reference | None = None


def resolve(store: Store, text: str) -> Found:
    """Find the image; refuses what does not parse, what is ambiguous, what is not there."""
    parsed = parse_any_reference(text)
    if isinstance(parsed, Digest):
        return Found(_stored(store, parsed, parsed), How.ID)
    if parsed.digest:
        return _by_digest(store, parsed, parsed.digest)
    return _by_name(store, parsed.with_default_tag(), find_id_prefix(text))


def _by_digest(store: Store, reference: Reference, digest: Digest) -> Found:
    if str(reference) in store.names:
        return Found(store.names[str(reference)], How.NAME, reference)
    image = _stored(store, digest, reference.familiar)
    names = store.names_of(image)
    if reference.repository == DANGLING and reference.tag is None and not names:
        return Found(image, How.ID)
    qualifying = [
        name
        for name in names
        if name.repository == reference.repository and reference.tag in {None, name.tag}
    ]
    if not qualifying:
        raise _not_found(reference.familiar)
    return Found(image, How.PART, reference)


def _by_name(store: Store, reference: Reference, prefix: str | None) -> Found:
    if str(reference) in store.names:
        return Found(store.names[str(reference)], How.NAME, reference)
    matching = sorted(
        image for image in store.images if prefix and image.startswith(f"sha256:{prefix}")
    )
    if len(matching) > 1:
        raise Refused("AmbiguousReferenceError", "ambiguous reference", tuple(matching))
    if not matching:
        raise _not_found(reference.familiar)
    return Found(matching[0], How.ID)


def _stored(store: Store, digest: Digest, told: str) -> ImageID:
    if digest not in store.images:
        raise _not_found(told)
    return ImageID(digest)


def _not_found(told: str) -> Refused:
    return Refused("ImageNotFoundError", f"No such image: {told}")
