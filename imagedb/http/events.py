"""`GET /events`: what happened, and what happens.

Source: moby, daemon/server/router/system/system_routes.go, `getEvents`; daemon/events/filter.go.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse

from imagedb.docker_json.events import error_object, event_object
from imagedb.errors import ImageDBError
from imagedb.http.answers import to_json_line
from imagedb.http.asking import Asked
from imagedb.http.following import Follower
from imagedb.http.images import Flag
from imagedb.http.parameters import Filters, parse_filters
from imagedb.moments import parse_range
from imagedb.records import Event
from imagedb.references import familiar_repository_of

router: Final = APIRouter()
LEGACY_UNTIL: Final = (1, 52)
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
    is_legacy = asking.version < LEGACY_UNTIL

    def show(event: Event) -> bytes | None:
        shown = event_object(event, is_legacy=is_legacy)
        return to_json_line(shown) if is_wanted(event, wanted) else None

    follower = Follower(asking, show, _error_line, first, last)
    follower.find_start()
    return StreamingResponse(follower.lines(), media_type="application/json")


def _error_line(error: ImageDBError) -> bytes:
    return to_json_line(error_object(str(error), now=datetime.now(UTC)))


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
