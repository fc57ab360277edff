"""Make an image of one layer from the tar of a root filesystem, as `docker import` does.

The layer is the tar as it is given; its config says how it came about.

Source: moby, daemon/containerd/image_import.go, `ImportImage`.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO, Final

from imagedb.digests import DiffID, Digest, ImageID
from imagedb.platforms import Platform
from imagedb.records import Document, ManifestKind, SourceImage, SourceLayer, SourceManifest
from imagedb.references import Reference
from imagedb.sources import limits
from imagedb.sources.archive import Archive
from imagedb.sources.compression import Compression
from imagedb.sources.layers import LayerFile, read_layer
from imagedb.sources.problems import Problem, blamed_on, printable
from imagedb.sources.tarballs import is_tar

MANIFEST_TYPE: Final = "application/vnd.oci.image.manifest.v1+json"
CONFIG_TYPE: Final = "application/vnd.oci.image.config.v1+json"
LAYER_TYPE: Final = "application/vnd.oci.image.layer.v1.tar"
_THE_FILE: Final = "the root filesystem"


@dataclass(frozen=True, slots=True)
class RootFilesystem:
    """What the caller says of it."""

    platform: Platform
    comment: str
    names: tuple[Reference, ...] = ()


def read_root_filesystem(
    file: BinaryIO, described: RootFilesystem, *, label: str = "<stdin>"
) -> SourceImage:
    """Read a tar or tar.gz that can be sought, and make an image of it.

    Raises:
        InvalidSourceError: it is neither.
    """
    with blamed_on(printable(label)):
        first = file.read(limits.CHUNK_BYTES)
        layer = read_layer(_OneFile(file), _THE_FILE, lambda _count: None)
        if layer.compression is Compression.NONE and not is_tar(first):
            raise Problem("not a root filesystem: neither a tar nor a gzip file")
    return _image(layer, described)


def _image(file: LayerFile, described: RootFilesystem) -> SourceImage:
    created = datetime.now(UTC)
    suffix = "" if file.compression is Compression.NONE else f"+{file.compression}"
    diff_id = file.diff_id or DiffID(file.digest)
    layer = SourceLayer(file.digest, LAYER_TYPE + suffix, file.size, diff_id, file.unpacked_size)
    config = _document(CONFIG_TYPE, _config(diff_id, described, created))
    content = _manifest(config, layer)
    document = _document(MANIFEST_TYPE, content)
    manifest = SourceManifest(
        digest=document.digest,
        media_type=MANIFEST_TYPE,
        size=len(document.content),
        kind=ManifestKind.IMAGE,
        platform=described.platform,
        document=document,
        config=config,
        layers=(layer,),
        created=created,
    )
    image_id = ImageID(document.digest)
    return SourceImage(image_id, MANIFEST_TYPE, manifest.size, described.names, (manifest,))


def _config(diff_id: DiffID, described: RootFilesystem, created: datetime) -> dict[str, object]:
    platform, moment = described.platform, created.isoformat().replace("+00:00", "Z")
    return {
        "created": moment,
        "architecture": platform.architecture,
        **({"variant": platform.variant} if platform.variant else {}),
        "os": platform.os,
        "config": {},
        "rootfs": {"type": "layers", "diff_ids": [diff_id]},
        "history": [{"created": moment, "comment": described.comment}],
    }


def _manifest(config: Document, layer: SourceLayer) -> dict[str, object]:
    return {
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "config": _descriptor(config.media_type, config.digest, len(config.content)),
        "layers": [_descriptor(layer.media_type, layer.digest, layer.size)],
    }


def _descriptor(media_type: str, digest: Digest, size: int) -> dict[str, object]:
    return {"mediaType": media_type, "digest": digest, "size": size}


def _document(media_type: str, document: dict[str, object]) -> Document:
    content = json.dumps(document, separators=(",", ":")).encode()
    return Document(Digest.of(content), media_type, content)


class _OneFile(Archive):
    """A file that lies alone."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def resolve(self, path: str) -> str:
        return path

    def find_size(self, path: str) -> int | None:  # noqa: ARG002 - there is one file
        return self._file.seek(0, 2)

    def chunks(self, path: str) -> Iterator[bytes]:  # noqa: ARG002 - there is one file
        self._file.seek(0)
        while chunk := self._file.read(limits.CHUNK_BYTES):
            yield chunk
