"""Open what a path or a stream brings as an archive; what cannot seek goes to a temporary file.

A temporary file lies where `TMPDIR` says and has no name, so that it is gone with the process.
"""

import contextlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from imagedb.sources import limits
from imagedb.sources.archive import Archive, FolderArchive
from imagedb.sources.compression import Compression, detect, peeked, unpacked
from imagedb.sources.problems import OverLimit, Problem
from imagedb.sources.progress import Progress
from imagedb.sources.tarballs import TarArchive, is_tar


@contextlib.contextmanager
def opened_path(path: Path, progress: Progress) -> Iterator[Archive]:
    """Open a folder, a tar or a compressed tar; a pipe is read as a stream."""
    if path.is_dir():
        yield FolderArchive(path)
        return
    with path.open("rb") as file:
        opening = _opened_file if path.is_file() else opened_stream
        with opening(file, progress) as archive:
            yield archive


@contextlib.contextmanager
def opened_stream(stream: BinaryIO, progress: Progress) -> Iterator[Archive]:
    """Copy a stream to a temporary file and open that."""
    progress.started("receiving", None)
    first, chunks = peeked(_chunks(stream, progress))
    _require_archive(first)
    with _spooled(_limited(chunks)) as file, _opened_file(file, progress) as archive:
        yield archive


@contextlib.contextmanager
def _opened_file(file: BinaryIO, progress: Progress) -> Iterator[Archive]:
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    first = file.read(limits.CHUNK_BYTES)
    _require_archive(first)
    if detect(first) is Compression.NONE:
        yield TarArchive(file, size)
        return
    progress.started("unpacking", size)
    file.seek(0)
    parts = unpacked(_chunks(file, progress), size=size, what="the archive")
    with _spooled(parts) as tar:
        tar.seek(0)
        if not is_tar(tar.read(limits.CHUNK_BYTES)):
            raise Problem("not an image archive: the gzip file does not contain a tar")
        yield TarArchive(tar, tar.seek(0, os.SEEK_END))


def _require_archive(first: bytes) -> None:
    """Refuse by its first bytes what is no archive, before all of it is copied."""
    if not first:
        raise Problem("not an image archive: the file is empty")
    kind = detect(first)
    if kind not in {Compression.NONE, Compression.GZIP}:
        raise Problem(f"archives compressed with {kind} are not supported: decompress it first")
    if kind is Compression.NONE and not is_tar(first):
        raise Problem("not an image archive: neither a tar nor a gzip file")


def _chunks(stream: BinaryIO, progress: Progress) -> Iterator[bytes]:
    while chunk := stream.read(limits.CHUNK_BYTES):
        progress.advanced(len(chunk))
        yield chunk


def _limited(chunks: Iterable[bytes]) -> Iterator[bytes]:
    total = 0
    for chunk in chunks:
        total += len(chunk)
        if total > limits.UNPACKED_BYTES:
            raise OverLimit("the stream has too many bytes", limit=limits.UNPACKED_BYTES)
        yield chunk


@contextlib.contextmanager
def _spooled(chunks: Iterable[bytes]) -> Iterator[BinaryIO]:
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(tempfile.TemporaryFile(prefix="imagedb-"))
            for chunk in chunks:
                file.write(chunk)
            file.flush()
        except OSError as error:
            raise Problem(
                f"cannot copy it to a temporary file: {error.strerror or error}; "
                "set TMPDIR to a folder with room",
            ) from error
        yield file
