"""How clients wait where the database is busy or away, so that they do not run against it."""

import threading
from random import Random
from typing import Final

from imagedb.errors import BusyError, DatabaseError, OutcomeUnknownError

FIRST: Final = 0.02
LONGEST: Final = 1.0
"""Seconds."""


class Rest:
    """Pauses of one client; each that follows another is twice as long, until something is done."""

    def __init__(self, random: Random, stopping: threading.Event) -> None:
        self._random = random
        self._stopping = stopping
        self._refusals = 0

    def after(self, error: Exception | None) -> None:
        """Pause behind an error of the database; anything else shows that it is there."""
        if not isinstance(error, BusyError | DatabaseError | OutcomeUnknownError):
            self._refusals = 0
            return
        longest = min(FIRST * 2**self._refusals, LONGEST)
        self._refusals += 1
        self._stopping.wait(longest * self._random.uniform(0.5, 1))
