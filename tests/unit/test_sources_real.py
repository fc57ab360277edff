"""Archives that real tools made, where `IMAGEDB_REAL_IMAGES` says where they are."""

import os
from pathlib import Path

import pytest

from imagedb.errors import InvalidSourceError
from imagedb.sources import read_source, read_stream

UNSET = "set IMAGEDB_REAL_IMAGES to a folder of image archives to run this"


@pytest.fixture
def folder() -> Path:
    """Say where the archives are."""
    if not (named := os.environ.get("IMAGEDB_REAL_IMAGES")):
        pytest.skip(UNSET)
    return Path(named)


@pytest.mark.parametrize(
    ("file", "image_id", "names", "platforms"),
    [
        pytest.param(
            "alpine-3.10.docker-archive.tar.gz",
            "sha256:955baf60802a0e11a59634435ea5bce99ec4876ad206ff347a59eb9c4ed6bee9",
            ["alpine:3.10"],
            ["linux/amd64"],
            id="docker before 25, compressed",
        ),
        pytest.param(
            "test-image-1.docker-archive.tar",
            "sha256:ea894cefba80bfe638e9bd1b497994f089032e1c816316513a3b7bc5c79a2490",
            ["bazel/v1/tarball:test_image_1"],
            ["linux/amd64"],
            id="bazel",
        ),
        pytest.param(
            "hello-world.docker-v25.tar",
            "sha256:27818803504ed3b278909ec8bd7a8bd2498b00b0167cb1fbdebf0d2cbba84dfe",
            [],
            ["linux/arm64"],
            id="docker 25.0",
        ),
        pytest.param(
            "multiplatform.oci",
            "sha256:a1a8d08faa5fe3d2ccc0ba54874e39dede9a17120f883c5cb56f2fd9309067c8",
            ["multi-platform:latest"],
            ["linux/amd64", "linux/arm64"],
            id="buildkit",
        ),
    ],
)
def test_real_archive_is_read(
    folder: Path, file: str, image_id: str, names: list[str], platforms: list[str]
) -> None:
    """What real tools write is read, with the ID that an engine shows."""
    (image,) = read_source(folder / file)

    assert image.id == image_id
    assert [name.familiar for name in image.names] == names
    assert [str(manifest.platform) for manifest in image.manifests] == platforms
    assert [len(manifest.layers) for manifest in image.manifests] == [1] * len(platforms)
    assert image.warnings == ()


def test_real_archive_as_a_stream_is_the_same(folder: Path) -> None:
    """An archive through a pipe is the archive."""
    path = folder / "alpine-3.10.docker-archive.tar.gz"
    with path.open("rb") as stream:
        assert read_stream(stream) == read_source(path)


def test_real_archive_without_manifest_is_refused(folder: Path) -> None:
    """An archive of the first generation is refused."""
    path = folder / "bad-no-manifest.tar"
    with pytest.raises(InvalidSourceError) as caught:
        read_source(path)

    assert str(caught.value) == (
        f"{path}: no 'manifest.json': archives with 'repositories' alone, as docker wrote them "
        "before 1.10, are not supported; load it into docker and save it again"
    )
