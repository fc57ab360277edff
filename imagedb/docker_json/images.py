"""Images as docker's JSON.

Source: moby, api/types/image (summary.go, image_inspect.go, manifest.go, image_history.go).
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from imagedb.digests import Digest
from imagedb.docker_json.moments import ZERO, unix_seconds
from imagedb.platforms import Platform
from imagedb.records import (
    ContainerUse,
    HistoryEntry,
    ImageDetails,
    ListedImage,
    ManifestKind,
    ManifestSummary,
)
from imagedb.references import parse_reference
from imagedb.times import format_utc

Object = dict[str, Any]

UNKNOWN_SIZE: Final = -1
_MISSING: Final = "<missing>"
_NAME: Final = "io.containerd.image.name"


def summary_object(listed: ListedImage, *, shared_size: int = UNKNOWN_SIZE) -> Object:
    """Lay out a row of the list; of several names the last stands for the image, as in moby."""
    image = listed.image
    last = listed.names[-1] if listed.names else None
    return {
        "Id": image.id,
        "ParentId": "",
        "RepoTags": [name.familiar for name in listed.names],
        "RepoDigests": [f"{last.familiar_repository}@{image.id}"] if last else [],
        "Created": unix_seconds(listed.created),
        "Size": image.content_size,
        "SharedSize": shared_size,
        "Labels": dict(listed.labels),
        "Containers": listed.containers,
        "Descriptor": _descriptor(
            image.id, image.media_type, image.size, name=str(last) if last else None
        ),
    }


def details_object(details: ImageDetails, *, as_manifest: bool) -> Object:
    """Lay out what is known of an image; `as_manifest` if a platform was asked for."""
    image, chosen, config = details.image, details.chosen, details.config
    names = [parse_reference(name) for name in details.names]
    first = str(names[0]) if names else None
    target = _descriptor(image.id, image.media_type, image.size, name=first)
    if as_manifest and chosen:
        target = _descriptor(chosen.digest, chosen.media_type, chosen.size, name=first)
    return {
        "Id": target["digest"],
        "RepoTags": list(details.names),
        "RepoDigests": [
            f"{repository}@{image.id}"
            for repository in dict.fromkeys(name.familiar_repository for name in names)
        ],
        "Created": config.get("created"),
        **_filled({"Comment": config.get("comment"), "Author": config.get("author")}),
        "Architecture": config.get("architecture", ""),
        **_filled({"Variant": config.get("variant")}),
        "Os": config.get("os", ""),
        **_filled({"OsVersion": config.get("os.version")}),
        "Size": chosen.content_size if chosen else 0,
        "RootFS": {"Type": "layers", "Layers": list(chosen.diff_ids if chosen else ())},
        "Metadata": {
            "LastTagTime": format_utc(details.last_tagged) if details.last_tagged else ZERO,
        },
        "Descriptor": target,
        "Config": config.get("config") or {},
    }


def manifest_objects(
    manifests: Sequence[ManifestSummary], uses: Iterable[ContainerUse] = ()
) -> list[Object]:
    """Lay out the manifests that an image names, in index order, with the containers of each."""
    return [_manifest(manifest, tuple(uses)) for manifest in manifests]


def _manifest(manifest: ManifestSummary, uses: Sequence[ContainerUse]) -> Object:
    size = manifest.content_size if manifest.is_present else 0
    shown: Object = {
        "ID": manifest.digest,
        "Descriptor": _descriptor(
            manifest.digest, manifest.media_type, manifest.size, platform=manifest.platform
        ),
        "Available": manifest.is_present,
        "Size": {"Content": size, "Total": size},
        "Kind": manifest.kind.value,
    }
    if manifest.kind is ManifestKind.IMAGE and manifest.platform:
        made = [use.id for use in uses if not use.is_mount and use.platform == manifest.platform]
        shown["ImageData"] = {
            "Platform": platform_object(manifest.platform),
            "Containers": made or None,
            "Size": {"Unpacked": 0},
        }
    return shown


def history_objects(entries: Iterable[HistoryEntry]) -> list[Object]:
    """Lay out the build steps, the newest first."""
    return [
        {
            "Id": entry.image_id or _MISSING,
            "Created": unix_seconds(entry.created),
            "CreatedBy": entry.created_by,
            "Tags": list(entry.names) or None,
            "Size": entry.size,
            "Comment": entry.comment,
        }
        for entry in entries
    ]


def platform_object(platform: Platform) -> Object:
    """Lay out a platform as descriptors have it."""
    names: Object = {"architecture": platform.architecture, "os": platform.os}
    return names | _filled({"variant": platform.variant})


def _descriptor(
    digest: Digest,
    media_type: str,
    size: int,
    *,
    platform: Platform | None = None,
    name: str | None = None,
) -> Object:
    plain: Object = {"mediaType": media_type, "digest": digest, "size": size}
    if name:
        plain["annotations"] = {_NAME: name}
    return plain | ({"platform": platform_object(platform)} if platform else {})


def _filled(fields: Object) -> Object:
    return {name: value for name, value in fields.items() if value}
