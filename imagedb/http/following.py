"""Followers: who is told events as they come.

A follower asks for what stands behind the last position it has seen, so that a slow one is late
and never passed over; one that is so late that events were removed meanwhile is told, and let go.
Waiting costs no thread and holds no connection; the database is read only when the watch that all
share (`watching`) has seen something.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import anyio
from anyio.to_thread import run_sync

from imagedb.errors import ImageDBError
from imagedb.events import get_last_position, give_positions, list_events
from imagedb.http.asking import Asking
from imagedb.http.watching import POLL_SECONDS
from imagedb.records import Event

PAGE: Final = 500


@dataclass(slots=True, eq=False)
class Follower:
    """Who is told events."""

    asking: Asking
    show: Callable[[Event], bytes | None]
    """An event as it is told, None if it is not wanted."""
    show_error: Callable[[ImageDBError], bytes]
    """Why it ends before its time."""
    since: datetime | None
    until: datetime | None
    position: int | None = None
    """Up to there it has seen all; None before it has seen anything: it asks for what there is."""

    def find_start(self) -> None:
        """Find out where to begin: without a moment, behind all that has happened."""
        give_positions(self.asking.database)
        if self.since is None and self.until is None:
            with self.asking.database.look() as connection:
                self.position = get_last_position(connection)

    async def lines(self) -> AsyncIterator[bytes]:
        """Tell what is there, page by page, and then what comes."""
        followers = self.asking.service.followers
        followers.add(self)
        try:
            async for line in self._lines():
                yield line
        finally:
            followers.discard(self)

    async def _lines(self) -> AsyncIterator[bytes]:
        while not self.asking.service.stopping.is_near:
            is_over = self.until is not None and datetime.now(UTC) > self.until
            try:
                is_due = is_over or await self._is_behind()
                found = await run_sync(self._read) if is_due else ()
            except ImageDBError as error:
                yield self.show_error(error)
                return
            for event in found:
                line = self.show(event)
                if line is not None:
                    yield line
            if len(found) == PAGE:
                continue
            if is_over:
                return
            await anyio.sleep(self._wait())

    async def _is_behind(self) -> bool:
        """Whether there may be something to tell."""
        last = await self.asking.service.followers.watch.position(self.asking.database)
        return self.position is None or last > self.position

    def _wait(self) -> float:
        if self.until is None:
            return POLL_SECONDS
        left = (self.until - datetime.now(UTC)) / timedelta(seconds=1)
        return min(POLL_SECONDS, max(left, 0.001))

    def _read(self) -> tuple[Event, ...]:
        with self.asking.reading() as (connection, namespace):
            last = get_last_position(connection)
            found = list_events(
                connection,
                namespace,
                since=self.since,
                until=self.until,
                after=self.position,
                limit=PAGE,
            )
        self.position = found[-1].position if len(found) == PAGE else last
        return found
