"""A tar as an archive: its headers are read once, its files wherever they lie.

The headers are read by `tarfile`, which trusts them: it would read a name of any length into
memory, and go backwards where a size is negative. What it reads is counted, and each step checked.
"""

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import BinaryIO, Final, cast

from imagedb.sources import limits
from imagedb.sources.archive import Archive, link_out, split_path
from imagedb.sources.problems import OverLimit, Problem, quoted

_TAR_FAULTS: Final = (
    tarfile.TarError,
    ArithmeticError,
    EOFError,
    LookupError,
    RecursionError,
    ValueError,
)
"""What `tarfile` raises at damaged headers; some of it by accident."""


class _Kind(Enum):
    FILE = auto()
    SYMBOLIC_LINK = auto()
    HARD_LINK = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class _Entry:
    kind: _Kind
    offset: int = 0
    size: int = 0
    target: str = ""


class TarArchive(Archive):
    """A tar that can be read at any place; of two entries of one name the later counts."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._entries = {
            "/".join(split_path(member.name)): _entry(member) for member in _members(file, size)
        }

    def resolve(self, path: str) -> str:
        """Walk the path part by part, as a file system would."""
        ahead, walked, links = split_path(path)[::-1], list[str](), 0
        while ahead:
            part = ahead.pop()
            if part == "..":
                if not walked:
                    raise link_out(path)
                walked.pop()
                continue
            walked.append(part)
            entry = self._entries.get("/".join(walked))
            if entry is None or entry.kind not in {_Kind.SYMBOLIC_LINK, _Kind.HARD_LINK}:
                continue
            links += 1
            if links > limits.LINKS:
                raise OverLimit(f"{quoted(path)} leads through too many links", limit=limits.LINKS)
            if entry.target.startswith("/"):
                raise link_out(path)
            # A hard link's target is counted from the top, a symbolic link's from beside it.
            walked = [] if entry.kind is _Kind.HARD_LINK else walked[:-1]
            ahead.extend(split_path(entry.target)[::-1])
        return "/".join(walked)

    def find_size(self, path: str) -> int | None:
        """Look into the index of headers."""
        entry = self._entries.get(self.resolve(path))
        if entry is None:
            return None
        if entry.kind is not _Kind.FILE:
            raise Problem(f"{quoted(path)} is not a file")
        return entry.size

    def chunks(self, path: str) -> Iterator[bytes]:
        """Read a file where it lies in the tar."""
        self.get_size(path)
        entry = self._entries[self.resolve(path)]
        position, end = entry.offset, entry.offset + entry.size
        while position < end:
            self._file.seek(position)
            chunk = self._file.read(min(limits.CHUNK_BYTES, end - position))
            if not chunk:
                raise Problem(f"the archive is cut short in {quoted(path)}")
            position += len(chunk)
            yield chunk


def is_tar(head: bytes) -> bool:
    """Whether a file that begins like this may be a tar; an empty one is of no use."""
    try:
        tarfile.TarInfo.frombuf(head[: tarfile.BLOCKSIZE], "utf-8", "surrogateescape")
    except _TAR_FAULTS:
        return False
    return True


def _entry(member: tarfile.TarInfo) -> _Entry:
    if member.issym():
        return _Entry(_Kind.SYMBOLIC_LINK, target=member.linkname)
    if member.islnk():
        return _Entry(_Kind.HARD_LINK, target=member.linkname)
    if member.isreg() and not member.issparse():
        return _Entry(_Kind.FILE, member.offset_data, member.size)
    return _Entry(_Kind.OTHER)


def _members(file: BinaryIO, size: int) -> Iterator[tarfile.TarInfo]:
    """Read the entries in order; unlike `tarfile` itself, end at damage with an error."""
    file.seek(0)
    window = _Window(file)
    member = _first_member(window)
    position, count = 0, 0
    while member is not None:
        count += 1
        if count > limits.TAR_ENTRIES:
            raise OverLimit("the archive has too many entries", limit=limits.TAR_ENTRIES)
        end = member.offset_data + member.size
        if end < position or member.size < 0:
            raise _damaged(position)
        if member.isreg() and end > size:
            raise Problem(f"the archive is cut short in {quoted(member.name)}")
        yield member
        position = window.archive.offset
        member = _next_member(window)


class _Window:
    """A file of which each entry's headers may take a bounded number of bytes."""

    archive: tarfile.TarFile

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._left = limits.TAR_HEADER_BYTES

    def read(self, size: int = -1) -> bytes:
        self._left -= size
        if size < 0 or self._left < 0:
            problem = f"the archive has an oversized header before byte {self.tell():,}"
            raise OverLimit(problem, limit=limits.TAR_HEADER_BYTES)
        return self._file.read(size)

    def seek(self, position: int) -> int:
        return self._file.seek(position)

    def tell(self) -> int:
        return self._file.tell()

    def renew(self) -> None:
        self._left = limits.TAR_HEADER_BYTES


def _first_member(window: _Window) -> tarfile.TarInfo | None:
    file = cast("BinaryIO", window)  # reading a tar takes no more than a window has
    try:
        window.archive = tarfile.TarFile(fileobj=file, encoding="utf-8", errors="surrogateescape")
        return window.archive.next()
    except _TAR_FAULTS:
        raise _damaged(0) from None


def _next_member(window: _Window) -> tarfile.TarInfo | None:
    """Read one entry; `TarFile.next` would keep them all, and hide where damage begins.

    A tar ends with a block of zeros. One without was cut short between two entries, and what is
    lost might pass for platforms that were never there.
    """
    window.renew()
    position = window.archive.offset
    try:
        window.seek(position)
        block = window.read(tarfile.BLOCKSIZE)
        if len(block) < tarfile.BLOCKSIZE:
            raise Problem(f"the archive is cut short: it has no end at byte {position:,}")
        if not any(block):
            return None
        window.seek(position)
        member = tarfile.TarInfo.fromtarfile(window.archive)
    except _TAR_FAULTS:
        raise _damaged(position) from None
    if window.archive.offset <= position:
        raise _damaged(position)
    return member


def _damaged(position: int) -> Problem:
    return Problem(f"the archive is damaged: no tar header at byte {position:,}")
