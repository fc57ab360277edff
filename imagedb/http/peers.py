"""Peers: who is at the other end of a Unix socket, by the kernel's word (SO_PEERCRED)."""

import asyncio
import functools
import pwd
import socket
import struct
from collections.abc import Mapping
from typing import Any, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

_CREDENTIALS: Final = struct.Struct("3i")
"""Process, user, group."""
_USER: Final = "imagedb_user"
_OPTION: Final = getattr(socket, "SO_PEERCRED", None)
"""Only Linux has it."""


class PeerProtocol(H11Protocol):
    """HTTP/1.1 that notes for each connection which user made it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's
        """Ask the kernel, once: who passes a connection on answers for what is asked by it."""
        super().connection_made(transport)
        user = find_user(transport.get_extra_info("socket"))
        if user is not None:
            self.app_state = {**self.app_state, _USER: user}


def find_user(connection: socket.socket | None) -> int | None:
    """Find out whose process has connected; None if it came by another way than a Unix socket."""
    if connection is None or _OPTION is None or connection.family != socket.AF_UNIX:
        return None
    found = connection.getsockopt(socket.SOL_SOCKET, _OPTION, _CREDENTIALS.size)
    _, user, _ = _CREDENTIALS.unpack(found)
    return int(user)


def who_asks(state: Mapping[str, Any], otherwise: str) -> str:
    """Name the user of a request's connection, as the command line would; or who serves it."""
    user = state.get(_USER)
    return otherwise if user is None else _name_of(user)


@functools.lru_cache(maxsize=1024)
def _name_of(user: int) -> str:
    try:
        name = pwd.getpwuid(user).pw_name
    except KeyError:  # a container may run as a number without a name
        name = str(user)
    return f"{name}@{socket.gethostname()}"
