"""Sockets: where the service listens.

A Unix socket may be used by its owner and group. TCP is for this machine alone: nothing proves
who asks, until there are certificates and tokens.

What lies at a path is looked at, replaced and removed under a lock (`PATH.lock`, which stays):
services that begin and end at once remove nothing of one another.
"""

import contextlib
import errno
import fcntl
import ipaddress
import os
import socket
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from imagedb.errors import AlreadyExistsError, InvalidInputError

SOCKET_NAME: Final = "imagedb.sock"
SOCKET_MODE: Final = 0o660
LONGEST_PATH: Final = 107
"""Bytes: `sockaddr_un` holds one more, a zero. Source: unix(7)."""
_LOCK_MODE: Final = 0o600
_PROBE_SECONDS: Final = 2
_BACKLOG: Final = 512
_LARGEST_PORT: Final = 65535
_REMEDIES: Final[Mapping[int | None, str]] = {
    errno.ENOENT: "make its folder, or say another --socket",
    errno.ENOTDIR: "its folder is a file: say another --socket",
    errno.EACCES: "let this user write there, or say another --socket",
    errno.EPERM: "let this user write there, or say another --socket",
    errno.EROFS: "nothing can be written there: say another --socket",
    errno.ELOOP: "a symbolic link is in the way: remove it, or say another --socket",
}


def default_socket() -> Path:
    """Where clients of this user look for it.

    Raises:
        InvalidInputError: the environment does not say.
    """
    folder = os.environ.get("XDG_RUNTIME_DIR")
    if not folder:
        raise InvalidInputError(
            "XDG_RUNTIME_DIR is not set: say where the socket shall be, --socket PATH"
        )
    return Path(folder, SOCKET_NAME)


class UnixSocket(socket.socket):
    """A socket that knows which file of the machine is its own."""

    def __init__(self, path: Path) -> None:
        super().__init__(socket.AF_UNIX, socket.SOCK_STREAM)
        self._path = path
        self._file: tuple[int, int] | None = None

    def publish(self) -> None:
        """Listen, and let clients find it."""
        mask = os.umask(0o777 & ~SOCKET_MODE)
        try:
            self.bind(str(self._path))
        finally:
            os.umask(mask)
        self._file = _file_at(self._path)
        self.listen(_BACKLOG)

    def hide(self) -> None:
        """Let nobody find it any more: who has found it is not turned away.

        A file that another service has put there since stays. While the socket is open, the
        kernel gives the number of its file to no other.
        """
        if self._file is None or self.fileno() < 0:
            return
        with contextlib.suppress(OSError), _alone_at(self._path):  # its folder may have gone
            if _file_at(self._path) == self._file:
                self._path.unlink()
        self._file = None


def _file_at(path: Path) -> tuple[int, int] | None:
    try:
        found = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_dev, found.st_ino


@contextlib.contextmanager
def unix_socket(path: Path) -> Iterator[UnixSocket]:
    """Listen at a path; one that nobody listens at any more is replaced, and removed at the end.

    Raises:
        AlreadyExistsError: somebody listens there, or it is no socket.
        InvalidInputError: nobody could listen there, or this user may not.
    """
    if len(os.fsencode(path)) > LONGEST_PATH:
        raise InvalidInputError(
            f"cannot listen at {path}: a socket's path has {LONGEST_PATH} bytes at most; "
            "say a shorter --socket"
        )
    with UnixSocket(path) as listening:
        with _telling(path), _alone_at(path):
            _remove_stale(path)
            listening.publish()
        try:
            yield listening
        finally:
            listening.hide()


@contextlib.contextmanager
def _telling(path: Path) -> Iterator[None]:
    """Say where it was, and what to do."""
    try:
        yield
    except OSError as error:
        remedy = _REMEDIES.get(error.errno, "say another --socket")
        raise InvalidInputError(f"cannot listen at {path}: {error.strerror}: {remedy}") from None


@contextlib.contextmanager
def _alone_at(path: Path) -> Iterator[None]:
    """Wait until no other service looks at the path; they do so for moments."""
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    lock = os.open(f"{path}.lock", flags, _LOCK_MODE)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _remove_stale(path: Path) -> None:
    """Remove a socket that nobody listens at any more."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if stat.S_ISLNK(mode):
        raise AlreadyExistsError(
            f"{path} is a symbolic link and no socket: remove it, or say another --socket"
        )
    if not stat.S_ISSOCK(mode):
        raise AlreadyExistsError(f"{path} is there and no socket: say another --socket")
    if _is_heard(path):
        raise AlreadyExistsError(
            f"another service listens at {path}: end it, or say another --socket"
        )
    path.unlink(missing_ok=True)


def _is_heard(path: Path) -> bool:
    """Whether somebody listens; also one who has no time."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(_PROBE_SECONDS)
        try:
            probe.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        except (BlockingIOError, TimeoutError):
            return True
    return True


@contextlib.contextmanager
def tcp_socket(address: str) -> Iterator[socket.socket]:
    """Listen on a port of this machine.

    Raises:
        InvalidInputError: others could reach it, or this user may not.
        AlreadyExistsError: somebody listens there.
    """
    host, port = _parse_address(address)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _bind_port(listening, host, port)
        yield listening


def _bind_port(listening: socket.socket, host: str, port: int) -> None:
    try:
        listening.bind((host, port))
        listening.listen(_BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise AlreadyExistsError(
                f"another service listens at {host}, port {port}: end it, or say another --tcp"
            ) from None
        raise InvalidInputError(
            f"cannot listen at {host}, port {port}: {error.strerror}: say another --tcp"
        ) from None


def _parse_address(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    try:
        is_loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    if not port.isdecimal() or int(port) > _LARGEST_PORT:
        raise InvalidInputError(f"invalid address {address[:80]!r}: expected 127.0.0.1:PORT")
    if not is_loopback:
        raise InvalidInputError(
            f"refusing to listen on {address[:80]!r}: nothing would prove who asks; "
            "use 127.0.0.1:PORT, or the Unix socket",
        )
    return host, int(port)
