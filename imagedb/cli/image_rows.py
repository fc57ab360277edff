"""Images as rows of docker's tables, and as docker's `inspect` shows them.

Source: docker/cli, command/formatter/image.go, command/image/formatter_history.go; moby,
api/types/image/image_inspect.go, manifest.go.
"""

import itertools
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from imagedb.cli.listing import NONE, Listing, Row
from imagedb.cli.times import format_local
from imagedb.cli.units import UNKNOWN, format_age, format_size
from imagedb.digests import Digest
from imagedb.docker_json.images import details_object, manifest_objects
from imagedb.records import HistoryEntry, Hold, ImageDetails, ImageSummary
from imagedb.references import Reference, parse_reference
from imagedb.times import format_utc

IMAGES: Final = Listing(
    headers={
        "Repository": "REPOSITORY",
        "Tag": "TAG",
        "Digest": "DIGEST",
        "ID": "IMAGE ID",
        "CreatedSince": "CREATED",
        "CreatedAt": "CREATED AT",
        "Size": "SIZE",
        "Containers": "CONTAINERS",
        "Platforms": "PLATFORMS",
        "SharedSize": "SHARED SIZE",
        "UniqueSize": "UNIQUE SIZE",
    },
    columns=("Repository", "Tag", "ID", "CreatedSince", "Size"),
)
IMAGES_WITH_DIGESTS: Final = Listing(
    headers=IMAGES.headers,
    columns=("Repository", "Tag", "Digest", "ID", "CreatedSince", "Size"),
)
HISTORY: Final = Listing(
    headers={
        "ID": "IMAGE",
        "CreatedSince": "CREATED",
        "CreatedAt": "CREATED AT",
        "CreatedBy": "CREATED BY",
        "Size": "SIZE",
        "Comment": "COMMENT",
    },
    columns=("ID", "CreatedSince", "CreatedBy", "Size", "Comment"),
)
_MISSING: Final = "<missing>"
_CREATED_BY_WIDTH: Final = 45


def format_id(digest: Digest, *, no_trunc: bool) -> str:
    """Write an ID whole, or its first 12 digits."""
    return str(digest) if no_trunc else digest.short


# ── ls ────────────────────────────────────────────────────────────────────────────────────────


def image_rows(
    image: ImageSummary,
    *,
    wanted: Reference | None,
    no_trunc: bool,
    now: datetime,
) -> Iterator[Row]:
    """Give one row for each name; of a repository without tags, and of a dangling image, one."""
    fields = {
        "ID": format_id(image.id, no_trunc=no_trunc),
        "CreatedSince": format_age(image.created, now=now),
        "CreatedAt": format_local(image.created) if image.created else UNKNOWN,
        "Size": format_size(image.content_size),
        "Containers": str(image.containers),
        "Platforms": ",".join(map(str, image.platforms)),
        "SharedSize": UNKNOWN,
        "UniqueSize": UNKNOWN,
    }
    if image.is_dangling and wanted is None:
        yield {"Repository": NONE, "Tag": NONE, "Digest": NONE, **fields}
    for repository, tag in _repositories_and_tags(image.names, wanted):
        yield {"Repository": repository, "Tag": tag, "Digest": str(image.id), **fields}


def _repositories_and_tags(
    names: Iterable[str], wanted: Reference | None
) -> Iterator[tuple[str, str]]:
    references = [parse_reference(name) for name in names]
    if wanted:
        references = [name for name in references if _is_wanted(name, wanted)]
    for repository, group in itertools.groupby(references, lambda name: name.familiar_repository):
        tags = [name.tag for name in group if name.tag]
        yield from ((repository, tag) for tag in tags or [NONE])


def _is_wanted(name: Reference, wanted: Reference) -> bool:
    return (
        name.repository == wanted.repository
        and wanted.tag in {None, name.tag}
        and wanted.digest in {None, name.digest}
    )


# ── history ───────────────────────────────────────────────────────────────────────────────────


def history_row(entry: HistoryEntry, *, human: bool, no_trunc: bool, now: datetime) -> Row:
    """Give the row of a build step."""
    created_by = entry.created_by.replace("\t", " ")
    created_at = format_utc(entry.created) if entry.created else UNKNOWN
    return {
        "ID": format_id(entry.image_id, no_trunc=no_trunc) if entry.image_id else _MISSING,
        "CreatedSince": format_age(entry.created, now=now) if human else created_at,
        "CreatedAt": created_at,
        "CreatedBy": created_by if no_trunc else _shortened(created_by),
        "Size": format_size(entry.size) if human else str(entry.size),
        "Comment": entry.comment,
    }


def _shortened(text: str) -> str:
    return text if len(text) <= _CREATED_BY_WIDTH else f"{text[: _CREATED_BY_WIDTH - 1]}…"


# ── inspect ───────────────────────────────────────────────────────────────────────────────────


def inspection(details: ImageDetails, *, as_manifest: bool) -> dict[str, object]:
    """Lay out what is known of an image; `as_manifest` if a platform was asked for."""
    shown = details_object(details, as_manifest=as_manifest)
    shown |= {"Holds": list(map(_hold, details.holds))}
    return shown if as_manifest else shown | {"Manifests": manifest_objects(details.manifests)}


def _hold(hold: Hold) -> dict[str, object]:
    return {
        "ID": hold.key,
        "Who": hold.who,
        "Reason": hold.reason,
        "HeldAt": format_utc(hold.held),
        "Until": format_utc(hold.until) if hold.until else None,
        "Overdue": hold.is_overdue,
    }
