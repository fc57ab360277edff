"""Who asks: what a handler knows of its request, and how it reaches the core."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any, Concatenate, ParamSpec, TypeVar

from fastapi import Depends, Request
from sqlalchemy import Connection
from starlette.datastructures import Headers

from imagedb.database import Database
from imagedb.errors import InvalidInputError
from imagedb.filters import PruneFilters
from imagedb.hosts import check_host_name
from imagedb.http.actions import Action, action_of, digests_in, timed
from imagedb.http.metrics import Metrics
from imagedb.http.peers import who_asks
from imagedb.http.settings import Settings
from imagedb.http.settling import Settler
from imagedb.http.stopping import Followers, Stopping
from imagedb.http.versions import Version
from imagedb.namespaces import get_namespace
from imagedb.plan_documents import PlanDocument
from imagedb.planning import apply_plan
from imagedb.procedures import keep_alive, perform_unsettled
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
    stopping: Stopping = field(default_factory=Stopping)
    log: Any = None
    """A logger of lines of JSON; None writes none."""
    metrics: Metrics = field(default_factory=Metrics)
    followers: Followers = field(default_factory=Followers)
    settler: Settler = field(default_factory=Settler)


@dataclass(frozen=True, slots=True)
class Asking:
    """A request, as handlers see it."""

    service: Service
    caller: Caller
    version: Version
    named_host: str | None
    """The host that the request names itself: containers are looked for there alone."""
    actions: list[Action] = field(default_factory=list)
    """What was asked of the core, for the line in the log."""

    @property
    def database(self) -> Database:
        """Where everything is."""
        return self.service.database

    @property
    def namespace(self) -> str:
        """The name of the store that is meant."""
        return self.service.settings.namespace

    @contextmanager
    def reading(self) -> Iterator[tuple[Connection, Namespace]]:
        """One consistent snapshot of the namespace."""
        with self.database.read() as connection:
            yield connection, get_namespace(connection, self.namespace)

    def perform(
        self,
        operation: Callable[Concatenate[Connection, Namespace, Caller, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run an operation that writes, in a transaction of its own."""
        with self._acting(action_of(operation, args)) as action:
            done = perform_unsettled(
                self.database, operation, self.namespace, self.caller, *args, **kwargs
            )
            action.digests = digests_in(done)
        self.service.settler.ask(self.database)
        return done

    def prune(self, filters: PruneFilters) -> list[PrunedBatch]:
        """Prune the namespace, each batch in a transaction of its own."""
        batches = prune_images(self.database, self.namespace, self.caller, filters)
        return self._in_batches(Action("image", "prune", ""), batches)

    def apply(self, document: PlanDocument) -> list[PrunedBatch]:
        """Do what a plan says: a delete in one transaction, a prune in batches."""
        action = Action("image", document.operation, "")
        return self._in_batches(action, apply_plan(self.database, self.caller, document))

    def keep_alive(self, host: str, lease_seconds: int | None) -> None:
        """Renew a host's heartbeat."""
        with self._acting(Action("host", "heartbeat", host)):
            keep_alive(
                self.database, self.namespace, self.caller, host, lease_seconds=lease_seconds
            )

    def _in_batches(self, action: Action, batches: Iterator[PrunedBatch]) -> list[PrunedBatch]:
        with self._acting(action):
            done = list(batches)
            action.digests = digests_in(done)
        return done

    @contextmanager
    def _acting(self, action: Action) -> Iterator[Action]:
        """Let metrics and the log know of an action, whatever comes of it."""
        self.actions.append(action)
        with timed(action, self.service.metrics.acted):
            yield action


async def asking_of(request: Request) -> Asking:
    """Tell who asks."""
    service: Service = request.app.state.service
    state = request.scope["imagedb"]
    settings = service.settings
    who = who_asks(request.scope.get("state", {}), settings.who)
    caller = Caller(who, state.host or settings.host, state.key)
    return Asking(service, caller, state.version, state.host, state.actions)


def read_host(headers: Headers) -> str | None:
    """Read which host a request names; an empty name is none.

    Raises:
        InvalidInputError: it names several, or one that no host can have.
    """
    given = headers.getlist(HOST_HEADER)
    if len(given) > 1:
        raise InvalidInputError(f"{HOST_HEADER} is given {len(given)} times: name one host")
    return check_host_name(given[0]) if given and given[0] else None


Asked = Annotated[Asking, Depends(asking_of)]
"""The parameter of every handler."""
