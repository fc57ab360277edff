"""The load: what clients do, how often, and how each of it is drawn and run.

To add an operation, add a line to `TABLE` (`reads`, `writes`) and, if it writes under a request
ID, what must have happened when it was answered to `expectations`. Arguments are JSON: they stand
in the history, and a request whose outcome is open is made again from them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from benchmarks.stress.dice import Dice
from benchmarks.stress.history import Arguments
from benchmarks.stress.population import Population
from imagedb.database import Database
from imagedb.namespaces import get_namespace
from imagedb.procedures import perform
from imagedb.records import Caller, Namespace

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(slots=True)
class Session:
    """A client at work on one request."""

    database: Database
    population: Population
    request_id: str
    seen: dict[str, int]
    """The position up to which the client follows the events of each namespace."""
    claims: list[Arguments]
    """What the client has claimed and not finished, the oldest first."""

    def perform(
        self,
        operation: Callable[Concatenate[Connection, Namespace, Caller, P], T],
        place: Arguments,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run an operation that writes, under the request's ID."""
        caller = self.caller(place)
        return perform(self.database, operation, place["namespace"], caller, *args, **kwargs)

    def caller(self, place: Arguments) -> Caller:
        """Who asks."""
        return Caller("stress@test", place["host"], request_id=self.request_id or "none")

    def read(
        self,
        operation: Callable[Concatenate[Connection, Namespace, P], T],
        place: Arguments,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run an operation that reads, in one snapshot."""
        with self.database.read() as connection:
            namespace = get_namespace(connection, place["namespace"])
            return operation(connection, namespace, *args, **kwargs)


class Kind(Enum):
    """What imagedb keeps of an operation."""

    WRITE = "its answer, under the request ID"
    UNKEPT = "what it changes, but no answer: to do it twice is as good as once"
    OTHER = "nothing: it only reads, or tidies up"


@dataclass(frozen=True, slots=True)
class Operation:
    """Something that clients do."""

    name: str
    weight: float
    kind: Kind
    draw: Callable[[Dice], Arguments]
    run: Callable[[Session, Arguments], Any]
    prepare: Callable[[Session, Arguments], Arguments | None] | None = None
    """Read what else is asked with, before the request begins; None if there is nothing to ask."""
