"""Hosts: who they are, signs of life, and what they report of their containers."""

from dataclasses import replace
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, StrictInt
from starlette.responses import Response

from imagedb.heartbeats import MAX_LEASE
from imagedb.host_removal import delete_host
from imagedb.hosts import add_host, check_host_name, list_hosts
from imagedb.http.api.answers import answer, nothing
from imagedb.http.api.asking import Asked, Writes
from imagedb.http.api.document import REPORT
from imagedb.http.api.entries import Body, HostEntry, Page, ReportAnswer
from imagedb.http.api.pages import LINK_DOCUMENT, Paged
from imagedb.http.bodies import Raw
from imagedb.platforms import parse_platform
from imagedb.reports import report_containers
from imagedb.sources.containers import parse_report

router: Final = APIRouter(tags=["hosts"])
LISTED: Final[dict[int | str, dict[str, Any]]] = {200: {"headers": LINK_DOCUMENT}}


class HostBody(Body):
    """A host that is to be known before its first container."""

    name: str = Field(examples=["web-1"])
    platform: str | None = Field(
        default=None, description="Chooses what it is shown.", examples=["linux/arm64"]
    )


class HeartbeatBody(Body):
    """A sign of life."""

    lease_seconds: StrictInt | None = Field(
        default=None,
        ge=1,
        le=MAX_LEASE,
        description="For how long it holds; that of the last one, if not given.",
        examples=[300],
    )


class RemovedHostAnswer(BaseModel):
    """What went with a host."""

    containers: int = Field(examples=[0])


@router.get("/hosts", response_model=Page[HostEntry], responses=LISTED)
def list_(asking: Asked, paging: Paged) -> Response:
    """List the hosts of the namespace, by name."""
    with asking.reading() as (connection, namespace):
        hosts = list_hosts(connection, namespace)
    found = paging.cut(hosts, lambda host: host.name, paging.after)
    return paging.answer(found, HostEntry.model_validate, lambda host: host.name)


@router.post("/hosts", status_code=204)
def add(asking: Writes, body: HostBody) -> Response:
    """Make a host known."""
    platform = parse_platform(body.platform) if body.platform else None
    asking.perform(add_host, body.name, platform=platform)
    return nothing()


@router.delete("/hosts/{host}", response_model=RemovedHostAnswer)
def remove(
    asking: Writes,
    host: str,
    *,
    force: Annotated[
        bool, Query(description="With its containers, if the host is gone for good.")
    ] = False,
) -> Response:
    """Remove a host; nothing is removed by force from one whose lease runs."""
    return answer(RemovedHostAnswer(containers=asking.perform(delete_host, host, force=force)))


@router.post("/hosts/{host}/heartbeat", status_code=204)
def renew(asking: Asked, host: str, body: HeartbeatBody) -> Response:
    """Renew a host's lease; a host that nobody knew becomes known. No answer is kept."""
    asking.keep_alive(host, body.lease_seconds)
    return nothing()


@router.post("/hosts/{host}/report", response_model=ReportAnswer, openapi_extra=REPORT)
def report(
    asking: Writes,
    host: str,
    body: Raw,
    *,
    complete: Annotated[
        bool, Query(description="The host has no other containers: those not named are removed.")
    ] = False,
) -> Response:
    """Record what a host tells of its containers; the same report again changes nothing.

    The body is what `docker inspect` prints of them.
    """
    told = parse_report(body)
    of_host = replace(asking, caller=replace(asking.caller, host=check_host_name(host)))
    return answer(ReportAnswer(**of_host.perform(report_containers, told, complete=complete)))
