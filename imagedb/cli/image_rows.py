"""Images as rows of docker's tables, and as docker's `inspect` shows them.

Source: docker/cli, command/formatter/image.go, command/image/formatter_history.go; moby,
api/types/image/image_inspect.go, manifest.go.
"""

import itertools
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from imagedb.cli.listing import NONE, Listing, Row
from imagedb.cli.times import ZERO, format_local
from imagedb.cli.units import UNKNOWN, format_age, format_size
from imagedb.digests import Digest
from imagedb.platforms import Platform
from imagedb.records import HistoryEntry, Hold, ImageDetails, ImageSummary, ManifestSummary
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
    image, chosen, config = details.image, details.chosen, details.config
    target: object = _descriptor(image.id, image.media_type, image.size)
    if as_manifest and chosen:
        target = _descriptor(chosen.digest, chosen.media_type, chosen.size)
    return {
        "Id": chosen.digest if as_manifest and chosen else image.id,
        "RepoTags": list(details.names),
        "RepoDigests": _repository_digests(details),
        "Created": config.get("created"),
        **_optional({"Comment": config.get("comment"), "Author": config.get("author")}),
        "Architecture": config.get("architecture", ""),
        **_optional({"Variant": config.get("variant")}),
        "Os": config.get("os", ""),
        **_optional({"OsVersion": config.get("os.version")}),
        "Size": chosen.content_size if chosen else 0,
        "RootFS": {"Type": "layers", "Layers": list(chosen.diff_ids if chosen else ())},
        "Metadata": {
            "LastTagTime": format_utc(details.last_tagged) if details.last_tagged else ZERO,
        },
        "Holds": list(map(_hold, details.holds)),
        "Descriptor": target,
        "Config": config.get("config") or {},
        **({} if as_manifest else {"Manifests": list(map(_manifest, details.manifests))}),
    }


def _hold(hold: Hold) -> dict[str, object]:
    return {
        "ID": hold.key,
        "Who": hold.who,
        "Reason": hold.reason,
        "HeldAt": format_utc(hold.held),
        "Until": format_utc(hold.until) if hold.until else None,
        "Overdue": hold.is_overdue,
    }


def _optional(fields: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value}


def _repository_digests(details: ImageDetails) -> list[str]:
    repositories = [parse_reference(name).familiar_repository for name in details.names]
    return [f"{repository}@{details.image.id}" for repository in dict.fromkeys(repositories)]


def _descriptor(
    digest: Digest, media_type: str, size: int, platform: Platform | None = None
) -> dict[str, object]:
    plain: dict[str, object] = {"mediaType": media_type, "digest": digest, "size": size}
    return plain | ({"platform": _platform(platform)} if platform else {})


def _platform(platform: Platform) -> dict[str, object]:
    names = {"architecture": platform.architecture, "os": platform.os}
    return names | _optional({"variant": platform.variant})


def _manifest(manifest: ManifestSummary) -> dict[str, object]:
    size = manifest.content_size if manifest.is_present else 0
    shown: dict[str, object] = {
        "ID": manifest.digest,
        "Descriptor": _descriptor(
            manifest.digest, manifest.media_type, manifest.size, manifest.platform
        ),
        "Available": manifest.is_present,
        "Size": {"Content": size, "Total": size},
        "Kind": manifest.kind.value,
    }
    if manifest.kind == "image" and manifest.platform:
        shown["ImageData"] = {"Platform": _platform(manifest.platform)}
    return shown
