"""The application: every route, and what is done around all of them."""

import contextlib
from collections.abc import AsyncIterator, Callable

import anyio.to_thread
from fastapi import FastAPI
from starlette.types import ASGIApp

from imagedb import __version__
from imagedb.database import Database
from imagedb.http import containers, events, images, loading, operations, outside, system, usage
from imagedb.http.api.app import create_api
from imagedb.http.asking import Service
from imagedb.http.front import Front
from imagedb.http.guard import Guard
from imagedb.http.metrics import Standings
from imagedb.http.problems import PREFIX
from imagedb.http.refusing import add_handlers
from imagedb.http.settings import Settings

Lifespan = Callable[[FastAPI], contextlib.AbstractAsyncContextManager[None]]


def create_app(database: Database, settings: Settings | None = None) -> ASGIApp:
    """Make the service of a database."""
    return app_of(Service(database, settings or Settings()))


def app_of(service: Service) -> ASGIApp:
    """Make the application of a service."""
    app = FastAPI(
        title="imagedb",
        version=__version__,
        openapi_url=None,
        lifespan=_lifespan(service),
    )
    app.state.service = service
    for part in (operations, system, loading, usage, images, containers, events):
        app.include_router(part.router)
    api = create_api()
    api.state.service = service
    app.mount(PREFIX, api)
    app.include_router(outside.router)
    add_handlers(app)
    database, metrics = service.database, service.metrics
    database.on_retry = metrics.retried
    metrics.registry.register(Standings(database, service.followers.lags))
    return Front(Guard(app, service), service)


def _lifespan(service: Service) -> Lifespan:
    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        """Bound the threads: a request holds at most one connection, and none waits for one."""
        limiter = anyio.to_thread.current_default_thread_limiter()
        limiter.total_tokens = service.settings.threads
        yield
        await anyio.to_thread.run_sync(service.settler.wait)

    return lifespan
