"""Digests and the identifiers that are digests.

::

    digest    := algorithm ":" hex          sha256:9f86d081...
    diff ID   := digest of a layer's uncompressed tar
    chain ID  := the digest that stands for layers 0..n together
    image ID  := digest of the image's target: an index, or the only manifest

A `Digest` is a `str` that has been checked, so that it can be printed, compared and sent as JSON
as it is. Stored form (`to_bytes`): 32 bytes for sha256; for another algorithm one byte that names
it, then its bytes, so that length tells them apart.

Source: opencontainers/image-spec, descriptor.md (Digests), config.md (Layer DiffID, ChainID).
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import Final, Self

from imagedb.errors import InvalidDigestError

SHORT_LENGTH: Final = 12
"""Hex digits in the short form of image and container IDs."""

_HEX_LENGTHS: Final = {"sha256": 64, "sha384": 96, "sha512": 128}
_ALGORITHM_BYTES: Final = {"sha384": b"\x01", "sha512": b"\x02"}
_ALGORITHMS_BY_BYTE: Final = {0x01: "sha384", 0x02: "sha512"}
_SHA256_SIZE: Final = 32
_HEX: Final = re.compile(r"[0-9a-f]+", re.ASCII)


class Digest(str):
    """A valid digest in its text form, `algorithm:hex`."""

    __slots__ = ()

    @property
    def algorithm(self) -> str:
        """The algorithm's registered name, `sha256` nearly always."""
        return self.partition(":")[0]

    @property
    def hex(self) -> str:
        """The part after the colon."""
        return self.partition(":")[2]

    @property
    def short(self) -> str:
        """The first 12 hex digits, as docker shows IDs."""
        return self.hex[:SHORT_LENGTH]

    def to_bytes(self) -> bytes:
        """The stored form (see the module)."""
        prefix = _ALGORITHM_BYTES.get(self.algorithm, b"")
        return prefix + bytes.fromhex(self.hex)

    @classmethod
    def from_bytes(cls, stored: bytes) -> Self:
        """Read what `to_bytes` wrote."""
        if len(stored) == _SHA256_SIZE:
            return cls("sha256:" + stored.hex())
        return cls(f"{_ALGORITHMS_BY_BYTE[stored[0]]}:{stored[1:].hex()}")

    @classmethod
    def of(cls, content: bytes) -> Self:
        """Compute the sha256 digest of some bytes."""
        return cls("sha256:" + hashlib.sha256(content).hexdigest())


class DiffID(Digest):
    """The digest of a layer's uncompressed tar."""

    __slots__ = ()


class ChainID(Digest):
    """The digest that stands for a layer and all layers below it."""

    __slots__ = ()


class ImageID(Digest):
    """The digest of an image's target."""

    __slots__ = ()


def parse_digest(text: str) -> Digest:
    """Check a digest's algorithm, length and digits.

    Raises:
        InvalidDigestError: it is not one.
    """
    algorithm, colon, digits = text.partition(":")
    if not colon or not digits:
        raise InvalidDigestError(f"invalid checksum digest format: {text[:80]!r}")
    if algorithm not in _HEX_LENGTHS:
        raise InvalidDigestError(f"unsupported digest algorithm: {algorithm[:40]!r}")
    if len(digits) != _HEX_LENGTHS[algorithm]:
        raise InvalidDigestError(f"invalid checksum digest length: {text[:80]!r}")
    if not _HEX.fullmatch(digits):
        raise InvalidDigestError(f"invalid checksum digest format: {text[:80]!r}")
    return Digest(text)


def find_digest(text: str) -> Digest | None:
    """The digest that the text is, or None."""
    try:
        return parse_digest(text)
    except InvalidDigestError:
        return None


def chain_ids(diff_ids: Iterable[str]) -> Iterator[ChainID]:
    """The chain ID of each layer, bottom layer first.

    Source: opencontainers/image-spec, config.md, "Layer ChainID".
    """
    chain: ChainID | None = None
    for diff_id in diff_ids:
        chain = chain_above(chain, diff_id)
        yield chain


def chain_above(chain: ChainID | None, diff_id: str) -> ChainID:
    """The chain ID of a layer on top of others, or of the bottom one."""
    return ChainID(diff_id) if chain is None else ChainID.of(f"{chain} {diff_id}".encode())
