"""A process that opens or upgrades a database, and is held or killed at a place of its work.

::

    with playing(bare, "upgrade", hold="CREATE TABLE layer") as first:
        assert first.says() == "holds"
        ...
        first.goes_on()
        assert first.says() == "done"

A place is how a statement begins, or COMMIT: before the transaction is committed.
"""

import fcntl
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from unittest import mock

from sqlalchemy import Connection, Engine, event

from imagedb import migrations
from tests.migrations.bare import Bare

COMMIT: Final = "COMMIT"
PATIENCE: Final = 60
"""Seconds after which a process is killed, so that no test waits for ever."""
ROOT: Final = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Actor:
    """A process; it says a word a line."""

    process: subprocess.Popen[str]

    def says(self) -> str:
        """Wait for its next word; nothing if it has ended."""
        assert self.process.stdout
        return self.process.stdout.readline().rstrip("\n")

    def goes_on(self) -> None:
        """Let it go on."""
        assert self.process.stdin
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def ends(self) -> int:
        """Wait for its end, and give its exit code."""
        return self.process.wait()


@contextmanager
def playing(bare: Bare, action: str, *, hold: str = "", die: str = "") -> Iterator[Actor]:
    """Start a process, and end it if it has not ended by itself."""
    command = [sys.executable, "-m", "tests.migrations.actor", bare.url, action, hold, die]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        timer = threading.Timer(PATIENCE, process.kill)
        timer.start()
        try:
            yield Actor(process)
        finally:
            timer.cancel()
            process.kill()


@contextmanager
def at_place(place: str, action: Callable[[], None]) -> Iterator[None]:
    """Act when any engine of this process comes to a place."""

    def on_statement(_one: Any, _two: Any, statement: str, *_rest: Any) -> None:  # noqa: ANN401
        if statement.strip().startswith(place):
            action()

    def on_commit(_connection: Connection) -> None:
        action()

    what = ("commit", on_commit) if place == COMMIT else ("after_cursor_execute", on_statement)
    event.listen(Engine, *what)
    try:
        yield
    finally:
        event.remove(Engine, *what)


def _main(url: str, action: str, hold: str, die: str) -> None:
    act = migrations.open_database if action == "open" else migrations.upgrade
    with _telling_of_locks(), at_place(hold or die or "nothing", _hold if hold else _die):
        act(url)
    _say("done")


def _hold() -> None:
    _say("holds")
    sys.stdin.readline()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def _telling_of_locks() -> Iterator[None]:
    """Say, once, that a lock on a file is held by somebody else."""
    lock = fcntl.flock
    told: list[str] = []

    def telling(handle: int, operation: int) -> None:
        try:
            lock(handle, operation)
        except BlockingIOError:
            if not told:
                told.append("waits")
                _say("waits")
            raise

    with mock.patch("fcntl.flock", telling):
        yield


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _main(*sys.argv[1:])
