"""The guard: how much is let in, and how long a client waits for an answer.

==============  ======  =====================================================================
body, archive   413     larger than the service was told to read
rate            429     a host asks more often than it may
requests        503     too many are under way
time            503     no answer yet; what was begun goes on, its key tells what became of it
==============  ======  =====================================================================
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from time import monotonic
from typing import Final

from fastapi import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from imagedb.http.asking import Service
from imagedb.http.errors import RefusedError
from imagedb.http.peers import who_asks
from imagedb.http.problems import tell

ARCHIVES: Final = frozenset({"/images/load", "/images/create"})
PROBES: Final = frozenset({"/_ping", "/healthz", "/readyz", "/metrics"})
"""Answered whatever the load: whoever asks wants to know about it."""
_log = logging.getLogger("imagedb.http")
_REMEMBERED: Final = 10_000
"""Hosts whose rate is watched; of more, those that asked longest ago are forgotten."""


class Guard:
    """Stands before the application."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app = app
        self._settings = service.settings
        self._limits = service.settings.limits
        self._metrics = service.metrics
        self._rates = Rates(self._limits.rate)
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass.

        Raises:
            RefusedError: there are too many of them, or it takes too long.
        """
        if scope["type"] != "http" or scope["path"] in PROBES:
            await self._app(scope, receive, send)
            return
        self._admit(self._host_of(scope))
        self._under_way += 1
        try:
            await self._in_time(scope, self._reading(scope, receive), send)
        finally:
            self._under_way -= 1

    def _host_of(self, scope: Scope) -> str:
        """Whose rate it is: that of the host that asks, else of the user."""
        host: str | None = scope["imagedb"].host or self._settings.host
        return host or f"user {who_asks(scope.get('state', {}), self._settings.who)}"

    def _reading(self, scope: Scope, receive: Receive) -> "Reading":
        what = "archive" if scope["path"] in ARCHIVES else "body"
        limits = self._limits
        limit = limits.archive_bytes if what == "archive" else limits.body_bytes

        def too_large() -> HTTPException:
            self._metrics.refused(what)
            told = (
                f"the request's {what} is larger than {limit:,} bytes (--max-{what} of the service)"
            )
            return HTTPException(413, told)

        return Reading(receive, limit, too_large)

    def _admit(self, host: str) -> None:
        if self._under_way >= self._limits.requests:
            raise self._refused(503, "requests", f"{self._under_way} requests are under way")
        if not self._rates.allows(host):
            raise self._refused(
                429, "rate", f"more than {self._limits.rate} requests a second of one host"
            )

    def _refused(self, status: int, limit: str, what: str) -> RefusedError:
        self._metrics.refused(limit)
        option = {"rate": "--max-rate", "requests": "--max-requests"}[limit]
        return RefusedError(
            status, f"{what} ({option} of the service); nothing was done, try again", wait=1
        )

    async def _in_time(self, scope: Scope, reading: "Reading", send: Send) -> None:
        """Answer in the application's stead when it takes too long; it is not broken off."""
        sending = Sending(send)
        late = asyncio.create_task(self._when_late(scope, reading, sending))
        try:
            await self._app(scope, reading, sending)
        except Exception as error:
            if not sending.is_over:  # else the client was told, and the log is all there is
                raise
            if not isinstance(error, ClientDisconnect):
                _log.exception("request %s failed, late", scope["imagedb"].request_id)
        finally:
            late.cancel()

    async def _when_late(self, scope: Scope, reading: "Reading", sending: "Sending") -> None:
        seconds = self._limits.seconds
        left = float(seconds)
        while left > 0:
            await asyncio.sleep(left)
            left = reading.last + seconds - monotonic()
        if not sending.has_begun:
            self._metrics.refused("time")
            await sending.instead(tell(_late(seconds), scope), scope)


def _late(seconds: int) -> RefusedError:
    return RefusedError(
        503,
        f"no answer within {seconds} seconds (--max-time of the service): what was begun goes on; "
        "sent again with the same Idempotency-Key it does nothing, and tells what became of it",
        wait=1,
    )


class Reading:
    """A request's body on its way in: not too much of it, and when the last of it came."""

    def __init__(self, receive: Receive, limit: int, too_large: Callable[[], Exception]) -> None:
        self._receive = receive
        self._left = limit
        self._too_large = too_large
        self.last = monotonic()

    async def __call__(self) -> Message:
        """Give the next part.

        Raises:
            HTTPException: it is too much.
        """
        message = await self._receive()
        self.last = monotonic()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise self._too_large()
        return message


class Sending:
    """An answer on its way out, unless another one was sent instead."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.has_begun = False
        self.is_over = False

    async def __call__(self, message: Message) -> None:
        """Send a part."""
        if not self.is_over:
            self.has_begun = True
            await self._send(message)

    async def instead(self, answer: Response, scope: Scope) -> None:
        """Send another answer, and nothing after it."""
        self.has_begun = self.is_over = True
        await answer(scope, _nothing, self._send)


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


class Rates:
    """How often each host asks: it may as often a second as the rate says, saved up for one."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._hosts: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, host: str) -> bool:
        """Take one, if there is one to take."""
        if not self._rate:
            return True
        now = monotonic()
        left, then = self._hosts.pop(host, (float(self._rate), now))
        left = min(float(self._rate), left + (now - then) * self._rate)
        is_allowed = left >= 1
        self._hosts[host] = (left - is_allowed, now)
        if len(self._hosts) > _REMEMBERED:
            self._hosts.popitem(last=False)
        return is_allowed
