"""Serving: the server, and how it ends."""

import asyncio
import gc
import logging
import signal
import socket
import sys
from typing import Final

import uvicorn

from imagedb.database import Database
from imagedb.http.app import app_of
from imagedb.http.asking import Service
from imagedb.http.logs import json_logger, listen
from imagedb.http.peers import PeerProtocol
from imagedb.http.settings import Settings
from imagedb.http.sockets import UnixSocket
from imagedb.http.stopping import Stopping

GRACE_SECONDS: Final = 30
"""How long requests under way may take once the service is told to end."""
WAITING_SECONDS: Final = 0.2
"""How long connections are still let in: the kernel holds some that the service has not seen."""
_log = logging.getLogger("imagedb.http")


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
            if isinstance(listening, UnixSocket):
                listening.hide()
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
        ws="none",
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
