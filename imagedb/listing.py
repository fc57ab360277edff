"""Images as lists show them: narrowed by docker's filters, with what each row tells.

Rows come in pages, by a fixed number of statements each, so that memory stays flat.

Source: moby, daemon/containerd/image_list.go.
"""

import fnmatch
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from imagedb.columns import UNKNOWN_TIME
from imagedb.errors import InvalidInputError
from imagedb.images import get_image, pages_of_images, references_of
from imagedb.inspection import HeldManifest, choose, labels_of, manifests_of
from imagedb.platforms import Platform
from imagedb.records import Image, ListedImage, Namespace
from imagedb.references import Reference
from imagedb.sql import images as sql

FILTERS: Final = frozenset({"before", "dangling", "label", "label!", "reference", "since", "until"})
"""Those of docker's list of images."""

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ImageFilter:
    """Which images a list shows; what is not given narrows nothing."""

    dangling: bool | None = None
    labels: tuple[str, ...] = ()
    """`key` or `key=value`: one present platform must have all of them."""
    without_labels: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    """Patterns; only the names that fit are shown."""
    before: tuple[str, ...] = ()
    """Created before these images."""
    since: tuple[str, ...] = ()
    until: tuple[datetime, ...] = ()
    """Entered the namespace before these moments."""


def list_filtered(
    connection: Connection,
    namespace: Namespace,
    wanted: ImageFilter,
    *,
    platform: Platform | None = None,
) -> Iterator[ListedImage]:
    """The images that a filter lets through, the newest first; `platform` is the caller's.

    Raises:
        ImageNotFoundError, InvalidReferenceError: what `before` or `since` names.
    """
    is_wanted = _by_age(connection, namespace, wanted)
    for page in pages_of_images(connection, namespace):
        yield from _listed(connection, [one for one in page if is_wanted(one)], wanted, platform)


def _by_age(
    connection: Connection, namespace: Namespace, wanted: ImageFilter
) -> Callable[[Image], bool]:
    """What an image's own moments decide; one without a date is neither before nor since."""
    before = [get_image(connection, namespace, text).created for text in wanted.before]
    since = [get_image(connection, namespace, text).created for text in wanted.since]
    befores, sinces = [one for one in before if one], [one for one in since if one]

    def is_wanted(image: Image) -> bool:
        if not all(image.entered < moment for moment in wanted.until):
            return False
        if not befores and not sinces:
            return True
        created = image.created
        return created is not None and (
            all(created < moment for moment in befores)
            and all(created > moment for moment in sinces)
        )

    return is_wanted


def _listed(
    connection: Connection,
    images: Sequence[Image],
    wanted: ImageFilter,
    platform: Platform | None,
) -> Iterator[ListedImage]:
    keys = [image.key for image in images]
    names = references_of(connection, keys)
    manifests = manifests_of(connection, keys)
    standing = [one.key for key in keys for one in manifests[key] if one.stands_for_image]
    labels = labels_of(connection, standing)
    containers = {
        key: count for key, count in connection.execute(sql.containers_of_images, {"images": keys})
    }
    for image in images:
        shown = matching_names(names[image.key], wanted.references)
        held = manifests[image.key]
        if not _is_wanted(shown, held, labels, wanted, is_dangling=not names[image.key]):
            continue
        chosen = choose(held, platform)
        yield ListedImage(
            image=image,
            names=shown,
            created=_known(chosen.created) if chosen else None,
            labels=labels[chosen.key] if chosen else {},
            containers=containers.get(image.key, 0),
        )


def _known(moment: datetime) -> datetime | None:
    return moment if moment != UNKNOWN_TIME else None


def _is_wanted(
    shown: Sequence[Reference],
    held: Iterable[HeldManifest],
    labels: Mapping[int, Labels],
    wanted: ImageFilter,
    *,
    is_dangling: bool,
) -> bool:
    if wanted.references and not shown:
        return False
    if wanted.dangling is not None and wanted.dangling != is_dangling:
        return False
    if not wanted.labels and not wanted.without_labels:
        return True
    return any(
        matches_labels(labels[one.key], wanted.labels, wanted.without_labels)
        for one in held
        if one.stands_for_image
    )


# ── what docker's filters say ─────────────────────────────────────────────────────────────────


def matches_labels(labels: Labels, required: Iterable[str], refused: Iterable[str]) -> bool:
    """Whether labels fulfil all of `label` and `label!`; `label=key!=value` is the latter.

    Source: moby, daemon/containerd/image_list.go, `setupLabelFilter`.
    """
    return all(_has(labels, text) for text in required) and not any(
        _has(labels, text) for text in refused
    )


def _has(labels: Labels, text: str) -> bool:
    key, equals, value = text.partition("=")
    if equals and key.endswith("!"):
        return labels.get(key.removesuffix("!")) != value
    return key in labels and (not equals or labels[key] == value)


def matching_names(names: Sequence[Reference], patterns: Sequence[str]) -> tuple[Reference, ...]:
    """The names that fit one of docker's patterns, all without a pattern.

    Source: moby, daemon/containerd/image_list.go; distribution/reference, `FamiliarMatch`.
    """
    if not patterns:
        return tuple(names)
    return tuple(name for name in names if any(_fits(name, pattern) for pattern in patterns))


def _fits(name: Reference, pattern: str) -> bool:
    forms = (name.familiar, name.familiar_repository, str(name), name.repository)
    return any(_glob(form, pattern) for form in forms)


def _glob(text: str, pattern: str) -> bool:
    """As a shell does: `*` does not go beyond a slash."""
    parts, patterns = text.split("/"), pattern.split("/")
    return len(parts) == len(patterns) and all(
        fnmatch.fnmatchcase(part, one) for part, one in zip(parts, patterns, strict=True)
    )


def parse_dangling(values: Sequence[str]) -> bool | None:
    """Read the filter `dangling`: one meaning, however often it is given.

    Raises:
        InvalidInputError: it has no meaning, or two.
    """
    words = {"1": True, "true": True, "0": False, "false": False}
    meanings = {words.get(value) for value in values}
    if not meanings:
        return None
    if len(meanings) > 1 or None in meanings:
        raise InvalidInputError(f"invalid filter 'dangling=[{' '.join(values)}]'")
    return meanings.pop()
