"""What a docker archive yields: the image that an engine has after loading it."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from imagedb.records import ManifestKind, SourceImage
from imagedb.sources import read_source
from tests.builders.archives import (
    Files,
    NamedImages,
    docker_files,
    hybrid_files,
    skopeo_files,
    unlisted_files,
    write_files,
    write_tar,
)
from tests.builders.images import BuiltImage, an_image, an_index, as_json

Maker = Callable[[NamedImages], Files]

GENERATIONS = [
    pytest.param(docker_files, id="docker before 25"),
    pytest.param(unlisted_files, id="docker 25.0"),
    pytest.param(skopeo_files, id="skopeo"),
]
DOCKER = "application/vnd.docker."


def read_one(path: Path) -> SourceImage:
    """Read a source that holds one image."""
    (image,) = read_source(path)
    return image


def containerd_manifest(image: BuiltImage, suffix: str = "") -> str:
    """Spell out the manifest that containerd's importer writes, byte by byte."""
    layers = ",".join(
        f'{{"mediaType":"{DOCKER}image.rootfs.diff.tar{suffix}","digest":"{layer.digest}",'
        f'"size":{len(layer.content)}}}'
        for layer in image.layers
    )
    return (
        f'{{"schemaVersion":2,"mediaType":"{DOCKER}distribution.manifest.v2+json",'
        f'"config":{{"mediaType":"{DOCKER}container.image.v1+json",'
        f'"digest":"{image.config.digest}","size":{len(image.config.content)}}},'
        f'"layers":[{layers}]}}'
    )


@pytest.mark.parametrize("make", GENERATIONS)
@pytest.mark.parametrize("compressed", [False, True], ids=["tar", "tar.gz"])
def test_archive_gets_containerds_manifest(
    tmp_path: Path, make: Maker, *, compressed: bool
) -> None:
    """The ID is that of the manifest an importing engine writes, however the archive is packed."""
    app = an_image("abc", labels={"team": "web"})
    files = make([(app, ["app:1", "app"])])
    image = read_one(write_tar(tmp_path / "app.tar", files, compressed=compressed))
    expected = containerd_manifest(app).encode()
    (manifest,) = image.manifests

    assert image.id == "sha256:" + hashlib.sha256(expected).hexdigest()
    assert (image.media_type, image.size) == (
        f"{DOCKER}distribution.manifest.v2+json",
        len(expected),
    )
    assert [name.familiar for name in image.names] == ["app:1", "app:latest"]
    assert image.indexes == ()
    assert manifest.document
    assert manifest.document.content == expected
    assert manifest.config
    assert manifest.config.content == app.config.content
    assert manifest.kind is ManifestKind.IMAGE
    assert str(manifest.platform) == "linux/amd64"
    assert manifest.labels == {"team": "web"}
    assert [layer.diff_id for layer in manifest.layers] == app.diff_ids
    assert [layer.unpacked_size for layer in manifest.layers] == [10240] * 3


def test_archive_id_is_known(tmp_path: Path) -> None:
    """The ID does not change: this one was worked out by hand, with printf and sha256sum."""
    image = read_one(write_tar(tmp_path / "app.tar", docker_files([(an_image("a"), [])])))

    assert image.id == "sha256:ba633010f3294239e246a9c735a7b7a34f1ac4ecf8b8aa0dad767a0f06e52887"


def test_archive_as_folder_is_read(tmp_path: Path) -> None:
    """An unpacked archive is the same source."""
    files = docker_files([(an_image("aba"), ["app:1"])])
    images = read_source(write_files(tmp_path / "folder", files))

    assert images == read_source(write_tar(tmp_path / "app.tar", files))


def test_archive_with_compressed_layers(tmp_path: Path) -> None:
    """A layer's media type says how its file lies in the archive, and its digest is the file's."""
    app = an_image("ab", compressed=True)
    image = read_one(write_tar(tmp_path / "app.tar", skopeo_files([(app, [])])))

    assert image.manifests[0].document
    assert image.manifests[0].document.content.decode() == containerd_manifest(app, ".gzip")
    assert [layer.diff_id for layer in image.manifests[0].layers] == app.diff_ids


def test_archive_with_an_index_has_the_indexs_id(tmp_path: Path) -> None:
    """Newer archives bring the manifest, so that nothing has to be made up."""
    index = an_index(an_image("a"), an_image("ab", platform="linux/arm64"))
    image = read_one(write_tar(tmp_path / "app.tar", hybrid_files([(index, ["app:1"])])))

    assert image.id == index.digest


def test_archive_of_several_images(tmp_path: Path) -> None:
    """Images keep their order; two entries of one image are one image with all names."""
    base, app = an_image("ab"), an_image("abc")
    listed: NamedImages = [(app, ["app:1"]), (base, []), (app, ["app:2"])]
    images = read_source(write_tar(tmp_path / "app.tar", docker_files(listed)))

    assert [[name.familiar for name in image.names] for image in images] == [["app:1", "app:2"], []]
    assert [len(image.manifests[0].layers) for image in images] == [3, 2]


def test_archive_without_layers(tmp_path: Path) -> None:
    """An image without layers has an empty list of them, not none."""
    empty = an_image("")
    image = read_one(write_tar(tmp_path / "app.tar", docker_files([(empty, [])])))

    assert image.manifests[0].document
    assert image.manifests[0].document.content.decode() == containerd_manifest(empty)


def test_archive_config_of_any_name(tmp_path: Path) -> None:
    """Not every tool names a config by its digest."""
    app = an_image("a")
    files = docker_files([(app, [])])
    (entry,) = json.loads(bytes(files["manifest.json"]))  # type: ignore[arg-type]
    files["config.json"] = files.pop(entry["Config"])
    files["manifest.json"] = as_json([{**entry, "Config": "config.json"}])
    image = read_one(write_tar(tmp_path / "app.tar", files))

    assert image.manifests[0].config
    assert image.manifests[0].config.digest == app.config.digest
