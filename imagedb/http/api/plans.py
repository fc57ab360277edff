"""Plans: what a delete or a prune would do and why, and doing it while that still holds."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from pydantic import Field, StrictBool
from starlette.responses import Response

from imagedb.filters import parse_prune_filters
from imagedb.http.api.answers import answer
from imagedb.http.api.asking import Asked, Writes
from imagedb.http.api.document import takes
from imagedb.http.api.entries import AppliedAnswer, Body, Entry, ImageIDText, LeftImageEntry
from imagedb.http.api.examples import PLAN
from imagedb.http.bodies import Raw
from imagedb.moments import parse_moment
from imagedb.plan_documents import ConflictEntry, PlanDocument, ReasonEntry, parse_plan
from imagedb.planning import plan_delete, plan_prune
from imagedb.platforms import parse_platform
from imagedb.requests import encode

router: Final = APIRouter(tags=["plans"])


class DeleteBody(Body):
    """A delete, with docker's flags."""

    reference: str = Field(description="A name, an ID, or its beginning.", examples=["app:1"])
    force: StrictBool = False
    prune: StrictBool = Field(default=True, description="Take parents without a name too.")
    platforms: tuple[str, ...] = Field(
        default=(), description="Only these; needs `force`.", examples=[["linux/arm64"]]
    )
    ignore_stale: StrictBool = Field(
        default=False, description="Go past containers of hosts whose lease has run out."
    )


class PruneBody(Body):
    """A prune, with docker's filters."""

    filters: dict[str, tuple[str, ...]] = Field(
        default={},
        description="`dangling`, `until`, `label`, `label!`, `reference`.",
        examples=[{"dangling": ["false"], "until": ["240h"]}],
    )


class BlockersAnswer(Entry):
    """What keeps an image, and which of it refuses the delete that was asked about."""

    image: ImageIDText
    conflicts: tuple[ConflictEntry, ...]
    blockers: tuple[ReasonEntry, ...]


@router.post("/plans/delete", response_model=PlanDocument)
def plan_a_delete(asking: Asked, body: DeleteBody) -> Response:
    """Tell what a delete would do, and why; nothing is changed, whatever refuses is in the plan."""
    with asking.reading() as (connection, namespace):
        document = plan_delete(
            connection,
            namespace,
            asking.caller,
            body.reference,
            force=body.force,
            prune=body.prune,
            platforms=tuple(map(parse_platform, body.platforms)),
            ignore_stale=body.ignore_stale,
        )
    return answer(document)


@router.post("/plans/prune", response_model=PlanDocument)
def plan_a_prune(asking: Asked, body: PruneBody) -> Response:
    """Tell which images a prune would take; nothing is changed."""
    now = datetime.now(UTC)
    wanted = parse_prune_filters(body.filters, lambda text: parse_moment(text, now=now))
    with asking.reading() as (connection, namespace):
        document = plan_prune(connection, namespace, asking.caller, wanted)
    return answer(document)


@router.post("/plans/apply", response_model=AppliedAnswer, openapi_extra=takes(PlanDocument, PLAN))
def apply(asking: Writes, body: Raw) -> Response:
    """Do what a plan says, in its own namespace.

    A delete is done whole, or refused with every difference. A prune leaves the images that are
    not as they were, and tells which; it is done in batches, and one that was broken off goes on
    when it is sent again with the same `Idempotency-Key`.
    """
    batches = asking.apply(parse_plan(body))
    records: list[Any] = [encode(one) for batch in batches for one in batch.records]
    left = [LeftImageEntry.model_validate(one) for batch in batches for one in batch.left]
    freed = sum(batch.freed for batch in batches)
    return answer(AppliedAnswer(records=tuple(records), freed=freed, left=tuple(left)))


@router.get("/images/{name:path}/blockers", response_model=BlockersAnswer)
def blockers(
    asking: Asked,
    name: str,
    *,
    force: Annotated[bool, Query(description="Ask about a forced delete.")] = False,
    ignore_stale: bool = False,
) -> Response:
    """Tell what keeps an image, and what would lift it."""
    with asking.reading() as (connection, namespace):
        document = plan_delete(
            connection, namespace, asking.caller, name, force=force, ignore_stale=ignore_stale
        )
    [plan] = document.images
    kept = tuple(reason for reason in plan.reasons if reason.keeps and reason.kind != "parent")
    return answer(BlockersAnswer(image=plan.facts.id, conflicts=plan.conflicts, blockers=kept))
