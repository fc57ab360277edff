"""What all tests share: a database of their own, on each engine, and who asks.

A database is a copy of a template, made once in each worker: a file's copy on SQLite, `CREATE
DATABASE ... TEMPLATE` on a server of the worker's own. After each test it must keep every promise
that `db check` knows.
"""

import itertools
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import hypothesis
import pytest

from imagedb import migrations
from imagedb.checking import check_database
from imagedb.database import Database
from imagedb.namespaces import get_namespace
from imagedb.records import Caller, Namespace
from tests.servers import (
    FAST,
    PostgresServer,
    debian_binaries,
    memory_folder,
    postgres_server,
)

TEMPLATE = "imagedb_template"
KEPT_SETTINGS = frozenset({"IMAGEDB_REAL_IMAGES"})

hypothesis.settings.register_profile("dev", deadline=None, max_examples=50)
hypothesis.settings.register_profile("ci", deadline=None, max_examples=200, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))

_numbers = itertools.count(1)


def pytest_configure(config: pytest.Config) -> None:
    """Name the marks."""
    config.addinivalue_line(
        "markers", "inconsistent: leaves a database behind that breaks imagedb's promises"
    )
    config.addinivalue_line(
        "markers", "postgresql15: runs on the oldest supported PostgreSQL too, where installed"
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures that tests recorded, of whichever worker."""
    for report in terminalreporter.getreports("passed"):
        for name, figure in report.user_properties:
            terminalreporter.write_line(f"{report.nodeid}: {figure} {name}")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what wants a database on both engines, unless the test chooses its own."""
    marks = metafunc.definition.iter_markers("parametrize")
    if "database" not in metafunc.fixturenames or any(mark.args[0] == "database" for mark in marks):
        return
    wants_third = metafunc.definition.get_closest_marker("postgresql15")
    engines = ["sqlite", "postgresql", *(["postgresql15"] if wants_third else [])]
    metafunc.parametrize("database", engines, indirect=True)


@pytest.fixture(scope="session", autouse=True)
def _settings_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test sees the user's settings, or their database."""
    with pytest.MonkeyPatch.context() as patch:
        for name in {name for name in os.environ if name.startswith("IMAGEDB_")} - KEPT_SETTINGS:
            patch.delenv(name)
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database of the newest revision."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    migrations.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresServer]:
    """A server with an empty database of the newest revision, `TEMPLATE`."""
    with _server(None) as server:
        yield server


@pytest.fixture(scope="session")
def postgresql15() -> Iterator[PostgresServer]:
    """The same, of the oldest supported version."""
    binaries = debian_binaries(15)
    if binaries is None:
        pytest.skip("PostgreSQL 15 is not installed")
    with _server(binaries) as server:
        yield server


@contextmanager
def _server(binaries: Path | None) -> Iterator[PostgresServer]:
    with postgres_server(binaries=binaries, settings=FAST, parent=memory_folder()) as server:
        server.create_database(TEMPLATE)
        migrations.upgrade(server.url(TEMPLATE))
        yield server


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database of the test's own, consistent at its end unless marked `inconsistent`."""
    copies = _sqlite_copy if request.param == "sqlite" else _postgresql_copy
    with copies(request, tmp_path) as url:
        database = Database(url)
        try:
            yield database
            if not request.node.get_closest_marker("inconsistent"):
                _require_consistency(database)
        finally:
            database.close()


@contextmanager
def _sqlite_copy(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    path = folder / "imagedb.db"
    shutil.copy(request.getfixturevalue("sqlite_template"), path)
    yield f"sqlite:///{path}"


@contextmanager
def _postgresql_copy(request: pytest.FixtureRequest, _folder: Path) -> Iterator[str]:
    server: PostgresServer = request.getfixturevalue(request.param)
    name = f"test_{next(_numbers)}"
    server.create_database(name, template=TEMPLATE)
    try:
        yield server.url(name)
    finally:
        server.drop_database(name)


def _require_consistency(database: Database) -> None:
    with database.read() as connection:
        problems = check_database(connection)
    if problems:
        pytest.fail("the test left an inconsistent database:\n" + "\n".join(problems))


@pytest.fixture
def namespace(database: Database) -> Namespace:
    """The namespace that is always there."""
    with database.look() as connection:
        return get_namespace(connection, "default")


@pytest.fixture
def caller() -> Caller:
    """Who asks, where it does not matter."""
    return Caller(who="tester@test", host="web-1")
