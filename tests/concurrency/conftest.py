from collections.abc import Iterator

import pytest

from imagedb.database import Database
from tests.concurrency.stage import Stage


@pytest.fixture
def stage(database: Database) -> Iterator[Stage]:
    """Where the actors of a test meet."""
    stage = Stage(database)
    try:
        yield stage
    finally:
        stage.close()
