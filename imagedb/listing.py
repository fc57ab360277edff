"""Images as lists show them: narrowed by docker's filters, with what each row tells.

Rows come in pages, by a fixed number of statements each, so that memory stays flat.

Source: moby, daemon/containerd/image_list.go.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from imagedb.columns import UNKNOWN_TIME
from imagedb.errors import InvalidInputError
from imagedb.filters import (
    Filters,
    LabelTest,
    compile_pattern,
    matches_any,
    parse_flag,
    parse_labels,
    read_until,
)
from imagedb.images import get_image, pages_of_images, references_of
from imagedb.inspection import StandingManifest, labels_of, prefer, standing_of
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
    labels: tuple[LabelTest, ...] = ()
    """One present platform must pass all of them."""
    references: tuple[str, ...] = ()
    """Patterns; only the names that fit are shown."""
    before: tuple[str, ...] = ()
    """Created before these images."""
    since: tuple[str, ...] = ()
    until: tuple[datetime, ...] = ()
    """Entered the namespace before these moments."""


def parse_image_filter(filters: Filters, read_moment: Callable[[str], datetime]) -> ImageFilter:
    """Read what was asked for.

    Raises:
        InvalidInputError: a filter that a list does not know, or a value that it cannot have.
    """
    for name in sorted(filters.keys() - FILTERS):
        raise InvalidInputError(f"invalid filter '{name}'")
    flags = filters.get("dangling")
    return ImageFilter(
        dangling=parse_flag("dangling", flags, default=False) if flags is not None else None,
        labels=parse_labels(filters),
        references=tuple(filters.get("reference", ())),
        before=tuple(filters.get("before", ())),
        since=tuple(filters.get("since", ())),
        until=tuple(read_until(value, read_moment) for value in filters.get("until", ())),
    )


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
    manifests = standing_of(connection, keys)
    labels = labels_of(connection, [one.key for key in keys for one in manifests[key]])
    containers = {
        key: count for key, count in connection.execute(sql.containers_of_images, {"images": keys})
    }
    for image in images:
        shown = _shown(names[image.key], wanted.references)
        held = manifests[image.key]
        if not _is_wanted(shown, held, labels, wanted, is_dangling=not names[image.key]):
            continue
        chosen = prefer(held, platform)
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
    held: Iterable[StandingManifest],
    labels: Mapping[int, Labels],
    wanted: ImageFilter,
    *,
    is_dangling: bool,
) -> bool:
    if wanted.references and not shown:
        return False
    if wanted.dangling is not None and wanted.dangling != is_dangling:
        return False
    return not wanted.labels or any(
        all(test.accepts(labels[one.key]) for test in wanted.labels) for one in held
    )


def _shown(names: Sequence[Reference], patterns: Sequence[str]) -> tuple[Reference, ...]:
    if not patterns:
        return tuple(names)
    compiled = [compile_pattern(pattern) for pattern in patterns]
    return tuple(name for name in names if matches_any(name, compiled))
