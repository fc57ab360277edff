"""Under which names a source's images come."""

from pathlib import Path
from typing import Any

import pytest

from imagedb.errors import InvalidReferenceError, InvalidSourceError
from imagedb.records import SourceImage
from imagedb.references import Reference, parse_new_name, parse_reference
from imagedb.sources import read_source
from tests.builders.archives import (
    NAME,
    REF_NAME,
    Files,
    an_index_json,
    docker_files,
    hybrid_files,
    layout_files,
    write_layout,
    write_tar,
)
from tests.builders.images import BuiltImage, an_image, an_index, as_json

APP = an_image("a")
OTHER = "sha256:" + "0" * 64


def annotated(image: BuiltImage, *entries: dict[str, str]) -> Files:
    """Lay out an image with an entry of `index.json` for each set of annotations."""
    files = layout_files([(image, [])])
    members = [{**image.descriptor, "annotations": entry} for entry in entries]
    files["index.json"] = an_index_json(members)
    return files


def read_one(path: Path, **options: Any) -> SourceImage:  # noqa: ANN401 - passed on as they are
    """Read a source that holds one image."""
    (image,) = read_source(path, **options)
    return image


def familiar(image: SourceImage) -> list[str]:
    """The image's familiar names."""
    return [name.familiar for name in image.names]


@pytest.mark.parametrize(
    ("annotations", "names", "bare_tag"),
    [
        pytest.param({NAME: "docker.io/library/app:1"}, ["app:1"], None, id="containerd"),
        pytest.param({NAME: "app", REF_NAME: "2"}, ["app:latest"], None, id="containerd first"),
        pytest.param({REF_NAME: "quay.io/app"}, ["quay.io/app:latest"], None, id="with a slash"),
        pytest.param({REF_NAME: "app:1"}, ["app:1"], None, id="with a colon"),
        pytest.param({REF_NAME: "1.0"}, [], "1.0", id="tag alone"),
        pytest.param({NAME: "", REF_NAME: "1.0"}, [], "1.0", id="empty name"),
        pytest.param({}, [], None, id="none"),
    ],
)
def test_name_from_annotations(
    tmp_path: Path, annotations: dict[str, str], names: list[str], bare_tag: str | None
) -> None:
    """Containerd's name comes first, then OCI's, if it is more than a tag."""
    image = read_one(write_tar(tmp_path / "l.tar", annotated(APP, annotations)))

    assert familiar(image) == names
    assert image.bare_tag == bare_tag
    assert image.warnings == ()


def test_name_of_a_bare_tag_with_a_repository(tmp_path: Path) -> None:
    """A tag alone is completed by the repository that the caller gives; whole names are not."""
    entries = [{REF_NAME: "1.0"}, {REF_NAME: "app:2"}, {REF_NAME: "latest"}]
    path = write_tar(tmp_path / "l.tar", annotated(APP, *entries))
    image = read_one(path, repository=parse_reference("quay.io/team/web"))

    assert familiar(image) == ["app:2", "quay.io/team/web:1.0", "quay.io/team/web:latest"]
    assert image.bare_tag is None


def test_name_from_docker_where_the_index_has_none(tmp_path: Path) -> None:
    """Docker's `RepoTags` count if no entry of the index is named, before OCI's `ref.name`."""
    index = an_index(APP, an_image("b", platform="linux/arm64"))
    files = hybrid_files([(index, ["app:1", "app:2"])])
    members = [{**index.descriptor, "annotations": {REF_NAME: "oci:1"}}]
    files["index.json"] = an_index_json(members)
    image = read_one(write_tar(tmp_path / "l.tar", files))

    assert familiar(image) == ["app:1", "app:2"]


def test_name_from_docker_where_the_index_has_one(tmp_path: Path) -> None:
    """Docker's names do not count for an image without one, if another is named in the index."""
    base = an_image("b")
    files = hybrid_files([(APP, ["app:1"]), (base, ["base:1"])])
    named = {**APP.descriptor, "annotations": {NAME: "docker.io/library/app:1"}}
    files["index.json"] = an_index_json([named, base.descriptor])
    images = read_source(write_tar(tmp_path / "l.tar", files))

    assert [familiar(image) for image in images] == [["app:1"], []]


def test_name_from_docker_of_no_image(tmp_path: Path) -> None:
    """Names whose image the index does not list are told, not lost."""
    files = hybrid_files([(an_image("b"), ["base:1"])])
    files.update(annotated(APP, {}))
    image = read_one(write_tar(tmp_path / "l.tar", files))

    assert familiar(image) == []
    assert image.warnings == ("the names 'base:1' are left out: index.json has no such image",)


@pytest.mark.parametrize("name", ["moby-dangling@{}", "docker.io/library/moby-dangling@{}"])
def test_name_that_moby_gives_to_images_without_one(tmp_path: Path, name: str) -> None:
    """Loading under moby's name of a nameless image is loading without a name."""
    entry = {NAME: name.format(APP.digest)}
    image = read_one(write_tar(tmp_path / "l.tar", annotated(APP, entry)))

    assert image.names == ()
    assert image.warnings == ()


@pytest.mark.parametrize("name", [f"moby-dangling@{OTHER}", "moby-dangling:1", "moby-dangling"])
def test_name_of_the_reserved_repository_is_refused(tmp_path: Path, name: str) -> None:
    """No other name of that repository can be made."""
    path = write_tar(tmp_path / "l.tar", annotated(APP, {NAME: name}))
    with pytest.raises(InvalidSourceError) as caught:
        read_source(path)

    assert (
        str(caught.value) == f"{path}: it has the name {name!r}, of a repository that moby reserves"
    )


@pytest.mark.parametrize(
    ("annotations", "warning"),
    [
        pytest.param(
            {NAME: "App:1"},
            "the name 'App:1' is left out: invalid reference format: "
            "repository name (library/App) must be lowercase",
            id="upper case",
        ),
        pytest.param(
            {NAME: "app:1\n"},
            "the name 'app:1\\n' is left out: invalid reference format",
            id="control character",
        ),
        pytest.param(
            {REF_NAME: "not a tag"},
            "the tag 'not a tag' is left out: invalid reference format",
            id="tag",
        ),
        pytest.param(
            {NAME: "sha256:1"},
            "the name 'sha256:1' is left out: "
            "refusing to create an ambiguous tag using digest algorithm as name",
            id="algorithm",
        ),
        pytest.param(
            {NAME: f"app@{OTHER}"},
            f"the name 'app@{OTHER}' is left out: "
            f"its digest is not the image's, which is {APP.digest}",
            id="other digest",
        ),
    ],
)
def test_name_that_cannot_be_is_left_out(
    tmp_path: Path, annotations: dict[str, str], warning: str
) -> None:
    """An image with a name that cannot be comes without it, as in moby, and a warning."""
    image = read_one(write_tar(tmp_path / "l.tar", annotated(APP, annotations)))

    assert image.names == ()
    assert image.bare_tag is None
    assert image.warnings == (warning,)


def test_name_with_the_images_digest(tmp_path: Path) -> None:
    """A reference by digest is a name."""
    image = read_one(write_layout(tmp_path / "l", [(APP, [f"app@{APP.digest}"])]))

    assert familiar(image) == [f"app@{APP.digest}"]


def test_name_given_replaces_all(tmp_path: Path) -> None:
    """What the caller says wins over what the source says, right or wrong."""
    entries = [{NAME: "moby-dangling:1"}, {NAME: "App"}, {REF_NAME: "1.0"}]
    path = write_tar(tmp_path / "l.tar", annotated(APP, *entries))
    image = read_one(path, names=(parse_new_name("mine:2"), parse_new_name("mine")))

    assert familiar(image) == ["mine:2", "mine:latest"]
    assert (image.bare_tag, image.warnings) == (None, ())


def test_name_given_to_several_images_is_refused(tmp_path: Path) -> None:
    """A name cannot be given to an archive of several images."""
    path = write_layout(tmp_path / "l", [(APP, ["a:1"]), (an_image("ab"), ["b:1"])])
    with pytest.raises(InvalidSourceError) as caught:
        read_source(path, names=(parse_new_name("mine"),))

    assert str(caught.value) == (
        f"{path}: it holds 2 images, and a name can be given to one only: import it without a "
        "name and tag its images afterwards"
    )


@pytest.mark.parametrize("digest", [OTHER, APP.digest])
def test_name_given_of_a_nameless_image(tmp_path: Path, digest: str) -> None:
    """The name of this nameless image is no name; that of another is refused."""
    path = write_layout(tmp_path / "l", [(APP, ["a:1"])])
    name: Reference = parse_reference(f"moby-dangling@{digest}")
    if digest == APP.digest:
        assert read_one(path, names=(name,)).names == ()
    else:
        with pytest.raises(InvalidReferenceError, match="its digest is not the image's"):
            read_source(path, names=(name,))


def test_names_of_a_docker_archive(tmp_path: Path) -> None:
    """A docker archive is named by `RepoTags`; one that cannot be is left out with a warning."""
    files = docker_files([(APP, ["app:1"])])
    manifest = files["manifest.json"]
    assert isinstance(manifest, bytes)
    files["manifest.json"] = manifest.replace(b'["app:1"]', as_json(["z", "BAD", "a:1"]))
    image = read_one(write_tar(tmp_path / "l.tar", files))

    assert familiar(image) == ["a:1", "z:latest"]
    assert len(image.warnings) == 1
