"""The application: every route, and what is done around all of them."""

import contextlib
from collections.abc import AsyncIterator, Callable

import anyio.to_thread
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from imagedb import __version__
from imagedb.database import Database
from imagedb.errors import ImageDBError, InvalidInputError
from imagedb.http import containers, events, images, loading, outside, system, usage
from imagedb.http.asking import Service
from imagedb.http.errors import OutsideError, RefusedError, docker_error
from imagedb.http.front import Front
from imagedb.http.settings import Settings
from imagedb.http.stopping import Stopping

_NOT_FOUND = 404
Lifespan = Callable[[FastAPI], contextlib.AbstractAsyncContextManager[None]]


def create_app(
    database: Database, settings: Settings | None = None, stopping: Stopping | None = None
) -> Front:
    """Make the service of one namespace of a database."""
    settings = settings or Settings()
    app = FastAPI(
        title="imagedb", version=__version__, openapi_url=None, lifespan=_lifespan(settings)
    )
    app.state.service = Service(database, settings, stopping or Stopping())
    for part in (system, loading, usage, images, containers, events, outside):
        app.include_router(part.router)
    for error in (ImageDBError, OutsideError, RefusedError):
        app.add_exception_handler(error, _tell)
    app.add_exception_handler(RequestValidationError, _tell_invalid)
    app.add_exception_handler(HTTPException, _tell_http)
    return Front(app)


def _lifespan(settings: Settings) -> Lifespan:
    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        """Bound the threads: a request holds at most one connection, and none waits for one."""
        anyio.to_thread.current_default_thread_limiter().total_tokens = settings.threads
        yield

    return lifespan


def _tell(_request: Request, error: Exception) -> Response:
    return docker_error(error)


def _tell_invalid(_request: Request, error: Exception) -> Response:
    problem = error.errors()[0] if isinstance(error, RequestValidationError) else {}
    place = ".".join(str(part) for part in problem.get("loc", ()))
    return docker_error(InvalidInputError(f"invalid request: {place}: {problem.get('msg')}"))


def _tell_http(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    message = "page not found" if error.status_code == _NOT_FOUND else error.detail
    return docker_error(RefusedError(error.status_code, message))
