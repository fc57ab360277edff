"""Events by position: who has seen n never later sees a smaller one."""

from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import Response

from imagedb.events import give_positions, list_events
from imagedb.http.api.asking import Asked
from imagedb.http.api.entries import EventEntry, Page
from imagedb.http.api.pages import LINK_DOCUMENT, Paged

router: Final = APIRouter(tags=["events"])
LISTED: Final[dict[int | str, dict[str, Any]]] = {
    200: {"headers": LINK_DOCUMENT},
    410: {"description": "Events behind this position were removed: `cut` is the highest."},
}


@router.get("/events", response_model=Page[EventEntry], responses=LISTED)
def list_(asking: Asked, paging: Paged) -> Response:
    """List what happened in the namespace behind a position.

    At the end `next` is null: ask again later, after the last position seen.
    """
    after = paging.number if paging.after else None
    give_positions(asking.database)
    with asking.reading() as (connection, namespace):
        found = list_events(connection, namespace, after=after, limit=paging.limit + 1)
    return paging.answer(found, EventEntry.model_validate, lambda event: str(event.position))
