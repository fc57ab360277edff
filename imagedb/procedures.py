"""The way a writing operation is run: in one transaction, answered once, then settled.

Operations take a connection and never commit; `perform` gives them one. After the commit it gives
positions to events and sweeps what was let go, each in a short transaction of its own, so that no
lock of the operation waits for them; if the process dies in between, the next writer does it.
"""

import contextlib
import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Concatenate, ParamSpec, TypeVar, cast

from sqlalchemy import Connection

from imagedb.collecting import collect_done
from imagedb.content import sweep
from imagedb.database import Database
from imagedb.errors import ImageDBError, OutcomeUnknownError
from imagedb.events import give_positions
from imagedb.heartbeats import renew_host
from imagedb.namespaces import get_namespace, get_store
from imagedb.records import Caller, FinishedClaim, Namespace
from imagedb.requests import Answer, Request, add_answer, find_answer

P = ParamSpec("P")
T = TypeVar("T")

_log = logging.getLogger("imagedb.procedures")


def perform(
    database: Database,
    operation: Callable[Concatenate[Connection, Namespace, Caller, P], T],
    namespace: str,
    caller: Caller,
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """Run an operation that writes, and settle; on any error nothing has changed.

    Raises what `perform_unsettled` raises.
    """
    value = perform_unsettled(database, operation, namespace, caller, *args, **kwargs)
    settle(database)
    return value


def perform_unsettled(
    database: Database,
    operation: Callable[Concatenate[Connection, Namespace, Caller, P], T],
    namespace: str,
    caller: Caller,
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """Run an operation that writes, and leave it to the caller to `settle` soon.

    Its answer is stored under the caller's request ID: performing the same request again returns
    that answer.

    Raises:
        NamespaceNotFoundError: there is no such namespace.
        ConflictError: the request ID was used for another request.
        OutcomeUnknownError: the connection was lost in COMMIT and did not come back.
    """
    name = operation.__name__
    request = Request.of(caller, namespace, name, args, kwargs)

    def run(connection: Connection) -> Answer:
        answered = find_answer(connection, request)
        if answered:
            return answered
        store, platform = get_store(connection, namespace, caller.host)
        asking = replace(caller, platform=platform)
        value = operation(connection, store, asking, *args, **kwargs)
        add_answer(connection, request, value)
        return Answer(value)

    def recover(connection: Connection) -> Answer | None:
        return find_answer(connection, request)

    try:
        answer = database.write(run, request_id=caller.request_id, recover=recover)
    except ImageDBError:
        found = _answered_meanwhile(database, request)
        if found is None:
            raise
        answer = found
    if isinstance(answer.value, FinishedClaim):
        _later(partial(collect_done, database, answer.value.done))
    return cast("T", answer.value)


def perform_part(
    database: Database,
    operation: Callable[Concatenate[Connection, Namespace, Caller, P], T],
    namespace: str,
    caller: Caller,
    number: int,
    /,
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """Run a part of a request, as a request of its own under the caller's ID and a number.

    Raises:
        OutcomeUnknownError: see `perform`; it tells the ID under which the whole is repeated.
    """
    try:
        return perform(database, operation, namespace, caller.numbered(number), *args, **kwargs)
    except OutcomeUnknownError as error:
        raise OutcomeUnknownError(caller.request_id) from error


def keep_alive(
    database: Database,
    namespace: str,
    caller: Caller,
    host: str,
    *,
    lease_seconds: int | None = None,
) -> None:
    """Renew a host's heartbeat: no answer is kept, since to do it twice is as good as once.

    Raises:
        NamespaceNotFoundError: there is no such namespace.
        InvalidInputError, ConflictError: see `renew_host`.
    """

    def run(connection: Connection) -> bool:
        store = get_namespace(connection, namespace)
        return renew_host(connection, store, caller, host, lease_seconds=lease_seconds)

    if database.write(run, request_id=caller.request_id, recover=_run_again):
        settle(database)


def _run_again(_connection: Connection) -> None:
    """Tell the door, where nothing is kept, that it was not done."""


def _answered_meanwhile(database: Database, request: Request) -> Answer | None:
    """What the same request was told, made twice at once: it is why this one found no way."""
    with contextlib.suppress(ImageDBError), database.look() as connection:
        return find_answer(connection, request)
    return None


def settle(database: Database) -> None:
    """Give positions and sweep; what fails here was committed and is done by the next writer."""
    for step in (give_positions, sweep):
        _later(partial(step, database))


def _later(step: Callable[[], object]) -> None:
    try:
        step()
    except ImageDBError as error:
        _log.warning("left to the next writer: %s", error)
