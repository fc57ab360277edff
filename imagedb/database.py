"""The database: an engine, and the three doors through which everything goes.

==========================  ===============================================================
`database.write(function)`  one transaction that may write; runs `function` again where that is safe
`database.read()`           one consistent snapshot that writes nothing
`database.look()`           an autocommit connection, for a read of one statement
==========================  ===============================================================

Only this module begins, commits, rolls back and retries. `write` takes a callable because a `with`
block cannot run twice: an operation whose locks no longer fit raises `StartOver`, and the door
rolls back, so that no lock is kept, and runs it again. Apart from that it repeats only what the
server surely rolled back: a serialization failure, a deadlock, SQLite's "busy" at BEGIN. A
connection that is lost before COMMIT has changed nothing, but may be lost again: the caller is
told. One lost *during* COMMIT may have changed everything: `recover` looks for the stored answer.

SQLite: WAL, `synchronous=FULL` (an acknowledged delete survives a power cut), foreign keys on,
and BEGIN IMMEDIATE for every transaction that may write: a deferred one that reads first dies with
"database is locked" whatever the busy timeout is.
"""

import contextlib
import logging
import random
import re
import time
from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, exc, make_url
from sqlalchemy.engine import URL
from sqlalchemy.pool import QueuePool

from imagedb.errors import (
    BusyError,
    DatabaseError,
    ImageDBError,
    InvalidDatabaseURLError,
    InvalidInputError,
    OutcomeUnknownError,
)

T = TypeVar("T")

MAX_ATTEMPTS: Final = 20
"""How often `write` runs a function before it gives up with `BusyError`."""
LOCK_TIMEOUT_MS: Final = 30_000
SQLITE_WAIT_MS: Final = 1_000
"""How long SQLite waits by itself; no signal is heard meanwhile, so `write` asks again."""
STATEMENT_TIMEOUT_MS: Final = 300_000
RECOVERY_WAITS: Final = (0.05, 0.2, 0.5, 1.0, 2.0, 4.0)
"""Seconds between the attempts to learn what became of a lost COMMIT."""

_log = logging.getLogger("imagedb.database")
RETRIES: Final = ("start over", "serialization", "deadlock", "busy", "commit lost")
"""Why a transaction is run again."""
_RETRIED: Final = {"40001": "serialization", "40P01": "deadlock"}
_ROLLED_BACK: Final = frozenset(_RETRIED)
_BUSY: Final = frozenset({"55P03", "57014", "53300", "57P01", "57P02", "57P03", "40001", "40P01"})
_UNSTORABLE: Final = (exc.StatementError, OverflowError, UnicodeError)
"""Of values, not of the database; `DBAPIError`, which is a `StatementError`, goes first."""
_SHOWN: Final = 40
"""Characters on either side of one that no text may hold."""
_SQLITE_BUSY: Final = ("SQLITE_BUSY", "SQLITE_LOCKED")
_DISK_FULL: Final = frozenset({"SQLITE_FULL", "53100"})
_NOT_NOW: Final = re.compile(
    r"FATAL: +(the database system is |sorry, too many clients|remaining connection slots)"
)
"""Of a server that starts, stops or is full: libpq gives no SQLSTATE where it cannot connect."""
_AWAY: Final = re.compile(
    r"failed: (Connection (refused|reset by peer|timed out)|No such file or directory|"
    r"No route to host|server closed the connection unexpectedly)|connection timeout expired"
)
"""Of a server that is stopped, its socket removed, or that stops while one connects."""


class StartOver(Exception):  # noqa: N818 - not an error: a request to the door
    """The locks taken do not fit what is there now: roll back and run again."""


class Database:
    """An imagedb database on SQLite or PostgreSQL."""

    def __init__(self, url: str | URL) -> None:
        self.url = parse_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(self.url) if self.is_sqlite else _postgresql_engine(self.url)
        self._reading = self.engine.execution_options(**_reading_options(is_sqlite=self.is_sqlite))
        self._looking = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self.on_retry: Callable[[str], None] = _ignore
        """Told why a transaction is run again, in one of `RETRIES`."""

    def __repr__(self) -> str:
        return f"Database({self.url.render_as_string()!r})"

    def write(
        self,
        function: Callable[[Connection], T],
        *,
        request_id: str = "",
        recover: Callable[[Connection], T | None] | None = None,
    ) -> T:
        """Run a function in a transaction and commit; on any exception nothing has changed.

        Raises:
            BusyError: others held what it needs for `LOCK_TIMEOUT_MS`, or changed it each of
                `MAX_ATTEMPTS` times.
            OutcomeUnknownError: the connection was lost in COMMIT, and `recover` could not tell.
        """
        deadline = time.monotonic() + LOCK_TIMEOUT_MS / 1000
        attempt = 0
        while attempt < MAX_ATTEMPTS:
            try:
                return self._write_once(function)
            except StartOver:
                attempt += 1
                self._pause(attempt, "start over", "the locks do not fit")
            except exc.DBAPIError as error:
                if not _was_rolled_back(error) or time.monotonic() > deadline:
                    raise translated(error) from error
                attempt += not _is_sqlite_busy(error)  # it has waited, and nothing was run
                self._pause(attempt, _RETRIED.get(_sqlstate(error), "busy"), error)
            except _UNSTORABLE as error:
                raise _not_storable(error) from error
            except _CommitLost:
                self.on_retry("commit lost")
                answer = self._recover(recover, request_id)
                if answer is not None:
                    return answer
                attempt += 1
        raise BusyError(
            f"others kept changing what this needs ({MAX_ATTEMPTS} attempts); try again"
        )

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent snapshot, for reads of several statements."""
        with translated_errors(), self._reading.connect() as connection, connection.begin():
            yield connection

    @contextlib.contextmanager
    def look(self) -> Iterator[Connection]:
        """A connection for reads of one statement, without the cost of a transaction."""
        with translated_errors(), self._looking.connect() as connection:
            yield connection

    @property
    def connections(self) -> tuple[int, int]:
        """How many connections are in use, and how many wait to be used."""
        pool = self.engine.pool
        return (pool.checkedout(), pool.checkedin()) if isinstance(pool, QueuePool) else (0, 0)

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()

    def _pause(self, attempt: int, why: str, reason: object) -> None:
        """Wait a little, by chance, so that those who met do not meet again."""
        self.on_retry(why)
        _log.info("transaction rolled back (%d): %s", attempt, reason)
        time.sleep(random.uniform(0, min(0.001 * 2**attempt, 0.25)))  # noqa: S311 - jitter, no secret

    def _write_once(self, function: Callable[[Connection], T]) -> T:
        with self.engine.connect() as connection:
            transaction = connection.begin()
            try:
                result = function(connection)
            except BaseException:
                _roll_back(transaction)
                raise
            try:
                transaction.commit()
            except exc.DBAPIError as error:
                if error.connection_invalidated:
                    raise _CommitLost from error
                raise
            return result

    def _recover(
        self, recover: Callable[[Connection], T | None] | None, request_id: str
    ) -> T | None:
        """The stored answer of a request whose COMMIT was lost; None if it did not happen."""
        for seconds in RECOVERY_WAITS if recover else ():
            time.sleep(seconds)
            with contextlib.suppress(ImageDBError), self.look() as connection:
                return recover(connection) if recover else None
        raise OutcomeUnknownError(request_id)


def _ignore(_why: str) -> None:
    """Tell nobody."""


class _CommitLost(Exception):  # noqa: N818 - never leaves this module
    """The connection went away while COMMIT was under way."""


def parse_url(url: str | URL) -> URL:
    """Check a database URL and choose the driver.

    Raises:
        InvalidDatabaseURLError: it is neither SQLite nor PostgreSQL.
    """
    try:
        parsed = make_url(url)
    except (exc.ArgumentError, ValueError):
        raise InvalidDatabaseURLError(
            f"invalid database URL {str(url)[:80]!r}: {_URL_HELP}"
        ) from None
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        if not parsed.database or parsed.database == ":memory:" or "\0" in parsed.database:
            raise InvalidDatabaseURLError(f"imagedb needs a SQLite file: {_URL_HELP}")
        if parsed.host or parsed.query:
            raise InvalidDatabaseURLError(f"a SQLite URL has a path alone: {_URL_HELP}")
        return parsed.set(drivername="sqlite+pysqlite")
    if backend in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+psycopg")
    raise InvalidDatabaseURLError(f"unsupported database {backend!r}: {_URL_HELP}")


_URL_HELP: Final = "expected sqlite:///PATH or postgresql://USER@HOST/DATABASE"


def _sqlite_engine(url: URL) -> Engine:
    engine = create_engine(url, connect_args={"timeout": SQLITE_WAIT_MS / 1000})

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's
        connection.isolation_level = None  # BEGIN is ours
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("isolation_level") != "AUTOCOMMIT":
            connection.exec_driver_sql(
                "BEGIN" if options.get("imagedb_read") else "BEGIN IMMEDIATE"
            )

    return engine


def _postgresql_engine(url: URL) -> Engine:
    """Statements are prepared at once, unless `?prepare=off` says that a pooler forbids it."""
    prepare = url.query.get("prepare", "on") != "off"
    settings = {
        "lock_timeout": LOCK_TIMEOUT_MS,
        "statement_timeout": STATEMENT_TIMEOUT_MS,
        "idle_in_transaction_session_timeout": STATEMENT_TIMEOUT_MS,
        "timezone": "UTC",
    }
    return create_engine(
        url.difference_update_query(["prepare"]),
        connect_args={
            "prepare_threshold": 0 if prepare else None,
            "application_name": "imagedb",
            "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
        },
    )


def _reading_options(*, is_sqlite: bool) -> dict[str, Any]:
    if is_sqlite:
        return {"imagedb_read": True}
    return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def _roll_back(transaction: Any) -> None:  # noqa: ANN401 - RootTransaction is not public
    """Roll back; a connection that is gone must not hide why."""
    with contextlib.suppress(exc.DBAPIError):
        transaction.rollback()


def _sqlstate(error: exc.DBAPIError) -> str:
    return (
        getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", "") or ""
    )


def _was_rolled_back(error: exc.DBAPIError) -> bool:
    """Whether the server has surely undone all of it, and running again may succeed."""
    state = _sqlstate(error)
    return state in _ROLLED_BACK or _is_sqlite_busy(error)


def _is_sqlite_busy(error: exc.DBAPIError) -> bool:
    """Whether another process holds the file, and this one has not begun."""
    return _sqlstate(error).startswith(_SQLITE_BUSY) and error.statement == "BEGIN IMMEDIATE"


@contextlib.contextmanager
def translated_errors() -> Iterator[None]:
    """Turn what drivers raise into our own errors."""
    try:
        yield
    except exc.DBAPIError as error:
        raise translated(error) from error
    except _UNSTORABLE as error:
        raise _not_storable(error) from error


def _not_storable(error: Exception) -> InvalidInputError:
    """What drivers raise for a value before a database has seen it."""
    said = getattr(error, "orig", None) or error
    if isinstance(said, UnicodeEncodeError):
        return InvalidInputError(_tell_no_text(said))
    if isinstance(said, OverflowError):
        said = "a number is too large; give a smaller one"
    return InvalidInputError(f"what was given cannot be stored: {said}")


def _tell_no_text(error: UnicodeEncodeError) -> str:
    """Which value it is, with escapes: Python gives a byte that is no UTF-8 as half a character."""
    around = error.object[max(0, error.start - _SHOWN) : error.start + _SHOWN]
    shown = "".join(
        f"\\x{ord(one) - 0xDC00:02x}"
        if "\udc80" <= one <= "\udcff"
        else one.encode("utf-8", "backslashreplace").decode()
        for one in around
    )
    return f"what was given cannot be stored: '{shown}' is no UTF-8 text; give it in UTF-8"


def translated(error: exc.DBAPIError) -> ImageDBError:
    """Our own error for a driver's."""
    state = _sqlstate(error)
    said = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else "no reason given"
    return _find_busy(error, state, said) or _refusal(error, state, said)


def _find_busy(error: exc.DBAPIError, state: str, said: str) -> BusyError | None:
    """What a second attempt may get past."""
    if state in _BUSY or state.startswith(_SQLITE_BUSY):
        return BusyError(f"the database is busy ({said}); nothing was changed, try again")
    if error.connection_invalidated:
        return BusyError(f"the connection to the database was lost ({said}); try again")
    return None if state else _find_away(said)


def _find_away(said: str) -> BusyError | None:
    """What a connection that was never made is refused for, and may not be for long."""
    found = _NOT_NOW.search(said)
    if found:
        reason = said[found.start() :]
        return BusyError(f"the database takes no connections now ({reason}); try again")
    if _AWAY.search(said):
        remedy = "nothing was changed: see that it runs, and where, then try again"
        return BusyError(f"the database cannot be reached ({said}); {remedy}")
    return None


def _refusal(error: exc.DBAPIError, state: str, said: str) -> ImageDBError:
    if isinstance(error, exc.DataError) and not state:  # psycopg, before it sends anything
        return InvalidInputError(f"what was given cannot be stored: {said}")
    if state in _DISK_FULL:
        return DatabaseError(
            f"the disk of the database is full ({said}); nothing was changed: make room, try again"
        )
    if state.startswith("SQLITE_READONLY"):
        return DatabaseError(
            f"cannot use the database: {said}; imagedb writes beside the file even when it only "
            "reads (WAL): make the file and its folder writable, or list a copy",
        )
    if isinstance(error, exc.OperationalError) and not state:
        remedy = "nothing was changed: see that it can be reached, then try again"
        return DatabaseError(f"cannot use the database: {said}; {remedy}")
    return DatabaseError(f"the database refused: {said}")
