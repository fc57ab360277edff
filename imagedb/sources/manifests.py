"""Manifests: what a target names, with everything that belongs to each."""

from dataclasses import replace
from typing import Final

from imagedb.digests import DiffID, Digest
from imagedb.records import ManifestKind, SourceLayer, SourceManifest
from imagedb.sources.configs import UNKNOWN_PLATFORM, ConfigFacts, find_platform, read_config
from imagedb.sources.content import Documents, blob_path
from imagedb.sources.documents import Descriptor, Manifest, PlatformObject, parse_manifest
from imagedb.sources.problems import Problem, quoted

MANIFEST_TYPES: Final = frozenset(
    {
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    }
)
INDEX_TYPES: Final = frozenset(
    {
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
    }
)
CONFIG_TYPES: Final = frozenset(
    {
        "application/vnd.oci.image.config.v1+json",
        "application/vnd.docker.container.image.v1+json",
    }
)
_LAYER_PREFIXES: Final = (
    "application/vnd.oci.image.layer.",
    "application/vnd.docker.image.rootfs.",
)
_REFERENCE_TYPE: Final = "vnd.docker.reference.type"
_ATTESTATION: Final = "attestation-manifest"


def absent_manifest(descriptor: Descriptor, index: Digest | None) -> SourceManifest:
    """Describe a manifest of which only the descriptor is here: a platform not brought along."""
    where = f"the index entry {descriptor.digest}"
    kind = ManifestKind.IMAGE if descriptor.media_type in MANIFEST_TYPES else ManifestKind.UNKNOWN
    return SourceManifest(
        digest=descriptor.digest,
        media_type=descriptor.media_type,
        size=descriptor.size,
        kind=ManifestKind.ATTESTATION if _is_attestation(descriptor) else kind,
        platform=find_platform(None, descriptor.platform, where),
        index=index,
    )


def present_manifest(
    documents: Documents, descriptor: Descriptor, index: Digest | None
) -> tuple[SourceManifest, tuple[str, ...]]:
    """Read a manifest and its config, and give it with warnings; layer files are not opened yet.

    Raises:
        Problem: a part is missing, or the parts contradict each other.
    """
    absent = absent_manifest(descriptor, index)
    document = documents.get(descriptor)
    if descriptor.media_type not in MANIFEST_TYPES:
        return replace(absent, document=document), ()
    where = quoted(blob_path(descriptor.digest))
    manifest = parse_manifest(document.content, where)
    config = documents.get(manifest.config)
    present = replace(absent, document=document, config=config, layers=_blobs(manifest))
    if absent.kind is ManifestKind.ATTESTATION:
        return present, ()
    if not _is_image(manifest):
        return replace(present, kind=ManifestKind.UNKNOWN), ()
    config_path = quoted(blob_path(config.digest))
    facts = read_config(config.content, config_path, hint=descriptor.platform)
    if facts.platform == UNKNOWN_PLATFORM:
        return replace(present, kind=ManifestKind.ATTESTATION, platform=facts.platform), ()
    layers = image_layers(present.layers, facts.diff_ids, where)
    return with_facts(present, facts, layers), facts.warnings


def image_layers(
    blobs: tuple[SourceLayer, ...], diff_ids: tuple[DiffID, ...], where: str
) -> tuple[SourceLayer, ...]:
    """Give each layer file the diff ID that the config has at its position.

    Raises:
        Problem: there are more of the one than of the other.
    """
    if len(blobs) != len(diff_ids):
        raise Problem(
            f"{where} has {len(blobs)} layers and its config {len(diff_ids)} diff IDs: "
            "they do not belong together",
        )
    return tuple(replace(blob, diff_id=d) for blob, d in zip(blobs, diff_ids, strict=True))


def with_facts(
    manifest: SourceManifest, facts: ConfigFacts, layers: tuple[SourceLayer, ...]
) -> SourceManifest:
    """Complete an image's manifest with what its config says."""
    return replace(
        manifest,
        platform=facts.platform,
        layers=layers,
        labels=facts.labels,
        created=facts.created,
    )


def _blobs(manifest: Manifest) -> tuple[SourceLayer, ...]:
    return tuple(
        SourceLayer(layer.digest, layer.media_type, layer.size, diff_id=None)
        for layer in manifest.layers
    )


def _is_attestation(descriptor: Descriptor) -> bool:
    if descriptor.annotations.get(_REFERENCE_TYPE) == _ATTESTATION:
        return True
    platform = descriptor.platform or PlatformObject()
    return (platform.os, platform.architecture) == ("unknown", "unknown")


def _is_image(manifest: Manifest) -> bool:
    """Whether containers could be made of it; an artifact may have an image's config type.

    Source: moby, daemon/containerd/image_manifest.go, `IsPseudoImage`.
    """
    if manifest.config.media_type not in CONFIG_TYPES:
        return False
    if not manifest.layers:
        return True
    return any(layer.media_type.startswith(_LAYER_PREFIXES) for layer in manifest.layers)
