"""Databases that nothing has been done to yet, on each engine."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from imagedb import migrations
from imagedb.database import parse_url
from tests.migrations.bare import Bare
from tests.migrations.population import REVISIONS, populate
from tests.servers import PostgresServer

Make = Callable[[], Bare]

_numbers = itertools.count(1)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what makes databases on both engines, and on the oldest one where marked."""
    if "make" not in metafunc.fixturenames:
        return
    wants_third = metafunc.definition.get_closest_marker("postgresql15")
    engines = ["sqlite", "postgresql", *(["postgresql15"] if wants_third else [])]
    metafunc.parametrize("make", engines, indirect=True)


@pytest.fixture
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """Make databases without a table; those of SQLite are files that are not there yet."""
    if request.param == "sqlite":
        yield lambda: Bare(f"sqlite:///{tmp_path / f'{next(_numbers)}.db'}")
        return
    server: PostgresServer = request.getfixturevalue(request.param)
    with ExitStack() as at_end:

        def create() -> Bare:
            name = f"empty_{next(_numbers)}"
            server.create_database(name)
            at_end.callback(server.drop_database, name)
            return Bare(server.url(name), server.conninfo(name))

        yield create


@pytest.fixture
def empty(make: Make) -> Bare:
    """A database without a table."""
    return make()


@pytest.fixture
def older(empty: Bare) -> Bare:
    """A populated database of a revision that is not the newest."""
    return raised(empty, "0004")


@pytest.fixture
def file(tmp_path: Path) -> Bare:
    """A SQLite file that is not there yet, nor its folder."""
    return Bare(f"sqlite:///{tmp_path / 'new' / 'folder' / 'imagedb.db'}")


@pytest.fixture
def older_file(file: Bare) -> Bare:
    """A populated SQLite file of a revision that is not the newest."""
    return raised(file, "0004")


def config_of(bare: Bare) -> Config:
    """Configure Alembic as the package does."""
    return migrations._config(parse_url(bare.url))


def raised(bare: Bare, revision: str) -> Bare:
    """Upgrade step by step, and populate after each, as a long life would have done."""
    for step in REVISIONS[: REVISIONS.index(revision) + 1]:
        command.upgrade(config_of(bare), step)
        populate(bare, step)
    if not bare.conninfo:
        for copy in bare.path.parent.glob("*.before-*"):
            copy.unlink()
    return bare
