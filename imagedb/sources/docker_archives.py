"""Read what `docker save` writes, and all who imitate it.

`manifest.json` lists images: where in the archive the config and the layers of each lie. There is
no manifest, so the image gets the one that containerd's importer writes for it: the image's ID is
that manifest's digest, and by it the ID that `docker load` gives. Every byte of it counts.

Source: containerd, core/images/archive, importer.go, `ImportIndex`.
"""

import json
import re
from collections.abc import Sequence
from typing import Final

from imagedb.digests import Digest, ImageID, find_digest
from imagedb.records import Document, ManifestKind, SourceImage, SourceLayer, SourceManifest
from imagedb.sources.archive import Archive
from imagedb.sources.compression import Compression
from imagedb.sources.configs import ConfigFacts, read_config
from imagedb.sources.content import Documents, mismatch, require_digest
from imagedb.sources.documents import ARCHIVED_IMAGES_FILE, ArchivedImage, parse_archived_images
from imagedb.sources.layers import LayerFile, read_layer
from imagedb.sources.manifests import image_layers, with_facts
from imagedb.sources.names import Names, Naming
from imagedb.sources.problems import Problem, quoted
from imagedb.sources.progress import Progress
from imagedb.sources.verification import require_diff_id

MANIFEST_TYPE: Final = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG_TYPE: Final = "application/vnd.docker.container.image.v1+json"
LAYER_TYPE: Final = "application/vnd.docker.image.rootfs.diff.tar"
_BLOB_PATH: Final = re.compile(r"blobs/(sha\d+)/([0-9a-f]+)", re.ASCII)
_CONFIG_PATH: Final = re.compile(r"(?:sha256:([0-9a-f]{64})|([0-9a-f]{64})\.json)", re.ASCII)


def read_docker_archive(
    documents: Documents, progress: Progress, naming: Naming
) -> tuple[SourceImage, ...]:
    """Read all images and their layer files.

    Raises:
        Problem: a part is missing or damaged, or contradicts another.
        OverLimit: a layer file unpacks to too many bytes.
    """
    listed = parse_archived_images(
        documents.read(ARCHIVED_IMAGES_FILE), quoted(ARCHIVED_IMAGES_FILE)
    )
    if not listed:
        raise Problem(f"it holds no image: {quoted(ARCHIVED_IMAGES_FILE)} lists none")
    described = [_describe(documents, entry) for entry in listed]
    files = _read_layers(documents.archive, listed, progress)
    images: dict[Digest, SourceImage] = {}
    names: dict[Digest, Names] = {}
    for entry, (config, facts) in zip(listed, described, strict=True):
        layers = [files[documents.archive.resolve(path)] for path in entry.layers]
        image = _image(entry, config, facts, layers)
        images.setdefault(image.id, image)
        names.setdefault(image.id, Names(image.id, naming)).add_all(entry.repo_tags)
    return tuple(names[image.id].given_to(image) for image in images.values())


def importer_manifest(config: Document, layers: Sequence[SourceLayer]) -> bytes:
    """Write the manifest as containerd does: Go's JSON, its keys in the order of Go's fields."""
    document = {
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "config": _descriptor(config.media_type, config.digest, len(config.content)),
        "layers": [_descriptor(layer.media_type, layer.digest, layer.size) for layer in layers],
    }
    return json.dumps(document, separators=(",", ":")).encode()


def _descriptor(media_type: str, digest: Digest, size: int) -> dict[str, object]:
    return {"mediaType": media_type, "digest": digest, "size": size}


def _describe(documents: Documents, entry: ArchivedImage) -> tuple[Document, ConfigFacts]:
    """Read an image's config, and compare its digest where its path names one."""
    content = documents.read(entry.config)
    if stated := _stated_config_digest(entry.config):
        require_digest(content, stated, entry.config)
    facts = read_config(content, quoted(entry.config))
    if len(entry.layers) != len(facts.diff_ids):
        raise Problem(
            f"{quoted(ARCHIVED_IMAGES_FILE)} gives {len(entry.layers)} layers to the config "
            f"{quoted(entry.config)}, which has {len(facts.diff_ids)} diff IDs",
        )
    return Document(Digest.of(content), CONFIG_TYPE, content), facts


def _stated_config_digest(path: str) -> Digest | None:
    match = _CONFIG_PATH.fullmatch(path)
    return Digest(f"sha256:{match[1] or match[2]}") if match else _stated_digest(path)


def _stated_digest(path: str) -> Digest | None:
    match = _BLOB_PATH.fullmatch(path)
    return find_digest(f"{match[1]}:{match[2]}") if match else None


def _read_layers(
    archive: Archive, listed: Sequence[ArchivedImage], progress: Progress
) -> dict[str, LayerFile]:
    """Read the distinct layer files; links make several paths one file."""
    paths = {archive.resolve(path): path for entry in listed for path in entry.layers}
    progress.started("verifying", sum(map(archive.get_size, paths.values())))
    files: dict[str, LayerFile] = {}
    for resolved, path in paths.items():
        file = read_layer(archive, path, progress.advanced)
        stated = _stated_digest(path)
        if stated and stated.algorithm == file.digest.algorithm and stated != file.digest:
            raise mismatch(path, file.digest, stated)
        files[resolved] = file
        progress.layer(file.digest, len(files), len(paths))
    return files


def _image(
    entry: ArchivedImage, config: Document, facts: ConfigFacts, files: Sequence[LayerFile]
) -> SourceImage:
    blobs = tuple(map(_layer, files))
    layers = image_layers(blobs, facts.diff_ids, quoted(ARCHIVED_IMAGES_FILE))
    for file, layer, path in zip(files, layers, entry.layers, strict=True):
        require_diff_id(file, layer, path)
    content = importer_manifest(config, layers)
    digest = ImageID.of(content)
    manifest = SourceManifest(
        digest=digest,
        media_type=MANIFEST_TYPE,
        size=len(content),
        kind=ManifestKind.IMAGE,
        platform=None,
        document=Document(digest, MANIFEST_TYPE, content),
        config=config,
    )
    return SourceImage(
        id=digest,
        media_type=MANIFEST_TYPE,
        size=len(content),
        names=(),
        manifests=(with_facts(manifest, facts, layers),),
        warnings=facts.warnings,
    )


def _layer(file: LayerFile) -> SourceLayer:
    suffix = "" if file.compression is Compression.NONE else f".{file.compression}"
    media_type = LAYER_TYPE + suffix
    return SourceLayer(file.digest, media_type, file.size, file.diff_id, file.unpacked_size)
