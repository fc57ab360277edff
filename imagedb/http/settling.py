"""Settling behind the answers: positions and releases are not what a client waits for.

A writing request is answered as soon as it is committed. What comes after a commit (`procedures`)
is done by one thread, once for all that was committed in a moment; it ends when nothing is left.
"""

import logging
import threading
from typing import Final

from imagedb.database import Database
from imagedb.procedures import settle

MOMENT: Final = 0.05
"""Seconds; followers of events look less often."""
_log = logging.getLogger("imagedb.http")


class Settler:
    """Settles what was committed, by one thread at a time."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._asked = self._done = self._waiting = 0
        self._is_busy = False

    def ask(self, database: Database) -> None:
        """Have it settled soon."""
        with self._changed:
            self._asked += 1
            if not self._is_busy:
                self._is_busy = True
                threading.Thread(target=self._run, args=[database], name="settler").start()

    def wait(self) -> None:
        """Wait until all is settled that was committed before; it is hurried up."""
        with self._changed:
            asked = self._asked
            self._waiting += 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._done >= asked)
            self._waiting -= 1

    def _run(self, database: Database) -> None:
        while (asked := self._next()) is not None:
            try:
                settle(database)
            except Exception:  # noqa: BLE001 - or nothing would be settled any more
                _log.exception("what was committed is left to the next writer")
            with self._changed:
                self._done = asked
                self._changed.notify_all()

    def _next(self) -> int | None:
        with self._changed:
            self._is_busy = self._asked > self._done
            if self._is_busy:
                self._changed.wait_for(lambda: self._waiting, timeout=MOMENT)
            return self._asked if self._is_busy else None
