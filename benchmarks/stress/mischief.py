"""Faults that a client's own connections meet.

On PostgreSQL a transaction now and then has a lock or statement timeout of milliseconds, loses its
connection in COMMIT (before or behind what the server does), or its client is killed at one of its
statements. On SQLite the disk is full for a transaction (the file may not grow), or the client is
killed at a statement or in COMMIT.
"""

import os
import signal
import time
from collections.abc import Callable
from random import Random
from typing import Any, Final, NoReturn

from sqlalchemy import Connection, event

from benchmarks.stress.history import HistoryWriter
from imagedb.database import Database

TIMEOUT: Final = 0.04
FULL: Final = 0.05
DEATH: Final = 0.0015
LOSS: Final = 0.004
"""Probabilities for each transaction."""
LONGEST_PAUSE: Final = 0.03
"""Seconds."""
MAX_PAGES: Final = 1_073_741_823


def dawdle(database: Database, random: Random, share: float, when: Callable[[], bool]) -> None:
    """Pause at some statements, as a client far away does, so that transactions meet."""

    def pause(*_: object) -> None:
        if when() and random.random() < share:
            time.sleep(random.uniform(0, LONGEST_PAUSE))

    event.listen(database.engine, "after_cursor_execute", pause)


class Mischief:
    """What befalls the transactions of one client."""

    def __init__(self, random: Random, history: HistoryWriter) -> None:
        self._random = random
        self._history = history
        self._is_sqlite = False
        self._dies_after = 0
        """Statements until the client is killed; none if zero."""
        self._is_full = False

    def attach(self, database: Database) -> None:
        """Let it befall all that a database does from here."""
        self._is_sqlite = database.is_sqlite
        engine = database.engine
        event.listen(engine, "begin", self._on_begin, insert=True)
        event.listen(engine, "after_cursor_execute", self._on_statement)
        dialect: Any = engine.dialect
        self._commit = dialect.do_commit
        dialect.do_commit = self._on_commit

    def _on_begin(self, connection: Connection) -> None:
        options = connection.get_execution_options()
        self._dies_after = 0
        if options.get("isolation_level") == "AUTOCOMMIT":
            return
        if self._happens(DEATH):
            self._dies_after = self._random.randint(1, 25)
        if self._is_sqlite and not options.get("imagedb_read"):
            self._fill_disk(connection)
        elif not self._is_sqlite and self._happens(TIMEOUT):
            setting = self._random.choice(("lock_timeout", "statement_timeout"))
            connection.exec_driver_sql(f"SET LOCAL {setting} = {self._random.randint(1, 30)}")
            self._history.write("fault", f"{setting} of milliseconds")

    def _fill_disk(self, connection: Connection) -> None:
        """The file may not grow while its limit is below its size."""
        is_full = self._happens(FULL)
        if is_full != self._is_full:
            pages = 1 if is_full else MAX_PAGES
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
            self._is_full = is_full
        if is_full:
            self._history.write("fault", "disk full for a transaction")

    def _on_statement(self, *_: object) -> None:
        if self._dies_after:
            self._dies_after -= 1
            if not self._dies_after:
                self._die("at a statement")

    def _on_commit(self, connection: Any) -> None:  # noqa: ANN401 - the driver's
        if self._happens(DEATH):
            self._die("before COMMIT")
        if self._happens(DEATH):
            self._commit(connection)
            self._die("behind COMMIT")
        if not self._is_sqlite and self._happens(LOSS):
            is_late = self._happens(0.5)
            if is_late:
                self._commit(connection)
            when = "behind" if is_late else "before"
            self._history.write("fault", f"connection lost {when} COMMIT")
            connection.driver_connection.close()
        self._commit(connection)

    def _happens(self, probability: float) -> bool:
        return self._random.random() < probability

    def _die(self, where: str) -> NoReturn:
        self._history.write("fault", f"client killed {where}")
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("a kill cannot be survived")
