"""The front: what happens to every request before and after its handler.

A version is taken off the path, a request ID is given, and every answer has docker's headers.
What no handler foresaw becomes a 500 and a line in the log; every request becomes one. A client
that leaves before its body has come is sent nothing, and is no defect: its status is 499.
"""

import logging
import platform
import uuid
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from imagedb import __version__
from imagedb.errors import ImageDBError
from imagedb.http.actions import Action
from imagedb.http.asking import Service, read_host
from imagedb.http.errors import OutsideError, RefusedError
from imagedb.http.logs import action_fields, is_told
from imagedb.http.problems import tell
from imagedb.http.versions import NEWEST, Version, check_version, format_version, split_version
from imagedb.records import Caller

REQUEST_ID_HEADER: Final = "X-Request-Id"
IDEMPOTENCY_HEADER: Final = "Idempotency-Key"
LEFT: Final = 499
"""The status of a request whose client has left; nobody is sent it. Source: nginx."""
_OS: Final = platform.system().lower()
_log = logging.getLogger("imagedb.http")


@dataclass(slots=True)
class RequestState:
    """What the front finds out about a request."""

    version: Version
    request_id: str
    """For the log and the answer: clients may trace a request by one that they give."""
    key: str
    """Sent again under it, a request happens once; its events tell it."""
    host: str | None = None
    """The one that the request names."""
    status: int = 0
    seconds: float = 0.0
    """Until the answer began."""
    is_over: bool = False
    """The answer was sent whole."""
    has_come: bool = False
    """The body was read whole."""
    has_left: bool = False
    """The client, before that and before an answer."""
    actions: list[Action] = field(default_factory=list)


class Front:
    """Middleware around the whole application."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and see to its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = uuid.uuid4().hex
        state = RequestState(NEWEST, given, given)
        scope["imagedb"] = state
        began = perf_counter()

        async def receive_body() -> Message:
            message = await receive()
            _note(message, state, perf_counter() - began)
            return message

        async def send_with_headers(message: Message) -> None:
            if state.has_left:
                return
            if message["type"] == "http.response.start":
                state.status = message["status"]
                state.seconds = perf_counter() - began
                _add_headers(MutableHeaders(scope=message), state)
            state.is_over = message["type"] == "http.response.body" and not message.get("more_body")
            await send(message)

        try:
            await self._answer(scope, receive_body, send_with_headers)
        finally:
            self._tell(scope, perf_counter() - began)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer; if it fails, answer for it."""
        state: RequestState = scope["imagedb"]
        try:
            _read(scope, state)
            await self.app(scope, receive, send)
        except Exception as error:
            if state.has_left:
                return
            if not isinstance(error, ImageDBError | OutsideError | RefusedError):
                _log.exception("request %s failed", state.request_id)
            if state.status and not state.is_over:
                raise  # the answer is under way: breaking it off is all that is left
            if not state.status:
                await tell(error, scope)(scope, receive, send)

    def _tell(self, scope: Scope, seconds: float) -> None:
        """Count a request, and write its line."""
        state: RequestState = scope["imagedb"]
        self._service.metrics.answered(scope["method"], state.status, state.seconds)
        log = self._service.log
        if log is not None and is_told(scope["path"], state.status):
            log.info("request", **_fields(scope, state), duration=round(seconds, 6))


def _fields(scope: Scope, state: RequestState) -> dict[str, Any]:
    return {
        "request_id": state.request_id,
        **({"key": state.key} if state.key != state.request_id else {}),
        "method": scope["method"],
        "path": scope["path"],
        "status": state.status,
        **({"host": state.host} if state.host else {}),
        **action_fields(state.actions),
    }


def _note(message: Message, state: RequestState, seconds: float) -> None:
    """See whether the body has come, or the client has left before."""
    if message["type"] == "http.request":
        state.has_come = not message.get("more_body")
    elif not state.has_come and not state.status:
        state.has_left = True
        state.status, state.seconds = LEFT, seconds


def _read(scope: Scope, state: RequestState) -> None:
    """Read version, request ID, key and host.

    Raises:
        InvalidInputError: one of them is not possible.
    """
    version, path = split_version(scope["path"])
    if version:
        scope["path"] = path
        scope["raw_path"] = path.encode()
        state.version = check_version(version)
    headers = Headers(scope=scope)
    key = headers.get(IDEMPOTENCY_HEADER, "").strip('"')
    if key:
        state.key = state.request_id = Caller("", request_id=key).request_id
    traced = headers.get(REQUEST_ID_HEADER)
    if traced:
        state.request_id = Caller("", request_id=traced).request_id
    state.host = read_host(headers)


def _add_headers(headers: MutableHeaders, state: RequestState) -> None:
    headers["Api-Version"] = format_version(NEWEST)
    headers["Docker-Experimental"] = "false"
    headers["Ostype"] = _OS
    headers["Server"] = f"imagedb/{__version__} ({_OS})"
    headers[REQUEST_ID_HEADER] = state.request_id
