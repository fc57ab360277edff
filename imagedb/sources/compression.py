"""Recognise compressed data by how it begins, and unpack gzip within limits."""

import itertools
import zlib
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final

from imagedb.sources import limits
from imagedb.sources.problems import OverLimit, Problem

_FEED_BYTES: Final = 16 << 10
"""zlib copies what it did not use: small pieces keep a file of a million members linear."""
_GZIP: Final = 16 + zlib.MAX_WBITS


class Compression(StrEnum):
    """How a file is compressed; the value is containerd's suffix of a layer's media type."""

    NONE = ""
    GZIP = "gzip"
    ZSTD = "zstd"
    BZIP2 = "bzip2"
    XZ = "xz"


_MAGIC: Final = {
    b"\x1f\x8b\x08": Compression.GZIP,
    b"\x28\xb5\x2f\xfd": Compression.ZSTD,
    b"BZh": Compression.BZIP2,
    b"\xfd7zXZ\x00": Compression.XZ,
}


def detect(head: bytes) -> Compression:
    """Tell the compression from a file's first bytes, as containerd does: never from its name.

    Source: containerd, pkg/archive/compression, compression.go, `DetectCompression`.
    """
    found = (kind for magic, kind in _MAGIC.items() if head.startswith(magic))
    return next(found, Compression.NONE)


def peeked(chunks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Look at the first chunk, and give all chunks with it among them."""
    first = next(chunks, b"")
    return first, itertools.chain([first], chunks)


def unpacked(chunks: Iterable[bytes], *, size: int, what: str) -> Iterator[bytes]:
    """Unpack a gzip file of `size` bytes, of one or many members, in pieces of a bounded size.

    Zero bytes behind a member are padding, as gzip itself has it.

    Raises:
        Problem: it is damaged or cut short.
        OverLimit: it unpacks to more than we are willing to read.
    """
    inflater, total = zlib.decompressobj(_GZIP), 0
    for piece in _pieces(chunks):
        rest = piece
        while rest:
            if inflater.eof:
                rest = rest.lstrip(b"\0")
                inflater = zlib.decompressobj(_GZIP) if rest else inflater
                continue
            for part in _inflated(inflater, rest, what):
                total += len(part)
                _check_expansion(total, size, what)
                yield part
            rest = inflater.unused_data
    if not inflater.eof:
        raise Problem(f"{what} is cut short: its gzip data has no end")


def _pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        for start in range(0, len(chunk), _FEED_BYTES):
            yield chunk[start : start + _FEED_BYTES]


def _inflated(inflater: "zlib._Decompress", piece: bytes, what: str) -> Iterator[bytes]:
    """Unpack a piece, up to the end of a member; zlib may hold some back each time."""
    while True:
        try:
            part = inflater.decompress(piece, limits.CHUNK_BYTES)
        except zlib.error as error:
            detail = str(error).rpartition(": ")[2]
            raise Problem(f"{what} is damaged: bad gzip data ({detail})") from None
        yield part
        piece = inflater.unconsumed_tail
        if inflater.eof or (not piece and len(part) < limits.CHUNK_BYTES):
            return


def _check_expansion(total: int, size: int, what: str) -> None:
    if total > limits.UNPACKED_BYTES:
        raise OverLimit(f"{what} unpacks to too many bytes", limit=limits.UNPACKED_BYTES)
    if total > max(limits.EXPANSION_FLOOR_BYTES, limits.EXPANSION * size):
        problem = f"{what} unpacks to too many times its {size:,} bytes"
        raise OverLimit(problem, limit=limits.EXPANSION)
