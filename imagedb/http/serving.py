"""Serving: the socket, the server, and how it ends.

A Unix socket may be used by its owner and group. TCP is for this machine alone: nothing proves
who asks, until there are certificates and tokens.
"""

import asyncio
import contextlib
import gc
import ipaddress
import logging
import os
import signal
import socket
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import uvicorn

from imagedb.database import Database
from imagedb.errors import AlreadyExistsError, InvalidInputError
from imagedb.http.app import app_of
from imagedb.http.asking import Service
from imagedb.http.logs import json_logger, listen
from imagedb.http.peers import PeerProtocol
from imagedb.http.settings import Settings
from imagedb.http.stopping import Stopping

SOCKET_NAME: Final = "imagedb.sock"
SOCKET_MODE: Final = 0o660
GRACE_SECONDS: Final = 30
"""How long requests under way may take once the service is told to end."""
WAITING_SECONDS: Final = 0.2
"""How long connections are still let in: the kernel holds some that the service has not seen."""
_BACKLOG: Final = 512
_LARGEST_PORT: Final = 65535
_log = logging.getLogger("imagedb.http")


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


@contextlib.contextmanager
def unix_socket(path: Path) -> Iterator[socket.socket]:
    """Listen at a path; one that nobody listens at any more is replaced, and removed at the end.

    Raises:
        AlreadyExistsError: somebody listens there, or it is no socket.
    """
    _remove_stale(path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        mask = os.umask(0o777 & ~SOCKET_MODE)
        try:
            listening.bind(str(path))
        finally:
            os.umask(mask)
        listening.listen(_BACKLOG)
        try:
            yield listening
        finally:
            if listening.fileno() >= 0:  # else the server has ended, and the path may be another's
                path.unlink(missing_ok=True)


def _remove_stale(path: Path) -> None:
    if not path.exists():
        return
    if not stat.S_ISSOCK(path.stat().st_mode):
        raise AlreadyExistsError(f"{path} is there and no socket: say another --socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
    raise AlreadyExistsError(f"another service listens at {path}: end it, or say another --socket")


@contextlib.contextmanager
def tcp_socket(address: str) -> Iterator[socket.socket]:
    """Listen on a port of this machine.

    Raises:
        InvalidInputError: others could reach it.
    """
    host, port = _parse_address(address)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(_BACKLOG)
        yield listening


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


def _hide(listening: socket.socket) -> None:
    """Let nobody find the socket any more; who has found it is not turned away."""
    if listening.family == socket.AF_UNIX:
        Path(listening.getsockname()).unlink(missing_ok=True)


class _Server(uvicorn.Server):
    """A server that tells endless streams when it is about to end."""

    def __init__(self, config: uvicorn.Config, stopping: Stopping) -> None:
        super().__init__(config)
        self._stopping = stopping

    def handle_exit(self, sig: int, frame: object) -> None:
        """End: finish what is under way, refuse what comes."""
        self._stopping.say()
        super().handle_exit(sig, frame)  # type: ignore[arg-type] # a frame, or None

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End, when those who have connected already were let in: nobody is cut off."""
        for listening in sockets or ():
            _hide(listening)
        await asyncio.sleep(WAITING_SECONDS)
        await super().shutdown(sockets)


def _spare_collector() -> None:
    """Let lists be made without looking, again and again, for cycles that there are not."""
    gc.freeze()  # modules, routes and statements live as long as the service
    gc.set_threshold(50_000, 20, 50)


def serve(database: Database, settings: Settings, listening: socket.socket) -> None:
    """Answer requests until SIGTERM or SIGINT; what is under way is finished."""
    service = Service(database, settings, log=json_logger(sys.stderr))
    listen(sys.stderr)
    config = uvicorn.Config(
        app_of(service),
        http=PeerProtocol,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        lifespan="on",
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = _Server(config, service.stopping)
    for number in (signal.SIGTERM, signal.SIGINT):  # raised again by uvicorn when it has ended
        signal.signal(number, server.handle_exit)
    _spare_collector()
    _log.info("listening at %s", listening.getsockname())
    server.run(sockets=[listening])
