"""How a reader tells what it is doing."""

from typing import Protocol

from imagedb.digests import Digest


class Progress(Protocol):
    """Hears how far reading a source has come; every call is cheap to answer and may be ignored.

    Phases follow each other and each begins with `started`:

    * `receiving`: a stream is copied to a temporary file; its length is not known;
    * `unpacking`: a compressed archive is unpacked; the bytes are those of the compressed file;
    * `verifying`: layer files are read; the bytes are those of the distinct files.
    """

    def started(self, phase: str, total: int | None) -> None:
        """Hear that a phase begins, of so many bytes."""

    def advanced(self, count: int) -> None:
        """Hear that so many more bytes of the phase are done."""

    def layer(self, digest: Digest, done: int, total: int) -> None:
        """Hear that a layer file has been read, the `done`-th of `total` distinct ones."""


class Silence:
    """A progress that nobody watches."""

    def started(self, phase: str, total: int | None) -> None:
        """Say nothing."""

    def advanced(self, count: int) -> None:
        """Say nothing."""

    def layer(self, digest: Digest, done: int, total: int) -> None:
        """Say nothing."""
