"""Databases of any revision, populated or without a table, on each engine."""

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from imagedb import migrations
from imagedb.database import parse_url
from tests.migrations.bare import Bare
from tests.migrations.population import REVISIONS, populate
from tests.servers import PostgresServer

Create = Callable[[Bare | None], Bare]
"""Make a database, a copy of another one or without a table."""

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Make:
    """Make databases: `make()` without a table, `make("0004")` of a revision and populated."""

    create: Create
    keep: Create
    """The same, for as long as the tests run."""
    kept: dict[str, Bare]

    def __call__(self, revision: str | None = None) -> Bare:
        """Make one."""
        return self.create(self._populated(revision) if revision else None)

    def _populated(self, revision: str) -> Bare:
        """Upgrade step by step and populate after each, as a long life would have done."""
        if revision not in self.kept:
            number = REVISIONS.index(revision)
            bare = self.keep(self._populated(REVISIONS[number - 1]) if number else None)
            command.upgrade(config_of(bare), revision)
            populate(bare, revision)
            self.kept[revision] = bare
        return self.kept[revision]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what makes databases on both engines, and on the oldest one where marked."""
    marks = metafunc.definition.iter_markers("parametrize")
    if "make" not in metafunc.fixturenames or any(mark.args[0] == "make" for mark in marks):
        return
    wants_third = metafunc.definition.get_closest_marker("postgresql15")
    engines = ["sqlite", "postgresql", *(["postgresql15"] if wants_third else [])]
    metafunc.parametrize("make", engines, indirect=True)


@pytest.fixture(scope="session")
def kept() -> dict[str, dict[str, Bare]]:
    """Populated databases to copy, by engine and revision."""
    return {}


@pytest.fixture
def make(
    request: pytest.FixtureRequest,
    kept: dict[str, dict[str, Bare]],
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Make]:
    """Make databases of the test's own."""
    mine = kept.setdefault(request.param, {})
    with ExitStack() as at_end:
        if request.param == "sqlite":
            folder = tmp_path_factory.mktemp("populated")
            yield Make(_files(tmp_path), _files(folder), mine)
        else:
            server: PostgresServer = request.getfixturevalue(request.param)
            yield Make(_databases(server, at_end), _databases(server, None), mine)


@pytest.fixture
def empty(make: Make) -> Bare:
    """A database without a table; on SQLite a file that is not there yet."""
    return make()


@pytest.fixture
def older(make: Make) -> Bare:
    """A populated database of a revision that is not the newest."""
    return make("0004")


def config_of(bare: Bare) -> Config:
    """Configure Alembic as the package does."""
    return migrations._config(parse_url(bare.url))


def _files(folder: Path) -> Create:
    def create(template: Bare | None) -> Bare:
        path = folder / f"{next(_numbers)}.db"
        if template:
            shutil.copyfile(template.path, path)
        return Bare(f"sqlite:///{path}")

    return create


def _databases(server: PostgresServer, at_end: ExitStack | None) -> Create:
    def create(template: Bare | None) -> Bare:
        name = f"migrated_{next(_numbers)}"
        server.create_database(name, template=template.name if template else None)
        if at_end is not None:
            at_end.callback(server.drop_database, name)
        return Bare(server.url(name), server.conninfo(name))

    return create
