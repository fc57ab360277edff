"""Images: one resolver for every operation, and what is told of an image.

A text names an image in one of five ways, tried in this order:

1. a digest alone: the image with that ID;
2. `repo@digest`, `repo:tag@digest`: only references of that repository qualify;
3. an exact reference, the default tag added, before any ID prefix;
4. 4 to 63 hex digits, with or without `sha256:`: an ID's beginning, if only one has it;
5. `moby-dangling@<ID>`: the image while it dangles.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row

from imagedb.columns import UNKNOWN_TIME
from imagedb.digests import Digest
from imagedb.errors import AmbiguousReferenceError, ImageNotFoundError
from imagedb.platforms import Platform, parse_platform
from imagedb.records import Image, ImageSummary, ManifestKind, Namespace, Way
from imagedb.references import Reference, familiar, find_id_prefix, parse_any_reference
from imagedb.sql import images as sql

PAGE_SIZE: Final = 500
_MAX_CANDIDATES: Final = 20
_SHA256_DIGITS: Final = 64


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a text names."""

    image: Image
    way: Way
    reference: Reference | None
    """As stored for `NAME`, as typed for `REPOSITORY`; for `ID` only the dangling name."""


def resolve(connection: Connection, namespace: Namespace, text: str) -> Resolution:
    """Find what a text names.

    Raises:
        InvalidReferenceError: it does not parse.
        AmbiguousReferenceError: several images have IDs that begin with it.
        ImageNotFoundError: nothing answers to it.
    """
    parsed = parse_any_reference(text)
    if isinstance(parsed, Digest):
        image = _find_by_digest(connection, namespace, parsed)
        if image is None:
            raise ImageNotFoundError(parsed)
        return Resolution(image, Way.ID, None)
    if parsed.digest:
        return _resolve_digest_reference(connection, namespace, parsed, parsed.digest)
    return _resolve_name(connection, namespace, parsed.with_default_tag(), find_id_prefix(text))


def get_image(connection: Connection, namespace: Namespace, text: str) -> Image:
    """The image that a text names; raises what `resolve` raises."""
    return resolve(connection, namespace, text).image


def _resolve_digest_reference(
    connection: Connection,
    namespace: Namespace,
    reference: Reference,
    digest: Digest,
) -> Resolution:
    image = _find_by_name(connection, namespace, reference)
    if image is not None:
        return Resolution(image, Way.NAME, reference)
    image = _find_by_digest(connection, namespace, digest)
    if image is None:
        raise ImageNotFoundError(reference.familiar)
    names = references_of(connection, [image.key])[image.key]
    if reference.is_dangling_name and not names:
        return Resolution(image, Way.ID, reference)
    if not any(reference.stands_for(name) for name in names):
        raise ImageNotFoundError(reference.familiar)
    return Resolution(image, Way.REPOSITORY, reference)


def _resolve_name(
    connection: Connection,
    namespace: Namespace,
    reference: Reference,
    prefix: str | None,
) -> Resolution:
    image = _find_by_name(connection, namespace, reference)
    if image is not None:
        return Resolution(image, Way.NAME, reference)
    candidates = _find_by_prefix(connection, namespace, prefix) if prefix else ()
    if len(candidates) > 1:
        raise AmbiguousReferenceError(reference.familiar, [image.id for image in candidates])
    if not candidates:
        raise ImageNotFoundError(reference.familiar)
    return Resolution(candidates[0], Way.ID, None)


def _find_by_name(
    connection: Connection,
    namespace: Namespace,
    reference: Reference,
) -> Image | None:
    values = {"namespace": namespace.key, "name": str(reference)}
    row = connection.execute(sql.image_by_name, values).first()
    return _image(row) if row else None


def _find_by_digest(connection: Connection, namespace: Namespace, digest: Digest) -> Image | None:
    values = {"namespace": namespace.key, "digest": digest}
    row = connection.execute(sql.image_by_digest, values).first()
    return _image(row) if row else None


def _find_by_prefix(
    connection: Connection,
    namespace: Namespace,
    prefix: str,
) -> Sequence[Image]:
    values = {
        "namespace": namespace.key,
        "lower": bytes.fromhex(prefix.ljust(_SHA256_DIGITS, "0")),
        "upper": bytes.fromhex(prefix.ljust(_SHA256_DIGITS, "f")),
        "limit": _MAX_CANDIDATES,
    }
    return [_image(row) for row in connection.execute(sql.images_by_prefix, values)]


def images_by_key(connection: Connection, keys: Iterable[int]) -> dict[int, Image]:
    """Images by their rows' numbers."""
    wanted = list(keys)
    if not wanted:
        return {}
    rows = connection.execute(sql.images_by_key, {"images": wanted})
    return {row.id: _image(row) for row in rows}


def _image(row: Row[*tuple[Any, ...]]) -> Image:
    key, namespace_key, digest, media_type, size, content_size, created, entered = row
    return Image(
        key=key,
        namespace_key=namespace_key,
        id=digest,
        media_type=media_type,
        size=size,
        content_size=content_size,
        created=created if created != UNKNOWN_TIME else None,
        entered=entered,
    )


# ── names ─────────────────────────────────────────────────────────────────────────────────────


def references_of(
    connection: Connection,
    keys: Iterable[int],
) -> defaultdict[int, tuple[Reference, ...]]:
    """The references of each image, in name order; nobody changes them while it is locked."""
    found: defaultdict[int, tuple[Reference, ...]] = defaultdict(tuple)
    for key, name in connection.execute(sql.names_of_images, {"images": list(keys)}):
        found[key] += (parse_stored_name(name),)
    return found


def parse_stored_name(name: str) -> Reference:
    """Read a canonical name that was checked before it was stored."""
    parsed = parse_any_reference(name)
    if isinstance(parsed, Digest):
        raise TypeError(f"{name!r} is no stored name")
    return parsed


def names_of(connection: Connection, keys: Iterable[int]) -> defaultdict[int, tuple[str, ...]]:
    """The familiar names of each image, in name order; empty for a dangling one."""
    found: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
    for key, name in connection.execute(sql.names_of_images, {"images": list(keys)}):
        found[key] += (familiar(name),)
    return found


# ── lists ─────────────────────────────────────────────────────────────────────────────────────


def list_images(connection: Connection, namespace: Namespace) -> Iterator[ImageSummary]:
    """All images of a namespace, the newest first; in pages, so that memory stays flat."""
    for page in pages_of_images(connection, namespace):
        yield from summarize(connection, page)


def pages_of_images(connection: Connection, namespace: Namespace) -> Iterator[Sequence[Image]]:
    """All images of a namespace, the newest first, `PAGE_SIZE` at a time."""
    values: dict[str, object] = {"namespace": namespace.key, "limit": PAGE_SIZE}
    rows = connection.execute(sql.images_newest, values).all()
    while rows:
        yield [_image(row) for row in rows]
        if len(rows) < PAGE_SIZE:
            return
        values |= {"created": rows[-1].created_at, "after": rows[-1].id}
        rows = connection.execute(sql.images_after, values).all()


def summarize(connection: Connection, images: Sequence[Image]) -> Iterator[ImageSummary]:
    """A row of `image ls` for each image, in the same order, by three statements in all."""
    keys = [image.key for image in images]
    names = names_of(connection, keys)
    platforms = _platforms_of(connection, keys)
    containers = {
        key: count for key, count in connection.execute(sql.containers_of_images, {"images": keys})
    }
    for image in images:
        yield ImageSummary(
            id=image.id,
            names=names[image.key],
            platforms=platforms[image.key],
            created=image.created,
            content_size=image.content_size,
            containers=containers.get(image.key, 0),
        )


def _platforms_of(
    connection: Connection,
    keys: Sequence[int],
) -> defaultdict[int, tuple[Platform, ...]]:
    found: defaultdict[int, tuple[Platform, ...]] = defaultdict(tuple)
    for row in connection.execute(sql.manifests_of_images, {"images": keys}):
        if row.is_present and row.kind == ManifestKind.IMAGE and row.platform:
            found[row.image_id] += (parse_platform(row.platform),)
    return found
