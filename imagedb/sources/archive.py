"""The files of a source, by their paths inside it, wherever they lie.

An archive is a folder or a tar. Links are followed inside it and refused out of it; nothing is
ever unpacked to disk.
"""

import os
import stat
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path

from imagedb.sources import limits
from imagedb.sources.problems import OverLimit, Problem, quoted


class Archive(ABC):
    """Files that can be read in any order, any number of times."""

    @abstractmethod
    def resolve(self, path: str) -> str:
        """Follow links to the path of the file itself; two ways to one file then compare equal.

        Raises:
            Problem: a link leads out of the archive, or to itself.
        """

    @abstractmethod
    def find_size(self, path: str) -> int | None:
        """Look up the bytes of a file, or None if there is none.

        Raises:
            Problem: there is something that is no file, or a link leads out of the archive.
        """

    @abstractmethod
    def chunks(self, path: str) -> Iterator[bytes]:
        """Read a file in pieces of a bounded size."""

    def has(self, path: str) -> bool:
        """Whether there is such a file."""
        return self.find_size(path) is not None

    def get_size(self, path: str) -> int:
        """Look up the bytes of a file.

        Raises:
            Problem: there is no such file.
        """
        size = self.find_size(path)
        if size is None:
            raise Problem(f"{quoted(path)} is missing")
        return size

    def read(self, path: str) -> bytes:
        """Read the whole of a small file, as every document is.

        Raises:
            OverLimit: it is larger than a document may be.
        """
        size = self.get_size(path)
        if size > limits.DOCUMENT_BYTES:
            problem = f"{quoted(path)} has {size:,} bytes, too many for a document"
            raise OverLimit(problem, limit=limits.DOCUMENT_BYTES)
        return b"".join(self.chunks(path))


def split_path(path: str) -> list[str]:
    """Split a path into the parts that matter."""
    return [part for part in path.split("/") if part not in {"", "."}]


def link_out(path: str) -> Problem:
    """Say that a path leads out of the archive."""
    return Problem(f"{quoted(path)} leads out of the archive; links are followed inside it only")


class FolderArchive(Archive):
    """A folder."""

    def __init__(self, folder: Path) -> None:
        self._root = os.path.realpath(folder)

    def resolve(self, path: str) -> str:
        """Follow links as the operating system does, and look where they ended."""
        if "\0" in path:
            raise Problem(f"{quoted(path)} is not a path")
        full = os.path.realpath(Path(self._root, *split_path(path)))
        if os.path.commonpath([self._root, full]) != self._root:
            raise link_out(path)
        return os.path.relpath(full, self._root)

    def find_size(self, path: str) -> int | None:
        """Look at a file without opening it: a pipe would wait for a writer."""
        try:
            found = self._full(path).stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        if not stat.S_ISREG(found.st_mode):
            raise Problem(f"{quoted(path)} is not a file")
        return found.st_size

    def chunks(self, path: str) -> Iterator[bytes]:
        """Read a file; the operating system's refusals get the file's name."""
        try:
            with self._full(path).open("rb") as file:
                while chunk := file.read(limits.CHUNK_BYTES):
                    yield chunk
        except OSError as error:
            raise Problem(f"{quoted(path)}: {error.strerror or error}") from error

    def _full(self, path: str) -> Path:
        return Path(self._root, self.resolve(path))
