"""Content that is missing or damaged is refused, and in which words."""

import gzip
from pathlib import Path

import pytest

from tests.builders.archives import an_index_json, blob_path, hybrid_files, layout_files, write_tar
from tests.builders.images import (
    OCI_LAYER,
    OCI_MANIFEST,
    Blob,
    BuiltImage,
    a_config,
    a_layer,
    a_manifest,
    an_image,
    an_index,
    digest_of,
)
from tests.unit.refusals import (
    APP,
    CONFIG,
    LAYER,
    MANIFEST,
    docker_archive,
    layout,
    layout_of,
    problem_of,
)


@pytest.mark.parametrize("name", [CONFIG, LAYER, MANIFEST], ids=["config", "layer", "manifest"])
def test_content_missing_is_refused(tmp_path: Path, name: str) -> None:
    """The target, the config and the layers of a present manifest must be there."""
    assert problem_of(write_tar(tmp_path / "x", layout(**{name: None}))) == f"{name!r} is missing"


def test_content_of_a_member_missing_is_refused(tmp_path: Path) -> None:
    """A manifest may be absent from an index, the layers of a present one may not."""
    files = layout_files([(an_index(APP, an_image("c")), [])])
    del files[LAYER]

    assert problem_of(write_tar(tmp_path / "x", files)) == f"{LAYER!r} is missing"


@pytest.mark.parametrize("name", [CONFIG, LAYER, MANIFEST], ids=["config", "layer", "manifest"])
def test_content_changed_is_refused(tmp_path: Path, name: str) -> None:
    """Every byte counts."""
    content = layout()[name]
    assert isinstance(content, bytes)
    changed = gzip.compress(b"x") if name == LAYER else content.replace(b"1", b"2", 1)
    changed = changed.ljust(len(content), b"\0")
    problem = problem_of(write_tar(tmp_path / "x", layout(**{name: changed})))

    expected = "sha256:" + name.rpartition("/")[2]
    assert problem == f"{name!r} is damaged: its digest is {digest_of(changed)}, not {expected}"


@pytest.mark.parametrize("name", [CONFIG, LAYER, MANIFEST], ids=["config", "layer", "manifest"])
def test_content_of_another_size_is_refused(tmp_path: Path, name: str) -> None:
    """A size is compared before anything is read."""
    content = layout()[name]
    assert isinstance(content, bytes)
    problem = problem_of(write_tar(tmp_path / "x", layout(**{name: content + b"\0"})))

    size = len(content)
    assert problem == f"{name!r} is damaged: it has {size + 1:,} bytes, not {size:,}"


def test_layer_that_is_not_the_configs_is_refused(tmp_path: Path) -> None:
    """A layer file must unpack to what the config says at its position."""
    layers = (a_layer("b", compressed=True), a_layer("a", compressed=True))
    config = a_config([a_layer("a"), a_layer("b")])
    image = BuiltImage(a_manifest(config, layers), OCI_MANIFEST, config, layers, {})
    problem = problem_of(write_tar(tmp_path / "x", layout_files([(image, [])])))

    assert problem == (
        f"{blob_path(layers[0].digest)!r} unpacks to {a_layer('b').diff_id}, where the image's "
        f"config has {a_layer('a').diff_id}"
    )


def test_layer_count_that_differs_is_refused(tmp_path: Path) -> None:
    """A manifest has as many layers as its config has diff IDs."""
    config = a_config([a_layer("a"), a_layer("b")])
    files = layout_of(config.content, (a_layer("a"),))
    manifest = next(n for n, c in files.items() if isinstance(c, bytes) and b'"layers"' in c[99:])

    assert problem_of(write_tar(tmp_path / "x", files)) == (
        f"{manifest!r} has 1 layers and its config 2 diff IDs: they do not belong together"
    )


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(
            b"\x28\xb5\x2f\xfd" + bytes(100),
            "is compressed with zstd: only plain and gzip layers are supported",
            id="zstd",
        ),
        pytest.param(
            a_layer("a", compressed=True).content[:-20],
            "is cut short: its gzip data has no end",
            id="cut short",
        ),
        pytest.param(
            b"\x1f\x8b\x08\x00" + b"\xff" * 100,
            "is damaged: bad gzip data (invalid block type)",
            id="damaged",
        ),
    ],
)
def test_layer_that_cannot_be_unpacked_is_refused(
    tmp_path: Path, content: bytes, problem: str
) -> None:
    """A layer with the right digest must still be what its config says."""
    blob = Blob(content, OCI_LAYER)
    files = layout_of(a_config([a_layer("a")]).content, (blob,))

    assert problem_of(write_tar(tmp_path / "x", files)) == f"{blob_path(blob.digest)!r} {problem}"


# ── docker archives ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("part", ["Config", "Layers"])
def test_docker_archive_without_a_part_is_refused(tmp_path: Path, part: str) -> None:
    """Everything that `manifest.json` names must be there."""
    entry, files = docker_archive()
    name = entry[part] if part == "Config" else entry[part][0]
    del files[name]

    assert problem_of(write_tar(tmp_path / "x", files)) == f"{name!r} is missing"


def test_docker_archive_with_a_changed_config_is_refused(tmp_path: Path) -> None:
    """A config that is named by its digest must have it."""
    entry, files = docker_archive()
    files[entry["Config"]] = b"{}"

    assert problem_of(write_tar(tmp_path / "x", files)) == (
        f"{entry['Config']!r} is damaged: its digest is {digest_of(b'{}')}, not {APP.config.digest}"
    )


def test_docker_archive_with_swapped_layers_is_refused(tmp_path: Path) -> None:
    """Layers must stand in the order of the config's diff IDs."""
    entry, _ = docker_archive()
    first, second = entry["Layers"]
    _, files = docker_archive(Layers=[second, first])

    assert problem_of(write_tar(tmp_path / "x", files)) == (
        f"{second!r} unpacks to {APP.diff_ids[1]}, where the image's config has {APP.diff_ids[0]}"
    )


def test_docker_archive_with_too_few_layers_is_refused(tmp_path: Path) -> None:
    """The number of layers is compared before any is read."""
    entry, files = docker_archive(Layers=[])

    assert problem_of(write_tar(tmp_path / "x", files)) == (
        f"'manifest.json' gives 0 layers to the config {entry['Config']!r}, which has 2 diff IDs"
    )


def test_docker_archive_with_a_damaged_blob_is_refused(tmp_path: Path) -> None:
    """A layer that is named by its digest must have it, before its diff ID is looked at."""
    files = hybrid_files([(APP, [])])
    files["index.json"] = an_index_json([])
    files[LAYER] = a_layer("z").content

    assert problem_of(write_tar(tmp_path / "x", files)) == (
        f"{LAYER!r} is damaged: its digest is {a_layer('z').digest}, not {APP.layers[0].digest}"
    )


def test_docker_archive_that_lists_no_array_is_refused(tmp_path: Path) -> None:
    """`manifest.json` is an array."""
    path = write_tar(tmp_path / "x", {"manifest.json": b"{}"})

    assert problem_of(path) == "'manifest.json' is not a JSON array"
