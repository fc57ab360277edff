"""Content by its digest: the documents of a source, each read and verified once."""

import hashlib
from typing import Final

from imagedb.digests import Digest
from imagedb.records import Document
from imagedb.sources import limits
from imagedb.sources.archive import Archive
from imagedb.sources.documents import Descriptor
from imagedb.sources.problems import OverLimit, Problem, quoted


def blob_path(digest: Digest) -> str:
    """Where an image layout keeps content."""
    return f"blobs/{digest.algorithm}/{digest.hex}"


def require_digest(content: bytes, expected: Digest, path: str) -> None:
    """Compare content with its digest.

    Raises:
        Problem: they differ.
    """
    actual = f"{expected.algorithm}:{hashlib.new(expected.algorithm, content).hexdigest()}"
    if actual != expected:
        raise mismatch(path, actual, expected)


def mismatch(path: str, actual: str, expected: str) -> Problem:
    """Say that content is not what it should be."""
    return Problem(f"{quoted(path)} is damaged: its digest is {actual}, not {expected}")


def require_size(actual: int, expected: int, path: str) -> None:
    """Compare a file's size with what its descriptor says.

    Raises:
        Problem: they differ.
    """
    if actual != expected:
        raise Problem(f"{quoted(path)} is damaged: it has {actual:,} bytes, not {expected:,}")


class Documents:
    """The documents of an archive; they stay in memory, so that their sum is limited."""

    def __init__(self, archive: Archive) -> None:
        self.archive: Final = archive
        self._total = 0
        self._by_digest: dict[Digest, Document] = {}

    def read(self, path: str) -> bytes:
        """Read a document of which only the path is known.

        Raises:
            Problem: it is missing.
            OverLimit: it, or all documents together, are too large.
        """
        content = self.archive.read(path)
        self._total += len(content)
        if self._total > limits.TOTAL_DOCUMENT_BYTES:
            raise OverLimit(
                f"the documents up to {quoted(path)} have {self._total:,} bytes together",
                limit=limits.TOTAL_DOCUMENT_BYTES,
            )
        return content

    def has(self, digest: Digest) -> bool:
        """Whether the archive holds the content."""
        return digest in self._by_digest or self.archive.has(blob_path(digest))

    def get(self, descriptor: Descriptor) -> Document:
        """Read the document that a descriptor names.

        Raises:
            Problem: it is missing, or not what the descriptor says.
        """
        path, digest = blob_path(descriptor.digest), descriptor.digest
        require_size(self.archive.get_size(path), descriptor.size, path)
        if digest not in self._by_digest:
            content = self.read(path)
            require_digest(content, digest, path)
            self._by_digest[digest] = Document(digest, descriptor.media_type, content)
        return self._by_digest[digest]
