"""Files that hold no images are refused, and in which words.

A refusal is one line that names the source, the fault and its place, and the remedy if any.
"""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from imagedb.errors import InvalidSourceError
from imagedb.sources import read_source
from tests.builders.archives import LAYOUT_MARK, Files, an_index_json, pack, write_files, write_tar
from tests.unit.refusals import layout, problem_of


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(b"", "not an image archive: the file is empty", id="empty"),
        pytest.param(
            b"hello\n" * 500,
            "not an image archive: neither a tar nor a gzip file",
            id="text",
        ),
        pytest.param(
            bytes(1 << 16),
            "not an image archive: neither a tar nor a gzip file",
            id="zeros",
        ),
        pytest.param(
            gzip.compress(b"hello\n" * 500),
            "not an image archive: the gzip file does not contain a tar",
            id="gzip of text",
        ),
        pytest.param(
            gzip.compress(b""),
            "not an image archive: the gzip file does not contain a tar",
            id="gzip of nothing",
        ),
        pytest.param(
            b"\x28\xb5\x2f\xfd" + bytes(100),
            "archives compressed with zstd are not supported: decompress it first",
            id="zstd",
        ),
        pytest.param(
            b"\xfd7zXZ\x00" + bytes(100),
            "archives compressed with xz are not supported: decompress it first",
            id="xz",
        ),
        pytest.param(
            b"\x1f\x8b\x08\x00" + b"\xff" * 600,
            "the archive is damaged: bad gzip data (invalid block type)",
            id="damaged gzip",
        ),
        pytest.param(
            pack(layout(), compressed=True)[:-900],
            "the archive is cut short: its gzip data has no end",
            id="truncated gzip",
        ),
        pytest.param(
            gzip.compress(pack(layout())) + b"more",
            "the archive is damaged: bad gzip data (incorrect header check)",
            id="something behind gzip",
        ),
        pytest.param(
            pack(layout())[:700],
            "the archive is cut short: it has no end at byte 1,024",
            id="truncated between files",
        ),
        pytest.param(
            pack({"a": b"x" * 2000})[:1700],
            "the archive is cut short in 'a'",
            id="truncated in a file",
        ),
        pytest.param(
            pack({"a": b"x" * 512, "b": b"y"})[: 512 * 2 + 100],
            "the archive is cut short: it has no end at byte 1,024",
            id="truncated in a header",
        ),
        pytest.param(
            pack({"a": b"x" * 512})[:1024] + b"?" * 512,
            "the archive is damaged: no tar header at byte 1,024",
            id="damaged header",
        ),
    ],
)
def test_file_that_is_no_archive_is_refused(tmp_path: Path, content: bytes, problem: str) -> None:
    """A file that is empty, cut short, damaged or something else is told apart."""
    path = tmp_path / "x.tar"
    path.write_bytes(content)

    assert problem_of(path) == problem


def test_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """The operating system's words come with the path."""
    assert problem_of(tmp_path / "none.tar") == "No such file or directory"


def test_path_with_control_characters_is_escaped(tmp_path: Path) -> None:
    """A message is one line that no terminal obeys, whatever the path is."""
    with pytest.raises(InvalidSourceError) as caught:
        read_source(tmp_path / "a\n\x1b[31m")

    assert str(caught.value) == f"{tmp_path}/a\\n\\x1b[31m: No such file or directory"


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        pytest.param(
            {"repositories": b"{}"},
            "no 'manifest.json': archives with 'repositories' alone, as docker wrote them before "
            "1.10, are not supported; load it into docker and save it again",
            id="repositories",
        ),
        pytest.param(
            {"index.json": b"{}"},
            "not an image layout: it has 'index.json' and no 'oci-layout'",
            id="no mark",
        ),
        pytest.param(
            {"oci-layouts": LAYOUT_MARK},
            "not an image archive: it has neither 'oci-layout' (an OCI image layout) nor "
            "'manifest.json' (a docker archive)",
            id="something else",
        ),
        pytest.param({"oci-layout": LAYOUT_MARK}, "'index.json' is missing", id="no index"),
        pytest.param(
            {"oci-layout": LAYOUT_MARK, "index.json": an_index_json([])},
            "it holds no image: 'index.json' lists none",
            id="empty index",
        ),
        pytest.param(
            {"manifest.json": b"[]"},
            "it holds no image: 'manifest.json' lists none",
            id="empty docker archive",
        ),
        pytest.param(
            {"oci-layout": b'{"imageLayoutVersion":"2.0.0"}'},
            "'oci-layout': imageLayoutVersion: must be '1.0.0'",
            id="version",
        ),
    ],
)
@pytest.mark.parametrize("write", [write_files, write_tar], ids=["folder", "tar"])
def test_source_without_images_is_refused(
    tmp_path: Path, write: Callable[[Path, Files], Path], files: Files, problem: str
) -> None:
    """What is missing is named, and where there is a remedy, the remedy."""
    assert problem_of(write(tmp_path / "x", files)) == problem
