"""What an OCI image layout yields."""

import gzip
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from imagedb.platforms import Platform
from imagedb.records import ManifestKind, SourceImage
from imagedb.sources import read_source
from tests.builders.archives import (
    Files,
    Link,
    NamedImages,
    an_index_json,
    blob_path,
    hybrid_files,
    layout_files,
    write_files,
    write_layout,
    write_layout_tar,
    write_tar,
)
from tests.builders.images import (
    OCI_CONFIG,
    OCI_INDEX,
    OCI_LAYER,
    OCI_MANIFEST,
    Blob,
    BuiltImage,
    BuiltIndex,
    a_config,
    a_layer,
    a_manifest,
    an_artifact,
    an_attestation,
    an_image,
    an_index,
    as_json,
    platform_object,
)

Writer = Callable[[Path, NamedImages], Path]


def read_one(path: Path) -> SourceImage:
    """Read a source that holds one image."""
    (image,) = read_source(path)
    return image


def names(image: SourceImage) -> list[str]:
    """The image's familiar names."""
    return [name.familiar for name in image.names]


def write_compressed(path: Path, images: NamedImages) -> Path:
    """Write a layout as .tar.gz."""
    return write_layout_tar(path, images, compressed=True)


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(write_layout, id="folder"),
        pytest.param(write_layout_tar, id="tar"),
        pytest.param(write_compressed, id="compressed tar"),
    ],
)
def test_layout_in_every_form_yields_the_same(tmp_path: Path, write: Writer) -> None:
    """A folder, a tar and a compressed tar of one layout are the same source."""
    app = an_image("abc", labels={"team": "web"}, created="2024-05-06T07:08:09.123456789Z")
    image = read_one(write(tmp_path / "app", [(app, ["app:2", "app:1"])]))
    (manifest,) = image.manifests

    assert (image.id, image.media_type, image.size) == (app.digest, OCI_MANIFEST, len(app.content))
    assert names(image) == ["app:1", "app:2"]
    assert image.indexes == ()
    assert image.warnings == ()
    assert manifest.digest == app.digest
    assert manifest.kind is ManifestKind.IMAGE
    assert manifest.platform == Platform("linux", "amd64")
    assert manifest.labels == {"team": "web"}
    assert manifest.created == datetime(2024, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)
    assert manifest.document
    assert manifest.document.content == app.content
    assert manifest.config
    assert manifest.config.content == app.config.content
    assert [layer.digest for layer in manifest.layers] == [layer.digest for layer in app.layers]
    assert [layer.diff_id for layer in manifest.layers] == app.diff_ids


@pytest.mark.parametrize("compressed", [False, True])
def test_layer_measured(tmp_path: Path, *, compressed: bool) -> None:
    """A layer has the size of its file, and of what its file unpacks to."""
    built = a_layer("a", compressed=compressed)
    image = read_one(write_layout(tmp_path / "l", [(an_image("a", compressed=compressed), [])]))
    (layer,) = image.manifests[0].layers

    assert layer.media_type == built.media_type
    assert layer.size == len(built.content)
    assert layer.unpacked_size == len(built.tar)
    assert layer.diff_id == built.diff_id


def test_layers_none_yields_none(tmp_path: Path) -> None:
    """An image may have no layers, and a config may say so by null."""
    config = Blob(as_json({"architecture": "amd64", "rootfs": {"diff_ids": None}}), OCI_CONFIG)
    manifest = as_json({"schemaVersion": 2, "config": config.descriptor, "layers": None})
    empty = BuiltImage(manifest, OCI_MANIFEST, config, (), {})
    image = read_one(write_layout(tmp_path / "l", [(empty, [])]))

    assert image.manifests[0].layers == ()
    assert image.manifests[0].kind is ManifestKind.IMAGE


def test_index_yields_manifests_in_its_order(tmp_path: Path) -> None:
    """An index's manifests keep their order; what is not there is absent, not an error."""
    amd, arm = an_image("ab"), an_image("ab", platform="linux/arm64/v8")
    s390x = an_image("a", platform="linux/s390x")
    index = an_index(arm, amd, s390x, an_attestation(amd), missing=[s390x])
    image = read_one(write_layout(tmp_path / "l", [(index, ["app:1"])]))

    assert image.id == index.digest
    assert [document.content for document in image.indexes] == [index.content]
    assert [(m.digest, str(m.platform), m.kind, m.is_present) for m in image.manifests] == [
        (arm.digest, "linux/arm64", ManifestKind.IMAGE, True),
        (amd.digest, "linux/amd64", ManifestKind.IMAGE, True),
        (s390x.digest, "linux/s390x", ManifestKind.IMAGE, False),
        (index.members[3].digest, "unknown/unknown", ManifestKind.ATTESTATION, True),
    ]
    assert image.manifests[2].size == len(s390x.content)
    assert image.manifests[2].config is None
    assert [m.index for m in image.manifests] == [None] * 4


def test_attestation_keeps_its_blobs_without_diff_ids(tmp_path: Path) -> None:
    """What is no image has blobs, verified as they lie, and nothing is unpacked."""
    app = an_image("a")
    attestation = an_attestation(app)
    image = read_one(write_layout(tmp_path / "l", [(an_index(app, attestation), [])]))
    (layer,) = image.manifests[1].layers

    assert layer.digest == attestation.layers[0].digest
    assert layer.diff_id is None
    assert layer.unpacked_size is None
    assert image.manifests[1].config is not None


@pytest.mark.parametrize(
    "content",
    [pytest.param(b"bytes", id="plain"), pytest.param(b"\x28\xb5\x2f\xfdx", id="zstd")],
)
def test_artifact_is_kept_as_it_is(tmp_path: Path, content: bytes) -> None:
    """A manifest whose config is no image's is of unknown kind, whatever its blobs are."""
    artifact = an_artifact(content)
    image = read_one(write_layout(tmp_path / "l", [(artifact, ["art:1"])]))
    (manifest,) = image.manifests

    assert manifest.kind is ManifestKind.UNKNOWN
    assert manifest.document
    assert manifest.document.content == artifact.content
    assert manifest.config
    assert manifest.config.content == b"{}"
    assert [(layer.digest, layer.diff_id) for layer in manifest.layers] == [
        (artifact.layers[0].digest, None)
    ]


def test_signature_with_an_images_config_is_unknown(tmp_path: Path) -> None:
    """A manifest none of whose blobs is a layer is no image, though its config's type is."""
    blob = Blob(b'{"signed": true}', "application/vnd.dev.cosign.simplesigning.v1+json")
    config = a_config([])
    signature = BuiltImage(a_manifest(config, [blob]), OCI_MANIFEST, config, (blob,), {})
    image = read_one(write_layout(tmp_path / "l", [(signature, [])]))

    assert image.manifests[0].kind is ManifestKind.UNKNOWN


def test_nested_indexes_are_flattened(tmp_path: Path) -> None:
    """Manifests of a nested index stand where it stood and say which index they came through."""
    first, second = an_image("a"), an_image("b", platform="linux/arm64")
    third = an_image("c", platform="linux/s390x")
    nested = an_index(second, first)
    lost = an_index(third)
    top = an_index(first, nested, lost, third, missing=[lost])
    image = read_one(write_layout(tmp_path / "l", [(top, [])]))

    assert [(m.digest, m.index) for m in image.manifests] == [
        (first.digest, None),
        (second.digest, nested.digest),
        (lost.digest, None),
        (third.digest, None),
    ]
    assert image.manifests[2].kind is ManifestKind.UNKNOWN
    assert [document.digest for document in image.indexes] == [top.digest, nested.digest]


def test_entries_of_one_image_are_one_image(tmp_path: Path) -> None:
    """Several entries of `index.json` with one digest are an image with several names."""
    base, app = an_image("a"), an_image("ab")
    path = write_layout(tmp_path / "l", [(base, ["base:1", "alias"]), (app, []), (base, ["z:1"])])
    images = read_source(path)

    assert [image.id for image in images] == [base.digest, app.digest]
    assert [names(image) for image in images] == [["alias:latest", "base:1", "z:1"], []]


@pytest.mark.parametrize(
    ("config", "index", "expected"),
    [
        pytest.param("linux/arm64", "linux/arm64/v8", "linux/arm64", id="normal form"),
        pytest.param("linux/arm", "linux/arm/v6", "linux/arm/v6", id="index adds the variant"),
        pytest.param("linux/arm/v7", "linux/arm/v6", "linux/arm/v7", id="config decides"),
        pytest.param("linux/amd64", "linux/arm/v6", "linux/amd64", id="variant of another"),
        pytest.param("windows/x86_64", "linux/amd64", "windows/amd64", id="spelling"),
        pytest.param("", "linux/s390x", "linux/s390x", id="index alone"),
        pytest.param("/riscv64", "", "linux/riscv64", id="default system"),
        pytest.param("", "linux/arm64/v9", "linux/arm64/v9", id="index alone with variant"),
        pytest.param("", "", "None", id="neither"),
    ],
)
def test_platform_is_the_configs(tmp_path: Path, config: str, index: str, expected: str) -> None:
    """The config's platform decides; the index fills what it lacks."""
    built = an_image("a", platform=config)
    member = {**built.descriptor, "platform": platform_object(index)} if index else built.descriptor
    content = as_json({"schemaVersion": 2, "manifests": [member]})
    top = BuiltIndex(content, OCI_INDEX, (built,))
    image = read_one(write_layout(tmp_path / "l", [(top, [])]))

    assert str(image.manifests[0].platform) == expected


def test_config_of_the_unknown_platform_is_an_attestation(tmp_path: Path) -> None:
    """A target that buildkit made for no platform is no image, even without an index."""
    built = an_image("a", platform="unknown/unknown")
    image = read_one(write_layout(tmp_path / "l", [(built, [])]))

    assert image.manifests[0].kind is ManifestKind.ATTESTATION
    assert image.manifests[0].layers[0].diff_id is None


def linked(files: Files, *, hard: bool) -> Files:
    """Move a layout's blobs away, and put links in their places."""
    moved: Files = {}
    for name, content in files.items():
        if name.startswith("blobs/"):
            moved[f"store/{name.rpartition('/')[2]}"] = content
    for name, content in files.items():
        digits = name.rpartition("/")[2]
        target = f"store/{digits}" if hard else f"../../store/{digits}"
        moved[name] = Link(target, hard=hard) if name.startswith("blobs/") else content
    return moved


@pytest.mark.parametrize("write", [write_files, write_tar], ids=["folder", "tar"])
@pytest.mark.parametrize("hard", [False, True], ids=["symbolic", "hard"])
def test_links_inside_are_followed(
    tmp_path: Path, write: Callable[[Path, Files], Path], *, hard: bool
) -> None:
    """Links inside a layout lead to content, in a folder as in a tar."""
    app = an_image("abc")
    image = read_one(write(tmp_path / "l", linked(layout_files([(app, [])]), hard=hard)))

    assert image.id == app.digest


def test_link_to_a_folder_is_followed(tmp_path: Path) -> None:
    """A folder of a tar may be a link as well."""
    app = an_image("ab")
    files = {
        name.replace("blobs/", "v1/blobs/"): c for name, c in layout_files([(app, [])]).items()
    }
    image = read_one(write_tar(tmp_path / "l", {"blobs": Link("./v1/x/../blobs"), **files}))

    assert image.id == app.digest


def test_tar_with_dotted_and_repeated_names(tmp_path: Path) -> None:
    """Names may begin with `./`, and of two entries of one name the later counts, as in tar."""
    app = an_image("ab")
    files = {f"./{name}": content for name, content in layout_files([(app, [])]).items()}
    image = read_one(write_tar(tmp_path / "l", {"index.json": b"old", **files}))

    assert image.id == app.digest


def test_gzip_of_many_members_is_one_layer(tmp_path: Path) -> None:
    """A layer file may be several gzip members one after another, and padded."""
    tar = a_layer("a").tar
    content = gzip.compress(tar[:700]) + gzip.compress(tar[700:]) + bytes(512)
    layer = Blob(content, OCI_LAYER + "+gzip")
    config = a_config([a_layer("a")])
    built = BuiltImage(a_manifest(config, [layer]), OCI_MANIFEST, config, (layer,), {})
    image = read_one(write_layout(tmp_path / "l", [(built, [])]))

    assert image.manifests[0].layers[0].unpacked_size == len(tar)


def test_compression_is_told_by_content(tmp_path: Path) -> None:
    """A gzip layer is unpacked though its media type says that it is plain."""
    layer = Blob(a_layer("a", compressed=True).content, OCI_LAYER)
    config = a_config([a_layer("a")])
    built = BuiltImage(a_manifest(config, [layer]), OCI_MANIFEST, config, (layer,), {})
    image = read_one(write_layout(tmp_path / "l", [(built, [])]))

    assert image.manifests[0].layers[0].diff_id == a_layer("a").diff_id


def test_index_lists_what_docker_lists_too(tmp_path: Path) -> None:
    """Where `index.json` lists images, the manifest is the layout's, whatever docker's says."""
    app = an_image("ab", compressed=True)
    image = read_one(write_tar(tmp_path / "l.tar", hybrid_files([(app, ["app:1"])])))

    assert image.id == app.digest
    assert names(image) == ["app:1"]


def test_digest_of_another_algorithm(tmp_path: Path) -> None:
    """Content may be named by sha512."""
    app = an_image("a")
    digits = hashlib.sha512(app.content).hexdigest()
    descriptor = {**app.descriptor, "digest": f"sha512:{digits}"}
    files = layout_files([(app, [])])
    files[f"blobs/sha512/{digits}"] = files.pop(blob_path(app.digest))
    files["index.json"] = an_index_json([descriptor])
    image = read_one(write_tar(tmp_path / "l.tar", files))

    assert image.id == f"sha512:{digits}"


def test_documents_keep_their_bytes(tmp_path: Path) -> None:
    """A document is kept as it was written, white space and all."""
    app = an_image("a")
    content = json.dumps(json.loads(app.content), indent=3).encode()
    spaced = BuiltImage(content, OCI_MANIFEST, app.config, app.layers, app.platform)
    image = read_one(write_layout(tmp_path / "l", [(spaced, [])]))

    assert image.manifests[0].document
    assert image.manifests[0].document.content == content
    assert image.id == spaced.digest


def test_member_of_another_type_is_kept(tmp_path: Path) -> None:
    """An index may name what is neither a manifest nor an index; it is kept as it is."""
    app, other = an_image("a"), Blob(b"not even JSON", "application/vnd.example.thing")
    content = as_json({"manifests": [app.member, other.descriptor]})
    files = layout_files([(BuiltIndex(content, OCI_INDEX, (app,)), [])])
    files[blob_path(other.digest)] = other.content
    manifest = read_one(write_tar(tmp_path / "l.tar", files)).manifests[1]

    assert manifest.kind is ManifestKind.UNKNOWN
    assert manifest.document
    assert manifest.document.content == other.content
    assert (manifest.config, manifest.layers) == (None, ())


def test_diff_id_of_another_algorithm(tmp_path: Path) -> None:
    """A diff ID may be a sha512 too."""
    layer = a_layer("a")
    diff_id = f"sha512:{hashlib.sha512(layer.tar).hexdigest()}"
    config = Blob(as_json({"rootfs": {"diff_ids": [diff_id]}}), OCI_CONFIG)
    built = BuiltImage(a_manifest(config, [layer]), OCI_MANIFEST, config, (layer,), {})
    image = read_one(write_layout(tmp_path / "l", [(built, [])]))

    assert image.manifests[0].layers[0].diff_id == diff_id
