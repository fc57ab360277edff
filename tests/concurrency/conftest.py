"""`pytest tests/concurrency --without-lock images.lock_images` shows what that lock is for."""

from collections.abc import Iterator
from importlib import import_module

import pytest
from sqlalchemy import Select

from imagedb.database import Database
from tests.concurrency.stage import Stage


def pytest_addoption(parser: pytest.Parser) -> None:
    """Known only where this folder is named on the command line."""
    parser.addoption(
        "--without-lock",
        metavar="MODULE.STATEMENT",
        help="let a statement of imagedb.sql lock nothing: some test must fail then",
    )


@pytest.fixture(autouse=True)
def _without_a_lock(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take a lock out of the code, where that is asked for."""
    wanted = request.config.getoption("--without-lock", default=None)
    if wanted:
        name, _, statement = wanted.rpartition(".")
        module = import_module(f"imagedb.sql.{name}")
        monkeypatch.setattr(module, statement, _unlocked(getattr(module, statement)))


def _unlocked(statement: Select[int]) -> Select[int]:
    copy = statement.where()
    copy._for_update_arg = None
    return copy


@pytest.fixture
def stage(database: Database) -> Iterator[Stage]:
    """Where the actors of a test meet."""
    stage = Stage(database)
    try:
        yield stage
    finally:
        stage.close()
