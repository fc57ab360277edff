"""Reading from a pipe, and what is heard and left behind while reading."""

import io
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from imagedb.digests import Digest
from imagedb.errors import InvalidSourceError
from imagedb.references import parse_reference
from imagedb.sources import read_source, read_stream
from tests.builders.archives import (
    docker_files,
    hybrid_files,
    layout_files,
    pack,
    write_layout,
    write_tar,
)
from tests.builders.images import an_attestation, an_image, an_index

APP = an_image("abc", compressed=True)


@pytest.fixture
def spool_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give temporary files a folder of their own, and demand that it is empty in the end."""
    folder = tmp_path / "spool"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder

    assert list(folder.iterdir()) == []


class Heard:
    """A progress that remembers."""

    def __init__(self) -> None:
        self.phases: list[tuple[str, int | None]] = []
        self.counts: list[int] = []
        self.layers: list[tuple[Digest, int, int]] = []

    def started(self, phase: str, total: int | None) -> None:
        """Remember a phase."""
        self.phases.append((phase, total))
        self.counts.append(0)

    def advanced(self, count: int) -> None:
        """Count bytes."""
        self.counts[-1] += count

    def layer(self, digest: Digest, done: int, total: int) -> None:
        """Remember a layer."""
        self.layers.append((digest, done, total))


class Pipe(io.BytesIO):
    """A stream that gives a few bytes at a time and cannot seek."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Give a part of what was asked for."""
        return super().read(700 if size is None or size < 0 else min(size, 700))

    def seek(self, *_: object) -> int:
        """Refuse, as a pipe does."""
        raise io.UnsupportedOperation


@pytest.mark.parametrize("compressed", [False, True], ids=["tar", "tar.gz"])
def test_stream_yields_what_a_file_does(
    tmp_path: Path, spool_folder: Path, *, compressed: bool
) -> None:
    """What arrives through a pipe is what lies in a file, however it arrives."""
    files = docker_files([(APP, ["app:1"])])
    content = pack(files, compressed=compressed)

    assert read_stream(Pipe(content)) == read_source(write_tar(tmp_path / "x.tar", files))


def test_stream_takes_names_and_repository(spool_folder: Path) -> None:
    """A stream is named like a file."""
    content = pack(layout_files([(APP, [])]))
    (image,) = read_stream(io.BytesIO(content), names=(parse_reference("mine:1"),))

    assert [name.familiar for name in image.names] == ["mine:1"]


def test_path_of_a_pipe_is_read_as_a_stream(tmp_path: Path, spool_folder: Path) -> None:
    """A named pipe, as a shell makes for `<(...)`, is a source."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    content = pack(layout_files([(APP, ["app:1"])]))
    writer = threading.Thread(target=pipe.write_bytes, args=(content,))
    writer.start()
    (image,) = read_source(pipe)
    writer.join()

    assert image.id == APP.digest


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(b"", "not an image archive: the file is empty", id="empty"),
        pytest.param(
            pack({"a": b"x" * 5000})[:3000],
            "the archive is cut short in 'a'",
            id="cut short",
        ),
        pytest.param(
            pack(layout_files([(APP, [])]), compressed=True)[:300],
            "the archive is cut short: its gzip data has no end",
            id="compressed and cut short",
        ),
    ],
)
def test_stream_that_is_refused_leaves_nothing(
    spool_folder: Path, content: bytes, problem: str
) -> None:
    """A temporary file is gone after an error as well."""
    with pytest.raises(InvalidSourceError) as caught:
        read_stream(io.BytesIO(content), label="the\npipe")

    assert str(caught.value) == f"the\\npipe: {problem}"


def test_stream_that_is_interrupted_leaves_nothing(spool_folder: Path) -> None:
    """Even a process that is killed in the middle leaves no temporary file."""
    script = (
        "import os, sys, signal, tempfile\n"
        f"tempfile.tempdir = {str(spool_folder)!r}\n"
        "from imagedb.sources import read_stream\n"
        "class Killer:\n"
        "    def __getattr__(self, name):\n"
        "        return lambda *_: None\n"
        "    def layer(self, *_):\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "read_stream(sys.stdin.buffer, progress=Killer())\n"
    )
    content = pack(layout_files([(APP, [])]))
    done = subprocess.run([sys.executable, "-c", script], input=content, check=False)

    assert done.returncode == -9


def test_stream_that_cannot_be_copied_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where temporary files cannot be written, the message says what to do."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    with pytest.raises(InvalidSourceError) as caught:
        read_stream(io.BytesIO(pack(layout_files([(APP, [])]))))

    assert str(caught.value) == (
        "<stdin>: cannot copy it to a temporary file: No such file or directory; "
        "set TMPDIR to a folder with room"
    )


def test_progress_of_a_layout(tmp_path: Path) -> None:
    """Each distinct layer file is read once, however many manifests and images use it."""
    arm = an_image("abd", compressed=True, platform="linux/arm64")
    attestation = an_attestation(APP)
    index = an_index(APP, arm, attestation)
    heard = Heard()
    read_source(write_layout(tmp_path / "l", [(index, []), (APP, ["app:1"])]), progress=heard)

    layers = {layer.digest: layer for image in (APP, arm, attestation) for layer in image.layers}
    total = sum(len(layer.content) for layer in layers.values())
    assert heard.phases == [("verifying", total)]
    assert heard.counts == [total]
    assert heard.layers == [(digest, n, 5) for n, digest in enumerate(layers, start=1)]


def test_progress_of_a_compressed_archive(tmp_path: Path) -> None:
    """A compressed archive is unpacked first; the bytes are those of the file."""
    path = write_tar(
        tmp_path / "x", docker_files([(APP, []), (an_image("a"), [])]), compressed=True
    )
    heard = Heard()
    read_source(path, progress=heard)
    size = sum(len(layer.content) for layer in (*APP.layers, *an_image("a").layers))

    assert heard.phases == [("unpacking", path.stat().st_size), ("verifying", size)]
    assert heard.counts == [path.stat().st_size, size]
    assert [(done, total) for _, done, total in heard.layers] == [(n, 4) for n in (1, 2, 3, 4)]


def test_progress_of_a_stream() -> None:
    """Nobody knows how long a stream is before its end."""
    content = pack(hybrid_files([(APP, [])]))
    heard = Heard()
    read_stream(io.BytesIO(content), progress=heard)

    assert [phase for phase, _ in heard.phases] == ["receiving", "verifying"]
    assert heard.phases[0][1] is None
    assert heard.counts[0] == len(content)


def test_source_is_not_changed(tmp_path: Path) -> None:
    """Reading writes nothing beside the source."""
    path = write_layout(tmp_path / "l", [(APP, ["app:1"])])
    before = sorted((p, p.stat().st_mtime_ns) for p in tmp_path.rglob("*"))
    read_source(path)

    assert sorted((p, p.stat().st_mtime_ns) for p in tmp_path.rglob("*")) == before
