"""Retention: old events, releases that are done, and answers are removed when somebody says so.

In batches of one transaction each: whatever interrupts it, whole batches are removed, and the next
one goes on. Several at once take different rows. "Old" is told by the database's clock.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection

from imagedb.collecting import collect_done
from imagedb.columns import EPOCH
from imagedb.database import Database
from imagedb.errors import InvalidInputError
from imagedb.sql import retention as sql

RETENTION_BATCH: Final = 1_000
"""Rows removed in one transaction."""
EVENTS_KEPT: Final = timedelta(days=90)
DONE_KEPT: Final = timedelta(days=30)
ANSWERS_KEPT: Final = timedelta(days=7)
ANSWERS_NEEDED: Final = timedelta(hours=1)
"""No request lasts that long: `db check` tells by it which events are of which answer."""


def prune_events(database: Database, *, before: datetime | timedelta = EVENTS_KEPT) -> int:
    """Remove events of all namespaces from before a moment, or older than that; returns how many.

    A follower who has not seen them is told (`EventsGoneError`). Positions are never given again.
    """
    return _prune(database, before, _prune_some_events)


def prune_done_releases(database: Database, *, before: datetime | timedelta = DONE_KEPT) -> int:
    """Forget releases of all namespaces that were done before a moment; returns how many.

    Their rows are collected first, if a killed process left them: afterwards nothing would tell
    that their bytes are gone. For the same reason those are kept whose row waits, unused, for
    another release to be done, as a layer's does for its manifest's.
    """
    values: dict[str, Any] = {"before": _moment(database, before), "limit": RETENTION_BATCH}
    values |= {"after": EPOCH, "last": 0}
    removed = 0
    while True:
        with database.look() as connection:
            old = connection.execute(sql.old_done_releases, values).all()
        collect_done(database, old)
        keys = {"releases": [row.id for row in old]}
        removed += database.write(partial(_delete_done_releases, keys=keys)) if old else 0
        if len(old) < RETENTION_BATCH:
            return removed
        values |= {"after": old[-1].done_at, "last": old[-1].id}


def _delete_done_releases(connection: Connection, keys: dict[str, Any]) -> int:
    return connection.execute(sql.delete_done_releases, keys).rowcount


def prune_answers(database: Database, *, before: datetime | timedelta = ANSWERS_KEPT) -> int:
    """Forget what requests were answered before a moment; returns how many.

    A request that is sent again after its answer is forgotten is done again.

    Raises:
        InvalidInputError: that is less than an hour ago, while who lost a connection may still ask.
    """
    if _moment(database, before) > _moment(database, ANSWERS_NEEDED):
        raise InvalidInputError(
            "answers are kept for an hour at least: who lost a connection asks for them"
        )
    return _prune(database, before, _prune_some_answers)


Step = Callable[[Connection, dict[str, Any]], int]
"""Remove no more than a batch; returns the number of rows."""


def _prune(database: Database, before: datetime | timedelta, step: Step) -> int:
    values = {"before": _moment(database, before), "limit": RETENTION_BATCH}
    removed = 0
    while True:
        count = database.write(lambda connection: step(connection, values))
        removed += count
        if count < RETENTION_BATCH:
            return removed


def read_clock(database: Database) -> datetime:
    """Tell the database's time, from which all ages count."""
    with database.look() as connection:
        now: datetime = connection.execute(sql.moment).scalar_one()
    return now


def _moment(database: Database, before: datetime | timedelta) -> datetime:
    if isinstance(before, datetime):
        return before
    now = read_clock(database)
    try:
        return now - before
    except OverflowError:
        raise InvalidInputError(f"nothing is {before.days} days old") from None


def _prune_some_events(connection: Connection, values: dict[str, Any]) -> int:
    """Events, and the cut, in one transaction: no follower misses one without being told."""
    positions = connection.execute(sql.delete_old_events, values).scalars().all()
    if positions:
        highest = {"position": max(position or 0 for position in positions)}
        connection.execute(sql.add_cut, highest)
        connection.execute(sql.delete_lower_cuts, highest)
    return len(positions)


def _prune_some_answers(connection: Connection, values: dict[str, Any]) -> int:
    return connection.execute(sql.delete_old_answers, values).rowcount
