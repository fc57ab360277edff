"""The front: what happens to every request before and after its handler.

A version is taken off the path, a request ID is given, and every answer has docker's headers.
What no handler foresaw becomes a 500 and a line in the log.
"""

import logging
import platform
import uuid
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from imagedb import __version__
from imagedb.errors import ImageDBError
from imagedb.http.errors import docker_error
from imagedb.http.versions import NEWEST, Version, check_version, format_version, split_version
from imagedb.records import Caller

REQUEST_ID_HEADER: Final = "X-Request-Id"
_OS: Final = platform.system().lower()
_log = logging.getLogger("imagedb.http")


@dataclass(slots=True)
class RequestState:
    """What the front finds out about a request."""

    version: Version
    request_id: str
    status: int = 0


class Front:
    """Middleware around the whole application."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and see to its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = RequestState(NEWEST, uuid.uuid4().hex)
        scope["imagedb"] = state

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                state.status = message["status"]
                _add_headers(MutableHeaders(scope=message), state)
            await send(message)

        try:
            _read(scope, state)
            await self.app(scope, receive, send_with_headers)
        except Exception as error:
            if not isinstance(error, ImageDBError):
                _log.exception("request %s failed", state.request_id)
            if state.status:  # the answer is under way: breaking it off is all that is left
                raise
            await docker_error(error)(scope, receive, send_with_headers)


def _read(scope: Scope, state: RequestState) -> None:
    """Read version and request ID.

    Raises:
        InvalidInputError: one of them is not possible.
    """
    version, path = split_version(scope["path"])
    if version:
        scope["path"] = path
        scope["raw_path"] = path.encode()
        state.version = check_version(version)
    given = Headers(scope=scope).get(REQUEST_ID_HEADER)
    if given:
        state.request_id = Caller("", request_id=given).request_id


def _add_headers(headers: MutableHeaders, state: RequestState) -> None:
    headers["Api-Version"] = format_version(NEWEST)
    headers["Docker-Experimental"] = "false"
    headers["Ostype"] = _OS
    headers["Server"] = f"imagedb/{__version__} ({_OS})"
    headers[REQUEST_ID_HEADER] = state.request_id
