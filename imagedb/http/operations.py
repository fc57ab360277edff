"""What those ask who run the service: whether it lives, whether it can work, and its figures."""

from typing import Final

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import PlainTextResponse, Response

from imagedb.errors import ImageDBError
from imagedb.http.asking import Service
from imagedb.migrations import check_revision

router: Final = APIRouter()


@router.get("/healthz")
async def is_alive() -> Response:
    """Say that the process answers; the database is not asked."""
    return PlainTextResponse("ok\n")


@router.get("/readyz")
def is_ready(request: Request) -> Response:
    """Say whether requests can be done: the database is there, and of our revision."""
    service: Service = request.app.state.service
    if service.stopping.is_near:
        return PlainTextResponse("the service is about to end\n", 503)
    try:
        revision = check_revision(service.database)
    except ImageDBError as error:
        return PlainTextResponse(f"{error}\n", 503)
    return PlainTextResponse(f"ok: revision {revision}\n")


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """Give the figures, as Prometheus reads them."""
    service: Service = request.app.state.service
    return Response(service.metrics.text(), media_type=CONTENT_TYPE_LATEST)
