"""Content as it is counted."""

from dataclasses import dataclass

from imagedb.digests import Digest


@dataclass(frozen=True, slots=True)
class Content:
    """A blob, config, manifest or index with its bytes; or a chain, which has none of its own."""

    kind: str
    """`blob`, `config`, `manifest`, `index`, or `chain` (of unpacked layers)."""
    digest: Digest
    media_type: str | None
    size: int
