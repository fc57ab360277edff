"""Faults from outside, each now and then: clients killed, connections cut, the server crashed.

What befalls a client's own connections is in `mischief`.
"""

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random

import psycopg
from sqlalchemy import make_url

from benchmarks.stress.crew import Crew
from benchmarks.stress.options import Options
from benchmarks.stress.places import Place

_CUT = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'imagedb' AND state <> 'idle'
    ORDER BY random() LIMIT 1
"""
KILL, CUT, CRASH = "client killed at random", "connection cut", "server crashed"


class Faults:
    """What happens to a run from outside, and how often it has."""

    def __init__(self, options: Options, place: Place, crew: Crew) -> None:
        self.made: Counter[str] = Counter()
        self._place = place
        self._crew = crew
        self._random = Random(f"{options.seed}/faults")
        self._seconds = options.seconds
        self._due = dict(self._first(options))

    def make(self) -> None:
        """Make the faults whose time has come."""
        for fault, due in list(self._due.items()):
            if time.monotonic() >= due:
                self._makers()[fault]()
                self._due[fault] = time.monotonic() + self._pause(fault)

    def _first(self, options: Options) -> Iterator[tuple[str, float]]:
        if options.faults:
            is_postgresql = options.engine == "postgresql"
            wanted = [KILL, *([CUT] if is_postgresql else [])]
            wanted += [CRASH] if self._place.server else []
            for fault in wanted:
                yield fault, time.monotonic() + self._pause(fault)

    def _makers(self) -> dict[str, Callable[[], None]]:
        return {KILL: self._kill, CUT: self._cut, CRASH: self._crash}

    def _pause(self, fault: str) -> float:
        usual = {KILL: 2.5, CUT: 0.7, CRASH: max(6.0, self._seconds / 15)}[fault]
        return usual * self._random.uniform(0.5, 1.5)

    def _kill(self) -> None:
        self._crew.kill_one(self._random)
        self.made[KILL] += 1

    def _cut(self) -> None:
        url = make_url(self._place.url).set(drivername="postgresql")
        with (
            contextlib.suppress(psycopg.OperationalError),
            psycopg.connect(url.render_as_string(hide_password=False)) as connection,
        ):
            self.made[CUT] += connection.execute(_CUT).rowcount

    def _crash(self) -> None:
        """Stop the server as if the power went out; seldom for longer than anybody waits."""
        server = self._place.server
        if server is None:
            return
        is_long = self._seconds > 100 and self.made[CRASH] % 5 == 4
        server.crash()
        self.made[CRASH] += 1
        try:
            time.sleep(9 if is_long else self._random.uniform(0, 1.5))
        finally:  # an interrupt ends the run, and its database is looked at
            server.start()
