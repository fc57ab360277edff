"""Connections that are lost: before COMMIT nothing happened, in COMMIT the stored answer tells."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, event

from imagedb import database as doors
from imagedb.database import Database
from imagedb.errors import BusyError, OutcomeUnknownError
from imagedb.namespaces import add_namespace, list_namespaces
from imagedb.procedures import perform
from imagedb.records import Caller, Deleted, Untagged
from imagedb.tags import tag_image
from tests.builders.images import an_image
from tests.builders.world import World

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


def test_connection_lost_before_commit_changes_nothing(database: Database) -> None:
    """It may be lost again, so it is not repeated but told."""
    attempts = []

    def lose(connection: Connection) -> None:
        add_namespace(connection, "lab")
        attempts.append(1)
        _end_session(database, connection)
        _all(connection)

    with pytest.raises(BusyError, match="try again"):
        database.write(lose)
    assert len(attempts) == 1
    with database.look() as connection:
        assert _all(connection) == ["default"]


def test_connection_lost_behind_commit_gives_the_stored_answer(database: Database) -> None:
    """The server has committed and could not say so: the request's answer says it."""
    world = World(database)
    app = world.add(an_image("ab"), "app:1")

    with _losing_commit(database, _commit_and_close):
        records = world.delete("app:1")

    assert records == (Untagged("app:1"), Deleted(app))
    assert world.images() == {}
    assert [e.action for e in world.events() if e.actor_id == app] == ["load", "untag", "delete"]


def test_connection_lost_in_commit_runs_again_if_it_did_not_happen(database: Database) -> None:
    """There is no answer: the server has taken everything back, and it is done once."""
    world = World(database)
    app = world.add(an_image("ab"), "app:1")

    with _losing_commit(database, lambda connection: _end_session(database, connection)) as lost:
        world.tag("app:1", "app:2")

    assert lost == [1]
    assert world.images()[app].names == ("app:1", "app:2")
    assert [event.action for event in world.events()] == ["load", "tag"]


def test_connection_that_is_lost_in_each_commit_is_given_up(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Attempts are counted, whatever ends them."""
    monkeypatch.setattr(doors, "MAX_ATTEMPTS", 2)
    monkeypatch.setattr(doors, "RECOVERY_WAITS", (0,))
    world = World(database)
    world.add(an_image("ab"), "app:1")

    def lose(connection: Connection) -> None:
        _end_session(database, connection)

    event.listen(database.engine, "commit", lose)
    with pytest.raises(BusyError, match="2 attempts"):
        world.tag("app:1", "app:2")
    event.remove(database.engine, "commit", lose)


@pytest.mark.parametrize("is_committed", [True, False])
def test_outcome_stays_unknown_while_the_database_is_away(
    database: Database, monkeypatch: pytest.MonkeyPatch, *, is_committed: bool
) -> None:
    """The error names the request; made again under its ID, it happens once in all."""
    monkeypatch.setattr(doors, "RECOVERY_WAITS", (0, 0))
    world = World(database)
    app = world.add(an_image("ab"), "app:1")
    caller = Caller("tester@test", "web-1", request_id="r1")

    def tag(database: Database) -> None:
        perform(database, tag_image, "default", caller, "app:1", "app:2")

    with _another(database.url) as client, _away(database) as leave:

        def lose(connection: Connection) -> None:
            if is_committed:
                _commit_and_close(connection)
            leave()

        with _losing_commit(client, lose), pytest.raises(OutcomeUnknownError) as caught:
            tag(client)

    assert caught.value.request_id == "r1"
    assert "IMAGEDB_REQUEST_ID=r1" in str(caught.value)
    tag(database)
    assert world.images()[app].names == ("app:1", "app:2")
    assert [event.action for event in world.events()] == ["load", "tag"]


# ── what the tests above do by themselves ─────────────────────────────────────────────────────


def _all(connection: Connection) -> list[str]:
    return [namespace.name for namespace in list_namespaces(connection)]


def _driver(connection: Connection) -> Any:  # noqa: ANN401 - psycopg's
    return connection.connection.driver_connection


def _end_session(database: Database, connection: Connection) -> None:
    """End a connection's session on the server, and wait until it is gone."""
    pid = _driver(connection).info.backend_pid
    with database.look() as other:
        other.exec_driver_sql("SELECT pg_terminate_backend(%s, 10000)", (pid,))


def _commit_and_close(connection: Connection) -> None:
    """Let the server commit, and lose the connection before it can say so."""
    driver = _driver(connection)
    driver.commit()
    driver.close()


@contextmanager
def _losing_commit(database: Database, lose: Callable[[Connection], None]) -> Iterator[list[int]]:
    """Lose the connection in the next COMMIT; yields how often that happened."""
    lost: list[int] = []

    def on_commit(connection: Connection) -> None:
        if not lost:
            lost.append(1)
            lose(connection)

    event.listen(database.engine, "commit", on_commit)
    try:
        yield lost
    finally:
        event.remove(database.engine, "commit", on_commit)


@contextmanager
def _another(url: Any) -> Iterator[Database]:  # noqa: ANN401 - text or URL
    database = Database(url)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def _away(database: Database) -> Iterator[Callable[[], None]]:
    """Yields a function that takes the database away from everybody, until the end."""
    name = database.url.database
    server = database.url.set(database="postgres")

    def allow(*, connections: bool) -> None:
        with _another(server) as other, other.look() as connection:
            connection.exec_driver_sql(
                f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS {str(connections).lower()}'
            )
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s",
                (name,),
            )

    try:
        yield lambda: allow(connections=False)
    finally:
        allow(connections=True)
        database.close()
