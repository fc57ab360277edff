"""Write the demo's images: a small, made-up fleet of OCI image layouts.

Usage: python demo/layouts.py FOLDER

::

    debian:12 ── python:3.12 ─┬─ shop/web:2.1, shop/web:stable          amd64 and arm64
                              └─ <none> ── <none> ── shop/job:1         amd64 alone
    alpine:3.20 ── redis:7                                              amd64 and arm64

Every byte follows from this file, so that the images have the same IDs everywhere. For the same
reason no layer is compressed: what gzip writes depends on its version.
"""

import gzip
import hashlib
import io
import json
import sys
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

AMD64: Final = ("amd64",)
BOTH: Final = ("amd64", "arm64")

CONFIG: Final = "application/vnd.oci.image.config.v1+json"
INDEX: Final = "application/vnd.oci.image.index.v1+json"
LAYER: Final = "application/vnd.oci.image.layer.v1.tar"
MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"

LAYERS: Final[Mapping[str, tuple[int, str]]] = {
    "debian": (6_400_000, "ADD debian-12.tar /"),
    "alpine": (2_200_000, "ADD alpine-3.20.tar /"),
    "python": (3_600_000, "RUN install-python 3.12"),
    "redis": (1_300_000, "COPY redis-server /usr/bin/"),
    "web libraries": (2_100_000, "RUN pip install -r web.txt"),
    "web": (240_000, "COPY web /srv/web"),
    "web, mended": (250_000, "COPY web /srv/web"),
    "compiler": (4_800_000, "RUN install-compiler"),
    "job libraries": (1_700_000, "RUN pip install -r job.txt"),
    "job": (90_000, "COPY job /srv/job"),
}
"""The bytes in each layer, and the step that made it."""


@dataclass(frozen=True, slots=True)
class Image:
    """An image to be made: its layers, bottom layer first, are the same steps on each platform."""

    layers: tuple[str, ...]
    day: str
    names: tuple[str, ...] = ()
    platforms: tuple[str, ...] = BOTH


PYTHON: Final = ("debian", "python")
FLEET: Final[Mapping[str, tuple[Image, ...]]] = {
    "debian.oci": (Image(("debian",), "2026-02-09", ("debian:12",)),),
    "alpine.oci": (Image(("alpine",), "2026-02-16", ("alpine:3.20",)),),
    "python.oci": (Image(PYTHON, "2026-03-02", ("python:3.12",)),),
    "redis.tar": (Image(("alpine", "redis"), "2026-03-23", ("redis:7",)),),
    "shop-web.oci": (
        Image((*PYTHON, "web libraries", "web"), "2026-05-04", ("shop/web:2.1", "shop/web:stable")),
    ),
    "shop-web-mended.oci": (
        Image((*PYTHON, "web libraries", "web, mended"), "2026-05-11", ("shop/web:2.1",)),
    ),
    "shop-job.tar.gz": (
        Image((*PYTHON, "compiler"), "2026-05-06", platforms=AMD64),
        Image((*PYTHON, "compiler", "job libraries"), "2026-05-07", platforms=AMD64),
        Image((*PYTHON, "compiler", "job libraries", "job"), "2026-05-08", ("shop/job:1",), AMD64),
    ),
}
"""The archives and what is in them. A name that ends in `.oci` is a folder."""


# ── content ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Blob:
    """Some bytes of a layout, and what a descriptor says of them."""

    content: bytes
    media_type: str

    @property
    def digest(self) -> str:
        """Their digest."""
        return _digest_of(self.content)

    def descriptor(self, **more: object) -> dict[str, Any]:
        """Point at them."""
        size = len(self.content)
        return {"mediaType": self.media_type, "digest": self.digest, "size": size, **more}


@cache
def _digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def as_json(document: object, media_type: str) -> Blob:
    """Write a document without a byte to spare."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return Blob(text.encode(), media_type)


@cache
def layer_of(name: str, architecture: str) -> Blob:
    """Make a layer: one file of bytes that only this name and architecture have."""
    size, _ = LAYERS[name]
    content = hashlib.shake_256(f"{name} on {architecture}".encode()).digest(size)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        _add_file(archive, f"usr/share/{name.replace(', ', '-').replace(' ', '-')}", content)
    return Blob(packed.getvalue(), LAYER)


def _add_file(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))


def blobs_of(image: Image) -> tuple[Blob, ...]:
    """Make all content of an image, its target first: an index, or its only manifest."""
    made = [_manifest(image, architecture) for architecture in image.platforms]
    parts = [blob for manifest in made for blob in manifest]
    if len(made) == 1:
        return tuple(parts)
    members = [
        manifest.descriptor(platform={"os": "linux", "architecture": architecture})
        for (manifest, *_), architecture in zip(made, image.platforms, strict=True)
    ]
    index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": members}
    return as_json(index, INDEX), *parts


def _manifest(image: Image, architecture: str) -> tuple[Blob, ...]:
    """Make a manifest, followed by its config and layers."""
    layers = [layer_of(name, architecture) for name in image.layers]
    created = f"{image.day}T09:00:00Z"
    config = {
        "architecture": architecture,
        "os": "linux",
        "created": created,
        "config": {"Labels": {"example.layers": str(len(layers))}},
        "rootfs": {"type": "layers", "diff_ids": [layer.digest for layer in layers]},
        "history": [{"created": created, "created_by": LAYERS[name][1]} for name in image.layers],
    }
    written = as_json(config, CONFIG)
    document = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": written.descriptor(),
        "layers": [layer.descriptor() for layer in layers],
    }
    return as_json(document, MANIFEST), written, *layers


@cache
def find_ids() -> Mapping[str, str]:
    """Give the IDs of all images that have a name, by each of their names."""
    named = [image for images in FLEET.values() for image in images if image.names]
    ids = [(image, blobs_of(image)[0].digest) for image in reversed(named)]  # the first one wins
    return {name: image_id for image, image_id in ids for name in image.names}


# ── layouts ───────────────────────────────────────────────────────────────────────────────────


def write_fleet(folder: Path) -> None:
    """Write all archives into a new folder."""
    folder.mkdir(parents=True)
    for name, images in FLEET.items():
        files = dict(_files(images))
        if name.endswith(".oci"):
            _write_folder(folder / name, files)
        else:
            _write_tar(folder / name, files)


def _files(images: Sequence[Image]) -> Iterator[tuple[str, bytes]]:
    """Lay images out; an image without a name is listed as it is."""
    entries: list[dict[str, Any]] = []
    for image in images:
        target, *parts = blobs_of(image)
        entries += [
            target.descriptor(annotations={"io.containerd.image.name": _canonical(name)})
            for name in image.names
        ] or [target.descriptor()]
        for blob in (target, *parts):
            yield f"blobs/{blob.digest.replace(':', '/')}", blob.content
    index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}
    yield "index.json", as_json(index, INDEX).content
    yield "oci-layout", b'{"imageLayoutVersion":"1.0.0"}'


def _canonical(name: str) -> str:
    return f"docker.io/{name}" if "/" in name else f"docker.io/library/{name}"


def _write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _write_tar(path: Path, files: Mapping[str, bytes]) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in files.items():
            _add_file(archive, name, content)
    tar = packed.getvalue()
    path.write_bytes(gzip.compress(tar, compresslevel=1) if path.suffix == ".gz" else tar)


if __name__ == "__main__":
    if not sys.argv[1:]:
        sys.exit(__doc__)
    write_fleet(Path(sys.argv[1]))
