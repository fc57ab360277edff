"""Write images as OCI layouts and docker archives.

::

    write_layout(folder, [(app, ["app:1", "app:latest"]), (base, [])])   # a directory
    write_layout_tar(file, [(app, ["app:1"])], compressed=True)          # the same as .tar.gz
    write_docker_archive(file, [(app, ["app:1"])])                       # docker save, before 25
    write_tar(file, hybrid_files([(app, ["app:1"])]))                    # docker save since then

`..._files` gives the files as a dictionary, so that a test can damage one before it is written.
"""

import gzip
import io
import json
import tarfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from imagedb.references import parse_reference
from tests.builders.images import (
    OCI_INDEX,
    Blob,
    Built,
    BuiltImage,
    JSONObject,
    as_json,
    digest_of,
)

LAYOUT_MARK: Final = b'{"imageLayoutVersion":"1.0.0"}'
NAME: Final = "io.containerd.image.name"
REF_NAME: Final = "org.opencontainers.image.ref.name"


@dataclass(frozen=True, slots=True)
class Link:
    """A link in place of a file; symbolic unless `hard`."""

    target: str
    hard: bool = False


Files = dict[str, bytes | Link]
PathOf = Callable[[BuiltImage, Blob], str]
"""Where a generation of archives keeps a config or layer."""
NamedImages = Iterable[tuple[Built, Sequence[str]]]
"""Images and their familiar names; without a name an image is dangling."""


def blob_path(digest: str) -> str:
    """Where a layout keeps content."""
    algorithm, _, digits = digest.partition(":")
    return f"blobs/{algorithm}/{digits}"


def canonical(name: str) -> str:
    """Write a name in full, as containerd's annotation has it."""
    if name.startswith("moby-dangling@"):
        return name
    return str(parse_reference(name).with_default_tag())


def index_members(images: NamedImages) -> list[JSONObject]:
    """List the entries of `index.json`: one per name, one for an image without a name."""
    members: list[JSONObject] = []
    for image, names in images:
        if not names:
            members.append(image.descriptor)
        for name in map(canonical, names):
            tag = name.rpartition(":")[2]
            members.append({**image.descriptor, "annotations": {NAME: name, REF_NAME: tag}})
    return members


def an_index_json(members: Iterable[JSONObject]) -> bytes:
    """Write an `index.json` of ready entries."""
    document = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": list(members)}
    return as_json(document)


def layout_files(images: NamedImages) -> Files:
    """Lay images out as OCI's image layout."""
    images = list(images)
    files: Files = {
        "oci-layout": LAYOUT_MARK,
        "index.json": an_index_json(index_members(images)),
    }
    for image, _ in images:
        files.update({blob_path(digest): content for digest, content in image.blobs.items()})
    return files


def hybrid_files(images: NamedImages) -> Files:
    """Lay images out as `docker save` does since version 25: a layout and `manifest.json`."""
    images = list(images)
    entries = [_docker_entry(image, names, _hybrid_path) for image, names in images]
    return {**layout_files(images), "manifest.json": json.dumps(entries).encode()}


def unlisted_files(images: NamedImages) -> Files:
    """Lay images out as version 25.0 did: `index.json` lists nothing, `manifest.json` does."""
    empty = b'{"schemaVersion":2,"mediaType":"' + OCI_INDEX.encode() + b'","manifests":null}'
    return {**hybrid_files(images), "index.json": empty}


def docker_files(images: NamedImages) -> Files:
    """Lay images out as `docker save` did before version 25: `ID/layer.tar`, links for repeats."""
    entries: list[JSONObject] = []
    first_paths: dict[str, str] = {}
    files: Files = {}
    for image, names in images:
        entries.append(_docker_entry(image, names, _legacy_path))
        one = image.first_image
        files[_config_path(one.config)] = one.config.content
        for layer in one.layers:
            path = _legacy_path(one, layer)
            first = first_paths.setdefault(layer.digest, path)
            files[path] = layer.content if first == path else Link(f"../{first}")
    files["manifest.json"] = json.dumps(entries).encode()
    files["repositories"] = b"{}"
    return files


def skopeo_files(images: NamedImages) -> Files:
    """Lay images out as skopeo and podman do: `DIFFID.tar`."""
    images = list(images)
    files: Files = {}
    for image, _ in images:
        one = image.first_image
        parts: tuple[Blob, ...] = (*one.layers, one.config)
        files.update({_skopeo_path(one, part): part.content for part in parts})
    entries = [_docker_entry(image, names, _skopeo_path) for image, names in images]
    return {**files, "manifest.json": json.dumps(entries).encode()}


def write_files(folder: Path, files: Mapping[str, bytes | Link]) -> Path:
    """Write files into a new folder and return it."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif content.hard:
            path.hardlink_to(folder / content.target)
        else:
            path.symlink_to(content.target)
    return folder


def pack(files: Mapping[str, bytes | Link], *, compressed: bool = False) -> bytes:
    """Pack files into a tar, in the given order."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            if isinstance(content, bytes):
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
                continue
            member.type = tarfile.LNKTYPE if content.hard else tarfile.SYMTYPE
            member.linkname = content.target
            archive.addfile(member)
    tar = packed.getvalue()
    return gzip.compress(tar, mtime=0) if compressed else tar


def write_tar(path: Path, files: Mapping[str, bytes | Link], *, compressed: bool = False) -> Path:
    """Write files as a tar, or a gzip of one, and return its path."""
    path.write_bytes(pack(files, compressed=compressed))
    return path


def write_layout(path: Path, images: NamedImages) -> Path:
    """Write an OCI layout as a folder and return it."""
    return write_files(path, layout_files(images))


def write_layout_tar(path: Path, images: NamedImages, *, compressed: bool = False) -> Path:
    """Write an OCI layout as a tar and return its path."""
    return write_tar(path, layout_files(images), compressed=compressed)


def write_docker_archive(path: Path, images: NamedImages, *, compressed: bool = False) -> Path:
    """Write what `docker save` wrote before version 25 and return its path."""
    return write_tar(path, docker_files(images), compressed=compressed)


def _docker_entry(image: Built, names: Sequence[str], path: PathOf) -> JSONObject:
    one = image.first_image
    tags = [parse_reference(name).with_default_tag().familiar for name in names if "@" not in name]
    return {
        "Config": path(one, one.config),
        "RepoTags": tags or None,
        "Layers": [path(one, layer) for layer in one.layers],
    }


def _hybrid_path(image: BuiltImage, part: Blob) -> str:
    return blob_path(part.digest)


def _config_path(config: Blob) -> str:
    return f"{config.digest.removeprefix('sha256:')}.json"


def _legacy_path(image: BuiltImage, part: Blob) -> str:
    if part is image.config:
        return _config_path(part)
    folder = digest_of(f"{image.digest} {part.digest}".encode()).removeprefix("sha256:")
    return f"{folder}/layer.tar"


def _skopeo_path(image: BuiltImage, part: Blob) -> str:
    if part is image.config:
        return _config_path(part)
    diff_id = image.diff_ids[image.layers.index(part)]
    return f"{diff_id.removeprefix('sha256:')}.tar"
