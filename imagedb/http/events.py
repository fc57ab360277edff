"""`GET /events`: what happened, and what happens.

A follower asks for what stands behind the last position it was given, so that a slow one is
late and never passed over. Waiting costs no thread and holds no connection.

Source: moby, daemon/server/router/system/system_routes.go, `getEvents`; daemon/events/filter.go.
"""

import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse

from imagedb.docker_json.events import event_object
from imagedb.events import get_last_position, give_positions, list_events
from imagedb.http.answers import to_json_line
from imagedb.http.asking import Asked, Asking
from imagedb.http.images import Flag
from imagedb.http.parameters import Filters, parse_filters
from imagedb.moments import parse_range
from imagedb.records import Event
from imagedb.references import familiar_repository_of

router: Final = APIRouter()
LEGACY_UNTIL: Final = (1, 52)
POLL_SECONDS: Final = 0.2
POSITION_SECONDS: Final = 5.0
"""How often a follower sees to events that a killed process left without position."""
PAGE: Final = 500
_TYPES: Final = ("container", "host", "hold", "image")
FILTERS: Final = frozenset(
    {"event", "image", "label", "scope", "type", *_TYPES}
    | {"config", "daemon", "network", "node", "plugin", "secret", "service", "volume"}
)
"""Docker's, and those for our own types."""


@router.get("/events")
def events(asking: Asked, since: Flag = None, until: Flag = None, filters: Flag = None) -> Response:
    """Tell events: those since a moment, then those that come, until a moment."""
    wanted = parse_filters(filters, FILTERS)
    first, last = parse_range(since or None, until or None, now=datetime.now(UTC))
    follower = Follower(asking, wanted, first, last)
    follower.begin()
    return StreamingResponse(follower.lines(), media_type="application/json")


@dataclass(slots=True)
class Follower:
    """Who is told events."""

    asking: Asking
    wanted: Filters
    since: datetime | None
    until: datetime | None
    position: int = 0
    _positioned: float = field(default=0.0)

    def begin(self) -> None:
        """Find out where to begin: without a moment, behind all that has happened."""
        self._give_positions()
        if self.since is None and self.until is None:
            with self.asking.database.look() as connection:
                self.position = get_last_position(connection)

    async def lines(self) -> AsyncIterator[bytes]:
        """Tell what is there, page by page, and then what comes."""
        while not self.asking.service.stopping:
            is_over = self.until is not None and datetime.now(UTC) > self.until
            found = await run_sync(self._read)
            for event in found:
                if is_wanted(event, self.wanted):
                    is_legacy = self.asking.version < LEGACY_UNTIL
                    yield to_json_line(event_object(event, is_legacy=is_legacy))
            if len(found) == PAGE:
                continue
            if is_over:
                return
            await anyio.sleep(self._wait())

    def _wait(self) -> float:
        if self.until is None:
            return POLL_SECONDS
        left = (self.until - datetime.now(UTC)) / timedelta(seconds=1)
        return min(POLL_SECONDS, max(left, 0.001))

    def _read(self) -> tuple[Event, ...]:
        if time.monotonic() - self._positioned > POSITION_SECONDS:
            self._give_positions()
        with self.asking.reading() as (connection, namespace):
            found = list_events(
                connection,
                namespace,
                since=self.since,
                until=self.until,
                after=self.position,
                limit=PAGE,
            )
        if found:
            self.position = found[-1].position
        return found

    def _give_positions(self) -> None:
        give_positions(self.asking.database)
        self._positioned = time.monotonic()


# ── filters ───────────────────────────────────────────────────────────────────────────────────


def is_wanted(event: Event, filters: Filters) -> bool:
    """Whether an event fits: any value of each key, all of `label`."""
    return all(_fits(event, key, values) for key, values in filters.items() if values)


def _fits(event: Event, key: str, values: Iterable[str]) -> bool:
    match key:
        case "type":
            return event.type in values
        case "event":
            return event.action in values
        case "scope":
            return "local" in values
        case "label":
            return all(_has_label(event.attributes, value) for value in values)
        case "image":
            return bool(set(_image_names(event)).intersection(values))
    names = (event.actor_id, event.name)
    return event.type == key and any(
        name == value or name.startswith(value) for name in names for value in values
    )


def _has_label(attributes: Mapping[str, str], text: str) -> bool:
    key, equals, value = text.partition("=")
    return key in attributes and (not equals or attributes[key] == value)


def _image_names(event: Event) -> Iterator[str]:
    """What the filter `image` looks at: ID and name of an image, the image of a container."""
    known = {
        "image": (event.actor_id, event.name),
        "container": (event.attributes.get("image", ""),),
    }
    for name in known.get(event.type, ()):
        yield name
        yield familiar_repository_of(name)
