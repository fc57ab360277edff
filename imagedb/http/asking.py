"""Who asks: what a handler knows of its request, and how it reaches the core."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Concatenate, ParamSpec, TypeVar

from fastapi import Depends, Request
from sqlalchemy import Connection

from imagedb.database import Database
from imagedb.filters import PruneFilters
from imagedb.http.peers import who_asks
from imagedb.http.settings import Settings
from imagedb.http.stopping import Stopping
from imagedb.http.versions import Version
from imagedb.namespaces import get_namespace
from imagedb.procedures import perform
from imagedb.pruning import prune_images
from imagedb.records import Caller, Namespace, PrunedBatch

P = ParamSpec("P")
T = TypeVar("T")

HOST_HEADER = "X-Imagedb-Host"


@dataclass(frozen=True, slots=True)
class Service:
    """What all requests share."""

    database: Database
    settings: Settings
    stopping: Stopping


@dataclass(frozen=True, slots=True)
class Asking:
    """A request, as handlers see it."""

    service: Service
    caller: Caller
    version: Version
    named_host: str | None
    """The host that the request names itself: containers are looked for there alone."""

    @property
    def database(self) -> Database:
        """Where everything is."""
        return self.service.database

    @contextmanager
    def reading(self) -> Iterator[tuple[Connection, Namespace]]:
        """One consistent snapshot of the namespace."""
        with self.database.read() as connection:
            yield connection, get_namespace(connection, self.service.settings.namespace)

    def perform(
        self,
        operation: Callable[Concatenate[Connection, Namespace, Caller, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run an operation that writes, in a transaction of its own."""
        namespace = self.service.settings.namespace
        return perform(self.database, operation, namespace, self.caller, *args, **kwargs)

    def prune(self, filters: PruneFilters) -> Iterator[PrunedBatch]:
        """Prune the namespace, each batch in a transaction of its own."""
        namespace = self.service.settings.namespace
        return prune_images(self.database, namespace, self.caller, filters)


def _asking(request: Request) -> Asking:
    service: Service = request.app.state.service
    named = request.headers.get(HOST_HEADER)
    state = request.scope["imagedb"]
    settings = service.settings
    who = who_asks(request.scope.get("state", {}), settings.who)
    caller = Caller(who, named or settings.host, state.request_id)
    return Asking(service, caller, state.version, named)


Asked = Annotated[Asking, Depends(_asking)]
"""The parameter of every handler."""
