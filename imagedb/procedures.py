"""The way a writing operation is run: in one transaction, answered once, then settled.

Operations take a connection and never commit; `perform` gives them one. After the commit it gives
positions to events and sweeps what was let go, each in a short transaction of its own, so that no
lock of the operation waits for them; if the process dies in between, the next writer does it.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Concatenate, ParamSpec, TypeVar, cast

from sqlalchemy import Connection

from imagedb.content import sweep
from imagedb.database import Database
from imagedb.errors import ImageDBError
from imagedb.events import give_positions
from imagedb.namespaces import get_store
from imagedb.records import Caller, Namespace
from imagedb.requests import Answer, add_answer, find_answer

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
    """Run an operation that writes; on any error nothing has changed.

    Its answer is stored under the caller's request ID: performing the same request again returns
    that answer.

    Raises:
        NamespaceNotFoundError: there is no such namespace.
        OutcomeUnknownError: the connection was lost in COMMIT and did not come back.
    """
    name = operation.__name__

    def run(connection: Connection) -> Answer:
        answered = find_answer(connection, caller, name)
        if answered:
            return answered
        store, platform = get_store(connection, namespace, caller.host)
        asking = replace(caller, platform=platform)
        value = operation(connection, store, asking, *args, **kwargs)
        add_answer(connection, caller, name, value)
        return Answer(value)

    def recover(connection: Connection) -> Answer | None:
        return find_answer(connection, caller, name)

    answer = database.write(run, request_id=caller.request_id, recover=recover)
    settle(database)
    return cast("T", answer.value)


def settle(database: Database) -> None:
    """Give positions and sweep; what fails here was committed and is done by the next writer."""
    for step in (give_positions, sweep):
        try:
            step(database)
        except ImageDBError as error:
            _log.warning("left to the next writer: %s", error)
