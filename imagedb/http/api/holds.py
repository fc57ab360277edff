"""Holds: an operator's word that an image must stay, until somebody lifts it."""

from typing import Annotated, Any, Final, Self

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, Field
from starlette.responses import Response

from imagedb.hold_requests import add_hold, delete_hold
from imagedb.holds import list_holds
from imagedb.http.api.answers import answer
from imagedb.http.api.asking import Asked, Writes
from imagedb.http.api.entries import Body, Entry, ImageIDText, Moment, Page
from imagedb.http.api.pages import LINK_DOCUMENT, Paged
from imagedb.records import ImageHold

router: Final = APIRouter(tags=["holds"])
LISTED: Final[dict[int | str, dict[str, Any]]] = {200: {"headers": LINK_DOCUMENT}}


class HoldEntry(Entry):
    """A hold, and what it holds."""

    number: int = Field(examples=[3])
    image: ImageIDText
    names: tuple[str, ...] = Field(description="Familiar, in name order.", examples=[["app:1"]])
    who: str = Field(examples=["ops@example.com"])
    reason: str = Field(examples=["audit, ticket 4711"])
    held: AwareDatetime
    until: AwareDatetime | None = Field(description="When it should end; that lifts nothing.")
    is_overdue: bool = Field(description="That moment is past, by the database's clock.")

    @classmethod
    def of(cls, one: ImageHold) -> Self:
        """Tell of a hold."""
        hold = one.hold
        return cls(
            number=hold.key,
            image=one.image_id,
            names=one.names,
            who=hold.who,
            reason=hold.reason,
            held=hold.held,
            until=hold.until,
            is_overdue=hold.is_overdue,
        )


class HoldBody(Body):
    """A hold that is to be added."""

    image: str = Field(description="A name, an ID, or its beginning.", examples=["app:1"])
    reason: str = Field(
        description="Why it must stay: whoever is refused reads it.",
        examples=["audit, ticket 4711"],
    )
    until: Moment | None = Field(
        default=None, description="Lists show the hold as overdue from then on."
    )


class HeldAnswer(Entry):
    """A hold that was added."""

    number: int = Field(examples=[3])


class LiftedAnswer(Entry):
    """Holds that were lifted."""

    numbers: tuple[int, ...] = Field(examples=[[3]])


@router.get("/holds", response_model=Page[HoldEntry], responses=LISTED)
def list_(
    asking: Asked,
    paging: Paged,
    image: Annotated[
        str | None, Query(description="Only of this image.", examples=["app:1"])
    ] = None,
) -> Response:
    """List who holds what, since when and why; the oldest first."""
    after = paging.number
    with asking.reading() as (connection, namespace):
        holds = list_holds(connection, namespace, image)
    found = paging.cut(holds, lambda one: one.hold.key, after)
    return paging.answer(found, HoldEntry.of, lambda one: str(one.hold.key))


@router.post("/holds", response_model=HeldAnswer, status_code=201)
def add(asking: Writes, body: HoldBody) -> Response:
    """Hold an image; several may hold one image."""
    number = asking.perform(add_hold, body.image, reason=body.reason, until=body.until)
    return answer(HeldAnswer(number=number), status=201)


@router.delete("/images/{name:path}/holds", response_model=LiftedAnswer)
def lift(
    asking: Writes,
    name: str,
    *,
    number: Annotated[int | None, Query(description="The hold of this number.")] = None,
    all: Annotated[bool, Query(description="All holds of the image.")] = False,
) -> Response:
    """Lift the hold of an image; of several holds, say which."""
    lifted = asking.perform(delete_hold, name, number=number, all=all)
    return answer(LiftedAnswer(numbers=lifted))
