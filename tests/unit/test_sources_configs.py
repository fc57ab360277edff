"""What is read out of a config, and what is said of what cannot be."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from imagedb.records import SourceManifest
from imagedb.sources import read_source
from tests.builders.archives import blob_path, layout_files, write_tar
from tests.builders.images import OCI_MANIFEST, Blob, BuiltImage, an_image, as_json
from tests.unit.refusals import layout_of, problem_of


def read_config(path: Path, config: object) -> tuple[SourceManifest, tuple[str, ...], str]:
    """Read an image with this config; give its manifest, the warnings and the config's path."""
    content = config if isinstance(config, bytes) else as_json(config)
    (image,) = read_source(write_tar(path / "x.tar", layout_of(content)))
    return image.manifests[0], image.warnings, blob_path(Blob(content, "").digest)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "2024-02-29T23:59:59Z", datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC), id="UTC"
        ),
        pytest.param(
            "2024-01-01T00:30:00.5+02:00",
            datetime(2023, 12, 31, 22, 30, 0, 500000, tzinfo=UTC),
            id="offset",
        ),
        pytest.param(
            "2024-01-01T00:00:00.123456999Z",
            datetime(2024, 1, 1, 0, 0, 0, 123456, tzinfo=UTC),
            id="nanoseconds",
        ),
        pytest.param("1970-01-01T00:00:00Z", datetime(1970, 1, 1, tzinfo=UTC), id="epoch"),
        pytest.param("0001-01-01T00:00:00Z", None, id="nobody said"),
        pytest.param("", None, id="empty"),
        pytest.param(None, None, id="null"),
    ],
)
def test_created_is_read(tmp_path: Path, text: str | None, expected: datetime | None) -> None:
    """A moment has microseconds and is UTC; Go's zero time is none."""
    manifest, warnings, _ = read_config(tmp_path, {"created": text})

    assert manifest.created == expected
    assert warnings == ()


@pytest.mark.parametrize(
    "text",
    ["yesterday", "2024-13-01T00:00:00Z", "10000-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00"],
)
def test_created_that_is_no_time_is_told(tmp_path: Path, text: str) -> None:
    """An image of unknown age is no reason to refuse it, and none to be silent."""
    manifest, warnings, path = read_config(tmp_path, {"created": text})

    assert manifest.created is None
    assert warnings == (f"{path!r}: when it was created is unknown: {text!r} is not a time",)


def test_labels_are_made_storable(tmp_path: Path) -> None:
    """What no database stores is replaced in labels; the document keeps its bytes."""
    config = b'{"config":{"Labels":{"a\\u0000":"\\ud800x","plain":"","\\udc00":"\\u00e9"}}}'
    manifest, warnings, _ = read_config(tmp_path, config)

    assert manifest.labels == {"a\ufffd": "\ufffdx", "plain": "", "\ufffd": "é"}
    assert warnings == ()
    assert manifest.config
    assert manifest.config.content == config


def test_label_with_a_long_key_is_left_out(tmp_path: Path) -> None:
    """A key of 1,024 bytes is a label, a longer one is told and left out."""
    longest, longer = "é" * 512, "é" * 512 + "x"
    config = {"config": {"Labels": {longest: "1", longer: "2"}}}
    manifest, warnings, path = read_config(tmp_path, config)

    assert manifest.labels == {longest: "1"}
    assert warnings == (
        f"{path!r}: the label {'é' * 40!r} is left out: its key has 1,025 bytes (limit: 1,024)",
    )


@pytest.mark.parametrize(
    "config",
    [
        pytest.param({}, id="empty"),
        pytest.param({"config": None}, id="null"),
        pytest.param({"config": {"Labels": None}}, id="null labels"),
    ],
)
def test_labels_may_be_absent(tmp_path: Path, config: object) -> None:
    """A config need not have labels."""
    assert read_config(tmp_path, config)[0].labels == {}


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        pytest.param(b"", " is not JSON: Expecting value: line 1 column 1 (char 0)", id="empty"),
        pytest.param(b"[]", " is not a JSON object", id="array"),
        pytest.param(b"null", " is not a JSON object", id="null"),
        pytest.param(b'{"os":"\xff"}', " is not UTF-8 text", id="not UTF-8"),
        pytest.param(b'{"os":1}', ": os: must be a string", id="wrong type"),
        pytest.param(b'{"created":true}', ": created: must be a string", id="wrong time"),
        pytest.param(b'{"x":NaN}', " is not JSON: it has the number NaN", id="NaN"),
        pytest.param(
            b'{"x":' + b"9" * 5_000 + b"}", " has a number that is too long", id="long number"
        ),
        pytest.param(
            b'{"os":"a","os":"b"}', " has the key 'os' twice in one object", id="key twice"
        ),
        pytest.param(
            b'{"config":{"Labels":{"a":1}}}',
            ": config.Labels: must be an object whose values are strings",
            id="label of another type",
        ),
        pytest.param(b'{"config":[]}', ": config: must be an object", id="inner array"),
        pytest.param(b'{"rootfs":""}', ": rootfs: must be an object", id="layers as text"),
        pytest.param(
            b'{"rootfs":{"diff_ids":[1]}}',
            ": rootfs.diff_ids.0: a digest must be a string",
            id="diff ID of another type",
        ),
        pytest.param(
            b'{"rootfs":{"diff_ids":["sha256:12"]}}',
            ": rootfs.diff_ids.0: invalid checksum digest length: 'sha256:12'",
            id="short diff ID",
        ),
        pytest.param(
            b'{"architecture":"a b"}', ": invalid platform component 'a b'", id="platform"
        ),
    ],
)
def test_config_that_is_none_is_refused(tmp_path: Path, config: bytes, problem: str) -> None:
    """A config is JSON, strictly, and each part that counts is of its type."""
    path = blob_path(Blob(config, "").digest)

    assert problem_of(write_tar(tmp_path / "x", layout_of(config))) == f"{path!r}{problem}"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        pytest.param('"size":', '"size":-', "size: must be greater than or equal to 0", id="less"),
        pytest.param('"size":', '"size":1.', "size: must be a valid integer", id="float"),
        pytest.param('"size":', '"size":true,"x":', "size: must be a valid integer", id="boolean"),
        pytest.param(
            '"size":',
            '"size":99999999999999999999',
            "size: must be less than or equal to 9223372036854775807",
            id="more",
        ),
        pytest.param('"size":', '"bytes":', "size: is missing", id="missing"),
        pytest.param(
            '"mediaType":"application', '"mediaType":"\\n', "mediaType: not a media type", id="type"
        ),
        pytest.param(
            "sha256:", "md5:", "digest: unsupported digest algorithm: 'md5'", id="algorithm"
        ),
    ],
)
def test_descriptor_that_is_none_is_refused(
    tmp_path: Path, old: str, new: str, problem: str
) -> None:
    """A descriptor names content by type, digest and size."""
    files = layout_files([])
    entry = '{"mediaType":"application/x","digest":"sha256:' + "a" * 64 + '","size":5}'
    files["index.json"] = f'{{"manifests":[{entry.replace(old, new, 1)}]}}'.encode()

    message = problem_of(write_tar(tmp_path / "x", files))
    assert message.startswith(f"'index.json': manifests.0.{problem}")


@pytest.mark.parametrize("key", ["manifests", "fsLayers"])
def test_manifest_that_may_be_something_else_is_refused(tmp_path: Path, key: str) -> None:
    """A document that two readers take for two things is none (CVE-2021-41190)."""
    app = an_image("a")
    content = app.content.replace(b'{"config"', f'{{"{key}":[],"config"'.encode())
    image = BuiltImage(content, OCI_MANIFEST, app.config, app.layers, {})
    path = blob_path(image.digest)

    assert problem_of(write_tar(tmp_path / "x", layout_files([(image, [])]))) == (
        f"{path!r} should be a manifest and has the key {key!r}"
    )


def test_index_that_may_be_something_else_is_refused(tmp_path: Path) -> None:
    """The same holds for an index."""
    files = layout_files([])
    files["index.json"] = b'{"manifests":[],"layers":[]}'

    assert problem_of(write_tar(tmp_path / "x", files)) == (
        "'index.json' should be an index and has the key 'layers'"
    )


def test_schema_version_1_is_refused(tmp_path: Path) -> None:
    """Docker's first manifests have no config to read."""
    files = layout_files([])
    files["index.json"] = b'{"schemaVersion":1,"manifests":[]}'

    assert problem_of(write_tar(tmp_path / "x", files)) == "'index.json': schemaVersion: must be 2"
