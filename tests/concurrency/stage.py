"""Two or more who write at once, in an order that the test sets.

::

    deleter = stage.holds(lambda world: world.delete("app:1"), after=images.delete_images)
    creator = stage.waits(lambda world: world.run("app:1"), behind=deleter)
    assert deleter.ends() == (Untagged("app:1"), Deleted(app))
    with pytest.raises(ImageNotFoundError):
        creator.ends()

An **actor** plays on a thread and has a database connection of its own. Nothing sleeps: an actor
holds at a statement of `imagedb.sql` until it is let go, and it waits when the database says so:
by `pg_blocking_pids` on PostgreSQL; on SQLite by standing before BEGIN IMMEDIATE, which it must
not get past before the other one has ended.
"""

import threading
import time
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

import pytest
from sqlalchemy import Connection, Executable, event

from imagedb.database import Database
from tests.builders.world import World

T = TypeVar("T")
Play = Callable[[World], T]

PATIENCE: Final = 20.0
"""Seconds until something that should happen at once counts as a failure."""
POLL: Final = 0.002
BEGIN_WRITING: Final = "BEGIN IMMEDIATE"


class Actor(Generic[T]):
    """One who plays on a thread; it holds after a statement, the first time it is met."""

    def __init__(self, stage: "Stage", play: Play[T], after: Executable | None) -> None:
        self.database = Database(stage.database.url)
        self.attempts = 0
        """Transactions begun up to the first commit."""
        self.refusals: list[str] = []
        """SQLSTATEs of the statements that failed."""
        self.pid = 0
        self._stage = stage
        self._play = play
        self._after = after
        self._committed = False
        self._arrived = threading.Event()
        self._let_go = threading.Event()
        self._begins = threading.Event()
        self._result: T | None = None
        self._error: BaseException | None = None
        self._listen()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def arrives(self) -> None:
        """Wait until it holds at its statement."""
        self._arrived.wait(PATIENCE)
        if self._error:
            raise self._error
        if ("holds", self) not in self._stage.log:
            pytest.fail("an actor did not come to the statement at which it was to hold")

    def waits(self, behind: "Actor[Any]") -> None:
        """Wait until it waits for another one."""
        waits = self._waits_on_sqlite if self.database.is_sqlite else self._waits_on_postgresql
        deadline = time.monotonic() + PATIENCE
        while not waits(behind):
            if not self._thread.is_alive() or time.monotonic() > deadline:
                pytest.fail(f"an actor did not wait ({self._result!r}, {self._error!r})")
            time.sleep(POLL)

    def goes_on(self) -> None:
        """Let it go on."""
        self._let_go.set()

    def ends(self) -> T:
        """Let it go on, wait for its end; returns or raises what it did."""
        self.goes_on()
        self._thread.join(PATIENCE)
        if self._thread.is_alive():
            pytest.fail("an actor did not end")
        if self._error:
            raise self._error
        return self._result  # type: ignore[return-value]  # set if there is no error

    def leaves(self) -> None:
        """Let it go on, whatever comes of it, and give its connection back."""
        self._let_go.set()
        self._thread.join(PATIENCE)
        self.database.close()

    def _run(self) -> None:
        try:
            self._result = self._play(World(self.database))
        except BaseException as error:  # noqa: BLE001 - the test's thread raises it
            self._error = error
        self._arrived.set()

    def _waits_on_postgresql(self, behind: "Actor[Any]") -> bool:
        with self._stage.database.look() as connection:
            query = "SELECT %s = ANY (pg_blocking_pids(%s))"
            row = connection.exec_driver_sql(query, (behind.pid, self.pid)).one()
        return bool(row[0])

    def _waits_on_sqlite(self, behind: "Actor[Any]") -> bool:
        if not self._begins.is_set():
            return False
        assert ("begun", self) not in self._stage.log, "two write at once"
        self._stage.pairs.append((behind, self))
        return True

    # ── what happens on its connection ────────────────────────────────────────────────────────

    def _listen(self) -> None:
        engine = self.database.engine
        event.listen(engine, "begin", self._on_begin)
        event.listen(engine, "commit", self._on_commit)
        event.listen(engine, "rollback", self._on_end)
        event.listen(engine, "before_cursor_execute", self._before)
        event.listen(engine, "after_cursor_execute", self._when_executed)
        event.listen(engine, "handle_error", self._on_error)

    def _on_begin(self, connection: Connection) -> None:
        is_look = connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT"
        self.attempts += not is_look and not self._committed
        if not self.database.is_sqlite:
            self.pid = connection.connection.driver_connection.info.backend_pid  # type: ignore[union-attr]  # psycopg's

    def _on_commit(self, connection: Connection) -> None:
        self._committed = True
        self._on_end(connection)

    def _on_end(self, _connection: Connection) -> None:
        self._stage.log.append(("ends", self))

    def _before(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement == BEGIN_WRITING:
            self._begins.set()

    def _when_executed(
        self,
        _connection: object,
        _cursor: object,
        statement: str,
        _parameters: object,
        context: Any,  # noqa: ANN401 - of the dialect
        _many: object,
    ) -> None:
        if statement == BEGIN_WRITING:
            self._stage.log.append(("begun", self))
        if self._after is not None and context.invoked_statement is self._after:
            self._after = None
            self._stage.log.append(("holds", self))
            self._arrived.set()
            if not self._let_go.wait(PATIENCE):
                raise TimeoutError("nobody let the actor go on")

    def _on_error(self, context: Any) -> None:  # noqa: ANN401 - SQLAlchemy's ExceptionContext
        self.refusals.append(getattr(context.original_exception, "sqlstate", "") or "")


class Stage:
    """Where actors meet: one database, and what is proven of all that happened in it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.log: list[tuple[str, Actor[Any]]] = []
        self.pairs: list[tuple[Actor[Any], Actor[Any]]] = []
        """On SQLite: who ended before whom could begin."""
        self._actors: list[Actor[Any]] = []

    def holds(self, play: Play[T], *, after: Executable) -> Actor[T]:
        """Let somebody play up to a statement, inclusive, and hold there."""
        actor = Actor(self, play, after)
        self._actors.append(actor)
        actor.arrives()
        return actor

    def waits(self, play: Play[T], *, behind: Actor[Any]) -> Actor[T]:
        """Let somebody play; they must wait for who holds."""
        actor = Actor(self, play, None)
        self._actors.append(actor)
        actor.waits(behind)
        return actor

    def close(self) -> None:
        """Let everybody leave, then look at what happened."""
        for actor in self._actors:
            actor.leaves()
        for first, second in self.pairs:
            held = self.log.index(("holds", first))
            assert self.log.index(("ends", first), held) < self.log.index(("begun", second))


def beside(stage: Stage, first: Actor[Any], play: Play[T]) -> T:
    """Play while another one holds: PostgreSQL lets nobody wait; on SQLite one is behind."""
    if not stage.database.is_sqlite:
        return play(World(stage.database))
    second = stage.waits(play, behind=first)
    first.ends()
    return second.ends()
