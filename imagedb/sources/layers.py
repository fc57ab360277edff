"""Layer files: read once each, hashed as they lie and as they unpack."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from imagedb.digests import DiffID, Digest
from imagedb.sources.archive import Archive
from imagedb.sources.compression import Compression, detect, peeked, unpacked
from imagedb.sources.problems import Problem, quoted


@dataclass(frozen=True, slots=True)
class LayerFile:
    """A layer file, measured; what it unpacks to only if that was wanted."""

    digest: Digest
    size: int
    compression: Compression
    diff_id: DiffID | None = None
    unpacked_size: int | None = None


def read_layer(
    archive: Archive,
    path: str,
    advanced: Callable[[int], None],
    *,
    algorithm: str = "sha256",
    diff_algorithm: str | None = "sha256",
) -> LayerFile:
    """Read a layer file through; without `diff_algorithm` it is not unpacked.

    Raises:
        Problem: it is missing, damaged, or compressed in a way that cannot be read.
        OverLimit: it unpacks to too many bytes.
    """
    size = archive.get_size(path)
    packed = hashlib.new(algorithm)
    first, chunks = peeked(_watched(archive.chunks(path), advanced, packed))
    compression = detect(first)
    if diff_algorithm is None:
        return LayerFile(_digest(packed, chunks), size, compression)
    if compression is Compression.NONE and diff_algorithm == algorithm:
        digest = _digest(packed, chunks)
        return LayerFile(digest, size, compression, DiffID(digest), size)
    content, unpacked_size = hashlib.new(diff_algorithm), 0
    for part in _tar_parts(chunks, compression, size=size, what=quoted(path)):
        content.update(part)
        unpacked_size += len(part)
    diff_id = DiffID(_digest(content))
    return LayerFile(_digest(packed), size, compression, diff_id, unpacked_size)


def _tar_parts(
    chunks: Iterator[bytes], compression: Compression, *, size: int, what: str
) -> Iterator[bytes]:
    if compression is Compression.NONE:
        return chunks
    if compression is Compression.GZIP:
        return unpacked(chunks, size=size, what=what)
    raise Problem(
        f"{what} is compressed with {compression}: only plain and gzip layers are supported"
    )


def _watched(
    chunks: Iterator[bytes], advanced: Callable[[int], None], packed: "hashlib._Hash"
) -> Iterator[bytes]:
    for chunk in chunks:
        packed.update(chunk)
        advanced(len(chunk))
        yield chunk


def _digest(hashed: "hashlib._Hash", chunks: Iterable[bytes] = ()) -> Digest:
    """Give the digest, once the chunks have gone through."""
    for _ in chunks:
        pass
    return Digest(f"{hashed.name}:{hashed.hexdigest()}")
