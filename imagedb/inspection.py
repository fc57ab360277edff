"""What an image holds: its manifests, its config, its history."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Row

from imagedb.columns import UNKNOWN_TIME
from imagedb.digests import ChainID, DiffID, Digest
from imagedb.errors import PlatformNotFoundError
from imagedb.holds import holds_of
from imagedb.hosts import find_host_platform
from imagedb.images import get_image, names_of
from imagedb.platforms import LINUX_AMD64, Platform, parse_platform
from imagedb.records import (
    HistoryEntry,
    Image,
    ImageDetails,
    ManifestKind,
    ManifestSummary,
    Namespace,
)
from imagedb.sql import images as sql
from imagedb.times import find_time


@dataclass(frozen=True, slots=True)
class HeldManifest:
    """A manifest that an image names, as its rows say."""

    key: int
    digest: Digest
    media_type: str
    size: int
    kind: ManifestKind
    platform: Platform | None
    is_present: bool
    config_key: int | None
    chain_id: ChainID | None
    created: datetime

    @property
    def stands_for_image(self) -> bool:
        """Whether it is what lineage, sizes and labels look at."""
        return self.is_present and self.kind is ManifestKind.IMAGE


class StandingManifest(NamedTuple):
    """What lists look at of one that is present and of kind image."""

    key: int
    platform: Platform | None
    created: datetime


M = TypeVar("M", HeldManifest, StandingManifest)
Held = Mapping[int, tuple[HeldManifest, ...]]
"""What images hold, by their rows' numbers, in index order."""


@dataclass(frozen=True, slots=True)
class _Layer:
    diff_id: DiffID | None
    unpacked_size: int | None
    digest: Digest | None
    size: int


def manifests_of(
    connection: Connection,
    keys: Iterable[int],
) -> defaultdict[int, tuple[HeldManifest, ...]]:
    """The manifests that each image names, in index order."""
    found: defaultdict[int, tuple[HeldManifest, ...]] = defaultdict(tuple)
    for row in connection.execute(sql.manifests_of_images, {"images": list(keys)}):
        found[row.image_id] += (_held(row),)
    return found


def _held(row: Row[*tuple[Any, ...]]) -> HeldManifest:
    return HeldManifest(
        key=row.id,
        digest=row.digest,
        media_type=row.media_type,
        size=row.size,
        kind=ManifestKind(row.kind),
        platform=parse_platform(row.platform) if row.platform else None,
        is_present=row.is_present,
        config_key=row.config_id,
        chain_id=row.chain_id,
        created=row.created_at,
    )


def choose(
    manifests: Sequence[HeldManifest],
    *preferred: Platform | None,
) -> HeldManifest | None:
    """The manifest that stands for the image.

    The first preferred platform that is present, else linux/amd64, else the first present one.
    """
    return prefer([one for one in manifests if one.stands_for_image], *preferred)


def prefer(standing: Sequence[M], *preferred: Platform | None) -> M | None:
    """The one of these manifests, present and of kind image, that stands for the image."""
    for platform in (*preferred, LINUX_AMD64):
        for manifest in standing:
            if platform and manifest.platform == platform:
                return manifest
    return standing[0] if standing else None


def standing_of(
    connection: Connection, keys: Sequence[int]
) -> defaultdict[int, tuple[StandingManifest, ...]]:
    """The manifests that may stand for each image, in index order."""
    found: defaultdict[int, tuple[StandingManifest, ...]] = defaultdict(tuple)
    rows = connection.execute(sql.standing_manifests_of_images, {"images": keys}).all()
    for image, key, platform, created in rows:
        known = parse_platform(platform) if platform else None
        found[image] += (StandingManifest(key, known, created),)
    return found


def labels_of(connection: Connection, manifests: Iterable[int]) -> defaultdict[int, dict[str, str]]:
    """The config's labels of each manifest, by key."""
    found: defaultdict[int, dict[str, str]] = defaultdict(dict)
    for manifest, key, value in connection.execute(
        sql.labels_of_manifests,
        {"manifests": list(manifests)},
    ):
        found[manifest][key] = value
    return found


def content_size_of(connection: Connection, manifests: Sequence[HeldManifest]) -> int:
    """Bytes of the present manifests, their configs and layer files, each once."""
    held = [manifest for manifest in manifests if manifest.is_present]
    layers = _layers_of(connection, [manifest.key for manifest in held])
    configs = _sizes_of_documents(connection, held)
    blobs = {layer.digest: layer.size for rows in layers.values() for layer in rows if layer.digest}
    documents = {manifest.digest: manifest.size for manifest in held}
    return sum(documents.values()) + sum(configs.values()) + sum(blobs.values())


def update_summary(connection: Connection, image: int) -> None:
    """Bring `created` and the content size in step with what the image holds now."""
    held = manifests_of(connection, [image])[image]
    chosen = choose(held)
    values = {
        "image": image,
        "created": chosen.created if chosen else UNKNOWN_TIME,
        "content_size": content_size_of(connection, held),
    }
    connection.execute(sql.set_image_summary, values)


# ── inspect ───────────────────────────────────────────────────────────────────────────────────


def inspect_image(
    connection: Connection,
    namespace: Namespace,
    reference: str,
    *,
    platform: Platform | None = None,
    host: str | None = None,
) -> ImageDetails:
    """Everything that is known of an image; `platform` or the host's chooses what stands for it.

    Raises:
        ImageNotFoundError: nothing answers to the reference.
        PlatformNotFoundError: the image does not hold the wanted platform.
    """
    image = get_image(connection, namespace, reference)
    manifests = manifests_of(connection, [image.key])[image.key]
    chosen = _choose(connection, reference, manifests, platform, host)
    summaries = _summaries(connection, manifests)
    return ImageDetails(
        image=image,
        names=names_of(connection, [image.key])[image.key],
        manifests=tuple(summaries[manifest] for manifest in manifests),
        chosen=summaries[chosen] if chosen else None,
        config=config_of(connection, chosen),
        labels=labels_of(connection, [chosen.key])[chosen.key] if chosen else {},
        holds=holds_of(connection, [image.key])[image.key],
        last_tagged=connection.execute(sql.last_tagged, {"image": image.key}).scalar(),
    )


def manifest_summaries_of(
    connection: Connection, keys: Iterable[int]
) -> dict[int, tuple[ManifestSummary, ...]]:
    """What each image names, as `inspect_image` tells it, by three statements in all."""
    named = manifests_of(connection, keys)
    summaries = _summaries(connection, [one for held in named.values() for one in held])
    return {key: tuple(summaries[one] for one in held) for key, held in named.items()}


def _summaries(
    connection: Connection, manifests: Sequence[HeldManifest]
) -> dict[HeldManifest, ManifestSummary]:
    """By what an image holds: another one may name the same manifest and not hold it."""
    layers = _layers_of(connection, [manifest.key for manifest in manifests])
    configs = _sizes_of_documents(connection, manifests)
    return {manifest: _summary(manifest, layers[manifest.key], configs) for manifest in manifests}


def _choose(
    connection: Connection,
    reference: str,
    manifests: Sequence[HeldManifest],
    platform: Platform | None,
    host: str | None,
) -> HeldManifest | None:
    chosen = choose(manifests, platform or find_host_platform(connection, host))
    if platform and (chosen is None or chosen.platform != platform):
        raise PlatformNotFoundError(
            f"image with reference {reference} was found but does not provide "
            f"the specified platform ({platform})",
        )
    return chosen


def _summary(
    manifest: HeldManifest,
    layers: Sequence[_Layer],
    documents: Mapping[int, int],
) -> ManifestSummary:
    blobs = {layer.digest: layer.size for layer in layers if layer.digest}
    config = documents.get(manifest.config_key or 0, 0)
    return ManifestSummary(
        digest=manifest.digest,
        media_type=manifest.media_type,
        size=manifest.size,
        kind=manifest.kind,
        platform=manifest.platform,
        is_present=manifest.is_present,
        chain_id=manifest.chain_id,
        diff_ids=tuple(layer.diff_id for layer in layers if layer.diff_id),
        content_size=manifest.size + config + sum(blobs.values()) if manifest.is_present else 0,
    )


def _layers_of(
    connection: Connection,
    manifests: Sequence[int],
) -> defaultdict[int, tuple[_Layer, ...]]:
    found: defaultdict[int, tuple[_Layer, ...]] = defaultdict(tuple)
    rows = connection.execute(sql.layers_of_manifests, {"manifests": list(manifests)})
    for manifest, diff_id, unpacked_size, digest, size in rows:
        found[manifest] += (_Layer(diff_id, unpacked_size, digest, size or 0),)
    return found


def _sizes_of_documents(
    connection: Connection,
    manifests: Sequence[HeldManifest],
) -> dict[int, int]:
    keys = {manifest.config_key for manifest in manifests if manifest.config_key}
    rows = connection.execute(sql.sizes_of_documents, {"documents": sorted(keys)})
    return {key: size for key, size in rows}


def config_of(connection: Connection, manifest: HeldManifest | None) -> dict[str, Any]:
    """The config document of a manifest, as it was stored; empty without one."""
    if manifest is None or manifest.config_key is None:
        return {}
    row = connection.execute(sql.documents, {"documents": [manifest.config_key]}).one()
    config = json.loads(row.body)
    return config if isinstance(config, dict) else {}


# ── history ───────────────────────────────────────────────────────────────────────────────────


def get_history(
    connection: Connection,
    namespace: Namespace,
    reference: str,
    *,
    platform: Platform | None = None,
    host: str | None = None,
) -> tuple[HistoryEntry, ...]:
    """The build steps of an image, newest first; raises what `inspect_image` raises."""
    image = get_image(connection, namespace, reference)
    manifests = manifests_of(connection, [image.key])[image.key]
    chosen = _choose(connection, reference, manifests, platform, host)
    if chosen is None:
        return ()
    steps = config_of(connection, chosen).get("history") or []
    layers = iter(_layers_of(connection, [chosen.key])[chosen.key])
    entries = [_entry(step, layers) for step in steps if isinstance(step, dict)]
    return _newest_first(entries, image, names_of(connection, [image.key])[image.key])


def _entry(step: Mapping[str, Any], layers: Iterator[_Layer]) -> HistoryEntry:
    is_empty = bool(step.get("empty_layer"))
    layer = None if is_empty else next(layers, None)
    size = (layer.size if layer.unpacked_size is None else layer.unpacked_size) if layer else 0
    return HistoryEntry(
        created=find_time(step.get("created")),
        created_by=str(step.get("created_by") or ""),
        comment=str(step.get("comment") or ""),
        is_empty_layer=is_empty,
        diff_id=layer.diff_id if layer else None,
        size=size,
    )


def _newest_first(
    entries: list[HistoryEntry],
    image: Image,
    names: tuple[str, ...],
) -> tuple[HistoryEntry, ...]:
    if not entries:
        return ()
    return (replace(entries[-1], image_id=image.id, names=names), *reversed(entries[:-1]))


# ── what events say of images ─────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Description:
    """What an image's events carry, so that they read after its rows are gone."""

    labels: Mapping[str, str]
    platforms: tuple[str, ...]
    chains: tuple[str, ...]
    """Top chain IDs of the present manifests, in index order."""


def describe_images(
    connection: Connection,
    keys: Iterable[int],
    manifests: Held,
    platform: Platform | None = None,
) -> dict[int, Description]:
    """Describe images by one statement; `platform` is the caller's."""
    chosen = {key: choose(manifests[key], platform) for key in keys}
    labels = labels_of(connection, [manifest.key for manifest in chosen.values() if manifest])
    return {
        key: _description(manifests[key], labels[manifest.key] if manifest else {})
        for key, manifest in chosen.items()
    }


def _description(manifests: Sequence[HeldManifest], labels: Mapping[str, str]) -> Description:
    standing = [manifest for manifest in manifests if manifest.stands_for_image]
    return Description(
        labels=labels,
        platforms=tuple(str(manifest.platform) for manifest in standing if manifest.platform),
        chains=tuple(manifest.chain_id for manifest in standing if manifest.chain_id),
    )
