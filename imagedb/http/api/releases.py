"""Releases and claims: content whose bytes are to be deleted, and who does it."""

from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from pydantic import Field, StrictInt
from starlette.responses import Response

from imagedb.http.api.answers import answer
from imagedb.http.api.asking import Asked, Writes
from imagedb.http.api.entries import (
    Body,
    ClaimEntry,
    DigestText,
    FinishedClaimEntry,
    GivenBackAnswer,
    Page,
    ReleaseEntry,
)
from imagedb.http.api.pages import LINK_DOCUMENT, Paged
from imagedb.releases import (
    DEFAULT_LEASE,
    MAX_CLAIM,
    MAX_LEASE,
    claim_releases,
    finish_releases,
    list_releases_after,
    reset_claim,
)

router: Final = APIRouter(tags=["releases"])
LISTED: Final[dict[int | str, dict[str, Any]]] = {200: {"headers": LINK_DOCUMENT}}
Kind = Annotated[
    str | None,
    Query(description="Only of this kind: `blob`, `chain`, `config`, `index`, `manifest`."),
]


class ClaimBody(Body):
    """What a worker is ready to do."""

    limit: StrictInt = Field(default=100, ge=1, le=MAX_CLAIM, description="Releases at most.")
    lease_seconds: StrictInt = Field(
        default=int(DEFAULT_LEASE.total_seconds()),
        ge=1,
        le=int(MAX_LEASE.total_seconds()),
        description="For how long others keep away.",
    )
    kind: str | None = Field(default=None, examples=["blob"])


class DoneBody(Body):
    """What of a claim is done."""

    digests: tuple[DigestText, ...] = Field(default=(), description="All of it, if none is given.")


@router.get("/releases", response_model=Page[ReleaseEntry], responses=LISTED)
def list_(asking: Asked, paging: Paged, kind: Kind = None) -> Response:
    """List content released and not yet done, the oldest first."""
    after = paging.number
    asking.service.settler.wait()
    with asking.reading() as (connection, namespace):
        found = list_releases_after(
            connection, namespace, kind=kind, after=after, limit=paging.limit + 1
        )
    return paging.answer(
        list(found.items()),
        lambda item: ReleaseEntry.model_validate(item[1]),
        lambda item: str(item[0]),
    )


@router.post("/claims", response_model=ClaimEntry)
def claim(asking: Writes, body: ClaimBody) -> Response:
    """Claim the oldest releases that nobody claims; several workers get different ones."""
    lease = timedelta(seconds=body.lease_seconds)
    asking.service.settler.wait()
    made = asking.perform(claim_releases, limit=body.limit, lease=lease, kind=body.kind)
    return answer(ClaimEntry.model_validate(made))


@router.post("/claims/{claim}/done", response_model=FinishedClaimEntry)
def finish(asking: Writes, claim: str, body: DoneBody) -> Response:
    """Note that bytes are deleted; tells what was withdrawn or lost meanwhile."""
    finished = asking.perform(finish_releases, claim, body.digests)
    return answer(FinishedClaimEntry.model_validate(finished))


@router.post("/claims/{claim}/reset", response_model=GivenBackAnswer)
def reset(asking: Writes, claim: str) -> Response:
    """Give back what a claim still holds, for anybody to claim."""
    given_back = asking.perform(reset_claim, claim)
    entries = tuple(map(ReleaseEntry.model_validate, given_back))
    return answer(GivenBackAnswer(releases=entries))
