"""The installed command, in a process of its own, with nothing of the user's around it."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from imagedb.checking import check_database
from imagedb.containers import list_containers
from imagedb.database import Database
from imagedb.digests import ImageID
from imagedb.namespaces import list_namespaces
from imagedb.records import Container, Event, ImageSummary, Namespace
from tests.builders.world import World

TIMEOUT = 120
"""Seconds that no command may take, however busy the machine is."""


def _hear_interruptions() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@dataclass(frozen=True, slots=True)
class Done:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """What it printed, without the blanks that fill a table."""
        return [line.rstrip() for line in self.out.splitlines()]

    @property
    def json_lines(self) -> list[dict[str, Any]]:
        """What it printed with `--format json`."""
        return [json.loads(line) for line in self.lines]


class State(NamedTuple):
    """What is stored."""

    images: Mapping[ImageID, ImageSummary]
    containers: Sequence[Sequence[Container]]
    events: Sequence[Event]
    namespaces: Sequence[Namespace]


@dataclass(slots=True)
class Command:
    """The console command and its environment; calling it runs it to its end."""

    path: Path
    environment: dict[str, str]
    folder: Path
    url: str
    _database: Database | None = field(default=None, repr=False)

    def __call__(self, *arguments: str, stdin: bytes = b"", **settings: str) -> Done:
        """Run it; `settings` are environment variables."""
        done = subprocess.run(
            [self.path, *arguments],
            input=stdin,
            capture_output=True,
            cwd=self.folder,
            env=self.environment | settings,
            timeout=TIMEOUT,
            check=False,
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start it, with pipes for its input and outputs.

        It hears interruptions, also where the tests run in a shell's background, which does not.
        """
        return subprocess.Popen(
            [self.path, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.folder,
            env=self.environment,
            preexec_fn=_hear_interruptions,  # noqa: PLW1509 - no thread holds a lock here
        )

    @property
    def database(self) -> Database:
        """Its database, opened by this process."""
        if self._database is None:
            self._database = Database(self.url)
        return self._database

    @property
    def world(self) -> World:
        """A quick way to bring about what a test begins with."""
        return World(self.database)

    def state(self) -> State:
        """All that a refused command must not change."""
        world = self.world
        with self.database.read() as connection:
            namespaces = list_namespaces(connection)
            containers = [list_containers(connection, one, all=True) for one in namespaces]
        return State(world.images(), containers, world.events(), namespaces)

    def close(self) -> None:
        """Give the connections back."""
        if self._database is not None:
            self._database.close()


@pytest.fixture(scope="session")
def console_command() -> Path:
    """The command as pip installs it, beside the interpreter."""
    path = Path(sys.executable).with_name("imagedb")
    if not path.exists():
        pytest.fail(f"{path} is missing: install the package (make venv)")
    return path


@pytest.fixture
def bare(console_command: Path, tmp_path: Path) -> Iterator[Command]:
    """The command of a user who has never used it."""
    folder, home = tmp_path / "work", tmp_path / "home"
    folder.mkdir()
    home.mkdir()
    environment = {
        "HOME": str(home),
        "PATH": os.defpath,
        "TZ": "UTC",
        "LANG": "C.UTF-8",
        "IMAGEDB_ACTOR": "tester@test",
        "IMAGEDB_HOST_NAME": "web-1",
    }
    file = home / ".local" / "share" / "imagedb" / "imagedb.db"
    command = Command(console_command, environment, folder, f"sqlite:///{file}")
    yield command
    command.close()


@pytest.fixture
def imagedb(bare: Command, sqlite_template: Path) -> Iterator[Command]:
    """The command with an empty database at its usual place, consistent at the end."""
    file = Path(bare.environment["HOME"], ".local", "share", "imagedb", "imagedb.db")
    file.parent.mkdir(parents=True)
    shutil.copy(sqlite_template, file)
    yield bare
    with bare.database.read() as connection:
        assert check_database(connection) == ()


@pytest.fixture
def imagedb_anywhere(bare: Command, database: Database) -> Command:
    """The command with an empty database on each engine, named by `IMAGEDB_URL`."""
    bare.url = database.url.render_as_string(hide_password=False)
    bare.environment["IMAGEDB_URL"] = bare.url
    return bare
